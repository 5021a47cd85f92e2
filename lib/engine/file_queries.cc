// SPDX-License-Identifier: Apache-2.0
//
// See file_queries.h.
#include "engine/file_queries.h"

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/status_macros.h"
#include "base/suggest.h"
#include "base/views.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/offer.h"
#include "engine/addressing.h"
#include "engine/catch_up.h"
#include "engine/conditions.h"
#include "engine/next_steps.h"
#include "engine/past.h"
#include "engine/rankings.h"
#include "engine/recall.h"
#include "engine/switching.h"
#include "engine/voucher_key.h"
#include "engine/vouchers.h"
#include "ledger/lots.h"
#include "rules/values.h"
#include "store/sqlite_store.h"

namespace loyalty::engine {
namespace {

using base::av;

class FileQueries : public Queries {
 public:
  FileQueries(std::unique_ptr<store::Store> store,
              std::unique_ptr<store::Reader> reader, StoredPrograms programs)
      : store_(std::move(store)),
        reader_(std::move(reader)),
        programs_(std::move(programs)) {}

  absl::StatusOr<absl::Time> NewestTime() override {
    return reader_->NewestTime();
  }

  absl::StatusOr<MemberProfile> Member(std::string_view id,
                                       absl::Time at) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    ASSIGN_OR_RETURN(model::EntityState state, FindStanding(*program, id));
    RETURN_IF_ERROR(SettleTo(*program, state, at));
    MemberProfile profile = ProfileOf(*program, state, at);
    RETURN_IF_ERROR(AddGoals(*program, *reader_, at, profile.quests));
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_->Aliases());
    for (model::Alias& alias : aliases->Of(profile.member)) {
      profile.aliases.push_back(std::move(alias.member));
    }
    return profile;
  }

  absl::StatusOr<bool> Can(std::string_view member, std::string_view privilege,
                           absl::Time at) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    std::vector<std::string> known;
    for (const rules::Ladder& ladder : program->ladders) {
      for (const rules::Level& level : ladder.levels) {
        known.insert(known.end(), level.privileges.begin(),
                     level.privileges.end());
      }
    }
    if (std::find(known.begin(), known.end(), privilege) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "no level of the program has the privilege \"", av(privilege), "\". ",
          base::DidYouMean(privilege, known)));
    }
    ASSIGN_OR_RETURN(const auto all, Privileges(member, at));
    return std::find(all.begin(), all.end(), privilege) != all.end();
  }

  absl::StatusOr<std::vector<std::string>> Privileges(std::string_view member,
                                                      absl::Time at) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    ASSIGN_OR_RETURN(model::EntityState state, FindStanding(*program, member));
    RETURN_IF_ERROR(SettleTo(*program, state, at));
    return PrivilegesOf(*program, state, at);
  }

  absl::StatusOr<CurrencyBalance> Balance(std::string_view member,
                                          std::string_view currency,
                                          absl::Time at) override {
    RETURN_IF_ERROR(CheckCurrency(currency));
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    const rules::Currency& terms =
        *program->FindCurrency(model::Symbol(currency));
    ASSIGN_OR_RETURN(const model::EntityState now, Find(member));
    ASSIGN_OR_RETURN(const Then then,
                     StandingAt(*reader_, programs_, now, terms, at));
    return BalanceOf(terms, then.state);
  }

  absl::Status Metrics(
      std::string_view metric, absl::Time at,
      absl::FunctionRef<void(const MetricLine&)> see) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    std::vector<std::string> known;
    if (!rules::IsInRange(at)) {
      return absl::InvalidArgumentError(
          "the time is outside the years 1 to 9999");
    }
    for (const rules::MetricTerms& terms : program->metrics) {
      if (terms.kind == rules::MetricKind::kAmong) {
        if (terms.id != metric) continue;
        return absl::InvalidArgumentError(absl::StrCat(
            "metric \"", av(metric), "\" counts among what \"",
            program->metrics[terms.counted_by].id,
            "\" is kept apart by, for conditions: ask for that one"));
      }
      if (terms.id == metric) {
        return SeeMetricOfAll(*reader_, *program, terms, at, see);
      }
      known.push_back(terms.id);
    }
    return absl::InvalidArgumentError(
        absl::StrCat("the program has no metric \"", av(metric), "\". ",
                     base::DidYouMean(metric, known)));
  }

  absl::StatusOr<std::vector<RewardOffer>> Rewards(std::string_view member,
                                                   absl::Time at) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    ASSIGN_OR_RETURN(const model::EntityState stock, reader_->Program());
    std::optional<model::EntityState> state;
    std::vector<core::HeldReward> held;
    if (!member.empty()) {
      if (!rules::IsInRange(at)) {
        return absl::InvalidArgumentError(
            "the time is outside the years 1 to 9999");
      }
      ASSIGN_OR_RETURN(state, Find(member));
      RETURN_IF_ERROR(SettleTo(*program, *state, at));
      for (const int64_t seq : core::EntriesOfHolds(*state)) {
        ASSIGN_OR_RETURN(const auto page, reader_->Events(seq - 1, 1));
        if (!page.empty()) core::AddHeld(*state, page.front(), held);
      }
    }
    return CatalogueOf(*program, stock, state.has_value() ? &*state : nullptr,
                       held, at);
  }

  absl::StatusOr<std::vector<NextGoal>> NextSteps(
      std::string_view member, absl::Time at,
      const NextStepsOptions& options) override {
    if (!rules::IsInRange(at)) {
      return absl::InvalidArgumentError(
          "the time is outside the years 1 to 9999");
    }
    ASSIGN_OR_RETURN(const model::EntityState state, Find(member));
    return NextStepsOf(*reader_, programs_, state.entity.id, at, options);
  }

  absl::StatusOr<std::vector<MemberVoucher>> Vouchers(
      std::string_view member, absl::Time at,
      std::string_view voucher_key) override {
    ASSIGN_OR_RETURN(const model::EntityState state, Find(member));
    ASSIGN_OR_RETURN(const Lines lines, AllLines(state.entity.id, {0, -1}));
    std::optional<VoucherKey> key;
    if (!voucher_key.empty()) {
      ASSIGN_OR_RETURN(key, VoucherKey::Make(voucher_key));
    }
    return VouchersOf(*reader_, programs_, lines, at,
                      key.has_value() ? &*key : nullptr);
  }

  absl::StatusOr<std::string> Export(std::string_view id,
                                     absl::Time at) override {
    ASSIGN_OR_RETURN(model::EntityState state, Find(id));
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    RETURN_IF_ERROR(SettleTo(*program, state, at));
    ASSIGN_OR_RETURN(const auto vouchers, Vouchers(id, at, ""));
    return ExportOf(*reader_, programs_, state, vouchers, at);
  }

  absl::StatusOr<Explanation> Explain(std::string_view event_id) override {
    ASSIGN_OR_RETURN(const model::RecordedEvent recorded, Recorded(event_id));
    ASSIGN_OR_RETURN(const auto program, programs_.Get(recorded.program));
    ASSIGN_OR_RETURN(const auto movements,
                     reader_->MovementsOfEvent(recorded.seq));
    Explanation explanation = ExplanationOf(*program, recorded, movements);
    RETURN_IF_ERROR(AddWhy(recorded, explanation));
    RETURN_IF_ERROR(AddWhatReversed(*reader_, *program, recorded, explanation));
    return explanation;
  }

  absl::StatusOr<std::vector<RuleForMember>> ExplainRules(
      std::string_view event_id, std::string_view member,
      std::string_view rule) override {
    ASSIGN_OR_RETURN(const model::RecordedEvent recorded, Recorded(event_id));
    ASSIGN_OR_RETURN(const auto program, programs_.Get(recorded.program));
    const int number = rule.empty() ? -1 : program->RuleNumber(rule);
    if (!rule.empty() && number < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the program has no rule \"", av(rule), "\". ",
                       base::DidYouMean(rule, program->rule_ids)));
    }
    ASSIGN_OR_RETURN(Explanation explanation, Explain(event_id));
    ASSIGN_OR_RETURN(const std::string who, reader_->Resolve(member));
    RETURN_IF_ERROR(NameWhoTheyAre(explanation.outcome));
    // Who was to get something may not have come to be: the outcome names them.
    const absl::StatusOr<model::EntityState> known = Find(member);
    const Outcome& outcome = explanation.outcome;
    const bool is_named =
        recorded.event.actor == who ||
        std::any_of(outcome.effects.begin(), outcome.effects.end(),
                    [&](const Effect& effect) {
                      const auto* awarded = std::get_if<Awarded>(&effect);
                      return awarded != nullptr && awarded->member == who;
                    });
    if (absl::IsNotFound(known.status()) && !is_named) return known.status();
    std::vector<RuleForMember> told;
    for (const Explanation::Line& line : explanation.rules) {
      if (program->RuleNumber(line.rule) < 0) continue;  // not of a rule
      if (!rule.empty() && line.rule != rule) continue;
      told.push_back(ForMember(*program, explanation, line, who));
      RETURN_IF_ERROR(AddTakenBack(recorded, who, told.back()));
    }
    if (told.empty() && number >= 0) {
      told.push_back(OnOtherTypes(*program, number, recorded.event));
    }
    return told;
  }

  absl::StatusOr<BalanceExplanation> ExplainBalance(std::string_view member,
                                                    std::string_view currency,
                                                    absl::Time at) override {
    RETURN_IF_ERROR(CheckCurrency(currency));
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    const rules::Currency& terms =
        *program->FindCurrency(model::Symbol(currency));
    ASSIGN_OR_RETURN(const model::EntityState now, Find(member));
    ASSIGN_OR_RETURN(const Then then,
                     StandingAt(*reader_, programs_, now, terms, at));
    return BalanceExplanationOf(*program, then.lines,
                                BalanceOf(terms, then.state), then.expired);
  }

  absl::StatusOr<std::vector<StatementLine>> Statement(
      std::string_view member, std::string_view currency, int64_t after_seq,
      int32_t after_n, int limit) override {
    if (!currency.empty()) RETURN_IF_ERROR(CheckCurrency(currency));
    ASSIGN_OR_RETURN(const std::string who, reader_->Resolve(member));
    ASSIGN_OR_RETURN(
        auto entries,
        reader_->Statement(who, currency, {after_seq, after_n}, limit));
    if (!entries.has_value()) return NoMember(member);
    return LinesOf(*std::move(entries));
  }

  absl::StatusOr<std::vector<StatementLine>> StatementBefore(
      std::string_view member, std::string_view currency, int64_t before_seq,
      int32_t before_n, int limit) override {
    if (!currency.empty()) RETURN_IF_ERROR(CheckCurrency(currency));
    ASSIGN_OR_RETURN(const std::string who, reader_->Resolve(member));
    ASSIGN_OR_RETURN(
        auto entries,
        reader_->StatementBefore(who, currency, {before_seq, before_n}, limit));
    if (!entries.has_value()) return NoMember(member);
    return LinesOf(*std::move(entries));
  }

  absl::StatusOr<std::vector<StatementLine>> LinesOf(
      std::vector<store::StatementEntry> entries) {
    std::vector<StatementLine> lines;
    lines.reserve(entries.size());
    for (store::StatementEntry& entry : entries) {
      RETURN_IF_ERROR(PutLine(entry, lines.emplace_back()));
    }
    return lines;
  }

  absl::StatusOr<std::vector<HeldBadge>> Badges(std::string_view member,
                                                absl::Time at) override {
    ASSIGN_OR_RETURN(const model::EntityState state, Find(member));
    return BadgesOf(state, at);
  }

  absl::StatusOr<std::vector<HeldBadge>> BadgesOf(
      const model::EntityState& state, absl::Time at) {
    const std::string& who = state.entity.id;
    ASSIGN_OR_RETURN(const Lines lines, AllLines(who, {0, -1}));
    std::vector<HeldBadge> held;
    std::vector<model::Position> places;
    for (const store::StatementEntry& line : lines) {
      const model::Movement& movement = line.movement;
      if (movement.kind == model::Movement::Kind::kBadgeLost) {
        const auto lost = std::find(places.begin(), places.end(), movement.of) -
                          places.begin();
        if (lost == std::ssize(places)) continue;
        places.erase(places.begin() + lost);
        held.erase(held.begin() + lost);
      } else if (movement.kind == model::Movement::Kind::kBadge) {
        ASSIGN_OR_RETURN(HeldBadge badge, HeldOf(line));
        badge.member = who;
        held.push_back(std::move(badge));
        places.push_back(movement.at);
      }
    }
    RETURN_IF_ERROR(AddWon(state, at, held));
    std::stable_sort(
        held.begin(), held.end(),
        [](const HeldBadge& a, const HeldBadge& b) { return a.time < b.time; });
    return held;
  }

  absl::StatusOr<std::vector<HeldBadge>> BadgesAfter(std::string_view after,
                                                     int members,
                                                     absl::Time at) override {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_->Aliases());
    model::Entity from{model::Entity::Kind::kMember, std::string(after)};
    std::vector<HeldBadge> all;
    while (true) {
      ASSIGN_OR_RETURN(const auto states, reader_->States(from, members));
      for (const model::EntityState& state : states) {
        from = state.entity;
        if (from.kind != model::Entity::Kind::kMember) return all;
        // Who became another is told of there.
        if (aliases->Resolve(from.id) != from.id) continue;
        const bool has_any = std::any_of(
            state.holdings.begin(), state.holdings.end(), [](const auto& held) {
              return held.second.balance > 0 &&
                     held.first.text().starts_with("badge:");
            });
        if (!has_any && !program->badges_pass) continue;
        ASSIGN_OR_RETURN(std::vector<HeldBadge> held, BadgesOf(state, at));
        std::move(held.begin(), held.end(), std::back_inserter(all));
      }
      if (!all.empty() || std::ssize(states) < members) return all;
    }
  }

  absl::StatusOr<std::vector<LeaderboardRow>> Leaderboard(const BoardView& view,
                                                          int64_t offset,
                                                          int limit) override {
    return Rankings(*reader_, programs_).Page(view, offset, limit);
  }

  absl::StatusOr<LeaderboardRow> Rank(std::string_view member,
                                      const BoardView& view) override {
    return Rankings(*reader_, programs_).Rank(member, view);
  }

  absl::StatusOr<std::vector<LeaderboardRow>> Around(std::string_view member,
                                                     const BoardView& view,
                                                     int before,
                                                     int after) override {
    return Rankings(*reader_, programs_).Around(member, view, before, after);
  }

  absl::StatusOr<std::vector<std::string>> Seasons(
      std::string_view board) override {
    return Rankings(*reader_, programs_).Seasons(board);
  }

  absl::StatusOr<std::vector<MemberBalance>> Balances(std::string_view currency,
                                                      std::string_view after,
                                                      int limit,
                                                      absl::Time at) override {
    RETURN_IF_ERROR(CheckCurrency(currency));
    ASSIGN_OR_RETURN(auto standings, reader_->Balances(currency, after, limit));
    std::vector<MemberBalance> balances;
    for (store::Standing& standing : standings) {
      int64_t available = standing.balance;
      if (standing.lots.has_value()) {
        ledger::Came came;
        ledger::Settle(*standing.lots, std::max(standing.lots->clock, at),
                       came);
        available = model::Available(*standing.lots);
      }
      balances.push_back({std::move(standing.member), available});
    }
    return balances;
  }

  absl::StatusOr<std::vector<Outcome>> Feed(int64_t after_seq,
                                            int limit) override {
    ASSIGN_OR_RETURN(auto events, reader_->Events(after_seq, limit));
    std::vector<Outcome> outcomes;
    for (model::RecordedEvent& event : events) {
      outcomes.push_back(std::move(event.outcome));
    }
    return outcomes;
  }

  absl::StatusOr<JournalHead> Head() override {
    ASSIGN_OR_RETURN(const int64_t seq, reader_->LastSeq());
    if (seq == 0) return JournalHead{};
    ASSIGN_OR_RETURN(const auto events, reader_->Events(seq - 1, 1));
    if (events.empty()) return NoEntry(seq);
    ASSIGN_OR_RETURN(std::string chain, ChainAt(seq));
    return JournalHead{.seq = seq,
                       .recorded_at = events[0].recorded_at,
                       .chain = std::move(chain)};
  }

  absl::StatusOr<std::string> ChainAt(int64_t seq) override {
    ASSIGN_OR_RETURN(const auto chain, reader_->ChainAt(seq));
    if (!chain.has_value()) return NoEntry(seq);
    return absl::BytesToHexString(*chain);
  }

  absl::Status Backup(const std::string& to,
                      absl::FunctionRef<void(double)> progress) override {
    return reader_->Backup(to, progress);
  }

  absl::StatusOr<Program> CurrentProgram() override {
    ASSIGN_OR_RETURN(auto program, programs_.Latest());
    return Program(std::move(program));
  }

  absl::StatusOr<SwitchPreview> PreviewSwitch(const Program& program) override {
    return PreviewOf(*reader_, programs_, *program.compiled());
  }

  absl::StatusOr<CatchUpReport> PreviewCatchUp(
      const CatchUp& what, absl::FunctionRef<void(double)> progress) override {
    ASSIGN_OR_RETURN(auto program, programs_.Latest());
    ASSIGN_OR_RETURN(const CatchUp checked, Checked(*program, what));
    ASSIGN_OR_RETURN(Hindsight hindsight,
                     Hindsight::Of(programs_, std::move(program)));
    RETURN_IF_ERROR(hindsight.Play(*reader_, progress));
    return ForEachBrought(checked, *reader_, programs_, hindsight,
                          [](const model::Entity&, const core::CaughtUp&) {
                            return absl::OkStatus();
                          });
  }

  absl::StatusOr<VerifyReport> Verify(
      absl::FunctionRef<void(double)> progress) override {
    return VerifyAll(*reader_, programs_, progress);
  }

 private:
  using Lines = std::vector<store::StatementEntry>;

  absl::StatusOr<model::EntityState> Find(std::string_view member) {
    ASSIGN_OR_RETURN(const std::string who, reader_->Resolve(member));
    ASSIGN_OR_RETURN(auto state, reader_->Find(core::MemberEntity(who)));
    return OfNow(member, std::move(state));
  }

  absl::StatusOr<model::EntityState> OfNow(
      std::string_view member, std::optional<model::EntityState> state) {
    if (!state.has_value() || !state->exists) return NoMember(member);
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_->Aliases());
    NameKeysNow(*aliases, *state);
    return *std::move(state);
  }

  // The member with what says how they stand: most of a busy member's counters
  // say how much of limits is used. Where badges come by time, what they award
  // is worked out as well, and so all are read.
  absl::StatusOr<model::EntityState> FindStanding(
      const rules::CompiledProgram& program, std::string_view member) {
    if (program.badges_pass) return Find(member);
    ASSIGN_OR_RETURN(const std::string who, reader_->Resolve(member));
    ASSIGN_OR_RETURN(auto state, reader_->FindMember(who, IsOfStanding));
    return OfNow(member, std::move(state));
  }

  absl::StatusOr<model::RecordedEvent> Recorded(std::string_view id) {
    ASSIGN_OR_RETURN(auto recorded, reader_->FindEvent(id));
    if (recorded.has_value()) return *std::move(recorded);
    return absl::NotFoundError(
        absl::StrCat("no event \"", av(id), "\" is recorded"));
  }

  // Says of conditions that were false which part was.
  absl::Status AddWhy(const model::RecordedEvent& recorded,
                      Explanation& explanation) {
    std::set<std::string> is_false;
    for (const Explanation::Line& line : explanation.rules) {
      if (line.verdict == kConditionFalse) is_false.insert(line.rule);
    }
    if (is_false.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Event event,
                     AsDecided(*reader_, programs_, recorded));
    const std::pair key(recorded.program, event.type);
    auto conditions = conditions_.find(key);
    if (conditions == conditions_.end()) {
      ASSIGN_OR_RETURN(const model::ProgramSpec spec,
                       programs_.SpecOf(recorded.program));
      conditions = conditions_.try_emplace(key, spec, event.type).first;
    }
    auto why = conditions->second.WhyFalse(is_false, event);
    for (Explanation::Line& line : explanation.rules) {
      if (line.verdict == kConditionFalse) line.why = std::move(why[line.rule]);
    }
    return absl::OkStatus();
  }

  // Whoever got something was somebody else then, maybe.
  absl::Status NameWhoTheyAre(Outcome& outcome) {
    for (Effect& effect : outcome.effects) {
      std::string& member = std::visit(
          [](auto& one) -> std::string& { return one.member; }, effect);
      ASSIGN_OR_RETURN(member, reader_->Resolve(member));
    }
    return absl::OkStatus();
  }

  // The lines of a member, and those of who became them.
  absl::StatusOr<Lines> AllLines(std::string_view member,
                                 model::Position after) {
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_->Aliases());
    std::vector<std::string> names = {std::string(member)};
    for (model::Alias& alias : aliases->Of(member)) {
      names.push_back(std::move(alias.member));
    }
    Lines all;
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(auto lines,
                       reader_->Statement(name, "", after, INT_MAX));
      for (auto& line : lines.value_or(Lines{})) all.push_back(std::move(line));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.movement.at < b.movement.at;
    });
    return all;
  }

  // Says of what was given whether it was taken back since.
  absl::Status AddTakenBack(const model::RecordedEvent& recorded,
                            std::string_view member, RuleForMember& told) {
    if (!told.gave) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Lines lines,
                     AllLines(member, {recorded.seq - 1, INT_MAX}));
    std::set<model::Position> given;
    for (const store::StatementEntry& line : lines) {
      const model::Movement& movement = line.movement;
      if (movement.at.seq == recorded.seq && movement.rule == told.rule) {
        given.insert(movement.at);
      }
      if (std::none_of(movement.reverses.begin(), movement.reverses.end(),
                       [&](const auto& at) { return given.contains(at); })) {
        continue;
      }
      told.steps.push_back(absl::StrCat("it was taken back by event ",
                                        line.event_id, ", a ", line.event_type,
                                        " of ", absl::FormatTime(line.time)));
      absl::StrAppend(&told.sentence, " It was taken back since.");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<HeldBadge> HeldOf(const store::StatementEntry& line) {
    HeldBadge held{.member = line.movement.member,
                   .badge = line.movement.rule,
                   .time = line.time,
                   .object = line.movement.subject,
                   .event_id = line.event_id};
    ASSIGN_OR_RETURN(const auto program, programs_.Get(line.program));
    Describe(*program, held);
    if (line.movement.settled_at != absl::InfinitePast()) {
      held.time = line.movement.settled_at;
    }
    if (line.event_type == kGrantBadge) {
      ASSIGN_OR_RETURN(const auto event, reader_->FindEvent(line.event_id));
      if (event.has_value()) held.by = core::AskedText(event->event, "by");
    }
    return held;
  }

  static void Describe(const rules::CompiledProgram& program, HeldBadge& held) {
    const rules::Badge* const badge = program.FindBadge(held.badge);
    if (badge == nullptr) return;
    held.describe = badge->describe;
    held.badge_class = std::string(rules::Name(badge->badge_class));
  }

  // What time has brought until `at`, and no entry says.
  absl::Status AddWon(const model::EntityState& state, absl::Time at,
                      std::vector<HeldBadge>& held) {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    ASSIGN_OR_RETURN(const auto won, core::WonUntil(*program, state, at));
    for (const core::WonInTime& one : won) {
      HeldBadge& badge = held.emplace_back(HeldBadge{
          .member = state.entity.id, .badge = one.badge, .time = one.time});
      Describe(*program, badge);
    }
    return absl::OkStatus();
  }

  static absl::Status NoMember(std::string_view id) {
    return absl::NotFoundError(
        absl::StrCat("there is no member \"", av(id), "\""));
  }

  static absl::Status NoEntry(int64_t seq) {
    return absl::NotFoundError(absl::StrCat("the journal has no entry ", seq));
  }

  absl::Status CheckCurrency(std::string_view id) {
    ASSIGN_OR_RETURN(const auto program, programs_.Latest());
    if (program->CurrencyIndex(id) >= 0) return absl::OkStatus();
    std::vector<std::string> known;
    for (const rules::Currency& c : program->currencies) {
      if (!c.is_badge) known.push_back(c.id);
    }
    return absl::InvalidArgumentError(
        absl::StrCat("the program has no currency \"", av(id), "\". ",
                     base::DidYouMean(id, known)));
  }

  // Takes the texts of `entry`.
  absl::Status PutLine(store::StatementEntry& entry, StatementLine& line) {
    model::Movement& movement = entry.movement;
    line.seq = movement.at.seq;
    line.n = movement.at.n;
    line.time = entry.time;
    line.event_id = std::move(entry.event_id);
    line.event_type = std::move(entry.event_type);
    line.kind = LineKindOf(movement.kind);
    line.currency = movement.currency.text();
    line.rule = movement.rule.text();
    line.target = std::move(movement.subject);
    line.asked = movement.asked;
    line.units = movement.units;
    line.cut = movement.cut;
    line.balance = movement.balance;
    line.available_from = movement.vests;
    line.expires = movement.expires;
    ASSIGN_OR_RETURN(const auto program, programs_.Get(entry.program));
    const int rule = program->RuleNumber(movement.rule.text());
    if (rule >= 0) line.rule_says = program->rule_texts[rule];
    return absl::OkStatus();
  }

  const std::unique_ptr<store::Store> store_;  // before reader_: outlives it
  const std::unique_ptr<store::Reader> reader_;
  StoredPrograms programs_;
  // By program and event type, of those that were asked for.
  std::map<std::pair<int64_t, std::string>, Conditions> conditions_ = {};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Queries>> MakeQueries(
    std::unique_ptr<store::Store> store, std::unique_ptr<store::Reader> reader,
    const StoredPrograms* known) {
  ASSIGN_OR_RETURN(StoredPrograms programs, StoredPrograms::Load(*reader));
  if (known != nullptr) programs.TakeCompiled(*known);
  return std::make_unique<FileQueries>(std::move(store), std::move(reader),
                                       std::move(programs));
}

}  // namespace loyalty::engine

namespace loyalty {

absl::StatusOr<MemberProfile> Queries::Member(std::string_view id) {
  return Member(id, absl::Now());
}

absl::StatusOr<bool> Queries::Can(std::string_view member,
                                  std::string_view privilege) {
  return Can(member, privilege, absl::Now());
}

absl::StatusOr<std::vector<HeldBadge>> Queries::Badges(
    std::string_view member) {
  return Badges(member, absl::Now());
}

absl::StatusOr<std::string> Queries::Export(std::string_view id) {
  return Export(id, absl::Now());
}

absl::StatusOr<std::vector<MemberBalance>> Queries::Balances(
    std::string_view currency, std::string_view after, int limit) {
  return Balances(currency, after, limit, absl::Now());
}

absl::StatusOr<std::unique_ptr<Queries>> Queries::Open(
    const std::string& path) {
  ASSIGN_OR_RETURN(auto store,
                   store::OpenSqliteStore(path, store::Access::kRead));
  ASSIGN_OR_RETURN(auto reader, store->Read());
  return engine::MakeQueries(std::move(store), std::move(reader), nullptr);
}

}  // namespace loyalty
