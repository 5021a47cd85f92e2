// SPDX-License-Identifier: Apache-2.0
//
// See entities.h. What of the tail is looked up is in entity_tail.cc; catching
// up with the journal and merging into the tables are in merging.cc.
#include "store/entities.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/digest.h"
#include "base/status_macros.h"
#include "model/board_name.h"
#include "model/member_name.h"
#include "store/chain.h"
#include "store/lot_records.h"
#include "store/member_row.h"
#include "store/times.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;

constexpr size_t kKeyBytes = 16;
constexpr size_t kRandomBytes = 4096;

constexpr char kMember[] =
    "SELECT since, lines, ends, holdings, counters, keyed, lots "
    "FROM member_state WHERE member = ?";
constexpr char kPage[] =
    "SELECT body FROM counter_page WHERE kind = ? AND entity = ? AND page = ?";
constexpr char kKeyed[] =
    "SELECT value FROM keyed_counter WHERE kind = ? AND entity = ? "
    "AND name = ? AND window = ? AND key = ?";

// Ids of one host mostly differ in their last letter, if not in their length.
bool IsSameId(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || a.back() == b.back()) && a == b;
}

}  // namespace

int64_t CodeOf(const Kept& kept, const Event& event, v1::Record& record) {
  switch (kept.kind) {
    case Entity::Kind::kMember: return kept.number;
    case Entity::Kind::kProgram: return 0;
    case Entity::Kind::kObject: break;
  }
  if (event.target == kept.id) return -1;
  int at = 0;
  for (const std::string& object : record.other_object()) {
    if (object == kept.id) break;
    ++at;
  }
  if (at == record.other_object_size()) record.add_other_object(kept.id);
  return -2 - at;
}

Kept::Held& Kept::Holding(int64_t currency, model::Symbol name) {
  auto place = holdings.begin();
  while (place != holdings.end() && place->currency < currency) ++place;
  if (place == holdings.end() || place->currency != currency) {
    place = holdings.insert(place, Held{currency, name});
  }
  return *place;
}

size_t Kept::bytes() const {
  constexpr size_t kInMap = 32;
  return sizeof(Kept) + kInMap + (id.size() > 15 ? id.capacity() : 0) +
         counters.bytes() + keyed.values.size() * KeyedCounters::kBytesEach +
         places.size() * sizeof(Placed) +
         (lots == nullptr ? 0 : BytesOf(*lots));
}

absl::Status Entities::ReadMember(Kept& kept) {
  if (merged_member_ != 0) {
    ASSIGN_OR_RETURN(kept.number,
                     db_.Number("SELECT member FROM member_by_id WHERE id = ?",
                                std::string_view(kept.id)));
  }
  // By number, if the tables do not have it by that name yet.
  if (kept.number == 0) {
    const int64_t erased = model::ErasedNumber(kept.id);
    if (erased < next_member_) kept.number = erased;
  }
  if (kept.number == 0) return absl::OkStatus();
  Rows row = db_.Query(kMember, kept.number);
  if (!row.Next()) return row.status();
  kept.exists = true;
  ASSIGN_OR_RETURN(const MemberRow read, ReadMemberRow(row, names_));
  kept.since = read.since;
  kept.lines = read.lines;
  for (const MemberRow::Held& held : read.holdings) {
    kept.holdings.emplace_back(Kept::Held{.currency = held.currency,
                                          .name = held.name,
                                          .now = held.now,
                                          .reached = held.reached});
  }
  kept.counters = read.counters;
  ASSIGN_OR_RETURN(const int64_t hides, symbols_.Find(model::kHiddenName));
  kept.hidden = kept.was_hidden =
      hides != 0 && kept.counters.Value({0, hides}) != 0;
  kept.keyed.bits = read.keyed_bits;
  if (!read.lots.empty()) {
    kept.lots = std::make_shared<const model::AllLots>(read.lots);
  }
  ASSIGN_OR_RETURN(kept.merged_due, NextDueOf(kept));
  kept.merging_due = kept.merged_due;
  return absl::OkStatus();
}

absl::StatusOr<Kept*> Entities::Touch(Entity::Kind kind, std::string_view id) {
  for (Kept* const kept : recent_) {
    if (kept != nullptr && kept->kind == kind && IsSameId(kept->id, id)) {
      return kept;
    }
  }
  auto& of_kind = kept_[static_cast<size_t>(kind)];
  Kept* kept = nullptr;
  if (const auto found = of_kind.find(id); found != of_kind.end()) {
    kept = found->second.get();
  } else {
    auto fresh = std::make_unique<Kept>();
    kept = fresh.get();
    kept->kind = kind;
    kept->id = id;
    if (kind == Entity::Kind::kMember) {
      RETURN_IF_ERROR(ReadMember(*kept));
    } else {
      kept->keyed.bits = ~uint64_t{0};
    }
    if (kind == Entity::Kind::kProgram) RETURN_IF_ERROR(ReadStock(*kept));
    bytes_ += kept->bytes();
    of_kind.emplace(kept->id, std::move(fresh));
  }
  kept->used = true;
  recent_[next_recent_++ % recent_.size()] = kept;
  return kept;
}

// Whether the tables can have anything of it: new names are in the tail only.
bool Entities::IsInTables(const Kept& kept) const {
  if (through_ == 0) return false;
  return kept.kind != Entity::Kind::kMember ||
         (kept.number != 0 && kept.number <= merged_member_);
}

// Whether the table of pages has nothing of that page: a member's row has
// brought the page of windows that are ever, and the latest; there is none
// behind that.
bool Entities::IsInRow(const Kept& kept, int64_t page) {
  return kept.kind == Entity::Kind::kMember &&
         (page == 0 || page >= kept.counters.latest());
}

// The page that a window is in, unless it is there.
absl::Status Entities::LoadPage(Kept& kept, int64_t page) {
  if (kept.counters.Has(page)) return absl::OkStatus();
  if (IsInTables(kept) && !IsInRow(kept, page)) {
    const auto kind = static_cast<int64_t>(kept.kind);
    const size_t before = kept.counters.bytes();
    Rows rows = kept.kind == Entity::Kind::kMember
                    ? db_.Query(kPage, kind, kept.number, page)
                    : db_.Query(kPage, kind, std::string_view(kept.id), page);
    if (rows.Next()) RETURN_IF_ERROR(ReadPage(rows.Bytes(0), kept.counters));
    RETURN_IF_ERROR(rows.status());
    bytes_ += kept.counters.bytes() - before;
  }
  // Only now: what could not be read is not there.
  kept.counters.AddPage(page);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Entities::ReadKeyed(const Kept& kept,
                                            const KeyedId& id) {
  const auto kind = static_cast<int64_t>(kept.kind);
  const auto find = [&](auto entity, auto key) {
    return db_.Number(kKeyed, kind, entity, id.name, id.window, key);
  };
  const auto of = [&](auto entity) {
    return id.member != 0 ? find(entity, id.member)
                          : find(entity, std::string_view(id.object));
  };
  return kept.kind == Entity::Kind::kMember ? of(kept.number)
                                            : of(std::string_view(kept.id));
}

// Null for one that there is not, as far as its bit can tell.
absl::StatusOr<KeyedValue*> Entities::LoadKeyed(Kept& kept, const KeyedId& id) {
  if ((kept.keyed.bits & KeyedCounters::BitOf(id)) == 0) return nullptr;
  if (const auto found = kept.keyed.values.find(id);
      found != kept.keyed.values.end()) {
    return &found->second;
  }
  // What cannot be read is not taken for 0.
  int64_t value = 0;
  if (IsInTables(kept)) {
    ASSIGN_OR_RETURN(value, ReadKeyed(kept, id));
  }
  bytes_ += KeyedCounters::kBytesEach;
  return &kept.keyed.values.emplace(id, KeyedValue{.value = value})
              .first->second;
}

// With member 0 and no object if there is no such counter, as the key's member
// has no number yet.
absl::StatusOr<KeyedId> Entities::KeyedIdOf(int64_t name,
                                            const model::CounterKey& key,
                                            bool may_be_new) {
  KeyedId id{.name = name, .window = key.window};
  if (key.key.kind() == Entity::Kind::kObject) {
    id.object = key.key.id();
  } else if (may_be_new) {
    ASSIGN_OR_RETURN(id.member, MemberNumber(key.key.id()));
  } else {
    ASSIGN_OR_RETURN(const Kept* const member,
                     Touch(Entity::Kind::kMember, key.key.id()));
    id.member = member->number;
  }
  return id;
}

absl::StatusOr<int64_t> Entities::FindCounter(Kept& kept,
                                              const model::CounterKey& key) {
  ASSIGN_OR_RETURN(const int64_t name, symbols_.FindSymbol(key.name));
  if (name == 0) return 0;
  if (key.key.empty()) {
    const int64_t page = PageOf(key.window);
    if (!IsInRow(kept, page)) RETURN_IF_ERROR(LoadPage(kept, page));
    return kept.counters.Value({key.window, name});
  }
  ASSIGN_OR_RETURN(const KeyedId id, KeyedIdOf(name, key, false));
  if (id.member == 0 && id.object.empty()) return 0;
  ASSIGN_OR_RETURN(const KeyedValue* const counter, LoadKeyed(kept, id));
  int64_t value = counter == nullptr ? 0 : counter->value;
  ASSIGN_OR_RETURN(const auto earlier, EarlierKeys(kept, id, key.key.entity()));
  for (const KeyedId& before : earlier)
    value += kept.keyed.values[before].value;
  return value;
}

absl::Status Entities::Load(const model::ReadSet& wanted, EntityState& state) {
  ASSIGN_OR_RETURN(Kept* const kept,
                   Touch(wanted.entity.kind, wanted.entity.id));
  state.Restart(wanted.entity);
  state.exists = kept->exists;
  state.since = kept->since;
  for (const Kept::Held& held : kept->holdings) {
    state.holdings.emplace(held.name, held.now);
  }
  if (kept->lots != nullptr) state.lots = *kept->lots;
  if (wanted.all_counters) return LoadAllCounters(*kept, state);
  for (const model::CounterKey& key : wanted.counters) {
    ASSIGN_OR_RETURN(const int64_t value, FindCounter(*kept, key));
    if (value != 0) state.counters.Append(key, value);
  }
  for (const model::CounterRange& range : wanted.ranges) {
    RETURN_IF_ERROR(LoadRange(*kept, range, state));
  }
  return absl::OkStatus();
}

// With a million members, most of what is read of one waits for memory: first
// for the place in the map, then for the entity, then for its counters.
void Entities::Expect(std::string_view member,
                      Transaction::Nearness nearness) const {
  constexpr size_t kLine = 64;
  const auto prefetch = [](const void* from, size_t bytes) {
    const char* const begin = static_cast<const char*>(from);
    for (size_t at = 0; at < bytes; at += kLine) {
      __builtin_prefetch(begin + at);
    }
  };
  const auto& members = kept_[static_cast<size_t>(Entity::Kind::kMember)];
  if (nearness == Transaction::Nearness::kFar) {
    members.prefetch(member);
    return;
  }
  const auto found = members.find(member);
  if (found == members.end()) return;
  const Kept& kept = *found->second;
  if (nearness == Transaction::Nearness::kNear) {
    prefetch(&kept, sizeof(Kept));
  } else {
    constexpr size_t kMostCounterBytes = 512;
    const std::span<const std::byte> counters = kept.counters.memory();
    prefetch(counters.data(), std::min(counters.size(), kMostCounterBytes));
  }
}

void Entities::Save(Kept& kept) {
  if (kept.saved_in == transaction_) return;
  kept.saved_in = transaction_;
  entities_before_.push_back({.kept = &kept,
                              .number = kept.number,
                              .exists = kept.exists,
                              .dirty = kept.dirty,
                              .since = kept.since,
                              .holdings = kept.holdings.size(),
                              .lines = kept.lines,
                              .latest_page = kept.counters.latest(),
                              .keyed_bits = kept.keyed.bits,
                              .lots = kept.lots,
                              .places = kept.places,
                              .hidden = kept.hidden});
  holdings_before_.insert(holdings_before_.end(), kept.holdings.begin(),
                          kept.holdings.end());
}

void Entities::MakeDirty(Kept& kept) {
  if (kept.dirty) return;
  kept.dirty = true;
  dirty_.push_back(&kept);
  kept.was_held = were_held_.size();
  for (const Kept::Held& held : kept.holdings) {
    were_held_.push_back({held.currency, held.place()});
  }
  were_held_.push_back({});
  dirty_bytes_ += kept.bytes();
}

BoardKey Entities::WasAt(const Kept& kept, int64_t currency) const {
  for (size_t i = kept.was_held; were_held_[i].currency != 0; ++i) {
    if (were_held_[i].currency == currency) return were_held_[i].place;
  }
  return {};
}

absl::StatusOr<bool> Entities::SetCounter(Kept& kept, const CounterId& id,
                                          int64_t value, model::Position at) {
  if (!IsCounterId(id)) {
    return absl::DataLossError(absl::StrCat("an entry counts in window ",
                                            id.window, " of symbol ", id.name,
                                            ", which cannot be"));
  }
  RETURN_IF_ERROR(LoadPage(kept, PageOf(id.window)));
  const size_t before = kept.counters.bytes();
  const int64_t was = kept.counters.Set(id, value);
  if (was == value) return false;
  counters_before_.push_back({&kept, id, was});
  const size_t more = kept.counters.bytes() - before;
  bytes_ += more;
  dirty_bytes_ += more;
  if (kept.kind == Entity::Kind::kMember) {
    RETURN_IF_ERROR(Rank(kept, id, was, at));
  }
  return true;
}

absl::StatusOr<bool> Entities::SetKeyed(Kept& kept, const KeyedId& id,
                                        int64_t value) {
  ASSIGN_OR_RETURN(KeyedValue * counter, LoadKeyed(kept, id));
  if ((counter == nullptr ? 0 : counter->value) == value) return false;
  if (counter == nullptr) {
    kept.keyed.bits |= KeyedCounters::BitOf(id);
    counter = &kept.keyed.values[id];
    bytes_ += KeyedCounters::kBytesEach;
  }
  keyed_before_.push_back({&kept, id, counter->value});
  counter->value = value;
  if (!std::exchange(counter->dirty, true)) {
    dirty_bytes_ += KeyedCounters::kBytesEach;
  }
  return true;
}

absl::Status Entities::ChangeCounter(Kept& kept, const model::CounterKey& key,
                                     int64_t value, const Event& event,
                                     v1::Record& record) {
  ASSIGN_OR_RETURN(const int64_t name, SymbolNumber(key.name));
  const int64_t window = CodeOfWindow(key.window, MicrosOf(event.time));
  if (key.key.empty()) {
    ASSIGN_OR_RETURN(const bool changed,
                     SetCounter(kept, {key.window, name}, value,
                                {through_now_ + 1, record.counter_size() / 4}));
    if (!changed) return absl::OkStatus();
    record.add_counter(CodeOf(kept, event, record));
    record.add_counter(name);
    record.add_counter(window);
    record.add_counter(value);
    return absl::OkStatus();
  }
  const auto set = [&](const KeyedId& id, int64_t to) -> absl::Status {
    ASSIGN_OR_RETURN(const bool changed, SetKeyed(kept, id, to));
    if (!changed) return absl::OkStatus();
    v1::KeyedCounter& counter = *record.add_keyed_counter();
    counter.set_whose(CodeOf(kept, event, record));
    counter.set_name(static_cast<uint64_t>(name));
    counter.set_window(window);
    if (id.member != 0) {
      counter.set_member(static_cast<uint64_t>(id.member));
    } else {
      counter.set_object(id.object);
    }
    counter.set_value(to);
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const KeyedId id, KeyedIdOf(name, key, true));
  // What was read is the sum, and is kept as one now.
  ASSIGN_OR_RETURN(const auto earlier, EarlierKeys(kept, id, key.key.entity()));
  for (const KeyedId& before : earlier) RETURN_IF_ERROR(set(before, 0));
  return set(id, value);
}

absl::Status Entities::Change(const EntityState& now, const Event& event,
                              v1::Record& record) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(now.entity.kind, now.entity.id));
  const bool is_member = kept->kind == Entity::Kind::kMember;
  if (!now.exists && now.counters.empty() && now.lots.empty()) {
    return absl::OkStatus();
  }
  Save(*kept);
  MakeDirty(*kept);
  if (is_member && kept->number == 0) RETURN_IF_ERROR(AddName(*kept));
  if (now.exists && (!kept->exists || kept->since != now.since)) {
    kept->exists = true;
    kept->since = now.since;
    record.add_since(kept->number);
    record.add_since(MicrosOf(now.since));
  }
  if (!now.lots.empty()) {
    RETURN_IF_ERROR(ChangeLots(*kept, now.lots, event, record));
  }
  // Holdings follow the movements.
  for (const auto& [key, value] : now.counters) {
    RETURN_IF_ERROR(ChangeCounter(*kept, key, value, event, record));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Entities::TextNumber(std::string_view text) {
  ASSIGN_OR_RETURN(const int64_t known, symbols_.Find(text));
  if (known != 0) return known;
  ASSIGN_OR_RETURN(const int64_t added, symbols_.Add(text));
  if (new_symbol_digests_.empty()) first_new_symbol_ = added;
  new_symbol_digests_ += DigestOfName(text, "");
  return added;
}

absl::StatusOr<int64_t> Entities::SymbolNumber(model::Symbol symbol) {
  ASSIGN_OR_RETURN(const int64_t known, symbols_.FindSymbol(symbol));
  return known != 0 ? known : TextNumber(symbol.text());
}

absl::StatusOr<int64_t> Entities::MemberNumber(std::string_view id) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(Entity::Kind::kMember, id));
  if (kept->number == 0) RETURN_IF_ERROR(AddName(*kept));
  return kept->number;
}

// The name is in the file at once, but for a while only here by its id: so it
// must not be forgotten.
absl::Status Entities::AddName(Kept& kept) {
  Save(kept);
  MakeDirty(kept);
  if (random_.size() < kKeyBytes) {
    ASSIGN_OR_RETURN(random_, base::RandomBytes(kRandomBytes));
  }
  const std::string key = random_.substr(random_.size() - kKeyBytes);
  random_.resize(random_.size() - kKeyBytes);
  kept.number = next_member_++;
  RETURN_IF_ERROR(db_.Run("INSERT INTO member VALUES (?, ?, ?)", kept.number,
                          std::string_view(kept.id), Blob{key}));
  if (new_member_digests_.empty()) first_new_member_ = kept.number;
  new_member_digests_ += DigestOfName(kept.id, key);
  return absl::OkStatus();
}

void Entities::TakeNewNames(v1::Record& record) {
  if (!new_symbol_digests_.empty()) {
    record.set_first_symbol(static_cast<uint64_t>(first_new_symbol_));
    record.set_symbol_digests(new_symbol_digests_);
    new_symbol_digests_.clear();
  }
  if (!new_member_digests_.empty()) {
    record.set_first_member(static_cast<uint64_t>(first_new_member_));
    record.set_member_digests(new_member_digests_);
    new_member_digests_.clear();
  }
}

absl::StatusOr<LineLinks> Entities::NoteMovement(
    const model::Movement& movement) {
  ASSIGN_OR_RETURN(Kept* const member,
                   Touch(Entity::Kind::kMember, movement.member));
  if (!member->exists) {
    return absl::InternalError(
        absl::StrCat("event ", movement.at.seq, " moves units of \"",
                     movement.member, "\", who is no member"));
  }
  Save(*member);
  MakeDirty(*member);
  ASSIGN_OR_RETURN(const int64_t currency, SymbolNumber(movement.currency));
  member->Holding(currency, movement.currency)
      .Move({movement.balance, movement.earned}, movement.at);
  // An event is one line of each member it moves units of.
  if (member->lines.last().seq == movement.at.seq) return LineLinks{};
  return member->lines.Add(movement.at.seq);
}

absl::Status Entities::CheckHoldings(const EntityState& now) {
  if (now.holdings.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Kept* const kept, Touch(now.entity.kind, now.entity.id));
  for (const auto& [currency, holding] : now.holdings) {
    ASSIGN_OR_RETURN(const int64_t symbol, SymbolNumber(currency));
    const auto held = std::find_if(
        kept->holdings.begin(), kept->holdings.end(),
        [symbol](const Kept::Held& one) { return one.currency == symbol; });
    if (held == kept->holdings.end() || held->now != holding) {
      return absl::InternalError(
          absl::StrCat("what \"", kept->id, "\" has of ", currency.text(),
                       " is not what the movements lead to"));
    }
  }
  return absl::OkStatus();
}

void Entities::Begin() {
  ++transaction_;
  before_ = {.dirty = dirty_.size(),
             .dirty_bytes = dirty_bytes_,
             .were_held = were_held_.size(),
             .abouts = abouts_.size(),
             .ids = id_hashes_.size(),
             .next_member = next_member_,
             .through_now = through_now_,
             .newest = newest_,
             .greatest_id = id_order_.greatest(),
             .broken_blocks = id_order_.broken().size()};
}

void Entities::Keep() {
  aliases_before_.clear();
  entities_before_.clear();
  holdings_before_.clear();
  counters_before_.clear();
  keyed_before_.clear();
  names_before_.clear();
  new_symbol_digests_.clear();
  new_member_digests_.clear();
}

void Entities::Undo() {
  for (auto it = counters_before_.rbegin(); it != counters_before_.rend();
       ++it) {
    it->kept->counters.Set(it->id, it->value);
  }
  for (auto it = keyed_before_.rbegin(); it != keyed_before_.rend(); ++it) {
    it->kept->keyed.values[it->id].value = it->value;
  }
  auto held = holdings_before_.begin();
  for (EntityBefore& before : entities_before_) {
    Kept& kept = *before.kept;
    kept.number = before.number;
    kept.exists = before.exists;
    kept.dirty = before.dirty;
    kept.since = before.since;
    const auto end = held + static_cast<std::ptrdiff_t>(before.holdings);
    kept.holdings.assign(held, end);
    held = end;
    kept.lines = std::move(before.lines);
    kept.counters.set_latest(before.latest_page);
    kept.keyed.bits = before.keyed_bits;
    kept.lots = std::move(before.lots);
    kept.places = std::move(before.places);
    kept.hidden = before.hidden;
  }
  TakeAliasesBack();
  ranked_names_.clear();
  TakeNamesBack();
  dirty_.resize(before_.dirty);
  were_held_.resize(before_.were_held);
  dirty_bytes_ = before_.dirty_bytes;
  ForgetIndexBeyond(before_.abouts, before_.ids);
  abouts_.resize(before_.abouts);
  id_hashes_.resize(before_.ids);
  next_member_ = before_.next_member;
  through_now_ = before_.through_now;
  newest_ = before_.newest;
  id_order_.Restore(std::move(before_.greatest_id), before_.broken_blocks);
  symbols_.Forget();
  Keep();
}

// What is dirty stays; of the rest, what was not used since the last time goes.
void Entities::Sweep() {
  if (bytes_ <= sweep_at_) return;
  recent_ = {};
  by_number_.clear();
  for (const bool spare_used : {true, false}) {
    bytes_ = 0;
    for (auto& of_kind : kept_) {
      for (auto it = of_kind.begin(); it != of_kind.end();) {
        Kept& kept = *it->second;
        if (kept.dirty || (spare_used && std::exchange(kept.used, false))) {
          bytes_ += kept.bytes();
          ++it;
        } else {
          of_kind.erase(it++);
        }
      }
    }
    if (bytes_ <= budget_ / 4 * 3) break;
  }
  sweep_at_ = std::max(budget_, bytes_ + budget_ / 4);
}

}  // namespace loyalty::store
