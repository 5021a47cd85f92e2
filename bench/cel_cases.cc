// SPDX-License-Identifier: Apache-2.0
//
// See cel_cases.h.
#include "cel_cases.h"

#include <absl/status/status.h>
#include <re2/re2.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "must.h"

namespace loyalty::bench {
namespace {

// A std::string compares itself with a literal more slowly.
template <size_t kSize>
bool Is(std::string_view text, const char (&literal)[kSize]) {
  return text == std::string_view(literal, kSize - 1);
}

bool VoteSimple(const Facts& facts) {
  return Is(facts.type, "vote") && facts.level >= 2 && facts.words > 300;
}

bool PurchaseArith(const Facts& facts) {
  return Is(facts.type, "purchase") && facts.amount >= 25.0 &&
         (Is(facts.currency, "EUR") || Is(facts.currency, "USD") ||
          Is(facts.currency, "GBP")) &&
         (Is(facts.tier, "gold") ||
          static_cast<double>(facts.points_30d) + facts.amount * 2.0 >=
              500.0) &&
         !facts.suspended;
}

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) != 0x80;
  });
}

bool TagsText(const Facts& facts) {
  static const re2::RE2 kPattern("[Ss]pam|[Cc]asino");
  return std::any_of(facts.tags.begin(), facts.tags.end(),
                     [](const std::string& tag) {
                       return Is(tag, "howto") || tag.starts_with("guide-");
                     }) &&
         CodePoints(facts.title) >= 20 &&
         !re2::RE2::PartialMatch(facts.title, kPattern) &&
         facts.time - facts.since >= 86400;
}

template <typename T>
void Read(const nlohmann::json& from, const char* name, T& to) {
  if (const auto found = from.find(name); found != from.end()) to = *found;
}

}  // namespace

const std::vector<Condition>& Conditions() {
  static const std::vector<Condition> conditions = {
      {"vote_simple", "vote",
       R"(event.type == "vote" && level.member >= 2 && event.words > 300)",
       VoteSimple},
      {"purchase_arith", "purchase",
       R"(event.type == "purchase" && event.amount >= 25.0 && )"
       R"(event.currency in ["EUR", "USD", "GBP"] && )"
       R"((event.tier == "gold" || )"
       R"(double(metric.points_30d) + event.amount * 2.0 >= 500.0) && )"
       R"(!event.suspended)",
       PurchaseArith},
      {"tags_text", "post",
       R"(event.tags.exists(t, t == "howto" || t.startsWith("guide-")) && )"
       R"(event.title.size() >= 20 && )"
       R"(!event.title.matches("[Ss]pam|[Cc]asino") && )"
       R"(event.time - actor.since >= duration("86400s"))",
       TagsText}};
  return conditions;
}

std::vector<Case> CasesOf(const Condition& condition) {
  std::ifstream in(LOYALTY_BENCH_CASES);
  if (!in) Must(absl::NotFoundError("no " LOYALTY_BENCH_CASES));
  const nlohmann::json all = nlohmann::json::parse(in);
  std::vector<Case> cases;
  for (const nlohmann::json& one : all.at(condition.name)) {
    Case& made = cases.emplace_back();
    made.holds = one.at("holds");
    Facts& facts = made.facts;
    Read(one, "type", facts.type);
    Read(one, "words", facts.words);
    Read(one, "amount", facts.amount);
    Read(one, "currency", facts.currency);
    Read(one, "tags", facts.tags);
    Read(one, "title", facts.title);
    Read(one, "time", facts.time);
    Read(one, "tier", facts.tier);
    Read(one, "suspended", facts.suspended);
    Read(one, "level", facts.level);
    Read(one, "points_30d", facts.points_30d);
    Read(one, "since", facts.since);
  }
  return cases;
}

}  // namespace loyalty::bench
