#pragma once

#include <linux/perf_event.h>

#include <cstdint>
#include <utility>

#include "error.hpp"

namespace assay {

/// What is counted: `type` and `config` of perf_event_open(2).
struct PerfEvent {
  std::uint32_t type;
  std::uint64_t config;
};

/// Instructions that the CPU retired; none where it has no counters or a hypervisor hides them.
inline constexpr PerfEvent kHardwareInstructions{PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS};

/// What the kernel answers to a reading: events, and how long (in ns of the process's running) they
/// were asked for and were counted.
struct PerfReading {
  std::uint64_t events = 0;
  std::uint64_t enabled_ns = 0;
  std::uint64_t running_ns = 0;
};

/// The events of a reading that holds all of them.
/// Errors: kInstrument if they were not counted all the time, as where counters are shared.
Result<std::uint64_t> events_in(const PerfReading& reading);

/// Why the kernel refuses a counter, from errno; the mend is empty where there is none.
Error why_no_counter(int error_number);

/// Counts an event of another process in user space, from the moment it is opened: of the thread
/// whose id is the process's, and of threads that it starts afterwards.
class PerfCounter {
 public:
  /// `pid` 0 is the caller itself. Errors: kInstrument if counting is not permitted, or the machine
  /// cannot count this, or there is no such process.
  static Result<PerfCounter> open(int pid, const PerfEvent& event);

  PerfCounter(PerfCounter&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  PerfCounter& operator=(PerfCounter&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  PerfCounter(const PerfCounter&) = delete;
  PerfCounter& operator=(const PerfCounter&) = delete;
  ~PerfCounter();

  /// Events since it was opened. Errors: kInstrument if it did not count all the time.
  Result<std::uint64_t> read() const;

 private:
  explicit PerfCounter(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace assay
