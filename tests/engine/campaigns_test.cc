// SPDX-License-Identifier: Apache-2.0
//
// Multipliers, campaigns, segments, rules that stop, exact factors, baskets.
// P.. and C.. are rows of the scenarios that other systems test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::AwardsOf;
using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// D0 of the scenarios: a Monday.
const absl::Time kD0 = Day(5);

std::string Points(const std::string& rest) {
  return absl::StrCat(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "act" attribute { name: "n" type: INT default: "10" }
                 attribute { name: "call" type: INT default: "1" } }
    rule { id: "r" on: "act"
           award { currency: "points" units: "event.n * event.call" } })",
                      rest);
}

// What the first event of its kind gives to ada.
int64_t Gives(Community& community, Event event) {
  static int number = 0;
  event.id = absl::StrCat("e", ++number);
  if (event.type.empty()) event.type = "act";
  if (!event.actor.has_value()) event.actor = "ada";
  int64_t units = 0;
  for (const Effect& effect : community.Send(event).effects) {
    if (const auto* a = std::get_if<Awarded>(&effect)) units += a->units;
  }
  return units;
}

int64_t Gives(const std::string& program, Event event = {.time = kD0}) {
  Community community(program);
  const int64_t units = Gives(community, std::move(event));
  community.ExpectVerified();
  return units;
}

TEST(Multipliers, P09GoTogetherAndWithThoseOfTheCall) {
  EXPECT_EQ(Gives(Points("multiplier { id: 'm' factor: '3' }"),
                  {.time = kD0, .attributes = {{"call", 2}}}),
            60);
}

TEST(Multipliers, P11HoldInTheirWindow) {
  struct Row {
    std::string during;
    int64_t gives;
  };
  for (const Row& row :
       {Row{"from: '2026-01-05T11:00:00Z' until: '2026-01-05T13:00:00Z'", 30},
        Row{"from: '2026-01-03' until: '2026-01-04'", 10},
        Row{"from: '2026-01-06' until: '2026-01-07'", 10},
        Row{"until: '2026-01-05T12:00:00Z'", 10},
        Row{"from: '2026-01-05T12:00:00Z'", 30}, Row{"weekday: MONDAY", 30},
        Row{"weekday: [TUESDAY, SUNDAY]", 10}, Row{"hours: '12:00-13:00'", 30},
        Row{"hours: '11:00-12:00'", 10},
        Row{"hours: ['01:00-02:00', '22:00-12:01']", 30},
        Row{"weekday: SUNDAY hours: '22:00-12:01'", 30},
        Row{"weekday: MONDAY hours: '22:00-12:01'", 10}}) {
    EXPECT_EQ(Gives(Points(absl::StrCat("multiplier { id: 'm' factor: '3' "
                                        "during { ",
                                        row.during, " } }"))),
              row.gives)
        << row.during;
  }
  // Switched off, it is one that is never asked for.
  EXPECT_EQ(Gives(Points("multiplier { id: 'm' factor: '3' when: 'false' }")),
            10);
}

TEST(Multipliers, HoldByTheProgramsZone) {
  const std::string text = Points(
      "time_zone: 'Asia/Tokyo' multiplier { id: 'm' factor: '3' during { "
      "from: '2026-01-05' weekday: MONDAY hours: '21:00-22:00' } }");
  EXPECT_EQ(Gives(text), 30);
}

TEST(Multipliers, P13ApplyOnceToWhoIsInTwoOfTheirSegments) {
  const std::string text = Points(R"(
    segment { id: "ada" when: "earned.points < 1000" }
    segment { id: "tier" when: "earned.points >= 0" }
    multiplier { id: "m" factor: "2" segment: "ada" segment: "tier" })");
  EXPECT_EQ(Gives(text), 20);
}

TEST(Multipliers, StackAsTheProgramSays) {
  const std::string two =
      "multiplier { id: 'a' factor: '2' } multiplier { id: 'b' factor: '3.5' }";
  EXPECT_EQ(Gives(Points(two)), 70);
  EXPECT_EQ(Gives(Points("stacking: ADDITIVE " + two)), 45);
  EXPECT_EQ(Gives(Points("stacking: HIGHEST " + two)), 35);
  const std::string less =
      "multiplier { id: 'a' factor: '0.2' } multiplier { id: 'b' factor: "
      "'0.3' }";
  EXPECT_EQ(Gives(Points("stacking: ADDITIVE " + less)), 0);
}

TEST(Multipliers, RoundOnceAsTheFirstOneSays) {
  const auto with = [](const std::string& round) {
    return Points("multiplier { id: 'a' factor: '1.5' round: " + round +
                  " } multiplier { id: 'b' factor: '1.5' }");
  };
  // 1 x 2.25, 2 x 2.25
  EXPECT_EQ(Gives(with("DOWN"), {.time = kD0, .attributes = {{"n", 1}}}), 2);
  EXPECT_EQ(Gives(with("UP"), {.time = kD0, .attributes = {{"n", 1}}}), 3);
  EXPECT_EQ(Gives(with("NEAREST"), {.time = kD0, .attributes = {{"n", 2}}}), 5);
}

TEST(Multipliers, AreOfCertainCurrenciesRulesAndTypes) {
  const std::string more = R"(
    currency { id: "xp" }
    rule { id: "x" on: "act" award { currency: "xp" units: "event.n" } })";
  const auto with = [&](const std::string& scope) {
    return Gives(
        Points(more + "multiplier { id: 'm' factor: '2' " + scope + " }"));
  };
  EXPECT_EQ(with(""), 40);
  EXPECT_EQ(with("currency: 'xp'"), 30);
  EXPECT_EQ(with("rule: 'r'"), 30);
  EXPECT_EQ(with("rule: 'r' currency: 'xp'"), 20);
  EXPECT_EQ(with("on: 'act'"), 40);
}

TEST(Multipliers, AreToldByNotesOutcomeAndExplanation) {
  Community community(Points(R"(
    campaign { id: "spring" from: "2026-01-05" until: "2026-01-06" }
    multiplier { id: "m" campaign: "spring" factor: "2" })"));
  const Outcome outcome =
      community.Send({.id = "e", .type = "act", .time = kD0, .actor = "ada"});
  const auto& awarded = std::get<Awarded>(outcome.effects[0]);
  EXPECT_EQ(awarded.asked, 20);
  EXPECT_EQ(awarded.base, 10);
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_EQ(outcome.notes[0].text,
            "it fired; x2 by campaign spring: 10 points became 20");
  const auto explanation = (*community.engine().Query())->Explain("e");
  ASSERT_TRUE(explanation.ok());
  EXPECT_EQ(explanation->rules[0].verdict, outcome.notes[0].text);
  community.ExpectVerified();
}

// What multipliers made of it is what limits count, and what comes back.
TEST(Multipliers, ComeBeforeLimitsAndAreReversedWithTheirAward) {
  Community community(Points(R"(
    currency { id: "rep" daily_cap { units: 25 } }
    multiplier { id: "m" factor: "2" }
    rule { id: "s" on: "act" award { currency: "rep" units: "event.n" } })"));
  const auto send = [&](const std::string& id) {
    return community.Send({.id = id, .type = "act", .time = kD0, .actor = "a"});
  };
  send("e1");
  EXPECT_THAT(AwardsOf(send("e2")), ElementsAre("r a 20", "s a 5 daily_cap"));
  community.Send({.id = "u",
                  .type = std::string(kReverse),
                  .time = kD0,
                  .attributes = {{"event", "e1"}}});
  EXPECT_EQ(community.Balance("a", "rep"), 20);
  EXPECT_EQ(community.Balance("a", "points"), 20);
  community.ExpectVerified();
}

TEST(Points, P15KeepBothEntriesOfAGainAndALoss) {
  Community community(Points(""));
  EXPECT_EQ(Gives(community, {.time = kD0, .attributes = {{"n", 15}}}), 15);
  EXPECT_EQ(Gives(community, {.time = kD0, .attributes = {{"n", -15}}}), -15);
  EXPECT_EQ(community.Balance("ada", "points"), 0);
}

TEST(Points, P17AreTakenFromTheAuthorOfWhatIsGone) {
  Community community(R"(
    name: "t" version: "1" currency { id: "points" opening: 51 }
    event_type { id: "destroy" attribute { name: "author" type: MEMBER } }
    rule { id: "d" on: "destroy"
           award { to: "event.author" currency: "points" units: "-5" } })");
  community.Send({.id = "e",
                  .type = "destroy",
                  .time = kD0,
                  .actor = "moderator",
                  .target = "gone",
                  .attributes = {{"author", "m"}}});
  EXPECT_EQ(community.Balance("m", "points"), 46);
}

Event Basket() {
  const auto item = [](const char* sku, int value, const char* label) {
    return Value::Map{{"sku", sku}, {"value", value}, {"label", label}};
  };
  return {.type = "buy",
          .time = kD0,
          .attributes = {{"items", Value::List{item("A", 12, "red"),
                                               item("B", 100, "blue"),
                                               item("delivery", 40, "")}}}};
}

std::string Buying(const std::string& rules) {
  return absl::StrCat(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "buy"
                 attribute { name: "items" type: MAP list: true required: true } })",
                      rules);
}

std::string Earn(const std::string& items, const std::string& id = "earn") {
  return absl::StrCat("rule { id: '", id,
                      "' on: 'buy' award { currency: 'points' units: \"", items,
                      "\" } }");
}

TEST(Baskets, P19EarnByItem) {
  struct Row {
    std::string items;
    int64_t gives;
  };
  for (const Row& row :
       {Row{"event.items", 608},
        Row{"event.items.filter(i, i.sku != 'B')", 208},
        Row{"event.items.filter(i, i.label != 'red')", 560},
        Row{"event.items.filter(i, i.label == 'red')", 48},
        Row{"event.items.filter(i, i.label != 'red' && i.sku != 'delivery')",
            400}}) {
    EXPECT_EQ(Gives(Buying(Earn("4 * sum(" + row.items + ".map(i, i.value))")),
                    Basket()),
              row.gives)
        << row.items;
  }
}

TEST(Baskets, P21AddAFixedBonus) {
  const std::string bonus = R"p(
    rule { id: "a" on: "buy" when: "event.items.exists(i, i.sku == 'A')"
           award { currency: "points" units: "100" } })p";
  const std::string earn = Earn("4 * sum(event.items.map(i, i.value))");
  EXPECT_EQ(Gives(Buying(earn + bonus), Basket()), 708);
}

TEST(Baskets, P23MultiplyByLabel) {
  struct Row {
    std::string labels;
    int64_t gives;
  };
  for (const Row& row :
       {Row{"{'red': 3}", 704}, Row{"{'red': 3, 'blue': 6}", 2704},
        Row{"{'red': 0, 'blue': 2}", 960}, Row{"{'red': 0, 'blue': 0}", 160},
        Row{"{'blue': 2}", 1008}}) {
    EXPECT_EQ(Gives(Buying(Earn(absl::StrCat(
                        "4 * sum(event.items.map(i, i.value * (i.label in ",
                        row.labels, " ? ", row.labels, "[i.label] : 1)))"))),
                    Basket()),
              row.gives)
        << row.labels;
  }
}

TEST(Baskets, P25LeaveFixedAwardsAlone) {
  const std::string labels = "{'red': 3, 'blue': 5}";
  const std::string items =
      absl::StrCat("sum(event.items.map(i, i.value * (i.label in ", labels,
                   " ? ", labels, "[i.label] : 1)))");
  const std::string bonus = R"p(
    rule { id: "b" on: "buy" when: "event.items.exists(i, i.sku == 'B')"
           award { currency: "points" units: "200" )p";
  const auto with = [&](const std::string& more) {
    return Buying(absl::StrCat(Earn("4 * " + items, "four"),
                               Earn("10 * " + items, "ten"), bonus, more));
  };
  EXPECT_EQ(Gives(with("} }"), Basket()), 8264);
  const std::string twice = "multiplier { id: 'm' factor: '2' }";
  EXPECT_EQ(Gives(with("} }" + twice), Basket()), 2 * 8064 + 200);
  EXPECT_EQ(Gives(with("multiply: YES } }" + twice), Basket()), 2 * 8264);
}

TEST(Baskets, ThatAreNotOfIntsSaySo) {
  Community community(Buying(Earn("sum(event.items.map(i, i.value))")));
  Event basket = Basket();
  basket.id = "e";
  basket.actor = "ada";
  basket.attributes.at("items") =
      Value::List{Value::Map{{"value", 1.5}}, Value::Map{{"value", 1}}};
  const Outcome outcome = community.Send(basket);
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_THAT(outcome.notes[0].text, HasSubstr("sum: not all are ints"));
  community.ExpectVerified();
}

TEST(Rules, P27StopWhatComesBehindThem) {
  const auto with = [](const std::string& when) {
    return absl::StrCat(R"(
      name: "t" version: "1" currency { id: "points" }
      event_type { id: "buy" attribute { name: "total" type: INT required: true } }
      rule { id: "one" on: "buy"
             award { currency: "points" units: "event.total" } }
      rule { id: "two" on: "buy" stop: true )",
                        when, R"(
             award { currency: "points" units: "event.total" } }
      rule { id: "ten" on: "buy"
             award { currency: "points" units: "10 * event.total" } })");
  };
  const Event buy{.type = "buy", .time = kD0, .attributes = {{"total", 152}}};
  EXPECT_EQ(Gives(with(""), buy), 304);
  EXPECT_EQ(Gives(with("when: 'event.total > 1000'"), buy), 152 + 1520);
  EXPECT_EQ(Gives(with("during { until: '2026-01-05' }"), buy), 152 + 1520);

  Community community(with(""));
  Event event = buy;
  event.id = "e";
  event.actor = "ada";
  community.Send(event);
  const auto explanation = (*community.engine().Query())->Explain("e");
  EXPECT_EQ(explanation->rules[1].verdict,
            "it fired, and no later rule is asked");
  EXPECT_EQ(explanation->rules[2].verdict,
            "it was not asked: rule two stopped at itself");
}

TEST(Rules, ThatStopEndTheAskingAtTheObjectToo) {
  Community community(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "view" attribute { name: "owner" type: MEMBER } }
    metric { id: "views" on: "view" per: "target" }
    rule { id: "first" on: "view" when: "object.metric.views >= 0"
           award { to: "event.owner" currency: "points" units: "1" } }
    rule { id: "stop" on: "view" stop: true }
    rule { id: "last" on: "view" when: "object.metric.views >= 0"
           award { to: "event.owner" currency: "points" units: "5" } })");
  EXPECT_THAT(AwardsOf(community.Send({.id = "e",
                                       .type = "view",
                                       .time = kD0,
                                       .actor = "ada",
                                       .target = "post",
                                       .attributes = {{"owner", "bob"}}})),
              ElementsAre("first bob 1"));
  community.ExpectVerified();
}

TEST(Rules, P29AreOnAnyEvent) {
  Community community(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "account_created" } event_type { id: "purchase" }
    event_type { id: "facebook_like" }
    metric { id: "purchases" on: "purchase" }
    rule { id: "a" on: "account_created"
           award { currency: "points" units: "200" } }
    rule { id: "b" on: "purchase" when: "metric.purchases == 0"
           award { currency: "points" units: "56" } }
    rule { id: "c" on: "facebook_like"
           award { currency: "points" units: "100" } })");
  const auto gives = [&](const char* type) {
    return Gives(community, {.type = type, .time = kD0});
  };
  EXPECT_EQ(gives("account_created"), 200);
  EXPECT_EQ(gives("purchase"), 56);
  EXPECT_EQ(gives("purchase"), 0);
  EXPECT_EQ(gives("facebook_like"), 100);
}

TEST(Rules, C11FireOnlyInTheirCampaign) {
  Community community(Points(R"(
    campaign { id: "over" from: "2026-01-01" until: "2026-01-05" }
    campaign { id: "ahead" announce_from: "2026-01-02" from: "2026-01-06" }
    rule { id: "ended" campaign: "over" on: "act"
           award { currency: "points" units: "1" } }
    rule { id: "starts" campaign: "ahead" on: "act"
           award { currency: "points" units: "1" } })"));
  const Outcome outcome =
      community.Send({.id = "e", .type = "act", .time = kD0, .actor = "ada"});
  EXPECT_THAT(AwardsOf(outcome), ElementsAre("r ada 10"));
  EXPECT_THAT(outcome.notes, IsEmpty());
  const auto explanation = (*community.engine().Query())->Explain("e");
  EXPECT_EQ(explanation->rules[1].verdict,
            "campaign over ended 2026-01-05 00:00:00 UTC");
  EXPECT_EQ(explanation->rules[2].verdict,
            "campaign ahead had not started: it starts 2026-01-06 00:00:00 "
            "UTC");
}

TEST(Factors, AreExact) {
  const auto with = [](const std::string& factor) {
    return absl::StrCat(R"(
      name: "t" version: "1" currency { id: "points" }
      event_type { id: "act" attribute { name: "n" type: INT required: true } }
      rule { id: "r" on: "act" award { currency: "points" units: "event.n" )",
                        factor, " } }");
  };
  struct Row {
    std::string factor;
    int64_t n, gives;
  };
  for (const Row& row : {
           Row{"factor: '0.05'", 100, 5},
           Row{"factor: '0.05'", 99, 4},
           Row{"factor: '0.05' round: UP", 81, 5},
           Row{"factor: '0.05' round: UP", 80, 4},
           Row{"factor: '0.05' round: NEAREST", 90, 5},
           Row{"factor: '0.05' round: NEAREST", 89, 4},
           // 0.1 + 0.2 is no 0.3 in a double; 1.1 * 1e12 has no room there.
           Row{"factor: '0.29'", 100, 29},
           Row{"factor: '0.999999'", 1'000'000'000'000, 999'999'000'000},
           Row{"factor: '0.05'", -99, -4},
           Row{"factor: '0.05' round: UP", -81, -5},
       }) {
    EXPECT_EQ(
        Gives(with(row.factor), {.time = kD0, .attributes = {{"n", row.n}}}),
        row.n < 0 ? 0 : row.gives)
        << row.factor << " " << row.n;
  }
}

TEST(Segments, AreAskedOfTheActorAndOfTheRecipient) {
  Community community(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "like" attribute { name: "owner" type: MEMBER } }
    metric { id: "likes" on: "like" }
    segment { id: "busy" when: "metric.likes >= 1" }
    rule { id: "by_busy" on: "like" when: "segment.busy"
           award { to: "event.owner" currency: "points" units: "1" } }
    rule { id: "to_busy" on: "like"
           award { to: "event.owner" currency: "points" units: "5"
                   when: "segment.busy && !actor.segment.busy" } })");
  const auto like = [&](const std::string& id, const char* actor,
                        const char* owner) {
    return AwardsOf(community.Send({.id = id,
                                    .type = "like",
                                    .time = kD0,
                                    .actor = actor,
                                    .target = "p",
                                    .attributes = {{"owner", owner}}}));
  };
  EXPECT_THAT(like("e1", "ada", "bob"), IsEmpty());
  EXPECT_THAT(like("e2", "ada", "bob"), ElementsAre("by_busy bob 1"));
  EXPECT_THAT(like("e3", "bob", "ada"), ElementsAre("to_busy ada 5"));
  community.ExpectVerified();
}

}  // namespace
}  // namespace loyalty
