// SPDX-License-Identifier: Apache-2.0
//
// Values of CEL from JSON and back.
#ifndef LOYALTY_TOOLS_CEL_VALUES_H_
#define LOYALTY_TOOLS_CEL_VALUES_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "loyalty/cel/type.h"
#include "loyalty/cel/value.h"

namespace loyalty::command {

// The value that plain JSON means: whole numbers are ints (uints beyond them),
// objects are maps.
cel::Value FromPlainJson(const nlohmann::ordered_json& json);

// The value of {"type": T, "value": V}, the form of the conformance tests;
// nullopt if it is malformed, or of a type that CEL here does not have.
std::optional<cel::Value> FromTypedJson(const nlohmann::ordered_json& json);

// As much of the type of `value` as can be told from it: items of one type make
// a list of that, others a list of dyn.
cel::Type DeclaredTypeOf(const cel::Value& value);

// `value` as an expression that gives it, in full.
std::string ToSource(const cel::Value& value);

// `value` as plain JSON; what JSON lacks is a text.
nlohmann::ordered_json ToPlainJson(const cel::Value& value);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_CEL_VALUES_H_
