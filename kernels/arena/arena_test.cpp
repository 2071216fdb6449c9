#include "kernels/arena/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <latch>
#include <limits>
#include <map>
#include <memory_resource>
#include <random>
#include <string>
#include <thread>

#include "kernels/arena/shared_arena.hpp"

// An allocation that is too large is an error for the program under a sanitizer too, as it is
// without.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "allocator_may_return_null=1";
}

namespace assay {
namespace {

using Growth = Arena::Growth;

std::uintptr_t address(const void* at) {
  return reinterpret_cast<std::uintptr_t>(at);
}

TEST(ArenaAllocate, GivesAlignedRoomThatOverlapsNothing) {
  Arena arena(1024);
  std::mt19937_64 engine(1);
  std::map<std::uintptr_t, std::size_t> given;
  for (int i = 0; i < 5000; ++i) {
    const std::size_t size = engine() % 300;
    const std::size_t alignment = std::size_t{1} << (engine() % 13);
    void* const at = arena.allocate(size, alignment);
    ASSERT_EQ(address(at) % alignment, 0u) << size << ' ' << alignment;
    std::memset(at, 0xee, size);
    if (size == 0) continue;
    const auto next = given.lower_bound(address(at));
    ASSERT_TRUE(next == given.end() || address(at) + size <= next->first);
    ASSERT_TRUE(next == given.begin() ||
                std::prev(next)->first + std::prev(next)->second <= address(at));
    given[address(at)] = size;
  }
  EXPECT_GE(arena.reserved_bytes(), arena.used_bytes());
}

TEST(ArenaAllocate, FillsAFixedBlockToItsLastByteAndThenSaysNo) {
  Arena arena(256, Growth::kFixed);
  for (int i = 0; i < 256; ++i) ASSERT_NE(arena.try_allocate(1, 1), nullptr) << i;
  EXPECT_EQ(arena.used_bytes(), 256u);
  EXPECT_EQ(arena.try_allocate(1, 1), nullptr);
  EXPECT_THROW(arena.allocate(1, 1), std::bad_alloc);
  EXPECT_NE(arena.try_allocate(0, 1), nullptr);
  arena.reset();
  EXPECT_NE(arena.try_allocate(256, 64), nullptr);
  EXPECT_EQ(arena.try_allocate(0, 128) == nullptr, address(arena.mark().cursor) % 128 != 0)
      << "alignment may need room that is not there";
}

TEST(ArenaAllocate, RefusesWhatNoMemoryHolds) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const Growth growth : {Growth::kFixed, Growth::kBlocks}) {
    Arena arena(128, growth);
    const Arena::Mark before = arena.mark();
    for (const std::size_t size :
         {kMost, kMost - 1, kMost - 63, kMost / 2, kMost / 2 + 1, kMost / 8})
      for (const std::size_t alignment : {1UL, 16UL, 64UL, 4096UL, kMost / 2 + 1})
        EXPECT_EQ(arena.try_allocate(size, alignment), nullptr) << size << ' ' << alignment;
    EXPECT_EQ(arena.mark().cursor, before.cursor) << "a refusal takes nothing";
    EXPECT_NE(arena.try_allocate(128, 1), nullptr);
  }
  EXPECT_THROW(Arena{kMost}, std::bad_alloc);
  Arena arena(128);
  EXPECT_THROW(arena.make_array<std::uint64_t>(kMost / 4), std::bad_array_new_length);
}

TEST(ArenaReset, GivesTheSameMemoryAgain) {
  Arena arena(256);
  const auto fill = [&] {
    std::vector<void*> given;
    for (int i = 0; i < 100; ++i) given.push_back(arena.allocate(40, 8));
    return given;
  };
  const auto first = fill();
  const std::size_t reserved = arena.reserved_bytes();
  arena.reset();
  EXPECT_EQ(arena.used_bytes(), 0u);
  EXPECT_EQ(fill(), first);
  EXPECT_EQ(arena.reserved_bytes(), reserved);
  arena.release();
  EXPECT_EQ(arena.reserved_bytes(), 256u);
}

TEST(ArenaRewind, ComesBackToAMarkAlsoInAnEarlierBlock) {
  Arena arena(256);
  auto* const kept = static_cast<char*>(arena.allocate(100));
  std::memset(kept, 7, 100);
  const Arena::Mark mark = arena.mark();
  void* const first = arena.allocate(16);
  for (int i = 0; i < 50; ++i) arena.allocate(100);
  arena.rewind(mark);
  EXPECT_EQ(arena.allocate(16), first);
  EXPECT_TRUE(std::all_of(kept, kept + 100, [](char c) { return c == 7; }));
  {
    const ArenaScope scope(arena);
    arena.allocate(5000);
  }
  EXPECT_EQ(arena.mark().cursor, static_cast<std::byte*>(first));
}

TEST(ArenaMake, ConstructsObjectsAndArrays) {
  struct Point {
    int x, y;
  };
  Arena arena(64);
  const Point* const point = arena.make<Point>(3, 4);
  EXPECT_EQ(point->x + point->y, 7);
  const std::span<std::uint64_t> zeros = arena.make_array<std::uint64_t>(1000);
  EXPECT_EQ(zeros.size(), 1000u);
  EXPECT_EQ(std::ranges::count(zeros, 0u), 1000);
}

TEST(ArenaResource, ServesStandardContainers) {
  Arena arena(64), other(64);
  ArenaResource resource(arena), same(arena), another(other);
  std::pmr::vector<std::pmr::string> words(&resource);
  for (int i = 0; i < 200; ++i) words.emplace_back("a string that is too long to be kept in place");
  EXPECT_EQ(words.back(), words.front());
  EXPECT_GT(arena.used_bytes(), 200 * 40u);
  EXPECT_TRUE(resource.is_equal(same));
  EXPECT_FALSE(resource.is_equal(another));
  EXPECT_FALSE(resource.is_equal(*std::pmr::new_delete_resource()));
}

#ifdef ASSAY_ARENA_POISONS
TEST(ArenaDeathTest, ReportsUseAfterResetAndBeyondTheEnd) {
  Arena arena(1024);
  auto* const at = static_cast<volatile char*>(arena.allocate(32, 32));
  EXPECT_EQ(__asan_address_is_poisoned(const_cast<char*>(at) + 31), 0);
  EXPECT_EQ(__asan_address_is_poisoned(const_cast<char*>(at) - 1), 1);
  arena.reset();
  EXPECT_DEATH(at[0] = 1, "use-after-poison");
}
#endif

TEST(ThreadArena, IsEachThreadsOwn) {
  Arena* const mine = &thread_arena();
  Arena* theirs = nullptr;
  std::jthread([&] { theirs = &thread_arena(); }).join();
  EXPECT_EQ(mine, &thread_arena());
  EXPECT_NE(mine, theirs);
}

TEST(SharedArena, GivesEveryByteOnceToThreadsAtOnce) {
  constexpr std::size_t kThreads = 4, kEach = 2000;
  SharedArena arena(kThreads * kEach * 48 - 16);
  std::array<std::vector<char*>, kThreads> given;
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        start.arrive_and_wait();
        for (std::size_t i = 0; i < kEach; ++i)
          if (void* const at = arena.try_allocate(40)) {
            std::memset(at, static_cast<int>(thread), 40);
            given[thread].push_back(static_cast<char*>(at));
          }
      });
  }
  std::vector<char*> all;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    for (char* const at : given[thread]) {
      EXPECT_EQ(address(at) % 16, 0u);
      ASSERT_TRUE(std::all_of(at, at + 40, [&](char c) { return c == static_cast<char>(thread); }));
      all.push_back(at);
    }
  }
  EXPECT_EQ(all.size(), kThreads * kEach - 1) << "all but the last fit";
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all, [](auto* a, auto* b) { return b - a < 48; }),
            all.end());
}

TEST(SharedArena, SaysNoForEverOnceItIsFull) {
  SharedArena arena(1000);
  EXPECT_EQ(arena.capacity(), 1008u);
  EXPECT_NE(arena.try_allocate(1008), nullptr);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(arena.try_allocate(1), nullptr);
  EXPECT_THROW(arena.allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
  arena.reset();
  void* const aligned = arena.try_allocate(16, 256);
  ASSERT_NE(aligned, nullptr);
  EXPECT_EQ(address(aligned) % 256, 0u);
  EXPECT_THROW(SharedArena{std::numeric_limits<std::size_t>::max()}, std::bad_alloc);
}

}  // namespace
}  // namespace assay
