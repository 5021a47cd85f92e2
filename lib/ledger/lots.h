// SPDX-License-Identifier: Apache-2.0
//
// What may be done with the lots a member has of a currency (model/lots.h):
// units come, are taken, and fall due.
//
// What is available is spent soonest to expire first; never-expiring units
// last. What becomes available pays debts at once, also soonest first.
#ifndef LOYALTY_LIB_LEDGER_LOTS_H_
#define LOYALTY_LIB_LEDGER_LOTS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "model/lots.h"

namespace loyalty::ledger {

// All that postings add up to: available, pending and held, less what is owed
// and what a sweep has posted as expired already.
int64_t BalanceOf(const model::Lots& lots);

int64_t PendingOf(const model::Lots& lots);
// What holds are for, whether or not it is all there.
int64_t HeldOf(const model::Lots& lots);
int64_t DebtOf(const model::Lots& lots);

// A debt, or a part of it, that was paid.
struct Payment {
  model::Position of = {};
  model::Lot part = {};
};

// A hold that ended by itself.
struct Released {
  model::Position at = {};
  int64_t units = 0;  // what it was for, also where that was owed
};

// What a change of lots came to, besides that change.
struct Came {
  int64_t expired = 0;
  int64_t written_off = 0;         // below 0: not needed after all
  std::vector<Payment> paid = {};  // to other than open holds
  std::vector<Released> released = {};
};

// Does what is due up to `to`, in the order of its dates, and moves the clock
// there. Intervals are half open: what expires at `to` has expired.
//
// ENSURES: the same as settling to any times before first.
void Settle(model::Lots& lots, absl::Time to, Came& came);

// Adds a lot, unless it has expired: then that is all it does.
void Gain(model::Lots& lots, model::Lot lot, Came& came);

// Adds several at once, the soonest to expire first: those pay debts first.
void GainAll(model::Lots& lots, std::vector<model::Lot> parts, Came& came);

// Adds all that another has, as of the clock here: holds and debts are this
// one's from then on, and what is available of either pays debts of both.
//
// REQUIRES: the other's clock is not ahead, and nothing of theirs is swept.
void Absorb(model::Lots& lots, model::Lots other, Came& came);

// Takes `units` of what is available, all there is if that is less.
std::vector<model::Lot> Take(model::Lots& lots, int64_t units);

// Takes `units` for the movement at `of`; what is not there is owed.
std::vector<model::Lot> TakeOrOwe(model::Lots& lots, int64_t units,
                                  model::Position of);

// Ends what the movement at `of` owes, or `units` of it; returns how much.
int64_t Forgive(model::Lots& lots, model::Position of, int64_t units);

// A debt, or a part of it, that is not asked for any more.
struct Forgiven {
  model::Position of = {};
  int64_t units = 0;
};

// Writes off `units` of what is owed, the first debts first; open holds note it
// themselves.
std::vector<Forgiven> WriteOff(model::Lots& lots, int64_t units);

// Splits off the last `units` of parts: those that were taken last.
std::vector<model::Lot> TakeBack(std::vector<model::Lot>& parts, int64_t units);

// The open hold made at `at`; nullptr if there is none.
model::Hold* FindHold(model::Lots& lots, model::Position at);

// What a hold that has ended was paid with.
struct Captured {
  std::vector<model::Lot> parts = {};
  int64_t forgiven = 0;
};

// Ends the hold at `at`: `captured` of its units are gone, the others free
// again. What it owes is freed first, then what was written off of it, then
// what was taken last.
//
// REQUIRES: it is open, and was for so many units.
Captured EndHold(model::Lots& lots, model::Position at, int64_t captured,
                 Came& came);

// How many units the hold was for.
int64_t UnitsOf(const model::Lots& lots, const model::Hold& hold);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_LOTS_H_
