// Host memory as a device. Immediate: every operation is done when its call returns. Deferred: what
// a queue is given is done when somebody waits for it, never before, in the waiter's thread.

#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kernels/device/driver.hpp"
#include "kernels/device/kernel_source.hpp"

namespace assay {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 47;  // what a process of x86-64 addresses

std::byte* address(DeviceMemory memory) {
  return std::bit_cast<std::byte*>(memory.handle);
}
std::byte* start(MemoryRange range) {
  return address(range.memory) + range.offset;
}

using Arguments = std::vector<DriverArgument>;
template <typename T>
T* array(const Arguments& arguments, std::size_t i) {
  return std::bit_cast<T*>(std::get<DeviceMemory>(arguments[i]).handle);
}

/// The kernels of kernel_source.hpp.
void bind(const Arguments& arguments) {
  const auto* const a = array<const std::uint64_t>(arguments, 0);
  const auto* const b = array<const std::uint64_t>(arguments, 1);
  auto* const out = array<std::uint64_t>(arguments, 2);
  const auto words = std::get<std::uint64_t>(arguments[3]);
  for (std::size_t i = 0; i < words; ++i) out[i] = a[i] ^ b[i];
}
void similarity(const Arguments& arguments) {
  constexpr std::size_t kWords = 32;
  const auto* const query = array<const std::uint64_t>(arguments, 0);
  const auto* const rows = array<const std::uint64_t>(arguments, 1);
  auto* const distances = array<std::uint32_t>(arguments, 2);
  const auto vectors = std::get<std::uint64_t>(arguments[3]);
  for (std::size_t v = 0; v < vectors; ++v) {
    int distance = 0;
    for (std::size_t i = 0; i < kWords; ++i)
      distance += std::popcount(query[i] ^ rows[v * kWords + i]);
    distances[v] = static_cast<std::uint32_t>(distance);
  }
}

struct HostKernel : DriverKernel {
  explicit HostKernel(void (*body)(const Arguments&)) : DriverKernel(kKernelSignature), run(body) {}
  void (*run)(const Arguments&);
};

using Clock = std::chrono::steady_clock;

/// A queue's operations, of which each is done when somebody waits for it. All queues of a device
/// have one mutex, as work may wait for another queue's.
class Operations {
 public:
  explicit Operations(std::shared_ptr<std::recursive_mutex> of_device)
      : mutex_(std::move(of_device)) {}

  std::recursive_mutex& mutex() { return *mutex_; }
  /// Its number, from 1.
  std::uint64_t add(std::function<void()> operation) {
    const std::scoped_lock lock(*mutex_);
    pending_.push_back(std::move(operation));
    return ++added_;
  }
  void run_all() {
    const std::scoped_lock lock(*mutex_);
    run_until(added_);
  }
  /// Does them in order up to and including that number.
  void run_until(std::uint64_t number) {
    const std::scoped_lock lock(*mutex_);
    while (done_ < number) {
      const std::function<void()> operation = std::move(pending_.front());
      pending_.pop_front();
      ++done_;
      operation();
    }
  }

 private:
  std::shared_ptr<std::recursive_mutex> mutex_;
  std::uint64_t added_ = 0;
  std::uint64_t done_ = 0;
  std::deque<std::function<void()>> pending_;
};

struct HostEvent : DriverEvent {
  explicit HostEvent(std::shared_ptr<Operations> of_queue) : operations(std::move(of_queue)) {}
  DeviceResult<bool> is_done() override {
    const std::scoped_lock lock(operations->mutex());
    return passed_at.has_value();
  }
  DeviceStatus wait() override {
    const std::scoped_lock lock(operations->mutex());
    if (!passed_at) operations->run_until(number);
    return {};
  }

  std::shared_ptr<Operations> operations;
  std::uint64_t number = 0;  ///< among them; 0 where they are immediate
  std::optional<Clock::time_point> passed_at;
};

class HostQueue : public DriverQueue {
 public:
  HostQueue(std::shared_ptr<std::recursive_mutex> of_device, bool is_deferred)
      : operations_(std::make_shared<Operations>(std::move(of_device))),
        is_deferred_(is_deferred) {}
  ~HostQueue() override { operations_->run_all(); }
  HostQueue(const HostQueue&) = delete;
  HostQueue& operator=(const HostQueue&) = delete;

  DeviceStatus copy_in(MemoryRange to, const std::byte* from) override {
    return submit([=] { std::memcpy(start(to), from, to.bytes); });
  }
  DeviceStatus copy_out(std::byte* to, MemoryRange from) override {
    return submit([=] { std::memcpy(to, start(from), from.bytes); });
  }
  DeviceStatus copy(MemoryRange to, MemoryRange from) override {
    return submit([=] { std::memcpy(start(to), start(from), to.bytes); });
  }
  DeviceStatus fill(MemoryRange to, std::span<const std::byte> pattern) override {
    std::uint32_t word = 0;
    std::memcpy(&word, pattern.data(), pattern.size());
    const std::size_t step = pattern.size();
    return submit([=] {
      for (std::size_t at = 0; at < to.bytes; at += step) std::memcpy(start(to) + at, &word, step);
    });
  }
  DeviceStatus launch(DriverKernel& kernel, std::span<const DriverArgument> arguments,
                      std::size_t /*groups*/, std::size_t /*group_size*/) override {
    auto* const run = static_cast<HostKernel&>(kernel).run;
    return submit([run, copied = Arguments(arguments.begin(), arguments.end())] { run(copied); });
  }
  DeviceResult<EventPointer> record() override {
    if (!is_deferred_) return nullptr;
    return record_timed();
  }
  DeviceResult<EventPointer> record_timed() override {
    const std::scoped_lock lock(operations_->mutex());
    auto event = std::make_shared<HostEvent>(operations_);
    if (is_deferred_)
      event->number = operations_->add([event] { event->passed_at = Clock::now(); });
    else
      event->passed_at = Clock::now();
    return event;
  }
  DeviceStatus wait_for(DriverEvent& event) override {
    const auto& of_host = static_cast<HostEvent&>(event);
    return submit(
        [other = of_host.operations, number = of_host.number] { other->run_until(number); });
  }
  DeviceStatus finish() override {
    operations_->run_all();
    return {};
  }

 private:
  template <typename Operation>
  DeviceStatus submit(Operation operation) {
    if (is_deferred_)
      operations_->add(std::move(operation));
    else
      operation();
    return {};
  }

  std::shared_ptr<Operations> operations_;
  bool is_deferred_;
};

class HostDriver : public DeviceDriver {
 public:
  explicit HostDriver(bool is_deferred) : is_deferred_(is_deferred) {}

  std::string name() const override { return is_deferred_ ? "host, deferred" : "host"; }
  bool is_gpu() const override { return false; }
  bool is_immediate() const override { return !is_deferred_; }
  DeviceResult<DeviceMemory> allocate(std::size_t bytes) override {
    const std::size_t whole_lines = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    void* const memory = bytes > kMostBytes ? nullptr : std::aligned_alloc(kAlignment, whole_lines);
    if (memory == nullptr)
      return device_error(DeviceFault::kOutOfMemory, "host: no memory", ENOMEM);
    return DeviceMemory{std::bit_cast<std::uint64_t>(memory)};
  }
  DeviceStatus free(DeviceMemory memory) override {
    std::free(address(memory));
    return {};
  }
  DeviceResult<std::unique_ptr<DriverQueue>> make_queue() override {
    return std::make_unique<HostQueue>(mutex_, is_deferred_);
  }
  DeviceResult<std::unique_ptr<DriverKernel>> kernel(const std::string& wanted) override {
    if (wanted == "bind") return std::make_unique<HostKernel>(bind);
    if (wanted == "similarity") return std::make_unique<HostKernel>(similarity);
    return device_error(DeviceFault::kKernel, "host: no kernel is named " + wanted);
  }
  DeviceResult<double> nanoseconds_between(DriverEvent& from, DriverEvent& to) override {
    const auto& first = static_cast<HostEvent&>(from).passed_at;
    const auto& last = static_cast<HostEvent&>(to).passed_at;
    if (!first || !last)
      return device_error(DeviceFault::kBackend, "host: an event has not passed");
    return std::chrono::duration<double, std::nano>(*last - *first).count();
  }

 private:
  bool is_deferred_;
  std::shared_ptr<std::recursive_mutex> mutex_ = std::make_shared<std::recursive_mutex>();
};

DeviceDriver* open_host(const DriverOptions& options, DeviceError& /*error*/) {
  return new HostDriver(options.is_deferred);
}

}  // namespace
}  // namespace assay

ASSAY_EXPORT_DEVICE(assay::open_host)
