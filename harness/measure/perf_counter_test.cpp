#include "measure/perf_counter.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace assay {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr PerfEvent kPageFaults{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS};
constexpr PerfEvent kTaskClock{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK};
constexpr PerfEvent kNothing{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY};

/// A child process that does a piece of work whenever it is told to.
class Worker {
 public:
  explicit Worker(const std::function<void()>& work) {
    if (::pipe(to_child_.data()) != 0 || ::pipe(from_child_.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ != 0) {
      ::close(to_child_[0]);
      ::close(from_child_[1]);
      return;
    }
    ::close(to_child_[1]);
    char byte = 0;
    while (::read(to_child_[0], &byte, 1) == 1) {
      work();
      if (::write(from_child_[1], &byte, 1) != 1) break;
    }
    ::_exit(0);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    ::close(to_child_[1]);
    ::close(from_child_[0]);
    ::waitpid(pid_, nullptr, 0);
  }

  int pid() const { return pid_; }

  /// Returns when a piece of work is done.
  void work() const {
    char byte = 'x';
    ASSERT_EQ(::write(to_child_[1], &byte, 1), 1);
    ASSERT_EQ(::read(from_child_[0], &byte, 1), 1);
  }

 private:
  std::array<int, 2> to_child_{-1, -1};
  std::array<int, 2> from_child_{-1, -1};
  int pid_ = -1;
};

/// What the counter counts of each of several pieces of work, in ascending order.
std::vector<std::uint64_t> counts(const Worker& worker, const PerfEvent& event) {
  constexpr int kPieces = 5;
  worker.work();  // pages that the child shares with its parent are copied once
  const auto counter = PerfCounter::open(worker.pid(), event);
  if (!counter) {
    ADD_FAILURE() << counter.error().message();
    return std::vector<std::uint64_t>(kPieces);
  }
  std::vector<std::uint64_t> found;
  for (int i = 0; i < kPieces; ++i) {
    const auto before = counter->read();
    worker.work();
    const auto after = counter->read();
    EXPECT_TRUE(before && after);
    found.push_back(after.value_or(0) - before.value_or(0));
  }
  std::ranges::sort(found);
  return found;
}

void spin() {
  const volatile int one = 1;  // so that the compiler cannot tell where the loop ends
  for (int i = 0; i < 100'000; i += one) continue;
}

std::ptrdiff_t open_descriptors() {
  using Iterator = std::filesystem::directory_iterator;
  return std::distance(Iterator("/proc/self/fd"), Iterator());
}

/// Needs a kernel that lets a process count what its children do.
class PerfCounters : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto counter = PerfCounter::open(0, kTaskClock); !counter)
      GTEST_SKIP() << "NOT TESTED: " << counter.error().message();
  }
};

/// Pages of memory that the kernel takes away before they are touched, so that each is a fault.
/// They are the same every time: a sanitizer's notes of them are touched once.
class Pages {
 public:
  explicit Pages(std::size_t pages)
      : size_(pages * kPageBytes),
        bytes_(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (bytes_ == MAP_FAILED) std::abort();
    ::madvise(bytes_, size_, MADV_NOHUGEPAGE);  // a fault must bring one page, not 512
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { ::munmap(bytes_, size_); }

  void touch() const {
    ::madvise(bytes_, size_, MADV_DONTNEED);
    for (std::size_t at = 0; at < size_; at += kPageBytes)
      static_cast<volatile unsigned char*>(bytes_)[at] = 1;
  }

 private:
  static constexpr std::size_t kPageBytes = 4096;
  std::size_t size_;
  void* bytes_;
};

TEST_F(PerfCounters, CountThePagesThatAChildTouchesExactly) {
  for (const std::size_t pages : {1U, 100U, 1000U}) {
    const Pages memory(pages);
    const Worker worker([&] { memory.touch(); });
    const auto found = counts(worker, kPageFaults);
    EXPECT_EQ(found.at(found.size() / 2), pages);
  }
}

TEST_F(PerfCounters, CountNothingOfAChildThatTouchesNothing) {
  const Worker worker([] {});
  EXPECT_EQ(counts(worker, kPageFaults).at(2), 0U);
}

TEST_F(PerfCounters, CountTheTimeThatAChildSpins) {
  const Worker worker(spin);
  EXPECT_GT(counts(worker, kTaskClock).front(), 0U);
}

TEST_F(PerfCounters, CountThreadsThatStartLater) {
  constexpr std::size_t kPages = 1000;
  const Pages memory(kPages);
  const Worker worker([&] { std::thread([&] { memory.touch(); }).join(); });
  const auto found = counts(worker, kPageFaults);
  EXPECT_GE(found.front(), kPages);
  EXPECT_LT(found.at(2), kPages + 100);  // its stack is touched, too
}

TEST_F(PerfCounters, StandStillWhereNothingHappens) {
  const Worker worker([] {});
  EXPECT_EQ(counts(worker, kNothing).back(), 0U);
}

TEST_F(PerfCounters, KeepWhatTheyCountedOfAProcessThatEnded) {
  constexpr std::size_t kPages = 100;
  const Pages memory(kPages);
  auto worker = std::make_unique<Worker>([&] { memory.touch(); });
  const auto counter = PerfCounter::open(worker->pid(), kPageFaults);
  ASSERT_TRUE(counter);
  worker->work();
  worker.reset();
  EXPECT_GE(counter->read().value_or(0), kPages);
}

TEST_F(PerfCounters, CloseTheirDescriptorOnceWhereverItMoved) {
  const auto before = open_descriptors();
  {
    auto first = PerfCounter::open(0, kTaskClock);
    ASSERT_TRUE(first);
    EXPECT_EQ(open_descriptors(), before + 1);
    PerfCounter second = *std::move(first);
    auto third = PerfCounter::open(0, kTaskClock);
    ASSERT_TRUE(third);
    *third = std::move(second);
    EXPECT_GT(third->read().value_or(0), 0U);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(PerfCounters, AreNotHadOfAProcessThatIsGone) {
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const auto counter = PerfCounter::open(gone, kTaskClock);
  ASSERT_FALSE(counter);
  EXPECT_EQ(counter.error().code, ExitCode::kInstrument);
  EXPECT_EQ(counter.error().message(), "perf_event_open: No such process");
}

// Whether the machine has hardware counters is not this test's to say; but it must say one of two.
TEST_F(PerfCounters, OfTheHardwareCountOrSayThatThereIsNone) {
  const auto counter = PerfCounter::open(0, kHardwareInstructions);
  if (!counter) {
    EXPECT_EQ(counter.error().message(), why_no_counter(ENOENT).message());
    return;
  }
  const auto before = counter->read();
  spin();
  const auto after = counter->read();
  ASSERT_TRUE(before && after);
  EXPECT_GE(*after, *before);
}

TEST(WhyNoCounter, NamesTheSettingThatForbidsIt) {
  for (const int number : {EACCES, EPERM}) {
    const Error error = why_no_counter(number);
    EXPECT_THAT(error.what, HasSubstr("not permitted"));
    EXPECT_THAT(error.mend, HasSubstr("kernel.perf_event_paranoid"));
  }
}

TEST(WhyNoCounter, PromisesNoMendWhereTheMachineHasNone) {
  for (const int number : {ENOENT, ENODEV, EOPNOTSUPP, ENOSYS}) {
    const Error error = why_no_counter(number);
    EXPECT_EQ(error.message(), "perf_event_open: this machine has no counter of this event");
  }
}

TEST(EventsIn, AreThoseOfAReadingThatHoldsAllOfThem) {
  EXPECT_EQ(events_in({7, 0, 0}), 7U);
  EXPECT_EQ(events_in({7, 1000, 1000}), 7U);
}

TEST(EventsIn, AreRefusedWhereTheCounterWasShared) {
  for (const std::uint64_t running_ns : {0U, 500U, 999U}) {
    const auto events = events_in({7, 1000, running_ns});
    ASSERT_FALSE(events) << running_ns;
    EXPECT_EQ(events.error().code, ExitCode::kInstrument);
    EXPECT_THAT(events.error().message(), AllOf(HasSubstr("of 1000 ns"), HasSubstr("end other")));
  }
}

}  // namespace
}  // namespace assay
