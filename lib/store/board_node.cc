// SPDX-License-Identifier: Apache-2.0
#include "store/board_node.h"

#include <algorithm>
#include <bit>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

constexpr size_t kNodeStart = 3;  // level and rows
constexpr size_t kColumnBytes = 9;
constexpr int kMostColumns = 6;

int ColumnsAt(int level) { return level == 0 ? 5 : 6; }
size_t StartOfCells(int level) {
  return kNodeStart + kColumnBytes * static_cast<size_t>(ColumnsAt(level));
}

// One load, where the machine has the lowest byte first.
uint64_t EightBytes(const char* from) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value |= uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  }
  return value;
}

void AppendNumber(std::string& to, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i) {
    to.push_back(static_cast<char>(value >> (8 * i)));
  }
}

struct Range {
  int64_t least = INT64_MAX;
  int64_t most = INT64_MIN;

  void Add(int64_t value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  uint64_t base() const { return static_cast<uint64_t>(least); }
  size_t width() const {
    const uint64_t wide = static_cast<uint64_t>(most) - base();
    return (static_cast<size_t>(std::bit_width(wide)) + 7) / 8;
  }
};

using Cells = std::array<int64_t, kMostColumns>;

Cells CellsOf(const BoardRow& row, int64_t up_to) {
  return {row.first.earned, row.first.tie, row.first.seq,
          row.first.n,      row.ref,       up_to};
}

// What a node of these rows would be.
class NodeLayout {
 public:
  explicit NodeLayout(int level) : level_(level) {}

  void Add(const BoardRow& row) {
    const Cells cells = CellsOf(row, up_to_ += row.members);
    for (int i = 0; i < ColumnsAt(level_); ++i) columns_[i].Add(cells[i]);
    ++rows_;
  }
  size_t bytes() const {
    size_t row_bytes = 0;
    for (int i = 0; i < ColumnsAt(level_); ++i)
      row_bytes += columns_[i].width();
    return StartOfCells(level_) + rows_ * row_bytes;
  }
  const Range& column(int i) const { return columns_[i]; }

 private:
  int level_;
  std::array<Range, kMostColumns> columns_ = {};
  int64_t up_to_ = 0;
  size_t rows_ = 0;
};

NodeLayout LayoutOf(int level, std::span<const BoardRow> rows) {
  NodeLayout layout(level);
  for (const BoardRow& row : rows) layout.Add(row);
  return layout;
}

// How many rows from the first on fit a node.
size_t RowsThatFit(int level, std::span<const BoardRow> rows) {
  NodeLayout layout(level);
  for (size_t i = 0; i < rows.size(); ++i) {
    layout.Add(rows[i]);
    if (layout.bytes() > kBoardNodeBytes) return i;
  }
  return rows.size();
}

using TakeRows = absl::FunctionRef<absl::Status(std::span<const BoardRow>)>;

absl::Status HalveRows(int level, std::span<const BoardRow> rows,
                       TakeRows take) {
  if (RowsThatFit(level, rows) == rows.size()) return take(rows);
  const size_t half = rows.size() / 2;
  RETURN_IF_ERROR(HalveRows(level, rows.first(half), take));
  return HalveRows(level, rows.subspan(half), take);
}

absl::Status NoNode() {
  return absl::DataLossError(
      "a node of a leaderboard cannot be read; `loyalty rebuild` makes it "
      "anew");
}

}  // namespace

absl::Status BoardNode::Assign(std::string_view bytes) {
  if (bytes.size() < kNodeStart) return NoNode();
  const auto byte = [bytes](size_t at) {
    return static_cast<unsigned char>(bytes[at]);
  };
  level_ = byte(0);
  rows_ = byte(1) | byte(2) << 8;
  if (level_ >= kBoardLevels || rows_ == 0) return NoNode();
  const size_t start = StartOfCells(level_);
  if (bytes.size() < start) return NoNode();
  row_bytes_ = 0;
  for (int i = 0; i < ColumnsAt(level_); ++i) {
    const size_t at = kNodeStart + kColumnBytes * static_cast<size_t>(i);
    const size_t width = byte(at + 8);
    if (width > 8) return NoNode();
    columns_[i] = {
        .base = EightBytes(bytes.data() + at),
        .mask = width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1,
        .at = row_bytes_};
    row_bytes_ += width;
  }
  if (bytes.size() - start != row_bytes_ * static_cast<size_t>(rows_)) {
    return NoNode();
  }
  bytes_.reserve(bytes.size() - start + 8);
  bytes_.assign(bytes.substr(start));
  bytes_.append(8, '\0');
  return absl::OkStatus();
}

int64_t BoardNode::Cell(int row, int column) const {
  const Column& in = columns_[static_cast<size_t>(column)];
  const size_t at = row_bytes_ * static_cast<size_t>(row) + in.at;
  return static_cast<int64_t>(in.base +
                              (EightBytes(bytes_.data() + at) & in.mask));
}

int BoardNode::RowsBefore(const BoardKey& key) const {
  // What was earned mostly decides.
  const auto is_before = [&](int row) {
    const int64_t earned = Cell(row, 0);
    return earned != key.earned ? earned > key.earned : Key(row) < key;
  };
  int from = 0;
  int to = rows_;
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (is_before(middle)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

int BoardNode::RowOf(int64_t entry) const {
  int from = 0;
  int to = rows_ - 1;
  while (from < to) {
    const int middle = from + (to - from) / 2;
    if (Before(middle + 1) <= entry) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

absl::StatusOr<std::vector<BoardRow>> BoardNode::Rows() const {
  std::vector<BoardRow> rows;
  rows.reserve(static_cast<size_t>(rows_));
  for (int i = 0; i < rows_; ++i) {
    const BoardRow row = Row(i);
    if (Before(i + 1) <= Before(i) ||
        (i > 0 && row.first <= rows.back().first)) {
      return absl::DataLossError("a node of a leaderboard is out of order");
    }
    rows.push_back(row);
  }
  return rows;
}

size_t BoardNodeBytes(int level, std::span<const BoardRow> rows) {
  return LayoutOf(level, rows).bytes();
}

std::string BoardNodeBody(int level, std::span<const BoardRow> rows) {
  const NodeLayout layout = LayoutOf(level, rows);
  const int columns = ColumnsAt(level);
  std::string body;
  body.reserve(layout.bytes());
  AppendNumber(body, static_cast<uint64_t>(level), 1);
  AppendNumber(body, rows.size(), 2);
  for (int i = 0; i < columns; ++i) {
    AppendNumber(body, layout.column(i).base(), 8);
    AppendNumber(body, layout.column(i).width(), 1);
  }
  std::array<size_t, kMostColumns> widths = {};
  for (int i = 0; i < columns; ++i) widths[i] = layout.column(i).width();
  int64_t up_to = 0;
  for (const BoardRow& row : rows) {
    const Cells cells = CellsOf(row, up_to += row.members);
    for (int i = 0; i < columns; ++i) {
      AppendNumber(body,
                   static_cast<uint64_t>(cells[i]) - layout.column(i).base(),
                   widths[i]);
    }
  }
  return body;
}

// Full nodes, but for the last two, which share what is left.
absl::Status DivideBoardRows(int level, std::span<const BoardRow> rows,
                             TakeRows take) {
  size_t fit = RowsThatFit(level, rows);
  while (fit < rows.size()) {
    const std::span<const BoardRow> rest = rows.subspan(fit);
    const size_t next_fit = RowsThatFit(level, rest);
    if (next_fit == rest.size()) return HalveRows(level, rows, take);
    RETURN_IF_ERROR(take(rows.first(fit)));
    rows = rest;
    fit = next_fit;
  }
  return take(rows);
}

}  // namespace loyalty::store
