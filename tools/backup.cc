// SPDX-License-Identifier: Apache-2.0
//
// loyalty backup: copies a file, also one that is being written. The head it
// prints is that of the copy, to be kept elsewhere and given to verify.
#include <absl/status/status.h>

#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"
#include "progress.h"

namespace loyalty::command {

Exit Backup(const BackupOptions& options) {
  const auto queries = Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<JournalHead> head = (*queries)->Head();
  if (!head.ok()) return Failed(head.status(), Exit::kCouldNot);
  Progress progress;
  const absl::Status copied =
      (*queries)->Backup(options.to, [&progress](double share) {
        if (progress.IsDue()) progress.Draw(share, "copied");
      });
  ClearProgress();
  if (!copied.ok()) return Failed(copied, Exit::kCouldNot);
  if (options.json) {
    PrintJson(
        {{"to", options.to}, {"events", head->seq}, {"head", HeadText(*head)}});
  } else {
    Print(Printable(options.to) + ": " + Counted(head->seq, "event", "events") +
          " of " + Printable(options.db) + "\nhead " + HeadText(*head) + "\n");
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
