// SPDX-License-Identifier: Apache-2.0
//
// An event is one row behind the last; all that can be made from the journal
// again waits in Entities for a merge. The first error ends the transaction:
// nothing of it is kept, and nothing more is done in it.
#include "store/sqlite_transaction.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "store/delta_check.h"
#include "store/entities.h"
#include "store/entry_queue.h"
#include "store/journal_rows.h"
#include "store/member_lines.h"
#include "store/record.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

using model::Movement;
using model::Position;
using model::RecordedEvent;

constexpr char kFirstReversedSince[] =
    "SELECT first_seq, first_n FROM reversal WHERE member = ? AND currency = ? "
    "AND (seq, n) > (?, ?) ORDER BY first_seq, first_n LIMIT 1";

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
        entities_(writer_->entities()),
        names_(db_),
        queue_(*writer_) {}

  ~SqliteTransaction() override {
    // In the child of a fork it is the parent's to end.
    if (open_ && writer_->CheckProcess().ok()) writer_->Rollback();
  }

  void Expect(std::string_view member, Nearness nearness) override {
    entities_.Expect(member, nearness);
  }
  const model::Aliases& Aliases() const override { return entities_.aliases(); }
  absl::StatusOr<Head> ReadHead() override {
    return Do([&] { return CurrentHead(); });
  }
  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(
      std::string_view id) override {
    return Do([&]() -> absl::StatusOr<std::optional<RecordedEvent>> {
      ASSIGN_OR_RETURN(const int64_t seq, entities_.SeqOf(id, queue_));
      if (seq != 0) return ReadEvent(seq);
      free_id_.assign(id);
      return std::nullopt;
    });
  }
  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(int64_t seq) override {
    return Do([&] { return ReadEvent(seq); });
  }
  absl::Status Load(const model::ReadSet& wanted,
                    model::EntityState& state) override {
    return Do([&] { return entities_.Load(wanted, state); });
  }
  absl::StatusOr<std::vector<GivenAward>> MovementsOfEvent(
      int64_t seq) override {
    return Do([&] { return ReadMovements(seq); });
  }
  absl::StatusOr<std::vector<std::string>> Due(absl::Time until,
                                               int limit) override {
    return Do([&] { return entities_.Due(until, limit); });
  }
  absl::StatusOr<std::vector<GivenAward>> AwardsOfObject(
      std::string_view object, Position after, int limit) override {
    return Do([&] { return ReadAwardsOfObject(object, after, limit); });
  }
  absl::StatusOr<std::optional<Position>> FirstReversedSince(
      std::string_view member, std::string_view currency,
      Position since) override {
    return Do([&] { return ReadFirstReversed(member, currency, since); });
  }
  absl::StatusOr<std::vector<std::pair<model::Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view member,
                  const std::vector<model::Symbol>& names) override {
    return Do([&] { return entities_.CountersKeyedBy(member, names); });
  }
  absl::StatusOr<std::vector<GivenAward>> History(std::string_view member,
                                                  Position from) override {
    return Do([&]() -> absl::StatusOr<std::vector<GivenAward>> {
      RETURN_IF_ERROR(queue_.Flush());
      ASSIGN_OR_RETURN(const Kept* const kept,
                       entities_.Touch(model::Entity::Kind::kMember, member));
      MemberLines lines(db_, names_, kept->number, member, kept->lines.last());
      return lines.MovementsFrom(from);
    });
  }
  absl::StatusOr<std::vector<Ranked>> Standings(
      BoardRef board,
      absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants) override {
    return Do([&] { return entities_.Standings(board, wants); });
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
  absl::Status Flush() override {
    return Do([&] { return queue_.Flush(); });
  }
  absl::Status Commit() override {
    RETURN_IF_ERROR(writer_->CheckProcess());
    RETURN_IF_ERROR(Flush());
    open_ = false;
    return writer_->Commit(queue_.chain());
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

  absl::StatusOr<std::optional<RecordedEvent>> ReadEvent(int64_t seq) {
    RETURN_IF_ERROR(queue_.Flush());
    return EventBySeq(db_, names_, seq);
  }

  absl::StatusOr<std::vector<GivenAward>> ReadMovements(int64_t seq) {
    RETURN_IF_ERROR(queue_.Flush());
    return MovementsOfEntry(db_, names_, seq);
  }

  absl::StatusOr<std::optional<Position>> ReadFirstReversed(
      std::string_view member, std::string_view currency, Position since) {
    ASSIGN_OR_RETURN(Kept* const kept,
                     entities_.Touch(model::Entity::Kind::kMember, member));
    ASSIGN_OR_RETURN(const int64_t symbol, writer_->symbols().Find(currency));
    Rows rows = db_.Query(kFirstReversedSince, kept->number, symbol, since.seq,
                          int64_t{since.n});
    std::optional<Position> first;
    if (rows.Next()) {
      first = {rows.Int(0), static_cast<int32_t>(rows.Int(1))};
    }
    RETURN_IF_ERROR(rows.status());
    return first;
  }

  absl::StatusOr<std::vector<GivenAward>> ReadAwardsOfObject(
      std::string_view object, Position after, int limit) {
    const auto most = static_cast<size_t>(std::max(limit, 0));
    std::vector<GivenAward> awards;
    for (int64_t from = after.seq; true;) {
      ASSIGN_OR_RETURN(
          const std::vector<int64_t> events,
          entities_.EventsAbout(object, from, static_cast<int>(most) + 1));
      for (const int64_t seq : events) {
        ASSIGN_OR_RETURN(auto movements, ReadMovements(seq));
        for (GivenAward& given : AwardsOnly(std::move(movements))) {
          // Another object may have the same hash.
          const bool is_asked =
              given.movement.subject == object && given.movement.at > after;
          if (!is_asked) continue;
          if (awards.size() == most) return awards;
          awards.push_back(std::move(given));
        }
      }
      if (events.size() <= most) return awards;
      from = events.back() + 1;
    }
  }

  absl::Status Append(const Delta& delta) {
    ASSIGN_OR_RETURN(const Head head, CurrentHead());
    RETURN_IF_ERROR(CheckDelta(delta, head));
    const RecordedEvent& recorded = delta.recorded;
    RETURN_IF_ERROR(CheckIdIsFree(recorded.event.id));
    record_.Clear();
    if (delta.program.has_value()) {
      RETURN_IF_ERROR(writer_->AddProgram(*delta.program));
    }
    if (delta.alias.has_value()) {
      RETURN_IF_ERROR(entities_.AddAlias(*delta.alias, record_));
    }
    for (const model::EntityState& state : delta.states) {
      RETURN_IF_ERROR(entities_.Change(state, recorded.event, record_));
    }
    RETURN_IF_ERROR(AppendEntry(delta));
    for (const Movement& movement : delta.movements) {
      if (movement.kind == Movement::Kind::kReversal) {
        RETURN_IF_ERROR(AppendReversal(movement));
      }
    }
    for (const int64_t reversed : delta.reversed_events) {
      RETURN_IF_ERROR(AddEventReversal(db_, reversed, recorded.seq));
    }
    for (const std::string& member : delta.erased_members) {
      RETURN_IF_ERROR(entities_.EraseMember(member));
    }
    head_ = {recorded.seq, recorded.recorded_at};
    return absl::OkStatus();
  }

  // Whoever writes an event has asked for its id before.
  absl::Status CheckIdIsFree(const std::string& id) {
    const bool was_free = free_id_ == id;
    free_id_.clear();
    if (was_free) return absl::OkStatus();
    ASSIGN_OR_RETURN(const int64_t used, entities_.SeqOf(id, queue_));
    if (used == 0) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("event id used before: ", id));
  }

  absl::Status AppendEntry(const Delta& delta) {
    const RecordedEvent& recorded = delta.recorded;
    const Event& event = recorded.event;
    EntryRow row{.seq = recorded.seq,
                 .id = event.id,
                 .time = MicrosOf(event.time),
                 .recorded_at = MicrosOf(recorded.recorded_at),
                 .target = event.target,
                 .program = recorded.program,
                 .rejected = static_cast<int64_t>(recorded.outcome.rejected)};
    ASSIGN_OR_RETURN(row.type, entities_.TextNumber(event.type));
    if (event.actor.has_value()) {
      ASSIGN_OR_RETURN(row.actor, entities_.MemberNumber(*event.actor));
    }
    RETURN_IF_ERROR(PutRecordAndPersonal(delta, row));
    RETURN_IF_ERROR(PutMovements(delta.movements));
    for (const model::EntityState& state : delta.states) {
      RETURN_IF_ERROR(entities_.CheckHoldings(state));
    }
    entities_.NoteEntry(delta);
    entities_.TakeNewNames(record_);
    record_bytes_.clear();
    wire::AppendBytes(record_, record_bytes_);
    row.record = record_bytes_;
    row.movements = movements_text_;
    return queue_.Add(row);
  }

  absl::Status PutMovements(const std::vector<Movement>& movements) {
    movements_.resize(movements.size());
    for (size_t i = 0; i < movements.size(); ++i) {
      RETURN_IF_ERROR(NumberMovement(movements[i], entities_, movements_[i]));
      ASSIGN_OR_RETURN(const LineLinks links,
                       entities_.NoteMovement(movements[i]));
      movements_[i].back = links.back;
      movements_[i].jump = links.jump;
    }
    movements_text_.clear();
    wire::AppendMovements(movements_, movements_text_);
    return absl::OkStatus();
  }

  absl::Status PutRecordAndPersonal(const Delta& delta, const EntryRow& row) {
    std::string key;
    if (!delta.personal_attributes.empty() && row.actor.has_value()) {
      ASSIGN_OR_RETURN(key, names_.KeyOf(*row.actor));
    }
    personal_.clear();
    RETURN_IF_ERROR(PutRecord(delta, entities_, key, record_, personal_));
    for (const PersonalValue& value : personal_) {
      RETURN_IF_ERROR(db_.Run("INSERT INTO personal VALUES (?, ?, ?, ?)",
                              row.actor.value_or(0), row.seq, value.name,
                              Blob{value.bytes}));
    }
    return absl::OkStatus();
  }

  absl::Status AppendReversal(const Movement& m) {
    ASSIGN_OR_RETURN(const int64_t member, entities_.MemberNumber(m.member));
    ASSIGN_OR_RETURN(const int64_t currency,
                     entities_.SymbolNumber(m.currency));
    RETURN_IF_ERROR(queue_.Flush());
    for (const Position& undone : m.reverses) {
      ASSIGN_OR_RETURN(const std::optional<GivenAward> award,
                       MovementAt(db_, names_, undone));
      if (!award.has_value() || !model::MayBeUndone(award->movement.kind) ||
          Aliases().Resolve(award->movement.member) != m.member ||
          award->movement.currency != m.currency) {
        return absl::InternalError(absl::StrCat(
            "event ", m.at.seq, " undoes what is no award of \"", m.member,
            "\" in ", m.currency.text(), ": ", undone.seq, "/", undone.n));
      }
    }
    return AddReversal(db_, member, currency, m.at, m.reverses, m.of);
  }

  std::shared_ptr<SqliteWriter> writer_;
  Database& db_;
  Entities& entities_;
  Names names_;
  EntryQueue queue_;
  // Of the entry that is being written; kept for their memory.
  v1::Record record_;
  std::string record_bytes_, movements_text_;
  std::vector<wire::MovementNumbers> movements_;
  std::vector<PersonalValue> personal_;
  std::optional<Head> head_;
  std::string free_id_;  // found to be so since the last write, if any
  bool open_ = true;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transaction>> BeginSqliteTransaction(
    std::shared_ptr<SqliteWriter> writer) {
  RETURN_IF_ERROR(writer->Begin());
  return std::make_unique<SqliteTransaction>(std::move(writer));
}

}  // namespace loyalty::store
