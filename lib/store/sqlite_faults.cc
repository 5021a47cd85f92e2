// SPDX-License-Identifier: Apache-2.0
//
// From the outside in: the file's pages, the schema, then the journal entry by
// entry along its chain; and the tables that follow from it, made again beside
// the file and compared row by row. That both ends of a posting are in balance
// needs no check: it is one movement (I1).
#include "store/sqlite_faults.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/views.h"
#include "store/board_faults.h"
#include "store/chain.h"
#include "store/entities.h"
#include "store/journal_rows.h"
#include "store/record.h"
#include "store/schema.h"

namespace loyalty::store {
namespace {

using SqliteFaultList = std::vector<std::string>;

// Of one kind. A file with more than this is not repaired by reading on.
constexpr int kFaultsOfAKind = 100;
constexpr size_t kAuditBytes = size_t{64} << 20;

class Reporter {
 public:
  explicit Reporter(SqliteFaultList& faults) : faults_(faults) {}
  void operator()(std::string fault) {
    if (++reported_ <= kFaultsOfAKind) faults_.push_back(std::move(fault));
  }

 private:
  SqliteFaultList& faults_;
  int reported_ = 0;
};

// Follows the journal from its first entry to its last.
class JournalAudit {
 public:
  JournalAudit(Database& db, SqliteFaultList& faults)
      : db_(db), report_(faults) {}

  absl::Status Run() {
    RETURN_IF_ERROR(ReadPrograms());
    RETURN_IF_ERROR(ReadApplied());
    JournalRows rows(db_, 0, -1);
    while (const EntryRow* const row = rows.Next()) {
      RETURN_IF_ERROR(CheckEntry(*row, rows.chain()));
    }
    RETURN_IF_ERROR(rows.status());
    CheckApplied();
    CheckErased();
    CheckPrograms();
    RETURN_IF_ERROR(CheckNoNameIsUnused("symbol", symbols_));
    RETURN_IF_ERROR(CheckNoNameIsUnused("member", members_));
    return CheckNoNameIsUnused("personal", personal_);
  }

 private:
  struct Standing {
    int64_t balance = 0;
    int64_t earned = 0;
  };
  // What the tables that lag are up to.
  struct Applied {
    int64_t through = 0;
    int64_t member = 0;
    int64_t newest = std::numeric_limits<int64_t>::min();
  };

  absl::Status ReadPrograms() {
    Rows rows = db_.Query("SELECT number, identity, since FROM program");
    while (rows.Next()) {
      identities_.emplace(rows.Int(0), std::string(rows.Text(1)));
      since_.emplace(rows.Int(0), rows.Int(2));
    }
    RETURN_IF_ERROR(rows.status());
    ASSIGN_OR_RETURN(sweep_,
                     db_.Number("SELECT coalesce(max(symbol), 0) FROM symbol "
                                "WHERE text = ?",
                                kSweep));
    ASSIGN_OR_RETURN(erase_,
                     db_.Number("SELECT coalesce(max(symbol), 0) FROM symbol "
                                "WHERE text = ?",
                                kErase));
    return absl::OkStatus();
  }

  // One row, as the schema has it, or none.
  absl::Status ReadApplied() {
    Rows row = db_.Query("SELECT through, member, newest FROM main.applied");
    if (row.Next()) {
      applied_ = {row.Int(0), row.Int(1), row.Int(2)};
    } else {
      report_("the table applied is empty");
    }
    return row.status();
  }

  void Report(const EntryRow& row, absl::string_view what) {
    report_(absl::StrCat("event ", row.seq, " (\"", base::av(row.id), "\") ",
                         what));
  }

  absl::Status CheckEntry(const EntryRow& row, std::string_view chain) {
    if (row.seq != seq_ + 1) {
      report_(absl::StrCat("event ", row.seq, " follows event ", seq_));
    }
    if (row.recorded_at <= recorded_at_ && seq_ > 0) {
      Report(row, "was recorded before the one it follows");
    }
    CheckTurn(row);
    const auto identity = identities_.find(row.program);
    if (identity == identities_.end()) {
      Report(row, absl::StrCat("was decided by program ", row.program,
                               ", which is not there"));
    } else if (ChainOf(chain_, row, identity->second) != chain) {
      // What follows is chained to what is there: one fault is told once.
      Report(row, "is not what was written: it does not fit the chain");
    }
    seq_ = row.seq;
    recorded_at_ = row.recorded_at;
    chain_ = chain;
    if (!ParseRecord(row.record, record_).ok() ||
        !ParseMovements(row.movements, movements_).ok()) {
      Report(row, "cannot be read");
      return absl::OkStatus();
    }
    for (int i = 0; i + 1 < record_.alias_size(); i += 2) {
      into_[static_cast<int64_t>(record_.alias(i))] =
          static_cast<int64_t>(record_.alias(i + 1));
    }
    if (row.type == erase_ && row.rejected == 0 && row.actor.has_value()) {
      erased_.insert(OneOf(*row.actor));
    }
    for (const v1::NamedValue& attribute : record_.attribute()) {
      if (attribute.value().kind_case() != v1::Value::kPersonal) continue;
      RETURN_IF_ERROR(CheckPersonal(row, attribute));
    }
    RETURN_IF_ERROR(CheckNames(row, kSymbolNames, record_.first_symbol(),
                               record_.symbol_digests(), symbols_));
    RETURN_IF_ERROR(CheckNames(row, kMemberNames, record_.first_member(),
                               record_.member_digests(), members_));
    if (row.seq <= applied_.through) {
      given_.member = std::max(given_.member, LastMemberOf(record_));
      if (row.rejected == 0 && row.type != sweep_) {
        given_.newest = std::max(given_.newest, row.time);
      }
    }
    for (size_t n = 0; n < movements_.size(); ++n) {
      CheckMovement(row, n, movements_[n]);
    }
    return absl::OkStatus();
  }

  // It may have been forgotten, with the key, but not changed.
  absl::Status CheckPersonal(const EntryRow& row,
                             const v1::NamedValue& attribute) {
    Names names(db_);
    const int64_t member = row.actor.value_or(0);
    ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                     names.Personal(member, row.seq, attribute.name()));
    if (!bytes.has_value()) return absl::OkStatus();
    ++personal_;
    ASSIGN_OR_RETURN(const std::string key, names.KeyOf(member));
    if (DigestOfPersonal(attribute.name(), *bytes, key) !=
        attribute.value().personal()) {
      Report(row, absl::StrCat("did not say what is kept of its personal ",
                               attribute.name()));
    }
    return absl::OkStatus();
  }

  // A table of names that entries give numbers to.
  struct NameTable {
    const char* name;
    const char* find;  // a number: the text, and the key of its digest
    bool can_forget;
  };
  static constexpr NameTable kSymbolNames = {
      "symbol", "SELECT text, x'' FROM symbol WHERE symbol = ?", false};
  static constexpr NameTable kMemberNames = {
      "member", "SELECT id, key FROM member WHERE member = ?", true};

  // Those that the entry was the first to use; adds to `count` what is there.
  absl::Status CheckNames(const EntryRow& row, const NameTable& table,
                          uint64_t first, std::string_view digests,
                          int64_t& count) {
    if (digests.size() % kNameDigestBytes != 0) {
      Report(row, "cannot be read");
      return absl::OkStatus();
    }
    for (size_t i = 0; i * kNameDigestBytes < digests.size(); ++i) {
      const auto number = static_cast<int64_t>(first + i);
      Rows found = db_.Query(table.find, number);
      if (!found.Next()) {
        RETURN_IF_ERROR(found.status());
        if (table.can_forget) {
          nameless_.insert(number);
        } else {
          Report(row, absl::StrCat("names ", table.name, " ", number,
                                   ", which is not there"));
        }
        continue;
      }
      ++count;
      if (DigestOfName(found.Text(0), found.Bytes(1)) !=
          digests.substr(i * kNameDigestBytes, kNameDigestBytes)) {
        report_(absl::StrCat(table.name, " ", number, " was not called \"",
                             base::av(found.Text(0)), "\" in event ", row.seq));
      }
    }
    return absl::OkStatus();
  }

  // Who a member has become.
  int64_t OneOf(int64_t member) const {
    for (size_t steps = 0; steps <= into_.size(); ++steps) {
      const auto found = into_.find(member);
      if (found == into_.end()) break;
      member = found->second;
    }
    return member;
  }

  // A name goes by an entry that says so, with those of all who became that
  // member, and none stays after one.
  void CheckErased() {
    for (const auto& [member, into] : into_) {
      if (erased_.contains(OneOf(member))) erased_.insert(member);
    }
    for (const int64_t member : nameless_) {
      if (erased_.contains(member)) continue;
      report_(absl::StrCat("member ", member,
                           " has no name, and no entry erased it"));
    }
    for (const int64_t member : erased_) {
      if (nameless_.contains(member)) continue;
      report_(absl::StrCat("member ", member, " was erased, and has a name"));
    }
  }

  // If it said too much, what comes next would never reach the tables.
  void CheckApplied() {
    if (applied_.through < 0 || applied_.through > seq_) {
      report_(
          absl::StrCat("the table applied says that the tables are up to "
                       "event ",
                       applied_.through, "; the last one is ", seq_));
    }
    if (applied_.newest != given_.newest) {
      report_("the table applied has another latest time than the entries");
    }
    if (applied_.member != given_.member) {
      report_(absl::StrCat("the table applied has member ", applied_.member,
                           " as the last one; entries gave ", given_.member));
    }
  }

  // Each program decides from where it begins to where the next one does.
  void CheckTurn(const EntryRow& row) {
    const auto begins = since_.find(row.program);
    const auto next = since_.find(row.program + 1);
    if ((begins != since_.end() && row.seq < begins->second) ||
        (next != since_.end() && row.seq >= next->second)) {
      Report(row, absl::StrCat("was decided by program ", row.program,
                               ", whose turn it was not"));
    }
  }

  // The first program is there before the first event is. Every other came with
  // the event that switched to it.
  void CheckPrograms() {
    int64_t before = 0;
    int64_t number = 0;
    for (const auto& [program, since] : since_) {
      if (program != ++number) {
        report_(absl::StrCat("program ", number, " is missing"));
        number = program;
      }
      const bool is_first = program == 1;
      if (is_first ? since != 1 : since < before || since > seq_) {
        report_(absl::StrCat("program ", program, " begins with event ", since,
                             ", where no program can"));
      }
      before = is_first ? 1 : since + 1;
    }
  }

  // Names that no entry introduced were put there by someone else.
  absl::Status CheckNoNameIsUnused(const std::string& table, int64_t known) {
    Rows row = db_.Query(table == "symbol"   ? "SELECT count(*) FROM symbol"
                         : table == "member" ? "SELECT count(*) FROM member"
                                             : "SELECT count(*) FROM personal");
    if (row.Next() && row.Int(0) != known) {
      report_(absl::StrCat("the table ", table, " has ", row.Int(0),
                           " rows; entries gave ", known));
    }
    return row.status();
  }

  void CheckMovement(const EntryRow& row, size_t n,
                     const wire::MovementNumbers& m) {
    Standing& stands = standings_[{m.member, m.currency}];
    if (base::Sum(stands.balance, m.units) != m.balance) {
      report_(absl::StrCat("movement ", row.seq, "/", n, " leads to ",
                           m.balance, ", but the postings add up to ",
                           stands.balance, " and ", m.units));
    }
    const auto kind = static_cast<model::Movement::Kind>(m.kind);
    const bool follows =
        kind == model::Movement::Kind::kReversal && m.settled_at.has_value();
    const int64_t counts = model::CountsAsEarned(kind) ? m.units : 0;
    const int64_t earned = model::IsMerge(kind) ? m.limited : counts;
    if (!follows && base::Sum(stands.earned, earned) != m.earned()) {
      report_(absl::StrCat("movement ", row.seq, "/", n, " leads to ",
                           m.earned(), " earned, from ", stands.earned, " and ",
                           m.units));
    }
    // From here on as if it were right: one fault is told once.
    stands = {m.balance, m.earned()};
    LineEnds& lines = lines_[m.member];
    const bool goes_on = lines.last().seq == row.seq;
    if ((goes_on ? LineLinks{} : lines.Add(row.seq)) !=
        LineLinks{.back = m.back, .jump = m.jump}) {
      report_(absl::StrCat("movement ", row.seq, "/", n,
                           " does not lead to the line before it"));
    }
  }

  Database& db_;
  Reporter report_;
  std::map<int64_t, std::string> identities_;
  std::map<int64_t, int64_t> since_;  // where each program begins
  int64_t sweep_ = 0, erase_ = 0;     // symbols
  std::set<int64_t> erased_;          // members, by entries
  std::map<int64_t, int64_t> into_;   // who members became, likewise
  std::set<int64_t> nameless_;        // members whose names are not there
  Applied applied_;
  Applied given_;  // names, by the entries that are applied
  absl::flat_hash_map<std::pair<int64_t, int64_t>, Standing> standings_;
  int64_t seq_ = 0;
  int64_t recorded_at_ = 0;
  std::string chain_;
  int64_t symbols_ = 0, members_ = 0, personal_ = 0;
  absl::flat_hash_map<int64_t, LineEnds> lines_;  // by member
  // Of the entry that is looked at; kept for their memory.
  v1::Record record_;
  std::vector<wire::MovementNumbers> movements_;
};

// A table that follows from the journal, in the order of its key.
struct DerivedTable {
  std::string_view name;
  int key_columns;
  int member_column;  // -1: of no member
  const char* sql;
};

constexpr DerivedTable kDerivedTables[] = {
    {"event_run", 1, -1,
     "SELECT first, last, seq, entries FROM event_run ORDER BY first"},
    {"event_by_id", 1, -1, "SELECT id, seq FROM event_by_id ORDER BY id"},
    {"member_by_id", 1, 1, "SELECT id, member FROM member_by_id ORDER BY id"},
    {"member_state", 1, 0,
     "SELECT member, since, lines, ends, holdings, counters, keyed, lots "
     "FROM member_state ORDER BY 1"},
    {"due", 2, 1, "SELECT time, member FROM due ORDER BY 1, 2"},
    {"counter_page", 3, -1,
     "SELECT kind, entity, page, body FROM counter_page "
     "WHERE length(body) > 0 ORDER BY 1, 2, 3"},
    {"keyed_counter", 5, -1,
     "SELECT kind, entity, name, window, key, value FROM keyed_counter "
     "WHERE value <> 0 ORDER BY 1, 2, 3, 4, 5"},
    {"about", 1, -1, "SELECT place FROM about ORDER BY 1"},
    {"award_reversal", 2, -1,
     "SELECT seq, n, by_seq, by_n FROM award_reversal ORDER BY 1, 2"},
    {"alias", 1, 0, "SELECT member, into_member, seq FROM alias ORDER BY 1"},
    {"event_reversal", 1, -1,
     "SELECT seq, by_seq FROM event_reversal ORDER BY 1"},
    {"reversal", 4, 0,
     "SELECT member, currency, seq, n, first_seq, first_n FROM reversal "
     "ORDER BY 1, 2, 3, 4"},
    {"board_place", 3, 0,
     "SELECT member, board, season, earned, tie, seq, n FROM board_place "
     "WHERE earned <> 0 ORDER BY 1, 2, 3"},
};

// Negative, 0 or positive, as memcmp.
int CompareColumns(const Rows& a, const Rows& b, int from, int to) {
  for (int i = from; i < to; ++i) {
    const std::optional<int64_t> x = a.OptionalInt(i);
    const std::optional<int64_t> y = b.OptionalInt(i);
    // A text gives 0, or what it begins with: the bytes decide.
    if (x != y) return x < y ? -1 : 1;
    if (const int order = a.Bytes(i).compare(b.Bytes(i)); order != 0) {
      return order;
    }
  }
  return 0;
}

// "holding (1, 2), of member "ada",".
std::string NameOfRow(Database& db, const DerivedTable& table,
                      const Rows& row) {
  std::string text = absl::StrCat(base::av(table.name), " (");
  for (int i = 0; i < table.key_columns; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", base::av(row.Text(i)));
  }
  text += ")";
  if (table.member_column >= 0) {
    const auto id = Names(db).Member(row.Int(table.member_column));
    if (id.ok()) absl::StrAppend(&text, ", of member \"", *id, "\",");
  }
  return text;
}

absl::Status CompareTable(Database& file, Database& made,
                          const DerivedTable& table, SqliteFaultList& faults) {
  Reporter report(faults);
  Rows a = file.Query(table.sql);
  Rows b = made.Query(table.sql);
  bool more_a = a.Next();
  bool more_b = b.Next();
  while (more_a || more_b) {
    const int order = !more_a   ? 1
                      : !more_b ? -1
                                : CompareColumns(a, b, 0, table.key_columns);
    if (order > 0) {
      report(NameOfRow(file, table, b) + " is missing: the journal gives it");
    } else if (order < 0 ||
               CompareColumns(a, b, table.key_columns, a.columns()) != 0) {
      report(NameOfRow(file, table, a) + " is not what the journal gives");
    }
    if (order <= 0) more_a = a.Next();
    if (order >= 0) more_b = b.Next();
  }
  RETURN_IF_ERROR(a.status());
  return b.status();
}

absl::Status FindTableFaults(Database& db, SqliteFaultList& faults) {
  // A database of its own, in memory while it is small and gone at the end.
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> made,
                   Database::Open("", Database::Mode::kReadWrite));
  RETURN_IF_ERROR(made->Execute("PRAGMA synchronous = OFF; BEGIN"));
  RETURN_IF_ERROR(MakeDerivedTables(*made));
  Symbols symbols(db);
  Entities entities(*made, db, symbols, kAuditBytes);
  if (const absl::Status remade = entities.Remake(); !remade.ok()) {
    // Of the machine, not of the file.
    if (absl::IsResourceExhausted(remade) || absl::IsUnavailable(remade)) {
      return remade;
    }
    faults.push_back(absl::StrCat(
        "the tables cannot be made from the journal: ", remade.message()));
    return absl::OkStatus();
  }
  for (const DerivedTable& table : kDerivedTables) {
    RETURN_IF_ERROR(CompareTable(db, *made, table, faults));
  }
  ASSIGN_OR_RETURN(std::vector<std::string> of_boards, BoardFaults(db, *made));
  for (std::string& fault : of_boards) faults.push_back(std::move(fault));
  return absl::OkStatus();
}

// Whether it is said of a page that there was no memory for it, and so nothing
// of the page.
bool IsOfNoMemory(std::string_view found) {
  const std::string code = absl::StrCat("error code=", SQLITE_NOMEM);
  const size_t at = found.find(code);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = found.substr(at + code.size());
  return rest.empty() ||
         !absl::ascii_isdigit(static_cast<unsigned char>(rest.front()));
}

absl::Status FindPageFaults(Database& db, SqliteFaultList& faults) {
  Rows rows = db.Query("PRAGMA integrity_check(100)");
  while (rows.Next()) {
    if (rows.Text(0) == "ok") continue;
    if (IsOfNoMemory(rows.Text(0))) return db.Failure(SQLITE_NOMEM);
    faults.push_back(absl::StrCat("SQLite: ", base::av(rows.Text(0))));
  }
  return rows.status();
}

absl::Status FindAllFaults(Database& db, SqliteFaultList& faults) {
  RETURN_IF_ERROR(FindPageFaults(db, faults));
  // Where the pages are wrong, what they say means nothing.
  if (!faults.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(faults, SchemaFaults(db));
  if (!faults.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(JournalAudit(db, faults).Run());
  return FindTableFaults(db, faults);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SqliteFaults(Database& db) {
  // The whole file is read, several times over.
  RETURN_IF_ERROR(db.Execute("PRAGMA cache_size = -65536"));
  SqliteFaultList faults;
  const absl::Status looked = FindAllFaults(db, faults);
  // Damage is what was looked for, so it is an answer.
  if (absl::IsDataLoss(looked)) {
    faults.emplace_back(std::string(looked.message()));
    return faults;
  }
  RETURN_IF_ERROR(looked);
  return faults;
}

}  // namespace loyalty::store
