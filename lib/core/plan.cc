// SPDX-License-Identifier: Apache-2.0
//
// See plan.h.
#include "core/plan.h"

#include <algorithm>

#include "core/counters.h"

namespace loyalty::core {
namespace {

using Wanted = std::vector<model::CounterKey>;

void AddMetrics(const rules::CompiledProgram& program,
                const std::vector<int>& metrics, Wanted& wanted) {
  for (const int metric : metrics) {
    wanted.push_back({.name = program.metrics[metric].counter});
  }
}

void AddCounted(const Cause& cause, const model::Entity& entity,
                Wanted& wanted) {
  for (const Counted& counted : cause.counted) {
    if (counted.entity != entity) continue;
    wanted.push_back({.name = cause.type->metrics[counted.metric].counter});
  }
}

void AddAward(const Cause& cause, const rules::Rule& rule,
              const rules::Award& award, Wanted& wanted) {
  const rules::CompiledProgram& program = *cause.program;
  for (const rules::Limit& limit : award.limits) {
    wanted.push_back(LimitCounter(program, limit, *cause.event));
  }
  const rules::Currency& currency = program.currencies[award.currency];
  if (IsCapped(currency, rule.id)) {
    wanted.push_back(CapCounter(program, currency, *cause.event));
  }
}

void PlanEnter(const Cause& cause, const model::Entity& entity,
               Wanted& wanted) {
  const rules::EventType& type = *cause.type;
  AddCounted(cause, entity, wanted);
  if (entity.kind == model::Entity::Kind::kObject) {
    AddMetrics(*cause.program, type.object_metrics, wanted);
    return;
  }
  AddMetrics(*cause.program, type.actor_metrics, wanted);
  AddMetrics(*cause.program, type.member_metrics, wanted);
  for (const int r : cause.rules) {
    const rules::Rule& rule = type.rules[r];
    if (rule.asked_of_object) continue;
    for (const rules::Award& award : rule.awards) {
      if (award.to_actor) AddAward(cause, rule, award, wanted);
    }
  }
}

void PlanReach(const Cause& cause, const model::Entity& member,
               const ReachMember& reach, Wanted& wanted) {
  if (reach.named) AddCounted(cause, member, wanted);
  AddMetrics(*cause.program, cause.type->member_metrics, wanted);
  for (const ReachMember::Ask& ask : reach.asks) {
    const rules::Rule& rule = cause.type->rules[ask.rule];
    AddAward(cause, rule, rule.awards[ask.award], wanted);
  }
}

}  // namespace

model::ReadSet Plan(const Cause& cause, const Message& message) {
  model::ReadSet read{.entity = message.entity, .counters = {}};
  Wanted& wanted = read.counters;
  if (const auto* undo = std::get_if<Undo>(&message.what)) {
    for (const auto& [counter, used] : undo->uses) wanted.push_back(counter);
  } else if (cause.type == nullptr) {
    // A reserved event only undoes.
  } else if (std::holds_alternative<Enter>(message.what)) {
    PlanEnter(cause, message.entity, wanted);
  } else if (std::holds_alternative<ReachObject>(message.what)) {
    AddCounted(cause, message.entity, wanted);
    AddMetrics(*cause.program, cause.type->object_metrics, wanted);
  } else if (const auto* reach = std::get_if<ReachMember>(&message.what)) {
    PlanReach(cause, message.entity, *reach, wanted);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return read;
}

}  // namespace loyalty::core
