// SPDX-License-Identifier: Apache-2.0
//
// Metrics, as they stand for one event type. See compiler.h.
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/suggest.h"
#include "base/views.h"
#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

using base::av;

constexpr std::string_view kEventName = "event.";
constexpr int64_t kMostRollingDays = 36'525;
constexpr int64_t kMostRollingSeconds = kMostRollingDays * 86'400;

// What it counts, as its field is called.
std::string_view FieldOf(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCount: return "";
    case MetricKind::kSum: return "sum";
    case MetricKind::kMax: return "max";
    case MetricKind::kDistinct: return "distinct";
    case MetricKind::kDays: return "days";
    case MetricKind::kStreak:
    case MetricKind::kLongest:
    case MetricKind::kReached:
    case MetricKind::kStep:
    case MetricKind::kGoal:
    case MetricKind::kSaid:
    case MetricKind::kAmong: break;
  }
  return "";
}

std::string What(const model::MetricSpec& spec) {
  if (!spec.made_of.empty()) return spec.made_of;
  return absl::StrCat("metric \"", spec.id.text, "\"");
}

// The index of the attribute that "event.NAME" is of, if it has that type; -1
// if none has.
int AttributeNamed(const EventType& type, std::string_view text,
                   model::Type of) {
  if (!text.starts_with(kEventName)) return -1;
  text.remove_prefix(kEventName.size());
  for (size_t i = 0; i < type.attributes.size(); ++i) {
    if (type.attributes[i].name == text && type.attributes[i].type == of) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace

MetricKind Compiler::KindOf(const model::MetricSpec& spec) {
  using Made = model::MetricSpec::Made;
  switch (spec.made) {
    case Made::kStreak: return MetricKind::kStreak;
    case Made::kLongest: return MetricKind::kLongest;
    case Made::kReached: return MetricKind::kReached;
    case Made::kStep: return MetricKind::kStep;
    case Made::kGoal: return MetricKind::kGoal;
    case Made::kSaid: return MetricKind::kSaid;
    case Made::kNo: break;
  }
  struct Said {
    MetricKind kind;
    model::Place at;
  };
  std::vector<Said> said;
  if (!spec.sum.empty()) said.push_back({MetricKind::kSum, spec.sum.at});
  if (!spec.max.empty()) said.push_back({MetricKind::kMax, spec.max.at});
  if (!spec.distinct.empty()) {
    said.push_back({MetricKind::kDistinct, spec.distinct.at});
  }
  if (spec.days) said.push_back({MetricKind::kDays, spec.days_at});
  if (!spec.among.empty()) return MetricKind::kAmong;
  if (said.empty()) return MetricKind::kCount;
  if (said.size() > 1) {
    Error(said[1].at,
          absl::StrCat(What(spec), " says both ", av(FieldOf(said[0].kind)),
                       " and ", av(FieldOf(said[1].kind))),
          "A metric says one thing: make them two metrics.");
  }
  return said[0].kind;
}

// Sets how long `within` is.
void Compiler::Rolling(const model::MetricSpec& spec, MetricTerms& terms) {
  const std::string what = What(spec) + ", within";
  if (spec.period != base::Period::kEver) {
    Error(spec.within.at, What(spec) + " has both within and a period",
          "Leave out one of them, or make them two metrics.");
  }
  const std::optional<base::Span> span = base::ParseSpan(spec.within.text);
  const bool is_whole = span.has_value() &&
                        absl::Trunc(span->rest, absl::Seconds(1)) == span->rest;
  const bool is_one =
      is_whole && (span->days == 0 || span->rest == absl::ZeroDuration());
  if (!is_one || span->days > kMostRollingDays ||
      span->rest > absl::Seconds(kMostRollingSeconds)) {
    Error(spec.within.at,
          absl::StrCat(what, " \"", spec.within.text,
                       "\" is neither a number of days nor a length of time in "
                       "whole seconds, of at most 100 years"),
          "Write it as \"100d\", for days of the calendar, or as \"36h\" or "
          "\"90m\".");
    return;
  }
  terms.days = span->days;
  terms.seconds = absl::ToInt64Seconds(span->rest);
  if (!terms.is_rolling()) {
    Error(spec.within.at, what + " is no time at all",
          "Leave it out, to count for ever, or say over how long.");
  }
}

// That days are told apart in what may have several.
void Compiler::CheckDays(const model::MetricSpec& spec,
                         const MetricTerms& terms) {
  if (terms.kind != MetricKind::kDays) return;
  if (terms.seconds > 0) {
    Error(spec.within.at,
          absl::StrCat(What(spec), " counts days, and within \"",
                       spec.within.text, "\" begins in the midst of one"),
          "Write it in days: \"7d\" are the event's day and the 6 before it.");
  }
  if (spec.period == base::Period::kHour || spec.period == base::Period::kDay) {
    Error(
        spec.period_at,
        What(spec) + " counts days, of which its period has one",
        "Use period: WEEK, MONTH, QUARTER or YEAR, or leave out one of them.");
  }
}

// What is earned counts as it is earned, and no event by itself.
void Compiler::CountEarned(const model::MetricSpec& spec, MetricTerms& terms) {
  const std::string what = What(spec);
  terms.kind = MetricKind::kSum;
  terms.currency = out_.CurrencyIndex(spec.earned.text);
  if (terms.currency < 0) {
    std::vector<std::string> known;
    for (const auto& currency : spec_.currencies) {
      known.push_back(currency.id.text);
    }
    return Error(spec.earned.at,
                 absl::StrCat(what, ": currency \"", spec.earned.text,
                              "\" is not declared"),
                 base::DidYouMean(spec.earned.text, known));
  }
  const bool says_more = !spec.on.empty() || !spec.per.empty() ||
                         !spec.sum.empty() || !spec.when.empty() ||
                         !spec.max.empty() || !spec.distinct.empty() ||
                         spec.days || !spec.by.empty();
  if (says_more || !spec.within.empty()) {
    Error(spec.earned.at, what + " counts what is earned, and says more",
          "Say  earned  and  period,  and nothing else of what it counts.");
  }
  if (terms.period == base::Period::kEver ||
      terms.period == base::Period::kHour) {
    Error(
        spec.earned.at,
        absl::StrCat(what, " counts what is earned ",
                     terms.period == base::Period::kHour ? "by the hour"
                                                         : "without a period"),
        absl::StrCat(
            "Say  period: DAY,  WEEK, MONTH, QUARTER or YEAR. For ever it is "
            "earned.",
            spec.earned.text, "."));
  }
  out_.earned_feeds.resize(spec_.currencies.size() + spec_.badges.size());
  out_.earned_feeds[terms.currency].push_back(
      {.board = -1, .counter = terms.counter, .period = terms.period});
}

// The one whose counters it reads: another, if it counts among what that is
// kept apart by; else itself.
const model::MetricSpec& Compiler::CountedBy(
    const model::MetricSpec& spec) const {
  if (spec.among.empty()) return spec;
  const auto found =
      std::find_if(spec_.metrics.begin(), spec_.metrics.end(),
                   [&](const model::MetricSpec& one) {
                     return one.made == model::MetricSpec::Made::kNo &&
                            one.among.empty() && one.id.text == spec.among.text;
                   });
  return found == spec_.metrics.end() ? spec : *found;
}

// It has no counters, and reads those of another, whose terms are known by now.
void Compiler::CountAmongKeys(const model::MetricSpec& spec,
                              MetricTerms& terms) {
  const std::string what = What(spec);
  const bool says_more =
      !spec.on.empty() || !spec.per.empty() || !spec.sum.empty() ||
      !spec.when.empty() || !spec.max.empty() || !spec.distinct.empty() ||
      spec.days || !spec.by.empty() || !spec.within.empty() ||
      !spec.earned.empty() || spec.period != base::Period::kEver;
  if (says_more) {
    Error(spec.among.at, what + " counts among another's, and says more",
          "Say  among, at_least  and  before,  and nothing else: whose it is, "
          "and over what time, the other says.");
  }
  terms.at_least = spec.at_least == 0 ? 1 : spec.at_least;
  if (terms.at_least < 1) {
    Error(spec.at_least_at,
          absl::StrCat(what, ": at_least ", spec.at_least, " is below 1"),
          "What nothing was counted for is not known: say 1 or more.");
  }
  const model::MetricSpec& counted = CountedBy(spec);
  if (&counted == &spec) {
    std::vector<std::string> known;
    for (const MetricTerms& one : out_.metrics) {
      if (one.is_told() && one.has_key) known.push_back(one.id);
    }
    return Error(spec.among.at,
                 absl::StrCat(what, ", among: metric \"", spec.among.text,
                              "\" is not declared, or counts among another's"),
                 base::DidYouMean(spec.among.text, known));
  }
  terms.counted_by = static_cast<int>(&counted - spec_.metrics.data());
  MetricTerms& others = out_.metrics[terms.counted_by];
  if (!others.has_key || others.is_rolling()) {
    return Error(spec.among.at,
                 absl::StrCat(what, ", among: metric \"", others.id, "\" ",
                              others.has_key ? "has within"
                                             : "is not kept apart by anything"),
                 others.has_key
                     ? "Count for ever there, or in a period of the calendar."
                     : "Say  by: \"event.category\"  there: what is counted "
                       "here is how many of them came to so much.");
  }
  terms.period = others.period;
  others.int_key |= !spec.before.empty();
}

bool Compiler::IsPerObject(const model::MetricSpec& written) const {
  const model::MetricSpec& spec = CountedBy(written);
  if (spec.per.text == "target") return true;
  std::string_view name = spec.per.text;
  if (!name.starts_with(kEventName)) return false;
  name.remove_prefix(kEventName.size());
  for (const model::EventTypeSpec& type : spec_.event_types) {
    const bool is_on = std::any_of(
        spec.on.begin(), spec.on.end(),
        [&](const model::Text& on) { return on.text == type.id.text; });
    if (!is_on) continue;
    for (const model::AttributeSpec& attribute : type.attributes) {
      if (attribute.name.text == name) {
        return attribute.type == model::Type::kObject;
      }
    }
  }
  return false;
}

// Of what a streak or a quest is made of. Those that read a streak come behind
// the one that counts it.
MetricTerms Compiler::MadeTerms(const model::MetricSpec& spec) {
  MetricTerms terms{
      .id = spec.id.text, .kind = KindOf(spec), .period = spec.period};
  if (terms.kind == MetricKind::kSaid) {
    terms.tally = "said:" + spec.id.text;
    terms.per_object = true;
    return terms;
  }
  if (terms.kind == MetricKind::kStep) {
    const std::string& quest = spec_.quests[spec.of].id.text;
    terms.counter = "quest:" + quest;
    terms.tally = "quest:" + spec.id.text;
    terms.quest = spec.of;
    return terms;
  }
  if (terms.kind == MetricKind::kGoal) {
    const bool is_first = out_.metrics.empty() ||
                          out_.metrics.back().kind != MetricKind::kGoal ||
                          out_.metrics.back().quest != spec.of;
    terms.quest = spec.of;
    terms.step = is_first ? 0 : out_.metrics.back().step + 1;
    return terms;
  }
  const model::StreakSpec& streak = spec_.streaks[spec.of];
  terms.streak = StreakTermsOf(streak);
  terms.period = terms.streak->every;
  terms.tally = "streak:" + streak.id.text;
  terms.length = spec.length;
  terms.again = spec.again;
  const auto place = static_cast<int>(out_.metrics.size());
  switch (terms.kind) {
    case MetricKind::kStreak:
      terms.name = "streak." + spec.id.text;
      out_.streaks.push_back({.id = streak.id.text,
                              .describe = streak.describe.text,
                              .metric = place,
                              .longest = place + 1});
      break;
    case MetricKind::kLongest:
      terms.name = "longest_streak." + spec.id.text;
      break;
    default: terms.name = "streak_" + spec.id.text;
  }
  terms.counted_by = out_.streaks[spec.of].metric;
  return terms;
}

void Compiler::MetricNames() {
  std::set<std::string> seen;
  for (const model::MetricSpec& spec : spec_.metrics) {
    if (spec.made != model::MetricSpec::Made::kNo) {
      if (spec.made != model::MetricSpec::Made::kSaid && IsPerObject(spec)) {
        Error(spec.per.at,
              absl::StrCat(What(spec), " is a member's, and per is \"",
                           spec.per.text, "\""),
              "Use \"actor\", or a MEMBER attribute as \"event.owner\".");
      }
      out_.metrics.push_back(MadeTerms(spec));
      continue;
    }
    ValidId(spec.id, "metric", false);
    Unique(seen, spec.id, "metric");
    MetricTerms terms{.id = spec.id.text,
                      .name = "metric." + spec.id.text,
                      .counter = "metric:" + spec.id.text,
                      .tally = {},
                      .kind = KindOf(spec),
                      .period = spec.period,
                      .has_key = !spec.by.empty(),
                      .per_object = IsPerObject(spec)};
    if (terms.kind == MetricKind::kAmong) {
      terms.counter = {};
    } else if (terms.is_tallied()) {
      terms.tally = "metric:" + spec.id.text + "/of";
    }
    if (spec.among.empty() && (spec.at_least != 0 || !spec.before.empty())) {
      Error(spec.before.empty() ? spec.at_least_at : spec.before.at,
            What(spec) + " says at_least or before, and not among what",
            "Add  among: \"...\",  a metric with by.");
    }
    if (!spec.within.empty()) Rolling(spec, terms);
    if (!spec.earned.empty()) CountEarned(spec, terms);
    CheckDays(spec, terms);
    if (terms.has_key && (terms.kind == MetricKind::kMax ||
                          terms.kind == MetricKind::kDistinct)) {
      Error(
          spec.by.at,
          absl::StrCat(What(spec), " has both by and ", av(FieldOf(terms.kind)),
                       ": what it counts is kept apart by one thing, its "
                       "values already"),
          terms.kind == MetricKind::kMax
              ? "Make it a metric for each of a few, with a when."
              : "Let distinct say both: "
                "\"event.tag + ' ' + event.word\" counts pairs.");
    }
    out_.metrics.push_back(std::move(terms));
  }
  for (size_t i = 0; i < spec_.metrics.size(); ++i) {
    if (out_.metrics[i].kind != MetricKind::kAmong) continue;
    CountAmongKeys(spec_.metrics[i], out_.metrics[i]);
  }
}

void Compiler::MetricsOf(EventType& type) {
  for (size_t i = 0; i < spec_.metrics.size(); ++i) {
    const auto& on = spec_.metrics[i].on;
    if (std::none_of(on.begin(), on.end(), [&](const model::Text& one) {
          return one.text == type.id;
        })) {
      continue;
    }
    if (std::optional<Metric> metric = CompiledMetric(type, i)) {
      for (const auto* expression : {&metric->when, &metric->amount,
                                     &metric->value.text, &metric->by.text}) {
        Note(type, *expression);
      }
      if (!metric->is_plain) NoteWindows(type, out_.metrics[i]);
      const bool is_ranked =
          !out_.metric_feeds.empty() && !out_.metric_feeds[i].empty();
      if (is_ranked) type.only_plain = false;
      if (metric->is_per_object()) NoteObject(type, metric->attribute);
      type.metrics.push_back(*std::move(metric));
    }
  }
}

// Events of the type are looked up in the calendar as the metric asks.
void Compiler::NoteWindows(EventType& type, const MetricTerms& terms) {
  type.only_plain = false;
  if (terms.period != base::Period::kEver) NotePeriod(type, terms.period);
  if (terms.days > 0 || terms.kind == MetricKind::kDays) {
    NotePeriod(type, base::Period::kDay);
  }
}

// Its events have a leg at that object.
void Compiler::NoteObject(EventType& type, int attribute) {
  if (attribute == kTheTarget) {
    type.object_leg = true;
    return;
  }
  auto& known = type.object_attributes;
  const auto place = std::lower_bound(known.begin(), known.end(), attribute);
  if (place == known.end() || *place != attribute) {
    known.insert(place, attribute);
  }
}

bool Compiler::SetPer(const EventType& type, const model::MetricSpec& spec,
                      const MetricTerms& terms, Metric& metric) {
  if (spec.per.empty() || spec.per.text == "actor") return true;
  if (spec.per.text == "target") {
    metric.per = Metric::Per::kTarget;
    return true;
  }
  metric.per = terms.per_object ? Metric::Per::kObjects : Metric::Per::kMembers;
  metric.attribute = AttributeNamed(
      type, spec.per.text,
      terms.per_object ? model::Type::kObject : model::Type::kMember);
  if (metric.attribute >= 0) return true;
  Error(spec.per.at,
        terms.per_object
            ? absl::StrCat(What(spec), ", per: \"", spec.per.text,
                           "\" is an OBJECT attribute of another type, and of "
                           "\"",
                           type.id, "\" it is none")
            : absl::StrCat(What(spec), ", per: \"", spec.per.text,
                           "\" is no MEMBER or OBJECT attribute of \"", type.id,
                           "\""),
        "Use \"actor\", \"target\", or a MEMBER or OBJECT attribute as "
        "\"event.owner\".");
  return false;
}

// For what those who do it together act.
bool Compiler::SetTeam(const EventType& type, const model::MetricSpec& spec,
                       Metric& metric) {
  const model::Text& together = spec_.quests[spec.of].together;
  if (together.text == "everybody" || together.text == "target") return true;
  metric.team = AttributeNamed(type, together.text, model::Type::kObject);
  if (metric.team >= 0) return true;
  Error(together.at,
        absl::StrCat(What(spec), ", together: \"", together.text,
                     "\" is no OBJECT attribute of \"", type.id, "\""),
        "Use \"everybody\", \"target\", or an OBJECT attribute that each type "
        "has which its steps are on, as \"event.team\".");
  return false;
}

// A text that is nothing but the name of a member is kept as a member.
KeyExpression Compiler::CompiledKey(const EventType& type,
                                    const model::Text& source,
                                    const std::string& where) {
  KeyExpression key;
  const std::string text(absl::StripAsciiWhitespace(source.text));
  key.is_member = text == "event.actor";
  const int attribute = AttributeNamed(type, text, model::Type::kMember);
  if (attribute >= 0) key.is_member = !type.attributes[attribute].list;
  key.text = Identity(source, Scope::kEvent, where);
  if (key.text.has_value() && !key.is_member &&
      MakesTextOfMember(type, *key.text)) {
    Warn(source.at,
         absl::StrCat(where,
                      ": makes a text of a member's id, which begins again "
                      "once they are merged, and is not forgotten with them"),
         "Write nothing but the name of the MEMBER: \"event.owner\"");
  }
  return key;
}

// As far as can be seen: one that compares ids says something else of them.
bool Compiler::MakesTextOfMember(const EventType& type,
                                 const cel::Expression& key) const {
  for (const char* const compares : {"==", "!=", " in "}) {
    if (key.source().find(compares) != std::string_view::npos) return false;
  }
  const std::vector<uint32_t>& read = key.slots_used();
  return std::any_of(read.begin(), read.end(), [&](uint32_t slot) {
    const int attribute = numbered_[slot] - out_.slots.Attribute(0);
    return attribute < 0
               ? numbered_[slot] == Slots::kActor
               : type.attributes[attribute].type == model::Type::kMember;
  });
}

// Ints and texts: which it is says the expression.
KeyExpression Compiler::CompiledValue(const EventType& type,
                                      const model::Text& source,
                                      const std::string& where) {
  std::optional<cel::Expression> any =
      Compiled(source, Scope::kEvent, cel::Type::Dyn(), where);
  if (!any.has_value()) return {};
  if (any->result_type() == cel::Type::Int()) {
    return {.text = Expression(source, Scope::kEvent, cel::Type::Int(), where),
            .is_int = true};
  }
  return CompiledKey(type, source, where);
}

std::optional<Metric> Compiler::CompiledMetric(EventType& type, size_t number) {
  const model::MetricSpec& spec = spec_.metrics[number];
  const MetricTerms& terms = out_.metrics[number];
  const std::string what = What(spec);
  Metric metric;
  metric.number = static_cast<int>(number);
  metric.id = spec.id.text;
  metric.kind = terms.kind;
  metric.is_plain = terms.is_plain();
  if (!SetPer(type, spec, terms, metric)) return std::nullopt;
  if (terms.kind == MetricKind::kGoal && !SetTeam(type, spec, metric)) {
    return std::nullopt;
  }
  if (!spec.when.empty()) {
    metric.when = Expression(spec.when, Scope::kEvent, cel::Type::Bool(),
                             what + ", when");
  }
  const bool is_step =
      terms.kind == MetricKind::kStep || terms.kind == MetricKind::kGoal;
  const bool sums = is_step && !spec.sum.empty();
  if (terms.kind == MetricKind::kSum || sums) {
    metric.amount =
        Expression(spec.sum, Scope::kEvent, cel::Type::Int(), what + ", sum");
  } else if (terms.kind == MetricKind::kMax) {
    metric.amount =
        Expression(spec.max, Scope::kEvent, cel::Type::Int(), what + ", max");
  } else if (terms.kind == MetricKind::kDistinct) {
    metric.value = CompiledValue(type, spec.distinct, what + ", distinct");
  }
  if (terms.has_key) {
    metric.by = CompiledValue(type, spec.by, what + ", by");
    if (terms.int_key && metric.by.text.has_value() && !metric.by.is_int) {
      Error(spec.by.at,
            what + ", by is a text, and another metric has those before one",
            "Give it an int, as the entry that a recall tells.");
    }
  }
  if (metric.value.is_member ||
      (terms.kind == MetricKind::kDays && metric.by.is_member)) {
    out_.metrics[number].tells_members = true;
  }
  return metric;
}

void Compiler::MetricReadsOf(EventType& type) {
  std::set<int> numbers;
  for (const auto* read : {&type.actor_metrics, &type.member_metrics,
                           &type.holder_metrics, &type.object_metrics}) {
    numbers.insert(read->begin(), read->end());
  }
  for (const int number : numbers) {
    const MetricTerms& terms = out_.metrics[number];
    if (terms.is_plain()) continue;
    const model::MetricSpec& spec = spec_.metrics[number];
    const auto where = [&](std::string_view field) {
      return absl::StrCat(What(spec), ", ", av(field), ", as read of \"",
                          type.id, "\"");
    };
    MetricRead read{.number = number};
    if (terms.has_key) {
      read.by = CompiledValue(type, spec.by, where("by"));
      Note(type, read.by.text);
    }
    if (!spec.before.empty()) {
      read.before = Expression(spec.before, Scope::kEvent, cel::Type::Int(),
                               where("before"));
      Note(type, read.before);
    }
    NoteWindows(type, terms);
    type.metric_reads.push_back(std::move(read));
  }
}

// A rule that reads metrics of objects is asked of the one they are kept per.
void Compiler::AskOfObject(const EventType& type,
                           const std::optional<cel::Expression>& expression,
                           model::Place at, const std::string& what,
                           Rule& rule) {
  if (!expression.has_value()) return;
  for (const uint32_t used : expression->slots_used()) {
    const int number = numbered_[used] - out_.slots.ObjectMetric(0);
    if (number < 0 || number >= out_.slots.metrics) continue;
    const model::MetricSpec& spec = CountedBy(spec_.metrics[number]);
    const int attribute =
        spec.per.text == "target"
            ? kTheTarget
            : AttributeNamed(type, spec.per.text, model::Type::kObject);
    if (attribute < 0 && spec.per.text != "target") {
      Error(at,
            absl::StrCat(what, " reads ", What(spec), ", which is kept per ",
                         spec.per.text, ", and \"", type.id,
                         "\" has no such OBJECT attribute"),
            "Give the type one, or read a metric that is kept per target.");
      continue;
    }
    if (attribute >= 0 && type.attributes[attribute].list) {
      Error(at,
            absl::StrCat(what, " reads ", What(spec), ", and ", spec.per.text,
                         " is a list: it names no one object"),
            "Read a metric of the target, or of an attribute that is no list.");
      continue;
    }
    if (rule.asked_of_object && rule.object != attribute) {
      Error(at, what + " reads metrics of two objects",
            "A rule is asked of one object: make it two rules.");
    }
    rule.asked_of_object = true;
    rule.object = attribute;
  }
}

}  // namespace loyalty::rules
