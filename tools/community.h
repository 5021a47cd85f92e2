// SPDX-License-Identifier: Apache-2.0
//
// Community: a made-up community whose members do what members do, in the
// behaviours of examples/programs/brand_community.textproto. The same options
// make the same log, byte for byte, on every machine.
//
// A few do most of it: activity falls with the rank, as Zipf has it. Some are
// product experts, some welcome others, some start conversations. Good posts
// are found and liked more, and what is liked is seen more. Clients send lines
// twice, or late; kudos are taken back; posts are deleted.
#ifndef LOYALTY_TOOLS_COMMUNITY_H_
#define LOYALTY_TOOLS_COMMUNITY_H_

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "random.h"

namespace loyalty::command {

// Lines in the order in which they arrive, which is not quite the order of
// their events.
class ArrivingLines {
 public:
  void Add(int64_t arrives_at, std::string line);
  bool HasBefore(int64_t time) const;
  std::string TakeFirst();

 private:
  struct Arriving {
    int64_t at = 0;
    int64_t order = 0;
    std::string line;
    // For a queue whose top is the greatest.
    bool operator<(const Arriving& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  std::priority_queue<Arriving> lines_;
  int64_t added_ = 0;
};

struct CommunityOptions {
  int64_t members = 1;
  int64_t days = 1;
  uint64_t seed = 0;
};

class Community {
 public:
  // Told each line, with its newline, and the share of the days that is over.
  // False stops it.
  using Reader = absl::FunctionRef<bool(std::string_view line, double share)>;

  explicit Community(const CommunityOptions& options);

  // Lives through all days. Call it once.
  void Live(Reader reader);

 private:
  enum class Temperament { kExpert, kWelcomer, kStarter };
  enum class PostKind { kIntroduction, kQuestion, kReply, kBlog, kIdea };

  struct Person {
    std::string id;
    Temperament temperament = Temperament::kExpert;
    int64_t skill = 0;  // 0 to 999: how good what they write is
    int64_t joined_at = 0;
    int64_t left_at = 0;
    int64_t friend_index = 0;  // whose posts they like more than others do
    int64_t latest_post = -1;
  };

  struct Post {
    std::string id;
    PostKind kind = PostKind::kIntroduction;
    int64_t author = 0;
    int64_t at = 0;
    int64_t quality = 0;  // 0 to 999
    int64_t likes = 0;
    bool is_solved = false;
    bool is_delivered = false;
    bool is_deleted = false;
  };

  // What will happen by itself.
  struct Later {
    enum class What { kJoin, kAccept, kTakeBack, kDelete, kDeliver };
    int64_t at = 0;
    int64_t order = 0;
    What what = What::kJoin;
    int64_t person = 0;
    int64_t post = -1;
    std::string kudos = {};  // the event taken back
    bool operator<(const Later& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  // The first part of an event's line; the attributes are to follow.
  struct Happening {
    std::string_view type;
    std::optional<int64_t> actor;
    std::string_view target;
  };

  void MakePeople();
  std::vector<int64_t> TimesOfDay(int64_t day);
  std::optional<int64_t> SomebodyActive(int64_t now);
  bool IsNew(int64_t person, int64_t now) const;

  // One thing that `person` does at `now`; nothing if there is no occasion.
  void Act(int64_t person, int64_t now);
  void Ask(int64_t person, int64_t now);
  void Reply(int64_t person, int64_t now);
  void WriteBlog(int64_t person, int64_t now);
  void PostIdea(int64_t person, int64_t now);
  void Comment(int64_t person, int64_t now);
  void Vote(int64_t person, int64_t now);
  void GiveKudos(int64_t person, int64_t now);
  void Welcome(int64_t person, int64_t now);

  void Plan(Later later);
  void Happen(const Later& later);
  void Join(int64_t person, int64_t now);

  // A new post; some are planned to be deleted.
  int64_t NewPost(PostKind kind, std::string_view prefix, int64_t person,
                  int64_t now);

  // One of the newest `window` posts of `posts` that are not deleted, the most
  // attractive of some looked at; -1 if none was found.
  int64_t PostSeen(const std::vector<int64_t>& posts, int64_t window,
                   bool prefers_new_authors);

  // Marks that `person` did so to `post`; false if they had before.
  bool FirstTime(int64_t person, int64_t post);

  // Writes the event's line to the log, and returns the event's id.
  std::string Log(const Happening& happening, int64_t now,
                  std::string_view attributes);

  std::string Owner(const Post& post) const;

  CommunityOptions options_;
  Random random_;
  int64_t begins_at_ = 0;  // in seconds, as all times here
  std::vector<Person> people_;
  int64_t joined_ = 0;            // so many of them, founders included
  std::vector<int64_t> weights_;  // running sums of how active people are
  std::vector<Post> posts_;
  std::vector<int64_t> likeable_;  // of posts_, oldest first; so are these:
  std::vector<int64_t> questions_;
  std::vector<int64_t> ideas_;
  std::deque<int64_t> newcomers_;  // of people_, the last ones to join
  std::unordered_set<uint64_t> done_;
  std::priority_queue<Later> later_;
  int64_t planned_ = 0;
  int64_t events_ = 0;
  ArrivingLines arriving_;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_COMMUNITY_H_
