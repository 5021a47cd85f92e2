// SPDX-License-Identifier: Apache-2.0
//
// See hindsight.h.
#include "engine/hindsight.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "core/validate.h"
#include "engine/legs.h"
#include "store/memory_store.h"

namespace loyalty::engine {
namespace {

constexpr int kPage = 1000;
constexpr size_t kMostReasons = 5;

// What the answer was no to did nothing, and is not asked again; nor is what is
// about programs.
bool DoesNothing(const model::RecordedEvent& recorded) {
  return !recorded.outcome.accepted() || recorded.event.type == kSwitch ||
         recorded.event.type == kCatchUp;
}

// Of the machine, not of the entry.
bool IsOfTheMachine(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnavailable(status);
}

}  // namespace

absl::StatusOr<Hindsight> Hindsight::Of(const StoredPrograms& programs,
                                        StoredPrograms::Compiled program) {
  Hindsight hindsight;
  hindsight.store_ = store::NewMemoryStore();
  store::StoredProgram stored = programs.all().rbegin()->second;
  stored.since = 1;
  ASSIGN_OR_RETURN(stored, hindsight.store_->AddProgram(std::move(stored)));
  hindsight.programs_.Add(std::move(stored), program);
  hindsight.program_ = std::move(program);
  return hindsight;
}

absl::Status Hindsight::Play(store::Reader& reader,
                             absl::FunctionRef<void(double)> progress) {
  ASSIGN_OR_RETURN(const int64_t last, reader.LastSeq());
  while (true) {
    progress(static_cast<double>(played_) /
             static_cast<double>(std::max<int64_t>(last, 1)));
    ASSIGN_OR_RETURN(const auto page, reader.Events(played_, kPage));
    if (page.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    for (const model::RecordedEvent& recorded : page) {
      RETURN_IF_ERROR(PlayOne(*transaction, recorded));
      played_ = recorded.seq;
    }
    RETURN_IF_ERROR(transaction->Commit());
  }
}

absl::Status Hindsight::PlayOne(store::Transaction& transaction,
                                const model::RecordedEvent& recorded) {
  if (DoesNothing(recorded)) return Skip(transaction, recorded);
  const absl::Status decided = Decide(transaction, recorded);
  if (IsOfTheMachine(decided)) return decided;
  if (decided.ok()) return transaction.Write(workspace_.delta);
  ++left_out_;
  if (reasons_.size() < kMostReasons) {
    reasons_.push_back(absl::StrCat("entry ", recorded.seq, ", event \"",
                                    recorded.event.id,
                                    "\": ", decided.message()));
  }
  return Skip(transaction, recorded);
}

absl::Status Hindsight::Decide(store::Transaction& transaction,
                               const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const Event canonical,
                   core::Canonicalized(*program_, recorded.event));
  workspace_.Begin(recorded.seq, recorded.recorded_at,
                   programs_.all().begin()->first, canonical);
  return Legs(*program_, programs_, transaction, workspace_).Run();
}

// It keeps its place.
absl::Status Hindsight::Skip(store::Transaction& transaction,
                             const model::RecordedEvent& recorded) {
  workspace_.Begin(recorded.seq, recorded.recorded_at,
                   programs_.all().begin()->first,
                   {.id = recorded.event.id,
                    .type = recorded.event.type,
                    .time = recorded.event.time});
  Outcome& outcome = workspace_.delta.recorded.outcome;
  outcome.event_id = recorded.event.id;
  outcome.seq = recorded.seq;
  outcome.recorded_at = recorded.recorded_at;
  outcome.rejected = RejectReason::kNoCatchUp;
  return transaction.Write(workspace_.delta);
}

}  // namespace loyalty::engine
