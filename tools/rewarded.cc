// SPDX-License-Identifier: Apache-2.0
//
// loyalty rewarded: of the most active tenth of a community's contributors, how
// many does a program reward? The question this project exists for: a survey of
// marketers found that 7 % of them reward their most active contributors.
//
// A contributor is an actor of the log. The most active tenth have most events
// in it, whatever the program makes of them; an event sent twice is one.
#include <absl/status/statusor.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "command.h"
#include "line_source.h"
#include "loyalty/json.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

struct Contributor {
  std::string member;
  int64_t events = 0;
};

// The actors of the logs, the most active first, ties in the order of their
// ids. Lines that are no events are skipped: `run` has told about them.
absl::StatusOr<std::vector<Contributor>> ContributorsOf(
    const std::vector<std::string>& paths) {
  const auto sources = OpenAll(paths);
  if (!sources.ok()) return sources.status();
  std::unordered_map<std::string, int64_t> events;
  std::unordered_set<std::string> seen;
  JsonEventReader reader;
  for (const std::unique_ptr<LineSource>& source : *sources) {
    while (true) {
      const absl::StatusOr<std::optional<LineSource::Line>> line =
          source->Next();
      if (!line.ok()) return line.status();
      if (!line->has_value()) break;
      if ((*line)->is_too_long) continue;
      absl::StatusOr<Event> event = reader.Read((*line)->text);
      if (!event.ok() || !event->actor.has_value()) continue;
      if (seen.insert(std::move(event->id)).second) ++events[*event->actor];
    }
  }
  std::vector<Contributor> contributors;
  contributors.reserve(events.size());
  for (const auto& [member, count] : events) {
    contributors.push_back({.member = member, .events = count});
  }
  std::sort(contributors.begin(), contributors.end(),
            [](const Contributor& a, const Contributor& b) {
              return a.events != b.events ? a.events > b.events
                                          : a.member < b.member;
            });
  return contributors;
}

// Whether a rule ever gave `member` a unit; opening units were not earned.
absl::StatusOr<bool> HasEarned(Queries& queries, const std::string& member) {
  constexpr int kLinesAPage = 100;
  int64_t seq = 0;
  int32_t n = 0;
  while (true) {
    const absl::StatusOr<std::vector<StatementLine>> lines =
        queries.Statement(member, "", seq, n, kLinesAPage);
    if (!lines.ok()) return lines.status();
    for (const StatementLine& line : *lines) {
      const bool is_earned = line.kind == StatementLine::Kind::kAward ||
                             line.kind == StatementLine::Kind::kCaughtUp;
      if (is_earned && line.units > 0) {
        return true;
      }
    }
    if (lines->size() < kLinesAPage) return false;
    seq = lines->back().seq;
    n = lines->back().n;
  }
}

struct Figures {
  int64_t contributors = 0;
  int64_t most_active = 0;    // a tenth of them, rounded up
  int64_t fewest_events = 0;  // that one of the most active has
  int64_t earned = 0;         // of them, who earned a unit of any currency
  int64_t reached = 0;  // of them, who stand above a ladder's first level and
                        // hold a privilege
  int64_t passed_over_events = 0;  // of those who do not
};

absl::StatusOr<Figures> FiguresOf(
    Queries& queries, const std::vector<Contributor>& contributors) {
  Figures figures;
  figures.contributors = static_cast<int64_t>(contributors.size());
  figures.most_active = (figures.contributors + 9) / 10;
  for (int64_t i = 0; i < figures.most_active; ++i) {
    const Contributor& contributor = contributors[static_cast<size_t>(i)];
    figures.fewest_events = contributor.events;
    const absl::StatusOr<MemberProfile> profile =
        queries.Member(contributor.member);
    if (absl::IsNotFound(profile.status())) {
      figures.passed_over_events += contributor.events;
      continue;
    }
    if (!profile.ok()) return profile.status();
    const absl::StatusOr<bool> has_earned =
        HasEarned(queries, contributor.member);
    if (!has_earned.ok()) return has_earned.status();
    const bool is_above_first = std::any_of(
        profile->ladders.begin(), profile->ladders.end(),
        [](const LadderStanding& standing) { return standing.index > 0; });
    const bool has_reached = is_above_first && !profile->privileges.empty();
    figures.earned += *has_earned ? 1 : 0;
    figures.reached += has_reached ? 1 : 0;
    if (!has_reached) figures.passed_over_events += contributor.events;
  }
  return figures;
}

// To a tenth, so that 199 of 200 are not all.
std::string Percent(int64_t part, int64_t whole) {
  const int64_t permille = whole > 0 ? 1000 * part / whole : 0;
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) +
         " %";
}

void PrintFigures(const Figures& figures, const Program& program) {
  Print("under " + program.name() + " " + program.version() + ", of the " +
        Grouped(figures.most_active) + " most active of " +
        Counted(figures.contributors, "contributor", "contributors") + " (" +
        Grouped(figures.fewest_events) + " events or more)\n");
  Table table(
      {Table::Align::kRight, Table::Align::kRight, Table::Align::kLeft});
  table.Add({Grouped(figures.reached),
             Percent(figures.reached, figures.most_active),
             "reached a level with a privilege"});
  table.Add({Grouped(figures.earned),
             Percent(figures.earned, figures.most_active),
             "earned anything at all"});
  table.Print(2);
  const int64_t passed_over = figures.most_active - figures.reached;
  if (passed_over == 0) return;
  Print("  " + Counted(passed_over, "was", "were") + " passed over, with " +
        Counted(figures.passed_over_events, "event", "events") +
        " between them\n");
}

}  // namespace

Exit Rewarded(const RewardedOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<Program> program = (*queries)->CurrentProgram();
  if (!program.ok()) return Failed(program.status(), Exit::kCouldNot);
  const absl::StatusOr<std::vector<Contributor>> contributors =
      ContributorsOf(options.events);
  if (!contributors.ok()) {
    return Failed(contributors.status(), Exit::kCouldNot);
  }
  const absl::StatusOr<Figures> figures = FiguresOf(**queries, *contributors);
  if (!figures.ok()) return Failed(figures.status(), Exit::kCouldNot);
  if (options.json) {
    PrintJson({{"program", program->name()},
               {"version", program->version()},
               {"contributors", figures->contributors},
               {"most_active", figures->most_active},
               {"fewest_events", figures->fewest_events},
               {"earned_anything", figures->earned},
               {"reached_a_level", figures->reached},
               {"passed_over_events", figures->passed_over_events}});
  } else {
    PrintFigures(*figures, *program);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
