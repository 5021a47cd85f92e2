// SPDX-License-Identifier: Apache-2.0
//
// See machine.h. Linux says these things in files; elsewhere they are unknown.
#include "machine.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <sys/vfs.h>

#include <fstream>
#include <thread>

namespace loyalty::bench {
namespace {

std::string Processor() {
  std::ifstream about("/proc/cpuinfo");
  for (std::string line; std::getline(about, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

// How many wanted to run, on average over the last minute.
std::string Load() {
  std::string load;
  std::ifstream("/proc/loadavg") >> load;
  return load.empty() ? "unknown" : load;
}

}  // namespace

std::string Machine() {
  return absl::StrCat(
      std::thread::hardware_concurrency(), " cores, ", Processor(), "; load ",
      Load(), "; ",
      absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone()));
}

std::string FileSystem(const std::string& path) {
  struct statfs about;
  if (statfs(path.c_str(), &about) != 0) return "unknown";
  // From the manual page of statfs.
  switch (about.f_type) {
    case 0xef53: return "ext4";
    case 0x58465342: return "xfs";
    case 0x9123683e: return "btrfs";
    case 0x794c7630: return "overlayfs";
    case 0x01021994: return "tmpfs, where a sync costs nothing";
    default: return absl::StrCat("of type 0x", absl::Hex(about.f_type));
  }
}

}  // namespace loyalty::bench
