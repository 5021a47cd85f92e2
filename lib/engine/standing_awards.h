// SPDX-License-Identifier: Apache-2.0
//
// What stands of the awards and badges that some rules gave a member, after all
// that was undone of it, and by which entries they came.
#ifndef LOYALTY_LIB_ENGINE_STANDING_AWARDS_H_
#define LOYALTY_LIB_ENGINE_STANDING_AWARDS_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "core/caught_up.h"
#include "engine/stored_program.h"
#include "model/entity.h"
#include "model/journal.h"
#include "model/symbol.h"
#include "store/store.h"

namespace loyalty::engine {

struct StandingAwards {
  struct Which {
    model::Symbol rule = {};
    int32_t award = 0;
    model::Symbol currency = {};

    friend auto operator<=>(const Which&, const Which&) = default;
  };
  struct Of {
    int64_t units = 0;  // in all
    // By entry; what a catch-up brought, by the entries that it was for.
    std::map<int64_t, core::CaughtUp::Source> by = {};
  };
  struct Grant {
    model::Movement grant = {};
    std::vector<std::pair<Which, int64_t>> awards = {};  // units
  };

  std::map<Which, Of> awards = {};
  std::map<model::Symbol, std::vector<Grant>> badges = {};  // oldest first
};

// Of the rules that are wanted, and of badges as rules: "badge:ID". `member` is
// who they are now, with all counters.
//
// COST: all lines of the member.
absl::StatusOr<StandingAwards> StandingAwardsOf(
    store::Reader& reader, StoredPrograms& programs,
    const model::EntityState& member,
    absl::FunctionRef<bool(model::Symbol rule)> wanted);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_STANDING_AWARDS_H_
