// SPDX-License-Identifier: Apache-2.0
//
// See lots.h.
#include "ledger/lots.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace loyalty::ledger {
namespace {

using model::Debt;
using model::Hold;
using model::Lot;
using model::Lots;
using model::Position;

bool IsPending(const Lot& lot, const Lots& lots) {
  return lot.vests > lots.clock;
}

bool ComesBefore(const Lot& a, const Lot& b) {
  return std::tie(a.expires, a.vests) < std::tie(b.expires, b.vests);
}

void Put(Lots& lots, const Lot& lot) {
  const auto place =
      std::lower_bound(lots.lots.begin(), lots.lots.end(), lot, ComesBefore);
  if (place != lots.lots.end() && !ComesBefore(lot, *place)) {
    place->units += lot.units;
  } else {
    lots.lots.insert(place, lot);
  }
}

// What is left of `lot` when it has paid what it can.
int64_t Pay(Lots& lots, const Lot& lot, Came& came) {
  int64_t left = lot.units;
  while (left > 0 && !lots.debts.empty()) {
    Debt& debt = lots.debts.front();
    Lot part = lot;
    part.units = std::min(left, debt.units);
    left -= part.units;
    debt.units -= part.units;
    if (Hold* const hold = FindHold(lots, debt.of)) {
      hold->parts.push_back(part);
    } else {
      came.paid.push_back({debt.of, part});
    }
    if (debt.units == 0) lots.debts.erase(lots.debts.begin());
  }
  return left;
}

// Those of `from` for which `is_due` holds, taken out, in their order.
template <typename T, typename IsDue>
std::vector<T> TakeDue(std::vector<T>& from, const IsDue& is_due) {
  std::vector<T> due;
  std::vector<T> others;
  for (T& one : from) (is_due(one) ? due : others).push_back(std::move(one));
  from = std::move(others);
  return due;
}

// Ends the hold at `at`, and puts behind `freed` what is free again of it.
Captured Release(Lots& lots, Position at, int64_t captured, Came& came,
                 std::vector<Lot>& freed) {
  Hold hold = *FindHold(lots, at);
  int64_t left = UnitsOf(lots, hold) - captured;
  std::erase_if(lots.holds, [&](const Hold& one) { return one.at == at; });
  left -= Forgive(lots, at, left);
  const int64_t needless = std::min(left, hold.forgiven);
  hold.forgiven -= needless;
  came.written_off -= needless;
  for (const Lot& part : TakeBack(hold.parts, left - needless)) {
    freed.push_back(part);
  }
  return {.parts = std::move(hold.parts), .forgiven = hold.forgiven};
}

// Holds end and lots vest at one time: together, as what they free pays debts.
void EndHoldsAndVest(Lots& lots, Came& came) {
  std::vector<Position> ended;
  for (const Hold& hold : lots.holds) {
    if (hold.until <= lots.clock) ended.push_back(hold.at);
  }
  std::vector<Lot> free = TakeDue(lots.lots, [&](const Lot& lot) {
    return lot.vests > absl::InfinitePast() && lot.vests <= lots.clock;
  });
  for (const Position at : ended) {
    came.released.push_back({at, UnitsOf(lots, *FindHold(lots, at))});
    Release(lots, at, 0, came, free);
  }
  GainAll(lots, std::move(free), came);
}

void Expire(Lots& lots, Came& came) {
  const auto expired = TakeDue(
      lots.lots, [&](const Lot& lot) { return lot.expires <= lots.clock; });
  came.expired += model::UnitsOf(expired);
}

// When anything of it changes by itself.
absl::Time NextChange(const Lots& lots) {
  absl::Time next = absl::InfiniteFuture();
  for (const Lot& lot : lots.lots) {
    next = std::min(next, lot.expires);
    if (lot.vests > absl::InfinitePast()) next = std::min(next, lot.vests);
  }
  for (const Hold& hold : lots.holds) next = std::min(next, hold.until);
  return next;
}

}  // namespace

int64_t BalanceOf(const Lots& lots) {
  return model::UnitsOf(lots.lots) + HeldOf(lots) - DebtOf(lots) - lots.swept;
}

int64_t PendingOf(const Lots& lots) {
  return model::UnitsOf(lots.lots) - model::Available(lots);
}

int64_t HeldOf(const Lots& lots) {
  int64_t units = 0;
  for (const Hold& hold : lots.holds) units += UnitsOf(lots, hold);
  return units;
}

int64_t DebtOf(const Lots& lots) {
  int64_t units = 0;
  for (const Debt& debt : lots.debts) units += debt.units;
  return units;
}

void Settle(Lots& lots, absl::Time to, Came& came) {
  for (absl::Time due = NextChange(lots);
       due <= to && due != absl::InfiniteFuture(); due = NextChange(lots)) {
    lots.clock = std::max(lots.clock, due);
    EndHoldsAndVest(lots, came);
    Expire(lots, came);
  }
  lots.clock = std::max(lots.clock, to);
}

void Gain(Lots& lots, Lot lot, Came& came) {
  if (lot.expires <= lots.clock) {
    came.expired += lot.units;
    return;
  }
  if (!IsPending(lot, lots)) {
    lot.vests = absl::InfinitePast();
    lot.units = Pay(lots, lot, came);
  }
  if (lot.units > 0) Put(lots, lot);
}

void Absorb(Lots& lots, Lots other, Came& came) {
  Settle(other, lots.clock, came);
  std::vector<Lot> parts = std::move(other.lots);
  for (Hold& hold : other.holds) lots.holds.push_back(std::move(hold));
  std::sort(lots.holds.begin(), lots.holds.end(),
            [](const Hold& a, const Hold& b) { return a.at < b.at; });
  lots.debts.insert(lots.debts.end(), other.debts.begin(), other.debts.end());
  std::sort(lots.debts.begin(), lots.debts.end(),
            [](const Debt& a, const Debt& b) { return a.of < b.of; });
  if (!lots.debts.empty()) {
    const auto own = TakeDue(
        lots.lots, [&](const Lot& lot) { return !IsPending(lot, lots); });
    parts.insert(parts.end(), own.begin(), own.end());
  }
  GainAll(lots, std::move(parts), came);
}

std::vector<Lot> Take(Lots& lots, int64_t units) {
  std::vector<Lot> taken;
  for (Lot& lot : lots.lots) {
    if (units == 0) break;
    if (IsPending(lot, lots)) continue;
    Lot part = lot;
    part.units = std::min(units, lot.units);
    units -= part.units;
    lot.units -= part.units;
    taken.push_back(part);
  }
  std::erase_if(lots.lots, [](const Lot& lot) { return lot.units == 0; });
  return taken;
}

std::vector<Lot> TakeOrOwe(Lots& lots, int64_t units, Position of) {
  std::vector<Lot> taken = Take(lots, units);
  const int64_t owed = units - model::UnitsOf(taken);
  if (owed > 0) lots.debts.push_back({of, owed});
  return taken;
}

int64_t Forgive(Lots& lots, Position of, int64_t units) {
  const auto debt = std::find_if(lots.debts.begin(), lots.debts.end(),
                                 [&](const Debt& one) { return one.of == of; });
  if (debt == lots.debts.end()) return 0;
  const int64_t forgiven = std::min(units, debt->units);
  debt->units -= forgiven;
  if (debt->units == 0) lots.debts.erase(debt);
  return forgiven;
}

std::vector<Lot> TakeBack(std::vector<Lot>& parts, int64_t units) {
  std::vector<Lot> back;
  while (units > 0 && !parts.empty()) {
    Lot part = parts.back();
    part.units = std::min(units, part.units);
    units -= part.units;
    parts.back().units -= part.units;
    if (parts.back().units == 0) parts.pop_back();
    back.push_back(part);
  }
  return back;
}

Hold* FindHold(Lots& lots, Position at) {
  const auto found =
      std::find_if(lots.holds.begin(), lots.holds.end(),
                   [&](const Hold& hold) { return hold.at == at; });
  return found == lots.holds.end() ? nullptr : &*found;
}

int64_t UnitsOf(const Lots& lots, const Hold& hold) {
  int64_t units = model::UnitsOf(hold.parts) + hold.forgiven;
  for (const Debt& debt : lots.debts) {
    if (debt.of == hold.at) units += debt.units;
  }
  return units;
}

Captured EndHold(Lots& lots, Position at, int64_t captured, Came& came) {
  std::vector<Lot> freed;
  Captured paid = Release(lots, at, captured, came, freed);
  GainAll(lots, std::move(freed), came);
  return paid;
}

void GainAll(Lots& lots, std::vector<Lot> parts, Came& came) {
  std::sort(parts.begin(), parts.end(), ComesBefore);
  for (const Lot& part : parts) Gain(lots, part, came);
}

std::vector<Forgiven> WriteOff(Lots& lots, int64_t units) {
  std::vector<Forgiven> forgiven;
  while (units > 0 && !lots.debts.empty()) {
    const Position of = lots.debts.front().of;
    forgiven.push_back({of, Forgive(lots, of, units)});
    units -= forgiven.back().units;
    if (Hold* const hold = FindHold(lots, of)) {
      hold->forgiven += forgiven.back().units;
    }
  }
  return forgiven;
}

}  // namespace loyalty::ledger
