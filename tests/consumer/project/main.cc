// SPDX-License-Identifier: Apache-2.0
//
// usage: consumer FILE
//
// Feeds two events to a program and prints what their members then have.
#include <absl/time/civil_time.h>
#include <loyalty/engine.h>

#include <iostream>

namespace {

constexpr char kProgram[] = R"(
  name: "ideas"  version: "1"
  currency { id: "points" }
  event_type { id: "idea" }
  event_type { id: "vote" attribute { name: "owner" type: MEMBER } }
  rule {
    id: "post_an_idea" on: "idea"
    award { currency: "points" units: "5" }
    limit { per: DAY times: 10 }
  }
  rule {
    id: "vote_on_an_idea" on: "vote" when: "event.owner != event.actor"
    award { currency: "points" units: "1" }
    award { to: "event.owner" currency: "points" units: "2" }
    limit { per: DAY units: 20 }
  }
)";

// Prints why, and returns what main returns.
int Failed(const absl::Status& status) {
  std::cerr << status << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer FILE\n";
    return 2;
  }
  auto program = loyalty::Program::FromText(kProgram, "ideas.textproto");
  if (!program.ok()) return Failed(program.status());
  auto engine = loyalty::Engine::Open(argv[1], *program);
  if (!engine.ok()) return Failed(engine.status());

  const absl::Time noon = absl::FromCivil(
      absl::CivilSecond(2024, 3, 1, 12, 0, 0), absl::UTCTimeZone());
  const loyalty::Event events[] = {
      {.id = "e1",
       .type = "idea",
       .time = noon,
       .actor = "ada",
       .target = "idea-1"},
      {.id = "e2",
       .type = "vote",
       .time = noon + absl::Hours(1),
       .actor = "grace",
       .target = "idea-1",
       .attributes = {{"owner", "ada"}}},
  };
  for (const loyalty::Event& event : events) {
    auto outcome = (*engine)->Process(event);
    if (!outcome.ok()) return Failed(outcome.status());
    std::cout << outcome->event_id << ' '
              << (outcome->accepted() ? "accepted" : outcome->reason) << '\n';
  }

  auto queries = (*engine)->Query();
  if (!queries.ok()) return Failed(queries.status());
  auto balances = (*queries)->Balances("points", "", 10);
  if (!balances.ok()) return Failed(balances.status());
  for (const loyalty::MemberBalance& member : *balances) {
    std::cout << member.member << ' ' << member.balance << '\n';
  }
  return 0;
}
