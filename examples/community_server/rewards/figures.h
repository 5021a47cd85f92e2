// SPDX-License-Identifier: Apache-2.0
//
// Figures: what the program has come to so far, for who runs the community.
#ifndef COMMUNITY_REWARDS_FIGURES_H_
#define COMMUNITY_REWARDS_FIGURES_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "content/content.h"
#include "http/json.h"
#include "rewards/rewards.h"

namespace community {

// Thread-safe. Counts on from where it was: the first time, the whole journal.
class Figures {
 public:
  Figures(Rewards& rewards, const Content& content)
      : rewards_(rewards), content_(content) {}

  // Events, awards by rule, rejections, points outstanding, and the most active
  // tenth of contributors and who of them was rewarded. THROWS: Refusal.
  Json Now();

 private:
  struct Awards {
    int64_t times = 0;
    int64_t cut = 0;                            // of which less than was asked
    std::map<std::string, int64_t> units = {};  // by currency
  };

  void CountOn(loyalty::Queries& queries);
  Json MostActive(loyalty::Queries& queries) const;

  Rewards& rewards_;
  const Content& content_;
  std::mutex mutex_;
  int64_t seq_ = 0;
  int64_t accepted_ = 0;
  std::map<std::string, int64_t> rejected_ = {};  // by reason
  std::map<std::string, Awards> awards_ = {};     // by rule
};

}  // namespace community

#endif  // COMMUNITY_REWARDS_FIGURES_H_
