#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kernels/fuzz/arena_target.hpp"

// Sizes that no memory holds are refused under a sanitizer, too.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace assay {
namespace {

TEST(FuzzCorpus, LeavesTheArenaItsPromises) {
  int count = 0;
  for (const auto& item : std::filesystem::directory_iterator(ASSAY_ARENA_CORPUS)) {
    SCOPED_TRACE(item.path().string());
    std::ifstream file(item.path(), std::ios::binary);
    const std::vector<std::uint8_t> input{std::istreambuf_iterator<char>(file), {}};
    EXPECT_FALSE(input.empty());
    EXPECT_NO_THROW(fuzz::run_arena(input));
    EXPECT_NO_THROW(fuzz::run_shared_arena(input));
    ++count;
  }
  EXPECT_GE(count, 6);
}

TEST(FuzzTarget, TellsAnAllocationThatOverlapsIsMisalignedOrWrittenOver) {
  alignas(64) std::array<unsigned char, 256> memory{};
  fuzz::Allocated allocated;
  allocated.add(&memory[64], 32, 64);
  EXPECT_NO_THROW(allocated.add(&memory[96], 32, 32));
  EXPECT_THROW(allocated.add(&memory[95], 1, 1), std::logic_error);
  EXPECT_THROW(allocated.add(&memory[60], 5, 1), std::logic_error);
  EXPECT_THROW(allocated.add(&memory[8], 8, 16), std::logic_error);
  EXPECT_NO_THROW(allocated.check());
  memory[96] = 0;
  EXPECT_THROW(allocated.check(), std::logic_error);
  allocated.forget_after(1);
  EXPECT_NO_THROW(allocated.check());
}

}  // namespace
}  // namespace assay
