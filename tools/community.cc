// SPDX-License-Identifier: Apache-2.0
//
// See community.h. Chances are in thousandths; none of the numbers here was
// measured in a community, they are chosen to look like one.
#include "community.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <array>
#include <utility>

namespace loyalty::command {
namespace {

constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kNewFor = 14 * kDay;
constexpr size_t kNewcomersSeen = 40;

// Things a member does a day, on average, by how many members there are.
constexpr int64_t kActsPerThousandMembers = 450;

constexpr std::array<std::string_view, 24> kNames = {
    "ada",  "amir", "bea",  "carl", "chen", "dina", "emil",  "femi",
    "gita", "hugo", "ines", "jun",  "kofi", "lena", "malik", "nora",
    "omar", "pia",  "quim", "rosa", "sven", "tara", "uma",   "yusuf"};

// What a temperament does, in thousandths; kudos are the rest.
struct Mix {
  int64_t ask, reply, blog, idea, comment, vote, welcome;
};
constexpr std::array<Mix, 3> kMixes = {{
    {.ask = 30,
     .reply = 300,
     .blog = 60,
     .idea = 20,
     .comment = 100,
     .vote = 90,
     .welcome = 20},  // experts
    {.ask = 40,
     .reply = 210,
     .blog = 10,
     .idea = 20,
     .comment = 130,
     .vote = 120,
     .welcome = 130},  // welcomers
    {.ask = 140,
     .reply = 80,
     .blog = 20,
     .idea = 90,
     .comment = 150,
     .vote = 140,
     .welcome = 20},  // conversation starters
}};

// How a kind of post draws eyes, beside what is good about it: a post of one's
// own in the order of PostKind, far before one reply among many.
constexpr std::array<int64_t, 5> kAppeals = {-200, 0, -200, 400, 200};

std::string Attribute(std::string_view name, std::string_view value) {
  return '"' + std::string(name) + "\":\"" + std::string(value) + '"';
}

std::string Attribute(std::string_view name, int64_t value) {
  return '"' + std::string(name) + "\":" + std::to_string(value);
}

std::string Flag(std::string_view name, bool value) {
  return '"' + std::string(name) + "\":" + (value ? "true" : "false");
}

}  // namespace

void ArrivingLines::Add(int64_t arrives_at, std::string line) {
  lines_.push({.at = arrives_at, .order = added_++, .line = std::move(line)});
}

bool ArrivingLines::HasBefore(int64_t time) const {
  return !lines_.empty() && lines_.top().at < time;
}

std::string ArrivingLines::TakeFirst() {
  std::string line = lines_.top().line;
  lines_.pop();
  return line;
}

Community::Community(const CommunityOptions& options)
    : options_(options), random_(options.seed) {
  // They end on a fixed day, so that no log lies in the future.
  const absl::CivilDay first = absl::CivilDay(2026, 1, 1) - options.days;
  begins_at_ = absl::ToUnixSeconds(absl::FromCivil(first, absl::UTCTimeZone()));
  MakePeople();
}

void Community::MakePeople() {
  const int64_t count = options_.members;
  const int64_t founders = std::max<int64_t>(1, count * 3 / 10);
  std::vector<int64_t> ranks;
  for (int64_t i = 0; i < count; ++i) ranks.push_back(i);
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(ranks[static_cast<size_t>(i)],
              ranks[static_cast<size_t>(random_.Below(i + 1))]);
  }
  joined_ = founders;
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    Person person;
    person.id = std::string(kNames[static_cast<size_t>(i) % kNames.size()]) +
                "-" + std::to_string(i + 1);
    person.temperament = static_cast<Temperament>(random_.Below(3));
    // Most write well enough, few write what everybody reads.
    const int64_t talent = random_.Below(1000);
    person.skill = talent * talent / 1000;
    const int64_t day = i < founders ? 0 : random_.Below(options_.days);
    person.joined_at =
        begins_at_ + day * kDay + random_.Below(i < founders ? kHour : kDay);
    // Some only look in; founders stay.
    const bool leaves = i >= founders && random_.Chance(400);
    person.left_at = leaves ? person.joined_at + random_.Delay(kDay, 90 * kDay)
                            : begins_at_ + options_.days * kDay;
    person.friend_index = random_.Below(count);
    // Zipf's law, flattened at the head so that nobody is a whole community.
    sum += 1000000 / (ranks[static_cast<size_t>(i)] + 30);
    weights_.push_back(sum);
    Plan({.at = person.joined_at, .what = Later::What::kJoin, .person = i});
    people_.push_back(std::move(person));
  }
}

// Most of a day happens in its afternoon, and weekends are quieter.
std::vector<int64_t> Community::TimesOfDay(int64_t day) {
  const int64_t begins = begins_at_ + day * kDay;
  int64_t acts = joined_ * kActsPerThousandMembers / 1000;
  const int64_t weekday = (begins / kDay + 3) % 7;  // from Monday
  if (weekday >= 5) acts = acts * 7 / 10;
  acts = std::max<int64_t>(1, acts * random_.Between(85, 115) / 100);
  std::vector<int64_t> times;
  for (int64_t i = 0; i < acts; ++i) {
    const int64_t around_noon = (random_.Below(kDay) + random_.Below(kDay)) / 2;
    times.push_back(begins + (around_noon + 4 * kHour) % kDay);
  }
  std::sort(times.begin(), times.end());
  return times;
}

void Community::Live(Reader reader) {
  const auto tell = [&](int64_t until) {
    const double share = static_cast<double>(until - begins_at_) /
                         static_cast<double>(options_.days * kDay);
    while (arriving_.HasBefore(until)) {
      if (!reader(arriving_.TakeFirst(), share)) return false;
    }
    return true;
  };
  const auto happen = [&](int64_t until) {
    while (!later_.empty() && later_.top().at <= until) {
      const Later later = later_.top();
      later_.pop();
      Happen(later);
    }
  };
  for (int64_t day = 0; day < options_.days; ++day) {
    for (const int64_t now : TimesOfDay(day)) {
      happen(now);
      const std::optional<int64_t> person = SomebodyActive(now);
      if (person.has_value()) Act(*person, now);
      if (!tell(now)) return;
    }
  }
  const int64_t end = begins_at_ + options_.days * kDay;
  happen(end - 1);
  // What is still on its way arrives after the last day.
  tell(end + 365 * kDay);
}

std::optional<int64_t> Community::SomebodyActive(int64_t now) {
  for (int tries = 0; tries < 40; ++tries) {
    const auto drawn = std::upper_bound(weights_.begin(), weights_.end(),
                                        random_.Below(weights_.back()));
    const int64_t index = drawn - weights_.begin();
    const Person& person = people_[static_cast<size_t>(index)];
    if (person.joined_at <= now && now < person.left_at) return index;
  }
  return std::nullopt;
}

bool Community::IsNew(int64_t person, int64_t now) const {
  // Founders were never new: there was nobody to welcome them.
  const Person& p = people_[static_cast<size_t>(person)];
  return p.joined_at > begins_at_ + kHour && now - p.joined_at < kNewFor;
}

void Community::Act(int64_t person, int64_t now) {
  const Mix& mix = kMixes[static_cast<size_t>(
      people_[static_cast<size_t>(person)].temperament)];
  int64_t dice = random_.Below(1000);
  const auto falls_to = [&dice](int64_t permille) {
    dice -= permille;
    return dice < 0;
  };
  if (falls_to(mix.ask)) return Ask(person, now);
  if (falls_to(mix.reply)) return Reply(person, now);
  if (falls_to(mix.blog)) return WriteBlog(person, now);
  if (falls_to(mix.idea)) return PostIdea(person, now);
  if (falls_to(mix.comment)) return Comment(person, now);
  if (falls_to(mix.vote)) return Vote(person, now);
  if (falls_to(mix.welcome)) return Welcome(person, now);
  GiveKudos(person, now);
}

int64_t Community::NewPost(PostKind kind, std::string_view prefix,
                           int64_t person, int64_t now) {
  const auto index = static_cast<int64_t>(posts_.size());
  Person& author = people_[static_cast<size_t>(person)];
  posts_.push_back({.id = std::string(prefix) + std::to_string(index + 1),
                    .kind = kind,
                    .author = person,
                    .at = now,
                    .quality = (3 * author.skill + random_.Below(1000)) / 4});
  likeable_.push_back(index);
  author.latest_post = index;
  if (kind != PostKind::kIntroduction && random_.Chance(20)) {
    Plan({.at = now + random_.Delay(kHour, 10 * kDay),
          .what = Later::What::kDelete,
          .person = person,
          .post = index});
  }
  return index;
}

void Community::Ask(int64_t person, int64_t now) {
  const int64_t post = NewPost(PostKind::kQuestion, "q", person, now);
  questions_.push_back(post);
  Log({"question_asked", person, posts_[static_cast<size_t>(post)].id}, now,
      Attribute("words", random_.Delay(20, 320)));
}

void Community::Reply(int64_t person, int64_t now) {
  const Person& author = people_[static_cast<size_t>(person)];
  const bool welcomes = author.temperament == Temperament::kWelcomer;
  const int64_t thread = PostSeen(questions_, 60, welcomes);
  if (thread < 0) return Ask(person, now);
  const Post asked = posts_[static_cast<size_t>(thread)];
  const int64_t post = NewPost(PostKind::kReply, "r", person, now);
  Log({"reply_posted", person, posts_[static_cast<size_t>(post)].id}, now,
      Attribute("thread", asked.id) + "," +
          Attribute("thread_owner",
                    people_[static_cast<size_t>(asked.author)].id) +
          "," + Flag("to_newcomer", IsNew(asked.author, now)) + "," +
          Attribute("words", random_.Delay(10, 320)));
  if (asked.is_solved || asked.author == person) return;
  const int64_t expertise =
      author.temperament == Temperament::kExpert ? 150 : 0;
  if (random_.Chance(50 + expertise + author.skill / 8)) {
    posts_[static_cast<size_t>(thread)].is_solved = true;
    Plan({.at = now + random_.Delay(30 * kMinute, 2 * kDay),
          .what = Later::What::kAccept,
          .person = asked.author,
          .post = post});
  }
}

void Community::WriteBlog(int64_t person, int64_t now) {
  const int64_t post = NewPost(PostKind::kBlog, "b", person, now);
  Log({"solution_blog", person, posts_[static_cast<size_t>(post)].id}, now,
      Attribute("words", random_.Delay(150, 1800)));
}

void Community::PostIdea(int64_t person, int64_t now) {
  const int64_t post = NewPost(PostKind::kIdea, "i", person, now);
  ideas_.push_back(post);
  Log({"idea_posted", person, posts_[static_cast<size_t>(post)].id}, now,
      Attribute("words", random_.Delay(20, 320)));
}

void Community::Comment(int64_t person, int64_t now) {
  const int64_t on = PostSeen(likeable_, 300, false);
  if (on < 0) return;
  const Post& post = posts_[static_cast<size_t>(on)];
  // A comment is told from others by its event, so needs no place in posts_.
  Log({"comment_posted", person, "c" + std::to_string(events_ + 1)}, now,
      Attribute("on", post.id) + "," + Owner(post));
}

void Community::Vote(int64_t person, int64_t now) {
  const int64_t idea = PostSeen(ideas_, 80, false);
  if (idea < 0 || !FirstTime(person, idea)) return GiveKudos(person, now);
  Post& post = posts_[static_cast<size_t>(idea)];
  ++post.likes;
  Log({"idea_vote", person, post.id}, now, Owner(post));
  if (post.likes < 15 || post.is_delivered || !random_.Chance(30)) return;
  post.is_delivered = true;
  Plan({.at = now + random_.Delay(20 * kDay, 90 * kDay),
        .what = Later::What::kDeliver,
        .post = idea});
}

void Community::GiveKudos(int64_t person, int64_t now) {
  static constexpr std::array<std::string_view, 5> kKinds = {
      "introduction", "question", "reply", "blog", "idea"};
  int64_t liked = PostSeen(likeable_, 400, false);
  const auto friend_index = people_[static_cast<size_t>(person)].friend_index;
  const int64_t of_friend =
      people_[static_cast<size_t>(friend_index)].latest_post;
  if (of_friend >= 0 && random_.Chance(100)) liked = of_friend;
  if (liked < 0) return;
  Post& post = posts_[static_cast<size_t>(liked)];
  // Few like their own; nobody likes twice, nor what is gone.
  if (post.author == person && !random_.Chance(100)) return;
  if (post.is_deleted || !FirstTime(person, liked)) return;
  ++post.likes;
  const std::string kudos =
      Log({"kudos_given", person, post.id}, now,
          Attribute("kind", kKinds[static_cast<size_t>(post.kind)]) + "," +
              Owner(post));
  if (!random_.Chance(40)) return;
  Plan({.at = now + random_.Delay(kMinute, 3 * kDay),
        .what = Later::What::kTakeBack,
        .person = person,
        .post = liked,
        .kudos = kudos});
}

void Community::Welcome(int64_t person, int64_t now) {
  if (newcomers_.empty()) return GiveKudos(person, now);
  const int64_t newcomer = newcomers_[static_cast<size_t>(
      random_.Below(static_cast<int64_t>(newcomers_.size())))];
  const Person& welcomed = people_[static_cast<size_t>(newcomer)];
  const std::string introduction = "hello-" + welcomed.id;
  // Introductions are posts as well, which may be liked besides: apart.
  const auto key = -1 - newcomer;
  if (newcomer == person || !IsNew(newcomer, now) || !FirstTime(person, key)) {
    return GiveKudos(person, now);
  }
  Log({"welcome_posted", person, introduction}, now,
      Attribute("newcomer", welcomed.id));
}

int64_t Community::PostSeen(const std::vector<int64_t>& posts, int64_t window,
                            bool prefers_new_authors) {
  constexpr int kLookedAt = 12;
  const auto count = static_cast<int64_t>(posts.size());
  if (count == 0) return -1;
  int64_t best = -1;
  int64_t best_appeal = -1;
  for (int i = 0; i < kLookedAt; ++i) {
    const int64_t back = random_.Below(std::min(window, count));
    const int64_t index = posts[static_cast<size_t>(count - 1 - back)];
    const Post& post = posts_[static_cast<size_t>(index)];
    if (post.is_deleted) continue;
    int64_t appeal = post.quality + 25 * std::min<int64_t>(post.likes, 40) +
                     kAppeals[static_cast<size_t>(post.kind)];
    if (post.is_solved) appeal -= 400;
    if (prefers_new_authors && IsNew(post.author, post.at)) appeal += 1000;
    appeal = std::max<int64_t>(appeal, 0);
    if (appeal > best_appeal) {
      best = index;
      best_appeal = appeal;
    }
  }
  return best;
}

bool Community::FirstTime(int64_t person, int64_t post) {
  const auto key = (static_cast<uint64_t>(person) << 40) ^
                   (static_cast<uint64_t>(post) & ((uint64_t{1} << 40) - 1));
  return done_.insert(key).second;
}

void Community::Plan(Later later) {
  later.order = planned_++;
  later_.push(std::move(later));
}

void Community::Join(int64_t person, int64_t now) {
  const int64_t post = NewPost(PostKind::kIntroduction, "hello-", person, now);
  Post& introduction = posts_[static_cast<size_t>(post)];
  introduction.id = "hello-" + people_[static_cast<size_t>(person)].id;
  Log({"member_joined", person, introduction.id}, now, "");
  if (!IsNew(person, now)) return;  // a founder
  ++joined_;
  newcomers_.push_back(person);
  if (newcomers_.size() > kNewcomersSeen) newcomers_.pop_front();
}

void Community::Happen(const Later& later) {
  if (later.what == Later::What::kJoin) return Join(later.person, later.at);
  Post& post = posts_[static_cast<size_t>(later.post)];
  switch (later.what) {
    case Later::What::kJoin: break;
    case Later::What::kAccept:
      if (post.is_deleted) break;
      Log({"solution_accepted", later.person, post.id}, later.at, Owner(post));
      break;
    case Later::What::kTakeBack:
      --post.likes;
      Log({"kudos_taken_back", later.person, post.id}, later.at,
          Attribute("kudos", later.kudos));
      break;
    case Later::What::kDelete: {
      post.is_deleted = true;
      // A moderator is no member: the event has no actor then.
      const bool by_moderator = random_.Chance(500);
      Log({"post_deleted",
           by_moderator ? std::nullopt : std::optional<int64_t>(later.person),
           post.id},
          later.at, Flag("by_moderator", by_moderator) + "," + Owner(post));
      break;
    }
    case Later::What::kDeliver:
      if (post.is_deleted) break;
      Log({"idea_delivered", std::nullopt, post.id}, later.at, Owner(post));
      break;
  }
}

std::string Community::Owner(const Post& post) const {
  return Attribute("owner", people_[static_cast<size_t>(post.author)].id);
}

std::string Community::Log(const Happening& happening, int64_t now,
                           std::string_view attributes) {
  std::string id = "e" + std::to_string(++events_);
  const std::string time = absl::FormatTime(
      "%Y-%m-%d%ET%H:%M:%SZ", absl::FromUnixSeconds(now), absl::UTCTimeZone());
  std::string line = "{" + Attribute("id", id) + "," +
                     Attribute("type", happening.type) + "," +
                     Attribute("time", time);
  if (happening.actor.has_value()) {
    const Person& actor = people_[static_cast<size_t>(*happening.actor)];
    line += "," + Attribute("actor", actor.id) + "," +
            Attribute("channel", random_.Chance(600) ? "web" : "app");
  }
  line += "," + Attribute("target", happening.target) + ",\"attributes\":{" +
          std::string(attributes) + "}}\n";
  // Some clients were offline, and some did not hear that it had arrived.
  const bool is_late = random_.Chance(15);
  const int64_t arrives_at =
      now + (is_late ? random_.Delay(kHour, 5 * kDay) : 0);
  if (random_.Chance(12)) {
    arriving_.Add(arrives_at + random_.Delay(1, kDay), line);
  }
  arriving_.Add(arrives_at, std::move(line));
  return id;
}

}  // namespace loyalty::command
