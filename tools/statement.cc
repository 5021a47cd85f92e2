// SPDX-License-Identifier: Apache-2.0
//
// loyalty statement: every change of a member's balance, oldest first, and the
// proof that they add up to it.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "at.h"
#include "command.h"
#include "loyalty/event.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

constexpr int kPage = 1000;

// What the line is for, for people: the rule's own words where it has any.
std::string Reason(const StatementLine& line) {
  std::string reason;
  switch (line.kind) {
    case StatementLine::Kind::kOpening:
      reason = "what a member starts with";
      break;
    case StatementLine::Kind::kAward:
      reason = line.rule_says.empty() ? line.rule : line.rule_says;
      break;
    case StatementLine::Kind::kReversal:
      reason = "taken back by " + line.event_type;
      break;
    case StatementLine::Kind::kRedemption: reason = "for " + line.rule; break;
    case StatementLine::Kind::kHold:
      reason = std::to_string(line.asked) + " held for " + line.rule;
      break;
    case StatementLine::Kind::kCapture:
      reason = "for " + line.rule + ", held before";
      break;
    case StatementLine::Kind::kRelease:
      reason = std::to_string(line.asked) + " no longer held";
      break;
    case StatementLine::Kind::kExpiry:
      reason = line.units > 0 ? "had not expired after all" : "expired";
      break;
    case StatementLine::Kind::kRefund:
      reason = line.rule + " given back";
      break;
    case StatementLine::Kind::kTransfer:
      reason = line.units > 0 ? "received" : "sent";
      break;
    case StatementLine::Kind::kAdjustment:
      reason = line.event_type == kSeasonEnded ? "won for a season"
                                               : "corrected by a person";
      break;
    case StatementLine::Kind::kFulfilment:
      reason = line.rule + " handed over";
      break;
    case StatementLine::Kind::kBudgetCut:
      reason = std::to_string(line.asked) + " of " + line.rule +
               " stay cut: its budget is spent";
      break;
    case StatementLine::Kind::kMergeOut:
      reason = "went to who the member is now";
      break;
    case StatementLine::Kind::kMergeIn:
      reason = "brought by an id that was merged into this one";
      break;
    case StatementLine::Kind::kWriteOff: reason = "a debt forgiven"; break;
    case StatementLine::Kind::kBadge: reason = "badge " + line.rule; break;
    case StatementLine::Kind::kCaughtUp:
      reason = (line.rule_says.empty() ? line.rule : line.rule_says) +
               ", for what came before";
      break;
    case StatementLine::Kind::kBadgeLost:
      reason = "badge " + line.rule + " taken back";
      break;
  }
  if (line.available_from > absl::InfinitePast()) {
    reason += ", available from " + ShortTime(line.available_from);
  }
  if (line.expires < absl::InfiniteFuture()) {
    reason +=
        (line.kind == StatementLine::Kind::kHold ? ", until " : ", expires ") +
        ShortTime(line.expires);
  }
  if (line.cut != CutReason::kNone) {
    reason += " (asked " + Signed(line.asked) +
              ", cut: " + std::string(Name(line.cut)) + ")";
  }
  return Printable(reason);
}

Json LineAsJson(const std::string& member, const StatementLine& line) {
  Json json = {{"member", member},
               {"seq", line.seq},
               {"n", line.n},
               {"time", Rfc3339(line.time)},
               {"event", line.event_id},
               {"event_type", line.event_type},
               {"kind", Name(line.kind)},
               {"currency", line.currency},
               {"rule", nullptr},
               {"target", nullptr},
               {"asked", line.asked},
               {"units", line.units},
               {"cut", nullptr},
               {"balance", line.balance},
               {"available_from", nullptr},
               {"expires", nullptr}};
  if (line.kind == StatementLine::Kind::kAward ||
      line.kind == StatementLine::Kind::kCaughtUp) {
    json["rule"] = line.rule;
  }
  if (line.available_from > absl::InfinitePast()) {
    json["available_from"] = Rfc3339(line.available_from);
  }
  if (line.expires < absl::InfiniteFuture()) {
    json["expires"] = Rfc3339(line.expires);
  }
  if (line.target.has_value()) json["target"] = *line.target;
  if (line.cut != CutReason::kNone) json["cut"] = Name(line.cut);
  return json;
}

// The newest lines, and what came before them.
struct Lines {
  std::deque<StatementLine> newest;
  int64_t earlier = 0;
  std::map<std::string, int64_t> opening;  // what those come to, by currency
  std::map<std::string, int64_t> sums;     // of all lines
};

// Of events until `at`, whenever they were recorded.
absl::StatusOr<Lines> LinesOf(Queries& queries, const StatementOptions& options,
                              absl::Time at) {
  Lines lines;
  int64_t after_seq = 0;
  int32_t after_n = 0;
  while (true) {
    absl::StatusOr<std::vector<StatementLine>> page = queries.Statement(
        options.member, options.currency, after_seq, after_n, kPage);
    if (!page.ok()) return page.status();
    for (StatementLine& line : *page) {
      after_seq = line.seq;
      after_n = line.n;
      if (line.time > at) continue;
      int64_t& sum = lines.sums[line.currency];
      sum += line.units;
      line.balance = sum;
      lines.newest.push_back(std::move(line));
      if (options.limit > 0 &&
          static_cast<int64_t>(lines.newest.size()) > options.limit) {
        const StatementLine& first = lines.newest.front();
        lines.opening[first.currency] = first.balance;
        lines.newest.pop_front();
        ++lines.earlier;
      }
    }
    if (page->size() < kPage) return lines;
  }
}

void PrintLines(const Lines& lines) {
  if (lines.earlier > 0) {
    std::string balances;
    for (const auto& [currency, units] : lines.opening) {
      balances +=
          (balances.empty() ? "" : " and ") + Grouped(units) + " " + currency;
    }
    Print(Counted(lines.earlier, "earlier line", "earlier lines") +
          " not shown; the balance before: " + balances + "\n");
  }
  Table table({Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft,
               Align::kRight, Align::kLeft});
  for (const StatementLine& line : lines.newest) {
    table.Add({ShortTime(line.time), Printable(line.event_id),
               Signed(line.units), line.currency, Grouped(line.balance),
               Reason(line)});
  }
  table.Print(0);
}

bool IsBadge(const std::string& currency) {
  return currency.starts_with("badge:");
}

// What a balance is, beyond what is available: "180, 30 pending, 20 held".
std::string HadText(const CurrencyBalance& had) {
  std::string text = Grouped(had.balance);
  const auto add = [&](int64_t units, const char* what) {
    if (units != 0) text += ", " + Grouped(units) + " " + what;
  };
  add(had.pending, "pending");
  add(had.held, "held");
  add(-had.debt, "owed");
  return text;
}

// Says what the lines come to. False if that is not the balance, which would
// break I2.
bool PrintSum(int64_t sum, const BalanceExplanation& had) {
  const std::string& currency = had.balance.currency;
  std::string text = currency + ": all lines add up to " + Grouped(sum) + ", ";
  if (sum != had.posted) {
    Print(text + "but the balance is " + HadText(had.balance) + "\n");
    return false;
  }
  if (had.expired != 0) {
    text += Grouped(had.expired) + " of it expired and not posted yet, ";
  }
  if (had.order != 0) {
    text += Signed(had.order) + " by events recorded in another order, ";
  }
  const bool plain = sum == had.balance.balance && had.total() == sum;
  Print(text + (plain ? "which is the balance\n"
                      : "and the balance is " + HadText(had.balance) + "\n"));
  return true;
}

absl::StatusOr<bool> PrintSums(Queries& queries, const Lines& lines,
                               const std::string& member, absl::Time at) {
  bool adds_up = true;
  for (const auto& [currency, sum] : lines.sums) {
    if (IsBadge(currency)) continue;  // `loyalty badges` tells those
    const absl::StatusOr<BalanceExplanation> had =
        queries.ExplainBalance(member, currency, at);
    if (!had.ok()) return had.status();
    adds_up &= PrintSum(sum, *had);
  }
  return adds_up;
}

}  // namespace

Exit Statement(const StatementOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAsked(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<Lines> lines = LinesOf(**queries, options, *at);
  if (!lines.ok()) return QueryFailed(lines.status());
  if (options.json) {
    for (const StatementLine& line : lines->newest) {
      PrintJson(LineAsJson(options.member, line));
    }
    return Finished(Exit::kDone);
  }
  PrintLines(*lines);
  const absl::StatusOr<bool> adds_up =
      PrintSums(**queries, *lines, options.member, *at);
  if (!adds_up.ok()) return QueryFailed(adds_up.status());
  return Finished(*adds_up ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
