// SPDX-License-Identifier: Apache-2.0
//
// Events as odd as they come: any text, any number, nested values.
#ifndef LOYALTY_TESTS_WIRE_RANDOM_EVENT_H_
#define LOYALTY_TESTS_WIRE_RANDOM_EVENT_H_

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include "loyalty/event.h"

namespace loyalty::wire {

using Random = std::mt19937_64;

inline std::string RandomText(Random& random) {
  static constexpr std::string_view kPieces[] = {
      "a", "ada", "\"", "\\", "/", "\n", "\t",    "\x1F",   "\x7F",
      "é", "€",   "😀",  " ",  "{", "\b", "u0000", "\u2028", "</script>"};
  std::string text;
  for (uint64_t n = random() % 5; n > 0; --n) {
    text += kPieces[random() % std::size(kPieces)];
  }
  return text;
}

// Often at an edge of the range.
inline int64_t RandomInt(Random& random) {
  constexpr int64_t kEdges[] = {0,      1, -1, INT64_MAX - 1, INT64_MIN + 1,
                                1 << 20};
  if (random() % 2 == 0) return kEdges[random() % std::size(kEdges)];
  return static_cast<int64_t>(random() >> random() % 64) - 100;
}

inline double RandomDouble(Random& random) {
  constexpr double kEdges[] = {
      0.0,  -0.0, 5.0,    0.1,
      1e22, 1e-7, 5e-324, std::numeric_limits<double>::max()};
  if (random() % 2 == 0) return kEdges[random() % std::size(kEdges)];
  const auto any = std::bit_cast<double>(random());
  return std::isfinite(any) ? any : 1.5;
}

// Kinds that JSON has too.
inline Value RandomPlainValue(Random& random, int depth) {
  switch (random() % (depth > 3 ? 4 : 6)) {
    case 0: return random() % 2 == 0;
    case 1: return RandomInt(random);
    case 2: return RandomDouble(random);
    case 3: return RandomText(random);
    case 4: {
      Value::List list;
      for (uint64_t n = random() % 4; n > 0; --n) {
        list.push_back(RandomPlainValue(random, depth + 1));
      }
      return list;
    }
    default: {
      Value::Map map;
      for (uint64_t n = random() % 4; n > 0; --n) {
        map.insert_or_assign(RandomText(random),
                             RandomPlainValue(random, depth + 1));
      }
      return map;
    }
  }
}

inline Event RandomPlainEvent(Random& random) {
  Event event{.id = RandomText(random),
              .type = RandomText(random),
              .time = absl::FromUnixMicros(
                  static_cast<int64_t>(random() % 4'000'000'000'000'000) -
                  2'000'000'000'000'000)};
  if (random() % 2 == 0) event.actor = RandomText(random);
  if (random() % 2 == 0) event.target = RandomText(random);
  if (random() % 2 == 0) event.channel = RandomText(random);
  for (uint64_t n = random() % 5; n > 0; --n) {
    event.attributes.insert_or_assign(RandomText(random),
                                      RandomPlainValue(random, 0));
  }
  return event;
}

inline Event RandomEvent(Random& random) {
  Event event = RandomPlainEvent(random);
  event.attributes.insert_or_assign("at",
                                    absl::FromUnixMicros(RandomInt(random)));
  event.attributes.insert_or_assign("for",
                                    absl::Microseconds(RandomInt(random)));
  return event;
}

}  // namespace loyalty::wire

#endif  // LOYALTY_TESTS_WIRE_RANDOM_EVENT_H_
