#include "measure/cpu_time.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>
#include <sstream>
#include <utility>

#include "measure/process.hpp"

namespace assay {

namespace {

/// The time in one line of /proc/stat, after its label; nothing if it was cut short.
std::optional<CpuTime> cpu_time_in(std::istringstream& line) {
  enum { kUser, kNice, kSystem, kIdle, kWaiting, kIrq, kSoftIrq, kSteal, kCount };
  std::array<double, kCount> ticks{};
  for (double& count : ticks) line >> count;
  if (!line) return std::nullopt;
  const double all = std::accumulate(ticks.begin(), ticks.end(), 0.0);
  const auto a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return CpuTime{(all - ticks[kIdle] - ticks[kWaiting]) / a_second, ticks[kSteal] / a_second};
}

}  // namespace

std::optional<CpuTime> cpu_time(const std::string& root, const std::vector<int>& cpus) {
  std::vector<std::string> wanted;
  for (const int cpu : cpus) wanted.push_back("cpu" + std::to_string(cpu));
  if (wanted.empty()) wanted.emplace_back("cpu");
  CpuTime sum;
  std::size_t found = 0;
  std::ifstream file(root + "/proc/stat");
  for (std::string text; std::getline(file, text);) {
    std::istringstream line(text);
    std::string label;
    line >> label;
    if (std::ranges::count(wanted, label) == 0) continue;
    const auto time = cpu_time_in(line);
    if (!time) return std::nullopt;
    sum += *time;
    ++found;
  }
  if (found != wanted.size()) return std::nullopt;
  return sum;
}

CpuTimer::CpuTimer(std::vector<int> cpus) : cpus_(std::move(cpus)), start_(cpu_time("", cpus_)) {}

CpuTime CpuTimer::passed() const {
  const auto now = cpu_time("", cpus_);
  if (!now || !start_) return {};
  return {now->busy - start_->busy, now->stolen - start_->stolen};
}

std::optional<double> share_stolen_at_work(std::chrono::milliseconds duration) {
  const std::vector<int> allowed = allowed_cores();
  if (allowed.empty() || !claim_cores({allowed.back()})) return std::nullopt;
  pin_to({allowed.back()});
  const CpuTimer timer({allowed.back()});
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end && !was_interrupted()) {
  }
  const CpuTime time = timer.passed();
  pin_to(allowed);
  return was_interrupted() ? std::nullopt : stolen_share(time);
}

}  // namespace assay
