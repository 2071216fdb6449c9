#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "error.hpp"

namespace assay {

/// What identifies this machine to a later comparison, and what may disturb it: CPU, caches,
/// kernel, memory, hypervisor, governor, huge pages, address randomisation, how far ahead of each
/// disk the kernel reads, and what the zram devices that are there compress by. "fingerprint" is a
/// hash of what must be equal for times to be comparable at all; disks and zram are not in it.
nlohmann::json machine_fingerprint();

/// Commit of the repository that holds `folder`, and whether its tree differs from it. Null values
/// where there is no repository or no git.
nlohmann::json source_state(const std::string& folder);

/// SHA-256 of a file. Errors: kData.
Result<std::string> hash_of_file(const std::string& path);

}  // namespace assay
