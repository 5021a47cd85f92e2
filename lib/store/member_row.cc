// SPDX-License-Identifier: Apache-2.0
//
// See member_row.h.
#include "store/member_row.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "base/status_macros.h"
#include "loyalty/v1/journal.pb.h"
#include "store/lot_records.h"
#include "store/times.h"
#include "wire/number_lists.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

absl::Status Unreadable() {
  return absl::DataLossError(
      "what a member has cannot be read; `loyalty rebuild` makes it anew");
}

absl::Status UnreadablePage() {
  return absl::DataLossError(
      "a page of counters cannot be read; `loyalty rebuild` makes it anew");
}

// Name, window and value, one after the other.
template <typename List>
absl::Status TakeCounters(const List& list, CounterPages& counters) {
  if (list.size() % 3 != 0) return UnreadablePage();
  counters.Reserve(static_cast<size_t>(list.size() / 3));
  for (int i = 0; i < list.size(); i += 3) {
    const CounterId id{.window = list[i + 1], .name = list[i]};
    if (!IsCounterId(id)) return UnreadablePage();
    counters.Put(id, list[i + 2]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MemberRow> ReadMemberRow(const Rows& row, Names& names,
                                        int column) {
  MemberRow read{.since = TimeOf(row.Int(column)),
                 .keyed_bits = static_cast<uint64_t>(row.Int(column + 5))};
  std::vector<int64_t> numbers;
  if (!wire::TakeNumbers(row.Text(column + 2), numbers) ||
      !LineEnds::Restore(row.Int(column + 1), {numbers.begin(), numbers.end()},
                         read.lines)) {
    return Unreadable();
  }
  std::vector<std::vector<int64_t>> holdings;
  if (!wire::TakeNumberLists(row.Text(column + 3), holdings)) {
    return Unreadable();
  }
  for (const std::vector<int64_t>& one : holdings) {
    if (one.size() != 5) return Unreadable();
    MemberRow::Held& held = read.holdings.emplace_back(
        MemberRow::Held{.currency = one[0],
                        .now = {one[1], one[2]},
                        .reached = {one[3], static_cast<int32_t>(one[4])}});
    ASSIGN_OR_RETURN(held.name, names.Symbol(held.currency));
  }
  v1::MemberCounters counters;
  if (!wire::ParseBytes(row.Bytes(column + 4), counters)) return Unreadable();
  read.counters.set_latest(counters.latest());
  read.counters.AddPage(0);
  read.counters.AddPage(counters.latest());
  RETURN_IF_ERROR(TakeCounters(counters.counter(), read.counters));
  RETURN_IF_ERROR(ReadLots(row.Bytes(column + 6), names, read.lots));
  return read;
}

absl::Status ReadPage(std::string_view bytes, CounterPages& counters) {
  v1::CounterPage page;
  if (!wire::ParseBytes(bytes, page)) return UnreadablePage();
  return TakeCounters(page.counter(), counters);
}

std::string EndsText(const LineEnds& lines) {
  std::string text;
  wire::NumberWriter out(text);
  for (const int64_t seq : lines.seqs()) out << seq;
  return text + "]";
}

std::string MemberCounterBytes(const CounterPages& counters) {
  v1::MemberCounters message;
  message.set_latest(counters.latest());
  counters.AppendTo(*message.mutable_counter(), 0);
  if (counters.latest() != 0) {
    counters.AppendTo(*message.mutable_counter(), counters.latest());
  }
  return wire::BytesOf(message);
}

std::string PageBytes(const CounterPages& counters, int64_t page) {
  v1::CounterPage message;
  counters.AppendTo(*message.mutable_counter(), page);
  return wire::BytesOf(message);
}

void AppendHolding(int64_t currency, const model::Holding& holding,
                   model::Position reached, std::string& text) {
  text += text.empty() ? "[" : ",";
  wire::NumberWriter(text) << currency << holding.balance << holding.earned
                           << reached.seq << reached.n;
  text += "]";
}

}  // namespace loyalty::store
