// SPDX-License-Identifier: Apache-2.0
//
// FaultyDisk: makes SQLite's writes and syncs fail on demand, in this process.
#ifndef LOYALTY_TESTS_STORE_FAULTY_DISK_H_
#define LOYALTY_TESTS_STORE_FAULTY_DISK_H_

#include <sqlite3.h>

#include <map>

namespace loyalty::store {

// While it lives, files opened by SQLite obey it. Nothing fails at first.
class FaultyDisk {
 public:
  enum File { kLog, kDatabase };

  FaultyDisk() {
    Real() = sqlite3_vfs_find(nullptr);
    vfs_ = *Real();
    vfs_.zName = "faulty";
    vfs_.pNext = nullptr;
    vfs_.xOpen = &Open;
    sqlite3_vfs_register(&vfs_, 1);
    Mend();
  }
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(Real(), 1);
    Mend();
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // From now on every write or sync of such a file gives this result code.
  void FailWrites(File file, int code) { Codes(file).write = code; }
  void FailSyncs(File file, int code) { Codes(file).sync = code; }
  void Mend() { Codes(kLog) = Codes(kDatabase) = {}; }

 private:
  struct Failures {
    int write = SQLITE_OK;
    int sync = SQLITE_OK;
  };
  // What an open file calls; the first member, so that one leads to the other.
  struct Methods {
    sqlite3_io_methods ours;
    const sqlite3_io_methods* real;
    File file;
  };

  static sqlite3_vfs*& Real() {
    static sqlite3_vfs* real = nullptr;
    return real;
  }
  static Failures& Codes(File file) {
    static Failures failures[2];
    return failures[file];
  }
  static const Methods& Of(sqlite3_file* file) {
    return *reinterpret_cast<const Methods*>(file->pMethods);
  }

  static int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
                  int* flags_out) {
    const int code = Real()->xOpen(Real(), name, file, flags, flags_out);
    const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
    if (code != SQLITE_OK || !(is_log || (flags & SQLITE_OPEN_MAIN_DB))) {
      return code;
    }
    static std::map<const sqlite3_io_methods*, Methods> patched[2];
    Methods& methods = patched[is_log ? kLog : kDatabase][file->pMethods];
    methods = {*file->pMethods, file->pMethods, is_log ? kLog : kDatabase};
    methods.ours.xWrite = &Write;
    methods.ours.xSync = &Sync;
    file->pMethods = &methods.ours;
    return code;
  }
  static int Write(sqlite3_file* file, const void* bytes, int size,
                   sqlite3_int64 offset) {
    const Methods& methods = Of(file);
    const int code = Codes(methods.file).write;
    return code != SQLITE_OK ? code
                             : methods.real->xWrite(file, bytes, size, offset);
  }
  static int Sync(sqlite3_file* file, int flags) {
    const Methods& methods = Of(file);
    const int code = Codes(methods.file).sync;
    return code != SQLITE_OK ? code : methods.real->xSync(file, flags);
  }

  sqlite3_vfs vfs_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_TESTS_STORE_FAULTY_DISK_H_
