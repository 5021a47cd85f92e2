// SPDX-License-Identifier: Apache-2.0
//
// The extension `strings`: searching, cutting and changing texts. Positions
// are in code points.
#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>

#include "cel/library.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

// A text and where its code points begin, the end included.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {
    for (size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80) {
        begins_.push_back(i);
      }
    }
    begins_.push_back(text.size());
  }

  int64_t size() const { return static_cast<int64_t>(begins_.size()) - 1; }

  // REQUIRES: 0 <= begin <= end <= size().
  std::string_view Between(int64_t begin, int64_t end) const {
    const size_t first = ByteAt(begin);
    return text_.substr(first, ByteAt(end) - first);
  }

  size_t ByteAt(int64_t position) const {
    return begins_[static_cast<size_t>(position)];
  }

  // The position of the code point that begins at `byte`.
  int64_t PositionOf(size_t byte) const {
    return std::lower_bound(begins_.begin(), begins_.end(), byte) -
           begins_.begin();
  }

 private:
  std::string_view text_;
  std::vector<size_t> begins_;
};

Value PositionOutOfRange(int64_t position) {
  return Value::Failure(absl::StatusCode::kOutOfRange,
                        "index out of range: " + std::to_string(position));
}

Value ResultTooLarge() {
  return Value::Failure(absl::StatusCode::kResourceExhausted,
                        "the result is too large");
}

// A new string, within the limits.
Value NewString(CallContext& context, std::string_view text) {
  if (text.size() > context.limits.max_text_bytes) return ResultTooLarge();
  if (!context.SpendOnText(text)) return StepsUsedUp();
  return Value::String(text);
}

Value CharacterAt(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const CodePoints text(a[0].text());
  const int64_t at = a[1].int_value();
  if (at < 0 || at > text.size()) return PositionOutOfRange(at);
  return Value::String(text.Between(at, std::min(at + 1, text.size())));
}

Value FirstIndexFrom(const Value* a, int64_t from, bool is_checked) {
  const CodePoints text(a[0].text());
  if (a[1].text().empty() && from >= 0 && from <= text.size()) {
    return Value::Int(from);
  }
  if (is_checked && (from < 0 || from >= text.size())) {
    return PositionOutOfRange(from);
  }
  const size_t found = FindText(a[0].text(), a[1].text(), text.ByteAt(from));
  if (found == std::string_view::npos) return Value::Int(-1);
  return Value::Int(text.PositionOf(found));
}

Value FirstIndexOf(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  return FirstIndexFrom(a, 0, false);
}

Value FirstIndexAfter(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  return FirstIndexFrom(a, a[2].int_value(), true);
}

Value LastIndexOf(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const size_t found = FindLastText(a[0].text(), a[1].text());
  if (found == std::string_view::npos) return Value::Int(-1);
  return Value::Int(CodePoints(a[0].text()).PositionOf(found));
}

Value LastIndexBefore(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const CodePoints text(a[0].text());
  const int64_t from = a[2].int_value();
  const bool is_empty = a[1].text().empty();
  if (from < 0 || from > text.size() || (from == text.size() && !is_empty)) {
    return PositionOutOfRange(from);
  }
  // It may begin at `from`, and end wherever it does.
  const size_t end =
      std::min(a[0].text().size(), text.ByteAt(from) + a[1].text().size());
  const size_t found = FindLastText(a[0].text().substr(0, end), a[1].text());
  if (found == std::string_view::npos) return Value::Int(-1);
  return Value::Int(text.PositionOf(found));
}

Value Substring(CallContext& context, const Value& whole, int64_t begin,
                std::optional<int64_t> asked_end) {
  if (!context.SpendOnText(whole.text())) return StepsUsedUp();
  const CodePoints text(whole.text());
  const int64_t end = asked_end.value_or(text.size());
  if (begin < 0 || begin > text.size()) return PositionOutOfRange(begin);
  if (end < 0 || end > text.size()) return PositionOutOfRange(end);
  if (begin > end) {
    return Value::Failure(absl::StatusCode::kOutOfRange,
                          "invalid substring range: " + std::to_string(begin) +
                              " to " + std::to_string(end));
  }
  return NewString(context, text.Between(begin, end));
}

Value SubstringFrom(CallContext& context, const Value* a) {
  return Substring(context, a[0], a[1].int_value(), std::nullopt);
}

Value SubstringBetween(CallContext& context, const Value* a) {
  return Substring(context, a[0], a[1].int_value(), a[2].int_value());
}

Value LowerAscii(CallContext& context, const Value* a) {
  return NewString(context, absl::AsciiStrToLower(AbslView(a[0].text())));
}

Value UpperAscii(CallContext& context, const Value* a) {
  return NewString(context, absl::AsciiStrToUpper(AbslView(a[0].text())));
}

// Replaces the first `most` of `from`, all if negative. An empty `from` stands
// before every code point and at the end.
Value ReplacedText(CallContext& context, const Value* a, int64_t most) {
  const std::string_view text = a[0].text();
  const std::string_view from = a[1].text();
  if (!context.SpendOnText(text)) return StepsUsedUp();
  std::string replaced;
  size_t at = 0;
  for (int64_t count = 0; count != most; ++count) {
    size_t found = from.empty() ? at : FindText(text, from, at);
    if (found == std::string_view::npos) break;
    if (from.empty() && count > 0) {
      if (at >= text.size()) break;
      do {
        ++found;
      } while (found < text.size() &&
               (static_cast<unsigned char>(text[found]) & 0xC0u) == 0x80);
    }
    replaced += text.substr(at, found - at);
    replaced += a[2].text();
    at = found + from.size();
    if (replaced.size() > context.limits.max_text_bytes) {
      return ResultTooLarge();
    }
  }
  replaced += text.substr(at);
  return NewString(context, replaced);
}

Value ReplaceAll(CallContext& context, const Value* a) {
  return ReplacedText(context, a, -1);
}

Value ReplaceSome(CallContext& context, const Value* a) {
  return ReplacedText(context, a, a[3].int_value());
}

// Splits into `most` parts, the last of which has the rest; into all if
// negative. An empty separator stands between any two code points.
Value SplitText(CallContext& context, const Value* a, int64_t most) {
  const std::string_view text = a[0].text();
  const std::string_view separator = a[1].text();
  if (!context.SpendOnText(text)) return StepsUsedUp();
  std::vector<Value> parts;
  if (most == 0 || (text.empty() && separator.empty())) {
    return Value::List(std::move(parts));
  }
  size_t at = 0;
  while (most < 0 || static_cast<int64_t>(parts.size()) + 1 < most) {
    size_t found = FindText(text, separator, at);
    if (separator.empty()) {
      found = at + 1;
      while (found < text.size() &&
             (static_cast<unsigned char>(text[found]) & 0xC0u) == 0x80) {
        ++found;
      }
      if (found >= text.size()) break;
    }
    if (found == std::string_view::npos) break;
    if (parts.size() >= context.limits.max_list_items) return ResultTooLarge();
    parts.push_back(Value::String(text.substr(at, found - at)));
    at = found + separator.size();
  }
  parts.push_back(Value::String(text.substr(at)));
  if (!context.Spend(static_cast<int64_t>(parts.size()))) return StepsUsedUp();
  return Value::List(std::move(parts));
}

Value SplitAll(CallContext& context, const Value* a) {
  return SplitText(context, a, -1);
}

Value SplitSome(CallContext& context, const Value* a) {
  return SplitText(context, a, a[2].int_value());
}

Value JoinedTexts(CallContext& context, const Value& list,
                  std::string_view separator) {
  std::string joined;
  bool is_first = true;
  for (const Value& item : list.items()) {
    if (!item.Is(Value::Kind::kString)) {
      return NoMatchingOverload("join", {&list, 1});
    }
    if (!is_first) joined += separator;
    is_first = false;
    joined += item.text();
    if (joined.size() > context.limits.max_text_bytes) return ResultTooLarge();
    if (!context.Spend(1)) return StepsUsedUp();
  }
  return NewString(context, joined);
}

Value JoinTexts(CallContext& context, const Value* a) {
  return JoinedTexts(context, a[0], "");
}

Value JoinTextsBy(CallContext& context, const Value* a) {
  return JoinedTexts(context, a[0], a[1].text());
}

// The white space of Unicode, beyond ASCII's, as UTF-8.
constexpr std::array<std::string_view, 19> kWideBlanks = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80",
    "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

bool TrimOnce(std::string_view& text) {
  const size_t before = text.size();
  const absl::string_view trimmed = absl::StripAsciiWhitespace(AbslView(text));
  text = std::string_view(trimmed.data(), trimmed.size());
  for (const std::string_view blank : kWideBlanks) {
    if (text.starts_with(blank)) text.remove_prefix(blank.size());
    if (text.ends_with(blank)) text.remove_suffix(blank.size());
  }
  return text.size() < before;
}

Value TrimText(CallContext& context, const Value* a) {
  std::string_view text = a[0].text();
  if (!context.SpendOnText(text)) return StepsUsedUp();
  while (TrimOnce(text)) {
    // A blank of one sort may be followed by one of another.
  }
  return NewString(context, text);
}

Value ReverseText(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const CodePoints text(a[0].text());
  std::string reversed;
  for (int64_t i = text.size(); i > 0; --i) reversed += text.Between(i - 1, i);
  return NewString(context, reversed);
}

Value QuoteText(CallContext& context, const Value* a) {
  constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string quoted = "\"";
  for (const char c : a[0].text()) {
    const size_t special = kSpecial.find(c);
    if (special == std::string_view::npos) {
      quoted += c;
    } else {
      quoted += '\\';
      quoted += kLetters[special];
    }
  }
  return NewString(context, quoted + "\"");
}

constexpr auto kStringMethod = LibraryRow::kMethod;

constexpr std::array<LibraryRow, 18> kStringsRows = {{
    {"charAt", "string, int", "string", CharacterAt, kStringMethod},
    {"indexOf", "string, string", "int", FirstIndexOf, kStringMethod},
    {"indexOf", "string, string, int", "int", FirstIndexAfter, kStringMethod},
    {"lastIndexOf", "string, string", "int", LastIndexOf, kStringMethod},
    {"lastIndexOf", "string, string, int", "int", LastIndexBefore,
     kStringMethod},
    {"substring", "string, int", "string", SubstringFrom, kStringMethod},
    {"substring", "string, int, int", "string", SubstringBetween,
     kStringMethod},
    {"lowerAscii", "string", "string", LowerAscii, kStringMethod},
    {"upperAscii", "string", "string", UpperAscii, kStringMethod},
    {"replace", "string, string, string", "string", ReplaceAll, kStringMethod},
    {"replace", "string, string, string, int", "string", ReplaceSome,
     kStringMethod},
    {"split", "string, string", "list(string)", SplitAll, kStringMethod},
    {"split", "string, string, int", "list(string)", SplitSome, kStringMethod},
    {"join", "list(string)", "string", JoinTexts, kStringMethod},
    {"join", "list(string), string", "string", JoinTextsBy, kStringMethod},
    {"trim", "string", "string", TrimText, kStringMethod},
    {"reverse", "string", "string", ReverseText, kStringMethod},
    {"strings.quote", "string", "string", QuoteText},
}};

}  // namespace

std::span<const LibraryRow> StringsRows() { return kStringsRows; }

}  // namespace loyalty::cel
