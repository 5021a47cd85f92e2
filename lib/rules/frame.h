// SPDX-License-Identifier: Apache-2.0
//
// Frame: what expressions read in one leg, in the slots they were compiled for.
#ifndef LOYALTY_LIB_RULES_FRAME_H_
#define LOYALTY_LIB_RULES_FRAME_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cel/cel.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::rules {

// Texts are borrowed: the program, the event and the standings must outlive the
// frame.
class Frame {
 public:
  // `event` is in canonical form and of `type`.
  Frame(const CompiledProgram& program, const EventType& type,
        const Event& event);

  // A standing that is not set is absent: reading it is an evaluation error.
  void SetActor(const model::EntityState& actor);
  void SetMember(const model::EntityState& member);
  void SetObject(const model::EntityState& object);

  absl::StatusOr<bool> Bool(const cel::Expression& expression) const;
  absl::StatusOr<int64_t> Int(const cel::Expression& expression) const;

  // "" where the expression gives an absent member or object.
  absl::StatusOr<std::string> Id(const cel::Expression& expression) const;

 private:
  void SetStanding(Slots::Whose whose, const model::EntityState& standing);

  const CompiledProgram* program_;
  std::vector<cel::Value> slots_;
};

// The members that attribute number `attribute` of the event names: none, one,
// or, of a list, several, each once.
std::vector<std::string> MembersNamed(const EventType& type, int attribute,
                                      const Event& event);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_FRAME_H_
