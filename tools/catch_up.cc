// SPDX-License-Identifier: Apache-2.0
//
// loyalty catch-up: applies what is new in the file's program to what came
// before it, or says what that would come to.
#include "loyalty/catch_up.h"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <nlohmann/json.hpp>
#include <string>

#include "asking.h"
#include "command.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;
using Gain = CatchUpReport::Gain;
using Kind = CatchUpReport::Kind;

Json AsJson(const Gain& gain) {
  Json json = {{"kind", Name(gain.kind)}, {"id", gain.id}};
  if (!gain.currency.empty()) json["currency"] = gain.currency;
  json["units"] = gain.units;
  if (gain.kind == Kind::kRule) json["events"] = gain.events;
  return json;
}

Json AsJson(const CatchUpReport& report) {
  Json json = {{"version", report.version}, {"members", report.members},
               {"totals", Json::array()},   {"most", Json::array()},
               {"rising", Json::array()},   {"forgotten", report.forgotten},
               {"unread", report.unread},   {"reasons", report.reasons},
               {"entries", report.entries}};
  for (const Gain& total : report.totals) {
    Json one = AsJson(total);
    one["whose"] = total.whose;
    json["totals"].push_back(std::move(one));
  }
  for (const CatchUpReport::Member& member : report.most) {
    Json one = {{"member", member.member}, {"gains", Json::array()}};
    for (const Gain& gain : member.gains) one["gains"].push_back(AsJson(gain));
    json["most"].push_back(std::move(one));
  }
  for (const CatchUpReport::Ladder& ladder : report.rising) {
    json["rising"].push_back({{"id", ladder.id}, {"members", ladder.members}});
  }
  return json;
}

std::string NameOf(const Gain& gain) {
  return std::string(Name(gain.kind)) + " " + Printable(gain.id);
}

// "+140 points"; of badges and metrics there is no currency.
std::string UnitsOf(const Gain& gain) {
  return Signed(gain.units) +
         (gain.currency.empty() ? "" : " " + Printable(gain.currency));
}

std::string EventsOf(const Gain& gain) {
  return gain.kind == Kind::kRule
             ? "for " + Counted(gain.events, "event", "events")
             : "";
}

void PrintReport(const CatchUpReport& report, bool preview) {
  const std::string version = PrintableLine(report.version);
  if (report.totals.empty()) {
    Print("Nothing is missing of what version " + version +
          " would have given.\n");
  } else {
    Print((preview ? "What version " + version + " would bring:\n"
                   : "What version " + version + " has brought:\n"));
    Table totals({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
    for (const Gain& total : report.totals) {
      totals.Add({NameOf(total), UnitsOf(total), "to " + Grouped(total.whose),
                  EventsOf(total)});
    }
    totals.Print(2);
  }
  if (!report.most.empty()) {
    Print(Counted(report.members, "member gains", "members gain") +
          "; those who gain most:\n");
    Table most({Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
    for (const CatchUpReport::Member& member : report.most) {
      std::string name = Printable(member.member);
      for (const Gain& gain : member.gains) {
        most.Add({name, NameOf(gain), UnitsOf(gain), EventsOf(gain)});
        name.clear();
      }
    }
    most.Print(2);
  }
  for (const CatchUpReport::Ladder& ladder : report.rising) {
    Print("On the ladder \"" + PrintableLine(ladder.id) + "\" " +
          Counted(ladder.members, "member rises", "members rise") + ".\n");
  }
  if (report.forgotten > 0) {
    Print(Counted(report.forgotten, "member was", "members were") +
          " erased, and nothing is brought to them.\n");
  }
  if (report.unread > 0) {
    Print(Counted(report.unread, "event", "events") +
          " cannot be read by this program, and bring nothing:\n");
    for (const std::string& reason : report.reasons) {
      Print("  " + PrintableLine(reason) + "\n");
    }
  }
  if (!preview) {
    Print("It is in " + Counted(report.entries, "entry", "entries") + ".\n");
  }
}

Exit Told(const CatchUpOptions& options, const CatchUpReport& report) {
  if (options.json) {
    PrintJson(AsJson(report));
  } else {
    PrintReport(report, options.preview);
  }
  return Finished(Exit::kDone);
}

}  // namespace

Exit CatchUp(const CatchUpOptions& options) {
  const loyalty::CatchUp what{.rules = options.rules,
                              .badges = options.badges,
                              .metrics = options.metrics,
                              .streaks = options.streaks,
                              .quests = options.quests};
  if (options.preview) {
    const auto queries = Queries::Open(options.db);
    if (!queries.ok()) return DbFailed(options.db, queries.status());
    const auto report = (*queries)->PreviewCatchUp(what);
    return report.ok() ? Told(options, *report) : QueryFailed(report.status());
  }
  if (options.id.empty()) {
    return Failed(absl::InvalidArgumentError(
                      "say --id, so that it can be asked again if it is "
                      "interrupted, or --preview"),
                  Exit::kUsage);
  }
  const absl::StatusOr<Asked> asked =
      OpenAsked(options.db, options.at, options.id, options.voucher_key);
  if (!asked.ok()) return NotAsked(options.db, asked.status());
  const auto report = asked->engine->CatchUp(what, options.id, asked->at);
  if (report.ok()) return Told(options, *report);
  return absl::IsFailedPrecondition(report.status())
             ? Failed(report.status(), Exit::kNo)
             : QueryFailed(report.status());
}

}  // namespace loyalty::command
