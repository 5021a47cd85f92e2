// SPDX-License-Identifier: Apache-2.0
//
// What the checker says, where, and what it suggests.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> Faults(std::string_view source) {
  return Issues(source, CommunityEnvironment());
}

CompileOptions Wanting(Type type) {
  CompileOptions options;
  options.result = std::move(type);
  return options;
}

TEST(MisspeltAttributes, AreSuggestedByDistance) {
  EXPECT_THAT(Faults("event.wrds > 300"),
              ElementsAre("1:1 undeclared reference to 'event.wrds'; did you "
                          "mean 'event.words'?"));
  EXPECT_THAT(Faults("true && Event.Type == ''"),
              ElementsAre(HasSubstr("1:9 undeclared reference to "
                                    "'Event.Type'; did you mean "
                                    "'event.type'?")));
  EXPECT_THAT(Faults("has(event.amuont)"),
              ElementsAre(HasSubstr("did you mean 'event.amount'?")));
  EXPECT_THAT(Faults("event.tagz.size() > 1"),
              ElementsAre(HasSubstr("did you mean 'event.tags'?")));
}

TEST(MisspeltAttributes, AreSuggestedByTheirLastPart) {
  EXPECT_THAT(Faults("words > 300"),
              ElementsAre(HasSubstr("did you mean 'event.words'?")));
}

TEST(UnknownAttributes, ComeWithTheNamesBesideThem) {
  EXPECT_THAT(Faults("member == 1"),
              ElementsAre(HasSubstr("there is member.country, member.points")));
  EXPECT_THAT(Faults("member.shoe_size > 40"),
              ElementsAre(HasSubstr("there is member.country, member.points")));
}

TEST(UnknownFunctions, AreSuggestedByDistance) {
  EXPECT_THAT(Faults("event.type.startWith('p')"),
              ElementsAre(HasSubstr("did you mean 'startsWith'?")));
  EXPECT_THAT(Faults("event.tags.any(t, true)"),
              ElementsAre(HasSubstr("1:15 undeclared reference to 'any'")));
}

TEST(IntOfADuration, SuggestsItsSeconds) {
  EXPECT_THAT(Faults("int(duration('1h')) > 1"),
              ElementsAre(HasSubstr("; write x.getSeconds()")));
}

TEST(IntTimesDouble, SuggestsTheConversion) {
  EXPECT_THAT(
      Faults("event.words * 1.5"),
      ElementsAre("1:13 found no matching overload for '_*_' applied to "
                  "'(int, double)'; write double(event.words): int and double "
                  "do not mix"));
  EXPECT_THAT(Faults("event.amount * 2"),
              ElementsAre(HasSubstr("; write 2.0: int and double")));
}

TEST(OtherMixtures, SuggestTheConversion) {
  EXPECT_THAT(Faults("event.type + 1"),
              ElementsAre(HasSubstr("write string(1)")));
  EXPECT_THAT(
      Faults("event.time > '2024-01-01T00:00:00Z'"),
      ElementsAre(HasSubstr("write timestamp('2024-01-01T00:00:00Z')")));
  EXPECT_THAT(
      Faults("event.time > '2024-01-01'"),
      ElementsAre(HasSubstr("write timestamp('2024-01-01T00:00:00Z')")));
  EXPECT_THAT(Faults("event.tags == 'a'"),
              ElementsAre(HasSubstr("write 'a' in event.tags")));
  EXPECT_THAT(Faults("event.tags.contains('a')"),
              ElementsAre(HasSubstr("write 'a' in event.tags")));
  EXPECT_THAT(Faults("event.type != null"),
              ElementsAre(HasSubstr("write has(event.type)")));
  EXPECT_THAT(Faults("event.words == 3u"),
              ElementsAre(HasSubstr("write int(3u)")));
  EXPECT_THAT(Faults("'a' in event.type"),
              ElementsAre(HasSubstr("write event.type.contains('a')")));
  EXPECT_THAT(Faults("contains(event.type, 'a')"),
              ElementsAre(HasSubstr("write x.contains(...)")));
}

TEST(Conditions, ThatAreNotBoolAreRefused) {
  EXPECT_THAT(
      Issues("event.words", CommunityEnvironment(), Wanting(Type::Bool())),
      ElementsAre("1:1 the result must be bool, and is int; compare it, as in "
                  "x > 0"));
  EXPECT_THAT(Faults("event.words && true"),
              ElementsAre(HasSubstr("an operand of && must be a bool")));
}

TEST(Formulas, ThatAreNotIntAreRefused) {
  EXPECT_THAT(
      Issues("event.amount * 2.0", CommunityEnvironment(),
             Wanting(Type::Int())),
      ElementsAre(HasSubstr("write int(...), which drops the fraction")));
}

TEST(Results, ThatAreDynAreCheckedWhenEvaluated) {
  EXPECT_EQ(Evaluated("dyn(1)", Environment(), {}, Wanting(Type::Bool())),
            "error: 1:1: the result must be bool, and is int");
  EXPECT_EQ(Evaluated("dyn(true)", Environment(), {}, Wanting(Type::Bool())),
            "true");
}

TEST(Issues, AreAllReportedInOneRun) {
  EXPECT_THAT(Faults("event.wrds > 1 && event.words + 1.0 > 2.0 &&\n"
                     "member.contry == 'DE' && event.type"),
              ElementsAre(StartsWith("1:1 "), StartsWith("1:31 "),
                          StartsWith("2:1 "), StartsWith("2:26 ")));
}

TEST(Issues, OfAPartAreReportedOnce) {
  EXPECT_THAT(Faults("(event.wrds + 1) * 2 > 3 ? nope : 1.0").size(), 2);
}

TEST(Issues, ShowTheLineAndACaret) {
  const std::string source = "true &&\n'\xC3\xA9' == event.typ";
  const Compiled compiled = Compile(source, CommunityEnvironment());
  ASSERT_EQ(compiled.issues.size(), 1);
  EXPECT_EQ(compiled.issues[0].offset, 16);
  EXPECT_EQ(FormatIssue(compiled.issues[0], source, "rules/vote"),
            "ERROR: rules/vote:2:8: undeclared reference to 'event.typ'; did "
            "you mean 'event.type'?\n"
            " | '\xC3\xA9' == event.typ\n"
            " | .......^");
}

TEST(Issues, ShowALongLineAroundThePlaceOnly) {
  const std::string source =
      "[" + std::string(400, ' ') + "nope" + std::string(400, ' ') + "]";
  const Compiled compiled = Compile(source, Environment());
  ASSERT_EQ(compiled.issues.size(), 1);
  EXPECT_LT(FormatIssue(compiled.issues[0], source).size(), 500);
}

TEST(Types, OfResultsAreDeduced) {
  const auto type_of = [](std::string_view source) {
    const Compiled compiled = Compile(source, CommunityEnvironment());
    return compiled.ok() ? compiled.expression->result_type().ToString()
                         : compiled.issues[0].message;
  };
  EXPECT_EQ(type_of("event.tags.filter(t, t != '')"), "list(string)");
  EXPECT_EQ(type_of("event.tags.map(t, t.size())"), "list(int)");
  EXPECT_EQ(type_of("{'a': [1, 2]}"), "map(string, list(int))");
  EXPECT_EQ(type_of("[1, 'a']"), "list(dyn)");
  EXPECT_EQ(type_of("[]"), "list(dyn)");
  EXPECT_EQ(type_of("true ? [] : [1]"), "list(int)");
  EXPECT_EQ(type_of("event.time - event.time"), "duration");
  EXPECT_EQ(type_of("type(1)"), "type(int)");
}

TEST(Types, OfVariablesMayHaveParameters) {
  Environment environment;
  const Type set = Type::Opaque("set", {Type::Param("T")});
  ASSERT_TRUE(environment.Declare({"x", set, 0}).ok());
  ASSERT_TRUE(environment.Declare({"any", Type::Param("A"), 1}).ok());
  FunctionDeclaration function;
  function.name = "set";
  function.parameters = {Type::List(Type::Param("T"))};
  function.result = set;
  ASSERT_TRUE(environment.DeclareFunction(function).ok());
  EXPECT_THAT(Issues("set([1, 2]) == x", environment), ElementsAre());
  EXPECT_THAT(Issues("any.b + 1 == any[0]", environment), ElementsAre());
  EXPECT_THAT(Issues("set([1]) == x && set(['a']) == x", environment),
              ElementsAre(StartsWith("1:29 found no matching overload")));
}

TEST(Null, PassesForAnOptionalOnly) {
  Environment environment;
  environment.Enable(Extension::kOptionals);
  const Compiled compiled = Compile("[optional.of(1), null][0]", environment);
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ(compiled.expression->result_type().ToString(),
            "optional_type(int)");
  EXPECT_EQ(
      Evaluated("[null, optional.of(1)][0] == optional.none()", environment),
      "false");
  // A function of optionals does not take it for one.
  EXPECT_THAT(Evaluated("[optional.of(1), null][1].hasValue()", environment),
              HasSubstr("no matching overload for 'hasValue'"));
  EXPECT_THAT(Issues("null == 1 || timestamp(0) == null", environment),
              testing::SizeIs(2));
}

TEST(Types, AreReadAsTheyAreWritten) {
  for (const char* const text :
       {"int", "dyn", "null_type", "list(int)", "map(string, list(dyn))",
        "type(int)", "tuple('T, 'U)", "timestamp"}) {
    const std::optional<Type> type = Type::Parse(text);
    ASSERT_TRUE(type.has_value()) << text;
    EXPECT_EQ(type->ToString(), text);
  }
  for (const char* const text : {"", "list(", "list(int, int)", "map(int)",
                                 "int(string)", "int)", "'"}) {
    EXPECT_FALSE(Type::Parse(text).has_value()) << text;
  }
}

TEST(Keys, ThatNoMapCanHaveAreRefused) {
  EXPECT_THAT(Faults("{1.5: 1}"),
              ElementsAre("1:2 a key must be a bool, int, uint or string, not "
                          "double"));
}

TEST(Patterns, AreCheckedWhenCompiled) {
  EXPECT_THAT(Faults("event.type.matches('[a')"),
              ElementsAre(StartsWith("1:20 bad pattern:")));
  EXPECT_THAT(Faults("'a'.matches(event.type)"),
              ElementsAre(StartsWith("1:13 the pattern of matches() must be")));
  EXPECT_THAT(Faults("event.type.matches('[^a]{1000}')"),
              ElementsAre(HasSubstr("the pattern is too large")));
  EXPECT_THAT(Faults("event.type.matches('\\\\p{L}+ \\\\p{L}+')"),
              ElementsAre());
}

}  // namespace
}  // namespace loyalty::cel
