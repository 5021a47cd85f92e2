// SPDX-License-Identifier: Apache-2.0
//
// Engine: runs one program for any number of members. Start here.
//
//   auto program = loyalty::Program::FromFile("community.textproto");
//   auto engine = loyalty::Engine::Open("community.db", *program);
//   auto outcome = (*engine)->Process({.id = "like-17", .type = "like",
//                                      .time = absl::Now(), .actor = "ada",
//                                      .target = "post-9",
//                                      .attributes = {{"owner", "grace"}}});
#ifndef LOYALTY_ENGINE_H_
#define LOYALTY_ENGINE_H_

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/catch_up.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "loyalty/program.h"
#include "loyalty/queries.h"

namespace loyalty {

struct EngineOptions {
  // The clock that `recorded_at` is read from. One that steps back does no
  // harm: recorded_at strictly increases all the same. It must not throw.
  // Default: absl::Now.
  absl::AnyInvocable<absl::Time() const> clock = {};

  // Bytes of memory for what is remembered of members and objects, from 64 KiB
  // to 1 TiB. What of them has changed, and is not in the tables yet, takes as
  // much again at most. On top come SQLite's own, 4 MiB and with a larger file
  // up to 40, what a call needs while it runs, and for Query 96 MiB at most for
  // the first view, less for each of several, down to 2 MiB. In memory: unused.
  int64_t cache_bytes = int64_t{128} << 20;

  // Events, from 1 to 100 million, after which the tables that follow from the
  // journal are brought up to date with it. An event is on disk before that all
  // the same; after a crash, that many at most are read again when the file is
  // opened. More makes recording faster; fewer, opening after a crash, and
  // queries while another process writes. In memory: unused.
  int64_t max_tail = 200'000;

  // Events, from 1 to 100 million, that may wait in calls of Process while
  // others are recorded. A call that would make it more is refused at once with
  // kResourceExhausted: so a host that is sent more than it can record hears of
  // it while it has memory and threads left. A call that finds nobody waiting
  // is taken whatever its size.
  int64_t max_waiting_events = 100'000;

  // Makes and tells the codes of vouchers, and keeps those that were imported:
  // 32 to 1024 bytes that nobody can guess, the same for as long as the file
  // lives. Needed for a program with rewards that give vouchers. It is not in
  // the file: whoever has both can make every code, and whoever has lost it
  // none; all else in the file can be read and verified without it.
  std::string voucher_key = {};
};

// Every event gets exactly one outcome. Sending the same event again returns
// the outcome it got the first time and changes nothing, so a host that is
// unsure whether an event arrived simply sends it again.
//
// Points are kept by double entry: a posting moves whole units from one account
// to another, so nothing is ever out of balance; Verify() proves it.
//
// Where operator new has no memory, Process, Preview, Reverse and Query end the
// process: nothing that was acknowledged is lost, and nothing is recorded by
// halves. Open and Queries let std::bad_alloc pass; what threw it is best left.
//
// Thread-safe. Events are applied one at a time, in the order they arrive.
// Calls of Process that come at the same time share one commit, up to 1,000
// events together: many threads record far more than one, and one that is alone
// waits for nobody. Each call is a unit of its own all the same.
class Engine {
 public:
  // Opens or makes the file at `path`, as its only writer.
  //
  // ERRORS: kInvalidArgument     an option is out of its range, or voucher_key
  //                              is missing.
  //         kFailedPrecondition  the file is no loyalty database, is of a newer
  //                              version, or goes on with another program, and
  //                              the message says in what they differ (see
  //                              Switch), or its vouchers are of another
  //                              voucher_key.
  //         kUnavailable         another process writes to it, or it cannot be
  //                              opened or made.
  //         kDataLoss            the file is damaged.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& path,
                                                      const Program& program,
                                                      EngineOptions options);
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& path,
                                                      const Program& program);

  // Opens a file that is there with the program that it goes on with: for who
  // has no program at hand, or another one to switch to.
  //
  // ERRORS: as Open; kNotFound  no such file.
  static absl::StatusOr<std::unique_ptr<Engine>> Reopen(
      const std::string& path, EngineOptions options = {});

  // An engine that keeps all in memory and forgets it when destroyed: for
  // tests, and for trying programs out.
  //
  // ERRORS: kInvalidArgument  an option is out of its range, or voucher_key is
  //                           missing.
  static absl::StatusOr<std::unique_ptr<Engine>> InMemory(
      const Program& program, EngineOptions options);
  static absl::StatusOr<std::unique_ptr<Engine>> InMemory(
      const Program& program);

  // Drops all in the file at `path` that follows from its journal, balances and
  // leaderboards among it, and makes it again, the same. Only for a file that
  // Verify() finds wrong in these; the journal itself is neither checked nor
  // changed. All or nothing: also if it is killed.
  //
  // COST: reads the whole journal; memory as EngineOptions says by default; on
  // disk, for a while, the size of the tables once more.
  //
  // ERRORS: kNotFound  no such file.
  //         kDataLoss  the journal cannot be read.
  //         as Open otherwise; the file is as it was.
  static absl::Status Rebuild(const std::string& path);

  virtual ~Engine() = default;

  // Decides `event` and records it, its effects and its postings, all or none.
  // When it returns, the outcome is on disk.
  //
  // A rejected event is not an error: the outcome says why, and is as permanent
  // as an accepted one. Only kEventIdReused is not recorded.
  //
  // ERRORS: kInvalidArgument    `event` is malformed; nothing was recorded and
  //                             its id stays free.
  //         kResourceExhausted  the disk was full, or SQLite had no memory,
  //                             before the commit, or too many events wait;
  //                             nothing was recorded. Send it again later.
  //         kUnavailable        the commit failed, also for a full disk, and
  //                             the outcome is unknown, as it is of all that
  //                             shared the commit: open the file again and send
  //                             the event again.
  //         kInternal           an invariant broke; nothing was recorded.
  virtual absl::StatusOr<Outcome> Process(const Event& event) = 0;

  // As Process for each, in order, in one commit. A malformed event has its
  // error in its place and does not hinder the others.
  //
  // ERRORS: as Process, but for kInvalidArgument; none of the events was
  //         recorded. What other calls sent is recorded all the same.
  virtual absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> Process(
      std::span<const Event> events) = 0;

  // What Process(event) would return now, but for the code of a voucher;
  // records nothing.
  //
  // ERRORS: as Process; kInvalidArgument also for kUseVoucher, as codes that
  // are
  //         tried out have to be counted.
  virtual absl::StatusOr<Outcome> Preview(const Event& event) = 0;

  // Undoes what the event `event_id` did: its awards, what they used of limits,
  // and what it counted for metrics. `id` and `time` are the reversal's own, as
  // it is an event of type "loyalty.reverse".
  //
  // Members end where they would stand had those awards never been asked. Only
  // the first reversal of an event does something.
  //
  // REJECTS: kUnknownEvent, kNotReversible.
  virtual absl::StatusOr<Outcome> Reverse(std::string_view id, absl::Time time,
                                          std::string_view event_id) = 0;

  // What a host asks for a member: events of the reserved types in event.h,
  // with `id` and `time` of their own. Sent again, each is answered as before.
  //
  // ERRORS: as Process, for all of them.

  // Exchanges units for `quantity` of a reward. `id` is the redemption's; or,
  // where the reward is held first, the hold's. Where the reward gives
  // vouchers, the outcome has a code for each, also when it is sent again; that
  // of one that is held first has none, as nothing is paid yet.
  //
  // REJECTS: kUnknownReward, kNotOffered, kMemberLimit, kInsufficientBalance,
  //          kOutOfStock; kOutOfRange: `quantity` is not 1 to 1,000,000, or
  //          not 1 to 100 for a reward that gives vouchers.
  absl::StatusOr<Outcome> Redeem(std::string_view id, absl::Time time,
                                 std::string_view member,
                                 std::string_view reward, int64_t quantity = 1);

  // Spends what the hold set aside, or `units` of it; the rest is free again.
  // Stock and limits count what that comes to of the reward, a part of one as
  // one; and so many codes are in the outcome, if the reward gives any.
  //
  // REJECTS: kUnknownHold, kAlreadyCaptured, kAlreadyVoided, kHoldExpired;
  //          kOutOfRange: fewer `units` than 1, more than are held, or any
  //          where several currencies are.
  absl::StatusOr<Outcome> Capture(std::string_view id, absl::Time time,
                                  std::string_view member,
                                  std::string_view hold,
                                  std::optional<int64_t> units = {});

  // Frees what the hold set aside.
  //
  // REJECTS: as Capture, but for kOutOfRange.
  absl::StatusOr<Outcome> Void(std::string_view id, absl::Time time,
                               std::string_view member, std::string_view hold);

  // Gives a redemption, or a captured hold, back: all that is left of it, or
  // `units`. Nothing left is no rejection; a note says so. Codes of what is
  // given back are void, the last that were not used; what was handed over by a
  // code is not given back.
  //
  // REJECTS: kUnknownRedemption, kAlreadyFulfilled; kOutOfRange as Capture, of
  //          what is left.
  absl::StatusOr<Outcome> Cancel(std::string_view id, absl::Time time,
                                 std::string_view member,
                                 std::string_view redemption,
                                 std::optional<int64_t> units = {});

  // Notes that what was redeemed has been handed over, by whom if `by` says so.
  // It is not given back any more, unless the reward is cancel_after_fulfil.
  //
  // REJECTS: kUnknownRedemption; kNotPaid: it is held still, or given back.
  absl::StatusOr<Outcome> Fulfil(std::string_view id, absl::Time time,
                                 std::string_view member,
                                 std::string_view redemption,
                                 std::string_view by = "");

  // Takes the code that proves a redemption: notes that what was redeemed has
  // been handed over, as Fulfil, by whom. Where it came from, `by` and, if it
  // is not "", `channel`, must have brought fewer than 10 and 100 wrong codes
  // in that hour of EngineOptions::clock: beyond that a good code is refused,
  // too, until the hour is over. How codes are written does not matter: "-" and
  // blanks are left out, small letters, and O, I and L for 0 and 1, will do.
  //
  // REJECTS: kTooManyAttempts, kUnknownVoucher, kVoucherUsed, kVoucherVoid,
  //          kVoucherExpired.
  absl::StatusOr<Outcome> UseVoucher(std::string_view id, absl::Time time,
                                     std::string_view code, std::string_view by,
                                     std::string_view channel = "");

  // Puts a code that others made into the pool of the reward, whose redemptions
  // are given them in the order in which they came.
  //
  // REJECTS: kUnknownReward; kKnownVoucher.
  absl::StatusOr<Outcome> ImportVoucher(std::string_view id, absl::Time time,
                                        std::string_view reward,
                                        std::string_view code);

  // Sends units from one member to another, who exists then. They keep the time
  // at which they expire.
  //
  // REJECTS: kUnknownCurrency, kNotSpendable, kOwnMember, kUnknownMember,
  //          kInsufficientBalance, kTransferLimit; kOutOfRange: fewer than 1.
  absl::StatusOr<Outcome> Transfer(std::string_view id, absl::Time time,
                                   std::string_view from, std::string_view to,
                                   std::string_view currency, int64_t units);

  // Says that two ids are one person: from then on `member` means `into`, in
  // events, commands and queries, for ever, and `into` has what both had: units
  // with their expiry, holds and debts, what was earned, the levels that come
  // of it, and all that metrics, limits and caps have counted, so that no limit
  // opens again. Units of the one pay what the other owes. Who was suspended
  // stays so. What either did can be reversed, captured, voided, given back and
  // handed over as before; late events of `member` go to `into`. A merge itself
  // cannot be taken back.
  //
  // Each name means who it has come to mean: merging `member` again is about
  // `into`. Erasing either of them erases both names.
  //
  // REJECTS: kUnknownMember: one of them is no member yet;
  //          kOwnMember: they are the same already;
  //          kOutOfRange: together they have more than a balance may be.
  absl::StatusOr<Outcome> Merge(std::string_view id, absl::Time time,
                                std::string_view member, std::string_view into);

  // A person's correction, by whom and why; `units` below 0 take away.
  //
  // REJECTS: kUnknownCurrency, kAdjustmentLimit, kInsufficientBalance;
  //          kOutOfRange: 0, or more than balances go.
  absl::StatusOr<Outcome> Adjust(std::string_view id, absl::Time time,
                                 std::string_view member,
                                 std::string_view currency, int64_t units,
                                 std::string_view by, std::string_view reason);

  // A person gives a badge, or takes it back, by whom and why. `object` is what
  // it is for, if the program gives it for each object; else it is not needed.
  //
  // REJECTS: kUnknownMember, kUnknownBadge, kBadgeNeedsObject, kBadgeNotHeld;
  //          kBadgeHeld: it is won only once.
  absl::StatusOr<Outcome> GrantBadge(std::string_view id, absl::Time time,
                                     std::string_view member,
                                     std::string_view badge,
                                     std::string_view by,
                                     std::string_view reason = "",
                                     std::string_view object = "");
  absl::StatusOr<Outcome> RevokeBadge(std::string_view id, absl::Time time,
                                      std::string_view member,
                                      std::string_view badge,
                                      std::string_view by,
                                      std::string_view reason = "",
                                      std::string_view object = "");

  // A person puts the member on a tier, by whom and why; see kAssignTier. `as`
  // is "floor" or "lock", `until` InfiniteFuture for ever.
  //
  // REJECTS: kUnknownLadder, kUnknownTier; kOutOfRange: another `as`, or an
  //          `until` that is not after `time`.
  absl::StatusOr<Outcome> AssignTier(std::string_view id, absl::Time time,
                                     std::string_view member,
                                     std::string_view ladder,
                                     std::string_view tier, std::string_view by,
                                     std::string_view reason = "",
                                     std::string_view as = "floor",
                                     absl::Time until = absl::InfiniteFuture());
  // And takes that away.
  //
  // REJECTS: kUnknownLadder; kNotAssigned: nothing was said by hand, or it is
  //          over.
  absl::StatusOr<Outcome> UnassignTier(std::string_view id, absl::Time time,
                                       std::string_view member,
                                       std::string_view ladder,
                                       std::string_view by,
                                       std::string_view reason = "");

  // Forgets who a member is: id, key, and what was kept as personal. It cannot
  // be undone; see kErase for what stays. Nobody of that id is no rejection; a
  // note says so.
  //
  // REJECTS: kUnknownMember: a program of the file has the id in never_earns.
  absl::StatusOr<Outcome> Erase(std::string_view id, absl::Time time,
                                std::string_view member);

  // Lets `program`, of the same name and a new version, decide from here on: an
  // entry of type kSwitch, with `id` and `time` of its own; "" makes an id. One
  // that decided before may come again.
  //
  // What was decided stays: reversals of what an earlier program gave, limits
  // and caps among it, go by that program, and `Verify` replays each entry by
  // its own. Everything from here on is decided by the new one, late events as
  // well; levels and offers follow it at once, and no entry says so for each
  // member: Queries::PreviewSwitch counts them before. Who is a member already
  // gets no opening units of a new currency. A metric that is new counts from
  // here on, unless CatchUp is asked; a limit that was changed goes on with
  // what was used of it if it counts the same over the same time, and begins
  // anew otherwise.
  //
  // Sent again with its id, it is answered as it was, and nothing is done.
  //
  // COST: where members' units of a currency are concerned, a look at all
  //       members, while nobody else can write.
  // ERRORS: kFailedPrecondition  the file goes on with that program already; or
  //                              cannot, for reasons that the message has, all
  //                              of them, with what to do: it has another name,
  //                              or a version that was used with other content;
  //                              what members have of a currency, a badge, or a
  //                              metric would be lost or mean something else.
  //         kInvalidArgument     `time` is out of range, or too far ahead, or
  //                              voucher_key is missing, and needed now.
  //         as Process otherwise.
  virtual absl::StatusOr<Outcome> Switch(const Program& program,
                                         std::string_view id,
                                         absl::Time time) = 0;

  // Applies what is new in the program that decides to what came before it: the
  // member who would have been given something by these rules and badges, had
  // the program decided the whole journal, is given it, and metrics, streaks
  // and quests come to where they would be. Only what is missing is brought,
  // and nothing is taken away but by metrics. Queries::PreviewCatchUp says
  // before what it comes to.
  //
  // It is an entry `id` of type kCatchUp that names them, and one for each
  // member, object and, for budgets, the program: "ID/1", "ID/2", .., which
  // carry no name, as ids of events outlive an erasure. All are dated `time`,
  // so that units expire from then on, and count for seasons and tiers of then.
  // Limits and daily caps cut by the days of the events, and limits go on with
  // what was used. What is brought wins badges and levels as any event does.
  // Reversing `id` takes all of it back, reversing "ID/n" one of them, and
  // reversing an event of before what was brought for it.
  //
  // Interrupted, it is done again with the same id, and goes on where it ended:
  // nobody gets an entry of it twice.
  //
  // What was undone brings nothing, and so does what an attribute would say
  // that was erased, or an event that the program cannot read: the report
  // counts them. Commands are asked again, so that rules that read a balance
  // may see another one than there was. A quest that a member has done since
  // stays done when they did it. What a quest's value reads is to be named,
  // too.
  //
  // COST:   memory and time as Queries::Verify; then a look at all members and
  //         objects, while nobody else can write.
  // ERRORS: kInvalidArgument     a name that the program does not have, with
  //                              did-you-mean; `id` or `time`, as Process.
  //         kFailedPrecondition  `id` was used, for something else or by
  //                              another program; or the program was switched
  //                              meanwhile.
  //         as Process otherwise.
  virtual absl::StatusOr<CatchUpReport> CatchUp(const loyalty::CatchUp& what,
                                                std::string_view id,
                                                absl::Time time) = 0;

  // Posts what expires up to `until`, and tells of tiers that change and badges
  // that time brings by then (LevelChanged, BadgeDue), as events
  // "loyalty.sweep" of up to 1,000 members; returns how many it made. No
  // reading of a member depends on whether or when it is called; what finance
  // reads of the journal does.
  //
  // ERRORS: kInvalidArgument     `until` is infinite.
  //         kFailedPrecondition  `until` is further ahead than the program
  //                              allows.
  virtual absl::StatusOr<int64_t> Sweep(absl::Time until) = 0;

  // Ends the seasons of leaderboards with prizes, of each group apart, and the
  // cohorts of leagues, that are over by `until`, each once, as events
  // "loyalty.season_ended", and returns how many it ended. Not
  // part of Sweep, as a reading does depend on it: what came late afterwards
  // has won no prize. Wait as long as events may come late.
  //
  // COST: the members on each season that it ends.
  //
  // ERRORS: as Sweep.
  virtual absl::StatusOr<int64_t> EndSeasons(absl::Time until) = 0;

  // Gives those their share who took part in a quest that is done together and
  // was met when they were more than one entry should have, which is 1,000; as
  // events "loyalty.share_goal" of `time`, of up to 1,000 members each, and
  // returns how many it made. Whoever has a share has it once, so that what was
  // interrupted is just called again. Where revoked shares are as many, it
  // takes them back. Not part of Sweep, as a reading does depend on it.
  //
  // COST: the members who took part in each.
  //
  // ERRORS: as Sweep.
  virtual absl::StatusOr<int64_t> ShareGoals(absl::Time time) = 0;

  // Reads what has been committed, beside any writer. See queries.h.
  virtual absl::StatusOr<std::unique_ptr<Queries>> Query() = 0;

  // Copies what has been recorded until now to a new file, while it goes on. As
  // Query() and Queries::Backup(to).
  absl::Status Backup(const std::string& to);
};

}  // namespace loyalty

#endif  // LOYALTY_ENGINE_H_
