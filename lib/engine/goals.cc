// SPDX-License-Identifier: Apache-2.0
//
// Shares of what many did together: who took part is read from the goal, and
// each is told how often it was met. See core/goals.h and legs.h.
#include "core/goals.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/membership.h"
#include "engine/legs.h"
#include "engine/store_engine.h"
#include "model/member_name.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

using model::Movement;

bool IsOfGoal(const std::optional<std::string>& object,
              const core::Goal& goal) {
  return goal.quest.of != rules::Quest::Of::kObject || object == goal.of.id;
}

// Of an entry that is replayed: in which order members got a share of a goal,
// or lost one. Ids order otherwise once one of them has been erased. The same
// goal may have been met in several windows, which no movement tells: so what
// is behind those that replaying has come to so far is the window's, and then
// that of later ones.
class OrderBefore {
 public:
  OrderBefore(const std::vector<Movement>& replayed, Movement::Kind kind,
              const rules::Badge& badge, const core::Goal& goal, size_t so_far)
      : kind_(kind), badge_(badge), goal_(goal) {
    for (const Movement& one : replayed) {
      if (!IsOne(one)) continue;
      if (so_far > 0) {
        --so_far;
        continue;
      }
      places_.emplace(one.member, places_.size());
    }
  }

  static size_t Count(const std::vector<Movement>& movements,
                      Movement::Kind kind, const rules::Badge& badge,
                      const core::Goal& goal) {
    const OrderBefore any({}, kind, badge, goal, 0);
    return static_cast<size_t>(
        std::count_if(movements.begin(), movements.end(),
                      [&](const Movement& one) { return any.IsOne(one); }));
  }

  bool operator()(const std::string& a, const std::string& b) const {
    return Place(a) < Place(b);
  }

 private:
  bool IsOne(const Movement& one) const {
    return one.kind == kind_ && one.rule == badge_.symbol &&
           IsOfGoal(one.subject, goal_);
  }
  size_t Place(const std::string& member) const {
    const auto found = places_.find(member);
    return found == places_.end() ? places_.size() : found->second;
  }

  Movement::Kind kind_;
  const rules::Badge& badge_;
  const core::Goal& goal_;
  absl::flat_hash_map<std::string, size_t> places_;
};

std::vector<std::string> MembersIn(const Event& event) {
  std::vector<std::string> members;
  const auto found = event.attributes.find("members");
  if (found == event.attributes.end()) return members;
  for (const Value& item : std::get<Value::List>(found->second.get())) {
    members.push_back(std::get<std::string>(item.get()));
  }
  return members;
}

// What the program notes of goals whose shares wait.
model::CounterRange AllLeft(const rules::Quest& quest) {
  return {.name = quest.left_counter,
          .from = std::numeric_limits<int64_t>::min(),
          .to = std::numeric_limits<int64_t>::max(),
          .key = {},
          .any_key = true};
}

}  // namespace

// Once all else of the event is done.
absl::Status Legs::ShareGoals() {
  if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
  const std::vector<core::GoalMoved> goals = std::move(decision_.goals);
  decision_.goals.clear();
  for (const core::GoalMoved& goal : goals) RETURN_IF_ERROR(Share(goal));
  return absl::OkStatus();
}

absl::Status Legs::Share(const core::GoalMoved& moved) {
  const rules::Quest& quest = program_.quests[moved.quest];
  const core::Goal goal{quest, moved.window, moved.of};
  workspace_.wanted = {.entity = goal.of, .counters = {goal.Met()}};
  if (moved.of_all) workspace_.wanted.ranges = {goal.ByAll()};
  RETURN_IF_ERROR(LoadWanted(false));
  const model::EntityState& state = workspace_.state.entity;
  const int64_t met = state.Counter(goal.Met());
  std::vector<std::string> members;
  if (moved.of_all) {
    for (const auto& [counter, done] : state.counters) {
      if (counter.name == quest.by_counter && counter.window == goal.window &&
          done > 0) {
        members.push_back(counter.key.id());
      }
    }
    if (members.size() > core::kMostShares) {
      RETURN_IF_ERROR(LeaveShares(goal, members.size()));
      members.clear();
    }
  }
  members.insert(members.end(), moved.members.begin(), moved.members.end());
  for (std::string& member : members) member = Now(member);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  RETURN_IF_ERROR(KeepWhoIsConcerned(goal, met, members));
  const rules::Badge& badge = program_.badges[quest.badge];
  const bool is_out_of_order =
      !workspace_.replayed.empty() &&
      std::any_of(members.begin(), members.end(), model::IsErasedName);
  const size_t lost_before = decision_.lost.size();
  const auto order = [&](Movement::Kind kind, size_t to_come) {
    const size_t so_far =
        OrderBefore::Count(decision_.movements, kind, badge, goal) + to_come;
    return OrderBefore(workspace_.replayed, kind, badge, goal, so_far);
  };
  if (is_out_of_order) {
    // Who gets one, and then who loses one.
    std::stable_sort(members.begin(), members.end(),
                     order(Movement::Kind::kBadgeLost, 0));
    std::stable_sort(members.begin(), members.end(),
                     order(Movement::Kind::kBadge, 0));
  }
  for (const std::string& member : members) {
    decision_.messages.push_back({.entity = core::MemberEntity(member),
                                  .what = core::ShareGoal{.quest = moved.quest,
                                                          .window = goal.window,
                                                          .of = goal.of,
                                                          .met = met,
                                                          .kept = moved.kept},
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  RETURN_IF_ERROR(RunQueue());
  if (!is_out_of_order) return absl::OkStatus();
  // What was lost is taken back later, in this order.
  const auto first_lost = decision_.lost.begin() + lost_before;
  const auto lost_of_goal = std::count_if(
      decision_.lost.begin(), first_lost, [&](const core::LostBadge& lost) {
        return lost.badge == quest.badge && IsOfGoal(lost.object, goal);
      });
  std::stable_sort(first_lost, decision_.lost.end(),
                   [order = order(Movement::Kind::kBadgeLost, lost_of_goal)](
                       const core::LostBadge& a, const core::LostBadge& b) {
                     return order(a.member, b.member);
                   });
  return absl::OkStatus();
}

// For all others nothing is done, not even what is due: so an entry is of those
// alone whom its movements name.
absl::Status Legs::KeepWhoIsConcerned(const core::Goal& goal, int64_t met,
                                      std::vector<std::string>& members) {
  const bool takes_back =
      event_.type == kMerge || program_.badges[goal.quest.badge].is_revoked;
  std::vector<std::string> concerned;
  for (std::string& member : members) {
    workspace_.wanted = {
        .entity = core::MemberEntity(member),
        .counters = {goal.OwnPart(), goal.Shared(), core::ErasedCounter()}};
    auto& counters = workspace_.wanted.counters;
    std::sort(counters.begin(), counters.end());
    RETURN_IF_ERROR(LoadWanted(false));
    const model::EntityState& state = workspace_.state.entity;
    const int64_t due =
        core::SharesDue(goal.quest, met, state.Counter(goal.OwnPart()));
    const int64_t had = state.Counter(goal.Shared());
    const bool is_erased = state.Counter(core::ErasedCounter()) != 0;
    if (due > had ? !is_erased : due < had && takes_back) {
      concerned.push_back(std::move(member));
    }
  }
  members = std::move(concerned);
  return absl::OkStatus();
}

// More members than an entry should have wait for entries of their own.
absl::Status Legs::LeaveShares(const core::Goal& goal, size_t members) {
  Note("quest:" + goal.quest.id,
       absl::StrCat(members,
                    " took part, of whom most are given their share "
                    "by Engine::ShareGoals, or `loyalty sweep`"));
  return SetLeft(goal, delta_.recorded.seq);
}

absl::Status Legs::SetLeft(const core::Goal& goal, int64_t seq) {
  const model::CounterKey left = goal.Left();
  model::EntityState program;
  RETURN_IF_ERROR(
      transaction_.Load({.entity = {}, .counters = {left}}, program));
  core::CaughtUp counts;
  counts.counts.push_back(
      {.counter = left, .more = seq - program.Counter(left)});
  SendCounts({}, std::move(counts));
  return absl::OkStatus();
}

// An entry that gives shares to those it names. What each is due is as the
// journal has led to it, so that the same again gives nothing.
absl::Status Legs::RunShareGoal() {
  const std::string& id = core::AskedText(event_, "quest");
  const rules::Quest* const quest = program_.FindQuest(id);
  if (quest == nullptr || !quest->is_together()) {
    Reject(
        RejectReason::kUnknownQuest,
        absl::StrCat("there is no quest \"", id, "\" that many do together"));
    return absl::OkStatus();
  }
  const bool has_team = quest->of == rules::Quest::Of::kObject;
  if (has_team != event_.target.has_value()) {
    Reject(RejectReason::kOutOfRange,
           has_team ? "target: it is missing: the team whose quest it is"
                    : "target: the quest is everybody's, and not a team's");
    return absl::OkStatus();
  }
  const absl::Time at = std::get<absl::Time>(event_.attributes.at("at").get());
  const core::GoalMoved moved{
      .of = has_team ? core::ObjectEntity(*event_.target) : model::Entity{},
      .quest = static_cast<int>(quest - program_.quests.data()),
      .window = base::WindowStart(at, quest->period, program_.time_zone),
      .members = MembersIn(event_)};
  RETURN_IF_ERROR(Share(moved));
  if (core::IsAsked(event_, "last")) {
    // Unless it was met once more meanwhile.
    const core::Goal goal{*quest, moved.window, moved.of};
    model::EntityState program;
    RETURN_IF_ERROR(
        transaction_.Load({.entity = {}, .counters = {goal.Left()}}, program));
    if (program.Counter(goal.Left()) == core::AskedInt(event_, "last", 0)) {
      RETURN_IF_ERROR(SetLeft(goal, 0));
    }
  }
  return RunQueue();
}

// Of one goal whose shares wait, the entries that give them.
absl::StatusOr<std::vector<Event>> StoreEngine::SharesOf(
    store::Transaction& transaction, const core::Goal& goal, int64_t since,
    absl::Time time) {
  const rules::CompiledProgram& program = *program_;
  model::EntityState state;
  RETURN_IF_ERROR(transaction.Load(
      {.entity = goal.of, .counters = {goal.Met()}, .ranges = {goal.ByAll()}},
      state));
  const int64_t met = state.Counter(goal.Met());
  const bool takes_back = program.badges[goal.quest.badge].is_revoked;
  const model::Aliases& aliases = transaction.Aliases();
  std::set<std::string> took_part;
  for (const auto& [counter, done] : state.counters) {
    if (counter.name != goal.quest.by_counter) continue;
    std::string member(aliases.Resolve(counter.key.id()));
    if (!model::IsErasedName(member)) took_part.insert(std::move(member));
  }
  std::vector<model::CounterKey> counters = {goal.OwnPart(), goal.Shared(),
                                             core::SuspendedCounter()};
  std::sort(counters.begin(), counters.end());
  std::vector<Value::List> pages(1);
  for (const std::string& id : took_part) {
    model::EntityState member;
    RETURN_IF_ERROR(transaction.Load(
        {.entity = core::MemberEntity(id), .counters = counters}, member));
    const int64_t due =
        core::SharesDue(goal.quest, met, member.Counter(goal.OwnPart()));
    const int64_t had = member.Counter(goal.Shared());
    const bool gets =
        due > had && member.Counter(core::SuspendedCounter()) == 0;
    if (!member.exists || !(gets || (due < had && takes_back))) continue;
    if (pages.back().size() == core::kMostShares) pages.emplace_back();
    pages.back().emplace_back(id);
  }
  std::vector<Event> events;
  for (Value::List& members : pages) {
    Event& event = events.emplace_back(
        Event{.type = std::string(kShareGoal),
              .time = time,
              .attributes = {{"quest", goal.quest.id},
                             {"at", absl::FromUnixSeconds(goal.window)}}});
    if (goal.quest.of == rules::Quest::Of::kObject) event.target = goal.of.id;
    event.attributes.emplace("members", std::move(members));
  }
  events.back().attributes.emplace("last", since);
  return events;
}

absl::StatusOr<std::vector<Event>> StoreEngine::SharesLeft(absl::Time time) {
  std::vector<Event> events;
  const base::MutexLock lock(mutex_);
  if (program_->goals.empty()) return events;
  ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  for (const rules::Quest& quest : program_->quests) {
    if (!quest.is_together()) continue;
    model::EntityState left;
    RETURN_IF_ERROR(transaction->Load(
        {.entity = {}, .counters = {}, .ranges = {AllLeft(quest)}}, left));
    for (const auto& [counter, since] : left.counters) {
      const bool is_of_all = quest.of == rules::Quest::Of::kProgram;
      const model::Entity of =
          is_of_all ? model::Entity{} : counter.key.entity();
      ASSIGN_OR_RETURN(
          std::vector<Event> shares,
          SharesOf(*transaction, {quest, counter.window, of}, since, time));
      events.insert(events.end(), std::make_move_iterator(shares.begin()),
                    std::make_move_iterator(shares.end()));
    }
  }
  return events;
}

absl::StatusOr<int64_t> StoreEngine::ShareGoals(absl::Time time) {
  if (!rules::IsInRange(time)) {
    return absl::InvalidArgumentError(
        "share goals at a time in the years 1 to 9999");
  }
  RETURN_IF_ERROR(RefuseAhead(time));
  ASSIGN_OR_RETURN(std::vector<Event> events, SharesLeft(time));
  int64_t made = 0;
  for (Event& event : events) {
    for (int taken = 0;; ++taken) {
      event.id = absl::StrCat("!share-", core::AskedText(event, "quest"), "-",
                              core::AskedInt(event, "last", 0), "-", made);
      if (taken > 0) absl::StrAppend(&event.id, "-", taken);
      ASSIGN_OR_RETURN(const Outcome outcome, Process(event));
      if (outcome.repeat || outcome.rejected == RejectReason::kEventIdReused) {
        continue;
      }
      if (outcome.accepted()) break;
      return absl::FailedPreconditionError(absl::StrCat(
          "shares of the quest \"", core::AskedText(event, "quest"),
          "\" were rejected: ", outcome.reason));
    }
    ++made;
  }
  return made;
}

}  // namespace loyalty::engine
