// SPDX-License-Identifier: Apache-2.0
//
// Random metrics over random histories, with duplicates, late events, merges
// and reversals in any order, against a slow twin that goes through all events
// that stand, from the start, for every reading.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::MustRead;

constexpr char kZone[] = "Europe/Berlin";  // its clocks change on 2026-03-29

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

// A metric, as the program says it and as the twin reads it.
struct Definition {
  std::string id;
  std::vector<std::string> on;
  std::string per;     // "actor", "target", "owner", "question", "topics"
  std::string kind;    // "", "sum", "max", "distinct", "days"
  std::string of;      // of distinct: "tag", "n", "owner", "actor"
  std::string by;      // "", "tag", "owner"
  std::string period;  // "", "HOUR", ..
  std::string within;
  int days = 0, seconds = 0;  // what `within` says
  bool only_positive = false;

  bool is_per_object() const {
    return per == "target" || per == "question" || per == "topics";
  }
  // Rules read one object.
  bool is_readable() const { return per != "topics"; }
};

std::string Named(const std::string& what) {
  return what == "actor" || what == "target" ? what : "event." + what;
}

std::string TextOf(const Definition& m) {
  std::string text =
      absl::StrCat("metric { id: '", m.id, "' per: '", Named(m.per), "'");
  for (const std::string& type : m.on) {
    absl::StrAppend(&text, " on: '", type, "'");
  }
  if (m.kind == "sum") text += " sum: 'event.n'";
  if (m.kind == "max") text += " max: 'event.n'";
  if (m.kind == "distinct") {
    absl::StrAppend(&text, " distinct: 'event.", m.of, "'");
  }
  if (m.kind == "days") text += " days: true";
  if (!m.by.empty()) absl::StrAppend(&text, " by: 'event.", m.by, "'");
  if (!m.period.empty()) absl::StrAppend(&text, " period: ", m.period);
  if (!m.within.empty()) absl::StrAppend(&text, " within: '", m.within, "'");
  if (m.only_positive) text += " when: 'event.n > 0'";
  return text + " }\n";
}

Definition RandomDefinition(Random& random, int number) {
  Definition m;
  m.id = absl::StrCat("m", number);
  m.on = random.OneIn(2) ? std::vector<std::string>{"a", "b"}
                         : std::vector<std::string>{"a"};
  m.per = random.Of({"actor", "target", "owner", "question", "topics"});
  m.kind = random.Of({"", "sum", "max", "distinct", "days"});
  if (m.kind == "distinct") m.of = random.Of({"tag", "n", "owner", "actor"});
  const bool may_have_key = m.kind != "distinct" && m.kind != "max";
  if (may_have_key && random.OneIn(2)) m.by = random.Of({"tag", "owner"});
  const int window = random.Below(3);
  if (window == 1) {
    m.period = m.kind == "days"
                   ? random.Of({"WEEK", "MONTH", "YEAR"})
                   : random.Of({"HOUR", "DAY", "WEEK", "MONTH", "YEAR"});
  } else if (window == 2 && (m.kind == "days" || random.OneIn(2))) {
    m.days = 1 + random.Below(9);
    m.within = absl::StrCat(m.days, "d");
  } else if (window == 2) {
    m.seconds = (1 + random.Below(60)) * 3600;
    m.within = absl::StrCat(m.seconds, "s");
  }
  m.only_positive = random.OneIn(3);
  return m;
}

constexpr int kOffset = 1000;  // so that what is read is above 0

std::string ProgramText(const std::vector<Definition>& metrics) {
  std::string attributes =
      " attribute { name: 'owner' type: MEMBER }"
      " attribute { name: 'question' type: OBJECT }"
      " attribute { name: 'topics' type: OBJECT list: true }"
      " attribute { name: 'tag' type: STRING default: '' }"
      " attribute { name: 'n' type: INT default: '0' } }\n";
  std::string text = absl::StrCat(
      "name: 'twin' version: '1' time_zone: '", kZone,
      "' never_earns: 'site' currency { id: 'points' }\n",
      "event_type { id: 'a'", attributes, "event_type { id: 'b'", attributes,
      "event_type { id: 'probe'", attributes,
      "event_type { id: 'withdraw' attribute { name: 'event' type: STRING "
      "required: true } }\n"
      "rule { id: 'withdraw' on: 'withdraw' reverse_event { event: "
      "'event.event' } }\n");
  for (const Definition& m : metrics) {
    text += TextOf(m);
    if (!m.is_readable()) continue;
    // Of both counted and other types.
    absl::StrAppend(&text, "rule { id: 'read_", m.id,
                    "' on: 'probe' on: 'b' award { currency: 'points' units: '",
                    m.is_per_object() ? "object" : "actor", ".metric.", m.id,
                    " + ", kOffset, "' } }\n");
  }
  return text;
}

std::string TextAttribute(const Event& event, const std::string& name) {
  if (name == "actor") return event.actor.value_or("");
  const auto found = event.attributes.find(name);
  if (found == event.attributes.end()) return "";
  if (const auto* n = std::get_if<int64_t>(&found->second.get())) {
    return absl::StrCat(*n);
  }
  return std::get<std::string>(found->second.get());
}

int64_t NumberOf(const Event& event) {
  const auto found = event.attributes.find("n");
  return found == event.attributes.end()
             ? 0
             : std::get<int64_t>(found->second.get());
}

// The twin.
class SlowTwin {
 public:
  void Send(const Event& event, bool accepted) {
    if (!seen_.insert(event.id).second || !accepted) return;
    if (event.type == kMerge) {
      into_[Now(*event.actor)] = Now(TextAttribute(event, "into"));
      for (Event& one : stand_) one = Resolved(one);
    } else if (event.type == "withdraw" || event.type == kReverse) {
      const std::string id = TextAttribute(event, "event");
      std::erase_if(stand_, [&](const Event& one) { return one.id == id; });
    } else {
      stand_.push_back(Resolved(event));
    }
  }

  // With the names of who members are now.
  Event Resolved(Event event) const {
    if (event.actor.has_value()) event.actor = Now(*event.actor);
    const auto owner = event.attributes.find("owner");
    if (owner != event.attributes.end()) {
      owner->second = Now(std::get<std::string>(owner->second.get()));
    }
    return event;
  }

  // By entity and key.
  using Values = std::map<std::pair<std::string, std::string>, int64_t>;
  Values ValuesOf(const Definition& m, absl::Time at) const {
    std::map<std::pair<std::string, std::string>, std::vector<Event>> counted;
    for (const Event& event : stand_) {
      if (!Counts(m, event) || !IsIn(m, event.time, at)) continue;
      const std::string by = m.by.empty() ? "" : TextAttribute(event, m.by);
      for (const std::string& entity : EntitiesOf(m, event)) {
        counted[{entity, by}].push_back(event);
      }
    }
    Values values;
    for (const auto& [whose, events] : counted) {
      const int64_t value = Said(m, events);
      if (value != 0) values[whose] = value;
    }
    return values;
  }

 private:
  static bool Counts(const Definition& m, const Event& event) {
    if (std::count(m.on.begin(), m.on.end(), event.type) == 0) return false;
    if (m.only_positive && NumberOf(event) <= 0) return false;
    // "" is no value.
    if (m.kind != "distinct" || m.of == "n") return true;
    return !TextAttribute(event, m.of).empty();
  }

  static std::set<std::string> EntitiesOf(const Definition& m,
                                          const Event& event) {
    std::set<std::string> all;
    if (m.per == "topics") {
      const auto found = event.attributes.find("topics");
      if (found == event.attributes.end()) return all;
      for (const Value& one : std::get<Value::List>(found->second.get())) {
        all.insert(std::get<std::string>(one.get()));
      }
      return all;
    }
    const std::string id = m.per == "target" ? event.target.value_or("")
                                             : TextAttribute(event, m.per);
    if (!id.empty() && id != "site") all.insert(id);
    return all;
  }

  static bool IsIn(const Definition& m, absl::Time time, absl::Time at) {
    static const absl::TimeZone zone = Zone();
    const absl::CivilDay day = absl::ToCivilDay(time, zone);
    const absl::CivilDay now = absl::ToCivilDay(at, zone);
    if (m.days > 0) return day <= now && now - day < m.days;
    if (m.seconds > 0) {
      // In whole seconds of both.
      const int64_t now_second = absl::ToUnixSeconds(at);
      const int64_t before = now_second - absl::ToUnixSeconds(time);
      return before >= 0 && before < m.seconds;
    }
    if (m.period == "HOUR") {
      // Its zone is a whole number of hours from UTC, always.
      return absl::ToUnixSeconds(time) / 3600 == absl::ToUnixSeconds(at) / 3600;
    }
    if (m.period == "DAY") return day == now;
    if (m.period == "WEEK") {
      return absl::PrevWeekday(day + 1, absl::Weekday::monday) ==
             absl::PrevWeekday(now + 1, absl::Weekday::monday);
    }
    if (m.period == "MONTH") {
      return absl::CivilMonth(day) == absl::CivilMonth(now);
    }
    if (m.period == "YEAR") {
      return absl::CivilYear(day) == absl::CivilYear(now);
    }
    return true;
  }

  static int64_t Said(const Definition& m, const std::vector<Event>& events) {
    static const absl::TimeZone zone = Zone();
    if (m.kind.empty()) return static_cast<int64_t>(events.size());
    int64_t sum = 0;
    std::optional<int64_t> largest;
    std::set<std::string> values;
    for (const Event& event : events) {
      const int64_t n = NumberOf(event);
      sum += n;
      largest = std::max(largest.value_or(n), n);
      if (m.kind == "days") {
        values.insert(absl::FormatTime("%F", event.time, zone));
      } else if (m.kind == "distinct") {
        values.insert(m.of == "n" ? absl::StrCat(n)
                                  : TextAttribute(event, m.of));
      }
    }
    if (m.kind == "sum") return sum;
    if (m.kind == "max") return *largest;
    return static_cast<int64_t>(values.size());
  }

  std::string Now(const std::string& member) const {
    const auto found = into_.find(member);
    return found == into_.end() ? member : Now(found->second);
  }

  std::set<std::string> seen_;
  std::vector<Event> stand_;
  std::map<std::string, std::string> into_;
};

absl::Time RandomTime(Random& random) {
  static const absl::Time start =
      absl::FromCivil(absl::CivilHour(2026, 3, 20, 22), Zone());
  // Some of them are the same, or begin a day.
  return start + absl::Hours(random.Below(24 * 16)) +
         (random.OneIn(3) ? absl::Milliseconds(random.Below(3'600'000))
                          : absl::ZeroDuration());
}

Event RandomEvent(Random& random, int number) {
  const std::string type = random.Of(
      {"a", "a", "a", "b", "b", "probe", "probe", "withdraw", "reverse"});
  Event event{.id = absl::StrCat("e", number),
              .type = type == "reverse" ? std::string(kReverse) : type,
              .time = RandomTime(random)};
  if (type == "reverse" || type == "withdraw") {
    event.actor = "ann";
    event.attributes = {{"event", absl::StrCat("e", random.Below(number + 1))}};
    return event;
  }
  const std::vector<std::string> members = {"ann", "bob", "cy", "dee", "eli"};
  if (random.OneIn(20)) {
    event.type = kMerge;
    event.actor = random.Of(members);
    event.attributes = {{"into", random.Of(members)}};
    return event;
  }
  const std::vector<std::string> objects = {"p", "q", "r"};
  if (type == "probe" || !random.OneIn(6)) event.actor = random.Of(members);
  if (type != "probe" && random.OneIn(9)) event.actor = "site";
  if (!event.actor.has_value() || !random.OneIn(6)) {
    event.target = random.Of(objects);
  }
  if (!random.OneIn(6)) {
    event.attributes.emplace("owner",
                             random.OneIn(8) ? "site" : random.Of(members));
  }
  if (!random.OneIn(6))
    event.attributes.emplace("question", random.Of(objects));
  if (!random.OneIn(3)) event.attributes.emplace("tag", random.Of({"x", "y"}));
  if (random.OneIn(2)) {
    event.attributes.emplace(
        "topics", Value::List{random.Of(objects), random.Of(objects)});
  }
  event.attributes.emplace("n", int64_t{random.Below(9)} - 4);
  return event;
}

std::string SaidBy(const Event& event) {
  std::string said = absl::StrCat(
      event.id, " ", event.type, " ", event.actor.value_or("-"), " ",
      event.target.value_or("-"), " ", absl::FormatTime(event.time));
  for (const std::string name :
       {"owner", "question", "tag", "n", "event", "into"}) {
    absl::StrAppend(&said, " ", name, "=", TextAttribute(event, name));
  }
  return said;
}

std::vector<Event> RandomHistory(Random& random, int length) {
  std::vector<Event> history;
  for (int i = 0; i < length; ++i) {
    history.push_back(RandomEvent(random, i));
    if (random.OneIn(8)) {
      history.push_back(
          history[random.Below(static_cast<int>(history.size()))]);
    }
  }
  return history;
}

std::vector<Definition> RandomDefinitions(Random& random) {
  std::vector<Definition> metrics;
  metrics.reserve(6);
  for (int i = 0; i < 6; ++i) metrics.push_back(RandomDefinition(random, i));
  return metrics;
}

void ExpectAgree(Engine& engine, const std::vector<Definition>& metrics,
                 const SlowTwin& twin, absl::Time at) {
  const auto queries = engine.Query();
  for (const Definition& m : metrics) {
    SCOPED_TRACE(absl::StrCat(TextOf(m), " at ", absl::FormatTime(at)));
    SlowTwin::Values values;
    const absl::Status status =
        (*queries)->Metrics(m.id, at, [&](const MetricLine& line) {
          EXPECT_EQ(line.is_member, !m.is_per_object());
          values[{line.id, line.by}] = line.value;
        });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(values, twin.ValuesOf(m, at));
  }
}

// What its rules read, as it stood before.
void ExpectRead(const std::vector<Definition>& metrics, const SlowTwin& twin,
                const Event& said, const Outcome& outcome) {
  const Event event = twin.Resolved(said);
  if (outcome.repeat || (event.type != "probe" && event.type != "b")) return;
  std::map<std::string, int64_t> read;
  for (const Effect& effect : outcome.effects) {
    if (const auto* award = std::get_if<Awarded>(&effect)) {
      if (award->member.empty() || award->member == "site") continue;
      read[award->rule] = award->asked - kOffset;
    }
  }
  if (!event.actor.has_value() || *event.actor == "site") return;
  for (const Definition& m : metrics) {
    if (!m.is_readable()) continue;
    const std::string rule = "read_" + m.id;
    std::string entity = *event.actor;
    if (m.per == "target") entity = event.target.value_or("");
    if (m.per == "question") entity = TextAttribute(event, "question");
    if (entity.empty()) {
      ASSERT_FALSE(read.contains(rule)) << TextOf(m);
      continue;
    }
    const SlowTwin::Values values = twin.ValuesOf(m, event.time);
    const auto found =
        values.find({entity, m.by.empty() ? "" : TextAttribute(event, m.by)});
    ASSERT_TRUE(read.contains(rule)) << TextOf(m);
    ASSERT_EQ(read[rule], found == values.end() ? 0 : found->second)
        << TextOf(m);
  }
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

uint32_t Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 100 : static_cast<uint32_t>(std::atoi(asked));
}

TEST(Metrics, AgreeWithATwinThatGoesThroughAllEventsAnew) {
  for (uint32_t seed = 1; seed <= Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> metrics = RandomDefinitions(random);
    auto engine = Engine::InMemory(MustRead(ProgramText(metrics)));
    ASSERT_TRUE(engine.ok()) << engine.status();
    SlowTwin twin;
    for (const Event& event : RandomHistory(random, 60)) {
      SCOPED_TRACE(SaidBy(event));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_NO_FATAL_FAILURE(ExpectRead(metrics, twin, event, *outcome));
      twin.Send(event, outcome->accepted());
      ASSERT_NO_FATAL_FAILURE(
          ExpectAgree(**engine, metrics, twin, RandomTime(random)));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
  }
}

TEST(Metrics, AreTheSameInAFileAtAnyBatchSize) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_metrics_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 5001; seed <= 5006; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const std::vector<Definition> metrics = RandomDefinitions(random);
    const Program program = MustRead(ProgramText(metrics));
    const std::vector<Event> history = RandomHistory(random, 120);
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
              ExpectRead(metrics, twin, some[n], *(*outcomes)[n]));
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
            ExpectAgree(**engine, metrics, twin, RandomTime(random)));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
