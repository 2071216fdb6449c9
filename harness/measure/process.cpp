#include "measure/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <set>
#include <utility>

namespace assay {

namespace {

volatile std::sig_atomic_t g_interrupted = 0;

extern "C" void note_interrupt(int signal) {
  g_interrupted = 1;
  std::signal(signal, SIG_DFL);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> padded_environment(std::uint32_t bytes) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  if (bytes > 0) variables.push_back("ASSAY_PADDING=" + std::string(bytes, 'x'));
  return variables;
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  bool open() { return ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  int reader() const { return ends[0]; }
  int writer() const { return ends[1]; }
};

}  // namespace

std::vector<int> online_cores() {
  std::vector<int> cores(static_cast<std::size_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))));
  std::iota(cores.begin(), cores.end(), 0);
  return cores;
}

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  return cores;
}

bool claim_cores(const std::vector<int>& cores) {
  static std::set<int> claimed;
  bool all = true;
  for (const int core : cores) {
    if (claimed.contains(core)) continue;
    const std::string path =
        (std::filesystem::temp_directory_path() / fmt::format("assay-cpu-{}.lock", core)).string();
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) continue;  // without a lock to take, nothing is known
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      claimed.insert(core);  // kept open: the kernel gives it back when the program ends
    } else {
      ::close(fd);
      all = false;
    }
  }
  return all;
}

void pin_to(const std::vector<int>& cores) {
  if (cores.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<std::size_t>(core), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = note_interrupt;  // no SA_RESTART: a blocked poll must return
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a dead instrument shows as EPIPE
}

bool was_interrupted() {
  return g_interrupted != 0;
}

Result<LineProcess> LineProcess::start(const std::vector<std::string>& command,
                                       const Surroundings& surroundings) {
  Pipe to_child;
  Pipe from_child;
  Pipe exec_error;
  if (!to_child.open() || !from_child.open() || !exec_error.open())
    return fail(ExitCode::kInstrument, command.front(), std::strerror(errno));
  std::vector<std::string> arguments = surroundings.wrapper;
  arguments.insert(arguments.end(), command.begin(), command.end());
  std::vector<std::string> environment = padded_environment(surroundings.environment_bytes);
  const std::string program = arguments.front();
  if (surroundings.wrapper.empty() && !surroundings.called.empty())
    arguments.front() = surroundings.called;
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::personality(PER_LINUX);  // a round's addresses are random, even where the caller's are not
    ::dup2(to_child.reader(), STDIN_FILENO);
    ::dup2(from_child.writer(), STDOUT_FILENO);
    if (surroundings.is_silent) ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
    std::signal(SIGPIPE, SIG_DFL);
    pin_to(surroundings.cores);
    ::execvpe(program.c_str(), argv.data(), envp.data());
    const int error = errno;
    if (::write(exec_error.writer(), &error, sizeof error) < 0) ::_exit(126);
    ::_exit(127);
  }
  ::close(to_child.reader());
  ::close(from_child.writer());
  ::close(exec_error.writer());
  int error = pid < 0 ? errno : 0;
  if (pid >= 0 && ::read(exec_error.reader(), &error, sizeof error) <= 0) error = 0;
  ::close(exec_error.reader());
  LineProcess process(pid, to_child.writer(), from_child.reader());
  if (error != 0)
    return fail(ExitCode::kInstrument, program,
                fmt::format("cannot be started: {}", std::strerror(error)));
  return process;
}

LineProcess::LineProcess(LineProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)) {}

LineProcess& LineProcess::operator=(LineProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

LineProcess::~LineProcess() {
  if (input_ >= 0) ::close(input_);
  if (output_ >= 0) ::close(output_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

bool LineProcess::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(input_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

LineProcess::Read LineProcess::read_line(std::string& line, std::chrono::milliseconds timeout,
                                         bool heeds_interrupts) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return Read::kLine;
    }
    if (heeds_interrupts && was_interrupted()) return Read::kInterrupted;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Read::kTimeout;
    pollfd waiting{output_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 65536> bytes;
    const ssize_t got = ::read(output_, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Read::kEnd;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

void LineProcess::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

std::string LineProcess::end(std::chrono::milliseconds patience) {
  if (pid_ <= 0) return "not running";
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  while (reaped == 0 && std::chrono::steady_clock::now() < deadline) {
    ::usleep(5000);
    reaped = ::waitpid(pid_, &status, WNOHANG);
  }
  const bool was_killed_here = reaped == 0;
  if (was_killed_here) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = -1;
  if (was_killed_here) return "stopped";
  if (WIFSIGNALED(status))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("exited with code {}", WEXITSTATUS(status));
}

void LineProcess::kill_group() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Result<std::string> output_of(const std::vector<std::string>& command, bool is_silent,
                              std::chrono::minutes patience) {
  auto process = LineProcess::start(command, {{}, 0, is_silent});
  if (!process) return std::unexpected(process.error());
  std::string output;
  std::string line;
  auto read = LineProcess::Read::kLine;
  while ((read = process->read_line(line, patience, false)) == LineProcess::Read::kLine)
    output += line + "\n";
  const std::string how = process->end();
  if (how != "exited with code 0")
    return fail(ExitCode::kUsage, fmt::format("{}", fmt::join(command, " ")), how);
  return output;
}

}  // namespace assay
