// SPDX-License-Identifier: Apache-2.0
//
// Program: one loyalty scheme, read from text. Currencies, ladders, metrics,
// event types and rules; immutable once read.
//
//   auto program = loyalty::Program::FromFile("community.textproto");
//   if (!program.ok()) std::cerr << program.status().message();
//
// The language is described in proto/loyalty/v1/program.proto.
#ifndef LOYALTY_PROGRAM_H_
#define LOYALTY_PROGRAM_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/event.h"

namespace loyalty {

namespace rules {
struct CompiledProgram;
}

// One finding about a program's text.
struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file = {};
  int line = 0;              // from 1; 0 if the finding has no place
  int column = 0;            // from 1, in code points
  std::string message = {};  // what is wrong
  std::string advice =
      {};               // what to do about it, with did-you-mean; may be empty
  std::string excerpt;  // the source line and a caret under it; may be empty

  // "FILE:LINE:COLUMN: error: MESSAGE", advice and excerpt on lines of their
  // own.
  std::string ToString() const;
};

// Values for a program's named parameters, as written: {"points", "5"}.
using Parameters = std::map<std::string, std::string, std::less<>>;

// An attribute as an event type declares it.
struct DeclaredAttribute {
  enum class Type {
    kInt,
    kDouble,
    kString,
    kBool,
    kTime,
    kDuration,
    kMember,
    kObject,
    kMap
  };
  std::string name = {};
  Type type = Type::kString;
  bool list = false;  // a list of `type`
};

// An immutable program. Cheap to copy. Thread-safe.
class Program {
 public:
  struct Options {
    Parameters parameters = {};  // override the defaults the program declares

    // An expression that could take more steps than this for one event is an
    // error. A step is about one operation of the expression, or 64 bytes of
    // text looked at. What an expression can take is reckoned from the largest
    // event there may be: texts of 4096 bytes, lists of 1000 items. None ever
    // takes more. The default admits one loop within another over such lists.
    int64_t max_expression_cost = 10'000'000;
  };

  struct Reading;

  // Reads a file: text protobuf, or JSON where its name ends in ".json".
  //
  // ERRORS: kNotFound, kUnavailable   the file cannot be read.
  //         kInvalidArgument          it is no program; the message holds every
  //                                   error, a line each.
  static absl::StatusOr<Program> FromFile(const std::string& path,
                                          const Options& options);
  static absl::StatusOr<Program> FromFile(const std::string& path);

  // Reads `text`; `name` stands for the file in diagnostics and decides about
  // JSON as above.
  static absl::StatusOr<Program> FromText(std::string_view text,
                                          const std::string& name,
                                          const Options& options);
  static absl::StatusOr<Program> FromText(std::string_view text,
                                          const std::string& name);

  // As FromText, with all diagnostics, warnings included.
  static Reading Read(std::string_view text, const std::string& name,
                      const Options& options);

  const std::string& name() const;
  const std::string& version() const;

  // A hash of the program in canonical form with its parameters, in lower-case
  // hexadecimal: programs with the same identity decide alike.
  const std::string& identity() const;

  // Ids in the program's order.
  std::vector<std::string> currencies() const;
  std::vector<std::string> ladders() const;
  // Those that it declares: besides, each currency has one of its name.
  std::vector<std::string> leaderboards() const;

  // Whose days, weeks and months its calendar periods are.
  absl::TimeZone time_zone() const;

  // The event types it declares, in its order, and the attributes of one, empty
  // for a type that it does not declare.
  std::vector<std::string> event_types() const;
  std::vector<DeclaredAttribute> attributes(std::string_view event_type) const;

  // Whether events may be of this type: one that it declares, or a reserved one
  // that this version of the library knows.
  bool Takes(std::string_view type) const;

  // What events may be, and which of their attributes rules can read.
  bool HasEventType(std::string_view type) const;
  bool Declares(std::string_view event_type, std::string_view attribute) const;

  // Whether Engine::Process would take `event` for well formed.
  //
  // ERRORS: kInvalidArgument, with the message that Process would give.
  absl::Status Check(const Event& event) const;

  // For the rooms of this library.
  const std::shared_ptr<const rules::CompiledProgram>& compiled() const {
    return compiled_;
  }
  explicit Program(std::shared_ptr<const rules::CompiledProgram> compiled)
      : compiled_(std::move(compiled)) {}

 private:
  std::shared_ptr<const rules::CompiledProgram> compiled_;
};

// What reading came to: a program unless there is an error, and everything
// there is to say about the text either way.
struct Program::Reading {
  std::shared_ptr<const rules::CompiledProgram> compiled = {};  // null on error
  std::vector<Diagnostic> diagnostics = {};                     // in file order
};

}  // namespace loyalty

#endif  // LOYALTY_PROGRAM_H_
