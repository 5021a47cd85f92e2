// SPDX-License-Identifier: Apache-2.0
//
// loyalty export: everything about a member, as one JSON document.
#include <memory>
#include <string>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Export(const ExportOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<std::string> document =
      (*queries)->Export(options.member, *at);
  if (!document.ok()) return QueryFailed(document.status());
  Print(*document + "\n");
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
