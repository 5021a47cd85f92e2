// SPDX-License-Identifier: Apache-2.0
//
// Chain: the hash that ties each entry of the journal to all before it, so that
// an entry that was changed, left out, added or moved is found (verify), and
// the last one stands for the whole file.
#ifndef LOYALTY_LIB_STORE_CHAIN_H_
#define LOYALTY_LIB_STORE_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loyalty::store {

// The columns of an event's row that the chain covers: all but itself.
struct EntryRow {
  int64_t seq = 0;
  std::string_view id = {};
  int64_t type = 0;
  int64_t time = 0;         // microseconds
  int64_t recorded_at = 0;  // microseconds
  std::optional<int64_t> actor = {};
  std::optional<std::string_view> target = {};
  int64_t program = 0;
  int64_t rejected = 0;
  std::string_view record = {};
  std::string_view movements = {};
};

// 32 bytes. `before` is the chain of the entry before, "" for the first;
// `program_identity` that of the program that decided it.
std::string ChainOf(std::string_view before, const EntryRow& row,
                    std::string_view program_identity);

inline constexpr size_t kNameDigestBytes = 16;

// What the journal keeps of a name: 16 bytes of a SHA-256, or of an HMAC with
// it where there is a key.
std::string DigestOfName(std::string_view name, std::string_view key);

// What the journal keeps of a personal attribute, likewise.
std::string DigestOfPersonal(std::string_view name, std::string_view value,
                             std::string_view key);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_CHAIN_H_
