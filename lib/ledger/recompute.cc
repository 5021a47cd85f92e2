// SPDX-License-Identifier: Apache-2.0
//
// See recompute.h.
#include "ledger/recompute.h"

#include <algorithm>
#include <string>
#include <utility>

namespace loyalty::ledger {
namespace {

// What of its day's cap was used before `award` was given: a gain filled it
// with what was posted, a loss made room with all it asked.
int64_t CapUsedBefore(const model::Movement& award) {
  return award.cap_used - (award.limited > 0 ? award.units : award.limited);
}

// Re-adds movement after movement.
class Recomputer {
 public:
  Recomputer(int64_t floor, std::optional<int64_t> daily_cap)
      : floor_(floor), daily_cap_(daily_cap) {}

  void Add(const model::Movement& m, int64_t limited, bool undone) {
    Stand& now = members_[m.member];
    if (!now.begun) {
      // What the first one found still holds.
      now.begun = true;
      now.is.balance = m.balance - m.units;
    }
    if (m.kind == model::Movement::Kind::kMergeOut) {
      leaving_[m.at] = std::exchange(now.is, {});
    } else if (m.kind == model::Movement::Kind::kMergeIn) {
      TakeIn(m, now.is);
    } else {
      AddAward(m, limited, undone, now.is);
    }
  }

  Recomputed Of(const std::string& member) && {
    return std::move(members_[member].is);
  }

 private:
  struct Stand {
    bool begun = false;
    Recomputed is = {};
  };

  void TakeIn(const model::Movement& m, Recomputed& now) {
    if (!m.of.has_value()) return;
    const Recomputed& other = leaving_[*m.of];
    now.balance = std::max(now.balance + other.balance, floor_);
    for (const auto& [day, used] : other.cap_used) now.cap_used[day] += used;
  }

  void AddAward(const model::Movement& award, int64_t limited, bool undone,
                Recomputed& now) {
    Terms terms{.floor = floor_, .daily_cap = std::nullopt};
    Standing before{.balance = now.balance, .cap_used = 0};
    int64_t* used = nullptr;
    if (award.cap_window.has_value() && daily_cap_.has_value()) {
      used = &now.cap_used.try_emplace(*award.cap_window, CapUsedBefore(award))
                  .first->second;
      terms.daily_cap = daily_cap_;
      before.cap_used = *used;
    }
    if (undone) return;
    const Given given = Give(before, limited, terms);
    now.balance = given.after.balance;
    if (used != nullptr) *used = given.after.cap_used;
  }

  const int64_t floor_;
  const std::optional<int64_t> daily_cap_;
  std::map<std::string, Stand> members_;
  std::map<model::Position, Recomputed> leaving_;
};

}  // namespace

std::map<model::Position, int64_t> LeftOfParts(
    const std::vector<model::GivenAward>& history) {
  std::map<model::Position, int64_t> left;
  for (const model::GivenAward& past : history) {
    const model::Movement& m = past.movement;
    if (m.kind == model::Movement::Kind::kReversal && m.of.has_value()) {
      left[*m.of] = m.limited;
    }
  }
  return left;
}

Recomputed Recompute(const std::vector<model::GivenAward>& history,
                     const std::set<model::Position>& undone, int64_t floor,
                     std::optional<int64_t> daily_cap) {
  const auto is_added = [](const model::GivenAward& past) {
    return model::MayBeUndone(past.movement.kind) ||
           model::IsMerge(past.movement.kind);
  };
  const model::Movement& last = history.back().movement;
  if (std::none_of(history.begin(), history.end(), is_added)) {
    return {.balance = last.balance, .cap_used = {}};
  }
  Recomputer recomputer(floor, daily_cap);
  const auto parts = LeftOfParts(history);
  for (const model::GivenAward& past : history) {
    if (!is_added(past)) continue;
    const model::Movement& m = past.movement;
    const auto part = parts.find(m.at);
    const int64_t limited = part == parts.end() ? m.limited : part->second;
    recomputer.Add(m, past.limited.value_or(limited),
                   past.reversed || undone.contains(m.at));
  }
  return std::move(recomputer).Of(last.member);
}

}  // namespace loyalty::ledger
