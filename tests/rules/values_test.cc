// SPDX-License-Identifier: Apache-2.0
//
// Literals and attributes against every type, most of them hostile: what is not
// exactly a value of the type is refused, and never guessed at.
#include "rules/values.h"

#include <absl/strings/str_cat.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::rules {
namespace {

using model::Type;

constexpr std::string_view kHostile[] = {"",
                                         " ",
                                         "5",
                                         "-5",
                                         "+5",
                                         "--5",
                                         " 5",
                                         "5 ",
                                         "\t5",
                                         "5\n",
                                         "5,000",
                                         "5_000",
                                         "5.",
                                         ".5",
                                         "5.0",
                                         "-0",
                                         "007",
                                         "0x10",
                                         "0b1",
                                         "1e3",
                                         "1E3",
                                         "1e400",
                                         "-1e400",
                                         "NaN",
                                         "nan",
                                         "inf",
                                         "-inf",
                                         "Infinity",
                                         "９",
                                         "١",
                                         "½",
                                         "−5",
                                         "5 5",
                                         "5;",
                                         "5'",
                                         "true",
                                         "True",
                                         "TRUE",
                                         "t",
                                         "yes",
                                         "1",
                                         "0",
                                         "false",
                                         "no",
                                         "null",
                                         "90m",
                                         "1h30m",
                                         "90 m",
                                         "-90m",
                                         "+90m",
                                         " 90m",
                                         "90m ",
                                         "1e3s",
                                         "0.5h",
                                         "m",
                                         "90M",
                                         "1d",
                                         "2026-03-01T12:00:00Z",
                                         "2026-03-01",
                                         "2026-03-01T12:00:00",
                                         "2026-02-30T12:00:00Z",
                                         "2026-03-01T25:00:00Z",
                                         "2026-03-01 12:00:00Z",
                                         " 2026-03-01T12:00:00Z",
                                         "2026-03-01T12:00:00Z ",
                                         "0000-01-01T00:00:00Z",
                                         "10000-01-01T00:00:00Z",
                                         "-0001-01-01T00:00:00Z",
                                         "infinite-future",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "-9223372036854775808",
                                         "-9223372036854775809",
                                         "99999999999999999999999999",
                                         "1;DROP TABLE event"};

// What of the table a type takes, as (text, value).
using Taken = std::map<std::string_view, Value>;

void ExpectOnlyTaken(Type type, const Taken& taken) {
  for (const std::string_view text : kHostile) {
    const absl::StatusOr<Value> value = ParseLiteral(text, type);
    const auto expected = taken.find(text);
    EXPECT_EQ(value.ok(), expected != taken.end())
        << Describe(type, false) << " \"" << text << "\" " << value.status();
    if (!value.ok()) {
      EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(value.status().message().substr(0, 9), "expected ");
    } else if (expected != taken.end()) {
      EXPECT_EQ(*value, expected->second) << text;
    }
  }
}

TEST(Literals, OfIntsAreWholeNumbersAlone) {
  ExpectOnlyTaken(Type::kInt, {{"5", 5},
                               {"-5", -5},
                               {"-0", 0},
                               {"007", 7},
                               {"1", 1},
                               {"0", 0},
                               {"9223372036854775807", INT64_MAX},
                               {"-9223372036854775808", INT64_MIN}});
}

TEST(Literals, OfDoublesAreFiniteNumbersAlone) {
  ExpectOnlyTaken(Type::kDouble,
                  {{"5", 5.0},
                   {"-5", -5.0},
                   {"5.", 5.0},
                   {".5", 0.5},
                   {"5.0", 5.0},
                   {"-0", -0.0},
                   {"007", 7.0},
                   {"1e3", 1000.0},
                   {"1E3", 1000.0},
                   {"1", 1.0},
                   {"0", 0.0},
                   {"9223372036854775807", 9223372036854775807.0},
                   {"9223372036854775808", 9223372036854775808.0},
                   {"-9223372036854775808", -9223372036854775808.0},
                   {"-9223372036854775809", -9223372036854775809.0},
                   {"99999999999999999999999999", 1e26}});
}

TEST(Literals, OfBoolsAreTrueAndFalseAlone) {
  ExpectOnlyTaken(Type::kBool, {{"true", true}, {"false", false}});
}

TEST(Literals, OfDurationsHaveUnits) {
  ExpectOnlyTaken(Type::kDuration, {{"0", absl::ZeroDuration()},
                                    {"-0", absl::ZeroDuration()},
                                    {"90m", absl::Minutes(90)},
                                    {"-90m", -absl::Minutes(90)},
                                    {"1h30m", absl::Minutes(90)},
                                    {"0.5h", absl::Minutes(30)}});
}

TEST(Literals, OfTimesAreRfc3339Alone) {
  ExpectOnlyTaken(Type::kTime, {{"2026-03-01T12:00:00Z",
                                 absl::FromUnixSeconds(1'772'366'400)}});
}

TEST(Literals, OfTextsAreAnything) {
  Taken all;
  for (const std::string_view text : kHostile) all.emplace(text, Value(text));
  ExpectOnlyTaken(Type::kString, all);
}

TEST(Literals, OfIdsAreNone) {
  ExpectOnlyTaken(Type::kMember, {});
  ExpectOnlyTaken(Type::kObject, {});
  ExpectOnlyTaken(Type::kUnspecified, {});
}

TEST(Literals, SayWhatIsExpected) {
  EXPECT_EQ(ParseLiteral("x", Type::kInt).status().message(),
            "expected an INT, got \"x\"");
  EXPECT_EQ(ParseLiteral("x", Type::kTime).status().message(),
            "expected a TIME such as \"2026-03-01T12:00:00Z\", got \"x\"");
}

std::string Said(const absl::StatusOr<Value>& value) {
  return value.ok() ? "ok" : std::string(value.status().message());
}

TEST(Coerced, KeepsAValueOfTheType) {
  EXPECT_EQ(*Coerce(5, Type::kInt, false), Value(5));
  EXPECT_EQ(*Coerce(INT64_MIN, Type::kInt, false), Value(INT64_MIN));
  EXPECT_EQ(*Coerce(0.5, Type::kDouble, false), Value(0.5));
  EXPECT_EQ(*Coerce(true, Type::kBool, false), Value(true));
  EXPECT_EQ(*Coerce("", Type::kString, false), Value(""));
  EXPECT_EQ(*Coerce("ada", Type::kMember, false), Value("ada"));
  EXPECT_EQ(*Coerce("post", Type::kObject, false), Value("post"));
}

TEST(Coerced, TakesAWholeNumberForADouble) {
  EXPECT_EQ(*Coerce(5, Type::kDouble, false), Value(5.0));
  EXPECT_EQ(*Coerce(INT64_MAX, Type::kDouble, false),
            Value(9223372036854775808.0));
}

TEST(Coerced, TakesTextForTimesAndDurations) {
  const absl::Time noon = absl::FromUnixSeconds(1'772'366'400);
  EXPECT_EQ(*Coerce("2026-03-01T13:00:00+01:00", Type::kTime, false),
            Value(noon));
  EXPECT_EQ(*Coerce(noon, Type::kTime, false), Value(noon));
  EXPECT_EQ(*Coerce("1h30m", Type::kDuration, false), Value(absl::Minutes(90)));
}

TEST(Coerced, CutsToMicroseconds) {
  const absl::Time time = absl::FromUnixMicros(7);
  EXPECT_EQ(*Coerce(time + absl::Nanoseconds(999), Type::kTime, false),
            Value(time));
  EXPECT_EQ(*Coerce(absl::Nanoseconds(1'999), Type::kDuration, false),
            Value(absl::Microseconds(1)));
  EXPECT_EQ(*Coerce("1970-01-01T00:00:00.0000079Z", Type::kTime, false),
            Value(time));
  EXPECT_EQ(*Coerce("1999ns", Type::kDuration, false),
            Value(absl::Microseconds(1)));
}

TEST(Coerced, TakesNoTextForANumber) {
  for (const std::string_view text : kHostile) {
    for (const Type type : {Type::kInt, Type::kDouble, Type::kBool}) {
      EXPECT_FALSE(Coerce(text, type, false).ok()) << text;
    }
  }
}

TEST(Coerced, RefusesEveryOtherKind) {
  const std::vector<Value> values = {true,
                                     5,
                                     0.5,
                                     "x",
                                     absl::UnixEpoch(),
                                     absl::Hours(1),
                                     Value::List{},
                                     Value::Map{},
                                     Value::List{5}};
  const std::map<Type, std::vector<bool>> takes = {
      {Type::kInt, {false, true, false, false, false, false}},
      {Type::kDouble, {false, true, true, false, false, false}},
      {Type::kBool, {true, false, false, false, false, false}},
      {Type::kString, {false, false, false, true, false, false}},
      {Type::kMember, {false, false, false, true, false, false}},
      {Type::kObject, {false, false, false, true, false, false}},
      {Type::kTime, {false, false, false, false, true, false}},
      {Type::kDuration, {false, false, false, false, false, true}},
      {Type::kUnspecified, {false, false, false, false, false, false}}};
  for (const auto& [type, kinds] : takes) {
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(Coerce(values[i], type, false).ok(),
                i < kinds.size() && kinds[i])
          << Describe(type, false) << ", value " << i;
    }
  }
}

TEST(Coerced, RefusesWhatIsNotFinite) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double number :
       {inf, -inf, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(Coerce(number, Type::kDouble, false).ok()) << number;
  }
  for (const absl::Time time : {absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_FALSE(Coerce(time, Type::kTime, false).ok());
  }
  const absl::Duration forever = absl::InfiniteDuration();
  for (const absl::Duration duration : {forever, -forever}) {
    EXPECT_FALSE(Coerce(duration, Type::kDuration, false).ok());
  }
  for (const char* text : {"inf", "-inf", "+inf"}) {
    EXPECT_FALSE(Coerce(text, Type::kDuration, false).ok());
  }
}

TEST(Coerced, RefusesADurationThatExpressionsCannotHold) {
  // They hold nanoseconds in 64 bits.
  const absl::Duration most =
      absl::Trunc(absl::Nanoseconds(INT64_MAX), absl::Microseconds(1));
  EXPECT_EQ(*Coerce(most, Type::kDuration, false), Value(most));
  EXPECT_EQ(*Coerce(-most, Type::kDuration, false), Value(-most));
  for (const absl::Duration d :
       {most + absl::Seconds(1), -most - absl::Seconds(1),
        absl::Hours(100'000'000'000)}) {
    EXPECT_FALSE(Coerce(d, Type::kDuration, false).ok()) << d;
  }
  EXPECT_FALSE(Coerce("100000000000h", Type::kDuration, false).ok());
}

TEST(Coerced, RefusesTimesOutsideTheYears1To9999) {
  const absl::Time first =
      absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone());
  const absl::Time end =
      absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone());
  const absl::Duration least = absl::Nanoseconds(1);
  EXPECT_TRUE(Coerce(first, Type::kTime, false).ok());
  EXPECT_TRUE(Coerce(end - least, Type::kTime, false).ok());
  EXPECT_FALSE(Coerce(first - least, Type::kTime, false).ok());
  EXPECT_FALSE(Coerce(end, Type::kTime, false).ok());
  EXPECT_TRUE(IsInRange(Canonical(first)));
  EXPECT_TRUE(IsInRange(Canonical(end - least)));
}

TEST(Coerced, RefusesAnEmptyId) {
  EXPECT_EQ(Said(Coerce("", Type::kMember, false)),
            "expected a MEMBER, got an empty text");
  EXPECT_EQ(Said(Coerce("", Type::kObject, false)),
            "expected an OBJECT, got an empty text");
}

TEST(Coerced, IsAListOfTheType) {
  EXPECT_EQ(*Coerce(Value::List{}, Type::kInt, true), Value(Value::List{}));
  EXPECT_EQ(*Coerce(Value::List{1, 0.5}, Type::kDouble, true),
            Value(Value::List{1.0, 0.5}));
  EXPECT_EQ(Said(Coerce(Value::List{1, "2"}, Type::kInt, true)),
            "[1]: expected an INT, got the text \"2\"");
  EXPECT_EQ(Said(Coerce(Value::List{Value(Value::List{})}, Type::kInt, true)),
            "[0]: expected an INT, got a list");
  EXPECT_EQ(Said(Coerce(5, Type::kInt, true)),
            "expected a list of INTs, got the whole number 5");
}

TEST(Coerced, SaysWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(Said(Coerce(true, Type::kInt, false)), "expected an INT, got true");
  EXPECT_EQ(Said(Coerce(1.5, Type::kInt, false)),
            "expected an INT, got the number 1.5");
  EXPECT_EQ(Said(Coerce(absl::UnixEpoch(), Type::kBool, false)),
            "expected a BOOL, got a time");
  EXPECT_EQ(Said(Coerce(absl::Hours(1), Type::kBool, false)),
            "expected a BOOL, got a duration");
  EXPECT_EQ(Said(Coerce(Value::Map{}, Type::kString, false)),
            "expected a STRING, got an object");
  EXPECT_EQ(Said(Coerce(std::string(41, 'x'), Type::kInt, false)),
            "expected an INT, got a text of 41 bytes");
}

TEST(Coerced, IsItselfCoercedToItself) {
  const std::vector<std::pair<Value, Type>> values = {
      {5, Type::kDouble},
      {"2026-03-01T13:00:00.1234567+01:00", Type::kTime},
      {"1.0000001h", Type::kDuration},
      {absl::Nanoseconds(-1'999), Type::kDuration},
      {absl::FromUnixNanos(-1), Type::kTime}};
  for (const auto& [value, type] : values) {
    const Value once = *Coerce(value, type, false);
    EXPECT_EQ(*Coerce(once, type, false), once);
  }
}

}  // namespace
}  // namespace loyalty::rules
