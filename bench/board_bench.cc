// SPDX-License-Identifier: Apache-2.0
//
// A leaderboard of 10,000 and of 1 million members: its questions beside one
// row read by an index of texts, from a Peer's file (peer.h) of as many events;
// and 100,000 changes at once beside the same ones to holdings that SQLite
// keeps in order by an index. Every question is about another member, drawn
// evenly.
#include <absl/strings/str_cat.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "board_redis.h"
#include "chance.h"
#include "file.h"
#include "medians.h"
#include "must.h"
#include "peer.h"
#include "store/board.h"
#include "store/database.h"

namespace loyalty::bench {
namespace {

using store::Board;
using store::BoardChange;
using store::BoardKey;
using store::Database;
using store::MergeInto;

constexpr int64_t kCurrency = 3;
constexpr int kSmall = 10'000;
constexpr int kLarge = 1'000'000;
constexpr int kChanges = 100'000;
constexpr int kPage = 10;

constexpr char kHoldingTable[] = R"sql(
CREATE TABLE holding (
  member INTEGER NOT NULL,
  currency INTEGER NOT NULL,
  balance INTEGER NOT NULL,
  earned INTEGER NOT NULL,
  PRIMARY KEY (member, currency)
) STRICT, WITHOUT ROWID)sql";
constexpr char kHoldingIndex[] =
    "CREATE INDEX holding_by_earned ON holding "
    "(currency, earned DESC, member)";
constexpr char kPutHolding[] =
    "INSERT INTO holding VALUES (?, ?, ?, ?) "
    "ON CONFLICT (member, currency) DO UPDATE SET "
    "balance = excluded.balance, earned = excluded.earned";

std::string& Folder() {
  static std::string folder;
  return folder;
}

// A file with the engine's settings. Its log is emptied where nobody measures.
class Tables {
 public:
  explicit Tables(const char* name)
      : file_(Folder(), name),
        db_(Must(Database::Open(file_.path(), Database::Mode::kReadWrite))) {
    Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536");
  }
  void Run(const char* sql) { Must(db_->Execute(sql)); }
  void Checkpoint() { Run("PRAGMA wal_checkpoint(TRUNCATE)"); }
  Database& db() { return *db_; }
  double bytes() const { return file_.bytes(); }

 private:
  const File file_;
  const std::unique_ptr<Database> db_;
};

// Members, and what each has. Few have much.
class Members {
 public:
  explicit Members(int count) : chance_(1) {
    for (int i = 0; i < count; ++i) {
      keys_.push_back(
          {int64_t{chance_.Below(1000)} * chance_.Below(1000), ++seq_, 0});
    }
    std::vector<BoardChange> all;
    for (int i = 0; i < count; ++i) {
      all.push_back({.member = i + 1, .after = keys_[i]});
    }
    everyone_ = std::move(all);
  }

  // Gains of as many members, each drawn once, in the order of their numbers.
  std::vector<BoardChange> Gains(int count) {
    std::vector<bool> drawn(keys_.size());
    std::vector<BoardChange> changes;
    while (std::ssize(changes) < count) {
      const int i = chance_.Below(static_cast<int>(keys_.size()));
      if (drawn[i]) continue;
      drawn[i] = true;
      const BoardKey before = keys_[i];
      keys_[i] = {before.earned + 1 + chance_.Below(20), ++seq_, 0};
      changes.push_back({.member = i + 1, .before = before, .after = keys_[i]});
    }
    std::sort(changes.begin(), changes.end(),
              [](const BoardChange& a, const BoardChange& b) {
                return a.member < b.member;
              });
    return changes;
  }

  const std::vector<BoardChange>& everyone() const { return everyone_; }
  const BoardKey& key(int member) const { return keys_[member]; }

 private:
  Chance chance_;
  int64_t seq_ = 0;
  std::vector<BoardKey> keys_ = {};
  std::vector<BoardChange> everyone_ = {};
};

void PutHoldings(Database& db, const std::vector<BoardChange>& changes) {
  for (const BoardChange& change : changes) {
    Must(db.Run(kPutHolding, change.member, kCurrency, change.after->earned,
                change.after->earned));
  }
}

// What is only asked; made once.
class Asked {
 public:
  explicit Asked(int count)
      : members_(count),
        tables_(absl::StrCat("-board-", count).c_str()),
        peer_(Folder(), absl::StrCat("-peer-", count).c_str()),
        board_(tables_.db(), {kCurrency}) {
    tables_.Run(store::kBoardTable);
    tables_.Run(store::kBoardNodeTable);
    Must(board_.Change(MergeInto::kFile, members_.everyone()));
    tables_.Checkpoint();
    tables_.Run("BEGIN");
    WriteEvents(count);
    rows_ = std::make_unique<RowReader>(peer_.path());
  }

  static Asked& Of(int64_t count) {
    static std::map<int64_t, std::unique_ptr<Asked>> made;
    auto& asked = made[count];
    if (asked == nullptr) asked = std::make_unique<Asked>(count);
    return *asked;
  }

  static std::string EventId(int number) {
    // As long as a UUID, and in no order.
    const uint64_t mixed = Chance(static_cast<uint64_t>(number)).Next();
    return absl::StrCat(absl::Hex(mixed, absl::kZeroPad16), "-of-an-event-",
                        absl::Hex(mixed & 0xffffff, absl::kZeroPad6));
  }

  Members& members() { return members_; }
  Board& board() { return board_; }
  RowReader& rows() { return *rows_; }

 private:
  void WriteEvents(int count) {
    Peer peer(peer_.path(), PeerSchema::kIndexed);
    std::vector<EventRow> rows;
    for (int i = 0; i < count; ++i) {
      EventRow& row = rows.emplace_back();
      row.seq = i + 1;
      row.id = EventId(i);
      row.time = row.recorded_at = int64_t{1'767'268'800'000'000} + i;
      row.body = std::string(40, 'b');
      row.postings = {{{.account = i, .currency = 1, .rule = 1, .units = 1},
                       {.account = i, .currency = 1, .rule = 2, .units = 1}}};
      if (rows.size() == 1000 || i + 1 == count) {
        peer.Write(rows);
        rows.clear();
      }
    }
  }

  Members members_;
  Tables tables_;
  const File peer_;
  Board board_;
  std::unique_ptr<RowReader> rows_ = {};
};

template <typename F>
void Ask(benchmark::State& state, F&& ask) {
  const int members = static_cast<int>(state.range(0));
  Asked& asked = Asked::Of(members);
  Chance chance(7);
  const int64_t before = asked.board().node_reads();
  for (auto _ : state) ask(asked, chance.Below(members));
  state.counters["nodes"] = benchmark::Counter(
      static_cast<double>(asked.board().node_reads() - before),
      benchmark::Counter::kAvgIterations);
}

void BM_IndexedRow(benchmark::State& state) {
  Ask(state, [](Asked& asked, int member) {
    benchmark::DoNotOptimize(asked.rows().TimeOf(Asked::EventId(member)));
  });
}

void BM_Rank(benchmark::State& state) {
  Ask(state, [](Asked& asked, int member) {
    const int64_t earned = asked.members().key(member).earned;
    benchmark::DoNotOptimize(Must(asked.board().EntriesAbove(earned, 0)));
  });
}

void BM_Page(benchmark::State& state) {
  Ask(state, [](Asked& asked, int member) {
    benchmark::DoNotOptimize(Must(asked.board().From(member, kPage)));
  });
}

// A page has the rank of its first, from which those of the others follow.
void BM_Around(benchmark::State& state) {
  Ask(state, [](Asked& asked, int member) {
    Board& board = asked.board();
    const int64_t row = Must(board.EntriesBefore(asked.members().key(member)));
    benchmark::DoNotOptimize(Must(board.From(row - kPage / 2, kPage + 1)));
  });
}

// What is changed; made anew for each.
template <typename F>
void Change(benchmark::State& state, const char* sql, F&& change) {
  Members members(kLarge);
  Tables tables("-changed");
  tables.Run("BEGIN");
  tables.Run(sql);
  change(tables.db(), members.everyone());
  tables.Run("COMMIT");
  for (auto _ : state) {
    state.PauseTiming();
    tables.Checkpoint();
    const std::vector<BoardChange> changes = members.Gains(kChanges);
    state.ResumeTiming();
    tables.Run("BEGIN");
    change(tables.db(), changes);
    tables.Run("COMMIT");
  }
  tables.Checkpoint();
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * kChanges,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["MB"] = tables.bytes() / 1e6;
}

void ChangeBoard(Database& db, const std::vector<BoardChange>& changes) {
  Must(Board(db, {kCurrency}).Change(MergeInto::kFile, changes));
}

void BM_ChangeBoard(benchmark::State& state) {
  Change(state,
         absl::StrCat(store::kBoardTable, ";", store::kBoardNodeTable).c_str(),
         ChangeBoard);
}

void BM_ChangeHoldings(benchmark::State& state) {
  Change(state, kHoldingTable, PutHoldings);
}

void BM_ChangeHoldingsAndBoard(benchmark::State& state) {
  Change(state,
         absl::StrCat(kHoldingTable, ";", store::kBoardTable, ";",
                      store::kBoardNodeTable)
             .c_str(),
         [](Database& db, const std::vector<BoardChange>& changes) {
           PutHoldings(db, changes);
           ChangeBoard(db, changes);
         });
}

void BM_ChangeHoldingsAndIndex(benchmark::State& state) {
  Change(state, absl::StrCat(kHoldingTable, ";", kHoldingIndex).c_str(),
         PutHoldings);
}

BENCHMARK(BM_IndexedRow)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_Rank)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_Page)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_Around)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(BM_ChangeBoard)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ChangeHoldings)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ChangeHoldingsAndBoard)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ChangeHoldingsAndIndex)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Folder() =
      std::filesystem::absolute(argv[0]).parent_path().string();
  loyalty::bench::Medians medians;
  if (!medians.Measure("Leaderboards", argc, argv)) return 2;
  for (const char* question : {"BM_Rank", "BM_Page", "BM_Around"}) {
    for (const char* members : {"/10000", "/1000000"}) {
      medians.PrintRatio(absl::StrCat(question, members),
                         absl::StrCat("BM_IndexedRow", members));
    }
  }
  medians.PrintRatio("BM_ChangeHoldingsAndIndex", "BM_ChangeHoldings");
  medians.PrintRatio("BM_ChangeHoldingsAndBoard", "BM_ChangeHoldings");
  medians.PrintRatio("BM_ChangeHoldingsAndIndex", "BM_ChangeHoldingsAndBoard");
  loyalty::bench::CompareWithRedis(loyalty::bench::Folder());
  return 0;
}
