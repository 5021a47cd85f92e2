// SPDX-License-Identifier: Apache-2.0
//
// JsonText writes what a tree of the same values is written as, and Rfc3339
// what the format says.
#include "http/json_text.h"

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include "http/json.h"

namespace community {
namespace {

// Writes a tree, step by step, as a program would that never made one.
void WriteTree(const Json& tree, JsonText& text) {
  if (tree.is_object()) {
    text.BeginObject();
    for (const auto& [key, value] : tree.items()) {
      text.Key(key);
      WriteTree(value, text);
    }
    text.EndObject();
  } else if (tree.is_array()) {
    text.BeginArray();
    for (const Json& value : tree) WriteTree(value, text);
    text.EndArray();
  } else if (tree.is_string()) {
    text.Value(tree.get_ref<const std::string&>());
  } else if (tree.is_boolean()) {
    text.Value(tree.get<bool>());
  } else if (tree.is_null()) {
    text.Value(nullptr);
  } else {
    text.Value(tree.get<int64_t>());
  }
}

class RandomTree {
 public:
  explicit RandomTree(unsigned seed) : random_(seed) {}

  Json Make(int depth) {
    switch (Below(depth > 0 ? 7 : 5)) {
      case 0: return nullptr;
      case 1: return Below(2) == 0;
      case 2: return SomeNumber();
      case 3:
      case 4: return SomeText();
      case 5: {
        Json list = Json::array();
        for (int i = Below(4); i > 0; --i) list.push_back(Make(depth - 1));
        return list;
      }
      default: {
        Json object = Json::object();
        for (int i = Below(4); i > 0; --i) {
          object[SomeText()] = Make(depth - 1);
        }
        return object;
      }
    }
  }

 private:
  int Below(int end) { return static_cast<int>(random_() % unsigned(end)); }

  int64_t SomeNumber() {
    constexpr int64_t kEdges[] = {0, -1, std::numeric_limits<int64_t>::min(),
                                  std::numeric_limits<int64_t>::max()};
    return Below(2) == 0 ? kEdges[Below(4)] : Below(100'000) - 50'000;
  }

  // Most of letters alone; else also of any bytes, among them such as are no
  // UTF-8, and of pieces that are written as something else.
  std::string SomeText() {
    constexpr const char* kPieces[] = {"\"",
                                       "\\",
                                       "\n",
                                       "\x01",
                                       "/",
                                       "\x7f",
                                       "\xc3\xa9",
                                       "\xe2\x80",
                                       "é",
                                       "\u2028",
                                       "\xf0\x9f\x8f\x86"};
    const bool is_plain = Below(3) != 0;
    std::string text;
    for (int i = Below(8); i > 0; --i) {
      if (is_plain || Below(2) == 0) {
        text += static_cast<char>('a' + Below(26));
      } else if (Below(4) == 0) {
        text += static_cast<char>(Below(256));
      } else {
        text += kPieces[Below(11)];
      }
    }
    return text;
  }

  std::mt19937 random_;
};

TEST(JsonText, IsWhatATreeOfTheSameIsWrittenAs) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const Json tree = RandomTree(seed).Make(4);
    JsonText text;
    WriteTree(tree, text);
    ASSERT_EQ(std::move(text).Take(), Text(tree)) << "seed " << seed;
  }
}

TEST(Rfc3339, IsAsTheFormatSays) {
  std::mt19937_64 random(3);
  const auto expect_same = [](absl::Time time) {
    EXPECT_EQ(Rfc3339(time),
              absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ",
                               absl::FromUnixMicros(absl::ToUnixMicros(time)),
                               absl::UTCTimeZone()));
  };
  for (int i = 0; i < 3000; ++i) {
    // Some ten thousand years each way, in which no year looks like another.
    const auto second =
        static_cast<int64_t>(random() % 600'000'000'000) - 300'000'000'000;
    expect_same(absl::FromUnixSeconds(second));
    expect_same(absl::FromUnixSeconds(second % 4'000'000'000));
    expect_same(absl::FromUnixSeconds(second) +
                absl::Nanoseconds(random() % 1'000'000'000));
  }
  for (const int64_t second : {-1, 0, 951'782'400, 1'709'164'800}) {
    expect_same(absl::FromUnixSeconds(second));
  }
  expect_same(absl::InfiniteFuture());
  expect_same(absl::InfinitePast());
}

}  // namespace
}  // namespace community
