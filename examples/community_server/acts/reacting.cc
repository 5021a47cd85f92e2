// SPDX-License-Identifier: Apache-2.0
//
// Kudos, votes, accepted solutions, delivered ideas and redemptions. See
// acts.h.
#include <utility>

#include "acts/acts.h"
#include "http/json.h"

namespace community {

Done Acts::GiveKudos(const std::string& member, const std::string& id) {
  const std::lock_guard lock(LockOf(id));
  const Post post = Existing(id);
  const auto given = content_.FindReaction(Reaction::kKudos, id, member);
  if (given.has_value()) return Repeated("", *given, id);
  loyalty::Event event = NewEvent("kudos_given", member, "");
  event.target = id;
  event.attributes = {{"owner", post.author}, {"kind", post.kind}};
  return Act(event, [&] {
    content_.AddReaction(Reaction::kKudos, id, member, event.id);
  });
}

Done Acts::TakeKudosBack(const std::string& member, const std::string& id) {
  const std::lock_guard lock(LockOf(id));
  Existing(id);
  const auto given = content_.FindReaction(Reaction::kKudos, id, member);
  if (!given.has_value()) {
    throw Refusal(404, "you have given this post no kudos");
  }
  loyalty::Event event = NewEvent("kudos_taken_back", member, "");
  event.target = id;
  event.attributes = {{"kudos", *given}};
  return Act(event,
             [&] { content_.RemoveReaction(Reaction::kKudos, id, member); });
}

Done Acts::VoteFor(const std::string& member, const std::string& id) {
  const std::lock_guard lock(LockOf(id));
  const Post idea = Existing(id);
  if (idea.kind != "idea") throw Refusal(409, "only ideas are voted for");
  const auto given = content_.FindReaction(Reaction::kVote, id, member);
  if (given.has_value()) return Repeated("", *given, id);
  loyalty::Event event = NewEvent("idea_vote", member, "");
  event.target = id;
  event.attributes = {{"owner", idea.author}};
  return Act(event, [&] {
    content_.AddReaction(Reaction::kVote, id, member, event.id);
  });
}

Done Acts::Accept(const std::string& member, const std::string& id) {
  const Post reply = Existing(id);
  if (reply.kind != "reply") throw Refusal(409, "only a reply can solve it");
  // One solution of a question, so that the question is locked as well.
  const std::string& question = reply.thread;
  std::unique_lock lock(LockOf(id), std::defer_lock);
  std::unique_lock other(LockOf(question), std::defer_lock);
  if (lock.mutex() == other.mutex()) {
    lock.lock();
  } else {
    std::lock(lock, other);
  }
  if (Existing(question).author != member) {
    throw Refusal(403, "only who asked can say what solved it");
  }
  for (const Post& one : content_.Posts({.thread = question, .limit = 1000})) {
    if (one.is_accepted) {
      throw Refusal(409, "a solution of this question is accepted already");
    }
  }
  loyalty::Event event = NewEvent("solution_accepted", member, "");
  event.target = id;
  event.attributes = {{"owner", Existing(id).author}};
  return Act(event, [&] { content_.MarkAccepted(id); });
}

Done Acts::Deliver(const std::string& id) {
  const std::lock_guard lock(LockOf(id));
  const Post idea = Existing(id);
  if (idea.kind != "idea") throw Refusal(409, "only ideas are built");
  if (idea.is_delivered) throw Refusal(409, "it is built already");
  loyalty::Event event = NewEvent("idea_delivered", "", "");
  event.actor.reset();
  event.channel.reset();
  event.target = id;
  event.attributes = {{"owner", idea.author}};
  return Act(event, [&] { content_.MarkDelivered(id); });
}

// Nothing of it is content: so the engine alone has it, and the key is what
// makes it the same if it is sent again.
Done Acts::Redeem(const std::string& member, const std::string& reward,
                  int64_t quantity, const std::string& key) {
  loyalty::Event event = NewEvent(loyalty::kRedeem, member, key);
  event.channel.reset();
  event.attributes = {{"reward", reward}};
  if (quantity != 1) event.attributes.emplace("quantity", quantity);
  const std::lock_guard lock(LockOf(event.id));
  if (!key.empty()) {
    const auto told = rewards_.Look()->Explain(event.id);
    if (told.ok() && told->event.attributes != event.attributes) {
      throw Refusal(409, "that Idempotency-Key was for something else");
    }
    // With the codes, which only the engine can tell.
    if (told.ok()) event = told->event;
  }
  return {.event_type = event.type,
          .outcome = OrRefuse(rewards_.Process(event))};
}

}  // namespace community
