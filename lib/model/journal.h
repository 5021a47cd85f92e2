// SPDX-License-Identifier: Apache-2.0
//
// The journal: events as recorded, the movements they caused, and the postings
// those are made of. All of it append-only (I4).
#ifndef LOYALTY_LIB_MODEL_JOURNAL_H_
#define LOYALTY_LIB_MODEL_JOURNAL_H_

#include <absl/time/time.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "model/symbol.h"

namespace loyalty::model {

// Where units are: a member's account, or one of the program's. The chart of
// accounts; stored: append, never renumber.
enum class AccountKind {
  kMember = 1,    // available to the member `owner`
  kIssued = 2,    // made by the rule `owner`, or by "opening"
  kDeducted = 3,  // taken by the rule `owner` as a loss
  kReversed = 4,  // taken back, or given back, by reversals
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

// A movement's place in the journal.
struct Position {
  int64_t seq = 0;  // of the event, from 1
  int32_t n = 0;    // within the event, from 0

  friend auto operator<=>(const Position&, const Position&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Position& p) {
    return H::combine(std::move(h), p.seq, p.n);
  }
};

// One change of one member's holding of one currency, as asked and as it came
// to. A movement of 0 units is kept too: what a cap cut may come back when what
// filled the cap is reversed (domain.md E14).
struct Movement {
  enum class Kind { kOpening = 1, kAward = 2, kReversal = 3 };

  Position at = {};
  Kind kind = Kind::kAward;
  std::string member = {};
  Symbol currency = {};
  Symbol rule = {};   // kAward: the rule. kOpening: "opening". kReversal: ""
  int32_t award = 0;  // kAward: which of the rule's awards
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

  friend bool operator==(const Movement&, const Movement&) = default;
};

// An award, and whether it has been undone since.
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
