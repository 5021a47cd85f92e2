// SPDX-License-Identifier: Apache-2.0
#include "faults/workload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "engine/store_engine.h"
#include "engine/voucher_key.h"
#include "faults/wrapped_engine.h"
#include "store/sqlite_store.h"

namespace loyalty::faults {
namespace {

constexpr char kProgram[] = R"(
  name: "faults" version: "VERSION"
  currency { id: "rep" opening: 1 floor: 1
             daily_cap { units: CAP exempt: "bonus" } }
  currency { id: "points" spendable: true expires_after: "2d" pending_for: "2h"
             shortfall: CLAMP }
  event_type { id: "up" attribute { name: "owner" type: MEMBER } }
  event_type { id: "down" attribute { name: "owner" type: MEMBER } }
  event_type { id: "bonus" attribute { name: "owner" type: MEMBER } }
  event_type { id: "unlike"
               attribute { name: "like" type: STRING required: true } }
  event_type { id: "removed" }
  metric { id: "ups" on: "up" per: "event.owner" }
  metric { id: "votes" on: "up" on: "down" per: "target" }
  rule { id: "up" on: "up"
         award { to: "event.owner" currency: "rep" units: "UP" }
         award { currency: "points" units: "1" limit { per: DAY times: TIMES } } }
  rule { id: "down" on: "down"
         award { to: "event.owner" currency: "rep" units: "-7" } }
  rule { id: "liked" on: "up" when: "object.metric.votes >= VOTES"
         award { to: "event.owner" currency: "points" units: "2"
                 limit { per: EVER times: 1 key: OBJECT } } }
  rule { id: "bonus" on: "bonus"
         award { to: "event.owner" currency: "rep" units: "15" self: ALLOW
                 LIMIT } }
  rule { id: "unlike" on: "unlike" reverse_event { event: "event.like" } }
  rule { id: "removed" on: "removed" reverse_object { keep: "bonus" } }
  ladder { id: "trust" currency: "rep" level { id: "new" }
           level { id: "voter" at: 30 } level { id: "editor" at: 90 } }
  reward { id: "pen" cost { currency: "points" units: 1 } stock: 40 }
  reward { id: "seat" cost { currency: "points" units: 1 } stock: 3
           hold_for: "9h" limit { per: WEEK times: 2 } }
  reward { id: "bread" cost { currency: "points" units: 1 } stock: 40
           voucher { valid_for: "1d" } cancel_after_fulfil: true }
  reward { id: "cake" cost { currency: "points" units: 1 } hold_for: "5d"
           voucher { } }
  reward { id: "film" cost { currency: "points" units: 1 }
           voucher { imported: true } }
)";

constexpr const char* kRewards[] = {"pen", "seat", "bread", "cake", "film"};

Program MustRead(const std::string& limit, int version = 1) {
  const bool is_odd = version % 2 == 1;
  absl::StatusOr<Program> program = Program::FromText(
      absl::StrReplaceAll(kProgram, {{"LIMIT", limit},
                                     {"VERSION", absl::StrCat(version)},
                                     {"CAP", is_odd ? "60" : "45"},
                                     {"UP", is_odd ? "10" : "12"},
                                     {"TIMES", is_odd ? "2" : "3"},
                                     {"VOTES", is_odd ? "3" : "2"}}),
      "faults.textproto");
  if (program.ok()) return *std::move(program);
  std::fprintf(stderr, "%s\n", program.status().ToString().c_str());
  std::abort();
}

class SwitchingEngine final : public WrappedEngine {
 public:
  explicit SwitchingEngine(std::unique_ptr<Engine> engine)
      : WrappedEngine(*engine), engine_(std::move(engine)) {}

  absl::StatusOr<Answers> Process(std::span<const Event> events) override {
    if (events.size() != 1 || events[0].type != kSwitch) {
      return real().Process(events);
    }
    const Event& event = events[0];
    const Value& version = event.attributes.find("version")->second;
    absl::StatusOr<Outcome> outcome = real().Switch(
        ProgramOf(std::get<std::string>(version.get())), event.id, event.time);
    if (!outcome.ok()) return outcome.status();
    Answers answers;
    answers.push_back(*std::move(outcome));
    return answers;
  }
  using WrappedEngine::Process;

 private:
  const std::unique_ptr<Engine> engine_;
};

}  // namespace

const Program& TestProgram() { return ProgramOf("1"); }

const Program& ProgramOf(const std::string& version) {
  static std::mutex mutex;
  static auto& programs = *new std::map<std::string, Program>;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto known = programs.find(version);
  if (known != programs.end()) return known->second;
  return programs
      .emplace(version, MustRead(absl::StrCat("limit { per: EVER times: ",
                                              kMostBonuses, " }"),
                                 std::atoi(version.c_str())))
      .first->second;
}

std::unique_ptr<Engine> WithSwitches(std::unique_ptr<Engine> engine) {
  return std::make_unique<SwitchingEngine>(std::move(engine));
}

std::unique_ptr<Engine> InMemoryTwin(
    absl::AnyInvocable<absl::Time() const> clock) {
  EngineOptions options = SmallOptions();
  options.clock = std::move(clock);
  return WithSwitches(*Engine::InMemory(TestProgram(), std::move(options)));
}

const Program& UnlimitedProgram() {
  static const Program program = MustRead("");
  return program;
}

EngineOptions SmallOptions() {
  EngineOptions options;
  options.max_tail = 7;
  options.cache_bytes = 1 << 16;
  options.voucher_key = std::string(32, 'k');
  return options;
}

absl::StatusOr<std::unique_ptr<Engine>> OpenSmall(const std::string& path,
                                                  int long_log_pages) {
  EngineOptions options = SmallOptions();
  ASSIGN_OR_RETURN(auto store,
                   store::OpenSqliteStore(
                       path, store::Access::kWrite,
                       {.cache_bytes = static_cast<size_t>(options.cache_bytes),
                        .max_tail = options.max_tail,
                        .long_log_pages = long_log_pages}));
  std::string version = "1";
  {
    ASSIGN_OR_RETURN(const auto reader, store->Read());
    ASSIGN_OR_RETURN(const auto programs, reader->Programs());
    if (!programs.empty()) version = programs.back().version;
  }
  ASSIGN_OR_RETURN(
      auto engine,
      engine::StoreEngine::Make(std::move(store), ProgramOf(version).compiled(),
                                std::move(options)));
  return WithSwitches(std::move(engine));
}

Event Workload::Next() {
  const uint64_t kind = Random(100);
  if (kind < 8 && !sent_.empty()) return sent_[Random(sent_.size())];

  const size_t n = sent_.size();
  Event event{
      // Ids that are not in order: an index is split in its midst, too.
      .id = absl::StrCat(Random(1000), "-", n),
      .type = "up",
      .time = absl::FromUnixSeconds(1'767'225'600) +
              absl::Minutes(static_cast<int64_t>(n * 40 + Random(3000))),
      .actor = absl::StrCat("member-", Random(7)),
      .target = absl::StrCat("post-", Random(9))};
  const Value owner = absl::StrCat("member-", Random(7));
  if (kind < 50) {
    event.attributes = {{"owner", owner}};
  } else if (kind < 58) {
    event.type = "down";
    event.attributes = {{"owner", owner}};
  } else if (kind < 68) {
    event.type = "bonus";
    event.attributes = {{"owner", owner}};
  } else if (kind < 84 && n > 0) {
    Spend(event);
  } else if (kind < 92 && n > 0) {
    event.type = "unlike";
    event.attributes = {{"like", sent_[Random(n)].id}};
  } else if (kind < 96) {
    event.type = "removed";
  } else if (kind < 98 && n > 0) {
    event.type = std::string(kReverse);
    event.actor.reset();
    event.target.reset();
    event.attributes = {{"event", sent_[Random(n)].id}};
  } else {
    event.type = "unlike";  // malformed: it does not say which
    event.id += "-malformed";
    return event;
  }
  sent_.push_back(event);
  return event;
}

// What members do with units. Much of it is rejected, which is recorded, too.
void Workload::Spend(Event& event) {
  event.target.reset();
  // Mostly of the newest redemptions: a hold does not last.
  const size_t newest = std::min<size_t>(redeemed_.size(), 4);
  const Event& earlier = newest == 0 || Random(6) == 0
                             ? sent_[Random(sent_.size())]
                             : redeemed_[redeemed_.size() - 1 - Random(newest)];
  switch (Random(11)) {
    case 0:
      event.type = std::string(kRedeem);
      event.attributes = {
          {"reward", kRewards[Random(std::size(kRewards))]},
          {"quantity", static_cast<int64_t>(1 + Random(4) / 3)}};
      redeemed_.push_back(event);
      return;
    case 1:
      event.type = std::string(Random(2) == 0 ? kCaptureHold : kVoidHold);
      event.attributes = {{"hold", earlier.id}};
      break;
    case 2:
      event.type = std::string(kCancelRedemption);
      event.attributes = {{"redemption", earlier.id}};
      break;
    case 3:
      event.type = std::string(kTransferUnits);
      event.attributes = {{"to", absl::StrCat("member-", Random(7))},
                          {"currency", "points"},
                          {"units", 1}};
      return;
    case 4:
      event.type = std::string(kAdjust);
      event.attributes = {{"currency", "points"},
                          {"units", 2},
                          {"by", "max"},
                          {"reason", "for the test"}};
      return;
    case 5:
      // Rarely, so that there are several left for long.
      if (Random(5) > 0) return;
      event.type = std::string(kMerge);
      event.attributes = {{"into", absl::StrCat("member-", Random(7))}};
      return;
    case 6:
    case 8:
    case 9:
      // Brought by somebody new each time: wrong codes are counted by the hour
      // of the clock, and each engine here has another.
      event.type = std::string(kUseVoucher);
      event.actor.reset();
      event.attributes = {{"code", CodeOf(earlier.id)}, {"by", event.id}};
      return;
    case 7:
      event.actor.reset();
      event.type = std::string(kImportVoucher);
      event.attributes = {{"reward", "film"},
                          {"code", absl::StrCat("KINO-", sent_.size())}};
      imported_.push_back(absl::StrCat("KINO-", sent_.size()));
      return;
    default:
      event.type = std::string(kSweep);
      event.actor.reset();
      return;
  }
  if (earlier.actor.has_value()) event.actor = earlier.actor;
}

// One that the redemption has, if it is accepted and is captured if it has to
// be; or one that was imported.
std::string Workload::CodeOf(const std::string& redemption) {
  if (!imported_.empty() && Random(4) == 0) {
    return imported_[Random(imported_.size())];
  }
  static const engine::VoucherKey key =
      *engine::VoucherKey::Make(SmallOptions().voucher_key);
  return key.CodeOf(redemption, 1 + static_cast<int64_t>(Random(4) / 3));
}

Event Workload::NextSwitch() {
  ++version_;
  return {.id = absl::StrCat("switch-", version_),
          .type = std::string(kSwitch),
          .time = absl::FromUnixSeconds(1'767'225'600) +
                  absl::Minutes(static_cast<int64_t>(sent_.size() * 40)),
          .attributes = {{"version", absl::StrCat(version_)}}};
}

std::vector<Event> Workload::NextBatch() {
  if (switches_ && Random(12) == 0) return {NextSwitch()};
  const uint64_t size = Random(10) == 0 ? 12 : 1 + Random(4);
  std::vector<Event> batch;
  for (uint64_t i = 0; i < size; ++i) batch.push_back(Next());
  return batch;
}

}  // namespace loyalty::faults
