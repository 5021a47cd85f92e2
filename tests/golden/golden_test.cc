// SPDX-License-Identifier: Apache-2.0
//
// Every format that was ever promised stays readable and writable. If one of
// these fails, a change of the library would lose the files of its users: the
// golden files are right, and CONTRIBUTING.md ("When the format changes") says
// what to do.
#include "golden/golden.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "store/raw_sqlite.h"
#include "store/schema.h"
#include "store/temporary_folder.h"

namespace loyalty::golden {
namespace {

namespace fs = std::filesystem;

fs::path Folder() {
  const char* const source = std::getenv("LOYALTY_SOURCE");
  return fs::path(source == nullptr ? "." : source) / "tests/golden/files";
}

std::string TextOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string AnswersOf(const std::string& path) {
  const auto queries = Queries::Open(path);
  if (!queries.ok()) return queries.status().ToString();
  const auto answers = Answers(**queries);
  return answers.ok() ? *answers : answers.status().ToString();
}

// A copy of one version's file, and what it must answer.
struct Copy {
  explicit Copy(const fs::path& of)
      : version(of.stem()),
        original(TextOf(of)),
        wanted(TextOf(fs::path(of).replace_extension("txt"))),
        wanted_after_one_more(
            TextOf(fs::path(of).replace_extension("one-more.txt"))) {
    fs::copy_file(of, path);
  }

  const std::string version, original, wanted, wanted_after_one_more;
  const store::TemporaryFolder folder = store::TemporaryFolder();
  const std::string path = folder.File("golden.db");
};

void ForEachVersion(const std::function<void(const Copy&)>& test) {
  int versions = 0;
  for (const auto& entry : fs::directory_iterator(Folder())) {
    if (entry.path().extension() != ".db") continue;
    const Copy copy(entry.path());
    SCOPED_TRACE("format version " + copy.version);
    test(copy);
    ++versions;
  }
  EXPECT_GT(versions, 0);
}

TEST(GoldenFile, AnswersAReaderAsWhenItWasMade) {
  ForEachVersion([](const Copy& copy) {
    EXPECT_EQ(AnswersOf(copy.path), copy.wanted);
    EXPECT_TRUE(TextOf(copy.path) == copy.original) << "reading changed it";
  });
}

TEST(GoldenFile, TakesAnotherEvent) {
  ForEachVersion([](const Copy& copy) {
    {
      const auto engine = OpenFile(copy.path);
      ASSERT_TRUE(engine.ok()) << engine.status();
      const auto queries = (*engine)->Query();
      ASSERT_TRUE(queries.ok()) << queries.status();
      EXPECT_EQ(Answers(**queries).value_or("no answers"), copy.wanted);
      const auto outcome = (*engine)->Process(OneMore());
      ASSERT_TRUE(outcome.ok()) << outcome.status();
    }
    EXPECT_EQ(AnswersOf(copy.path), copy.wanted_after_one_more);
  });
}

TEST(GoldenFile, ComesBackTheSameWhenItIsRebuilt) {
  ForEachVersion([](const Copy& copy) {
    const absl::Status rebuilt = Engine::Rebuild(copy.path);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt;
    EXPECT_EQ(AnswersOf(copy.path), copy.wanted);
  });
}

// With the tables that the library makes now.
std::string SchemaOf(const std::string& path) {
  std::string schema;
  for (const std::string& sql :
       store::RawSqlite(path).Values("SELECT sql FROM sqlite_schema "
                                     "WHERE sql IS NOT NULL ORDER BY name")) {
    absl::StrAppend(&schema, sql, ";\n");
  }
  return schema;
}

TEST(Schema, IsThatOfTheGoldenFileOfItsVersion) {
  const store::TemporaryFolder folder;
  const std::string made = folder.File("made.db");
  ASSERT_TRUE(MakeFile(made).ok());
  const std::string kept = folder.File("kept.db");
  std::error_code absent;
  fs::copy_file(Folder() / absl::StrCat(store::kSchemaVersion, ".db"), kept,
                absent);
  ASSERT_FALSE(absent) << "format version " << store::kSchemaVersion
                       << " has no golden file: ./dev golden makes it";
  EXPECT_EQ(SchemaOf(made), SchemaOf(kept))
      << "The schema has changed, and its version has not. If a version "
         "with the old one was released, raise kSchemaVersion in "
         "lib/store/schema.h and see to it that files of the version before "
         "are read, or brought up to it. In any case run ./dev golden then. "
         "See CONTRIBUTING.md, \"When the format changes\".";
}

}  // namespace
}  // namespace loyalty::golden
