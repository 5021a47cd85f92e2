// SPDX-License-Identifier: Apache-2.0
//
// loyalty can: whether a level of a member lets them do something.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Can(const CanOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<bool> can =
      (*queries)->Can(options.member, options.privilege, *at);
  if (!can.ok()) return QueryFailed(can.status());
  if (options.json) {
    PrintJson(Json{{"member", options.member},
                   {"privilege", options.privilege},
                   {"can", *can}});
  } else {
    Print(*can ? "yes\n" : "no\n");
  }
  return Finished(*can ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
