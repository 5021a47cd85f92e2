// SPDX-License-Identifier: Apache-2.0
//
// make_golden FOLDER: makes the golden file of the present format version, and
// what it answers, in FOLDER. `./dev golden` runs it; CONTRIBUTING.md says
// when.
#include <absl/strings/str_cat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/status_macros.h"
#include "golden/golden.h"
#include "store/schema.h"
#include "store/temporary_folder.h"

namespace loyalty::golden {
namespace {

namespace fs = std::filesystem;

absl::Status Put(const std::string& text, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  return file ? absl::OkStatus()
              : absl::UnavailableError("cannot write " + path);
}

absl::Status PutAnswers(const std::string& of, const std::string& path) {
  ASSIGN_OR_RETURN(const auto queries, Queries::Open(of));
  ASSIGN_OR_RETURN(const std::string answers, Answers(*queries));
  return Put(answers, path);
}

absl::Status Make(const std::string& folder) {
  const std::string base = absl::StrCat(folder, "/", store::kSchemaVersion);
  // Elsewhere, as what lies beside an open file is not wanted.
  const store::TemporaryFolder made;
  const std::string file = made.File("made.db");
  RETURN_IF_ERROR(MakeFile(file));
  fs::copy_file(file, base + ".db", fs::copy_options::overwrite_existing);
  RETURN_IF_ERROR(PutAnswers(file, base + ".txt"));
  {
    ASSIGN_OR_RETURN(const auto engine, OpenFile(file));
    RETURN_IF_ERROR(engine->Process(OneMore()).status());
  }
  return PutAnswers(file, base + ".one-more.txt");
}

}  // namespace
}  // namespace loyalty::golden

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_golden FOLDER\n", stderr);
    return 2;
  }
  const absl::Status made = loyalty::golden::Make(argv[1]);
  if (made.ok()) return 0;
  std::fprintf(stderr, "%s\n", made.ToString().c_str());
  return 1;
}
