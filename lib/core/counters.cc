// SPDX-License-Identifier: Apache-2.0
//
// See counters.h.
#include "core/counters.h"

#include <algorithm>
#include <optional>

#include "base/window.h"
#include "core/limits.h"
#include "rules/frame.h"

namespace loyalty::core {
namespace {

using rules::CompiledProgram;

// The award that gave it, as it stands for `event`; null if the program has
// none such.
const rules::Award* AwardOf(const CompiledProgram& program,
                            const model::Movement& award, const Event& event) {
  const rules::EventType* const type = program.TypeOf(event.type);
  const int number = program.RuleNumber(award.rule.text());
  if (number < 0) return nullptr;
  const rules::Rule* rule =
      type == nullptr ? nullptr : CompiledProgram::FindRule(*type, number);
  // By what happened in the midst of it: such a rule is on nothing else.
  if (rule == nullptr && program.has_happenings) {
    for (const rules::EventType& one : program.event_types) {
      if (one.happens) rule = CompiledProgram::FindRule(one, number);
      if (rule != nullptr) break;
    }
  }
  const auto index = static_cast<size_t>(award.award);
  return rule == nullptr || index >= rule->awards.size() ? nullptr
                                                         : &rule->awards[index];
}

// By what it is kept apart from itself. An expression that cannot be evaluated
// is as one that says nothing: all those share what the limit leaves.
model::CounterKeyPart KeyIn(const rules::Counter& counter, const Event& event,
                            const rules::Frame* frame) {
  if (counter.by.text.has_value()) {
    return frame->Key(counter.by).value_or(model::CounterKeyPart{});
  }
  switch (counter.key) {
    case model::LimitSpec::Key::kMember: break;
    case model::LimitSpec::Key::kPair:
      if (event.actor.has_value()) return MemberEntity(*event.actor);
      break;
    case model::LimitSpec::Key::kObject:
      if (event.target.has_value()) return ObjectEntity(*event.target);
      break;
    case model::LimitSpec::Key::kChannel:
      if (event.channel.has_value()) return rules::KeyOfText(*event.channel);
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
  const rules::Frame* const frame =
      cause.frame.has_value() ? &*cause.frame : nullptr;
  return {.name = counter.name,
          .window = counter.rolling > 0 ? absl::ToUnixSeconds(cause.event->time)
                                        : cause.WindowOf(counter.per),
          .key = KeyIn(counter, *cause.event, frame)};
}

model::CounterRange RangeOf(const Cause& cause, const rules::Counter& counter) {
  const model::CounterKey now = KeyOf(cause, counter);
  return {.name = now.name,
          .from = now.window - counter.rolling + 1,
          .to = now.window + counter.rolling - 1,
          .key = now.key};
}

model::CounterKey CutCounter() {
  static const model::Symbol name("limit:cut");
  return {.name = name};
}

model::CounterKey CameBackCounter() {
  static const model::Symbol name("limit:came_back");
  return {.name = name};
}

model::CounterKey InPartCounter() {
  static const model::Symbol name("undone_in_part");
  return {.name = name};
}

namespace {

model::CounterKey CutInWindow(const model::CounterKey& counter,
                              int64_t window) {
  static const model::Symbol name("limit:cut/in");
  return {.name = name, .window = window, .key = counter.key};
}

}  // namespace

model::CounterKey CutIn(const LimitUse& use) {
  const bool rolls = use.limit->counter.rolling > 0;
  return CutInWindow(use.counter, rolls ? 0 : use.counter.window);
}

std::array<model::CounterKey, 2> CutIn(const model::CounterKey& counter) {
  return {CutInWindow(counter, counter.window), CutInWindow(counter, 0)};
}

model::CounterKey TierClock() {
  static const model::Symbol name("tier:clock");
  return {.name = name};
}

model::CounterKey CapCounter(const Cause& cause,
                             const rules::Currency& currency) {
  return {.name = currency.cap_counter,
          .window = cause.WindowOf(base::Period::kDay)};
}

std::vector<LimitUse> LimitsOf(const CompiledProgram& program,
                               const model::Movement& award,
                               const Event& event) {
  std::vector<LimitUse> limits;
  const rules::Award* const asked = AwardOf(program, award, event);
  if (asked == nullptr) return limits;
  std::optional<rules::Frame> frame;
  for (const rules::Limit& limit : asked->limits) {
    const rules::Counter& counter = limit.counter;
    if (counter.by.text.has_value() && !frame.has_value()) {
      frame.emplace(program, *program.TypeOf(event.type), event);
    }
    const int64_t window =
        counter.rolling > 0
            ? absl::ToUnixSeconds(event.time)
            : base::WindowStart(event.time, counter.per, program.time_zone);
    limits.push_back(
        {.limit = &limit,
         .counter = {
             counter.name, window,
             KeyIn(counter, event, frame.has_value() ? &*frame : nullptr)}});
  }
  return limits;
}

Uses LimitUses(const CompiledProgram& program, const model::Movement& award,
               const Event& event) {
  Uses uses;
  if (award.limited <= 0) return uses;
  // Limits of a group share a counter, which an award uses once.
  for (const LimitUse& use : LimitsOf(program, award, event)) {
    uses[use.counter] = UseOf(*use.limit, award.limited);
  }
  return uses;
}

namespace {

template <typename List>
const typename List::value_type::value_type* OfAward(
    const CompiledProgram& program, const List& lists,
    const model::Movement& award) {
  const int rule = program.RuleNumber(award.rule.text());
  const auto index = static_cast<size_t>(award.award);
  return rule < 0 || index >= lists[rule].size() ? nullptr
                                                 : &lists[rule][index];
}

}  // namespace

std::vector<BudgetUse> BudgetsOf(const CompiledProgram& program,
                                 const model::Movement& award,
                                 absl::Time time) {
  std::vector<BudgetUse> uses;
  const auto* budgets = OfAward(program, program.budgets, award);
  if (budgets == nullptr) return uses;
  for (const rules::Budget& budget : *budgets) {
    uses.push_back(
        {.budget = &budget,
         .counter = {.name = budget.counter.name,
                     .window = base::WindowStart(time, budget.counter.per,
                                                 program.time_zone)}});
  }
  return uses;
}

namespace {

// As AskRules and the order of messages have it: what the actor earns of rules
// that are asked where the event enters, what others are sent from there, what
// is sent from objects, one after the other. Badges and what else is reviewed
// come last, as they were posted.
LimitOrder OrderOf(const CompiledProgram& program, const model::Movement& award,
                   const Event& event) {
  constexpr LimitOrder kReviewed{.leg = kReviewedLeg};
  if (award.of.has_value()) return kReviewed;
  const rules::EventType* const type = program.TypeOf(event.type);
  const int number = program.RuleNumber(award.rule.text());
  const rules::Rule* const rule =
      type == nullptr || number < 0 ? nullptr
                                    : CompiledProgram::FindRule(*type, number);
  const auto index = static_cast<size_t>(award.award);
  if (rule == nullptr || index >= rule->awards.size()) return kReviewed;
  const bool of_badge = std::any_of(type->badges.begin(), type->badges.end(),
                                    [&](const rules::AskedBadge& badge) {
                                      return &type->rules[badge.rule] == rule;
                                    });
  if (of_badge) return kReviewed;
  LimitOrder order{.rule = static_cast<int>(rule - type->rules.data()),
                   .award = award.award};
  if (event.actor.has_value()) {
    if (rule->asked_of_object) {
      order.leg = 2 + rule->object - rules::kTheTarget;
    } else if (!rule->awards[index].to_actor) {
      order.leg = 1;
    }
  }
  return order;
}

}  // namespace

AwardLimits AllLimitsOf(const CompiledProgram& program,
                        const model::Movement& award, const Event& event) {
  return {.limits = LimitsOf(program, award, event),
          .budgets = BudgetsOf(program, award, event.time),
          .order = OrderOf(program, award, event)};
}

bool IsCounted(const CompiledProgram& program, const model::Movement& award) {
  // What was caught up with counts at the events that it is for.
  if (award.kind != model::Movement::Kind::kAward) return false;
  const auto* limits = OfAward(program, program.limits, award);
  const auto* budgets = OfAward(program, program.budgets, award);
  return (limits != nullptr && !limits->empty()) ||
         (budgets != nullptr && !budgets->empty());
}

}  // namespace loyalty::core
