// SPDX-License-Identifier: Apache-2.0
//
// Random quests that many do together over random histories, with duplicates,
// late events, reversals, merges, suspensions and erasures, against a slow twin
// that adds up all that stands after each event.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::MustRead;

const std::vector<std::string>& Members() {
  static const auto& members =
      *new std::vector<std::string>{"ann", "bob", "cy", "dee", "eli", "flo"};
  return members;
}
const std::vector<std::string>& Teams() {
  static const auto& teams = *new std::vector<std::string>{"red", "blue"};
  return teams;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int Below(int n) {
    return static_cast<int>(engine_() % static_cast<uint32_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  const std::string& Of(const std::vector<std::string>& all) {
    return all[Below(static_cast<int>(all.size()))];
  }

 private:
  std::mt19937 engine_;
};

struct StepDefinition {
  std::string on;  // "a", "b"
  bool of_owner = false, sums = false;
  int64_t goal = 1;
};

struct Definition {
  std::string id;
  std::string period;    // "", "DAY", "WEEK"
  std::string together;  // "everybody", "target", "event.team"
  int64_t times = 1, least = 1;
  bool revoke = false;
  int until = 0;  // day of January; 0: for ever
  std::vector<StepDefinition> steps;

  bool IsOpenAt(absl::Time time) const {
    return until == 0 || time < testing::Day(until, 0);
  }
  std::string WindowOf(absl::Time time) const {
    absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
    if (period.empty()) return "";
    while (period == "WEEK" && absl::GetWeekday(day) != absl::Weekday::monday) {
      --day;
    }
    return absl::FormatCivilTime(day);
  }
};

std::string TextOf(const Definition& q) {
  std::string text =
      absl::StrCat("quest { id: '", q.id, "' together: '", q.together,
                   "' times: ", q.times, " min_contribution: ", q.least);
  if (!q.period.empty()) absl::StrAppend(&text, " period: ", q.period);
  if (q.revoke) text += " revoke: true";
  if (q.until > 0) absl::StrAppend(&text, " until: '2026-01-", q.until, "'");
  for (size_t i = 0; i < q.steps.size(); ++i) {
    const StepDefinition& step = q.steps[i];
    absl::StrAppend(&text, " step { id: 's", i, "' on: '", step.on,
                    "' goal: ", step.goal);
    if (step.of_owner) text += " per: 'event.owner'";
    if (step.sums) text += " sum: 'event.n'";
    text += " }";
  }
  return text + " award { currency: 'gifts' units: '1' } }\n";
}

Definition RandomDefinition(Random& random, int number) {
  Definition q;
  q.id = absl::StrCat("q", number);
  q.period = random.Of({"", "DAY", "WEEK", "WEEK"});
  q.together = random.Of({"everybody", "target", "event.team"});
  q.times = random.Below(3);
  q.least = 1 + random.Below(3);
  q.revoke = random.OneIn(2);
  if (random.OneIn(4)) q.until = 10;
  const int steps = 1 + random.Below(2);
  for (int i = 0; i < steps; ++i) {
    StepDefinition& step = q.steps.emplace_back();
    step.on = random.Of({"a", "b"});
    step.of_owner = random.OneIn(3);
    step.sums = random.OneIn(3);
    step.goal = 1 + random.Below(6);
  }
  return q;
}

std::string ProgramText(const std::vector<Definition>& quests) {
  const std::string attributes =
      " attribute { name: 'owner' type: MEMBER }"
      " attribute { name: 'team' type: OBJECT }"
      " attribute { name: 'n' type: INT default: '0' } }\n";
  std::string text = absl::StrCat(
      "name: 'twin' version: '1' currency { id: 'gifts' }\n",
      "event_type { id: 'a'", attributes, "event_type { id: 'b'", attributes,
      "event_type { id: 'retract' attribute { name: 'event' type: STRING }"
      " attribute { name: 'other' type: STRING } }\n"
      "rule { id: 'one' on: 'retract' reverse_event { event: 'event.event' } }"
      "rule { id: 'other' on: 'retract'"
      " reverse_event { event: 'event.other' } }\n");
  for (const Definition& q : quests) text += TextOf(q);
  return text;
}

std::string TextAttribute(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end()
             ? ""
             : std::get<std::string>(found->second.get());
}

int64_t NumberOf(const Event& event) {
  const auto found = event.attributes.find("n");
  return found == event.attributes.end()
             ? 0
             : std::get<int64_t>(found->second.get());
}

// The twin.
class SlowTwin {
 public:
  explicit SlowTwin(const std::vector<Definition>& quests) : quests_(quests) {}

  // A goal: quest, window and, of a team's, which.
  using Goal = std::tuple<std::string, std::string, std::string>;

  struct Reading {
    int64_t own = 0, shares = 0, met = 0;
    std::vector<int64_t> progress = {};
  };

  void Send(const Event& event, bool accepted) {
    if (!seen_.insert(event.id).second || !accepted) return;
    const std::map<Goal, int64_t> before = AllMet();
    std::set<std::pair<Goal, std::string>> touched;
    if (event.type == kReverse || event.type == "retract") {
      for (const char* const which : {"event", "other"}) {
        touched.merge(TakeBack(TextAttribute(event, which)));
      }
    } else if (event.type == kMerge) {
      touched = Merge(*event.actor, TextAttribute(event, "into"));
    } else if (event.type == kSuspend) {
      suspended_.insert(*event.actor);
    } else if (event.type == kResume) {
      // What waited for them is theirs now.
      if (suspended_.erase(*event.actor) > 0) {
        for (const auto& [goal, met] : before) {
          touched.insert({goal, *event.actor});
        }
      }
    } else if (event.type == kErase) {
      erased_.insert(*event.actor);
    } else {
      acts_.push_back(event);
      touched = Touched(event);
    }
    const std::map<Goal, int64_t> after = AllMet();
    for (const auto* all : {&before, &after}) {
      for (const auto& [goal, met] : *all) {
        if (MetOf(before, goal) == MetOf(after, goal)) continue;
        for (const std::string& member : Members()) {
          if (Now(member) == member) touched.insert({goal, member});
        }
      }
    }
    for (const auto& [goal, member] : touched) {
      Share(goal, member, MetOf(after, goal), event.type == kMerge);
    }
  }

  Reading Of(const Definition& q, const std::string& member,
             const std::string& team, absl::Time at) const {
    const Goal goal{q.id, q.WindowOf(at), team};
    Reading reading{.own = Own(goal, member),
                    .shares = At(shares_, std::pair(goal, member)),
                    .met = Met(q, goal)};
    for (size_t i = 0; i < q.steps.size(); ++i) {
      const int64_t left = Done(q, goal, i) - reading.met * q.steps[i].goal;
      const bool is_done = q.times > 0 && reading.met >= q.times;
      reading.progress.push_back(
          is_done ? q.steps[i].goal
                  : std::clamp<int64_t>(left, 0, q.steps[i].goal));
    }
    return reading;
  }
  // In all windows, and of all teams.
  int64_t AllShares(const Definition& q, const std::string& member) const {
    int64_t all = 0;
    for (const auto& [whose, had] : shares_) {
      if (std::get<0>(whose.first) == q.id && whose.second == member) {
        all += had;
      }
    }
    return all;
  }
  int64_t Gifts(const std::string& member) const { return At(gifts_, member); }
  bool IsErased(const std::string& member) const {
    return erased_.contains(member);
  }
  std::string Now(const std::string& member) const {
    const auto found = into_.find(member);
    return found == into_.end() ? member : Now(found->second);
  }

 private:
  struct Act {
    Goal goal;
    size_t step = 0;
    std::string member;
    int64_t amount = 0;
  };

  template <typename Map, typename Key>
  static int64_t At(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? 0 : found->second;
  }
  static int64_t MetOf(const std::map<Goal, int64_t>& all, const Goal& goal) {
    return At(all, goal);
  }

  std::vector<Act> ActsOf(const Event& event) const {
    std::vector<Act> acts;
    for (const Definition& q : quests_) {
      if (!q.IsOpenAt(event.time)) continue;
      std::string team;
      if (q.together == "target") team = event.target.value_or("");
      if (q.together == "event.team") team = TextAttribute(event, "team");
      if (q.together != "everybody" && team.empty()) continue;
      for (size_t i = 0; i < q.steps.size(); ++i) {
        const StepDefinition& step = q.steps[i];
        const std::string whose =
            step.of_owner ? TextAttribute(event, "owner") : *event.actor;
        const int64_t amount = step.sums ? NumberOf(event) : 1;
        if (step.on != event.type || whose.empty() || amount == 0) continue;
        acts.push_back(
            {{q.id, q.WindowOf(event.time), team}, i, Now(whose), amount});
      }
    }
    return acts;
  }
  std::set<std::pair<Goal, std::string>> Touched(const Event& event) const {
    std::set<std::pair<Goal, std::string>> touched;
    for (const Act& act : ActsOf(event)) touched.insert({act.goal, act.member});
    return touched;
  }

  std::set<std::pair<Goal, std::string>> TakeBack(const std::string& id) {
    const auto known =
        std::find_if(acts_.begin(), acts_.end(),
                     [&](const Event& one) { return one.id == id; });
    if (known == acts_.end()) return {};
    const auto touched = Touched(*known);
    acts_.erase(known);
    return touched;
  }

  int64_t Own(const Goal& goal, const std::string& member) const {
    int64_t sum = 0;
    for (const Event& event : acts_) {
      for (const Act& act : ActsOf(event)) {
        if (act.goal == goal && act.member == member) sum += act.amount;
      }
    }
    return sum;
  }
  int64_t Done(const Definition&, const Goal& goal, size_t step) const {
    int64_t sum = 0;
    for (const Event& event : acts_) {
      for (const Act& act : ActsOf(event)) {
        if (act.goal == goal && act.step == step) sum += act.amount;
      }
    }
    return sum;
  }
  int64_t Met(const Definition& q, const Goal& goal) const {
    int64_t met = q.times > 0 ? q.times : 1'000'000;
    for (size_t i = 0; i < q.steps.size(); ++i) {
      met = std::min(met,
                     std::max<int64_t>(Done(q, goal, i), 0) / q.steps[i].goal);
    }
    return met;
  }
  const Definition& QuestOf(const Goal& goal) const {
    return *std::find_if(
        quests_.begin(), quests_.end(),
        [&](const Definition& q) { return q.id == std::get<0>(goal); });
  }
  std::map<Goal, int64_t> AllMet() const {
    std::map<Goal, int64_t> all;
    for (const Event& event : acts_) {
      for (const Act& act : ActsOf(event)) {
        if (!all.contains(act.goal)) {
          all[act.goal] = Met(QuestOf(act.goal), act.goal);
        }
      }
    }
    return all;
  }

  void Share(const Goal& goal, const std::string& member, int64_t met,
             bool merges) {
    const Definition& q = QuestOf(goal);
    const int64_t due =
        std::min(met, std::max<int64_t>(Own(goal, member), 0) / q.least);
    int64_t& had = shares_[{goal, member}];
    if (due > had) {
      if (suspended_.contains(member) || erased_.contains(member)) return;
      gifts_[member] += due - had;
      had = due;
    } else if (due < had && merges) {
      const auto kept = kept_.find({goal, member});
      const int64_t left =
          std::max(due, kept == kept_.end() ? 0 : kept->second);
      left_over_[{q.id, member}] += had - left;
      had = left;
    } else if (due < had && q.revoke) {
      gifts_[member] -= had - due;
      had = due;
      // Nothing that they have of the quest is owed to it any more.
      if (SharesOf(q, member) == 0) {
        gifts_[member] -= std::exchange(left_over_[{q.id, member}], 0);
      }
    }
  }

  int64_t SharesOf(const Definition& q, const std::string& member) const {
    int64_t sum = 0;
    for (const auto& [whose, had] : shares_) {
      const auto& [goal, who] = whose;
      if (who == member && std::get<0>(goal) == q.id) sum += had;
    }
    return sum;
  }

  // What the one had is the other's.
  std::set<std::pair<Goal, std::string>> Merge(const std::string& member,
                                               const std::string& into) {
    std::set<std::pair<Goal, std::string>> touched;
    for (const Event& event : acts_) {
      for (const Act& act : ActsOf(event)) {
        if (act.member == member && Own(act.goal, member) != 0) {
          touched.insert({act.goal, into});
        }
      }
    }
    std::map<std::pair<Goal, std::string>, int64_t> shares;
    kept_.clear();
    for (const auto& [whose, had] : shares_) {
      const bool goes = whose.second == member;
      if (goes && had != 0) touched.insert({whose.first, into});
      const std::pair now{whose.first, goes ? into : whose.second};
      shares[now] += had;
      kept_[now] = std::max(kept_[now], had);
    }
    shares_ = std::move(shares);
    gifts_[into] += gifts_[member];
    gifts_.erase(member);
    for (const Definition& q : quests_) {
      left_over_[{q.id, into}] += std::exchange(left_over_[{q.id, member}], 0);
    }
    if (suspended_.contains(member)) suspended_.insert(into);
    into_[member] = into;
    return touched;
  }

  const std::vector<Definition>& quests_;
  std::set<std::string> seen_;
  std::vector<Event> acts_;  // that stand
  std::map<std::string, std::string> into_;
  std::set<std::string> suspended_, erased_;
  std::map<std::pair<Goal, std::string>, int64_t> shares_;
  std::map<std::pair<Goal, std::string>, int64_t> kept_;  // by the last merge
  std::map<std::string, int64_t> gifts_;
  // By quest, those of shares that a merge left out.
  std::map<std::pair<std::string, std::string>, int64_t> left_over_;
};

absl::Time RandomTime(Random& random) {
  return testing::Day(1, 0) + absl::Minutes(random.Below(60 * 24 * 14));
}

class History {
 public:
  explicit History(uint32_t seed) : random_(seed) {}

  std::vector<Event> OfLength(int length) {
    std::vector<Event> history;
    for (int i = 0; i < length; ++i) {
      history.push_back(Next(i));
      if (random_.OneIn(8)) {
        history.push_back(
            history[random_.Below(static_cast<int>(history.size()))]);
      }
    }
    return history;
  }

 private:
  Event Next(int number) {
    Event event{.id = absl::StrCat("e", number), .time = RandomTime(random_)};
    const int kind = random_.Below(20);
    if (kind < 4) {
      const auto any = [&] {
        return absl::StrCat("e", random_.Below(number + 1));
      };
      event.type = kReverse;
      event.attributes = {{"event", any()}};
      if (random_.OneIn(3)) {  // two at once, which may be of two windows
        event.type = "retract";
        event.actor = random_.Of(here_);
        event.attributes.emplace("other", any());
      }
      return event;
    }
    event.actor = random_.Of(here_);
    if (kind == 4) {
      event.type = random_.OneIn(2) ? kSuspend : kResume;
    } else if (kind == 5 && here_.size() > 3 && random_.OneIn(2)) {
      event.type = kErase;
      std::erase(here_, *event.actor);  // who comes later is somebody new
    } else if (kind == 6 && here_.size() > 3 && random_.OneIn(2)) {
      event.type = kMerge;
      std::erase(here_, *event.actor);
      event.attributes = {{"into", random_.Of(here_)}};
    } else {
      event.type = random_.Of({"a", "b"});
      event.attributes.emplace("n", int64_t{random_.Below(6)} - 1);
      if (random_.OneIn(2)) event.target = random_.Of(Teams());
      if (random_.OneIn(2))
        event.attributes.emplace("owner", random_.Of(here_));
      if (!random_.OneIn(4))
        event.attributes.emplace("team", random_.Of(Teams()));
    }
    return event;
  }

  Random random_;
  std::vector<std::string> here_ = Members();
};

std::vector<Definition> RandomDefinitions(uint32_t seed) {
  Random random(seed);
  std::vector<Definition> quests;
  for (int i = 0; i < 4; ++i) quests.push_back(RandomDefinition(random, i));
  return quests;
}

void ExpectSame(const QuestStanding& said, const SlowTwin::Reading& twins) {
  ASSERT_EQ(said.own, twins.own);
  ASSERT_EQ(said.times_done, twins.shares);
  ASSERT_EQ(said.times_met, twins.met);
  for (size_t i = 0; i < twins.progress.size(); ++i) {
    ASSERT_EQ(said.steps[i].progress, twins.progress[i]) << "step " << i;
  }
}

void ExpectAgree(Engine& engine, const std::vector<Definition>& quests,
                 const SlowTwin& twin, absl::Time at) {
  const auto queries = engine.Query();
  for (const std::string& member : Members()) {
    if (twin.IsErased(member) || twin.Now(member) != member) continue;
    const auto profile = (*queries)->Member(member, at);
    if (absl::IsNotFound(profile.status())) continue;
    ASSERT_TRUE(profile.ok()) << profile.status();
    ASSERT_EQ(profile->currencies[0].balance, twin.Gifts(member)) << member;
    for (const Definition& q : quests) {
      SCOPED_TRACE(absl::StrCat(TextOf(q), " of ", member, " at ",
                                absl::FormatTime(at, absl::UTCTimeZone())));
      const auto badges = profile->badges.find("quest/" + q.id);
      ASSERT_EQ(badges == profile->badges.end() ? 0 : badges->second,
                twin.AllShares(q, member));
      if (!q.IsOpenAt(at)) continue;
      const bool is_all = q.together == "everybody";
      for (const std::string& team :
           is_all ? std::vector<std::string>{""} : Teams()) {
        const SlowTwin::Reading twins = twin.Of(q, member, team, at);
        const auto said =
            std::find_if(profile->quests.begin(), profile->quests.end(),
                         [&](const QuestStanding& one) {
                           return one.quest == q.id && one.object == team;
                         });
        if (said == profile->quests.end()) {
          ASSERT_FALSE(is_all);
          ASSERT_EQ(twins.own, 0);
          ASSERT_EQ(twins.shares, 0);
          continue;
        }
        ASSERT_NO_FATAL_FAILURE(ExpectSame(*said, twins)) << team;
      }
    }
  }
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

std::string SaidBy(const Event& event) {
  return absl::StrCat(event.id, " ", event.type, " ", event.actor.value_or("-"),
                      " ", absl::FormatTime(event.time, absl::UTCTimeZone()),
                      " target=", event.target.value_or("-"),
                      " n=", NumberOf(event),
                      " owner=", TextAttribute(event, "owner"),
                      " team=", TextAttribute(event, "team"),
                      " event=", TextAttribute(event, "event"),
                      " into=", TextAttribute(event, "into"));
}

uint32_t Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 20 : static_cast<uint32_t>(std::atoi(asked));
}

TEST(Goals, AgreeWithATwinThatAddsUpAllThatStands) {
  for (uint32_t seed = 1; seed <= Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::vector<Definition> quests = RandomDefinitions(seed);
    auto engine = Engine::InMemory(MustRead(ProgramText(quests)));
    ASSERT_TRUE(engine.ok()) << engine.status();
    SlowTwin twin(quests);
    Random random(seed);
    for (const Event& event : History(seed).OfLength(60)) {
      SCOPED_TRACE(SaidBy(event));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      twin.Send(event, outcome->accepted());
      ASSERT_NO_FATAL_FAILURE(ExpectAgree(**engine, quests, twin, event.time));
      ASSERT_NO_FATAL_FAILURE(
          ExpectAgree(**engine, quests, twin, RandomTime(random)));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
  }
}

TEST(Goals, AreTheSameInAFileAtAnyBatchSize) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_goals_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 5001; seed <= 5006; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::vector<Definition> quests = RandomDefinitions(seed);
    const Program program = MustRead(ProgramText(quests));
    const std::vector<Event> history = History(seed).OfLength(120);
    for (const size_t batch : {size_t{1}, size_t{7}, size_t{1000}}) {
      SCOPED_TRACE(absl::StrCat("batch ", batch));
      const std::string path = folder / absl::StrCat(seed, "_", batch, ".db");
      auto engine = Engine::Open(path, program);
      ASSERT_TRUE(engine.ok()) << engine.status();
      SlowTwin twin(quests);
      const std::span<const Event> all(history);
      for (size_t i = 0; i < all.size(); i += batch) {
        const auto some = all.subspan(i, std::min(batch, all.size() - i));
        const auto outcomes = (*engine)->Process(some);
        ASSERT_TRUE(outcomes.ok()) << outcomes.status();
        for (size_t n = 0; n < some.size(); ++n) {
          twin.Send(some[n], (*outcomes)[n]->accepted());
        }
        // What is in the tables by then, and not only in memory.
        if (i % 5 == 0) {
          engine->reset();
          engine = Engine::Open(path, program);
          ASSERT_TRUE(engine.ok()) << engine.status();
        }
      }
      Random random(seed);
      for (int i = 0; i < 5; ++i) {
        ASSERT_NO_FATAL_FAILURE(
            ExpectAgree(**engine, quests, twin, RandomTime(random)));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
