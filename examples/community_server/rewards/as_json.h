// SPDX-License-Identifier: Apache-2.0
//
// What the engine answers, as JSON: in the words of the command's --json.
#ifndef COMMUNITY_REWARDS_AS_JSON_H_
#define COMMUNITY_REWARDS_AS_JSON_H_

#include <loyalty/guide.h>
#include <loyalty/outcome.h>
#include <loyalty/program.h>
#include <loyalty/queries.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/json.h"

namespace community {

// outcome_json.cc
//
// All of it; as text it takes a fraction of the time.
std::string OutcomeText(const loyalty::Outcome& outcome);
Json AsJson(const loyalty::Outcome& outcome);
// What is one member's: no other member is named.
Json AsJsonFor(const loyalty::Outcome& outcome, std::string_view member,
               std::string_view event_type);
Json AsJson(const loyalty::Explanation& explanation);
Json AsJson(const loyalty::RuleForMember& rule);
Json AsJson(const loyalty::Diagnostic& diagnostic);

// profile_text.cc: what is read most, and so is written at once.
//
// What everybody may see of a member, whom `name` shows: levels, badges, what
// they may do; with `all`, also what only they themselves and admins may.
std::string ProfileText(const loyalty::MemberProfile& profile,
                        const std::string& name, bool all);
// A page of a statement, and where the next one begins, if there is one.
std::string StatementText(const std::string& member,
                          const std::vector<loyalty::StatementLine>& lines,
                          const std::optional<std::string>& before);

// profile_json.cc
Json AsJson(const loyalty::NextGoal& goal);
Json AsJson(const loyalty::HeldBadge& badge);
Json AsJson(const loyalty::RewardOffer& offer);
Json AsJson(const loyalty::MemberVoucher& voucher);
Json AsJson(const loyalty::LeaderboardRow& row);

// guide_json.cc
Json AsJson(const loyalty::Guide& guide);

}  // namespace community

#endif  // COMMUNITY_REWARDS_AS_JSON_H_
