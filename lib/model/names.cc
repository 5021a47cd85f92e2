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
  }
  return "unknown";
}

}  // namespace model
}  // namespace loyalty
