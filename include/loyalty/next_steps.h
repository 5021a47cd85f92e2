// SPDX-License-Identifier: Apache-2.0
//
// Next steps: what would reach a member's next level, badge, quest or reward
// soonest, given what limits still leave. What Queries::NextSteps answers.
//
// Every way that is told here was played: the program decided these very
// events on a copy of the member as they stand, and the goal was reached. So
// limits, cooldowns, caps, budgets, multipliers and campaigns are in it, since
// they were asked. What was assumed is in the events: who else takes part, and
// which object it is about, are new each time, and what is said of them is what
// the rule asks for, or what the member's last such event said.
#ifndef LOYALTY_NEXT_STEPS_H_
#define LOYALTY_NEXT_STEPS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/event.h"

namespace loyalty {

// Ids in examples that stand for somebody or something new begin so. What a
// file calls so is not looked at.
inline constexpr std::string_view kMadeUp = "~next~";

// Something to do, or that others do, so many times.
struct NextStep {
  // The rule that gives most of it; "" where a metric, a streak or a quest
  // counts the event.
  std::string rule = {};
  std::string describe = {};  // the rule's; may be empty
  // Such an event as it was played. Its actor is the member, or somebody made
  // up.
  Event example = {};
  bool by_member = true;  // else it is done to them: a like, a vote
  // The attributes that the rule's condition asks for, or that say how much.
  std::vector<std::string> asked_for = {};
  bool as_last_time = false;  // the attributes are those of the member's last
  int64_t times = 1;
  // When it would be done: now, or when limits leave something of it again.
  absl::Time time = absl::InfinitePast();
  // What it takes off what is missing, all `times` together, if the goal is
  // units of one thing; of goals that need several, 0.
  int64_t units = 0;
  // How often the member's own limits leave something of it in all, counted
  // before it is done, and when they leave more; none where no limit is near.
  std::optional<int64_t> left = {};
  absl::Time left_until = absl::InfiniteFuture();
  std::string sentence = {};  // "vote on an idea twice"
};

// Steps that lead to the goal, in the order of time.
struct NextWay {
  std::vector<NextStep> steps = {};
  int64_t acts = 0;                        // all times together
  absl::Time when = absl::InfinitePast();  // of the last one
  int64_t days = 0;  // from the day that was asked for to that
  // Of what many do together: what is missing of the whole after it. It leads
  // to the member's own part, or nearer; then others' acts reach the goal.
  int64_t left_to_others = 0;
  std::string sentence = {};  // "Vote on an idea twice, ... : 31 to go."
};

// One thing that is missing: `want` of something of which there is `have`.
struct NextNeed {
  std::string what = {};  // "earned.expert", "metric.votes", "xp" of a quest
  int64_t have = 0;
  int64_t want = 0;
  int64_t missing() const { return want > have ? want - have : 0; }
};

struct NextGoal {
  enum class Kind {
    kLevel,   // the next one of a ladder
    kTier,    // likewise, of one with tiers
    kKeep,    // of a tier, what its review asks for
    kBadge,   // that is not held yet
    kQuest,   // that is open, or joined
    kStreak,  // that ends unless something is done
    kReach,   // a length of a streak that something is given for
    kReward,  // that costs more than is available
  };
  Kind kind = Kind::kLevel;
  std::string id = {};  // the level, badge, quest, streak or reward
  std::string ladder = {};
  std::string describe = {};  // may be empty
  std::vector<NextNeed> needs = {};
  // A quest that many do together, a team or, for "", everybody: needs are of
  // all of it, and the last one, "own.ID", is what the member did of it, and
  // what a share asks.
  bool together = false;
  std::string object = {};
  // What it comes with: what the level lets its members do, and units of
  // awards that are always the same.
  std::vector<std::string> privileges = {};
  struct Award {
    std::string currency = {};
    int64_t units = 0;
  };
  std::vector<Award> awards = {};
  std::optional<absl::Time> before = {};  // after which it cannot be had
  // Its condition could be read: `needs` are all that it asks. Else
  // `describe` is what there is to say, but for ways that led there all the
  // same.
  bool analysed = true;
  // Those in the member's own hands before those that wait for others, and of
  // each the soonest first; none: nothing was found that leads there within a
  // year and some hundred acts.
  std::vector<NextWay> ways = {};
  std::string sentence = {};
};

// Stable snake_case names: "level".
std::string_view Name(NextGoal::Kind kind);

struct NextStepsOptions {
  int how_many = 5;  // goals
  int ways = 3;      // of each
};

}  // namespace loyalty

#endif  // LOYALTY_NEXT_STEPS_H_
