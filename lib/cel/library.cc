// SPDX-License-Identifier: Apache-2.0
//
// Gathers the rows of the library_*.cc files into one table by name, once.
#include "cel/library.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

namespace loyalty::cel {
namespace {

Overload OverloadOfRow(const LibraryRow& row) {
  Overload overload;
  overload.name = std::string(row.name);
  // The parser of types reads a list of them as the parts of one.
  const std::string tuple = "tuple(" + std::string(row.parameters) + ")";
  const Type parameters = Type::Parse(tuple).value_or(Type());
  overload.parameters = parameters.parts();
  overload.result = Type::Parse(row.result).value_or(Type());
  overload.is_method = row.form == LibraryRow::kMethod;
  overload.checks_itself = row.form == LibraryRow::kSelfChecking;
  overload.is_generic = parameters.Mentions(Type::Kind::kParam) ||
                        overload.result.Mentions(Type::Kind::kParam);
  overload.implementation = row.implementation;
  return overload;
}

using OverloadsByName =
    std::map<std::string, std::vector<Overload>, std::less<>>;

void AddRows(std::span<const LibraryRow> rows, OverloadsByName& table) {
  for (const LibraryRow& row : rows) {
    table[std::string(row.name)].push_back(OverloadOfRow(row));
  }
}

// CEL's own functions.
const OverloadsByName& CoreTable() {
  static const auto* const kTable = [] {
    auto* const table = new OverloadsByName();
    for (const auto rows :
         {NumberRows(), CompareRows(), TextRows(), TimeRows(), ConvertRows()}) {
      AddRows(rows, *table);
    }
    return table;
  }();
  return *kTable;
}

// The functions of one extension. No two tables share a name.
const OverloadsByName& ExtensionTable(Extension extension) {
  static const auto* const kTables = [] {
    auto* const tables = new std::vector<OverloadsByName>(kExtensionCount);
    AddRows(StringsRows(),
            tables->at(static_cast<size_t>(Extension::kStrings)));
    AddRows(FormatRows(), tables->at(static_cast<size_t>(Extension::kStrings)));
    AddRows(MathRows(), tables->at(static_cast<size_t>(Extension::kMath)));
    AddRows(EncodersRows(),
            tables->at(static_cast<size_t>(Extension::kEncoders)));
    AddRows(OptionalsRows(),
            tables->at(static_cast<size_t>(Extension::kOptionals)));
    return tables;
  }();
  return kTables->at(static_cast<size_t>(extension));
}

constexpr Extension kExtensions[] = {
    Extension::kStrings, Extension::kMath, Extension::kEncoders,
    Extension::kOptionals, Extension::kTwoVariables};
static_assert(std::size(kExtensions) == kExtensionCount);

}  // namespace

std::span<const Overload> LibraryOverloads(std::string_view name,
                                           ExtensionSet extensions) {
  const auto found = CoreTable().find(name);
  if (found != CoreTable().end()) return found->second;
  for (const Extension extension : kExtensions) {
    if ((extensions & BitOf(extension)) == 0) continue;
    const OverloadsByName& table = ExtensionTable(extension);
    const auto extended = table.find(name);
    if (extended != table.end()) return extended->second;
  }
  return {};
}

std::vector<std::string_view> LibraryFunctionNames(ExtensionSet extensions) {
  std::vector<std::string_view> names;
  for (const auto& [name, overloads] : CoreTable()) {
    const bool is_word =
        std::isalpha(static_cast<unsigned char>(name.front())) != 0;
    if (is_word) names.push_back(name);
  }
  for (const Extension extension : kExtensions) {
    if ((extensions & BitOf(extension)) == 0) continue;
    for (const auto& [name, overloads] : ExtensionTable(extension)) {
      if (name.front() != '_') names.push_back(name);
    }
  }
  return names;
}

bool KindFits(Value::Kind kind, const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kError:
    case Type::Kind::kDyn:
    case Type::Kind::kParam: return true;
    case Type::Kind::kOpaque:
      return !type.IsOptional() || kind == Value::Kind::kOptional;
    case Type::Kind::kNull: return kind == Value::Kind::kNull;
    case Type::Kind::kBool: return kind == Value::Kind::kBool;
    case Type::Kind::kInt: return kind == Value::Kind::kInt;
    case Type::Kind::kUint: return kind == Value::Kind::kUint;
    case Type::Kind::kDouble: return kind == Value::Kind::kDouble;
    case Type::Kind::kString: return kind == Value::Kind::kString;
    case Type::Kind::kBytes: return kind == Value::Kind::kBytes;
    case Type::Kind::kTimestamp: return kind == Value::Kind::kTimestamp;
    case Type::Kind::kDuration: return kind == Value::Kind::kDuration;
    case Type::Kind::kList: return kind == Value::Kind::kList;
    case Type::Kind::kMap: return kind == Value::Kind::kMap;
    case Type::Kind::kType: return kind == Value::Kind::kType;
  }
  return false;
}

Value NoMatchingOverload(std::string_view function,
                         std::span<const Value> arguments) {
  std::string text =
      "no matching overload for '" + std::string(function) + "' applied to '(";
  const char* separator = "";
  for (const Value& argument : arguments) {
    text += separator + argument.TypeOfValue().ToString();
    separator = ", ";
  }
  return Value::Failure(absl::StatusCode::kInvalidArgument, text + ")'");
}

Value StepsUsedUp() {
  return Value::Failure(absl::StatusCode::kResourceExhausted,
                        "the evaluation takes too many steps");
}

}  // namespace loyalty::cel
