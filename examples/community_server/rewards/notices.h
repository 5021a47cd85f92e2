// SPDX-License-Identifier: Apache-2.0
//
// Notices: what an outcome means for one member, in their words: "+15 points,
// +15 expert, +3 coins: accepted solution".
#ifndef COMMUNITY_REWARDS_NOTICES_H_
#define COMMUNITY_REWARDS_NOTICES_H_

#include <loyalty/outcome.h>

#include <string>
#include <string_view>

#include "http/json.h"

namespace community {

// The effects that are this member's.
std::vector<loyalty::Effect> EffectsOn(const loyalty::Outcome& outcome,
                                       std::string_view member);

// As [{"kind": "units", "text": ".."}]; none if it means nothing for them. The
// type is the event's.
Json NoticesFor(const loyalty::Outcome& outcome, std::string_view member,
                std::string_view event_type);

}  // namespace community

#endif  // COMMUNITY_REWARDS_NOTICES_H_
