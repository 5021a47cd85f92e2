// SPDX-License-Identifier: Apache-2.0
//
// loyalty explain: why an event did what it did, rule by rule.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/json.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

void PrintEvent(const Explanation& explanation) {
  const Event& event = explanation.event;
  std::string line = Printable(event.id) + ": " + Printable(event.type);
  if (event.actor.has_value()) line += " by " + Printable(*event.actor);
  if (event.target.has_value()) line += " on " + Printable(*event.target);
  if (event.channel.has_value()) line += " via " + Printable(*event.channel);
  Print(line + "\n");
  Print("  at " + Rfc3339(event.time) + ", recorded as number " +
        Grouped(explanation.outcome.seq) + ", decided by " +
        explanation.program + "\n");
  if (event.attributes.empty()) return;
  // The library knows how values are written; the rest of the event is known.
  const Json json = Json::parse(loyalty::ToJson(event), nullptr, false);
  if (!json.is_object() || !json.contains("attributes")) return;
  for (const auto& [name, value] : json["attributes"].items()) {
    Print(
        "  " + Printable(name) + " = " +
        Printable(value.dump(-1, ' ', false, Json::error_handler_t::replace)) +
        "\n");
  }
}

void PrintExplanation(const Explanation& explanation) {
  PrintEvent(explanation);
  if (!explanation.sentences.empty()) Print("What happened\n");
  for (const std::string& sentence : explanation.sentences) {
    Print("  " + PrintableLine(sentence) + "\n");
  }
  if (!explanation.rules.empty()) Print("Rules of this behaviour\n");
  Table rules({Align::kLeft, Align::kLeft});
  for (const Explanation::Line& line : explanation.rules) {
    rules.Add({line.rule, Printable(line.verdict)});
    if (!line.describe.empty()) rules.Add({"", Printable(line.describe)});
  }
  rules.Print(2);
  if (!explanation.postings.empty()) Print("Postings\n");
  Table postings({Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
  for (const PostingLine& posting : explanation.postings) {
    postings.Add({Printable(posting.from), "-> " + Printable(posting.to),
                  Grouped(posting.units), posting.currency});
  }
  postings.Print(2);
}

Json ExplanationAsJson(const Explanation& explanation) {
  Json json = {{"event", Json::parse(loyalty::ToJson(explanation.event),
                                     nullptr, false)},
               {"outcome", ToJson(explanation.outcome)},
               {"program", explanation.program},
               {"sentences", explanation.sentences},
               {"rules", Json::array()},
               {"postings", Json::array()}};
  for (const Explanation::Line& line : explanation.rules) {
    json["rules"].push_back({{"rule", line.rule},
                             {"describe", line.describe},
                             {"verdict", line.verdict}});
  }
  for (const PostingLine& posting : explanation.postings) {
    json["postings"].push_back({{"from", posting.from},
                                {"to", posting.to},
                                {"currency", posting.currency},
                                {"units", posting.units}});
  }
  return json;
}

}  // namespace

Exit Explain(const ExplainOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<Explanation> explanation =
      (*queries)->Explain(options.event);
  if (!explanation.ok()) return QueryFailed(explanation.status());
  if (options.json) {
    PrintJson(ExplanationAsJson(*explanation));
  } else {
    PrintExplanation(*explanation);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
