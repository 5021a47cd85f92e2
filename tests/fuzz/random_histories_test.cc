// SPDX-License-Identifier: Apache-2.0
//
// Histories of random bytes: no fuzzer leads them, but every compiler has them.
// LOYALTY_HISTORIES says how many, LOYALTY_HISTORY_SEED where they begin.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int history_fuzz(const uint8_t* data, size_t size);

namespace loyalty::fuzz {
namespace {

int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

// What is wrong ends the process, and says what it is.
TEST(HistoryFuzz, FindsNothingInRandomBytes) {
  const int first = FromEnvironment("LOYALTY_HISTORY_SEED", 1);
  const int histories = FromEnvironment("LOYALTY_HISTORIES", 300);
  for (int seed = first; seed < first + histories; ++seed) {
    std::mt19937 random(static_cast<uint32_t>(seed));
    std::vector<uint8_t> bytes(200 + random() % 600);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    RecordProperty("seed", seed);
    history_fuzz(bytes.data(), bytes.size());
  }
}

}  // namespace
}  // namespace loyalty::fuzz
