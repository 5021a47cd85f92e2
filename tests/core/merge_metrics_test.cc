// SPDX-License-Identifier: Apache-2.0
//
// Counters of two members as those of one.
#include "core/merge_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "core/counters.h"
#include "rules/metric.h"

namespace loyalty::core {
namespace {

using model::CounterKey;
using rules::MetricKind;
using rules::MetricTerms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kDay = 86'400;

// A program with one metric, called m.
rules::CompiledProgram With(MetricTerms terms) {
  terms.id = "m";
  terms.counter = "metric:m";
  if (terms.is_tallied()) terms.tally = "metric:m/of";
  rules::CompiledProgram program;
  program.metrics.push_back(std::move(terms));
  return program;
}

CounterKey Metric(int64_t window = 0, model::CounterKeyPart key = {}) {
  return {"metric:m", window, std::move(key)};
}
CounterKey Tally(int64_t window, model::CounterKeyPart key) {
  return {"metric:m/of", window, std::move(key)};
}
model::CounterKeyPart Value(const std::string& text) {
  return rules::KeyOfText(text);
}
auto Has(const CounterKey& counter, int64_t value) {
  return std::pair(counter, value);
}

TEST(MergedMetrics, AddWhatIsAdded) {
  const auto program = With({.kind = MetricKind::kSum, .has_key = true});
  EXPECT_THAT(
      MergedMetrics(program, {{Metric(), 5}, {Metric(0, Value("x")), 1}},
                    {{Metric(0, Value("x")), -3},
                     {Metric(0, Value("y")), 4},
                     {{"limit:r/0/0"}, 9}}),
      UnorderedElementsAre(Has(Metric(0, Value("x")), -2),
                           Has(Metric(0, Value("y")), 4)));
}

TEST(MergedMetrics, StayWhereASumIsTooLarge) {
  const auto program = With({.kind = MetricKind::kSum});
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(MergedMetrics(program, {{Metric(), kMost - 1}}, {{Metric(), 2}}),
              ElementsAre(Has(Metric(), kMost - 1)));
}

TEST(MergedMetrics, CountAValueOfBothOnce) {
  const auto program = With({.kind = MetricKind::kDistinct});
  EXPECT_THAT(
      MergedMetrics(
          program,
          {{Metric(), 2}, {Tally(0, Value("a")), 1}, {Tally(0, Value("b")), 4}},
          {{Metric(), 2},
           {Tally(0, Value("b")), 2},
           {Tally(0, Value("c")), 1},
           {Tally(0, Value("d")), 0}}),
      UnorderedElementsAre(Has(Metric(), 3), Has(Tally(0, Value("b")), 6),
                           Has(Tally(0, Value("c")), 1)));
}

TEST(MergedMetrics, CountADayOfBothOnceInItsPeriod) {
  const auto program =
      With({.kind = MetricKind::kDays, .period = base::Period::kWeek});
  const int64_t monday = 4 * kDay;  // 1970-01-05
  EXPECT_THAT(
      MergedMetrics(program, {{Metric(monday), 1}, {Tally(monday, {}), 1}},
                    {{Metric(monday), 2},
                     {Tally(monday, {}), 1},
                     {Tally(monday + 6 * kDay, {}), 1},
                     {Metric(monday + 7 * kDay), 1},
                     {Tally(monday + 7 * kDay, {}), 3}}),
      UnorderedElementsAre(Has(Metric(monday), 2), Has(Tally(monday, {}), 2),
                           Has(Tally(monday + 6 * kDay, {}), 1),
                           Has(Metric(monday + 7 * kDay), 1),
                           Has(Tally(monday + 7 * kDay, {}), 3)));
}

TEST(MergedMetrics, KeepTheLarger) {
  const auto program = With({.kind = MetricKind::kMax});
  const auto kept = [](int64_t value) { return rules::KeptLargest(value); };
  const auto merged = [&](const model::Counters& mine,
                          const model::Counters& theirs) {
    const model::Counters all = MergedMetrics(program, mine, theirs);
    const auto found = all.find(Metric());
    return found == all.end() ? 0 : found->second;
  };
  EXPECT_EQ(merged({{Metric(), kept(3)}}, {{Metric(), kept(7)}}), kept(7));
  EXPECT_EQ(merged({{Metric(), kept(-3)}}, {{Metric(), kept(0)}}), kept(0));
  EXPECT_EQ(merged({}, {{Metric(), kept(-3)}}), kept(-3));  // none was larger
  EXPECT_EQ(merged({{Metric(), kept(3)}}, {{Metric(), kept(-7)}}), 0);
}

TEST(MergedMetrics, OfNobodyChangeNothing) {
  const auto program = With({.kind = MetricKind::kDistinct});
  EXPECT_THAT(MergedMetrics(program, {{Metric(), 1}}, {}), IsEmpty());
}

TEST(MergedMetrics, TellWindowsOfAStreakApartOnce) {
  rules::CompiledProgram program;
  const rules::StreakTerms streak{.zone = absl::UTCTimeZone()};
  program.metrics.push_back({.id = "s",
                             .tally = "streak:s",
                             .kind = MetricKind::kStreak,
                             .period = base::Period::kDay,
                             .streak = streak});
  program.metrics.push_back(program.metrics.front());
  program.metrics.back().kind = MetricKind::kLongest;
  const auto acted = [](int64_t day) {
    return CounterKey{"streak:s", day * kDay, rules::ActedKey()};
  };
  const CounterKey frozen{"streak:s", 3 * kDay, rules::FrozenKey()};
  const model::Counters mine = {{acted(1), 1}, {acted(2), 2}};
  const model::Counters merged =
      MergedMetrics(program, mine, {{acted(2), 1}, {frozen, 1}, {acted(4), 1}});
  EXPECT_THAT(merged, UnorderedElementsAre(Has(acted(2), 3), Has(frozen, 1),
                                           Has(acted(4), 1)));
  model::Counters both = mine;
  for (const auto& [counter, value] : merged) both[counter] = value;
  EXPECT_EQ(rules::RowsBy(streak, "streak:s", both, 4 * kDay).length(), 3);
}

TEST(MergedMetrics, JoinTheQuestsThatEitherHadJoined) {
  rules::CompiledProgram program;
  program.metrics.push_back({.id = "q/s",
                             .counter = "quest:q",
                             .tally = "quest:q/s",
                             .kind = MetricKind::kStep,
                             .quest = 0});
  program.quests.push_back({.id = "q",
                            .joined_counter = "quest:q",
                            .done_counter = "quest_done:q",
                            .steps = {{.id = "s", .counter = "quest:q/s"}}});
  const CounterKey joined{"quest:q"}, step{"quest:q/s"}, done{"quest_done:q"};
  EXPECT_THAT(MergedMetrics(program, {{joined, 7}, {step, 2}},
                            {{joined, 5}, {step, 1}, {done, 1}}),
              UnorderedElementsAre(Has(joined, 5), Has(step, 3), Has(done, 1)));
  EXPECT_THAT(MergedMetrics(program, {{joined, -7}}, {{joined, 5}}),
              UnorderedElementsAre(Has(joined, 5)));
  EXPECT_THAT(MergedMetrics(program, {{joined, 5}}, {{joined, -7}}), IsEmpty());
}

TEST(MergedMetrics, LeaveOutWhatAQuestCountedForWhoHadLeft) {
  rules::CompiledProgram program;
  program.quests.push_back({.id = "q",
                            .joined_counter = "quest:q",
                            .done_counter = "quest_done:q",
                            .steps = {{.id = "s", .counter = "quest:q/s"}}});
  const CounterKey joined{"quest:q"}, step{"quest:q/s"};
  const auto by = [](int64_t entry) {
    return CounterKey{"quest:q/s", 0, rules::KeyOfInt(entry)};
  };
  EXPECT_THAT(MergedMetrics(program, {{joined, 5}, {step, 1}, {by(6), 1}},
                            {{joined, -9}, {step, 2}, {by(7), 2}}),
              IsEmpty());
  EXPECT_THAT(MergedMetrics(program, {{joined, -9}, {step, 2}, {by(7), 2}},
                            {{joined, 5}, {step, 1}, {by(6), 1}}),
              UnorderedElementsAre(Has(joined, 5), Has(step, 1), Has(by(6), 1),
                                   Has(by(7), 0)));
  // Who came back had lost what an entry before that counted.
  EXPECT_THAT(MergedMetrics(program, {{joined, 8}, {step, 1}, {by(9), 1}},
                            {{joined, 10}, {by(7), 2}, {step, 3}, {by(11), 3}}),
              UnorderedElementsAre(Has(step, 4), Has(by(11), 3)));
}

}  // namespace
}  // namespace loyalty::core
