// SPDX-License-Identifier: Apache-2.0
//
// Badges: when they are asked, and what is won and lost.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/holders.h"
#include "core/leg.h"
#include "core/membership.h"
#include "core/merge.h"
#include "rules/during.h"

namespace loyalty::core {
namespace {

using model::Movement;
using rules::AskedBadge;

// A badge that counts catches up by so many in one leg.
constexpr int64_t kMostAtATime = 100;

const rules::Badge& BadgeOf(const Leg& leg, const AskedBadge& asked) {
  return leg.program.badges[asked.badge];
}

int32_t SubjectKind(const Leg& leg, const std::optional<std::string>& subject) {
  if (!subject.has_value()) return 0;
  return subject == leg.event.target ? 1 : 2;
}

// The one review of the entity that is yet to come.
Review& ReviewOf(Leg& leg, const model::Entity& entity) {
  std::vector<Message>& reviews = leg.decision.reviews;
  const auto found =
      std::find_if(reviews.begin(), reviews.end(),
                   [&](const Message& one) { return one.entity == entity; });
  if (found != reviews.end()) return std::get<Review>(found->what);
  Message& message = reviews.emplace_back();
  message.entity = entity;
  return message.what.emplace<Review>();
}

// Who may win it; nullopt, with a note, if that is nobody.
std::optional<std::string> RecipientOf(Leg& leg, const AskedBadge& asked) {
  const auto nobody = [&](std::string why) {
    leg.Note(BadgeOf(leg, asked).counter, std::move(why));
    return std::nullopt;
  };
  if (asked.to_actor) {
    if (leg.event.actor.has_value()) return leg.event.actor;
    return nobody("it names nobody to give it to");
  }
  const absl::StatusOr<cel::Value> to = leg.cause.frame->Id(*asked.to);
  if (!to.ok()) {
    return nobody(absl::StrCat("its recipient could not be found: ",
                               to.status().message()));
  }
  if (to->text().empty()) return nobody("it names nobody to give it to");
  if (!IsMemberId(leg, to->text())) {
    return nobody("its recipient is no id: 1 to 256 bytes without NUL");
  }
  return std::string(to->text());
}

// The object that the badge is asked of; "" if the event names none.
std::string AskedObject(const Leg& leg, const AskedBadge& asked) {
  if (asked.object == rules::kTheTarget) return leg.event.target.value_or("");
  std::string object;
  rules::ForEachNamed(*leg.cause.type, asked.object, leg.event,
                      [&](const std::string& id) { object = id; });
  return object;
}

// Sends the badges of the event's type on to where each is asked.
void CallByType(Leg& leg) {
  const auto& badges = leg.cause.type->badges;
  for (size_t i = 0; i < badges.size(); ++i) {
    if (badges[i].of_everybody || badges[i].only_lost || badges[i].of_quest) {
      continue;
    }
    const int place = static_cast<int>(i);
    if (badges[i].asked_of_object) {
      const std::string object = AskedObject(leg, badges[i]);
      if (object.empty()) continue;
      ReviewOf(leg, ObjectEntity(object)).asked.push_back(place);
    } else if (const auto member = RecipientOf(leg, badges[i])) {
      ReviewOf(leg, MemberEntity(*member)).asked.push_back(place);
    }
  }
}

int64_t HeldOf(const Leg& leg, const rules::Badge& badge) {
  return leg.now.Held(leg.program.currencies[badge.currency].symbol).balance;
}

std::optional<bool> ConditionOf(Leg& leg, const rules::Frame& frame,
                                const AskedBadge& asked) {
  if (!asked.when.has_value()) return true;
  const bool keeps =
      asked.keep.has_value() && HeldOf(leg, BadgeOf(leg, asked)) > 0;
  const absl::StatusOr<bool> holds =
      frame.Bool(keeps ? *asked.keep : *asked.when);
  if (holds.ok()) return *holds;
  leg.Note(BadgeOf(leg, asked).counter,
           absl::StrCat("its condition could not be evaluated: ",
                        holds.status().message()));
  return std::nullopt;
}

// How many the member should hold; nullopt, with a note, if that is not known.
std::optional<int64_t> HowManyDue(Leg& leg, const rules::Frame& frame,
                                  const AskedBadge& asked) {
  if (!asked.count.has_value()) return ConditionOf(leg, frame, asked);
  const absl::StatusOr<int64_t> count = frame.Int(*asked.count);
  if (count.ok()) return std::max<int64_t>(*count, 0);
  leg.Note(BadgeOf(leg, asked).counter,
           absl::StrCat("its count could not be computed: ",
                        count.status().message()));
  return std::nullopt;
}

void PostBadge(Leg& leg, const rules::Badge& badge, Movement::Kind kind,
               std::optional<std::string> subject,
               std::optional<model::Position> of) {
  const int64_t units = kind == Movement::Kind::kBadge ? 1 : -1;
  Movement& movement = leg.NewMovement([&] {
    return Movement{.kind = kind,
                    .currency = leg.program.currencies[badge.currency].symbol,
                    .rule = badge.symbol,
                    .award = SubjectKind(leg, subject),
                    .subject = subject,
                    .asked = units,
                    .limited = units,
                    .units = units,
                    .settled_at = leg.event.type == kTimePassed
                                      ? leg.event.time
                                      : absl::InfinitePast(),
                    .of = of};
  });
  leg.Move(movement, 0);
  TellHolding(leg, badge, movement.balance - units);
  if (leg.event.type == kTimePassed) ForgetTold(leg, badge);
  leg.Report(Badge{.member = movement.member,
                   .badge = badge.id,
                   .object = std::move(subject),
                   .won = units > 0});
}

void AskOfMember(Leg& leg, const rules::Frame& frame, const AskedBadge& asked) {
  const rules::Badge& badge = BadgeOf(leg, asked);
  const int64_t held = HeldOf(leg, badge);
  const bool is_kept = held > 0 && !badge.is_revoked;
  if (is_kept && !badge.is_counted) return;
  const std::optional<int64_t> due = HowManyDue(leg, frame, asked);
  if (!due.has_value()) return;
  if (*due > held && !asked.only_lost) {
    const int64_t more = std::min(*due - held, kMostAtATime);
    for (int64_t i = 0; i < more; ++i) WinBadge(leg, frame, asked);
  } else if (*due < held && badge.is_revoked) {
    for (int64_t i = *due; i < held; ++i) {
      leg.decision.lost.push_back(
          {.badge = asked.badge, .member = leg.now.entity.id});
    }
  }
}

// What an object won for a member who cannot have it now, it may win again.
void Refuse(Leg& leg, const Review& review) {
  if (review.won.empty()) return;
  for (const int place : review.won) {
    leg.Note(BadgeOf(leg, leg.cause.type->badges[place]).counter,
             "who would win it is suspended");
  }
  Message& message = leg.decision.messages.emplace_back();
  message.entity = ObjectEntity(review.from);
  message.what.emplace<Review>().refused = review.won;
}

void ReviewMember(Leg& leg, const Review& review) {
  Begin(leg);
  if (review.is_due && review.asked.empty()) return EndDue(leg);
  if (!leg.now.exists || IsSuspended(leg)) return Refuse(leg, review);
  rules::Frame frame = *leg.cause.frame;
  frame.SetHolder(leg.before());
  frame.SetMember(leg.before());
  if (leg.event.actor == leg.now.entity.id) frame.SetActor(leg.before());
  const auto& badges = leg.cause.type->badges;
  const auto has = [](const Review::Places& places, size_t i) {
    return std::find(places.begin(), places.end(), static_cast<int>(i)) !=
           places.end();
  };
  for (size_t i = 0; i < badges.size(); ++i) {
    const AskedBadge& asked = badges[i];
    if (has(review.won, i)) {
      const rules::Badge& badge = BadgeOf(leg, asked);
      if (badge.per_target || HeldOf(leg, badge) == 0)
        WinBadge(leg, frame, asked);
      continue;
    }
    const bool is_asked = (asked.of_everybody && review.everybodys) ||
                          (asked.only_lost && review.undone) ||
                          has(review.asked, i);
    if (!is_asked || asked.asked_of_object) continue;
    if (!rules::AllHold(asked.times, leg.event.time, leg.program.time_zone)) {
      continue;
    }
    AskOfMember(leg, frame, asked);
  }
  // Nobody joins by what was before.
  if (!review.is_due && leg.event.type != kCatchUp) {
    ReviewQuests(leg, review, frame);
  }
}

// An object gives a badge once, and tells whoever gets it.
void GiveOfObject(Leg& leg, int place) {
  const AskedBadge& asked = leg.cause.type->badges[place];
  const std::optional<std::string> member = RecipientOf(leg, asked);
  if (!member.has_value() || leg.EarnsNothing(*member)) return;
  leg.SetCounter({.name = BadgeOf(leg, asked).counter}, leg.cause.seq);
  Message& message = leg.decision.messages.emplace_back();
  message.entity = MemberEntity(*member);
  Review& review = message.what.emplace<Review>();
  review.won = {place};
  review.from = leg.now.entity.id;
}

// What another object than the target says of the target.
void AskOfAnother(Leg& leg, const rules::Frame& frame, int place) {
  const AskedBadge& asked = leg.cause.type->badges[place];
  if (!leg.event.target.has_value() || leg.event.target->empty()) return;
  if (!ConditionOf(leg, frame, asked).value_or(false)) return;
  Message& message = leg.decision.messages.emplace_back();
  message.entity = ObjectEntity(*leg.event.target);
  message.what.emplace<Review>().held = {place};
}

void AskOfObject(Leg& leg, const rules::Frame& frame, int place,
                 bool may_be_won) {
  const AskedBadge& asked = leg.cause.type->badges[place];
  const rules::Badge& badge = BadgeOf(leg, asked);
  const model::CounterKey counter{.name = badge.counter};
  const int64_t given_by = leg.Counter(counter);
  if (given_by != 0 ? !badge.is_revoked : !may_be_won) return;
  const std::optional<bool> holds = ConditionOf(leg, frame, asked);
  if (!holds.has_value() || *holds == (given_by != 0)) return;
  if (!*holds) {
    leg.SetCounter(counter, 0);
    leg.decision.lost.push_back(
        {.badge = asked.badge, .object = leg.now.entity.id, .seq = given_by});
    return;
  }
  GiveOfObject(leg, place);
}

void ReviewObject(Leg& leg, const Review& review) {
  rules::Frame frame = *leg.cause.frame;
  frame.SetObject(leg.before());
  const auto& badges = leg.cause.type->badges;
  for (const int place : review.won) {
    leg.SetCounter({.name = BadgeOf(leg, badges[place]).counter},
                   leg.cause.seq);
  }
  for (const int place : review.refused) {
    leg.SetCounter({.name = BadgeOf(leg, badges[place]).counter}, 0);
  }
  for (const int place : review.held) {
    if (leg.Counter({.name = BadgeOf(leg, badges[place]).counter}) == 0) {
      GiveOfObject(leg, place);
    }
  }
  for (size_t i = 0; i < badges.size(); ++i) {
    if (!badges[i].asked_of_object) continue;
    const int place = static_cast<int>(i);
    const bool is_asked = std::find(review.asked.begin(), review.asked.end(),
                                    place) != review.asked.end();
    if (!is_asked && !review.undone) continue;
    if (!rules::AllHold(badges[i].times, leg.event.time,
                        leg.program.time_zone)) {
      continue;
    }
    if (badges[i].object != rules::kTheTarget &&
        BadgeOf(leg, badges[i]).per_target) {
      if (is_asked) AskOfAnother(leg, frame, place);
      continue;
    }
    AskOfObject(leg, frame, place, is_asked);
  }
}

// nullptr, and an answer of no, if the program has no such badge.
const AskedBadge* BadgeAskedFor(Leg& leg) {
  const std::string& id = AskedText(leg.event, "badge");
  const rules::Badge* const badge = leg.program.FindBadge(id);
  if (badge == nullptr || !badge->is_told()) {
    std::vector<std::string> known;
    for (const rules::Badge& one : leg.program.badges) {
      if (one.is_told()) known.push_back(one.id);
    }
    leg.Reject(RejectReason::kUnknownBadge,
               absl::StrCat("there is no badge \"", id, "\". ",
                            base::DidYouMean(id, known)));
    return nullptr;
  }
  if (badge->per_target && !leg.event.target.has_value()) {
    leg.Reject(RejectReason::kBadgeNeedsObject,
               absl::StrCat("\"", id,
                            "\" is for an object: name it as the "
                            "event's target"));
    return nullptr;
  }
  // The type of commands has all of them.
  return &leg.cause.type->badges[badge - leg.program.badges.data()];
}

bool IsHeldForTarget(const Leg& leg, const Command& command) {
  return std::any_of(
      command.grants.begin(), command.grants.end(),
      [&](const Movement& one) { return one.subject == leg.event.target; });
}

// Whether the event is counted at the member in this leg.
bool CountsForQuests(const Leg& leg) {
  if (std::holds_alternative<Enter>(leg.message.what)) return true;
  const auto* const reach = std::get_if<ReachMember>(&leg.message.what);
  return reach != nullptr && reach->named;
}

}  // namespace

void CallReviews(Leg& leg) {
  // Nothing may depend on whether a sweep ran.
  if (leg.event.type == kSweep || HasLeft(leg)) return;
  // Where time has passed and brought nothing, there is nothing to ask.
  if (leg.event.type == kTimePassed && !leg.HasMoved()) return;
  if (std::holds_alternative<HoldingChanged>(leg.message.what)) return;
  const rules::EventType& type = *leg.cause.type;
  const bool enters = std::holds_alternative<Enter>(leg.message.what);
  const auto* const catch_up = std::get_if<CatchUp>(&leg.message.what);
  // Of whom two who are one were told apart: that is asked with their next
  // event.
  if (leg.event.type == kMerge && catch_up != nullptr) return;
  const bool undoes = leg.message.If<Undo>() != nullptr ||
                      (catch_up != nullptr && catch_up->takes_back);
  if (leg.IsMember()) {
    const bool reached =
        enters || std::holds_alternative<ReachMember>(leg.message.what);
    const bool asks =
        leg.decision.changed || (reached && type.badges_read_time);
    const bool asks_quests =
        !type.quests.empty() && (leg.decision.changed || reached);
    if (leg.now.exists &&
        ((asks && (type.badges_of_everybody || undoes)) || asks_quests)) {
      Review& review = ReviewOf(leg, leg.now.entity);
      review.everybodys |= asks;
      review.undone |= undoes;
      review.counts |= CountsForQuests(leg);
    }
  } else if (undoes && leg.decision.changed &&
             leg.now.entity.kind == model::Entity::Kind::kObject) {
    ReviewOf(leg, leg.now.entity).undone = true;
  }
  if (enters) CallByType(leg);
}

void ReviewBadges(Leg& leg, const Review& review) {
  return leg.IsMember() ? ReviewMember(leg, review) : ReviewObject(leg, review);
}

void WinBadge(Leg& leg, const rules::Frame& frame, const AskedBadge& asked,
              std::optional<std::string> subject) {
  const rules::Badge& badge = BadgeOf(leg, asked);
  if (badge.per_target) subject = leg.event.target;
  PostBadge(leg, badge, Movement::Kind::kBadge, std::move(subject),
            std::nullopt);
  const rules::Rule& rule = leg.cause.type->rules[asked.rule];
  for (size_t i = 0; i < rule.awards.size(); ++i) {
    GiveAward(leg, frame, rule, static_cast<int>(i));
  }
}

void TakeBadge(Leg& leg, const LoseBadge& lose) {
  PostBadge(leg, leg.program.badges[lose.badge], Movement::Kind::kBadgeLost,
            lose.grant.subject, lose.grant.at);
  const int quest = leg.program.badges[lose.badge].quest;
  if (quest >= 0 && !leg.program.quests[quest].is_together()) {
    UndoQuest(leg, lose);
  }
}

void WinBadge(Leg& leg, int number) {
  // The type of commands has all of them.
  const AskedBadge& asked = leg.cause.type->badges[number];
  const rules::Badge& badge = BadgeOf(leg, asked);
  if (!badge.is_counted && HeldOf(leg, badge) > 0) {
    return leg.Note(badge.counter.text(), "who won it held it already");
  }
  rules::Frame frame = *leg.cause.frame;
  frame.SetMember(leg.before());
  WinBadge(leg, frame, asked);
}

void BringBadge(Leg& leg, const CaughtUp::Grant& grant) {
  const rules::Badge& badge = leg.program.badges[grant.badge];
  const bool is_once =
      !badge.is_counted && !badge.per_target && badge.quest < 0;
  if (is_once && HeldOf(leg, badge) > 0) {
    return leg.Note(badge.counter.text(), "the member held it already");
  }
  PostBadge(leg, badge, Movement::Kind::kBadge, grant.object, std::nullopt);
  for (const CaughtUp::Award& award : grant.awards) BringAward(leg, award);
}

void GrantBadge(Leg& leg, const Command& command) {
  const AskedBadge* const asked = BadgeAskedFor(leg);
  if (asked == nullptr) return;
  const rules::Badge& badge = BadgeOf(leg, *asked);
  const bool is_held = badge.per_target
                           ? IsHeldForTarget(leg, command)
                           : !badge.is_counted && HeldOf(leg, badge) > 0;
  if (is_held) {
    return leg.Reject(RejectReason::kBadgeHeld,
                      absl::StrCat("the member has \"", badge.id,
                                   "\" already, which is won only once"));
  }
  rules::Frame frame = *leg.cause.frame;
  frame.SetMember(leg.before());
  WinBadge(leg, frame, *asked);
  if (!badge.per_target) return;
  // So that the object does not give it once more.
  Message& message = leg.decision.messages.emplace_back();
  message.entity = ObjectEntity(*leg.event.target);
  message.what.emplace<Review>().won = {asked->badge};
}

void RevokeBadge(Leg& leg, const Command& command) {
  const AskedBadge* const asked = BadgeAskedFor(leg);
  if (asked == nullptr) return;
  const rules::Badge& badge = BadgeOf(leg, *asked);
  const bool is_held =
      badge.per_target ? IsHeldForTarget(leg, command) : HeldOf(leg, badge) > 0;
  if (!is_held) {
    return leg.Reject(
        RejectReason::kBadgeNotHeld,
        absl::StrCat("the member does not have \"", badge.id, "\""));
  }
  leg.decision.lost.push_back(
      {.badge = asked->badge,
       .member = leg.now.entity.id,
       .object = badge.per_target ? leg.event.target : std::nullopt});
}

}  // namespace loyalty::core
