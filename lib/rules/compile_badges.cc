// SPDX-License-Identifier: Apache-2.0
//
// Badges: what each is, of which event types it is asked, and the currency in
// which members hold it. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "loyalty/event.h"
#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

bool Undoes(const EventType& type) {
  return std::any_of(type.rules.begin(), type.rules.end(),
                     [](const Rule& rule) {
                       return rule.reverse_object.has_value() ||
                              rule.reverse_event.has_value();
                     });
}

std::string WhatOf(const model::BadgeSpec& spec) {
  if (!spec.made_of.empty()) return spec.made_of;
  return absl::StrCat("badge \"", spec.id.text, "\"");
}

bool IsForEverybody(const model::BadgeSpec& spec) {
  return spec.rule.on.empty() && !spec.manual;
}

bool IsAskedOn(const model::BadgeSpec& spec, const EventType& type) {
  return std::any_of(spec.rule.on.begin(), spec.rule.on.end(),
                     [&](const model::Text& on) { return on.text == type.id; });
}

bool HasLimits(const model::RuleSpec& rule) {
  return !rule.limits.empty() ||
         std::any_of(rule.awards.begin(), rule.awards.end(),
                     [](const model::AwardSpec& award) {
                       return !award.limits.empty();
                     });
}

bool Meets(const std::set<int>& a, const std::set<int>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](int one) { return b.contains(one); });
}

void AddAwarded(const std::vector<Award>& awards, std::set<int>& currencies) {
  for (const Award& award : awards) currencies.insert(award.currency);
}

}  // namespace

void Compiler::BadgeNames() {
  std::set<std::string> seen;
  for (const model::BadgeSpec& spec : spec_.badges) {
    const std::string what = WhatOf(spec);
    if (spec.made_of.empty()) ValidId(spec.id, "badge", false);
    Unique(seen, spec.id, "badge");
    CheckBadge(spec, what);
    out_.badges.push_back({.id = spec.id.text,
                           .symbol = spec.id.text,
                           .describe = spec.rule.describe.text,
                           .badge_class = spec.badge_class,
                           .currency = static_cast<int>(out_.currencies.size()),
                           .counter = spec.rule.id.text,
                           .per_target = !spec.per.empty(),
                           .is_counted = !spec.count.empty(),
                           .is_revoked = spec.revoke,
                           .asked_at = spec.asked_at});
    if (spec.asked_at != model::Passing::kNo) {
      out_.badges.back().told = spec.rule.id.text + "/told";
    }
    SetAnniversary(spec, what, out_.badges.back());
    out_.badges_pass |= spec.asked_at != model::Passing::kNo;
    out_.currencies.push_back({.id = spec.rule.id.text,
                               .symbol = spec.rule.id.text,
                               .is_badge = true});
  }
}

void Compiler::SetAnniversary(const model::BadgeSpec& spec,
                              const std::string& what, Badge& badge) {
  if (spec.anniversary_of.empty()) return;
  const model::Place at = spec.anniversary_of.at;
  if (spec.asked_at != model::Passing::kAnniversary) {
    return Error(at, what + " says anniversary_of, and is asked at none",
                 "Add  asked_at: ANNIVERSARY,  or leave it out.");
  }
  std::vector<std::string> known;
  for (const MetricTerms& metric : out_.metrics) {
    const bool is_time = metric.kind == MetricKind::kMax && !metric.has_key &&
                         !metric.is_rolling() && !metric.per_object &&
                         metric.period == base::Period::kEver;
    if (!is_time || !metric.is_told()) continue;
    known.push_back(metric.id);
    if (metric.id != spec.anniversary_of.text) continue;
    badge.anniversary_of = metric.counter;
    return;
  }
  Error(at,
        absl::StrCat(what, ", anniversary_of \"", spec.anniversary_of.text,
                     "\" is no metric of a member with max, for ever"),
        known.empty() ? "Add  metric { id: \"joined\" on: \"signup\"  max: "
                        "\"int(event.time)\" }"
                      : base::DidYouMean(spec.anniversary_of.text, known));
}

// Whether what it says goes together.
void Compiler::CheckBadge(const model::BadgeSpec& spec,
                          const std::string& what) {
  const model::RuleSpec& rule = spec.rule;
  const bool asks = !rule.when.empty() || !spec.count.empty();
  const auto says_both = [&](bool both, model::Place at, const char* why,
                             const char* advice) {
    if (both) Error(at, absl::StrCat(what, " ", why), advice);
  };
  says_both(!rule.when.empty() && !spec.count.empty(), spec.count.at,
            "says both when and count",
            "One of them: when is once, count is how many.");
  says_both(spec.manual && (asks || !rule.on.empty() || spec.revoke),
            spec.id.at, "is given by hand only, and has a condition",
            "Leave manual out: by hand it can be given all the same.");
  says_both(!spec.manual && !asks && rule.on.empty(), spec.id.at,
            "has no condition",
            "Add  when: \"metric.comments >= 10\", or  manual: true");
  says_both(rule.on.empty() && !spec.to.empty(), spec.to.at,
            "says to, and is on no event type",
            "It is asked of everybody. Add  on: \"...\"");
  says_both(rule.on.empty() && !spec.manual && !spec.per.empty(), spec.per.at,
            "says per, and is on no event type", "Add  on: \"...\"");
  says_both(!spec.per.empty() && spec.per.text != "target", spec.per.at,
            "is per what is no \"target\"",
            "Use \"target\": once for each object. Default: once.");
  says_both(!spec.per.empty() && !spec.count.empty(), spec.count.at,
            "says both per and count",
            "Once for each object, or as many as count says.");
  says_both(!spec.keep.empty() &&
                (!spec.revoke || !rule.on.empty() || rule.when.empty()),
            spec.keep.at, "says keep, which is for badges that may be lost",
            "Say  revoke: true  and  when:, and no  on:.");
  if (spec.asked_at != model::Passing::kNo) {
    says_both(
        !asks || !rule.on.empty() || spec.manual || spec.revoke,
        spec.asked_at_at,
        "is asked as time passes, and by no condition, on event types, by "
        "hand only, or to be lost",
        "Say  when:  or  count:,  of what the member has, and neither "
        "on, manual nor revoke.");
    says_both(HasLimits(rule), spec.asked_at_at,
              "is asked as time passes, and has limits",
              "Leave them out: it is won once, or as often as count says.");
  }
  for (const model::AwardSpec& award : rule.awards) {
    says_both(!award.to.empty(), award.to.at, "has an award to somebody else",
              "What a badge awards is for who wins it: leave to out.");
  }
}

// Compiled before all others: of which of them a badge has to be asked depends
// on what it reads.
void Compiler::CommandType() {
  badge_reads_.resize(spec_.badges.size());
  if (spec_.badges.empty() && spec_.streaks.empty()) return;
  EventType& type = out_.command_type.emplace();
  type.id = "loyalty.*";
  BuildEnvironments(type);
  for (size_t i = 0; i < spec_.badges.size() && !IsFull(); ++i) {
    const model::BadgeSpec& spec = spec_.badges[i];
    AskedBadge asked;
    if (IsForEverybody(spec)) {
      asked = CompiledBadge(type, i, Scope::kEverybodyBadge);
      AddReads(asked.when, spec.revoke, badge_reads_[i]);
      AddReads(asked.count, spec.revoke, badge_reads_[i]);
      AddReads(asked.keep, spec.revoke, badge_reads_[i]);
      const auto reads_nothing = [](const auto& expression) {
        return !expression.has_value() || expression->slots_used().empty();
      };
      if (spec.asked_at == model::Passing::kNo &&
          asked.when.has_value() != asked.count.has_value() &&
          reads_nothing(asked.when) && reads_nothing(asked.count)) {
        Warn(spec.id.at,
             WhatOf(spec) +
                 " is asked when what its condition reads has changed, and it "
                 "reads nothing",
             "Read what the member has, or say  on:  at which events.");
      }
    } else if (spec.revoke) {
      const bool counts = !spec.count.empty();
      const model::Text& source = counts ? spec.count : spec.rule.when;
      const cel::Type result = counts ? cel::Type::Int() : cel::Type::Bool();
      const bool reads_event =
          source.empty() ||
          !Tried(source, Scope::kEverybodyBadge, result).issues.empty();
      out_.badges[i].goes_with_event = reads_event;
      if (!reads_event) {
        asked_after_undo_.insert(i);
        asked = CompiledBadge(type, i, Scope::kEverybodyBadge);
        asked.only_lost = true;
      }
    }
    asked.badge = static_cast<int>(i);
    asked.of_quest = out_.badges[i].quest >= 0;
    AddBadge(type, std::move(asked));
  }
  LastsOfFreezes(type);
  QuestsOf(type);
  const auto of_everybody = [](const AskedBadge& one) {
    return one.of_everybody;
  };
  type.badges_of_everybody =
      std::any_of(type.badges.begin(), type.badges.end(), of_everybody);
  MetricReadsOf(type);
  FinishFrames(type);
  NumberCounters(type);
}

void Compiler::BadgesOf(EventType& type) {
  if (spec_.badges.empty()) return;
  const std::vector<bool> concerned = ConcernedBadges(type);
  const bool undoes = Undoes(type);
  for (size_t i = 0; i < spec_.badges.size() && !IsFull(); ++i) {
    const model::BadgeSpec& spec = spec_.badges[i];
    const bool is_on = IsAskedOn(spec, type);
    const bool only_lost = !is_on && undoes && asked_after_undo_.contains(i);
    const bool of_quest = out_.badges[i].quest >= 0;
    if (!is_on && !only_lost && !concerned[i] && !of_quest) continue;
    AskedBadge asked =
        CompiledBadge(type, i, is_on ? Scope::kBadge : Scope::kEverybodyBadge);
    asked.only_lost = only_lost;
    asked.of_quest = of_quest;
    type.badges_of_everybody |= asked.of_everybody;
    type.badges_read_time |= asked.of_everybody && badge_reads_[i].time;
    AddBadge(type, std::move(asked));
  }
}

void Compiler::AddBadge(EventType& type, AskedBadge asked) {
  const auto number = static_cast<size_t>(asked.badge);
  model::RuleSpec gives = spec_.badges[number].rule;
  gives.when = {};
  asked.rule = static_cast<int>(type.rules.size());
  type.rules.push_back(
      CompiledRule(type, gives, spec_.rules.size() + number, Scope::kWinner));
  type.badges.push_back(std::move(asked));
}

AskedBadge Compiler::CompiledBadge(EventType& type, size_t number,
                                   Scope scope) {
  const model::BadgeSpec& spec = spec_.badges[number];
  const std::string what = WhatOf(spec);
  AskedBadge asked{.badge = static_cast<int>(number),
                   .of_everybody = IsForEverybody(spec) &&
                                   !out_.badges[number].is_asked_at_end()};
  if (!spec.rule.when.empty()) {
    asked.when =
        Expression(spec.rule.when, scope, cel::Type::Bool(), what + ", when");
    Note(type, asked.when);
  }
  if (!spec.keep.empty()) {
    asked.keep =
        Expression(spec.keep, scope, cel::Type::Bool(), what + ", keep");
    Note(type, asked.keep);
  }
  if (!spec.count.empty()) {
    asked.count =
        Expression(spec.count, scope, cel::Type::Int(), what + ", count");
    Note(type, asked.count);
  }
  Rule at_object;
  AskOfObject(type, asked.when, spec.rule.when.at, what, at_object);
  AskOfObject(type, asked.count, spec.count.at, what, at_object);
  asked.object = at_object.object;
  if (asked.object != kTheTarget && spec.revoke) {
    Error(
        spec.revoke_at,
        what +
            " reads metrics of another object than the target, and is revoked",
        "Let it be kept, or read metrics that are kept per target.");
  }
  asked.asked_of_object = !spec.per.empty() || at_object.asked_of_object;
  CheckReads(spec, asked, what);
  asked.to_actor = spec.to.empty() || spec.to.text == "actor" ||
                   spec.to.text == "event.actor";
  if (!asked.to_actor && scope == Scope::kBadge) {
    asked.to = Identity(spec.to, Scope::kEvent, what + ", to");
    Note(type, asked.to);
  }
  asked.times = TimesOf(spec.rule.campaign, spec.rule.during, what);
  return asked;
}

void Compiler::CheckReads(const model::BadgeSpec& spec, const AskedBadge& asked,
                          const std::string& what) {
  if (!asked.asked_of_object) return;
  if (asked.of_everybody) {
    Error(spec.rule.when.at, what + " reads object.*, and is on no event type",
          "Say  on:  which events may win it, and  to:  who does.");
  }
  if (ReadsHolder(asked.when)) {
    Error(spec.rule.when.at,
          what + " is asked at the object, and reads what a member has",
          "Read object.* and the event, or what the member has.");
  }
  if (asked.count.has_value()) {
    Error(spec.count.at, what + ": count reads object.*",
          "Count what the member has, or say  per: \"target\".");
  }
  if (spec.revoke && spec.per.empty()) {
    Error(spec.revoke_at,
          what + " reads object.*, and is revoked for whichever object",
          "Say  per: \"target\", or read a metric of the member.");
  }
}

bool Compiler::ReadsHolder(
    const std::optional<cel::Expression>& expression) const {
  if (!expression.has_value()) return false;
  const int first = out_.slots.Base(Slots::Whose::kHolderStanding);
  return std::any_of(expression->slots_used().begin(),
                     expression->slots_used().end(), [&](uint32_t slot) {
                       const int s = numbered_[slot];
                       return s >= first && s < out_.slots.ObjectMetric(0);
                     });
}

void Compiler::AddReads(const std::optional<cel::Expression>& expression,
                        bool revokes, BadgeReads& reads) const {
  if (!expression.has_value()) return;
  const Slots& at = out_.slots;
  const auto whose = Slots::Whose::kHolderStanding;
  for (const uint32_t used : expression->slots_used()) {
    const int slot = numbered_[used];
    if (slot < at.Balance(whose, 0) || slot >= at.Segment(whose, 0)) {
      reads.time = true;
    } else if (slot >= at.Metric(whose, 0)) {
      const int metric = slot - at.Metric(whose, 0);
      const int counted_by = out_.metrics[metric].counted_by;
      reads.metrics.insert(counted_by < 0 ? metric : counted_by);
      if (out_.metrics[metric].currency >= 0) {
        reads.currencies.insert(out_.metrics[metric].currency);
      }
      // It falls without an event.
      reads.time |= revokes && out_.metrics[metric].passes();
    } else if (slot >= at.Level(whose, 0)) {
      AddReadsOfLadder(slot - at.Level(whose, 0), reads);
    } else {
      reads.currencies.insert((slot - at.Balance(whose, 0)) % at.currencies);
    }
  }
}

std::vector<bool> Compiler::ConcernedBadges(const EventType& type) const {
  std::vector<bool> concerned(spec_.badges.size(), false);
  const bool anything = Undoes(type) || type.id == kRedeem;
  std::set<int> counted, moved;
  for (const Metric& metric : type.metrics) counted.insert(metric.number);
  for (const Rule& rule : type.rules) AddAwarded(rule.awards, moved);
  // Any event may bring opening units, or find that some have expired.
  for (size_t i = 0; i < out_.currencies.size(); ++i) {
    const Currency& currency = out_.currencies[i];
    if (currency.opening != 0 || currency.has_lots) {
      moved.insert(static_cast<int>(i));
    }
  }
  // What one badge gives may win another.
  const auto win = [&](size_t i) {
    moved.insert(out_.badges[i].currency);
    AddAwarded(out_.command_type->rules[i].awards, moved);
  };
  for (size_t i = 0; i < spec_.badges.size(); ++i) {
    // Any event may tell that time has passed, or do the last of a quest.
    const bool passes = out_.badges[i].asked_at != model::Passing::kNo;
    const bool of_quest = out_.badges[i].quest >= 0;
    if (passes || of_quest || IsAskedOn(spec_.badges[i], type)) win(i);
  }
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < spec_.badges.size(); ++i) {
      if (concerned[i] || !IsForEverybody(spec_.badges[i])) continue;
      if (out_.badges[i].is_asked_at_end()) continue;
      const BadgeReads& reads = badge_reads_[i];
      concerned[i] = anything || reads.time || Meets(reads.metrics, counted) ||
                     Meets(reads.currencies, moved);
      if (!concerned[i]) continue;
      win(i);
      more = true;
    }
  }
  return concerned;
}

}  // namespace loyalty::rules
