// SPDX-License-Identifier: Apache-2.0
//
// See program_file.h.
#include "program_file.h"

#include <absl/status/status.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace loyalty::command {
namespace {

constexpr size_t kMostProgramBytes = size_t{64} << 20;

absl::Status Refused(const std::string& path, const std::string& why) {
  return absl::UnavailableError(path + ": " + why);
}

}  // namespace

absl::StatusOr<std::string> ProgramText(const std::string& path) {
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) {
    return Refused(path, std::strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) return Refused(path, "is a folder");
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return Refused(path, std::strerror(errno));
  // In parts: what is no regular file may have no end.
  std::string text;
  std::string part(65536, '\0');
  while (file) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part, 0, static_cast<size_t>(file.gcount()));
    if (text.size() > kMostProgramBytes) {
      return Refused(path, "is longer than 64 MiB");
    }
  }
  if (file.bad()) return Refused(path, "cannot be read");
  if (text.empty()) return Refused(path, "is empty");
  return text;
}

}  // namespace loyalty::command
