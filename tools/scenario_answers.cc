// SPDX-License-Identifier: Apache-2.0
//
// See scenario_answers.h.
#include "scenario_answers.h"

#include <absl/status/status.h>

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/status_macros.h"
#include "output.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

constexpr char kNone[] = "-";

using Answer = absl::StatusOr<std::string>;

// kNotFound is an answer.
Answer NoneIfNotFound(const absl::Status& status) {
  if (absl::IsNotFound(status)) return kNone;
  return status;
}

// A balance as it was: what happened until then adds up to it.
Answer BalanceAt(const std::string& member, const std::string& currency,
                 absl::Time at, Queries& queries) {
  constexpr int kPage = 1000;
  int64_t balance = 0;
  int64_t seq = 0;
  int32_t n = -1;
  while (true) {
    const absl::StatusOr<std::vector<StatementLine>> page =
        queries.Statement(member, currency, seq, n, kPage);
    if (!page.ok()) return NoneIfNotFound(page.status());
    for (const StatementLine& line : *page) {
      if (line.time <= at) balance += line.units;
      seq = line.seq;
      n = line.n;
    }
    if (page->size() < kPage) return std::to_string(balance);
  }
}

Answer BalanceOf(const Assertion& assertion, Queries& queries) {
  const std::string& member = assertion.question[1];
  const std::string& currency = assertion.question[2];
  if (assertion.at.has_value()) {
    return BalanceAt(member, currency, *assertion.at, queries);
  }
  const absl::StatusOr<MemberProfile> profile = queries.Member(member);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const CurrencyBalance& balance : profile->currencies) {
    if (balance.currency == currency) return std::to_string(balance.balance);
  }
  return kNone;
}

Answer EarnedBy(const Assertion& assertion, Queries& queries) {
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1]);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const CurrencyBalance& balance : profile->currencies) {
    if (balance.currency == assertion.question[2]) {
      return std::to_string(balance.earned);
    }
  }
  return kNone;
}

Answer LevelOf(const Assertion& assertion, Queries& queries) {
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1]);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const LadderStanding& standing : profile->ladders) {
    if (standing.ladder == assertion.question[2]) return standing.level;
  }
  return kNone;
}

Answer RankOf(const Assertion& assertion, Queries& queries) {
  const absl::StatusOr<LeaderboardRow> row =
      queries.Rank(assertion.question[2], assertion.question[1]);
  if (!row.ok()) return NoneIfNotFound(row.status());
  return std::to_string(row->rank);
}

Answer Verified(const Assertion&, Queries& queries) {
  ASSIGN_OR_RETURN(const VerifyReport report, queries.Verify());
  if (report.ok()) return "ok";
  return report.faults.empty() ? "faults" : report.faults.front();
}

}  // namespace

Answer AnswerTo(const Assertion& assertion, Queries& queries) {
  using Ask = Answer (*)(const Assertion&, Queries&);
  static const auto& asks = *new std::map<std::string_view, Ask>{
      {"balance", BalanceOf}, {"earned", EarnedBy}, {"level", LevelOf},
      {"rank", RankOf},       {"verify", Verified},
  };
  const auto ask = asks.find(assertion.question.front());
  if (ask == asks.end()) {
    return absl::UnimplementedError("\"" + assertion.question.front() +
                                    "\" cannot be asked yet");
  }
  return ask->second(assertion, queries);
}

std::string TextOf(const Assertion& assertion) {
  const std::string text = Joined(assertion.question);
  return assertion.at.has_value() ? text + " at " + Rfc3339(*assertion.at)
                                  : text;
}

}  // namespace loyalty::command
