#include "measure/doctor.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "cli/progress.hpp"
#include "cli/run.hpp"
#include "measure/cpu_time.hpp"

namespace assay {

namespace {

const char* colour_of(Fitness fitness) {
  switch (fitness) {
    case Fitness::kGood:
      return "32";
    case Fitness::kNote:
      return "33";
    case Fitness::kUnfit:
      return "31";
    case Fitness::kUnknown:
      return "90";
  }
  return "0";
}

}  // namespace

Result<ExitCode> examine_machine(bool as_json) {
  const auto checks = examine("", [] { return share_stolen_at_work(std::chrono::seconds(1)); });
  if (as_json) {
    fmt::print("{}\n", to_json(checks).dump(1));
  } else {
    for (const auto& check : checks) {
      const std::string word =
          coloured(fmt::format("{:<7}", name_of(check.fitness)), colour_of(check.fitness));
      fmt::print("{} {:<22} {}\n", word, check.name, check.found);
      if (!check.effect.empty()) fmt::print("        {}\n", check.effect);
      if (!check.mend.empty()) fmt::print("        mend: {}\n", check.mend);
    }
    fmt::print("{}\n", is_fit(checks)
                           ? "fit to measure; `assay run` tells how finely by its controls"
                           : "not fit to measure now");
  }
  return is_fit(checks) ? ExitCode::kDone : ExitCode::kInvalid;
}

}  // namespace assay
