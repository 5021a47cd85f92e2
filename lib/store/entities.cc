// SPDX-License-Identifier: Apache-2.0
//
// See entities.h. Catching up with the journal and merging into the tables are
// in merging.cc.
#include "store/entities.h"

#include <absl/hash/hash.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/digest.h"
#include "base/status_macros.h"
#include "store/chain.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;

constexpr size_t kKeyBytes = 16;
constexpr size_t kPageBytes = 64;
constexpr size_t kCounterBytes = 56;
constexpr size_t kLineBytes = 40;

constexpr char kHoldingsOfMember[] =
    "SELECT currency, balance, earned FROM holding WHERE member = ?";
constexpr char kLinesFrom[] =
    "SELECT seq, n FROM line WHERE member = ? AND (seq, n) >= (?, ?) "
    "ORDER BY seq, n LIMIT ?";
constexpr char kGaveFrom[] =
    "SELECT seq FROM gave WHERE object = ? AND seq >= ? ORDER BY seq LIMIT ?";

// Counters of one period lie together, so that what is current is few pages of
// an entity that has done much; those with keys, which may be any number, lie
// by their keys.
int64_t PageOf(const CounterId& id) {
  constexpr int64_t kPeriod = int64_t{30} * 86'400 * 1'000'000;
  constexpr uint64_t kKeyedPages = 4096;
  if (id.key.empty()) {
    return id.window / kPeriod - (id.window % kPeriod < 0 ? 1 : 0);
  }
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same on every machine
  for (const char c : id.key) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return INT64_MIN + static_cast<int64_t>(hash % kKeyedPages);
}

uint64_t HashOf(std::string_view text) {
  return absl::Hash<std::string_view>{}(text);
}

auto PlaceOf(std::vector<std::pair<CounterId, int64_t>>& counters,
             const CounterId& id) {
  return std::lower_bound(counters.begin(), counters.end(), id,
                          [](const auto& counter, const CounterId& b) {
                            return counter.first < b;
                          });
}

}  // namespace

Kept::Held* Kept::Holding(int64_t currency) {
  for (Held& held : holdings) {
    if (held.currency == currency) return &held;
  }
  return nullptr;
}

Kept::Page* Kept::FindPage(int64_t page) {
  for (Page& one : pages) {
    if (one.page == page) return &one;
  }
  return nullptr;
}

size_t Kept::bytes() const {
  size_t all = sizeof(Kept) + sizeof(model::Entity) + 64;
  for (const Page& page : pages) {
    all += kPageBytes + page.counters.capacity() * kCounterBytes;
  }
  return all;
}

// Of a currency; making a symbol takes a lock, so that it is done once.
absl::StatusOr<model::Symbol> Entities::NameOf(int64_t symbol) {
  const auto found = currency_names_.find(symbol);
  if (found != currency_names_.end()) return found->second;
  ASSIGN_OR_RETURN(const std::string text, names_.Symbol(symbol));
  return currency_names_.emplace(symbol, text).first->second;
}

absl::Status Entities::ReadMember(std::string_view id, Kept& kept) {
  ASSIGN_OR_RETURN(
      kept.number,
      db_.Number("SELECT member FROM member_by_id WHERE id = ?", id));
  if (kept.number == 0) return absl::OkStatus();
  {
    Rows rows =
        db_.Query("SELECT since FROM membership WHERE member = ?", kept.number);
    if (rows.Next()) {
      kept.exists = true;
      kept.since = TimeOf(rows.Int(0));
    }
    RETURN_IF_ERROR(rows.status());
  }
  if (!kept.exists) return absl::OkStatus();
  Rows rows = db_.Query(kHoldingsOfMember, kept.number);
  while (rows.Next()) {
    Kept::Held& held = kept.holdings.emplace_back(
        Kept::Held{.currency = rows.Int(0), .now = {rows.Int(1), rows.Int(2)}});
    ASSIGN_OR_RETURN(held.name, NameOf(held.currency));
  }
  return rows.status();
}

absl::StatusOr<Kept*> Entities::Touch(Entity::Kind kind, std::string_view id) {
  TextMap<std::unique_ptr<Kept>>& of_kind = kept_[static_cast<size_t>(kind)];
  if (const auto found = of_kind.find(id); found != of_kind.end()) {
    found->second->used = true;
    return found->second.get();
  }
  auto fresh = std::make_unique<Kept>();
  fresh->kind = kind;
  switch (kind) {
    case Entity::Kind::kMember: RETURN_IF_ERROR(ReadMember(id, *fresh)); break;
    case Entity::Kind::kObject: {
      ASSIGN_OR_RETURN(
          fresh->number,
          db_.Number("SELECT object FROM object_by_id WHERE id = ?", id));
      break;
    }
    case Entity::Kind::kProgram: break;
  }
  Kept* const kept = fresh.get();
  bytes_ += kept->bytes();
  of_kind.emplace(std::string(id), std::move(fresh));
  return kept;
}

// Whether the tables can have anything of it: new names are in the tail only.
bool Entities::IsInTables(const Kept& kept) const {
  switch (kept.kind) {
    case Entity::Kind::kMember:
      return kept.number != 0 && kept.number <= merged_member_;
    case Entity::Kind::kObject:
      return kept.number != 0 && kept.number <= merged_object_;
    case Entity::Kind::kProgram: break;
  }
  return true;
}

absl::StatusOr<Kept::Page*> Entities::LoadPage(Kept& kept, int64_t page) {
  if (Kept::Page* const found = kept.FindPage(page)) return found;
  Kept::Page fresh{.page = page};
  if (IsInTables(kept)) {
    Rows rows = db_.Query(
        "SELECT body FROM counter WHERE kind = ? AND entity = ? AND page = ?",
        static_cast<int64_t>(kept.kind), kept.number, page);
    if (rows.Next()) {
      v1::CounterPage body;
      if (!wire::ParseBytes(rows.Bytes(0), body)) {
        return absl::DataLossError("a page of counters cannot be read");
      }
      for (const v1::Counter& counter : body.counter()) {
        fresh.counters.push_back({{static_cast<int64_t>(counter.name()),
                                   counter.window(), counter.key()},
                                  counter.value()});
      }
    }
    RETURN_IF_ERROR(rows.status());
  }
  bytes_ += kPageBytes + fresh.counters.size() * kCounterBytes;
  return &kept.pages.emplace_back(std::move(fresh));
}

absl::StatusOr<int64_t> Entities::FindCounter(Kept& kept,
                                              const model::CounterKey& key) {
  ASSIGN_OR_RETURN(const int64_t name, symbols_.FindSymbol(key.name));
  if (name == 0) return 0;
  const CounterId id{name, key.window, KeyText(key.key)};
  ASSIGN_OR_RETURN(Kept::Page* const page, LoadPage(kept, PageOf(id)));
  const auto place = PlaceOf(page->counters, id);
  return place == page->counters.end() || place->first != id ? 0
                                                             : place->second;
}

absl::Status Entities::Load(const model::ReadSet& wanted, EntityState& state) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(wanted.entity));
  state.Restart(wanted.entity);
  state.exists = kept->exists;
  state.since = kept->since;
  for (const Kept::Held& held : kept->holdings) {
    state.holdings.emplace(held.name, held.now);
  }
  for (const model::CounterKey& key : wanted.counters) {
    ASSIGN_OR_RETURN(const int64_t value, FindCounter(*kept, key));
    if (value != 0) {
      state.counters.emplace(key, value);
    }
  }
  return absl::OkStatus();
}

void Entities::Save(Kept& kept) {
  if (kept.saved_in == transaction_) return;
  kept.saved_in = transaction_;
  entities_before_.push_back({.kept = &kept,
                              .number = kept.number,
                              .exists = kept.exists,
                              .since = kept.since,
                              .holdings = kept.holdings,
                              .last = kept.last,
                              .dirty = kept.dirty,
                              .since_dirty = kept.since_dirty});
}

void Entities::MakeDirty(Kept& kept) {
  if (kept.dirty) return;
  kept.dirty = true;
  dirty_.push_back(&kept);
  dirty_bytes_ += kept.bytes();
}

absl::Status Entities::SetCounter(Kept& kept, CounterId id, int64_t value) {
  ASSIGN_OR_RETURN(Kept::Page* const page, LoadPage(kept, PageOf(id)));
  const auto place = PlaceOf(page->counters, id);
  const bool found = place != page->counters.end() && place->first == id;
  counters_before_.push_back({&kept, id, found ? place->second : 0});
  page->dirty = true;
  if (found) {
    place->second = value;
  } else {
    bytes_ += kCounterBytes;
    dirty_bytes_ += kCounterBytes;
    page->counters.insert(place, {std::move(id), value});
  }
  return absl::OkStatus();
}

absl::Status Entities::Change(const EntityState& now, v1::Record& record) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(now.entity));
  Save(*kept);
  MakeDirty(*kept);
  v1::Change& change = *record.add_change();
  change.set_is_object(now.entity.kind == Entity::Kind::kObject);
  if (now.exists && (!kept->exists || kept->since != now.since)) {
    kept->exists = true;
    kept->since = now.since;
    kept->since_dirty = true;
    change.set_since_us(MicrosOf(now.since));
  }
  const bool needs_number = now.entity.kind != Entity::Kind::kProgram &&
                            (now.exists || !now.counters.empty());
  if (needs_number) {
    if (kept->number == 0) RETURN_IF_ERROR(AddName(*kept, now.entity.id));
    change.set_number(static_cast<uint64_t>(kept->number));
  }
  for (const auto& [currency, holding] : now.holdings) {
    ASSIGN_OR_RETURN(const int64_t symbol, SymbolNumber(currency));
    Kept::Held* held = kept->Holding(symbol);
    if (held == nullptr) {
      held = &kept->holdings.emplace_back(
          Kept::Held{.currency = symbol, .name = currency, .dirty = true});
    }
    held->dirty |= held->now != holding;
    held->now = holding;
  }
  for (const auto& [key, value] : now.counters) {
    ASSIGN_OR_RETURN(const int64_t name, SymbolNumber(key.name));
    std::string text = KeyText(key.key);
    v1::Counter& counter = *change.add_counter();
    counter.set_name(static_cast<uint64_t>(name));
    counter.set_window(key.window);
    counter.set_key(text);
    counter.set_value(value);
    RETURN_IF_ERROR(
        SetCounter(*kept, {name, key.window, std::move(text)}, value));
  }
  if (!change.has_since_us() && change.counter_size() == 0) {
    record.mutable_change()->RemoveLast();
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Entities::TextNumber(std::string_view text) {
  ASSIGN_OR_RETURN(const int64_t known, symbols_.Find(text));
  if (known != 0) return known;
  ASSIGN_OR_RETURN(const int64_t added, symbols_.Add(text));
  v1::NewName name;
  name.set_table(v1::NewName::SYMBOL);
  name.set_number(static_cast<uint64_t>(added));
  name.set_digest(DigestOfName(text, ""));
  new_names_.push_back(std::move(name));
  return added;
}

absl::StatusOr<int64_t> Entities::SymbolNumber(model::Symbol symbol) {
  ASSIGN_OR_RETURN(const int64_t known, symbols_.FindSymbol(symbol));
  return known != 0 ? known : TextNumber(symbol.text());
}

absl::StatusOr<int64_t> Entities::Numbered(Entity::Kind kind,
                                           std::string_view id) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(kind, id));
  if (kept->number == 0) RETURN_IF_ERROR(AddName(*kept, id));
  return kept->number;
}

absl::StatusOr<int64_t> Entities::MemberNumber(std::string_view id) {
  return Numbered(Entity::Kind::kMember, id);
}

absl::StatusOr<int64_t> Entities::ObjectNumber(std::string_view id) {
  return Numbered(Entity::Kind::kObject, id);
}

// The name is in the file at once, but for a while only here by its id: so it
// must not be forgotten.
absl::Status Entities::AddName(Kept& kept, std::string_view id) {
  Save(kept);
  MakeDirty(kept);
  v1::NewName name;
  if (kept.kind == Entity::Kind::kMember) {
    ASSIGN_OR_RETURN(const std::string key, base::RandomBytes(kKeyBytes));
    kept.number = next_member_++;
    RETURN_IF_ERROR(db_.Run("INSERT INTO member VALUES (?, ?, ?)", kept.number,
                            id, Blob{key}));
    name.set_table(v1::NewName::MEMBER);
    name.set_digest(DigestOfName(id, key));
  } else {
    kept.number = next_object_++;
    RETURN_IF_ERROR(
        db_.Run("INSERT INTO object VALUES (?, ?)", kept.number, id));
    name.set_table(v1::NewName::OBJECT);
    name.set_digest(DigestOfName(id, ""));
  }
  name.set_number(static_cast<uint64_t>(kept.number));
  new_names_.push_back(std::move(name));
  return absl::OkStatus();
}

void Entities::TakeNewNames(v1::Record& record) {
  for (v1::NewName& name : new_names_) record.add_new_name()->Swap(&name);
  new_names_.clear();
}

void Entities::AddLine(Kept& kept, std::vector<Line>& lines,
                       model::Position at) {
  Save(kept);
  MakeDirty(kept);
  lines.push_back({kept.number, at, kept.last});
  kept.last = static_cast<int64_t>(lines.size()) - 1;
  dirty_bytes_ += kLineBytes;
}

void Entities::NoteId(std::string_view id, int64_t seq) {
  if (id > max_id_) max_id_ = id;
  const uint64_t hash = HashOf(id);
  if (ids_.emplace(hash, seq).second) {
    id_hashes_.push_back(hash);
  } else {
    same_hash_.emplace_back(std::string(id), seq);
  }
  through_now_ = seq;
}

absl::Status Entities::NoteEntry(const Delta& delta,
                                 std::optional<int64_t> target) {
  const model::RecordedEvent& recorded = delta.recorded;
  bool gave = false;
  for (const model::Movement& movement : delta.movements) {
    ASSIGN_OR_RETURN(Kept* const member,
                     Touch(Entity::Kind::kMember, movement.member));
    if (!member->exists) {
      return absl::InternalError(
          absl::StrCat("event ", recorded.seq, " moves units of \"",
                       movement.member, "\", who is no member"));
    }
    AddLine(*member, lines_, movement.at);
    gave |= movement.kind == model::Movement::Kind::kAward;
  }
  if (gave && target.has_value()) {
    ASSIGN_OR_RETURN(Kept* const object,
                     Touch(Entity::Kind::kObject, *recorded.event.target));
    AddLine(*object, abouts_, {recorded.seq, 0});
  }
  NoteId(recorded.event.id, recorded.seq);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Entities::SeqOf(std::string_view event_id) {
  // Ids that grow with time are new at a glance.
  if (event_id > max_id_) return 0;
  if (const auto found = ids_.find(HashOf(event_id)); found != ids_.end()) {
    Rows row = db_.Query("SELECT id FROM event WHERE seq = ?", found->second);
    if (row.Next() && row.Text(0) == event_id) return found->second;
    RETURN_IF_ERROR(row.status());
  }
  for (const auto& [id, seq] : same_hash_) {
    if (id == event_id) return seq;
  }
  return db_.Number("SELECT seq FROM event_by_id WHERE id = ?", event_id);
}

absl::StatusOr<std::vector<model::Position>> Entities::LinesOf(
    std::string_view member, model::Position from, int limit) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(Entity::Kind::kMember, member));
  std::vector<model::Position> lines;
  Rows rows = db_.Query(kLinesFrom, kept->number, from.seq, from.n, limit);
  while (rows.Next()) {
    lines.push_back({rows.Int(0), static_cast<int32_t>(rows.Int(1))});
  }
  RETURN_IF_ERROR(rows.status());
  const auto in_table = static_cast<std::ptrdiff_t>(lines.size());
  for (int64_t at = kept->last; at >= 0; at = lines_[at].before) {
    if (lines_[at].at < from) break;
    lines.push_back(lines_[at].at);
  }
  std::reverse(lines.begin() + in_table, lines.end());
  if (limit >= 0 && lines.size() > static_cast<size_t>(limit)) {
    lines.resize(static_cast<size_t>(limit));
  }
  return lines;
}

absl::StatusOr<std::vector<int64_t>> Entities::EventsAbout(
    std::string_view object, int64_t from, int limit) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(Entity::Kind::kObject, object));
  std::vector<int64_t> events;
  Rows rows = db_.Query(kGaveFrom, kept->number, from, limit);
  while (rows.Next()) events.push_back(rows.Int(0));
  RETURN_IF_ERROR(rows.status());
  const auto in_table = static_cast<std::ptrdiff_t>(events.size());
  for (int64_t at = kept->last; at >= 0; at = abouts_[at].before) {
    if (abouts_[at].at.seq < from) break;
    events.push_back(abouts_[at].at.seq);
  }
  std::reverse(events.begin() + in_table, events.end());
  if (limit >= 0 && events.size() > static_cast<size_t>(limit)) {
    events.resize(static_cast<size_t>(limit));
  }
  return events;
}

void Entities::Begin() {
  ++transaction_;
  before_ = {.dirty = dirty_.size(),
             .dirty_bytes = dirty_bytes_,
             .lines = lines_.size(),
             .abouts = abouts_.size(),
             .ids = id_hashes_.size(),
             .same_hash = same_hash_.size(),
             .next_member = next_member_,
             .next_object = next_object_,
             .through_now = through_now_,
             .max_id = max_id_};
}

void Entities::Keep() {
  entities_before_.clear();
  counters_before_.clear();
  new_names_.clear();
}

void Entities::Undo() {
  for (auto it = counters_before_.rbegin(); it != counters_before_.rend();
       ++it) {
    Kept::Page& page = *it->kept->FindPage(PageOf(it->id));
    PlaceOf(page.counters, it->id)->second = it->value;
  }
  for (EntityBefore& before : entities_before_) {
    Kept& kept = *before.kept;
    kept.number = before.number;
    kept.exists = before.exists;
    kept.since = before.since;
    kept.holdings = std::move(before.holdings);
    kept.last = before.last;
    kept.dirty = before.dirty;
    kept.since_dirty = before.since_dirty;
  }
  dirty_.resize(before_.dirty);
  dirty_bytes_ = before_.dirty_bytes;
  lines_.resize(before_.lines);
  abouts_.resize(before_.abouts);
  for (size_t i = before_.ids; i < id_hashes_.size(); ++i) {
    ids_.erase(id_hashes_[i]);
  }
  id_hashes_.resize(before_.ids);
  same_hash_.resize(before_.same_hash);
  next_member_ = before_.next_member;
  next_object_ = before_.next_object;
  through_now_ = before_.through_now;
  max_id_ = std::move(before_.max_id);
  symbols_.Forget();
  Keep();
}

// What is dirty stays; of the rest, what was not used since the last time goes.
void Entities::Sweep() {
  if (bytes_ <= sweep_at_) return;
  for (const bool spare_used : {true, false}) {
    bytes_ = 0;
    for (TextMap<std::unique_ptr<Kept>>& of_kind : kept_) {
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
