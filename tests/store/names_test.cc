// SPDX-License-Identifier: Apache-2.0
//
// Names of several members at once are those that are given one by one.
#include "store/names.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

TEST(Names, OfManyAreThoseOfEach) {
  const TemporaryFolder folder;
  const std::unique_ptr<Database> db =
      Database::Open(folder.File("names.db"), Database::Mode::kReadWrite)
          .value();
  ASSERT_TRUE(
      db->Execute("CREATE TABLE member (member INTEGER PRIMARY KEY, id TEXT)")
          .ok());
  for (int i = 1; i <= 40; ++i) {
    if (i % 5 == 0) continue;  // erased
    ASSERT_TRUE(db->Run("INSERT INTO member VALUES (?, ?)", i,
                        std::string_view(absl::StrCat("member-", i * i)))
                    .ok());
  }
  Names names(*db);
  std::vector<int64_t> numbers;
  for (int i = 0; i < 40; ++i) numbers.push_back((i * 17) % 40 + 1);
  numbers.insert(numbers.end(), {3, 3, 5, 5, 41, -1});
  for (size_t many = 0; many <= numbers.size(); ++many) {
    const auto some = std::span(numbers).first(many);
    std::vector<std::string> expected;
    for (const int64_t number : some) {
      expected.push_back(names.Member(number).value());
    }
    EXPECT_EQ(names.Members(some).value(), expected);
  }
  EXPECT_EQ(names.Member(4).value(), "member-16");
  EXPECT_EQ(names.Member(5).value(), "#5");
}

}  // namespace
}  // namespace loyalty::store
