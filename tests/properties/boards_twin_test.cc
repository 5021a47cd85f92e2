// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards under random histories, late events, reversals and members who
// hide among them, against a slow twin: after each event it works out again
// what each event that stands came to, adds that up by season, and sorts. Which
// end of a leaderboard comes first, and among equals, is by chance; so is which
// of them are only of those who hold a badge, which may go again.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr char kProgram[] = R"(
  name: "twin" version: "1" time_zone: "Europe/Berlin"
  currency { id: "points" floor: 0 daily_cap { units: 20 } opening: 1 }
  currency { id: "stars" floor: -100000 }
  event_type { id: "deed" attribute { name: "points" type: INT }
               attribute { name: "stars" type: INT } }
  metric { id: "deeds" on: "deed" }
  metric { id: "sum" on: "deed" sum: "event.stars" when: "event.stars > 0" }
  badge { id: "keen" when: "metric.deeds >= 3 && balance.stars >= 2"
          revoke: true }
  rule { id: "deed" on: "deed"
         award { currency: "points" units: "event.points" }
         award { currency: "stars" units: "event.stars" } }
)";
constexpr int64_t kCap = 20;

absl::TimeZone Zone() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

enum class Of { kNothing, kPoints, kStars, kDeeds, kSum };
enum class Ranks { kRank, kDense, kRow };
enum class Season { kEver, kDay, kWeek, kMonth, kThreeDays };

struct BoardOfTwin {
  std::string id = {};
  Of of = Of::kNothing;
  Season season = Season::kEver;
  Ranks ranks = Ranks::kRank;
  Of then = Of::kNothing;
  bool lowest = false;  // comes first
  bool then_lowest = false;
  bool of_keen = false;  // only who holds the badge is on it
};

std::vector<BoardOfTwin> AnyBoards(uint32_t seed) {
  std::vector<BoardOfTwin> boards = {
      {"ever", Of::kStars, Season::kEver, Ranks::kRow},
      {"day", Of::kPoints, Season::kDay},
      {"week", Of::kPoints, Season::kWeek, Ranks::kDense},
      {"month", Of::kStars, Season::kMonth, Ranks::kRank, Of::kDeeds},
      {"last", Of::kStars, Season::kThreeDays, Ranks::kRow},
      {"deeds", Of::kDeeds, Season::kEver, Ranks::kRank, Of::kPoints},
      {"sums", Of::kSum, Season::kWeek, Ranks::kDense},
  };
  std::mt19937 random(seed);
  for (BoardOfTwin& board : boards) {
    board.lowest = random() % 2 == 0;
    board.then_lowest = board.then != Of::kNothing && random() % 2 == 0;
    board.of_keen = random() % 2 == 0;
  }
  boards.push_back({"stars", Of::kStars});
  return boards;
}

std::string ScoreText(Of of) {
  switch (of) {
    case Of::kNothing: return "";
    case Of::kPoints: return R"(currency: "points" )";
    case Of::kStars: return R"(currency: "stars" )";
    case Of::kDeeds: return R"(metric: "deeds" )";
    case Of::kSum: return R"(metric: "sum" )";
  }
  return "";
}

std::string SeasonText(Season season) {
  switch (season) {
    case Season::kEver: return "";
    case Season::kDay: return "period: DAY ";
    case Season::kWeek: return "period: WEEK ";
    case Season::kMonth: return "period: MONTH ";
    case Season::kThreeDays: return R"(within: "3d" )";
  }
  return "";
}

// All but the last, which is a currency's own.
std::string ProgramText(const std::vector<BoardOfTwin>& boards) {
  std::string text = kProgram;
  for (const BoardOfTwin& board : boards) {
    if (board.id == "stars") continue;
    absl::StrAppend(&text, "leaderboard { id: \"", board.id, "\" ",
                    ScoreText(board.of), SeasonText(board.season),
                    board.ranks == Ranks::kDense ? "ranks: DENSE "
                    : board.ranks == Ranks::kRow ? "ranks: ROW "
                                                 : "",
                    board.lowest ? "lowest_first: true " : "",
                    board.of_keen ? R"(badge: "keen" )" : "");
    if (board.then != Of::kNothing) {
      absl::StrAppend(&text, "then { ", ScoreText(board.then),
                      board.then_lowest ? "lowest_first: true " : "", "} ");
    }
    absl::StrAppend(&text, "}\n");
  }
  return text;
}

struct Deed {
  std::string id = {};
  std::string member = {};
  absl::CivilDay day = {};
  int64_t points = 0;
  int64_t stars = 0;
  bool live = true;
  int64_t given = 0;  // points, as it stands
};

// The names of seasons that a deed of that day counts in. Written without the
// library's own names of them.
std::vector<std::string> SeasonsOf(Season season, absl::CivilDay day) {
  switch (season) {
    case Season::kEver: return {""};
    case Season::kDay: return {absl::FormatCivilTime(day)};
    case Season::kMonth: return {absl::FormatCivilTime(absl::CivilMonth(day))};
    case Season::kWeek: {
      // 2026 begins on a Thursday, so that its first week has day -2 to 4.
      const int64_t week = (day - absl::CivilDay(2025, 12, 29)) / 7 + 1;
      return {absl::StrCat("2026-W", week < 10 ? "0" : "", week)};
    }
    case Season::kThreeDays: {
      std::vector<std::string> last;
      for (int i = 0; i < 3; ++i) {
        last.push_back(absl::FormatCivilTime(day + i));
      }
      return last;
    }
  }
  return {};
}

// The first day after the season that is called so.
absl::CivilDay EndOf(Season season, const std::string& name) {
  switch (season) {
    case Season::kEver: return absl::CivilDay(9999, 1, 1);
    case Season::kMonth: {
      absl::CivilMonth month;
      EXPECT_TRUE(absl::ParseCivilTime(name, &month));
      return absl::CivilDay(month + 1);
    }
    case Season::kWeek:
      return absl::CivilDay(2025, 12, 29) + 7 * std::stoi(name.substr(6));
    case Season::kDay:
    case Season::kThreeDays: {
      absl::CivilDay day;
      EXPECT_TRUE(absl::ParseCivilTime(name, &day));
      return day + 1;
    }
  }
  return {};
}

int64_t ValueOf(Of of, const Deed& deed) {
  switch (of) {
    case Of::kNothing: return 0;
    case Of::kPoints: return deed.given;
    case Of::kStars: return deed.stars;
    case Of::kDeeds: return 1;
    case Of::kSum: return std::max<int64_t>(deed.stars, 0);
  }
  return 0;
}

struct Row {
  int64_t rank = 0;
  std::string member = {};
  int64_t earned = 0;
  int64_t then = 0;

  friend bool operator==(const Row&, const Row&) = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.rank << " " << row.member << " " << row.earned << " then "
         << row.then;
  }
};

class SlowBoards {
 public:
  explicit SlowBoards(std::vector<BoardOfTwin> boards)
      : boards_(std::move(boards)) {}

  const std::vector<BoardOfTwin>& boards() const { return boards_; }
  void Add(Deed deed) {
    deeds_.push_back(std::move(deed));
    Ask(deeds_.back().member, deeds_.back().day);
    Step();
  }
  void Reverse(size_t place, absl::CivilDay day) {
    deeds_[place].live = false;
    Ask(deeds_[place].member, day);
    Step();
  }
  void Hide(const std::string& member, bool hidden) {
    ++step_;
    if (hidden) {
      hidden_.insert(member);
    } else {
      hidden_.erase(member);
    }
  }

  const std::vector<Deed>& deeds() const { return deeds_; }
  bool IsHidden(const std::string& member) const {
    return hidden_.contains(member);
  }

  // Every season that anything ever counted in, with who is shown there.
  std::map<std::string, std::vector<Row>> Of(const BoardOfTwin& board) const {
    std::map<std::string, std::vector<Row>> seasons;
    for (const auto& [where, score] : scores_) {
      const auto& [id, season, member] = where;
      if (id != board.id) continue;
      std::vector<Row>& rows = seasons[season];
      const bool is_seen = score.is_on && !hidden_.contains(member);
      if (score.earned == 0 || !is_seen) continue;
      rows.push_back(
          {.member = member, .earned = score.earned, .then = score.then});
    }
    for (auto& [season, rows] : seasons) {
      std::sort(
          rows.begin(), rows.end(),
          [&, of = season](const Row& a, const Row& b) {
            if (a.earned != b.earned) {
              return board.lowest ? a.earned < b.earned : a.earned > b.earned;
            }
            if (a.then != b.then) {
              return board.then_lowest ? a.then < b.then : a.then > b.then;
            }
            return scores_.at({board.id, of, a.member}).reached <
                   scores_.at({board.id, of, b.member}).reached;
          });
      int64_t dense = 0;
      for (size_t i = 0; i < rows.size(); ++i) {
        const bool tied = i > 0 && rows[i - 1].earned == rows[i].earned &&
                          rows[i - 1].then == rows[i].then;
        if (!tied) ++dense;
        rows[i].rank = board.ranks == Ranks::kDense ? dense
                       : board.ranks == Ranks::kRow || !tied
                           ? static_cast<int64_t>(i) + 1
                           : rows[i - 1].rank;
      }
    }
    return seasons;
  }

 private:
  struct Score {
    int64_t earned = 0;
    int64_t then = 0;
    int64_t reached = 0;
    bool is_on = false;
  };
  struct Change {
    absl::CivilDay day = {};
    bool holds = false;
  };
  using Where = std::tuple<std::string, std::string, std::string>;

  // Stars have a floor that nobody comes near.
  bool IsKeen(const std::string& member) const {
    int64_t deeds = 0, stars = 0;
    for (const Deed& deed : deeds_) {
      if (!deed.live || deed.member != member) continue;
      ++deeds;
      stars += deed.stars;
    }
    return deeds >= 3 && stars >= 2;
  }

  // The badge comes, or goes, with an event of that day.
  void Ask(const std::string& member, absl::CivilDay day) {
    std::vector<Change>& changes = changes_[member];
    const bool holds = !changes.empty() && changes.back().holds;
    if (IsKeen(member) != holds) {
      changes.push_back({.day = day, .holds = !holds});
    }
  }

  // What the last change said that came before that day.
  bool WasKeen(const std::string& member, absl::CivilDay end) const {
    const auto found = changes_.find(member);
    bool keen = false;
    if (found == changes_.end()) return keen;
    for (const Change& change : found->second) {
      if (change.day < end) keen = change.holds;
    }
    return keen;
  }

  // Points have a floor and a cap: each deed comes to what is left of it when
  // all that stand are done again, in the order in which they came.
  void GiveAgain() {
    std::map<std::string, int64_t> balances;
    std::map<std::pair<std::string, absl::CivilDay>, int64_t> used;
    for (Deed& deed : deeds_) {
      const auto [balance, is_new] = balances.try_emplace(deed.member, 1);
      int64_t& of_day = used[{deed.member, deed.day}];
      deed.given = 0;
      if (!deed.live || deed.points == 0) continue;
      if (deed.points > 0) {
        deed.given = std::max<int64_t>(std::min(deed.points, kCap - of_day), 0);
        of_day += deed.given;
      } else {
        deed.given = std::max(deed.points, -balance->second);
        of_day += deed.points;
      }
      balance->second += deed.given;
    }
  }

  void Step() {
    ++step_;
    GiveAgain();
    std::map<Where, Score> now;
    for (const Deed& deed : deeds_) {
      for (const BoardOfTwin& board : boards_) {
        for (const auto& season : SeasonsOf(board.season, deed.day)) {
          Score& score = now[{board.id, season, deed.member}];
          if (!deed.live) continue;
          score.earned += ValueOf(board.of, deed);
          score.then += ValueOf(board.then, deed);
        }
      }
    }
    for (auto& [where, score] : now) {
      const Score before = scores_[where];
      const bool stays =
          before.earned == score.earned && before.then == score.then;
      score.reached = stays ? before.reached : step_;
      const auto& [id, season, member] = where;
      const BoardOfTwin& board = *std::find_if(
          boards_.begin(), boards_.end(),
          [&, wanted = id](const auto& one) { return one.id == wanted; });
      score.is_on =
          !board.of_keen || WasKeen(member, EndOf(board.season, season));
      // Who comes back comes behind who had so many before.
      if (score.is_on && !before.is_on) score.reached = step_;
    }
    scores_ = std::move(now);
  }

  const std::vector<BoardOfTwin> boards_;
  std::vector<Deed> deeds_;
  std::map<Where, Score> scores_;
  std::set<std::string> hidden_;
  std::map<std::string, std::vector<Change>> changes_;
  int64_t step_ = 0;
};

Row RowOf(const LeaderboardRow& row) {
  return {row.rank, row.member, row.earned, row.then};
}

class History {
 public:
  History(uint32_t seed, Engine& engine)
      : random_(seed), engine_(engine), twin_(AnyBoards(seed)) {}

  void Run(int events, int look_every) {
    for (int i = 0; i < events; ++i) {
      const absl::StatusOr<Outcome> outcome = engine_.Process(Next(i));
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_TRUE(outcome->accepted()) << outcome->reason;
      if (i % look_every == 0 || i + 1 == events) Compare();
      if (::testing::Test::HasFailure()) return;
    }
    const auto queries = engine_.Query();
    ASSERT_TRUE(queries.ok());
    const auto report = (*queries)->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->ok()) << report->faults.front();
  }

 private:
  int Below(int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random_);
  }
  std::string AnyMember() { return absl::StrCat("m", Below(7)); }

  Event Next(int i) {
    const std::string id = absl::StrCat("e", i);
    const absl::CivilDay day = absl::CivilDay(2026, 1, 1) + Below(20);
    const absl::Time time =
        absl::FromCivil(day, Zone()) + absl::Minutes(Below(24 * 60));
    const int what = Below(20);
    if (!twin_.deeds().empty() && what < 5) {
      const auto place =
          static_cast<size_t>(Below(static_cast<int>(twin_.deeds().size())));
      const std::string of = twin_.deeds()[place].id;
      if (twin_.deeds()[place].live) twin_.Reverse(place, day);
      return {.id = id,
              .type = std::string(kReverse),
              .time = time,
              .attributes = {{"event", of}}};
    }
    if (!twin_.deeds().empty() && what == 5) {
      const std::string member =
          twin_.deeds()[Below(static_cast<int>(twin_.deeds().size()))].member;
      const bool hide = !twin_.IsHidden(member);
      twin_.Hide(member, hide);
      return {.id = id,
              .type = std::string(hide ? kHide : kShow),
              .time = time,
              .actor = member};
    }
    const Deed deed{.id = id,
                    .member = AnyMember(),
                    .day = day,
                    .points = Below(16) - 5,
                    .stars = Below(5) - 1};
    twin_.Add(deed);
    return {.id = id,
            .type = "deed",
            .time = time,
            .actor = deed.member,
            .attributes = {{"points", deed.points}, {"stars", deed.stars}}};
  }

  void Compare() {
    const auto queries = engine_.Query();
    ASSERT_TRUE(queries.ok());
    for (const BoardOfTwin& board : twin_.boards()) {
      for (const auto& [season, rows] : twin_.Of(board)) {
        SCOPED_TRACE(board.id + " " + season);
        CompareSeason(**queries, {.board = board.id, .season = season}, rows);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }

  void CompareSeason(Queries& queries, const BoardView& view,
                     const std::vector<Row>& rows) {
    const auto all = queries.Leaderboard(view, 0, 100);
    ASSERT_TRUE(all.ok()) << all.status();
    std::vector<Row> seen;
    for (const LeaderboardRow& row : *all) seen.push_back(RowOf(row));
    ASSERT_EQ(seen, rows);
    if (rows.empty()) return;
    const auto size = static_cast<int>(rows.size());
    const int place = Below(size);
    const auto rank = queries.Rank(rows[place].member, view);
    ASSERT_TRUE(rank.ok()) << rank.status();
    EXPECT_EQ(RowOf(*rank), rows[place]);
    EXPECT_TRUE(rank->listed);
    const int before = Below(4), after = Below(4);
    const auto around = queries.Around(rows[place].member, view, before, after);
    ASSERT_TRUE(around.ok()) << around.status();
    const int wanted = std::min(before + after + 1, size);
    const int first = std::clamp(place - before, 0, size - wanted);
    std::vector<Row> expected(rows.begin() + first,
                              rows.begin() + first + wanted);
    std::vector<Row> neighbours;
    for (const LeaderboardRow& row : *around) neighbours.push_back(RowOf(row));
    EXPECT_EQ(neighbours, expected);
    const int offset = Below(size);
    const auto page = queries.Leaderboard(view, offset, 3);
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(std::ssize(*page), std::min(3, size - offset));
    for (size_t i = 0; i < page->size(); ++i) {
      EXPECT_EQ(RowOf((*page)[i]), rows[offset + i]);
    }
  }

  std::mt19937 random_;
  Engine& engine_;
  SlowBoards twin_;
};

int Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 100 : std::atoi(asked);
}

EngineOptions Options() {
  return {.clock = [] { return Day(31); }};
}

TEST(Leaderboards, AreThoseOfTheSlowTwinInMemory) {
  for (int seed = 0; seed < Histories(); ++seed) {
    SCOPED_TRACE(seed);
    const Program program =
        MustRead(ProgramText(AnyBoards(static_cast<uint32_t>(seed))));
    const auto engine = Engine::InMemory(program, Options());
    ASSERT_TRUE(engine.ok());
    History(static_cast<uint32_t>(seed), **engine).Run(60, 1);
    if (HasFailure()) return;
  }
}

// Some of what is asked is merged by then, and some is not.
TEST(Leaderboards, AreThoseOfTheSlowTwinInAFile) {
  for (int seed = 0; seed < (Histories() + 9) / 10; ++seed) {
    SCOPED_TRACE(seed);
    const Program program =
        MustRead(ProgramText(AnyBoards(static_cast<uint32_t>(1000 + seed))));
    const store::TemporaryFolder folder;
    const auto engine =
        Engine::Open(folder.File("twin.db"), program, Options());
    ASSERT_TRUE(engine.ok()) << engine.status();
    History(static_cast<uint32_t>(1000 + seed), **engine).Run(150, 7);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty
