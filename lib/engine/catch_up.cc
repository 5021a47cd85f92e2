// SPDX-License-Identifier: Apache-2.0
//
// See catch_up.h.
#include "engine/catch_up.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "core/counters.h"
#include "engine/addressing.h"
#include "engine/award_limits.h"
#include "engine/standing_awards.h"
#include "model/member_name.h"

namespace loyalty {

std::string_view Name(CatchUpReport::Kind kind) {
  switch (kind) {
    case CatchUpReport::Kind::kRule: return "rule";
    case CatchUpReport::Kind::kBadge: return "badge";
    case CatchUpReport::Kind::kMetric: return "metric";
    case CatchUpReport::Kind::kStreak: return "streak";
    case CatchUpReport::Kind::kQuest: return "quest";
  }
  return "rule";
}

}  // namespace loyalty

namespace loyalty::engine {
namespace {

using core::CaughtUp;
using rules::CompiledProgram;
using Gain = CatchUpReport::Gain;
using GainKind = CatchUpReport::Kind;

constexpr std::string_view kBadgeRuleOf = "badge:";
constexpr size_t kMostMembers = 10;
constexpr int kEntitiesPage = 1000;

absl::Status NotOne(const CompiledProgram& program, std::string_view what,
                    const std::string& id,
                    const std::vector<std::string>& known) {
  const std::string said(what);
  const rules::Quest* const quest = program.FindQuest(id);
  if (what == "quest" && quest != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("quest \"", id,
                     "\" is done together, which is not applied to history: it "
                     "counts from when the program has it"));
  }
  if (program.FindStreak(id) != nullptr || quest != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", id, "\" is no ", said, ": name it as a ",
                     quest == nullptr ? "streak" : "quest"));
  }
  return absl::InvalidArgumentError(absl::StrCat("the program has no ", said,
                                                 " \"", id, "\". ",
                                                 base::DidYouMean(id, known)));
}

absl::Status CheckEach(const CompiledProgram& program, std::string_view what,
                       const std::vector<std::string>& known,
                       std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) == known.end()) {
      return NotOne(program, what, id, known);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (ids.size() <= CaughtUp::kMost) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("at most ", CaughtUp::kMost, " of a kind are applied to ",
                   "history at once, and ", ids.size(), " are named"));
}

std::vector<std::string> RulesOf(const CompiledProgram& program) {
  std::vector<std::string> ids;
  for (const std::string& id : program.rule_ids) {
    if (!id.starts_with(kBadgeRuleOf)) ids.push_back(id);
  }
  return ids;
}

// What happens to members happens as of now.
absl::Status CheckNoHappening(const CompiledProgram& program,
                              const std::vector<std::string>& rules) {
  for (const std::string& id : rules) {
    const int number = program.RuleNumber(id);
    for (const rules::EventType& type : program.event_types) {
      if (!type.happens || CompiledProgram::FindRule(type, number) == nullptr) {
        continue;
      }
      return absl::InvalidArgumentError(absl::StrCat(
          "rule \"", id, "\" is on ", type.id,
          ", which is not applied to history: name what happens to members, "
          "their badges, instead"));
    }
  }
  return absl::OkStatus();
}

bool Has(const std::vector<std::string>& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Bringing {
 public:
  using See =
      absl::FunctionRef<absl::Status(const model::Entity&, const CaughtUp&)>;

  Bringing(const CatchUp& what, const CompiledProgram& program,
           store::Reader& reader, StoredPrograms& programs,
           store::Reader& rehearsed, Hindsight& hindsight, See see)
      : program_(program),
        reader_(reader),
        programs_(programs),
        rehearsed_(rehearsed),
        hindsight_(hindsight),
        see_(see),
        journal_(reader, programs) {
    for (const rules::MetricTerms& metric : program.metrics) {
      if (!metric.is_told() || !Has(what.metrics, metric.id)) continue;
      core::ForEachCounterOf(metric, [&](model::Symbol name) {
        metrics_[name] = {GainKind::kMetric, metric.id};
      });
    }
    for (const std::string& id : what.streaks) {
      const rules::Streak& streak = *program.FindStreak(id);
      core::ForEachCounterOf(program.metrics[streak.metric],
                             [&](model::Symbol name) {
                               metrics_[name] = {GainKind::kStreak, id};
                             });
    }
    for (const std::string& id : what.quests) {
      core::ForEachCounterOf(*program.FindQuest(id), [&](model::Symbol name) {
        metrics_[name] = {GainKind::kQuest, id};
      });
    }
    rules_.insert(what.rules.begin(), what.rules.end());
    for (const rules::Badge& badge : program.badges) {
      const bool is_named =
          badge.streak >= 0
              ? Has(what.streaks, program.streaks[badge.streak].id)
          : badge.quest >= 0 ? Has(what.quests, program.quests[badge.quest].id)
                             : Has(what.badges, badge.id);
      if (is_named) rules_.insert(std::string(kBadgeRuleOf) + badge.id);
    }
  }

  absl::StatusOr<CatchUpReport> Run() {
    report_.version = program_.version;
    model::Entity after{.kind = model::Entity::Kind::kMember, .id = ""};
    while (true) {
      ASSIGN_OR_RETURN(const auto page,
                       rehearsed_.States(after, kEntitiesPage));
      for (const model::EntityState& would : page) {
        RETURN_IF_ERROR(BringTo(would));
      }
      if (std::ssize(page) < kEntitiesPage) break;
      after = page.back().entity;
    }
    RETURN_IF_ERROR(BringToProgram());
    Finish();
    return std::move(report_);
  }

 private:
  absl::Status BringTo(const model::EntityState& would) {
    const model::Entity& entity = would.entity;
    const bool is_member = entity.kind == model::Entity::Kind::kMember;
    if (is_member && model::IsErasedName(entity.id)) {
      ++report_.forgotten;
      return absl::OkStatus();
    }
    if (is_member) {
      ASSIGN_OR_RETURN(const std::string now, reader_.Resolve(entity.id));
      if (now != entity.id) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const auto found, reader_.Find(entity));
    model::EntityState is;
    is.entity = entity;
    if (found.has_value()) is = *found;
    if (is_member && !is.exists && program_.enrolment_required) {
      return absl::OkStatus();
    }
    CaughtUp brought;
    brought.counts = CountsOf(is, would);
    if (is_member && !rules_.empty()) {
      RETURN_IF_ERROR(AddAwards(is, would, brought));
      RETURN_IF_ERROR(AddUses(brought));
    }
    return Tell(is, std::move(brought));
  }

  absl::Status BringToProgram() {
    ASSIGN_OR_RETURN(const model::EntityState is, reader_.Program());
    ASSIGN_OR_RETURN(const model::EntityState would, rehearsed_.Program());
    CaughtUp brought;
    brought.counts = CountsOf(is, would);
    return Tell(is, std::move(brought));
  }

  // Limits and budgets count what is brought, also where that is more than they
  // have left: by what each of it is for, so that it can be given back with
  // that.
  absl::Status AddUses(CaughtUp& brought) {
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_.Aliases());
    core::Uses limits, budgets;
    const auto add = [&](const CaughtUp::Award& award,
                         const CaughtUp::Source& source) -> absl::Status {
      if (!core::IsCounted(program_,
                           {.rule = award.rule, .award = award.award})) {
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const Event* const event, journal_.EventOf(source.seq));
      if (event == nullptr) return absl::OkStatus();
      const Used used = UsedFor(program_, award, source, *event);
      for (const auto& [counter, use] : used.limits) {
        limits[Now(counter, *aliases)] += use;
      }
      AddTo(budgets, used.budgets);
      return absl::OkStatus();
    };
    for (const CaughtUp::Award& award : brought.awards) {
      for (const CaughtUp::Source& source : award.of) {
        RETURN_IF_ERROR(add(award, source));
      }
    }
    for (const CaughtUp::Grant& grant : brought.grants) {
      for (const CaughtUp::Award& award : grant.awards) {
        RETURN_IF_ERROR(add(
            award,
            {.seq = grant.seq, .limited = award.units, .units = award.units}));
      }
    }
    for (const auto& [counter, more] : limits) {
      brought.counts.push_back({.counter = counter, .more = more});
    }
    for (const auto& [budget, more] : budgets) {
      brought.budgets.push_back({.counter = budget, .more = more});
    }
    return absl::OkStatus();
  }

  // What metrics would be, they become.
  std::vector<CaughtUp::Count> CountsOf(const model::EntityState& is,
                                        const model::EntityState& would) const {
    std::vector<CaughtUp::Count> counts;
    const auto add = [&](const model::CounterKey& counter) {
      if (!metrics_.contains(counter.name)) return;
      if (counter.key.kind() == model::Entity::Kind::kMember &&
          model::IsErasedName(counter.key.id())) {
        return;
      }
      const auto more = base::Sum(would.Counter(counter), -is.Counter(counter));
      if (!more.has_value() || *more == 0) return;
      counts.push_back({.counter = counter, .more = *more});
    };
    for (const auto& [counter, value] : would.counters) add(counter);
    for (const auto& [counter, value] : is.counters) {
      if (would.Counter(counter) == 0 && value != 0) add(counter);
    }
    return counts;
  }

  bool IsWanted(model::Symbol rule) const {
    return rules_.contains(rule.text());
  }

  absl::Status AddAwards(const model::EntityState& is,
                         const model::EntityState& would, CaughtUp& brought) {
    const auto wanted = [this](model::Symbol rule) { return IsWanted(rule); };
    ASSIGN_OR_RETURN(
        StandingAwards then,
        StandingAwardsOf(rehearsed_, hindsight_.programs(), would, wanted));
    if (then.awards.empty() && then.badges.empty()) return absl::OkStatus();
    StandingAwards now;
    if (is.exists) {
      ASSIGN_OR_RETURN(now, StandingAwardsOf(reader_, programs_, is, wanted));
    }
    for (const auto& [which, of] : then.awards) {
      AddAward(which, now.awards[which], of, brought);
    }
    for (const auto& [badge, grants] : then.badges) {
      AddGrants(badge, now.badges[badge], grants, brought);
    }
    return absl::OkStatus();
  }

  void AddAward(const StandingAwards::Which& which,
                const StandingAwards::Of& is, const StandingAwards::Of& would,
                CaughtUp& brought) const {
    int64_t left = would.units - is.units;
    CaughtUp::Award award = AwardOf(which);
    if (award.currency < 0) return;
    const auto finish = [&] {
      award.units = std::min(award.units, left);
      left -= award.units;
      if (award.units > 0) brought.awards.push_back(award);
      award.units = 0;
      award.of.clear();
    };
    for (const auto& [seq, source] : would.by) {
      const auto had = is.by.find(seq);
      CaughtUp::Source more = source;
      if (had != is.by.end()) {
        more.units -= had->second.units;
        more.limited -= had->second.limited;
      }
      if (more.units <= 0 || left <= 0) continue;
      const bool is_full = award.of.size() == CaughtUp::kMost ||
                           award.units + more.units > base::kMaxAmount;
      if (is_full) finish();
      award.of.push_back(more);
      award.units += more.units;
    }
    finish();
  }

  CaughtUp::Award AwardOf(const StandingAwards::Which& which) const {
    return {.rule = which.rule,
            .award = which.award,
            .currency = program_.CurrencyIndex(which.currency.text())};
  }

  // Those that the member lacks: of objects that gave none, or the newest.
  void AddGrants(model::Symbol id, const std::vector<StandingAwards::Grant>& is,
                 const std::vector<StandingAwards::Grant>& would,
                 CaughtUp& brought) const {
    const rules::Badge* const badge = program_.FindBadge(id.text());
    if (badge == nullptr) return;
    if (badge->quest >= 0) return AddQuest(*badge, is, would, brought);
    size_t first = std::min(is.size(), would.size());
    if (!badge->is_counted && !is.empty()) first = would.size();
    if (badge->per_target) first = 0;
    for (size_t i = first; i < would.size(); ++i) {
      const model::Movement& grant = would[i].grant;
      if (badge->per_target &&
          std::any_of(is.begin(), is.end(), [&](const auto& had) {
            return had.grant.subject == grant.subject;
          })) {
        continue;
      }
      AddGrant(*badge, would[i], brought);
    }
  }

  // As often as the member lacks it: first those that no entry gave.
  void AddQuest(const rules::Badge& badge,
                const std::vector<StandingAwards::Grant>& is,
                const std::vector<StandingAwards::Grant>& would,
                CaughtUp& brought) const {
    auto lacks = std::ssize(would) - std::ssize(is);
    for (const StandingAwards::Grant& one : would) {
      const bool is_there =
          std::any_of(is.begin(), is.end(), [&](const auto& had) {
            return had.grant.at.seq == one.grant.at.seq;
          });
      if (is_there || lacks-- <= 0) continue;
      AddGrant(badge, one, brought);
    }
  }

  void AddGrant(const rules::Badge& badge, const StandingAwards::Grant& would,
                CaughtUp& brought) const {
    CaughtUp::Grant more{
        .badge = static_cast<int>(&badge - program_.badges.data()),
        .seq = would.grant.at.seq,
        .object = badge.per_target ? would.grant.subject : std::nullopt};
    for (const auto& [which, units] : would.awards) {
      CaughtUp::Award award = AwardOf(which);
      award.units = units;
      if (units > 0 && award.currency >= 0) more.awards.push_back(award);
    }
    brought.grants.push_back(std::move(more));
  }

  absl::Status Tell(const model::EntityState& is, CaughtUp brought) {
    if (brought.empty()) return absl::OkStatus();
    Report(is, brought);
    if (brought.counts.size() <= CaughtUp::kMost &&
        brought.budgets.size() <= CaughtUp::kMost &&
        brought.awards.size() <= CaughtUp::kMost &&
        brought.grants.size() <= CaughtUp::kMost) {
      return see_(is.entity, brought);
    }
    while (!brought.empty()) {
      CaughtUp part;
      const auto move = [](auto& from, auto& to) {
        const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(
                                            from.size(), CaughtUp::kMost));
        to.assign(from.begin(), end);
        from.erase(from.begin(), end);
      };
      move(brought.counts, part.counts);
      move(brought.budgets, part.budgets);
      move(brought.awards, part.awards);
      move(brought.grants, part.grants);
      RETURN_IF_ERROR(see_(is.entity, part));
    }
    return absl::OkStatus();
  }

  using Key = std::pair<GainKind, std::pair<std::string, std::string>>;

  static Gain& GainOf(std::map<Key, Gain>& gains, GainKind kind,
                      const std::string& id, const std::string& currency) {
    Gain& gain = gains[{kind, {id, currency}}];
    gain.kind = kind;
    gain.id = id;
    gain.currency = currency;
    return gain;
  }

  void Report(const model::EntityState& is, const CaughtUp& brought) {
    std::map<Key, Gain> gains;
    std::map<int, int64_t> units;  // by currency
    int64_t all = 0;
    const auto earn = [&](const CaughtUp::Award& award) {
      units[award.currency] += award.units;
      all += award.units;
    };
    for (const CaughtUp::Award& award : brought.awards) {
      Gain& gain = GainOf(gains, GainKind::kRule, award.rule.text(),
                          program_.currencies[award.currency].id);
      gain.units += award.units;
      gain.events += std::ssize(award.of);
      earn(award);
    }
    for (const CaughtUp::Grant& grant : brought.grants) {
      const rules::Badge& badge = program_.badges[grant.badge];
      const GainKind kind = badge.streak >= 0  ? GainKind::kStreak
                            : badge.quest >= 0 ? GainKind::kQuest
                                               : GainKind::kBadge;
      const std::string& id =
          badge.quest >= 0 ? program_.quests[badge.quest].id : badge.id;
      ++GainOf(gains, kind, id, "").units;
      for (const CaughtUp::Award& award : grant.awards) {
        GainOf(gains, kind, id, program_.currencies[award.currency].id).units +=
            award.units;
        earn(award);
      }
    }
    if (!gains.empty()) {
      ++report_.members;
      CountRising(is, units);
      CatchUpReport::Member member{.member = is.entity.id};
      for (const auto& [key, gain] : gains) member.gains.push_back(gain);
      KeepMost(all, std::move(member));
    }
    for (const CaughtUp::Count& count : brought.counts) {
      const auto metric = metrics_.find(count.counter.name);
      if (metric == metrics_.end()) continue;
      const auto& [kind, id] = metric->second;
      // Of a quest, that it was done says all that there is to be gained.
      if (kind == GainKind::kQuest) continue;
      GainOf(gains, kind, id, "").units += count.more;
    }
    for (const auto& [key, gain] : gains) {
      const bool is_first = !totals_.contains(key);
      Gain& total = GainOf(totals_, gain.kind, gain.id, gain.currency);
      if (!is_first) ++total.whose;
      total.units = base::Sum(total.units, gain.units).value_or(total.units);
      total.events += gain.events;
    }
  }

  void CountRising(const model::EntityState& is,
                   const std::map<int, int64_t>& units) {
    for (size_t i = 0; i < program_.ladders.size(); ++i) {
      const rules::Ladder& ladder = program_.ladders[i];
      const auto more = units.find(ladder.currency);
      if (ladder.tiers.has_value() || more == units.end()) continue;
      const int64_t earned =
          is.Held(program_.currencies[ladder.currency].symbol).earned;
      if (ladder.LevelOf(earned + more->second) > ladder.LevelOf(earned)) {
        ++rising_[i];
      }
    }
  }

  void KeepMost(int64_t units, CatchUpReport::Member member) {
    most_.emplace(std::pair(-units, member.member), std::move(member));
    if (most_.size() > kMostMembers) most_.erase(std::prev(most_.end()));
  }

  void Finish() {
    for (auto& [key, total] : totals_) {
      report_.totals.push_back(std::move(total));
    }
    for (auto& [units, member] : most_) {
      report_.most.push_back(std::move(member));
    }
    for (const auto& [ladder, members] : rising_) {
      report_.rising.push_back({program_.ladders[ladder].id, members});
    }
    report_.unread = hindsight_.left_out();
    report_.reasons = hindsight_.reasons();
  }

  const CompiledProgram& program_;
  store::Reader& reader_;
  StoredPrograms& programs_;
  store::Reader& rehearsed_;
  Hindsight& hindsight_;
  See see_;
  // By counter: what it is of, which comes to what it would be.
  std::map<model::Symbol, std::pair<GainKind, std::string>> metrics_;
  std::set<std::string, std::less<>> rules_;  // badges' too, "badge:ID"
  JournalReader journal_;
  std::map<Key, Gain> totals_;
  std::map<std::pair<int64_t, std::string>, CatchUpReport::Member> most_;
  std::map<size_t, int64_t> rising_;
  CatchUpReport report_;
};

}  // namespace

absl::StatusOr<CatchUp> Checked(const CompiledProgram& program, CatchUp what) {
  std::vector<std::string> badges;
  for (const rules::Badge& badge : program.badges) {
    if (badge.is_told()) badges.push_back(badge.id);
  }
  std::vector<std::string> metrics;
  for (const rules::MetricTerms& metric : program.metrics) {
    if (metric.is_told()) metrics.push_back(metric.id);
  }
  std::vector<std::string> streaks, quests;
  for (const rules::Streak& streak : program.streaks) {
    streaks.push_back(streak.id);
  }
  for (const rules::Quest& quest : program.quests) {
    if (!quest.is_together()) quests.push_back(quest.id);
  }
  RETURN_IF_ERROR(CheckEach(program, "rule", RulesOf(program), what.rules));
  RETURN_IF_ERROR(CheckNoHappening(program, what.rules));
  RETURN_IF_ERROR(CheckEach(program, "badge", badges, what.badges));
  RETURN_IF_ERROR(CheckEach(program, "metric", metrics, what.metrics));
  RETURN_IF_ERROR(CheckEach(program, "streak", streaks, what.streaks));
  RETURN_IF_ERROR(CheckEach(program, "quest", quests, what.quests));
  if (what.rules.empty() && what.badges.empty() && what.metrics.empty() &&
      what.streaks.empty() && what.quests.empty()) {
    return absl::InvalidArgumentError(
        "nothing is named: say which rules, badges, metrics, streaks or quests "
        "are to be applied to history");
  }
  return what;
}

absl::StatusOr<CatchUpReport> ForEachBrought(
    const CatchUp& what, store::Reader& reader, StoredPrograms& programs,
    Hindsight& hindsight,
    absl::FunctionRef<absl::Status(const model::Entity&, const CaughtUp&)>
        see) {
  ASSIGN_OR_RETURN(const auto program, programs.Latest());
  ASSIGN_OR_RETURN(const auto rehearsed, hindsight.Read());
  return Bringing(what, *program, reader, programs, *rehearsed, hindsight, see)
      .Run();
}

}  // namespace loyalty::engine
