// SPDX-License-Identifier: Apache-2.0
//
// What entities have of lots: changed, merged, and looked for when they fall
// due. See entities.h.
#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "store/entities.h"
#include "store/lot_records.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

constexpr char kStock[] = "SELECT lots FROM member_state WHERE member = 0";
// In the order of the times, and of ids: '#' and the number of who was erased
// (model/member_name.h).
constexpr char kDue[] =
    "SELECT coalesce(member.id, '#' || due.member) AS id, due.time FROM due "
    "LEFT JOIN member ON member.member = due.member "
    "WHERE due.time <= ? ORDER BY due.time, id";

const model::AllLots& LotsOf(const Kept& kept) {
  static const auto& none = *new model::AllLots();
  return kept.lots == nullptr ? none : *kept.lots;
}

}  // namespace

// When something of the member falls due: of lots, or by the counter that says
// so. In microseconds; 0 for never.
absl::StatusOr<int64_t> Entities::NextDueOf(const Kept& kept) {
  const absl::Time lots = DueOf(LotsOf(kept));
  const int64_t first = lots == absl::InfiniteFuture() ? 0 : MicrosOf(lots);
  ASSIGN_OR_RETURN(const int64_t name,
                   symbols_.FindSymbol(model::DueCounter().name));
  if (name == 0) return first;
  const int64_t other = kept.counters.Value({.window = 0, .name = name});
  return first == 0 || other == 0 ? std::max(first, other)
                                  : std::min(first, other);
}

// The program is no member, and has a row for what is held in stock.
absl::Status Entities::ReadStock(Kept& kept) {
  Rows row = db_.Query(kStock);
  if (!row.Next()) return row.status();
  model::AllLots lots;
  RETURN_IF_ERROR(ReadLots(row.Bytes(0), names_, lots));
  kept.lots = std::make_shared<const model::AllLots>(std::move(lots));
  return absl::OkStatus();
}

void Entities::SetLots(Kept& kept, model::AllLots lots) {
  const size_t before = kept.lots == nullptr ? 0 : BytesOf(*kept.lots);
  const size_t after = BytesOf(lots);
  kept.lots = std::make_shared<const model::AllLots>(std::move(lots));
  bytes_ += after - before;
  dirty_bytes_ += after - before;
}

absl::Status Entities::ChangeLots(Kept& kept, const model::AllLots& now,
                                  const Event& event, v1::Record& record) {
  if (LotsOf(kept) == now) return absl::OkStatus();
  for (const auto& [currency, lots] : now) {
    const auto before = LotsOf(kept).find(currency);
    const bool was = before != LotsOf(kept).end();
    if (was && before->second == lots) continue;
    v1::LotChange& change = *record.add_lots();
    change.set_whose(CodeOf(kept, event, record));
    ASSIGN_OR_RETURN(const int64_t number, SymbolNumber(currency));
    change.set_currency(static_cast<uint64_t>(number));
    PutLotChange(was ? before->second : model::Lots(), lots, change);
  }
  SetLots(kept, now);
  return absl::OkStatus();
}

absl::Status Entities::CatchUpWithLots(const EntryRow& row) {
  for (const v1::LotChange& change : record_.lots()) {
    ASSIGN_OR_RETURN(Kept* const kept, OfCode(change.whose(), row, record_));
    ASSIGN_OR_RETURN(const model::Symbol currency,
                     names_.Symbol(static_cast<int64_t>(change.currency())));
    MakeDirty(*kept);
    model::AllLots lots = LotsOf(*kept);
    TakeLotChange(change, lots[currency]);
    SetLots(*kept, std::move(lots));
  }
  return absl::OkStatus();
}

// The column `lots`; and where the member stands among those due.
absl::Status Entities::MergeLots(Kept& kept, MergeInto into,
                                 std::string& bytes) {
  if (kept.lots != nullptr) {
    v1::MemberLots all;
    for (const auto& [currency, lots] : *kept.lots) {
      v1::LotChange& one = *all.add_lots();
      ASSIGN_OR_RETURN(const int64_t number, SymbolNumber(currency));
      one.set_currency(static_cast<uint64_t>(number));
      PutLotChange({}, lots, one);
    }
    bytes = wire::BytesOf(all);
  }
  if (kept.number == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t due, NextDueOf(kept));
  if (into == MergeInto::kTail) {
    if (due == 0) return absl::OkStatus();
    return db_.Run("INSERT INTO temp.tail_due VALUES (?, ?)", due, kept.number);
  }
  kept.merging_due = due;
  if (due == kept.merged_due) return absl::OkStatus();
  if (kept.merged_due != 0) {
    RETURN_IF_ERROR(db_.Run("DELETE FROM due WHERE time = ? AND member = ?",
                            kept.merged_due, kept.number));
  }
  if (due == 0) return absl::OkStatus();
  return db_.Run("INSERT INTO due VALUES (?, ?)", due, kept.number);
}

absl::StatusOr<std::vector<std::string>> Entities::Due(absl::Time until,
                                                       int limit) {
  std::set<std::pair<int64_t, std::string>> due;
  const int64_t last = MicrosOf(until);
  for (const Kept* const kept : dirty_) {
    if (kept->kind != model::Entity::Kind::kMember) continue;
    ASSIGN_OR_RETURN(const int64_t time, NextDueOf(*kept));
    if (time != 0 && time <= last) due.emplace(time, kept->id);
  }
  const auto& members =
      kept_[static_cast<size_t>(model::Entity::Kind::kMember)];
  int found = 0;
  Rows rows = db_.Query(kDue, last);
  while (found < limit && rows.Next()) {
    const auto kept = members.find(rows.Text(0));
    if (kept != members.end() && kept->second->dirty) continue;
    due.emplace(rows.Int(1), std::string(rows.Text(0)));
    ++found;
  }
  RETURN_IF_ERROR(rows.status());
  std::vector<std::string> ids;
  for (const auto& [time, id] : due) {
    if (static_cast<int>(ids.size()) == limit) break;
    ids.push_back(id);
  }
  return ids;
}

}  // namespace loyalty::store
