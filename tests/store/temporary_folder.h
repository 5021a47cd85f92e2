// SPDX-License-Identifier: Apache-2.0
//
// TemporaryFolder: a folder of a test's own, gone when the test is over.
#ifndef LOYALTY_TESTS_STORE_TEMPORARY_FOLDER_H_
#define LOYALTY_TESTS_STORE_TEMPORARY_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace loyalty::store {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent =
                               std::filesystem::temp_directory_path()) {
    std::string name = (parent / "loyalty-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_TESTS_STORE_TEMPORARY_FOLDER_H_
