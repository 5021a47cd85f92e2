// SPDX-License-Identifier: Apache-2.0
//
// The extension `encoders`: base64, in the standard alphabet.
#include <absl/strings/escaping.h>

#include <array>

#include "cel/library.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

Value EncodeBase64(CallContext& context, const Value* a) {
  const std::string_view bytes = a[0].text();
  if (bytes.size() / 3 * 4 + 4 > context.limits.max_text_bytes) {
    return Value::Failure(absl::StatusCode::kResourceExhausted,
                          "the string is too large");
  }
  if (!context.SpendOnText(bytes)) return StepsUsedUp();
  std::string encoded;
  absl::Base64Escape(AbslView(bytes), &encoded);
  return Value::String(encoded);
}

// The padding may be left out.
Value DecodeBase64(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  std::string bytes;
  if (!absl::Base64Unescape(AbslView(a[0].text()), &bytes)) {
    return Value::Failure(absl::StatusCode::kInvalidArgument, "not base64");
  }
  return Value::Bytes(bytes);
}

constexpr std::array<LibraryRow, 2> kEncodersRows = {{
    {"base64.encode", "bytes", "string", EncodeBase64},
    {"base64.decode", "string", "bytes", DecodeBase64},
}};

}  // namespace

std::span<const LibraryRow> EncodersRows() { return kEncodersRows; }

}  // namespace loyalty::cel
