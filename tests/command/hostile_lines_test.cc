// SPDX-License-Identifier: Apache-2.0
//
// Lines that are no events, between two that are. Each is told with its place
// and its reason; `run` goes on, or stops there with --strict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::HasSubstr;
using testing::Not;

struct HostileLine {
  std::string name;
  std::string line;     // without its newline
  std::string message;  // a part of what is said of it
};

std::ostream& operator<<(std::ostream& os, const HostileLine& hostile) {
  return os << hostile.name;
}

// An idea with `attributes`, or with `id` or `time` of its own.
std::string Idea(const std::string& attributes) {
  return R"({"id":"e2","type":"idea_posted","time":"2024-03-01T12:00:00Z",)"
         R"("actor":"ada","target":"i2","attributes":{)" +
         attributes + "}}";
}

std::string WithId(const std::string& id) {
  return R"({"id":")" + id +
         R"(","type":"idea_posted","time":"2024-03-01T12:00:00Z",)"
         R"("actor":"ada"})";
}

std::string WithTime(const std::string& time) {
  return R"({"id":"e2","type":"idea_posted","actor":"ada","time":")" + time +
         R"("})";
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Texts that are not the JSON of anything, or of nothing we take.
std::vector<HostileLine> BadJson() {
  const std::string mebibyte(size_t{1} << 20, 'x');
  return {
      {"HalfAnObject", R"({"id":"e2",)", "malformed JSON at byte"},
      {"NoJson", "hello", "malformed JSON at byte"},
      {"AList", "[1,2]", "not an event: expected a JSON object"},
      {"TwoObjects", WithId("e2") + WithId("e3"), "malformed JSON at byte"},
      {"NulInAnId", WithId(R"(a\u0000b)"), "id: holds NUL"},
      {"RawNul", WithId(std::string("a\0b", 3)), "malformed JSON at byte"},
      {"NotANumber", Idea(R"("words":NaN)"), "malformed JSON at byte"},
      {"Infinity", Idea(R"("words":-Infinity)"), "malformed JSON at byte"},
      {"HugeDouble", Idea(R"("words":1e400)"),
       "attributes.words: \"1e400\" is out of the range of numbers"},
      {"TwoToThe63", Idea(R"("words":9223372036854775808)"),
       "is out of the range of numbers"},
      {"KeyTwice", Idea(R"("words":1,"words":2)"),
       "attributes.words: written twice"},
      {"TextOf1MiB", Idea(R"("note":")" + mebibyte + "\""),
       "is longer than 1 MiB"},
      {"LineOf10MiB", Repeated(mebibyte, 10), "is longer than 1 MiB"},
      {"InvalidUtf8", WithId("a\xFF\xFE"), "malformed JSON at byte"},
      {"OverlongUtf8", WithId("a\xC0\xAF"), "malformed JSON at byte"},
      {"HalfASurrogatePair", WithId(R"(a\ud800)"), "malformed JSON at byte"},
      {"DeepNesting",
       Idea(R"("note":)" + Repeated("[", 40) + Repeated("]", 40)),
       "more than 32 levels deep"},
      {"VeryDeepNesting", Repeated("[", 100000), "malformed JSON at byte"},
  };
}

// JSON that is no event, or none of the program's.
std::vector<HostileLine> BadEvents() {
  return {
      {"UnknownType",
       R"({"id":"e2","type":"idea_postet","time":"2024-03-01T12:00:00Z",)"
       R"("actor":"ada"})",
       R"("idea_postet" is not declared by the program. )"
       R"(Did you mean "idea_posted"?)"},
      {"MisspeltMember",
       R"({"id":"e2","tipe":"idea_posted","time":"2024-03-01T12:00:00Z"})",
       "tipe: no member of an event"},
      {"MissingTime", R"({"id":"e2","type":"idea_posted","actor":"ada"})",
       "time: missing"},
      {"NeitherActorNorTarget",
       R"({"id":"e2","type":"idea_posted","time":"2024-03-01T12:00:00Z"})",
       "actor: is missing"},
      {"NoTime", WithTime("yesterday"), "time: expected RFC 3339"},
      {"TimeWithoutZone", WithTime("2024-03-01T12:00:00"),
       "time: expected RFC 3339"},
      {"NumberAsId",
       R"({"id":2,"type":"idea_posted","time":"2024-03-01T12:00:00Z"})",
       "id: expected a text"},
      {"EmptyId", WithId(""), "id: is empty"},
      {"LongId", WithId(std::string(257, 'x')),
       "id: is 257 bytes long; the most is 256"},
      {"TextAsInt", Idea(R"("words":"many")"), "attributes.words: "},
      {"FractionAsInt", Idea(R"("words":1.5)"), "attributes.words: "},
      {"ListAsInt", Idea(R"("words":[1])"), "attributes.words: "},
      {"LongText", Idea(R"("note":")" + std::string(5000, 'x') + "\""),
       "attributes.note: is 5000 bytes long; the most is 4096"},
      {"MissingAttribute",
       R"({"id":"e2","type":"kudos_taken_back","actor":"ada",)"
       R"("time":"2024-03-01T12:00:00Z"})",
       "attributes.kudos: is missing; kudos_taken_back needs it"},
  };
}

class Line : public testing::TestWithParam<HostileLine> {
 protected:
  Line() {
    Write(events_, EventLine("e1", "idea_posted", R"(,"actor":"ada")") +
                       GetParam().line + "\n" +
                       EventLine("e3", "idea_posted", R"(,"actor":"bea")"));
  }

  Ended Run(const Arguments& more) {
    Arguments arguments = {
        "run",  "--program", ExampleProgram("brand_community.textproto"),
        "--db", db_,         "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(events_);
    return RunLoyalty(arguments);
  }

  store::TemporaryFolder folder_;
  const std::string events_ = folder_.File("events.jsonl");
  const std::string db_ = folder_.File("community.db");
};

TEST_P(Line, IsToldWithItsPlaceAndTheRunGoesOn) {
  const Ended ended = Run({});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(events_ + ":2: "));
  EXPECT_THAT(ended.err, HasSubstr(GetParam().message));
  EXPECT_LT(ended.err.size(), 2000u);
  const Json summary = Json::parse(ended.out);
  EXPECT_EQ(summary.at("lines"), 3);
  EXPECT_EQ(summary.at("bad_lines"), 1);
  EXPECT_EQ(summary.at("recorded"), 2);
  EXPECT_EQ(BalancesIn(db_, "points"),
            (std::map<std::string, int64_t>{{"ada", 5}, {"bea", 5}}));
}

TEST_P(Line, StopsAStrictRunAfterWhatCameBefore) {
  const Ended ended = Run({"--strict"});
  EXPECT_EQ(ended.exit, 1) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr(events_ + ":2: "));
  EXPECT_THAT(ended.err, HasSubstr(GetParam().message));
  EXPECT_EQ(Json::parse(ended.out).at("recorded"), 1);
  EXPECT_EQ(BalancesIn(db_, "points"),
            (std::map<std::string, int64_t>{{"ada", 5}}));
}

std::string NameOf(const testing::TestParamInfo<HostileLine>& hostile) {
  return hostile.param.name;
}

INSTANTIATE_TEST_SUITE_P(Json, Line, testing::ValuesIn(BadJson()), NameOf);
INSTANTIATE_TEST_SUITE_P(Event, Line, testing::ValuesIn(BadEvents()), NameOf);

class Lines : public testing::Test {
 protected:
  Ended Feed(std::string_view log, const Arguments& more = {}) {
    Arguments arguments = {"run",
                           "--program",
                           ExampleProgram("brand_community.textproto"),
                           "--db",
                           folder_.File("community.db"),
                           "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back("-");
    return RunLoyalty(arguments, log);
  }
  store::TemporaryFolder folder_;
};

TEST_F(Lines, AreAllCountedAndTheFirstTwentyBadOnesTold) {
  std::string log;
  for (int i = 0; i < 50; ++i) log += "no event\n";
  const Ended ended = Feed(log);
  EXPECT_EQ(ended.exit, 1);
  EXPECT_EQ(Json::parse(ended.out).at("bad_lines"), 50);
  EXPECT_THAT(ended.err, HasSubstr("standard input:20: "));
  EXPECT_THAT(ended.err, Not(HasSubstr("standard input:21: ")));
}

TEST_F(Lines, ThatAreBlankOrEndInCrLfOrLackANewlineAreFine) {
  std::string log =
      "\xEF\xBB\xBF" + EventLine("e1", "idea_posted", R"(,"actor":"ada")");
  log.insert(log.size() - 1, "\r");
  log += "\n  \n" + EventLine("e2", "idea_posted", R"(,"actor":"bea")");
  log.pop_back();
  const Ended ended = Feed(log);
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(Json::parse(ended.out).at("recorded"), 2);
}

TEST_F(Lines, WithUndeclaredAttributesAreTakenAndThoseCounted) {
  const std::string log =
      EventLine("e1", "idea_posted",
                R"(,"actor":"ada","attributes":{"mood":"good","words":5})") +
      EventLine("e2", "idea_posted",
                R"(,"actor":"ada","attributes":{"mood":"bad"})");
  const Ended ended = Feed(log);
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json summary = Json::parse(ended.out);
  EXPECT_EQ(summary.at("recorded"), 2);
  EXPECT_EQ(summary.at("undeclared"), Json({{"idea_posted.mood", 2}}));
}

TEST_F(Lines, WithUndeclaredAttributesStopAStrictRun) {
  const std::string log =
      EventLine("e1", "idea_posted", R"(,"actor":"ada")") +
      EventLine("e2", "idea_posted",
                R"(,"actor":"ada","attributes":{"mood":"good"})");
  const Ended ended = Feed(log, {"--strict"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.err, HasSubstr("standard input:2: idea_posted.mood is not "
                                   "declared by the program"));
  EXPECT_EQ(Json::parse(ended.out).at("recorded"), 1);
}

TEST_F(Lines, WhoseIdWasUsedForAnotherEventAreRejected) {
  const std::string log = EventLine("e1", "idea_posted", R"(,"actor":"ada")") +
                          EventLine("e1", "idea_posted", R"(,"actor":"bea")") +
                          EventLine("e1", "idea_posted", R"(,"actor":"ada")");
  const Ended ended = Feed(log);
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json summary = Json::parse(ended.out);
  EXPECT_EQ(summary.at("recorded"), 1);
  EXPECT_EQ(summary.at("repeats"), 1);
  EXPECT_EQ(summary.at("rejected"), Json({{"event_id_reused", 1}}));
}

TEST_F(Lines, FromTheFutureAreRejectedForGood) {
  std::string line = EventLine("e1", "idea_posted", R"(,"actor":"ada")");
  line.replace(line.find("2024"), 4, "9024");
  const Ended ended = Feed(line);
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(Json::parse(ended.out).at("rejected"), Json({{"ahead", 1}}));
}

TEST_F(Lines, CannotMoveTheCursorOfWhoReadsAboutThem) {
  const Ended ended = Feed(
      "{\"\x1b[2J\": 1}\n"
      "\x1b[2J\n");
  EXPECT_EQ(ended.exit, 1) << "nothing of it was a good line";
  EXPECT_THAT(ended.err, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace loyalty::command
