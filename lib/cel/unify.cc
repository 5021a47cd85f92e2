// SPDX-License-Identifier: Apache-2.0
//
// Unification in which dyn fits everywhere. An unknown that was bound to a
// type and then meets dyn becomes dyn, so that the order of arguments does not
// matter.
#include "cel/unify.h"

namespace loyalty::cel {
namespace {

bool IsUnknown(const Type& type) { return type.unknown() >= 0; }

// CEL lets null pass for an optional.
bool IsNullForOptional(const Type& a, const Type& b) {
  return a.Is(Type::Kind::kNull) && b.Is(Type::Kind::kOpaque);
}

bool FitsEverywhere(const Type& type) {
  return type.Is(Type::Kind::kDyn) || type.Is(Type::Kind::kError);
}

}  // namespace

Type WithParts(const Type& type, std::vector<Type> parts) {
  switch (type.kind()) {
    case Type::Kind::kList: return Type::List(std::move(parts[0]));
    case Type::Kind::kMap:
      return Type::Map(std::move(parts[0]), std::move(parts[1]));
    case Type::Kind::kType: return Type::TypeOf(std::move(parts[0]));
    case Type::Kind::kOpaque:
      return Type::Opaque(std::string(type.name()), std::move(parts));
    default: return type;
  }
}

Type Unifier::Fresh() {
  known_.emplace_back();
  return Type::Unknown(static_cast<int>(known_.size()) - 1);
}

const Type& Unifier::Known(const Type& type) const {
  const Type* at = &type;
  while (IsUnknown(*at) &&
         known_[static_cast<size_t>(at->unknown())].has_value()) {
    at = &*known_[static_cast<size_t>(at->unknown())];
  }
  return *at;
}

void Unifier::Bind(const Type& unknown, Type type) {
  const auto number = static_cast<size_t>(unknown.unknown());
  changes_.push_back({number, std::move(known_[number])});
  known_[number] = std::move(type);
}

bool Unifier::Occurs(const Type& unknown, const Type& in) const {
  const Type& known = Known(in);
  if (IsUnknown(known)) return known.unknown() == unknown.unknown();
  for (const Type& part : known.parts()) {
    if (Occurs(unknown, part)) return true;
  }
  return false;
}

bool Unifier::Assign(const Type& to, const Type& from) {
  changes_.clear();
  if (Unify(to, from)) return true;
  while (!changes_.empty()) {
    known_[changes_.back().unknown] = std::move(changes_.back().before);
    changes_.pop_back();
  }
  return false;
}

bool Unifier::Unify(const Type& to, const Type& from) {
  // Copies: binding below may move what a reference would point at.
  const Type a = Known(to);
  const Type b = Known(from);
  if (IsUnknown(a) && IsUnknown(b) && a.unknown() == b.unknown()) return true;
  if (IsUnknown(a) || IsUnknown(b)) {
    const Type& unknown = IsUnknown(a) ? a : b;
    const Type& other = IsUnknown(a) ? b : a;
    if (Occurs(unknown, other)) return false;
    Bind(unknown, other);
    return true;
  }
  if (b.Is(Type::Kind::kDyn) && IsUnknown(to)) {
    Bind(to, b);
    return true;
  }
  if (FitsEverywhere(a) || FitsEverywhere(b)) return true;
  if (IsNullForOptional(a, b) || IsNullForOptional(b, a)) return true;
  if (a.kind() != b.kind()) return false;
  // type(int) and type(string) compare, as CEL has it.
  if (a.Is(Type::Kind::kType)) return true;
  if (a.name() != b.name() || a.parts().size() != b.parts().size()) {
    return false;
  }
  for (size_t i = 0; i < a.parts().size(); ++i) {
    if (!Unify(a.parts()[i], b.parts()[i])) return false;
  }
  return true;
}

Type Unifier::MoreGeneral(const Type& a, const Type& b) const {
  const Type& left = Known(a);
  const Type& right = Known(b);
  if (FitsEverywhere(left)) return left;
  if (FitsEverywhere(right) || IsNullForOptional(left, right)) return right;
  if (left.kind() != right.kind() || left.parts().empty() ||
      left.parts().size() != right.parts().size()) {
    return left;
  }
  std::vector<Type> parts;
  for (size_t i = 0; i < left.parts().size(); ++i) {
    parts.push_back(MoreGeneral(left.parts()[i], right.parts()[i]));
  }
  return WithParts(left, std::move(parts));
}

Type Unifier::Join(const Type& a, const Type& b) {
  if (!Assign(a, b)) return Type::Dyn();
  return MoreGeneral(a, b);
}

Type Unifier::Resolved(const Type& type) const {
  const Type& known = Known(type);
  if (known.parts().empty()) return known;
  std::vector<Type> parts;
  for (const Type& part : known.parts()) parts.push_back(Resolved(part));
  return WithParts(known, std::move(parts));
}

Type Unifier::Final(const Type& type) const {
  const Type& known = Known(type);
  if (known.Is(Type::Kind::kParam)) return Type::Dyn();
  if (known.parts().empty()) return known;
  std::vector<Type> parts;
  for (const Type& part : known.parts()) parts.push_back(Final(part));
  return WithParts(known, std::move(parts));
}

Type Unifier::Instantiated(const Type& type, Parameters& made) {
  if (type.Is(Type::Kind::kParam) && !IsUnknown(type)) {
    for (const auto& [name, unknown] : made) {
      if (name == type.name()) return unknown;
    }
    made.emplace_back(std::string(type.name()), Fresh());
    return made.back().second;
  }
  if (type.parts().empty()) return type;
  std::vector<Type> parts;
  for (const Type& part : type.parts()) {
    parts.push_back(Instantiated(part, made));
  }
  return WithParts(type, std::move(parts));
}

}  // namespace loyalty::cel
