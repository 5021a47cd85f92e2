// SPDX-License-Identifier: Apache-2.0
//
// Why one member got what they got of one rule, or nothing: step by step for
// who writes the program, and in one sentence for the member, which names no
// other member.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <utility>
#include <variant>
#include <vector>

#include "engine/file_queries.h"

namespace loyalty::engine {
namespace {

// The rule as people know it.
std::string ShownName(const std::string& rule, const std::string& describe) {
  return describe.empty() ? absl::StrCat("\"", rule, "\"")
                          : absl::StrCat("\"", describe, "\"");
}

// What the rule asked to give: to the member, or, by `others`, to somebody
// else.
std::vector<Awarded> AwardsOf(const Outcome& outcome, const std::string& rule,
                              const std::string& member, bool others) {
  std::vector<Awarded> awards;
  for (const Effect& effect : outcome.effects) {
    const auto* awarded = std::get_if<Awarded>(&effect);
    if (awarded == nullptr || awarded->rule != rule) continue;
    if ((awarded->member != member) == others) awards.push_back(*awarded);
  }
  return awards;
}

void TellGiven(const rules::CompiledProgram& program,
               const std::vector<Awarded>& awards, RuleForMember& told) {
  std::vector<std::string> sentences;
  for (const Awarded& awarded : awards) {
    told.gave |= awarded.units != 0;
    sentences.push_back(SentenceOf(program, awarded));
    told.steps.push_back(sentences.back());
  }
  told.sentence = absl::StrJoin(sentences, " ");
}

void TellOthers(const rules::CompiledProgram& program,
                const std::vector<Awarded>& awards, RuleForMember& told) {
  const std::string name = ShownName(told.rule, told.describe);
  told.steps.push_back("it fired, and was not for this member");
  bool for_nobody = true;
  for (const Awarded& awarded : awards) {
    told.steps.push_back(SentenceOf(program, awarded));
    for_nobody &= awarded.member.empty();
  }
  told.sentence =
      absl::StrCat(name, for_nobody ? " had nobody to give to here."
                                    : " was for somebody else here.");
}

void TellVerdict(const Explanation::Line& line, RuleForMember& told) {
  const std::string name = ShownName(told.rule, told.describe);
  told.steps.push_back(line.verdict);
  for (const std::string& why : line.why) told.steps.push_back(why);
  if (line.verdict != kConditionFalse) {
    told.sentence =
        absl::StrCat(name, " gave nothing here: ", line.verdict, ".");
  } else if (line.why.empty()) {
    told.sentence = absl::StrCat(name, " does not hold here.");
  } else {
    told.sentence = absl::StrCat(
        name, " does not hold here: ", absl::StrJoin(line.why, "; "), ".");
  }
}

}  // namespace

RuleForMember ForMember(const rules::CompiledProgram& program,
                        const Explanation& explanation,
                        const Explanation::Line& line,
                        const std::string& member) {
  RuleForMember told{.rule = line.rule, .describe = line.describe};
  const Outcome& outcome = explanation.outcome;
  if (!outcome.accepted()) {
    told.steps.push_back(
        absl::StrCat("the event was rejected: ", outcome.reason));
    told.sentence = absl::StrCat("This was not counted: ", outcome.reason, ".");
    return told;
  }
  const auto given = AwardsOf(outcome, line.rule, member, false);
  const auto others = AwardsOf(outcome, line.rule, member, true);
  if (!given.empty()) {
    TellGiven(program, given, told);
  } else if (!others.empty()) {
    TellOthers(program, others, told);
  } else {
    TellVerdict(line, told);
    return told;
  }
  // Others of its awards may have come to nothing.
  for (const RuleNote& note : outcome.notes) {
    if (note.rule == line.rule) told.steps.push_back(note.text);
  }
  return told;
}

RuleForMember OnOtherTypes(const rules::CompiledProgram& program, int rule,
                           const Event& event) {
  RuleForMember told{.rule = program.rule_ids[rule],
                     .describe = program.rule_texts[rule]};
  std::vector<std::string> types;
  for (const rules::EventType& type : program.event_types) {
    if (rules::CompiledProgram::FindRule(type, rule) != nullptr) {
      types.push_back(type.id);
    }
  }
  const std::string on = absl::StrJoin(types, ", ");
  told.steps.push_back(
      absl::StrCat("it is on ", on, ", and the event is of type ", event.type));
  told.sentence = absl::StrCat(ShownName(told.rule, told.describe), " is for ",
                               on, ", and this was ", event.type, ".");
  return told;
}

}  // namespace loyalty::engine
