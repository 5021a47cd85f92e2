// SPDX-License-Identifier: Apache-2.0
//
// loyalty explain: why an event did what it did, rule by rule; why it gave a
// member nothing; and what a balance is made of.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "at.h"
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
    for (const std::string& why : line.why) {
      rules.Add({"", "  " + Printable(why)});
    }
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
                             {"verdict", line.verdict},
                             {"why", line.why}});
  }
  for (const PostingLine& posting : explanation.postings) {
    json["postings"].push_back({{"from", posting.from},
                                {"to", posting.to},
                                {"currency", posting.currency},
                                {"units", posting.units}});
  }
  return json;
}

Exit ExplainEvent(Queries& queries, const ExplainOptions& options) {
  const absl::StatusOr<Explanation> explanation =
      queries.Explain(options.event);
  if (!explanation.ok()) return QueryFailed(explanation.status());
  if (options.json) {
    PrintJson(ExplanationAsJson(*explanation));
  } else {
    PrintExplanation(*explanation);
  }
  return Finished(Exit::kDone);
}

// For the member first, and then for who writes the program.
Exit ExplainRules(Queries& queries, const ExplainOptions& options) {
  const absl::StatusOr<std::vector<RuleForMember>> rules =
      queries.ExplainRules(options.event, options.member, options.rule);
  if (!rules.ok()) return QueryFailed(rules.status());
  for (const RuleForMember& rule : *rules) {
    if (options.json) {
      PrintJson({{"event", options.event},
                 {"member", options.member},
                 {"rule", rule.rule},
                 {"describe", rule.describe},
                 {"gave", rule.gave},
                 {"steps", rule.steps},
                 {"sentence", rule.sentence}});
      continue;
    }
    Print(PrintableLine(rule.sentence) + "\n");
    for (const std::string& step : rule.steps) {
      Print("  rule " + rule.rule + ": " + PrintableLine(step) + "\n");
    }
  }
  if (rules->empty() && !options.json) {
    Print("No rule is on events of this type.\n");
  }
  return Finished(Exit::kDone);
}

Json BalanceAsJson(const std::string& member, absl::Time at,
                   const BalanceExplanation& had) {
  Json json = {{"member", member},
               {"currency", had.balance.currency},
               {"at", Rfc3339(at)},
               {"total", had.total()},
               {"balance", had.balance.balance},
               {"pending", had.balance.pending},
               {"held", had.balance.held},
               {"debt", had.balance.debt},
               {"parts", Json::array()},
               {"order", had.order}};
  for (const BalanceExplanation::Part& part : had.parts) {
    json["parts"].push_back({{"kind", Name(part.kind)},
                             {"source", part.source},
                             {"units", part.units},
                             {"times", part.times},
                             {"sentence", part.sentence}});
  }
  return json;
}

void PrintBalance(const std::string& member, absl::Time at,
                  const BalanceExplanation& had) {
  const std::string& currency = had.balance.currency;
  Print(Printable(member) + " at " + Rfc3339(at) + ": " +
        Grouped(had.balance.balance) + " " + currency + " available\n");
  for (const BalanceExplanation::Part& part : had.parts) {
    Print("  " + PrintableLine(part.sentence) + "\n");
  }
  if (had.order != 0) {
    Print("  " + Signed(had.order) + " " + currency +
          " by events recorded in another order than they happened in.\n");
  }
  Print("That is " + Grouped(had.total()) + " " + currency + ": " +
        Grouped(had.balance.balance) + " available, " +
        Grouped(had.balance.pending) + " pending, " +
        Grouped(had.balance.held) + " held, less " + Grouped(had.balance.debt) +
        " owed.\n");
}

Exit ExplainBalance(Queries& queries, const ExplainOptions& options) {
  const absl::StatusOr<absl::Time> at = TimeAsked(queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<BalanceExplanation> had =
      queries.ExplainBalance(options.member, options.currency, *at);
  if (!had.ok()) return QueryFailed(had.status());
  if (options.json) {
    PrintJson(BalanceAsJson(options.member, *at, *had));
  } else {
    PrintBalance(options.member, *at, *had);
  }
  return Finished(Exit::kDone);
}

}  // namespace

Exit Explain(const ExplainOptions& options) {
  const bool of_balance = options.event.empty() && !options.member.empty() &&
                          !options.currency.empty() && options.rule.empty();
  const bool of_event = !options.event.empty() && options.currency.empty() &&
                        options.at.empty() &&
                        (options.rule.empty() || !options.member.empty());
  if (!of_balance && !of_event) {
    Complain(
        "explain what? EVENT; EVENT --member M, maybe with --rule R; or "
        "--member M --currency C, maybe with --at TIME");
    return Exit::kUsage;
  }
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  if (of_balance) return ExplainBalance(**queries, options);
  if (!options.member.empty()) return ExplainRules(**queries, options);
  return ExplainEvent(**queries, options);
}

}  // namespace loyalty::command
