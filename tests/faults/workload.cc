// SPDX-License-Identifier: Apache-2.0
#include "faults/workload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/time/time.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/status_macros.h"
#include "engine/store_engine.h"
#include "store/sqlite_store.h"

namespace loyalty::faults {
namespace {

constexpr char kProgram[] = R"(
  name: "faults" version: "1"
  currency { id: "rep" opening: 1 floor: 1
             daily_cap { units: 60 exempt: "bonus" } }
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
         award { to: "event.owner" currency: "rep" units: "10" }
         award { currency: "points" units: "1" limit { per: DAY times: 2 } } }
  rule { id: "down" on: "down"
         award { to: "event.owner" currency: "rep" units: "-7" } }
  rule { id: "liked" on: "up" when: "object.metric.votes >= 3"
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
)";

Program MustRead(const std::string& limit) {
  absl::StatusOr<Program> program = Program::FromText(
      absl::StrReplaceAll(kProgram, {{"LIMIT", limit}}), "faults.textproto");
  if (program.ok()) return *std::move(program);
  std::fprintf(stderr, "%s\n", program.status().ToString().c_str());
  std::abort();
}

}  // namespace

const Program& TestProgram() {
  static const Program program =
      MustRead(absl::StrCat("limit { per: EVER times: ", kMostBonuses, " }"));
  return program;
}

const Program& UnlimitedProgram() {
  static const Program program = MustRead("");
  return program;
}

EngineOptions SmallOptions() {
  EngineOptions options;
  options.max_tail = 7;
  options.cache_bytes = 1 << 16;
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
  return engine::StoreEngine::Make(std::move(store), TestProgram(),
                                   std::move(options));
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
  const Event& earlier = sent_[Random(sent_.size())];
  switch (Random(7)) {
    case 0:
      event.type = std::string(kRedeem);
      event.attributes = {{"reward", Random(2) == 0 ? "pen" : "seat"}};
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
    default:
      event.type = std::string(kSweep);
      event.actor.reset();
      return;
  }
  if (earlier.actor.has_value()) event.actor = earlier.actor;
}

std::vector<Event> Workload::NextBatch() {
  const uint64_t size = Random(10) == 0 ? 12 : 1 + Random(4);
  std::vector<Event> batch;
  for (uint64_t i = 0; i < size; ++i) batch.push_back(Next());
  return batch;
}

}  // namespace loyalty::faults
