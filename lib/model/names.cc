// SPDX-License-Identifier: Apache-2.0
//
// The nouns in print: the stable names of reasons and accounts.
#include "loyalty/outcome.h"
#include "model/journal.h"

namespace loyalty {

std::string_view Name(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNone: return "none";
    case RejectReason::kEventIdReused: return "event_id_reused";
    case RejectReason::kAhead: return "ahead";
    case RejectReason::kUnknownEvent: return "unknown_event";
    case RejectReason::kNotReversible: return "not_reversible";
    case RejectReason::kUnknownMember: return "unknown_member";
    case RejectReason::kUnknownCurrency: return "unknown_currency";
    case RejectReason::kNotSpendable: return "not_spendable";
    case RejectReason::kInsufficientBalance: return "insufficient_balance";
    case RejectReason::kUnknownReward: return "unknown_reward";
    case RejectReason::kNotOffered: return "not_offered";
    case RejectReason::kOutOfStock: return "out_of_stock";
    case RejectReason::kMemberLimit: return "member_limit";
    case RejectReason::kUnknownHold: return "unknown_hold";
    case RejectReason::kAlreadyCaptured: return "already_captured";
    case RejectReason::kAlreadyVoided: return "already_voided";
    case RejectReason::kHoldExpired: return "hold_expired";
    case RejectReason::kUnknownRedemption: return "unknown_redemption";
    case RejectReason::kOwnMember: return "own_member";
    case RejectReason::kTransferLimit: return "transfer_limit";
    case RejectReason::kAdjustmentLimit: return "adjustment_limit";
    case RejectReason::kOutOfRange: return "out_of_range";
    case RejectReason::kMemberNotEnrolled: return "member_not_enrolled";
    case RejectReason::kMemberSuspended: return "member_suspended";
    case RejectReason::kAlreadyFulfilled: return "already_fulfilled";
    case RejectReason::kNotPaid: return "not_paid";
    case RejectReason::kUnknownBadge: return "unknown_badge";
    case RejectReason::kBadgeHeld: return "badge_held";
    case RejectReason::kBadgeNotHeld: return "badge_not_held";
    case RejectReason::kUnknownLeaderboard: return "unknown_leaderboard";
    case RejectReason::kUnknownSeason: return "unknown_season";
    case RejectReason::kSeasonNotOver: return "season_not_over";
    case RejectReason::kBadgeNeedsObject: return "badge_needs_object";
    case RejectReason::kUnknownLadder: return "unknown_ladder";
    case RejectReason::kUnknownTier: return "unknown_tier";
    case RejectReason::kNotAssigned: return "not_assigned";
    case RejectReason::kUnknownStreak: return "unknown_streak";
    case RejectReason::kNoStreak: return "no_streak";
    case RejectReason::kStreakFrozen: return "streak_frozen";
    case RejectReason::kUnknownQuest: return "unknown_quest";
    case RejectReason::kQuestClosed: return "quest_closed";
    case RejectReason::kQuestNotOffered: return "quest_not_offered";
    case RejectReason::kQuestJoined: return "quest_joined";
    case RejectReason::kQuestNotJoined: return "quest_not_joined";
    case RejectReason::kQuestDone: return "quest_done";
    case RejectReason::kOtherProgram: return "other_program";
    case RejectReason::kNoCatchUp: return "no_catch_up";
    case RejectReason::kUnknownVoucher: return "unknown_voucher";
    case RejectReason::kVoucherUsed: return "voucher_used";
    case RejectReason::kVoucherExpired: return "voucher_expired";
    case RejectReason::kVoucherVoid: return "voucher_void";
    case RejectReason::kTooManyAttempts: return "too_many_attempts";
    case RejectReason::kKnownVoucher: return "known_voucher";
  }
  return "unknown";
}

std::string_view Name(CutReason reason) {
  switch (reason) {
    case CutReason::kNone: return "none";
    case CutReason::kLimit: return "limit";
    case CutReason::kDailyCap: return "daily_cap";
    case CutReason::kFloor: return "floor";
    case CutReason::kOwnObject: return "own_object";
    case CutReason::kNoRecipient: return "no_recipient";
    case CutReason::kNeverEarns: return "never_earns";
    case CutReason::kOverflow: return "overflow";
    case CutReason::kCooldown: return "cooldown";
    case CutReason::kBudget: return "budget";
    case CutReason::kProgramBudget: return "program_budget";
    case CutReason::kSuspended: return "suspended";
    case CutReason::kNotEnrolled: return "not_enrolled";
  }
  return "unknown";
}

std::string_view Name(QuestMoved::Kind kind) {
  switch (kind) {
    case QuestMoved::Kind::kJoined: return "joined";
    case QuestMoved::Kind::kLeft: return "left";
    case QuestMoved::Kind::kProgressed: return "progressed";
    case QuestMoved::Kind::kMet: return "met";
  }
  return "unknown";
}

std::string_view Name(LevelChanged::Why why) {
  switch (why) {
    case LevelChanged::Why::kEarned: return "earned";
    case LevelChanged::Why::kReview: return "review";
    case LevelChanged::Why::kReversal: return "reversal";
    case LevelChanged::Why::kByHand: return "by_hand";
    case LevelChanged::Why::kSeason: return "season";
  }
  return "unknown";
}

std::string_view Name(Moved::Kind kind) {
  switch (kind) {
    case Moved::Kind::kRedeemed: return "redeemed";
    case Moved::Kind::kHeld: return "held";
    case Moved::Kind::kCaptured: return "captured";
    case Moved::Kind::kReleased: return "released";
    case Moved::Kind::kExpired: return "expired";
    case Moved::Kind::kRefunded: return "refunded";
    case Moved::Kind::kTransferred: return "transferred";
    case Moved::Kind::kAdjusted: return "adjusted";
    case Moved::Kind::kFulfilled: return "fulfilled";
    case Moved::Kind::kWrittenOff: return "written_off";
    case Moved::Kind::kMergedOut: return "merged_out";
    case Moved::Kind::kMergedIn: return "merged_in";
    case Moved::Kind::kCaughtUp: return "caught_up";
  }
  return "unknown";
}

namespace model {

std::string ToString(const Account& account) {
  switch (account.kind) {
    case AccountKind::kMember: return "member:" + account.owner;
    case AccountKind::kIssued: return "issued:" + account.owner;
    case AccountKind::kDeducted: return "deducted:" + account.owner;
    case AccountKind::kReversed: return "reversed";
    case AccountKind::kRedeemed: return "redeemed:" + account.owner;
    case AccountKind::kExpired: return "expired";
    case AccountKind::kTransferred: return "transferred";
    case AccountKind::kAdjusted: return "adjusted";
    case AccountKind::kWrittenOff: return "written_off";
    case AccountKind::kBadges: return "badges:" + account.owner;
    case AccountKind::kMerged: return "merged";
  }
  return "unknown";
}

}  // namespace model
}  // namespace loyalty
