// SPDX-License-Identifier: Apache-2.0
//
// Checkpoints are explicit and their results looked at: SQLite's automatic ones
// swallow errors, and only the one writer may make them: before SQLite 3.51.3
// one connection that resets the log while another writes can lose what was
// committed.
#include "store/sqlite_writer.h"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/record.h"
#include "store/schema.h"

namespace loyalty::store {
namespace {

absl::Status SetPragmas(Database& db) {
  {
    // Answers with the mode it is in, and no error, where it cannot.
    Rows mode = db.Query("PRAGMA journal_mode = WAL");
    if (!mode.Next() || mode.Text(0) != "wal") {
      RETURN_IF_ERROR(mode.status());
      return absl::UnavailableError(
          "this file system cannot keep a write-ahead log");
    }
  }
  // FULL: a commit has reached the disk when it returns. What is deleted is
  // overwritten: it may be a name.
  return db.Execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON");
}

// Sets how many pages of the file are kept in memory: 4 MiB, and up to 40 as it
// grows. Three quarters of a file are journal, which is not read again: as long
// as the tables are small, memory that is used again is faster than more of it.
absl::Status FitPageCache(Database& db) {
  constexpr int64_t kLeastKib = 4 << 10;
  constexpr int64_t kMostKib = 40 << 10;
  constexpr int64_t kShare = 16;  // of the file
  constexpr int64_t kPageKib = 4;
  ASSIGN_OR_RETURN(const int64_t pages, db.Number("PRAGMA page_count"));
  const int64_t kib =
      std::clamp(pages * kPageKib / kShare, kLeastKib, kMostKib);
  return db.Execute(absl::StrCat("PRAGMA cache_size = -", kib).c_str());
}

}  // namespace

SqliteWriter::SqliteWriter(WriterLock lock, std::unique_ptr<Database> db,
                           const SqliteOptions& options)
    : process_(getpid()),
      lock_(std::move(lock)),
      db_(std::move(db)),
      options_(options),
      symbols_(*db_),
      entities_(*db_, *db_, symbols_, options.cache_bytes) {}

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::OpenAsItIs(
    const std::string& path, const SqliteOptions& options) {
  ASSIGN_OR_RETURN(WriterLock lock, WriterLock::Take(path));
  ASSIGN_OR_RETURN(std::unique_ptr<Database> db,
                   Database::Open(path, Database::Mode::kReadWrite));
  auto writer = std::unique_ptr<SqliteWriter>(
      new SqliteWriter(std::move(lock), std::move(db), options));
  RETURN_IF_ERROR(writer->Prepare(path));
  return writer;
}

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Open(
    const std::string& path, const SqliteOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteWriter> writer,
                   OpenAsItIs(path, options));
  {
    Rows last =
        writer->db_->Query("SELECT chain FROM event ORDER BY seq DESC LIMIT 1");
    if (last.Next()) writer->chain_ = last.Bytes(0);
    RETURN_IF_ERROR(last.status());
  }
  RETURN_IF_ERROR(writer->entities_.CatchUp());
  RETURN_IF_ERROR(writer->entities_.ReadAliases());
  writer->prepared_ = true;
  return writer;
}

absl::Status SqliteWriter::Rebuild(const std::string& path,
                                   const SqliteOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteWriter> writer,
                   OpenAsItIs(path, options));
  Database& db = *writer->db_;
  // All ids are sorted, which may be more than memory holds.
  RETURN_IF_ERROR(db.Execute("PRAGMA temp_store = FILE"));
  RETURN_IF_ERROR(db.Run("BEGIN IMMEDIATE"));
  absl::Status made = writer->Remake();
  if (made.ok()) made = db.Run("COMMIT");
  if (db.InTransaction()) db.Run("ROLLBACK").IgnoreError();
  writer->prepared_ = made.ok();
  return made;
}

absl::Status SqliteWriter::Remake() {
  RETURN_IF_ERROR(EmptyDerivedTables(*db_));
  return entities_.Remake();
}

absl::Status SqliteWriter::Prepare(const std::string& path) {
  ASSIGN_OR_RETURN(const int64_t pages, db_->Number("PRAGMA page_count"));
  RETURN_IF_ERROR(pages == 0 ? MakeSchema(*db_) : CheckSchema(*db_, path));
  RETURN_IF_ERROR(SetPragmas(*db_));
  RETURN_IF_ERROR(FitPageCache(*db_));
  RETURN_IF_ERROR(RewriteLog());
  // After an unclean stop, before anything is built on it: of what could be
  // lost after a failed fsync a thirtieth is left then, where it was tried.
  RETURN_IF_ERROR(Checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
  sqlite3_wal_hook(db_->handle(), &SqliteWriter::NotePagesInLog, this);
  db_->Seal();
  return absl::OkStatus();
}

SqliteWriter::~SqliteWriter() {
  if (getpid() != process_) {
    db_->Abandon();
    return;
  }
  if (!prepared_ || !poison_.ok()) return;
  // If this fails, the next to open the file catches up.
  if (!in_use_) Merge().IgnoreError();
  // No one can be told of a failure here; the log stays, and the next to open
  // the file goes on from there.
  if (!Checkpoint(SQLITE_CHECKPOINT_TRUNCATE).ok()) return;
  // With nothing left in it, SQLite may remove the log.
  sqlite3_db_config(db_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
                    nullptr);
}

absl::Status SqliteWriter::CheckProcess() const {
  if (getpid() == process_) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "opened in process ", process_,
      " and used after a fork: open the file again in this process"));
}

absl::Status SqliteWriter::Begin() {
  RETURN_IF_ERROR(CheckProcess());
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!poison_.ok()) return poison_;
  if (in_use_) {
    return absl::FailedPreconditionError("a transaction is open already");
  }
  RETURN_IF_ERROR(db_->Run("BEGIN IMMEDIATE"));
  entities_.Begin();
  in_use_ = true;
  return absl::OkStatus();
}

absl::Status SqliteWriter::Commit(std::string chain) {
  const std::lock_guard<std::mutex> guard(mutex_);
  in_use_ = false;
  if (const absl::Status committed = db_->Run("COMMIT"); !committed.ok()) {
    poison_ = absl::UnavailableError(absl::StrCat(
        "outcome unknown; open again and send the same events again: ",
        committed.message()));
    // Best effort, for the readers' sake: there is nothing worse to say.
    if (db_->InTransaction()) db_->Run("ROLLBACK").IgnoreError();
    return poison_;
  }
  chain_ = std::move(chain);
  entities_.Keep();
  // What was committed stays so, whatever comes of these: they only poison.
  if (entities_.TailLength() >= options_.max_tail ||
      entities_.TailBytes() > options_.cache_bytes) {
    Merge().IgnoreError();
  }
  entities_.Sweep();
  if (entities_.TakeErased()) {
    EmptyLog();
  } else {
    CheckpointIfLong();
  }
  return absl::OkStatus();
}

void SqliteWriter::Rollback() {
  const std::lock_guard<std::mutex> guard(mutex_);
  in_use_ = false;
  entities_.Undo();
  identities_.clear();  // a program may have come with it
  // SQLite has rolled back by itself after some errors.
  if (!db_->InTransaction()) return;
  if (const absl::Status rolled = db_->Run("ROLLBACK"); !rolled.ok()) {
    poison_ = absl::UnavailableError(
        absl::StrCat("cannot roll back; open again: ", rolled.message()));
  }
}

absl::Status SqliteWriter::Settle() {
  RETURN_IF_ERROR(CheckProcess());
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!poison_.ok() || in_use_) return absl::OkStatus();
  RETURN_IF_ERROR(Merge());
  CheckpointIfLong();
  return absl::OkStatus();
}

// The tables can be made from the journal again: so this commit need not reach
// the disk before the next one does.
absl::Status SqliteWriter::Merge() {
  if (entities_.TailLength() == 0) return absl::OkStatus();
  RETURN_IF_ERROR(db_->Execute("PRAGMA synchronous = NORMAL"));
  absl::Status merged = db_->Run("BEGIN IMMEDIATE");
  if (merged.ok()) merged = entities_.Merge(MergeInto::kFile);
  if (merged.ok()) merged = db_->Run("COMMIT");
  if (merged.ok()) merged = FitPageCache(*db_);
  if (db_->InTransaction()) db_->Run("ROLLBACK").IgnoreError();
  const absl::Status full = db_->Execute("PRAGMA synchronous = FULL");
  if (merged.ok()) merged = full;
  if (!merged.ok()) {
    poison_ = absl::UnavailableError(
        absl::StrCat("the tables cannot be brought up to date; open again: ",
                     merged.message()));
    return poison_;
  }
  entities_.Merged();
  return absl::OkStatus();
}

absl::Status SqliteWriter::AddProgram(const StoredProgram& program) {
  return db_->Run(
      "INSERT INTO program (number, name, version, identity, since, canonical) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      program.number, std::string_view(program.name),
      std::string_view(program.version), std::string_view(program.identity),
      program.since, Blob{program.canonical});
}

absl::StatusOr<std::string_view> SqliteWriter::IdentityOf(int64_t program) {
  if (const auto found = identities_.find(program);
      found != identities_.end()) {
    return found->second;
  }
  Rows row =
      db_->Query("SELECT identity FROM program WHERE number = ?", program);
  if (!row.Next()) {
    RETURN_IF_ERROR(row.status());
    return absl::InternalError(
        absl::StrCat("the file has no program ", program));
  }
  return identities_.emplace(program, std::string(row.Text(0))).first->second;
}

// What was just committed is safe in the log whatever happens here; but a file
// that cannot be written takes no further events.
void SqliteWriter::CheckpointIfLong() {
  if (pages_in_log_ < pages_at_last_checkpoint_) pages_at_last_checkpoint_ = 0;
  if (pages_in_log_ - pages_at_last_checkpoint_ < options_.long_log_pages)
    return;
  pages_at_last_checkpoint_ = pages_in_log_;
  if (const absl::Status status = Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
      !status.ok()) {
    poison_ = absl::UnavailableError(absl::StrCat(
        "the log cannot be put into the file; open again: ", status.message()));
  }
}

// The log still has pages with what was erased. Where a reader needs it, it
// stays until a checkpoint after them.
void SqliteWriter::EmptyLog() {
  if (const absl::Status status = Checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
      !status.ok()) {
    poison_ = absl::UnavailableError(absl::StrCat(
        "the log cannot be put into the file; open again: ", status.message()));
  }
  pages_in_log_ = pages_at_last_checkpoint_ = 0;
}

// What an earlier writer could not sync may be readable and still not be on the
// disk, nor reach it by another sync: Linux takes pages that could not be
// written for written. A checkpoint would copy such commits into the file, and
// a power failure in its midst then lose the log that they stand in. Written
// once more, they are as any others. After a clean stop there is no log.
absl::Status SqliteWriter::RewriteLog() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db_->handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER,
                       &log);
  if (log == nullptr || log->pMethods == nullptr) return absl::OkStatus();
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  std::string part(size_t{1} << 16, '\0');
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const auto n = static_cast<int>(
        std::min(size - at, static_cast<sqlite3_int64>(part.size())));
    code = log->pMethods->xRead(log, part.data(), n, at);
    if (code == SQLITE_OK) {
      code = log->pMethods->xWrite(log, part.data(), n, at);
    }
    at += n;
  }
  if (code == SQLITE_OK && size > 0) {
    code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  }
  return code == SQLITE_OK ? absl::OkStatus() : db_->Failure(code);
}

absl::Status SqliteWriter::Checkpoint(int mode) {
  const int code =
      sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, mode, nullptr, nullptr);
  // Busy: a reader still needs the log. All that could be done has been.
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
    return absl::OkStatus();
  return db_->Failure(code);
}

int SqliteWriter::NotePagesInLog(void* writer, sqlite3*, const char*,
                                 int pages) {
  static_cast<SqliteWriter*>(writer)->pages_in_log_ = pages;
  return SQLITE_OK;
}

}  // namespace loyalty::store
