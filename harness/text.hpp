#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// The candidate with the least edit distance to `word`; empty if none is within a third of the
/// word's length (at least 2), so that a suggestion is never absurd.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean "x"?" or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// Letters, digits, '.', '_' and '-' kept, all else '-': for file names made from ids.
std::string file_name_of(std::string_view id);

}  // namespace assay
