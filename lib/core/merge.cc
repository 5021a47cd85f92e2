// SPDX-License-Identifier: Apache-2.0
//
// See merge.h.
#include "core/merge.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "base/amounts.h"
#include "core/asked.h"
#include "core/boards.h"
#include "core/caught_up.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/goals.h"
#include "core/groups.h"
#include "core/holders.h"
#include "core/leg.h"
#include "core/membership.h"
#include "core/merge_metrics.h"
#include "core/referral.h"
#include "ledger/award.h"

namespace loyalty::core {
namespace {

using model::Movement;

// Whether there are two to be merged. If not, the answer is no.
bool AreTwo(Leg& leg, const std::string& into) {
  if (leg.EarnsNothing(into) || leg.EarnsNothing(leg.now.entity.id)) {
    leg.Reject(RejectReason::kUnknownMember,
               "the program lists one of them under never_earns, who is no "
               "member");
  } else if (into == leg.now.entity.id) {
    leg.Reject(RejectReason::kOwnMember, "both are the same member already");
  }
  return leg.decision.rejected == RejectReason::kNone;
}

// How a counter of the one who goes is joined to the same one of who stays.
enum class How {
  kSum,
  kLarger,  // and flags, which are set if either is
  kMine,    // if there is none, theirs
  kStays,   // with the id: it says which of the entries that name it counted
  kNever,   // it follows from others
  kMetric,  // and of quests: see merge_metrics.h
  kHand,    // the higher of two tiers by hand
  kCohort,  // see JoinCohorts, JoinGroups, JoinHoldings
};

using HowByName = std::map<model::Symbol, How>;

HowByName HowOf(const rules::CompiledProgram& program) {
  HowByName how = {{EnrolledCounter().name, How::kStays},
                   {SuspendedCounter().name, How::kLarger},
                   {CutCounter().name, How::kLarger},
                   {CameBackCounter().name, How::kLarger},
                   {InPartCounter().name, How::kLarger},
                   {CutIn(model::CounterKey{})[0].name, How::kLarger},
                   {ReferrerCounter().name, How::kMine},
                   {HiddenCounter().name, How::kLarger},
                   {TierClock().name, How::kLarger},
                   {AskedClock().name, How::kLarger},
                   {SweptClock().name, How::kNever},
                   {model::DueCounter().name, How::kNever}};
  for (const rules::MetricTerms& metric : program.metrics) {
    how[metric.counter] = how[metric.tally] = How::kMetric;
  }
  for (const rules::Badge& badge : program.badges) {
    if (!badge.told.empty()) how[badge.told] = How::kNever;
    if (badge.held.empty()) continue;
    how[badge.held] = How::kCohort;
    how[badge.held_last] = How::kLarger;
  }
  for (const rules::Quest& quest : program.quests) {
    if (quest.is_together()) continue;  // all of it adds up
    how[quest.joined_counter] = how[quest.done_counter] = How::kMetric;
    how[quest.before_counter] = How::kNever;
    for (const rules::QuestStep& step : quest.steps) {
      how[step.counter] = How::kMetric;
    }
  }
  for (const rules::Leaderboard& board : program.leaderboards) {
    if (board.cohort.empty()) continue;
    for (const model::Symbol name : board.scores()) how[name] = How::kCohort;
    how[board.cohort] = How::kCohort;
  }
  for (const rules::Grouping& grouping : program.groupings) {
    how[grouping.counter] = how[grouping.said] = How::kCohort;
  }
  for (const rules::Ladder& ladder : program.ladders) {
    how[ladder.kept] = How::kLarger;
    if (!ladder.tiers.has_value()) continue;
    how[ladder.tiers->reached] = How::kLarger;
    how[ladder.tiers->told] = How::kNever;
    for (const model::Symbol name :
         {ladder.tiers->hand, ladder.tiers->hand_from,
          ladder.tiers->hand_until}) {
      how[name] = How::kHand;
    }
  }
  return how;
}

How HowOf(const HowByName& how, const model::CounterKey& counter) {
  const auto found = how.find(counter.name);
  return found == how.end() ? How::kSum : found->second;
}

void AddCounter(Leg& leg, How how, const model::CounterKey& counter,
                int64_t value) {
  switch (how) {
    case How::kStays:
    case How::kNever:
    case How::kMetric:
    case How::kCohort:
    case How::kHand: return;
    case How::kLarger: {
      int64_t& now = leg.ChangingCounter(counter);
      now = std::max(now, value);
      return;
    }
    case How::kMine:
      if (leg.Counter(counter) == 0) leg.SetCounter(counter, value);
      return;
    case How::kSum: {
      int64_t& now = leg.ChangingCounter(counter);
      now = base::Sum(now, value).value_or(now);
      return;
    }
  }
}

// Which of two tiers that people gave stays: the higher one, until when it was
// to.
void KeepHigherByHand(Leg& leg, const model::Counters& theirs) {
  for (const rules::Ladder& ladder : leg.program.ladders) {
    if (!ladder.tiers.has_value()) continue;
    const rules::TierTerms& terms = *ladder.tiers;
    const auto came = theirs.find({.name = terms.hand});
    if (came == theirs.end()) continue;
    const int64_t mine = leg.Counter({.name = terms.hand});
    if (std::abs(came->second) <= std::abs(mine)) continue;
    for (const model::Symbol name :
         {terms.hand, terms.hand_from, terms.hand_until}) {
      const auto found = theirs.find({.name = name});
      leg.SetCounter({.name = name}, found == theirs.end() ? 0 : found->second);
    }
  }
}

// Who stays told both of them apart: they are one.
void TellApartOnce(Leg& leg, const model::CounterKey& tally,
                   const model::CounterKey& other) {
  const rules::MetricTerms* const metric = TalliedIn(leg.program, tally.name);
  if (metric == nullptr || metric->is_rolling() ||
      leg.state.entity.Counter(tally) <= 0 ||
      leg.state.entity.Counter(other) <= 0) {
    return;
  }
  leg.ChangingCounter(TallyOf(leg.program, *metric, other).counter) -= 1;
}

// What is counted for either of them is counted for who stays.
void AddCounters(Leg& leg, const model::EntityState& other) {
  const auto under_one = [&](model::CounterKey counter) {
    if (counter.key == other.entity) counter.key = leg.now.entity;
    return counter;
  };
  const HowByName how = HowOf(leg.program);
  for (const auto& [counter, value] : leg.state.entity.counters) {
    if (counter.key != other.entity) continue;
    const int64_t now = leg.Counter(under_one(counter));
    leg.SetCounter(under_one(counter), base::Sum(now, value).value_or(now));
    leg.SetCounter(counter, 0);
    TellApartOnce(leg, counter, under_one(counter));
  }
  model::Counters mine = leg.state.entity.counters;
  mine.Assign(leg.now.counters);
  model::Counters theirs;
  for (const auto& [counter, value] : other.counters) {
    const model::CounterKey under = under_one(counter);
    theirs[under] += value;
  }
  for (const auto& [counter, value] : theirs) {
    AddCounter(leg, HowOf(how, counter), counter, value);
  }
  KeepHigherByHand(leg, theirs);
  JoinCohorts(leg, theirs);
  JoinGroups(leg, theirs);
  JoinHoldings(leg, other, theirs);
  for (const auto& [counter, value] :
       MergedMetrics(leg.program, mine, theirs)) {
    leg.SetCounter(counter, value);
  }
}

bool IsTooMuch(int64_t a, int64_t b) {
  const auto sum = base::Sum(a, b);
  return !sum.has_value() || std::abs(*sum) > ledger::kMaxBalance;
}

// False, and an answer of no, if it is more than there may be.
bool AddHolding(Leg& leg, const rules::Currency& currency,
                const model::Holding& came, model::Position left) {
  const model::Holding held = leg.now.Held(currency.symbol);
  if (IsTooMuch(held.balance, came.balance) ||
      IsTooMuch(held.earned, came.earned)) {
    leg.Reject(RejectReason::kOutOfRange,
               absl::StrCat("both together have more ", currency.id,
                            " than a balance may be"));
    return false;
  }
  Move move{.kind = Movement::Kind::kMergeIn,
            .units = came.balance,
            .asked = came.balance,
            .of = left,
            .earned = came.earned};
  // A loss that the floor swallows was not earned, as in an award.
  const int64_t below =
      currency.has_lots ? 0 : currency.floor - held.balance - came.balance;
  if (below > 0) {
    move.units += below;
    move.earned += below;
    move.cut = CutReason::kFloor;
  }
  Post(leg, currency, move);
  return true;
}

bool AbsorbCurrency(Leg& leg, const rules::Currency& currency,
                    const Absorb& absorb) {
  const model::EntityState& other = *absorb.other;
  const auto left = absorb.left.find(currency.symbol);
  if (left == absorb.left.end()) return true;
  ledger::Came came;
  model::Lots theirs;
  if (currency.has_lots) {
    const auto lots = other.lots.find(currency.symbol);
    if (lots != other.lots.end()) theirs = lots->second;
    model::Lots& lots_here = LotsOf(leg, currency);
    ledger::Settle(lots_here, std::max(lots_here.clock, theirs.clock), came);
    PostCame(leg, currency, std::exchange(came, {}));
  }
  if (!AddHolding(leg, currency, other.Held(currency.symbol), left->second)) {
    return false;
  }
  if (!currency.has_lots) return true;
  ledger::Absorb(LotsOf(leg, currency), std::move(theirs), came);
  PostCame(leg, currency, came);
  return true;
}

// What both of them did of a quest beyond how often it can be done, in each of
// its periods.
void HaveDoneOnce(Leg& leg, int badge, const rules::Quest& quest) {
  if (quest.times == 0 || quest.is_together()) return;  // see GiveShare
  for (const auto& [counter, times] : leg.now.counters) {
    if (counter.name != quest.done_counter) continue;
    for (int64_t n = quest.times; n < times; ++n) {
      leg.decision.lost.push_back({.badge = badge,
                                   .member = leg.now.entity.id,
                                   .keeps_awards = true,
                                   .window = counter.window});
    }
  }
}

// A badge that is won once, and both had: one grant of it goes, though not what
// it awarded. Likewise of a quest.
void HaveOnce(Leg& leg, const rules::Currency& currency) {
  const int64_t held = leg.now.Held(currency.symbol).balance;
  if (held < 2) return;
  for (size_t i = 0; i < leg.program.badges.size(); ++i) {
    const rules::Badge& badge = leg.program.badges[i];
    if (&leg.program.currencies[badge.currency] != &currency) continue;
    if (badge.quest >= 0) {
      return HaveDoneOnce(leg, static_cast<int>(i),
                          leg.program.quests[badge.quest]);
    }
    if (badge.is_counted || badge.per_target) return;
    for (int64_t n = 1; n < held; ++n) {
      leg.decision.lost.push_back({.badge = static_cast<int>(i),
                                   .member = leg.now.entity.id,
                                   .keeps_awards = true});
    }
    return;
  }
}

}  // namespace

void Merge(Leg& leg) {
  const std::string& into = AskedText(leg.event, "into");
  if (!AreTwo(leg, into)) return;
  auto other = std::make_shared<model::EntityState>(leg.now);
  other->counters = leg.state.entity.counters;
  other->counters.Assign(leg.now.counters);
  Absorb absorb{.other = other};
  for (const rules::Currency& currency : leg.program.currencies) {
    const auto held = leg.now.holdings.find(currency.symbol);
    if (held == leg.now.holdings.end()) continue;
    const model::Holding had = held->second;
    absorb.left[currency.symbol] = leg.NextPosition();
    Post(leg, currency,
         {.kind = Movement::Kind::kMergeOut,
          .units = -had.balance,
          .earned = -had.earned});
    if (!currency.has_lots) continue;
    model::Lots& lots = LotsOf(leg, currency);
    lots = model::Lots{.clock = lots.clock};
  }
  for (const auto& [counter, value] : other->counters) {
    if (counter != EnrolledCounter()) leg.SetCounter(counter, 0);
  }
  leg.decision.messages.push_back({.entity = MemberEntity(into),
                                   .what = std::move(absorb),
                                   .actor = nullptr,
                                   .object = nullptr});
}

void AbsorbMember(Leg& leg, const Absorb& absorb) {
  if (!leg.now.exists) {
    return leg.Reject(RejectReason::kUnknownMember,
                      "who they are to be merged into is no member; a member "
                      "comes to be by a first event, or by loyalty.enroll");
  }
  leg.now.since = std::min(leg.now.since, absorb.other->since);
  AddCounters(leg, *absorb.other);
  // Limits of two are those of one now: what they left stands for neither.
  if (leg.Counter(CutCounter()) != 0) leg.SetCounter(CameBackCounter(), 1);
  for (const rules::Currency& currency : leg.program.currencies) {
    if (!AbsorbCurrency(leg, currency, absorb)) return;
    if (currency.is_badge) HaveOnce(leg, currency);
  }
  JoinPursuits(leg, *absorb.other);
  LookAtShares(leg, *absorb.other);
}

bool HasLeft(const Leg& leg) {
  return leg.event.type == kMerge && leg.message.If<Command>() != nullptr;
}

}  // namespace loyalty::core
