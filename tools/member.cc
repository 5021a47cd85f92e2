// SPDX-License-Identifier: Apache-2.0
//
// loyalty member: what one member has, and what it lets them do.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

void PrintProfile(const MemberProfile& profile) {
  Print(Printable(profile.member) + ", a member since " +
        ShortTime(profile.since) + "\n");
  Table balances({Align::kLeft, Align::kRight, Align::kLeft});
  for (const CurrencyBalance& held : profile.currencies) {
    balances.Add({held.currency, Grouped(held.balance),
                  "(" + Grouped(held.earned) + " earned)"});
  }
  balances.Print(2);
  if (!profile.ladders.empty()) Print("Levels\n");
  Table levels({Align::kLeft, Align::kLeft, Align::kLeft});
  for (const LadderStanding& standing : profile.ladders) {
    levels.Add({standing.ladder, standing.level,
                standing.next_level.has_value()
                    ? Grouped(standing.to_next) + " " + standing.currency +
                          " to " + *standing.next_level
                    : "the highest"});
  }
  levels.Print(2);
  if (!profile.privileges.empty()) Print("Privileges\n");
  for (const std::string& privilege : profile.privileges) {
    Print("  " + privilege + "\n");
  }
  if (!profile.metrics.empty()) Print("Counted\n");
  Table metrics({Align::kRight, Align::kLeft});
  for (const auto& [metric, count] : profile.metrics) {
    metrics.Add({Grouped(count), metric});
  }
  metrics.Print(2);
}

Json ProfileAsJson(const MemberProfile& profile) {
  Json json = {
      {"member", profile.member},         {"since", Rfc3339(profile.since)},
      {"currencies", Json::array()},      {"ladders", Json::array()},
      {"privileges", profile.privileges}, {"metrics", profile.metrics}};
  for (const CurrencyBalance& held : profile.currencies) {
    json["currencies"].push_back({{"currency", held.currency},
                                  {"balance", held.balance},
                                  {"earned", held.earned}});
  }
  for (const LadderStanding& standing : profile.ladders) {
    Json ladder = {{"ladder", standing.ladder}, {"currency", standing.currency},
                   {"index", standing.index},   {"level", standing.level},
                   {"next_level", nullptr},     {"to_next", standing.to_next}};
    if (standing.next_level.has_value()) {
      ladder["next_level"] = *standing.next_level;
    }
    json["ladders"].push_back(std::move(ladder));
  }
  return json;
}

}  // namespace

Exit Member(const MemberOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<MemberProfile> profile =
      (*queries)->Member(options.member);
  if (!profile.ok()) return QueryFailed(profile.status());
  if (options.json) {
    PrintJson(ProfileAsJson(*profile));
  } else {
    PrintProfile(*profile);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
