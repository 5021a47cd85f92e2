// SPDX-License-Identifier: Apache-2.0
//
// loyalty verify: proves from the journal that every balance is what it should
// be, or names what is not.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"
#include "progress.h"

namespace loyalty::command {
namespace {

void PrintVerdict(const VerifyOptions& options, const VerifyReport& report) {
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
        "\n");
}

}  // namespace

Exit Verify(const VerifyOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  Progress progress;
  const absl::StatusOr<VerifyReport> report =
      (*queries)->Verify([&progress](double share) {
        if (progress.IsDue()) progress.Draw(share, "verified");
      });
  ClearProgress();
  if (!report.ok()) return Failed(report.status(), Exit::kCouldNot);
  if (options.json) {
    PrintJson({{"ok", report->ok()},
               {"events", report->events},
               {"movements", report->movements},
               {"members", report->members},
               {"fault_count", report->fault_count},
               {"faults", report->faults}});
  } else {
    PrintVerdict(options, *report);
  }
  return Finished(report->ok() ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
