// SPDX-License-Identifier: Apache-2.0
//
// Random quests over random histories, with duplicates, late events, reversals,
// joining and leaving in any order, against a slow twin that keeps lists of
// what counted instead of counters.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
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
using State = QuestStanding::State;

const std::vector<std::string>& Members() {
  static const auto& members =
      *new std::vector<std::string>{"ann", "bob", "cy"};
  return members;
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
  std::string id;
  std::string on;  // "a", "b"; "" of a value
  bool only_positive = false, of_owner = false, sums = false;
  int64_t goal = 1;
};

struct Definition {
  std::string id;
  std::string period;  // "", "DAY", "WEEK"
  int64_t times = 1;
  bool on_request = false, in_order = false, revoke = false;
  int64_t least = 0;               // of points, to join
  std::optional<int> from, until;  // days of January
  std::vector<StepDefinition> steps;

  bool IsOpenAt(absl::Time time) const {
    const auto day = [](int d) { return testing::Day(d, 0); };
    return (!from.has_value() || time >= day(*from)) &&
           (!until.has_value() || time < day(*until));
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
  std::string text = absl::StrCat("quest { id: '", q.id, "' times: ", q.times);
  if (!q.period.empty()) absl::StrAppend(&text, " period: ", q.period);
  if (q.on_request) text += " join: REQUEST";
  if (q.in_order) text += " in_order: true";
  if (q.revoke) text += " revoke: true";
  if (q.least > 0) {
    absl::StrAppend(&text, " when: 'earned.points >= ", q.least, "'");
  }
  const auto add_day = [&](const char* name, std::optional<int> day) {
    if (!day.has_value()) return;
    absl::StrAppend(&text, " ", name, ": '2026-01-", *day < 10 ? "0" : "", *day,
                    "'");
  };
  add_day("from", q.from);
  add_day("until", q.until);
  for (const StepDefinition& step : q.steps) {
    absl::StrAppend(&text, " step { id: '", step.id, "' goal: ", step.goal);
    if (step.on.empty()) {
      text += " value: 'earned.points' }";
      continue;
    }
    absl::StrAppend(&text, " on: '", step.on, "'");
    if (step.only_positive) text += " when: 'event.n > 0'";
    if (step.of_owner) text += " per: 'event.owner'";
    if (step.sums) text += " sum: 'event.n'";
    text += " }";
  }
  return text + " award { currency: 'gifts' units: '1' } }\n";
}

Definition RandomDefinition(Random& random, int number) {
  Definition q;
  q.id = absl::StrCat("q", number);
  q.period = random.Of({"", "", "DAY", "WEEK"});
  q.times = random.Below(3);
  q.on_request = random.OneIn(3);
  q.in_order = random.OneIn(3);
  q.revoke = random.OneIn(2);
  if (random.OneIn(4)) q.least = 1 + random.Below(9);
  if (random.OneIn(4)) q.from = 2 + random.Below(5);
  if (random.OneIn(4)) q.until = 8 + random.Below(5);
  const int steps = 1 + random.Below(3);
  for (int i = 0; i < steps; ++i) {
    StepDefinition& step = q.steps.emplace_back();
    step.id = absl::StrCat("s", i);
    step.on = random.Of({"a", "b", ""});
    if (step.on.empty() && q.in_order) step.on = "a";
    step.goal = 1 + random.Below(4);
    if (step.on.empty()) continue;
    step.only_positive = random.OneIn(3);
    step.of_owner = random.OneIn(3);
    step.sums = random.OneIn(3);
  }
  return q;
}

std::string ProgramText(const std::vector<Definition>& quests) {
  const std::string attributes =
      " attribute { name: 'owner' type: MEMBER }"
      " attribute { name: 'n' type: INT default: '0' } }\n";
  std::string text = absl::StrCat(
      "name: 'twin' version: '1' currency { id: 'points' } currency { id: "
      "'gifts' }\n",
      "event_type { id: 'a'", attributes, "event_type { id: 'b'", attributes,
      "event_type { id: 'probe' }\n"
      "rule { id: 'b' on: 'b' when: 'event.n > 0' award { currency: 'points' "
      "units: 'event.n' } }\n");
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

  void Send(const Event& event, bool accepted) {
    if (!seen_.insert(event.id).second) return;
    now_ = static_cast<int>(seen_.size());
    found_ = earned_;
    for (auto& [whose, pursuit] : pursuits_) {
      pursuit.done_before = pursuit.done.size();
    }
    if (event.type == kReverse) return Reverse(event);
    if (event.type == kJoinQuest || event.type == kLeaveQuest) {
      if (!accepted) return;
      Pursuit& pursuit = At(*event.actor, QuestOf(event), event.time);
      pursuit = {
          .state = event.type == kJoinQuest ? State::kJoined : State::kLeft,
          .joined = now_,
          .base = earned_[*event.actor],
          .done = pursuit.done,
          .done_before = pursuit.done_before};
      return Review(*event.actor, event, false);
    }
    events_.push_back({event, now_});
    if (event.type == "b" && NumberOf(event) > 0) {
      earned_[*event.actor] += NumberOf(event);
    }
    Review(*event.actor, event, true);
    const std::string owner = TextAttribute(event, "owner");
    if (!owner.empty() && owner != event.actor) Review(owner, event, true);
  }

  // What the command is answered, before it is sent.
  RejectReason AnswerTo(const Event& event) {
    const Definition& q = QuestOf(event);
    if (!q.IsOpenAt(event.time)) return RejectReason::kQuestClosed;
    const Pursuit pursuit = At(*event.actor, q, event.time);
    if (IsDone(q, pursuit)) return RejectReason::kQuestDone;
    const bool joined = pursuit.state == State::kJoined;
    if (event.type == kLeaveQuest) {
      return joined ? RejectReason::kNone : RejectReason::kQuestNotJoined;
    }
    if (joined) return RejectReason::kQuestJoined;
    return earned_[*event.actor] >= q.least ? RejectReason::kNone
                                            : RejectReason::kQuestNotOffered;
  }

  struct Reading {
    State state = State::kOpen;
    int64_t times_done = 0;
    std::vector<int64_t> progress = {};
  };
  Reading Of(const Definition& q, const std::string& member, absl::Time at) {
    const Pursuit pursuit = At(member, q, at);
    Reading reading{.state = pursuit.state,
                    .times_done = static_cast<int64_t>(pursuit.done.size())};
    if (IsDone(q, pursuit)) reading.state = State::kDone;
    for (size_t i = 0; i < q.steps.size(); ++i) {
      int64_t progress = 0;
      if (reading.state == State::kDone) progress = q.steps[i].goal;
      if (reading.state == State::kJoined) {
        progress = Progress(q, i, member, pursuit);
      }
      reading.progress.push_back(
          std::clamp<int64_t>(progress, 0, q.steps[i].goal));
    }
    return reading;
  }

 private:
  struct Counted {
    int entry = 0;
    size_t step = 0;
    int64_t amount = 0;
  };
  struct Pursuit {
    State state = State::kOpen;
    int joined = 0;
    int before = 0;  // of who did it and has not begun anew: they had joined
    int64_t base = 0;
    std::vector<Counted> counted = {};
    std::vector<int> done = {};  // the entries that did it
    size_t done_before = 0;      // how many did, before this entry
  };
  struct Known {
    Event event;
    int entry;
  };

  const Definition& QuestOf(const Event& event) const {
    return *std::find_if(quests_.begin(), quests_.end(),
                         [&](const Definition& q) {
                           return q.id == TextAttribute(event, "quest");
                         });
  }
  Pursuit& At(const std::string& member, const Definition& q, absl::Time at) {
    return pursuits_[{member, q.id, q.WindowOf(at)}];
  }
  static bool IsDone(const Definition& q, const Pursuit& pursuit) {
    return q.times > 0 && std::ssize(pursuit.done) >= q.times;
  }

  int64_t Progress(const Definition& q, size_t step, const std::string& member,
                   const Pursuit& pursuit) {
    if (q.steps[step].on.empty()) return earned_[member] - pursuit.base;
    int64_t sum = 0;
    for (const Counted& one : pursuit.counted) {
      if (one.step == step) sum += one.amount;
    }
    return sum;
  }
  size_t FirstOpen(const Definition& q, const std::string& member,
                   const Pursuit& pursuit) {
    size_t step = 0;
    while (step < q.steps.size() &&
           Progress(q, step, member, pursuit) >= q.steps[step].goal) {
      ++step;
    }
    return step;
  }

  static int64_t AmountOf(const StepDefinition& step, const Event& event,
                          const std::string& member) {
    const std::string whose = step.of_owner ? TextAttribute(event, "owner")
                                            : event.actor.value_or("");
    if (step.on != event.type || whose != member) return 0;
    if (step.only_positive && NumberOf(event) <= 0) return 0;
    return step.sums ? NumberOf(event) : 1;
  }

  void Review(const std::string& member, const Event& event, bool counts) {
    for (const Definition& q : quests_) {
      Pursuit& pursuit = At(member, q, event.time);
      if (!q.IsOpenAt(event.time) || IsDone(q, pursuit)) continue;
      JoinIfOffered(q, member, pursuit);
      if (pursuit.state != State::kJoined) continue;
      const size_t open = FirstOpen(q, member, pursuit);
      for (size_t i = 0; counts && i < q.steps.size(); ++i) {
        const int64_t amount = AmountOf(q.steps[i], event, member);
        if (amount != 0 && (!q.in_order || i == open)) {
          pursuit.counted.push_back({now_, i, amount});
          ever_counted_.insert({member, q.id, q.WindowOf(event.time), now_});
        }
      }
      if (FirstOpen(q, member, pursuit) < q.steps.size()) continue;
      pursuit.done.push_back(now_);
      pursuit.before = pursuit.joined;
      pursuit.state = State::kOpen;
      if (IsDone(q, pursuit)) continue;
      // What did it is no beginning, unless it took one back, too.
      if (pursuit.done.size() <= pursuit.done_before) {
        JoinIfOffered(q, member, pursuit);
      }
    }
  }

  void JoinIfOffered(const Definition& q, const std::string& member,
                     Pursuit& pursuit) {
    if (pursuit.state != State::kOpen || q.on_request ||
        found_[member] < q.least) {
      return;
    }
    pursuit = {.state = State::kJoined,
               .joined = now_,
               .base = found_[member],
               .done = pursuit.done,
               .done_before = pursuit.done_before};
  }

  // Whose last time it was, goes on with what is left, unless they have begun
  // anew.
  static void GoOn(const Definition& q, int gone, Pursuit& pursuit) {
    if (pursuit.state != State::kOpen || pursuit.before == 0 ||
        gone < pursuit.before || IsDone(q, pursuit)) {
      return;
    }
    pursuit.state = State::kJoined;
    pursuit.joined = std::exchange(pursuit.before, 0);
  }

  void Reverse(const Event& event) {
    const std::string id = TextAttribute(event, "event");
    const auto known =
        std::find_if(events_.begin(), events_.end(),
                     [&](const Known& one) { return one.event.id == id; });
    if (known == events_.end()) return;
    std::set<std::string> changed;
    if (known->event.type == "b" && NumberOf(known->event) > 0) {
      earned_[*known->event.actor] -= NumberOf(known->event);
      changed.insert(*known->event.actor);
    }
    for (auto& [whose, pursuit] : pursuits_) {
      const auto& [member, quest, window] = whose;
      // Also what is forgotten, as who left began anew, has changed a counter.
      const auto gone = [&](const Counted& one) {
        return one.entry == known->entry;
      };
      if (std::erase_if(pursuit.counted, gone) > 0) changed.insert(member);
      if (ever_counted_.contains({member, quest, window, known->entry})) {
        changed.insert(member);
      }
      const auto q = std::find_if(
          quests_.begin(), quests_.end(),
          [&, id = quest](const Definition& one) { return one.id == id; });
      if (q->revoke && std::erase(pursuit.done, known->entry) > 0) {
        changed.insert(member);
        GoOn(*q, known->entry, pursuit);
      }
    }
    events_.erase(known);
    for (const std::string& member : changed) Review(member, event, false);
  }

  const std::vector<Definition>& quests_;
  int now_ = 0;
  std::set<std::string> seen_;
  std::vector<Known> events_;  // that stand
  std::map<std::string, int64_t> earned_, found_;
  std::map<std::tuple<std::string, std::string, std::string>, Pursuit>
      pursuits_;
  std::set<std::tuple<std::string, std::string, std::string, int>>
      ever_counted_;
};

absl::Time RandomTime(Random& random) {
  return testing::Day(1, 0) + absl::Minutes(random.Below(60 * 24 * 14));
}

Event RandomEvent(Random& random, const std::vector<Definition>& quests,
                  int number) {
  const std::string type = random.Of(
      {"a", "a", "a", "b", "b", "b", "probe", "reverse", "join", "leave"});
  Event event{.id = absl::StrCat("e", number),
              .type = type,
              .time = RandomTime(random)};
  if (type == "reverse") {
    event.type = kReverse;
    event.attributes = {{"event", absl::StrCat("e", random.Below(number + 1))}};
    return event;
  }
  event.actor = random.Of(Members());
  if (type == "join" || type == "leave") {
    event.type = type == "join" ? kJoinQuest : kLeaveQuest;
    const int quest = random.Below(static_cast<int>(quests.size()));
    event.attributes = {{"quest", quests[quest].id}};
  } else if (type != "probe") {
    event.attributes.emplace("n", int64_t{random.Below(6)} - 1);
    if (random.OneIn(2))
      event.attributes.emplace("owner", random.Of(Members()));
  }
  return event;
}

std::vector<Event> RandomHistory(Random& random,
                                 const std::vector<Definition>& quests,
                                 int length) {
  std::vector<Event> history;
  for (int i = 0; i < length; ++i) {
    history.push_back(RandomEvent(random, quests, i));
    if (random.OneIn(8)) {
      history.push_back(
          history[random.Below(static_cast<int>(history.size()))]);
    }
  }
  return history;
}

std::vector<Definition> RandomDefinitions(Random& random) {
  std::vector<Definition> quests;
  for (int i = 0; i < 4; ++i) quests.push_back(RandomDefinition(random, i));
  return quests;
}

void ExpectAgree(Engine& engine, const std::vector<Definition>& quests,
                 SlowTwin& twin, absl::Time at) {
  const auto queries = engine.Query();
  for (const std::string& member : Members()) {
    const auto profile = (*queries)->Member(member, at);
    if (absl::IsNotFound(profile.status())) continue;
    ASSERT_TRUE(profile.ok()) << profile.status();
    auto said = profile->quests.begin();
    for (const Definition& q : quests) {
      SCOPED_TRACE(absl::StrCat(TextOf(q), " of ", member, " at ",
                                absl::FormatTime(at, absl::UTCTimeZone())));
      if (!q.IsOpenAt(at)) continue;
      ASSERT_NE(said, profile->quests.end());
      ASSERT_EQ(said->quest, q.id);
      const SlowTwin::Reading twins = twin.Of(q, member, at);
      ASSERT_EQ(Name(said->state), Name(twins.state));
      ASSERT_EQ(said->times_done, twins.times_done);
      for (size_t i = 0; i < q.steps.size(); ++i) {
        ASSERT_EQ(said->steps[i].progress, twins.progress[i]) << "step " << i;
      }
      ++said;
    }
    ASSERT_EQ(said, profile->quests.end());
  }
}

// A quest that is done is told once, and so is what it gives.
void ExpectAnswered(SlowTwin& twin, const Event& event,
                    const Outcome& outcome) {
  if (outcome.repeat) return;
  if (event.type == kJoinQuest || event.type == kLeaveQuest) {
    ASSERT_EQ(Name(outcome.rejected), Name(twin.AnswerTo(event)));
  }
  int64_t won = 0, given = 0;
  for (const Effect& effect : outcome.effects) {
    const auto* badge = std::get_if<Badge>(&effect);
    won += badge != nullptr && badge->won ? 1 : 0;
    const auto* award = std::get_if<Awarded>(&effect);
    given += award != nullptr && award->currency == "gifts" ? award->units : 0;
  }
  ASSERT_EQ(won, given);
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

std::string SaidBy(const Event& event) {
  return absl::StrCat(event.id, " ", event.type, " ", event.actor.value_or("-"),
                      " ", absl::FormatTime(event.time, absl::UTCTimeZone()),
                      " n=", NumberOf(event),
                      " owner=", TextAttribute(event, "owner"),
                      " event=", TextAttribute(event, "event"),
                      " quest=", TextAttribute(event, "quest"));
}

uint32_t Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 150 : static_cast<uint32_t>(std::atoi(asked));
}

TEST(Quests, AgreeWithATwinThatKeepsLists) {
  for (uint32_t seed = 1; seed <= Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> quests = RandomDefinitions(random);
    auto engine = Engine::InMemory(MustRead(ProgramText(quests)));
    ASSERT_TRUE(engine.ok()) << engine.status();
    SlowTwin twin(quests);
    for (const Event& event : RandomHistory(random, quests, 60)) {
      SCOPED_TRACE(SaidBy(event));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_NO_FATAL_FAILURE(ExpectAnswered(twin, event, *outcome));
      twin.Send(event, outcome->accepted());
      ASSERT_NO_FATAL_FAILURE(ExpectAgree(**engine, quests, twin, event.time));
      ASSERT_NO_FATAL_FAILURE(
          ExpectAgree(**engine, quests, twin, RandomTime(random)));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
  }
}

TEST(Quests, AreTheSameInAFileAtAnyBatchSize) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_quests_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 5001; seed <= 5006; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> quests = RandomDefinitions(random);
    const Program program = MustRead(ProgramText(quests));
    const std::vector<Event> history = RandomHistory(random, quests, 120);
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
          ASSERT_NO_FATAL_FAILURE(
              ExpectAnswered(twin, some[n], *(*outcomes)[n]));
          twin.Send(some[n], (*outcomes)[n]->accepted());
        }
        // What is in the tables by then, and not only in memory.
        if (i % 5 == 0) {
          engine->reset();
          engine = Engine::Open(path, program);
          ASSERT_TRUE(engine.ok()) << engine.status();
        }
      }
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
