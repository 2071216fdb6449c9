#include "kernels/loading/mapping_guard.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

namespace assay {
namespace {

using Range = MappingGuard::Range;

/// All ranges that ever were: a list that only grows, at its head.
std::atomic<Range*>& all_ranges() {
  static constinit std::atomic<Range*> head = nullptr;
  return head;
}

struct sigaction& earlier_action() {
  static struct sigaction action{};
  return action;
}

/// The range that the address lies in, or null. Async-signal-safe.
Range* range_of(std::uintptr_t address) {
  for (Range* range = all_ranges().load(std::memory_order_acquire); range != nullptr;
       range = range->next) {
    const std::size_t size = range->size.load(std::memory_order_acquire);
    const std::uintptr_t begin = range->begin.load(std::memory_order_acquire);
    // The range that is read is not forgotten meanwhile, but this may be another.
    if (size == range->size.load(std::memory_order_acquire) && address >= begin &&
        address - begin < size)
      return range;
  }
  return nullptr;
}

/// Maps zeros from the page of `at` to the range's end: what lies behind a missing page is gone,
/// too, and one call for all of it leaves one mapping more, not thousands. By the kernel's call, as
/// a signal's handler may not run what else stands before the library's mmap (a sanitizer's, say).
bool replace_by_zeros(const Range& range, void* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t into_page = address % page;
  const std::uintptr_t end = range.begin.load() + range.size.load();
  return ::syscall(SYS_mmap, static_cast<std::byte*>(at) - into_page, end - (address - into_page),
                   PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != -1;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& earlier = earlier_action();
  if ((earlier.sa_flags & SA_SIGINFO) != 0) {
    earlier.sa_sigaction(signal, info, context);
  } else if (earlier.sa_handler != SIG_DFL && earlier.sa_handler != SIG_IGN) {
    earlier.sa_handler(signal);
  } else {
    std::signal(SIGBUS, SIG_DFL);  // the instruction is run again, and ends the process
  }
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int error_number = errno;
  Range* const range = range_of(reinterpret_cast<std::uintptr_t>(info->si_addr));
  if (range != nullptr) {
    // Before the zeros can be read: another thread may read them without a signal of its own.
    range->is_damaged.store(true, std::memory_order_seq_cst);
  }
  if (range == nullptr || !replace_by_zeros(*range, info->si_addr)) pass_on(signal, info, context);
  errno = error_number;
}

void install_handler() {
  struct sigaction action{};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  if (::sigaction(SIGBUS, &action, &earlier_action()) != 0)
    throw std::system_error(errno, std::generic_category(), "a handler for SIGBUS");
}

/// A range that watches nothing, for the caller alone.
Range* take_range() {
  for (Range* range = all_ranges().load(std::memory_order_acquire); range != nullptr;
       range = range->next)
    if (!range->is_taken.exchange(true, std::memory_order_acq_rel)) return range;
  auto* const added = new Range;
  added->is_taken = true;
  added->next = all_ranges().load(std::memory_order_acquire);
  while (!all_ranges().compare_exchange_weak(added->next, added, std::memory_order_acq_rel)) {
  }
  return added;
}

}  // namespace

MappingGuard::MappingGuard(std::span<const std::byte> range) {
  static std::once_flag is_installed;
  std::call_once(is_installed, install_handler);
  range_ = take_range();
  range_->is_damaged = false;
  range_->begin = reinterpret_cast<std::uintptr_t>(range.data());
  range_->size = range.size();
}

MappingGuard::MappingGuard(MappingGuard&& other) noexcept
    : range_(std::exchange(other.range_, nullptr)) {}

MappingGuard& MappingGuard::operator=(MappingGuard&& other) noexcept {
  std::swap(range_, other.range_);
  return *this;
}

MappingGuard::~MappingGuard() {
  if (range_ == nullptr) return;
  range_->size = 0;
  range_->is_taken.store(false, std::memory_order_release);
}

}  // namespace assay
