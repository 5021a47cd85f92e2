// SPDX-License-Identifier: Apache-2.0
#include "faults/batches.h"

#include <absl/strings/str_cat.h>

#include <filesystem>
#include <span>

#include "faults/witness.h"
#include "faults/workload.h"

namespace loyalty::faults {

std::vector<Batch> Batches(uint64_t seed) {
  Workload workload(seed);
  std::vector<Batch> batches(400);
  for (Batch& batch : batches) batch = workload.NextBatch();
  return batches;
}

std::vector<std::string> Compare(const std::string& path,
                                 const std::vector<Batch>& batches,
                                 int acknowledged, int& recorded) {
  std::vector<std::string> violations;
  const auto violate = [&](const std::string& what) {
    violations.push_back(what);
  };
  const auto engine = OpenSmall(path);
  if (!engine.ok()) return {"cannot be opened: " + engine.status().ToString()};
  const auto queries = (*engine)->Query();
  if (!queries.ok()) return {"cannot be read: " + queries.status().ToString()};
  const auto feed = (*queries)->Feed(0, 1'000'000);
  const auto report = (*queries)->Verify();
  if (!feed.ok()) return {"no feed: " + feed.status().ToString()};
  if (!report.ok()) return {"no verify: " + report.status().ToString()};
  for (const std::string& fault : report->faults) violate("verify: " + fault);

  // What an engine in memory makes of the same batches.
  const auto twin = InMemoryTwin();
  size_t wanted = 0;
  recorded = 0;
  for (int i = 0; static_cast<size_t>(i) < batches.size(); ++i) {
    if (wanted >= feed->size() && i >= acknowledged) break;
    const auto answers =
        *twin->Process(std::span<const Event>(batches[static_cast<size_t>(i)]));
    const size_t before = wanted;
    for (const auto& answer : answers) {
      if (!answer.ok() || answer->repeat || answer->seq == 0) continue;
      if (wanted < feed->size() && !SameButForClock((*feed)[wanted], *answer)) {
        violate(absl::StrCat("entry ", wanted + 1, " is ",
                             (*feed)[wanted].event_id, " or differs from ",
                             answer->event_id));
        return violations;
      }
      ++wanted;
    }
    if (wanted > feed->size()) {
      violate(absl::StrCat(before == feed->size() ? "lost: batch " : "half: ",
                           i, " of ", acknowledged, " acknowledged"));
      return violations;
    }
    recorded = i + 1;
  }
  if (wanted != feed->size()) violate("more than was sent");
  if (recorded > acknowledged + 1) {
    violate(absl::StrCat("more than one batch in flight: ", recorded, " of ",
                         acknowledged));
  }
  return violations;
}

void RemoveFile(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
    std::filesystem::remove(path + suffix);
  }
}

}  // namespace loyalty::faults
