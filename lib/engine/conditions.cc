// SPDX-License-Identifier: Apache-2.0
//
// See conditions.h.
#include "engine/conditions.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/time.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "cel/conjuncts.h"
#include "rules/compile.h"
#include "rules/frame.h"

namespace loyalty::engine {
namespace {

constexpr size_t kMostShown = 60;  // bytes of a text

struct AsText {
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(int64_t v) const { return absl::StrCat(v); }
  std::string operator()(double v) const { return absl::StrCat(v); }
  std::string operator()(const std::string& v) const {
    if (v.size() <= kMostShown) return absl::StrCat("\"", v, "\"");
    size_t end = kMostShown;
    while (end > 0 && (v[end] & 0xC0) == 0x80) --end;
    return absl::StrCat("\"", v.substr(0, end), "...\"");
  }
  std::string operator()(absl::Time v) const {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", v, absl::UTCTimeZone());
  }
  std::string operator()(absl::Duration v) const {
    return absl::FormatDuration(v);
  }
  std::string operator()(const Value::List& v) const {
    return absl::StrCat("a list of ", v.size());
  }
  std::string operator()(const Value::Map& v) const {
    return absl::StrCat("a map of ", v.size());
  }
};

std::string TextOf(const std::optional<std::string>& id) {
  return id.has_value() ? AsText{}(*id) : "not there";
}

// "event.words is 120"; "" for what is no part of the event.
std::string Reading(const rules::CompiledProgram& program,
                    const rules::EventType& type, const Event& event,
                    int slot) {
  using rules::Slots;
  switch (slot) {
    case Slots::kId: return absl::StrCat("event.id is ", AsText{}(event.id));
    case Slots::kTime:
      return absl::StrCat("event.time is ", AsText{}(event.time));
    case Slots::kActor:
      return absl::StrCat("event.actor is ", TextOf(event.actor));
    case Slots::kTarget:
      return absl::StrCat("event.target is ", TextOf(event.target));
    case Slots::kChannel:
      return absl::StrCat("event.channel is ", TextOf(event.channel));
    default: break;
  }
  const int number = slot - program.slots.Attribute(0);
  if (number < 0) return "";
  const rules::Attribute& attribute =
      type.attributes[static_cast<size_t>(number)];
  const std::string name = absl::StrCat("event.", attribute.name, " is ");
  const auto given = event.attributes.find(attribute.name);
  if (given != event.attributes.end()) {
    return absl::StrCat(name, std::visit(AsText{}, given->second.get()));
  }
  if (!attribute.default_value.has_value()) {
    return absl::StrCat(name, "not there");
  }
  return absl::StrCat(name,
                      std::visit(AsText{}, attribute.default_value->get()));
}

// A part of a condition, asked of the event alone.
struct AskedPart {
  bool is_true = false;
  bool reads_more = false;  // so that its answer is unknown
  std::string text = {};
};

AskedPart AskPart(const rules::CompiledProgram& program,
                  const rules::EventType& type, const Event& event,
                  const std::string& part, const cel::Expression& expression) {
  std::vector<std::string> readings;
  bool reads_more = false;
  for (const uint32_t used : expression.slots_used()) {
    readings.push_back(Reading(program, type, event, type.slots[used]));
    reads_more |= readings.back().empty();
  }
  if (reads_more) return {.reads_more = true, .text = part};
  const rules::Frame frame(program, type, event);
  const absl::StatusOr<bool> holds = frame.Bool(expression);
  if (holds.ok() && *holds) return {.is_true = true};
  return {.text = absl::StrCat(
              part, holds.ok() ? " is false" : " cannot be told",
              readings.empty() ? "" : ": ", absl::StrJoin(readings, ", "))};
}

}  // namespace

std::vector<Conditions::Part> Conditions::PartsOf(
    const model::ProgramSpec& program, const std::string& type) {
  std::vector<Part> parts;
  for (const model::RuleSpec& rule : program.rules) {
    const bool is_on_it =
        std::any_of(rule.on.begin(), rule.on.end(),
                    [&](const model::Text& on) { return on.text == type; });
    if (!is_on_it || rule.when.empty()) continue;
    for (std::string& text : cel::Conjuncts(rule.when.text)) {
      parts.push_back({rule.id.text, std::move(text)});
    }
  }
  return parts;
}

// The program's declarations, and a rule for each part, on that type alone. Its
// one effect is to stop, as a rule needs one.
model::ProgramSpec Conditions::AskingParts(const model::ProgramSpec& program,
                                           const std::vector<Part>& parts,
                                           const std::string& type) {
  model::ProgramSpec asking = program;
  for (model::CurrencySpec& currency : asking.currencies) {
    if (currency.daily_cap.has_value()) currency.daily_cap->exempt.clear();
  }
  asking.multipliers.clear();
  asking.rewards.clear();
  asking.budgets.clear();
  asking.rules.clear();
  for (size_t i = 0; i < parts.size(); ++i) {
    model::RuleSpec rule;
    rule.id.text = absl::StrCat("part", i);
    rule.on.emplace_back().text = type;
    rule.when.text = parts[i].text;
    rule.stop = true;
    asking.rules.push_back(std::move(rule));
  }
  return asking;
}

Conditions::Conditions(const model::ProgramSpec& program,
                       const std::string& type)
    : parts_(PartsOf(program, type)),
      asking_(rules::Compile(AskingParts(program, parts_, type),
                             {.max_cost = INT64_MAX})
                  .program),
      type_(asking_ == nullptr ? nullptr : asking_->FindEventType(type)) {
  if (type_ != nullptr && type_->rules.size() != parts_.size()) type_ = nullptr;
}

std::map<std::string, std::vector<std::string>> Conditions::WhyFalse(
    const std::set<std::string>& rules, const Event& event) const {
  std::map<std::string, std::vector<std::string>> is_false;
  std::map<std::string, std::vector<std::string>> unknown;
  for (size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (!rules.contains(part.rule)) continue;
    AskedPart asked{.reads_more = true, .text = part.text};
    if (type_ != nullptr && type_->rules[i].when.has_value()) {
      asked =
          AskPart(*asking_, *type_, event, part.text, *type_->rules[i].when);
    }
    if (asked.is_true) continue;
    (asked.reads_more ? unknown : is_false)[part.rule].push_back(
        std::move(asked.text));
  }
  is_false.merge(unknown);  // only of rules that have nothing yet
  return is_false;
}

}  // namespace loyalty::engine
