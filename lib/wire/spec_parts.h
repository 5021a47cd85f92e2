// SPDX-License-Identifier: Apache-2.0
//
// What the functions that read a program's messages share: where a field is
// written, and what is in it. See program_spec.h.
#ifndef LOYALTY_LIB_WIRE_SPEC_PARTS_H_
#define LOYALTY_LIB_WIRE_SPEC_PARTS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/window.h"
#include "loyalty/v1/program.pb.h"
#include "model/spec.h"
#include "wire/bind.h"

namespace loyalty::wire {

// Where item `index` of a field is written; if it was not, the message.
inline Written WrittenIn(const Places& places, int field, size_t index = 0) {
  const auto found = places.values.find(field);
  if (found == places.values.end() || index >= found->second.size()) {
    return {.at = places.at, .jumps = {}};
  }
  return found->second[index];
}

inline model::Place PlaceIn(const Places& places, int field) {
  return WrittenIn(places, field).at;
}

inline const Places& Inside(const Places& places, int field, size_t index = 0) {
  static const Places nowhere;
  const auto found = places.messages.find(field);
  if (found == places.messages.end() || index >= found->second.size()) {
    return nowhere;
  }
  return found->second[index];
}

inline model::Text TextIn(const Places& places, int field,
                          const std::string& text, size_t index = 0) {
  Written written = WrittenIn(places, field, index);
  return {.text = text, .at = written.at, .jumps = std::move(written.jumps)};
}

inline std::vector<model::Text> TextsIn(
    const Places& places, int field,
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<model::Text> all;
  for (const std::string& text : texts) {
    all.push_back(TextIn(places, field, text, all.size()));
  }
  return all;
}

// What `one` makes of every message of a repeated field.
template <typename Message, typename Spec>
void SpecsIn(const Places& places, int field,
             const google::protobuf::RepeatedPtrField<Message>& messages,
             Spec (*one)(const Message&, const Places&),
             std::vector<Spec>& specs) {
  for (const Message& message : messages) {
    specs.push_back(one(message, Inside(places, field, specs.size())));
  }
}

inline base::Period PeriodOf(v1::Limit::Period period) {
  switch (period) {
    case v1::Limit::HOUR: return base::Period::kHour;
    case v1::Limit::DAY: return base::Period::kDay;
    case v1::Limit::WEEK: return base::Period::kWeek;
    case v1::Limit::MONTH: return base::Period::kMonth;
    case v1::Limit::QUARTER: return base::Period::kQuarter;
    case v1::Limit::YEAR: return base::Period::kYear;
    default: return base::Period::kEver;
  }
}

// standing_spec.cc
model::LadderSpec LadderOf(const v1::Ladder& ladder, const Places& at);
model::LeaderboardSpec LeaderboardOf(const v1::Leaderboard& board,
                                     const Places& at);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_SPEC_PARTS_H_
