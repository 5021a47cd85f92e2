// SPDX-License-Identifier: Apache-2.0
//
// All that is done for an event but keeping it: ProcessOne over a transaction
// that has states in memory and writes nothing. Beside it the same events
// brought to canonical form, and their causes made.
#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/cause.h"
#include "core/validate.h"
#include "engine/process.h"
#include "engine/stored_program.h"
#include "medians.h"
#include "must.h"
#include "store/store.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr int kPastEvents = 20'000;
constexpr int kEvents = 2'000;

// Of a program that reverses nothing, and of events that come once.
class Unkept final : public store::Transaction {
 public:
  // From here on what is written is dropped, so that every round is the same.
  void Freeze() { frozen_ = true; }

  absl::StatusOr<Head> ReadHead() override { return head_; }
  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view) override {
    return std::nullopt;
  }
  absl::Status Load(const model::ReadSet& wanted,
                    model::EntityState& state) override {
    state.Restart(wanted.entity);
    const auto found = states_.find(wanted.entity);
    if (found == states_.end()) return absl::OkStatus();
    const Known& known = found->second;
    state.exists = known.exists;
    state.since = known.since;
    state.holdings = known.holdings;
    for (const model::CounterKey& key : wanted.counters) {
      const auto counter = known.counters.find(key);
      if (counter == known.counters.end() || counter->second == 0) continue;
      state.counters.emplace(key, counter->second);
    }
    return absl::OkStatus();
  }
  absl::Status Write(const store::Delta& delta) override {
    if (frozen_) return absl::OkStatus();
    head_ = {delta.recorded.seq, delta.recorded.recorded_at};
    for (const model::EntityState& now : delta.states) {
      Known& known = states_[now.entity];
      known.exists = now.exists;
      known.since = now.since;
      known.holdings = now.holdings;
      for (const auto& [key, value] : now.counters) known.counters[key] = value;
    }
    return absl::OkStatus();
  }
  absl::Status Commit() override { return absl::OkStatus(); }

  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      int64_t) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::vector<store::GivenAward>> MovementsOfEvent(
      int64_t) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::vector<store::GivenAward>> AwardsOfObject(
      std::string_view, model::Position, int) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::optional<model::Position>> FirstReversedSince(
      std::string_view, std::string_view, model::Position) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::vector<std::pair<model::Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view,
                  const std::vector<model::Symbol>&) override {
    return absl::UnimplementedError("nobody is merged");
  }
  absl::StatusOr<std::vector<store::GivenAward>> History(
      std::string_view, model::Position) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::vector<std::string>> Due(absl::Time, int) override {
    return absl::UnimplementedError("there is no journal");
  }
  absl::StatusOr<std::vector<store::Ranked>> Standings(
      store::BoardRef,
      absl::FunctionRef<bool(const store::Ranked&, int64_t)>) override {
    return absl::UnimplementedError("there is no leaderboard");
  }
  absl::StatusOr<bool> IsReversed(int64_t) override { return false; }
  const model::Aliases& Aliases() const override { return aliases_; }

 private:
  struct Known {
    bool exists = false;
    absl::Time since = absl::InfinitePast();
    model::Holdings holdings = {};
    absl::flat_hash_map<model::CounterKey, int64_t> counters = {};
  };

  absl::flat_hash_map<model::Entity, Known> states_;
  model::Aliases aliases_;  // nobody became anybody
  Head head_;
  bool frozen_ = false;
};

// A community that has a past, and the events that are measured.
struct Community {
  Community() : program(CommunityProgram({})) {
    std::vector<Event> all = CommunityEvents({.events = kPastEvents + kEvents});
    for (int i = 0; i < kPastEvents; ++i) Process(all[i]);
    transaction.Freeze();
    events.assign(all.begin() + kPastEvents, all.end());
  }

  Outcome Process(const Event& event) {
    return Must(engine::ProcessOne(*program.compiled(), 1, programs,
                                   transaction, event, now, workspace));
  }

  static Community& Get() {
    static auto& community = *new Community();
    return community;
  }

  Program program;
  absl::Time now = AfterAllEvents();
  engine::StoredPrograms programs;  // nothing looks back
  Unkept transaction;
  engine::Workspace workspace;
  std::vector<Event> events;
};

template <typename Work>
void EachEvent(benchmark::State& state, Work work) {
  Community& community = Community::Get();
  for (auto _ : state) {
    for (const Event& event : community.events) work(community, event);
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}

void BM_ProcessWithoutAStore(benchmark::State& state) {
  EachEvent(state, [](Community& community, const Event& event) {
    Outcome outcome = community.Process(event);
    benchmark::DoNotOptimize(outcome);
  });
}

void BM_Canonicalize(benchmark::State& state) {
  EachEvent(state, [](Community& community, const Event& event) {
    Event room;
    auto canonical =
        core::InCanonicalForm(*community.program.compiled(), event, room);
    benchmark::DoNotOptimize(canonical);
  });
}

void BM_MakeCauses(benchmark::State& state) {
  EachEvent(state, [](Community& community, const Event& event) {
    core::Cause cause(*community.program.compiled(), event);
    benchmark::DoNotOptimize(cause);
  });
}

BENCHMARK(BM_ProcessWithoutAStore);
BENCHMARK(BM_Canonicalize);
BENCHMARK(BM_MakeCauses);

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Medians medians;
  return medians.Measure("All but the store", argc, argv) ? 0 : 2;
}
