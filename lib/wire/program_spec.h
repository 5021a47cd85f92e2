// SPDX-License-Identifier: Apache-2.0
//
// From the protobuf message of a program to its ProgramSpec.
#ifndef LOYALTY_LIB_WIRE_PROGRAM_SPEC_H_
#define LOYALTY_LIB_WIRE_PROGRAM_SPEC_H_

#include "loyalty/v1/program.pb.h"
#include "model/spec.h"
#include "wire/bind.h"

namespace loyalty::wire {

// What was not written gets the place of the message it is missing from, so
// that a diagnostic has something to point at. Without `places`, all are 0.
model::ProgramSpec SpecOf(const v1::Program& program, const Places& places);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_PROGRAM_SPEC_H_
