#pragma once

#include <algorithm>
#include <vector>

#include "measure/process.hpp"

namespace assay {

/// Leaves the instruments' core to them as long as it lives, where there is another.
class StepAside {
 public:
  explicit StepAside(const std::vector<int>& cores) : allowed_(allowed_cores()) {
    std::vector<int> rest = allowed_;
    std::erase_if(rest, [&](int core) { return std::ranges::count(cores, core) > 0; });
    pin_to(rest);
  }
  StepAside(const StepAside&) = delete;
  StepAside& operator=(const StepAside&) = delete;
  ~StepAside() { pin_to(allowed_); }

 private:
  std::vector<int> allowed_;
};

}  // namespace assay
