// SPDX-License-Identifier: Apache-2.0
//
// The counted blocks behind a Value, and making and taking values apart.
#include "loyalty/cel/value.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <new>

#include "cel/compare.h"
#include "cel/times.h"

namespace loyalty::cel {
namespace {

// Every counted block begins with its count. The characters of an owned text
// follow it directly, so that owned and borrowed texts are read alike.
struct Counted {
  std::atomic<uint32_t> count{1};
};

struct ListBlock : Counted {
  std::vector<Value> items;
};

struct TypeBlock : Counted {
  Type type;
};

struct OptionalBlock : Counted {
  Value held;
};

struct FailureBlock : Counted {
  FailureParts parts;
};

// `order` sorts the entries by key, so that Find() can halve its way to one.
struct MapBlock : Counted {
  std::vector<MapEntry> entries;
  std::vector<uint32_t> order;
};

Counted* TextBlock(const char* text) {
  return reinterpret_cast<Counted*>(const_cast<char*>(text) - sizeof(Counted));
}

constexpr uint32_t kLongestShownText = 60;
constexpr size_t kMostShownItems = 8;
constexpr int kDeepestShown = 4;

std::string ShownText(std::string_view text, const char* quote) {
  std::string shown = quote;
  for (const char c : text.substr(0, kLongestShownText)) {
    if (c == '"' || c == '\\') shown += '\\';
    shown += c == '\n' ? ' ' : c;
  }
  if (text.size() > kLongestShownText) shown += "...";
  return shown + "\"";
}

std::string Shown(const Value& value, int depth);

std::string ShownList(const Value& value, int depth) {
  if (depth >= kDeepestShown) return "[...]";
  std::string shown = "[";
  size_t count = 0;
  for (const Value& item : value.items()) {
    if (count > 0) shown += ", ";
    if (count++ == kMostShownItems) return shown + "...]";
    shown += Shown(item, depth + 1);
  }
  return shown + "]";
}

std::string ShownMap(const Value& value, int depth) {
  if (depth >= kDeepestShown) return "{...}";
  std::string shown = "{";
  size_t count = 0;
  for (const MapEntry& entry : value.entries()) {
    if (count > 0) shown += ", ";
    if (count++ == kMostShownItems) return shown + "...}";
    shown += Shown(entry.key, depth + 1) + ": " + Shown(entry.value, depth + 1);
  }
  return shown + "}";
}

std::string ShownOptional(const Value& value, int depth) {
  if (value.held() == nullptr) return "optional.none()";
  if (depth >= kDeepestShown) return "optional.of(...)";
  return "optional.of(" + Shown(*value.held(), depth + 1) + ")";
}

std::string Shown(const Value& value, int depth) {
  switch (value.kind()) {
    case Value::Kind::kAbsent: return "absent";
    case Value::Kind::kFailure: return "error: " + value.failure().text;
    case Value::Kind::kNull: return "null";
    case Value::Kind::kBool: return value.bool_value() ? "true" : "false";
    case Value::Kind::kInt: return std::to_string(value.int_value());
    case Value::Kind::kUint: return std::to_string(value.uint_value()) + "u";
    case Value::Kind::kDouble: return DoubleText(value.double_value());
    case Value::Kind::kString: return ShownText(value.text(), "\"");
    case Value::Kind::kBytes: return ShownText(value.text(), "b\"");
    case Value::Kind::kTimestamp:
      return "timestamp(\"" + TimestampText(value) + "\")";
    case Value::Kind::kDuration:
      return "duration(\"" + DurationText(value.duration_nanos()) + "\")";
    case Value::Kind::kList: return ShownList(value, depth);
    case Value::Kind::kMap: return ShownMap(value, depth);
    case Value::Kind::kType: return value.type().ToString();
    case Value::Kind::kOptional: return ShownOptional(value, depth);
  }
  return "";
}

}  // namespace

void Value::Retain() const {
  Counted* const block =
      IsText() ? TextBlock(as_.text) : static_cast<Counted*>(as_.shared);
  block->count.fetch_add(1, std::memory_order_relaxed);
}

void Value::Release() {
  Counted* const block =
      IsText() ? TextBlock(as_.text) : static_cast<Counted*>(as_.shared);
  counted_ = false;
  if (block->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  switch (kind_) {
    case Kind::kString:
    case Kind::kBytes:
      block->~Counted();
      ::operator delete(block);
      return;
    case Kind::kList: delete static_cast<ListBlock*>(block); return;
    case Kind::kMap: delete static_cast<MapBlock*>(block); return;
    case Kind::kType: delete static_cast<TypeBlock*>(block); return;
    case Kind::kOptional: delete static_cast<OptionalBlock*>(block); return;
    case Kind::kFailure: delete static_cast<FailureBlock*>(block); return;
    default: return;
  }
}

Value Value::Text(Kind kind, std::string_view text, bool copy) {
  Value made(kind);
  made.extra_ = static_cast<uint32_t>(text.size());
  made.as_.text = text.data() == nullptr ? "" : text.data();
  if (!copy || text.empty()) return made;
  void* const memory = ::operator new(sizeof(Counted) + text.size());
  auto* const block = new (memory) Counted();
  char* const characters = reinterpret_cast<char*>(block) + sizeof(Counted);
  std::memcpy(characters, text.data(), text.size());
  made.as_.text = characters;
  made.counted_ = true;
  return made;
}

Value Value::String(std::string_view text) {
  return text.empty() ? Text(Kind::kString, "", false)
                      : Text(Kind::kString, text, true);
}

Value Value::Bytes(std::string_view bytes) {
  return bytes.empty() ? Text(Kind::kBytes, "", false)
                       : Text(Kind::kBytes, bytes, true);
}

Value Value::BorrowedString(std::string_view text) {
  return Text(Kind::kString, text, false);
}

Value Value::BorrowedBytes(std::string_view bytes) {
  return Text(Kind::kBytes, bytes, false);
}

Value Value::Timestamp(int64_t unix_seconds, uint32_t nanos) {
  Value made(Kind::kTimestamp);
  made.as_.integer = unix_seconds;
  made.extra_ = nanos;
  return made;
}

Value Value::Timestamp(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  const absl::Duration rest = time - absl::FromUnixSeconds(seconds);
  return Timestamp(seconds,
                   static_cast<uint32_t>(absl::ToInt64Nanoseconds(rest)));
}

Value Value::Duration(absl::Duration duration) {
  return DurationNanos(absl::ToInt64Nanoseconds(duration));
}

Value Value::List(std::vector<Value> items) {
  auto* const block = new ListBlock();
  block->items = std::move(items);
  Value made(Kind::kList);
  made.as_.shared = static_cast<Counted*>(block);
  made.counted_ = true;
  return made;
}

absl::StatusOr<Value> Value::Map(std::vector<MapEntry> entries) {
  for (const MapEntry& entry : entries) {
    if (!IsMapKey(entry.key)) {
      return absl::InvalidArgumentError("unsupported key type: " +
                                        entry.key.TypeOfValue().ToString());
    }
  }
  std::vector<uint32_t> order(entries.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return CompareKeys(entries[a].key, entries[b].key) < 0;
  });
  for (size_t i = 1; i < order.size(); ++i) {
    const Value& key = entries[order[i]].key;
    if (CompareKeys(entries[order[i - 1]].key, key) == 0) {
      return absl::InvalidArgumentError("repeated key: " + key.ToString());
    }
  }
  auto* const block = new MapBlock();
  block->entries = std::move(entries);
  block->order = std::move(order);
  Value made(Kind::kMap);
  made.as_.shared = static_cast<Counted*>(block);
  made.counted_ = true;
  return made;
}

Value Value::OfType(Type type) {
  auto* const block = new TypeBlock();
  block->type = std::move(type);
  Value made(Kind::kType);
  made.as_.shared = static_cast<Counted*>(block);
  made.counted_ = true;
  return made;
}

Value Value::Optional(Value held) {
  auto* const block = new OptionalBlock();
  block->held = std::move(held);
  Value made(Kind::kOptional);
  made.as_.shared = static_cast<Counted*>(block);
  made.counted_ = true;
  return made;
}

const Value* Value::held() const {
  if (kind_ != Kind::kOptional || !counted_) return nullptr;
  return &static_cast<const OptionalBlock*>(static_cast<Counted*>(as_.shared))
              ->held;
}

Value Value::Failure(absl::StatusCode code, std::string text) {
  auto* const block = new FailureBlock();
  block->parts.code = code;
  block->parts.text = std::move(text);
  Value made(Kind::kFailure);
  made.as_.shared = static_cast<Counted*>(block);
  made.counted_ = true;
  return made;
}

void Value::PlaceFailure(uint32_t offset) {
  if (!failed()) return;
  FailureParts& parts =
      static_cast<FailureBlock*>(static_cast<Counted*>(as_.shared))->parts;
  if (parts.offset == FailureParts::kNowhere) parts.offset = offset;
}

const FailureParts& Value::failure() const {
  return static_cast<const FailureBlock*>(static_cast<Counted*>(as_.shared))
      ->parts;
}

absl::Time Value::time() const {
  return absl::FromUnixSeconds(as_.integer) + absl::Nanoseconds(extra_);
}

absl::Duration Value::duration() const {
  return absl::Nanoseconds(as_.integer);
}

std::span<const Value> Value::items() const {
  if (kind_ != Kind::kList) return {};
  return static_cast<const ListBlock*>(static_cast<Counted*>(as_.shared))
      ->items;
}

std::span<const MapEntry> Value::entries() const {
  if (kind_ != Kind::kMap) return {};
  return static_cast<const MapBlock*>(static_cast<Counted*>(as_.shared))
      ->entries;
}

Type Value::type() const {
  if (kind_ != Kind::kType) return Type();
  return static_cast<const TypeBlock*>(static_cast<Counted*>(as_.shared))->type;
}

const Value* Value::Find(const Value& key) const {
  if (kind_ != Kind::kMap) return nullptr;
  const std::optional<Value> wanted = KeyLookedUp(key);
  if (!wanted.has_value()) return nullptr;
  const auto& map =
      *static_cast<const MapBlock*>(static_cast<Counted*>(as_.shared));
  const auto at =
      std::lower_bound(map.order.begin(), map.order.end(), *wanted,
                       [&](uint32_t index, const Value& probe) {
                         return CompareKeys(map.entries[index].key, probe) < 0;
                       });
  if (at == map.order.end()) return nullptr;
  const MapEntry& entry = map.entries[*at];
  return CompareKeys(entry.key, *wanted) == 0 ? &entry.value : nullptr;
}

Type Value::TypeOfValue() const {
  switch (kind_) {
    case Kind::kAbsent:
    case Kind::kFailure: return Type::Error();
    case Kind::kNull: return Type::Null();
    case Kind::kBool: return Type::Bool();
    case Kind::kInt: return Type::Int();
    case Kind::kUint: return Type::Uint();
    case Kind::kDouble: return Type::Double();
    case Kind::kString: return Type::String();
    case Kind::kBytes: return Type::Bytes();
    case Kind::kTimestamp: return Type::Timestamp();
    case Kind::kDuration: return Type::Duration();
    case Kind::kList: return Type::List(Type::Dyn());
    case Kind::kMap: return Type::Map(Type::Dyn(), Type::Dyn());
    case Kind::kType: return Type::TypeOf(Type::Dyn());
    case Kind::kOptional: return Type::Optional(Type::Dyn());
  }
  return Type::Error();
}

std::string Value::ToString() const { return Shown(*this, 0); }

}  // namespace loyalty::cel
