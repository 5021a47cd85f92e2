// SPDX-License-Identifier: Apache-2.0
//
// See chain.h. Numbers are hashed as eight bytes, low ones first, and texts
// behind their lengths, so that no two rows give the same bytes.
#include "store/chain.h"

#include <array>
#include <cstddef>

#include "base/digest.h"

namespace loyalty::store {
namespace {

class RowBytes {
 public:
  void Add(int64_t number) {
    std::array<char, 8> bytes;
    auto bits = static_cast<uint64_t>(number);
    for (char& byte : bytes) {
      byte = static_cast<char>(bits & 0xff);
      bits >>= 8;
    }
    bytes_.append(bytes.data(), bytes.size());
  }
  void Add(std::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    bytes_ += text;
  }
  template <typename T>
  void Add(const std::optional<T>& value) {
    bytes_ += value.has_value() ? '\1' : '\0';
    if (value.has_value()) Add(*value);
  }
  const std::string& bytes() const { return bytes_; }
  void Clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

}  // namespace

std::string ChainOf(std::string_view before, const EntryRow& row,
                    std::string_view program_identity) {
  static thread_local RowBytes bytes;
  bytes.Clear();
  bytes.Add(before);
  bytes.Add(row.seq);
  bytes.Add(row.id);
  bytes.Add(row.type);
  bytes.Add(row.time);
  bytes.Add(row.recorded_at);
  bytes.Add(row.actor);
  bytes.Add(row.target);
  bytes.Add(program_identity);
  bytes.Add(row.program);
  bytes.Add(row.rejected);
  bytes.Add(row.record);
  bytes.Add(row.movements);
  return base::Sha256(bytes.bytes());
}

std::string DigestOfName(std::string_view name, std::string_view key) {
  return (key.empty() ? base::Sha256(name) : base::HmacSha256(key, name))
      .substr(0, kNameDigestBytes);
}

std::string DigestOfPersonal(std::string_view name, std::string_view value,
                             std::string_view key) {
  RowBytes bytes;
  bytes.Add(name);
  bytes.Add(value);
  return DigestOfName(bytes.bytes(), key);
}

}  // namespace loyalty::store
