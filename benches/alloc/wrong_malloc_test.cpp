/// An executable that says it has jemalloc, and has not.

#include <gtest/gtest.h>
#include <stdexcept>

#include "benches/alloc/malloc_in_use.hpp"

namespace assay {
namespace {

TEST(MallocInUse, IsRefusedIfItIsAnothers) {
  try {
    require_malloc();
    FAIL() << "glibc was taken for another library";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("malloc is not libanother's: malloc is in "),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace assay
