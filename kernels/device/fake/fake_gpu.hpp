#pragma once

// A GPU that is not there, for the tests of the backends of CUDA and HIP: its memory is the host's,
// and what a stream is given is done when somebody waits for it, never before. What a backend does
// wrong, AddressSanitizer or the results tell. fake_cuda.cpp and fake_hip.cpp give it the two
// drivers' functions.

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace assay::fake {

inline constexpr int kSuccess = 0, kOutOfMemory = 2, kInvalidContext = 201, kNotFound = 500,
                     kNotReady = 600;

inline std::recursive_mutex& mutex() {
  static std::recursive_mutex of_all;
  return of_all;
}

/// How many calls came from threads that had not made the device theirs.
inline std::atomic<int>& misuses() {
  static std::atomic<int> count = 0;
  return count;
}
/// How many modules are loaded and contexts retained.
inline std::atomic<int>& held() {
  static std::atomic<int> count = 0;
  return count;
}
/// Does the work of a call, where the calling thread has made the device its own.
template <typename Do>
int in_context(bool is_current, Do work) {
  if (is_current) return work();
  ++misuses();
  return kInvalidContext;
}

/// How many allocations from now on fail.
inline int& failing_allocations() {
  static int count = 0;
  return count;
}

/// A stream's work, each piece of which is done when somebody waits for it.
class Work {
 public:
  std::uint64_t add(std::function<void()> piece) {
    const std::scoped_lock lock(mutex());
    pending_.push_back(std::move(piece));
    return ++added_;
  }
  void run_all() {
    const std::scoped_lock lock(mutex());
    run_until(added_);
  }
  void run_until(std::uint64_t number) {
    const std::scoped_lock lock(mutex());
    while (done_ < number) {
      const auto piece = std::move(pending_.front());
      pending_.pop_front();
      ++done_;
      piece();
    }
  }

 private:
  std::uint64_t added_ = 0;
  std::uint64_t done_ = 0;
  std::deque<std::function<void()>> pending_;
};

struct Stream {
  std::shared_ptr<Work> work = std::make_shared<Work>();
};

/// What an event is of; it may be destroyed before its stream comes to it.
struct Point {
  std::shared_ptr<Work> work;
  std::uint64_t number = 0;
  std::optional<std::chrono::steady_clock::time_point> passed_at;
};
struct Event {
  std::shared_ptr<Point> point;  ///< null: never recorded
};

inline int allocate(void** memory, std::size_t bytes) {
  const std::scoped_lock lock(mutex());
  if (failing_allocations() > 0) {
    --failing_allocations();
    return kOutOfMemory;
  }
  *memory = std::malloc(bytes);
  return *memory == nullptr ? kOutOfMemory : kSuccess;
}

inline int copy(Stream& stream, void* to, const void* from, std::size_t bytes) {
  stream.work->add([=] { std::memcpy(to, from, bytes); });
  return kSuccess;
}

template <typename T>
int fill(Stream& stream, void* to, T value, std::size_t count) {
  stream.work->add([=] {
    for (std::size_t i = 0; i < count; ++i)
      std::memcpy(static_cast<std::byte*>(to) + i * sizeof value, &value, sizeof value);
  });
  return kSuccess;
}

inline int record(Event& event, Stream& stream) {
  const std::scoped_lock lock(mutex());
  auto point = std::make_shared<Point>();
  point->work = stream.work;
  point->number =
      stream.work->add([point] { point->passed_at = std::chrono::steady_clock::now(); });
  event.point = std::move(point);
  return kSuccess;
}
inline int query(const Event& event) {
  const std::scoped_lock lock(mutex());
  return event.point == nullptr || event.point->passed_at ? kSuccess : kNotReady;
}
inline int wait(const Event& event) {
  const std::scoped_lock lock(mutex());
  if (event.point != nullptr && !event.point->passed_at)
    event.point->work->run_until(event.point->number);
  return kSuccess;
}
inline int wait(Stream& stream, const Event& event) {
  if (event.point != nullptr)
    stream.work->add([point = event.point] { point->work->run_until(point->number); });
  return kSuccess;
}
inline int elapsed_ms(float* milliseconds, const Event& from, const Event& to) {
  const std::scoped_lock lock(mutex());
  if (query(from) != kSuccess || query(to) != kSuccess) return kNotReady;
  const std::chrono::duration<float, std::milli> elapsed =
      *to.point->passed_at - *from.point->passed_at;
  *milliseconds = elapsed.count();
  return kSuccess;
}

/// The kernels of kernel_source.hpp; what is compiled is not looked at.
enum class Kernel { kBind, kSimilarity };

inline std::optional<Kernel> find_kernel(const std::string& name) {
  if (name == "bind") return Kernel::kBind;
  if (name == "similarity") return Kernel::kSimilarity;
  return std::nullopt;
}

/// `arguments` point at three addresses and a count.
inline int launch(Stream& stream, Kernel kernel, void** arguments) {
  const auto address = [&](int i) {
    std::uint64_t value = 0;
    std::memcpy(&value, arguments[i], sizeof value);
    return value;
  };
  const auto* const a = std::bit_cast<const std::uint64_t*>(address(0));
  const auto* const b = std::bit_cast<const std::uint64_t*>(address(1));
  const std::uint64_t out = address(2), count = address(3);
  stream.work->add([=] {
    if (kernel == Kernel::kBind) {
      auto* const words = std::bit_cast<std::uint64_t*>(out);
      for (std::size_t i = 0; i < count; ++i) words[i] = a[i] ^ b[i];
      return;
    }
    auto* const distances = std::bit_cast<std::uint32_t*>(out);
    for (std::size_t row = 0; row < count; ++row) {
      distances[row] = 0;
      for (std::size_t i = 0; i < 32; ++i)
        distances[row] += static_cast<std::uint32_t>(std::popcount(a[i] ^ b[32 * row + i]));
    }
  });
  return kSuccess;
}

}  // namespace assay::fake

extern "C" [[gnu::used, gnu::visibility("default")]] inline void fake_gpu_fail_allocations(
    int count) {
  const std::scoped_lock lock(assay::fake::mutex());
  assay::fake::failing_allocations() = count;
}
extern "C" [[gnu::used, gnu::visibility("default")]] inline int fake_gpu_misuses() {
  return assay::fake::misuses();
}
extern "C" [[gnu::used, gnu::visibility("default")]] inline int fake_gpu_held() {
  return assay::fake::held();
}
