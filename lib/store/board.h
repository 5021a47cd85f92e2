// SPDX-License-Identifier: Apache-2.0
//
// Board: who has most of something, in order: of what was earned of a currency,
// or of a counter in one season. A counted B+ tree in
// packed nodes (board_node.h), each a row of one table: so a rank and a page
// from anywhere are a handful of row reads, however many members there are,
// and many changes are made in one pass that reads and writes each node once.
//
//   Board board(db, {points});
//   board.Change(MergeInto::kFile, {{.member = 7, .after = key}});
//   board.EntriesBefore(key);       // row number, from 0
//   board.EntriesAbove(earned);     // competition rank - 1
//   board.PlaceOf(key);             // both at once
//   board.From(40, 10);             // a page
//
// Every node that is read is held against what the node above says of it, so
// damage is found where it would lead astray; what is not read is not looked
// at. See Walk.
#ifndef LOYALTY_LIB_STORE_BOARD_H_
#define LOYALTY_LIB_STORE_BOARD_H_

#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "store/board_node.h"
#include "store/database.h"
#include "store/merge_into.h"

namespace loyalty::store {

inline constexpr char kBoardTable[] = R"sql(CREATE TABLE board (
  -- The leaderboards, in the nodes of board_node. See view leaderboard.
  board INTEGER NOT NULL,    -- symbol: a currency, or a counter "board:ID"
  season INTEGER NOT NULL,   -- the counter's window; 0: ever
  root INTEGER NOT NULL,     -- node
  members INTEGER NOT NULL,  -- how many are on it
  PRIMARY KEY (board, season)
) STRICT, WITHOUT ROWID)sql";
inline constexpr char kBoardPlaceTable[] = R"sql(CREATE TABLE board_place (
  -- Where members are on leaderboards of counters, also those who are hidden
  -- and in no tree. Of currencies member_state.holdings says it.
  member INTEGER NOT NULL,
  board INTEGER NOT NULL,
  season INTEGER NOT NULL,
  earned INTEGER NOT NULL,
  tie INTEGER NOT NULL,  -- of equally many, who has more of this is first
  seq INTEGER NOT NULL,  -- the entry that led there
  n INTEGER NOT NULL,    -- which of its counters did
  PRIMARY KEY (member, board, season)
) STRICT, WITHOUT ROWID)sql";
inline constexpr char kBoardNodeTable[] = R"sql(CREATE TABLE board_node (
  -- Trees by which ranks are counted, in numbers packed together.
  node INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT)sql";

// What a reader sees instead, once MergeInto::kTail has something to change: a
// board without a root, a node without a body, and a place with nothing earned,
// are gone.
inline constexpr char kMakeBoardTail[] = R"sql(
CREATE TEMP TABLE tail_board (board INTEGER, season INTEGER, root INTEGER,
  members INTEGER, PRIMARY KEY (board, season)) WITHOUT ROWID;
CREATE TEMP TABLE tail_board_place (member INTEGER, board INTEGER,
  season INTEGER, earned INTEGER, tie INTEGER, seq INTEGER, n INTEGER,
  PRIMARY KEY (member, board, season)) WITHOUT ROWID;
CREATE TEMP TABLE tail_board_node (node INTEGER PRIMARY KEY, body BLOB);
CREATE TEMP VIEW board AS SELECT * FROM main.board AS b
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_board AS t
                    WHERE t.board = b.board AND t.season = b.season)
  UNION ALL SELECT * FROM temp.tail_board;
CREATE TEMP VIEW board_place AS SELECT * FROM main.board_place AS b
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_board_place AS t
                    WHERE t.member = b.member AND t.board = b.board
                    AND t.season = b.season)
  UNION ALL SELECT * FROM temp.tail_board_place;
CREATE TEMP VIEW board_node AS SELECT * FROM main.board_node AS b
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_board_node AS t
                    WHERE t.node = b.node)
  UNION ALL SELECT * FROM temp.tail_board_node;
)sql";

// Which board: the symbol of its currency or counter, and the season.
struct BoardId {
  int64_t board = 0;
  int64_t season = 0;

  friend auto operator<=>(const BoardId&, const BoardId&) = default;
};

struct BoardEntry {
  BoardKey key = {};
  int64_t member = 0;

  friend bool operator==(const BoardEntry&, const BoardEntry&) = default;
};

// A member comes, goes, or moves. Without either key it is nothing.
struct BoardChange {
  int64_t member = 0;
  std::optional<BoardKey> before = {};
  std::optional<BoardKey> after = {};
};

// One end of a change.
struct BoardStep {
  BoardKey key = {};
  int64_t member = 0;
  bool comes = false;  // else it goes
};

// The node below a board, or below a node.
struct BelowBoard {
  int64_t node = 0;  // 0: the board is empty
  int64_t members = 0;
  std::optional<int> level = {};  // all but the root's are known
  std::optional<BoardKey> first = {};
};

// A node as it was read: nobody changes it.
using BoardNodeRead = std::shared_ptr<const BoardNode>;

// What a reader has read of boards' roots, of nodes above the leaves, and the
// leaf that was read last, as long as it sees the same snapshot. Bounded.
//
// Not thread-safe.
class BoardMemory {
 public:
  // Null where there is none. Valid until the next call of Keep.
  const BelowBoard* Root(BoardId board) const;
  void Keep(BoardId board, const BelowBoard& root);

  BoardNodeRead Node(int64_t number) const;  // null where there is none
  void Keep(int64_t number, BoardNodeRead node);

 private:
  std::map<BoardId, BelowBoard> roots_ = {};
  absl::flat_hash_map<int64_t, BoardNodeRead> nodes_ = {};
  int64_t leaf_number_ = 0;
  BoardNodeRead leaf_ = {};
};

// How many entries come before a place.
struct BoardPlace {
  int64_t before = 0;  // in all: its row, from 0
  int64_t above = 0;   // those that have more, or as much and more of `tie`
};

struct BoardPage {
  std::vector<BoardEntry> entries = {};
  int64_t above = 0;  // of the first: BoardPlace::above

  friend bool operator==(const BoardPage&, const BoardPage&) = default;
};

// Of one season. All is read from the tables as they are at each call, but for
// what `memory` has of them, if it is not null.
//
// ERRORS of all: kDataLoss where the tables are damaged, and as Database.
//
// Not thread-safe; belongs to the connection, which must outlive it.
class Board {
 public:
  Board(Database& db, BoardId id, BoardMemory* memory = nullptr)
      : db_(db), id_(id), memory_(memory) {}

  // COST: no node.
  absl::StatusOr<int64_t> Size();

  // How many entries come before this place, whether or not one has it.
  // COST: at most the tree's height in nodes: 3 for a million entries.
  absl::StatusOr<int64_t> EntriesBefore(const BoardKey& key);
  // How many have more, or as much and more of `tie`.
  absl::StatusOr<int64_t> EntriesAbove(int64_t earned, int64_t tie);
  // COST: as EntriesBefore, or twice that where those that have as much are in
  // several nodes.
  absl::StatusOr<BoardPlace> PlaceOf(const BoardKey& key);
  // How many different scores those have.
  // COST: a node for each two or three hundred entries above.
  absl::StatusOr<int64_t> ScoresAbove(int64_t earned, int64_t tie);

  // At most `limit` entries in order, after the first `row`.
  // COST: the height, and a node for each two or three hundred entries; the
  // height once more where those that have as much as the first are in several.
  absl::StatusOr<BoardPage> From(int64_t row, int limit);

  // Makes all changes, within the caller's transaction; if it fails, nothing
  // may be kept. No two may want the same place.
  //
  // COST: in proportion to the nodes with changes and those above them; memory
  // for some 30,000 entries, and for the changes.
  //
  // ERRORS: kDataLoss also if a `before` is not there or an `after` is.
  absl::Status Change(MergeInto into, const std::vector<BoardChange>& changes);
  // The same by their ends, in any order.
  absl::Status Change(MergeInto into, std::vector<BoardStep> steps);

  // Tells every entry in order, and checks every node. Stops at an error.
  absl::Status Walk(absl::FunctionRef<absl::Status(const BoardEntry&)> visit);

  // How many nodes were read so far, by all calls.
  int64_t node_reads() const { return node_reads_; }

 private:
  friend class BoardUpdate;

  using Below = BelowBoard;
  struct Step {
    BoardNodeRead node = {};
    int row = 0;
  };
  // Where a key is, or would be.
  struct Leaf {
    BoardNodeRead node = {};
    int64_t before = 0;  // how many entries come before it
  };

  absl::StatusOr<Below> Root();
  absl::StatusOr<BoardNodeRead> Read(const Below& below);
  absl::StatusOr<Leaf> LeafOf(const BoardKey& key);
  absl::StatusOr<int64_t> AboveIn(const Leaf& leaf, const BoardKey& key);
  static absl::StatusOr<Below> BelowRow(const BoardNode& node, int row);
  absl::Status DescendTo(Below below, int64_t entry, std::vector<Step>& path);
  absl::StatusOr<bool> NextLeaf(std::vector<Step>& path);
  absl::Status WalkBelow(
      const Below& below, std::optional<BoardKey>& last,
      absl::FunctionRef<absl::Status(const BoardEntry&)> visit);

  Database& db_;
  const BoardId id_;
  BoardMemory* const memory_;
  int64_t node_reads_ = 0;
};

// Changes of all boards, gathered for a merge.
class BoardChanges {
 public:
  // A member's place was `before` and is `after`, if they had and have one. Who
  // has earned nothing is on no board, whatever the place.
  void Move(BoardId board, int64_t member, std::optional<BoardKey> before,
            std::optional<BoardKey> after);

  // Once. ERRORS and COST: as Board::Change.
  absl::Status Merge(Database& db, MergeInto into);

 private:
  std::map<BoardId, std::vector<BoardStep>> by_board_ = {};
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_BOARD_H_
