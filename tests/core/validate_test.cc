// SPDX-License-Identifier: Apache-2.0
//
// Canonical events: what is one event and what are two.
#include "core/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/forum.h"

namespace loyalty::core {
namespace {

using ::testing::HasSubstr;

TEST(Canonical, CutsTimesToMicroseconds) {
  Event event = Like("e1");
  event.time += absl::Nanoseconds(1999);
  EXPECT_EQ(Canonicalized(*Forum(), event)->time,
            Like("e1").time + absl::Microseconds(1));
}

TEST(Canonical, KeepsWhatTheProgramDoesNotDeclare) {
  Event event = Like("e1");
  event.attributes.emplace("mood", Value::Map{{"joy", 5}});
  EXPECT_EQ(*Canonicalized(*Forum(), event), event);
}

TEST(Canonical, IsCanonicalAgain) {
  const auto once = Canonicalized(*Forum(), Like("e1"));
  ASSERT_TRUE(once.ok());
  EXPECT_EQ(*Canonicalized(*Forum(), *once), *once);
}

TEST(Canonical, RefusesNestingWithoutEnd) {
  Value value = 1;
  for (int i = 0; i < 40; ++i) value = Value::List{value};
  Event event = Like("e1");
  event.attributes.emplace("deep", value);
  EXPECT_THAT(std::string(Canonicalized(*Forum(), event).status().message()),
              HasSubstr("attributes.deep: is nested deeper than 32"));
}

TEST(Canonical, RefusesCommandsWithoutWhatTheyAreAbout) {
  Event event{.id = "r", .type = std::string(kReverse)};
  EXPECT_THAT(std::string(Canonicalized(*Forum(), event).status().message()),
              HasSubstr("attributes.event: is missing"));
}

TEST(DifferingField, IsNoneOfEqualEvents) {
  EXPECT_EQ(DifferingField(Like("e1"), Like("e1")), "");
}

TEST(DifferingField, NamesTheFirst) {
  Event other = Like("e1");
  other.channel = "web";
  other.attributes.clear();
  EXPECT_EQ(DifferingField(Like("e1"), other), "channel");
}

}  // namespace
}  // namespace loyalty::core
