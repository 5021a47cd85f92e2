// SPDX-License-Identifier: Apache-2.0
//
// loyalty metrics: what a metric says of every member or object, in the order
// of their ids.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

void PrintLine(const MetricsOptions& options, const MetricLine& line) {
  if (!options.json) {
    const std::string by = line.by.empty() ? "" : Printable(line.by) + "\t";
    return Print(Printable(line.id) + "\t" + by + std::to_string(line.value) +
                 "\n");
  }
  Json json = {{line.is_member ? "member" : "object", line.id},
               {"metric", options.metric},
               {"value", line.value}};
  if (!line.by.empty()) json["by"] = line.by;
  PrintJson(json);
}

}  // namespace

Exit Metrics(const MetricsOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::Status status = (*queries)->Metrics(
      options.metric, *at,
      [&](const MetricLine& line) { PrintLine(options, line); });
  return status.ok() ? Finished(Exit::kDone) : QueryFailed(status);
}

}  // namespace loyalty::command
