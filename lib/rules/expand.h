// SPDX-License-Identifier: Apache-2.0
//
// What streaks and quests are made of, so that the rest of this room, and those
// above it, know metrics and badges and little else: a streak is a metric, and
// what it reaches are badges that count; a quest's steps are metrics, and that
// it is done is a badge.
#ifndef LOYALTY_LIB_RULES_EXPAND_H_
#define LOYALTY_LIB_RULES_EXPAND_H_

#include <string>

#include "model/spec.h"

namespace loyalty::rules {

// The program with those metrics and badges, behind what it has itself: for
// each streak two metrics, its length and the longest, and for each thing that
// it reaches a metric and a badge; then, for each quest, a badge and a metric
// for each step that counts events; then, for each kind of event that something
// recalls, a metric of the objects that it was about.
model::ProgramSpec Expanded(const model::ProgramSpec& spec);
// Whether that is more than the program itself.
bool HasMore(const model::ProgramSpec& spec);

// What the metric of a recall is called.
std::string SaidBy(const model::RecallSpec& recall);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_EXPAND_H_
