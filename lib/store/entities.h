// SPDX-License-Identifier: Apache-2.0
//
// Entities: what is remembered of members and objects, and how what events
// changed of them reaches the tables: put off, sorted, in bulk.
//
// Between two merges the tables lag behind the journal. What they lack, the
// tail, is here: changed entities, the lines of members, the events about
// objects. So it is read here first.
#ifndef LOYALTY_LIB_STORE_ENTITIES_H_
#define LOYALTY_LIB_STORE_ENTITIES_H_

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loyalty/v1/journal.pb.h"
#include "model/entity.h"
#include "model/journal.h"
#include "store/database.h"
#include "store/record.h"
#include "store/symbols.h"

namespace loyalty::store {

// A counter as tables and entries name it.
struct CounterId {
  int64_t name = 0;  // symbol
  int64_t window = 0;
  std::string key = {};  // KeyText

  friend auto operator<=>(const CounterId&, const CounterId&) = default;
};

// A counter's key as a text: its id, behind a NUL, which no id has, if it is
// an object's.
inline std::string KeyText(const model::Entity& key) {
  const bool is_object = key.kind == model::Entity::Kind::kObject;
  return is_object ? std::string(1, '\0') + key.id : key.id;
}
inline model::Entity KeyOf(std::string_view text) {
  if (text.empty()) return {};
  return text.front() == '\0'
             ? model::Entity{model::Entity::Kind::kObject,
                             std::string(text.substr(1))}
             : model::Entity{model::Entity::Kind::kMember, std::string(text)};
}

// One entity, as it is now.
struct Kept {
  struct Held {
    int64_t currency = 0;  // symbol
    model::Symbol name = {};
    model::Holding now = {};
    bool dirty = false;
  };
  struct Page {
    int64_t page = 0;
    std::vector<std::pair<CounterId, int64_t>> counters = {};  // sorted
    bool dirty = false;
  };

  model::Entity::Kind kind = model::Entity::Kind::kProgram;
  int64_t number = 0;  // 0: it has none yet; always so for the program
  bool exists = false;
  absl::Time since = absl::InfinitePast();
  absl::InlinedVector<Held, 2> holdings = {};
  std::vector<Page> pages = {};  // those that were loaded

  int64_t last = -1;      // its latest line or event in the tail
  uint64_t saved_in = 0;  // the transaction that keeps how it was before
  bool dirty = false;     // the tail has something of it
  bool since_dirty = false;
  bool used = true;  // since the last sweep of what is remembered

  Held* Holding(int64_t currency);
  Page* FindPage(int64_t page);
  size_t bytes() const;
};

// Where the tables of a merge are: in the file, or for a reader, who may not
// write there, in tables of the same names with "tail_" before them.
enum class MergeInto { kFile, kTail };

// Not thread-safe; belongs to one connection, or two.
class Entities final : public Numberer {
 public:
  // The tables of `db` follow from the journal in `journal`, which is the same
  // file but for an audit. `budget` is for how many bytes entities are
  // remembered that have nothing in the tail.
  Entities(Database& db, Database& journal, Symbols& symbols, size_t budget)
      : db_(db),
        journal_(journal),
        names_(journal),
        symbols_(symbols),
        budget_(budget),
        sweep_at_(budget) {}

  // Reads where the tables are, and what the journal has beyond them.
  absl::Status CatchUp();

  // Makes the tables, which are empty, from the whole journal, within the
  // caller's transaction.
  absl::Status Remake();

  absl::Status Load(const model::ReadSet& wanted, model::EntityState& state);
  absl::StatusOr<Kept*> Touch(const model::Entity& entity) {
    return Touch(entity.kind, entity.id);
  }
  absl::StatusOr<Kept*> Touch(model::Entity::Kind kind, std::string_view id);

  // Changes an entity, and says how in `changes`.
  absl::Status Change(const model::EntityState& now, v1::Record& record);

  // Numbers, new ones for new names. What was new since the last call of
  // TakeNewNames is in it.
  absl::StatusOr<int64_t> TextNumber(std::string_view text) override;
  absl::StatusOr<int64_t> SymbolNumber(model::Symbol symbol) override;
  absl::StatusOr<int64_t> MemberNumber(std::string_view id) override;
  absl::StatusOr<int64_t> ObjectNumber(std::string_view id) override;
  void TakeNewNames(v1::Record& record);

  // Notes an entry that was written, for what is put off.
  absl::Status NoteEntry(const Delta& delta, std::optional<int64_t> target);

  // The entry of that id, 0 if there is none.
  absl::StatusOr<int64_t> SeqOf(std::string_view event_id);

  // Positions of a member's movements, and events about an object that gave
  // something, from there on, ascending, at most `limit`.
  absl::StatusOr<std::vector<model::Position>> LinesOf(std::string_view member,
                                                       model::Position from,
                                                       int limit);
  absl::StatusOr<std::vector<int64_t>> EventsAbout(std::string_view object,
                                                   int64_t from, int limit);

  // What changes from here on can be undone until Keep().
  void Begin();
  void Undo();
  void Keep();

  // Entries that are not merged yet.
  int64_t TailLength() const { return through_now_ - through_; }
  size_t TailBytes() const { return dirty_bytes_; }

  // Writes all that was put off, within the caller's transaction.
  absl::Status Merge(MergeInto into);
  // After its commit.
  void Merged();

  // Memory goes back within the budget. Pointers to entities are invalid then.
  void Sweep();

 private:
  struct Line {
    int64_t owner = 0;  // member or object
    model::Position at = {};
    int64_t before = -1;  // the line of the same owner before it
  };
  // How an entity was, and how one of its counters was, before the transaction.
  struct EntityBefore {
    Kept* kept = nullptr;
    int64_t number = 0;
    bool exists = false;
    absl::Time since = {};
    absl::InlinedVector<Kept::Held, 2> holdings = {};
    int64_t last = -1;
    bool dirty = false;
    bool since_dirty = false;
  };
  struct CounterBefore {
    Kept* kept = nullptr;
    CounterId id = {};
    int64_t value = 0;
  };
  // Where the lists of the tail ended.
  struct Marks {
    size_t dirty = 0, dirty_bytes = 0, lines = 0, abouts = 0, ids = 0;
    size_t same_hash = 0;
    int64_t next_member = 1, next_object = 1, through_now = 0;
    std::string max_id = {};
  };

  absl::StatusOr<model::Symbol> NameOf(int64_t symbol);
  absl::Status ReadMember(std::string_view id, Kept& kept);
  bool IsInTables(const Kept& kept) const;
  absl::StatusOr<Kept::Page*> LoadPage(Kept& kept, int64_t page);
  absl::StatusOr<int64_t> FindCounter(Kept& kept, const model::CounterKey& key);
  absl::Status SetCounter(Kept& kept, CounterId id, int64_t value);
  void Save(Kept& kept);
  void MakeDirty(Kept& kept);
  absl::StatusOr<int64_t> Numbered(model::Entity::Kind kind,
                                   std::string_view id);
  absl::Status AddName(Kept& kept, std::string_view id);
  void AddLine(Kept& kept, std::vector<Line>& lines, model::Position at);
  void NoteId(std::string_view id, int64_t seq);
  absl::Status ReadApplied();
  absl::Status CatchUpWithNames();
  absl::Status CatchUpWith(const EntryRow& row);
  absl::Status RemakeNames();
  absl::Status RemakeReversals(const EntryRow& row);
  absl::StatusOr<Kept*> Renamed(const model::Entity& entity, int64_t number);
  absl::Status MergeTables(MergeInto into);
  absl::Status MergeLines(MergeInto into);
  absl::Status MergeEntity(Kept& kept, MergeInto into);

  Database& db_;
  Database& journal_;
  Names names_;
  Symbols& symbols_;
  absl::flat_hash_map<int64_t, model::Symbol> currency_names_;
  const size_t budget_;
  // By kind, then id.
  std::array<TextMap<std::unique_ptr<Kept>>, 4> kept_;
  std::vector<Kept*> dirty_;
  size_t dirty_bytes_ = 0;
  size_t bytes_ = 0;     // about what all that is remembered takes
  size_t sweep_at_ = 0;  // bytes

  // The tail.
  int64_t through_ = 0;      // the tables have entries up to this one
  int64_t through_now_ = 0;  // the last entry
  int64_t merged_member_ = 0, merged_object_ = 0;  // names by id, likewise
  int64_t next_member_ = 1, next_object_ = 1;
  std::string max_id_;  // the greatest event id so far: greater ones are new
  std::vector<Line> lines_;
  std::vector<Line> abouts_;
  absl::flat_hash_map<uint64_t, int64_t> ids_;  // by hash of the event's id
  std::vector<uint64_t> id_hashes_;             // in the order of the events
  std::vector<std::pair<std::string, int64_t>> same_hash_;  // as one before it

  std::vector<v1::NewName> new_names_;

  uint64_t transaction_ = 0;
  std::vector<EntityBefore> entities_before_;
  std::vector<CounterBefore> counters_before_;
  Marks before_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_ENTITIES_H_
