// SPDX-License-Identifier: Apache-2.0
//
// Events from JSON, as logs hold them, one object a line:
//
//   {"id":"like-17","type":"like","time":"2026-03-01T12:00:00Z",
//    "actor":"ada","target":"post-9","channel":null,
//    "attributes":{"owner":"grace"}}
#ifndef LOYALTY_JSON_H_
#define LOYALTY_JSON_H_

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>

#include "loyalty/event.h"

namespace loyalty {

// Reads events from JSON texts, one after another. Keeps its buffers, so that
// a log is read without allocating for each line.
//
// Not thread-safe; one reader a thread.
class JsonEventReader {
 public:
  JsonEventReader();
  ~JsonEventReader();
  JsonEventReader(JsonEventReader&&) noexcept;
  JsonEventReader& operator=(JsonEventReader&&) noexcept;

  // Reads one event.
  //
  // `time` is RFC 3339 with a zone; a fraction finer than a microsecond is cut.
  // A whole JSON number is an int64, one with a fraction or exponent a double.
  // null anywhere is the same as leaving the field out. Members other than
  // those above are an error, so that a misspelt one is noticed.
  //
  // ERRORS: kInvalidArgument  not JSON, not an event, a duplicate key, text
  //         that is not UTF-8 or holds NUL, a number outside its range, more
  //         than 1 MiB or 32 levels deep. The message names the field, and for
  //         malformed JSON the byte, from 0.
  absl::StatusOr<Event> Read(std::string_view json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The event as one line of JSON, in the form Read takes.
std::string ToJson(const Event& event);

}  // namespace loyalty

#endif  // LOYALTY_JSON_H_
