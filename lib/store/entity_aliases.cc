// SPDX-License-Identifier: Apache-2.0
//
// Members who became others: who they are now, and what is counted for them
// under several names. See entities.h.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "store/entities.h"

namespace loyalty::store {
namespace {

using model::Entity;

constexpr char kAliases[] =
    "SELECT member, into_member, seq FROM alias ORDER BY seq";
constexpr char kPagesThereAre[] =
    "SELECT page FROM counter_page WHERE kind = ? AND entity = ?";
constexpr char kKeyedThereAre[] =
    "SELECT key, typeof(key) = 'integer', name, window FROM keyed_counter "
    "WHERE kind = ? AND entity = ?";
constexpr char kKeyedByMember[] =
    "SELECT kind, entity, name, window FROM keyed_counter "
    "WHERE key = ? AND typeof(key) = 'integer' AND kind IN (1, 2) "
    "AND value <> 0";

}  // namespace

absl::Status ReadAliases(Database& db, model::Aliases& aliases) {
  Names names(db);
  Rows rows = db.Query(kAliases);
  while (rows.Next()) {
    model::Alias alias{.seq = rows.Int(2)};
    ASSIGN_OR_RETURN(alias.member, names.Member(rows.Int(0)));
    ASSIGN_OR_RETURN(alias.into, names.Member(rows.Int(1)));
    aliases.Add(std::move(alias));
  }
  return rows.status();
}

absl::Status AddAliasRow(Database& db, int64_t member, int64_t into,
                         int64_t seq) {
  return db.Run("INSERT INTO alias VALUES (?, ?, ?)", member, into, seq);
}

absl::Status Entities::ReadAliases() {
  return store::ReadAliases(journal_, aliases_);
}

absl::Status Entities::AddAlias(const model::Alias& alias, v1::Record& record) {
  ASSIGN_OR_RETURN(const int64_t member, MemberNumber(alias.member));
  ASSIGN_OR_RETURN(const int64_t into, MemberNumber(alias.into));
  RETURN_IF_ERROR(AddAliasRow(db_, member, into, alias.seq));
  record.add_alias(static_cast<uint64_t>(member));
  record.add_alias(static_cast<uint64_t>(into));
  aliases_before_.push_back({.member = alias.member});
  aliases_.Add(alias);
  return absl::OkStatus();
}

void Entities::RenameAliases(const std::string& from, const std::string& to) {
  aliases_before_.push_back({.member = from, .renamed_to = to});
  aliases_.Rename(from, to);
}

void Entities::TakeAliasesBack() {
  for (auto it = aliases_before_.rbegin(); it != aliases_before_.rend(); ++it) {
    if (it->renamed_to.empty()) {
      aliases_.Remove(it->member);
    } else {
      aliases_.Rename(it->renamed_to, it->member);
    }
  }
  aliases_before_.clear();
}

// What is counted for a member under the names they had before: those counters
// that are not 0.
absl::StatusOr<std::vector<KeyedId>> Entities::EarlierKeys(Kept& kept,
                                                           const KeyedId& id,
                                                           const Entity& key) {
  std::vector<KeyedId> earlier;
  if (aliases_.empty() || key.kind != Entity::Kind::kMember) return earlier;
  for (const model::Alias& alias : aliases_.Of(key.id)) {
    ASSIGN_OR_RETURN(const Kept* const member,
                     Touch(Entity::Kind::kMember, alias.member));
    KeyedId before = id;
    before.member = member->number;
    ASSIGN_OR_RETURN(const KeyedValue* const counter, LoadKeyed(kept, before));
    if (counter != nullptr && counter->value != 0) earlier.push_back(before);
  }
  return earlier;
}

absl::StatusOr<std::vector<std::pair<Entity, model::CounterKey>>>
Entities::CountersKeyedBy(std::string_view member,
                          const std::vector<model::Symbol>& names) {
  std::set<int64_t> numbers;
  ASSIGN_OR_RETURN(const Kept* const kept_member,
                   Touch(Entity::Kind::kMember, member));
  numbers.insert(kept_member->number);
  for (const model::Alias& alias : aliases_.Of(member)) {
    ASSIGN_OR_RETURN(const Kept* const kept_alias,
                     Touch(Entity::Kind::kMember, alias.member));
    numbers.insert(kept_alias->number);
  }
  numbers.erase(0);
  std::map<int64_t, model::Symbol> wanted;
  for (const model::Symbol name : names) {
    ASSIGN_OR_RETURN(const int64_t number, symbols_.FindSymbol(name));
    if (number != 0) wanted.emplace(number, name);
  }
  std::set<std::pair<Entity, model::CounterKey>> found;
  const Entity key{Entity::Kind::kMember, std::string(member)};
  const auto add = [&](Entity entity, int64_t name, int64_t window) {
    const auto one = wanted.find(name);
    if (one == wanted.end()) return;
    found.insert({std::move(entity), {one->second, window, key}});
  };
  if (wanted.empty()) return std::vector(found.begin(), found.end());
  for (const int64_t number : numbers) {
    Rows rows = db_.Query(kKeyedByMember, number);
    while (rows.Next()) {
      if (!wanted.contains(rows.Int(2))) continue;
      Entity entity{static_cast<Entity::Kind>(rows.Int(0))};
      if (entity.kind == Entity::Kind::kMember) {
        ASSIGN_OR_RETURN(entity.id, names_.Member(rows.Int(1)));
      } else {
        entity.id = rows.Text(1);
      }
      add(std::move(entity), rows.Int(2), rows.Int(3));
    }
    RETURN_IF_ERROR(rows.status());
  }
  // What the tables lack.
  for (const auto kind : {Entity::Kind::kMember, Entity::Kind::kObject}) {
    for (const auto& [id, kept] : kept_[static_cast<size_t>(kind)]) {
      for (const auto& [keyed, value] : kept->keyed.values) {
        if (value.value == 0 || !numbers.contains(keyed.member)) continue;
        add({kind, kept->id}, keyed.name, keyed.window);
      }
    }
  }
  return std::vector(found.begin(), found.end());
}

absl::Status Entities::LoadAllPages(Kept& kept) {
  std::vector<int64_t> pages;
  {
    const auto kind = static_cast<int64_t>(kept.kind);
    Rows rows =
        kept.kind == Entity::Kind::kMember
            ? db_.Query(kPagesThereAre, kind, kept.number)
            : db_.Query(kPagesThereAre, kind, std::string_view(kept.id));
    while (rows.Next()) pages.push_back(rows.Int(0));
    RETURN_IF_ERROR(rows.status());
  }
  for (const int64_t page : pages) {
    if (!IsInRow(kept, page)) RETURN_IF_ERROR(LoadPage(kept, page));
  }
  return absl::OkStatus();
}

absl::Status Entities::LoadAllKeyed(Kept& kept) {
  std::vector<KeyedId> ids;
  {
    const auto kind = static_cast<int64_t>(kept.kind);
    Rows rows =
        kept.kind == Entity::Kind::kMember
            ? db_.Query(kKeyedThereAre, kind, kept.number)
            : db_.Query(kKeyedThereAre, kind, std::string_view(kept.id));
    while (rows.Next()) {
      KeyedId& id =
          ids.emplace_back(KeyedId{.name = rows.Int(2), .window = rows.Int(3)});
      if (rows.Int(1) != 0) {
        id.member = rows.Int(0);
      } else {
        id.object = rows.Text(0);
      }
    }
    RETURN_IF_ERROR(rows.status());
  }
  for (const KeyedId& id : ids) RETURN_IF_ERROR(LoadKeyed(kept, id).status());
  return absl::OkStatus();
}

absl::Status Entities::LoadAllCounters(Kept& kept, model::EntityState& state) {
  if (IsInTables(kept)) {
    RETURN_IF_ERROR(LoadAllPages(kept));
    RETURN_IF_ERROR(LoadAllKeyed(kept));
  }
  std::map<model::CounterKey, int64_t> all;  // names in their order
  for (const Counter& counter : kept.counters.all()) {
    if (counter.value == 0) continue;
    ASSIGN_OR_RETURN(const model::Symbol name, names_.Symbol(counter.id.name));
    all[{.name = name, .window = counter.id.window}] = counter.value;
  }
  for (const auto& [id, counter] : kept.keyed.values) {
    if (counter.value == 0) continue;
    model::CounterKey key{.window = id.window};
    ASSIGN_OR_RETURN(key.name, names_.Symbol(id.name));
    if (id.member == 0) {
      key.key = Entity{Entity::Kind::kObject, id.object};
    } else {
      ASSIGN_OR_RETURN(const std::string member, names_.Member(id.member));
      key.key =
          Entity{Entity::Kind::kMember, std::string(aliases_.Resolve(member))};
    }
    int64_t& sum = all[key];
    sum = base::Sum(sum, counter.value).value_or(sum);
  }
  for (const auto& [key, value] : all) state.counters.Append(key, value);
  return absl::OkStatus();
}

}  // namespace loyalty::store
