#include "measure/disturbance.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "measure/process.hpp"

namespace assay {

namespace {

constexpr std::array<std::pair<const char*, Disturbance>, 4> kNames = {
    {{"other-core", Disturbance::kOtherCore},
     {"same-core", Disturbance::kSameCore},
     {"both", Disturbance::kBoth},
     {"memory", Disturbance::kMemory}}};

[[noreturn]] void spin() {
  for (volatile unsigned turns = 0;;) turns = turns + 1;
}

/// Twice half of 256 MiB: beyond any cache, and two streams.
[[noreturn]] void copy_memory() {
  constexpr std::size_t kHalf = std::size_t{128} << 20U;
  std::vector<char> memory(2 * kHalf, 1);
  for (;;) {
    std::memcpy(memory.data(), memory.data() + kHalf, kHalf);
    asm volatile("" : : "r"(memory.data()) : "memory");
  }
}

/// A process that runs `work` on one CPU and ends with its parent.
int start_on(int core, void (*work)()) {
  const int pid = ::fork();
  if (pid != 0) return pid;
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C is the parent's to answer
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to({core});
  work();
  ::_exit(0);
}

}  // namespace

std::optional<Disturbance> disturbance_named(std::string_view name) {
  for (const auto& [known, kind] : kNames)
    if (name == known) return kind;
  return std::nullopt;
}

std::vector<std::string> disturbance_names() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kNames) names.emplace_back(name);
  return names;
}

Disturbers::Disturbers(Disturbance kind, const std::vector<int>& cores) {
  std::vector<int> others = online_cores();
  std::erase_if(others, [&](int core) { return std::ranges::count(cores, core) > 0; });
  if (others.empty()) others = cores;
  if (kind == Disturbance::kMemory)
    for (const int core : others) pids_.push_back(start_on(core, copy_memory));
  if (kind == Disturbance::kOtherCore || kind == Disturbance::kBoth)
    for (const int core : others) pids_.push_back(start_on(core, spin));
  if (kind == Disturbance::kSameCore || kind == Disturbance::kBoth)
    for (const int core : cores) pids_.push_back(start_on(core, spin));
}

bool Disturbers::all_run() const {
  return !pids_.empty() && std::ranges::all_of(pids_, [](int pid) {
    return pid > 0 && ::waitpid(pid, nullptr, WNOHANG) == 0;
  });
}

Disturbers::~Disturbers() {
  for (const int pid : pids_)
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
}

}  // namespace assay
