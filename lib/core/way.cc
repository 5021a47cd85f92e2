// SPDX-License-Identifier: Apache-2.0
//
// See way.h.
#include "core/way.h"

#include <absl/numeric/int128.h>
#include <absl/status/status.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace loyalty::core {
namespace {

constexpr int64_t kUnknown = INT64_MAX;
// A month of days: limits by the year are not waited for.
constexpr int kMostWaits = 35;
// After so many plays it is asked whether those that are left can do.
constexpr int kEarlyPlays = 100;

// An act, and what it would take.
struct Candidate {
  int act = 0;
  // At most so much: what it took when it was tried last.
  int64_t takes = kUnknown;
  int64_t most = kUnknown;  // that it ever took
  // If it was tried from where the search stands: the scene after it.
  std::unique_ptr<Scene> after = {};
  bool is_tried = false;
};

class WayFinder {
 public:
  WayFinder(const Scene& start, std::span<const int> acts, int& plays)
      : scene_(start.Copy()),
        plays_(plays),
        plays_at_first_(plays),
        missing_at_first_(scene_->Missing()) {
    for (const int act : acts) candidates_.push_back({.act = act});
  }

  absl::StatusOr<Way> Find() {
    while (scene_->Missing() > 0 && plays_ > 0 && !candidates_.empty() &&
           !IsTooFar()) {
      Candidate& best = Best();
      if (!best.is_tried) {
        const absl::Status tried = Try(best);
        if (!tried.ok()) return tried;
      } else if (best.takes > 0) {
        Go(best);
      } else if (++waits_ <= kMostWaits && scene_->Wait()) {
        AskAnew();
      } else {
        break;
      }
    }
    way_.arrives = scene_->Missing() <= 0;
    return std::move(way_);
  }

  // Below 0: more was taken than was missing.
  int64_t missing() const { return scene_->Missing(); }

 private:
  // What is played later takes no more: going on like this, it does not arrive.
  bool IsTooFar() const {
    const int64_t played = plays_at_first_ - plays_;
    if (played < kEarlyPlays) return false;
    const absl::int128 taken = missing_at_first_ - scene_->Missing();
    return taken * plays_at_first_ < absl::int128(missing_at_first_) * played;
  }

  // Nothing takes more than is missing. Of equals, the one that is preferred.
  // Before it is said that nothing takes anything, all are tried.
  Candidate& Best() {
    const int64_t missing = scene_->Missing();
    Candidate* best = &candidates_.front();
    for (Candidate& one : candidates_) {
      if (std::min(one.takes, missing) > std::min(best->takes, missing)) {
        best = &one;
      }
    }
    if (best->takes > 0) return *best;
    const auto untried =
        std::find_if(candidates_.begin(), candidates_.end(),
                     [](const Candidate& one) { return !one.is_tried; });
    return untried == candidates_.end() ? *best : *untried;
  }

  absl::Status Try(Candidate& one) {
    --plays_;
    std::unique_ptr<Scene> after = scene_->Copy();
    const absl::Status played = after->Play(one.act);
    if (!played.ok()) return played;
    const int64_t expected = one.takes;
    one.is_tried = true;
    one.takes = std::max<int64_t>(0, scene_->Missing() - after->Missing());
    one.most = one.most == kUnknown ? one.takes : std::max(one.most, one.takes);
    if (one.takes > 0) one.after = std::move(after);
    // One takes more than it did: the others may, too.
    if (one.takes > expected) {
      for (Candidate& other : candidates_) {
        if (!other.is_tried) other.takes = kUnknown;
      }
    }
    return absl::OkStatus();
  }

  void Go(Candidate& best) {
    way_.moves.push_back(
        {.act = best.act, .time = scene_->time(), .takes = best.takes});
    scene_ = std::move(best.after);
    waits_ = 0;
    for (Candidate& one : candidates_) {
      one.is_tried = false;
      one.after.reset();
    }
  }

  // After waiting each may take what it ever took.
  void AskAnew() {
    for (Candidate& one : candidates_) {
      one.is_tried = false;
      one.takes = one.most;
    }
  }

  std::unique_ptr<Scene> scene_;
  int& plays_;
  const int plays_at_first_;
  const int64_t missing_at_first_;
  std::vector<Candidate> candidates_;
  int waits_ = 0;  // since something was taken
  Way way_;
};

// What is missing after the moves, each at its time, but for number `without`.
absl::StatusOr<int64_t> MissingAfter(const Scene& start, const Way& way,
                                     size_t without, int& plays) {
  const std::unique_ptr<Scene> scene = start.Copy();
  for (size_t i = 0; i < way.moves.size(); ++i) {
    if (i == without) continue;
    while (scene->time() < way.moves[i].time && scene->Wait()) {
    }
    --plays;
    const absl::Status played = scene->Play(way.moves[i].act);
    if (!played.ok()) return played;
  }
  return scene->Missing();
}

// Leaves out moves that it takes no less far without. Who had to wait may have
// taken small steps before, which what came then made needless.
absl::Status Shorten(const Scene& start, int64_t over, Way& way, int& plays) {
  for (size_t i = 0; i < way.moves.size();) {
    if (way.moves[i].takes > over || plays <= 0) {
      ++i;
      continue;
    }
    const absl::StatusOr<int64_t> missing = MissingAfter(start, way, i, plays);
    if (!missing.ok()) return missing.status();
    if (*missing > 0) {
      ++i;
      continue;
    }
    way.moves.erase(way.moves.begin() + static_cast<std::ptrdiff_t>(i));
    over = -*missing;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Way> FindWay(const Scene& start, std::span<const int> acts,
                            int& plays) {
  WayFinder finder(start, acts, plays);
  absl::StatusOr<Way> way = finder.Find();
  if (!way.ok() || !way->arrives) return way;
  const absl::Status shortened = Shorten(start, -finder.missing(), *way, plays);
  if (!shortened.ok()) return shortened;
  return way;
}

}  // namespace loyalty::core
