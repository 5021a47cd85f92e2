// SPDX-License-Identifier: Apache-2.0
//
// See differences.h. Goes by the fields that the message has, so that what
// programs learn to declare is told without a word about it here.
#include "wire/differences.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "loyalty/v1/program.pb.h"
#include "wire/quiet.h"

namespace loyalty::wire {
namespace {

namespace pb = google::protobuf;
using Difference = ProgramDifference::Kind;

// "event type" for the field event_type.
std::string NameInWords(const pb::FieldDescriptor& field) {
  std::string words(field.name());
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// The field that names what a repeated message declares; null if none does.
const pb::FieldDescriptor* IdOf(const pb::FieldDescriptor& field) {
  if (!field.is_repeated() ||
      field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
    return nullptr;
  }
  const pb::FieldDescriptor* const id =
      field.message_type()->FindFieldByName("id");
  const bool is_text = id != nullptr && !id->is_repeated() &&
                       id->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
  return is_text ? id : nullptr;
}

// Each with its bytes, in the program's order.
std::vector<std::pair<std::string, std::string>> Declared(
    const v1::Program& program, const pb::FieldDescriptor& field,
    const pb::FieldDescriptor& id) {
  const pb::Reflection& reflection = *program.GetReflection();
  std::vector<std::pair<std::string, std::string>> all;
  for (int i = 0; i < reflection.FieldSize(program, &field); ++i) {
    const pb::Message& one = reflection.GetRepeatedMessage(program, &field, i);
    all.emplace_back(one.GetReflection()->GetString(one, &id),
                     one.SerializeAsString());
  }
  return all;
}

void CompareDeclared(const v1::Program& before, const v1::Program& after,
                     const pb::FieldDescriptor& field,
                     const pb::FieldDescriptor& id,
                     std::vector<ProgramDifference>& differences) {
  const std::string what = NameInWords(field);
  const auto were = Declared(before, field, id);
  std::map<std::string, std::string> gone(were.begin(), were.end());
  for (const auto& [name, bytes] : Declared(after, field, id)) {
    const auto found = gone.find(name);
    if (found == gone.end()) {
      differences.push_back({Difference::kAdded, what, name});
      continue;
    }
    if (found->second != bytes) {
      differences.push_back({Difference::kChanged, what, name});
    }
    gone.erase(found);
  }
  for (const auto& [name, bytes] : were) {
    if (gone.contains(name)) {
      differences.push_back({Difference::kRemoved, what, name});
    }
  }
}

// The message's one field, as bytes.
std::string BytesOfField(v1::Program program,
                         const pb::FieldDescriptor& field) {
  v1::Program alone;
  program.GetReflection()->SwapFields(&program, &alone, {&field});
  return alone.SerializeAsString();
}

}  // namespace

std::vector<ProgramDifference> DifferencesOf(std::string_view before,
                                             std::string_view after) {
  const QuietProtobuf quiet;
  std::vector<ProgramDifference> differences;
  v1::Program was;
  v1::Program is;
  if (!was.ParseFromString(std::string(before)) ||
      !is.ParseFromString(std::string(after))) {
    return differences;
  }
  const pb::Descriptor& type = *v1::Program::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    if (field.name() == "name" || field.name() == "version") continue;
    if (const pb::FieldDescriptor* const id = IdOf(field)) {
      CompareDeclared(was, is, field, *id, differences);
    } else if (BytesOfField(was, field) != BytesOfField(is, field)) {
      differences.push_back({Difference::kChanged, NameInWords(field), ""});
    }
  }
  return differences;
}

}  // namespace loyalty::wire
