// SPDX-License-Identifier: Apache-2.0
//
// See next_habits.h.
#include "engine/next_habits.h"

#include <algorithm>
#include <climits>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace loyalty::engine {
namespace {

constexpr int kLines = 200;
constexpr int64_t kFirstStretch = 1'000;  // entries of the journal

using Lines = std::vector<store::StatementEntry>;

// The newest lines. Statements are read from their old end, so that ever longer
// stretches of the journal's end are asked for until one has enough.
absl::StatusOr<Lines> NewestLines(store::Reader& reader,
                                  const std::string& member) {
  ASSIGN_OR_RETURN(const int64_t last, reader.LastSeq());
  for (int64_t stretch = kFirstStretch;; stretch *= 8) {
    const int64_t after = std::max<int64_t>(0, last - stretch);
    ASSIGN_OR_RETURN(auto lines,
                     reader.Statement(member, "", {after, INT_MAX}, kLines));
    if (!lines.has_value()) return Lines{};
    if (std::ssize(*lines) < kLines && after > 0) continue;
    // There may be more behind them, up to eight times as many.
    for (int page = 0; page < 8 && !lines->empty(); ++page) {
      ASSIGN_OR_RETURN(
          auto more,
          reader.Statement(member, "", lines->back().movement.at, kLines));
      if (!more.has_value() || more->empty()) break;
      lines->insert(lines->end(), more->begin(), more->end());
    }
    if (std::ssize(*lines) > kLines) {
      lines->erase(lines->begin(), lines->end() - kLines);
    }
    return *std::move(lines);
  }
}

}  // namespace

absl::StatusOr<Habits> HabitsOf(store::Reader& reader,
                                const std::string& member) {
  ASSIGN_OR_RETURN(const Lines lines, NewestLines(reader, member));
  Habits habits;
  std::map<std::string, std::string> newest;  // id of an event, by rule
  for (const store::StatementEntry& line : lines) {
    const model::Movement& movement = line.movement;
    if (movement.kind != model::Movement::Kind::kAward) continue;
    if (movement.units <= 0) continue;
    const std::string rule(movement.rule.text());
    habits.by_rule[rule] += 1;
    habits.by_type[line.event_type] += 1;
    newest[rule] = line.event_id;
  }
  for (const auto& [rule, id] : newest) {
    ASSIGN_OR_RETURN(auto recorded, reader.FindEvent(id));
    if (recorded.has_value()) {
      habits.newest[rule] = std::move(recorded->event);
    }
  }
  return habits;
}

}  // namespace loyalty::engine
