// SPDX-License-Identifier: Apache-2.0
//
// Segments, campaigns, times at which something holds, and multipliers. See
// compiler.h.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>

#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "base/views.h"
#include "base/window.h"
#include "rules/compiler.h"
#include "rules/values.h"

namespace loyalty::rules {
namespace {

// "18:00" in minutes; 24:00 is the end of the day. -1 if it is none.
int MinuteOf(std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] - '0'; };
  if (text.size() != 5 || text[2] != ':') return -1;
  for (const size_t i : {0, 1, 3, 4}) {
    if (text[i] < '0' || text[i] > '9') return -1;
  }
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return -1;
  return hour * 60 + minute;
}

bool HasOrIsEmpty(const std::vector<model::Text>& texts,
                  const std::string& text) {
  return texts.empty() ||
         std::any_of(texts.begin(), texts.end(),
                     [&](const model::Text& one) { return one.text == text; });
}

}  // namespace

std::optional<absl::Time> Compiler::Instant(const model::Text& text,
                                            const std::string& where) {
  absl::CivilDay day;
  if (text.text.size() == 10 && absl::ParseCivilTime(text.text, &day)) {
    // The day's first second, also where the clocks skip midnight.
    const absl::Time noon =
        absl::FromCivil(absl::CivilHour(day) + 12, out_.time_zone);
    return absl::FromUnixSeconds(
        base::WindowStart(noon, base::Period::kDay, out_.time_zone));
  }
  const absl::StatusOr<Value> value =
      ParseLiteral(text.text, model::Type::kTime);
  if (value.ok()) return std::get<absl::Time>(value->get());
  Error(text.at, absl::StrCat(where, " \"", text.text, "\" is no time"),
        "Write it as \"2026-03-01\" or \"2026-03-01T18:00:00Z\".");
  return std::nullopt;
}

void Compiler::Span(const model::Text& from, const model::Text& until,
                    const std::string& where, During& during) {
  if (!from.empty()) {
    during.from = Instant(from, where + ", from").value_or(during.from);
  }
  if (!until.empty()) {
    during.until = Instant(until, where + ", until").value_or(during.until);
  }
  if (during.from < during.until) return;
  Warn(until.at, where + " ends before it begins, and never holds",
       "Let until be later than from.");
}

During Compiler::CompiledDuring(const model::DuringSpec& spec,
                                const std::string& where) {
  During during;
  Span(spec.from, spec.until, where, during);
  during.weekdays = spec.weekdays;
  for (const model::Text& hours : spec.hours) {
    const size_t dash = std::min(hours.text.find('-'), hours.text.size());
    const std::string_view text = hours.text;
    const int first = MinuteOf(text.substr(0, dash));
    const int second =
        dash < text.size() ? MinuteOf(text.substr(dash + 1)) : -1;
    if (first < 0 || second < 0 || first == second) {
      Error(hours.at,
            absl::StrCat(where, ": hours \"", hours.text, "\" are none"),
            "Write them as \"08:00-22:00\", with two digits each; from 22:00 "
            "to 02:00 is over midnight.");
      continue;
    }
    during.hours.emplace_back(first, second);
  }
  return during;
}

void Compiler::Campaigns() {
  std::set<std::string> seen;
  for (const model::CampaignSpec& spec : spec_.campaigns) {
    if (!ValidId(spec.id, "campaign", true)) continue;
    Unique(seen, spec.id, "campaign");
    const std::string what = absl::StrCat("campaign \"", spec.id.text, "\"");
    During during{.campaign = spec.id.text};
    Span(spec.from, spec.until, what, during);
    if (!spec.announce_from.empty()) {
      const auto announced =
          Instant(spec.announce_from, what + ", announce_from");
      if (announced.has_value() && *announced > during.from) {
        Warn(spec.announce_from.at, what + " is announced after it begins",
             "Let announce_from be before from.");
      }
    }
    out_.campaigns.push_back(std::move(during));
  }
}

void Compiler::SegmentNames() {
  std::set<std::string> seen;
  for (const model::SegmentSpec& spec : spec_.segments) {
    ValidId(spec.id, "segment", false);
    Unique(seen, spec.id, "segment");
    if (spec.when.empty()) {
      Error(spec.id.at,
            absl::StrCat("segment \"", spec.id.text, "\" has no condition"),
            "Add  when: \"level.trust >= 2\"");
    }
    out_.segments.push_back(spec.id.text);
  }
}

std::vector<During> Compiler::TimesOf(
    const model::Text& campaign, const std::optional<model::DuringSpec>& during,
    const std::string& what) {
  std::vector<During> times;
  if (!campaign.empty()) {
    std::vector<std::string> known;
    for (const During& one : out_.campaigns) known.push_back(one.campaign);
    const auto found = std::find(known.begin(), known.end(), campaign.text);
    if (found == known.end()) {
      Error(campaign.at,
            absl::StrCat(what, ": campaign \"", campaign.text,
                         "\" is not declared"),
            base::DidYouMean(campaign.text, known));
    } else {
      used_campaigns_.insert(campaign.text);
      times.push_back(out_.campaigns[found - known.begin()]);
    }
  }
  if (during.has_value()) {
    times.push_back(CompiledDuring(*during, what + ", during"));
  }
  return times;
}

// Whatever it names has to be there, whichever event types it is on.
void Compiler::MultiplierNames() {
  std::set<std::string> seen;
  const auto check = [&](const std::vector<model::Text>& names,
                         const std::vector<std::string>& known,
                         const std::string& what) {
    for (const model::Text& name : names) {
      if (std::find(known.begin(), known.end(), name.text) != known.end()) {
        continue;
      }
      Error(name.at, absl::StrCat(what, " \"", name.text, "\" is not declared"),
            base::DidYouMean(name.text, known));
    }
  };
  std::vector<std::string> currencies, types;
  for (const Currency& one : out_.currencies) {
    if (!one.is_badge) currencies.push_back(one.id);
  }
  for (const EventType& one : out_.event_types) types.push_back(one.id);
  for (const model::MultiplierSpec& spec : spec_.multipliers) {
    ValidId(spec.id, "multiplier", true);
    Unique(seen, spec.id, "multiplier");
    const std::string what = absl::StrCat("multiplier \"", spec.id.text, "\"");
    check(spec.segments, out_.segments, what + ": segment");
    check(spec.currencies, currencies, what + ": currency");
    check(spec.rules, out_.rule_ids, what + ": rule");
    check(spec.on, types, what + ": event type");
    Multiplier multiplier{.id = spec.id.text, .rounding = spec.rounding};
    multiplier.times = TimesOf(spec.campaign, spec.during, what);
    multiplier.factor = Factor(spec.factor, spec.id.at, what);
    if (multiplier.factor.IsOne() && base::Ratio::Parse(spec.factor.text)) {
      Warn(spec.factor.at, what + " changes nothing", "Its factor is 1.");
    }
    out_.multipliers.push_back(std::move(multiplier));
  }
}

base::Ratio Compiler::Factor(const model::Text& text, model::Place owner,
                             const std::string& what) {
  if (const auto factor = base::Ratio::Parse(text.text)) return *factor;
  if (text.text.starts_with('-')) {
    Error(text.at,
          absl::StrCat(what, ": factor \"", text.text, "\" is below 0"),
          "What takes units away is an award of less than 0.");
    return {};
  }
  Error(text.empty() ? owner : text.at,
        text.empty() ? what + " has no factor"
                     : absl::StrCat(what, ": factor \"", text.text,
                                    "\" is no decimal number"),
        "Write it as \"1.5\", with at most six digits before and behind the "
        "point.");
  return {};
}

// Those that may multiply what the award gives, as places among the type's.
void Compiler::AddMultipliers(EventType& type, const model::RuleSpec& rule,
                              const model::AwardSpec& spec, Award& award) {
  const bool asked = spec.multiply.value_or(!award.fixed_units.has_value());
  if (!asked) return;
  for (size_t i = 0; i < spec_.multipliers.size(); ++i) {
    const model::MultiplierSpec& one = spec_.multipliers[i];
    if (!HasOrIsEmpty(one.on, type.id) ||
        !HasOrIsEmpty(one.rules, rule.id.text) ||
        !HasOrIsEmpty(one.currencies, spec.currency.text)) {
      continue;
    }
    award.multipliers.push_back(CompiledMultiplier(type, i));
  }
}

int Compiler::CompiledMultiplier(EventType& type, size_t number) {
  for (size_t i = 0; i < type.multipliers.size(); ++i) {
    if (type.multipliers[i].number == static_cast<int>(number)) {
      return static_cast<int>(i);
    }
  }
  const model::MultiplierSpec& spec = spec_.multipliers[number];
  const std::string what = absl::StrCat("multiplier \"", spec.id.text, "\"");
  Multiplier multiplier = out_.multipliers[number];
  multiplier.number = static_cast<int>(number);
  const std::vector<std::string>& known = out_.segments;
  for (const model::Text& segment : spec.segments) {
    if (std::find(known.begin(), known.end(), segment.text) == known.end()) {
      continue;  // which has been said
    }
    const model::Text in{absl::StrCat("member.segment.", segment.text),
                         segment.at};
    auto condition =
        Expression(in, Scope::kAward, cel::Type::Bool(), what + ", segment");
    if (!condition.has_value()) continue;
    Note(type, condition);
    multiplier.segments.push_back(*std::move(condition));
  }
  if (!spec.when.empty()) {
    multiplier.when = Expression(spec.when, Scope::kAward, cel::Type::Bool(),
                                 what + ", when");
    Note(type, multiplier.when);
  }
  type.multipliers.push_back(std::move(multiplier));
  return static_cast<int>(type.multipliers.size() - 1);
}

// What a segment's condition says of whoever's standing it is, for frames of
// the type: compiled where it is first read.
void Compiler::UseSegment(EventType& type, int slot, Slots::Whose whose,
                          int segment) {
  using Whose = Slots::Whose;
  auto& read = whose == Whose::kActorStanding    ? type.actor_segments
               : whose == Whose::kMemberStanding ? type.member_segments
                                                 : type.holder_segments;
  const bool known =
      std::any_of(read.begin(), read.end(),
                  [&](const SegmentRead& one) { return one.slot == slot; });
  if (known) return;
  used_segments_.insert(segment);
  const model::SegmentSpec& spec = spec_.segments[segment];
  const Scope scope = whose == Whose::kActorStanding    ? Scope::kActorSegment
                      : whose == Whose::kMemberStanding ? Scope::kMemberSegment
                                                        : Scope::kHolderSegment;
  auto condition =
      Expression(spec.when, scope, cel::Type::Bool(),
                 absl::StrCat("segment \"", spec.id.text, "\", when"));
  if (!condition.has_value()) return;
  Note(type, condition);
  read.push_back({.slot = slot, .when = *std::move(condition)});
}

void Compiler::LintCampaigns() {
  for (size_t i = 0; i < spec_.segments.size(); ++i) {
    if (used_segments_.contains(static_cast<int>(i))) continue;
    const model::Text& id = spec_.segments[i].id;
    // What is wrong with it is said all the same.
    if (environments_.contains(Scope::kMemberSegment)) {
      Expression(spec_.segments[i].when, Scope::kMemberSegment,
                 cel::Type::Bool(),
                 absl::StrCat("segment \"", id.text, "\", when"));
    }
    Warn(id.at, absl::StrCat("segment \"", id.text, "\" is never asked for"),
         absl::StrCat("Use  segment.", id.text, "  in a condition."));
  }
  for (const model::CampaignSpec& campaign : spec_.campaigns) {
    if (used_campaigns_.contains(campaign.id.text)) continue;
    Warn(campaign.id.at,
         absl::StrCat("campaign \"", campaign.id.text,
                      "\": nothing refers to it"),
         absl::StrCat("Add  campaign: \"", campaign.id.text,
                      "\"  to a rule or a multiplier."));
  }
  for (size_t i = 0; i < spec_.multipliers.size(); ++i) {
    const bool multiplies = std::any_of(
        out_.event_types.begin(), out_.event_types.end(),
        [&](const EventType& type) {
          return std::any_of(type.multipliers.begin(), type.multipliers.end(),
                             [&](const Multiplier& one) {
                               return one.number == static_cast<int>(i);
                             });
        });
    if (multiplies) continue;
    const model::Text& id = spec_.multipliers[i].id;
    Warn(id.at,
         absl::StrCat("multiplier \"", id.text, "\" multiplies no award"),
         "A fixed number of units is multiplied only where its award says  "
         "multiply: YES");
  }
}

}  // namespace loyalty::rules
