// SPDX-License-Identifier: Apache-2.0
//
// What a badge may say together, and which events it is asked of.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiling.h"

namespace loyalty::rules {
namespace {

std::string SaidOfBadge(std::string_view badge) {
  return SaidOf(
      "event_type { id: 'e' attribute { name: 'n' type: INT required: true } "
      "}\n"
      "metric { id: 'm' on: 'e' } metric { id: 'o' on: 'e' per: 'target' }\n"
      "badge { id: 'b' " +
      std::string(badge) + " }");
}

TEST(Badges, HaveOneConditionThatFitsWhereItIsAsked) {
  EXPECT_EQ(SaidOfBadge("when: 'metric.m > 1'"), "");
  EXPECT_EQ(SaidOfBadge("on: 'e' when: 'object.metric.o > 1'"), "");
  EXPECT_EQ(SaidOfBadge("manual: true"), "");
  EXPECT_EQ(SaidOfBadge(""),
            "4:13 badge \"b\" has no condition | Add  when: "
            "\"metric.comments >= 10\", or  manual: true");
  EXPECT_EQ(SaidOfBadge("when: 'true' count: '1'"),
            "4:37 badge \"b\" says both when and count | One of them: when is "
            "once, count is how many.");
  EXPECT_EQ(SaidOfBadge("when: 'true' manual: true"),
            "4:13 badge \"b\" is given by hand only, and has a condition | "
            "Leave manual out: by hand it can be given all the same.");
  EXPECT_EQ(SaidOfBadge("when: 'object.metric.o > 1'"),
            "4:23 badge \"b\" reads object.*, and is on no event type | Say  "
            "on:  which events may win it, and  to:  who does.");
  EXPECT_EQ(
      SaidOfBadge("on: 'e' when: 'actor.metric.m > 1' to: 'event.id'"),
      "4:32 badge \"b\", when: undeclared reference to 'actor.metric.m' | "
      "A badge is asked of whoever would win it: what they have is  "
      "metric.*, level.*  and so on. Nothing is known of the actor.");
  EXPECT_EQ(SaidOfBadge("on: 'e' when: 'object.metric.o > metric.m'"),
            "4:31 badge \"b\" is asked at the object, and reads what a member "
            "has | Read object.* and the event, or what the member has.");
  EXPECT_EQ(SaidOfBadge("on: 'e' when: 'object.metric.o > 1' revoke: true"),
            "4:61 badge \"b\" reads object.*, and is revoked for whichever "
            "object | Say  per: \"target\", or read a metric of the member.");
  EXPECT_EQ(SaidOfBadge("on: 'e' per: 'actor'"),
            "4:30 badge \"b\" is per what is no \"target\" | Use \"target\": "
            "once for each object. Default: once.");
}

TEST(Badges, AreAskedOfAnObjectOfTheEvent) {
  const auto said = [](const std::string& badge) {
    return SaidOf(
        "event_type { id: 'e' attribute { name: 'q' type: OBJECT } }\n"
        "metric { id: 'm' on: 'e' per: 'event.q' }\n"
        "badge { id: 'b' on: 'e' when: 'object.metric.m > 1' " +
        badge + " }");
  };
  EXPECT_EQ(said(""), "");
  EXPECT_EQ(said("per: 'target'"), "");
  EXPECT_NE(said("per: 'target' revoke: true")
                .find("4:75 badge \"b\" reads metrics of another object than "
                      "the target, and is revoked | Let it be kept, or read "
                      "metrics that are kept per target."),
            std::string::npos);
}

TEST(Badges, HoldUnitsThatNothingElseMoves) {
  EXPECT_NE(SaidOf("event_type { id: 'e' } badge { id: 'b' on: 'e' }\n"
                   "rule { id: 'r' on: 'e' award { currency: 'badge:b' "
                   "units: '1' } }")
                .find("currency \"badge:b\" is not declared"),
            std::string::npos);
}

std::vector<std::string> TypesThatAsk(const CompiledProgram& program) {
  std::vector<std::string> types;
  for (const EventType& type : program.event_types) {
    if (!type.badges.empty()) types.push_back(type.id);
  }
  return types;
}

TEST(Badges, AreAskedOfEventsThatMayConcernThem) {
  const std::string program =
      "event_type { id: 'counts' } event_type { id: 'pays' } "
      "event_type { id: 'other' } metric { id: 'm' on: 'counts' } "
      "rule { id: 'r' on: 'pays' award { currency: 'points' units: '1' } } ";
  const auto asked = [&](const std::string& badges) {
    return TypesThatAsk(*MustCompile(program + badges));
  };
  using Types = std::vector<std::string>;
  EXPECT_EQ(asked(""), Types());
  EXPECT_EQ(asked("badge { id: 'b' when: 'metric.m > 1' }"), Types{"counts"});
  EXPECT_EQ(asked("badge { id: 'b' when: 'earned.points > 1' }"),
            Types{"pays"});
  EXPECT_EQ(asked("badge { id: 'b' on: 'other' }"), Types{"other"});
  EXPECT_EQ(asked("badge { id: 'b' when: 'member.since < event.time' }"),
            (Types{"counts", "pays", "other"}));
  // What one gives may win the next.
  EXPECT_EQ(asked("badge { id: 'b' when: 'earned.points > 1' } "
                  "badge { id: 'c' on: 'other' "
                  "award { currency: 'points' units: '1' } }"),
            (Types{"pays", "other"}));
  EXPECT_EQ(asked("badge { id: 'b' when: 'badge.c > 0' } "
                  "badge { id: 'c' when: 'metric.m > 1' }"),
            Types{"counts"});
}

}  // namespace
}  // namespace loyalty::rules
