// SPDX-License-Identifier: Apache-2.0
//
// An event as one line of JSON: members in a fixed order, attributes in the
// order of their names, so that one event has one text.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "loyalty/json.h"
#include "wire/json_value.h"
#include "wire/rfc3339.h"

namespace loyalty {
namespace wire {
namespace {

void WriteText(std::string_view text, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<uint8_t>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<uint8_t>(c) >> 4];
      out += kHex[static_cast<uint8_t>(c) & 0xF];
    } else {
      out += c;
    }
  }
  out += '"';
}

// The fewest digits that read back as the same double, and always as a double.
// JSON has no infinity: that is left out, as null is.
void WriteDouble(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof(digits), number);
  const std::string_view text(digits, static_cast<size_t>(end - digits));
  out += text;
  if (text.find_first_of(".e") == text.npos) out += ".0";
}

void WriteValue(const Value& value, std::string& out);

struct ValueWriter {
  std::string& out;

  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(int64_t v) const { out += std::to_string(v); }
  void operator()(double v) const { WriteDouble(v, out); }
  void operator()(const std::string& v) const { WriteText(v, out); }
  void operator()(absl::Time v) const { WriteText(Rfc3339(v), out); }
  void operator()(absl::Duration v) const { WriteText(SecondsText(v), out); }
  void operator()(const Value::List& list) const {
    out += '[';
    bool first = true;
    for (const Value& item : list) {
      if (!std::exchange(first, false)) out += ',';
      WriteValue(item, out);
    }
    out += ']';
  }
  void operator()(const Value::Map& map) const {
    out += '{';
    bool first = true;
    for (const auto& [name, item] : map) {
      if (!std::exchange(first, false)) out += ',';
      WriteText(name, out);
      out += ':';
      WriteValue(item, out);
    }
    out += '}';
  }
};

void WriteValue(const Value& value, std::string& out) {
  std::visit(ValueWriter{out}, value.get());
}

}  // namespace

std::string JsonOf(const Value& value) {
  std::string out;
  WriteValue(value, out);
  return out;
}

}  // namespace wire

std::string ToJson(const Event& event) {
  std::string out = "{\"id\":";
  wire::WriteText(event.id, out);
  out += ",\"type\":";
  wire::WriteText(event.type, out);
  out += ",\"time\":";
  wire::WriteText(wire::Rfc3339(event.time), out);
  const auto write = [&out](std::string_view name,
                            const std::optional<std::string>& text) {
    if (!text.has_value()) return;
    out += name;
    wire::WriteText(*text, out);
  };
  write(",\"actor\":", event.actor);
  write(",\"target\":", event.target);
  write(",\"channel\":", event.channel);
  if (!event.attributes.empty()) {
    out += ",\"attributes\":";
    wire::ValueWriter{out}(event.attributes);
  }
  out += '}';
  return out;
}

}  // namespace loyalty
