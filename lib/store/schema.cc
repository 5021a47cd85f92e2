// SPDX-License-Identifier: Apache-2.0
//
// The schema, as SQLite keeps it: comments inside a statement stay in the file,
// so `sqlite3 FILE .schema` is its documentation. Times are microseconds since
// 1970, UTC. Foreign keys are declared for readers and for verify; the writer
// takes its numbers from the rows themselves and does not have them checked at
// every insert.
#include "store/schema.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"

namespace loyalty::store {
namespace {

struct SchemaObject {
  const char* name;
  const char* sql;  // as in sqlite_schema
};

constexpr SchemaObject kTables[] = {
    {"program",
     R"sql(CREATE TABLE program (
  -- A version of the program, as it was when it decided events.
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  identity TEXT NOT NULL,  -- hash of canonical
  canonical BLOB NOT NULL
) STRICT)sql"},
    {"symbol",
     R"sql(CREATE TABLE symbol (
  -- Names of the program: currencies, rules, event types, counters.
  symbol INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT)sql"},
    {"member",
     R"sql(CREATE TABLE member (
  -- Who has units. All other tables name members by this number.
  member INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,  -- the host's
  since INTEGER NOT NULL    -- time of the first event
) STRICT)sql"},
    {"object",
     R"sql(CREATE TABLE object (
  -- What events are about: posts, orders, products.
  object INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE  -- the host's
) STRICT)sql"},
    {"account",
     R"sql(CREATE TABLE account (
  -- The program's accounts. Their numbers are negative; the account of a member
  -- has the member's number and no row here.
  account INTEGER PRIMARY KEY CHECK (account < 0),
  kind INTEGER NOT NULL
    CHECK (kind BETWEEN 2 AND 4),  -- issued, deducted, reversed
  owner INTEGER NOT NULL REFERENCES symbol,  -- the rule
  UNIQUE (kind, owner)
) STRICT)sql"},
    {"event",
     R"sql(CREATE TABLE event (
  -- The journal: what the host said, and what it was answered. Append-only.
  seq INTEGER PRIMARY KEY,  -- commit order, from 1
  id TEXT NOT NULL UNIQUE,  -- the host's
  type INTEGER NOT NULL REFERENCES symbol,
  time INTEGER NOT NULL,         -- when it happened
  recorded_at INTEGER NOT NULL,  -- when it was written; increases with seq
  program INTEGER NOT NULL REFERENCES program,
  rejected INTEGER NOT NULL,  -- 0: accepted; else the reason's number
  body BLOB NOT NULL,         -- loyalty.v1.Event
  outcome BLOB NOT NULL       -- loyalty.v1.Outcome
) STRICT)sql"},
    {"movement",
     R"sql(CREATE TABLE movement (
  -- A change of a member's holding. What moved is in posting; a movement that
  -- was cut to nothing has none. Append-only.
  seq INTEGER NOT NULL REFERENCES event,
  n INTEGER NOT NULL CHECK (n >= 0),  -- within the event
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),  -- opening, award, reversal
  member INTEGER NOT NULL REFERENCES member,
  currency INTEGER NOT NULL REFERENCES symbol,
  rule INTEGER NOT NULL REFERENCES symbol,
  award INTEGER NOT NULL,              -- which of the rule's awards
  subject INTEGER REFERENCES object,   -- what the event was about
  asked INTEGER NOT NULL,              -- what the formula said
  limited INTEGER NOT NULL,            -- what limits left of it
  cut INTEGER NOT NULL,                -- why less was given; see view statement
  cap_window INTEGER,                  -- the day whose cap this fills
  cap_used INTEGER NOT NULL,           -- of that cap, after this
  balance INTEGER NOT NULL,            -- the member's, after this
  earned INTEGER NOT NULL,             -- the member's, after this
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID)sql"},
    {"posting",
     R"sql(CREATE TABLE posting (
  -- Units leave one account and arrive at another. Append-only.
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  currency INTEGER NOT NULL REFERENCES symbol,
  from_account INTEGER NOT NULL,
  to_account INTEGER NOT NULL,
  units INTEGER NOT NULL CHECK (units > 0),
  CHECK (from_account <> to_account),
  PRIMARY KEY (seq, n),
  FOREIGN KEY (seq, n) REFERENCES movement
) STRICT, WITHOUT ROWID)sql"},
    {"award_reversal",
     R"sql(CREATE TABLE award_reversal (
  -- Award (seq, n) was undone by movement (by_seq, by_n). Append-only.
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  by_seq INTEGER NOT NULL,
  by_n INTEGER NOT NULL,
  PRIMARY KEY (seq, n),  -- at most once
  FOREIGN KEY (seq, n) REFERENCES movement,
  FOREIGN KEY (by_seq, by_n) REFERENCES movement
) STRICT, WITHOUT ROWID)sql"},
    {"event_reversal",
     R"sql(CREATE TABLE event_reversal (
  -- Event seq was reversed as a whole by event by_seq. Append-only.
  seq INTEGER PRIMARY KEY REFERENCES event,  -- at most once
  by_seq INTEGER NOT NULL REFERENCES event
) STRICT)sql"},
    {"holding",
     R"sql(CREATE TABLE holding (
  -- What a member has now: the sum of the postings.
  member INTEGER NOT NULL REFERENCES member,
  currency INTEGER NOT NULL REFERENCES symbol,
  balance INTEGER NOT NULL,
  earned INTEGER NOT NULL,  -- what levels follow
  PRIMARY KEY (member, currency)
) STRICT, WITHOUT ROWID)sql"},
    {"counter",
     R"sql(CREATE TABLE counter (
  -- Metrics, and how much of limits and caps is used. What is 0 has no row.
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),  -- member, object, program
  entity INTEGER NOT NULL,  -- member or object of that number; 0 for program
  name INTEGER NOT NULL REFERENCES symbol,
  window INTEGER NOT NULL,  -- when its period began; 0 for ever
  key TEXT NOT NULL,        -- whose limit it is, where it is kept for each
  value INTEGER NOT NULL CHECK (value <> 0),
  PRIMARY KEY (kind, entity, name, window, key)
) STRICT, WITHOUT ROWID)sql"},
};

constexpr SchemaObject kIndexes[] = {
    {"movement_of_member",
     "CREATE INDEX movement_of_member ON movement (member, seq, n, currency)"},
    {"movement_of_subject",
     "CREATE INDEX movement_of_subject ON movement (subject, seq, n) "
     "WHERE subject IS NOT NULL"},
    {"reversal_of_member",
     "CREATE INDEX reversal_of_member ON movement (member, currency, seq, n) "
     "WHERE kind = 3"},
    {"award_reversal_by",
     "CREATE INDEX award_reversal_by ON award_reversal (by_seq, by_n)"},
    {"event_reversal_by",
     "CREATE INDEX event_reversal_by ON event_reversal (by_seq)"},
    {"holding_by_earned",
     "CREATE INDEX holding_by_earned ON holding "
     "(currency, earned DESC, member)"},
};

// INSERT OR REPLACE gets past these, as it fires no delete trigger; verify
// finds what that leaves behind.
constexpr SchemaObject kTriggers[] = {
#define LOYALTY_APPEND_ONLY(table)                                          \
  {#table "_is_not_updated",                                                \
   "CREATE TRIGGER " #table "_is_not_updated BEFORE UPDATE ON " #table      \
   " BEGIN SELECT RAISE(ABORT, '" #table " is append-only'); END"},         \
  {                                                                         \
#table "_is_not_deleted",                                               \
        "CREATE TRIGGER " #table "_is_not_deleted BEFORE DELETE ON " #table \
        " BEGIN SELECT RAISE(ABORT, '" #table " is append-only'); END"      \
  }
    LOYALTY_APPEND_ONLY(program),        LOYALTY_APPEND_ONLY(event),
    LOYALTY_APPEND_ONLY(movement),       LOYALTY_APPEND_ONLY(posting),
    LOYALTY_APPEND_ONLY(award_reversal), LOYALTY_APPEND_ONLY(event_reversal),
#undef LOYALTY_APPEND_ONLY
};

constexpr SchemaObject kViews[] = {
    {"statement",
     R"sql(CREATE VIEW statement AS
  -- A member's account, line by line:
  --   SELECT * FROM statement WHERE member = 'ada' ORDER BY seq, n;
  SELECT member.id AS member,
         datetime(event.time / 1000000, 'unixepoch') AS utc,
         event.time AS time,
         event.id AS event,
         type.text AS type,
         CASE movement.kind
           WHEN 1 THEN 'opening' WHEN 2 THEN 'award' ELSE 'reversal'
         END AS kind,
         rule.text AS rule,
         currency.text AS currency,
         CASE WHEN posting.units IS NULL THEN 0
              WHEN posting.to_account = movement.member THEN posting.units
              ELSE -posting.units
         END AS units,
         movement.balance AS balance,
         CASE movement.cut
           WHEN 0 THEN '' WHEN 1 THEN 'limit' WHEN 2 THEN 'daily_cap'
           WHEN 3 THEN 'floor' WHEN 4 THEN 'own_object'
           WHEN 5 THEN 'no_recipient' WHEN 6 THEN 'never_earns'
           WHEN 7 THEN 'overflow' ELSE movement.cut
         END AS cut,
         movement.seq AS seq,
         movement.n AS n
  FROM movement
  JOIN member ON member.member = movement.member
  JOIN event ON event.seq = movement.seq
  JOIN symbol AS type ON type.symbol = event.type
  JOIN symbol AS rule ON rule.symbol = movement.rule
  JOIN symbol AS currency ON currency.symbol = movement.currency
  LEFT JOIN posting
    ON posting.seq = movement.seq AND posting.n = movement.n)sql"},
    {"account_name",
     R"sql(CREATE VIEW account_name AS
  -- Every account: 'member:ada', 'issued:vote_on_an_idea', 'reversed'.
  SELECT member.member AS account, 'member:' || member.id AS name FROM member
  UNION ALL
  SELECT account.account,
         CASE account.kind
           WHEN 2 THEN 'issued' WHEN 3 THEN 'deducted' ELSE 'reversed'
         END || CASE symbol.text WHEN '' THEN '' ELSE ':' || symbol.text END
  FROM account JOIN symbol ON symbol.symbol = account.owner)sql"},
    {"journal",
     R"sql(CREATE VIEW journal AS
  -- Every posting, in the order it was written.
  SELECT posting.seq AS seq,
         posting.n AS n,
         datetime(event.recorded_at / 1000000, 'unixepoch') AS utc,
         event.id AS event,
         source.name AS from_account,
         target.name AS to_account,
         currency.text AS currency,
         posting.units AS units
  FROM posting
  JOIN event ON event.seq = posting.seq
  JOIN symbol AS currency ON currency.symbol = posting.currency
  JOIN account_name AS source ON source.account = posting.from_account
  JOIN account_name AS target ON target.account = posting.to_account)sql"},
    {"leaderboard",
     R"sql(CREATE VIEW leaderboard AS
  -- SELECT * FROM leaderboard WHERE currency = 'points' LIMIT 10;
  SELECT currency.text AS currency,
         rank() OVER (PARTITION BY holding.currency
                      ORDER BY holding.earned DESC) AS rank,
         member.id AS member,
         holding.earned AS earned,
         holding.balance AS balance
  FROM holding
  JOIN member ON member.member = holding.member
  JOIN symbol AS currency ON currency.symbol = holding.currency
  WHERE holding.earned <> 0 OR holding.balance <> 0
  ORDER BY currency.text, holding.earned DESC, member.id)sql"},
};

template <typename F>
void ForEachSchemaObject(F&& visit) {
  for (const SchemaObject& object : kTables) visit(object);
  for (const SchemaObject& object : kIndexes) visit(object);
  for (const SchemaObject& object : kTriggers) visit(object);
  for (const SchemaObject& object : kViews) visit(object);
}

}  // namespace

absl::Status MakeSchema(Database& db) {
  // In the rollback mode a new file starts in: the id and the tables arrive in
  // the file itself together, so that a file is ours or empty.
  std::string script =
      absl::StrCat("BEGIN IMMEDIATE; PRAGMA application_id = ", kApplicationId,
                   "; PRAGMA user_version = ", kSchemaVersion, ";");
  ForEachSchemaObject([&](const SchemaObject& object) {
    absl::StrAppend(&script, object.sql, ";");
  });
  absl::StrAppend(&script, "COMMIT");
  return db.Execute(script.c_str());
}

absl::StatusOr<std::vector<std::string>> SchemaFaults(Database& db) {
  std::map<std::string, std::string, std::less<>> wanted;
  ForEachSchemaObject([&](const SchemaObject& object) {
    wanted.emplace(object.name, object.sql);
  });
  std::vector<std::string> faults;
  // Left out: the indexes SQLite makes for UNIQUE, and what ANALYZE leaves.
  Rows rows = db.Query(
      "SELECT type, name, sql FROM sqlite_schema "
      "WHERE NOT (type = 'index' AND sql IS NULL) "
      "AND name NOT IN ('sqlite_stat1', 'sqlite_stat4') ORDER BY name");
  while (rows.Next()) {
    const absl::string_view type = base::av(rows.Text(0));
    const std::string name(rows.Text(1));
    const auto found = wanted.find(name);
    if (found == wanted.end()) {
      faults.push_back(
          absl::StrCat("the file has a ", type, " of its own, ", name));
      continue;
    }
    if (found->second != rows.Text(2)) {
      faults.push_back(absl::StrCat("the ", type, " ", name,
                                    " is not as this library makes it"));
    }
    wanted.erase(found);
  }
  RETURN_IF_ERROR(rows.status());
  for (const auto& [name, sql] : wanted) {
    faults.push_back(absl::StrCat("the file lacks ", name));
  }
  return faults;
}

absl::Status CheckSchema(Database& db, const std::string& path) {
  ASSIGN_OR_RETURN(const int64_t application,
                   db.Number("PRAGMA application_id"));
  if (application != kApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is an SQLite database, but no loyalty database"));
  }
  ASSIGN_OR_RETURN(const int64_t version, db.Number("PRAGMA user_version"));
  if (version != kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is of format version ", version,
        "; this library reads version ", kSchemaVersion,
        version > kSchemaVersion ? ": use a newer version of it" : ""));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> faults, SchemaFaults(db));
  if (faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is no loyalty database as this library makes it: ", faults[0]));
}

}  // namespace loyalty::store
