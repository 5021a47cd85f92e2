// SPDX-License-Identifier: Apache-2.0
//
// loyalty balances: every member's balance of a currency, in the order of their
// ids.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

Exit Balances(const BalancesOptions& options) {
  constexpr int kMembersAPage = 1000;
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  std::string after;
  while (true) {
    const absl::StatusOr<std::vector<MemberBalance>> page =
        (*queries)->Balances(options.currency, after, kMembersAPage);
    if (!page.ok()) return QueryFailed(page.status());
    for (const MemberBalance& balance : *page) {
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
