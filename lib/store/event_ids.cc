// SPDX-License-Identifier: Apache-2.0
//
// See event_ids.h. Stretches of entries are [from, end).
#include "store/event_ids.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

constexpr char kRunOf[] =
    "SELECT last, seq, entries FROM event_run WHERE first <= ? "
    "ORDER BY first DESC LIMIT 1";
constexpr char kLastRun[] =
    "SELECT first, seq, entries FROM event_run ORDER BY first DESC LIMIT 1";
// Of what is in no block that is not full: few rows are passed by.
constexpr char kGreatestBefore[] =
    "SELECT max(coalesce((SELECT id FROM event_by_id WHERE seq < ? "
    "ORDER BY id DESC LIMIT 1), ''), "
    "coalesce((SELECT last FROM event_run ORDER BY first DESC LIMIT 1), ''))";
constexpr char kEntriesInOrder[] =
    "SELECT id, seq FROM event WHERE seq >= ? AND seq < ? ORDER BY id";
constexpr char kEntries[] =
    "SELECT id, seq FROM event WHERE seq >= ? AND seq < ? ORDER BY seq";

int64_t FirstOfBlock(int64_t block) { return block * IdOrder::kBlock + 1; }

}  // namespace

void IdOrder::Begin(std::string greatest) {
  greatest_ = std::move(greatest);
  broken_.clear();
}

void IdOrder::Add(std::string_view id, int64_t seq) {
  if (id > greatest_) {
    greatest_ = id;
  } else if (broken_.empty() || broken_.back() != BlockOf(seq)) {
    broken_.push_back(BlockOf(seq));
  }
}

void IdOrder::ForgetBefore(int64_t block) {
  broken_.erase(broken_.begin(),
                std::lower_bound(broken_.begin(), broken_.end(), block));
}

absl::StatusOr<std::string> EventIds::IdAt(int64_t seq) {
  Rows row = journal_.Query("SELECT id FROM event WHERE seq = ?", seq);
  if (row.Next()) return std::string(row.Text(0));
  RETURN_IF_ERROR(row.status());
  return absl::DataLossError(absl::StrCat("there is no entry ", seq));
}

absl::StatusOr<int64_t> EventIds::Search(int64_t from, int64_t end,
                                         std::string_view id) {
  while (from < end) {
    const int64_t middle = from + (end - from) / 2;
    ASSIGN_OR_RETURN(const std::string at, IdAt(middle));
    if (at == id) return middle;
    if (at < id) {
      from = middle + 1;
    } else {
      end = middle;
    }
  }
  return 0;
}

absl::StatusOr<int64_t> EventIds::SeqOf(std::string_view id) {
  int64_t from = 0;
  int64_t end = 0;
  {
    Rows row = db_.Query(kRunOf, id);
    if (row.Next() && id <= row.Text(0)) {
      from = row.Int(1);
      end = from + row.Int(2);
    }
    RETURN_IF_ERROR(row.status());
  }
  ASSIGN_OR_RETURN(const int64_t found, Search(from, end, id));
  if (found != 0) return found;
  return db_.Number("SELECT seq FROM event_by_id WHERE id = ?", id);
}

absl::StatusOr<IdOrder> EventIds::OrderAt(int64_t through) {
  // The first of the block that is not full, or the next.
  const int64_t from = FirstOfBlock(through / IdOrder::kBlock);
  std::string greatest;
  {
    Rows row = db_.Query(kGreatestBefore, from);
    if (row.Next()) greatest = row.Text(0);
    RETURN_IF_ERROR(row.status());
  }
  IdOrder order;
  order.Begin(std::move(greatest));
  Rows entries = journal_.Query(kEntries, from, through + 1);
  while (entries.Next()) order.Add(entries.Text(0), entries.Int(1));
  RETURN_IF_ERROR(entries.status());
  return order;
}

// Runs that touch are one.
absl::Status EventIds::AddRun(int64_t from, int64_t end) {
  if (from >= end) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string last, IdAt(end - 1));
  std::string before;
  int64_t seq = 0;
  int64_t entries = 0;
  {
    Rows row = db_.Query(kLastRun);
    if (row.Next()) {
      before = row.Text(0);
      seq = row.Int(1);
      entries = row.Int(2);
    }
    RETURN_IF_ERROR(row.status());
  }
  if (entries > 0 && seq + entries == from) {
    return db_.Run("UPDATE event_run SET last = ?, entries = ? WHERE first = ?",
                   last, end - seq, before);
  }
  ASSIGN_OR_RETURN(const std::string first, IdAt(from));
  return db_.Run("INSERT INTO event_run VALUES (?, ?, ?, ?)", first, last, from,
                 end - from);
}

absl::Status EventIds::AddToIndex(int64_t from, int64_t end, MergeInto into) {
  if (from >= end) return absl::OkStatus();
  const char* const add =
      into == MergeInto::kFile
          ? "INSERT INTO event_by_id VALUES (?, ?)"
          : "INSERT INTO temp.tail_event_by_id VALUES (?, ?)";
  Rows rows = journal_.Query(kEntriesInOrder, from, end);
  while (rows.Next()) {
    RETURN_IF_ERROR(db_.Run(add, rows.Text(0), rows.Int(1)));
  }
  return rows.status();
}

absl::Status EventIds::DropFromIndex(int64_t from, int64_t end) {
  if (from >= end) return absl::OkStatus();
  Rows rows = journal_.Query(kEntries, from, end);
  while (rows.Next()) {
    RETURN_IF_ERROR(
        db_.Run("DELETE FROM event_by_id WHERE id = ?", rows.Text(0)));
  }
  return rows.status();
}

absl::Status EventIds::Add(int64_t after, int64_t through, const IdOrder& order,
                           MergeInto into) {
  if (into == MergeInto::kTail) {
    return AddToIndex(after + 1, through + 1, into);
  }
  // Everything from the block on that was not full. In turn: blocks that
  // ascend, and one that does not.
  int64_t from = FirstOfBlock(after / IdOrder::kBlock);
  const int64_t full = FirstOfBlock(through / IdOrder::kBlock);
  auto broken = order.broken().begin();
  while (from <= through) {
    while (broken != order.broken().end() && FirstOfBlock(*broken) < from) {
      ++broken;
    }
    const int64_t end = broken == order.broken().end()
                            ? full
                            : std::min(full, FirstOfBlock(*broken));
    RETURN_IF_ERROR(DropFromIndex(from, std::min(end, after + 1)));
    RETURN_IF_ERROR(AddRun(from, end));
    // All broken blocks in a row at once, as they are sorted by their ids.
    from = std::max(from, end);
    int64_t index_end = from;
    while (index_end < full && broken != order.broken().end() &&
           FirstOfBlock(*broken) == index_end) {
      index_end += IdOrder::kBlock;
      ++broken;
    }
    if (index_end == full) index_end = through + 1;
    RETURN_IF_ERROR(AddToIndex(std::max(from, after + 1), index_end, into));
    from = index_end;
  }
  return absl::OkStatus();
}

}  // namespace loyalty::store
