// SPDX-License-Identifier: Apache-2.0
//
// What an SQLite file says about itself that cannot be: verify's first half.
// The other half, replaying the journal, is the engine's.
#ifndef LOYALTY_LIB_STORE_SQLITE_FAULTS_H_
#define LOYALTY_LIB_STORE_SQLITE_FAULTS_H_

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "store/database.h"

namespace loyalty::store {

// One sentence for each fault, naming its entry; at most some hundreds.
//
// ERRORS: only if the file could not be read for a reason outside of it.
absl::StatusOr<std::vector<std::string>> SqliteFaults(Database& db);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_FAULTS_H_
