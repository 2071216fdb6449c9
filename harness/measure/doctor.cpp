#include "measure/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "measure/cpu_time.hpp"
#include "measure/kernel_files.hpp"

namespace assay {

namespace fs = std::filesystem;

const char* name_of(Fitness fitness) {
  switch (fitness) {
    case Fitness::kGood:
      return "good";
    case Fitness::kNote:
      return "note";
    case Fitness::kUnfit:
      return "unfit";
    case Fitness::kUnknown:
      return "unknown";
  }
  return "?";
}

namespace {

constexpr const char* kCpu = "/sys/devices/system/cpu";

Check unknown(const char* name) {
  return {name, Fitness::kUnknown, "not told", "", ""};
}

/// CPUs in a kernel list such as "0-3,8".
int count_cpus(const std::string& list) {
  int count = 0;
  std::istringstream ranges(list);
  for (std::string range; std::getline(ranges, range, ',');) {
    const auto dash = range.find('-');
    const int first = std::atoi(range.c_str());
    const int last = dash == std::string::npos ? first : std::atoi(range.c_str() + dash + 1);
    count += last - first + 1;
  }
  return count;
}

Check cores(const std::string& root) {
  const auto online = line_of(root + kCpu + "/online");
  if (!online) return unknown("cores");
  const int count = count_cpus(*online);
  Check check{"cores", Fitness::kGood, std::to_string(count), "", ""};
  if (count < 2) {
    check.fitness = Fitness::kNote;
    check.effect = "the experimenter runs on the instrument's CPU, between and during slices";
    check.mend = "use a machine of two cores or more";
  }
  return check;
}

Check governor(const std::string& root) {
  const auto found = line_of(root + kCpu + "/cpu0/cpufreq/scaling_governor");
  if (!found) return unknown("frequency governor");
  if (*found == "performance") return {"frequency governor", Fitness::kGood, *found, "", ""};
  return {"frequency governor", Fitness::kNote, *found,
          "the clock follows the load: absolute times wander, and pairs far apart in time disagree",
          "cpupower frequency-set -g performance"};
}

Check turbo(const std::string& root) {
  const auto boost = line_of(root + kCpu + "/cpufreq/boost");
  const auto no_turbo = line_of(root + kCpu + "/intel_pstate/no_turbo");
  if (!boost && !no_turbo) return unknown("turbo");
  const bool is_on = boost ? *boost == "1" : *no_turbo == "0";
  if (!is_on) return {"turbo", Fitness::kGood, "off", "", ""};
  return {"turbo", Fitness::kNote, "on",
          "the clock depends on the temperature and on the other cores; ratios of pairs hold",
          boost ? "echo 0 > /sys/devices/system/cpu/cpufreq/boost"
                : "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"};
}

Check smt(const std::string& root) {
  const auto active = line_of(root + kCpu + "/smt/active");
  if (!active) return unknown("SMT");
  if (*active == "0") return {"SMT", Fitness::kGood, "off", "", ""};
  return {"SMT", Fitness::kNote, "on",
          "a neighbour thread on the same core takes up to half of its throughput",
          "echo off > /sys/devices/system/cpu/smt/control"};
}

Check hypervisor(const std::string& root) {
  const auto flags = value_in(root + "/proc/cpuinfo", "flags", ':');
  if (!flags) return unknown("virtual machine");
  if (flags->find("hypervisor") == std::string::npos)
    return {"virtual machine", Fitness::kGood, "no", "", ""};
  return {
      "virtual machine", Fitness::kNote, "yes",
      "unseen neighbours slow throughput-bound code for seconds at a time; intervals widen, and "
      "absolute times mean little",
      "measure on a machine of your own, or give a larger --budget"};
}

Check steal(const std::string& root, const std::function<std::optional<double>()>& ask_at_work) {
  const auto time = cpu_time(root);
  if (!time) return unknown("steal time");
  const double since_boot = stolen_share(*time).value_or(0);
  std::optional<double> at_work;
  if (ask_at_work) at_work = ask_at_work();
  Check check{"steal time", Fitness::kGood,
              fmt::format("{:.2f}% of the work since boot", 100 * since_boot), "", ""};
  if (at_work) check.found += fmt::format(", {:.0f}% of a second's work just now", 100 * *at_work);
  if (std::max(since_boot, at_work.value_or(0)) > 0.01) check.fitness = Fitness::kNote;
  if (at_work.value_or(since_boot) > kMuchStolen) check.fitness = Fitness::kUnfit;
  if (check.fitness != Fitness::kGood) {
    check.effect = "slices are interrupted by other guests of the host";
    check.mend = "measure at another hour, or on another host";
  }
  return check;
}

Check load(const std::string& root) {
  const auto line = line_of(root + "/proc/loadavg");
  const auto online = line_of(root + kCpu + "/online");
  if (!line || !online) return unknown("load");
  const double average = std::atof(line->c_str());
  const double cpus = count_cpus(*online);
  Check check{"load", Fitness::kGood, fmt::format("{:.2f} on {:.0f} CPUs", average, cpus), "", ""};
  if (average > 0.3) check.fitness = Fitness::kNote;
  if (average > cpus - 0.5) check.fitness = Fitness::kUnfit;
  if (check.fitness != Fitness::kGood) {
    check.effect = "other programs share caches and memory, and at full load the instrument's CPU";
    check.mend = "stop what else runs (top shows it), wait a minute, and ask again";
  }
  return check;
}

Check clock_source(const std::string& root) {
  const auto found =
      line_of(root + "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (!found) return unknown("clock");
  if (*found == "tsc") return {"clock", Fitness::kGood, *found, "", ""};
  return {"clock", Fitness::kNote, *found,
          "reading the clock is a system call of up to a microsecond: short slices lose resolution",
          "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"};
}

Check huge_pages(const std::string& root) {
  const auto found = line_of(root + "/sys/kernel/mm/transparent_hugepage/enabled");
  if (!found) return unknown("transparent huge pages");
  if (found->find("[always]") == std::string::npos)
    return {"transparent huge pages", Fitness::kGood, *found, "", ""};
  return {"transparent huge pages", Fitness::kNote, *found,
          "whether a working set lies on huge pages changes from process to process",
          "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"};
}

Check address_randomisation(const std::string& root) {
  const auto found = line_of(root + "/proc/sys/kernel/randomize_va_space");
  if (!found) return unknown("address randomisation");
  if (*found == "2") return {"address randomisation", Fitness::kGood, "full", "", ""};
  return {"address randomisation", Fitness::kUnfit, *found,
          "every round has the same addresses: a lucky or unlucky layout is taken for the effect",
          "sysctl kernel.randomize_va_space=2"};
}

double kilobytes(const std::string& root, const char* key) {
  const auto value = value_in(root + "/proc/meminfo", key, ':');
  return value ? std::atof(value->c_str()) : -1;
}

Check memory(const std::string& root) {
  const double total = kilobytes(root, "MemTotal");
  const double available = kilobytes(root, "MemAvailable");
  if (total <= 0 || available < 0) return unknown("memory");
  Check check{"memory", Fitness::kGood,
              fmt::format("{:.1f} of {:.1f} GiB available", available / 1048576, total / 1048576),
              "", ""};
  if (available < 0.1 * total) {
    check.fitness = Fitness::kUnfit;
    check.effect = "the kernel reclaims pages while slices run";
    check.mend = "stop programs that hold memory";
  }
  return check;
}

Check swap(const std::string& root) {
  const double total = kilobytes(root, "SwapTotal");
  const double free = kilobytes(root, "SwapFree");
  if (total < 0 || free < 0) return unknown("swap");
  if (total - free < 1024) return {"swap", Fitness::kGood, "not in use", "", ""};
  return {"swap", Fitness::kNote, fmt::format("{:.0f} MiB in use", (total - free) / 1024),
          "touching a page may read it from swap: first slices are slow", "swapoff -a; swapon -a"};
}

/// DAMON pages out what is idle; its worker threads give it away.
Check page_helpers(const std::string& root) {
  std::error_code error;
  for (const auto& item : fs::directory_iterator(root + "/proc", error)) {
    const auto name = line_of(item.path().string() + "/comm");
    if (name && name->starts_with("kdamond"))
      return {"page-cache helpers", Fitness::kNote, *name + " runs",
              "file pages that are idle for a minute leave memory: a warm file may be cold",
              "check residency before each warm sample; echo off > "
              "/sys/kernel/mm/damon/admin/kdamonds/0/state where it is yours to stop"};
  }
  if (error) return unknown("page-cache helpers");
  return {"page-cache helpers", Fitness::kGood, "none", "", ""};
}

Check free_page_reporting(const std::string& root) {
  if (!fs::exists(root + "/sys/module/page_reporting"))
    return {"free-page reporting", Fitness::kGood, "no", "", ""};
  return {"free-page reporting", Fitness::kNote, "yes",
          "freed memory goes back to the host: fresh memory costs one to thirty times as much the "
          "next time",
          "hold and reuse memory, or name the policy in the benchmark"};
}

Check counters(const std::string& root) {
  if (fs::exists(root + "/sys/bus/event_source/devices/cpu")) {
    const auto paranoid = line_of(root + "/proc/sys/kernel/perf_event_paranoid");
    if (!paranoid || std::atoi(paranoid->c_str()) <= 2)  // beyond it, Debian forbids them all
      return {"hardware counters", Fitness::kGood, "present", "", ""};
    return {"hardware counters", Fitness::kNote, "forbidden",
            "instructions are counted by valgrind, which takes longer and has no AVX-512",
            "sysctl kernel.perf_event_paranoid=2"};
  }
  return {"hardware counters", Fitness::kNote, "none",
          "instructions and cache misses cannot be counted in hardware; times are not affected",
          ""};
}

}  // namespace

std::vector<Check> examine(const std::string& root,
                           const std::function<std::optional<double>()>& ask_at_work) {
  return {cores(root),
          governor(root),
          turbo(root),
          smt(root),
          hypervisor(root),
          load(root),
          steal(root, ask_at_work),  // its work counts as load
          clock_source(root),
          address_randomisation(root),
          huge_pages(root),
          memory(root),
          swap(root),
          page_helpers(root),
          free_page_reporting(root),
          counters(root)};
}

bool is_fit(const std::vector<Check>& checks) {
  return std::ranges::none_of(checks,
                              [](const Check& check) { return check.fitness == Fitness::kUnfit; });
}

nlohmann::ordered_json to_json(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& check : checks)
    list.push_back({{"name", check.name},
                    {"fitness", name_of(check.fitness)},
                    {"found", check.found},
                    {"effect", check.effect},
                    {"mend", check.mend}});
  return {{"schema", "assay-doctor/1"}, {"is_fit", is_fit(checks)}, {"checks", list}};
}

}  // namespace assay
