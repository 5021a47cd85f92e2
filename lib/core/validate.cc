// SPDX-License-Identifier: Apache-2.0
//
// See validate.h.
#include "core/validate.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "base/status_macros.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "base/views.h"
#include "core/vouchers.h"
#include "model/event_limits.h"
#include "model/member_name.h"
#include "rules/values.h"

namespace loyalty::core {
namespace {

using base::av;

absl::Status Malformed(std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(av(field), ": ", av(what)));
}

// ASCII without NUL, as most texts are: UTF-8, and nothing to look at closer.
bool IsPlainText(std::string_view text) {
  constexpr uint64_t kLow = 0x0101010101010101;
  constexpr uint64_t kHigh = kLow << 7u;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= text.size(); i += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + i, sizeof(bytes));
    // A byte is NUL only if taking 1 from it, or from one below it, borrows.
    if (((bytes | (bytes - kLow)) & kHigh) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<signed char>(text[i]) <= 0) return false;
  }
  return true;
}

absl::Status CheckText(std::string_view field, std::string_view text,
                       size_t max_bytes) {
  if (text.size() <= max_bytes && IsPlainText(text)) return absl::OkStatus();
  if (text.size() > max_bytes) {
    return Malformed(
        field, absl::StrCat("is ", text.size(), " bytes long; the most is ",
                            max_bytes));
  }
  if (text.find('\0') != std::string_view::npos) {
    return Malformed(field, "holds a NUL character");
  }
  if (!base::IsUtf8(text)) return Malformed(field, "is not valid UTF-8");
  return absl::OkStatus();
}

absl::Status CheckId(std::string_view field, std::string_view id) {
  if (id.empty()) return Malformed(field, "is empty");
  return CheckText(field, id, model::kMaxIdBytes);
}

absl::Status CheckOptionalId(std::string_view field,
                             const std::optional<std::string>& id) {
  return id.has_value() ? CheckId(field, *id) : absl::OkStatus();
}

absl::Status CheckValue(const std::string& field, const Value& value,
                        int depth);

// As long as CEL's durations can be.
constexpr absl::Duration kLongestDuration =
    absl::Nanoseconds(std::numeric_limits<int64_t>::max());

absl::Status CheckItems(const std::string& field, const Value::List& list,
                        int depth) {
  if (list.size() > model::kMaxItems) {
    return Malformed(field,
                     absl::StrCat("has ", list.size(), " items; the most is ",
                                  model::kMaxItems));
  }
  for (const Value& item : list) {
    RETURN_IF_ERROR(CheckValue(field, item, depth + 1));
  }
  return absl::OkStatus();
}

absl::Status CheckEntries(const std::string& field, const Value::Map& map,
                          int depth) {
  if (map.size() > model::kMaxItems) {
    return Malformed(field,
                     absl::StrCat("has ", map.size(), " entries; the most is ",
                                  model::kMaxItems));
  }
  for (const auto& [name, value] : map) {
    RETURN_IF_ERROR(CheckText(field, name, model::kMaxTextBytes));
    RETURN_IF_ERROR(CheckValue(field, value, depth + 1));
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const std::string& field, const Value& value,
                        int depth) {
  if (depth > model::kMaxDepth) {
    return Malformed(field,
                     absl::StrCat("is nested deeper than ", model::kMaxDepth));
  }
  if (const auto* text = std::get_if<std::string>(&value.get())) {
    return CheckText(field, *text, model::kMaxTextBytes);
  }
  if (const auto* number = std::get_if<double>(&value.get())) {
    if (!std::isfinite(*number)) return Malformed(field, "is not a number");
  }
  if (const auto* time = std::get_if<absl::Time>(&value.get())) {
    if (!rules::IsInRange(*time)) {
      return Malformed(field, "is outside the years 1 to 9999");
    }
  }
  if (const auto* duration = std::get_if<absl::Duration>(&value.get())) {
    if (absl::AbsDuration(*duration) > kLongestDuration) {
      return Malformed(field, "is longer than 292 years");
    }
  }
  if (const auto* list = std::get_if<Value::List>(&value.get())) {
    return CheckItems(field, *list, depth);
  }
  if (const auto* map = std::get_if<Value::Map>(&value.get())) {
    return CheckEntries(field, *map, depth);
  }
  return absl::OkStatus();
}

// MEMBER and OBJECT attributes are ids, and held to what ids are held to.
absl::Status CheckIds(const std::string& field, const Value& value) {
  if (const auto* list = std::get_if<Value::List>(&value.get())) {
    for (const Value& item : *list) RETURN_IF_ERROR(CheckIds(field, item));
    return absl::OkStatus();
  }
  return CheckId(field, std::get<std::string>(value.get()));
}

std::vector<std::string> KnownTypes(const rules::CompiledProgram& program) {
  std::vector<std::string> known;
  for (const rules::EventType& type : program.event_types) {
    if (!type.happens) known.push_back(type.id);
  }
  return known;
}

// The attributes that the reserved types take.
rules::Attribute Taken(std::string name, model::Type type, bool required) {
  return {.name = std::move(name),
          .type = type,
          .list = false,
          .required = required,
          .default_value = std::nullopt};
}

rules::Attribute ListOf(rules::Attribute attribute) {
  attribute.list = true;
  return attribute;
}

rules::Attribute Personal(rules::Attribute attribute) {
  attribute.personal = true;
  return attribute;
}

struct ReservedType {
  std::string_view type = {};
  bool of_a_member = false;  // it has an actor
  std::vector<rules::Attribute> attributes = {};
};

const std::vector<ReservedType>& ReservedTypes() {
  using model::Type;
  const auto required = [](std::string name, Type type) {
    return Taken(std::move(name), type, true);
  };
  const auto units = Taken("units", Type::kInt, false);
  static const auto& all = *new std::vector<ReservedType>{
      {kReverse,
       false,
       {required("event", Type::kString), Taken("keep", Type::kInt, false),
        Taken("of", Type::kInt, false)}},
      {kReverseObject, false, {required("object", Type::kObject)}},
      {kRedeem,
       true,
       {required("reward", Type::kString), Taken("quantity", Type::kInt, false),
        Taken(std::string(kVoucherHash), Type::kString, false),
        Taken(std::string(kKeyPrint), Type::kInt, false)}},
      {kCaptureHold, true, {required("hold", Type::kString), units}},
      {kVoidHold, true, {required("hold", Type::kString)}},
      {kCancelRedemption, true, {required("redemption", Type::kString), units}},
      {kFulfil,
       true,
       {required("redemption", Type::kString),
        Taken("by", Type::kString, false)}},
      {kUseVoucher,
       false,
       {required("code", Type::kString), required("by", Type::kString)}},
      {kImportVoucher,
       false,
       {required("reward", Type::kString), required("code", Type::kString),
        Taken(std::string(kSealedCode), Type::kString, false),
        Taken(std::string(kKeyPrint), Type::kInt, false)}},
      {kTransferUnits,
       true,
       {required("to", Type::kMember), required("currency", Type::kString),
        required("units", Type::kInt)}},
      {kAdjust,
       true,
       {required("currency", Type::kString), required("units", Type::kInt),
        required("by", Type::kString), required("reason", Type::kString)}},
      {kEnroll, true, {}},
      {kSuspend, true, {Personal(Taken("reason", Type::kString, false))}},
      {kResume, true, {}},
      {kMerge, true, {required("into", Type::kMember)}},
      {kErase, true, {}},
      {kHide, true, {}},
      {kShow, true, {}},
      {kSeasonEnded,
       false,
       {required("leaderboard", Type::kString),
        required("season", Type::kString)}},
      {kGrantBadge,
       true,
       {required("badge", Type::kString), required("by", Type::kString),
        Taken("reason", Type::kString, false)}},
      {kRevokeBadge,
       true,
       {required("badge", Type::kString), required("by", Type::kString),
        Taken("reason", Type::kString, false)}},
      {kFreezeStreak,
       true,
       {required("streak", Type::kString), required("by", Type::kString),
        Taken("windows", Type::kInt, false), Taken("until", Type::kTime, false),
        Taken("reason", Type::kString, false)}},
      {kJoinQuest, true, {required("quest", Type::kString)}},
      {kLeaveQuest, true, {required("quest", Type::kString)}},
      {kAssignTier,
       true,
       {required("ladder", Type::kString), required("tier", Type::kString),
        required("by", Type::kString), Taken("reason", Type::kString, false),
        Taken("as", Type::kString, false), Taken("until", Type::kTime, false)}},
      {kUnassignTier,
       true,
       {required("ladder", Type::kString), required("by", Type::kString),
        Taken("reason", Type::kString, false)}},
      {kCatchUp,
       false,
       {required("version", Type::kString),
        ListOf(Taken("rules", Type::kString, false)),
        ListOf(Taken("badges", Type::kString, false)),
        ListOf(Taken("metrics", Type::kString, false)),
        ListOf(Taken("streaks", Type::kString, false)),
        ListOf(Taken("quests", Type::kString, false)),
        Taken("of", Type::kString, false),
        ListOf(Taken("members", Type::kMember, false))}},
      {kShareGoal,
       false,
       {required("quest", Type::kString), required("at", Type::kTime),
        ListOf(Taken("members", Type::kMember, true)),
        Taken("last", Type::kInt, false)}},
      {kSweep, false, {}},
      {kSwitch, false, {required("version", Type::kString)}},
  };
  return all;
}

const ReservedType* FindReserved(std::string_view type) {
  constexpr std::string_view kPrefix = "loyalty.";
  if (!type.starts_with(kPrefix)) return nullptr;
  for (const ReservedType& reserved : ReservedTypes()) {
    if (reserved.type == type) return &reserved;
  }
  return nullptr;
}

// What was personal of a member who was erased: only the journal has such.
bool IsGone(const rules::Attribute& attribute, const Event& event) {
  return attribute.personal && event.actor.has_value() &&
         model::IsErasedName(*event.actor);
}

absl::Status Coerced(const std::vector<rules::Attribute>& declared,
                     Event& event) {
  for (const rules::Attribute& attribute : declared) {
    const auto found = event.attributes.find(attribute.name);
    if (found == event.attributes.end()) {
      if (attribute.required && !IsGone(attribute, event)) {
        return Malformed(absl::StrCat("attributes.", attribute.name),
                         absl::StrCat("is missing; ", event.type, " needs it"));
      }
      continue;
    }
    const std::string field = absl::StrCat("attributes.", attribute.name);
    absl::StatusOr<Value> value =
        rules::Coerce(found->second, attribute.type, attribute.list);
    if (!value.ok()) {
      return Malformed(field, std::string(value.status().message()));
    }
    if (attribute.type == model::Type::kMember ||
        attribute.type == model::Type::kObject) {
      RETURN_IF_ERROR(CheckIds(field, *value));
    }
    found->second = *std::move(value);
  }
  return absl::OkStatus();
}

// What the store keeps: times and durations to the microsecond, also in what
// the program does not declare, so that a repeat is one.
Value CutToMicroseconds(const Value& value) {
  struct Cutter {
    Value operator()(absl::Time v) const { return rules::Canonical(v); }
    Value operator()(absl::Duration v) const {
      return absl::Trunc(v, absl::Microseconds(1));
    }
    Value operator()(const Value::List& v) const {
      Value::List cut;
      for (const Value& item : v) cut.push_back(CutToMicroseconds(item));
      return cut;
    }
    Value operator()(const Value::Map& v) const {
      Value::Map cut;
      for (const auto& [name, item] : v) {
        cut.emplace(name, CutToMicroseconds(item));
      }
      return cut;
    }
    Value operator()(bool v) const { return v; }
    Value operator()(int64_t v) const { return v; }
    Value operator()(double v) const { return v; }
    Value operator()(const std::string& v) const { return v; }
  };
  return std::visit(Cutter{}, value.get());
}

bool HoldsTimes(const Value& value) {
  return !std::holds_alternative<bool>(value.get()) &&
         !std::holds_alternative<int64_t>(value.get()) &&
         !std::holds_alternative<double>(value.get()) &&
         !std::holds_alternative<std::string>(value.get());
}

// Needs no closer look, and no name for one.
bool IsPlain(const Value& value) {
  const Value::Variant& v = value.get();
  if (const auto* text = std::get_if<std::string>(&v)) {
    return text->size() <= model::kMaxTextBytes && IsPlainText(*text);
  }
  return std::holds_alternative<int64_t>(v) || std::holds_alternative<bool>(v);
}

absl::Status CheckFields(const Event& event) {
  RETURN_IF_ERROR(CheckId("id", event.id));
  RETURN_IF_ERROR(CheckId("type", event.type));
  RETURN_IF_ERROR(CheckOptionalId("actor", event.actor));
  RETURN_IF_ERROR(CheckOptionalId("target", event.target));
  RETURN_IF_ERROR(CheckOptionalId("channel", event.channel));
  if (!rules::IsInRange(event.time)) {
    return Malformed("time", "is outside the years 1 to 9999");
  }
  if (event.attributes.size() > model::kMaxAttributes) {
    return Malformed("attributes",
                     absl::StrCat("are ", event.attributes.size(),
                                  "; the most is ", model::kMaxAttributes));
  }
  for (const auto& [name, value] : event.attributes) {
    RETURN_IF_ERROR(CheckId("attributes", name));
    if (IsPlain(value)) continue;
    RETURN_IF_ERROR(CheckValue("attributes." + name, value, 1));
  }
  return absl::OkStatus();
}

// Who does something by hand, and why, is said, and not only left blank.
absl::Status CheckSaid(const std::vector<rules::Attribute>& attributes,
                       const Event& event) {
  for (const rules::Attribute& attribute : attributes) {
    const bool is_said = attribute.name == "by" || attribute.name == "reason";
    if (!is_said || !attribute.required) continue;
    const auto given = event.attributes.find(attribute.name);
    if (given == event.attributes.end()) continue;
    const auto* text = std::get_if<std::string>(&given->second.get());
    if (text == nullptr || !absl::StripAsciiWhitespace(*text).empty()) continue;
    return Malformed(absl::StrCat("attributes.", attribute.name),
                     attribute.name == "by" ? "is blank: say who does it"
                                            : "is blank: say why it is done");
  }
  return absl::OkStatus();
}

// What the program says of events of a type.
struct Declared {
  const std::vector<rules::Attribute>* attributes;
  bool has_personal;
};

// Of a well formed event.
absl::StatusOr<Declared> Declaration(const rules::CompiledProgram& program,
                                     const Event& event) {
  RETURN_IF_ERROR(CheckFields(event));
  if (const ReservedType* const reserved = FindReserved(event.type)) {
    if (reserved->of_a_member && !event.actor.has_value()) {
      return Malformed("actor", "is missing: the member whom it is about");
    }
    RETURN_IF_ERROR(CheckSaid(reserved->attributes, event));
    return Declared{&reserved->attributes, false};
  }
  const rules::EventType* type = program.FindEventType(event.type);
  if (type == nullptr) {
    const std::string meant = base::DidYouMean(event.type, KnownTypes(program));
    return Malformed(
        "type",
        absl::StrCat(
            "\"", event.type, "\" is not declared by the program. ",
            meant.ends_with('?')
                ? ""
                : "Declare it, rewarded or not, or leave such events out. ",
            meant));
  }
  if (type->happens) {
    return Malformed("type", absl::StrCat("\"", event.type,
                                          "\" happens in the midst of other "
                                          "events, and is sent by nobody"));
  }
  if (!event.actor.has_value() && !event.target.has_value()) {
    return Malformed("actor", "is missing, and so is target; one is needed");
  }
  return Declared{&type->attributes, !type->personal_attributes.empty()};
}

absl::Status CheckPersonal(const Declared& declared, const Event& event) {
  if (!declared.has_personal || event.actor.has_value()) {
    return absl::OkStatus();
  }
  for (const rules::Attribute& attribute : *declared.attributes) {
    if (attribute.personal && event.attributes.contains(attribute.name)) {
      return Malformed("attributes." + attribute.name,
                       "is personal, and the event has no actor whose it is");
    }
  }
  return absl::OkStatus();
}

bool NamesErased(const Value& value) {
  if (const auto* list = std::get_if<Value::List>(&value.get())) {
    return std::any_of(list->begin(), list->end(), NamesErased);
  }
  const auto* id = std::get_if<std::string>(&value.get());
  return id != nullptr && model::IsErasedName(*id);
}

// The journal may name members so; a host may not.
absl::Status CheckNoneErased(const Declared& declared, const Event& event) {
  constexpr char kIsErased[] = "is what a member is called who was erased";
  if (event.actor.has_value() && model::IsErasedName(*event.actor)) {
    return Malformed("actor", kIsErased);
  }
  for (const rules::Attribute& attribute : *declared.attributes) {
    if (attribute.type != model::Type::kMember) continue;
    const auto found = event.attributes.find(attribute.name);
    if (found == event.attributes.end()) continue;
    if (NamesErased(found->second)) {
      return Malformed("attributes." + attribute.name, kIsErased);
    }
  }
  return absl::OkStatus();
}

// Nothing in it is finer than a microsecond.
bool IsCut(const Value& value) {
  struct Looker {
    bool operator()(absl::Time v) const { return rules::Canonical(v) == v; }
    bool operator()(absl::Duration v) const {
      return absl::Trunc(v, absl::Microseconds(1)) == v;
    }
    bool operator()(const Value::List& v) const {
      return std::all_of(v.begin(), v.end(), IsCut);
    }
    bool operator()(const Value::Map& v) const {
      return std::all_of(v.begin(), v.end(),
                         [](const auto& entry) { return IsCut(entry.second); });
    }
    bool operator()(bool) const { return true; }
    bool operator()(int64_t) const { return true; }
    bool operator()(double) const { return true; }
    bool operator()(const std::string&) const { return true; }
  };
  return std::visit(Looker{}, value.get());
}

// Is `value`, which passed CheckValue, of `type` as it stands? False is no
// error: it may have to be made so.
bool IsOf(model::Type type, const Value& value) {
  const Value::Variant& v = value.get();
  switch (type) {
    case model::Type::kInt: return std::holds_alternative<int64_t>(v);
    case model::Type::kDouble: return std::holds_alternative<double>(v);
    case model::Type::kString: return std::holds_alternative<std::string>(v);
    case model::Type::kBool: return std::holds_alternative<bool>(v);
    case model::Type::kTime: return std::holds_alternative<absl::Time>(v);
    case model::Type::kDuration:
      return std::holds_alternative<absl::Duration>(v);
    case model::Type::kMember:
    case model::Type::kObject: {
      const auto* id = std::get_if<std::string>(&v);
      return id != nullptr && !id->empty() && id->size() <= model::kMaxIdBytes;
    }
    case model::Type::kMap: return false;
    case model::Type::kUnspecified: return false;
  }
  return false;
}

bool IsAsDeclared(const rules::Attribute& attribute, const Event& event) {
  const auto found = event.attributes.find(attribute.name);
  if (found == event.attributes.end()) return !attribute.required;
  if (!attribute.list) return IsOf(attribute.type, found->second);
  const auto* list = std::get_if<Value::List>(&found->second.get());
  return list != nullptr &&
         std::all_of(list->begin(), list->end(), [&](const Value& item) {
           return IsOf(attribute.type, item);
         });
}

// Whether MakeCanonical would only copy it, and find no fault. May say no of
// one that is: then it is copied.
bool IsCanonical(const std::vector<rules::Attribute>& declared,
                 const Event& event) {
  if (rules::Canonical(event.time) != event.time) return false;
  for (const auto& [name, value] : event.attributes) {
    if (HoldsTimes(value) && !IsCut(value)) return false;
  }
  return std::all_of(declared.begin(), declared.end(),
                     [&](const rules::Attribute& attribute) {
                       return IsAsDeclared(attribute, event);
                     });
}

absl::Status MakeCanonical(const std::vector<rules::Attribute>& declared,
                           const Event& event, Event& canonical) {
  canonical = event;
  canonical.time = rules::Canonical(event.time);
  for (auto& [name, value] : canonical.attributes) {
    if (HoldsTimes(value)) value = CutToMicroseconds(value);
  }
  return Coerced(declared, canonical);
}

// Whether `earlier`, as recorded, may have been `value`: there is nothing left
// to tell an erased member from others by.
bool IsSame(const Value& earlier, const Value& value) {
  if (earlier == value) return true;
  const auto* list = std::get_if<Value::List>(&earlier.get());
  const auto* other = std::get_if<Value::List>(&value.get());
  if (list != nullptr && other != nullptr) {
    return std::equal(list->begin(), list->end(), other->begin(), other->end(),
                      IsSame);
  }
  const auto* id = std::get_if<std::string>(&earlier.get());
  return id != nullptr && model::IsErasedName(*id) &&
         std::holds_alternative<std::string>(value.get());
}

// What the engine adds to a redemption follows from its id; and once the
// program gives no codes any more, is not added.
bool IsOfTheEngine(const Event& event, std::string_view attribute) {
  return event.type == kRedeem &&
         (attribute == kVoucherHash || attribute == kKeyPrint);
}

}  // namespace

bool IsId(std::string_view text) { return CheckId("", text).ok(); }

bool IsReserved(std::string_view type) { return FindReserved(type) != nullptr; }

absl::StatusOr<Event> Canonicalized(const rules::CompiledProgram& program,
                                    const Event& event) {
  ASSIGN_OR_RETURN(const Declared declared, Declaration(program, event));
  Event canonical;
  RETURN_IF_ERROR(MakeCanonical(*declared.attributes, event, canonical));
  RETURN_IF_ERROR(CheckPersonal(declared, event));
  return canonical;
}

absl::StatusOr<const Event*> InCanonicalForm(
    const rules::CompiledProgram& program, const Event& event,
    Event& canonical) {
  ASSIGN_OR_RETURN(const Declared declared, Declaration(program, event));
  RETURN_IF_ERROR(CheckNoneErased(declared, event));
  const bool is_canonical = IsCanonical(*declared.attributes, event);
  if (!is_canonical) {
    RETURN_IF_ERROR(MakeCanonical(*declared.attributes, event, canonical));
  }
  RETURN_IF_ERROR(CheckPersonal(declared, event));
  return is_canonical ? &event : &canonical;
}

std::string DifferingField(const Event& a, const Event& b) {
  if (a.type != b.type) return "type";
  if (a.time != b.time) return "time";
  const bool actor_erased =
      a.actor.has_value() && model::IsErasedName(*a.actor);
  if (a.actor != b.actor && !(actor_erased && b.actor.has_value())) {
    return "actor";
  }
  if (a.target != b.target) return "target";
  if (a.channel != b.channel) return "channel";
  for (const auto& [name, value] : a.attributes) {
    if (IsOfTheEngine(a, name)) continue;
    const auto other = b.attributes.find(name);
    if (other == b.attributes.end() || !IsSame(value, other->second)) {
      return "attributes." + name;
    }
  }
  for (const auto& [name, value] : b.attributes) {
    if (IsOfTheEngine(b, name)) continue;
    // What was personal went with the actor.
    if (!a.attributes.contains(name) && !actor_erased) {
      return "attributes." + name;
    }
  }
  return a.id == b.id ? "" : "id";
}

}  // namespace loyalty::core
