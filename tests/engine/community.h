// SPDX-License-Identifier: Apache-2.0
//
// A small engine in memory for tests: a program as text, events with all that
// does not matter filled in, and short questions.
#ifndef LOYALTY_TESTS_ENGINE_COMMUNITY_H_
#define LOYALTY_TESTS_ENGINE_COMMUNITY_H_

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/engine.h"

namespace loyalty::testing {

inline absl::Time Day(int day, int hour = 12) {
  return absl::FromCivil(absl::CivilHour(2026, 1, day, hour),
                         absl::UTCTimeZone());
}

inline Program MustRead(const std::string& text) {
  absl::StatusOr<Program> program = Program::FromText(text, "test.textproto");
  if (!program.ok()) {
    ADD_FAILURE() << program.status().message();
    std::abort();
  }
  return *std::move(program);
}

class Community {
 public:
  explicit Community(const std::string& program)
      : engine_(*Engine::InMemory(MustRead(program),
                                  {.clock = [this] { return now; }})) {}

  Engine& engine() { return *engine_; }

  Outcome Send(Event event) {
    absl::StatusOr<Outcome> outcome = engine_->Process(event);
    if (!outcome.ok()) {
      ADD_FAILURE() << outcome.status();
      return {};
    }
    return *std::move(outcome);
  }

  int64_t Balance(const std::string& member, const std::string& currency) {
    const auto profile = (*engine_->Query())->Member(member);
    if (!profile.ok()) {
      ADD_FAILURE() << profile.status();
      return -1;
    }
    for (const CurrencyBalance& c : profile->currencies) {
      if (c.currency == currency) return c.balance;
    }
    ADD_FAILURE() << "no currency " << currency;
    return -1;
  }

  int64_t Metric(const std::string& member, const std::string& metric) {
    const auto profile = (*engine_->Query())->Member(member);
    if (!profile.ok()) return 0;
    const auto found = profile->metrics.find(metric);
    return found == profile->metrics.end() ? 0 : found->second;
  }

  bool Exists(const std::string& member) {
    return (*engine_->Query())->Member(member).ok();
  }

  void ExpectVerified() {
    const auto report = (*engine_->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->ok());
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  }

  absl::Time now = Day(31);

 private:
  std::unique_ptr<Engine> engine_;
};

// The awards of an outcome as "RULE MEMBER UNITS [CUT]".
inline std::vector<std::string> AwardsOf(const Outcome& outcome) {
  std::vector<std::string> awards;
  for (const Effect& effect : outcome.effects) {
    if (const auto* a = std::get_if<Awarded>(&effect)) {
      std::string text = absl::StrCat(a->rule, " ", a->member, " ", a->units);
      if (a->cut != CutReason::kNone) {
        absl::StrAppend(&text, " ", std::string(Name(a->cut)));
      }
      awards.push_back(std::move(text));
    }
  }
  return awards;
}

}  // namespace loyalty::testing

#endif  // LOYALTY_TESTS_ENGINE_COMMUNITY_H_
