// SPDX-License-Identifier: Apache-2.0
//
// Content: what members wrote and did, in a SQLite file of the community's own,
// beside that of the engine.
//
// What somebody does is kept in one transaction with the event it is to the
// engine (an outbox). The event is told to the engine after that, and forgotten
// here once it has been. Killed in between, it is told again at the next start;
// as it has the same id, the engine answers it as before, or for the first
// time, and no act is rewarded twice or not at all.
#ifndef COMMUNITY_CONTENT_CONTENT_H_
#define COMMUNITY_CONTENT_CONTENT_H_

#include <absl/time/time.h>
#include <loyalty/event.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "content/database.h"

namespace community {

struct Member {
  std::string id = {};
  std::string name = {};           // as they like to be called
  std::string password_hash = {};  // "": cannot sign in
  bool is_admin = false;
  absl::Time joined = absl::InfinitePast();
};

struct Session {
  std::string member = {};
  bool is_admin = false;
  absl::Time expires = absl::InfinitePast();
};

struct Post {
  std::string id = {};
  std::string kind = {};  // introduction, question, reply, idea, blog, welcome
  std::string author = {};
  std::string author_name = {};
  std::string title = {};
  std::string text = {};
  std::string thread = {};  // what it is a reply to, or whom it welcomes; or ""
  std::string event = {};   // the id of the event that it was
  absl::Time created = absl::InfinitePast();
  bool is_accepted = false;   // a reply that solved it
  bool is_delivered = false;  // an idea that was built
  bool is_deleted = false;
  int64_t kudos = 0;
  int64_t votes = 0;
  int64_t replies = 0;
  int64_t comments = 0;
  bool has_my_kudos = false;  // of who looks
  bool has_my_vote = false;
};

struct Comment {
  std::string id = {};
  std::string post = {};
  std::string author = {};
  std::string author_name = {};
  std::string text = {};
  absl::Time created = absl::InfinitePast();
};

// Kudos and votes: at most one of each kind, member and post.
enum class Reaction { kKudos, kVote };

// How much somebody did.
struct Contributor {
  std::string member = {};
  std::string name = {};
  int64_t acts = 0;
};

// Which posts, newest first.
struct PostsAsked {
  std::string kind = {};    // "": any but replies and welcomes
  std::string thread = {};  // "": any
  std::string author = {};  // "": anybody
  std::string before = {};  // the id of the last one seen; "": from the newest
  std::string viewer = {};
  int limit = 20;
};

// Thread-safe. Everything may throw ContentError.
class Content {
 public:
  explicit Content(const std::string& path);

  // Does what `change` does with the calls below that begin with an imperative,
  // together with keeping `event`; all of it is on disk when this returns. If
  // `change` throws, nothing is done.
  void Act(const loyalty::Event& event, const std::function<void()>& change);
  // The same without an event.
  void Change(const std::function<void()>& change);

  // Events that were kept and not told yet, of one target or of all for "", in
  // the order in which they were kept.
  std::vector<loyalty::Event> Pending(std::string_view target = "",
                                      int limit = 1000) const;
  int64_t CountPending() const;
  // They were told. Not on disk at once: to be told again does no harm.
  void Forget(const std::vector<std::string>& event_ids);

  // Members and sessions (content.cc).
  void Add(const Member& member);
  void SetPassword(const std::string& id, const std::string& hash,
                   bool is_admin);
  std::optional<Member> FindMember(std::string_view id) const;
  // What a member is called; whoever is none, by their id.
  std::string NameOf(const std::string& id) const;
  void OpenSession(const std::string& token_hash, const Session& session);
  std::optional<Session> FindSession(const std::string& token_hash) const;
  void CloseSession(const std::string& token_hash);
  void CloseExpiredSessions(absl::Time now);
  // Those who did most, most first.
  std::vector<Contributor> MostActive(int limit) const;
  // How many members did something: the most active tenth is of these.
  int64_t CountContributors() const;

  // Posts (posts.cc).
  void Add(const Post& post);
  void Add(const Comment& comment);
  // Nothing if there is one, or none, already; false then.
  bool AddReaction(Reaction kind, std::string_view post,
                   std::string_view member, std::string_view event);
  bool RemoveReaction(Reaction kind, std::string_view post,
                      std::string_view member);
  // The event that a reaction was, if there is one.
  std::optional<std::string> FindReaction(Reaction kind, std::string_view post,
                                          std::string_view member) const;
  void MarkAccepted(std::string_view post);
  void MarkDelivered(std::string_view post);
  void MarkDeleted(std::string_view post);
  void DeleteComment(std::string_view comment);
  // One that was deleted has no title and no text.
  std::optional<Post> FindPost(std::string_view id,
                               std::string_view viewer = "") const;
  std::vector<Post> Posts(const PostsAsked& asked) const;
  // The id of the post that was added last, but for replies and welcomes; ""
  // if none was since the start.
  std::string NewestPost() const;
  std::optional<Comment> FindComment(std::string_view id) const;
  std::vector<Comment> Comments(std::string_view post) const;

 private:
  void LoadSessions();

  // Two connections, so that who reads does not wait for the disk. All that
  // changes goes through `writer_`, within Act and Change.
  mutable std::mutex writing_;
  Database writer_;
  std::string added_ = {};  // the post that a change adds
  mutable std::mutex newest_mutex_;
  std::string newest_post_ = {};
  mutable std::mutex reading_;
  mutable Database reader_;
  // All that are open: every request asks for one.
  mutable std::shared_mutex sessions_mutex_;
  std::unordered_map<std::string, Session> sessions_;
  // Those that were asked for: a member's name stays as it is.
  mutable std::shared_mutex names_mutex_;
  mutable std::unordered_map<std::string, std::string> names_;
};

}  // namespace community

#endif  // COMMUNITY_CONTENT_CONTENT_H_
