// SPDX-License-Identifier: Apache-2.0
//
// See child.h.
#include "child.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace loyalty::bench {
namespace {

struct Pipe {
  std::array<int, 2> ends = {-1, -1};
};

// All that comes until the other end is closed.
std::string ReadAll(int file) {
  std::string all;
  std::array<char, 1 << 16> piece;
  ssize_t size = 0;
  while ((size = read(file, piece.data(), piece.size())) > 0) {
    all.append(piece.data(), static_cast<size_t>(size));
  }
  return all;
}

double Micros(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 +
         static_cast<double>(time.tv_usec);
}

// Has `work` run in a child, which may write to the pipe's end; its last word
// is its exit code. Returns what was written.
absl::StatusOr<std::string> Fork(absl::FunctionRef<int(int)> work,
                                 rusage& used) {
  Pipe pipe_to_us;
  if (pipe(pipe_to_us.ends.data()) != 0) {
    return absl::InternalError("there is no pipe to be had");
  }
  std::cout.flush();
  const pid_t child = fork();
  if (child < 0) return absl::InternalError("cannot fork");
  if (child == 0) {
    close(pipe_to_us.ends[0]);
    const int code = work(pipe_to_us.ends[1]);
    std::cout.flush();
    _exit(code);
  }
  close(pipe_to_us.ends[1]);
  std::string said = ReadAll(pipe_to_us.ends[0]);
  close(pipe_to_us.ends[0]);
  int status = 0;
  wait4(child, &status, 0, &used);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said;
  return absl::InternalError(
      absl::StrCat("a process ended with status ", status));
}

}  // namespace

absl::Status InChild(absl::FunctionRef<void()> work, void* answer,
                     size_t size) {
  rusage used;
  const auto said = Fork(
      [&](int out) {
        work();
        return write(out, answer, size) == static_cast<ssize_t>(size) ? 0 : 1;
      },
      used);
  if (!said.ok()) return said.status();
  if (said->size() != size) return absl::InternalError("a process said little");
  std::memcpy(answer, said->data(), size);
  return absl::OkStatus();
}

absl::StatusOr<Ran> RunProgram(const std::vector<std::string>& arguments) {
  rusage used;
  const auto start = std::chrono::steady_clock::now();
  auto said = Fork(
      [&](int out) {
        dup2(out, STDOUT_FILENO);
        close(out);
        std::vector<char*> words;
        words.reserve(arguments.size() + 1);
        for (const std::string& word : arguments) {
          words.push_back(const_cast<char*>(word.c_str()));
        }
        words.push_back(nullptr);
        execvp(words[0], words.data());
        return 127;
      },
      used);
  if (!said.ok()) {
    return absl::InternalError(
        absl::StrCat(arguments[0], ": ", said.status().message()));
  }
  const std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  return Ran{.out = *std::move(said),
             .seconds = elapsed.count(),
             .processor_us = Micros(used.ru_utime) + Micros(used.ru_stime),
             .memory_mb = static_cast<double>(used.ru_maxrss) / 1024};
}

}  // namespace loyalty::bench
