// SPDX-License-Identifier: Apache-2.0
//
// See standing_awards.h.
#include "engine/standing_awards.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/relimit.h"
#include "engine/addressing.h"
#include "engine/award_limits.h"
#include "ledger/recompute.h"

namespace loyalty::engine {
namespace {

using model::Movement;

constexpr std::string_view kRuleOfBadge = "badge:";
constexpr int kAllLines = std::numeric_limits<int>::max();

class Standing {
 public:
  Standing(store::Reader& reader, StoredPrograms& programs,
           const model::EntityState& member,
           absl::FunctionRef<bool(model::Symbol rule)> wanted)
      : reader_(reader),
        programs_(programs),
        wanted_(wanted),
        journal_(reader, programs) {
    state_.entity = member;
  }

  absl::StatusOr<StandingAwards> Find() {
    RETURN_IF_ERROR(ReadLines());
    if (state_.entity.Counter(core::CameBackCounter()) != 0) {
      RETURN_IF_ERROR(LimitAgain());
    }
    for (const auto& [currency, history] : state_.history) {
      RETURN_IF_ERROR(AddCurrency(currency, history));
    }
    AddBadges();
    return std::move(found_);
  }

 private:
  // In the journal's order, with those of who has become this member.
  absl::Status ReadLines() {
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_.Aliases());
    aliases_ = aliases;
    const std::string& id = state_.entity.entity.id;
    std::vector<std::string> names = {id};
    for (const model::Alias& alias : aliases->Of(id)) {
      names.push_back(alias.member);
    }
    std::vector<Movement> lines;
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(auto read,
                       reader_.Statement(name, "", {0, -1}, kAllLines));
      if (!read.has_value()) continue;
      for (store::StatementEntry& line : *read) {
        lines.push_back(std::move(line.movement));
      }
    }
    std::sort(lines.begin(), lines.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
    std::set<model::Position> undone;
    for (const Movement& line : lines) {
      undone.insert(line.reverses.begin(), line.reverses.end());
    }
    for (const Movement& line : lines) {
      if (line.kind == Movement::Kind::kBadge ||
          line.kind == Movement::Kind::kBadgeLost) {
        badges_.push_back(line);
        core::NoteGrant(line, state_);
      } else {
        state_.history[line.currency.text()].push_back(
            {.movement = line, .reversed = undone.contains(line.at)});
      }
    }
    return absl::OkStatus();
  }

  // What awards are limited to after others of them were undone.
  absl::Status LimitAgain() {
    for (const auto& [currency, history] : state_.history) {
      for (const model::GivenAward& past : history) {
        if (past.reversed) continue;
        RETURN_IF_ERROR(journal_.AddLimits(past.movement, state_));
      }
    }
    AddAliases(*aliases_, aliases_->Of(state_.entity.entity.id), state_);
    const core::Relimited now = core::Relimit(state_, {});
    for (auto& [currency, history] : state_.history) {
      history = core::WithLimits(std::move(history), now);
    }
    return absl::OkStatus();
  }

  absl::Status AddCurrency(const std::string& currency,
                           const std::vector<model::GivenAward>& history) {
    if (std::none_of(history.begin(), history.end(), [&](const auto& past) {
          return wanted_(past.movement.rule);
        })) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const auto newest, programs_.Latest());
    const rules::Currency* const terms = newest->FindCurrency(currency);
    if (terms == nullptr) return absl::OkStatus();
    ledger::TermsInTime in_time(
        {.floor = -ledger::kMaxBalance, .daily_cap = terms->daily_cap});
    if (!terms->has_lots) {
      ASSIGN_OR_RETURN(
          in_time, programs_.TermsOf(currency, history.front().movement.at.seq,
                                     history.back().movement.at.seq));
    }
    std::map<model::Position, const Movement*> by_place;
    for (const model::GivenAward& past : history) {
      by_place[past.movement.at] = &past.movement;
    }
    for (const ledger::GivenUnits& given :
         ledger::Recompute(history, {}, in_time).given) {
      const Movement& movement = *by_place.at(given.at);
      if (!wanted_(movement.rule) || given.units == 0) continue;
      units_[given.at] = given.units;
      places_[given.at] = {movement.rule, movement.award, movement.currency};
      if (movement.rule.text().starts_with(kRuleOfBadge)) continue;
      RETURN_IF_ERROR(AddAward(movement, given.units));
    }
    return absl::OkStatus();
  }

  absl::Status AddAward(const Movement& movement, int64_t units) {
    StandingAwards::Of& of =
        found_.awards[{movement.rule, movement.award, movement.currency}];
    of.units += units;
    const auto add = [&of](const core::CaughtUp::Source& more) {
      core::CaughtUp::Source& source = of.by[more.seq];
      source.seq = more.seq;
      source.units += more.units;
      source.limited += more.limited;
    };
    if (movement.kind == Movement::Kind::kAward) {
      add({.seq = movement.at.seq,
           .limited = movement.limited,
           .units = units});
      return absl::OkStatus();
    }
    if (movement.kind != Movement::Kind::kCaughtUp) return absl::OkStatus();
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                     programs_.At(movement.at.seq));
    ASSIGN_OR_RETURN(const Event* const event,
                     journal_.EventOf(movement.at.seq));
    if (event == nullptr) {
      return absl::DataLossError("an entry of the journal is not there");
    }
    ASSIGN_OR_RETURN(const core::CaughtUp what,
                     core::CaughtUpIn(*program, *event));
    ASSIGN_OR_RETURN(const auto all, reader_.MovementsOfEvent(movement.at.seq));
    for (const BroughtAward& one : BroughtAwards(all, what, *program)) {
      if (one.movement.at != movement.at) continue;
      for (const auto& source : one.award.of) add(source);
    }
    return absl::OkStatus();
  }

  void AddBadges() {
    for (const Movement& line : badges_) {
      const model::Symbol badge = line.rule;
      if (!wanted_(std::string(kRuleOfBadge) + badge.text())) continue;
      std::vector<StandingAwards::Grant>& grants = found_.badges[badge];
      if (line.kind == Movement::Kind::kBadge) {
        grants.push_back({.grant = line, .awards = AwardsWith(line)});
        continue;
      }
      std::erase_if(grants, [&](const StandingAwards::Grant& one) {
        return line.of == one.grant.at;
      });
    }
  }

  // What came with it: the awards behind it, up to the next of its kind.
  std::vector<std::pair<StandingAwards::Which, int64_t>> AwardsWith(
      const Movement& grant) const {
    std::vector<std::pair<StandingAwards::Which, int64_t>> awards;
    model::Position end{.seq = grant.at.seq + 1, .n = 0};
    for (const Movement& other : badges_) {
      if (other.kind == Movement::Kind::kBadge && other.rule == grant.rule &&
          other.at > grant.at) {
        end = std::min(end, other.at);
      }
    }
    const std::string rule = std::string(kRuleOfBadge) + grant.rule.text();
    for (auto it = units_.upper_bound(grant.at);
         it != units_.end() && it->first < end; ++it) {
      const StandingAwards::Which& which = places_.at(it->first);
      if (which.rule.text() == rule) awards.emplace_back(which, it->second);
    }
    return awards;
  }

  store::Reader& reader_;
  StoredPrograms& programs_;
  absl::FunctionRef<bool(model::Symbol rule)> wanted_;
  JournalReader journal_;
  const model::Aliases* aliases_ = nullptr;
  core::State state_;
  std::vector<Movement> badges_;
  std::map<model::Position, int64_t> units_;
  std::map<model::Position, StandingAwards::Which> places_;
  StandingAwards found_;
};

}  // namespace

absl::StatusOr<StandingAwards> StandingAwardsOf(
    store::Reader& reader, StoredPrograms& programs,
    const model::EntityState& member,
    absl::FunctionRef<bool(model::Symbol rule)> wanted) {
  return Standing(reader, programs, member, wanted).Find();
}

}  // namespace loyalty::engine
