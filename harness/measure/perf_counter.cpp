#include "measure/perf_counter.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace assay {

namespace {

constexpr const char* kWhere = "perf_event_open";

}  // namespace

Result<std::uint64_t> events_in(const PerfReading& reading) {
  if (reading.running_ns == reading.enabled_ns) return reading.events;
  return fail(ExitCode::kInstrument, kWhere,
              fmt::format("counted for {} ns of {} ns", reading.running_ns, reading.enabled_ns),
              "end other programs that use the hardware's counters");
}

Error why_no_counter(int error_number) {
  if (error_number == EACCES || error_number == EPERM)
    return {ExitCode::kInstrument, kWhere, "counting events of a process is not permitted",
            "set kernel.perf_event_paranoid to 2 (sysctl, as root); in a container, permit "
            "perf_event_open"};
  if (error_number == ENOENT || error_number == ENODEV || error_number == EOPNOTSUPP ||
      error_number == ENOSYS)
    return {ExitCode::kInstrument, kWhere, "this machine has no counter of this event", ""};
  return {ExitCode::kInstrument, kWhere, std::strerror(error_number), ""};
}

Result<PerfCounter> PerfCounter::open(int pid, const PerfEvent& event) {
  perf_event_attr wanted{};
  wanted.size = sizeof wanted;
  wanted.type = event.type;
  wanted.config = event.config;
  wanted.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  wanted.inherit = 1;
  wanted.exclude_kernel = 1;  // what the kernel does for others in its interrupts is not counted
  wanted.exclude_hv = 1;
  constexpr int kAnyCpu = -1;
  constexpr int kNoGroup = -1;
  const long descriptor =
      ::syscall(SYS_perf_event_open, &wanted, pid, kAnyCpu, kNoGroup, PERF_FLAG_FD_CLOEXEC);
  if (descriptor < 0) return std::unexpected(why_no_counter(errno));
  return PerfCounter(static_cast<int>(descriptor));
}

PerfCounter::~PerfCounter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::uint64_t> PerfCounter::read() const {
  PerfReading reading;
  static_assert(sizeof reading == 3 * sizeof(std::uint64_t), "the kernel's layout");
  if (::read(descriptor_, &reading, sizeof reading) != sizeof reading)
    return fail(ExitCode::kInstrument, kWhere, "a counter cannot be read");
  return events_in(reading);
}

}  // namespace assay
