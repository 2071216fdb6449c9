#pragma once

#include <string>

namespace assay {

/// Why a file could not be loaded or used.
struct LoadError {
  std::string path;  ///< as it was given; "(owned bytes)" where there is no file
  std::string
      operation;       ///< what was tried: "open", "map", "decompress", "read", "release pages"...
  std::string reason;  ///< what was wrong
  std::string mend;    ///< what the caller can do about it
  int error_number = 0;  ///< errno, where the system refused; else 0

  /// "PATH: OPERATION: REASON; MEND".
  std::string message() const {
    return path + ": " + operation + ": " + reason + (mend.empty() ? "" : "; " + mend);
  }
};

}  // namespace assay
