#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace assay {

/// A bash script that completes the program's commands and options, as `app` has them, and the
/// register's ids, which the program is asked for. zsh reads it after `autoload bashcompinit`.
std::string bash_completion(const CLI::App& app);

}  // namespace assay
