// SPDX-License-Identifier: Apache-2.0
//
// The schema, as SQLite keeps it: comments inside a statement stay in the file,
// so `sqlite3 FILE .schema` is its documentation. Times are microseconds since
// 1970, UTC. Foreign keys are declared for people; the writer takes its numbers
// from the rows themselves and does not have them checked at every insert.
#include "store/schema.h"

#include <absl/strings/str_cat.h>

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"
#include "store/board.h"

namespace loyalty::store {
namespace {

struct SchemaObject {
  const char* name;
  const char* sql;  // as in sqlite_schema
};

// What is written with each event, in order: the truth.
constexpr SchemaObject kJournal[] = {
    {"program",
     R"sql(CREATE TABLE program (
  -- A version of the program, as it was when it decided events. Append-only.
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  identity TEXT NOT NULL,  -- hash of canonical
  since INTEGER NOT NULL,  -- the first event it decides
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
  -- Who a member is. All other tables name members by this number. One who was
  -- erased has no row, and is called '#' and the number.
  member INTEGER PRIMARY KEY,
  id TEXT NOT NULL,  -- the host's
  key BLOB NOT NULL  -- of the id's digest in the journal
) STRICT)sql"},
    {"personal",
     R"sql(CREATE TABLE personal (
  -- What events say about their actor that can be forgotten. The journal has
  -- a digest of it under the member's key.
  member INTEGER NOT NULL,
  seq INTEGER NOT NULL,  -- event
  name TEXT NOT NULL,    -- attribute
  value BLOB NOT NULL,   -- loyalty.v1.Value
  PRIMARY KEY (member, seq, name)
) STRICT, WITHOUT ROWID)sql"},
    {"event",
     R"sql(CREATE TABLE event (
  -- The journal: what the host said, and what came of it. Append-only.
  seq INTEGER PRIMARY KEY,  -- commit order, from 1
  id TEXT NOT NULL,         -- the host's
  type INTEGER NOT NULL REFERENCES symbol,
  time INTEGER NOT NULL,         -- when it happened
  recorded_at INTEGER NOT NULL,  -- when it was written; increases with seq
  actor INTEGER,   -- member
  target TEXT,     -- the object it is about, by the host's id
  program INTEGER NOT NULL REFERENCES program,
  rejected INTEGER NOT NULL,  -- 0: accepted; else the reason's number
  record BLOB NOT NULL,       -- loyalty.v1.Record
  movements TEXT NOT NULL,    -- a JSON list of lists; see view movement
  chain BLOB NOT NULL         -- hash of this row and of the one before
) STRICT)sql"},
};

// What follows from the journal, and can be made from it again. It lags behind:
// see applied.
constexpr SchemaObject kDerived[] = {
    {"applied",
     R"sql(CREATE TABLE applied (
  -- Up to where the tables below are. The views add what came after.
  one INTEGER PRIMARY KEY CHECK (one = 1),
  through INTEGER NOT NULL,  -- event
  member INTEGER NOT NULL,   -- names of members up to this number
  newest INTEGER NOT NULL    -- the latest time of an accepted event
) STRICT)sql"},
    {"event_run",
     R"sql(CREATE TABLE event_run (
  -- Entries in a row whose ids ascend, each greater than all ids before it:
  -- blocks of 64 of them, from seq 1, 65, 129 .. on.
  first TEXT PRIMARY KEY,  -- id of the first of them
  last TEXT NOT NULL,
  seq INTEGER NOT NULL,    -- of the first
  entries INTEGER NOT NULL
) STRICT, WITHOUT ROWID)sql"},
    {"event_by_id",
     R"sql(CREATE TABLE event_by_id (
  -- All entries that are in no run.
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID)sql"},
    {"member_by_id",
     R"sql(CREATE TABLE member_by_id (
  id TEXT PRIMARY KEY,
  member INTEGER NOT NULL
) STRICT, WITHOUT ROWID)sql"},
    {"member_state",
     R"sql(CREATE TABLE member_state (
  -- What a member has. See views balance, leaderboard and statement.
  member INTEGER PRIMARY KEY,
  since INTEGER NOT NULL,  -- time of the first event
  lines INTEGER NOT NULL,  -- events that moved the member's units
  ends TEXT NOT NULL,      -- a JSON list: the last of them, and some before it
  -- A JSON list of [currency, balance, earned, seq, n]: the last two are the
  -- movement that led to so much earned.
  holdings TEXT NOT NULL,
  counters BLOB NOT NULL,  -- loyalty.v1.MemberCounters: the current ones
  keyed INTEGER NOT NULL,  -- bits: which keyed_counters there may be
  lots BLOB NOT NULL  -- loyalty.v1.MemberLots; member 0: what is held in stock
) STRICT)sql"},
    {"due",
     R"sql(CREATE TABLE due (
  -- Members whose units expire, or whose holds end, and when next.
  time INTEGER NOT NULL,
  member INTEGER NOT NULL,
  PRIMARY KEY (time, member)
) STRICT, WITHOUT ROWID)sql"},
    {"counter_page",
     R"sql(CREATE TABLE counter_page (
  -- Metrics, and how much of limits and caps is used: those of past months of
  -- members, and all of objects and of the program.
  kind INTEGER NOT NULL,  -- 1 member, 2 object, 3 program
  entity ANY NOT NULL,    -- the member's number; the object's id; '' if program
  page INTEGER NOT NULL,  -- counters are kept together by their window
  body BLOB NOT NULL,     -- loyalty.v1.CounterPage
  PRIMARY KEY (kind, entity, page)
) STRICT, WITHOUT ROWID)sql"},
    {"keyed_counter",
     R"sql(CREATE TABLE keyed_counter (
  -- What is counted at an entity for each of something else.
  kind INTEGER NOT NULL,
  entity ANY NOT NULL,
  name INTEGER NOT NULL,    -- symbol
  window INTEGER NOT NULL,  -- the second in which it begins; 0: ever
  key ANY NOT NULL,         -- a member's number, or an object's id
  value INTEGER NOT NULL,
  PRIMARY KEY (kind, entity, name, window, key)
) STRICT, WITHOUT ROWID)sql"},
    {"about",
     R"sql(CREATE TABLE about (
  -- The events about each object that moved units.
  place INTEGER PRIMARY KEY  -- 24 bits of a hash (FNV-1a) of the object's id,
                             -- and 39 of the event's seq
) STRICT)sql"},
    {"award_reversal",
     R"sql(CREATE TABLE award_reversal (
  -- Award (seq, n) was undone by movement (by_seq, by_n). Never lags.
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  by_seq INTEGER NOT NULL,
  by_n INTEGER NOT NULL,
  PRIMARY KEY (seq, n)  -- at most once
) STRICT, WITHOUT ROWID)sql"},
    {"event_reversal",
     R"sql(CREATE TABLE event_reversal (
  -- Event seq was reversed as a whole by event by_seq. Never lags.
  seq INTEGER PRIMARY KEY,  -- at most once
  by_seq INTEGER NOT NULL
) STRICT)sql"},
    {"alias",
     R"sql(CREATE TABLE alias (
  -- Member is into_member since event seq, and has nothing of their own. Never
  -- lags.
  member INTEGER PRIMARY KEY,
  into_member INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT)sql"},
    {"reversal",
     R"sql(CREATE TABLE reversal (
  -- The movements that undo awards, by whose they are, and the first award of
  -- each. Never lags.
  member INTEGER NOT NULL,
  currency INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  first_n INTEGER NOT NULL,
  PRIMARY KEY (member, currency, seq, n)
) STRICT, WITHOUT ROWID)sql"},
    {"board", kBoardTable},
    {"board_node", kBoardNodeTable},
    {"board_place", kBoardPlaceTable},
};

constexpr char kNothingApplied[] =
    "INSERT INTO applied VALUES (1, 0, 0, -9223372036854775807 - 1)";

// INSERT OR REPLACE gets past these, as it fires no delete trigger; verify
// finds what that leaves behind.
constexpr SchemaObject kTriggers[] = {
#define LOYALTY_NO_UPDATE(table)                                            \
  {                                                                         \
#table "_is_not_updated",                                               \
        "CREATE TRIGGER " #table "_is_not_updated BEFORE UPDATE ON " #table \
        " BEGIN SELECT RAISE(ABORT, '" #table " is append-only'); END"      \
  }
#define LOYALTY_NO_DELETE(table)                                            \
  {                                                                         \
#table "_is_not_deleted",                                               \
        "CREATE TRIGGER " #table "_is_not_deleted BEFORE DELETE ON " #table \
        " BEGIN SELECT RAISE(ABORT, '" #table " is append-only'); END"      \
  }
    LOYALTY_NO_UPDATE(program),
    LOYALTY_NO_DELETE(program),
    LOYALTY_NO_UPDATE(symbol),
    LOYALTY_NO_DELETE(symbol),
    LOYALTY_NO_UPDATE(event),
    LOYALTY_NO_DELETE(event),
    // A member's name can be forgotten, but not become another's.
    LOYALTY_NO_UPDATE(member),
    LOYALTY_NO_UPDATE(personal),
#undef LOYALTY_NO_DELETE
#undef LOYALTY_NO_UPDATE
};

constexpr SchemaObject kViews[] = {
    {"movement",
     R"sql(CREATE VIEW movement AS
  -- Every change of a member's holding, in the order they were made. What a
  -- cap cut to 0 units is one as well: it may come back.
  SELECT event.seq AS seq,
         m.key AS n,
         m.value ->> 0 AS kind,      -- see statement
         m.value ->> 1 AS member,
         m.value ->> 2 AS currency,  -- symbol
         m.value ->> 3 AS rule,      -- symbol
         m.value ->> 4 AS award,     -- which of the rule's awards
         coalesce(m.value ->> 10, m.value ->> 5) AS asked,  -- by the formula
         coalesce(m.value ->> 11, m.value ->> 5) AS limited,  -- limits left it
         m.value ->> 5 AS units,     -- what was posted
         coalesce(m.value ->> 12, 0) AS cut,  -- why less; see statement
         m.value ->> 6 AS balance,   -- the member's, after this
         (m.value ->> 6) + (m.value ->> 7) AS earned,  -- likewise
         m.value ->> 13 AS cap_window,  -- the day whose cap this fills
         coalesce(m.value ->> 14, 0) AS cap_used,  -- of that cap, after this
         m.value -> 15 AS reverses,     -- [[seq, n], ..]: awards it undoes
         m.value ->> 16 AS settled_at,  -- of currencies with lots: when it took
                                        -- place for them
         m.value ->> 17 AS vests,    -- units that come: available from then on
         m.value ->> 18 AS expires,  -- and until then; of a hold: its end
         m.value -> 19 AS of,  -- [[seq, n]]: the hold or redemption it is about
         m.value ->> 8 AS back  -- how many events before it is the member's
                                -- line before; 0: none, or in the same event
  FROM event, json_each(event.movements) AS m)sql"},
    {"statement",
     R"sql(CREATE VIEW statement AS
  -- A member's account, line by line:
  --   SELECT * FROM statement WHERE member = 'ada' ORDER BY seq, n;
  SELECT who.id AS member,
         datetime(event.time / 1000000, 'unixepoch') AS utc,
         event.time AS time,
         event.id AS event,
         type.text AS type,
         CASE m.kind
           WHEN 1 THEN 'opening' WHEN 2 THEN 'award' WHEN 3 THEN 'reversal'
           WHEN 4 THEN 'redemption' WHEN 5 THEN 'hold' WHEN 6 THEN 'capture'
           WHEN 7 THEN 'release' WHEN 8 THEN 'expiry' WHEN 9 THEN 'refund'
           WHEN 10 THEN 'transfer' WHEN 11 THEN 'adjustment'
           WHEN 12 THEN 'write_off' WHEN 13 THEN 'merge_out'
           WHEN 14 THEN 'merge_in' WHEN 15 THEN 'badge'
           WHEN 16 THEN 'badge_lost' WHEN 17 THEN 'catch_up'
           WHEN 20 THEN 'fulfilment' WHEN 21 THEN 'budget_cut' ELSE m.kind
         END AS kind,
         rule.text AS rule,
         currency.text AS currency,
         m.units AS units,
         m.balance AS balance,
         CASE m.cut
           WHEN 0 THEN '' WHEN 1 THEN 'limit' WHEN 2 THEN 'daily_cap'
           WHEN 3 THEN 'floor' WHEN 4 THEN 'own_object'
           WHEN 5 THEN 'no_recipient' WHEN 6 THEN 'never_earns'
           WHEN 7 THEN 'overflow' WHEN 20 THEN 'cooldown'
           WHEN 21 THEN 'budget' WHEN 22 THEN 'program_budget'
           WHEN 40 THEN 'suspended' WHEN 41 THEN 'not_enrolled' ELSE m.cut
         END AS cut,
         m.seq AS seq,
         m.n AS n
  FROM (SELECT id, member FROM member_by_id UNION ALL
        SELECT id, member FROM member
        WHERE member > (SELECT member FROM applied)) AS who
  -- From the last line back to the first: each says where the next one is.
  JOIN json_each((
    WITH RECURSIVE line (seq) AS (
      SELECT coalesce(
        (SELECT max(t.seq) FROM movement AS t
         WHERE t.seq > (SELECT through FROM applied)
         AND t.member = who.member),
        (SELECT ends ->> '$[#-1]' FROM member_state
         WHERE member_state.member = who.member))
      UNION
      SELECT t.seq - t.back FROM line JOIN movement AS t ON t.seq = line.seq
      WHERE t.member = who.member AND t.back > 0)
    SELECT json_group_array(seq) FROM line WHERE seq IS NOT NULL)) AS line
  JOIN movement AS m ON m.seq = line.value AND m.member = who.member
  JOIN event ON event.seq = m.seq
  JOIN symbol AS type ON type.symbol = event.type
  JOIN symbol AS rule ON rule.symbol = m.rule
  JOIN symbol AS currency ON currency.symbol = m.currency)sql"},
    {"posting",
     R"sql(CREATE VIEW posting AS
  -- Units leave one account and arrive at another: a movement of other than 0
  -- units is between its member's account and one of the program's.
  SELECT seq, n, currency, abs(units) AS units,
         CASE WHEN units > 0 THEN other ELSE own END AS from_account,
         CASE WHEN units > 0 THEN own ELSE other END AS to_account
  FROM (SELECT m.seq AS seq, m.n AS n, m.currency AS currency,
               m.units AS units,
               'member:' || coalesce(member.id, '#' || m.member) AS own,
               CASE WHEN m.kind = 3 THEN 'reversed'
                    WHEN m.kind IN (4, 6, 9) THEN 'redeemed:' || rule.text
                    WHEN m.kind = 8 THEN 'expired'
                    WHEN m.kind = 10 THEN 'transferred'
                    WHEN m.kind = 11 THEN 'adjusted'
                    WHEN m.kind = 12 THEN 'written_off'
                    WHEN m.kind IN (13, 14) THEN 'merged'
                    WHEN m.kind IN (15, 16) THEN 'badges:' || rule.text
                    WHEN m.units > 0 THEN 'issued:' || rule.text
                    ELSE 'deducted:' || rule.text
               END AS other
        FROM movement AS m
        LEFT JOIN member ON member.member = m.member
        JOIN symbol AS rule ON rule.symbol = m.rule
        WHERE m.units <> 0))sql"},
    {"journal",
     R"sql(CREATE VIEW journal AS
  -- Every posting, in the order it was written.
  SELECT posting.seq AS seq,
         posting.n AS n,
         datetime(event.recorded_at / 1000000, 'unixepoch') AS utc,
         event.id AS event,
         posting.from_account AS from_account,
         posting.to_account AS to_account,
         currency.text AS currency,
         posting.units AS units
  FROM posting
  JOIN event ON event.seq = posting.seq
  JOIN symbol AS currency ON currency.symbol = posting.currency)sql"},
    {"balance",
     R"sql(CREATE VIEW balance AS
  -- What each member has now, of each currency: all that was posted, pending
  -- and held units and debts among it; and the movement (seq, n) that led to so
  -- much earned. Who has become another member has nothing, and is left out.
  WITH merged AS (
    SELECT state.member AS member, h.value ->> 0 AS currency,
           h.value ->> 1 AS balance, h.value ->> 2 AS earned,
           h.value ->> 3 AS seq, h.value ->> 4 AS n
    FROM member_state AS state, json_each(state.holdings) AS h),
  tail AS (
    SELECT member, currency, balance, earned, seq, n,
           row_number() OVER (PARTITION BY member, currency
                              ORDER BY seq DESC, n DESC) AS latest
    FROM movement WHERE seq > (SELECT through FROM applied)),
  moved AS (
    SELECT member, currency, max(seq * 1000000 + n) AS at
    FROM movement
    WHERE seq > (SELECT through FROM applied) AND units <> 0
    GROUP BY member, currency)
  SELECT tail.member AS member, tail.currency AS currency,
         tail.balance AS balance, tail.earned AS earned,
         coalesce(moved.at / 1000000, merged.seq, 0) AS seq,
         coalesce(moved.at % 1000000, merged.n, 0) AS n
  FROM tail
  LEFT JOIN moved ON moved.member = tail.member
    AND moved.currency = tail.currency
  LEFT JOIN merged ON merged.member = tail.member
    AND merged.currency = tail.currency
  WHERE tail.latest = 1
    AND tail.member NOT IN (SELECT member FROM alias)
  UNION ALL
  SELECT member, currency, balance, earned, seq, n FROM merged
  WHERE (member, currency) NOT IN (SELECT member, currency FROM tail)
    AND member NOT IN (SELECT member FROM alias))sql"},
    {"leaderboard",
     R"sql(CREATE VIEW leaderboard AS
  -- Of those with equally many, who had so many first is first.
  --   SELECT * FROM leaderboard WHERE currency = 'points' LIMIT 10;
  SELECT currency.text AS currency,
         rank() OVER (PARTITION BY balance.currency
                      ORDER BY balance.earned DESC) AS rank,
         coalesce(member.id, '#' || balance.member) AS member,
         balance.earned AS earned,
         balance.balance AS balance
  FROM balance
  LEFT JOIN member ON member.member = balance.member
  JOIN symbol AS currency ON currency.symbol = balance.currency
  WHERE balance.earned <> 0
  ORDER BY currency.text, balance.earned DESC, balance.seq, balance.n)sql"},
    {"badges",
     R"sql(CREATE VIEW badges AS
  -- Every badge that is held; of a badge that may be held several times, a row
  -- for each.
  --   SELECT * FROM badges WHERE member = 'ada' ORDER BY time;
  SELECT coalesce(who.id, '#' || m.member) AS member,
         badge.text AS badge,
         datetime(event.time / 1000000, 'unixepoch') AS utc,
         event.time AS time,
         CASE m.award WHEN 1 THEN event.target END AS object,
         event.id AS event,
         m.seq AS seq,
         m.n AS n
  FROM movement AS m
  JOIN event ON event.seq = m.seq
  JOIN symbol AS badge ON badge.symbol = m.rule
  LEFT JOIN member AS who ON who.member = m.member
  WHERE m.kind = 15 AND (m.seq, m.n) NOT IN (
    SELECT lost.of ->> '$[0][0]', lost.of ->> '$[0][1]'
    FROM movement AS lost WHERE lost.kind = 16))sql"},
};

template <typename F>
void ForEachSchemaObject(F&& visit) {
  for (const SchemaObject& object : kJournal) visit(object);
  for (const SchemaObject& object : kDerived) visit(object);
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
  absl::StrAppend(&script, kNothingApplied, "; COMMIT");
  return db.Execute(script.c_str());
}

absl::Status MakeDerivedTables(Database& db) {
  for (const SchemaObject& object : kDerived) {
    RETURN_IF_ERROR(db.Execute(object.sql));
  }
  return db.Execute(kNothingApplied);
}

absl::Status EmptyDerivedTables(Database& db) {
  for (const SchemaObject& object : kDerived) {
    RETURN_IF_ERROR(
        db.Execute(absl::StrCat("DELETE FROM ", object.name).c_str()));
  }
  return db.Execute(kNothingApplied);
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
        version > kSchemaVersion
            ? ": use a newer version of it"
            // Versions 1 to 3.
            : ": it was made by a version of the library that was never "
              "released. Send its events again, to a new file"));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> faults, SchemaFaults(db));
  if (faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is no loyalty database as this library makes it: ", faults[0]));
}

}  // namespace loyalty::store
