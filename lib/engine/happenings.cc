// SPDX-License-Identifier: Apache-2.0
//
// What an event brought about, as events within it that rules are on. See
// legs.h and rules/happening.h.
#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "base/status_macros.h"
#include "engine/legs.h"
#include "rules/happening.h"

namespace loyalty::engine {
namespace {

using model::Movement;

// What happened may make more happen, and so on.
constexpr int kMostGenerations = 4;

constexpr std::string_view kQuestBadge = "quest/";

}  // namespace

// In the order in which it was told. What a reversal, a review of tiers or a
// sweep did is no doing of the member's, and depends on when it is asked.
std::vector<Legs::Happened> Legs::HappenedSince(size_t first_effect) const {
  std::vector<Happened> happened;
  const auto add = [&](std::string_view type, const std::string& member,
                       Attributes attributes) -> Happened* {
    if (program_.FindEventType(std::string(type)) == nullptr) return nullptr;
    return &happened.emplace_back(
        Happened{.event = {.id = event_.id,
                           .type = std::string(type),
                           .time = event_.time,
                           .actor = member,
                           .attributes = std::move(attributes)}});
  };
  for (size_t i = first_effect; i < decision_.effects.size(); ++i) {
    const Effect& effect = decision_.effects[i];
    if (const auto* badge = std::get_if<Badge>(&effect)) {
      if (!badge->won) continue;
      const std::string_view id = badge->badge;
      Happened* const won =
          id.starts_with(kQuestBadge)
              ? add(rules::kQuestDone, badge->member,
                    {{"quest", id.substr(kQuestBadge.size())}})
              : add(rules::kBadgeGranted, badge->member, {{"badge", id}});
      if (won == nullptr) continue;
      won->event.target = badge->object;
      won->grant = GrantTold(i);
    } else if (const auto* level = std::get_if<LevelChanged>(&effect)) {
      if (!level->up || level->why != LevelChanged::Why::kEarned) continue;
      add(rules::kLevelReached, level->member,
          {{"ladder", level->ladder}, {"level", level->to}});
    } else if (const auto* streak = std::get_if<StreakMoved>(&effect)) {
      if (streak->frozen) continue;
      add(rules::kStreakGrew, streak->member,
          {{"streak", streak->streak}, {"length", streak->length}});
    }
  }
  return happened;
}

// The movement that the effect, a badge that was won, tells of. One event may
// give the same badge several times.
std::optional<model::Position> Legs::GrantTold(size_t effect) const {
  const auto& effects = decision_.effects;
  const auto& badge = std::get<Badge>(effects[effect]);
  auto before = std::count(effects.begin(),
                           effects.begin() + static_cast<ptrdiff_t>(effect),
                           effects[effect]);
  for (const Movement& movement : decision_.movements) {
    if (movement.kind == Movement::Kind::kBadge &&
        movement.member == badge.member &&
        movement.rule.text() == badge.badge &&
        movement.subject == badge.object && before-- == 0) {
      return movement.at;
    }
  }
  return std::nullopt;
}

// Once all else of the event is done.
absl::Status Legs::RunHappenings() {
  if (!program_.has_happenings || event_.type == kSweep ||
      event_.type == kCatchUp) {
    return absl::OkStatus();
  }
  size_t seen = 0;
  for (int generation = 0; seen < decision_.effects.size(); ++generation) {
    if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
    const std::vector<Happened> happened = HappenedSince(seen);
    seen = decision_.effects.size();
    if (happened.empty()) return absl::OkStatus();
    if (generation == kMostGenerations) {
      Note("rules",
           "what happened led to more four times over; no rule was asked "
           "about the last of it");
      return absl::OkStatus();
    }
    for (const Happened& one : happened) {
      if (IsTooMuch()) {
        Note("rules",
             "what happened led to more without end; no rule was asked about "
             "the last of it");
        return absl::OkStatus();
      }
      core::Cause cause(program_, one.event, delta_.recorded.seq);
      cause.grant = one.grant;
      decision_.messages.push_back(core::EnterMessage(cause));
      RETURN_IF_ERROR(RunQueue(cause));
      RETURN_IF_ERROR(RunReviews(cause));
    }
  }
  return absl::OkStatus();
}

}  // namespace loyalty::engine
