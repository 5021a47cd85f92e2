// SPDX-License-Identifier: Apache-2.0
//
// See bind.h. Goes by descriptors, so that a field added to a .proto is read,
// and suggested to who misspells it, without a line here.
#include "wire/bind.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/suggest.h"
#include "base/utf8.h"
#include "wire/cursor.h"

namespace loyalty::wire {
namespace {

namespace pb = google::protobuf;

// A whole number as written, or why it is none.
struct Whole {
  enum class Fault { kNone, kNotWhole, kOutOfRange };
  Fault fault = Fault::kNone;
  int64_t value = 0;
};

// Decimal; in text protobuf also 0x1F and 017.
Whole ReadWhole(std::string_view text, bool with_bases) {
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  int base = 10;
  if (with_bases && (text.starts_with("0x") || text.starts_with("0X"))) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    if (!with_bases) return {.fault = Whole::Fault::kNotWhole};
    base = 8;
  }
  uint64_t size = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size, base);
  if (error == std::errc::invalid_argument || stop != end) {
    return {.fault = Whole::Fault::kNotWhole};
  }
  const uint64_t most = uint64_t{INT64_MAX} + (minus ? 1 : 0);
  if (error != std::errc() || size > most) {
    return {.fault = Whole::Fault::kOutOfRange};
  }
  return {.value = static_cast<int64_t>(minus ? uint64_t{0} - size : size)};
}

// What a node is, for "not ...".
std::string Described(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kCutOff: return "";
    case Node::Kind::kNull: return "null";
    case Node::Kind::kText: return "the text " + Quoted(node.text);
    case Node::Kind::kNumber:
    case Node::Kind::kWord:
      return node.text.size() <= 40 ? node.text : Quoted(node.text);
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMessage: return "a message";
  }
  return "";
}

// `"when" of Rule`.
std::string Called(const pb::FieldDescriptor& field) {
  return Quoted(field.name()) + " of " + field.containing_type()->name();
}

std::vector<std::string> FieldNames(const pb::Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    names.emplace_back(message.field(i)->name());
  }
  return names;
}

std::vector<std::string> WordsOf(const pb::EnumDescriptor& enumeration) {
  constexpr std::string_view kUnset = "_UNSPECIFIED";
  std::vector<std::string> words;
  for (int i = 0; i < enumeration.value_count(); ++i) {
    std::string word(enumeration.value(i)->name());
    if (!word.ends_with(kUnset)) words.push_back(std::move(word));
  }
  return words;
}

std::string InCapitals(std::string_view word) {
  std::string capitals;
  for (const char c : word) {
    capitals += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return capitals;
}

class TreeBinder {
 public:
  TreeBinder(Format format, model::Findings& findings)
      : json_(format == Format::kJson), findings_(findings) {}

  void BindMessage(const Node& node, pb::Message& message, Places& places) {
    std::map<int, model::Place> seen;
    for (const Field& field : node.fields) {
      if (IsFull()) return;
      const pb::FieldDescriptor* known = Find(*message.GetDescriptor(), field);
      if (known == nullptr) {
        Error(
            field.at,
            Quoted(field.name) + " is no field of " +
                message.GetDescriptor()->name(),
            base::DidYouMean(field.name, FieldNames(*message.GetDescriptor())));
        continue;
      }
      const auto [first, is_new] = seen.emplace(known->number(), field.at);
      // JSON has one list where text protobuf may repeat the field.
      if (!is_new && (json_ || !known->is_repeated())) {
        Error(field.at, Called(*known) + " is written twice",
              "The first one is on line " + std::to_string(first->second.line) +
                  ".");
        continue;
      }
      BindField(*known, field, message, places);
    }
  }

 private:
  bool IsFull() const { return findings_.size() >= kMostFindings; }

  void Error(model::Place at, std::string message, std::string advice) {
    findings_.push_back(
        {.at = at, .message = std::move(message), .advice = std::move(advice)});
    if (IsFull()) findings_.back().advice += kGivenUp;
  }

  void WrongType(const pb::FieldDescriptor& field, std::string_view wanted,
                 const Node& node, std::string advice) {
    Error(node.at,
          Called(field) + " is " + std::string(wanted) + ", not " +
              Described(node),
          std::move(advice));
  }

  const pb::FieldDescriptor* Find(const pb::Descriptor& message,
                                  const Field& field) const {
    const auto* by_name = message.FindFieldByName(field.name);
    if (by_name != nullptr || !json_) return by_name;
    for (int i = 0; i < message.field_count(); ++i) {
      if (message.field(i)->json_name() == field.name) return message.field(i);
    }
    return nullptr;
  }

  void BindField(const pb::FieldDescriptor& known, const Field& field,
                 pb::Message& message, Places& places) {
    if (field.value.kind == Node::Kind::kCutOff) return;
    if (field.value.kind == Node::Kind::kNull) return;  // as if left out
    if (field.value.kind != Node::Kind::kList) {
      if (json_ && known.is_repeated()) {
        return WrongType(known, "a list", field.value, "Write [ ] around it.");
      }
      return BindOne(known, field.value, field.at, message, places);
    }
    if (!known.is_repeated()) {
      return WrongType(known, "one value", field.value, "");
    }
    for (const Node& item : field.value.items) {
      if (IsFull()) return;
      BindOne(known, item, item.at, message, places);
    }
  }

  // `at` is where a message begins: at its name, or in a list at its brace.
  void BindOne(const pb::FieldDescriptor& field, const Node& node,
               model::Place at, pb::Message& message, Places& places) {
    if (node.kind == Node::Kind::kCutOff) return;
    if (field.containing_oneof() != nullptr &&
        !TakeOneof(field, node, message)) {
      return;
    }
    bool bound = false;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return BindChild(field, node, at, message, places);
      case pb::FieldDescriptor::CPPTYPE_STRING:
        bound = BindText(field, node, message);
        break;
      case pb::FieldDescriptor::CPPTYPE_INT64:
        bound = BindWhole(field, node, message);
        break;
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        bound = BindBool(field, node, message);
        break;
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        bound = BindWord(field, node, message);
        break;
      default: break;  // no program has such fields
    }
    if (bound) places.values[field.number()].push_back({node.at, node.jumps});
    if (!bound) places.unread = true;
  }

  bool TakeOneof(const pb::FieldDescriptor& field, const Node& node,
                 const pb::Message& message) {
    const auto& reflection = *message.GetReflection();
    const pb::OneofDescriptor& oneof = *field.containing_oneof();
    if (!reflection.HasOneof(message, &oneof)) return true;
    const auto* other = reflection.GetOneofFieldDescriptor(message, &oneof);
    Error(node.at,
          Quoted(field.name()) + " and " + Quoted(other->name()) + " of one " +
              message.GetDescriptor()->name(),
          "Only one of them can be said; write two for both.");
    return false;
  }

  void BindChild(const pb::FieldDescriptor& field, const Node& node,
                 model::Place at, pb::Message& message, Places& places) {
    if (node.kind != Node::Kind::kMessage) {
      return WrongType(field, "a message", node,
                       "Write { } around its fields.");
    }
    const auto& reflection = *message.GetReflection();
    pb::Message& child = field.is_repeated()
                             ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field);
    Places& inside = places.messages[field.number()].emplace_back();
    inside.at = at;
    BindMessage(node, child, inside);
  }

  static void SetText(const pb::FieldDescriptor& field, const std::string& text,
                      pb::Message& message) {
    const auto& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddString(&message, &field, text);
    } else {
      reflection.SetString(&message, &field, text);
    }
  }

  bool BindText(const pb::FieldDescriptor& field, const Node& node,
                pb::Message& message) {
    if (node.kind != Node::Kind::kText) {
      const bool bare =
          node.kind == Node::Kind::kNumber || node.kind == Node::Kind::kWord;
      WrongType(field, "a text", node, bare ? "Write quotes around it." : "");
      if (!bare) return false;
      // So that nobody says, too, that it is missing.
      SetText(field, node.text, message);
      return true;
    }
    if (node.text.find('\0') != node.text.npos || !base::IsUtf8(node.text)) {
      Error(node.at, Called(field) + " holds NUL or is not UTF-8",
            "Look at its escapes.");
      return false;
    }
    SetText(field, node.text, message);
    return true;
  }

  bool BindWhole(const pb::FieldDescriptor& field, const Node& node,
                 pb::Message& message) {
    // protobuf writes int64 as a text in JSON, as JavaScript has none.
    const bool number = node.kind == Node::Kind::kNumber ||
                        (json_ && node.kind == Node::Kind::kText);
    const Whole whole = ReadWhole(node.text, !json_);
    if (!number || whole.fault == Whole::Fault::kNotWhole) {
      WrongType(field, "a whole number", node, "");
      return false;
    }
    if (whole.fault == Whole::Fault::kOutOfRange) {
      Error(node.at, Called(field) + " is out of range: " + Described(node),
            "From -9223372036854775808 to 9223372036854775807.");
      return false;
    }
    message.GetReflection()->SetInt64(&message, &field, whole.value);
    return true;
  }

  bool BindBool(const pb::FieldDescriptor& field, const Node& node,
                pb::Message& message) {
    const bool is_true = IsBool(node, {"true", "True", "t", "1"});
    if (!is_true && !IsBool(node, {"false", "False", "f", "0"})) {
      WrongType(field, "true or false", node, "");
      return false;
    }
    message.GetReflection()->SetBool(&message, &field, is_true);
    return true;
  }

  // In JSON only the first of `spellings` counts.
  bool IsBool(const Node& node,
              const std::vector<std::string_view>& spellings) const {
    if (node.kind != Node::Kind::kWord && node.kind != Node::Kind::kNumber) {
      return false;
    }
    if (json_) return node.text == spellings[0];
    return std::find(spellings.begin(), spellings.end(), node.text) !=
           spellings.end();
  }

  bool BindWord(const pb::FieldDescriptor& field, const Node& node,
                pb::Message& message) {
    const pb::EnumDescriptor& enumeration = *field.enum_type();
    const auto kind = json_ ? Node::Kind::kText : Node::Kind::kWord;
    if (node.kind != kind) {
      const bool quoted = node.kind == Node::Kind::kText &&
                          enumeration.FindValueByName(node.text) != nullptr;
      WrongType(field, "one of the words of " + std::string(enumeration.name()),
                node,
                quoted ? "Leave out the quotes."
                       : base::DidYouMean("", WordsOf(enumeration)));
      return false;
    }
    const auto* value = enumeration.FindValueByName(node.text);
    if (value == nullptr) {
      Error(node.at,
            Quoted(node.text) + " is no " + std::string(enumeration.name()),
            base::DidYouMean(InCapitals(node.text), WordsOf(enumeration)));
      return false;
    }
    const pb::Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      reflection.AddEnum(&message, &field, value);
    } else {
      reflection.SetEnum(&message, &field, value);
    }
    return true;
  }

  static constexpr std::string_view kGivenUp =
      " Too many errors: the rest was not looked at.";

  const bool json_;
  model::Findings& findings_;
};

}  // namespace

void Bind(const Node& root, Format format, pb::Message& message, Places& places,
          model::Findings& findings) {
  places.at = root.at;
  TreeBinder(format, findings).BindMessage(root, message, places);
}

}  // namespace loyalty::wire
