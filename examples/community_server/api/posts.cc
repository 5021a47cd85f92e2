// SPDX-License-Identifier: Apache-2.0
//
// Posts, comments, kudos, votes, accepted solutions.
#include "api/api.h"

namespace community {
namespace {

Json PostAsJson(const Post& post) {
  Json json = {{"id", post.id},
               {"kind", post.kind},
               {"author", post.author},
               {"author_name", post.author_name},
               {"title", post.title},
               {"text", post.text},
               {"thread", nullptr},
               {"created", Rfc3339(post.created)},
               {"event", post.event},
               {"accepted", post.is_accepted},
               {"delivered", post.is_delivered},
               {"kudos", post.kudos},
               {"votes", post.votes},
               {"replies", post.replies},
               {"comments", post.comments},
               {"my_kudos", post.has_my_kudos},
               {"my_vote", post.has_my_vote}};
  if (!post.thread.empty()) json["thread"] = post.thread;
  return json;
}

Json CommentAsJson(const Comment& comment) {
  return {{"id", comment.id},
          {"author", comment.author},
          {"author_name", comment.author_name},
          {"text", comment.text},
          {"created", Rfc3339(comment.created)}};
}

Json PostsAsJson(const std::vector<Post>& posts) {
  Json list = Json::array();
  for (const Post& post : posts) list.push_back(PostAsJson(post));
  return list;
}

// A client's own name for a request; "": none.
std::string KeyOf(const Call& call) {
  const std::string key = call.request.get_header_value("Idempotency-Key");
  if (key.size() > 128) {
    throw Refusal(400, "an Idempotency-Key may have 128 bytes");
  }
  return key;
}

void ListPosts(Community& community, const Call& call) {
  const auto limit = call.AskedNumber("limit", 1, 20, 100);
  const std::vector<Post> posts =
      community.content.Posts({.kind = call.Asked("kind"),
                               .author = call.Asked("author"),
                               .before = call.Asked("before"),
                               .viewer = call.caller.member,
                               .limit = static_cast<int>(limit)});
  Json body = {{"posts", PostsAsJson(posts)}, {"before", nullptr}};
  if (static_cast<int64_t>(posts.size()) == limit) {
    body["before"] = posts.back().id;
  }
  call.Answer(body);
}

void ShowPost(Community& community, const Call& call) {
  const std::string& id = call.names[0];
  const auto post = community.content.FindPost(id, call.caller.member);
  if (!post.has_value() || post->is_deleted) {
    throw Refusal(404, "there is no such post");
  }
  Json body = PostAsJson(*post);
  body["answers"] = PostsAsJson(community.content.Posts(
      {.thread = id, .viewer = call.caller.member, .limit = 200}));
  body["comment_list"] = Json::array();
  for (const Comment& comment : community.content.Comments(id)) {
    body["comment_list"].push_back(CommentAsJson(comment));
  }
  call.Answer(body);
}

void WritePost(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"kind", "title", "text", "thread"});
  Draft draft{.kind = TextOf(body, "kind", 1, 20),
              .title = TextOr(body, "title", 200),
              .text = TextOf(body, "text", 1, 60'000),
              .thread = TextOr(body, "thread", 256),
              .key = KeyOf(call)};
  const bool has_title = draft.kind != "reply" && draft.kind != "welcome";
  if (has_title) TextOf(body, "title", 1, 200);
  AnswerDone(call, community.acts.Write(call.caller.member, draft), 201);
}

void WriteComment(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"text"});
  AnswerDone(
      call,
      community.acts.WriteComment(call.caller.member, call.names[0],
                                  TextOf(body, "text", 1, 4000), KeyOf(call)),
      201);
}

}  // namespace

std::vector<Route> PostRoutes(Community& community) {
  Acts& acts = community.acts;
  return {
      {"GET",
       "/api/posts",
       kLooks,
       {},
       [&](const Call& call) { ListPosts(community, call); }},
      {"POST",
       "/api/posts",
       kMember,
       {kJson},
       [&](const Call& call) { WritePost(community, call); }},
      {"GET",
       "/api/posts/{post}",
       kLooks,
       {},
       [&](const Call& call) { ShowPost(community, call); }},
      {"DELETE",
       "/api/posts/{post}",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call,
                    acts.DeletePost(call.caller.member, call.caller.Has(kAdmin),
                                    call.names[0]),
                    200);
       }},
      {"POST",
       "/api/posts/{post}/comments",
       kMember,
       {kJson},
       [&](const Call& call) { WriteComment(community, call); }},
      {"DELETE",
       "/api/comments/{comment}",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call,
                    acts.RemoveComment(call.caller.member,
                                       call.caller.Has(kAdmin), call.names[0]),
                    200);
       }},
      {"PUT",
       "/api/posts/{post}/kudos",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call, acts.GiveKudos(call.caller.member, call.names[0]),
                    201);
       }},
      {"DELETE",
       "/api/posts/{post}/kudos",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call, acts.TakeKudosBack(call.caller.member, call.names[0]),
                    200);
       }},
      {"PUT",
       "/api/posts/{post}/vote",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call, acts.VoteFor(call.caller.member, call.names[0]), 201);
       }},
      {"PUT",
       "/api/posts/{post}/accepted",
       kMember,
       {},
       [&](const Call& call) {
         AnswerDone(call, acts.Accept(call.caller.member, call.names[0]), 201);
       }},
      {"PUT",
       "/api/posts/{post}/delivered",
       kAdmin,
       {},
       [&](const Call& call) {
         AnswerDone(call, acts.Deliver(call.names[0]), 201);
       }},
  };
}

}  // namespace community
