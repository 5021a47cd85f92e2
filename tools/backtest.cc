// SPDX-License-Identifier: Apache-2.0
//
// loyalty backtest: what a program makes of a log, beside what another one
// does, or beside nothing. Both decide it in memory, each all of it; no file is
// read or written.
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "line_source.h"
#include "loyalty/engine.h"
#include "loyalty/json.h"
#include "loyalty/queries.h"
#include "output.h"
#include "program_file.h"
#include "scenario_readings.h"

namespace loyalty::command {
namespace {

constexpr size_t kEventsATime = 1000;
constexpr size_t kMembersListed = 10;
constexpr int kBalancesAtOnce = 1000;

// One program, and all that came of the log under it.
struct Side {
  Program program;
  std::unique_ptr<Engine> engine;
  int64_t rejected = 0;
  int64_t malformed = 0;
};

// Of a currency, a badge or a ladder: who has more by the new program, and who
// less; by how much, but for a ladder, in all.
struct Change {
  int64_t gain = 0;  // members
  int64_t more = 0;  // units
  int64_t lose = 0;
  int64_t less = 0;  // at most 0

  int64_t net() const { return more + less; }
};

struct Member {
  std::string id = {};
  std::map<std::string, int64_t> units = {};  // more or less, by currency
  int64_t all = 0;
};

struct Result {
  std::map<std::string, Change> currencies = {};  // by what was earned
  std::map<std::string, Change> badges = {};
  std::map<std::string, Change> ladders = {};
  int64_t members = 0;  // whom either knows
  int64_t gain = 0;     // in some currency, and lose in none
  int64_t lose = 0;
  std::vector<Member> most_gained = {};
  std::vector<Member> most_lost = {};
};

absl::StatusOr<Side> SideOf(const std::string& path,
                            const Parameters& parameters) {
  const absl::StatusOr<std::string> text = ProgramText(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Program> program =
      Program::FromText(*text, path, {.parameters = parameters});
  if (!program.ok()) return program.status();
  // Nobody is shown a code.
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::InMemory(
      *program, {.voucher_key = std::string(kVoucherKeyOfScenarios)});
  if (!engine.ok()) return engine.status();
  return Side{.program = *std::move(program), .engine = *std::move(engine)};
}

absl::Status Feed(const std::vector<Event>& events, Side& side) {
  const auto outcomes = side.engine->Process(std::span<const Event>(events));
  if (!outcomes.ok()) return outcomes.status();
  for (const absl::StatusOr<Outcome>& outcome : *outcomes) {
    if (!outcome.ok()) {
      ++side.malformed;
    } else if (!outcome->accepted()) {
      ++side.rejected;
    }
  }
  return absl::OkStatus();
}

// Feeds the log to all of them. Lines that are no event are counted.
absl::StatusOr<int64_t> FeedAll(
    const std::vector<std::unique_ptr<LineSource>>& sources,
    std::span<Side* const> sides) {
  JsonEventReader reader;
  std::vector<Event> events;
  int64_t bad = 0;
  const auto flush = [&]() -> absl::Status {
    for (Side* const side : sides) {
      const absl::Status fed = Feed(events, *side);
      if (!fed.ok()) return fed;
    }
    events.clear();
    return absl::OkStatus();
  };
  for (const std::unique_ptr<LineSource>& source : sources) {
    while (true) {
      const auto line = source->Next();
      if (!line.ok()) return line.status();
      if (!line->has_value()) break;
      auto event = (*line)->is_too_long
                       ? absl::InvalidArgumentError("is longer than 1 MiB")
                       : reader.Read((*line)->text);
      if (!event.ok()) {
        ++bad;
        continue;
      }
      events.push_back(*std::move(event));
      if (events.size() < kEventsATime) continue;
      const absl::Status flushed = flush();
      if (!flushed.ok()) return flushed;
    }
  }
  const absl::Status flushed = flush();
  if (!flushed.ok()) return flushed;
  return bad;
}

absl::Status AddMembers(Queries& queries, const Program& program,
                        std::set<std::string>& members) {
  if (program.currencies().empty()) return absl::OkStatus();
  std::string after;
  while (true) {
    const auto page =
        queries.Balances(program.currencies().front(), after, kBalancesAtOnce);
    if (!page.ok()) return page.status();
    for (const MemberBalance& one : *page) members.insert(one.member);
    if (page->size() < kBalancesAtOnce) return absl::OkStatus();
    after = page->back().member;
  }
}

// Who has nothing by that program, as it does not know them.
absl::StatusOr<MemberProfile> ProfileOf(Queries* queries,
                                        const std::string& member,
                                        absl::Time at) {
  if (queries == nullptr) return MemberProfile{};
  absl::StatusOr<MemberProfile> profile = queries->Member(member, at);
  if (absl::IsNotFound(profile.status())) return MemberProfile{};
  return profile;
}

void Add(int64_t was, int64_t is, Change& change) {
  if (is > was) {
    ++change.gain;
    change.more += is - was;
  } else if (is < was) {
    ++change.lose;
    change.less += is - was;
  }
}

// Calls `see` with each name that either has, and both values.
template <typename See>
void ForEachOfBoth(const std::map<std::string, int64_t>& was,
                   const std::map<std::string, int64_t>& is, const See& see) {
  for (const auto& [name, value] : was) {
    const auto found = is.find(name);
    see(name, value, found == is.end() ? 0 : found->second);
  }
  for (const auto& [name, value] : is) {
    if (!was.contains(name)) see(name, int64_t{0}, value);
  }
}

std::map<std::string, int64_t> EarnedBy(const MemberProfile& profile) {
  std::map<std::string, int64_t> earned;
  for (const CurrencyBalance& one : profile.currencies) {
    earned[one.currency] = one.earned;
  }
  return earned;
}

std::map<std::string, int64_t> LevelsOf(const MemberProfile& profile) {
  std::map<std::string, int64_t> levels;
  for (const LadderStanding& one : profile.ladders) {
    levels[one.ladder] = one.index;
  }
  return levels;
}

void AddMember(const std::string& id, const MemberProfile& was,
               const MemberProfile& is, Result& result) {
  Member member{.id = id};
  bool gains = false;
  bool loses = false;
  ForEachOfBoth(EarnedBy(was), EarnedBy(is),
                [&](const std::string& currency, int64_t then, int64_t now) {
                  Add(then, now, result.currencies[currency]);
                  if (then == now) return;
                  member.units[currency] = now - then;
                  member.all += now - then;
                  (now > then ? gains : loses) = true;
                });
  ForEachOfBoth(was.badges, is.badges,
                [&](const std::string& badge, int64_t then, int64_t now) {
                  Add(then, now, result.badges[badge]);
                });
  ForEachOfBoth(LevelsOf(was), LevelsOf(is),
                [&](const std::string& ladder, int64_t then, int64_t now) {
                  Add(then, now, result.ladders[ladder]);
                });
  ++result.members;
  if (gains && !loses) ++result.gain;
  if (loses && !gains) ++result.lose;
  const auto keep = [&](std::vector<Member>& list, auto before) {
    list.insert(std::upper_bound(list.begin(), list.end(), member, before),
                member);
    if (list.size() > kMembersListed) list.pop_back();
  };
  if (member.all > 0) {
    keep(result.most_gained,
         [](const Member& a, const Member& b) { return a.all > b.all; });
  } else if (member.all < 0) {
    keep(result.most_lost,
         [](const Member& a, const Member& b) { return a.all < b.all; });
  }
}

absl::StatusOr<Result> Compared(Side& is, Side* was) {
  const auto now = is.engine->Query();
  if (!now.ok()) return now.status();
  std::unique_ptr<Queries> then;
  if (was != nullptr) {
    auto queries = was->engine->Query();
    if (!queries.ok()) return queries.status();
    then = *std::move(queries);
  }
  std::set<std::string> members;
  absl::Status status = AddMembers(**now, is.program, members);
  if (status.ok() && then != nullptr) {
    status = AddMembers(*then, was->program, members);
  }
  if (!status.ok()) return status;
  const auto newest = (*now)->NewestTime();
  if (!newest.ok()) return newest.status();
  const absl::Time at =
      *newest == absl::InfinitePast() ? absl::UnixEpoch() : *newest;
  Result result;
  for (const std::string& member : members) {
    const auto profile = ProfileOf(now->get(), member, at);
    if (!profile.ok()) return profile.status();
    const auto before = ProfileOf(then.get(), member, at);
    if (!before.ok()) return before.status();
    AddMember(member, *before, *profile, result);
  }
  return result;
}

Json AsJson(const std::map<std::string, Change>& changes) {
  Json json = Json::object();
  for (const auto& [id, change] : changes) {
    json[id] = {{"gain", change.gain},
                {"more", change.more},
                {"lose", change.lose},
                {"less", change.less},
                {"net", change.net()}};
  }
  return json;
}

Json AsJson(const std::vector<Member>& members) {
  Json json = Json::array();
  for (const Member& member : members) {
    json.push_back({{"member", member.id}, {"units", member.units}});
  }
  return json;
}

Json AsJson(const Side& side) {
  return {{"version", side.program.version()},
          {"rejected", side.rejected},
          {"malformed", side.malformed}};
}

void PrintChanges(std::string_view title,
                  const std::map<std::string, Change>& changes) {
  using Align = Table::Align;
  Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight,
               Align::kRight, Align::kRight});
  table.Add({std::string(title), "gain", "", "lose", "", "in all"});
  bool any = false;
  for (const auto& [id, change] : changes) {
    if (change.gain == 0 && change.lose == 0) continue;
    any = true;
    table.Add({Printable(id), Grouped(change.gain), Signed(change.more),
               Grouped(change.lose), Signed(change.less),
               Signed(change.net())});
  }
  if (any) table.Print(2);
}

void PrintMembers(std::string_view title, const std::vector<Member>& members) {
  if (members.empty()) return;
  Print(std::string(title) + ":\n");
  using Align = Table::Align;
  Table table({Align::kLeft, Align::kLeft});
  for (const Member& member : members) {
    std::string units;
    for (const auto& [currency, more] : member.units) {
      if (!units.empty()) units += ", ";
      units += Signed(more) + " " + Printable(currency);
    }
    table.Add({Printable(member.id), units});
  }
  table.Print(2);
}

void PrintResult(const Result& result, const Side& is, const Side* was) {
  Print("Version " + PrintableLine(is.program.version()) +
        (was == nullptr
             ? ""
             : " against version " + PrintableLine(was->program.version())) +
        ": of " + Counted(result.members, "member", "members") + " " +
        Grouped(result.gain) + " only gain, and " + Grouped(result.lose) +
        " only lose.\n");
  PrintChanges("earned", result.currencies);
  PrintChanges("badge", result.badges);
  PrintChanges("levels up and down", result.ladders);
  PrintMembers("Who gains most", result.most_gained);
  PrintMembers("Who loses most", result.most_lost);
}

void WarnOf(const Side& side, int64_t bad) {
  if (bad > 0) {
    Complain(Counted(bad, "line is", "lines are") + " no event");
  }
  if (side.malformed == 0) return;
  Complain(Counted(side.malformed, "event is", "events are") +
           " malformed by version " + PrintableLine(side.program.version()) +
           ", and nothing comes of it there");
}

// A program that cannot be read, or a log.
Exit CannotBe(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? ProgramFailed(status)
                                         : Failed(status, Exit::kCouldNot);
}

}  // namespace

Exit Backtest(const BacktestOptions& options) {
  const absl::StatusOr<Parameters> parameters =
      ParametersOf(options.parameters);
  if (!parameters.ok()) return Failed(parameters.status(), Exit::kUsage);
  auto is = SideOf(options.program, *parameters);
  if (!is.ok()) return CannotBe(is.status());
  std::optional<Side> was;
  if (!options.against.empty()) {
    auto side = SideOf(options.against, *parameters);
    if (!side.ok()) return CannotBe(side.status());
    was = *std::move(side);
  }
  const auto sources = OpenAll(options.events);
  if (absl::IsInvalidArgument(sources.status())) {
    return Failed(sources.status(), Exit::kUsage);
  }
  if (!sources.ok()) return Failed(sources.status(), Exit::kCouldNot);
  std::vector<Side*> sides = {&*is};
  if (was.has_value()) sides.push_back(&*was);
  const absl::StatusOr<int64_t> bad = FeedAll(*sources, sides);
  if (!bad.ok()) return Failed(bad.status(), Exit::kCouldNot);
  Side* const before = was.has_value() ? &*was : nullptr;
  const absl::StatusOr<Result> result = Compared(*is, before);
  if (!result.ok()) return Failed(result.status(), Exit::kCouldNot);
  WarnOf(*is, *bad);
  if (before != nullptr) WarnOf(*before, 0);
  if (!options.json) {
    PrintResult(*result, *is, before);
    return Finished(Exit::kDone);
  }
  PrintJson({{"program", AsJson(*is)},
             {"against", before == nullptr ? Json() : AsJson(*before)},
             {"bad_lines", *bad},
             {"members", result->members},
             {"gain", result->gain},
             {"lose", result->lose},
             {"earned", AsJson(result->currencies)},
             {"badges", AsJson(result->badges)},
             {"levels", AsJson(result->ladders)},
             {"most_gained", AsJson(result->most_gained)},
             {"most_lost", AsJson(result->most_lost)}});
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
