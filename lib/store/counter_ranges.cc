// SPDX-License-Identifier: Apache-2.0
//
// Counters of which there is one for each second, or day, in which something
// was counted, as rolling limits and metrics ask for them: all of a stretch of
// time. See entities.h.
#include <map>
#include <optional>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "store/entities.h"

namespace loyalty::store {
namespace {

constexpr char kKeyedRange[] =
    "SELECT window, typeof(key) = 'integer', key, value FROM keyed_counter "
    "WHERE kind = ? AND entity = ? AND name = ? AND window BETWEEN ? AND ?";

void AddUp(model::Counters& found, const model::CounterKey& key,
           int64_t value) {
  int64_t& sum = found[key];
  sum = base::Sum(sum, value).value_or(sum);
}

}  // namespace

absl::Status Entities::ReadKeyedRange(const Kept& kept, int64_t name,
                                      const model::CounterRange& range,
                                      KeyedInRange& values) {
  const auto kind = static_cast<int64_t>(kept.kind);
  const auto read = [&](auto entity) {
    Rows rows =
        db_.Query(kKeyedRange, kind, entity, name, range.from, range.to);
    while (rows.Next()) {
      KeyedId id{.name = name, .window = rows.Int(0)};
      if (rows.Int(1) != 0) {
        id.member = rows.Int(2);
      } else {
        id.object = rows.Text(2);
      }
      values[std::move(id)] = rows.Int(3);
    }
    return rows.status();
  };
  return kept.kind == model::Entity::Kind::kMember
             ? read(kept.number)
             : read(std::string_view(kept.id));
}

// A streak asks for the same ones with each event. What all members have at an
// object may be too much.
void Entities::KeepInMemory(Kept& kept, int64_t name,
                            const model::CounterRange& range,
                            const KeyedInRange& values) {
  constexpr size_t kMost = 1000;
  if (values.size() > kMost) return;
  for (const auto& [id, value] : values) {
    // What is there is newer.
    if (kept.keyed.values.emplace(id, KeyedValue{.value = value}).second) {
      bytes_ += KeyedCounters::kBytesEach;
    }
  }
  kept.keyed.SetKnown(name, range.from, range.to);
}

absl::Status Entities::LoadKeyedRange(Kept& kept, int64_t name,
                                      const model::CounterRange& range,
                                      model::Counters& found) {
  std::optional<KeyedId> only;
  if (!range.any_key) {
    const model::CounterKey key{
        .name = range.name, .window = range.from, .key = range.key};
    ASSIGN_OR_RETURN(only, KeyedIdOf(name, key, false));
    const bool is_known = only->member != 0 || !only->object.empty();
    if (!is_known || (kept.keyed.bits & KeyedCounters::BitOf(*only)) == 0) {
      return absl::OkStatus();
    }
  }
  if (kept.keyed.bits == 0) return absl::OkStatus();
  KeyedInRange values;
  if (IsInTables(kept) && !kept.keyed.Knows(name, range.from, range.to)) {
    RETURN_IF_ERROR(ReadKeyedRange(kept, name, range, values));
    KeepInMemory(kept, name, range, values);
  }
  // What is in memory is newer, zeros too.
  const auto& known = kept.keyed.values;
  for (auto it = known.lower_bound({.name = name, .window = range.from});
       it != known.end() && it->first.name == name &&
       it->first.window <= range.to;
       ++it) {
    values[it->first] = it->second.value;
  }
  const auto is_wanted = [&](const KeyedId& id) {
    return !only.has_value() ||
           (id.member == only->member && id.object == only->object);
  };
  for (const auto& [id, value] : values) {
    if (value == 0 || !is_wanted(id)) continue;
    model::CounterKey key{
        .name = range.name, .window = id.window, .key = range.key};
    if (range.any_key) {
      using Kind = model::Entity::Kind;
      if (id.member != 0) {
        ASSIGN_OR_RETURN(const std::string member, names_.Member(id.member));
        key.key =
            model::Entity{Kind::kMember, std::string(aliases_.Resolve(member))};
      } else {
        key.key = model::Entity{Kind::kObject, id.object};
      }
    }
    AddUp(found, key, value);
  }
  return absl::OkStatus();
}

// What was counted for the key's member under the names they had before.
absl::Status Entities::AddEarlierRanges(Kept& kept, int64_t name,
                                        const model::CounterRange& range,
                                        model::Counters& found) {
  for (const model::Alias& alias : aliases_.Of(range.key.id())) {
    model::CounterRange before = range;
    before.key = model::Entity{model::Entity::Kind::kMember, alias.member};
    model::Counters of_alias;
    RETURN_IF_ERROR(LoadKeyedRange(kept, name, before, of_alias));
    for (const auto& [key, value] : of_alias) {
      AddUp(found, {.name = key.name, .window = key.window, .key = range.key},
            value);
    }
  }
  return absl::OkStatus();
}

absl::Status Entities::LoadRange(Kept& kept, const model::CounterRange& range,
                                 model::EntityState& state) {
  ASSIGN_OR_RETURN(const int64_t name, symbols_.FindSymbol(range.name));
  if (name == 0) return absl::OkStatus();
  if (range.any_key || !range.key.empty()) {
    model::Counters found;
    RETURN_IF_ERROR(LoadKeyedRange(kept, name, range, found));
    if (!aliases_.empty() && range.key.kind() == model::Entity::Kind::kMember) {
      RETURN_IF_ERROR(AddEarlierRanges(kept, name, range, found));
    }
    for (const auto& [key, value] : found) {
      if (value != 0) state.counters.emplace(key, value);
    }
    return absl::OkStatus();
  }
  for (int64_t page = PageOf(range.from); page <= PageOf(range.to); ++page) {
    if (!IsInRow(kept, page)) RETURN_IF_ERROR(LoadPage(kept, page));
  }
  for (const Counter& counter : kept.counters.all()) {
    if (counter.id.name == name && counter.id.window >= range.from &&
        counter.id.window <= range.to && counter.value != 0) {
      state.counters.emplace(
          {.name = range.name, .window = counter.id.window, .key = {}},
          counter.value);
    }
  }
  return absl::OkStatus();
}

}  // namespace loyalty::store
