// SPDX-License-Identifier: Apache-2.0
//
// See workload.h. The standard library's distributions differ between
// implementations, so chance is a generator of our own, SplitMix64.
#include "workload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/views.h"
#include "must.h"

namespace loyalty::bench {
namespace {

constexpr absl::Duration kBetweenEvents = absl::Seconds(5);

absl::Time FirstTime() {
  return absl::FromCivil(absl::CivilDay(2026, 1, 5), absl::UTCTimeZone());
}

// A type of event: how many of 100 are of it, and its first rule.
struct Behaviour {
  std::string_view type;
  int share;
  bool has_owner;  // it is done to an object, which somebody owns
  std::string_view awards;
};

constexpr std::array<Behaviour, kEventTypes> kBehaviours = {{
    {"like", 45, true, R"pb(
       award {
         currency: "points"
         units: "1"
         limit { per: DAY times: 20 }
       }
       award {
         to: "event.owner"
         currency: "welcome"
         units: "2"
         limit { per: DAY units: 200 }
       })pb"},
    {"vote", 20, true, R"pb(
       award {
         currency: "points"
         units: "2"
         limit { per: DAY units: 20 }
       }
       award {
         to: "event.owner"
         currency: "welcome"
         units: "1"
         limit { per: WEEK times: 3 key: PAIR }
       })pb"},
    {"reply", 15, true, R"pb(
       award {
         currency: "points"
         units: "2"
         limit { per: DAY times: 20 }
       }
       award {
         to: "event.owner"
         currency: "welcome"
         units: "1"
         limit { per: DAY times: 50 }
       })pb"},
    {"question", 10, false, R"pb(
       award {
         currency: "points"
         units: "1"
         limit { per: DAY times: 5 }
       }
       award {
         currency: "welcome"
         units: "1"
         limit { per: DAY times: 5 }
       })pb"},
    {"welcome", 5, true, R"pb(
       award {
         currency: "points"
         units: "2"
         limit { per: DAY times: 5 }
       }
       award {
         currency: "welcome"
         units: "5"
         limit { per: EVER times: 1 key: OBJECT }
       })pb"},
    {"blog", 5, false, R"pb(
       award {
         currency: "points"
         units: "10"
         limit { per: WEEK times: 2 }
       }
       award {
         currency: "expert"
         units: "min(event.weight / 3, 30)"
         limit { per: WEEK times: 2 }
       })pb"},
}};

std::string EventTypeText(const Behaviour& behaviour) {
  return absl::StrCat(
      "event_type { id: \"", base::av(behaviour.type),
      "\" attribute { name: \"weight\" type: INT }",
      behaviour.has_owner ? " attribute { name: \"owner\" type: MEMBER }" : "",
      " }\n");
}

// The `n`-th further rule of a type, from 1.
std::string FurtherRule(const Behaviour& behaviour, int n) {
  std::string when;
  switch (n % 5) {
    case 0: when = absl::StrCat("event.channel == 'store-", n, "'"); break;
    case 1: when = absl::StrCat("event.weight >= ", 95 + n % 5); break;
    case 2:
      when = absl::StrCat("level.standing >= 2 && metric.done % ", 50 + n,
                          " == 0");
      break;
    case 3:
      when = behaviour.has_owner ? absl::StrCat(
                                       "event.owner != event.actor && "
                                       "balance.points < ",
                                       n)
                                 : absl::StrCat("balance.points < ", n);
      break;
    case 4:
      when = behaviour.type == "vote"
                 ? absl::StrCat("object.metric.score == ", 9 * n)
                 : absl::StrCat("event.weight == ", n,
                                " && event.channel != ", "'web'");
      break;
  }
  const bool to_owner = behaviour.has_owner && n % 2 == 0;
  return absl::StrCat(" when: \"", when, "\"\n      award {",
                      to_owner ? " to: \"event.owner\"" : "", " currency: \"",
                      n % 3 == 0 ? "expert" : "points", "\" units: \"",
                      1 + n % 7,
                      "\" }\n      limit { per: ", n % 4 == 0 ? "WEEK" : "DAY",
                      " times: ", 1 + n % 3, " }");
}

std::string ProgramText(const ProgramShape& shape) {
  std::string text = R"(
    name: "community"  version: "1"  time_zone: "Europe/Berlin"
    currency { id: "points" } currency { id: "welcome" }
    currency { id: "expert" }
    metric { id: "done" on: "like" on: "vote" on: "reply" }
    metric { id: "liked" on: "like" per: "event.owner" }
    metric { id: "score" on: "vote" per: "target" }
    ladder { id: "standing" currency: "points" level { id: "new" }
             level { id: "known" at: 10 } level { id: "regular" at: 100 }
             level { id: "leader" at: 1000 } }
)";
  for (const Behaviour& behaviour : kBehaviours) {
    absl::StrAppend(&text, EventTypeText(behaviour));
  }
  for (int i = 0; i < shape.rules; ++i) {
    const Behaviour& behaviour = kBehaviours[i % shape.event_types];
    const int n = i / shape.event_types;
    const absl::string_view type = base::av(behaviour.type);
    absl::StrAppend(
        &text, "rule { id: \"", type, "_", n, "\" on: \"", type, "\"",
        n == 0 ? std::string(behaviour.awards) : FurtherRule(behaviour, n),
        " }\n");
  }
  return text;
}

class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to `n` - 1.
  int Below(int n) {
    return static_cast<int>(Next() % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

// Draws ranks from 0: rank r is drawn in proportion to 1 / (r + 1).
class Zipf {
 public:
  explicit Zipf(int ranks) {
    double sum = 0;
    for (int rank = 1; rank <= ranks; ++rank) {
      sum += 1.0 / rank;
      up_to_.push_back(sum);
    }
  }

  int Draw(Chance& chance) const {
    // 53 bits, as many as a double holds.
    const double point = static_cast<double>(chance.Next() >> 11) * 0x1p-53;
    const auto found =
        std::upper_bound(up_to_.begin(), up_to_.end(), point * up_to_.back());
    return static_cast<int>(std::min<std::ptrdiff_t>(
        found - up_to_.begin(),
        static_cast<std::ptrdiff_t>(up_to_.size()) - 1));
  }

 private:
  std::vector<double> up_to_;  // sums of the weights
};

// As hosts that heed our advice make them: UUIDs of version 7, which begin with
// the time.
std::string TimeOrderedId(absl::Time time, Chance& chance) {
  const auto millis = static_cast<uint64_t>(absl::ToUnixMillis(time));
  const uint64_t random = chance.Next();
  return absl::StrFormat(
      "%08x-%04x-7%03x-%04x-%012x", millis >> 16, millis & 0xffff, random >> 52,
      0x8000 | ((random >> 38) & 0x3fff), chance.Next() & 0xffffffffffff);
}

std::string MemberId(int rank) { return absl::StrCat("member-", rank); }

const Behaviour& DrawnBehaviour(Chance& chance) {
  int point = chance.Below(100);
  for (const Behaviour& behaviour : kBehaviours) {
    point -= behaviour.share;
    if (point < 0) return behaviour;
  }
  return kBehaviours.back();
}

std::string DrawnChannel(Chance& chance) {
  constexpr std::array<const char*, 4> kChannels = {"web", "web", "app",
                                                    "forum"};
  return kChannels[static_cast<size_t>(chance.Below(4))];
}

}  // namespace

Program CommunityProgram(const ProgramShape& shape) {
  return Must(Program::FromText(ProgramText(shape), "community.textproto"));
}

std::vector<Event> CommunityEvents(const Crowd& crowd) {
  Chance chance(crowd.seed);
  const Zipf zipf(crowd.members);
  std::vector<int> owners;  // by object, as many as there are members
  owners.reserve(static_cast<size_t>(crowd.members));
  for (int i = 0; i < crowd.members; ++i) owners.push_back(zipf.Draw(chance));

  std::vector<Event> events;
  events.reserve(static_cast<size_t>(crowd.events));
  absl::Time time = FirstTime();
  for (int i = 0; i < crowd.events; ++i) {
    time += kBetweenEvents;
    const Behaviour& behaviour = DrawnBehaviour(chance);
    const int object = zipf.Draw(chance);
    Event event{.id = TimeOrderedId(time, chance),
                .type = std::string(behaviour.type),
                .time = time,
                .actor = MemberId(zipf.Draw(chance)),
                .channel = DrawnChannel(chance),
                .attributes = {{"weight", chance.Below(100)}}};
    if (behaviour.has_owner) {
      event.target = absl::StrCat("post-", object);
      event.attributes.emplace("owner",
                               MemberId(owners[static_cast<size_t>(object)]));
    } else {
      event.target = absl::StrCat(event.type, "-", i);  // it is made by this
    }
    events.push_back(std::move(event));
  }
  return events;
}

absl::Time AfterAllEvents() { return FirstTime() + absl::Hours(24 * 3650); }

}  // namespace loyalty::bench
