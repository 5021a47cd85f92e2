// SPDX-License-Identifier: Apache-2.0
//
// From the outside in: the file's pages, the schema, then entry by entry. That
// both ends of a posting are in balance needs no check: it is one row (I1).
#include "store/sqlite_faults.h"

#include <absl/strings/str_cat.h>

#include <optional>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/views.h"
#include "store/schema.h"
#include "store/sqlite_rows.h"
#include "wire/codec.h"

namespace loyalty::store {
namespace {

using SqliteFaultList = std::vector<std::string>;

// Of one kind. A file with more than this is not repaired by reading on.
constexpr int kFaultsOfAKind = 100;

// Each of these finds what must not be there: its rows are (sentence).
// The limit keeps a file that is wrong throughout from filling memory.
constexpr const char* kMustBeEmpty[] = {
    "SELECT 'event ' || seq || ' follows event ' || before FROM "
    "(SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM event) "
    "WHERE seq <> before + 1 LIMIT 100",

    "SELECT 'event ' || seq || ' was recorded before the one it follows' FROM "
    "(SELECT seq, recorded_at, lag(recorded_at) OVER (ORDER BY seq) AS before "
    "FROM event) WHERE recorded_at <= before LIMIT 100",

    "SELECT 'movement ' || seq || '/' || n || ' belongs to no event' "
    "FROM movement WHERE seq NOT IN (SELECT seq FROM event) LIMIT 100",

    "SELECT 'event ' || seq || ' lacks a movement before its last' "
    "FROM movement GROUP BY seq HAVING count(*) <> max(n) + 1 LIMIT 100",

    "SELECT 'posting ' || p.seq || '/' || p.n || ' belongs to no movement' "
    "FROM posting AS p LEFT JOIN movement AS m "
    "ON m.seq = p.seq AND m.n = p.n WHERE m.seq IS NULL LIMIT 100",

    "SELECT 'posting ' || p.seq || '/' || p.n || ' and its movement disagree "
    "about member or currency' FROM posting AS p CROSS JOIN movement AS m "
    "ON m.seq = p.seq AND m.n = p.n WHERE m.currency <> p.currency "
    "OR m.member NOT IN (p.from_account, p.to_account) LIMIT 100",

    "SELECT 'posting ' || seq || '/' || n || ' names account ' || account || "
    "', which is not there' FROM (SELECT seq, n, from_account AS account "
    "FROM posting UNION ALL SELECT seq, n, to_account FROM posting) "
    "WHERE CASE WHEN account > 0 "
    "THEN account NOT IN (SELECT member FROM member) "
    "ELSE account NOT IN (SELECT account FROM account) END LIMIT 100",

    "SELECT 'award ' || r.seq || '/' || r.n || ' is undone by ' || r.by_seq || "
    "'/' || r.by_n || ', which is no later reversal of the same member and "
    "currency' FROM award_reversal AS r "
    "LEFT JOIN movement AS a ON a.seq = r.seq AND a.n = r.n "
    "LEFT JOIN movement AS b ON b.seq = r.by_seq AND b.n = r.by_n "
    "WHERE (a.kind = 2 AND b.kind = 3 AND a.member = b.member "
    "AND a.currency = b.currency AND a.seq < b.seq) IS NOT TRUE LIMIT 100",

    "SELECT 'event ' || seq || ' is reversed by event ' || by_seq || "
    "', which did not come later' FROM event_reversal "
    "WHERE by_seq <= seq OR by_seq NOT IN (SELECT seq FROM event) LIMIT 100",

    "SELECT 'member \"' || member.id || '\" holds ' || symbol.text || "
    "' without a movement of it' FROM holding "
    "JOIN member ON member.member = holding.member "
    "JOIN symbol ON symbol.symbol = holding.currency "
    "WHERE (balance <> 0 OR earned <> 0) AND NOT EXISTS (SELECT 1 "
    "FROM movement AS m WHERE m.member = holding.member "
    "AND m.currency = holding.currency) LIMIT 100",

    "SELECT 'a counter is kept for ' || CASE kind WHEN 1 THEN 'member ' "
    "ELSE 'object ' END || entity || ', which is not there' FROM counter "
    "WHERE kind = 1 AND entity NOT IN (SELECT member FROM member) "
    "OR kind = 2 AND entity NOT IN (SELECT object FROM object) LIMIT 100",
};

constexpr char kMovementsByHolding[] =
    "SELECT m.member, m.currency, m.seq, m.n, "
    "CASE WHEN p.units IS NULL THEN 0 WHEN p.to_account = m.member "
    "THEN p.units ELSE -p.units END, m.balance, m.earned "
    "FROM movement AS m LEFT JOIN posting AS p ON p.seq = m.seq AND p.n = m.n "
    "ORDER BY m.member, m.currency, m.seq, m.n";
constexpr char kHoldingOfMember[] =
    "SELECT balance, earned FROM holding WHERE member = ? AND currency = ?";
constexpr char kEveryEvent[] =
    "SELECT event.seq, event.id, symbol.text, event.time, event.recorded_at, "
    "event.rejected, event.body, event.outcome FROM event "
    "LEFT JOIN symbol ON symbol.symbol = event.type ORDER BY event.seq";

// Adds up one member's movements of one currency, and compares each with the
// balance it says it led to, and the last with the holding.
class RunningBalance {
 public:
  RunningBalance(Database& db, SqliteFaultList& faults)
      : db_(db), faults_(faults) {}

  absl::Status Add(const Rows& row) {
    if (!at_.has_value() || member_ != row.Int(0) || currency_ != row.Int(1)) {
      RETURN_IF_ERROR(Finish());
      member_ = row.Int(0);
      currency_ = row.Int(1);
      sum_ = 0;
    }
    at_ = {row.Int(2), static_cast<int32_t>(row.Int(3))};
    balance_ = row.Int(5);
    earned_ = row.Int(6);
    const std::optional<int64_t> sum = base::Sum(sum_, row.Int(4));
    if (sum != balance_) {
      Report(absl::StrCat("movement ", at_->seq, "/", at_->n, " leads to ",
                          balance_, ", but the postings add up to ",
                          sum.has_value() ? absl::StrCat(*sum) : "too much"));
    }
    // From here on as if it were right: one fault is told once.
    sum_ = balance_;
    return absl::OkStatus();
  }

  absl::Status Finish() {
    if (!at_.has_value()) return absl::OkStatus();
    Rows row = db_.Query(kHoldingOfMember, member_, currency_);
    const bool found = row.Next();
    RETURN_IF_ERROR(row.status());
    const model::Holding holding =
        found ? model::Holding{row.Int(0), row.Int(1)} : model::Holding{};
    if (!found || holding != model::Holding{balance_, earned_}) {
      Report(absl::StrCat(Whose(), " is ", holding.balance, " (earned ",
                          holding.earned, "), but their last movement, ",
                          at_->seq, "/", at_->n, ", led to ", balance_,
                          " (earned ", earned_, ")"));
    }
    return absl::OkStatus();
  }

 private:
  std::string Whose() {
    Rows row = db_.Query(
        "SELECT member.id, symbol.text FROM member, symbol "
        "WHERE member.member = ? AND symbol.symbol = ?",
        member_, currency_);
    if (!row.Next()) return absl::StrCat("the holding of member ", member_);
    return absl::StrCat("the holding of member \"", base::av(row.Text(0)),
                        "\" in ", base::av(row.Text(1)));
  }

  void Report(std::string fault) {
    if (++reported_ <= kFaultsOfAKind) faults_.push_back(std::move(fault));
  }

  Database& db_;
  SqliteFaultList& faults_;
  int64_t member_ = 0;
  int64_t currency_ = 0;
  std::optional<model::Position> at_;  // of the last movement added
  int64_t sum_ = 0;
  int64_t balance_ = 0;
  int64_t earned_ = 0;
  int reported_ = 0;
};

absl::Status FindBalanceFaults(Database& db, SqliteFaultList& faults) {
  RunningBalance running(db, faults);
  Rows rows = db.Query(kMovementsByHolding);
  while (rows.Next()) RETURN_IF_ERROR(running.Add(rows));
  RETURN_IF_ERROR(rows.status());
  return running.Finish();
}

// What an event's row says besides its bytes. Empty: it agrees with them.
std::string EventFault(const Rows& row) {
  const auto event = wire::DecodeEvent(row.Bytes(6));
  const auto outcome = wire::DecodeOutcome(row.Bytes(7));
  if (!event.ok()) return "has a body that cannot be read";
  if (!outcome.ok()) return "has an outcome that cannot be read";
  if (event->id != row.Text(1) || event->type != row.Text(2) ||
      MicrosOf(event->time) != row.Int(3)) {
    return "disagrees with its body about id, type or time";
  }
  if (outcome->seq != row.Int(0) || outcome->event_id != event->id ||
      MicrosOf(outcome->recorded_at) != row.Int(4) ||
      static_cast<int64_t>(outcome->rejected) != row.Int(5)) {
    return "disagrees with its outcome about its place, id, time or rejection";
  }
  return "";
}

absl::Status FindEventFaults(Database& db, SqliteFaultList& faults) {
  int found = 0;
  Rows rows = db.Query(kEveryEvent);
  while (found < kFaultsOfAKind && rows.Next()) {
    const std::string fault = EventFault(rows);
    if (fault.empty()) continue;
    ++found;
    faults.push_back(absl::StrCat("event ", rows.Int(0), " (\"",
                                  base::av(rows.Text(1)), "\") ", fault));
  }
  return rows.status();
}

absl::Status FindPageFaults(Database& db, SqliteFaultList& faults) {
  Rows rows = db.Query("PRAGMA integrity_check(100)");
  while (rows.Next()) {
    if (rows.Text(0) == "ok") continue;
    faults.push_back(absl::StrCat("SQLite: ", base::av(rows.Text(0))));
  }
  return rows.status();
}

absl::Status FindDanglingRows(Database& db, SqliteFaultList& faults) {
  int found = 0;
  Rows rows = db.Query("PRAGMA foreign_key_check");
  while (found < kFaultsOfAKind && rows.Next()) {
    ++found;
    faults.push_back(absl::StrCat("a row of ", base::av(rows.Text(0)),
                                  " names a row of ", base::av(rows.Text(2)),
                                  " that is not there"));
  }
  return rows.status();
}

absl::Status FindForbiddenRows(Database& db, SqliteFaultList& faults) {
  for (const char* sql : kMustBeEmpty) {
    Rows rows = db.Query(sql);
    while (rows.Next()) faults.emplace_back(rows.Text(0));
    RETURN_IF_ERROR(rows.status());
  }
  return absl::OkStatus();
}

absl::Status FindAllFaults(Database& db, SqliteFaultList& faults) {
  RETURN_IF_ERROR(FindPageFaults(db, faults));
  // Where the pages are wrong, what they say means nothing.
  if (!faults.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(faults, SchemaFaults(db));
  if (!faults.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(FindDanglingRows(db, faults));
  RETURN_IF_ERROR(FindEventFaults(db, faults));
  RETURN_IF_ERROR(FindForbiddenRows(db, faults));
  return FindBalanceFaults(db, faults);
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
