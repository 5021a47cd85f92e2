// SPDX-License-Identifier: Apache-2.0
//
// The journal: events as recorded, the movements they caused, and the postings
// those are made of. All of it append-only (I4).
#ifndef LOYALTY_LIB_MODEL_JOURNAL_H_
#define LOYALTY_LIB_MODEL_JOURNAL_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "model/position.h"
#include "model/symbol.h"

namespace loyalty::model {

// Where units are: a member's account, or one of the program's. The chart of
// accounts; stored: append, never renumber.
enum class AccountKind {
  kMember = 1,    // available to the member `owner`
  kIssued = 2,    // made by the rule `owner`, or by "opening"
  kDeducted = 3,  // taken by the rule `owner` as a loss
  kReversed = 4,  // taken back, or given back, by reversals
  kRedeemed = 5,  // exchanged for the reward `owner`
  kExpired = 6,
  kTransferred = 7,  // on the way from one member to another: always 0
  kAdjusted = 8,     // by a person
  kWrittenOff = 9,   // owed to the program, and forgiven
  kMerged = 10,      // on the way from a member to who they are found to be: 0,
                     // but for what a floor keeps from arriving
  kBadges = 15,      // won, as the badge `owner`
};

struct Account {
  AccountKind kind = AccountKind::kReversed;
  std::string owner = {};

  friend auto operator<=>(const Account&, const Account&) = default;
};

// "member:ada", "issued:vote_on_an_idea", "reversed".
std::string ToString(const Account& account);

// One movement of units of one currency from one account to another: double
// entry by construction, so nothing can be out of balance (I1).
struct Posting {
  Account from = {};
  Account to = {};
  std::string currency = {};
  int64_t units = 0;  // > 0

  friend bool operator==(const Posting&, const Posting&) = default;
};

// One change of one member's holding of one currency, as asked and as it came
// to. A movement of 0 units is kept too: what a cap cut may come back when what
// filled the cap is reversed; what is held is not posted yet.
struct Movement {
  // Stored: append, never renumber.
  enum class Kind {
    kOpening = 1,
    kAward = 2,
    kReversal = 3,
    // From here on `rule` is the reward, or the reserved type that asked.
    kRedemption = 4,
    kHold = 5,     // `asked` units are set aside until `expires`
    kCapture = 6,  // of the hold `of`: redeemed; the rest of it is free again
    kRelease = 7,  // of the hold `of`: all of it is free again
    kExpiry = 8,   // gains where it is taken back
    kRefund = 9,   // of the redemption or capture `of`: units come back
    kTransfer = 10,
    kAdjustment = 11,
    kWriteOff = 12,
    // Of who is found to be another member, and of that one: all there is.
    // `limited` is what was earned of it. Units come `of` who brings them.
    kMergeOut = 13,
    kMergeIn = 14,
    // One unit of the badge's own currency; `rule` is the badge.
    kBadge = 15,
    kBadgeLost = 16,  // `of` is the one that goes
    // Of the rule: what it would have given before; `award` as kAward.
    kCaughtUp = 17,
    // Of the redemption or hold `of`: `asked` of it was paid. `limited` is
    // which of its codes proved that; 0 if all of it was handed over.
    kFulfilment = 20,
    // Of the award `of`, to which a limit would give `asked` units back:
    // budgets do not, so that of it at most `limited` stand from here on.
    kBudgetCut = 21,
  };

  Position at = {};
  Kind kind = Kind::kAward;
  std::string member = {};
  Symbol currency = {};
  Symbol rule = {};  // kAward: the rule. kOpening: "opening". kReversal: ""
  // kAward: which of the rule's awards. kBadge, kBadgeLost: whether `subject`
  // is nothing (0), the event's target (1), or another object (2).
  int32_t award = 0;
  std::optional<std::string> subject = {};  // kAward: the event's target
  int64_t asked = 0;                        // what the formula said
  int64_t limited = 0;  // what limits left of it: what a reversal re-adds
  int64_t units = 0;    // what was posted, signed
  CutReason cut = CutReason::kNone;
  std::optional<int64_t> cap_window =
      {};                // the day whose cap this fills, if any
  int64_t cap_used = 0;  // of that day's cap, after this
  int64_t balance = 0;   // the member's, after this
  int64_t earned = 0;    // the member's, after this
  std::vector<Position> reverses =
      {};  // kReversal: the awards it undoes, in order

  // In currencies with lots: when it took place for them, no earlier than what
  // was recorded before it. Of a badge that time brought: the moment at which
  // it was due, which is since when it is held. InfinitePast of all else.
  absl::Time settled_at = absl::InfinitePast();
  // Of units that come: when they are available, and when they expire. Of a
  // hold: its end.
  absl::Time vests = absl::InfinitePast();
  absl::Time expires = absl::InfiniteFuture();
  std::optional<Position> of = {};

  friend bool operator==(const Movement&, const Movement&) = default;
};

constexpr bool IsMerge(Movement::Kind kind) {
  return kind == Movement::Kind::kMergeOut || kind == Movement::Kind::kMergeIn;
}

// Whether a reversal can undo movements of that kind.
constexpr bool MayBeUndone(Movement::Kind kind) {
  return kind == Movement::Kind::kAward ||
         kind == Movement::Kind::kAdjustment ||
         kind == Movement::Kind::kCaughtUp;
}

// Whether the units of a movement of that kind count as earned; what a merge
// brings says itself how much of it does. Those of a reversal do, too; in a
// currency with lots, what it changes of what was earned follows from the
// history alone.
constexpr bool CountsAsEarned(Movement::Kind kind) {
  return kind == Movement::Kind::kOpening || MayBeUndone(kind) ||
         kind == Movement::Kind::kReversal;
}

// What a movement adds to what was earned, but for such a reversal.
inline int64_t EarnedOf(const Movement& movement) {
  if (IsMerge(movement.kind)) return movement.limited;
  return CountsAsEarned(movement.kind) ? movement.units : 0;
}

// A movement, and whether it, an award or an adjustment, has been undone since.
struct GivenAward {
  Movement movement;
  bool reversed = false;
  // What limits leave of it now, where that is not what they left then.
  std::optional<int64_t> limited = {};
};

// An event with its answer: one row of the journal.
struct RecordedEvent {
  int64_t seq = 0;
  absl::Time recorded_at = absl::InfinitePast();
  int64_t program = 0;  // the number of the program that decided it
  Event event = {};     // in canonical form
  Outcome outcome = {};

  friend bool operator==(const RecordedEvent&, const RecordedEvent&) = default;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_JOURNAL_H_
