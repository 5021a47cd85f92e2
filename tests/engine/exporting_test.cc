// SPDX-License-Identifier: Apache-2.0
//
// What a member is handed who asks for everything about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "loyalty/engine.h"
#include "loyalty/queries.h"

namespace loyalty {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kShop[] = R"(
  name: "shop" version: "1"
  currency { id: "points" opening: 1 }
  currency { id: "coins" spendable: true expires_after: "30d" }
  event_type { id: "like"
               attribute { name: "owner" type: MEMBER }
               attribute { name: "mail" type: STRING personal: true } }
  event_type { id: "buy" }
  metric { id: "likes" on: "like" per: "event.owner" }
  rule { id: "like" on: "like"
         award { to: "event.owner" currency: "points" units: "10"
                 limit { per: EVER times: 2 key: PAIR } } }
  rule { id: "buy" on: "buy" award { currency: "coins" units: "9" } }
  ladder { id: "trust" currency: "points" level { id: "new" }
           level { id: "known" at: 10 } }
  reward { id: "mug" cost { currency: "coins" units: 4 } hold_for: "7d" }
)";

class Exporting : public ::testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.clock = [] { return absl::FromUnixSeconds(1'700'100'000); };
    auto engine =
        Engine::InMemory(*Program::FromText(kShop, "shop"), std::move(options));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    Send("e1", "like", "ada",
         {{"owner", "grace"}, {"mail", "ada@example.org"}});
    Send("e2", "like", "grace",
         {{"owner", "ada"}, {"mail", "grace@example.org"}});
    Send("e3", "buy", "grace", {});
    Send("e4", "loyalty.redeem", "grace", {{"reward", "mug"}});
    Send("e5", "loyalty.redeem", "grace", {{"reward", "cup"}});
    Send("e6", "buy", "ada", {});
  }
  void Send(std::string id, std::string type, std::string actor,
            Attributes attributes) {
    ASSERT_TRUE(engine_
                    ->Process({.id = std::move(id),
                               .type = std::move(type),
                               .time = absl::FromUnixSeconds(1'700'000'000),
                               .actor = std::move(actor),
                               .attributes = std::move(attributes)})
                    .ok());
  }
  absl::StatusOr<std::string> Export(const std::string& member) {
    return engine_->Query().value()->Export(
        member, absl::FromUnixSeconds(1'700'000'000));
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(Exporting, GivesWhatAMemberHas) {
  const auto document = Export("grace");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_THAT(*document, HasSubstr(R"("member":"grace")"));
  EXPECT_THAT(*document,
              HasSubstr(R"({"balance":11,"currency":"points","earned":11})"));
  EXPECT_THAT(*document,
              HasSubstr(R"("balance":5,"currency":"coins","debt":0)"));
  EXPECT_THAT(*document, HasSubstr(R"("holds":[{"parts":[{"expires":)"));
  EXPECT_THAT(*document, HasSubstr(R"("levels":{"trust":"known"})"));
  EXPECT_THAT(*document, HasSubstr(R"("metrics":{"likes":1})"));
  EXPECT_THAT(
      *document,
      HasSubstr(
          R"({"key":"ada","name":"limit:like/0/ever/times/pair","value":1})"));
  EXPECT_THAT(*document, HasSubstr(R"("kind":"opening")"));
  EXPECT_THAT(
      *document,
      HasSubstr(
          R"("redemptions":[{"id":"e4","reward":"mug","time":"2023-11-14T22:13:20Z"}])"));
}

TEST_F(Exporting, GivesEventsThatConcernThem) {
  const std::string document = *Export("grace");
  for (const char* id : {"e1", "e2", "e3", "e4", "e5"}) {
    EXPECT_THAT(document, HasSubstr("\"id\":\"" + std::string(id) + "\""));
  }
  EXPECT_THAT(document, HasSubstr(R"("rejected":"unknown_reward")"));
  EXPECT_THAT(document, Not(HasSubstr("\"e6\"")));
}

// What ada said of herself is hers, though grace is in the event as well.
TEST_F(Exporting, GivesNobodyWhatIsPersonalOfOthers) {
  const std::string document = *Export("grace");
  EXPECT_THAT(
      document,
      HasSubstr(
          R"("personal":[{"event":"e2","name":"mail","value":"grace@example.org"}])"));
  EXPECT_THAT(document, Not(HasSubstr("ada@example.org")));
}

TEST_F(Exporting, KnowsNoStranger) {
  EXPECT_EQ(Export("nobody").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace loyalty
