#pragma once

// What every backend's buffers must do. A check takes a port (a design on a driver that is watched)
// and returns what was wrong, or nothing. The core checks ask only for what any design of shared
// buffers has, so that a broken one can be put through them: the suite is tested, too.

#include <limits>
#include <numeric>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kernels/device/audited_driver_test.hpp"
#include "kernels/device/buffer.hpp"

namespace assay {

using Words = std::vector<std::uint32_t>;
using Operation = AuditedDriver::Operation;

/// DeviceBuffer on a watched driver.
class BufferPort {
 public:
  using Buffer = DeviceBuffer<std::uint32_t>;
  using Queue = DeviceQueue;

  explicit BufferPort(std::unique_ptr<DeviceDriver> driver) {
    auto audited = std::make_unique<AuditedDriver>(std::move(driver));
    audit_ = audited.get();
    device_ = Device::make(std::move(audited));
  }
  AuditedDriver& audit() { return *audit_; }
  Device& device() { return *device_; }
  std::unique_ptr<Queue> make_queue() { return std::move(*device_->make_queue()); }
  DeviceResult<Buffer> allocate(std::size_t count) { return Buffer::allocate(*device_, count); }
  Buffer from(Queue& queue, const Words& elements) {
    return std::move(*Buffer::from(queue, elements));
  }
  DriverKernel& kernel(const std::string& name) {
    auto made = audit_->kernel(name);
    if (!made) throw std::runtime_error(made.error().message());
    return *kernels_.emplace_back(std::move(*made));
  }
  DeviceStatus bind(Queue& queue, Buffer& out, const Buffer& a, const Buffer& b) {
    auto from_a = a.read(queue);
    auto from_b = b.read(queue);
    auto to = out.write(queue);
    if (!from_a || !from_b || !to) return device_error(DeviceFault::kBackend, "no lease");
    return queue.launch(kernel("bind"), {*from_a, *from_b, *to, std::uint64_t{out.size() / 2}}, 1,
                        256);
  }

 private:
  AuditedDriver* audit_;
  std::vector<std::unique_ptr<DriverKernel>> kernels_;  // go before the device
  std::shared_ptr<Device> device_;
};

template <typename Port>
struct Check {
  std::string_view name;
  std::string (*run)(Port& port);
};

template <typename Port>
void PrintTo(const Check<Port>& check, std::ostream* out) {
  *out << check.name;
}

#define ASSAY_EXPECT(condition) \
  if (!(condition)) return std::string(#condition) + " does not hold"

inline Words counted(std::uint32_t first, std::size_t count = 64) {
  Words words(count);
  std::iota(words.begin(), words.end(), first);
  return words;
}

/// Whether that is what a download gives.
template <typename Buffer, typename Queue>
bool holds(const Buffer& buffer, Queue& queue, const Words& expected) {
  const auto found = buffer.download(queue);
  return found && *found == expected;
}
inline bool fails(const auto& result, DeviceFault fault) {
  return !result && result.error().fault == fault;
}

template <typename Port>
struct CoreChecks {
  using Buffer = typename Port::Buffer;

  static std::string upload_leaves_clones(Port& port) {
    auto queue = port.make_queue();
    Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    Buffer third = second.share();
    ASSAY_EXPECT(second.shares_memory_with(first) && third.shares_memory_with(first));
    ASSAY_EXPECT(second.upload(*queue, counted(1000)));
    ASSAY_EXPECT(!second.shares_memory_with(first) && third.shares_memory_with(first));
    ASSAY_EXPECT(holds(first, *queue, counted(0)));
    ASSAY_EXPECT(holds(second, *queue, counted(1000)));
    ASSAY_EXPECT(holds(third, *queue, counted(0)));
    return {};
  }

  static std::string range_upload_leaves_clones(Port& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    ASSAY_EXPECT(second.upload_range(*queue, 3, {7, 8}));
    Words expected = counted(0);
    expected[3] = 7;
    expected[4] = 8;
    ASSAY_EXPECT(holds(second, *queue, expected));
    ASSAY_EXPECT(holds(first, *queue, counted(0)));
    return {};
  }

  static std::string fill_leaves_clones(Port& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    ASSAY_EXPECT(second.fill(*queue, 0x01020304));
    ASSAY_EXPECT(holds(second, *queue, Words(64, 0x01020304)));
    ASSAY_EXPECT(holds(first, *queue, counted(0)));
    return {};
  }

  static std::string kernel_leaves_clones(Port& port) {
    auto queue = port.make_queue();
    Buffer first = port.from(*queue, counted(0));
    const Buffer second = first.share();
    const Buffer other = port.from(*queue, Words(64, 0xffff));
    ASSAY_EXPECT(port.bind(*queue, first, second, other));
    Words expected = counted(0);
    for (std::uint32_t& word : expected) word ^= 0xffff;
    ASSAY_EXPECT(holds(first, *queue, expected));
    ASSAY_EXPECT(holds(second, *queue, counted(0)));
    return {};
  }

  static std::string memory_goes_once_with_the_last(Port& port) {
    auto queue = port.make_queue();
    const auto before = port.audit().findings();
    {
      Buffer first = port.from(*queue, counted(0));
      Buffer second = first.share();
      {
        const Buffer third = second.share();
        first = Buffer();
        ASSAY_EXPECT(queue->finish());
        ASSAY_EXPECT(port.audit().live() == 1);
        ASSAY_EXPECT(holds(third, *queue, counted(0)));
      }
      ASSAY_EXPECT(port.audit().live() == 1);
      ASSAY_EXPECT(holds(second, *queue, counted(0)));
    }
    ASSAY_EXPECT(queue->finish());
    const auto after = port.audit().findings();
    ASSAY_EXPECT(after.allocations - before.allocations == 1);
    ASSAY_EXPECT(after.frees - before.frees == 1);
    ASSAY_EXPECT(port.audit().live() == 0);
    ASSAY_EXPECT(after.is_clean());
    return {};
  }

  static std::string source_lives_until_it_is_read(Port& port) {
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, Words(64));
    for (std::uint32_t turn = 1; turn <= 8; ++turn)
      ASSAY_EXPECT(buffer.upload(*queue, counted(turn * 1000)));
    ASSAY_EXPECT(buffer.upload_range(*queue, 60, {1, 2, 3, 4}));
    Words expected = counted(8000);
    std::ranges::copy(Words{1, 2, 3, 4}, expected.begin() + 60);
    ASSAY_EXPECT(holds(buffer, *queue, expected));
    return {};
  }

  static std::string no_copy_where_none_is_needed(Port& port) {
    auto queue = port.make_queue();
    const auto copied = [&] { return port.audit().findings().copied_bytes; };
    Buffer alone = port.from(*queue, counted(0));
    ASSAY_EXPECT(alone.upload(*queue, counted(1)));
    ASSAY_EXPECT(alone.upload_range(*queue, 1, {5}));
    ASSAY_EXPECT(alone.fill(*queue, 9));
    ASSAY_EXPECT(copied() == 0);
    Buffer replaced = alone.share();
    ASSAY_EXPECT(replaced.upload(*queue, counted(2)));
    Buffer filled = alone.share();
    ASSAY_EXPECT(filled.fill(*queue, 3));
    ASSAY_EXPECT(copied() == 0);
    ASSAY_EXPECT(holds(replaced, *queue, counted(2)) && holds(filled, *queue, Words(64, 3)));
    ASSAY_EXPECT(holds(alone, *queue, Words(64, 9)));
    return {};
  }

  static std::string free_follows_readers(Port& port) {
    auto queue = port.make_queue();
    auto pending = [&] {
      const Buffer buffer = port.from(*queue, counted(5));
      return buffer.download_range_async(*queue, 0, 64);
    }();
    ASSAY_EXPECT(pending);
    const auto found = std::move(*pending).get();
    ASSAY_EXPECT(found && *found == counted(5));
    ASSAY_EXPECT(queue->finish());
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string download_shows_its_place_in_the_queue(Port& port) {
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, counted(1));
    auto pending = buffer.download_range_async(*queue, 2, 3);
    ASSAY_EXPECT(pending);
    ASSAY_EXPECT(buffer.upload(*queue, counted(100)));
    const auto found = std::move(*pending).get();
    ASSAY_EXPECT(found && *found == (Words{3, 4, 5}));
    ASSAY_EXPECT(holds(buffer, *queue, counted(100)));
    return {};
  }

  static std::string queues_wait_for_each_other(Port& port) {
    auto one = port.make_queue();
    auto other = port.make_queue();
    Buffer buffer = port.from(*one, counted(0));
    ASSAY_EXPECT(holds(buffer, *other, counted(0)));  // a read waits for another queue's write
    auto pending = buffer.download_range_async(*one, 0, 64);
    ASSAY_EXPECT(pending);
    ASSAY_EXPECT(buffer.upload(*other, counted(50)));  // a write for another queue's read
    ASSAY_EXPECT(other->finish());
    const auto found = std::move(*pending).get();
    ASSAY_EXPECT(found && *found == counted(0));
    ASSAY_EXPECT(buffer.upload(*one, counted(70)));  // and for another queue's write
    ASSAY_EXPECT(holds(buffer, *other, counted(70)));
    return {};
  }

  static std::string failed_detach_changes_nothing(Port& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    port.audit().fail(Operation::kAllocate);
    ASSAY_EXPECT(fails(second.upload_range(*queue, 0, {9}), DeviceFault::kOutOfMemory));
    ASSAY_EXPECT(second.shares_memory_with(first));
    ASSAY_EXPECT(holds(second, *queue, counted(0)) && holds(first, *queue, counted(0)));
    ASSAY_EXPECT(second.upload_range(*queue, 0, {9}));  // there is memory again
    ASSAY_EXPECT(holds(first, *queue, counted(0)));
    port.audit().fail(Operation::kAllocate);
    ASSAY_EXPECT(fails(port.allocate(64), DeviceFault::kOutOfMemory));
    return {};
  }

  static std::string ranges_are_checked(Port& port) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, counted(0));
    const auto fails_range = [](const auto& result) { return fails(result, DeviceFault::kRange); };
    ASSAY_EXPECT(fails_range(buffer.upload_range(*queue, 63, {1, 2})));
    ASSAY_EXPECT(fails_range(buffer.upload_range(*queue, kMost, {1, 2})));
    ASSAY_EXPECT(fails_range(buffer.upload(*queue, Words(63))));
    ASSAY_EXPECT(fails_range(buffer.download_range_async(*queue, 64, 1)));
    ASSAY_EXPECT(fails_range(buffer.download_range_async(*queue, 65, 0)));
    ASSAY_EXPECT(buffer.upload_range(*queue, 63, {1}));
    ASSAY_EXPECT(buffer.download_range_async(*queue, 64, 0));
    ASSAY_EXPECT(queue->finish());
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string moved_from_handles_say_so(Port& port) {
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, counted(0));
    const Buffer taken = std::move(buffer);
    const auto says_so = [](const auto& result) { return fails(result, DeviceFault::kMovedFrom); };
    ASSAY_EXPECT(!buffer.has_memory() && buffer.size() == 0);  // NOLINT(bugprone-use-after-move)
    ASSAY_EXPECT(says_so(buffer.upload(*queue, counted(0))));
    ASSAY_EXPECT(says_so(buffer.upload_range(*queue, 0, {})));
    ASSAY_EXPECT(says_so(buffer.fill(*queue, 1)));
    ASSAY_EXPECT(says_so(buffer.download(*queue)));
    ASSAY_EXPECT(!buffer.share().has_memory());
    ASSAY_EXPECT(holds(taken, *queue, counted(0)));
    return {};
  }

  /// Two queues write one block, and nobody waits between: the second write is the last.
  static std::string queues_write_in_order(Port& port) {
    auto one = port.make_queue();
    auto other = port.make_queue();
    Buffer buffer = port.from(*one, counted(0));
    ASSAY_EXPECT(one->finish());
    ASSAY_EXPECT(buffer.upload(*one, counted(10)));
    ASSAY_EXPECT(buffer.upload(*other, counted(20)));
    ASSAY_EXPECT(other->finish());
    ASSAY_EXPECT(one->finish());
    ASSAY_EXPECT(holds(buffer, *other, counted(20)));
    return {};
  }

  static std::vector<Check<Port>> all() {
    return {{"upload_leaves_clones", upload_leaves_clones},
            {"range_upload_leaves_clones", range_upload_leaves_clones},
            {"fill_leaves_clones", fill_leaves_clones},
            {"kernel_leaves_clones", kernel_leaves_clones},
            {"memory_goes_once_with_the_last", memory_goes_once_with_the_last},
            {"source_lives_until_it_is_read", source_lives_until_it_is_read},
            {"no_copy_where_none_is_needed", no_copy_where_none_is_needed},
            {"free_follows_readers", free_follows_readers},
            {"download_shows_its_place_in_the_queue", download_shows_its_place_in_the_queue},
            {"queues_wait_for_each_other", queues_wait_for_each_other},
            {"queues_write_in_order", queues_write_in_order},
            {"failed_detach_changes_nothing", failed_detach_changes_nothing},
            {"ranges_are_checked", ranges_are_checked},
            {"moved_from_handles_say_so", moved_from_handles_say_so}};
  }
};

/// What DeviceBuffer promises beyond.
struct BufferChecks {
  using Buffer = BufferPort::Buffer;

  static std::string ranged_detach_copies_the_rest(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    ASSAY_EXPECT(second.upload_range(*queue, 10, Words(20, 7)));
    ASSAY_EXPECT(port.audit().findings().copied_bytes == 44 * sizeof(std::uint32_t));
    Buffer third = first.share();
    ASSAY_EXPECT(third.fill_range(*queue, 0, 60, 1));
    ASSAY_EXPECT(port.audit().findings().copied_bytes == 48 * sizeof(std::uint32_t));
    ASSAY_EXPECT(port.device().counters().copied_bytes == 48 * sizeof(std::uint32_t));
    ASSAY_EXPECT(port.device().counters().detaches == 2);
    Words expected = counted(0);
    std::fill_n(expected.begin() + 10, 20, 7);
    ASSAY_EXPECT(holds(second, *queue, expected));
    expected = counted(0);
    std::fill_n(expected.begin(), 60, 1);
    ASSAY_EXPECT(holds(third, *queue, expected));
    ASSAY_EXPECT(holds(first, *queue, counted(0)));
    return {};
  }

  static std::string deep_clones_are_apart(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer first = port.from(*queue, counted(0));
    const auto clone = first.deep_clone(*queue);
    ASSAY_EXPECT(clone && !clone->shares_memory_with(first) && first.is_unique());
    ASSAY_EXPECT(first.upload(*queue, counted(9)));
    ASSAY_EXPECT(holds(*clone, *queue, counted(0)));
    first = Buffer();  // while its clone's copy may be under way
    auto source = port.from(*queue, counted(3));
    const auto late = source.deep_clone(*queue);
    source = Buffer();
    ASSAY_EXPECT(late && holds(*late, *queue, counted(3)));
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string copies_between_ranges(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    ASSAY_EXPECT(first.copy_range(*queue, 0, first, 32, 32));  // overlaps itself: detaches
    Words expected = counted(32);
    std::ranges::copy(counted(32, 32), expected.begin() + 32);
    ASSAY_EXPECT(holds(first, *queue, expected));
    ASSAY_EXPECT(holds(second, *queue, counted(0)));
    ASSAY_EXPECT(second.copy_range(*queue, 1, first, 0, 2));
    ASSAY_EXPECT(fails(second.copy_range(*queue, 63, first, 0, 2), DeviceFault::kRange));
    ASSAY_EXPECT(fails(second.copy_range(*queue, 0, first, 63, 2), DeviceFault::kRange));
    expected = counted(0);
    expected[1] = 32;
    expected[2] = 33;
    ASSAY_EXPECT(holds(second, *queue, expected));
    return {};
  }

  static std::string readers_keep_what_they_lease(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer source = port.from(*queue, counted(0));
    const Buffer zeros = port.from(*queue, Words(64));
    Buffer out = port.from(*queue, Words(64));
    {
      const auto leased = source.read(*queue);
      const auto of_zeros = zeros.read(*queue);
      const auto to = out.overwrite(*queue);
      ASSAY_EXPECT(leased && of_zeros && to);
      ASSAY_EXPECT(source.upload(*queue, counted(500)));  // beside the lease
      ASSAY_EXPECT(
          queue->launch(port.kernel("bind"), {*leased, *of_zeros, *to, std::uint64_t{32}}, 1, 256));
    }
    ASSAY_EXPECT(holds(out, *queue, counted(0)));
    ASSAY_EXPECT(holds(source, *queue, counted(500)));
    return {};
  }

  static std::string write_leases_exclude(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, counted(0));
    const auto is_refused = [](const auto& result) { return fails(result, DeviceFault::kLeased); };
    {
      const auto lease = buffer.write(*queue);
      ASSAY_EXPECT(lease);
      ASSAY_EXPECT(!buffer.share().has_memory());
      ASSAY_EXPECT(is_refused(buffer.write(*queue)));
      ASSAY_EXPECT(is_refused(buffer.read(*queue)));
      ASSAY_EXPECT(is_refused(buffer.deep_clone(*queue)));
      ASSAY_EXPECT(is_refused(buffer.fill(*queue, 1)));
    }
    ASSAY_EXPECT(buffer.share().has_memory());
    ASSAY_EXPECT(holds(buffer, *queue, counted(0)));
    return {};
  }

  static std::string leases_outlive_their_handle(BufferPort& port) {
    auto queue = port.make_queue();
    {
      Buffer buffer = port.from(*queue, counted(0));
      auto writing = buffer.write(*queue);
      ASSAY_EXPECT(writing);
      buffer = Buffer();
      ASSAY_EXPECT(writing->fill({0, 256}, std::as_bytes(std::span("\1", 1))));
      ASSAY_EXPECT(port.audit().live() == 1);
    }
    {
      Buffer buffer = port.from(*queue, counted(0));
      const auto reading = buffer.read(*queue);
      ASSAY_EXPECT(reading);
      buffer = Buffer();
      ASSAY_EXPECT(port.audit().findings().frees_in_use == 0);
    }
    ASSAY_EXPECT(queue->finish());
    ASSAY_EXPECT(port.audit().live() == 0);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string leases_are_of_one_queue(BufferPort& port) {
    auto one = port.make_queue();
    auto other = port.make_queue();
    Buffer buffer = port.from(*one, counted(0));
    const auto lease = buffer.write(*one);
    ASSAY_EXPECT(lease);
    ASSAY_EXPECT(fails(
        other->launch(port.kernel("bind"), {*lease, *lease, *lease, std::uint64_t{32}}, 1, 256),
        DeviceFault::kWrongQueue));
    return {};
  }

  static std::string copies_want_leases_of_one_queue(BufferPort& port) {
    auto one = port.make_queue();
    auto other = port.make_queue();
    const Buffer source = port.from(*one, counted(0));
    Buffer target = port.from(*one, Words(64));
    {
      auto to = target.write(*one);
      const auto from = source.read(*other);
      ASSAY_EXPECT(to && from);
      ASSAY_EXPECT(fails(to->copy({0, 256}, *from, 0), DeviceFault::kWrongQueue));
    }
    ASSAY_EXPECT(holds(target, *one, Words(64)));
    return {};
  }

  static std::string leases_check_their_ranges(BufferPort& port) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    auto queue = port.make_queue();
    const Buffer source = port.from(*queue, counted(0));
    Buffer target = port.from(*queue, Words(64));
    const auto fails_range = [](const auto& result) { return fails(result, DeviceFault::kRange); };
    std::vector<std::byte> bytes(512);
    const std::span<const std::byte> word = std::span(bytes).first(4);
    {
      auto from = source.read(*queue);
      auto to = target.write(*queue);
      ASSAY_EXPECT(from && to);
      for (const ByteRange range : {ByteRange{0, 260}, {256, 4}, {kMost, 4}, {4, kMost}}) {
        ASSAY_EXPECT(fails_range(from->copy_out(bytes.data(), range, nullptr)));
        ASSAY_EXPECT(fails_range(to->copy_in(range, bytes.data(), nullptr)));
        ASSAY_EXPECT(fails_range(to->copy(range, *from, 0)));
        ASSAY_EXPECT(fails_range(to->fill(range, word)));
      }
      ASSAY_EXPECT(fails_range(to->copy({0, 4}, *from, 256)));
      ASSAY_EXPECT(fails_range(to->copy({0, 4}, *from, kMost)));
      ASSAY_EXPECT(fails_range(to->fill({0, 6}, word)));
      ASSAY_EXPECT(fails_range(to->fill({2, 4}, word)));
      ASSAY_EXPECT(fails_range(to->fill({0, 6}, std::span(bytes).first(3))));
      ASSAY_EXPECT(fails_range(to->fill({0, 6}, {})));
    }
    ASSAY_EXPECT(holds(target, *queue, Words(64)));
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  /// Of blocks, where DeviceBuffer has not looked before: alone and shared.
  static std::string replaced_ranges_are_checked(BufferPort& port) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    auto queue = port.make_queue();
    BlockHandle handle(port.device().allocate(256).value());
    for (const BlockHandle& other : {BlockHandle(), handle.share()}) {
      for (const ByteRange range : {ByteRange{0, 257}, {256, 1}, {kMost, 2}, {2, kMost}})
        ASSAY_EXPECT(fails(BlockWrite::begin(handle, *queue, range), DeviceFault::kRange));
      ASSAY_EXPECT(other.get() == nullptr || other.get() == handle.get());
    }
    return {};
  }

  static std::string moved_from_leases_say_so(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer source = port.from(*queue, counted(0));
    Buffer target = port.from(*queue, Words(64));
    const auto says_so = [](const auto& result) { return fails(result, DeviceFault::kMovedFrom); };
    auto from = source.read(*queue);
    auto to = target.write(*queue);
    ASSAY_EXPECT(from && to);
    const BlockRead taken_from = std::move(*from);
    BlockWrite taken_to = std::move(*to);
    std::byte byte{};
    // NOLINTBEGIN(bugprone-use-after-move)
    ASSAY_EXPECT(from->bytes() == 0 && to->bytes() == 0);
    ASSAY_EXPECT(says_so(from->copy_out(&byte, {0, 1}, nullptr)));
    ASSAY_EXPECT(says_so(to->copy_in({0, 1}, &byte, nullptr)));
    ASSAY_EXPECT(says_so(to->copy({0, 1}, taken_from, 0)));
    ASSAY_EXPECT(says_so(taken_to.copy({0, 1}, *from, 0)));
    ASSAY_EXPECT(says_so(to->fill({0, 1}, std::span(&byte, 1))));
    DriverKernel& kernel = port.kernel("bind");
    ASSAY_EXPECT(
        says_so(queue->launch(kernel, {*from, taken_from, taken_to, std::uint64_t{32}}, 1, 256)));
    ASSAY_EXPECT(
        says_so(queue->launch(kernel, {taken_from, taken_from, *to, std::uint64_t{32}}, 1, 256)));
    // NOLINTEND(bugprone-use-after-move)
    return {};
  }

  static std::string kernels_check_their_arguments(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer source = port.from(*queue, counted(0));
    Buffer target = port.from(*queue, Words(64));
    {
      const auto from = source.read(*queue);
      const auto to = target.write(*queue);
      ASSAY_EXPECT(from && to);
      DriverKernel& kernel = port.kernel("bind");
      const std::uint64_t words = 32;
      const auto is_refused = [&](std::initializer_list<KernelArgument> arguments) {
        return fails(queue->launch(kernel, arguments, 1, 256), DeviceFault::kKernel);
      };
      ASSAY_EXPECT(is_refused({}));
      ASSAY_EXPECT(is_refused({*from, *from, *to}));
      ASSAY_EXPECT(is_refused({*from, *from, *to, words, words}));
      ASSAY_EXPECT(is_refused({*from, *from, *to, std::uint32_t{32}}));
      ASSAY_EXPECT(is_refused({*from, words, *to, words}));
      ASSAY_EXPECT(is_refused({*from, *from, *to, *from}));
      ASSAY_EXPECT(is_refused({*from, *from, *from, words}));  // it writes there
    }
    ASSAY_EXPECT(holds(target, *queue, Words(64)));
    return {};
  }

  static std::string sizes_that_overflow_are_refused(BufferPort& port) {
    constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
    ASSAY_EXPECT(fails(port.allocate(kMost / 4 + 1), DeviceFault::kOverflow));
    ASSAY_EXPECT(fails(port.allocate(kMost), DeviceFault::kOverflow));
    ASSAY_EXPECT(port.audit().findings().allocations == 0);
    return {};
  }

  static std::string empty_buffers_work(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer none = port.from(*queue, {});
    Buffer clone = none.share();
    ASSAY_EXPECT(clone.upload(*queue, {}) && clone.fill(*queue, 1));
    const auto deep = none.deep_clone(*queue);
    ASSAY_EXPECT(deep && holds(*deep, *queue, {}) && holds(clone, *queue, {}));
    ASSAY_EXPECT(none.has_memory() && none.size() == 0);
    return {};
  }

  static std::string queues_end_with_their_work_done(BufferPort& port) {
    auto other = port.make_queue();
    Buffer buffer;
    {
      auto queue = port.make_queue();
      buffer = port.from(*queue, counted(0));
      ASSAY_EXPECT(buffer.upload_range(*queue, 0, {4}));
    }
    Words expected = counted(0);
    expected[0] = 4;
    ASSAY_EXPECT(holds(buffer, *other, expected));
    return {};
  }

  static std::string memory_that_waits_is_used_again(BufferPort& port) {
    auto queue = port.make_queue();
    for (int turn = 0; turn < 100; ++turn) {
      port.from(*queue, counted(0)) = Buffer();
      if (port.audit().live() == 0) return {};  // nothing waits
      port.audit().fail(Operation::kAllocate);  // until what waits was freed
      if (port.allocate(64)) return {};
      // It may have passed by itself just before, where queues have threads.
      ASSAY_EXPECT(port.audit().live() == 0);
    }
    return "memory that waits is never used again";
  }

  static std::string failed_releases_are_counted(BufferPort& port) {
    auto queue = port.make_queue();
    {
      const Buffer buffer = port.from(*queue, counted(0));
      ASSAY_EXPECT(queue->finish());
      port.audit().fail(Operation::kFree);
    }
    ASSAY_EXPECT(queue->finish());
    static_cast<void>(port.allocate(1));
    ASSAY_EXPECT(port.device().counters().release_errors == 1);
    return {};
  }

  static std::string counters_tell_what_lives(BufferPort& port) {
    auto queue = port.make_queue();
    {
      const Buffer first = port.from(*queue, counted(0));
      Buffer second = first.share();
      ASSAY_EXPECT(port.device().counters().live_bytes == 256);
      ASSAY_EXPECT(second.write(*queue));
      ASSAY_EXPECT(port.device().counters().live_bytes == 512);
      ASSAY_EXPECT(queue->finish());
    }
    static_cast<void>(port.allocate(0));
    ASSAY_EXPECT(port.device().counters().live_bytes == 0);
    ASSAY_EXPECT(port.device().counters().peak_bytes == 512);
    return {};
  }

  /// Memory goes after its readers on every queue, whichever is finished first.
  static std::string free_follows_readers_on_all_queues(BufferPort& port) {
    for (const bool is_one_first : {true, false}) {
      auto one = port.make_queue();
      auto other = port.make_queue();
      Buffer buffer = port.from(*one, counted(0));
      ASSAY_EXPECT(one->finish());
      const auto by_one = buffer.download_range_async(*one, 0, 64);
      const auto by_other = buffer.download_range_async(*other, 0, 64);
      ASSAY_EXPECT(by_one && by_other);
      buffer = Buffer();
      ASSAY_EXPECT((is_one_first ? one : other)->finish());
      ASSAY_EXPECT(port.audit().findings().is_clean());
      ASSAY_EXPECT((is_one_first ? other : one)->finish());
      ASSAY_EXPECT(port.audit().live() == 0);
      ASSAY_EXPECT(port.audit().findings().is_clean());
    }
    return {};
  }

  /// What cannot be queued leaves the handle as it was, shared or not.
  static std::string failed_writes_change_nothing(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    const Buffer source = port.from(*queue, counted(900));
    Buffer second = first.share();
    const auto is_as_before = [&](Operation operation, auto write) {
      port.audit().fail(operation);
      const DeviceStatus done = write();
      return !done && done.error().native_code == AuditedDriver::kMadeToFail &&
             second.shares_memory_with(first) && holds(second, *queue, counted(0)) &&
             holds(first, *queue, counted(0));
    };
    ASSAY_EXPECT(
        is_as_before(Operation::kCopyIn, [&] { return second.upload(*queue, counted(1)); }));
    ASSAY_EXPECT(
        is_as_before(Operation::kCopyIn, [&] { return second.upload_range(*queue, 1, {1, 2}); }));
    ASSAY_EXPECT(is_as_before(Operation::kFill, [&] { return second.fill(*queue, 7); }));
    ASSAY_EXPECT(is_as_before(Operation::kCopy,
                              [&] { return second.copy_range(*queue, 0, source, 0, 64); }));
    ASSAY_EXPECT(second.upload(*queue, counted(5)));  // alone from here on
    port.audit().fail(Operation::kCopyIn);
    ASSAY_EXPECT(fails(second.upload(*queue, counted(6)), DeviceFault::kBackend));
    ASSAY_EXPECT(holds(second, *queue, counted(5)));
    ASSAY_EXPECT(queue->finish());
    ASSAY_EXPECT(port.audit().live() == 3);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  /// A detach of which the first half is queued: its memory goes after that.
  static std::string half_a_detach_changes_nothing(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer first = port.from(*queue, counted(0));
    Buffer second = first.share();
    port.audit().fail(Operation::kCopy, 1, 1);
    ASSAY_EXPECT(fails(second.upload_range(*queue, 20, {9}), DeviceFault::kBackend));
    ASSAY_EXPECT(second.shares_memory_with(first) && holds(second, *queue, counted(0)));
    ASSAY_EXPECT(queue->finish());
    ASSAY_EXPECT(port.audit().live() == 1);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string failed_launches_and_downloads_say_so(BufferPort& port) {
    auto queue = port.make_queue();
    const Buffer a = port.from(*queue, counted(0));
    Buffer out = port.from(*queue, Words(64));
    port.audit().fail(Operation::kLaunch);
    ASSAY_EXPECT(fails(port.bind(*queue, out, a, a), DeviceFault::kBackend));
    port.audit().fail(Operation::kCopyOut);
    ASSAY_EXPECT(fails(out.download(*queue), DeviceFault::kBackend));
    ASSAY_EXPECT(holds(out, *queue, Words(64)));
    return {};
  }

  /// Another queue's write cannot be waited for: an error, and no lease is left open.
  static std::string failed_waits_leave_no_lease(BufferPort& port) {
    auto one = port.make_queue();
    auto other = port.make_queue();
    Buffer buffer = port.from(*one, counted(0));
    ASSAY_EXPECT(one->finish());
    ASSAY_EXPECT(buffer.upload(*one, counted(1)));
    // Who has nothing to wait for does not fail.
    port.audit().fail(Operation::kWaitFor);
    const bool is_read = buffer.download(*other).has_value();
    ASSAY_EXPECT(is_read == port.audit().is_failure_left(Operation::kWaitFor));
    port.audit().fail(Operation::kWaitFor);
    const bool is_written = buffer.upload(*other, counted(2)).has_value();
    ASSAY_EXPECT(is_written == port.audit().is_failure_left(Operation::kWaitFor));
    port.audit().fail(Operation::kWaitFor, 0);
    ASSAY_EXPECT(buffer.upload(*other, counted(3)));
    ASSAY_EXPECT(holds(buffer, *other, counted(3)));
    return {};
  }

  /// Where a queue gives no point, its work is waited for.
  static std::string work_without_a_point_is_waited_for(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer buffer = port.from(*queue, Words(64));
    Words source = counted(0);
    port.audit().fail(Operation::kRecord);
    ASSAY_EXPECT(buffer.upload_range_now(*queue, 0, source));
    std::ranges::fill(source, 0);
    port.audit().fail(Operation::kRecord);
    auto pending = buffer.download_range_async(*queue, 0, 64);
    ASSAY_EXPECT(pending);
    const auto found = std::move(*pending).get();
    ASSAY_EXPECT(found && *found == counted(0));
    return {};
  }

  /// Where neither a point is given nor the work can be waited for, nothing says that it is done.
  static std::string lost_work_is_an_error(BufferPort& port) {
    if (port.audit().is_immediate()) return {};  // asks for no point
    auto queue = port.make_queue();
    const auto lose_points = [&](std::size_t count) {
      port.audit().fail(Operation::kRecord, count);
      port.audit().fail(Operation::kFinish, count);
    };
    const auto is_lost = [](const auto& result) {
      return !result && result.error().native_code == AuditedDriver::kMadeToFail;
    };
    Buffer read = port.from(*queue, counted(0));
    lose_points(1);
    ASSAY_EXPECT(is_lost(read.download(*queue)));
    Buffer written = port.from(*queue, counted(0));
    Buffer shared = written.share();
    lose_points(1);
    ASSAY_EXPECT(is_lost(shared.upload(*queue, counted(1))));
    ASSAY_EXPECT(shared.shares_memory_with(written) && holds(shared, *queue, counted(0)));
    {
      auto lease = written.write(*queue);
      ASSAY_EXPECT(lease);
      lose_points(1);  // by the lease's end
    }
    ASSAY_EXPECT(is_lost(written.download(*queue)));
    ASSAY_EXPECT(is_lost(written.fill(*queue, 1)));
    // Its memory stays until the queue is gone, also where the device's memory is out.
    ASSAY_EXPECT(queue->finish());
    const std::size_t live = port.audit().live();
    written = Buffer();
    ASSAY_EXPECT(port.audit().live() == live);
    port.audit().fail(Operation::kAllocate, 2);
    ASSAY_EXPECT(fails(port.allocate(64), DeviceFault::kOutOfMemory));
    ASSAY_EXPECT(port.audit().live() == live);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::string kernels_compute(BufferPort& port) {
    constexpr std::size_t kVectors = 13, kWordsOf32 = 64;  // the last group is partly idle
    auto queue = port.make_queue();
    const Words query = counted(0x9e3779b9, kWordsOf32);
    Words rows;
    for (std::uint32_t v = 0; v < kVectors; ++v) {
      Words row = query;
      for (std::size_t i = 0; i < v; ++i) row[i * 5] ^= std::uint32_t{1} << v;
      rows.insert(rows.end(), row.begin(), row.end());
    }
    const Buffer on_a = port.from(*queue, query);
    const Buffer on_b = port.from(*queue, rows);
    Buffer distances = port.from(*queue, Words(kVectors, 99));
    {
      const auto from_a = on_a.read(*queue);
      const auto from_b = on_b.read(*queue);
      const auto to = distances.overwrite(*queue);
      ASSAY_EXPECT(from_a && from_b && to);
      ASSAY_EXPECT(queue->launch(port.kernel("similarity"),
                                 {*from_a, *from_b, *to, std::uint64_t{kVectors}}, 2, 256));
    }
    ASSAY_EXPECT(holds(distances, *queue, counted(0, kVectors)));
    ASSAY_EXPECT(fails(port.audit().kernel("no such kernel"), DeviceFault::kKernel));
    return {};
  }

  static std::string time_of_a_queue_goes_on(BufferPort& port) {
    auto queue = port.make_queue();
    const auto before = queue->record_timed();
    Buffer buffer = port.from(*queue, counted(0, 1 << 16));
    const auto after = queue->record_timed();
    ASSAY_EXPECT(before && after && queue->finish());
    const auto elapsed = port.audit().nanoseconds_between(**before, **after);
    ASSAY_EXPECT(elapsed && *elapsed > 0);
    return {};
  }

  /// Two threads that write at once, each through its own handle.
  static std::string detaches_may_race(BufferPort& port) {
    for (int turn = 0; turn < 50; ++turn) {
      auto queue = port.make_queue();
      Buffer first = port.from(*queue, counted(0));
      Buffer second = first.share();
      ASSAY_EXPECT(queue->finish());
      bool is_right = true;
      const auto write = [&port](Buffer& buffer, std::uint32_t value, bool& right) {
        auto own = port.make_queue();
        Words expected = counted(0);
        expected[1] = value;
        right = buffer.upload_range(*own, 1, {value}) && holds(buffer, *own, expected);
      };
      std::thread other([&] { write(second, 2, is_right); });
      bool is_right_here = true;
      write(first, 1, is_right_here);
      other.join();
      ASSAY_EXPECT(is_right && is_right_here);
      ASSAY_EXPECT(first.is_unique() && second.is_unique());
    }
    static_cast<void>(port.allocate(1));
    ASSAY_EXPECT(port.audit().live() == 0);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  /// One handle, shared, read and dropped by several threads, while another writes its own.
  static std::string sharing_may_race(BufferPort& port) {
    auto queue = port.make_queue();
    Buffer written = port.from(*queue, counted(0));
    const Buffer common = written.share();
    ASSAY_EXPECT(queue->finish());
    bool is_written = true, are_right[2] = {true, true};
    std::vector<std::thread> readers;
    for (bool& is_right : are_right)
      readers.emplace_back([&port, &common, &is_right] {
        auto own = port.make_queue();
        for (int turn = 0; turn < 100; ++turn) {
          const Buffer clone = common.share();
          is_right = is_right && holds(clone, *own, counted(0));
        }
      });
    for (std::uint32_t turn = 0; turn < 100; ++turn) {
      is_written = is_written && written.upload_range(*queue, 0, {turn});
      written = common.share();
    }
    for (std::thread& reader : readers) reader.join();
    ASSAY_EXPECT(is_written && are_right[0] && are_right[1]);
    ASSAY_EXPECT(port.audit().findings().is_clean());
    return {};
  }

  static std::vector<Check<BufferPort>> all() {
    return {{"ranged_detach_copies_the_rest", ranged_detach_copies_the_rest},
            {"deep_clones_are_apart", deep_clones_are_apart},
            {"copies_between_ranges", copies_between_ranges},
            {"readers_keep_what_they_lease", readers_keep_what_they_lease},
            {"write_leases_exclude", write_leases_exclude},
            {"leases_outlive_their_handle", leases_outlive_their_handle},
            {"leases_are_of_one_queue", leases_are_of_one_queue},
            {"copies_want_leases_of_one_queue", copies_want_leases_of_one_queue},
            {"leases_check_their_ranges", leases_check_their_ranges},
            {"replaced_ranges_are_checked", replaced_ranges_are_checked},
            {"moved_from_leases_say_so", moved_from_leases_say_so},
            {"kernels_check_their_arguments", kernels_check_their_arguments},
            {"sizes_that_overflow_are_refused", sizes_that_overflow_are_refused},
            {"empty_buffers_work", empty_buffers_work},
            {"queues_end_with_their_work_done", queues_end_with_their_work_done},
            {"memory_that_waits_is_used_again", memory_that_waits_is_used_again},
            {"failed_releases_are_counted", failed_releases_are_counted},
            {"counters_tell_what_lives", counters_tell_what_lives},
            {"free_follows_readers_on_all_queues", free_follows_readers_on_all_queues},
            {"failed_writes_change_nothing", failed_writes_change_nothing},
            {"half_a_detach_changes_nothing", half_a_detach_changes_nothing},
            {"failed_launches_and_downloads_say_so", failed_launches_and_downloads_say_so},
            {"failed_waits_leave_no_lease", failed_waits_leave_no_lease},
            {"work_without_a_point_is_waited_for", work_without_a_point_is_waited_for},
            {"lost_work_is_an_error", lost_work_is_an_error},
            {"kernels_compute", kernels_compute},
            {"time_of_a_queue_goes_on", time_of_a_queue_goes_on},
            {"detaches_may_race", detaches_may_race},
            {"sharing_may_race", sharing_may_race}};
  }
};

#undef ASSAY_EXPECT

}  // namespace assay
