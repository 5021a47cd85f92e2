// SPDX-License-Identifier: Apache-2.0
//
// See import.h. Events come in the order of the log, in which some are late:
// what is done to a post that has not come yet makes the post first.
#include "import.h"

#include <loyalty/json.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

#include "content/content.h"
#include "http/json.h"
#include "rewards/rewards.h"

namespace community {
namespace {

constexpr size_t kBatch = 1000;

struct Log {
  std::vector<loyalty::Event> events = {};
  int64_t malformed = 0;
};

Log ReadLog(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  Log log;
  loyalty::JsonEventReader reader;
  absl::Time newest = absl::InfinitePast();
  for (std::string line; std::getline(file, line);) {
    auto event = reader.Read(line);
    if (!event.ok()) {
      ++log.malformed;
      continue;
    }
    newest = std::max(newest, event->time);
    log.events.push_back(*std::move(event));
  }
  // By whole days, so that what was written at noon still was.
  const absl::Duration days =
      absl::Floor(absl::Now() - newest, absl::Hours(24));
  for (loyalty::Event& event : log.events) event.time += days;
  return log;
}

// "ada-17" is called Ada 17.
std::string NameFrom(const std::string& id) {
  std::string name = id;
  std::replace(name.begin(), name.end(), '-', ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  }
  return name;
}

// One of `choices`, the same for the same id.
template <size_t N>
std::string Chosen(const std::array<const char*, N>& choices,
                   const std::string& id) {
  return choices[std::hash<std::string>{}(id) % N];
}

constexpr std::array<const char*, 8> kThings = {
    "the app",     "my hub",         "the new firmware", "the camera",
    "the speaker", "two-step login", "the widgets",      "export to CSV"};
constexpr std::array<const char*, 6> kQuestions = {
    "How do I set up %?",           "% stopped working after the update",
    "Can % be used offline?",       "Where are the settings of %?",
    "% and a second account: how?", "What does the red light on % mean?"};
constexpr std::array<const char*, 5> kIdeas = {
    "A dark mode for %", "Let us share % with the family", "Shortcuts for %",
    "Let % tell me before the battery is empty", "A weekly summary of %"};
constexpr std::array<const char*, 4> kBlogs = {
    "How I got % to run for a year", "Five things to know about %",
    "% step by step", "What fixed % for me"};
constexpr std::array<const char*, 4> kAnswers = {
    "Have you tried to restart it? Hold the button for ten seconds, and it "
    "asks for the network again.",
    "It is under Settings, Devices, Advanced. Took me a while, too.",
    "That was changed in the last version. Sign out and in again, and it "
    "comes back.",
    "I had the same, and another cable solved it."};

std::string Titled(std::string title, const std::string& id) {
  const size_t at = title.find('%');
  if (at != title.npos) title.replace(at, 1, Chosen(kThings, id + "/"));
  title[0] = static_cast<char>(std::toupper(title[0]));
  return title;
}

// Fills the content, event by event.
class Filling {
 public:
  explicit Filling(Content& content) : content_(content) {}

  void Add(const loyalty::Event& event) {
    if (!seen_.insert(event.id).second) return;  // a client that sent it twice
    if (event.actor.has_value()) AddMember(*event.actor, event.time);
    const std::string owner = TextAt(event, "owner");
    const std::string target = event.target.value_or("");
    const std::string& type = event.type;
    if (type == "member_joined") AddPost(event, "introduction", "");
    if (type == "question_asked") AddPost(event, "question", "");
    if (type == "idea_posted") AddPost(event, "idea", "");
    if (type == "solution_blog") AddPost(event, "blog", "");
    if (type == "reply_posted")
      AddPost(event, "reply", TextAt(event, "thread"));
    if (type == "welcome_posted") {
      loyalty::Event welcome = event;
      welcome.target = "welcome-" + event.id;
      AddPost(welcome, "welcome", target);
    }
    if (type == "comment_posted") AddComment(event);
    if (type == "kudos_given") {
      content_.AddReaction(Reaction::kKudos, target, *event.actor, event.id);
    }
    if (type == "kudos_taken_back") {
      content_.RemoveReaction(Reaction::kKudos, target, *event.actor);
    }
    if (type == "idea_vote") {
      content_.AddReaction(Reaction::kVote, target, *event.actor, event.id);
    }
    if (type == "solution_accepted") content_.MarkAccepted(target);
    if (type == "idea_delivered") content_.MarkDelivered(target);
    if (type == "post_deleted") content_.MarkDeleted(target);
  }

 private:
  static std::string TextAt(const loyalty::Event& event, const char* name) {
    const auto found = event.attributes.find(name);
    if (found == event.attributes.end()) return "";
    const auto* const text = std::get_if<std::string>(&found->second.get());
    return text != nullptr ? *text : "";
  }

  void AddMember(const std::string& id, absl::Time time) {
    if (!members_.insert(id).second) return;
    content_.Add(Member{.id = id, .name = NameFrom(id), .joined = time});
  }

  void AddPost(const loyalty::Event& event, const char* kind,
               const std::string& thread) {
    const std::string& id = *event.target;
    if (!posts_.insert(id).second) return;
    Post post{.id = id,
              .kind = kind,
              .author = *event.actor,
              .thread = thread,
              .event = event.id,
              .created = event.time};
    const std::string author = NameFrom(post.author);
    if (post.kind == "introduction") {
      post.title = author + " says hello";
      post.text = "Hello, I am " + author + ", and glad to be here.";
    } else if (post.kind == "question") {
      post.title = Titled(Chosen(kQuestions, id), id);
      post.text = "I could not find it anywhere. What am I missing?";
    } else if (post.kind == "idea") {
      post.title = Titled(Chosen(kIdeas, id), id);
      post.text = "It would save me a minute every day.";
    } else if (post.kind == "blog") {
      post.title = Titled(Chosen(kBlogs, id), id);
      post.text = "Here is what worked, from the start. " +
                  std::string(Chosen(kAnswers, id));
    } else if (post.kind == "welcome") {
      post.text = "Welcome! Ask away, somebody here will know.";
    } else {
      post.text = Chosen(kAnswers, id);
    }
    content_.Add(post);
  }

  void AddComment(const loyalty::Event& event) {
    content_.Add(Comment{.id = *event.target,
                         .post = TextAt(event, "on"),
                         .author = *event.actor,
                         .text = "Same here, thank you.",
                         .created = event.time});
  }

  Content& content_;
  std::set<std::string> seen_ = {};
  std::set<std::string> members_ = {};
  std::set<std::string> posts_ = {};
};

}  // namespace

Imported Import(const std::string& folder, const std::string& program_file,
                const std::string& log_file) {
  if (std::filesystem::exists(folder + "/content.db")) {
    throw std::runtime_error(folder + ": there is a community in it already");
  }
  Log log = ReadLog(log_file);
  std::filesystem::create_directories(folder);
  Rewards rewards(folder + "/rewards.db",
                  OrRefuse(loyalty::Program::FromFile(program_file)), {});
  Imported imported{.malformed = log.malformed};
  for (size_t at = 0; at < log.events.size(); at += kBatch) {
    const size_t count = std::min(kBatch, log.events.size() - at);
    for (const auto& outcome :
         OrRefuse(rewards.Process(std::span(log.events).subspan(at, count)))) {
      if (!outcome.ok()) ++imported.malformed;
      if (outcome.ok() && !outcome->accepted()) ++imported.rejected;
      ++imported.events;
    }
  }
  // In the order of what happened: posts before what is done to them.
  std::stable_sort(
      log.events.begin(), log.events.end(),
      [](const auto& a, const auto& b) { return a.time < b.time; });
  Content content(folder + "/content.db");
  Filling filling(content);
  content.Change([&] {
    for (const loyalty::Event& event : log.events) filling.Add(event);
  });
  return imported;
}

}  // namespace community
