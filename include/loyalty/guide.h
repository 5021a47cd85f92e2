// SPDX-License-Identifier: Apache-2.0
//
// Guide: what a program has to tell those it is for, in its own words: what can
// be earned, reached, won and bought, also by who has nothing of it yet.
//
//   for (const auto& badge : loyalty::GuideOf(program).badges) ...
#ifndef LOYALTY_GUIDE_H_
#define LOYALTY_GUIDE_H_

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loyalty/program.h"

namespace loyalty {

// All of it in the program's order. `describe` is what the program says of
// each; it may be empty.
struct Guide {
  struct Named {
    std::string id = {};
    std::string describe = {};
  };
  struct Also {
    std::string currency = {}, metric = {};  // one of them is ""
    int64_t at = 0;
  };
  struct Level {
    std::string id = {};
    std::string describe = {};
    // What it takes: so much of what the ladder is over; or this badge, and
    // those of the levels below; or else somebody who says so.
    int64_t at = 0;
    std::string badge = {};
    bool by_hand = false;
    std::vector<Also> also = {};  // what it takes besides `at`, all of it
    std::vector<std::string> privileges = {};  // that it adds to those below
  };
  struct Ladder {
    std::string id = {};
    std::string describe = {};
    std::string currency = {};       // what it is over, or "" and a metric,
    std::string metric = {};         // or both "": badges, or a league
    std::vector<Level> levels = {};  // lowest first
  };
  struct Badge {
    std::string id = {};
    std::string describe = {};
    std::string badge_class = {};  // "bronze", "silver", "gold" or ""
  };
  struct Step {
    std::string id = {};
    std::string describe = {};
    int64_t goal = 0;
  };
  struct Quest {
    std::string id = {};
    std::string describe = {};
    bool together = false;  // many do it
    absl::Time from = absl::InfinitePast();
    absl::Time until = absl::InfiniteFuture();
    std::vector<Step> steps = {};
  };
  struct Reward {
    std::string id = {};
    std::string describe = {};
    bool only_for_some = false;  // for others it is not there at all
  };

  std::vector<Named> currencies = {};
  std::vector<Ladder> ladders = {};
  std::vector<Badge> badges = {};
  std::vector<Quest> quests = {};
  std::vector<Named> streaks = {};
  std::vector<Reward> rewards = {};
  std::vector<Named> leaderboards = {};  // those that it declares
};

Guide GuideOf(const Program& program);

}  // namespace loyalty

#endif  // LOYALTY_GUIDE_H_
