// SPDX-License-Identifier: Apache-2.0
//
// Summary: what came of a run, counted as it goes on.
#ifndef LOYALTY_TOOLS_SUMMARY_H_
#define LOYALTY_TOOLS_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "loyalty/program.h"
#include "output.h"

namespace loyalty::command {

class Summary {
 public:
  void AddLine() { ++lines_; }
  void AddBadLine() { ++bad_lines_; }
  void Add(const Outcome& outcome);

  // Counts the attributes of `event` that `program` does not declare. Returns
  // the first of them as "type.attribute", or "" if there is none.
  std::string AddUndeclared(const Program& program, const Event& event);

  int64_t lines() const { return lines_; }
  int64_t bad_lines() const { return bad_lines_; }

  void SetSeconds(double seconds) { seconds_ = seconds; }

  // For people, or as JSON, on standard output.
  void Print(const Program& program, const std::string& db) const;
  Json AsJson(const Program& program, const std::string& db) const;

 private:
  struct Awards {
    int64_t times = 0;  // awards of other than 0 units
    int64_t units = 0;
  };
  struct Level {
    std::string ladder;
    std::string level;
    int64_t reached = 0;
    int64_t lost = 0;
  };
  using Counts = std::map<std::string, int64_t, std::less<>>;

  // What a member comes with was not earned.
  void AddEffect(const Opened&) {}
  void AddEffect(const Awarded& effect);
  void AddEffect(const Reversed& effect);
  void AddEffect(const LevelChanged& effect);
  void AddEffect(const Moved& effect);
  void AddEffect(const Badge& effect);
  // Its entry is to come.
  void AddEffect(const BadgeDue&) {}
  // What they came to is told by badges.
  void AddEffect(const StreakMoved&) {}
  void AddEffect(const QuestMoved&) {}
  Level& LevelOf(std::string_view ladder, std::string_view level);
  int64_t EventsPerSecond() const;
  void PrintAwards() const;
  void PrintLevels() const;
  void PrintUndeclared() const;

  int64_t lines_ = 0;
  int64_t bad_lines_ = 0;
  int64_t recorded_ = 0;
  int64_t repeats_ = 0;
  Counts rejected_;  // by reason
  Counts cuts_;      // by reason
  // By rule and currency.
  std::map<std::pair<std::string, std::string>, Awards> awards_;
  std::map<std::string, Awards> reversed_;  // by currency
  // By what was done, and currency.
  std::map<std::pair<std::string, std::string>, Awards> moved_;
  std::vector<Level> levels_;  // as they were first reached: lowest first
  Counts undeclared_;          // by "type.attribute"
  int64_t undeclared_others_ = 0;
  double seconds_ = 0;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SUMMARY_H_
