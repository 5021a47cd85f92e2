// SPDX-License-Identifier: Apache-2.0
//
// Next steps of quests that many do together: which there are, and what of them
// is missing, against sums over what was sent; and what is proposed is played.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/window.h"
#include "engine/community.h"
#include "loyalty/engine.h"
#include "loyalty/next_steps.h"
#include "next/told.h"

namespace loyalty {
namespace {

using loyalty::testing::Community;
using loyalty::testing::Day;
using loyalty::testing::Find;
using loyalty::testing::Kind;
using loyalty::testing::Next;
using loyalty::testing::PartOf;
using loyalty::testing::Told;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kTeams[] = R"(
  name: "teams"  version: "1"
  currency { id: "points" }
  event_type { id: "solve" attribute { name: "team" type: OBJECT } }
  event_type { id: "ride" attribute { name: "team" type: OBJECT }
               attribute { name: "km" type: INT default: "0" } }
  event_type { id: "accept" attribute { name: "owner" type: MEMBER } }
  rule { id: "ride_a_tour" on: "ride" award { currency: "points" units: "1" } limit { per: DAY times: 2 } }
  quest { id: "raid" describe: "Thirty solutions of your team in a month" period: MONTH
          together: "event.team" step { id: "solutions" on: "solve" goal: 30 }
          award { currency: "points" units: "20" } }
  quest { id: "spring" until: "2026-03-01" together: "everybody" min_contribution: 2
          step { id: "solutions" on: "solve" goal: 10000 } }
  quest { id: "tour" together: "event.team" min_contribution: 10 times: 0
          step { id: "km" on: "ride" sum: "event.km" goal: 100 } }
  quest { id: "help" together: "everybody" step { id: "answers" on: "accept" per: "event.owner" goal: 5 } }
)";

void Solve(Told& told, const std::string& member, const std::string& team,
           int times) {
  for (int i = 0; i < times; ++i) {
    told.Send("solve", member, Day(5), {{"team", team}});
  }
}

void Ride(Told& told, const std::string& member, const std::string& team,
          int64_t km, absl::Time at = Day(5)) {
  told.Send("ride", member, at, {{"team", team}, {"km", km}});
}

const NextGoal* FindQuest(const std::vector<NextGoal>& goals,
                          const std::string& id,
                          const std::string& object = "") {
  for (const NextGoal& goal : goals) {
    if (goal.id == id && goal.object == object) return &goal;
  }
  return nullptr;
}

TEST(NextStepsTogetherTest, SayWhatIsMissingOfTheWhole) {
  Told told(kTeams);
  Solve(told, "ana", "red", 3);
  Solve(told, "bob", "red", 15);
  Solve(told, "cy", "blue", 9);
  const auto goals = Next(told.community(), "ana", Day(6));
  const NextGoal* raid = FindQuest(goals, "raid", "red");
  ASSERT_NE(raid, nullptr);
  EXPECT_TRUE(raid->together);
  ASSERT_EQ(raid->needs.size(), 2u);
  EXPECT_EQ(raid->needs[0].what, "solutions");
  EXPECT_EQ(raid->needs[0].have, 18);
  EXPECT_EQ(raid->needs[0].want, 30);
  EXPECT_EQ(raid->needs[1].what, "own.raid");
  EXPECT_EQ(raid->needs[1].have, 3);
  EXPECT_EQ(raid->needs[1].want, 1);
  ASSERT_EQ(raid->awards.size(), 1u);
  EXPECT_EQ(raid->awards[0].units, 20);
  ASSERT_EQ(raid->ways.size(), 1u);
  EXPECT_EQ(raid->ways[0].left_to_others, 0);
  EXPECT_EQ(raid->ways[0].steps[0].example.attributes.at("team"), Value("red"));
  EXPECT_EQ(raid->sentence,
            "Solve 12 times today, and the quest \"Thirty solutions of your "
            "team in a month\" is done by red: 12 solutions to go, you did 3, "
            "before 2026-02-01 00:00.");
  // Of a team for which the member does nothing, there is nothing to say.
  EXPECT_EQ(FindQuest(goals, "raid", "blue"), nullptr);
}

// Ten thousand are others' as well: what is asked of the member comes first.
TEST(NextStepsTogetherTest, SayWhatAShareAsks) {
  Told told(kTeams);
  Solve(told, "ana", "red", 1);
  Solve(told, "bob", "red", 4);
  const auto goals = Next(told.community(), "ana", Day(6));
  const NextGoal* spring = FindQuest(goals, "spring");
  ASSERT_NE(spring, nullptr);
  ASSERT_EQ(spring->ways.size(), 1u);
  EXPECT_EQ(spring->ways[0].acts, 1);
  EXPECT_EQ(spring->ways[0].left_to_others, 9994);
  EXPECT_EQ(
      spring->sentence,
      "Solve today, and you share in the quest \"spring\" once it is done "
      "by everybody: 9995 solutions to go, 1 of it by you, you did 1, "
      "before 2026-03-01 00:00.");
  // Bob has done that: what there is to do brings it nearer.
  const auto of_bob = Next(told.community(), "bob", Day(6));
  EXPECT_EQ(FindQuest(of_bob, "spring")->sentence,
            "Solve today, and the quest \"spring\" of everybody comes nearer: "
            "9995 solutions to go, you did 4, before 2026-03-01 00:00.");
}

TEST(NextStepsTogetherTest, SayHowMuchAsLastTime) {
  Told told(kTeams);
  Ride(told, "ana", "red", 4);
  Ride(told, "bob", "red", 70);
  const auto goals = Next(told.community(), "ana", Day(6));
  const NextGoal* tour = FindQuest(goals, "tour", "red");
  ASSERT_NE(tour, nullptr);
  // A share asks for 6 more, which are two rides of hers; and 26 are missing.
  ASSERT_EQ(tour->ways.size(), 2u);
  EXPECT_EQ(tour->ways[0].acts, 2);
  EXPECT_TRUE(tour->ways[0].steps[0].as_last_time);
  EXPECT_EQ(tour->ways[0].left_to_others, 18);
  EXPECT_EQ(tour->ways[1].acts, 7);
  EXPECT_EQ(tour->ways[1].left_to_others, 0);
}

TEST(NextStepsTogetherTest, SayHowMuchToWhoDidNothingLikeIt) {
  Told told(kTeams);
  Solve(told, "ana", "red", 1);
  Ride(told, "bob", "everywhere", 70);
  told.Send("ride", "ana", Day(5), {{"team", "red"}});  // of no kilometre
  const auto goals = Next(told.community(), "ana", Day(6));
  // It names her team, and counted for nothing.
  const NextGoal* tour = FindQuest(goals, "tour", "red");
  ASSERT_NE(tour, nullptr);
  EXPECT_EQ(tour->needs[0].missing(), 100);
  EXPECT_EQ(tour->needs[1].missing(), 10);
}

// What is done is done: a share of it is what is left to have.
TEST(NextStepsTogetherTest, SayHowToShareInWhatIsDone) {
  Told told(kTeams);
  Ride(told, "bob", "red", 120);
  Ride(told, "ana", "red", 4);
  const auto goals = Next(told.community(), "ana", Day(6));
  const NextGoal* tour = FindQuest(goals, "tour", "red");
  ASSERT_NE(tour, nullptr);
  EXPECT_EQ(tour->needs[0].missing(), 0);
  EXPECT_EQ(tour->needs[1].missing(), 6);
  EXPECT_EQ(
      tour->sentence,
      "Ride twice today, and you share in the quest \"tour\": 6 by you to "
      "go, you did 4.");
  // Bob has had his: the next time is as far as 120 reach, and asks as much.
  const auto of_bob = Next(told.community(), "bob", Day(6));
  const NextGoal* again = FindQuest(of_bob, "tour", "red");
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->needs[0].have, 24);
  EXPECT_EQ(again->needs[1].have, 120);
  EXPECT_EQ(again->needs[1].want, 20);
}

TEST(NextStepsTogetherTest, SayWhatOthersDoToTheMember) {
  Told told(kTeams);
  told.Send("accept", "ana", Day(5), {{"owner", "bob"}});
  const auto goals = Next(told.community(), "ana", Day(6));
  const NextGoal* help = FindQuest(goals, "help");
  ASSERT_NE(help, nullptr);
  ASSERT_FALSE(help->ways.empty());
  EXPECT_EQ(
      help->sentence,
      "From others: accept today, and you share in the quest \"help\" once "
      "it is done by everybody: 4 answers to go, 1 of it by you.");
}

// Who cannot take part is not told of it.
TEST(NextStepsTogetherTest, AreOfWhatTheMemberCanTakePartIn) {
  Told told(kTeams);
  Solve(told, "ana", "red", 30);
  Solve(told, "bob", "red", 1);
  Solve(told, "cy", "blue", 1);
  const auto of = [&](const std::string& member, absl::Time at) {
    std::set<std::string> ids;
    for (const NextGoal& goal : Next(told.community(), member, at)) {
      if (goal.kind == Kind::kQuest) ids.insert(goal.id + " " + goal.object);
    }
    return ids;
  };
  // Both have had their share of the raid.
  EXPECT_THAT(of("ana", Day(6)), ElementsAre("help ", "spring "));
  EXPECT_THAT(of("bob", Day(6)), ElementsAre("help ", "spring "));
  EXPECT_THAT(of("cy", Day(6)), ElementsAre("help ", "raid blue", "spring "));
  // Another month has another raid, for the team of the last one; and spring
  // ends.
  EXPECT_THAT(of("ana", Day(60)), ElementsAre("help ", "raid red"));
  told.Send(
      Event{.type = std::string(kSuspend), .time = Day(7), .actor = "cy"});
  EXPECT_THAT(of("cy", Day(8)), ElementsAre());
}

TEST(NextStepsTogetherTest, ComeBesideTheMembersOwn) {
  Told told(absl::StrCat(kTeams, R"(
    badge { id: "two" when: "earned.points >= 2" }
    badge { id: "ten" when: "earned.points >= 10" } )"));
  Solve(told, "ana", "red", 9);
  Ride(told, "ana", "red", 4);
  std::vector<std::string> ids;
  for (const NextGoal& goal : Next(told.community(), "ana", Day(6))) {
    ids.push_back(goal.id);
  }
  // One act; one, and others do the rest; two; twenty-one; some days; and
  // spring, of which she has done all that is asked.
  EXPECT_THAT(ids, ElementsAre("two", "help", "tour", "raid", "ten", "spring"));
}

// Small programs and histories at random.
struct Step {
  int type = 0;
  int64_t at_least = 0;  // of event.n
  bool of_owner = false;
  bool sums = false;
  int64_t goal = 1;
};

struct Quest {
  std::string id = {};
  enum class Of { kTeam, kTarget, kAll } of = Of::kTeam;
  base::Period period = base::Period::kEver;
  int64_t times = 1;
  int64_t least = 1;
  std::vector<Step> steps = {};
};

class Made {
 public:
  explicit Made(uint32_t seed) : random_(seed) {
    for (int i = 0; i <= Upto(1); ++i) {
      Quest& quest = quests_.emplace_back();
      quest.id = absl::StrCat("q", i);
      quest.of = static_cast<Quest::Of>(Upto(2));
      quest.period = Upto(1) == 0 ? base::Period::kEver : base::Period::kWeek;
      quest.times = Upto(2);
      quest.least = 1 + Upto(3);
      for (int n = 0; n <= Upto(2); ++n) {
        quest.steps.push_back({.type = Upto(2),
                               .at_least = Upto(1) * Upto(5),
                               .of_owner = Upto(3) == 0,
                               .sums = Upto(3) == 0,
                               .goal = 1 + Upto(7)});
      }
    }
  }

  std::string Program() {
    std::string text = "name: \"made\" version: \"1\" currency { id: \"p\" } ";
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(&text, "event_type { id: \"t", i,
                      "\" attribute { name: \"team\" type: OBJECT } attribute "
                      "{ name: \"owner\" type: MEMBER } attribute { name: "
                      "\"n\" type: INT default: \"0\" } } ");
      if (Upto(1) == 0) {
        absl::StrAppend(&text, "rule { id: \"r", i, "\" on: \"t", i,
                        "\" award { currency: \"p\" units: \"1\" } } ");
      }
    }
    for (const Quest& quest : quests_) {
      absl::StrAppend(
          &text, "quest { id: \"", quest.id, "\" together: \"",
          quest.of == Quest::Of::kTeam     ? "event.team"
          : quest.of == Quest::Of::kTarget ? "target"
                                           : "everybody",
          "\" times: ", quest.times, " min_contribution: ", quest.least,
          quest.period == base::Period::kWeek ? " period: WEEK" : "");
      int n = 0;
      for (const Step& step : quest.steps) {
        absl::StrAppend(&text, " step { id: \"s", n++, "\" on: \"t", step.type,
                        "\" goal: ", step.goal);
        if (step.at_least > 0) {
          absl::StrAppend(&text, " when: \"event.n >= ", step.at_least, "\"");
        }
        if (step.of_owner) absl::StrAppend(&text, " per: \"event.owner\"");
        if (step.sums) absl::StrAppend(&text, " sum: \"event.n\"");
        absl::StrAppend(&text, " }");
      }
      absl::StrAppend(&text, " award { currency: \"p\" units: \"1\" } } ");
    }
    return text;
  }

  std::vector<Event> History() {
    std::vector<Event> events;
    const int count = 5 + Upto(25);
    for (int i = 0; i < count; ++i) {
      Event event{.type = absl::StrCat("t", Upto(2)),
                  .time = Day(5 + i / 4),
                  .actor = Member(),
                  .target = absl::StrCat("object", Upto(1)),
                  .attributes = {{"n", Upto(6)}, {"owner", Member()}}};
      if (Upto(5) > 0) {
        event.attributes.emplace("team", Upto(2) > 0 ? "red" : "blue");
      }
      events.push_back(std::move(event));
    }
    return events;
  }

  const std::vector<Quest>& quests() const { return quests_; }
  int Upto(int most) {
    return std::uniform_int_distribution<int>(0, most)(random_);
  }
  std::string Member() { return absl::StrCat("m", Upto(3)); }

 private:
  std::mt19937 random_;
  std::vector<Quest> quests_;
};

int64_t Number(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end()
             ? 0
             : std::get<int64_t>(found->second.get());
}

std::optional<std::string> Text(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  if (found == event.attributes.end()) return std::nullopt;
  return std::get<std::string>(found->second.get());
}

// What all events come to in one window, for one team.
struct Sums {
  std::vector<int64_t> done = {};           // by step
  std::map<std::string, int64_t> own = {};  // by member
};

std::map<std::pair<int64_t, std::string>, Sums> SumsOf(
    const Quest& quest, const std::vector<Event>& events) {
  std::map<std::pair<int64_t, std::string>, Sums> sums;
  for (const Event& event : events) {
    const int64_t window =
        base::WindowStart(event.time, quest.period, absl::UTCTimeZone());
    const std::optional<std::string> object =
        quest.of == Quest::Of::kTeam     ? Text(event, "team")
        : quest.of == Quest::Of::kTarget ? event.target
                                         : std::optional<std::string>("");
    if (!object.has_value()) continue;
    for (size_t i = 0; i < quest.steps.size(); ++i) {
      const Step& step = quest.steps[i];
      if (event.type != absl::StrCat("t", step.type)) continue;
      if (Number(event, "n") < step.at_least) continue;
      const int64_t amount = step.sums ? Number(event, "n") : 1;
      if (amount == 0) continue;
      Sums& here = sums[{window, *object}];
      here.done.resize(quest.steps.size());
      here.done[i] += amount;
      here.own[step.of_owner ? *Text(event, "owner") : *event.actor] += amount;
    }
  }
  return sums;
}

// What a member is told of a quest: of which team, and needs, the own part
// last.
using Needs = std::map<std::string, std::vector<std::pair<int64_t, int64_t>>>;

Needs NeedsOf(const Quest& quest, const std::vector<Event>& events,
              const std::string& member, absl::Time at, bool& is_known) {
  const auto all = SumsOf(quest, events);
  const int64_t now = base::WindowStart(at, quest.period, absl::UTCTimeZone());
  std::map<int64_t, std::set<std::string>> by_window;
  for (const auto& [key, sums] : all) {
    if (sums.own.contains(member)) by_window[key.first].insert(key.second);
  }
  std::set<std::string> objects;
  if (quest.of == Quest::Of::kAll) {
    objects.insert("");
  } else if (!by_window.empty()) {
    objects = by_window.rbegin()->second;
  } else {
    is_known = false;
  }
  Needs needs;
  for (const std::string& object : objects) {
    Sums sums;
    const auto found = all.find({now, object});
    if (found != all.end()) sums = found->second;
    sums.done.resize(quest.steps.size());
    const int64_t own = sums.own.contains(member) ? sums.own[member] : 0;
    // A share each time that it is done, and as much as is asked.
    int64_t shares = 0;
    const auto has = [&](int64_t times) {
      bool has_all = own >= times * quest.least;
      for (size_t i = 0; i < quest.steps.size(); ++i) {
        has_all &= sums.done[i] >= times * quest.steps[i].goal;
      }
      return has_all && (quest.times == 0 || times <= quest.times);
    };
    while (has(shares + 1)) ++shares;
    if (quest.times > 0 && shares == quest.times) continue;
    auto& told = needs[object];
    for (size_t i = 0; i < quest.steps.size(); ++i) {
      const int64_t goal = quest.steps[i].goal;
      told.emplace_back(
          std::clamp<int64_t>(sums.done[i] - shares * goal, 0, goal), goal);
    }
    told.emplace_back(own, (shares + 1) * quest.least);
  }
  return needs;
}

// Others do what is missing of the whole. Whose it counts for is somebody new.
void OthersDoTheRest(Community& community, const Quest& quest,
                     const std::string& object, const std::string& member,
                     absl::Time at, int& number) {
  const QuestStanding stands = PartOf(community, member, quest.id, object, at);
  for (size_t i = 0; i < quest.steps.size(); ++i) {
    const Step& step = quest.steps[i];
    // Of one that is met already, more does no harm.
    int64_t missing = std::max<int64_t>(
        stands.steps.empty() ? step.goal : step.goal - stands.steps[i].progress,
        0);
    while (missing > 0) {
      const int64_t n = std::max<int64_t>(step.at_least, 1);
      missing -= step.sums ? n : 1;
      Event event{.id = absl::StrCat("other", ++number),
                  .type = absl::StrCat("t", step.type),
                  .time = at,
                  .actor = "zed",
                  .target = absl::StrCat("object-of-zed", number),
                  .attributes = {{"n", n}, {"owner", "zoe"}}};
      if (quest.of == Quest::Of::kTarget) event.target = object;
      if (quest.of == Quest::Of::kTeam) {
        event.attributes.emplace("team", object);
      }
      community.Send(event);
    }
  }
}

// The fewest events of the member's own that reach it; -1: that is not told.
// Each counts as one for all steps of its type; of those of an owner, for
// somebody else.
int64_t FewestOwn(const Quest& quest, const NextGoal& goal, bool of_whole) {
  std::map<int, int64_t> lacks, gives;
  for (size_t i = 0; i < quest.steps.size(); ++i) {
    const Step& step = quest.steps[i];
    if (step.sums) return -1;
    lacks[step.type] =
        std::max(lacks[step.type], of_whole ? goal.needs[i].missing() : 0);
    gives[step.type] += step.of_owner ? 0 : 1;
  }
  int64_t acts = 0, own = 0, most = 0;
  for (const auto& [type, missing] : lacks) {
    acts += missing;
    own += missing * gives[type];
    most = std::max(most, gives[type]);
  }
  const int64_t still = goal.needs.back().missing() - own;
  if (still <= 0) return acts;
  return most == 0 ? -1 : acts + (still + most - 1) / most;
}

TEST(NextStepsTogetherTwinTest, AreWhatTheEventsComeTo) {
  int goals_seen = 0, shares = 0, wholes = 0, fewest = 0;
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    Made made(seed);
    const std::string program = made.Program();
    Told told(program);
    const std::vector<Event> events = made.History();
    for (const Event& event : events) told.Send(event);
    // In the week of the newest events, or the one behind it.
    const absl::Time at = events.back().time + absl::Hours(1) +
                          absl::Hours(24 * 7 * made.Upto(1));
    for (int m = 0; m <= 3; ++m) {
      const std::string member = absl::StrCat("m", m);
      if (!told.community().Exists(member)) continue;
      SCOPED_TRACE(absl::StrCat(seed, " ", member, "\n", program));
      const auto goals = Next(told.community(), member, at);
      for (const Quest& quest : made.quests()) {
        bool is_known = true;
        const Needs wanted = NeedsOf(quest, events, member, at, is_known);
        Needs needs;
        for (const NextGoal& goal : goals) {
          if (goal.id != quest.id) continue;
          auto& told_of_it = needs[goal.object];
          for (const NextNeed& need : goal.needs) {
            told_of_it.emplace_back(need.have, need.want);
          }
        }
        if (is_known) {
          EXPECT_EQ(needs, wanted);
        }
        for (const NextGoal& goal : goals) {
          if (goal.id != quest.id) continue;
          ++goals_seen;
          for (const NextWay& way : goal.ways) {
            EXPECT_EQ(way.days, 0);
            EXPECT_TRUE(told.Leads(member, goal, way, way.acts))
                << way.sentence;
            EXPECT_FALSE(told.Leads(member, goal, way, way.acts - 1))
                << way.sentence;
            const bool of_whole = way.left_to_others == 0;
            const bool of_share = !of_whole && goal.needs.back().missing() > 0;
            wholes += of_whole ? 1 : 0;
            if (!of_share) continue;
            ++shares;
            // Others' acts do the rest; and without the member's own, they
            // bring no share.
            const auto share = [&](int64_t acts) {
              const auto other = told.After(way, acts);
              int number = 0;
              OthersDoTheRest(*other, quest, goal.object, member, at, number);
              return PartOf(*other, member, quest.id, goal.object, at)
                  .times_done;
            };
            const int64_t had =
                PartOf(told.community(), member, quest.id, goal.object, at)
                    .times_done;
            EXPECT_EQ(share(way.acts), had + 1) << way.sentence;
            EXPECT_EQ(share(0), had) << way.sentence;
          }
          if (goal.ways.empty()) continue;
          const NextWay& way = goal.ways.front();
          const bool is_own =
              std::all_of(way.steps.begin(), way.steps.end(),
                          [](const NextStep& step) { return step.by_member; });
          const bool of_share =
              way.left_to_others > 0 && goal.needs.back().missing() > 0;
          if (!is_own || (way.left_to_others > 0 && !of_share)) continue;
          const int64_t acts = FewestOwn(quest, goal, !of_share);
          if (acts < 0) continue;
          ++fewest;
          EXPECT_EQ(way.acts, acts) << way.sentence;
        }
      }
    }
  }
  EXPECT_GE(goals_seen, 150);
  EXPECT_GE(shares, 50);
  EXPECT_GE(wholes, 150);
  EXPECT_GE(fewest, 50);
}

}  // namespace
}  // namespace loyalty
