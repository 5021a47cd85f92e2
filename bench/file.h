// SPDX-License-Identifier: Apache-2.0
//
// File: a database that is removed, with what SQLite and the engine keep beside
// it.
#ifndef LOYALTY_BENCH_FILE_H_
#define LOYALTY_BENCH_FILE_H_

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace loyalty::bench {

class File {
 public:
  explicit File(const std::string& folder, const char* name = "")
      : path_(absl::StrCat(folder, "/bench-", getpid(), name, ".db")) {
    Remove();
  }
  ~File() { Remove(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  double bytes() const {
    return static_cast<double>(std::filesystem::file_size(path_));
  }

 private:
  void Remove() {
    for (const char* end : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(path_ + end);
    }
  }

  const std::string path_;
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_FILE_H_
