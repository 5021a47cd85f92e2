// SPDX-License-Identifier: Apache-2.0
//
// See group_names.h.
#include "engine/group_names.h"

#include <absl/strings/str_cat.h>

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "core/groups.h"
#include "engine/recall.h"
#include "rules/leaderboard.h"

namespace loyalty::engine {
namespace {

absl::StatusOr<std::string> NameOfGroup(store::Reader& reader,
                                        StoredPrograms& programs,
                                        const rules::Grouping& grouping,
                                        int64_t number) {
  ASSIGN_OR_RETURN(
      const int64_t seq,
      reader.CounterOfProgram(core::GroupNamedCounter(grouping, number)));
  if (seq > 0) {
    ASSIGN_OR_RETURN(const auto entries, reader.Events(seq - 1, 1));
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const then,
                     programs.At(seq));
    const rules::EventType* const type =
        entries.empty() ? nullptr
                        : then->FindEventType(entries.front().event.type);
    if (type != nullptr) {
      ASSIGN_OR_RETURN(const Event event,
                       AsDecided(reader, programs, entries.front()));
      for (const auto& [attribute, of] : type->groups) {
        if (then->groupings[of].attribute != grouping.attribute) continue;
        std::optional<std::string> name =
            core::GroupIn(*type, attribute, event);
        if (name.has_value() && !name->empty()) return *std::move(name);
      }
    }
  }
  return absl::DataLossError(absl::StrCat("no entry names ", grouping.attribute,
                                          " number ", number,
                                          ", in which a member is"));
}

}  // namespace

absl::StatusOr<int64_t> NumberOfGroup(store::Reader& reader,
                                      const rules::Grouping& grouping,
                                      std::string_view name) {
  if (name.empty()) return 0;
  return reader.CounterOfProgram(core::GroupNumberCounter(grouping, name));
}

absl::StatusOr<std::string> FullSeasonName(
    store::Reader& reader, StoredPrograms& programs,
    const rules::CompiledProgram& program, const rules::Leaderboard& board,
    int64_t window) {
  std::string season = rules::SeasonName(board, window, program.time_zone);
  const int64_t number =
      rules::CohortOf(board, window, program.time_zone).number;
  if (board.by < 0 || number == 0) return season;
  ASSIGN_OR_RETURN(
      const std::string group,
      NameOfGroup(reader, programs, program.groupings[board.by], number));
  return rules::NameWithGroup(season, group);
}

}  // namespace loyalty::engine
