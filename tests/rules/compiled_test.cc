// SPDX-License-Identifier: Apache-2.0
//
// What a program compiles to: names looked up, limits with what they count in,
// rules for each event type of theirs, and what each type reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(CompiledProgram, HoldsWhatTheTextSays) {
  const auto program = MustCompile(
      "time_zone: 'Asia/Tokyo' max_ahead: '90m' never_earns: 'bot'\n"
      "parameter { id: 'p' type: DOUBLE default: '0.5' }\n"
      "currency { id: 'karma' opening: 3 floor: -2 daily_cap { units: 7 } }");
  EXPECT_EQ(program->name, "t");
  EXPECT_EQ(program->version, "1");
  EXPECT_EQ(program->time_zone.name(), "Asia/Tokyo");
  EXPECT_EQ(program->max_ahead, absl::Minutes(90));
  EXPECT_THAT(program->never_earns, ElementsAre("bot"));
  EXPECT_EQ(program->parameters.at(0).value, Value(0.5));
  const Currency& karma = program->currencies.at(1);
  EXPECT_EQ(karma.opening, 3);
  EXPECT_EQ(karma.floor, -2);
  EXPECT_EQ(karma.daily_cap, 7);
}

TEST(CompiledProgram, IsInUtcAndADayAheadUnlessTold) {
  const auto program = MustCompile("");
  EXPECT_EQ(program->time_zone.name(), "UTC");
  EXPECT_EQ(program->max_ahead, absl::Hours(24));
}

TEST(CompiledProgram, FindsNames) {
  const auto program = MustCompile(
      "event_type { id: 'e' } rule { id: 'r' on: 'e' reverse_object { } }");
  EXPECT_EQ(program->CurrencyIndex("points"), 0);
  EXPECT_EQ(program->CurrencyIndex("point"), -1);
  EXPECT_EQ(program->RuleNumber("r"), 0);
  EXPECT_EQ(program->RuleNumber(""), -1);
  EXPECT_NE(program->FindEventType("e"), nullptr);
  EXPECT_EQ(program->FindEventType("f"), nullptr);
}

TEST(CompiledProgram, HasARuleOnEachOfItsTypesInOrder) {
  const auto program = MustCompile(
      "event_type { id: 'e' } event_type { id: 'f' }\n"
      "rule { id: 'a' on: 'f' reverse_object { } }\n"
      "rule { id: 'b' on: ['e', 'f', 'f'] reverse_object { } }");
  ASSERT_EQ(program->event_types.size(), 2U);
  ASSERT_EQ(program->event_types[0].rules.size(), 1U);
  EXPECT_EQ(program->event_types[0].rules[0].id, "b");
  EXPECT_EQ(program->event_types[0].rules[0].number, 1);
  ASSERT_EQ(program->event_types[1].rules.size(), 2U);
  EXPECT_EQ(program->event_types[1].rules[0].id, "a");
  EXPECT_EQ(program->event_types[1].rules[1].id, "b");
}

std::vector<std::string> Counters(const std::vector<Limit>& limits) {
  std::vector<std::string> counters;
  for (const Limit& limit : limits)
    counters.push_back(limit.counter.name.text());
  return counters;
}

TEST(Limits, CountForEachAwardApart) {
  const auto program = MustCompile(
      "event_type { id: 'e' } rule { id: 'r' on: 'e'\n"
      " award { currency: 'points' units: '1' limit { times: 1 } }\n"
      " award { currency: 'points' units: '2' }\n"
      " limit { per: DAY units: 9 } limit { times: 3 key: PAIR } }");
  const Rule& rule = program->event_types[0].rules[0];
  EXPECT_THAT(Counters(rule.awards[0].limits),
              ElementsAre("limit:r/0/ever/times", "limit:r/0/rule/day/units",
                          "limit:r/0/rule/ever/times/pair"));
  EXPECT_THAT(Counters(rule.awards[1].limits),
              ElementsAre("limit:r/1/rule/day/units",
                          "limit:r/1/rule/ever/times/pair"));
  const Limit& daily = rule.awards[1].limits[0];
  EXPECT_EQ(daily.counter.per, base::Period::kDay);
  EXPECT_EQ(daily.most, 9);
  EXPECT_FALSE(daily.counts_times);
  EXPECT_EQ(rule.awards[1].limits[1].counter.key, model::LimitSpec::Key::kPair);
  EXPECT_TRUE(rule.awards[1].limits[1].counts_times);
}

TEST(Limits, OfOneGroupAreUsedOnceByAnAward) {
  const auto program = MustCompile(
      "event_type { id: 'e' }\n"
      "rule { id: 'a' on: 'e' award { currency: 'points' units: '1'\n"
      " limit { per: DAY times: 3 group: 'g' }\n"
      " limit { per: WEEK times: 1 group: 'g' }\n"
      " limit { per: DAY times: 1 } }\n"
      " limit { per: DAY times: 2 group: 'g' } }");
  const auto& limits = program->event_types[0].rules[0].awards[0].limits;
  std::vector<bool> comes_again;
  for (const Limit& limit : limits) comes_again.push_back(limit.comes_again);
  EXPECT_THAT(comes_again, ElementsAre(true, false, false, false));
}

TEST(EventTypes, KnowThePeriodsTheirAwardsCountIn) {
  const auto program = MustCompile(
      "currency { id: 'capped' daily_cap { units: 5 exempt: 'c' } }\n"
      "event_type { id: 'a' } event_type { id: 'b' } event_type { id: 'c' }\n"
      "rule { id: 'a' on: 'a' award { currency: 'points' units: '1'\n"
      " limit { per: WEEK times: 1 } limit { per: WEEK units: 1 } }\n"
      " limit { times: 3 } }\n"
      "rule { id: 'b' on: 'b' award { currency: 'capped' units: '1' } }\n"
      "rule { id: 'c' on: 'c' award { currency: 'capped' units: '1' } }");
  const auto& types = program->event_types;
  EXPECT_THAT(types[0].periods,
              ElementsAre(base::Period::kWeek, base::Period::kEver));
  EXPECT_THAT(types[1].periods, ElementsAre(base::Period::kDay));
  EXPECT_TRUE(types[1].rules[0].awards[0].is_capped);
  EXPECT_THAT(types[2].periods, ElementsAre());
  EXPECT_FALSE(types[2].rules[0].awards[0].is_capped);
}

std::vector<std::string> NamesAt(const EventType& type,
                                 const std::vector<int>& places) {
  std::vector<std::string> names;
  for (const int place : places) {
    names.push_back(type.counters.at(place).name.text());
  }
  return names;
}

TEST(EventTypes, NumberTheCountersThatTheirLegsRead) {
  const auto program = MustCompile(
      "currency { id: 'capped' daily_cap { units: 5 } }\n"
      "event_type { id: 'e' } event_type { id: 'other' }\n"
      "metric { id: 'm' on: 'e' } metric { id: 'n' on: 'other' }\n"
      "metric { id: 'o' on: 'other' per: 'target' }\n"
      "rule { id: 'r' on: 'e' when: 'actor.metric.n > 1 && metric.m < 9'\n"
      " award { currency: 'points' units: '1'\n"
      "  limit { per: DAY times: 3 group: 'g' key: PAIR }\n"
      "  limit { per: DAY times: 1 group: 'g' key: PAIR } }\n"
      " award { currency: 'capped' units: '1' }\n"
      " limit { per: HOUR units: 2 key: OBJECT } }\n"
      "rule { id: 's' on: 'e' when: 'object.metric.o > 1'\n"
      " award { currency: 'capped' units: '2' } }");
  const EventType& type = program->event_types[0];
  EXPECT_TRUE(std::is_sorted(
      type.counters.begin(), type.counters.end(),
      [](const Counter& a, const Counter& b) { return a.name < b.name; }));
  EXPECT_EQ(type.counters.size(), 7u);
  const auto& awards = type.rules[0].awards;
  const std::string group = "limit:=g/day/times/pair";
  EXPECT_THAT(NamesAt(type, awards[0].counters),
              ElementsAre(group, group, "limit:r/0/rule/hour/units/object"));
  EXPECT_THAT(NamesAt(type, awards[1].counters),
              ElementsAre("limit:r/1/rule/hour/units/object", "cap:capped"));
  EXPECT_THAT(NamesAt(type, type.rules[1].awards[0].counters),
              ElementsAre("cap:capped"));
  EXPECT_EQ(type.counters[awards[0].counters[0]].key,
            model::LimitSpec::Key::kPair);
  EXPECT_EQ(type.counters[awards[1].counters[0]].per, base::Period::kHour);
  EXPECT_EQ(type.counters[awards[1].counters[1]].per, base::Period::kDay);
  EXPECT_THAT(NamesAt(type, {type.metrics[0].counter_place}),
              ElementsAre("metric:m"));
  EXPECT_THAT(NamesAt(type, type.object_counters), ElementsAre("metric:o"));
  std::vector<std::string> read = NamesAt(type, type.actor_counters);
  for (const std::string& name : NamesAt(type, type.member_counters)) {
    read.push_back(name);
  }
  EXPECT_THAT(read, testing::UnorderedElementsAre("metric:m", "metric:n"));
}

TEST(Awards, KnowUnitsThatAreAlwaysTheSame) {
  const auto program = MustCompile(
      "parameter { id: 'p' type: INT default: '4' }\n"
      "event_type { id: 'e' attribute { name: 'n' type: INT } }\n"
      "rule { id: 'r' on: 'e'\n"
      " award { currency: 'points' units: '1' }\n"
      " award { currency: 'points' units: '2 + param.p * 3' }\n"
      " award { currency: 'points' units: 'has(event.n) ? 5 : 6' }\n"
      " award { currency: 'points' units: '1 / (param.p - 4)' } }");
  const auto& awards = program->event_types[0].rules[0].awards;
  EXPECT_EQ(awards[0].fixed_units, 1);
  EXPECT_EQ(awards[1].fixed_units, 14);
  EXPECT_EQ(awards[2].fixed_units, std::nullopt);
  EXPECT_EQ(awards[3].fixed_units, std::nullopt);  // an error, each time
}

TEST(Limits, OfOneGroupCountTogetherIfTheyCountAlike) {
  const auto program = MustCompile(
      "event_type { id: 'e' }\n"
      "rule { id: 'a' on: 'e' award { currency: 'points' units: '1'\n"
      " limit { per: DAY times: 1 group: 'g' }\n"
      " limit { per: WEEK times: 1 group: 'g' }\n"
      " limit { per: DAY units: 1 group: 'g' } } }\n"
      "rule { id: 'b' on: 'e' award { currency: 'points' units: '1' }\n"
      " limit { per: DAY times: 1 group: 'g' } }");
  const std::vector<Rule>& rules = program->event_types[0].rules;
  EXPECT_THAT(Counters(rules[0].awards[0].limits),
              ElementsAre("limit:=g/day/times", "limit:=g/week/times",
                          "limit:=g/day/units"));
  EXPECT_THAT(Counters(rules[1].awards[0].limits),
              ElementsAre("limit:=g/day/times"));
}

TEST(Ladder, IsOnTheHighestLevelReached) {
  const auto program = MustCompile(
      "ladder { id: 'l' currency: 'points' level { id: 'a' at: 5 }\n"
      " level { id: 'b' at: 10 } level { id: 'c' at: 20 } }");
  const Ladder& ladder = program->ladders[0];
  // The first level is a floor that all members reach.
  EXPECT_EQ(ladder.LevelOf(INT64_MIN), 0);
  EXPECT_EQ(ladder.LevelOf(4), 0);
  EXPECT_EQ(ladder.LevelOf(9), 0);
  EXPECT_EQ(ladder.LevelOf(10), 1);
  EXPECT_EQ(ladder.LevelOf(19), 1);
  EXPECT_EQ(ladder.LevelOf(20), 2);
  EXPECT_EQ(ladder.LevelOf(INT64_MAX), 2);
}

// An event type and a rule with this `when` and award.
EventType TypeOf(std::string_view when, std::string_view award) {
  const auto program = MustCompile(
      "event_type { id: 'e' attribute { name: 'owner' type: MEMBER } }\n"
      "metric { id: 'given' on: 'e' }\n"
      "metric { id: 'taken' on: 'e' per: 'event.owner' }\n"
      "rule { id: 'r' on: 'e' " +
      (when.empty() ? "" : "when: '" + std::string(when) + "' ") +
      "award { currency: 'points' " + std::string(award) + " } }");
  return program->event_types.at(0);
}

TEST(EventType, ReadsNoStandingUnlessAskedTo) {
  const EventType type = TypeOf("event.id != \"\"", "units: '1'");
  EXPECT_THAT(type.reads.actor, IsEmpty());
  EXPECT_THAT(type.reads.member, IsEmpty());
  EXPECT_THAT(type.reads.object, IsEmpty());
  EXPECT_FALSE(type.object_leg);
}

TEST(EventType, KnowsWhatItsRulesRead) {
  const EventType actor = TypeOf("metric.taken > 1", "units: '1'");
  EXPECT_THAT(actor.reads.actor, SizeIs(1));
  EXPECT_THAT(actor.reads.member, IsEmpty());
  EXPECT_THAT(actor.actor_metrics, ElementsAre(1));
  EXPECT_THAT(actor.member_metrics, IsEmpty());

  const EventType member =
      TypeOf("", "units: 'metric.given' when: 'member.since < event.time'");
  EXPECT_THAT(member.reads.actor, IsEmpty());
  EXPECT_THAT(member.reads.member, SizeIs(2));
  EXPECT_THAT(member.member_metrics, ElementsAre(0));

  const EventType given =
      TypeOf("", "to: 'event.owner' units: 'actor.metric.given'");
  EXPECT_THAT(given.reads.actor, SizeIs(1));
  EXPECT_THAT(given.actor_metrics, ElementsAre(0));
}

TEST(EventType, AsksARuleAtTheObjectThatItReads) {
  const auto program = MustCompile(
      "event_type { id: 'e' }\n"
      "metric { id: 'likes' on: 'e' per: 'target' }\n"
      "rule { id: 'a' on: 'e' when: 'object.metric.likes > 3'\n"
      " award { to: 'event.target' currency: 'points' units: '1' } }\n"
      "rule { id: 'b' on: 'e'\n"
      " award { to: 'event.target' currency: 'points'\n"
      "  units: 'metric.likes' } }\n"
      "rule { id: 'c' on: 'e'\n"
      " award { to: 'event.target' currency: 'points' units: '1' } }");
  const EventType& type = program->event_types[0];
  EXPECT_TRUE(type.rules[0].asked_of_object);
  EXPECT_TRUE(type.rules[1].asked_of_object);
  EXPECT_FALSE(type.rules[2].asked_of_object);
  EXPECT_TRUE(type.object_leg);
  EXPECT_THAT(type.reads.object, SizeIs(1));
  EXPECT_THAT(type.object_metrics, ElementsAre(0));
}

TEST(Award, IsToTheActorUnlessItSaysWho) {
  EXPECT_TRUE(TypeOf("", "units: '1'").rules[0].awards[0].to_actor);
  EXPECT_TRUE(TypeOf("", "units: '1' to: 'actor'").rules[0].awards[0].to_actor);
  EXPECT_TRUE(
      TypeOf("", "units: '1' to: 'event.actor'").rules[0].awards[0].to_actor);
  EXPECT_FALSE(
      TypeOf("", "units: '1' to: 'event.owner'").rules[0].awards[0].to_actor);
}

}  // namespace
}  // namespace loyalty::rules
