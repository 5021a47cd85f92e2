// SPDX-License-Identifier: Apache-2.0
//
// See plan.h.
#include "core/plan.h"

#include <algorithm>

#include "base/window.h"
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

void AddCounted(const rules::CompiledProgram& program,
                const rules::EventType& type, const Event& event,
                const model::Entity& entity, Wanted& wanted) {
  for (const Counted& counted : CountedOf(program, type, event)) {
    if (counted.entity == entity) wanted.push_back(counted.counter);
  }
}

void AddAward(const rules::CompiledProgram& program, const rules::Rule& rule,
              const rules::Award& award, const Event& event, Wanted& wanted) {
  for (const rules::Limit& limit : award.limits) {
    wanted.push_back(LimitCounter(program, limit, event));
  }
  const rules::Currency& currency = program.currencies[award.currency];
  if (IsCapped(currency, rule.id)) {
    wanted.push_back(CapCounter(program, currency, event));
  }
}

void PlanEnter(const rules::CompiledProgram& program,
               const rules::EventType& type, const Event& event,
               const model::Entity& entity, Wanted& wanted) {
  AddCounted(program, type, event, entity, wanted);
  if (entity.kind == model::Entity::Kind::kObject) {
    AddMetrics(program, type.object_metrics, wanted);
    return;
  }
  AddMetrics(program, type.actor_metrics, wanted);
  AddMetrics(program, type.member_metrics, wanted);
  for (const rules::Rule& rule : type.rules) {
    if (rule.asked_of_object) continue;
    for (const rules::Award& award : rule.awards) {
      if (award.to_actor) AddAward(program, rule, award, event, wanted);
    }
  }
}

}  // namespace

model::ReadSet Plan(const rules::CompiledProgram& program,
                    const rules::EventType* type, const Event& event,
                    const Message& message) {
  model::ReadSet read{.entity = message.entity, .counters = {}};
  Wanted& wanted = read.counters;
  if (const auto* undo = std::get_if<Undo>(&message.what)) {
    for (const auto& [counter, used] : undo->uses) wanted.push_back(counter);
  } else if (type == nullptr) {
    // A reserved event only undoes.
  } else if (std::holds_alternative<Enter>(message.what)) {
    PlanEnter(program, *type, event, message.entity, wanted);
  } else if (std::holds_alternative<ReachObject>(message.what)) {
    AddCounted(program, *type, event, message.entity, wanted);
    AddMetrics(program, type->object_metrics, wanted);
  } else if (const auto* reach = std::get_if<ReachMember>(&message.what)) {
    if (reach->named) {
      AddCounted(program, *type, event, message.entity, wanted);
    }
    AddMetrics(program, type->member_metrics, wanted);
    for (const ReachMember::Ask& ask : reach->asks) {
      const rules::Rule& rule = type->rules[ask.rule];
      AddAward(program, rule, rule.awards[ask.award], event, wanted);
    }
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return read;
}

}  // namespace loyalty::core
