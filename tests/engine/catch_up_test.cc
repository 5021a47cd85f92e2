// SPDX-License-Identifier: Apache-2.0
//
// What is new in a program, applied to history: what is previewed is what
// comes, an attempt that was interrupted goes on, and what makes no sense is
// refused.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using absl::StatusCode;
using testing::Day;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;
using ::testing::SizeIs;

constexpr char kFirst[] = R"(
  name: "forum" version: "1"
  currency { id: "points" }
  event_type { id: "answer" })";

constexpr char kSecond[] = R"(
  name: "forum" version: "2"
  currency { id: "points" }
  event_type { id: "answer" }
  metric { id: "answers" on: "answer" }
  rule { id: "answering" on: "answer"
         award { currency: "points" units: "10" } budget { units: 65 } }
  badge { id: "helper" when: "metric.answers >= 2"
          award { currency: "points" units: "5" } }
  ladder { id: "rank" currency: "points"
           level { id: "new" } level { id: "known" at: 20 } }
  streak { id: "daily" on: "answer" }
  quest { id: "first" step { id: "answers" on: "answer" } }
  quest { id: "all" together: "everybody"
          step { id: "answers" on: "answer" goal: 100 } })";

class CatchingUp : public ::testing::Test {
 protected:
  CatchingUp() { std::filesystem::create_directories(folder_); }
  ~CatchingUp() override { std::filesystem::remove_all(folder_); }

  // Members m0, m1, .. with 1, 2, .. answers, and then the second program.
  std::unique_ptr<Engine> Forum(const std::string& name, int members = 3) {
    auto engine = *Engine::Open(folder_ + "/" + name, MustRead(kFirst),
                                {.clock = [] { return Day(20); }});
    for (int m = 0; m < members; ++m) {
      for (int n = 0; n <= m; ++n) {
        EXPECT_TRUE(engine
                        ->Process({.id = absl::StrCat("a", m, "-", n),
                                   .type = "answer",
                                   .time = Day(1 + n),
                                   .actor = absl::StrCat("m", m)})
                        .ok());
      }
    }
    EXPECT_TRUE(engine->Switch(MustRead(kSecond), "s", Day(9)).ok());
    return engine;
  }

  static int64_t Points(Engine& engine, const std::string& member) {
    return (*engine.Query())->Member(member)->currencies[0].balance;
  }

  static void ExpectVerified(Engine& engine) {
    const auto report = (*engine.Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->faults, IsEmpty());
  }

  const CatchUp all_ = {
      .rules = {"answering"}, .badges = {"helper"}, .metrics = {"answers"}};
  const std::string folder_ =
      ::testing::TempDir() + "catch-up-" + std::to_string(getpid());
};

TEST_F(CatchingUp, BringsWhatThePreviewSays) {
  const auto engine = Forum("a.db");
  const auto preview = (*engine->Query())->PreviewCatchUp(all_);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(Points(*engine, "m2"), 0);
  EXPECT_EQ(preview->members, 3);
  using Kind = CatchUpReport::Kind;
  const std::vector<CatchUpReport::Gain> totals = {
      {.kind = Kind::kRule,
       .id = "answering",
       .currency = "points",
       .units = 60,
       .events = 6,
       .whose = 3},
      {.kind = Kind::kBadge, .id = "helper", .units = 2, .whose = 2},
      {.kind = Kind::kBadge,
       .id = "helper",
       .currency = "points",
       .units = 10,
       .whose = 2},
      {.kind = Kind::kMetric, .id = "answers", .units = 6, .whose = 3}};
  EXPECT_EQ(preview->totals, totals);
  ASSERT_THAT(preview->most, SizeIs(3));
  EXPECT_EQ(preview->most[0].member, "m2");
  ASSERT_THAT(preview->rising, SizeIs(1));
  EXPECT_EQ(preview->rising[0].members, 2);

  const auto report = engine->CatchUp(all_, "c", Day(10));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->totals, preview->totals);
  EXPECT_EQ(report->most, preview->most);
  EXPECT_EQ(report->entries, 3);  // the members'
  EXPECT_EQ(Points(*engine, "m0"), 10);
  EXPECT_EQ(Points(*engine, "m2"), 35);
  const auto profile = (*engine->Query())->Member("m2");
  EXPECT_EQ(profile->metrics.at("answers"), 3);
  EXPECT_EQ(profile->badges.at("helper"), 1);
  EXPECT_EQ(profile->ladders[0].level, "known");
  ExpectVerified(*engine);

  const auto more = (*engine->Query())->PreviewCatchUp(all_);
  EXPECT_THAT(more->totals, IsEmpty());
}

// Of a commit there is all or nothing, so that a catch-up that was killed has
// left its first entries.
TEST_F(CatchingUp, GoesOnWhereItWasKilled) {
  const auto whole = Forum("whole.db");
  ASSERT_TRUE(whole->CatchUp(all_, "c", Day(10)).ok());
  const auto queries = *whole->Query();
  std::vector<Event> entries;
  const std::vector<Outcome> feed = *queries->Feed(0, 1000);
  for (const Outcome& outcome : feed) {
    const Event event = queries->Explain(outcome.event_id)->event;
    if (event.type == kCatchUp) entries.push_back(event);
  }
  ASSERT_THAT(entries, SizeIs(4));
  for (size_t kept = 0; kept <= entries.size(); ++kept) {
    SCOPED_TRACE(absl::StrCat(kept, " entries were kept"));
    const std::string name = absl::StrCat(kept, ".db");
    {
      const auto engine = Forum(name);
      for (size_t i = 0; i < kept; ++i) {
        ASSERT_TRUE(engine->Process(entries[i])->accepted());
      }
    }
    const auto engine = *Engine::Reopen(folder_ + "/" + name,
                                        {.clock = [] { return Day(20); }});
    const auto report = engine->CatchUp(all_, "c", Day(10));
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->entries, 3);
    for (const char* const member : {"m0", "m1", "m2"}) {
      EXPECT_EQ(Points(*engine, member), Points(*whole, member)) << member;
    }
    // Of the budget 60 are used, whichever entry was the last.
    EXPECT_TRUE(engine
                    ->Process({.id = "one more",
                               .type = "answer",
                               .time = Day(11),
                               .actor = "m9"})
                    ->accepted());
    EXPECT_EQ(Points(*engine, "m9"), 5);
    ExpectVerified(*engine);
  }
}

TEST_F(CatchingUp, NamesNobodyInIds) {
  const auto engine = Forum("a.db");
  ASSERT_TRUE(engine->CatchUp(all_, "c", Day(10)).ok());
  const std::vector<Outcome> feed = *(*engine->Query())->Feed(0, 1000);
  for (const Outcome& outcome : feed) {
    EXPECT_THAT(outcome.event_id,
                ::testing::AnyOf(::testing::StartsWith("a"), "s", "c",
                                 ::testing::StartsWith("c/")));
  }
}

TEST_F(CatchingUp, RefusesWhatTheProgramDoesNotHave) {
  const auto engine = Forum("a.db");
  const auto says = [&](const CatchUp& what, const std::string& text) {
    const auto report = engine->CatchUp(what, "c", Day(10));
    EXPECT_EQ(report.status().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(report.status().message()), HasSubstr(text));
    const auto preview = (*engine->Query())->PreviewCatchUp(what);
    EXPECT_EQ(preview.status(), report.status());
  };
  says({}, "nothing is named");
  says({.rules = {"answring"}}, "\"answering\"");
  says({.rules = {"badge:helper"}}, "the program has no rule");
  says({.badges = {"answering"}}, "the program has no badge");
  says({.metrics = {"daily"}}, "is no metric: name it as a streak");
  says({.badges = {"first"}}, "is no badge: name it as a quest");
  says({.quests = {"daily"}}, "is no quest: name it as a streak");
  says({.streaks = {"dayly"}}, "Did you mean \"daily\"?");
  says({.quests = {"all"}},
       "quest \"all\" is done together, which is not applied to history");
  ASSERT_TRUE(engine->CatchUp({.rules = {"answering"}}, "c", Day(10)).ok());
  const auto other = engine->CatchUp(all_, "c", Day(10));
  EXPECT_EQ(other.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.status().message()),
              HasSubstr("another attributes"));
}

TEST_F(CatchingUp, TakesOnlyWhatMakesSense) {
  const auto engine = Forum("a.db");
  const auto answer = [&](const std::string& id, Attributes attributes,
                          const std::string& version = "2") {
    attributes.emplace("version", version);
    attributes.emplace("of", "c");
    const auto outcome = engine->Process({.id = id,
                                          .type = std::string(kCatchUp),
                                          .time = Day(10),
                                          .actor = "m0",
                                          .attributes = attributes});
    return outcome.ok() ? outcome->rejected : RejectReason::kNone;
  };
  const auto listed = [](Value::Map one) {
    return Value(Value::List{std::move(one)});
  };
  EXPECT_EQ(answer("x1", {}, "1"), RejectReason::kOtherProgram);
  EXPECT_EQ(answer("x2", {{"awards", 7}}), RejectReason::kNoCatchUp);
  EXPECT_EQ(answer("x3", {{"awards", listed({{"rule", "none"}})}}),
            RejectReason::kNoCatchUp);
  const Value::Map award = {{"rule", "answering"},  {"award", 0},
                            {"currency", "points"}, {"units", 5},
                            {"of", Value::List{1}}, {"each", Value::List{5}}};
  for (const char* const name :
       {"rule", "award", "currency", "units", "of", "each"}) {
    Value::Map without = award;
    without.erase(name);
    EXPECT_EQ(answer(absl::StrCat("x-", name), {{"awards", listed(without)}}),
              RejectReason::kNoCatchUp);
  }
  EXPECT_EQ(answer("x4", {{"counters",
                           listed({{"counter", "limit:cut"}, {"more", 1}})}}),
            RejectReason::kNoCatchUp);
  EXPECT_EQ(answer("x5", {{"grants", listed({{"badge", "none"}})}}),
            RejectReason::kNoCatchUp);
  EXPECT_EQ(Points(*engine, "m0"), 0);
  EXPECT_EQ(answer("x6", {{"awards", listed(award)}}), RejectReason::kNone);
  EXPECT_EQ(Points(*engine, "m0"), 5);
  ExpectVerified(*engine);
}

TEST_F(CatchingUp, IsExplained) {
  const auto engine = Forum("a.db");
  ASSERT_TRUE(engine->CatchUp(all_, "c", Day(10)).ok());
  const auto queries = *engine->Query();
  const auto explanation = queries->Explain("c/3");
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  EXPECT_THAT(explanation->sentences[0],
              HasSubstr("answering would have given for what came before"));
  const auto lines = queries->Statement("m2", "points", 0, 0, 100);
  ASSERT_THAT(*lines, SizeIs(2));
  EXPECT_EQ((*lines)[0].kind, StatementLine::Kind::kCaughtUp);
  EXPECT_EQ((*lines)[0].rule, "answering");
  EXPECT_EQ((*lines)[0].time, Day(10));
}

TEST_F(CatchingUp, IsThereAfterRebuilding) {
  const std::string path = folder_ + "/a.db";
  {
    const auto engine = Forum("a.db");
    ASSERT_TRUE(engine->CatchUp(all_, "c", Day(10)).ok());
    ASSERT_TRUE(engine->Reverse("r1", Day(11), "a2-0")->accepted());
  }
  ASSERT_TRUE(Engine::Rebuild(path).ok());
  const auto engine = *Engine::Reopen(path, {.clock = [] { return Day(20); }});
  EXPECT_EQ(Points(*engine, "m2"), 25);
  ExpectVerified(*engine);
}

}  // namespace
}  // namespace loyalty
