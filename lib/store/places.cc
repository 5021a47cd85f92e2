// SPDX-License-Identifier: Apache-2.0
//
// Where members are on leaderboards of counters: what a counter that changes
// comes to there, and how that reaches the tables. See entities.h.
#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "model/board_name.h"
#include "store/entities.h"

namespace loyalty::store {
namespace {

#define LOYALTY_PLACE "board_place WHERE member = ?"
constexpr char kPlace[] = "SELECT earned, tie, seq, n FROM " LOYALTY_PLACE
                          " AND board = ? AND season = ? AND earned <> 0";
constexpr char kPlaces[] =
    "SELECT earned, tie, seq, n, board, season FROM " LOYALTY_PLACE
    " AND earned <> 0";
constexpr char kDropPlace[] =
    "DELETE FROM " LOYALTY_PLACE " AND board = ? AND season = ?";
#undef LOYALTY_PLACE

BoardKey KeyOfRow(const Rows& row) {
  return {.earned = row.Int(0),
          .seq = row.Int(2),
          .n = static_cast<int32_t>(row.Int(3)),
          .tie = row.Int(1)};
}

// What the tables have in their trees, of who is or is not hidden there.
std::optional<BoardKey> Listed(bool hidden, std::optional<BoardKey> key) {
  return hidden ? std::nullopt : key;
}

}  // namespace

// What a counter of that name is to leaderboards. Names are looked at once.
absl::StatusOr<Entities::RankedName> Entities::RankedNameOf(int64_t name) {
  if (const auto found = ranked_names_.find(name);
      found != ranked_names_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(const model::Symbol symbol, names_.Symbol(name));
  const std::string& text = symbol.text();
  RankedName ranked;
  if (model::IsBoardName(text)) {
    ranked.board = name;
    ASSIGN_OR_RETURN(ranked.tie, symbols_.Find(model::TieNameOf(text)));
  } else if (text.starts_with(model::kTiePrefix)) {
    // The entry that counts ties first may not have named the board yet.
    ASSIGN_OR_RETURN(ranked.board, TextNumber(model::BoardNameOf(text)));
    ranked.tie = name;
    ranked_names_[ranked.board] = ranked;
  } else if (text == model::kHiddenName) {
    ranked.hides = true;
  }
  ranked_names_[name] = ranked;
  return ranked;
}

// The member's place there, read unless it is known.
absl::StatusOr<Kept::Placed*> Entities::LoadPlace(Kept& kept, BoardId id,
                                                  bool may_be_in_table) {
  for (Kept::Placed& place : kept.places) {
    if (place.id == id) return &place;
  }
  Kept::Placed place{.id = id};
  if (may_be_in_table && IsInTables(kept)) {
    Rows row = db_.Query(kPlace, kept.number, id.board, id.season);
    if (row.Next()) place.now = place.merged = KeyOfRow(row);
    RETURN_IF_ERROR(row.status());
  }
  bytes_ += sizeof(Kept::Placed);
  return &kept.places.emplace_back(place);
}

absl::Status Entities::LoadPlaces(Kept& kept) {
  if (!IsInTables(kept)) return absl::OkStatus();
  Rows rows = db_.Query(kPlaces, kept.number);
  while (rows.Next()) {
    const BoardId id{.board = rows.Int(4), .season = rows.Int(5)};
    const bool is_known =
        std::any_of(kept.places.begin(), kept.places.end(),
                    [&](const Kept::Placed& place) { return place.id == id; });
    if (is_known) continue;
    const BoardKey key = KeyOfRow(rows);
    kept.places.push_back({.id = id, .now = key, .merged = key});
    bytes_ += sizeof(Kept::Placed);
  }
  return rows.status();
}

// A counter of a member, which was `was`, has changed at that place of the
// journal.
absl::Status Entities::Rank(Kept& kept, const CounterId& id, int64_t was,
                            model::Position at) {
  ASSIGN_OR_RETURN(const RankedName name, RankedNameOf(id.name));
  if (name.hides) kept.hidden = kept.counters.Value(id) != 0;
  if (name.board == 0) return absl::OkStatus();
  // Who had nothing had no place.
  const bool had_place = id.name != name.board || was != 0;
  ASSIGN_OR_RETURN(Kept::Placed* const place,
                   LoadPlace(kept, {name.board, id.window}, had_place));
  const int64_t score = kept.counters.Value({id.window, name.board});
  if (score == 0) {
    place->now.reset();
    return absl::OkStatus();
  }
  place->now = BoardKey{
      .earned = score,
      .seq = at.seq,
      .n = at.n,
      .tie = name.tie == 0 ? 0 : kept.counters.Value({id.window, name.tie})};
  return absl::OkStatus();
}

absl::Status Entities::MergePlaces(Kept& kept, MergeInto into,
                                   BoardChanges& boards) {
  if (kept.hidden != kept.was_hidden) RETURN_IF_ERROR(LoadPlaces(kept));
  for (const Kept::Placed& place : kept.places) {
    boards.Move(place.id, kept.number, Listed(kept.was_hidden, place.merged),
                Listed(kept.hidden, place.now));
    if (place.now == place.merged) continue;
    const BoardKey key = place.now.value_or(BoardKey{});
    RETURN_IF_ERROR(
        !place.now.has_value() && into == MergeInto::kFile
            ? db_.Run(kDropPlace, kept.number, place.id.board, place.id.season)
            : db_.Run(into == MergeInto::kFile
                          ? "INSERT OR REPLACE INTO board_place "
                            "VALUES (?, ?, ?, ?, ?, ?, ?)"
                          : "INSERT OR REPLACE INTO temp.tail_board_place "
                            "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      kept.number, place.id.board, place.id.season, key.earned,
                      key.tie, key.seq, int64_t{key.n}));
  }
  return absl::OkStatus();
}

void Entities::PlacesMerged(Kept& kept) {
  kept.was_hidden = kept.hidden;
  for (Kept::Placed& place : kept.places) place.merged = place.now;
}

// The tables' tree, with what the tail changed of it.
absl::StatusOr<std::vector<BoardEntry>> Entities::EntriesOf(
    std::string_view name, int64_t season) {
  std::vector<BoardEntry> entries;
  ASSIGN_OR_RETURN(const int64_t board, symbols_.Find(name));
  if (board == 0) return entries;
  const BoardId id{.board = board, .season = season};
  absl::flat_hash_map<int64_t, std::optional<BoardKey>> changed;
  for (Kept* const kept : dirty_) {
    if (kept->kind != model::Entity::Kind::kMember) continue;
    if (kept->hidden != kept->was_hidden) RETURN_IF_ERROR(LoadPlaces(*kept));
    for (const Kept::Placed& place : kept->places) {
      if (place.id == id) {
        changed[kept->number] = Listed(kept->hidden, place.now);
      }
    }
    for (const Kept::Held& held : kept->holdings) {
      if (held.currency != board || season != 0) continue;
      changed[kept->number] = Listed(kept->hidden, held.place());
    }
  }
  RETURN_IF_ERROR(Board(db_, id).Walk([&](const BoardEntry& entry) {
    if (!changed.contains(entry.member)) entries.push_back(entry);
    return absl::OkStatus();
  }));
  const auto in_table = static_cast<std::ptrdiff_t>(entries.size());
  for (const auto& [member, key] : changed) {
    if (key.has_value() && key->earned != 0) entries.push_back({*key, member});
  }
  const auto before = [](const BoardEntry& a, const BoardEntry& b) {
    return a.key < b.key;
  };
  std::sort(entries.begin() + in_table, entries.end(), before);
  std::inplace_merge(entries.begin(), entries.begin() + in_table, entries.end(),
                     before);
  return entries;
}

absl::StatusOr<std::vector<Ranked>> Entities::Standings(
    BoardRef board,
    absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants) {
  ASSIGN_OR_RETURN(const std::vector<BoardEntry> entries,
                   EntriesOf(board.name, board.season));
  std::vector<Ranked> standings;
  for (const BoardEntry& entry : entries) {
    Ranked ranked{.row = std::ssize(standings),
                  .rank = std::ssize(standings) + 1,
                  .earned = entry.key.earned,
                  .tie = entry.key.tie};
    if (!standings.empty() && standings.back().earned == ranked.earned &&
        standings.back().tie == ranked.tie) {
      ranked.rank = standings.back().rank;
    }
    if (!wants(ranked, std::ssize(entries))) break;
    ASSIGN_OR_RETURN(ranked.member, names_.Member(entry.member));
    standings.push_back(std::move(ranked));
  }
  return standings;
}

}  // namespace loyalty::store
