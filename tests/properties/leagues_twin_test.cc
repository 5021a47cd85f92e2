// SPDX-License-Identifier: Apache-2.0
//
// Leagues under random histories, with late events, reversals, members who hide
// or turn out to be one, and weeks that end, against a slow twin: it writes
// down who joined which cohort, and after each event adds up again what all
// deeds that stand came to. In half of the histories those with least come
// first, and win and move up.
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

// Merging comes without a cap, whose rule for two histories is not this twin's
// to know.
std::string ProgramText(bool merges, bool lowest) {
  const std::string first = lowest ? "lowest_first: true" : "";
  return absl::StrCat(R"(
  name: "twin" version: "1" time_zone: "Europe/Berlin"
  currency { id: "points" floor: -100000 )",
                      merges ? "" : "daily_cap { units: 20 }", R"( }
  currency { id: "coins" }
  event_type { id: "deed" attribute { name: "points" type: INT }
               attribute { name: "stars" type: INT } }
  metric { id: "stars" on: "deed" sum: "event.stars" }
  metric { id: "deeds" on: "deed" }
  rule { id: "deed" on: "deed"
         award { currency: "points" units: "event.points" } }
  ladder { id: "by_points" league: "points_league"
           level { id: "low" } level { id: "high" } level { id: "top" } }
  ladder { id: "by_stars" league: "stars_league"
           level { id: "one" } level { id: "two" } }
  leaderboard { id: "points_league" currency: "points" period: WEEK )",
                      first, R"(
                league { cohort: 3 promote: 1 relegate: 2 }
                prize { ranks: "1" award { currency: "coins" units: 100 } } }
  leaderboard { id: "stars_league" metric: "stars" period: WEEK ranks: ROW )",
                      first, R"( then { metric: "deeds" )", first, R"( }
                league { cohort: 4 promote: 2 relegate: 2 }
                prize { ranks: "2" division: "two"
                        award { currency: "coins" units: 1 } } }
)");
}
constexpr int64_t kCap = 20;

struct LeagueOfTwin {
  std::string id = {};
  std::string ladder = {};
  std::vector<std::string> divisions = {};
  size_t cohort = 0;
  int64_t promote = 0, relegate = 0;
  bool of_points = false;  // else of stars, ties by deeds, without shared ranks
};

const std::vector<LeagueOfTwin>& Leagues() {
  static const auto& leagues = *new std::vector<LeagueOfTwin>{
      {"points_league", "by_points", {"low", "high", "top"}, 3, 1, 2, true},
      {"stars_league", "by_stars", {"one", "two"}, 4, 2, 2, false},
  };
  return leagues;
}

absl::TimeZone Zone() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

// 2026 begins on a Thursday, so that its first week has day -2 to 4.
int64_t WeekOf(absl::CivilDay day) {
  return (day - absl::CivilDay(2025, 12, 29)) / 7 + 1;
}
std::string WeekName(int64_t week) {
  return absl::StrCat("2026-W", week < 10 ? "0" : "", week);
}
absl::Time EndOfWeek(int64_t week) {
  return absl::FromCivil(absl::CivilDay(2025, 12, 29) + 7 * week, Zone());
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

struct Row {
  int64_t rank = 0;
  std::string member = {};
  int64_t earned = 0;
  int64_t then = 0;
  int step = 0;  // up or down

  friend bool operator==(const Row&, const Row&) = default;
  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.rank << " " << row.member << " " << row.earned << " then "
         << row.then << " moves " << row.step;
  }
};

class SlowLeagues {
 public:
  SlowLeagues(bool has_cap, bool lowest) : has_cap_(has_cap), lowest_(lowest) {}

  void Add(Deed deed) {
    deeds_.push_back(std::move(deed));
    Step(deeds_.size() - 1);
  }
  void Reverse(size_t place) {
    deeds_[place].live = false;
    Step(deeds_.size());
  }
  void Hide(const std::string& member, bool hidden) {
    ++step_;
    if (hidden) {
      hidden_.insert(member);
    } else {
      hidden_.erase(member);
    }
  }

  // One is the other from here on, and keeps their own cohorts.
  void Merge(const std::string& member, const std::string& into) {
    for (Deed& deed : deeds_) {
      if (deed.member == member) deed.member = into;
    }
    if (hidden_.erase(member) > 0) hidden_.insert(into);
    for (Played& league : leagues_) {
      std::map<Joined, Cohort> theirs;
      for (const auto& [joined, cohort] : league.joined) {
        if (joined.second == member) theirs[joined] = cohort;
      }
      for (const auto& [joined, cohort] : theirs) {
        league.joined.erase(joined);
        const auto [mine, is_new] =
            league.joined.try_emplace({joined.first, into}, cohort);
        if (mine->second.number == 0) mine->second = cohort;
      }
      size_t& division = league.division[into];
      division = std::max(division, league.division[member]);
      league.division.erase(member);
    }
    coins_[into] += coins_[member];
    coins_.erase(member);
    Step(deeds_.size());
  }

  int64_t EndWeeks(absl::Time until) {
    ++step_;
    struct Over {
      int64_t week = 0;
      size_t league = 0;
      Cohort cohort = {};
    };
    std::vector<Over> over;
    for (size_t i = 0; i < leagues_.size(); ++i) {
      for (const auto& [where, rows] : Cohorts(i)) {
        const auto& [week, cohort] = where;
        if (rows.empty() || EndOfWeek(week) > until) continue;
        if (leagues_[i].ended.insert(where).second) {
          over.push_back({week, i, cohort});
        }
      }
    }
    std::stable_sort(
        over.begin(), over.end(), [](const Over& a, const Over& b) {
          return std::tuple(a.week, a.league, a.cohort.number,
                            a.cohort.division) < std::tuple(b.week, b.league,
                                                            b.cohort.number,
                                                            b.cohort.division);
        });
    for (const Over& one : over) {
      Played& league = leagues_[one.league];
      const LeagueOfTwin& terms = Leagues()[one.league];
      league.weeks_over.insert(one.week);
      const auto cohorts = Cohorts(one.league);
      for (const Row& row : cohorts.at({one.week, one.cohort})) {
        size_t& division = league.division[row.member];
        if (row.step > 0) {
          division = std::min(division + 1, terms.divisions.size() - 1);
        } else if (row.step < 0 && division > 0) {
          --division;
        }
        if (terms.of_points) {
          if (row.rank == 1) coins_[row.member] += 100;
        } else if (row.rank == 2 && one.cohort.division == 1) {
          coins_[row.member] += 1;
        }
      }
    }
    return std::ssize(over);
  }

  struct Cohort {
    int64_t number = 0;  // 0: came too late for one
    size_t division = 0;
    friend auto operator<=>(const Cohort&, const Cohort&) = default;
  };
  using Where = std::pair<int64_t, Cohort>;  // a week's

  // Every cohort that somebody ever joined, with who is shown there.
  std::map<Where, std::vector<Row>> Cohorts(size_t number) const {
    const LeagueOfTwin& terms = Leagues()[number];
    std::map<Where, std::vector<Row>> cohorts;
    for (const auto& [joined, cohort] : leagues_[number].joined) {
      const auto& [week, member] = joined;
      if (cohort.number == 0) continue;
      std::vector<Row>& rows = cohorts[{week, cohort}];
      const auto found = leagues_[number].scores.find(joined);
      if (found == leagues_[number].scores.end()) continue;
      const Score& score = found->second;
      if (score.earned == 0 || hidden_.contains(member)) continue;
      rows.push_back(
          {.member = member, .earned = score.earned, .then = score.then});
    }
    for (auto& [where, rows] : cohorts) {
      const auto reached = [&, week = where.first](const Row& row) {
        return leagues_[number].scores.at({week, row.member}).reached;
      };
      std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        if (a.earned != b.earned) return (a.earned < b.earned) == lowest_;
        if (a.then != b.then) return (a.then < b.then) == lowest_;
        return reached(a) < reached(b);
      });
      for (size_t i = 0; i < rows.size(); ++i) {
        const bool shares =
            terms.of_points && i > 0 && rows[i - 1].earned == rows[i].earned;
        rows[i].rank = shares ? rows[i - 1].rank : static_cast<int64_t>(i) + 1;
        if (rows[i].rank <= terms.promote) {
          const bool is_top =
              where.second.division + 1 == terms.divisions.size();
          rows[i].step = is_top ? 0 : 1;
        } else if (rows[i].rank + terms.relegate > std::ssize(rows) &&
                   where.second.division > 0) {
          rows[i].step = -1;
        }
      }
    }
    return cohorts;
  }

  const std::vector<Deed>& deeds() const { return deeds_; }
  bool IsHidden(const std::string& member) const {
    return hidden_.contains(member);
  }
  size_t DivisionOf(size_t league, const std::string& member) const {
    const auto& divisions = leagues_[league].division;
    const auto found = divisions.find(member);
    return found == divisions.end() ? 0 : found->second;
  }
  int64_t CoinsOf(const std::string& member) const {
    const auto found = coins_.find(member);
    return found == coins_.end() ? 0 : found->second;
  }

 private:
  using Joined = std::pair<int64_t, std::string>;  // the week, and who
  struct Score {
    int64_t earned = 0;
    int64_t then = 0;
    int64_t reached = 0;
  };
  struct Played {
    std::map<Joined, Cohort> joined = {};
    std::map<std::pair<int64_t, size_t>, size_t> members = {};  // by division
    std::map<std::string, size_t> division = {};
    std::map<Joined, Score> scores = {};
    std::set<Where> ended = {};
    std::set<int64_t> weeks_over = {};
  };

  void GiveAgain() {
    std::map<std::pair<std::string, absl::CivilDay>, int64_t> used;
    for (Deed& deed : deeds_) {
      int64_t& of_day = used[{deed.member, deed.day}];
      deed.given = 0;
      if (!deed.live) continue;
      deed.given = deed.points;
      if (has_cap_ && deed.points > 0) {
        deed.given = std::max<int64_t>(std::min(deed.points, kCap - of_day), 0);
      }
      of_day += deed.given;
    }
  }

  int64_t ValueOf(const LeagueOfTwin& terms, const Deed& deed) const {
    if (!deed.live) return 0;
    return terms.of_points ? deed.given : deed.stars;
  }

  // Whoever has more of a week by this event than before, or has something of
  // a new deed, also only for ties, joins that week.
  void Join(size_t number, const std::vector<int64_t>& before, size_t added) {
    const LeagueOfTwin& terms = Leagues()[number];
    Played& league = leagues_[number];
    for (size_t i = 0; i < deeds_.size(); ++i) {
      const int64_t more =
          ValueOf(terms, deeds_[i]) - (i < before.size() ? before[i] : 0);
      const bool for_ties = i == added && !terms.of_points;
      if (!for_ties && (more == 0 || (more < 0 && i != added))) continue;
      const Joined joined(WeekOf(deeds_[i].day), deeds_[i].member);
      const auto [at, is_new] = league.joined.try_emplace(joined);
      if (!is_new || league.weeks_over.contains(joined.first)) continue;
      const size_t division = league.division[joined.second];
      size_t& members = league.members[{joined.first, division}];
      at->second = {static_cast<int64_t>(members++ / terms.cohort) + 1,
                    division};
    }
  }

  // After what it has changed of the deeds, of which `added` is new.
  void Step(size_t added) {
    ++step_;
    std::vector<std::vector<int64_t>> before;
    for (const LeagueOfTwin& terms : Leagues()) {
      std::vector<int64_t>& values = before.emplace_back();
      for (size_t i = 0; i < deeds_.size(); ++i) {
        if (i == added) continue;
        values.push_back(last_[{terms.id, deeds_[i].id}]);
      }
    }
    GiveAgain();
    for (size_t n = 0; n < leagues_.size(); ++n) {
      const LeagueOfTwin& terms = Leagues()[n];
      Join(n, before[n], added);
      std::map<Joined, Score> now;
      for (const Deed& deed : deeds_) {
        Score& score = now[{WeekOf(deed.day), deed.member}];
        last_[{terms.id, deed.id}] = ValueOf(terms, deed);
        score.earned += ValueOf(terms, deed);
        if (deed.live && !terms.of_points) ++score.then;
      }
      for (auto& [joined, score] : now) {
        const auto was = leagues_[n].scores.find(joined);
        const bool stays = was != leagues_[n].scores.end() &&
                           was->second.earned == score.earned &&
                           was->second.then == score.then;
        score.reached = stays ? was->second.reached : step_;
      }
      leagues_[n].scores = std::move(now);
    }
  }

  const bool has_cap_;
  const bool lowest_;  // comes first
  std::vector<Deed> deeds_;
  std::map<std::pair<std::string, std::string>, int64_t> last_;
  std::vector<Played> leagues_ = std::vector<Played>(Leagues().size());
  std::map<std::string, int64_t> coins_;
  std::set<std::string> hidden_;
  int64_t step_ = 0;
};

Row RowOf(const LeaderboardRow& row) {
  const int step = row.zone == LeaderboardRow::Zone::kPromotion    ? 1
                   : row.zone == LeaderboardRow::Zone::kRelegation ? -1
                                                                   : 0;
  return {row.rank, row.member, row.earned, row.then, step};
}

class History {
 public:
  History(uint32_t seed, bool merges, bool lowest, Engine& engine)
      : random_(seed),
        merges_(merges),
        engine_(engine),
        twin_(!merges, lowest) {}

  void Run(int events, int look_every) {
    events_ = events;
    for (int i = 0; i < events; ++i) {
      if (Below(8) == 0) {
        EndWeeks(FirstDayAt(i));
      } else {
        const absl::StatusOr<Outcome> outcome = engine_.Process(Next(i));
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        ASSERT_TRUE(outcome->accepted()) << outcome->reason;
      }
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
  std::string AnyMember() {
    std::string member;
    do {
      member = absl::StrCat("m", Below(9));
    } while (gone_.contains(member));
    return member;
  }

  // Days go on, so that those who moved up play there; events come late by
  // some days, and weeks end sooner or later.
  absl::CivilDay FirstDayAt(int i) const {
    return absl::CivilDay(2026, 1, 1) + i * 20 / events_;
  }

  void EndWeeks(absl::CivilDay today) {
    const absl::Time until =
        EndOfWeek(WeekOf(today) - Below(2)) + absl::Hours(Below(30));
    const auto ended = engine_.EndSeasons(until);
    ASSERT_TRUE(ended.ok()) << ended.status();
    ASSERT_EQ(*ended, twin_.EndWeeks(until));
  }

  Event Next(int i) {
    const std::string id = absl::StrCat("e", i);
    const absl::CivilDay day = FirstDayAt(i) + Below(6);
    const absl::Time time =
        absl::FromCivil(day, Zone()) + absl::Minutes(Below(24 * 60));
    const int what = Below(20);
    if (!twin_.deeds().empty() && what < 4) {
      const auto place =
          static_cast<size_t>(Below(static_cast<int>(twin_.deeds().size())));
      const std::string of = twin_.deeds()[place].id;
      if (twin_.deeds()[place].live) twin_.Reverse(place);
      return {.id = id,
              .type = std::string(kReverse),
              .time = time,
              .attributes = {{"event", of}}};
    }
    if (!twin_.deeds().empty() && what == 4) {
      const std::string member = AnyDoer();
      const bool hide = !twin_.IsHidden(member);
      twin_.Hide(member, hide);
      return {.id = id,
              .type = std::string(hide ? kHide : kShow),
              .time = time,
              .actor = member};
    }
    if (merges_ && what == 5 && gone_.size() < 5 && !twin_.deeds().empty()) {
      const std::string member = AnyDoer(), into = AnyDoer();
      if (member != into) {
        gone_.insert(member);
        twin_.Merge(member, into);
        return {.id = id,
                .type = std::string(kMerge),
                .time = time,
                .actor = member,
                .attributes = {{"into", into}}};
      }
    }
    const Deed deed{.id = id,
                    .member = AnyMember(),
                    .day = day,
                    .points = Below(16) - 4,
                    .stars = Below(5) - 1};
    twin_.Add(deed);
    return {.id = id,
            .type = "deed",
            .time = time,
            .actor = deed.member,
            .attributes = {{"points", deed.points}, {"stars", deed.stars}}};
  }

  std::string AnyDoer() {
    return twin_.deeds()[Below(static_cast<int>(twin_.deeds().size()))].member;
  }

  void Compare() {
    const auto queries = engine_.Query();
    ASSERT_TRUE(queries.ok());
    for (size_t n = 0; n < Leagues().size(); ++n) {
      const LeagueOfTwin& terms = Leagues()[n];
      for (const auto& [where, rows] : twin_.Cohorts(n)) {
        const std::string season = absl::StrCat(
            WeekName(where.first), "/", terms.divisions[where.second.division],
            "/", where.second.number);
        SCOPED_TRACE(terms.id + " " + season);
        CompareCohort(**queries, {.board = terms.id, .season = season}, rows);
        if (rows.empty()) continue;
        // Who is asked for is found in their cohort.
        const Row& one = rows[Below(static_cast<int>(rows.size()))];
        CompareCohort(**queries,
                      {.board = terms.id,
                       .season = WeekName(where.first),
                       .viewer = one.member},
                      rows);
        const auto rank = (*queries)->Rank(
            one.member, {.board = terms.id, .season = WeekName(where.first)});
        ASSERT_TRUE(rank.ok()) << rank.status();
        EXPECT_EQ(RowOf(*rank), one);
        if (::testing::Test::HasFailure()) return;
      }
    }
    for (const Deed& deed : twin_.deeds()) {
      const auto profile = (*queries)->Member(deed.member);
      ASSERT_TRUE(profile.ok()) << profile.status();
      for (size_t n = 0; n < Leagues().size(); ++n) {
        EXPECT_EQ(profile->ladders[n].ladder, Leagues()[n].ladder);
        ASSERT_EQ(profile->ladders[n].level,
                  Leagues()[n].divisions[twin_.DivisionOf(n, deed.member)])
            << deed.member << " in " << Leagues()[n].id;
      }
      ASSERT_EQ(profile->currencies[1].balance, twin_.CoinsOf(deed.member))
          << deed.member;
    }
  }

  void CompareCohort(Queries& queries, const BoardView& view,
                     const std::vector<Row>& rows) {
    const auto all = queries.Leaderboard(view, 0, 100);
    ASSERT_TRUE(all.ok()) << all.status();
    std::vector<Row> seen;
    for (const LeaderboardRow& row : *all) seen.push_back(RowOf(row));
    ASSERT_EQ(seen, rows);
  }

  std::mt19937 random_;
  const bool merges_;
  Engine& engine_;
  SlowLeagues twin_;
  std::set<std::string> gone_;
  int events_ = 1;
};

int Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 100 : std::atoi(asked);
}

EngineOptions Options() {
  return {.clock = [] { return Day(31); }};
}

TEST(Leagues, AreThoseOfTheSlowTwinInMemory) {
  for (int seed = 0; seed < Histories(); ++seed) {
    SCOPED_TRACE(seed);
    const bool merges = seed % 2 == 1;
    const bool lowest = seed % 4 > 1;
    const auto engine =
        Engine::InMemory(MustRead(ProgramText(merges, lowest)), Options());
    ASSERT_TRUE(engine.ok());
    History(static_cast<uint32_t>(seed), merges, lowest, **engine).Run(80, 1);
    if (HasFailure()) return;
  }
}

// Some of what is asked is merged by then, and some is not.
TEST(Leagues, AreThoseOfTheSlowTwinInAFile) {
  for (int seed = 0; seed < (Histories() + 9) / 10; ++seed) {
    SCOPED_TRACE(seed);
    const bool merges = seed % 2 == 1;
    const bool lowest = seed % 4 > 1;
    const store::TemporaryFolder folder;
    const auto engine =
        Engine::Open(folder.File("twin.db"),
                     MustRead(ProgramText(merges, lowest)), Options());
    ASSERT_TRUE(engine.ok()) << engine.status();
    History(static_cast<uint32_t>(1000 + seed), merges, lowest, **engine)
        .Run(150, 7);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty
