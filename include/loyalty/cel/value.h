// SPDX-License-Identifier: Apache-2.0
//
// Value: what an expression reads and returns. The host fills the slots of an
// evaluation with values and gets one back.
#ifndef LOYALTY_CEL_VALUE_H_
#define LOYALTY_CEL_VALUE_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loyalty/cel/type.h"

namespace loyalty::cel {

struct MapEntry;
struct FailureParts;

// One value of the language, 16 bytes.
//
// Scalars live inside. Strings and bytes are owned (shared, counted) or
// borrowed from the host; lists, maps and types are shared and counted. A copy
// is therefore cheap, and a borrowed text must outlive every copy of its value.
//
// Immutable once made: copies may be read and dropped by any thread.
class Value {
 public:
  enum class Kind : uint8_t {
    kAbsent,   // a slot without a value; not a value of the language
    kFailure,  // an evaluation error on its way up; never leaves Evaluate()
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kType,
    kOptional,
  };

  Value() noexcept : Value(Kind::kAbsent) {}
  Value(const Value& other) noexcept
      : kind_(other.kind_),
        counted_(other.counted_),
        extra_(other.extra_),
        as_(other.as_) {
    if (counted_) Retain();
  }
  Value(Value&& other) noexcept
      : kind_(other.kind_),
        counted_(other.counted_),
        extra_(other.extra_),
        as_(other.as_) {
    other.counted_ = false;
    other.kind_ = Kind::kAbsent;
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    return *this = std::move(copy);
  }
  Value& operator=(Value&& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(counted_, other.counted_);
    std::swap(extra_, other.extra_);
    std::swap(as_, other.as_);
    return *this;
  }
  ~Value() {
    if (counted_) Release();
  }

  static Value Absent() { return Value(); }
  static Value Null() { return Value(Kind::kNull); }
  static Value Bool(bool value) { return Integer(Kind::kBool, value ? 1 : 0); }
  static Value Int(int64_t value) { return Integer(Kind::kInt, value); }
  static Value Uint(uint64_t value) {
    Value made(Kind::kUint);
    made.as_.natural = value;
    return made;
  }
  static Value Double(double value) {
    Value made(Kind::kDouble);
    made.as_.real = value;
    return made;
  }

  // Text is UTF-8, checked by whoever takes it in. The first two copy it; the
  // borrowed ones keep the view.
  //
  // REQUIRES: shorter than 4 GiB.
  static Value String(std::string_view text);
  static Value Bytes(std::string_view bytes);
  static Value BorrowedString(std::string_view text);
  static Value BorrowedBytes(std::string_view bytes);

  // REQUIRES: within the years 1 to 9999.
  static Value Timestamp(absl::Time time);
  static Value Timestamp(int64_t unix_seconds, uint32_t nanos);

  // Held in nanoseconds, about 292 years each way; more saturates.
  static Value Duration(absl::Duration duration);
  static Value DurationNanos(int64_t nanos) {
    return Integer(Kind::kDuration, nanos);
  }

  static Value List(std::vector<Value> items);

  // ERRORS: kInvalidArgument  a key is not a bool, int, uint or string, or two
  //                           keys are equal (1 and 1u are).
  static absl::StatusOr<Value> Map(std::vector<MapEntry> entries);

  static Value OfType(Type type);

  // An optional that holds `held`, and one that holds nothing.
  static Value Optional(Value held);
  static Value None() { return Value(Kind::kOptional); }

  Kind kind() const { return kind_; }
  bool Is(Kind kind) const { return kind_ == kind; }

  // Each gives the value of its own kind. Asked of another kind they give
  // something harmless and meaningless.
  bool bool_value() const { return as_.integer != 0; }
  int64_t int_value() const { return as_.integer; }
  uint64_t uint_value() const { return as_.natural; }
  double double_value() const { return as_.real; }
  std::string_view text() const {  // of a string or bytes
    return IsText() ? std::string_view(as_.text, extra_) : std::string_view();
  }
  absl::Time time() const;
  int64_t unix_seconds() const { return as_.integer; }  // of a timestamp
  uint32_t nanos() const { return extra_; }             // of a timestamp
  absl::Duration duration() const;
  int64_t duration_nanos() const { return as_.integer; }
  std::span<const Value> items() const;       // of a list
  std::span<const MapEntry> entries() const;  // of a map, in order of insertion
  Type type() const;                          // of a type
  const Value* held() const;  // by an optional; null if it holds nothing

  // The value that a map holds for `key`, or null. Numbers match across
  // kinds, as in CEL.
  const Value* Find(const Value& key) const;

  // The value's own type, as type(v) says it: list and map without parts.
  Type TypeOfValue() const;

  // For people: CEL-like, long texts and lists cut short.
  std::string ToString() const;

  // Within this room: an evaluation error, its place, and what it says.
  static Value Failure(absl::StatusCode code, std::string text);
  bool failed() const { return kind_ == Kind::kFailure; }
  void PlaceFailure(uint32_t offset);  // keeps an earlier place
  const FailureParts& failure() const;

 private:
  union Payload {
    int64_t integer;
    uint64_t natural;
    double real;
    const char* text;
    void* shared;
  };

  explicit Value(Kind kind) noexcept : kind_(kind) { as_.integer = 0; }
  static Value Integer(Kind kind, int64_t integer) {
    Value made(kind);
    made.as_.integer = integer;
    return made;
  }
  static Value Text(Kind kind, std::string_view text, bool copy);

  bool IsText() const {
    return kind_ == Kind::kString || kind_ == Kind::kBytes;
  }
  void Retain() const;
  void Release();

  Kind kind_;
  bool counted_ = false;  // as_ is (or, for a text, follows) a counted block
  uint32_t extra_ = 0;    // bytes of a text, nanoseconds of a timestamp
  Payload as_;
};

static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

struct FailureParts {
  static constexpr uint32_t kNowhere = UINT32_MAX;

  absl::StatusCode code;
  std::string text;
  uint32_t offset = kNowhere;  // bytes into the source
};

}  // namespace loyalty::cel

#endif  // LOYALTY_CEL_VALUE_H_
