// SPDX-License-Identifier: Apache-2.0
//
// See member_name.h.
#include "model/member_name.h"

#include <algorithm>

namespace loyalty::model {
namespace {

// So many always fit.
constexpr size_t kMostDigits = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string ErasedName(int64_t number) { return "#" + std::to_string(number); }

int64_t ErasedNumber(std::string_view id) {
  if (!id.starts_with('#')) return 0;
  id.remove_prefix(1);
  if (id.empty() || id.size() > kMostDigits || id[0] == '0' ||
      !std::all_of(id.begin(), id.end(), IsDigit)) {
    return 0;
  }
  int64_t number = 0;
  for (const char c : id) number = number * 10 + (c - '0');
  return number;
}

}  // namespace loyalty::model
