// SPDX-License-Identifier: Apache-2.0
//
// Every event gets one outcome, for ever: repeats, reused ids, malformed and
// rejected events, clocks, batches and previews.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::AwardsOf;
using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kLikes[] = R"(
  name: "likes" version: "1"
  currency { id: "points" }
  event_type { id: "like" attribute { name: "owner" type: MEMBER }
               attribute { name: "weight" type: DOUBLE }
               attribute { name: "at" type: TIME } }
  event_type { id: "login" }
  rule { id: "liked" on: "like" award { to: "event.owner" currency: "points" units: "5" } }
)";

Event Like(const std::string& id) {
  return {.id = id,
          .type = "like",
          .time = Day(1),
          .actor = "ada",
          .target = "post",
          .channel = "web",
          .attributes = {{"owner", "grace"}, {"extra", 5}}};
}

TEST(Process, AnswersARepeatAsBefore) {
  Community community(kLikes);
  const Outcome first = community.Send(Like("e1"));
  const Outcome again = community.Send(Like("e1"));
  EXPECT_FALSE(first.repeat);
  EXPECT_TRUE(again.repeat);
  EXPECT_EQ(first, again);
  EXPECT_EQ(community.Balance("grace", "points"), 5);
}

TEST(Process, AnswersARepeatWithinOneBatch) {
  Community community(kLikes);
  const std::vector<Event> batch = {Like("e1"), Like("e1"), Like("e2")};
  const auto outcomes = community.engine().Process(batch);
  ASSERT_TRUE(outcomes.ok());
  EXPECT_TRUE((*outcomes)[1]->repeat);
  EXPECT_EQ((*outcomes)[2]->seq, 2);
  EXPECT_EQ(community.Balance("grace", "points"), 10);
}

TEST(Process, NamesTheFieldInWhichAReusedIdDiffers) {
  struct Change {
    std::string field;
    std::function<void(Event&)> make;
  };
  const std::vector<Change> changes = {
      {"type", [](Event& e) { e.type = "login"; }},
      {"time", [](Event& e) { e.time += absl::Microseconds(1); }},
      {"actor", [](Event& e) { e.actor = "eve"; }},
      {"actor", [](Event& e) { e.actor.reset(); }},
      {"target", [](Event& e) { e.target = "other"; }},
      {"channel", [](Event& e) { e.channel.reset(); }},
      {"attributes.owner", [](Event& e) { e.attributes.at("owner") = "eve"; }},
      {"attributes.extra", [](Event& e) { e.attributes.at("extra") = 5.0; }},
      {"attributes.extra", [](Event& e) { e.attributes.erase("extra"); }},
      {"attributes.more",
       [](Event& e) { e.attributes.emplace("more", Value(true)); }}};
  for (const Change& change : changes) {
    SCOPED_TRACE(change.field);
    Community community(kLikes);
    community.Send(Like("e1"));
    Event changed = Like("e1");
    change.make(changed);
    const Outcome outcome = community.Send(changed);
    EXPECT_EQ(outcome.rejected, RejectReason::kEventIdReused);
    EXPECT_THAT(outcome.reason, HasSubstr(change.field));
    EXPECT_EQ(outcome.seq, 0);
    EXPECT_EQ(community.Balance("grace", "points"), 5);
    EXPECT_FALSE(community.Exists("eve"));
    EXPECT_TRUE(community.Send(Like("e1")).repeat);
  }
}

TEST(Process, TakesTheSameContentInAnotherForm) {
  Community community(kLikes);
  Event event = Like("e1");
  event.attributes.emplace("weight", Value(2));
  event.attributes.emplace("at", Value("2026-01-01T13:00:00+01:00"));
  community.Send(event);
  event.attributes.at("weight") = 2.0;
  event.attributes.at("at") = Day(1);
  EXPECT_TRUE(community.Send(event).repeat);
}

TEST(Process, LeavesTheIdOfAMalformedEventFree) {
  Community community(kLikes);
  Event event = Like("e1");
  event.attributes.at("owner") = 5;
  const auto outcome = community.engine().Process(event);
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcome.status().message()),
              HasSubstr("attributes.owner: expected a MEMBER"));
  EXPECT_EQ(community.Send(Like("e1")).seq, 1);
}

TEST(Process, RecordsTheOthersOfABatchWithAMalformedEvent) {
  Community community(kLikes);
  Event unknown = Like("e2");
  unknown.type = "lik";
  const std::vector<Event> batch = {Like("e1"), unknown, Like("e3")};
  const auto outcomes = community.engine().Process(batch);
  ASSERT_TRUE(outcomes.ok());
  EXPECT_TRUE((*outcomes)[0].ok());
  EXPECT_THAT(std::string((*outcomes)[1].status().message()),
              HasSubstr("Did you mean \"like\"?"));
  EXPECT_EQ((*outcomes)[2]->seq, 2);
}

TEST(Process, RefusesWhatIsNoEvent) {
  struct Fault {
    std::string says;
    std::function<void(Event&)> make;
  };
  const std::vector<Fault> faults = {
      {"id: is empty", [](Event& e) { e.id = ""; }},
      {"id: is 257 bytes", [](Event& e) { e.id = std::string(257, 'x'); }},
      {"id: holds a NUL", [](Event& e) { e.id = std::string("a\0b", 3); }},
      {"actor: is not valid UTF-8", [](Event& e) { e.actor = "\xff"; }},
      {"actor: is empty", [](Event& e) { e.actor = ""; }},
      {"target: is empty", [](Event& e) { e.target = ""; }},
      {"actor: is missing, and so is target",
       [](Event& e) {
         e.actor.reset();
         e.target.reset();
       }},
      {"time: is outside", [](Event& e) { e.time = absl::InfiniteFuture(); }},
      {"attributes.x: is 1048576 bytes",
       [](Event& e) { e.attributes.emplace("x", std::string(1 << 20, 'x')); }},
      {"attributes.x: is not a number",
       [](Event& e) { e.attributes.emplace("x", std::nan("")); }},
      {"attributes.owner: is empty",
       [](Event& e) { e.attributes.at("owner") = ""; }},
      {"type: \"loyalty.sweeten\" is not declared",
       [](Event& e) { e.type = "loyalty.sweeten"; }}};
  Community community(kLikes);
  for (const Fault& fault : faults) {
    Event event = Like("e1");
    fault.make(event);
    const auto outcome = community.engine().Process(event);
    EXPECT_EQ(outcome.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(outcome.status().message());
    if (fault.says == "attributes.owner: is empty") {
      EXPECT_THAT(message, HasSubstr("attributes.owner: "));
      EXPECT_THAT(message, HasSubstr("empty"));
    } else {
      EXPECT_THAT(message, HasSubstr(fault.says));
    }
  }
  EXPECT_EQ(community.Send(Like("e1")).seq, 1);
}

TEST(Process, RejectsWhatLiesTooFarAhead) {
  Community community(kLikes);
  community.now = Day(1);
  Event event = Like("e1");
  event.time = Day(2, 13);
  const Outcome outcome = community.Send(event);
  EXPECT_EQ(outcome.rejected, RejectReason::kAhead);
  EXPECT_EQ(outcome.seq, 1);  // stored: the answer stands for ever
  community.now = Day(20);
  EXPECT_TRUE(community.Send(event).repeat);
  EXPECT_EQ(community.Send(event).rejected, RejectReason::kAhead);
  EXPECT_FALSE(community.Exists("grace"));
}

TEST(RecordedAt, IncreasesEvenIfTheClockStepsBack) {
  Community community(kLikes);
  const absl::Time first = community.Send(Like("e1")).recorded_at;
  community.now -= absl::Hours(1);
  const absl::Time second = community.Send(Like("e2")).recorded_at;
  EXPECT_GT(second, first);
  community.now = first + absl::Hours(1);
  EXPECT_EQ(community.Send(Like("e3")).recorded_at, community.now);
  community.ExpectVerified();
}

TEST(Preview, SaysWhatWouldHappenAndRecordsNothing) {
  Community community(kLikes);
  const auto preview = community.engine().Preview(Like("e1"));
  ASSERT_TRUE(preview.ok());
  EXPECT_THAT(AwardsOf(*preview), ElementsAre("liked grace 5"));
  EXPECT_FALSE(community.Exists("grace"));
  EXPECT_EQ(community.Send(Like("e1")), *preview);
}

TEST(Sweep, HasNothingToDoYetAndSaysSo) {
  Community community(kLikes);
  EXPECT_EQ(*community.engine().Sweep(Day(31)), 0);
  EXPECT_FALSE(community.engine().Sweep(absl::InfiniteFuture()).ok());
}

// A rejection would be an entry, for ever.
TEST(Sweep, RefusesATimeTooFarAheadAndRecordsNothing) {
  Community community(std::string(kLikes) + R"(
    leaderboard { id: "week" currency: "points" period: WEEK
                  prize { ranks: "1" award { currency: "points" units: 1 } } })");
  community.Send(Like("e1"));
  const absl::Time ahead = community.now + absl::Hours(25);
  for (const auto& answer : {community.engine().Sweep(ahead),
                             community.engine().EndSeasons(ahead)}) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(answer.status().message(), HasSubstr("max_ahead"));
  }
  EXPECT_EQ((*community.engine().Query())->Head()->seq, 1);
}

TEST(Feed, IsReadFromAnyPosition) {
  Community community(kLikes);
  for (int i = 0; i < 5; ++i) community.Send(Like(absl::StrCat("e", i)));
  const auto queries = community.engine().Query();
  std::vector<std::string> ids;
  for (int64_t after = 0;;) {
    const auto page = (*queries)->Feed(after, 2);
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    for (const Outcome& outcome : *page) ids.push_back(outcome.event_id);
    after = page->back().seq;
  }
  EXPECT_THAT(ids, ElementsAre("e0", "e1", "e2", "e3", "e4"));
}

}  // namespace
}  // namespace loyalty
