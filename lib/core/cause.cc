// SPDX-License-Identifier: Apache-2.0
//
// See cause.h.
#include "core/cause.h"

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/window.h"
#include "core/counters.h"

namespace loyalty::core {
namespace {

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

void ForEachCountedAt(const rules::CompiledProgram& program,
                      const rules::EventType& type, const rules::Metric& metric,
                      const Event& event,
                      absl::FunctionRef<void(model::Entity)> count_at) {
  const auto add_member = [&](const std::string& id) {
    if (!program.never_earns.contains(id)) count_at(MemberEntity(id));
  };
  switch (metric.per) {
    case rules::Metric::Per::kActor:
      if (event.actor.has_value()) add_member(*event.actor);
      break;
    case rules::Metric::Per::kTarget:
      if (event.target.has_value()) {
        count_at(ObjectEntity(*event.target));
      }
      break;
    case rules::Metric::Per::kAttribute:
      rules::ForEachMemberNamed(type, metric.attribute, event, add_member);
      break;
  }
}

// nullopt if the metric's condition does not hold.
std::optional<absl::StatusOr<int64_t>> AmountCounted(
    const rules::Frame& frame, const rules::Metric& metric) {
  if (metric.when.has_value()) {
    const absl::StatusOr<bool> holds = frame.Bool(*metric.when);
    if (!holds.ok()) return holds.status();
    if (!*holds) return std::nullopt;
  }
  if (metric.sum.has_value()) return Amount(frame, metric);
  return int64_t{1};
}

}  // namespace

Cause::Cause(const rules::CompiledProgram& p, const Event& e, int64_t s)
    : program(&p), type(p.TypeOf(e.type)), event(&e), seq(s) {
  if (type == nullptr) return;
  frame.emplace(p, *type, e);
  frame->FindRules(rules);
  for (const base::Period period : type->periods) {
    windows[static_cast<size_t>(period)] =
        base::WindowStart(e.time, period, p.time_zone);
  }
  for (size_t i = 0; i < type->metrics.size(); ++i) {
    const rules::Metric& metric = type->metrics[i];
    const auto amount = AmountCounted(*frame, metric);
    if (!amount.has_value()) continue;
    ForEachCountedAt(p, *type, metric, e, [&](model::Entity entity) {
      counted.push_back({.entity = std::move(entity),
                         .metric = static_cast<int>(i),
                         .amount = *amount});
    });
  }
}

}  // namespace loyalty::core
