// SPDX-License-Identifier: Apache-2.0
//
// What entries of type kCatchUp bring of the past, and taking it back: with
// such an entry, or with an entry of before that it was for. See legs.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/caught_up.h"
#include "core/counters.h"
#include "core/validate.h"
#include "engine/addressing.h"
#include "engine/legs.h"

namespace loyalty::engine {
namespace {

using core::CaughtUp;
using model::Movement;

// The texts of a list; none if it is not there.
std::vector<std::string> TextsIn(const Event& event, std::string_view name) {
  std::vector<std::string> texts;
  const auto found = event.attributes.find(name);
  if (found == event.attributes.end()) return texts;
  for (const Value& item : std::get<Value::List>(found->second.get())) {
    texts.push_back(std::get<std::string>(item.get()));
  }
  return texts;
}

// All of that sort that a catch-up names: at the program, which entry does.
std::vector<model::CounterKey> NamedIn(const Event& event) {
  std::vector<model::CounterKey> counters;
  const auto add = [&](std::string_view list, const std::string& prefix) {
    for (const std::string& id : TextsIn(event, list)) {
      counters.push_back(core::MetricCaughtUp(prefix + id));
    }
  };
  add("metrics", "");
  add("streaks", "streak:");
  add("quests", "quest:");
  return counters;
}

// The badges that were brought, in order, each with what it was for.
std::vector<std::pair<Movement, const CaughtUp::Grant*>> BroughtBadges(
    const std::vector<store::GivenAward>& movements, const CaughtUp& what,
    const rules::CompiledProgram& program) {
  std::vector<std::pair<Movement, const CaughtUp::Grant*>> brought;
  std::set<const CaughtUp::Grant*> taken;
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind != Movement::Kind::kBadge) continue;
    const auto grant = std::find_if(
        what.grants.begin(), what.grants.end(), [&](const auto& of) {
          return program.badges[of.badge].symbol == one.movement.rule &&
                 of.object == one.movement.subject && !taken.contains(&of);
        });
    if (grant == what.grants.end()) continue;
    taken.insert(&*grant);
    brought.emplace_back(one.movement, &*grant);
  }
  return brought;
}

// What was brought of awards, in order, each with what it was for.
std::vector<std::pair<Movement, const CaughtUp::Award*>> Brought(
    const std::vector<store::GivenAward>& movements, const CaughtUp& what) {
  std::vector<std::pair<Movement, const CaughtUp::Award*>> brought;
  size_t next = 0;
  // Those of grants come behind them.
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind != Movement::Kind::kCaughtUp) continue;
    if (next == what.awards.size()) break;
    const CaughtUp::Award* const award = &what.awards[next++];
    if (!one.reversed) brought.emplace_back(one.movement, award);
  }
  return brought;
}

}  // namespace

absl::Status Legs::RunCatchUp() {
  if (core::AskedText(event_, "version") != program_.version) {
    Reject(RejectReason::kOtherProgram,
           absl::StrCat("version: it was worked out for version \"",
                        core::AskedText(event_, "version"),
                        "\" of the program, and version \"", program_.version,
                        "\" decides"));
    return absl::OkStatus();
  }
  if (!core::IsAsked(event_, "of")) return BeginCatchUp();
  absl::StatusOr<CaughtUp> read = core::CaughtUpIn(program_, event_);
  if (!read.ok()) {
    Reject(RejectReason::kNoCatchUp, std::string(read.status().message()));
    return absl::OkStatus();
  }
  const auto what = std::make_shared<const CaughtUp>(*std::move(read));
  decision_.messages.push_back({.entity = core::EntryOf(event_),
                                .what = core::CatchUp{what},
                                .actor = nullptr,
                                .object = nullptr});
  RETURN_IF_ERROR(RunQueue());
  if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
  CaughtUp of;
  std::set<int64_t> seqs;
  for (const CaughtUp::Award& award : what->awards) {
    for (const CaughtUp::Source& source : award.of) seqs.insert(source.seq);
  }
  for (const CaughtUp::Grant& grant : what->grants) {
    seqs.insert(grant.seq);
    if (!grant.object.has_value()) continue;
    // So that the object does not give it once more.
    core::Message& message = decision_.messages.emplace_back();
    message.entity = core::ObjectEntity(*grant.object);
    message.what.emplace<core::Review>().won = {grant.badge};
  }
  for (const int64_t seq : seqs) {
    of.counts.push_back(
        {.counter = core::BroughtFor(seq, delta_.recorded.seq), .more = 1});
  }
  SendCounts({}, std::move(of));
  return RunQueue();
}

// The entry that says by name what is to be brought: from here on what older
// events counted for these metrics is what this program counts of them.
absl::Status Legs::BeginCatchUp() {
  CaughtUp counts;
  counts.counts.push_back({.counter = core::CatchUpsCounter(), .more = 1});
  for (const model::CounterKey& counter : NamedIn(event_)) {
    model::EntityState program;
    RETURN_IF_ERROR(
        transaction_.Load({.entity = {}, .counters = {counter}}, program));
    counts.counts.push_back(
        {.counter = counter,
         .more = delta_.recorded.seq - program.Counter(counter)});
  }
  Note(std::string(kCatchUp),
       "what it names is applied to what came before, by entries of their own");
  SendCounts({}, std::move(counts));
  return RunQueue();
}

void Legs::SendCounts(const model::Entity& entity, CaughtUp counts,
                      bool takes_back) {
  if (counts.counts.empty()) return;
  decision_.messages.push_back(
      {.entity = entity,
       .what =
           core::CatchUp{std::make_shared<const CaughtUp>(std::move(counts)),
                         takes_back},
       .actor = nullptr,
       .object = nullptr});
}

// Whether anything was ever brought for the past of entry `seq`, which another
// program decided.
absl::StatusOr<bool> Legs::WasCaughtUp(int64_t seq) {
  if (programs_.NumberAt(seq) == programs_.all().rbegin()->first) return false;
  return AnyCaughtUp();
}

absl::StatusOr<bool> Legs::AnyCaughtUp() {
  if (programs_.all().size() < 2) return false;
  model::EntityState program;
  RETURN_IF_ERROR(transaction_.Load(
      {.entity = {}, .counters = {core::CatchUpsCounter()}}, program));
  return program.Counter(core::CatchUpsCounter()) != 0;
}

// What the event of entry `seq` counted is to be taken back.
absl::Status Legs::AddCounted(int64_t seq, const core::Counted& counted,
                              InOrder<core::Undo>& undos) {
  if (!counted.amount.ok()) return absl::OkStatus();
  const model::Entity now = engine::Now(counted.entity, aliases_);
  const bool is_other = now != counted.entity;
  if (is_other) {
    ASSIGN_OR_RETURN(const bool was_counted, WasCounted(counted.entity, seq));
    if (!was_counted) return absl::OkStatus();
  }
  core::Undo& undo = undos[now];
  if (counted.is_tallied()) {
    core::Counted tallied = counted;
    tallied.entity = now;
    tallied.counter = engine::Now(counted.counter, aliases_);
    tallied.tally = engine::Now(counted.tally, aliases_);
    (is_other ? undo.tallied_before : undo.tallied)
        .push_back(std::move(tallied));
  } else {
    core::Uses& uses = is_other ? undo.counted_before : undo.counted;
    uses[engine::Now(counted.counter, aliases_)] += *counted.amount;
  }
  return absl::OkStatus();
}

// By the program of its time; but of a metric that was caught up with since, by
// the program that did.
absl::Status Legs::AddMetrics(const model::RecordedEvent& recorded,
                              InOrder<core::Undo>& undos) {
  ASSIGN_OR_RETURN(const Event then, Then(recorded));
  ASSIGN_OR_RETURN(const bool was_caught_up, WasCaughtUp(recorded.seq));
  const int64_t first = programs_.NumberAt(recorded.seq);
  for (const auto& [number, stored] : programs_.all()) {
    if (number < first || (number > first && !was_caught_up)) continue;
    ASSIGN_OR_RETURN(const auto program, programs_.Get(number));
    const absl::StatusOr<Event> event =
        number == first ? then : core::Canonicalized(*program, then);
    if (!event.ok()) continue;  // it counted nothing then
    const core::Cause cause(*program, *event, recorded.seq);
    for (const core::Counted& counted : cause.counted) {
      const std::string& metric = cause.type->metrics[counted.metric].id;
      int64_t counts_it = first;
      if (was_caught_up) {
        const model::CounterKey by =
            core::MetricCaughtUp(core::NamedFor(counted.kind, metric));
        model::EntityState program_state;
        RETURN_IF_ERROR(
            transaction_.Load({.entity = {}, .counters = {by}}, program_state));
        const int64_t seq = program_state.Counter(by);
        if (seq > recorded.seq) counts_it = programs_.NumberAt(seq);
      }
      if (counts_it != number) continue;
      if (number == first &&
          core::CouldNotCount(recorded.outcome, metric, counted)) {
        continue;
      }
      RETURN_IF_ERROR(AddCounted(recorded.seq, counted, undos));
    }
  }
  return absl::OkStatus();
}

// What was brought for that entry goes with it: also of the program that was
// caught up with, as what comes after a switch does the last step of a quest.
absl::Status Legs::UndoBrought(const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const bool any, AnyCaughtUp());
  if (!any) return absl::OkStatus();
  model::EntityState program;
  RETURN_IF_ERROR(
      transaction_.Load({.entity = {},
                         .counters = {},
                         .ranges = {core::AllBroughtFor(recorded.seq)}},
                        program));
  for (const auto& [counter, one] : program.counters) {
    const int64_t by = rules::IntOfKey(counter.key);
    ASSIGN_OR_RETURN(const bool is_gone, transaction_.IsReversed(by));
    if (!is_gone) RETURN_IF_ERROR(UndoBroughtBy(by, recorded));
  }
  return absl::OkStatus();
}

absl::Status Legs::UndoBroughtBy(int64_t by,
                                 const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const auto entry, transaction_.FindEvent(by));
  if (!entry.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program, ProgramAt(by));
  ASSIGN_OR_RETURN(const Event then, Then(*entry));
  ASSIGN_OR_RETURN(const CaughtUp what, core::CaughtUpIn(*program, then));
  ASSIGN_OR_RETURN(const auto movements, transaction_.MovementsOfEvent(by));
  ASSIGN_OR_RETURN(const Event event, Then(recorded));
  InOrder<core::Undo> undos;
  core::Undo pool;
  for (const auto& [movement, award] : Brought(movements, what)) {
    int64_t left = 0;
    bool concerns = false;
    const model::Entity member = core::MemberEntity(Now(movement.member));
    for (const CaughtUp::Source& source : award->of) {
      if (source.seq != recorded.seq) {
        ASSIGN_OR_RETURN(const bool is_gone,
                         transaction_.IsReversed(source.seq));
        if (!is_gone) left += source.units;
        continue;
      }
      concerns = true;
      const Movement as_then{.rule = award->rule,
                             .award = award->award,
                             .limited = source.limited};
      for (const auto& [counter, used] :
           core::LimitUses(*program, as_then, event)) {
        undos[member].counted_before[engine::Now(counter, aliases_)] += used;
      }
      for (const core::BudgetUse& budget :
           core::BudgetsOf(*program, as_then, event.time)) {
        pool.counted[budget.counter] += source.limited;
      }
    }
    if (!concerns) continue;
    core::Undo part{.awards = {movement}, .seq = recorded.seq};
    part.keep = core::Share{.part = std::clamp<int64_t>(left, 0, award->units),
                            .whole = award->units};
    RETURN_IF_ERROR(AddTime(movement, part));
    decision_.messages.push_back({.entity = member,
                                  .what = std::move(part),
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  for (auto& [entity, undo] : undos) {
    decision_.messages.push_back({.entity = entity,
                                  .what = std::move(undo),
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  if (!pool.counted.empty()) {
    decision_.messages.push_back({.entity = {},
                                  .what = std::move(pool),
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  RETURN_IF_ERROR(RunQueue());
  RETURN_IF_ERROR(AskBudgetsAgain());
  std::vector<store::GivenAward> grants;
  for (const auto& [movement, grant] :
       BroughtBadges(movements, what, *program)) {
    if (grant->seq == recorded.seq) grants.push_back({.movement = movement});
  }
  return LoseWithEvent(grants);
}

// The entry that gave the badge, or of before, for which it was brought.
absl::StatusOr<std::optional<model::RecordedEvent>> Legs::GivenBy(
    const Movement& grant) {
  const int64_t by = grant.at.seq;
  ASSIGN_OR_RETURN(auto entry, transaction_.FindEvent(by));
  if (!entry.has_value() || entry->event.type != kCatchUp) return entry;
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program, ProgramAt(by));
  ASSIGN_OR_RETURN(const Event then, Then(*entry));
  ASSIGN_OR_RETURN(const CaughtUp what, core::CaughtUpIn(*program, then));
  ASSIGN_OR_RETURN(const auto movements, transaction_.MovementsOfEvent(by));
  for (const auto& [movement, of] : BroughtBadges(movements, what, *program)) {
    if (movement.at == grant.at) return transaction_.FindEvent(of->seq);
  }
  return entry;
}

// All that the entry brought goes again.
absl::Status Legs::UndoCatchUp(const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   ProgramAt(recorded.seq));
  ASSIGN_OR_RETURN(const Event then, Then(recorded));
  ASSIGN_OR_RETURN(CaughtUp what, core::CaughtUpIn(*program, then));
  CaughtUp counts;
  // How often a quest was done, each of those that are lost takes back.
  const auto follows = [&](model::Symbol name) {
    return std::any_of(
        program->quests.begin(), program->quests.end(),
        [&](const rules::Quest& quest) { return quest.done_counter == name; });
  };
  for (const CaughtUp::Count& count : what.counts) {
    if (follows(count.counter.name)) continue;
    counts.counts.push_back(
        {.counter = engine::Now(count.counter, aliases_), .more = -count.more});
  }
  SendCounts(engine::Now(core::EntryOf(then), aliases_), std::move(counts),
             true);
  RETURN_IF_ERROR(RunQueue());
  ASSIGN_OR_RETURN(const auto movements,
                   transaction_.MovementsOfEvent(recorded.seq));
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind != Movement::Kind::kBadge) continue;
    const auto grant = std::find_if(
        what.grants.begin(), what.grants.end(), [&](const auto& of) {
          return program->badges[of.badge].symbol == one.movement.rule &&
                 of.object == one.movement.subject;
        });
    const rules::Badge* const badge =
        program_.FindBadge(one.movement.rule.text());
    if (grant == what.grants.end() || badge == nullptr) continue;
    ASSIGN_OR_RETURN(const std::vector<Movement> grants,
                     GrantsOf(Now(one.movement.member), *badge));
    const bool stands = std::any_of(
        grants.begin(), grants.end(),
        [&](const Movement& held) { return held.at == one.movement.at; });
    if (!stands) continue;
    RETURN_IF_ERROR(LoseGrant(static_cast<int>(badge - program_.badges.data()),
                              one.movement, false));
    if (!grant->object.has_value()) continue;
    // It may give it again.
    CaughtUp free;
    free.counts.push_back(
        {.counter = {.name = badge->counter}, .more = -recorded.seq});
    SendCounts(core::ObjectEntity(*grant->object), std::move(free), true);
    RETURN_IF_ERROR(RunQueue());
  }
  return absl::OkStatus();
}

// A catch-up as a whole: all entries that are of it.
absl::Status Legs::UndoAllOf(const std::string& rule,
                             const model::RecordedEvent& begun) {
  CaughtUp counts;
  for (const model::CounterKey& counter : NamedIn(begun.event)) {
    model::EntityState program;
    RETURN_IF_ERROR(
        transaction_.Load({.entity = {}, .counters = {counter}}, program));
    if (program.Counter(counter) != begun.seq) continue;
    counts.counts.push_back({.counter = counter, .more = -begun.seq});
  }
  SendCounts({}, std::move(counts));
  RETURN_IF_ERROR(RunQueue());
  for (int64_t n = 1;; ++n) {
    ASSIGN_OR_RETURN(const auto entry, transaction_.FindEvent(absl::StrCat(
                                           begun.event.id, "/", n)));
    if (!entry.has_value()) return absl::OkStatus();
    const bool is_of_it = entry->event.type == kCatchUp &&
                          entry->outcome.accepted() &&
                          core::IsAsked(entry->event, "of") &&
                          core::AskedText(entry->event, "of") == begun.event.id;
    if (is_of_it) RETURN_IF_ERROR(UndoRecorded(rule, *entry));
  }
}

}  // namespace loyalty::engine
