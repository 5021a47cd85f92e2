// SPDX-License-Identifier: Apache-2.0
//
// What the command says: data on standard output, all else on standard error.
// Texts that others wrote are made harmless before a terminal sees them.
#ifndef LOYALTY_TOOLS_OUTPUT_H_
#define LOYALTY_TOOLS_OUTPUT_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "loyalty/outcome.h"
#include "loyalty/program.h"
#include "loyalty/queries.h"

namespace loyalty::command {

using Json = nlohmann::ordered_json;

// To standard output. Failures to write show in Finished.
void Print(std::string_view text);

// `value` as one line.
void PrintJson(const Json& value);

// Flushes standard output. Returns `exit`, or kCouldNot with a message if
// something could not be written.
Exit Finished(Exit exit);

// "loyalty: TEXT" on standard error, after clearing a progress bar.
void Complain(std::string_view text);

// Complains and returns `exit`.
Exit Failed(const absl::Status& status, Exit exit);

// For what a query answered: kNo for an id that is not there, kUsage for a
// currency that is not, kCouldNot for the rest.
Exit QueryFailed(const absl::Status& status);

// For a database that cannot be opened: names it where the message does not.
Exit DbFailed(const std::string& db, const absl::Status& status);

// For a program that could not be read: its diagnostics stand for themselves.
Exit ProgramFailed(const absl::Status& status);

// `text` with control characters as \xNN, so that no id can move the cursor,
// and at most 200 bytes of it.
std::string Printable(std::string_view text);

// The same, all of it.
std::string PrintableLine(std::string_view text);

// The same for a text of several lines, which stay lines.
std::string PrintableLines(std::string_view text);

// 1234567 as "1,234,567"; with a sign, "+5" and "-2".
std::string Grouped(int64_t number);
std::string Signed(int64_t number);

// "1 event", "1,200 events".
std::string Counted(int64_t number, std::string_view singular,
                    std::string_view plural);

// RFC 3339 in UTC, to the microsecond where it has any; and for people.
std::string Rfc3339(absl::Time time);
std::string ShortTime(absl::Time time);

// Columns as wide as their widest cell, two blanks between them.
class Table {
 public:
  enum class Align { kLeft, kRight };

  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}

  void Add(std::vector<std::string> cells) {
    rows_.push_back(std::move(cells));
  }
  bool empty() const { return rows_.empty(); }

  // Prints each row after `indent` blanks, with no blanks at its end.
  void Print(int indent) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// One outcome as JSON, as `feed` prints it.
Json ToJson(const Outcome& outcome);

// "SEQ:CHAIN".
std::string HeadText(const JournalHead& head);

// Parameters of "name=value" texts.
//
// ERRORS: kInvalidArgument, naming the text, if it has no '=' or no name, or a
//         name comes twice.
absl::StatusOr<Parameters> ParametersOf(const std::vector<std::string>& texts);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_OUTPUT_H_
