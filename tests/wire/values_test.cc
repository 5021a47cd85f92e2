// SPDX-License-Identifier: Apache-2.0
//
// What is stored is what was meant: values through messages and bytes and back.
// Whole entries: tests/store/record_test.cc.
#include "wire/values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "random_event.h"

namespace loyalty::wire {
namespace {

std::string Bytes(const Value& value) {
  v1::Value message;
  PutValue(value, message);
  return BytesOf(message);
}

std::optional<Value> FromBytes(const std::string& bytes) {
  v1::Value message;
  return ParseBytes(bytes, message) ? TakeValue(message) : std::nullopt;
}

TEST(Values, ComeBack) {
  Random random(1);
  for (int seed = 0; seed < 5000; ++seed) {
    for (const auto& [name, value] : RandomEvent(random).attributes) {
      ASSERT_EQ(FromBytes(Bytes(value)), value) << seed;
    }
  }
}

TEST(Values, AreToldApartByTheirKinds) {
  EXPECT_NE(Bytes(5), Bytes(5.0));
  EXPECT_NE(Bytes(0.0), Bytes(-0.0));
  EXPECT_NE(Bytes(false), Bytes(0));
  EXPECT_NE(Bytes(Value::List{}), Bytes(Value::Map{}));
  EXPECT_NE(Bytes(absl::UnixEpoch()), Bytes(absl::ZeroDuration()));
}

TEST(Values, MayBeNoNumber) {
  EXPECT_EQ(Bytes(*FromBytes(Bytes(std::nan("")))), Bytes(std::nan("")));
}

TEST(Values, AreRoundedDownToMicroseconds) {
  EXPECT_EQ(FromBytes(Bytes(-absl::Nanoseconds(1))),
            Value(-absl::Microseconds(1)));
  EXPECT_EQ(FromBytes(Bytes(absl::UnixEpoch() - absl::Nanoseconds(1))),
            Value(absl::UnixEpoch() - absl::Microseconds(1)));
}

TEST(Values, MayBeInfinite) {
  for (const Value& value :
       {Value(-absl::InfiniteDuration()), Value(absl::InfiniteDuration()),
        Value(absl::InfiniteFuture()), Value(absl::InfinitePast())}) {
    EXPECT_EQ(FromBytes(Bytes(value)), value);
  }
}

TEST(Values, MayBeDeep) {
  Value value = 1;
  for (int i = 0; i < 200; ++i) {
    value = i % 2 == 0 ? Value(Value::List{Value(value)})
                       : Value(Value::Map{{"m", value}});
  }
  EXPECT_EQ(FromBytes(Bytes(value)), value);
}

TEST(Values, AreNoneWithoutAKindOrOfBytesThatAreNoMessage) {
  EXPECT_EQ(TakeValue(v1::Value()), std::nullopt);
  EXPECT_EQ(FromBytes("\xFF\xFF"), std::nullopt);
}

}  // namespace
}  // namespace loyalty::wire
