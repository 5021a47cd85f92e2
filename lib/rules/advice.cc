// SPDX-License-Identifier: Apache-2.0
#include "rules/advice.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/views.h"

namespace loyalty::rules {
namespace {

using base::av;

// A level that is compared with the name of one.
std::optional<std::string> OfLevels(const std::vector<Ladder>& ladders,
                                    std::string_view source) {
  for (const Ladder& ladder : ladders) {
    if (!absl::StrContains(av(source), "level." + ladder.id)) continue;
    for (size_t i = 0; i < ladder.levels.size(); ++i) {
      const std::string& id = ladder.levels[i].id;
      if (!absl::StrContains(av(source), "'" + id + "'") &&
          !absl::StrContains(av(source), '"' + id + '"')) {
        continue;
      }
      return absl::StrCat("A level is a number, and \"", id, "\" is ", i,
                          ": write  level.", ladder.id, " >= ", i,
                          ",  or == for that level alone.");
    }
  }
  return std::nullopt;
}

// The name in "undeclared reference to 'event.words'", or "".
std::string_view UndeclaredName(std::string_view message) {
  constexpr std::string_view kBefore = "undeclared reference to '";
  if (!message.starts_with(kBefore)) return "";
  message.remove_prefix(kBefore.size());
  return message.substr(0, message.find('\''));
}

bool HasAttribute(const EventType& type, std::string_view name) {
  return std::any_of(
      type.attributes.begin(), type.attributes.end(),
      [&](const Attribute& attribute) { return attribute.name == name; });
}

// An attribute that another type has: the rule is on both, or on the wrong one.
std::optional<std::string> OfAttributes(const CompiledProgram& program,
                                        const EventType& type,
                                        std::string_view name) {
  constexpr std::string_view kEvent = "event.";
  if (!name.starts_with(kEvent)) return std::nullopt;
  name.remove_prefix(kEvent.size());
  if (HasAttribute(type, name)) {
    return "What is asked of a member at any time reads no event.";
  }
  for (const EventType& other : program.event_types) {
    if (!HasAttribute(other, name)) continue;
    return absl::StrCat("\"", other.id, "\" has it, and \"", type.id,
                        "\", which this is on, has not.");
  }
  return std::nullopt;
}

// A metric that is kept elsewhere: an object's of a member, or the other way.
std::optional<std::string> OfMetrics(const CompiledProgram& program,
                                     std::string_view name) {
  constexpr std::string_view kMetric = "metric.";
  const size_t at = name.find(kMetric);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view id = name.substr(at + kMetric.size());
  for (const MetricTerms& metric : program.metrics) {
    if (metric.name.empty() || metric.id != id) continue;
    return metric.per_object
               ? absl::StrCat("Metric \"", av(id),
                              "\" is kept per object: write  object.metric.",
                              av(id))
               : absl::StrCat("Metric \"", av(id),
                              "\" is kept per member; what is counted of each "
                              "target says  per: \"target\"");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Advice(const CompiledProgram& program,
                                  const EventType& type,
                                  std::string_view source, bool is_badge,
                                  bool is_units, const cel::Issue& issue) {
  if (const auto advice = OfLevels(program.ladders, source)) return advice;
  const std::string_view message = issue.message;
  if (is_units && (absl::StrContains(av(message), "'(int, double)'") ||
                   absl::StrContains(av(message), "'(double, int)'") ||
                   message == "the result must be int, and is double")) {
    return "Units are whole. Say beside them  factor: \"1.5\",  or write "
           "int(...), which drops the fraction.";
  }
  if (message == "type 'string' does not support field selection") {
    return "A member or an object is its id. What they have is  actor.level.*, "
           " actor.metric.*,  object.metric.*  and so on.";
  }
  const std::string_view name = UndeclaredName(message);
  if (name.empty()) return std::nullopt;
  if (is_badge && name.starts_with("actor.")) {
    return "A badge is asked of whoever would win it: what they have is  "
           "metric.*, level.*  and so on. Nothing is known of the actor.";
  }
  if (name == "now") return "Write  event.time";
  if (const auto advice = OfAttributes(program, type, name)) return advice;
  return OfMetrics(program, name);
}

}  // namespace loyalty::rules
