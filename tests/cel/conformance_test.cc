// SPDX-License-Identifier: Apache-2.0
//
// The suite's core profile must pass without exception. The file is not part
// of the source tree: LOYALTY_SHARED names the folder that has it.
#include "conformance.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace loyalty::cel {
namespace {

struct Counts {
  int passed = 0;
  int failed = 0;
};

// Prints and counts the tests for which `is_wanted`.
template <typename IsWanted>
Counts CountsOf(const std::vector<ConformanceResult>& results,
                IsWanted is_wanted) {
  Counts counts;
  for (const ConformanceResult& result : results) {
    if (!is_wanted(result)) continue;
    ++(result.failure.empty() ? counts.passed : counts.failed);
    if (!result.failure.empty()) {
      std::cout << "FAILED " << result.name << ": " << result.failure << "\n";
    }
  }
  std::cout << counts.passed << " passed, " << counts.failed << " failed\n";
  return counts;
}

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    const char* const shared = std::getenv("LOYALTY_SHARED");
    auto results = RunConformance(std::string(shared ? shared : ".") +
                                  "/cel/conformance.jsonl");
    if (absl::IsNotFound(results.status())) {
      GTEST_SKIP() << "set LOYALTY_SHARED to the folder that holds "
                      "cel/conformance.jsonl";
    }
    ASSERT_TRUE(results.ok()) << results.status();
    results_ = *std::move(results);
  }

  std::vector<ConformanceResult> results_;
};

TEST_F(Conformance, OfTheCoreLanguageIsComplete) {
  const Counts counts = CountsOf(results_, [](const ConformanceResult& result) {
    return result.profile == "core";
  });
  EXPECT_EQ(counts.failed, 0);
  EXPECT_GT(counts.passed, 600) << "the file seems incomplete";
}

TEST_F(Conformance, OfMathAndBindingsIsComplete) {
  const Counts counts = CountsOf(results_, [](const ConformanceResult& result) {
    return result.extension == "math" || result.extension == "bindings";
  });
  EXPECT_EQ(counts.failed, 0);
  EXPECT_GT(counts.passed, 100) << "the file seems incomplete";
}

// format() is not there yet.
TEST_F(Conformance, OfStringsIsCompleteButForFormat) {
  const Counts counts = CountsOf(results_, [](const ConformanceResult& result) {
    return result.extension == "strings" &&
           result.name.find("format") == std::string::npos;
  });
  EXPECT_EQ(counts.failed, 0);
  EXPECT_GT(counts.passed, 50) << "the file seems incomplete";
}

}  // namespace
}  // namespace loyalty::cel
