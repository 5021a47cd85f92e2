// SPDX-License-Identifier: Apache-2.0
//
// loyalty leaderboard: the members with most on a leaderboard, of a currency,
// or along a ladder, where their levels are shown too; from the first on, from
// further down, or around a member, whose cohort it is in a league, and whose
// group where those are kept apart. Without one, which leaderboards there are.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "command.h"
#include "loyalty/guide.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

std::optional<LadderStanding> StandingOn(const MemberProfile& profile,
                                         const std::string& ladder) {
  for (const LadderStanding& standing : profile.ladders) {
    if (standing.ladder == ladder) return standing;
  }
  return std::nullopt;
}

// The currency that a ladder follows, or "" where nobody stands on it yet.
//
// ERRORS: kInvalidArgument  there is no such ladder.
absl::StatusOr<std::string> CurrencyOf(Queries& queries,
                                       const std::string& ladder) {
  const absl::StatusOr<Program> program = queries.CurrentProgram();
  if (!program.ok()) return program.status();
  const std::vector<std::string> ladders = program->ladders();
  if (std::find(ladders.begin(), ladders.end(), ladder) == ladders.end()) {
    return absl::InvalidArgumentError("there is no ladder \"" + ladder +
                                      "\". " +
                                      base::DidYouMean(ladder, ladders));
  }
  // Any member knows: all stand on every ladder.
  for (const std::string& currency : program->currencies()) {
    const auto anyone = queries.Balances(currency, "", 1);
    if (!anyone.ok()) return anyone.status();
    if (anyone->empty()) return std::string();
    const auto profile = queries.Member(anyone->front().member);
    if (!profile.ok()) return profile.status();
    const auto standing = StandingOn(*profile, ladder);
    if (standing.has_value()) return standing->currency;
  }
  return std::string();
}

struct Place {
  LeaderboardRow row;
  std::string level;  // "" unless a ladder was asked for
};

absl::StatusOr<std::vector<LeaderboardRow>> RowsOf(
    Queries& queries, const std::string& board,
    const LeaderboardOptions& options) {
  BoardView view{.board = board, .season = options.season, .of = options.of};
  if (!options.viewer.empty()) view.viewer = options.viewer;
  if (options.around.empty()) {
    return queries.Leaderboard(view, options.offset, options.top);
  }
  const int before = options.top / 2;
  return queries.Around(options.around, view, before, options.top - 1 - before);
}

absl::StatusOr<std::vector<Place>> PlacesOf(Queries& queries,
                                            const LeaderboardOptions& options) {
  std::vector<Place> places;
  std::string currency =
      options.board.empty() ? options.currency : options.board;
  if (!options.ladder.empty()) {
    const absl::StatusOr<std::string> of = CurrencyOf(queries, options.ladder);
    if (!of.ok()) return of.status();
    if (of->empty()) return places;
    currency = *of;
  }
  const absl::StatusOr<std::vector<LeaderboardRow>> rows =
      RowsOf(queries, currency, options);
  if (!rows.ok()) return rows.status();
  for (const LeaderboardRow& row : *rows) {
    places.push_back({.row = row, .level = ""});
    if (options.ladder.empty()) continue;
    const absl::StatusOr<MemberProfile> profile = queries.Member(row.member);
    if (!profile.ok()) return profile.status();
    const auto standing = StandingOn(*profile, options.ladder);
    if (standing.has_value()) places.back().level = standing->level;
  }
  return places;
}

void PrintPlace(const LeaderboardOptions& options, const Place& place) {
  Json json = {{"rank", place.row.rank},
               {"member", place.row.member},
               {"earned", place.row.earned}};
  if (!options.ladder.empty()) json["level"] = place.level;
  if (place.row.then != 0) json["then"] = place.row.then;
  if (!place.row.listed) json["hidden"] = true;
  if (place.row.zone != LeaderboardRow::Zone::kNone) {
    json["zone"] = Name(place.row.zone);
  }
  PrintJson(json);
}

// Those of the program, and then those of its currencies.
Exit ListLeaderboards(Queries& queries, bool json) {
  const absl::StatusOr<Program> program = queries.CurrentProgram();
  if (!program.ok()) return QueryFailed(program.status());
  const Guide guide = GuideOf(*program);
  std::vector<Guide::Named> all = guide.leaderboards;
  all.insert(all.end(), guide.currencies.begin(), guide.currencies.end());
  Table table({Align::kLeft, Align::kLeft});
  for (const Guide::Named& board : all) {
    if (json) {
      PrintJson({{"board", board.id}, {"describe", board.describe}});
    } else {
      table.Add({board.id, board.describe});
    }
  }
  table.Print(0);
  return Finished(Exit::kDone);
}

}  // namespace

Exit Leaderboard(const LeaderboardOptions& options) {
  const int given = static_cast<int>(!options.board.empty()) +
                    static_cast<int>(!options.currency.empty()) +
                    static_cast<int>(!options.ladder.empty());
  const bool lists = given == 0 && options.season.empty() &&
                     options.around.empty() && options.of.empty() &&
                     options.viewer.empty();
  if (given != 1 && !lists) {
    Complain("leaderboard: give one of BOARD, --currency and --ladder");
    return Exit::kUsage;
  }
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  if (lists) return ListLeaderboards(**queries, options.json);
  const absl::StatusOr<std::vector<Place>> places =
      PlacesOf(**queries, options);
  if (!places.ok()) return QueryFailed(places.status());
  Table table({Align::kRight, Align::kLeft, Align::kRight, Align::kLeft});
  for (const Place& place : *places) {
    if (options.json) {
      PrintPlace(options, place);
    } else {
      const std::string name =
          place.row.member.empty() ? "-" : Printable(place.row.member);
      const bool has_zone = place.row.zone != LeaderboardRow::Zone::kNone;
      table.Add({Grouped(place.row.rank), name, Grouped(place.row.earned),
                 has_zone ? std::string(Name(place.row.zone)) : place.level});
    }
  }
  table.Print(0);
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
