// SPDX-License-Identifier: Apache-2.0
//
// A real file system of 1 MiB that fills up, with a little more or less room
// each time, so that every write of a life is the one that finds none. When
// there is room again the same batch goes in, once.
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/wrapped_engine.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "full disk";
constexpr int64_t kPage = 4096;

// A file system in memory that only this process sees. Not mounted: why_not.
class SmallDisk {
 public:
  SmallDisk() : why_not_(Mount()) {}
  ~SmallDisk() {
    if (why_not_.empty()) umount2(folder_.File("").c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& why_not() const { return why_not_; }
  std::string File(const std::string& name) const { return folder_.File(name); }

  // Leaves this much room and no more, by a file beside.
  bool FillUpTo(int64_t room) {
    MakeRoom();
    const int file = open(Ballast().c_str(), O_WRONLY | O_CREAT, 0600);
    int64_t size = 0;
    while (posix_fallocate(file, size, kPage) == 0) size += kPage;
    const bool done = ftruncate(file, std::max<int64_t>(0, size - room)) == 0;
    close(file);
    return done;
  }
  void MakeRoom() { unlink(Ballast().c_str()); }

 private:
  std::string Ballast() const { return File("ballast"); }

  // "" if all went well.
  std::string Mount() const {
    const auto failed = [](const char* what) {
      return absl::StrCat(what, ": ", std::strerror(errno));
    };
    const std::string user = absl::StrCat("0 ", getuid(), " 1");
    if (unshare(CLONE_NEWNS) != 0) {
      // Who is not root may be it in a world of their own.
      if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return failed("unshare");
      Put("/proc/self/uid_map", user);
    }
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return failed("making mounts private");
    }
    if (mount("tmpfs", folder_.File("").c_str(), "tmpfs", 0, "size=1m") != 0) {
      return failed("mount");
    }
    return "";
  }

  static void Put(const char* path, const std::string& text) {
    const int file = open(path, O_WRONLY);
    [[maybe_unused]] const ssize_t done = write(file, text.data(), text.size());
    close(file);
  }

  const store::TemporaryFolder folder_;
  const std::string why_not_;
};

// Answers as if there had been room.
class HeedlessEngine final : public WrappedEngine {
 public:
  explicit HeedlessEngine(Engine& real) : WrappedEngine(real) {}

  using WrappedEngine::Process;
  absl::StatusOr<Answers> Process(std::span<const Event> events) override {
    absl::StatusOr<Answers> wanted = roomy_->Process(events);
    absl::StatusOr<Answers> answers = real().Process(events);
    if (answers.ok()) return answers;
    has_lied_ = true;
    return wanted;
  }
  bool has_lied() const { return has_lied_; }

 private:
  bool has_lied_ = false;
  const std::unique_ptr<Engine> roomy_ = InMemoryTwin();
};

class Life {
 public:
  Life(uint64_t seed, SmallDisk& disk)
      : disk_(disk), path_(disk.File("full.db")), workload_(seed) {}
  ~Life() {
    engine_.reset();
    for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
      unlink((path_ + suffix).c_str());
    }
  }

  // Runs until the disk is full, and then with room again. False if there was
  // room enough.
  bool Run(int64_t room, bool heedless) {
    if (!disk_.FillUpTo(room)) witness_.Violate("the disk cannot be filled");
    const bool filled = !Live(heedless);
    if (engine_ != nullptr) Look("while the disk is full", true);
    disk_.MakeRoom();
    engine_.reset();
    if (!Open()) return filled;
    Look("with room again", false);
    if (witness_.InFlight() && !witness_.Send(*engine_, {}).ok()) {
      witness_.Violate("cannot be sent again with room");
    }
    if (!witness_.Send(*engine_, workload_.NextBatch()).ok()) {
      witness_.Violate("does not go on with room");
    }
    Look("in the end", false);
    return filled;
  }

  const std::vector<std::string>& violations() const {
    return witness_.violations();
  }

 private:
  // False when the disk was full.
  bool Live(bool heedless) {
    auto opened = OpenSmall(path_);
    if (!opened.ok()) return Full(opened.status());
    engine_ = *std::move(opened);
    HeedlessEngine careless(*engine_);
    Engine& engine = heedless ? careless : *engine_;
    for (int i = 0; i < 12; ++i) {
      const absl::Status sent = witness_.Send(engine, workload_.NextBatch());
      if (!sent.ok()) return Full(sent);
      if (i % 5 == 4 && !engine.Query().ok()) return false;
    }
    return !careless.has_lied();
  }

  bool Full(const absl::Status& status) {
    if (!absl::IsUnavailable(status) && !absl::IsResourceExhausted(status)) {
      witness_.Violate("not as documented: " + status.ToString());
    }
    return false;
  }

  bool Open() {
    auto engine = OpenSmall(path_);
    if (engine.ok()) {
      engine_ = *std::move(engine);
      return true;
    }
    witness_.Violate("cannot be opened with room: " +
                     engine.status().ToString());
    return false;
  }

  // A full disk may have no room for what readers share, which is told.
  void Look(const char* when, bool may_be_full) {
    const auto queries = engine_->Query();
    absl::Status read = queries.status();
    if (read.ok()) read = witness_.Compare(**queries);
    if (read.ok() || (may_be_full && absl::IsUnavailable(read))) return;
    witness_.Violate(
        absl::StrCat("cannot be read ", when, ": ", read.ToString()));
  }

  SmallDisk& disk_;
  const std::string path_;
  Workload workload_;
  Witness witness_;
  std::unique_ptr<Engine> engine_;
};

// Every amount of room until there is enough, then the next seed. The first is
// tried to its end, however long that takes.
void FillUp(Report& report, SmallDisk& disk, bool heedless) {
  int64_t room = 0;
  const auto goes_on = [&] {
    return report.IsTime() || (!heedless && report.count("enough room") == 0);
  };
  for (uint64_t seed = FirstSeed(); goes_on(); room += kPage) {
    Life life(seed, disk);
    const bool filled = life.Run(room, heedless);
    report.Ran(seed, life.violations());
    if (filled) continue;
    report.Count("enough room", 1);
    room = 0;
    ++seed;
  }
}

TEST(FullDisk, LosesNothingAndGoesOnOnceThereIsRoom) {
  SmallDisk disk;
  if (!disk.why_not().empty()) {
    GTEST_SKIP() << "cannot mount a small file system: " << disk.why_not();
  }
  Report report(kHarness, "fillings", "", 85);
  FillUp(report, disk, /*heedless=*/false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.count("enough room"), 0) << "not every write was tried";
}

TEST(FullDisk, IsNoticedWhereItIsNotTold) {
  SmallDisk disk;
  if (!disk.why_not().empty()) {
    GTEST_SKIP() << "cannot mount a small file system: " << disk.why_not();
  }
  Report report(kHarness, "fillings", "the error answered with OK", 15);
  FillUp(report, disk, /*heedless=*/true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
