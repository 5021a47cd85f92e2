// SPDX-License-Identifier: Apache-2.0
//
// Type: the static type of an expression, an attribute or a parameter. Written
// and read in CEL's own notation: int, list(string), map(string, dyn).
#ifndef LOYALTY_CEL_TYPE_H_
#define LOYALTY_CEL_TYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::cel {

// One type. A scalar is two words and costs nothing to copy; a list, map or
// other composite shares its parts.
//
// Immutable, and safe to share between threads.
class Type {
 public:
  enum class Kind : uint8_t {
    kError,  // of a part that was already reported; fits everywhere
    kDyn,    // known only when evaluated
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,    // parts: item
    kMap,     // parts: key, value
    kType,    // parts: the type it denotes
    kOpaque,  // a host's type: a name and parts
    kParam,   // a type parameter, 'T
  };

  Type() = default;  // dyn

  static Type Error() { return Type(Kind::kError); }
  static Type Dyn() { return Type(Kind::kDyn); }
  static Type Null() { return Type(Kind::kNull); }
  static Type Bool() { return Type(Kind::kBool); }
  static Type Int() { return Type(Kind::kInt); }
  static Type Uint() { return Type(Kind::kUint); }
  static Type Double() { return Type(Kind::kDouble); }
  static Type String() { return Type(Kind::kString); }
  static Type Bytes() { return Type(Kind::kBytes); }
  static Type Timestamp() { return Type(Kind::kTimestamp); }
  static Type Duration() { return Type(Kind::kDuration); }
  static Type List(Type item);
  static Type Map(Type key, Type value);
  static Type TypeOf(Type denoted);
  static Type Opaque(std::string name, std::vector<Type> parts);
  static Type Optional(Type held);  // optional_type(T), an opaque type
  static Type Param(std::string name);

  // The `number`th unknown of one compilation. Used by the checker only.
  static Type Unknown(int number);

  // Reads the notation above; nullopt if `text` is not a type. `any` is dyn,
  // 'T a parameter, and a name that is not CEL's an opaque type.
  static std::optional<Type> Parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool Is(Kind kind) const { return kind_ == kind; }
  bool IsOptional() const;
  const std::vector<Type>& parts() const;
  std::string_view name() const;  // of an opaque type or a parameter
  int unknown() const;            // number of an unknown, or -1

  // Whether the type is, or has among its parts, a `kind`.
  bool Mentions(Kind kind) const;

  std::string ToString() const;

  friend bool operator==(const Type& a, const Type& b);

 private:
  struct Detail;
  explicit Type(Kind kind) : kind_(kind) {}
  Type(Kind kind, std::string name, std::vector<Type> parts, int unknown);

  Kind kind_ = Kind::kDyn;
  std::shared_ptr<const Detail> detail_;  // null for scalars
};

}  // namespace loyalty::cel

#endif  // LOYALTY_CEL_TYPE_H_
