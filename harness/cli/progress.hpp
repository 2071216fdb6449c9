#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "record/run.hpp"

namespace assay {

/// True if messages go to a terminal that may be coloured (NO_COLOR is respected).
bool may_colour();

/// Colours the text green, red, yellow or bold where that is allowed.
std::string coloured(const std::string& text, const char* colour);

/// What is being measured, how wide the widest open interval still is, and the time left: one
/// line that is overwritten on a terminal, a plain line every ten seconds elsewhere.
class Progress {
 public:
  /// `widest` names the open comparison whose interval is widest relative to its value, and how
  /// wide; asked at most every two seconds, as it costs time between rounds. No name: not told.
  struct Widest {
    std::string experiment;
    double relative_half_width = 0;  ///< infinite before the interval is bounded
  };

  void show(std::uint32_t rounds, std::size_t open, std::size_t all, double seconds_left,
            const Widest& widest);
  /// True if it is time for show().
  bool is_due() const;
  /// Ends the line on a terminal.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_{};
  bool shown_ = false;
};

}  // namespace assay
