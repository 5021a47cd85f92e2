// SPDX-License-Identifier: Apache-2.0
//
// How groups are numbered, to the last one that there may be.
#include "core/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/apply.h"
#include "core/cause.h"

namespace loyalty::core {
namespace {

using ::testing::HasSubstr;

class NumberOfAGroup : public ::testing::Test {
 protected:
  NumberOfAGroup() {
    program_.groupings = {{.attribute = "city",
                           .counter = "group:city",
                           .said = "group:city/said"}};
  }

  // Where so many are numbered already.
  Decision Named(const std::string& name, int64_t groups) {
    const Event event{.id = "e1", .type = "moved"};
    const Cause cause(program_, event, 7);
    State state;
    state.entity.counters[GroupCounter(program_.groupings[0])] = groups;
    state.entity.counters[GroupNumberCounter(program_.groupings[0], "Bern")] =
        1;
    return *Apply(
        cause, state,
        {.entity = {}, .what = NumberGroup{.grouping = 0, .name = name}});
  }
  int64_t NumberAfter(const Decision& decision, const std::string& name) {
    return decision.after.Counter(
        GroupNumberCounter(program_.groupings[0], name));
  }

  rules::CompiledProgram program_;
};

TEST_F(NumberOfAGroup, IsTheNextOneWithTheEntryThatNamedIt) {
  const Decision decision = Named("Genf", 1);
  EXPECT_EQ(NumberAfter(decision, "Genf"), 2);
  EXPECT_EQ(decision.after.Counter(GroupNamedCounter(program_.groupings[0], 2)),
            7);
  EXPECT_FALSE(Named("Bern", 1).changed);
}

TEST_F(NumberOfAGroup, EndsWithTheWindowsOfTheShortestSeason) {
  EXPECT_EQ(NumberAfter(Named("Genf", rules::kMostGroups - 1), "Genf"),
            rules::kMostGroups);
  const Decision decision = Named("Genf", rules::kMostGroups);
  EXPECT_FALSE(decision.changed);
  ASSERT_EQ(decision.notes.size(), 1u);
  EXPECT_THAT(decision.notes.front().text, HasSubstr("80000 groups already"));
}

}  // namespace
}  // namespace loyalty::core
