// SPDX-License-Identifier: Apache-2.0
//
// See suggest.h.
#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace loyalty::base {
namespace {

// Levenshtein distance, one row at a time.
size_t Changes(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// The names that `name` is the first or the last words of.
std::vector<std::string> NamesWith(std::string_view name,
                                   const std::vector<std::string>& known) {
  const std::string word(name);
  std::vector<std::string> with;
  if (word.empty()) return with;
  for (const std::string& candidate : known) {
    if (candidate.starts_with(word + "_") || candidate.ends_with("_" + word)) {
      with.push_back(candidate);
    }
  }
  return with;
}

}  // namespace

std::string Nearest(std::string_view name,
                    const std::vector<std::string>& known) {
  constexpr size_t kLongestCompared = 128;  // names are short; hostile ones not
  if (name.empty() || name.size() > kLongestCompared) return "";
  std::string best;
  size_t fewest = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestCompared) continue;
    const size_t changes = Changes(name, candidate);
    if (changes < fewest) {
      fewest = changes;
      best = candidate;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view name,
                       const std::vector<std::string>& known) {
  const std::string nearest = Nearest(name, known);
  if (!nearest.empty()) return "Did you mean \"" + nearest + "\"?";
  if (known.empty()) return "";
  constexpr size_t kMostAsked = 3;
  const std::vector<std::string> with = NamesWith(name, known);
  if (!with.empty() && with.size() <= kMostAsked) {
    std::string asked = "Did you mean ";
    for (size_t i = 0; i < with.size(); ++i) {
      if (i > 0) asked += i + 1 == with.size() ? " or " : ", ";
      asked += "\"" + with[i] + "\"";
    }
    return asked + "?";
  }
  // Where they are too many to read, a few say of which kind they are.
  constexpr size_t kMostWhole = 32, kFew = 12;
  const bool is_whole = known.size() <= kMostWhole;
  std::string all = "Known: ";
  for (size_t i = 0; i < (is_whole ? known.size() : kFew); ++i) {
    if (i > 0) all += ", ";
    all += known[i];
  }
  return all + (is_whole ? "." : ", ...");
}

}  // namespace loyalty::base
