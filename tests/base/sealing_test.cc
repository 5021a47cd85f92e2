// SPDX-License-Identifier: Apache-2.0
//
// What was sealed is read with its key, and nothing else is.
#include "base/sealing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace loyalty::base {
namespace {

const std::string kKey(32, 'k');

TEST(Sealing, IsReadWithTheKey) {
  for (const std::string& text :
       {std::string(), std::string("KINO-17"), std::string(5000, 'x')}) {
    const auto sealed = Seal(kKey, text);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    EXPECT_EQ(sealed->size(), text.size() + 28);
    if (text.size() > 3) {
      EXPECT_THAT(*sealed, testing::Not(testing::HasSubstr(text)));
    }
    EXPECT_EQ(*Unseal(kKey, *sealed), text);
  }
}

TEST(Sealing, IsTheSameForTheSameTextOnly) {
  EXPECT_EQ(*Seal(kKey, "KINO-17"), *Seal(kKey, "KINO-17"));
  EXPECT_NE(Seal(kKey, "KINO-17")->substr(0, 12),
            Seal(kKey, "KINO-18")->substr(0, 12));
  EXPECT_NE(*Seal(std::string(32, 'l'), "KINO-17"), *Seal(kKey, "KINO-17"));
}

TEST(Sealing, RefusesAnotherKeyAndEveryChange) {
  const std::string sealed = *Seal(kKey, "KINO-17");
  EXPECT_EQ(Unseal(std::string(32, 'l'), sealed).status().code(),
            absl::StatusCode::kDataLoss);
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(Unseal(kKey, changed).ok()) << i;
    EXPECT_FALSE(Unseal(kKey, sealed.substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace loyalty::base
