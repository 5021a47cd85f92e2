// SPDX-License-Identifier: Apache-2.0
//
// See frame.h.
#include "rules/frame.h"

#include <absl/status/status.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"

namespace loyalty::rules {
namespace {

struct ToCel {
  cel::Value operator()(bool v) const { return cel::Value::Bool(v); }
  cel::Value operator()(int64_t v) const { return cel::Value::Int(v); }
  cel::Value operator()(double v) const { return cel::Value::Double(v); }
  cel::Value operator()(const std::string& v) const {
    return cel::Value::BorrowedString(v);
  }
  cel::Value operator()(absl::Time v) const { return cel::Value::Timestamp(v); }
  cel::Value operator()(absl::Duration v) const {
    return cel::Value::Duration(v);
  }
  cel::Value operator()(const Value::List& v) const {
    std::vector<cel::Value> items;
    items.reserve(v.size());
    for (const Value& item : v) items.push_back(std::visit(*this, item.get()));
    return cel::Value::List(std::move(items));
  }
  cel::Value operator()(const Value::Map& v) const {
    std::vector<cel::MapEntry> entries;
    entries.reserve(v.size());
    for (const auto& [key, value] : v) {
      entries.push_back(
          {cel::Value::BorrowedString(key), std::visit(*this, value.get())});
    }
    // Keys are texts, and differ.
    return cel::Value::Map(std::move(entries)).value_or(cel::Value::Absent());
  }
};

cel::Value OptionalText(const std::optional<std::string>& text) {
  return text.has_value() ? cel::Value::BorrowedString(*text)
                          : cel::Value::Absent();
}

}  // namespace

cel::Value BorrowedCel(const Value& value) {
  return std::visit(ToCel{}, value.get());
}

Frame::Frame(const CompiledProgram& program, const EventType& type,
             const Event& event)
    : program_(&program),
      type_(&type),
      time_(event.time),
      slots_(type.slots.size()) {
  for (const int slot : type.reads.event) {
    slots_[slot] = ValueOf(event, type.slots[slot]);
  }
  TakeAttributes(event);
  if (!type.metric_reads.empty()) FindReadings(event.time);
}

void Frame::FindReadings(absl::Time time) {
  std::vector<Reading> readings;
  for (const MetricRead& read : type_->metric_reads) {
    Reading& reading = readings.emplace_back(Reading{.metric = read.number});
    model::CounterKeyPart key;
    if (read.by.text.has_value()) {
      absl::StatusOr<model::CounterKeyPart> by = Key(read.by);
      if (!by.ok()) continue;
      key = *std::move(by);
    }
    if (read.before.has_value()) {
      const absl::StatusOr<int64_t> before = Int(*read.before);
      if (!before.ok()) continue;
      reading.before = *before;
    }
    const MetricTerms& terms = program_->metrics[read.number];
    const bool is_among = terms.kind == MetricKind::kAmong;
    reading.range =
        MetricRange(is_among ? program_->metrics[terms.counted_by] : terms,
                    time, program_->time_zone, key);
    reading.range->any_key |= is_among;
  }
  readings_ = std::make_shared<const std::vector<Reading>>(std::move(readings));
}

// Both are in the order of their names.
void Frame::TakeAttributes(const Event& event) {
  auto given = event.attributes.begin();
  for (const AttributeRead& read : type_->reads.attributes) {
    const Attribute& attribute = type_->attributes[read.attribute];
    while (given != event.attributes.end() && given->first < attribute.name) {
      ++given;
    }
    if (given != event.attributes.end() && given->first == attribute.name) {
      slots_[read.slot] = BorrowedCel(given->second);
    } else if (attribute.default_value.has_value()) {
      slots_[read.slot] = BorrowedCel(*attribute.default_value);
    }
  }
}

// Of what is no attribute.
cel::Value Frame::ValueOf(const Event& event, int what) {
  switch (what) {
    case Slots::kId: return cel::Value::BorrowedString(event.id);
    case Slots::kTime: return cel::Value::Timestamp(event.time);
    case Slots::kActor: return OptionalText(event.actor);
    case Slots::kTarget: return OptionalText(event.target);
    case Slots::kChannel: return OptionalText(event.channel);
    default: return cel::Value::Absent();
  }
}

cel::Value Frame::ValueOf(const model::EntityState& standing,
                          int number) const {
  const Slots& at = program_->slots;
  if (number == 0) {
    return standing.exists ? cel::Value::Timestamp(standing.since)
                           : cel::Value::Absent();
  }
  if (number == 1) return cel::Value::BorrowedString(standing.referrer);
  int i = number - 2;
  if (i < at.currencies) {
    return cel::Value::Int(standing.Available(program_->currencies[i].symbol));
  }
  i -= at.currencies;
  if (i < at.currencies) {
    return cel::Value::Int(
        standing.Held(program_->currencies[i].symbol).earned);
  }
  i -= at.currencies;
  if (i < at.ladders) {
    return cel::Value::Int(
        LevelAt(program_->ladders[i], standing, time_, program_->time_zone));
  }
  i -= at.ladders;
  // Segments are asked once all of the standing is there.
  return i < at.metrics ? MetricOf(standing, i) : cel::Value::Absent();
}

cel::Value Frame::MetricOf(const model::EntityState& standing,
                           int metric) const {
  const MetricTerms& terms = program_->metrics[metric];
  if (readings_ == nullptr || terms.is_plain()) {
    return cel::Value::Int(standing.Counter({.name = terms.counter}));
  }
  for (const Reading& reading : *readings_) {
    if (reading.metric != metric || !reading.range.has_value()) continue;
    if (terms.kind == MetricKind::kAmong) {
      return cel::Value::Int(
          CountAmong(terms, standing.counters, *reading.range, reading.before));
    }
    return cel::Value::Int(
        MetricValue(terms, standing.counters, *reading.range));
  }
  return cel::Value::Absent();
}

void Frame::SetStanding(const model::EntityState& standing, Slots::Whose whose,
                        const std::vector<int>& reads,
                        const std::vector<SegmentRead>& segments) {
  const int base = program_->slots.Base(whose);
  for (const int slot : reads) {
    slots_[slot] = ValueOf(standing, type_->slots[slot] - base);
  }
  AskSegments(segments);
}

void Frame::SetActor(const model::EntityState& actor) {
  SetStanding(actor, Slots::Whose::kActorStanding, type_->reads.actor,
              type_->actor_segments);
}

void Frame::SetMember(const model::EntityState& member) {
  SetStanding(member, Slots::Whose::kMemberStanding, type_->reads.member,
              type_->member_segments);
}

void Frame::SetHolder(const model::EntityState& holder) {
  SetStanding(holder, Slots::Whose::kHolderStanding, type_->reads.holder,
              type_->holder_segments);
}

void Frame::AskSegments(const std::vector<SegmentRead>& segments) {
  for (const SegmentRead& segment : segments) {
    const absl::StatusOr<bool> belongs = Bool(segment.when);
    slots_[segment.slot] =
        belongs.ok() ? cel::Value::Bool(*belongs) : cel::Value::Absent();
  }
}

void Frame::SetObject(const model::EntityState& object) {
  const int base = program_->slots.ObjectMetric(0);
  for (const int slot : type_->reads.object) {
    slots_[slot] = MetricOf(object, type_->slots[slot] - base);
  }
}

absl::StatusOr<bool> Frame::Bool(const cel::Expression& expression) const {
  if (const auto quick = QuickBool(expression)) return *quick;
  ASSIGN_OR_RETURN(const cel::Value value, expression.Evaluate(slots_));
  if (!value.Is(cel::Value::Kind::kBool)) {
    return absl::InternalError("a condition gave no bool");
  }
  return value.bool_value();
}

absl::StatusOr<int64_t> Frame::Int(const cel::Expression& expression) const {
  ASSIGN_OR_RETURN(const cel::Value value, expression.Evaluate(slots_));
  if (!value.Is(cel::Value::Kind::kInt)) {
    return absl::InternalError("a formula gave no int");
  }
  return value.int_value();
}

namespace {

bool IsId(const cel::Value& value) {
  return value.Is(cel::Value::Kind::kString);
}

}  // namespace

absl::StatusOr<cel::Value> Frame::IdOrIds(
    const cel::Expression& expression) const {
  cel::Value quick;
  if (expression.TryEvaluate(slots_, quick) && IsId(quick)) return quick;
  absl::StatusOr<cel::Value> value = expression.Evaluate(slots_);
  if (value.ok()) return value;
  // A single name that is absent, a MEMBER or the target, is not an error:
  // there is nobody to name.
  const std::vector<uint32_t>& used = expression.slots_used();
  if (used.size() == 1 && slots_[used[0]].Is(cel::Value::Kind::kAbsent)) {
    return cel::Value::BorrowedString("");
  }
  return value;
}

absl::StatusOr<cel::Value> Frame::Id(const cel::Expression& expression) const {
  absl::StatusOr<cel::Value> value = IdOrIds(expression);
  if (!value.ok() || IsId(*value)) return value;
  return absl::InternalError("an id is no text");
}

absl::Status Frame::ForEachId(
    const cel::Expression& expression,
    absl::FunctionRef<void(std::string_view id)> see) const {
  const absl::StatusOr<cel::Value> value = IdOrIds(expression);
  if (!value.ok()) return value.status();
  if (IsId(*value)) {
    see(value->text());
    return absl::OkStatus();
  }
  if (!value->Is(cel::Value::Kind::kList)) {
    return absl::InternalError("ids are no list");
  }
  if (value->items().empty()) see("");
  for (const cel::Value& item : value->items()) {
    if (!IsId(item)) return absl::InternalError("an id is no text");
    see(item.text());
  }
  return absl::OkStatus();
}

absl::StatusOr<model::CounterKeyPart> Frame::Key(
    const KeyExpression& key) const {
  if (key.is_int) {
    ASSIGN_OR_RETURN(const int64_t value, Int(*key.text));
    return KeyOfInt(value);
  }
  ASSIGN_OR_RETURN(const cel::Value text, Id(*key.text));
  if (!key.is_member || text.text().empty()) return KeyOfText(text.text());
  return model::Entity{model::Entity::Kind::kMember, std::string(text.text())};
}

void ForEachNamed(const EventType& type, int attribute, const Event& event,
                  absl::FunctionRef<void(const std::string&)> see) {
  const auto found = event.attributes.find(type.attributes[attribute].name);
  if (found == event.attributes.end()) return;
  const Value::Variant& value = found->second.get();
  if (const auto* one = std::get_if<std::string>(&value)) return see(*one);
  const auto* list = std::get_if<Value::List>(&value);
  if (list == nullptr) return;
  for (auto item = list->begin(); item != list->end(); ++item) {
    if (std::find(list->begin(), item, *item) != item) continue;
    see(std::get<std::string>(item->get()));
  }
}

}  // namespace loyalty::rules
