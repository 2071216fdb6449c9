#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace assay {

namespace {

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> commands;
  std::string cases;
  for (const auto* command : app.get_subcommands(nullptr)) {
    commands.push_back(command->get_name());
    cases += fmt::format("    {}) words=\"{} {}\" ;;\n", command->get_name(),
                         fmt::join(options_of(*command), " "), fmt::join(options_of(app), " "));
  }
  return fmt::format(R"~(# bash completion of assay: eval "$(./assay completion)"
_assay() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command= words= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case " {0} " in *" $word "*) command=$word; break ;; esac
  done
  case $command in
{1}    *) words="{0} {2}" ;;
  esac
  case $command,$current in
    run,[!-]* | run, | list,[!-]* | list, | show,[!-]* | show,)
      words="$("${{COMP_WORDS[0]}}" list --ids 2>/dev/null) $("${{COMP_WORDS[0]}}" list --families 2>/dev/null)" ;;
    *) compopt -o default ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _assay assay ./assay
)~",
                     fmt::join(commands, " "), cases, fmt::join(options_of(app), " "));
}

}  // namespace assay
