// SPDX-License-Identifier: Apache-2.0
//
// See legs.h. What engine/legs.cc does with a store, done with a map.
#include "legs.h"

#include <deque>
#include <map>
#include <utility>
#include <variant>

#include "core/plan.h"
#include "core/validate.h"
#include "must.h"

namespace loyalty::bench {
namespace {

class Community {
 public:
  // What the leg of `message` is given: of counters, those it may read.
  core::State Load(const core::Cause& cause, const core::Message& message) {
    const model::EntityState& now = Now(message.entity);
    core::State state{.entity = {.entity = now.entity,
                                 .exists = now.exists,
                                 .since = now.since,
                                 .holdings = now.holdings,
                                 .counters = {}},
                      .history = {}};
    const model::ReadSet wanted = core::Plan(cause, message);
    for (const model::CounterKey& key : wanted.counters) {
      if (const int64_t value = now.Counter(key); value != 0) {
        state.entity.counters[key] = value;
      }
    }
    return state;
  }

  void Keep(const core::Decision& decision) {
    model::EntityState& now = Now(decision.after.entity);
    now.exists = decision.after.exists;
    now.since = decision.after.since;
    now.holdings = decision.after.holdings;
    for (const auto& [key, value] : decision.after.counters) {
      now.counters[key] = value;
    }
  }

 private:
  model::EntityState& Now(const model::Entity& entity) {
    model::EntityState& state = states_[entity];
    state.entity = entity;
    return state;
  }

  std::map<model::Entity, model::EntityState> states_;
};

}  // namespace

Legs LegsOf(const Program& program, const std::vector<Event>& events,
            size_t unnoted) {
  const rules::CompiledProgram& compiled = *program.compiled();
  Community community;
  Legs noted;
  for (size_t i = 0; i < events.size(); ++i) {
    auto event = std::make_unique<const Event>(
        Must(core::Canonicalized(compiled, events[i])));
    const auto cause = std::make_shared<const core::Cause>(compiled, *event);
    std::deque<core::Message> queue = {core::EnterMessage(*cause)};
    for (; !queue.empty(); queue.pop_front()) {
      Leg leg{cause, community.Load(*cause, queue.front()), queue.front()};
      const core::Decision decision =
          Must(core::Apply(*cause, leg.state, leg.message));
      community.Keep(decision);
      queue.insert(queue.end(), decision.messages.begin(),
                   decision.messages.end());
      if (i < unnoted) continue;
      noted.rules_asked += decision.rules_asked;
      noted.movements += static_cast<int64_t>(decision.movements.size());
      noted.legs.push_back(std::move(leg));
    }
    if (i >= unnoted) noted.events.push_back(std::move(event));
  }
  return noted;
}

}  // namespace loyalty::bench
