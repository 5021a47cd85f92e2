// SPDX-License-Identifier: Apache-2.0
//
// A log of events becomes a community in which it all can be seen.
#include "import.h"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "command/running.h"
#include "server/serving.h"

namespace community {
namespace {

// A question of ada's, solved by grace; kudos of ada's, taken back.
constexpr char kLog[] =
    R"({"id":"e1","type":"member_joined","time":"2025-12-01T10:00:00Z","actor":"ada","target":"hello-ada"}
{"id":"e2","type":"member_joined","time":"2025-12-01T11:00:00Z","actor":"grace","target":"hello-grace"}
{"id":"e4","type":"reply_posted","time":"2025-12-03T10:00:00Z","actor":"grace","target":"r4","attributes":{"thread":"q3","thread_owner":"ada"}}
{"id":"e3","type":"question_asked","time":"2025-12-02T10:00:00Z","actor":"ada","target":"q3"}
{"id":"e3","type":"question_asked","time":"2025-12-02T10:00:00Z","actor":"ada","target":"q3"}
{"id":"e5","type":"solution_accepted","time":"2025-12-03T11:00:00Z","actor":"ada","target":"r4","attributes":{"owner":"grace"}}
{"id":"e6","type":"kudos_given","time":"2025-12-03T12:00:00Z","actor":"ada","target":"r4","attributes":{"owner":"grace"}}
nonsense
)";

TEST(AnImportedLog, IsACommunityInWhichItCanBeSeen) {
  const loyalty::store::TemporaryFolder folder;
  const ServerOptions options = OptionsFor(folder.File("community"));
  std::ofstream(folder.File("log")) << kLog;
  const Imported imported =
      Import(options.folder, options.program_file, folder.File("log"));
  EXPECT_EQ(imported.events, 7);
  EXPECT_EQ(imported.malformed, 1);
  EXPECT_EQ(imported.rejected, 0);

  Serving serving(options);
  serving.server().SetPassword("ada", "", "correct horse", false);
  const Answer session = serving.Nobody().Post(
      "/api/session", {{"member", "ada"}, {"password", "correct horse"}});
  Client ada(serving.port(), session.body.value("token", ""));
  const Json question = ada.Get("/api/posts/q3").body;
  EXPECT_EQ(question["author_name"], "Ada");
  ASSERT_EQ(question["answers"].size(), 1u);
  EXPECT_EQ(question["answers"][0]["accepted"], true);
  EXPECT_EQ(question["answers"][0]["my_kudos"], true);
  // What was given there can be taken back here.
  EXPECT_EQ(ada.Delete("/api/posts/r4/kudos").status, 200);
  // It ended today.
  const Json lines = ada.Get("/api/members/me/statement").body["lines"];
  ASSERT_FALSE(lines.empty());
  EXPECT_GT(lines.back()["time"].get<std::string>(),
            Rfc3339(absl::Now() - absl::Hours(48)));
}

TEST(AnImportedLog, GoesIntoNoCommunityThatIsThere) {
  const loyalty::store::TemporaryFolder folder;
  const ServerOptions options = OptionsFor(folder.File("community"));
  std::ofstream(folder.File("log")) << kLog;
  Import(options.folder, options.program_file, folder.File("log"));
  EXPECT_THROW(Import(options.folder, options.program_file, folder.File("log")),
               std::runtime_error);
}

}  // namespace
}  // namespace community
