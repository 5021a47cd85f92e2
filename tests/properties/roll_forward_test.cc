// SPDX-License-Identifier: Apache-2.0
//
// The roll-forward of a currency, as accountants ask for it: what there was,
// plus what was issued, less what was redeemed, expired and reversed, is what
// there is; from the views of the file, to the unit, for any two dates. Dates
// are when something was recorded, so that what comes late changes no period
// that is closed.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "engine/community.h"
#include "store/raw_sqlite.h"

namespace loyalty {
namespace {

using testing::MustRead;

constexpr char kProgram[] = R"(
  name: "roll" version: "1"
  currency { id: "points" opening: 5 spendable: true daily_cap { units: 9000 }
             shortfall: CLAMP grace: "2d" }
  event_type { id: "earn" attribute { name: "n" type: INT } }
  event_type { id: "lose" attribute { name: "n" type: INT } }
  event_type { id: "month" attribute { name: "n" type: INT } }
  rule { id: "earn" on: "earn" award { currency: "points" units: "event.n" }
         limit { per: DAY units: 8000 } }
  rule { id: "lose" on: "lose" award { currency: "points" units: "-event.n" } }
  rule { id: "month" on: "month"
         award { currency: "points" units: "event.n" expires_after: "30d" } }
  reward { id: "cash" cost { currency: "points" units: 1 } }
  reward { id: "held" cost { currency: "points" units: 1 } hold_for: "3d" })";

// As a person would ask for it; %1 and %2 are the dates.
constexpr char kRollForward[] = R"sql(
  WITH line AS (
    SELECT utc,
           iif(to_account LIKE 'member:%', units, -units) AS units,
           iif(to_account LIKE 'member:%', from_account, to_account) AS other
    FROM journal WHERE currency = 'points'),
  during AS (SELECT * FROM line WHERE utc >= '%1' AND utc < '%2')
  SELECT (SELECT total(units) FROM line WHERE utc < '%1'),
         (SELECT total(units) FROM during
          WHERE other LIKE 'issued:%' OR other LIKE 'deducted:%'),
         (SELECT -total(units) FROM during WHERE other LIKE 'redeemed:%'),
         (SELECT -total(units) FROM during WHERE other = 'expired'),
         (SELECT -total(units) FROM during WHERE other = 'reversed'),
         (SELECT total(units) FROM during
          WHERE other IN ('adjusted', 'written_off', 'transferred')),
         (SELECT total(units) FROM during WHERE other = 'transferred'),
         (SELECT total(units) FROM line WHERE utc < '%2'),
         -- What the members' own lines say they had.
         (SELECT total(balance) FROM (
            SELECT movement.balance AS balance,
                   row_number() OVER (PARTITION BY movement.member
                     ORDER BY movement.seq DESC, movement.n DESC) AS latest
            FROM movement JOIN event ON event.seq = movement.seq
            WHERE datetime(event.recorded_at / 1000000, 'unixepoch') < '%2')
          WHERE latest = 1))sql";

struct RollForward {
  int64_t opening, issued, redeemed, expired, reversed, others, sent, closing,
      held;
};

std::string Utc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone());
}

RollForward Between(const std::string& file, absl::Time from, absl::Time to) {
  std::string sql = kRollForward;
  for (const auto& [mark, time] : {std::pair("%1", from), {"%2", to}}) {
    for (size_t at; (at = sql.find(mark)) != std::string::npos;) {
      sql.replace(at, 2, Utc(time));
    }
  }
  std::vector<int64_t> n;
  for (const std::string& text : store::RawSqlite(file).Values(sql)) {
    double value = -1;
    EXPECT_TRUE(absl::SimpleAtod(text, &value)) << text;
    n.push_back(static_cast<int64_t>(value));
  }
  if (n.size() != 9) {
    ADD_FAILURE() << n.size() << " columns";
    return {};
  }
  return {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]};
}

void ExpectTies(const RollForward& r) {
  EXPECT_EQ(
      r.opening + r.issued - r.redeemed - r.expired - r.reversed + r.others,
      r.closing);
  EXPECT_EQ(r.closing, r.held);
  EXPECT_EQ(r.sent, 0);  // what one sends another receives
}

class Books {
 public:
  Books() {
    std::filesystem::create_directories(folder_);
    engine_ = *Engine::Open(file, MustRead(kProgram),
                            {.clock = [this] { return now; }});
  }
  ~Books() { std::filesystem::remove_all(folder_); }

  Outcome Send(const std::string& type, const std::string& actor,
               Attributes attributes, absl::Time time) {
    Event event{.id = absl::StrCat("e", ++number),
                .type = type,
                .time = time,
                .attributes = std::move(attributes)};
    if (type != kReverse) event.actor = actor;
    const auto outcome = engine_->Process(event);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *outcome : Outcome{};
  }

  Engine& engine() { return *engine_; }

  absl::Time now = absl::FromUnixSeconds(1767225600);  // 2026-01-01
  int number = 0;

 private:
  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      absl::StrCat("roll_forward_", getpid());

 public:
  const std::string file = folder_ / "books.db";

 private:
  std::unique_ptr<Engine> engine_;
};

TEST(RollForward, IsThatOfTheWorkedExample) {
  Books books;
  const absl::Time january = books.now;
  const auto send = [&](const char* type, Attributes attributes) {
    books.now += absl::Hours(1);
    EXPECT_TRUE(
        books.Send(type, "ana", std::move(attributes), books.now).accepted());
  };
  send("month", {{"n", 3750}});
  books.now = january + absl::Hours(24 * 2);
  send("earn", {{"n", 6245}});  // and 5 to begin with: 10,000
  const absl::Time february = january + absl::Hours(24 * 10);
  books.now = february;
  send("earn", {{"n", 250}});
  const std::string reversed = absl::StrCat("e", books.number);
  send("earn", {{"n", 3750}});
  // Of those that end first: 650 of them are left, and expire.
  send("loyalty.redeem", {{"reward", "cash"}, {"quantity", 3100}});
  send("loyalty.reverse", {{"event", reversed}});
  const absl::Time march = february + absl::Hours(24 * 28);
  books.now = march - absl::Hours(1);
  ASSERT_TRUE(books.engine().Sweep(books.now).ok());
  const RollForward r = Between(books.file, february, march);
  ExpectTies(r);
  EXPECT_EQ(r.opening, 10'000);
  EXPECT_EQ(r.issued, 4'000);
  EXPECT_EQ(r.redeemed, 3'100);
  EXPECT_EQ(r.expired, 650);
  EXPECT_EQ(r.reversed, 250);
  EXPECT_EQ(r.closing, 10'000);
  const auto balance =
      (*books.engine().Query())->Balance("ana", "points", books.now);
  ASSERT_TRUE(balance.ok()) << balance.status();
  EXPECT_EQ(balance->balance, 10'000);
}

TEST(RollForward, TiesForAnyTwoDatesOfAnyHistory) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Books books;
    std::mt19937 random(seed);
    const auto below = [&](int n) {
      return static_cast<int>(random() % static_cast<unsigned>(n));
    };
    const absl::Time begin = books.now;
    std::vector<std::string> earned, redeemed;
    for (int i = 0; i < 150; ++i) {
      books.now += absl::Hours(below(24));
      const absl::Time time =
          books.now - absl::Hours(below(4) == 0 ? below(900) : 0);
      const std::string who(1, static_cast<char>('a' + below(4)));
      const std::string id = absl::StrCat("e", books.number + 1);
      const int64_t n = 1 + below(4000);
      const auto any = [&](const std::vector<std::string>& of) {
        return of.empty() ? id
                          : of[static_cast<size_t>(
                                below(static_cast<int>(of.size())))];
      };
      switch (below(10)) {
        case 0:
        case 1:
        case 2: {
          constexpr const char* kTypes[] = {"earn", "month", "lose"};
          books.Send(kTypes[below(3)], who, {{"n", n}}, time);
          earned.push_back(id);
          break;
        }
        case 3:
        case 4:
          books.Send(
              "loyalty.redeem", who,
              {{"reward", below(2) == 0 ? "cash" : "held"}, {"quantity", n}},
              time);
          redeemed.push_back(id);
          break;
        case 5:
          books.Send("loyalty.reverse", who, {{"event", any(earned)}}, time);
          break;
        case 6: {
          const std::string of = any(redeemed);
          const char* const type = below(2) == 0   ? "loyalty.capture"
                                   : below(2) == 0 ? "loyalty.void"
                                                   : "loyalty.cancel";
          books.Send(
              type, who,
              {{type == std::string("loyalty.cancel") ? "redemption" : "hold",
                of}},
              time);
          break;
        }
        case 7:
          books.Send("loyalty.transfer", who,
                     {{"to", std::string(1, static_cast<char>('a' + below(4)))},
                      {"currency", "points"},
                      {"units", n}},
                     time);
          break;
        case 8:
          books.Send("loyalty.adjust", who,
                     {{"currency", "points"},
                      {"units", below(2) == 0 ? n : -n},
                      {"by", "max"},
                      {"reason", "why not"}},
                     time);
          break;
        default:
          ASSERT_TRUE(
              books.engine().Sweep(books.now - absl::Hours(below(99))).ok());
      }
    }
    const int hours = static_cast<int>((books.now - begin) / absl::Hours(1));
    for (int i = 0; i < 20; ++i) {
      const int from = below(hours), to = from + below(hours - from + 2);
      ExpectTies(Between(books.file, begin + absl::Hours(from),
                         begin + absl::Hours(to)));
    }
    // All of it, against what members are told.
    const RollForward all =
        Between(books.file, begin - absl::Hours(1), books.now + absl::Hours(1));
    ExpectTies(all);
    EXPECT_EQ(all.opening, 0);
    const auto report = (*books.engine().Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  }
}

}  // namespace
}  // namespace loyalty
