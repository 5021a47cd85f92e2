// SPDX-License-Identifier: Apache-2.0
#ifndef LOYALTY_BENCH_BOARD_REDIS_H_
#define LOYALTY_BENCH_BOARD_REDIS_H_

#include <string>

namespace loyalty::bench {

// Asks a leaderboard of a million members in a file, by the public queries, and
// sorted sets of a Redis server beside it the same, in turns, and prints how
// long each takes by the clock: top 10, one's rank, and five on either side of
// one. Says so if there is no Redis. Files are in `folder`.
void CompareWithRedis(const std::string& folder);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_BOARD_REDIS_H_
