// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards.
#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

void ListBoards(Community& community, const Call& call) {
  Json body = {{"leaderboards", community.rewards.program().leaderboards()},
               {"currencies", community.rewards.program().currencies()}};
  call.Answer(body);
}

void ListSeasons(Community& community, const Call& call) {
  call.Answer({{"leaderboard", call.names[0]},
               {"seasons",
                OrRefuse(community.rewards.Look()->Seasons(call.names[0]))}});
}

// A season that is not named is the one of now, empty if it is new.
loyalty::BoardView BoardAsked(const Call& call) {
  loyalty::BoardView view{.board = call.names[0],
                          .season = call.Asked("season")};
  if (view.season.empty()) view.at = absl::Now();
  if (!call.caller.Has(kRead)) view.viewer = call.caller.member;
  return view;
}

void AnswerRows(Community& community, const Call& call,
                const std::vector<loyalty::LeaderboardRow>& rows) {
  Json body = {{"leaderboard", call.names[0]},
               {"season", nullptr},
               {"rows", Json::array()}};
  if (!call.Asked("season").empty()) body["season"] = call.Asked("season");
  for (const loyalty::LeaderboardRow& row : rows) {
    Json line = AsJson(row);
    line["name"] = community.content.NameOf(row.member);
    body["rows"].push_back(std::move(line));
  }
  call.Answer(body);
}

void ShowTop(Community& community, const Call& call) {
  const auto limit = call.AskedNumber("limit", 1, 10, 100);
  const auto offset = call.AskedNumber("offset", 0, 0, 1'000'000'000);
  AnswerRows(community, call,
             OrRefuse(community.rewards.Look()->Leaderboard(
                 BoardAsked(call), offset, static_cast<int>(limit))));
}

void ShowAround(Community& community, const Call& call) {
  const auto each = call.AskedNumber("each", 0, 3, 50);
  std::string member = call.Asked("member");
  if (member.empty()) member = call.caller.member;
  if (member.empty()) throw Refusal(400, "around whom? \"member\" is missing");
  AnswerRows(community, call,
             OrRefuse(community.rewards.Look()->Around(
                 member, BoardAsked(call), static_cast<int>(each),
                 static_cast<int>(each))));
}

}  // namespace

std::vector<Route> BoardRoutes(Community& community) {
  const auto shows = [&community](void (*show)(Community&, const Call&)) {
    return [&community, show](const Call& call) { show(community, call); };
  };
  return {
      {"GET", "/api/leaderboards", kLooks, {}, shows(ListBoards)},
      {"GET", "/api/leaderboards/{board}", kLooks, {}, shows(ShowTop)},
      {"GET",
       "/api/leaderboards/{board}/around",
       kLooks,
       {},
       shows(ShowAround)},
      {"GET",
       "/api/leaderboards/{board}/seasons",
       kLooks,
       {},
       shows(ListSeasons)},
  };
}

}  // namespace community
