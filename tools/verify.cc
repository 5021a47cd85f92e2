// SPDX-License-Identifier: Apache-2.0
//
// loyalty verify: proves from the journal that every balance is what it should
// be, or names what is not. What the file alone cannot prove, that its past is
// the one it had, is held against a head that was kept elsewhere.
#include <absl/strings/numbers.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"
#include "progress.h"

namespace loyalty::command {
namespace {

// "SEQ:CHAIN", as HeadText writes it.
std::optional<JournalHead> ParsedHead(const std::string& text) {
  constexpr size_t kDigits = 64;
  const size_t colon = text.find(':');
  JournalHead head;
  if (colon == std::string::npos ||
      text.find_first_not_of("0123456789") != colon ||
      !absl::SimpleAtoi(text.substr(0, colon), &head.seq)) {
    return std::nullopt;
  }
  head.chain = text.substr(colon + 1);
  const bool is_chain =
      head.chain.find_first_not_of("0123456789abcdef") == std::string::npos &&
      head.chain.size() == (head.seq == 0 ? 0 : kDigits);
  if (!is_chain) return std::nullopt;
  return head;
}

// Why the file does not go on from `head`; "" if it does.
absl::StatusOr<std::string> FaultOfHead(Queries& queries,
                                        const JournalHead& head,
                                        const JournalHead& now) {
  // Every journal goes on from where there was none.
  if (head.seq == 0) return "";
  if (head.seq > now.seq) {
    return "entries are missing at the end: the head that was kept is entry " +
           std::to_string(head.seq) + ", and the last one here is " +
           std::to_string(now.seq);
  }
  const absl::StatusOr<std::string> chain = queries.ChainAt(head.seq);
  if (absl::IsNotFound(chain.status())) {
    return "entry " + std::to_string(head.seq) +
           ", the head that was kept, is missing";
  }
  if (!chain.ok()) return chain.status();
  if (*chain == head.chain) return "";
  return "entry " + std::to_string(head.seq) +
         " is not the one of the head that was kept: it or what came before "
         "it was written anew";
}

void PrintVerdict(const VerifyOptions& options, const VerifyReport& report,
                  const JournalHead& head) {
  for (const std::string& fault : report.faults) {
    Print("fault: " + PrintableLines(fault) + "\n");
  }
  const std::string what =
      Counted(report.events, "event", "events") + " replayed, " +
      Counted(report.movements, "movement", "movements") + " added up, " +
      Counted(report.members, "member", "members");
  Print(Printable(options.db) + ": " + what + ": " +
        (report.ok() ? "every balance holds"
                     : Counted(report.fault_count, "fault", "faults")) +
        "\nhead " + HeadText(head) + "\n");
}

Json AsJson(const VerifyReport& report, const JournalHead& head) {
  return {{"ok", report.ok()},
          {"events", report.events},
          {"movements", report.movements},
          {"members", report.members},
          {"fault_count", report.fault_count},
          {"faults", report.faults},
          {"head", HeadText(head)}};
}

}  // namespace

Exit Verify(const VerifyOptions& options) {
  std::optional<JournalHead> kept;
  if (!options.head.empty()) {
    kept = ParsedHead(options.head);
    if (!kept.has_value()) {
      Complain("\"" + Printable(options.head) +
               "\" is no head as verify prints it: SEQ:CHAIN");
      return Exit::kUsage;
    }
  }
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  Progress progress;
  absl::StatusOr<VerifyReport> report =
      (*queries)->Verify([&progress](double share) {
        if (progress.IsDue()) progress.Draw(share, "verified");
      });
  ClearProgress();
  if (!report.ok()) return Failed(report.status(), Exit::kCouldNot);
  const absl::StatusOr<JournalHead> head = (*queries)->Head();
  if (!head.ok()) return Failed(head.status(), Exit::kCouldNot);
  if (kept.has_value()) {
    absl::StatusOr<std::string> fault = FaultOfHead(**queries, *kept, *head);
    if (!fault.ok()) return Failed(fault.status(), Exit::kCouldNot);
    if (!fault->empty()) {
      ++report->fault_count;
      report->faults.insert(report->faults.begin(), *std::move(fault));
    }
  }
  if (options.json) {
    PrintJson(AsJson(*report, *head));
  } else {
    PrintVerdict(options, *report, *head);
  }
  return Finished(report->ok() ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
