// SPDX-License-Identifier: Apache-2.0
//
// loyalty feed: outcomes in commit order, one JSON object a line. Who reads it
// keeps its place by the last "seq" it saw.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Feed(const FeedOptions& options) {
  constexpr int64_t kOutcomesAPage = 1000;
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  int64_t after = options.after;
  int64_t left =
      options.limit > 0 ? options.limit : std::numeric_limits<int64_t>::max();
  while (left > 0) {
    const int64_t wanted = std::min(left, kOutcomesAPage);
    const absl::StatusOr<std::vector<Outcome>> page =
        (*queries)->Feed(after, static_cast<int>(wanted));
    if (!page.ok()) return QueryFailed(page.status());
    for (const Outcome& outcome : *page) PrintJson(ToJson(outcome));
    const auto got = static_cast<int64_t>(page->size());
    if (got < wanted) break;
    left -= got;
    after = page->back().seq;
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
