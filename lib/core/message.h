// SPDX-License-Identifier: Apache-2.0
//
// Message and Decision: what goes into Apply and what comes out.
//
// An event enters at its actor (without one, at its target's object). What it
// means for another entity leaves as a message and is a further leg, so that
// Apply sees one entity at a time (I6).
#ifndef LOYALTY_LIB_CORE_MESSAGE_H_
#define LOYALTY_LIB_CORE_MESSAGE_H_

#include <absl/container/inlined_vector.h>
#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/caught_up.h"
#include "core/counted.h"
#include "ledger/terms.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"
#include "rules/compiled.h"

namespace loyalty::core {

// The note of a rule that fired and stops.
inline constexpr char kStopped[] = "it fired, and no later rule is asked";

// Which group of a grouping (its place among the program's) an event says that
// its actor is in, by number; 0: in none.
struct InGroup {
  int grouping = 0;
  int64_t number = 0;
};

// The event enters: its actor is named, its rules are asked.
struct Enter {
  absl::InlinedVector<InGroup, 1> groups = {};
};

// The event reaches an object: it is counted there, and rules that read metrics
// of it are asked.
struct ReachObject {
  // Which object it is: the target's, or that of an attribute.
  int attribute = rules::kTheTarget;
  // The place among the type's of the rule that stopped the asking, if one did:
  // what comes behind it is not asked here either.
  std::optional<int> stopped_by = {};
};

// The event reaches a member. `named`: a MEMBER attribute names them, which
// makes them exist and counts. `asks`: awards that fired rules address to them,
// as indices into the event type's rules and the rule's awards.
struct ReachMember {
  struct Ask {
    int rule = 0;
    int award = 0;

    friend bool operator==(const Ask&, const Ask&) = default;
  };
  bool named = false;
  absl::InlinedVector<Ask, 4> asks = {};

  // A list may name a member twice, who is asked for the award in a row then.
  void AskOnce(const Ask& ask) {
    if (asks.empty() || asks.back() != ask) asks.push_back(ask);
  }
};

// An award that budgets hold for, on its way.
struct AskedAward {
  std::string member = {};
  int rule = 0;  // as in ReachMember::Ask
  int award = 0;
  int64_t base = 0;     // what the formula said
  int64_t asked = 0;    // what multipliers made of it
  int64_t limited = 0;  // what limits left of it; they have counted that
  int64_t granted = 0;  // and budgets of that
  CutReason cut = CutReason::kNone;
};

// The program is asked for units of its budgets.
struct AskBudgets {
  std::vector<AskedAward> awards = {};
};

// And has answered.
struct Granted {
  std::vector<AskedAward> awards = {};
};

// A budget, and what it counts in.
struct BudgetUse {
  const rules::Budget* budget = nullptr;
  model::CounterKey counter = {};
};

// What is taken back of counters, or added to them. There may be thousands.
using Uses = std::map<model::CounterKey, int64_t>;

// A limit, and what it counts in.
struct LimitUse {
  const rules::Limit* limit = nullptr;
  model::CounterKey counter = {};
};

inline constexpr int kReviewedLeg = std::numeric_limits<int>::max();

// Where limits were asked for an award among those of its entry: by legs, and
// in the program's order within one. Its place in the journal says when it was
// posted, which for one that budgets grant is later.
struct LimitOrder {
  int leg = 0;  // kReviewedLeg: of reviews, where `rule` is its place in the
                // journal, or that of the badge it came with
  int rule = 0;
  int award = 0;

  friend auto operator<=>(const LimitOrder&, const LimitOrder&) = default;
};

// What one award asks of limits and budgets.
struct AwardLimits {
  std::vector<LimitUse> limits = {};
  std::vector<BudgetUse> budgets = {};
  LimitOrder order = {};
  // Of one that a catch-up brought: what it uses, however little they had left,
  // by the entry that it was for.
  std::map<int64_t, Uses> brought = {};
};

// `part` of `whole`.
struct Share {
  int64_t part = 0;
  int64_t whole = 1;
};

// What is asked of an award, and what limits leave of that, once a part of it
// is reversed.
struct Part {
  model::Position of = {};
  int64_t asked = 0;
  int64_t limited = 0;
};

// What budgets have said of awards that limits gave something back to, or took
// it from, as others are undone.
struct BudgetsSaid {
  struct Cut {
    int64_t most = 0;  // of the award
    int64_t less = 0;  // than limits would leave
    CutReason reason = CutReason::kBudget;
  };
  std::map<model::Position, int64_t> told = {};  // what they count of each
  std::map<model::Position, Cut> cut = {};
};

// Earlier awards to this member are undone, and so is what an event counted at
// this entity.
struct Undo {
  std::vector<model::Movement> awards =
      {};  // in journal order, none reversed before
  // What the event, entry `seq`, added to metrics, and told apart for them.
  Uses counted = {};
  std::vector<Counted> tallied = {};
  // Likewise, at members who have become this one since, as far as it did.
  Uses counted_before = {};
  std::vector<Counted> tallied_before = {};
  int64_t seq = 0;
  Uses uses = {};  // what the awards added to limits, as recorded
  // The entry for which a catch-up had used these, if it did; 0 if none.
  int64_t brought_for = 0;
  // Of a program with tiers: when the awards were earned.
  std::map<model::Position, absl::Time> times = {};
  // If not all of the awards goes: how much of each stays, and whether limits
  // or budgets count any.
  std::optional<Share> keep = {};
  bool is_limited = false;
  // If budgets had to be asked: it was begun in an earlier leg.
  std::optional<BudgetsSaid> said = {};
};

// At the program: limits give units back to a member's earlier awards, whose
// budgets are asked before `undo` goes on there.
struct AskAgain {
  struct Award {
    model::Position at = {};
    model::Symbol rule = {};
    int64_t more = 0;  // below 0: given back
    std::vector<BudgetUse> budgets = {};
  };
  std::vector<Award> awards = {};  // in their order
  model::Entity member = {};
  Undo undo = {};
};

// A badge that a member has won as time passed.
struct WonInTime {
  model::Symbol badge = {};
  absl::Time time = {};
};

// The event is a command, at the member who gives it (its actor). `of`: the
// movements of the redemption or hold that it is about, if it names one.
struct Command {
  std::vector<model::Movement> of = {};
  // Of that redemption or hold, as all that follows: its id, and what it asked.
  std::string redemption = {};
  std::string reward = {};
  int64_t quantity = 0;
  absl::Time time = {};
  // The reward as the program that decided it had it, which says what it counts
  // in; nullptr if there is none.
  const rules::Reward* terms = nullptr;
  std::string hashes = {};  // of codes that may prove it (vouchers.h)
  // Of a code that is used: which of its codes that is, and when it was given.
  int64_t code = 1;
  absl::Time given = {};
  // Of a badge that is to be given or taken back by hand: those of its grants
  // that stand.
  std::vector<model::Movement> grants = {};
};

// At the program: so many of a reward are taken, or given back. With `until`
// they are free again by themselves, as the hold `hold` is; what ends the hold
// names it.
//
// What is taken for good of a reward that gives vouchers is given one each.
struct TakeStock {
  std::string reward = {};
  int64_t quantity = 0;  // below 0: given back
  std::optional<model::Position> hold = {};
  std::optional<absl::Time> until = {};
  // As in Command: of the redemption that it is about.
  const rules::Reward* terms = nullptr;
  std::string redemption = {};
  std::string hashes = {};
};

// Units that another member sent arrive.
struct Receive {
  std::string currency = {};
  std::vector<model::Lot> parts = {};
};

// A member's badges are asked, or those that an object may win for its owner,
// once all else of the event is done. Numbers are places among the badges of
// the event's type.
struct Review {
  using Places = absl::InlinedVector<int, 4>;

  bool everybodys = false;  // those that are asked of everybody
  bool undone = false;  // and those that may be lost as something was undone
  bool counts = false;  // the event counts for the member's quests
  bool is_due = false;  // only `asked`, as time has passed (due.h)
  Places asked = {};    // these besides
  // At a member: an object won them for the member. At an object: it has won
  // them by hand.
  Places won = {};
  Places held = {};  // at the target: another object says that it wins them
  // At a member: which object won those. At it: the member could not have them.
  std::string from = {};
  Places refused = {};
};

// The member loses the badge, number `badge` of the program, that `grant` gave.
struct LoseBadge {
  int badge = 0;
  model::Movement grant = {};
  // If it is a quest's, of the event that gave it, or for which it was brought:
  absl::Time time = {};
  int64_t by = 0;  // its entry
};

// At a member: since `time` they hold the badge, number `badge` of the program,
// or hold it no more. See holders.h.
struct HoldingChanged {
  int badge = 0;
  bool holds = false;
  absl::Time time = {};
  // What leaderboards have of them begins no later; unless that is not looked
  // up yet.
  std::optional<int64_t> until = {};
};

// At what many work for together, a team's object or the program (goals.h): the
// event counts there.
struct ActForGoal {};

// At a member: what they did something for has been met so often.
struct ShareGoal {
  int quest = 0;  // place among the program's
  int64_t window = 0;
  model::Entity of = {};
  int64_t met = 0;
  // Of two who are one: one of them had so many shares, which stay.
  int64_t kept = 0;
};

// At the program: the code of that number in the pool proves the redemption, as
// its `code`-th.
struct GiveCode {
  model::Symbol pool = {};  // its counter
  int64_t number = 0;
  std::string redemption = {};
  int64_t code = 1;
};

// At the program: the event's code joins the pool of its reward.
struct AddCode {};

// At the program: somebody presents the event's code, by our own clock at `at`.
struct PresentCode {
  absl::Time at = {};
};

// All that a member had who is found to be this one, as it was when they went.
struct Absorb {
  std::shared_ptr<const model::EntityState> other = {};
  // The movements that took it from them.
  std::map<model::Symbol, model::Position> left = {};
};

// At the program: a member of that division has something that counts in a
// season of a league (its place among the program's leaderboards), and joins a
// cohort.
struct AskCohort {
  int board = 0;
  int64_t season = 0;
  int division = 0;
  std::string member = {};
};

// And the answer, at the member: what their counter of it becomes.
struct JoinCohort {
  int board = 0;
  int64_t season = 0;
  int64_t cohort = 0;
};

// At the program: this entry is the first to name that group of a grouping (its
// place among the program's), which is given a number.
struct NumberGroup {
  int grouping = 0;
  std::string name = {};
};

// At the program: that season of a leaderboard (its place among the program's)
// has ended.
struct SeasonOver {
  int board = 0;
  int64_t season = 0;
};

// At a member: that rank, of so many, was theirs in a season that has ended.
struct Won {
  int board = 0;
  int64_t season = 0;
  int64_t rank = 0;
  int64_t members = 0;
};

// The entity is brought what its past would have come to.
struct CatchUp {
  std::shared_ptr<const CaughtUp> what = {};
  bool takes_back = false;  // it had been brought before: counters lose it
};

// A large thing that few messages have, out of the way of the others.
template <typename T>
class Apart {
 public:
  Apart(T what)  // NOLINT: converts
      : what_(std::make_shared<const T>(std::move(what))) {}
  operator const T&() const { return *what_; }  // NOLINT: likewise

 private:
  std::shared_ptr<const T> what_;
};

struct Message {
  model::Entity entity = {};
  std::variant<Enter, ReachObject, ReachMember, Apart<Undo>, AskBudgets,
               Granted, Apart<Command>, Apart<TakeStock>, Receive, Review,
               Apart<LoseBadge>, GiveCode, AddCode, PresentCode, Absorb,
               AskCohort, JoinCohort, NumberGroup, SeasonOver, Won, CatchUp,
               ActForGoal, ShareGoal, Apart<AskAgain>, HoldingChanged>
      what = {};
  // Standings at the event's start, carried along for conditions.
  std::shared_ptr<const model::EntityState> actor = {};
  std::shared_ptr<const model::EntityState> object = {};

  // Of what lies apart: it, or null if this is another message.
  template <typename T>
  const T* If() const {
    const auto* const found = std::get_if<Apart<T>>(&what);
    return found == nullptr ? nullptr : &static_cast<const T&>(*found);
  }
};

// A redemption that is held, or was: whether it still is, the member's lots
// say.
struct HeldReward {
  model::Position at = {};  // its first hold
  std::string reward = {};
  int64_t quantity = 0;
  absl::Time time = {};
};

// An entry that brought a code.
struct BroughtCode {
  int64_t seq = 0;
  std::string code = {};  // its hash
};

// What of an entity Apply looks at.
struct State {
  model::EntityState entity = {};
  // Whether there is anything of what follows, but for `found`.
  bool has_past = false;
  // For Undo and Command: by currency, all movements from where they have to be
  // re-added on (ledger/recompute.h, ledger/replay.h).
  std::map<std::string, std::vector<model::GivenAward>> history = {};
  // By currency of those histories, what its floor and cap were in time; none
  // where they were always as they are.
  std::map<std::string, ledger::TermsInTime> terms = {};
  // Where limits are asked again (core/relimit.h): then the histories are
  // whole, and of all currencies; and by award, its limits.
  bool relimits = false;
  std::map<model::Position, AwardLimits> limits = {};
  // For Undo, instead of histories: no other award hangs on those that go.
  bool goes_alone = false;
  // And by entry, who won a badge, and which: where that is in the entry.
  std::map<std::tuple<int64_t, std::string, model::Symbol>, std::vector<int>>
      grants = {};
  // For a redemption of what has limits: of each hold that the lots have.
  std::vector<HeldReward> held = {};
  // For Undo where leaderboards count by season: when the events were whose
  // awards the histories have, by entry.
  std::map<int64_t, absl::Time> times = {};
  // For GiveCode: the code of that number.
  BroughtCode brought = {};
  // For a Review, if there are quests: the entity as the event found it.
  std::optional<model::EntityState> found = {};
  // Those of the member, and of whoever is a key of those limits, in order.
  std::vector<model::Alias> aliases = {};
};

// A rule wants something undone that only the store can enumerate.
struct UndoObject {
  std::string rule = {};
  std::string object = {};
  std::set<std::string, std::less<>> rules = {};  // empty: all
  std::set<std::string, std::less<>> keep = {};
};
struct UndoEvent {
  std::string rule = {};
  std::string event_id = {};
};

// A badge is to be taken back that only the store can find: the last one that
// the member holds, or that entry `seq` gave for the object.
struct LostBadge {
  int badge = 0;  // number
  std::string member = {};
  std::optional<std::string> object = {};
  int64_t seq = 0;  // if the member is not known
  bool keeps_awards = false;
  std::optional<int64_t> window = {};  // of a quest's period: won in that one
};

// How often a goal was met has changed, or what somebody did for one that was.
struct GoalMoved {
  model::Entity of = {};
  int quest = 0;  // place among the program's
  int64_t window = 0;
  bool of_all = false;  // who took part, and not only these members
  int64_t kept = 0;     // as in ShareGoal
  std::vector<std::string> members = {};
};

// All that Apply concluded about the messages of one event, so far.
struct Decision {
  // Of the last message.
  model::EntityState after = {};  // of counters, those that changed
  bool changed = false;  // whether `after` differs from the state given

  // Of all of them, one after another.
  std::vector<model::Movement> movements =
      {};  // Position unset, balance running
  std::vector<Effect> effects = {};
  std::vector<RuleNote> notes = {};
  std::vector<Message> messages = {};  // further legs, in order
  std::vector<std::variant<UndoObject, UndoEvent>> undo = {};
  std::vector<Message> reviews = {};      // likewise, once all else is done
  std::vector<Message> asked_again = {};  // once all else is undone
  std::vector<LostBadge> lost = {};
  std::vector<GoalMoved> goals = {};  // whose shares are to be looked at then
  int rules_asked = 0;  // whose conditions were evaluated, or are none

  // The answer is no: of all the rest nothing counts.
  RejectReason rejected = RejectReason::kNone;
  std::string reason = {};  // a sentence
  // But what the last leg counted stays: wrong codes are.
  bool counted_all_the_same = false;

  // Of PresentCode: the entry that gave the code, a redemption or the capture
  // of one, and which of the redemption's codes it is.
  int64_t presented = 0;
  int64_t presented_code = 1;

  // Of no message; memory is kept.
  void Clear();
};

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_MESSAGE_H_
