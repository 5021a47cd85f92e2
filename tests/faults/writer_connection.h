// SPDX-License-Identifier: Apache-2.0
//
// WriterConnection: the one connection of this process that writes. It is how a
// harness does between two events what the store does rarely.
#ifndef LOYALTY_TESTS_FAULTS_WRITER_CONNECTION_H_
#define LOYALTY_TESTS_FAULTS_WRITER_CONNECTION_H_

#include <sqlite3.h>

namespace loyalty::faults {

// While it lives, new files have pages of 1 KiB: more of them are written, and
// more can be lost. Only one at a time, and one thread.
class WriterConnection {
 public:
  WriterConnection() {
    Last() = nullptr;
    sqlite3_auto_extension(AsEntryPoint(&Note));
  }
  ~WriterConnection() { sqlite3_cancel_auto_extension(AsEntryPoint(&Note)); }
  WriterConnection(const WriterConnection&) = delete;
  WriterConnection& operator=(const WriterConnection&) = delete;

  // As the store does when its log has grown long. REQUIRES: the engine lives.
  bool Checkpoint() {
    return sqlite3_wal_checkpoint_v2(Last(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                     nullptr, nullptr) == SQLITE_OK;
  }
  // What the store never does: so its authorizer goes.
  void Execute(const char* sql) {
    sqlite3_set_authorizer(Last(), nullptr, nullptr);
    sqlite3_exec(Last(), sql, nullptr, nullptr, nullptr);
  }

 private:
  using EntryPoint = void (*)();

  static sqlite3*& Last() {
    static sqlite3* last = nullptr;
    return last;
  }
  static EntryPoint AsEntryPoint(int (*function)(sqlite3*, char**,
                                                 const void*)) {
    return reinterpret_cast<EntryPoint>(function);
  }
  static int Note(sqlite3* handle, char**, const void*) {
    const char* const file = sqlite3_db_filename(handle, "main");
    const bool in_memory = file == nullptr || *file == '\0';
    if (!in_memory && sqlite3_db_readonly(handle, "main") == 0) {
      Last() = handle;
      sqlite3_exec(handle, "PRAGMA page_size = 1024", nullptr, nullptr,
                   nullptr);
    }
    return SQLITE_OK;
  }
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_WRITER_CONNECTION_H_
