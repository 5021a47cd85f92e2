// SPDX-License-Identifier: Apache-2.0
//
// From the text of a program to its ProgramSpec: syntax only. Whether what it
// says makes sense is rules/compile.h's question.
#ifndef LOYALTY_LIB_WIRE_PROGRAM_READER_H_
#define LOYALTY_LIB_WIRE_PROGRAM_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "model/spec.h"

namespace loyalty::wire {

enum class Format { kTextProto, kJson };

struct ProgramText {
  model::ProgramSpec spec;  // what could be read, where there are errors
  model::Findings findings;
  // Where the messages are of which a value could not be read: that it is
  // missing there has been said.
  std::vector<model::Place> unread;
  // Whether the text was read to its end: then what is missing from `spec` is
  // missing from the text, or has a finding.
  bool is_whole = false;
  // The program as one byte string that does not depend on how it was laid
  // out; empty where there are errors. ReadCanonical reads it back.
  std::string canonical;
};

// Never fails as a whole: what is wrong is in `findings`, with its place. At
// most 16 MiB of text is read; more is an error.
ProgramText ReadProgram(std::string_view text, Format format);

// Reads what ReadProgram wrote as `canonical`. The places are all 0.
ProgramText ReadCanonical(std::string_view canonical);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_PROGRAM_READER_H_
