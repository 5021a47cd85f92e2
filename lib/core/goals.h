// SPDX-License-Identifier: Apache-2.0
//
// Goals: quests that many do together, a team or all members.
//
// What is done is counted at the team's object, or at the program: in all, by
// step, and by member, which says who took part. Each member has their own part
// as well, and how often they were given what it gives, kept apart by the team.
// All of it are sums over events, in the window of the quest's period, so that
// late events, reversals and merges need nothing of their own. How often it is
// met follows from the first; of what that gives a member has a share each time
// that their own part is another `min_contribution`. So what everybody is due
// does not depend on the order in which events come, nor on who is told first,
// and to give it twice gives it once.
#ifndef LOYALTY_LIB_CORE_GOALS_H_
#define LOYALTY_LIB_CORE_GOALS_H_

#include <cstddef>
#include <cstdint>

#include "core/message.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// So many members are given their share in one entry, at most.
inline constexpr size_t kMostShares = 1000;

// One quest, in one window, of one team or of all.
struct Goal {
  const rules::Quest& quest;
  int64_t window = 0;
  const model::Entity& of;

  // There: how often it was met, and how much a member has done.
  model::CounterKey Met() const;
  model::CounterKey By(const model::Entity& member) const;
  model::CounterRange ByAll() const;
  // At a member: how much they have done, and how often they had their share.
  model::CounterKey OwnPart() const;
  model::CounterKey Shared() const;
  // At the program: the entry since which shares wait for Engine::ShareGoals.
  model::CounterKey Left() const;
};

// How often a member who has done `own` is to have a share of what was met so
// often.
int64_t SharesDue(const rules::Quest& quest, int64_t met, int64_t own);

// How far a step is towards being met once more, of which `done` was done.
int64_t StepProgress(const rules::Quest& quest, const rules::QuestStep& step,
                     int64_t met, int64_t done);

// Adds what a leg reads that changes such counters of its entity.
void ListGoals(const rules::CompiledProgram& program, model::ReadSet& read);

// Sends the event on to the goals that it counts for.
void SendToGoals(Leg& leg);
// At one of them: counts it.
void CountForGoals(Leg& leg);
// Once an entity has changed that goals are of: says which were met, or are no
// longer, and whose shares are to be looked at.
void StepGoals(Leg& leg);
// At a member: gives what is due, or takes it back.
void GiveShare(Leg& leg, const ShareGoal& share);
// At who has just taken in all of `other`, or may have a share again and has
// all that `other` has: what they are due of that is to be looked at.
void LookAtShares(Leg& leg, const model::EntityState& other);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_GOALS_H_
