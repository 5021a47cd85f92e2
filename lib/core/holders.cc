// SPDX-License-Identifier: Apache-2.0
//
// See holders.h.
#include "core/holders.h"

#include <absl/time/time.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "base/amounts.h"
#include "core/leg.h"
#include "rules/leaderboard.h"
#include "rules/metric.h"
#include "rules/values.h"

namespace loyalty::core {
namespace {

constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

// What a change says: that the member holds the badge from that second on, or
// does not.
constexpr int64_t kHolds = 1;
constexpr int64_t kHoldsNot = 2;

// One for each change, by its second. They take turns.
model::CounterKey ChangeCounter(const rules::Badge& badge, int64_t second) {
  return {.name = badge.held, .window = second, .key = rules::KeyOfInt(1)};
}

model::CounterRange ChangesFrom(const rules::Badge& badge, int64_t second) {
  const model::CounterKey first = ChangeCounter(badge, second);
  return {.name = first.name, .from = second, .to = kForEver, .key = first.key};
}

// Changes of a member and a badge, in their order, and what holds after all of
// them.
struct Changes {
  std::map<int64_t, bool> by_second = {};
  bool now = false;

  // Whether the badge is held as a season ends: what the next change ends.
  bool HeldAt(int64_t end) const {
    const auto next = by_second.lower_bound(end);
    return next == by_second.end() ? now : !next->second;
  }
};

void AddChanges(const model::Counters& counters, const rules::Badge& badge,
                int64_t from, Changes& changes) {
  for (auto it = counters.lower_bound(ChangeCounter(badge, from));
       it != counters.end() && it->first.name == badge.held; ++it) {
    if (it->second == 0) {
      changes.by_second.erase(it->first.window);
    } else {
      changes.by_second[it->first.window] = it->second == kHolds;
    }
  }
}

// REQUIRES: those from there on are loaded.
Changes ChangesOf(const Leg& leg, const rules::Badge& badge, int64_t from) {
  Changes changes{
      .now =
          leg.now.Held(leg.program.currencies[badge.currency].symbol).balance >
          0};
  AddChanges(leg.state.entity.counters, badge, from, changes);
  AddChanges(leg.now.counters, badge, from, changes);
  return changes;
}

int64_t EndOf(const rules::CompiledProgram& program,
              const rules::Leaderboard& board, int64_t season) {
  if (!board.has_seasons()) return kForEver;
  return absl::ToUnixSeconds(
      rules::SeasonEnd(board, season, program.time_zone));
}

// All windows of a leaderboard in which a member may have something, from the
// season at `time` on.
std::pair<int64_t, int64_t> WindowsFrom(const rules::CompiledProgram& program,
                                        const rules::Leaderboard& board,
                                        absl::Time time, int64_t until) {
  const int64_t groups = board.by < 0 ? 0 : rules::kMostGroups;
  if (!board.has_seasons()) return {0, groups};
  return {rules::SeasonAt(board, time, program.time_zone), until};
}

void PutOnSide(Leg& leg, const rules::Leaderboard& board, int64_t window,
               bool is_on) {
  const model::CounterKey from{.name = is_on ? board.off : board.name,
                               .window = window};
  const model::CounterKey to{.name = is_on ? board.name : board.off,
                             .window = window};
  const int64_t units = leg.Counter(from);
  if (units == 0) return;
  leg.SetCounter(from, 0);
  int64_t& now = leg.ChangingCounter(to);
  now = base::Sum(now, units).value_or(now);
}

// The windows of those in which there is something on either side.
std::set<int64_t> WindowsWithScores(const Leg& leg,
                                    const rules::Leaderboard& board,
                                    int64_t from, int64_t to) {
  std::set<int64_t> windows;
  const model::Counters& before = leg.state.entity.counters;
  const model::Counters& changed = leg.now.counters;
  for (const model::Counters* counters : {&before, &changed}) {
    for (const model::Symbol name : {board.name, board.off}) {
      for (auto it = counters->lower_bound({.name = name, .window = from});
           it != counters->end() && it->first.name == name &&
           it->first.window <= to;
           ++it) {
        windows.insert(it->first.window);
      }
    }
  }
  return windows;
}

// Notes the change, which undoes what was said of later ones.
void NoteChange(Leg& leg, const rules::Badge& badge,
                const HoldingChanged& change) {
  const int64_t second = absl::ToUnixSeconds(change.time);
  Changes changes = ChangesOf(leg, badge, second);
  changes.now = !change.holds;
  const bool held = changes.HeldAt(second);
  for (const auto& [at, holds] : changes.by_second) {
    leg.SetCounter(ChangeCounter(badge, at), 0);
  }
  if (held == change.holds) return;
  leg.SetCounter(ChangeCounter(badge, second),
                 change.holds ? kHolds : kHoldsNot);
}

}  // namespace

void ListSide(const rules::CompiledProgram& program,
              const rules::Leaderboard& board, const model::CounterKey& score,
              model::ReadSet& read) {
  read.counters.push_back({.name = board.off, .window = score.window});
  if (!board.has_seasons()) return;
  const rules::Badge& badge = program.badges[board.badge];
  read.counters.push_back({.name = badge.held_last});
  const int64_t end = EndOf(program, board, score.window);
  const auto known =
      std::find_if(read.ranges.begin(), read.ranges.end(),
                   [&](const auto& one) { return one.name == badge.held; });
  if (known == read.ranges.end()) {
    read.ranges.push_back(ChangesFrom(badge, end));
  } else {
    known->from = std::min(known->from, end);
  }
}

model::Symbol SideOf(Leg& leg, const rules::Leaderboard& board,
                     int64_t season) {
  const rules::Badge& badge = leg.program.badges[board.badge];
  if (board.has_seasons()) {
    // A group's window lies somewhat behind the season's.
    const int64_t last = season + (board.by < 0 ? 0 : rules::kMostGroups);
    const model::CounterKey newest{.name = badge.held_last};
    if (leg.Counter(newest) < last) leg.SetCounter(newest, last);
  }
  const int64_t end = EndOf(leg.program, board, season);
  return ChangesOf(leg, badge, end).HeldAt(end) ? board.name : board.off;
}

void TellHolding(Leg& leg, const rules::Badge& badge, int64_t before) {
  if (badge.held.empty()) return;
  const bool holds =
      leg.now.Held(leg.program.currencies[badge.currency].symbol).balance > 0;
  if (holds == (before > 0)) return;
  const auto number = static_cast<int>(&badge - leg.program.badges.data());
  leg.decision.messages.push_back(
      {.entity = leg.now.entity,
       .what =
           HoldingChanged{
               .badge = number, .holds = holds, .time = leg.event.time},
       .actor = nullptr,
       .object = nullptr});
}

void ListHolding(const rules::CompiledProgram& program,
                 const HoldingChanged& change, model::ReadSet& read) {
  const rules::Badge& badge = program.badges[change.badge];
  if (!change.until.has_value()) {
    read.counters.push_back({.name = badge.held_last});
    read.ranges.push_back(ChangesFrom(badge, absl::ToUnixSeconds(change.time)));
    return;
  }
  for (const rules::Leaderboard& board : program.leaderboards) {
    if (board.badge != change.badge) continue;
    const auto [from, to] =
        WindowsFrom(program, board, change.time, *change.until);
    for (const model::Symbol name : {board.name, board.off}) {
      read.ranges.push_back({.name = name, .from = from, .to = to});
    }
  }
}

void ChangeHolding(Leg& leg, const HoldingChanged& change) {
  const rules::Badge& badge = leg.program.badges[change.badge];
  if (!change.until.has_value()) {
    NoteChange(leg, badge, change);
    HoldingChanged next = change;
    next.until = leg.Counter({.name = badge.held_last});
    leg.decision.messages.push_back({.entity = leg.now.entity,
                                     .what = next,
                                     .actor = nullptr,
                                     .object = nullptr});
    return;
  }
  for (const rules::Leaderboard& board : leg.program.leaderboards) {
    if (board.badge != change.badge) continue;
    const auto [from, to] =
        WindowsFrom(leg.program, board, change.time, *change.until);
    for (const int64_t window : WindowsWithScores(leg, board, from, to)) {
      PutOnSide(leg, board, window, change.holds);
    }
  }
}

void JoinHoldings(Leg& leg, const model::EntityState& other,
                  const model::Counters& theirs) {
  constexpr int64_t kEarliest = std::numeric_limits<int64_t>::min();
  for (const rules::Badge& badge : leg.program.badges) {
    if (badge.held.empty()) continue;
    const Changes mine = ChangesOf(leg, badge, kEarliest);
    Changes others{
        .now =
            other.Held(leg.program.currencies[badge.currency].symbol).balance >
            0};
    AddChanges(theirs, badge, kEarliest, others);
    Changes both{.by_second = mine.by_second, .now = mine.now || others.now};
    both.by_second.insert(others.by_second.begin(), others.by_second.end());
    bool held = mine.HeldAt(kEarliest) || others.HeldAt(kEarliest);
    for (auto it = both.by_second.begin(); it != both.by_second.end();) {
      const int64_t second = it->first;
      const bool holds = mine.HeldAt(second + 1) || others.HeldAt(second + 1);
      const bool changes = holds != held;
      leg.SetCounter(ChangeCounter(badge, second), !changes ? 0
                                                   : holds  ? kHolds
                                                            : kHoldsNot);
      held = holds;
      it->second = holds;
      it = changes ? std::next(it) : both.by_second.erase(it);
    }
    for (const rules::Leaderboard& board : leg.program.leaderboards) {
      if (board.badge < 0 || &leg.program.badges[board.badge] != &badge) {
        continue;
      }
      for (const int64_t window :
           WindowsWithScores(leg, board, kEarliest, kForEver)) {
        const int64_t season =
            rules::CohortOf(board, window, leg.program.time_zone).season;
        PutOnSide(leg, board, window,
                  both.HeldAt(EndOf(leg.program, board, season)));
      }
    }
  }
}

}  // namespace loyalty::core
