// SPDX-License-Identifier: Apache-2.0
//
// Outcomes and explanations. See as_json.h.
#include <loyalty/json.h>

#include <string>
#include <utility>
#include <variant>

#include "rewards/as_json.h"
#include "rewards/notices.h"

namespace community {
namespace {

Json EffectAsJson(const loyalty::Opened& e) {
  return {{"kind", "opened"},
          {"member", e.member},
          {"currency", e.currency},
          {"units", e.units}};
}

Json EffectAsJson(const loyalty::Awarded& e) {
  Json json = {{"kind", "awarded"},      {"member", e.member},
               {"currency", e.currency}, {"rule", e.rule},
               {"asked", e.asked},       {"limited", e.limited},
               {"units", e.units},       {"cut", nullptr}};
  if (e.cut != loyalty::CutReason::kNone) json["cut"] = Name(e.cut);
  if (e.base.has_value()) json["base"] = *e.base;
  return json;
}

Json EffectAsJson(const loyalty::Reversed& e) {
  return {{"kind", "reversed"},
          {"member", e.member},
          {"currency", e.currency},
          {"units", e.units},
          {"awards", e.awards}};
}

Json EffectAsJson(const loyalty::LevelChanged& e) {
  return {{"kind", "level_changed"}, {"member", e.member}, {"ladder", e.ladder},
          {"from", e.from},          {"to", e.to},         {"up", e.up},
          {"why", Name(e.why)}};
}

Json EffectAsJson(const loyalty::Moved& e) {
  return {{"kind", Name(e.kind)},
          {"member", e.member},
          {"currency", e.currency},
          {"source", e.source},
          {"units", e.units}};
}

Json EffectAsJson(const loyalty::Badge& e) {
  Json json = {{"kind", e.won ? "badge_won" : "badge_lost"},
               {"member", e.member},
               {"badge", e.badge},
               {"object", nullptr}};
  if (e.object.has_value()) json["object"] = *e.object;
  return json;
}

Json EffectAsJson(const loyalty::BadgeDue& e) {
  return {{"kind", "badge_due"},
          {"member", e.member},
          {"badge", e.badge},
          {"time", Rfc3339(e.time)}};
}

Json EffectAsJson(const loyalty::StreakMoved& e) {
  return {{"kind", e.frozen ? "streak_frozen" : "streak_extended"},
          {"member", e.member},
          {"streak", e.streak},
          {"length", e.length},
          {"broken", e.broken}};
}

Json EffectAsJson(const loyalty::QuestMoved& e) {
  Json json = {{"kind", "quest_" + std::string(Name(e.kind))},
               {"member", e.member},
               {"quest", e.quest}};
  if (e.kind == loyalty::QuestMoved::Kind::kProgressed) {
    json["step"] = e.step;
    json["progress"] = e.progress;
    json["goal"] = e.goal;
  }
  return json;
}

// What both, all of it and one member's, begin with.
Json Head(const loyalty::Outcome& outcome) {
  Json json = {{"seq", outcome.seq},      {"event", outcome.event_id},
               {"recorded_at", nullptr},  {"accepted", outcome.accepted()},
               {"rejected", nullptr},     {"reason", nullptr},
               {"repeat", outcome.repeat}};
  // One whose id was used is not recorded.
  if (outcome.seq > 0) json["recorded_at"] = Rfc3339(outcome.recorded_at);
  if (!outcome.accepted()) {
    json["rejected"] = Name(outcome.rejected);
    json["reason"] = outcome.reason;
  }
  return json;
}

}  // namespace

Json AsJson(const loyalty::Effect& effect) {
  return std::visit([](const auto& e) { return EffectAsJson(e); }, effect);
}

Json AsJson(const std::vector<loyalty::Effect>& effects) {
  Json list = Json::array();
  for (const loyalty::Effect& effect : effects) list.push_back(AsJson(effect));
  return list;
}

Json AsJson(const loyalty::Outcome& outcome) {
  Json json = Head(outcome);
  json["effects"] = AsJson(outcome.effects);
  json["notes"] = Json::array();
  for (const loyalty::RuleNote& note : outcome.notes) {
    json["notes"].push_back({{"rule", note.rule}, {"text", note.text}});
  }
  if (!outcome.vouchers.empty()) json["vouchers"] = outcome.vouchers;
  return json;
}

Json AsJsonFor(const loyalty::Outcome& outcome, std::string_view member,
               std::string_view event_type) {
  Json json = Head(outcome);
  json["type"] = event_type;
  json["notices"] = NoticesFor(outcome, member, event_type);
  json["effects"] = AsJson(EffectsOn(outcome, member));
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
