// SPDX-License-Identifier: Apache-2.0
//
// See scenario_events.h.
#include "scenario_events.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "scenario_values.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

constexpr std::string_view kReservedPrefix = "loyalty.";

// The attribute that `type` declares, or nullopt.
std::optional<DeclaredAttribute> Declared(const Program& program,
                                          const std::string& type,
                                          const std::string& name) {
  for (DeclaredAttribute& attribute : program.attributes(type)) {
    if (attribute.name == name) return std::move(attribute);
  }
  return std::nullopt;
}

std::vector<std::string> NamesOfAttributes(const Program& program,
                                           const std::string& type) {
  std::vector<std::string> names = {"target", "channel"};
  for (const DeclaredAttribute& attribute : program.attributes(type)) {
    names.push_back(attribute.name);
  }
  return names;
}

}  // namespace

bool EventBinder::Fault(const Line& line, int column, std::string what,
                        std::string advice) {
  findings_.Error(line.number, column, std::move(what), std::move(advice));
  return false;
}

bool EventBinder::Bind(const Line& line, bool as_written, Event& event) {
  const std::vector<Word>& words = line.words;
  const bool is_verb = Whole(words[0]) != "event";
  const size_t actor = is_verb ? 2 : 3;  // TIME is behind it
  if (words.size() < actor + 2) {
    return Fault(line, words.back().column, "something is missing behind this",
                 is_verb ? "Write  " + Whole(words[0]) +
                               " ID MEMBER TIME [name=value ...] , with - for "
                               "no member"
                         : "Write  event ID TYPE ACTOR TIME [target=T] "
                           "[channel=C] [name=value ...]");
  }
  event.id = Whole(words[1]);
  event.type = is_verb ? std::string(kReservedPrefix) + Whole(words[0])
                       : Whole(words[2]);
  if (!IsNobody(words[actor])) event.actor = Whole(words[actor]);
  bool ok =
      as_written || CheckType(line, words[is_verb ? 0 : 2], is_verb, event);
  const Word& when = words[actor + 1];
  const auto time = TimeIn(Whole(when), program_.time_zone());
  if (time.has_value()) {
    event.time = *time;
  } else {
    ok = Fault(line, when.column, "this is no time", kTimesAre);
  }
  if (!ok) return false;
  for (size_t i = actor + 2; i < words.size(); ++i) {
    ok &= BindNamed(line, words[i], as_written, event);
  }
  return ok;
}

bool EventBinder::CheckType(const Line& line, const Word& word, bool is_verb,
                            const Event& event) {
  if (program_.Takes(event.type)) return true;
  if (is_verb || event.type.starts_with(kReservedPrefix)) {
    return Fault(line, word.column,
                 "this version of loyalty has no events of type \"" +
                     event.type + "\" yet",
                 "");
  }
  return Fault(line, word.column,
               "there is no event type \"" + event.type + "\"",
               base::DidYouMean(event.type, program_.event_types()));
}

bool EventBinder::BindNamed(const Line& line, const Word& word, bool as_written,
                            Event& event) {
  if (word.name.empty()) {
    return Fault(line, word.column, "expected name=value",
                 "Texts with blanks are JSON strings: title=\"Two words\".");
  }
  const bool is_target = word.name == "target";
  if (is_target || word.name == "channel") {
    std::optional<std::string>& field =
        is_target ? event.target : event.channel;
    if (field.has_value()) {
      return Fault(line, word.column, word.name + " is given twice", "");
    }
    field = word.text;
    return true;
  }
  return BindAttribute(line, word, as_written, event);
}

bool EventBinder::BindAttribute(const Line& line, const Word& word,
                                bool as_written, Event& event) {
  // "+name" says that the program does not know it, and that this is meant.
  const bool is_undeclared = word.name.front() == '+';
  const std::string name = is_undeclared ? word.name.substr(1) : word.name;
  const auto declared = Declared(program_, event.type, name);
  const bool is_reserved = event.type.starts_with(kReservedPrefix);
  absl::StatusOr<Value> value =
      declared.has_value() ? TypedValue(word, *declared, program_.time_zone())
                           : ValueByLook(word);
  if (!value.ok() && as_written) value = ValueByLook(word);
  if (!value.ok()) {
    return Fault(line, word.value_column,
                 name + ": " + std::string(value.status().message()), "");
  }
  if (!declared.has_value() && !is_undeclared && !is_reserved && !as_written) {
    const std::string meant =
        base::Nearest(name, NamesOfAttributes(program_, event.type));
    return Fault(
        line, word.column,
        "\"" + event.type + "\" declares no attribute \"" + name + "\"",
        (meant.empty() ? "" : "Did you mean \"" + meant + "\"? ") +
            "To send what no rule can read, write +" + name + "=VALUE.");
  }
  if (!event.attributes.emplace(name, *std::move(value)).second) {
    return Fault(line, word.column, name + " is given twice", "");
  }
  return true;
}

}  // namespace loyalty::command
