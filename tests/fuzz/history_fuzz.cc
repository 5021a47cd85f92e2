// SPDX-License-Identifier: Apache-2.0
//
// Bytes as a small program and a history of events, many of them sent twice,
// late, ahead, malformed or undoing one another, of members who are merged.
// Whatever happens, a preview foretells the answer, a repeat is answered as
// before, no balance is below its floor, and Verify finds nothing.
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/engine.h"
#include "require.h"
#include "rules/compiled.h"

namespace loyalty {
namespace {

using fuzz::Bytes;
using fuzz::Require;

constexpr int kMostEvents = 40;  // Verify replays them all

const char* Picked(Bytes& bytes, std::initializer_list<const char*> choices) {
  return choices.begin()[bytes.Below(static_cast<int>(choices.size()))];
}

// The braces make the choices be taken in the order they are written in, with
// every compiler.
std::string Joined(std::initializer_list<std::string> parts) {
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}

std::string SomeLimit(Bytes& bytes) {
  if (bytes.Flag()) return "";
  return Joined(
      {" limit { per: ",
       Picked(bytes, {"EVER", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"}), " ",
       Picked(bytes, {"times", "units"}), ": ",
       std::to_string(1 + bytes.Below(12)),
       " key: ", Picked(bytes, {"MEMBER", "PAIR", "OBJECT"}), " ",
       Picked(bytes, {"", "group: 'g' "}), "}"});
}

std::string SomeAward(Bytes& bytes) {
  return Joined(
      {" award { currency: '", Picked(bytes, {"points", "karma"}), "' to: '",
       Picked(bytes, {"actor", "event.owner", "event.target",
                      "event.owner + \"x\"", "event.actor"}),
       "' units: '",
       Picked(bytes, {"1", "5", "-3", "event.n", "-event.n", "balance.points",
                      "metric.made + 1", "event.n / metric.made",
                      "900000000000", "level.status - 1", "actor.metric.made"}),
       "' ", Picked(bytes, {"", "self: ALLOW ", "when: 'balance.points < 9' "}),
       SomeLimit(bytes), " }"});
}

std::string SomeCap(Bytes& bytes) {
  if (bytes.Flag()) return "";
  return Joined({" daily_cap { units: ", std::to_string(1 + bytes.Below(20)),
                 " ", Picked(bytes, {"", "exempt: 'first' "}), "}"});
}

std::string SpendableCurrency(Bytes& bytes, const std::string& id) {
  return Joined(
      {"currency { id: '", id,
       "' spendable: true opening: ", std::to_string(bytes.Below(4)),
       " shortfall: ", Picked(bytes, {"DEBT", "CLAMP", "REJECT"}),
       Picked(bytes, {"", " expires_after: '1d'", " pending_for: '20h'"}),
       SomeCap(bytes), " }\n"});
}

std::string SomeCurrency(Bytes& bytes, const std::string& id) {
  if (bytes.Below(3) == 0) return SpendableCurrency(bytes, id);
  const int floor = bytes.Below(5) - 2;
  const int opening = floor + bytes.Below(4);
  return Joined({"currency { id: '", id, "' floor: ", std::to_string(floor),
                 " opening: ", std::to_string(opening), SomeCap(bytes),
                 " }\n"});
}

std::string SomeBudget(Bytes& bytes) {
  if (bytes.Below(3) != 0) return "";
  return Joined({" budget { per: ", Picked(bytes, {"DAY", "EVER"}),
                 " units: ", std::to_string(1 + bytes.Below(30)),
                 " currency: '", Picked(bytes, {"points", "karma"}), "' }"});
}

std::string SomeRule(Bytes& bytes, const std::string& id) {
  std::string text = Joined(
      {"rule { id: '", id,
       "' on: ", Picked(bytes, {"'made'", "['made','seen']"}),
       Picked(bytes, {"", " when: 'event.n > 2'", " when: 'metric.made < 3'",
                      " when: 'object.metric.seen < 3'",
                      " when: 'event.n / (event.n - 1) > 0'"}),
       SomeLimit(bytes), SomeBudget(bytes)});
  for (int awards = 1 + bytes.Below(2); awards > 0; --awards) {
    text += SomeAward(bytes);
  }
  return text + " }\n";
}

constexpr const char* kTypes =
    "event_type { id: 'made' attribute { name: 'owner' type: MEMBER }\n"
    " attribute { name: 'n' type: INT default: '2' } }\n"
    "event_type { id: 'seen' attribute { name: 'owner' type: MEMBER }\n"
    " attribute { name: 'n' type: INT default: '0' } }\n"
    "event_type { id: 'gone' attribute { name: 'what' type: OBJECT }\n"
    " attribute { name: 'owner' type: MEMBER }\n"
    " attribute { name: 'n' type: INT default: '1' } }\n"
    "event_type { id: 'undo' attribute { name: 'of' type: STRING } }\n"
    "rule { id: 'undone' on: 'undo' reverse_event { event: 'event.of' } }\n"
    "ladder { id: 'status' currency: 'points' level { id: 'a' }\n"
    " level { id: 'b' at: 4 } level { id: 'c' at: 5 } }\n"
    "metric { id: 'seen' on: ['made', 'seen'] per: 'target' }\n";

std::string SomeProgram(Bytes& bytes) {
  return Joined({"name: 'f' version: '1' never_earns: 'bot' time_zone: '",
                 Picked(bytes, {"UTC", "Europe/Berlin", "Australia/Lord_Howe"}),
                 "'\n", kTypes, SomeCurrency(bytes, "points"),
                 SomeCurrency(bytes, "karma"),
                 "metric { id: 'made' on: 'made' per: '",
                 Picked(bytes, {"actor", "event.owner"}), "' ",
                 Picked(bytes, {"", "sum: 'event.n' ", "when: 'event.n > 1' "}),
                 "}\n", SomeRule(bytes, "first"), SomeRule(bytes, "second"),
                 "rule { id: 'gone' on: 'gone' reverse_object {",
                 Picked(bytes, {"", " rule: 'first'", " keep: 'first'",
                                " object: 'event.what'"}),
                 " } ", bytes.Flag() ? SomeAward(bytes) : "", " }\n"});
}

// One program is run many times; keeps the last few thousand.
std::optional<Program> Compiled(const std::string& text) {
  static auto& known = *new std::map<std::string, std::optional<Program>>;
  if (known.size() > 2000) known.clear();
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  const absl::StatusOr<Program> program = Program::FromText(text, "f");
  std::optional<Program> compiled;
  if (program.ok()) compiled = *program;
  return known.emplace(text, std::move(compiled)).first->second;
}

std::optional<std::string> SomeMember(Bytes& bytes) {
  const char* id = Picked(bytes, {"ada", "grace", "alan", "bot", "", "ada"});
  if (*id == '\0') return std::nullopt;
  return id;
}

int64_t SomeNumber(Bytes& bytes) {
  const int number = bytes.Below(40) - 2;
  if (number == 36) return INT64_MAX;
  if (number == 37) return INT64_MIN;
  return number % 7;
}

Event SomeEvent(Bytes& bytes, absl::Time around) {
  Event event;
  event.id = absl::StrCat("e", bytes.Below(24));
  event.type = Picked(
      bytes, {"made", "made", "made", "seen", "gone", "undo", "loyalty.reverse",
              "loyalty.reverse_object", "unknown", "loyalty.adjust"});
  event.time = around + absl::Hours(bytes.Below(64) - 38);
  event.time += absl::Minutes(bytes.Below(4) * 17);
  event.actor = SomeMember(bytes);
  event.target = SomeMember(bytes);
  const std::string other = absl::StrCat("e", bytes.Below(24));
  if (event.type == "undo") event.attributes.emplace("of", other);
  if (event.type == kReverse) {
    event.attributes.emplace("event", other);
    if (bytes.Flag()) {
      event.attributes.emplace("keep", int64_t{bytes.Below(4)});
      event.attributes.emplace("of", int64_t{1 + bytes.Below(4)});
    }
  }
  if (event.type == kAdjust) {
    event.attributes = {{"currency", Picked(bytes, {"points", "karma"})},
                        {"units", int64_t{bytes.Below(24) - 12}},
                        {"by", "kim"},
                        {"reason", "so"}};
    return event;
  }
  if (const auto owner = SomeMember(bytes)) {
    const char* name = event.type == kReverseObject ? "object"
                       : event.type == "gone"       ? "what"
                                                    : "owner";
    event.attributes.emplace(name, *owner);
    if (event.type == "unknown" && event.actor.has_value()) {
      event.type = kMerge;
      event.attributes = {{"into", *owner}};
    }
  }
  if (bytes.Flag()) event.attributes.emplace("n", SomeNumber(bytes));
  return event;
}

class History {
 public:
  explicit History(const Program& program)
      : program_(program),
        engine_(
            *Engine::InMemory(program, {.clock = [this] { return now_; }})) {}

  void Run(Bytes& bytes) {
    for (int i = 0; i < kMostEvents && !bytes.empty(); ++i) {
      now_ += absl::Hours(bytes.Below(16) - 3);
      if (bytes.Below(8) == 0) {
        SendBatch(bytes);
      } else {
        Send(SomeEvent(bytes, now_));
      }
    }
  }

  void ExpectSound() {
    const std::unique_ptr<Queries> queries = *engine_->Query();
    const absl::StatusOr<VerifyReport> report = queries->Verify();
    Require(report.ok(),
            absl::StrCat("verify runs: ", report.status().ToString()));
    for (const std::string& fault : report->faults) {
      Require(false, "verify finds nothing: " + fault);
    }
    Require(report->ok(), "verify finds nothing");
    for (const rules::Currency& currency : program_.compiled()->currencies) {
      const bool may_owe =
          currency.has_lots && currency.shortfall == model::Shortfall::kDebt;
      if (may_owe) continue;
      const absl::StatusOr<std::vector<MemberBalance>> balances =
          queries->Balances(currency.id, "", 1000);
      Require(balances.ok(), "balances can be asked for");
      for (const MemberBalance& member : *balances) {
        Require(member.balance >= currency.floor,
                absl::StrCat("no balance is below its floor: ", member.member,
                             " has ", member.balance, " ", currency.id));
      }
    }
  }

 private:
  void Send(const Event& event) {
    const absl::StatusOr<Outcome> foretold = engine_->Preview(event);
    const absl::StatusOr<Outcome> outcome = engine_->Process(event);
    Require(foretold.status() == outcome.status(),
            "a preview fails as the event does");
    if (!outcome.ok()) {
      Require(absl::IsInvalidArgument(outcome.status()),
              "only malformed events fail: " + outcome.status().ToString());
      return;
    }
    Require(*foretold == *outcome, "a preview foretells the outcome");
    if (outcome->rejected == RejectReason::kEventIdReused) return;
    const absl::StatusOr<Outcome> again = engine_->Process(event);
    Require(again.ok() && again->repeat && *again == *outcome,
            "a repeat is answered as before");
  }

  void SendBatch(Bytes& bytes) {
    std::vector<Event> events;
    for (int n = bytes.Below(4); n >= 0; --n) {
      events.push_back(SomeEvent(bytes, now_));
      if (bytes.Flag()) events.push_back(events.back());
    }
    const auto outcomes = engine_->Process(events);
    Require(outcomes.ok(),
            "a batch is decided: " + outcomes.status().ToString());
    Require(outcomes->size() == events.size(),
            "each event of a batch has an outcome");
  }

  const Program program_;
  absl::Time now_ = absl::FromUnixSeconds(1'774'746'000);  // a night of March
  const std::unique_ptr<Engine> engine_;
};

}  // namespace
}  // namespace loyalty

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  loyalty::fuzz::Bytes bytes(data, size);
  const std::string text = loyalty::SomeProgram(bytes);
  const std::optional<loyalty::Program> program = loyalty::Compiled(text);
  if (!program.has_value()) return 0;
  loyalty::History history(*program);
  history.Run(bytes);
  history.ExpectSound();
  return 0;
}
