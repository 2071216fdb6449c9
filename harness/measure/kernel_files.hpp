#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// First line of a file of the kernel's (/proc, /sys); nothing where it cannot be read.
std::optional<std::string> line_of(const std::string& path);

/// The value of "key<separator>value" in such a file, without blanks and quotes around it.
std::optional<std::string> value_in(const std::string& path, std::string_view key, char separator);

}  // namespace assay
