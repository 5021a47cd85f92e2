// SPDX-License-Identifier: Apache-2.0
//
// See next_steps.h.
#include "engine/next_steps.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/counters.h"
#include "core/limits.h"
#include "core/way.h"
#include "engine/file_queries.h"
#include "engine/next_goals.h"
#include "engine/next_habits.h"
#include "engine/next_says.h"
#include "engine/next_scene.h"
#include "engine/next_together.h"
#include "engine/rehearsal.h"
#include "rules/acts.h"

namespace loyalty::engine {
namespace {

// What a search may cost. Those of other ways than the first are shorter.
constexpr int kMostPlays = 800;
constexpr int kMostPlaysOfOthers = 200;
// What one event may be about: euros, miles, words.
constexpr int64_t kMostAmount = int64_t{1} << 20;

// How many more awards by `limit` the member may have, of `units` each, and
// when it leaves more.
void LookAtLimit(const core::LimitUse& use, int64_t units,
                 const rules::CompiledProgram& program,
                 const model::EntityState& before, absl::Time time,
                 NextStep& step) {
  // Those by who else takes part, or by the object, are new each time.
  if (!use.counter.key.empty()) return;
  const rules::Limit& limit = *use.limit;
  const auto in = [&](const model::CounterKey& key) {
    return before.Counter(key);
  };
  const auto each = [&](const model::CounterKey& first, int64_t last,
                        core::Spent::See see) {
    for (auto it = before.counters.lower_bound(first);
         it != before.counters.end() && it->first.name == first.name &&
         it->first.window <= last;
         ++it) {
      if (it->first.key == first.key) see(it->first.window, it->second);
    }
  };
  const int64_t room = core::RoomIn(limit, use.counter, {in, each});
  const int64_t left = limit.counts_times
                           ? room
                           : (room + units - 1) / std::max<int64_t>(units, 1);
  if (step.left.has_value() && *step.left <= left) return;
  step.left = left;
  step.left_until =
      limit.counter.rolling > 0 ? time + absl::Seconds(limit.counter.rolling)
      : limit.counter.per == base::Period::kHour
          ? absl::FromUnixSeconds(base::WindowStart(time, base::Period::kHour,
                                                    program.time_zone)) +
                absl::Hours(1)
          : base::WindowEnd(time, limit.counter.per, program.time_zone);
}

class NextStepsFinder {
 public:
  NextStepsFinder(store::Reader& reader, StoredPrograms& programs,
                  const rules::CompiledProgram& program, std::string member,
                  absl::Time at, const NextStepsOptions& options)
      : reader_(reader),
        options_(options),
        stage_{.program = program,
               .program_number = programs.all().rbegin()->first,
               .programs = programs,
               .member = std::move(member),
               .at = at} {}

  absl::StatusOr<std::vector<NextGoal>> Find() {
    ASSIGN_OR_RETURN(Rehearsal rehearsal, Rehearsal::Make(reader_, kMadeUp));
    ASSIGN_OR_RETURN(auto stands,
                     rehearsal.Find(core::MemberEntity(stage_.member)));
    start_ = std::make_shared<Moment>(Moment{.rehearsal = std::move(rehearsal),
                                             .time = stage_.at,
                                             .state = std::move(stands)});
    model::EntityState settled = *start_->state;
    RETURN_IF_ERROR(SettleTo(stage_.program, settled, stage_.at));
    std::vector<Goal> goals = GoalsOf(stage_.program, settled, stage_.at);
    ASSIGN_OR_RETURN(habits_, HabitsOf(reader_, stage_.member));
    RETURN_IF_ERROR(AddGoalsTogether(stage_.program, settled, stage_.at,
                                     habits_, start_->rehearsal, goals));
    LookAtLimits();
    FindActs();
    stage_.acts_of_all = static_cast<int>(stage_.acts.size());
    std::vector<NextGoal> told;
    for (Goal& goal : goals) {
      RETURN_IF_ERROR(FindWays(goal));
      goal.told.sentence = goal.told.ways.empty()
                               ? GoalSays(goal.told, Zone())
                               : goal.told.ways.front().sentence;
      told.push_back(std::move(goal.told));
    }
    std::stable_sort(told.begin(), told.end(), IsNearer);
    const auto most = static_cast<size_t>(std::max<int>(0, options_.how_many));
    if (told.size() > most) told.erase(told.begin() + most, told.end());
    return told;
  }

 private:
  absl::TimeZone Zone() const { return stage_.program.time_zone; }

  // What only comes nearer, whatever the member does, is behind what is
  // reached, or is as far as they have to bring it.
  static bool IsNearer(const NextGoal& a, const NextGoal& b) {
    const auto nearness = [](const NextGoal& goal) {
      const bool has_way = !goal.ways.empty();
      const bool waits = has_way && goal.ways.front().left_to_others > 0;
      return std::tuple(!has_way, waits && goal.needs.back().missing() == 0,
                        !goal.analysed, has_way ? goal.ways.front().days : 0,
                        has_way ? goal.ways.front().acts : 0, waits);
    };
    return nearness(a) < nearness(b);
  }

  // What is in the member's own hands is before what others do.
  static bool IsSooner(const NextWay& a, const NextWay& b) {
    const auto place = [](const NextWay& way) {
      const bool waits_for_others =
          std::any_of(way.steps.begin(), way.steps.end(),
                      [](const NextStep& step) { return !step.by_member; });
      return std::tuple(waits_for_others, way.days, way.acts);
    };
    return place(a) < place(b);
  }

  // Which limits leave more as time passes within a day.
  void LookAtLimits() {
    for (const rules::EventType& type : stage_.program.event_types) {
      for (const rules::Counter& counter : type.counters) {
        if (counter.rolling > 0) {
          stage_.rolling[counter.name] = counter.rolling;
        }
      }
      stage_.has_hours |= std::find(type.periods.begin(), type.periods.end(),
                                    base::Period::kHour) != type.periods.end();
    }
  }

  // What the program suggests, and how the member did it last: what they do
  // most comes first.
  void FindActs() {
    for (rules::Act& act : rules::ActsOf(stage_.program)) {
      const std::optional<rules::Act> before = AsDoneBefore(act);
      if (before.has_value()) stage_.acts.push_back(*before);
      stage_.acts.push_back(std::move(act));
    }
    std::stable_sort(stage_.acts.begin(), stage_.acts.end(),
                     [&](const rules::Act& a, const rules::Act& b) {
                       return TimesDone(a) > TimesDone(b);
                     });
  }

  std::optional<rules::Act> AsDoneBefore(const rules::Act& act) const {
    if (act.rule < 0) return std::nullopt;
    const auto found = habits_.newest.find(stage_.program.rule_ids[act.rule]);
    if (found == habits_.newest.end()) return std::nullopt;
    const Event& past = found->second;
    const bool by_member = past.actor == stage_.member;
    if (past.type != TypeOf(act) || by_member != act.by_member) {
      return std::nullopt;
    }
    rules::Act before = rules::AsLastTime(stage_.program, act, past);
    if (before.attributes == act.attributes) return std::nullopt;
    return before;
  }

  std::string TypeOf(const rules::Act& act) const {
    return act.type < 0 ? act.command : stage_.program.event_types[act.type].id;
  }

  int64_t TimesDone(const rules::Act& act) const {
    const auto count = [](const auto& counts, const std::string& key) {
      const auto found = counts.find(key);
      return found == counts.end() ? int64_t{0} : found->second;
    };
    if (act.rule < 0) return count(habits_.by_type, TypeOf(act));
    return count(habits_.by_rule, stage_.program.rule_ids[act.rule]);
  }

  // Looks for ways of several kinds, and keeps those that differ.
  absl::Status FindWays(Goal& goal) {
    const size_t known = stage_.acts.size();
    AddActsFor(goal);
    const MemberScene start(stage_, goal, start_);
    if (goal.is_units) RETURN_IF_ERROR(AddActsThatSayHowMuch(start, goal));
    const std::vector<int> all = ActsFor(goal);
    const auto chosen = [&](auto&& is_chosen) {
      std::vector<int> acts;
      std::copy_if(all.begin(), all.end(), std::back_inserter(acts),
                   [&](int act) { return is_chosen(stage_.acts[act]); });
      return acts;
    };
    const auto own = chosen([](const rules::Act& a) { return a.by_member; });
    const auto find = [&](const Goal& to, int plays) {
      return FindOwnWay(to, own, all, plays, goal);
    };
    if (goal.whole.has_value()) {
      RETURN_IF_ERROR(find(ShareOf(goal), kMostPlays));
    }
    const size_t of_share = goal.told.ways.size();
    // Where nothing is known of what is missing, or others do most of it,
    // little is tried.
    const bool is_short = goal.told.needs.empty() || goal.whole.has_value();
    RETURN_IF_ERROR(find(goal, is_short ? kMostPlaysOfOthers : kMostPlays));
    if (goal.told.ways.empty() && goal.whole.has_value() &&
        goal.told.needs.back().missing() == 0) {
      RETURN_IF_ERROR(find(NearerTo(start, goal), kMostPlaysOfOthers));
    } else if (goal.told.ways.size() > of_share && options_.ways > 1) {
      RETURN_IF_ERROR(FindOthers(start, all, goal));
    }
    std::stable_sort(goal.told.ways.begin(), goal.told.ways.end(), IsSooner);
    const auto most = static_cast<size_t>(std::max<int>(0, options_.ways));
    if (goal.told.ways.size() > most) {
      goal.told.ways.erase(goal.told.ways.begin() + most, goal.told.ways.end());
    }
    stage_.acts.erase(stage_.acts.begin() + known, stage_.acts.end());
    return absl::OkStatus();
  }

  // The same, where the member's own part is all that is asked.
  static Goal ShareOf(const Goal& goal) {
    Goal share = goal;
    share.missing = goal.whole->own;
    return share;
  }

  // The same, where to bring it nearer is.
  static Goal NearerTo(const MemberScene& start, const Goal& goal) {
    Goal nearer = goal;
    nearer.missing = [left = goal.whole->left,
                      first = start.Ask(goal.whole->left)](const Stands& at) {
      return left(at) < first ? int64_t{0} : int64_t{1};
    };
    return nearer;
  }

  // What is in the member's own hands, or else whatever leads `to` there.
  absl::Status FindOwnWay(const Goal& to, const std::vector<int>& own,
                          const std::vector<int>& all, int most_plays,
                          Goal& goal) {
    const MemberScene start(stage_, to, start_);
    const size_t before = goal.told.ways.size();
    int plays = most_plays;
    RETURN_IF_ERROR(FindWay(start, own, plays, goal));
    if (goal.told.ways.size() > before || own.size() == all.size()) {
      return absl::OkStatus();
    }
    plays = most_plays;
    return FindWay(start, all, plays, goal);
  }

  // By what the member is used to; by what others do; and without what the
  // first way is mostly made of.
  absl::Status FindOthers(const MemberScene& start, const std::vector<int>& all,
                          Goal& goal) {
    const std::string type = goal.told.ways.front().steps.front().example.type;
    std::vector<int> usual, others, without;
    for (const int act : all) {
      const rules::Act& one = stage_.acts[act];
      const bool is_command = one.type < 0;
      if (is_command || TimesDone(one) > 0) usual.push_back(act);
      if (is_command || !one.by_member) others.push_back(act);
      if (is_command || TypeOf(one) != type) without.push_back(act);
    }
    for (const std::vector<int>& acts : {usual, others, without}) {
      int plays = kMostPlaysOfOthers;
      RETURN_IF_ERROR(FindWay(start, acts, plays, goal));
    }
    return absl::OkStatus();
  }

  absl::Status FindWay(const MemberScene& start, const std::vector<int>& acts,
                       int& plays, Goal& goal) {
    if (acts.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const core::Way way, core::FindWay(start, acts, plays));
    if (!way.arrives || way.moves.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(std::optional<NextWay> told, Told(start, way, goal));
    if (!told.has_value()) return absl::OkStatus();
    const bool is_new = std::none_of(
        goal.told.ways.begin(), goal.told.ways.end(),
        [&](const NextWay& other) { return other.sentence == told->sentence; });
    if (is_new) goal.told.ways.push_back(*std::move(told));
    return absl::OkStatus();
  }

  // The way as it is told: played once more from the start.
  absl::StatusOr<std::optional<NextWay>> Told(const MemberScene& start,
                                              const core::Way& way,
                                              const Goal& goal) {
    NextWay told;
    MemberScene scene(start);
    int before_act = -1;
    for (const core::Played& move : way.moves) {
      while (scene.time() < move.time && scene.Wait()) {
      }
      const int64_t missing = scene.Missing();
      const MemberScene before = scene;
      RETURN_IF_ERROR(scene.Play(move.act));
      const bool goes_on =
          move.act == before_act && told.steps.back().time == scene.time();
      if (!goes_on) {
        told.steps.push_back(
            StepOf(move.act, scene.moment(), *before.moment().state, goal));
      } else {
        told.steps.back().times += 1;
      }
      if (goal.is_units) {
        told.steps.back().units += missing - scene.Missing();
      }
      before_act = move.act;
    }
    if (scene.Missing() > 0) return std::nullopt;
    told.acts = std::ssize(way.moves);
    told.when = scene.time();
    told.days = DaysUntil(told.when);
    if (goal.whole.has_value()) {
      told.left_to_others = scene.Ask(goal.whole->left);
    }
    for (NextStep& step : told.steps) {
      step.sentence = StepSays(step, Zone());
    }
    told.sentence = WaySays(goal.told, told, Zone());
    return told;
  }

  int64_t DaysUntil(absl::Time time) const {
    return absl::ToCivilDay(time, Zone()) - absl::ToCivilDay(stage_.at, Zone());
  }

  NextStep StepOf(int number, const Moment& after,
                  const model::EntityState& before, const Goal& goal) const {
    const rules::Act& act = stage_.acts[number];
    NextStep step{.example = after.last,
                  .by_member = act.by_member,
                  .asked_for = act.asked_for,
                  .as_last_time = act.as_last_time,
                  .time = after.time};
    int64_t most = 0;
    for (const model::Movement& movement : after.movements) {
      if (movement.kind != model::Movement::Kind::kAward ||
          movement.member != stage_.member || movement.limited <= 0) {
        continue;
      }
      const int currency =
          stage_.program.CurrencyIndex(movement.currency.text());
      if (!goal.inputs.currencies.contains(currency)) continue;
      const int rule = stage_.program.RuleNumber(movement.rule.text());
      if (rule < 0) continue;
      if (movement.units > most) {
        most = movement.units;
        step.rule = stage_.program.rule_ids[rule];
        step.describe = stage_.program.rule_texts[rule];
      }
      for (const core::LimitUse& use :
           core::LimitsOf(stage_.program, movement, step.example)) {
        LookAtLimit(use, movement.limited, stage_.program, before, step.time,
                    step);
      }
    }
    return step;
  }

  std::vector<int> ActsFor(const Goal& goal) const {
    std::vector<int> acts;
    for (size_t i = 0; i < stage_.acts.size(); ++i) {
      const rules::Act& act = stage_.acts[i];
      const bool is_of_team =
          goal.whole.has_value() &&
          goal.whole->of.kind == model::Entity::Kind::kObject;
      if (is_of_team && act.object.empty()) continue;
      const bool may_help =
          act.type < 0 ||
          MayHelp(stage_.program, stage_.program.event_types[act.type],
                  goal.inputs);
      if (may_help) acts.push_back(static_cast<int>(i));
    }
    // What says how much is before what says something.
    if (goal.whole.has_value()) {
      std::stable_partition(acts.begin(), acts.end(), [&](int act) {
        return act >= stage_.acts_of_all && !stage_.acts[act].asked_for.empty();
      });
    }
    return acts;
  }

  // What counts for what many do: for their team, and as much as is missing.
  void AddActsTogether(const Goal& goal) {
    const Whole& whole = *goal.whole;
    const bool is_of_team = whole.of.kind == model::Entity::Kind::kObject;
    const size_t known = stage_.acts.size();
    for (size_t i = 0; i < known; ++i) {
      if (stage_.acts[i].type < 0) continue;
      const rules::EventType& type =
          stage_.program.event_types[stage_.acts[i].type];
      bool is_there = !is_of_team;
      for (const rules::Metric& metric : type.metrics) {
        if (!goal.inputs.metrics.contains(metric.number)) continue;
        rules::Act act = stage_.acts[i];
        if (is_of_team) {
          act.object = whole.of.id;
          act.object_in = metric.team;
        }
        if (!std::exchange(is_there, true)) stage_.acts.push_back(act);
        if (IsDoneAsBefore(act)) continue;
        for (const Amount& amount : goal.amounts) {
          if (amount.type != type.id) continue;
          stage_.acts.push_back(act);
          rules::Act& more = stage_.acts.back();
          more.attributes.insert_or_assign(amount.attribute, amount.units);
          more.asked_for.push_back(amount.attribute);
        }
        break;
      }
    }
  }

  // Such acts are tried as the member's last was.
  bool IsDoneAsBefore(const rules::Act& act) const {
    return std::any_of(
        stage_.acts.begin(), stage_.acts.begin() + stage_.acts_of_all,
        [&](const rules::Act& other) {
          return other.as_last_time && other.type == act.type &&
                 other.by_member == act.by_member && other.named == act.named;
        });
  }

  // Commands, and acts that say as much as is missing.
  void AddActsFor(const Goal& goal) {
    if (goal.whole.has_value()) return AddActsTogether(goal);
    const size_t known = stage_.acts.size();
    for (const rules::Act& command : goal.commands) {
      stage_.acts.push_back(command);
    }
    if (goal.amounts.empty()) return;
    for (size_t i = 0; i < known; ++i) {
      rules::Act act = stage_.acts[i];
      if (act.type < 0) continue;
      bool says_more = false;
      for (const Amount& amount : goal.amounts) {
        if (amount.type != TypeOf(act)) continue;
        says_more = true;
        act.attributes.insert_or_assign(amount.attribute, amount.units);
        act.asked_for.push_back(amount.attribute);
      }
      if (says_more) stage_.acts.push_back(std::move(act));
    }
  }

  // Where a formula reads an INT attribute that nothing asks to be anything, as
  // a point for each euro, and the member has not done it lately: the least
  // that is enough at once.
  absl::Status AddActsThatSayHowMuch(const MemberScene& start,
                                     const Goal& goal) {
    const size_t known = stage_.acts.size();
    for (size_t i = 0; i < known; ++i) {
      const std::string attribute = AmountOf(stage_.acts[i], goal);
      if (attribute.empty()) continue;
      rules::Act act = stage_.acts[i];
      act.asked_for.push_back(attribute);
      stage_.acts.push_back(act);
      RETURN_IF_ERROR(SetLeastAmount(start, attribute));
    }
    return absl::OkStatus();
  }

  // The attribute that says how much the act gives; "" if none does.
  std::string AmountOf(const rules::Act& act, const Goal& goal) const {
    if (act.type < 0 || act.as_last_time || TimesDone(act) > 0) return "";
    const rules::EventType& type = stage_.program.event_types[act.type];
    for (const rules::Rule& rule : type.rules) {
      for (const rules::Award& award : rule.awards) {
        if (!award.units.has_value() || rule.number != act.rule ||
            !goal.inputs.currencies.contains(award.currency)) {
          continue;
        }
        for (const uint32_t slot : award.units->slots_used()) {
          const int number =
              type.slots[slot] - stage_.program.slots.Attribute(0);
          if (number < 0) continue;
          const rules::Attribute& one = type.attributes[number];
          const bool is_asked =
              std::find(act.asked_for.begin(), act.asked_for.end(), one.name) !=
              act.asked_for.end();
          if (one.type == model::Type::kInt && !one.list && !is_asked) {
            return one.name;
          }
        }
      }
    }
    return "";
  }

  // Of the last act; it goes if no amount is enough.
  absl::Status SetLeastAmount(const MemberScene& start,
                              const std::string& attribute) {
    const auto is_enough = [&](int64_t amount) -> absl::StatusOr<bool> {
      stage_.acts.back().attributes.insert_or_assign(attribute, amount);
      MemberScene tried(start);
      RETURN_IF_ERROR(tried.Play(static_cast<int>(stage_.acts.size()) - 1));
      return tried.Missing() <= 0;
    };
    int64_t too_little = 0, enough = kMostAmount;
    ASSIGN_OR_RETURN(const bool can_be, is_enough(enough));
    if (!can_be) {
      stage_.acts.pop_back();
      return absl::OkStatus();
    }
    while (enough - too_little > 1) {
      const int64_t amount = too_little + (enough - too_little) / 2;
      ASSIGN_OR_RETURN(const bool is, is_enough(amount));
      (is ? enough : too_little) = amount;
    }
    stage_.acts.back().attributes.insert_or_assign(attribute, enough);
    return absl::OkStatus();
  }

  store::Reader& reader_;
  const NextStepsOptions options_;
  Stage stage_;
  std::shared_ptr<Moment> start_;
  Habits habits_;
};

}  // namespace

absl::StatusOr<std::vector<NextGoal>> NextStepsOf(
    store::Reader& reader, StoredPrograms& programs, const std::string& member,
    absl::Time at, const NextStepsOptions& options) {
  ASSIGN_OR_RETURN(const auto program, programs.Latest());
  return NextStepsFinder(reader, programs, *program, member, at, options)
      .Find();
}

}  // namespace loyalty::engine
