// SPDX-License-Identifier: Apache-2.0
//
// Questions to a board. Changes are in board_update.cc.
#include "store/board.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

constexpr char kReadBoard[] =
    "SELECT root, members FROM board WHERE board = ? AND season = ?";
constexpr char kReadNode[] = "SELECT body FROM board_node WHERE node = ?";
// No more members can there be, so that sums of theirs stay in range.
constexpr int64_t kMostMembers = int64_t{1} << 48;
// Nodes of at most four kilobytes: a mebibyte.
constexpr size_t kMostKept = 256;

absl::Status BoardIsDamaged(const char* what) {
  return absl::DataLossError(
      absl::StrCat("a leaderboard is damaged, and must be rebuilt: ", what));
}

// Before all who have as much.
BoardKey FirstOf(int64_t earned, int64_t tie) {
  return {.earned = earned, .seq = INT64_MIN, .n = INT32_MIN, .tie = tie};
}

}  // namespace

const BelowBoard* BoardMemory::Root(BoardId board) const {
  const auto found = roots_.find(board);
  return found == roots_.end() ? nullptr : &found->second;
}

const BoardNode* BoardMemory::Node(int64_t node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second;
}

void BoardMemory::Keep(BoardId board, const BelowBoard& root) {
  if (roots_.size() >= kMostKept) roots_.clear();
  roots_[board] = root;
}

void BoardMemory::Keep(int64_t number, const BoardNode& node) {
  if (nodes_.size() >= kMostKept) nodes_.clear();
  nodes_[number] = node;
}

absl::StatusOr<Board::Below> Board::Root() {
  if (memory_ != nullptr) {
    const Below* const kept = memory_->Root(id_);
    if (kept != nullptr) return *kept;
  }
  Rows row = db_.Query(kReadBoard, id_.board, id_.season);
  Below root;
  if (row.Next()) root = {.node = row.Int(0), .members = row.Int(1)};
  RETURN_IF_ERROR(row.status());
  const bool empty = root.node == 0;
  if (root.members < 0 || root.members > kMostMembers ||
      empty != (root.members == 0)) {
    return BoardIsDamaged("it cannot have so many members");
  }
  if (memory_ != nullptr) memory_->Keep(id_, root);
  return root;
}

// Whatever the bytes are, levels only go down, so every descent ends.
absl::Status Board::Read(const Below& below, BoardNode& node) {
  const BoardNode* const kept =
      memory_ == nullptr ? nullptr : memory_->Node(below.node);
  if (kept != nullptr) {
    node = *kept;
  } else {
    ++node_reads_;
    Rows row = db_.Query(kReadNode, below.node);
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return BoardIsDamaged("a node is missing");
    }
    RETURN_IF_ERROR(node.Assign(row.Bytes(0)));
    if (memory_ != nullptr && node.level() > 0) memory_->Keep(below.node, node);
  }
  if (node.members() != below.members ||
      (below.level.has_value() && node.level() != *below.level) ||
      (below.first.has_value() && node.Key(0) != *below.first)) {
    return BoardIsDamaged("a node is not what the one above says");
  }
  return absl::OkStatus();
}

absl::StatusOr<Board::Below> Board::BelowRow(const BoardNode& node, int row) {
  const int64_t from = node.Before(row);
  const int64_t to = node.Before(row + 1);
  if (from < 0 || to <= from || to > node.members()) {
    return BoardIsDamaged("counts do not add up");
  }
  return Below{.node = node.Row(row).ref,
               .members = to - from,
               .level = node.level() - 1,
               .first = node.Key(row)};
}

absl::StatusOr<int64_t> Board::Size() {
  ASSIGN_OR_RETURN(const Below root, Root());
  return root.members;
}

// Goes to the leaf that has `key`, or would have it; gives how many entries
// come before that leaf. An empty board has an empty one.
absl::StatusOr<int64_t> Board::LeafOf(const BoardKey& key, BoardNode& leaf) {
  ASSIGN_OR_RETURN(Below below, Root());
  int64_t before = 0;
  if (below.node == 0) return before;
  for (;;) {
    RETURN_IF_ERROR(Read(below, leaf));
    if (leaf.level() == 0) return before;
    const int row = std::max(leaf.RowsBefore(key) - 1, 0);
    ASSIGN_OR_RETURN(below, BelowRow(leaf, row));
    before += leaf.Before(row);
  }
}

absl::StatusOr<int64_t> Board::EntriesBefore(const BoardKey& key) {
  BoardNode leaf;
  ASSIGN_OR_RETURN(const int64_t before, LeafOf(key, leaf));
  return before + leaf.RowsBefore(key);
}

absl::StatusOr<int64_t> Board::EntriesAbove(int64_t earned, int64_t tie) {
  return EntriesBefore(FirstOf(earned, tie));
}

absl::StatusOr<BoardPlace> Board::PlaceOf(const BoardKey& key) {
  BoardNode leaf;
  ASSIGN_OR_RETURN(const int64_t before, LeafOf(key, leaf));
  const int above = leaf.RowsBefore(FirstOf(key.earned, key.tie));
  BoardPlace place{.before = before + leaf.RowsBefore(key),
                   .above = before + above};
  // Leaves before this one may end with as much.
  if (above == 0 && before > 0) {
    ASSIGN_OR_RETURN(place.above, EntriesAbove(key.earned, key.tie));
  }
  return place;
}

absl::StatusOr<int64_t> Board::ScoresAbove(int64_t earned, int64_t tie) {
  ASSIGN_OR_RETURN(const Below root, Root());
  if (root.node == 0) return 0;
  std::vector<Step> path;
  RETURN_IF_ERROR(DescendTo(root, 0, path));
  int64_t scores = 0;
  std::optional<BoardKey> last;
  for (int64_t left = root.members; left > 0;) {
    Step& leaf = path.back();
    if (leaf.row == leaf.node.rows()) {
      ASSIGN_OR_RETURN(const bool more, NextLeaf(path));
      if (!more) break;
      continue;
    }
    const BoardKey key = leaf.node.Key(leaf.row++);
    if (std::tie(key.earned, key.tie) <= std::tie(earned, tie)) break;
    if (last.has_value() && key <= *last) {
      return BoardIsDamaged("entries are out of order");
    }
    if (!last.has_value() ||
        std::tie(key.earned, key.tie) != std::tie(last->earned, last->tie)) {
      ++scores;
    }
    last = key;
    --left;
  }
  return scores;
}

// Appends the steps to that entry of what is below.
absl::Status Board::DescendTo(Below below, int64_t entry,
                              std::vector<Step>& path) {
  for (;;) {
    Step& step = path.emplace_back();
    RETURN_IF_ERROR(Read(below, step.node));
    step.row = step.node.RowOf(entry);
    if (step.node.level() == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(below, BelowRow(step.node, step.row));
    entry -= step.node.Before(step.row);
  }
}

// false: that was the last one.
absl::StatusOr<bool> Board::NextLeaf(std::vector<Step>& path) {
  do {
    path.pop_back();
    if (path.empty()) return false;
  } while (++path.back().row == path.back().node.rows());
  ASSIGN_OR_RETURN(const Below below,
                   BelowRow(path.back().node, path.back().row));
  RETURN_IF_ERROR(DescendTo(below, 0, path));
  return true;
}

absl::StatusOr<std::vector<BoardEntry>> Board::From(int64_t row, int limit) {
  ASSIGN_OR_RETURN(const Below root, Root());
  row = std::max<int64_t>(row, 0);
  std::vector<BoardEntry> entries;
  if (row >= root.members || limit <= 0) return entries;
  const auto most =
      static_cast<size_t>(std::min<int64_t>(limit, root.members - row));
  std::vector<Step> path;
  RETURN_IF_ERROR(DescendTo(root, row, path));
  while (entries.size() < most) {
    Step& leaf = path.back();
    if (leaf.row == leaf.node.rows()) {
      ASSIGN_OR_RETURN(const bool more, NextLeaf(path));
      if (!more) break;
      continue;
    }
    const BoardRow entry = leaf.node.Row(leaf.row++);
    // So a tree that leads round and round comes to an end.
    if (!entries.empty() && entry.first <= entries.back().key) {
      return BoardIsDamaged("entries are out of order");
    }
    entries.push_back({entry.first, entry.ref});
  }
  return entries;
}

absl::Status Board::WalkBelow(
    const Below& below, std::optional<BoardKey>& last,
    absl::FunctionRef<absl::Status(const BoardEntry&)> visit) {
  BoardNode node;
  RETURN_IF_ERROR(Read(below, node));
  ASSIGN_OR_RETURN(const std::vector<BoardRow> rows, node.Rows());
  for (int i = 0; i < node.rows(); ++i) {
    const BoardRow& row = rows[static_cast<size_t>(i)];
    if (node.level() > 0) {
      ASSIGN_OR_RETURN(const Below next, BelowRow(node, i));
      RETURN_IF_ERROR(WalkBelow(next, last, visit));
      continue;
    }
    if (last.has_value() && row.first <= *last) {
      return BoardIsDamaged("entries are out of order");
    }
    last = row.first;
    RETURN_IF_ERROR(visit({row.first, row.ref}));
  }
  return absl::OkStatus();
}

absl::Status Board::Walk(
    absl::FunctionRef<absl::Status(const BoardEntry&)> visit) {
  ASSIGN_OR_RETURN(const Below root, Root());
  if (root.node == 0) return absl::OkStatus();
  std::optional<BoardKey> last;
  return WalkBelow(root, last, visit);
}

}  // namespace loyalty::store
