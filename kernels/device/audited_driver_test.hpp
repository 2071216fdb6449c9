#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "kernels/device/driver.hpp"

namespace assay {

/// Another driver, watched: what is freed twice, while work on it is under way, or used after it,
/// is counted and not passed on, so that a broken program is told, not killed. Freed memory is
/// given back when the driver goes. Every operation may be made to fail.
class AuditedDriver : public DeviceDriver {
 public:
  enum class Operation {
    kAllocate,
    kFree,
    kCopyIn,
    kCopyOut,
    kCopy,
    kFill,
    kLaunch,
    kRecord,
    kWaitFor,
    kFinish,
  };
  static constexpr std::int64_t kMadeToFail = 77;  ///< the native code
  struct Findings {
    std::size_t allocations = 0, frees = 0;
    std::size_t frees_of_freed = 0, frees_in_use = 0, uses_of_freed = 0, uses_out_of_range = 0;
    std::size_t copied_bytes = 0;
    bool is_clean() const {
      return frees_of_freed + frees_in_use + uses_of_freed + uses_out_of_range == 0;
    }
  };

  explicit AuditedDriver(std::unique_ptr<DeviceDriver> inner) : inner_(std::move(inner)) {}
  AuditedDriver(const AuditedDriver&) = delete;
  AuditedDriver& operator=(const AuditedDriver&) = delete;
  ~AuditedDriver() override {
    for (const auto& [handle, memory] : memories_)
      static_cast<void>(inner_->free(DeviceMemory{handle}));
  }

  Findings findings() const {
    const std::scoped_lock lock(mutex_);
    return findings_;
  }
  std::size_t live() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        memories_, [](const auto& memory) { return !memory.second.is_freed; }));
  }
  /// The next `count` of them fail, after some that do not, and before the inner driver is asked.
  void fail(Operation operation, std::size_t count = 1, std::size_t after = 0) {
    const std::scoped_lock lock(mutex_);
    failures_[operation] = {after, count};
  }
  bool is_failure_left(Operation operation) {
    const std::scoped_lock lock(mutex_);
    return failures_[operation].count > 0;
  }
  /// How often a point was asked for by who is watched.
  std::size_t records() const {
    const std::scoped_lock lock(mutex_);
    return records_;
  }

  std::string name() const override { return inner_->name(); }
  bool is_gpu() const override { return inner_->is_gpu(); }
  bool is_immediate() const override { return inner_->is_immediate(); }
  DeviceResult<DeviceMemory> allocate(std::size_t bytes) override {
    const std::scoped_lock lock(mutex_);
    if (is_to_fail(Operation::kAllocate))
      return device_error(DeviceFault::kOutOfMemory, "made to fail", kMadeToFail);
    auto memory = inner_->allocate(bytes);
    if (memory) {
      ++findings_.allocations;
      memories_[memory->handle] = {bytes, false, {}};
    }
    return memory;
  }
  DeviceStatus free(DeviceMemory memory) override {
    const std::scoped_lock lock(mutex_);
    const auto found = memories_.find(memory.handle);
    if (found == memories_.end() || found->second.is_freed) {
      ++findings_.frees_of_freed;
      return {};
    }
    ++findings_.frees;
    for (const EventPointer& use : found->second.uses)
      if (!use->is_done().value_or(false)) ++findings_.frees_in_use;
    found->second.is_freed = true;
    if (is_to_fail(Operation::kFree)) return made_to_fail();
    return {};
  }
  DeviceResult<std::unique_ptr<DriverQueue>> make_queue() override {
    auto queue = inner_->make_queue();
    if (!queue) return queue;
    return std::make_unique<Queue>(*this, std::move(*queue));
  }
  DeviceResult<std::unique_ptr<DriverKernel>> kernel(const std::string& wanted) override {
    return inner_->kernel(wanted);
  }
  DeviceResult<double> nanoseconds_between(DriverEvent& from, DriverEvent& to) override {
    return inner_->nanoseconds_between(from, to);
  }

 private:
  struct Memory {
    std::size_t bytes = 0;
    bool is_freed = false;
    std::vector<EventPointer> uses;
  };

  class Queue : public DriverQueue {
   public:
    Queue(AuditedDriver& driver, std::unique_ptr<DriverQueue> inner)
        : driver_(driver), inner_(std::move(inner)) {}
    DeviceStatus copy_in(MemoryRange to, const std::byte* from) override {
      return audited(Operation::kCopyIn, {to}, [&] { return inner_->copy_in(to, from); });
    }
    DeviceStatus copy_out(std::byte* to, MemoryRange from) override {
      return audited(Operation::kCopyOut, {from}, [&] { return inner_->copy_out(to, from); });
    }
    DeviceStatus copy(MemoryRange to, MemoryRange from) override {
      driver_.add_copied(to.bytes);
      return audited(Operation::kCopy, {to, from}, [&] { return inner_->copy(to, from); });
    }
    DeviceStatus fill(MemoryRange to, std::span<const std::byte> pattern) override {
      return audited(Operation::kFill, {to}, [&] { return inner_->fill(to, pattern); });
    }
    DeviceStatus launch(DriverKernel& kernel, std::span<const DriverArgument> arguments,
                        std::size_t groups, std::size_t group_size) override {
      std::vector<MemoryRange> used;
      for (const DriverArgument& argument : arguments)
        if (const auto* const memory = std::get_if<DeviceMemory>(&argument))
          used.push_back({*memory, 0, 0});
      return audited(Operation::kLaunch, used,
                     [&] { return inner_->launch(kernel, arguments, groups, group_size); });
    }
    DeviceResult<EventPointer> record() override {
      driver_.note_record();
      if (driver_.fails(Operation::kRecord)) return made_to_fail();
      return inner_->record();
    }
    DeviceResult<EventPointer> record_timed() override { return inner_->record_timed(); }
    DeviceStatus wait_for(DriverEvent& event) override {
      if (driver_.fails(Operation::kWaitFor)) return made_to_fail();
      return inner_->wait_for(event);
    }
    DeviceStatus finish() override {
      if (driver_.fails(Operation::kFinish)) return made_to_fail();
      return inner_->finish();
    }

   private:
    template <typename Run>
    DeviceStatus audited(Operation operation, const std::vector<MemoryRange>& used, Run run) {
      if (!driver_.may_use(used)) return device_error(DeviceFault::kBackend, "freed, or too long");
      if (driver_.fails(operation)) return made_to_fail();
      auto done = run();
      if (done) driver_.note_use(used, inner_->record_timed().value_or(nullptr));
      return done;
    }
    AuditedDriver& driver_;
    std::unique_ptr<DriverQueue> inner_;
  };

  struct Failures {
    std::size_t after = 0, count = 0;
  };

  static std::unexpected<DeviceError> made_to_fail() {
    return device_error(DeviceFault::kBackend, "made to fail", kMadeToFail);
  }
  bool fails(Operation operation) {
    const std::scoped_lock lock(mutex_);
    return is_to_fail(operation);
  }
  bool is_to_fail(Operation operation) {
    auto& [after, count] = failures_[operation];
    if (after > 0) {
      --after;
      return false;
    }
    if (count == 0) return false;
    --count;
    return true;
  }
  void note_record() {
    const std::scoped_lock lock(mutex_);
    ++records_;
  }
  bool may_use(const std::vector<MemoryRange>& used) {
    const std::scoped_lock lock(mutex_);
    bool may = true;
    for (const MemoryRange& range : used) {
      const auto found = memories_.find(range.memory.handle);
      const bool is_freed = found == memories_.end() || found->second.is_freed;
      const bool is_long = !is_freed && (range.offset > found->second.bytes ||
                                         range.bytes > found->second.bytes - range.offset);
      if (is_freed) ++findings_.uses_of_freed;
      if (is_long) ++findings_.uses_out_of_range;
      may = may && !is_freed && !is_long;
    }
    return may;
  }
  void note_use(const std::vector<MemoryRange>& used, const EventPointer& event) {
    if (event == nullptr) return;
    const std::scoped_lock lock(mutex_);
    for (const MemoryRange& range : used) {
      std::vector<EventPointer>& uses = memories_[range.memory.handle].uses;
      std::erase_if(uses, [](const EventPointer& use) { return use->is_done().value_or(false); });
      uses.push_back(event);
    }
  }
  void add_copied(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    findings_.copied_bytes += bytes;
  }

  std::unique_ptr<DeviceDriver> inner_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Memory> memories_;
  Findings findings_;
  std::map<Operation, Failures> failures_;
  std::size_t records_ = 0;
};

}  // namespace assay
