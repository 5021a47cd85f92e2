// SPDX-License-Identifier: Apache-2.0
//
// See scenario_player.h.
#include "scenario_player.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "loyalty/engine.h"
#include "output.h"
#include "scenario_answers.h"
#include "scenario_effects.h"
#include "scenario_readings.h"

namespace loyalty::command {
namespace {

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

// Of one catch-up; scenarios are small.
constexpr int kMostEntries = 100'000;

class Player {
 public:
  Player(const Script& script, const Setup& setup)
      : script_(script), setup_(setup) {}

  Played Play() {
    played_.status = PlayAll();
    return std::move(played_);
  }

 private:
  absl::Status PlayAll() {
    EngineOptions options{.clock = [this] { return Now(); },
                          .voucher_key = kVoucherKeyOfScenarios};
    ASSIGN_OR_RETURN(
        engine_,
        setup_.db.empty()
            ? Engine::InMemory(script_.program, std::move(options))
            : Engine::Open(setup_.db, script_.program, std::move(options)));
    for (const Step& step : script_.steps) {
      line_ = step.line;
      RETURN_IF_ERROR(std::visit(
          [&](const auto& what) { return Take(step, what); }, step.what));
    }
    RETURN_IF_ERROR(Flush());
    RETURN_IF_ERROR(Finish());
    return setup_.db.empty() ? absl::OkStatus() : ReadClosedFile();
  }

  absl::Time Now() const { return set_.value_or(newest_); }

  absl::Status Take(const Step& step, const Send& send) {
    Event event = send.event;
    if (event.type == kUseVoucher) RETURN_IF_ERROR(PutCode(event));
    waiting_.push_back({.step = &step, .event = std::move(event)});
    return waiting_.size() < setup_.batch ? absl::OkStatus() : Flush();
  }

  absl::Status Take(const Step&, const Assertion& assertion) {
    RETURN_IF_ERROR(Flush());
    ASSIGN_OR_RETURN(const auto queries, engine_->Query());
    ASSIGN_OR_RETURN(const std::string answer, AnswerTo(assertion, *queries));
    if (answer == assertion.answer) return absl::OkStatus();
    Fail({.line = line_,
          .what = TextOf(assertion) + " is not " + assertion.answer,
          .expected = {assertion.answer},
          .came = {answer}});
    return absl::OkStatus();
  }

  // The clock goes on also where the sweep is left out.
  absl::Status Take(const Step&, const SweepUntil& sweep) {
    RETURN_IF_ERROR(Flush());
    newest_ = std::max(newest_, sweep.until);
    if (!setup_.sweeps) return absl::OkStatus();
    return engine_->Sweep(sweep.until).status();
  }

  absl::Status Take(const Step&, const SetClock& clock) {
    RETURN_IF_ERROR(Flush());
    set_ = clock.time;
    return absl::OkStatus();
  }

  absl::Status Take(const Step&, const SwitchTo& to) {
    RETURN_IF_ERROR(Flush());
    newest_ = std::max(newest_, to.event.time);
    const absl::StatusOr<Outcome> outcome =
        engine_->Switch(to.program, to.event.id, to.event.time);
    if (outcome.ok() == !to.is_refused) return absl::OkStatus();
    Fail({.line = line_,
          .what = "the switch to version \"" + to.program.version() +
                  "\" was " + (outcome.ok() ? "not refused" : "refused"),
          .why = Why(outcome)});
    return absl::OkStatus();
  }

  // Its entries come together: what is under it is of all of them.
  absl::Status Take(const Step& step, const ApplyToHistory& past) {
    RETURN_IF_ERROR(Flush());
    newest_ = std::max(newest_, past.time);
    ASSIGN_OR_RETURN(const JournalHead before, Head());
    const absl::StatusOr<CatchUpReport> report =
        engine_->CatchUp(past.what, past.id, past.time);
    if (report.ok() == past.is_refused) {
      Fail({.line = line_,
            .what = "the catch-up was " +
                    std::string(report.ok() ? "not refused" : "refused"),
            .why = report.ok()
                       ? std::vector<std::string>()
                       : std::vector<std::string>{MessageOf(report.status())}});
    }
    if (!report.ok() || !past.asserts) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto queries, engine_->Query());
    ASSIGN_OR_RETURN(const std::vector<Outcome> outcomes,
                     queries->Feed(before.seq, kMostEntries));
    Outcome all{.event_id = past.id};
    for (const Outcome& outcome : outcomes) {
      all.effects.insert(all.effects.end(), outcome.effects.begin(),
                         outcome.effects.end());
      all.notes.insert(all.notes.end(), outcome.notes.begin(),
                       outcome.notes.end());
    }
    Compare(step, past.expected, "catch-up \"" + past.id + "\"", all);
    return absl::OkStatus();
  }

  absl::StatusOr<JournalHead> Head() {
    ASSIGN_OR_RETURN(const auto queries, engine_->Query());
    return queries->Head();
  }

  // "@r1" is the first code of redemption, or capture, r1, as its answer told
  // it; "@r1/2" is the second.
  absl::Status PutCode(Event& event) {
    const auto found = event.attributes.find("code");
    if (found == event.attributes.end()) return absl::OkStatus();
    const auto* code = std::get_if<std::string>(&found->second.get());
    if (code == nullptr || !code->starts_with('@')) return absl::OkStatus();
    RETURN_IF_ERROR(Flush());
    std::string id = code->substr(1);
    size_t number = 1;
    const size_t slash = id.rfind('/');
    if (!answers_.contains(id) && slash != std::string::npos &&
        absl::SimpleAtoi(id.substr(slash + 1), &number)) {
      id.resize(slash);
    }
    const auto answer = answers_.find(id);
    if (answer == answers_.end() || number < 1 ||
        number > answer->second.vouchers.size()) {
      Fail({.line = line_,
            .what = "there is no code \"" + *code +
                    "\": no such redemption or capture was accepted before, or "
                    "it gives fewer vouchers"});
      return absl::OkStatus();
    }
    found->second = Value(answer->second.vouchers[number - 1]);
    return absl::OkStatus();
  }

  // Sends what waits. It is as late as the newest of it: nothing is ahead.
  absl::Status Flush() {
    if (waiting_.empty()) return absl::OkStatus();
    std::vector<Event> events;
    for (Waiting& waiting : waiting_) {
      events.push_back(std::move(waiting.event));
      newest_ = std::max(newest_, events.back().time);
    }
    ASSIGN_OR_RETURN(const auto outcomes,
                     engine_->Process(std::span<const Event>(events)));
    for (size_t i = 0; i < outcomes.size(); ++i) {
      const Step& step = *waiting_[i].step;
      Judge(step, std::get<Send>(step.what), outcomes[i]);
    }
    waiting_.clear();
    return absl::OkStatus();
  }

  void Judge(const Step& step, const Send& send,
             const absl::StatusOr<Outcome>& outcome) {
    if (outcome.ok()) JudgeRepeat(step, *outcome);
    erased_ |= send.event.type == kErase;
    sealed_ |= send.event.type == kUseVoucher ||
               send.event.type == kImportVoucher ||
               (outcome.ok() && !outcome->vouchers.empty());
    if (!send.asserts) return;
    Compare(step, send.expected, "event \"" + send.event.id + "\"", outcome);
  }

  void Compare(const Step& step, const std::vector<Expectation>& expected,
               const std::string& what,
               const absl::StatusOr<Outcome>& outcome) {
    Comparison comparison = Compared(expected, Described(outcome));
    if (comparison.agrees()) return;
    Failure failure{.line = step.line,
                    .what = what + " did not come out as it is written"};
    for (const Expectation& line : comparison.missing) {
      failure.expected.push_back("line " + std::to_string(line.line) + ": " +
                                 AsLine(line));
    }
    for (const Expectation& line : comparison.unexpected) {
      failure.came.push_back(AsLine(line));
    }
    failure.why = Why(outcome);
    Fail(std::move(failure));
  }

  // What the engine says of it.
  static std::vector<std::string> Why(const absl::StatusOr<Outcome>& outcome) {
    if (!outcome.ok()) return {MessageOf(outcome.status())};
    std::vector<std::string> why;
    if (!outcome->reason.empty()) why.push_back(outcome->reason);
    for (const RuleNote& note : outcome->notes) {
      why.push_back("rule " + note.rule + ": " + note.text);
    }
    return why;
  }

  // I5: whether or not the scenario says so.
  void JudgeRepeat(const Step& step, const Outcome& outcome) {
    const auto [first, is_new] = answers_.emplace(outcome.event_id, outcome);
    const Outcome& before = first->second;
    if (is_new || !outcome.repeat ||
        (before == outcome && before.vouchers == outcome.vouchers)) {
      return;
    }
    // Answers name who has been erased since by another name.
    if (erased_) return;
    Fail({.line = step.line,
          .what = "event \"" + outcome.event_id +
                  "\" was answered otherwise the first time"});
  }

  absl::Status Finish() {
    ASSIGN_OR_RETURN(const auto queries, engine_->Query());
    ASSIGN_OR_RETURN(const VerifyReport report, queries->Verify());
    if (!report.ok()) {
      Fail({.line = line_,
            .what = "in the end, verify finds faults",
            .expected = {"ok"},
            .came = report.faults});
    }
    ASSIGN_OR_RETURN(played_.readings,
                     Readings(*queries, script_.last_program()));
    // No host can send what an erased member did, or what was recorded of a
    // code; verify has replayed it.
    if (erased_ || sealed_) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Difference difference,
                     DifferenceOfReplay(*queries, script_.programs()));
    if (!difference.is_none()) {
      Fail({.line = line_,
            .what = "replaying what was recorded comes to something else",
            .expected = {difference.here},
            .came = {difference.there}});
    }
    return absl::OkStatus();
  }

  // Whoever opens the file later sees the same. Nobody may read it meanwhile:
  // the writer would wait for them before it closes.
  absl::Status ReadClosedFile() {
    engine_.reset();
    ASSIGN_OR_RETURN(const auto queries, Queries::Open(setup_.db));
    ASSIGN_OR_RETURN(const auto readings,
                     Readings(*queries, script_.last_program()));
    const Difference difference = FirstDifference(played_.readings, readings);
    if (difference.is_none()) return absl::OkStatus();
    Fail({.line = line_,
          .what = "the file, once it is closed, says something else",
          .expected = {difference.here},
          .came = {difference.there}});
    return absl::OkStatus();
  }

  void Fail(Failure failure) { played_.failures.push_back(std::move(failure)); }

  struct Waiting {
    const Step* step = nullptr;
    Event event = {};
  };

  const Script& script_;
  const Setup& setup_;
  std::unique_ptr<Engine> engine_;
  std::vector<Waiting> waiting_;
  absl::Time newest_ = absl::UnixEpoch();
  std::optional<absl::Time> set_;
  std::map<std::string, Outcome> answers_;  // the first ones
  bool erased_ = false;                     // somebody was, so far
  bool sealed_ = false;                     // some event was, likewise
  int line_ = 0;                            // of the step it is at
  Played played_;
};

}  // namespace

std::string NameOf(const Setup& setup) {
  return std::string(setup.db.empty() ? "memory" : "sqlite") +
         (setup.batch == 1
              ? ", one at a time"
              : ", batches of " + Grouped(static_cast<int64_t>(setup.batch))) +
         (setup.sweeps ? "" : ", without its sweeps");
}

Played Play(const Script& script, const Setup& setup) {
  return Player(script, setup).Play();
}

}  // namespace loyalty::command
