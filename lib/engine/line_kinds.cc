// SPDX-License-Identifier: Apache-2.0
//
// What the lines of a statement are, and what they are called.
#include "engine/file_queries.h"

namespace loyalty::engine {

StatementLine::Kind LineKindOf(model::Movement::Kind kind) {
  using From = model::Movement::Kind;
  using To = StatementLine::Kind;
  switch (kind) {
    case From::kOpening: return To::kOpening;
    case From::kAward: return To::kAward;
    case From::kReversal: return To::kReversal;
    case From::kRedemption: return To::kRedemption;
    case From::kHold: return To::kHold;
    case From::kCapture: return To::kCapture;
    case From::kRelease: return To::kRelease;
    case From::kExpiry: return To::kExpiry;
    case From::kRefund: return To::kRefund;
    case From::kTransfer: return To::kTransfer;
    case From::kAdjustment: return To::kAdjustment;
    case From::kWriteOff: return To::kWriteOff;
    case From::kMergeOut: return To::kMergeOut;
    case From::kMergeIn: return To::kMergeIn;
    case From::kFulfilment: return To::kFulfilment;
    case From::kBudgetCut: return To::kBudgetCut;
    case From::kBadge: return To::kBadge;
    case From::kBadgeLost: return To::kBadgeLost;
    case From::kCaughtUp: return To::kCaughtUp;
  }
  return To::kAward;
}

}  // namespace loyalty::engine

namespace loyalty {

std::string_view Name(StatementLine::Kind kind) {
  using Kind = StatementLine::Kind;
  switch (kind) {
    case Kind::kOpening: return "opening";
    case Kind::kAward: return "award";
    case Kind::kReversal: return "reversal";
    case Kind::kRedemption: return "redemption";
    case Kind::kHold: return "hold";
    case Kind::kCapture: return "capture";
    case Kind::kRelease: return "release";
    case Kind::kExpiry: return "expiry";
    case Kind::kRefund: return "refund";
    case Kind::kTransfer: return "transfer";
    case Kind::kAdjustment: return "adjustment";
    case Kind::kWriteOff: return "write_off";
    case Kind::kMergeOut: return "merge_out";
    case Kind::kMergeIn: return "merge_in";
    case Kind::kFulfilment: return "fulfilment";
    case Kind::kBudgetCut: return "budget_cut";
    case Kind::kBadge: return "badge";
    case Kind::kBadgeLost: return "badge_lost";
    case Kind::kCaughtUp: return "catch_up";
  }
  return "unknown";
}

}  // namespace loyalty
