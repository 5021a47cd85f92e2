// SPDX-License-Identifier: Apache-2.0
//
// Streaks: whether what they say goes together. See compiler.h.
#include <absl/strings/str_cat.h>

#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

// A row that is bridged is walked window by window.
constexpr int64_t kMostFreezes = 366;
constexpr int64_t kLongestReach = 1'000'000;

}  // namespace

void Compiler::StreakNames() {
  std::set<std::string> seen;
  for (const model::StreakSpec& spec : spec_.streaks) {
    const std::string what = absl::StrCat("streak \"", spec.id.text, "\"");
    ValidId(spec.id, "streak", false);
    Unique(seen, spec.id, "streak");
    if (spec.every == base::Period::kHour ||
        spec.every == base::Period::kQuarter ||
        spec.every == base::Period::kYear) {
      Error(spec.every_at, what + " is every hour, quarter or year",
            "Use every: DAY, WEEK or MONTH.");
    }
    if (spec.weekdays != 0 && spec.every != base::Period::kEver &&
        spec.every != base::Period::kDay) {
      Error(spec.weekdays_at,
            what +
                " says weekdays, and its windows are no "
                "days",
            "Leave out one of every and weekday.");
    }
    const bool earns = spec.freeze_every != 0 || spec.freeze_max != 0;
    if (earns && (spec.freeze_every < 1 || spec.freeze_max < 1 ||
                  spec.freeze_max > kMostFreezes)) {
      Error(spec.freeze_at,
            absl::StrCat(what, ", freeze: every ", spec.freeze_every, ", max ",
                         spec.freeze_max, " earns none, or more than ",
                         kMostFreezes),
            "Say both: every: 7 max: 2 earns one whenever 7 windows more came, "
            "and keeps 2. Leave both out to earn none.");
    }
    CheckReaches(spec, what);
  }
}

void Compiler::CheckReaches(const model::StreakSpec& spec,
                            const std::string& what) {
  for (const model::ReachSpec& reach : spec.reaches) {
    const bool says_one = (reach.at == 0) != (reach.every == 0);
    const int64_t length = reach.at + reach.every;
    if (says_one && length >= 1 && length <= kLongestReach) continue;
    Error(reach.at_place,
          absl::StrCat(what, ", reach: at ", reach.at, ", every ", reach.every,
                       " is no length"),
          "Say at: 7, for once in each row, or every: 7, for again and again.");
  }
}

StreakTerms Compiler::StreakTermsOf(const model::StreakSpec& spec) {
  const bool is_said = spec.every != base::Period::kEver;
  return {.every = is_said ? spec.every : base::Period::kDay,
          .weekdays = spec.weekdays,
          .freeze_every = spec.freeze_every,
          .freeze_max = spec.freeze_max,
          .zone = out_.time_zone};
}

// Within the type of commands, as a freeze is one.
void Compiler::LastsOfFreezes(EventType& type) {
  for (size_t i = 0; i < spec_.streaks.size() && i < out_.streaks.size(); ++i) {
    const model::StreakSpec& spec = spec_.streaks[i];
    if (spec.freeze_lasts.empty()) continue;
    std::optional<cel::Expression>& lasts = out_.streaks[i].freeze_lasts;
    lasts =
        Expression(spec.freeze_lasts, Scope::kWinner, cel::Type::Int(),
                   absl::StrCat("streak \"", spec.id.text, "\", freeze.lasts"));
    Note(type, lasts);
  }
}

}  // namespace loyalty::rules
