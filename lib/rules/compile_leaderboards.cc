// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards. See compiler.h.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/amounts.h"
#include "base/span.h"
#include "base/suggest.h"
#include "base/views.h"
#include "model/board_name.h"
#include "rules/compiler.h"
#include "rules/values.h"

namespace loyalty::rules {
namespace {

constexpr int64_t kMostDays = 31;
constexpr int64_t kMostRank = 1'000'000;
constexpr int64_t kMostInCohort = 1'000;

std::string What(const model::LeaderboardSpec& spec) {
  return absl::StrCat("leaderboard \"", spec.id.text, "\"");
}

// Says which ranks `text` is, "2-3"; false if it is none.
bool ParseRanks(std::string_view text, Prize& prize) {
  constexpr std::string_view kTop = "top ";
  if (text.starts_with(kTop) && text.ends_with('%')) {
    text = text.substr(kTop.size(), text.size() - kTop.size() - 1);
    return absl::SimpleAtoi(absl::string_view(text.data(), text.size()),
                            &prize.percent) &&
           prize.percent >= 1 && prize.percent <= 100;
  }
  const size_t dash = text.find('-');
  const std::string_view first = text.substr(0, dash);
  const std::string_view last =
      dash == std::string_view::npos ? first : text.substr(dash + 1);
  return absl::SimpleAtoi(absl::string_view(first.data(), first.size()),
                          &prize.first) &&
         absl::SimpleAtoi(absl::string_view(last.data(), last.size()),
                          &prize.last) &&
         prize.first >= 1 && prize.first <= prize.last &&
         prize.last <= kMostRank;
}

}  // namespace

// Has the currency or metric count for the leaderboard, in `counter`.
void Compiler::AddScore(const model::ScoreSpec& spec, const std::string& what,
                        int board, model::Symbol counter) {
  const BoardFeed feed{
      .board = board, .counter = counter, .takes_off = spec.lowest_first};
  if (spec.currency.empty() == spec.metric.empty()) {
    return Error(spec.at,
                 absl::StrCat(what, " names ",
                              spec.currency.empty() ? "neither" : "both",
                              " a currency and a metric"),
                 "Say one of the two: it is what members are compared by.");
  }
  if (!spec.currency.empty()) {
    const int currency = out_.CurrencyIndex(spec.currency.text);
    if (currency < 0 || out_.currencies[currency].is_badge) {
      std::vector<std::string> known;
      for (const auto& c : spec_.currencies) known.push_back(c.id.text);
      return Error(spec.currency.at,
                   absl::StrCat(what, ": currency \"", spec.currency.text,
                                "\" is not declared"),
                   base::DidYouMean(spec.currency.text, known));
    }
    out_.earned_feeds.resize(out_.currencies.size());
    out_.earned_feeds[currency].push_back(feed);
    return;
  }
  std::vector<std::string> known;
  for (size_t i = 0; i < out_.metrics.size(); ++i) {
    const MetricTerms& terms = out_.metrics[i];
    known.push_back(terms.id);
    if (terms.id != spec.metric.text) continue;
    if (terms.currency >= 0) {
      return Error(
          spec.metric.at,
          absl::StrCat(what, ": metric \"", terms.id,
                       "\" is of what is earned"),
          absl::StrCat("Say  currency: \"", out_.currencies[terms.currency].id,
                       "\"  instead, and give the leaderboard a "
                       "period."));
    }
    if (terms.per_object || terms.is_tallied()) {
      return Error(
          spec.metric.at,
          absl::StrCat(what, ": metric \"", terms.id, "\" ",
                       terms.per_object ? "is kept per object"
                                        : "is no count and no sum"),
          terms.per_object
              ? "Members are compared: use one per actor or per a MEMBER."
              : "What is told apart cannot be added up by season: use a metric "
                "that counts or sums.");
    }
    out_.metric_feeds.resize(out_.metrics.size());
    out_.metric_feeds[i].push_back(feed);
    return;
  }
  Error(
      spec.metric.at,
      absl::StrCat(what, ": metric \"", spec.metric.text, "\" is not declared"),
      base::DidYouMean(spec.metric.text, known));
}

void Compiler::SeasonsOf(const model::LeaderboardSpec& spec,
                         const std::string& what, Leaderboard& board) {
  board.period = spec.period;
  if (spec.within.empty()) return;
  if (spec.period != base::Period::kEver) {
    Error(spec.within.at, what + " has both within and a period",
          "Leave out one of them, or make them two leaderboards.");
  }
  const std::optional<base::Span> span = base::ParseSpan(spec.within.text);
  if (span.has_value() && span->rest == absl::ZeroDuration() &&
      span->days >= 2 && span->days <= kMostDays) {
    board.days = span->days;
    return;
  }
  Error(spec.within.at,
        absl::StrCat(what, ", within \"", spec.within.text,
                     "\" is not 2 to 31 days"),
        "Write it as \"7d\"; for one day, or for longer, use a period.");
}

// -1 if it keeps no groups apart.
int Compiler::GroupingOf(const model::LeaderboardSpec& spec,
                         const std::string& what) {
  const std::string& attribute = spec.by.text;
  if (spec.by.empty()) return -1;
  const std::string by = absl::StrCat(what, ", by \"", attribute, "\"");
  if (spec.league.has_value()) {
    Error(spec.by.at, by + ": it is a league, whose cohorts are of divisions",
          "Leave out one of them, or make them two leaderboards.");
    return -1;
  }
  if (spec.within.empty() && spec.period == base::Period::kHour) {
    Error(spec.by.at, by + ": groups are not kept apart by the hour",
          "Say  period: DAY,  or WEEK, MONTH, QUARTER, YEAR, within, or "
          "nothing.");
    return -1;
  }
  const auto known =
      std::find_if(out_.groupings.begin(), out_.groupings.end(),
                   [&](const Grouping& g) { return g.attribute == attribute; });
  if (known != out_.groupings.end()) {
    return static_cast<int>(known - out_.groupings.begin());
  }
  const std::string counter = "group:" + attribute;
  out_.groupings.push_back(
      {.attribute = attribute, .counter = counter, .said = counter + "/said"});
  return static_cast<int>(out_.groupings.size()) - 1;
}

// -1 if it is of everybody.
int Compiler::HoldersOf(const model::LeaderboardSpec& spec,
                        const std::string& what) {
  if (spec.badge.empty()) return -1;
  const std::string where =
      absl::StrCat(what, ", badge \"", spec.badge.text, "\"");
  const auto found = std::find_if(
      out_.badges.begin(), out_.badges.end(),
      [&](const Badge& badge) { return badge.id == spec.badge.text; });
  if (found == out_.badges.end()) {
    std::vector<std::string> known;
    for (const Badge& badge : out_.badges) known.push_back(badge.id);
    Error(spec.badge.at, where + ": it is not declared",
          base::DidYouMean(spec.badge.text, known));
    return -1;
  }
  if (spec.league.has_value()) {
    Error(spec.badge.at,
          where + ": it is a league, whose cohorts are filled as members come",
          "Leave out one of them, or make them two leaderboards.");
    return -1;
  }
  if (found->asked_at != model::Passing::kNo && !spec.prizes.empty()) {
    Error(spec.badge.at,
          where +
              ": it has asked_at, and prizes may be due before anything says "
              "who holds it then",
          "Leave out the prizes, or name a badge that events decide.");
    return -1;
  }
  found->held = "held:" + found->id;
  found->held_last = absl::StrCat("held:", found->id, "/last");
  return static_cast<int>(found - out_.badges.begin());
}

// Which events say in which groups their actors are.
void Compiler::Groups() {
  for (const model::LeaderboardSpec& spec : spec_.leaderboards) {
    const Leaderboard* const board = out_.FindLeaderboard(spec.id.text);
    if (board == nullptr || board->by < 0 || spec.by.empty()) continue;
    GroupsSaid(spec.by, What(spec), board->by);
  }
}

void Compiler::GroupsSaid(const model::Text& by, const std::string& what,
                          int grouping) {
  const std::string where = absl::StrCat(what, ", by \"", by.text, "\"");
  std::vector<std::string> suitable;
  bool is_said = false;
  for (EventType& type : out_.event_types) {
    for (size_t i = 0; i < type.attributes.size(); ++i) {
      const Attribute& one = type.attributes[i];
      const bool is_suitable =
          one.type == model::Type::kString && !one.list && !one.personal;
      if (is_suitable) suitable.push_back(one.name);
      if (one.name != by.text) continue;
      is_said = true;
      if (!is_suitable) {
        Error(by.at,
              absl::StrCat(where, ": of event type \"", type.id, "\" it is ",
                           one.personal ? "something personal"
                                        : Describe(one.type, one.list)),
              "Groups are called by a STRING that is no list and not personal, "
              "whichever event says it.");
        continue;
      }
      const std::pair group(static_cast<int>(i), grouping);
      if (std::find(type.groups.begin(), type.groups.end(), group) ==
          type.groups.end()) {
        type.groups.push_back(group);
      }
    }
  }
  if (is_said) return;
  Error(by.at, where + ": no event type has an attribute of that name",
        base::DidYouMean(by.text, suitable));
}

// With the divisions of the ladder that is over it.
std::optional<League> Compiler::LeagueOf(const model::LeaderboardSpec& spec,
                                         const std::string& what) {
  if (!spec.league.has_value()) return std::nullopt;
  const model::LeagueSpec& said = *spec.league;
  if (!spec.within.empty() || spec.period == base::Period::kEver ||
      spec.period == base::Period::kHour) {
    Error(said.at, what + " is a league, and has no seasons to end it by",
          "Say  period: WEEK,  or DAY, MONTH, QUARTER or YEAR.");
  }
  League league{
      .size = said.cohort, .promote = said.promote, .relegate = said.relegate};
  if (spec.ranks == model::Ranks::kDense) {
    Error(said.at, what + " is a league, and its ranks are DENSE",
          "Those do not say how many are before one: leave ranks out, or say "
          "ROW.");
  }
  if (said.cohort < 2 || said.cohort > kMostInCohort) {
    Error(said.at,
          absl::StrCat(what, ": a cohort of its league has ", said.cohort,
                       " members"),
          absl::StrCat("Say  cohort: 30;  2 to ", kMostInCohort, "."));
    league.size = kMostInCohort;
  }
  if (said.promote < 0 || said.relegate < 0 ||
      said.promote + said.relegate < 1 ||
      said.promote > said.cohort - std::max<int64_t>(said.relegate, 0)) {
    Error(said.at,
          absl::StrCat(what, ": of the ", said.cohort, " members of a cohort, ",
                       said.promote, " move up and ", said.relegate, " down"),
          "Let some move, and no more than there are: "
          " cohort: 30 promote: 10 relegate: 5");
  }
  for (size_t i = 0; i < out_.ladders.size(); ++i) {
    const Ladder& ladder = out_.ladders[i];
    const auto over = std::find_if(
        spec_.ladders.begin(), spec_.ladders.end(),
        [&](const model::LadderSpec& one) { return one.id.text == ladder.id; });
    if (over->league.text != spec.id.text) continue;
    if (!league.divisions.empty()) {
      Error(over->league.at,
            absl::StrCat(what, " has more than one ladder of divisions"),
            "A member is in one division of a league: leave out the others.");
      continue;
    }
    league.division = ladder.kept;
    for (const Level& level : ladder.levels) {
      league.divisions.push_back(level.id);
    }
  }
  if (league.divisions.empty()) {
    Error(
        said.at, what + " is a league, and no ladder has its divisions",
        absl::StrCat("Add  ladder { id: \"division\" league: \"", spec.id.text,
                     "\" level { id: \"bronze\" } level { id: \"silver\" "
                     "} }."));
    return std::nullopt;
  }
  return league;
}

Prize Compiler::CompiledPrize(const model::PrizeSpec& spec,
                              const std::string& what,
                              const Leaderboard& board) {
  Prize prize;
  if (!ParseRanks(spec.ranks.text, prize)) {
    Error(spec.ranks.empty() ? spec.at : spec.ranks.at,
          absl::StrCat(what, ": ranks \"", spec.ranks.text,
                       "\" are no ranks of a prize"),
          "Write \"1\", \"2-3\" or \"top 10%\".");
  }
  if (!spec.division.empty()) {
    const std::vector<std::string> known = board.league.has_value()
                                               ? board.league->divisions
                                               : std::vector<std::string>();
    const auto found =
        std::find(known.begin(), known.end(), spec.division.text);
    if (found == known.end()) {
      Error(spec.division.at,
            absl::StrCat(what, ": a prize names division \"",
                         spec.division.text, "\", and ",
                         known.empty() ? "it is no league"
                                       : "its league has none of that name"),
            known.empty() ? "Leave division out."
                          : base::DidYouMean(spec.division.text, known));
    }
    prize.division = static_cast<int>(found - known.begin());
  }
  for (const model::PrizeUnitsSpec& units : spec.awards) {
    const int currency = out_.CurrencyIndex(units.currency.text);
    if (currency < 0 || out_.currencies[currency].is_badge) {
      std::vector<std::string> known;
      for (const auto& c : spec_.currencies) known.push_back(c.id.text);
      Error(units.currency.empty() ? units.at : units.currency.at,
            absl::StrCat(what, ": currency \"", units.currency.text,
                         "\" is not declared"),
            base::DidYouMean(units.currency.text, known));
    }
    InRange(units.units, 1, units.at, what + ": units of a prize");
    prize.awards.push_back(
        {.currency = std::max(currency, 0), .units = units.units});
  }
  if (!spec.badge.empty()) {
    for (size_t i = 0; i < out_.badges.size(); ++i) {
      if (out_.badges[i].id == spec.badge.text) {
        prize.badge = static_cast<int>(i);
      }
    }
    std::vector<std::string> known;
    for (const Badge& badge : out_.badges) known.push_back(badge.id);
    if (prize.badge < 0) {
      Error(spec.badge.at,
            absl::StrCat(what, ": badge \"", spec.badge.text,
                         "\" is not declared"),
            base::DidYouMean(spec.badge.text, known));
    } else if (out_.badges[prize.badge].per_target) {
      Error(spec.badge.at,
            absl::StrCat(what, ": badge \"", spec.badge.text,
                         "\" is given for an object, and a season has none"),
            "Use a badge without  per: \"target\".");
    }
  } else if (spec.awards.empty()) {
    Error(spec.at, what + " has a prize of nothing",
          "Add  award { currency: \"points\" units: 100 }  or a badge.");
  }
  return prize;
}

void Compiler::Leaderboards() {
  std::set<std::string> seen;
  for (const model::CurrencySpec& spec : spec_.currencies) {
    seen.insert(spec.id.text);
  }
  for (const model::LeaderboardSpec& spec : spec_.leaderboards) {
    ValidId(spec.id, "leaderboard", false);
    if (out_.CurrencyIndex(spec.id.text) >= 0) {
      Error(spec.id.at,
            absl::StrCat(What(spec),
                         " is called as a currency is, which has "
                         "a leaderboard of that name"),
            "Choose another name.");
      continue;
    }
    Unique(seen, spec.id, "leaderboard");
    const std::string what = What(spec);
    Leaderboard board{.id = spec.id.text,
                      .describe = spec.describe.text,
                      .ranks = spec.ranks,
                      .anonymous = spec.anonymous,
                      .ended = "season:" + spec.id.text};
    SeasonsOf(spec, what, board);
    board.league = LeagueOf(spec, what);
    board.by = GroupingOf(spec, what);
    if (board.league.has_value() || board.by >= 0) {
      board.cohort = "cohort:" + spec.id.text;
      out_.has_cohorts = true;
    }
    board.badge = HoldersOf(spec, what);
    if (board.badge >= 0) {
      out_.has_cohorts = true;
    }
    board.lowest_first = spec.score.lowest_first;
    board.lowest_tie_first = spec.then.has_value() && spec.then->lowest_first;
    board.is_counted = board.has_seasons() || board.by >= 0 ||
                       board.badge >= 0 || spec.then.has_value() ||
                       spec.score.currency.empty() || board.lowest_first;
    // No board that once counted the other way, or of others, has these
    // counters.
    const std::string counter =
        absl::StrCat(spec.id.text, board.lowest_first ? "/lowest" : "",
                     board.lowest_tie_first ? "/then_lowest" : "",
                     board.badge >= 0 ? "/of/" + spec.badge.text : "");
    if (board.badge >= 0) board.off = "off:" + counter;
    const int place = static_cast<int>(out_.leaderboards.size());
    board.name = board.is_counted ? std::string(model::kBoardPrefix) + counter
                                  : spec.score.currency.text;
    if (board.is_counted) {
      AddScore(spec.score, what, place, board.name);
    } else if (!spec.score.metric.empty() ||
               out_.CurrencyIndex(spec.score.currency.text) < 0) {
      AddScore(spec.score, what, place, board.name);  // says what is wrong
    }
    if (spec.then.has_value()) {
      board.tie = std::string(model::kTiePrefix) + counter;
      AddScore(*spec.then, what + ", then", place, board.tie);
    }
    if (!spec.prizes.empty() && !board.has_seasons()) {
      Error(spec.prizes.front().at,
            what + " has prizes, and is for ever: no season ends",
            "Add  period: WEEK  or another one.");
    }
    for (const model::PrizeSpec& prize : spec.prizes) {
      board.prizes.push_back(CompiledPrize(prize, what, board));
      board.prizes.back().source =
          absl::StrCat(base::av(model::kPrizePrefix), spec.id.text, "/",
                       board.prizes.size() - 1);
    }
    out_.leaderboards.push_back(std::move(board));
  }
}

}  // namespace loyalty::rules
