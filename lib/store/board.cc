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

BoardNodeRead BoardMemory::Node(int64_t number) const {
  if (number == leaf_number_) return leaf_;
  const auto found = nodes_.find(number);
  return found == nodes_.end() ? nullptr : found->second;
}

void BoardMemory::Keep(BoardId board, const BelowBoard& root) {
  if (roots_.size() >= kMostKept) roots_.clear();
  roots_[board] = root;
}

void BoardMemory::Keep(int64_t number, BoardNodeRead node) {
  if (node->level() == 0) {
    leaf_number_ = number;
    leaf_ = std::move(node);
    return;
  }
  if (nodes_.size() >= kMostKept) nodes_.clear();
  nodes_[number] = std::move(node);
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
absl::StatusOr<BoardNodeRead> Board::Read(const Below& below) {
  BoardNodeRead node = memory_ == nullptr ? nullptr : memory_->Node(below.node);
  if (node == nullptr) {
    ++node_reads_;
    Rows row = db_.Query(kReadNode, below.node);
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return BoardIsDamaged("a node is missing");
    }
    auto read = std::make_shared<BoardNode>();
    RETURN_IF_ERROR(read->Assign(row.Bytes(0)));
    node = std::move(read);
    if (memory_ != nullptr) memory_->Keep(below.node, node);
  }
  if (node->members() != below.members ||
      (below.level.has_value() && node->level() != *below.level) ||
      (below.first.has_value() && node->Key(0) != *below.first)) {
    return BoardIsDamaged("a node is not what the one above says");
  }
  return node;
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

// Goes to the leaf that has `key`, or would have it. An empty board has an
// empty one.
absl::StatusOr<Board::Leaf> Board::LeafOf(const BoardKey& key) {
  ASSIGN_OR_RETURN(Below below, Root());
  Leaf leaf;
  if (below.node == 0) {
    leaf.node = std::make_shared<BoardNode>();
    return leaf;
  }
  for (;;) {
    ASSIGN_OR_RETURN(leaf.node, Read(below));
    const BoardNode& node = *leaf.node;
    if (node.level() == 0) return leaf;
    const int row = std::max(node.RowsBefore(key) - 1, 0);
    ASSIGN_OR_RETURN(below, BelowRow(node, row));
    leaf.before += node.Before(row);
  }
}

absl::StatusOr<int64_t> Board::EntriesBefore(const BoardKey& key) {
  ASSIGN_OR_RETURN(const Leaf leaf, LeafOf(key));
  return leaf.before + leaf.node->RowsBefore(key);
}

absl::StatusOr<int64_t> Board::EntriesAbove(int64_t earned, int64_t tie) {
  return EntriesBefore(FirstOf(earned, tie));
}

// BoardPlace::above of a key that is in this leaf.
absl::StatusOr<int64_t> Board::AboveIn(const Leaf& leaf, const BoardKey& key) {
  const int above = leaf.node->RowsBefore(FirstOf(key.earned, key.tie));
  // Leaves before this one may end with as much.
  if (above == 0 && leaf.before > 0) return EntriesAbove(key.earned, key.tie);
  return leaf.before + above;
}

absl::StatusOr<BoardPlace> Board::PlaceOf(const BoardKey& key) {
  ASSIGN_OR_RETURN(const Leaf leaf, LeafOf(key));
  BoardPlace place{.before = leaf.before + leaf.node->RowsBefore(key)};
  ASSIGN_OR_RETURN(place.above, AboveIn(leaf, key));
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
    if (leaf.row == leaf.node->rows()) {
      ASSIGN_OR_RETURN(const bool more, NextLeaf(path));
      if (!more) break;
      continue;
    }
    const BoardKey key = leaf.node->Key(leaf.row++);
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
    ASSIGN_OR_RETURN(step.node, Read(below));
    step.row = step.node->RowOf(entry);
    if (step.node->level() == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(below, BelowRow(*step.node, step.row));
    entry -= step.node->Before(step.row);
  }
}

// false: that was the last one.
absl::StatusOr<bool> Board::NextLeaf(std::vector<Step>& path) {
  do {
    path.pop_back();
    if (path.empty()) return false;
  } while (++path.back().row == path.back().node->rows());
  ASSIGN_OR_RETURN(const Below below,
                   BelowRow(*path.back().node, path.back().row));
  RETURN_IF_ERROR(DescendTo(below, 0, path));
  return true;
}

absl::StatusOr<BoardPage> Board::From(int64_t row, int limit) {
  ASSIGN_OR_RETURN(const Below root, Root());
  row = std::max<int64_t>(row, 0);
  BoardPage page;
  if (row >= root.members || limit <= 0) return page;
  const auto most =
      static_cast<size_t>(std::min<int64_t>(limit, root.members - row));
  std::vector<Step> path;
  RETURN_IF_ERROR(DescendTo(root, row, path));
  const Leaf first{.node = path.back().node, .before = row - path.back().row};
  while (page.entries.size() < most) {
    Step& leaf = path.back();
    if (leaf.row == leaf.node->rows()) {
      ASSIGN_OR_RETURN(const bool more, NextLeaf(path));
      if (!more) break;
      continue;
    }
    const BoardRow entry = leaf.node->Row(leaf.row++);
    // So a tree that leads round and round comes to an end.
    if (!page.entries.empty() && entry.first <= page.entries.back().key) {
      return BoardIsDamaged("entries are out of order");
    }
    page.entries.push_back({entry.first, entry.ref});
  }
  if (!page.entries.empty()) {
    ASSIGN_OR_RETURN(page.above, AboveIn(first, page.entries.front().key));
  }
  return page;
}

absl::Status Board::WalkBelow(
    const Below& below, std::optional<BoardKey>& last,
    absl::FunctionRef<absl::Status(const BoardEntry&)> visit) {
  ASSIGN_OR_RETURN(const BoardNodeRead node, Read(below));
  ASSIGN_OR_RETURN(const std::vector<BoardRow> rows, node->Rows());
  for (int i = 0; i < node->rows(); ++i) {
    const BoardRow& row = rows[static_cast<size_t>(i)];
    if (node->level() > 0) {
      ASSIGN_OR_RETURN(const Below next, BelowRow(*node, i));
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
