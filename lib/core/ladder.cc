// SPDX-License-Identifier: Apache-2.0
//
// Ladders: levels follow what was earned, up and down.
//
// What was earned is what rules gave and took, less what was reversed; units
// that are spent stay earned, so spending demotes nobody.
#include "core/leg.h"
#include "core/merge.h"

namespace loyalty::core {

void StepLevels(Leg& leg) {
  if (!leg.IsMember()) return;
  if (!leg.HasMoved()) return;
  // Who is another member now has no level to lose.
  if (HasLeft(leg)) return;
  for (const rules::Ladder& ladder : leg.program.ladders) {
    const model::Symbol currency =
        leg.program.currencies[ladder.currency].symbol;
    const int64_t before = leg.before().Held(currency).earned;
    const int64_t now = leg.now.Held(currency).earned;
    if (before == now) continue;
    int level = ladder.LevelOf(before);
    const int reached = ladder.LevelOf(now);
    // A jump over several levels is told step by step.
    while (level != reached) {
      const int next = level < reached ? level + 1 : level - 1;
      leg.Report(LevelChanged{.member = leg.now.entity.id,
                              .ladder = ladder.id,
                              .from = ladder.levels[level].id,
                              .to = ladder.levels[next].id,
                              .up = next > level});
      level = next;
    }
  }
}

}  // namespace loyalty::core
