// SPDX-License-Identifier: Apache-2.0
//
// See values.h.
#include "wire/values.h"

#include <absl/time/time.h>
#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <limits>
#include <utility>
#include <variant>

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

}  // namespace

// None of our messages has a map, whose order would be left open.
std::string BytesOf(const pb::Message& message) {
  std::string bytes;
  AppendBytes(message, bytes);
  return bytes;
}

void AppendBytes(const pb::Message& message, std::string& bytes) {
  message.AppendToString(&bytes);
}

bool ParseBytes(std::string_view bytes, pb::Message& message) {
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
    case v1::Value::kMember:
    case v1::Value::kPersonal:
    case v1::Value::KIND_NOT_SET: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace loyalty::wire
