// SPDX-License-Identifier: Apache-2.0
//
// SQLite copies pages; that the copy is there as a whole or not at all is done
// here: another name until it is on disk, and never over a file that exists.
#include "store/sqlite_backup.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

absl::Status SystemFailure(const char* did, const std::string& path) {
  const int error = errno;
  const std::string text =
      absl::StrCat("cannot ", did, " ", path, ": ", std::strerror(error));
  return error == ENOSPC || error == EDQUOT ? absl::ResourceExhaustedError(text)
                                            : absl::UnavailableError(text);
}

absl::Status CheckIsFree(const std::string& to) {
  struct stat about;
  if (lstat(to.c_str(), &about) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(to, " is there already"));
  }
  // SQLite would take what another file of this name has left for the copy's.
  for (const char* suffix : {"-wal", "-journal"}) {
    const std::string beside = to + suffix;
    if (lstat(beside.c_str(), &about) == 0 && about.st_size > 0) {
      return absl::AlreadyExistsError(absl::StrCat(
          beside, " is in the way: it would be taken for a part of the copy"));
    }
  }
  return absl::OkStatus();
}

// A file that is removed unless it was given its name.
class PartialFile {
 public:
  static absl::StatusOr<PartialFile> MakeFor(const std::string& to) {
    std::string path = to + ".partial-XXXXXX";
    const int descriptor = mkstemp(path.data());
    if (descriptor < 0) return SystemFailure("make", path);
    close(descriptor);
    return PartialFile(std::move(path));
  }
  PartialFile(PartialFile&& other) noexcept
      : path_(std::exchange(other.path_, "")) {}
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  const std::string& path() const { return path_; }

  // ERRORS: kAlreadyExists if something has that name by now.
  absl::Status Name(const std::string& to) {
    // Unlike rename(), link() never replaces a file.
    if (link(path_.c_str(), to.c_str()) == 0) {
      unlink(std::exchange(path_, "").c_str());
      return absl::OkStatus();
    }
    if (errno != EEXIST && errno != EPERM && errno != EOPNOTSUPP) {
      return SystemFailure("make", to);
    }
    RETURN_IF_ERROR(CheckIsFree(to));
    // A file system without hard links.
    if (rename(path_.c_str(), to.c_str()) != 0) {
      return SystemFailure("make", to);
    }
    path_.clear();
    return absl::OkStatus();
  }

 private:
  explicit PartialFile(std::string path) : path_(std::move(path)) {}
  std::string path_;  // "": it has its name
};

absl::Status CopyPages(Database& from, const std::string& path,
                       absl::FunctionRef<void(double)> progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> copy,
                   Database::Open(path, Database::Mode::kReadWrite));
  // The file is synced when all of it is written, and gone if that fails: no
  // need for a journal of its own.
  RETURN_IF_ERROR(
      copy->Execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY"));
  return from.CopyTo(*copy, progress);
}

absl::Status Sync(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) return SystemFailure("open", path);
  absl::Status synced;
  // Some file systems cannot sync a folder.
  if (fsync(descriptor) != 0 && !(errno == EINVAL && flags == O_DIRECTORY)) {
    synced = SystemFailure("sync", path);
  }
  close(descriptor);
  return synced;
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

// Who may read the one may read the other.
absl::Status CopyMode(const char* from, const std::string& to) {
  struct stat about;
  if (stat(from, &about) != 0) return SystemFailure("look at", from);
  if (chmod(to.c_str(), about.st_mode & 0777) != 0) {
    return SystemFailure("set the mode of", to);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BackUpSqlite(Database& from, const std::string& to,
                          absl::FunctionRef<void(double)> progress) {
  if (to.empty()) return absl::UnavailableError("cannot back up to no path");
  RETURN_IF_ERROR(CheckIsFree(to));
  ASSIGN_OR_RETURN(PartialFile partial, PartialFile::MakeFor(to));
  RETURN_IF_ERROR(CopyPages(from, partial.path(), progress));
  RETURN_IF_ERROR(CopyMode(from.path().c_str(), partial.path()));
  RETURN_IF_ERROR(Sync(partial.path(), 0));
  RETURN_IF_ERROR(partial.Name(to));
  absl::Status synced = Sync(FolderOf(to), O_DIRECTORY);
  // It might be there after a power cut, or not: so it is not there.
  if (!synced.ok()) unlink(to.c_str());
  return synced;
}

}  // namespace loyalty::store
