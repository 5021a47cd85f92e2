// SPDX-License-Identifier: Apache-2.0
//
// See scenario_answers.h.
#include "scenario_answers.h"

#include <absl/status/status.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/status_macros.h"
#include "output.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

constexpr char kNone[] = "-";

using Answer = absl::StatusOr<std::string>;

// kNotFound is an answer.
Answer NoneIfNotFound(const absl::Status& status) {
  if (absl::IsNotFound(status)) return kNone;
  return status;
}

// Without a time, after the last event, which a sweep is not.
Answer BalanceOf(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<CurrencyBalance> balance =
      queries.Balance(assertion.question[1], assertion.question[2],
                      assertion.at.value_or(newest));
  if (!balance.ok()) return NoneIfNotFound(balance.status());
  const std::string& what = assertion.question.front();
  if (what == "pending") return std::to_string(balance->pending);
  if (what == "held") return std::to_string(balance->held);
  if (what == "owed") return std::to_string(balance->debt);
  return std::to_string(balance->balance);
}

// Of a member or an object; kept apart `by` something, for "METRIC/WHAT".
Answer MetricOf(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const std::string& metric = assertion.question[2];
  const size_t slash = std::min(metric.find('/'), metric.size());
  const std::string by = metric.substr(std::min(slash + 1, metric.size()));
  int64_t value = 0;
  std::string others;
  const absl::Status read =
      queries.Metrics(metric.substr(0, slash), assertion.at.value_or(newest),
                      [&](const MetricLine& line) {
                        if (line.id != assertion.question[1]) return;
                        if (line.by == by) value = line.value;
                        if (by.empty() && !line.by.empty()) others = line.by;
                      });
  if (absl::IsInvalidArgument(read)) return std::string(read.message());
  if (!read.ok()) return read;
  if (!others.empty()) {
    return "kept apart: say of what, as " + metric + "/" + others;
  }
  return std::to_string(value);
}

Answer EarnedBy(const Assertion& assertion, Queries& queries) {
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1]);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const CurrencyBalance& balance : profile->currencies) {
    if (balance.currency == assertion.question[2]) {
      return std::to_string(balance.earned);
    }
  }
  return kNone;
}

Answer LevelOf(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1], assertion.at.value_or(newest));
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const LadderStanding& standing : profile->ladders) {
    if (standing.ladder == assertion.question[2]) return standing.level;
  }
  return kNone;
}

// "yes", "no", or "-" for who is no member.
Answer CanDo(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<bool> can =
      queries.Can(assertion.question[1], assertion.question[2],
                  assertion.at.value_or(newest));
  if (!can.ok()) return NoneIfNotFound(can.status());
  return *can ? "yes" : "no";
}

// When the tier is another one if nothing more is earned; "-": never.
Answer UntilWhen(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1], assertion.at.value_or(newest));
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const LadderStanding& standing : profile->ladders) {
    if (standing.ladder != assertion.question[2]) continue;
    if (!standing.tier.has_value() ||
        standing.tier->until == absl::InfiniteFuture()) {
      return kNone;
    }
    return Rfc3339(standing.tier->until);
  }
  return kNone;
}

Answer UnitsToKeep(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1], assertion.at.value_or(newest));
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const LadderStanding& standing : profile->ladders) {
    if (standing.ladder != assertion.question[2]) continue;
    if (!standing.tier.has_value()) return kNone;
    std::string answer = std::to_string(standing.tier->to_keep);
    for (const TierOutlook::Also& also : standing.tier->also) {
      answer += "+" + std::to_string(also.to_keep);
    }
    return answer;
  }
  return kNone;
}

Answer BadgesOf(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const absl::StatusOr<MemberProfile> profile =
      queries.Member(assertion.question[1], assertion.at.value_or(newest));
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  const auto held = profile->badges.find(assertion.question[2]);
  return std::to_string(held == profile->badges.end() ? 0 : held->second);
}

// What the member is at the assertion's time, or after the last event.
absl::StatusOr<MemberProfile> ProfileAt(const Assertion& assertion,
                                        Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  return queries.Member(assertion.question[1], assertion.at.value_or(newest));
}

Answer StreakOf(const Assertion& assertion, Queries& queries) {
  const auto profile = ProfileAt(assertion, queries);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const StreakStanding& streak : profile->streaks) {
    if (streak.streak != assertion.question[2]) continue;
    if (assertion.question.front() == "longest") {
      return std::to_string(streak.longest);
    }
    return std::to_string(assertion.question.front() == "freezes"
                              ? streak.freezes
                              : streak.length);
  }
  return kNone;
}

Answer QuestOf(const Assertion& assertion, Queries& queries) {
  const auto profile = ProfileAt(assertion, queries);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const QuestStanding& quest : profile->quests) {
    if (quest.quest == assertion.question[2]) {
      return std::string(Name(quest.state));
    }
  }
  return kNone;
}

Answer StepOf(const Assertion& assertion, Queries& queries) {
  const auto profile = ProfileAt(assertion, queries);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const QuestStanding& quest : profile->quests) {
    if (quest.quest != assertion.question[2]) continue;
    for (const StepStanding& step : quest.steps) {
      if (step.step == assertion.question[3]) {
        return std::to_string(step.progress);
      }
    }
  }
  return kNone;
}

// Of what many do together: how much of it the member has done.
Answer PartOf(const Assertion& assertion, Queries& queries) {
  const auto profile = ProfileAt(assertion, queries);
  if (!profile.ok()) return NoneIfNotFound(profile.status());
  for (const QuestStanding& quest : profile->quests) {
    if (quest.quest == assertion.question[2] && quest.together) {
      return std::to_string(quest.own);
    }
  }
  return kNone;
}

// Of a ladder, badge, quest, streak or reward that comes next: the shortest of
// the soonest ways, as "vote_on_an_idea*2+blog_a_solution"; when it arrives;
// and how much is missing of all that is asked. "-": there is none.
Answer NextOf(const Assertion& assertion, Queries& queries) {
  ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
  const auto goals =
      queries.NextSteps(assertion.question[1], assertion.at.value_or(newest),
                        {.how_many = 1000, .ways = 1});
  if (!goals.ok()) return NoneIfNotFound(goals.status());
  for (const NextGoal& goal : *goals) {
    if (goal.ladder != assertion.question[2] &&
        goal.id != assertion.question[2]) {
      continue;
    }
    if (assertion.question.front() == "missing") {
      int64_t missing = 0;
      for (const NextNeed& need : goal.needs) missing += need.missing();
      return std::to_string(missing);
    }
    if (goal.ways.empty()) return kNone;
    const NextWay& way = goal.ways.front();
    if (assertion.question.front() == "soonest") {
      // When others will have done their part, nobody knows.
      return way.left_to_others > 0 ? std::string(kNone) : Rfc3339(way.when);
    }
    std::string steps;
    for (const NextStep& step : way.steps) {
      if (!steps.empty()) steps += "+";
      steps += step.rule.empty() ? step.example.type : step.rule;
      if (step.times > 1) steps += "*" + std::to_string(step.times);
    }
    return steps;
  }
  return kNone;
}

// And the zone of that rank. "city/Bern" is the leaderboard of that group.
Answer RankOf(const Assertion& assertion, Queries& queries) {
  const std::string& board = assertion.question[1];
  const size_t slash = std::min(board.find('/'), board.size());
  const absl::StatusOr<LeaderboardRow> row = queries.Rank(
      assertion.question[2],
      BoardView{.board = board.substr(0, slash),
                .at = assertion.at,
                .of = board.substr(std::min(slash + 1, board.size()))});
  if (!row.ok()) return NoneIfNotFound(row.status());
  if (assertion.question.front() == "zone") return std::string(Name(row->zone));
  return std::to_string(row->rank);
}

Answer Verified(const Assertion&, Queries& queries) {
  ASSIGN_OR_RETURN(const VerifyReport report, queries.Verify());
  if (report.ok()) return "ok";
  return report.faults.empty() ? "faults" : report.faults.front();
}

}  // namespace

Answer AnswerTo(const Assertion& assertion, Queries& queries) {
  using Ask = Answer (*)(const Assertion&, Queries&);
  static const auto& asks = *new std::map<std::string_view, Ask>{
      {"balance", BalanceOf}, {"earned", EarnedBy},   {"level", LevelOf},
      {"can", CanDo},         {"until", UntilWhen},   {"to_keep", UnitsToKeep},
      {"badge", BadgesOf},    {"rank", RankOf},       {"verify", Verified},
      {"streak", StreakOf},   {"longest", StreakOf},  {"freezes", StreakOf},
      {"quest", QuestOf},     {"step", StepOf},       {"part", PartOf},
      {"next", NextOf},       {"soonest", NextOf},    {"missing", NextOf},
      {"zone", RankOf},       {"pending", BalanceOf}, {"held", BalanceOf},
      {"owed", BalanceOf},    {"metric", MetricOf},
  };
  const auto ask = asks.find(assertion.question.front());
  if (ask == asks.end()) {
    return absl::UnimplementedError("\"" + assertion.question.front() +
                                    "\" cannot be asked yet");
  }
  return ask->second(assertion, queries);
}

std::string TextOf(const Assertion& assertion) {
  const std::string text = Joined(assertion.question);
  return assertion.at.has_value() ? text + " at " + Rfc3339(*assertion.at)
                                  : text;
}

}  // namespace loyalty::command
