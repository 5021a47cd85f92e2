// SPDX-License-Identifier: Apache-2.0
//
// See counters.h.
#include "core/counters.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/window.h"
#include "rules/frame.h"

namespace loyalty::core {
namespace {

using rules::CompiledProgram;

const std::vector<rules::Limit>* LimitsOf(const CompiledProgram& program,
                                          const model::Movement& award) {
  const int rule = program.RuleNumber(award.rule);
  if (rule < 0) return nullptr;
  const auto& awards = program.limits[rule];
  const auto index = static_cast<size_t>(award.award);
  return index < awards.size() ? &awards[index] : nullptr;
}

// Bounded like awards, so that a counter cannot be driven out of its range.
absl::StatusOr<int64_t> Amount(const rules::Frame& frame,
                               const rules::Metric& metric) {
  ASSIGN_OR_RETURN(const int64_t amount, frame.Int(*metric.sum));
  if (amount > base::kMaxAmount || amount < -base::kMaxAmount) {
    return absl::OutOfRangeError(absl::StrCat(amount, " is more than the ",
                                              base::kMaxAmount,
                                              " that one event may count"));
  }
  return amount;
}

std::vector<model::Entity> CountedAt(const CompiledProgram& program,
                                     const rules::EventType& type,
                                     const rules::Metric& metric,
                                     const Event& event) {
  std::vector<model::Entity> entities;
  const auto add_member = [&](const std::string& id) {
    if (!program.never_earns.contains(id)) entities.push_back(MemberEntity(id));
  };
  switch (metric.per) {
    case rules::Metric::Per::kActor:
      if (event.actor.has_value()) add_member(*event.actor);
      break;
    case rules::Metric::Per::kTarget:
      if (event.target.has_value()) {
        entities.push_back(ObjectEntity(*event.target));
      }
      break;
    case rules::Metric::Per::kAttribute:
      for (const std::string& id :
           rules::MembersNamed(type, metric.attribute, event)) {
        add_member(id);
      }
      break;
  }
  return entities;
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

std::vector<Counted> CountedOf(const CompiledProgram& program,
                               const rules::EventType& type,
                               const Event& event) {
  std::vector<Counted> counted;
  if (type.metrics.empty()) return counted;
  const rules::Frame frame(program, type, event);
  for (const rules::Metric& metric : type.metrics) {
    absl::StatusOr<int64_t> amount = int64_t{1};
    if (metric.when.has_value()) {
      const absl::StatusOr<bool> holds = frame.Bool(*metric.when);
      if (!holds.ok()) {
        amount = holds.status();
      } else if (!*holds) {
        continue;
      }
    }
    if (amount.ok() && metric.sum.has_value()) amount = Amount(frame, metric);
    for (model::Entity& entity : CountedAt(program, type, metric, event)) {
      counted.push_back({.entity = std::move(entity),
                         .metric = metric.id,
                         .counter = {.name = metric.counter},
                         .amount = amount});
    }
  }
  return counted;
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
