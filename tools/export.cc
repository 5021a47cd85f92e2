// SPDX-License-Identifier: Apache-2.0
//
// loyalty export: everything about a member, as one JSON document.
#include <memory>
#include <string>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Export(const ExportOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<std::string> document =
      (*queries)->Export(options.member);
  if (!document.ok()) return QueryFailed(document.status());
  Print(*document + "\n");
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
