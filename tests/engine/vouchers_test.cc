// SPDX-License-Identifier: Apache-2.0
//
// Vouchers against those who guess, who have the file, and who come at the same
// time. What they are good for is in tests/scenarios/vouchers.
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr char kBakery[] = R"(
  name: "bakery" version: "1"
  currency { id: "points" spendable: true }
  event_type { id: "earn" }
  rule { id: "earn" on: "earn" award { currency: "points" units: "1000" }
         limit { per: EVER times: 1 } }
  reward { id: "bread" cost { currency: "points" units: 1 }
           voucher { valid_for: "7d" } }
  reward { id: "cinema" cost { currency: "points" units: 1 }
           voucher { imported: true } }
)";

const std::string kKey = "0123456789 a key of 32 bytes !!!";

class Vouchers : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Engine>> TryOpen(std::string key) {
    EngineOptions options{.clock = [this] { return now_; },
                          .voucher_key = std::move(key)};
    return Engine::Open(path_, testing::MustRead(kBakery), std::move(options));
  }
  void Open() {
    engine_.reset();
    auto engine = TryOpen(kKey);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }
  void SetUp() override {
    Open();
    Earn("ana");
  }

  static Outcome Must(absl::StatusOr<Outcome> outcome) {
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *std::move(outcome) : Outcome{};
  }
  static std::string CodeIn(const Outcome& outcome) {
    return outcome.vouchers.empty() ? "" : outcome.vouchers.front();
  }
  void Earn(const std::string& member) {
    Must(engine_->Process({.id = "earn-" + member,
                           .type = "earn",
                           .time = Day(1),
                           .actor = member}));
  }
  std::string Redeem(const std::string& id, const std::string& reward,
                     const std::string& member = "ana") {
    return CodeIn(Must(engine_->Redeem(id, Day(2), member, reward)));
  }
  RejectReason Use(const std::string& code, const std::string& by = "till",
                   const std::string& channel = "") {
    const std::string id = absl::StrCat("use-", ++uses_);
    return Must(engine_->UseVoucher(id, Day(3), code, by, channel)).rejected;
  }
  void Import(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string code = absl::StrCat("KINOKARTE-", i);
      EXPECT_TRUE(Must(engine_->ImportVoucher(absl::StrCat("i", i), Day(1),
                                              "cinema", code))
                      .accepted());
    }
  }
  // Of the file, and of its log.
  std::string Bytes() const {
    std::string bytes;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(path_ + suffix, std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
  std::vector<std::string> Faults() {
    const auto report = (*engine_->Query())->Verify();
    EXPECT_TRUE(report.ok()) << report.status();
    return report->faults;
  }
  // So many wrong codes, each by whom `by` says.
  template <typename By>
  std::map<RejectReason, int> Guess(int guesses, const By& by,
                                    std::optional<std::string> channel = {}) {
    std::mt19937_64 random(20260301);
    std::map<RejectReason, int> answers;
    std::vector<Event> batch;
    for (int i = 0; i < guesses; ++i) {
      std::string code;
      for (int letter = 0; letter < 16; ++letter) {
        code += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random() % 32];
      }
      batch.push_back({.id = absl::StrCat("guess-", i),
                       .type = std::string(kUseVoucher),
                       .time = Day(3),
                       .channel = channel,
                       .attributes = {{"code", code}, {"by", by(i)}}});
      if (batch.size() < 1000 && i + 1 < guesses) continue;
      const auto outcomes = engine_->Process(std::span<const Event>(batch));
      EXPECT_TRUE(outcomes.ok()) << outcomes.status();
      for (const auto& outcome : *outcomes) ++answers[Must(outcome).rejected];
      batch.clear();
    }
    return answers;
  }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.File("bakery.db");
  absl::Time now_ = Day(10);
  std::unique_ptr<Engine> engine_;
  int uses_ = 0;
};

TEST_F(Vouchers, AreNotGuessed) {
  for (int i = 0; i < 100; ++i) Redeem(absl::StrCat("r", i), "bread");
  const auto answers = Guess(100'000, [](int) { return "till"; });
  EXPECT_EQ(answers, (std::map<RejectReason, int>{
                         {RejectReason::kUnknownVoucher, 10},
                         {RejectReason::kTooManyAttempts, 99'990}}));
}

TEST_F(Vouchers, AreNotGuessedByManyEither) {
  for (int i = 0; i < 100; ++i) Redeem(absl::StrCat("r", i), "bread");
  const auto by = [](int i) { return absl::StrCat("till-", i); };
  EXPECT_EQ(
      Guess(20'000, by),
      (std::map<RejectReason, int>{{RejectReason::kUnknownVoucher, 20'000}}));
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Vouchers, AreLockedForAChannelThatManyGuessThrough) {
  const std::string code = Redeem("r1", "bread");
  const auto by = [](int i) { return absl::StrCat("till-", i); };
  EXPECT_EQ(
      Guess(1'000, by, "web"),
      (std::map<RejectReason, int>{{RejectReason::kUnknownVoucher, 100},
                                   {RejectReason::kTooManyAttempts, 900}}));
  EXPECT_EQ(Use(code, "anybody", "web"), RejectReason::kTooManyAttempts);
  EXPECT_EQ(Use(code, "anybody", "shop"), RejectReason::kNone);
}

TEST_F(Vouchers, StayLockedWhenTheFileIsOpenedAgain) {
  const std::string code = Redeem("r1", "bread");
  Guess(10, [](int) { return "till"; });
  Open();
  EXPECT_EQ(Use(code), RejectReason::kTooManyAttempts);
  EXPECT_EQ(Use(code, "kiosk"), RejectReason::kNone);
  EXPECT_THAT(Faults(), IsEmpty());
  engine_.reset();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  Open();
  EXPECT_EQ(Use(code), RejectReason::kTooManyAttempts);
  now_ += absl::Hours(1);
  EXPECT_EQ(Use(code), RejectReason::kVoucherUsed);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Vouchers, AreNowhereInTheFile) {
  Import(3);
  std::vector<std::string> secrets = {kKey, absl::BytesToHexString(kKey),
                                      absl::Base64Escape(kKey)};
  for (int i = 0; i < 5; ++i) {
    secrets.push_back(Redeem(absl::StrCat("r", i), "bread"));
    secrets.push_back(absl::StrReplaceAll(secrets.back(), {{"-", ""}}));
    secrets.push_back(absl::AsciiStrToLower(secrets.back()));
  }
  secrets.push_back("KINOKARTE");
  EXPECT_EQ(Redeem("c1", "cinema"), "KINOKARTE-0");
  EXPECT_EQ(Use(secrets[3]), RejectReason::kNone);
  EXPECT_EQ(Use("KINOKARTE-0"), RejectReason::kNone);
  EXPECT_EQ(Use("a wrong GUESS"), RejectReason::kUnknownVoucher);
  secrets.emplace_back("a wrong GUESS");
  Must(engine_->Redeem("r0", Day(2), "ana", "bread"));
  const auto expect_none = [&] {
    const std::string bytes = Bytes();
    ASSERT_NE(bytes.find("bread"), std::string::npos);
    for (const std::string& secret : secrets) {
      EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
    }
  };
  expect_none();
  EXPECT_TRUE(Must(engine_->Erase("x1", Day(4), "ana")).accepted());
  expect_none();
  engine_.reset();
  expect_none();
}

TEST_F(Vouchers, AreTheSameEachTimeTheyAreAskedFor) {
  Import(2);
  const std::string ours = Redeem("r1", "bread");
  const std::string theirs = Redeem("c1", "cinema");
  EXPECT_THAT(ours, MatchesRegex("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-"
                                 "[0-9A-Z]{4}"));
  EXPECT_NE(ours, Redeem("r2", "bread"));
  Open();
  EXPECT_EQ(Redeem("r1", "bread"), ours);
  EXPECT_EQ(Redeem("c1", "cinema"), theirs);
  EXPECT_EQ(Redeem("c2", "cinema"), "KINOKARTE-1");
  // What is not recorded is not proved.
  const auto preview = engine_->Preview({.id = "r3",
                                         .type = std::string(kRedeem),
                                         .time = Day(2),
                                         .actor = "ana",
                                         .attributes = {{"reward", "bread"}}});
  EXPECT_TRUE(preview->accepted());
  EXPECT_THAT(preview->vouchers, IsEmpty());
  EXPECT_EQ(engine_
                ->Preview({.id = "u1",
                           .type = std::string(kUseVoucher),
                           .time = Day(2),
                           .attributes = {{"code", ours}, {"by", "till"}}})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeIn(Must(engine_->Redeem("c3", Day(2), "ana", "cinema"))), "");
}

TEST_F(Vouchers, MayBeWrittenInManyWays) {
  std::string code;
  // One that has a 0 and a 1, which people read as letters.
  for (int i = 0; code.find('0') == std::string::npos ||
                  code.find('1') == std::string::npos;
       ++i) {
    code = Redeem(absl::StrCat("r", i), "bread");
  }
  const std::string read = absl::StrReplaceAll(
      absl::AsciiStrToLower(code), {{"-", " "}, {"0", "O"}, {"1", "l"}});
  EXPECT_EQ(Use(read), RejectReason::kNone);
  EXPECT_EQ(Use(code), RejectReason::kVoucherUsed);
}

TEST_F(Vouchers, AreGivenOnceHoweverManyAskAtATime) {
  constexpr int kThreads = 64;
  Import(10);
  for (int i = 0; i < kThreads; ++i) Earn(absl::StrCat("m", i));
  std::vector<Outcome> outcomes(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string member = absl::StrCat("m", i);
      outcomes[i] =
          Must(engine_->Redeem("c-" + member, Day(2), member, "cinema"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> given;
  int refused = 0;
  for (const Outcome& outcome : outcomes) {
    if (outcome.accepted()) {
      EXPECT_TRUE(given.insert(CodeIn(outcome)).second) << CodeIn(outcome);
    } else {
      EXPECT_EQ(outcome.rejected, RejectReason::kOutOfStock);
      ++refused;
    }
  }
  EXPECT_EQ(given.size(), 10U);
  EXPECT_EQ(refused, 54);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Vouchers, NeedTheirKey) {
  Redeem("r1", "bread");
  engine_.reset();
  EXPECT_FALSE(Engine::Open(folder_.File("other.db"),
                            testing::MustRead(kBakery), EngineOptions{})
                   .ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.File("other.db")));
  const auto none = TryOpen("");
  EXPECT_EQ(none.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(none.status().message()),
              HasSubstr("voucher_key is missing: the program's reward "
                        "\"bread\" gives vouchers"));
  EXPECT_EQ(TryOpen("too short").status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto other = TryOpen(std::string(32, 'x'));
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.status().message()),
              HasSubstr("is not the one that the file's vouchers were made"));
  EXPECT_TRUE(TryOpen(kKey).ok());
  EXPECT_FALSE(
      Engine::InMemory(testing::MustRead(kBakery), EngineOptions{}).ok());
}

TEST_F(Vouchers, AreVerifiedAndShownWithoutKey) {
  Import(1);
  const std::string used = Redeem("r1", "bread");
  Redeem("r2", "bread");
  Must(engine_->Cancel("x1", Day(2), "ana", "r2"));
  Redeem("r3", "bread");
  Redeem("c1", "cinema");
  Use(used);
  engine_.reset();
  const auto queries = *Queries::Open(path_);
  EXPECT_TRUE(queries->Verify()->ok());
  const auto shown = [&](absl::Time at, std::string_view key) {
    std::vector<std::string> lines;
    const auto vouchers = queries->Vouchers("ana", at, key);
    EXPECT_TRUE(vouchers.ok()) << vouchers.status();
    for (const MemberVoucher& voucher : *vouchers) {
      lines.push_back(absl::StrCat(voucher.redemption, " ", voucher.reward, " ",
                                   std::string(Name(voucher.state)), " ",
                                   voucher.code));
    }
    return lines;
  };
  EXPECT_THAT(shown(Day(3), ""),
              ElementsAre("r1 bread used ", "r2 bread void ",
                          "r3 bread issued ", "c1 cinema issued "));
  EXPECT_THAT(shown(Day(9), "")[2], "r3 bread expired ");
  EXPECT_EQ(shown(Day(3), kKey)[0], "r1 bread used " + used);
  EXPECT_EQ(shown(Day(3), kKey)[3], "c1 cinema issued KINOKARTE-0");
  EXPECT_EQ(
      queries->Vouchers("ana", Day(3), std::string(32, 'x')).status().code(),
      absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(queries->Vouchers("nobody", Day(3), "").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Vouchers, AreExportedWithoutTheirCodes) {
  const std::string code = Redeem("r1", "bread");
  EXPECT_EQ(Use(code), RejectReason::kNone);
  const auto exported = (*engine_->Query())->Export("ana", Day(3));
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_THAT(*exported, HasSubstr("\"vouchers\":[{"));
  EXPECT_THAT(*exported, HasSubstr("\"state\":\"used\""));
  EXPECT_THAT(*exported, Not(HasSubstr(code)));
  EXPECT_THAT(*exported, Not(HasSubstr("voucher_key")));
}

TEST_F(Vouchers, AreGoodInABackup) {
  Import(2);
  const std::string ours = Redeem("r1", "bread");
  const std::string theirs = Redeem("c1", "cinema");
  const std::string copy = folder_.File("copy.db");
  ASSERT_TRUE(engine_->Backup(copy).ok());
  EXPECT_EQ(Use(ours), RejectReason::kNone);
  const auto restored =
      Engine::Open(copy, testing::MustRead(kBakery), {.voucher_key = kKey});
  ASSERT_TRUE(restored.ok()) << restored.status();
  for (const std::string& code : {ours, theirs}) {
    EXPECT_TRUE(Must((*restored)->UseVoucher("u-" + code, Day(3), code, "till"))
                    .accepted());
  }
  EXPECT_EQ(CodeIn(Must((*restored)->Redeem("c2", Day(2), "ana", "cinema"))),
            "KINOKARTE-1");
}

// The file and its log as they lie on the disk while the writer lives.
TEST_F(Vouchers, OutliveACrash) {
  Import(3);
  const std::string ours = Redeem("r1", "bread");
  const std::string theirs = Redeem("c1", "cinema");
  Guess(10, [](int) { return "till"; });
  const std::string crashed = folder_.File("crashed.db");
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(path_ + suffix, crashed + suffix);
  }
  const auto engine =
      Engine::Open(crashed, testing::MustRead(kBakery),
                   {.clock = [this] { return now_; }, .voucher_key = kKey});
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(CodeIn(Must((*engine)->Redeem("r1", Day(2), "ana", "bread"))),
            ours);
  EXPECT_EQ(CodeIn(Must((*engine)->Redeem("c1", Day(2), "ana", "cinema"))),
            theirs);
  EXPECT_EQ(CodeIn(Must((*engine)->Redeem("c2", Day(2), "ana", "cinema"))),
            "KINOKARTE-1");
  EXPECT_EQ(Must((*engine)->UseVoucher("u1", Day(3), ours, "till")).rejected,
            RejectReason::kTooManyAttempts);
  EXPECT_TRUE(
      Must((*engine)->UseVoucher("u2", Day(3), ours, "kiosk")).accepted());
  EXPECT_TRUE((*(*engine)->Query())->Verify()->ok());
}

TEST_F(Vouchers, AreNotForProgramsWithoutAny) {
  const auto engine = *Engine::InMemory(testing::MustRead(R"(
    name: "none" version: "1" currency { id: "points" })"));
  const auto used = engine->UseVoucher("u1", Day(1), "code", "till");
  EXPECT_EQ(used.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(used.status().message()),
              HasSubstr("no reward of the program gives vouchers"));
}

TEST_F(Vouchers, AreCountedInTheCatalogue) {
  const auto left = [&] {
    const auto offers = (*engine_->Query())->Rewards("ana", Day(2));
    EXPECT_TRUE(offers.ok()) << offers.status();
    return offers->back();
  };
  EXPECT_EQ(left().left, 0);
  EXPECT_EQ(left().why, RejectReason::kOutOfStock);
  Import(2);
  Redeem("c1", "cinema");
  EXPECT_EQ(left().left, 1);
  EXPECT_TRUE(left().available);
}

}  // namespace
}  // namespace loyalty
