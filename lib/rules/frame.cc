// SPDX-License-Identifier: Apache-2.0
//
// See frame.h.
#include "rules/frame.h"

#include <absl/status/status.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"

namespace loyalty::rules {
namespace {

struct ToCel {
  cel::Value operator()(bool v) const { return cel::Value::Bool(v); }
  cel::Value operator()(int64_t v) const { return cel::Value::Int(v); }
  cel::Value operator()(double v) const { return cel::Value::Double(v); }
  cel::Value operator()(const std::string& v) const {
    return cel::Value::BorrowedString(v);
  }
  cel::Value operator()(absl::Time v) const { return cel::Value::Timestamp(v); }
  cel::Value operator()(absl::Duration v) const {
    return cel::Value::Duration(v);
  }
  cel::Value operator()(const Value::List& v) const {
    std::vector<cel::Value> items;
    items.reserve(v.size());
    for (const Value& item : v) items.push_back(std::visit(*this, item.get()));
    return cel::Value::List(std::move(items));
  }
  cel::Value operator()(const Value::Map&) const {
    return cel::Value::Absent();  // no attribute is declared as a map
  }
};

cel::Value OptionalText(const std::optional<std::string>& text) {
  return text.has_value() ? cel::Value::BorrowedString(*text)
                          : cel::Value::Absent();
}

}  // namespace

Frame::Frame(const CompiledProgram& program, const EventType& type,
             const Event& event)
    : program_(&program), slots_(static_cast<size_t>(type.slot_count)) {
  slots_[Slots::kId] = cel::Value::BorrowedString(event.id);
  slots_[Slots::kType] = cel::Value::BorrowedString(event.type);
  slots_[Slots::kTime] = cel::Value::Timestamp(event.time);
  slots_[Slots::kActor] = OptionalText(event.actor);
  slots_[Slots::kTarget] = OptionalText(event.target);
  slots_[Slots::kChannel] = OptionalText(event.channel);
  const Slots& at = program.slots;
  for (int i = 0; i < at.parameters; ++i) {
    slots_[at.Parameter(i)] =
        std::visit(ToCel{}, program.parameters[i].value.get());
  }
  for (size_t i = 0; i < type.attributes.size(); ++i) {
    const Attribute& attribute = type.attributes[i];
    const auto found = event.attributes.find(attribute.name);
    const Value* value = found != event.attributes.end() ? &found->second
                         : attribute.default_value ? &*attribute.default_value
                                                   : nullptr;
    if (value != nullptr) {
      slots_[at.Attribute(static_cast<int>(i))] =
          std::visit(ToCel{}, value->get());
    }
  }
}

void Frame::SetStanding(Slots::Whose whose,
                        const model::EntityState& standing) {
  const Slots& at = program_->slots;
  if (standing.exists) {
    slots_[at.Since(whose)] = cel::Value::Timestamp(standing.since);
  }
  std::vector<int64_t> earned(program_->currencies.size());
  for (size_t i = 0; i < program_->currencies.size(); ++i) {
    const int c = static_cast<int>(i);
    const model::Holding held = standing.Held(program_->currencies[i].id);
    slots_[at.Balance(whose, c)] = cel::Value::Int(held.balance);
    slots_[at.Earned(whose, c)] = cel::Value::Int(held.earned);
    earned[i] = held.earned;
  }
  for (size_t i = 0; i < program_->ladders.size(); ++i) {
    const Ladder& ladder = program_->ladders[i];
    slots_[at.Level(whose, static_cast<int>(i))] =
        cel::Value::Int(ladder.LevelOf(earned[ladder.currency]));
  }
  for (size_t i = 0; i < program_->metrics.size(); ++i) {
    if (program_->metrics[i].per_target) continue;
    slots_[at.Metric(whose, static_cast<int>(i))] = cel::Value::Int(
        standing.Counter({.name = program_->metrics[i].counter}));
  }
}

void Frame::SetActor(const model::EntityState& actor) {
  SetStanding(Slots::Whose::kActorStanding, actor);
}

void Frame::SetMember(const model::EntityState& member) {
  SetStanding(Slots::Whose::kMemberStanding, member);
}

void Frame::SetObject(const model::EntityState& object) {
  const Slots& at = program_->slots;
  for (size_t i = 0; i < program_->metrics.size(); ++i) {
    if (!program_->metrics[i].per_target) continue;
    slots_[at.ObjectMetric(static_cast<int>(i))] =
        cel::Value::Int(object.Counter({.name = program_->metrics[i].counter}));
  }
}

absl::StatusOr<bool> Frame::Bool(const cel::Expression& expression) const {
  ASSIGN_OR_RETURN(const cel::Value value, expression.Evaluate(slots_));
  if (!value.Is(cel::Value::Kind::kBool)) {
    return absl::InternalError("a condition gave no bool");
  }
  return value.bool_value();
}

absl::StatusOr<int64_t> Frame::Int(const cel::Expression& expression) const {
  ASSIGN_OR_RETURN(const cel::Value value, expression.Evaluate(slots_));
  if (!value.Is(cel::Value::Kind::kInt)) {
    return absl::InternalError("a formula gave no int");
  }
  return value.int_value();
}

absl::StatusOr<std::string> Frame::Id(const cel::Expression& expression) const {
  absl::StatusOr<cel::Value> value = expression.Evaluate(slots_);
  if (!value.ok()) {
    // A single name that is absent, a MEMBER or the target, is not an error:
    // there is nobody to name.
    const std::vector<uint32_t>& used = expression.slots_used();
    if (used.size() == 1 && slots_[used[0]].Is(cel::Value::Kind::kAbsent)) {
      return std::string();
    }
    return value.status();
  }
  if (!value->Is(cel::Value::Kind::kString)) {
    return absl::InternalError("an id is no text");
  }
  return std::string(value->text());
}

std::vector<std::string> MembersNamed(const EventType& type, int attribute,
                                      const Event& event) {
  const auto found = event.attributes.find(type.attributes[attribute].name);
  if (found == event.attributes.end()) return {};
  const Value::Variant& value = found->second.get();
  if (const auto* one = std::get_if<std::string>(&value)) return {*one};
  std::vector<std::string> members;
  if (const auto* list = std::get_if<Value::List>(&value)) {
    for (const Value& item : *list) {
      const auto& member = std::get<std::string>(item.get());
      if (std::find(members.begin(), members.end(), member) == members.end()) {
        members.push_back(member);
      }
    }
  }
  return members;
}

}  // namespace loyalty::rules
