// SPDX-License-Identifier: Apache-2.0
//
// See utf8.h.
#include "base/utf8.h"

#include <cstddef>
#include <cstdint>

namespace loyalty::base {
namespace {

// How many bytes follow `lead`, and what the first of them may be; the others
// may be 0x80 to 0xBF.
struct Sequence {
  size_t following = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  bool valid = true;
};

Sequence After(uint8_t lead) {
  if (lead < 0x80) return {};
  if (lead >= 0xC2 && lead <= 0xDF) return {.following = 1};
  if (lead == 0xE0) return {.following = 2, .low = 0xA0};
  if (lead == 0xED) return {.following = 2, .high = 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {.following = 2};
  if (lead == 0xF0) return {.following = 3, .low = 0x90};
  if (lead >= 0xF1 && lead <= 0xF3) return {.following = 3};
  if (lead == 0xF4) return {.following = 3, .high = 0x8F};
  return {.valid = false};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const Sequence sequence = After(static_cast<uint8_t>(text[i]));
    if (!sequence.valid || sequence.following > text.size() - i - 1) {
      return false;
    }
    for (size_t k = 1; k <= sequence.following; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      const uint8_t low = k == 1 ? sequence.low : 0x80;
      const uint8_t high = k == 1 ? sequence.high : 0xBF;
      if (byte < low || byte > high) return false;
    }
    i += sequence.following;
  }
  return true;
}

}  // namespace loyalty::base
