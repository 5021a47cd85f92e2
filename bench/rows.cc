// SPDX-License-Identifier: Apache-2.0
//
// See rows.h.
#include "rows.h"

#include <algorithm>
#include <variant>

#include "base/views.h"

namespace loyalty::bench {
namespace {

// A UUID and 28 bytes of body. Shorter ids have more body, so that a row's size
// does not depend on the workload.
constexpr size_t kIdAndBodyBytes = 64;

}  // namespace

int64_t RowMaker::NumberOf(Numbers& numbers, std::string_view name) {
  return numbers
      .try_emplace(base::av(name), static_cast<int64_t>(numbers.size()) + 1)
      .first->second;
}

EventRow RowMaker::Make(const Event& event) {
  const int64_t actor = NumberOf(members_, event.actor.value_or(""));
  int64_t owner = actor;
  if (const auto found = event.attributes.find("owner");
      found != event.attributes.end()) {
    owner = NumberOf(members_, std::get<std::string>(found->second.get()));
  }
  const int64_t type = NumberOf(types_, event.type);
  const int64_t time = absl::ToUnixMicros(event.time);
  EventRow row{.seq = ++seq_,
               .id = event.id,
               .type = type,
               .time = time,
               .recorded_at = time + 1'000'000,
               .actor = actor,
               .target = NumberOf(objects_, event.target.value_or("")),
               .postings = {{{actor, 2, type, 2}, {owner, 3, type, 5}}}};
  row.body.resize(kIdAndBodyBytes - std::min(kIdAndBodyBytes, row.id.size()),
                  '.');
  return row;
}

std::vector<EventRow> RowMaker::Make(std::span<const Event> events) {
  std::vector<EventRow> rows;
  rows.reserve(events.size());
  for (const Event& event : events) rows.push_back(Make(event));
  return rows;
}

}  // namespace loyalty::bench
