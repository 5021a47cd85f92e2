// SPDX-License-Identifier: Apache-2.0
//
// What an Environment holds, and how names are looked up in it.
#ifndef LOYALTY_LIB_CEL_ENVIRONMENT_H_
#define LOYALTY_LIB_CEL_ENVIRONMENT_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/library.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {

struct Declarations {
  std::map<std::string, Variable, std::less<>> variables;
  // Shared, so that copies of an environment keep the same overloads.
  std::map<std::string, std::vector<std::shared_ptr<const Overload>>,
           std::less<>>
      functions;
  ExtensionSet extensions = 0;
  // "a.b." and "a." and "" for the container a.b: tried in this order.
  std::vector<std::string> prefixes = {""};
};

// A variable or the name of a type: exactly one is set.
struct NameMeaning {
  const Variable* variable = nullptr;
  std::optional<Type> denoted;
};

// What the dotted `name` means; a rooted one ignores the container. nullopt if
// nothing.
std::optional<NameMeaning> LookUpName(const Declarations& declarations,
                                      std::string_view name, bool is_rooted);

// All forms of the function by that name: the host's in the container first,
// then the library's. Empty if there are none.
std::vector<const Overload*> LookUpFunction(const Declarations& declarations,
                                            std::string_view name,
                                            bool is_rooted);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_ENVIRONMENT_H_
