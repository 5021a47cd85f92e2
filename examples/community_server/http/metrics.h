// SPDX-License-Identifier: Apache-2.0
//
// Metrics: counts of what the server did, in Prometheus' text format.
#ifndef COMMUNITY_HTTP_METRICS_H_
#define COMMUNITY_HTTP_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace community {

// Thread-safe.
class Metrics {
 public:
  // One answer, `route` as the table of routes has it.
  void Answered(const std::string& route, int status, double seconds);
  // Adds to a counter; `labels` as in the format: key="value".
  void Count(const std::string& name, const std::string& labels,
             int64_t by = 1);

  // All of it, and besides these gauges as they are now.
  std::string Text(const std::map<std::string, int64_t>& gauges) const;

 private:
  static constexpr std::array<double, 9> kBounds = {
      0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
  struct Times {
    std::array<int64_t, kBounds.size() + 1> within = {};
    int64_t count = 0;
    double sum = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, int64_t> counters_;
  std::map<std::string, Times> times_;  // by route
};

}  // namespace community

#endif  // COMMUNITY_HTTP_METRICS_H_
