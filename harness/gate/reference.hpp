#pragma once

#include <string>
#include <vector>

#include "error.hpp"

namespace assay {

/// How a git reference is built.
struct ReferenceOptions {
  std::string repository = ".";      ///< a folder inside it
  std::string preset = "release";    ///< of its CMakePresets.json, configured into build/<preset>
  std::vector<std::string> targets;  ///< empty: all
};

/// The commit that a git reference names, as 40 digits. Errors: kUsage if it names none.
Result<std::string> commit_of(const std::string& reference, const ReferenceOptions& options);

/// Checks the commit out into a work tree of its own, <repository>/build/gate/<commit>, which stays
/// for the next gate, and builds it there. Returns the build's folder. What CMake says goes to
/// <that folder>.log. Errors: kInvalid if it cannot be checked out or built, naming the log;
/// kInterrupted.
Result<std::string> build_reference(const std::string& commit, const ReferenceOptions& options);

}  // namespace assay
