// SPDX-License-Identifier: Apache-2.0
//
// Inferring the unknowns among types: the item type of [], the 'A of a generic
// function.
#ifndef LOYALTY_LIB_CEL_UNIFY_H_
#define LOYALTY_LIB_CEL_UNIFY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/cel/type.h"

namespace loyalty::cel {

// What is known of the unknowns of one compilation.
//
// Not thread-safe.
class Unifier {
 public:
  // A new unknown.
  Type Fresh();

  // Whether a value of type `from` may be given where `to` is wanted, and what
  // that says of unknowns in either. If not, nothing is learned.
  bool Assign(const Type& to, const Type& from);

  // The one type of items of both types: their common one, or dyn.
  Type Join(const Type& a, const Type& b);

  // `type` as far as it is known.
  Type Resolved(const Type& type) const;

  // `type` with dyn for what is still unknown.
  Type Final(const Type& type) const;

  // `type` with each parameter 'T replaced by its entry in `made`, where new
  // unknowns are entered as needed.
  using Parameters = std::vector<std::pair<std::string, Type>>;
  Type Instantiated(const Type& type, Parameters& made);

 private:
  struct Change {
    size_t unknown;
    std::optional<Type> before;
  };

  const Type& Known(const Type& type) const;
  bool Unify(const Type& to, const Type& from);
  void Bind(const Type& unknown, Type type);
  bool Occurs(const Type& unknown, const Type& in) const;
  Type MoreGeneral(const Type& a, const Type& b) const;

  std::vector<std::optional<Type>> known_;  // by number of the unknown
  std::vector<Change> changes_;             // to take back a failed Assign
};

// `type` made over with other parts.
Type WithParts(const Type& type, std::vector<Type> parts);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_UNIFY_H_
