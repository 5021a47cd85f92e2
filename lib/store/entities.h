// SPDX-License-Identifier: Apache-2.0
//
// Entities: what is remembered of members and objects, and how what events
// changed of them reaches the tables: put off, sorted, in bulk.
//
// Between two merges the tables lag behind the journal. What they lack, the
// tail, is here: changed entities, and the events about objects. So it is read
// here first.
#ifndef LOYALTY_LIB_STORE_ENTITIES_H_
#define LOYALTY_LIB_STORE_ENTITIES_H_

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loyalty/v1/journal.pb.h"
#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"
#include "store/board.h"
#include "store/counter_pages.h"
#include "store/database.h"
#include "store/event_ids.h"
#include "store/lines.h"
#include "store/merge_into.h"
#include "store/record.h"
#include "store/store.h"
#include "store/symbols.h"

namespace loyalty::store {

class EntryQueue;

// One entity, as it is now.
struct Kept {
  struct Held {
    int64_t currency = 0;  // symbol
    model::Symbol name = {};
    model::Holding now = {};
    model::Position reached = {};  // the movement that led to so much earned

    BoardKey place() const {
      return {.earned = now.earned, .seq = reached.seq, .n = reached.n};
    }
    // A movement led to this.
    void Move(const model::Holding& after, model::Position at) {
      if (after.earned != now.earned) reached = at;
      now = after;
    }
  };

  // A place on the board of a counter.
  struct Placed {
    BoardId id = {};
    std::optional<BoardKey> now = {};     // none: it is 0
    std::optional<BoardKey> merged = {};  // in the tables
  };

  model::Entity::Kind kind = model::Entity::Kind::kProgram;
  bool exists = false;
  bool dirty = false;  // the tail has something of it
  bool used = true;    // since the last sweep of what is remembered
  int64_t number = 0;  // a member's; 0: it has none yet
  std::string id = {};
  absl::Time since = absl::InfinitePast();
  absl::InlinedVector<Held, 2> holdings = {};  // in the order of currencies
  LineEnds lines = {};
  CounterPages counters = {};
  KeyedCounters keyed = {};
  std::shared_ptr<const model::AllLots> lots = {};  // none: null
  std::vector<Placed> places = {};                  // those that were asked for
  bool hidden = false;      // from all boards, as a counter says
  bool was_hidden = false;  // in the tables
  int64_t merged_due = 0;   // microseconds, as in the table; 0: not in it
  int64_t merging_due = 0;  // likewise, as the merge that is at work leaves it
  uint64_t saved_in = 0;    // the transaction that keeps how it was before
  size_t was_held = 0;      // if dirty: where Entities::were_held_ has it

  // That of a currency, which is there from now on.
  Held& Holding(int64_t currency, model::Symbol name);
  size_t bytes() const;
};

// Whose a counter or lot is, as an entry says it (v1::Record.counter).
int64_t CodeOf(const Kept& kept, const Event& event, v1::Record& record);

// Counters with keys, of a stretch of time.
using KeyedInRange = std::map<KeyedId, int64_t>;

// Adds what the table of aliases has.
absl::Status ReadAliases(Database& db, model::Aliases& aliases);
absl::Status AddAliasRow(Database& db, int64_t member, int64_t into,
                         int64_t seq);

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
        ids_in_tables_(db, journal),
        symbols_(symbols),
        budget_(budget),
        sweep_at_(budget) {}

  // Reads where the tables are, and what the journal has beyond them.
  absl::Status CatchUp();

  // Makes the tables, which are empty, from the whole journal, within the
  // caller's transaction.
  absl::Status Remake();

  absl::Status Load(const model::ReadSet& wanted, model::EntityState& state);
  absl::StatusOr<Kept*> Touch(model::Entity::Kind kind, std::string_view id);

  // Members who became others, for whoever loads or changes counters: those of
  // a key are added up, and kept under the last of its names. Once, before
  // anything is loaded.
  absl::Status ReadAliases();
  const model::Aliases& aliases() const { return aliases_; }
  // Two members, neither an alias so far, become one with the entry of
  // `record`.
  absl::Status AddAlias(const model::Alias& alias, v1::Record& record);

  // See Transaction::Expect.
  void Expect(std::string_view member, Transaction::Nearness nearness) const;

  // Changes an entity, and says how in `record`, the one of `event`.
  absl::Status Change(const model::EntityState& now, const Event& event,
                      v1::Record& record);

  // Numbers, new ones for new names. What was new since the last call of
  // TakeNewNames is in it.
  absl::StatusOr<int64_t> TextNumber(std::string_view text) override;
  absl::StatusOr<int64_t> SymbolNumber(model::Symbol symbol) override;
  absl::StatusOr<int64_t> MemberNumber(std::string_view id) override;
  void TakeNewNames(v1::Record& record);

  // Deletes the name, the key and the personal values of a member, who goes on
  // by number.
  absl::Status EraseMember(std::string_view id);
  // Whether that was done since the last call, and maybe undone.
  bool TakeErased() { return std::exchange(has_erased_, false); }

  // A movement of the entry that is being written: which links go there.
  absl::StatusOr<LineLinks> NoteMovement(const model::Movement& movement);
  // Whether they led to what that entity has now (I2).
  absl::Status CheckHoldings(const model::EntityState& now);
  // That entry itself, after all its movements.
  void NoteEntry(const Delta& delta);

  // As Transaction::Due.
  absl::StatusOr<std::vector<std::string>> Due(absl::Time until, int limit);

  // As Transaction::CountersKeyedBy.
  absl::StatusOr<std::vector<std::pair<model::Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view member,
                  const std::vector<model::Symbol>& names);

  // As Transaction::Standings.
  absl::StatusOr<std::vector<Ranked>> Standings(
      BoardRef board,
      absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants);

  // The entry of that id, 0 if there is none. `queue` has those that are not in
  // the journal's table yet.
  absl::StatusOr<int64_t> SeqOf(std::string_view event_id,
                                const EntryQueue& queue);

  // Events about an object, from there on, ascending, that moved units; at most
  // `limit`. Others may be among them.
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
  struct About {
    uint64_t object = 0;  // hash
    int64_t seq = 0;
    int64_t before = -1;  // the one about the same before it

    // In the table. A number is quicker to find than two columns, and whoever
    // asks looks at the event anyway.
    int64_t place() const {
      return static_cast<int64_t>(object >> 40u << kSeqBits) + seq;
    }
    static constexpr int kSeqBits = 39;
  };
  // How an entity was, and how one of its counters was, before the transaction.
  struct EntityBefore {
    Kept* kept = nullptr;
    int64_t number = 0;
    bool exists = false;
    bool dirty = false;
    absl::Time since = {};
    size_t holdings = 0;  // so many of holdings_before_
    LineEnds lines = {};
    int64_t latest_page = 0;
    uint64_t keyed_bits = 0;
    std::shared_ptr<const model::AllLots> lots = {};
    std::vector<Kept::Placed> places = {};
    bool hidden = false;
  };
  struct CounterBefore {
    Kept* kept = nullptr;
    CounterId id = {};
    int64_t value = 0;
  };
  struct KeyedBefore {
    Kept* kept = nullptr;
    KeyedId id = {};
    int64_t value = 0;
  };
  struct NameBefore {
    Kept* kept = nullptr;
    std::string id = {};
  };
  struct AliasBefore {
    std::string member = {};
    std::string renamed_to = {};  // "": it was added
  };
  // The place on a currency's board that a member has in the tables.
  struct WasHeld {
    int64_t currency = 0;  // 0: no more of that member
    BoardKey place = {};
  };
  // Where the lists of the tail ended.
  struct Marks {
    size_t dirty = 0, dirty_bytes = 0, were_held = 0, abouts = 0, ids = 0;
    int64_t next_member = 1, through_now = 0, newest = 0;
    std::string greatest_id = {};
    size_t broken_blocks = 0;
  };

  absl::Status ReadMember(Kept& kept);
  bool IsInTables(const Kept& kept) const;
  static bool IsInRow(const Kept& kept, int64_t page);
  absl::Status LoadPage(Kept& kept, int64_t page);
  absl::StatusOr<int64_t> ReadKeyed(const Kept& kept, const KeyedId& id);
  absl::StatusOr<KeyedValue*> LoadKeyed(Kept& kept, const KeyedId& id);
  absl::StatusOr<KeyedId> KeyedIdOf(int64_t name, const model::CounterKey& key,
                                    bool may_be_new);
  absl::StatusOr<int64_t> FindCounter(Kept& kept, const model::CounterKey& key);
  // Aliases (entity_aliases.cc).
  void RenameAliases(const std::string& from, const std::string& to);
  void TakeAliasesBack();
  absl::StatusOr<std::vector<KeyedId>> EarlierKeys(Kept& kept,
                                                   const KeyedId& id,
                                                   const model::Entity& key);
  absl::Status LoadAllPages(Kept& kept);
  absl::Status LoadAllKeyed(Kept& kept);
  absl::Status LoadAllCounters(Kept& kept, model::EntityState& state);
  // Counters of a stretch of time (counter_ranges.cc).
  absl::Status ReadKeyedRange(const Kept& kept, int64_t name,
                              const model::CounterRange& range,
                              KeyedInRange& values);
  void KeepInMemory(Kept& kept, int64_t name, const model::CounterRange& range,
                    const KeyedInRange& values);
  absl::Status LoadKeyedRange(Kept& kept, int64_t name,
                              const model::CounterRange& range,
                              model::Counters& found);
  absl::Status AddEarlierRanges(Kept& kept, int64_t name,
                                const model::CounterRange& range,
                                model::Counters& found);
  absl::Status LoadRange(Kept& kept, const model::CounterRange& range,
                         model::EntityState& state);
  // Whether that changed anything: limits say again and again that they cut.
  absl::StatusOr<bool> SetCounter(Kept& kept, const CounterId& id,
                                  int64_t value, model::Position at);
  absl::StatusOr<bool> SetKeyed(Kept& kept, const KeyedId& id, int64_t value);
  absl::Status ChangeCounter(Kept& kept, const model::CounterKey& key,
                             int64_t value, const Event& event,
                             v1::Record& record);
  absl::Status ReadStock(Kept& kept);
  absl::Status ChangeLots(Kept& kept, const model::AllLots& now,
                          const Event& event, v1::Record& record);
  void SetLots(Kept& kept, model::AllLots lots);
  absl::Status MergeLots(Kept& kept, MergeInto into, std::string& bytes);
  void Save(Kept& kept);
  void MakeDirty(Kept& kept);
  BoardKey WasAt(const Kept& kept, int64_t currency) const;
  absl::Status AddName(Kept& kept);
  void Rename(Kept& kept, std::string id);
  void TakeNamesBack();
  void AddAbout(std::string_view object, int64_t seq);
  void NoteId(std::string_view id, int64_t seq);
  void IndexTail();
  void ForgetIndexBeyond(size_t abouts, size_t ids);
  absl::StatusOr<bool> HasId(int64_t seq, std::string_view id,
                             const EntryQueue& queue);

  // Leaderboards of counters (places.cc).
  struct RankedName {
    int64_t board = 0, tie = 0;  // symbols of the leaderboard; 0: it is of none
    bool hides = false;
  };
  absl::StatusOr<RankedName> RankedNameOf(int64_t name);
  absl::StatusOr<Kept::Placed*> LoadPlace(Kept& kept, BoardId id,
                                          bool may_be_in_table);
  absl::Status LoadPlaces(Kept& kept);
  absl::Status Rank(Kept& kept, const CounterId& id, int64_t was,
                    model::Position at);
  absl::Status MergePlaces(Kept& kept, MergeInto into, BoardChanges& boards);
  static void PlacesMerged(Kept& kept);
  absl::StatusOr<std::vector<BoardEntry>> EntriesOf(std::string_view name,
                                                    int64_t season);

  // Catching up and merging (merging.cc).
  absl::Status ReadApplied();
  absl::Status CatchUpWithNames();
  absl::Status CatchUpWith(const EntryRow& row);
  absl::Status CatchUpWithMovement(const EntryRow& row, size_t n);
  absl::Status CatchUpWithRecord(const EntryRow& row);
  absl::Status CatchUpWithLots(const EntryRow& row);
  absl::StatusOr<int64_t> NextDueOf(const Kept& kept);
  absl::StatusOr<Kept*> OfCode(int64_t whose, const EntryRow& row,
                               const v1::Record& record);
  absl::StatusOr<Kept*> MemberOfNumber(int64_t number);
  absl::Status AddErasedNames(int64_t after, int64_t last, MergeInto into);
  absl::StatusOr<int64_t> RemakeNames();
  absl::Status RemakeWhatNeverLags(const EntryRow& row);
  absl::Status MergeTables(MergeInto into);
  void ClearTail();
  absl::Status MergeAbouts(MergeInto into);
  absl::Status MergeEntity(Kept& kept, MergeInto into, BoardChanges& boards);
  absl::Status MergeMember(Kept& kept, MergeInto into, BoardChanges& boards);

  Database& db_;
  Database& journal_;
  Names names_;
  EventIds ids_in_tables_;
  Symbols& symbols_;
  model::Aliases aliases_;
  const size_t budget_;
  // By kind, then id.
  std::array<absl::flat_hash_map<std::string_view, std::unique_ptr<Kept>>, 4>
      kept_;
  // Those touched last: an event asks for the same few again and again.
  std::array<Kept*, 4> recent_ = {};
  size_t next_recent_ = 0;
  std::vector<Kept*> dirty_;
  std::vector<WasHeld> were_held_;  // by those, one after another
  size_t dirty_bytes_ = 0;
  size_t bytes_ = 0;     // about what all that is remembered takes
  size_t sweep_at_ = 0;  // bytes

  // The tail.
  int64_t through_ = 0;        // the tables have entries up to this one
  int64_t through_now_ = 0;    // the last entry
  int64_t newest_ = 0;         // microseconds; the latest of accepted events
  int64_t merged_member_ = 0;  // names by id, likewise
  int64_t next_member_ = 1;
  IdOrder id_order_;  // of events: those greater than all so far are new
  std::vector<About> abouts_;
  std::vector<std::pair<uint64_t, int64_t>> id_hashes_;  // and the entry
  // Both by what they are looked up by, as far as they have been.
  size_t indexed_abouts_ = 0, indexed_ids_ = 0;
  absl::flat_hash_map<uint64_t, int64_t> last_about_;
  absl::flat_hash_map<uint64_t, int64_t> ids_;
  std::vector<std::pair<uint64_t, int64_t>> same_hash_;  // as one before it

  absl::flat_hash_map<int64_t, RankedName> ranked_names_;  // by symbol

  // Names that the entry which is being written is the first to use.
  int64_t first_new_symbol_ = 0, first_new_member_ = 0;
  std::string new_symbol_digests_, new_member_digests_;
  std::string random_;  // bytes nobody can guess, for keys

  // Of the entry that is being read; kept for their memory.
  v1::Record record_;
  std::vector<wire::MovementNumbers> movements_;
  absl::flat_hash_map<int64_t, Kept*> by_number_;  // members, while catching up

  uint64_t transaction_ = 0;
  std::vector<EntityBefore> entities_before_;
  std::vector<Kept::Held> holdings_before_;  // theirs, one after another
  std::vector<CounterBefore> counters_before_;
  std::vector<KeyedBefore> keyed_before_;
  std::vector<NameBefore> names_before_;
  std::vector<AliasBefore> aliases_before_;
  bool has_erased_ = false;
  Marks before_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_ENTITIES_H_
