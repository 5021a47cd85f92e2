// SPDX-License-Identifier: Apache-2.0
//
// See memory.h, and proc(5).
#include "memory.h"

#include <fstream>
#include <string>
#include <string_view>

namespace loyalty::bench {
namespace {

double Megabytes(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) {
      return std::stod(line.substr(name.size())) / 1024;
    }
  }
  return 0;
}

}  // namespace

double MegabytesHeld() { return Megabytes("VmRSS:"); }
double MostMegabytesHeld() { return Megabytes("VmHWM:"); }
void ForgetMost() { std::ofstream("/proc/self/clear_refs") << '5'; }

}  // namespace loyalty::bench
