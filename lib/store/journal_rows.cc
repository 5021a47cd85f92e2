// SPDX-License-Identifier: Apache-2.0
//
// See journal_rows.h.
#include "store/journal_rows.h"

#include <utility>

#include "base/status_macros.h"
#include "store/record.h"

namespace loyalty::store {
namespace {

constexpr char kEntriesAfter[] =
    "SELECT seq, id, type, time, recorded_at, actor, target, program, "
    "rejected, "
    "record, movements, chain FROM event WHERE seq > ? ORDER BY seq LIMIT ?";
constexpr char kReversedBy[] =
    "SELECT seq FROM event_reversal WHERE by_seq = ? ORDER BY seq";
constexpr char kThatReversed[] =
    "SELECT by_seq FROM event_reversal WHERE seq = ?1 UNION "
    "SELECT by_seq FROM award_reversal WHERE seq = ?1 ORDER BY 1";

absl::StatusOr<std::vector<int64_t>> FirstColumnOf(Rows rows) {
  std::vector<int64_t> numbers;
  while (rows.Next()) numbers.push_back(rows.Int(0));
  RETURN_IF_ERROR(rows.status());
  return numbers;
}

}  // namespace

JournalRows::JournalRows(Database& db, int64_t after, int limit)
    : rows_(db.Query(kEntriesAfter, after, limit)) {}

const EntryRow* JournalRows::Next() {
  if (!rows_.Next()) return nullptr;
  row_ = {.seq = rows_.Int(0),
          .id = rows_.Text(1),
          .type = rows_.Int(2),
          .time = rows_.Int(3),
          .recorded_at = rows_.Int(4),
          .actor = rows_.OptionalInt(5),
          .target = rows_.OptionalText(6),
          .program = rows_.Int(7),
          .rejected = rows_.Int(8),
          .record = rows_.Bytes(9),
          .movements = rows_.Text(10)};
  return &row_;
}

absl::StatusOr<std::optional<model::RecordedEvent>> EventBySeq(Database& db,
                                                               Names& names,
                                                               int64_t seq) {
  JournalRows rows(db, seq - 1, 1);
  const EntryRow* const row = rows.Next();
  if (row == nullptr || row->seq != seq) {
    RETURN_IF_ERROR(rows.status());
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(model::RecordedEvent recorded, EventOfRow(*row, names));
  return recorded;
}

absl::StatusOr<std::vector<GivenAward>> MovementsOfEntry(Database& db,
                                                         Names& names,
                                                         int64_t seq) {
  std::vector<GivenAward> given;
  JournalRows rows(db, seq - 1, 1);
  const EntryRow* const row = rows.Next();
  if (row == nullptr || row->seq != seq) {
    RETURN_IF_ERROR(rows.status());
    return given;
  }
  ASSIGN_OR_RETURN(std::vector<model::Movement> movements,
                   MovementsOfRow(*row, names));
  for (model::Movement& movement : movements) {
    given.push_back({std::move(movement), false});
  }
  Rows undone = db.Query("SELECT n FROM award_reversal WHERE seq = ?", seq);
  while (undone.Next()) {
    const auto n = static_cast<size_t>(undone.Int(0));
    if (n < given.size()) given[n].reversed = true;
  }
  RETURN_IF_ERROR(undone.status());
  return given;
}

absl::StatusOr<std::optional<GivenAward>> MovementAt(Database& db, Names& names,
                                                     model::Position at) {
  ASSIGN_OR_RETURN(std::vector<GivenAward> given,
                   MovementsOfEntry(db, names, at.seq));
  const auto n = static_cast<size_t>(at.n);
  if (n >= given.size()) return std::nullopt;
  return std::move(given[n]);
}

absl::Status AddReversal(Database& db, int64_t member, int64_t currency,
                         model::Position at,
                         const std::vector<model::Position>& reverses,
                         const std::optional<model::Position>& part) {
  for (const model::Position& undone : reverses) {
    RETURN_IF_ERROR(db.Run("INSERT INTO award_reversal VALUES (?, ?, ?, ?)",
                           undone.seq, undone.n, at.seq, at.n));
  }
  if (reverses.empty() && !part.has_value()) return absl::OkStatus();
  const model::Position& first = reverses.empty() ? *part : reverses.front();
  return db.Run("INSERT INTO reversal VALUES (?, ?, ?, ?, ?, ?)", member,
                currency, at.seq, at.n, first.seq, first.n);
}

absl::Status AddEventReversal(Database& db, int64_t seq, int64_t by_seq) {
  return db.Run("INSERT INTO event_reversal VALUES (?, ?)", seq, by_seq);
}

absl::StatusOr<std::vector<int64_t>> EntriesReversedBy(Database& db,
                                                       int64_t seq) {
  return FirstColumnOf(db.Query(kReversedBy, seq));
}

absl::StatusOr<std::vector<int64_t>> EntriesThatReversed(Database& db,
                                                         int64_t seq) {
  return FirstColumnOf(db.Query(kThatReversed, seq));
}

}  // namespace loyalty::store
