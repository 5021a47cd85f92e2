// SPDX-License-Identifier: Apache-2.0
//
// Where a balance comes from: what each rule gave, what was spent on what, what
// expired, all of it, so that it adds up.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/file_queries.h"
#include "model/board_name.h"

namespace loyalty::engine {
namespace {

using LineKind = StatementLine::Kind;
using BalancePart = BalanceExplanation::Part;

// Of which there is one part for each rule or reward.
std::string SourceOf(const model::Movement& movement) {
  switch (movement.kind) {
    case model::Movement::Kind::kAward:
    case model::Movement::Kind::kCaughtUp:
    case model::Movement::Kind::kRedemption:
    case model::Movement::Kind::kCapture:
    case model::Movement::Kind::kRefund: return movement.rule;
    case model::Movement::Kind::kAdjustment:
      return model::IsPrize(movement.rule.text()) ? "prize" : "";
    // Two ways.
    case model::Movement::Kind::kTransfer:
      return movement.units < 0 ? "sent" : "received";
    default: return "";
  }
}

std::string PartWords(const rules::CompiledProgram& program,
                      const BalancePart& part) {
  const std::string& of = part.source;
  switch (part.kind) {
    case LineKind::kOpening: return "what a member starts with";
    case LineKind::kAward:
    case LineKind::kCaughtUp: {
      const int rule = program.RuleNumber(of);
      const std::string says = rule < 0 ? "" : program.rule_texts[rule];
      return absl::StrCat(
          "by ", of, says.empty() ? "" : " (", says, says.empty() ? "" : ")",
          part.kind == LineKind::kCaughtUp ? ", for what came before" : "");
    }
    case LineKind::kReversal: return "by reversals of what had been given";
    case LineKind::kRedemption: return absl::StrCat("spent on ", of);
    case LineKind::kCapture:
      return absl::StrCat("spent on ", of, ", held before");
    case LineKind::kRefund: return absl::StrCat("given back for ", of);
    case LineKind::kExpiry:
      return part.times == 0 ? "expired, which is not posted yet" : "expired";
    case LineKind::kTransfer:
      return of == "sent" ? "sent to others" : "received from others";
    case LineKind::kAdjustment:
      return of.empty() ? "corrected by people" : "won as prizes";
    case LineKind::kWriteOff: return "of debts forgiven";
    case LineKind::kMergeOut: return "gone to who the member is now";
    case LineKind::kMergeIn: return "brought by ids that were merged into it";
    case LineKind::kFulfilment:
    case LineKind::kBudgetCut:
    case LineKind::kBadge:
    case LineKind::kBadgeLost:
    case LineKind::kHold:
    case LineKind::kRelease: break;
  }
  return "";
}

// "+10 points by up (your post was voted up), in 2 lines".
std::string PartSentence(const rules::CompiledProgram& program,
                         const std::string& currency, const BalancePart& part) {
  return absl::StrCat(
      part.units > 0 ? "+" : "", part.units, " ", currency, " ",
      PartWords(program, part),
      part.times > 1 ? absl::StrCat(", ", part.times, " times") : "", ".");
}

BalancePart& PartOf(std::vector<BalancePart>& parts, LineKind kind,
                    const std::string& source) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const BalancePart& part) {
        return part.kind == kind && part.source == source;
      });
  if (found != parts.end()) return *found;
  return parts.emplace_back(BalancePart{.kind = kind, .source = source});
}

}  // namespace

BalanceExplanation BalanceExplanationOf(
    const rules::CompiledProgram& program,
    const std::vector<store::StatementEntry>& lines, CurrencyBalance balance,
    int64_t expired) {
  BalanceExplanation explanation{.balance = std::move(balance)};
  std::vector<BalancePart>& parts = explanation.parts;
  int64_t posted_expiry = 0;
  for (const store::StatementEntry& line : lines) {
    const model::Movement& movement = line.movement;
    explanation.posted += movement.units;
    if (movement.units == 0) continue;
    const LineKind kind = LineKindOf(movement.kind);
    if (kind == LineKind::kExpiry) posted_expiry -= movement.units;
    BalancePart& part = PartOf(parts, kind, SourceOf(movement));
    part.units += movement.units;
    ++part.times;
  }
  explanation.expired = expired - posted_expiry;
  if (explanation.expired != 0) {
    parts.push_back({.kind = LineKind::kExpiry, .units = -explanation.expired});
  }
  explanation.order =
      explanation.total() - (explanation.posted - explanation.expired);
  const std::string& currency = explanation.balance.currency;
  for (BalancePart& part : parts)
    part.sentence = PartSentence(program, currency, part);
  return explanation;
}

}  // namespace loyalty::engine
