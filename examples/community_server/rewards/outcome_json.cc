// SPDX-License-Identifier: Apache-2.0
//
// Outcomes and explanations. See as_json.h.
#include <loyalty/json.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "http/json_text.h"
#include "rewards/as_json.h"
#include "rewards/notices.h"

namespace community {
namespace {

// A text that may be missing, as null.
void AddMaybe(std::string_view name, bool is_there, std::string_view text,
              JsonText& json) {
  json.Key(name);
  is_there ? json.Value(text) : json.Value(nullptr);
}

void AddTo(JsonText& json, const loyalty::Opened& e) {
  json.Add("kind", "opened");
  json.Add("member", e.member);
  json.Add("currency", e.currency);
  json.Add("units", e.units);
}

void AddTo(JsonText& json, const loyalty::Awarded& e) {
  json.Add("kind", "awarded");
  json.Add("member", e.member);
  json.Add("currency", e.currency);
  json.Add("rule", e.rule);
  json.Add("asked", e.asked);
  json.Add("limited", e.limited);
  json.Add("units", e.units);
  AddMaybe("cut", e.cut != loyalty::CutReason::kNone, Name(e.cut), json);
  if (e.base.has_value()) json.Add("base", *e.base);
}

void AddTo(JsonText& json, const loyalty::Reversed& e) {
  json.Add("kind", "reversed");
  json.Add("member", e.member);
  json.Add("currency", e.currency);
  json.Add("units", e.units);
  json.Add("awards", e.awards);
}

void AddTo(JsonText& json, const loyalty::LevelChanged& e) {
  json.Add("kind", "level_changed");
  json.Add("member", e.member);
  json.Add("ladder", e.ladder);
  json.Add("from", e.from);
  json.Add("to", e.to);
  json.Add("up", e.up);
  json.Add("why", Name(e.why));
}

void AddTo(JsonText& json, const loyalty::Moved& e) {
  json.Add("kind", Name(e.kind));
  json.Add("member", e.member);
  json.Add("currency", e.currency);
  json.Add("source", e.source);
  json.Add("units", e.units);
}

void AddTo(JsonText& json, const loyalty::Badge& e) {
  json.Add("kind", e.won ? "badge_won" : "badge_lost");
  json.Add("member", e.member);
  json.Add("badge", e.badge);
  json.Add("object", e.object);
}

void AddTo(JsonText& json, const loyalty::BadgeDue& e) {
  json.Add("kind", "badge_due");
  json.Add("member", e.member);
  json.Add("badge", e.badge);
  json.Add("time", Rfc3339(e.time));
}

void AddTo(JsonText& json, const loyalty::StreakMoved& e) {
  json.Add("kind", e.frozen ? "streak_frozen" : "streak_extended");
  json.Add("member", e.member);
  json.Add("streak", e.streak);
  json.Add("length", e.length);
  json.Add("broken", e.broken);
}

void AddTo(JsonText& json, const loyalty::QuestMoved& e) {
  json.Add("kind", "quest_" + std::string(Name(e.kind)));
  json.Add("member", e.member);
  json.Add("quest", e.quest);
  if (e.kind == loyalty::QuestMoved::Kind::kProgressed) {
    json.Add("step", e.step);
    json.Add("progress", e.progress);
    json.Add("goal", e.goal);
  }
}

void AddEffects(const std::vector<loyalty::Effect>& effects, JsonText& json) {
  json.Key("effects");
  json.BeginArray();
  for (const loyalty::Effect& effect : effects) {
    json.BeginObject();
    std::visit([&](const auto& e) { AddTo(json, e); }, effect);
    json.EndObject();
  }
  json.EndArray();
}

// What both, all of it and one member's, begin with.
void AddHead(const loyalty::Outcome& outcome, JsonText& json) {
  json.Add("seq", outcome.seq);
  json.Add("event", outcome.event_id);
  // One whose id was used is not recorded.
  const bool is_recorded = outcome.seq > 0;
  AddMaybe("recorded_at", is_recorded,
           is_recorded ? Rfc3339(outcome.recorded_at) : "", json);
  json.Add("accepted", outcome.accepted());
  AddMaybe("rejected", !outcome.accepted(), Name(outcome.rejected), json);
  AddMaybe("reason", !outcome.accepted(), outcome.reason, json);
  json.Add("repeat", outcome.repeat);
}

}  // namespace

std::string OutcomeText(const loyalty::Outcome& outcome) {
  JsonText json;
  json.BeginObject();
  AddHead(outcome, json);
  AddEffects(outcome.effects, json);
  json.Key("notes");
  json.BeginArray();
  for (const loyalty::RuleNote& note : outcome.notes) {
    json.BeginObject();
    json.Add("rule", note.rule);
    json.Add("text", note.text);
    json.EndObject();
  }
  json.EndArray();
  if (!outcome.vouchers.empty()) {
    json.Key("vouchers");
    json.BeginArray();
    for (const std::string& code : outcome.vouchers) json.Value(code);
    json.EndArray();
  }
  json.EndObject();
  return std::move(json).Take();
}

Json AsJson(const loyalty::Outcome& outcome) {
  return Json::parse(OutcomeText(outcome));
}

Json AsJsonFor(const loyalty::Outcome& outcome, std::string_view member,
               std::string_view event_type) {
  JsonText text;
  text.BeginObject();
  AddHead(outcome, text);
  text.Add("type", event_type);
  AddEffects(EffectsOn(outcome, member), text);
  text.EndObject();
  Json json = Json::parse(std::move(text).Take());
  json["notices"] = NoticesFor(outcome, member, event_type);
  return json;
}

Json AsJson(const loyalty::Explanation& explanation) {
  Json json = {
      {"event", Json::parse(loyalty::ToJson(explanation.event))},
      {"program", explanation.program},
      {"outcome", AsJson(explanation.outcome)},
      {"sentences", explanation.sentences},
      {"rules", Json::array()},
      {"postings", Json::array()},
  };
  for (const loyalty::Explanation::Line& line : explanation.rules) {
    json["rules"].push_back({{"rule", line.rule},
                             {"describe", line.describe},
                             {"verdict", line.verdict},
                             {"why", line.why}});
  }
  for (const loyalty::PostingLine& posting : explanation.postings) {
    json["postings"].push_back({{"from", posting.from},
                                {"to", posting.to},
                                {"currency", posting.currency},
                                {"units", posting.units}});
  }
  return json;
}

Json AsJson(const loyalty::RuleForMember& rule) {
  return {{"rule", rule.rule},
          {"describe", rule.describe},
          {"gave", rule.gave},
          {"sentence", rule.sentence}};
}

Json AsJson(const loyalty::Diagnostic& diagnostic) {
  const bool is_error =
      diagnostic.severity == loyalty::Diagnostic::Severity::kError;
  return {{"severity", is_error ? "error" : "warning"},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"message", diagnostic.message},
          {"advice", diagnostic.advice},
          {"excerpt", diagnostic.excerpt}};
}

}  // namespace community
