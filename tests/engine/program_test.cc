// SPDX-License-Identifier: Apache-2.0
//
// What a program tells about itself.
#include "loyalty/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kProgram[] = R"(
  name: "told" version: "1" time_zone: "Europe/Berlin"
  currency { id: "points" }
  event_type {
    id: "visit"
    attribute { name: "count" type: INT }
    attribute { name: "share" type: DOUBLE }
    attribute { name: "note" type: STRING personal: true }
    attribute { name: "first" type: BOOL }
    attribute { name: "since" type: TIME }
    attribute { name: "stay" type: DURATION }
    attribute { name: "guide" type: MEMBER }
    attribute { name: "places" type: OBJECT list: true }
  }
  event_type { id: "leave" }
)";

TEST(Program, TellsItsEventTypesInOrder) {
  const Program program = MustRead(kProgram);
  EXPECT_THAT(program.event_types(), ElementsAre("visit", "leave"));
}

TEST(Program, TellsTheAttributesOfAnEventType) {
  const Program program = MustRead(kProgram);
  std::vector<std::string> names;
  std::vector<DeclaredAttribute::Type> types;
  for (const DeclaredAttribute& attribute : program.attributes("visit")) {
    names.push_back(attribute.name);
    types.push_back(attribute.type);
    EXPECT_EQ(attribute.list, attribute.name == "places");
  }
  using enum DeclaredAttribute::Type;
  EXPECT_THAT(names, ElementsAre("count", "share", "note", "first", "since",
                                 "stay", "guide", "places"));
  EXPECT_THAT(types, ElementsAre(kInt, kDouble, kString, kBool, kTime,
                                 kDuration, kMember, kObject));
  EXPECT_THAT(program.attributes("leave"), IsEmpty());
  EXPECT_THAT(program.attributes("nonsense"), IsEmpty());
}

TEST(Program, TellsItsTimeZone) {
  EXPECT_EQ(MustRead(kProgram).time_zone().name(), "Europe/Berlin");
}

TEST(Program, TakesItsOwnAndTheReservedTypes) {
  const Program program = MustRead(kProgram);
  EXPECT_TRUE(program.Takes("visit"));
  EXPECT_TRUE(program.Takes("loyalty.reverse"));
  EXPECT_FALSE(program.HasEventType("loyalty.reverse"));
  EXPECT_FALSE(program.Takes("loyalty.nonsense"));
  EXPECT_FALSE(program.Takes("nonsense"));
}

}  // namespace
}  // namespace loyalty::testing
