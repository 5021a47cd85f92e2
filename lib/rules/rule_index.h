// SPDX-License-Identifier: Apache-2.0
//
// RuleIndex: finds, of one event type's rules, those that an event may meet, so
// that rules it cannot meet cost nothing.
#ifndef LOYALTY_LIB_RULES_RULE_INDEX_H_
#define LOYALTY_LIB_RULES_RULE_INDEX_H_

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loyalty/cel/cel.h"

namespace loyalty::rules {

// Places of an event type's rules; most events meet few.
using RulePlaces = absl::InlinedVector<int, 32>;

// A rule whose condition has a conjunct such as  event.category == "c1"  is
// false, errors elsewhere included, for every other category (CEL's && is
// commutative and absorbs errors). Each rule is filed under one such conjunct,
// if it has any, and looked up by the event's value.
//
// Immutable once made; any number of threads may look up.
class RuleIndex {
 public:
  RuleIndex() = default;

  // `conditions` are the rules' in order; null is always true. `event` are the
  // slots of the event's own values, which are there before the first leg.
  RuleIndex(std::span<const cel::Expression* const> conditions,
            std::span<const int> event);

  // Sets `candidates` to the places, in order, of the rules that may be met by
  // an event whose values are in `slots`. All others are false for it.
  void FindCandidates(std::span<const cel::Value> slots,
                      RulePlaces& candidates) const;

 private:
  struct Field {
    uint32_t slot = 0;
    absl::flat_hash_map<std::string, std::vector<int>> by_text = {};
    absl::flat_hash_map<int64_t, std::vector<int>> by_number = {};  // and bool
    // Those for which an absent value is an error, not false.
    std::vector<int> if_absent = {};
  };

  void File(int rule, const cel::Requirement& requirement);

  std::vector<int> always_ = {};
  std::vector<Field> fields_ = {};
};

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_RULE_INDEX_H_
