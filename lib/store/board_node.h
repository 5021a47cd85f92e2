// SPDX-License-Identifier: Apache-2.0
//
// A board's nodes as bytes: a small table of integers. A column has a base and
// a width, and a cell is what is to be added to the base, in so many bytes. So
// every cell is found without reading those before it, and a search within a
// node looks at a few of its rows.
//
//   level   1 byte    0: a leaf, whose rows are entries
//   rows    2 bytes
//   columns           for each its base, 8 bytes, and its width, 0 to 8
//   cells             row by row
//
// Columns are earned, tie, seq, n, then in a leaf the member; above it the node
// below, and how many entries are below this row and the rows before it. All
// numbers begin with their lowest byte.
//
// Any bytes may stand in a file: what is read of them is numbers, never memory
// beyond them, and a node that is not what the node above says of it is damage.
#ifndef LOYALTY_LIB_STORE_BOARD_NODE_H_
#define LOYALTY_LIB_STORE_BOARD_NODE_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::store {

// A place on a board: more `earned` comes first, of equals more `tie`, and of
// those who reached it first. (seq, n) is the movement, or the counter of the
// entry, that led there, so no two are the same.
struct BoardKey {
  int64_t earned = 0;
  int64_t seq = 0;
  int32_t n = 0;
  int64_t tie = 0;

  friend bool operator==(const BoardKey&, const BoardKey&) = default;
  friend std::strong_ordering operator<=>(const BoardKey& a,
                                          const BoardKey& b) {
    if (const auto order = b.earned <=> a.earned; order != 0) return order;
    if (const auto order = b.tie <=> a.tie; order != 0) return order;
    if (const auto order = a.seq <=> b.seq; order != 0) return order;
    return a.n <=> b.n;
  }
};

// With the four bytes before it, a body fits a page of SQLite, of 4,096.
inline constexpr size_t kBoardNodeBytes = 4048;
// A node that has less is put together with one beside it.
inline constexpr size_t kSmallBoardNode = kBoardNodeBytes / 4;
// Far more than can be reached: a node has some 50 rows at the least.
inline constexpr int kBoardLevels = 12;

struct BoardRow {
  BoardKey first = {};
  int64_t ref = 0;      // of a leaf's row the member; else the node
  int64_t members = 0;  // how many entries it stands for; 1 in a leaf
};

// One node, decoded as it is asked. Holds its bytes.
class BoardNode {
 public:
  // ERRORS: kDataLoss if these are not the bytes of a node.
  absl::Status Assign(std::string_view bytes);

  int level() const { return level_; }
  int rows() const { return rows_; }
  BoardKey Key(int row) const {
    return {.earned = Cell(row, 0),
            .seq = Cell(row, 2),
            .n = static_cast<int32_t>(Cell(row, 3)),
            .tie = Cell(row, 1)};
  }
  // How many entries it has, or has below it.
  int64_t members() const { return Before(rows_); }
  // How many of them come before those of that row.
  int64_t Before(int row) const {
    if (level_ == 0) return row;
    return row == 0 ? 0 : Cell(row - 1, 5);
  }
  BoardRow Row(int row) const {
    return {Key(row), Cell(row, 4), Between(Before(row), Before(row + 1))};
  }

  // How many rows come before `key`.
  int RowsBefore(const BoardKey& key) const;
  // The row that has entry number `entry`, if the counts are in order.
  int RowOf(int64_t entry) const;

  // All rows. ERRORS: kDataLoss if they are not in order, or one has nothing.
  absl::StatusOr<std::vector<BoardRow>> Rows() const;

 private:
  struct Column {
    uint64_t base = 0;
    uint64_t mask = 0;  // of its width
    size_t at = 0;      // in the row
  };

  int64_t Cell(int row, int column) const;
  static int64_t Between(int64_t from, int64_t to) {
    return static_cast<int64_t>(static_cast<uint64_t>(to) -
                                static_cast<uint64_t>(from));
  }

  std::string bytes_ = {};  // of the cells, and 8 more, so that each can be
                            // read as 8 bytes
  int level_ = 0;
  int rows_ = 0;
  size_t row_bytes_ = 0;
  std::array<Column, 6> columns_ = {};
};

// How many bytes a node of these rows has.
size_t BoardNodeBytes(int level, std::span<const BoardRow> rows);
std::string BoardNodeBody(int level, std::span<const BoardRow> rows);

// Divides rows among as few nodes as hold them, about. Each has 50 rows or
// more, unless it is the only one.
absl::Status DivideBoardRows(
    int level, std::span<const BoardRow> rows,
    absl::FunctionRef<absl::Status(std::span<const BoardRow>)> take);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_BOARD_NODE_H_
