// SPDX-License-Identifier: Apache-2.0
//
// Recalls: what events are told of earlier ones. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "rules/compiler.h"
#include "rules/expand.h"
#include "rules/values.h"

namespace loyalty::rules {
namespace {

int AttributeOf(const EventType& type, const std::string& name) {
  for (size_t i = 0; i < type.attributes.size(); ++i) {
    if (type.attributes[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

bool IsObject(const EventType& type, int attribute) {
  return attribute >= 0 && !type.attributes[attribute].list &&
         type.attributes[attribute].type == model::Type::kObject;
}

bool IsTarget(const model::Text& text) {
  return text.empty() || text.text == "target";
}

struct Told {
  Recall::What what = Recall::What::kAttribute;
  model::Type type = model::Type::kUnspecified;
};

// What every event has of its own; kUnspecified if it is none of that.
Told OwnValue(const std::string& name) {
  if (name == "actor") return {Recall::What::kActor, model::Type::kMember};
  if (name == "target") return {Recall::What::kTarget, model::Type::kObject};
  if (name == "time") return {Recall::What::kTime, model::Type::kTime};
  if (name == "entry") return {Recall::What::kEntry, model::Type::kInt};
  return {};
}

}  // namespace

void Compiler::Recalls() {
  for (const model::EventTypeSpec& spec : spec_.event_types) {
    const auto found = out_.event_type_index.find(spec.id.text);
    if (found == out_.event_type_index.end()) continue;
    EventType& type = out_.event_types[found->second];
    for (const model::AttributeSpec& a : spec.attributes) {
      const int attribute = AttributeOf(type, a.name.text);
      if (!a.recall.has_value() || attribute < 0) continue;
      const std::string what =
          absl::StrCat("event type \"", spec.id.text, "\": attribute \"",
                       a.name.text, "\", recall");
      if (a.required || a.personal || a.refers || a.list) {
        Error(a.recall->at,
              what + " is of what is required, personal, a list or refers",
              "What may be recalled may be absent, and is one thing.");
        continue;
      }
      if (auto recall = CompiledRecall(*a.recall, type, attribute, what)) {
        type.recalls.push_back(*std::move(recall));
        out_.has_recalls = true;
      }
    }
  }
}

std::optional<Recall> Compiler::CompiledRecall(const model::RecallSpec& spec,
                                               const EventType& type,
                                               int attribute,
                                               const std::string& what) {
  const auto fails = [&](model::Place at, std::string why,
                         std::string advice) -> std::optional<Recall> {
    Error(at, absl::StrCat(what, why), std::move(advice));
    return std::nullopt;
  };
  const EventType* const from = out_.FindEventType(spec.event.text);
  if (from == nullptr) {
    std::vector<std::string> known;
    for (const EventType& one : out_.event_types) known.push_back(one.id);
    return fails(
        spec.event.empty() ? spec.at : spec.event.at,
        absl::StrCat(": event type \"", spec.event.text, "\" is not declared"),
        base::DidYouMean(spec.event.text, known));
  }
  Recall recall{.attribute = attribute,
                .said = "said:" + SaidBy(spec),
                .name = spec.value.text,
                .first = spec.first};
  if (!IsTarget(spec.about) &&
      !IsObject(*from, AttributeOf(*from, spec.about.text))) {
    return fails(spec.about.at,
                 absl::StrCat(", about \"", spec.about.text, "\": \"", from->id,
                              "\" has no such OBJECT attribute"),
                 "Say \"target\", or an OBJECT attribute that is no list.");
  }
  if (!IsTarget(spec.of)) {
    recall.of = AttributeOf(type, spec.of.text);
    if (!IsObject(type, recall.of)) {
      return fails(spec.of.at,
                   absl::StrCat(", of \"", spec.of.text, "\": \"", type.id,
                                "\" has no such OBJECT attribute"),
                   "Say \"target\", or an OBJECT attribute that is no list.");
    }
    if (recall.of >= attribute) {
      return fails(
          spec.of.at,
          absl::StrCat(", of \"", spec.of.text, "\", which comes behind it"),
          "Declare that attribute further up: it is found first.");
    }
  }
  Told told = OwnValue(spec.value.text);
  recall.what = told.what;
  if (told.type == model::Type::kUnspecified) {
    const int value = AttributeOf(*from, spec.value.text);
    const model::EventTypeSpec& said =
        *std::find_if(spec_.event_types.begin(), spec_.event_types.end(),
                      [&](const auto& one) { return one.id.text == from->id; });
    const auto is_recalled = [&](const model::AttributeSpec& one) {
      return one.name.text == spec.value.text && one.recall.has_value();
    };
    if (value < 0 || from->attributes[value].personal ||
        from->attributes[value].list ||
        std::any_of(said.attributes.begin(), said.attributes.end(),
                    is_recalled)) {
      return fails(spec.value.empty() ? spec.at : spec.value.at,
                   absl::StrCat(", value \"", spec.value.text, "\": \"",
                                from->id, "\" says no such thing"),
                   "Say \"actor\", \"target\", \"time\", \"entry\", or an "
                   "attribute of it that is no list, not personal and not "
                   "recalled.");
    }
    told.type = from->attributes[value].type;
  }
  const model::Type wanted = type.attributes[attribute].type;
  if (told.type != wanted) {
    return fails(spec.value.at,
                 absl::StrCat(", value \"", spec.value.text, "\" is ",
                              Describe(told.type, false),
                              ", and the attribute ", Describe(wanted, false)),
                 "Give the attribute the type of what it recalls.");
  }
  return recall;
}

}  // namespace loyalty::rules
