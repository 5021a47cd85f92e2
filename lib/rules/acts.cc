// SPDX-License-Identifier: Apache-2.0
//
// See acts.h.
#include "rules/acts.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/views.h"

namespace loyalty::rules {
namespace {

bool NamesSomebody(const Attribute& attribute) {
  return attribute.type == model::Type::kMember ||
         attribute.type == model::Type::kObject;
}

// Something of that type, where nothing says which.
Value AnyOf(model::Type type) {
  switch (type) {
    case model::Type::kInt: return int64_t{1};
    case model::Type::kDouble: return 1.0;
    case model::Type::kBool: return false;
    case model::Type::kTime: return absl::UnixEpoch();
    case model::Type::kDuration: return absl::Seconds(1);
    case model::Type::kMap: return Value::Map{};
    default: return "any";
  }
}

std::optional<Value> ValueOf(const cel::Value& value) {
  switch (value.kind()) {
    case cel::Value::Kind::kBool: return value.bool_value();
    case cel::Value::Kind::kInt: return value.int_value();
    case cel::Value::Kind::kString: return std::string(value.text());
    default: return std::nullopt;
  }
}

class ActFinder {
 public:
  explicit ActFinder(const CompiledProgram& program) : program_(program) {}

  std::vector<Act> Find() {
    for (size_t i = 0; i < program_.event_types.size(); ++i) {
      number_ = static_cast<int>(i);
      type_ = &program_.event_types[i];
      if (type_->happens) continue;
      for (const Rule& rule : type_->rules) {
        for (const Award& award : rule.awards) {
          Propose(rule.number, {&rule.when, &award.when});
        }
      }
      for (const Metric& metric : type_->metrics) Propose(-1, {&metric.when});
      for (const AskedBadge& badge : type_->badges) {
        Propose(-1, {&badge.when});
      }
    }
    return std::move(acts_);
  }

 private:
  using Condition = const std::optional<cel::Expression>*;

  // Done by the member, and by others to the member, as often as attributes
  // name members.
  void Propose(int rule, std::initializer_list<Condition> conditions) {
    Act act{.type = number_, .rule = rule};
    Fill(act.attributes);
    for (const Condition condition : conditions) {
      if (condition->has_value()) Meet(**condition, act);
    }
    std::sort(act.asked_for.begin(), act.asked_for.end());
    Add(act);
    act.by_member = false;
    for (const int member : type_->members) {
      act.named = member;
      Add(act);
    }
  }

  // The first rule that suggests it is whose it is.
  void Add(const Act& act) {
    const bool is_there =
        std::any_of(acts_.begin(), acts_.end(), [&](const Act& other) {
          return other.type == act.type && other.by_member == act.by_member &&
                 other.named == act.named && other.attributes == act.attributes;
        });
    if (!is_there) acts_.push_back(act);
  }

  // Those without which the event, or what reads it, makes no sense.
  void Fill(Attributes& attributes) const {
    for (size_t i = 0; i < type_->attributes.size(); ++i) {
      const Attribute& attribute = type_->attributes[i];
      if (NamesSomebody(attribute) || attribute.default_value.has_value()) {
        continue;
      }
      if (!attribute.required && !IsRead(static_cast<int>(i))) continue;
      const Value any = AnyOf(attribute.type);
      attributes.emplace(attribute.name,
                         attribute.list ? Value(Value::List{any}) : any);
    }
  }

  bool IsRead(int attribute) const {
    const auto& reads = type_->reads.attributes;
    return std::any_of(reads.begin(), reads.end(), [&](const AttributeRead& r) {
      return r.attribute == attribute;
    });
  }

  // What the condition asks of attributes.
  void Meet(const cel::Expression& condition, Act& act) const {
    for (const cel::Requirement& one : condition.requirements()) {
      const std::optional<Value> value =
          one.values.empty() ? std::nullopt : ValueOf(one.values.front());
      if (value.has_value()) Set(one.slot, *value, act);
    }
    for (const cel::Bound& bound : condition.bounds().bounds) {
      if (MeetsBound(bound, act)) continue;
      Set(bound.slot, bound.value, act);
    }
  }

  bool MeetsBound(const cel::Bound& bound, const Act& act) const {
    const Attribute* const attribute = AttributeOf(bound.slot);
    if (attribute == nullptr) return true;
    const auto said = act.attributes.find(attribute->name);
    const Value* value = nullptr;
    if (said != act.attributes.end()) {
      value = &said->second;
    } else if (attribute->default_value.has_value()) {
      value = &*attribute->default_value;
    }
    const auto* number =
        value == nullptr ? nullptr : std::get_if<int64_t>(&value->get());
    if (number == nullptr) return false;
    return bound.at_least ? *number >= bound.value : *number <= bound.value;
  }

  // Null if the slot is none.
  const Attribute* AttributeOf(uint32_t slot) const {
    const int number = type_->slots[slot] - program_.slots.Attribute(0);
    return number < 0 ? nullptr : &type_->attributes[number];
  }

  void Set(uint32_t slot, Value value, Act& act) const {
    const Attribute* const attribute = AttributeOf(slot);
    if (attribute == nullptr || NamesSomebody(*attribute)) return;
    const bool is_said = std::find(act.asked_for.begin(), act.asked_for.end(),
                                   attribute->name) != act.asked_for.end();
    if (!is_said) act.asked_for.push_back(attribute->name);
    act.attributes.insert_or_assign(attribute->name, std::move(value));
  }

  const CompiledProgram& program_;
  int number_ = 0;
  const EventType* type_ = nullptr;
  std::vector<Act> acts_;
};

}  // namespace

std::vector<Act> ActsOf(const CompiledProgram& program) {
  return ActFinder(program).Find();
}

Event EventOf(const CompiledProgram& program, const Act& act,
              const std::string& member, std::string_view prefix,
              int64_t number, absl::Time time) {
  const auto made_up = [&](std::string_view what) {
    return absl::StrCat(base::av(prefix), base::av(what), "-", number);
  };
  Event event{.id = made_up("event"),
              .type = act.command,
              .time = time,
              .actor = member,
              .attributes = act.attributes};
  if (act.type < 0) return event;
  const EventType& type = program.event_types[act.type];
  event.type = type.id;
  const auto is_for = [&](int place) {
    return !act.object.empty() && place == act.object_in;
  };
  event.target = is_for(kTheTarget) ? act.object : made_up("object");
  if (!act.by_member) event.actor = made_up("member");
  for (size_t i = 0; i < type.attributes.size(); ++i) {
    const Attribute& attribute = type.attributes[i];
    const int place = static_cast<int>(i);
    if (!NamesSomebody(attribute)) continue;
    // Who was referred by somebody new is another question.
    if (place == type.referrer && place != act.named) continue;
    Value value = place == act.named ? Value(member)
                  : is_for(place)    ? Value(act.object)
                                     : Value(made_up(attribute.name));
    if (attribute.list) value = Value::List{std::move(value)};
    event.attributes.insert_or_assign(attribute.name, std::move(value));
  }
  return event;
}

Act AsLastTime(const CompiledProgram& program, Act act, const Event& past) {
  const EventType& type = program.event_types[act.type];
  act.as_last_time = true;
  for (const Attribute& attribute : type.attributes) {
    if (NamesSomebody(attribute)) continue;
    const auto said = past.attributes.find(attribute.name);
    if (said == past.attributes.end()) {
      act.attributes.erase(attribute.name);
    } else {
      act.attributes.insert_or_assign(attribute.name, said->second);
    }
  }
  return act;
}

}  // namespace loyalty::rules
