// SPDX-License-Identifier: Apache-2.0
//
// SqliteStore: from a path to a store. What a file may be before it is opened,
// and who gets which connection. The tables are in schema.cc.
#include "store/sqlite_store.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "store/reader_pool.h"
#include "store/schema.h"
#include "store/sqlite_reader.h"
#include "store/sqlite_transaction.h"
#include "store/sqlite_writer.h"

namespace loyalty::store {
namespace {

class SqliteStore final : public Store {
 public:
  // `writer` is null for a store that is only read.
  SqliteStore(std::string path, std::shared_ptr<SqliteWriter> writer)
      : path_(std::move(path)), writer_(std::move(writer)) {
    // Who only reads may be anywhere after a fork, and opens anew.
    if (writer_ != nullptr) readers_ = std::make_shared<ReaderPool>();
  }
  ~SqliteStore() override {
    if (readers_ != nullptr) readers_->Close();
  }

  absl::StatusOr<std::unique_ptr<Transaction>> Begin() override {
    RETURN_IF_ERROR(CheckWritable());
    return BeginSqliteTransaction(writer_);
  }

  absl::StatusOr<std::unique_ptr<Reader>> Read() override {
    if (writer_ != nullptr) {
      RETURN_IF_ERROR(writer_->CheckProcess());
      // So that the reader has nothing to catch up with. If it fails, it has.
      writer_->Settle().IgnoreError();
    }
    ASSIGN_OR_RETURN(Snapshot snapshot, Snapshot::Of(path_, readers_));
    return NewSqliteReader(std::move(snapshot));
  }

  absl::StatusOr<StoredProgram> AddProgram(StoredProgram program) override {
    RETURN_IF_ERROR(CheckWritable());
    RETURN_IF_ERROR(writer_->Begin());
    program.number = 1;
    const auto there = writer_->db().Number("SELECT count(*) FROM program");
    if (!there.ok() || *there > 0) {
      writer_->Rollback();
      RETURN_IF_ERROR(there.status());
      return absl::InternalError("the store has a program already");
    }
    if (absl::Status added = writer_->AddProgram(program); !added.ok()) {
      writer_->Rollback();
      return added;
    }
    RETURN_IF_ERROR(writer_->Commit(writer_->chain()));
    return program;
  }

 private:
  absl::Status CheckWritable() const {
    if (writer_ != nullptr) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " was opened for reading only"));
  }

  const std::string path_;
  const std::shared_ptr<SqliteWriter> writer_;
  std::shared_ptr<ReaderPool> readers_ = {};  // null: none are kept
};

// Absolute and without symbolic links: one file has one name, and so one lock.
absl::StatusOr<std::string> RealPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(
      std::filesystem::absolute(path, error), error);
  if (path.empty() || error) {
    return absl::UnavailableError(
        absl::StrCat("cannot open \"", path,
                     "\": ", path.empty() ? "no path" : error.message()));
  }
  return real.string();
}

enum class PathIs { kNothing, kEmpty, kFile };

// Looks without opening: closing a descriptor of a database would drop the
// locks that SQLite holds on it in this process.
absl::StatusOr<PathIs> Inspect(const std::string& path) {
  struct stat about;
  if (stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return PathIs::kNothing;
    return absl::UnavailableError(
        absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
  }
  if (S_ISREG(about.st_mode)) {
    return about.st_size == 0 ? PathIs::kEmpty : PathIs::kFile;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, S_ISDIR(about.st_mode) ? " is a directory"
                                                : " is no regular file"));
}

absl::Status CheckThere(PathIs is, const std::string& path) {
  switch (is) {
    case PathIs::kNothing:
      return absl::NotFoundError(absl::StrCat("no file ", path));
    case PathIs::kEmpty:
      return absl::FailedPreconditionError(absl::StrCat(path, " is empty"));
    case PathIs::kFile: return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status CheckFile(const std::string& path) {
  auto db = OpenForReading(path);
  if (absl::IsFailedPrecondition(db.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no SQLite database"));
  }
  RETURN_IF_ERROR(db.status());
  return CheckSchema(**db, path);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(
    const std::string& path, Access access, const SqliteOptions& options) {
  ASSIGN_OR_RETURN(std::string real, RealPath(path));
  ASSIGN_OR_RETURN(const PathIs is, Inspect(real));
  if (access == Access::kWrite) {
    // Before anything is made beside a file that is not ours. What else may be
    // wrong with it, a stopped writer's log for one, is for the writer to see.
    if (is == PathIs::kFile) {
      const absl::Status checked = CheckFile(real);
      if (!checked.ok() && !absl::IsUnavailable(checked)) return checked;
    }
    ASSIGN_OR_RETURN(std::shared_ptr<SqliteWriter> writer,
                     SqliteWriter::Open(real, options));
    return std::make_unique<SqliteStore>(std::move(real), std::move(writer));
  }
  RETURN_IF_ERROR(CheckThere(is, path));
  RETURN_IF_ERROR(CheckFile(real));
  return std::make_unique<SqliteStore>(std::move(real), nullptr);
}

absl::Status RebuildSqliteFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string real, RealPath(path));
  ASSIGN_OR_RETURN(const PathIs is, Inspect(real));
  RETURN_IF_ERROR(CheckThere(is, path));
  const absl::Status checked = CheckFile(real);
  if (!checked.ok() && !absl::IsUnavailable(checked)) return checked;
  return SqliteWriter::Rebuild(real, {});
}

}  // namespace loyalty::store
