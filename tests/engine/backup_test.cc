// SPDX-License-Identifier: Apache-2.0
//
// A copy of a file that is being written: whole by itself, and a beginning of
// what the file became.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/forum_file.h"

namespace {

// Asked at each fsync whether it fails; is it of a folder?
std::function<bool(bool)>* fsync_fails = nullptr;

}  // namespace

// In the place of the C library's, in this executable.
extern "C" int fsync(int file) {
  struct stat about;
  if (fsync_fails != nullptr && fstat(file, &about) == 0 &&
      (*fsync_fails)(S_ISDIR(about.st_mode))) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, file));
}

namespace loyalty {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Backups : public testing::ForumFile {
 protected:
  std::vector<std::string> FilesThere() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.File("copies"))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  void SetUp() override {
    std::filesystem::create_directory(folder_.File("copies"));
  }

  const std::string to_ = folder_.File("copies/forum.db");
};

TEST_F(Backups, OfAFileThatNobodyWritesIsTheSame) {
  MakeForum();
  const absl::Status made = (*Queries::Open(path_))->Backup(to_);
  ASSERT_TRUE(made.ok()) << made;
  EXPECT_THAT(FilesThere(), ElementsAre("forum.db"));
  EXPECT_EQ(RowsOf(to_, "1"), RowsOf(path_, "1"));
  EXPECT_THAT(FaultsOf(to_), IsEmpty());
}

TEST_F(Backups, MadeUnderLoadAreBeginningsOfTheJournal) {
  const auto engine = Open();
  std::atomic<bool> enough = false;
  std::atomic<int> sent = 0;
  std::thread writer([&] {
    while (!enough) {
      const int number = ++sent;
      const std::string id = absl::StrCat("e", number);
      ASSERT_TRUE(
          engine->Process(Like(id, absl::StrCat("m", number % 50))).ok());
      if (number % 10 == 0) {
        ASSERT_TRUE(
            engine->Reverse(absl::StrCat("r", number), testing::Day(2), id)
                .ok());
      }
    }
  });
  std::vector<std::string> copies;
  for (int i = 0; i < 6; ++i) {
    const int before = sent;
    while (sent < before + 20) std::this_thread::yield();
    copies.push_back(folder_.File(absl::StrCat("copies/", i)));
    // By the engine that writes, and by somebody who only reads: what the
    // writer has put off is not in the tables of the latter's copy.
    const absl::Status made =
        i % 2 == 0 ? engine->Backup(copies.back())
                   : (*Queries::Open(path_))->Backup(copies.back());
    ASSERT_TRUE(made.ok()) << made;
  }
  enough = true;
  writer.join();
  const auto original = engine->Query();
  int64_t last = 0;
  for (const std::string& path : copies) {
    SCOPED_TRACE(path);
    EXPECT_THAT(FaultsOf(path), IsEmpty());
    const JournalHead head = HeadOf(path);
    EXPECT_GT(head.seq, last);
    last = head.seq;
    EXPECT_EQ((*original)->ChainAt(head.seq).value(), head.chain);
    const std::string entries =
        absl::StrCat("SELECT quote(chain) FROM event WHERE seq <= ", head.seq,
                     " ORDER BY seq");
    EXPECT_EQ(store::RawSqlite(path).Values(entries),
              store::RawSqlite(path_).Values(entries));
    // It is a file like any other: events go on in it.
    auto restored = Engine::Open(path, testing::MustRead(kForum));
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_TRUE((*restored)->Process(Like("e1", "m1"))->repeat);
    EXPECT_EQ((*restored)->Process(Like("new"))->seq, head.seq + 1);
    restored->reset();
    EXPECT_THAT(FaultsOf(path), IsEmpty());
  }
}

TEST_F(Backups, AreOfTheStateThatTheQueriesSee) {
  MakeForum();
  const auto engine = Open();
  const auto queries = engine->Query();
  ASSERT_TRUE(engine->Process(Like("later")).ok());
  ASSERT_TRUE((*queries)->Backup(to_).ok());
  EXPECT_EQ(HeadOf(to_).seq, 4);
  EXPECT_EQ(HeadOf(to_).chain, (*queries)->Head()->chain);
}

TEST_F(Backups, TellHowFarTheyAre) {
  MakeForum();
  std::vector<double> shares;
  ASSERT_TRUE((*Queries::Open(path_))
                  ->Backup(to_, [&](double share) { shares.push_back(share); })
                  .ok());
  ASSERT_FALSE(shares.empty());
  EXPECT_EQ(shares.back(), 1.0);
}

TEST_F(Backups, NeverReplaceAFile) {
  MakeForum();
  const auto queries = Queries::Open(path_);
  std::ofstream(to_) << "mine";
  EXPECT_EQ((*queries)->Backup(to_).code(), StatusCode::kAlreadyExists);
  std::ifstream file(to_);
  std::string content;
  file >> content;
  EXPECT_EQ(content, "mine");
  EXPECT_EQ((*queries)->Backup(path_).code(), StatusCode::kAlreadyExists);
  // Nor what a link leads to, even if it leads nowhere.
  const std::string link = folder_.File("copies/link");
  ASSERT_EQ(symlink("nowhere", link.c_str()), 0);
  EXPECT_EQ((*queries)->Backup(link).code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(FilesThere(), UnorderedElementsAre("forum.db", "link"));
}

TEST_F(Backups, NeverReplaceAFileThatCameMeanwhile) {
  MakeForum();
  const absl::Status refused =
      (*Queries::Open(path_))->Backup(to_, [&](double) {
        std::ofstream(to_) << "mine";
      });
  EXPECT_EQ(refused.code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(std::filesystem::file_size(to_), 4u);
  EXPECT_THAT(FilesThere(), ElementsAre("forum.db"));
}

TEST_F(Backups, TakeNoPlaceWhereAnotherFilesLogLies) {
  MakeForum();
  const auto queries = Queries::Open(path_);
  for (const char* suffix : {"-wal", "-journal"}) {
    std::ofstream(to_ + suffix) << "of another file";
    const absl::Status refused = (*queries)->Backup(to_);
    EXPECT_EQ(refused.code(), StatusCode::kAlreadyExists);
    EXPECT_THAT(std::string(refused.message()), HasSubstr(to_ + suffix));
    std::filesystem::remove(to_ + suffix);
  }
  // One that is empty is what a reader leaves behind, and does no harm.
  std::ofstream(to_ + "-wal").flush();
  EXPECT_TRUE((*queries)->Backup(to_).ok());
  EXPECT_THAT(FaultsOf(to_), IsEmpty());
}

TEST_F(Backups, ThatFailLeaveNothingBehind) {
  MakeForum();
  const auto queries = Queries::Open(path_);
  EXPECT_EQ((*queries)->Backup("").code(), StatusCode::kUnavailable);
  EXPECT_EQ((*queries)->Backup(folder_.File("no/such/folder")).code(),
            StatusCode::kUnavailable);
  // As on a disk without room for it.
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little = {.rlim_cur = 20'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  const absl::Status failed = (*queries)->Backup(to_);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(failed.ok());
  EXPECT_THAT(FilesThere(), IsEmpty());
  EXPECT_TRUE((*queries)->Backup(to_).ok());
}

TEST_F(Backups, HaveTheirNameOnceTheyAreOnDisk) {
  MakeForum();
  std::vector<std::string> synced;
  std::function<bool(bool)> note = [&](bool is_folder) {
    synced.push_back(absl::StrCat(is_folder ? "folder" : "file",
                                  ", named: ", std::filesystem::exists(to_)));
    return false;
  };
  const auto queries = Queries::Open(path_);
  fsync_fails = &note;
  const absl::Status made = (*queries)->Backup(to_);
  fsync_fails = nullptr;
  ASSERT_TRUE(made.ok()) << made;
  EXPECT_THAT(synced, ElementsAre("file, named: 0", "folder, named: 1"));
}

TEST_F(Backups, ThatCannotBeSyncedAreNotThere) {
  MakeForum();
  const auto queries = Queries::Open(path_);
  for (const bool of_folder : {false, true}) {
    std::function<bool(bool)> fails = [&](bool is_folder) {
      return is_folder == of_folder;
    };
    fsync_fails = &fails;
    const absl::Status failed = (*queries)->Backup(to_);
    fsync_fails = nullptr;
    EXPECT_EQ(failed.code(), StatusCode::kUnavailable);
    EXPECT_THAT(std::string(failed.message()), HasSubstr("cannot sync"));
    EXPECT_THAT(FilesThere(), IsEmpty());
  }
}

TEST_F(Backups, MayBeReadByWhoMayReadTheFile) {
  MakeForum();
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  ASSERT_TRUE((*Queries::Open(path_))->Backup(to_).ok());
  struct stat about;
  ASSERT_EQ(stat(to_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0640u);
}

TEST_F(Backups, AreNotMadeOfWhatIsInMemory) {
  const auto engine = Engine::InMemory(testing::MustRead(kForum));
  EXPECT_EQ((*engine)->Backup(to_).code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(FilesThere(), IsEmpty());
}

}  // namespace
}  // namespace loyalty
