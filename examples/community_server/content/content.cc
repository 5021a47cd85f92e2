// SPDX-License-Identifier: Apache-2.0
//
// The outbox, members and sessions. See content.h.
#include "content/content.h"

#include <loyalty/json.h>

#include <utility>

namespace community {
namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS member(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, password TEXT NOT NULL,
  is_admin INTEGER NOT NULL, joined INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session(
  token_hash TEXT PRIMARY KEY, member TEXT NOT NULL REFERENCES member,
  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS post(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  author TEXT NOT NULL REFERENCES member, title TEXT NOT NULL,
  text TEXT NOT NULL, thread TEXT NOT NULL, event TEXT NOT NULL,
  created INTEGER NOT NULL, is_accepted INTEGER NOT NULL DEFAULT 0,
  is_delivered INTEGER NOT NULL DEFAULT 0,
  is_deleted INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS post_by_thread ON post(thread, n);
CREATE INDEX IF NOT EXISTS post_by_author ON post(author, n);
CREATE TABLE IF NOT EXISTS comment(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, post TEXT NOT NULL,
  author TEXT NOT NULL REFERENCES member, text TEXT NOT NULL,
  created INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS comment_by_post ON comment(post, n);
CREATE INDEX IF NOT EXISTS comment_by_author ON comment(author);
CREATE TABLE IF NOT EXISTS reaction(
  kind INTEGER NOT NULL, post TEXT NOT NULL, member TEXT NOT NULL,
  event TEXT NOT NULL, PRIMARY KEY(post, kind, member)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reaction_by_member ON reaction(member);
CREATE TABLE IF NOT EXISTS outbox(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL,
  event TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS outbox_by_target ON outbox(target, n);
)";

// Posts, comments and reactions, by who made them.
constexpr char kMostActive[] =
    "WITH act(member) AS (SELECT author FROM post UNION ALL "
    "SELECT author FROM comment UNION ALL SELECT member FROM reaction) "
    "SELECT a.member, m.name, count(*) AS acts FROM act AS a "
    "JOIN member AS m ON m.id = a.member GROUP BY a.member "
    "ORDER BY acts DESC, a.member LIMIT ?";
constexpr char kContributors[] =
    "SELECT count(*) FROM (SELECT author FROM post UNION "
    "SELECT author FROM comment UNION SELECT member FROM reaction)";

}  // namespace

Content::Content(const std::string& path) : writer_(path), reader_(path) {
  writer_.Script(kSchema);
  LoadSessions();
}

void Content::Act(const loyalty::Event& event,
                  const std::function<void()>& change) {
  const std::string json = loyalty::ToJson(event);
  Change([&] {
    change();
    writer_.Do("INSERT INTO outbox(id, target, event) VALUES (?, ?, ?)",
               {event.id, event.target.value_or(""), json});
  });
}

void Content::Change(const std::function<void()>& change) {
  const std::lock_guard lock(writing_);
  added_.clear();
  writer_.Change(true, change);
  if (added_.empty()) return;
  const std::lock_guard newest(newest_mutex_);
  newest_post_ = added_;
}

std::string Content::NewestPost() const {
  const std::lock_guard lock(newest_mutex_);
  return newest_post_;
}

std::vector<loyalty::Event> Content::Pending(std::string_view target,
                                             int limit) const {
  constexpr char kAll[] = "SELECT event FROM outbox ORDER BY n LIMIT ?";
  constexpr char kOf[] =
      "SELECT event FROM outbox WHERE target = ? ORDER BY n LIMIT ?";
  std::vector<std::string> lines;
  const auto see = [&](const Row& row) { lines.push_back(row.Text(0)); };
  {
    const std::lock_guard lock(reading_);
    if (target.empty()) {
      reader_.Ask(kAll, {limit}, see);
    } else {
      reader_.Ask(kOf, {target, limit}, see);
    }
  }
  std::vector<loyalty::Event> events;
  loyalty::JsonEventReader reader;
  for (const std::string& line : lines) {
    absl::StatusOr<loyalty::Event> event = reader.Read(line);
    if (!event.ok()) {
      throw ContentError("an event in the outbox cannot be read: " +
                         event.status().ToString());
    }
    events.push_back(*std::move(event));
  }
  return events;
}

int64_t Content::CountPending() const {
  int64_t count = 0;
  const std::lock_guard lock(reading_);
  reader_.Ask("SELECT count(*) FROM outbox", {},
              [&](const Row& row) { count = row.Number(0); });
  return count;
}

void Content::Forget(const std::vector<std::string>& event_ids) {
  const std::lock_guard lock(writing_);
  writer_.Change(false, [&] {
    for (const std::string& id : event_ids) {
      writer_.Do("DELETE FROM outbox WHERE id = ?", {id});
    }
  });
}

void Content::Add(const Member& member) {
  writer_.Do("INSERT INTO member VALUES (?, ?, ?, ?, ?)",
             {member.id, member.name, member.password_hash, member.is_admin,
              absl::ToUnixMicros(member.joined)});
}

void Content::SetPassword(const std::string& id, const std::string& hash,
                          bool is_admin) {
  writer_.Do("UPDATE member SET password = ?, is_admin = ? WHERE id = ?",
             {hash, is_admin, id});
}

std::optional<Member> Content::FindMember(std::string_view id) const {
  std::optional<Member> member;
  const std::lock_guard lock(reading_);
  reader_.Ask(
      "SELECT id, name, password, is_admin, joined FROM member WHERE id = ?",
      {id}, [&](const Row& row) {
        member = {.id = row.Text(0),
                  .name = row.Text(1),
                  .password_hash = row.Text(2),
                  .is_admin = row.Number(3) != 0,
                  .joined = absl::FromUnixMicros(row.Number(4))};
      });
  return member;
}

std::string Content::NameOf(const std::string& id) const {
  {
    const std::shared_lock lock(names_mutex_);
    const auto found = names_.find(id);
    if (found != names_.end()) return found->second;
  }
  const std::optional<Member> member = FindMember(id);
  if (!member.has_value()) return id;
  const std::unique_lock lock(names_mutex_);
  return names_[id] = member->name;
}

void Content::OpenSession(const std::string& token_hash,
                          const Session& session) {
  Change([&] {
    writer_.Do(
        "INSERT INTO session VALUES (?, ?, ?)",
        {token_hash, session.member, absl::ToUnixMicros(session.expires)});
  });
  const std::unique_lock lock(sessions_mutex_);
  sessions_[token_hash] = session;
}

std::optional<Session> Content::FindSession(
    const std::string& token_hash) const {
  const std::shared_lock lock(sessions_mutex_);
  const auto found = sessions_.find(token_hash);
  if (found == sessions_.end() || found->second.expires <= absl::Now()) {
    return std::nullopt;
  }
  return found->second;
}

void Content::CloseSession(const std::string& token_hash) {
  Change([&] {
    writer_.Do("DELETE FROM session WHERE token_hash = ?", {token_hash});
  });
  const std::unique_lock lock(sessions_mutex_);
  sessions_.erase(token_hash);
}

void Content::CloseExpiredSessions(absl::Time now) {
  Change([&] {
    writer_.Do("DELETE FROM session WHERE expires <= ?",
               {absl::ToUnixMicros(now)});
  });
  const std::unique_lock lock(sessions_mutex_);
  std::erase_if(sessions_,
                [&](const auto& entry) { return entry.second.expires <= now; });
}

void Content::LoadSessions() {
  writer_.Ask(
      "SELECT s.token_hash, s.member, m.is_admin, s.expires FROM session AS s "
      "JOIN member AS m ON m.id = s.member",
      {}, [&](const Row& row) {
        sessions_[row.Text(0)] = {
            .member = row.Text(1),
            .is_admin = row.Number(2) != 0,
            .expires = absl::FromUnixMicros(row.Number(3))};
      });
}

std::vector<Contributor> Content::MostActive(int limit) const {
  std::vector<Contributor> most;
  const std::lock_guard lock(reading_);
  reader_.Ask(kMostActive, {limit}, [&](const Row& row) {
    most.push_back(
        {.member = row.Text(0), .name = row.Text(1), .acts = row.Number(2)});
  });
  return most;
}

int64_t Content::CountContributors() const {
  int64_t count = 0;
  const std::lock_guard lock(reading_);
  reader_.Ask(kContributors, {},
              [&](const Row& row) { count = row.Number(0); });
  return count;
}

}  // namespace community
