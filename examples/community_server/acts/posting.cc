// SPDX-License-Identifier: Apache-2.0
//
// Joining, writing, and deleting what was written. See acts.h.
#include <algorithm>
#include <sstream>
#include <utility>

#include "acts/acts.h"
#include "http/json.h"

namespace community {
namespace {

constexpr absl::Duration kNewFor = absl::Hours(14 * 24);

int64_t CountWords(const std::string& text) {
  std::istringstream words(text);
  int64_t count = 0;
  for (std::string word; words >> word;) ++count;
  return count;
}

const char* EventTypeOf(const std::string& kind) {
  if (kind == "question") return "question_asked";
  if (kind == "reply") return "reply_posted";
  if (kind == "idea") return "idea_posted";
  if (kind == "blog") return "solution_blog";
  if (kind == "welcome") return "welcome_posted";
  throw Refusal(400,
                "\"kind\" has to be question, reply, idea, blog or welcome");
}

// The post of that kind that a reply or a welcome has to name.
const Post& Named(const Post& thread, const char* kind, const char* what) {
  if (thread.kind != kind) {
    throw Refusal(400, std::string("\"thread\" has to be ") + what);
  }
  return thread;
}

}  // namespace

Done Acts::Join(const Member& member, const std::string& introduction) {
  const Post hello{.id = "hello-" + member.id,
                   .kind = "introduction",
                   .author = member.id,
                   .title = member.name + " says hello",
                   .text = introduction,
                   .created = member.joined};
  loyalty::Event event = NewEvent("member_joined", member.id, "");
  event.time = member.joined;
  event.target = hello.id;
  const std::lock_guard lock(LockOf(hello.id));
  if (content_.FindMember(member.id).has_value()) {
    throw Refusal(409, "somebody has that name already; choose another \"id\"");
  }
  Done done = Act(event, [&] {
    content_.Add(member);
    Post post = hello;
    post.event = event.id;
    content_.Add(post);
  });
  done.id = hello.id;
  return done;
}

Done Acts::Write(const std::string& author, const Draft& draft) {
  loyalty::Event event = NewEvent(EventTypeOf(draft.kind), author, draft.key);
  Post post{.id = draft.kind + event.id.substr(kActPrefix.size() - 1),
            .kind = draft.kind,
            .author = author,
            .title = draft.title,
            .text = draft.text,
            .thread = draft.thread,
            .event = event.id,
            .created = event.time};
  // A welcome is done to the introduction, all else to what is written.
  event.target = post.kind == "welcome" ? post.thread : post.id;
  const std::lock_guard lock(LockOf(*event.target));
  if (!draft.key.empty() && content_.FindPost(post.id).has_value()) {
    return Repeated(post.id, event.id, *event.target);
  }
  if (!draft.key.empty()) CheckIsNew(event.id);
  if (post.kind == "reply") {
    const Post thread = Existing(post.thread);
    Named(thread, "question", "the id of a question");
    const auto asked_by = content_.FindMember(thread.author);
    const bool is_new =
        asked_by.has_value() && event.time - asked_by->joined < kNewFor;
    event.attributes = {{"thread", thread.id},
                        {"thread_owner", thread.author},
                        {"to_newcomer", is_new}};
  } else if (post.kind == "welcome") {
    const Post hello = Existing(post.thread);
    Named(hello, "introduction", "the id of an introduction");
    event.attributes = {{"newcomer", hello.author}};
  } else if (!post.thread.empty()) {
    throw Refusal(400, "only a reply or a welcome has a \"thread\"");
  }
  if (post.kind != "welcome") {
    event.attributes.emplace("words", CountWords(post.text));
  }
  Done done = Act(event, [&] { content_.Add(post); });
  done.id = post.id;
  return done;
}

Done Acts::WriteComment(const std::string& author, const std::string& post,
                        const std::string& text, const std::string& key) {
  loyalty::Event event = NewEvent("comment_posted", author, key);
  const Comment comment{
      .id = "comment" + event.id.substr(kActPrefix.size() - 1),
      .post = post,
      .author = author,
      .text = text,
      .created = event.time};
  event.target = comment.id;
  const std::lock_guard lock(LockOf(comment.id));
  if (!key.empty() && content_.FindComment(comment.id).has_value()) {
    return Repeated(comment.id, event.id, comment.id);
  }
  if (!key.empty()) CheckIsNew(event.id);
  event.attributes = {{"on", post}, {"owner", Existing(post).author}};
  Done done = Act(event, [&] { content_.Add(comment); });
  done.id = comment.id;
  return done;
}

Done Acts::DeletePost(const std::string& member, bool as_admin,
                      const std::string& id) {
  const Post post = Existing(id);
  if (post.author != member && !as_admin) {
    throw Refusal(403, "only who wrote it, or an admin, may delete it");
  }
  const bool by_moderator = post.author != member;
  loyalty::Event event = NewEvent("post_deleted", member, "");
  // A moderator is there as such and not as a member.
  if (by_moderator) event.actor.reset();
  event.target = id;
  event.attributes = {{"owner", post.author}, {"by_moderator", by_moderator}};
  if (post.kind == "welcome") {
    // What it gave is not the introduction's, which it was done to.
    event = NewEvent(loyalty::kReverse, member, "");
    event.actor.reset();
    event.channel.reset();
    event.target = post.thread;
    event.attributes = {{"event", post.event}};
  }
  const std::lock_guard lock(LockOf(*event.target));
  Existing(id);  // nobody was faster
  return Act(event, [&] { content_.MarkDeleted(id); });
}

Done Acts::RemoveComment(const std::string& member, bool as_admin,
                         const std::string& id) {
  const std::lock_guard lock(LockOf(id));
  const std::optional<Comment> comment = content_.FindComment(id);
  if (!comment.has_value()) throw Refusal(404, "there is no such comment");
  if (comment->author != member && !as_admin) {
    throw Refusal(403, "only who wrote it, or an admin, may delete it");
  }
  const bool by_moderator = comment->author != member;
  loyalty::Event event = NewEvent("post_deleted", member, "");
  if (by_moderator) event.actor.reset();
  event.target = id;
  event.attributes = {{"owner", comment->author},
                      {"by_moderator", by_moderator}};
  return Act(event, [&] { content_.DeleteComment(id); });
}

}  // namespace community
