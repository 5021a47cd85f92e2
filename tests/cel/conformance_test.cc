// SPDX-License-Identifier: Apache-2.0
//
// The suite's core profile must pass without exception. The file is not part
// of the source tree: LOYALTY_SHARED names the folder that has it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "cel_conformance.h"

namespace loyalty::cel {
namespace {

using command::ConformanceResult;

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

// The failures of tests, one a line; "" if all passed.
std::string FailuresOf(std::string_view lines) {
  const auto results = command::RunConformance(lines);
  if (!results.ok()) return std::string(results.status().message());
  std::string failures;
  for (const ConformanceResult& result : *results) {
    if (!result.failure.empty()) failures += result.name + ": ";
    failures += result.failure;
  }
  return failures;
}

TEST(ConformanceTests, SayWhatFailed) {
  EXPECT_EQ(FailuresOf(R"({"expr":"1 + 1","file":"f","section":"s","name":"n",)"
                       R"("expected":{"type":"int","value":"2"}})"
                       "\n\n"),
            "");
  EXPECT_EQ(FailuresOf(R"({"expr":"1 + 1","file":"f","section":"s","name":"n",)"
                       R"("expected":{"type":"uint","value":"2"}})"),
            "f/s/n: gave 2, not 2u");
  EXPECT_EQ(FailuresOf(R"({"expr":"1 / 0","file":"f","section":"s","name":"n",)"
                       R"("error":true})"),
            "");
  EXPECT_EQ(FailuresOf(R"({"expr":"x + 1","file":"f","section":"s","name":"n",)"
                       R"("bindings":{"x":{"type":"int","value":"1"}},)"
                       R"("expected":{"type":"int","value":"2"}})"),
            "");
}

TEST(ConformanceTests, ThatAreNoneAreNamedByTheirLine) {
  constexpr char kGood[] = R"({"expr":"true","expected":{"type":"bool",)"
                           R"("value":true}})";
  for (const char* const bad : {"{", "[]", "{}", "{\"expr\": 1}",
                                "{\"expr\": \"1\", \"bindings\": 2}", "\xff"}) {
    EXPECT_EQ(FailuresOf(std::string(kGood) + "\n" + bad),
              "line 2 is not a test")
        << bad;
  }
}

TEST(ConformanceTests, OfValuesThatAreNotThereFail) {
  for (const char* const value :
       {R"({"type":"int","value":"x"})", R"({"type":"int","value":1})",
        R"({"type":"int"})", R"({"type":"duck","value":"1"})", "3", "null",
        R"({"type":"list","value":[1]})", R"({"type":"map","value":[[1]]})",
        R"({"type":"bytes","value":"*"})", R"({"type":1,"value":1})"}) {
    EXPECT_EQ(FailuresOf(R"({"expr":"1","file":"f","section":"s","name":"n",)"
                         R"("expected":)" +
                         std::string(value) + "}"),
              "f/s/n: no such value to expect")
        << value;
  }
}

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    const char* const shared = std::getenv("LOYALTY_SHARED");
    std::ifstream file(std::string(shared ? shared : ".") +
                       "/cel/conformance.jsonl");
    if (!file.is_open()) {
      GTEST_SKIP() << "set LOYALTY_SHARED to the folder that holds "
                      "cel/conformance.jsonl";
    }
    std::stringstream lines;
    lines << file.rdbuf();
    auto results = command::RunConformance(lines.str());
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

TEST_F(Conformance, OfTheExtensionsIsComplete) {
  const std::map<std::string, int> counted_at_least = {
      {"strings", 125}, {"math", 124},   {"optionals", 38},
      {"bindings", 5},  {"encoders", 3}, {"two_var_comprehensions", 29},
  };
  for (const auto& each : counted_at_least) {
    const std::string& extension = each.first;

    SCOPED_TRACE(extension);
    const Counts counts =
        CountsOf(results_, [&](const ConformanceResult& result) {
          return result.extension == extension;
        });
    EXPECT_EQ(counts.failed, 0);
    EXPECT_GE(counts.passed, each.second) << "the file seems incomplete";
  }
}

}  // namespace
}  // namespace loyalty::cel
