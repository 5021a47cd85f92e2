// SPDX-License-Identifier: Apache-2.0
//
// Why an event did what it did: rule by rule for developers, and in sentences
// for people. All from what was stored; nothing is decided again.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/message.h"
#include "core/validate.h"
#include "engine/file_queries.h"
#include "ledger/posting.h"
#include "model/board_name.h"

namespace loyalty::engine {
namespace {

template <typename... Ts>
struct Sayings : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Sayings(Ts...) -> Sayings<Ts...>;

std::string LimitSentence(const Awarded& awarded) {
  return absl::StrCat(" A limit of the rule left ", awarded.limited, " of it.");
}

// Cap and floor come after the limits, so that both may have cut.
bool IsCutTwice(const Awarded& awarded) {
  return awarded.limited != awarded.asked &&
         (awarded.cut == CutReason::kDailyCap ||
          awarded.cut == CutReason::kOverflow);
}

std::string CutSentence(const rules::CompiledProgram& program,
                        const Awarded& awarded) {
  const int index = program.CurrencyIndex(awarded.currency);
  switch (awarded.cut) {
    case CutReason::kNone: return "";
    case CutReason::kLimit: return LimitSentence(awarded);
    case CutReason::kDailyCap:
      return absl::StrCat(
          " The daily cap of ",
          index < 0 ? 0 : program.currencies[index].daily_cap.value_or(0), " ",
          awarded.currency, " left ", awarded.units, " of it.");
    case CutReason::kFloor:
      return absl::StrCat(" Nobody goes below ",
                          index < 0 ? 0 : program.currencies[index].floor, " ",
                          awarded.currency, ".");
    case CutReason::kOwnObject:
      return " There is no reward for acting on one's own.";
    case CutReason::kNoRecipient:
      return " The event names nobody to give it to.";
    case CutReason::kNeverEarns:
      return " The program lists this member as one that never earns.";
    case CutReason::kOverflow: return " The balance is as high as balances go.";
    case CutReason::kCooldown:
      return " It came too soon after the one before it.";
    case CutReason::kBudget:
      return absl::StrCat(" The budget of the rule left ", awarded.limited,
                          " of it.");
    case CutReason::kProgramBudget:
      return absl::StrCat(" The budget of the program left ", awarded.limited,
                          " of it.");
    case CutReason::kSuspended: return " They were suspended.";
    case CutReason::kNotEnrolled: return " They were not enrolled.";
  }
  return "";
}

// When units that came are available, and until when; "" if now and for ever.
std::string LastingSentence(const rules::CompiledProgram& program,
                            const model::Movement& movement) {
  const bool expires = movement.expires < absl::InfiniteFuture();
  if (movement.kind == model::Movement::Kind::kHold) {
    return absl::StrCat("The hold ends at ",
                        base::ShortTime(movement.expires, program.time_zone),
                        ".");
  }
  const bool pending = movement.vests > absl::InfinitePast();
  if (movement.units <= 0 || (!expires && !pending)) return "";
  std::string text = absl::StrCat(movement.units, " ", movement.currency.text(),
                                  " of ", movement.member);
  if (pending) {
    absl::StrAppend(&text, " are available from ",
                    base::ShortTime(movement.vests, program.time_zone));
  }
  if (expires) {
    absl::StrAppend(&text, pending ? ", and expire at " : " expire at ",
                    base::ShortTime(movement.expires, program.time_zone));
  }
  return text + ".";
}

}  // namespace

std::string SentenceOf(const rules::CompiledProgram& program,
                       const Awarded& awarded) {
  const int rule = program.RuleNumber(awarded.rule);
  const std::string why =
      rule >= 0 && !program.rule_texts[rule].empty()
          ? absl::StrCat(awarded.rule, " (", program.rule_texts[rule], ")")
          : awarded.rule;
  if (awarded.member.empty()) {
    return absl::StrCat("Nobody received ", awarded.currency, " by ", why, ".",
                        CutSentence(program, awarded));
  }
  const bool gain = awarded.asked > 0;
  std::string text =
      absl::StrCat(awarded.member, gain ? " received " : " lost ",
                   std::abs(awarded.units), " ", awarded.currency, " by ", why);
  if (awarded.units != awarded.asked) {
    absl::StrAppend(&text, ", which asked for ", std::abs(awarded.asked));
  }
  return absl::StrCat(text, ".",
                      IsCutTwice(awarded) ? LimitSentence(awarded) : "",
                      CutSentence(program, awarded));
}

namespace {

std::string Sentence(const Reversed& reversed) {
  const std::string of =
      absl::StrCat(reversed.awards,
                   reversed.awards == 1 ? " earlier award" : " earlier awards");
  if (reversed.awards == 0) {
    return absl::StrCat(reversed.member,
                        reversed.units < 0 ? " gave back " : " got back ",
                        std::abs(reversed.units), " ", reversed.currency,
                        ", which limits cut otherwise without what was taken "
                        "back.");
  }
  if (reversed.units == 0) {
    return absl::StrCat(reversed.member, " stands as before without ", of,
                        " of ", reversed.currency, ".");
  }
  return absl::StrCat(reversed.member,
                      reversed.units < 0 ? " gave back " : " got back ",
                      std::abs(reversed.units), " ", reversed.currency,
                      ", to stand as if ", of, " had never been asked.");
}

std::string Sentence(const Moved& moved) {
  const std::string units =
      absl::StrCat(std::abs(moved.units), " ", moved.currency);
  const bool back = moved.units < 0;
  using Kind = Moved::Kind;
  switch (moved.kind) {
    case Kind::kRedeemed:
      return absl::StrCat(moved.member, " spent ", units, " on ", moved.source,
                          ".");
    case Kind::kHeld:
      return absl::StrCat(units, " of ", moved.member, " are held for ",
                          moved.source, ".");
    case Kind::kCaptured:
      return absl::StrCat(moved.member, " spent ", units,
                          " that were held for ", moved.source, ".");
    case Kind::kReleased:
      return absl::StrCat(units, " of ", moved.member,
                          " that were held are free again.");
    case Kind::kExpired:
      return absl::StrCat(units, " of ", moved.member,
                          back ? " that had expired came back." : " expired.");
    case Kind::kRefunded:
      return absl::StrCat(moved.member, " got back ", units, " spent on ",
                          moved.source, ".");
    case Kind::kTransferred:
      return absl::StrCat(moved.member, back ? " sent " : " received ", units,
                          ".");
    case Kind::kAdjusted:
      if (model::IsPrize(moved.source)) {
        return absl::StrCat(moved.member, " won ", units, " for a season.");
      }
      return absl::StrCat(moved.member, back ? " lost " : " gained ", units,
                          " by a person's correction.");
    case Kind::kFulfilled:
      return absl::StrCat(moved.source, " was handed over to ", moved.member,
                          ".");
    case Kind::kMergedOut:
      return absl::StrCat(units, back ? " left " : " came to ", moved.member,
                          ", who is another member now.");
    case Kind::kMergedIn:
      return absl::StrCat(
          moved.member, back ? " took over a balance below 0, " : " took over ",
          units, " of an id that was merged into theirs.");
    case Kind::kCaughtUp:
      return absl::StrCat(moved.member, " got ", units, " that ", moved.source,
                          " would have given for what came before.");
    case Kind::kWrittenOff:
      return absl::StrCat(units, " that ", moved.member,
                          back ? " owed had been forgiven and were not needed."
                               : " owed were forgiven.");
  }
  return "";
}

std::string Sentence(const StreakMoved& e) {
  if (e.frozen) {
    return absl::StrCat(e.member, "'s streak ", e.streak, " of ", e.length,
                        " was frozen.");
  }
  if (e.length > 1) {
    return absl::StrCat(e.member, "'s streak ", e.streak, " came to ", e.length,
                        ".");
  }
  return absl::StrCat(
      e.member, " began a streak ", e.streak,
      e.broken > 0 ? absl::StrCat("; the one before it had come to ", e.broken)
                   : "",
      ".");
}

std::string OfTeam(const QuestMoved& e) {
  return e.object.empty() ? "" : absl::StrCat(" of ", e.object);
}

std::string Sentence(const QuestMoved& e) {
  switch (e.kind) {
    case QuestMoved::Kind::kJoined:
      return absl::StrCat(e.member, " joined the quest ", e.quest, ".");
    case QuestMoved::Kind::kLeft:
      return absl::StrCat(e.member, " left the quest ", e.quest, ".");
    case QuestMoved::Kind::kMet:
      return absl::StrCat("The quest ", e.quest, OfTeam(e),
                          " was done together, ", e.progress,
                          e.progress == 1 ? " time" : " times", " by now.");
    case QuestMoved::Kind::kProgressed: break;
  }
  return absl::StrCat(e.member, " came to ", e.progress, " of ", e.goal,
                      " of step ", e.step, " of the quest ", e.quest, OfTeam(e),
                      ".");
}

// Of what a streak reached, or that a quest is done: as people know them.
std::string SentenceOfMade(const rules::CompiledProgram& program,
                           const rules::Badge& badge, const Badge& e) {
  if (badge.quest >= 0) {
    return absl::StrCat(
        e.member, e.won ? " did the quest " : " has not done the quest ",
        program.quests[badge.quest].id, e.won ? "" : " after all");
  }
  // "daily/7", or "daily/every7".
  std::string_view length = badge.id;
  length.remove_prefix(length.rfind('/') + 1);
  constexpr std::string_view kEvery = "every";
  const bool again = length.starts_with(kEvery);
  if (again) length.remove_prefix(kEvery.size());
  return absl::StrCat(e.member, e.won ? " reached " : " has not reached ",
                      again ? "another " : "", std::string(length),
                      " of the streak ", program.streaks[badge.streak].id,
                      e.won ? "" : " after all");
}

// As time passed, with nobody's doing.
std::string ReviewSentence(const rules::CompiledProgram& program,
                           const LevelChanged& e) {
  const rules::Ladder* const ladder = program.FindLadder(e.ladder);
  const bool rolls = ladder != nullptr && ladder->tiers.has_value() &&
                     ladder->tiers->is_rolling();
  if (e.up) return "what kept them from it by hand ended";
  if (rolls && ladder->tiers->has_validity()) {
    return "it was not earned again while it was valid";
  }
  return rolls ? "less is left of what was earned in the last days"
               : "the period ended, or what was said by hand did";
}

std::string Sentence(const rules::CompiledProgram& program,
                     const LevelChanged& e) {
  const std::string said =
      absl::StrCat(e.member, e.up ? " reached " : " fell back to ", e.to,
                   " on the ladder ", e.ladder);
  switch (e.why) {
    case LevelChanged::Why::kEarned: break;
    case LevelChanged::Why::kReview:
      return absl::StrCat(said, ", as ", ReviewSentence(program, e), ".");
    case LevelChanged::Why::kReversal:
      return absl::StrCat(said, ", as what was earned was taken back.");
    case LevelChanged::Why::kByHand: return absl::StrCat(said, ", by hand.");
    case LevelChanged::Why::kSeason:
      return absl::StrCat(said, ", as a season of the league ended.");
  }
  return said + ".";
}

std::string Sentence(const rules::CompiledProgram& program, const Badge& e) {
  const rules::Badge* const badge = program.FindBadge(e.badge);
  const bool says = badge != nullptr && !badge->describe.empty();
  if (badge != nullptr && !badge->is_told()) {
    return absl::StrCat(SentenceOfMade(program, *badge, e),
                        says ? ": " + badge->describe : "", ".");
  }
  return absl::StrCat(e.member, e.won ? " won the badge " : " lost the badge ",
                      e.badge, e.object.has_value() ? " for " + *e.object : "",
                      says ? ": " + badge->describe : "", ".");
}

std::string Sentence(const BadgeDue& e) {
  return absl::StrCat(e.member, " has won the badge ", e.badge,
                      ", as time has ", "passed; their next event grants it.");
}

std::string AssignmentSentence(const Event& event) {
  const std::string reason = core::IsAsked(event, "reason")
                                 ? core::AskedText(event, "reason")
                                 : std::string();
  const bool locks =
      core::IsAsked(event, "as") && core::AskedText(event, "as") == "lock";
  return absl::StrCat(
      core::AskedText(event, "by"), " put them on ",
      core::AskedText(event, "tier"), " of the ladder ",
      core::AskedText(event, "ladder"),
      locks ? ", whatever they earn" : ", or above, if they earn it",
      reason.empty() ? "" : ": ", reason, ".");
}

// Who corrected it, and why.
std::string CorrectionSentence(const Event& event) {
  return absl::StrCat("It was corrected by ", core::AskedText(event, "by"),
                      ": ", core::AskedText(event, "reason"), ".");
}

std::vector<std::string> Sentences(
    const rules::CompiledProgram& program, const model::RecordedEvent& recorded,
    const std::vector<model::Movement>& movements) {
  const Outcome& outcome = recorded.outcome;
  std::vector<std::string> sentences;
  if (!outcome.accepted()) {
    sentences.push_back(absl::StrCat("Rejected: ", outcome.reason, "."));
  }
  for (const Effect& effect : outcome.effects) {
    sentences.push_back(std::visit(
        Sayings{[](const Opened& e) {
                  return absl::StrCat(e.member,
                                      " became a member and started with ",
                                      e.units, " ", e.currency, ".");
                },
                [&](const Awarded& e) { return SentenceOf(program, e); },
                [](const Reversed& e) { return Sentence(e); },
                [](const Moved& e) { return Sentence(e); },
                [&](const Badge& e) { return Sentence(program, e); },
                [](const BadgeDue& e) { return Sentence(e); },
                [](const StreakMoved& e) { return Sentence(e); },
                [](const QuestMoved& e) { return Sentence(e); },
                [&](const LevelChanged& e) { return Sentence(program, e); }},
        effect));
  }
  for (const model::Movement& movement : movements) {
    std::string lasting = LastingSentence(program, movement);
    if (!lasting.empty()) sentences.push_back(std::move(lasting));
  }
  if (recorded.event.type == kAdjust && outcome.accepted()) {
    sentences.push_back(CorrectionSentence(recorded.event));
  }
  if (recorded.event.type == kAssignTier && outcome.accepted()) {
    sentences.push_back(AssignmentSentence(recorded.event));
  }
  if (recorded.event.type == kErase && outcome.accepted()) {
    sentences.push_back(
        absl::StrCat("Who it was is forgotten: the file calls them ",
                     recorded.event.actor.value_or(""), " from here on."));
  }
  if (recorded.event.type == kSwitch && outcome.accepted()) {
    sentences.push_back(
        absl::StrCat("From here on version ", program.version,
                     " of the program decides. It changed no balance."));
  }
  if (sentences.empty()) sentences.push_back("It changed no balance.");
  return sentences;
}

// Of a rule that stops the asking: it says so.
bool Fired(const rules::Rule& rule, const Outcome& outcome) {
  return std::any_of(
      outcome.notes.begin(), outcome.notes.end(), [&](const RuleNote& note) {
        return note.rule == rule.id && note.text == core::kStopped;
      });
}

// Of a badge that a streak or a quest makes, why it was not won; "" of others.
std::string_view WhatIsMissing(const rules::CompiledProgram& program,
                               std::string_view rule) {
  constexpr std::string_view kBadgeRule = "badge:";
  if (!rule.starts_with(kBadgeRule)) return "";
  const rules::Badge* const badge =
      program.FindBadge(rule.substr(kBadgeRule.size()));
  if (badge == nullptr || badge->is_told()) return "";
  if (badge->quest >= 0 && program.quests[badge->quest].is_together()) {
    return "not done by all of them together, too little of it done by the "
           "member, or had before";
  }
  return badge->quest >= 0 ? "not joined, not open, done already, or a step is "
                             "not done"
                           : "the streak came no further than before";
}

// Every rule that fired left an effect or a note, so that one that left neither
// did not.
std::string Verdict(const rules::CompiledProgram& program,
                    const rules::Rule& rule_asked,
                    const model::RecordedEvent& recorded) {
  const Outcome& outcome = recorded.outcome;
  const std::string& rule = rule_asked.id;
  for (const rules::During& during : rule_asked.times) {
    std::string why = during.WhyNot(recorded.event.time, program.time_zone);
    if (!why.empty()) return why;
  }
  std::string verdict;
  for (const RuleNote& note : outcome.notes) {
    if (note.rule != rule) continue;
    absl::StrAppend(&verdict, verdict.empty() ? "" : "; ", note.text);
  }
  if (!verdict.empty()) return verdict;
  for (const Effect& effect : outcome.effects) {
    const auto* awarded = std::get_if<Awarded>(&effect);
    if (awarded != nullptr && awarded->rule == rule) return "it fired";
    const auto* badge = std::get_if<Badge>(&effect);
    if (badge != nullptr && "badge:" + badge->badge == rule) {
      return badge->won ? "it was won" : "it was lost";
    }
  }
  const std::string_view made_of = WhatIsMissing(program, rule);
  if (outcome.accepted() && !made_of.empty()) return std::string(made_of);
  return outcome.accepted() ? kConditionFalse : "it was not asked";
}

}  // namespace

Explanation ExplanationOf(const rules::CompiledProgram& program,
                          const model::RecordedEvent& recorded,
                          const std::vector<model::Movement>& movements) {
  Explanation explanation{
      .event = recorded.event,
      .outcome = recorded.outcome,
      .program = absl::StrCat(program.name, " ", program.version),
      .postings = {},
      .rules = {},
      .sentences = Sentences(program, recorded, movements)};
  for (const model::Posting& posting : ledger::PostingsOf(movements)) {
    explanation.postings.push_back({model::ToString(posting.from),
                                    model::ToString(posting.to),
                                    posting.currency, posting.units});
  }
  std::set<std::string> known;
  const rules::Rule* stopped_by = nullptr;
  if (const auto* type = program.FindEventType(recorded.event.type)) {
    for (const rules::Rule& rule : type->rules) {
      known.insert(rule.id);
      std::string verdict = Verdict(program, rule, recorded);
      if (stopped_by != nullptr && verdict == kConditionFalse &&
          (rule.asked_of_object || !stopped_by->asked_of_object)) {
        verdict = absl::StrCat("it was not asked: rule ", stopped_by->id,
                               " stopped at itself");
      }
      if (rule.stop && stopped_by == nullptr && Fired(rule, recorded.outcome)) {
        stopped_by = &rule;
      }
      explanation.rules.push_back({.rule = rule.id,
                                   .describe = program.rule_texts[rule.number],
                                   .verdict = std::move(verdict)});
    }
  }
  // Rules on what happened in the midst of it, and badges that came with it.
  for (const Effect& effect : recorded.outcome.effects) {
    const auto* const awarded = std::get_if<Awarded>(&effect);
    if (awarded == nullptr || !known.insert(awarded->rule).second) continue;
    const int number = program.RuleNumber(awarded->rule);
    explanation.rules.push_back(
        {.rule = awarded->rule,
         .describe = number < 0 ? "" : program.rule_texts[number],
         .verdict = "it fired"});
  }
  // Commands and metrics have their say under names of their own.
  for (const RuleNote& note : recorded.outcome.notes) {
    if (known.insert(note.rule).second) {
      explanation.rules.push_back({.rule = note.rule, .verdict = note.text});
    }
  }
  return explanation;
}

absl::Status AddWhatReversed(store::Reader& reader,
                             const rules::CompiledProgram& program,
                             const model::RecordedEvent& recorded,
                             Explanation& explanation) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> by,
                   reader.EventsThatReversed(recorded.seq));
  for (const int64_t seq : by) {
    ASSIGN_OR_RETURN(const auto events, reader.Events(seq - 1, 1));
    if (events.empty()) continue;
    const Event& event = events.front().event;
    explanation.sentences.push_back(absl::StrCat(
        "What it gave was taken back by event ", event.id, ", a ", event.type,
        " of ", base::ShortTime(event.time, program.time_zone), "."));
  }
  return absl::OkStatus();
}

}  // namespace loyalty::engine
