// SPDX-License-Identifier: Apache-2.0
//
// See switching.h.
#include "engine/switching.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "rules/succession.h"
#include "wire/differences.h"

namespace loyalty {

std::string_view Name(ProgramDifference::Kind kind) {
  switch (kind) {
    case ProgramDifference::Kind::kAdded: return "added";
    case ProgramDifference::Kind::kRemoved: return "removed";
    case ProgramDifference::Kind::kChanged: return "changed";
  }
  return "changed";
}

std::string ProgramDifference::ToString() const {
  const std::string_view happened = Name(kind);
  return absl::StrCat(what, id.empty() ? "" : absl::StrCat(" \"", id, "\""),
                      " was ",
                      absl::string_view(happened.data(), happened.size()));
}

}  // namespace loyalty

namespace loyalty::engine {
namespace {

constexpr int kStatesPage = 1000;

// Calls `see` for each member.
template <typename See>
absl::Status ForEachMember(store::Reader& reader, const See& see) {
  model::Entity after{.kind = model::Entity::Kind::kMember, .id = ""};
  while (true) {
    ASSIGN_OR_RETURN(const auto page, reader.States(after, kStatesPage));
    for (const model::EntityState& state : page) {
      if (state.entity.kind != model::Entity::Kind::kMember) {
        return absl::OkStatus();
      }
      if (state.exists) see(state);
    }
    if (std::ssize(page) < kStatesPage) return absl::OkStatus();
    after = page.back().entity;
  }
}

// Of all currencies at once, looked up when the first is asked for.
class Uses {
 public:
  explicit Uses(store::Reader& reader) : reader_(reader) {}

  absl::StatusOr<rules::CurrencyUse> Of(const rules::Currency& currency) {
    if (!uses_.has_value()) RETURN_IF_ERROR(LookAtAll());
    const auto found = uses_->find(currency.symbol);
    return found == uses_->end() ? rules::CurrencyUse{} : found->second;
  }

 private:
  absl::Status LookAtAll() {
    std::map<model::Symbol, rules::CurrencyUse> uses;
    int64_t members = 0;
    std::map<model::Symbol, int64_t> holders;
    RETURN_IF_ERROR(ForEachMember(reader_, [&](const auto& state) {
      ++members;
      for (const auto& [currency, held] : state.holdings) {
        const auto [use, is_new] = uses.try_emplace(
            currency,
            rules::CurrencyUse{.is_used = true, .least = held.balance});
        use->second.least = std::min(use->second.least, held.balance);
        ++holders[currency];
      }
    }));
    // Who has none of it stands at 0.
    for (auto& [currency, use] : uses) {
      if (holders[currency] < members)
        use.least = std::min<int64_t>(use.least, 0);
    }
    uses_ = std::move(uses);
    return absl::OkStatus();
  }

  store::Reader& reader_;
  std::optional<std::map<model::Symbol, rules::CurrencyUse>> uses_;
};

// With regard to all programs that there were, as what the first counted is
// still there when the third comes.
absl::StatusOr<std::vector<std::string>> Reasons(
    store::Reader& reader, StoredPrograms& programs,
    const rules::CompiledProgram& program) {
  Uses uses(reader);
  std::vector<std::string> reasons;
  for (auto it = programs.all().rbegin(); it != programs.all().rend(); ++it) {
    const store::StoredProgram& stored = it->second;
    if (stored.version == program.version &&
        stored.identity != program.identity) {
      reasons.push_back(absl::StrCat(
          "version \"", program.version,
          "\" was used before, with other content or parameters: a changed "
          "program needs a new version"));
    }
    ASSIGN_OR_RETURN(const auto before, programs.Get(it->first));
    ASSIGN_OR_RETURN(
        std::vector<std::string> more,
        rules::ReasonsAgainst(*before, program,
                              [&](const rules::Currency& currency) {
                                return uses.Of(currency);
                              }));
    for (std::string& reason : more) reasons.push_back(std::move(reason));
  }
  std::vector<std::string> each;
  for (std::string& reason : reasons) {
    if (std::find(each.begin(), each.end(), reason) != each.end()) continue;
    each.push_back(std::move(reason));
  }
  return each;
}

std::string ListOf(const std::vector<ProgramDifference>& differences) {
  constexpr size_t kMostListed = 10;
  std::vector<std::string> listed;
  for (const ProgramDifference& difference : differences) {
    if (listed.size() == kMostListed) {
      listed.push_back(
          absl::StrCat("and ", differences.size() - kMostListed, " more"));
      break;
    }
    listed.push_back(difference.ToString());
  }
  return absl::StrJoin(listed, ", ");
}

// Of ladders that both have: who stands at another level.
absl::Status CountLevels(store::Reader& reader,
                         const rules::CompiledProgram& before,
                         const rules::CompiledProgram& after,
                         SwitchPreview& preview) {
  struct Pair {
    const rules::Ladder* was;
    const rules::Ladder* is;
    int64_t members = 0;
  };
  std::vector<Pair> ladders;
  for (const rules::Ladder& is : after.ladders) {
    for (const rules::Ladder& was : before.ladders) {
      if (was.id == is.id) ladders.push_back({&was, &is});
    }
  }
  ASSIGN_OR_RETURN(absl::Time at, reader.NewestTime());
  if (at == absl::InfinitePast()) at = absl::UnixEpoch();  // nobody is there
  const auto level = [at](const rules::CompiledProgram& program,
                          const rules::Ladder& ladder,
                          const model::EntityState& state) {
    return ladder.levels[rules::LevelAt(ladder, state, at, program.time_zone)]
        .id;
  };
  RETURN_IF_ERROR(ForEachMember(reader, [&](const auto& state) {
    for (Pair& pair : ladders) {
      if (level(before, *pair.was, state) != level(after, *pair.is, state)) {
        ++pair.members;
      }
    }
  }));
  for (const Pair& pair : ladders) {
    preview.ladders.push_back({pair.is->id, pair.members});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckIsNewest(const StoredPrograms& programs,
                           const rules::CompiledProgram& program) {
  const store::StoredProgram& newest = programs.all().rbegin()->second;
  if (newest.identity == program.identity) return absl::OkStatus();
  std::string why =
      absl::StrCat("the file goes on with program \"", newest.name,
                   "\" version \"", newest.version, "\", not with \"",
                   program.name, "\" version \"", program.version, "\"");
  const std::string differences =
      ListOf(wire::DifferencesOf(newest.canonical, program.canonical));
  if (newest.version == program.version && newest.name == program.name) {
    absl::StrAppend(&why, " of other content or parameters (", differences,
                    "); a changed program needs a new version");
    return absl::FailedPreconditionError(why);
  }
  if (!differences.empty()) absl::StrAppend(&why, ": ", differences);
  const auto older = std::find_if(
      programs.all().begin(), programs.all().end(), [&](const auto& stored) {
        return stored.second.identity == program.identity;
      });
  if (older != programs.all().end()) {
    absl::StrAppend(&why, ". It is an older one of this file, until entry ",
                    programs.all().at(older->first + 1).since - 1);
  }
  return absl::FailedPreconditionError(absl::StrCat(
      why,
      ". If it is to go on with this one, switch to it (Engine::Switch, "
      "`loyalty switch`, or `loyalty run --switch`)"));
}

absl::Status CheckMaySwitch(store::Reader& reader, StoredPrograms& programs,
                            const rules::CompiledProgram& program) {
  ASSIGN_OR_RETURN(const std::vector<std::string> reasons,
                   Reasons(reader, programs, program));
  if (reasons.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the file cannot go on with version \"", program.version,
                   "\": ", absl::StrJoin(reasons, "; ")));
}

absl::StatusOr<SwitchPreview> PreviewOf(store::Reader& reader,
                                        StoredPrograms& programs,
                                        const rules::CompiledProgram& program) {
  ASSIGN_OR_RETURN(const auto before, programs.Latest());
  SwitchPreview preview{.from = before->version, .to = program.version};
  preview.differences =
      wire::DifferencesOf(before->canonical, program.canonical);
  ASSIGN_OR_RETURN(preview.reasons_against, Reasons(reader, programs, program));
  RETURN_IF_ERROR(CountLevels(reader, *before, program, preview));
  return preview;
}

}  // namespace loyalty::engine
