// SPDX-License-Identifier: Apache-2.0
//
// What README.md asks of files is asked, in its order, of those that
// examples/readme.sh makes, and is answered as it stands there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

struct Asked {
  std::string command;
  std::string answer = {};
};

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What is typed in blocks that say no language, and what came.
std::vector<Asked> AskedIn(const std::string& readme) {
  std::vector<Asked> all;
  std::istringstream lines(readme);
  bool in_block = false;
  bool answering = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      in_block = !in_block;
      answering = false;
    } else if (in_block && line.starts_with("$ ")) {
      all.push_back({line.substr(2)});
      answering = true;
    } else if (answering) {
      all.back().answer += line + "\n";
    }
  }
  return all;
}

// Of the demo's events, and of a log that is not ours: other tests are on
// those.
bool IsOfOthersFiles(const Asked& asked) {
  return !asked.command.starts_with("loyalty ") ||
         Has(asked.command, " community.db") || Has(asked.command, " beer.db");
}

TEST(Readme, IsAnsweredAsItSays) {
  const store::TemporaryFolder folder;
  const std::string bin = std::getenv("LOYALTY_BIN");
  const auto run = [&](const std::string& script) {
    Write(folder.File("asked"), script);
    return std::system(("cd '" + folder.File("") + "' && PATH='" + bin +
                        "':\"$PATH\" bash asked >out 2>err")
                           .c_str());
  };
  ASSERT_EQ(run("'" + SourceFile("examples/readme.sh") + "' loyalty"), 0)
      << Read(folder.File("err"));

  constexpr int kAtLeast = 20;
  int count = 0;
  for (const Asked& asked : AskedIn(Read(SourceFile("README.md")))) {
    if (IsOfOthersFiles(asked)) continue;
    SCOPED_TRACE(asked.command);
    EXPECT_EQ(run(asked.command), 0) << Read(folder.File("err"));
    EXPECT_EQ(Read(folder.File("out")), asked.answer);
    ++count;
  }
  EXPECT_GE(count, kAtLeast);
}

}  // namespace
}  // namespace loyalty::command
