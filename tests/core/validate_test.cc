// SPDX-License-Identifier: Apache-2.0
//
// Canonical events: what is one event and what are two.
#include "core/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <string>

#include "base/utf8.h"
#include "core/forum.h"

namespace loyalty::core {
namespace {

using ::testing::HasSubstr;

TEST(Canonical, CutsTimesToMicroseconds) {
  Event event = Like("e1");
  event.time += absl::Nanoseconds(1999);
  EXPECT_EQ(Canonicalized(*Forum(), event)->time,
            Like("e1").time + absl::Microseconds(1));
}

TEST(Canonical, KeepsWhatTheProgramDoesNotDeclare) {
  Event event = Like("e1");
  event.attributes.emplace("mood", Value::Map{{"joy", 5}});
  EXPECT_EQ(*Canonicalized(*Forum(), event), event);
}

TEST(Canonical, IsCanonicalAgain) {
  const auto once = Canonicalized(*Forum(), Like("e1"));
  ASSERT_TRUE(once.ok());
  EXPECT_EQ(*Canonicalized(*Forum(), *once), *once);
}

TEST(Canonical, RefusesNestingWithoutEnd) {
  Value value = 1;
  for (int i = 0; i < 40; ++i) value = Value::List{value};
  Event event = Like("e1");
  event.attributes.emplace("deep", value);
  EXPECT_THAT(std::string(Canonicalized(*Forum(), event).status().message()),
              HasSubstr("attributes.deep: is nested deeper than 32"));
}

TEST(Canonical, RefusesCommandsWithoutWhatTheyAreAbout) {
  Event event{.id = "r", .type = std::string(kReverse)};
  EXPECT_THAT(std::string(Canonicalized(*Forum(), event).status().message()),
              HasSubstr("attributes.event: is missing"));
}

// A program with an attribute of every type, alone and as a list.
std::shared_ptr<const rules::CompiledProgram> AllTypes() {
  model::ProgramSpec spec;
  spec.name = T("all");
  spec.version = T("1");
  model::CurrencySpec points;
  points.id = T("points");
  spec.currencies = {points};
  model::EventTypeSpec type{.id = T("e")};
  for (const model::Type kind :
       {model::Type::kInt, model::Type::kDouble, model::Type::kString,
        model::Type::kBool, model::Type::kTime, model::Type::kDuration,
        model::Type::kMember, model::Type::kObject}) {
    for (const bool list : {false, true}) {
      model::AttributeSpec attribute;
      attribute.name = T("a" + std::to_string(type.attributes.size()));
      attribute.type = kind;
      attribute.list = list;
      attribute.personal = kind == model::Type::kBool;
      attribute.required = kind == model::Type::kInt && !list;
      type.attributes.push_back(attribute);
    }
  }
  spec.event_types = {type};
  return rules::Compile(spec).program;
}

class SomeEvents {
 public:
  explicit SomeEvents(unsigned seed) : random_(seed) {}

  Event Next() {
    Event event = Like("e");
    event.type = OneIn(20) ? std::string(kReverse) : OneIn(20) ? "no" : "e";
    if (OneIn(8)) event.time += absl::Nanoseconds(500);
    if (OneIn(8)) event.actor.reset();
    if (OneIn(8)) event.target.reset();
    if (OneIn(4)) event.channel = Text();
    event.attributes.clear();
    if (!OneIn(10)) event.attributes.emplace("a0", OneIn(10) ? Any(1) : 7);
    for (int i = Below(4); i > 0; --i) {
      const int number = Below(18);  // two are not declared
      event.attributes.insert_or_assign(
          "a" + std::to_string(number),
          OneIn(4) ? Any(2) : Fitting(number / 2, number % 2 == 1));
    }
    if (OneIn(9)) event.attributes.insert_or_assign("event", Text());
    return event;
  }

 private:
  int Below(int end) { return static_cast<int>(random_() % unsigned(end)); }
  bool OneIn(int many) { return Below(many) == 0; }
  std::string Text() {
    switch (Below(12)) {
      case 0: return "";
      case 1: return std::string("a\0b", 3);
      case 2:
        return "gr\xc3\xbc\xc3\x9f"
               "e";
      case 3: return "long enough \xff\xff";
      case 4: return std::string(300, 'x');
      case 5: return std::string(5'000, 'y');
      case 6: return "2026-03-01T12:00:00.1234567+01:00";
      case 7: return "90m";
      default: return std::string(Below(20) + 1, 'z');
    }
  }
  Value Any(int depth) {
    switch (Below(depth > 0 ? 8 : 6)) {
      case 0: return Below(2) == 0;
      case 1: return Below(100);
      case 2: return OneIn(9) ? HUGE_VAL : 0.5 * Below(100);
      case 3: return Text();
      case 4: return OneIn(9) ? absl::InfiniteFuture() : Time();
      case 5: return OneIn(9) ? absl::InfiniteDuration() : Duration();
      case 6: {
        Value::List list;
        for (int i = Below(3); i > 0; --i) list.push_back(Any(depth - 1));
        return list;
      }
      default: {
        Value::Map map;
        for (int i = Below(3); i > 0; --i) map.emplace(Text(), Any(depth - 1));
        return map;
      }
    }
  }
  Value Fitting(int kind, bool list) {
    if (list) {
      Value::List items;
      for (int i = Below(3); i > 0; --i) items.push_back(Fitting(kind, false));
      return items;
    }
    switch (kind) {
      case 0: return Below(100);
      case 1: return 0.5 * Below(100);
      case 3: return Below(2) == 0;
      case 4: return Time();
      case 5: return Duration();
      default: return OneIn(5) ? Text() : "some text";
    }
  }
  absl::Time Time() {
    return absl::FromUnixMicros(Below(1'000'000'000)) +
           absl::Nanoseconds(OneIn(3) ? Below(2'000) : 0);
  }
  absl::Duration Duration() {
    return absl::Microseconds(Below(1'000'000)) -
           absl::Nanoseconds(OneIn(3) ? Below(2'000) : 0);
  }

  std::mt19937 random_;
};

TEST(InCanonicalForm, IsTheEventOrWhatCanonicalizedSays) {
  const auto program = AllTypes();
  ASSERT_NE(program, nullptr);
  SomeEvents events(3);
  int same = 0, other = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Event event = events.Next();
    const absl::StatusOr<Event> wanted = Canonicalized(*program, event);
    Event room;
    const auto found = InCanonicalForm(*program, event, room);
    ASSERT_EQ(found.status(), wanted.status());
    if (!found.ok()) {
      ++refused;
      continue;
    }
    ASSERT_EQ(**found, *wanted);
    // One that was made canonical is, and is not copied again.
    ASSERT_EQ(*InCanonicalForm(*program, *wanted, room), &*wanted);
    ++(*found == &event ? same : other);
  }
  EXPECT_GT(same, 1'000);
  EXPECT_GT(other, 1'000);
  EXPECT_GT(refused, 1'000);
}

TEST(Ids, AreUtf8WithoutNul) {
  std::mt19937 random(5);
  for (int i = 0; i < 50'000; ++i) {
    std::string text(1 + random() % 20, 'a');
    for (int k = random() % 3; k > 0; --k) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    const bool wanted =
        base::IsUtf8(text) && text.find('\0') == std::string::npos;
    ASSERT_EQ(IsId(text), wanted);
  }
}

TEST(DifferingField, IsNoneOfEqualEvents) {
  EXPECT_EQ(DifferingField(Like("e1"), Like("e1")), "");
}

TEST(DifferingField, NamesTheFirst) {
  Event other = Like("e1");
  other.channel = "web";
  other.attributes.clear();
  EXPECT_EQ(DifferingField(Like("e1"), other), "channel");
}

}  // namespace
}  // namespace loyalty::core
