// SPDX-License-Identifier: Apache-2.0
//
// Values, and the functions on texts and times.
#include "loyalty/cel/value.h"

#include <thread>

#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Values, OwnWhatIsNotBorrowed) {
  std::string text = "abc";
  const Value owned = Value::String(text);
  const Value borrowed = Value::BorrowedString(text);
  text = "xyz";
  EXPECT_EQ(owned.text(), "abc");
  EXPECT_EQ(borrowed.text(), "xyz");
}

TEST(Values, AreCopiedMovedAndAssigned) {
  Value a = Value::List({Value::String("x"), Value::Int(1)});
  const Value b = a;
  Value c = std::move(a);
  c = b;
  const Value& self = c;
  c = self;
  EXPECT_EQ(c.ToString(), "[\"x\", 1]");
  c = Value::Bytes("yy");
  EXPECT_EQ(b.items().size(), 2);
  EXPECT_EQ(c.text(), "yy");
}

TEST(Values, AskedForAnotherKindGiveNothing) {
  EXPECT_EQ(Value::Int(7).text(), "");
  EXPECT_TRUE(Value::String("a").items().empty());
  EXPECT_TRUE(Value::Int(7).entries().empty());
  EXPECT_EQ(Value::Int(7).Find(Value::Int(7)), nullptr);
}

TEST(Values, AreSharedBetweenThreads) {
  const Value list = Value::List({Value::String("shared")});
  const auto copy_often = [&list] {
    for (int i = 0; i < 10'000; ++i) {
      const Value copy = list.items()[0];
      ASSERT_EQ(copy.text(), "shared");
    }
  };
  std::thread other(copy_often);
  copy_often();
  other.join();
}

TEST(Maps, FindTheirKeysWhateverTheOrder) {
  std::vector<MapEntry> entries;
  for (int i = 99; i >= 0; --i) {
    entries.push_back({Value::Int(i), Value::Int(i * i)});
    entries.push_back({Value::String(std::to_string(i)), Value::Int(-i)});
  }
  const absl::StatusOr<Value> map = Value::Map(std::move(entries));
  ASSERT_TRUE(map.ok());
  ASSERT_NE(map->Find(Value::Double(9)), nullptr);
  EXPECT_EQ(map->Find(Value::Double(9))->int_value(), 81);
  EXPECT_EQ(map->Find(Value::String("9"))->int_value(), -9);
  EXPECT_EQ(map->Find(Value::Uint(100)), nullptr);
  EXPECT_EQ(map->Find(Value::Double(0.5)), nullptr);
  EXPECT_EQ(map->entries()[0].key.int_value(), 99);
}

TEST(Maps, RefuseRepeatedAndOtherKeys) {
  EXPECT_FALSE(Value::Map({{Value::Int(1), Value::Null()},
                           {Value::Uint(1), Value::Null()}})
                   .ok());
  EXPECT_FALSE(Value::Map({{Value::Double(1), Value::Null()}}).ok());
  EXPECT_TRUE(Value::Map({{Value::Int(1), Value::Null()},
                          {Value::String("1"), Value::Null()},
                          {Value::Bool(true), Value::Null()}})
                  .ok());
}

TEST(Size, CountsCodePoints) {
  EXPECT_EQ(Evaluated("'\xC3\xA9'.size()"), "1");
  EXPECT_EQ(Evaluated("size('\xF0\x9F\x98\x80\xF0\x9F\x98\x80')"), "2");
  EXPECT_EQ(Evaluated("size({'a': 1})"), "1");
}

TEST(Texts, AreNotNormalised) {
  EXPECT_EQ(Evaluated("'\\u00e9' == 'e\\u0301'"), "false");
}

TEST(Texts, ThatAreNotUtf8DoNotBecomeStrings) {
  EXPECT_THAT(Evaluated("string(b'\\xff')"), HasSubstr("are not UTF-8"));
  EXPECT_THAT(Evaluated("string(b'\\xed\\xa0\\x80')"),
              HasSubstr("are not UTF-8"));
  EXPECT_EQ(Evaluated("string(b'\\xc3\\xa9') == '\\u00e9'"), "true");
}

TEST(Patterns, MatchAnywhere) {
  EXPECT_EQ(Evaluated("'some spam here'.matches('[Ss]pam|[Cc]asino')"), "true");
  EXPECT_EQ(Evaluated("'abc'.matches('^b')"), "false");
  EXPECT_EQ(Evaluated("matches('abc', 'b')"), "true");
}

TEST(Loops, OverMapsSeeTheirKeys) {
  EXPECT_EQ(Evaluated("{'a': 1, 'b': 2}.map(k, k)"), "[\"a\", \"b\"]");
  EXPECT_EQ(Evaluated("{'a': 1, 'b': 2}.exists_one(k, k == 'a')"), "true");
  EXPECT_EQ(Evaluated("[1, 2, 3].map(x, x > 1, x * x)"), "[4, 9]");
}

TEST(Durations, AreReadInUnitsAndWrittenInSeconds) {
  EXPECT_EQ(Evaluated("string(duration('1.5h'))"), "\"5400s\"");
  EXPECT_EQ(Evaluated("string(duration('-1m2.5s3ms'))"), "\"-62.503s\"");
  EXPECT_EQ(Evaluated("duration('1h') == duration('60m')"), "true");
  EXPECT_EQ(Evaluated("string(duration('0'))"), "\"0s\"");
  for (const char* const bad :
       {"", "-", "1", "1d", "h", ".s", "1h-1m", " 1s", "1s ", "+-1s"}) {
    EXPECT_THAT(Evaluated("duration('" + std::string(bad) + "')"),
                HasSubstr("is not a duration"))
        << bad;
  }
}

TEST(Durations, BeyondTheirRangeAreErrors) {
  EXPECT_THAT(Evaluated("duration('9223372037s')"),
              HasSubstr("is not a duration"));
  EXPECT_THAT(Evaluated("duration('9223372036s') + duration('9223372036s')"),
              HasSubstr("duration out of range"));
}

TEST(Timestamps, AreReadStrictly) {
  EXPECT_EQ(Evaluated("string(timestamp('2024-02-29T23:59:59.5+02:00'))"),
            "\"2024-02-29T21:59:59.5Z\"");
  for (const char* const bad :
       {"2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "24-01-01T00:00:00Z",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.0000000001Z",
        "0000-12-31T23:59:59Z"}) {
    EXPECT_THAT(Evaluated("timestamp('" + std::string(bad) + "')"),
                HasSubstr("is not a timestamp"))
        << bad;
  }
}

TEST(Timestamps, KeepWithinTheirYears) {
  EXPECT_THAT(Evaluated("timestamp('9999-12-31T23:59:59Z') + duration('1s')"),
              HasSubstr("timestamp out of range"));
  EXPECT_EQ(Evaluated("timestamp('2024-03-01T00:00:00Z') - "
                      "timestamp('2024-02-29T00:00:00Z') == duration('24h')"),
            "true");
}

TEST(Zones, AreNamesOrOffsets) {
  const std::string at = "timestamp('2024-06-30T22:30:00Z')";
  EXPECT_EQ(Evaluated(at + ".getMonth()"), "5");
  EXPECT_EQ(Evaluated(at + ".getMonth('Europe/Berlin')"), "6");
  EXPECT_EQ(Evaluated(at + ".getDate('+02:00')"), "1");
  EXPECT_EQ(Evaluated(at + ".getHours('-9:30')"), "13");
  EXPECT_EQ(Evaluated(at + ".getDayOfWeek()"), "0");
  for (const char* const bad : {"", "Nowhere/City", "../UTC", "/etc/passwd",
                                "+2", "+25:00", "+02:60"}) {
    EXPECT_THAT(Evaluated(at + ".getHours('" + bad + "')"),
                HasSubstr("no such time zone"))
        << bad;
  }
}

TEST(Timestamps, BeforeTheEpochKeepTheirFraction) {
  const Value time = Value::Timestamp(absl::FromUnixMillis(-1500));
  EXPECT_EQ(time.unix_seconds(), -2);
  EXPECT_EQ(time.nanos(), 500'000'000);
  EXPECT_EQ(time.time(), absl::FromUnixMillis(-1500));
  EXPECT_EQ(time.ToString(), "timestamp(\"1969-12-31T23:59:58.5Z\")");
}

}  // namespace
}  // namespace loyalty::cel
