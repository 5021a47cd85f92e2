// SPDX-License-Identifier: Apache-2.0
//
// Way: which acts lead to a goal soonest, and the fewest of them.
//
// It knows neither rules nor goals: it plays acts on copies of a scene, and
// sees what each takes off what is missing. Always the act that takes most is
// played, and time moves on where nothing takes anything any more. If an act
// takes no more the later it is played, and what one takes does not make
// another take more, as it is with limits and caps, that gives the earliest
// day, and within one moment the fewest acts.
#ifndef LOYALTY_LIB_CORE_WAY_H_
#define LOYALTY_LIB_CORE_WAY_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace loyalty::core {

// A member as they stand, or would.
class Scene {
 public:
  virtual ~Scene() = default;

  virtual std::unique_ptr<Scene> Copy() const = 0;
  // How much is missing; 0 or less: nothing.
  virtual int64_t Missing() const = 0;
  virtual absl::Time time() const = 0;

  // What cannot be played changes nothing. ERRORS: as the store's.
  virtual absl::Status Play(int act) = 0;
  // Moves on to the next time at which limits may leave more. False: there is
  // none that the search may look at.
  virtual bool Wait() = 0;
};

struct Played {
  int act = 0;
  absl::Time time = absl::InfinitePast();
  int64_t takes = 0;  // off what was missing
};

struct Way {
  std::vector<Played> moves = {};
  bool arrives = false;
};

// Looks for a way from `start` by `acts`, of which those before others are
// preferred where they take as much. After some weeks in which nothing takes
// anything it gives up, and where it is
// too far for the plays that are left. `plays` is how many acts may be played,
// and goes down.
//
// ERRORS: as Scene::Play.
absl::StatusOr<Way> FindWay(const Scene& start, std::span<const int> acts,
                            int& plays);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_WAY_H_
