// SPDX-License-Identifier: Apache-2.0
//
// How a member stands, and their lines. See as_json.h.
#include <loyalty/json.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/json_text.h"
#include "rewards/as_json.h"

namespace community {
namespace {

// Of a time that may be never.
void AddTime(std::string_view name, absl::Time time, JsonText& json) {
  const bool is_finite =
      time > absl::InfinitePast() && time < absl::InfiniteFuture();
  json.Key(name);
  is_finite ? json.Value(Rfc3339(time)) : json.Value(nullptr);
}

void AddTime(std::string_view name, const std::optional<absl::Time>& time,
             JsonText& json) {
  AddTime(name, time.value_or(absl::InfiniteFuture()), json);
}

void AddNumbers(std::string_view name,
                const std::map<std::string, int64_t>& numbers, JsonText& json) {
  json.Key(name);
  json.BeginObject();
  for (const auto& [key, number] : numbers) json.Add(key, number);
  json.EndObject();
}

// A list of what is written of each.
template <typename T>
void AddList(std::string_view name, const std::vector<T>& all, JsonText& json,
             void (*write)(const T&, JsonText&)) {
  json.Key(name);
  json.BeginArray();
  for (const T& one : all) write(one, json);
  json.EndArray();
}

void WriteAlso(const loyalty::TierOutlook::Also& also, JsonText& json) {
  json.BeginObject();
  json.Add("currency", also.currency);
  json.Add("metric", also.metric);
  json.Add("units", also.units);
  json.Add("to_keep", also.to_keep);
  json.Add("to_next", also.to_next);
  json.EndObject();
}

void WriteTier(const loyalty::TierOutlook& tier, JsonText& json) {
  json.BeginObject();
  json.Add("units", tier.units);
  json.Add("to_keep", tier.to_keep);
  AddTime("review", tier.review, json);
  json.Add("at_review", tier.at_review);
  AddTime("until", tier.until, json);
  json.Add("then", tier.then);
  json.Add("by_hand", tier.by_hand);
  AddList("also", tier.also, json, WriteAlso);
  json.EndObject();
}

int64_t EarnedOf(const loyalty::MemberProfile& profile,
                 const loyalty::LadderStanding& standing) {
  for (const loyalty::CurrencyBalance& held : profile.currencies) {
    if (held.currency == standing.currency) return held.earned;
  }
  const auto metric = profile.metrics.find(standing.metric);
  return metric != profile.metrics.end() ? metric->second : 0;
}

void WriteLadder(const loyalty::LadderStanding& standing, int64_t have,
                 JsonText& json) {
  json.BeginObject();
  json.Add("ladder", standing.ladder);
  json.Add("currency", standing.currency);
  json.Add("metric", standing.metric);
  json.Add("index", standing.index);
  json.Add("level", standing.level);
  json.Add("next_level", standing.next_level);
  json.Add("to_next", standing.to_next);
  json.Add("have", have);
  json.Add("want", have + standing.to_next);
  if (standing.tier.has_value()) {
    json.Key("tier");
    WriteTier(*standing.tier, json);
  }
  json.EndObject();
}

void WriteExpiring(const loyalty::ExpiringUnits& units, JsonText& json) {
  json.BeginObject();
  json.Add("expires", Rfc3339(units.expires));
  json.Add("units", units.units);
  json.EndObject();
}

void WriteBalance(const loyalty::CurrencyBalance& held, JsonText& json) {
  json.BeginObject();
  json.Add("currency", held.currency);
  json.Add("balance", held.balance);
  json.Add("earned", held.earned);
  json.Add("pending", held.pending);
  json.Add("held", held.held);
  json.Add("debt", held.debt);
  AddList("expiring", held.expiring, json, WriteExpiring);
  json.EndObject();
}

void WriteStreak(const loyalty::StreakStanding& streak, JsonText& json) {
  json.BeginObject();
  json.Add("streak", streak.streak);
  json.Add("describe", streak.describe);
  json.Add("length", streak.length);
  json.Add("longest", streak.longest);
  json.Add("acted", streak.acted);
  AddTime("act_before", streak.act_before, json);
  json.Add("freezes", streak.freezes);
  json.EndObject();
}

void WriteStep(const loyalty::StepStanding& step, JsonText& json) {
  json.BeginObject();
  json.Add("step", step.step);
  json.Add("describe", step.describe);
  json.Add("progress", step.progress);
  json.Add("goal", step.goal);
  json.EndObject();
}

void WriteQuest(const loyalty::QuestStanding& quest, JsonText& json) {
  json.BeginObject();
  json.Add("quest", quest.quest);
  json.Add("describe", quest.describe);
  json.Add("state", Name(quest.state));
  json.Add("on_request", quest.on_request);
  json.Add("times_done", quest.times_done);
  AddTime("end", quest.end, json);
  AddList("steps", quest.steps, json, WriteStep);
  json.EndObject();
}

void WriteText(const std::string& text, JsonText& json) { json.Value(text); }

void WriteLine(const loyalty::StatementLine& line, JsonText& json) {
  json.BeginObject();
  json.Add("seq", line.seq);
  json.Add("n", line.n);
  json.Add("time", Rfc3339(line.time));
  json.Add("event", line.event_id);
  json.Add("event_type", line.event_type);
  json.Add("kind", Name(line.kind));
  json.Add("currency", line.currency);
  json.Add("rule", line.rule);
  json.Add("why", line.rule_says);
  json.Add("target", line.target);
  json.Add("asked", line.asked);
  json.Add("units", line.units);
  json.Key("cut");
  line.cut != loyalty::CutReason::kNone ? json.Value(Name(line.cut))
                                        : json.Value(nullptr);
  json.Add("balance", line.balance);
  AddTime("available_from", line.available_from, json);
  AddTime("expires", line.expires, json);
  json.EndObject();
}

}  // namespace

std::string ProfileText(const loyalty::MemberProfile& profile,
                        const std::string& name, bool all) {
  JsonText json;
  json.BeginObject();
  json.Add("name", name);
  json.Add("member", profile.member);
  AddTime("since", profile.since, json);
  json.Key("ladders");
  json.BeginArray();
  for (const loyalty::LadderStanding& standing : profile.ladders) {
    WriteLadder(standing, EarnedOf(profile, standing), json);
  }
  json.EndArray();
  AddList("privileges", profile.privileges, json, WriteText);
  AddNumbers("badges", profile.badges, json);
  if (all) {
    AddList("currencies", profile.currencies, json, WriteBalance);
    AddNumbers("metrics", profile.metrics, json);
    AddList("streaks", profile.streaks, json, WriteStreak);
    AddList("quests", profile.quests, json, WriteQuest);
  }
  json.EndObject();
  return std::move(json).Take();
}

std::string StatementText(const std::string& member,
                          const std::vector<loyalty::StatementLine>& lines,
                          const std::optional<std::string>& before) {
  JsonText json;
  json.BeginObject();
  json.Add("member", member);
  AddList("lines", lines, json, WriteLine);
  json.Add("before", before);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace community
