// SPDX-License-Identifier: Apache-2.0
//
// See sqlite_states.h. A batch of a thousand events often changes the same
// member many times; the tables see only the last.
#include "store/sqlite_states.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "store/sqlite_rows.h"

namespace loyalty::store {
namespace {

using model::CounterKey;
using model::Entity;
using model::EntityState;

constexpr char kStoredHoldings[] =
    "SELECT symbol.text, holding.balance, holding.earned FROM holding "
    "CROSS JOIN symbol ON symbol.symbol = holding.currency "
    "WHERE holding.member = ?";
constexpr char kInsertHolding[] =
    "INSERT INTO holding (balance, earned, member, currency) "
    "VALUES (?, ?, ?, ?)";
constexpr char kUpdateHolding[] =
    "UPDATE holding SET balance = ?, earned = ? "
    "WHERE member = ? AND currency = ?";
constexpr char kStoredCounter[] =
    "SELECT value FROM counter WHERE kind = ? AND entity = ? AND name = ? "
    "AND window = ? AND key = ?";
constexpr char kInsertCounter[] =
    "INSERT INTO counter (value, kind, entity, name, window, key) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kUpdateCounter[] =
    "UPDATE counter SET value = ? WHERE kind = ? AND entity = ? AND name = ? "
    "AND window = ? AND key = ?";
constexpr char kDropCounter[] =
    "DELETE FROM counter WHERE kind = ? AND entity = ? AND name = ? "
    "AND window = ? AND key = ?";

}  // namespace

absl::Status SqliteStates::ReadMember(std::string_view id, Touched& touched) {
  {
    Rows rows = db_.Query("SELECT member, since FROM member WHERE id = ?", id);
    if (!rows.Next()) return rows.status();
    touched.number = rows.Int(0);
    touched.exists = true;
    touched.since = touched.stored_since = TimeOf(rows.Int(1));
  }
  Rows rows = db_.Query(kStoredHoldings, touched.number);
  while (rows.Next()) {
    const model::Holding holding{rows.Int(1), rows.Int(2)};
    touched.holdings.emplace(std::string(rows.Text(0)),
                             HoldingHere{holding, holding});
  }
  return rows.status();
}

absl::StatusOr<SqliteStates::Touched*> SqliteStates::Touch(
    const Entity& entity) {
  std::unique_ptr<Touched>& touched = touched_[entity];
  if (touched != nullptr) return touched.get();
  auto fresh = std::make_unique<Touched>();
  fresh->kind = entity.kind;
  switch (entity.kind) {
    case Entity::Kind::kMember:
      RETURN_IF_ERROR(ReadMember(entity.id, *fresh));
      break;
    case Entity::Kind::kObject: {
      ASSIGN_OR_RETURN(fresh->number, numbering_.objects().Find(entity.id));
      break;
    }
    case Entity::Kind::kProgram: break;
  }
  ++remembered_;
  touched = std::move(fresh);
  return touched.get();
}

absl::StatusOr<std::pair<const CounterKey, SqliteStates::CounterHere>*>
SqliteStates::Counter(Touched& touched, const CounterKey& key) {
  const auto found = touched.counters.find(key);
  if (found != touched.counters.end()) return &*found;
  int64_t value = 0;
  if (touched.number != 0 || touched.kind == Entity::Kind::kProgram) {
    ASSIGN_OR_RETURN(const int64_t name, numbering_.symbols().Find(key.name));
    if (name != 0) {
      ASSIGN_OR_RETURN(
          value, db_.Number(kStoredCounter, static_cast<int64_t>(touched.kind),
                            touched.number, name, key.window,
                            std::string_view(key.key)));
    }
  }
  ++remembered_;
  return &*touched.counters.emplace(key, CounterHere{value, value}).first;
}

absl::StatusOr<EntityState> SqliteStates::Load(const model::ReadSet& wanted) {
  ASSIGN_OR_RETURN(Touched* const touched, Touch(wanted.entity));
  EntityState state;
  state.entity = wanted.entity;
  state.exists = touched->exists;
  state.since = touched->since;
  for (const auto& [currency, holding] : touched->holdings) {
    state.holdings.emplace_hint(state.holdings.end(), currency, holding.now);
  }
  for (const CounterKey& key : wanted.counters) {
    ASSIGN_OR_RETURN(const auto* const counter, Counter(*touched, key));
    if (counter->second.now != 0) {
      state.counters.emplace_hint(state.counters.end(), key,
                                  counter->second.now);
    }
  }
  return state;
}

absl::Status SqliteStates::Change(const EntityState& now) {
  ASSIGN_OR_RETURN(Touched* const touched, Touch(now.entity));
  if (!std::exchange(touched->changed, true)) changed_.push_back(touched);
  if (now.exists) {
    if (!touched->exists) {
      ASSIGN_OR_RETURN(
          touched->number,
          numbering_.members().FindOrAdd(now.entity.id, MicrosOf(now.since)));
      touched->exists = true;
      touched->stored_since = now.since;
    }
    touched->since = now.since;
  }
  if (now.entity.kind == Entity::Kind::kObject && touched->number == 0 &&
      !now.counters.empty()) {
    ASSIGN_OR_RETURN(touched->number,
                     numbering_.objects().FindOrAdd(now.entity.id));
  }
  for (const auto& [currency, holding] : now.holdings) {
    touched->holdings[currency].now = holding;
  }
  for (const auto& [key, value] : now.counters) {
    ASSIGN_OR_RETURN(auto* const counter, Counter(*touched, key));
    counter->second.now = value;
    touched->set.push_back(counter);
  }
  return absl::OkStatus();
}

absl::Status SqliteStates::FlushMember(Touched& touched) {
  if (touched.since != touched.stored_since) {
    RETURN_IF_ERROR(db_.Run("UPDATE member SET since = ? WHERE member = ?",
                            MicrosOf(touched.since), touched.number));
    touched.stored_since = touched.since;
  }
  for (auto& [currency, holding] : touched.holdings) {
    if (holding.stored == holding.now) continue;
    ASSIGN_OR_RETURN(const int64_t symbol,
                     numbering_.symbols().FindOrAdd(currency));
    RETURN_IF_ERROR(db_.Run(
        holding.stored.has_value() ? kUpdateHolding : kInsertHolding,
        holding.now.balance, holding.now.earned, touched.number, symbol));
    holding.stored = holding.now;
  }
  return absl::OkStatus();
}

absl::Status SqliteStates::FlushCounters(Touched& touched) {
  const auto kind = static_cast<int64_t>(touched.kind);
  std::sort(touched.set.begin(), touched.set.end(),
            [](const auto* a, const auto* b) { return a->first < b->first; });
  for (auto* const set : touched.set) {
    auto& [key, counter] = *set;
    if (counter.now == counter.stored) continue;
    ASSIGN_OR_RETURN(const int64_t name,
                     numbering_.symbols().FindOrAdd(key.name));
    const std::string_view whose = key.key;
    if (counter.now == 0) {
      RETURN_IF_ERROR(
          db_.Run(kDropCounter, kind, touched.number, name, key.window, whose));
    } else {
      RETURN_IF_ERROR(
          db_.Run(counter.stored == 0 ? kInsertCounter : kUpdateCounter,
                  counter.now, kind, touched.number, name, key.window, whose));
    }
    counter.stored = counter.now;
  }
  touched.set.clear();
  return absl::OkStatus();
}

absl::Status SqliteStates::Flush() {
  // In the order of the tables, so that each of their pages is visited once.
  std::sort(
      changed_.begin(), changed_.end(), [](const Touched* a, const Touched* b) {
        return std::pair(a->kind, a->number) < std::pair(b->kind, b->number);
      });
  for (Touched* const touched : changed_) {
    if (touched->exists) RETURN_IF_ERROR(FlushMember(*touched));
    RETURN_IF_ERROR(FlushCounters(*touched));
    touched->changed = false;
  }
  changed_.clear();
  return absl::OkStatus();
}

void SqliteStates::Forget() {
  changed_.clear();
  touched_.clear();
  remembered_ = 0;
}

void SqliteStates::Trim() {
  if (remembered_ > kRemembered) Forget();
}

}  // namespace loyalty::store
