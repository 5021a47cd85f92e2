// SPDX-License-Identifier: Apache-2.0
//
// See addressing.h.
#include "engine/addressing.h"

#include <map>
#include <utility>
#include <variant>

#include "base/amounts.h"

namespace loyalty::engine {
namespace {

using model::Aliases;
using model::Entity;

// Calls `see` for each name in a value: one, or a list.
template <typename See>
void ForEachName(const Value& value, const See& see) {
  if (const auto* text = std::get_if<std::string>(&value.get())) {
    see(*text);
  } else if (const auto* list = std::get_if<Value::List>(&value.get())) {
    for (const Value& item : *list) ForEachName(item, see);
  }
}

Value Resolved(const Value& value, const Aliases& aliases, int64_t seq) {
  if (const auto* text = std::get_if<std::string>(&value.get())) {
    return aliases.Resolve(*text, seq);
  }
  const auto* list = std::get_if<Value::List>(&value.get());
  if (list == nullptr) return value;
  Value::List resolved;
  for (const Value& item : *list) {
    resolved.push_back(Resolved(item, aliases, seq));
  }
  return resolved;
}

}  // namespace

const std::vector<std::string>& MemberAttributesOf(
    const rules::CompiledProgram& program, const std::string& type) {
  static const auto& none = *new std::vector<std::string>();
  static const auto& to = *new std::vector<std::string>{"to"};
  static const auto& into = *new std::vector<std::string>{"into"};
  static const auto& members = *new std::vector<std::string>{"members"};
  if (type == kTransferUnits) return to;
  if (type == kMerge) return into;
  if (type == kCatchUp || type == kShareGoal) return members;
  const rules::EventType* const known = program.FindEventType(type);
  return known == nullptr ? none : known->member_attributes;
}

bool NamesAlias(const rules::CompiledProgram& program, const Event& event,
                const Aliases& aliases, int64_t seq) {
  if (aliases.empty()) return false;
  bool names_one = false;
  const auto look = [&](const std::string& name) {
    names_one |= aliases.Resolve(name, seq) != name;
  };
  if (event.actor.has_value()) look(*event.actor);
  for (const std::string& name : MemberAttributesOf(program, event.type)) {
    const auto found = event.attributes.find(name);
    if (found != event.attributes.end()) ForEachName(found->second, look);
  }
  return names_one;
}

Event Addressed(const rules::CompiledProgram& program, Event event,
                const Aliases& aliases, int64_t seq) {
  if (event.actor.has_value()) {
    event.actor = std::string(aliases.Resolve(*event.actor, seq));
  }
  for (const std::string& name : MemberAttributesOf(program, event.type)) {
    const auto found = event.attributes.find(name);
    if (found == event.attributes.end()) continue;
    found->second = Resolved(found->second, aliases, seq);
  }
  return event;
}

Entity Now(Entity entity, const Aliases& aliases, int64_t seq) {
  if (entity.kind == Entity::Kind::kMember) {
    entity.id = std::string(aliases.Resolve(entity.id, seq));
  }
  return entity;
}

model::CounterKey Now(model::CounterKey counter, const Aliases& aliases,
                      int64_t seq) {
  if (counter.key.kind() == Entity::Kind::kMember) {
    counter.key = Now(counter.key.entity(), aliases, seq);
  }
  return counter;
}

void NameKeysNow(const Aliases& aliases, model::EntityState& state) {
  if (aliases.empty()) return;
  model::Counters counters;
  for (const auto& [key, value] : state.counters) {
    int64_t& sum = counters[Now(key, aliases)];
    sum = base::Sum(sum, value).value_or(sum);
  }
  state.counters = std::move(counters);
}

void AddAliases(const Aliases& aliases, std::vector<model::Alias> became,
                core::State& state) {
  std::map<int64_t, model::Alias> by_seq;
  for (model::Alias& alias : became) {
    by_seq.emplace(alias.seq, std::move(alias));
  }
  for (const auto& [at, asked] : state.limits) {
    for (const core::LimitUse& use : asked.limits) {
      if (use.counter.key.kind() != Entity::Kind::kMember) continue;
      for (model::Alias& alias : aliases.PathOf(use.counter.key.id())) {
        by_seq.emplace(alias.seq, std::move(alias));
      }
    }
  }
  for (auto& [seq, alias] : by_seq) state.aliases.push_back(std::move(alias));
}

}  // namespace loyalty::engine
