// SPDX-License-Identifier: Apache-2.0
//
// What metrics may say, and what is said of those that cannot be; and what they
// look at.
#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

#include "rules/compiling.h"
#include "rules/metric.h"

namespace loyalty::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Of a metric on line 4.
std::string SaidOfMetric(const std::string& metric,
                         const std::string& rest = "") {
  return SaidOf(
      "event_type { id: 'e' attribute { name: 'owner' type: MEMBER }\n"
      " attribute { name: 'question' type: OBJECT } attribute { name: 'tags' "
      "type: OBJECT list: true } attribute { name: 'n' type: INT required: "
      "true } }\n"
      "metric { id: 'm' on: 'e' " +
      metric + " }\n" + rest);
}

TEST(MetricTexts, MaySayAllOfThis) {
  for (const char* const metric :
       {"sum: 'event.n' period: DAY", "max: 'event.n' within: '36h'",
        "distinct: 'event.n' per: 'target'",
        "distinct: 'event.actor' per: 'event.owner' within: '100d'",
        "days: true by: 'event.owner' period: MONTH",
        "per: 'event.question' by: 'event.owner' within: '7d'",
        "per: 'event.tags' max: 'event.n'", "days: true within: '1d'"}) {
    EXPECT_EQ(SaidOfMetric(metric), "") << metric;
  }
}

TEST(MetricTexts, SayOneThing) {
  EXPECT_EQ(SaidOfMetric("sum: 'event.n' max: 'event.n'"),
            "4:46 metric \"m\" says both sum and max | A metric says one "
            "thing: make them two metrics.");
  EXPECT_EQ(SaidOfMetric("days: true distinct: 'event.n'"),
            "4:32 metric \"m\" says both distinct and days | A metric says one "
            "thing: make them two metrics.");
}

TEST(MetricTexts, AreOfOneTime) {
  EXPECT_EQ(SaidOfMetric("period: DAY within: '1d'"),
            "4:46 metric \"m\" has both within and a period | Leave out one of "
            "them, or make them two metrics.");
  const std::string advice =
      " | Write it as \"100d\", for days of the calendar, or as \"36h\" or "
      "\"90m\".";
  for (const char* const text : {"1d2h", "1.5s", "-3d", "week", "40000d"}) {
    EXPECT_EQ(SaidOfMetric("within: '" + std::string(text) + "'"),
              "4:34 metric \"m\", within \"" + std::string(text) +
                  "\" is neither a number of days nor a length of time in "
                  "whole seconds, of at most 100 years" +
                  advice);
  }
  EXPECT_EQ(SaidOfMetric("within: '0d'"),
            "4:34 metric \"m\", within is no time at all | Leave it out, to "
            "count for ever, or say over how long.");
}

TEST(MetricTexts, CountDaysOfWhatHasSeveral) {
  EXPECT_EQ(SaidOfMetric("days: true within: '36h'"),
            "4:45 metric \"m\" counts days, and within \"36h\" begins in the "
            "midst of one | Write it in days: \"7d\" are the event's day and "
            "the 6 before it.");
  EXPECT_EQ(SaidOfMetric("days: true period: DAY"),
            "4:45 metric \"m\" counts days, of which its period has one | Use "
            "period: WEEK, MONTH, QUARTER or YEAR, or leave out one of them.");
}

TEST(MetricTexts, AreKeptApartByOneThing) {
  EXPECT_EQ(SaidOfMetric("max: 'event.n' by: 'event.owner'"),
            "4:45 metric \"m\" has both by and max: what it counts is kept "
            "apart by one thing, its values already | Make it a metric for "
            "each of a few, with a when.");
  EXPECT_EQ(SaidOfMetric("distinct: '1.5'"),
            "4:37 metric \"m\", distinct: the result must be string, and is "
            "double | write string(...)");
}

// Of a metric "a" that counts among what "m" is kept apart by.
std::string SaidOfAmong(const std::string& m, const std::string& a) {
  return SaidOfMetric(m, "metric { id: 'a' among: 'm' " + a + " }");
}

TEST(MetricTexts, CountAmongWhatAnotherIsKeptApartBy) {
  for (const char* const metric :
       {"by: 'event.n'", "by: 'event.n' sum: 'event.n' period: WEEK",
        "by: 'event.n' per: 'event.question'", "by: 'event.n' days: true"}) {
    EXPECT_EQ(SaidOfAmong(metric, "at_least: 3 before: 'event.n'"), "");
    EXPECT_EQ(SaidOfAmong(metric, ""), "");
  }
  EXPECT_EQ(SaidOfAmong("", ""),
            "5:25 metric \"a\", among: metric \"m\" is not kept apart by "
            "anything | Say  by: \"event.category\"  there: what is counted "
            "here is how many of them came to so much.");
  EXPECT_EQ(SaidOfAmong("by: 'event.n' within: '3d'", ""),
            "5:25 metric \"a\", among: metric \"m\" has within | Count for "
            "ever there, or in a period of the calendar.");
  EXPECT_EQ(SaidOfAmong("by: 'event.n'", "at_least: -1"),
            "5:39 metric \"a\": at_least -1 is below 1 | What nothing was "
            "counted for is not known: say 1 or more.");
  EXPECT_EQ(SaidOfAmong("by: 'event.n'", "on: 'e'"),
            "5:25 metric \"a\" counts among another's, and says more | Say  "
            "among, at_least  and  before,  and nothing else: whose it is, and "
            "over what time, the other says.");
  EXPECT_EQ(SaidOfAmong("by: 'event.owner'", "before: 'event.n'"),
            "4:30 metric \"m\", by is a text, and another metric has those "
            "before one | Give it an int, as the entry that a recall tells.");
  EXPECT_EQ(SaidOfMetric("by: 'event.n' at_least: 2"),
            "4:50 metric \"m\" says at_least or before, and not among what | "
            "Add  among: \"...\",  a metric with by.");
  EXPECT_EQ(SaidOfMetric("by: 'event.n'", "metric { id: 'a' among: 'n' }"),
            "5:25 metric \"a\", among: metric \"n\" is not declared, or "
            "counts among another's | Did you mean \"m\"?");
  EXPECT_EQ(
      SaidOfAmong("by: 'event.n'",
                  "} ladder { id: 'l' metric: 'a' level { id: 'x' at: 0 }"),
      "5:56 ladder \"l\": metric \"a\" counts among another's, and nothing "
      "of its own | Have badges ask what it says, and levels over those "
      "badges.");
}

constexpr char kOther[] =
    "event_type { id: 'f' }\n"
    "rule { id: 'r' on: 'f' when: '%' award { currency: 'points' units: '1' "
    "limit { per: DAY times: 1 } } }";

std::string Reading(const std::string& when) {
  std::string text = kOther;
  return text.replace(text.find('%'), 1, when);
}

TEST(MetricTexts, AreReadWhereTheirKeyIsKnown) {
  EXPECT_EQ(SaidOfMetric("by: 'event.owner'", Reading("metric.m > 1")),
            "4:31 metric \"m\", by, as read of \"f\": undeclared "
            "reference to 'event.owner' | \"e\" has it, and \"f\", which this "
            "is on, has not.");
}

TEST(MetricTexts, OfObjectsAreReadOfOne) {
  EXPECT_EQ(
      SaidOfMetric("per: 'event.question'", Reading("object.metric.m > 1")),
      "6:30 rule \"r\" reads metric \"m\", which is kept per "
      "event.question, and \"f\" has no such OBJECT attribute | Give the type "
      "one, or read a metric that is kept per target.");
  const std::string rule =
      "rule { id: 'r' on: 'e' when: '%' award { currency: 'points' units: '1' "
      "limit { per: DAY times: 1 } } }";
  const auto reading = [&](const std::string& when) {
    std::string text = rule;
    return text.replace(text.find('%'), 1, when);
  };
  EXPECT_EQ(SaidOfMetric("per: 'event.tags'", reading("object.metric.m > 1")),
            "5:30 rule \"r\" reads metric \"m\", and event.tags is a "
            "list: it names no one object | Read a metric of the target, or of "
            "an attribute that is no list.");
  EXPECT_EQ(
      SaidOfMetric("per: 'event.question'",
                   "metric { id: 't' on: 'e' per: 'target' }\n" +
                       reading("object.metric.m > 1 && object.metric.t > 1")),
      "6:30 rule \"r\" reads metrics of two objects | A rule is "
      "asked of one object: make it two rules.");
}

const MetricTerms& Terms(const CompiledProgram& program) {
  return program.metrics.at(0);
}

TEST(MetricTerms, ThatArePlainAreOneCounter) {
  const auto plain =
      MustCompile("event_type { id: 'e' } metric { id: 'm' on: 'e' sum: '2' }");
  EXPECT_TRUE(Terms(*plain).is_plain());
  EXPECT_TRUE(plain->event_types[0].only_plain);
  const auto windowed = MustCompile(
      "event_type { id: 'e' } metric { id: 'm' on: 'e' period: DAY }");
  EXPECT_FALSE(Terms(*windowed).is_plain());
  EXPECT_FALSE(windowed->event_types[0].only_plain);
}

TEST(MetricValues, AreThoseOfTheStretch) {
  const auto program = MustCompile(
      "event_type { id: 'e' } metric { id: 'm' on: 'e' within: '10s' "
      "sum: '1' by: 'event.id' }");
  const MetricTerms& terms = Terms(*program);
  const absl::TimeZone utc = absl::UTCTimeZone();
  const auto x = KeyOfText("x");
  const auto y = KeyOfText("y");
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const model::Counters counters = {
      {{"metric:m", 90, x}, 1},     {{"metric:m", 91, x}, 2},
      {{"metric:m", 100, x}, 4},    {{"metric:m", 101, x}, 8},
      {{"metric:m", 95, y}, kMost}, {{"metric:m", 96, y}, 5},
      {{"metric:m", 96, {}}, 0}};
  const auto at = absl::FromUnixMillis(100'999);
  const auto range = MetricRange(terms, at, utc, x);
  EXPECT_EQ(range.from, 91);
  EXPECT_EQ(range.to, 100);
  EXPECT_EQ(MetricValue(terms, counters, range), 6);
  // As much as there is room for.
  EXPECT_THAT(MetricValues(terms, counters, range),
              ElementsAre(Pair(x, 6), Pair(y, kMost)));
}

TEST(Among, AreThoseThatCameToEnough) {
  const auto program = MustCompile(
      "event_type { id: 'e' attribute { name: 'n' type: INT required: true } } "
      "metric { id: 'm' on: 'e' by: 'event.n' } "
      "metric { id: 'a' among: 'm' at_least: 2 before: 'event.n' }");
  const MetricTerms& terms = program->metrics.at(1);
  EXPECT_EQ(terms.counted_by, 0);
  EXPECT_FALSE(terms.is_told());
  const model::Counters counters = {{{"metric:m", 0, KeyOfInt(-3)}, 2},
                                    {{"metric:m", 0, KeyOfInt(9)}, 5},
                                    {{"metric:m", 0, KeyOfInt(10)}, 2},
                                    {{"metric:m", 0, KeyOfInt(11)}, 1},
                                    {{"metric:m", 0, {}}, 7}};
  const model::CounterRange range = {.name = "metric:m", .any_key = true};
  EXPECT_EQ(CountAmong(terms, counters, range, std::nullopt), 3);
  EXPECT_EQ(CountAmong(terms, counters, range, 11), 3);
  EXPECT_EQ(CountAmong(terms, counters, range, 10), 2);
  EXPECT_EQ(CountAmong(terms, counters, range, 9), 1);
  EXPECT_EQ(CountAmong(terms, counters, range, -3), 0);
}

TEST(Largest, IsKeptSoThatNoneIsNone) {
  for (const int64_t value : {-2, -1, 0, 1, 2}) {
    EXPECT_NE(KeptLargest(value), 0);
    EXPECT_EQ(LargestKept(KeptLargest(value)), value);
    EXPECT_LT(KeptLargest(value), KeptLargest(value + 1));
  }
}

TEST(Keys, AreOfWhatIsSaid) {
  EXPECT_TRUE(KeyOfText("").empty());
  EXPECT_EQ(KeyOfText("x").id(), "x");
  EXPECT_EQ(KeyOfText(std::string(1000, 'x')).id().size(), 64u);
  EXPECT_NE(KeyOfText(std::string(1000, 'x')),
            KeyOfText(std::string(999, 'x')));
  EXPECT_EQ(IntOfKey(KeyOfInt(-7)), -7);
}

}  // namespace
}  // namespace loyalty::rules
