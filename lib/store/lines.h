// SPDX-License-Identifier: Apache-2.0
//
// Lines: where in the journal a member's units were moved. No table says it:
// each such entry, a line, says how far back the one before it is, and the
// member's row says which is the last. So a statement costs nothing to keep.
//
// To be found without walking all of it, line number k (from 1) also says where
// line k - lowbit(k) is, which is k with its lowest set bit cleared: any line
// is then reached in a number of steps that grows with the logarithm of k,
// squared at worst (P. Fenwick, "A new data structure for cumulative frequency
// tables", 1994, clears bits in the same way).
#ifndef LOYALTY_LIB_STORE_LINES_H_
#define LOYALTY_LIB_STORE_LINES_H_

#include <absl/container/inlined_vector.h>
#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <cstdint>

namespace loyalty::store {

// Distances in entries from a line; 0: there is none.
struct LineLinks {
  int64_t back = 0;  // to the line before
  int64_t jump = 0;  // to line k - lowbit(k)

  friend bool operator==(const LineLinks&, const LineLinks&) = default;
};

// Number `count`, in entry `seq`; number 0 is before the first.
struct Line {
  int64_t number = 0;
  int64_t seq = 0;
};

// The last line, and those that clearing bit after bit of its number leads to.
class LineEnds {
 public:
  LineEnds() = default;
  // As seqs() gave them; false if there cannot be such.
  static bool Restore(int64_t count, absl::InlinedVector<int64_t, 4> seqs,
                      LineEnds& ends);

  Line last() const { return {count_, seqs_.empty() ? 0 : seqs_.back()}; }
  int64_t count() const { return count_; }
  // Oldest first; as many as `count` has bits that are set.
  const absl::InlinedVector<int64_t, 4>& seqs() const { return seqs_; }

  // Adds a line behind the last, in entry `seq`; gives the links that go there.
  LineLinks Add(int64_t seq);

  friend bool operator==(const LineEnds&, const LineEnds&) = default;

 private:
  int64_t count_ = 0;
  absl::InlinedVector<int64_t, 4> seqs_;
};

// Reads the links of the line in entry `seq`.
using ReadLinks = absl::FunctionRef<absl::StatusOr<LineLinks>(int64_t seq)>;

// The line before `line`, or by the jump. ERRORS: kDataLoss where they lead
// nowhere.
absl::StatusOr<Line> LineBefore(Line line, LineLinks links);

// The first line in entry `seq` or later, found backwards from `last`; number
// last.number + 1 if there is none.
absl::StatusOr<int64_t> FirstLineFrom(int64_t seq, Line last, ReadLinks read);

// Line number `number`, 1 to last.number.
absl::StatusOr<Line> LineOfNumber(int64_t number, Line last, ReadLinks read);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_LINES_H_
