// SPDX-License-Identifier: Apache-2.0
//
// Places and findings in short, as the tests of program texts quote them.
#ifndef LOYALTY_TESTS_WIRE_SAYING_H_
#define LOYALTY_TESTS_WIRE_SAYING_H_

#include <string>
#include <vector>

#include "model/finding.h"
#include "model/spec.h"

namespace loyalty::wire {

inline std::string Where(model::Place at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}
inline std::string Where(const model::Text& text) { return Where(text.at); }

inline std::vector<std::string> Texts(const std::vector<model::Text>& texts) {
  std::vector<std::string> all;
  for (const model::Text& text : texts) all.push_back(text.text);
  return all;
}

// "LINE:COLUMN MESSAGE | ADVICE", a line for each finding.
inline std::string Said(const model::Findings& findings) {
  std::string said;
  for (const model::Finding& finding : findings) {
    if (!said.empty()) said += "\n";
    said += Where(finding.at) + " " + finding.message;
    if (!finding.advice.empty()) said += " | " + finding.advice;
  }
  return said;
}

}  // namespace loyalty::wire

#endif  // LOYALTY_TESTS_WIRE_SAYING_H_
