// SPDX-License-Identifier: Apache-2.0
//
// See counters.h.
#include "core/counters.h"

#include "base/window.h"

namespace loyalty::core {
namespace {

using rules::CompiledProgram;

const std::vector<rules::Limit>* LimitsOf(const CompiledProgram& program,
                                          const model::Movement& award) {
  const int rule = program.RuleNumber(award.rule.text());
  if (rule < 0) return nullptr;
  const auto& awards = program.limits[rule];
  const auto index = static_cast<size_t>(award.award);
  return index < awards.size() ? &awards[index] : nullptr;
}

// By what a limit is kept apart from itself.
model::Entity LimitKey(model::LimitSpec::Key key, const Event& event) {
  switch (key) {
    case model::LimitSpec::Key::kMember: break;
    case model::LimitSpec::Key::kPair:
      if (event.actor.has_value()) return MemberEntity(*event.actor);
      break;
    case model::LimitSpec::Key::kObject:
      if (event.target.has_value()) return ObjectEntity(*event.target);
      break;
  }
  return {};
}

}  // namespace

model::Entity MemberEntity(std::string_view id) {
  return {model::Entity::Kind::kMember, std::string(id)};
}

model::Entity ObjectEntity(std::string_view id) {
  return {model::Entity::Kind::kObject, std::string(id)};
}

model::Entity EntryOf(const Event& event) {
  if (event.actor.has_value()) return MemberEntity(*event.actor);
  if (event.target.has_value()) return ObjectEntity(*event.target);
  return {};
}

model::CounterKey KeyOf(const Cause& cause, const rules::Counter& counter) {
  return {.name = counter.name,
          .window = cause.WindowOf(counter.per),
          .key = LimitKey(counter.key, *cause.event)};
}

model::CounterKey LimitCounter(const Cause& cause, const rules::Limit& limit) {
  return {.name = limit.counter,
          .window = cause.WindowOf(limit.per),
          .key = LimitKey(limit.key, *cause.event)};
}

model::CounterKey CapCounter(const Cause& cause,
                             const rules::Currency& currency) {
  return {.name = currency.cap_counter,
          .window = cause.WindowOf(base::Period::kDay)};
}

Uses LimitUses(const CompiledProgram& program, const model::Movement& award,
               const Event& event) {
  Uses uses;
  const std::vector<rules::Limit>* limits = LimitsOf(program, award);
  if (limits == nullptr || award.limited <= 0) return uses;
  for (const rules::Limit& limit : *limits) {
    // Limits of a group share a counter, which an award uses once.
    const int64_t window =
        base::WindowStart(event.time, limit.per, program.time_zone);
    uses[{limit.counter, window, LimitKey(limit.key, event)}] =
        limit.counts_times ? 1 : award.limited;
  }
  return uses;
}

bool HasLimits(const CompiledProgram& program, const model::Movement& award) {
  const std::vector<rules::Limit>* limits = LimitsOf(program, award);
  return limits != nullptr && !limits->empty();
}

}  // namespace loyalty::core
