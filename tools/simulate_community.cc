// SPDX-License-Identifier: Apache-2.0
//
// loyalty simulate-community: writes the event log of a made-up community, for
// trying programs on. See community.h for how it behaves.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "command.h"
#include "community.h"
#include "output.h"
#include "progress.h"

namespace loyalty::command {
namespace {

Exit CouldNotWrite(const std::string& path) {
  Complain(Printable(path) + ": " + std::strerror(errno));
  return Exit::kCouldNot;
}

}  // namespace

Exit SimulateCommunity(const SimulateOptions& options) {
  std::FILE* file = stdout;
  const std::string name =
      options.out.empty() ? "standard output" : options.out;
  if (!options.out.empty()) file = std::fopen(options.out.c_str(), "wb");
  if (file == nullptr) return CouldNotWrite(name);

  bool written = true;
  int64_t lines = 0;
  Progress progress;
  Community community(
      {.members = options.members, .days = options.days, .seed = options.seed});
  community.Live([&](std::string_view line, double share) {
    ++lines;
    written = std::fwrite(line.data(), 1, line.size(), file) == line.size();
    if (progress.IsDue()) {
      progress.Draw(share, Counted(lines, "event", "events"));
    }
    return written;
  });
  ClearProgress();
  if (std::fflush(file) != 0) written = false;
  if (file != stdout && std::fclose(file) != 0) written = false;
  if (!written) return CouldNotWrite(name);

  // Standard output is the log itself, unless that went to a file.
  if (options.out.empty()) return Exit::kDone;
  if (options.json) {
    PrintJson({{"out", options.out}, {"lines", lines}});
  } else {
    Print(Printable(options.out) + ": " + Counted(lines, "line", "lines") +
          "\n");
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
