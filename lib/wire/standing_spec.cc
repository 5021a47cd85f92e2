// SPDX-License-Identifier: Apache-2.0
//
// Ladders and leaderboards of a program. See program_spec.h.
#include <optional>

#include "wire/spec_parts.h"

namespace loyalty::wire {
namespace {

model::AlsoSpec AlsoOf(const v1::Also& also, const Places& at) {
  return {
      .at = at.at,
      .currency = TextIn(at, v1::Also::kCurrencyFieldNumber, also.currency()),
      .metric = TextIn(at, v1::Also::kMetricFieldNumber, also.metric()),
      .units = also.at()};
}

model::LevelSpec LevelOf(const v1::Level& level, const Places& at) {
  using L = v1::Level;
  model::LevelSpec spec = {
      .id = TextIn(at, L::kIdFieldNumber, level.id()),
      .describe = TextIn(at, L::kDescribeFieldNumber, level.describe()),
      .at = level.at(),
      .at_place = PlaceIn(at, L::kAtFieldNumber),
      .privileges = TextsIn(at, L::kPrivilegeFieldNumber, level.privilege()),
      .badge = TextIn(at, L::kBadgeFieldNumber, level.badge()),
      .by_hand = level.by_hand(),
      .by_hand_at = PlaceIn(at, L::kByHandFieldNumber)};
  SpecsIn(at, L::kAlsoFieldNumber, level.also(), AlsoOf, spec.also);
  return spec;
}

model::CurveSpec CurveOf(const v1::Curve& curve, const Places& at) {
  using Kind = model::CurveSpec::Kind;
  const auto kind = [&] {
    switch (curve.kind()) {
      case v1::Curve::LINEAR: return Kind::kLinear;
      case v1::Curve::RELATIVE: return Kind::kRelative;
      default: return Kind::kFlat;
    }
  };
  return {.at = at.at,
          .kind = kind(),
          .levels = curve.levels(),
          .base = curve.base(),
          .step = curve.step(),
          .coefficient = TextIn(at, v1::Curve::kCoefficientFieldNumber,
                                curve.coefficient()),
          .first = curve.has_first() ? curve.first() : 1};
}

model::TierDown DownOf(v1::Tiers::Down down) {
  switch (down) {
    case v1::Tiers::ONE: return model::TierDown::kOne;
    case v1::Tiers::NEVER: return model::TierDown::kNever;
    default: return model::TierDown::kToQualified;
  }
}

model::TiersSpec TiersOf(const v1::Tiers& tiers, const Places& at) {
  using T = v1::Tiers;
  return {.at = at.at,
          .period = PeriodOf(tiers.period()),
          .anniversary = tiers.anniversary(),
          .within = TextIn(at, T::kWithinFieldNumber, tiers.within()),
          .down = DownOf(tiers.down()),
          .loss_at_once = tiers.loss() == T::AT_ONCE,
          .low_water = TextIn(at, T::kLowWaterFieldNumber, tiers.low_water()),
          .grace = TextIn(at, T::kGraceFieldNumber, tiers.grace()),
          .settle = TextIn(at, T::kSettleFieldNumber, tiers.settle()),
          .valid_for = TextIn(at, T::kValidForFieldNumber, tiers.valid_for()),
          .this_period_only = tiers.this_period_only()};
}

model::PrizeUnitsSpec PrizeUnitsOf(const v1::PrizeUnits& units,
                                   const Places& at) {
  return {.at = at.at,
          .currency = TextIn(at, v1::PrizeUnits::kCurrencyFieldNumber,
                             units.currency()),
          .units = units.units()};
}

model::PrizeSpec PrizeOf(const v1::Prize& prize, const Places& at) {
  using P = v1::Prize;
  model::PrizeSpec spec;
  spec.at = at.at;
  spec.ranks = TextIn(at, P::kRanksFieldNumber, prize.ranks());
  SpecsIn(at, P::kAwardFieldNumber, prize.award(), PrizeUnitsOf, spec.awards);
  spec.badge = TextIn(at, P::kBadgeFieldNumber, prize.badge());
  spec.division = TextIn(at, P::kDivisionFieldNumber, prize.division());
  return spec;
}

model::Ranks RanksOf(v1::Leaderboard::Ranks ranks) {
  switch (ranks) {
    case v1::Leaderboard::DENSE: return model::Ranks::kDense;
    case v1::Leaderboard::ROW: return model::Ranks::kRow;
    default: return model::Ranks::kRank;
  }
}

}  // namespace

model::LadderSpec LadderOf(const v1::Ladder& ladder, const Places& at) {
  using L = v1::Ladder;
  model::LadderSpec spec;
  spec.id = TextIn(at, L::kIdFieldNumber, ladder.id());
  spec.describe = TextIn(at, L::kDescribeFieldNumber, ladder.describe());
  spec.currency = TextIn(at, L::kCurrencyFieldNumber, ladder.currency());
  SpecsIn(at, L::kLevelFieldNumber, ladder.level(), LevelOf, spec.levels);
  spec.metric = TextIn(at, L::kMetricFieldNumber, ladder.metric());
  if (ladder.has_curve()) {
    spec.curve = CurveOf(ladder.curve(), Inside(at, L::kCurveFieldNumber));
  }
  spec.keeps = ladder.keeps();
  spec.keeps_at = PlaceIn(at, L::kKeepsFieldNumber);
  if (ladder.has_tiers()) {
    spec.tiers = TiersOf(ladder.tiers(), Inside(at, L::kTiersFieldNumber));
  }
  spec.league = TextIn(at, L::kLeagueFieldNumber, ladder.league());
  return spec;
}

model::LeaderboardSpec LeaderboardOf(const v1::Leaderboard& board,
                                     const Places& at) {
  using L = v1::Leaderboard;
  model::LeaderboardSpec spec;
  spec.id = TextIn(at, L::kIdFieldNumber, board.id());
  spec.describe = TextIn(at, L::kDescribeFieldNumber, board.describe());
  spec.score = {
      .at = at.at,
      .currency = TextIn(at, L::kCurrencyFieldNumber, board.currency()),
      .metric = TextIn(at, L::kMetricFieldNumber, board.metric()),
      .lowest_first = board.lowest_first()};
  spec.period = PeriodOf(board.period());
  spec.period_at = PlaceIn(at, L::kPeriodFieldNumber);
  spec.within = TextIn(at, L::kWithinFieldNumber, board.within());
  spec.ranks = RanksOf(board.ranks());
  if (board.has_then()) {
    const Places& tie = Inside(at, L::kThenFieldNumber);
    spec.then = {.at = tie.at,
                 .currency = TextIn(tie, v1::Tie::kCurrencyFieldNumber,
                                    board.then().currency()),
                 .metric = TextIn(tie, v1::Tie::kMetricFieldNumber,
                                  board.then().metric()),
                 .lowest_first = board.then().lowest_first()};
  }
  spec.anonymous = board.anonymous();
  SpecsIn(at, L::kPrizeFieldNumber, board.prize(), PrizeOf, spec.prizes);
  if (board.has_league()) {
    spec.league = {.at = PlaceIn(at, L::kLeagueFieldNumber),
                   .cohort = board.league().cohort(),
                   .promote = board.league().promote(),
                   .relegate = board.league().relegate()};
  }
  spec.by = TextIn(at, L::kByFieldNumber, board.by());
  spec.badge = TextIn(at, L::kBadgeFieldNumber, board.badge());
  return spec;
}

}  // namespace loyalty::wire
