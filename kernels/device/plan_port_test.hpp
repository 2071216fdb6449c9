#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/device/audited_driver_test.hpp"

namespace assay {

/// What the Refcount plan's design does wrong, and what its ports have; one at a time.
enum class PlanFault {
  kNone,
  kAsyncWriteUnchecked,   ///< an asynchronous upload writes shared memory
  kRangeWriteUnchecked,   ///< so does one of a range
  kFillUnchecked,         ///< so does a fill
  kSourceDroppedEarly,    ///< the host's source goes when the upload was queued
  kDerivedClone,          ///< the clone of a raw pointer: both handles free
  kKernelUnchecked,       ///< kernels are given memory past the check
  kOverwriteCopies,       ///< bytes about to be overwritten are copied
  kFreedBeforeReader,     ///< memory goes while a queue reads it
  kLeaked,                ///< the last handle does not free
  kReleasedBeforeCopied,  ///< a detach drops the old memory, then finds no new
  kOtherQueueNotAwaited,  ///< work of another queue is not waited for
  kRangeUnchecked,        ///< ranges are passed on as they are
  kMovedFromUnchecked,    ///< an empty handle's upload pretends to have worked
};

/// The plan's design in a few lines, right but for the fault that is planted: handles of one shared
/// object, copied before the first write. It waits on the host where the real one has events.
class PlanPort {
 public:
  struct Queue {
    explicit Queue(std::unique_ptr<DriverQueue> made) : driver(std::move(made)) {}
    DeviceStatus finish() { return driver->finish(); }
    std::unique_ptr<DriverQueue> driver;
  };

  class Buffer {
   public:
    Buffer() = default;
    Buffer(PlanPort& port, DeviceMemory memory, std::size_t count)
        : port_(&port), inner_(std::make_shared<Inner>(port, memory, count)) {}

    Buffer share() const {
      if (inner_ == nullptr || !port_->has(PlanFault::kDerivedClone)) return Buffer(*this);
      return Buffer(*port_, inner_->memory, inner_->count);
    }
    bool has_memory() const { return inner_ != nullptr; }
    bool is_unique() const { return inner_.use_count() == 1; }
    bool shares_memory_with(const Buffer& other) const {
      return inner_ != nullptr && other.inner_ != nullptr && inner_->memory == other.inner_->memory;
    }
    std::size_t size() const { return inner_ == nullptr ? 0 : inner_->count; }

    DeviceStatus upload(Queue& queue, std::vector<std::uint32_t> source) {
      if (inner_ == nullptr && port_ == nullptr) return moved_from();
      if (inner_ == nullptr)
        return port_->has(PlanFault::kMovedFromUnchecked) ? DeviceStatus{} : moved_from();
      if (source.size() != size()) return range_error();
      if (auto done = prepare(queue, PlanFault::kAsyncWriteUnchecked, true); !done) return done;
      return copy_in(queue, 0, std::move(source));
    }
    DeviceStatus upload_range(Queue& queue, std::size_t first, std::vector<std::uint32_t> source) {
      if (auto in_range = require(first, source.size()); !in_range) return in_range;
      if (auto done = prepare(queue, PlanFault::kRangeWriteUnchecked, false); !done) return done;
      return copy_in(queue, first, std::move(source));
    }
    DeviceStatus fill(Queue& queue, std::uint32_t value) {
      if (auto in_range = require(0, 0); !in_range) return in_range;
      if (auto done = prepare(queue, PlanFault::kFillUnchecked, true); !done) return done;
      const auto pattern = std::as_bytes(std::span(&value, 1));
      return used(queue, queue.driver->fill(range(0, size()), pattern));
    }
    DeviceResult<std::vector<std::uint32_t>> download(Queue& queue) const {
      auto pending = download_range_async(queue, 0, size());
      if (!pending) return std::unexpected(pending.error());
      return std::move(*pending).get();
    }

    struct Pending {
      std::shared_ptr<std::vector<std::uint32_t>> elements;
      EventPointer event;
      DeviceResult<std::vector<std::uint32_t>> get() && {
        if (event)
          if (auto done = event->wait(); !done) return std::unexpected(done.error());
        return *elements;
      }
    };
    DeviceResult<Pending> download_range_async(Queue& queue, std::size_t first,
                                               std::size_t count) const {
      if (auto in_range = require(first, count); !in_range)
        return std::unexpected(in_range.error());
      await(queue);
      auto elements = std::make_shared<std::vector<std::uint32_t>>(count);
      if (count == 0) return Pending{elements, nullptr};
      port_->kept_.push_back(elements);
      auto done =
          used(queue, queue.driver->copy_out(std::as_writable_bytes(std::span(*elements)).data(),
                                             range(first, count)));
      if (!done) return std::unexpected(done.error());
      return Pending{elements, inner_->last};
    }

   private:
    friend class PlanPort;
    struct Inner {
      Inner(PlanPort& of, DeviceMemory bytes, std::size_t elements)
          : port(of), memory(bytes), count(elements) {}
      Inner(const Inner&) = delete;
      Inner& operator=(const Inner&) = delete;
      ~Inner() {
        if (last && !port.has(PlanFault::kFreedBeforeReader)) static_cast<void>(last->wait());
        if (!port.has(PlanFault::kLeaked)) static_cast<void>(port.driver_.free(memory));
      }
      PlanPort& port;
      DeviceMemory memory;
      std::size_t count;
      EventPointer last;
      Queue* last_queue = nullptr;
    };

    static std::unexpected<DeviceError> range_error() {
      return device_error(DeviceFault::kRange, "out of range");
    }
    static std::unexpected<DeviceError> moved_from() {
      return device_error(DeviceFault::kMovedFrom, "moved from");
    }
    DeviceStatus require(std::size_t first, std::size_t count) const {
      if (inner_ == nullptr) return moved_from();
      if (port_->has(PlanFault::kRangeUnchecked)) return {};
      if (first > size() || count > size() - first) return range_error();
      return {};
    }
    MemoryRange range(std::size_t first, std::size_t count) const {
      return {inner_->memory, first * sizeof(std::uint32_t), count * sizeof(std::uint32_t)};
    }
    void await(Queue& queue) const {
      if (port_->has(PlanFault::kOtherQueueNotAwaited)) return;
      if (inner_->last && inner_->last_queue != &queue) static_cast<void>(inner_->last->wait());
    }
    DeviceStatus used(Queue& queue, DeviceStatus done) const {
      if (!done) return done;
      inner_->last = queue.driver->record_timed().value_or(nullptr);
      inner_->last_queue = &queue;
      return {};
    }
    /// Waits for other queues, and detaches where the memory is shared and `fault` is not planted.
    DeviceStatus prepare(Queue& queue, PlanFault fault, bool is_whole) {
      await(queue);
      if (is_unique() || port_->has(fault)) return {};
      const std::shared_ptr<Inner> old = inner_;
      if (port_->has(PlanFault::kReleasedBeforeCopied)) inner_ = nullptr;
      auto memory = port_->driver_.allocate(old->count * sizeof(std::uint32_t));
      if (!memory) return std::unexpected(memory.error());
      inner_ = std::make_shared<Inner>(*port_, *memory, old->count);
      if (is_whole && !port_->has(PlanFault::kOverwriteCopies)) return {};
      const std::size_t bytes = size() * sizeof(std::uint32_t);
      auto done = used(queue, queue.driver->copy({*memory, 0, bytes}, {old->memory, 0, bytes}));
      old->last = inner_->last;
      old->last_queue = &queue;
      return done;
    }
    DeviceStatus copy_in(Queue& queue, std::size_t first, std::vector<std::uint32_t> source) {
      const auto owner = std::make_shared<std::vector<std::uint32_t>>(std::move(source));
      port_->kept_.push_back(owner);
      auto done = used(queue, queue.driver->copy_in(range(first, owner->size()),
                                                    std::as_bytes(std::span(*owner)).data()));
      // What an allocator does with memory that was dropped: whoever gets it writes it.
      if (port_->has(PlanFault::kSourceDroppedEarly)) std::ranges::fill(*owner, 0xdddddddd);
      return done;
    }

    PlanPort* port_ = nullptr;
    std::shared_ptr<Inner> inner_;
  };

  PlanPort(std::unique_ptr<DeviceDriver> driver, PlanFault fault)
      : driver_(std::move(driver)), fault_(fault) {}

  AuditedDriver& audit() { return driver_; }
  std::unique_ptr<Queue> make_queue() { return std::make_unique<Queue>(*driver_.make_queue()); }
  DeviceResult<Buffer> allocate(std::size_t count) {
    auto memory = driver_.allocate(count * sizeof(std::uint32_t));
    if (!memory) return std::unexpected(memory.error());
    return Buffer(*this, *memory, count);
  }
  Buffer from(Queue& queue, const std::vector<std::uint32_t>& elements) {
    Buffer made = *allocate(elements.size());
    static_cast<void>(made.copy_in(queue, 0, elements));
    return made;
  }
  DeviceStatus bind(Queue& queue, Buffer& out, const Buffer& a, const Buffer& b) {
    if (auto done = out.prepare(queue, PlanFault::kKernelUnchecked, false); !done) return done;
    a.await(queue);
    b.await(queue);
    const auto kernel = kernels_.emplace_back(*driver_.kernel("bind"));
    const DriverArgument arguments[] = {a.inner_->memory, b.inner_->memory, out.inner_->memory,
                                        std::uint64_t{out.size() / 2}};
    auto done = queue.driver->launch(*kernel, arguments, 1, 256);
    for (const Buffer* const buffer : {&a, &b, static_cast<const Buffer*>(&out)})
      if (done) done = buffer->used(queue, done);
    return done;
  }

 private:
  bool has(PlanFault fault) const { return fault_ == fault; }

  AuditedDriver driver_;
  PlanFault fault_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<std::shared_ptr<DriverKernel>> kernels_;
};

}  // namespace assay
