// SPDX-License-Identifier: Apache-2.0
//
// The library in one screen: a program as text, two events, and what they came
// to. Prints what expected.txt holds.
#include <loyalty/engine.h>

#include <iostream>

constexpr char kProgram[] = R"(
  name: "ideas"  version: "1"
  currency { id: "points" }
  event_type { id: "idea" }
  event_type { id: "vote" attribute { name: "owner" type: MEMBER } }
  rule { id: "have_an_idea" on: "idea" describe: "5 points, three ideas a day"
         award { currency: "points" units: "5" } limit { per: DAY times: 3 } }
  rule { id: "vote" on: "vote" when: "event.owner != event.actor"
         award { to: "event.owner" currency: "points" units: "2" } }
  ladder { id: "starter" currency: "points" level { id: "member" }
           level { id: "spark" at: 7 privilege: "run_a_poll" } }
)";

int main() {
  const auto program = loyalty::Program::FromText(kProgram, "ideas.textproto");
  if (!program.ok()) return std::cerr << program.status() << '\n', 1;
  const auto engine =
      loyalty::Engine::InMemory(*program);  // or Open(path, ...)
  if (!engine.ok()) return std::cerr << engine.status() << '\n', 1;

  const absl::Time noon = absl::FromUnixSeconds(1709294400);
  const loyalty::Event idea = {.id = "e1",
                               .type = "idea",
                               .time = noon,
                               .actor = "ada",
                               .target = "idea-1"};
  const loyalty::Event vote = {.id = "e2",
                               .type = "vote",
                               .time = noon,
                               .actor = "grace",
                               .target = "idea-1",
                               .attributes = {{"owner", "ada"}}};
  for (const loyalty::Event& event : {idea, vote}) {
    const auto outcome = (*engine)->Process(event);
    if (!outcome.ok()) return std::cerr << outcome.status() << '\n', 1;
    for (const loyalty::Effect& effect : outcome->effects) {
      if (const auto* award = std::get_if<loyalty::Awarded>(&effect)) {
        std::cout << event.id << ": " << award->rule << " gives "
                  << award->member << ' ' << award->units << ' '
                  << award->currency << '\n';
      }
    }
  }

  const auto queries = (*engine)->Query();
  const auto ada = queries.ok() ? (*queries)->Member("ada") : queries.status();
  if (!ada.ok()) return std::cerr << ada.status() << '\n', 1;
  std::cout << ada->member << " has " << ada->currencies[0].balance
            << " points, is a " << ada->ladders[0].level << " and may "
            << ada->privileges[0] << '\n';
}
