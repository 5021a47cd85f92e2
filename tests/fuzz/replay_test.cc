// SPDX-License-Identifier: Apache-2.0
//
// Each fuzzer on the inputs it starts from, and on each of them cut short: what
// it found once stays found, with any compiler.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern "C" {
int event_json_fuzz(const uint8_t* data, size_t size);
int program_text_fuzz(const uint8_t* data, size_t size);
int cel_fuzz(const uint8_t* data, size_t size);
int history_fuzz(const uint8_t* data, size_t size);
int database_bytes_fuzz(const uint8_t* data, size_t size);
}

namespace loyalty::fuzz {
namespace {

using Target = int(const uint8_t* data, size_t size);

std::vector<std::string> Inputs(const std::string& name) {
  const char* source = std::getenv("LOYALTY_SOURCE");
  const std::filesystem::path folder =
      std::filesystem::path(source != nullptr ? source : ".") /
      "tests/fuzz/corpus" / name;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    inputs.push_back(bytes.str());
  }
  return inputs;
}

void Run(Target* target, const std::string& input) {
  target(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

// All inputs, and at most `cuts` beginnings of each.
void Replay(Target* target, const std::string& name, size_t cuts) {
  const std::vector<std::string> inputs = Inputs(name);
  EXPECT_FALSE(inputs.empty());
  for (const std::string& input : inputs) {
    Run(target, input);
    for (size_t i = 0; i < cuts; ++i) {
      Run(target, input.substr(0, input.size() * i / cuts));
    }
  }
}

TEST(EventsInJson, AreReadBackAsWritten) {
  Replay(event_json_fuzz, "event_json", 50);
}

TEST(ProgramTexts, AreRefusedOrReadBackAsTheSameProgram) {
  Replay(program_text_fuzz, "program_text", 50);
}

TEST(Expressions, AreRefusedOrEvaluatedTheSameTwice) {
  Replay(cel_fuzz, "cel", 50);
}

TEST(Histories, EndVerifiedAndAboveTheirFloors) {
  Replay(history_fuzz, "history", 10);
}

TEST(DamagedDatabases, AreReadOrRefused) {
  Replay(database_bytes_fuzz, "database_bytes", 5);
}

}  // namespace
}  // namespace loyalty::fuzz
