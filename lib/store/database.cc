// SPDX-License-Identifier: Apache-2.0
//
// The only file that calls SQLite, but for the checkpoint in sqlite_store.cc.
#include "store/database.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"

namespace loyalty::store {
namespace {

constexpr int kBusyTimeoutMs = 200;

absl::StatusCode CodeOf(int sqlite_code) {
  if (sqlite_code == SQLITE_IOERR_NOMEM) {
    return absl::StatusCode::kResourceExhausted;
  }
  switch (sqlite_code & 0xff) {
    // As little was done for want of memory as for want of room; what is not
    // known to be so, a commit, the writer says.
    case SQLITE_FULL:
    case SQLITE_NOMEM: return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT: return absl::StatusCode::kDataLoss;
    case SQLITE_NOTADB: return absl::StatusCode::kFailedPrecondition;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL: return absl::StatusCode::kUnavailable;
    default: return absl::StatusCode::kInternal;
  }
}

// A file name as a URI: SQLite takes "immutable" only from one.
std::string ImmutableUri(std::string_view path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  std::string uri = "file:";
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      absl::StrAppend(
          &uri, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return uri + "?immutable=1";
}

// What `action` means, and its arguments, is in the table of sqlite3.h.
bool IsEverDone(int action, const char* second) {
  switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE: return false;
    case SQLITE_FUNCTION: return second != std::string_view("load_extension");
    default: return true;
  }
}

bool IsPragmaDoneSealed(const char* name, const char* value) {
  constexpr std::string_view kPragmas[] = {
      "application_id",  "integrity_check=100", "page_count",
      "schema_version",  "synchronous=FULL",    "synchronous=NORMAL",
      "temp_store=FILE", "user_version"};
  // It is of this connection alone, and only how much it remembers.
  if (name == std::string_view("cache_size")) return true;
  std::string pragma = name;
  if (value != nullptr) absl::StrAppend(&pragma, "=", value);
  return std::find(std::begin(kPragmas), std::end(kPragmas), pragma) !=
         std::end(kPragmas);
}

bool IsDoneSealed(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_TRANSACTION: return true;
    case SQLITE_PRAGMA: return IsPragmaDoneSealed(first, second);
    default: return false;
  }
}

// SQLite takes a null pointer for NULL, and an empty view may be one.
const char* NotNull(std::string_view text) {
  return text.empty() ? "" : text.data();
}

}  // namespace

Rows::Rows(Rows&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      failure_(std::move(other.failure_)) {}

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Rows::Next() {
  if (!failure_.ok() || statement_ == nullptr) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Check(code);
  // Stepped once more, SQLite would start it anew.
  sqlite3_reset(std::exchange(statement_, nullptr));
  return false;
}

void Rows::Check(int code) {
  if (code != SQLITE_OK && failure_.ok()) failure_ = db_->Failure(code);
}

void Rows::Bind(int place, std::string_view text) {
  Check(sqlite3_bind_text64(statement_, place, NotNull(text), text.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Rows::Bind(int place, Blob blob) {
  Check(sqlite3_bind_blob64(statement_, place, NotNull(blob.bytes),
                            blob.bytes.size(), SQLITE_STATIC));
}

void Rows::Bind(int place, std::nullopt_t) {
  Check(sqlite3_bind_null(statement_, place));
}

void Rows::BindInt(int place, int64_t value) {
  Check(sqlite3_bind_int64(statement_, place, value));
}

int64_t Rows::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool Rows::IsInt(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

std::optional<int64_t> Rows::OptionalInt(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return Int(column);
}

// As bytes, which are UTF-8 in a file of ours. Asked for text, SQLite may copy
// it to put a NUL behind it, and gives none if it has no memory for that.
std::string_view Rows::Text(int column) const { return Bytes(column); }

std::optional<std::string_view> Rows::OptionalText(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return Text(column);
}

std::string_view Rows::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& path, Mode mode) {
  // Callers see to it that a connection has one user at a time.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  std::string name = path;
  switch (mode) {
    case Mode::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
    case Mode::kReadOnly: flags |= SQLITE_OPEN_READONLY; break;
    case Mode::kImmutable:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      name = ImmutableUri(path);
      break;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory");
  auto db = std::unique_ptr<Database>(new Database(handle, path));
  if (code != SQLITE_OK) return db->Failure(code);
  RETURN_IF_ERROR(db->Configure());
  return db;
}

// A file may come from anyone. These keep what is written in its schema from
// doing more than a table should, and its bytes from being trusted.
absl::Status Database::Configure() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  // The last connection to close would checkpoint, and swallow the errors.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  RETURN_IF_ERROR(Execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0"));
  // Asked when a statement is prepared, and so once for each.
  sqlite3_set_authorizer(handle_, &Database::Authorize, this);
  return absl::OkStatus();
}

int Database::Authorize(void* database, int action, const char* first,
                        const char* second, const char*, const char*) {
  const bool sealed = static_cast<const Database*>(database)->sealed_;
  const bool granted = IsEverDone(action, second) &&
                       (!sealed || IsDoneSealed(action, first, second));
  return granted ? SQLITE_OK : SQLITE_DENY;
}

Database::~Database() {
  if (handle_ == nullptr) return;
  for (const auto& [sql, statement] : kept_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

absl::Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(code);
}

absl::Status Database::CopyTo(Database& other,
                              absl::FunctionRef<void(double)> progress) {
  constexpr int kPagesAStep = 1024;
  sqlite3_backup* const copying =
      sqlite3_backup_init(other.handle_, "main", handle_, "main");
  if (copying == nullptr) return other.Failure(sqlite3_errcode(other.handle_));
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(copying, kPagesAStep);
    const int pages = std::max(sqlite3_backup_pagecount(copying), 1);
    progress(1.0 - static_cast<double>(sqlite3_backup_remaining(copying)) /
                       static_cast<double>(pages));
  }
  // Says once more what went wrong, and where.
  const int finished = sqlite3_backup_finish(copying);
  if (code == SQLITE_DONE && finished == SQLITE_OK) return absl::OkStatus();
  return other.Failure(finished != SQLITE_OK ? finished : code);
}

Rows Database::Start(const char* sql) {
  sqlite3_stmt*& statement = kept_[sql];
  if (statement != nullptr) return Rows(*this, statement, absl::OkStatus());
  const int code = sqlite3_prepare_v3(
      handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Rows(*this, nullptr, Failure(code));
  return Rows(*this, statement, absl::OkStatus());
}

absl::Status Database::Failure(int code) const {
  const std::string_view says = sqlite3_errmsg(handle_);
  const std::string_view means = sqlite3_errstr(code);
  std::string why = absl::StrCat(path_, ": ", base::av(says));
  if (means != says) absl::StrAppend(&why, ", ", base::av(means));
  return absl::Status(CodeOf(code),
                      absl::StrCat(why, " (SQLite's ", code, ")"));
}

}  // namespace loyalty::store
