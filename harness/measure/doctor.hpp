#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay {

enum class Fitness {
  kGood,
  kNote,    ///< costs resolution or limits what can be told; controls see it
  kUnfit,   ///< measuring now would waste the time
  kUnknown  ///< the kernel does not say
};

const char* name_of(Fitness fitness);

/// One thing about a machine that may disturb measurement.
struct Check {
  std::string name;
  Fitness fitness = Fitness::kGood;
  std::string found;
  std::string effect;  ///< what it does to the resolution; empty where good
  std::string mend;    ///< a command, or what else to do; may be empty
};

/// Examines the machine through /proc and /sys below `root` ("" for this machine). `ask_at_work`,
/// if any, gives the share that is stolen now from a CPU that works, as share_stolen_at_work().
std::vector<Check> examine(const std::string& root,
                           const std::function<std::optional<double>()>& ask_at_work = {});

/// False if any check is unfit.
bool is_fit(const std::vector<Check>& checks);

nlohmann::ordered_json to_json(const std::vector<Check>& checks);

}  // namespace assay
