// SPDX-License-Identifier: Apache-2.0
//
// loyalty badges: every badge that is held, by member and time.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

void PrintBadge(const HeldBadge& badge, bool as_json) {
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", badge.time, absl::UTCTimeZone());
  if (as_json) {
    Json json = {{"member", badge.member},
                 {"badge", badge.badge},
                 {"time", time},
                 {"subject", nullptr}};
    if (badge.object.has_value()) json["subject"] = *badge.object;
    return PrintJson(json);
  }
  const auto also = [](const std::string& text) {
    return text.empty() ? std::string() : "\t" + Printable(text);
  };
  Print(Printable(badge.member) + "\t" + badge.badge + "\t" + time +
        also(badge.badge_class) + also(badge.object.value_or("")) +
        also(badge.by.empty() ? "" : "by " + badge.by) + "\n");
}

}  // namespace

Exit Badges(const BadgesOptions& options) {
  constexpr int kMembersAtOnce = 1000;
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  std::string after;
  while (true) {
    const absl::StatusOr<std::vector<HeldBadge>> page =
        options.member.empty()
            ? (*queries)->BadgesAfter(after, kMembersAtOnce, *at)
            : (*queries)->Badges(options.member, *at);
    if (!page.ok()) return QueryFailed(page.status());
    for (const HeldBadge& badge : *page) PrintBadge(badge, options.json);
    const bool is_first = after.empty();
    if (page->empty() && is_first && !options.json) {
      Print(options.member.empty()
                ? "Nobody has a badge.\n"
                : Printable(options.member) + " has no badge.\n");
    }
    if (page->empty() || !options.member.empty()) return Finished(Exit::kDone);
    after = page->back().member;
  }
}

}  // namespace loyalty::command
