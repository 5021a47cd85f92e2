// SPDX-License-Identifier: Apache-2.0
//
// The n-th time that SQLite takes memory there is none, once or from then on,
// for every n until a whole life of a file passes: each is told as it is
// documented, what was acknowledged stays, and with memory again the file opens
// and answers the same.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/wrapped_engine.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "no memory for SQLite";

// Stands between SQLite and its memory, for the whole process.
class SqliteMemory {
 public:
  struct Fault {
    int64_t nth = -1;  // -1: none
    bool forever = false;
  };

  static void Install() {
    static const bool installed = [] {
      sqlite3_shutdown();
      sqlite3_mem_methods ours = Real();
      ours.xMalloc = [](int size) -> void* {
        return IsRefused() ? nullptr : Real().xMalloc(size);
      };
      ours.xRealloc = [](void* memory, int size) -> void* {
        return IsRefused() ? nullptr : Real().xRealloc(memory, size);
      };
      return sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) == SQLITE_OK;
    }();
    ASSERT_TRUE(installed);
  }

  static void Arrange(const Fault& fault) {
    Planned() = fault;
    taken() = 0;
    struck() = false;
  }
  static void Mend() { Planned() = {}; }

  static int64_t& taken() {
    static int64_t taken = 0;
    return taken;
  }
  static bool& struck() {
    static bool struck = false;
    return struck;
  }

 private:
  static sqlite3_mem_methods& Real() {
    static sqlite3_mem_methods real = [] {
      sqlite3_mem_methods found = {};
      sqlite3_config(SQLITE_CONFIG_GETMALLOC, &found);
      return found;
    }();
    return real;
  }
  static Fault& Planned() {
    static Fault fault;
    return fault;
  }
  static bool IsRefused() {
    const int64_t nth = Planned().nth;
    ++taken();
    if (nth < 0 || (Planned().forever ? taken() < nth : taken() != nth)) {
      return false;
    }
    struck() = true;
    return true;
  }
};

// The negative control: answers all the same where it was refused, out of an
// engine in memory that was sent the same.
class Careless final : public WrappedEngine {
 public:
  Careless(Engine& real, Engine& twin) : WrappedEngine(real), twin_(twin) {}

  absl::StatusOr<Answers> Process(std::span<const Event> events) override {
    auto made_up = twin_.Process(events);
    auto answers = real().Process(events);
    return answers.ok() ? std::move(answers) : std::move(made_up);
  }

 private:
  Engine& twin_;
};

// One life of a file, short and always the same for a seed, with one fault.
class Scenario {
 public:
  Scenario(uint64_t seed, SqliteMemory::Fault fault, bool careless,
           std::string path)
      : path_(std::move(path)),
        workload_(seed),
        fault_(fault),
        long_log_pages_(static_cast<int>(1 + seed * 7 % 50)),
        twin_(careless ? InMemoryTwin() : nullptr) {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(path_ + suffix);
    }
  }

  void Run() {
    SqliteMemory::Arrange(fault_);
    Live();
    engine_.reset();
    SqliteMemory::Mend();
    Recover();
  }

  const std::vector<std::string>& violations() const {
    return witness_.violations();
  }

 private:
  void Live() {
    for (int part = 0; part < 2; ++part) {
      auto engine = OpenSmall(path_, long_log_pages_);
      if (!engine.ok()) return Expected(engine.status(), "opening");
      engine_ = *std::move(engine);
      for (int i = 0; i < 4; ++i) {
        const absl::Status sent = Send(workload_.NextBatch());
        if (!sent.ok()) return Fail(sent);
        if (i == part) Look("while all seems well");
      }
      engine_.reset();
    }
  }

  absl::Status Send(const std::vector<Event>& batch) {
    if (twin_ == nullptr) return witness_.Send(*engine_, batch);
    Careless careless(*engine_, *twin_);
    return witness_.Send(careless, batch);
  }

  // The engine has refused a batch. The same one again may succeed, unless its
  // outcome is unknown.
  void Fail(const absl::Status& refused) {
    Expected(refused, "processing");
    Look("after it failed");
    const absl::Status again = witness_.Send(*engine_, {});
    if (!again.ok()) return Expected(again, "processing again");
    if (absl::IsUnavailable(refused)) {
      witness_.Violate("an unknown outcome became known without opening");
    }
  }

  void Look(const char* when) {
    const auto queries = engine_->Query();
    absl::Status read = queries.status();
    if (read.ok()) read = witness_.Compare(**queries);
    if (!read.ok()) Expected(read, when);
  }

  void Expected(const absl::Status& status, const char* when) {
    if (!SqliteMemory::struck() ||
        !(absl::IsUnavailable(status) || absl::IsResourceExhausted(status))) {
      witness_.Violate(
          absl::StrCat("not as documented, ", when, ": ", status.ToString()));
    }
  }

  void Recover() {
    auto engine = OpenSmall(path_, long_log_pages_);
    if (!Check(engine.status(), "opening")) return;
    engine_ = *std::move(engine);
    for (const bool sends : {true, false}) {
      const auto queries = engine_->Query();
      if (!Check(queries.status(), "asking")) return;
      Check(witness_.Compare(**queries), "reading");
      if (sends && witness_.InFlight()) {
        Check(witness_.Send(*engine_, {}), "sending again");
      }
    }
    engine_.reset();
  }

  bool Check(const absl::Status& status, const char* what) {
    if (!status.ok()) {
      witness_.Violate(
          absl::StrCat("with memory again, ", what, ": ", status.ToString()));
    }
    return status.ok();
  }

  const std::string path_;
  Workload workload_;
  const SqliteMemory::Fault fault_;
  const int long_log_pages_;
  const std::unique_ptr<Engine> twin_;  // null: nothing is made up
  Witness witness_;
  std::unique_ptr<Engine> engine_;
};

// Every n, in random order, so that a run that is cut short is a fair sample.
std::vector<SqliteMemory::Fault> EveryNth(uint64_t seed,
                                          const std::string& path) {
  Scenario(seed, {}, false, path).Run();
  const int64_t taken = SqliteMemory::taken();
  std::vector<SqliteMemory::Fault> faults;
  for (int64_t nth = 1; nth <= taken; ++nth) {
    faults.push_back({nth, false});
    faults.push_back({nth, true});
  }
  std::shuffle(faults.begin(), faults.end(), std::mt19937_64(seed));
  return faults;
}

void FailEveryNth(Report& report, bool careless) {
  SqliteMemory::Install();
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("memory.db");
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    bool all = true;
    for (const SqliteMemory::Fault& fault : EveryNth(seed, path)) {
      if (!(all = report.IsTime())) break;
      Scenario scenario(seed, fault, careless, path);
      scenario.Run();
      std::vector<std::string> violations = scenario.violations();
      for (std::string& violation : violations) {
        absl::StrAppend(&violation, " [nth ", fault.nth,
                        fault.forever ? ", forever]" : "]");
      }
      report.Ran(seed, violations);
    }
    report.Count("lives with every n", all ? 1 : 0);
  }
}

TEST(SqliteMemory, ThatIsNotThereIsToldAndLosesNothing) {
  Report report(kHarness, "refusals", "", 85);
  FailEveryNth(report, false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.runs(), 0);
}

TEST(SqliteMemory, ThatIsNotThereIsNoticedWhereItIsNotTold) {
  Report report(kHarness, "refusals", "the error answered with OK", 15);
  FailEveryNth(report, true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
