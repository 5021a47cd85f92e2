// SPDX-License-Identifier: Apache-2.0
//
// Common conditions are evaluated without taking memory.
#include <cstdlib>
#include <new>

#include "evaluate.h"

// A sanitizer has operators of its own, which must be left to it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOYALTY_COUNTS_ALLOCATIONS 0
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOYALTY_COUNTS_ALLOCATIONS 0
#endif
#ifndef LOYALTY_COUNTS_ALLOCATIONS
#define LOYALTY_COUNTS_ALLOCATIONS 1
#endif

namespace {

thread_local int64_t allocations = 0;

}  // namespace

// For the whole program of tests. Not inline, where they look mismatched.
#if LOYALTY_COUNTS_ALLOCATIONS
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif

namespace loyalty::cel {
namespace {

// How often one evaluation over CommunitySlots() takes memory.
int64_t AllocationsOf(std::string_view source, std::string_view expected) {
  const Compiled compiled = Compile(source, CommunityEnvironment());
  EXPECT_TRUE(compiled.ok()) << source;
  if (!compiled.ok()) return -1;
  const std::vector<Value> slots = CommunitySlots();
  // The first may make what all later ones share.
  EXPECT_EQ(compiled.expression->Evaluate(slots)->ToString(), expected);
  const int64_t before = allocations;
  const bool ok = compiled.expression->Evaluate(slots).ok();
  const int64_t taken = allocations - before;
  EXPECT_TRUE(ok);
  return taken;
}

TEST(Evaluating, ConditionsTakesNoMemory) {
  for (const char* const condition : {
           "event.type == 'post' && event.words > 300",
           "event.amount >= 10.0 && event.type in ['post', 'vote'] && "
           "(member.country == 'FR' || event.amount * 2.0 + 1.5 >= 20.0)",
           "event.tags.exists(t, t == 'nothing' || t.startsWith('guide-'))",
           "event.tags.all(t, t.size() >= 5 && !t.matches('[Ss]pam'))",
           "'howto' in event.tags && event.tags.size() == 2",
           "event.time - timestamp('2023-01-01T00:00:00Z') > duration('24h')",
           "has(event.words) && event.words % 100 == 0",
           "member.points != 7 && event.words / 2 - 50 == 200",
           "(event.words > 1 ? event.words : 2) == 500",
       }) {
    EXPECT_EQ(AllocationsOf(condition, "true"), 0) << condition;
  }
}

TEST(Evaluating, AmountsTakesNoMemory) {
  EXPECT_EQ(AllocationsOf("event.words / 100 + 1", "6"), 0);
  EXPECT_EQ(AllocationsOf("event.words > 300 ? 10 : 5", "10"), 0);
  EXPECT_EQ(AllocationsOf("event.amount * 1.5", "18.75"), 0);
}

}  // namespace
}  // namespace loyalty::cel
