// SPDX-License-Identifier: Apache-2.0
//
// The lines that send something: event ID TYPE ACTOR TIME, and VERB ID MEMBER
// TIME, with what they name behind it.
#ifndef LOYALTY_TOOLS_SCENARIO_EVENTS_H_
#define LOYALTY_TOOLS_SCENARIO_EVENTS_H_

#include <span>
#include <string>

#include "loyalty/program.h"
#include "scenario.h"
#include "scenario_reader.h"

namespace loyalty::command {

class EventBinder {
 public:
  EventBinder(const Program& program, Findings& findings)
      : program_(program), findings_(findings) {}

  // Fills `event`. One that is meant to be malformed is sent as it is written:
  // its type may be unknown, and values are what they look like.
  //
  // False if the line makes no sense, which is found.
  bool Bind(const Line& line, bool as_written, Event& event);

 private:
  bool BindNamed(const Line& line, const Word& word, bool as_written,
                 Event& event);
  bool BindAttribute(const Line& line, const Word& word, bool as_written,
                     Event& event);
  bool CheckType(const Line& line, const Word& word, bool is_verb,
                 const Event& event);
  bool Fault(const Line& line, int column, std::string what,
             std::string advice);

  const Program& program_;
  Findings& findings_;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_EVENTS_H_
