// SPDX-License-Identifier: Apache-2.0
//
// The two ends of what is put off: the journal's tail is read where a writer or
// reader begins, and merged into the tables when it has grown. See entities.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "model/member_name.h"
#include "store/entities.h"
#include "store/journal_rows.h"
#include "store/member_row.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

using model::Entity;

// Each statement for both kinds of tables.
struct Statement {
  const char* file;
  const char* tail;

  const char* For(MergeInto into) const {
    return into == MergeInto::kFile ? file : tail;
  }
};
#define LOYALTY_MERGE(before, after) \
  { before after, before "temp.tail_" after }

constexpr Statement kAddMembers =
    LOYALTY_MERGE("INSERT INTO ",
                  "member_by_id SELECT id, member FROM member "
                  "WHERE member > ? ORDER BY id");
constexpr Statement kAddErased =
    LOYALTY_MERGE("INSERT OR REPLACE INTO ", "member_by_id VALUES (?, ?)");
constexpr Statement kAddAbout =
    LOYALTY_MERGE("INSERT INTO ", "about VALUES (?)");
constexpr Statement kPutMember = LOYALTY_MERGE(
    "INSERT OR REPLACE INTO ", "member_state VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
constexpr Statement kPutPage = LOYALTY_MERGE(
    "INSERT OR REPLACE INTO ", "counter_page VALUES (?, ?, ?, ?)");
constexpr Statement kPutKeyed = LOYALTY_MERGE(
    "INSERT OR REPLACE INTO ", "keyed_counter VALUES (?, ?, ?, ?, ?, ?)");
#undef LOYALTY_MERGE

constexpr char kDropPage[] =
    "DELETE FROM counter_page WHERE kind = ? AND entity = ? AND page = ?";
constexpr char kDropKeyed[] =
    "DELETE FROM keyed_counter WHERE kind = ? AND entity = ? AND name = ? "
    "AND window = ? AND key = ?";

// Tables for a reader's tail, and views by which its statements see both. What
// is deleted there is empty, or 0.
constexpr char kMakeTail[] = R"sql(
CREATE TEMP TABLE tail_event_by_id (id TEXT PRIMARY KEY, seq INTEGER)
  WITHOUT ROWID;
CREATE TEMP TABLE tail_member_by_id (id TEXT PRIMARY KEY, member INTEGER)
  WITHOUT ROWID;
CREATE TEMP TABLE tail_about (place INTEGER PRIMARY KEY);
CREATE TEMP TABLE tail_member_state (member INTEGER PRIMARY KEY, since INTEGER,
  lines INTEGER, ends TEXT, holdings TEXT, counters BLOB, keyed INTEGER,
  lots BLOB);
CREATE TEMP TABLE tail_due (time INTEGER, member INTEGER,
  PRIMARY KEY (time, member)) WITHOUT ROWID;
CREATE TEMP TABLE tail_counter_page (kind INTEGER, entity, page INTEGER,
  body BLOB, PRIMARY KEY (kind, entity, page)) WITHOUT ROWID;
CREATE TEMP TABLE tail_keyed_counter (kind INTEGER, entity, name INTEGER,
  window INTEGER, key, value INTEGER,
  PRIMARY KEY (kind, entity, name, window, key)) WITHOUT ROWID;
CREATE TEMP VIEW event_by_id AS SELECT * FROM main.event_by_id
  UNION ALL SELECT * FROM temp.tail_event_by_id;
CREATE TEMP VIEW member_by_id AS SELECT * FROM main.member_by_id
  UNION ALL SELECT * FROM temp.tail_member_by_id;
CREATE TEMP VIEW about AS SELECT * FROM main.about
  UNION ALL SELECT * FROM temp.tail_about;
CREATE TEMP VIEW member_state AS SELECT * FROM main.member_state AS m
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_member_state AS t
                    WHERE t.member = m.member)
  UNION ALL SELECT * FROM temp.tail_member_state;
CREATE TEMP VIEW due AS SELECT * FROM main.due
  WHERE member NOT IN (SELECT member FROM temp.tail_member_state)
  UNION ALL SELECT * FROM temp.tail_due;
CREATE TEMP VIEW counter_page AS SELECT * FROM main.counter_page AS c
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_counter_page AS t
                    WHERE t.kind = c.kind AND t.entity = c.entity
                    AND t.page = c.page)
  UNION ALL SELECT * FROM temp.tail_counter_page;
CREATE TEMP VIEW keyed_counter AS SELECT * FROM main.keyed_counter AS c
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_keyed_counter AS t
                    WHERE t.kind = c.kind AND t.entity = c.entity
                    AND t.name = c.name AND t.window = c.window
                    AND t.key = c.key)
  UNION ALL SELECT * FROM temp.tail_keyed_counter;
)sql";

// Of which award it takes a part, if it is a reversal that does.
std::optional<model::Position> PartOf(const wire::MovementNumbers& m) {
  const bool reverses =
      m.kind == static_cast<int64_t>(model::Movement::Kind::kReversal);
  return reverses ? m.of : std::nullopt;
}

// As a column has an entity: members by number.
struct EntityColumn {
  const Kept& kept;

  template <typename Run>
  absl::Status For(Run&& run) const {
    return kept.kind == Entity::Kind::kMember ? run(kept.number)
                                              : run(std::string_view(kept.id));
  }
};

}  // namespace

absl::Status Entities::ReadApplied() {
  {
    Rows row = db_.Query("SELECT through, member, newest FROM applied");
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return absl::DataLossError("the file does not say what is applied");
    }
    through_ = through_now_ = row.Int(0);
    merged_member_ = row.Int(1);
    newest_ = row.Int(2);
  }
  // A number whose name was forgotten is not given again.
  ASSIGN_OR_RETURN(
      const int64_t last_member,
      journal_.Number("SELECT coalesce(max(member), 0) FROM member"));
  next_member_ = std::max(last_member, merged_member_) + 1;
  ASSIGN_OR_RETURN(id_order_, ids_in_tables_.OrderAt(through_));
  return absl::OkStatus();
}

absl::Status Entities::CatchUp() {
  RETURN_IF_ERROR(ReadApplied());
  Begin();
  RETURN_IF_ERROR(CatchUpWithNames());
  JournalRows rows(journal_, through_, -1);
  while (const EntryRow* const row = rows.Next()) {
    RETURN_IF_ERROR(CatchUpWith(*row));
    NoteId(row->id, row->seq);
  }
  Keep();
  by_number_.clear();
  return rows.status();
}

absl::StatusOr<int64_t> Entities::RemakeNames() {
  Rows rows = journal_.Query("SELECT id, member FROM member ORDER BY id");
  while (rows.Next()) {
    RETURN_IF_ERROR(db_.Run("INSERT INTO member_by_id VALUES (?, ?)",
                            rows.Text(0), rows.Int(1)));
  }
  RETURN_IF_ERROR(rows.status());
  // The last number that was given, also to somebody who was erased since.
  Rows entries = journal_.Query("SELECT record FROM event ORDER BY seq DESC");
  while (entries.Next()) {
    RETURN_IF_ERROR(ParseRecord(entries.Bytes(0), record_));
    const int64_t last = LastMemberOf(record_);
    if (last == 0) continue;
    RETURN_IF_ERROR(AddErasedNames(0, last, MergeInto::kFile));
    return last;
  }
  RETURN_IF_ERROR(entries.status());
  return 0;
}

// Members whose names were erased are found by what they are called instead.
absl::Status Entities::AddErasedNames(int64_t after, int64_t last,
                                      MergeInto into) {
  ASSIGN_OR_RETURN(
      const int64_t named,
      journal_.Number("SELECT count(*) FROM member WHERE member > ?", after));
  if (named >= last - after) return absl::OkStatus();
  for (int64_t number = after + 1; number <= last; ++number) {
    ASSIGN_OR_RETURN(
        const int64_t has_name,
        journal_.Number("SELECT count(*) FROM member WHERE member = ?",
                        number));
    if (has_name != 0) continue;
    const std::string name = model::ErasedName(number);
    RETURN_IF_ERROR(
        db_.Run(kAddErased.For(into), std::string_view(name), number));
  }
  return absl::OkStatus();
}

// CatchUpWith has read the row.
absl::Status Entities::RemakeWhatNeverLags(const EntryRow& row) {
  for (size_t n = 0; n < movements_.size(); ++n) {
    const wire::MovementNumbers& m = movements_[n];
    RETURN_IF_ERROR(AddReversal(db_, m.member, m.currency,
                                {row.seq, static_cast<int32_t>(n)}, m.reverses,
                                PartOf(m)));
  }
  for (const int64_t reversed : record_.reversed_event()) {
    RETURN_IF_ERROR(AddEventReversal(db_, reversed, row.seq));
  }
  for (int i = 0; i + 1 < record_.alias_size(); i += 2) {
    RETURN_IF_ERROR(AddAliasRow(db_, static_cast<int64_t>(record_.alias(i)),
                                static_cast<int64_t>(record_.alias(i + 1)),
                                row.seq));
  }
  return absl::OkStatus();
}

absl::Status Entities::Remake() {
  ASSIGN_OR_RETURN(const int64_t last_member, RemakeNames());
  RETURN_IF_ERROR(ReadApplied());
  next_member_ = std::max(next_member_, last_member + 1);
  merged_member_ = next_member_ - 1;
  Begin();
  JournalRows rows(journal_, 0, -1);
  while (const EntryRow* const row = rows.Next()) {
    RETURN_IF_ERROR(CatchUpWith(*row));
    RETURN_IF_ERROR(RemakeWhatNeverLags(*row));
    id_order_.Add(row->id, row->seq);
    through_now_ = row->seq;
    if (dirty_bytes_ < budget_) continue;
    RETURN_IF_ERROR(MergeTables(MergeInto::kFile));
    ClearTail();
    Keep();
    Sweep();
  }
  RETURN_IF_ERROR(rows.status());
  RETURN_IF_ERROR(
      ids_in_tables_.Add(0, through_now_, id_order_, MergeInto::kFile));
  RETURN_IF_ERROR(MergeTables(MergeInto::kFile));
  Merged();
  Keep();
  return absl::OkStatus();
}

absl::Status Entities::CatchUpWithNames() {
  Rows rows = journal_.Query("SELECT id, member FROM member WHERE member > ?",
                             merged_member_);
  while (rows.Next()) {
    ASSIGN_OR_RETURN(Kept* const kept,
                     Touch(Entity::Kind::kMember, rows.Text(0)));
    kept->number = rows.Int(1);
    MakeDirty(*kept);
    by_number_.emplace(kept->number, kept);
  }
  return rows.status();
}

// Whether or not a table knows the member by its name.
absl::StatusOr<Kept*> Entities::MemberOfNumber(int64_t number) {
  if (const auto found = by_number_.find(number); found != by_number_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(const std::string id, names_.Member(number));
  ASSIGN_OR_RETURN(Kept* const kept, Touch(Entity::Kind::kMember, id));
  if (kept->number == 0) kept->number = number;
  by_number_.emplace(number, kept);
  return kept;
}

absl::StatusOr<Kept*> Entities::OfCode(int64_t whose, const EntryRow& row,
                                       const v1::Record& record) {
  if (whose > 0) return MemberOfNumber(whose);
  if (whose == 0) return Touch(Entity::Kind::kProgram, "");
  if (whose == -1 && row.target.has_value()) {
    return Touch(Entity::Kind::kObject, *row.target);
  }
  const int64_t other = -2 - whose;
  if (other < 0 || other >= record.other_object_size()) {
    return absl::DataLossError("an entry counts at nobody");
  }
  return Touch(Entity::Kind::kObject,
               record.other_object(static_cast<int>(other)));
}

absl::Status Entities::CatchUpWithMovement(const EntryRow& row, size_t n) {
  const wire::MovementNumbers& m = movements_[n];
  ASSIGN_OR_RETURN(Kept* const member, MemberOfNumber(m.member));
  MakeDirty(*member);
  ASSIGN_OR_RETURN(const model::Symbol currency, names_.Symbol(m.currency));
  member->Holding(m.currency, currency)
      .Move({m.balance, m.earned()}, {row.seq, static_cast<int32_t>(n)});
  if (member->lines.last().seq == row.seq) return absl::OkStatus();
  member->lines.Add(row.seq);
  return absl::OkStatus();
}

absl::Status Entities::CatchUpWithRecord(const EntryRow& row) {
  const v1::Record& record = record_;
  for (int i = 0; i + 1 < record.since_size(); i += 2) {
    ASSIGN_OR_RETURN(Kept* const kept, MemberOfNumber(record.since(i)));
    MakeDirty(*kept);
    kept->exists = true;
    kept->since = TimeOf(record.since(i + 1));
  }
  for (int i = 0; i + 3 < record.counter_size(); i += 4) {
    ASSIGN_OR_RETURN(Kept* const kept, OfCode(record.counter(i), row, record));
    MakeDirty(*kept);
    RETURN_IF_ERROR(
        SetCounter(*kept,
                   {.window = WindowOfCode(record.counter(i + 2), row.time),
                    .name = record.counter(i + 1)},
                   record.counter(i + 3), {row.seq, i / 4})
            .status());
  }
  for (const v1::KeyedCounter& counter : record.keyed_counter()) {
    ASSIGN_OR_RETURN(Kept* const kept, OfCode(counter.whose(), row, record));
    MakeDirty(*kept);
    RETURN_IF_ERROR(
        SetKeyed(*kept,
                 {.name = static_cast<int64_t>(counter.name()),
                  .window = WindowOfCode(counter.window(), row.time),
                  .member = static_cast<int64_t>(counter.member()),
                  .object = counter.object()},
                 counter.value())
            .status());
  }
  counters_before_.clear();
  keyed_before_.clear();
  return CatchUpWithLots(row);
}

absl::Status Entities::CatchUpWith(const EntryRow& row) {
  RETURN_IF_ERROR(ParseRecord(row.record, record_));
  RETURN_IF_ERROR(ParseMovements(row.movements, movements_));
  // A number whose name was erased is not given again.
  next_member_ = std::max(next_member_, LastMemberOf(record_) + 1);
  ASSIGN_OR_RETURN(const model::Symbol type, names_.Symbol(row.type));
  if (row.rejected == 0 && type.text() != kSweep) {
    newest_ = std::max(newest_, row.time);
  }
  for (size_t n = 0; n < movements_.size(); ++n) {
    RETURN_IF_ERROR(CatchUpWithMovement(row, n));
  }
  if (!movements_.empty() && row.target.has_value()) {
    AddAbout(*row.target, row.seq);
  }
  return CatchUpWithRecord(row);
}

absl::Status Entities::MergeAbouts(MergeInto into) {
  std::vector<int64_t> places;
  places.reserve(abouts_.size());
  for (const About& about : abouts_) places.push_back(about.place());
  std::sort(places.begin(), places.end());
  for (const int64_t place : places) {
    RETURN_IF_ERROR(db_.Run(kAddAbout.For(into), place));
  }
  return absl::OkStatus();
}

// The program has a row of its own, as member 0, for what is held in stock.
absl::Status Entities::MergeMember(Kept& kept, MergeInto into,
                                   BoardChanges& boards) {
  const bool has_row =
      kept.exists || (kept.number == 0 && kept.lots != nullptr);
  if (!has_row) return absl::OkStatus();  // only named so far
  std::string lots;
  RETURN_IF_ERROR(MergeLots(kept, into, lots));
  std::string holdings;
  for (const Kept::Held& held : kept.holdings) {
    AppendHolding(held.currency, held.now, held.reached, holdings);
    const auto listed = [](bool hidden, const BoardKey& key) {
      return hidden ? std::nullopt : std::optional(key);
    };
    boards.Move({held.currency}, kept.number,
                listed(kept.was_hidden, WasAt(kept, held.currency)),
                listed(kept.hidden, held.place()));
  }
  RETURN_IF_ERROR(MergePlaces(kept, into, boards));
  holdings += holdings.empty() ? "[]" : "]";
  const std::string ends = EndsText(kept.lines);
  // What the program counts has rows of its own.
  const bool is_member = kept.kind == Entity::Kind::kMember;
  const std::string counters =
      is_member ? MemberCounterBytes(kept.counters) : std::string();
  const uint64_t keyed_bits = is_member ? kept.keyed.bits : 0;
  return db_.Run(kPutMember.For(into), kept.number, MicrosOf(kept.since),
                 kept.lines.count(), ends, holdings, Blob{counters},
                 static_cast<int64_t>(keyed_bits), Blob{lots});
}

absl::Status Entities::MergeEntity(Kept& kept, MergeInto into,
                                   BoardChanges& boards) {
  const bool is_member = kept.kind == Entity::Kind::kMember;
  if (is_member || kept.kind == Entity::Kind::kProgram) {
    RETURN_IF_ERROR(MergeMember(kept, into, boards));
  }
  const auto kind = static_cast<int64_t>(kept.kind);
  absl::Status status;
  kept.counters.ForEachDirty([&](int64_t page) {
    if (!status.ok()) return;
    if (is_member && (page == 0 || page == kept.counters.latest())) return;
    const std::string body = PageBytes(kept.counters, page);
    status = EntityColumn{kept}.For([&](auto entity) {
      return body.empty() && into == MergeInto::kFile
                 ? db_.Run(kDropPage, kind, entity, page)
                 : db_.Run(kPutPage.For(into), kind, entity, page, Blob{body});
    });
  });
  RETURN_IF_ERROR(status);
  for (const auto& [id, counter] : kept.keyed.values) {
    if (!counter.dirty) continue;
    RETURN_IF_ERROR(EntityColumn{kept}.For(
        [&, &id = id, &value = counter.value](auto entity) {
          const auto put = [&](auto key) {
            return value == 0 && into == MergeInto::kFile
                       ? db_.Run(kDropKeyed, kind, entity, id.name, id.window,
                                 key)
                       : db_.Run(kPutKeyed.For(into), kind, entity, id.name,
                                 id.window, key, value);
          };
          return id.member != 0 ? put(id.member)
                                : put(std::string_view(id.object));
        }));
  }
  return absl::OkStatus();
}

absl::Status Entities::MergeTables(MergeInto into) {
  RETURN_IF_ERROR(MergeAbouts(into));
  // In the order of the tables, so that each of their pages is visited once.
  std::sort(dirty_.begin(), dirty_.end(), [](const Kept* a, const Kept* b) {
    return std::tie(a->kind, a->number, a->id) <
           std::tie(b->kind, b->number, b->id);
  });
  BoardChanges boards;
  for (Kept* const kept : dirty_) {
    RETURN_IF_ERROR(MergeEntity(*kept, into, boards));
  }
  RETURN_IF_ERROR(boards.Merge(db_, into));
  if (into == MergeInto::kTail) return absl::OkStatus();
  return db_.Run("UPDATE applied SET through = ?, member = ?, newest = ?",
                 through_now_, next_member_ - 1, newest_);
}

absl::Status Entities::Merge(MergeInto into) {
  if (into == MergeInto::kTail) {
    RETURN_IF_ERROR(db_.Execute(kMakeTail));
    RETURN_IF_ERROR(db_.Execute(kMakeBoardTail));
  }
  RETURN_IF_ERROR(ids_in_tables_.Add(through_, through_now_, id_order_, into));
  RETURN_IF_ERROR(db_.Run(kAddMembers.For(into), merged_member_));
  RETURN_IF_ERROR(AddErasedNames(merged_member_, next_member_ - 1, into));
  return MergeTables(into);
}

void Entities::Merged() {
  ClearTail();
  id_order_.ForgetBefore(IdOrder::BlockOf(through_ + 1));
}

void Entities::ClearTail() {
  for (Kept* const kept : dirty_) {
    kept->dirty = false;
    kept->counters.Clean();
    kept->merged_due = kept->merging_due;
    PlacesMerged(*kept);
    for (auto& [id, counter] : kept->keyed.values) counter.dirty = false;
  }
  dirty_.clear();
  were_held_.clear();
  dirty_bytes_ = 0;
  abouts_.clear();
  id_hashes_.clear();
  indexed_abouts_ = indexed_ids_ = 0;
  last_about_.clear();
  ids_.clear();
  same_hash_.clear();
  through_ = through_now_;
  merged_member_ = next_member_ - 1;
}

}  // namespace loyalty::store
