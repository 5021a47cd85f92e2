// SPDX-License-Identifier: Apache-2.0
//
// See groups.h.
#include "core/groups.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include "base/amounts.h"
#include "core/boards.h"
#include "core/leg.h"
#include "rules/leaderboard.h"
#include "rules/metric.h"

namespace loyalty::core {
namespace {

// 0: nobody has said anything.
model::CounterKey SaidCounter(const rules::Grouping& grouping) {
  return {.name = grouping.said};
}

bool HasScore(const Leg& leg, const rules::Leaderboard& board, int64_t window) {
  const auto scores = board.scores();
  return std::any_of(scores.begin(), scores.end(), [&](model::Symbol name) {
    return !name.empty() && leg.Counter({.name = name, .window = window}) != 0;
  });
}

// Calls `visit(board, season)` for the seasons at `time` of all that keep those
// groups apart.
template <typename F>
void ForEachSeasonOf(const rules::CompiledProgram& program, int grouping,
                     absl::Time time, F&& visit) {
  for (const rules::Leaderboard& board : program.leaderboards) {
    if (board.by != grouping) continue;
    rules::ForEachSeason(board, time, program.time_zone,
                         [&](int64_t season) { visit(board, season); });
  }
}

void EnterGroup(Leg& leg, const InGroup& in) {
  const rules::Grouping& grouping = leg.program.groupings[in.grouping];
  const int64_t time = absl::ToUnixMicros(leg.event.time);
  const int64_t said = leg.Counter(SaidCounter(grouping));
  const bool is_newest = said == 0 || time >= said;
  if (is_newest) {
    leg.SetCounter(SaidCounter(grouping), time);
    leg.SetCounter(GroupCounter(grouping), in.number);
  }
  ForEachSeasonOf(leg.program, in.grouping, leg.event.time,
                  [&](const rules::Leaderboard& board, int64_t season) {
                    if (!board.has_seasons()) {
                      if (is_newest) PutInGroup(leg, board, season, in.number);
                      return;
                    }
                    // Who was nowhere has been waiting; and of a time gone by
                    // nothing that comes later knows better.
                    if (leg.Counter(CohortCounter(board, season)) == 0 &&
                        (!is_newest || HasScore(leg, board, season))) {
                      PutInGroup(leg, board, season, in.number);
                    }
                  });
}

int64_t ValueIn(const model::Counters& counters, const model::CounterKey& key) {
  const auto found = counters.find(key);
  return found == counters.end() ? 0 : found->second;
}

// What the other has on that leaderboard goes to where both are now.
void JoinBoard(Leg& leg, const rules::Leaderboard& board,
               const model::Counters& theirs) {
  std::set<int64_t> seasons;
  if (!board.has_seasons()) seasons.insert(0);
  for (const auto& [counter, value] : theirs) {
    if (counter.name == board.cohort) {
      seasons.insert(counter.window);
    } else if (counter.name == board.name || counter.name == board.tie ||
               counter.name == board.off) {
      seasons.insert(
          rules::CohortOf(board, counter.window, leg.program.time_zone).season);
    }
  }
  for (const int64_t season : seasons) {
    const model::CounterKey cohort = CohortCounter(board, season);
    const int64_t their_group = ValueIn(theirs, cohort);
    int64_t group = leg.Counter(cohort);
    if (!board.has_seasons()) {
      group = leg.Counter(GroupCounter(leg.program.groupings[board.by]));
    } else if (group == 0) {
      group = their_group;
    }
    PutInGroup(leg, board, season, group);
    for (const model::Symbol name : board.scores()) {
      if (name.empty()) continue;
      const int64_t units =
          ValueIn(theirs, {.name = name, .window = season + their_group});
      if (units == 0) continue;
      int64_t& now =
          leg.ChangingCounter({.name = name, .window = season + group});
      now = base::Sum(now, units).value_or(now);
    }
  }
}

}  // namespace

model::CounterKey GroupCounter(const rules::Grouping& grouping) {
  return {.name = grouping.counter};
}

model::CounterKey GroupNumberCounter(const rules::Grouping& grouping,
                                     std::string_view name) {
  return {.name = grouping.counter, .key = rules::KeyOfText(name)};
}

model::CounterKey GroupNamedCounter(const rules::Grouping& grouping,
                                    int64_t number) {
  return {.name = grouping.said, .key = rules::KeyOfInt(number)};
}

std::optional<std::string> GroupIn(const rules::EventType& type, int attribute,
                                   const Event& event) {
  const rules::Attribute& of = type.attributes[attribute];
  const auto found = event.attributes.find(of.name);
  const Value* value = nullptr;
  if (found != event.attributes.end()) {
    value = &found->second;
  } else if (of.default_value.has_value()) {
    value = &*of.default_value;
  }
  const auto* const text =
      value == nullptr ? nullptr : std::get_if<std::string>(&value->get());
  if (text == nullptr) return std::nullopt;
  return *text;
}

void ListGroups(const Cause& cause, const Enter& enter, model::ReadSet& read) {
  for (const InGroup& in : enter.groups) {
    const rules::Grouping& grouping = cause.program->groupings[in.grouping];
    read.counters.push_back(GroupCounter(grouping));
    read.counters.push_back(SaidCounter(grouping));
    ForEachSeasonOf(
        *cause.program, in.grouping, cause.event->time,
        [&](const rules::Leaderboard& board, int64_t season) {
          read.counters.push_back({.name = board.name, .window = season});
        });
  }
  std::sort(read.counters.begin(), read.counters.end());
  read.counters.erase(std::unique(read.counters.begin(), read.counters.end()),
                      read.counters.end());
}

void GiveNumber(Leg& leg, const NumberGroup& group) {
  const rules::Grouping& grouping = leg.program.groupings[group.grouping];
  const model::CounterKey mine = GroupNumberCounter(grouping, group.name);
  if (leg.Counter(mine) != 0) return;
  const int64_t number = leg.Counter(GroupCounter(grouping)) + 1;
  if (number > rules::kMostGroups) {
    return leg.Note(grouping.counter.text(),
                    absl::StrCat("there are ", rules::kMostGroups,
                                 " groups already, and nobody is in another"));
  }
  leg.SetCounter(GroupCounter(grouping), number);
  leg.SetCounter(mine, number);
  leg.SetCounter(GroupNamedCounter(grouping, number), leg.cause.seq);
}

void EnterGroups(Leg& leg, const Enter& enter) {
  if (!leg.IsMember() || !leg.now.exists) return;
  for (const InGroup& in : enter.groups) EnterGroup(leg, in);
}

void JoinGroups(Leg& leg, const model::Counters& theirs) {
  for (const rules::Grouping& grouping : leg.program.groupings) {
    const model::CounterKey said = SaidCounter(grouping);
    const int64_t their_time = ValueIn(theirs, said);
    const int64_t my_time = leg.Counter(said);
    if (their_time == 0 || (my_time != 0 && my_time >= their_time)) continue;
    leg.SetCounter(said, their_time);
    leg.SetCounter(GroupCounter(grouping),
                   ValueIn(theirs, GroupCounter(grouping)));
  }
  for (const rules::Leaderboard& board : leg.program.leaderboards) {
    if (board.by >= 0) JoinBoard(leg, board, theirs);
  }
}

}  // namespace loyalty::core
