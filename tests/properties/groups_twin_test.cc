// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards that keep groups apart, under random histories in which members
// move, come late, are reversed and turn out to be one, against a slow twin. It
// has one map for each thing that the rule in program.proto speaks of: where a
// member was said to be last, in which group they are in a season, and what
// each deed that stands came to, which it adds up anew after each event. In
// half of the histories those with least come first, and in every third people
// say who is on the leaderboards, by giving a badge and taking it back.
#include <absl/strings/str_cat.h>
#include <absl/strings/substitute.h>
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

// A deed that says no city says nothing of it; of teams there is a default, so
// that every deed says one.
constexpr char kProgram[] = R"(
  name: "groups" version: "1" time_zone: "Europe/Berlin"
  currency { id: "stars" floor: -100000 opening: 3 }
  event_type { id: "deed" attribute { name: "stars" type: INT }
               attribute { name: "city" type: STRING }
               attribute { name: "owner" type: MEMBER } }
  event_type { id: "play" attribute { name: "stars" type: INT }
               attribute { name: "team" type: STRING default: "red" } }
  metric { id: "deeds" on: "deed" on: "play" }
  rule { id: "deed" on: "deed"
         award { currency: "stars" to: "event.owner" units: "event.stars"
                 self: ALLOW } }
  rule { id: "play" on: "play"
         award { currency: "stars" units: "event.stars" } }
  badge { id: "club" manual: true }
  leaderboard { id: "month" currency: "stars" period: MONTH by: "city" $0 $1
                then { metric: "deeds" $0 } }
  leaderboard { id: "ever" metric: "deeds" by: "city" $0 $1
                then { currency: "stars" } }
  leaderboard { id: "last" currency: "stars" within: "3d" by: "city" $0 $1 }
  leaderboard { id: "team" currency: "stars" period: DAY by: "team" $0 $1 }
  leaderboard { id: "all" currency: "stars" period: MONTH }
)";

bool IsLowestFirst(int seed) { return seed % 2 == 1; }
bool IsOfTheClub(int seed) { return seed % 3 == 1; }

std::string ProgramOfGroups(int seed) {
  return absl::Substitute(kProgram,
                          IsLowestFirst(seed) ? "lowest_first: true" : "",
                          IsOfTheClub(seed) ? R"(badge: "club")" : "");
}

enum class Of { kNothing, kStars, kDeeds };
enum class Lasts { kEver, kDay, kMonth, kThreeDays };

struct BoardOfTwin {
  std::string id = {};
  std::string by = {};
  Lasts lasts = Lasts::kEver;
  Of of = Of::kNothing;
  Of then = Of::kNothing;
};

const std::vector<BoardOfTwin>& BoardsByGroup() {
  static const auto& boards = *new std::vector<BoardOfTwin>{
      {"month", "city", Lasts::kMonth, Of::kStars, Of::kDeeds},
      {"ever", "city", Lasts::kEver, Of::kDeeds, Of::kStars},
      {"last", "city", Lasts::kThreeDays, Of::kStars},
      {"team", "team", Lasts::kDay, Of::kStars},
  };
  return boards;
}

std::vector<std::string> SeasonsAt(Lasts lasts, absl::CivilDay day) {
  switch (lasts) {
    case Lasts::kEver: return {""};
    case Lasts::kDay: return {absl::FormatCivilTime(day)};
    case Lasts::kMonth: return {absl::FormatCivilTime(absl::CivilMonth(day))};
    case Lasts::kThreeDays:
      return {absl::FormatCivilTime(day), absl::FormatCivilTime(day + 1),
              absl::FormatCivilTime(day + 2)};
  }
  return {};
}

// The first day after the season that is called so.
absl::CivilDay EndOf(Lasts lasts, const std::string& name) {
  absl::CivilDay day(9999, 1, 1);
  if (lasts == Lasts::kEver) return day;
  if (lasts == Lasts::kMonth) {
    absl::CivilMonth month;
    EXPECT_TRUE(absl::ParseCivilTime(name, &month));
    return absl::CivilDay(month + 1);
  }
  EXPECT_TRUE(absl::ParseCivilTime(name, &day));
  return day + 1;
}

// What one deed gave to one member: the stars to its owner, the deed itself to
// its actor.
struct Gift {
  std::string deed = {};
  std::string member = {};
  absl::CivilDay day = {};
  int64_t stars = 0;
  int64_t deeds = 0;
  bool live = true;
};

int64_t UnitsOf(Of of, const Gift& gift) {
  if (of == Of::kStars) return gift.stars;
  return of == Of::kDeeds ? gift.deeds : 0;
}

struct Said {
  absl::Time time = absl::InfinitePast();
  std::string group = {};
};

struct RankRow {
  int64_t rank = 0;
  std::string member = {};
  int64_t earned = 0;
  int64_t then = 0;

  friend bool operator==(const RankRow&, const RankRow&) = default;
  friend void PrintTo(const RankRow& row, std::ostream* out) {
    *out << row.rank << " " << row.member << " " << row.earned << " then "
         << row.then;
  }
};

class SlowGroups {
 public:
  SlowGroups(bool lowest_first, bool of_club)
      : lowest_first_(lowest_first), of_club_(of_club) {}

  // The member's own event says that they are in that group.
  void Say(const std::string& by, const std::string& member, absl::Time time,
           absl::CivilDay day, const std::string& group) {
    Said& said = said_[{by, member}];
    const bool is_newest = time >= said.time;
    if (is_newest) said = {time, group};
    for (const BoardOfTwin& board : BoardsByGroup()) {
      if (board.by != by) continue;
      for (const std::string& season : SeasonsAt(board.lasts, day)) {
        std::string& place = places_[{board.id, season, member}];
        if (board.lasts == Lasts::kEver) {
          if (is_newest) place = group;
        } else if (place.empty() &&
                   (!is_newest || HasScore(board, season, member))) {
          place = group;
        }
      }
    }
  }

  void Give(const Gift& gift) {
    gifts_.push_back(gift);
    Count(gift);
  }

  // What was taken and is not, counts as what is given does.
  void Reverse(const std::string& deed) {
    for (Gift& gift : gifts_) {
      if (gift.deed != deed || !gift.live) continue;
      gift.live = false;
      Gift back = gift;
      back.stars = std::max<int64_t>(-gift.stars, 0);
      back.deeds = 0;
      Count(back);
    }
  }

  bool HoldsBadge(const std::string& member) const {
    return HeldBadge(member, absl::CivilDay(9999, 1, 1));
  }
  void ChangeBadge(const std::string& member, absl::CivilDay day, bool holds) {
    badges_[member].push_back({{day, holds}});
  }

  void Merge(const std::string& from, const std::string& into) {
    // Who held it at any time is who either was, by all days that matter.
    std::vector<Change> both;
    for (absl::CivilDay day(2026, 1, 1); day < absl::CivilDay(2026, 3, 1);
         ++day) {
      both.push_back(
          {day, HeldBadge(from, day + 1) || HeldBadge(into, day + 1)});
    }
    badges_[into] = {both};
    for (const std::string by : {"city", "team"}) {
      const Said theirs = said_[{by, from}];
      Said& mine = said_[{by, into}];
      if (theirs.time > mine.time) mine = theirs;
    }
    for (const BoardOfTwin& board : BoardsByGroup()) {
      if (board.lasts == Lasts::kEver) {
        places_[{board.id, "", into}] = said_[{board.by, into}].group;
        continue;
      }
      for (const auto& [where, theirs] : std::map(places_)) {
        const auto& [id, season, member] = where;
        if (id != board.id || member != from) continue;
        std::string& mine = places_[{id, season, into}];
        if (mine.empty()) mine = theirs;
      }
    }
    for (Gift& gift : gifts_) {
      if (gift.member == from) gift.member = into;
    }
  }

  // By season and group, who is on it, with those who have as many in the order
  // of their ids; "" for who is in none.
  std::map<std::pair<std::string, std::string>, std::vector<RankRow>> Of(
      const BoardOfTwin& board) const {
    std::map<std::tuple<std::string, std::string>, RankRow> scores;
    for (const Gift& gift : gifts_) {
      for (const std::string& season : SeasonsAt(board.lasts, gift.day)) {
        RankRow& row = scores[{season, gift.member}];
        row.member = gift.member;
        if (!gift.live) continue;
        row.earned += UnitsOf(board.of, gift);
        row.then += UnitsOf(board.then, gift);
      }
    }
    std::map<std::pair<std::string, std::string>, std::vector<RankRow>> all;
    for (const auto& [where, row] : scores) {
      const auto& [season, member] = where;
      auto& rows = all[{season, PlaceIn(board, season, member)}];
      const bool is_on =
          !of_club_ || HeldBadge(member, EndOf(board.lasts, season));
      if (row.earned != 0 && is_on) rows.push_back(row);
    }
    for (auto& [name, rows] : all) Rank(board, rows);
    return all;
  }

  std::string GroupOf(const BoardOfTwin& board, const std::string& season,
                      const std::string& member) const {
    const std::string place = PlaceIn(board, season, member);
    if (!place.empty()) return place;
    const auto said = said_.find({board.by, member});
    return said == said_.end() ? "" : said->second.group;
  }

 private:
  struct Change {
    absl::CivilDay day = {};
    bool holds = false;
  };

  // What the last one said of those that came before that day.
  bool HeldBadge(const std::string& member, absl::CivilDay end) const {
    bool holds = false;
    const auto found = badges_.find(member);
    if (found == badges_.end()) return holds;
    for (const std::vector<Change>& some : found->second) {
      for (const Change& change : some) {
        if (change.day < end) holds = change.holds;
      }
    }
    return holds;
  }

  void Rank(const BoardOfTwin& board, std::vector<RankRow>& rows) const {
    const int64_t sign = lowest_first_ ? 1 : -1;
    // The board for ever says so of its deeds alone, and not of its stars.
    const int64_t then = board.lasts == Lasts::kEver ? -1 : sign;
    std::sort(rows.begin(), rows.end(),
              [&](const RankRow& a, const RankRow& b) {
                return std::tuple(sign * a.earned, then * a.then, a.member) <
                       std::tuple(sign * b.earned, then * b.then, b.member);
              });
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool tied = i > 0 && rows[i - 1].earned == rows[i].earned &&
                        rows[i - 1].then == rows[i].then;
      rows[i].rank = tied ? rows[i - 1].rank : static_cast<int64_t>(i) + 1;
    }
  }

  std::string PlaceIn(const BoardOfTwin& board, const std::string& season,
                      const std::string& member) const {
    const auto place = places_.find({board.id, season, member});
    return place == places_.end() ? "" : place->second;
  }

  bool HasScore(const BoardOfTwin& board, const std::string& season,
                const std::string& member) const {
    int64_t earned = 0, then = 0;
    for (const Gift& gift : gifts_) {
      if (!gift.live || gift.member != member) continue;
      const auto seasons = SeasonsAt(board.lasts, gift.day);
      if (std::count(seasons.begin(), seasons.end(), season) == 0) continue;
      earned += UnitsOf(board.of, gift);
      then += UnitsOf(board.then, gift);
    }
    return earned != 0 || then != 0;
  }

  // Whoever something counts for is in a group of the season from then on.
  void Count(const Gift& gift) {
    for (const BoardOfTwin& board : BoardsByGroup()) {
      if (UnitsOf(board.of, gift) == 0 && UnitsOf(board.then, gift) == 0) {
        continue;
      }
      for (const std::string& season : SeasonsAt(board.lasts, gift.day)) {
        std::string& place = places_[{board.id, season, gift.member}];
        if (place.empty()) place = said_[{board.by, gift.member}].group;
      }
    }
  }

  const bool lowest_first_;
  const bool of_club_;
  // Of a member, those that were one at a time, and from a merge all.
  std::map<std::string, std::vector<std::vector<Change>>> badges_ = {};
  std::vector<Gift> gifts_ = {};
  std::map<std::pair<std::string, std::string>, Said> said_ = {};
  std::map<std::tuple<std::string, std::string, std::string>, std::string>
      places_ = {};
};

class HistoryOfGroups {
 public:
  explicit HistoryOfGroups(int seed)
      : random_(static_cast<uint32_t>(seed)),
        twin_(IsLowestFirst(seed), IsOfTheClub(seed)) {}

  void Run(Engine& engine, int events, int look_every) {
    for (int i = 0; i < events; ++i) {
      const Event event = Next(i);
      const absl::StatusOr<Outcome> outcome = engine.Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_TRUE(outcome->accepted()) << outcome->reason;
      if (i % look_every == 0 || i + 1 == events) Compare(engine);
      if (::testing::Test::HasFailure()) return;
    }
    const auto queries = engine.Query();
    ASSERT_TRUE(queries.ok());
    const auto report = (*queries)->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->ok()) << report->faults.front();
  }

  void Compare(Engine& engine) {
    const auto queries = engine.Query();
    ASSERT_TRUE(queries.ok());
    for (const BoardOfTwin& board : BoardsByGroup()) {
      std::set<std::string> listed;
      for (const auto& [name, rows] : twin_.Of(board)) {
        const auto& [season, group] = name;
        SCOPED_TRACE(absl::StrCat(board.id, " ", season, " ", group));
        if (!group.empty()) {
          CompareGroup(**queries, board, season, group, rows);
          if (!rows.empty()) {
            listed.insert(season.empty() ? group : season + "/" + group);
          }
        } else if (!rows.empty()) {
          CompareNobodys(**queries, board, season, rows.front().member);
        }
        if (::testing::Test::HasFailure()) return;
      }
      const auto seasons = (*queries)->Seasons(board.id);
      ASSERT_TRUE(seasons.ok()) << seasons.status();
      EXPECT_EQ(std::set<std::string>(seasons->begin(), seasons->end()),
                listed);
    }
  }

 private:
  int Below(int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random_);
  }
  std::string AnyMember() { return absl::StrCat("m", Below(6)); }
  std::string Now(std::string member) const {
    for (auto found = merged_.find(member); found != merged_.end();
         found = merged_.find(member)) {
      member = found->second;
    }
    return member;
  }

  Event Next(int i) {
    const std::string id = absl::StrCat("e", i);
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
    // Around the turn of a month, so that seasons are few and full.
    const absl::CivilDay day = absl::CivilDay(2026, 1, 26) + Below(12);
    const absl::Time time =
        absl::FromCivil(day, zone) + absl::Minutes(Below(24 * 60));
    const int what = Below(20);
    if (what < 4 && !deeds_.empty()) {
      const std::string of = deeds_[Below(static_cast<int>(deeds_.size()))];
      twin_.Reverse(of);
      return {.id = id,
              .type = std::string(kReverse),
              .time = time,
              .attributes = {{"event", of}}};
    }
    if (what == 4 && members_.size() > 2) {
      if (auto event = Merging(id, time)) return *std::move(event);
    }
    if (what < 8 && what > 4 && !members_.empty()) {
      auto any = members_.begin();
      std::advance(any, Below(static_cast<int>(members_.size())));
      const bool holds = twin_.HoldsBadge(*any);
      twin_.ChangeBadge(*any, day, !holds);
      return {.id = id,
              .type = std::string(holds ? kRevokeBadge : kGrantBadge),
              .time = time,
              .actor = *any,
              .attributes = {{"badge", "club"}, {"by", "kim"}}};
    }
    return Deed(id, day, time);
  }

  std::optional<Event> Merging(const std::string& id, absl::Time time) {
    const auto any = [&] {
      auto it = members_.begin();
      std::advance(it, Below(static_cast<int>(members_.size())));
      return *it;
    };
    const std::string from = any(), into = any();
    if (from == into) return std::nullopt;
    members_.erase(from);
    merged_[from] = into;
    twin_.Merge(from, into);
    return Event{.id = id,
                 .type = std::string(kMerge),
                 .time = time,
                 .actor = from,
                 .attributes = {{"into", into}}};
  }

  Event Deed(const std::string& id, absl::CivilDay day, absl::Time time) {
    const std::string actor = AnyMember();
    const int64_t stars = Below(6) - 1;
    deeds_.push_back(id);
    members_.insert(Now(actor));
    Event event{.id = id,
                .type = "deed",
                .time = time,
                .actor = actor,
                .attributes = {{"stars", stars}}};
    std::string owner = actor;
    if (Below(4) == 0) {
      event.type = "play";
      std::string team = "red";
      if (Below(2) == 0) event.attributes.emplace("team", team = "blue");
      twin_.Say("team", Now(actor), time, day, team);
    } else {
      owner = AnyMember();
      event.attributes.emplace("owner", owner);
      members_.insert(Now(owner));
      if (Below(3) == 0) {
        static const char* const kCities[] = {"Bern", "Genf", "Basel", ""};
        const std::string city = kCities[Below(4)];
        event.attributes.emplace("city", city);
        twin_.Say("city", Now(actor), time, day, city);
      }
    }
    Gift own{.deed = id, .member = Now(actor), .day = day, .deeds = 1};
    twin_.Give(own);
    Gift given{.deed = id, .member = Now(owner), .day = day, .stars = stars};
    twin_.Give(given);
    return event;
  }

  static void InOrderOfIds(std::vector<RankRow>& rows) {
    std::stable_sort(
        rows.begin(), rows.end(), [](const RankRow& a, const RankRow& b) {
          return std::tuple(a.rank, a.member) < std::tuple(b.rank, b.member);
        });
  }

  void CompareGroup(Queries& queries, const BoardOfTwin& board,
                    const std::string& season, const std::string& group,
                    const std::vector<RankRow>& rows) {
    const BoardView view{.board = board.id, .season = season, .of = group};
    const auto all = queries.Leaderboard(view, 0, 100);
    ASSERT_TRUE(all.ok()) << all.status();
    std::vector<RankRow> seen;
    for (const LeaderboardRow& row : *all) {
      seen.push_back({row.rank, row.member, row.earned, row.then});
    }
    InOrderOfIds(seen);
    ASSERT_EQ(seen, rows);
    if (rows.empty()) return;
    // Asked around a member, it is their own group's.
    const RankRow& any = rows[Below(static_cast<int>(rows.size()))];
    const auto own =
        queries.Rank(any.member, {.board = board.id, .season = season});
    ASSERT_TRUE(own.ok()) << own.status();
    EXPECT_EQ(own->rank, any.rank);
    EXPECT_EQ(own->earned, any.earned);
  }

  // Who was in no group has no rank, or in the one that they are in now,
  // nothing that counts.
  void CompareNobodys(Queries& queries, const BoardOfTwin& board,
                      const std::string& season, const std::string& member) {
    const auto rank =
        queries.Rank(member, {.board = board.id, .season = season});
    EXPECT_TRUE(absl::IsNotFound(rank.status())) << rank.status();
  }

  std::mt19937 random_;
  SlowGroups twin_;
  std::vector<std::string> deeds_ = {};
  std::set<std::string> members_ = {};  // that there are by now
  std::map<std::string, std::string> merged_ = {};
};

int HistoriesOfGroups() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 100 : std::atoi(asked);
}

EngineOptions OptionsOfGroups() {
  return {.clock = [] { return Day(100); }};
}

TEST(Groups, AreThoseOfTheSlowTwinInMemory) {
  for (int seed = 0; seed < HistoriesOfGroups(); ++seed) {
    SCOPED_TRACE(seed);
    const Program program = MustRead(ProgramOfGroups(seed));
    const auto engine = Engine::InMemory(program, OptionsOfGroups());
    ASSERT_TRUE(engine.ok());
    HistoryOfGroups(seed).Run(**engine, 70, 5);
    if (HasFailure()) return;
  }
}

// And again once all that follows from the journal was made anew.
TEST(Groups, AreThoseOfTheSlowTwinInAFileThatIsRebuilt) {
  for (int seed = 0; seed < (HistoriesOfGroups() + 9) / 10; ++seed) {
    SCOPED_TRACE(seed);
    const Program program = MustRead(ProgramOfGroups(1000 + seed));
    const store::TemporaryFolder folder;
    const std::string file = folder.File("twin.db");
    auto engine = Engine::Open(file, program, OptionsOfGroups());
    ASSERT_TRUE(engine.ok()) << engine.status();
    HistoryOfGroups history(1000 + seed);
    history.Run(**engine, 150, 7);
    engine->reset();
    if (HasFailure()) return;
    ASSERT_TRUE(Engine::Rebuild(file).ok());
    engine = Engine::Open(file, program, OptionsOfGroups());
    ASSERT_TRUE(engine.ok()) << engine.status();
    history.Compare(**engine);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty
