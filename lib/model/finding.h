// SPDX-License-Identifier: Apache-2.0
//
// Finding: one thing to say about a program's text, before it has a file name
// and an excerpt (which make it a public Diagnostic).
#ifndef LOYALTY_LIB_MODEL_FINDING_H_
#define LOYALTY_LIB_MODEL_FINDING_H_

#include <algorithm>
#include <string>
#include <vector>

#include "model/spec.h"

namespace loyalty::model {

struct Finding {
  bool error = true;  // else a warning
  Place at = {};
  std::string message = {};  // what is wrong
  std::string advice = {};   // what to do; may be empty
};

using Findings = std::vector<Finding>;

inline bool HasErrors(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.error; });
}

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_FINDING_H_
