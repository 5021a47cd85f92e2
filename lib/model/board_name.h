// SPDX-License-Identifier: Apache-2.0
//
// Which of a member's counters are places on leaderboards. A store keeps the
// order of those, by their names alone; what they count is decided in core.
#ifndef LOYALTY_LIB_MODEL_BOARD_NAME_H_
#define LOYALTY_LIB_MODEL_BOARD_NAME_H_

#include <string>
#include <string_view>

namespace loyalty::model {

// "board:weekly": so many has the member on that leaderboard, in the season
// that is the counter's window.
inline constexpr std::string_view kBoardPrefix = "board:";
// "tie:weekly": of members with equally many, who has more of this is first.
inline constexpr std::string_view kTiePrefix = "tie:";
// Not 0 while the member is on no leaderboard, of any kind.
inline constexpr std::string_view kHiddenName = "member:hidden";

// "prize:weekly/0": what a movement names that gives a prize, the first of
// those that the leaderboard has. Else it would be a person's correction.
inline constexpr std::string_view kPrizePrefix = "prize:";
inline bool IsPrize(std::string_view source) {
  return source.starts_with(kPrizePrefix);
}

inline bool IsBoardName(std::string_view counter) {
  return counter.starts_with(kBoardPrefix);
}

// The other name of a leaderboard whose one is "board:ID" or "tie:ID".
inline std::string TieNameOf(std::string_view board) {
  return std::string(kTiePrefix) +
         std::string(board.substr(kBoardPrefix.size()));
}
inline std::string BoardNameOf(std::string_view tie) {
  return std::string(kBoardPrefix) + std::string(tie.substr(kTiePrefix.size()));
}

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_BOARD_NAME_H_
