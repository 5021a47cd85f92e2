// SPDX-License-Identifier: Apache-2.0
//
// What an expression requires of its slots: by example, and by the property
// that it is false wherever a requirement is not met.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

Environment Shelf() {
  Environment environment;
  const auto declare = [&](const char* name, Type type, uint32_t slot,
                           bool optional, bool differs) {
    EXPECT_TRUE(environment
                    .Declare({.name = name,
                              .type = std::move(type),
                              .slot = slot,
                              .optional = optional,
                              .absent_differs = differs})
                    .ok());
  };
  declare("kind", Type::String(), 0, false, false);
  declare("size", Type::Int(), 1, true, false);
  declare("owner", Type::String(), 2, true, true);
  declare("open", Type::Bool(), 3, false, false);
  declare("weight", Type::Double(), 4, false, false);
  declare("any", Type::Dyn(), 5, false, false);
  return environment;
}

// "SLOT in [VALUES]" for each; "?" behind one that absence makes false.
std::string Required(std::string_view source) {
  const Compiled compiled = Compile(source, Shelf());
  EXPECT_TRUE(compiled.ok()) << source;
  if (!compiled.ok()) return "";
  std::string all;
  for (const Requirement& one : compiled.expression->requirements()) {
    if (!all.empty()) all += "; ";
    all += std::to_string(one.slot) + " in " +
           Value::List(one.values).ToString() +
           (one.absent_is_false ? "?" : "");
  }
  return all;
}

TEST(Requirements, AreEqualitiesAmongTheConjuncts) {
  EXPECT_EQ(Required("kind == 'a'"), R"(0 in ["a"])");
  EXPECT_EQ(Required("'a' == kind && size == 3"), R"(0 in ["a"]; 1 in [3])");
  EXPECT_EQ(Required("(weight > 1.0 && kind == 'a') && size > 3"),
            R"(0 in ["a"])");
  EXPECT_EQ(Required("kind in ['a', 'b']"), R"(0 in ["a", "b"])");
  EXPECT_EQ(Required("kind == 'a' || kind in ['b'] || 'c' == kind"),
            R"(0 in ["a", "b", "c"])");
  EXPECT_EQ(Required("open && size == 1"), "3 in [true]; 1 in [1]");
  EXPECT_EQ(Required("!open"), "3 in [false]");
  EXPECT_EQ(Required("kind == 'a' + 'b'"), R"(0 in ["ab"])");
}

TEST(Requirements, KnowWhetherAbsenceIsFalse) {
  EXPECT_EQ(Required("owner == 'ada'"), R"(2 in ["ada"]?)");
  EXPECT_EQ(Required("owner in ['ada']"), R"(2 in ["ada"])");
  EXPECT_EQ(Required("owner == 'ada' || owner in ['grace']"),
            R"(2 in ["ada", "grace"])");
}

TEST(Requirements, AreNoneWhereAnotherValueMayDo) {
  for (const char* source :
       {"kind != 'a'", "kind == 'a' || size == 3", "!(kind == 'a')",
        "kind == 'a' ? true : false", "size > 3", "weight == 1.0", "any == 'a'",
        "kind == owner", "kind.size() == 3", "true", "kind in [owner]",
        "[1].exists(x, kind == 'a')", "open || kind == 'a'"}) {
    EXPECT_EQ(Required(source), "") << source;
  }
}

TEST(Requirements, AreKeptByEveryTrueExpression) {
  const std::vector<std::string> conjuncts = {"kind == 'a'",
                                              "kind in ['a', 'b']",
                                              "size == 1",
                                              "size in [1, 2]",
                                              "owner == 'ada'",
                                              "owner in ['ada']",
                                              "open",
                                              "!open",
                                              "size / (size - 1) == 2",
                                              "kind == 'c' || kind == 'b'",
                                              "owner != 'ada'",
                                              "any == 1"};
  const Value absent;
  const std::vector<std::vector<Value>> choices = {
      {Value::String("a"), Value::String("b"), Value::String("c")},
      {absent, Value::Int(1), Value::Int(2)},
      {absent, Value::String("ada"), Value::String("grace")},
      {Value::Bool(true), Value::Bool(false)},
      {Value::Double(1)},
      {Value::Int(1), Value::String("a")}};
  int ruled_out = 0;
  int met = 0;
  for (const std::string& left : conjuncts) {
    for (const std::string& right : conjuncts) {
      const Compiled compiled = Compile(left + " && (" + right + ")", Shelf());
      ASSERT_TRUE(compiled.ok()) << left << right;
      for (int pick = 0; pick < 3 * 3 * 3 * 2 * 2; ++pick) {
        std::vector<Value> slots;
        int rest = pick;
        for (const std::vector<Value>& choice : choices) {
          const auto n = static_cast<int>(choice.size());
          slots.push_back(choice[rest % n]);
          rest /= n;
        }
        bool is_out = false;
        for (const Requirement& one : compiled.expression->requirements()) {
          const Value& value = slots[one.slot];
          if (value.Is(Value::Kind::kAbsent)) {
            is_out |= one.absent_is_false;
            continue;
          }
          bool found = false;
          for (const Value& wanted : one.values) {
            found |= wanted.ToString() == value.ToString();
          }
          is_out |= !found;
        }
        const absl::StatusOr<Value> value =
            compiled.expression->Evaluate(slots);
        if (is_out) {
          ++ruled_out;
          ASSERT_TRUE(value.ok()) << left << " && " << right << value.status();
          ASSERT_FALSE(value->bool_value()) << left << " && " << right;
        } else if (value.ok() && value->bool_value()) {
          ++met;
        }
      }
    }
  }
  EXPECT_GT(ruled_out, 1000);
  EXPECT_GT(met, 100);
}

}  // namespace
}  // namespace loyalty::cel
