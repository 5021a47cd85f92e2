// SPDX-License-Identifier: Apache-2.0
//
// See succession.h. What comes to have a state of its own has its question
// here.
#include "rules/succession.h"

#include <absl/strings/str_cat.h>

#include <string_view>
#include <utility>

#include "base/status_macros.h"

namespace loyalty::rules {
namespace {

constexpr std::string_view kBadgePrefix = "badge:";

// The currency that a metric counts; "" if it counts events.
std::string_view EarnedOf(const CompiledProgram& program,
                          const MetricTerms& metric) {
  if (metric.currency < 0) return "";
  return program.currencies[metric.currency].id;
}

class Successor {
 public:
  Successor(const CompiledProgram& before, const CompiledProgram& after,
            UseOfCurrency use)
      : before_(before), after_(after), use_(use) {}

  absl::StatusOr<std::vector<std::string>> Reasons() {
    CheckName();
    for (const Currency& currency : before_.currencies) {
      RETURN_IF_ERROR(CheckCurrency(currency));
    }
    for (const Badge& badge : before_.badges) {
      RETURN_IF_ERROR(CheckBadge(badge));
    }
    for (const MetricTerms& metric : before_.metrics) {
      if (metric.is_told()) CheckMetric(metric);
      if (metric.kind == MetricKind::kStreak) CheckStreak(metric);
    }
    for (const Ladder& ladder : before_.ladders) CheckLadder(ladder);
    for (const Leaderboard& board : before_.leaderboards) {
      CheckLeaderboard(board);
    }
    return std::move(reasons_);
  }

 private:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    reasons_.push_back(absl::StrCat(parts...));
  }

  void CheckName() {
    if (before_.name == after_.name) return;
    Add("the program is called \"", after_.name, "\" now, and was \"",
        before_.name, "\": a file is of one program; keep the name, and give ",
        "it a new version");
  }

  absl::Status CheckCurrency(const Currency& was) {
    const Currency* const is = after_.FindCurrency(was.symbol);
    if (is == nullptr) {
      ASSIGN_OR_RETURN(const CurrencyUse use, use_(was));
      if (!use.is_used) return absl::OkStatus();
      if (was.is_badge) {
        Add("badge \"", was.id.substr(kBadgePrefix.size()),
            "\" is gone, and members have won it: declare it, with ",
            "when: \"false\" if nobody is to win it any more");
      } else {
        Add("currency \"", was.id, "\" is gone, and members have or had units ",
            "of it: declare it, and let no rule award it");
      }
      return absl::OkStatus();
    }
    if (was.has_lots != is->has_lots) {
      ASSIGN_OR_RETURN(const CurrencyUse use, use_(was));
      if (use.is_used) {
        Add("currency \"", was.id, "\": its units ",
            is->has_lots ? "can be spent, vest or expire now, and could not"
                         : "could be spent, vest or expire, and cannot now",
            ", and members have or had some: leave that as it was, or ",
            "declare a currency of another id");
      }
    }
    if (is->floor > was.floor) {
      ASSIGN_OR_RETURN(const CurrencyUse use, use_(was));
      if (use.is_used && use.least < is->floor) {
        Add("currency \"", was.id, "\": its floor is ", is->floor,
            " now, and a member stands at ", use.least,
            ": lower the floor, or adjust who is below it first");
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckBadge(const Badge& was) {
    const Badge* const is = after_.FindBadge(was.id);
    if (is == nullptr || (was.per_target == is->per_target &&
                          was.is_counted == is->is_counted)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const CurrencyUse use,
                     use_(before_.currencies[was.currency]));
    if (use.is_used) {
      Add("badge \"", was.id, "\": how often, or for what, it is won was ",
          "changed, and members have won it: leave that as it was, or declare ",
          "a badge of another id");
    }
    return absl::OkStatus();
  }

  void CheckMetric(const MetricTerms& was) {
    for (const MetricTerms& is : after_.metrics) {
      if (!is.is_told() || is.id != was.id) continue;
      const bool counts_alike =
          is.kind == was.kind && is.period == was.period &&
          is.days == was.days && is.seconds == was.seconds &&
          is.has_key == was.has_key && is.per_object == was.per_object &&
          EarnedOf(after_, is) == EarnedOf(before_, was);
      if (counts_alike) return;
      Add("metric \"", was.id,
          "\": what it counts, over what time, or by what ",
          "it is kept apart was changed, and it has counted already: declare "
          "a ",
          "metric of another id");
    }
  }

  void CheckStreak(const MetricTerms& was) {
    for (const MetricTerms& is : after_.metrics) {
      if (is.kind != MetricKind::kStreak || is.id != was.id) continue;
      if (is.streak->every == was.streak->every &&
          is.per_object == was.per_object) {
        return;
      }
      Add("streak \"", was.id,
          "\": its windows were changed, and it has counted already: declare a "
          "streak of another id");
    }
  }

  // Levels are kept by their numbers where they are kept at all.
  void CheckLadder(const Ladder& was) {
    const Ladder* const is = after_.FindLadder(was.id);
    const bool keeps = was.tiers.has_value() || was.keeps || was.is_of_league;
    if (is == nullptr || !keeps) return;
    if (was.is_of_league != is->is_of_league) {
      Add("ladder \"", was.id, "\": it had a league's divisions, and members ",
          "are in them: declare a ladder of another id");
    }
    bool same_levels = is->levels.size() >= was.levels.size();
    for (size_t i = 0; same_levels && i < was.levels.size(); ++i) {
      same_levels = is->levels[i].id == was.levels[i].id;
    }
    if (!same_levels) {
      Add("ladder \"", was.id, "\": its levels were reordered or taken away, ",
          "and members keep theirs: only add levels above the highest, or ",
          "declare a ladder of another id");
    }
    if (!was.tiers.has_value() || !is->tiers.has_value()) return;
    const bool counts_alike =
        is->tiers->period == was.tiers->period &&
        is->tiers->is_rolling() == was.tiers->is_rolling() &&
        is->tiers->anniversary == was.tiers->anniversary &&
        is->currency_symbol == was.currency_symbol &&
        is->metric_terms.id == was.metric_terms.id && AskAlike(was, *is);
    if (counts_alike) return;
    Add("ladder \"", was.id,
        "\": what its tiers count, or over what periods, was changed, and they "
        "have counted already: declare a ladder of another id");
  }

  // Whether nothing that counts now did not before.
  static bool AskAlike(const Ladder& was, const Ladder& is) {
    return std::all_of(is.also.begin(), is.also.end(),
                       [&](const LadderMeasure& one) {
                         return std::any_of(was.also.begin(), was.also.end(),
                                            [&](const LadderMeasure& other) {
                                              return other.units == one.units;
                                            });
                       });
  }

  void CheckLeaderboard(const Leaderboard& was) {
    const Leaderboard* const is = after_.FindLeaderboard(was.id);
    if (is == nullptr) return;
    if (HeldFor(after_, *is) != HeldFor(before_, was)) {
      Add("leaderboard \"", was.id,
          "\": its badge was changed, and who was on it would not be what "
          "events have led to: declare a leaderboard of another id");
      return;
    }
    if (!was.is_counted) return;
    if (is->name == was.name && is->period == was.period &&
        is->days == was.days &&
        is->league.has_value() == was.league.has_value() &&
        KeptApartBy(after_, *is) == KeptApartBy(before_, was)) {
      return;
    }
    Add("leaderboard \"", was.id,
        "\": its seasons, its `by`, who comes first, or whether it is a "
        "league, "
        "were changed, and it has counted already: declare a leaderboard of "
        "another id");
  }

  static std::string KeptApartBy(const CompiledProgram& program,
                                 const Leaderboard& board) {
    return board.by < 0 ? "" : program.groupings[board.by].attribute;
  }

  static std::string HeldFor(const CompiledProgram& program,
                             const Leaderboard& board) {
    return board.badge < 0 ? "" : program.badges[board.badge].id;
  }

  const CompiledProgram& before_;
  const CompiledProgram& after_;
  const UseOfCurrency use_;
  std::vector<std::string> reasons_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ReasonsAgainst(
    const CompiledProgram& before, const CompiledProgram& after,
    UseOfCurrency use) {
  return Successor(before, after, use).Reasons();
}

}  // namespace loyalty::rules
