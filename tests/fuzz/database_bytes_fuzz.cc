// SPDX-License-Identifier: Apache-2.0
//
// A small valid database file with some of its bytes changed, or its end cut
// off: opening it, asking everything of it and writing to it end with an answer
// or an error.
//
// Each edit is five bytes: three say where, one how many bytes, one with what
// they are overwritten or, at 0, that the file ends there.
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>

#include "loyalty/engine.h"
#include "require.h"

namespace loyalty {
namespace {

namespace fs = std::filesystem;
using fuzz::Require;

constexpr std::string_view kProgram = R"(
name: "f" version: "1"
currency { id: "points" opening: 1 daily_cap { units: 20 } }
event_type { id: "like" attribute { name: "owner" type: MEMBER } }
metric { id: "likes" on: "like" per: "event.owner" }
rule { id: "liked" on: "like"
  award { to: "event.owner" currency: "points" units: "5" }
  limit { per: DAY times: 3 key: PAIR } }
ladder { id: "status" currency: "points" level { id: "new" }
  level { id: "old" at: 7 privilege: "edit" } }
)";

// A folder in memory where there is one, gone when the process ends.
class Folder {
 public:
  Folder() {
    const fs::path memory = "/dev/shm";
    std::error_code ignored;
    const fs::path parent =
        fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path();
    std::string name = (parent / "loyalty-fuzz-XXXXXX").string();
    Require(mkdtemp(name.data()) != nullptr, "a folder can be made");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string File() const { return path_ / "f.db"; }
  void Empty() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
      fs::remove_all(entry.path());
    }
  }

 private:
  fs::path path_;
};

Event Like(int number, const std::string& actor) {
  return {.id = absl::StrCat("like-", number),
          .type = "like",
          .time = absl::FromUnixSeconds(1'772'366'400) + absl::Hours(number),
          .actor = actor,
          .target = "post-1",
          .attributes = {{"owner", "grace"}}};
}

Program SomeProgram() { return *Program::FromText(kProgram, "f.textproto"); }

// The bytes of a file with some likes and a reversal.
std::string ValidFile(const Folder& folder) {
  {
    const auto now = [] { return absl::FromUnixSeconds(1'773'000'000); };
    auto engine = Engine::Open(folder.File(), SomeProgram(), {.clock = now});
    Require(engine.ok(), "a file can be made: " + engine.status().ToString());
    for (int i = 1; i <= 12; ++i) {
      Require((*engine)->Process(Like(i, i % 2 == 0 ? "ada" : "alan")).ok(),
              "events are recorded");
    }
    Require((*engine)->Reverse("undo-3", now(), "like-3").ok(),
            "events are reversed");
  }
  std::ifstream file(folder.File(), std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  folder.Empty();
  return bytes.str();
}

std::string Edited(std::string file, fuzz::Bytes& edits) {
  while (!edits.empty() && !file.empty()) {
    const size_t at = edits.Wide() % file.size();
    const auto count = static_cast<size_t>(edits.Byte());
    const auto with = static_cast<char>(edits.Byte());
    if (count == 0) {
      file.resize(at);
    } else {
      const size_t end = std::min(file.size(), at + count);
      std::fill(file.begin() + static_cast<ptrdiff_t>(at),
                file.begin() + static_cast<ptrdiff_t>(end), with);
    }
  }
  return file;
}

void AskEverything(Queries& queries) {
  queries.Member("grace").IgnoreError();
  queries.Explain("like-1").IgnoreError();
  queries.Explain("undo-3").IgnoreError();
  queries.Statement("grace", "", 0, 0, 100).IgnoreError();
  queries.Leaderboard("points", 100).IgnoreError();
  queries.Leaderboard("points", 1, 100).IgnoreError();
  queries.Around("ada", "points", 3, 3).IgnoreError();
  queries.Balances("points", "", 100).IgnoreError();
  queries.Feed(0, 100).IgnoreError();
  queries.CurrentProgram().IgnoreError();
  queries.Verify().IgnoreError();
}

void OpenAndUse(const Folder& folder) {
  if (const auto queries = Queries::Open(folder.File()); queries.ok()) {
    AskEverything(**queries);
  }
  const auto engine = Engine::Open(folder.File(), SomeProgram());
  if (!engine.ok()) return;
  (*engine)->Process(Like(1, "alan")).IgnoreError();
  (*engine)->Process(Like(50, "ada")).IgnoreError();
  (*engine)
      ->Reverse("undo-5", absl::FromUnixSeconds(1'773'000'000), "like-5")
      .IgnoreError();
  if (const auto queries = (*engine)->Query(); queries.ok()) {
    AskEverything(**queries);
  }
}

}  // namespace
}  // namespace loyalty

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const loyalty::Folder folder;
  static const std::string valid = loyalty::ValidFile(folder);
  loyalty::fuzz::Bytes edits(data, size);
  {
    std::ofstream file(folder.File(), std::ios::binary);
    file << loyalty::Edited(valid, edits);
  }
  loyalty::OpenAndUse(folder);
  folder.Empty();
  return 0;
}
