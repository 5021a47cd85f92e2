// SPDX-License-Identifier: Apache-2.0
//
// Events, movements and postings are inserted as they come, in order; states
// wait in SqliteStates for the commit. The first error ends the transaction:
// nothing of it is kept, and nothing more is done in it.
#include "store/sqlite_transaction.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "store/delta_check.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_states.h"
#include "wire/codec.h"

namespace loyalty::store {
namespace {

using model::Movement;
using model::Position;
using model::RecordedEvent;

constexpr char kInsertEvent[] =
    "INSERT INTO event (seq, id, type, time, recorded_at, program, rejected, "
    "body, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kInsertMovement[] =
    "INSERT INTO movement (seq, n, kind, member, currency, rule, award, "
    "subject, asked, limited, cut, cap_window, cap_used, balance, earned) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kInsertPosting[] =
    "INSERT INTO posting (seq, n, currency, from_account, to_account, units) "
    "VALUES (?, ?, ?, ?, ?, ?)";
// Inserts nothing if there is no such award of that member and currency.
constexpr char kInsertAwardReversal[] =
    "INSERT INTO award_reversal (seq, n, by_seq, by_n) "
    "SELECT seq, n, ?, ? FROM movement WHERE seq = ? AND n = ? AND kind = 2 "
    "AND member = ? AND currency = ?";
constexpr char kFirstReversedSince[] =
    "SELECT r.seq, r.n FROM movement AS m CROSS JOIN award_reversal AS r "
    "ON r.by_seq = m.seq AND r.by_n = m.n "
    "WHERE m.kind = 3 AND m.member = ? AND m.currency = ? AND (m.seq, m.n) > "
    "(?, ?) "
    "ORDER BY r.seq, r.n LIMIT 1";

std::vector<GivenAward> AwardsOnly(std::vector<GivenAward> movements) {
  movements.erase(std::remove_if(movements.begin(), movements.end(),
                                 [](const GivenAward& given) {
                                   return given.movement.kind !=
                                          Movement::Kind::kAward;
                                 }),
                  movements.end());
  return movements;
}

class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(std::shared_ptr<SqliteWriter> writer)
      : writer_(std::move(writer)),
        db_(writer_->db()),
        numbering_(writer_->numbering()),
        states_(writer_->states()) {}

  ~SqliteTransaction() override {
    // In the child of a fork it is the parent's to end.
    if (open_ && writer_->CheckProcess().ok()) writer_->Rollback();
  }

  absl::StatusOr<Head> ReadHead() override {
    return Do([&] { return CurrentHead(); });
  }
  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(
      std::string_view id) override {
    return Do([&] { return EventById(db_, id); });
  }
  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(int64_t seq) override {
    return Do([&] { return EventBySeq(db_, seq); });
  }
  absl::StatusOr<model::EntityState> Load(
      const model::ReadSet& wanted) override {
    return Do([&] { return states_.Load(wanted); });
  }
  absl::StatusOr<std::vector<GivenAward>> AwardsOfEvent(int64_t seq) override {
    return Do([&]() -> absl::StatusOr<std::vector<GivenAward>> {
      ASSIGN_OR_RETURN(auto movements, MovementsOfEvent(db_, seq));
      return AwardsOnly(std::move(movements));
    });
  }
  absl::StatusOr<std::vector<GivenAward>> AwardsOfObject(
      std::string_view object, Position after, int limit) override {
    return Do([&]() -> absl::StatusOr<std::vector<GivenAward>> {
      ASSIGN_OR_RETURN(const int64_t number, numbering_.objects().Find(object));
      return AwardsOfObjectAfter(db_, number, after, std::max(limit, 0));
    });
  }
  absl::StatusOr<std::optional<Position>> FirstReversedSince(
      std::string_view member, std::string_view currency,
      Position since) override {
    return Do([&] { return ReadFirstReversed(member, currency, since); });
  }
  absl::StatusOr<std::vector<GivenAward>> History(std::string_view member,
                                                  std::string_view currency,
                                                  Position from) override {
    return Do([&]() -> absl::StatusOr<std::vector<GivenAward>> {
      ASSIGN_OR_RETURN(const int64_t number, numbering_.members().Find(member));
      ASSIGN_OR_RETURN(const int64_t symbol,
                       numbering_.symbols().Find(currency));
      const Position before{from.seq, from.n - 1};
      constexpr int kAll = -1;
      ASSIGN_OR_RETURN(auto movements,
                       MovementsOfMember(db_, number, symbol, before, kAll));
      return AwardsOnly(std::move(movements));
    });
  }
  absl::StatusOr<bool> IsReversed(int64_t seq) override {
    return Do([&]() -> absl::StatusOr<bool> {
      ASSIGN_OR_RETURN(
          const int64_t found,
          db_.Number("SELECT count(*) FROM event_reversal WHERE seq = ?", seq));
      return found != 0;
    });
  }
  absl::Status Write(const Delta& delta) override {
    return Do([&] { return Append(delta); });
  }
  absl::Status Commit() override {
    RETURN_IF_ERROR(writer_->CheckProcess());
    RETURN_IF_ERROR(Do([&] { return states_.Flush(); }));
    open_ = false;
    return writer_->Commit();
  }

 private:
  // Does one thing, unless one failed before; if it fails, all is undone.
  template <typename F>
  auto Do(F&& act) -> decltype(act()) {
    if (!open_) {
      return absl::FailedPreconditionError("this transaction has ended");
    }
    auto result = act();
    if (!result.ok()) {
      open_ = false;
      writer_->Rollback();
    }
    return result;
  }

  absl::StatusOr<Head> CurrentHead() {
    if (head_.has_value()) return *head_;
    Head head;
    Rows rows = db_.Query(
        "SELECT seq, recorded_at FROM event ORDER BY seq DESC LIMIT 1");
    if (rows.Next()) head = {rows.Int(0), TimeOf(rows.Int(1))};
    RETURN_IF_ERROR(rows.status());
    head_ = head;
    return head;
  }

  absl::StatusOr<std::optional<Position>> ReadFirstReversed(
      std::string_view member, std::string_view currency, Position since) {
    ASSIGN_OR_RETURN(const int64_t number, numbering_.members().Find(member));
    ASSIGN_OR_RETURN(const int64_t symbol, numbering_.symbols().Find(currency));
    Rows rows = db_.Query(kFirstReversedSince, number, symbol, since.seq,
                          int64_t{since.n});
    std::optional<Position> first;
    if (rows.Next()) {
      first = {rows.Int(0), static_cast<int32_t>(rows.Int(1))};
    }
    RETURN_IF_ERROR(rows.status());
    return first;
  }

  absl::Status Append(const Delta& delta) {
    ASSIGN_OR_RETURN(const Head head, CurrentHead());
    RETURN_IF_ERROR(CheckDelta(delta, head));
    for (const model::EntityState& state : delta.states) {
      RETURN_IF_ERROR(states_.Change(state));
    }
    RETURN_IF_ERROR(AppendEvent(delta.recorded));
    auto posting = delta.postings.begin();
    for (const Movement& movement : delta.movements) {
      RETURN_IF_ERROR(AppendMovement(movement));
      if (movement.units != 0) {
        RETURN_IF_ERROR(AppendPosting(movement.at, *posting++));
      }
    }
    for (const int64_t reversed : delta.reversed_events) {
      RETURN_IF_ERROR(
          db_.Run("INSERT INTO event_reversal (seq, by_seq) VALUES (?, ?)",
                  reversed, delta.recorded.seq));
    }
    head_ = {delta.recorded.seq, delta.recorded.recorded_at};
    return absl::OkStatus();
  }

  absl::Status AppendEvent(const RecordedEvent& recorded) {
    ASSIGN_OR_RETURN(const int64_t type,
                     numbering_.symbols().FindOrAdd(recorded.event.type));
    const std::string body = wire::EncodeEvent(recorded.event);
    const std::string outcome = wire::EncodeOutcome(recorded.outcome);
    return db_.Run(
        kInsertEvent, recorded.seq, std::string_view(recorded.event.id), type,
        MicrosOf(recorded.event.time), MicrosOf(recorded.recorded_at),
        recorded.program, static_cast<int64_t>(recorded.outcome.rejected),
        Blob{body}, Blob{outcome});
  }

  absl::Status AppendMovement(const Movement& m) {
    ASSIGN_OR_RETURN(const int64_t member, numbering_.members().Find(m.member));
    if (member == 0) {
      return absl::InternalError(absl::StrCat("event ", m.at.seq,
                                              " moves units of \"", m.member,
                                              "\", who is no member"));
    }
    ASSIGN_OR_RETURN(const int64_t currency,
                     numbering_.symbols().FindOrAdd(m.currency));
    ASSIGN_OR_RETURN(const int64_t rule,
                     numbering_.symbols().FindOrAdd(m.rule));
    std::optional<int64_t> subject;
    if (m.subject.has_value()) {
      ASSIGN_OR_RETURN(subject, numbering_.objects().FindOrAdd(*m.subject));
    }
    RETURN_IF_ERROR(db_.Run(kInsertMovement, m.at.seq, m.at.n,
                            static_cast<int64_t>(m.kind), member, currency,
                            rule, m.award, subject, m.asked, m.limited,
                            static_cast<int64_t>(m.cut), m.cap_window,
                            m.cap_used, m.balance, m.earned));
    for (const Position& undone : m.reverses) {
      RETURN_IF_ERROR(db_.Run(kInsertAwardReversal, m.at.seq, m.at.n,
                              undone.seq, undone.n, member, currency));
      if (sqlite3_changes(db_.handle()) == 1) continue;
      return absl::InternalError(absl::StrCat(
          "event ", m.at.seq, " undoes what is no award of \"", m.member,
          "\" in ", m.currency, ": ", undone.seq, "/", undone.n));
    }
    return absl::OkStatus();
  }

  absl::Status AppendPosting(Position at, const model::Posting& posting) {
    ASSIGN_OR_RETURN(const int64_t currency,
                     numbering_.symbols().FindOrAdd(posting.currency));
    ASSIGN_OR_RETURN(const int64_t from, numbering_.AccountOf(posting.from));
    ASSIGN_OR_RETURN(const int64_t to, numbering_.AccountOf(posting.to));
    return db_.Run(kInsertPosting, at.seq, at.n, currency, from, to,
                   posting.units);
  }

  std::shared_ptr<SqliteWriter> writer_;
  Database& db_;
  Numbering& numbering_;
  SqliteStates& states_;
  std::optional<Head> head_;
  bool open_ = true;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transaction>> BeginSqliteTransaction(
    std::shared_ptr<SqliteWriter> writer) {
  RETURN_IF_ERROR(writer->Begin());
  return std::make_unique<SqliteTransaction>(std::move(writer));
}

}  // namespace loyalty::store
