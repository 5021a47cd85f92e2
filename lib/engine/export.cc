// SPDX-License-Identifier: Apache-2.0
//
// Everything about a member, for the member: what they have, what they did and
// what was done to them, and each change of a balance.
#include <absl/status/statusor.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status_macros.h"
#include "core/vouchers.h"
#include "engine/addressing.h"
#include "engine/file_queries.h"
#include "wire/json_value.h"

namespace loyalty::engine {
namespace {

constexpr int kExportPage = 1000;

// A time that is none is left out.
void PutTime(const char* name, absl::Time time, Value::Map& map) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return;
  map.insert_or_assign(name, time);
}

void PutText(const char* name, const std::optional<std::string>& text,
             Value::Map& map) {
  if (text.has_value()) map.insert_or_assign(name, *text);
}

Value LotsOf(const std::vector<model::Lot>& lots) {
  Value::List list;
  for (const model::Lot& lot : lots) {
    Value::Map one = {{"units", lot.units}};
    PutTime("available_from", lot.vests, one);
    PutTime("expires", lot.expires, one);
    list.emplace_back(std::move(one));
  }
  return list;
}

Value HoldsOf(const std::vector<model::Hold>& holds) {
  Value::List list;
  for (const model::Hold& hold : holds) {
    Value::Map one = {{"seq", hold.at.seq}, {"parts", LotsOf(hold.parts)}};
    PutTime("until", hold.until, one);
    list.emplace_back(std::move(one));
  }
  return list;
}

Value CurrenciesOf(const MemberProfile& profile,
                   const model::EntityState& state) {
  Value::List list;
  for (const CurrencyBalance& held : profile.currencies) {
    Value::Map one = {{"currency", held.currency},
                      {"balance", held.balance},
                      {"earned", held.earned}};
    const auto lots = state.lots.find(model::Symbol(held.currency));
    if (lots != state.lots.end()) {
      one.insert({{"pending", held.pending},
                  {"held", held.held},
                  {"debt", held.debt},
                  {"lots", LotsOf(lots->second.lots)},
                  {"holds", HoldsOf(lots->second.holds)}});
    }
    list.emplace_back(std::move(one));
  }
  return list;
}

Value LevelsOf(const MemberProfile& profile) {
  Value::Map levels;
  for (const LadderStanding& standing : profile.ladders) {
    levels.insert_or_assign(standing.ladder, standing.level);
  }
  return levels;
}

Value CountersOf(const model::EntityState& state) {
  Value::List list;
  for (const auto& [key, value] : state.counters) {
    Value::Map one = {{"name", key.name.text()}, {"value", value}};
    if (key.window != 0) {
      one.insert_or_assign("from", absl::FromUnixSeconds(key.window));
    }
    if (!key.key.empty()) one.insert_or_assign("key", key.key.id());
    list.emplace_back(std::move(one));
  }
  // Stores give them in orders of their own.
  std::vector<std::pair<std::string, Value>> sorted;
  for (Value& one : list) sorted.emplace_back(wire::JsonOf(one), one);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  list.clear();
  for (auto& [text, one] : sorted) list.push_back(std::move(one));
  return list;
}

// The member, and all who became them.
using Person = std::set<std::string, std::less<>>;

bool Names(const Value& value, const Person& person) {
  if (const auto* list = std::get_if<Value::List>(&value.get())) {
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& item) { return Names(item, person); });
  }
  const auto* id = std::get_if<std::string>(&value.get());
  return id != nullptr && person.contains(*id);
}

bool IsBy(const Event& event, const Person& person) {
  return event.actor.has_value() && person.contains(*event.actor);
}

// Whether it is theirs, names them, or came to something for them.
bool Concerns(const rules::CompiledProgram& program,
              const model::RecordedEvent& recorded, const Person& person) {
  const Event& event = recorded.event;
  if (IsBy(event, person)) return true;
  const auto has = [&](const std::string& attribute) {
    const auto found = event.attributes.find(attribute);
    return found != event.attributes.end() && Names(found->second, person);
  };
  const auto& attributes = MemberAttributesOf(program, event.type);
  if (std::any_of(attributes.begin(), attributes.end(), has)) return true;
  return std::any_of(
      recorded.outcome.effects.begin(), recorded.outcome.effects.end(),
      [&](const Effect& effect) {
        return std::visit(
            [&](const auto& e) { return person.contains(e.member); }, effect);
      });
}

// What the engine has added for codes is of no use to anybody.
void WithoutHashes(Value::Map& attributes) {
  attributes.erase(std::string(core::kVoucherHash));
  attributes.erase(std::string(core::kKeyPrint));
}

// What is personal of another member is not for this one.
Value EventOf(const rules::CompiledProgram& program,
              const model::RecordedEvent& recorded, const Person& person) {
  Event event = recorded.event;
  if (event.type == kRedeem) WithoutHashes(event.attributes);
  // Who else had a share is not for this one.
  if (event.type == kShareGoal) event.attributes.erase("members");
  const rules::EventType* const type = program.FindEventType(event.type);
  if (type != nullptr && !IsBy(event, person)) {
    for (const std::string& name : type->personal_attributes) {
      event.attributes.erase(name);
    }
  }
  Value::Map map = {{"id", event.id},
                    {"type", event.type},
                    {"time", event.time},
                    {"seq", recorded.seq},
                    {"recorded_at", recorded.recorded_at},
                    {"attributes", event.attributes}};
  PutText("actor", event.actor, map);
  PutText("target", event.target, map);
  PutText("channel", event.channel, map);
  if (!recorded.outcome.accepted()) {
    map.insert_or_assign("rejected", Name(recorded.outcome.rejected));
    map.insert_or_assign("reason", recorded.outcome.reason);
  }
  return map;
}

// What personal values there are of their own events stands there once more, as
// it is what can be forgotten.
void PutPersonal(const rules::CompiledProgram& program,
                 const model::RecordedEvent& recorded, Value::List& personal) {
  const rules::EventType* const type =
      program.FindEventType(recorded.event.type);
  if (type == nullptr) return;
  for (const std::string& name : type->personal_attributes) {
    const auto found = recorded.event.attributes.find(name);
    if (found == recorded.event.attributes.end()) continue;
    personal.emplace_back(Value::Map{{"event", recorded.event.id},
                                     {"name", name},
                                     {"value", found->second}});
  }
}

// Without their codes, which are whoever's who has them.
Value VouchersIn(const std::vector<MemberVoucher>& vouchers) {
  Value::List list;
  for (const MemberVoucher& voucher : vouchers) {
    Value::Map map = {{"redemption", voucher.redemption},
                      {"reward", voucher.reward},
                      {"issued", voucher.issued},
                      {"state", std::string(Name(voucher.state))}};
    PutTime("good_until", voucher.good_until, map);
    list.emplace_back(std::move(map));
  }
  return Value(std::move(list));
}

Value RedemptionOf(const model::RecordedEvent& recorded) {
  Value::Map map = recorded.event.attributes;
  map.insert_or_assign("id", recorded.event.id);
  map.insert_or_assign("time", recorded.event.time);
  WithoutHashes(map);
  return map;
}

absl::Status PutEvents(store::Reader& reader, StoredPrograms& programs,
                       const Person& person, Value::Map& document) {
  Value::List events;
  Value::List personal;
  Value::List redemptions;
  int64_t after = 0;
  while (true) {
    ASSIGN_OR_RETURN(const auto page, reader.Events(after, kExportPage));
    if (page.empty()) break;
    after = page.back().seq;
    for (const model::RecordedEvent& recorded : page) {
      ASSIGN_OR_RETURN(const auto program, programs.Get(recorded.program));
      if (!Concerns(*program, recorded, person)) continue;
      events.push_back(EventOf(*program, recorded, person));
      if (!IsBy(recorded.event, person)) continue;
      PutPersonal(*program, recorded, personal);
      if (recorded.event.type == kRedeem && recorded.outcome.accepted()) {
        redemptions.push_back(RedemptionOf(recorded));
      }
    }
  }
  document.insert_or_assign("events", std::move(events));
  document.insert_or_assign("personal", std::move(personal));
  document.insert_or_assign("redemptions", std::move(redemptions));
  return absl::OkStatus();
}

absl::StatusOr<Value> StatementOf(store::Reader& reader,
                                  const std::string& member) {
  ASSIGN_OR_RETURN(
      const auto entries,
      reader.Statement(member, "", {0, -1}, std::numeric_limits<int>::max()));
  Value::List lines;
  if (!entries.has_value()) return Value(std::move(lines));
  for (const store::StatementEntry& entry : *entries) {
    const model::Movement& movement = entry.movement;
    Value::Map line = {{"event", entry.event_id},
                       {"time", entry.time},
                       {"kind", Name(LineKindOf(movement.kind))},
                       {"rule", movement.rule.text()},
                       {"currency", movement.currency.text()},
                       {"units", movement.units},
                       {"balance", movement.balance}};
    if (movement.cut != CutReason::kNone) {
      line.insert_or_assign("cut", Name(movement.cut));
    }
    PutTime("available_from", movement.vests, line);
    PutTime("expires", movement.expires, line);
    lines.emplace_back(std::move(line));
  }
  return Value(std::move(lines));
}

Value StreaksIn(const MemberProfile& profile) {
  Value::List streaks;
  for (const StreakStanding& streak : profile.streaks) {
    Value::List rows;
    for (const StreakRow& row : streak.rows) {
      rows.emplace_back(Value::Map{
          {"first", row.first}, {"last", row.last}, {"length", row.length}});
    }
    streaks.emplace_back(Value::Map{{"streak", streak.streak},
                                    {"length", streak.length},
                                    {"longest", streak.longest},
                                    {"freezes", streak.freezes},
                                    {"rows", std::move(rows)}});
  }
  return Value(std::move(streaks));
}

Value QuestsIn(const MemberProfile& profile) {
  Value::List quests;
  for (const QuestStanding& quest : profile.quests) {
    Value::List steps;
    for (const StepStanding& step : quest.steps) {
      steps.emplace_back(Value::Map{{"step", step.step},
                                    {"progress", step.progress},
                                    {"goal", step.goal}});
    }
    quests.emplace_back(Value::Map{{"quest", quest.quest},
                                   {"state", std::string(Name(quest.state))},
                                   {"times_done", quest.times_done},
                                   {"own", quest.own},
                                   {"steps", std::move(steps)}});
  }
  return Value(std::move(quests));
}

}  // namespace

absl::StatusOr<std::string> ExportOf(store::Reader& reader,
                                     StoredPrograms& programs,
                                     const model::EntityState& state,
                                     const std::vector<MemberVoucher>& vouchers,
                                     absl::Time at) {
  ASSIGN_OR_RETURN(const auto program, programs.Latest());
  MemberProfile profile = ProfileOf(*program, state, at);
  RETURN_IF_ERROR(AddGoals(*program, reader, at, profile.quests));
  ASSIGN_OR_RETURN(const model::Aliases* const known, reader.Aliases());
  Person person = {profile.member};
  Value::List aliases;
  for (const model::Alias& alias : known->Of(profile.member)) {
    person.insert(alias.member);
    ASSIGN_OR_RETURN(Value before, StatementOf(reader, alias.member));
    aliases.emplace_back(
        Value::Map{{"member", alias.member}, {"statement", std::move(before)}});
  }
  Value::List privileges;
  for (const std::string& one : profile.privileges)
    privileges.emplace_back(one);
  Value::Map metrics;
  for (const auto& [name, count] : profile.metrics) {
    metrics.insert_or_assign(name, count);
  }
  Value::Map document = {{"member", profile.member},
                         {"aliases", std::move(aliases)},
                         {"since", profile.since},
                         {"currencies", CurrenciesOf(profile, state)},
                         {"levels", LevelsOf(profile)},
                         {"privileges", std::move(privileges)},
                         {"metrics", std::move(metrics)},
                         {"streaks", StreaksIn(profile)},
                         {"quests", QuestsIn(profile)},
                         {"vouchers", VouchersIn(vouchers)},
                         {"counters", CountersOf(state)}};
  ASSIGN_OR_RETURN(Value statement, StatementOf(reader, profile.member));
  document.insert_or_assign("statement", std::move(statement));
  RETURN_IF_ERROR(PutEvents(reader, programs, person, document));
  return wire::JsonOf(document);
}

}  // namespace loyalty::engine
