// SPDX-License-Identifier: Apache-2.0
//
// loyalty member: what one member has, and what it lets them do.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"
#include "pursuits.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

// ", 20 pending, 5 held": what is not available.
std::string NotAvailable(const CurrencyBalance& held) {
  std::string text;
  const auto add = [&](int64_t units, const char* what) {
    if (units != 0) text += ", " + Grouped(units) + " " + what;
  };
  add(held.pending, "pending");
  add(held.held, "held");
  add(held.debt, "owed");
  return text;
}

// Of each currency what expires first, and the rest of it in one line: whoever
// is active has a lot a day.
void PrintExpiring(const MemberProfile& profile) {
  constexpr size_t kFirst = 5;
  Table table({Align::kRight, Align::kLeft, Align::kLeft});
  for (const CurrencyBalance& held : profile.currencies) {
    const std::vector<ExpiringUnits>& all = held.expiring;
    const size_t first = all.size() > kFirst + 1 ? kFirst : all.size();
    int64_t later = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      if (i >= first) {
        later += all[i].units;
        continue;
      }
      table.Add({Grouped(all[i].units), held.currency,
                 "until " + ShortTime(all[i].expires)});
    }
    if (first == all.size()) continue;
    table.Add({Grouped(later), held.currency,
               "later, the last of it until " + ShortTime(all.back().expires)});
  }
  if (!table.empty()) Print("Expiring\n");
  table.Print(2);
}

// What leads to the next level.
std::string WayOn(const LadderStanding& standing) {
  if (!standing.next_level.has_value()) return "the highest";
  const std::string& of =
      standing.currency.empty() ? standing.metric : standing.currency;
  if (of.empty()) return "the next is " + *standing.next_level;
  std::string way;
  const auto add = [&](int64_t units, const std::string& what) {
    if (!way.empty()) way += " and ";
    way += Grouped(units) + " " + what;
  };
  if (standing.tier.has_value() && !standing.tier->also.empty()) {
    if (standing.to_next > 0) add(standing.to_next, of);
    for (const TierOutlook::Also& also : standing.tier->also) {
      if (also.to_next > 0) add(also.to_next, also.currency + also.metric);
    }
  } else {
    add(standing.to_next, of);
  }
  return way + " to " + *standing.next_level;
}

// "status: gold until 2027-01-01, then silver; 410 to keep it".
void PrintTier(const LadderStanding& standing) {
  if (!standing.tier.has_value()) return;
  const TierOutlook& tier = *standing.tier;
  std::string line = "  " + standing.ladder + ": " + standing.level;
  if (tier.by_hand) line += ", by hand,";
  if (tier.until == absl::InfiniteFuture()) {
    line += " stays";
  } else {
    line += " until " + ShortTime(tier.until) + ", then " + tier.then;
  }
  std::string to_keep = tier.to_keep > 0 ? Grouped(tier.to_keep) : "";
  for (const TierOutlook::Also& also : tier.also) {
    if (also.to_keep <= 0) continue;
    if (!to_keep.empty()) to_keep += " and ";
    to_keep += Grouped(also.to_keep) + " " + also.currency + also.metric;
  }
  if (!to_keep.empty()) line += "; " + to_keep + " to keep it";
  Print(line + "\n");
}

void PrintProfile(const MemberProfile& profile, const std::string& asked) {
  if (asked != profile.member) {
    Print(Printable(asked) + " is " + Printable(profile.member) + ".\n");
  }
  Print(Printable(profile.member) + ", a member since " +
        ShortTime(profile.since) + "\n");
  if (!profile.aliases.empty()) {
    std::string text = "  merged into it:";
    for (const std::string& alias : profile.aliases) {
      text += " " + Printable(alias);
    }
    Print(text + "\n");
  }
  Table balances({Align::kLeft, Align::kRight, Align::kLeft});
  for (const CurrencyBalance& held : profile.currencies) {
    balances.Add(
        {held.currency, Grouped(held.balance),
         "(" + Grouped(held.earned) + " earned" + NotAvailable(held) + ")"});
  }
  balances.Print(2);
  PrintExpiring(profile);
  if (!profile.ladders.empty()) Print("Levels\n");
  Table levels({Align::kLeft, Align::kLeft, Align::kLeft});
  for (const LadderStanding& standing : profile.ladders) {
    levels.Add({standing.ladder, standing.level, WayOn(standing)});
  }
  levels.Print(2);
  for (const LadderStanding& standing : profile.ladders) PrintTier(standing);
  if (!profile.privileges.empty()) Print("Privileges\n");
  for (const std::string& privilege : profile.privileges) {
    Print("  " + privilege + "\n");
  }
  if (!profile.badges.empty()) Print("Badges\n");
  Table badges({Align::kRight, Align::kLeft});
  for (const auto& [badge, count] : profile.badges) {
    badges.Add({Grouped(count), badge});
  }
  badges.Print(2);
  if (!profile.metrics.empty()) Print("Counted\n");
  Table metrics({Align::kRight, Align::kLeft});
  for (const auto& [metric, count] : profile.metrics) {
    metrics.Add({Grouped(count), metric});
  }
  metrics.Print(2);
  PrintStreaks(profile.streaks);
  PrintQuests(profile.quests);
}

Json TierAsJson(const TierOutlook& tier) {
  const auto time = [](absl::Time when) {
    return when == absl::InfiniteFuture() ? Json(nullptr) : Json(Rfc3339(when));
  };
  Json json = {{"units", tier.units},         {"to_keep", tier.to_keep},
               {"review", time(tier.review)}, {"at_review", tier.at_review},
               {"until", time(tier.until)},   {"then", tier.then},
               {"by_hand", tier.by_hand}};
  for (const TierOutlook::Also& also : tier.also) {
    json["also"].push_back({{"of", also.currency + also.metric},
                            {"units", also.units},
                            {"to_keep", also.to_keep},
                            {"to_next", also.to_next}});
  }
  return json;
}

Json ProfileAsJson(const MemberProfile& profile) {
  Json json = {{"member", profile.member},
               {"aliases", profile.aliases},
               {"since", Rfc3339(profile.since)},
               {"currencies", Json::array()},
               {"ladders", Json::array()},
               {"privileges", profile.privileges},
               {"metrics", profile.metrics},
               {"badges", profile.badges},
               {"streaks", StreaksAsJson(profile.streaks)},
               {"quests", QuestsAsJson(profile.quests)}};
  for (const CurrencyBalance& held : profile.currencies) {
    Json currency = {{"currency", held.currency}, {"balance", held.balance},
                     {"earned", held.earned},     {"pending", held.pending},
                     {"held", held.held},         {"debt", held.debt},
                     {"expiring", Json::array()}};
    for (const ExpiringUnits& units : held.expiring) {
      currency["expiring"].push_back(
          {{"expires", Rfc3339(units.expires)}, {"units", units.units}});
    }
    json["currencies"].push_back(std::move(currency));
  }
  for (const LadderStanding& standing : profile.ladders) {
    Json ladder = {{"ladder", standing.ladder}, {"currency", standing.currency},
                   {"index", standing.index},   {"level", standing.level},
                   {"next_level", nullptr},     {"to_next", standing.to_next}};
    if (standing.next_level.has_value()) {
      ladder["next_level"] = *standing.next_level;
    }
    if (!standing.metric.empty()) ladder["metric"] = standing.metric;
    if (standing.tier.has_value()) ladder["tier"] = TierAsJson(*standing.tier);
    json["ladders"].push_back(std::move(ladder));
  }
  return json;
}

}  // namespace

Exit Member(const MemberOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<MemberProfile> profile =
      (*queries)->Member(options.member, *at);
  if (!profile.ok()) return QueryFailed(profile.status());
  if (options.json) {
    PrintJson(ProfileAsJson(*profile));
  } else {
    PrintProfile(*profile, options.member);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
