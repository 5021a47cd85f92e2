// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above
// U+10FFFF.
#include "cel/text.h"

#include <cstring>

namespace loyalty::cel {
namespace {

// The bytes of the sequence that `lead` begins, and the least code point that
// needs so many; 0 if `lead` begins none.
struct Sequence {
  size_t size;
  uint32_t least;
  uint32_t bits;
};

Sequence SequenceOf(unsigned char lead) {
  if (lead < 0x80) return {1, 0, lead};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, lead & 0x1Fu};
  if (lead < 0xF0) return {3, 0x800, lead & 0x0Fu};
  if (lead < 0xF5) return {4, 0x10000, lead & 0x07u};
  return {0, 0, 0};
}

}  // namespace

bool IsCodePoint(uint32_t code) {
  return code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

size_t FirstInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Sequence sequence = SequenceOf(static_cast<unsigned char>(text[at]));
    if (sequence.size == 0 || at + sequence.size > text.size()) return at;
    uint32_t code = sequence.bits;
    for (size_t i = 1; i < sequence.size; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xC0u) != 0x80) return at;
      code = (code << 6) | (byte & 0x3Fu);
    }
    if (code < sequence.least || !IsCodePoint(code)) return at;
    at += sequence.size;
  }
  return at;
}

size_t CountCodePoints(std::string_view text) {
  // The bytes 10xxxxxx go on with a code point; eight are looked at in one go.
  constexpr uint64_t kLowBits = 0x0101010101010101u;
  size_t continuing = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    const uint64_t marks = (word >> 7u) & ~(word >> 6u) & kLowBits;
    continuing += (marks * kLowBits) >> 56u;
  }
  for (; at < text.size(); ++at) {
    continuing +=
        (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80 ? 1 : 0;
  }
  return text.size() - continuing;
}

size_t FindText(std::string_view text, std::string_view sought, size_t from) {
  constexpr size_t kFewPairs = 1 << 14;
  if (from > text.size()) return std::string_view::npos;
  // Quicker where it cannot take long.
  const size_t size = text.size() - from;
  if (size < kFewPairs && size * sought.size() < kFewPairs) {
    return text.find(sought, from);
  }
  const void* const found =
      memmem(text.data() + from, size, sought.data(), sought.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

size_t FindLastText(std::string_view text, std::string_view sought) {
  const std::string text_back(text.rbegin(), text.rend());
  const std::string sought_back(sought.rbegin(), sought.rend());
  const size_t found = FindText(text_back, sought_back);
  if (found == std::string_view::npos) return found;
  return text.size() - sought.size() - found;
}

void AppendUtf8(uint32_t code, std::string& text) {
  const auto put = [&text](uint32_t byte) {
    text.push_back(static_cast<char>(byte));
  };
  const auto put_rest = [&](uint32_t shift) {
    put(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put_rest(0);
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put_rest(6);
    put_rest(0);
  } else {
    put(0xF0 | (code >> 18));
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

}  // namespace loyalty::cel
