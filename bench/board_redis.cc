// SPDX-License-Identifier: Apache-2.0
#include "board_redis.h"

#include <absl/functional/function_ref.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "chance.h"
#include "file.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "must.h"
#include "redis.h"

namespace loyalty::bench {
namespace {

constexpr int kMembers = 1'000'000;
constexpr int kEventsAtOnce = 10'000;
constexpr int kRounds = 5;
constexpr int kQuestions = 20'000;  // of a round
constexpr int kChecked = 1'000;     // members whose ranks are compared
constexpr char kProgram[] = R"(
  name: "race" version: "1"
  currency { id: "points" }
  event_type { id: "gain" attribute { name: "units" type: INT } }
  rule { id: "gain" on: "gain"
         award { currency: "points" units: "event.units" } }
  leaderboard { id: "weekly" currency: "points" period: WEEK }
)";

std::string MemberName(int i) { return absl::StrCat("member-", i); }

// What both are told, in the same order.
class Gains {
 public:
  struct Gain {
    std::string member = {};
    int64_t units = 0;
  };

  // Each member once, and then anybody.
  Gain Next() {
    const int member = next_ < kMembers ? next_ : chance_.Below(kMembers);
    ++next_;
    return {MemberName(member),
            1 + int64_t{chance_.Below(1000)} * chance_.Below(1000)};
  }

 private:
  Chance chance_ = Chance(5);
  int next_ = 0;
};

double Seconds(absl::FunctionRef<void()> work) {
  const absl::Time start = absl::Now();
  work();
  return absl::ToDoubleSeconds(absl::Now() - start);
}

class Ours {
 public:
  explicit Ours(const std::string& folder)
      : file_(folder, "-ranks"),
        engine_(Must(Engine::Open(file_.path(),
                                  Must(Program::FromText(kProgram, "race")),
                                  {.clock = [] { return At() + kLater; }}))) {}

  void Tell(const std::vector<Gains::Gain>& gains) {
    events_.clear();
    for (const Gains::Gain& gain : gains) {
      events_.push_back(
          {.id = absl::StrCat("e", absl::Dec(++last_, absl::kZeroPad9)),
           .type = "gain",
           .time = At(),
           .actor = gain.member,
           .attributes = {{"units", gain.units}}});
    }
    Must(engine_->Process(std::span<const Event>(events_)).status());
  }
  // What was put off is merged by this.
  void Look() { queries_ = Must(engine_->Query()); }
  Queries& queries() { return *queries_; }

 private:
  static constexpr absl::Duration kLater = absl::Hours(1);
  static absl::Time At() { return absl::FromUnixSeconds(1'767'960'000); }

  const File file_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Queries> queries_;
  std::vector<Event> events_;
  int64_t last_ = 0;
};

void Tell(Redis& redis, const std::vector<Gains::Gain>& gains) {
  std::vector<std::vector<std::string>> commands;
  for (const Gains::Gain& gain : gains) {
    commands.push_back(
        {"ZINCRBY", "weekly", absl::StrCat(gain.units), gain.member});
  }
  redis.AskAll(commands);
}

// In turns, so that whatever else the machine does is shared; the best round of
// each.
void Race(const char* what, int times, absl::FunctionRef<void()> ours,
          absl::FunctionRef<void()> theirs) {
  double our_best = 1e9, their_best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    our_best = std::min(our_best, Seconds(ours));
    their_best = std::min(their_best, Seconds(theirs));
  }
  std::printf("%-28s %9.2f us   Redis %9.2f us   %5.1f times its rate\n", what,
              our_best / times * 1e6, their_best / times * 1e6,
              their_best / our_best);
  std::fflush(stdout);
}

// Both have to say the same, or there is nothing to compare.
void CheckSame(Ours& ours, Redis& redis) {
  const auto check = [](const std::string& a, const std::string& b) {
    if (a == b) return;
    Must(absl::InternalError(
        absl::StrCat("Redis says ", b, " where we say ", a)));
  };
  const auto top = Must(ours.queries().Leaderboard("weekly", 10));
  const auto theirs =
      redis.Ask({"ZREVRANGE", "weekly", "0", "9", "WITHSCORES"});
  for (size_t i = 0; i < top.size(); ++i) {
    check(absl::StrCat(top[i].earned), theirs.at(2 * i + 1));
  }
  Chance chance(3);
  for (int i = 0; i < kChecked; ++i) {
    const auto row =
        Must(ours.queries().Rank(MemberName(chance.Below(kMembers)), "weekly"));
    check(absl::StrCat(row.earned),
          redis.Ask({"ZSCORE", "weekly", row.member}).at(0));
    check(absl::StrCat(row.rank - 1),
          redis.Ask({"ZCOUNT", "weekly", absl::StrCat("(", row.earned), "+inf"})
              .at(0));
  }
}

}  // namespace

void CompareWithRedis(const std::string& folder) {
  auto started = Redis::Start(folder);
  if (!started.ok()) {
    std::cout << "No comparison with Redis: " << started.status().message()
              << ". Debian has libhiredis-dev and redis-server.\n";
    return;
  }
  Redis& redis = **started;
  Ours ours(folder);
  Gains gains;
  for (int told = 0; told < kMembers; told += kEventsAtOnce) {
    std::vector<Gains::Gain> some;
    for (int i = 0; i < kEventsAtOnce; ++i) some.push_back(gains.Next());
    ours.Tell(some);
    Tell(redis, some);
  }
  ours.Look();
  CheckSame(ours, redis);
  std::cout << "\nA weekly leaderboard of a million members, in a file and "
               "asked in this process,\nand a sorted set of Redis, in memory "
               "and over a socket of this machine:\n";
  Queries& queries = ours.queries();
  const BoardView weekly{.board = "weekly"};
  Chance chance(9);
  const auto times = [](auto ask) {
    for (int i = 0; i < kQuestions; ++i) ask();
  };
  Race(
      "top 10", kQuestions,
      [&] { times([&] { Must(queries.Leaderboard(weekly, 0, 10)); }); },
      [&] {
        times([&] {
          redis.Ask({"ZREVRANGE", "weekly", "0", "9", "WITHSCORES"});
        });
      });
  Race(
      "my rank", kQuestions,
      [&] {
        times([&] {
          Must(queries.Rank(MemberName(chance.Below(kMembers)), weekly));
        });
      },
      [&] {
        times([&] {
          redis.Ask({"ZREVRANK", "weekly", MemberName(chance.Below(kMembers))});
        });
      });
  Race(
      "five on either side of me", kQuestions,
      [&] {
        times([&] {
          Must(
              queries.Around(MemberName(chance.Below(kMembers)), weekly, 5, 5));
        });
      },
      [&] {
        times([&] {
          const auto rank = redis.Ask(
              {"ZREVRANK", "weekly", MemberName(chance.Below(kMembers))});
          const int64_t row = std::stoll(rank.at(0));
          redis.Ask({"ZREVRANGE", "weekly",
                     absl::StrCat(std::max<int64_t>(row - 5, 0)),
                     absl::StrCat(row + 5), "WITHSCORES"});
        });
      });
  std::vector<Gains::Gain> some;
  for (int i = 0; i < kEventsAtOnce; ++i) some.push_back(gains.Next());
  Race(
      "one gain of 10,000 at once", kEventsAtOnce, [&] { ours.Tell(some); },
      [&] { Tell(redis, some); });
  std::cout << "(of ours, decided, recorded for good, and counted in two "
               "leaderboards)\n";
}

}  // namespace loyalty::bench
