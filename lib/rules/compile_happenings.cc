// SPDX-License-Identifier: Apache-2.0
//
// Rules on what happens to members. See happening.h and compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "rules/compiler.h"
#include "rules/happening.h"

namespace loyalty::rules {
namespace {

EventType HappeningOf(std::string_view id,
                      std::initializer_list<const char*> texts,
                      std::initializer_list<const char*> numbers = {}) {
  EventType type;
  type.id = std::string(id);
  type.happens = true;
  const auto add = [&](const char* name, model::Type of) {
    type.attributes.push_back({.name = name,
                               .type = of,
                               .required = true,
                               .default_value = std::nullopt});
  };
  for (const char* name : texts) add(name, model::Type::kString);
  for (const char* name : numbers) add(name, model::Type::kInt);
  return type;
}

}  // namespace

std::vector<EventType> Happenings() {
  std::vector<EventType> all;
  all.push_back(HappeningOf(kBadgeGranted, {"badge"}));
  all.push_back(HappeningOf(kLevelReached, {"ladder", "level"}));
  all.push_back(HappeningOf(kQuestDone, {"quest"}));
  all.push_back(HappeningOf(kStreakGrew, {"streak"}, {"length"}));
  return all;
}

bool IsHappening(std::string_view type) {
  return type == kBadgeGranted || type == kLevelReached || type == kQuestDone ||
         type == kStreakGrew;
}

// The program has the types of those that some rule is on.
void Compiler::HappeningTypes() {
  for (EventType& type : Happenings()) {
    const auto is_on_it = [&](const model::RuleSpec& rule) {
      return std::any_of(
          rule.on.begin(), rule.on.end(),
          [&](const model::Text& on) { return on.text == type.id; });
    };
    if (std::none_of(spec_.rules.begin(), spec_.rules.end(), is_on_it)) {
      continue;
    }
    out_.has_happenings = true;
    out_.event_type_index.emplace(type.id,
                                  static_cast<int>(out_.event_types.size()));
    out_.event_types.push_back(std::move(type));
  }
}

// What is undone is found by the entry's event, which is another: so all that
// such a rule counts follows from whom it gives to, and when.
void Compiler::CheckHappening(const model::RuleSpec& rule) {
  const auto first =
      std::find_if(rule.on.begin(), rule.on.end(),
                   [](const model::Text& on) { return IsHappening(on.text); });
  if (first == rule.on.end()) return;
  const std::string what = absl::StrCat("rule \"", rule.id.text, "\"");
  if (rule.on.size() > 1) {
    Error(first->at,
          absl::StrCat(what, " is on \"", first->text, "\" and something else"),
          "What happens to a member has rules of its own: make it two.");
  }
  const auto check_limits = [&](const std::vector<model::LimitSpec>& limits) {
    for (const model::LimitSpec& limit : limits) {
      if (limit.key == model::LimitSpec::Key::kMember && limit.by.empty()) {
        continue;
      }
      Error(limit.at,
            absl::StrCat(what, ", limit: on \"", first->text,
                         "\" there is nothing but the member to count by"),
            "Leave key and by out.");
    }
  };
  check_limits(rule.limits);
  for (const model::AwardSpec& award : rule.awards) {
    check_limits(award.limits);
    if (award.to.empty() || award.to.text == "actor" ||
        award.to.text == "event.actor") {
      continue;
    }
    Error(award.to.at,
          absl::StrCat(what, ", award: what comes of \"", first->text,
                       "\" goes to whom it happened to"),
          "Leave to out.");
  }
  if (rule.reverse_event.has_value() || rule.reverse_object.has_value()) {
    Error(rule.id.at,
          absl::StrCat(what, " is on \"", first->text,
                       "\", which takes nothing back"),
          "Leave reverse_event and reverse_object out.");
  }
}

}  // namespace loyalty::rules
