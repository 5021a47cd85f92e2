// SPDX-License-Identifier: Apache-2.0
//
// Syncs: how often this process has waited for the disk.
#ifndef LOYALTY_BENCH_SYNCS_H_
#define LOYALTY_BENCH_SYNCS_H_

#include <cstdint>

namespace loyalty::bench {

int64_t Syncs();

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_SYNCS_H_
