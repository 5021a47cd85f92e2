// SPDX-License-Identifier: Apache-2.0
//
// Random histories with switches in their midst, against a twin that goes
// through all awards of a member each time, each by the terms of the program of
// its time. In the end the journal is sent to a new engine, switches and all,
// which has to give the same answers.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using ::testing::IsEmpty;
using testing::MustRead;

struct Terms {
  int64_t gain = 0, loss = 0, times = 0, cap = 0, floor = 0;
  bool has_rules = true;
};

Program ProgramOf(int version, const Terms& t) {
  const std::string rules = absl::StrCat(
      "rule { id: 'gain' on: 'gain' award { currency: 'points' units: '",
      t.gain, "' } limit { per: DAY times: ", t.times, " } }",
      "rule { id: 'loss' on: 'loss' award { currency: 'points' units: '-",
      t.loss, "' } }");
  return MustRead(absl::StrCat(
      "name: 'twin' version: '", version, "' currency { id: 'points' floor: ",
      t.floor, " daily_cap { units: ", t.cap, " } } event_type { id: 'gain' } ",
      "event_type { id: 'loss' } ", t.has_rules ? rules : ""));
}

// What a member was asked for.
struct Asked {
  size_t version = 0;
  int day = 0;
  bool gain = true;
  bool undone = false;
};

int64_t BalanceBy(const std::vector<Asked>& history,
                  const std::vector<Terms>& programs) {
  int64_t balance = 0;
  std::map<int, int64_t> times;
  std::map<int, int64_t> used;
  for (const Asked& asked : history) {
    const Terms& terms = programs[asked.version];
    if (!terms.has_rules) continue;
    balance = std::max(balance, terms.floor);
    if (asked.undone) continue;
    if (asked.gain) {
      if (times[asked.day] >= terms.times) continue;
      ++times[asked.day];
      const int64_t room = std::max<int64_t>(0, terms.cap - used[asked.day]);
      const int64_t units = std::min(terms.gain, room);
      used[asked.day] += units;
      balance += units;
    } else {
      used[asked.day] -= terms.loss;
      balance = std::max(balance - terms.loss, terms.floor);
    }
  }
  return std::max(balance, programs.back().floor);
}

class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    programs_.push_back(RandomTerms());
    texts_.push_back(ProgramOf(1, programs_.back()));
    engine_ =
        *Engine::InMemory(texts_.back(), {.clock = [this] { return now_; }});
  }

  void Run() {
    for (int step = 0; step < 60 && !::testing::Test::HasFailure(); ++step) {
      const int kind = Below(10);
      if (kind == 0) {
        Switch(step);
      } else if (kind <= 2 && !events_.empty()) {
        Reverse(step);
      } else {
        Send(step);
      }
      ExpectAsTheTwin(step);
    }
    const auto queries = *engine_->Query();
    EXPECT_THAT(queries->Verify()->faults, IsEmpty());
    ExpectTheSameAgain(*queries);
  }
  int compared() const { return compared_; }

 private:
  struct Sent {
    std::string id;
    std::string member;
    size_t place = 0;
  };

  int Below(int n) {
    return static_cast<int>(random_() % static_cast<uint64_t>(n));
  }

  Terms RandomTerms() {
    return {.gain = 1 + Below(9),
            .loss = 1 + Below(9),
            .times = 1 + Below(3),
            .cap = 5 + Below(20),
            .floor = -Below(3) * 4,
            .has_rules = Below(5) > 0};
  }

  void Switch(int step) {
    const Terms terms = RandomTerms();
    const int version = static_cast<int>(programs_.size()) + 1;
    const Program program = ProgramOf(version, terms);
    const auto outcome =
        engine_->Switch(program, absl::StrCat("s", step), testing::Day(9));
    // Nobody may stand below the new floor.
    const bool is_below =
        std::any_of(asked_.begin(), asked_.end(), [&](const auto& one) {
          return BalanceBy(one.second, programs_) < terms.floor;
        });
    if (lenient_.empty()) {
      ASSERT_EQ(outcome.ok(), !is_below) << outcome.status();
    }
    if (!outcome.ok()) return;
    for (const auto& [member, floor] : forgiven_) {
      if (terms.floor < floor) lenient_.insert(member);
    }
    programs_.push_back(terms);
    texts_.push_back(program);
  }

  void Send(int step) {
    const Asked asked{.version = programs_.size() - 1,
                      .day = 1 + Below(3),
                      .gain = Below(3) > 0};
    const std::string member = absl::StrCat("m", Below(2));
    const std::string id = absl::StrCat("e", step);
    const auto outcome = engine_->Process({.id = id,
                                           .type = asked.gain ? "gain" : "loss",
                                           .time = testing::Day(asked.day),
                                           .actor = member});
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    events_.push_back({id, member, asked_[member].size()});
    asked_[member].push_back(asked);
  }

  void Reverse(int step) {
    const Sent& sent =
        events_[static_cast<size_t>(Below(static_cast<int>(events_.size())))];
    const auto outcome =
        engine_->Reverse(absl::StrCat("r", step), testing::Day(9), sent.id);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    std::vector<Asked>& history = asked_[sent.member];
    if (std::exchange(history[sent.place].undone, true)) return;
    const int64_t floor = programs_.back().floor;
    if (BalanceBy(history, programs_) == floor) forgiven_[sent.member] = floor;
  }

  void ExpectAsTheTwin(int step) {
    const auto queries = *engine_->Query();
    for (const auto& [member, history] : asked_) {
      if (lenient_.contains(member)) continue;
      ++compared_;
      EXPECT_EQ(queries->Member(member)->currencies[0].balance,
                BalanceBy(history, programs_))
          << member << " after step " << step;
    }
  }

  void ExpectTheSameAgain(Queries& original) {
    size_t decides = 0;
    const auto again =
        *Engine::InMemory(texts_[decides], {.clock = [this] { return now_; }});
    const std::vector<Outcome> feed = *original.Feed(0, 1000);
    for (const Outcome& outcome : feed) {
      const Event event = original.Explain(outcome.event_id)->event;
      const auto answer =
          event.type == kSwitch
              ? again->Switch(texts_.at(++decides), event.id, event.time)
              : again->Process(event);
      ASSERT_TRUE(answer.ok()) << answer.status();
      Outcome here = outcome;
      Outcome there = *answer;
      here.recorded_at = there.recorded_at = now_;
      EXPECT_EQ(here, there);
    }
  }

  std::mt19937_64 random_;
  const absl::Time now_ = testing::Day(20);
  std::vector<Terms> programs_;
  std::vector<Program> texts_;
  std::map<std::string, std::vector<Asked>> asked_;
  // Whom a reversal brought down to the floor of that time, and may have
  // forgiven some: a switch to a lower one takes that back from nobody, and the
  // twin, which adds up by the floor of now, knows no more what they have.
  std::map<std::string, int64_t> forgiven_;
  std::set<std::string> lenient_;
  int compared_ = 0;
  std::vector<Sent> events_;
  std::unique_ptr<Engine> engine_;
};

TEST(SwitchingTwin, DecidesEachEventByTheProgramOfItsTime) {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  const int histories = asked == nullptr ? 100 : std::atoi(asked);
  int64_t compared = 0;
  for (int seed = 0; seed < histories; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(static_cast<uint64_t>(seed));
    history.Run();
    if (::testing::Test::HasFailure()) return;
    compared += history.compared();
  }
  EXPECT_GT(compared, 60 * histories);
}

}  // namespace
}  // namespace loyalty
