#include "measure/fingerprint.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "measure/process.hpp"
#include "record/raw_file.hpp"
#include "text.hpp"

namespace assay {

using nlohmann::json;

namespace {

/// First line of a file of the kernel's; null where there is none.
json line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) ? json(line) : json(nullptr);
}

/// Value of "key : value" in such a file; null if absent.
json value_in(const std::string& path, std::string_view key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find(separator);
    if (!line.starts_with(key) || at == std::string::npos) continue;
    const auto start = line.find_first_not_of(" \t\"", at + 1);
    const auto end = line.find_last_not_of(" \t\"");
    return start == std::string::npos ? json("") : json(line.substr(start, end - start + 1));
  }
  return nullptr;
}

json caches() {
  json sizes = json::object();
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index);
    const json size = line_of(folder + "/size");
    const json level = line_of(folder + "/level");
    const json type = line_of(folder + "/type");
    if (size.is_null() || level.is_null() || type == "Instruction") continue;
    sizes["L" + level.get<std::string>()] = size;
  }
  return sizes;
}

}  // namespace

json machine_fingerprint() {
  utsname kernel{};
  ::uname(&kernel);
  const json flags = value_in("/proc/cpuinfo", "flags", ':');
  const bool is_virtual =
      flags.is_string() && flags.get<std::string>().find("hypervisor") != std::string::npos;
  json machine = {
      {"cpu", value_in("/proc/cpuinfo", "model name", ':')},
      {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
      {"caches", caches()},
      {"memory", value_in("/proc/meminfo", "MemTotal", ':')},
      {"kernel", kernel.release},
      {"system", value_in("/etc/os-release", "PRETTY_NAME", '=')},
      {"virtual_machine", is_virtual},
      {"governor", line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
      {"transparent_huge_pages", line_of("/sys/kernel/mm/transparent_hugepage/enabled")},
      {"address_randomisation", line_of("/proc/sys/kernel/randomize_va_space")},
      {"smt", line_of("/sys/devices/system/cpu/smt/active")}};
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
