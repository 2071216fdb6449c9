// What the backends of CUDA and HIP make of their drivers' answers, by fake drivers; and whether
// the kernels compile for them, where a compiler is.

#include <gmock/gmock.h>

#include "kernels/device/buffer.hpp"
#include "kernels/device/plugins.hpp"
#include "kernels/device/shared_library.hpp"

namespace assay {
namespace {

using ::testing::HasSubstr;

struct Fake {
  const char* backend;
  const char* library;
};
void PrintTo(const Fake& fake, std::ostream* out) {
  *out << fake.backend;
}

std::vector<Fake> fakes() {
  std::vector<Fake> all;
#if defined(ASSAY_FAKE_CUDA)
  all.push_back({"cuda", ASSAY_FAKE_CUDA});
#endif
#if defined(ASSAY_FAKE_HIP)
  all.push_back({"hip", ASSAY_FAKE_HIP});
#endif
  return all;
}

class StreamDriverOnFake : public ::testing::TestWithParam<Fake> {
 protected:
  std::shared_ptr<Device> device() const {
    auto opened = open_device(GetParam().backend, {.driver_library = GetParam().library,
                                                   .compiler_library = GetParam().library});
    if (!opened) throw std::runtime_error(opened.error().message());
    return *opened;
  }
  void fail_allocations(int count) const {
    SharedLibrary library(GetParam().library, {});
    void (*fail)(int) = nullptr;
    library.find("fake_gpu_fail_allocations", fail);
    ASSERT_NE(fail, nullptr);
    fail(count);
  }
};

TEST_P(StreamDriverOnFake, OutOfMemoryHasItsNativeCode) {
  const auto opened = device();
  fail_allocations(1);
  const auto failed = DeviceBuffer<int>::allocate(*opened, 4);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, DeviceFault::kOutOfMemory);
  EXPECT_EQ(failed.error().native_code, 2);
  EXPECT_TRUE(DeviceBuffer<int>::allocate(*opened, 4));
}

TEST_P(StreamDriverOnFake, DetachOutOfMemoryLeavesBothHandles) {
  const auto opened = device();
  const auto queue = std::move(*opened->make_queue());
  const auto first = DeviceBuffer<int>::from(*queue, {1, 2, 3});
  ASSERT_TRUE(first && queue->finish());
  auto second = first->share();
  fail_allocations(1);
  const auto failed = second.upload_range(*queue, 0, {9});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().native_code, 2);
  EXPECT_TRUE(second.shares_memory_with(*first));
  EXPECT_EQ(*second.download(*queue), (std::vector<int>{1, 2, 3}));
}

TEST_P(StreamDriverOnFake, KernelsThatAreNotThereHaveTheirCode) {
  const auto kernel = device()->driver().kernel("nothing");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, DeviceFault::kKernel);
  EXPECT_EQ(kernel.error().native_code, 500);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StreamDriverOnFake);
INSTANTIATE_TEST_SUITE_P(Device, StreamDriverOnFake, ::testing::ValuesIn(fakes()),
                         [](const auto& of) { return std::string(of.param.backend); });

TEST(StreamDriver, SaysWhichLibraryIsAbsent) {
  for (const Fake& fake : fakes()) {
    const auto absent = open_driver(fake.backend, {.driver_library = "libabsent.so.1"});
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().fault, DeviceFault::kNotRun);
    EXPECT_THAT(absent.error().message(), HasSubstr("libabsent.so.1"));
  }
}

TEST(StreamDriver, SaysWhatALibraryLacks) {
  for (const Fake& fake : fakes()) {
    const auto wrong = open_driver(fake.backend, {.driver_library = "libm.so.6"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message(), HasSubstr("lacks"));
  }
}

}  // namespace
}  // namespace assay
