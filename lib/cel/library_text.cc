// SPDX-License-Identifier: Apache-2.0
//
// Strings, bytes and lists: size, joining, searching and patterns.
#include <re2/re2.h>

#include <array>

#include "cel/library.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

Value SizeOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  return Value::Int(static_cast<int64_t>(CountCodePoints(a[0].text())));
}

Value SizeOfBytes(CallContext&, const Value* a) {
  return Value::Int(static_cast<int64_t>(a[0].text().size()));
}

Value SizeOfList(CallContext&, const Value* a) {
  return Value::Int(static_cast<int64_t>(a[0].items().size()));
}

Value SizeOfMap(CallContext&, const Value* a) {
  return Value::Int(static_cast<int64_t>(a[0].entries().size()));
}

Value TooLarge(const char* what) {
  return Value::Failure(absl::StatusCode::kResourceExhausted,
                        "the " + std::string(what) + " is too large");
}

Value JoinStrings(CallContext& context, const Value* a) {
  const size_t size = a[0].text().size() + a[1].text().size();
  if (size > context.limits.max_text_bytes) return TooLarge("string");
  if (!context.Spend(static_cast<int64_t>(size / context.kBytesPerStep))) {
    return StepsUsedUp();
  }
  std::string joined;
  joined.reserve(size);
  joined += a[0].text();
  joined += a[1].text();
  return Value::String(joined);
}

Value JoinBytes(CallContext& context, const Value* a) {
  const Value joined = JoinStrings(context, a);
  return joined.failed() ? joined : Value::Bytes(joined.text());
}

Value JoinLists(CallContext& context, const Value* a) {
  const auto left = a[0].items();
  const auto right = a[1].items();
  const size_t size = left.size() + right.size();
  if (size > context.limits.max_list_items) return TooLarge("list");
  if (!context.Spend(static_cast<int64_t>(size))) return StepsUsedUp();
  std::vector<Value> items;
  items.reserve(size);
  items.insert(items.end(), left.begin(), left.end());
  items.insert(items.end(), right.begin(), right.end());
  return Value::List(std::move(items));
}

Value ContainsText(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  return Value::Bool(FindText(a[0].text(), a[1].text()) !=
                     std::string_view::npos);
}

Value StartsWithText(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[1].text())) return StepsUsedUp();
  return Value::Bool(a[0].text().starts_with(a[1].text()));
}

Value EndsWithText(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[1].text())) return StepsUsedUp();
  return Value::Bool(a[0].text().ends_with(a[1].text()));
}

constexpr auto kMethodForm = LibraryRow::kMethod;

constexpr std::array<LibraryRow, 16> kTextRows = {{
    {"size", "string", "int", SizeOfString},
    {"size", "string", "int", SizeOfString, kMethodForm},
    {"size", "bytes", "int", SizeOfBytes},
    {"size", "bytes", "int", SizeOfBytes, kMethodForm},
    {"size", "list('A)", "int", SizeOfList},
    {"size", "list('A)", "int", SizeOfList, kMethodForm},
    {"size", "map('A, 'B)", "int", SizeOfMap},
    {"size", "map('A, 'B)", "int", SizeOfMap, kMethodForm},
    {"_+_", "string, string", "string", JoinStrings},
    {"_+_", "bytes, bytes", "bytes", JoinBytes},
    {"_+_", "list('A), list('A)", "list('A)", JoinLists},
    {"contains", "string, string", "bool", ContainsText, kMethodForm},
    {"startsWith", "string, string", "bool", StartsWithText, kMethodForm},
    {"endsWith", "string, string", "bool", EndsWithText, kMethodForm},
    {"matches", "string, string", "bool", MatchesText, kMethodForm},
    {"matches", "string, string", "bool", MatchesText},
}};

}  // namespace

Value MatchesText(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[1].text())) return StepsUsedUp();
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 pattern(re2::StringPiece(a[1].text().data(), a[1].text().size()),
                    options);
  if (!pattern.ok()) {
    return Value::Failure(absl::StatusCode::kInvalidArgument,
                          "bad pattern: " + pattern.error());
  }
  if (pattern.ProgramSize() > context.limits.max_pattern_size) {
    return TooLarge("pattern");
  }
  if (!context.SpendOnMatch(a[0].text(), MatchWeight(pattern.ProgramSize()))) {
    return StepsUsedUp();
  }
  return Value::Bool(RE2::PartialMatch(
      re2::StringPiece(a[0].text().data(), a[0].text().size()), pattern));
}

std::span<const LibraryRow> TextRows() { return kTextRows; }

}  // namespace loyalty::cel
