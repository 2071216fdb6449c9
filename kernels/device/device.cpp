#include "kernels/device/device.hpp"

#include <algorithm>
#include <functional>
#include <new>

namespace assay {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

DeviceStatus require_usable(const BlockHandle& handle, DeviceQueue& queue) {
  const DeviceBlock* const block = handle.get();
  if (block == nullptr)
    return device_error(DeviceFault::kMovedFrom,
                        "this handle holds nothing: it was moved from, or shared from one that a "
                        "write lease was open on");
  if (block->device.get() != &queue.device())
    return device_error(DeviceFault::kWrongQueue,
                        "the queue is another device's: copy through the host");
  return {};
}

DeviceStatus require_range(std::size_t bytes, ByteRange range) {
  if (range.offset > bytes || range.bytes > bytes - range.offset)
    return device_error(DeviceFault::kRange, "bytes that the block does not have");
  return {};
}
/// Of a lease.
DeviceStatus require_part(const auto& lease, ByteRange range) {
  if (!lease.has_memory())
    return device_error(DeviceFault::kMovedFrom, "this lease holds nothing: it was moved from");
  return require_range(lease.bytes(), range);
}

std::unexpected<DeviceError> leased_error() {
  return device_error(DeviceFault::kLeased, "a write lease on this handle is open: end it first");
}

/// Whether it has passed; what a backend cannot tell has not.
bool is_past(const EventPointer& event) {
  return event == nullptr || event->is_done().value_or(false);
}

/// The end of work that no backend tells of: it never passes.
class LostEvent : public DriverEvent {
 public:
  explicit LostEvent(DeviceError error) : error_(std::move(error)) {}
  DeviceResult<bool> is_done() override { return std::unexpected(error_); }
  DeviceStatus wait() override { return std::unexpected(error_); }

 private:
  DeviceError error_;
};

}  // namespace

std::shared_ptr<Device> Device::make(std::unique_ptr<DeviceDriver> driver) {
  return std::shared_ptr<Device>(new Device(std::move(driver)));
}

Device::Device(std::unique_ptr<DeviceDriver> driver)
    : driver_(std::move(driver)), is_immediate_(driver_->is_immediate()) {}

Device::~Device() {
  reap_waiting();
  for (const Retired& retired : retired_) free(retired);  // its queues are gone
}

DeviceResult<std::unique_ptr<DeviceQueue>> Device::make_queue() {
  auto queue = driver_->make_queue();
  if (!queue) return std::unexpected(queue.error());
  return std::unique_ptr<DeviceQueue>(
      new DeviceQueue(shared_from_this(), std::move(*queue), next_queue_.fetch_add(1)));
}

DeviceCounters Device::counters() const {
  return {tallies_.allocations,  tallies_.live_bytes,     tallies_.peak_bytes,
          tallies_.copied_bytes, tallies_.uploaded_bytes, tallies_.downloaded_bytes,
          tallies_.detaches,     tallies_.release_errors};
}

void Device::reset_peak() {
  tallies_.peak_bytes = tallies_.live_bytes.load();
}

DeviceResult<DeviceBlock*> Device::allocate(std::size_t bytes) {
  reap();
  auto block = std::make_unique<DeviceBlock>();
  const std::size_t asked = std::max<std::size_t>(bytes, 1);  // backends refuse none
  auto memory = driver_->allocate(asked);
  if (!memory && memory.error().fault == DeviceFault::kOutOfMemory) {
    const std::uint64_t before = tallies_.live_bytes;
    reap_waiting();
    if (tallies_.live_bytes != before) memory = driver_->allocate(asked);
  }
  if (!memory) return std::unexpected(memory.error());
  block->device = shared_from_this();
  block->memory = *memory;
  block->bytes = bytes;
  tallies_.allocations.fetch_add(1, kRelaxed);
  const std::uint64_t live = tallies_.live_bytes.fetch_add(bytes) + bytes;
  std::uint64_t peak = tallies_.peak_bytes;
  while (peak < live && !tallies_.peak_bytes.compare_exchange_weak(peak, live)) {
  }
  return block.release();
}

void Device::free(const Retired& retired) noexcept {
  if (!driver_->free(retired.memory)) tallies_.release_errors.fetch_add(1, kRelaxed);
  tallies_.live_bytes.fetch_sub(retired.bytes);
}

void Device::retire(DeviceMemory memory, std::size_t bytes,
                    std::vector<EventPointer> events) noexcept {
  Retired retired{memory, bytes, std::move(events)};
  if (std::ranges::all_of(retired.events, is_past)) return free(retired);
  const std::scoped_lock lock(mutex_);
  retired_.push_back(std::move(retired));
}

template <typename Predicate>
std::vector<Device::Retired> Device::take_retired(Predicate is_taken) {
  std::vector<Retired> taken;
  const std::scoped_lock lock(mutex_);
  if (retired_.empty()) return taken;
  const auto rest = std::ranges::partition(retired_, std::not_fn(is_taken));
  taken.assign(std::move_iterator(rest.begin()), std::move_iterator(rest.end()));
  retired_.erase(rest.begin(), rest.end());
  return taken;
}

void Device::reap() noexcept {
  const auto has_passed = [](const Retired& retired) {
    return std::ranges::all_of(retired.events, is_past);
  };
  for (const Retired& retired : take_retired(has_passed)) free(retired);
}

void Device::reap_waiting() noexcept {
  for (Retired& retired : take_retired([](const Retired&) { return true; })) {
    for (const EventPointer& event : retired.events)
      if (!event->wait()) tallies_.release_errors.fetch_add(1, kRelaxed);
    retire(retired.memory, retired.bytes, std::move(retired.events));
  }
}

void DeviceBlock::destroy() noexcept {
  const std::unique_ptr<DeviceBlock> self(this);
  std::vector<EventPointer> events;
  if (has_uses.load(kRelaxed)) {  // the last holder has acquired all
    events.push_back(std::move(last_write.event));
    for (Use& read : reads) events.push_back(std::move(read.event));
    std::erase(events, nullptr);
  }
  device->retire(memory, bytes, std::move(events));
}

DeviceQueue::DeviceQueue(std::shared_ptr<Device> device, std::unique_ptr<DriverQueue> driver,
                         std::uint64_t id)
    : device_(std::move(device)),
      id_(id),
      is_immediate_(device_->is_immediate_),
      driver_(std::move(driver)) {}

DeviceQueue::~DeviceQueue() {
  if (!finish()) device_->tallies_.release_errors.fetch_add(1, kRelaxed);
}

DeviceStatus DeviceQueue::finish() {
  std::deque<Kept> passed;  // goes when nothing is locked: owners may have destructors
  {
    const std::scoped_lock lock(mutex_);
    if (auto finished = driver_->finish(); !finished) return finished;
    passed.swap(kept_);
  }
  device_->reap();
  return {};
}

DeviceStatus KernelArgument::require_usable(const DeviceQueue& queue, ArgumentKind wanted) const {
  if (is_empty_)
    return device_error(DeviceFault::kMovedFrom, "a lease that holds nothing: it was moved from");
  if (queue_ != nullptr && queue_ != &queue)
    return device_error(DeviceFault::kWrongQueue, "a lease of another queue: take one of this");
  const auto fits = [&] {
    switch (wanted) {
      case ArgumentKind::kRead:
        return std::holds_alternative<DeviceMemory>(value_);
      case ArgumentKind::kWritten:
        return is_writable_;
      case ArgumentKind::kUint32:
        return std::holds_alternative<std::uint32_t>(value_);
      case ArgumentKind::kUint64:
        return std::holds_alternative<std::uint64_t>(value_);
    }
    return false;
  };
  if (!fits())
    return device_error(DeviceFault::kKernel,
                        "an argument of another kind than the kernel's: a number of another width, "
                        "or what it writes without a write lease");
  return {};
}

DeviceStatus DeviceQueue::launch(DriverKernel& kernel,
                                 std::initializer_list<KernelArgument> arguments,
                                 std::size_t groups, std::size_t group_size) {
  std::vector<DriverArgument> values;
  values.reserve(arguments.size());
  const std::span<const ArgumentKind> signature = kernel.signature();
  if (arguments.size() != signature.size())
    return device_error(DeviceFault::kKernel, "the kernel has " + std::to_string(signature.size()) +
                                                  " arguments, and was given " +
                                                  std::to_string(arguments.size()));
  for (const KernelArgument& argument : arguments) {
    if (auto usable = argument.require_usable(*this, signature[values.size()]); !usable)
      return usable;
    values.push_back(argument.value_);
  }
  const std::scoped_lock lock(mutex_);
  return driver_->launch(kernel, values, groups, group_size);
}

DeviceResult<EventPointer> DeviceQueue::record_timed() {
  const std::scoped_lock lock(mutex_);
  return driver_->record_timed();
}

DeviceResult<EventPointer> DeviceQueue::record() {
  if (is_immediate_) return nullptr;
  const std::scoped_lock lock(mutex_);
  auto event = driver_->record();
  if (event) return event;
  device_->tallies_.release_errors.fetch_add(1, kRelaxed);
  if (auto finished = driver_->finish(); !finished) return std::unexpected(finished.error());
  return nullptr;
}

DeviceBlock::Use DeviceQueue::record_use() noexcept {
  auto event = record();
  if (event) return {id_, std::move(*event), false};
  device_->tallies_.release_errors.fetch_add(1, kRelaxed);
  return {id_, std::make_shared<LostEvent>(std::move(event.error())), true};
}

DeviceResult<EventPointer> DeviceQueue::record_and_keep(std::shared_ptr<const void> owner) {
  auto event = record();
  keep(event ? *event : std::make_shared<LostEvent>(event.error()), std::move(owner));
  return event;
}

void DeviceQueue::keep(const EventPointer& event, std::shared_ptr<const void> owner) {
  if (event == nullptr || owner == nullptr) return;
  std::vector<Kept> passed;
  const std::scoped_lock lock(mutex_);
  while (!kept_.empty() && is_past(kept_.front().event)) {
    passed.push_back(std::move(kept_.front()));
    kept_.pop_front();
  }
  kept_.push_back({event, std::move(owner)});
}

DeviceStatus DeviceQueue::order_after(const DeviceBlock::Use& use) {
  if (use.is_lost) return use.event->wait();
  if (use.event == nullptr || use.queue == id_ || is_past(use.event)) return {};
  const std::scoped_lock lock(mutex_);
  return driver_->wait_for(*use.event);
}

DeviceResult<BlockRead> BlockRead::begin(const BlockHandle& handle, DeviceQueue& queue) {
  if (auto usable = require_usable(handle, queue); !usable) return std::unexpected(usable.error());
  BlockHandle shared = handle.share();
  if (shared.get() == nullptr) return leased_error();
  DeviceBlock& block = *shared.get();
  if (block.has_uses.load(std::memory_order_acquire)) {
    const std::scoped_lock lock(block.mutex);
    if (auto ordered = queue.order_after(block.last_write); !ordered)
      return std::unexpected(ordered.error());
  }
  return BlockRead(std::move(shared), queue);
}

BlockRead::~BlockRead() {
  if (handle_.get() == nullptr) return;
  if (queue_->is_immediate_) return;
  DeviceBlock& block = *handle_.get();
  // Locked before the point is made: of two leases of one queue the later point must stay.
  const std::scoped_lock lock(block.mutex);
  DeviceBlock::Use use = queue_->record_use();
  if (use.event == nullptr) return;
  block.has_uses.store(true, std::memory_order_release);
  const auto same = std::ranges::find(block.reads, queue_->id_, &DeviceBlock::Use::queue);
  if (same == block.reads.end())
    block.reads.push_back(std::move(use));
  else if (!same->is_lost)
    *same = std::move(use);
}

DeviceResult<EventPointer> BlockRead::copy_out(std::byte* to, ByteRange from,
                                               std::shared_ptr<const void> owner) {
  if (auto in_range = require_part(*this, from); !in_range)
    return std::unexpected(in_range.error());
  {
    const std::scoped_lock lock(queue_->mutex_);
    if (auto copied = queue_->driver_->copy_out(to, {memory(), from.offset, from.bytes}); !copied)
      return std::unexpected(copied.error());
  }
  queue_->device_->tallies_.downloaded_bytes.fetch_add(from.bytes, kRelaxed);
  return queue_->record_and_keep(std::move(owner));
}

DeviceStatus BlockWrite::order(DeviceBlock& block, DeviceQueue& queue) {
  if (!block.has_uses.load(std::memory_order_acquire)) return {};
  const std::scoped_lock lock(block.mutex);
  if (auto ordered = queue.order_after(block.last_write); !ordered) return ordered;
  for (const DeviceBlock::Use& read : block.reads)
    if (auto ordered = queue.order_after(read); !ordered) return ordered;
  return {};
}

DeviceResult<BlockWrite> BlockWrite::detach(const BlockHandle& handle, DeviceQueue& queue,
                                            ByteRange replaced, BlockHandle& fresh) {
  Device& device = queue.device();
  DeviceBlock& old = *handle.get();
  auto allocated = device.allocate(old.bytes);
  if (!allocated) return std::unexpected(allocated.error());
  fresh = BlockHandle(*allocated);
  if (!fresh.get()->references.begin_write()) return leased_error();
  // From here on its end is in the block: of a copy that fails half-way, too.
  BlockWrite lease(fresh.get(), queue);
  if (replaced.bytes == old.bytes) return lease;
  // The lease on the old block goes before the block does, and its event is in the block then.
  auto reading = BlockRead::begin(handle, queue);
  if (!reading) return std::unexpected(reading.error());
  const std::size_t end = replaced.offset + replaced.bytes;
  for (const ByteRange& part : {ByteRange{0, replaced.offset}, ByteRange{end, old.bytes - end}})
    if (part.bytes != 0)
      if (auto copied = lease.copy(part, *reading, part.offset); !copied)
        return std::unexpected(copied.error());
  return lease;
}

void BlockWrite::adopt(BlockHandle& handle, BlockHandle& fresh) {
  if (fresh.get() == nullptr) return;
  fresh.get()->device->tallies_.detaches.fetch_add(1, kRelaxed);
  handle.swap(fresh);
}

DeviceResult<BlockWrite> BlockWrite::begin(BlockHandle& handle, DeviceQueue& queue,
                                           ByteRange replaced, BlockHandle& fresh) {
  if (auto usable = require_usable(handle, queue); !usable) return std::unexpected(usable.error());
  DeviceBlock& block = *handle.get();
  if (auto in_range = require_range(block.bytes, replaced); !in_range)
    return std::unexpected(in_range.error());
  if (!block.references.begin_write()) {
    if (block.references.is_being_written()) return leased_error();
    return detach(handle, queue, replaced, fresh);
  }
  if (auto ordered = order(block, queue); !ordered) {
    if (block.references.end_write()) block.destroy();
    return std::unexpected(ordered.error());
  }
  return BlockWrite(&block, queue);
}

DeviceResult<BlockWrite> BlockWrite::begin(BlockHandle& handle, DeviceQueue& queue,
                                           ByteRange replaced) {
  BlockHandle fresh;
  auto lease = begin(handle, queue, replaced, fresh);
  if (lease) adopt(handle, fresh);
  return lease;
}

BlockWrite::~BlockWrite() {
  if (block_ == nullptr) return;
  DeviceBlock::Use use = queue_->record_use();
  if (use.event != nullptr || block_->has_uses.load(kRelaxed)) {
    const std::scoped_lock lock(block_->mutex);
    block_->reads.clear();
    block_->has_uses.store(use.event != nullptr, std::memory_order_release);
    block_->last_write = std::move(use);
  }
  if (block_->references.end_write()) block_->destroy();
}

DeviceResult<EventPointer> BlockWrite::copy_in(ByteRange to, const std::byte* from,
                                               std::shared_ptr<const void> owner) {
  if (auto in_range = require_part(*this, to); !in_range) return std::unexpected(in_range.error());
  {
    const std::scoped_lock lock(queue_->mutex_);
    if (auto copied = queue_->driver_->copy_in({memory(), to.offset, to.bytes}, from); !copied)
      return std::unexpected(copied.error());
  }
  queue_->device_->tallies_.uploaded_bytes.fetch_add(to.bytes, kRelaxed);
  return queue_->record_and_keep(std::move(owner));
}

DeviceStatus BlockWrite::copy(ByteRange to, const BlockRead& from, std::size_t from_offset) {
  if (auto in_range = require_part(*this, to); !in_range) return in_range;
  if (auto in_range = require_part(from, {from_offset, to.bytes}); !in_range) return in_range;
  if (from.queue_ != queue_)
    return device_error(DeviceFault::kWrongQueue, "a lease of another queue: take one of this");
  const std::scoped_lock lock(queue_->mutex_);
  auto copied = queue_->driver_->copy({memory(), to.offset, to.bytes},
                                      {from.memory(), from_offset, to.bytes});
  if (copied) queue_->device_->tallies_.copied_bytes.fetch_add(to.bytes, kRelaxed);
  return copied;
}

DeviceStatus BlockWrite::fill(ByteRange to, std::span<const std::byte> pattern) {
  if (auto in_range = require_part(*this, to); !in_range) return in_range;
  const std::size_t step = pattern.size();
  if ((step != 1 && step != 2 && step != 4) || to.offset % step != 0 || to.bytes % step != 0)
    return device_error(DeviceFault::kRange, "a range that is no multiple of its pattern");
  const std::scoped_lock lock(queue_->mutex_);
  return queue_->driver_->fill({memory(), to.offset, to.bytes}, pattern);
}

}  // namespace assay
