// SPDX-License-Identifier: Apache-2.0
//
// Engine::CatchUp: a catch-up is begun, worked out, and brought. See catch_up.h
// and, of what its entries do, catching_up.cc.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/counters.h"
#include "engine/catch_up.h"
#include "engine/store_engine.h"

namespace loyalty::engine {
namespace {

constexpr size_t kMostInACommit = 1000;

Event BeginningOf(const loyalty::CatchUp& what, std::string_view version,
                  std::string_view id, absl::Time time) {
  Event event{.id = std::string(id),
              .type = std::string(kCatchUp),
              .time = time,
              .attributes = {{"version", version}}};
  const auto add = [&](const char* name, const std::vector<std::string>& ids) {
    Value::List list;
    for (const std::string& one : ids) list.emplace_back(one);
    if (!list.empty()) event.attributes.emplace(name, std::move(list));
  };
  add("rules", what.rules);
  add("badges", what.badges);
  add("metrics", what.metrics);
  add("streaks", what.streaks);
  add("quests", what.quests);
  return event;
}

// What the entry `begun` has brought before it was interrupted.
struct Before {
  int64_t entries = 0;
  int64_t next = 1;  // the number of the next one
  std::set<model::Entity> whose = {};
};

absl::StatusOr<Before> BroughtBefore(store::Transaction& transaction,
                                     const Event& begun) {
  Before before;
  for (;; ++before.next) {
    ASSIGN_OR_RETURN(const auto entry, transaction.FindEvent(absl::StrCat(
                                           begun.id, "/", before.next)));
    if (!entry.has_value()) return before;
    const Event& event = entry->event;
    // Hosts may have used the id, whatever for.
    if (event.type != kCatchUp || !core::IsAsked(event, "of") ||
        core::AskedText(event, "of") != begun.id) {
      continue;
    }
    ++before.entries;
    model::Entity whose = core::EntryOf(event);
    if (whose.kind == model::Entity::Kind::kMember) {
      whose.id = std::string(transaction.Aliases().Resolve(whose.id));
    }
    before.whose.insert(std::move(whose));
  }
}

Event EntryFor(const model::Entity& entity, const core::CaughtUp& brought,
               const rules::CompiledProgram& program, const Event& begun,
               int64_t number) {
  Event event{.id = absl::StrCat(begun.id, "/", number),
              .type = begun.type,
              .time = begun.time,
              .attributes = {{"version", program.version}, {"of", begun.id}}};
  if (entity.kind == model::Entity::Kind::kMember) event.actor = entity.id;
  if (entity.kind == model::Entity::Kind::kObject) event.target = entity.id;
  core::AddTo(event.attributes, brought, program);
  return event;
}

// How many of the entries are written at once. Those of one member are: an
// attempt that goes on where another ended leaves out who has one.
size_t FirstCommit(std::span<const Event> entries) {
  size_t many = std::min(entries.size(), kMostInACommit);
  while (many < entries.size() &&
         core::EntryOf(entries[many]) == core::EntryOf(entries[many - 1])) {
    ++many;
  }
  return many;
}

}  // namespace

// Begun first, so that whoever reverses an event of before meanwhile takes back
// what it will have counted. Most of the journal is played beside whoever
// writes; what came meanwhile, and the rest, is done while nobody can.
absl::StatusOr<CatchUpReport> StoreEngine::CatchUp(const loyalty::CatchUp& what,
                                                   std::string_view id,
                                                   absl::Time time) {
  std::shared_ptr<const rules::CompiledProgram> program;
  {
    const base::MutexLock lock(mutex_);
    program = program_;
  }
  ASSIGN_OR_RETURN(const loyalty::CatchUp checked, Checked(*program, what));
  const Event begun = BeginningOf(checked, program->version, id, time);
  ASSIGN_OR_RETURN(const Outcome outcome, Process(begun));
  if (!outcome.accepted()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the catch-up \"", begun.id, "\" cannot be: ", outcome.reason));
  }
  std::unique_ptr<store::Reader> reader;
  std::optional<Hindsight> hindsight;
  {
    const base::MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(reader, store_->Read());
    ASSIGN_OR_RETURN(hindsight, Hindsight::Of(programs_, program));
  }
  RETURN_IF_ERROR(hindsight->Play(*reader, [](double) {}));
  reader.reset();
  const base::MutexLock lock(mutex_);
  if (program_ != program) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the program was switched to version \"", program_->version,
        "\" meanwhile, and \"", begun.id, "\" is for \"", program->version,
        "\": begin another catch-up"));
  }
  return Bring(checked, begun, *hindsight);
}

absl::StatusOr<CatchUpReport> StoreEngine::Bring(const loyalty::CatchUp& what,
                                                 const Event& begun,
                                                 Hindsight& hindsight) {
  Before before;
  {
    ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    ASSIGN_OR_RETURN(before, BroughtBefore(*transaction, begun));
  }
  ASSIGN_OR_RETURN(const auto reader, store_->Read());
  RETURN_IF_ERROR(hindsight.Play(*reader, [](double) {}));
  std::vector<Event> entries;
  const rules::CompiledProgram& program = *program_;
  ASSIGN_OR_RETURN(
      CatchUpReport report,
      ForEachBrought(
          what, *reader, programs_, hindsight,
          [&](const model::Entity& entity, const core::CaughtUp& brought) {
            if (before.whose.contains(entity)) {
              return absl::OkStatus();
            }
            entries.push_back(EntryFor(entity, brought, program, begun,
                                       before.next + std::ssize(entries)));
            return absl::OkStatus();
          }));
  for (std::span<const Event> left = entries; !left.empty();) {
    const size_t many = FirstCommit(left);
    ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    bool wrote = false;
    ASSIGN_OR_RETURN(const auto outcomes,
                     AnswerEach(*transaction, left.first(many), wrote));
    for (const auto& outcome : outcomes) RETURN_IF_ERROR(outcome.status());
    RETURN_IF_ERROR(transaction->Commit());
    left = left.subspan(many);
  }
  report.entries = before.entries + std::ssize(entries);
  return report;
}

}  // namespace loyalty::engine
