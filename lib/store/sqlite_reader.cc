// SPDX-License-Identifier: Apache-2.0
//
// Queries of a page at a time, each along an index, in the order store.h says.
// Ids order by their bytes: SQLite's BINARY collation, and std::string's.
#include "store/sqlite_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/sqlite_faults.h"
#include "store/sqlite_rows.h"
#include "store/writer_lock.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;
using model::Position;

constexpr char kMembersAfter[] =
    "SELECT member, id, since FROM member WHERE id > ? ORDER BY id LIMIT ?";
constexpr char kOneMember[] =
    "SELECT member, id, since FROM member WHERE id = ?";
// An object counts as one when something was counted at it.
constexpr char kObjectsAfter[] =
    "SELECT object, id FROM object WHERE id > ? AND EXISTS "
    "(SELECT 1 FROM counter WHERE kind = 2 AND entity = object.object) "
    "ORDER BY id LIMIT ?";
constexpr char kHoldingsOf[] =
    "SELECT symbol.text, holding.balance, holding.earned FROM holding "
    "CROSS JOIN symbol ON symbol.symbol = holding.currency "
    "WHERE holding.member = ?";
constexpr char kCountersOf[] =
    "SELECT symbol.text, counter.window, counter.key, counter.value "
    "FROM counter CROSS JOIN symbol ON symbol.symbol = counter.name "
    "WHERE counter.kind = ? AND counter.entity = ?";
constexpr char kBalances[] =
    "SELECT member.id, coalesce(holding.earned, 0), "
    "coalesce(holding.balance, 0) FROM member LEFT JOIN holding "
    "ON holding.member = member.member AND holding.currency = ? "
    "WHERE member.id > ? ORDER BY member.id LIMIT ?";
constexpr char kTop[] =
    "SELECT member.id, holding.earned, holding.balance FROM holding "
    "CROSS JOIN member ON member.member = holding.member "
    "WHERE holding.currency = ? "
    "AND (holding.earned <> 0 OR holding.balance <> 0) "
    "ORDER BY holding.earned DESC, member.id LIMIT ?";
constexpr char kPostingsOfEvent[] =
    "SELECT p.from_account, p.to_account, currency.text, p.units "
    "FROM posting AS p CROSS JOIN symbol AS currency "
    "ON currency.symbol = p.currency WHERE p.seq = ? ORDER BY p.n";
constexpr char kProgramAccount[] =
    "SELECT account.kind, symbol.text FROM account CROSS JOIN symbol "
    "ON symbol.symbol = account.owner WHERE account.account = ?";

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(std::unique_ptr<Database> db) : db_(std::move(db)) {}

  absl::StatusOr<std::vector<StoredProgram>> Programs() override;
  absl::StatusOr<std::optional<EntityState>> Find(
      const Entity& entity) override;
  absl::StatusOr<std::vector<EntityState>> States(const Entity& after,
                                                  int limit) override;
  absl::StatusOr<std::vector<Standing>> Balances(std::string_view currency,
                                                 std::string_view after,
                                                 int limit) override;
  absl::StatusOr<std::vector<Standing>> Top(std::string_view currency,
                                            int limit) override;
  absl::StatusOr<std::vector<model::Movement>> Movements(
      std::string_view member, std::string_view currency, Position after,
      int limit) override;
  absl::StatusOr<std::vector<model::Movement>> MovementsOfEvent(
      int64_t seq) override;
  absl::StatusOr<std::vector<model::Posting>> PostingsOfEvent(
      int64_t seq) override;
  absl::StatusOr<std::vector<int64_t>> EventsReversedBy(int64_t seq) override {
    Rows rows = db_->Query(
        "SELECT seq FROM event_reversal WHERE by_seq = ? ORDER BY seq", seq);
    std::vector<int64_t> reversed;
    while (rows.Next()) reversed.push_back(rows.Int(0));
    RETURN_IF_ERROR(rows.status());
    return reversed;
  }
  absl::StatusOr<int64_t> LastSeq() override {
    return db_->Number("SELECT coalesce(max(seq), 0) FROM event");
  }
  absl::StatusOr<std::vector<model::RecordedEvent>> Events(int64_t after,
                                                           int limit) override {
    return EventsAfter(*db_, after, std::max(limit, 0));
  }
  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view id) override {
    return EventById(*db_, id);
  }
  absl::StatusOr<std::vector<std::string>> Faults() override {
    return SqliteFaults(*db_);
  }

 private:
  absl::StatusOr<int64_t> Symbol(std::string_view text) {
    return db_->Number("SELECT symbol FROM symbol WHERE text = ?", text);
  }
  // The member of the row (member, id, since), with all they have.
  absl::StatusOr<EntityState> Member(const Rows& row);
  absl::Status ReadCounters(int64_t number, EntityState& state);
  absl::Status AppendMembers(std::string_view after, int limit,
                             std::vector<EntityState>& states);
  absl::Status AppendObjects(std::string_view after, int limit,
                             std::vector<EntityState>& states);
  absl::StatusOr<model::Account> AccountNumbered(int64_t number);

  std::unique_ptr<Database> db_;
};

absl::StatusOr<std::vector<StoredProgram>> SqliteReader::Programs() {
  std::vector<StoredProgram> programs;
  Rows rows = db_->Query(
      "SELECT number, name, version, identity, canonical FROM program "
      "ORDER BY number");
  while (rows.Next()) {
    programs.push_back({.number = rows.Int(0),
                        .name = std::string(rows.Text(1)),
                        .version = std::string(rows.Text(2)),
                        .identity = std::string(rows.Text(3)),
                        .canonical = std::string(rows.Bytes(4))});
  }
  RETURN_IF_ERROR(rows.status());
  return programs;
}

absl::Status SqliteReader::ReadCounters(int64_t number, EntityState& state) {
  Rows rows =
      db_->Query(kCountersOf, static_cast<int64_t>(state.entity.kind), number);
  while (rows.Next()) {
    state.counters.emplace(
        model::CounterKey{std::string(rows.Text(0)), rows.Int(1),
                          std::string(rows.Text(2))},
        rows.Int(3));
  }
  return rows.status();
}

absl::StatusOr<EntityState> SqliteReader::Member(const Rows& row) {
  EntityState state;
  state.entity = {Entity::Kind::kMember, std::string(row.Text(1))};
  state.exists = true;
  state.since = TimeOf(row.Int(2));
  const int64_t number = row.Int(0);
  Rows rows = db_->Query(kHoldingsOf, number);
  while (rows.Next()) {
    state.holdings.emplace(std::string(rows.Text(0)),
                           model::Holding{rows.Int(1), rows.Int(2)});
  }
  RETURN_IF_ERROR(rows.status());
  RETURN_IF_ERROR(ReadCounters(number, state));
  return state;
}

absl::StatusOr<std::optional<EntityState>> SqliteReader::Find(
    const Entity& entity) {
  if (entity.kind == Entity::Kind::kMember) {
    Rows row = db_->Query(kOneMember, std::string_view(entity.id));
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return std::nullopt;
    }
    ASSIGN_OR_RETURN(EntityState member, Member(row));
    return member;
  }
  int64_t number = 0;
  if (entity.kind == Entity::Kind::kObject) {
    ASSIGN_OR_RETURN(number, db_->Number("SELECT object FROM object "
                                         "WHERE id = ?",
                                         std::string_view(entity.id)));
    if (number == 0) return std::nullopt;
  }
  EntityState state;
  state.entity = entity;
  RETURN_IF_ERROR(ReadCounters(number, state));
  if (state.counters.empty()) return std::nullopt;
  return state;
}

absl::Status SqliteReader::AppendMembers(std::string_view after, int limit,
                                         std::vector<EntityState>& states) {
  Rows rows = db_->Query(kMembersAfter, after, limit);
  while (rows.Next()) {
    ASSIGN_OR_RETURN(EntityState member, Member(rows));
    states.push_back(std::move(member));
  }
  return rows.status();
}

absl::Status SqliteReader::AppendObjects(std::string_view after, int limit,
                                         std::vector<EntityState>& states) {
  Rows rows = db_->Query(kObjectsAfter, after, limit);
  while (rows.Next()) {
    EntityState& state = states.emplace_back();
    state.entity = {Entity::Kind::kObject, std::string(rows.Text(1))};
    RETURN_IF_ERROR(ReadCounters(rows.Int(0), state));
  }
  return rows.status();
}

absl::StatusOr<std::vector<EntityState>> SqliteReader::States(
    const Entity& after, int limit) {
  std::vector<EntityState> states;
  limit = std::max(limit, 0);
  std::string_view objects_after = after.id;
  if (after.kind == Entity::Kind::kMember) {
    RETURN_IF_ERROR(AppendMembers(after.id, limit, states));
    objects_after = "";
  }
  if (after.kind != Entity::Kind::kProgram) {
    const int left = limit - static_cast<int>(states.size());
    RETURN_IF_ERROR(AppendObjects(objects_after, left, states));
  }
  return states;
}

absl::StatusOr<std::vector<Standing>> StandingsOf(Rows rows) {
  std::vector<Standing> standings;
  while (rows.Next()) {
    standings.push_back({.member = std::string(rows.Text(0)),
                         .earned = rows.Int(1),
                         .balance = rows.Int(2)});
  }
  RETURN_IF_ERROR(rows.status());
  return standings;
}

absl::StatusOr<std::vector<Standing>> SqliteReader::Balances(
    std::string_view currency, std::string_view after, int limit) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(currency));
  return StandingsOf(db_->Query(kBalances, symbol, after, std::max(limit, 0)));
}

absl::StatusOr<std::vector<Standing>> SqliteReader::Top(
    std::string_view currency, int limit) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(currency));
  return StandingsOf(db_->Query(kTop, symbol, std::max(limit, 0)));
}

std::vector<model::Movement> WithoutMarks(std::vector<GivenAward> given) {
  std::vector<model::Movement> movements;
  movements.reserve(given.size());
  for (GivenAward& one : given) movements.push_back(std::move(one.movement));
  return movements;
}

absl::StatusOr<std::vector<model::Movement>> SqliteReader::Movements(
    std::string_view member, std::string_view currency, Position after,
    int limit) {
  ASSIGN_OR_RETURN(
      const int64_t number,
      db_->Number("SELECT member FROM member WHERE id = ?", member));
  std::optional<int64_t> symbol;
  if (!currency.empty()) {
    ASSIGN_OR_RETURN(symbol, Symbol(currency));
  }
  ASSIGN_OR_RETURN(auto given, MovementsOfMember(*db_, number, symbol, after,
                                                 std::max(limit, 0)));
  return WithoutMarks(std::move(given));
}

absl::StatusOr<std::vector<model::Movement>> SqliteReader::MovementsOfEvent(
    int64_t seq) {
  ASSIGN_OR_RETURN(auto given, store::MovementsOfEvent(*db_, seq));
  return WithoutMarks(std::move(given));
}

absl::StatusOr<model::Account> SqliteReader::AccountNumbered(int64_t number) {
  if (number > 0) {
    Rows row = db_->Query("SELECT id FROM member WHERE member = ?", number);
    if (row.Next()) {
      return model::Account{model::AccountKind::kMember,
                            std::string(row.Text(0))};
    }
    RETURN_IF_ERROR(row.status());
  } else {
    Rows row = db_->Query(kProgramAccount, number);
    if (row.Next()) {
      return model::Account{static_cast<model::AccountKind>(row.Int(0)),
                            std::string(row.Text(1))};
    }
    RETURN_IF_ERROR(row.status());
  }
  return absl::DataLossError("a posting is of an account that is not there");
}

absl::StatusOr<std::vector<model::Posting>> SqliteReader::PostingsOfEvent(
    int64_t seq) {
  std::vector<model::Posting> postings;
  Rows rows = db_->Query(kPostingsOfEvent, seq);
  while (rows.Next()) {
    ASSIGN_OR_RETURN(model::Account from, AccountNumbered(rows.Int(0)));
    ASSIGN_OR_RETURN(model::Account to, AccountNumbered(rows.Int(1)));
    postings.push_back({.from = std::move(from),
                        .to = std::move(to),
                        .currency = std::string(rows.Text(2)),
                        .units = rows.Int(3)});
  }
  RETURN_IF_ERROR(rows.status());
  return postings;
}

absl::Status StartSnapshot(Database& db) {
  // BEGIN alone takes none; the first read does.
  RETURN_IF_ERROR(db.Run("BEGIN"));
  return db.Number("SELECT count(*) FROM sqlite_schema").status();
}

// Whether part of the database is in a file beside it: committed events in a
// write-ahead log, or what a half-made file has to be rolled back to.
bool IsUnfinished(const std::string& path) {
  for (const char* suffix : {"-wal", "-journal"}) {
    struct stat about;
    if (stat((path + suffix).c_str(), &about) == 0 && about.st_size > 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenForReading(
    const std::string& path) {
  auto db = Database::Open(path, Database::Mode::kReadOnly);
  if (!db.ok()) return db;
  const absl::Status read = (*db)->Number("PRAGMA schema_version").status();
  if (read.ok()) return db;
  // In a folder we may not write to, SQLite cannot make the log that it reads
  // alongside. With no log there, and no writer, the file alone is everything.
  if (!absl::IsUnavailable(read) || IsUnfinished(path) ||
      WriterLock::IsHeld(path)) {
    return read;
  }
  return Database::Open(path, Database::Mode::kImmutable);
}

absl::StatusOr<std::unique_ptr<Reader>> NewSqliteReader(
    std::unique_ptr<Database> db) {
  RETURN_IF_ERROR(StartSnapshot(*db));
  return std::make_unique<SqliteReader>(std::move(db));
}

}  // namespace loyalty::store
