// SPDX-License-Identifier: Apache-2.0
//
// See entry_queue.h.
#include "store/entry_queue.h"

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

constexpr char kInsertEvent[] =
    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

}  // namespace

absl::Status EntryQueue::Add(const EntryRow& row) {
  if (size_ == kMost) RETURN_IF_ERROR(Flush());
  if (size_ == queued_.size()) queued_.emplace_back();
  Queued& queued = queued_[size_++];
  std::string& texts = queued.texts;
  texts.assign(row.id);
  if (row.target.has_value()) texts.append(*row.target);
  texts.append(row.record).append(row.movements);
  std::string_view left = texts;
  const auto take = [&left](std::string_view text) {
    const std::string_view taken = left.substr(0, text.size());
    left.remove_prefix(text.size());
    return taken;
  };
  queued.row = row;
  queued.row.id = take(row.id);
  if (row.target.has_value()) queued.row.target = take(*row.target);
  queued.row.record = take(row.record);
  queued.row.movements = take(row.movements);
  return absl::OkStatus();
}

absl::Status EntryQueue::Flush() {
  int64_t program = 0;
  std::string_view identity;
  for (size_t i = 0; i < size_; ++i) {
    const EntryRow& row = queued_[i].row;
    if (row.program != program) {
      program = row.program;
      ASSIGN_OR_RETURN(identity, writer_.IdentityOf(program));
    }
    chain_ = ChainOf(chain_, row, identity);
    RETURN_IF_ERROR(writer_.db().Run(
        kInsertEvent, row.seq, row.id, row.type, row.time, row.recorded_at,
        row.actor, row.target, row.program, row.rejected, Blob{row.record},
        row.movements, Blob{chain_}));
  }
  size_ = 0;
  return absl::OkStatus();
}

std::optional<std::string_view> EntryQueue::IdOf(int64_t seq) const {
  if (size_ == 0) return std::nullopt;
  const int64_t first = queued_.front().row.seq;
  if (seq < first || seq > queued_[size_ - 1].row.seq) return std::nullopt;
  return queued_[static_cast<size_t>(seq - first)].row.id;
}

}  // namespace loyalty::store
