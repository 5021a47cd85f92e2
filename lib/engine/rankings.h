// SPDX-License-Identifier: Apache-2.0
//
// Questions to leaderboards, as Queries promises their answers: which season,
// how ranks are counted, and who is named.
#ifndef LOYALTY_LIB_ENGINE_RANKINGS_H_
#define LOYALTY_LIB_ENGINE_RANKINGS_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/stored_program.h"
#include "loyalty/queries.h"
#include "rules/leaderboard.h"
#include "store/store.h"

namespace loyalty::engine {

class Rankings {
 public:
  Rankings(store::Reader& reader, StoredPrograms& programs)
      : reader_(reader), programs_(programs) {}

  absl::StatusOr<std::vector<LeaderboardRow>> Page(const BoardView& view,
                                                   int64_t offset, int limit);
  absl::StatusOr<LeaderboardRow> Rank(std::string_view member,
                                      const BoardView& view);
  absl::StatusOr<std::vector<LeaderboardRow>> Around(std::string_view member,
                                                     const BoardView& view,
                                                     int before, int after);
  absl::StatusOr<std::vector<std::string>> Seasons(std::string_view board);

 private:
  // What a view is of.
  struct Season {
    model::Symbol name = {};
    int64_t window = 0;
    model::Ranks ranks = model::Ranks::kRank;
    bool lowest_first = false;
    bool lowest_tie_first = false;
    bool anonymous = false;
    std::string called = {};                 // for errors
    std::optional<std::string> viewer = {};  // as they are called now
    std::optional<rules::Leaderboard> league = {};
    rules::Cohort cohort = {};
    int64_t members = 0;  // of the cohort

    store::BoardRef ref() const { return {name.text(), window}; }
  };

  absl::StatusOr<Season> SeasonOf(const BoardView& view,
                                  std::optional<std::string_view> of = {});
  absl::Status SetCohort(const rules::CompiledProgram& program,
                         const rules::Leaderboard& league,
                         std::optional<std::string_view> of, Season& season);
  absl::Status SetGroup(const rules::CompiledProgram& program,
                        const rules::Leaderboard& board, std::string_view group,
                        std::optional<std::string_view> of, Season& season);
  absl::StatusOr<std::vector<LeaderboardRow>> RowsFrom(const Season& season,
                                                       int64_t offset,
                                                       int limit);
  absl::StatusOr<store::Ranked> Find(std::string_view member,
                                     const Season& season);
  LeaderboardRow RowOf(const Season& season, store::Ranked ranked) const;
  // Sets the rank as the leaderboard counts it.
  absl::Status SetRank(const Season& season, store::Ranked& ranked);

  store::Reader& reader_;
  StoredPrograms& programs_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_RANKINGS_H_
