#include "kernels/device/buffer.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "kernels/device/audited_driver_test.hpp"
#include "kernels/device/plugins.hpp"

namespace assay {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::shared_ptr<Device> host_device(bool is_deferred = false) {
  auto device = open_device("host", {.is_deferred = is_deferred});
  if (!device) throw std::runtime_error(device.error().message());
  return *device;
}

static_assert(!std::is_copy_constructible_v<DeviceBuffer<int>>);
static_assert(std::is_nothrow_move_constructible_v<DeviceBuffer<int>>);
static_assert(!std::is_constructible_v<KernelArgument, DeviceMemory>);
static_assert(!std::is_constructible_v<KernelArgument, void*>);
static_assert(sizeof(DeviceBuffer<double>) == sizeof(void*));

TEST(ReferenceCount, LastHolderFrees) {
  ReferenceCount count;
  ASSERT_TRUE(count.share());
  EXPECT_FALSE(count.is_unique());
  EXPECT_FALSE(count.drop());
  EXPECT_TRUE(count.is_unique());
  EXPECT_TRUE(count.drop());
}

TEST(ReferenceCount, OnlyHolderMayWrite) {
  ReferenceCount count;
  ASSERT_TRUE(count.share());
  EXPECT_FALSE(count.begin_write());
  EXPECT_FALSE(count.drop());
  ASSERT_TRUE(count.begin_write());
  EXPECT_TRUE(count.is_being_written());
  EXPECT_FALSE(count.is_unique());
  EXPECT_FALSE(count.begin_write());
  EXPECT_FALSE(count.share());
  EXPECT_FALSE(count.end_write());
  EXPECT_TRUE(count.is_unique());
}

TEST(ReferenceCount, WriterFreesWhatItsHolderLeft) {
  ReferenceCount count;
  ASSERT_TRUE(count.begin_write());
  EXPECT_FALSE(count.drop());
  EXPECT_TRUE(count.end_write());
}

TEST(ReferenceCountDeathTest, OverflowAborts) {
  ReferenceCount count(ReferenceCount::kMost - 1);
  EXPECT_TRUE(count.share());
  EXPECT_DEATH(static_cast<void>(count.share()), "");
}

/// A holder reads and drops; `write` writes as soon as the count lets it. In a plain variable, so
/// that ThreadSanitizer tells of an order that is missing.
template <typename Write>
void race_with_reader(Write write) {
  for (int turn = 0; turn < 100; ++turn) {
    ReferenceCount count;
    ASSERT_TRUE(count.share());
    int data = turn;
    int seen = -1;
    std::thread reader([&] {
      seen = data;
      static_cast<void>(count.drop());
    });
    write(count, data);
    reader.join();
    EXPECT_EQ(seen, turn);
  }
}

TEST(ReferenceCount, BeginWriteAcquires) {
  race_with_reader([](ReferenceCount& count, int& data) {
    while (!count.begin_write()) std::this_thread::yield();
    data = -1;
  });
}

TEST(ReferenceCount, IsUniqueAcquires) {
  race_with_reader([](ReferenceCount& count, int& data) {
    while (!count.is_unique()) std::this_thread::yield();
    data = -1;
  });
}

TEST(ReferenceCount, LastDropAcquiresWhatOthersReleased) {
  for (int turn = 0; turn < 200; ++turn) {
    ReferenceCount count;
    ASSERT_TRUE(count.share());
    int data[2] = {};
    int sum = -1;
    const auto hold = [&](int& own) {
      own = 1;
      if (count.drop()) sum = data[0] + data[1];
    };
    std::thread other([&] { hold(data[0]); });
    hold(data[1]);
    other.join();
    EXPECT_EQ(sum, 2);
  }
}

/// A write lease ends in one thread while the last handle goes in another; who is last frees. The
/// threads see each other's turn by relaxed loads alone, so that only the count orders what they
/// did: which ThreadSanitizer looks at.
TEST(ReferenceCount, DropAfterTheWritersEndAcquires) {
  for (int turn = 0; turn < 100; ++turn) {
    ReferenceCount count;
    ASSERT_TRUE(count.begin_write());
    int data = 0;
    bool is_freed_by_writer = true;
    std::thread writer([&] {
      data = 1;
      is_freed_by_writer = count.end_write();
    });
    while (count.is_being_written()) std::this_thread::yield();
    EXPECT_TRUE(count.drop());
    EXPECT_EQ(std::exchange(data, 2), 1);
    writer.join();
    EXPECT_FALSE(is_freed_by_writer);
  }
}

TEST(ReferenceCount, WritersEndAfterTheDropAcquires) {
  for (int turn = 0; turn < 100; ++turn) {
    ReferenceCount count;
    ASSERT_TRUE(count.begin_write());
    int data = 0;
    std::atomic<bool> is_dropped = false;
    bool is_freed_by_holder = true;
    std::thread holder([&] {
      data = 1;
      is_freed_by_holder = count.drop();
      is_dropped.store(true, std::memory_order_relaxed);
    });
    while (!is_dropped.load(std::memory_order_relaxed)) std::this_thread::yield();
    EXPECT_TRUE(count.end_write());
    EXPECT_EQ(std::exchange(data, 2), 1);
    holder.join();
    EXPECT_FALSE(is_freed_by_holder);
  }
}

TEST(ReferenceCount, HasItsLineAlone) {
  EXPECT_EQ(alignof(ReferenceCount), 64U);
  EXPECT_EQ(sizeof(ReferenceCount), 64U);
}

struct Wide {
  std::uint64_t words[3];
  bool operator==(const Wide&) const = default;
};

TEST(DeviceBuffer, FillsElementsOfAnySize) {
  const auto device = host_device();
  const auto queue = std::move(*device->make_queue());
  auto bytes = DeviceBuffer<std::uint8_t>::from(*queue, std::vector<std::uint8_t>(7));
  ASSERT_TRUE(bytes && bytes->fill(*queue, 9));
  EXPECT_THAT(*bytes->download(*queue), Each(9));
  auto wide = DeviceBuffer<Wide>::from(*queue, std::vector<Wide>(5));
  ASSERT_TRUE(wide && wide->fill_range(*queue, 1, 3, Wide{{1, 2, 3}}));
  const std::vector<Wide> expected = {{}, {{1, 2, 3}}, {{1, 2, 3}}, {{1, 2, 3}}, {}};
  EXPECT_EQ(*wide->download(*queue), expected);
}

TEST(DeviceBuffer, QueueHoldsTheSourceUntilItWasRead) {
  const auto device = host_device(true);
  const auto queue = std::move(*device->make_queue());
  auto buffer = DeviceBuffer<int>::allocate(*device, 3);
  ASSERT_TRUE(buffer);
  auto source = std::make_shared<const std::vector<int>>(3, 42);
  const std::weak_ptr<const std::vector<int>> watched = source;
  ASSERT_TRUE(buffer->upload_range(*queue, 0, *source, source));
  source.reset();
  EXPECT_FALSE(watched.expired());
  ASSERT_TRUE(queue->finish());
  EXPECT_TRUE(watched.expired());
  EXPECT_THAT(*buffer->download(*queue), Each(42));
}

TEST(DeviceBuffer, UploadNowLeavesItsSourceToTheCaller) {
  const auto device = host_device(true);
  const auto queue = std::move(*device->make_queue());
  auto buffer = DeviceBuffer<int>::allocate(*device, 3);
  ASSERT_TRUE(buffer);
  std::vector<int> source(3, 42);
  ASSERT_TRUE(buffer->upload_range_now(*queue, 0, source));
  std::ranges::fill(source, 0);
  EXPECT_THAT(*buffer->download(*queue), Each(42));
}

TEST(DeviceBuffer, RefusesQueuesOfAnotherDevice) {
  const auto device = host_device(), other = host_device();
  const auto queue = std::move(*device->make_queue()), foreign = std::move(*other->make_queue());
  auto buffer = DeviceBuffer<int>::from(*queue, {1, 2});
  ASSERT_TRUE(buffer);
  const auto written = buffer->fill(*foreign, 3);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, DeviceFault::kWrongQueue);
  EXPECT_EQ(buffer->download(*foreign).error().fault, DeviceFault::kWrongQueue);
  EXPECT_EQ(*buffer->download(*queue), (std::vector<int>{1, 2}));
}

TEST(DeviceBuffer, OutlivesWhoOpenedTheDevice) {
  auto device = host_device();
  auto queue = std::move(*device->make_queue());
  auto buffer = DeviceBuffer<int>::from(*queue, {1, 2});
  device.reset();
  ASSERT_TRUE(buffer);
  EXPECT_EQ(*buffer->download(*queue), (std::vector<int>{1, 2}));
  queue.reset();
  EXPECT_EQ(buffer->size(), 2U);
}

TEST(DeviceBuffer, MemoryOfAnAbsurdSizeIsAnErrorWithItsCode) {
  const auto device = host_device();
  const auto buffer = DeviceBuffer<char>::allocate(*device, std::size_t{1} << 62);
  ASSERT_FALSE(buffer);
  EXPECT_EQ(buffer.error().fault, DeviceFault::kOutOfMemory);
  EXPECT_THAT(buffer.error().message(), HasSubstr("(code "));
}

/// A device whose queues keep their work until it is waited for, watched.
struct Watched {
  AuditedDriver* audit;
  std::shared_ptr<Device> device;
};
Watched watched_device() {
  auto driver = open_driver("host", {.is_deferred = true});
  if (!driver) throw std::runtime_error(driver.error().message());
  auto audited = std::make_unique<AuditedDriver>(std::move(*driver));
  AuditedDriver* const audit = audited.get();
  return {audit, Device::make(std::move(audited))};
}

/// Of two leases of one queue the point that was made last must be the last in the block: so none
/// is made where another may come between.
TEST(BlockRead, MakesItsPointWhileTheBlockIsLocked) {
  const auto [audit, device] = watched_device();
  const auto queue = std::move(*device->make_queue());
  const BlockHandle handle(device->allocate(64).value());
  auto lease = BlockRead::begin(handle, *queue);
  ASSERT_TRUE(lease);
  std::unique_lock lock(handle.get()->mutex);
  std::thread other(
      [ended = std::move(*lease)]() mutable { const BlockRead here(std::move(ended)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it waits for the lock now, or soon
  EXPECT_EQ(audit->records(), 0U);
  lock.unlock();
  other.join();
  EXPECT_EQ(audit->records(), 1U);
}

/// A queue that cannot say that it is done holds what it reads until it has ended.
TEST(DeviceQueue, HoldsSourcesUntilTheDriversQueueHasEnded) {
  const auto [audit, device] = watched_device();
  auto queue = std::move(*device->make_queue());
  auto buffer = DeviceBuffer<int>::from(*queue, {0, 0, 0});
  ASSERT_TRUE(buffer && queue->finish());
  const auto* const memory =
      std::bit_cast<const int*>(buffer->read(*queue).value().memory().handle);
  const std::vector<int> source(3, 42);
  int seen = -1;
  std::shared_ptr<const void> owner(source.data(), [&](const void*) { seen = *memory; });
  ASSERT_TRUE(buffer->upload_range(*queue, 0, source, owner));
  audit->fail(AuditedDriver::Operation::kFinish, 100);
  owner.reset();
  EXPECT_EQ(seen, -1);
  queue.reset();
  EXPECT_EQ(seen, 42);
}

/// Last drops and writes by threads that found themselves alone: what ThreadSanitizer looks at.
TEST(DeviceBuffer, WritersAloneSeeWhatReadersDid) {
  const auto device = host_device();
  for (int turn = 0; turn < 200; ++turn) {
    const auto queue = std::move(*device->make_queue());
    auto first = DeviceBuffer<int>::from(*queue, std::vector<int>(16, turn));
    ASSERT_TRUE(first);
    std::thread reader([clone = first->share(), &device, turn] {
      const auto own = std::move(*device->make_queue());
      const auto found = clone.download(*own);
      if (!found || found->front() != turn) std::abort();
    });
    while (!first->is_unique()) std::this_thread::yield();
    const std::uint64_t detaches = device->counters().detaches;
    ASSERT_TRUE(first->fill(*queue, -1));  // in place: races with the reader, were it not ordered
    EXPECT_EQ(device->counters().detaches, detaches);
    reader.join();
  }
}

/// That a plugin is there and broken is no reason to leave it out.
TEST(Plugins, ThatDoNotLoadAreErrors) {
  const auto text = std::filesystem::path(::testing::TempDir()) / "assay_device_text.so";
  std::ofstream(text) << "no library";
  for (const std::string& path : {text.string(), std::string("/proc/self/exe")}) {
    const auto broken = open_plugin(path, "text");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().fault, DeviceFault::kBackend);
    EXPECT_THAT(broken.error().message(), StartsWith(path));
  }
  std::filesystem::remove(text);
}

TEST(Plugins, OfAnotherVersionAreErrors) {
  const auto other = open_plugin(ASSAY_OTHER_ABI, "other");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().fault, DeviceFault::kBackend);
  EXPECT_THAT(other.error().message(), HasSubstr("another version"));
}

TEST(Plugins, SayWhyABackendIsNotRun) {
  const auto absent = open_driver("abacus");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, DeviceFault::kNotRun);
  EXPECT_THAT(absent.error().message(), StartsWith("not run: abacus: "));
}

}  // namespace
}  // namespace assay
