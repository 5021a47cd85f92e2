// SPDX-License-Identifier: Apache-2.0
//
// Store: where it is kept, and the only door between this library and a
// database. It decides nothing. Two implementations, MemoryStore and
// SqliteStore, pass one conformance suite (tests/conformance/).
//
// The seam is narrow and speaks only the domain: no SQL, no cursors. A new
// question is answered from what is here, or changes it by a decision.
#ifndef LOYALTY_LIB_STORE_STORE_H_
#define LOYALTY_LIB_STORE_STORE_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"

namespace loyalty::store {

// A program as the store keeps it, so that verify and queries need only the
// file.
struct StoredProgram {
  int64_t number = 0;  // from 1
  std::string name = {};
  std::string version = {};
  std::string identity = {};   // hash of `canonical`
  std::string canonical = {};  // wire::ReadProgram's, parameters included
  // The first entry that it decided, or will: entries up to the next one's are
  // all of it. Of the first program 1; of every other, the switch to it.
  int64_t since = 1;

  friend bool operator==(const StoredProgram&, const StoredProgram&) = default;
};

using model::GivenAward;

// All that one event comes to.
struct Delta {
  model::RecordedEvent recorded = {};
  std::vector<model::Movement> movements =
      {};  // at.seq == recorded.seq, n = 0, 1, ..
  std::vector<model::EntityState> states =
      {};  // what was touched, as it is now; of
           // counters those that changed
  // Events that this one reversed, metrics and all; each at most once, ever.
  std::vector<int64_t> reversed_events = {};
  // Which of the event's attributes name members, and which are about the actor
  // and can be forgotten with them.
  std::vector<std::string> member_attributes = {};
  std::vector<std::string> personal_attributes = {};
  // A member who is another from this event on: neither was an alias before.
  std::optional<model::Alias> alias = {};
  // Of a switch, the program that decides from this event on, this one
  // included: its number and `since` are what the event says.
  std::optional<StoredProgram> program = {};
  // Members whose names, keys and personal values are deleted, once all of this
  // is written: from then on they are called as model/member_name.h says.
  std::vector<std::string> erased_members = {};
};

// A leaderboard: of what was earned of a currency, for ever, or of a counter
// (model/board_name.h) in the season that is its window.
struct BoardRef {
  std::string_view name = {};
  int64_t season = 0;
};

// A row of a leaderboard.
struct Ranked {
  int64_t row = 0;   // from 0
  int64_t rank = 0;  // from 1; who has equally many, and of ties, shares one
  std::string member = {};
  int64_t earned = 0;
  int64_t tie = 0;
  bool listed = true;  // else hidden: where the row would be

  friend bool operator==(const Ranked&, const Ranked&) = default;
};

// One unit of work of the one writer. What is read is what was committed before
// it began, and what it wrote itself. Destroying an uncommitted one rolls it
// back.
//
// Not thread-safe: belongs to the thread that began it.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // A hint: what is remembered of this member will be read soon. Given at each
  // nearness in turn, a few events apart, it is in the processor's caches by
  // then.
  enum class Nearness { kFar, kNear, kNext };
  virtual void Expect(std::string_view /*member*/, Nearness /*nearness*/) {}

  // The last recorded event's seq and recorded_at; 0 and InfinitePast if none.
  struct Head {
    int64_t seq = 0;
    absl::Time recorded_at = absl::InfinitePast();
  };
  virtual absl::StatusOr<Head> ReadHead() = 0;

  // The event of this id with its answer, or nullopt if the id is free.
  virtual absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view id) = 0;
  virtual absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      int64_t seq) = 0;

  // Members who became others, as of what was written last. No name is resolved
  // by what is called here, but for one thing: what is counted for a member who
  // is a counter's key is the sum of that and of what was counted for those who
  // became them, and kept under their name alone once it is written.
  virtual const model::Aliases& Aliases() const = 0;

  // Sets `state` to exactly what `wanted` names. An unknown entity loads as
  // empty. What memory `state` has is used again.
  virtual absl::Status Load(const model::ReadSet& wanted,
                            model::EntityState& state) = 0;

  // Whose counters of those names have that member, or who became them, as
  // their key: of members and objects, in their order, with `member` as the
  // key. Some of them may be 0 by now.
  // COST: in proportion to all counters with keys.
  virtual absl::StatusOr<
      std::vector<std::pair<model::Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view member,
                  const std::vector<model::Symbol>& names) = 0;

  // The movements of one event, in order.
  virtual absl::StatusOr<std::vector<GivenAward>> MovementsOfEvent(
      int64_t seq) = 0;

  // Awards (Movement::Kind::kAward) of events with that target, oldest first,
  // at most `limit`, that come after `after`.
  virtual absl::StatusOr<std::vector<GivenAward>> AwardsOfObject(
      std::string_view object, model::Position after, int limit) = 0;

  // The first award of this member and currency among those that were undone by
  // movements after `since`.
  virtual absl::StatusOr<std::optional<model::Position>> FirstReversedSince(
      std::string_view member, std::string_view currency,
      model::Position since) = 0;

  // All movements of this member from `from` on, oldest first. Of all
  // currencies, as it takes as long to read those of one.
  virtual absl::StatusOr<std::vector<GivenAward>> History(
      std::string_view member, model::Position from) = 0;

  // Members who have units that expire, or holds that end, by `until`, and not
  // swept yet (model::NextDue); at most `limit`, in the order of those times,
  // and of ids.
  virtual absl::StatusOr<std::vector<std::string>> Due(absl::Time until,
                                                       int limit) = 0;

  // Tells the rows of a leaderboard in their order, as Reader::Page, and how
  // many there are, until `wants` says no; those it wanted are the answer.
  // COST: in proportion to all who are on it.
  virtual absl::StatusOr<std::vector<Ranked>> Standings(
      BoardRef board,
      absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants) = 0;

  // Whether that event has been reversed as a whole.
  virtual absl::StatusOr<bool> IsReversed(int64_t seq) = 0;

  // Appends; visible to this transaction at once, to others after Commit.
  // What comes of it may only be told by the next Flush or Commit.
  virtual absl::Status Write(const Delta& delta) = 0;
  // All that was written could be, or the error says why not.
  virtual absl::Status Flush() { return absl::OkStatus(); }

  // Durable when it returns OK. ERRORS: after any other code the outcome is
  // unknown; the store refuses further transactions with kUnavailable until it
  // is opened again.
  virtual absl::Status Commit() = 0;
};

// What a member has of a currency.
struct Standing {
  std::string member = {};
  int64_t earned = 0;
  int64_t balance = 0;
  std::optional<model::Lots> lots = {};  // if the currency has any
};

// A movement, and the event it came of.
struct StatementEntry {
  model::Movement movement = {};
  std::string event_id = {};
  std::string event_type = {};
  absl::Time time = {};
  int64_t program = 0;  // that decided it

  friend bool operator==(const StatementEntry&,
                         const StatementEntry&) = default;
};

// A consistent view for queries, feeds and audits; never blocks the writer.
// Lists come in a stated order, a page at a time.
//
// Not thread-safe: belongs to the thread that made it.
class Reader {
 public:
  virtual ~Reader() = default;

  // In the order in which they decided.
  virtual absl::StatusOr<std::vector<StoredProgram>> Programs() = 0;

  // The latest time of an accepted event that is no sweep; InfinitePast if
  // there is none.
  virtual absl::StatusOr<absl::Time> NewestTime() = 0;

  // Who that member is now; themselves if they became nobody else. No other
  // question here resolves names.
  virtual absl::StatusOr<std::string> Resolve(std::string_view member) = 0;
  // All who became others.
  virtual absl::StatusOr<const model::Aliases*> Aliases() = 0;

  // With all counters. nullopt: no such member or object.
  virtual absl::StatusOr<std::optional<model::EntityState>> Find(
      const model::Entity& entity) = 0;
  // A member with those counters whose names `wants`: of a busy one there may
  // be hundreds, and most readings ask for few. nullopt: no such member.
  virtual absl::StatusOr<std::optional<model::EntityState>> FindMember(
      std::string_view id, absl::FunctionRef<bool(model::Symbol)> wants) = 0;

  // The program's, with those of its counters that have no key: of the others
  // there may be any number.
  virtual absl::StatusOr<model::EntityState> Program() = 0;
  // A counter of the program whose key is an object; 0 if there is none.
  virtual absl::StatusOr<int64_t> CounterOfProgram(
      const model::CounterKey& key) = 0;

  // Members and objects in the order (kind, id), after `after`, counters
  // included.
  virtual absl::StatusOr<std::vector<model::EntityState>> States(
      const model::Entity& after, int limit) = 0;

  // Members with their standing in `currency`, in the order of their ids; not
  // those who became others.
  virtual absl::StatusOr<std::vector<Standing>> Balances(
      std::string_view currency, std::string_view after, int limit) = 0;

  // The leaderboard from `row` on, counted from 0: members with most first, of
  // those with equally many who has more of ties, and then who had so many
  // first. Members who have nothing, or as much as they lost, are left out, and
  // so are those who are hidden.
  virtual absl::StatusOr<std::vector<Ranked>> Page(BoardRef board, int64_t row,
                                                   int limit) = 0;

  absl::StatusOr<std::vector<Ranked>> Top(BoardRef board, int limit) {
    return Page(board, 0, limit);
  }

  // How many are on it.
  virtual absl::StatusOr<int64_t> BoardSize(BoardRef board) = 0;

  // A member's own row there, also of one who is hidden. nullopt: no such
  // member, or with nothing.
  virtual absl::StatusOr<std::optional<Ranked>> Rank(
      BoardRef board, std::string_view member) = 0;

  // How many different scores are above that one.
  // COST: in proportion to the members above.
  virtual absl::StatusOr<int64_t> ScoresAbove(BoardRef board, int64_t earned,
                                              int64_t tie) = 0;

  // The seasons of a counter's leaderboard that have somebody on it, in order.
  virtual absl::StatusOr<std::vector<int64_t>> Seasons(
      std::string_view name) = 0;

  // A member's movements in one currency, or in all for "", oldest first, after
  // `after`. nullopt: no such member.
  virtual absl::StatusOr<std::optional<std::vector<StatementEntry>>> Statement(
      std::string_view member, std::string_view currency, model::Position after,
      int limit) = 0;

  // The same, newest first, before `before`; with kEnd, from the newest on.
  static constexpr model::Position kEnd{std::numeric_limits<int64_t>::max(), 0};
  virtual absl::StatusOr<std::optional<std::vector<StatementEntry>>>
  StatementBefore(std::string_view member, std::string_view currency,
                  model::Position before, int limit) = 0;

  // Movements of one event, in their order.
  virtual absl::StatusOr<std::vector<model::Movement>> MovementsOfEvent(
      int64_t seq) = 0;

  // The last event's seq; 0 if there is none.
  virtual absl::StatusOr<int64_t> LastSeq() = 0;

  // The hash that ties that event to all before it, as bytes; "" in a store
  // that keeps none. nullopt: no such event.
  virtual absl::StatusOr<std::optional<std::string>> ChainAt(int64_t seq) = 0;

  // The events that event `seq` reversed as a whole, in their order.
  virtual absl::StatusOr<std::vector<int64_t>> EventsReversedBy(
      int64_t seq) = 0;

  // The events that took back event `seq`, or an award of it, in their order.
  virtual absl::StatusOr<std::vector<int64_t>> EventsThatReversed(
      int64_t seq) = 0;

  // The journal in commit order, from after `seq`.
  virtual absl::StatusOr<std::vector<model::RecordedEvent>> Events(
      int64_t after, int limit) = 0;
  virtual absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view id) = 0;

  // What only this kind of store can check about itself: structure, postings
  // against holdings, unknown objects in the file. Empty: nothing wrong.
  virtual absl::StatusOr<std::vector<std::string>> Faults() = 0;

  // Copies this view to a new file, all or nothing.
  //
  // ERRORS: as Queries::Backup.
  virtual absl::Status Backup(const std::string& to,
                              absl::FunctionRef<void(double)> progress) = 0;
};

// Thread-safe. One transaction at a time: Begin waits for none, the engine
// serialises its writers.
class Store {
 public:
  virtual ~Store() = default;

  virtual absl::StatusOr<std::unique_ptr<Transaction>> Begin() = 0;
  virtual absl::StatusOr<std::unique_ptr<Reader>> Read() = 0;

  // Adds the first program, before the first event; another comes with the
  // event that switches to it (Delta::program).
  virtual absl::StatusOr<StoredProgram> AddProgram(StoredProgram program) = 0;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_STORE_H_
