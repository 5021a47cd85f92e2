// SPDX-License-Identifier: Apache-2.0
//
// Patterns that are no more than a few texts to look for, as in
// "[Ss]pam|[Cc]asino": found without RE2, and in half the time.
#ifndef LOYALTY_LIB_CEL_ALTERNATIVES_H_
#define LOYALTY_LIB_CEL_ALTERNATIVES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::cel {

// The texts of one pattern. Immutable.
class Alternatives {
 public:
  // Null if `pattern` means more than texts, letters or digits in brackets and
  // | between them, or means too many. It then takes RE2.
  static std::unique_ptr<const Alternatives> Of(std::string_view pattern);

  // Whether one of them is somewhere in `text`.
  bool AreIn(std::string_view text) const;

 private:
  explicit Alternatives(std::vector<std::string> texts);

  static constexpr size_t kMost = 16;

  std::vector<std::string> texts_;
  std::array<uint16_t, 256> begun_by_{};  // by each byte: which, as bits
};

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_ALTERNATIVES_H_
