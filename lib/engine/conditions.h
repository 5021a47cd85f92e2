// SPDX-License-Identifier: Apache-2.0
//
// Why conditions were false: which of their parts, and what these read.
#ifndef LOYALTY_LIB_ENGINE_CONDITIONS_H_
#define LOYALTY_LIB_ENGINE_CONDITIONS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loyalty/event.h"
#include "model/spec.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// The conditions of an event type's rules, taken apart, to be asked again.
//
// Thread-compatible.
class Conditions {
 public:
  // COST: compiles the program's declarations, and the parts.
  Conditions(const model::ProgramSpec& program, const std::string& type);

  // By rule, of those in `rules`, what each part of its condition came to where
  // that is not "true", one phrase each: "event.words >= 300 is false:
  // event.words is 120". Parts that read more than the event cannot be asked
  // again, as members do not stand where they stood: they are said as written,
  // if no other part was false.
  //
  // `event` is in canonical form, of that type.
  std::map<std::string, std::vector<std::string>> WhyFalse(
      const std::set<std::string>& rules, const Event& event) const;

 private:
  struct Part {
    std::string rule = {};
    std::string text = {};
  };
  static std::vector<Part> PartsOf(const model::ProgramSpec& program,
                                   const std::string& type);
  static model::ProgramSpec AskingParts(const model::ProgramSpec& program,
                                        const std::vector<Part>& parts,
                                        const std::string& type);

  std::vector<Part> parts_;
  std::shared_ptr<const rules::CompiledProgram> asking_;
  const rules::EventType* type_;  // of `asking_`; null: nothing can be asked
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_CONDITIONS_H_
