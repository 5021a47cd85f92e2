// SPDX-License-Identifier: Apache-2.0
//
// loyalty vouchers import, use and show: codes that prove redemptions.
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "asking.h"
#include "at.h"
#include "command.h"
#include "line_source.h"
#include "loyalty/engine.h"
#include "output.h"
#include "voucher_key.h"

namespace loyalty::command {
namespace {

// Codes of a file, one a line, by the numbers of their lines.
absl::StatusOr<std::vector<std::pair<int64_t, std::string>>> CodesIn(
    const std::string& path) {
  const auto sources = OpenAll({path});
  if (!sources.ok()) return sources.status();
  std::vector<std::pair<int64_t, std::string>> codes;
  while (true) {
    const absl::StatusOr<std::optional<LineSource::Line>> line =
        sources->front()->Next();
    if (!line.ok()) return line.status();
    if (!line->has_value()) return codes;
    const int64_t number = (*line)->number;
    if ((*line)->is_too_long) {
      return absl::InvalidArgumentError(path + ":" + std::to_string(number) +
                                        ": the line is too long for a code");
    }
    std::string code((*line)->text);
    while (!code.empty() && (code.back() == '\r' || code.back() == ' ')) {
      code.pop_back();
    }
    if (!code.empty()) codes.emplace_back(number, std::move(code));
  }
}

struct Imported {
  int64_t added = 0;
  int64_t repeated = 0;  // by this import, before
  int64_t known = 0;     // from elsewhere
  int64_t refused = 0;
};

// A code is never printed: its line is.
void Count(const absl::StatusOr<Outcome>& outcome, const std::string& where,
           Imported& imported) {
  if (outcome.ok() && outcome->accepted()) {
    ++(outcome->repeat ? imported.repeated : imported.added);
  } else if (outcome.ok() && outcome->rejected == RejectReason::kKnownVoucher) {
    ++imported.known;
  } else {
    ++imported.refused;
    Complain(where + ": " +
             PrintableLine(outcome.ok()
                               ? outcome->reason
                               : std::string(outcome.status().message())));
  }
}

Event ImportOf(const ImportOptions& options, absl::Time at,
               const std::pair<int64_t, std::string>& code) {
  return {.id = options.id + "-" + std::to_string(code.first),
          .type = std::string(kImportVoucher),
          .time = at,
          .attributes = {{"reward", options.reward}, {"code", code.second}}};
}

}  // namespace

Exit ImportVouchers(const ImportOptions& options) {
  const auto codes = CodesIn(options.codes);
  if (!codes.ok()) return Failed(codes.status(), Exit::kCouldNot);
  if (codes->empty()) {
    return Failed(absl::InvalidArgumentError(options.codes + ": has no codes"),
                  Exit::kCouldNot);
  }
  // Asked again, all of it is as of the time it was asked first.
  const absl::StatusOr<Asked> asked =
      OpenAsked(options.db, options.at,
                options.id + "-" + std::to_string(codes->front().first),
                options.voucher_key);
  if (!asked.ok()) return NotAsked(options.db, asked.status());
  constexpr size_t kBatch = 1000;
  Imported imported;
  for (size_t from = 0; from < codes->size(); from += kBatch) {
    std::vector<Event> events;
    for (size_t i = from; i < std::min(from + kBatch, codes->size()); ++i) {
      events.push_back(ImportOf(options, asked->at, (*codes)[i]));
    }
    const auto outcomes =
        asked->engine->Process(std::span<const Event>(events));
    if (!outcomes.ok()) return QueryFailed(outcomes.status());
    for (size_t i = 0; i < outcomes->size(); ++i) {
      Count((*outcomes)[i],
            options.codes + ":" + std::to_string((*codes)[from + i].first),
            imported);
    }
  }
  if (options.json) {
    PrintJson({{"reward", options.reward},
               {"added", imported.added},
               {"repeated", imported.repeated},
               {"known", imported.known},
               {"refused", imported.refused}});
  } else {
    Print("Imported " + Counted(imported.added, "code", "codes") + " for " +
          PrintableLine(options.reward) + "; " + Grouped(imported.repeated) +
          " were imported by this before, " + Grouped(imported.known) +
          " were known, and " + Grouped(imported.refused) + " were refused.\n");
  }
  return Finished(imported.refused == 0 ? Exit::kDone : Exit::kNo);
}

Exit UseVoucher(const AskOptions& o) {
  std::string code = o.what;
  // So that it is in nobody's list of processes.
  if (code == "-") std::getline(std::cin, code);
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.UseVoucher(o.id, at, code, o.by, o.channel);
  });
}

Exit ShowVouchers(const VouchersOptions& options) {
  const absl::StatusOr<std::string> key = VoucherKeyIn(options.voucher_key);
  if (!key.ok()) return Failed(key.status(), Exit::kCouldNot);
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAsked(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const auto vouchers = (*queries)->Vouchers(options.member, *at, *key);
  if (!vouchers.ok()) return QueryFailed(vouchers.status());
  Table table({Table::Align::kLeft, Table::Align::kLeft, Table::Align::kLeft,
               Table::Align::kLeft, Table::Align::kLeft});
  for (const MemberVoucher& voucher : *vouchers) {
    const bool ends = voucher.good_until != absl::InfiniteFuture();
    const std::string until = ends ? Rfc3339(voucher.good_until) : "";
    if (options.json) {
      Json json = {
          {"redemption", voucher.redemption},  {"reward", voucher.reward},
          {"issued", Rfc3339(voucher.issued)}, {"good_until", nullptr},
          {"state", Name(voucher.state)},      {"code", nullptr}};
      if (ends) json["good_until"] = until;
      if (!voucher.code.empty()) json["code"] = voucher.code;
      PrintJson(json);
      continue;
    }
    table.Add({Printable(voucher.redemption), voucher.reward,
               std::string(Name(voucher.state)), ends ? "until " + until : "",
               voucher.code.empty() ? "(no key)" : Printable(voucher.code)});
  }
  if (options.json) return Finished(Exit::kDone);
  if (vouchers->empty()) Print("There are no vouchers.\n");
  table.Print(0);
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
