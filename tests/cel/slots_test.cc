// SPDX-License-Identifier: Apache-2.0
//
// Names, slots and absence: what a host declares and fills.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string With(std::string_view source, std::vector<Value> slots) {
  return Evaluated(source, CommunityEnvironment(), slots);
}

std::vector<Value> Without(CommunitySlot slot) {
  std::vector<Value> slots = CommunitySlots();
  slots[slot] = Value::Absent();
  return slots;
}

Expression Compiling(std::string_view source) {
  Compiled compiled = Compile(source, CommunityEnvironment());
  EXPECT_TRUE(compiled.ok()) << source;
  return *compiled.expression;
}

TEST(Slots, AreReadByDottedNames) {
  EXPECT_EQ(With("event.type == 'post' && event.words > 300", CommunitySlots()),
            "true");
  EXPECT_EQ(
      With("event.tags.exists(t, t.startsWith('guide-'))", CommunitySlots()),
      "true");
}

TEST(AbsentSlots, AreErrorsWhenRead) {
  EXPECT_EQ(With("1 + event.words", Without(kEventWords)),
            "error: 1:10: no such attribute: event.words");
  EXPECT_EQ(With("event.words == 1", Without(kEventWords)),
            "error: 1:6: no such attribute: event.words");
  EXPECT_THAT(With("event.words > 1", {}), HasSubstr("no such attribute"));
}

TEST(AbsentSlots, CanBeAskedAfter) {
  constexpr const char* kGuarded = "has(event.words) && event.words > 300";
  EXPECT_EQ(With(kGuarded, Without(kEventWords)), "false");
  EXPECT_EQ(With(kGuarded, CommunitySlots()), "true");
  EXPECT_EQ(With("has(event.words) ? event.words : 0", Without(kEventWords)),
            "0");
  EXPECT_EQ(With("!has(event.words) || event.words > 0", {}), "true");
}

TEST(AbsentSlots, HoldingZeroArePresent) {
  std::vector<Value> slots = CommunitySlots();
  slots[kEventWords] = Value::Int(0);
  EXPECT_EQ(With("has(event.words)", slots), "true");
}

TEST(AbsentMemberAttributes, DifferFromEverything) {
  const std::vector<Value> slots = Without(kMemberCountry);
  EXPECT_EQ(With("member.country == 'DE'", slots), "false");
  EXPECT_EQ(With("'DE' != member.country", slots), "true");
  EXPECT_EQ(With("(member.country) == event.type", slots), "false");
  EXPECT_EQ(With("member.country == member.country", slots), "false");
  EXPECT_EQ(With("member.country != member.country", slots), "true");
  EXPECT_EQ(With("has(member.country)", slots), "false");
}

TEST(AbsentMemberAttributes, AreErrorsInAllElse) {
  EXPECT_THAT(With("member.country in ['DE']", Without(kMemberCountry)),
              HasSubstr("no such attribute: member.country"));
  EXPECT_THAT(With("member.points > 1", Without(kMemberPoints)),
              HasSubstr("no such attribute: member.points"));
  EXPECT_THAT(With("member.points + 1 == 2", Without(kMemberPoints)),
              HasSubstr("no such attribute: member.points"));
}

// Two of each kind of text: whose absence is an error, and whose differs.
Environment TextsEnvironment() {
  Environment environment;
  for (uint32_t slot = 0; slot < 4; ++slot) {
    Variable variable;
    variable.name = std::string(1, static_cast<char>('a' + slot));
    variable.type = Type::String();
    variable.slot = slot;
    variable.optional = true;
    variable.absent_differs = slot >= 2;
    EXPECT_TRUE(environment.Declare(std::move(variable)).ok());
  }
  return environment;
}

std::string Said(const absl::StatusOr<Value>& value) {
  return value.ok() ? value->ToString() : std::string(value.status().message());
}

TEST(TwoTexts, CompareAsTheWalkSays) {
  const Environment environment = TextsEnvironment();
  CompileOptions walk;
  walk.optimize = false;
  const std::vector<Value> values = {
      Value::Absent(),    Value::String("x"),
      Value::String("y"), Value::String("a longer text"),
      Value::String(""),  Value::Int(1)};
  for (const char* source :
       {"a == b", "a != b", "a == c", "c != a", "c == d", "c != d", "c == c",
        "c != d && a == b", "!(c == d) || a != c", "a", "c"}) {
    const Expression quick = *Compile(source, environment).expression;
    const Expression slow = *Compile(source, environment, walk).expression;
    for (const Value& one : values) {
      for (const Value& other : values) {
        const std::vector<Value> slots = {one, other, other, one};
        const absl::StatusOr<Value> wanted = slow.Evaluate(slots);
        EXPECT_EQ(Said(quick.Evaluate(slots)), Said(wanted)) << source;
        Value value;
        if (quick.TryEvaluate(slots, value)) {
          EXPECT_EQ(Said(value), Said(wanted)) << source;
        }
      }
    }
    Value value;
    EXPECT_FALSE(quick.TryEvaluate({}, value)) << source;
  }
}

TEST(TryEvaluate, AnswersWhatIsCommon) {
  const std::vector<Value> slots = {Value::String("x"), Value::String("x"),
                                    Value::Absent(), Value::Absent()};
  for (const char* source : {"a == b", "a != b", "c == d", "a"}) {
    Value value;
    EXPECT_TRUE(Compile(source, TextsEnvironment())
                    .expression->TryEvaluate(slots, value))
        << source;
  }
}

TEST(PresentMemberAttributes, CompareAsUsual) {
  EXPECT_EQ(With("member.country == 'DE'", CommunitySlots()), "true");
  EXPECT_EQ(With("member.country != 'DE'", CommunitySlots()), "false");
}

TEST(Errors, AreAbsorbedByTheDecidingSide) {
  const std::vector<Value> slots = Without(kEventWords);
  EXPECT_EQ(With("event.words > 1 && false", slots), "false");
  EXPECT_EQ(With("false && event.words > 1", slots), "false");
  EXPECT_EQ(With("event.words > 1 || true", slots), "true");
  EXPECT_THAT(With("event.words > 1 && true", slots), HasSubstr("error: 1:6"));
  EXPECT_THAT(With("true && event.words > 1", slots), HasSubstr("error: 1:14"));
  EXPECT_EQ(With("true && event.words > 1 && false", slots), "false");
}

TEST(Errors, AreAbsorbedByAllAndExistsButNotByExistsOne) {
  EXPECT_EQ(Evaluated("[0, 1].exists(x, 1 / x == 1)"), "true");
  EXPECT_EQ(Evaluated("[0, 1].all(x, 1 / x == 2)"), "false");
  EXPECT_THAT(Evaluated("[0, 1].exists(x, 1 / x == 2)"), HasSubstr("zero"));
  EXPECT_THAT(Evaluated("[0, 1].exists_one(x, 1 / x == 1)"), HasSubstr("zero"));
  EXPECT_THAT(Evaluated("[0, 1].filter(x, 1 / x == 1)"), HasSubstr("zero"));
}

TEST(Slots, OfAnotherTypeThanDeclaredAreErrors) {
  std::vector<Value> slots = CommunitySlots();
  slots[kEventWords] = Value::String("many");
  EXPECT_EQ(With("event.words > 1", slots),
            "error: 1:6: event.words is declared int and given string");
}

TEST(SlotsUsed, AreSortedAndEachOnce) {
  const Expression expression = Compiling(
      "event.words > 1 && has(event.amount) && event.words < 9 && "
      "event.type != ''");
  EXPECT_THAT(expression.slots_used(),
              ElementsAre(kEventType, kEventWords, kEventAmount));
}

TEST(UnguardedSlots, AreOptionalReadAndNeverAskedAfter) {
  EXPECT_THAT(Compiling("event.words > 1").unguarded_optional_slots(),
              ElementsAre(kEventWords));
  EXPECT_THAT(Compiling("has(event.words) && event.words > 1")
                  .unguarded_optional_slots(),
              IsEmpty());
  EXPECT_THAT(Compiling("event.type == ''").unguarded_optional_slots(),
              IsEmpty());
}

TEST(UnguardedSlots, LeaveOutWhatIsOnlyComparedTolerantly) {
  EXPECT_THAT(Compiling("member.country == 'DE'").unguarded_optional_slots(),
              IsEmpty());
  EXPECT_THAT(Compiling("member.country == 'DE' || member.country < 'X'")
                  .unguarded_optional_slots(),
              ElementsAre(kMemberCountry));
}

TEST(Names, AreResolvedByTheLongestThatIsDeclared) {
  Environment environment;
  ASSERT_TRUE(
      environment.Declare({"a.b", Type::Map(Type::String(), Type::Int()), 0})
          .ok());
  ASSERT_TRUE(environment.Declare({"a.b.c", Type::Int(), 1}).ok());
  const absl::StatusOr<Value> map =
      Value::Map({{Value::String("c"), Value::Int(1)},
                  {Value::String("d"), Value::Int(2)}});
  const std::vector<Value> slots = {*map, Value::Int(3)};
  EXPECT_EQ(Evaluated("a.b.c", environment, slots), "3");
  EXPECT_EQ(Evaluated("a.b.d", environment, slots), "2");
  EXPECT_EQ(Evaluated("has(a.b.d) && !has(a.b.e)", environment, slots), "true");
}

TEST(Names, OfLoopsHideAllOthers) {
  Environment environment;
  ASSERT_TRUE(environment.Declare({"x.y", Type::Int(), 0}).ok());
  const std::vector<Value> slots = {Value::Int(7)};
  EXPECT_EQ(Evaluated("[{'y': 1}].map(x, x.y)[0]", environment, slots), "1");
  EXPECT_EQ(Evaluated("[{'y': 1}].map(x, .x.y)[0]", environment, slots), "7");
  EXPECT_EQ(Evaluated("[1].map(x, [2].map(x, x)[0] + x)", environment, slots),
            "[3]");
}

TEST(Declarations, OfTheSameNameOrOfNoNameAreRefused) {
  Environment environment;
  EXPECT_TRUE(environment.Declare({"a", Type::Int(), 0}).ok());
  EXPECT_EQ(environment.Declare({"a", Type::Int(), 1}).code(),
            absl::StatusCode::kAlreadyExists);
  for (const char* const name : {"", "a.", ".a", "a b", "1a", "a..b"}) {
    EXPECT_EQ(environment.Declare({name, Type::Int(), 1}).code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(Environments, ThatAreCopiedPartWays) {
  const Environment before = CommunityEnvironment();
  Environment after = before;
  ASSERT_TRUE(after.Declare({"extra", Type::Int(), 20}).ok());
  EXPECT_EQ(before.FindVariable("extra"), nullptr);
  ASSERT_NE(after.FindVariable("extra"), nullptr);
  EXPECT_EQ(after.FindVariable("extra")->slot, 20);
}

Environment WithFunctions() {
  Environment environment;
  const Type item = Type::Param("T");
  const auto declare = [&](FunctionDeclaration function) {
    EXPECT_TRUE(environment.DeclareFunction(std::move(function)).ok());
  };
  declare({"min",
           {Type::Int(), Type::Int()},
           Type::Int(),
           [](std::span<const Value> a) -> absl::StatusOr<Value> {
             return Value::Int(std::min(a[0].int_value(), a[1].int_value()));
           }});
  declare({"host.first",
           {Type::List(item)},
           item,
           [](std::span<const Value> a) -> absl::StatusOr<Value> {
             if (a[0].items().empty()) return absl::NotFoundError("is empty");
             return a[0].items()[0];
           }});
  declare({"twice",
           {Type::String()},
           Type::String(),
           [](std::span<const Value> a) -> absl::StatusOr<Value> {
             return Value::String(std::string(a[0].text()) +
                                  std::string(a[0].text()));
           },
           true});
  declare({"liar",
           {},
           Type::Int(),
           [](std::span<const Value>) -> absl::StatusOr<Value> {
             return Value::String("text");
           }});
  return environment;
}

TEST(HostFunctions, AreCalledWithCheckedArguments) {
  EXPECT_EQ(Evaluated("min(3, 2) + 1", WithFunctions()), "3");
  EXPECT_EQ(Evaluated("min(3, 2.0)", WithFunctions()),
            "issue: found no matching overload for 'min' applied to "
            "'(int, double)'");
  EXPECT_EQ(Evaluated("min(dyn('a'), 2)", WithFunctions()),
            "error: 1:4: no matching overload for 'min' applied to "
            "'(string, int)'");
}

TEST(HostFunctions, MayBeDottedGenericOrMethods) {
  EXPECT_EQ(Evaluated("host.first([5, 6]) + 1", WithFunctions()), "6");
  EXPECT_EQ(Evaluated("'ab'.twice() + 'c'", WithFunctions()), "\"ababc\"");
}

TEST(HostFunctions, FailWithTheirOwnError) {
  EXPECT_EQ(Evaluated("host.first([])", WithFunctions()),
            "error: 1:11: is empty");
}

TEST(HostFunctions, ReturningAnotherTypeThanDeclaredAreErrors) {
  EXPECT_EQ(Evaluated("liar() + 1", WithFunctions()),
            "error: 1:5: liar is declared to return int and returned string");
}

TEST(HostFunctions, OfAKnownFormOrAMacrosNameAreRefused) {
  Environment environment;
  EXPECT_EQ(
      environment.DeclareFunction({"size", {Type::String()}, Type::Int(), {}})
          .code(),
      absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(environment.DeclareFunction({"has", {}, Type::Bool(), {}}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Expressions, OutliveTheirEnvironmentAndSource) {
  Compiled compiled;
  {
    const Environment environment = WithFunctions();
    const std::string source = "min(3, 2) + size('ab')";
    compiled = Compile(source, environment);
  }
  ASSERT_TRUE(compiled.ok());
  const absl::StatusOr<Value> value = compiled.expression->Evaluate({});
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->int_value(), 4);
}

TEST(KnownVariables, TakeTheNamesPlace) {
  Environment environment = CommunityEnvironment();
  ASSERT_TRUE(environment
                  .Declare({.name = "param.least",
                            .type = Type::Int(),
                            .constant = Value::Int(300)})
                  .ok());
  ASSERT_TRUE(environment
                  .Declare({.name = "param.kind",
                            .type = Type::String(),
                            .constant = Value::String("post")})
                  .ok());
  const auto evaluated = [&](std::string_view source) {
    return Evaluated(source, environment, CommunitySlots());
  };
  EXPECT_EQ(evaluated("param.least + 1"), "301");
  EXPECT_EQ(evaluated("event.words > param.least"), "true");
  EXPECT_EQ(evaluated("event.type == param.kind"), "true");
  EXPECT_EQ(evaluated("has(param.kind)"), "true");
  const auto slots = [&](std::string_view source) {
    const Compiled compiled = Compile(source, environment);
    EXPECT_TRUE(compiled.ok()) << source;
    return compiled.expression->slots_used();
  };
  EXPECT_THAT(slots("param.kind == 'post'"), IsEmpty());
  // What is known decides, or goes.
  EXPECT_THAT(slots("event.words > param.least && param.kind == 'post'"),
              ElementsAre(kEventWords));
  EXPECT_THAT(evaluated("event.words > 1 && param.kind == 'x'"), "false");
  EXPECT_THAT(evaluated("1 / 0 > 1 || param.kind == 'post'"), "true");
  EXPECT_THAT(evaluated("event.words < 1 || param.kind == 'x'"), "false");
}

TEST(SlotNumbers, AreTheHosts) {
  std::vector<uint32_t> asked;
  CompileOptions options;
  options.slot_number = [&](uint32_t slot) {
    const auto found = std::find(asked.begin(), asked.end(), slot);
    if (found != asked.end()) {
      return static_cast<uint32_t>(found - asked.begin());
    }
    asked.push_back(slot);
    return static_cast<uint32_t>(asked.size() - 1);
  };
  const Compiled compiled =
      Compile("event.words > 300 && event.type == 'post' && event.words < 900",
              CommunityEnvironment(), options);
  ASSERT_TRUE(compiled.ok());
  EXPECT_THAT(asked, ElementsAre(kEventWords, kEventType));
  EXPECT_THAT(compiled.expression->slots_used(), ElementsAre(0, 1));
  const Value slots[] = {Value::Int(500), Value::String("post")};
  EXPECT_TRUE(compiled.expression->Evaluate(slots)->bool_value());
}

}  // namespace
}  // namespace loyalty::cel
