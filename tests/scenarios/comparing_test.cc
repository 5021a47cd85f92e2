// SPDX-License-Identifier: Apache-2.0
//
// An outcome as lines, and what of two lists of lines differs.
#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario_effects.h"

namespace loyalty::command {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Lines(const std::vector<Expectation>& expectations) {
  std::vector<std::string> lines;
  for (const Expectation& one : expectations) lines.push_back(AsLine(one));
  return lines;
}

std::vector<std::string> LinesOf(Effect effect) {
  return Lines(Described(effect));
}

Expectation Award(int units, std::string rule = "", int line = 0) {
  return {.words = {"award", "ana", "points", std::to_string(units)},
          .rule = std::move(rule),
          .line = line};
}

Awarded Asked(int64_t asked, int64_t units, CutReason cut) {
  return {.member = "ana",
          .currency = "points",
          .rule = "visit",
          .asked = asked,
          .limited = asked,
          .units = units,
          .cut = cut};
}

TEST(AnEffect, IsALine) {
  EXPECT_THAT(
      LinesOf(Opened{.member = "ana", .currency = "points", .units = 1}),
      ElementsAre("open ana points 1"));
  EXPECT_THAT(
      LinesOf(Reversed{
          .member = "ana", .currency = "points", .units = -7, .awards = 2}),
      ElementsAre("reverse ana points -7"));
  EXPECT_THAT(
      LinesOf(LevelChanged{
          .member = "ana", .ladder = "path", .from = "new", .to = "known"}),
      ElementsAre("level ana path new -> known"));
}

TEST(AnAward, IsWhatWasPostedAndWhatWasCutOff) {
  EXPECT_THAT(LinesOf(Asked(5, 5, CutReason::kNone)),
              ElementsAre("award ana points 5 rule=visit"));
  EXPECT_THAT(LinesOf(Asked(5, 2, CutReason::kDailyCap)),
              ElementsAre("award ana points 2 rule=visit",
                          "cut ana points 3 daily_cap rule=visit"));
  EXPECT_THAT(LinesOf(Asked(5, 0, CutReason::kLimit)),
              ElementsAre("cut ana points 5 limit rule=visit"));
  EXPECT_THAT(LinesOf(Asked(-5, -2, CutReason::kFloor)),
              ElementsAre("award ana points -2 rule=visit",
                          "cut ana points -3 floor rule=visit"));
}

TEST(AnAward, ToNobodyIsADash) {
  Awarded award = Asked(5, 0, CutReason::kNoRecipient);
  award.member = "";
  EXPECT_THAT(LinesOf(award),
              ElementsAre("cut - points 5 no_recipient rule=visit"));
}

TEST(AnOutcome, ThatIsNoneOfEffectsStandsAlone) {
  EXPECT_THAT(Lines(Described(absl::InvalidArgumentError("type: unknown"))),
              ElementsAre("malformed"));
  EXPECT_THAT(Lines(Described(Outcome{})), ElementsAre("none"));
  EXPECT_THAT(Lines(Described(Outcome{.rejected = RejectReason::kAhead})),
              ElementsAre("reject ahead"));
  Outcome repeat{.effects = {Asked(5, 5, CutReason::kNone)}, .repeat = true};
  EXPECT_THAT(Lines(Described(repeat)), ElementsAre("repeat"));
}

TEST(Lines, NeedNoOrder) {
  EXPECT_TRUE(Compared({Award(1), Award(2)}, {Award(2), Award(1)}).agrees());
}

TEST(Lines, ThatComeTwiceAreTwo) {
  const Comparison fewer = Compared({Award(1), Award(1)}, {Award(1)});
  EXPECT_THAT(Lines(fewer.missing), ElementsAre("award ana points 1"));
  EXPECT_THAT(fewer.unexpected, IsEmpty());
  const Comparison more = Compared({Award(1)}, {Award(1), Award(1)});
  EXPECT_THAT(more.missing, IsEmpty());
  EXPECT_THAT(Lines(more.unexpected), ElementsAre("award ana points 1"));
}

TEST(Lines, ThatNameARuleChooseBeforeThoseThatDoNot) {
  EXPECT_TRUE(
      Compared({Award(1), Award(1, "a")}, {Award(1, "a"), Award(1, "b")})
          .agrees());
  const Comparison other = Compared({Award(1, "b")}, {Award(1, "a")});
  EXPECT_THAT(Lines(other.missing), ElementsAre("award ana points 1 rule=b"));
  EXPECT_THAT(Lines(other.unexpected),
              ElementsAre("award ana points 1 rule=a"));
}

TEST(Notices, NeedNotBeListed) {
  const Expectation notice = {.words = {"notice", "ana", "level_reached"}};
  EXPECT_TRUE(Compared({Award(1)}, {Award(1), notice}).agrees());
  EXPECT_TRUE(Compared({Award(1), notice}, {Award(1), notice}).agrees());
  EXPECT_THAT(Lines(Compared({Award(1), notice}, {Award(1)}).missing),
              ElementsAre("notice ana level_reached"));
}

TEST(Lines, ThatAreMissingAreToldInTheirOrder) {
  const Comparison comparison =
      Compared({Award(3, "", 3), Award(1, "a", 4), Award(2, "", 5)}, {});
  EXPECT_THAT(Lines(comparison.missing),
              ElementsAre("award ana points 3", "award ana points 1 rule=a",
                          "award ana points 2"));
}

}  // namespace
}  // namespace loyalty::command
