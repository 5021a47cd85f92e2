// SPDX-License-Identifier: Apache-2.0
//
// See figures.h.
#include "rewards/figures.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace community {
namespace {

constexpr int kMostShown = 100;

// What all members together have of a currency, and did not spend.
Json OutstandingOf(loyalty::Queries& queries, const std::string& currency) {
  constexpr int kPage = 1000;
  int64_t units = 0;
  int64_t members = 0;
  std::string after;
  while (true) {
    const auto page = OrRefuse(queries.Balances(currency, after, kPage));
    for (const loyalty::MemberBalance& balance : page) {
      units += balance.balance;
      members += balance.balance != 0 ? 1 : 0;
    }
    if (page.size() < kPage) break;
    after = page.back().member;
  }
  return {{"units", units}, {"members", members}};
}

// Stands above the first level of a ladder, and may do something for it.
bool IsRewarded(const loyalty::MemberProfile& profile) {
  return !profile.privileges.empty() &&
         std::any_of(profile.ladders.begin(), profile.ladders.end(),
                     [](const auto& standing) { return standing.index > 0; });
}

}  // namespace

void Figures::CountOn(loyalty::Queries& queries) {
  constexpr int kPage = 1000;
  while (true) {
    const auto page = OrRefuse(queries.Feed(seq_, kPage));
    for (const loyalty::Outcome& outcome : page) {
      seq_ = outcome.seq;
      if (!outcome.accepted()) {
        ++rejected_[std::string(Name(outcome.rejected))];
        continue;
      }
      ++accepted_;
      for (const loyalty::Effect& effect : outcome.effects) {
        const auto* const awarded = std::get_if<loyalty::Awarded>(&effect);
        if (awarded == nullptr) continue;
        Awards& awards = awards_[awarded->rule];
        ++awards.times;
        awards.cut += awarded->cut != loyalty::CutReason::kNone ? 1 : 0;
        awards.units[awarded->currency] += awarded->units;
      }
    }
    if (page.size() < kPage) return;
  }
}

Json Figures::MostActive(loyalty::Queries& queries) const {
  const int64_t contributors = content_.CountContributors();
  const int64_t tenth = (contributors + 9) / 10;
  int64_t rewarded = 0;
  Json members = Json::array();
  for (const Contributor& one : content_.MostActive(
           static_cast<int>(std::min<int64_t>(tenth, 10'000)))) {
    const auto profile = queries.Member(one.member);
    const bool is_rewarded = profile.ok() && IsRewarded(*profile);
    rewarded += is_rewarded ? 1 : 0;
    if (members.size() >= kMostShown) continue;
    members.push_back({{"member", one.member},
                       {"name", one.name},
                       {"acts", one.acts},
                       {"rewarded", is_rewarded}});
  }
  return {{"contributors", contributors},
          {"most_active", tenth},
          {"rewarded", rewarded},
          {"members", std::move(members)}};
}

Json Figures::Now() {
  const std::lock_guard lock(mutex_);
  const Rewards::View view = rewards_.Look();
  CountOn(*view);
  int64_t rejected = 0;
  for (const auto& [reason, count] : rejected_) rejected += count;
  Json figures = {{"seq", seq_},
                  {"accepted", accepted_},
                  {"rejected", rejected},
                  {"rejected_by_reason", rejected_},
                  {"awards", Json::array()},
                  {"outstanding", Json::object()}};
  for (const auto& [rule, awards] : awards_) {
    figures["awards"].push_back({{"rule", rule},
                                 {"times", awards.times},
                                 {"cut", awards.cut},
                                 {"units", awards.units}});
  }
  for (const std::string& currency : rewards_.program().currencies()) {
    figures["outstanding"][currency] = OutstandingOf(*view, currency);
  }
  figures["most_active"] = MostActive(*view);
  return figures;
}

}  // namespace community
