// SPDX-License-Identifier: Apache-2.0
//
// See metrics.h. Routes and names are ours, so that no label needs escaping.
#include "http/metrics.h"

#include <absl/strings/str_format.h>

namespace community {

void Metrics::Answered(const std::string& route, int status, double seconds) {
  const std::string labels =
      "route=\"" + route + "\",status=\"" + std::to_string(status) + "\"";
  const std::lock_guard lock(mutex_);
  ++counters_[{"community_http_answers_total", labels}];
  Times& times = times_[route];
  size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  ++times.within[bucket];
  ++times.count;
  times.sum += seconds;
}

void Metrics::Count(const std::string& name, const std::string& labels,
                    int64_t by) {
  const std::lock_guard lock(mutex_);
  counters_[{name, labels}] += by;
}

std::string Metrics::Text(const std::map<std::string, int64_t>& gauges) const {
  std::string text;
  for (const auto& [name, value] : gauges) {
    text += absl::StrFormat("# TYPE %s gauge\n%s %d\n", name, name, value);
  }
  const std::lock_guard lock(mutex_);
  std::string last;
  for (const auto& [key, value] : counters_) {
    const auto& [name, labels] = key;
    if (name != last) text += "# TYPE " + name + " counter\n";
    last = name;
    text += absl::StrFormat("%s{%s} %d\n", name, labels, value);
  }
  constexpr char kName[] = "community_http_answer_seconds";
  if (!times_.empty()) text += absl::StrFormat("# TYPE %s histogram\n", kName);
  for (const auto& [route, times] : times_) {
    int64_t so_far = 0;
    for (size_t i = 0; i < kBounds.size(); ++i) {
      so_far += times.within[i];
      text += absl::StrFormat("%s_bucket{route=\"%s\",le=\"%g\"} %d\n", kName,
                              route, kBounds[i], so_far);
    }
    text += absl::StrFormat(
        "%s_bucket{route=\"%s\",le=\"+Inf\"} %d\n%s_sum{route=\"%s\"} %g\n"
        "%s_count{route=\"%s\"} %d\n",
        kName, route, times.count, kName, route, times.sum, kName, route,
        times.count);
  }
  return text;
}

}  // namespace community
