#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "record/manifest.hpp"

namespace assay {

/// Of the CPUs named, together, or of all if none is, since the machine started; from /proc/stat
/// below `root` ("" for this machine). Nothing where the kernel does not tell.
std::optional<CpuTime> cpu_time(const std::string& root, const std::vector<int>& cpus = {});

/// What some CPUs do while the object lives.
class CpuTimer {
 public:
  explicit CpuTimer(std::vector<int> cpus);

  /// Zero where the kernel does not tell.
  CpuTime passed() const;

 private:
  std::vector<int> cpus_;
  std::optional<CpuTime> start_;
};

/// The share that is stolen from the CPU on which assay would measure while it works for so long:
/// from one at rest nothing is, however busy the host. Nothing where the kernel does not tell,
/// another run measures there, or the user interrupts.
std::optional<double> share_stolen_at_work(std::chrono::milliseconds duration);

}  // namespace assay
