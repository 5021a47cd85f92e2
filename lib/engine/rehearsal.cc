// SPDX-License-Identifier: Apache-2.0
//
// See rehearsal.h.
#include "engine/rehearsal.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "engine/addressing.h"

namespace loyalty::engine {
namespace {

absl::Status NotRehearsed() {
  return absl::UnimplementedError("what needs the past is not rehearsed");
}

bool IsIn(const model::CounterRange& range, const model::CounterKey& key) {
  if (key.name != range.name || key.window < range.from ||
      key.window > range.to) {
    return false;
  }
  return range.any_key ? !key.key.empty() : key.key == range.key;
}

}  // namespace

absl::StatusOr<Rehearsal> Rehearsal::Make(store::Reader& reader,
                                          std::string_view made_up) {
  Rehearsal rehearsal(reader, made_up);
  ASSIGN_OR_RETURN(rehearsal.aliases_, reader.Aliases());
  ASSIGN_OR_RETURN(rehearsal.head_.seq, reader.LastSeq());
  if (rehearsal.head_.seq > 0) {
    ASSIGN_OR_RETURN(const auto last,
                     reader.Events(rehearsal.head_.seq - 1, 1));
    if (!last.empty()) rehearsal.head_.recorded_at = last[0].recorded_at;
  }
  return rehearsal;
}

absl::StatusOr<std::optional<model::EntityState>> Rehearsal::Read(
    const model::Entity& entity) {
  if (entity.kind == model::Entity::Kind::kProgram) {
    ASSIGN_OR_RETURN(model::EntityState program, reader_->Program());
    return program;
  }
  if (entity.id.starts_with(made_up_)) return std::nullopt;
  ASSIGN_OR_RETURN(std::optional<model::EntityState> state,
                   reader_->Find(entity));
  if (state.has_value()) NameKeysNow(*aliases_, *state);
  return state;
}

absl::StatusOr<std::shared_ptr<const model::EntityState>> Rehearsal::Find(
    const model::Entity& entity) {
  const auto found = states_.find(entity);
  if (found != states_.end()) return found->second;
  ASSIGN_OR_RETURN(std::optional<model::EntityState> state, Read(entity));
  std::shared_ptr<const model::EntityState> shared;
  if (state.has_value()) {
    shared = std::make_shared<const model::EntityState>(*std::move(state));
  }
  if (!entity.id.starts_with(made_up_)) states_[entity] = shared;
  return shared;
}

absl::StatusOr<std::optional<model::RecordedEvent>> Rehearsal::FindEvent(
    std::string_view id) {
  if (id.starts_with(made_up_)) return std::nullopt;
  return reader_->FindEvent(id);
}

absl::StatusOr<std::optional<model::RecordedEvent>> Rehearsal::FindEvent(
    int64_t seq) {
  ASSIGN_OR_RETURN(auto page, reader_->Events(seq - 1, 1));
  if (page.empty()) return std::nullopt;
  return std::move(page.front());
}

// Of the program, counters with keys are not read with the rest.
absl::Status Rehearsal::AddKeyed(const model::ReadSet& wanted,
                                 model::EntityState& state) {
  if (wanted.entity.kind != model::Entity::Kind::kProgram) {
    return absl::OkStatus();
  }
  for (const model::CounterKey& key : wanted.counters) {
    if (key.key.empty() || state.counters.contains(key)) continue;
    ASSIGN_OR_RETURN(const int64_t value, reader_->CounterOfProgram(key));
    if (value != 0) state.counters[key] = value;
  }
  return absl::OkStatus();
}

absl::Status Rehearsal::Load(const model::ReadSet& wanted,
                             model::EntityState& state) {
  state.Restart(wanted.entity);
  ASSIGN_OR_RETURN(const auto found, Find(wanted.entity));
  if (found == nullptr) return AddKeyed(wanted, state);
  state.exists = found->exists;
  state.since = found->since;
  state.holdings = found->holdings;
  state.lots = found->lots;
  if (wanted.all_counters) {
    state.counters = found->counters;
    return absl::OkStatus();
  }
  for (const model::CounterKey& key : wanted.counters) {
    const int64_t value = found->Counter(key);
    if (value != 0) state.counters[key] = value;
  }
  for (const model::CounterRange& range : wanted.ranges) {
    const model::CounterKey first{range.name, range.from,
                                  model::CounterKeyPart::Lowest()};
    for (auto it = found->counters.lower_bound(first);
         it != found->counters.end() && it->first.name == range.name &&
         it->first.window <= range.to;
         ++it) {
      if (it->second != 0 && IsIn(range, it->first)) {
        state.counters[it->first] = it->second;
      }
    }
  }
  return AddKeyed(wanted, state);
}

absl::Status Rehearsal::Write(const store::Delta& delta) {
  if (!delta.reversed_events.empty() || delta.alias.has_value()) {
    return NotRehearsed();
  }
  for (const model::EntityState& now : delta.states) {
    if (now.entity.id.starts_with(made_up_)) continue;
    ASSIGN_OR_RETURN(const auto before, Find(now.entity));
    model::EntityState after =
        before == nullptr ? model::EntityState{.entity = now.entity} : *before;
    after.exists = now.exists;
    after.since = now.since;
    after.holdings = now.holdings;
    after.lots = now.lots;
    after.counters.Assign(now.counters);
    states_[now.entity] =
        std::make_shared<const model::EntityState>(std::move(after));
  }
  head_ = {.seq = delta.recorded.seq,
           .recorded_at = delta.recorded.recorded_at};
  return absl::OkStatus();
}

absl::StatusOr<std::vector<store::GivenAward>> Rehearsal::MovementsOfEvent(
    int64_t) {
  return NotRehearsed();
}

absl::StatusOr<std::vector<store::GivenAward>> Rehearsal::AwardsOfObject(
    std::string_view, model::Position, int) {
  return NotRehearsed();
}

absl::StatusOr<std::optional<model::Position>> Rehearsal::FirstReversedSince(
    std::string_view, std::string_view, model::Position) {
  return NotRehearsed();
}

absl::StatusOr<std::vector<std::pair<model::Entity, model::CounterKey>>>
Rehearsal::CountersKeyedBy(std::string_view,
                           const std::vector<model::Symbol>&) {
  return NotRehearsed();
}

absl::StatusOr<std::vector<store::GivenAward>> Rehearsal::History(
    std::string_view, model::Position) {
  return NotRehearsed();
}

absl::StatusOr<std::vector<std::string>> Rehearsal::Due(absl::Time, int) {
  return NotRehearsed();
}

absl::StatusOr<std::vector<store::Ranked>> Rehearsal::Standings(
    store::BoardRef,
    absl::FunctionRef<bool(const store::Ranked& row, int64_t rows)>) {
  return NotRehearsed();
}

absl::StatusOr<bool> Rehearsal::IsReversed(int64_t) { return NotRehearsed(); }

absl::Status Rehearsal::Commit() { return NotRehearsed(); }

}  // namespace loyalty::engine
