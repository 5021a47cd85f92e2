// SPDX-License-Identifier: Apache-2.0
//
// See spec.h.
#include "model/spec.h"

#include <algorithm>

namespace loyalty::model {

Place Text::PlaceOf(size_t offset) const {
  if (at.line == 0) return at;
  Jump last{.offset = 0, .at = {at.line, at.column + 1}};  // behind the quote
  for (const Jump& jump : jumps) {
    if (jump.offset <= offset) last = jump;
  }
  // Columns count code points: all but the bytes that continue one.
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(last.offset);
  const auto end =
      text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  last.at.column += static_cast<int>(std::count_if(begin, end, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
  return last.at;
}

}  // namespace loyalty::model
