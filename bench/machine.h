// SPDX-License-Identifier: Apache-2.0
//
// Machine: what a figure was measured on, without which it means nothing.
#ifndef LOYALTY_BENCH_MACHINE_H_
#define LOYALTY_BENCH_MACHINE_H_

#include <string>

namespace loyalty::bench {

// Cores, processor, how busy it is, and the day, in one line.
std::string Machine();

// The kind of file system that holds `path`, as "ext4".
std::string FileSystem(const std::string& path);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_MACHINE_H_
