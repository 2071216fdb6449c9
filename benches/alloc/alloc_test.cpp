/// That what is measured is what it seems: every allocator gives memory of its own to each object,
/// faults are told, and traces do what they say.

#include <gtest/gtest.h>

#include <map>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/malloc_in_use.hpp"
#include "benches/alloc/mapped_memory.hpp"
#include "benches/alloc/tails.hpp"
#include "benches/alloc/trace.hpp"

namespace assay {
namespace {

template <typename Allocator>
class EveryAllocator : public testing::Test {};
using Allocators =
    testing::Types<FixedBuffer, ArenaReset, ArenaReleased, ArenaMadeAnew, ArenaOfThread,
                   ArenaShared, BumpOnFreshPages, MonotonicOnBuffer, MonotonicOnNew,
                   ArenaAsResource, Pool<std::pmr::unsynchronized_pool_resource>,
                   Pool<std::pmr::synchronized_pool_resource>, OperatorNew, AlignedNew, Malloc>;
TYPED_TEST_SUITE(EveryAllocator, Allocators);

TYPED_TEST(EveryAllocator, GivesEachObjectOfABatchMemoryOfItsOwn) {
  // Not 24: libstdc++ 12's pools then give addresses that are not multiples of 16.
  for (const std::size_t bytes : {16UL, 32UL, 256UL, 65536UL})
    EXPECT_EQ(fault_of<TypeParam>(objects_of(bytes), bytes), "") << bytes;
  EXPECT_EQ(fault_of<TypeParam>(1, 256), "");
}

struct GivesTheSameTwice : FreesAtOnce {
  explicit GivesTheSameTwice(std::size_t capacity) : buffer(capacity) {}
  void* allocate(std::size_t /*bytes*/) { return aligned_up(buffer.data(), 16); }
  void end() {}
  std::vector<std::byte> buffer;
};
struct GivesOddAddresses : Malloc {
  using Malloc::Malloc;
  void* allocate(std::size_t bytes) {
    return static_cast<std::byte*>(Malloc::allocate(bytes + 8)) + 8;
  }
  void deallocate(void* at, std::size_t bytes) {
    Malloc::deallocate(static_cast<std::byte*>(at) - 8, bytes);
  }
};

TEST(FaultOf, TellsObjectsThatOverlapOrAreMisaligned) {
  EXPECT_EQ(fault_of<GivesTheSameTwice>(2, 64), "wrong result: objects overlap");
  EXPECT_EQ(fault_of<GivesTheSameTwice>(1, 64), "");
#if !defined(ASSAY_SANITIZED)  // which would tell the leak
  EXPECT_EQ(fault_of<GivesOddAddresses>(1, 64), "wrong result: alignment");
#endif
}

TEST(ReleaseOrder, IsAPermutation) {
  EXPECT_EQ(release_order(3, Order::kFifo), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(release_order(3, Order::kLifo), (std::vector<std::uint32_t>{2, 1, 0}));
  std::vector<std::uint32_t> random = release_order(100, Order::kRandom);
  EXPECT_EQ(random, release_order(100, Order::kRandom));
  EXPECT_FALSE(std::ranges::is_sorted(random));
  std::ranges::sort(random);
  EXPECT_EQ(random, release_order(100, Order::kFifo));
}

TEST(Quantile, IsTheValueBelowWhichThatShareLies) {
  std::pmr::vector<std::uint32_t> values(1000);
  std::iota(values.begin(), values.end(), 0U);
  std::ranges::shuffle(values, std::mt19937_64(1));
  EXPECT_EQ(quantile_of(values, 0.5), 499);
  EXPECT_EQ(quantile_of(values, 0.99), 989);
  EXPECT_EQ(quantile_of(values, 0.999), 998);
}

TEST(Traces, AllocateAndFreeEachObjectOnceInTheOrderOfTheirLifetimes) {
  using What = TraceOp::What;
  for (const TraceKind kind : {TraceKind::kRequests, TraceKind::kMixed}) {
    const Trace trace(kind);
    std::map<std::uint32_t, TraceOp> live;
    std::size_t live_bytes = 0, peak = 0, long_lived = 0;
    std::vector<std::uint32_t> frame;
    for (const TraceOp& op : trace.ops) {
      ASSERT_LT(op.object, trace.objects);
      switch (op.what) {
        case What::kForRequest:
        case What::kForFrame:
        case What::kForLong:
          ASSERT_TRUE(live.emplace(op.object, op).second);
          ASSERT_TRUE(op.bytes >= 16 && op.bytes % 8 == 0 && op.bytes <= 16384);
          live_bytes += op.bytes;
          peak = std::max(peak, live_bytes);
          if (op.what == What::kForFrame) frame.push_back(op.object);
          long_lived += op.what == What::kForLong ? 1U : 0U;
          break;
        case What::kFreeOfFrame:
          ASSERT_EQ(frame.back(), op.object) << "frames free in reverse order";
          frame.pop_back();
          [[fallthrough]];
        case What::kFreeOfRequest:
        case What::kFreeOfLong:
          ASSERT_EQ(live.at(op.object).bytes, op.bytes);
          live.erase(op.object);
          live_bytes -= op.bytes;
          break;
        case What::kEnterFrame:
        case What::kLeaveFrame:
          ASSERT_TRUE(frame.empty());
          break;
        case What::kEndRequest:
          for (const auto& [object, made] : live) ASSERT_EQ(made.what, What::kForLong);
          break;
      }
    }
    EXPECT_TRUE(live.empty());
    EXPECT_EQ(peak, trace.peak_live_bytes);
    EXPECT_EQ(long_lived > 0, kind == TraceKind::kMixed);
  }
}

TEST(Traces, AreCarriedOutByEveryAllocator) {
  for (const TraceKind kind : {TraceKind::kRequests, TraceKind::kMixed}) {
    const Trace trace(kind);
    for (const TraceAllocator allocator :
         {TraceAllocator::kMalloc, TraceAllocator::kArenas, TraceAllocator::kOneArena}) {
      const TraceCost cost = run_trace(trace, allocator);
      EXPECT_TRUE(cost.is_valid);
      EXPECT_GT(cost.seconds, 0);
    }
  }
}

/// An allocation that is freed too early, so that another takes its memory.
TEST(Traces, TellAnObjectThatLosesItsContent) {
  Trace trace(TraceKind::kRequests);
  using What = TraceOp::What;
  trace.ops.assign({{What::kEnterFrame, 0, 0},
                    {What::kForFrame, 0, 64},
                    {What::kLeaveFrame, 0, 0},
                    {What::kForFrame, 1, 64},
                    {What::kFreeOfFrame, 0, 64},
                    {What::kEndRequest, 0, 0}});
#if !defined(ASSAY_SANITIZED)
  EXPECT_FALSE(run_trace(trace, TraceAllocator::kArenas).is_valid);
#endif
  EXPECT_TRUE(run_trace(trace, TraceAllocator::kOneArena).is_valid);
}

TEST(MallocInUse, IsProved) {
  EXPECT_NO_THROW(require_malloc());
}

}  // namespace
}  // namespace assay
