// SPDX-License-Identifier: Apache-2.0
//
// Rules, as they stand for one event type. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/amounts.h"
#include "base/suggest.h"
#include "base/views.h"
#include "rules/compiler.h"
#include "rules/happening.h"

namespace loyalty::rules {
namespace {

using base::av;

bool IsOn(const std::vector<model::Text>& on, const std::string& type) {
  return std::any_of(on.begin(), on.end(),
                     [&](const model::Text& t) { return t.text == type; });
}

// Each once, in the order of their names, which tell them apart.
std::vector<Counter> InOrder(std::vector<Counter> counters) {
  std::sort(counters.begin(), counters.end(),
            [](const Counter& a, const Counter& b) { return a.name < b.name; });
  const auto repeated = std::unique(
      counters.begin(), counters.end(),
      [](const Counter& a, const Counter& b) { return a.name == b.name; });
  counters.erase(repeated, counters.end());
  return counters;
}

int PlaceOf(const std::vector<Counter>& counters, model::Symbol name) {
  const auto found = std::lower_bound(
      counters.begin(), counters.end(), name,
      [](const Counter& a, model::Symbol b) { return a.name < b; });
  return static_cast<int>(found - counters.begin());
}

// What a formula that reads nothing says, unless that is an error.
std::optional<int64_t> FixedUnits(const cel::Expression& units) {
  if (!units.slots_used().empty()) return std::nullopt;
  const absl::StatusOr<cel::Value> value = units.Evaluate({});
  if (!value.ok() || !value->Is(cel::Value::Kind::kInt)) return std::nullopt;
  return value->int_value();
}

}  // namespace

void NotePeriod(EventType& type, base::Period period) {
  const auto& known = type.periods;
  if (std::find(known.begin(), known.end(), period) == known.end()) {
    type.periods.push_back(period);
  }
}

void Compiler::CheckOn(const std::vector<model::Text>& on,
                       const std::string& what, bool is_rule) {
  for (const model::Text& type : on) {
    if (!is_rule && IsHappening(type.text)) {
      Error(type.at,
            absl::StrCat(what, ": only rules are on \"", type.text, "\""));
      continue;
    }
    if (out_.event_type_index.contains(type.text)) continue;
    std::vector<std::string> types;
    const bool is_ours = is_rule && type.text.starts_with("loyalty.");
    for (const EventType& known : is_ours ? Happenings() : out_.event_types) {
      types.push_back(known.id);
    }
    Error(
        type.at,
        absl::StrCat(what, ": event type \"", type.text, "\" is not declared"),
        base::DidYouMean(type.text, types));
  }
}

// Ids, and the event types rules and metrics are on. False if a rule cannot be
// told by its id; what follows would only repeat it.
bool Compiler::RuleNames() {
  const auto check_on = [&](const std::vector<model::Text>& on,
                            const model::Text& id, const std::string& what,
                            bool is_rule) {
    if (on.empty()) {
      Error(id.at, what + " is on no event type", "Add  on: \"...\"");
    }
    CheckOn(on, what, is_rule);
  };
  using Made = model::MetricSpec::Made;
  for (const model::MetricSpec& metric : spec_.metrics) {
    const bool reads_streak =
        metric.made == Made::kLongest || metric.made == Made::kReached;
    if (reads_streak || !metric.earned.empty() || !metric.among.empty()) {
      continue;
    }
    check_on(metric.on, metric.id,
             metric.made == Made::kNo
                 ? absl::StrCat("metric \"", metric.id.text, "\"")
                 : metric.made_of,
             false);
  }
  bool named = true;
  std::set<std::string> seen;
  for (const model::RuleSpec& rule : spec_.rules) {
    named &= ValidId(rule.id, "rule", true);
    named &= Unique(seen, rule.id, "rule");
    if (rule.id.text == "opening") {
      Error(rule.id.at, "rule \"opening\" has a reserved name",
            "Choose another; opening units are booked under it.");
    }
    out_.rule_numbers.emplace(rule.id.text,
                              static_cast<int>(out_.rule_ids.size()));
    out_.rule_ids.push_back(rule.id.text);
    out_.rule_texts.push_back(rule.describe.text);
    const std::string what = absl::StrCat("rule \"", rule.id.text, "\"");
    check_on(rule.on, rule.id, what, true);
    CheckHappening(rule);
    if (rule.awards.empty() && !rule.reverse_object && !rule.reverse_event &&
        !rule.stop) {
      Error(rule.id.at, what + " has no effect",
            "Add an award, a reverse_object or a reverse_event.");
    }
  }
  // What badges give is told, limited and reversed as what rules do.
  for (const model::BadgeSpec& badge : spec_.badges) {
    out_.rule_numbers.emplace(badge.rule.id.text,
                              static_cast<int>(out_.rule_ids.size()));
    out_.rule_ids.push_back(badge.rule.id.text);
    out_.rule_texts.push_back(badge.rule.describe.text);
    CheckOn(badge.rule.on, absl::StrCat("badge \"", badge.id.text, "\""));
  }
  out_.limits.resize(out_.rule_ids.size());
  out_.budgets.resize(out_.rule_ids.size());
  return named;
}

void Compiler::RulesOf(EventType& type) {
  for (size_t i = 0; i < spec_.rules.size() && !IsFull(); ++i) {
    if (IsOn(spec_.rules[i].on, type.id)) {
      type.rules.push_back(CompiledRule(type, spec_.rules[i], i));
    }
  }
  type.index = IndexOf(type);
}

RuleIndex Compiler::IndexOf(const EventType& type) const {
  std::vector<const cel::Expression*> conditions;
  for (const Rule& rule : type.rules) {
    conditions.push_back(rule.when.has_value() ? &*rule.when : nullptr);
  }
  return RuleIndex(conditions, type.reads.event);
}

void Compiler::NumberCounters(EventType& type) const {
  std::vector<Counter> all;
  // What `see` is called with is noted at first, and then numbered.
  const auto each_of_awards = [&](Award& award, const auto& see) {
    for (const Limit& limit : award.limits) see(limit.counter);
    if (award.is_capped) {
      see({.name = out_.currencies[award.currency].cap_counter,
           .per = base::Period::kDay});
    }
  };
  const auto note = [&](const Counter& counter) { all.push_back(counter); };
  for (Rule& rule : type.rules) {
    for (Award& award : rule.awards) each_of_awards(award, note);
  }
  const auto is_plain = [&](int metric) {
    return out_.metrics[metric].is_plain();
  };
  for (const Metric& metric : type.metrics) {
    if (metric.is_plain) note({.name = out_.metrics[metric.number].counter});
  }
  for (const auto* read : {&type.actor_metrics, &type.member_metrics,
                           &type.holder_metrics, &type.object_metrics}) {
    for (const int metric : *read) {
      if (is_plain(metric)) note({.name = out_.metrics[metric].counter});
    }
  }
  type.counters = InOrder(std::move(all));

  const auto place_of = [&](model::Symbol name) {
    return PlaceOf(type.counters, name);
  };
  for (Rule& rule : type.rules) {
    for (Award& award : rule.awards) {
      each_of_awards(award, [&](const Counter& counter) {
        award.counters.push_back(place_of(counter.name));
      });
    }
  }
  for (Metric& metric : type.metrics) {
    if (!metric.is_plain) continue;
    metric.counter_place = place_of(out_.metrics[metric.number].counter);
  }
  const auto places_of = [&](const std::vector<int>& metrics) {
    std::vector<int> places;
    for (const int metric : metrics) {
      if (!is_plain(metric)) continue;
      places.push_back(place_of(out_.metrics[metric].counter));
    }
    return places;
  };
  type.actor_counters = places_of(type.actor_metrics);
  type.member_counters = places_of(type.member_metrics);
  type.holder_counters = places_of(type.holder_metrics);
  type.object_counters = places_of(type.object_metrics);
}

Rule Compiler::CompiledRule(EventType& type, const model::RuleSpec& spec,
                            size_t number, Scope awards) {
  const std::string what = absl::StrCat("rule \"", spec.id.text, "\"");
  Rule rule;
  rule.number = static_cast<int>(number);
  rule.id = spec.id.text;
  rule.symbol = rule.id;
  if (!spec.when.empty()) {
    rule.when =
        Expression(spec.when, Scope::kRule, cel::Type::Bool(), what + ", when");
    Note(type, rule.when);
  }
  AskOfObject(type, rule.when, spec.when.at, what, rule);
  rule.times = TimesOf(spec.campaign, spec.during, what);
  rule.stop = spec.stop;
  std::vector<std::vector<Limit>> limits;
  std::vector<std::vector<Budget>> budgets;
  for (size_t i = 0; i < spec.awards.size(); ++i) {
    std::optional<Award> award = CompiledAward(type, spec, i, awards);
    if (!award.has_value()) continue;
    for (const auto* expression : {&award->to, &award->units, &award->when}) {
      Note(type, *expression);
      AskOfObject(type, *expression, spec.awards[i].at, what, rule);
    }
    for (const int multiplier : award->multipliers) {
      AskOfObject(type, type.multipliers[multiplier].when, spec.awards[i].at,
                  what + ", by its multipliers,", rule);
    }
    for (const Limit& limit : award->limits) {
      NotePeriod(type, limit.counter.per);
      Note(type, limit.counter.by.text);
    }
    if (award->is_capped) NotePeriod(type, base::Period::kDay);
    limits.push_back(award->limits);
    for (const Budget& budget : award->budgets) {
      NotePeriod(type, budget.counter.per);
    }
    budgets.push_back(award->budgets);
    rule.awards.push_back(*std::move(award));
  }
  out_.limits[number] = std::move(limits);
  out_.budgets[number] = std::move(budgets);
  if (rule.asked_of_object) NoteObject(type, rule.object);
  if (spec.reverse_object.has_value()) {
    rule.reverse_object = CompiledReversal(type, spec);
  }
  if (spec.reverse_event.has_value()) {
    rule.reverse_event = Identity(spec.reverse_event->event, Scope::kRule,
                                  what + ", reverse_event.event");
    Note(type, rule.reverse_event);
  }
  return rule;
}

std::optional<Award> Compiler::CompiledAward(EventType& type,
                                             const model::RuleSpec& rule,
                                             size_t number, Scope scope) {
  const model::AwardSpec& spec = rule.awards[number];
  const std::string what =
      absl::StrCat("rule \"", rule.id.text, "\", award",
                   rule.awards.size() > 1 ? absl::StrCat(" ", number + 1) : "");
  Award award;
  award.self_allowed = spec.self_allowed;
  award.currency = out_.CurrencyIndex(spec.currency.text);
  if (award.currency < 0) {
    std::vector<std::string> known;
    for (const Currency& c : out_.currencies) {
      if (!c.is_badge) known.push_back(c.id);
    }
    Error(spec.currency.at,
          spec.currency.empty()
              ? what + " names no currency"
              : absl::StrCat(what, ": currency \"", spec.currency.text,
                             "\" is not declared"),
          base::DidYouMean(spec.currency.text, known));
    return std::nullopt;
  }
  award.to_actor = spec.to.empty() || spec.to.text == "actor" ||
                   spec.to.text == "event.actor";
  if (!award.to_actor) {
    award.to = Recipients(spec.to, what + ", to");
  }
  if (spec.units.empty()) {
    Error(spec.at, what + " has no units", "Add  units: \"10\"");
  } else {
    award.units =
        Expression(spec.units, scope, cel::Type::Int(), what + ", units");
    if (award.units.has_value()) award.fixed_units = FixedUnits(*award.units);
  }
  award.rounding = spec.rounding;
  if (!spec.factor.empty()) award.factor = Factor(spec.factor, spec.at, what);
  if (!spec.when.empty()) {
    award.when =
        Expression(spec.when, scope, cel::Type::Bool(), what + ", when");
  }
  award.limits = LimitsOf(type, rule, number, what);
  BudgetsOf(rule, award);
  AddMultipliers(type, rule, spec, award);
  award.reads_frame = award.when.has_value() ||
                      !award.fixed_units.has_value() ||
                      !award.multipliers.empty();
  const Currency& currency = out_.currencies[award.currency];
  award.lot_terms = spec.lot_terms.empty() ? currency.lot_terms
                                           : LotTermsOf(spec.lot_terms, what);
  award.is_capped = currency.daily_cap.has_value() &&
                    !currency.cap_exempt.contains(rule.id.text);
  return award;
}

ReverseObject Compiler::CompiledReversal(EventType& type,
                                         const model::RuleSpec& rule) {
  const model::ReverseObjectSpec& spec = *rule.reverse_object;
  const std::string what =
      absl::StrCat("rule \"", rule.id.text, "\", reverse_object");
  ReverseObject reversal;
  const model::Text object =
      spec.object.empty() ? model::Text{"event.target", spec.at} : spec.object;
  reversal.object = Identity(object, Scope::kRule, what + ".object");
  Note(type, reversal.object);
  if (!spec.rules.empty() && !spec.keep.empty()) {
    Error(spec.at, what + " says both rule and keep",
          "Say which rules' awards go, or which stay, not both.");
  }
  reversal.rules = RuleSet(spec.rules, what + ".rule");
  reversal.keep = RuleSet(spec.keep, what + ".keep");
  return reversal;
}

std::set<std::string, std::less<>> Compiler::RuleSet(
    const std::vector<model::Text>& names, const std::string& where) {
  std::set<std::string, std::less<>> set;
  for (const model::Text& name : names) {
    if (out_.RuleNumber(name.text) < 0) {
      Error(name.at,
            absl::StrCat(where, ": rule \"", name.text, "\" is not declared"),
            base::DidYouMean(name.text, out_.rule_ids));
    }
    set.insert(name.text);
  }
  return set;
}

}  // namespace loyalty::rules
