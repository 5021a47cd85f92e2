// SPDX-License-Identifier: Apache-2.0
//
// What is said about a program's text that cannot be read: where, what is
// wrong, and what to do.
#include <gtest/gtest.h>

#include <string>

#include "program_text.h"
#include "saying.h"
#include "wire/program_reader.h"

namespace loyalty::wire {
namespace {

std::string SaidOfText(std::string_view text) {
  const ProgramText read = ReadProgram(text, Format::kTextProto);
  EXPECT_EQ(read.canonical.empty(), !read.findings.empty() || text.empty());
  return Said(read.findings);
}

std::string SaidOfJson(std::string_view text) {
  const ProgramText read = ReadProgram(text, Format::kJson);
  EXPECT_EQ(read.canonical.empty(), !read.findings.empty() || text.empty());
  return Said(read.findings);
}

struct Misread {
  std::string_view text;
  std::string_view said;
};

TEST(ProgramErrors, NameAMisspeltFieldAndTheOneMeant) {
  EXPECT_EQ(SaidOfText("rule {\n  id: 'a'\n  whn: 'true'\n}"),
            "3:3 \"whn\" is no field of Rule | Did you mean \"when\"?");
  EXPECT_EQ(SaidOfText("rules { }"),
            "1:1 \"rules\" is no field of Program | Did you mean \"rule\"?");
  EXPECT_EQ(SaidOfText("metric { zzzzzz: 1 }"),
            "1:10 \"zzzzzz\" is no field of Metric | "
            "Known: id, on, per, sum, when, describe, max, distinct, days, by, "
            "period, within, earned, among, at_least, before.");
  EXPECT_EQ(SaidOfJson("{\"rule\": [\n {\"whn\": \"true\"}]}"),
            "2:3 \"whn\" is no field of Rule | Did you mean \"when\"?");
}

TEST(ProgramErrors, NameAMisspeltWordAndTheOneMeant) {
  EXPECT_EQ(SaidOfText("rule { limit {\n per: DAYS } }"),
            "2:7 \"DAYS\" is no Period | Did you mean \"DAY\"?");
  EXPECT_EQ(SaidOfText("rule { limit { per: day } }"),
            "1:21 \"day\" is no Period | Did you mean \"DAY\"?");
  EXPECT_EQ(SaidOfText("rule { award { self: NEVER } }"),
            "1:22 \"NEVER\" is no Self | Known: CUT, ALLOW.");
  EXPECT_EQ(SaidOfText("parameter { type: \"INT\" }"),
            "1:19 \"type\" of Parameter is one of the words of Type, not the "
            "text \"INT\" | Leave out the quotes.");
  EXPECT_EQ(SaidOfJson("{\"parameter\": [{\"type\": \"INTT\"}]}"),
            "1:25 \"INTT\" is no Type | Did you mean \"INT\"?");
  EXPECT_EQ(SaidOfJson("{\"parameter\": [{\"type\": 1}]}"),
            "1:25 \"type\" of Parameter is one of the words of Type, not 1 | "
            "Known: INT, DOUBLE, STRING, BOOL, TIME, DURATION, MEMBER, "
            "OBJECT, MAP.");
}

TEST(ProgramErrors, NameAWrongTypeInText) {
  constexpr Misread kMisread[] = {
      {"name: 5",
       "1:7 \"name\" of Program is a text, not 5 | Write quotes around it."},
      {"name: forum",
       "1:7 \"name\" of Program is a text, not forum | "
       "Write quotes around it."},
      {"name { }", "1:6 \"name\" of Program is a text, not a message"},
      {"name: ['a']", "1:7 \"name\" of Program is one value, not a list"},
      {"rule: 'x'",
       "1:7 \"rule\" of Program is a message, not the text \"x\" | "
       "Write { } around its fields."},
      {"currency { opening: '5' }",
       "1:21 \"opening\" of Currency is a whole number, not the text \"5\""},
      {"currency { opening: 1.5 }",
       "1:21 \"opening\" of Currency is a whole number, not 1.5"},
      {"currency { opening: 1e3 }",
       "1:21 \"opening\" of Currency is a whole number, not 1e3"},
      {"currency { opening: 08 }",
       "1:21 \"opening\" of Currency is a whole number, not 08"},
      {"currency { opening: 5x }",
       "1:21 \"opening\" of Currency is a whole number, not 5x"},
      {"currency { opening: 0x }",
       "1:21 \"opening\" of Currency is a whole number, not 0x"},
      {"currency { opening: - inf }",
       "1:21 \"opening\" of Currency is a whole number, not -inf"},
      {"event_type { attribute { list: yes } }",
       "1:32 \"list\" of Attribute is true or false, not yes"},
  };
  for (const Misread& misread : kMisread) {
    EXPECT_EQ(SaidOfText(misread.text), misread.said);
  }
}

TEST(ProgramErrors, NameAWrongTypeInJson) {
  constexpr Misread kMisread[] = {
      {"[]", "1:1 a program is a JSON object"},
      {" 5", "1:2 a program is a JSON object"},
      {"null", "1:1 a program is a JSON object"},
      {R"({"name": true})",
       "1:10 \"name\" of Program is a text, not true | "
       "Write quotes around it."},
      {R"({"rule": {}})",
       "1:10 \"rule\" of Program is a list, not a message | "
       "Write [ ] around it."},
      {R"({"rule": [null]})",
       "1:11 \"rule\" of Program is a message, not null | "
       "Write { } around its fields."},
      {R"({"never_earns": ["a", [], 5]})",
       "1:23 \"never_earns\" of Program is a text, not a list\n"
       "1:27 \"never_earns\" of Program is a text, not 5 | "
       "Write quotes around it."},
      {R"({"currency": [{"opening": 5.0}]})",
       "1:27 \"opening\" of Currency is a whole number, not 5.0"},
      {R"({"currency": [{"opening": "0x5"}]})",
       "1:27 \"opening\" of Currency is a whole number, not the text \"0x5\""},
      {R"({"currency": [{"opening": ""}]})",
       "1:27 \"opening\" of Currency is a whole number, not the text \"\""},
      {R"({"event_type": [{"attribute": [{"list": 1}]}]})",
       "1:41 \"list\" of Attribute is true or false, not 1"},
  };
  for (const Misread& misread : kMisread) {
    EXPECT_EQ(SaidOfJson(misread.text), misread.said);
  }
}

TEST(ProgramErrors, NameANumberOutOfRange) {
  const std::string range =
      " | From -9223372036854775808 to 9223372036854775807.";
  EXPECT_EQ(SaidOfText("currency { floor: -9223372036854775808 }"), "");
  EXPECT_EQ(SaidOfText("currency { floor: 9223372036854775807 }"), "");
  EXPECT_EQ(
      SaidOfText("currency {\n floor: 9223372036854775808 }"),
      "2:9 \"floor\" of Currency is out of range: 9223372036854775808" + range);
  EXPECT_EQ(SaidOfText("currency { floor: -9223372036854775809 }"),
            "1:19 \"floor\" of Currency is out of range: "
            "-9223372036854775809" +
                range);
  EXPECT_EQ(SaidOfText("currency { floor: 0xFFFFFFFFFFFFFFFFF }"),
            "1:19 \"floor\" of Currency is out of range: "
            "0xFFFFFFFFFFFFFFFFF" +
                range);
  EXPECT_EQ(SaidOfJson(R"({"currency": [{"floor": "9223372036854775808"}]})"),
            "1:25 \"floor\" of Currency is out of range: the text "
            "\"9223372036854775808\"" +
                range);
}

TEST(ProgramErrors, NoticeWhatIsSaidTwice) {
  EXPECT_EQ(SaidOfText("name: 'a'\nname: 'a'"),
            "2:1 \"name\" of Program is written twice | "
            "The first one is on line 1.");
  EXPECT_EQ(SaidOfJson("{\"time_zone\": \"UTC\",\n\"timeZone\": \"UTC\"}"),
            "2:1 \"time_zone\" of Program is written twice | "
            "The first one is on line 1.");
  EXPECT_EQ(SaidOfJson(R"({"rule": [], "rule": []})"),
            "1:14 \"rule\" of Program is written twice | "
            "The first one is on line 1.");
  EXPECT_EQ(SaidOfText("rule { limit { times: 1 units: 2 } }"),
            "1:32 \"units\" and \"times\" of one Limit | "
            "Only one of them can be said; write two for both.");
}

TEST(ProgramErrors, AreAllToldInTheOrderOfTheText) {
  EXPECT_EQ(SaidOfText("nam: 'a'\n"
                       "rule { on: 5 award { unit: '1' } }\n"
                       "currency { opening: 'x' }\n"
                       "rule {"),
            "1:1 \"nam\" is no field of Program | Did you mean \"name\"?\n"
            "2:12 \"on\" of Rule is a text, not 5 | Write quotes around it.\n"
            "2:22 \"unit\" is no field of Award | Did you mean \"units\"?\n"
            "3:21 \"opening\" of Currency is a whole number, not the text "
            "\"x\"\n"
            "4:6 this \"{\" is never closed");
}

TEST(ProgramErrors, LeaveWhatCouldBeRead) {
  const ProgramText read = ReadProgram(
      "name: 'a' rule { id: 'r' whn: '' } rule { id: 's' on: ['x', ",
      Format::kTextProto);
  EXPECT_EQ(read.findings.size(), 2U);
  EXPECT_EQ(read.spec.name.text, "a");
  ASSERT_EQ(read.spec.rules.size(), 2U);
  EXPECT_EQ(read.spec.rules[0].id.text, "r");
  EXPECT_EQ(read.spec.rules[1].id.text, "s");
  EXPECT_EQ(read.canonical, "");
}

TEST(ProgramErrors, PointAtBadSyntaxInText) {
  constexpr Misread kMisread[] = {
      {"name",
       "1:5 expected \":\" or \"{\" after \"name\", found the end of "
       "the text"},
      {"name 'a'", "1:6 expected \":\" or \"{\" after \"name\", found \"'\""},
      {"name:", "1:6 expected a value, found the end of the text"},
      {"name: \n }", "2:2 expected a value, found \"}\""},
      {"name: é", "1:7 expected a value, found \"é\""},
      {"name: 'a\n'", "1:7 a text without its closing quote on its line"},
      {"name: 'a", "1:7 a text without its closing quote on its line"},
      {"name: 'a\\", "1:9 an escape that text protobuf lacks"},
      {"name: '\\X41'", "1:8 an escape that text protobuf lacks"},
      {"name: 'a\\q'", "1:9 an escape that text protobuf lacks"},
      {"name: '\\u12'",
       "1:8 expected \\u with 4, or \\U with 8, hexadecimal digits of a "
       "character"},
      {"name: '\\U00110000'",
       "1:8 expected \\u with 4, or \\U with 8, hexadecimal digits of a "
       "character"},
      {"rule {\n id: 'a'\n", "1:6 this \"{\" is never closed"},
      {"rule <\n id: 'a' }", "2:10 expected the name of a field, found \"}\""},
      {"}", "1:1 expected the name of a field, found \"}\""},
      {"rule { 5: 1 }", "1:8 expected the name of a field, found \"5\""},
      {"[a.b]: 1", "1:1 extensions are no part of a program"},
      {"never_earns: ['a' 'b',]", "1:23 expected a value, found \"]\""},
      {"never_earns: ['a'; 'b']", "1:18 expected \",\" or \"]\", found \";\""},
      {"never_earns ['a']", "1:1 expected \":\" after \"never_earns\""},
      {"never_earns: [['a']]", "1:15 expected a value, found \"[\""},
      {"name: 'a',, version: '1'",
       "1:11 expected the name of a field, found \",\""},
      {"name: 'a' // no", "1:11 expected the name of a field, found \"/\""},
      {"name: 'a' \x01", "1:11 expected the name of a field, found \"?\""},
  };
  for (const Misread& misread : kMisread) {
    EXPECT_EQ(SaidOfText(misread.text), misread.said) << misread.text;
  }
}

TEST(ProgramErrors, PointAtBadSyntaxInJson) {
  constexpr Misread kMisread[] = {
      {"", "1:1 expected a value, found the end of the text"},
      {"{", "1:2 expected a name in double quotes, found the end of the text"},
      {"{\n'a': 1}", "2:1 expected a name in double quotes, found \"'\""},
      {"{\"name\"}", "1:8 expected \":\" after \"name\", found \"}\""},
      {"{\"name\": \"a\",}",
       "1:14 expected a name in double quotes, found \"}\""},
      {"{\"name\": \"a\" \"b\"}", "1:14 expected \",\" or \"}\", found \"\"\""},
      {"{\"rule\": [{},]}", "1:14 expected a value, found \"]\""},
      {"{\"rule\": [{} {}]}", "1:14 expected \",\" or \"]\", found \"{\""},
      {"{} {}", "1:4 expected nothing more, found \"{\""},
      {"{\"name\": \"é", "1:12 a text without its closing quote"},
      {"{\"name\": \"a\tb\"}",
       "1:12 a control character inside a text, not written as \\u"},
      {"{\"name\": \"\\x41\"}", "1:11 an escape that JSON lacks"},
      {"{\"name\": \"\\u00g0\"}",
       "1:11 expected four hexadecimal digits after \\u"},
      {"{\"name\": \"\\ud800\"}",
       "1:11 half of a surrogate pair, which is no character"},
      {"{\"name\": \"\\udc00\\ud800\"}",
       "1:11 half of a surrogate pair, which is no character"},
      {"{\"name\": NaN}", "1:10 expected a value, found \"N\""},
      {"{\"name\": .5}", "1:10 expected a value, found \".\""},
      {"{\"name\": -}", "1:11 expected a digit, found \"}\""},
      {"{\"name\": 1.}", "1:12 expected a digit, found \"}\""},
      {"{\"name\": 1e+}", "1:13 expected a digit, found \"}\""},
      {"{} // no", "1:4 expected nothing more, found \"/\""},
      {"\xEF\xBB\xBF{}", "1:1 a byte order mark, which JSON does not allow"},
  };
  for (const Misread& misread : kMisread) {
    EXPECT_EQ(SaidOfJson(misread.text), misread.said) << misread.text;
  }
}

TEST(ProgramErrors, PointAtWhatIsNotText) {
  EXPECT_EQ(SaidOfText("name: 'é'\n# caf\xE9"),
            "2:6 the program holds not UTF-8 | Save it as UTF-8.");
  EXPECT_EQ(SaidOfText("\xFF\xFEn"),
            "1:1 the program holds not UTF-8 | Save it as UTF-8.");
  EXPECT_EQ(SaidOfText("name: '\xED\xA0\x80'"),
            "1:8 the program holds not UTF-8 | Save it as UTF-8.");
  EXPECT_EQ(SaidOfText("name: '\xF0\x9F\x98"),
            "1:8 the program holds not UTF-8 | Save it as UTF-8.");
  EXPECT_EQ(SaidOfText(std::string_view("name: 'a\0'", 10)),
            "1:9 the program holds a NUL character | Save it as UTF-8.");
  for (const std::string_view name :
       {"'\\000'", "'a\\xff'", "'\\x00'", "'\\ud800'", "'\\u0000'"}) {
    EXPECT_EQ(SaidOfText("name: " + std::string(name)),
              "1:7 \"name\" of Program holds NUL or is not UTF-8 | "
              "Look at its escapes.");
  }
  EXPECT_EQ(SaidOfJson("{\"name\": \"\\u0000\"}"),
            "1:10 \"name\" of Program holds NUL or is not UTF-8 | "
            "Look at its escapes.");
}

TEST(ProgramErrors, RefuseMoreThan16MebibytesUnread) {
  std::string text(20 << 20, '{');
  const std::string said =
      "1:1 the program has 20971520 bytes; at most 16777216 (16 MiB) are read";
  EXPECT_EQ(SaidOfText(text), said);
  EXPECT_EQ(SaidOfJson(text), said);
  text = "name: 'a'";
  text.resize(16 << 20, ' ');
  EXPECT_EQ(SaidOfText(text), "");
  EXPECT_NE(SaidOfText(text + ' '), "");
}

TEST(ProgramErrors, BoundTheNesting) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "rule { ";
  EXPECT_EQ(SaidOfText(text).substr(0, 40),
            "1:8 \"rule\" is no field of Rule | Known: ");
  EXPECT_TRUE(SaidOfText(text).ends_with("1:223 more than 32 levels deep"))
      << SaidOfText(text);
  EXPECT_EQ(SaidOfText("rule: " + std::string(1'000'000, '[')),
            "1:8 expected a value, found \"[\"");
  EXPECT_EQ(SaidOfJson(std::string(1'000'000, '[')),
            "1:33 more than 32 levels deep");
}

TEST(ProgramErrors, AreNeverMoreThanAHundred) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "x: 1\n";
  const ProgramText read = ReadProgram(text, Format::kTextProto);
  ASSERT_EQ(read.findings.size(), 100U);
  EXPECT_TRUE(read.findings.back().advice.ends_with(
      "Too many errors: the rest was not looked at."));
}

TEST(ProgramErrors, QuoteLongNamesInPart) {
  const std::string said = SaidOfText(std::string(500'000, 'n') + ": 1");
  EXPECT_LT(said.size(), 400U);
  EXPECT_TRUE(said.starts_with("1:1 \"nnn")) << said;
}

TEST(ProgramErrors, AreFoundWhereverATextIsCutOrChanged) {
  for (const Format format : {Format::kTextProto, Format::kJson}) {
    const std::string whole(format == Format::kJson ? kFullProgramInJson
                                                    : kFullProgram);
    for (size_t i = 0; i < whole.size(); ++i) {
      ReadProgram(whole.substr(0, i), format);
      for (const char c : {'\0', '{', ']', '"', '\\', '\xFF', '9', ' '}) {
        std::string changed = whole;
        changed[i] = c;
        const ProgramText read = ReadProgram(changed, format);
        EXPECT_EQ(read.canonical.empty(), !read.findings.empty());
        for (const model::Finding& finding : read.findings) {
          EXPECT_GE(finding.at.line, 1) << finding.message;
          EXPECT_GE(finding.at.column, 1) << finding.message;
        }
      }
    }
  }
}

}  // namespace
}  // namespace loyalty::wire
