// SPDX-License-Identifier: Apache-2.0
//
// Files and folders that cannot be worked with: each is refused with its name
// and the reason, and nothing is half written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>
#include <map>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// A disk of its own size, gone at the end.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path)
      : path_(path), is_mounted_(Mount(0, "size=1m")) {}
  ~SmallDisk() {
    if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }
  bool Grow() const { return Mount(MS_REMOUNT, "size=200m"); }

 private:
  bool Mount(unsigned long flags, const char* size) const {
    return mount("tmpfs", path_.c_str(), "tmpfs", flags, size) == 0;
  }

  const std::string path_;
  const bool is_mounted_;
};

class Files : public testing::Test {
 protected:
  Files() {
    Write(events_, EventLine("e1", "idea_posted", R"(,"actor":"ada")"));
  }

  Ended Run(const std::string& program, const std::string& db,
            const Arguments& events) {
    Arguments arguments = {"run", "--program", program, "--db", db, "--json"};
    arguments.insert(arguments.end(), events.begin(), events.end());
    return RunLoyalty(arguments);
  }

  store::TemporaryFolder folder_;
  const std::string program_ = ExampleProgram("brand_community.textproto");
  const std::string events_ = folder_.File("events.jsonl");
  const std::string db_ = folder_.File("community.db");
};

TEST_F(Files, OfEventsThatAreMissingAreNamedBeforeAnythingIsMade) {
  const std::string missing = folder_.File("nowhere.jsonl");
  const Ended ended = Run(program_, db_, {events_, missing});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr(missing + ": No such file"));
  EXPECT_FALSE(fs::exists(db_));
}

TEST_F(Files, OfEventsThatAreEmptyAreRefused) {
  const std::string empty = folder_.File("empty.jsonl");
  Write(empty, "");
  const Ended plain = Run(program_, db_, {empty});
  EXPECT_EQ(plain.exit, 3);
  EXPECT_THAT(plain.err, HasSubstr(empty + ": is empty"));
  WriteGzip(empty, "");
  const Ended zipped = Run(program_, db_, {empty});
  EXPECT_EQ(zipped.exit, 3);
  EXPECT_THAT(zipped.err, HasSubstr(empty + ": is empty"));
  const Ended input = Run(program_, db_, {"-"});
  EXPECT_EQ(input.exit, 3);
  EXPECT_THAT(input.err, HasSubstr("standard input: is empty"));
  EXPECT_FALSE(fs::exists(db_));
}

TEST_F(Files, OfEventsThatAreFoldersAreRefused) {
  const Ended ended = Run(program_, db_, {folder_.File("")});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("is a folder"));
}

TEST_F(Files, ThatAreGzippedAreReadWhateverTheyAreCalled) {
  WriteGzip(events_, Read(events_));
  EXPECT_EQ(Run(program_, db_, {events_}).exit, 0);
  EXPECT_EQ(BalancesIn(db_, "points").at("ada"), 5);
}

TEST_F(Files, ThatAreCutOffAreReadUpToThere) {
  std::string log;
  for (int i = 0; i < 5000; ++i) {
    log += EventLine("k" + std::to_string(i * 7919), "member_joined",
                     R"(,"actor":"m)" + std::to_string(i) + "\"");
  }
  WriteGzip(events_, log);
  fs::resize_file(events_, fs::file_size(events_) / 2);
  const Ended ended = Run(program_, db_, {events_});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("the gzip data ends too early"));
  const int64_t recorded = Json::parse(ended.out).at("recorded");
  EXPECT_GT(recorded, 0);
  EXPECT_EQ(static_cast<int64_t>(FeedOf(db_).size()), recorded);
  EXPECT_EQ(RunLoyalty({"verify", "--db", db_}).exit, 0);
}

TEST_F(Files, ThatAreNoDatabaseAreRefusedAndLeftAlone) {
  const std::string text = "This is a letter to a friend, of some length.\n";
  Write(db_, text);
  const Ended run = Run(program_, db_, {events_});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr(db_));
  EXPECT_EQ(Read(db_), text);
  for (const char* query : {"verify", "feed"}) {
    const Ended ended = RunLoyalty({query, "--db", db_});
    EXPECT_EQ(ended.exit, 3) << query;
    EXPECT_THAT(ended.err, HasSubstr(db_)) << query;
  }
}

TEST_F(Files, ThatAreNoDatabaseYetAnswerNoQuery) {
  const Ended ended = RunLoyalty({"verify", "--db", db_});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr(db_));
  EXPECT_FALSE(fs::exists(db_));
}

TEST_F(Files, OfAnotherProgramAreRefused) {
  ASSERT_EQ(Run(program_, db_, {events_}).exit, 0);
  const Ended ended =
      Run(ExampleProgram("likes_only.textproto"), db_, {events_});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("likes_only"));
  EXPECT_THAT(ended.err, HasSubstr("brand_community"));
}

TEST_F(Files, OfProgramsThatCannotBeReadAreNamed) {
  const std::string empty = folder_.File("empty.textproto");
  Write(empty, "");
  const std::map<std::string, std::string> reasons = {
      {folder_.File("nowhere.textproto"), ": No such file"},
      {folder_.File(""), ": is a folder"},
      {empty, ": is empty"},
      {"/dev/zero", ": is longer than 64 MiB"},
  };
  for (const auto& [path, reason] : reasons) {
    const Ended check = RunLoyalty({"check", path});
    EXPECT_EQ(check.exit, 3) << path;
    EXPECT_THAT(check.err, HasSubstr(path + reason));
    const Ended run = Run(path, db_, {events_});
    EXPECT_EQ(run.exit, 3) << path;
    EXPECT_THAT(run.err, HasSubstr(path + reason));
  }
  EXPECT_FALSE(fs::exists(db_));
}

TEST_F(Files, ThatAreNoProgramAreToldWithTheirLines) {
  const std::string bad = folder_.File("bad.textproto");
  Write(bad,
        "name: \"bad\" version: \"1\"\n"
        "currency { id: \"points\" }\n"
        "event_type { id: \"idea\" }\n"
        "rule { id: \"r\" on: \"idea\"\n"
        "  award { currency: \"pionts\" units: \"1 +\" } }\n");
  const Ended check = RunLoyalty({"check", bad});
  EXPECT_EQ(check.exit, 1);
  EXPECT_THAT(check.out, HasSubstr(bad + ":5:"));
  EXPECT_THAT(check.out, HasSubstr("Did you mean \"points\"?"));
  const Ended run = Run(bad, db_, {events_});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr(bad + ":5:"));
  EXPECT_FALSE(fs::exists(db_));
}

TEST_F(Files, OfTenMegabytesAreNoProgramsOrReadInTime) {
  const std::string big = folder_.File("big.textproto");
  std::string text = "name: \"big\" version: \"1\" currency { id: \"c\" }\n";
  while (text.size() < 10'000'000) {
    text += "# a comment that goes on for ever and ever and ever\n";
  }
  Write(big, text);
  const Ended comments = RunLoyalty({"check", big});
  EXPECT_THAT(comments.exit, AnyOf(0, 1)) << comments.err;
  text.assign(text.size(), '{');
  Write(big, text);
  const Ended braces = RunLoyalty({"check", big});
  EXPECT_EQ(braces.exit, 1);
  EXPECT_LT(braces.out.size(), 100'000u);
  text.assign(text.size(), '\0');
  Write(big, text);
  EXPECT_EQ(RunLoyalty({"check", big}).exit, 1);
}

// Root may write anywhere, so what stands in the way has to be no folder.
TEST_F(Files, CannotBeMadeUnderAFileOrInProc) {
  for (const std::string& path :
       {events_ + "/community.db", std::string("/proc/community.db"),
        folder_.File("no/such/folder.db")}) {
    const Ended ended = Run(program_, path, {events_});
    EXPECT_EQ(ended.exit, 3) << path;
    EXPECT_THAT(ended.err, HasSubstr(path)) << path;
  }
}

TEST_F(Files, OnAFullDiskHoldWhatWasRecordedAndNoMore) {
  const std::string folder = folder_.File("disk");
  fs::create_directory(folder);
  const SmallDisk disk(folder);
  if (!disk.is_mounted()) GTEST_SKIP() << "may not mount a small tmpfs here";
  std::string log;
  for (int i = 0; i < 20000; ++i) {
    const std::string number = std::to_string(i);
    log += EventLine(
        "e" + number, "idea_posted",
        R"(,"actor":"m)" + number + R"(","target":"i)" + number + "\"");
  }
  Write(events_, log);
  const std::string db = folder + "/community.db";
  const Ended full = Run(program_, db, {events_});
  EXPECT_EQ(full.exit, 3) << full.err;
  EXPECT_THAT(full.err, AnyOf(HasSubstr("full"), HasSubstr("space")));
  EXPECT_THAT(full.err, Not(HasSubstr("internal")));

  // With room again, the same run goes on from there.
  ASSERT_TRUE(disk.Grow());
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
  const Ended rest = Run(program_, db, {events_});
  EXPECT_EQ(rest.exit, 0) << rest.err;
  EXPECT_EQ(FeedOf(db).size(), 20000u);
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
}

TEST_F(Files, ThatTheAnswerDoesNotFitInAreAFailure) {
  ASSERT_EQ(Run(program_, db_, {events_}).exit, 0);
  const std::string out = "/dev/full";
  const Ended ended = RunLoyalty({"simulate-community", "--members", "10",
                                  "--days", "3", "--seed", "1", "--out", out});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("/dev/full: No space left"));
}

}  // namespace
}  // namespace loyalty::command
