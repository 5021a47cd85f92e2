// SPDX-License-Identifier: Apache-2.0
//
// The redemption race: see workload.h.
#include <absl/strings/str_cat.h>

#include "chance.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr char kProgram[] = R"pb(
  name: "race"
  version: "1"
  currency { id: "points" spendable: true opening: 5000 }
  event_type { id: "visit" }
  rule {
    id: "visited"
    on: "visit"
    award { currency: "points" units: "100" }
    limit { per: DAY times: 20 }
  }
)pb";

constexpr absl::Duration kBetweenEvents = absl::Milliseconds(20);
constexpr int64_t kEventsPerThing = 10'000;

class Race : public Workload {
 public:
  explicit Race(const Crowd& crowd)
      : crowd_(crowd), chance_(crowd.seed), zipf_(crowd.members) {}

  std::string ProgramText() const override {
    std::string text = kProgram;
    for (int64_t thing = 0; thing * kEventsPerThing < crowd_.events; ++thing) {
      absl::StrAppend(&text, "  reward { id: \"thing-", thing,
                      "\" stock: 1000 cost { currency: \"points\" units: 500 "
                      "} }\n");
    }
    return text;
  }

  std::optional<Event> Next() override {
    if (made_ == crowd_.events) return std::nullopt;
    time_ += kBetweenEvents;
    const bool is_claim = chance_.Below(100) < 60;
    const uint64_t bits = chance_.Next();
    Event event{.id = IdOf(crowd_.ids, time_, bits, chance_.Next()),
                .type = is_claim ? std::string(kRedeem) : "visit",
                .time = time_,
                .actor = absl::StrCat("member-", zipf_.Draw(chance_))};
    if (is_claim) {
      event.attributes.emplace("reward",
                               absl::StrCat("thing-", made_ / kEventsPerThing));
    }
    ++made_;
    return event;
  }

 private:
  const Crowd crowd_;
  Chance chance_;
  const Zipf zipf_;
  int64_t made_ = 0;
  absl::Time time_ =
      absl::FromCivil(absl::CivilDay(2026, 1, 5), absl::UTCTimeZone());
};

}  // namespace

std::unique_ptr<Workload> RedemptionRace(const Crowd& crowd) {
  return std::make_unique<Race>(crowd);
}

}  // namespace loyalty::bench
