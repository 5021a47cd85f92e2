// SPDX-License-Identifier: Apache-2.0
//
// Asking the rules of an event's type, in the leg that each is asked in, and
// addressing what they mean for others.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/counters.h"
#include "core/leg.h"
#include "core/validate.h"
#include "model/member_name.h"

namespace loyalty::core {
namespace {

// The messages a leg sends, one for each recipient, in the order in which the
// recipients were first addressed: at the end of the decision's.
class Outbox {
 public:
  explicit Outbox(Leg& leg)
      : leg_(leg), messages_(leg.decision.messages), first_(messages_.size()) {}

  // Which is in that attribute, or the target.
  void SendToObject(const std::string& id, int attribute) {
    Message& message = messages_.emplace_back();
    message.entity = ObjectEntity(id);
    message.what.emplace<ReachObject>().attribute = attribute;
  }
  // Once it has been sent to.
  void StopAtObject(int rule) {
    for (size_t i = first_; i < messages_.size(); ++i) {
      if (auto* reach = std::get_if<ReachObject>(&messages_[i].what)) {
        reach->stopped_by = rule;
      }
    }
  }

  ReachMember& To(std::string_view member) {
    for (size_t i = first_; i < messages_.size(); ++i) {
      if (messages_[i].entity.kind == model::Entity::Kind::kMember &&
          messages_[i].entity.id == member) {
        return std::get<ReachMember>(messages_[i].what);
      }
    }
    Message& message = messages_.emplace_back();
    message.entity = MemberEntity(member);
    return message.what.emplace<ReachMember>();
  }

  // Once all are addressed: what is asked elsewhere may read this entity, and
  // what this leg was told of. A copy of a standing costs as much as an award,
  // so only who reads it gets one.
  void CarryStandings() {
    std::shared_ptr<const model::EntityState> here;
    for (size_t i = first_; i < messages_.size(); ++i) {
      Message& message = messages_[i];
      if (!ReadsStandings(message)) continue;
      message.actor = leg_.message.actor;
      message.object = leg_.message.object;
      if (here == nullptr && ReadsThis()) {
        here = std::make_shared<model::EntityState>(leg_.before());
      }
      if (here != nullptr) {
        (leg_.IsMember() ? message.actor : message.object) = here;
      }
    }
  }

 private:
  bool ReadsThis() const {
    const rules::Reads& reads = leg_.cause.type->reads;
    return leg_.IsMember() ? !reads.actor.empty() : !reads.object.empty();
  }

  bool ReadsStandings(const Message& message) const {
    const auto* const reach = std::get_if<ReachMember>(&message.what);
    return reach == nullptr || ReadsFrame(*leg_.cause.type, *reach);
  }

  Leg& leg_;
  std::vector<Message>& messages_;
  const size_t first_;
};

// Members that the event's MEMBER attributes name come to be; the actor has.
void ReachNamed(Leg& leg, Outbox& outbox) {
  const rules::EventType& type = *leg.cause.type;
  const auto reach = [&](const std::string& member) {
    if (leg.event.actor == member || leg.EarnsNothing(member)) return;
    outbox.To(member).named = true;
  };
  for (const int attribute : type.members) {
    rules::ForEachNamed(type, attribute, leg.event, reach);
  }
}

// Objects at which the event is counted, or rules are asked; one that it enters
// at has been reached.
void ReachObjects(Leg& leg, Outbox& outbox) {
  const rules::EventType& type = *leg.cause.type;
  if (type.object_leg && leg.IsMember() && leg.event.target.has_value()) {
    outbox.SendToObject(*leg.event.target, rules::kTheTarget);
  }
  for (const int attribute : type.object_attributes) {
    rules::ForEachNamed(type, attribute, leg.event, [&](const std::string& id) {
      outbox.SendToObject(id, attribute);
    });
  }
}

void CutForNobody(Leg& leg, const rules::Rule& rule,
                  const rules::Award& award) {
  leg.Report(Awarded{.member = "",
                     .currency = leg.program.currencies[award.currency].id,
                     .rule = rule.id,
                     .cut = CutReason::kNoRecipient});
}

// Gives the award here where the actor's own leg asks for the actor, and sends
// it on otherwise.
void Address(Leg& leg, const rules::Frame& frame, int rule_index,
             int award_index, Outbox& outbox) {
  const rules::Rule& rule = leg.cause.type->rules[rule_index];
  const rules::Award& award = rule.awards[award_index];
  if (award.to_actor) {
    if (!leg.event.actor.has_value()) return CutForNobody(leg, rule, award);
    if (leg.IsMember()) return GiveAward(leg, frame, rule, award_index);
    outbox.To(*leg.event.actor).asks.push_back({rule_index, award_index});
    return;
  }
  const auto send = [&](std::string_view recipient) {
    if (recipient.empty()) return CutForNobody(leg, rule, award);
    if (!IsMemberId(leg, recipient)) {
      return leg.Note(rule.id,
                      "its recipient is no id: 1 to 256 bytes without NUL");
    }
    outbox.To(recipient).AskOnce({rule_index, award_index});
  };
  const absl::Status found = frame.ForEachId(*award.to, send);
  if (!found.ok()) {
    leg.Note(rule.id, absl::StrCat("its recipient could not be found: ",
                                   found.message()));
  }
}

void AskForUndo(Leg& leg, const rules::Frame& frame, const rules::Rule& rule) {
  const auto identity = [&](const cel::Expression& expression) {
    const absl::StatusOr<cel::Value> id = frame.Id(expression);
    if (!id.ok()) {
      leg.Note(rule.id, absl::StrCat("what to take back could not be found: ",
                                     id.status().message()));
      return std::string();
    }
    if (id->text().empty())
      leg.Note(rule.id, "it fired, and named nothing to take back");
    return std::string(id->text());
  };
  if (rule.reverse_object.has_value()) {
    std::string object = identity(*rule.reverse_object->object);
    if (!object.empty()) {
      leg.decision.undo.push_back(
          UndoObject{.rule = rule.id,
                     .object = std::move(object),
                     .rules = rule.reverse_object->rules,
                     .keep = rule.reverse_object->keep});
    }
  }
  if (rule.reverse_event.has_value()) {
    std::string event = identity(*rule.reverse_event);
    if (!event.empty()) {
      leg.decision.undo.push_back(
          UndoEvent{.rule = rule.id, .event_id = std::move(event)});
    }
  }
}

// Not if it could not be evaluated, with a note.
bool Holds(Leg& leg, const rules::Frame& frame, const rules::Rule& rule) {
  if (!rule.when.has_value()) return true;
  if (const auto holds = frame.QuickBool(*rule.when)) return *holds;
  const absl::StatusOr<bool> holds = frame.Bool(*rule.when);
  if (holds.ok()) return *holds;
  leg.Note(rule.id, absl::StrCat("its condition could not be evaluated: ",
                                 holds.status().message()));
  return false;
}

// Whether the rule, at that place among the type's, fired.
bool AskRule(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
             int place, Outbox& outbox) {
  ++leg.decision.rules_asked;
  if (!Holds(leg, frame, rule)) return false;
  for (size_t a = 0; a < rule.awards.size(); ++a) {
    Address(leg, frame, place, static_cast<int>(a), outbox);
  }
  AskForUndo(leg, frame, rule);
  return true;
}

void NoteIfNoObject(Leg& leg, const rules::Rule& rule) {
  if (rule.object == rules::kTheTarget) {
    if (leg.event.target.has_value()) return;
    return leg.Note(rule.id,
                    "it reads the object, and the event has no target");
  }
  const std::string& name = leg.cause.type->attributes[rule.object].name;
  if (leg.event.attributes.contains(name)) return;
  leg.Note(rule.id,
           absl::StrCat("it reads an object, and the event has no ", name));
}

void AskEach(Leg& leg, const rules::Frame& frame, bool enters, Outbox& outbox) {
  std::optional<int> stopped_by;
  int object = rules::kTheTarget;  // that this leg is at, if it is at one
  if (const auto* reach = std::get_if<ReachObject>(&leg.message.what)) {
    stopped_by = reach->stopped_by;
    object = reach->attribute;
  }
  const rules::Rule* const first = leg.cause.type->rules.data();
  for (const int r : leg.cause.rules) {
    if (stopped_by.has_value() && r > *stopped_by) return;
    const rules::Rule& rule = first[r];
    // Outside its time it is as if it were not there.
    if (!rule.times.empty() &&
        !rules::AllHold(rule.times, leg.event.time, leg.program.time_zone)) {
      continue;
    }
    // Without an actor, the event enters at the object and all is asked there.
    const bool asked_here = rule.asked_of_object
                                ? !leg.IsMember() && rule.object == object
                                : enters;
    if (!asked_here) {
      if (rule.asked_of_object && enters) NoteIfNoObject(leg, rule);
      continue;
    }
    if (!AskRule(leg, frame, rule, r, outbox) || !rule.stop) continue;
    leg.Note(rule.id, kStopped);
    outbox.StopAtObject(r);
    return;
  }
}

}  // namespace

bool IsMemberId(const Leg& leg, std::string_view id) {
  if (!IsId(id)) return false;
  if (!model::IsErasedName(id) || leg.event.actor == id) return true;
  if (leg.state.entity.referrer == id) return true;
  if (leg.message.actor != nullptr && leg.message.actor->referrer == id) {
    return true;
  }
  const rules::EventType& type = *leg.cause.type;
  bool is_named = false;
  for (const int attribute : type.members) {
    rules::ForEachNamed(
        type, attribute, leg.event,
        [&](const std::string& member) { is_named |= member == id; });
  }
  return is_named;
}

void AskRules(Leg& leg) {
  const bool enters = std::holds_alternative<Enter>(leg.message.what);
  Outbox outbox(leg);
  if (enters) {
    ReachObjects(leg, outbox);
    ReachNamed(leg, outbox);
  }
  if (!leg.cause.type->ReadsStandings()) {
    AskEach(leg, *leg.cause.frame, enters, outbox);
  } else {
    rules::Frame frame = *leg.cause.frame;
    if (leg.IsMember()) {
      frame.SetActor(leg.before());
      frame.SetMember(leg.before());
    } else {
      frame.SetObject(leg.before());
      if (leg.message.actor != nullptr) frame.SetActor(*leg.message.actor);
    }
    AskEach(leg, frame, enters, outbox);
  }
  outbox.CarryStandings();
}

bool ReadsFrame(const rules::EventType& type, const ReachMember& reach) {
  return std::any_of(
      reach.asks.begin(), reach.asks.end(), [&](const ReachMember::Ask& ask) {
        return type.rules[ask.rule].awards[ask.award].reads_frame;
      });
}

}  // namespace loyalty::core
