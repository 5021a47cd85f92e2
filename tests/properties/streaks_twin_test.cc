// SPDX-License-Identifier: Apache-2.0
//
// Random streaks over random histories, with duplicates, late events, reversals
// and freezes in any order, against a slow twin that walks all windows from the
// first on for every reading, and knows nothing but which events stand.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::MustRead;

constexpr char kZone[] = "Europe/Berlin";  // its clocks change on 2026-03-29
constexpr int64_t kOffset = 1000;          // so that what is read is above 0
const std::vector<std::string>& Members() {
  static const auto& members = *new std::vector<std::string>{"ann", "bob"};
  return members;
}

absl::TimeZone Zone() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(kZone, &zone));
  return zone;
}

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int Below(int n) {
    return static_cast<int>(engine_() % static_cast<uint32_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  const std::string& Of(const std::vector<std::string>& all) {
    return all[Below(static_cast<int>(all.size()))];
  }

 private:
  std::mt19937 engine_;
};

// A streak, as the program says it and as the twin reads it.
struct Definition {
  std::string id;
  std::string every;                 // "", "DAY", "WEEK", "MONTH"
  std::set<absl::Weekday> weekdays;  // empty: all
  int freeze_every = 0, freeze_max = 0;
  bool of_owner = false;
  bool only_positive = false;
  int at = 0, again = 0;

  bool is_daily() const { return every.empty() || every == "DAY"; }
};

std::string NameOf(absl::Weekday day) {
  constexpr const char* kNames[] = {"MONDAY",   "TUESDAY", "WEDNESDAY",
                                    "THURSDAY", "FRIDAY",  "SATURDAY",
                                    "SUNDAY"};
  return kNames[static_cast<int>(day)];
}

std::string TextOf(const Definition& s) {
  std::string text = absl::StrCat("streak { id: '", s.id, "' on: 'a'");
  if (!s.every.empty()) absl::StrAppend(&text, " every: ", s.every);
  for (const absl::Weekday day : s.weekdays) {
    absl::StrAppend(&text, " weekday: ", NameOf(day));
  }
  if (s.freeze_every > 0) {
    absl::StrAppend(&text, " freeze { every: ", s.freeze_every,
                    " max: ", s.freeze_max, " }");
  }
  if (s.of_owner) text += " per: 'event.owner'";
  if (s.only_positive) text += " when: 'event.n > 0'";
  absl::StrAppend(&text, " reach { at: ", s.at, " revoke: true }");
  absl::StrAppend(&text, " reach { every: ", s.again, " revoke: true }");
  return text + " }\n";
}

Definition RandomDefinition(Random& random, int number) {
  Definition s;
  s.id = absl::StrCat("s", number);
  s.every = random.Of({"", "DAY", "DAY", "WEEK", "MONTH"});
  if (s.is_daily() && random.OneIn(2)) {
    do {
      s.weekdays.insert(static_cast<absl::Weekday>(random.Below(7)));
    } while (!random.OneIn(4));
  }
  if (random.OneIn(2)) {
    s.freeze_every = 1 + random.Below(3);
    s.freeze_max = 1 + random.Below(3);
  }
  s.of_owner = random.OneIn(3);
  s.only_positive = random.OneIn(3);
  s.at = 1 + random.Below(5);
  s.again = 1 + random.Below(4);
  return s;
}

std::string ProgramText(const std::vector<Definition>& streaks) {
  std::string text = absl::StrCat(
      "name: 'twin' version: '1' time_zone: '", kZone,
      "' currency { id: 'points' }\n"
      "event_type { id: 'a' attribute { name: 'owner' type: MEMBER }"
      " attribute { name: 'n' type: INT default: '0' } }\n"
      "event_type { id: 'probe' }\n");
  for (const Definition& s : streaks) {
    text += TextOf(s);
    for (const char* of : {"streak", "longest_streak"}) {
      absl::StrAppend(&text, "rule { id: '", of, "_", s.id,
                      "' on: 'probe' award { currency: 'points' units: '", of,
                      ".", s.id, " + ", kOffset, "' } }\n");
    }
  }
  return text;
}

std::string TextAttribute(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end()
             ? ""
             : std::get<std::string>(found->second.get());
}

int64_t NumberOf(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end()
             ? 0
             : std::get<int64_t>(found->second.get());
}

// The first day of the window that a day is in, and of the one behind that.
absl::CivilDay FirstDay(const Definition& s, absl::CivilDay day) {
  if (s.every == "MONTH") return absl::CivilDay(absl::CivilMonth(day));
  if (s.every != "WEEK") return day;
  while (absl::GetWeekday(day) != absl::Weekday::monday) --day;
  return day;
}
absl::CivilDay Next(const Definition& s, absl::CivilDay first) {
  if (s.every == "MONTH") return absl::CivilDay(absl::CivilMonth(first) + 1);
  return first + (s.every == "WEEK" ? 7 : 1);
}

// What the twin reads.
struct Reading {
  int64_t length = 0, longest = 0, freezes = 0;
  bool acted = false;
  int64_t times_at = 0, times_again = 0;
};

class SlowTwin {
 public:
  // `accepted` is what the engine answered to a freeze.
  void Send(const Event& event, bool accepted) {
    if (!seen_.insert(event.id).second) return;
    if (event.type == kReverse) {
      const std::string id = TextAttribute(event, "event");
      std::erase_if(stand_, [&](const Event& one) {
        return one.id == id && one.type == "a";
      });
    } else if (event.type != kFreezeStreak || accepted) {
      stand_.push_back(event);
    }
  }

  // Whether anything is known to be done behind one time, up to the window of
  // another.
  bool Acts(const Definition& s, const std::string& member, absl::Time after,
            absl::Time last) const {
    return std::any_of(stand_.begin(), stand_.end(), [&](const Event& event) {
      return event.type == "a" && WhoseOf(s, event) == member &&
             event.time > after &&
             FirstDay(s, absl::ToCivilDay(event.time, Zone())) <=
                 FirstDay(s, absl::ToCivilDay(last, Zone()));
    });
  }

  Reading Of(const Definition& s, const std::string& member,
             absl::Time at) const {
    const absl::CivilDay now = FirstDay(s, absl::ToCivilDay(at, Zone()));
    std::set<absl::CivilDay> acted, frozen;
    for (const Event& event : stand_) {
      const absl::CivilDay day = absl::ToCivilDay(event.time, Zone());
      absl::CivilDay first = FirstDay(s, day);
      if (event.type == "a") {
        if (WhoseOf(s, event) == member && Counts(s, day) &&
            (!s.only_positive || NumberOf(event, "n") > 0)) {
          acted.insert(first);
        }
      } else if (event.type == kFreezeStreak && event.actor == member &&
                 TextAttribute(event, "streak") == s.id) {
        for (int64_t i = 0; i < NumberOf(event, "windows"); ++i) {
          frozen.insert(first);
          first = Next(s, first);
        }
      }
    }
    Reading reading;
    reading.acted = acted.contains(now);
    if (acted.empty()) return reading;
    for (absl::CivilDay window = *acted.begin(); window <= now;
         window = Next(s, window)) {
      if (acted.contains(window)) {
        Act(s, reading);
      } else if (Counts(s, window) && !frozen.contains(window) &&
                 window != now && reading.length > 0) {
        if (reading.freezes > 0) {
          --reading.freezes;
        } else {
          reading.length = 0;
        }
      }
    }
    if (reading.length == 0) reading.freezes = 0;
    return reading;
  }

 private:
  static std::string WhoseOf(const Definition& s, const Event& event) {
    return s.of_owner ? TextAttribute(event, "owner")
                      : event.actor.value_or("");
  }
  static bool Counts(const Definition& s, absl::CivilDay day) {
    return s.weekdays.empty() || s.weekdays.contains(absl::GetWeekday(day));
  }
  static void Act(const Definition& s, Reading& reading) {
    if (reading.length == 0) reading.freezes = 0;
    ++reading.length;
    reading.longest = std::max(reading.longest, reading.length);
    if (reading.length == s.at) ++reading.times_at;
    if (reading.length % s.again == 0) ++reading.times_again;
    if (s.freeze_every > 0 && reading.length % s.freeze_every == 0) {
      reading.freezes = std::min<int64_t>(reading.freezes + 1, s.freeze_max);
    }
  }

  std::set<std::string> seen_;
  std::vector<Event> stand_;
};

// Close to each other, so that rows come to be; now and then far off.
absl::Time RandomTime(Random& random) {
  const absl::Time start = absl::FromCivil(absl::CivilDay(2026, 3, 20), Zone());
  const int hours =
      random.OneIn(10) ? random.Below(24 * 200) : random.Below(24 * 20);
  return start + absl::Hours(hours) + absl::Minutes(random.Below(60));
}

Event RandomEvent(Random& random, const std::vector<Definition>& streaks,
                  int number) {
  const std::string type =
      random.Of({"a", "a", "a", "a", "a", "a", "probe", "reverse", "freeze"});
  Event event{.id = absl::StrCat("e", number),
              .type = type,
              .time = RandomTime(random)};
  event.actor = random.Of(Members());
  if (type == "reverse") {
    event.type = kReverse;
    event.attributes = {{"event", absl::StrCat("e", random.Below(number + 1))}};
  } else if (type == "freeze") {
    event.type = kFreezeStreak;
    const int streak = random.Below(static_cast<int>(streaks.size()));
    event.attributes = {{"streak", streaks[streak].id},
                        {"by", "kim"},
                        {"windows", int64_t{1 + random.Below(4)}}};
  } else if (type == "a") {
    event.attributes.emplace("n", int64_t{random.Below(6)} - 1);
    if (!random.OneIn(3))
      event.attributes.emplace("owner", random.Of(Members()));
  }
  return event;
}

std::vector<Event> RandomHistory(Random& random,
                                 const std::vector<Definition>& streaks,
                                 int length) {
  std::vector<Event> history;
  for (int i = 0; i < length; ++i) {
    history.push_back(RandomEvent(random, streaks, i));
    if (random.OneIn(8)) {
      history.push_back(
          history[random.Below(static_cast<int>(history.size()))]);
    }
  }
  return history;
}

std::vector<Definition> RandomDefinitions(Random& random) {
  std::vector<Definition> streaks;
  for (int i = 0; i < 4; ++i) streaks.push_back(RandomDefinition(random, i));
  return streaks;
}

int64_t Held(const MemberProfile& profile, const std::string& badge) {
  const auto found = profile.badges.find(badge);
  return found == profile.badges.end() ? 0 : found->second;
}

void ExpectAgree(Engine& engine, const std::vector<Definition>& streaks,
                 const SlowTwin& twin, absl::Time at) {
  const auto queries = engine.Query();
  for (const std::string& member : Members()) {
    const auto profile = (*queries)->Member(member, at);
    if (absl::IsNotFound(profile.status())) continue;
    ASSERT_TRUE(profile.ok()) << profile.status();
    ASSERT_EQ(profile->streaks.size(), streaks.size());
    for (size_t i = 0; i < streaks.size(); ++i) {
      const Definition& s = streaks[i];
      SCOPED_TRACE(absl::StrCat(TextOf(s), " of ", member, " at ",
                                absl::FormatTime(at, Zone())));
      const StreakStanding& said = profile->streaks[i];
      const Reading twins = twin.Of(s, member, at);
      ASSERT_EQ(said.length, twins.length);
      ASSERT_EQ(said.longest, twins.longest);
      ASSERT_EQ(said.acted, twins.acted);
      ASSERT_EQ(said.freezes, twins.freezes);
      if (said.act_before.has_value()) {
        // It goes on until then, and no longer.
        const absl::Time end = *said.act_before;
        ASSERT_GT(end, at);
        if (!twin.Acts(s, member, at, end)) {
          ASSERT_EQ(twin.Of(s, member, end - absl::Seconds(1)).length,
                    twins.length);
          ASSERT_EQ(twin.Of(s, member, end).length, 0);
        }
      }
      const Reading ever = twin.Of(s, member, at + absl::Hours(24 * 250));
      ASSERT_EQ(Held(*profile, absl::StrCat(s.id, "/", s.at)), ever.times_at);
      ASSERT_EQ(Held(*profile, absl::StrCat(s.id, "/every", s.again)),
                ever.times_again);
    }
  }
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

// What the answer says, before the twin has the event.
void ExpectAnswered(const std::vector<Definition>& streaks,
                    const SlowTwin& twin, const Event& event,
                    const Outcome& outcome) {
  if (outcome.repeat) return;
  if (event.type == kFreezeStreak) {
    const auto s = std::find_if(
        streaks.begin(), streaks.end(), [&](const Definition& one) {
          return one.id == TextAttribute(event, "streak");
        });
    const bool goes_on = twin.Of(*s, *event.actor, event.time).length > 0;
    ASSERT_EQ(outcome.rejected != RejectReason::kNoStreak, goes_on);
    return;
  }
  if (event.type != "probe") return;
  std::map<std::string, int64_t> read;
  for (const Effect& effect : outcome.effects) {
    if (const auto* award = std::get_if<Awarded>(&effect)) {
      read[award->rule] = award->asked - kOffset;
    }
  }
  for (const Definition& s : streaks) {
    const Reading twins = twin.Of(s, *event.actor, event.time);
    ASSERT_EQ(read["streak_" + s.id], twins.length) << TextOf(s);
    ASSERT_EQ(read["longest_streak_" + s.id], twins.longest) << TextOf(s);
  }
}

std::string SaidBy(const Event& event) {
  return absl::StrCat(
      event.id, " ", event.type, " ", event.actor.value_or("-"), " ",
      absl::FormatTime(event.time, Zone()),
      event.type == "a" ? "" : " " + TextAttribute(event, "streak"));
}

uint32_t Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 100 : static_cast<uint32_t>(std::atoi(asked));
}

TEST(Streaks, AgreeWithATwinThatWalksAllWindows) {
  for (uint32_t seed = 1; seed <= Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> streaks = RandomDefinitions(random);
    auto engine = Engine::InMemory(MustRead(ProgramText(streaks)));
    ASSERT_TRUE(engine.ok()) << engine.status();
    SlowTwin twin;
    for (const Event& event : RandomHistory(random, streaks, 60)) {
      SCOPED_TRACE(SaidBy(event));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_NO_FATAL_FAILURE(ExpectAnswered(streaks, twin, event, *outcome));
      twin.Send(event, outcome->accepted());
      ASSERT_NO_FATAL_FAILURE(
          ExpectAgree(**engine, streaks, twin, RandomTime(random)));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
  }
}

TEST(Streaks, AreTheSameInAFileAtAnyBatchSize) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_streaks_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 5001; seed <= 5006; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> streaks = RandomDefinitions(random);
    const Program program = MustRead(ProgramText(streaks));
    const std::vector<Event> history = RandomHistory(random, streaks, 120);
    for (const size_t batch : {size_t{1}, size_t{7}, size_t{1000}}) {
      SCOPED_TRACE(absl::StrCat("batch ", batch));
      const std::string path = folder / absl::StrCat(seed, "_", batch, ".db");
      auto engine = Engine::Open(path, program);
      ASSERT_TRUE(engine.ok()) << engine.status();
      SlowTwin twin;
      const std::span<const Event> all(history);
      for (size_t i = 0; i < all.size(); i += batch) {
        const auto some = all.subspan(i, std::min(batch, all.size() - i));
        const auto outcomes = (*engine)->Process(some);
        ASSERT_TRUE(outcomes.ok()) << outcomes.status();
        for (size_t n = 0; n < some.size(); ++n) {
          ASSERT_NO_FATAL_FAILURE(
              ExpectAnswered(streaks, twin, some[n], *(*outcomes)[n]));
          twin.Send(some[n], (*outcomes)[n]->accepted());
        }
        // What is in the tables by then, and not only in memory.
        if (i % 5 == 0) {
          engine->reset();
          engine = Engine::Open(path, program);
          ASSERT_TRUE(engine.ok()) << engine.status();
        }
      }
      for (int i = 0; i < 5; ++i) {
        ASSERT_NO_FATAL_FAILURE(
            ExpectAgree(**engine, streaks, twin, RandomTime(random)));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
