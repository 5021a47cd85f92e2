// SPDX-License-Identifier: Apache-2.0
//
// Words, times and values, and texts that nobody would write on purpose.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "output.h"
#include "scenario_binding.h"
#include "scenario_reader.h"
#include "scenario_values.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// ---- Words ----

std::vector<std::string> Texts(std::string_view line) {
  std::vector<std::string> texts;
  for (const Word& word : SplitLine(line).words) {
    texts.push_back(word.name.empty() ? word.text
                                      : word.name + "~" + word.text);
  }
  return texts;
}

std::string FaultOf(std::string_view line) {
  const WordsOfLine words = SplitLine(line);
  return words.fault.empty()
             ? ""
             : absl::StrCat(words.fault_column, ": ", words.fault);
}

TEST(Words, StandBetweenBlanksUntilAComment) {
  EXPECT_THAT(Texts("a  b\tc # d e"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Texts("a post#1 b#"), ElementsAre("a", "post#1", "b#"));
  EXPECT_THAT(Texts("# a"), IsEmpty());
  EXPECT_THAT(Texts(" \t "), IsEmpty());
}

TEST(Words, InQuotesAreJson) {
  EXPECT_THAT(Texts(R"("ana lena" x="a # \"b\" é" y="")"),
              ElementsAre("ana lena", "x~a # \"b\" \xC3\xA9", "y~"));
  EXPECT_THAT(Texts(R"(a"b 5"6")"), ElementsAre("a\"b", "5\"6\""));
}

TEST(Words, HaveValuesThatAreListsAndObjects) {
  EXPECT_THAT(Texts(R"(x=["a b", "]"] y={"k": [1, 2]} z=[1)").size(), 2);
  EXPECT_THAT(Texts(R"(x=["a b", "]"] y={"k": [1, 2]})"),
              ElementsAre(R"(x~["a b", "]"])", R"(y~{"k": [1, 2]})"));
}

TEST(Words, KnowTheirColumnsInCharacters) {
  const auto words = SplitLine("\xC3\xA9\xC3\xA9 x=\"\xC3\xA9\" y=1").words;
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[1].column, 4);
  EXPECT_EQ(words[1].value_column, 6);
  EXPECT_EQ(words[2].column, 10);
}

TEST(Words, ThatAreWrongAreToldWithTheirPlace) {
  EXPECT_EQ(FaultOf("a \"b"), "3: the text has no closing quote");
  EXPECT_EQ(FaultOf("a \"b\\"), "3: the text has no closing quote");
  EXPECT_EQ(FaultOf("a \"b\"c"),
            "6: there is no blank behind the closing quote");
  EXPECT_EQ(FaultOf("a x=\"\\q\""), "5: this is no JSON string");
  EXPECT_EQ(FaultOf("a x=[1,2"), "5: the list or object is not closed");
  EXPECT_EQ(FaultOf("a x=[1,]"), "5: this is no JSON");
  EXPECT_EQ(FaultOf("a x=[\"b]"), "5: a text in it has no closing quote");
}

TEST(Words, OfHostileLinesAreRefused) {
  EXPECT_EQ(FaultOf(std::string("ab\0c", 4)), "3: there is a NUL character");
  EXPECT_EQ(FaultOf("a \xFF b"), "1: the line is not valid UTF-8");
  EXPECT_EQ(FaultOf("a \xC3"), "1: the line is not valid UTF-8");
  EXPECT_EQ(FaultOf(std::string((size_t{1} << 20) + 1, 'a')),
            "1: the line is longer than 1 MiB");
  EXPECT_EQ(FaultOf("x=" + std::string(100'000, '[')),
            "35: it is nested deeper than 32");
  EXPECT_EQ(Texts(std::string(size_t{1} << 20, 'a')).size(), 1u);
}

TEST(Words, AsALineComeBackAsTheyWere) {
  const std::vector<std::string> words = {"a", "b c", "#d", "", "\"e\"", "f#"};
  EXPECT_EQ(Texts(Joined(words)), words);
}

// ---- Times and values ----

std::string TimeText(std::string_view text, const char* zone = "UTC") {
  absl::TimeZone in;
  EXPECT_TRUE(absl::LoadTimeZone(zone, &in));
  const std::optional<absl::Time> time = TimeIn(text, in);
  return time.has_value() ? Rfc3339(*time) : "none";
}

TEST(Times, AreDaysOfTheZoneInstantsAndCountedDays) {
  EXPECT_EQ(TimeText("2024-03-01"), "2024-03-01T00:00:00Z");
  EXPECT_EQ(TimeText("2024-03-01", "Asia/Tokyo"), "2024-02-29T15:00:00Z");
  EXPECT_EQ(TimeText("2024-03-01T10:00:00.5+02:00"), "2024-03-01T08:00:00.5Z");
  EXPECT_EQ(TimeText("d1"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(TimeText("d0"), "2025-12-31T00:00:00Z");
  EXPECT_EQ(TimeText("d-1"), "2025-12-30T00:00:00Z");
  EXPECT_EQ(TimeText("d5+3h"), "2026-01-05T03:00:00Z");
  EXPECT_EQ(TimeText("d5-1us"), "2026-01-04T23:59:59.999999Z");
  EXPECT_EQ(TimeText("D0"), "2026-01-05T12:00:00Z");
  EXPECT_EQ(TimeText("D-1"), "2026-01-04T12:00:00Z");
  EXPECT_EQ(TimeText("D-1+1h30m"), "2026-01-04T13:30:00Z");
  EXPECT_EQ(TimeText("D0-1000s"), "2026-01-05T11:43:20Z");
}

TEST(Times, CountDaysOfTheZoneOnlyWithASmallD) {
  // 2026-03-30 begins an hour earlier in UTC than the days before.
  EXPECT_EQ(TimeText("d88", "Europe/Berlin"), "2026-03-28T23:00:00Z");
  EXPECT_EQ(TimeText("d89", "Europe/Berlin"), "2026-03-29T22:00:00Z");
  EXPECT_EQ(TimeText("D84", "Europe/Berlin"), "2026-03-30T12:00:00Z");
}

TEST(Times, AreNothingElse) {
  for (const char* text : {"",
                           "d",
                           "D",
                           "dd",
                           "d1.5",
                           "d+1",
                           "d 1",
                           "d1+",
                           "d1+3",
                           "d1+3 h",
                           "d9999999",
                           "d99999999999999999999",
                           "d1+inf",
                           "2024-3-1",
                           "2024-02-30",
                           "2024-03-01T10:00:00",
                           "2024-03-01 ",
                           "+2024-03-01",
                           "infinite-future",
                           "infinite-past",
                           "now",
                           "5"}) {
    EXPECT_EQ(TimeText(text), "none") << text;
  }
}

absl::StatusOr<Value> Typed(std::string_view line, DeclaredAttribute::Type type,
                            bool list = false) {
  const auto words = SplitLine(line).words;
  return TypedValue(words.at(0), {.name = "x", .type = type, .list = list},
                    absl::UTCTimeZone());
}

TEST(Values, AreWhatTheProgramDeclares) {
  using enum DeclaredAttribute::Type;
  EXPECT_EQ(*Typed("x=5", kInt), Value(5));
  EXPECT_EQ(*Typed("x=5", kDouble), Value(5.0));
  EXPECT_EQ(*Typed("x=5", kString), Value("5"));
  EXPECT_EQ(*Typed("x=\"5\"", kString), Value("5"));
  EXPECT_EQ(*Typed("x=true", kBool), Value(true));
  EXPECT_EQ(*Typed("x=true", kMember), Value("true"));
  EXPECT_EQ(*Typed("x=90m", kDuration), Value(absl::Minutes(90)));
  EXPECT_EQ(*Typed("x=d1", kTime),
            Value(*TimeIn("2026-01-01", absl::UTCTimeZone())));
  EXPECT_EQ(*Typed("x=[1,2]", kInt, true), Value(Value::List{1, 2}));
  EXPECT_EQ(*Typed(R"(x=["a","b c"])", kObject, true),
            Value(Value::List{"a", "b c"}));
  EXPECT_EQ(*Typed("x=[]", kObject, true), Value(Value::List{}));
}

TEST(Values, ThatAreOfNoSuchTypeAreRefused) {
  using enum DeclaredAttribute::Type;
  for (const char* line : {"x=5.0", "x=", "x=0x5", "x=+5", "x=\"5\"", "x=nan",
                           "x=9223372036854775808", "x=[1]"}) {
    EXPECT_FALSE(Typed(line, kInt).ok()) << line;
  }
  EXPECT_FALSE(Typed("x=inf", kDouble).ok());
  EXPECT_FALSE(Typed("x=True", kBool).ok());
  EXPECT_FALSE(Typed("x=1", kInt, true).ok());
  EXPECT_FALSE(Typed("x=[1,\"2\"]", kInt, true).ok());
  EXPECT_FALSE(Typed("x={\"a\":1}", kInt, true).ok());
  EXPECT_FALSE(Typed("x=[null]", kString, true).ok());
}

TEST(Values, OfReservedTypesAreWhatTheyLookLike) {
  const auto look = [](const char* line) {
    return *ValueByLook(SplitLine(line).words.at(0));
  };
  EXPECT_EQ(look("x=5"), Value(5));
  EXPECT_EQ(look("x=\"5\""), Value("5"));
  EXPECT_EQ(look("x=1.5"), Value("1.5"));
  EXPECT_EQ(look("x=false"), Value(false));
  EXPECT_EQ(look("x=e1"), Value("e1"));
  EXPECT_EQ(look("x=[1,\"a\",2.5]"), Value(Value::List{1, "a", 2.5}));
  EXPECT_EQ(look("x={\"a\":true}"), Value(Value::Map{{"a", true}}));
  EXPECT_FALSE(ValueByLook(SplitLine("x=[null]").words.at(0)).ok());
  EXPECT_FALSE(
      ValueByLook(SplitLine("x=[18446744073709551615]").words.at(0)).ok());
}

// ---- Files ----

struct Reading {
  Scenario scenario = {};
  std::string findings = {};
};

Reading ReadingOf(std::string_view text) {
  Reading reading{.scenario = {.file = "x"}};
  Findings findings(reading.scenario);
  ReadScenario(text, reading.scenario, findings);
  for (const Diagnostic& diagnostic : findings.Sorted()) {
    absl::StrAppend(&reading.findings, diagnostic.line, ":", diagnostic.column,
                    ": ", diagnostic.message, "\n");
  }
  return reading;
}

TEST(AFile, IsReadWithMarkCarriageReturnsAndNoLastNewline) {
  const Reading reading = ReadingOf(
      "\xEF\xBB\xBFprogram p\r\nevent e1 visit ana d1\r\n\r\n\tnone\r\nverify "
      "ok");
  EXPECT_EQ(reading.findings, "");
  ASSERT_EQ(reading.scenario.blocks.size(), 2u);
  EXPECT_EQ(reading.scenario.blocks[0].under.size(), 1u);
  EXPECT_EQ(reading.scenario.blocks[1].head.words[1].text, "ok");
  EXPECT_EQ(reading.scenario.blocks[1].head.number, 5);
}

TEST(AFile, HoldsItsProgramOnTheLinesOfTheFile) {
  const Reading reading =
      ReadingOf("# a\nprogram <<\n  name: \"x\" # >>\n  >>  \nverify ok\n");
  EXPECT_EQ(reading.findings, "");
  EXPECT_EQ(reading.scenario.program_text, "\n\n  name: \"x\" # >>\n");
  EXPECT_EQ(reading.scenario.blocks.size(), 1u);
}

TEST(AFile, WithAnOpenProgramSaysWhereItBegins) {
  EXPECT_EQ(ReadingOf("program <<\nname: \"x\"\n").findings,
            "1:9: the program that begins here has no end\n");
  EXPECT_EQ(ReadingOf("program <<").findings,
            "1:9: the program that begins here has no end\n");
}

TEST(AFile, SaysAllThatIsWrongWithItsLines) {
  EXPECT_EQ(ReadingOf("  none\nprogram\nevent \"\n  none\nprogram a\n"
                      "program b\nx\nprogram c\n")
                .findings,
            "1:3: this is indented, and there is no event above it\n"
            "2:1: program takes one file\n"
            "3:7: the text has no closing quote\n"
            "6:1: there is a program already\n"
            "8:1: there is a program already\n");
}

TEST(AFile, OfAnyBytesIsReadOrRefused) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) {
    bytes += static_cast<char>((i * 7919 + i / 13) % 256);
  }
  EXPECT_NE(ReadingOf(bytes).findings, "");
  EXPECT_EQ(ReadingOf("").findings, "");
  EXPECT_EQ(ReadingOf("\n\n\n").findings, "");
  EXPECT_EQ(ReadingOf(std::string(100'000, '\n')).scenario.source.size(),
            100'000u);
}

constexpr char kProgram[] = R"(
  name: "small" version: "1"
  currency { id: "points" }
  event_type { id: "visit" attribute { name: "units" type: INT } }
  rule { id: "visit" on: "visit"
         award { currency: "points" units: "event.units" } }
)";

TEST(AScript, IsMadeOfTheLinesThatMakeSense) {
  const Program program = *Program::FromText(kProgram, "small.textproto");
  Scenario scenario{.file = "x"};
  Findings findings(scenario);
  ReadScenario(
      "event v1 visit - d1 target=\"a b\" channel=web units=5\n  award ana "
      "points +5 rule=visit\nreverse r1 ana d2 event=v1\nsweep d3\n"
      "balance ana points 05 at d3\nnonsense\n",
      scenario, findings);
  const Script script = ScriptOf(scenario, program, findings);
  EXPECT_TRUE(findings.has_errors());
  ASSERT_EQ(script.steps.size(), 4u);
  EXPECT_EQ(script.events, 2);
  EXPECT_EQ(script.assertions, 2);
  EXPECT_TRUE(script.sweeps);
  const Send& visit = std::get<Send>(script.steps[0].what);
  EXPECT_EQ(visit.event, (Event{.id = "v1",
                                .type = "visit",
                                .time = *TimeIn("d1", absl::UTCTimeZone()),
                                .target = "a b",
                                .channel = "web",
                                .attributes = {{"units", 5}}}));
  EXPECT_THAT(visit.expected.at(0).words,
              ElementsAre("award", "ana", "points", "5"));
  EXPECT_EQ(visit.expected.at(0).rule, "visit");
  const Send& reversal = std::get<Send>(script.steps[1].what);
  EXPECT_EQ(reversal.event.type, "loyalty.reverse");
  EXPECT_EQ(reversal.event.actor, "ana");
  EXPECT_EQ(reversal.event.attributes, (Attributes{{"event", "v1"}}));
  EXPECT_EQ(std::get<Assertion>(script.steps[3].what).answer, "5");
}

// A scenario with a mistake is the usual one: whatever is changed, it is read
// or refused, with places that lie in it.
TEST(AScript, OfATextWithMistakesIsReadOrRefused) {
  constexpr std::string_view kText =
      "program <<\n  x\n>>\n"
      "event v1 visit - d1 target=\"a b\" channel=web units=5 "
      "+l=[1,{\"a\":2}]\n"
      "  award ana points +5 rule=visit\n  cut - points 3 limit\n"
      "event v1 visit ana D-1+3h units=5  # again\n  repeat\n"
      "reverse r1 ana 2024-03-01T10:00:00Z event=v1\n  malformed\n"
      "clock d2\nsweep d3\nbalance ana points 05 at d3\nverify ok\n";
  constexpr std::string_view kBytes = " \t\n#\"=[]{}<>-+\\d0\0\xC3\xA9\xFFx,";
  const Program program = *Program::FromText(kProgram, "small.textproto");
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string text(kText);
    for (uint32_t n = random() % 4; n < 4; ++n) {
      const size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1 + random() % 5);
      } else {
        text.insert(at, 1, kBytes[random() % kBytes.size()]);
      }
    }
    Scenario scenario{.file = "x"};
    Findings findings(scenario);
    ReadScenario(text, scenario, findings);
    const Script script = ScriptOf(scenario, program, findings);
    for (const Diagnostic& diagnostic : findings.Sorted()) {
      ASSERT_GE(diagnostic.line, 1) << text;
      ASSERT_LE(diagnostic.line, static_cast<int>(scenario.source.size()));
      ASSERT_GE(diagnostic.column, 1) << text;
      ASSERT_NE(diagnostic.message, "");
    }
    ASSERT_LE(script.steps.size(), scenario.source.size());
  }
}

TEST(Findings, AreNotMoreThanAnybodyReads) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\"\n";
  Scenario scenario{.file = "x"};
  Findings findings(scenario);
  ReadScenario(text, scenario, findings);
  EXPECT_EQ(findings.Sorted().size(), 101u);
  EXPECT_EQ(findings.Sorted().back().message,
            "there is more to say; the rest is left out");
}

TEST(Findings, KnowOfAnErrorThatTheyDoNotShow) {
  Scenario scenario{.file = "x"};
  Findings findings(scenario);
  for (int i = 0; i < 200; ++i) findings.Warning(1, 1, "hm", "");
  EXPECT_FALSE(findings.has_errors());
  findings.Error(1, 1, "no", "");
  EXPECT_TRUE(findings.has_errors());
}

TEST(AFinding, OfAHugeLineDoesNotShowIt) {
  Scenario scenario{.file = "x"};
  Findings findings(scenario);
  ReadScenario(std::string(500'000, 'a') + " \"", scenario, findings);
  ASSERT_EQ(findings.Sorted().size(), 1u);
  EXPECT_THAT(findings.Sorted()[0].ToString(), Not(HasSubstr("aaa")));
}

}  // namespace
}  // namespace loyalty::command
