#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "error.hpp"

namespace assay {

/// How an instrument process is started.
struct Surroundings {
  /// CPUs it is pinned to; empty: wherever it may run.
  std::vector<int> cores{};
  /// Padding of the environment: moves the stack, and by benches/support/main.cpp the heap.
  std::uint32_t environment_bytes = 0;
  /// What it says on standard error is dropped.
  bool is_silent = false;
  /// A command that takes the program's as its last words.
  std::vector<std::string> wrapper{};
  /// What the program is told is its name, where no wrapper is; empty: its path.
  std::string called{};
};

/// A running program that answers lines with lines. Killed and reaped when destroyed.
class LineProcess {
 public:
  /// Starts the program in a process group of its own, so that Ctrl-C reaches the caller alone.
  /// Errors: kInstrument if it cannot be started.
  static Result<LineProcess> start(const std::vector<std::string>& command,
                                   const Surroundings& surroundings);

  LineProcess(LineProcess&& other) noexcept;
  LineProcess& operator=(LineProcess&& other) noexcept;
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;
  ~LineProcess();

  /// Writes the text; false if the process is gone.
  bool send(std::string_view text);

  enum class Read {
    kLine,        ///< `line` holds it, without its end
    kEnd,         ///< the process closed its output: it exited or was killed
    kTimeout,     ///< nothing came in time
    kInterrupted  ///< the caller was asked to stop
  };
  /// With `heeds_interrupts` false the line is waited for even if the caller was asked to stop.
  Read read_line(std::string& line, std::chrono::milliseconds timeout,
                 bool heeds_interrupts = true);

  /// Nothing more will be sent: the process reads the end of its input.
  void close_input();

  /// Waits for a process that ended (or kills one that did not) and says how it ended:
  /// "exited with code 9", "killed by signal 11 (Segmentation fault)", "stopped". One that closed
  /// its output may need the patience to end.
  std::string end(std::chrono::milliseconds patience = std::chrono::milliseconds(100));

  /// Kills the process and all that it started in its group, and reaps it.
  void kill_group();

  int pid() const { return pid_; }

 private:
  LineProcess(int pid, int input, int output) : pid_(pid), input_(input), output_(output) {}
  int pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
};

/// Lets SIGINT and SIGTERM set a flag instead of ending the program; a second one ends it.
void catch_interrupts();
bool was_interrupted();

/// Runs a command to its end and returns its standard output, also after an interruption: what was
/// measured is reported then. Errors: kUsage if it cannot be run or exits with another code than 0.
Result<std::string> output_of(const std::vector<std::string>& command, bool is_silent = false,
                              std::chrono::minutes patience = std::chrono::minutes(2));

/// The CPUs that this process may run on.
std::vector<int> allowed_cores();

/// The CPUs of the machine that are online, whatever this process is pinned to.
std::vector<int> online_cores();

/// Claims the CPUs for this program's measuring, as long as it lives. False if another run of the
/// program holds one of them; it goes on all the same.
bool claim_cores(const std::vector<int>& cores);

/// Pins the calling process. Does nothing for an empty list.
void pin_to(const std::vector<int>& cores);

}  // namespace assay
