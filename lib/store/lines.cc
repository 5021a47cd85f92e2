// SPDX-License-Identifier: Apache-2.0
//
// See lines.h.
#include "store/lines.h"

#include <absl/status/status.h>

#include <bit>
#include <utility>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

int64_t WithoutLowestBit(int64_t number) { return number & (number - 1); }

absl::Status BrokenLine() {
  return absl::DataLossError(
      "a member's lines do not lead from one to the next; `loyalty rebuild` "
      "makes them anew, unless the journal itself is damaged");
}

absl::StatusOr<Line> JumpFrom(Line line, LineLinks links) {
  if (links.jump <= 0) return BrokenLine();
  const Line to{WithoutLowestBit(line.number), line.seq - links.jump};
  if (to.seq <= 0) return BrokenLine();
  return to;
}

// Goes back from `last` as long as `left`, how far a line is from where to go,
// is not below 0 there: by jumps where it can. Each line left costs a read.
template <typename Left>
absl::StatusOr<Line> GoBack(Line line, ReadLinks read, Left left) {
  while (line.number > 1 && left(line) > 0) {
    ASSIGN_OR_RETURN(const LineLinks links, read(line.seq));
    if (WithoutLowestBit(line.number) > 0) {
      ASSIGN_OR_RETURN(const Line far, JumpFrom(line, links));
      if (left(far) >= 0) {
        line = far;
        continue;
      }
    }
    ASSIGN_OR_RETURN(const Line before, LineBefore(line, links));
    if (left(before) < 0) return line;
    line = before;
  }
  return line;
}

}  // namespace

bool LineEnds::Restore(int64_t count, absl::InlinedVector<int64_t, 4> seqs,
                       LineEnds& ends) {
  if (count < 0 || static_cast<int>(seqs.size()) !=
                       std::popcount(static_cast<uint64_t>(count))) {
    return false;
  }
  int64_t before = 0;
  for (const int64_t seq : seqs) {
    if (seq <= before) return false;
    before = seq;
  }
  ends.count_ = count;
  ends.seqs_ = std::move(seqs);
  return true;
}

LineLinks LineEnds::Add(int64_t seq) {
  LineLinks links;
  if (count_ > 0) links.back = seq - seqs_.back();
  // Counting up clears the ones at the number's end, and their lines with them.
  for (int64_t ones = count_; (ones & 1) != 0; ones >>= 1) seqs_.pop_back();
  ++count_;
  if (!seqs_.empty()) links.jump = seq - seqs_.back();
  seqs_.push_back(seq);
  return links;
}

absl::StatusOr<Line> LineBefore(Line line, LineLinks links) {
  if (links.back <= 0) return BrokenLine();
  const Line to{line.number - 1, line.seq - links.back};
  if (to.seq <= 0 || to.number <= 0) return BrokenLine();
  return to;
}

absl::StatusOr<int64_t> FirstLineFrom(int64_t seq, Line last, ReadLinks read) {
  if (last.number == 0 || last.seq < seq) return last.number + 1;
  if (seq <= 1) return 1;  // the journal's first entry
  ASSIGN_OR_RETURN(const Line first, GoBack(last, read, [seq](Line line) {
                     return line.seq - seq;
                   }));
  return first.number;
}

absl::StatusOr<Line> LineOfNumber(int64_t number, Line last, ReadLinks read) {
  return GoBack(last, read,
                [number](Line line) { return line.number - number; });
}

}  // namespace loyalty::store
