// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards: what counts for a member in which season. Metrics of what is
// earned count in the same way, in calendar periods.
#ifndef LOYALTY_LIB_CORE_BOARDS_H_
#define LOYALTY_LIB_CORE_BOARDS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/message.h"
#include "ledger/recompute.h"
#include "model/entity.h"
#include "model/journal.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// 1 while a member is on no leaderboard.
model::CounterKey HiddenCounter();
// 1 at the program once that season has ended, and its prizes were given.
model::CounterKey EndedCounter(const rules::Leaderboard& board, int64_t season);

// Whether some leaderboard, or metric, counts what is earned of the currency.
bool IsRankedBySeason(const rules::CompiledProgram& program,
                      std::string_view currency);

// Adds the counters of a member in which units earned at `time` count. The leg
// has to have loaded them.
void ListBoards(const rules::CompiledProgram& program, absl::Time time,
                std::vector<model::CounterKey>& counters);

// Of a league: which cohort of the season the member is in, as seconds from the
// season's start to its window; 0: none yet. At the program, in a window so
// much later than the season as the division's place, how many have joined. Of
// one that keeps groups apart, likewise the member's group in the season.
model::CounterKey CohortCounter(const rules::Leaderboard& board,
                                int64_t season);

// Adds, where `read` has a counter of a league, what says which cohort's it is;
// of one that keeps groups apart, which group's; and of one that is of those
// who hold a badge, whether the member does.
void ListCohorts(const rules::CompiledProgram& program, model::ReadSet& read);

// Where what counts for a leaderboard counts at this member: in a league, in
// their cohort, which they join with it, if `joins`; and so in their group,
// where those are kept apart; and off it, where it is of those who hold a badge
// and they do not. nullopt: nowhere, as they are in no cohort.
std::optional<model::CounterKey> PlaceOf(Leg& leg, model::CounterKey counter,
                                         bool joins);

// Of a counter of a board with cohorts or groups: what counts is taken off it.
bool TakesOff(const rules::CompiledProgram& program, model::Symbol counter);

// The program says which cohort, and the member is in it.
void FindCohort(Leg& leg, const AskCohort& ask);
void EnterCohort(Leg& leg, const JoinCohort& join);

// At who has just taken in all that `theirs` has: of two cohorts the one who
// stays keeps theirs, and has all that both had there. Of groups: groups.h.
void JoinCohorts(Leg& leg, const model::Counters& theirs);

// From here on the member is in that group of the season, 0 for none, with all
// that they have there.
void PutInGroup(Leg& leg, const rules::Leaderboard& board, int64_t season,
                int64_t number);

// A movement of the leg was earned, so much of it.
void CountEarned(Leg& leg, const model::Movement& movement, int64_t earned);

// Awards were undone, and so much more was earned then: what each award comes
// to now counts in the season of its own event, and what is not an award's, in
// that of the first one that changed.
//
// REQUIRES: State::times has the events of awards that changed.
void CountUndone(Leg& leg, const rules::Currency& currency,
                 const std::vector<ledger::GivenUnits>& stood,
                 const std::vector<ledger::GivenUnits>& stands, int64_t earned);

// The commands, and what the end of a season means for the program and for who
// has won something.
void Hide(Leg& leg, bool hidden);
void EndSeason(Leg& leg, const SeasonOver& over);
void WinPrizes(Leg& leg, const Won& won);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_BOARDS_H_
