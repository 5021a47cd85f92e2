// SPDX-License-Identifier: Apache-2.0
//
// A pattern is written out: [Ss]pam as Spam and spam.
#include "cel/alternatives.h"

#include <absl/strings/match.h>

#include <bit>
#include <utility>

namespace loyalty::cel {
namespace {

constexpr size_t kLongest = 32;  // bytes of one text

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

// Stands for itself in a pattern.
bool IsPlain(char c) {
  return IsAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
         absl::StrContains(" _-/@:,#'", c);
}

// Takes what one character may be, such as a or [Aa], from the front of
// `pattern`; empty if it may be something else.
std::string_view TakeChoice(std::string_view& pattern) {
  const bool is_bracketed = pattern.front() == '[';
  const size_t end = is_bracketed ? pattern.find(']') : 1;
  if (end == std::string_view::npos) return "";
  const std::string_view choice =
      is_bracketed ? pattern.substr(1, end - 1) : pattern.substr(0, 1);
  for (const char c : choice) {
    if (is_bracketed ? !IsAlphanumeric(c) : !IsPlain(c)) return "";
  }
  pattern.remove_prefix(is_bracketed ? end + 1 : end);
  return choice;
}

// All that `pattern`, one alternative, may be; none if it is more than text.
std::vector<std::string> WrittenOut(std::string_view pattern, size_t most) {
  std::vector<std::string> texts = {""};
  while (!pattern.empty()) {
    const std::string_view choice = TakeChoice(pattern);
    if (choice.empty() || texts.size() * choice.size() > most ||
        texts.front().size() == kLongest) {
      return {};
    }
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      for (const char c : choice) longer.push_back(text + c);
    }
    texts = std::move(longer);
  }
  if (texts.front().empty()) texts.clear();
  return texts;
}

}  // namespace

std::unique_ptr<const Alternatives> Alternatives::Of(std::string_view pattern) {
  std::vector<std::string> all;
  for (bool is_last = false; !is_last;) {
    const size_t bar = pattern.find('|');
    is_last = bar == std::string_view::npos;
    std::vector<std::string> texts = WrittenOut(pattern.substr(0, bar), kMost);
    if (texts.empty() || all.size() + texts.size() > kMost) return nullptr;
    all.insert(all.end(), texts.begin(), texts.end());
    if (!is_last) pattern.remove_prefix(bar + 1);
  }
  return std::unique_ptr<const Alternatives>(new Alternatives(std::move(all)));
}

Alternatives::Alternatives(std::vector<std::string> texts)
    : texts_(std::move(texts)) {
  for (size_t i = 0; i < texts_.size(); ++i) {
    const auto first = static_cast<unsigned char>(texts_[i].front());
    begun_by_[first] = static_cast<uint16_t>(begun_by_[first] | (1u << i));
  }
}

bool Alternatives::AreIn(std::string_view text) const {
  for (size_t at = 0; at < text.size(); ++at) {
    uint32_t candidates = begun_by_[static_cast<unsigned char>(text[at])];
    for (; candidates != 0; candidates &= candidates - 1) {
      const auto which = static_cast<size_t>(std::countr_zero(candidates));
      if (text.substr(at).starts_with(texts_[which])) return true;
    }
  }
  return false;
}

}  // namespace loyalty::cel
