// SPDX-License-Identifier: Apache-2.0
//
// Building, comparing, reading and writing types.
#include "loyalty/cel/type.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace loyalty::cel {

struct Type::Detail {
  std::string name;
  std::vector<Type> parts;
  int unknown = -1;
};

namespace {

constexpr std::string_view kOptionalName = "optional_type";

struct ScalarName {
  std::string_view name;
  Type::Kind kind;
};

// The first name of a kind is the one that is written.
constexpr std::array<ScalarName, 16> kScalarNames = {{
    {"dyn", Type::Kind::kDyn},
    {"any", Type::Kind::kDyn},
    {"null_type", Type::Kind::kNull},
    {"null", Type::Kind::kNull},
    {"bool", Type::Kind::kBool},
    {"int", Type::Kind::kInt},
    {"uint", Type::Kind::kUint},
    {"double", Type::Kind::kDouble},
    {"string", Type::Kind::kString},
    {"bytes", Type::Kind::kBytes},
    {"timestamp", Type::Kind::kTimestamp},
    {"google.protobuf.Timestamp", Type::Kind::kTimestamp},
    {"duration", Type::Kind::kDuration},
    {"google.protobuf.Duration", Type::Kind::kDuration},
    {"type", Type::Kind::kType},
    {"*error*", Type::Kind::kError},
}};

// A type nested deeper than this is refused rather than recursed into.
constexpr int kMaxTypeNesting = 32;

// Reads one type from the front of a text.
class TypeReader {
 public:
  explicit TypeReader(std::string_view text) : text_(text) {}

  std::optional<Type> ReadAll() {
    std::optional<Type> type = Read(0);
    SkipBlanks();
    if (!type.has_value() || !text_.empty()) return std::nullopt;
    return type;
  }

 private:
  void SkipBlanks() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }

  bool Take(char c) {
    SkipBlanks();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view TakeName() {
    SkipBlanks();
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
             c == '.';
    };
    size_t size = 0;
    while (size < text_.size() && is_part(text_[size])) ++size;
    const std::string_view name = text_.substr(0, size);
    text_.remove_prefix(size);
    return name;
  }

  std::optional<std::vector<Type>> ReadParts(int depth) {
    std::vector<Type> parts;
    if (!Take('(')) return parts;
    do {
      std::optional<Type> part = Read(depth + 1);
      if (!part.has_value()) return std::nullopt;
      parts.push_back(*std::move(part));
    } while (Take(','));
    if (!Take(')')) return std::nullopt;
    return parts;
  }

  std::optional<Type> Read(int depth) {
    if (depth > kMaxTypeNesting) return std::nullopt;
    const bool is_param = Take('\'');
    const std::string_view name = TakeName();
    if (name.empty()) return std::nullopt;
    if (is_param) return Type::Param(std::string(name));
    std::optional<std::vector<Type>> parts = ReadParts(depth);
    if (!parts.has_value()) return std::nullopt;
    return Named(name, *std::move(parts));
  }

  static std::optional<Type> Named(std::string_view name,
                                   std::vector<Type> parts) {
    if (name == "list") {
      if (parts.size() > 1) return std::nullopt;
      return Type::List(parts.empty() ? Type::Dyn() : parts[0]);
    }
    if (name == "map") {
      if (parts.empty()) return Type::Map(Type::Dyn(), Type::Dyn());
      if (parts.size() != 2) return std::nullopt;
      return Type::Map(parts[0], parts[1]);
    }
    if (name == "type") {
      return Type::TypeOf(parts.empty() ? Type::Dyn() : parts[0]);
    }
    for (const ScalarName& scalar : kScalarNames) {
      if (scalar.name != name) continue;
      if (!parts.empty()) return std::nullopt;
      return Scalar(scalar.kind);
    }
    return Type::Opaque(std::string(name), std::move(parts));
  }

  static Type Scalar(Type::Kind kind) {
    switch (kind) {
      case Type::Kind::kNull: return Type::Null();
      case Type::Kind::kBool: return Type::Bool();
      case Type::Kind::kInt: return Type::Int();
      case Type::Kind::kUint: return Type::Uint();
      case Type::Kind::kDouble: return Type::Double();
      case Type::Kind::kString: return Type::String();
      case Type::Kind::kBytes: return Type::Bytes();
      case Type::Kind::kTimestamp: return Type::Timestamp();
      case Type::Kind::kDuration: return Type::Duration();
      case Type::Kind::kError: return Type::Error();
      default: return Type::Dyn();
    }
  }

  std::string_view text_;
};

std::string_view NameOfKind(Type::Kind kind) {
  if (kind == Type::Kind::kList) return "list";
  if (kind == Type::Kind::kMap) return "map";
  for (const ScalarName& scalar : kScalarNames) {
    if (scalar.kind == kind) return scalar.name;
  }
  return "dyn";
}

}  // namespace

Type::Type(Kind kind, std::string name, std::vector<Type> parts, int unknown)
    : kind_(kind) {
  auto detail = std::make_shared<Detail>();
  detail->name = std::move(name);
  detail->parts = std::move(parts);
  detail->unknown = unknown;
  detail_ = std::move(detail);
}

Type Type::List(Type item) {
  return Type(Kind::kList, "", {std::move(item)}, -1);
}

Type Type::Map(Type key, Type value) {
  return Type(Kind::kMap, "", {std::move(key), std::move(value)}, -1);
}

Type Type::TypeOf(Type denoted) {
  return Type(Kind::kType, "", {std::move(denoted)}, -1);
}

Type Type::Opaque(std::string name, std::vector<Type> parts) {
  return Type(Kind::kOpaque, std::move(name), std::move(parts), -1);
}

Type Type::Optional(Type held) {
  return Opaque(std::string(kOptionalName), {std::move(held)});
}

Type Type::Param(std::string name) {
  return Type(Kind::kParam, std::move(name), {}, -1);
}

Type Type::Unknown(int number) { return Type(Kind::kParam, "", {}, number); }

std::optional<Type> Type::Parse(std::string_view text) {
  return TypeReader(text).ReadAll();
}

const std::vector<Type>& Type::parts() const {
  static const auto* const kNone = new std::vector<Type>();
  return detail_ == nullptr ? *kNone : detail_->parts;
}

std::string_view Type::name() const {
  return detail_ == nullptr ? std::string_view() : detail_->name;
}

bool Type::IsOptional() const {
  return kind_ == Kind::kOpaque && name() == kOptionalName;
}

int Type::unknown() const { return detail_ == nullptr ? -1 : detail_->unknown; }

bool Type::Mentions(Kind kind) const {
  return kind_ == kind ||
         std::any_of(parts().begin(), parts().end(),
                     [kind](const Type& part) { return part.Mentions(kind); });
}

std::string Type::ToString() const {
  std::string text;
  switch (kind_) {
    case Kind::kParam: return unknown() >= 0 ? "_" : "'" + std::string(name());
    case Kind::kOpaque: text = std::string(name()); break;
    case Kind::kType: text = "type"; break;
    default: text = std::string(NameOfKind(kind_));
  }
  if (parts().empty()) return text;
  const char* separator = "(";
  for (const Type& part : parts()) {
    text += separator;
    text += part.ToString();
    separator = ", ";
  }
  return text + ")";
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind_ != b.kind_) return false;
  if (a.detail_ == b.detail_) return true;
  return a.unknown() == b.unknown() && a.name() == b.name() &&
         a.parts() == b.parts();
}

}  // namespace loyalty::cel
