// SPDX-License-Identifier: Apache-2.0
#include "golden/golden.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/time/time.h>

#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace loyalty::golden {
namespace {

constexpr char kProgram[] = R"(
  name: "golden" version: "1"
  currency { id: "rep" opening: 1 floor: 1
             daily_cap { units: 60 exempt: "bonus" } }
  currency { id: "points" }
  event_type { id: "up"
               attribute { name: "owner" type: MEMBER }
               attribute { name: "words" type: INT }
               attribute { name: "score" type: DOUBLE }
               attribute { name: "first" type: BOOL }
               attribute { name: "edited" type: TIME }
               attribute { name: "tags" type: STRING list: true }
               attribute { name: "address" type: STRING personal: true } }
  event_type { id: "down" attribute { name: "owner" type: MEMBER } }
  event_type { id: "bonus" attribute { name: "owner" type: MEMBER } }
  event_type { id: "unlike"
               attribute { name: "like" type: STRING required: true } }
  event_type { id: "removed" }
  metric { id: "ups" on: "up" per: "event.owner" }
  metric { id: "votes" on: "up" on: "down" per: "target" }
  rule { id: "up" on: "up"
         award { to: "event.owner" currency: "rep" units: "10" }
         award { currency: "points" units: "1" limit { per: DAY times: 2 } } }
  rule { id: "down" on: "down"
         award { to: "event.owner" currency: "rep" units: "-7" } }
  rule { id: "liked" on: "up" when: "object.metric.votes >= 3"
         award { to: "event.owner" currency: "points" units: "2"
                 limit { per: EVER times: 1 key: OBJECT } } }
  rule { id: "friend" on: "up"
         award { to: "event.owner" currency: "points" units: "3"
                 limit { per: MONTH times: 1 key: PAIR } } }
  rule { id: "bonus" on: "bonus"
         award { to: "event.owner" currency: "rep" units: "15" self: ALLOW
                 limit { per: EVER times: 2 } } }
  rule { id: "unlike" on: "unlike" reverse_event { event: "event.like" } }
  rule { id: "removed" on: "removed" reverse_object { keep: "bonus" } }
  ladder { id: "trust" currency: "rep" level { id: "new" }
           level { id: "voter" at: 30 } level { id: "editor" at: 60 } }
  ladder { id: "month" currency: "rep" level { id: "quiet" }
           level { id: "busy" at: 10 } tiers { period: MONTH } }
  badge { id: "fair" on: "up" when: "object.metric.votes >= 4"
          to: "event.owner" per: "target" revoke: true }
  badge { id: "seen" class: BRONZE when: "metric.ups >= 5"
          award { currency: "points" units: "5" } }
  badge { id: "steady" count: "metric.ups / 4" revoke: true }
  streak { id: "voting" on: "up" on: "down" every: WEEK
           freeze { every: 2 max: 1 lasts: "2" }
           reach { every: 2 award { currency: "points" units: "1" }
                   revoke: true } }
  quest { id: "monthly" period: MONTH in_order: true
          step { id: "ups" on: "up" goal: 2 }
          step { id: "words" on: "up" sum: "has(event.words) ? event.words : 0"
                 goal: 100 }
          award { currency: "points" units: "4" } }
  quest { id: "more" join: REQUEST times: 0
          step { id: "rep" value: "earned.rep" goal: 10 } revoke: true }
  currency { id: "crumbs" spendable: true }
  reward { id: "bread" cost { currency: "crumbs" units: 10 } stock: 20
           voucher { valid_for: "7d" } }
  reward { id: "cake" cost { currency: "crumbs" units: 10 } hold_for: "3d"
           voucher { } }
  reward { id: "film" cost { currency: "crumbs" units: 20 }
           voucher { imported: true } }
)";

constexpr int kMost = 10'000;

absl::Time Midnight() { return absl::FromUnixSeconds(1'767'225'600); }

// No secret: so that files which are made again have the same codes.
std::string VoucherKey() { return std::string(32, 'k'); }

EngineOptions WithClock(absl::Time now) {
  EngineOptions options;
  options.clock = [now] { return now; };
  options.voucher_key = VoucherKey();
  return options;
}

Event Said(std::string id, std::string type, int hours, std::string actor,
           std::string target, Attributes attributes) {
  return {.id = std::move(id),
          .type = std::move(type),
          .time = Midnight() + absl::Hours(hours),
          .actor = std::move(actor),
          .target = std::move(target),
          .attributes = std::move(attributes)};
}

// Over three months, so that there are pages of counters that are past. Ids do
// not come in their order.
std::vector<Event> Votes() {
  const std::vector<std::string> members = {"ada", "grace", "Zoë", "o'brien"};
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) {
    const bool down = i % 7 == 6;
    Event event =
        Said(absl::StrCat((i * 37) % 60, "-vote"), down ? "down" : "up",
             i * i / 2, members[i % 3], absl::StrCat("post-", i % 5),
             {{"owner", members[(i / 3 + 1) % 4]}});
    if (i % 11 == 3) {
      event.channel = "web";
      event.attributes.insert({{"words", int64_t{120} * i},
                               {"score", 0.5 * i},
                               {"first", true},
                               {"edited", Midnight() + absl::Microseconds(i)},
                               {"tags", Value::List{Value("a"), Value("b")}},
                               {"address", absl::StrCat(i, " Main Street")}});
    }
    events.push_back(std::move(event));
  }
  return events;
}

// Asked for by a member, late and in time.
std::vector<Event> Requests() {
  const auto asked = [](std::string id, std::string_view type, int hours,
                        Attributes attributes) {
    return Event{.id = std::move(id),
                 .type = std::string(type),
                 .time = Midnight() + absl::Hours(hours),
                 .actor = "ada",
                 .attributes = std::move(attributes)};
  };
  return {asked("join", kJoinQuest, 1, {{"quest", "more"}}),
          asked("freeze", kFreezeStreak, 2,
                {{"streak", "voting"}, {"by", "o'brien"}}),
          asked("leave", kLeaveQuest, 1400, {{"quest", "more"}})};
}

std::vector<Event> WhatIsUndone() {
  std::vector<Event> events;
  events.reserve(8);
  for (int i = 0; i < 3; ++i) {
    events.push_back(Said(absl::StrCat("bonus-", i), "bonus", 1500 + i, "ada",
                          "post-1", {{"owner", "grace"}}));
  }
  events.push_back(
      Said("un-1", "unlike", 1600, "ada", "post-2", {{"like", "37-vote"}}));
  events.push_back(Said("away", "removed", 1700, "grace", "post-1", {}));
  for (const char* const what : {"14-vote", "14-vote", "no such event"}) {
    events.push_back(Event{.id = absl::StrCat("reversal-", events.size()),
                           .type = std::string(kReverse),
                           .time = Midnight() + absl::Hours(1800),
                           .attributes = {{"event", std::string_view(what)}}});
  }
  return events;
}

// The same, with other units, caps, limits and levels; its second version.
std::string ChangedProgram() {
  return absl::StrReplaceAll(
      kProgram, {{"version: \"1\"", "version: \"2\""},
                 {"units: 60", "units: 35"},
                 {"units: \"10\"", "units: \"12\""},
                 {"per: DAY times: 2", "per: DAY times: 1"},
                 {"per: MONTH times: 1", "per: WEEK times: 1"},
                 {"\"editor\" at: 60", "\"editor\" at: 50"},
                 {"metric { id: \"votes\"",
                  "metric { id: \"downs\" on: \"down\" per: \"event.owner\" } "
                  "metric { id: \"votes\""},
                 {"rule { id: \"liked\"", "rule { id: \"well_liked\""}});
}

// What the first program gave, once the second decides.
std::vector<Event> WhatIsUndoneLater() {
  std::vector<Event> events = {
      Said("later-1", "up", 1851, "ada", "post-2", {{"owner", "grace"}}),
      Said("later-2", "up", 1852, "grace", "post-2", {{"owner", "ada"}})};
  for (const char* const what : {"51-vote", "2-vote", "later-1"}) {
    events.push_back(Event{.id = absl::StrCat("later-", events.size() + 1),
                           .type = std::string(kReverse),
                           .time = Midnight() + absl::Hours(1860),
                           .attributes = {{"event", std::string_view(what)}}});
  }
  return events;
}

// One who is erased, one who is suspended, and one who is another by now.
std::vector<Event> WhoLeaves() {
  return {Said("mayfly-1", "up", 1900, "mayfly", "post-3",
               {{"owner", "ada"}, {"address", "1 Gone Street"}}),
          Said("mayfly-2", "up", 1901, "ada", "post-4", {{"owner", "mayfly"}}),
          Event{.id = "mayfly-gone",
                .type = std::string(kErase),
                .time = Midnight() + absl::Hours(1902),
                .actor = "mayfly"},
          Event{.id = "not now",
                .type = std::string(kSuspend),
                .time = Midnight() + absl::Hours(1903),
                .actor = "o'brien",
                .attributes = {{"reason", "too many votes"}}},
          Said("unheard", "up", 1904, "ada", "post-4", {{"owner", "o'brien"}}),
          Said("twin-1", "up", 1905, "twin", "post-5", {{"owner", "grace"}}),
          Said("twin-2", "up", 1906, "grace", "post-5", {{"owner", "twin"}}),
          Event{.id = "one of them",
                .type = std::string(kMerge),
                .time = Midnight() + absl::Hours(1907),
                .actor = "twin",
                .attributes = {{"into", "ada"}}},
          Said("twin-3", "up", 1908, "grace", "post-5", {{"owner", "twin"}})};
}

absl::Status Record(Engine& engine, const std::vector<Event>& events) {
  for (const Event& event : events) {
    RETURN_IF_ERROR(engine.Process(event).status());
  }
  return absl::OkStatus();
}

// Codes that we make, at once or when what was held is captured, and codes that
// others made: used, wrong, void, good still, expired, and not given out yet.
absl::Status RecordVouchers(Engine& engine) {
  absl::Time at = Midnight() + absl::Hours(1700);
  const auto use = [&](std::string_view id, const Outcome& of, size_t code) {
    return code < of.vouchers.size()
               ? engine.UseVoucher(id, at, of.vouchers[code], "till", "shop")
                     .status()
               : absl::InternalError(absl::StrCat(of.event_id, " has no code ",
                                                  code, ": ", of.reason));
  };
  RETURN_IF_ERROR(
      engine.Adjust("crumbs", at, "grace", "crumbs", 200, "max", "for bread")
          .status());
  RETURN_IF_ERROR(engine.Redeem("stale", at, "grace", "bread").status());
  at = Midnight() + absl::Hours(1950);
  ASSIGN_OR_RETURN(const Outcome breads,
                   engine.Redeem("breads", at, "grace", "bread", 3));
  RETURN_IF_ERROR(use("bread-used", breads, 0));
  RETURN_IF_ERROR(use("bread-used-twice", breads, 0));
  RETURN_IF_ERROR(
      engine.UseVoucher("guess", at, "0000-0000-0000-0000", "till", "shop")
          .status());
  RETURN_IF_ERROR(engine.Cancel("back", at, "grace", "breads", 10).status());
  RETURN_IF_ERROR(use("bread-void", breads, 2));
  RETURN_IF_ERROR(engine.Redeem("cakes", at, "grace", "cake", 3).status());
  ASSIGN_OR_RETURN(const Outcome cakes,
                   engine.Capture("cakes-paid", at, "grace", "cakes", 20));
  RETURN_IF_ERROR(use("cake-used", cakes, 1));
  RETURN_IF_ERROR(engine.Redeem("cake-held", at, "grace", "cake").status());
  for (const char* const code : {"KINO-1", "KINO-2", "KINO-3"}) {
    RETURN_IF_ERROR(
        engine.ImportVoucher(absl::StrCat("import-", code), at, "film", code)
            .status());
  }
  ASSIGN_OR_RETURN(const Outcome films,
                   engine.Redeem("films", at, "grace", "film", 2));
  return use("film-used", films, 0);
}

std::string Text(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

std::string Text(const Effect& effect) {
  struct {
    std::string operator()(const Opened& e) const {
      return absl::StrCat("opened ", e.member, " ", e.currency, " ", e.units);
    }
    std::string operator()(const Awarded& e) const {
      return absl::StrCat("awarded ", e.member, " ", e.currency, " by ", e.rule,
                          ": ", e.asked, " ", e.limited, " ", e.units, " cut ",
                          static_cast<int>(e.cut));
    }
    std::string operator()(const Reversed& e) const {
      return absl::StrCat("reversed ", e.member, " ", e.currency, " ", e.units,
                          " of ", e.awards);
    }
    std::string operator()(const LevelChanged& e) const {
      return absl::StrCat(e.up ? "up " : "down ", e.member, " ", e.ladder, ": ",
                          e.from, " to ", e.to);
    }
    std::string operator()(const Badge& e) const {
      return absl::StrCat(e.won ? "won " : "lost ", e.member, " ", e.badge,
                          " for ", e.object.value_or("nothing"));
    }
    std::string operator()(const BadgeDue& e) const {
      return absl::StrCat("due ", e.member, " ", e.badge, " since ",
                          Text(e.time));
    }
    std::string operator()(const StreakMoved& e) const {
      return absl::StrCat("streak ", e.member, " ", e.streak, ": ", e.length,
                          " after ", e.broken, e.frozen ? " frozen" : "");
    }
    std::string operator()(const QuestMoved& e) const {
      return absl::StrCat("quest ", std::string(Name(e.kind)), " ", e.member,
                          " ", e.quest, " ", e.step, ": ", e.progress, " of ",
                          e.goal);
    }
    std::string operator()(const Moved& e) const {
      return absl::StrCat("moved ", std::string(Name(e.kind)), " ", e.member,
                          " ", e.currency, " ", e.units, " ", e.source);
    }
  } constexpr kText;
  return std::visit(kText, effect);
}

absl::Status AddHead(Queries& queries, std::string& text) {
  ASSIGN_OR_RETURN(const JournalHead head, queries.Head());
  absl::StrAppend(&text, "head ", head.seq, " ", Text(head.recorded_at), "\n",
                  head.chain, "\n");
  ASSIGN_OR_RETURN(const VerifyReport report, queries.Verify());
  absl::StrAppend(&text, "verify: ", report.events, " events, ",
                  report.movements, " movements, ", report.members,
                  " members, ", report.fault_count, " faults\n");
  for (const std::string& fault : report.faults) text += fault + "\n";
  return absl::OkStatus();
}

absl::Status AddVouchers(Queries& queries, const std::string& id,
                         std::string& text) {
  ASSIGN_OR_RETURN(
      const auto vouchers,
      queries.Vouchers(id, Midnight() + absl::Hours(2000), VoucherKey()));
  for (const MemberVoucher& one : vouchers) {
    absl::StrAppend(&text, "  voucher of ", one.redemption, " for ", one.reward,
                    " of ", Text(one.issued), " to ", Text(one.good_until), " ",
                    std::string(Name(one.state)), ": ", one.code, "\n");
  }
  return absl::OkStatus();
}

absl::Status AddMember(Queries& queries, const std::string& id,
                       std::string& text) {
  ASSIGN_OR_RETURN(const MemberProfile profile, queries.Member(id));
  absl::StrAppend(&text, "member ", id, " since ", Text(profile.since), "\n");
  for (const CurrencyBalance& one : profile.currencies) {
    absl::StrAppend(&text, "  ", one.currency, " ", one.balance, " earned ",
                    one.earned, "\n");
  }
  for (const LadderStanding& one : profile.ladders) {
    absl::StrAppend(&text, "  ", one.ladder, " ", one.level, "\n");
  }
  for (const auto& [metric, value] : profile.metrics) {
    absl::StrAppend(&text, "  ", metric, " ", value, "\n");
  }
  ASSIGN_OR_RETURN(const auto lines, queries.Statement(id, "", 0, 0, kMost));
  for (const StatementLine& line : lines) {
    absl::StrAppend(&text, "  ", line.seq, "/", line.n, " ", line.event_id, " ",
                    line.rule, " ", line.currency, " ", line.asked, " ",
                    line.units, " = ", line.balance, "\n");
  }
  return AddVouchers(queries, id, text);
}

absl::Status AddCurrency(Queries& queries, const std::string& currency,
                         std::string& text) {
  ASSIGN_OR_RETURN(const auto rows, queries.Leaderboard(currency, kMost));
  for (const LeaderboardRow& row : rows) {
    absl::StrAppend(&text, currency, " ", row.rank, ". ", row.member, " ",
                    row.earned, "\n");
  }
  return absl::OkStatus();
}

absl::Status AddEvent(Queries& queries, const Outcome& outcome,
                      std::string& text) {
  absl::StrAppend(&text, outcome.seq, " ", outcome.event_id, " ",
                  Text(outcome.recorded_at), " ", outcome.reason, "\n");
  for (const Effect& effect : outcome.effects) {
    absl::StrAppend(&text, "  ", Text(effect), "\n");
  }
  ASSIGN_OR_RETURN(const Explanation explained,
                   queries.Explain(outcome.event_id));
  for (const PostingLine& line : explained.postings) {
    absl::StrAppend(&text, "  ", line.from, " > ", line.to, " ", line.units,
                    " ", line.currency, "\n");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeFile(const std::string& path) {
  ASSIGN_OR_RETURN(const Program program,
                   Program::FromText(kProgram, "golden.textproto"));
  ASSIGN_OR_RETURN(
      const auto engine,
      Engine::Open(path, program, WithClock(Midnight() + absl::Hours(2000))));
  RETURN_IF_ERROR(Record(*engine, Votes()));
  RETURN_IF_ERROR(Record(*engine, Requests()));
  RETURN_IF_ERROR(Record(*engine, WhatIsUndone()));
  ASSIGN_OR_RETURN(const Program changed,
                   Program::FromText(ChangedProgram(), "golden.textproto"));
  RETURN_IF_ERROR(
      engine->Switch(changed, "changed", Midnight() + absl::Hours(1850))
          .status());
  RETURN_IF_ERROR(engine
                      ->CatchUp({.rules = {"well_liked"},
                                 .badges = {"fair"},
                                 .metrics = {"downs"}},
                                "caught-up", Midnight() + absl::Hours(1850))
                      .status());
  RETURN_IF_ERROR(Record(*engine, WhatIsUndoneLater()));
  RETURN_IF_ERROR(Record(*engine, WhoLeaves()));
  return RecordVouchers(*engine);
}

absl::StatusOr<std::unique_ptr<Engine>> OpenFile(const std::string& path) {
  ASSIGN_OR_RETURN(const auto queries, Queries::Open(path));
  ASSIGN_OR_RETURN(const Program program, queries->CurrentProgram());
  return Engine::Open(path, program, WithClock(Midnight() + absl::Hours(3000)));
}

Event OneMore() {
  return Said("one more", "up", 2500, "ada", "post-2", {{"owner", "grace"}});
}

absl::StatusOr<std::string> Answers(Queries& queries) {
  std::string text;
  RETURN_IF_ERROR(AddHead(queries, text));
  ASSIGN_OR_RETURN(const auto members, queries.Balances("rep", "", kMost));
  for (const MemberBalance& member : members) {
    RETURN_IF_ERROR(AddMember(queries, member.member, text));
  }
  for (const char* const currency : {"rep", "points"}) {
    RETURN_IF_ERROR(AddCurrency(queries, currency, text));
  }
  ASSIGN_OR_RETURN(const auto feed, queries.Feed(0, kMost));
  for (const Outcome& outcome : feed) {
    RETURN_IF_ERROR(AddEvent(queries, outcome, text));
  }
  return text;
}

}  // namespace loyalty::golden
