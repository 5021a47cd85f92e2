// SPDX-License-Identifier: Apache-2.0
//
// loyalty rebuild: makes everything in a file that follows from its journal
// anew.
#include <absl/status/status.h>

#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Rebuild(const RebuildOptions& options) {
  const absl::Status rebuilt = Engine::Rebuild(options.db);
  if (!rebuilt.ok()) return DbFailed(options.db, rebuilt);
  const auto queries = Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<JournalHead> head = (*queries)->Head();
  if (!head.ok()) return Failed(head.status(), Exit::kCouldNot);
  if (options.json) {
    PrintJson({{"events", head->seq}, {"head", HeadText(*head)}});
  } else {
    Print(Printable(options.db) + ": rebuilt from " +
          Counted(head->seq, "event", "events") + "\n");
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
