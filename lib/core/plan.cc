// SPDX-License-Identifier: Apache-2.0
//
// See plan.h.
#include "core/plan.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/window.h"
#include "core/asked.h"
#include "core/boards.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/goals.h"
#include "core/groups.h"
#include "core/holders.h"
#include "core/membership.h"
#include "core/offer.h"
#include "core/quests.h"
#include "core/referral.h"
#include "core/validate.h"
#include "core/vouchers.h"

namespace loyalty::core {
namespace {

// Some of an event type's counters. Marked first and then listed, as rules
// often share what they read, a cap above all.
class Marks {
 public:
  explicit Marks(const rules::EventType& type)
      : type_(type), words_((type.counters.size() + kBits - 1) / kBits) {}

  void Add(int place) {
    const auto at = static_cast<size_t>(place);
    words_[at / kBits] |= uint64_t{1} << (at % kBits);
  }
  void Add(const std::vector<int>& places) {
    for (const int place : places) Add(place);
  }

  // In their order, which is that of the keys: of a name there is one.
  void List(const Cause& cause, model::ReadSet& read) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t left = words_[w]; left != 0; left &= left - 1) {
        const auto bit = static_cast<size_t>(std::countr_zero(left));
        const rules::Counter& counter = type_.counters[w * kBits + bit];
        if (counter.rolling > 0) {
          read.ranges.push_back(RangeOf(cause, counter));
        } else {
          read.counters.push_back(KeyOf(cause, counter));
        }
      }
    }
  }

 private:
  static constexpr size_t kBits = 64;

  const rules::EventType& type_;
  absl::InlinedVector<uint64_t, 4> words_;
};

void AddCounted(const Cause& cause, const model::Entity& entity, Marks& marks) {
  for (const Counted& counted : cause.counted) {
    if (counted.entity != entity) continue;
    const rules::Metric& metric = cause.type->metrics[counted.metric];
    if (metric.is_plain && !counted.of_board) marks.Add(metric.counter_place);
  }
}

void PlanEnter(const Cause& cause, const model::Entity& entity, Marks& marks) {
  const rules::EventType& type = *cause.type;
  AddCounted(cause, entity, marks);
  if (entity.kind == model::Entity::Kind::kObject) {
    return marks.Add(type.object_counters);
  }
  marks.Add(type.actor_counters);
  marks.Add(type.member_counters);
  for (const int r : cause.rules) {
    const rules::Rule& rule = type.rules[r];
    if (rule.asked_of_object) continue;
    for (const rules::Award& award : rule.awards) {
      if (award.to_actor) marks.Add(award.counters);
    }
  }
}

void PlanReach(const Cause& cause, const model::Entity& member,
               const ReachMember& reach, Marks& marks) {
  if (reach.named) AddCounted(cause, member, marks);
  marks.Add(cause.type->member_counters);
  for (const ReachMember::Ask& ask : reach.asks) {
    marks.Add(cause.type->rules[ask.rule].awards[ask.award].counters);
  }
}

void SortAndUnite(std::vector<model::CounterKey>& counters) {
  std::sort(counters.begin(), counters.end());
  counters.erase(std::unique(counters.begin(), counters.end()), counters.end());
}

// They are not among the type's, as no member has them.
void ListBudgets(const Cause& cause, const AskBudgets& ask,
                 std::vector<model::CounterKey>& counters) {
  for (const AskedAward& one : ask.awards) {
    const rules::Award& award = cause.type->rules[one.rule].awards[one.award];
    for (const rules::Budget& budget : award.budgets) {
      counters.push_back(KeyOf(cause, budget.counter));
    }
  }
  SortAndUnite(counters);
}

void ListBudgets(const AskAgain& ask,
                 std::vector<model::CounterKey>& counters) {
  for (const AskAgain::Award& award : ask.awards) {
    for (const BudgetUse& use : award.budgets) {
      counters.push_back(use.counter);
    }
  }
  SortAndUnite(counters);
}

// The standing that conditions read, and what limits of awards count in.
void PlanReview(const Cause& cause, const model::Entity& entity, Marks& marks) {
  const rules::EventType& type = *cause.type;
  if (entity.kind == model::Entity::Kind::kObject) {
    return marks.Add(type.object_counters);
  }
  marks.Add(type.holder_counters);
  marks.Add(type.member_counters);
  if (cause.event->actor == entity.id) marks.Add(type.actor_counters);
  for (const rules::AskedBadge& asked : type.badges) {
    for (const rules::Award& award : type.rules[asked.rule].awards) {
      marks.Add(award.counters);
    }
  }
}

// What says which badges an object has given.
void ListBadges(const Cause& cause, std::vector<model::CounterKey>& counters) {
  for (const rules::AskedBadge& asked : cause.type->badges) {
    counters.push_back({.name = cause.program->badges[asked.badge].counter});
  }
  std::sort(counters.begin(), counters.end());
}

// Of an event that is no command.
void PlanLeg(const Cause& cause, const Message& message, Marks& marks) {
  if (std::holds_alternative<Enter>(message.what)) {
    PlanEnter(cause, message.entity, marks);
  } else if (std::holds_alternative<ReachObject>(message.what)) {
    AddCounted(cause, message.entity, marks);
    marks.Add(cause.type->object_counters);
  } else if (const auto* reach = std::get_if<ReachMember>(&message.what)) {
    PlanReach(cause, message.entity, *reach, marks);
  } else if (const auto* granted = std::get_if<Granted>(&message.what)) {
    for (const AskedAward& one : granted->awards) {
      marks.Add(cause.type->rules[one.rule].awards[one.award].counters);
    }
  }
}

// What of vouchers a leg at the program may read or change.
void ListVoucherCounters(const Cause& cause, const Message& message,
                         std::vector<model::CounterKey>& counters) {
  const rules::CompiledProgram& program = *cause.program;
  const Event& event = *cause.event;
  const auto add_pool = [&](const rules::Reward* of) {
    if (of == nullptr || !of->voucher.has_value()) return;
    counters.push_back(KeyPrintCounter());
    if (!of->voucher->imported) return;
    counters.push_back({.name = of->voucher->imported_counter});
    counters.push_back({.name = of->voucher->given_counter});
  };
  if (const auto* take = message.If<TakeStock>()) {
    if (take->quantity > 0) add_pool(take->terms);
  } else if (const auto* give = std::get_if<GiveCode>(&message.what)) {
    counters.push_back(PoolCounter(give->pool, give->number));
  } else if (std::holds_alternative<AddCode>(message.what)) {
    counters.push_back(VoucherCounter(AskedText(event, "code")));
    add_pool(program.FindReward(AskedText(event, "reward")));
  } else if (const auto* present = std::get_if<PresentCode>(&message.what)) {
    counters.push_back(VoucherCounter(AskedText(event, "code")));
    counters.push_back(VoucherNumberCounter(AskedText(event, "code")));
    counters.push_back(
        WrongByCounter(program, AskedText(event, "by"), present->at));
    if (event.channel.has_value()) {
      counters.push_back(
          WrongThroughCounter(program, *event.channel, present->at));
    }
  }
}

// Whether expressions of this leg may read that metric of its entity.
bool MayRead(const Cause& cause, const Message& message, int metric) {
  const rules::EventType& type = *cause.type;
  const auto has = [metric](const std::vector<int>& metrics) {
    return std::binary_search(metrics.begin(), metrics.end(), metric);
  };
  if (std::holds_alternative<ReachMember>(message.what)) {
    return has(type.member_metrics);
  }
  if (message.entity.kind != model::Entity::Kind::kMember) {
    return has(type.object_metrics);
  }
  return has(type.actor_metrics) || has(type.member_metrics) ||
         has(type.holder_metrics);
}

bool CountsHere(const Message& message) {
  return std::holds_alternative<Enter>(message.what) ||
         std::holds_alternative<ReachObject>(message.what) ||
         std::holds_alternative<ReachMember>(message.what);
}

// Metrics that are not plain, and so not among the type's counters.
void ListMetrics(const Cause& cause, const Message& message,
                 model::ReadSet& read) {
  if (cause.type->only_plain) return;
  if (CountsHere(message)) {
    for (const Counted& counted : cause.counted) {
      const rules::Metric& metric = cause.type->metrics[counted.metric];
      const bool is_plain = metric.is_plain && !counted.of_board;
      if (is_plain || counted.entity != message.entity) continue;
      if (counted.kind == rules::MetricKind::kStep) continue;  // not yet
      if (counted.kind == rules::MetricKind::kGoal &&
          message.entity.kind != model::Entity::Kind::kMember) {
        continue;  // in a leg of its own
      }
      if (counted.kind == rules::MetricKind::kStreak) {
        read.ranges.push_back(
            rules::MetricRange(cause.program->metrics[metric.number],
                               cause.event->time, cause.program->time_zone));
      }
      for (const auto* key : {&counted.counter, &counted.tally}) {
        if (!key->name.empty()) read.counters.push_back(*key);
      }
    }
  }
  for (const rules::Frame::Reading& reading : cause.frame->readings()) {
    if (!reading.range.has_value() ||
        !MayRead(cause, message, reading.metric)) {
      continue;
    }
    const model::CounterRange& range = *reading.range;
    if (cause.program->metrics[reading.metric].reads_range()) {
      read.ranges.push_back(range);
    } else {
      read.counters.push_back({range.name, range.from, range.key});
    }
  }
  SortAndUnite(read.counters);
}

// What taking back what was told apart reads: of the largest, what is left.
void ListTallied(const rules::CompiledProgram& program,
                 const std::vector<Counted>& tallied, int64_t seq,
                 model::ReadSet& read) {
  for (const Counted& counted : tallied) {
    read.counters.push_back(counted.tally);
    if (counted.kind == rules::MetricKind::kStep) {
      read.counters.push_back(CountedForStep(counted, seq));
      for (const rules::Quest& quest : program.quests) {
        if (quest.joined_counter == counted.counter.name) {
          read.counters.push_back(BeforeCounter(quest, counted.counter));
        }
      }
    }
    if (counted.counter.name.empty()) continue;
    read.counters.push_back(counted.counter);
    if (counted.kind == rules::MetricKind::kMax) {
      read.ranges.push_back({.name = counted.tally.name,
                             .from = counted.tally.window,
                             .to = counted.tally.window,
                             .key = {},
                             .any_key = true});
    }
  }
}

// Commands in which expressions ask what the member has.
bool ReadsStanding(std::string_view type) {
  return type == kGrantBadge || type == kJoinQuest || type == kFreezeStreak;
}

// Those of quests whose window the event lies in; with `counts`, what the event
// counts for them, too.
void ListQuests(const Cause& cause, const Message& message, bool counts,
                model::ReadSet& read) {
  const rules::CompiledProgram& program = *cause.program;
  if (program.quests.empty()) return;
  for (const rules::Quest& quest : program.quests) {
    if (!quest.IsOpenAt(cause.event->time) || quest.is_together()) continue;
    const int64_t window =
        base::WindowStart(cause.event->time, quest.period, program.time_zone);
    read.counters.push_back({.name = quest.joined_counter, .window = window});
    read.counters.push_back({.name = quest.done_counter, .window = window});
    read.counters.push_back({.name = quest.before_counter, .window = window});
    for (const rules::QuestStep& step : quest.steps) {
      read.counters.push_back({.name = step.counter, .window = window});
    }
  }
  for (const Counted& counted : cause.counted) {
    if (counts && counted.kind == rules::MetricKind::kStep &&
        counted.amount.ok() && counted.entity == message.entity) {
      read.counters.push_back(CountedForStep(counted, cause.seq));
    }
  }
  SortAndUnite(read.counters);
}

// What a command may read or change of counters.
void PlanCommand(const Cause& cause, const Message& message,
                 model::ReadSet& read) {
  const rules::CompiledProgram& program = *cause.program;
  const Event& event = *cause.event;
  const auto add = [&](model::Symbol name, base::Period per, absl::Time when) {
    read.counters.push_back(
        {.name = name,
         .window = base::WindowStart(when, per, program.time_zone)});
  };
  ListVoucherCounters(cause, message, read.counters);
  const rules::Reward* reward = nullptr;
  absl::Time when = event.time;
  if (const auto* take = message.If<TakeStock>()) {
    const rules::Reward& of = StockOf(program, *take);
    if (of.stock > 0) add(of.stock_counter, base::Period::kEver, when);
  } else if (const auto* command = message.If<Command>()) {
    reward = command->terms;
    when = command->time;
    if (event.type == kTransferUnits) {
      const int index = program.CurrencyIndex(AskedText(event, "currency"));
      if (index >= 0 &&
          program.currencies[index].max_transfer_per_day.has_value()) {
        add(program.currencies[index].transfer_counter, base::Period::kDay,
            when);
      }
    } else if (event.type == kRedeem) {
      reward = program.FindReward(AskedText(event, "reward"));
      // A program without rewards has no such type.
      if (cause.type != nullptr) {
        Marks marks(*cause.type);
        marks.Add(cause.type->actor_counters);
        marks.Add(cause.type->member_counters);
        marks.List(cause, read);
        ListMetrics(cause, message, read);
      }
    }
  }
  const bool may_win =
      ReadsStanding(event.type) || std::holds_alternative<Won>(message.what);
  if (may_win && cause.type != nullptr) {
    Marks marks(*cause.type);
    PlanReview(cause, message.entity, marks);
    marks.List(cause, read);
    ListMetrics(cause, message, read);
  }
  if (event.type == kHide || event.type == kShow) {
    read.counters.push_back(HiddenCounter());
  }
  if (event.type == kJoinQuest || event.type == kLeaveQuest) {
    ListQuests(cause, message, false, read);
  }
  if (event.type == kFreezeStreak) {
    const rules::Streak* const streak =
        program.FindStreak(AskedText(event, "streak"));
    if (streak != nullptr) {
      model::CounterRange& range = read.ranges.emplace_back(rules::MetricRange(
          program.metrics[streak->metric], when, program.time_zone));
      range.to = std::numeric_limits<int64_t>::max();  // it may freeze those
    }
  }
  if (event.type == kCancelRedemption) {
    read.counters.push_back(CameBackCounter());
  }
  if (reward != nullptr) {
    for (const rules::RewardLimit& limit : reward->limits) {
      add(limit.counter, limit.per, when);
    }
  }
  std::sort(read.counters.begin(), read.counters.end());
}

// What is brought, and what follows from values that are told apart.
void ListCaughtUp(const rules::CompiledProgram& program, const CaughtUp& what,
                  model::ReadSet& read) {
  for (const CaughtUp::Count& count : what.counts) {
    read.counters.push_back(count.counter);
    const auto* metric = TalliedIn(program, count.counter.name);
    if (metric == nullptr) continue;
    const Counted counted = TallyOf(program, *metric, count.counter);
    if (counted.counter.name.empty()) continue;
    read.counters.push_back(counted.counter);
    if (metric->kind != rules::MetricKind::kMax || count.more >= 0) continue;
    read.ranges.push_back({.name = count.counter.name,
                           .from = count.counter.window,
                           .to = count.counter.window,
                           .key = {},
                           .any_key = true});
  }
  SortAndUnite(read.counters);
}

void ListActs(const Cause& cause, const model::Entity& of,
              model::ReadSet& read) {
  for (const Counted& counted : cause.counted) {
    if (counted.kind == rules::MetricKind::kGoal && counted.entity == of) {
      read.counters.push_back(counted.counter);
    }
  }
}

// What a share is worked out from, and what its awards read.
void ListShare(const Cause& cause, const Message& message,
               const ShareGoal& share, model::ReadSet& read) {
  Marks marks(*cause.type);
  PlanReview(cause, message.entity, marks);
  marks.List(cause, read);
  ListMetrics(cause, message, read);
  const Goal goal{cause.program->quests[share.quest], share.window, share.of};
  read.counters.push_back(goal.OwnPart());
  read.counters.push_back(goal.Shared());
  read.counters.push_back(ErasedCounter());
  SortAndUnite(read.counters);
}

// Whether a leg asks if its member is suspended.
bool AsksForStanding(const Message& message) {
  return message.entity.kind == model::Entity::Kind::kMember &&
         message.If<Undo>() == nullptr &&
         !std::holds_alternative<Granted>(message.what);
}

void AddInOrder(model::CounterKey counter,
                std::vector<model::CounterKey>& counters) {
  counters.insert(std::lower_bound(counters.begin(), counters.end(), counter),
                  std::move(counter));
}

// What says where a member stands on ladders that do not follow from holdings
// and metrics alone.
void ListLadders(const rules::CompiledProgram& program, model::ReadSet& read) {
  if (!program.has_tiers && !program.keeps_levels) return;
  for (const rules::Ladder& ladder : program.ladders) {
    if (ladder.keeps || ladder.is_of_league) {
      read.counters.push_back({.name = ladder.kept});
    }
    if (!ladder.tiers.has_value()) continue;
    const rules::TierTerms& terms = *ladder.tiers;
    for (const model::Symbol name :
         {terms.hand, terms.hand_from, terms.hand_until, terms.told}) {
      read.counters.push_back({.name = name});
    }
    for (const model::Symbol name : {terms.units, terms.reached}) {
      read.ranges.push_back({.name = name, .any_key = true});
    }
    for (const rules::LadderMeasure& also : ladder.also) {
      read.ranges.push_back({.name = also.units, .any_key = true});
    }
  }
  if (program.has_tiers) {
    read.counters.push_back(TierClock());
    read.counters.push_back(model::DueCounter());
  }
  SortAndUnite(read.counters);
}

}  // namespace

void Plan(const Cause& cause, const Message& message, model::ReadSet& read) {
  read.entity = message.entity;
  read.counters.clear();
  read.ranges.clear();
  // All that the one had is the other's, but of who told them apart one counter
  // is less; and what time has brought, and shares that wait, are asked of all
  // that a member has.
  read.all_counters =
      (cause.event->type == kMerge &&
       !std::holds_alternative<CatchUp>(message.what)) ||
      (cause.event->type == kSweep && cause.program->badges_pass) ||
      (cause.event->type == kResume && !cause.program->goals.empty() &&
       message.If<Command>() != nullptr);
  if (read.all_counters) return;
  if (const auto* undo = message.If<Undo>()) {
    for (const auto& [counter, used] : undo->uses) {
      for (model::CounterKey& cut : CutIn(counter)) {
        read.counters.push_back(std::move(cut));
      }
    }
    for (const Uses* uses :
         {&undo->counted, &undo->counted_before, &undo->uses}) {
      for (const auto& [counter, used] : *uses) {
        read.counters.push_back(counter);
      }
    }
    ListTallied(*cause.program, undo->tallied, undo->seq, read);
    ListTallied(*cause.program, undo->tallied_before, undo->seq, read);
    if (!undo->awards.empty() || !undo->uses.empty()) {
      read.counters.push_back(CameBackCounter());
      read.counters.push_back(InPartCounter());
    }
    if (!undo->counted.empty() || !undo->tallied.empty()) {
      read.counters.push_back(EnrolledCounter());
    }
    if (cause.program->has_referrals) {
      read.counters.push_back(ReferrerCounter());
    }
    SortAndUnite(read.counters);
  } else if (std::holds_alternative<Review>(message.what)) {
    Marks marks(*cause.type);
    PlanReview(cause, message.entity, marks);
    marks.List(cause, read);
    ListMetrics(cause, message, read);
    if (message.entity.kind == model::Entity::Kind::kObject) {
      ListBadges(cause, read.counters);
    } else if (!std::get<Review>(message.what).is_due) {
      ListQuests(cause, message, std::get<Review>(message.what).counts, read);
    }
  } else if (const auto* lose = message.If<LoseBadge>()) {
    const int quest = cause.program->badges[lose->badge].quest;
    if (quest >= 0) {
      const rules::Quest& of = cause.program->quests[quest];
      const model::CounterKey done =
          DoneCounter(*cause.program, of, lose->time);
      for (const model::Symbol name :
           {of.joined_counter, of.done_counter, of.before_counter}) {
        read.counters.push_back({.name = name, .window = done.window});
      }
      SortAndUnite(read.counters);
    }
  } else if (std::holds_alternative<Granted>(message.what) &&
             cause.type != nullptr) {
    Marks marks(*cause.type);
    PlanLeg(cause, message, marks);
    marks.List(cause, read);
  } else if (const auto* catch_up = std::get_if<CatchUp>(&message.what)) {
    ListCaughtUp(*cause.program, *catch_up->what, read);
  } else if (const auto* cohort = std::get_if<AskCohort>(&message.what)) {
    const auto& league = cause.program->leaderboards[cohort->board];
    read.counters = {CohortCounter(league, cohort->season + cohort->division),
                     EndedCounter(league, cohort->season)};
  } else if (const auto* join = std::get_if<JoinCohort>(&message.what)) {
    const auto& league = cause.program->leaderboards[join->board];
    for (const model::Symbol name : {league.name, league.tie}) {
      if (name.empty()) continue;
      read.counters.push_back({.name = name, .window = join->season});
    }
  } else if (const auto* change = std::get_if<HoldingChanged>(&message.what)) {
    ListHolding(*cause.program, *change, read);
  } else if (const auto* group = std::get_if<NumberGroup>(&message.what)) {
    const auto& grouping = cause.program->groupings[group->grouping];
    read.counters = {GroupCounter(grouping),
                     GroupNumberCounter(grouping, group->name)};
  } else if (std::holds_alternative<ActForGoal>(message.what)) {
    ListActs(cause, message.entity, read);
  } else if (const auto* share = std::get_if<ShareGoal>(&message.what)) {
    ListShare(cause, message, *share, read);
  } else if (const auto* ask = std::get_if<AskBudgets>(&message.what)) {
    ListBudgets(cause, *ask, read.counters);
  } else if (const auto* again = message.If<AskAgain>()) {
    ListBudgets(*again, read.counters);
  } else if (IsReserved(cause.event->type)) {
    PlanCommand(cause, message, read);
  } else if (cause.type != nullptr) {
    Marks marks(*cause.type);
    PlanLeg(cause, message, marks);
    marks.List(cause, read);
    ListMetrics(cause, message, read);
  }
  const bool is_member = message.entity.kind == model::Entity::Kind::kMember;
  if (!cause.program->goals.empty() && !is_member) {
    ListGoals(*cause.program, read);
    SortAndUnite(read.counters);
  }
  if (is_member) {
    ListLadders(*cause.program, read);
    if (cause.program->badges_pass) {
      ListDue(*cause.program, read.counters);
    }
    if (!cause.program->earned_feeds.empty()) {
      ListBoards(*cause.program, cause.event->time, read.counters);
      SortAndUnite(read.counters);
    }
    if (const auto* enter = std::get_if<Enter>(&message.what)) {
      if (!enter->groups.empty()) ListGroups(cause, *enter, read);
    }
    ListCohorts(*cause.program, read);
  }
  if (!AsksForStanding(message)) return;
  AddInOrder(SuspendedCounter(), read.counters);
  if (cause.program->has_referrals) {
    AddInOrder(ReferrerCounter(), read.counters);
  }
}

model::ReadSet Plan(const Cause& cause, const Message& message) {
  model::ReadSet read;
  Plan(cause, message, read);
  return read;
}

}  // namespace loyalty::core
