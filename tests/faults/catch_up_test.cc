// SPDX-License-Identifier: Apache-2.0
//
// A catch-up that is interrupted, by a kill at any instruction or by the power
// at any write, has brought some members all of theirs and the others nothing;
// run again it goes on, and in the end the journal is that of one that nothing
// befell.
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "faults/batches.h"
#include "faults/child.h"
#include "faults/power_loss_vfs.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

namespace fs = std::filesystem;

// Entries of a catch-up that are written at once.
constexpr size_t kCommit = 1000;

const absl::Time kThen = absl::FromUnixSeconds(1'767'225'600);
const absl::Time kToday = kThen + absl::Hours(24 * 30);

Program MustRead(const std::string& version, const std::string& more) {
  return *Program::FromText(
      absl::StrCat(R"(name: "catch-up" version: ")", version, R"("
        currency { id: "points" spendable: true expires_after: "90d" }
        event_type { id: "visit" } )",
                   more),
      "catch_up.textproto");
}

const Program& Before() {
  static const Program program = MustRead("1", "");
  return program;
}

const Program& After() {
  static const Program program = MustRead("2", R"(
    metric { id: "visits" on: "visit" }
    metric { id: "visitors" on: "visit" per: "target" }
    rule { id: "welcome" on: "visit"
           award { currency: "points" units: "5"
                   limit { per: EVER times: 1 } } }
    badge { id: "guest" when: "metric.visits >= 2"
            award { currency: "points" units: "3" } } )");
  return program;
}

EngineOptions Options() {
  EngineOptions options;
  options.max_tail = 300;
  options.cache_bytes = 1 << 16;
  return options;
}

// Everybody visits, some of them twice; then the program has something for it.
absl::Status PlayHistory(Engine& engine, int members) {
  std::vector<Event> visits;
  for (int i = 0; i < members + 3; ++i) {
    visits.push_back({.id = absl::StrCat("visit-", i),
                      .type = "visit",
                      .time = kThen + absl::Minutes(i),
                      .actor = absl::StrCat("member-", i % members),
                      .target = absl::StrCat("post-", i % 3)});
  }
  const auto answers = engine.Process(std::span<const Event>(visits));
  if (!answers.ok()) return answers.status();
  return engine.Switch(After(), "switch", kToday).status();
}

absl::Status MakeFile(const std::string& path, int members) {
  const auto engine = Engine::Open(path, Before(), Options());
  return engine.ok() ? PlayHistory(**engine, members) : engine.status();
}

absl::StatusOr<CatchUpReport> CatchUpIn(Engine& engine) {
  return engine.CatchUp({.rules = {"welcome"},
                         .badges = {"guest"},
                         .metrics = {"visits", "visitors"}},
                        "bring", kToday);
}

// What all has to come to, by an engine that nothing befalls.
class Unharmed {
 public:
  explicit Unharmed(int members) {
    const auto engine = *Engine::InMemory(Before());
    EXPECT_TRUE(PlayHistory(*engine, members).ok());
    history_ = (*engine->Query())->Head()->seq;
    const auto report = CatchUpIn(*engine);
    EXPECT_TRUE(report.ok()) << report.status();
    entries_ = report->entries;
    feed_ = *(*engine->Query())->Feed(0, 1'000'000);
    EXPECT_GT(entries_, members);
  }

  // What is wrong with a file, as it is found and once the catch-up was run
  // again. Says in `moment` how far it had come.
  std::vector<std::string> Compare(Engine& engine, bool is_acknowledged,
                                   std::string& moment) const {
    std::vector<std::string> violations;
    size_t size = CompareFeed(engine, violations);
    moment = size == history_       ? "before it began"
             : size == history_ + 1 ? "before it had brought anything"
             : size == feed_.size() ? "when all was brought"
             : IsACommitsEnd(size)  ? "between its commits"
                                    : "in half";
    if (!IsACommitsEnd(size)) {
      violations.push_back(absl::StrCat("half: ", size, " entries"));
    }
    if (is_acknowledged && size != feed_.size()) {
      violations.push_back(
          absl::StrCat("lost: ", feed_.size() - size, " acknowledged entries"));
    }
    // The second time there is nothing left to bring.
    for (const char* const when : {"again", "once more"}) {
      const auto report = CatchUpIn(engine);
      if (!report.ok()) {
        violations.push_back(
            absl::StrCat("refused ", when, ": ", report.status().ToString()));
        return violations;
      }
      size = CompareFeed(engine, violations);
      if (size != feed_.size() || report->entries != entries_) {
        violations.push_back(absl::StrCat("run ", when, " it ends at entry ",
                                          size, ", with ", report->entries));
      }
    }
    Verify(engine, violations);
    return violations;
  }

 private:
  bool IsACommitsEnd(size_t size) const {
    return size == history_ || size == feed_.size() ||
           (size > history_ && (size - history_ - 1) % kCommit == 0);
  }

  // How many entries there are.
  size_t CompareFeed(Engine& engine,
                     std::vector<std::string>& violations) const {
    const auto queries = engine.Query();
    if (!queries.ok()) {
      violations.push_back("cannot be read: " + queries.status().ToString());
      return 0;
    }
    const auto feed = (*queries)->Feed(0, 1'000'000);
    if (!feed.ok()) {
      violations.push_back("no feed: " + feed.status().ToString());
      return 0;
    }
    for (size_t i = 0; i < std::min(feed->size(), feed_.size()); ++i) {
      if (SameButForClock((*feed)[i], feed_[i])) continue;
      violations.push_back(absl::StrCat("entry ", i + 1, " is ",
                                        (*feed)[i].event_id, " or differs"));
      break;
    }
    return feed->size();
  }

  static void Verify(Engine& engine, std::vector<std::string>& violations) {
    const auto queries = engine.Query();
    const auto report = queries.ok() ? (*queries)->Verify() : queries.status();
    if (!report.ok()) {
      violations.push_back("no verify: " + report.status().ToString());
      return;
    }
    for (const std::string& fault : report->faults) {
      violations.push_back("verify: " + fault);
    }
  }

  size_t history_ = 0;
  int64_t entries_ = 0;
  std::vector<Outcome> feed_;
};

// Closes the file again.
std::vector<std::string> Recover(const std::string& path,
                                 const Unharmed& unharmed, bool is_acknowledged,
                                 std::string& moment) {
  const auto engine = Engine::Open(path, After(), Options());
  if (!engine.ok()) return {"cannot be opened: " + engine.status().ToString()};
  return unharmed.Compare(**engine, is_acknowledged, moment);
}

// Opens the file and catches up, as far as it gets.
void Run(const std::string& path, bool too_early, std::atomic<bool>& done) {
  const auto engine = Engine::Open(path, After(), Options());
  if (!engine.ok()) return;
  if (too_early) done = true;
  if (CatchUpIn(**engine).ok()) done = true;
}

constexpr char kKills[] = "kill -9 of a catch-up";
constexpr int kMany = 60;  // members

struct Told {
  std::atomic<bool> done = false;
};

// What each kill begins with; made once, before anybody looks at the time.
struct Begin {
  Begin() {
    EXPECT_TRUE(MakeFile(made, kMany).ok());
    Again();
    const absl::Time start = absl::Now();
    std::atomic<bool> done = false;
    Run(path, false, done);
    EXPECT_TRUE(done);
    most =
        static_cast<uint64_t>(absl::ToInt64Microseconds(absl::Now() - start));
  }

  void Again() const {
    RemoveFile(path);
    fs::copy_file(made, path);
  }

  const store::TemporaryFolder folder = store::TemporaryFolder(FastFolder());
  const std::string made = folder.File("made.db");
  const std::string path = folder.File("killed.db");
  const Unharmed unharmed = Unharmed(kMany);
  uint64_t most = 0;  // microseconds that a catch-up takes, with opening
};

void KillAgainAndAgain(const Begin& begin, Report& report, bool too_early) {
  // One kill at least, however slow a sanitizer makes it.
  uint64_t seed = FirstSeed();
  do {
    begin.Again();
    std::mt19937_64 random(seed);
    const SharedWithChildren<Told> told;
    Child child([&] {
      Run(begin.path, too_early, told->done);
      pause();
      return 0;
    });
    ASSERT_TRUE(child.IsStarted());
    usleep(static_cast<useconds_t>(random() % begin.most));
    ASSERT_TRUE(child.Kill());
    std::string moment;
    report.Ran(seed, Recover(begin.path, begin.unharmed, told->done, moment));
    report.Count(moment);
    ++seed;
  } while (report.IsTime());
}

TEST(KillOfACatchUp, LeavesOneThatGoesOnAndIsNoticedWhereItIsToldTooEarly) {
  const Begin begin;
  {
    Report report(kKills, "kills", "", 40);
    KillAgainAndAgain(begin, report, /*too_early=*/false);
    EXPECT_EQ(report.violated(), 0) << report.First();
  }
  Report report(kKills, "kills", "acknowledged before the commit", 10);
  KillAgainAndAgain(begin, report, /*too_early=*/true);
  EXPECT_GT(report.violated(), 0);
}

constexpr char kCuts[] = "power cuts in a catch-up";
constexpr int kFew = 5;  // members

// At every operation from opening to closing, then with the next seed. The
// first is gone through to its end, however long that takes.
void CutEveryNth(Report& report, bool too_early) {
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("cut.db");
  const Unharmed unharmed(kFew);
  const auto goes_on = [&] {
    return report.IsTime() || (!too_early && report.count("with every n") == 0);
  };
  int64_t nth = 1;
  for (uint64_t seed = FirstSeed(); goes_on(); ++nth) {
    PowerLossDisk disk(seed * 1'000'003 + static_cast<uint64_t>(nth));
    ASSERT_TRUE(MakeFile(path, kFew).ok());
    disk.CutAt(nth);
    std::atomic<bool> done = false;
    Run(path, too_early, done);
    if (!disk.is_cut()) {
      report.Count("with every n");
      nth = 0;
      ++seed;
      continue;
    }
    std::vector<std::string> violations;
    if (!disk.Restore()) violations.push_back("a file was left open");
    std::string moment = "where it could not be opened";
    for (std::string& one : Recover(path, unharmed, done, moment)) {
      violations.push_back(absl::StrCat(one, " [nth ", nth, "]"));
    }
    report.Ran(seed, violations);
    report.Count(moment);
  }
}

TEST(PowerCutInACatchUp, LeavesOneThatGoesOn) {
  Report report(kCuts, "cuts", "", 40);
  CutEveryNth(report, /*too_early=*/false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  for (const char* const moment :
       {"before it began", "before it had brought anything",
        "when all was brought"}) {
    EXPECT_GT(report.count(moment), 0) << moment;
  }
}

TEST(PowerCutInACatchUp, IsNoticedWhereItIsAcknowledgedTooEarly) {
  Report report(kCuts, "cuts", "acknowledged before the commit", 10);
  CutEveryNth(report, /*too_early=*/true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
