// SPDX-License-Identifier: Apache-2.0
//
// Queries: everything that can be asked of a file, while an engine writes to it
// or with no engine at all.
//
//   auto queries = loyalty::Queries::Open("community.db");
//   auto ada = (*queries)->Member("ada");
#ifndef LOYALTY_QUERIES_H_
#define LOYALTY_QUERIES_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/catch_up.h"
#include "loyalty/event.h"
#include "loyalty/next_steps.h"
#include "loyalty/outcome.h"
#include "loyalty/program.h"
#include "loyalty/switching.h"

namespace loyalty {

// How a member's tier goes on. In a period, what counts is what was earned in
// it; a tier that was reached is held until the end of the next one.
struct TierOutlook {
  // What levels ask besides what the ladder is over.
  struct Also {
    std::string currency = {}, metric = {};       // one of them is ""
    int64_t units = 0, to_keep = 0, to_next = 0;  // as of all else
  };
  int64_t units = 0;  // earned in the present period, or in what rolls
  // Units still to earn in it, so that its review takes nothing; 0 if nothing
  // is in danger.
  int64_t to_keep = 0;
  absl::Time review = absl::InfiniteFuture();  // the end of the present period
  std::string at_review = {};  // the level then, if nothing more is earned
  // When the level becomes another one, `then`, if nothing more is earned;
  // InfiniteFuture, and the same one, if it does not.
  absl::Time until = absl::InfiniteFuture();
  std::string then = {};
  bool by_hand = false;  // a person put them there, beyond what was earned
  std::vector<Also> also = {};
};

// A member's standing on one ladder.
struct LadderStanding {
  std::string ladder = {};
  std::string currency = {};  // what it is over, or "" and a metric,
  std::string metric = {};    // or both "": badges
  int index = 0;              // of the level, from 0
  std::string level = {};
  // The next one that units lead to. Over badges, whose badge it is.
  std::optional<std::string> next_level = {};
  int64_t to_next = 0;  // units still to earn for it; 0 on the highest
  std::optional<TierOutlook> tier = {};  // if the ladder has tiers
};

// Units that expire together.
struct ExpiringUnits {
  absl::Time expires = absl::InfiniteFuture();
  int64_t units = 0;  // available ones
};

// What a member has of a currency at some time. Of currencies whose units are
// not spent and do not expire, `balance` and `earned` say everything.
struct CurrencyBalance {
  std::string currency = {};
  int64_t balance = 0;  // what is available
  int64_t earned = 0;   // what levels follow: gains and losses, less reversals
  int64_t pending = 0;  // earned, and not available yet
  int64_t held = 0;     // set aside for rewards
  int64_t debt = 0;     // owed: what is earned next pays it first
  std::vector<ExpiringUnits> expiring = {};  // soonest first
};

// Windows in a row in each of which a member did something.
struct StreakRow {
  absl::Time first = absl::InfinitePast();  // where its first window starts
  absl::Time last = absl::InfinitePast();   // and its last
  int64_t length = 0;
};

// A member's streak at some time.
struct StreakStanding {
  std::string streak = {};
  std::string describe = {};
  int64_t length = 0;   // of the row that goes on; 0 if none does
  int64_t longest = 0;  // that there ever was
  bool acted = false;   // in the window of that time
  // The row that goes on ends then, unless something is done before.
  std::optional<absl::Time> act_before = {};
  int64_t freezes = 0;               // that it has left
  std::vector<StreakRow> rows = {};  // all there were, in order
};

struct StepStanding {
  std::string step = {};
  std::string describe = {};
  int64_t progress = 0;  // at most the goal
  int64_t goal = 0;
};

// A member's quest at some time, in the window of its period.
struct QuestStanding {
  enum class State {
    kOpen,    // not joined; `join` says how one does
    kJoined,  // its steps are under way
    kLeft,    // and may be joined again
    kDone,    // as often as it can be
  };
  std::string quest = {};
  std::string describe = {};
  State state = State::kOpen;
  bool on_request = false;  // it is joined by loyalty.join_quest
  // Many do it together: steps are how far all of them are with the next time
  // that it is met, `own` is how much of it the member has done, who is joined
  // by that; and times_done, how often they had their share.
  bool together = false;
  std::string object = {};  // the team; each is told apart, and "" if none is
                            // known, or all members are meant
  int64_t own = 0;
  int64_t times_met = 0;
  int64_t times_done = 0;                // in this window
  std::optional<absl::Time> end = {};    // of the window, or of the quest
  std::vector<StepStanding> steps = {};  // in the program's order
};

// Stable snake_case names: "joined".
std::string_view Name(QuestStanding::State state);

struct MemberProfile {
  std::string member = {};  // who they are now, if asked for by another id
  // Ids that were merged into this one, in the order in which they were.
  std::vector<std::string> aliases = {};
  absl::Time since = absl::InfinitePast();       // of their first event
  std::vector<CurrencyBalance> currencies = {};  // in the program's order
  std::vector<LadderStanding> ladders = {};      // in the program's order
  std::vector<std::string> privileges = {};      // of all levels held, in order
  // Those that are not 0. One that is kept apart `by` something is there for
  // each of what it is: "likes[ada]".
  std::map<std::string, int64_t> metrics = {};
  std::map<std::string, int64_t> badges = {};  // how many of each, if any
  // In the program's order. Quests are those that there are at that time.
  std::vector<StreakStanding> streaks = {};
  std::vector<QuestStanding> quests = {};
};

// A badge that a member holds, and the event that gave it.
struct HeldBadge {
  std::string member = {};
  std::string badge = {};
  std::string describe = {};
  std::string badge_class = {};  // "bronze", "silver", "gold" or ""
  // The event's; of a badge that time brought, when that was.
  absl::Time time = absl::InfinitePast();
  std::optional<std::string> object = {};  // what it was won for
  std::string event_id = {};  // "" if time brought it, and no event came since
  std::string by = {};        // who gave it by hand; "" if its condition did
};

// What a metric says of one member or object.
struct MetricLine {
  bool is_member = true;  // else an object
  std::string id = {};
  std::string by = {};  // of one that is kept apart, for what; else ""
  int64_t value = 0;
};

// One change of a balance.
struct StatementLine {
  enum class Kind {
    kOpening,
    kAward,
    kReversal,
    kRedemption,
    kHold,
    kCapture,
    kRelease,
    kExpiry,
    kRefund,
    kTransfer,
    kAdjustment,
    kWriteOff,
    kMergeOut,
    kMergeIn,
    kFulfilment,
    kBadge,  // in units of the badge's own currency, "badge:ID"
    kBadgeLost,
    kCaughtUp,   // what the rule would have given for events of before
    kBudgetCut,  // `asked` that a limit would give back: its budget is spent
  };
  int64_t seq = 0;                         // of the event
  int32_t n = 0;                           // within the event
  absl::Time time = absl::InfinitePast();  // the event's
  std::string event_id = {};
  std::string event_type = {};
  Kind kind = Kind::kAward;
  std::string currency = {};
  std::string rule = {};       // of an award; or the reward, or what asked
  std::string rule_says = {};  // the rule's description; may be empty
  std::optional<std::string> target = {};
  int64_t asked = 0;
  int64_t units = 0;
  CutReason cut = CutReason::kNone;
  int64_t balance = 0;  // after this line: all that was posted
  // Of units that come: when they are available, and when they expire. Of a
  // hold: its end.
  absl::Time available_from = absl::InfinitePast();
  absl::Time expires = absl::InfiniteFuture();
};

// Stable snake_case names: "award", "write_off".
std::string_view Name(StatementLine::Kind kind);

// One movement of units between accounts.
struct PostingLine {
  std::string from = {};  // "issued:vote_on_an_idea"
  std::string to = {};    // "member:ada"
  std::string currency = {};
  int64_t units = 0;
};

// Why an event did what it did.
struct Explanation {
  Event event = {};
  Outcome outcome = {};
  std::string program = {};  // name and version that decided it
  std::vector<PostingLine> postings = {};
  // One line for each rule of the event's type, in the program's order.
  struct Line {
    std::string rule = {};
    std::string describe = {};
    std::string verdict = {};  // "fired", "its condition was false", ...
    // Which parts of the condition were false, and what they read:
    // "event.words >= 300 is false: event.words is 120". Those that also read
    // how somebody stood are said as written, if no other part was false.
    std::vector<std::string> why = {};
  };
  std::vector<Line> rules = {};
  std::vector<std::string> sentences = {};  // what happened, for people
};

// What one rule came to for one member in one event.
struct RuleForMember {
  std::string rule = {};
  std::string describe = {};
  bool gave = false;  // something, whether or not it was taken back later
  std::vector<std::string> steps = {};  // for who writes the program
  std::string sentence = {};  // for the member; names no other members
};

// What a balance is made of.
struct BalanceExplanation {
  CurrencyBalance balance = {};
  // Each kind and source once, in the order in which they first came. Together
  // they are all that is available, pending and held, less what is owed.
  struct Part {
    StatementLine::Kind kind = StatementLine::Kind::kAward;
    std::string source = {};  // the rule, or the reward; else ""
    int64_t units = 0;
    int64_t times = 0;  // 0: none of it is posted yet
    std::string sentence = {};
  };
  std::vector<Part> parts = {};
  int64_t posted = 0;  // what the statement's lines until then add up to
  // Units that had expired by then and whose expiry is not posted until then.
  int64_t expired = 0;
  // What else differs, for a time that is past: events that were recorded in
  // another order than they happened in. 0 for the newest time.
  int64_t order = 0;

  int64_t total() const {
    return balance.balance + balance.pending + balance.held - balance.debt;
  }
};

struct RewardCost {
  std::string currency = {};
  int64_t units = 0;
};

// A reward as the catalogue shows it.
struct RewardOffer {
  std::string reward = {};
  std::string describe = {};
  std::vector<RewardCost> cost = {};
  std::optional<int64_t> left = {};  // in stock; without: any number
  std::optional<absl::Time> from = {};
  std::optional<absl::Time> until = {};
  bool is_held = false;  // set aside first, until the host captures it
  // Whether the member could have one, or where none was named, anybody; and if
  // not, why, as a redemption would be answered.
  bool available = true;
  RejectReason why = RejectReason::kNone;
  std::string reason = {};  // a sentence
};

// One of the codes of a redemption; what is held has none until captured.
struct MemberVoucher {
  enum class State {
    kIssued,  // good
    kUsed,    // what it is for was handed over
    kVoid,    // its redemption was given back
    kExpired,
  };
  std::string redemption = {};  // its id
  std::string reward = {};
  absl::Time issued = absl::InfinitePast();
  absl::Time good_until = absl::InfiniteFuture();
  State state = State::kIssued;
  std::string code = {};  // "" without the key
};

// Stable snake_case names: "issued".
std::string_view Name(MemberVoucher::State state);

// Which leaderboard, in which season, and who looks at it.
struct BoardView {
  std::string board = {};  // a leaderboard of the program, or a currency
  // By its name, "2026-W12"; or else the one that `at` lies in; or else the one
  // of the newest event. A rolling one ends with the day of that time. Of a
  // league, the cohort in which the member who is asked for is, or else who
  // looks; or by name, "2026-W12/bronze/1".
  std::string season = {};
  std::optional<absl::Time> at = {};
  // On one that is anonymous, the member who looks, who alone is named; with
  // nullopt, the host looks, and sees all.
  std::optional<std::string> viewer = {};
  // Of one that keeps groups apart, which: "Bern". With "", the one in which
  // the member who is asked for is in that season, or else who looks. A season
  // may say it as well, "2026-03/Bern", or for ever "Bern".
  std::string of = {};
};

struct LeaderboardRow {
  // Where a league's cohort would move the member if it ended now.
  enum class Zone { kNone, kPromotion, kRelegation };

  // From 1. Members with equally many share one, and the next has as many more
  // as they are; but a leaderboard may say otherwise (program.proto).
  int64_t rank = 0;
  std::string member = {};  // "" where others are not named
  int64_t earned = 0;       // or what the leaderboard counts instead
  int64_t then = 0;         // what ties are broken by, if it has that
  // Else the member is hidden, which is told to those who ask for that member:
  // the rank is the one that they would have.
  bool listed = true;
  Zone zone = Zone::kNone;
};

// Stable snake_case names: "promotion".
std::string_view Name(LeaderboardRow::Zone zone);

struct MemberBalance {
  std::string member = {};
  int64_t balance = 0;
};

// The journal's last entry, which stands for all before it: its chain is a hash
// over its own content and the chain of the entry before. Whoever has kept one
// elsewhere can tell later that the file's past is still the same.
struct JournalHead {
  int64_t seq = 0;                                // 0: no event yet
  absl::Time recorded_at = absl::InfinitePast();  // of that entry
  std::string chain = {};  // 64 digits, 0 to f; "" without event, or in memory
};

// What verify found. It follows the chain, re-adds every posting, replays every
// event through the program that decided it, into memory, and compares all of
// it. What it cannot see alone is that entries are missing at the journal's
// end, or that somebody made another history, true in itself: compare a head
// that was kept, by ChainAt.
struct VerifyReport {
  int64_t events = 0;
  int64_t movements = 0;
  int64_t members = 0;
  int64_t fault_count = 0;
  std::vector<std::string> faults = {};  // the first 20, each naming its entry
  bool ok() const { return fault_count == 0; }
};

// Reads one consistent state of a file: what was committed when it was opened
// or last refreshed. Never blocks the writer.
//
// Not thread-safe; make one for each thread.
class Queries {
 public:
  // Opens an existing file read-only.
  //
  // ERRORS: kNotFound            no such file.
  //         kFailedPrecondition  no loyalty database, or of a newer version.
  //         kDataLoss            the file is damaged.
  static absl::StatusOr<std::unique_ptr<Queries>> Open(const std::string& path);

  virtual ~Queries() = default;

  // The latest time of an accepted event, which sweeps are not; InfinitePast if
  // there is none.
  virtual absl::StatusOr<absl::Time> NewestTime() = 0;

  // A member as they stand at `at`: all that falls due until then is done, as
  // if a sweep had run. A time before the member's last event is taken for that
  // event's, but for tiers, which are those of that time; see Balance. Without
  // `at`, now by the clock.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member.
  virtual absl::StatusOr<MemberProfile> Member(std::string_view id,
                                               absl::Time at) = 0;
  absl::StatusOr<MemberProfile> Member(std::string_view id);

  // Whether a level that the member has at `at`, as for Member, comes with the
  // privilege, or a level below it does.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member;
  //         kInvalidArgument, with did-you-mean: no level has that privilege.
  virtual absl::StatusOr<bool> Can(std::string_view member,
                                   std::string_view privilege,
                                   absl::Time at) = 0;
  absl::StatusOr<bool> Can(std::string_view member, std::string_view privilege);

  // All that the member may do at `at`, each once, in the program's order.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member.
  virtual absl::StatusOr<std::vector<std::string>> Privileges(
      std::string_view member, absl::Time at) = 0;

  // What the member had of the currency at `at`, by all that is known today of
  // events until then: what was recorded late counts in its own time.
  //
  // COST: for a time before the member's last event, all lines of the member.
  //
  // ERRORS: kNotFound, naming the id; kInvalidArgument: no such currency.
  virtual absl::StatusOr<CurrencyBalance> Balance(std::string_view member,
                                                  std::string_view currency,
                                                  absl::Time at) = 0;

  // What points buy, in the program's order, to `member`, or to nobody in
  // particular for "": at `at`, as for Member. Offers that only some may see
  // are left out for the others. What is left in stock, and what the member has
  // had, is as the newest event left it.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member;
  //         kInvalidArgument: `at` is outside the years 1 to 9999.
  virtual absl::StatusOr<std::vector<RewardOffer>> Rewards(
      std::string_view member, absl::Time at) = 0;

  // What would reach the member's next levels, badges, quests and rewards
  // soonest, and keep what they have, from `at` on: the nearest goal first.
  // What is told was played on a copy (next_steps.h); nothing is written. Goals
  // whose condition cannot be read are told by what they say of themselves.
  //
  // Not told: badges that are won for an object, and rules that ask for more of
  // an object than is new, as a tenth vote: what is near there, objects would
  // have to be gone through for. What only some others can do, as who has a
  // level, is not found either: those in examples have nothing.
  //
  // COST: reads as of a profile, and the member's newest lines; then some
  // hundred events are decided in memory for each goal.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member;
  //         kInvalidArgument: `at` is outside the years 1 to 9999.
  virtual absl::StatusOr<std::vector<NextGoal>> NextSteps(
      std::string_view member, absl::Time at,
      const NextStepsOptions& options) = 0;
  absl::StatusOr<std::vector<NextGoal>> NextSteps(std::string_view member,
                                                  absl::Time at) {
    return NextSteps(member, at, {});
  }

  // A member's vouchers, oldest first, as they stand at `at`; their codes with
  // EngineOptions::voucher_key, and without, for "", all but the codes.
  //
  // COST: all lines of the member.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member;
  //         kInvalidArgument, kFailedPrecondition: that cannot be the key, or
  //         is not the one that the file's vouchers were made with.
  virtual absl::StatusOr<std::vector<MemberVoucher>> Vouchers(
      std::string_view member, absl::Time at, std::string_view voucher_key) = 0;

  // ERRORS: kNotFound, naming the id, if there is no such event.
  virtual absl::StatusOr<Explanation> Explain(std::string_view event_id) = 0;

  // Why the event gave the member what it gave, or nothing, by `rule`, or by
  // each rule of its type for "".
  //
  // ERRORS: kNotFound, naming the id, if there is no such event;
  //         kInvalidArgument: no such rule.
  virtual absl::StatusOr<std::vector<RuleForMember>> ExplainRules(
      std::string_view event_id, std::string_view member,
      std::string_view rule) = 0;

  // Where a member's units of a currency come from, and where they went; at
  // `at`, as for Balance.
  //
  // COST, ERRORS: as Balance.
  virtual absl::StatusOr<BalanceExplanation> ExplainBalance(
      std::string_view member, std::string_view currency, absl::Time at) = 0;

  // A member's lines, oldest first, of one currency or of all for "";
  // at most `limit` after line (seq, n).
  //
  // ERRORS: kNotFound, naming the id; kInvalidArgument: no such currency.
  virtual absl::StatusOr<std::vector<StatementLine>> Statement(
      std::string_view member, std::string_view currency, int64_t after_seq,
      int32_t after_n, int limit) = 0;

  // The same, newest first: at most `limit` before line (seq, n); with kNewest
  // for `before_seq`, from the newest on.
  //
  // COST: the lines that are gone through: of all currencies, those that are
  // answered, and some more to find a page's first one.
  //
  // ERRORS: as Statement.
  static constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();
  virtual absl::StatusOr<std::vector<StatementLine>> StatementBefore(
      std::string_view member, std::string_view currency, int64_t before_seq,
      int32_t before_n, int limit) = 0;

  // The badges that a member holds, in the order of their times; those of equal
  // times as they were recorded. All that the journal says is there, and what
  // time has brought until `at`; without one, until now.
  //
  // COST: all lines of the member.
  //
  // ERRORS: kNotFound, naming the id.
  virtual absl::StatusOr<std::vector<HeldBadge>> Badges(std::string_view member,
                                                        absl::Time at) = 0;
  absl::StatusOr<std::vector<HeldBadge>> Badges(std::string_view member);

  // The same of the members after `after` in the order of their ids, about
  // `members` of them at a time; none: there are no more.
  virtual absl::StatusOr<std::vector<HeldBadge>> BadgesAfter(
      std::string_view after, int members, absl::Time at) = 0;

  // The members with most, best first, of those with equally many who had so
  // many first; at most `limit` after the first `offset`. Members who have
  // nothing, or lost as much as they earned, are not on it, nor are those who
  // are hidden.
  //
  // COST: of all three, what is asked for; not how many members there are, nor
  // how far down they stand. But with DENSE ranks, in proportion to those
  // above: some milliseconds for a million.
  //
  // ERRORS: kInvalidArgument: no such leaderboard or currency, or season; or
  // it is a league, or keeps groups apart, and neither which nor who looks is
  // said. kNotFound: who looks is in none.
  virtual absl::StatusOr<std::vector<LeaderboardRow>> Leaderboard(
      const BoardView& view, int64_t offset, int limit) = 0;
  absl::StatusOr<std::vector<LeaderboardRow>> Leaderboard(
      std::string_view board, int64_t offset, int limit) {
    return Leaderboard(BoardView{.board = std::string(board)}, offset, limit);
  }
  absl::StatusOr<std::vector<LeaderboardRow>> Leaderboard(
      std::string_view board, int limit) {
    return Leaderboard(board, 0, limit);
  }

  // A member's row on it, and that row with so many before and after: where one
  // end of the leaderboard is near, with more on the other side. Of who is
  // hidden, the row that would be theirs, and those around it.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member, or they have
  // nothing there; kInvalidArgument: as Leaderboard.
  virtual absl::StatusOr<LeaderboardRow> Rank(std::string_view member,
                                              const BoardView& view) = 0;
  absl::StatusOr<LeaderboardRow> Rank(std::string_view member,
                                      std::string_view board) {
    return Rank(member, BoardView{.board = std::string(board)});
  }
  virtual absl::StatusOr<std::vector<LeaderboardRow>> Around(
      std::string_view member, const BoardView& view, int before,
      int after) = 0;
  absl::StatusOr<std::vector<LeaderboardRow>> Around(std::string_view member,
                                                     std::string_view board,
                                                     int before, int after) {
    return Around(member, BoardView{.board = std::string(board)}, before,
                  after);
  }

  // The seasons of a leaderboard that have somebody on it, by name, in their
  // order; of a league, the cohorts; of one that keeps groups apart, with each
  // group behind it, "2026-03/Bern". None of any other that is for ever.
  //
  // ERRORS: kInvalidArgument: no such leaderboard.
  virtual absl::StatusOr<std::vector<std::string>> Seasons(
      std::string_view board) = 0;

  // What is available to every member that exists, and was not merged into
  // another, in the order of their ids, after `after`; at `at`, as for Member.
  //
  // ERRORS: kInvalidArgument: no such currency.
  virtual absl::StatusOr<std::vector<MemberBalance>> Balances(
      std::string_view currency, std::string_view after, int limit,
      absl::Time at) = 0;
  absl::StatusOr<std::vector<MemberBalance>> Balances(std::string_view currency,
                                                      std::string_view after,
                                                      int limit);

  // Calls `see` for each member, or object, of which the metric says anything
  // but 0, in the order of their ids, and of what it is kept apart by. One of a
  // calendar period says what it says in the one that `at` lies in; a rolling
  // one, in the stretch that ends with `at`; one for ever, what has been
  // counted by now.
  //
  // COST: reads all members or objects.
  //
  // ERRORS: kInvalidArgument: no such metric, or a time outside the years 1 to
  //         9999.
  virtual absl::Status Metrics(
      std::string_view metric, absl::Time at,
      absl::FunctionRef<void(const MetricLine&)> see) = 0;

  // Everything about a member as one JSON object, to hand to them: what they
  // have at `at`, counters, each line of their statement, all events that they
  // acted in, that name them, or that came to something for them, what of those
  // is personal, redemptions, and vouchers, but for their codes: those are told
  // by Vouchers, to who has the key.
  //
  // COST: reads the whole journal, and memory in proportion to the answer.
  //
  // ERRORS: kNotFound, naming the id, if there is no such member.
  virtual absl::StatusOr<std::string> Export(std::string_view member,
                                             absl::Time at) = 0;
  absl::StatusOr<std::string> Export(std::string_view member);

  // Outcomes in commit order, at most `limit` after `seq`: the host keeps its
  // place by remembering the last seq it saw.
  virtual absl::StatusOr<std::vector<Outcome>> Feed(int64_t after_seq,
                                                    int limit) = 0;

  // The end of the journal, and the chain of its entry `seq`. That entry and
  // all before it are those of a head that was kept if the chain is the same,
  // and Verify() finds nothing wrong.
  //
  // ERRORS: kNotFound  there is no such entry.
  virtual absl::StatusOr<JournalHead> Head() = 0;
  virtual absl::StatusOr<std::string> ChainAt(int64_t seq) = 0;

  // Copies this state of the file to a new one, `to`, which is whole without
  // any other file. It gets its name when it is on disk; if it fails, nothing
  // is left of it; one that is killed leaves `to`.partial-XXXXXX. `progress` as
  // for Verify.
  //
  // COST: the size of the file, read and written; a writer's log is not
  // shortened meanwhile.
  //
  // ERRORS: kAlreadyExists       there is `to`, or what SQLite would take for a
  //                              part of it: `to`-wal, `to`-journal.
  //         kFailedPrecondition  in memory there is no file to copy.
  //         kResourceExhausted   the disk is full.
  //         kUnavailable         it cannot be written.
  virtual absl::Status Backup(const std::string& to,
                              absl::FunctionRef<void(double)> progress) = 0;
  absl::Status Backup(const std::string& to) {
    return Backup(to, [](double) {});
  }

  // The program that decides what comes next, as stored in the file.
  virtual absl::StatusOr<Program> CurrentProgram() = 0;

  // What Engine::Switch(program) would come to now; nothing is written.
  //
  // COST: a look at all members.
  virtual absl::StatusOr<SwitchPreview> PreviewSwitch(
      const Program& program) = 0;

  // What Engine::CatchUp(what) would come to now; nothing is written.
  // `progress`, if any, is called now and then with the share done, 0 to 1.
  //
  // COST, ERRORS: as that.
  virtual absl::StatusOr<CatchUpReport> PreviewCatchUp(
      const CatchUp& what, absl::FunctionRef<void(double)> progress) = 0;
  absl::StatusOr<CatchUpReport> PreviewCatchUp(const CatchUp& what) {
    return PreviewCatchUp(what, [](double) {});
  }

  // COST: reads the whole file, and memory in its proportion. `progress`, if
  // any, is called now and then with the share done, 0 to 1.
  virtual absl::StatusOr<VerifyReport> Verify(
      absl::FunctionRef<void(double)> progress) = 0;
  absl::StatusOr<VerifyReport> Verify() {
    return Verify([](double) {});
  }
};

}  // namespace loyalty

#endif  // LOYALTY_QUERIES_H_
