// SPDX-License-Identifier: Apache-2.0
//
// Memory: how much of it this process holds. Linux only; elsewhere 0.
#ifndef LOYALTY_BENCH_MEMORY_H_
#define LOYALTY_BENCH_MEMORY_H_

namespace loyalty::bench {

double MegabytesHeld();
double MostMegabytesHeld();  // since ForgetMost(), or ever
void ForgetMost();

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_MEMORY_H_
