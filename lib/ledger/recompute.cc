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
  explicit Recomputer(const TermsInTime& terms) : terms_(terms) {}

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
    Recomputed& is = members_[member].is;
    is.balance = std::max(is.balance, terms_.Last().floor);
    return std::move(is);
  }

 private:
  struct Stand {
    bool begun = false;
    Recomputed is = {};
  };

  void TakeIn(const model::Movement& m, Recomputed& now) {
    if (!m.of.has_value()) return;
    const Recomputed& other = leaving_[*m.of];
    now.balance =
        std::max(now.balance + other.balance, terms_.At(m.at.seq).floor);
    for (const auto& [day, used] : other.cap_used) now.cap_used[day] += used;
    now.given.insert(now.given.end(), other.given.begin(), other.given.end());
    std::sort(
        now.given.begin(), now.given.end(),
        [](const GivenUnits& a, const GivenUnits& b) { return a.at < b.at; });
  }

  void AddAward(const model::Movement& award, int64_t limited, bool undone,
                Recomputed& now) {
    Terms terms = terms_.At(award.at.seq);
    now.balance = std::max(now.balance, terms.floor);
    Standing before{.balance = now.balance, .cap_used = 0};
    int64_t* used = nullptr;
    if (!award.cap_window.has_value()) terms.daily_cap.reset();
    if (terms.daily_cap.has_value()) {
      used = &now.cap_used.try_emplace(*award.cap_window, CapUsedBefore(award))
                  .first->second;
      before.cap_used = *used;
    }
    if (undone) return;
    const Given given = Give(before, limited, terms);
    now.balance = given.after.balance;
    now.given.push_back({.at = award.at, .units = given.units});
    if (used != nullptr) *used = given.after.cap_used;
  }

  const TermsInTime& terms_;
  std::map<std::string, Stand> members_;
  std::map<model::Position, Recomputed> leaving_;
};

}  // namespace

std::map<model::Position, LeftOfPart> LeftOfParts(
    const std::vector<model::GivenAward>& history) {
  std::map<model::Position, LeftOfPart> left;
  for (const model::GivenAward& past : history) {
    const model::Movement& m = past.movement;
    if (m.kind == model::Movement::Kind::kReversal && m.of.has_value()) {
      left[*m.of] = {.asked = m.asked, .limited = m.limited};
    }
  }
  return left;
}

Recomputed Recompute(const std::vector<model::GivenAward>& history,
                     const std::set<model::Position>& undone,
                     const TermsInTime& terms) {
  const auto is_added = [](const model::GivenAward& past) {
    return model::MayBeUndone(past.movement.kind) ||
           model::IsMerge(past.movement.kind);
  };
  const model::Movement& last = history.back().movement;
  if (std::none_of(history.begin(), history.end(), is_added)) {
    return {.balance = last.balance, .given = {}, .cap_used = {}};
  }
  Recomputer recomputer(terms);
  const auto parts = LeftOfParts(history);
  for (const model::GivenAward& past : history) {
    if (!is_added(past)) continue;
    const model::Movement& m = past.movement;
    const auto part = parts.find(m.at);
    const int64_t limited =
        part == parts.end() ? m.limited : part->second.limited;
    recomputer.Add(m, past.limited.value_or(limited),
                   past.reversed || undone.contains(m.at));
  }
  return std::move(recomputer).Of(last.member);
}

}  // namespace loyalty::ledger
