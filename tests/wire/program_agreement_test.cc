// SPDX-License-Identifier: Apache-2.0
//
// Our readers beside protobuf's own: what both take is the same program. Ours
// are stricter, never laxer. And the canonical form, which both lead to.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "loyalty/v1/program.pb.h"
#include "program_text.h"
#include "saying.h"
#include "wire/program_reader.h"

namespace loyalty::wire {
namespace {

namespace pb = google::protobuf;

class Quiet : public pb::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
};

bool ProtobufTakes(const std::string& text, v1::Program& program) {
  pb::TextFormat::Parser parser;
  Quiet quiet;
  parser.RecordErrorsTo(&quiet);
  return parser.ParseFromString(text, &program);
}

void SetWord(pb::Message& message, const pb::FieldDescriptor& field,
             uint32_t any) {
  const pb::Reflection& reflection = *message.GetReflection();
  const int word = static_cast<int>(
      any % static_cast<uint32_t>(field.enum_type()->value_count()));
  if (field.is_repeated()) {
    reflection.AddEnumValue(&message, &field, word);
  } else {
    reflection.SetEnumValue(&message, &field, word);
  }
}

// Fills every field with something, some left out, lists up to three long.
void FillAtRandom(pb::Message& message, std::mt19937& random, int depth) {
  static constexpr std::string_view kTexts[] = {"",
                                                "a",
                                                "line\nline",
                                                "\"quoted\" 'too'",
                                                "tab\t\\",
                                                "ä€😀",
                                                "\x7f\x01",
                                                "event.words > 3 && true",
                                                "# no comment"};
  const pb::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* field = message.GetDescriptor()->field(i);
    const int count = field->is_repeated() ? static_cast<int>(random() % 3)
                                           : static_cast<int>(random() % 2);
    for (int n = 0; n < count; ++n) {
      const std::string text(kTexts[random() % std::size(kTexts)]);
      switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING:
          field->is_repeated() ? reflection.AddString(&message, field, text)
                               : reflection.SetString(&message, field, text);
          break;
        case pb::FieldDescriptor::CPPTYPE_INT64:
          reflection.SetInt64(&message, field,
                              static_cast<int64_t>(random()) - (1LL << 31));
          break;
        case pb::FieldDescriptor::CPPTYPE_BOOL:
          reflection.SetBool(&message, field, random() % 2 == 0);
          break;
        case pb::FieldDescriptor::CPPTYPE_ENUM:
          SetWord(message, *field, static_cast<uint32_t>(random()));
          break;
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
          FillAtRandom(field->is_repeated()
                           ? *reflection.AddMessage(&message, field)
                           : *reflection.MutableMessage(&message, field),
                       random, depth + 1);
          break;
        default: FAIL() << field->full_name() << " is of a type we do not read";
      }
    }
  }
}

TEST(ProgramReader, ReadsWhatProtobufWrites) {
  std::mt19937 random(1);
  for (int seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    v1::Program program;
    FillAtRandom(program, random, 0);
    pb::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(seed % 2 == 0);
    printer.SetSingleLineMode(seed % 3 == 0);
    std::string text;
    ASSERT_TRUE(printer.PrintToString(program, &text));
    const ProgramText from_text = ReadProgram(text, Format::kTextProto);
    EXPECT_EQ(Said(from_text.findings), "") << text;
    EXPECT_EQ(from_text.canonical, program.SerializeAsString()) << text;

    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = seed % 2 == 0;
    std::string json;
    ASSERT_TRUE(pb::util::MessageToJsonString(program, &json, options).ok());
    const ProgramText from_json = ReadProgram(json, Format::kJson);
    EXPECT_EQ(Said(from_json.findings), "") << json;
    EXPECT_EQ(from_json.canonical, from_text.canonical) << json;
  }
}

TEST(ProgramReader, TakesNothingThatProtobufRefuses) {
  const std::string whole(kFullProgram);
  static constexpr std::string_view kPieces[] = {
      "",  " ",  "{", "}",  "[",   "]",    ":",     ",",   ";",     "<",
      ">", "\"", "'", "#",  "\n",  "\\",   "-",     "0x1", "017",   "1.5",
      "t", "id", "é", "\t", "inf", "true", "\\x41", "\\u", "a: 'b'"};
  std::mt19937 random(2);
  int both = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = whole;
    for (uint32_t n = 0; n <= random() % 2; ++n) {
      changed.replace(random() % changed.size(), random() % 3,
                      kPieces[random() % std::size(kPieces)]);
    }
    const ProgramText ours = ReadProgram(changed, Format::kTextProto);
    if (!ours.findings.empty()) continue;
    v1::Program theirs;
    ASSERT_TRUE(ProtobufTakes(changed, theirs)) << changed;
    ASSERT_EQ(ours.canonical, theirs.SerializeAsString()) << changed;
    ++both;
  }
  EXPECT_GT(both, 1000);
}

TEST(ProgramReader, ReadsEscapesAsProtobufDoes) {
  for (const std::string_view text :
       {R"('\a\b\f\n\r\t\v\\\?\'\"')", R"("\1\12\123\1234")",
        R"('\x4\x41\x414')", R"('\u00e4\U0001F600')", R"('\ud83d\ude00')",
        R"("it's" 'say "x"')", R"('\u20AC5')"}) {
    const std::string program = "name: " + std::string(text);
    v1::Program theirs;
    ASSERT_TRUE(ProtobufTakes(program, theirs)) << program;
    const ProgramText ours = ReadProgram(program, Format::kTextProto);
    EXPECT_EQ(Said(ours.findings), "") << program;
    EXPECT_EQ(ours.spec.name.text, theirs.name()) << program;
  }
}

TEST(ProgramReader, TakesTheLooserFormsOfTextProtobuf) {
  for (const std::string_view text :
       {"rule: { id: 'a' }", "rule < id: 'a' >", "rule { id: 'a', }",
        "rule { id: 'a'; on: 'b' }", "rule [{ id: 'a' }, < id: 'b' >]",
        "rule [] name: 'a'", "never_earns: []", "currency { floor: - 5 }",
        "currency { floor: -\n# why\n5 }", "currency { floor: 017 }",
        "currency { floor: 0XfF }", "event_type { attribute { list: t } }",
        "event_type { attribute { list: False required: 1 } }",
        "name: 'a'version: 'b'", "name:'a'#x", "rule{}rule{}"}) {
    v1::Program theirs;
    ASSERT_TRUE(ProtobufTakes(std::string(text), theirs)) << text;
    const ProgramText ours = ReadProgram(text, Format::kTextProto);
    EXPECT_EQ(Said(ours.findings), "") << text;
    EXPECT_EQ(ours.canonical, theirs.SerializeAsString()) << text;
  }
}

TEST(Canonical, DoesNotDependOnLayout) {
  const std::string_view text = "name: 'a' currency { floor: 16 id: 'k' }";
  const std::string_view other =
      "# other\ncurrency: [<id: \"k\"\n floor: 0x10;>],\nname: \"\\x61\"";
  EXPECT_EQ(ReadProgram(text, Format::kTextProto).canonical,
            ReadProgram(other, Format::kTextProto).canonical);
}

TEST(Canonical, ReadsBackWithoutPlaces) {
  const ProgramText text = ReadProgram(kFullProgram, Format::kTextProto);
  const ProgramText back = ReadCanonical(text.canonical);
  EXPECT_EQ(Said(back.findings), "");
  EXPECT_EQ(back.canonical, text.canonical);
  EXPECT_EQ(back.spec.rules.size(), 3U);
  EXPECT_EQ(back.spec.rules[0].awards[0].limits[0].units, 50);
  EXPECT_EQ(back.spec.parameters[0].type, model::Type::kInt);
  EXPECT_EQ(Where(back.spec.name), "0:0");
  EXPECT_EQ(Where(back.spec.rules[0].awards[0].at), "0:0");
  EXPECT_EQ(Where(back.spec.rules[0].on[0]), "0:0");
}

TEST(Canonical, IsRefusedWhereItIsDamaged) {
  const std::string whole =
      ReadProgram(kFullProgram, Format::kTextProto).canonical;
  const std::string said =
      "0:0 the stored program is damaged, or of a newer version";
  EXPECT_EQ(Said(ReadCanonical(whole + "x").findings), said);
  EXPECT_EQ(Said(ReadCanonical("\xFF").findings), said);
  v1::Program unknown_word;
  unknown_word.add_parameter()->set_type(static_cast<v1::Type>(77));
  EXPECT_EQ(Said(ReadCanonical(unknown_word.SerializeAsString()).findings),
            said);
  // Field 900, of a later version.
  EXPECT_EQ(Said(ReadCanonical("\xA0\x38\x01").findings), said);
  for (size_t i = 0; i < whole.size(); ++i) {
    const ProgramText cut = ReadCanonical(whole.substr(0, i));
    EXPECT_TRUE(!cut.findings.empty() || cut.canonical == whole.substr(0, i));
  }
}

}  // namespace
}  // namespace loyalty::wire
