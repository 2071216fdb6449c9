#pragma once

#include <sched.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace assay {

/// The CPUs that the calling thread may run on, the last first: interrupts tend to the first.
inline std::vector<int> cpus_of_thread() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu)
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  return cpus;
}

/// Pins the calling thread to these CPUs.
inline void pin_thread_to(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

/// Threads, each on a CPU of its own, that do a piece of work together again and again: all start
/// it at once, and it is done when the last has done it. The calling thread is member 0. Between
/// two pieces the others spin, so that none waits for the kernel to wake it; so a team should live
/// no longer than a measurement.
class Team {
 public:
  /// Throws: std::runtime_error beginning with "not run: " where there are fewer CPUs than members.
  explicit Team(std::size_t members) : cpus_(cpus_of_thread()) {
    if (members > cpus_.size())
      throw std::runtime_error("not run: " + std::to_string(members) +
                               " threads need as many CPUs, and this process may use " +
                               std::to_string(cpus_.size()));
    pin_thread_to({cpus_.front()});
    for (std::size_t member = 1; member < members; ++member)
      others_.emplace_back([this, member] { serve(member); });
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() {
    is_over_ = true;
    begin_piece();
    for (std::thread& other : others_) other.join();
    pin_thread_to(cpus_);
  }

  std::size_t members() const { return others_.size() + 1; }

  /// Calls work(member) in each thread, and returns when all have returned. What `work` throws ends
  /// the program.
  void run(const std::function<void(std::size_t)>& work) {
    work_ = &work;
    begin_piece();
    work(0);
    while (left_.load(std::memory_order_acquire) != 0) pause();
  }

 private:
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  void begin_piece() {
    left_.store(others_.size(), std::memory_order_relaxed);
    piece_.fetch_add(1, std::memory_order_release);
  }

  void serve(std::size_t member) noexcept {
    pin_thread_to({cpus_[member]});
    for (unsigned piece = 1;; ++piece) {
      while (piece_.load(std::memory_order_acquire) != piece) pause();
      if (is_over_) return;
      (*work_)(member);
      left_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::vector<int> cpus_;
  std::vector<std::thread> others_;
  bool is_over_ = false;  ///< written before a piece begins, as work_
  const std::function<void(std::size_t)>* work_ = nullptr;
  // Each in a line of its own: members spin on the one while others count down the other.
  alignas(64) std::atomic<unsigned> piece_ = 0;
  alignas(64) std::atomic<std::size_t> left_ = 0;
};

}  // namespace assay
