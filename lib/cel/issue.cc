// SPDX-License-Identifier: Apache-2.0
//
// Places, the caret line, and did-you-mean.
#include "loyalty/cel/issue.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "cel/issue_list.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

// A line longer than this is shown from shortly before the place.
constexpr size_t kLongestShownLine = 160;
constexpr size_t kShownBeforePlace = 60;

// Moves `at` back to the first byte of its code point.
size_t CodePointStart(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() &&
         (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80) {
    --at;
  }
  return at;
}

struct ShownLine {
  std::string text;
  size_t caret = 0;  // code points before the place
};

ShownLine LineAround(std::string_view source, size_t offset) {
  offset = std::min(offset, source.size());
  size_t begin = 0;
  if (offset > 0) {
    const size_t newline = source.rfind('\n', offset - 1);
    if (newline != std::string_view::npos) begin = newline + 1;
  }
  const size_t end = std::min(source.find('\n', offset), source.size());
  ShownLine shown;
  if (end - begin > kLongestShownLine && offset - begin > kShownBeforePlace) {
    begin = CodePointStart(source, offset - kShownBeforePlace);
    shown.text = "...";
    shown.caret = shown.text.size();
  }
  const size_t stop =
      CodePointStart(source, std::min(end, begin + kLongestShownLine));
  shown.caret += CountCodePoints(source.substr(begin, offset - begin));
  shown.text += source.substr(begin, stop - begin);
  if (stop < end) shown.text += "...";
  std::replace(shown.text.begin(), shown.text.end(), '\t', ' ');
  return shown;
}

// Insertions, deletions, replacements and swaps of neighbours that turn one
// name into the other; letters of either case are equal.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  };
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
                           same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

SourcePlace PlaceOf(std::string_view source, size_t offset) {
  const std::string_view before = source.substr(0, offset);
  SourcePlace place;
  place.line +=
      static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const size_t newline = before.rfind('\n');
  const std::string_view line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  place.column += static_cast<int>(CountCodePoints(line));
  return place;
}

std::string FormatIssue(const Issue& issue, std::string_view source,
                        std::string_view name) {
  std::string text = "ERROR: ";
  if (!name.empty()) text += std::string(name) + ":";
  text += std::to_string(issue.line) + ":" + std::to_string(issue.column) +
          ": " + issue.message;
  if (!issue.suggestion.empty()) text += "; " + issue.suggestion;
  const ShownLine line = LineAround(source, issue.offset);
  text += "\n | " + line.text + "\n | " + std::string(line.caret, '.') + "^";
  return text;
}

void IssueList::Add(size_t offset, std::string message,
                    std::string suggestion) {
  if (full()) return;
  for (const Issue& issue : issues_) {
    if (issue.offset == offset) return;
  }
  const SourcePlace place = PlaceOf(source_, offset);
  Issue issue;
  issue.offset = offset;
  issue.line = place.line;
  issue.column = place.column;
  issue.message = std::move(message);
  issue.suggestion = std::move(suggestion);
  issues_.push_back(std::move(issue));
}

std::vector<Issue> IssueList::Take() {
  std::stable_sort(
      issues_.begin(), issues_.end(),
      [](const Issue& a, const Issue& b) { return a.offset < b.offset; });
  return std::move(issues_);
}

std::string Nearest(std::string_view name,
                    const std::vector<std::string_view>& names) {
  constexpr size_t kLongestName = 100;
  if (name.size() > kLongestName) return "";
  // A third of the name may be wrong, and one letter always.
  size_t least = std::max<size_t>(1, name.size() / 3) + 1;
  std::string_view nearest;
  for (const std::string_view candidate : names) {
    const size_t longer = std::max(name.size(), candidate.size());
    const size_t shorter = std::min(name.size(), candidate.size());
    if (longer - shorter >= least) continue;
    const size_t distance = EditDistance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace loyalty::cel
