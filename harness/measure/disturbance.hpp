#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// What a calibration can make disturb the machine.
enum class Disturbance {
  kOtherCore,  ///< a busy loop on each CPU that the instruments are not pinned to
  kSameCore,   ///< a busy loop on the instruments' CPUs
  kBoth,
  kMemory  ///< copies of 256 MiB, without end, on the other CPUs
};

std::optional<Disturbance> disturbance_named(std::string_view name);

/// "other-core", "same-core", "both", "memory".
std::vector<std::string> disturbance_names();

/// Processes that disturb as long as the object lives.
class Disturbers {
 public:
  /// `cores` are those of the instruments. On a machine that has no other CPU, kOtherCore and
  /// kMemory disturb the instruments' own.
  Disturbers(Disturbance kind, const std::vector<int>& cores);
  Disturbers(const Disturbers&) = delete;
  Disturbers& operator=(const Disturbers&) = delete;
  ~Disturbers();

  /// True if every one of them runs.
  bool all_run() const;

 private:
  std::vector<int> pids_;
};

}  // namespace assay
