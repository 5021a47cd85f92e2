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

model::CounterKey LimitCounter(const CompiledProgram& program,
                               const rules::Limit& limit, const Event& event) {
  model::CounterKey counter{
      .name = limit.counter,
      .window = base::WindowStart(event.time, limit.per, program.time_zone),
      .key = ""};
  switch (limit.key) {
    case model::LimitSpec::Key::kMember: break;
    case model::LimitSpec::Key::kPair:
      counter.key = event.actor.value_or("");
      break;
    case model::LimitSpec::Key::kObject:
      counter.key = event.target.value_or("");
      break;
  }
  return counter;
}

model::CounterKey CapCounter(const CompiledProgram& program,
                             const rules::Currency& currency,
                             const Event& event) {
  return {.name = currency.cap_counter,
          .window = base::WindowStart(event.time, base::Period::kDay,
                                      program.time_zone),
          .key = ""};
}

bool IsCapped(const rules::Currency& currency, std::string_view rule) {
  return currency.daily_cap.has_value() && !currency.cap_exempt.contains(rule);
}

model::Counters LimitUses(const CompiledProgram& program,
                          const model::Movement& award, const Event& event) {
  model::Counters uses;
  const std::vector<rules::Limit>* limits = LimitsOf(program, award);
  if (limits == nullptr || award.limited <= 0) return uses;
  for (const rules::Limit& limit : *limits) {
    // Limits of a group share a counter, which an award uses once.
    uses[LimitCounter(program, limit, event)] =
        limit.counts_times ? 1 : award.limited;
  }
  return uses;
}

bool HasLimits(const CompiledProgram& program, const model::Movement& award) {
  const std::vector<rules::Limit>* limits = LimitsOf(program, award);
  return limits != nullptr && !limits->empty();
}

}  // namespace loyalty::core
