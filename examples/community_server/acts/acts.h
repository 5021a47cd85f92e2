// SPDX-License-Identifier: Apache-2.0
//
// Acts: what members do here, each kept as content and told to the engine as
// one event, exactly once.
//
//   1 may they?   2 keep what they did, with the event, in one transaction
//   3 tell the engine   4 answer with what it was worth
//
// Killed between 2 and 4, the event is told at the next start (content.h).
#ifndef COMMUNITY_ACTS_ACTS_H_
#define COMMUNITY_ACTS_ACTS_H_

#include <loyalty/event.h>
#include <loyalty/outcome.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "content/content.h"
#include "http/metrics.h"
#include "rewards/rewards.h"

namespace community {

// Ids of events that are made here begin so. Nobody else may send such.
inline constexpr std::string_view kActPrefix = "act-";

// An act that was done, now or, if its outcome is a repeat, before.
struct Done {
  std::string id = {};  // of the post or comment, if it made one
  std::string event_type = {};
  loyalty::Outcome outcome = {};
};

struct Draft {
  std::string kind = {};  // question, reply, idea, blog, welcome
  std::string title = {};
  std::string text = {};
  std::string thread = {};  // the question, or the introduction; or ""
  // The client's name for this request: sent again with it, nothing is done
  // twice. "": none.
  std::string key = {};
};

// Thread-safe. All throw Refusal: 403, 404, 409 for what may not be done, 400
// for what the program would not take, 503 if it was kept and is not rewarded
// yet.
class Acts {
 public:
  Acts(Content& content, Rewards& rewards, Metrics& metrics)
      : content_(content), rewards_(rewards), metrics_(metrics) {}

  // posting.cc
  Done Join(const Member& member, const std::string& introduction);
  Done Write(const std::string& author, const Draft& draft);
  Done WriteComment(const std::string& author, const std::string& post,
                    const std::string& text, const std::string& key);
  Done DeletePost(const std::string& member, bool as_admin,
                  const std::string& post);
  Done RemoveComment(const std::string& member, bool as_admin,
                     const std::string& comment);

  // reacting.cc
  Done GiveKudos(const std::string& member, const std::string& post);
  Done TakeKudosBack(const std::string& member, const std::string& post);
  Done VoteFor(const std::string& member, const std::string& idea);
  Done Accept(const std::string& member, const std::string& reply);
  Done Deliver(const std::string& idea);
  Done Redeem(const std::string& member, const std::string& reward,
              int64_t quantity, const std::string& key);

  // Tells the engine what is kept and was not told: what a killed server left,
  // or what could not be recorded for a while. False if some is left.
  bool TellAll();
  // Something could not be told; TellAll may help.
  bool is_behind() const { return is_behind_; }

 private:
  // Acts on one object happen one after the other, so that they are told in
  // the order in which they were kept.
  std::mutex& LockOf(const std::string& object);

  // Steps 2 to 4. REQUIRES: LockOf(*event.target) is held.
  Done Act(const loyalty::Event& event, const std::function<void()>& change);
  // What the event came to, when it was done before.
  Done Repeated(const std::string& id, const std::string& event_id,
                const std::string& target);
  // THROWS: 409 if the client's key made this id before, for something else: to
  // keep what the engine then rejects would be an act without an event.
  void CheckIsNew(const std::string& event_id);
  // Tells the engine all that is kept for the target.
  std::vector<loyalty::Outcome> Tell(const std::string& target);

  Post Existing(const std::string& post) const;

  Content& content_;
  Rewards& rewards_;
  Metrics& metrics_;
  std::atomic<bool> is_behind_ = false;
  std::array<std::mutex, 64> locks_;
};

// An event of this server's own: an id from the member and the key, or of which
// there is no other; the time is now.
loyalty::Event NewEvent(std::string_view type, const std::string& member,
                        const std::string& key);

}  // namespace community

#endif  // COMMUNITY_ACTS_ACTS_H_
