// SPDX-License-Identifier: Apache-2.0
//
// Catching up: what is new in a program, applied to what came before it
// (Engine::CatchUp, Queries::PreviewCatchUp).
#ifndef LOYALTY_CATCH_UP_H_
#define LOYALTY_CATCH_UP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty {

// Which of the program that decides are to be applied to history, by id. Quests
// are those that members do for themselves.
struct CatchUp {
  std::vector<std::string> rules = {};
  std::vector<std::string> badges = {};
  std::vector<std::string> metrics = {};
  std::vector<std::string> streaks = {};
  std::vector<std::string> quests = {};
};

// What that comes to.
struct CatchUpReport {
  enum class Kind { kRule, kBadge, kMetric, kStreak, kQuest };

  // What one of them brings a member, or all there are.
  struct Gain {
    Kind kind = Kind::kRule;
    std::string id = {};  // "daily/7" of what a streak reached
    // Of a rule, and of what a badge, streak or quest awards; else "".
    std::string currency = {};
    int64_t units = 0;   // units; badges; times that it was reached or done; by
                         // how much, in all, a metric's or streak's counters
                         // change
    int64_t events = 0;  // kRule: that it is for
    int64_t whose = 1;   // members or objects

    friend bool operator==(const Gain&, const Gain&) = default;
  };
  struct Member {
    std::string member = {};
    std::vector<Gain> gains = {};  // but of metrics

    friend bool operator==(const Member&, const Member&) = default;
  };
  // Of a ladder over a currency, without periods.
  struct Ladder {
    std::string id = {};
    int64_t members = 0;  // who come to a higher level

    friend bool operator==(const Ladder&, const Ladder&) = default;
  };

  std::string version = {};         // of the program
  std::vector<Gain> totals = {};    // by kind and id, in the program's order
  int64_t members = 0;              // who gain units, badges or quests
  std::vector<Member> most = {};    // at most 10 of them, with most units first
  std::vector<Ladder> rising = {};  // those where somebody does
  // Members who were erased: nothing is brought to them.
  int64_t forgotten = 0;
  // Events that this program cannot read, so that nothing comes of them; and of
  // the first ones, which and why.
  int64_t unread = 0;
  std::vector<std::string> reasons = {};
  // That there are now of it, without the first, which names what is applied;
  // of a preview 0.
  int64_t entries = 0;
};

// "rule", "badge", "metric", "streak", "quest".
std::string_view Name(CatchUpReport::Kind kind);

}  // namespace loyalty

#endif  // LOYALTY_CATCH_UP_H_
