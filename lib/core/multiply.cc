// SPDX-License-Identifier: Apache-2.0
//
// Multipliers: what an award's formula asked becomes more, or less, while they
// hold and for whom they hold.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/amounts.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

// nullopt, with a note, if that cannot be told.
std::optional<bool> Answer(Leg& leg, const rules::Frame& frame,
                           const rules::Rule& rule,
                           const rules::Multiplier& multiplier,
                           const cel::Expression& condition) {
  const absl::StatusOr<bool> holds = frame.Bool(condition);
  if (holds.ok()) return *holds;
  leg.Note(rule.id,
           absl::StrCat("multiplier ", multiplier.id,
                        " could not be asked: ", holds.status().message()));
  return std::nullopt;
}

bool Multiplies(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
                const rules::Multiplier& multiplier) {
  if (!rules::AllHold(multiplier.times, leg.event.time,
                      leg.program.time_zone)) {
    return false;
  }
  // Once, however many of its segments the member is in.
  const bool belongs =
      multiplier.segments.empty() ||
      std::any_of(multiplier.segments.begin(), multiplier.segments.end(),
                  [&](const cel::Expression& segment) {
                    return Answer(leg, frame, rule, multiplier, segment)
                        .value_or(false);
                  });
  if (!belongs) return false;
  return !multiplier.when.has_value() ||
         Answer(leg, frame, rule, multiplier, *multiplier.when).value_or(false);
}

using Those = std::vector<const rules::Multiplier*>;

std::optional<base::Ratio> Together(model::Stacking stacking,
                                    const Those& those) {
  base::Ratio all = those.front()->factor;
  for (auto one = std::next(those.begin()); one != those.end(); ++one) {
    const base::Ratio& factor = (*one)->factor;
    std::optional<base::Ratio> next;
    switch (stacking) {
      case model::Stacking::kCompound: next = all.Times(factor); break;
      case model::Stacking::kAdditive: next = all.Plus(factor); break;
      case model::Stacking::kHighest: next = std::max(all, factor); break;
    }
    if (!next.has_value()) return std::nullopt;
    all = *next;
  }
  if (stacking != model::Stacking::kAdditive) return all;
  // Each adds what it has beyond 1; what would be below nothing is nothing.
  const auto more = static_cast<int>(those.size()) - 1;
  const base::Ratio ones = *base::Ratio::Parse(absl::StrCat(more));
  return all < ones ? base::Ratio::Parse("0") : all.Minus(ones);
}

std::string Told(const rules::Multiplier& multiplier) {
  const auto campaign = std::find_if(
      multiplier.times.begin(), multiplier.times.end(),
      [](const rules::During& during) { return !during.campaign.empty(); });
  return absl::StrCat("x", multiplier.factor.ToString(), " by ",
                      campaign == multiplier.times.end()
                          ? multiplier.id
                          : "campaign " + campaign->campaign);
}

}  // namespace

std::optional<int64_t> Multiplied(Leg& leg, const rules::Frame& frame,
                                  const rules::Rule& rule,
                                  const rules::Award& award, int64_t units) {
  if (units <= 0) return units;
  Those those;
  for (const int place : award.multipliers) {
    const rules::Multiplier& one = leg.cause.type->multipliers[place];
    if (Multiplies(leg, frame, rule, one)) those.push_back(&one);
  }
  if (those.empty()) return units;
  std::string told;
  for (const rules::Multiplier* one : those) {
    absl::StrAppend(&told, told.empty() ? "" : ", ", Told(*one));
  }
  const std::optional<base::Ratio> factor =
      Together(leg.program.stacking, those);
  const std::optional<int64_t> multiplied =
      factor.has_value() ? factor->Of(units, those.front()->rounding)
                         : std::nullopt;
  if (!multiplied.has_value() || *multiplied > base::kMaxAmount) {
    leg.Note(rule.id, absl::StrCat("its award of ", units, " units, ", told,
                                   ", is more than the ", base::kMaxAmount,
                                   " that one award may be"));
    return std::nullopt;
  }
  leg.Note(rule.id, absl::StrCat("it fired; ", told, ": ", units, " ",
                                 leg.program.currencies[award.currency].id,
                                 " became ", *multiplied));
  return multiplied;
}

}  // namespace loyalty::core
