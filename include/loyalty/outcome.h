// SPDX-License-Identifier: Apache-2.0
//
// Outcome: what the engine answers to one event, stored for ever. It says what
// was awarded, what was cut and why, which levels were reached, and, where the
// answer was no, the reason. Outcomes in commit order are the feed.
#ifndef LOYALTY_OUTCOME_H_
#define LOYALTY_OUTCOME_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace loyalty {

// Why the program said no. Stored: append, never renumber.
enum class RejectReason : int32_t {
  kNone = 0,
  kEventIdReused = 1,  // same id as an earlier event, other content; the one
                       // reason that is not stored: the id has its answer
  kAhead = 2,          // further in the future than `max_ahead` allows
  kUnknownEvent = 3,   // loyalty.reverse names an event the store lacks
  kNotReversible = 4,  // a reversal or a rejected event cannot be reversed

  // Of commands; see event.h.
  kUnknownMember = 10,        // the one it is about has no event yet
  kUnknownCurrency = 11,      // the program has no such currency
  kNotSpendable = 12,         // units of that currency are not spent or sent
  kInsufficientBalance = 13,  // fewer units are available
  kUnknownReward = 14,
  kNotOffered = 15,   // not now, or not to this member
  kOutOfStock = 16,   // none is left, or fewer than asked for
  kMemberLimit = 17,  // the member has had as many as one may
  kUnknownHold = 18,  // no such hold, or another member's
  kAlreadyCaptured = 19,
  kAlreadyVoided = 20,
  kHoldExpired = 21,
  kUnknownRedemption = 22,  // no such redemption, or another member's
  kOwnMember = 23,          // one cannot send to oneself
  kTransferLimit = 24,      // more than may be sent in a day
  kAdjustmentLimit = 25,    // more than one adjustment may be
  kOutOfRange = 26,         // a number that cannot be: 0 units, more than held

  // Of members.
  kMemberNotEnrolled = 40,  // the program requires enrolment
  kMemberSuspended = 41,

  // Of what was handed over.
  kAlreadyFulfilled = 60,  // what has been handed over is not given back
  kNotPaid = 61,           // nothing of it is paid: held still, or given back

  // Of vouchers.
  kUnknownVoucher = 80,  // no redemption has that code
  kVoucherUsed = 81,
  kVoucherExpired = 82,
  kVoucherVoid = 83,      // what it proves was given back
  kTooManyAttempts = 84,  // too many wrong codes came from there
  kKnownVoucher = 85,     // that code was imported, or issued, before

  // Of badges.
  kUnknownBadge = 100,      // the program has no such badge
  kBadgeHeld = 101,         // the member has it, and it is won only once
  kBadgeNotHeld = 102,      // so that there is nothing to take back
  kBadgeNeedsObject = 103,  // it is won for an object, which is not named

  // Of tiers.
  kUnknownLadder = 160,  // the program has no such ladder with tiers
  kUnknownTier = 161,    // the ladder has no such level
  kNotAssigned = 162,    // so that there is nothing to take away
  // Of leaderboards.
  kUnknownLeaderboard = 180,  // the program has none of that name
  kUnknownSeason = 181,       // its seasons are not called so
  kSeasonNotOver = 182,

  // Of streaks and quests.
  kUnknownStreak = 200,    // the program has no such streak
  kNoStreak = 201,         // none goes on that could be frozen
  kStreakFrozen = 202,     // all of those windows are frozen already
  kUnknownQuest = 203,     // the program has no such quest
  kQuestClosed = 204,      // it has not begun, or is over
  kQuestNotOffered = 205,  // not to this member: its condition is false
  kQuestJoined = 206,      // the member has joined already
  kQuestNotJoined = 207,   // so that there is nothing to leave
  kQuestDone = 208,        // as often as it can be

  // Of what is new in a program and applied to history.
  kOtherProgram = 220,  // its version is not the one that decides
  kNoCatchUp = 221,     // what it says is nothing that the program has
};

// Why an award gave less than its formula asked. Stored: append, never
// renumber.
enum class CutReason : int32_t {
  kNone = 0,
  kLimit = 1,      // a limit of the rule or of the award was reached
  kDailyCap = 2,   // the currency's daily cap was reached
  kFloor = 3,      // a loss would have gone below the currency's floor
  kOwnObject = 4,  // the recipient is the actor: no reward for acting on one's
                   // own object, unless the award says self: ALLOW
  kNoRecipient = 5,     // the event names nobody to give to
  kNeverEarns = 6,      // the program lists the recipient under never_earns
  kOverflow = 7,        // the balance would have left the range of amounts
  kCooldown = 20,       // too soon after an award before it, or after it
  kBudget = 21,         // the rule's budget was spent
  kProgramBudget = 22,  // the whole program's was
  kSuspended = 40,      // the recipient is suspended
  kNotEnrolled = 41,    // the recipient is not enrolled, which the program
                        // requires
};

// Stable snake_case names: "event_id_reused", "daily_cap".
std::string_view Name(RejectReason reason);
std::string_view Name(CutReason reason);

// A member came into being with a currency's opening units.
struct Opened {
  std::string member = {};
  std::string currency = {};
  int64_t units = 0;
  friend bool operator==(const Opened&, const Opened&) = default;
};

// One award of one rule. `asked` is what the formula said, times what
// multipliers made of it, `limited` what the rule's limits left of it, `units`
// what was posted after cap and floor; all negative for a loss. `units` is 0
// where everything was cut. `base` is there if multipliers made a difference:
// what the formula said alone.
struct Awarded {
  std::string member = {};  // empty with kNoRecipient
  std::string currency = {};
  std::string rule = {};
  int64_t asked = 0;
  int64_t limited = 0;
  int64_t units = 0;
  CutReason cut = CutReason::kNone;
  std::optional<int64_t> base = {};
  friend bool operator==(const Awarded&, const Awarded&) = default;
};

// A member now stands where they would, had some earlier awards never been
// asked. `awards` is how many; `units` the one difference posted, maybe 0.
struct Reversed {
  std::string member = {};
  std::string currency = {};
  int64_t units = 0;
  int64_t awards = 0;
  friend bool operator==(const Reversed&, const Reversed&) = default;
};

// Units moved otherwise than by a rule. In the direction that the kind names:
// 100 expired are gone, -100 expired are back, as they had not expired after
// all. Stored: append, never renumber.
struct Moved {
  enum class Kind : int32_t {
    kRedeemed = 4,  // exchanged for the reward `source`
    kHeld = 5,      // set aside for it; the balance is as before
    kCaptured = 6,  // what was held is spent
    kReleased = 7,  // what was held is free again
    kExpired = 8,
    kRefunded = 9,      // a redemption was given back
    kTransferred = 10,  // received; below 0: sent
    kAdjusted = 11,     // by a person, signed; or by a prize ("prize:ID/0")
    kWrittenOff = 12,   // owed after a reversal, and forgiven
    kMergedOut = 13,  // to who the member is; signed: below 0 if they had some
    kMergedIn = 14,   // from who has become this member; signed
    kCaughtUp = 17,   // what the rule `source` would have given before
    kFulfilled = 20,  // the reward was handed over; the balance is as before
  };
  Kind kind = Kind::kRedeemed;
  std::string member = {};
  std::string currency = {};
  std::string source = {};  // the reward, or the type of the event
  int64_t units = 0;
  friend bool operator==(const Moved&, const Moved&) = default;
};

// Stable snake_case names: "redeemed".
std::string_view Name(Moved::Kind kind);

// One step on a ladder, up or down; a jump over several levels is several
// effects, in order. Levels are named by id. The level that a member's opening
// units reach is where they start, and no change.
//
// Tiers also change because time passes: that is told with the next event that
// touches the member, before anything else, or with a sweep.
struct LevelChanged {
  // Stored: append, never renumber.
  enum class Why : int32_t {
    kEarned = 0,    // or lost by a rule, on a ladder without tiers
    kReview = 1,    // time passed: a period, what rolls, what was said by hand
    kReversal = 2,  // what was earned was taken back, or lost
    kByHand = 3,    // a person assigned it, or took that away
    kSeason = 4,    // a season of its league ended: promoted, or relegated
  };
  std::string member = {};
  std::string ladder = {};
  std::string from = {};
  std::string to = {};
  bool up = true;
  Why why = Why::kEarned;
  friend bool operator==(const LevelChanged&, const LevelChanged&) = default;
};

// Stable snake_case names: "earned".
std::string_view Name(LevelChanged::Why why);

// A member won a badge, or lost one again (`won` false). `object` is what it
// was won for, if the program gives it for each object.
struct Badge {
  std::string member = {};
  std::string badge = {};
  std::optional<std::string> object = {};
  bool won = true;
  friend bool operator==(const Badge&, const Badge&) = default;
};

// A sweep says that time has brought a member a badge, since `time`, ahead of
// the entry that grants it, which is the member's next, with a Badge of its
// own. Each is told once. It is what a reading says by the sweep's time, and no
// promise: an event of an earlier time that comes before that entry may change
// it.
struct BadgeDue {
  std::string member = {};
  std::string badge = {};
  absl::Time time = absl::InfinitePast();
  friend bool operator==(const BadgeDue&, const BadgeDue&) = default;
};

// A streak got longer: the event was the first in its window. `length` is how
// long the row is then, as of the event's time. `broken` is how long the row
// before it was, if this event begins a new one: that it ended is told by
// whatever comes next, as it ends by nothing being done. `frozen`: windows were
// frozen instead, and `length` is as before.
struct StreakMoved {
  std::string member = {};
  std::string streak = {};
  int64_t length = 0;
  int64_t broken = 0;
  bool frozen = false;
  friend bool operator==(const StreakMoved&, const StreakMoved&) = default;
};

// A member joined a quest, or left it, on request; or got on with a step that
// counts events. That a quest is done is told by the Badge "quest/<id>". Who
// joins without asking is told of nothing: they have. Of a quest that many do
// together: a member brought a step forward for all of them; or (kMet, of
// nobody) it was met, `progress` times by now, or is not so often after all.
struct QuestMoved {
  // Stored: append, never renumber.
  enum class Kind : int32_t {
    kJoined = 1,
    kLeft = 2,
    kProgressed = 3,
    kMet = 4
  };
  Kind kind = Kind::kJoined;
  std::string member = {};
  std::string quest = {};
  std::string step = {};  // kProgressed, as the next two
  int64_t progress = 0;   // at most the goal
  int64_t goal = 0;
  std::string object = {};  // the team, of a quest that one does together
  friend bool operator==(const QuestMoved&, const QuestMoved&) = default;
};

// Stable snake_case names: "joined".
std::string_view Name(QuestMoved::Kind kind);

using Effect = std::variant<Opened, Awarded, Reversed, LevelChanged, Moved,
                            Badge, BadgeDue, StreakMoved, QuestMoved>;

// What a rule of the event's type came to, where that is neither "fired" nor
// "its condition was false".
struct RuleNote {
  std::string rule = {};
  std::string text = {};  // one sentence
  friend bool operator==(const RuleNote&, const RuleNote&) = default;
};

struct Outcome {
  std::string event_id = {};
  int64_t seq = 0;  // place in the journal, from 1; 0 if nothing was recorded
  absl::Time recorded_at =
      absl::InfinitePast();  // strictly increasing with seq
  RejectReason rejected = RejectReason::kNone;
  std::string reason = {};  // a sentence, if rejected
  std::vector<Effect> effects = {};
  std::vector<RuleNote> notes = {};
  bool repeat = false;  // this event had been answered before; not stored
  // Of an accepted redemption of a reward that gives codes, or where it is held
  // first, of the capture: a code for each that was paid, for the member. Never
  // stored: EngineOptions::voucher_key makes them again whenever the event is
  // sent, and without that key nobody can.
  std::vector<std::string> vouchers = {};

  bool accepted() const { return rejected == RejectReason::kNone; }

  // All but `repeat` and `vouchers`, which are not stored.
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.event_id == b.event_id && a.seq == b.seq &&
           a.recorded_at == b.recorded_at && a.rejected == b.rejected &&
           a.reason == b.reason && a.effects == b.effects && a.notes == b.notes;
  }
};

}  // namespace loyalty

#endif  // LOYALTY_OUTCOME_H_
