// SPDX-License-Identifier: Apache-2.0
//
// What groups of members are called, and by which number a file has them
// (core/groups.h), for those who read.
#ifndef LOYALTY_LIB_ENGINE_GROUP_NAMES_H_
#define LOYALTY_LIB_ENGINE_GROUP_NAMES_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/stored_program.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// 0 if nobody was ever in a group of that name.
//
// ERRORS: the store's.
absl::StatusOr<int64_t> NumberOfGroup(store::Reader& reader,
                                      const rules::Grouping& grouping,
                                      std::string_view name);

// The season of a window, as rules::SeasonName, with the group's name where
// groups are kept apart: what the entry that named it first says.
//
// ERRORS: kDataLoss: no entry names the group; the store's.
absl::StatusOr<std::string> FullSeasonName(
    store::Reader& reader, StoredPrograms& programs,
    const rules::CompiledProgram& program, const rules::Leaderboard& board,
    int64_t window);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_GROUP_NAMES_H_
