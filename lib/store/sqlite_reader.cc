// SPDX-License-Identifier: Apache-2.0
//
// Queries of a page at a time, each along an index, in the order store.h says.
// Ids order by their bytes: SQLite's BINARY collation, and std::string's.
#include "store/sqlite_reader.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"
#include "model/board_name.h"
#include "store/board.h"
#include "store/entities.h"
#include "store/event_ids.h"
#include "store/journal_rows.h"
#include "store/lot_records.h"
#include "store/member_lines.h"
#include "store/member_row.h"
#include "store/record.h"
#include "store/sqlite_backup.h"
#include "store/sqlite_faults.h"
#include "store/times.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;
using model::Position;

// One member, or those of a page: number, id, and the columns of member_state.
#define LOYALTY_MEMBERS                                                       \
  "SELECT n.member, n.id, m.since, m.lines, m.ends, m.holdings, m.counters, " \
  "m.keyed, m.lots FROM member_by_id AS n "                                   \
  "CROSS JOIN member_state AS m ON m.member = n.member "
constexpr char kMembersAfter[] =
    LOYALTY_MEMBERS "WHERE n.id > ? ORDER BY n.id LIMIT ?";
constexpr char kOneMember[] = LOYALTY_MEMBERS "WHERE n.id = ?";
#undef LOYALTY_MEMBERS
// An object counts as one when something was counted at it.
constexpr char kObjectsAfter[] =
    "SELECT DISTINCT entity FROM (SELECT entity FROM counter_page "
    "WHERE kind = 2 AND length(body) > 0 UNION ALL "
    "SELECT entity FROM keyed_counter WHERE kind = 2 AND value <> 0) "
    "WHERE entity > ? ORDER BY entity LIMIT ?";
constexpr char kPagesOf[] =
    "SELECT body FROM counter_page WHERE kind = ? AND entity = ?";
constexpr char kKeyedOf[] =
    "SELECT key, name, window, value FROM keyed_counter "
    "WHERE kind = ? AND entity = ? AND name > ? AND value <> 0 ORDER BY name";
constexpr char kKeyedOfProgram[] =
    "SELECT k.value FROM symbol AS s JOIN keyed_counter AS k "
    "ON k.kind = 3 AND k.entity = '' AND k.key = ? AND k.name = s.symbol "
    "AND k.window = ? WHERE s.text = ?";
constexpr char kLinesOf[] =
    "SELECT n.member, m.lines, coalesce(m.ends ->> '$[#-1]', 0) "
    "FROM member_by_id AS n "
    "CROSS JOIN member_state AS m ON m.member = n.member WHERE n.id = ?";
constexpr char kBalances[] =
    "SELECT n.id, coalesce(h.value ->> 2, 0), coalesce(h.value ->> 1, 0), "
    "m.lots "
    "FROM member_by_id AS n "
    "CROSS JOIN member_state AS m ON m.member = n.member "
    "LEFT JOIN json_each(m.holdings) AS h ON h.value ->> 0 = ? "
    "WHERE n.id > ? AND n.member NOT IN (SELECT member FROM alias) "
    "ORDER BY n.id LIMIT ?";
constexpr char kAliasOf[] =
    "SELECT a.into_member FROM member_by_id AS n "
    "CROSS JOIN alias AS a ON a.member = n.member WHERE n.id = ?";
constexpr char kAliasOfNumber[] =
    "SELECT into_member FROM alias WHERE member = ?";
constexpr char kNewest[] =
    "SELECT max(newest, coalesce((SELECT max(time) FROM event "
    "WHERE seq > through AND rejected = 0 AND type NOT IN "
    "(SELECT symbol FROM symbol WHERE text = ?)), newest)) FROM applied";
constexpr char kCounterPlaceOf[] =
    "SELECT p.earned, p.tie, p.seq, p.n FROM member_by_id AS n "
    "CROSS JOIN board_place AS p ON p.member = n.member AND p.board = ? "
    "AND p.season = ? WHERE n.id = ? AND p.earned <> 0";
constexpr char kPlaceOf[] =
    "SELECT h.value ->> 2 AS earned, 0, h.value ->> 3, h.value ->> 4 "
    "FROM member_by_id AS n "
    "CROSS JOIN member_state AS m ON m.member = n.member "
    "CROSS JOIN json_each(m.holdings) AS h ON h.value ->> 0 = ? "
    "WHERE n.id = ? AND earned <> 0";

using Counters = std::vector<model::Counters::value_type>;

// A map of entries in any order. Added one by one, each would move what is
// behind it, and a busy member has hundreds.
model::Counters MapOf(Counters counters) {
  std::stable_sort(
      counters.begin(), counters.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  model::Counters map;
  const model::CounterKey* last = nullptr;
  for (const auto& [key, value] : counters) {
    if (last == nullptr || *last != key) map.Append(key, value);
    last = &key;
  }
  return map;
}

class SqliteReader final : public Reader {
 public:
  // Whether counters of that name are read; all, to most.
  using Wants = absl::FunctionRef<bool(model::Symbol)>;
  static bool All(model::Symbol) { return true; }

  explicit SqliteReader(Snapshot snapshot)
      : db_(std::move(snapshot)), names_(*db_) {}

  absl::StatusOr<std::vector<StoredProgram>> Programs() override;
  absl::StatusOr<absl::Time> NewestTime() override;
  absl::StatusOr<std::string> Resolve(std::string_view member) override;
  absl::StatusOr<const model::Aliases*> Aliases() override;
  absl::StatusOr<std::optional<EntityState>> Find(
      const Entity& entity) override;
  absl::StatusOr<std::optional<EntityState>> FindMember(std::string_view id,
                                                        Wants wants) override;
  absl::StatusOr<EntityState> Program() override;
  absl::StatusOr<int64_t> CounterOfProgram(
      const model::CounterKey& key) override;
  absl::StatusOr<std::vector<EntityState>> States(const Entity& after,
                                                  int limit) override;
  absl::StatusOr<std::vector<Standing>> Balances(std::string_view currency,
                                                 std::string_view after,
                                                 int limit) override;
  absl::StatusOr<std::vector<Ranked>> Page(BoardRef ref, int64_t row,
                                           int limit) override;
  absl::StatusOr<std::optional<Ranked>> Rank(BoardRef ref,
                                             std::string_view member) override;
  absl::StatusOr<int64_t> BoardSize(BoardRef ref) override;
  absl::StatusOr<int64_t> ScoresAbove(BoardRef ref, int64_t earned,
                                      int64_t tie) override;
  absl::StatusOr<std::vector<int64_t>> Seasons(std::string_view name) override;
  absl::StatusOr<std::optional<std::vector<StatementEntry>>> Statement(
      std::string_view member, std::string_view currency, Position after,
      int limit) override;
  absl::StatusOr<std::optional<std::vector<StatementEntry>>> StatementBefore(
      std::string_view member, std::string_view currency, Position before,
      int limit) override;
  absl::StatusOr<std::vector<model::Movement>> MovementsOfEvent(
      int64_t seq) override;
  absl::StatusOr<std::vector<int64_t>> EventsReversedBy(int64_t seq) override {
    return EntriesReversedBy(*db_, seq);
  }
  absl::StatusOr<std::vector<int64_t>> EventsThatReversed(
      int64_t seq) override {
    return EntriesThatReversed(*db_, seq);
  }
  absl::StatusOr<int64_t> LastSeq() override {
    return db_->Number("SELECT coalesce(max(seq), 0) FROM event");
  }
  absl::StatusOr<std::optional<std::string>> ChainAt(int64_t seq) override {
    Rows row = db_->Query("SELECT chain FROM event WHERE seq = ?", seq);
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return std::nullopt;
    }
    return std::string(row.Bytes(0));
  }
  absl::StatusOr<std::vector<model::RecordedEvent>> Events(int64_t after,
                                                           int limit) override;
  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view id) override;
  absl::StatusOr<std::vector<std::string>> Faults() override {
    return SqliteFaults(*db_);
  }
  absl::Status Backup(const std::string& to,
                      absl::FunctionRef<void(double)> progress) override {
    return BackUpSqlite(*db_, to, progress);
  }

 private:
  absl::StatusOr<int64_t> Symbol(std::string_view text);
  // What `read` takes of the member's lines. nullopt: no such member.
  absl::StatusOr<std::optional<std::vector<StatementEntry>>> Lines(
      std::string_view member, int limit,
      absl::FunctionRef<
          absl::StatusOr<std::vector<StatementEntry>>(MemberLines&, size_t)>
          read);
  absl::StatusOr<std::optional<BoardKey>> PlaceOf(BoardRef ref, int64_t symbol,
                                                  std::string_view member);
  absl::StatusOr<bool> IsHidden(std::string_view member);
  // The member of such a row.
  absl::StatusOr<EntityState> Member(const Rows& row, Wants wants);
  // Counters that lie apart; `entity` as a column has it.
  template <typename Column>
  absl::Status ReadCounters(Entity::Kind kind, Column entity,
                            CounterPages pages, Wants wants,
                            Counters& counters);
  template <typename Column>
  absl::Status ReadKeyed(Entity::Kind kind, Column entity, Wants wants,
                         Counters& counters);
  // Those of names behind symbol `after`, as far as to where many come of one
  // that nobody wants: gives its number, to go on behind them; 0 at the end.
  template <typename Column>
  absl::StatusOr<int64_t> ReadKeyedAfter(int64_t after, Entity::Kind kind,
                                         Column entity, Wants wants,
                                         Counters& counters);
  // Both, of an object or the program.
  absl::Status ReadAllCounters(EntityState& state);
  absl::Status ReadLotsOfProgram(EntityState& state);
  absl::Status AppendMembers(std::string_view after, int limit,
                             std::vector<EntityState>& states);
  absl::Status AppendObjects(std::string_view after, int limit,
                             std::vector<EntityState>& states);

  const Snapshot db_;
  Names names_;
  // The snapshot does not change, so that these are remembered once they were
  // asked for.
  absl::flat_hash_map<std::string, int64_t> symbols_;  // those that there are
  std::optional<absl::Time> newest_;
  std::optional<bool> has_aliases_;
  std::optional<model::Aliases> aliases_;
  std::optional<EntityState> program_;
  std::optional<int64_t> hides_;  // the counter that hides
  BoardMemory boards_;
};

absl::StatusOr<int64_t> SqliteReader::Symbol(std::string_view text) {
  if (const auto found = symbols_.find(base::av(text));
      found != symbols_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(
      const int64_t symbol,
      db_->Number("SELECT symbol FROM symbol WHERE text = ?", text));
  if (symbol != 0) symbols_.emplace(text, symbol);
  return symbol;
}

absl::StatusOr<std::vector<StoredProgram>> SqliteReader::Programs() {
  std::vector<StoredProgram> programs;
  Rows rows = db_->Query(
      "SELECT number, name, version, identity, canonical, since FROM program "
      "ORDER BY number");
  while (rows.Next()) {
    programs.push_back({.number = rows.Int(0),
                        .name = std::string(rows.Text(1)),
                        .version = std::string(rows.Text(2)),
                        .identity = std::string(rows.Text(3)),
                        .canonical = std::string(rows.Bytes(4)),
                        .since = rows.Int(5)});
  }
  RETURN_IF_ERROR(rows.status());
  return programs;
}

template <typename Column>
absl::Status SqliteReader::ReadCounters(Entity::Kind kind, Column entity,
                                        CounterPages pages, Wants wants,
                                        Counters& counters) {
  Rows rows = db_->Query(kPagesOf, static_cast<int64_t>(kind), entity);
  while (true) {
    for (const auto& [id, value] : pages.all()) {
      if (value == 0) continue;
      ASSIGN_OR_RETURN(const model::Symbol name, names_.Symbol(id.name));
      if (!wants(name)) continue;
      counters.push_back(
          {{.name = name, .window = id.window, .key = {}}, value});
    }
    if (!rows.Next()) return rows.status();
    // One after another: together, each would move what is behind it.
    pages = {};
    RETURN_IF_ERROR(ReadPage(rows.Bytes(0), pages));
  }
}

template <typename Column>
absl::Status SqliteReader::ReadKeyed(Entity::Kind kind, Column entity,
                                     Wants wants, Counters& counters) {
  int64_t after = 0;
  do {
    ASSIGN_OR_RETURN(after,
                     ReadKeyedAfter(after, kind, entity, wants, counters));
  } while (after != 0);
  return absl::OkStatus();
}

template <typename Column>
absl::StatusOr<int64_t> SqliteReader::ReadKeyedAfter(int64_t after,
                                                     Entity::Kind kind,
                                                     Column entity, Wants wants,
                                                     Counters& counters) {
  // To start anew takes as long as some rows do.
  constexpr int kMany = 4;
  int64_t unwanted = 0;
  int many = 0;
  Rows rows = db_->Query(kKeyedOf, static_cast<int64_t>(kind), entity, after);
  // Many in a row have the same one, and share it.
  model::CounterKeyPart last;
  while (rows.Next()) {
    const int64_t number = rows.Int(1);
    ASSIGN_OR_RETURN(const model::Symbol name, names_.Symbol(number));
    if (!wants(name)) {
      many = number == unwanted ? many + 1 : 1;
      unwanted = number;
      if (many == kMany) return unwanted;
      continue;
    }
    model::CounterKey key{.name = name, .window = rows.Int(2)};
    if (rows.IsInt(0)) {
      ASSIGN_OR_RETURN(std::string id, names_.Member(rows.Int(0)));
      key.key = Entity{Entity::Kind::kMember, std::move(id)};
    } else {
      const std::string_view object = rows.Text(0);
      if (last.kind() != Entity::Kind::kObject || last.id() != object) {
        last = Entity{Entity::Kind::kObject, std::string(object)};
      }
      key.key = last;
    }
    counters.push_back({std::move(key), rows.Int(3)});
  }
  RETURN_IF_ERROR(rows.status());
  return 0;
}

absl::Status SqliteReader::ReadAllCounters(EntityState& state) {
  const Entity::Kind kind = state.entity.kind;
  const std::string_view id = state.entity.id;
  Counters counters;
  RETURN_IF_ERROR(ReadCounters(kind, id, {}, All, counters));
  RETURN_IF_ERROR(ReadKeyed(kind, id, All, counters));
  state.counters = MapOf(std::move(counters));
  return absl::OkStatus();
}

absl::StatusOr<EntityState> SqliteReader::Member(const Rows& row, Wants wants) {
  EntityState state;
  state.entity = {Entity::Kind::kMember, std::string(row.Text(1))};
  state.exists = true;
  ASSIGN_OR_RETURN(MemberRow member, ReadMemberRow(row, names_, 2));
  state.since = member.since;
  for (const MemberRow::Held& held : member.holdings) {
    state.holdings.emplace(held.name, held.now);
  }
  state.lots = std::move(member.lots);
  const int64_t number = row.Int(0);
  Counters counters;
  RETURN_IF_ERROR(ReadCounters(state.entity.kind, number,
                               std::move(member.counters), wants, counters));
  RETURN_IF_ERROR(ReadKeyed(state.entity.kind, number, wants, counters));
  state.counters = MapOf(std::move(counters));
  return state;
}

// By number, step by step: most readers ask for one member.
absl::StatusOr<std::string> SqliteReader::Resolve(std::string_view member) {
  if (aliases_.has_value()) return std::string(aliases_->Resolve(member));
  if (!has_aliases_.has_value()) {
    ASSIGN_OR_RETURN(const int64_t any,
                     db_->Number("SELECT EXISTS (SELECT 1 FROM alias)"));
    has_aliases_ = any != 0;
  }
  if (!*has_aliases_) return std::string(member);
  ASSIGN_OR_RETURN(int64_t into, db_->Number(kAliasOf, member));
  if (into == 0) return std::string(member);
  while (true) {
    ASSIGN_OR_RETURN(const int64_t next, db_->Number(kAliasOfNumber, into));
    if (next == 0) return names_.Member(into);
    into = next;
  }
}

absl::StatusOr<const model::Aliases*> SqliteReader::Aliases() {
  if (!aliases_.has_value()) {
    model::Aliases aliases;
    RETURN_IF_ERROR(ReadAliases(*db_, aliases));
    aliases_ = std::move(aliases);
  }
  return &*aliases_;
}

absl::StatusOr<std::optional<EntityState>> SqliteReader::Find(
    const Entity& entity) {
  if (entity.kind == Entity::Kind::kMember) return FindMember(entity.id, All);
  EntityState state;
  state.entity = entity;
  if (entity.kind == Entity::Kind::kProgram) {
    RETURN_IF_ERROR(ReadLotsOfProgram(state));
  }
  RETURN_IF_ERROR(ReadAllCounters(state));
  if (state.counters.empty() && state.lots.empty()) return std::nullopt;
  return state;
}

absl::StatusOr<std::optional<EntityState>> SqliteReader::FindMember(
    std::string_view id, Wants wants) {
  Rows row = db_->Query(kOneMember, id);
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(EntityState member, Member(row, wants));
  return member;
}

absl::Status SqliteReader::ReadLotsOfProgram(EntityState& state) {
  Rows row = db_->Query("SELECT lots FROM member_state WHERE member = 0");
  if (row.Next()) RETURN_IF_ERROR(ReadLots(row.Bytes(0), names_, state.lots));
  return row.status();
}

absl::StatusOr<EntityState> SqliteReader::Program() {
  if (program_.has_value()) return *program_;
  EntityState state;
  Counters counters;
  RETURN_IF_ERROR(
      ReadCounters(state.entity.kind, std::string_view(), {}, All, counters));
  state.counters = MapOf(std::move(counters));
  RETURN_IF_ERROR(ReadLotsOfProgram(state));
  program_ = state;
  return state;
}

absl::StatusOr<int64_t> SqliteReader::CounterOfProgram(
    const model::CounterKey& key) {
  return db_->Number(kKeyedOfProgram, std::string_view(key.key.id()),
                     key.window, std::string_view(key.name.text()));
}

absl::Status SqliteReader::AppendMembers(std::string_view after, int limit,
                                         std::vector<EntityState>& states) {
  Rows rows = db_->Query(kMembersAfter, after, limit);
  while (rows.Next()) {
    ASSIGN_OR_RETURN(EntityState member, Member(rows, All));
    states.push_back(std::move(member));
  }
  return rows.status();
}

absl::Status SqliteReader::AppendObjects(std::string_view after, int limit,
                                         std::vector<EntityState>& states) {
  Rows rows = db_->Query(kObjectsAfter, after, limit);
  while (rows.Next()) {
    EntityState& state = states.emplace_back();
    state.entity = {Entity::Kind::kObject, std::string(rows.Text(0))};
    RETURN_IF_ERROR(ReadAllCounters(state));
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

absl::StatusOr<std::vector<Standing>> StandingsOf(Rows rows,
                                                  std::string_view currency,
                                                  Names& names) {
  std::vector<Standing> standings;
  while (rows.Next()) {
    Standing& standing =
        standings.emplace_back(Standing{.member = std::string(rows.Text(0)),
                                        .earned = rows.Int(1),
                                        .balance = rows.Int(2)});
    model::AllLots lots;
    RETURN_IF_ERROR(ReadLots(rows.Bytes(3), names, lots));
    const auto found = lots.find(model::Symbol(currency));
    if (found != lots.end()) standing.lots = std::move(found->second);
  }
  RETURN_IF_ERROR(rows.status());
  return standings;
}

absl::StatusOr<absl::Time> SqliteReader::NewestTime() {
  if (!newest_.has_value()) {
    ASSIGN_OR_RETURN(const int64_t newest, db_->Number(kNewest, kSweep));
    newest_ = TimeOf(newest);
  }
  return *newest_;
}

absl::StatusOr<std::vector<Standing>> SqliteReader::Balances(
    std::string_view currency, std::string_view after, int limit) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(currency));
  return StandingsOf(db_->Query(kBalances, symbol, after, std::max(limit, 0)),
                     currency, names_);
}

absl::StatusOr<std::vector<Ranked>> SqliteReader::Page(BoardRef ref,
                                                       int64_t row, int limit) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(ref.name));
  Board board(*db_, {symbol, ref.season}, &boards_);
  row = std::max<int64_t>(row, 0);
  ASSIGN_OR_RETURN(const BoardPage entries, board.From(row, limit));
  std::vector<int64_t> numbers;
  numbers.reserve(entries.entries.size());
  for (const BoardEntry& entry : entries.entries) {
    numbers.push_back(entry.member);
  }
  ASSIGN_OR_RETURN(std::vector<std::string> names, names_.Members(numbers));
  std::vector<Ranked> page;
  page.reserve(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const BoardKey& key = entries.entries[i].key;
    Ranked ranked{.row = row,
                  .rank = row + 1,
                  .member = std::move(names[i]),
                  .earned = key.earned,
                  .tie = key.tie};
    if (page.empty()) {
      ranked.rank = entries.above + 1;
    } else if (page.back().earned == key.earned && page.back().tie == key.tie) {
      ranked.rank = page.back().rank;
    }
    page.push_back(std::move(ranked));
    ++row;
  }
  return page;
}

// On a currency's board, or on that of a counter; nullopt: on neither.
absl::StatusOr<std::optional<BoardKey>> SqliteReader::PlaceOf(
    BoardRef ref, int64_t symbol, std::string_view member) {
  Rows row = model::IsBoardName(ref.name)
                 ? db_->Query(kCounterPlaceOf, symbol, ref.season, member)
                 : db_->Query(kPlaceOf, symbol, member);
  if (row.Next()) {
    return BoardKey{.earned = row.Int(0),
                    .seq = row.Int(2),
                    .n = static_cast<int32_t>(row.Int(3)),
                    .tie = row.Int(1)};
  }
  RETURN_IF_ERROR(row.status());
  return std::nullopt;
}

absl::StatusOr<bool> SqliteReader::IsHidden(std::string_view member) {
  if (!hides_.has_value()) {
    ASSIGN_OR_RETURN(hides_, Symbol(model::kHiddenName));
  }
  if (*hides_ == 0) return false;
  Rows row = db_->Query(kOneMember, member);
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return false;
  }
  ASSIGN_OR_RETURN(const MemberRow read, ReadMemberRow(row, names_, 2));
  return read.counters.Value({0, *hides_}) != 0;
}

absl::StatusOr<std::optional<Ranked>> SqliteReader::Rank(
    BoardRef ref, std::string_view member) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(ref.name));
  ASSIGN_OR_RETURN(const std::optional<BoardKey> place,
                   PlaceOf(ref, symbol, member));
  if (!place.has_value()) return std::nullopt;
  Board board(*db_, {symbol, ref.season}, &boards_);
  Ranked ranked{.member = std::string(member),
                .earned = place->earned,
                .tie = place->tie};
  ASSIGN_OR_RETURN(const BoardPlace among, board.PlaceOf(*place));
  ranked.row = among.before;
  ranked.rank = among.above + 1;
  ASSIGN_OR_RETURN(const bool hidden, IsHidden(member));
  ranked.listed = !hidden;
  return ranked;
}

absl::StatusOr<int64_t> SqliteReader::BoardSize(BoardRef ref) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(ref.name));
  return Board(*db_, {symbol, ref.season}, &boards_).Size();
}

absl::StatusOr<int64_t> SqliteReader::ScoresAbove(BoardRef ref, int64_t earned,
                                                  int64_t tie) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(ref.name));
  return Board(*db_, {symbol, ref.season}, &boards_).ScoresAbove(earned, tie);
}

absl::StatusOr<std::vector<int64_t>> SqliteReader::Seasons(
    std::string_view name) {
  ASSIGN_OR_RETURN(const int64_t symbol, Symbol(name));
  Rows rows = db_->Query(
      "SELECT season FROM board WHERE board = ? AND members > 0 "
      "ORDER BY season",
      symbol);
  std::vector<int64_t> seasons;
  while (rows.Next()) seasons.push_back(rows.Int(0));
  RETURN_IF_ERROR(rows.status());
  return seasons;
}

absl::StatusOr<std::optional<std::vector<StatementEntry>>> SqliteReader::Lines(
    std::string_view member, int limit,
    absl::FunctionRef<absl::StatusOr<std::vector<StatementEntry>>(MemberLines&,
                                                                  size_t)>
        read) {
  int64_t number = 0;
  Line last;
  {
    Rows row = db_->Query(kLinesOf, member);
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return std::nullopt;
    }
    number = row.Int(0);
    last = {row.Int(1), row.Int(2)};
  }
  MemberLines lines(*db_, names_, number, member, last);
  ASSIGN_OR_RETURN(std::vector<StatementEntry> entries,
                   read(lines, static_cast<size_t>(std::max(limit, 0))));
  return entries;
}

absl::StatusOr<std::optional<std::vector<StatementEntry>>>
SqliteReader::Statement(std::string_view member, std::string_view currency,
                        Position after, int limit) {
  return Lines(member, limit, [&](MemberLines& lines, size_t most) {
    return lines.After(after, currency, most);
  });
}

absl::StatusOr<std::optional<std::vector<StatementEntry>>>
SqliteReader::StatementBefore(std::string_view member,
                              std::string_view currency, Position before,
                              int limit) {
  return Lines(member, limit, [&](MemberLines& lines, size_t most) {
    return lines.Before(before, currency, most);
  });
}

absl::StatusOr<std::vector<model::Movement>> SqliteReader::MovementsOfEvent(
    int64_t seq) {
  ASSIGN_OR_RETURN(auto given, MovementsOfEntry(*db_, names_, seq));
  std::vector<model::Movement> movements;
  movements.reserve(given.size());
  for (GivenAward& one : given) movements.push_back(std::move(one.movement));
  return movements;
}

absl::StatusOr<std::vector<model::RecordedEvent>> SqliteReader::Events(
    int64_t after, int limit) {
  std::vector<model::RecordedEvent> events;
  JournalRows rows(*db_, after, std::max(limit, 0));
  while (const EntryRow* const row = rows.Next()) {
    ASSIGN_OR_RETURN(model::RecordedEvent recorded, EventOfRow(*row, names_));
    events.push_back(std::move(recorded));
  }
  RETURN_IF_ERROR(rows.status());
  return events;
}

absl::StatusOr<std::optional<model::RecordedEvent>> SqliteReader::FindEvent(
    std::string_view id) {
  ASSIGN_OR_RETURN(const int64_t seq, EventIds(*db_, *db_).SeqOf(id));
  if (seq == 0) return std::nullopt;
  return EventBySeq(*db_, names_, seq);
}

}  // namespace

std::unique_ptr<Reader> NewSqliteReader(Snapshot snapshot) {
  return std::make_unique<SqliteReader>(std::move(snapshot));
}

}  // namespace loyalty::store
