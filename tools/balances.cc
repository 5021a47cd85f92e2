// SPDX-License-Identifier: Apache-2.0
//
// loyalty balances: every member's balance of a currency, in the order of their
// ids.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Balances(const BalancesOptions& options) {
  constexpr int kMembersAPage = 1000;
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAsked(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  // Members as they stand now tell nothing of a time before.
  const absl::StatusOr<absl::Time> newest = (*queries)->NewestTime();
  if (!newest.ok()) return QueryFailed(newest.status());
  const bool is_past = *at < *newest;
  std::string after;
  while (true) {
    const absl::StatusOr<std::vector<MemberBalance>> page =
        (*queries)->Balances(options.currency, after, kMembersAPage, *at);
    if (!page.ok()) return QueryFailed(page.status());
    for (MemberBalance balance : *page) {
      if (is_past) {
        const absl::StatusOr<CurrencyBalance> then =
            (*queries)->Balance(balance.member, options.currency, *at);
        if (!then.ok()) return QueryFailed(then.status());
        balance.balance = then->balance;
      }
      if (options.json) {
        PrintJson({{"member", balance.member},
                   {"currency", options.currency},
                   {"balance", balance.balance}});
      } else {
        Print(Printable(balance.member) + "\t" +
              std::to_string(balance.balance) + "\n");
      }
    }
    if (page->size() < kMembersAPage) return Finished(Exit::kDone);
    after = page->back().member;
  }
}

}  // namespace loyalty::command
