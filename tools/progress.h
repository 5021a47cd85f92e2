// SPDX-License-Identifier: Apache-2.0
//
// Progress: how far a long command is, drawn over itself on standard error
// where that is a terminal; in a pipe it is silent.
#ifndef LOYALTY_TOOLS_PROGRESS_H_
#define LOYALTY_TOOLS_PROGRESS_H_

#include <chrono>
#include <optional>
#include <string_view>

namespace loyalty::command {

// Not thread-safe. Cleared when destroyed.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // True if it is time to draw again; ask before composing a text.
  bool IsDue();

  // Draws a bar for `share` of the work, from 0 to 1, or none where the whole
  // is not known, with `text` behind it.
  void Draw(std::optional<double> share, std::string_view text);

 private:
  bool shown_;
  bool colored_;
  std::chrono::steady_clock::time_point next_;
};

// Takes the bar, if there is one, off the terminal's line.
void ClearProgress();

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_PROGRESS_H_
