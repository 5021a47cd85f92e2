// SPDX-License-Identifier: Apache-2.0
//
// What a member is called once their id has been erased: "#17", by the number
// that the journal has for them. No host may call a member so, which makes it
// as good as an id for whatever goes on without the name: a replay, a reversal,
// what expires.
#ifndef LOYALTY_LIB_MODEL_MEMBER_NAME_H_
#define LOYALTY_LIB_MODEL_MEMBER_NAME_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace loyalty::model {

std::string ErasedName(int64_t number);

// 0 if `id` is no such name.
int64_t ErasedNumber(std::string_view id);

inline bool IsErasedName(std::string_view id) {
  return id.starts_with('#') && ErasedNumber(id) != 0;
}

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_MEMBER_NAME_H_
