// SPDX-License-Identifier: Apache-2.0
//
// Running the command as a script would: arguments in, exit code and both
// outputs out. And the few files its tests share.
#ifndef LOYALTY_TESTS_COMMAND_RUNNING_H_
#define LOYALTY_TESTS_COMMAND_RUNNING_H_

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::command {

using Arguments = std::vector<std::string>;
using Json = nlohmann::json;

struct Ended {
  int exit = -1;  // 128 and the signal's number if one ended it
  std::string out;
  std::string err;
};

// Runs the program `name` of this build with `input` as its standard input, in
// `folder` if it is not "".
Ended RunProgram(const std::string& name, const Arguments& arguments,
                 std::string_view input = "", const std::string& folder = "");

// RunProgram("loyalty", ...).
Ended RunLoyalty(const Arguments& arguments, std::string_view input = "");

// Starts it, with nothing to read and nobody to hear it.
pid_t StartLoyalty(const Arguments& arguments);

// The exit code of a process that was started, as in Ended.
int WaitFor(pid_t process);

// A file of this repository.
std::string SourceFile(const std::string& path);

// A file of examples/programs.
std::string ExampleProgram(const std::string& name);

// A file of the folder with real data, or "" if that is not here.
std::string SharedFile(const std::string& path);

std::string Read(const std::string& path);
void Write(const std::string& path, std::string_view content);

// Gzip, both ways.
std::string ReadGzip(const std::string& path);
void WriteGzip(const std::string& path, std::string_view content);

// Each line of `text` as JSON; a line that is none fails the test.
std::vector<Json> JsonLines(std::string_view text);

// What `loyalty balances` says of `currency`, by member.
std::map<std::string, int64_t> BalancesIn(const std::string& db,
                                          const std::string& currency);

// What `loyalty feed` says, without the times at which it was recorded: those
// alone differ from run to run.
std::vector<Json> FeedOf(const std::string& db);

// Every posting in the file, read past the command: event, accounts, currency
// and units, in the order written.
std::vector<std::string> PostingsIn(const std::string& db);

// One line of a log, with `rest` behind id, type and time.
std::string EventLine(const std::string& id, const std::string& type,
                      const std::string& rest);

}  // namespace loyalty::command

#endif  // LOYALTY_TESTS_COMMAND_RUNNING_H_
