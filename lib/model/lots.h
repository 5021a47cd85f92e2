// SPDX-License-Identifier: Apache-2.0
//
// Lots: what a member has of a currency whose units do not all count at all
// times: some are pending, some expire, some are held. What may be done with
// them is ledger/lots.h.
#ifndef LOYALTY_LIB_MODEL_LOTS_H_
#define LOYALTY_LIB_MODEL_LOTS_H_

#include <absl/time/time.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "model/position.h"
#include "model/symbol.h"

namespace loyalty::model {

// Units with one expiry. Those of one expiry that were earned at different
// times are one lot: nothing tells them apart but when they vest.
struct Lot {
  absl::Time expires = absl::InfiniteFuture();
  absl::Time vests = absl::InfinitePast();  // pending before; InfinitePast once
                                            // that is over
  int64_t units = 0;                        // > 0

  friend bool operator==(const Lot&, const Lot&) = default;
};

// Units set aside: captured or voided by the host, or free again at `until`.
struct Hold {
  Position at = {};  // the movement that made it
  absl::Time until = absl::InfiniteFuture();
  std::vector<Lot> parts = {};  // in the order in which they were taken
  int64_t forgiven = 0;         // what it owed once, and was written off

  friend bool operator==(const Hold&, const Hold&) = default;
};

// Units that a redemption, hold, transfer or loss took and that are not there
// any more, since what they came of was reversed.
struct Debt {
  Position of = {};   // the movement that took them
  int64_t units = 0;  // > 0

  friend bool operator==(const Debt&, const Debt&) = default;
};

struct Lots {
  // Everything due before is done. Times of lots and holds lie behind it.
  absl::Time clock = absl::InfinitePast();
  std::vector<Lot> lots = {};    // by expiry, then by when they vest
  std::vector<Hold> holds = {};  // by `at`
  // By `of`; what becomes available pays the first one first. Where there are
  // any, no unit is available.
  std::vector<Debt> debts = {};
  // What a sweep has posted as expired that is behind `clock`, and so still in
  // lots or holds: a message of an earlier time takes it back.
  int64_t swept = 0;
  absl::Time swept_to = absl::InfinitePast();

  friend bool operator==(const Lots&, const Lots&) = default;
};

// Units that may be spent, as of `clock`.
inline int64_t Available(const Lots& lots) {
  int64_t units = 0;
  for (const Lot& lot : lots.lots) {
    if (lot.vests <= lots.clock) units += lot.units;
  }
  return units;
}

// Units of all parts.
inline int64_t UnitsOf(const std::vector<Lot>& parts) {
  int64_t units = 0;
  for (const Lot& part : parts) units += part.units;
  return units;
}

// The first time after `swept_to` at which units expire or a hold ends;
// InfiniteFuture if never.
inline absl::Time NextDue(const Lots& lots) {
  absl::Time next = absl::InfiniteFuture();
  const auto look = [&](absl::Time due) {
    if (due > lots.swept_to) next = std::min(next, due);
  };
  for (const Lot& lot : lots.lots) look(lot.expires);
  for (const Hold& hold : lots.holds) look(hold.until);
  return next;
}

using AllLots = std::map<Symbol, Lots>;  // by currency

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_LOTS_H_
