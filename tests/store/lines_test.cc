// SPDX-License-Identifier: Apache-2.0
//
// A member's lines beside a plain list of them: whatever the gaps between the
// entries, the first line from any entry on and the line of any number are
// found, in few steps; and broken links are an error, not a wrong answer.
#include "store/lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

namespace loyalty::store {
namespace {

class Journal {
 public:
  void Add(int64_t seq) {
    links_[seq] = ends_.Add(seq);
    seqs_.push_back(seq);
  }

  int64_t FirstFrom(int64_t seq) {
    return FirstLineFrom(seq, ends_.last(), Reading()).value();
  }
  Line OfNumber(int64_t number) {
    return LineOfNumber(number, ends_.last(), Reading()).value();
  }
  ReadLinks Reading() { return read_; }

  LineEnds ends_;
  std::map<int64_t, LineLinks> links_;
  std::vector<int64_t> seqs_;
  int reads_ = 0;
  // A FunctionRef refers to it.
  std::function<absl::StatusOr<LineLinks>(int64_t)> read_ =
      [this](int64_t seq) -> absl::StatusOr<LineLinks> {
    ++reads_;
    const auto found = links_.find(seq);
    if (found == links_.end()) return absl::DataLossError("no such entry");
    return found->second;
  };
};

TEST(Lines, AreFoundFromAnyEntryAndByNumber) {
  std::mt19937 random(7);
  for (const int lines : {1, 2, 3, 8, 31, 100, 257}) {
    Journal journal;
    int64_t seq = 0;
    for (int i = 0; i < lines; ++i) {
      journal.Add(seq += 1 + static_cast<int64_t>(random() % 9));
    }
    for (int64_t from = 0; from <= seq + 2; ++from) {
      const auto first =
          std::lower_bound(journal.seqs_.begin(), journal.seqs_.end(), from);
      EXPECT_EQ(journal.FirstFrom(from), first - journal.seqs_.begin() + 1);
    }
    for (int i = 1; i <= lines; ++i) {
      const Line line = journal.OfNumber(i);
      EXPECT_EQ(line.number, i);
      EXPECT_EQ(line.seq, journal.seqs_[static_cast<size_t>(i) - 1]);
    }
  }
}

TEST(Lines, AreFoundInFewSteps) {
  Journal journal;
  constexpr int64_t kLines = 100'000;
  for (int64_t i = 1; i <= kLines; ++i) journal.Add(3 * i);
  std::mt19937 random(7);
  constexpr int kLog = std::bit_width(uint64_t{kLines});
  for (int i = 0; i < 300; ++i) {
    journal.reads_ = 0;
    journal.OfNumber(1 + static_cast<int64_t>(random() % kLines));
    EXPECT_LE(journal.reads_, kLog * kLog);
  }
}

TEST(Lines, AreNotReadToFindTheLast) {
  Journal journal;
  for (int64_t i = 1; i <= 100; ++i) journal.Add(3 * i);
  journal.reads_ = 0;
  EXPECT_EQ(journal.OfNumber(100).seq, 300);
  EXPECT_EQ(journal.FirstFrom(300), 100);
  EXPECT_EQ(journal.reads_, 0);
  EXPECT_EQ(journal.OfNumber(99).seq, 297);
  EXPECT_EQ(journal.reads_, 1);
}

TEST(Lines, OfNobodyAreNone) {
  Journal journal;
  EXPECT_EQ(journal.FirstFrom(1), 1);
  EXPECT_EQ(journal.ends_.last().number, 0);
}

TEST(Lines, GoOnFromWhatWasKept) {
  Journal journal;
  LineEnds again;
  for (int64_t i = 1; i <= 200; ++i) {
    journal.Add(i * i);
    LineEnds restored;
    ASSERT_TRUE(LineEnds::Restore(journal.ends_.count(), journal.ends_.seqs(),
                                  restored));
    EXPECT_EQ(restored, journal.ends_);
    again = restored;
    EXPECT_EQ(again.Add(i * i + 1), LineEnds(journal.ends_).Add(i * i + 1));
  }
}

TEST(Lines, ThatCannotBeAreRefused) {
  LineEnds ends;
  EXPECT_FALSE(LineEnds::Restore(-1, {}, ends));
  EXPECT_FALSE(LineEnds::Restore(1, {}, ends));
  EXPECT_FALSE(LineEnds::Restore(2, {3, 4}, ends));
  EXPECT_FALSE(LineEnds::Restore(3, {4, 3}, ends));
  EXPECT_FALSE(LineEnds::Restore(3, {0, 3}, ends));
  EXPECT_TRUE(LineEnds::Restore(3, {1, 3}, ends));
}

TEST(Lines, WhoseLinksAreBrokenAreAnError) {
  Journal good;
  for (int64_t i = 1; i <= 64; ++i) good.Add(5 * i);
  for (const int64_t wrong : {int64_t{0}, int64_t{-1}, int64_t{1},
                              int64_t{1000}, INT64_MIN, INT64_MAX}) {
    for (int64_t i = 1; i <= 64; ++i) {
      std::map<int64_t, LineLinks> links = good.links_;
      links[5 * i] = {.back = wrong, .jump = wrong};
      const auto read = [&](int64_t seq) -> absl::StatusOr<LineLinks> {
        const auto found = links.find(seq);
        if (found == links.end()) return absl::DataLossError("no such entry");
        return found->second;
      };
      // An error, or an answer that did not need what is broken.
      for (int64_t number : {1, 2, 33}) {
        const auto line = LineOfNumber(number, good.ends_.last(), read);
        if (line.ok()) {
          EXPECT_EQ(line->number, number);
        }
      }
      (void)FirstLineFrom(7, good.ends_.last(), read).ok();
    }
  }
}

}  // namespace
}  // namespace loyalty::store
