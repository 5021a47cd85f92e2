// SPDX-License-Identifier: Apache-2.0
//
// Events from JSON and to it.
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "loyalty/json.h"
#include "random_event.h"

namespace loyalty::wire {
namespace {

constexpr std::string_view kFront =
    R"({"id":"e","type":"t","time":"2026-03-01T12:00:00Z")";

std::string With(std::string_view more) {
  return std::string(kFront) + "," + std::string(more) + "}";
}

Event Read(std::string_view json) {
  auto event = JsonEventReader().Read(json);
  EXPECT_TRUE(event.ok()) << event.status() << json;
  return event.ok() ? *event : Event();
}

Value ReadValue(std::string_view json) {
  return Read(With(R"("attributes":{"v":)" + std::string(json) + "}"))
      .attributes.at("v");
}

absl::Time ReadTime(std::string_view time) {
  return Read(R"({"id":"e","type":"t","time":")" + std::string(time) + "\"}")
      .time;
}

TEST(JsonEvent, SaysAllOfAnEvent) {
  const Event event = Read(
      R"( {"attributes": {"owner": "grace", "n": [1, 2.5, {"a": true}]},
           "target": "post-9", "actor": "ada", "channel": "web",
           "time": "2026-03-01T13:30:00.25+01:30", "type": "like",
           "id": "like-17"} )");
  EXPECT_EQ(
      event,
      (Event{.id = "like-17",
             .type = "like",
             .time = absl::FromCivil(absl::CivilSecond(2026, 3, 1, 12, 0, 0),
                                     absl::UTCTimeZone()) +
                     absl::Milliseconds(250),
             .actor = "ada",
             .target = "post-9",
             .channel = "web",
             .attributes = {{"n", Value::List{1, 2.5, Value::Map{{"a", true}}}},
                            {"owner", "grace"}}}));
}

TEST(JsonEvent, TakesNullAsLeftOut) {
  EXPECT_EQ(Read(With(R"("actor":null,"attributes":null)")),
            Read(std::string(kFront) + "}"));
  EXPECT_EQ(Read(With(R"("attributes":{"a":null,"b":[null,1,null]})")),
            Read(With(R"("attributes":{"b":[1]})")));
}

TEST(JsonEvent, ReadsWholeNumbersAsInt) {
  EXPECT_EQ(ReadValue("0"), Value(0));
  EXPECT_EQ(ReadValue("-0"), Value(0));
  EXPECT_EQ(ReadValue("9223372036854775807"), Value(INT64_MAX));
  EXPECT_EQ(ReadValue("-9223372036854775808"), Value(INT64_MIN));
}

TEST(JsonEvent, ReadsFractionsAndExponentsAsDouble) {
  EXPECT_EQ(ReadValue("5.0"), Value(5.0));
  EXPECT_EQ(ReadValue("1e3"), Value(1000.0));
  EXPECT_EQ(ReadValue("-2.5E-1"), Value(-0.25));
  EXPECT_EQ(ReadValue("1e-400"), Value(0.0));
  EXPECT_EQ(ReadValue("737705407931495552.0"), Value(737705407931495552.0));
  EXPECT_EQ(ReadValue("1.7976931348623157e308"),
            Value(std::numeric_limits<double>::max()));
}

TEST(JsonEvent, KeepsTextsThatLookLikeTimes) {
  EXPECT_EQ(ReadValue("\"2026-03-01T12:00:00Z\""),
            Value("2026-03-01T12:00:00Z"));
  EXPECT_EQ(ReadValue("\"90s\""), Value("90s"));
}

TEST(JsonEvent, ReadsEscapes) {
  EXPECT_EQ(ReadValue(R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")"),
            Value("\"\\/\b\f\n\r\té😀"));
  EXPECT_EQ(Read(R"({"\u0069d":"e","type":"t","time":"2026-03-01T12:00:00Z"})"),
            Read(std::string(kFront) + "}"));
}

TEST(JsonEvent, CutsTimesToMicroseconds) {
  const absl::Time noon = ReadTime("2026-03-01T12:00:00Z");
  EXPECT_EQ(ReadTime("2026-03-01T12:00:00.0000019Z"),
            noon + absl::Microseconds(1));
  EXPECT_EQ(ReadTime("2026-03-01T12:00:00.123456789012345678901234567890Z"),
            noon + absl::Microseconds(123456));
  EXPECT_EQ(ReadTime("1969-12-31T23:59:59.9999999Z"),
            absl::UnixEpoch() - absl::Microseconds(1));
}

TEST(JsonEvent, ReadsTimesInAnyZone) {
  const absl::Time noon = ReadTime("2026-03-01T12:00:00Z");
  EXPECT_EQ(ReadTime("2026-03-01T14:00:00+02:00"), noon);
  EXPECT_EQ(ReadTime("2026-02-28T22:30:00-13:30"), noon);
  EXPECT_EQ(ReadTime("2026-03-01t12:00:00z"), noon);
  EXPECT_EQ(ReadTime("2026-03-01T12:00:00-00:00"), noon);
}

TEST(JsonEvent, TakesALeapSecondAsTheNextOne) {
  EXPECT_EQ(ReadTime("2016-12-31T23:59:60Z"), ReadTime("2017-01-01T00:00:00Z"));
  EXPECT_EQ(ReadTime("2017-01-01T00:59:60+01:00"),
            ReadTime("2017-01-01T00:00:00Z"));
}

TEST(JsonEvent, IsReadByOneReaderAfterAnother) {
  JsonEventReader reader;
  const std::string longer =
      With(R"("actor":")" + std::string(100'000, 'a') + "\"");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(reader.Read(longer)->actor->size(), 100'000U);
    EXPECT_FALSE(reader.Read(R"({"id":)").ok());
    EXPECT_EQ(reader.Read(std::string(kFront) + "}")->actor, std::nullopt);
  }
  JsonEventReader moved = std::move(reader);
  EXPECT_TRUE(moved.Read(std::string(kFront) + "}").ok());
}

TEST(ToJson, WritesOneText) {
  const Event event{.id = "like-17",
                    .type = "like",
                    .time = absl::FromUnixMillis(1772366400250),
                    .actor = "ada",
                    .target = "a\"b\\c\n\x01é",
                    .channel = "",
                    .attributes = {{"z", 1},
                                   {"a", Value::List{true, 5.0, "x"}},
                                   {"m", Value::Map{{"b", 2}, {"a", -1}}}}};
  EXPECT_EQ(
      ToJson(event),
      R"({"id":"like-17","type":"like","time":"2026-03-01T12:00:00.250Z",)"
      R"("actor":"ada","target":"a\"b\\c\n\u0001é","channel":"",)"
      R"("attributes":{"a":[true,5.0,"x"],"m":{"a":-1,"b":2},"z":1}})");
}

TEST(ToJson, WritesTimesAsShortAsTheyAre) {
  const auto written = [](absl::Duration since) {
    const std::string json = ToJson(
        Event{.id = "e", .type = "t", .time = absl::UnixEpoch() + since});
    const size_t begin = json.find("\"time\":\"") + 8;
    return json.substr(begin, json.find('"', begin) - begin);
  };
  EXPECT_EQ(written(absl::ZeroDuration()), "1970-01-01T00:00:00Z");
  EXPECT_EQ(written(absl::Milliseconds(7)), "1970-01-01T00:00:00.007Z");
  EXPECT_EQ(written(absl::Microseconds(7)), "1970-01-01T00:00:00.000007Z");
  EXPECT_EQ(written(absl::Nanoseconds(1999)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(written(-absl::Nanoseconds(1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(written(absl::Hours(24) * -719162), "0001-01-01T00:00:00Z");
}

std::string Written(Value value) {
  const std::string json =
      ToJson(Event{.id = "e",
                   .type = "t",
                   .time = absl::UnixEpoch(),
                   .attributes = {{"v", std::move(value)}}});
  const size_t begin = json.find("{\"v\":") + 5;
  return json.substr(begin, json.size() - begin - 2);
}

TEST(ToJson, WritesDurationsInSeconds) {
  EXPECT_EQ(Written(absl::Seconds(90)), "\"90s\"");
  EXPECT_EQ(Written(absl::ZeroDuration()), "\"0s\"");
  EXPECT_EQ(Written(absl::Milliseconds(1500)), "\"1.5s\"");
  EXPECT_EQ(Written(-absl::Milliseconds(500)), "\"-0.5s\"");
  EXPECT_EQ(Written(absl::Microseconds(1)), "\"0.000001s\"");
}

TEST(ToJson, WritesTheFewestDigitsThatStayADouble) {
  EXPECT_EQ(Written(0.1), "0.1");
  EXPECT_EQ(Written(5.0), "5.0");
  EXPECT_EQ(Written(-0.0), "-0.0");
  EXPECT_EQ(Written(1e22), "1e+22");
  EXPECT_EQ(Written(5e-324), "5e-324");
  EXPECT_EQ(Written(std::numeric_limits<double>::infinity()), "null");
}

TEST(ToJson, IsWhatReadTakes) {
  Random random(4);
  JsonEventReader reader;
  for (int seed = 0; seed < 5000; ++seed) {
    const Event event = RandomPlainEvent(random);
    const std::string json = ToJson(event);
    const auto back = reader.Read(json);
    ASSERT_TRUE(back.ok()) << back.status() << json;
    ASSERT_EQ(*back, event) << json;
    ASSERT_EQ(ToJson(*back), json);
  }
}

}  // namespace
}  // namespace loyalty::wire
