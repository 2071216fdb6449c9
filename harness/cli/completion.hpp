#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace assay {

/// A bash script that completes the program's commands and options, as `app` has them; the values
/// of the options in `values` (words by option); the register's ids, for which it asks this
/// executable; and folders elsewhere. zsh reads it after `autoload bashcompinit`.
std::string bash_completion(const CLI::App& app, const std::map<std::string, std::string>& values);

}  // namespace assay
