// What the backends of CUDA and HIP make of their drivers' answers, by fake drivers; and whether
// the kernels compile for them, where a compiler is.

#include <gmock/gmock.h>

#include <thread>

#include "kernels/device/buffer.hpp"
#include "kernels/device/plugins.hpp"
#include "kernels/device/shared_library.hpp"

namespace assay {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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
  template <typename Function>
  Function* of_fake(const char* name) const {
    SharedLibrary library(GetParam().library, {});
    Function* found = nullptr;
    library.find(name, found);
    if (found == nullptr) throw std::runtime_error(library.error());
    return found;
  }
  void fail_allocations(int count) const { of_fake<void(int)>("fake_gpu_fail_allocations")(count); }
  int ask_fake(const char* name) const { return of_fake<int()>(name)(); }
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

void use_everything(Device& device) {
  const auto queue = std::move(*device.make_queue());
  const auto other = std::move(*device.make_queue());
  auto first = DeviceBuffer<std::uint64_t>::from(*queue, std::vector<std::uint64_t>(32, 1));
  ASSERT_TRUE(first);
  auto second = first->share();
  ASSERT_TRUE(second.fill_range(*queue, 0, 8, 1) && second.copy_range(*other, 0, *first, 1, 1));
  auto bytes = DeviceBuffer<std::uint8_t>::from(*queue, {1, 2});
  auto shorts = DeviceBuffer<std::uint16_t>::from(*queue, {1, 2});
  auto words = DeviceBuffer<std::uint32_t>::from(*queue, {1, 2});
  ASSERT_TRUE(bytes && shorts && words);
  EXPECT_TRUE(bytes->fill(*queue, 1) && shorts->fill(*queue, 1) && words->fill(*queue, 1));
  const auto kernel = device.driver().kernel("bind");
  ASSERT_TRUE(kernel);
  const auto before = queue->record_timed();
  {
    const auto from = first->read(*queue);
    const auto to = second.overwrite(*queue);
    ASSERT_TRUE(from && to);
    EXPECT_TRUE(queue->launch(**kernel, {*from, *from, *to, std::uint64_t{32}}, 1, 256));
  }
  const auto after = queue->record_timed();
  ASSERT_TRUE(before && after && queue->finish());
  EXPECT_TRUE(device.driver().nanoseconds_between(**before, **after));
  EXPECT_EQ(*second.download(*other), std::vector<std::uint64_t>(32));
}

/// Whichever thread calls, and whatever device it had before.
TEST_P(StreamDriverOnFake, EveryCallHasItsContextAndGivesItBack) {
  const int before = ask_fake("fake_gpu_misuses");
  {
    const auto opened = device();
    use_everything(*opened);
    EXPECT_EQ(ask_fake("fake_gpu_is_current"), 0);
    std::thread([&] {
      use_everything(*opened);
      EXPECT_EQ(ask_fake("fake_gpu_is_current"), 0);
    }).join();
  }
  EXPECT_EQ(ask_fake("fake_gpu_misuses"), before);
}

TEST_P(StreamDriverOnFake, DevicesThatGoHoldNothing) {
  const int before = ask_fake("fake_gpu_held");
  std::unique_ptr<DriverKernel> kernel;
  {
    const auto opened = device();
    kernel = std::move(*opened->driver().kernel("bind"));
    EXPECT_GT(ask_fake("fake_gpu_held"), before);
  }
  EXPECT_GT(ask_fake("fake_gpu_held"), before);  // a kernel outlives who made it
  kernel.reset();
  EXPECT_EQ(ask_fake("fake_gpu_held"), before);
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

#if defined(ASSAY_FAKE_CUDA)
/// All but kernels is there without a compiler.
TEST(StreamDriver, WithoutACompilerOnlyKernelsAreNotRun) {
  const auto opened = open_device(
      "cuda", {.driver_library = ASSAY_FAKE_CUDA, .compiler_library = "libabsent.so.1"});
  ASSERT_TRUE(opened);
  const auto queue = std::move(*(*opened)->make_queue());
  const auto buffer = DeviceBuffer<int>::from(*queue, {1, 2});
  ASSERT_TRUE(buffer);
  EXPECT_EQ(*buffer->download(*queue), (std::vector<int>{1, 2}));
  const auto kernel = (*opened)->driver().kernel("bind");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().fault, DeviceFault::kNotRun);
  EXPECT_THAT(kernel.error().message(), StartsWith("not run: "));
  EXPECT_THAT(kernel.error().message(), HasSubstr("libabsent.so.1"));
}
#endif

TEST(StreamDriver, SaysWhatALibraryLacks) {
  for (const Fake& fake : fakes()) {
    const auto wrong = open_driver(fake.backend, {.driver_library = "libm.so.6"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message(), HasSubstr("lacks"));
  }
}

}  // namespace
}  // namespace assay
