// SPDX-License-Identifier: Apache-2.0
//
// Metrics of two members who turn out to be one.
#ifndef LOYALTY_LIB_CORE_MERGE_METRICS_H_
#define LOYALTY_LIB_CORE_MERGE_METRICS_H_

#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// What the counters of metrics come to at a member who has counted all that
// `mine` and `theirs`, each with all counters, have: those that differ from
// `mine`. What is counted or added up is added, and so is how often each value
// or day came; how many there are follows from that, as some are both's; the
// largest is the larger one. Windows of streaks are told apart as days are, and
// are frozen if either's were. Quests are joined if either had, from when the
// first of them did, with what both counted for it; for steps that are a value,
// see JoinPursuits (core/leg.h), as that depends on what the value is now. A
// sum that leaves the range of 64 bits stays `mine`.
//
// Keys are as they are: where a metric is kept apart by members, or tells them
// apart, those that name the member who is no more are the caller's to rename.
model::Counters MergedMetrics(const rules::CompiledProgram& program,
                              const model::Counters& mine,
                              const model::Counters& theirs);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_MERGE_METRICS_H_
