// SPDX-License-Identifier: Apache-2.0
//
// The feed: what happens is told as it happens, to who it concerns, and after a
// break from where it was.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/serving.h"

namespace community {
namespace {

// What somebody hears, in a thread of its own.
class Listener {
 public:
  Listener(int port, const std::string& token, const std::string& last_id = "")
      : http_("127.0.0.1", port) {
    httplib::Headers headers = {{"Authorization", "Bearer " + token}};
    if (!last_id.empty()) headers.emplace("Last-Event-ID", last_id);
    http_.set_read_timeout(20);
    thread_ = std::thread([this, headers] {
      const auto result = http_.Get(
          "/api/feed", headers,
          [&](const httplib::Response& response) {
            status_ = response.status;
            heard_.notify_all();
            return true;
          },
          [&](const char* data, size_t size) {
            const std::lock_guard lock(mutex_);
            text_.append(data, size);
            heard_.notify_all();
            return !stops_.load();
          });
      has_ended_ = true;
      heard_.notify_all();
    });
  }
  ~Listener() {
    stops_ = true;
    http_.stop();
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Whether that is heard within some seconds.
  bool Hears(const std::string& text) {
    return Await([&] { return text_.find(text) != std::string::npos; });
  }
  bool Ends() {
    return Await([&] { return has_ended_.load(); });
  }
  int Status() {
    Await([&] { return status_ != 0 || has_ended_; });
    return status_;
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  bool Await(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!holds()) {
      heard_.wait_for(lock, std::chrono::milliseconds(20));
      if (std::chrono::steady_clock::now() > until) return false;
    }
    return true;
  }

  httplib::Client http_;
  std::mutex mutex_;
  std::condition_variable heard_;
  std::string text_ = {};
  std::atomic<int> status_ = 0;
  std::atomic<bool> has_ended_ = false;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

std::string Idea(Client& client) {
  return client
      .Post("/api/posts", {{"kind", "idea"}, {"title", "x"}, {"text", "y"}})
      .body.value("id", "");
}

// The ids of a stream, in order.
std::vector<int64_t> Ids(const std::string& text) {
  std::vector<int64_t> ids;
  for (size_t at = text.find("id: "); at != text.npos;
       at = text.find("id: ", at + 1)) {
    const size_t end = text.find('\n', at);
    if (text.compare(end + 1, 6, "event:") == 0) {
      ids.push_back(std::stoll(text.substr(at + 4)));
    }
  }
  return ids;
}

TEST(TheFeed, TellsMembersWhatConcernsThemAsItHappens) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  Listener listener(serving.port(), ada.token());
  ASSERT_TRUE(listener.Hears("retry:"));
  const std::string idea = Idea(ada);
  EXPECT_TRUE(listener.Hears("+5 points, +5 conversation: an idea"));
  grace.Put("/api/posts/" + idea + "/kudos");
  EXPECT_TRUE(listener.Hears("+4 points: kudos"));
  EXPECT_EQ(listener.text().find("grace"), std::string::npos)
      << "what grace was given is hers: " << listener.text();
}

TEST(TheFeed, TellsReadersEverythingOnceAndInOrder) {
  Serving serving;
  Client ada = serving.Member("ada");
  Listener listener(serving.port(), kReadToken, "0");
  for (int i = 0; i < 20; ++i) Idea(ada);
  ASSERT_TRUE(listener.Hears("id: 21\n"));
  const std::vector<int64_t> ids = Ids(listener.text());
  ASSERT_EQ(ids.size(), 21u);
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(ids[i], static_cast<int64_t>(i + 1));
  }
}

TEST(TheFeed, TellsEverybodyThatThereIsANewPostAndNoMoreOfIt) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  Listener listener(serving.port(), grace.token());
  ASSERT_TRUE(listener.Hears("retry:"));
  const std::string asked =
      ada.Post("/api/posts",
               {{"kind", "question"}, {"title", "x"}, {"text", "y"}})
          .body["id"];
  EXPECT_TRUE(
      listener.Hears("event: post\ndata: {\"newest\":\"" + asked + "\"}\n\n"));
  ASSERT_EQ(ada.Post("/api/posts",
                     {{"kind", "reply"}, {"thread", asked}, {"text", "y"}})
                .status,
            201);
  grace.Put("/api/posts/" + asked + "/kudos");
  EXPECT_TRUE(listener.Hears("+2 points: kudos"));
  const std::string text = listener.text();
  EXPECT_EQ(text.find("event: post"), text.rfind("event: post"))
      << "a reply is no new post";
  EXPECT_EQ(text.find("ada"), std::string::npos) << text;
  // And it is no place: what a client remembers is of the journal alone.
  EXPECT_EQ(Ids(text).size(), 1u) << text;
}

TEST(TheFeed, TellsAdminsApartWhatHappensToThemselves) {
  Serving serving;
  Client boss = serving.Admin();
  Client ada = serving.Member("ada");
  const std::string idea = Idea(boss);
  Listener listener(serving.port(), boss.token());
  ASSERT_TRUE(listener.Hears("retry:"));
  Idea(ada);
  ASSERT_TRUE(listener.Hears("\"member\":\"ada\""));
  EXPECT_EQ(listener.text().find("notices"), std::string::npos)
      << "what others do is no notice of theirs: " << listener.text();
  ada.Put("/api/posts/" + idea + "/kudos");
  EXPECT_TRUE(listener.Hears("+4 points: kudos"));
  EXPECT_EQ(listener.text().find("+2 points"), std::string::npos)
      << "nor what ada got for it: " << listener.text();
}

TEST(TheFeed, GoesOnAfterABreakWithoutAGap) {
  Serving serving;
  Client ada = serving.Member("ada");
  for (int i = 0; i < 5; ++i) Idea(ada);
  serving.Restart();
  Listener listener(serving.port(), kReadToken, "3");
  EXPECT_TRUE(listener.Hears("id: 6\n"));
  EXPECT_EQ(Ids(listener.text()), (std::vector<int64_t>{4, 5, 6}));
}

TEST(TheFeed, RefusesAPlaceThatThereIsNot) {
  Serving serving;
  for (const char* place : {"99", "-1", "x"}) {
    EXPECT_EQ(serving.Machine(kReadToken)
                  .Send("GET", "/api/feed", "", {{"Last-Event-ID", place}})
                  .status,
              400)
        << place;
  }
}

TEST(TheFeed, GivesASignOfLife) {
  Serving serving;
  Listener listener(serving.port(), kReadToken);
  EXPECT_TRUE(listener.Hears(": alive\n\n"));
}

TEST(TheFeed, HasSoManyStreamsAndNoMoreAndTheRestGoesOn) {
  Serving serving;  // six of 24 threads
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < 6; ++i) {
    listeners.push_back(std::make_unique<Listener>(serving.port(), kReadToken));
    ASSERT_TRUE(listeners.back()->Hears("retry:"));
  }
  const Answer answer = serving.Machine(kReadToken).Get("/api/feed");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "10");
  EXPECT_EQ(serving.Nobody().Get("/readyz").status, 200);
  listeners.clear();
  // They are missed at their next sign of life.
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  Listener late(serving.port(), kReadToken);
  EXPECT_TRUE(late.Hears("retry:"));
}

TEST(TheFeed, EndsWithTheServer) {
  Serving serving;
  Listener listener(serving.port(), kReadToken);
  ASSERT_TRUE(listener.Hears("retry:"));
  serving.server().Stop();
  EXPECT_TRUE(listener.Ends());
}

}  // namespace
}  // namespace community
