// SPDX-License-Identifier: Apache-2.0
//
// PowerLossDisk: a disk in memory for SQLite that loses power, and fails.
//
// A file is what was synced and, in order, what was done to it since. When the
// power fails, that order counts for nothing: of every unsynced write each
// sector of 512 bytes arrives or does not, of every truncation likewise, and
// what a file grew by may be zeros or garbage. (Two orders of the same writes
// differ only in which of them a sector shows, so leaving some out is all that
// reordering can do.) A sector is old or new, never a mixture: SQLite asks so
// much of a disk, and ours says SQLITE_IOCAP_POWERSAFE_OVERWRITE as the real
// one does.
//
// Names go the way of a journaling file system: making and deleting files
// reaches the disk in order, by itself up to any point, and for certain when a
// file is synced for the first time or a deletion asks for it.
//
// What is shared between connections, xShm, is memory and lost. Beside every
// file a real one of the same name is kept that is empty if it is: the store
// looks at paths without SQLite.
#ifndef LOYALTY_TESTS_FAULTS_POWER_LOSS_VFS_H_
#define LOYALTY_TESTS_FAULTS_POWER_LOSS_VFS_H_

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::faults {

enum class DiskOperation { kWrite, kSync, kTruncate, kName };
inline constexpr int kDiskOperations = 4;

// What happens at an operation in place of what should.
struct DiskFault {
  enum Kind {
    kRefused,    // the code is answered; of a write the first half is done
    kForgotten,  // kRefused, and a sync's writes are held for written: they can
                 // be read, and never reach the disk (Linux after EIO)
    kSwallowed,  // SQLITE_OK is answered, and nothing done
    kForgottenQuietly,  // both: what an ignored error of that kind comes to
  };
  DiskOperation operation = DiskOperation::kWrite;
  int64_t nth = 1;       // such operation from now on, from 1
  bool forever = false;  // it and all of its kind after it
  Kind kind = kRefused;
  int code = SQLITE_IOERR;
};

// While it lives, SQLite opens its files here. One thread only.
class PowerLossDisk {
 public:
  explicit PowerLossDisk(uint64_t seed);
  ~PowerLossDisk();
  PowerLossDisk(const PowerLossDisk&) = delete;
  PowerLossDisk& operator=(const PowerLossDisk&) = delete;

  // The power fails in the midst of the n-th operation from now on, from 1.
  // Everything fails from then until Restore().
  void CutAt(int64_t nth) { cut_at_ = operations_ + nth; }
  void CutNow() { is_cut_ = true; }
  bool is_cut() const { return is_cut_; }

  // The power is back: files are what survived. False if a file is still open,
  // which no process can have.
  bool Restore();

  // Files are gone, and so is whatever was to fail.
  void Erase();

  // From now on syncs answer SQLITE_OK and do nothing.
  void LieAboutSyncs() { syncs_lie_ = true; }

  void Arrange(const DiskFault& fault);
  // Nothing fails any more but a cut.
  void Mend() { fault_armed_ = false; }
  bool fault_struck() const { return fault_struck_; }

  // All operations so far that can be cut, by kind.
  int64_t operations() const { return operations_; }
  const std::array<int64_t, kDiskOperations>& by_kind() const {
    return by_kind_;
  }

 private:
  // Something done to a file and not synced.
  struct Change {
    bool truncates = false;
    size_t offset = 0;  // or the size it truncates to
    std::string bytes = {};
  };
  struct OpenFile;
  struct Shared;
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct NameChange {
    std::string name = {};
    std::shared_ptr<Node> node = {};  // null: deleted
  };
  enum class Step { kGoOn, kAnswerOk, kFail, kCut };
  struct Next {
    Step step = Step::kGoOn;
    int code = SQLITE_OK;
    bool forgets = false;
  };
  struct Calls;  // SQLite's side, in power_loss_vfs.cc

  // Counts an operation, and says what becomes of it.
  Next Begin(DiskOperation operation);
  void Apply(Node& node, Change change);
  void Sync(Node& node);
  void SyncNames();
  void Rename(const std::string& name, std::shared_ptr<Node> node);
  void Survive(Node& node);
  void SurviveWrite(std::string& image, const Change& change, int keep,
                    bool tears);
  void ShowAll();
  void Show(const std::string& name, const Node* node);
  uint64_t Random(uint64_t below) { return random_() % below; }

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
  std::mt19937_64 random_;
  Names names_;          // as processes see them
  Names durable_names_;  // as a cut now would leave them for certain
  std::vector<NameChange> unsynced_names_;
  std::map<std::string, int> shown_;  // real files: 0 empty, 1 not
  int open_files_ = 0;

  int64_t operations_ = 0;
  std::array<int64_t, kDiskOperations> by_kind_ = {};
  int64_t cut_at_ = 0;  // 0: never
  bool is_cut_ = false;
  bool syncs_lie_ = false;
  DiskFault fault_;
  bool fault_armed_ = false;
  bool fault_struck_ = false;
  int64_t fault_seen_ = 0;  // operations of its kind since it was arranged
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_POWER_LOSS_VFS_H_
