// SPDX-License-Identifier: Apache-2.0
#ifndef LOYALTY_LIB_STORE_BOARD_FAULTS_H_
#define LOYALTY_LIB_STORE_BOARD_FAULTS_H_

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "store/database.h"

namespace loyalty::store {

// Where the leaderboards of `file` differ from those of `made`, which are
// sound: one sentence for each that does. Their nodes may be divided otherwise,
// but have the same entries, and each node is part of one.
absl::StatusOr<std::vector<std::string>> BoardFaults(Database& file,
                                                     Database& made);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_BOARD_FAULTS_H_
