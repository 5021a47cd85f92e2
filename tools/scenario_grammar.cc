// SPDX-License-Identifier: Apache-2.0
//
// See scenario_grammar.h.
#include "scenario_grammar.h"

#include <algorithm>
#include <cstdint>

#include "loyalty/outcome.h"

namespace loyalty::command {
namespace {

// Reasons are numbered without gaps so wide as this.
constexpr int32_t kEndOfReasons = 1000;

template <typename Reason>
std::vector<std::string> NamesOf() {
  std::vector<std::string> names;
  for (int32_t i = 1; i < kEndOfReasons; ++i) {
    const std::string name(Name(static_cast<Reason>(i)));
    if (name != "unknown") names.push_back(name);
  }
  return names;
}

}  // namespace

const std::vector<Form>& Expectations() {
  using enum Place;
  static const auto& forms = *new std::vector<Form>{
      {.kind = "award",
       .places = {kMember, kCurrency, kUnits},
       .written = "award MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "cut",
       .places = {kAnybody, kCurrency, kUnits, kCut},
       .written = "cut MEMBER CURRENCY UNITS REASON [rule=R]",
       .takes_rule = true},
      {.kind = "reverse",
       .places = {kMember, kCurrency, kUnits},
       .written = "reverse MEMBER CURRENCY UNITS"},
      {.kind = "open",
       .places = {kMember, kCurrency, kUnits},
       .written = "open MEMBER CURRENCY UNITS"},
      {.kind = "expire",
       .places = {kMember, kCurrency, kUnits},
       .written = "expire MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "redeem",
       .places = {kMember, kCurrency, kUnits},
       .written = "redeem MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "hold",
       .places = {kMember, kCurrency, kUnits},
       .written = "hold MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "capture",
       .places = {kMember, kCurrency, kUnits},
       .written = "capture MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "release",
       .places = {kMember, kCurrency, kUnits},
       .written = "release MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "refund",
       .places = {kMember, kCurrency, kUnits},
       .written = "refund MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "transfer",
       .places = {kMember, kCurrency, kUnits},
       .written = "transfer MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "adjust",
       .places = {kMember, kCurrency, kUnits},
       .written = "adjust MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "catch_up",
       .places = {kMember, kCurrency, kUnits},
       .written = "catch_up MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "fulfil",
       .places = {kMember, kCurrency, kUnits},
       .written = "fulfil MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "write_off",
       .places = {kMember, kCurrency, kUnits},
       .written = "write_off MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "merge",
       .places = {kMember, kHolding, kUnits},
       .written = "merge MEMBER CURRENCY UNITS [rule=R]",
       .takes_rule = true},
      {.kind = "level",
       .places = {kMember, kLadder, kName, kArrow, kName},
       .written = "level MEMBER LADDER FROM -> TO"},
      {.kind = "badge",
       .places = {kMember, kName, kRevoked},
       .written = "badge MEMBER BADGE [revoked]"},
      {.kind = "streak",
       .places = {kMember, kName, kUnits},
       .written = "streak MEMBER STREAK LENGTH"},
      {.kind = "broken",
       .places = {kMember, kName, kUnits},
       .written = "broken MEMBER STREAK LENGTH"},
      {.kind = "frozen",
       .places = {kMember, kName, kUnits},
       .written = "frozen MEMBER STREAK LENGTH"},
      {.kind = "quest",
       .places = {kMember, kName, kName},
       .written = "quest MEMBER QUEST joined|left"},
      {.kind = "step",
       .places = {kMember, kName, kName, kUnits},
       .written = "step MEMBER QUEST STEP PROGRESS"},
      {.kind = "met",
       .places = {kName, kName, kUnits},
       .written = "met QUEST TEAM TIMES"},
      {.kind = "notice",
       .places = {kMember, kName},
       .written = "notice MEMBER KIND",
       .is_to_come = true},
      {.kind = "reject",
       .places = {kReject},
       .written = "reject REASON",
       .stands_alone = true},
      {.kind = "refused",
       .places = {},
       .written = "refused",
       .stands_alone = true},
      {.kind = "malformed",
       .places = {},
       .written = "malformed",
       .stands_alone = true},
      {.kind = "repeat",
       .places = {},
       .written = "repeat",
       .stands_alone = true},
      {.kind = "none", .places = {}, .written = "none", .stands_alone = true},
  };
  return forms;
}

const std::vector<Form>& Assertions() {
  using enum Place;
  static const auto& forms = *new std::vector<Form>{
      {.kind = "balance",
       .places = {kMember, kCurrency, kAnswer},
       .written = "balance MEMBER CURRENCY UNITS [at TIME]",
       .takes_time = true},
      {.kind = "pending",
       .places = {kMember, kCurrency, kAnswer},
       .written = "pending MEMBER CURRENCY UNITS [at TIME]",
       .takes_time = true},
      {.kind = "held",
       .places = {kMember, kCurrency, kAnswer},
       .written = "held MEMBER CURRENCY UNITS [at TIME]",
       .takes_time = true},
      {.kind = "owed",
       .places = {kMember, kCurrency, kAnswer},
       .written = "owed MEMBER CURRENCY UNITS [at TIME]",
       .takes_time = true},
      {.kind = "earned",
       .places = {kMember, kCurrency, kAnswer},
       .written = "earned MEMBER CURRENCY UNITS"},
      {.kind = "metric",
       .places = {kName, kName, kAnswer},
       .written = "metric WHO METRIC[/WHAT] N [at TIME]",
       .takes_time = true},
      {.kind = "level",
       .places = {kMember, kLadder, kName},
       .written = "level MEMBER LADDER LEVEL [at TIME]",
       .takes_time = true},
      {.kind = "until",
       .places = {kMember, kLadder, kWhen},
       .written = "until MEMBER LADDER TIME [at TIME]",
       .takes_time = true},
      {.kind = "to_keep",
       .places = {kMember, kLadder, kAnswer},
       .written = "to_keep MEMBER LADDER UNITS [at TIME]",
       .takes_time = true},
      {.kind = "can",
       .places = {kMember, kName, kName},
       .written = "can MEMBER PRIVILEGE yes|no [at TIME]",
       .takes_time = true},
      {.kind = "rank",
       .places = {kBoard, kMember, kAnswer},
       .written = "rank BOARD[/GROUP] MEMBER N [at TIME]",
       .takes_time = true},
      {.kind = "zone",
       .places = {kBoard, kMember, kName},
       .written = "zone BOARD MEMBER promotion|relegation|none [at TIME]",
       .takes_time = true},
      {.kind = "badge",
       .places = {kMember, kName, kAnswer},
       .written = "badge MEMBER BADGE N [at TIME]",
       .takes_time = true},
      {.kind = "streak",
       .places = {kMember, kName, kAnswer},
       .written = "streak MEMBER STREAK LENGTH [at TIME]",
       .takes_time = true},
      {.kind = "longest",
       .places = {kMember, kName, kAnswer},
       .written = "longest MEMBER STREAK LENGTH [at TIME]",
       .takes_time = true},
      {.kind = "freezes",
       .places = {kMember, kName, kAnswer},
       .written = "freezes MEMBER STREAK N [at TIME]",
       .takes_time = true},
      {.kind = "quest",
       .places = {kMember, kName, kName},
       .written = "quest MEMBER QUEST STATE [at TIME]",
       .takes_time = true},
      {.kind = "step",
       .places = {kMember, kName, kName, kAnswer},
       .written = "step MEMBER QUEST STEP PROGRESS [at TIME]",
       .takes_time = true},
      {.kind = "part",
       .places = {kMember, kName, kAnswer},
       .written = "part MEMBER QUEST N [at TIME]",
       .takes_time = true},
      {.kind = "next",
       .places = {kMember, kName, kName},
       .written = "next MEMBER GOAL STEPS [at TIME]",
       .takes_time = true},
      {.kind = "soonest",
       .places = {kMember, kName, kWhen},
       .written = "soonest MEMBER GOAL TIME [at TIME]",
       .takes_time = true},
      {.kind = "missing",
       .places = {kMember, kName, kAnswer},
       .written = "missing MEMBER GOAL N [at TIME]",
       .takes_time = true},
      {.kind = "verify", .places = {kOk}, .written = "verify ok"},
  };
  return forms;
}

const std::vector<std::string>& Verbs() {
  static const auto& verbs = *new std::vector<std::string>{
      "reverse",       "reverse_object", "redeem",         "capture",
      "void",          "fulfil",         "cancel",         "adjust",
      "enroll",        "suspend",        "resume",         "merge",
      "erase",         "transfer",       "season_ended",   "grant_badge",
      "revoke_badge",  "use_voucher",    "import_voucher", "assign_tier",
      "unassign_tier", "hide",           "show",           "freeze_streak",
      "join_quest",    "leave_quest",    "share_goal"};
  return verbs;
}

const Form* FormOf(const std::vector<Form>& forms, std::string_view kind) {
  for (const Form& form : forms) {
    if (form.kind == kind) return &form;
  }
  return nullptr;
}

std::vector<std::string> KindsOf(const std::vector<Form>& forms) {
  std::vector<std::string> kinds;
  kinds.reserve(forms.size());
  for (const Form& form : forms) kinds.emplace_back(form.kind);
  return kinds;
}

std::vector<std::string> MarginWords() {
  std::vector<std::string> words = {"event",    "program", "switch",
                                    "catch_up", "sweep",   "clock"};
  for (const Form& form : Assertions()) words.emplace_back(form.kind);
  words.insert(words.end(), Verbs().begin(), Verbs().end());
  return words;
}

const std::vector<std::string>& CutReasons() {
  static const auto& names =
      *new std::vector<std::string>(NamesOf<CutReason>());
  return names;
}

const std::vector<std::string>& RejectReasons() {
  static const auto& names =
      *new std::vector<std::string>(NamesOf<RejectReason>());
  return names;
}

}  // namespace loyalty::command
