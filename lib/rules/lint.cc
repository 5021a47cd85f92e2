// SPDX-License-Identifier: Apache-2.0
//
// Lint: what a program may say, but hardly meant. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

// A condition that reads nothing and is false always is.
bool CanNeverHold(const std::optional<cel::Expression>& condition) {
  if (!condition.has_value() || !condition->slots_used().empty()) return false;
  const absl::StatusOr<cel::Value> value = condition->Evaluate({});
  return value.ok() && value->Is(cel::Value::Kind::kBool) &&
         !value->bool_value();
}

// Whether members could award themselves without end.
bool IsFarmable(const CompiledProgram& program, const Rule& rule,
                const Award& award) {
  const Currency& currency = program.currencies[award.currency];
  const bool capped =
      currency.daily_cap.has_value() && !currency.cap_exempt.contains(rule.id);
  if (!award.to_actor || !award.limits.empty() || capped) return false;
  // A constant loss is no temptation.
  if (award.units.has_value() && award.units->slots_used().empty()) {
    const absl::StatusOr<cel::Value> units = award.units->Evaluate({});
    return units.ok() && units->int_value() > 0;
  }
  return true;
}

}  // namespace

void Compiler::Lint() {
  LintCampaigns();
  LintLadders();
  for (size_t i = 0; i < out_.event_types.size(); ++i) {
    const EventType& type = out_.event_types[i];
    const auto spec = std::find_if(
        spec_.event_types.begin(), spec_.event_types.end(),
        [&](const model::EventTypeSpec& s) { return s.id.text == type.id; });
    if (spec == spec_.event_types.end()) continue;  // one of ours
    const bool is_asked =
        std::any_of(type.badges.begin(), type.badges.end(),
                    [](const AskedBadge& badge) { return !badge.of_quest; });
    const auto written_rule = [&](const Rule& rule) {
      return static_cast<size_t>(rule.number) < spec_.rules.size();
    };
    const bool has_rules =
        std::any_of(type.rules.begin(), type.rules.end(), written_rule);
    if (!has_rules && type.metrics.empty() && !is_asked) {
      Warn(spec->id.at,
           absl::StrCat("event type \"", type.id,
                        "\": no rule and no metric is on it"),
           "Reward it, or leave it in as known and unrewarded.");
    }
    for (const Metric& metric : type.metrics) {
      const model::MetricSpec& of = spec_.metrics[metric.number];
      if (of.made_of.empty() || !CanNeverHold(metric.when)) continue;
      Warn(of.when.at, of.made_of + " can never count anything",
           "Its condition is always false.");
    }
    for (const Rule& rule : type.rules) {
      const auto number = static_cast<size_t>(rule.number);
      if (number >= spec_.rules.size()) break;  // behind them, those of badges
      const model::RuleSpec& written = spec_.rules[number];
      if (CanNeverHold(rule.when)) {
        Warn(written.when.at,
             absl::StrCat("rule \"", rule.id, "\" can never fire"),
             "Its condition is always false.");
      }
      for (const Award& award : rule.awards) {
        if (!IsFarmable(out_, rule, award)) continue;
        Warn(written.id.at,
             absl::StrCat("rule \"", rule.id,
                          "\": members can award themselves without limit"),
             "Add  limit { per: DAY times: 10 }  to the rule or the award.");
      }
    }
  }
}

}  // namespace loyalty::rules
