// SPDX-License-Identifier: Apache-2.0
//
// What a process sends that dies, and what must be in the file then. Unlike a
// Witness, it knows of the answers only how many there were.
#ifndef LOYALTY_TESTS_FAULTS_BATCHES_H_
#define LOYALTY_TESTS_FAULTS_BATCHES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "loyalty/engine.h"

namespace loyalty::faults {

using Batch = std::vector<Event>;

// The batches of a life, the same in every process.
std::vector<Batch> Batches(uint64_t seed);

// Whether the file holds the first batches: those acknowledged, perhaps one
// more, and no part of another. Sets `recorded` to how many. Returns what is
// wrong.
std::vector<std::string> Compare(const std::string& path,
                                 const std::vector<Batch>& batches,
                                 int acknowledged, int& recorded);

// And all that lies beside it.
void RemoveFile(const std::string& path);

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_BATCHES_H_
