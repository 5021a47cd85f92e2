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
#include "engine/award_limits.h"
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
  CaughtUp of{.counts = what->budgets};
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
  std::vector<store::GivenAward> grants;
  InOrder<core::Undo> uses;
  for (const auto& [counter, one] : program.counters) {
    const int64_t by = rules::IntOfKey(counter.key);
    ASSIGN_OR_RETURN(const bool is_gone, transaction_.IsReversed(by));
    if (is_gone) continue;
    RETURN_IF_ERROR(UndoBroughtBy(by, recorded, grants, uses));
  }
  for (auto& [entity, undo] : uses) undo.brought_for = recorded.seq;
  RETURN_IF_ERROR(RunUndos(std::move(uses)));
  RETURN_IF_ERROR(AskBudgetsAgain());
  brought_undone_.insert(recorded.seq);
  return LoseWithEvent(grants);
}

// By one entry: what becomes less is sent on its way, what it used and which
// badges go is added.
absl::Status Legs::UndoBroughtBy(int64_t by,
                                 const model::RecordedEvent& recorded,
                                 std::vector<store::GivenAward>& grants,
                                 InOrder<core::Undo>& uses) {
  ASSIGN_OR_RETURN(const auto entry, transaction_.FindEvent(by));
  if (!entry.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program, ProgramAt(by));
  ASSIGN_OR_RETURN(const Event then, Then(*entry));
  ASSIGN_OR_RETURN(const CaughtUp what, core::CaughtUpIn(*program, then));
  ASSIGN_OR_RETURN(const auto movements, MovementsAt(by));
  for (const auto& [movement, award, is_of_badge] :
       BroughtAwards(movements, what, *program)) {
    // What came with a badge goes with it.
    if (is_of_badge || undone_.contains(movement.at)) continue;
    int64_t left = 0;
    bool concerns = false;
    for (const CaughtUp::Source& source : award.of) {
      if (source.seq == recorded.seq) {
        concerns = true;
        continue;
      }
      ASSIGN_OR_RETURN(const bool is_gone, transaction_.IsReversed(source.seq));
      if (!is_gone) left += source.units;
    }
    if (!concerns) continue;
    ASSIGN_OR_RETURN(const Used used, UsedBy(movement, recorded.seq));
    const model::Entity member = core::MemberEntity(Now(movement.member));
    if (!used.limits.empty()) AddTo(uses[member].uses, used.limits);
    if (!used.budgets.empty()) AddTo(uses[{}].counted, used.budgets);
    core::Undo part{.awards = {movement}, .seq = recorded.seq};
    part.keep = core::Share{.part = std::clamp<int64_t>(left, 0, award.units),
                            .whole = award.units};
    RETURN_IF_ERROR(AddTime(movement, part));
    decision_.messages.push_back({.entity = member,
                                  .what = std::move(part),
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  for (const auto& [movement, grant] :
       BroughtBadges(movements, what, *program)) {
    if (grant->seq == recorded.seq) grants.push_back({.movement = movement});
  }
  return absl::OkStatus();
}

// What a catch-up's award uses by now; or of that, what it does for an entry.
absl::StatusOr<Used> Legs::UsedBy(const Movement& award,
                                  std::optional<int64_t> of) {
  std::map<int64_t, Used> uses;
  RETURN_IF_ERROR(AskJournal([&](const Journal& journal) -> absl::Status {
    ASSIGN_OR_RETURN(uses, UsesOfBrought(award, journal));
    return absl::OkStatus();
  }));
  Used all;
  for (const auto& [seq, used] : uses) {
    if (of.has_value() && seq != *of) continue;
    for (const auto& [counter, use] : used.limits) {
      all.limits[engine::Now(counter, aliases_)] += use;
    }
    AddTo(all.budgets, used.budgets);
  }
  return all;
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
  ASSIGN_OR_RETURN(const auto movements, MovementsAt(by));
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
  // What limits and budgets count goes with the awards; and how often a quest
  // was done, each of those that are lost takes back.
  std::set<model::Symbol> follows;
  const auto add = [&](model::Symbol name) { follows.insert(name); };
  for (const std::string& id : program->rule_ids) {
    core::ForEachCounterOfRule(*program, id, add);
  }
  for (const rules::Quest& quest : program->quests) add(quest.done_counter);
  for (const CaughtUp::Count& count : what.counts) {
    if (follows.contains(count.counter.name)) continue;
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
    RETURN_IF_ERROR(MayGiveAgain(*badge, one.movement));
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
