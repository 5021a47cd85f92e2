// SPDX-License-Identifier: Apache-2.0
//
// Badges of one event: asked once all else is done, and taken back where only
// the store knows which. See legs.h.
#include <algorithm>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/quests.h"
#include "engine/legs.h"

namespace loyalty::engine {
namespace {

using model::Movement;

// A badge that is won may win another, and so on.
constexpr int kMostRounds = 4;

}  // namespace

absl::Status Legs::RunReviews(const core::Cause& cause) {
  for (int round = 0; !decision_.reviews.empty() || !decision_.lost.empty();
       ++round) {
    if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
    if (round == kMostRounds || IsTooMuch()) {
      Note("badges",
           absl::StrCat("badges, streaks and quests led to each other ",
                        IsTooMuch() ? "without end" : "four times over",
                        "; what comes of the last ones is asked with the "
                        "member's next event"));
      break;
    }
    // Reviews are about what is left.
    RETURN_IF_ERROR(LoseAll());
    std::vector<core::Message> reviews = std::move(decision_.reviews);
    decision_.reviews.clear();
    for (core::Message& review : reviews) {
      // Who has become another by now has nothing to be asked about.
      if (event_.type == kMerge &&
          review.entity.kind == model::Entity::Kind::kMember) {
        review.entity.id = Now(review.entity.id);
      }
      decision_.messages.push_back(std::move(review));
    }
    RETURN_IF_ERROR(RunQueue(cause));
    RETURN_IF_ERROR(LoseAll());
  }
  decision_.reviews.clear();
  decision_.lost.clear();
  return absl::OkStatus();
}

absl::Status Legs::LoseAll() {
  const std::vector<core::LostBadge> lost = std::move(decision_.lost);
  decision_.lost.clear();
  for (const core::LostBadge& one : lost) RETURN_IF_ERROR(Lose(one));
  return absl::OkStatus();
}

// Also of this event, which the store does not have yet.
absl::StatusOr<std::vector<store::GivenAward>> Legs::MovementsOf(int64_t seq) {
  if (seq != delta_.recorded.seq) return transaction_.MovementsOfEvent(seq);
  std::vector<store::GivenAward> movements;
  for (const Movement& movement : decision_.movements) {
    movements.push_back({movement, undone_.contains(movement.at)});
  }
  return movements;
}

// The grants that stand, oldest first.
absl::StatusOr<std::vector<Movement>> Legs::GrantsOf(
    const std::string& member, const rules::Badge& badge) {
  std::vector<Movement> grants;
  const model::Symbol currency = program_.currencies[badge.currency].symbol;
  ASSIGN_OR_RETURN(std::vector<model::GivenAward> history,
                   HistoryFrom(member, {}));
  for (model::GivenAward& past : history) {
    if (past.movement.currency != currency) continue;
    if (past.movement.kind == Movement::Kind::kBadge) {
      grants.push_back(std::move(past.movement));
      continue;
    }
    std::erase_if(grants, [&](const Movement& grant) {
      return past.movement.of == grant.at;
    });
  }
  return grants;
}

// "" if nobody got it.
absl::StatusOr<std::string> Legs::WinnerOf(const core::LostBadge& lost) {
  if (!lost.member.empty()) return lost.member;
  ASSIGN_OR_RETURN(const auto movements, MovementsOf(lost.seq));
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind == Movement::Kind::kBadge &&
        one.movement.rule == program_.badges[lost.badge].symbol &&
        one.movement.subject == lost.object) {
      return one.movement.member;
    }
  }
  return "";
}

absl::Status Legs::Lose(const core::LostBadge& lost) {
  ASSIGN_OR_RETURN(const std::string winner, WinnerOf(lost));
  const std::string member = Now(winner);
  if (member.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Movement> grants,
                   GrantsOf(member, program_.badges[lost.badge]));
  for (auto grant = grants.rbegin(); grant != grants.rend(); ++grant) {
    if (lost.object.has_value() && grant->subject != lost.object) continue;
    if (lost.window.has_value()) {
      ASSIGN_OR_RETURN(const auto gave, transaction_.FindEvent(grant->at.seq));
      const rules::Quest& quest =
          program_.quests[program_.badges[lost.badge].quest];
      if (!gave.has_value() ||
          core::DoneCounter(program_, quest, gave->event.time).window !=
              *lost.window) {
        continue;
      }
    }
    RETURN_IF_ERROR(LoseGrant(lost.badge, *grant, lost.keeps_awards));
    const bool stays = lost.keeps_awards || grants.size() > 1;
    return stays ? absl::OkStatus() : UndoWhatMergesLeft(lost.badge, member);
  }
  return absl::OkStatus();
}

// Of two who held a badge a merge left one grant, and what both had given:
// nobody holds it any more.
absl::Status Legs::UndoWhatMergesLeft(int badge, const std::string& member) {
  const std::vector<model::Alias> merges = BecameOf(member);
  if (merges.empty()) return absl::OkStatus();
  const rules::Currency& currency =
      program_.currencies[program_.badges[badge].currency];
  ASSIGN_OR_RETURN(const std::vector<model::GivenAward> history,
                   HistoryFrom(member, {}));
  std::map<model::Position, Movement> grants;
  for (const model::GivenAward& past : history) {
    const Movement& movement = past.movement;
    if (movement.currency != currency.symbol) continue;
    if (movement.kind == Movement::Kind::kBadge) {
      grants.emplace(movement.at, movement);
      continue;
    }
    const bool by_merge = std::any_of(merges.begin(), merges.end(),
                                      [&](const model::Alias& merge) {
                                        return merge.seq == movement.at.seq;
                                      });
    const auto grant = grants.find(movement.of.value_or(model::Position{}));
    if (by_merge && movement.kind == Movement::Kind::kBadgeLost &&
        grant != grants.end()) {
      RETURN_IF_ERROR(UndoWhatCameWith(badge, grant->second));
    }
  }
  return absl::OkStatus();
}

absl::Status Legs::LoseGrant(int badge, const Movement& grant,
                             bool keeps_awards) {
  core::LoseBadge lose{.badge = badge, .grant = grant};
  if (program_.badges[badge].quest >= 0) {
    ASSIGN_OR_RETURN(const auto gave, GivenBy(grant));
    if (gave.has_value()) {
      lose.time = gave->event.time;
      lose.by = gave->seq;
    }
  }
  decision_.messages.push_back({.entity = core::MemberEntity(Now(grant.member)),
                                .what = std::move(lose)});
  RETURN_IF_ERROR(RunQueue());
  return keeps_awards ? absl::OkStatus() : UndoWhatCameWith(badge, grant);
}

// The awards behind a grant, up to the next of its kind.
absl::Status Legs::UndoWhatCameWith(int badge, const Movement& grant) {
  ASSIGN_OR_RETURN(const auto movements, MovementsOf(grant.at.seq));
  std::vector<store::GivenAward> awards;
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind == Movement::Kind::kAward &&
        one.movement.of == grant.at) {
      awards.push_back(one);
    }
  }
  for (const store::GivenAward& one : movements) {
    if (one.movement.at <= grant.at || one.movement.member != grant.member) {
      continue;
    }
    if (one.movement.kind == Movement::Kind::kBadge &&
        one.movement.rule == grant.rule) {
      break;
    }
    if (one.movement.rule == program_.badges[badge].counter) {
      awards.push_back(one);
    }
  }
  // What a rule gave for the badge lies behind what the badge did.
  std::sort(awards.begin(), awards.end(), [](const auto& a, const auto& b) {
    return a.movement.at < b.movement.at;
  });
  badge_goes_ = true;
  const absl::Status status = UndoAwards(awards, {}, 0).status();
  badge_goes_ = false;
  return status;
}

// The event that gave them is reversed: those whose conditions read it go too.
// Of two grants that a merge found one was lost, and what it gave stayed.
absl::Status Legs::LoseWithEvent(
    const std::vector<store::GivenAward>& movements) {
  for (const store::GivenAward& one : movements) {
    if (one.movement.kind != Movement::Kind::kBadge) continue;
    const rules::Badge* const badge =
        program_.FindBadge(one.movement.rule.text());
    if (badge == nullptr || !badge->goes_with_event) continue;
    ASSIGN_OR_RETURN(const std::vector<Movement> grants,
                     GrantsOf(Now(one.movement.member), *badge));
    const bool stands = std::any_of(
        grants.begin(), grants.end(),
        [&](const Movement& grant) { return grant.at == one.movement.at; });
    const auto number = static_cast<int>(badge - program_.badges.data());
    if (!stands) {
      RETURN_IF_ERROR(UndoWhatCameWith(number, one.movement));
      continue;
    }
    RETURN_IF_ERROR(LoseGrant(number, one.movement, false));
    RETURN_IF_ERROR(MayGiveAgain(*badge, one.movement));
  }
  return absl::OkStatus();
}

// The object for which the badge was given, which is taken back.
absl::Status Legs::MayGiveAgain(const rules::Badge& badge,
                                const Movement& grant) {
  const bool has_given =
      badge.per_target && badge.quest < 0 && grant.subject.has_value();
  if (!has_given) return absl::OkStatus();
  core::CaughtUp free;
  free.counts.push_back(
      {.counter = {.name = badge.counter}, .more = -grant.at.seq});
  SendCounts(core::ObjectEntity(*grant.subject), std::move(free), true);
  return RunQueue();
}

// What a badge that stays has given stays as well.
bool Legs::IsOfKeptBadge(const Movement& award) const {
  constexpr std::string_view kBadgeRule = "badge:";
  const bool comes_with_badge =
      award.rule.text().starts_with(kBadgeRule) ||
      (award.kind == Movement::Kind::kAward && award.of.has_value());
  return !badge_goes_ && comes_with_badge;
}

}  // namespace loyalty::engine
