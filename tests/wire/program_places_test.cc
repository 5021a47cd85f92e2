// SPDX-License-Identifier: Apache-2.0
//
// What is read from a program's text, and where each part of it is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "program_text.h"
#include "saying.h"
#include "wire/program_reader.h"

namespace loyalty::wire {
namespace {

using model::ProgramSpec;
using ::testing::ElementsAre;

ProgramSpec SpecFrom(std::string_view text, Format format) {
  ProgramText read = ReadProgram(text, format);
  EXPECT_THAT(read.findings, ::testing::IsEmpty()) << Said(read.findings);
  return read.spec;
}

TEST(ProgramText, SaysEverythingItSays) {
  for (const Format format : {Format::kTextProto, Format::kJson}) {
    const ProgramSpec spec = SpecFrom(
        format == Format::kJson ? kFullProgramInJson : kFullProgram, format);
    EXPECT_EQ(spec.name.text, "forum");
    EXPECT_EQ(spec.version.text, "1");
    EXPECT_EQ(spec.time_zone.text, "Europe/Berlin");
    EXPECT_EQ(spec.max_ahead.text, "1h");
    EXPECT_THAT(Texts(spec.never_earns), ElementsAre("admin", "bot"));
    ASSERT_EQ(spec.parameters.size(), 2U);
    EXPECT_EQ(spec.parameters[0].type, model::Type::kInt);
    EXPECT_EQ(spec.parameters[0].default_value.text, "5");
    EXPECT_EQ(spec.parameters[1].type, model::Type::kDouble);
    ASSERT_EQ(spec.currencies.size(), 1U);
    EXPECT_EQ(spec.currencies[0].opening, 10);
    EXPECT_EQ(spec.currencies[0].floor, -16);
    ASSERT_TRUE(spec.currencies[0].daily_cap.has_value());
    EXPECT_EQ(spec.currencies[0].daily_cap->units, 200);
    EXPECT_THAT(Texts(spec.currencies[0].daily_cap->exempt),
                ElementsAre("gift", "prize"));
    ASSERT_EQ(spec.event_types.size(), 1U);
    const auto& attributes = spec.event_types[0].attributes;
    ASSERT_EQ(attributes.size(), 3U);
    EXPECT_EQ(attributes[0].type, model::Type::kMember);
    EXPECT_TRUE(attributes[0].required);
    EXPECT_FALSE(attributes[0].list);
    EXPECT_FALSE(attributes[0].default_value.has_value());
    EXPECT_TRUE(attributes[1].list);
    EXPECT_EQ(attributes[2].default_value->text, "0");
    ASSERT_EQ(spec.metrics.size(), 1U);
    EXPECT_EQ(spec.metrics[0].per.text, "event.owner");
    EXPECT_EQ(spec.metrics[0].sum.text, "1");
    ASSERT_EQ(spec.ladders.size(), 1U);
    EXPECT_EQ(spec.ladders[0].levels[1].at, 100);
    EXPECT_THAT(Texts(spec.ladders[0].levels[1].privileges),
                ElementsAre("edit"));
  }
}

TEST(ProgramText, SaysWhatRulesDo) {
  for (const Format format : {Format::kTextProto, Format::kJson}) {
    const ProgramSpec spec = SpecFrom(
        format == Format::kJson ? kFullProgramInJson : kFullProgram, format);
    ASSERT_EQ(spec.rules.size(), 3U);
    const model::RuleSpec& liked = spec.rules[0];
    EXPECT_EQ(liked.describe.text, "Being liked");
    EXPECT_EQ(liked.when.text, "event.words > 3");
    ASSERT_EQ(liked.awards.size(), 1U);
    EXPECT_TRUE(liked.awards[0].self_allowed);
    EXPECT_EQ(liked.awards[0].units.text, "param.points");
    const model::LimitSpec& limit = liked.awards[0].limits.at(0);
    EXPECT_EQ(limit.per, base::Period::kDay);
    EXPECT_EQ(limit.units, 50);
    EXPECT_EQ(limit.times, std::nullopt);
    EXPECT_EQ(limit.key, model::LimitSpec::Key::kPair);
    EXPECT_EQ(limit.group.text, "g");
    ASSERT_EQ(liked.limits.size(), 2U);
    EXPECT_EQ(liked.limits[0].per, base::Period::kWeek);
    EXPECT_EQ(liked.limits[0].times, 3);
    EXPECT_EQ(liked.limits[1].per, base::Period::kEver);
    EXPECT_EQ(liked.limits[1].key, model::LimitSpec::Key::kObject);
    ASSERT_TRUE(spec.rules[1].reverse_object.has_value());
    EXPECT_THAT(Texts(spec.rules[1].reverse_object->rules),
                ElementsAre("liked"));
    EXPECT_THAT(Texts(spec.rules[1].reverse_object->keep),
                ElementsAre("a", "b"));
    EXPECT_FALSE(spec.rules[1].reverse_event.has_value());
    ASSERT_TRUE(spec.rules[2].reverse_event.has_value());
    EXPECT_EQ(spec.rules[2].reverse_event->event.text, "event.id");
  }
}

TEST(Place, OfATextIsItsOpeningQuote) {
  const ProgramSpec spec = SpecFrom(kFullProgram, Format::kTextProto);
  EXPECT_EQ(Where(spec.name), "2:7");
  EXPECT_EQ(Where(spec.never_earns[0]), "6:15");
  EXPECT_EQ(Where(spec.never_earns[1]), "6:24");
  EXPECT_EQ(Where(spec.currencies[0].daily_cap->exempt[1]), "14:49");
  EXPECT_EQ(Where(spec.rules[0].describe), "25:13");
  EXPECT_EQ(Where(spec.rules[0].on[0]), "27:8");
  EXPECT_EQ(Where(spec.rules[0].awards[0].currency), "30:33");
  EXPECT_EQ(Where(spec.rules[1].reverse_object->keep[1]), "38:69");
}

TEST(Place, OfANumberIsItsFirstCharacter) {
  const ProgramSpec spec = SpecFrom(kFullProgram, Format::kTextProto);
  EXPECT_EQ(Where(spec.currencies[0].opening_at), "12:12");
  EXPECT_EQ(Where(spec.currencies[0].floor_at), "13:10");
  EXPECT_EQ(Where(spec.ladders[0].levels[1].at_place), "44:25");
}

TEST(Place, OfAMessageIsItsName) {
  const ProgramSpec spec = SpecFrom(kFullProgram, Format::kTextProto);
  EXPECT_EQ(Where(spec.currencies[0].daily_cap->at), "14:3");
  EXPECT_EQ(Where(spec.rules[0].awards[0].at), "29:3");
  EXPECT_EQ(Where(spec.rules[0].awards[0].limits[0].at), "31:5");
  EXPECT_EQ(Where(spec.rules[1].reverse_object->at), "38:3");
  EXPECT_EQ(Where(spec.rules[2].reverse_event->at), "40:30");
}

TEST(Place, OfAMessageInAListIsItsBrace) {
  const ProgramSpec text = SpecFrom(kFullProgram, Format::kTextProto);
  EXPECT_EQ(Where(text.rules[0].limits[0].at), "34:11");
  EXPECT_EQ(Where(text.rules[0].limits[1].at), "34:35");
  const ProgramSpec json = SpecFrom(kFullProgramInJson, Format::kJson);
  EXPECT_EQ(Where(json.rules[0].awards[0].at), "22:16");
  EXPECT_EQ(Where(json.rules[0].limits[1].at), "27:45");
}

TEST(Place, IsKnownInJson) {
  const ProgramSpec spec = SpecFrom(kFullProgramInJson, Format::kJson);
  EXPECT_EQ(Where(spec.name), "2:11");
  EXPECT_EQ(Where(spec.time_zone), "2:48");
  EXPECT_EQ(Where(spec.never_earns[1]), "4:28");
  EXPECT_EQ(Where(spec.currencies[0].opening_at), "9:31");
  EXPECT_EQ(Where(spec.currencies[0].floor_at), "9:46");
  EXPECT_EQ(Where(spec.currencies[0].daily_cap->at), "10:5");
  EXPECT_EQ(Where(spec.rules[1].reverse_object->at), "29:6");
}

TEST(Place, OfWhatIsNotWrittenIsTheMessageItIsMissingFrom) {
  const ProgramSpec spec = SpecFrom(
      "name: \"x\"\n"
      "  rule { award { limit { } } reverse_object { } }\n"
      "currency: [{ }]\n",
      Format::kTextProto);
  EXPECT_EQ(Where(spec.version), "1:1");
  EXPECT_EQ(Where(spec.rules[0].id), "2:3");
  EXPECT_EQ(Where(spec.rules[0].when), "2:3");
  EXPECT_EQ(Where(spec.rules[0].awards[0].units), "2:10");
  EXPECT_EQ(Where(spec.rules[0].awards[0].limits[0].group), "2:18");
  EXPECT_EQ(Where(spec.rules[0].reverse_object->object), "2:30");
  EXPECT_EQ(Where(spec.currencies[0].id), "3:12");
  EXPECT_EQ(Where(spec.currencies[0].floor_at), "3:12");
}

TEST(Place, CountsCodePointsAndTabsAsOneColumn) {
  const ProgramSpec spec =
      SpecFrom("name: \"ä€😀\" version: \"1\"\r\n\t\ttime_zone: \"UTC\"",
               Format::kTextProto);
  EXPECT_EQ(Where(spec.version), "1:22");
  EXPECT_EQ(Where(spec.time_zone), "2:14");
}

TEST(Place, OfAdjacentTextsIsTheFirstOnes) {
  const ProgramSpec spec = SpecFrom(
      "name: 'a' # first\n 'b'\n\"c\" version: '1'", Format::kTextProto);
  EXPECT_EQ(spec.name.text, "abc");
  EXPECT_EQ(Where(spec.name), "1:7");
  EXPECT_EQ(Where(spec.version), "3:14");
}

TEST(ProgramText, MayBeEmpty) {
  EXPECT_EQ(Where(SpecFrom("", Format::kTextProto).name), "1:1");
  EXPECT_EQ(Where(SpecFrom(" # nothing", Format::kTextProto).name), "1:1");
  EXPECT_EQ(Where(SpecFrom("{}", Format::kJson).name), "1:1");
}

TEST(ProgramText, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(SpecFrom("\xEF\xBB\xBFname: 'x'", Format::kTextProto).name.text,
            "x");
}

TEST(ProgramText, TakesNullInJsonAsLeftOut) {
  const ProgramSpec spec =
      SpecFrom(R"({"name": null, "rule": null, "currency": [{"floor": null}]})",
               Format::kJson);
  EXPECT_EQ(spec.name.text, "");
  EXPECT_TRUE(spec.rules.empty());
  EXPECT_EQ(spec.currencies[0].floor, 0);
}

TEST(ProgramText, IsTheSameProgramInBothNotations) {
  const std::string canonical =
      ReadProgram(kFullProgram, Format::kTextProto).canonical;
  EXPECT_FALSE(canonical.empty());
  EXPECT_EQ(ReadProgram(kFullProgramInJson, Format::kJson).canonical,
            canonical);
}

}  // namespace
}  // namespace loyalty::wire
