// SPDX-License-Identifier: Apache-2.0
//
// What `loyalty test --help` says of the grammar of scenarios;
// scenario_grammar.h is what reads it.
#ifndef LOYALTY_TOOLS_SCENARIO_HELP_H_
#define LOYALTY_TOOLS_SCENARIO_HELP_H_

namespace loyalty::command {

inline constexpr char kScenarioHelp[] =
    R"(A scenario is text. Each line at the margin is one of these:

  program FILE                      the program, beside the scenario; or it
                                    stands there, between  program <<  and  >>
  event ID TYPE ACTOR TIME [target=T] [channel=C] [name=value ...]
  VERB ID MEMBER TIME [name=value ...]      what a host can do, which is the
                                    event loyalty.VERB:  reverse event=E,
                                    reverse_object object=O,  redeem reward=R
                                    [quantity=N],  capture and void hold=ID,
                                    cancel and fulfil redemption=ID,  transfer
                                    to=M currency=C units=N,  adjust currency=C
                                    units=N by=WHO reason=TEXT,  and others of
                                    loyalty/event.h; a season ends by
                                    season_ended ID - TIME leaderboard=B
                                    season=2026-W12
  switch ID TIME FILE               from here on this program decides; it may
                                    stand there likewise, behind  <<
  catch_up ID TIME [rules=A,B] [badges=..] [metrics=..] [streaks=..] [quests=..]
                                    what is new in the program is applied to
                                    what came before
  sweep TIME                        nothing may depend on whether it is there:
                                    it ends no season
  clock TIME                        from here on it is TIME; without such a
                                    line, or after  clock -  it is as late as
                                    the newest event so far
  balance MEMBER CURRENCY UNITS [at TIME]   what is available
  pending, held, owed               likewise: what is not there yet, is set
                                    aside, or will be paid first
  earned MEMBER CURRENCY UNITS
  metric WHO METRIC N [at TIME]     of a member or an object; kept apart by
                                    something, of  METRIC/WHAT
  level MEMBER LADDER LEVEL [at TIME]
  until MEMBER LADDER TIME [at TIME]        when a tier is another one, if
                                    nothing more is earned; - for never
  to_keep MEMBER LADDER UNITS [at TIME]     what a review still asks; where it
                                    asks several things, as 10000+3
  can MEMBER PRIVILEGE yes [at TIME]        or no
  badge MEMBER BADGE N [at TIME]    how many of it are held
  streak MEMBER STREAK N [at TIME]  how long the row is that goes on
  longest, freezes                  likewise: ever, and those it has left
  quest MEMBER QUEST STATE [at TIME]        open, joined, left, done, or -
  step MEMBER QUEST STEP N [at TIME]
  rank BOARD MEMBER N [at TIME]     of a leaderboard, or a currency; of a
                                    league, in the member's cohort, and so in
                                    their group, or  rank city/Bern ..
  zone LEAGUE MEMBER ZONE [at TIME]         promotion, relegation, or none
  part MEMBER QUEST N [at TIME]     of what many do together, their own
  next MEMBER GOAL STEPS [at TIME]  what leads soonest to the next level of a
                                    ladder, or to a badge, quest, streak or
                                    reward: vote*2+blog, by rule or event type;
                                    - for nothing that was found
  soonest MEMBER GOAL TIME [at TIME]        and when it leads there; - where
                                    others have to do the rest
  missing MEMBER GOAL N [at TIME]   and how much is missing of all it asks
  verify ok

Indented lines under an event say what comes of it, all of it:

  award MEMBER CURRENCY UNITS [rule=R]      what was posted
  cut MEMBER CURRENCY UNITS REASON [rule=R] what a limit, cap or floor took off
  open MEMBER CURRENCY UNITS        what a member starts with
  reverse MEMBER CURRENCY UNITS     what a reversal changed, -10 for a loss
  KIND MEMBER CURRENCY UNITS [rule=R]       redeem, hold, capture, release,
                                    refund, expire, transfer, adjust, fulfil,
                                    write_off, merge (also of  badge:ID),
                                    catch_up
  level MEMBER LADDER FROM -> TO    a step up or down; a jump is several
  badge MEMBER BADGE [revoked]      won, or taken back
  streak MEMBER STREAK LENGTH       it got longer
  broken MEMBER STREAK LENGTH       likewise: how long the one before was
  frozen MEMBER STREAK LENGTH
  quest MEMBER QUEST joined|left    on request
  step MEMBER QUEST STEP PROGRESS   of what many do together: of all of them
  met QUEST TEAM TIMES              many did it, - if all; so often by now
  reject REASON, malformed, repeat  instead of effects
  none                              no effect
  catch_up MEMBER CURRENCY UNITS [rule=R]   what a rule would have given before
  refused                           of a switch, or catch_up: it cannot be

An event with nothing under it may come to anything. - is nobody, or nothing:
no actor, no such member's balance, no rank. Values are what the program
declares; texts with blanks are JSON strings, lists are JSON; +name=value
is an attribute that it does not declare. # begins a comment. The code of
redemption or capture r1 is @r1:  use_voucher u1 - d3 code=@r1 by=till
Where it gave several, the second is @r1/2.

Times: 2024-03-01, 2024-03-01T10:00:00Z, dN for the start of day N (d1 is
2026-01-01) and D0 for 2026-01-05T12:00:00Z, both as d5+3h or D0-1000s, too.
Days begin in the program's time zone.

Every scenario is played in memory and on SQLite, one event at a time and in
batches of 1,000, with its sweeps and without them; in the end everything is
verified, and replayed. Exit codes: 0 all passed, 1 something differed, 2 asked
wrongly, 3 a scenario or program cannot be read.)";

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_HELP_H_
