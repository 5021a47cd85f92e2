// SPDX-License-Identifier: Apache-2.0
//
// Each name that an expression reads has the value of what it names.
#include "rules/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Two of each, so that one taken for the other shows.
constexpr std::string_view kProgram = R"(
currency { id: "karma" opening: 1 }
parameter { id: "n" default: "7" }
parameter { id: "half" type: DOUBLE default: "0.5" }
parameter { id: "word" type: STRING default: "hi" }
parameter { id: "on" type: BOOL default: "true" }
parameter { id: "long" type: DURATION default: "90m" }
ladder { id: "p" currency: "points" level { id: "a" } level { id: "b" at: 5 } }
ladder { id: "k" currency: "karma" level { id: "a" } level { id: "b" at: 5 }
  level { id: "c" at: 10 } }
event_type {
  id: "e"
  attribute { name: "owner" type: MEMBER }
  attribute { name: "post" type: OBJECT }
  attribute { name: "i" type: INT }
  attribute { name: "d" type: DOUBLE default: "2.5" }
  attribute { name: "b" type: BOOL }
  attribute { name: "s" type: STRING default: "x" }
  attribute { name: "t" type: TIME }
  attribute { name: "u" type: DURATION }
  attribute { name: "l" type: INT list: true }
  attribute { name: "m" type: MEMBER list: true }
}
metric { id: "given" on: "e" }
metric { id: "seen" on: "e" per: "target" }
metric { id: "taken" on: "e" per: "event.owner" }
metric { id: "heard" on: "e" per: "target" }
)";

Event SomeEvent() {
  return {.id = "e1",
          .type = "e",
          .time = absl::FromUnixSeconds(1'000),
          .actor = "ada",
          .target = "post-1",
          .channel = "web",
          .attributes = {{"owner", "grace"},
                         {"i", 5},
                         {"s", "given"},
                         {"t", absl::FromUnixSeconds(2'000)},
                         {"u", absl::Minutes(3)},
                         {"l", Value::List{1, 2, 3}}}};
}

model::EntityState Standing(int64_t base) {
  model::EntityState state;
  state.exists = true;
  state.since = absl::FromUnixSeconds(base);
  state.holdings["points"] = {.balance = base + 1, .earned = base + 2};
  state.holdings["karma"] = {.balance = base + 3, .earned = base + 4};
  state.counters[{.name = "metric:given"}] = base + 5;
  state.counters[{.name = "metric:seen"}] = base + 6;
  state.counters[{.name = "metric:taken"}] = base + 7;
  state.counters[{.name = "metric:heard"}] = base + 8;
  // In a window or with a key it is another counter.
  state.counters[{.name = "metric:given", .window = 1}] = -1;
  state.counters[{.name = "metric:given",
                  .key = model::Entity{model::Entity::Kind::kMember, "x"}}] =
      -1;
  return state;
}

// Evaluates one expression of a rule's `when` or an award's `when`, with the
// actor's standings from 100, the member's from 200 and the object's from 300.
class Asking {
 public:
  explicit Asking(Event event = SomeEvent()) : event_(std::move(event)) {}

  std::string InRule(const std::string& when) {
    return Answer("when: '" + when +
                      "' award { to: 'event.target' currency: 'points' "
                      "units: '1' }",
                  false);
  }
  std::string InAward(const std::string& when) {
    return Answer(
        "award { to: 'event.target' currency: 'points' units: '1' "
        "when: '" +
            when + "' }",
        true);
  }

  bool set_standings = true;

 private:
  std::string Answer(const std::string& rule, bool in_award) {
    const auto program = MustCompile(std::string(kProgram) +
                                     "rule { id: 'r' on: 'e' " + rule + " }");
    if (program == nullptr) return "no program";
    const EventType& type = program->event_types[0];
    const model::EntityState actor = Standing(100);
    const model::EntityState member = Standing(200);
    const model::EntityState object = Standing(300);
    Frame frame(*program, type, event_);
    if (set_standings) {
      frame.SetActor(actor);
      frame.SetMember(member);
      frame.SetObject(object);
    }
    const Rule& compiled = type.rules[0];
    const absl::StatusOr<bool> answer =
        frame.Bool(in_award ? *compiled.awards[0].when : *compiled.when);
    if (!answer.ok()) return std::string(answer.status().message());
    return *answer ? "true" : "false";
  }

  const Event event_;
};

TEST(Frame, HoldsTheEvent) {
  Asking asking;
  EXPECT_EQ(asking.InRule("event.id == \"e1\" && event.type == \"e\""), "true");
  EXPECT_EQ(asking.InRule("event.time == timestamp(\"1970-01-01T00:16:40Z\")"),
            "true");
  EXPECT_EQ(asking.InRule("event.actor == \"ada\" && event.target == "
                          "\"post-1\" && event.channel == \"web\""),
            "true");
}

TEST(Frame, HoldsAttributesOfEveryType) {
  Asking asking;
  EXPECT_EQ(asking.InRule("event.owner == \"grace\""), "true");
  EXPECT_EQ(asking.InRule("event.i == 5"), "true");
  EXPECT_EQ(asking.InRule("event.t - event.time == duration(\"1000s\")"),
            "true");
  EXPECT_EQ(asking.InRule("event.u == duration(\"3m\")"), "true");
  EXPECT_EQ(asking.InRule("event.l == [1, 2, 3]"), "true");
}

TEST(Frame, HoldsADefaultWhereTheEventHasNone) {
  Asking asking;
  EXPECT_EQ(asking.InRule("event.d == 2.5"), "true");
  EXPECT_EQ(asking.InRule("event.s == \"given\""), "true");
  Event event = SomeEvent();
  event.attributes.erase("s");
  EXPECT_EQ(Asking(event).InRule("event.s == \"x\""), "true");
}

TEST(Frame, HoldsParametersOfEveryType) {
  Asking asking;
  EXPECT_EQ(asking.InRule("param.n == 7 && param.half == 0.5 && param.on && "
                          "param.word == \"hi\" && "
                          "param.long == duration(\"1h30m\")"),
            "true");
}

TEST(Frame, LacksWhatTheEventLacks) {
  Event event = SomeEvent();
  event.actor.reset();
  event.channel.reset();
  event.attributes.erase("i");
  event.attributes.erase("owner");
  Asking asking(event);
  EXPECT_EQ(asking.InRule("has(event.i)"), "false");
  EXPECT_EQ(asking.InRule("has(event.actor) || has(event.channel)"), "false");
  EXPECT_EQ(asking.InRule("has(event.target)"), "true");
  EXPECT_NE(asking.InRule("event.i > 0"), "true");
  EXPECT_NE(asking.InRule("event.i > 0"), "false");
}

TEST(Frame, HasAnAbsentMemberDifferFromEveryMember) {
  Event event = SomeEvent();
  event.actor.reset();
  event.attributes.erase("owner");
  Asking asking(event);
  EXPECT_EQ(asking.InRule("event.owner == \"grace\""), "false");
  EXPECT_EQ(asking.InRule("event.owner != \"grace\""), "true");
  EXPECT_EQ(asking.InRule("event.owner == event.target"), "false");
  EXPECT_EQ(asking.InRule("event.owner == event.actor"), "false");
  EXPECT_EQ(asking.InRule("event.owner != event.actor"), "true");
  EXPECT_EQ(asking.InRule("event.owner == \"\""), "false");
}

TEST(Frame, HoldsTheActorsStanding) {
  Asking asking;
  EXPECT_EQ(asking.InRule("actor.balance.points == 101 && "
                          "actor.earned.points == 102 && "
                          "actor.balance.karma == 103 && "
                          "actor.earned.karma == 104"),
            "true");
  EXPECT_EQ(asking.InRule("actor.level.p == 1 && actor.level.k == 2"), "true");
  EXPECT_EQ(asking.InRule("actor.metric.given == 105 && "
                          "actor.metric.taken == 107"),
            "true");
  EXPECT_EQ(asking.InRule("actor.since == timestamp(\"1970-01-01T00:01:40Z\")"),
            "true");
}

TEST(Frame, HoldsTheMembersStanding) {
  Asking asking;
  EXPECT_EQ(asking.InAward("member.balance.points == 201 && "
                           "member.earned.points == 202 && "
                           "member.balance.karma == 203 && "
                           "member.earned.karma == 204"),
            "true");
  EXPECT_EQ(asking.InAward("member.metric.given == 205 && "
                           "member.metric.taken == 207"),
            "true");
  EXPECT_EQ(
      asking.InAward("member.since == timestamp(\"1970-01-01T00:03:20Z\")"),
      "true");
  EXPECT_EQ(asking.InAward("actor.balance.points == 101 && "
                           "actor.metric.taken == 107"),
            "true");
}

TEST(Frame, HasBareNamesBeTheActorsInARuleAndTheMembersInAnAward) {
  const std::string bare =
      "balance.points == N01 && earned.points == N02 && "
      "balance.karma == N03 && earned.karma == N04 && "
      "metric.given == N05 && metric.taken == N07 && level.k == 2";
  const auto from = [&](char hundreds) {
    std::string text = bare;
    for (char& c : text) {
      if (c == 'N') c = hundreds;
    }
    return text;
  };
  Asking asking;
  EXPECT_EQ(asking.InRule(from('1')), "true");
  EXPECT_EQ(asking.InAward(from('2')), "true");
}

TEST(Frame, HoldsTheObjectsMetrics) {
  Asking asking;
  const std::string object =
      "object.metric.seen == 306 && object.metric.heard == 308";
  EXPECT_EQ(asking.InRule(object), "true");
  EXPECT_EQ(asking.InAward(object), "true");
  EXPECT_EQ(asking.InRule("metric.seen == 306 && metric.heard == 308"), "true");
  EXPECT_EQ(asking.InAward("metric.seen == 306"), "true");
}

TEST(Frame, HasNoStandingThatIsNotSet) {
  Asking asking;
  asking.set_standings = false;
  for (const char* name : {"actor.balance.points", "balance.points",
                           "metric.given", "object.metric.seen", "level.p"}) {
    const std::string said = asking.InRule(std::string(name) + " >= 0");
    EXPECT_NE(said, "true") << name;
    EXPECT_NE(said, "false") << name;
  }
}

std::string IdOf(const std::string& to, const Event& event) {
  const auto program = MustCompile(std::string(kProgram) +
                                   "rule { id: 'r' on: 'e' award { to: '" + to +
                                   "' currency: 'points' units: '1' } }");
  const EventType& type = program->event_types.at(0);
  const Frame frame(*program, type, event);
  const absl::StatusOr<cel::Value> id = frame.Id(*type.rules[0].awards[0].to);
  return id.ok() ? std::string(id->text())
                 : "error: " + std::string(id.status().message());
}

TEST(Frame, GivesAnAbsentMemberAsNobody) {
  Event event = SomeEvent();
  EXPECT_EQ(IdOf("event.owner", event), "grace");
  EXPECT_EQ(IdOf("event.target", event), "post-1");
  EXPECT_EQ(IdOf("\"team-\" + event.owner", event), "team-grace");
  event.attributes.erase("owner");
  EXPECT_EQ(IdOf("event.owner", event), "");
  EXPECT_EQ(IdOf("event.post", event), "");
  EXPECT_EQ(IdOf("has(event.owner) ? event.owner : event.target", event),
            "post-1");
}

std::vector<std::string> MembersNamed(const EventType& type, int attribute,
                                      const Event& event) {
  std::vector<std::string> members;
  ForEachNamed(type, attribute, event,
               [&](const std::string& member) { members.push_back(member); });
  return members;
}

TEST(MembersNamed, AreOneSeveralOrNone) {
  const auto program = MustCompile(kProgram);
  const EventType& type = program->event_types.at(0);
  Event event = SomeEvent();
  event.attributes.insert_or_assign("m", Value::List{"a", "b", "a"});
  EXPECT_THAT(MembersNamed(type, 0, event), ElementsAre("grace"));
  EXPECT_THAT(MembersNamed(type, 9, event), ElementsAre("a", "b"));
  event.attributes.clear();
  EXPECT_THAT(MembersNamed(type, 0, event), IsEmpty());
  EXPECT_THAT(MembersNamed(type, 9, event), IsEmpty());
}

}  // namespace
}  // namespace loyalty::rules
