// SPDX-License-Identifier: Apache-2.0
//
// Lines that are no events: what is said about them, and that no line does
// worse than be refused.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <string>

#include "loyalty/json.h"
#include "wire/cursor.h"
#include "wire/tree.h"

namespace loyalty::wire {
namespace {

constexpr std::string_view kGood =
    R"({"id":"e","type":"t","time":"2026-03-01T12:00:00Z"})";

std::string Refusal(std::string_view json) {
  JsonEventReader reader;
  const auto event = reader.Read(json);
  if (event.ok()) return "taken";
  EXPECT_EQ(event.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(event.status().message());
}

std::string WithMember(std::string_view member) {
  return std::string(kGood.substr(0, kGood.size() - 1)) + "," +
         std::string(member) + "}";
}

std::string WithAttribute(std::string_view attribute) {
  return WithMember("\"attributes\":{" + std::string(attribute) + "}");
}

struct Refused {
  std::string_view json;
  std::string_view message;
};

TEST(HostileJson, IsRefusedAtItsByte) {
  constexpr Refused kRefused[] = {
      {"", "byte 0: expected a value, found the end of the text"},
      {" ", "byte 1: expected a value, found the end of the text"},
      {"{",
       "byte 1: expected a name in double quotes, found the end of the "
       "text"},
      {"nul", "byte 0: expected a value, found \"n\""},
      {"{\"id\":\"e\"",
       "byte 9: expected \",\" or \"}\", found the end of the "
       "text"},
      {"{\"id\":\"e\",}",
       "byte 10: expected a name in double quotes, found "
       "\"}\""},
      {"{\"id\" \"e\"}", "byte 6: expected \":\" after \"id\", found \"\"\""},
      {"{\"id\":}", "byte 6: expected a value, found \"}\""},
      {"{\"id\":nul}", "byte 6: expected a value, found \"n\""},
      {"{\"id\":nulll}", "byte 10: expected \",\" or \"}\", found \"l\""},
      {"{\"id\":\"e}", "byte 9: a text without its closing quote"},
      {"{\"id\":\"\xC3\xA9\n\"}",
       "byte 9: a control character inside a text, not written as \\u"},
      {"{\"id\":\"\\q\"}", "byte 7: an escape that JSON lacks"},
      {"{\"id\":\"\\ud800\"}",
       "byte 7: half of a surrogate pair, which is no character"},
      {"{\"id\":\"a\\udc00\"}",
       "byte 8: half of a surrogate pair, which is no character"},
      {"{\"id\":\"\\ud83d\\u0041\"}",
       "byte 7: half of a surrogate pair, which is no character"},
      {"{\"id\":\"\\u12\"}",
       "byte 7: expected four hexadecimal digits after \\u"},
      {"{\"id\":\"\xFF\"}", "byte 7: not UTF-8"},
      {"{\"id\":\"\xC0\x80\"}", "byte 7: not UTF-8"},
      {"{\"id\":\"\xED\xA0\x80\"}", "byte 7: not UTF-8"},
      {"{\"id\":\"\xF4\x90\x80\x80\"}", "byte 7: not UTF-8"},
      {"{\"id\":\"\xE2\x82", "byte 7: not UTF-8"},
      {std::string_view("{\"id\":\"a\0\"}", 11), "byte 8: a NUL character"},
      {std::string_view("{}\0", 3), "byte 2: a NUL character"},
      {"\xEF\xBB\xBF{}",
       "byte 0: a byte order mark, which JSON does not "
       "allow"},
      {"{'id':'e'}", "byte 1: expected a name in double quotes, found \"'\""},
      {"{id:1}", "byte 1: expected a name in double quotes, found \"i\""},
      {"/* */{}", "byte 0: expected a value, found \"/\""},
      {"{\"id\":NaN}", "byte 6: expected a value, found \"N\""},
  };
  for (const Refused& refused : kRefused) {
    EXPECT_EQ(Refusal(refused.json),
              "malformed JSON at " + std::string(refused.message))
        << refused.json;
  }
}

TEST(HostileJson, IsRefusedAfterTheEvent) {
  for (const std::string_view rest :
       {"{}", "x", ",", "]", "}", "null", "\"\"", "1", "[", "{"}) {
    EXPECT_EQ(
        Refusal(std::string(kGood) + " " + std::string(rest)).substr(0, 56),
        "malformed JSON at byte 52: expected nothing more, found ")
        << rest;
  }
  EXPECT_EQ(Refusal(std::string(kGood) + " \r\n\t "), "taken");
}

TEST(HostileJson, HasNumbersThatAreNone) {
  for (const std::string_view number :
       {"01",    "-",         "+1",  "1.",         ".5",        "1e",  "1e+",
        "0x1",   "1_0",       "NaN", "Infinity",   "-Infinity", "--1", "1.5.5",
        "1e5e5", "1a",        "00",  "-01",        "1.e5",      "tru", "trues",
        "True",  "undefined", "1 2", "\"a\" \"b\""}) {
    EXPECT_TRUE(Refusal(WithAttribute("\"n\":" + std::string(number)))
                    .starts_with("malformed JSON at byte "))
        << number << Refusal(WithAttribute("\"n\":" + std::string(number)));
  }
}

TEST(HostileJson, HasNumbersOutOfRange) {
  for (const std::string_view number :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "99999999999999999999999999", "1e400", "-1e400",
        "1.0e309"}) {
    EXPECT_EQ(Refusal(WithAttribute("\"words\": " + std::string(number) + " ")),
              "attributes.words: \"" + std::string(number) +
                  "\" is out of the range of numbers");
  }
  EXPECT_EQ(Refusal(WithAttribute(R"("a":{"b":[1,[2,1e999]]})")),
            "attributes.a.b[1][1]: \"1e999\" is out of the range of numbers");
  EXPECT_EQ(
      Refusal(WithAttribute("\"n\":" + std::string(1000, '9'))).substr(0, 20),
      "attributes.n: \"99999");
}

TEST(HostileJson, IsNoEvent) {
  for (const std::string_view json :
       {"[]", "null", "true", "5", "-1.5", "\"x\"", "[{}]"}) {
    EXPECT_EQ(Refusal(json), "not an event: expected a JSON object") << json;
  }
  EXPECT_EQ(Refusal("{}"), "id: missing");
  EXPECT_EQ(Refusal(R"({"id":"e"})"), "type: missing");
  EXPECT_EQ(Refusal(R"({"id":"e","type":"t"})"), "time: missing");
  EXPECT_EQ(Refusal(R"({"id":null,"type":"t"})"), "id: missing");
}

TEST(HostileJson, HasMembersOfTheWrongType) {
  EXPECT_EQ(Refusal(R"({"id":5})"), "id: expected a text");
  EXPECT_EQ(Refusal(R"({"time":1772366400})"), "time: expected a text");
  EXPECT_EQ(Refusal(R"({"actor":["a"]})"), "actor: expected a text");
  EXPECT_EQ(Refusal(R"({"attributes":[]})"), "attributes: expected an object");
  EXPECT_EQ(Refusal(R"({"attributes":"a"})"), "attributes: expected an object");
  EXPECT_EQ(Refusal(WithMember(R"("Actor":"a")")),
            "Actor: no member of an event; those are id, type, time, actor, "
            "target, channel, attributes");
}

TEST(HostileJson, SaysThingsTwice) {
  EXPECT_EQ(Refusal(WithMember(R"("id":"e")")), "id: written twice");
  EXPECT_EQ(Refusal(WithMember(R"("\u0069d":"e")")), "id: written twice");
  EXPECT_EQ(Refusal(WithMember(R"("actor":null,"actor":"a")")),
            "actor: written twice");
  EXPECT_EQ(Refusal(WithAttribute(R"("a":1,"a":1)")),
            "attributes.a: written twice");
  EXPECT_EQ(Refusal(WithAttribute(R"("a":null,"b":1,"a":null)")),
            "attributes.a: written twice");
  EXPECT_EQ(Refusal(WithAttribute(R"("a":null,"a":1)")),
            "attributes.a: written twice");
  EXPECT_EQ(Refusal(WithAttribute(R"("a":1,"a":null)")),
            "attributes.a: written twice");
  EXPECT_EQ(Refusal(WithAttribute(R"("m":[{"x":{"y":1,"\u0079":2}}])")),
            "attributes.m[0].x.y: written twice");
}

TEST(HostileJson, HoldsNul) {
  EXPECT_EQ(Refusal(WithMember(R"("actor":"a\u0000")")), "actor: holds NUL");
  EXPECT_EQ(Refusal(WithAttribute(R"("a\u0000":1)")),
            "attributes.a?: holds NUL");
  EXPECT_EQ(Refusal(WithAttribute(R"("a":["\u0000"])")),
            "attributes.a[0]: holds NUL");
}

TEST(HostileJson, HasTimesThatAreNone) {
  for (const std::string_view time : {"",
                                      "2026-03-01",
                                      "2026-03-01T12:00:00",
                                      "2026-03-01 12:00:00Z",
                                      " 2026-03-01T12:00:00Z",
                                      "2026-03-01T12:00:00Z ",
                                      "2026-3-1T12:00:00Z",
                                      "2026-02-29T12:00:00Z",
                                      "2026-13-01T12:00:00Z",
                                      "2026-00-01T12:00:00Z",
                                      "2026-03-00T12:00:00Z",
                                      "2026-03-01T24:00:00Z",
                                      "2026-03-01T12:60:00Z",
                                      "2026-03-01T12:00:61Z",
                                      "2026-03-01T12:00:60Z",
                                      "2026-03-01T12:00:00.Z",
                                      "2026-03-01T12:00:00+0200",
                                      "2026-03-01T12:00:00+02",
                                      "2026-03-01T12:00:00+24:00",
                                      "2026-03-01T12:00:00+02:60",
                                      "0000-01-01T00:00:00Z",
                                      "12026-03-01T12:00:00Z",
                                      "-2026-03-01T12:00:00Z",
                                      "infinite-future",
                                      "infinite-past",
                                      "now",
                                      "1772366400",
                                      "2026-03-01T12:00:00ZZ"}) {
    EXPECT_EQ(
        Refusal(R"({"id":"e","type":"t","time":")" + std::string(time) + "\"}"),
        "time: expected RFC 3339 with a zone, as 2026-03-01T12:00:00Z, "
        "not \"" +
            std::string(time) + "\"");
  }
}

std::string Nested(int levels, std::string_view open, std::string_view close) {
  std::string json = "1";
  for (int i = 0; i < levels; ++i) {
    json = std::string(open) + json + std::string(close);
  }
  return json;
}

TEST(HostileJson, IsAtMostThirtyTwoLevelsDeep) {
  // The event is the first level, its attributes the second.
  EXPECT_EQ(Refusal(WithAttribute("\"a\":" + Nested(30, "[", "]"))), "taken");
  EXPECT_EQ(Refusal(WithAttribute("\"a\":" + Nested(30, "{\"m\":", "}"))),
            "taken");
  for (const std::string& deep :
       {Nested(31, "[", "]"), Nested(31, "{\"m\":", "}"),
        Nested(1000, "[", "]")}) {
    const std::string refusal = Refusal(WithAttribute("\"a\":" + deep));
    EXPECT_TRUE(refusal.starts_with("attributes.a")) << refusal;
    EXPECT_TRUE(refusal.ends_with(": more than 32 levels deep")) << refusal;
  }
}

TEST(HostileJson, MayBeAMillionBrackets) {
  EXPECT_EQ(Refusal(std::string(1'000'000, '[')),
            "malformed JSON at byte 32: more than 32 levels deep");
  EXPECT_TRUE(Refusal(WithAttribute("\"a\":" + std::string(1'000'000, '[')))
                  .ends_with("[0][0]: more than 32 levels deep"));
  std::string objects;
  while (objects.size() < 1'000'000) objects += "{\"a\":";
  EXPECT_TRUE(Refusal(objects).starts_with("malformed JSON at byte "));
}

TEST(HostileJson, IsAtMostAMebibyteLong) {
  const auto sized = [](size_t size) {
    const std::string front = WithMember("\"actor\":\"");
    const std::string open = front.substr(0, front.size() - 1);
    return open + std::string(size - open.size() - 2, 'a') + "\"}";
  };
  EXPECT_EQ(Refusal(sized(1 << 20)), "taken");
  EXPECT_EQ(Refusal(sized((1 << 20) + 1)),
            "more than 1 MiB (1048576 bytes) of JSON");
  EXPECT_EQ(Refusal(std::string(10 << 20, ' ')),
            "more than 1 MiB (1048576 bytes) of JSON");
}

TEST(HostileJson, DoesNotMakeTheRefusalLong) {
  const std::string longer(1'000'000, 'n');
  EXPECT_LT(Refusal(WithMember("\"" + longer + "\":1")).size(), 200U);
  EXPECT_LT(Refusal(R"({"time":")" + longer + "\"}").size(), 200U);
  EXPECT_LT(Refusal("{\"" + longer + "\" 1}").size(), 200U);
}

TEST(HostileJson, TakesNoTimeForManyNames) {
  std::string nulls;
  std::string numbers;
  for (int i = 0; i < 70'000; ++i) {
    nulls += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":null";
    numbers += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(Refusal(WithAttribute(nulls)), "taken");
  EXPECT_EQ(Refusal(WithAttribute(numbers)), "taken");
}

// The fast reader and the slow one agree about what is JSON.
TEST(HostileJson, IsMalformedForBothReaders) {
  const std::string whole = WithMember(
      R"("actor":null,"attributes":{"a":[1,-2.5e3,true,false,null,{}],)"
      R"("b":{"c":"\u00e9\n","d":[[],[0]]},"e":"x é 😀"})");
  ASSERT_EQ(Refusal(whole), "taken");
  static constexpr std::string_view kPieces[] = {
      "",  " ", "{",  "}",    "[",  "]",    "\"",    ":",       ",",
      "0", "-", ".",  "e",    "\\", "null", "true",  "\\u12",   "\\ud800",
      "x", "1", "\t", "\xC3", "é",  "\n",   "1e999", "\\udc00", "//"};
  std::mt19937 random(5);
  JsonEventReader reader;
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string json = whole;
    for (uint32_t n = 0; n <= random() % 3; ++n) {
      json.replace(random() % json.size(), random() % 4,
                   kPieces[random() % std::size(kPieces)]);
    }
    const auto event = reader.Read(json);
    const Tree tree = ReadJsonTree(json);
    const bool is_json = !NotText(json).has_value() && !tree.error.has_value();
    if (event.ok()) {
      ASSERT_TRUE(is_json) << json;
      ++taken;
    } else if (event.status().message().substr(0, 9) == "malformed") {
      ASSERT_FALSE(is_json) << json << event.status();
      ASSERT_NE(event.status().message().find("byte"), absl::string_view::npos);
    }
  }
  EXPECT_GT(taken, 1000);
}

TEST(HostileJson, IsRefusedWhereverAnEventIsCut) {
  const std::string whole = WithAttribute(R"("a":[1,{"b":"\u00e9"}])");
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_TRUE(
        Refusal(whole.substr(0, i)).starts_with("malformed JSON at byte "))
        << whole.substr(0, i) << Refusal(whole.substr(0, i));
  }
}

// json_tree.cc beside simdjson's DOM, on texts that are not events.
TEST(JsonTree, TakesNothingThatSimdjsonRefuses) {
  const std::string whole =
      R"({"a": [1, -2.5e3, true, false, null, {}], "b": {"c": "\u00e9\n"}})";
  std::mt19937 random(6);
  simdjson::dom::parser parser;
  for (int i = 0; i < 50'000; ++i) {
    std::string json = whole;
    for (uint32_t n = 0; n <= random() % 3; ++n) {
      json[random() % json.size()] = "{}[]\",:0-.e\\nult \n\x01"[random() % 19];
    }
    if (ReadJsonTree(json).error.has_value()) continue;
    const auto error = parser.parse(json).error();
    ASSERT_TRUE(!error || error == simdjson::NUMBER_ERROR) << json << error;
  }
}

}  // namespace
}  // namespace loyalty::wire
