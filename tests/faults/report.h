// SPDX-License-Identifier: Apache-2.0
//
// Report: what a harness did, how long it may go on, and the line that `./dev
// soak` makes its table of.
//
//   LOYALTY_FAULT_SECONDS  for each harness with its negative controls; 20,
//                         or what CMakeLists.txt says
//   LOYALTY_FAULT_SEED     where random runs begin; 1
#ifndef LOYALTY_TESTS_FAULTS_REPORT_H_
#define LOYALTY_TESTS_FAULTS_REPORT_H_

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#ifndef LOYALTY_FAULT_DEFAULT_SECONDS
#define LOYALTY_FAULT_DEFAULT_SECONDS 20
#endif

namespace loyalty::faults {

inline int64_t NumberIn(const char* variable, int64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoll(text);
}
inline uint64_t FirstSeed() {
  return static_cast<uint64_t>(NumberIn("LOYALTY_FAULT_SEED", 1));
}

// Where files cost least: memory, if there is a place for it. For files that
// are only placeholders, or are killed rather than cut.
inline std::filesystem::path FastFolder() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0
             ? memory
             : std::filesystem::temp_directory_path();
}

class Report {
 public:
  // `control` is "" where nothing may be found, else what was broken on
  // purpose. `share` is this run's part of the harness's time, in percent.
  Report(std::string harness, std::string unit, std::string control, int share)
      : harness_(std::move(harness)),
        unit_(std::move(unit)),
        control_(std::move(control)),
        start_(absl::Now()),
        end_(start_ + absl::Milliseconds(10) * share *
                          NumberIn("LOYALTY_FAULT_SECONDS",
                                   LOYALTY_FAULT_DEFAULT_SECONDS)) {}

  // The row: fault-row|HARNESS|UNIT|CONTROL|RUNS|VIOLATIONS|SECONDS|DETAILS
  ~Report() {
    std::printf("fault-row|%s|%s|%s|%lld|%lld|%.1f|first seed %llu",
                harness_.c_str(), unit_.c_str(), control_.c_str(),
                static_cast<long long>(runs_),
                static_cast<long long>(violated_),
                absl::ToDoubleSeconds(absl::Now() - start_),
                static_cast<unsigned long long>(FirstSeed()));
    for (const auto& [what, count] : counts_) {
      std::printf(", %s %lld", what.c_str(), static_cast<long long>(count));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  // A control that has found nothing yet is given more, on slow machines.
  bool IsTime() const {
    const bool needs_more = !control_.empty() && violated_ == 0;
    return absl::Now() < (needs_more ? end_ + 10 * (end_ - start_) : end_);
  }

  // One run, of which `violations` were found. The first few are kept.
  void Ran(uint64_t seed, const std::vector<std::string>& violations) {
    ++runs_;
    if (violations.empty()) return;
    ++violated_;
    for (const std::string& violation : violations) {
      if (first_.size() < 5) {
        first_.push_back("LOYALTY_FAULT_SEED=" + std::to_string(seed) + ": " +
                         violation);
      }
    }
  }
  // Something worth a figure beside the table.
  void Count(const std::string& what, int64_t n = 1) { counts_[what] += n; }
  int64_t count(const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }

  int64_t runs() const { return runs_; }
  // Runs with at least one violation.
  int64_t violated() const { return violated_; }
  // For the message of an assertion.
  std::string First() const {
    std::string text;
    for (const std::string& violation : first_) text += "\n  " + violation;
    return text;
  }

 private:
  const std::string harness_, unit_, control_;
  const absl::Time start_, end_;
  int64_t runs_ = 0;
  int64_t violated_ = 0;
  std::vector<std::string> first_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_REPORT_H_
