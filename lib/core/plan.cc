// SPDX-License-Identifier: Apache-2.0
//
// See plan.h.
#include "core/plan.h"

#include <algorithm>

#include "core/counters.h"

namespace loyalty::core {
namespace {

using Wanted = std::vector<model::CounterKey>;

// Rules often share what they read, a cap above all. Each is there once, so
// that little has to be sorted.
void Add(model::CounterKey counter, Wanted& wanted) {
  if (std::find(wanted.begin(), wanted.end(), counter) != wanted.end()) return;
  wanted.push_back(std::move(counter));
}

void AddMetrics(const rules::CompiledProgram& program,
                const std::vector<int>& metrics, Wanted& wanted) {
  for (const int metric : metrics) {
    Add({.name = program.metrics[metric].counter}, wanted);
  }
}

void AddCounted(const Cause& cause, const model::Entity& entity,
                Wanted& wanted) {
  for (const Counted& counted : cause.counted) {
    if (counted.entity != entity) continue;
    Add({.name = cause.type->metrics[counted.metric].counter}, wanted);
  }
}

void AddAward(const Cause& cause, const rules::Award& award, Wanted& wanted) {
  for (const rules::Limit& limit : award.limits) {
    Add(LimitCounter(cause, limit), wanted);
  }
  if (award.is_capped) {
    Add(CapCounter(cause, cause.program->currencies[award.currency]), wanted);
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
      if (award.to_actor) AddAward(cause, award, wanted);
    }
  }
}

void PlanReach(const Cause& cause, const model::Entity& member,
               const ReachMember& reach, Wanted& wanted) {
  if (reach.named) AddCounted(cause, member, wanted);
  AddMetrics(*cause.program, cause.type->member_metrics, wanted);
  for (const ReachMember::Ask& ask : reach.asks) {
    AddAward(cause, cause.type->rules[ask.rule].awards[ask.award], wanted);
  }
}

}  // namespace

void Plan(const Cause& cause, const Message& message, model::ReadSet& read) {
  read.entity = message.entity;
  Wanted& wanted = read.counters;
  wanted.clear();
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
}

model::ReadSet Plan(const Cause& cause, const Message& message) {
  model::ReadSet read;
  Plan(cause, message, read);
  return read;
}

}  // namespace loyalty::core
