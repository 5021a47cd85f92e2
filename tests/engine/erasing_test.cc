// SPDX-License-Identifier: Apache-2.0
//
// A member who is erased is nowhere in the bytes of the file, and all else goes
// on as it was.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kClub[] = R"(
  name: "club" version: "1"
  currency { id: "points" opening: 1 }
  event_type { id: "like"
               attribute { name: "owner" type: MEMBER }
               attribute { name: "mail" type: STRING personal: true } }
  metric { id: "likes" on: "like" per: "event.owner" }
  rule { id: "like" on: "like"
         award { to: "event.owner" currency: "points" units: "10"
                 limit { per: EVER times: 1 key: PAIR } }
         award { currency: "points" units: "1" } }
)";

constexpr char kName[] = "hedwig.lamarr";
constexpr char kMail[] = "hedy@example.org";

class Erasing : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open(int max_tail = 200'000) {
    EngineOptions options;
    options.clock = [] { return absl::FromUnixSeconds(1'800'000'000); };
    options.max_tail = max_tail;
    auto program = Program::FromText(kClub, "club");
    EXPECT_TRUE(program.ok()) << program.status();
    auto engine = Engine::Open(path_, *program, std::move(options));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return *std::move(engine);
  }
  Event Said(std::string type, std::string actor) {
    return {.id = absl::StrCat("e", ++events_),
            .type = std::move(type),
            .time = absl::FromUnixSeconds(1'700'000'000 + events_),
            .actor = std::move(actor)};
  }
  Event Like(std::string actor, std::string owner) {
    Event like = Said("like", std::move(actor));
    like.target = "post";
    like.attributes = {{"owner", std::move(owner)}, {"mail", kMail}};
    return like;
  }
  void Process(Engine& engine, const Event& event) {
    const auto outcome = engine.Process(event);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(outcome->accepted()) << outcome->reason;
  }
  // Likes to and fro between so many members, among them the one.
  void MakeClub(Engine& engine, int members) {
    for (int i = 0; i < members; ++i) {
      Process(engine, Like(absl::StrCat("m", i), kName));
      Process(engine, Like(kName, absl::StrCat("m", i)));
    }
  }
  // Of the file, and of what lies beside it.
  std::string Bytes() const {
    std::string bytes;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(path_ + suffix, std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
  void ExpectForgotten() {
    const std::string bytes = Bytes();
    EXPECT_THAT(bytes, Not(HasSubstr(kName)));
    EXPECT_THAT(bytes, Not(HasSubstr(kMail)));
  }
  std::vector<std::string> Faults() {
    auto queries = Queries::Open(path_);
    EXPECT_TRUE(queries.ok()) << queries.status();
    const auto report = (*queries)->Verify([](double) {});
    EXPECT_TRUE(report.ok()) << report.status();
    return report->faults;
  }
  std::string Leaders() {
    const auto queries = Queries::Open(path_).value();
    std::string text;
    const auto rows = queries->Leaderboard("points", 0, 3);
    EXPECT_TRUE(rows.ok()) << rows.status();
    for (const LeaderboardRow& row : *rows) {
      absl::StrAppend(&text, row.member, " ", row.earned, " ");
    }
    return text;
  }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.File("club.db");
  int events_ = 0;
};

TEST_F(Erasing, LeavesNoByteOfTheName) {
  auto engine = Open(/*max_tail=*/50);
  MakeClub(*engine, 300);
  ASSERT_THAT(Bytes(), HasSubstr(kName));
  Process(*engine, Said("loyalty.erase", kName));
  EXPECT_THAT(Bytes(), Not(HasSubstr(kName)));
  Process(*engine, Like("m1", "m2"));
  engine.reset();
  std::string bytes = Bytes();
  EXPECT_THAT(bytes, Not(HasSubstr(kName)));
  EXPECT_EQ(Leaders(), "#1 3301 m2 22 m1 13 ");
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Erasing, FindsANameThatIsInTheTailOnly) {
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    auto engine = Open();
    MakeClub(*engine, 3);
    Process(*engine, Said("loyalty.erase", kName));
    // Before any merge: a reader makes of the tail what it is.
    EXPECT_THAT(Faults(), IsEmpty());
    if (reopens) {
      engine.reset();
      engine = Open();
    }
    Process(*engine, Like("m1", "m2"));
    Process(*engine, Like(kName, "m2"));  // somebody new
    Process(*engine, Said("loyalty.erase", kName));
    engine.reset();
    EXPECT_THAT(Faults(), IsEmpty());
  }
}

TEST_F(Erasing, IsAskedForByACall) {
  auto engine = Open();
  MakeClub(*engine, 2);
  const absl::Time time = absl::FromUnixSeconds(1'700'000'500);
  const auto erased = engine->Erase("x1", time, kName);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_TRUE(erased->accepted());
  EXPECT_THAT(erased->notes, IsEmpty());
  const auto again = engine->Erase("x1", time, kName);
  EXPECT_TRUE(again->repeat);
  const auto nobody = engine->Erase("x2", time, kName);
  EXPECT_TRUE(nobody->accepted());
  ASSERT_EQ(nobody->notes.size(), 1U);
  EXPECT_EQ(nobody->notes[0].text, "there was no such member");
  engine.reset();
  EXPECT_THAT(Bytes(), Not(HasSubstr(kName)));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Erasing, IsKeptByARebuild) {
  auto engine = Open();
  MakeClub(*engine, 3);
  Process(*engine, Said("loyalty.erase", kName));
  engine.reset();
  const std::string leaders = Leaders();
  EXPECT_THAT(leaders, HasSubstr("#1 "));
  store::RawSqlite raw(path_);
  const auto names =
      raw.Values("SELECT id || member FROM member_by_id ORDER BY id");
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  EXPECT_EQ(raw.Values("SELECT id || member FROM member_by_id ORDER BY id"),
            names);
  EXPECT_EQ(Leaders(), leaders);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Erasing, IsToldFromANameThatWasTakenAway) {
  auto engine = Open();
  MakeClub(*engine, 1);
  engine.reset();
  store::RawSqlite raw(path_);
  raw.Run("DELETE FROM member WHERE member = 2");
  EXPECT_THAT(Faults(), ::testing::Contains(HasSubstr("no entry erased it")));
}

TEST_F(Erasing, IsNotTakenBackByTheNextEvent) {
  auto engine = Open();
  MakeClub(*engine, 2);
  Process(*engine, Said("loyalty.erase", kName));
  // What they did goes on being reversed.
  EXPECT_TRUE(engine->Reverse("r1", absl::FromUnixSeconds(1'700'000'100), "e1")
                  ->accepted());
  EXPECT_TRUE(engine->Reverse("r2", absl::FromUnixSeconds(1'700'000'101), "e2")
                  ->accepted());
  engine.reset();
  EXPECT_THAT(Faults(), IsEmpty());
  store::RawSqlite raw(path_);
  EXPECT_EQ(raw.Values("SELECT count(*) FROM member")[0], "2");
  EXPECT_EQ(raw.Values("SELECT count(*) FROM personal")[0], "2");
}

}  // namespace
}  // namespace loyalty
