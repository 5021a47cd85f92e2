// SPDX-License-Identifier: Apache-2.0
//
// See symbol.h.
#include "model/symbol.h"

#include <absl/container/node_hash_set.h>

#include <mutex>

#include "base/views.h"

namespace loyalty::model {

const std::string* Symbol::Keep(std::string_view text) {
  static const auto* const empty = new std::string();
  if (text.empty()) return empty;
  // Never destroyed: symbols may outlive any order of destruction.
  static auto* const mutex = new std::mutex();
  static auto* const kept = new absl::node_hash_set<std::string>();
  const std::lock_guard<std::mutex> guard(*mutex);
  return &*kept->emplace(text).first;
}

}  // namespace loyalty::model
