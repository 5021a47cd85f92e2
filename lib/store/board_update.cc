// SPDX-License-Identifier: Apache-2.0
//
// Changes of a board in one pass from its first entry to its last. What has no
// change goes by as a row of the node above it; what has is taken apart, and
// its rows wait to be divided among nodes again, with those beside them.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "store/board.h"

namespace loyalty::store {
namespace {

// Each statement for both kinds of tables.
struct BoardStatement {
  const char* file;
  const char* tail;

  const char* For(MergeInto into) const {
    return into == MergeInto::kFile ? file : tail;
  }
};

constexpr BoardStatement kPutBoard = {
    "INSERT OR REPLACE INTO board VALUES (?, ?, ?, ?)",
    "INSERT OR REPLACE INTO temp.tail_board VALUES (?, ?, ?, ?)"};
constexpr char kDropBoard[] =
    "DELETE FROM board WHERE board = ? AND season = ?";
constexpr BoardStatement kPutNode = {
    "INSERT OR REPLACE INTO board_node VALUES (?, ?)",
    "INSERT OR REPLACE INTO temp.tail_board_node VALUES (?, ?)"};
constexpr char kDropNode[] = "DELETE FROM board_node WHERE node = ?";
// Each by itself: over the view it would be a scan.
constexpr BoardStatement kLastNode = {
    "SELECT coalesce(max(node), 0) FROM board_node",
    "SELECT max((SELECT coalesce(max(node), 0) FROM main.board_node), "
    "(SELECT coalesce(max(node), 0) FROM temp.tail_board_node))"};

// So many rows wait at most before they are written.
constexpr size_t kWaitingRows = size_t{1} << 15;

void AddSteps(int64_t member, const std::optional<BoardKey>& before,
              const std::optional<BoardKey>& after,
              std::vector<BoardStep>& steps) {
  if (before == after) return;
  if (before.has_value()) steps.push_back({*before, member, false});
  if (after.has_value()) steps.push_back({*after, member, true});
}

absl::Status DoesNotFit() {
  return absl::DataLossError(
      "a leaderboard is damaged, and must be rebuilt: a change does not fit "
      "what is there");
}

}  // namespace

class BoardUpdate {
 public:
  BoardUpdate(Board& board, MergeInto into)
      : board_(board), db_(board.db_), into_(into) {}

  absl::Status Run(std::span<const BoardStep> steps) {
    ASSIGN_OR_RETURN(const Board::Below root, board_.Root());
    if (root.node == 0) {
      RETURN_IF_ERROR(Merge({}, steps));
    } else {
      RETURN_IF_ERROR(Visit(root, steps));
    }
    ASSIGN_OR_RETURN(const BoardRow top, Finish());
    RETURN_IF_ERROR(DropUnused());
    if (top.members == 0 && into_ == MergeInto::kFile) {
      return db_.Run(kDropBoard, board_.id_.board, board_.id_.season);
    }
    return db_.Run(kPutBoard.For(into_), board_.id_.board, board_.id_.season,
                   top.ref, top.members);
  }

 private:
  using BoardRows = std::vector<BoardRow>;

  // Takes a node apart. Its number is free for another.
  absl::StatusOr<BoardRows> Take(const Board::Below& below, int& level) {
    ASSIGN_OR_RETURN(const BoardNodeRead node, board_.Read(below));
    level = node->level();
    unused_.push_back(below.node);
    return node->Rows();
  }
  absl::StatusOr<BoardRows> Take(const BoardRow& row, int level) {
    return Take({.node = row.ref,
                 .members = row.members,
                 .level = level,
                 .first = row.first},
                level);
  }

  // Makes what is below as the steps say.
  absl::Status Visit(const Board::Below& below,
                     std::span<const BoardStep> steps) {
    int level = 0;
    ASSIGN_OR_RETURN(const BoardRows rows, Take(below, level));
    if (level == 0) return Merge(rows, steps);
    for (size_t i = 0; i < rows.size(); ++i) {
      auto end = steps.end();
      if (i + 1 < rows.size()) {
        end = std::partition_point(steps.begin(), end,
                                   [&](const BoardStep& step) {
                                     return step.key < rows[i + 1].first;
                                   });
      }
      const auto count = static_cast<size_t>(end - steps.begin());
      if (count == 0) {
        RETURN_IF_ERROR(Pass(rows[i], level - 1));
      } else {
        RETURN_IF_ERROR(Visit({.node = rows[i].ref,
                               .members = rows[i].members,
                               .level = level - 1,
                               .first = rows[i].first},
                              steps.first(count)));
        steps = steps.subspan(count);
      }
    }
    return absl::OkStatus();
  }

  // The entries of a leaf, after these steps, wait.
  absl::Status Merge(const BoardRows& rows, std::span<const BoardStep> steps) {
    BoardRows& waiting = waiting_[0];
    size_t next = 0;
    for (const BoardStep& step : steps) {
      while (next < rows.size() && rows[next].first < step.key) {
        waiting.push_back(rows[next++]);
      }
      const bool there = next < rows.size() && rows[next].first == step.key;
      if (!step.comes) {
        if (!there || rows[next].ref != step.member) return DoesNotFit();
        ++next;
      } else {
        const bool twice = !waiting.empty() && waiting.back().first == step.key;
        if (there || twice) return DoesNotFit();
        waiting.push_back({step.key, step.member, 1});
      }
    }
    waiting.insert(waiting.end(), rows.begin() + static_cast<ptrdiff_t>(next),
                   rows.end());
    return waiting.size() < kWaitingRows ? absl::OkStatus() : Write(0);
  }

  // A node of `level` without changes comes next. What waits before it is
  // written, unless that is too little for a node: then both wait together.
  absl::Status Pass(const BoardRow& row, int level) {
    for (int i = 0; i <= level; ++i) {
      if (waiting_[i].empty()) continue;
      if (IsSmall(i)) return PassApart(row, level);
      RETURN_IF_ERROR(Write(i));
    }
    waiting_[level + 1].push_back(row);
    return absl::OkStatus();
  }

  absl::Status PassApart(const BoardRow& row, int level) {
    ASSIGN_OR_RETURN(const BoardRows rows, Take(row, level));
    if (level == 0) return Merge(rows, {});
    for (const BoardRow& below : rows) RETURN_IF_ERROR(Pass(below, level - 1));
    return absl::OkStatus();
  }

  bool IsSmall(int level) const {
    return BoardNodeBytes(level, waiting_[level]) < kSmallBoardNode;
  }

  // Writes what waits for nodes of `level`, which wait one level higher.
  absl::Status Write(int level) {
    if (level + 1 == kBoardLevels) return DoesNotFit();
    const BoardRows rows = std::exchange(waiting_[level], {});
    return DivideBoardRows(
        level, rows, [&](std::span<const BoardRow> part) -> absl::Status {
          ASSIGN_OR_RETURN(const int64_t number, FreeNumber());
          const std::string body = BoardNodeBody(level, part);
          RETURN_IF_ERROR(db_.Run(kPutNode.For(into_), number, Blob{body}));
          BoardRow above{.first = part.front().first, .ref = number};
          for (const BoardRow& row : part) above.members += row.members;
          waiting_[level + 1].push_back(above);
          return absl::OkStatus();
        });
  }

  // Writes the last nodes of each level; what is left alone is the root.
  absl::StatusOr<BoardRow> Finish() {
    for (int level = 0;; ++level) {
      BoardRows& waiting = waiting_[level];
      const bool top = Highest() <= level;
      if (waiting.empty()) {
        if (top) return BoardRow{};
        continue;
      }
      if (top && level > 0 && waiting.size() == 1) return waiting.front();
      if (!top && IsSmall(level)) RETURN_IF_ERROR(TakeLast(level));
      RETURN_IF_ERROR(Write(level));
    }
  }

  // The highest level at which something waits.
  int Highest() const {
    int level = kBoardLevels - 1;
    while (level > 0 && waiting_[level].empty()) --level;
    return level;
  }

  // Puts the last node of `level` that was passed or written before what waits
  // there.
  absl::Status TakeLast(int level) {
    int from = level + 1;
    while (waiting_[from].empty()) ++from;
    for (; from > level; --from) {
      const BoardRow last = waiting_[from].back();
      waiting_[from].pop_back();
      ASSIGN_OR_RETURN(const BoardRows rows, Take(last, from - 1));
      BoardRows& to = waiting_[from - 1];
      to.insert(to.begin(), rows.begin(), rows.end());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> FreeNumber() {
    if (!unused_.empty()) {
      const int64_t number = unused_.front();
      unused_.pop_front();
      return number;
    }
    if (!last_.has_value()) {
      ASSIGN_OR_RETURN(last_, db_.Number(kLastNode.For(into_)));
    }
    if (*last_ == INT64_MAX) return DoesNotFit();
    return ++*last_;
  }

  absl::Status DropUnused() {
    for (const int64_t number : unused_) {
      RETURN_IF_ERROR(into_ == MergeInto::kFile
                          ? db_.Run(kDropNode, number)
                          : db_.Run(kPutNode.tail, number, Blob{""}));
    }
    return absl::OkStatus();
  }

  Board& board_;
  Database& db_;
  const MergeInto into_;
  // Rows of nodes of each level that are yet to be written: those of a lower
  // level come after those of a higher one.
  std::array<BoardRows, kBoardLevels> waiting_ = {};
  std::deque<int64_t> unused_ = {};   // numbers of nodes taken apart
  std::optional<int64_t> last_ = {};  // number
};

absl::Status Board::Change(MergeInto into,
                           const std::vector<BoardChange>& changes) {
  std::vector<BoardStep> steps;
  steps.reserve(changes.size() * 2);
  for (const BoardChange& change : changes) {
    AddSteps(change.member, change.before, change.after, steps);
  }
  return Change(into, std::move(steps));
}

absl::Status Board::Change(MergeInto into, std::vector<BoardStep> steps) {
  if (steps.empty()) return absl::OkStatus();
  // A place may become free and be taken again.
  std::sort(steps.begin(), steps.end(),
            [](const BoardStep& a, const BoardStep& b) {
              const auto order = a.key <=> b.key;
              return order != 0 ? order < 0 : a.comes < b.comes;
            });
  return BoardUpdate(*this, into).Run(steps);
}

void BoardChanges::Move(BoardId board, int64_t member,
                        std::optional<BoardKey> before,
                        std::optional<BoardKey> after) {
  for (auto* key : {&before, &after}) {
    if (key->has_value() && (*key)->earned == 0) key->reset();
  }
  AddSteps(member, before, after, by_board_[board]);
}

absl::Status BoardChanges::Merge(Database& db, MergeInto into) {
  for (auto& [board, steps] : by_board_) {
    RETURN_IF_ERROR(Board(db, board).Change(into, std::move(steps)));
  }
  return absl::OkStatus();
}

}  // namespace loyalty::store
