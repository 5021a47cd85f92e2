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

#include "command.h"
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
      reason = "corrected by a person";
      break;
    case StatementLine::Kind::kWriteOff: reason = "a debt forgiven"; break;
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
               {"balance", line.balance}};
  if (line.kind == StatementLine::Kind::kAward) json["rule"] = line.rule;
  if (line.target.has_value()) json["target"] = *line.target;
  if (line.cut != CutReason::kNone) json["cut"] = Name(line.cut);
  return json;
}

// The newest lines, and what came before them.
struct Lines {
  std::deque<StatementLine> newest;
  int64_t earlier = 0;
  std::map<std::string, int64_t> sums;  // of all lines, by currency
};

absl::StatusOr<Lines> LinesOf(Queries& queries,
                              const StatementOptions& options) {
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
      lines.sums[line.currency] += line.units;
      lines.newest.push_back(std::move(line));
      if (options.limit > 0 &&
          static_cast<int64_t>(lines.newest.size()) > options.limit) {
        lines.newest.pop_front();
        ++lines.earlier;
      }
    }
    if (page->size() < kPage) return lines;
  }
}

void PrintLines(const Lines& lines) {
  if (lines.earlier > 0) {
    Print(Counted(lines.earlier, "earlier line", "earlier lines") +
          " not shown\n");
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

// Says for each currency what the lines come to. False if that is not the
// balance, which would break I2.
bool PrintSums(const Lines& lines, const MemberProfile& profile) {
  bool adds_up = true;
  for (const CurrencyBalance& held : profile.currencies) {
    const auto sum = lines.sums.find(held.currency);
    if (sum == lines.sums.end()) continue;
    const bool same = sum->second == held.balance;
    adds_up &= same;
    Print(held.currency + ": all lines add up to " + Grouped(sum->second) +
          (same ? ", which is the balance\n"
                : ", but the balance is " + Grouped(held.balance) + "\n"));
  }
  return adds_up;
}

}  // namespace

Exit Statement(const StatementOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<MemberProfile> profile =
      (*queries)->Member(options.member);
  if (!profile.ok()) return QueryFailed(profile.status());
  const absl::StatusOr<Lines> lines = LinesOf(**queries, options);
  if (!lines.ok()) return QueryFailed(lines.status());
  if (options.json) {
    for (const StatementLine& line : lines->newest) {
      PrintJson(LineAsJson(options.member, line));
    }
    return Finished(Exit::kDone);
  }
  PrintLines(*lines);
  return Finished(PrintSums(*lines, *profile) ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
