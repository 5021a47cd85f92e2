// SPDX-License-Identifier: Apache-2.0
//
// What is stored is what was meant: events and outcomes through bytes and back.
#include "wire/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "loyalty/v1/event.pb.h"
#include "loyalty/v1/outcome.pb.h"
#include "random_event.h"

namespace loyalty::wire {
namespace {

Event WithAttributes(Attributes attributes) {
  return {.id = "e",
          .type = "t",
          .time = absl::UnixEpoch(),
          .attributes = std::move(attributes)};
}

Outcome RandomOutcome(Random& random) {
  Outcome outcome;
  outcome.event_id = RandomText(random);
  outcome.seq = RandomInt(random);
  outcome.recorded_at = absl::FromUnixMicros(RandomInt(random));
  outcome.rejected = static_cast<RejectReason>(random() % 5);
  outcome.reason = RandomText(random);
  for (uint64_t n = random() % 5; n > 0; --n) {
    switch (random() % 4) {
      case 0:
        outcome.effects.push_back(
            Opened{RandomText(random), RandomText(random), RandomInt(random)});
        break;
      case 1:
        outcome.effects.push_back(
            Awarded{RandomText(random), RandomText(random), RandomText(random),
                    RandomInt(random), RandomInt(random), RandomInt(random),
                    static_cast<CutReason>(random() % 8)});
        break;
      case 2:
        outcome.effects.push_back(
            Reversed{RandomText(random), RandomText(random), RandomInt(random),
                     RandomInt(random)});
        break;
      default:
        outcome.effects.push_back(LevelChanged{
            RandomText(random), RandomText(random), RandomText(random),
            RandomText(random), random() % 2 == 0});
    }
  }
  for (uint64_t n = random() % 3; n > 0; --n) {
    outcome.notes.push_back({RandomText(random), RandomText(random)});
  }
  return outcome;
}

TEST(Codec, GivesBackEveryEvent) {
  Random random(1);
  for (int seed = 0; seed < 5000; ++seed) {
    const Event event = RandomEvent(random);
    const std::string bytes = EncodeEvent(event);
    const auto back = DecodeEvent(bytes);
    ASSERT_TRUE(back.ok()) << seed << back.status();
    ASSERT_EQ(*back, event) << seed;
    ASSERT_EQ(EncodeEvent(*back), bytes) << seed;
  }
}

TEST(Codec, GivesBackEveryOutcome) {
  Random random(2);
  for (int seed = 0; seed < 5000; ++seed) {
    const Outcome outcome = RandomOutcome(random);
    const auto back = DecodeOutcome(EncodeOutcome(outcome));
    ASSERT_TRUE(back.ok()) << seed << back.status();
    ASSERT_EQ(*back, outcome) << seed;
  }
}

TEST(Codec, TellsAbsentTextsFromEmptyOnes) {
  Event event{.id = "e", .type = "t", .time = absl::UnixEpoch(), .actor = ""};
  const auto back = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->actor, "");
  EXPECT_EQ(back->target, std::nullopt);
}

TEST(Codec, TellsKindsOfValueApart) {
  const auto encoded = [](Value value) {
    return EncodeEvent(WithAttributes({{"v", std::move(value)}}));
  };
  EXPECT_NE(encoded(5), encoded(5.0));
  EXPECT_NE(encoded(0.0), encoded(-0.0));
  EXPECT_NE(encoded(false), encoded(0));
  EXPECT_NE(encoded(Value::List{}), encoded(Value::Map{}));
  EXPECT_NE(encoded(absl::UnixEpoch()), encoded(absl::ZeroDuration()));
}

TEST(Codec, KeepsNotANumber) {
  const Event event = WithAttributes({{"v", std::nan("")}});
  const auto back = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(EncodeEvent(*back), EncodeEvent(event));
}

TEST(Codec, RoundsTimesDownToMicroseconds) {
  const auto through = [](absl::Time time) {
    return DecodeEvent(EncodeEvent(Event{.id = "e", .type = "t", .time = time}))
        ->time;
  };
  const absl::Time second = absl::FromUnixSeconds(-5);
  EXPECT_EQ(through(second + absl::Nanoseconds(1999)),
            second + absl::Microseconds(1));
  EXPECT_EQ(through(second - absl::Nanoseconds(1)),
            second - absl::Microseconds(1));
  const Event lasting = WithAttributes({{"d", -absl::Nanoseconds(1)}});
  EXPECT_EQ(DecodeEvent(EncodeEvent(lasting))->attributes.at("d"),
            Value(-absl::Microseconds(1)));
}

TEST(Codec, KeepsTheInfinities) {
  Event event = WithAttributes({{"d", -absl::InfiniteDuration()},
                                {"e", absl::InfiniteDuration()},
                                {"f", absl::InfiniteFuture()}});
  event.time = absl::InfinitePast();
  const auto back = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, event);
  EXPECT_EQ(*DecodeOutcome(EncodeOutcome(Outcome())), Outcome());
}

TEST(Codec, TakesValuesThatAreDeep) {
  Value value = 1;
  for (int i = 0; i < 200; ++i) {
    value = i % 2 == 0 ? Value(Value::List{value})
                       : Value(Value::Map{{"m", value}});
  }
  const Event event = WithAttributes({{"v", value}});
  const auto back = DecodeEvent(EncodeEvent(event));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, event);
}

TEST(Codec, LeavesOutThatAnAnswerWasARepeat) {
  Outcome outcome;
  outcome.repeat = true;
  EXPECT_FALSE(DecodeOutcome(EncodeOutcome(outcome))->repeat);
}

// Protobuf's wire format has many spellings of one message; we have one.
TEST(Codec, NoticesBytesThatEncodeDoesNotWrite) {
  const std::string bytes = EncodeEvent(Event{
      .id = "e", .type = "t", .time = absl::UnixEpoch() + absl::Seconds(1)});
  ASSERT_TRUE(DecodeEvent(bytes).ok());
  for (const std::string& other :
       {bytes + "x", bytes.substr(0, bytes.size() - 1), bytes + bytes,
        std::string("\x0A\x81\x00", 3) + "e" + bytes.substr(3),
        bytes + std::string("\xA0\x38\x01", 3), std::string("\xFF\xFF"),
        std::string("\x0A\x01\xFF", 3)}) {
    EXPECT_EQ(DecodeEvent(other).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(DecodeOutcome("\xFF\xFF").status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(Codec, NoticesAttributesOutOfOrderOrWithoutAKind) {
  v1::Event event;
  for (const std::string_view name : {"b", "a"}) {
    v1::NamedValue& attribute = *event.add_attribute();
    attribute.set_name(std::string(name));
    attribute.mutable_value()->set_int_(1);
  }
  EXPECT_FALSE(DecodeEvent(event.SerializeAsString()).ok());
  event.mutable_attribute()->SwapElements(0, 1);
  EXPECT_TRUE(DecodeEvent(event.SerializeAsString()).ok());
  event.mutable_attribute(1)->set_name("a");
  EXPECT_FALSE(DecodeEvent(event.SerializeAsString()).ok());
  event.mutable_attribute(1)->set_name("b");
  event.mutable_attribute(1)->mutable_value()->clear_kind();
  EXPECT_FALSE(DecodeEvent(event.SerializeAsString()).ok());
}

TEST(Codec, NoticesReasonsOfALaterVersion) {
  v1::Outcome outcome;
  outcome.set_rejected(5);
  EXPECT_FALSE(DecodeOutcome(outcome.SerializeAsString()).ok());
  outcome.set_rejected(4);
  EXPECT_TRUE(DecodeOutcome(outcome.SerializeAsString()).ok());
  v1::Awarded& awarded = *outcome.add_effect()->mutable_awarded();
  awarded.set_cut(8);
  EXPECT_FALSE(DecodeOutcome(outcome.SerializeAsString()).ok());
  awarded.set_cut(7);
  EXPECT_TRUE(DecodeOutcome(outcome.SerializeAsString()).ok());
  outcome.add_effect();
  EXPECT_FALSE(DecodeOutcome(outcome.SerializeAsString()).ok());
}

TEST(Codec, SurvivesEveryFlippedBit) {
  Random random(3);
  for (int seed = 0; seed < 50; ++seed) {
    const std::string bytes = EncodeEvent(RandomEvent(random));
    for (size_t bit = 0; bit < bytes.size() * 8 && bit < 2000; ++bit) {
      std::string changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      const auto back = DecodeEvent(changed);
      if (!back.ok()) continue;
      ASSERT_EQ(EncodeEvent(*back), changed);
    }
  }
}

// The bytes are stored for ever: this test may only grow.
TEST(Codec, WritesTheseBytes) {
  const Event event{.id = "e",
                    .type = "t",
                    .time = absl::FromUnixMicros(1),
                    .actor = "a",
                    .attributes = {{"n", -1}, {"s", "x"}}};
  EXPECT_EQ(EncodeEvent(event),
            std::string_view("\x0A\x01"
                             "e\x12\x01t\x18\x01\x22\x01"
                             "a\x3A\x07\x0A\x01n\x12\x02\x10\x01"
                             "\x3A\x08\x0A\x01s\x12\x03\x22\x01x"));
}

}  // namespace
}  // namespace loyalty::wire
