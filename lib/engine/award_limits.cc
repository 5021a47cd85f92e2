// SPDX-License-Identifier: Apache-2.0
//
// See award_limits.h.
#include "engine/award_limits.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/validate.h"
#include "engine/addressing.h"
#include "engine/recall.h"
#include "model/member_name.h"

namespace loyalty::engine {
namespace {

using core::CaughtUp;
using model::Movement;
using rules::CompiledProgram;

Movement AsGiven(const CaughtUp::Award& award, int64_t limited) {
  return {.rule = award.rule, .award = award.award, .limited = limited};
}

absl::StatusOr<const Event*> EventIn(const Journal& journal, int64_t seq) {
  ASSIGN_OR_RETURN(const Event* const event, journal.event(seq));
  if (event != nullptr) return event;
  return absl::DataLossError(
      absl::StrCat("entry ", seq, " is not in the journal"));
}

}  // namespace

absl::Status AddLimits(const Movement& award, const Journal& journal,
                       core::State& state) {
  if (award.kind == Movement::Kind::kCaughtUp) {
    ASSIGN_OR_RETURN(auto uses, UsesOfBrought(award, journal));
    for (auto& [seq, used] : uses) {
      state.limits[award.at].brought[seq] = std::move(used.limits);
    }
    return absl::OkStatus();
  }
  if (award.kind != Movement::Kind::kAward) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CompiledProgram* const program,
                   journal.program_at(award.at.seq));
  if (!core::IsCounted(*program, award)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Event* const cause, EventIn(journal, award.at.seq));
  state.limits[award.at] = core::AllLimitsOf(*program, award, *cause);
  return absl::OkStatus();
}

absl::StatusOr<std::map<int64_t, Used>> UsesOfBrought(const Movement& award,
                                                      const Journal& journal) {
  std::map<int64_t, Used> uses;
  const int64_t by = award.at.seq;
  ASSIGN_OR_RETURN(const CompiledProgram* const program,
                   journal.program_at(by));
  // Most have no limits.
  if (!core::IsCounted(*program, {.rule = award.rule, .award = award.award})) {
    return uses;
  }
  ASSIGN_OR_RETURN(const Event* const entry, EventIn(journal, by));
  ASSIGN_OR_RETURN(const CaughtUp what, core::CaughtUpIn(*program, *entry));
  ASSIGN_OR_RETURN(const auto movements, journal.movements(by));
  for (const BroughtAward& one : BroughtAwards(movements, what, *program)) {
    if (one.movement.at != award.at) continue;
    for (const CaughtUp::Source& source : one.award.of) {
      ASSIGN_OR_RETURN(const bool is_reversed, journal.is_reversed(source.seq));
      if (is_reversed && !one.is_of_badge) continue;
      ASSIGN_OR_RETURN(const Event* const event, EventIn(journal, source.seq));
      const Used used = UsedFor(*program, one.award, source, *event);
      Used& all = uses[one.is_of_badge ? 0 : source.seq];
      for (const auto& [counter, use] : used.limits) {
        all.limits[Now(counter, journal.aliases, by)] += use;
      }
      AddTo(all.budgets, used.budgets);
    }
  }
  return uses;
}

absl::StatusOr<const Event*> JournalReader::EventOf(int64_t seq) {
  const auto known = events_.find(seq);
  if (known != events_.end()) return &known->second;
  ASSIGN_OR_RETURN(const auto entries, reader_.Events(seq - 1, 1));
  if (entries.empty() || entries.front().seq != seq) return nullptr;
  ASSIGN_OR_RETURN(Event event, AsDecided(reader_, programs_, entries.front()));
  return &events_.emplace(seq, std::move(event)).first->second;
}

// As a whole, by then.
absl::StatusOr<bool> JournalReader::WasReversed(int64_t seq) {
  ASSIGN_OR_RETURN(const auto by, reader_.EventsThatReversed(seq));
  for (const int64_t reversal : by) {
    ASSIGN_OR_RETURN(const auto whole, reader_.EventsReversedBy(reversal));
    if (std::find(whole.begin(), whole.end(), seq) == whole.end()) continue;
    ASSIGN_OR_RETURN(const Event* const event, EventOf(reversal));
    if (event != nullptr && event->time <= until_) return true;
  }
  return false;
}

absl::Status JournalReader::AddLimits(const Movement& award,
                                      core::State& state) {
  const auto program_at = [&](int64_t seq) { return programs_.At(seq); };
  const auto event = [&](int64_t seq) { return EventOf(seq); };
  const auto movements = [&](int64_t seq) {
    return reader_.MovementsOfEvent(seq);
  };
  const auto is_reversed = [&](int64_t seq) { return WasReversed(seq); };
  ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_.Aliases());
  return engine::AddLimits(award,
                           {.aliases = *aliases,
                            .program_at = program_at,
                            .event = event,
                            .movements = movements,
                            .is_reversed = is_reversed},
                           state);
}

std::vector<BroughtBadge> BroughtBadges(const std::vector<Movement>& movements,
                                        const CaughtUp& what,
                                        const CompiledProgram& program) {
  std::vector<BroughtBadge> brought;
  std::set<const CaughtUp::Grant*> taken;
  for (const Movement& one : movements) {
    if (one.kind != Movement::Kind::kBadge) continue;
    const auto grant = std::find_if(
        what.grants.begin(), what.grants.end(), [&](const auto& of) {
          return program.badges[of.badge].symbol == one.rule &&
                 of.object == one.subject && !taken.contains(&of);
        });
    if (grant == what.grants.end()) continue;
    taken.insert(&*grant);
    brought.push_back({.movement = one, .grant = &*grant});
  }
  return brought;
}

// First what rules would have given, and then each badge with what it awards.
std::vector<BroughtAward> BroughtAwards(const std::vector<Movement>& movements,
                                        const CaughtUp& what,
                                        const CompiledProgram& program) {
  std::vector<BroughtAward> brought;
  const std::vector<BroughtBadge> badges =
      BroughtBadges(movements, what, program);
  auto badge = badges.begin();
  const CaughtUp::Grant* grant = nullptr;
  size_t next = 0;  // among `what`'s, or the badge's
  for (const Movement& one : movements) {
    if (badge != badges.end() && one.at == badge->movement.at) {
      grant = (badge++)->grant;
      next = 0;
    }
    if (one.kind != Movement::Kind::kCaughtUp) continue;
    const auto& awards = grant == nullptr ? what.awards : grant->awards;
    if (next == awards.size()) continue;
    CaughtUp::Award award = awards[next++];
    if (grant != nullptr) {
      award.of = {
          {.seq = grant->seq, .limited = award.units, .units = award.units}};
    }
    brought.push_back({.movement = one,
                       .award = std::move(award),
                       .is_of_badge = grant != nullptr});
  }
  return brought;
}

void AddTo(core::Uses& all, const core::Uses& more) {
  for (const auto& [counter, use] : more) all[counter] += use;
}

Used UsedFor(const CompiledProgram& program, const CaughtUp::Award& award,
             const CaughtUp::Source& source, const Event& event) {
  Used used;
  const Movement as_given = AsGiven(award, source.limited);
  if (source.limited <= 0 || !core::IsCounted(program, as_given)) return used;
  const absl::StatusOr<Event> read = core::Canonicalized(program, event);
  if (!read.ok()) return used;
  used.limits = core::LimitUses(program, as_given, *read);
  std::erase_if(used.limits, [](const auto& use) {
    const model::CounterKeyPart& key = use.first.key;
    return key.kind() == model::Entity::Kind::kMember &&
           model::IsErasedName(key.id());
  });
  for (const core::BudgetUse& budget :
       core::BudgetsOf(program, as_given, read->time)) {
    used.budgets[budget.counter] += source.limited;
  }
  return used;
}

}  // namespace loyalty::engine
