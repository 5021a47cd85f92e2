// SPDX-License-Identifier: Apache-2.0
//
// See replay.h.
#include "ledger/replay.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "ledger/award.h"
#include "ledger/lots.h"
#include "ledger/recompute.h"
#include "loyalty/event.h"

namespace loyalty::ledger {
namespace {

using model::Lot;
using model::Movement;
using model::Position;

// What paid for a redemption, transfer or loss; of an open hold, the hold says.
struct Funding {
  std::vector<Lot> parts = {};
  int64_t forgiven = 0;  // owed once, and written off
};

class Replayer {
 public:
  explicit Replayer(const TermsInTime& terms) : terms_(terms) {}

  // Whose movements come next.
  void Turn(const std::string& member) {
    if (now_ == nullptr || member != member_) now_ = &members_[member];
    member_ = member;
  }

  void Do(const Movement& m, int64_t limited, bool undone) {
    SettleTo(m.settled_at);
    switch (m.kind) {
      case Movement::Kind::kOpening: return Earn(m, m.units);
      case Movement::Kind::kAward:
      case Movement::Kind::kCaughtUp:
        if (!undone) Award(m, limited);
        return;
      case Movement::Kind::kAdjustment:
        if (!undone) Earn(m, limited);
        return;
      case Movement::Kind::kRedemption: return Pay(m, -m.units);
      case Movement::Kind::kTransfer:
        return m.units < 0 ? Pay(m, -m.units) : Add(m, m.units);
      case Movement::Kind::kHold: return HoldBack(m);
      case Movement::Kind::kCapture: return EndHoldOf(m, -m.units);
      case Movement::Kind::kRelease:
        // Others say that a hold ran out, or what its capture left.
        if (m.rule.text() == kVoidHold) EndHoldOf(m, 0);
        return;
      case Movement::Kind::kRefund: return GiveBack(m);
      case Movement::Kind::kWriteOff: return WriteOffDebts(m.limited);
      case Movement::Kind::kFulfilment:
      case Movement::Kind::kBudgetCut:
      case Movement::Kind::kBadge:
      case Movement::Kind::kBadgeLost: return;  // moves nothing
      case Movement::Kind::kMergeOut: return Leave(m);
      case Movement::Kind::kMergeIn: return TakeIn(m);
      // What they came to follows from the others.
      case Movement::Kind::kReversal:
      case Movement::Kind::kExpiry: return;
    }
  }

  Replayed Finish(absl::Time to) && {
    if (now_ == nullptr) Turn("");
    SettleTo(to);
    return std::move(*now_);
  }

 private:
  template <typename Act>
  void With(const Act& act) {
    Came came;
    act(came);
    now_->expired += came.expired;
    now_->written_off += came.written_off;
    for (const Payment& payment : came.paid) {
      fundings_[payment.of].parts.push_back(payment.part);
    }
  }

  void SettleTo(absl::Time to) {
    With([&](Came& came) { Settle(now_->lots, to, came); });
  }

  // All of it waits for the one who takes it in.
  void Leave(const Movement& m) { leaving_[m.at] = std::exchange(*now_, {}); }

  void TakeIn(const Movement& m) {
    if (!m.of.has_value()) return;
    Replayed& other = leaving_[*m.of];
    now_->expired += other.expired;
    now_->written_off += other.written_off;
    now_->earned += other.earned;
    for (const auto& [day, used] : other.cap_used) now_->cap_used[day] += used;
    With([&](Came& came) { Absorb(now_->lots, std::move(other.lots), came); });
  }

  void Add(const Movement& m, int64_t units) {
    With([&](Came& came) {
      Gain(now_->lots, {.expires = m.expires, .vests = m.vests, .units = units},
           came);
    });
  }

  void Earn(const Movement& m, int64_t units) {
    now_->earned += units;
    if (units > 0) {
      Add(m, units);
    } else if (units < 0) {
      Pay(m, -units);
    }
  }

  // A loss takes what is there, and no more.
  void Award(const Movement& m, int64_t limited) {
    Terms terms{.floor = 0, .daily_cap = terms_.At(m.at.seq).daily_cap};
    if (!m.cap_window.has_value()) terms.daily_cap.reset();
    Standing before{.balance = model::Available(now_->lots), .cap_used = 0};
    int64_t* used = nullptr;
    if (terms.daily_cap.has_value()) {
      used = &now_->cap_used[*m.cap_window];
      before.cap_used = *used;
    }
    const Given given = Give(before, limited, terms);
    if (used != nullptr) *used = given.after.cap_used;
    Earn(m, given.units);
  }

  void Pay(const Movement& m, int64_t units) {
    fundings_[m.at].parts = TakeOrOwe(now_->lots, units, m.at);
  }

  void HoldBack(const Movement& m) {
    now_->lots.holds.push_back({.at = m.at,
                                .until = m.expires,
                                .parts = TakeOrOwe(now_->lots, m.asked, m.at)});
  }

  void EndHoldOf(const Movement& m, int64_t captured) {
    if (!m.of.has_value() || FindHold(now_->lots, *m.of) == nullptr) return;
    With([&](Came& came) {
      Captured paid = EndHold(now_->lots, *m.of, captured, came);
      fundings_[*m.of] = {std::move(paid.parts), paid.forgiven};
    });
  }

  // What was taken last comes back first: what is still owed, what was written
  // off, and then the parts. One that has expired meanwhile is good for the
  // grace that the movement gives, or expires.
  void GiveBack(const Movement& m) {
    if (!m.of.has_value()) return;
    Funding& funding = fundings_[*m.of];
    int64_t units = m.units;
    units -= Forgive(now_->lots, *m.of, units);
    const int64_t forgiven = std::min(units, funding.forgiven);
    funding.forgiven -= forgiven;
    now_->written_off -= forgiven;
    units -= forgiven;
    std::vector<Lot> back = TakeBack(funding.parts, units);
    for (Lot& part : back) {
      if (part.expires <= now_->lots.clock && m.expires > now_->lots.clock &&
          m.expires != absl::InfiniteFuture()) {
        part.expires = m.expires;
      }
    }
    With([&](Came& came) { GainAll(now_->lots, std::move(back), came); });
  }

  void WriteOffDebts(int64_t units) {
    for (const Forgiven& forgiven : WriteOff(now_->lots, units)) {
      now_->written_off += forgiven.units;
      if (FindHold(now_->lots, forgiven.of) == nullptr) {
        fundings_[forgiven.of].forgiven += forgiven.units;
      }
    }
  }

  const TermsInTime& terms_;
  std::map<std::string, Replayed> members_;
  std::string member_;
  Replayed* now_ = nullptr;  // the one whose turn it is
  std::map<Position, Replayed> leaving_;
  std::map<Position, Funding> fundings_;
};

}  // namespace

Replayed Replay(const std::vector<model::GivenAward>& history,
                const std::set<Position>& undone, const TermsInTime& terms,
                absl::Time to) {
  Replayer replayer(terms);
  const auto parts = LeftOfParts(history);
  for (const model::GivenAward& past : history) {
    const auto part = parts.find(past.movement.at);
    const int64_t limited =
        part == parts.end() ? past.movement.limited : part->second.limited;
    replayer.Turn(past.movement.member);
    replayer.Do(past.movement, past.limited.value_or(limited),
                past.reversed || undone.contains(past.movement.at));
  }
  return std::move(replayer).Finish(to);
}

}  // namespace loyalty::ledger
