// SPDX-License-Identifier: Apache-2.0
//
// A brand's community: see workload.h.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/views.h"
#include "chance.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr absl::Duration kBetweenEvents = absl::Seconds(5);

const absl::Time kFirstTime =
    absl::FromCivil(absl::CivilDay(2026, 1, 5), absl::UTCTimeZone());

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
std::string FurtherRule(const ProgramShape& shape, const Behaviour& behaviour,
                        int n) {
  std::string when;
  switch (shape.by_channel ? 0 : n % 5) {
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

std::string TextOf(const ProgramShape& shape) {
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
    absl::StrAppend(&text, "rule { id: \"", type, "_", n, "\" on: \"", type,
                    "\"",
                    n == 0 ? std::string(behaviour.awards)
                           : FurtherRule(shape, behaviour, n),
                    " }\n");
  }
  return text;
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

// Who owns an object is drawn from its number, so that nobody need remember.
class Community : public Workload {
 public:
  Community(const ProgramShape& shape, const Crowd& crowd)
      : shape_(shape),
        crowd_(crowd),
        chance_(crowd.seed),
        zipf_(crowd.members) {}

  std::string ProgramText() const override { return TextOf(shape_); }
  std::optional<Event> Next() override;

 private:
  int OwnerOf(int object) const {
    Chance chance(crowd_.seed ^ (uint64_t{1} << 63) ^
                  static_cast<uint64_t>(object));
    chance.Next();
    return zipf_.Draw(chance);
  }

  const ProgramShape shape_;
  const Crowd crowd_;
  Chance chance_;
  const Zipf zipf_;
  int64_t made_ = 0;
  absl::Time time_ = kFirstTime;
};

std::optional<Event> Community::Next() {
  if (made_ == crowd_.events) return std::nullopt;
  time_ += kBetweenEvents;
  const Behaviour& behaviour = DrawnBehaviour(chance_);
  const int object = zipf_.Draw(chance_);
  const uint64_t bits = chance_.Next();
  Event event{.id = IdOf(crowd_.ids, time_, bits, chance_.Next()),
              .type = std::string(behaviour.type),
              .time = time_,
              .actor = MemberId(zipf_.Draw(chance_)),
              .channel = DrawnChannel(chance_),
              .attributes = {{"weight", chance_.Below(100)}}};
  if (behaviour.has_owner) {
    event.target = absl::StrCat("post-", object);
    event.attributes.emplace("owner", MemberId(OwnerOf(object)));
  } else {
    event.target = absl::StrCat(event.type, "-", made_);  // made by this
  }
  ++made_;
  return event;
}

}  // namespace

std::unique_ptr<Workload> BrandCommunity(const ProgramShape& shape,
                                         const Crowd& crowd) {
  return std::make_unique<Community>(shape, crowd);
}

Program CommunityProgram(const ProgramShape& shape) {
  return Community(shape, {.members = 1}).MakeProgram();
}

std::vector<Event> CommunityEvents(const Crowd& crowd) {
  Community community({}, crowd);
  std::vector<Event> events;
  events.reserve(static_cast<size_t>(crowd.events));
  while (std::optional<Event> event = community.Next()) {
    events.push_back(*std::move(event));
  }
  return events;
}

}  // namespace loyalty::bench
