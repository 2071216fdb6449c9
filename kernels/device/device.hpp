#pragma once

// Devices, queues and blocks: everything of a buffer that does not depend on its element type.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "kernels/device/driver.hpp"
#include "kernels/device/reference_count.hpp"

namespace assay {

class DeviceQueue;
struct DeviceBlock;
class BlockRead;
class BlockWrite;

/// What a device was asked to do since it was opened. Bytes between the host and the device do not
/// count as copied.
struct DeviceCounters {
  std::uint64_t allocations = 0;
  std::uint64_t live_bytes = 0;  ///< allocated and not yet freed
  std::uint64_t peak_bytes = 0;  ///< the most that live_bytes was
  std::uint64_t copied_bytes = 0;
  std::uint64_t uploaded_bytes = 0;
  std::uint64_t downloaded_bytes = 0;
  std::uint64_t detaches = 0;  ///< writes that found the block shared
  std::uint64_t release_errors = 0;
};

/// An opened device. Safe to call from any thread; lives as long as a queue or buffer of it.
class Device : public std::enable_shared_from_this<Device> {
 public:
  static std::shared_ptr<Device> make(std::unique_ptr<DeviceDriver> driver);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device();

  DeviceDriver& driver() { return *driver_; }
  DeviceResult<std::unique_ptr<DeviceQueue>> make_queue();
  DeviceCounters counters() const;
  /// Peak memory counts from what lives now.
  void reset_peak();

  /// A block with one reference, its bytes not set. Where the device's memory is out, what waits
  /// to be freed is waited for, and it is tried once more.
  DeviceResult<DeviceBlock*> allocate(std::size_t bytes);
  /// Frees memory as soon as the events have passed; at the latest when the device goes.
  void retire(DeviceMemory memory, std::size_t bytes, std::vector<EventPointer> events) noexcept;

 private:
  friend class DeviceQueue;
  friend class BlockRead;
  friend class BlockWrite;
  struct Retired {
    DeviceMemory memory;
    std::size_t bytes;
    std::vector<EventPointer> events;
  };
  struct Tallies {
    std::atomic<std::uint64_t> allocations = 0, live_bytes = 0, peak_bytes = 0, copied_bytes = 0,
                               uploaded_bytes = 0, downloaded_bytes = 0, detaches = 0,
                               release_errors = 0;
  };

  explicit Device(std::unique_ptr<DeviceDriver> driver);
  void free(const Retired& retired) noexcept;
  /// Takes out what the predicate holds for.
  template <typename Predicate>
  std::vector<Retired> take_retired(Predicate is_taken);
  /// Frees what has passed.
  void reap() noexcept;
  /// Waits, and frees all but that of which no backend tells whether it has passed.
  void reap_waiting() noexcept;

  std::unique_ptr<DeviceDriver> driver_;
  const bool is_immediate_;
  std::atomic<std::uint64_t> next_queue_ = 1;
  mutable std::mutex mutex_;  ///< of retired_
  std::vector<Retired> retired_;
  Tallies tallies_;
};

/// Memory, how many hold it, and what is under way on it. The count has a cache line of its own, as
/// readers of the rest need not see it change.
struct DeviceBlock {
  /// The last work of a queue on the block.
  struct Use {
    std::uint64_t queue = 0;
    EventPointer event;    ///< null: done
    bool is_lost = false;  ///< the event never passes, and gives the error
  };

  ReferenceCount references;
  std::shared_ptr<Device> device;
  DeviceMemory memory;
  std::size_t bytes = 0;
  /// Whether last_write or reads holds anything; told apart from them so that work on queues that
  /// are immediate takes no lock.
  std::atomic<bool> has_uses = false;
  std::mutex mutex;  ///< of what follows
  Use last_write;
  std::vector<Use> reads;  ///< after last_write; one a queue

  /// Frees the block; its memory when all that is under way on it has passed.
  void destroy() noexcept;
};

/// One reference to a block, or none. Sharing and dropping are an atomic increment and decrement.
class BlockHandle {
 public:
  BlockHandle() = default;
  explicit BlockHandle(DeviceBlock* block) noexcept : block_(block) {}
  BlockHandle(BlockHandle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockHandle& operator=(BlockHandle&& other) noexcept {
    BlockHandle(std::move(other)).swap(*this);
    return *this;
  }
  BlockHandle(const BlockHandle&) = delete;
  BlockHandle& operator=(const BlockHandle&) = delete;
  ~BlockHandle() {
    if (block_ != nullptr && block_->references.drop()) block_->destroy();
  }

  BlockHandle share() const noexcept {
    if (block_ == nullptr || !block_->references.share()) [[unlikely]]
      return {};
    return BlockHandle(block_);
  }
  void swap(BlockHandle& other) noexcept { std::swap(block_, other.block_); }
  DeviceBlock* get() const noexcept { return block_; }

 private:
  DeviceBlock* block_ = nullptr;
};

/// What a kernel is launched with: a lease's memory, or a number. Made of nothing else, so that no
/// kernel is given memory that was not asked for; launch() looks whether it is what the kernel has.
class KernelArgument {
 public:
  KernelArgument(std::uint32_t number) : value_(number) {}
  KernelArgument(std::uint64_t number) : value_(number) {}
  KernelArgument(const BlockRead& lease);
  KernelArgument(const BlockWrite& lease);

 private:
  friend class DeviceQueue;
  DeviceStatus require_usable(const DeviceQueue& queue, ArgumentKind wanted) const;

  DriverArgument value_;
  const DeviceQueue* queue_ = nullptr;  ///< the lease's; null for a number
  bool is_empty_ = false;               ///< the lease was moved from
  bool is_writable_ = false;            ///< a write lease's
};

/// A queue of a device: work in order, asynchronous where the backend can. Queues of one device
/// wait for each other, on the device, where one uses what another writes or reads. It outlives
/// its leases. Safe to call from any thread.
class DeviceQueue {
 public:
  DeviceQueue(const DeviceQueue&) = delete;
  DeviceQueue& operator=(const DeviceQueue&) = delete;
  ~DeviceQueue();  ///< finishes

  Device& device() { return *device_; }
  /// Returns when all is done; then frees what waited for it.
  DeviceStatus finish();
  /// Runs groups * group_size work items. Errors: kWrongQueue for a lease of another queue,
  /// kMovedFrom for one that was moved from, kKernel for other arguments than the kernel's.
  DeviceStatus launch(DriverKernel& kernel, std::initializer_list<KernelArgument> arguments,
                      std::size_t groups, std::size_t group_size);
  /// A point whose time is kept.
  DeviceResult<EventPointer> record_timed();

 private:
  friend class Device;
  friend class BlockRead;
  friend class BlockWrite;
  struct Kept {
    EventPointer event;
    std::shared_ptr<const void> owner;
  };

  DeviceQueue(std::shared_ptr<Device> device, std::unique_ptr<DriverQueue> driver,
              std::uint64_t id);
  /// The point after all work, or null where that is done. Where a backend cannot give one, the
  /// work is waited for. Errors: the backend's, where that fails, too.
  DeviceResult<EventPointer> record();
  /// The same for a block's Use: of work whose end cannot be told, a point that never passes.
  DeviceBlock::Use record_use() noexcept;
  /// As record(), and holds the owner until then; where the end cannot be told, until the queue is
  /// finished or gone.
  DeviceResult<EventPointer> record_and_keep(std::shared_ptr<const void> owner);
  /// Holds the owner until the queue has passed the event.
  void keep(const EventPointer& event, std::shared_ptr<const void> owner);
  DeviceStatus order_after(const DeviceBlock::Use& use);

  std::shared_ptr<Device> device_;
  const std::uint64_t id_;
  const bool is_immediate_;
  std::mutex mutex_;  ///< of kept_ and of the driver's queue
  std::deque<Kept> kept_;
  std::unique_ptr<DriverQueue> driver_;  ///< goes before what its work reads
};

/// Elements, in bytes, of a block.
struct ByteRange {
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

/// A block that a queue may read, until the object goes. It holds a reference, so whoever writes
/// the block meanwhile detaches first.
class BlockRead {
 public:
  /// Errors: kMovedFrom, kLeased, kWrongQueue, or the backend's.
  static DeviceResult<BlockRead> begin(const BlockHandle& handle, DeviceQueue& queue);
  BlockRead(BlockRead&&) noexcept = default;
  BlockRead& operator=(BlockRead&&) = delete;
  BlockRead(const BlockRead&) = delete;
  BlockRead& operator=(const BlockRead&) = delete;
  ~BlockRead();

  DeviceQueue& queue() const { return *queue_; }
  bool has_memory() const { return handle_.get() != nullptr; }  ///< false: it was moved from
  std::size_t bytes() const { return has_memory() ? handle_.get()->bytes : 0; }
  DeviceMemory memory() const { return has_memory() ? handle_.get()->memory : DeviceMemory{}; }

  /// Queues a copy to host memory, which lives as long as `owner`; the point behind it.
  /// Errors: kMovedFrom, kRange, or the backend's.
  DeviceResult<EventPointer> copy_out(std::byte* to, ByteRange from,
                                      std::shared_ptr<const void> owner);

 private:
  friend class BlockWrite;
  BlockRead(BlockHandle handle, DeviceQueue& queue) : handle_(std::move(handle)), queue_(&queue) {}

  BlockHandle handle_;
  DeviceQueue* queue_;
};

/// A block that a queue may write, until the object goes, and that nobody shares: where it was
/// shared, the handle has been given a copy. While it is open the handle can be neither shared,
/// read nor leased again.
class BlockWrite {
 public:
  /// Detaches where the block is shared; what lies in `replaced` will be written before it is read,
  /// and is not copied. On an error the handle is as it was.
  /// Errors: kMovedFrom, kLeased, kWrongQueue, kRange, kOutOfMemory, or the backend's.
  static DeviceResult<BlockWrite> begin(BlockHandle& handle, DeviceQueue& queue,
                                        ByteRange replaced = {});
  /// Queues write(lease), which writes all of `replaced`, and gives what it returns. On an error
  /// the handle is as it was: what was shared is still shared.
  /// Errors: begin()'s, and those of `write`.
  template <typename Write>
  static std::invoke_result_t<Write, BlockWrite&> replace(BlockHandle& handle, DeviceQueue& queue,
                                                          ByteRange replaced, Write write) {
    BlockHandle fresh;  // outlives the lease
    auto lease = begin(handle, queue, replaced, fresh);
    if (!lease) return std::unexpected(lease.error());
    auto written = write(*lease);
    if (written) adopt(handle, fresh);
    return written;
  }
  BlockWrite(BlockWrite&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)), queue_(other.queue_) {}
  BlockWrite& operator=(BlockWrite&&) = delete;
  BlockWrite(const BlockWrite&) = delete;
  BlockWrite& operator=(const BlockWrite&) = delete;
  ~BlockWrite();

  DeviceQueue& queue() const { return *queue_; }
  bool has_memory() const { return block_ != nullptr; }  ///< false: it was moved from
  std::size_t bytes() const { return has_memory() ? block_->bytes : 0; }
  DeviceMemory memory() const { return has_memory() ? block_->memory : DeviceMemory{}; }

  // Errors of these: kMovedFrom, kRange, or the backend's.
  /// Queues a copy from host memory, which lives as long as `owner`: the queue holds it. The point
  /// behind it; null where it is done.
  DeviceResult<EventPointer> copy_in(ByteRange to, const std::byte* from,
                                     std::shared_ptr<const void> owner);
  /// From a lease of the same queue. Errors: kWrongQueue, too.
  DeviceStatus copy(ByteRange to, const BlockRead& from, std::size_t from_offset);
  /// A pattern of 1, 2 or 4 bytes, of which the range is a multiple.
  DeviceStatus fill(ByteRange to, std::span<const std::byte> pattern);

 private:
  BlockWrite(DeviceBlock* block, DeviceQueue& queue) : block_(block), queue_(&queue) {}
  static DeviceStatus order(DeviceBlock& block, DeviceQueue& queue);
  /// On the handle's block, or on a new one, which is `fresh` then.
  static DeviceResult<BlockWrite> begin(BlockHandle& handle, DeviceQueue& queue, ByteRange replaced,
                                        BlockHandle& fresh);
  static DeviceResult<BlockWrite> detach(const BlockHandle& handle, DeviceQueue& queue,
                                         ByteRange replaced, BlockHandle& fresh);
  /// Makes the handle the fresh one, where there is one.
  static void adopt(BlockHandle& handle, BlockHandle& fresh);

  DeviceBlock* block_;
  DeviceQueue* queue_;
};

inline KernelArgument::KernelArgument(const BlockRead& lease)
    : value_(lease.memory()), queue_(&lease.queue()), is_empty_(!lease.has_memory()) {}
inline KernelArgument::KernelArgument(const BlockWrite& lease)
    : value_(lease.memory()),
      queue_(&lease.queue()),
      is_empty_(!lease.has_memory()),
      is_writable_(true) {}

}  // namespace assay
