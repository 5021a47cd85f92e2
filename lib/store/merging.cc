// SPDX-License-Identifier: Apache-2.0
//
// The two ends of what is put off: the journal's tail is read where a writer or
// reader begins, and merged into the tables when it has grown. See entities.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "store/entities.h"
#include "store/journal_rows.h"
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

constexpr Statement kAddIds =
    LOYALTY_MERGE("INSERT INTO ",
                  "event_by_id SELECT id, seq FROM event WHERE seq > ? "
                  "ORDER BY id");
constexpr Statement kAddMembers =
    LOYALTY_MERGE("INSERT INTO ",
                  "member_by_id SELECT id, member FROM member "
                  "WHERE member > ? ORDER BY id");
constexpr Statement kAddObjects =
    LOYALTY_MERGE("INSERT INTO ",
                  "object_by_id SELECT id, object FROM object "
                  "WHERE object > ? ORDER BY id");
constexpr Statement kAddLine =
    LOYALTY_MERGE("INSERT INTO ", "line VALUES (?, ?, ?)");
constexpr Statement kAddGave =
    LOYALTY_MERGE("INSERT INTO ", "gave VALUES (?, ?)");
constexpr Statement kPutMembership =
    LOYALTY_MERGE("INSERT OR REPLACE INTO ", "membership VALUES (?, ?)");
constexpr Statement kPutHolding =
    LOYALTY_MERGE("INSERT INTO ",
                  "holding VALUES (?, ?, ?, ?) "
                  "ON CONFLICT (member, currency) DO UPDATE SET "
                  "balance = excluded.balance, earned = excluded.earned");
constexpr Statement kPutPage =
    LOYALTY_MERGE("INSERT OR REPLACE INTO ", "counter VALUES (?, ?, ?, ?)");
#undef LOYALTY_MERGE

constexpr char kDropPage[] =
    "DELETE FROM counter WHERE kind = ? AND entity = ? AND page = ?";

// Tables for a reader's tail, and views by which its statements see both.
constexpr char kMakeTail[] = R"sql(
CREATE TEMP TABLE tail_event_by_id (id TEXT PRIMARY KEY, seq INTEGER)
  WITHOUT ROWID;
CREATE TEMP TABLE tail_member_by_id (id TEXT PRIMARY KEY, member INTEGER)
  WITHOUT ROWID;
CREATE TEMP TABLE tail_object_by_id (id TEXT PRIMARY KEY, object INTEGER)
  WITHOUT ROWID;
CREATE TEMP TABLE tail_line (member INTEGER, seq INTEGER, n INTEGER,
  PRIMARY KEY (member, seq, n)) WITHOUT ROWID;
CREATE TEMP TABLE tail_gave (object INTEGER, seq INTEGER,
  PRIMARY KEY (object, seq)) WITHOUT ROWID;
CREATE TEMP TABLE tail_membership (member INTEGER PRIMARY KEY, since INTEGER);
CREATE TEMP TABLE tail_holding (member INTEGER, currency INTEGER,
  balance INTEGER, earned INTEGER, PRIMARY KEY (member, currency))
  WITHOUT ROWID;
CREATE TEMP TABLE tail_counter (kind INTEGER, entity INTEGER, page INTEGER,
  body BLOB, PRIMARY KEY (kind, entity, page)) WITHOUT ROWID;
CREATE TEMP VIEW event_by_id AS SELECT * FROM main.event_by_id
  UNION ALL SELECT * FROM temp.tail_event_by_id;
CREATE TEMP VIEW member_by_id AS SELECT * FROM main.member_by_id
  UNION ALL SELECT * FROM temp.tail_member_by_id;
CREATE TEMP VIEW object_by_id AS SELECT * FROM main.object_by_id
  UNION ALL SELECT * FROM temp.tail_object_by_id;
CREATE TEMP VIEW line AS SELECT * FROM main.line
  UNION ALL SELECT * FROM temp.tail_line;
CREATE TEMP VIEW gave AS SELECT * FROM main.gave
  UNION ALL SELECT * FROM temp.tail_gave;
CREATE TEMP VIEW membership AS SELECT * FROM main.membership AS m
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_membership AS t
                    WHERE t.member = m.member)
  UNION ALL SELECT * FROM temp.tail_membership;
CREATE TEMP VIEW holding AS SELECT * FROM main.holding AS h
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_holding AS t
                    WHERE t.member = h.member AND t.currency = h.currency)
  UNION ALL SELECT * FROM temp.tail_holding;
CREATE TEMP VIEW counter AS SELECT * FROM main.counter AS c
  WHERE NOT EXISTS (SELECT 1 FROM temp.tail_counter AS t
                    WHERE t.kind = c.kind AND t.entity = c.entity
                    AND t.page = c.page)
  UNION ALL SELECT * FROM temp.tail_counter;
)sql";

std::string PageBytes(const Kept::Page& page) {
  v1::CounterPage body;
  for (const auto& [id, value] : page.counters) {
    if (value == 0) continue;
    v1::Counter& counter = *body.add_counter();
    counter.set_name(static_cast<uint64_t>(id.name));
    counter.set_window(id.window);
    counter.set_key(id.key);
    counter.set_value(value);
  }
  return wire::BytesOf(body);
}

}  // namespace

absl::Status Entities::ReadApplied() {
  {
    Rows row = db_.Query("SELECT through, member, object FROM applied");
    if (!row.Next()) {
      RETURN_IF_ERROR(row.status());
      return absl::DataLossError("the file does not say what is applied");
    }
    through_ = through_now_ = row.Int(0);
    merged_member_ = row.Int(1);
    merged_object_ = row.Int(2);
  }
  // A number whose name was forgotten is not given again.
  ASSIGN_OR_RETURN(
      const int64_t last_member,
      journal_.Number("SELECT coalesce(max(member), 0) FROM member"));
  next_member_ = std::max(last_member, merged_member_) + 1;
  ASSIGN_OR_RETURN(
      const int64_t last_object,
      journal_.Number("SELECT coalesce(max(object), 0) FROM object"));
  next_object_ = last_object + 1;
  Rows row = db_.Query("SELECT max(id) FROM event_by_id");
  if (row.Next()) max_id_ = row.Text(0);
  return row.status();
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
  return rows.status();
}

absl::Status Entities::RemakeNames() {
  for (const auto& [from, to] :
       {std::pair("SELECT id, seq FROM event ORDER BY id",
                  "INSERT INTO event_by_id VALUES (?, ?)"),
        std::pair("SELECT id, member FROM member ORDER BY id",
                  "INSERT INTO member_by_id VALUES (?, ?)"),
        std::pair("SELECT id, object FROM object ORDER BY id",
                  "INSERT INTO object_by_id VALUES (?, ?)")}) {
    Rows rows = journal_.Query(from);
    while (rows.Next()) {
      RETURN_IF_ERROR(db_.Run(to, rows.Text(0), rows.Int(1)));
    }
    RETURN_IF_ERROR(rows.status());
  }
  return absl::OkStatus();
}

absl::Status Entities::RemakeReversals(const EntryRow& row) {
  ASSIGN_OR_RETURN(const std::vector<wire::MovementNumbers> movements,
                   ParsedMovements(row.movements));
  for (size_t n = 0; n < movements.size(); ++n) {
    const wire::MovementNumbers& m = movements[n];
    RETURN_IF_ERROR(AddReversal(db_, m.member, m.currency,
                                {row.seq, static_cast<int32_t>(n)},
                                m.reverses));
  }
  ASSIGN_OR_RETURN(const v1::Record record, ParsedRecord(row.record));
  for (const int64_t reversed : record.reversed_event()) {
    RETURN_IF_ERROR(AddEventReversal(db_, reversed, row.seq));
  }
  return absl::OkStatus();
}

absl::Status Entities::Remake() {
  RETURN_IF_ERROR(RemakeNames());
  RETURN_IF_ERROR(ReadApplied());
  merged_member_ = next_member_ - 1;
  merged_object_ = next_object_ - 1;
  Begin();
  JournalRows rows(journal_, 0, -1);
  while (const EntryRow* const row = rows.Next()) {
    RETURN_IF_ERROR(CatchUpWith(*row));
    RETURN_IF_ERROR(RemakeReversals(*row));
    through_now_ = row->seq;
    if (dirty_bytes_ < budget_) continue;
    RETURN_IF_ERROR(MergeTables(MergeInto::kFile));
    Merged();
    Keep();
    Sweep();
  }
  RETURN_IF_ERROR(rows.status());
  RETURN_IF_ERROR(MergeTables(MergeInto::kFile));
  Merged();
  Keep();
  return absl::OkStatus();
}

// The entity `entity`, which has this number, whether or not a table says so.
absl::StatusOr<Kept*> Entities::Renamed(const Entity& entity, int64_t number) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(entity));
  if (kept->number == 0 && entity.kind != Entity::Kind::kProgram) {
    kept->number = number;
  }
  MakeDirty(*kept);
  return kept;
}

absl::Status Entities::CatchUpWithNames() {
  for (const auto& [kind, sql, after] :
       {std::tuple(Entity::Kind::kMember,
                   "SELECT id, member FROM member WHERE member > ?",
                   merged_member_),
        std::tuple(Entity::Kind::kObject,
                   "SELECT id, object FROM object WHERE object > ?",
                   merged_object_)}) {
    Rows rows = journal_.Query(sql, after);
    while (rows.Next()) {
      RETURN_IF_ERROR(
          Renamed({kind, std::string(rows.Text(0))}, rows.Int(1)).status());
    }
    RETURN_IF_ERROR(rows.status());
  }
  return absl::OkStatus();
}

absl::Status Entities::CatchUpWith(const EntryRow& row) {
  ASSIGN_OR_RETURN(const v1::Record record, ParsedRecord(row.record));
  ASSIGN_OR_RETURN(const std::vector<wire::MovementNumbers> movements,
                   ParsedMovements(row.movements));
  bool gave = false;
  for (size_t i = 0; i < movements.size(); ++i) {
    const wire::MovementNumbers& m = movements[i];
    ASSIGN_OR_RETURN(std::string id, names_.Member(m.member));
    ASSIGN_OR_RETURN(Kept* const member,
                     Renamed({Entity::Kind::kMember, std::move(id)}, m.member));
    Kept::Held* held = member->Holding(m.currency);
    if (held == nullptr) {
      held = &member->holdings.emplace_back(Kept::Held{.currency = m.currency});
      ASSIGN_OR_RETURN(held->name, NameOf(m.currency));
    }
    held->now = {m.balance, m.earned};
    held->dirty = true;
    AddLine(*member, lines_, {row.seq, static_cast<int32_t>(i)});
    gave |= m.kind == static_cast<int64_t>(model::Movement::Kind::kAward);
  }
  if (gave && row.target.has_value()) {
    ASSIGN_OR_RETURN(std::string id, names_.Object(*row.target));
    ASSIGN_OR_RETURN(
        Kept* const object,
        Renamed({Entity::Kind::kObject, std::move(id)}, *row.target));
    AddLine(*object, abouts_, {row.seq, 0});
  }
  for (const v1::Change& change : record.change()) {
    const auto number = static_cast<int64_t>(change.number());
    Entity entity;
    if (change.is_object()) {
      entity.kind = Entity::Kind::kObject;
      ASSIGN_OR_RETURN(entity.id, names_.Object(number));
    } else if (number != 0) {
      entity.kind = Entity::Kind::kMember;
      ASSIGN_OR_RETURN(entity.id, names_.Member(number));
    }
    ASSIGN_OR_RETURN(Kept* const kept, Renamed(entity, number));
    if (change.has_since_us()) {
      kept->exists = true;
      kept->since = TimeOf(change.since_us());
      kept->since_dirty = true;
    }
    for (const v1::Counter& counter : change.counter()) {
      RETURN_IF_ERROR(SetCounter(*kept,
                                 {static_cast<int64_t>(counter.name()),
                                  counter.window(), counter.key()},
                                 counter.value()));
    }
    counters_before_.clear();
  }
  return absl::OkStatus();
}

absl::Status Entities::MergeLines(MergeInto into) {
  const auto by_owner = [](const Line& a, const Line& b) {
    return std::tie(a.owner, a.at) < std::tie(b.owner, b.at);
  };
  std::vector<Line> sorted = lines_;
  std::sort(sorted.begin(), sorted.end(), by_owner);
  for (const Line& line : sorted) {
    RETURN_IF_ERROR(
        db_.Run(kAddLine.For(into), line.owner, line.at.seq, line.at.n));
  }
  sorted = abouts_;
  std::sort(sorted.begin(), sorted.end(), by_owner);
  for (const Line& line : sorted) {
    RETURN_IF_ERROR(db_.Run(kAddGave.For(into), line.owner, line.at.seq));
  }
  return absl::OkStatus();
}

absl::Status Entities::MergeEntity(Kept& kept, MergeInto into) {
  if (kept.since_dirty) {
    RETURN_IF_ERROR(
        db_.Run(kPutMembership.For(into), kept.number, MicrosOf(kept.since)));
  }
  for (const Kept::Held& held : kept.holdings) {
    if (!held.dirty) continue;
    RETURN_IF_ERROR(db_.Run(kPutHolding.For(into), kept.number, held.currency,
                            held.now.balance, held.now.earned));
  }
  const auto kind = static_cast<int64_t>(kept.kind);
  for (const Kept::Page& page : kept.pages) {
    if (!page.dirty) continue;
    const std::string body = PageBytes(page);
    if (body.empty() && into == MergeInto::kFile) {
      RETURN_IF_ERROR(db_.Run(kDropPage, kind, kept.number, page.page));
    } else {
      RETURN_IF_ERROR(db_.Run(kPutPage.For(into), kind, kept.number, page.page,
                              Blob{body}));
    }
  }
  return absl::OkStatus();
}

absl::Status Entities::MergeTables(MergeInto into) {
  RETURN_IF_ERROR(MergeLines(into));
  // In the order of the tables, so that each of their pages is visited once.
  std::sort(dirty_.begin(), dirty_.end(), [](const Kept* a, const Kept* b) {
    return std::pair(a->kind, a->number) < std::pair(b->kind, b->number);
  });
  for (Kept* const kept : dirty_) {
    RETURN_IF_ERROR(MergeEntity(*kept, into));
  }
  if (into == MergeInto::kTail) return absl::OkStatus();
  return db_.Run("UPDATE applied SET through = ?, member = ?, object = ?",
                 through_now_, next_member_ - 1, next_object_ - 1);
}

absl::Status Entities::Merge(MergeInto into) {
  if (into == MergeInto::kTail) RETURN_IF_ERROR(db_.Execute(kMakeTail));
  RETURN_IF_ERROR(db_.Run(kAddIds.For(into), through_));
  RETURN_IF_ERROR(db_.Run(kAddMembers.For(into), merged_member_));
  RETURN_IF_ERROR(db_.Run(kAddObjects.For(into), merged_object_));
  return MergeTables(into);
}

void Entities::Merged() {
  for (Kept* const kept : dirty_) {
    kept->dirty = kept->since_dirty = false;
    kept->last = -1;
    for (Kept::Held& held : kept->holdings) held.dirty = false;
    for (Kept::Page& page : kept->pages) {
      page.dirty = false;
      std::erase_if(page.counters,
                    [](const auto& counter) { return counter.second == 0; });
    }
  }
  dirty_.clear();
  dirty_bytes_ = 0;
  lines_.clear();
  abouts_.clear();
  ids_.clear();
  id_hashes_.clear();
  same_hash_.clear();
  through_ = through_now_;
  merged_member_ = next_member_ - 1;
  merged_object_ = next_object_ - 1;
}

}  // namespace loyalty::store
