// SPDX-License-Identifier: Apache-2.0
//
// InOrder: something for each of some entities, in the order in which they were
// first asked for. Not in that of their ids: those of members can be erased,
// and what is replayed then has to come to the same.
#ifndef LOYALTY_LIB_ENGINE_IN_ORDER_H_
#define LOYALTY_LIB_ENGINE_IN_ORDER_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "model/entity.h"

namespace loyalty::engine {

template <typename T>
class InOrder {
 public:
  T& operator[](const model::Entity& entity) {
    const auto [place, is_new] = places_.emplace(entity, all_.size());
    if (is_new) all_.emplace_back(entity, T{});
    return all_[place->second].second;
  }

  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }

 private:
  std::vector<std::pair<model::Entity, T>> all_;
  absl::flat_hash_map<model::Entity, size_t> places_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_IN_ORDER_H_
