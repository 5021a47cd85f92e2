// SPDX-License-Identifier: Apache-2.0
//
// The names that expressions may use, and compiling one. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/amounts.h"
#include "base/views.h"
#include "base/window.h"
#include "model/event_limits.h"
#include "rules/advice.h"
#include "rules/compiler.h"
#include "rules/frame.h"

namespace loyalty::rules {
namespace {

using base::av;

cel::Type CelType(model::Type type) {
  switch (type) {
    case model::Type::kInt: return cel::Type::Int();
    case model::Type::kDouble: return cel::Type::Double();
    case model::Type::kBool: return cel::Type::Bool();
    case model::Type::kMap:
      return cel::Type::Map(cel::Type::String(), cel::Type::Dyn());
    case model::Type::kTime: return cel::Type::Timestamp();
    case model::Type::kDuration: return cel::Type::Duration();
    case model::Type::kString:
    case model::Type::kMember:
    case model::Type::kObject:
    case model::Type::kUnspecified: break;
  }
  return cel::Type::String();
}

// A copy: what it is a value of may go.
cel::Value CelValue(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.get())) {
    return cel::Value::String(*text);
  }
  return BorrowedCel(value);
}

// The names of one event type's environments. A name that cannot be declared
// has been reported where it was written, so what Declare says is left alone.
class Names {
 public:
  explicit Names(cel::Environment& environment) : environment_(environment) {}

  void Add(const std::string& name, cel::Type type, int slot) {
    Add({.name = name,
         .type = std::move(type),
         .slot = static_cast<uint32_t>(slot)});
  }
  // What is known now takes the name's place.
  void AddKnown(const std::string& name, cel::Type type, const Value& value) {
    Add({.name = name, .type = std::move(type), .constant = CelValue(value)});
  }
  void AddOptional(const std::string& name, cel::Type type, int slot,
                   bool is_member) {
    Add({.name = name,
         .type = std::move(type),
         .slot = static_cast<uint32_t>(slot),
         .optional = true,
         .absent_differs = is_member});
  }

 private:
  void Add(cel::Variable variable) {
    environment_.Declare(std::move(variable)).IgnoreError();
  }
  cel::Environment& environment_;
};

void AddEvent(Names& names, const CompiledProgram& program,
              const EventType& type) {
  names.Add("event.id", cel::Type::String(), Slots::kId);
  names.AddKnown("event.type", cel::Type::String(), type.id);
  names.Add("event.time", cel::Type::Timestamp(), Slots::kTime);
  names.AddOptional("event.actor", cel::Type::String(), Slots::kActor, true);
  names.AddOptional("event.target", cel::Type::String(), Slots::kTarget, true);
  names.AddOptional("event.channel", cel::Type::String(), Slots::kChannel,
                    true);
  for (size_t i = 0; i < type.attributes.size(); ++i) {
    const Attribute& a = type.attributes[i];
    if (a.personal) continue;
    const cel::Type item = CelType(a.type);
    const int slot = program.slots.Attribute(static_cast<int>(i));
    const std::string name = "event." + a.name;
    const cel::Type declared = a.list ? cel::Type::List(item) : item;
    if (a.required || a.default_value.has_value()) {
      names.Add(name, declared, slot);
    } else {
      const bool is_id = !a.list && (a.type == model::Type::kMember ||
                                     a.type == model::Type::kObject);
      names.AddOptional(name, declared, slot, is_id);
    }
  }
}

void AddParameters(Names& names, const CompiledProgram& program) {
  for (size_t i = 0; i < program.parameters.size(); ++i) {
    names.AddKnown("param." + program.parameters[i].id,
                   CelType(program.parameters[i].type),
                   program.parameters[i].value);
  }
}

// How often it was won. What a streak reaches is read of the streak.
std::string NameOfBadge(std::string_view currency) {
  constexpr std::string_view kQuest = "quest/";
  currency.remove_prefix(currency.find(':') + 1);
  if (currency.starts_with(kQuest)) {
    return absl::StrCat("quest.", av(currency.substr(kQuest.size())));
  }
  if (currency.find('/') != std::string_view::npos) return "";
  return absl::StrCat("badge.", av(currency));
}

// `prefix` is "actor.", "member." or, for the bare names, "".
void AddStanding(Names& names, const CompiledProgram& program,
                 const std::string& prefix, Slots::Whose whose) {
  const Slots& at = program.slots;
  if (!prefix.empty()) {
    names.Add(prefix + "since", cel::Type::Timestamp(), at.Since(whose));
    names.Add(prefix + "referrer", cel::Type::String(), at.Referrer(whose));
  }
  for (size_t i = 0; i < program.currencies.size(); ++i) {
    const std::string& id = program.currencies[i].id;
    const int c = static_cast<int>(i);
    if (program.currencies[i].is_badge) {
      const std::string name = NameOfBadge(id);
      if (name.empty()) continue;
      names.Add(prefix + name, cel::Type::Int(), at.Balance(whose, c));
      continue;
    }
    names.Add(prefix + "balance." + id, cel::Type::Int(), at.Balance(whose, c));
    names.Add(prefix + "earned." + id, cel::Type::Int(), at.Earned(whose, c));
  }
  for (size_t i = 0; i < program.ladders.size(); ++i) {
    names.Add(prefix + "level." + program.ladders[i].id, cel::Type::Int(),
              at.Level(whose, static_cast<int>(i)));
  }
  for (size_t i = 0; i < program.metrics.size(); ++i) {
    const MetricTerms& metric = program.metrics[i];
    if (metric.per_object || metric.name.empty()) continue;
    names.Add(prefix + metric.name, cel::Type::Int(),
              at.Metric(whose, static_cast<int>(i)));
  }
}

void AddSegments(Names& names, const CompiledProgram& program,
                 const std::string& prefix, Slots::Whose whose) {
  for (size_t i = 0; i < program.segments.size(); ++i) {
    names.Add(absl::StrCat(prefix, "segment.", program.segments[i]),
              cel::Type::Bool(),
              program.slots.Segment(whose, static_cast<int>(i)));
  }
}

void AddObject(Names& names, const CompiledProgram& program) {
  for (size_t i = 0; i < program.metrics.size(); ++i) {
    const MetricTerms& metric = program.metrics[i];
    if (!metric.per_object || metric.name.empty()) continue;
    const int slot = program.slots.ObjectMetric(static_cast<int>(i));
    names.Add("object.metric." + program.metrics[i].id, cel::Type::Int(), slot);
    names.Add("metric." + program.metrics[i].id, cel::Type::Int(), slot);
  }
}

// Whose standing it is, where that and the event's time are all there is.
std::optional<Slots::Whose> WhoseAlone(Scope scope) {
  switch (scope) {
    case Scope::kActorSegment: return Slots::Whose::kActorStanding;
    case Scope::kMemberSegment:
    case Scope::kWinner: return Slots::Whose::kMemberStanding;
    case Scope::kHolderSegment:
    case Scope::kEverybodyBadge: return Slots::Whose::kHolderStanding;
    case Scope::kEvent:
    case Scope::kRule:
    case Scope::kAward:
    case Scope::kBadge: break;
  }
  return std::nullopt;
}

cel::FunctionDeclaration IntFunction(std::string name, bool smaller) {
  return {.name = std::move(name),
          .parameters = {cel::Type::Int(), cel::Type::Int()},
          .result = cel::Type::Int(),
          .function = [smaller](std::span<const cel::Value> arguments)
              -> absl::StatusOr<cel::Value> {
            const int64_t a = arguments[0].int_value();
            const int64_t b = arguments[1].int_value();
            return cel::Value::Int(smaller ? std::min(a, b) : std::max(a, b));
          }};
}

// How many anniversaries of the first time there have been by the second.
cel::FunctionDeclaration YearsFunction(absl::TimeZone zone) {
  return {.name = "years",
          .parameters = {cel::Type::Timestamp(), cel::Type::Timestamp()},
          .result = cel::Type::Int(),
          .function = [zone](std::span<const cel::Value> arguments)
              -> absl::StatusOr<cel::Value> {
            const auto time = [](const cel::Value& value) {
              return absl::FromUnixSeconds(value.unix_seconds()) +
                     absl::Nanoseconds(value.nanos());
            };
            return cel::Value::Int(base::YearsBetween(
                time(arguments[0]), time(arguments[1]), zone));
          }};
}

cel::FunctionDeclaration SumFunction() {
  return {.name = "sum",
          .parameters = {cel::Type::List(cel::Type::Dyn())},
          .result = cel::Type::Int(),
          .function = [](std::span<const cel::Value> arguments)
              -> absl::StatusOr<cel::Value> {
            int64_t sum = 0;
            for (const cel::Value& item : arguments[0].items()) {
              if (!item.Is(cel::Value::Kind::kInt)) {
                return absl::InvalidArgumentError("sum: not all are ints");
              }
              const auto more = base::Sum(sum, item.int_value());
              if (!more.has_value()) {
                return absl::OutOfRangeError("sum: beyond 64 bits");
              }
              sum = *more;
            }
            return cel::Value::Int(sum);
          }};
}

}  // namespace

uint32_t Compiler::FrameSlot(uint32_t slot) {
  const auto found =
      std::find(numbered_.begin(), numbered_.end(), static_cast<int>(slot));
  if (found == numbered_.end()) {
    numbered_.push_back(static_cast<int>(slot));
    return static_cast<uint32_t>(numbered_.size() - 1);
  }
  return static_cast<uint32_t>(found - numbered_.begin());
}

void Compiler::FinishFrames(EventType& type) const {
  type.slots = numbered_;
  for (const int slot : type.reads.event) {
    const int attribute = numbered_[slot] - out_.slots.Attribute(0);
    if (attribute >= 0) type.reads.attributes.push_back({slot, attribute});
  }
  std::sort(type.reads.attributes.begin(), type.reads.attributes.end(),
            [&](const AttributeRead& a, const AttributeRead& b) {
              return type.attributes[a.attribute].name <
                     type.attributes[b.attribute].name;
            });
}

void Compiler::BuildEnvironments(const EventType& type) {
  type_ = &type;
  numbered_.clear();
  environments_.clear();
  personal_.clear();
  for (const Attribute& attribute : type.attributes) {
    if (attribute.personal) personal_.push_back(attribute.name);
  }
  std::vector<Scope> scopes = {Scope::kEvent, Scope::kRule, Scope::kAward};
  if (!out_.badges.empty() || !out_.streaks.empty()) {
    scopes.insert(scopes.end(),
                  {Scope::kBadge, Scope::kEverybodyBadge, Scope::kWinner});
  }
  if (!out_.segments.empty()) {
    scopes.insert(scopes.end(), {Scope::kActorSegment, Scope::kMemberSegment,
                                 Scope::kHolderSegment});
  }
  for (const Scope scope : scopes) {
    cel::Environment& environment = environments_[scope];
    environment.Enable(cel::Extension::kStrings);
    environment.Enable(cel::Extension::kMath);
    environment.Enable(cel::Extension::kEncoders);
    environment.Enable(cel::Extension::kOptionals);
    environment.Enable(cel::Extension::kTwoVariables);
    environment.DeclareFunction(IntFunction("min", true)).IgnoreError();
    environment.DeclareFunction(IntFunction("max", false)).IgnoreError();
    environment.DeclareFunction(SumFunction()).IgnoreError();
    environment.DeclareFunction(YearsFunction(out_.time_zone)).IgnoreError();
    Names names(environment);
    const auto actor = Slots::Whose::kActorStanding;
    const auto member = Slots::Whose::kMemberStanding;
    if (const auto whose = WhoseAlone(scope)) {
      names.Add("event.time", cel::Type::Timestamp(), Slots::kTime);
      AddParameters(names, out_);
      AddStanding(names, out_, "", *whose);
      AddStanding(names, out_, "member.", *whose);
      if (scope == Scope::kEverybodyBadge || scope == Scope::kWinner) {
        AddSegments(names, out_, "", *whose);
        AddSegments(names, out_, "member.", *whose);
      }
      if (scope == Scope::kEverybodyBadge) AddObject(names, out_);
      continue;
    }
    AddEvent(names, out_, type);
    AddParameters(names, out_);
    if (scope == Scope::kEvent) continue;
    if (scope == Scope::kBadge) {
      const auto holder = Slots::Whose::kHolderStanding;
      for (const std::string prefix : {"", "member."}) {
        AddStanding(names, out_, prefix, holder);
        AddSegments(names, out_, prefix, holder);
      }
      AddObject(names, out_);
      continue;
    }
    AddStanding(names, out_, "actor.", actor);
    AddSegments(names, out_, "actor.", actor);
    const auto bare = scope == Scope::kRule ? actor : member;
    AddStanding(names, out_, "", bare);
    AddSegments(names, out_, "", bare);
    if (scope == Scope::kAward) {
      AddStanding(names, out_, "member.", member);
      AddSegments(names, out_, "member.", member);
    }
    AddObject(names, out_);
  }
}

std::optional<cel::Expression> Compiler::Identity(const model::Text& source,
                                                  Scope scope,
                                                  const std::string& where) {
  return Compiled(source, scope, cel::Type::String(), where);
}

std::optional<cel::Expression> Compiler::Recipients(const model::Text& source,
                                                    const std::string& where) {
  cel::Compiled list =
      Tried(source, Scope::kRule, cel::Type::List(cel::Type::String()));
  if (list.expression.has_value()) return std::move(list.expression);
  return Identity(source, Scope::kRule, where);
}

std::optional<cel::Expression> Compiler::Expression(const model::Text& source,
                                                    Scope scope,
                                                    cel::Type result,
                                                    const std::string& where) {
  std::optional<cel::Expression> expression =
      Compiled(source, scope, std::move(result), where);
  if (!expression.has_value()) return std::nullopt;
  if (expression->unguarded_optional_slots().empty()) return expression;
  const cel::Environment& environment = environments_.at(scope);
  for (const std::string_view name : environment.VariableNames()) {
    const uint32_t slot = environment.FindVariable(name)->slot;
    const auto& unguarded = expression->unguarded_optional_slots();
    if (std::none_of(unguarded.begin(), unguarded.end(), [&](uint32_t read) {
          return numbered_[read] == static_cast<int>(slot);
        })) {
      continue;
    }
    const bool own = static_cast<int>(slot) < out_.slots.Attribute(0);
    Warn(source.at,
         absl::StrCat(where, ": reads ", av(name),
                      ", which an event may lack; then the rule does not fire"),
         absl::StrCat("Ask  has(", av(name), ")  first",
                      own ? "." : ", or give the attribute a default."));
  }
  return expression;
}

cel::Compiled Compiler::Tried(const model::Text& source, Scope scope,
                              cel::Type result) {
  cel::CompileOptions options;
  options.result = std::move(result);
  // What is admitted may take its bound, whatever the limit was: replay has to
  // give the same answer under another one.
  options.max_cost = limits_.max_cost;
  options.max_steps = INT64_MAX;
  options.slot_number = [this](uint32_t slot) { return FrameSlot(slot); };
  options.input_text_bytes = model::kMaxTextBytes;
  options.input_list_items = model::kMaxItems;
  options.input_dyn_is_scalar = true;  // what a MAP holds
  return cel::Compile(source.text, environments_.at(scope), options);
}

std::optional<cel::Expression> Compiler::Compiled(const model::Text& source,
                                                  Scope scope, cel::Type result,
                                                  const std::string& where) {
  cel::Compiled compiled = Tried(source, scope, std::move(result));
  const bool is_badge =
      scope == Scope::kBadge || scope == Scope::kEverybodyBadge;
  const bool is_units = where.ends_with(", units");
  for (const cel::Issue& issue : compiled.issues) {
    const bool is_personal = std::any_of(
        personal_.begin(), personal_.end(), [&](const std::string& name) {
          return issue.message.find("'event." + name + "'") !=
                 std::string::npos;
        });
    Error(source.PlaceOf(issue.offset),
          absl::StrCat(where, ": ", issue.message),
          is_personal
              ? "It is personal, which no rule may read."
              : Advice(out_, *type_, source.text, is_badge, is_units, issue)
                    .value_or(issue.suggestion));
  }
  return std::move(compiled.expression);
}

void Compiler::Note(EventType& type,
                    const std::optional<cel::Expression>& expression) {
  if (!expression.has_value()) return;
  const auto add = [](std::vector<int>& all, int one) {
    const auto place = std::lower_bound(all.begin(), all.end(), one);
    if (place == all.end() || *place != one) all.insert(place, one);
  };
  const Slots& at = out_.slots;
  // Whose it is, and in what lists that is noted.
  const auto note_standing = [&](int read, Slots::Whose whose,
                                 std::vector<int>& reads,
                                 std::vector<int>& metrics) {
    const int slot = numbered_[read];
    add(reads, read);
    if (slot >= at.Segment(whose, 0)) {
      UseSegment(type, read, whose, slot - at.Segment(whose, 0));
    } else if (slot >= at.Metric(whose, 0)) {
      add(metrics, slot - at.Metric(whose, 0));
    } else if (slot >= at.Level(whose, 0)) {
      // Of tiers, the ladder has counters of its own.
      const Ladder& ladder = out_.ladders[slot - at.Level(whose, 0)];
      if (ladder.metric >= 0 && !ladder.tiers.has_value()) {
        add(metrics, ladder.metric);
      }
    }
  };
  using Whose = Slots::Whose;
  for (const uint32_t used : expression->slots_used()) {
    const int read = static_cast<int>(used);
    const int slot = numbered_[used];
    if (slot < at.Base(Whose::kActorStanding) || slot >= at.Attribute(0)) {
      add(type.reads.event, read);
    } else if (slot >= at.ObjectMetric(0)) {
      add(type.reads.object, read);
      add(type.object_metrics, slot - at.ObjectMetric(0));
    } else if (slot >= at.Base(Whose::kHolderStanding)) {
      note_standing(read, Whose::kHolderStanding, type.reads.holder,
                    type.holder_metrics);
    } else if (slot >= at.Base(Whose::kMemberStanding)) {
      note_standing(read, Whose::kMemberStanding, type.reads.member,
                    type.member_metrics);
    } else {
      note_standing(read, Whose::kActorStanding, type.reads.actor,
                    type.actor_metrics);
    }
  }
}

}  // namespace loyalty::rules
