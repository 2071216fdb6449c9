#pragma once

#include <benchmark/benchmark.h>

#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "benches/support/opaque.hpp"
#include "kernels/device/buffer.hpp"
#include "kernels/device/plugins.hpp"

namespace assay {

using Bytes = DeviceBuffer<std::byte>;

/// What was asked for; what this machine cannot do ("not run: ...") is thrown.
template <typename Value>
Value value_or_throw(DeviceResult<Value> found) {
  if (!found) throw std::runtime_error(found.error().message());
  if constexpr (!std::is_void_v<Value>) return std::move(*found);
}

/// A device and a queue of it.
struct Opened {
  std::shared_ptr<Device> device;
  std::unique_ptr<DeviceQueue> queue;
};
inline Opened open_backend(const std::string& backend) {
  auto device = value_or_throw(open_device(backend));
  auto queue = value_or_throw(device->make_queue());
  return {std::move(device), std::move(queue)};
}
/// One of each for the process; an error is found anew each time.
inline Opened& opened_once(const std::string& backend) {
  static std::map<std::string, Opened> backends;
  const auto found = backends.find(backend);
  if (found != backends.end()) return found->second;
  return backends.emplace(backend, open_backend(backend)).first->second;
}
/// Host memory, whose queues do everything at once. One for the whole process.
inline Opened& host() {
  static Opened opened = open_backend("host");
  return opened;
}

/// A buffer of the host's, every byte of it written.
inline Bytes host_buffer(std::size_t bytes) {
  Bytes buffer = value_or_throw(Bytes::allocate(*host().device, bytes));
  value_or_throw(buffer.fill(*host().queue, std::byte{0x5a}));
  return buffer;
}
/// The same, one of each size for the process, whose bytes stay as they are.
inline const Bytes& written_buffer(std::size_t bytes) {
  static std::map<std::size_t, Bytes> buffers;
  Bytes& buffer = buffers[bytes];
  if (!buffer.has_memory()) buffer = host_buffer(bytes);
  return buffer;
}
/// Where a lease's memory lies: of the host's devices alone.
inline std::byte* host_address(const BlockWrite& lease) {
  return std::bit_cast<std::byte*>(lease.memory().handle);
}
inline const std::byte* host_address(const BlockRead& lease) {
  return std::bit_cast<const std::byte*>(lease.memory().handle);
}

/// libstdc++ counts without atomics until a second thread has existed.
inline void have_had_threads() {
  static const bool kHad = [] {
    std::thread([] {}).join();
    return true;
  }();
  benchmark::DoNotOptimize(kHad);
}

/// What `time` throws is the benchmark's error.
template <typename Time>
benchmark::internal::Benchmark* add_device(const std::string& name, const Time& time) {
  return benchmark::RegisterBenchmark(name.c_str(), [time](benchmark::State& state) {
    try {
      have_had_threads();
      time(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

inline std::string bytes_part(std::size_t bytes) {
  return "/bytes:" + std::to_string(bytes);
}

}  // namespace assay
