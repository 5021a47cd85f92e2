// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 against a slow twin: a sequence is UTF-8 if encoding what it decodes to
// gives it back.
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loyalty::base {
namespace {

// The one encoding of a code point, by the pattern of bits.
std::string Encoded(uint32_t c) {
  const auto byte = [](uint32_t b) { return static_cast<char>(b); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) {
    return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
  }
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)),
          byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

bool IsCharacter(uint32_t c) {
  return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

// The code point that `text` begins with and how many bytes it has.
struct Decoded {
  uint32_t code_point = 0;
  size_t bytes = 0;
};

std::optional<Decoded> FirstOf(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  size_t ones = 0;
  while (ones < 8 && (lead & (0x80 >> ones)) != 0) ++ones;
  if (ones == 1 || ones > 4) return std::nullopt;
  const size_t bytes = ones == 0 ? 1 : ones;
  if (text.size() < bytes) return std::nullopt;
  uint32_t code_point = ones == 0 ? lead : lead & (0x7Fu >> ones);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    code_point = code_point << 6 | (next & 0x3Fu);
  }
  return Decoded{code_point, bytes};
}

bool IsUtf8Slowly(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Decoded> first = FirstOf(text);
    if (!first.has_value() || !IsCharacter(first->code_point)) return false;
    if (Encoded(first->code_point) != text.substr(0, first->bytes)) {
      return false;
    }
    text.remove_prefix(first->bytes);
  }
  return true;
}

TEST(Utf8, IsEveryCharacterAndNoSurrogate) {
  for (uint32_t c = 0; c <= 0x1FFFFF; ++c) {
    const std::string text = Encoded(c);
    ASSERT_EQ(IsUtf8(text), IsCharacter(c)) << std::hex << c;
  }
}

TEST(Utf8, IsEveryCharacterBetweenOthers) {
  for (uint32_t c = 0; c <= 0x10FFFF; c += 7) {
    const std::string text = "a" + Encoded(c) + "é€😀z";
    ASSERT_EQ(IsUtf8(text), IsCharacter(c)) << std::hex << c;
  }
}

TEST(Utf8, AgreesWithTheSlowTwinOnAllSequencesOfUpToThreeBytes) {
  EXPECT_TRUE(IsUtf8(""));
  std::string text;
  for (const size_t size : {1, 2, 3}) {
    text.assign(size, '\0');
    for (uint32_t bits = 0; bits < 1u << 8 * size; ++bits) {
      for (size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>(bits >> 8 * i & 0xFF);
      }
      // One ASSERT for 16 million of them would take a minute.
      if (IsUtf8(text) != IsUtf8Slowly(text)) FAIL() << std::hex << bits;
    }
  }
}

TEST(Utf8, AgreesWithTheSlowTwinOnAllLeadsOfFourBytes) {
  // All first and second bytes, and the edges of the others.
  constexpr char kEdges[] = {'\0', '\x7F', '\x80', '\xBF', '\xC0', '\xFF'};
  std::string text(4, '\0');
  for (int lead = 0; lead < 256; ++lead) {
    for (int second = 0; second < 256; ++second) {
      for (const char third : kEdges) {
        for (const char fourth : kEdges) {
          text = {static_cast<char>(lead), static_cast<char>(second), third,
                  fourth};
          if (IsUtf8(text) != IsUtf8Slowly(text)) {
            FAIL() << std::hex << lead << ' ' << second;
          }
        }
      }
    }
  }
}

TEST(Utf8, IsNotCutAnywhere) {
  const std::string text = "é€😀";
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool whole = i == 0 || i == 2 || i == 5 || i == 9;
    EXPECT_EQ(IsUtf8(std::string_view(text).substr(0, i)), whole) << i;
    EXPECT_EQ(IsUtf8(std::string_view(text).substr(i)), whole) << i;
  }
}

TEST(Utf8, HasNoOverlongFormsAndNothingBeyondTheLastCharacter) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
        "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
        "\xED\xA0\xBD\xED\xB8\x80"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
  EXPECT_TRUE(IsUtf8("\xF4\x8F\xBF\xBF"));
  EXPECT_TRUE(IsUtf8("\xEF\xBF\xBF"));
}

}  // namespace
}  // namespace loyalty::base
