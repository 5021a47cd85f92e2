// SPDX-License-Identifier: Apache-2.0
//
// See scenario_readings.h.
#include "scenario_readings.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/status_macros.h"
#include "loyalty/engine.h"
#include "output.h"

namespace loyalty::command {
namespace {

constexpr int kPage = 1000;
constexpr char kNothing[] = "(nothing more)";

absl::StatusOr<std::vector<std::string>> MembersIn(Queries& queries,
                                                   const Program& program) {
  std::vector<std::string> members;
  if (program.currencies().empty()) return members;
  const std::string currency = program.currencies().front();
  while (true) {
    ASSIGN_OR_RETURN(
        const std::vector<MemberBalance> page,
        queries.Balances(currency, members.empty() ? "" : members.back(),
                         kPage));
    for (const MemberBalance& balance : page) members.push_back(balance.member);
    if (page.size() < kPage) return members;
  }
}

void AddProfile(const MemberProfile& profile, std::vector<std::string>& lines) {
  const std::string& member = profile.member;
  lines.push_back(
      absl::StrCat("member ", member, " since ", Rfc3339(profile.since)));
  for (const CurrencyBalance& c : profile.currencies) {
    lines.push_back(absl::StrCat("balance ", member, " ", c.currency, " ",
                                 c.balance, ", earned ", c.earned));
  }
  for (const LadderStanding& l : profile.ladders) {
    lines.push_back(absl::StrCat("level ", member, " ", l.ladder, " ", l.level,
                                 ", to next ", l.to_next));
  }
  for (const std::string& privilege : profile.privileges) {
    lines.push_back(absl::StrCat("privilege ", member, " ", privilege));
  }
  for (const auto& [metric, count] : profile.metrics) {
    lines.push_back(absl::StrCat("metric ", member, " ", metric, " ", count));
  }
  for (const StreakStanding& s : profile.streaks) {
    lines.push_back(absl::StrCat("streak ", member, " ", s.streak, " ",
                                 s.length, ", longest ", s.longest));
  }
  for (const QuestStanding& quest : profile.quests) {
    if (quest.together) {
      lines.push_back(absl::StrCat("part ", member, " ", quest.quest, " ",
                                   quest.object, " ", quest.own, ", shares ",
                                   quest.times_done));
    }
    for (const StepStanding& step : quest.steps) {
      lines.push_back(absl::StrCat("step ", member, " ", quest.quest, " ",
                                   step.step, " ", step.progress));
    }
  }
}

// Which of them stand where, and for how long.
void AddTiers(const MemberProfile& profile, std::vector<std::string>& lines) {
  for (const LadderStanding& l : profile.ladders) {
    if (!l.tier.has_value()) continue;
    const TierOutlook& tier = *l.tier;
    const bool ends = tier.until != absl::InfiniteFuture();
    lines.push_back(absl::StrCat("tier ", profile.member, " ", l.ladder, " ",
                                 l.level, " by ", tier.units, ", ",
                                 tier.to_keep, " to keep it, ", tier.at_review,
                                 " at its review, then ", tier.then, " ",
                                 ends ? Rfc3339(tier.until) : "never"));
    for (const TierOutlook::Also& also : tier.also) {
      lines.push_back(absl::StrCat("tier ", profile.member, " ", l.ladder,
                                   " also ", also.currency, also.metric, " ",
                                   also.units, ", ", also.to_keep,
                                   " to keep it, ", also.to_next, " to next"));
    }
  }
}

absl::Status AddLeaderboard(Queries& queries, const BoardView& view,
                            std::vector<std::string>& lines) {
  for (int64_t offset = 0;; offset += kPage) {
    ASSIGN_OR_RETURN(const std::vector<LeaderboardRow> page,
                     queries.Leaderboard(view, offset, kPage));
    for (const LeaderboardRow& row : page) {
      lines.push_back(absl::StrCat("rank ", view.board,
                                   view.season.empty() ? "" : " of ",
                                   view.season, " ", row.member, " ", row.rank,
                                   " with ", row.earned, " then ", row.then));
    }
    if (page.size() < kPage) return absl::OkStatus();
  }
}

// With the places of their entries in the journal.
absl::StatusOr<std::vector<std::string>> Statements(Queries& queries,
                                                    const Program& program) {
  std::vector<std::string> lines;
  ASSIGN_OR_RETURN(const auto members, MembersIn(queries, program));
  for (const std::string& member : members) {
    int64_t seq = 0;
    int32_t n = -1;
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<StatementLine> page,
                       queries.Statement(member, "", seq, n, kPage));
      for (const StatementLine& line : page) {
        lines.push_back(absl::StrCat("statement ", member, " ", line.seq, ".",
                                     line.n, " ", Rfc3339(line.time), " ",
                                     line.event_id, " ", line.rule, " ",
                                     line.currency, " ", line.units, " of ",
                                     line.asked, " to ", line.balance));
        seq = line.seq;
        n = line.n;
      }
      if (page.size() < kPage) break;
    }
  }
  return lines;
}

// An engine that is told what another recorded, when that recorded it.
class Replay {
 public:
  explicit Replay(const std::vector<Program>& programs)
      : programs_(programs), program_(programs.back()) {}

  absl::StatusOr<Difference> Run(Queries& original) {
    ASSIGN_OR_RETURN(engine_,
                     Engine::InMemory(programs_.front(),
                                      {.clock = [this] { return now_; },
                                       .voucher_key = kVoucherKeyOfScenarios}));
    ASSIGN_OR_RETURN(Difference difference, Feed(original));
    if (!difference.is_none()) return difference;
    ASSIGN_OR_RETURN(const auto queries, engine_->Query());
    ASSIGN_OR_RETURN(const auto here, Readings(original, program_));
    ASSIGN_OR_RETURN(const auto there, Readings(*queries, program_));
    difference = FirstDifference(here, there);
    if (!difference.is_none()) return difference;
    ASSIGN_OR_RETURN(const auto lines_here, Statements(original, program_));
    ASSIGN_OR_RETURN(const auto lines_there, Statements(*queries, program_));
    return FirstDifference(lines_here, lines_there);
  }

 private:
  absl::StatusOr<Difference> Feed(Queries& original) {
    int64_t seq = 0;
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<Outcome> page,
                       original.Feed(seq, kPage));
      for (const Outcome& outcome : page) {
        ASSIGN_OR_RETURN(Difference difference, FeedOne(original, outcome));
        if (!difference.is_none()) return difference;
        seq = outcome.seq;
      }
      if (page.size() < kPage) return Difference{};
    }
  }

  absl::StatusOr<Difference> FeedOne(Queries& original,
                                     const Outcome& outcome) {
    ASSIGN_OR_RETURN(const Explanation explanation,
                     original.Explain(outcome.event_id));
    now_ = outcome.recorded_at;
    Event event = explanation.event;
    // What codes were made of is for the engine to say, of who is refused, too.
    for (const char* const made : {"voucher", "voucher_key"}) {
      if (event.type == kRedeem) event.attributes.erase(made);
    }
    const absl::StatusOr<Outcome> again = Send(event);
    if (again.ok() && *again == outcome && !again->repeat) return Difference{};
    return Difference{.here = ToJson(outcome).dump(),
                      .there = again.ok()
                                   ? ToJson(*again).dump()
                                   : std::string(again.status().message())};
  }

  // The program of a switch does not stand in the event.
  absl::StatusOr<Outcome> Send(const Event& event) {
    if (event.type != kSwitch) return engine_->Process(event);
    if (++decides_ == programs_.size()) {
      return absl::InternalError("it was switched more often than it should");
    }
    return engine_->Switch(programs_[decides_], event.id, event.time);
  }

  const std::vector<Program>& programs_;
  const Program& program_;  // the last
  size_t decides_ = 0;      // which of them
  std::unique_ptr<Engine> engine_;
  absl::Time now_ = absl::UnixEpoch();
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Readings(Queries& queries,
                                                  const Program& program) {
  std::vector<std::string> lines;
  ASSIGN_OR_RETURN(const auto members, MembersIn(queries, program));
  for (const std::string& member : members) {
    ASSIGN_OR_RETURN(const MemberProfile profile, queries.Member(member));
    ASSIGN_OR_RETURN(const absl::Time newest, queries.NewestTime());
    ASSIGN_OR_RETURN(const MemberProfile then, queries.Member(member, newest));
    AddTiers(then, lines);
    AddProfile(profile, lines);
  }
  for (const std::string& currency : program.currencies()) {
    RETURN_IF_ERROR(AddLeaderboard(queries, {.board = currency}, lines));
  }
  for (const std::string& board : program.leaderboards()) {
    ASSIGN_OR_RETURN(std::vector<std::string> seasons, queries.Seasons(board));
    if (seasons.empty()) {
      // For ever; or nobody is in any cohort or group, of which one is asked.
      const absl::Status read =
          AddLeaderboard(queries, {.board = board}, lines);
      if (!read.ok() && !absl::IsInvalidArgument(read)) return read;
    }
    for (const std::string& season : seasons) {
      RETURN_IF_ERROR(
          AddLeaderboard(queries, {.board = board, .season = season}, lines));
    }
  }
  return lines;
}

Difference FirstDifference(const std::vector<std::string>& here,
                           const std::vector<std::string>& there) {
  for (size_t i = 0; i < std::max(here.size(), there.size()); ++i) {
    const std::string a = i < here.size() ? here[i] : kNothing;
    const std::string b = i < there.size() ? there[i] : kNothing;
    if (a != b) return {.here = a, .there = b};
  }
  return {};
}

absl::StatusOr<Difference> DifferenceOfReplay(
    Queries& queries, const std::vector<Program>& programs) {
  return Replay(programs).Run(queries);
}

}  // namespace loyalty::command
