// SPDX-License-Identifier: Apache-2.0
//
// See rule_index.h.
#include "rules/rule_index.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/views.h"

namespace loyalty::rules {
namespace {

// How many rules ask for each value of a slot.
class Popularity {
 public:
  void Add(const cel::Requirement& requirement) {
    for (const cel::Value& value : requirement.values) {
      values_[requirement.slot].insert(value.ToString());
    }
  }

  // The slot that tells most rules apart; of equals the first.
  const cel::Requirement* Best(
      const std::vector<cel::Requirement>& requirements) const {
    const cel::Requirement* best = nullptr;
    for (const cel::Requirement& one : requirements) {
      if (best == nullptr || Count(one) > Count(*best)) best = &one;
    }
    return best;
  }

 private:
  size_t Count(const cel::Requirement& requirement) const {
    return values_.at(requirement.slot).size();
  }

  std::map<uint32_t, std::set<std::string>> values_;
};

std::vector<cel::Requirement> OfTheEvent(const cel::Expression* condition,
                                         std::span<const int> event) {
  std::vector<cel::Requirement> requirements;
  if (condition == nullptr) return requirements;
  for (cel::Requirement& one : condition->requirements()) {
    const bool is_events = std::find(event.begin(), event.end(),
                                     static_cast<int>(one.slot)) != event.end();
    if (is_events) requirements.push_back(std::move(one));
  }
  return requirements;
}

void Append(const std::vector<int>& rules, RulePlaces& to) {
  to.insert(to.end(), rules.begin(), rules.end());
}

template <typename Map, typename Key>
void AppendFound(const Map& map, const Key& key, RulePlaces& to) {
  if (const auto found = map.find(key); found != map.end()) {
    Append(found->second, to);
  }
}

}  // namespace

RuleIndex::RuleIndex(std::span<const cel::Expression* const> conditions,
                     std::span<const int> event) {
  std::vector<std::vector<cel::Requirement>> requirements;
  Popularity popularity;
  for (const cel::Expression* condition : conditions) {
    requirements.push_back(OfTheEvent(condition, event));
    for (const cel::Requirement& one : requirements.back()) popularity.Add(one);
  }
  for (size_t i = 0; i < requirements.size(); ++i) {
    const int rule = static_cast<int>(i);
    if (const cel::Requirement* best = popularity.Best(requirements[i])) {
      File(rule, *best);
    } else {
      always_.push_back(rule);
    }
  }
}

void RuleIndex::File(int rule, const cel::Requirement& requirement) {
  auto field =
      std::find_if(fields_.begin(), fields_.end(),
                   [&](const Field& f) { return f.slot == requirement.slot; });
  if (field == fields_.end()) {
    field = fields_.insert(field, {.slot = requirement.slot});
  }
  if (!requirement.absent_is_false) field->if_absent.push_back(rule);
  for (const cel::Value& value : requirement.values) {
    std::vector<int>& rules = value.Is(cel::Value::Kind::kString)
                                  ? field->by_text[std::string(value.text())]
                                  : field->by_number[value.int_value()];
    // x in ["a", "a"] names it twice.
    if (rules.empty() || rules.back() != rule) rules.push_back(rule);
  }
}

void RuleIndex::FindCandidates(std::span<const cel::Value> slots,
                               RulePlaces& candidates) const {
  candidates.assign(always_.begin(), always_.end());
  for (const Field& field : fields_) {
    const cel::Value& value = slots[field.slot];
    switch (value.kind()) {
      case cel::Value::Kind::kString:
        AppendFound(field.by_text, base::av(value.text()), candidates);
        break;
      case cel::Value::Kind::kBool:
      case cel::Value::Kind::kInt:
        AppendFound(field.by_number, value.int_value(), candidates);
        break;
      default: Append(field.if_absent, candidates); break;
    }
  }
  if (candidates.size() > always_.size()) {
    std::sort(candidates.begin(), candidates.end());
  }
}

}  // namespace loyalty::rules
