// SPDX-License-Identifier: Apache-2.0
//
// Compiler: the state of one call of Compile, shared by the files that compile
// declarations (compile.cc), expressions (expressions.cc), metrics
// (compile_metrics.cc) and rules (compile_rules.cc). Not for other rooms.
#ifndef LOYALTY_LIB_RULES_COMPILER_H_
#define LOYALTY_LIB_RULES_COMPILER_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/span.h"
#include "loyalty/cel/cel.h"
#include "model/finding.h"
#include "model/spec.h"
#include "rules/compile.h"
#include "rules/compiled.h"

namespace loyalty::rules {

// As names of counters have it.
const char* PeriodName(base::Period period);

// What an expression may read, from least to most.
enum class Scope {
  kEvent,  // event and parameters
  kRule,   // and actor, object; bare standings are the actor's
  kAward,  // and member; bare standings are the member's
  // A standing, which bare names are of, and the event's time.
  kActorSegment,
  kMemberSegment,
  kHolderSegment,
  // Of badges. Bare standings are those of the member who may win it.
  kBadge,           // event, parameters, object
  kEverybodyBadge,  // of the event only its time
  kWinner,          // its awards: likewise, and no object; `member` as kAward
};

// What a badge's condition, or its count, may depend on.
struct BadgeReads {
  bool time = false;           // and whatever else changes without being told
  std::set<int> metrics = {};  // places among the program's
  std::set<int> currencies = {};  // likewise
};

// After so many errors the rest is not looked at. After so many warnings no
// more are said.
inline constexpr size_t kMostCompileFindings = 100;

class Compiler {
 public:
  Compiler(const model::ProgramSpec& spec, const CompileLimits& limits,
           CompiledProgram& out, model::Findings& findings)
      : spec_(spec), limits_(limits), out_(out), findings_(findings) {}

  // Everything, in an order in which each step finds what it looks up.
  void Run();

 private:
  // Declarations (compile.cc).
  void Header();
  void Parameters();
  void Currencies();
  void EventTypes();
  // What happens to members (compile_happenings.cc).
  void HappeningTypes();
  void CheckHappening(const model::RuleSpec& rule);
  void Referrer(const model::AttributeSpec& a, const std::string& what,
                EventType& type);
  void CapExemptions();
  // What events are told of earlier ones (compile_recalls.cc).
  void Recalls();
  std::optional<Recall> CompiledRecall(const model::RecallSpec& spec,
                                       const EventType& type, int attribute,
                                       const std::string& what);
  bool ValidId(const model::Text& id, std::string_view what, bool dotted);
  bool Unique(std::set<std::string>& seen, const model::Text& id,
              std::string_view what);
  // Warnings do not count: what is only suspicious has to work.
  bool IsFull() const { return errors_ > kMostCompileFindings; }
  void CheckCount(size_t count, size_t most, std::string_view what);
  bool InRange(int64_t amount, int64_t least, model::Place at,
               const std::string& what);

  // Metrics (compile_metrics.cc).
  void MetricNames();
  MetricKind KindOf(const model::MetricSpec& spec);
  void Rolling(const model::MetricSpec& spec, MetricTerms& terms);
  void CheckDays(const model::MetricSpec& spec, const MetricTerms& terms);
  void CountEarned(const model::MetricSpec& spec, MetricTerms& terms);
  void CountAmongKeys(const model::MetricSpec& spec, MetricTerms& terms);
  const model::MetricSpec& CountedBy(const model::MetricSpec& spec) const;
  MetricTerms MadeTerms(const model::MetricSpec& spec);
  bool IsPerObject(const model::MetricSpec& spec) const;
  void MetricsOf(EventType& type);
  std::optional<Metric> CompiledMetric(EventType& type, size_t number);
  bool SetPer(const EventType& type, const model::MetricSpec& spec,
              const MetricTerms& terms, Metric& metric);
  bool SetTeam(const EventType& type, const model::MetricSpec& spec,
               Metric& metric);
  KeyExpression CompiledKey(const EventType& type, const model::Text& source,
                            const std::string& where);
  bool MakesTextOfMember(const EventType& type,
                         const cel::Expression& key) const;
  KeyExpression CompiledValue(const EventType& type, const model::Text& source,
                              const std::string& where);
  static void NoteWindows(EventType& type, const MetricTerms& terms);
  static void NoteObject(EventType& type, int attribute);
  // Once it is known which metrics expressions read.
  void MetricReadsOf(EventType& type);
  void AskOfObject(const EventType& type,
                   const std::optional<cel::Expression>& expression,
                   model::Place at, const std::string& what, Rule& rule);

  // Ladders (compile_ladders.cc).
  void Ladders();
  Ladder CompiledLadder(const model::LadderSpec& spec, const std::string& what);
  void CheckLeagueOf(const model::LadderSpec& spec, const std::string& what);
  void SetMeasure(const model::LadderSpec& spec, const std::string& what,
                  Ladder& ladder);
  std::vector<Level> LevelsOf(const model::LadderSpec& spec,
                              const std::string& what, const Ladder& ladder);
  std::vector<Level> CurvedLevels(const model::CurveSpec& curve,
                                  const std::string& what);
  void AddCurved(const model::LadderSpec& spec, const std::string& what,
                 std::vector<Level>& levels);
  void SetBadge(const model::LevelSpec& spec, const std::string& what,
                bool is_lowest, Level& level);
  // What levels over a metric, or badges, are made of: as badges read it.
  void AddReadsOfLadder(int ladder, BadgeReads& reads) const;
  void LintLadders();

  // Tiers (compile_tiers.cc).
  int MetricNamed(std::string_view id) const;  // -1: none
  void CheckMetricOf(model::Place at, const std::string& what,
                     const Ladder& ladder, const MetricTerms& terms);
  TierTerms TiersOf(const model::LadderSpec& spec, const std::string& what);
  void SetValidity(const model::TiersSpec& tiers, const std::string& what,
                   TierTerms& terms);
  std::optional<size_t> MeasureOf(const model::AlsoSpec& spec,
                                  const std::string& what, Ladder& ladder);
  void AddAlso(const model::LadderSpec& spec, const std::string& what,
               Ladder& ladder);

  // Rules (compile_rules.cc).
  bool RuleNames();
  void RulesOf(EventType& type);
  void CheckOn(const std::vector<model::Text>& on, const std::string& what,
               bool is_rule = false);
  RuleIndex IndexOf(const EventType& type) const;
  // Fills in the type's counters, and places among them.
  void NumberCounters(EventType& type) const;
  Rule CompiledRule(EventType& type, const model::RuleSpec& spec, size_t number,
                    Scope awards = Scope::kAward);
  std::optional<Award> CompiledAward(EventType& type,
                                     const model::RuleSpec& rule, size_t number,
                                     Scope scope);
  ReverseObject CompiledReversal(EventType& type, const model::RuleSpec& rule);
  std::set<std::string, std::less<>> RuleSet(
      const std::vector<model::Text>& names, const std::string& where);

  // Lots and rewards (compile_rewards.cc).
  std::optional<base::Span> SpanOf(const model::Text& text,
                                   const std::string& where);
  std::optional<absl::Time> TimeOf(const model::Text& text,
                                   const std::string& where);
  LotTerms LotTermsOf(const model::LotTermsSpec& spec,
                      const std::string& where);
  void LotsOfCurrencies();
  void RedeemType();
  void RewardsOf(EventType& type);
  Reward CompiledReward(EventType& type, const model::RewardSpec& spec);
  std::vector<Cost> CostsOf(const model::RewardSpec& spec,
                            const std::string& what);
  VoucherTerms VoucherOf(const model::RewardSpec& spec,
                         const std::string& what);
  // Limits (compile_limits.cc). An award's own, then its rule's.
  std::vector<Limit> LimitsOf(const EventType& type,
                              const model::RuleSpec& rule, size_t award,
                              const std::string& what);
  void AddLimit(const EventType& type, const model::LimitSpec& spec,
                const std::string& counter, const std::string& where,
                std::vector<Limit>& limits);
  // What it counts and over which time; false if that is nothing.
  bool Measure(const model::LimitSpec& spec, const std::string& where,
               Limit& limit);
  bool Window(const model::LimitSpec& spec, const std::string& where,
              Limit& limit);
  // A duration in whole seconds, or nullopt with an error.
  std::optional<int64_t> Seconds(const model::Text& text,
                                 const std::string& where);

  // Badges (compile_badges.cc).
  void BadgeNames();
  void CheckBadge(const model::BadgeSpec& spec, const std::string& what);
  void SetAnniversary(const model::BadgeSpec& spec, const std::string& what,
                      Badge& badge);
  void CommandType();
  void BadgesOf(EventType& type);
  AskedBadge CompiledBadge(EventType& type, size_t number, Scope scope);
  // With what it awards, as a rule of the type.
  void AddBadge(EventType& type, AskedBadge asked);
  void CheckReads(const model::BadgeSpec& spec, const AskedBadge& asked,
                  const std::string& what);
  // Adds what the expression of a badge, of the type at hand, reads.
  void AddReads(const std::optional<cel::Expression>& expression, bool revokes,
                BadgeReads& reads) const;
  bool ReadsHolder(const std::optional<cel::Expression>& expression) const;
  // Which badges of everybody an event of the type may concern.
  std::vector<bool> ConcernedBadges(const EventType& type) const;

  // Leaderboards (compile_leaderboards.cc).
  void Leaderboards();
  void AddScore(const model::ScoreSpec& spec, const std::string& what,
                int board, model::Symbol counter);
  void SeasonsOf(const model::LeaderboardSpec& spec, const std::string& what,
                 Leaderboard& board);
  int GroupingOf(const model::LeaderboardSpec& spec, const std::string& what);
  int HoldersOf(const model::LeaderboardSpec& spec, const std::string& what);
  void Groups();
  void GroupsSaid(const model::Text& by, const std::string& what, int grouping);
  std::optional<League> LeagueOf(const model::LeaderboardSpec& spec,
                                 const std::string& what);
  Prize CompiledPrize(const model::PrizeSpec& spec, const std::string& what,
                      const Leaderboard& board);
  // Streaks and quests (compile_streaks.cc, compile_quests.cc), of which
  // metrics and badges are made (expand.h).
  void StreakNames();
  void CheckReaches(const model::StreakSpec& spec, const std::string& what);
  StreakTerms StreakTermsOf(const model::StreakSpec& spec);
  void LastsOfFreezes(EventType& type);
  void QuestNames();
  void Together(const model::QuestSpec& spec, const std::string& what,
                Quest& quest);
  QuestStep CompiledStep(const model::StepSpec& spec, const std::string& quest,
                         const std::string& what);
  void QuestsOf(EventType& type);

  // Budgets (compile_budgets.cc).
  int CurrencyOf(const model::BudgetSpec& spec, const std::string& where);
  void AddBudgets(const std::vector<model::BudgetSpec>& specs,
                  const std::string& counter, const std::string& where,
                  CutReason reason, Award& award);
  void BudgetsOf(const model::RuleSpec& rule, Award& award);

  // Segments, campaigns, multipliers (compile_campaigns.cc).
  std::optional<absl::Time> Instant(const model::Text& text,
                                    const std::string& where);
  void Span(const model::Text& from, const model::Text& until,
            const std::string& where, During& during);
  During CompiledDuring(const model::DuringSpec& spec,
                        const std::string& where);
  void Campaigns();
  void SegmentNames();
  void MultiplierNames();
  std::vector<During> TimesOf(const model::Text& campaign,
                              const std::optional<model::DuringSpec>& during,
                              const std::string& what);
  base::Ratio Factor(const model::Text& text, model::Place owner,
                     const std::string& what);
  void AddMultipliers(EventType& type, const model::RuleSpec& rule,
                      const model::AwardSpec& spec, Award& award);
  int CompiledMultiplier(EventType& type, size_t number);
  void UseSegment(EventType& type, int slot, Slots::Whose whose, int segment);
  void LintCampaigns();

  // Expressions (expressions.cc).
  void BuildEnvironments(const EventType& type);
  // With a warning where it reads what an event may lack.
  std::optional<cel::Expression> Expression(const model::Text& source,
                                            Scope scope, cel::Type result,
                                            const std::string& where);
  // A member, object or event; an absent one is nobody, and needs no warning.
  std::optional<cel::Expression> Identity(const model::Text& source,
                                          Scope scope,
                                          const std::string& where);
  // A member, or a list of them.
  std::optional<cel::Expression> Recipients(const model::Text& source,
                                            const std::string& where);
  cel::Compiled Tried(const model::Text& source, Scope scope, cel::Type result);
  std::optional<cel::Expression> Compiled(const model::Text& source,
                                          Scope scope, cel::Type result,
                                          const std::string& where);
  // The frame's slot for what Slots calls `slot`, a new one if need be.
  uint32_t FrameSlot(uint32_t slot);
  // What frames of the type hold, once all is compiled.
  void FinishFrames(EventType& type) const;
  // Records whose slots the type's expressions read.
  void Note(EventType& type, const std::optional<cel::Expression>& expression);

  // Lint (lint.cc): legal but suspicious.
  void Lint();

  void Error(model::Place at, std::string message, std::string advice = "");
  void Warn(model::Place at, std::string message, std::string advice = "");
  void Add(bool error, model::Place at, std::string message,
           std::string advice);

  const model::ProgramSpec& spec_;
  const CompileLimits& limits_;
  CompiledProgram& out_;
  model::Findings& findings_;
  size_t errors_ = 0;
  size_t warnings_ = 0;
  std::set<std::tuple<int, int, std::string>> said_;  // a rule on two types is
                                                      // compiled twice
  std::set<int> used_segments_;
  std::vector<BadgeReads> badge_reads_;  // of those of everybody
  // Those to be asked of everybody all the same, once something is reversed.
  std::set<size_t> asked_after_undo_;
  std::set<std::string> used_campaigns_;
  std::map<std::string, model::Symbol> groups_;  // of limits, to their counter
  // Of the type at hand: what each slot of its frames holds, and environments.
  const EventType* type_ = nullptr;
  std::vector<int> numbered_;
  std::vector<std::string> personal_;  // attributes
  std::map<Scope, cel::Environment> environments_;
};

// Windows of events of the type are looked up in `period` as well.
void NotePeriod(EventType& type, base::Period period);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_COMPILER_H_
