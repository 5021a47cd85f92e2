// SPDX-License-Identifier: Apache-2.0
//
// Events from JSON by simdjson's On-Demand interface, which looks at each byte
// once and at nothing it is not asked about. So we ask about everything. Where
// it says no, json_tree.cc is asked for the byte: slow, but only for bad lines.
#include <absl/status/status.h>
#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "loyalty/json.h"
#include "wire/cursor.h"
#include "wire/rfc3339.h"
#include "wire/tree.h"

namespace loyalty {
namespace wire {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kMostJsonBytes = size_t{1} << 20;

absl::Status BadJson(const std::string& message) {
  return absl::InvalidArgumentError(message);
}

absl::Status Malformed(const SyntaxError& error) {
  return BadJson("malformed JSON at byte " + std::to_string(error.offset) +
                 ": " + error.message);
}

std::optional<SyntaxError> SyntaxErrorIn(std::string_view json) {
  if (auto not_text = NotText(json)) return not_text;
  return ReadJsonTree(json).error;
}

// What is the matter with a text that simdjson refused.
absl::Status WhyMalformed(std::string_view json) {
  const auto error = SyntaxErrorIn(json);
  return error.has_value() ? Malformed(*error) : BadJson("malformed JSON");
}

// simdjson refuses what is no number and what is too big for a double alike.
bool IsJsonNumber(std::string_view token) {
  const Tree tree = ReadJsonTree(token);
  return !tree.error.has_value() && tree.root.kind == Node::Kind::kNumber;
}

// "attributes.tags[2]", remembered while reading so that errors can say it.
struct Step {
  std::string_view name;  // empty for an item of a list
  size_t index = 0;
};

class EventFromJson {
 public:
  explicit EventFromJson(std::string_view json)
      : json_(json),
        has_escapes_(std::memchr(json.data(), '\\', json.size()) != nullptr) {}

  absl::StatusOr<Event> Read(ondemand::document& document) {
    ondemand::json_type type;
    if (document.type().get(type)) return WhyMalformed(json_);
    ondemand::object object;
    if (type != ondemand::json_type::object ||
        document.get_object().get(object)) {
      const auto error = SyntaxErrorIn(json_);
      return error.has_value()
                 ? Malformed(*error)
                 : BadJson("not an event: expected a JSON object");
    }
    Event event{.id = "", .type = "", .time = absl::InfinitePast()};
    for (auto member : object) {
      ondemand::field field;
      if (std::move(member).get(field)) return WhyMalformed(json_);
      if (auto status = ReadMember(field, event); !status.ok()) return status;
    }
    // There is a next token only if something follows the object.
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return WhyMalformed(json_);
    }
    for (const Member required : {kId, kType, kTime}) {
      if (!present_[required]) {
        return BadJson(std::string(kNames[required]) + ": missing");
      }
    }
    return event;
  }

 private:
  enum Member { kId, kType, kTime, kActor, kTarget, kChannel, kAttributes };
  static constexpr std::string_view kNames[] = {
      "id", "type", "time", "actor", "target", "channel", "attributes"};
  static constexpr size_t kMembers = std::size(kNames);

  absl::Status FieldError(const std::string& message) const {
    std::string path;
    for (const Step& step : path_) {
      if (step.name.data() == nullptr) {
        path += '[' + std::to_string(step.index) + ']';
        continue;
      }
      if (!path.empty()) path += '.';
      const std::string quoted = Quoted(step.name);
      path += quoted.substr(1, quoted.size() - 2);
    }
    return BadJson(path + ": " + message);
  }

  absl::Status ReadMember(ondemand::field& field, Event& event) {
    std::string_view name;
    if (field.unescaped_key().get(name)) return WhyMalformed(json_);
    path_.assign(1, Step{name});
    size_t member = 0;
    while (member < kMembers && kNames[member] != name) ++member;
    if (member == kMembers) {
      return FieldError(
          "no member of an event; those are id, type, time, actor, target, "
          "channel, attributes");
    }
    if (std::exchange(seen_[member], true)) return FieldError("written twice");

    ondemand::value value = field.value();
    ondemand::json_type type;
    if (value.type().get(type)) return WhyMalformed(json_);
    if (type == ondemand::json_type::null) return ReadNull(value);
    present_[member] = true;
    if (member == kAttributes) {
      if (type != ondemand::json_type::object) {
        return FieldError("expected an object");
      }
      return ReadMap(value, 2, event.attributes);
    }
    if (type != ondemand::json_type::string) {
      return FieldError("expected a text");
    }
    std::string text;
    if (auto status = ReadText(value, text); !status.ok()) return status;
    return Keep(static_cast<Member>(member), std::move(text), event);
  }

  absl::Status Keep(Member member, std::string text, Event& event) {
    switch (member) {
      case kId: event.id = std::move(text); break;
      case kType: event.type = std::move(text); break;
      case kTime: {
        const auto time = ParseRfc3339(text);
        if (!time.has_value()) {
          return FieldError(
              "expected RFC 3339 with a zone, as 2026-03-01T12:00:00Z, not " +
              Quoted(text));
        }
        event.time = *time;
        break;
      }
      case kActor: event.actor = std::move(text); break;
      case kTarget: event.target = std::move(text); break;
      case kChannel: event.channel = std::move(text); break;
      case kAttributes: break;  // not a text
    }
    return absl::OkStatus();
  }

  absl::Status ReadNull(ondemand::value& value) const {
    bool is_null = false;
    if (value.is_null().get(is_null) || !is_null) return WhyMalformed(json_);
    return absl::OkStatus();
  }

  absl::Status ReadText(ondemand::value& value, std::string& out) const {
    std::string_view text;
    if (value.get_string().get(text)) return WhyMalformed(json_);
    if (auto status = CheckText(text); !status.ok()) return status;
    out = text;
    return absl::OkStatus();
  }

  // simdjson has looked at the bytes; what escapes stand for is up to us.
  absl::Status CheckText(std::string_view text) const {
    if (!has_escapes_) return absl::OkStatus();
    if (text.find('\0') != text.npos) return FieldError("holds NUL");
    // A half of a surrogate pair, which the slow reader does not let pass.
    if (!base::IsUtf8(text)) return WhyMalformed(json_);
    return absl::OkStatus();
  }

  // `level` is that of this map.
  absl::Status ReadMap(ondemand::value& value, int level, Value::Map& out) {
    if (level > kMostLevels) return FieldError("more than 32 levels deep");
    ondemand::object object;
    if (value.get_object().get(object)) return WhyMalformed(json_);
    std::set<std::string, std::less<>> nulls;
    for (auto member : object) {
      ondemand::field field;
      if (std::move(member).get(field)) return WhyMalformed(json_);
      std::string_view name;
      if (field.unescaped_key().get(name)) return WhyMalformed(json_);
      path_.push_back(Step{name});
      if (auto status = CheckText(name); !status.ok()) return status;
      if (out.contains(name) || nulls.contains(name)) {
        return FieldError("written twice");
      }
      std::optional<Value> item;
      if (auto status = ReadValue(field.value(), level, item); !status.ok()) {
        return status;
      }
      if (item.has_value()) {
        out.emplace(name, *std::move(item));
      } else {
        nulls.emplace(name);
      }
      path_.pop_back();
    }
    return absl::OkStatus();
  }

  absl::Status ReadList(ondemand::value& value, int level, Value::List& out) {
    if (level > kMostLevels) return FieldError("more than 32 levels deep");
    ondemand::array array;
    if (value.get_array().get(array)) return WhyMalformed(json_);
    size_t index = 0;
    for (auto element : array) {
      ondemand::value item;
      if (std::move(element).get(item)) return WhyMalformed(json_);
      path_.push_back(Step{.name = {}, .index = index++});
      std::optional<Value> read;
      if (auto status = ReadValue(item, level, read); !status.ok()) {
        return status;
      }
      if (read.has_value()) out.push_back(*std::move(read));
      path_.pop_back();
    }
    return absl::OkStatus();
  }

  // Leaves `out` empty for null. `level` is that of what holds the value.
  absl::Status ReadValue(ondemand::value value, int level,
                         std::optional<Value>& out) {
    ondemand::json_type type;
    if (value.type().get(type)) return WhyMalformed(json_);
    switch (type) {
      case ondemand::json_type::null: return ReadNull(value);
      case ondemand::json_type::boolean: {
        bool truth = false;
        if (value.get_bool().get(truth)) return WhyMalformed(json_);
        out = Value(truth);
        return absl::OkStatus();
      }
      case ondemand::json_type::number: return ReadNumber(value, out);
      case ondemand::json_type::string: {
        std::string text;
        if (auto status = ReadText(value, text); !status.ok()) return status;
        out = Value(std::move(text));
        return absl::OkStatus();
      }
      case ondemand::json_type::array: {
        Value::List list;
        auto status = ReadList(value, level + 1, list);
        if (status.ok()) out = Value(std::move(list));
        return status;
      }
      case ondemand::json_type::object: {
        Value::Map map;
        auto status = ReadMap(value, level + 1, map);
        if (status.ok()) out = Value(std::move(map));
        return status;
      }
    }
    return WhyMalformed(json_);
  }

  // Asks for the type first: get_number() of simdjson 3.0.1 takes a double of
  // more than 19 digits, as 737705407931495552.0, for the int 0.
  absl::Status ReadNumber(ondemand::value& value, std::optional<Value>& out) {
    const std::string_view token = value.raw_json_token();
    ondemand::number_type type;
    if (value.get_number_type().get(type)) return WhyMalformed(json_);
    int64_t whole = 0;
    double fraction = 0;
    switch (type) {
      case ondemand::number_type::signed_integer:
        if (value.get_int64().get(whole)) break;
        out = Value(whole);
        return absl::OkStatus();
      case ondemand::number_type::floating_point_number:
        if (value.get_double().get(fraction)) break;
        out = Value(fraction);
        return absl::OkStatus();
      case ondemand::number_type::unsigned_integer:
        break;  // larger than any int64
    }
    return IsJsonNumber(token) ? OutOfRange(token) : WhyMalformed(json_);
  }

  absl::Status OutOfRange(std::string_view token) const {
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    return FieldError(Quoted(token) + " is out of the range of numbers");
  }

  const std::string_view json_;
  const bool has_escapes_;
  bool seen_[kMembers] = {};
  bool present_[kMembers] = {};
  std::vector<Step> path_;
};

}  // namespace
}  // namespace wire

struct JsonEventReader::Impl {
  simdjson::ondemand::parser parser;
  std::string padded;  // simdjson reads past the end of a text
};

JsonEventReader::JsonEventReader() : impl_(std::make_unique<Impl>()) {}
JsonEventReader::~JsonEventReader() = default;
JsonEventReader::JsonEventReader(JsonEventReader&&) noexcept = default;
JsonEventReader& JsonEventReader::operator=(JsonEventReader&&) noexcept =
    default;

absl::StatusOr<Event> JsonEventReader::Read(std::string_view json) {
  if (json.size() > wire::kMostJsonBytes) {
    return wire::BadJson("more than 1 MiB (1048576 bytes) of JSON");
  }
  std::string& padded = impl_->padded;
  padded.assign(json);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  simdjson::ondemand::document document;
  const simdjson::padded_string_view view(padded.data(), json.size(),
                                          padded.size());
  if (impl_->parser.iterate(view).get(document)) {
    return wire::WhyMalformed(json);
  }
  return wire::EventFromJson(view).Read(document);
}

}  // namespace loyalty
