// SPDX-License-Identifier: Apache-2.0
//
// What there is to earn, reach, win and buy, for who has none of it yet.
#include <loyalty/guide.h>

#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

// Without what is not there for everybody: offers for some, and quests before
// and after their time. Who may have those finds them with their own standing.
void ShowGuide(Community& community, const Call& call) {
  loyalty::Guide guide = loyalty::GuideOf(community.rewards.program());
  const absl::Time now = absl::Now();
  std::erase_if(guide.rewards, [](const loyalty::Guide::Reward& reward) {
    return reward.only_for_some;
  });
  std::erase_if(guide.quests, [&](const loyalty::Guide::Quest& quest) {
    return now < quest.from || now >= quest.until;
  });
  call.Answer(AsJson(guide));
}

}  // namespace

std::vector<Route> ProgramRoutes(Community& community) {
  return {
      {"GET",
       "/api/program",
       kLooks,
       {},
       [&](const Call& call) { ShowGuide(community, call); }},
  };
}

}  // namespace community
