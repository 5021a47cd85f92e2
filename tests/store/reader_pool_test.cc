// SPDX-License-Identifier: Apache-2.0
#include "store/reader_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite_store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

class ReaderPoolTest : public ::testing::Test {
 protected:
  ReaderPoolTest() { EXPECT_TRUE(OpenSqliteStore(path_, Access::kWrite).ok()); }
  Snapshot Look() { return *Snapshot::Of(path_, pool_); }
  static int64_t KibibytesOf(Snapshot& snapshot) {
    return -snapshot->Number("PRAGMA cache_size").value();
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("read.db");
  const std::shared_ptr<ReaderPool> pool_ = std::make_shared<ReaderPool>();
};

TEST_F(ReaderPoolTest, SharesWhatOneAloneMayRememberAmongMany) {
  std::optional<Snapshot> first = Look();
  EXPECT_EQ(KibibytesOf(*first), 96 * 1024);
  std::vector<Snapshot> more;
  for (int in_use = 2; in_use <= 40; ++in_use) {
    more.push_back(Look());
    EXPECT_EQ(KibibytesOf(more.back()), std::max(96 * 1024 / in_use, 2 * 1024));
  }
  more.clear();
  first.reset();
  // Of those that were given back, too.
  for (int i = 0; i < 3; ++i) {
    Snapshot alone = Look();
    EXPECT_EQ(KibibytesOf(alone), 96 * 1024);
  }
}

TEST_F(ReaderPoolTest, CountsNoneThatCouldNotBegin) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(Snapshot::Of(folder_.File("none.db"), pool_).ok());
  }
  Snapshot alone = Look();
  EXPECT_EQ(KibibytesOf(alone), 96 * 1024);
}

TEST_F(ReaderPoolTest, GivesBackAConnection) {
  const Database* which = nullptr;
  {
    Snapshot snapshot = Look();
    which = &*snapshot;
  }
  std::unique_ptr<Database> idle = pool_->Take();
  ASSERT_EQ(idle.get(), which);
  EXPECT_EQ(idle->Number("PRAGMA cache_size").value(), -2 * 1024);
  pool_->GiveBack(std::move(idle));
}

}  // namespace
}  // namespace loyalty::store
