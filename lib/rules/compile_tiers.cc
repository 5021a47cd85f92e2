// SPDX-License-Identifier: Apache-2.0
//
// How the tiers of ladders come and go, and what they ask besides. See
// compiler.h.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/amounts.h"
#include "base/suggest.h"
#include "base/views.h"
#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

constexpr int64_t kMostTierDays = 36'525;
constexpr int64_t kMostMonths = 1'200;

// "12mo"; nullopt for what is no such text.
std::optional<int64_t> MonthsIn(std::string_view text) {
  constexpr std::string_view kMonths = "mo";
  if (!text.ends_with(kMonths)) return std::nullopt;
  text.remove_suffix(kMonths.size());
  int64_t months = 0;
  const bool is_number =
      !text.empty() && std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number || !absl::SimpleAtoi(base::av(text), &months)) {
    return std::nullopt;
  }
  return months;
}

// As many days as so many months in a row have at the least.
int64_t FewestDays(int64_t months) {
  constexpr std::array<int64_t, 12> kDays = {0,   28,  59,  89,  120, 150,
                                             181, 212, 242, 273, 303, 334};
  return months / 12 * 365 + kDays[static_cast<size_t>(months % 12)];
}

}  // namespace

int Compiler::MetricNamed(std::string_view id) const {
  for (size_t i = 0; i < out_.metrics.size(); ++i) {
    const MetricTerms& one = out_.metrics[i];
    if (!one.is_told() && one.kind != MetricKind::kAmong) continue;
    if (one.id == id) return static_cast<int>(i);
  }
  return -1;
}

// That the metric says one thing of a member, at the times that the ladder
// needs it of.
void Compiler::CheckMetricOf(model::Place at, const std::string& what,
                             const Ladder& ladder, const MetricTerms& terms) {
  if (terms.kind == MetricKind::kAmong) {
    Error(at,
          absl::StrCat(what, ": metric \"", terms.id,
                       "\" counts among another's, and nothing of its own"),
          "Have badges ask what it says, and levels over those badges.");
    return;
  }
  if (terms.currency >= 0) {
    Error(
        at,
        absl::StrCat(what, ": metric \"", terms.id, "\" is of what is earned"),
        absl::StrCat("Say  currency: \"", out_.currencies[terms.currency].id,
                     "\"  instead; with  tiers { }  it is counted by their "
                     "period."));
    return;
  }
  if (terms.per_object || terms.has_key) {
    Error(at,
          absl::StrCat(what, ": metric \"", terms.id, "\" is kept ",
                       terms.per_object ? "per object" : "apart by something",
                       ", and a member has no one of it"),
          "Use a metric that is kept per member, without by.");
    return;
  }
  if (!ladder.tiers.has_value()) {
    if (!terms.passes()) return;
    Error(at,
          absl::StrCat(what, ": what metric \"", terms.id,
                       "\" says changes as time passes"),
          "Use one that counts for ever, or let the ladder have  tiers { }.");
    return;
  }
  const base::Period wanted = ladder.tiers->period == base::Period::kEver
                                  ? base::Period::kDay
                                  : ladder.tiers->period;
  if (!terms.is_rolling() && terms.period == wanted) return;
  Error(at,
        absl::StrCat(what, ": metric \"", terms.id,
                     "\" is not counted as the tiers need it"),
        wanted == base::Period::kDay
            ? "Say  period: DAY  in the metric: tiers add up its days."
            : "Say the tiers' period in the metric.");
}

TierTerms Compiler::TiersOf(const model::LadderSpec& spec,
                            const std::string& what) {
  const model::TiersSpec& tiers = *spec.tiers;
  const std::string counter = "tier:" + spec.id.text;
  TierTerms terms{.period = tiers.period,
                  .anniversary = tiers.anniversary,
                  .down = tiers.down,
                  .loss_at_once = tiers.loss_at_once,
                  .this_period_only = tiers.this_period_only,
                  .units = counter,
                  .reached = counter + "/reached",
                  .hand = counter + "/hand",
                  .hand_from = counter + "/hand_from",
                  .hand_until = counter + "/hand_until",
                  .told = counter + "/told"};
  const auto days = [&](const model::Text& text, const std::string& where) {
    const std::optional<base::Span> span = SpanOf(text, where);
    if (!span.has_value()) return int64_t{0};
    if (span->rest == absl::ZeroDuration() && span->days >= 1 &&
        span->days <= kMostTierDays) {
      return span->days;
    }
    Error(text.at, absl::StrCat(where, " is no number of days"),
          absl::StrCat("Write it as \"100d\", at most ", kMostTierDays, "d."));
    return int64_t{1};
  };
  const bool rolls = !tiers.within.empty();
  terms.days = days(tiers.within, what + ", within");
  terms.settle_days = days(tiers.settle, what + ", settle");
  SetValidity(tiers, what, terms);
  terms.grace = SpanOf(tiers.grace, what + ", grace").value_or(base::Span{});
  if (!tiers.low_water.empty()) {
    terms.low_water = Factor(tiers.low_water, tiers.at, what + ", low_water");
    if (base::Ratio() < terms.low_water) {
      Error(tiers.low_water.at, what + ", low_water is more than 1",
            "Write it as \"0.9\": what part of a tier's units keeps it.");
    }
  }
  const int said = (tiers.period == base::Period::kEver ? 0 : 1) +
                   (tiers.anniversary ? 1 : 0) + (rolls ? 1 : 0);
  if (said != 1) {
    Error(tiers.at,
          absl::StrCat(what, ": its tiers have ",
                       said == 0 ? "no period" : "more than one period"),
          "Say one of  period: YEAR,  anniversary: true,  within: \"365d\".");
  }
  if (tiers.period == base::Period::kHour) {
    Error(tiers.at, what + ": tiers have no period of an hour",
          "Use DAY, WEEK, MONTH, QUARTER or YEAR.");
    terms.period = base::Period::kDay;
  }
  if (rolls &&
      (tiers.this_period_only || !tiers.grace.empty() || tiers.loss_at_once)) {
    Error(tiers.at,
          what +
              ": rolling tiers have no period for grace, loss, or "
              "this_period_only to speak of",
          "Leave it out; settle is how long one is kept at least.");
  }
  if (!tiers.valid_for.empty() && (!rolls || !tiers.settle.empty())) {
    Error(tiers.valid_for.at,
          what + (rolls ? ", valid_for: settle says as well how long a tier is "
                          "held at least"
                        : ", valid_for is for rolling tiers, and these have "
                          "periods"),
          rolls
              ? "Leave out one of them."
              : "Say  within: \"365d\" valid_for: \"12mo\",  or leave it out: "
                "what is reached in a period is held until the end of the "
                "next.");
  }
  if (!rolls && !tiers.settle.empty()) {
    Error(tiers.settle.at, what + ": settle is for rolling tiers",
          "In periods, what was reached is held until the end of the next.");
  }
  return terms;
}

// How long what was reached is held.
void Compiler::SetValidity(const model::TiersSpec& tiers,
                           const std::string& what, TierTerms& terms) {
  const model::Text& said = tiers.valid_for;
  if (said.empty()) return;
  const std::optional<int64_t> months = MonthsIn(said.text);
  const std::optional<base::Span> span = base::ParseSpan(said.text);
  int64_t days = 0;
  if (months.has_value() && *months >= 1 && *months <= kMostMonths) {
    terms.valid_months = *months;
    days = FewestDays(*months);
  } else if (span.has_value() && span->rest == absl::ZeroDuration() &&
             span->days >= 1 && span->days <= kMostTierDays) {
    terms.valid_days = days = span->days;
  } else {
    return Error(said.at,
                 absl::StrCat(what, ", valid_for \"", said.text,
                              "\" is no number of months or days"),
                 absl::StrCat("Write it as \"12mo\" or \"365d\", at most ",
                              kMostMonths, "mo."));
  }
  if (terms.days <= days) return;
  Error(said.at,
        absl::StrCat(what, ", valid_for \"", said.text, "\" may be but ", days,
                     " days, and a tier is reached by those of ", terms.days),
        "What led there would keep it: let  within  be no longer.");
}

// Which of what the ladder asks also it is, by its place; a new one, if it is
// none yet. nullopt: it is wrong.
std::optional<size_t> Compiler::MeasureOf(const model::AlsoSpec& spec,
                                          const std::string& what,
                                          Ladder& ladder) {
  LadderMeasure measure;
  if (spec.currency.empty() == spec.metric.empty()) {
    Error(spec.at,
          absl::StrCat(what, " names ",
                       spec.currency.empty() ? "neither" : "both",
                       " a currency and a metric"),
          "Say one of the two, and  at.");
    return std::nullopt;
  }
  const std::string& id =
      spec.currency.empty() ? spec.metric.text : spec.currency.text;
  if (!spec.currency.empty()) {
    measure.currency = out_.CurrencyIndex(id);
    if (measure.currency < 0 || out_.currencies[measure.currency].is_badge) {
      std::vector<std::string> known;
      for (const auto& c : spec_.currencies) known.push_back(c.id.text);
      Error(spec.currency.at,
            absl::StrCat(what, ": currency \"", id, "\" is not declared"),
            base::DidYouMean(id, known));
      return std::nullopt;
    }
    measure.currency_symbol = out_.currencies[measure.currency].symbol;
  } else {
    measure.metric = MetricNamed(id);
    if (measure.metric < 0) {
      std::vector<std::string> known;
      for (const auto& m : spec_.metrics) known.push_back(m.id.text);
      Error(spec.metric.at,
            absl::StrCat(what, ": metric \"", id, "\" is not declared"),
            base::DidYouMean(id, known));
      return std::nullopt;
    }
    measure.metric_terms = out_.metrics[measure.metric];
  }
  if (measure.currency == ladder.currency && measure.metric == ladder.metric) {
    Error(spec.at,
          absl::StrCat(what, ": \"", id, "\" is what the ladder is over"),
          "Say how much of it in the level's own  at.");
    return std::nullopt;
  }
  for (size_t i = 0; i < ladder.also.size(); ++i) {
    if (ladder.also[i].currency == measure.currency &&
        ladder.also[i].metric == measure.metric) {
      return i;
    }
  }
  if (measure.metric >= 0) {
    CheckMetricOf(spec.metric.at, what, ladder, measure.metric_terms);
  }
  measure.units = absl::StrCat("tier:", ladder.id, "/also/",
                               measure.currency >= 0 ? "earned." : "", id);
  ladder.also.push_back(std::move(measure));
  return ladder.also.size() - 1;
}

// What levels ask besides what the ladder is over.
void Compiler::AddAlso(const model::LadderSpec& spec, const std::string& what,
                       Ladder& ladder) {
  std::vector<int64_t> asked;  // by the level below
  for (const model::LevelSpec& said : spec.levels) {
    const std::string where =
        absl::StrCat(what, ": level \"", said.id.text, "\", also");
    const int index = ladder.IndexOf(said.id.text);
    if (index < 0) continue;  // it was told
    if (!said.also.empty() && (!ladder.tiers.has_value() || index == 0 ||
                               said.by_hand || spec.curve.has_value())) {
      Error(said.also.front().at,
            where + (index == 0     ? ": it is the lowest, which all reach"
                     : said.by_hand ? ": it is reached by hand only"
                     : spec.curve.has_value()
                         ? ": what its levels ask says the curve"
                         : ": the ladder has no tiers"),
            ladder.tiers.has_value()
                ? "Leave it out."
                : "Have a badge ask all that the level takes, and the level "
                  "name that badge.");
      continue;
    }
    std::set<size_t> seen;
    for (const model::AlsoSpec& also : said.also) {
      const std::optional<size_t> place = MeasureOf(also, where, ladder);
      if (!place.has_value()) continue;
      InRange(also.units, 1, also.at, where + ": at");
      asked.resize(ladder.also.size());
      if (!seen.insert(*place).second) {
        Error(also.at, where + " says the same thing twice",
              "Leave out one of them.");
      } else if (also.units < asked[*place]) {
        Error(also.at,
              absl::StrCat(where, " asks ", also.units,
                           ", and the level below ", asked[*place]),
              "A level asks no less of anything than those below it.");
      }
      asked[*place] = std::max(asked[*place], also.units);
    }
    ladder.levels[index].also = asked;
  }
  for (Level& level : ladder.levels) level.also.resize(ladder.also.size());
}

}  // namespace loyalty::rules
