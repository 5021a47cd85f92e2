// SPDX-License-Identifier: Apache-2.0
//
// The tables of the grammar: what a line may begin with, and what follows. A
// new verb, expectation or assertion is a line in one of them.
#ifndef LOYALTY_TOOLS_SCENARIO_GRAMMAR_H_
#define LOYALTY_TOOLS_SCENARIO_GRAMMAR_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::command {

// What stands in one place of a line.
enum class Place {
  kMember,    // a member's id
  kAnybody,   // the same, or '-' for nobody
  kCurrency,  // one of the program's
  kHolding,   // the same, or badge:ID
  kLadder,    // one of the program's
  kBoard,     // a leaderboard, or a currency
  kUnits,     // a whole number
  kAnswer,    // the same, or '-' where there is none to have any
  kCut,       // a CutReason's name
  kReject,    // a RejectReason's name
  kArrow,     // ->
  kName,      // anything
  kOk,        // ok
  kWhen,      // a time, or '-' for never
  kRevoked,   // revoked; may be missing
};

struct Form {
  std::string_view kind;
  std::vector<Place> places;
  std::string_view written;   // for people: "award MEMBER CURRENCY UNITS"
  bool stands_alone = false;  // among expectations: no other beside it
  bool takes_rule = false;    // rule=R may follow
  bool takes_time = false;    // "at TIME" may follow
  bool is_to_come = false;    // nothing of this version can be so yet
};

// What may stand under an event.
const std::vector<Form>& Expectations();
// What may stand at the margin and asks what is so.
const std::vector<Form>& Assertions();
// What a host can do: VERB is the event type "loyalty.VERB".
const std::vector<std::string>& Verbs();

// nullptr if there is none of that kind.
const Form* FormOf(const std::vector<Form>& forms, std::string_view kind);

std::vector<std::string> KindsOf(const std::vector<Form>& forms);
// All that a line at the margin may begin with.
std::vector<std::string> MarginWords();

// The names of all reasons.
const std::vector<std::string>& CutReasons();
const std::vector<std::string>& RejectReasons();

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_GRAMMAR_H_
