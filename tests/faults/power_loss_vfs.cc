// SPDX-License-Identifier: Apache-2.0
//
// First the disk, then, below, what SQLite calls.
#include "faults/power_loss_vfs.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <set>
#include <system_error>
#include <utility>

namespace loyalty::faults {
namespace {

constexpr size_t kSector = 512;

}  // namespace

// What all connections to a file share, as a *-shm file would.
struct PowerLossDisk::Shared {
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<std::set<const OpenFile*>, SQLITE_SHM_NLOCK> readers;
  std::array<const OpenFile*, SQLITE_SHM_NLOCK> writer = {};
};

struct PowerLossDisk::Node {
  std::string live;     // as processes read it
  std::string durable;  // as of the last sync
  std::vector<Change> unsynced;
  bool is_new = true;  // never synced
  // Locks of rollback mode; a holder of more is among `shared`.
  std::set<const OpenFile*> shared;
  const OpenFile* reserved = nullptr;
  const OpenFile* pending = nullptr;
  Shared memory;
  std::set<const OpenFile*> memory_users;
};

// SQLite's sqlite3_file, extended.
struct PowerLossDisk::OpenFile {
  sqlite3_file base;
  PowerLossDisk* disk;
  std::shared_ptr<Node> node;
  std::string name;  // "" for one that has none
  bool delete_on_close;
  int lock;
};

PowerLossDisk::Next PowerLossDisk::Begin(DiskOperation operation) {
  if (is_cut_) return {Step::kFail, SQLITE_IOERR};
  ++operations_;
  ++by_kind_[static_cast<size_t>(operation)];
  if (operations_ == cut_at_) {
    is_cut_ = true;
    return {Step::kCut, SQLITE_IOERR};
  }
  if (fault_armed_ && operation == fault_.operation) {
    ++fault_seen_;
    if (fault_seen_ == fault_.nth ||
        (fault_.forever && fault_seen_ > fault_.nth)) {
      fault_struck_ = true;
      switch (fault_.kind) {
        case DiskFault::kRefused: return {Step::kFail, fault_.code};
        case DiskFault::kForgotten: return {Step::kFail, fault_.code, true};
        case DiskFault::kSwallowed: return {Step::kAnswerOk};
        case DiskFault::kForgottenQuietly:
          return {Step::kAnswerOk, SQLITE_OK, true};
      }
    }
  }
  if (operation == DiskOperation::kSync && syncs_lie_) {
    return {Step::kAnswerOk};
  }
  return {};
}

void PowerLossDisk::Arrange(const DiskFault& fault) {
  fault_ = fault;
  fault_armed_ = true;
  fault_struck_ = false;
  fault_seen_ = 0;
}

namespace {

void Put(std::string& image, size_t offset, std::string_view bytes) {
  if (image.size() < offset + bytes.size()) {
    image.resize(offset + bytes.size());
  }
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void PowerLossDisk::Apply(Node& node, Change change) {
  if (change.truncates) {
    node.live.resize(change.offset);
  } else {
    Put(node.live, change.offset, change.bytes);
  }
  node.unsynced.push_back(std::move(change));
}

void PowerLossDisk::Sync(Node& node) {
  for (const Change& change : node.unsynced) {
    if (change.truncates) {
      node.durable.resize(change.offset);
    } else {
      Put(node.durable, change.offset, change.bytes);
    }
  }
  node.unsynced.clear();
  if (std::exchange(node.is_new, false)) SyncNames();
}

void PowerLossDisk::SyncNames() {
  durable_names_ = names_;
  unsynced_names_.clear();
}

void PowerLossDisk::Rename(const std::string& name,
                           std::shared_ptr<Node> node) {
  if (node == nullptr) {
    names_.erase(name);
  } else {
    names_[name] = node;
  }
  Show(name, node.get());
  unsynced_names_.push_back({name, std::move(node)});
}

void PowerLossDisk::SurviveWrite(std::string& image, const Change& change,
                                 int keep, bool tears) {
  const bool whole = Random(100) < static_cast<uint64_t>(keep);
  const size_t end = change.offset + change.bytes.size();
  for (size_t at = change.offset; at < end;) {
    const size_t size = std::min(end, (at / kSector + 1) * kSector) - at;
    if (tears ? Random(100) < static_cast<uint64_t>(keep) : whole) {
      Put(image, at,
          std::string_view(change.bytes).substr(at - change.offset, size));
    } else if (image.size() < at + size && Random(2) == 0) {
      // The file has grown, its content has not arrived.
      const size_t before = image.size();
      image.resize(at + size);
      if (Random(2) == 0) {
        for (size_t i = before; i < image.size(); ++i) {
          image[i] = static_cast<char>(random_());
        }
      }
    }
    at += size;
  }
}

void PowerLossDisk::Survive(Node& node) {
  // Some disks lose next to nothing, some all: each way breaks other things.
  static constexpr int kKeep[] = {0, 10, 50, 90, 100};
  const int keep = kKeep[Random(std::size(kKeep))];
  const bool tears = Random(2) == 0;
  std::string image = node.durable;
  for (const Change& change : node.unsynced) {
    if (!change.truncates) {
      SurviveWrite(image, change, keep, tears);
    } else if (Random(100) < static_cast<uint64_t>(keep)) {
      image.resize(change.offset);
    }
  }
  node.live = image;
  node.durable = std::move(image);
  node.unsynced.clear();
  node.is_new = false;
  node.memory = {};
}

bool PowerLossDisk::Restore() {
  if (open_files_ != 0) return false;
  const size_t arrived = Random(unsynced_names_.size() + 1);
  for (size_t i = 0; i < arrived; ++i) {
    NameChange& change = unsynced_names_[i];
    if (change.node == nullptr) {
      durable_names_.erase(change.name);
    } else {
      durable_names_[change.name] = std::move(change.node);
    }
  }
  unsynced_names_.clear();
  names_ = durable_names_;
  for (const auto& [name, node] : names_) Survive(*node);
  ShowAll();
  is_cut_ = false;
  cut_at_ = 0;
  return true;
}

void PowerLossDisk::Erase() {
  names_.clear();
  durable_names_.clear();
  unsynced_names_.clear();
  ShowAll();
  is_cut_ = false;
  cut_at_ = 0;
  Mend();
}

void PowerLossDisk::ShowAll() {
  const std::map<std::string, int> before = shown_;
  for (const auto& [name, shown] : before) {
    const auto found = names_.find(name);
    Show(name, found == names_.end() ? nullptr : found->second.get());
  }
  for (const auto& [name, node] : names_) Show(name, node.get());
}

void PowerLossDisk::Show(const std::string& name, const Node* node) {
  if (node == nullptr) {
    if (shown_.erase(name) != 0) std::remove(name.c_str());
    return;
  }
  const int wanted = node->live.empty() ? 0 : 1;
  const auto [place, is_new] = shown_.emplace(name, wanted);
  if (!is_new && place->second == wanted) return;
  place->second = wanted;
  std::ofstream(name, std::ios::trunc) << (wanted == 0 ? "" : "x");
}

// What SQLite calls. -----------------------------------------------------

struct PowerLossDisk::Calls {
  static OpenFile& Of(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file);
  }
  static PowerLossDisk& Of(sqlite3_vfs* vfs) {
    return *static_cast<PowerLossDisk*>(vfs->pAppData);
  }

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file,
                  int flags, int* flags_out) {
    PowerLossDisk& disk = Of(vfs);
    file->pMethods = nullptr;
    if (disk.is_cut_) return SQLITE_CANTOPEN;
    std::shared_ptr<Node> node;
    const std::string path = name == nullptr ? "" : name;
    if (path.empty()) {
      node = std::make_shared<Node>();
    } else if (const auto found = disk.names_.find(path);
               found != disk.names_.end()) {
      node = found->second;
    } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
      return SQLITE_CANTOPEN;
    } else {
      const Next next = disk.Begin(DiskOperation::kName);
      if (next.step == Step::kFail) return SQLITE_CANTOPEN;
      node = std::make_shared<Node>();
      disk.Rename(path, node);
      if (next.step == Step::kCut) return SQLITE_CANTOPEN;
    }
    new (file) OpenFile{{&kMethods},
                        &disk,
                        std::move(node),
                        path,
                        (flags & SQLITE_OPEN_DELETEONCLOSE) != 0,
                        SQLITE_LOCK_NONE};
    ++disk.open_files_;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    PowerLossDisk& disk = Of(vfs);
    if (disk.is_cut_) return SQLITE_IOERR_DELETE;
    if (!disk.names_.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
    const Next next = disk.Begin(DiskOperation::kName);
    if (next.step == Step::kFail) return SQLITE_IOERR_DELETE;
    if (next.step == Step::kAnswerOk) return SQLITE_OK;
    disk.Rename(name, nullptr);
    if (next.step == Step::kCut) return SQLITE_IOERR_DELETE;
    if (sync_folder != 0 && !disk.syncs_lie_) disk.SyncNames();
    return SQLITE_OK;
  }

  static int Access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    const PowerLossDisk& disk = Of(vfs);
    if (disk.is_cut_) return SQLITE_IOERR_ACCESS;
    const auto found = disk.names_.find(name);
    // As the real one: an empty file counts as none.
    *out = found != disk.names_.end() &&
           (flags != SQLITE_ACCESS_EXISTS || !found->second->live.empty());
    return SQLITE_OK;
  }

  static int FullPathname(sqlite3_vfs* vfs, const char* name, int size,
                          char* out) {
    sqlite3_vfs* const real = Of(vfs).real_;
    return real->xFullPathname(real, name, size, out);
  }

  static int Randomness(sqlite3_vfs* vfs, int size, char* out) {
    PowerLossDisk& disk = Of(vfs);
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk.random_());
    return size;
  }

  static int Close(sqlite3_file* file) {
    OpenFile& open = Of(file);
    Unlock(file, SQLITE_LOCK_NONE);
    if (open.delete_on_close && !open.name.empty() && !open.disk->is_cut_) {
      open.disk->Rename(open.name, nullptr);
    }
    --open.disk->open_files_;
    open.~OpenFile();
    return SQLITE_OK;
  }

  static int Read(sqlite3_file* file, void* out, int size,
                  sqlite3_int64 offset) {
    const OpenFile& open = Of(file);
    if (open.disk->is_cut_) return SQLITE_IOERR_READ;
    const std::string& live = open.node->live;
    const auto wanted = static_cast<size_t>(size);
    const auto from = std::min(static_cast<size_t>(offset), live.size());
    const size_t got = std::min(wanted, live.size() - from);
    std::memcpy(out, live.data() + from, got);
    if (got == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int Write(sqlite3_file* file, const void* bytes, int size,
                   sqlite3_int64 offset) {
    OpenFile& open = Of(file);
    const Next next = open.disk->Begin(DiskOperation::kWrite);
    if (next.step == Step::kAnswerOk) return SQLITE_OK;
    if (next.step == Step::kFail && open.disk->is_cut_) return next.code;
    // A write that fails was begun.
    const auto done =
        static_cast<size_t>(next.step == Step::kFail ? size / 2 : size);
    open.disk->Apply(*open.node,
                     {false, static_cast<size_t>(offset),
                      std::string(static_cast<const char*>(bytes), done)});
    if (!open.name.empty()) open.disk->Show(open.name, open.node.get());
    return next.code;
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    OpenFile& open = Of(file);
    const Next next = open.disk->Begin(DiskOperation::kTruncate);
    if (next.step == Step::kAnswerOk) return SQLITE_OK;
    if (next.step == Step::kFail) return next.code;
    open.disk->Apply(*open.node, {true, static_cast<size_t>(size), {}});
    if (!open.name.empty()) open.disk->Show(open.name, open.node.get());
    return next.code;
  }

  static int Sync(sqlite3_file* file, int) {
    OpenFile& open = Of(file);
    const Next next = open.disk->Begin(DiskOperation::kSync);
    if (next.step == Step::kGoOn) open.disk->Sync(*open.node);
    if (next.forgets) open.node->unsynced.clear();
    return next.code;
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* out) {
    const OpenFile& open = Of(file);
    if (open.disk->is_cut_) return SQLITE_IOERR_FSTAT;
    *out = static_cast<sqlite3_int64>(open.node->live.size());
    return SQLITE_OK;
  }

  static int Lock(sqlite3_file* file, int level) {
    OpenFile& open = Of(file);
    Node& node = *open.node;
    if (open.disk->is_cut_) return SQLITE_IOERR_LOCK;
    if (level <= open.lock) return SQLITE_OK;
    const auto held_by_another = [&](const OpenFile* holder) {
      return holder != nullptr && holder != &open;
    };
    if (held_by_another(node.pending)) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_SHARED) {
      node.shared.insert(&open);
    } else {
      if (held_by_another(node.reserved)) return SQLITE_BUSY;
      if (level == SQLITE_LOCK_RESERVED) {
        node.reserved = &open;
      } else {
        node.pending = &open;
        if (node.shared.size() > 1) {
          open.lock = SQLITE_LOCK_PENDING;
          return SQLITE_BUSY;
        }
      }
    }
    open.lock = level;
    return SQLITE_OK;
  }

  static int Unlock(sqlite3_file* file, int level) {
    OpenFile& open = Of(file);
    Node& node = *open.node;
    if (node.reserved == &open) node.reserved = nullptr;
    if (node.pending == &open) node.pending = nullptr;
    if (level == SQLITE_LOCK_NONE) node.shared.erase(&open);
    open.lock = std::min(open.lock, level);
    return SQLITE_OK;
  }

  static int CheckReservedLock(sqlite3_file* file, int* out) {
    *out = Of(file).node->reserved != nullptr;
    return SQLITE_OK;
  }

  static int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int SectorSize(sqlite3_file*) { return 4096; }
  static int DeviceCharacteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
  }

  static int ShmMap(sqlite3_file* file, int region, int size, int extend,
                    void volatile** out) {
    OpenFile& open = Of(file);
    *out = nullptr;
    if (open.disk->is_cut_) return SQLITE_IOERR_SHMMAP;
    open.node->memory_users.insert(&open);
    auto& regions = open.node->memory.regions;
    const auto index = static_cast<size_t>(region);
    if (index >= regions.size()) {
      if (extend == 0) return SQLITE_OK;
      while (regions.size() <= index) {
        regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
      }
    }
    *out = regions[index].get();
    return SQLITE_OK;
  }

  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    OpenFile& open = Of(file);
    Shared& memory = open.node->memory;
    const auto first = static_cast<size_t>(offset);
    const size_t end = first + static_cast<size_t>(n);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      for (size_t i = first; i < end; ++i) {
        memory.readers[i].erase(&open);
        if (memory.writer[i] == &open) memory.writer[i] = nullptr;
      }
      return SQLITE_OK;
    }
    if (open.disk->is_cut_) return SQLITE_IOERR_SHMLOCK;
    for (size_t i = first; i < end; ++i) {
      if (memory.writer[i] != nullptr && memory.writer[i] != &open) {
        return SQLITE_BUSY;
      }
      const size_t ours = memory.readers[i].count(&open);
      if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 &&
          memory.readers[i].size() > ours) {
        return SQLITE_BUSY;
      }
    }
    for (size_t i = first; i < end; ++i) {
      if ((flags & SQLITE_SHM_EXCLUSIVE) != 0) {
        memory.writer[i] = &open;
      } else {
        memory.readers[i].insert(&open);
      }
    }
    return SQLITE_OK;
  }

  static void ShmBarrier(sqlite3_file*) {}

  static int ShmUnmap(sqlite3_file* file, int) {
    OpenFile& open = Of(file);
    open.node->memory_users.erase(&open);
    // As the real one: the first to come finds nothing to trust.
    if (open.node->memory_users.empty()) open.node->memory = {};
    return SQLITE_OK;
  }

  static constexpr sqlite3_io_methods kMethods = {
      .iVersion = 2,
      .xClose = &Close,
      .xRead = &Read,
      .xWrite = &Write,
      .xTruncate = &Truncate,
      .xSync = &Sync,
      .xFileSize = &FileSize,
      .xLock = &Lock,
      .xUnlock = &Unlock,
      .xCheckReservedLock = &CheckReservedLock,
      .xFileControl = &FileControl,
      .xSectorSize = &SectorSize,
      .xDeviceCharacteristics = &DeviceCharacteristics,
      .xShmMap = &ShmMap,
      .xShmLock = &ShmLock,
      .xShmBarrier = &ShmBarrier,
      .xShmUnmap = &ShmUnmap,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
};

PowerLossDisk::PowerLossDisk(uint64_t seed)
    : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_), random_(seed) {
  vfs_.zName = "power-loss";
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.xOpen = &Calls::Open;
  vfs_.xDelete = &Calls::Delete;
  vfs_.xAccess = &Calls::Access;
  vfs_.xFullPathname = &Calls::FullPathname;
  vfs_.xRandomness = &Calls::Randomness;
  sqlite3_vfs_register(&vfs_, 1);
  // SQLite's random numbers come from ours again.
  sqlite3_randomness(0, nullptr);
}

PowerLossDisk::~PowerLossDisk() {
  names_.clear();
  ShowAll();
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

}  // namespace loyalty::faults
