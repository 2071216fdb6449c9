#include "measure/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "measure/cpu_time.hpp"
#include "measure/process.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

/// A /proc and /sys of our own.
class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("assay-doctor-" + std::to_string(::getpid()));
    put("/sys/devices/system/cpu/online", "0-3");
    put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance");
    put("/sys/devices/system/cpu/cpufreq/boost", "0");
    put("/sys/devices/system/cpu/smt/active", "0");
    put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc");
    put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
    put("/sys/bus/event_source/devices/cpu/type", "4");
    put("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu avx2");
    put("/proc/stat", "cpu 100 0 100 9800 0 0 0 0 0 0");
    put("/proc/loadavg", "0.05 0.10 0.20 1/100 4711");
    put("/proc/sys/kernel/randomize_va_space", "2");
    put("/proc/meminfo",
        "MemTotal: 1000000 kB\nMemAvailable: 900000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB");
    put("/proc/77/comm", "kworker/0:1");
  }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    const fs::path file = root_.string() + path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }

  Check find(const std::string& name) const {
    for (const auto& check : examine(root_.string()))
      if (check.name == name) return check;
    ADD_FAILURE() << "no check named " << name;
    return {};
  }

  fs::path root_;
};

TEST_F(Doctor, FindsAQuietMachineGoodThroughout) {
  for (const auto& check : examine(root_.string()))
    EXPECT_EQ(check.fitness, Fitness::kGood) << check.name << ": " << check.found;
  EXPECT_TRUE(is_fit(examine(root_.string())));
}

TEST_F(Doctor, NamesEffectAndMendOfEachDisturbance) {
  put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave");
  put("/sys/devices/system/cpu/cpufreq/boost", "1");
  put("/sys/devices/system/cpu/smt/active", "1");
  put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet");
  put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
  put("/sys/module/page_reporting/version", "1");
  put("/proc/cpuinfo", "flags : fpu hypervisor avx2");
  put("/proc/77/comm", "kdamond.0");
  put("/proc/meminfo",
      "MemTotal: 1000000 kB\nMemAvailable: 900000 kB\nSwapTotal: 99999 kB\nSwapFree: 9999 kB");
  put("/proc/sys/kernel/perf_event_paranoid", "3");
  for (const char* name : {"hardware counters", "frequency governor", "turbo", "SMT", "clock",
                           "transparent huge pages", "free-page reporting", "virtual machine",
                           "page-cache helpers", "swap"}) {
    const Check check = find(name);
    EXPECT_EQ(check.fitness, Fitness::kNote) << name;
    EXPECT_FALSE(check.effect.empty()) << name;
    EXPECT_FALSE(check.mend.empty()) << name;
  }
  EXPECT_TRUE(is_fit(examine(root_.string())));
}

TEST_F(Doctor, CallsAMachineUnfitThatIsBusyStolenFullOrNotRandomised) {
  const auto expect_unfit = [&](const char* name) {
    EXPECT_EQ(find(name).fitness, Fitness::kUnfit) << name;
    EXPECT_FALSE(is_fit(examine(root_.string())));
  };
  put("/proc/loadavg", "3.90 3.00 2.00 5/100 4711");
  expect_unfit("load");
  put("/proc/loadavg", "0.05 0.10 0.20 1/100 4711");
  put("/proc/stat", "cpu 100 0 100 600 0 0 0 200 0 0");
  expect_unfit("steal time");
  put("/proc/stat", "cpu 100 0 100 9800 0 0 0 0 0 0");
  put("/proc/sys/kernel/randomize_va_space", "0");
  expect_unfit("address randomisation");
  put("/proc/sys/kernel/randomize_va_space", "2");
  put("/proc/meminfo",
      "MemTotal: 1000000 kB\nMemAvailable: 90000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB");
  expect_unfit("memory");
}

TEST_F(Doctor, AsksACpuAtWorkWhatIsStolenNow) {
  const auto steal = [&](std::optional<double> at_work) {
    const auto checks = examine(root_.string(), [&] { return at_work; });
    return *std::ranges::find(checks, std::string("steal time"), &Check::name);
  };
  EXPECT_EQ(steal({}).fitness, Fitness::kGood);
  EXPECT_EQ(steal(0).fitness, Fitness::kGood);
  EXPECT_EQ(steal(0.05).fitness, Fitness::kNote);
  EXPECT_EQ(steal(0.3).fitness, Fitness::kUnfit);
  EXPECT_EQ(steal(0.3).found, "0.00% of the work since boot, 30% of a second's work just now");
  put("/proc/stat", "cpu 100 0 100 600 0 0 0 200 0 0");
  EXPECT_EQ(steal({}).fitness, Fitness::kUnfit);
  EXPECT_EQ(steal(0).fitness, Fitness::kNote) << "it may come back";
}

TEST_F(Doctor, SaysWhatTheKernelDoesNotTell) {
  fs::remove_all(root_);
  fs::create_directories(root_);
  for (const char* name : {"cores", "frequency governor", "turbo", "SMT", "steal time", "load",
                           "clock", "memory", "swap", "address randomisation"})
    EXPECT_EQ(find(name).fitness, Fitness::kUnknown) << name;
}

TEST_F(Doctor, AddsUpTheCpusThatAreNamed) {
  put("/proc/stat",
      "cpu 100 0 100 500 100 0 0 200 0 0\ncpu0 60 0 40 300 0 0 0 0 0 0\n"
      "cpu1 40 0 60 200 100 0 0 200 0 0\ncpu10 1 1 1 7 7 1 1 9 0 0\nintr 4711");
  const auto hz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto told = [&](const std::vector<int>& cpus) {
    return cpu_time(root_.string(), cpus).value_or(CpuTime{-1, -1});
  };
  EXPECT_DOUBLE_EQ(told({}).busy, 400 / hz);
  EXPECT_DOUBLE_EQ(told({}).stolen, 200 / hz);
  EXPECT_DOUBLE_EQ(told({0}).stolen, 0);
  EXPECT_DOUBLE_EQ(told({1}).busy, 300 / hz);
  EXPECT_DOUBLE_EQ(told({0, 10}).busy, 114 / hz);
  EXPECT_DOUBLE_EQ(told({0, 10}).stolen, 9 / hz);
  EXPECT_FALSE(cpu_time(root_.string(), {0, 2})) << "there is no such CPU";
  put("/proc/stat", "cpu 100 0 100");
  EXPECT_FALSE(cpu_time(root_.string()));
}

TEST(CpuTimer, SeesItsOwnWork) {
  const std::vector<int> allowed = allowed_cores();
  if (!cpu_time("", allowed)) GTEST_SKIP() << "/proc/stat does not tell of these CPUs";
  const CpuTimer timer(allowed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!(timer.passed().busy > 0) && std::chrono::steady_clock::now() < end) {
  }
  EXPECT_GT(timer.passed().busy, 0);
  EXPECT_GE(timer.passed().stolen, 0);
}

TEST(CpuTimer, KnowsNothingOfACpuThatIsNotThere) {
  EXPECT_EQ(CpuTimer({1'000'000}).passed().busy, 0);
}

TEST_F(Doctor, CountsCpusOfAList) {
  put("/sys/devices/system/cpu/online", "0-2,5,8-9");
  EXPECT_EQ(find("cores").found, "6");
  put("/sys/devices/system/cpu/online", "0");
  EXPECT_EQ(find("cores").fitness, Fitness::kNote);
}

TEST_F(Doctor, WritesJsonWithTheAnswerFirst) {
  const auto json = to_json(examine(root_.string()));
  EXPECT_EQ(json["schema"], "assay-doctor/1");
  EXPECT_EQ(json["is_fit"], true);
  EXPECT_EQ(json["checks"].size(), 15U);
}

}  // namespace
}  // namespace assay
