// SPDX-License-Identifier: Apache-2.0
//
// Ladders: what each is over, and where its levels lie. How tiers come and go
// is in compile_tiers.cc. See compiler.h.
#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/amounts.h"
#include "base/suggest.h"
#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

using Curve = model::CurveSpec;

constexpr int64_t kMostLevels = 1000;

// Adds up steps in units of 10^-18, which is exact for coefficients as people
// write them.
class Steps {
 public:
  Steps(const Curve& curve, int64_t numerator, int64_t denominator)
      : curve_(curve),
        numerator_(numerator),
        denominator_(denominator),
        step_(kOne * curve.base) {}

  // Where the next level lies; nullopt beyond all amounts.
  std::optional<int64_t> Next() {
    sum_ += step_;
    if (sum_ > kOne * base::kMaxAmount) return std::nullopt;
    switch (curve_.kind) {
      case Curve::Kind::kFlat: break;
      case Curve::Kind::kLinear: step_ += kOne * curve_.step; break;
      case Curve::Kind::kRelative:
        step_ = step_ * numerator_ / denominator_;
        break;
    }
    return static_cast<int64_t>((sum_ + kOne / 2) / kOne);
  }

 private:
  static constexpr absl::int128 kOne = 1'000'000'000'000'000'000;

  const Curve& curve_;
  const int64_t numerator_;
  const int64_t denominator_;
  absl::int128 step_;
  absl::int128 sum_ = 0;
};

template <typename List>
std::vector<std::string> IdsOf(const List& list) {
  std::vector<std::string> ids;
  for (const auto& one : list) ids.push_back(one.id);
  return ids;
}

}  // namespace

void Compiler::Ladders() {
  std::set<std::string> seen;
  for (const model::LadderSpec& spec : spec_.ladders) {
    if (!ValidId(spec.id, "ladder", false)) continue;
    Unique(seen, spec.id, "ladder");
    const std::string what = absl::StrCat("ladder \"", spec.id.text, "\"");
    out_.ladders.push_back(CompiledLadder(spec, what));
    out_.has_tiers |= out_.ladders.back().tiers.has_value();
    out_.keeps_levels |=
        out_.ladders.back().keeps || out_.ladders.back().is_of_league;
  }
}

Ladder Compiler::CompiledLadder(const model::LadderSpec& spec,
                                const std::string& what) {
  Ladder ladder{.id = spec.id.text,
                .describe = spec.describe.text,
                .keeps = spec.keeps,
                .is_of_league = !spec.league.empty(),
                .kept = "level:" + spec.id.text};
  if (ladder.is_of_league) {
    CheckLeagueOf(spec, what);
  } else {
    SetMeasure(spec, what, ladder);
  }
  if (spec.tiers.has_value()) ladder.tiers = TiersOf(spec, what);
  if (ladder.metric >= 0) {
    CheckMetricOf(spec.metric.at, what, ladder, ladder.metric_terms);
  }
  ladder.levels = LevelsOf(spec, what, ladder);
  AddAlso(spec, what, ladder);
  if (ladder.keeps && ladder.tiers.has_value()) {
    Error(spec.keeps_at, what + " has tiers, and keeps",
          "Say  down: NEVER  in its tiers.");
  }
  return ladder;
}

// That its levels are a league's divisions, and nothing besides.
void Compiler::CheckLeagueOf(const model::LadderSpec& spec,
                             const std::string& what) {
  std::vector<std::string> known;
  for (const model::LeaderboardSpec& board : spec_.leaderboards) {
    if (board.league.has_value()) known.push_back(board.id.text);
  }
  if (std::find(known.begin(), known.end(), spec.league.text) == known.end()) {
    Error(spec.league.at,
          absl::StrCat(what, ": \"", spec.league.text, "\" is no league"),
          known.empty() ? "Declare a leaderboard of that id with  league { }."
                        : base::DidYouMean(spec.league.text, known));
  }
  const bool says_more =
      !spec.currency.empty() || !spec.metric.empty() || spec.keeps ||
      spec.curve.has_value() || spec.tiers.has_value() ||
      std::any_of(spec.levels.begin(), spec.levels.end(),
                  [](const model::LevelSpec& level) {
                    return level.at != 0 || !level.badge.empty() ||
                           level.by_hand;
                  });
  if (says_more) {
    Error(spec.id.at, what + " is a league's, and says how levels are reached",
          "Its seasons move members: leave out  currency,  metric,  curve,  "
          "keeps,  tiers,  and of its levels  at,  badge  and  by_hand.");
  }
  if (std::ssize(spec.levels) < 2 || std::ssize(spec.levels) > kMostDivisions) {
    Error(spec.id.at,
          absl::StrCat(what, " is a league's, and has ", spec.levels.size(),
                       " divisions"),
          absl::StrCat("Say  level { id: \"bronze\" },  2 to ", kMostDivisions,
                       " of them, the lowest first."));
  }
}

// A currency, a metric, or the badges that levels name.
void Compiler::SetMeasure(const model::LadderSpec& spec,
                          const std::string& what, Ladder& ladder) {
  const bool names_badges = std::any_of(
      spec.levels.begin(), spec.levels.end(),
      [](const model::LevelSpec& level) { return !level.badge.empty(); });
  const int said = (spec.currency.empty() ? 0 : 1) +
                   (spec.metric.empty() ? 0 : 1) + (names_badges ? 1 : 0);
  if (said > 1) {
    Error(spec.id.at, what + " is over more than one thing",
          "Leave one of  currency,  metric,  and the levels' badges.");
  }
  if (!spec.metric.empty()) {
    std::vector<std::string> known;
    for (const MetricTerms& terms : out_.metrics) {
      if (terms.is_told()) known.push_back(terms.id);
    }
    ladder.metric = MetricNamed(spec.metric.text);
    if (ladder.metric >= 0) {
      ladder.metric_terms = out_.metrics[ladder.metric];
      return;
    }
    Error(spec.metric.at,
          absl::StrCat(what, ": metric \"", spec.metric.text,
                       "\" is not declared"),
          base::DidYouMean(spec.metric.text, known));
    return;
  }
  if (names_badges) {
    if (spec.tiers.has_value()) {
      Error(spec.tiers->at, what + " has tiers, and is over badges",
            "What a badge asks, and whether it is revoked, says when its level "
            "comes and goes.");
    }
    return;
  }
  ladder.currency = out_.CurrencyIndex(spec.currency.text);
  if (ladder.currency >= 0) {
    ladder.currency_symbol = out_.currencies[ladder.currency].symbol;
    return;
  }
  std::vector<std::string> known;
  for (const Currency& currency : out_.currencies) {
    if (!currency.is_badge) known.push_back(currency.id);
  }
  Error(spec.currency.at,
        absl::StrCat(what, ": currency \"", spec.currency.text,
                     "\" is not declared"),
        base::DidYouMean(spec.currency.text, known));
}

std::vector<Level> Compiler::LevelsOf(const model::LadderSpec& spec,
                                      const std::string& what,
                                      const Ladder& ladder) {
  std::vector<Level> levels;
  if (spec.curve.has_value()) {
    levels = CurvedLevels(*spec.curve, what);
    AddCurved(spec, what, levels);
    return levels;
  }
  if (spec.levels.empty()) Error(spec.id.at, what + " has no level");
  const bool over_badges =
      ladder.currency < 0 && ladder.metric < 0 && !ladder.is_of_league;
  std::set<std::string> seen;
  for (const model::LevelSpec& level : spec.levels) {
    if (!ValidId(level.id, what + ": level", true)) continue;
    Unique(seen, level.id, what + ": level");
    InRange(level.at, -base::kMaxAmount, level.at_place, what + ": at");
    const std::string named =
        absl::StrCat(what, ": level \"", level.id.text, "\"");
    Level compiled{.id = level.id.text,
                   .describe = level.describe.text,
                   .at = level.at,
                   .by_hand = level.by_hand};
    const bool after_hand = !levels.empty() && levels.back().by_hand;
    if (level.by_hand &&
        (levels.empty() || !spec.tiers.has_value() || level.at != 0)) {
      Error(level.by_hand_at, named + " cannot be by hand",
            "Only levels above the lowest of a ladder with tiers are, and they "
            "say no at.");
    } else if (after_hand && !level.by_hand) {
      Error(level.id.at, named + " is above one that is reached by hand only",
            "List those that are by hand last.");
    } else if (over_badges) {
      SetBadge(level, named, levels.empty(), compiled);
    } else if (!level.by_hand && !levels.empty() && !ladder.is_of_league &&
               level.at <= levels.back().at) {
      Error(level.at_place,
            absl::StrCat(named, " at ", level.at, " is not above \"",
                         levels.back().id, "\" at ", levels.back().at),
            "List levels from lowest to highest.");
    }
    for (const model::Text& privilege : level.privileges) {
      ValidId(privilege, what + ": privilege", true);
      compiled.privileges.push_back(privilege.text);
    }
    levels.push_back(std::move(compiled));
  }
  return levels;
}

void Compiler::SetBadge(const model::LevelSpec& spec, const std::string& what,
                        bool is_lowest, Level& level) {
  if (spec.badge.empty()) {
    if (is_lowest) return;
    Error(spec.id.at, what + " names no badge",
          "The other levels of the ladder do. Add  badge: \"...\"");
    return;
  }
  if (is_lowest || spec.at != 0) {
    Error(spec.badge.at,
          is_lowest ? what + " is the lowest, which everybody has"
                    : what + " has both a badge and at",
          is_lowest ? "Put a level without a badge before it."
                    : "Leave out one of them.");
  }
  if (const Badge* const badge = out_.FindBadge(spec.badge.text)) {
    level.badge = out_.currencies[badge->currency].symbol;
    return;
  }
  Error(spec.badge.at,
        absl::StrCat(what, ": badge \"", spec.badge.text, "\" is not declared"),
        base::DidYouMean(spec.badge.text, IdsOf(out_.badges)));
}

std::vector<Level> Compiler::CurvedLevels(const model::CurveSpec& curve,
                                          const std::string& what) {
  const size_t before = findings_.size();
  if (curve.levels < 1 || curve.levels > kMostLevels) {
    Error(curve.at, absl::StrCat(what, ": curve has ", curve.levels, " levels"),
          absl::StrCat("Say  levels: 10, at most ", kMostLevels, "."));
  }
  InRange(curve.base, 1, curve.at, what + ": base of the curve");
  InRange(curve.step, 0, curve.at, what + ": step of the curve");
  InRange(curve.first, 0, curve.at, what + ": first of the curve");
  int64_t numerator = 1, denominator = 1;
  if (curve.kind == Curve::Kind::kRelative) {
    constexpr int64_t kMillion = 1'000'000;
    const base::Ratio factor = Factor(curve.coefficient, curve.at,
                                      what + ": coefficient of the curve");
    // Six digits behind the point, and at most 1000.
    numerator = factor.Of(kMillion, base::Rounding::kNearest).value_or(0);
    denominator = kMillion;
    if (numerator > 1000 * kMillion || numerator < 1) {
      Error(curve.at, what + ": coefficient of the curve is out of range",
            "Use a decimal of more than 0 and at most 1000, such as \"1.3\".");
    }
    while (numerator % 10 == 0 && denominator % 10 == 0 && numerator > 0) {
      numerator /= 10;
      denominator /= 10;
    }
  }
  if (findings_.size() != before) return {Level{.id = "L1"}};
  const auto id = [&](int64_t level) {
    return absl::StrCat("L", curve.first + level);
  };
  std::vector<Level> levels = {Level{.id = id(0)}};
  Steps steps(curve, numerator, denominator);
  while (std::ssize(levels) < curve.levels) {
    const std::optional<int64_t> at = steps.Next();
    if (!at.has_value() || *at <= levels.back().at) {
      Error(curve.at,
            absl::StrCat(what, ": level ", id(std::ssize(levels)),
                         at.has_value() ? " of the curve is not above the one "
                                          "before it"
                                        : " of the curve is beyond all units"),
            at.has_value() ? "Raise base or coefficient."
                           : "Use fewer levels, or a flatter curve.");
      break;
    }
    levels.push_back({.id = id(std::ssize(levels)), .at = *at});
  }
  return levels;
}

// What is said of levels that the curve has made.
void Compiler::AddCurved(const model::LadderSpec& spec, const std::string& what,
                         std::vector<Level>& levels) {
  for (const model::LevelSpec& said : spec.levels) {
    const auto level =
        std::find_if(levels.begin(), levels.end(),
                     [&](const Level& one) { return one.id == said.id.text; });
    if (level == levels.end()) {
      Error(
          said.id.at,
          absl::StrCat(what, ": the curve has no level \"", said.id.text, "\""),
          absl::StrCat("Its levels are \"", levels.front().id, "\" to \"",
                       levels.back().id, "\"."));
      continue;
    }
    if (said.at != 0 || said.by_hand || !said.badge.empty()) {
      Error(said.id.at,
            absl::StrCat(what, ": where level \"", said.id.text,
                         "\" lies says the curve"),
            "Leave out all but its privileges and its description.");
    }
    level->describe = said.describe.text;
    for (const model::Text& privilege : said.privileges) {
      ValidId(privilege, what + ": privilege", true);
      level->privileges.push_back(privilege.text);
    }
  }
}

void Compiler::AddReadsOfLadder(int number, BadgeReads& reads) const {
  const Ladder& ladder = out_.ladders[number];
  reads.time |= ladder.tiers.has_value();
  if (ladder.currency >= 0) reads.currencies.insert(ladder.currency);
  if (ladder.metric >= 0) reads.metrics.insert(ladder.metric);
  for (const LadderMeasure& also : ladder.also) {
    if (also.currency >= 0) reads.currencies.insert(also.currency);
    if (also.metric >= 0) reads.metrics.insert(also.metric);
  }
  for (const Level& level : ladder.levels) {
    if (level.badge.empty()) continue;
    for (size_t i = 0; i < out_.currencies.size(); ++i) {
      if (out_.currencies[i].symbol != level.badge) continue;
      reads.currencies.insert(static_cast<int>(i));
    }
  }
}

// Levels that nobody will ever reach.
void Compiler::LintLadders() {
  const auto is_given = [&](int currency) {
    if (out_.currencies[currency].opening > 0) return true;
    const std::string& id = out_.currencies[currency].id;
    const auto gives = [&](const model::RuleSpec& rule) {
      return std::any_of(rule.awards.begin(), rule.awards.end(),
                         [&](const model::AwardSpec& award) {
                           return award.currency.text == id;
                         });
    };
    return std::any_of(spec_.rules.begin(), spec_.rules.end(), gives) ||
           std::any_of(spec_.badges.begin(), spec_.badges.end(),
                       [&](const model::BadgeSpec& badge) {
                         return gives(badge.rule);
                       });
  };
  for (size_t i = 0; i < out_.ladders.size(); ++i) {
    const Ladder& ladder = out_.ladders[i];
    const model::LadderSpec& spec = spec_.ladders[i];
    if (ladder.currency >= 0 && ladder.levels.size() > 1 &&
        !spec_.rules.empty() && !is_given(ladder.currency)) {
      Warn(spec.id.at,
           absl::StrCat("ladder \"", ladder.id, "\": no rule gives any ",
                        out_.currencies[ladder.currency].id,
                        ", so that nobody can reach a level by it"),
           "Award some, or let the ladder be over something else.");
    }
    std::set<std::string> seen;
    for (const model::LevelSpec& level : spec.levels) {
      for (const model::Text& privilege : level.privileges) {
        if (seen.insert(privilege.text).second) continue;
        Warn(privilege.at,
             absl::StrCat("ladder \"", ladder.id, "\": level \"", level.id.text,
                          "\" has privilege \"", privilege.text,
                          "\", which a level below has"),
             "A level has all that those below it have: leave it out.");
      }
    }
  }
}

}  // namespace loyalty::rules
