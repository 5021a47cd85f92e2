// SPDX-License-Identifier: Apache-2.0
//
// ProgramSpec: a program as it was written, before anything is looked up or
// compiled. Texts that a diagnostic may have to point at know their place.
// wire/program_reader.h makes one from text; rules/compile.h makes the form
// that events are decided by.
#ifndef LOYALTY_LIB_MODEL_SPEC_H_
#define LOYALTY_LIB_MODEL_SPEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ratio.h"
#include "base/window.h"

namespace loyalty::model {

// Where something is written: line and column from 1, in code points; 0 is
// nowhere (a default that was not written).
struct Place {
  int line = 0;
  int column = 0;
};

// From byte `offset` of a text on, its characters stand at `at` and behind it,
// one a column: until the next jump. Escapes, and texts written in several
// pieces, make them.
struct Jump {
  size_t offset = 0;
  Place at;
};

// A text and where it begins. For a quoted string that is its opening quote.
struct Text {
  std::string text;
  Place at = {};
  std::vector<Jump> jumps = {};  // by offset; none where nothing was written

  bool empty() const { return text.empty(); }

  // Where the byte at `offset` is written.
  Place PlaceOf(size_t offset) const;
};

enum class Type {
  kUnspecified,
  kInt,
  kDouble,
  kString,
  kBool,
  kTime,
  kDuration,
  kMember,
  kObject,
  kMap
};

struct ParameterSpec {
  Text id = {};
  Type type = Type::kInt;
  Text default_value = {};
};

struct DailyCapSpec {
  int64_t units = 0;
  Place at = {};
  std::vector<Text> exempt = {};
};

// When units of an award come and go.
struct LotTermsSpec {
  Text pending_for = {};
  Text expires_after = {};
  base::Period expires_at_end_of = base::Period::kEver;

  bool empty() const {
    return pending_for.empty() && expires_after.empty() &&
           expires_at_end_of == base::Period::kEver;
  }
};

enum class Shortfall { kDebt, kClamp, kReject };

struct CurrencySpec {
  Text id = {};
  Text describe = {};
  int64_t opening = 0;
  Place opening_at = {};
  int64_t floor = 0;
  Place floor_at = {};
  std::optional<DailyCapSpec> daily_cap = {};
  bool spendable = false;
  LotTermsSpec lot_terms = {};
  Shortfall shortfall = Shortfall::kDebt;
  Place shortfall_at = {};
  Text grace = {};
  int64_t max_transfer_per_day = 0;
  Place max_transfer_at = {};
  int64_t max_adjustment = 0;
  Place max_adjustment_at = {};
};

struct RecallSpec {
  Place at = {};
  Text event = {};
  Text value = {};
  Text about = {};
  Text of = {};
  bool first = false;
};

struct AttributeSpec {
  Text name = {};
  Type type = Type::kUnspecified;
  bool list = false;
  bool required = false;
  bool personal = false;
  bool refers = false;
  std::optional<Text> default_value = {};
  std::optional<RecallSpec> recall = {};
};

struct EventTypeSpec {
  Text id = {};
  std::vector<AttributeSpec> attributes = {};
};

struct MetricSpec {
  Text id = {};
  std::vector<Text> on = {};
  Text per = {};
  Text sum = {};
  Text when = {};
  Text max = {};
  Text distinct = {};
  bool days = false;
  Place days_at = {};
  Text by = {};
  base::Period period = base::Period::kEver;
  Place period_at = {};
  Text within = {};
  Text earned = {};
  Text among = {};
  int64_t at_least = 0;
  Place at_least_at = {};
  Text before = {};
  // Made of a streak, of a quest's step or of a recall, and written nowhere.
  enum class Made { kNo, kStreak, kLongest, kReached, kStep, kGoal, kSaid };
  Made made = Made::kNo;
  std::string made_of = {};  // for people: "streak \"daily\""
  int of = 0;                // place among the program's streaks or quests
  int64_t length = 0;        // kReached: how long
  bool again = false;        // kReached: whenever it is so much longer
};

struct LimitSpec {
  enum class Key { kMember, kPair, kObject, kChannel };
  Place at = {};
  base::Period per = base::Period::kEver;
  // Exactly one of times, units and cooldown in a valid program.
  std::optional<int64_t> times = {};
  std::optional<int64_t> units = {};
  Key key = Key::kMember;
  Text group = {};
  bool rolling = false;
  Text within = {};
  Text cooldown = {};
  Text by = {};
};

// What a rule or a multiplier says of its time.
struct DuringSpec {
  Place at = {};
  Text from = {};
  Text until = {};
  uint8_t weekdays = 0;  // a bit for each, Monday the lowest
  std::vector<Text> hours = {};
};

struct SegmentSpec {
  Text id = {};
  Text when = {};
};

struct CampaignSpec {
  Text id = {};
  Text announce_from = {};
  Text from = {};
  Text until = {};
};

struct MultiplierSpec {
  Text id = {};
  Text campaign = {};
  std::optional<DuringSpec> during = {};
  std::vector<Text> segments = {};
  std::vector<Text> currencies = {};
  std::vector<Text> rules = {};
  std::vector<Text> on = {};
  Text when = {};
  Text factor = {};
  base::Rounding rounding = base::Rounding::kDown;
};

enum class Stacking { kCompound, kAdditive, kHighest };

struct BudgetSpec {
  Place at = {};
  base::Period per = base::Period::kEver;
  int64_t units = 0;
  Text currency = {};
};

struct AwardSpec {
  Place at = {};
  Text to = {};
  Text currency = {};
  Text units = {};
  Text when = {};
  std::vector<LimitSpec> limits = {};
  bool self_allowed = false;
  LotTermsSpec lot_terms = {};
  Text factor = {};
  base::Rounding rounding = base::Rounding::kDown;
  std::optional<bool> multiply = {};  // default: if `units` is no fixed number
};

struct ReverseObjectSpec {
  Place at = {};
  Text object = {};
  std::vector<Text> rules = {};
  std::vector<Text> keep = {};
};

struct ReverseEventSpec {
  Place at = {};
  Text event = {};
};

struct RuleSpec {
  Text id = {};
  Text describe = {};
  std::vector<Text> on = {};
  Text when = {};
  std::vector<AwardSpec> awards = {};
  std::vector<LimitSpec> limits = {};
  std::optional<ReverseObjectSpec> reverse_object = {};
  std::optional<ReverseEventSpec> reverse_event = {};
  Text campaign = {};
  std::optional<DuringSpec> during = {};
  bool stop = false;
  std::vector<BudgetSpec> budgets = {};
};

enum class BadgeClass { kNone, kBronze, kSilver, kGold };

// When a badge is asked as time passes.
enum class Passing {
  kNo,
  kEndOfDay,
  kEndOfWeek,
  kEndOfMonth,
  kEndOfYear,
  kAnniversary
};

struct BadgeSpec {
  Text id = {};
  // Whatever it has in common with a rule, whose id is "badge:" and its own.
  RuleSpec rule = {};
  BadgeClass badge_class = BadgeClass::kNone;
  Text to = {};
  Text per = {};
  Text count = {};
  bool revoke = false;
  Place revoke_at = {};
  bool manual = false;
  Text keep = {};
  Passing asked_at = Passing::kNo;
  Place asked_at_at = {};
  Text anniversary_of = {};
  std::string made_of = {};  // as a metric's
};

struct ReachSpec {
  Place at_place = {};
  int64_t at = 0;
  int64_t every = 0;
  Text describe = {};
  std::vector<AwardSpec> awards = {};
  bool revoke = false;
  Place revoke_at = {};
};

struct StreakSpec {
  Text id = {};
  Text describe = {};
  std::vector<Text> on = {};
  Text when = {};
  Text per = {};
  base::Period every = base::Period::kEver;  // not said: days
  Place every_at = {};
  uint8_t weekdays = 0;  // a bit for each, Monday the lowest; 0: all
  Place weekdays_at = {};
  Place freeze_at = {};
  int64_t freeze_every = 0;
  int64_t freeze_max = 0;
  Text freeze_lasts = {};
  std::vector<ReachSpec> reaches = {};
};

struct StepSpec {
  Text id = {};
  Text describe = {};
  std::vector<Text> on = {};
  Text when = {};
  Text per = {};
  Text sum = {};
  Text value = {};
  int64_t goal = 0;
  Place goal_at = {};
};

struct QuestSpec {
  Text id = {};
  Text describe = {};
  bool on_request = false;
  Text when = {};
  Text from = {};
  Text until = {};
  base::Period period = base::Period::kEver;
  int64_t times = 1;  // 0: any number
  Place times_at = {};
  std::vector<StepSpec> steps = {};
  bool in_order = false;
  std::vector<AwardSpec> awards = {};
  bool revoke = false;
  Text together = {};
  std::optional<int64_t> min_contribution = {};
  Place min_contribution_at = {};
};

struct AlsoSpec {
  Place at = {};
  Text currency = {};
  Text metric = {};
  int64_t units = 0;
};

struct LevelSpec {
  Text id = {};
  Text describe = {};
  int64_t at = 0;
  Place at_place = {};
  std::vector<Text> privileges = {};
  Text badge = {};
  bool by_hand = false;
  Place by_hand_at = {};
  std::vector<AlsoSpec> also = {};
};

struct CurveSpec {
  enum class Kind { kFlat, kLinear, kRelative };
  Place at = {};
  Kind kind = Kind::kFlat;
  int64_t levels = 0;
  int64_t base = 0;
  int64_t step = 0;
  Text coefficient = {};
  int64_t first = 1;
};

// What a review takes.
enum class TierDown { kToQualified, kOne, kNever };

struct TiersSpec {
  Place at = {};
  base::Period period = base::Period::kEver;
  bool anniversary = false;
  Text within = {};
  TierDown down = TierDown::kToQualified;
  bool loss_at_once = false;
  Text low_water = {};
  Text grace = {};
  Text settle = {};
  Text valid_for = {};
  bool this_period_only = false;
};

struct LadderSpec {
  Text id = {};
  Text describe = {};
  Text currency = {};
  std::vector<LevelSpec> levels = {};
  Text metric = {};
  std::optional<CurveSpec> curve = {};
  bool keeps = false;
  Place keeps_at = {};
  std::optional<TiersSpec> tiers = {};
  Text league = {};
};

struct CostSpec {
  Place at = {};
  Text currency = {};
  std::optional<int64_t> units = {};
};

struct RewardLimitSpec {
  Place at = {};
  base::Period per = base::Period::kEver;
  int64_t times = 0;
};

struct VoucherSpec {
  Place at = {};
  Text valid_for = {};
  bool imported = false;
};

struct RewardSpec {
  Text id = {};
  Text describe = {};
  std::vector<CostSpec> costs = {};
  Text when = {};
  int64_t stock = 0;
  Place stock_at = {};
  std::vector<RewardLimitSpec> limits = {};
  Text from = {};
  Text until = {};
  Text hold_for = {};
  bool only_for_some = false;
  Place only_for_some_at = {};
  bool cancel_after_fulfil = false;
  std::optional<VoucherSpec> voucher = {};
};

// Exactly one of the two in a valid program.
struct ScoreSpec {
  Place at = {};
  Text currency = {};
  Text metric = {};
  bool lowest_first = false;
};

struct PrizeUnitsSpec {
  Place at = {};
  Text currency = {};
  int64_t units = 0;
};

struct PrizeSpec {
  Place at = {};
  Text ranks = {};
  std::vector<PrizeUnitsSpec> awards = {};
  Text badge = {};
  Text division = {};
};

struct LeagueSpec {
  Place at = {};
  int64_t cohort = 0;
  int64_t promote = 0;
  int64_t relegate = 0;
};

enum class Ranks { kRank, kDense, kRow };

struct LeaderboardSpec {
  Text id = {};
  Text describe = {};
  ScoreSpec score = {};
  base::Period period = base::Period::kEver;
  Place period_at = {};
  Text within = {};
  Ranks ranks = Ranks::kRank;
  std::optional<ScoreSpec> then = {};
  bool anonymous = false;
  std::vector<PrizeSpec> prizes = {};
  std::optional<LeagueSpec> league = {};
  Text by = {};
  Text badge = {};
};

struct ProgramSpec {
  Text name = {};
  Text version = {};
  Text time_zone = {};
  Text max_ahead = {};
  std::vector<Text> never_earns = {};
  std::vector<ParameterSpec> parameters = {};
  std::vector<CurrencySpec> currencies = {};
  std::vector<EventTypeSpec> event_types = {};
  std::vector<MetricSpec> metrics = {};
  std::vector<RuleSpec> rules = {};
  std::vector<LadderSpec> ladders = {};
  std::vector<RewardSpec> rewards = {};
  std::vector<SegmentSpec> segments = {};
  std::vector<CampaignSpec> campaigns = {};
  std::vector<MultiplierSpec> multipliers = {};
  Stacking stacking = Stacking::kCompound;
  std::vector<BudgetSpec> budgets = {};
  bool enrolment_required = false;
  std::vector<BadgeSpec> badges = {};
  std::vector<LeaderboardSpec> leaderboards = {};
  std::vector<StreakSpec> streaks = {};
  std::vector<QuestSpec> quests = {};
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_SPEC_H_
