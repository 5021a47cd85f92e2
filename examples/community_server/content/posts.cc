// SPDX-License-Identifier: Apache-2.0
//
// Posts, comments, and reactions to posts. See content.h.
#include <utility>

#include "content/content.h"

namespace community {
namespace {

// With counts, and what who looks (?1) has done.
#define COMMUNITY_POST                                                   \
  "SELECT p.id, p.kind, p.author, m.name, p.title, p.text, p.thread, "   \
  "p.event, p.created, p.is_accepted, p.is_delivered, p.is_deleted, "    \
  "(SELECT count(*) FROM reaction WHERE post = p.id AND kind = 0), "     \
  "(SELECT count(*) FROM reaction WHERE post = p.id AND kind = 1), "     \
  "(SELECT count(*) FROM post WHERE thread = p.id AND is_deleted = 0), " \
  "(SELECT count(*) FROM comment WHERE post = p.id), "                   \
  "(SELECT count(*) FROM reaction WHERE post = p.id AND kind = 0 "       \
  "AND member = ?1), "                                                   \
  "(SELECT count(*) FROM reaction WHERE post = p.id AND kind = 1 "       \
  "AND member = ?1) FROM post AS p JOIN member AS m ON m.id = p.author "
constexpr char kOnePost[] = COMMUNITY_POST "WHERE p.id = ?2";
constexpr char kManyPosts[] = COMMUNITY_POST
    "WHERE p.is_deleted = 0 AND p.n < coalesce((SELECT n FROM post "
    "WHERE id = ?2), 9223372036854775807) "
    "AND iif(?3 = '', p.kind NOT IN ('reply', 'welcome') OR ?5 <> '', "
    "p.kind = ?3) "
    "AND (?4 = '' OR p.author = ?4) ORDER BY p.n DESC LIMIT ?6";
constexpr char kOfThread[] = COMMUNITY_POST
    "WHERE p.thread = ?2 AND p.is_deleted = 0 ORDER BY p.n LIMIT ?3";
#undef COMMUNITY_POST

#define COMMUNITY_COMMENT                                          \
  "SELECT c.id, c.post, c.author, m.name, c.text, c.created FROM " \
  "comment AS c JOIN member AS m ON m.id = c.author "
constexpr char kOneComment[] = COMMUNITY_COMMENT "WHERE c.id = ?";
constexpr char kCommentsOf[] =
    COMMUNITY_COMMENT "WHERE c.post = ? ORDER BY c.n LIMIT 500";
#undef COMMUNITY_COMMENT

Post PostOf(const Row& row) {
  Post post{.id = row.Text(0),
            .kind = row.Text(1),
            .author = row.Text(2),
            .author_name = row.Text(3),
            .title = row.Text(4),
            .text = row.Text(5),
            .thread = row.Text(6),
            .event = row.Text(7),
            .created = absl::FromUnixMicros(row.Number(8)),
            .is_accepted = row.Number(9) != 0,
            .is_delivered = row.Number(10) != 0,
            .is_deleted = row.Number(11) != 0,
            .kudos = row.Number(12),
            .votes = row.Number(13),
            .replies = row.Number(14),
            .comments = row.Number(15),
            .has_my_kudos = row.Number(16) != 0,
            .has_my_vote = row.Number(17) != 0};
  return post;
}

Comment CommentOf(const Row& row) {
  return {.id = row.Text(0),
          .post = row.Text(1),
          .author = row.Text(2),
          .author_name = row.Text(3),
          .text = row.Text(4),
          .created = absl::FromUnixMicros(row.Number(5))};
}

}  // namespace

void Content::Add(const Post& post) {
  writer_.Do(
      "INSERT INTO post(id, kind, author, title, text, thread, event, created) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {post.id, post.kind, post.author, post.title, post.text, post.thread,
       post.event, absl::ToUnixMicros(post.created)});
  if (post.kind != "reply" && post.kind != "welcome") added_ = post.id;
}

void Content::Add(const Comment& comment) {
  writer_.Do(
      "INSERT INTO comment(id, post, author, text, created) "
      "VALUES (?, ?, ?, ?, ?)",
      {comment.id, comment.post, comment.author, comment.text,
       absl::ToUnixMicros(comment.created)});
}

bool Content::AddReaction(Reaction kind, std::string_view post,
                          std::string_view member, std::string_view event) {
  return writer_.Do(
             "INSERT INTO reaction(kind, post, member, event) "
             "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
             {static_cast<int>(kind), post, member, event}) == 1;
}

bool Content::RemoveReaction(Reaction kind, std::string_view post,
                             std::string_view member) {
  return writer_.Do(
             "DELETE FROM reaction WHERE kind = ? AND post = ? AND member = ?",
             {static_cast<int>(kind), post, member}) == 1;
}

std::optional<std::string> Content::FindReaction(
    Reaction kind, std::string_view post, std::string_view member) const {
  std::optional<std::string> event;
  const std::lock_guard lock(reading_);
  reader_.Ask(
      "SELECT event FROM reaction WHERE kind = ? AND post = ? AND member = ?",
      {static_cast<int>(kind), post, member},
      [&](const Row& row) { event = row.Text(0); });
  return event;
}

void Content::MarkAccepted(std::string_view post) {
  writer_.Do("UPDATE post SET is_accepted = 1 WHERE id = ?", {post});
}

void Content::MarkDelivered(std::string_view post) {
  writer_.Do("UPDATE post SET is_delivered = 1 WHERE id = ?", {post});
}

void Content::MarkDeleted(std::string_view post) {
  writer_.Do(
      "UPDATE post SET is_deleted = 1, title = '', text = '' WHERE id = ?",
      {post});
}

void Content::DeleteComment(std::string_view comment) {
  writer_.Do("DELETE FROM comment WHERE id = ?", {comment});
}

std::optional<Post> Content::FindPost(std::string_view id,
                                      std::string_view viewer) const {
  std::optional<Post> post;
  const std::lock_guard lock(reading_);
  reader_.Ask(kOnePost, {viewer, id},
              [&](const Row& row) { post = PostOf(row); });
  return post;
}

std::vector<Post> Content::Posts(const PostsAsked& asked) const {
  std::vector<Post> posts;
  const auto see = [&](const Row& row) { posts.push_back(PostOf(row)); };
  const std::lock_guard lock(reading_);
  if (!asked.thread.empty()) {
    reader_.Ask(kOfThread, {asked.viewer, asked.thread, asked.limit}, see);
  } else {
    reader_.Ask(kManyPosts,
                {asked.viewer, asked.before, asked.kind, asked.author,
                 asked.author, asked.limit},
                see);
  }
  return posts;
}

std::optional<Comment> Content::FindComment(std::string_view id) const {
  std::optional<Comment> comment;
  const std::lock_guard lock(reading_);
  reader_.Ask(kOneComment, {id},
              [&](const Row& row) { comment = CommentOf(row); });
  return comment;
}

std::vector<Comment> Content::Comments(std::string_view post) const {
  std::vector<Comment> comments;
  const std::lock_guard lock(reading_);
  reader_.Ask(kCommentsOf, {post},
              [&](const Row& row) { comments.push_back(CommentOf(row)); });
  return comments;
}

}  // namespace community
