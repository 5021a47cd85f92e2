// SPDX-License-Identifier: Apache-2.0
//
// The feed, as Server-Sent Events: what the engine recorded, as it does. A
// stream that was cut goes on where it was, by Last-Event-ID.
#include <absl/strings/numbers.h>

#include <algorithm>

#include "api/api.h"
#include "http/connection.h"
#include "rewards/as_json.h"
#include "rewards/notices.h"

namespace community {
namespace {

constexpr int kItemsAtOnce = 200;

// One client's stream, while its connection lasts. A stream is a thread, so
// there may be fewer of them than threads.
class FeedStream {
 public:
  FeedStream(Community& community, const Caller& caller, int64_t after)
      : community_(community),
        caller_(caller),
        seq_(after),
        post_(community.content.NewestPost()) {
    if (++community_.streams > community_.most_streams) {
      --community_.streams;
      throw Refusal(503, "there are as many streams as this server has",
                    {{"retry_after", 10}});
    }
  }
  ~FeedStream() { --community_.streams; }
  FeedStream(const FeedStream&) = delete;
  FeedStream& operator=(const FeedStream&) = delete;

  // Sends what is new, or after a while a sign of life. False at the end.
  bool Go(httplib::DataSink& sink) {
    if (!has_begun_) {
      has_begun_ = true;
      return Send(sink, "retry: 2000\n\n");
    }
    const int64_t version = community_.rewards.version();
    std::string text = NewPost();
    for (const Feed::Item& item : community_.feed.After(seq_, kItemsAtOnce)) {
      seq_ = item->seq;
      text += Told(*item);
    }
    if (!text.empty()) return Send(sink, text);
    // Nothing of interest: so wait for more, unless there is more already.
    // Now and then a look at whether anybody is there, as it holds a thread.
    constexpr std::chrono::seconds kLook{1};
    community_.rewards.AwaitNews(version,
                                 std::min(alive_until_, Clock::now() + kLook));
    if (community_.rewards.is_closed()) {
      sink.done();
      return true;
    }
    if (Connection::Current().IsGone()) return false;
    if (Clock::now() < alive_until_) return true;
    // The place is told as well, so that what was of no interest is not gone
    // through again.
    return Send(sink, "id: " + std::to_string(seq_) + "\n: alive\n\n");
  }

 private:
  bool Send(httplib::DataSink& sink, const std::string& text) {
    alive_until_ = Clock::now() + community_.heartbeat;
    return sink.write(text.data(), text.size());
  }

  // That there is another newest post, which everybody here may look at; "" if
  // there is none. It has no id: it is no place in the journal.
  std::string NewPost() {
    std::string newest = community_.content.NewestPost();
    if (newest == post_) return "";
    post_ = std::move(newest);
    return "event: post\ndata: " + Text({{"newest", post_}}) + "\n\n";
  }

  // As a block of the stream, or "" if it is not for who listens.
  std::string Told(const loyalty::Outcome& outcome) {
    const bool concerns = !EffectsOn(outcome, caller_.member).empty();
    if (!concerns) {
      return caller_.Has(kRead) ? Block(outcome.seq, OutcomeText(outcome)) : "";
    }
    const auto told = community_.rewards.Look()->Explain(outcome.event_id);
    const std::string type = told.ok() ? told->event.type : "";
    if (caller_.Has(kRead)) {
      Json json = AsJson(outcome);
      json["notices"] = NoticesFor(outcome, caller_.member, type);
      return Block(outcome.seq, Text(json));
    }
    Json json = AsJsonFor(outcome, caller_.member, type);
    json["target"] = nullptr;
    if (told.ok() && told->event.target.has_value()) {
      json["target"] = *told->event.target;
    }
    return Block(outcome.seq, Text(json));
  }

  static std::string Block(int64_t seq, const std::string& json) {
    return "id: " + std::to_string(seq) + "\nevent: outcome\ndata: " + json +
           "\n\n";
  }

  Community& community_;
  const Caller caller_;
  int64_t seq_;       // of the last one told
  std::string post_;  // the newest that was known
  bool has_begun_ = false;
  Clock::time_point alive_until_ = {};
};

// Where to go on: after what the client saw last, or after what is there now.
int64_t PlaceOf(Community& community, const Call& call) {
  const std::string header = call.request.get_header_value("Last-Event-ID");
  const std::string last = header.empty() ? call.Asked("after") : header;
  const int64_t newest = community.feed.Newest();
  if (last.empty()) return newest;
  int64_t seq = 0;
  if (!absl::SimpleAtoi(last, &seq) || seq < 0 || seq > newest) {
    throw Refusal(400,
                  "Last-Event-ID has to be the id of an event that this "
                  "server sent: 0 to " +
                      std::to_string(newest));
  }
  return seq;
}

void OpenFeed(Community& community, const Call& call) {
  const auto stream = std::make_shared<FeedStream>(community, call.caller,
                                                   PlaceOf(community, call));
  Connection::Current().AnswerForEver();
  call.response.set_header("Cache-Control", "no-store");
  call.response.set_header("X-Accel-Buffering", "no");
  call.response.set_chunked_content_provider(
      "text/event-stream", [stream](size_t, httplib::DataSink& sink) {
        try {
          return stream->Go(sink);
        } catch (const std::exception&) {
          return false;  // the client comes again, from where it was
        }
      });
}

}  // namespace

std::vector<Route> FeedRoutes(Community& community) {
  return {
      {"GET",
       "/api/feed",
       kLooks,
       {},
       [&](const Call& call) { OpenFeed(community, call); }},
  };
}

}  // namespace community
