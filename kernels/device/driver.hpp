#pragma once

// What a backend implements, and a plugin exports. Nothing here counts references or checks whether
// a block is shared: that is done once, for all backends, in device.hpp and buffer.hpp.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>

#include "kernels/device/error.hpp"

namespace assay {

/// Memory of a device, as its backend names it: an address or a handle.
struct DeviceMemory {
  std::uint64_t handle = 0;
  bool operator==(const DeviceMemory&) const = default;
};

/// Bytes of one piece of memory; they lie inside it.
struct MemoryRange {
  DeviceMemory memory;
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

/// A point in a queue.
class DriverEvent {
 public:
  DriverEvent() = default;
  DriverEvent(const DriverEvent&) = delete;
  DriverEvent& operator=(const DriverEvent&) = delete;
  virtual ~DriverEvent() = default;
  /// Whether the queue has passed it. Asking makes nothing go on.
  virtual DeviceResult<bool> is_done() = 0;
  /// Returns when the queue has passed it; an error that work before it met, where the backend
  /// tells.
  virtual DeviceStatus wait() = 0;
};
using EventPointer = std::shared_ptr<DriverEvent>;

/// What an argument of a kernel is.
enum class ArgumentKind {
  kRead,     ///< memory
  kWritten,  ///< memory that the kernel writes
  kUint32,
  kUint64,
};

class DriverKernel {
 public:
  /// `signature` lives as long as the kernel.
  explicit DriverKernel(std::span<const ArgumentKind> signature) : signature_(signature) {}
  DriverKernel(const DriverKernel&) = delete;
  DriverKernel& operator=(const DriverKernel&) = delete;
  virtual ~DriverKernel() = default;

  std::span<const ArgumentKind> signature() const { return signature_; }

 private:
  std::span<const ArgumentKind> signature_;
};

using DriverArgument = std::variant<DeviceMemory, std::uint32_t, std::uint64_t>;

/// Does what it is given in the order in which it was given; asynchronously, where the backend can.
/// What is given must stay as it is until the queue has passed it. Safe to call from any thread,
/// one at a time.
class DriverQueue {
 public:
  DriverQueue() = default;
  DriverQueue(const DriverQueue&) = delete;
  DriverQueue& operator=(const DriverQueue&) = delete;
  virtual ~DriverQueue() = default;  ///< the queue is finished

  virtual DeviceStatus copy_in(MemoryRange to, const std::byte* from) = 0;
  virtual DeviceStatus copy_out(std::byte* to, MemoryRange from) = 0;
  /// Both ranges are of one length, and do not overlap.
  virtual DeviceStatus copy(MemoryRange to, MemoryRange from) = 0;
  /// Repeats a pattern of 1, 2 or 4 bytes; offset and bytes are multiples of its size.
  virtual DeviceStatus fill(MemoryRange to, std::span<const std::byte> pattern) = 0;
  /// The arguments are as the kernel's signature says.
  virtual DeviceStatus launch(DriverKernel& kernel, std::span<const DriverArgument> arguments,
                              std::size_t groups, std::size_t group_size) = 0;
  /// The point after all that the queue was given; null where all of that is done.
  virtual DeviceResult<EventPointer> record() = 0;
  /// As record(), but a point whose time is kept; never null.
  virtual DeviceResult<EventPointer> record_timed() = 0;
  /// What the queue is given from now on waits, on the device, until `event` has passed in its own.
  virtual DeviceStatus wait_for(DriverEvent& event) = 0;
  /// Returns when all is done.
  virtual DeviceStatus finish() = 0;
};

/// A device. Safe to call from any thread.
class DeviceDriver {
 public:
  DeviceDriver() = default;
  DeviceDriver(const DeviceDriver&) = delete;
  DeviceDriver& operator=(const DeviceDriver&) = delete;
  virtual ~DeviceDriver() = default;

  virtual std::string name() const = 0;  ///< "OpenCL: Tesla T4"
  virtual bool is_gpu() const = 0;
  /// Whether the queues do everything before they return.
  virtual bool is_immediate() const { return false; }
  /// At least one byte; aligned for any element.
  virtual DeviceResult<DeviceMemory> allocate(std::size_t bytes) = 0;
  /// Nothing that uses it is under way.
  virtual DeviceStatus free(DeviceMemory memory) = 0;
  virtual DeviceResult<std::unique_ptr<DriverQueue>> make_queue() = 0;
  /// Compiles the family's kernels (kernel_source.hpp) and finds one of them.
  virtual DeviceResult<std::unique_ptr<DriverKernel>> kernel(const std::string& name) = 0;
  /// Time on the device between two points, both passed, of record_timed().
  virtual DeviceResult<double> nanoseconds_between(DriverEvent& from, DriverEvent& to) = 0;
};

struct DriverOptions {
  /// host: queues do their work when they are waited for, never before, so that whatever relies on
  /// work having been done, or not yet, fails always or never.
  bool is_deferred = false;
  /// cuda, hip: the driver's shared library, in place of the system's.
  std::string driver_library = {};
  /// cuda: the same of the compiler. (HIP's is in its driver's.)
  std::string compiler_library = {};
};

/// What a plugin exports as "assay_open_device": a driver, or null and an error of the kind kNotRun
/// where there is no device.
using OpenDevice = DeviceDriver*(const DriverOptions& options, DeviceError& error);

/// Goes up when anything here or in error.hpp changes: what a plugin exports as "assay_device_abi",
/// so that no program calls a plugin of another build.
inline constexpr std::uint32_t kDeviceAbi = 2;
using DeviceAbi = std::uint32_t();

}  // namespace assay

// Exports `open`, an OpenDevice, from a plugin.
#define ASSAY_EXPORT_DEVICE(open)                                                           \
  extern "C" __attribute__((visibility("default"))) std::uint32_t assay_device_abi() {      \
    return assay::kDeviceAbi;                                                               \
  }                                                                                         \
  extern "C" __attribute__((visibility("default"))) assay::DeviceDriver* assay_open_device( \
      const assay::DriverOptions& options, assay::DeviceError& error) {                     \
    return (open)(options, error);                                                          \
  }
