// SPDX-License-Identifier: Apache-2.0
//
// Counters of which there is one for each second in which something was
// counted, as rolling limits ask for them: all of a stretch of time. See
// entities.h.
#include <map>

#include "base/status_macros.h"
#include "store/entities.h"

namespace loyalty::store {
namespace {

constexpr char kKeyedRange[] =
    "SELECT window, value FROM keyed_counter WHERE kind = ? AND entity = ? "
    "AND key = ? AND name = ? AND window BETWEEN ? AND ?";

}  // namespace

absl::Status Entities::ReadKeyedRange(const Kept& kept, const KeyedId& first,
                                      int64_t to,
                                      std::map<int64_t, int64_t>& values) {
  const auto kind = static_cast<int64_t>(kept.kind);
  const auto read = [&](auto entity, auto key) {
    Rows rows =
        db_.Query(kKeyedRange, kind, entity, key, first.name, first.window, to);
    while (rows.Next()) values[rows.Int(0)] = rows.Int(1);
    return rows.status();
  };
  const auto of = [&](auto entity) {
    return first.member != 0 ? read(entity, first.member)
                             : read(entity, std::string_view(first.object));
  };
  return kept.kind == model::Entity::Kind::kMember
             ? of(kept.number)
             : of(std::string_view(kept.id));
}

absl::Status Entities::LoadKeyedRange(Kept& kept, int64_t name,
                                      const model::CounterRange& range,
                                      std::map<int64_t, int64_t>& values) {
  const model::CounterKey from{
      .name = range.name, .window = range.from, .key = range.key};
  ASSIGN_OR_RETURN(const KeyedId first, KeyedIdOf(name, from, false));
  if (first.member == 0 && first.object.empty()) return absl::OkStatus();
  if ((kept.keyed.bits & KeyedCounters::BitOf(first)) == 0) {
    return absl::OkStatus();
  }
  if (IsInTables(kept)) {
    RETURN_IF_ERROR(ReadKeyedRange(kept, first, range.to, values));
  }
  // What is in memory is newer, zeros too.
  KeyedId last = first;
  last.window = range.to;
  const auto& known = kept.keyed.values;
  for (auto it = known.lower_bound(first);
       it != known.end() && it->first <= last; ++it) {
    values[it->first.window] = it->second.value;
  }
  return absl::OkStatus();
}

// What was counted for the key's member under the names they had before.
absl::Status Entities::AddEarlierRanges(Kept& kept, int64_t name,
                                        const model::CounterRange& range,
                                        std::map<int64_t, int64_t>& values) {
  for (const model::Alias& alias : aliases_.Of(range.key.id)) {
    model::CounterRange before = range;
    before.key.id = alias.member;
    std::map<int64_t, int64_t> of_alias;
    RETURN_IF_ERROR(LoadKeyedRange(kept, name, before, of_alias));
    for (const auto& [second, value] : of_alias) values[second] += value;
  }
  return absl::OkStatus();
}

absl::Status Entities::LoadRange(Kept& kept, const model::CounterRange& range,
                                 model::EntityState& state) {
  ASSIGN_OR_RETURN(const int64_t name, symbols_.FindSymbol(range.name));
  if (name == 0) return absl::OkStatus();
  std::map<int64_t, int64_t> values;  // by second
  if (range.key.kind != model::Entity::Kind::kProgram) {
    RETURN_IF_ERROR(LoadKeyedRange(kept, name, range, values));
    if (!aliases_.empty() && range.key.kind == model::Entity::Kind::kMember) {
      RETURN_IF_ERROR(AddEarlierRanges(kept, name, range, values));
    }
  } else {
    for (int64_t page = PageOf(range.from); page <= PageOf(range.to); ++page) {
      if (!IsInRow(kept, page)) RETURN_IF_ERROR(LoadPage(kept, page));
    }
    for (const Counter& counter : kept.counters.all()) {
      if (counter.id.name == name && counter.id.window >= range.from &&
          counter.id.window <= range.to) {
        values[counter.id.window] = counter.value;
      }
    }
  }
  for (const auto& [second, value] : values) {
    if (value == 0) continue;
    state.counters.emplace(
        {.name = range.name, .window = second, .key = range.key}, value);
  }
  return absl::OkStatus();
}

}  // namespace loyalty::store
