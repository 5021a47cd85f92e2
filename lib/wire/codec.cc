// SPDX-License-Identifier: Apache-2.0
//
// See codec.h. What is decoded is encoded again and compared: a byte that
// Encode would not have written is noticed, whatever it is.
#include "wire/codec.h"

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "loyalty/v1/event.pb.h"
#include "loyalty/v1/outcome.pb.h"
#include "wire/quiet.h"

namespace loyalty::wire {
namespace {

namespace pb = google::protobuf;

constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();

// Three messages for each level of an event's values. The engine takes events
// 32 levels deep; a store must be able to read whatever was written to it.
constexpr int kMostNested = 1000;

template <typename... Visitors>
struct OneOfKinds : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
OneOfKinds(Visitors...) -> OneOfKinds<Visitors...>;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError("stored " + std::string(what) +
                             " is damaged, or of a newer version");
}

// The first and last int64 stand for the infinities.
absl::Time TimeOf(int64_t microseconds) {
  if (microseconds == kFirst) return absl::InfinitePast();
  if (microseconds == kLast) return absl::InfiniteFuture();
  return absl::FromUnixMicros(microseconds);
}

absl::Duration DurationOf(int64_t microseconds) {
  if (microseconds == kFirst) return -absl::InfiniteDuration();
  if (microseconds == kLast) return absl::InfiniteDuration();
  return absl::Microseconds(microseconds);
}

// As times are: rounded down, also before zero.
int64_t MicrosecondsOf(absl::Duration duration) {
  return absl::ToInt64Microseconds(
      absl::Floor(duration, absl::Microseconds(1)));
}

template <typename Message>
std::string BytesOf(const Message& message) {
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }  // the streams give back what they reserved
  return bytes;
}

template <typename Message>
bool ParseBytes(std::string_view bytes, Message& message) {
  if (bytes.size() > size_t{std::numeric_limits<int32_t>::max()}) return false;
  pb::io::CodedInputStream coded(reinterpret_cast<const uint8_t*>(bytes.data()),
                                 static_cast<int>(bytes.size()));
  coded.SetRecursionLimit(kMostNested);
  const QuietProtobuf quiet;
  return message.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

void PutValue(const Value& value, v1::Value& out) {
  std::visit(
      OneOfKinds{
          [&](bool v) { out.set_bool_(v); },
          [&](int64_t v) { out.set_int_(v); },
          [&](double v) { out.set_double_(v); },
          [&](const std::string& v) { out.set_string(v); },
          [&](absl::Time v) { out.set_time_us(absl::ToUnixMicros(v)); },
          [&](absl::Duration v) { out.set_duration_us(MicrosecondsOf(v)); },
          [&](const Value::List& list) {
            auto& values = *out.mutable_list()->mutable_value();
            for (const Value& v : list) PutValue(v, *values.Add());
          },
          [&](const Value::Map& map) {
            auto& entries = *out.mutable_map()->mutable_entry();
            for (const auto& [name, v] : map) {
              v1::NamedValue& entry = *entries.Add();
              entry.set_name(name);
              PutValue(v, *entry.mutable_value());
            }
          }},
      value.get());
}

std::optional<Value> TakeValue(const v1::Value& in);

std::optional<Value::Map> TakeEntries(
    const pb::RepeatedPtrField<v1::NamedValue>& entries) {
  Value::Map map;
  for (const v1::NamedValue& entry : entries) {
    auto value = TakeValue(entry.value());
    if (!value.has_value()) return std::nullopt;
    map.insert_or_assign(map.end(), entry.name(), *std::move(value));
  }
  return map;
}

// nullopt for a kind this version does not know.
std::optional<Value> TakeValue(const v1::Value& in) {
  switch (in.kind_case()) {
    case v1::Value::kBool: return Value(in.bool_());
    case v1::Value::kInt: return Value(int64_t{in.int_()});
    case v1::Value::kDouble: return Value(in.double_());
    case v1::Value::kString: return Value(in.string());
    case v1::Value::kTimeUs: return Value(TimeOf(in.time_us()));
    case v1::Value::kDurationUs: return Value(DurationOf(in.duration_us()));
    case v1::Value::kList: {
      Value::List list;
      list.reserve(static_cast<size_t>(in.list().value_size()));
      for (const v1::Value& item : in.list().value()) {
        auto value = TakeValue(item);
        if (!value.has_value()) return std::nullopt;
        list.push_back(*std::move(value));
      }
      return Value(std::move(list));
    }
    case v1::Value::kMap: {
      auto map = TakeEntries(in.map().entry());
      if (!map.has_value()) return std::nullopt;
      return Value(*std::move(map));
    }
    case v1::Value::KIND_NOT_SET: return std::nullopt;
  }
  return std::nullopt;
}

void PutEffect(const Effect& effect, v1::Effect& out) {
  std::visit(OneOfKinds{[&](const Opened& e) {
                          v1::Opened& opened = *out.mutable_opened();
                          opened.set_member(e.member);
                          opened.set_currency(e.currency);
                          opened.set_units(e.units);
                        },
                        [&](const Awarded& e) {
                          v1::Awarded& awarded = *out.mutable_awarded();
                          awarded.set_member(e.member);
                          awarded.set_currency(e.currency);
                          awarded.set_rule(e.rule);
                          awarded.set_asked(e.asked);
                          awarded.set_limited(e.limited);
                          awarded.set_units(e.units);
                          awarded.set_cut(static_cast<int32_t>(e.cut));
                        },
                        [&](const Reversed& e) {
                          v1::Reversed& reversed = *out.mutable_reversed();
                          reversed.set_member(e.member);
                          reversed.set_currency(e.currency);
                          reversed.set_units(e.units);
                          reversed.set_awards(e.awards);
                        },
                        [&](const LevelChanged& e) {
                          v1::LevelChanged& change =
                              *out.mutable_level_changed();
                          change.set_member(e.member);
                          change.set_ladder(e.ladder);
                          change.set_from(e.from);
                          change.set_to(e.to);
                          change.set_up(e.up);
                        }},
             effect);
}

// The reasons are numbered without gaps; a new last one is a new last one here.
bool IsRejectReason(int32_t number) {
  return number >= 0 &&
         number <= static_cast<int32_t>(RejectReason::kNotReversible);
}
bool IsCutReason(int32_t number) {
  return number >= 0 && number <= static_cast<int32_t>(CutReason::kOverflow);
}

std::optional<Effect> TakeEffect(const v1::Effect& in) {
  switch (in.kind_case()) {
    case v1::Effect::kOpened:
      return Opened{.member = in.opened().member(),
                    .currency = in.opened().currency(),
                    .units = in.opened().units()};
    case v1::Effect::kAwarded: {
      const v1::Awarded& awarded = in.awarded();
      if (!IsCutReason(awarded.cut())) return std::nullopt;
      return Awarded{.member = awarded.member(),
                     .currency = awarded.currency(),
                     .rule = awarded.rule(),
                     .asked = awarded.asked(),
                     .limited = awarded.limited(),
                     .units = awarded.units(),
                     .cut = static_cast<CutReason>(awarded.cut())};
    }
    case v1::Effect::kReversed:
      return Reversed{.member = in.reversed().member(),
                      .currency = in.reversed().currency(),
                      .units = in.reversed().units(),
                      .awards = in.reversed().awards()};
    case v1::Effect::kLevelChanged: {
      const v1::LevelChanged& change = in.level_changed();
      return LevelChanged{.member = change.member(),
                          .ladder = change.ladder(),
                          .from = change.from(),
                          .to = change.to(),
                          .up = change.up()};
    }
    case v1::Effect::KIND_NOT_SET: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string EncodeEvent(const Event& event) {
  v1::Event out;
  out.set_id(event.id);
  out.set_type(event.type);
  out.set_time_us(absl::ToUnixMicros(event.time));
  if (event.actor.has_value()) out.set_actor(*event.actor);
  if (event.target.has_value()) out.set_target(*event.target);
  if (event.channel.has_value()) out.set_channel(*event.channel);
  for (const auto& [name, value] : event.attributes) {
    v1::NamedValue& attribute = *out.add_attribute();
    attribute.set_name(name);
    PutValue(value, *attribute.mutable_value());
  }
  return BytesOf(out);
}

absl::StatusOr<Event> DecodeEvent(std::string_view bytes) {
  v1::Event in;
  if (!ParseBytes(bytes, in)) return Damaged("event");
  auto attributes = TakeEntries(in.attribute());
  if (!attributes.has_value()) return Damaged("event");
  Event event{.id = in.id(), .type = in.type(), .time = TimeOf(in.time_us())};
  if (in.has_actor()) event.actor = in.actor();
  if (in.has_target()) event.target = in.target();
  if (in.has_channel()) event.channel = in.channel();
  event.attributes = *std::move(attributes);
  if (EncodeEvent(event) != bytes) return Damaged("event");
  return event;
}

std::string EncodeOutcome(const Outcome& outcome) {
  v1::Outcome out;
  out.set_event_id(outcome.event_id);
  out.set_seq(outcome.seq);
  out.set_recorded_at_us(absl::ToUnixMicros(outcome.recorded_at));
  out.set_rejected(static_cast<int32_t>(outcome.rejected));
  out.set_reason(outcome.reason);
  for (const Effect& effect : outcome.effects) {
    PutEffect(effect, *out.add_effect());
  }
  for (const RuleNote& note : outcome.notes) {
    v1::RuleNote& added = *out.add_note();
    added.set_rule(note.rule);
    added.set_text(note.text);
  }
  return BytesOf(out);
}

absl::StatusOr<Outcome> DecodeOutcome(std::string_view bytes) {
  v1::Outcome in;
  if (!ParseBytes(bytes, in) || !IsRejectReason(in.rejected())) {
    return Damaged("outcome");
  }
  Outcome outcome;
  outcome.event_id = in.event_id();
  outcome.seq = in.seq();
  outcome.recorded_at = TimeOf(in.recorded_at_us());
  outcome.rejected = static_cast<RejectReason>(in.rejected());
  outcome.reason = in.reason();
  for (const v1::Effect& effect : in.effect()) {
    auto taken = TakeEffect(effect);
    if (!taken.has_value()) return Damaged("outcome");
    outcome.effects.push_back(*std::move(taken));
  }
  for (const v1::RuleNote& note : in.note()) {
    outcome.notes.push_back({.rule = note.rule(), .text = note.text()});
  }
  if (EncodeOutcome(outcome) != bytes) return Damaged("outcome");
  return outcome;
}

}  // namespace loyalty::wire
