// SPDX-License-Identifier: Apache-2.0
//
// CompiledProgram: a program as events are decided by it. Names are looked up,
// expressions compiled against the attributes of one event type each, so that a
// rule on two types is compiled twice. Made by Compile (compile.h), immutable.
#ifndef LOYALTY_LIB_RULES_COMPILED_H_
#define LOYALTY_LIB_RULES_COMPILED_H_

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ratio.h"
#include "base/span.h"
#include "base/window.h"
#include "loyalty/cel/cel.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "model/spec.h"
#include "model/symbol.h"
#include "rules/during.h"
#include "rules/ladder.h"
#include "rules/leaderboard.h"
#include "rules/metric.h"
#include "rules/rule_index.h"

namespace loyalty::rules {

struct Parameter {
  std::string id = {};
  model::Type type = model::Type::kInt;
  Value value = int64_t{0};
};

// When units that are earned come and go.
struct LotTerms {
  std::optional<base::Span> pending_for = {};
  std::optional<base::Span> expires_after = {};
  base::Period expires_at_end_of = base::Period::kEver;
};

struct Currency {
  std::string id = {};
  std::string describe = {};
  model::Symbol symbol = {};  // the id
  int64_t opening = 0;
  int64_t floor = 0;
  std::optional<int64_t> daily_cap = {};
  std::set<std::string, std::less<>> cap_exempt = {};  // rule ids
  model::Symbol cap_counter = {};                      // "cap:<id>"
  bool spendable = false;
  bool has_lots = false;  // units are spent, pending, or expire
  LotTerms lot_terms = {};
  model::Shortfall shortfall = model::Shortfall::kDebt;
  std::optional<base::Span> grace = {};
  std::optional<int64_t> max_transfer_per_day = {};
  model::Symbol transfer_counter = {};  // "transfer:<id>"
  int64_t max_adjustment = 0;
  bool is_badge = false;  // made for one; nothing else moves its units
};

// "bronze", "silver", "gold", or "".
std::string_view Name(model::BadgeClass of);

// As far as it is the same for every event type.
struct Badge {
  std::string id = {};
  model::Symbol symbol = {};  // the id
  std::string describe = {};
  model::BadgeClass badge_class = model::BadgeClass::kNone;
  int currency = 0;            // index; the holding is how many are held
  model::Symbol counter = {};  // "badge:<id>": an object's, the entry that
                               // gave it for that object, or asked to
  bool per_target = false;
  bool is_counted = false;       // may be held any number of times
  bool is_revoked = false;       // once its condition no longer holds, or
  bool goes_with_event = false;  // with the event that gave it
  model::Passing asked_at = model::Passing::kNo;
  model::Symbol told = {};  // "badge:<id>/told", where time brings it: due.h
  // Whose largest value anniversaries are of, in seconds since 1970; none: of
  // the member's first event.
  model::Symbol anniversary_of = {};
  int streak = -1;  // that it is a length of; place among the program's
  int quest = -1;   // that it says is done, likewise
  // Where leaderboards are of those who hold it, a member's counters, as
  // core/holders.h has them: "held:<id>", "held:<id>/last".
  model::Symbol held = {};
  model::Symbol held_last = {};

  // It was written as a badge: people give and take it, and it is told as one.
  bool is_told() const { return streak < 0 && quest < 0; }
  // At the end of some time, and by no event.
  bool is_asked_at_end() const {
    return asked_at != model::Passing::kNo &&
           asked_at != model::Passing::kAnniversary;
  }
};

struct Streak {
  std::string id = {};
  std::string describe = {};
  int metric = 0;   // place among the program's: its length
  int longest = 0;  // likewise
  // How many windows a freeze covers; within the type of commands.
  std::optional<cel::Expression> freeze_lasts = {};
};

struct QuestStep {
  std::string id = {};
  std::string describe = {};
  int64_t goal = 1;
  // In the quest's window: how much was counted, at whoever it is that does it;
  // of a value, what it was before the member joined.
  model::Symbol counter = {};  // "quest:<id>/<step>"
  bool is_value = false;
};

struct Quest {
  std::string id = {};
  std::string describe = {};
  int badge = 0;  // place among the program's
  bool on_request = false;
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  base::Period period = base::Period::kEver;
  int64_t times = 1;  // 0: any number
  bool in_order = false;
  // In the window of its period: the entry with which the member joined, below
  // 0 the one with which they left; and how often it was done.
  model::Symbol joined_counter = {};  // "quest:<id>"
  model::Symbol done_counter = {};    // "quest_done:<id>"
  // Of one that may be done again: the entry with which the member had joined,
  // from when it was done until they join anew.
  model::Symbol before_counter = {};  // "quest_before:<id>"
  std::vector<QuestStep> steps = {};
  // Who does it: each member, or, together, all who act for an object, or all:
  // core/goals.h says what the counters are then.
  enum class Of { kMember, kObject, kProgram };
  Of of = Of::kMember;
  int64_t min_contribution = 1;
  model::Symbol by_counter = {}, met_counter = {}, left_counter = {};

  bool is_together() const { return of != Of::kMember; }
  bool IsOpenAt(absl::Time time) const { return time >= from && time < until; }
  bool IsDone(int64_t done) const { return times > 0 && done >= times; }
};

// A quest as it stands for one event type, in the program's order. Its
// expressions read the holder's standing and the event's time.
struct AskedQuest {
  int badge = 0;  // place among the type's badges
  std::optional<cel::Expression> when = {};
  std::vector<std::optional<cel::Expression>> values = {};  // by step
};

struct Attribute {
  std::string name = {};
  model::Type type = model::Type::kString;
  bool list = false;
  bool required = false;
  bool personal = false;  // no expression reads it
  std::optional<Value> default_value = {};
};

// What a counter is kept apart by, as one event says it.
struct KeyExpression {
  std::optional<cel::Expression> text = {};
  bool is_int = false;     // and no text
  bool is_member = false;  // nothing but a member's name
};

// What legs of an event type may read or change: a metric, or what limits and
// caps of its awards count in.
struct Counter {
  model::Symbol name = {};
  base::Period per = base::Period::kEver;
  // In seconds, if it is no calendar window: there is a counter for each second
  // in which something was counted.
  int64_t rolling = 0;
  model::LimitSpec::Key key = model::LimitSpec::Key::kMember;
  // Instead of `key`, what an expression says of the event.
  KeyExpression by = {};
};

struct Limit {
  Counter counter = {};
  bool counts_times = false;  // else units
  int64_t most = 0;
  CutReason reason = CutReason::kLimit;  // why it cuts
  // A later limit of the award is of the same group: they share a counter,
  // which an award uses once, for the last of them.
  bool comes_again = false;
};

// As it stands for one event type; in the program's own list without what it
// asks of members.
struct Multiplier {
  int number = 0;  // place among the program's
  std::string id = {};
  std::vector<During> times = {};              // all of them hold
  std::vector<cel::Expression> segments = {};  // any of them; none: all members
  std::optional<cel::Expression> when = {};
  base::Ratio factor = {};
  base::Rounding rounding = base::Rounding::kDown;
};

// Kept at the program, for all members together.
struct Budget {
  Counter counter = {};
  int64_t most = 0;
  CutReason reason = CutReason::kBudget;
};

struct Award {
  bool to_actor = true;
  // A member, or a list of them, unless to_actor.
  std::optional<cel::Expression> to = {};
  int currency = 0;  // index
  std::optional<cel::Expression> units = {};
  std::optional<int64_t> fixed_units = {};  // what `units` says, if always that
  std::optional<cel::Expression> when = {};
  // To ask `units` and `when`, a frame is needed: not so of fixed units.
  bool reads_frame = true;
  std::vector<Limit> limits = {};  // the award's own, then the rule's
  bool is_capped = false;          // the currency's daily cap holds for it
  // Those of its limits and its cap, as places among the type's.
  std::vector<int> counters = {};
  bool self_allowed = false;
  LotTerms lot_terms = {};  // of its currency, or its own
  // What `units` says is times this.
  std::optional<base::Ratio> factor = {};
  base::Rounding rounding = base::Rounding::kDown;
  std::vector<int> multipliers = {};  // places among the type's, in order
  std::vector<Budget> budgets = {};
};

struct ReverseObject {
  std::optional<cel::Expression> object = {};
  std::set<std::string, std::less<>> rules = {};  // empty: all
  std::set<std::string, std::less<>> keep = {};
};

// Which object of an event, where it is not the one in an OBJECT attribute.
inline constexpr int kTheTarget = -1;

// A rule as it stands for one event type.
struct Rule {
  // First what is asked of each, together.
  bool asked_of_object = false;  // it reads object.*: asked in the object's leg
  bool stop = false;
  int object = kTheTarget;         // which one: that, or an attribute's index
  std::vector<During> times = {};  // it fires only while all of them hold
  std::optional<cel::Expression> when = {};
  int number = 0;  // place among the program's rules
  std::string id = {};
  model::Symbol symbol = {};  // the id
  std::vector<Award> awards = {};
  std::optional<ReverseObject> reverse_object = {};
  std::optional<cel::Expression> reverse_event = {};
};

// A badge as it stands for one event type.
struct AskedBadge {
  int badge = 0;  // place among the program's
  int rule = 0;   // among the type's: the one that its awards are of
  // Whenever something changes of what a member is, and not only by events that
  // it is on.
  bool of_everybody = false;
  bool asked_of_object = false;
  int object = kTheTarget;  // which one, as of a rule
  // Only whether it is to be taken back, after something else was.
  bool only_lost = false;
  bool of_quest = false;  // its steps ask for it, and nothing else
  bool to_actor = true;
  std::optional<cel::Expression> to = {};  // a member, unless to_actor
  std::optional<cel::Expression> when = {};
  std::optional<cel::Expression> count = {};  // instead
  std::optional<cel::Expression> keep = {};  // of who holds it, instead of when
  std::vector<During> times = {};            // asked only while all hold
};

// What an earlier event said of an object stands in for an attribute.
struct Recall {
  enum class What { kActor, kTarget, kTime, kEntry, kAttribute };
  int attribute = 0;        // index in the event type: what is told
  model::Symbol said = {};  // the object's counters of events about it
  int of = kTheTarget;      // the object: that, or an attribute's index
  What what = What::kAttribute;
  std::string name = {};  // kAttribute: of the earlier event
  bool first = false;     // of several, the first; else the latest
};

// A metric as events of one type are counted by it.
struct Metric {
  enum class Per { kActor, kTarget, kMembers, kObjects };
  int number = 0;  // place among the program's metrics
  std::string id = {};
  MetricKind kind = MetricKind::kCount;
  bool is_plain = true;   // see MetricTerms
  int counter_place = 0;  // among the type's counters, of a plain one
  Per per = Per::kActor;
  int attribute = kTheTarget;  // kMembers, kObjects: index in the event type
  std::optional<cel::Expression> when = {};
  std::optional<cel::Expression> amount =
      {};                    // what it sums, or the largest of
  int team = kTheTarget;     // kGoal, of an object: which one; index, likewise
  KeyExpression value = {};  // what it tells apart
  KeyExpression by = {};

  bool is_per_object() const {
    return per == Per::kTarget || per == Per::kObjects;
  }
};

// A metric that is not plain, as expressions of one type read it.
struct MetricRead {
  int number = 0;  // place among the program's metrics
  KeyExpression by = {};
  std::optional<cel::Expression> before = {};  // kAmong
};

// All that expressions may read, numbered the same way for every event type;
// attributes come last. What is known when a program is compiled, its
// parameters and the type, is not among it.
struct Slots {
  enum Fixed { kId, kType, kTime, kActor, kTarget, kChannel, kFirstStanding };
  // The holder's is the member's whose badges are asked: apart, so that other
  // legs of the type need not have it.
  enum class Whose { kActorStanding, kMemberStanding, kHolderStanding };

  int currencies = 0, ladders = 0, metrics = 0, segments = 0;

  int Since(Whose w) const { return Base(w); }
  int Referrer(Whose w) const { return Base(w) + 1; }
  int Balance(Whose w, int currency) const { return Base(w) + 2 + currency; }
  int Earned(Whose w, int currency) const {
    return Base(w) + 2 + currencies + currency;
  }
  int Level(Whose w, int ladder) const {
    return Base(w) + 2 + 2 * currencies + ladder;
  }
  int Metric(Whose w, int metric) const {
    return Base(w) + 2 + 2 * currencies + ladders + metric;
  }
  int Segment(Whose w, int segment) const {
    return Metric(w, metrics) + segment;
  }
  int ObjectMetric(int metric) const {
    return kFirstStanding + 3 * BlockSize() + metric;
  }
  int Attribute(int i) const { return ObjectMetric(metrics) + i; }

  int BlockSize() const {
    return 2 + 2 * currencies + ladders + metrics + segments;
  }
  int Base(Whose w) const {
    return kFirstStanding + static_cast<int>(w) * BlockSize();
  }
};

struct AttributeRead {
  int slot = 0;
  int attribute = 0;  // index in the event type
};

// A segment that expressions ask for, of the actor or of the member.
struct SegmentRead {
  int slot = 0;
  cel::Expression when;
};

// The slots of an event type's frames by whose they are, in order.
struct Reads {
  std::vector<int> event = {};                 // attributes too
  std::vector<AttributeRead> attributes = {};  // in the order of their names
  std::vector<int> actor = {};
  std::vector<int> member = {};
  std::vector<int> holder = {};
  std::vector<int> object = {};
};

struct EventType {
  std::string id = {};
  bool happens = false;  // to a member, in the midst of an event: happening.h
  std::vector<Attribute> attributes = {};  // in the program's order
  std::vector<Recall> recalls = {};        // likewise
  std::vector<Rule> rules = {};            // likewise
  std::vector<Metric> metrics = {};
  std::vector<Multiplier> multipliers = {};  // in the order in which awards
                                             // met them
  std::vector<SegmentRead> actor_segments = {}, member_segments = {};
  std::vector<SegmentRead> holder_segments = {};
  std::vector<AskedBadge> badges = {};  // in the program's order
  std::vector<AskedQuest> quests = {};  // all of them, if any
  bool badges_of_everybody = false;     // any of them
  // Those are asked though nothing changed: they read how time passes.
  bool badges_read_time = false;
  RuleIndex index = {};  // of `rules`
  Reads reads = {};
  // Which metrics (places among the program's) expressions read, by whom.
  std::vector<int> actor_metrics, member_metrics, object_metrics = {};
  std::vector<int> holder_metrics = {};
  std::vector<MetricRead> metric_reads = {};  // of those, what is not plain
  bool only_plain = true;  // all metrics that it reads, or is counted by
  // All that its legs may read or change, each once, in the order of their
  // names, but for metrics that are not plain; and the places of those metrics
  // among them.
  std::vector<Counter> counters = {};
  std::vector<int> actor_counters, member_counters, object_counters = {};
  std::vector<int> holder_counters = {};
  bool object_leg = false;  // the target has something to count, or is asked
  std::vector<int> object_attributes = {};  // likewise, as indices, in order
  // The periods that limits and caps of its awards count in, each once.
  std::vector<base::Period> periods = {};
  std::vector<int> members = {};  // MEMBER attributes, as indices
  int referrer = -1;  // the one that says who referred the actor; -1: none
  // Those that say which group the actor is in, and of which grouping: places
  // among its attributes, and among the program's.
  std::vector<std::pair<int, int>> groups = {};
  // The names of those, and of attributes that are personal.
  std::vector<std::string> member_attributes = {};
  std::vector<std::string> personal_attributes = {};
  // What each slot of a frame holds, as Slots numbers it: those that some
  // expression reads, in the order in which they were met.
  std::vector<int> slots = {};

  // Whether what its rules are asked reads anything but the event itself.
  bool ReadsStandings() const {
    return !reads.actor.empty() || !reads.member.empty() ||
           !reads.object.empty() || !actor_segments.empty() ||
           !member_segments.empty();
  }
};

struct Cost {
  int currency = 0;  // index
  int64_t units = 0;
};

struct RewardLimit {
  base::Period per = base::Period::kEver;
  int64_t most = 0;
  model::Symbol counter = {};
};

// The codes that prove redemptions of a reward.
struct VoucherTerms {
  std::optional<base::Span> valid_for = {};
  bool imported = false;  // else they are ours
  // At the program, of imported ones: how many there were, and how many of them
  // were given out; with a number for key, the entry that brought that one.
  model::Symbol imported_counter = {};  // "imported:<id>"
  model::Symbol given_counter = {};     // "given:<id>"
  model::Symbol pool_counter = {};      // "pool:<id>"
};

struct Reward {
  std::string id = {};
  model::Symbol symbol = {};  // the id
  std::string describe = {};
  std::vector<Cost> costs = {};
  std::optional<cel::Expression> when = {};  // within the type loyalty.redeem
  bool cancel_after_fulfil = false;
  bool only_for_some = false;        // for others it is not there at all
  int64_t stock = 0;                 // 0: any number
  model::Symbol stock_counter = {};  // "stock:<id>", at the program
  std::vector<RewardLimit> limits = {};
  std::optional<absl::Time> from = {};
  std::optional<absl::Time> until = {};
  std::optional<base::Span> hold_for = {};
  std::optional<VoucherTerms> voucher = {};
};

struct CompiledProgram {
  std::string name = {};
  std::string version = {};
  std::string identity = {};   // set by who made it from text
  std::string canonical = {};  // likewise
  absl::TimeZone time_zone = absl::UTCTimeZone();
  absl::Duration max_ahead = absl::Hours(24);
  std::set<std::string, std::less<>> never_earns = {};
  bool enrolment_required = false;
  bool has_recalls = false;     // some type has
  bool has_happenings = false;  // that rules are on
  bool has_referrals = false;   // some event type says who referred the actor
  std::vector<Parameter> parameters = {};
  std::vector<Currency> currencies = {};
  bool has_lots = false;  // any of them
  std::vector<Reward> rewards = {};
  bool has_vouchers = false;  // any of them
  absl::flat_hash_map<std::string, int> reward_index;
  std::vector<MetricTerms> metrics = {};
  std::vector<Ladder> ladders = {};
  bool has_tiers = false;                  // any of them has
  bool keeps_levels = false;               // likewise, one that keeps, or is
                                           // a league's
  std::vector<std::string> segments = {};  // ids, in order
  std::vector<During> campaigns = {};
  std::vector<Multiplier> multipliers = {};
  model::Stacking stacking = model::Stacking::kCompound;
  std::vector<std::string> rule_ids = {};  // in order
  absl::flat_hash_map<std::string, int> rule_numbers;
  std::vector<std::string> rule_texts = {};  // describe
  // By rule, by award. Those with a key of their own read it from an event of
  // one type: a rule on several types has others in each type.
  std::vector<std::vector<std::vector<Limit>>> limits = {};
  std::vector<std::vector<std::vector<Budget>>> budgets = {};
  std::vector<Badge> badges = {};
  bool badges_pass = false;  // some are asked as time passes
  std::vector<Leaderboard> leaderboards = {};
  bool has_cohorts = false;  // any is a league, keeps groups apart, or is of
                             // those who hold a badge
  std::vector<Grouping> groupings = {};  // by which they do
  // By currency, and by metric, which leaderboards count it, and of a currency
  // which metrics; none where nothing counts any.
  std::vector<std::vector<BoardFeed>> earned_feeds = {};
  std::vector<std::vector<BoardFeed>> metric_feeds = {};
  std::vector<Streak> streaks = {};
  std::vector<Quest> quests = {};
  // By what counts for them, those that many do together.
  std::map<model::Symbol, int> goals = {};
  std::vector<EventType> event_types = {};
  // What expressions read, and badges are asked, of reserved types without one
  // of their own: if there are badges, streaks or quests.
  std::optional<EventType> command_type = {};
  absl::flat_hash_map<std::string, int> event_type_index;
  Slots slots;

  // nullptr if the program does not declare it.
  const EventType* FindEventType(const std::string& id) const;
  // The same or, for a reserved type, `command_type`.
  const EventType* TypeOf(const std::string& id) const;
  // -1 likewise, and of a badge's.
  int CurrencyIndex(std::string_view id) const;
  // nullptr likewise.
  const Currency* FindCurrency(model::Symbol symbol) const;
  int RuleNumber(std::string_view id) const;
  // nullptr likewise.
  const Leaderboard* FindLeaderboard(std::string_view id) const;
  // The one whose members a counter of that name compares in cohorts or groups,
  // or where they hold a badge; nullptr if it is no such one's.
  const Leaderboard* FindDivided(model::Symbol counter) const;
  // nullptr likewise.
  const Badge* FindBadge(std::string_view id) const;
  const Ladder* FindLadder(std::string_view id) const;
  // nullptr likewise.
  const Streak* FindStreak(std::string_view id) const;
  const Quest* FindQuest(std::string_view id) const;
  const Reward* FindReward(const std::string& id) const;
  // The rule of that name as it stands for `type`; nullptr likewise, or if it
  // is on other types.
  static const Rule* FindRule(const EventType& type, int number);
};

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_COMPILED_H_
