// SPDX-License-Identifier: Apache-2.0
//
// A run that is killed at any moment loses nothing that was acknowledged and
// keeps nothing by halves: fed again from the start, the community ends as if
// nothing had happened.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <random>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

TEST(Kill, AtRandomMomentsChangesNothingInTheEnd) {
  constexpr int kKills = 25;
  const store::TemporaryFolder folder;
  const std::string events = folder.File("events.jsonl");
  ASSERT_EQ(RunLoyalty({"simulate-community", "--members", "300", "--days",
                        "120", "--seed", "3", "--out", events})
                .exit,
            0);
  const auto run = [&](const std::string& db) {
    return Arguments{
        "run",  "--program", ExampleProgram("brand_community.textproto"),
        "--db", db,          "--batch",
        "50",   events};
  };
  const std::string whole = folder.File("whole.db");
  ASSERT_EQ(RunLoyalty(run(whole)).exit, 0);

  const std::string killed = folder.File("killed.db");
  std::mt19937 random(5);
  int killed_at_work = 0;
  for (int i = 0; i < kKills; ++i) {
    const pid_t process = StartLoyalty(run(killed));
    ASSERT_GT(process, 0);
    usleep(random() % 300'000);
    kill(process, SIGKILL);
    if (WaitFor(process) == 128 + SIGKILL) ++killed_at_work;
  }
  EXPECT_GT(killed_at_work, kKills / 2) << "most were done before their end";

  const Ended last = RunLoyalty(run(killed));
  ASSERT_EQ(last.exit, 0) << last.err;
  const Ended verified = RunLoyalty({"verify", "--db", killed});
  EXPECT_EQ(verified.exit, 0) << verified.out;
  EXPECT_TRUE(FeedOf(killed) == FeedOf(whole));
  EXPECT_TRUE(PostingsIn(killed) == PostingsIn(whole));
  EXPECT_GT(PostingsIn(killed).size(), 1000u);
  for (const char* currency : {"points", "expert", "welcome", "conversation"}) {
    EXPECT_EQ(BalancesIn(killed, currency), BalancesIn(whole, currency));
  }
}

}  // namespace
}  // namespace loyalty::command
