// SPDX-License-Identifier: Apache-2.0
//
// What limits and budgets count of awards, found in the journal: of what a rule
// gave, by the event that gave it; of what a catch-up brought, by the entries
// that it was for.
#ifndef LOYALTY_LIB_ENGINE_AWARD_LIMITS_H_
#define LOYALTY_LIB_ENGINE_AWARD_LIMITS_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <vector>

#include "core/caught_up.h"
#include "core/message.h"
#include "engine/stored_program.h"
#include "loyalty/event.h"
#include "model/aliases.h"
#include "model/journal.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// What is asked of a journal, by entry.
struct Journal {
  const model::Aliases& aliases;
  absl::FunctionRef<absl::StatusOr<const rules::CompiledProgram*>(int64_t seq)>
      program_at;
  // As it was decided; null if there is none. It stays where it is.
  absl::FunctionRef<absl::StatusOr<const Event*>(int64_t seq)> event;
  absl::FunctionRef<absl::StatusOr<std::vector<model::Movement>>(int64_t seq)>
      movements;
  absl::FunctionRef<absl::StatusOr<bool>(int64_t seq)> is_reversed;
};

// Adds to `state` what limits and budgets count of `award`, if they do.
//
// ERRORS: the journal's; kDataLoss if it lacks the entry.
absl::Status AddLimits(const model::Movement& award, const Journal& journal,
                       core::State& state);

// What an award that a catch-up brought uses: of the member's limits, and of
// budgets.
struct Used {
  core::Uses limits = {};
  core::Uses budgets = {};
};
void AddTo(core::Uses& all, const core::Uses& more);
Used UsedFor(const rules::CompiledProgram& program,
             const core::CaughtUp::Award& award,
             const core::CaughtUp::Source& source, const Event& event);

// All of that, by the entry that it was for, of those that are not reversed. Of
// what came with a badge, and goes with it alone, by 0.
//
// ERRORS: as AddLimits.
absl::StatusOr<std::map<int64_t, Used>> UsesOfBrought(
    const model::Movement& award, const Journal& journal);

// The same of a file, of awards as they stood at some time.
class JournalReader {
 public:
  JournalReader(store::Reader& reader, StoredPrograms& programs,
                absl::Time until = absl::InfiniteFuture())
      : reader_(reader), programs_(programs), until_(until) {}

  absl::Status AddLimits(const model::Movement& award, core::State& state);
  absl::StatusOr<const Event*> EventOf(int64_t seq);

 private:
  absl::StatusOr<bool> WasReversed(int64_t seq);

  store::Reader& reader_;
  StoredPrograms& programs_;
  const absl::Time until_;
  std::map<int64_t, Event> events_;
};

// An award that a catch-up brought, and what it was for: if it came with a
// badge, the entry that the badge was for.
struct BroughtAward {
  model::Movement movement = {};
  core::CaughtUp::Award award = {};
  bool is_of_badge = false;
};
// A badge likewise.
struct BroughtBadge {
  model::Movement movement = {};
  const core::CaughtUp::Grant* grant = nullptr;
};

// Those among the movements of an entry of type kCatchUp, which `program`
// decided, in order.
std::vector<BroughtAward> BroughtAwards(
    const std::vector<model::Movement>& movements, const core::CaughtUp& what,
    const rules::CompiledProgram& program);
std::vector<BroughtBadge> BroughtBadges(
    const std::vector<model::Movement>& movements, const core::CaughtUp& what,
    const rules::CompiledProgram& program);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_AWARD_LIMITS_H_
