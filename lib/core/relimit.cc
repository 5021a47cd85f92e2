// SPDX-License-Identifier: Apache-2.0
//
// See relimit.h.
#include "core/relimit.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "core/counters.h"
#include "core/limits.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

const AwardLimits& LimitsOf(const State& state, model::Position award) {
  static const auto* const none = new AwardLimits();
  const auto found = state.limits.find(award);
  return found == state.limits.end() ? *none : found->second;
}

// An award, where limits are asked for it, or, of one that has budgets, where
// what those did not grant is given back to limits.
struct Step {
  const model::Movement* award;
  bool is_granted;
};

// Whether budgets were asked for the award, if it has any.
bool AskedBudgets(const model::Movement& award) {
  const bool none_left =
      award.limited <= 0 &&
      (award.cut == CutReason::kLimit || award.cut == CutReason::kCooldown);
  return award.asked > 0 && !none_left;
}

// With which badge each award came that had to wait for budgets, of those that
// came with one. What waits for none is posted behind its badge; and the others
// come in the order of theirs.
class Grants {
 public:
  explicit Grants(const State& state) : waited_for_(state.grants) {
    if (waited_for_.empty()) return;
    for (const auto& [currency, history] : state.history) {
      for (const model::GivenAward& past : history) NoteAtOnce(past.movement);
    }
  }

  // The badge's place in the entry, or else the award's. To be asked about all
  // that waited, in the journal's order.
  int PlaceOf(const model::Movement& award) {
    if (waited_for_.empty()) return award.at.n;
    auto& left = Of(award);
    if (left.empty()) return award.at.n;
    const int place = left.front();
    left.erase(left.begin());
    return place;
  }

 private:
  using Badges = decltype(State::grants);

  void NoteAtOnce(const model::Movement& award) {
    if (award.kind != model::Movement::Kind::kAward || AskedBudgets(award))
      return;
    auto& left = Of(award);
    const auto behind = std::upper_bound(left.begin(), left.end(), award.at.n);
    if (behind != left.begin()) left.erase(std::prev(behind));
  }

  std::vector<int>& Of(const model::Movement& award) {
    const Badges::key_type of{award.at.seq, award.member, award.rule};
    const auto [place, is_new] = left_.try_emplace({of, award.award});
    const auto found = waited_for_.find(of);
    if (is_new && found != waited_for_.end()) place->second = found->second;
    return place->second;
  }

  const Badges& waited_for_;
  std::map<std::pair<Badges::key_type, int32_t>, std::vector<int>> left_;
};

// In the order in which it went.
std::vector<Step> InOrder(const State& state,
                          const std::set<model::Position>& undone) {
  using Place = std::tuple<int64_t, LimitOrder, int32_t>;
  constexpr int kLast = std::numeric_limits<int>::max();
  std::map<Place, Step> steps;
  Grants grants(state);
  for (const auto& [currency, history] : state.history) {
    for (const model::GivenAward& past : history) {
      const model::Movement& award = past.movement;
      const AwardLimits& asked = LimitsOf(state, award.at);
      if (award.kind != model::Movement::Kind::kAward &&
          asked.brought.empty()) {
        continue;
      }
      const bool is_reviewed = asked.order.leg == kReviewedLeg;
      const bool waited =
          is_reviewed && !asked.budgets.empty() && AskedBudgets(award);
      const int came_with = waited ? grants.PlaceOf(award) : award.at.n;
      if (past.reversed || undone.contains(award.at)) continue;
      const auto [seq, n] = award.at;
      LimitOrder place = asked.order;
      if (is_reviewed) place.rule = came_with;
      steps.emplace(Place{seq, place, n}, Step{&award, false});
      if (asked.budgets.empty()) continue;
      // Or else once all others have been asked.
      const LimitOrder granted{
          .leg = is_reviewed ? kReviewedLeg : kReviewedLeg - 1,
          .rule = is_reviewed ? n : kLast,
          .award = kLast};
      steps.emplace(Place{seq, granted, n}, Step{&award, true});
    }
  }
  std::vector<Step> in_order;
  in_order.reserve(steps.size());
  for (const auto& [place, step] : steps) in_order.push_back(step);
  return in_order;
}

using Most = std::map<model::Position, int64_t>;

// What budgets leave of awards that limits gave something back to. They never
// leave more than before.
Most LeftByBudgets(const State& state, const BudgetsSaid& said) {
  Most most;
  for (const auto& [currency, history] : state.history) {
    for (const model::GivenAward& past : history) {
      if (past.movement.kind != model::Movement::Kind::kBudgetCut) continue;
      if (past.movement.of.has_value()) {
        most[*past.movement.of] = past.movement.limited;
      }
    }
  }
  for (const auto& [at, cut] : said.cut) most[at] = cut.most;
  return most;
}

// What budgets left of what is asked of limits. Their answer stands, as it is
// about other members too; that it was one is not told where the daily cap cut
// as well.
int64_t LeftOf(const State& state, const model::Movement& award, int64_t asked,
               const Most& most) {
  if (asked <= 0) return asked;
  const auto left = most.find(award.at);
  if (left != most.end()) return std::min(asked, left->second);
  const bool has_budgets = !LimitsOf(state, award.at).budgets.empty();
  const bool by_limit =
      award.cut == CutReason::kLimit || award.cut == CutReason::kCooldown;
  return has_budgets && !by_limit ? std::min(asked, award.limited) : asked;
}

// What is asked of awards of which a part is reversed.
std::map<model::Position, int64_t> AskedOfParts(const State& state,
                                                std::span<const Part> parts) {
  std::map<model::Position, int64_t> asked;
  for (const auto& [currency, history] : state.history) {
    for (const auto& [of, left] : ledger::LeftOfParts(history)) {
      asked[of] = left.asked;
    }
  }
  for (const Part& part : parts) asked[part.of] = part.asked;
  return asked;
}

// Whether a limit of those that were used ever had too little left.
bool WasCutIn(const model::EntityState& member, const Uses& uses) {
  return std::any_of(uses.begin(), uses.end(), [&](const auto& use) {
    const auto flags = CutIn(use.first);
    return std::any_of(flags.begin(), flags.end(), [&](const auto& flag) {
      return member.Counter(flag) != 0;
    });
  });
}

using Spending = std::map<model::CounterKey, int64_t>;

// What each of those who are one member by now has used, as it was while they
// were several.
class SpentByEach {
 public:
  explicit SpentByEach(const State& state) : aliases_(state.aliases) {
    for (const auto& [currency, history] : state.history) {
      for (const model::GivenAward& past : history) {
        const model::Movement& m = past.movement;
        if (m.kind == model::Movement::Kind::kMergeIn) {
          joined_.emplace(m.at.seq, m.at);
        }
      }
    }
  }

  // Whoever became another before then did.
  void GoOnTo(model::Position at) {
    for (; next_ < aliases_.size() && Joined(aliases_[next_]) < at; ++next_) {
      const model::Alias& alias = aliases_[next_];
      for (auto& [member, spent] : members_) PutUnderOne(alias, spent);
      const auto found = members_.find(alias.member);
      if (found == members_.end()) continue;
      Spending& other = members_[alias.into];
      for (const auto& [counter, used] : found->second) other[counter] += used;
      members_.erase(found);
    }
  }

  Spending& Of(const std::string& member) { return members_[member]; }

  // Of the one they all are in the end.
  Spending Finish() && {
    GoOnTo({.seq = std::numeric_limits<int64_t>::max()});
    return members_.empty() ? Spending() : std::move(members_.begin()->second);
  }

 private:
  // The merge may win a badge, whose awards are of them as one. Who brought
  // nothing had no part in limits.
  model::Position Joined(const model::Alias& alias) const {
    const auto joined = joined_.find(alias.seq);
    return joined == joined_.end()
               ? model::Position{.seq = alias.seq,
                                 .n = std::numeric_limits<int32_t>::max()}
               : joined->second;
  }

  // Whose key it was is another's now.
  static void PutUnderOne(const model::Alias& alias, Spending& spent) {
    const model::Entity from = MemberEntity(alias.member);
    for (auto it = spent.begin(); it != spent.end();) {
      if (it->first.key != from) {
        ++it;
        continue;
      }
      model::CounterKey counter = it->first;
      counter.key = MemberEntity(alias.into);
      spent[counter] += it->second;
      it = spent.erase(it);
    }
  }

  const std::vector<model::Alias>& aliases_;
  std::map<int64_t, model::Position> joined_;  // by entry
  size_t next_ = 0;
  std::map<std::string, Spending> members_;
};

}  // namespace

// While what was recorded stands, an award that was cut can only come back
// where a limit which had too little left for it is given something back.
bool Relimits(const model::EntityState& member, const Undo& undo) {
  if (member.Counter(CameBackCounter()) != 0) return true;
  if (undo.keep.has_value()) return undo.is_limited;
  return WasCutIn(member, undo.uses);
}

bool GoesAlone(const model::EntityState& member, const Undo& undo) {
  if (undo.keep.has_value() || undo.said.has_value() || undo.awards.empty() ||
      undo.brought_for != 0 || member.Counter(InPartCounter()) != 0 ||
      WasCutIn(member, undo.uses)) {
    return false;
  }
  return std::all_of(
      undo.awards.begin(), undo.awards.end(), [&](const auto& award) {
        return award.kind == model::Movement::Kind::kAward && award.asked > 0 &&
               award.limited == award.asked && award.units == award.asked;
      });
}

void NoteGrant(const model::Movement& movement, State& state) {
  if (movement.kind != model::Movement::Kind::kBadge) return;
  state.grants[{movement.at.seq, movement.member, movement.currency}].push_back(
      movement.at.n);
}

bool DifferFromRecord(const State& state, const Relimited& relimited) {
  for (const auto& [currency, history] : state.history) {
    for (const model::GivenAward& past : history) {
      // Limits have nothing to do with losses, of which a part may be gone.
      if (past.movement.asked < 0) continue;
      const auto now = relimited.limited.find(past.movement.at);
      if (now != relimited.limited.end() &&
          now->second != past.movement.limited) {
        return true;
      }
    }
  }
  return false;
}

Relimited Relimit(const State& state, const std::set<model::Position>& undone,
                  const BudgetsSaid& said, std::span<const Part> parts,
                  int64_t gone) {
  Relimited now;
  const Most most = LeftByBudgets(state, said);
  const auto of_parts = AskedOfParts(state, parts);
  SpentByEach by_each(state);
  std::map<model::Position, int64_t> before_grant;
  for (const auto& [award, is_granted] : InOrder(state, undone)) {
    const model::Position at = award->at;
    by_each.GoOnTo(at);
    Spending& spent = by_each.Of(award->member);
    const AwardLimits& asked = LimitsOf(state, at);
    for (const auto& [seq, uses] : asked.brought) {
      if (seq == gone) continue;
      for (const auto& [counter, used] : uses) spent[counter] += used;
    }
    if (award->kind != model::Movement::Kind::kAward) continue;
    if (is_granted) {
      const auto used = before_grant.find(at);
      if (used == before_grant.end()) continue;
      const int64_t granted = now.limited[at];
      for (const auto& [limit, counter] : asked.limits) {
        if (limit->comes_again) continue;
        spent[counter] += (granted > 0 ? UseOf(*limit, granted) : 0) -
                          UseOf(*limit, used->second);
      }
      continue;
    }
    const auto in = [&](const model::CounterKey& counter) {
      const auto found = spent.find(counter);
      return found == spent.end() ? 0 : found->second;
    };
    const auto each = [&](const model::CounterKey& first, int64_t last,
                          Spent::See see) {
      for (auto it = spent.lower_bound(first);
           it != spent.end() && it->first.name == first.name &&
           it->first.window <= last;
           ++it) {
        if (it->first.key == first.key) see(it->first.window, it->second);
      }
    };
    const auto of_part = of_parts.find(at);
    const int64_t units =
        of_part == of_parts.end() ? award->asked : of_part->second;
    int64_t& limited = now.limited[at];
    limited = LeftOf(state, *award, units, most);
    if (asked.limits.empty() || units <= 0) continue;
    const Spent now_spent{.in = in, .each = each};
    const int64_t wanted = asked.budgets.empty() ? limited : units;
    const int64_t gain = LimitGain(asked.limits, wanted, now_spent).units;
    if (gain < wanted) {
      ForEachShort(asked.limits, wanted, now_spent,
                   [&](const LimitUse& use) { now.cut_in.insert(CutIn(use)); });
    }
    if (gain > 0) {
      ForEachUse(asked.limits, gain,
                 [&](const model::CounterKey& counter, int64_t use) {
                   spent[counter] += use;
                 });
    }
    limited = std::min(limited, gain);
    // Until budgets have answered, limits count what they were asked for.
    if (limited != gain) before_grant[at] = gain;
  }
  now.spent = std::move(by_each).Finish();
  return now;
}

Relimited Standing(const State& state, bool came_back) {
  Relimited now = Relimit(state, {});
  if (came_back) return now;
  for (const auto& [currency, history] : state.history) {
    const auto parts = ledger::LeftOfParts(history);
    for (const model::GivenAward& past : history) {
      const auto limited = now.limited.find(past.movement.at);
      if (limited == now.limited.end()) continue;
      const auto part = parts.find(past.movement.at);
      limited->second =
          part == parts.end() ? past.movement.limited : part->second.limited;
    }
  }
  return now;
}

std::vector<model::GivenAward> WithLimits(
    std::vector<model::GivenAward> history, const Relimited& relimited) {
  for (model::GivenAward& past : history) {
    const auto limited = relimited.limited.find(past.movement.at);
    if (limited != relimited.limited.end()) past.limited = limited->second;
  }
  return history;
}

}  // namespace loyalty::core
