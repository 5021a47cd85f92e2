// SPDX-License-Identifier: Apache-2.0
//
// See progress.h.
#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace loyalty::command {
namespace {

constexpr int kBarWidth = 30;
constexpr auto kBetweenDraws = std::chrono::milliseconds(100);

bool is_drawn = false;

bool TerminalCanDraw() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr &&
         std::string_view(term) != "dumb";
}

// https://no-color.org: any text but an empty one.
bool ColorIsWanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

}  // namespace

Progress::Progress() : shown_(TerminalCanDraw()), colored_(ColorIsWanted()) {}

Progress::~Progress() { ClearProgress(); }

bool Progress::IsDue() {
  return shown_ && std::chrono::steady_clock::now() >= next_;
}

void Progress::Draw(std::optional<double> share, std::string_view text) {
  if (!shown_) return;
  next_ = std::chrono::steady_clock::now() + kBetweenDraws;
  std::string line = "\r";
  if (share.has_value()) {
    const double within = std::clamp(*share, 0.0, 1.0);
    const int full = static_cast<int>(within * kBarWidth);
    line += "[";
    if (colored_) line += "\x1b[32m";
    line += std::string(static_cast<size_t>(full), '#');
    if (colored_) line += "\x1b[0m";
    line += std::string(static_cast<size_t>(kBarWidth - full), '.') + "] ";
    const std::string percent = std::to_string(static_cast<int>(within * 100));
    line += std::string(3 - std::min<size_t>(3, percent.size()), ' ') +
            percent + " %  ";
  }
  line.append(text);
  line += "\x1b[K";  // to the end of the line: what stood there before
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  is_drawn = true;
}

void ClearProgress() {
  if (!is_drawn) return;
  is_drawn = false;
  std::fputs("\r\x1b[K", stderr);
}

}  // namespace loyalty::command
