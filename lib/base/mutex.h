// SPDX-License-Identifier: Apache-2.0
//
// std::mutex with the annotations that clang's -Wthread-safety checks, and what
// waits for another thread under it. absl::Mutex has them too, but lives in a
// library that the thread sanitizer cannot see into.
#ifndef LOYALTY_LIB_BASE_MUTEX_H_
#define LOYALTY_LIB_BASE_MUTEX_H_

#include <absl/base/thread_annotations.h>

#include <condition_variable>
#include <mutex>

namespace loyalty::base {

class ABSL_LOCKABLE Mutex {
 public:
  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// What one thread waits for and another one tells it.
class Condition {
 public:
  // Returns when told, and sometimes when not: so look again at what was waited
  // for. `mutex` is free meanwhile.
  void Wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    told_.wait(lock);
    lock.release();
  }
  void Tell() { told_.notify_one(); }

 private:
  std::condition_variable told_;
};

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_MUTEX_H_
