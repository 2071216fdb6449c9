#include "measure/fingerprint.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>

#include "measure/kernel_files.hpp"
#include "measure/process.hpp"
#include "record/raw_file.hpp"
#include "text.hpp"

namespace assay {

using nlohmann::json;

namespace {

json or_null(const std::optional<std::string>& value) {
  return value ? json(*value) : json(nullptr);
}

json caches() {
  json sizes = json::object();
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    const auto size = line_of(folder + "/size");
    const auto level = line_of(folder + "/level");
    if (!size || !level || line_of(folder + "/type") == "Instruction") continue;
    sizes["L" + *level] = *size;
  }
  return sizes;
}

/// By block device, the line of that file below its folder; of those that have it and a size.
json of_block_devices(const std::string& file, bool is_asked_of_empty) {
  json lines = json::object();
  std::error_code ignored;
  for (const auto& device : std::filesystem::directory_iterator("/sys/block", ignored)) {
    const auto line = line_of(device.path().string() + "/" + file);
    const bool is_empty = line_of(device.path().string() + "/size").value_or("0") == "0";
    if (line && (is_asked_of_empty || !is_empty)) lines[device.path().filename().string()] = *line;
  }
  return lines;
}

}  // namespace

json machine_fingerprint() {
  utsname kernel{};
  ::uname(&kernel);
  const auto flags = value_in("/proc/cpuinfo", "flags", ':');
  const bool is_virtual = flags && flags->find("hypervisor") != std::string::npos;
  json machine = {
      {"cpu", or_null(value_in("/proc/cpuinfo", "model name", ':'))},
      {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
      {"caches", caches()},
      {"memory", or_null(value_in("/proc/meminfo", "MemTotal", ':'))},
      {"kernel", kernel.release},
      {"system", or_null(value_in("/etc/os-release", "PRETTY_NAME", '='))},
      {"virtual_machine", is_virtual},
      {"governor", or_null(line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))},
      {"transparent_huge_pages", or_null(line_of("/sys/kernel/mm/transparent_hugepage/enabled"))},
      {"address_randomisation", or_null(line_of("/proc/sys/kernel/randomize_va_space"))},
      {"smt", or_null(line_of("/sys/devices/system/cpu/smt/active"))},
      {"read_ahead_kb", of_block_devices("queue/read_ahead_kb", false)},
      {"zram_algorithms", of_block_devices("comp_algorithm", true)}};
  json identity = json::array();
  for (const char* key : {"cpu", "cores", "caches", "memory", "kernel", "governor"})
    identity.push_back(machine[key]);
  machine["fingerprint"] = sha256(identity.dump()).substr(0, 16);
  return machine;
}

json source_state(const std::string& folder) {
  const auto commit = output_of({"git", "-C", folder, "rev-parse", "HEAD"}, true);
  const auto status =
      output_of({"git", "-C", folder, "status", "--porcelain", "--untracked-files=no"}, true);
  if (!commit || !status) return {{"commit", nullptr}, {"dirty", nullptr}};
  return {{"commit", commit->substr(0, commit->find('\n'))}, {"dirty", !status->empty()}};
}

Result<std::string> hash_of_file(const std::string& path) {
  auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  return sha256(*content);
}

}  // namespace assay
