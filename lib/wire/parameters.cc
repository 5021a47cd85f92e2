// SPDX-License-Identifier: Apache-2.0
//
// See parameters.h.
#include "wire/parameters.h"

#include <absl/status/status.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "loyalty/v1/program.pb.h"

namespace loyalty::wire {

absl::StatusOr<std::string> WithParameters(
    std::string_view canonical,
    const std::map<std::string, std::string, std::less<>>& parameters) {
  v1::Program program;
  if (!program.ParseFromString(std::string(canonical))) {
    return absl::DataLossError("the program's canonical form is damaged");
  }
  for (v1::Parameter& parameter : *program.mutable_parameter()) {
    const auto found = parameters.find(parameter.id());
    if (found != parameters.end()) parameter.set_default_(found->second);
  }
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  program.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace loyalty::wire
