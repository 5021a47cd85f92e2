// SPDX-License-Identifier: Apache-2.0
//
// See running.h.
#include "command/running.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

extern char** environ;

namespace loyalty::command {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct Streams {
  std::string in;
  std::string out;
  std::string err;
  std::string folder = {};  // in which to run; "": this one
};

pid_t Start(const std::string& program, const Arguments& arguments,
            const Streams& streams) {
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (!streams.folder.empty()) {
    posix_spawn_file_actions_addchdir_np(&files, streams.folder.c_str());
  }
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, streams.in.c_str(),
                                   O_RDONLY, 0);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, streams.out.c_str(),
                                   flags, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, streams.err.c_str(),
                                   flags, 0600);
  pid_t process = -1;
  const int error = posix_spawn(&process, program.c_str(), &files, nullptr,
                                argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  EXPECT_EQ(error, 0) << "cannot start " << program
                      << "; LOYALTY_BIN has to name its folder";
  return error == 0 ? process : -1;
}

std::string Program(const std::string& name) {
  return Environment("LOYALTY_BIN") + "/" + name;
}

}  // namespace

int WaitFor(pid_t process) {
  int status = 0;
  if (process < 0 || waitpid(process, &status, 0) != process) return -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Ended RunProgram(const std::string& name, const Arguments& arguments,
                 std::string_view input, const std::string& folder) {
  const store::TemporaryFolder scratch;
  const Streams streams = {.in = scratch.File("in"),
                           .out = scratch.File("out"),
                           .err = scratch.File("err"),
                           .folder = folder};
  Write(streams.in, input);
  Ended ended;
  ended.exit = WaitFor(Start(Program(name), arguments, streams));
  ended.out = Read(streams.out);
  ended.err = Read(streams.err);
  return ended;
}

Ended RunLoyalty(const Arguments& arguments, std::string_view input) {
  return RunProgram("loyalty", arguments, input);
}

pid_t StartLoyalty(const Arguments& arguments) {
  return Start(Program("loyalty"), arguments,
               {.in = "/dev/null", .out = "/dev/null", .err = "/dev/null"});
}

std::string SourceFile(const std::string& path) {
  return Environment("LOYALTY_SOURCE") + "/" + path;
}

std::string ExampleProgram(const std::string& name) {
  return SourceFile("examples/programs/" + name);
}

std::string SharedFile(const std::string& path) {
  const std::string file = Environment("LOYALTY_SHARED") + "/" + path;
  return std::filesystem::exists(file) ? file : "";
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void Write(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  EXPECT_TRUE(file.flush()) << path;
}

std::string ReadGzip(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  EXPECT_NE(file, nullptr) << path;
  if (file == nullptr) return "";
  std::string content;
  char buffer[65536];
  int read = 0;
  while ((read = gzread(file, buffer, sizeof buffer)) > 0) {
    content.append(buffer, static_cast<size_t>(read));
  }
  EXPECT_EQ(gzclose(file), Z_OK) << path;
  return content;
}

void WriteGzip(const std::string& path, std::string_view content) {
  const gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr) << path;
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  EXPECT_EQ(gzclose(file), Z_OK) << path;
}

std::vector<Json> JsonLines(std::string_view text) {
  std::vector<Json> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(Json::parse(line, nullptr, false));
    EXPECT_FALSE(lines.back().is_discarded()) << line;
  }
  return lines;
}

std::map<std::string, int64_t> BalancesIn(const std::string& db,
                                          const std::string& currency) {
  const Ended ended =
      RunLoyalty({"balances", "--db", db, "--currency", currency, "--json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  std::map<std::string, int64_t> balances;
  for (const Json& line : JsonLines(ended.out)) {
    balances[line.at("member")] = line.at("balance");
  }
  return balances;
}

std::vector<Json> FeedOf(const std::string& db) {
  const Ended ended = RunLoyalty({"feed", "--db", db});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  std::vector<Json> feed = JsonLines(ended.out);
  for (Json& outcome : feed) outcome.erase("recorded_at");
  return feed;
}

std::vector<std::string> PostingsIn(const std::string& db) {
  return store::RawSqlite(db).Values(
      "SELECT event, from_account, to_account, currency, units FROM journal "
      "ORDER BY seq, n");
}

std::string EventLine(const std::string& id, const std::string& type,
                      const std::string& rest) {
  return R"({"id":")" + id + R"(","type":")" + type +
         R"(","time":"2024-03-01T12:00:00Z")" + rest + "}\n";
}

}  // namespace loyalty::command
