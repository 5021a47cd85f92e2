// SPDX-License-Identifier: Apache-2.0
//
// See program_reader.h. Text to Tree, Tree to message, message to spec; the
// canonical form is the message's bytes.
#include "wire/program_reader.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "loyalty/v1/program.pb.h"
#include "wire/bind.h"
#include "wire/cursor.h"
#include "wire/program_spec.h"
#include "wire/quiet.h"
#include "wire/tree.h"

namespace loyalty::wire {
namespace {

namespace pb = google::protobuf;

constexpr size_t kMostProgramBytes = size_t{16} << 20;

std::string CanonicalBytes(const v1::Program& program) {
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    program.SerializeToCodedStream(&coded);
  }  // the streams give back what they reserved
  return bytes;
}

// Whether an enum field, of one or of several, has words for what it says.
bool AreWords(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  const auto is_word = [&](int number) {
    return field.enum_type()->FindValueByNumber(number) != nullptr;
  };
  if (!field.is_repeated()) {
    return is_word(reflection.GetEnumValue(message, &field));
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (!is_word(reflection.GetRepeatedEnumValue(message, &field, i))) {
      return false;
    }
  }
  return true;
}

// Whether the message says only what this version has words for.
bool IsUnderstood(const pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (reflection.GetUnknownFields(message).field_count() > 0) return false;
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
      if (!AreWords(message, *field)) return false;
    }
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (!IsUnderstood(reflection.GetMessage(message, field))) return false;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (!IsUnderstood(reflection.GetRepeatedMessage(message, field, i))) {
        return false;
      }
    }
  }
  return true;
}

void AddUnread(const Places& places, std::vector<model::Place>& unread) {
  if (places.unread) unread.push_back(places.at);
  for (const auto& [field, all] : places.messages) {
    for (const Places& one : all) AddUnread(one, unread);
  }
}

ProgramText Unread(model::Place at, std::string message, std::string advice) {
  ProgramText unread;
  unread.findings.push_back(
      {.at = at, .message = std::move(message), .advice = std::move(advice)});
  return unread;
}

}  // namespace

ProgramText ReadProgram(std::string_view text, Format format) {
  if (text.size() > kMostProgramBytes) {
    return Unread({.line = 1, .column = 1},
                  "the program has " + std::to_string(text.size()) +
                      " bytes; at most 16777216 (16 MiB) are read",
                  "");
  }
  if (const auto not_text = NotText(text); not_text.has_value()) {
    return Unread(not_text->at, "the program holds " + not_text->message,
                  "Save it as UTF-8.");
  }
  const Tree tree =
      format == Format::kJson ? ReadJsonTree(text) : ReadTextTree(text);
  ProgramText read;
  v1::Program program;
  Places places;
  if (tree.root.kind == Node::Kind::kMessage) {
    Bind(tree.root, format, program, places, read.findings);
  } else if (!tree.error.has_value()) {
    return Unread(tree.root.at, "a program is a JSON object", "");
  }
  if (tree.error.has_value()) {
    read.findings.push_back(
        {.at = tree.error->at, .message = tree.error->message, .advice = ""});
  }
  std::stable_sort(read.findings.begin(), read.findings.end(),
                   [](const model::Finding& a, const model::Finding& b) {
                     return std::tie(a.at.line, a.at.column) <
                            std::tie(b.at.line, b.at.column);
                   });
  read.spec = SpecOf(program, places);
  AddUnread(places, read.unread);
  read.is_whole = !tree.error.has_value();
  if (read.findings.empty()) read.canonical = CanonicalBytes(program);
  return read;
}

ProgramText ReadCanonical(std::string_view canonical) {
  const QuietProtobuf quiet;
  v1::Program program;
  const std::string bytes(canonical);
  if (!program.ParseFromString(bytes) || !IsUnderstood(program) ||
      CanonicalBytes(program) != bytes) {
    return Unread({}, "the stored program is damaged, or of a newer version",
                  "");
  }
  ProgramText read;
  read.spec = SpecOf(program, Places());
  read.is_whole = true;
  read.canonical = bytes;
  return read;
}

}  // namespace loyalty::wire
