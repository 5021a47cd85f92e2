// SPDX-License-Identifier: Apache-2.0
//
// Activity Streams 2.0: what is one by its specification, and what is not; the
// documents of others; and which events activities are.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "formats/activity_map.h"
#include "formats/activity_streams.h"
#include "server/serving.h"

namespace community {
namespace {

constexpr char kActivityType[] = "application/activity+json";

// The field that is refused, or "" if the document is good.
std::string Refused(const std::string& document) {
  try {
    ReadActivity(ReadObject(document));
    return "";
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 400);
    return refusal.more().value("field", "?");
  }
}

TEST(ActivityStreams, MayHaveAnyOfItsValues) {
  for (
      const char* document : {
          R"({"name":["a","b"],"summaryMap":{"en":"a","zh-Hant-TW":"b"}})",
          R"({"name":{"@value":"a","@language":"en"},"content":null})",
          R"({"@id":"urn:uuid:1","@type":"as:Note","context":"_:b0"})",
          R"({"@context":{"@vocab":"https://www.w3.org/ns/activitystreams"}})",
          R"({"@context":["https://example.org/x",
               "https://www.w3.org/ns/activitystreams"]})",
          R"({"type":"Question","oneOf":[{"type":"Note","name":"Yes"}],
               "closed":true})",
          R"({"type":"Question","anyOf":[],"closed":"2016-05-10T00:00:00Z"})",
          R"({"type":"Travel","actor":{"type":"Person","name":"Sally"},
               "target":{"type":"Place","name":"Work"}})",
          R"({"type":"Place","latitude":36.75,"longitude":119.7667,
               "accuracy":94.5,"radius":15,"units":"miles","altitude":-3})",
          R"({"type":"Event","startTime":"2014-12-31T23:00:00-08:00",
               "endTime":"2015-01-01T06:00:00.5-08:00","duration":"PT2H"})",
          R"({"type":"Tombstone","formerType":"Image",
               "deleted":"2016-03-17T00:00:00Z"})",
          R"({"type":"Link","href":"http://example.org/abc","rel":
               ["canonical","preview"],"height":100,"hreflang":"en"})",
          R"({"type":"Collection","first":{"type":"Link","href":"http://e/"}})",
          R"({"type":"OrderedCollectionPage","startIndex":0,"orderedItems":[]})",
          R"({"type":["Like","Arrive"],"object":"http://example.org/1"})",
          R"({"type":"http://example.org/Own","first":{"type":"x:Page"},
               "own":{"published":"whenever"}})",
          R"({"url":["/relative",{"type":"Link","href":"/x"}]})",
          R"({"mediaType":"text/html; charset=utf-8","published":["2016-01-01T00:00Z"]})",
      }) {
    EXPECT_EQ(Refused(document), "") << document;
  }
}

TEST(ActivityStreams, RefusesWhatIsOutOfRangeWhereverItStands) {
  const std::pair<const char*, const char*> documents[] = {
      {"id", R"({"id":"notes/1"})"},
      {"id", R"({"id":7})"},
      {"id", R"({"id":["http://e/1","http://e/2"]})"},
      {"id", R"({"id":"http://example.org/a b"})"},
      {"type", R"({"type":["Note",7]})"},
      {"type", R"({"type":""})"},
      {"name", R"({"name":true})"},
      {"name.no language", R"({"name":{"no language":"x"}})"},
      {"contentMap.en", R"({"contentMap":{"en":1}})"},
      {"summaryMap", R"({"summaryMap":["x"]})"},
      {"actor", R"({"actor":"Sally"})"},
      {"actor", R"({"actor":[{"type":"Person"},false]})"},
      {"actor.id", R"({"actor":{"id":"sally"}})"},
      {"object.object.published",
       R"({"object":{"object":{"published":"2016-01-01"}}})"},
      {"object", R"({"type":"Arrive","object":"http://example.org/1"})"},
      {"anyOf", R"({"type":"Question","oneOf":[],"anyOf":[]})"},
      {"items.href", R"({"type":"Collection","items":[{"type":"Link"}]})"},
      {"orderedItems", R"({"type":"Collection","orderedItems":[]})"},
      {"items", R"({"type":"OrderedCollectionPage","items":[]})"},
      {"next", R"({"type":"CollectionPage","next":{"type":"Collection"}})"},
      {"partOf", R"({"type":"CollectionPage","partOf":{"type":"Note"}})"},
      {"replies", R"({"replies":{"type":"Note"}})"},
      {"totalItems", R"({"totalItems":-1})"},
      {"totalItems", R"({"totalItems":1.5})"},
      {"totalItems", R"({"totalItems":"3"})"},
      {"icon", R"({"icon":{"type":"Note"}})"},
      {"url", R"({"url":{"type":"Note"}})"},
      {"url", R"({"url":"not an IRI"})"},
      {"published", R"({"published":"2016-01-01T00:00:00"})"},
      {"published", R"({"published":"2016-02-30T00:00:00Z"})"},
      {"published", R"({"published":1451606400})"},
      {"updated", R"({"updated":"Fri, 01 Jan 2016 00:00:00 GMT"})"},
      {"published",
       R"({"published":["2016-01-01T00:00:00Z","2016-01-02T00:00:00Z"]})"},
      {"duration", R"({"duration":"2 hours"})"},
      {"duration", R"({"duration":"P"})"},
      {"accuracy", R"({"accuracy":101})"},
      {"radius", R"({"radius":-1})"},
      {"latitude", R"({"latitude":"36.7"})"},
      {"units", R"({"units":"parsecs"})"},
      {"mediaType", R"({"mediaType":"html"})"},
      {"hreflang", R"({"href":"http://e/","hreflang":"english language"})"},
      {"rel", R"({"href":"http://e/","rel":"a b"})"},
      {"width", R"({"href":"http://e/","width":-1})"},
      {"href", R"({"type":"Mention","name":"Joe"})"},
      {"closed", R"({"type":"Question","closed":3})"},
      {"@context", R"({"@context":true})"},
      {"@context", R"({"@context":["https://schema.org"]})"},
  };
  for (const auto& [field, document] : documents) {
    EXPECT_EQ(Refused(document), field) << document;
  }
}

TEST(ActivityStreams, HasActivitiesWithTheIdsOfWhatTheyAreOf) {
  const auto activity = ReadActivity(ReadObject(
      R"({"type":["ext:Own","Offer"],"id":"http://e/1",
          "actor":[{"name":"x","id":"http://e/ada"},"http://e/grace"],
          "object":{"type":"Note"},"target":{"type":"Link","href":"http://e/2"}})"));
  ASSERT_TRUE(activity.has_value());
  EXPECT_EQ(activity->type, "Offer");
  EXPECT_EQ(activity->object_type, "Note");
  EXPECT_EQ(activity->id, "http://e/1");
  EXPECT_EQ(activity->time, std::nullopt);
  EXPECT_EQ(activity->actor, "http://e/ada");
  EXPECT_EQ(activity->object, std::nullopt);
  EXPECT_EQ(activity->target, "http://e/2");
  EXPECT_FALSE(ReadActivity(ReadObject(R"({"type":"Note"})")).has_value());
}

TEST(ActivityMap, ThatIsWrongIsToldWhere) {
  for (const char* map :
       {"[]", R"({"event":[]})", R"({"events":[{"activity":"Like"}]})",
        R"({"events":[{"activity":"Like","event":"x","to":"y"}]})",
        R"({"events":[1]})", R"({"events":[{"activity":"L","event":"x",
            "attributes":{"owner":1}}]})"}) {
    EXPECT_THROW(ActivityMap{map}, std::invalid_argument) << map;
  }
}

class Activities : public testing::Test {
 protected:
  static ServerOptions Options() {
    ServerOptions options = OptionsFor("");
    options.activities_file =
        SourceFile("examples/community_server/activities.json");
    return options;
  }
  Answer Send(const std::string& body,
              const std::string& type = kActivityType) {
    return machine_.Send("POST", "/api/events", body, {{"Content-Type", type}});
  }

  Serving serving_{Options()};
  Client machine_ = serving_.Machine(kWriteToken);
};

constexpr char kLike[] =
    R"({"@context":"https://www.w3.org/ns/activitystreams","type":"Like",
        "id":"http://e/likes/1","actor":"http://e/ada",
        "object":{"id":"http://e/notes/1","attributedTo":"http://e/grace"}})";

TEST_F(Activities, AreTheEventsThatTheMapSays) {
  const Answer liked = Send(kLike);
  ASSERT_EQ(liked.status, 200) << liked.text;
  EXPECT_EQ(liked.body["event"]["event"], "http://e/likes/1");
  EXPECT_EQ(liked.body["event"]["effects"].size(), 2u) << liked.text;
  EXPECT_EQ(Send(kLike).body["event"]["repeat"], true);
  // And the like is taken back, with what it gave.
  const Answer undone =
      Send(R"({"type":"Undo","actor":"http://e/ada","object":)" +
           std::string(kLike) + "}");
  ASSERT_EQ(undone.status, 200) << undone.text;
  EXPECT_EQ(undone.body["event"]["effects"][0]["kind"], "reversed")
      << undone.text;
}

TEST_F(Activities, WithoutAnEventAreTakenAndSaidToHaveNone) {
  const Answer flag = Send(
      R"({"type":"Flag","actor":"http://e/ada","object":"http://e/notes/1"})");
  EXPECT_EQ(flag.status, 202) << flag.text;
  EXPECT_EQ(flag.body["event"], nullptr);
  EXPECT_EQ(flag.body["activity"]["type"], "Flag");
  EXPECT_EQ(flag.body["no_event"], "the program has no event for Flag");
  const Answer note = Send(R"({"type":"Note"})");
  EXPECT_EQ(note.status, 202);
  EXPECT_EQ(note.body["activity"], nullptr);
}

TEST_F(Activities, MayBeLinkedDataOfTheirProfileAlone) {
  EXPECT_EQ(Send(kLike,
                 "application/ld+json; profile="
                 "\"https://www.w3.org/ns/activitystreams\"")
                .status,
            200);
  EXPECT_EQ(Send(kLike, "application/ld+json").status, 415);
}

TEST_F(Activities, OfTheTestDocumentsAreTakenAsTheirIndexSays) {
  const char* const shared = std::getenv("LOYALTY_SHARED");
  const std::filesystem::path folder =
      std::filesystem::path(shared != nullptr ? shared : "../shared") / "data" /
      "activitystreams";
  std::ifstream index(folder / "index.jsonl");
  if (!index) GTEST_SKIP() << folder << " is not there";
  int documents = 0;
  for (std::string line; std::getline(index, line); ++documents) {
    const Json expected = Json::parse(line);
    const std::string file = expected["file"];
    const Answer answer = Send(FileText((folder / file).string()));
    if (expected["expect"] == "reject") {
      EXPECT_EQ(answer.status, 400) << file << answer.text;
      continue;
    }
    EXPECT_TRUE(answer.status == 200 || answer.status == 202)
        << file << answer.text;
    EXPECT_EQ(answer.body["activity"], expected.value("event", Json())) << file;
  }
  EXPECT_GT(documents, 50);
}

}  // namespace
}  // namespace community
