// SPDX-License-Identifier: Apache-2.0
//
// What the fuzzers of this folder share: a claim that ends the process where it
// does not hold, and numbers taken from the bytes of an input.
#ifndef LOYALTY_TESTS_FUZZ_REQUIRE_H_
#define LOYALTY_TESTS_FUZZ_REQUIRE_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace loyalty::fuzz {

inline void Require(bool holds, const std::string& claim) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", claim.c_str());
  std::abort();
}

inline std::string_view Text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes numbers off the front; 0 once there is nothing left.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }
  int Byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  int Below(int end) { return Byte() % end; }
  bool Flag() { return (Byte() & 1) != 0; }
  size_t Wide() {  // 24 bits
    const int high = Byte();
    const int middle = Byte();
    return static_cast<size_t>(high) << 16 | static_cast<size_t>(middle) << 8 |
           static_cast<size_t>(Byte());
  }
  std::string_view Rest() const { return Text(data_, left_); }

 private:
  const uint8_t* data_;
  size_t left_;
};

}  // namespace loyalty::fuzz

#endif  // LOYALTY_TESTS_FUZZ_REQUIRE_H_
