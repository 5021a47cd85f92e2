// SPDX-License-Identifier: Apache-2.0
#include "store/board_faults.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "store/board.h"
#include "store/names.h"

namespace loyalty::store {
namespace {

// The entries of a board, one by one.
class BoardEntries {
 public:
  BoardEntries(Database& db, BoardId id) : board_(db, id) {}

  // nullopt: there are no more.
  absl::StatusOr<std::optional<BoardEntry>> Next() {
    constexpr int kAtATime = 1000;
    if (next_ == page_.size()) {
      ASSIGN_OR_RETURN(BoardPage page, board_.From(row_, kAtATime));
      page_ = std::move(page.entries);
      next_ = 0;
      if (page_.empty()) return std::nullopt;
    }
    ++row_;
    return page_[next_++];
  }
  int64_t row() const { return row_; }

 private:
  Board board_;
  int64_t row_ = 0;
  std::vector<BoardEntry> page_ = {};
  size_t next_ = 0;
};

absl::Status IsNotWhatTheJournalGives(int64_t row) {
  return absl::DataLossError(
      absl::StrCat("row ", row, " is not what the journal gives"));
}

// kDataLoss: they differ.
absl::Status CompareBoard(Board& board, BoardEntries expected) {
  RETURN_IF_ERROR(board.Walk([&](const BoardEntry& entry) -> absl::Status {
    ASSIGN_OR_RETURN(const auto wanted, expected.Next());
    if (wanted == entry) return absl::OkStatus();
    return IsNotWhatTheJournalGives(expected.row());
  }));
  ASSIGN_OR_RETURN(const auto more, expected.Next());
  return more.has_value() ? IsNotWhatTheJournalGives(expected.row())
                          : absl::OkStatus();
}

absl::Status AddBoards(Database& db, std::set<BoardId>& boards) {
  Rows rows = db.Query("SELECT board, season FROM board");
  while (rows.Next()) boards.insert({rows.Int(0), rows.Int(1)});
  return rows.status();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> BoardFaults(Database& file,
                                                     Database& made) {
  std::set<BoardId> boards;
  RETURN_IF_ERROR(AddBoards(file, boards));
  RETURN_IF_ERROR(AddBoards(made, boards));
  std::vector<std::string> faults;
  int64_t nodes = 0;
  for (const BoardId& id : boards) {
    Board board(file, id);
    const absl::Status same = CompareBoard(board, {made, id});
    nodes += board.node_reads();
    if (same.ok()) continue;
    if (!absl::IsDataLoss(same)) return same;
    const auto name = Names(file).Symbol(id.board);
    faults.push_back(absl::StrCat("board (", id.board, ", ", id.season,
                                  "), of \"", name.ok() ? name->text() : "?",
                                  "\": ", same.message()));
  }
  if (!faults.empty()) return faults;
  ASSIGN_OR_RETURN(
      const int64_t there,
      file.Number("SELECT count(*) FROM board_node WHERE length(body) > 0"));
  // Only a reader's tail has boards and nodes that stand for nothing.
  ASSIGN_OR_RETURN(
      const int64_t empty,
      file.Number("SELECT (SELECT count(*) FROM main.board WHERE root = 0) + "
                  "(SELECT count(*) FROM main.board_node "
                  "WHERE length(body) = 0)"));
  if (there != nodes || empty != 0) {
    faults.push_back(absl::StrCat("the table board_node has ", there + empty,
                                  " nodes; the leaderboards have ", nodes));
  }
  return faults;
}

}  // namespace loyalty::store
