// SPDX-License-Identifier: Apache-2.0
//
// See lot_records.h. Times are microseconds, made so that 0 is "never": no end,
// or begun long ago.
#include "store/lot_records.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

using model::Lot;

int64_t CodeOfTime(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return 0;
  const int64_t micros = MicrosOf(time);
  return micros < 0 ? micros : micros + 1;
}

absl::Time TimeOfCode(int64_t code, absl::Time never) {
  if (code == 0) return never;
  return TimeOf(code < 0 ? code : code - 1);
}

template <typename List>
void PutLot(const Lot& lot, int64_t units, List& list) {
  list.Add(CodeOfTime(lot.expires));
  list.Add(CodeOfTime(lot.vests));
  list.Add(units);
}

template <typename List>
Lot LotAt(const List& list, int i) {
  return {.expires = TimeOfCode(list[i], absl::InfiniteFuture()),
          .vests = TimeOfCode(list[i + 1], absl::InfinitePast()),
          .units = list[i + 2]};
}

bool ComesBefore(const Lot& a, const Lot& b) {
  return std::tie(a.expires, a.vests) < std::tie(b.expires, b.vests);
}

// Both are in order: what is in one of them only, or of other units.
void PutChangedLots(const std::vector<Lot>& before,
                    const std::vector<Lot>& after, v1::LotChange& change) {
  auto old = before.begin();
  for (const Lot& lot : after) {
    for (; old != before.end() && ComesBefore(*old, lot); ++old) {
      PutLot(*old, 0, *change.mutable_lot());
    }
    const bool was = old != before.end() && !ComesBefore(lot, *old);
    if (!was || old->units != lot.units) {
      PutLot(lot, lot.units, *change.mutable_lot());
    }
    if (was) ++old;
  }
  for (; old != before.end(); ++old) PutLot(*old, 0, *change.mutable_lot());
}

}  // namespace

void PutLotChange(const model::Lots& before, const model::Lots& after,
                  v1::LotChange& change) {
  change.set_clock(CodeOfTime(after.clock));
  change.set_swept(after.swept);
  change.set_swept_to(CodeOfTime(after.swept_to));
  PutChangedLots(before.lots, after.lots, change);
  for (const model::Debt& debt : after.debts) {
    change.add_debt(debt.of.seq);
    change.add_debt(debt.of.n);
    change.add_debt(debt.units);
  }
  if (before.holds == after.holds) return;
  change.set_holds_changed(true);
  for (const model::Hold& hold : after.holds) {
    v1::LotHold& out = *change.add_hold();
    out.set_seq(hold.at.seq);
    out.set_n(hold.at.n);
    out.set_until(CodeOfTime(hold.until));
    out.set_forgiven(hold.forgiven);
    for (const Lot& part : hold.parts) {
      PutLot(part, part.units, *out.mutable_part());
    }
  }
}

void TakeLotChange(const v1::LotChange& change, model::Lots& lots) {
  lots.clock = TimeOfCode(change.clock(), absl::InfinitePast());
  lots.swept = change.swept();
  lots.swept_to = TimeOfCode(change.swept_to(), absl::InfinitePast());
  for (int i = 0; i + 2 < change.lot_size(); i += 3) {
    const Lot lot = LotAt(change.lot(), i);
    const auto place =
        std::lower_bound(lots.lots.begin(), lots.lots.end(), lot, ComesBefore);
    const bool is_there = place != lots.lots.end() && !ComesBefore(lot, *place);
    if (lot.units == 0) {
      if (is_there) lots.lots.erase(place);
    } else if (is_there) {
      place->units = lot.units;
    } else {
      lots.lots.insert(place, lot);
    }
  }
  lots.debts.clear();
  for (int i = 0; i + 2 < change.debt_size(); i += 3) {
    lots.debts.push_back(
        {.of = {change.debt(i), static_cast<int32_t>(change.debt(i + 1))},
         .units = change.debt(i + 2)});
  }
  if (!change.holds_changed()) return;
  lots.holds.clear();
  for (const v1::LotHold& in : change.hold()) {
    model::Hold& hold = lots.holds.emplace_back();
    hold.at = {in.seq(), in.n()};
    hold.until = TimeOfCode(in.until(), absl::InfiniteFuture());
    hold.forgiven = in.forgiven();
    for (int i = 0; i + 2 < in.part_size(); i += 3) {
      hold.parts.push_back(LotAt(in.part(), i));
    }
  }
}

absl::Status ReadLots(std::string_view bytes, Names& names,
                      model::AllLots& lots) {
  if (bytes.empty()) return absl::OkStatus();
  v1::MemberLots all;
  if (!wire::ParseBytes(bytes, all)) {
    return absl::DataLossError(
        "the lots of a member cannot be read; `loyalty rebuild` makes them "
        "anew");
  }
  for (const v1::LotChange& one : all.lots()) {
    ASSIGN_OR_RETURN(const model::Symbol currency,
                     names.Symbol(static_cast<int64_t>(one.currency())));
    TakeLotChange(one, lots[currency]);
  }
  return absl::OkStatus();
}

size_t BytesOf(const model::AllLots& lots) {
  constexpr size_t kInMap = 64;
  size_t bytes = 0;
  for (const auto& [currency, one] : lots) {
    bytes += kInMap + sizeof(one) + one.lots.size() * sizeof(Lot) +
             one.holds.size() * (sizeof(model::Hold) + sizeof(Lot)) +
             one.debts.size() * sizeof(model::Debt);
  }
  return bytes;
}

absl::Time DueOf(const model::AllLots& lots) {
  absl::Time due = absl::InfiniteFuture();
  for (const auto& [currency, one] : lots) {
    due = std::min(due, model::NextDue(one));
  }
  return due;
}

}  // namespace loyalty::store
