// SPDX-License-Identifier: Apache-2.0
//
// See symbol.h.
#include "model/symbol.h"

#include <absl/container/flat_hash_map.h>

#include <memory>
#include <mutex>

namespace loyalty::model {
namespace {

uint64_t HashOf(std::string_view text, uint64_t hash) {  // FNV-1a
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

const Symbol::Kept* Symbol::Keep(std::string_view text) {
  if (text.empty()) return Nothing();
  // Never destroyed: symbols may outlive any order of destruction.
  static auto* const mutex = new std::mutex();
  static auto* const kept =
      new absl::flat_hash_map<std::string, std::unique_ptr<const Kept>>();
  const std::lock_guard<std::mutex> guard(*mutex);
  auto& one = (*kept)[std::string(text)];
  if (one == nullptr) {
    one = std::make_unique<const Kept>(
        Kept{.text = std::string(text),
             .hash = HashOf(text, kHashOfNothing),
             .index = static_cast<uint32_t>(kept->size())});
  }
  return one.get();
}

}  // namespace loyalty::model
