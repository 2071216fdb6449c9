#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/device/device.hpp"

namespace assay {

/// Elements on their way to the host.
template <typename T>
class PendingDownload {
 public:
  PendingDownload(std::shared_ptr<std::vector<T>> elements, EventPointer event)
      : elements_(std::move(elements)), event_(std::move(event)) {}
  /// Waits for them. Dropped instead, the queue holds their memory until it has written it.
  DeviceResult<std::vector<T>> get() && {
    if (event_)
      if (auto passed = event_->wait(); !passed) return std::unexpected(passed.error());
    return std::move(*elements_);
  }

 private:
  std::shared_ptr<std::vector<T>> elements_;
  EventPointer event_;
};

/// An array in a device's memory, shared until it is written.
///
/// A handle costs a reference count to share, whatever its size; the first write through a handle
/// whose memory is shared gives that handle memory of its own (copy-on-write). All writing goes
/// through leases and the functions below, which all ask first; reading gives leases that can only
/// be read. So no clone ever sees another's write.
///
/// A handle moves but does not copy: share() and deep_clone() say which is meant. share() cannot
/// fail, so what may run out of memory is the first write, and that leaves the handle as it was.
/// What is queued returns at once; sources are held by the queue until it has read them.
///
/// Threads: handles are as other objects (one thread writes or many read), and several handles of
/// one block may be used by several threads at once. Two that write at the same time both copy.
/// Errors: as DeviceFault names them; every function of an empty handle gives kMovedFrom.
template <typename T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>, "bytes are all that a device copies");

 public:
  /// An empty handle.
  DeviceBuffer() = default;

  /// `count` elements that are not set. Errors: kOverflow, kOutOfMemory.
  static DeviceResult<DeviceBuffer> allocate(Device& device, std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
      return device_error(DeviceFault::kOverflow, "more elements than there are bytes to address");
    auto block = device.allocate(count * sizeof(T));
    if (!block) return std::unexpected(block.error());
    return DeviceBuffer(BlockHandle(*block));
  }
  /// As many elements as the source has.
  static DeviceResult<DeviceBuffer> from(DeviceQueue& queue, std::vector<T> source) {
    auto made = allocate(queue.device(), source.size());
    if (!made) return made;
    if (auto done = made->upload(queue, std::move(source)); !done)
      return std::unexpected(done.error());
    return made;
  }

  /// Another handle of the same memory: one atomic increment. Empty where this one is, or where a
  /// write lease on it is open (its writes would show in the clone).
  DeviceBuffer share() const noexcept { return DeviceBuffer(handle_.share()); }

  /// A handle of memory of its own, whose copying is queued.
  DeviceResult<DeviceBuffer> deep_clone(DeviceQueue& queue) const {
    auto source = BlockRead::begin(handle_, queue);
    if (!source) return std::unexpected(source.error());
    auto made = allocate(queue.device(), size());
    if (!made) return made;
    if (size() == 0) return made;
    auto target = BlockWrite::begin(made->handle_, queue);
    if (!target) return std::unexpected(target.error());
    if (auto copied = target->copy({0, bytes()}, *source, 0); !copied)
      return std::unexpected(copied.error());
    return made;
  }

  /// Elements; 0 of an empty handle.
  std::size_t size() const noexcept { return bytes() / sizeof(T); }
  bool has_memory() const noexcept { return handle_.get() != nullptr; }
  /// Whether no other handle has this memory, nor a lease.
  bool is_unique() const noexcept {
    return handle_.get() != nullptr && handle_.get()->references.is_unique();
  }
  bool shares_memory_with(const DeviceBuffer& other) const noexcept {
    return handle_.get() != nullptr && handle_.get() == other.handle_.get();
  }

  DeviceResult<BlockRead> read(DeviceQueue& queue) const {
    return BlockRead::begin(handle_, queue);
  }
  /// To write some of it: what is shared is copied first.
  DeviceResult<BlockWrite> write(DeviceQueue& queue) { return BlockWrite::begin(handle_, queue); }
  /// To write all of it: nothing is copied, and the elements are not set.
  DeviceResult<BlockWrite> overwrite(DeviceQueue& queue) {
    return BlockWrite::begin(handle_, queue, {0, bytes()});
  }

  /// Replaces all elements. Errors: kRange where the source has another size.
  DeviceStatus upload(DeviceQueue& queue, std::vector<T> source) {
    if (has_memory() && source.size() != size()) return range_error();
    return upload_range(queue, 0, std::move(source));
  }
  /// Replaces the elements from `first` on; of shared memory, only the others are copied.
  DeviceStatus upload_range(DeviceQueue& queue, std::size_t first, std::vector<T> source) {
    const auto owner = std::make_shared<const std::vector<T>>(std::move(source));
    return upload_range(queue, first, std::span(*owner), owner);
  }
  /// The same from memory that lives and does not change as long as `owner`; the queue holds it.
  DeviceStatus upload_range(DeviceQueue& queue, std::size_t first, std::span<const T> source,
                            std::shared_ptr<const void> owner) {
    return done_of(queue_upload(queue, first, source, std::move(owner)));
  }
  /// The same from memory that the caller may change as soon as this returns.
  DeviceStatus upload_range_now(DeviceQueue& queue, std::size_t first, std::span<const T> source) {
    auto event = queue_upload(queue, first, source, nullptr);
    if (!event) return std::unexpected(event.error());
    return *event ? (*event)->wait() : DeviceStatus{};
  }

  DeviceResult<std::vector<T>> download(DeviceQueue& queue) const {
    return download_range(queue, 0, size());
  }
  DeviceResult<std::vector<T>> download_range(DeviceQueue& queue, std::size_t first,
                                              std::size_t count) const {
    auto pending = download_range_async(queue, first, count);
    if (!pending) return std::unexpected(pending.error());
    return std::move(*pending).get();
  }
  /// What they are when the queue comes to it: writes that are queued later do not show.
  DeviceResult<PendingDownload<T>> download_range_async(DeviceQueue& queue, std::size_t first,
                                                        std::size_t count) const {
    if (auto in_range = require_range(first, count); !in_range)
      return std::unexpected(in_range.error());
    auto source = read(queue);
    if (!source) return std::unexpected(source.error());
    auto elements = std::make_shared<std::vector<T>>(count);
    EventPointer event;
    if (count != 0) {
      auto copied = source->copy_out(bytes_of(*elements), range_of(first, count), elements);
      if (!copied) return std::unexpected(copied.error());
      event = std::move(*copied);
    }
    return PendingDownload<T>(std::move(elements), std::move(event));
  }

  DeviceStatus fill(DeviceQueue& queue, const T& value) {
    return fill_range(queue, 0, size(), value);
  }
  DeviceStatus fill_range(DeviceQueue& queue, std::size_t first, std::size_t count,
                          const T& value) {
    if (auto in_range = require_range(first, count); !in_range) return in_range;
    if (count == 0) return {};
    if constexpr (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4) {
      const ByteRange range = range_of(first, count);
      const auto pattern = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
      return BlockWrite::replace(handle_, queue, range,
                                 [&](BlockWrite& target) { return target.fill(range, pattern); });
    } else {
      return upload_range(queue, first, std::vector<T>(count, value));
    }
  }

  /// Replaces elements by those of another buffer of the same device, by a copy on the device; the
  /// two may share memory.
  DeviceStatus copy_range(DeviceQueue& queue, std::size_t first, const DeviceBuffer& source,
                          std::size_t source_first, std::size_t count) {
    if (auto in_range = require_range(first, count); !in_range) return in_range;
    if (auto in_range = source.require_range(source_first, count); !in_range) return in_range;
    if (count == 0) return {};
    auto from = source.read(queue);
    if (!from) return std::unexpected(from.error());
    // The read lease holds a reference: where both are one memory, the target detaches from it.
    const ByteRange range = range_of(first, count);
    return BlockWrite::replace(handle_, queue, range, [&](BlockWrite& target) {
      return target.copy(range, *from, source_first * sizeof(T));
    });
  }

 private:
  explicit DeviceBuffer(BlockHandle handle) noexcept : handle_(std::move(handle)) {}

  std::size_t bytes() const noexcept { return handle_.get() == nullptr ? 0 : handle_.get()->bytes; }
  static ByteRange range_of(std::size_t first, std::size_t count) {
    return {first * sizeof(T), count * sizeof(T)};
  }
  static std::byte* bytes_of(std::vector<T>& elements) {
    return std::as_writable_bytes(std::span(elements)).data();
  }
  static std::unexpected<DeviceError> range_error() {
    return device_error(DeviceFault::kRange, "elements that the buffer does not have");
  }
  static DeviceStatus done_of(const DeviceResult<EventPointer>& event) {
    if (!event) return std::unexpected(event.error());
    return {};
  }
  DeviceStatus require_range(std::size_t first, std::size_t count) const {
    if (!has_memory()) return device_error(DeviceFault::kMovedFrom, "this handle holds nothing");
    if (first > size() || count > size() - first) return range_error();
    return {};
  }

  DeviceResult<EventPointer> queue_upload(DeviceQueue& queue, std::size_t first,
                                          std::span<const T> source,
                                          std::shared_ptr<const void> owner) {
    if (auto in_range = require_range(first, source.size()); !in_range)
      return std::unexpected(in_range.error());
    if (source.empty()) return EventPointer();
    const ByteRange range = range_of(first, source.size());
    return BlockWrite::replace(handle_, queue, range, [&](BlockWrite& target) {
      return target.copy_in(range, std::as_bytes(source).data(), std::move(owner));
    });
  }

  BlockHandle handle_;
};

}  // namespace assay
