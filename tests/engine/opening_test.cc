// SPDX-License-Identifier: Apache-2.0
//
// Opening files: with the program that made them, again, and by two at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "engine/community.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;

std::string ProgramText(const std::string& version, int units) {
  return absl::StrCat(R"(name: "p" version: ")", version, R"("
    parameter { id: "bonus" default: "1" }
    currency { id: "points" } event_type { id: "login" }
    rule { id: "in" on: "login" award { currency: "points" units: ")",
                      units,
                      R"( * param.bonus" limit { per: EVER units: 1000 } } })");
}

class File : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() /
        absl::StrCat(
            "loyalty_opening_", getpid(), "_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "c.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

Event Login(const std::string& id, const std::string& actor = "ada") {
  return {.id = id, .type = "login", .time = Day(1), .actor = actor};
}

TEST_F(File, GoesOnWhereItWasLeft) {
  const Program program = MustRead(ProgramText("1", 5));
  {
    auto engine = Engine::Open(path_, program);
    ASSERT_TRUE(engine.ok()) << engine.status();
    ASSERT_TRUE((*engine)->Process(Login("e1")).ok());
  }
  auto engine = Engine::Open(path_, program);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE((*engine)->Process(Login("e1"))->repeat);
  EXPECT_EQ((*engine)->Process(Login("e2"))->seq, 2);
  const auto queries = Queries::Open(path_);
  ASSERT_TRUE(queries.ok()) << queries.status();
  EXPECT_EQ((*queries)->Member("ada")->currencies[0].balance, 10);
  EXPECT_EQ((*queries)->CurrentProgram()->identity(), program.identity());
  EXPECT_TRUE((*queries)->Verify()->ok());
}

TEST_F(File, RefusesAnotherProgram) {
  ASSERT_TRUE(Engine::Open(path_, MustRead(ProgramText("1", 5))).ok());
  const auto other = Engine::Open(path_, MustRead(ProgramText("2", 5)));
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.status().message()),
              HasSubstr("version \"2\""));
  const auto same = Engine::Open(path_, MustRead(ProgramText("1", 6)));
  EXPECT_THAT(std::string(same.status().message()),
              HasSubstr("of other content or parameters"));
  // Neither did harm.
  EXPECT_TRUE(Engine::Open(path_, MustRead(ProgramText("1", 5))).ok());
}

TEST_F(File, TakesOtherParametersForAnotherProgram) {
  const auto text = ProgramText("1", 5);
  const auto with = [&](const std::string& bonus) {
    return *Program::FromText(text, "p.textproto",
                              {.parameters = {{"bonus", bonus}}});
  };
  EXPECT_EQ(with("1").identity(), MustRead(text).identity());
  EXPECT_NE(with("2").identity(), MustRead(text).identity());
  ASSERT_TRUE(Engine::Open(path_, with("2")).ok());
  EXPECT_FALSE(Engine::Open(path_, with("3")).ok());
  auto engine = Engine::Open(path_, with("2"));
  ASSERT_TRUE(engine.ok());
  ASSERT_TRUE((*engine)->Process(Login("e1")).ok());
  EXPECT_EQ((*(*engine)->Query())->Member("ada")->currencies[0].balance, 10);
  EXPECT_TRUE((*(*engine)->Query())->Verify()->ok());
}

TEST_F(File, RefusesOptionsOutOfTheirRanges) {
  const Program program = MustRead(ProgramText("1", 5));
  constexpr int64_t kMillion = 1'000'000;
  const std::vector<std::pair<std::string, std::vector<int64_t>>> bounds = {
      {"cache_bytes", {int64_t{64} << 10, int64_t{1} << 40}},
      {"max_tail", {1, 100 * kMillion}},
      {"max_waiting_events", {1, 100 * kMillion}}};
  const auto with = [](const std::string& option, int64_t value) {
    EngineOptions options;
    (option == "cache_bytes" ? options.cache_bytes
     : option == "max_tail"  ? options.max_tail
                             : options.max_waiting_events) = value;
    return options;
  };
  for (const auto& [option, range] : bounds) {
    SCOPED_TRACE(option);
    for (const int64_t value : {range[0] - 1, range[1] + 1, int64_t{-1}}) {
      const auto opened = Engine::Open(path_, program, with(option, value));
      EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(
          std::string(opened.status().message()),
          HasSubstr(absl::StrCat("EngineOptions.", option, " is ", value)));
      EXPECT_FALSE(Engine::InMemory(program, with(option, value)).ok());
      EXPECT_FALSE(std::filesystem::exists(path_)) << "nothing was made";
    }
    for (const int64_t value : range) {
      EXPECT_TRUE(Engine::InMemory(program, with(option, value)).ok());
    }
  }
}

TEST_F(File, BringsItsTablesUpToDateAfterMaxTailEvents) {
  auto engine =
      Engine::Open(path_, MustRead(ProgramText("1", 5)), {.max_tail = 3});
  ASSERT_TRUE(engine.ok()) << engine.status();
  store::RawSqlite raw(path_);
  std::vector<std::string> through;
  for (const std::string id : {"e1", "e2", "e3", "e4"}) {
    ASSERT_TRUE((*engine)->Process(Login(id)).ok());
    through.push_back(raw.Values("SELECT through FROM applied")[0]);
  }
  EXPECT_THAT(through, ::testing::ElementsAre("0", "0", "3", "3"));
}

TEST_F(File, IsTheSameWithLittleMemory) {
  const Program program = MustRead(ProgramText("1", 5));
  auto engine = Engine::Open(path_, program, {.cache_bytes = 64 << 10});
  ASSERT_TRUE(engine.ok()) << engine.status();
  store::RawSqlite raw(path_);
  for (int i = 0; i < 2000; i += 100) {
    std::vector<Event> events;
    for (int k = 0; k < 100; ++k) {
      events.push_back(
          Login(absl::StrCat("e", i + k), absl::StrCat("m", (i + k) % 997)));
    }
    ASSERT_TRUE((*engine)->Process(std::span<const Event>(events)).ok());
  }
  // What changed did not fit, long before max_tail.
  EXPECT_NE(raw.Values("SELECT through FROM applied")[0], "0");
  const auto queries = (*engine)->Query();
  EXPECT_EQ((*queries)->Member("m0")->currencies[0].balance, 15);
  EXPECT_TRUE((*queries)->Verify()->ok());
}

TEST_F(File, HasOneWriterAndAnyNumberOfReaders) {
  auto engine = Engine::Open(path_, MustRead(ProgramText("1", 5)));
  ASSERT_TRUE(engine.ok());
  const auto second = Engine::Open(path_, MustRead(ProgramText("1", 5)));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE((*engine)->Process(Login("e1")).ok());
  const auto before = Queries::Open(path_);
  ASSERT_TRUE(before.ok());
  ASSERT_TRUE((*engine)->Process(Login("e2")).ok());
  // A reader keeps the state it was opened on.
  EXPECT_EQ((*before)->Member("ada")->currencies[0].balance, 5);
  EXPECT_EQ((*Queries::Open(path_))->Member("ada")->currencies[0].balance, 10);
}

TEST_F(File, TakesEventsFromManyThreadsOnce) {
  auto engine = Engine::Open(path_, MustRead(ProgramText("1", 1)));
  ASSERT_TRUE(engine.ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        // Every event is sent by two threads.
        const std::string id = absl::StrCat("e", t / 2, "_", i);
        EXPECT_TRUE((*engine)->Process(Login(id)).ok());
        if (i % 7 == 0) {
          EXPECT_TRUE((*engine)->Query().ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto queries = (*engine)->Query();
  EXPECT_EQ((*queries)->Member("ada")->currencies[0].balance, 80);
  EXPECT_TRUE((*queries)->Verify()->ok());
}

TEST(Programs, AreRefusedWhereAnExpressionCostsMoreThanTheHostAllows) {
  const std::string text =
      "name: 't' version: '1' currency { id: 'points' }\n"
      "event_type { id: 'e' attribute { name: 'tags' type: STRING list: true\n"
      "                                 required: true } }\n"
      "rule { id: 'r' on: 'e' when: \"event.tags.exists(t, t == 'howto')\"\n"
      "       award { currency: 'points' units: '1' } }\n";
  const auto with = [&](int64_t cost) {
    return Program::FromText(text, "t.textproto",
                             {.max_expression_cost = cost});
  };
  EXPECT_TRUE(Program::FromText(text, "t.textproto").ok());
  EXPECT_TRUE(with(100'000).ok());
  const absl::Status refused = with(500).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("t.textproto:4:31: error: rule \"r\", when: the "
                        "expression could take"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("500 are allowed"));
  // A file that was made under a laxer limit can still be read.
  const store::TemporaryFolder folder;
  const std::string path = folder.File("t.db");
  {
    auto engine = Engine::Open(path, *with(100'000));
    ASSERT_TRUE(engine.ok()) << engine.status();
    ASSERT_TRUE((*engine)
                    ->Process({.id = "e1",
                               .type = "e",
                               .time = testing::Day(1),
                               .actor = "ada",
                               .attributes = {{"tags", Value::List{"howto"}}}})
                    .ok());
  }
  EXPECT_THAT((*Queries::Open(path))->Verify()->faults, IsEmpty());
}

}  // namespace
}  // namespace loyalty
