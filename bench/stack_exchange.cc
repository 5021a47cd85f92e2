// SPDX-License-Identifier: Apache-2.0
//
// A log of Stack Exchange, again and again: see workload.h.
// peers/stack_exchange.mjs names its copies alike.
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>
#include <zlib.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>
#include <variant>

#include "base/status_macros.h"
#include "base/views.h"
#include "loyalty/json.h"
#include "must.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr std::string_view kSite = "u-1";  // earns nothing, in each copy
constexpr std::array<std::string_view, 4> kNames = {
    "owner", "question", "question_owner", "approvers"};

void Rename(int copy, std::string& name) {
  if (name != kSite) name = absl::StrCat(copy, "-", name);
}

void Rename(int copy, std::optional<std::string>& name) {
  if (name.has_value()) Rename(copy, *name);
}

Value Renamed(int copy, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.get())) {
    std::string name = *text;
    Rename(copy, name);
    return name;
  }
  if (const auto* list = std::get_if<Value::List>(&value.get())) {
    Value::List names;
    for (const Value& item : *list) names.push_back(Renamed(copy, item));
    return names;
  }
  return value;
}

class Log : public Workload {
 public:
  Log(std::vector<Event> events, int repeat)
      : events_(std::move(events)), repeat_(repeat) {}

  std::string ProgramText() const override {
    std::ifstream file(LOYALTY_BENCH_EXAMPLES "/stack_exchange.textproto");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // What an up-vote on a question was worth when the log was made.
  Parameters ProgramParameters() const override {
    return {{"question_upvote_points", "5"}};
  }

  std::optional<Event> Next() override {
    if (next_ == events_.size()) {
      next_ = 0;
      ++copy_;
    }
    if (copy_ == repeat_) return std::nullopt;
    Event event = events_[next_++];
    Rename(copy_, event.id);
    Rename(copy_, event.actor);
    Rename(copy_, event.target);
    for (const std::string_view name : kNames) {
      const auto found = event.attributes.find(name);
      if (found == event.attributes.end()) continue;
      found->second = Renamed(copy_, found->second);
    }
    return event;
  }

 private:
  const std::vector<Event> events_;
  const int repeat_;
  int copy_ = 0;
  size_t next_ = 0;
};

absl::StatusOr<std::string> Unzipped(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return absl::NotFoundError("there is no " + path);
  std::string text;
  std::array<char, 1 << 16> piece;
  int size = 0;
  while ((size = gzread(file, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<size_t>(size));
  }
  gzclose(file);
  if (size < 0) return absl::DataLossError(path + " is damaged");
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Workload>> StackExchange(const std::string& log,
                                                        int repeat) {
  ASSIGN_OR_RETURN(const std::string text, Unzipped(log));
  JsonEventReader reader;
  std::vector<Event> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ASSIGN_OR_RETURN(Event event, reader.Read(line));
    events.push_back(std::move(event));
  }
  return std::make_unique<Log>(std::move(events), repeat);
}

}  // namespace loyalty::bench
