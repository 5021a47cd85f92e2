// SPDX-License-Identifier: Apache-2.0
//
// Leg: one call of Apply as it unfolds: what the entity was, what it has become
// so far, and the Decision being written. Shared by the files of core that each
// decide one kind of thing; not for other rooms.
#ifndef LOYALTY_LIB_CORE_LEG_H_
#define LOYALTY_LIB_CORE_LEG_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/apply.h"
#include "core/message.h"
#include "ledger/lots.h"
#include "ledger/terms.h"
#include "rules/compiled.h"
#include "rules/frame.h"

namespace loyalty::core {

// What `make` returns, for containers that make what they hold from what they
// are given: it is made in its place, and neither moved nor zeroed before.
template <typename Make>
struct InPlace {
  const Make& make;
  // NOLINTNEXTLINE(google-explicit-constructor): that is what it is for.
  operator std::invoke_result_t<Make>() const { return make(); }
};

struct Leg {
  Leg(const Cause& cause, const State& state, const Message& message,
      Decision& decision);

  const Cause& cause;
  const rules::CompiledProgram& program;
  const Event& event;
  const Message& message;
  const State& state;

  Decision& decision;
  // As it stands now; of counters, those that changed. What the decision will
  // have as `after`.
  model::EntityState& now;
  const size_t first_movement;  // of this leg, in the decision
  const size_t first_effect;    // likewise
  const size_t first_message;   // likewise

  // As it stood when the leg began, with opening units, and all done that was
  // due.
  const model::EntityState& before() const {
    return begun.has_value() ? *begun : state.entity;
  }
  std::optional<model::EntityState> begun;  // if that differs from `state`
  // Sets it to what the leg has made by now.
  void BeginHere();
  // As if the leg had done nothing yet; its notes stay.
  void StartAgain();
  // Whether the member was suspended then, once somebody has asked
  // (membership.h).
  std::optional<bool> suspended;

  int64_t Counter(const model::CounterKey& counter) const {
    const auto changed = now.counters.find(counter);
    return changed != now.counters.end() ? changed->second
                                         : state.entity.Counter(counter);
  }

  void Report(Effect effect) { decision.effects.push_back(std::move(effect)); }
  // The same, but made where it will be: awards are many.
  template <typename Make>
  void ReportAward(const Make& make) {
    decision.effects.emplace_back(std::in_place_type<Awarded>,
                                  InPlace<Make>{make});
  }
  void Reject(RejectReason reason, std::string sentence) {
    decision.rejected = reason;
    decision.reason = std::move(sentence);
  }
  void Note(std::string rule, std::string text) {
    decision.notes.push_back({std::move(rule), std::move(text)});
  }

  void SetCounter(const model::CounterKey& counter, int64_t value) {
    now.counters[counter] = value;
  }

  // The counter as it will stand, which is to be changed.
  int64_t& ChangingCounter(const model::CounterKey& counter) {
    const auto [value, is_new] = now.counters.TryEmplace(counter);
    if (is_new) *value = state.entity.Counter(counter);
    return *value;
  }

  // A movement behind those that there are, made where it will be.
  template <typename Make>
  model::Movement& NewMovement(const Make& make) {
    return decision.movements.emplace_back(InPlace<Make>{make});
  }
  // Adds the last movement to the holding; fills in whose it is, balance and
  // earned.
  void Move(model::Movement& movement);
  // The same, of which `earned` counts as earned.
  void Move(model::Movement& movement, int64_t earned);
  // Likewise, who has the holding at hand.
  void Move(model::Holding& held, model::Movement& movement, int64_t earned);
  // Where the next movement will be.
  model::Position NextPosition() const {
    return {.seq = cause.seq,
            .n = static_cast<int32_t>(decision.movements.size())};
  }
  bool HasMoved() const { return decision.movements.size() > first_movement; }

  bool IsMember() const {
    return now.entity.kind == model::Entity::Kind::kMember;
  }
  bool EarnsNothing(const std::string& member) const {
    return program.never_earns.contains(member);
  }

 private:
  void StartAsBefore();
};

// member.cc: a member named for the first time exists, with opening units.
void BeginMember(Leg& leg);

// apply.cc: what an entity is before anything is decided about it.
void Begin(Leg& leg);

// metric.cc: adds what the event counts at this entity.
void Count(Leg& leg);
// Takes back what an earlier event told apart at this entity.
//
// `seq` is that event's entry.
void Uncount(Leg& leg, const std::vector<Counted>& tallied, int64_t seq);

// Changes how often the metric has met the value of `tally`, and what follows.
void Retally(Leg& leg, const rules::MetricTerms& metric,
             const model::CounterKey& tally, int64_t more);

// streaks.cc: says that a streak got longer by what the leg counted.
void TellStreak(Leg& leg, const Counted& counted);
// The command.
void FreezeStreak(Leg& leg);

// quests.cc: at the end of a review, joins the quests that members join by
// themselves, counts the event for those they have joined, and gives what is
// done. `frame` has the member's standing.
void ReviewQuests(Leg& leg, const Review& review, const rules::Frame& frame);
// Takes back what an earlier event counted for a step.
void UncountStep(Leg& leg, const Counted& counted, int64_t seq);
// At who has just taken in all of `other`: values that quests wait for have
// come as far as both had, whatever they are now.
void JoinPursuits(Leg& leg, const model::EntityState& other);
// A quest is not done after all.
void UndoQuest(Leg& leg, const LoseBadge& lose);
// The commands.
void JoinQuest(Leg& leg);
void LeaveQuest(Leg& leg);

// award.cc: gives one award to the member of this leg.
void GiveAward(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
               int award);

// multiply.cc: what multipliers make of `units`, with a note; nullopt, likewise
// with one, if that is more than an award may be.
std::optional<int64_t> Multiplied(Leg& leg, const rules::Frame& frame,
                                  const rules::Rule& rule,
                                  const rules::Award& award, int64_t units);

// award.cc: gives what budgets granted.
void GiveGranted(Leg& leg, const Granted& granted);

// pool.cc: sends an award on to the program, and answers there.
void AskPool(Leg& leg, AskedAward asked);
void AnswerForBudgets(Leg& leg, const AskBudgets& ask);
// The same of earlier awards, to which limits give something back.
void AnswerAgain(Leg& leg, const AskAgain& ask);

// asking.cc: asks the rules of the event's type and sends what they mean for
// others on its way.
void AskRules(Leg& leg);

// Whether any of the awards has something to ask of the standings that the
// message carries.
bool ReadsFrame(const rules::EventType& type, const ReachMember& reach);

// Whether a text names a member: who was erased is still named by entries of
// before, but not by a text.
bool IsMemberId(const Leg& leg, std::string_view id);

// commands.cc: units that the end of a season gives.
void GivePrize(Leg& leg, const rules::Currency& currency, int64_t units,
               model::Symbol source);
// badges.cc: the badge of that number that it gives, unless it is held.
void WinBadge(Leg& leg, int badge);

// badges.cc: says whose badges are to be asked, at the end of a leg; asks them;
// takes one back.
void CallReviews(Leg& leg);
void ReviewBadges(Leg& leg, const Review& review);
void TakeBadge(Leg& leg, const LoseBadge& lose);
// One of them, with what it awards; of an object that is not the event's own
// to say, `subject`.
void WinBadge(Leg& leg, const rules::Frame& frame,
              const rules::AskedBadge& asked,
              std::optional<std::string> subject = {});
// The same by hand: the commands.
void GrantBadge(Leg& leg, const Command& command);
void RevokeBadge(Leg& leg, const Command& command);

// The same by an event of before.
void BringBadge(Leg& leg, const CaughtUp::Grant& grant);

// catch_up.cc: brings the entity what an event of type kCatchUp says.
void BringUp(Leg& leg, const CaughtUp& what);
void BringAward(Leg& leg, const CaughtUp::Award& award);

// undo.cc: the floor and cap of a currency as they were for each entry of its
// history.
ledger::TermsInTime TermsOf(const Leg& leg, const rules::Currency& currency);

// lots.cc: does what is due at this member up to the event's time.
void SettleLots(Leg& leg);
// The lots of a currency that has any, settled.
model::Lots& LotsOf(Leg& leg, const rules::Currency& currency);
// A movement of units that are not earned, and an effect that says the same.
// `units` is what it posts; for holds and releases 0, and `asked` says how many
// it is about.
struct Move {
  model::Movement::Kind kind = model::Movement::Kind::kExpiry;
  model::Symbol source = {};
  int64_t units = 0;
  int64_t asked = 0;
  std::optional<model::Position> of = {};
  absl::Time vests = absl::InfinitePast();
  absl::Time expires = absl::InfiniteFuture();
  int64_t earned = 0;  // how much of it counts as earned
  // Of a write-off: how much of the debts it forgives. The rest of `units`
  // follows from what others forgave.
  int64_t forgives = 0;
  CutReason cut = CutReason::kNone;
  int64_t code = 0;  // of a fulfilment: which code proved it; 0 if all of it is
                     // handed over
};
void Post(Leg& leg, const rules::Currency& currency, const Move& move);
// Says what a change of lots came to besides: units that expired, holds that
// ended.
void PostCame(Leg& leg, const rules::Currency& currency,
              const ledger::Came& came);
// When units that come at the event's time expire.
absl::Time ExpiryOf(const Leg& leg, const rules::LotTerms& terms);
// Puts what an award posts into the lots of its currency, or takes it out.
ledger::Came GiveLot(Leg& leg, const rules::Currency& currency,
                     const rules::LotTerms& terms, model::Movement& movement);
// Posts a reversal that leaves the member with `units` less or more.
void PostReversal(Leg& leg, const rules::Currency& currency,
                  std::vector<model::Position> undone, int64_t units,
                  int64_t earned, const std::optional<Part>& part);
// Undoes awards in such a currency, whose history is as it was limited before,
// and as it is then. False, with nothing done, if the currency rather refuses.
absl::StatusOr<bool> UndoInLots(Leg& leg, const rules::Currency& currency,
                                const std::vector<model::Position>& awards,
                                const std::vector<model::GivenAward>& before,
                                const std::vector<model::GivenAward>& after,
                                const std::optional<Part>& part = {});
// Makes what the history, and what the leg has moved, come to what the member
// has: after a movement that what funds others hangs on.
absl::Status Rework(Leg& leg, const rules::Currency& currency);

// commands.cc: what a host asks for; redeeming.cc: of rewards.
absl::Status RunCommand(Leg& leg, const Command& command);
void ReceiveUnits(Leg& leg, const Receive& receive);
void Redeem(Leg& leg);
void EndHolds(Leg& leg, const Command& command);
absl::Status GiveBack(Leg& leg, const Command& command);
void Fulfil(Leg& leg, const Command& command);
void ChangeStock(Leg& leg, const TakeStock& take);
// The same as Fulfil, by the code that proves it, which is good once.
void UseVoucher(Leg& leg, const Command& command);

// vouchers.cc: which codes there are, and whose they are, at the program.
// To a redemption, or what was captured of it: so many.
void IssueVouchers(Leg& leg, const rules::Reward& reward,
                   const TakeStock& take);
// Notes by which key the redemption's codes are.
void RememberKey(Leg& leg);
void GiveImportedCode(Leg& leg, const GiveCode& give);
void AddImportedCode(Leg& leg);
void CheckCode(Leg& leg, const PresentCode& present);

// parts.cc: what `undo` keeps of its awards, but for those of which no more is
// left than that.
std::vector<Part> PartsToKeep(const Leg& leg, const Undo& undo);
// The history, with what is left of that award.
std::vector<model::GivenAward> WithPart(std::vector<model::GivenAward> history,
                                        const Part& part);

// undo.cc: undoes awards and uses of counters.
absl::Status UndoAwards(Leg& leg, const Undo& undo);

// ladder.cc: says which levels the leg reached or lost.
void StepLevels(Leg& leg);
// The steps from one level of a ladder to another.
void ReportSteps(Leg& leg, const rules::Ladder& ladder, int from, int to,
                 LevelChanged::Why why);

// tiers.cc: says which tiers have changed as time passed, before anything else
// is decided; counts what the leg earned, and says which tiers that changed.
// Then notes when a sweep has something to tell, of badges that time brings,
// too.
void SettleTiers(Leg& leg);
void StepTiers(Leg& leg);
// By hand: the commands.
void AssignTier(Leg& leg);
void UnassignTier(Leg& leg);

// invariants.cc: I1 to I3 of what the leg decided.
absl::Status CheckInvariants(const Leg& leg);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_LEG_H_
