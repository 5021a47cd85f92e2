// SPDX-License-Identifier: Apache-2.0
//
// The examples of examples/community_server/README.md are run as they are
// written, but for the port, and for a webhook's address that is not ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "command/running.h"
#include "server/receiver.h"
#include "server/serving.h"

namespace community {
namespace {

using testing::HasSubstr;

// What is within ```sh, from that heading on.
std::vector<std::string> BlocksAfter(const std::string& heading) {
  const std::string text = SourceFile("examples/community_server/README.md");
  const std::string readme = loyalty::command::Read(text);
  std::vector<std::string> blocks;
  size_t at = readme.find(heading);
  EXPECT_NE(at, readme.npos) << heading;
  constexpr std::string_view kOpen = "\n```sh\n";
  while ((at = readme.find(kOpen, at)) != readme.npos) {
    at += kOpen.size();
    const size_t end = readme.find("\n```\n", at);
    blocks.push_back(readme.substr(at, end - at));
    at = end;
  }
  return blocks;
}

std::string Replaced(std::string text, const std::string& from,
                     const std::string& to) {
  EXPECT_NE(text.find(from), text.npos) << from << " is not in\n" << text;
  return std::regex_replace(text, std::regex(from), to);
}

// A port that was free a moment ago: the README names the one it uses.
int FreePort() {
  const int bound = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(bound, any, size), 0);
  EXPECT_EQ(getsockname(bound, any, &size), 0);
  close(bound);
  return ntohs(address.sin_port);
}

class TheReadme : public testing::Test {
 protected:
  // The blocks, one after another in one shell. What fails in them ends it; a
  // stream does not end by itself, and is listened to for a second. Who starts
  // the server waits for it in a terminal; here, the next call does.
  std::string Run(const std::string& blocks) {
    const std::string script =
        R"(set -euo pipefail
trap 'kill $(jobs -p) || true; wait || true' EXIT
curl() {
  if [[ "$*" == *-sN* ]]; then
    command curl --max-time 1 "$@" || true
    return
  fi
  command curl --fail-with-body --show-error --retry 30 --retry-connrefused \
    --retry-delay 1 --max-time 60 "$@" || { echo "FAILED: curl $*"; exit 1; }
  echo
}
)" + blocks;
    loyalty::command::Write(folder_.File("script"), script);
    const std::string out = folder_.File("out");
    const int code = std::system(
        ("cd " + folder_.File("") + " && bash script >out 2>&1").c_str());
    const std::string said = loyalty::command::Read(out);
    EXPECT_EQ(code, 0) << said << "\nof\n" << script;
    return said;
  }

  TheReadme() {
    // Where the README has the server, on the port that it is by default.
    const std::string bin = folder_.File("build/release/bin");
    std::filesystem::create_directories(bin);
    const std::string server = bin + "/community_server";
    loyalty::command::Write(
        server, "#!/bin/sh\nexec '" + std::string(std::getenv("LOYALTY_BIN")) +
                    "/community_server' \"$@\" --port " + port_ +
                    " --quiet --webhook-host 127.0.0.1\n");
    std::filesystem::permissions(server, std::filesystem::perms::owner_all);
  }

  const loyalty::store::TemporaryFolder folder_ =
      loyalty::store::TemporaryFolder();
  const std::string port_ = std::to_string(FreePort());
};

TEST_F(TheReadme, HasExamplesThatRun) {
  const std::vector<std::string> blocks = BlocksAfter("## Talk to it");
  ASSERT_EQ(blocks.size(), 4u);
  Receiver receiver;
  loyalty::command::Write(folder_.File("events.jsonl"),
                          R"({"id":"e1","type":"idea_posted",)"
                          R"("time":"2026-03-01T12:00:00Z","actor":"grace"})"
                          "\n");
  const std::string members = Replaced(blocks[0], "8080", port_);
  const std::string said = Run(
      "build/release/bin/community_server FOLDER & server=$!\n" + members +
      "\nkill $server; wait $server\n" + blocks[1] + "\n" + blocks[2] + "\n" +
      Replaced(blocks[3], "https://example.org/told", receiver.url()) +
      "\ncurl -s -H \"Authorization: Bearer $COMMUNITY_WRITE_TOKEN\""
      " -H \"$json\" -d '{\"id\":\"e2\",\"type\":\"idea_posted\","
      "\"time\":\"2026-03-01T12:00:00Z\",\"actor\":\"lin\"}' "
      "$api/events\n");
  // Each in its turn.
  for (const char* part :
       {R"("member":"ada")", "+5 points, +5 conversation: an idea",
        R"("level":"member")", R"("why":"5 points and 5 conversation)",
        R"("goals":[)", R"("leaderboard":"month")", R"("ladder":"welcomer")",
        "retry: 2000", R"("event":"e1")", R"("event":"/forum 17")",
        R"("secret":"whsec_)"}) {
    EXPECT_THAT(said, HasSubstr(part));
  }
  // Among the seasons that ended meanwhile. The script may have ended the
  // server before it had told all of that; then the next one does.
  ServerOptions options = OptionsFor(folder_.File("FOLDER"));
  options.hooks.hosts = {"127.0.0.1"};
  const Serving next(options);
  EXPECT_TRUE(receiver.AwaitEvent("e2"));
}

}  // namespace
}  // namespace community
