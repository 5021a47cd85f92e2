// SPDX-License-Identifier: Apache-2.0
//
// What fuzzing and the tests beside it found, in its smallest form.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "loyalty/engine.h"
#include "loyalty/json.h"
#include "store/temporary_folder.h"

namespace loyalty::fuzz {
namespace {

Program Liking(const std::string& to) {
  return *Program::FromText(
      "name: 't' version: '1' currency { id: 'points' }\n"
      "event_type { id: 'like' }\n"
      "rule { id: 'r' on: 'like' award { currency: 'points' units: '2' to: '" +
          to + "' } }",
      "t.textproto");
}

Event Like(Attributes attributes) {
  return {.id = "like-1",
          .type = "like",
          .time = absl::FromUnixSeconds(1'700'000'000),
          .actor = "ada",
          .target = "grace",
          .attributes = std::move(attributes)};
}

// wire: years 1 to 9999 by its own clock may be years 0 or 10000 in UTC, which
// is how the event is written.
TEST(EventsInJson, AtTheEndsOfTimeAreReadBackOrRefused) {
  JsonEventReader reader;
  for (const char* time :
       {"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z"}) {
    const auto event = reader.Read(R"({"id":"a","type":"b","time":")" +
                                   std::string(time) + "\"}");
    if (!event.ok()) continue;
    const auto again = reader.Read(ToJson(*event));
    ASSERT_TRUE(again.ok()) << ToJson(*event) << " " << again.status();
    EXPECT_EQ(*again, *event);
  }
}

// core: attributes that no event type declares are compared as they came, but
// kept to the microsecond, so that a file takes them for another event's.
TEST(Repeats, WithFineUndeclaredTimesAreAnsweredAsBefore) {
  const Value values[] = {absl::FromUnixNanos(1), absl::Nanoseconds(1),
                          absl::Hours(100'000'000'000),
                          Value::List{absl::FromUnixNanos(1)}};
  for (const Value& value : values) {
    const store::TemporaryFolder folder;
    const auto engine =
        Engine::Open(folder.File("t.db"), Liking("event.target"));
    ASSERT_TRUE(engine.ok());
    const Event event = Like({{"undeclared", value}});
    const auto first = (*engine)->Process(event);
    // Refusing the event would do as well.
    if (absl::IsInvalidArgument(first.status())) continue;
    const auto second = (*engine)->Process(event);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_TRUE(second->repeat) << second->reason;
    EXPECT_EQ(*first, *second);
  }
}

// core: no event can name such a member, but a formula can make one.
TEST(Members, HaveNoNulInTheirIds) {
  const auto engine = Engine::InMemory(Liking(R"("a\\u0000b")"));
  ASSERT_TRUE(engine.ok());
  const auto outcome = (*engine)->Process(Like({}));
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE((*(*engine)->Query())->Member({"a\0b", 3}).ok());
}

}  // namespace
}  // namespace loyalty::fuzz
