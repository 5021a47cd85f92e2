// SPDX-License-Identifier: Apache-2.0
//
// Child: a process of one's own making, to be killed; and what it shares with
// its parent, which outlives it.
#ifndef LOYALTY_TESTS_FAULTS_CHILD_H_
#define LOYALTY_TESTS_FAULTS_CHILD_H_

#include <absl/functional/function_ref.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>

namespace loyalty::faults {

// A T in memory that children see as well. REQUIRES: T is made of atomics.
template <typename T>
class SharedWithChildren {
 public:
  SharedWithChildren()
      : shared_(new (mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0)) T()) {}
  ~SharedWithChildren() { munmap(shared_, sizeof(T)); }
  SharedWithChildren(const SharedWithChildren&) = delete;
  SharedWithChildren& operator=(const SharedWithChildren&) = delete;

  T* operator->() const { return shared_; }
  T& operator*() const { return *shared_; }

 private:
  T* const shared_;
};

class Child {
 public:
  // Runs `work` in a process of its own, which exits with what it returns.
  // REQUIRES: this process has one thread and no engine.
  explicit Child(absl::FunctionRef<int()> work) : process_(fork()) {
    if (process_ != 0) return;
    const int code = work();
    // No destructors, no exit handlers: they are the parent's.
    _exit(code);
  }
  ~Child() {
    if (process_ > 0) Kill();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool IsStarted() const { return process_ > 0; }

  // Kills it wherever it is, and waits until it is gone. False if it had ended
  // before.
  bool Kill() {
    kill(process_, SIGKILL);
    const int status = Wait();
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  // The exit code; -1 if it did not exit.
  int Join() {
    const int status = Wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int Wait() {
    int status = 0;
    if (process_ > 0) waitpid(process_, &status, 0);
    process_ = -1;
    return status;
  }

  pid_t process_;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_CHILD_H_
