#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace assay {

namespace {

bool is_terminal() {
  static const bool kTerminal = ::isatty(STDERR_FILENO) != 0;
  return kTerminal;
}

}  // namespace

bool may_colour() {
  const char* const no_color = std::getenv("NO_COLOR");
  return is_terminal() && ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == 0);
}

std::string coloured(const std::string& text, const char* colour) {
  return may_colour() ? fmt::format("\033[{}m{}\033[0m", colour, text) : text;
}

bool Progress::is_due() const {
  const auto pause = is_terminal() ? std::chrono::seconds(2) : std::chrono::seconds(10);
  return Clock::now() - last_ >= pause;
}

void Progress::show(std::uint32_t rounds, std::size_t open, std::size_t all, double seconds_left,
                    const Widest& widest) {
  last_ = Clock::now();
  shown_ = true;
  const std::string width = std::isfinite(widest.relative_half_width)
                                ? fmt::format("+-{:.2g}%", 100 * widest.relative_half_width)
                                : "not bounded yet";
  const std::string which =
      widest.experiment.empty() ? "" : fmt::format(" widest {} {};", widest.experiment, width);
  const std::string line =
      fmt::format("round {}: {} of {} comparisons open;{} {:.0f} s left at most", rounds, open, all,
                  which, std::max(0.0, seconds_left));
  if (is_terminal())
    fmt::print(stderr, "\r\033[K{}", line);
  else
    fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

void Progress::finish() {
  if (shown_ && is_terminal()) fmt::print(stderr, "\n");
}

}  // namespace assay
