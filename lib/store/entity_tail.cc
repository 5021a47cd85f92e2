// SPDX-License-Identifier: Apache-2.0
//
// See entities.h: what of the tail is looked up by, ids of events and objects
// that events are about.
#include <absl/hash/hash.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/entities.h"
#include "store/entry_queue.h"
#include "store/times.h"

namespace loyalty::store {
namespace {

constexpr size_t kAboutBytes = 72;  // and the event's id

constexpr char kAboutFrom[] =
    "SELECT place FROM about WHERE place >= ? AND place <= ? "
    "ORDER BY place LIMIT ?";

uint64_t HashOf(std::string_view text) {
  return absl::Hash<std::string_view>{}(text);
}

}  // namespace

void Entities::AddAbout(std::string_view object, int64_t seq) {
  abouts_.push_back({StableHash(object), seq});
  dirty_bytes_ += kAboutBytes;
}

void Entities::NoteId(std::string_view id, int64_t seq) {
  id_order_.Add(id, seq);
  id_hashes_.emplace_back(HashOf(id), seq);
  through_now_ = seq;
}

// The tail's lists, by what they are looked up by. Only now, as it costs more
// than the lists do, and where ids grow and nothing is reversed nobody asks.
void Entities::IndexTail() {
  for (; indexed_abouts_ < abouts_.size(); ++indexed_abouts_) {
    About& about = abouts_[indexed_abouts_];
    const auto [last, is_first] = last_about_.try_emplace(about.object, -1);
    about.before =
        std::exchange(last->second, static_cast<int64_t>(indexed_abouts_));
  }
  for (; indexed_ids_ < id_hashes_.size(); ++indexed_ids_) {
    const auto& [hash, seq] = id_hashes_[indexed_ids_];
    const auto [at, is_first] = ids_.try_emplace(hash, seq);
    if (!is_first) same_hash_.emplace_back(hash, seq);
  }
}

// What the tail no longer has is not looked up.
void Entities::ForgetIndexBeyond(size_t abouts, size_t ids) {
  for (; indexed_abouts_ > abouts; --indexed_abouts_) {
    const About& about = abouts_[indexed_abouts_ - 1];
    last_about_[about.object] = about.before;
  }
  for (; indexed_ids_ > ids; --indexed_ids_) {
    const auto& last = id_hashes_[indexed_ids_ - 1];
    if (!same_hash_.empty() && same_hash_.back() == last) {
      same_hash_.pop_back();
    } else {
      ids_.erase(last.first);
    }
  }
}

void Entities::NoteEntry(const Delta& delta) {
  const model::RecordedEvent& recorded = delta.recorded;
  if (!delta.movements.empty() && recorded.event.target.has_value()) {
    AddAbout(*recorded.event.target, recorded.seq);
  }
  NoteId(recorded.event.id, recorded.seq);
  if (recorded.outcome.accepted() && recorded.event.type != kSweep) {
    newest_ = std::max(newest_, MicrosOf(recorded.event.time));
  }
}

absl::StatusOr<int64_t> Entities::SeqOf(std::string_view event_id,
                                        const EntryQueue& queue) {
  // Ids that grow with time are new at a glance.
  if (event_id > id_order_.greatest()) return 0;
  IndexTail();
  const uint64_t hash = HashOf(event_id);
  if (const auto found = ids_.find(hash); found != ids_.end()) {
    ASSIGN_OR_RETURN(const bool is_it, HasId(found->second, event_id, queue));
    if (is_it) return found->second;
  }
  for (const auto& [same, seq] : same_hash_) {
    if (same != hash) continue;
    ASSIGN_OR_RETURN(const bool is_it, HasId(seq, event_id, queue));
    if (is_it) return seq;
  }
  return through_ == 0 ? 0 : ids_in_tables_.SeqOf(event_id);
}

absl::StatusOr<bool> Entities::HasId(int64_t seq, std::string_view id,
                                     const EntryQueue& queue) {
  if (const auto queued = queue.IdOf(seq)) return *queued == id;
  Rows row = journal_.Query("SELECT id FROM event WHERE seq = ?", seq);
  const bool is_it = row.Next() && row.Text(0) == id;
  RETURN_IF_ERROR(row.status());
  return is_it;
}

absl::StatusOr<std::vector<int64_t>> Entities::EventsAbout(
    std::string_view object, int64_t from, int limit) {
  IndexTail();
  constexpr int64_t kLastSeq = (int64_t{1} << About::kSeqBits) - 1;
  const uint64_t hash = StableHash(object);
  std::vector<int64_t> events;
  Rows rows = db_.Query(kAboutFrom, About{.object = hash, .seq = from}.place(),
                        About{.object = hash, .seq = kLastSeq}.place(), limit);
  while (rows.Next()) events.push_back(rows.Int(0) & kLastSeq);
  RETURN_IF_ERROR(rows.status());
  const auto in_table = static_cast<std::ptrdiff_t>(events.size());
  const auto last = last_about_.find(hash);
  for (int64_t at = last == last_about_.end() ? -1 : last->second;
       at >= 0 && abouts_[at].seq >= from; at = abouts_[at].before) {
    events.push_back(abouts_[at].seq);
  }
  std::reverse(events.begin() + in_table, events.end());
  if (limit >= 0 && events.size() > static_cast<size_t>(limit)) {
    events.resize(static_cast<size_t>(limit));
  }
  return events;
}

}  // namespace loyalty::store
