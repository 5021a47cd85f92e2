// SPDX-License-Identifier: Apache-2.0
//
// The declarations of a program: header, parameters, currencies, event types.
// See compile.h.
#include "rules/compile.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/amounts.h"
#include "base/suggest.h"
#include "base/views.h"
#include "rules/compiler.h"
#include "rules/expand.h"
#include "rules/values.h"

namespace loyalty::rules {
namespace {

using base::av;

// Words that event.* has of its own.
constexpr std::string_view kOwnNames[] = {"id",    "type",   "time",
                                          "actor", "target", "channel"};

bool IsIdentifier(std::string_view text, bool dotted) {
  constexpr size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return false;
  if (!absl::ascii_isalpha(text[0]) && text[0] != '_') return false;
  return std::all_of(text.begin(), text.end(), [dotted](char c) {
    return absl::ascii_isalnum(c) || c == '_' ||
           (dotted && (c == '.' || c == '-'));
  });
}

}  // namespace

Compilation Compile(const model::ProgramSpec& spec,
                    const CompileLimits& limits) {
  Compilation compilation;
  auto program = std::make_shared<CompiledProgram>();
  const bool expands = HasMore(spec);
  const model::ProgramSpec expanded =
      expands ? Expanded(spec) : model::ProgramSpec();
  Compiler(expands ? expanded : spec, limits, *program, compilation.findings)
      .Run();
  const bool failed = model::HasErrors(compilation.findings);
  std::stable_sort(compilation.findings.begin(), compilation.findings.end(),
                   [](const model::Finding& a, const model::Finding& b) {
                     return std::pair(a.at.line, a.at.column) <
                            std::pair(b.at.line, b.at.column);
                   });
  if (!failed) compilation.program = std::move(program);
  return compilation;
}

// More than anybody writes; the bounds keep the time that reading takes in
// proportion to the text.
void Compiler::CheckCount(size_t count, size_t most, std::string_view what) {
  if (count <= most) return;
  Error(spec_.name.at, absl::StrCat("the program has ", count, " ", av(what),
                                    "; the most is ", most));
}

void Compiler::Run() {
  CheckCount(spec_.parameters.size(), 1000, "parameters");
  CheckCount(spec_.currencies.size(), 100, "currencies");
  CheckCount(spec_.ladders.size(), 100, "ladders");
  CheckCount(spec_.metrics.size(), 1000, "metrics");
  CheckCount(spec_.event_types.size(), 1000, "event types");
  CheckCount(spec_.segments.size(), 100, "segments");
  CheckCount(spec_.campaigns.size(), 1000, "campaigns");
  CheckCount(spec_.multipliers.size(), 100, "multipliers");
  CheckCount(spec_.streaks.size(), 100, "streaks");
  CheckCount(spec_.quests.size(), 100, "quests");
  CheckCount(spec_.badges.size(), 1000,
             "badges, with those of streaks and quests");
  CheckCount(spec_.leaderboards.size(), 100, "leaderboards");
  if (!findings_.empty()) return;
  Header();
  Parameters();
  Currencies();
  LotsOfCurrencies();
  StreakNames();
  MetricNames();
  BadgeNames();
  QuestNames();
  Ladders();
  Leaderboards();
  SegmentNames();
  Campaigns();
  out_.slots = {.currencies = static_cast<int>(out_.currencies.size()),
                .ladders = static_cast<int>(out_.ladders.size()),
                .metrics = static_cast<int>(out_.metrics.size()),
                .segments = static_cast<int>(out_.segments.size())};
  out_.stacking = spec_.stacking;
  EventTypes();
  Recalls();
  Groups();
  RedeemType();
  HappeningTypes();
  if (!RuleNames()) return;
  CapExemptions();
  MultiplierNames();
  CommandType();
  for (EventType& type : out_.event_types) {
    if (IsFull()) return;
    BuildEnvironments(type);
    MetricsOf(type);
    RulesOf(type);
    RewardsOf(type);
    BadgesOf(type);
    QuestsOf(type);
    MetricReadsOf(type);
    FinishFrames(type);
    NumberCounters(type);
  }
  // Of what is left beside an error, lint would say what is not so.
  if (!model::HasErrors(findings_)) Lint();
}

void Compiler::Add(bool error, model::Place at, std::string message,
                   std::string advice) {
  size_t& count = error ? errors_ : warnings_;
  if (count > kMostCompileFindings ||
      !said_.emplace(at.line, at.column, message).second) {
    return;
  }
  if (count++ == kMostCompileFindings) {
    message = "there is more to say; the rest is left out";
    advice.clear();
  }
  findings_.push_back({.error = error,
                       .at = at,
                       .message = std::move(message),
                       .advice = std::move(advice)});
}

void Compiler::Error(model::Place at, std::string message, std::string advice) {
  Add(true, at, std::move(message), std::move(advice));
}

void Compiler::Warn(model::Place at, std::string message, std::string advice) {
  Add(false, at, std::move(message), std::move(advice));
}

bool Compiler::ValidId(const model::Text& id, std::string_view what,
                       bool dotted) {
  if (IsIdentifier(id.text, dotted)) return true;
  Error(
      id.at,
      id.empty() ? absl::StrCat(av(what), " has no name")
                 : absl::StrCat(av(what), " \"", id.text, "\" is no name"),
      dotted
          ? "Use letters, digits, '_', '-' and '.', at most 64, a letter first."
          : "Use letters, digits and '_', at most 64, a letter first.");
  return false;
}

bool Compiler::Unique(std::set<std::string>& seen, const model::Text& id,
                      std::string_view what) {
  if (seen.insert(id.text).second) return true;
  Error(id.at, absl::StrCat(av(what), " \"", id.text, "\" is declared twice"),
        "Rename one of them.");
  return false;
}

bool Compiler::InRange(int64_t amount, int64_t least, model::Place at,
                       const std::string& what) {
  if (amount >= least && amount <= base::kMaxAmount) return true;
  Error(at, absl::StrCat(what, " is ", amount),
        absl::StrCat("Use a whole number from ", least, " to ",
                     base::kMaxAmount, "."));
  return false;
}

void Compiler::Header() {
  ValidId(spec_.name, "the program", true);
  out_.name = spec_.name.text;
  out_.version = spec_.version.text;
  if (spec_.version.empty()) {
    Error(spec_.version.at, "the program has no version",
          "Add  version: \"1\"  and change it whenever the program changes.");
  }
  const std::string& zone = spec_.time_zone.text;
  if (!zone.empty() && !absl::LoadTimeZone(zone, &out_.time_zone)) {
    Error(spec_.time_zone.at,
          absl::StrCat("time_zone \"", zone, "\" is not known"),
          "Use a name of the IANA list such as \"Europe/Berlin\".");
  }
  if (!spec_.max_ahead.empty()) {
    const absl::StatusOr<Value> ahead =
        ParseLiteral(spec_.max_ahead.text, model::Type::kDuration);
    if (!ahead.ok() ||
        std::get<absl::Duration>(ahead->get()) < absl::ZeroDuration()) {
      Error(spec_.max_ahead.at, "max_ahead is no duration",
            "Write it as \"24h\" or \"90m\".");
    } else {
      out_.max_ahead = std::get<absl::Duration>(ahead->get());
    }
  }
  out_.enrolment_required = spec_.enrolment_required;
  for (const model::Text& id : spec_.never_earns) {
    if (id.empty()) Error(id.at, "never_earns names an empty id");
    out_.never_earns.insert(id.text);
  }
}

void Compiler::Parameters() {
  std::set<std::string> seen;
  for (const model::ParameterSpec& spec : spec_.parameters) {
    if (!ValidId(spec.id, "parameter", false)) continue;
    Unique(seen, spec.id, "parameter");
    Parameter parameter{.id = spec.id.text, .type = spec.type};
    if (spec.type == model::Type::kMember ||
        spec.type == model::Type::kObject || spec.type == model::Type::kTime ||
        spec.type == model::Type::kMap) {
      Error(spec.id.at,
            absl::StrCat("parameter \"", spec.id.text, "\" cannot be ",
                         Describe(spec.type, false)),
            "Use INT, DOUBLE, STRING, BOOL or DURATION.");
      continue;
    }
    absl::StatusOr<Value> value =
        ParseLiteral(spec.default_value.text, spec.type);
    if (value.ok()) {
      parameter.value = *std::move(value);
    } else {
      Error(spec.default_value.at,
            absl::StrCat("parameter \"", spec.id.text,
                         "\": ", value.status().message()));
    }
    out_.parameters.push_back(std::move(parameter));
  }
}

void Compiler::Currencies() {
  std::set<std::string> seen;
  for (const model::CurrencySpec& spec : spec_.currencies) {
    if (!ValidId(spec.id, "currency", false)) continue;
    Unique(seen, spec.id, "currency");
    const std::string what = absl::StrCat("currency \"", spec.id.text, "\": ");
    InRange(spec.floor, -base::kMaxAmount, spec.floor_at, what + "floor");
    if (InRange(spec.opening, -base::kMaxAmount, spec.opening_at,
                what + "opening") &&
        spec.opening < spec.floor) {
      Error(spec.opening_at,
            absl::StrCat(what, "opening is below the floor of ", spec.floor),
            "Raise opening, or lower floor.");
    }
    Currency currency{.id = spec.id.text,
                      .describe = spec.describe.text,
                      .symbol = spec.id.text,
                      .opening = spec.opening,
                      .floor = spec.floor,
                      .daily_cap = std::nullopt,
                      .cap_exempt = {},
                      .cap_counter = "cap:" + spec.id.text};
    if (spec.daily_cap.has_value()) {
      InRange(spec.daily_cap->units, 1, spec.daily_cap->at, what + "daily_cap");
      currency.daily_cap = spec.daily_cap->units;
      for (const model::Text& rule : spec.daily_cap->exempt) {
        currency.cap_exempt.insert(rule.text);
      }
    }
    out_.currencies.push_back(std::move(currency));
  }
}

void Compiler::EventTypes() {
  std::set<std::string> seen;
  for (const model::EventTypeSpec& spec : spec_.event_types) {
    if (!ValidId(spec.id, "event type", true)) continue;
    Unique(seen, spec.id, "event type");
    if (spec.id.text.starts_with("loyalty.")) {
      Error(spec.id.at,
            absl::StrCat("event type \"", spec.id.text, "\" is reserved"),
            "Choose a name that does not begin with \"loyalty.\".");
    }
    EventType type;
    type.id = spec.id.text;
    std::set<std::string> names(std::begin(kOwnNames), std::end(kOwnNames));
    for (const model::AttributeSpec& a : spec.attributes) {
      const std::string what =
          absl::StrCat("event type \"", spec.id.text, "\": attribute");
      if (!ValidId(a.name, what, false)) continue;
      if (std::count(std::begin(kOwnNames), std::end(kOwnNames), a.name.text)) {
        Error(a.name.at,
              absl::StrCat(what, " \"", a.name.text,
                           "\" is a name that every event has of its own"),
              "Choose another name.");
        continue;
      }
      Unique(names, a.name, what);
      Attribute attribute{.name = a.name.text,
                          .type = a.type,
                          .list = a.list,
                          .required = a.required,
                          .personal = a.personal,
                          .default_value = std::nullopt};
      if (a.type == model::Type::kUnspecified) {
        Error(
            a.name.at, absl::StrCat(what, " \"", a.name.text, "\" has no type"),
            "Add  type: INT  or DOUBLE, STRING, BOOL, TIME, DURATION, MEMBER, "
            "OBJECT, MAP.");
      }
      if (a.personal &&
          (a.type == model::Type::kMember || a.type == model::Type::kObject ||
           a.default_value.has_value())) {
        Error(a.name.at,
              absl::StrCat(what, " \"", a.name.text, "\" is personal, and ",
                           a.default_value.has_value()
                               ? "has a default"
                               : Describe(a.type, a.list)),
              "Personal is what an event says about its actor: a name, an "
              "address. Members are numbers in the journal anyway.");
        continue;
      }
      if (a.default_value.has_value()) {
        absl::StatusOr<Value> value =
            a.list ? absl::InvalidArgumentError("a list has no default")
                   : ParseLiteral(a.default_value->text, a.type);
        if (!value.ok()) {
          Error(a.default_value->at,
                absl::StrCat(what, " \"", a.name.text,
                             "\": ", value.status().message()));
        } else {
          attribute.default_value = *std::move(value);
        }
      }
      if (a.refers) Referrer(a, what, type);
      if (a.type == model::Type::kMember) {
        type.members.push_back(static_cast<int>(type.attributes.size()));
        type.member_attributes.push_back(attribute.name);
      }
      if (a.personal) type.personal_attributes.push_back(attribute.name);
      type.attributes.push_back(std::move(attribute));
    }
    out_.event_type_index.emplace(type.id,
                                  static_cast<int>(out_.event_types.size()));
    out_.event_types.push_back(std::move(type));
  }
}

void Compiler::Referrer(const model::AttributeSpec& a, const std::string& what,
                        EventType& type) {
  if (a.type != model::Type::kMember || a.list) {
    Error(a.name.at,
          absl::StrCat(what, " \"", a.name.text, "\" refers, and is no MEMBER"),
          "It says who referred the actor: one member.");
  } else if (type.referrer >= 0) {
    Error(a.name.at,
          absl::StrCat(what, " \"", a.name.text,
                       "\" refers, and so does another one"),
          "An actor has one referrer.");
  }
  type.referrer = static_cast<int>(type.attributes.size());
  out_.has_referrals = true;
}

void Compiler::CapExemptions() {
  for (const model::CurrencySpec& spec : spec_.currencies) {
    if (!spec.daily_cap.has_value()) continue;
    RuleSet(spec.daily_cap->exempt,
            absl::StrCat("currency \"", spec.id.text, "\", daily_cap.exempt"));
  }
}

}  // namespace loyalty::rules
