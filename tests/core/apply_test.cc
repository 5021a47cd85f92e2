// SPDX-License-Identifier: Apache-2.0
//
// One leg at a time: what a message does to one entity, and what it sends on.
#include "core/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/counters.h"
#include "core/forum.h"
#include "core/leg.h"
#include "core/plan.h"

namespace loyalty::core {
namespace {

using ::testing::HasSubstr;

class Legs : public ::testing::Test {
 protected:
  Decision Decide(const Message& message, State state) {
    absl::StatusOr<Decision> decision = Apply(cause_, state, message);
    EXPECT_TRUE(decision.ok()) << decision.status();
    return *std::move(decision);
  }

  State Empty(const model::Entity& entity) {
    State state;
    state.entity.entity = entity;
    return state;
  }

  std::shared_ptr<const rules::CompiledProgram> program_ = Forum();
  Event event_ = Like("e1");
  Cause cause_{*program_, event_};
};

TEST_F(Legs, EnterAtTheActorAndLeaveForObjectAndOwner) {
  const Message enter = EnterMessage(cause_);
  EXPECT_EQ(enter.entity, MemberEntity("ada"));
  const Decision decision = Decide(enter, Empty(enter.entity));
  ASSERT_EQ(decision.messages.size(), 2u);
  EXPECT_EQ(decision.messages[0].entity, ObjectEntity("post"));
  EXPECT_EQ(decision.messages[1].entity, MemberEntity("grace"));
  // The opening units and the actor's own point; the owner's are not here.
  EXPECT_EQ(decision.movements.size(), 2u);
  EXPECT_EQ(decision.after.Held("points").balance, 1);
}

TEST_F(Legs, EnterAtTheObjectWithoutAnActor) {
  event_.actor.reset();
  cause_ = Cause(*program_, event_);
  const Message enter = EnterMessage(cause_);
  EXPECT_EQ(enter.entity, ObjectEntity("post"));
  const Decision decision = Decide(enter, Empty(enter.entity));
  EXPECT_EQ(decision.after.Counter({.name = "metric:likes"}), 1);
  ASSERT_EQ(decision.messages.size(), 1u);
  EXPECT_EQ(decision.messages[0].entity, MemberEntity("grace"));
}

TEST_F(Legs, GiveTheRecipientTheirAward) {
  const Decision first =
      Decide(EnterMessage(cause_), Empty(MemberEntity("ada")));
  const Message& to_owner = first.messages[1];
  State state = Empty(to_owner.entity);
  const Decision decision = Decide(to_owner, state);
  EXPECT_EQ(decision.after.Held("rep").balance, 11);
  EXPECT_TRUE(decision.after.exists);
  EXPECT_EQ(decision.after.since, event_.time);
}

TEST_F(Legs, DecideTheSameFromTheSame) {
  const Message enter = EnterMessage(cause_);
  const Decision a = Decide(enter, Empty(enter.entity));
  const Decision b = Decide(enter, Empty(enter.entity));
  EXPECT_EQ(a.after, b.after);
  EXPECT_EQ(a.movements, b.movements);
  EXPECT_EQ(a.effects, b.effects);
}

TEST_F(Legs, ReadOnlyWhatWasPlanned) {
  const Message enter = EnterMessage(cause_);
  const model::ReadSet plan = Plan(cause_, enter);
  std::set<std::string> names;
  for (const model::CounterKey& key : plan.counters) {
    names.insert(key.name.text());
  }
  EXPECT_EQ(names, (std::set<std::string>{"limit:liked/1/day/times",
                                          "member:suspended"}));
  // Whatever else the entity has counted changes nothing.
  State state = Empty(enter.entity);
  const Decision without = Decide(enter, state);
  state.entity.counters[{.name = "cap:rep"}] = 999;
  EXPECT_EQ(Decide(enter, state).effects, without.effects);
}

TEST_F(Legs, UndoFromTheHistoryTheyAreGiven) {
  model::Movement award;
  award.at = {.seq = 1, .n = 0};
  award.member = "grace";
  award.currency = "rep";
  award.rule = "liked";
  award.asked = award.limited = award.units = 10;
  award.balance = award.earned = 11;
  award.cap_window = 0;
  award.cap_used = 10;
  State state = Empty(MemberEntity("grace"));
  state.entity.exists = true;
  state.entity.holdings["rep"] = {.balance = 11, .earned = 11};
  const Message undo{.entity = state.entity.entity,
                     .what = Undo{.awards = {award}}};
  EXPECT_EQ(Apply(cause_, state, undo).status().code(),
            absl::StatusCode::kInternal);  // the history was not loaded
  state.history["rep"] = {{.movement = award, .reversed = false}};
  const Decision decision = Decide(undo, state);
  EXPECT_EQ(decision.after.Held("rep").balance, 1);
  EXPECT_EQ(decision.movements[0].reverses,
            std::vector<model::Position>{award.at});
}

TEST_F(Legs, AreRefusedWhereAnInvariantWouldBreak) {
  const Message enter = EnterMessage(cause_);
  State state = Empty(enter.entity);
  state.entity.exists = true;
  state.entity.holdings["rep"] = {.balance = 5, .earned = 5};
  Decision decision;
  Leg leg(cause_, state, enter, decision);
  EXPECT_TRUE(CheckInvariants(leg).ok());
  leg.now.holdings["rep"].balance = 6;
  EXPECT_THAT(std::string(CheckInvariants(leg).message()), HasSubstr("I2"));
  leg.now = state.entity;
  leg.Move(leg.NewMovement([] {
    return model::Movement{.currency = "rep", .rule = "liked", .units = -5};
  }));
  EXPECT_THAT(std::string(CheckInvariants(leg).message()), HasSubstr("I3"));
}

}  // namespace
}  // namespace loyalty::core
