#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

namespace assay {

namespace {

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// The program itself, not the script that builds it before each use.
std::string this_executable() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

constexpr const char* kScript = R"~(# bash completion of assay: eval "$(./assay completion)"
_assay() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= words= word before=
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    [[ $before == --* ]] || case " {commands} " in *" $word "*) command=$word; break ;; esac
    before=$word
  done
  case $previous in
{values}    --output | --results | --register | --instruments | --resume | --by) COMPREPLY=(); compopt -o default; return ;;
  esac
  if [[ $current == -* ]]; then
    case $command in
{options}    *) words="{common}" ;;
    esac
  else
    case $command in
      '') words="{commands}" ;;
      run | list | show) words="$('{program}' list --words 2>/dev/null)" ;;
      *) COMPREPLY=(); compopt -o default; return ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _assay assay ./assay
)~";

}  // namespace

std::string bash_completion(const CLI::App& app, const std::map<std::string, std::string>& values) {
  const std::string common = fmt::format("{}", fmt::join(options_of(app), " "));
  std::vector<std::string> commands;
  std::string options;
  for (const auto* command : app.get_subcommands(nullptr)) {
    commands.push_back(command->get_name());
    options += fmt::format("    {}) words=\"{} {}\" ;;\n", command->get_name(),
                           fmt::join(options_of(*command), " "), common);
  }
  std::string of_values;
  for (const auto& [option, words] : values)
    of_values += fmt::format(
        "    {}) mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$current\"); return ;;\n", option,
        words);
  return fmt::format(fmt::runtime(kScript), fmt::arg("commands", fmt::join(commands, " ")),
                     fmt::arg("values", of_values), fmt::arg("options", options),
                     fmt::arg("common", common), fmt::arg("program", this_executable()));
}

}  // namespace assay
