// SPDX-License-Identifier: Apache-2.0
//
// See posting.h.
#include "ledger/posting.h"

namespace loyalty::ledger {
namespace {

using model::Account;
using model::AccountKind;
using model::Movement;

Account OtherSide(const Movement& movement) {
  using Kind = Movement::Kind;
  switch (movement.kind) {
    case Kind::kReversal: return {AccountKind::kReversed, ""};
    case Kind::kRedemption:
    case Kind::kCapture:
    case Kind::kRefund: return {AccountKind::kRedeemed, movement.rule};
    case Kind::kExpiry: return {AccountKind::kExpired, ""};
    case Kind::kTransfer: return {AccountKind::kTransferred, ""};
    case Kind::kAdjustment: return {AccountKind::kAdjusted, ""};
    case Kind::kMergeOut:
    case Kind::kMergeIn: return {AccountKind::kMerged, ""};
    case Kind::kWriteOff: return {AccountKind::kWrittenOff, ""};
    case Kind::kBadge:
    case Kind::kBadgeLost: return {AccountKind::kBadges, movement.rule};
    case Kind::kOpening:
    case Kind::kAward:
    case Kind::kCaughtUp:
    case Kind::kFulfilment:
    case Kind::kBudgetCut:
    case Kind::kHold:
    case Kind::kRelease: break;
  }
  const bool gain = movement.units > 0;
  return {gain ? AccountKind::kIssued : AccountKind::kDeducted, movement.rule};
}

}  // namespace

std::vector<model::Posting> PostingsOf(const std::vector<Movement>& movements) {
  std::vector<model::Posting> postings;
  for (const Movement& movement : movements) {
    if (movement.units == 0) continue;
    const Account member{AccountKind::kMember, movement.member};
    const Account other = OtherSide(movement);
    // I1: what leaves one account arrives at another.
    postings.push_back(
        movement.units > 0
            ? model::Posting{other, member, movement.currency, movement.units}
            : model::Posting{member, other, movement.currency,
                             -movement.units});
  }
  return postings;
}

}  // namespace loyalty::ledger
