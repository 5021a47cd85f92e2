// SPDX-License-Identifier: Apache-2.0
//
// See member_lines.h.
#include "store/member_lines.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "store/chain.h"
#include "store/record.h"
#include "store/times.h"

namespace loyalty::store {
namespace {

constexpr char kLine[] =
    "SELECT id, type, time, target, program, movements FROM event "
    "WHERE seq = ?";
constexpr char kRecord[] = "SELECT record FROM event WHERE seq = ?";
constexpr char kLinks[] = "SELECT movements FROM event WHERE seq = ?";

absl::Status NoEntry(int64_t seq) {
  return absl::DataLossError(
      absl::StrCat("there is no entry ", seq, ", which a member has"));
}

// The first movement of the member has the links of them all.
absl::StatusOr<LineLinks> LinksOf(
    const std::vector<wire::MovementNumbers>& movements, int64_t member,
    int64_t seq) {
  for (const wire::MovementNumbers& m : movements) {
    if (m.member == member) return LineLinks{.back = m.back, .jump = m.jump};
  }
  return NoEntry(seq);
}

}  // namespace

absl::StatusOr<LineLinks> MemberLines::ReadLinks(int64_t seq) {
  Rows row = journal_.Query(kLinks, seq);
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return NoEntry(seq);
  }
  RETURN_IF_ERROR(ParseMovements(row.Text(0), movements_));
  return LinksOf(movements_, member_, seq);
}

absl::Status MemberLines::TakeLine(Line& line,
                                   std::vector<StatementEntry>& entries) {
  Rows row = journal_.Query(kLine, line.seq);
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return NoEntry(line.seq);
  }
  RETURN_IF_ERROR(ParseMovements(row.Text(5), movements_));
  EntryRow entry{.seq = line.seq, .target = row.OptionalText(3)};
  std::optional<Rows> record;  // mostly the larger part, and of few any use
  if (std::any_of(movements_.begin(), movements_.end(), NeedsRecord)) {
    record.emplace(journal_.Query(kRecord, line.seq));
    if (record->Next()) entry.record = record->Bytes(0);
    RETURN_IF_ERROR(record->status());
  }
  ASSIGN_OR_RETURN(const model::Symbol type, names_.Symbol(row.Int(1)));
  for (size_t n = movements_.size(); n-- > 0;) {
    if (movements_[n].member != member_) continue;
    StatementEntry& taken = entries.emplace_back();
    ASSIGN_OR_RETURN(taken.movement, MovementOf(entry, n, movements_[n],
                                                std::string(id_), names_));
    taken.event_id = row.Text(0);
    taken.event_type = type.text();
    taken.time = TimeOf(row.Int(2));
    taken.program = row.Int(4);
  }
  ASSIGN_OR_RETURN(const LineLinks links,
                   LinksOf(movements_, member_, line.seq));
  if (line.number <= 1) {
    line = {};
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(line, LineBefore(line, links));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StatementEntry>> MemberLines::After(
    model::Position after, std::string_view currency, size_t limit) {
  const auto read = [this](int64_t seq) { return ReadLinks(seq); };
  std::vector<StatementEntry> found;
  ASSIGN_OR_RETURN(int64_t first, FirstLineFrom(after.seq, last_, read));
  // That of `after` itself may have more behind it, or nothing.
  int64_t more = after.seq > 0 ? 1 : 0;
  // Of one currency, a page may take several stretches of lines.
  while (found.size() < limit && first <= last_.number) {
    const int64_t end =
        std::min(last_.number,
                 first + static_cast<int64_t>(limit - found.size()) + more - 1);
    ASSIGN_OR_RETURN(Line line, LineOfNumber(end, last_, read));
    std::vector<StatementEntry> stretch;
    // A line mostly has one movement or two.
    stretch.reserve(2 * static_cast<size_t>(end - first + 1));
    while (line.number >= first) {
      RETURN_IF_ERROR(TakeLine(line, stretch));
    }
    found.reserve(std::min(limit, found.size() + stretch.size()));
    for (auto entry = stretch.rbegin(); entry != stretch.rend(); ++entry) {
      const model::Movement& movement = entry->movement;
      if (movement.at <= after || found.size() == limit) continue;
      if (currency.empty() || movement.currency.text() == currency) {
        found.push_back(std::move(*entry));
      }
    }
    first = end + 1;
    more = 0;
  }
  return found;
}

absl::StatusOr<std::vector<StatementEntry>> MemberLines::Before(
    model::Position before, std::string_view currency, size_t limit) {
  const auto read = [this](int64_t seq) { return ReadLinks(seq); };
  Line line = last_;
  if (before.seq < last_.seq) {
    // The last one in that entry or an earlier one.
    ASSIGN_OR_RETURN(const int64_t after,
                     FirstLineFrom(before.seq + 1, last_, read));
    line = {};
    if (after > 1) {
      ASSIGN_OR_RETURN(line, LineOfNumber(after - 1, last_, read));
    }
  }
  std::vector<StatementEntry> found;
  std::vector<StatementEntry> entries;  // of one line
  while (line.number > 0 && found.size() < limit) {
    entries.clear();
    RETURN_IF_ERROR(TakeLine(line, entries));
    for (StatementEntry& entry : entries) {
      const model::Movement& movement = entry.movement;
      if (movement.at >= before || found.size() == limit) continue;
      if (currency.empty() || movement.currency.text() == currency) {
        found.push_back(std::move(entry));
      }
    }
  }
  return found;
}

absl::StatusOr<std::vector<GivenAward>> MemberLines::MovementsFrom(
    model::Position from) {
  std::vector<StatementEntry> entries;
  for (Line line = last_; line.number > 0 && line.seq >= from.seq;) {
    RETURN_IF_ERROR(TakeLine(line, entries));
  }
  std::vector<GivenAward> movements;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    model::Movement& movement = entry->movement;
    if (movement.at < from) continue;
    if (!model::MayBeUndone(movement.kind)) {
      movements.push_back({.movement = std::move(movement)});
      continue;
    }
    ASSIGN_OR_RETURN(
        const int64_t undone,
        journal_.Number(
            "SELECT count(*) FROM award_reversal WHERE seq = ? AND n = ?",
            movement.at.seq, movement.at.n));
    movements.push_back({std::move(movement), undone != 0});
  }
  return movements;
}

}  // namespace loyalty::store
