// SPDX-License-Identifier: Apache-2.0
//
// Limits of awards and rules. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "rules/compiler.h"
#include "rules/values.h"

namespace loyalty::rules {
const char* PeriodName(base::Period period) {
  switch (period) {
    case base::Period::kEver: return "ever";
    case base::Period::kHour: return "hour";
    case base::Period::kDay: return "day";
    case base::Period::kWeek: return "week";
    case base::Period::kMonth: return "month";
    case base::Period::kQuarter: return "quarter";
    case base::Period::kYear: return "year";
  }
  return "";
}

namespace {

constexpr int64_t kSecondsOfDay = 86'400;
// Longer than any program runs.
constexpr int64_t kMostSeconds = kSecondsOfDay * 36'525;

// As long as a rolling period of that name is; 0 for ever.
int64_t SecondsOf(base::Period period) {
  switch (period) {
    case base::Period::kEver: return 0;
    case base::Period::kHour: return 3'600;
    case base::Period::kDay: return kSecondsOfDay;
    case base::Period::kWeek: return 7 * kSecondsOfDay;
    case base::Period::kMonth: return 30 * kSecondsOfDay;
    case base::Period::kQuarter: return 90 * kSecondsOfDay;
    case base::Period::kYear: return 365 * kSecondsOfDay;
  }
  return 0;
}

const char* KeyName(model::LimitSpec::Key key) {
  switch (key) {
    case model::LimitSpec::Key::kMember: return "";
    case model::LimitSpec::Key::kPair: return "/pair";
    case model::LimitSpec::Key::kObject: return "/object";
    case model::LimitSpec::Key::kChannel: return "/channel";
  }
  return "";
}

// Only limits that count alike can count together: in one group, or in one
// rule as a changed program has it.
std::string WhatIsCounted(const model::LimitSpec& spec, const Limit& limit) {
  const Counter& counter = limit.counter;
  return absl::StrCat(
      counter.rolling > 0 ? absl::StrCat(counter.rolling, "s")
                          : PeriodName(counter.per),
      limit.counts_times ? "/times" : "/units", KeyName(counter.key),
      spec.by.empty() ? "" : absl::StrCat("/by/", spec.by.text));
}

// Limits of a group share a counter.
void MarkRepeated(std::vector<Limit>& limits) {
  for (auto limit = limits.begin(); limit != limits.end(); ++limit) {
    limit->comes_again =
        std::any_of(std::next(limit), limits.end(), [&](const Limit& later) {
          return later.counter.name == limit->counter.name;
        });
  }
}

}  // namespace

std::optional<int64_t> Compiler::Seconds(const model::Text& text,
                                         const std::string& where) {
  const absl::StatusOr<Value> value =
      ParseLiteral(text.text, model::Type::kDuration);
  const auto* length =
      value.ok() ? std::get_if<absl::Duration>(&value->get()) : nullptr;
  if (length == nullptr || *length < absl::ZeroDuration() ||
      *length > absl::Seconds(kMostSeconds) ||
      absl::Trunc(*length, absl::Seconds(1)) != *length) {
    Error(text.at,
          absl::StrCat(where, " \"", text.text,
                       "\" is no length of time in whole seconds"),
          "Write it as \"90s\", \"10m\" or \"36h\".");
    return std::nullopt;
  }
  return absl::ToInt64Seconds(*length);
}

bool Compiler::Measure(const model::LimitSpec& spec, const std::string& where,
                       Limit& limit) {
  const bool waits = !spec.cooldown.empty();
  if (spec.times.has_value() || spec.units.has_value()) {
    if (waits) {
      Error(spec.cooldown.at, where + " has both a cooldown and times or units",
            "Make them two limits.");
      return false;
    }
    limit.counts_times = spec.times.has_value();
    limit.most = spec.times.value_or(spec.units.value_or(0));
    if (!InRange(limit.most, 0, spec.at, where)) return false;
    if (limit.most > 0) return true;
    Warn(spec.at, where + " is 0, which is no limit",
         "Leave it out, or give what it allows.");
    return false;
  }
  if (!waits) {
    Error(spec.at, where + " says neither times nor units nor cooldown",
          "Add  times: 2  or  units: 100  or  cooldown: \"10m\"");
    return false;
  }
  const auto seconds = Seconds(spec.cooldown, where + ", cooldown");
  if (!seconds.has_value()) return false;
  if (*seconds == 0) {
    Warn(spec.cooldown.at, where + ", cooldown is 0, which is no limit",
         "Leave it out, or say how long to wait.");
    return false;
  }
  limit.counts_times = true;
  limit.most = 1;
  limit.counter.rolling = *seconds;
  limit.reason = CutReason::kCooldown;
  return true;
}

bool Compiler::Window(const model::LimitSpec& spec, const std::string& where,
                      Limit& limit) {
  if (limit.reason == CutReason::kCooldown) {
    if (spec.per == base::Period::kEver && !spec.rolling &&
        spec.within.empty()) {
      return true;
    }
    Error(spec.at, where + " has a cooldown and a period",
          "Leave out per, rolling and within.");
    return false;
  }
  limit.counter.per = spec.per;
  if (!spec.rolling && spec.within.empty()) return true;
  if (!spec.within.empty() &&
      (spec.rolling || spec.per != base::Period::kEver)) {
    Error(spec.within.at, where + " has both within and a period",
          "Leave out one of them.");
    return false;
  }
  limit.counter.per = base::Period::kEver;
  limit.counter.rolling = SecondsOf(spec.per);
  if (!spec.within.empty()) {
    const auto seconds = Seconds(spec.within, where + ", within");
    if (!seconds.has_value()) return false;
    limit.counter.rolling = *seconds;
    if (*seconds == 0) {
      Warn(spec.within.at, where + ", within is 0, which is no limit",
           "Leave it out, or say over how long.");
      return false;
    }
  }
  if (limit.counter.rolling > 0) return true;
  Error(spec.at, where + " is rolling, and over no time",
        "Add  per: DAY  or another period, or  within: \"36h\"");
  return false;
}

void Compiler::AddLimit(const EventType& type, const model::LimitSpec& spec,
                        const std::string& counter, const std::string& where,
                        std::vector<Limit>& limits) {
  Limit limit;
  limit.counter.key = spec.key;
  if (!spec.by.empty()) {
    if (spec.key != model::LimitSpec::Key::kMember) {
      Error(spec.by.at, where + " has both a key and by",
            "Say by what it is kept once.");
    }
    limit.counter.by = CompiledKey(type, spec.by, where + ", by");
  }
  if (!Measure(spec, where, limit) || !Window(spec, where, limit)) return;
  limit.counter.name = absl::StrCat(counter, WhatIsCounted(spec, limit));
  if (!spec.group.empty()) {
    ValidId(spec.group, where + ", group", true);
    limit.counter.name = absl::StrCat("limit:=", spec.group.text, "/",
                                      WhatIsCounted(spec, limit));
    const auto first =
        groups_.emplace(spec.group.text, limit.counter.name).first;
    if (first->second != limit.counter.name) {
      Warn(spec.group.at,
           absl::StrCat(where, ": group \"", spec.group.text,
                        "\" also has limits of another period, key or "
                        "measure; those count apart"),
           "Give all limits of a group the same per, key, and times or "
           "units.");
    }
  }
  limits.push_back(std::move(limit));
}

std::vector<Limit> Compiler::LimitsOf(const EventType& type,
                                      const model::RuleSpec& rule, size_t award,
                                      const std::string& what) {
  std::vector<Limit> limits;
  const std::string counter =
      absl::StrCat("limit:", rule.id.text, "/", award, "/");
  for (const model::LimitSpec& spec : rule.awards[award].limits) {
    AddLimit(type, spec, counter, what + ", limit", limits);
  }
  // A rule's limits hold for each of its awards, and each counts apart.
  for (const model::LimitSpec& spec : rule.limits) {
    AddLimit(type, spec, absl::StrCat(counter, "rule/"),
             absl::StrCat("rule \"", rule.id.text, "\", limit"), limits);
  }
  MarkRepeated(limits);
  return limits;
}

}  // namespace loyalty::rules
