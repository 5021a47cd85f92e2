// SPDX-License-Identifier: Apache-2.0
//
// See names.h.
#include "store/names.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "base/status_macros.h"
#include "model/member_name.h"

namespace loyalty::store {
namespace {

// To start a statement takes as long as to find a row. A page of a leaderboard
// is often shorter, and a NULL is looked for nowhere. The numbers are the outer
// loop, so rows come in their order.
constexpr size_t kAtOnce = 12;
constexpr char kMembers[] =
    "SELECT m.id FROM (VALUES (?), (?), (?), (?), (?), (?), (?), (?), (?), (?),"
    " (?), (?)) AS asked LEFT JOIN member AS m ON m.member = asked.column1";

// nullopt if there is no row.
absl::StatusOr<std::optional<std::string>> NameOf(Rows row) {
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return std::nullopt;
  }
  return std::string(row.Bytes(0));
}

absl::Status Missing(const char* what, int64_t number) {
  return absl::DataLossError(absl::StrCat("an entry names ", what, " ", number,
                                          ", which is not there"));
}

}  // namespace

absl::StatusOr<model::Symbol> Names::Symbol(int64_t number) {
  if (const auto found = symbols_.find(number); found != symbols_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(
      std::optional<std::string> name,
      NameOf(db_.Query("SELECT text FROM symbol WHERE symbol = ?", number)));
  if (!name.has_value()) return Missing("symbol", number);
  // Making a symbol takes a lock: once for each.
  return symbols_.emplace(number, *name).first->second;
}

absl::StatusOr<std::string> Names::Member(int64_t number) {
  ASSIGN_OR_RETURN(
      std::optional<std::string> name,
      NameOf(db_.Query("SELECT id FROM member WHERE member = ?", number)));
  if (!name.has_value()) return model::ErasedName(number);
  return *std::move(name);
}

absl::StatusOr<std::vector<std::string>> Names::Members(
    std::span<const int64_t> numbers) {
  std::vector<std::string> names;
  names.reserve(numbers.size());
  for (size_t begin = 0; begin < numbers.size(); begin += kAtOnce) {
    const auto some =
        numbers.subspan(begin, std::min(kAtOnce, numbers.size() - begin));
    std::array<std::optional<int64_t>, kAtOnce> asked;
    std::copy(some.begin(), some.end(), asked.begin());
    Rows rows = std::apply(
        [&](const auto&... number) { return db_.Query(kMembers, number...); },
        asked);
    for (const int64_t number : some) {
      if (!rows.Next()) break;
      const auto name = rows.OptionalText(0);
      names.push_back(name.has_value() ? std::string(*name)
                                       : model::ErasedName(number));
    }
    RETURN_IF_ERROR(rows.status());
  }
  return names;
}

absl::StatusOr<std::string> Names::KeyOf(int64_t member) {
  ASSIGN_OR_RETURN(
      std::optional<std::string> key,
      NameOf(db_.Query("SELECT key FROM member WHERE member = ?", member)));
  return std::move(key).value_or("");
}

absl::StatusOr<std::optional<std::string>> Names::Personal(
    int64_t member, int64_t seq, std::string_view name) {
  return NameOf(db_.Query(
      "SELECT value FROM personal WHERE member = ? AND seq = ? AND name = ?",
      member, seq, name));
}

}  // namespace loyalty::store
