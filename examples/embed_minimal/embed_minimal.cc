// SPDX-License-Identifier: Apache-2.0
#include <loyalty/engine.h>

#include <iostream>

using loyalty::Event;

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

int main() {  // value() throws what went wrong, which will do for one page
  const auto program = loyalty::Program::FromText(kProgram, "ideas").value();
  const auto engine = loyalty::Engine::Open("ideas.db", program).value();
  const absl::Time noon = absl::FromUnixSeconds(1772366400);
  const Event idea{.id = "e1", .type = "idea", .time = noon, .actor = "ada"};
  const Event vote{.id = "e2",
                   .type = "vote",
                   .time = noon,
                   .actor = "bob",
                   .attributes = {{"owner", "ada"}}};
  for (const Event& event : {idea, vote}) engine->Process(event).value();

  const auto ada = engine->Query().value()->Member("ada").value();
  std::cout << ada.member << " has " << ada.currencies[0].balance
            << " points, is a " << ada.ladders[0].level << " and may "
            << ada.privileges[0] << '\n';
}
