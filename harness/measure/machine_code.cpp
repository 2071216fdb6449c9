#include "measure/machine_code.hpp"

#include <cxxabi.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <set>
#include <sstream>

#include "measure/process.hpp"
#include "text.hpp"

namespace assay {

namespace {

constexpr std::string_view kAnonymous = "(anonymous namespace)";
constexpr std::string_view kOperator = "operator";

bool is_identifier(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Where "operator", as a whole word, begins at the very place, the place after the operator's own
/// brackets; else the place itself.
std::size_t after_operator(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with(kOperator)) return at;
  const std::size_t end = at + kOperator.size();
  const bool is_word = (at == 0 || !is_identifier(text[at - 1])) &&
                       (end == text.size() || !is_identifier(text[end]));
  if (!is_word) return at;
  if (text.substr(end).starts_with("()")) return end + 2;
  return std::min(text.find_first_not_of("<>=-", end), text.size());
}

/// The parts of a demangled name that lie in no brackets.
struct Outline {
  std::size_t name_begin = 0;  ///< after the return type
  std::size_t name_end = 0;    ///< the parameter list, or the end
};

Outline outline_of(std::string_view text) {
  Outline outline{0, text.size()};
  int depth = 0;
  bool is_in_operator = false;  // "operator bool": the blank is part of the name
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kAnonymous)) {
      at += kAnonymous.size();
      continue;
    }
    if (const std::size_t after = depth == 0 ? after_operator(text, at) : at; after != at) {
      is_in_operator = true;
      at = after;
      continue;
    }
    const char c = text[at];
    if (c == '(' && depth == 0) {
      outline.name_end = at;
      return outline;
    }
    if (c == '<' || c == '(' || c == '[' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == ']' || c == '}') --depth;
    if (c == ' ' && depth == 0 && !is_in_operator) outline.name_begin = at + 1;
    ++at;
  }
  return outline;
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && text != nullptr ? text.get() : symbol;
}

std::uint64_t hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

bool is_text(std::string_view type) {
  return type == "T" || type == "t" || type == "W" || type == "w" || type == "i";
}

}  // namespace

std::string function_name(std::string_view text) {
  const Outline outline = outline_of(text);
  if (outline.name_end == text.size()) return std::string(text);
  return std::string(text.substr(outline.name_begin, outline.name_end - outline.name_begin));
}

std::vector<FunctionSymbol> functions_in(std::string_view nm_output) {
  std::vector<FunctionSymbol> functions;
  std::istringstream lines{std::string(nm_output)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string symbol, type, value, size;
    words >> symbol >> type >> value >> size;
    if (!is_text(type) || value.empty()) continue;
    const std::string name = demangled(symbol);
    functions.push_back({symbol, function_name(name), hexadecimal(value), hexadecimal(size),
                         name.find("[clone ") != std::string::npos});
  }
  std::ranges::stable_sort(functions, {}, &FunctionSymbol::address);
  for (auto& function : functions) {
    if (function.size_bytes != 0) continue;
    const auto next =
        std::ranges::upper_bound(functions, function.address, {}, &FunctionSymbol::address);
    if (next != functions.end()) function.size_bytes = next->address - function.address;
  }
  return functions;
}

namespace {

/// Names that end in "::function" first: the namespace was left out.
std::string suggestion(const std::vector<FunctionSymbol>& functions, const std::string& function) {
  std::vector<std::string> names;
  for (const auto& known : functions) {
    if (known.name.ends_with("::" + function))
      return fmt::format("did you mean \"{}\"?", known.name);
    names.push_back(known.name);
  }
  const std::string near = did_you_mean(function, names);
  return near.empty() ? "name it as `nm -C` does, up to its parameter list" : near;
}

}  // namespace

Result<FunctionSymbol> find_function(const std::vector<FunctionSymbol>& functions,
                                     const std::string& function) {
  std::vector<FunctionSymbol> found;
  for (const auto& known : functions)
    if ((known.name == function && known.symbol.find(".cold") == std::string::npos) ||
        known.symbol == function)
      found.push_back(known);
  if (std::ranges::any_of(found, [](const auto& known) { return !known.is_clone; }))
    std::erase_if(found, &FunctionSymbol::is_clone);
  std::set<std::uint64_t> addresses;
  for (const auto& known : found) addresses.insert(known.address);
  if (found.empty())
    return fail(ExitCode::kUsage, "", fmt::format("no function is named \"{}\"", function),
                suggestion(functions, function));
  if (addresses.size() == 1) return found.front();
  std::set<std::string> symbols;
  for (const auto& known : found) symbols.insert(known.symbol);
  return fail(ExitCode::kUsage, "",
              fmt::format("{} functions are named \"{}\"", addresses.size(), function),
              fmt::format("name one by its symbol: {}", fmt::join(symbols, ", ")));
}

Result<void> require_binutils() {
  for (const char* tool : {"nm", "objdump"})
    if (!output_of({tool, "--version"}, true))
      return fail(ExitCode::kInstrument, "",
                  fmt::format("{} is not installed, or does not run", tool),
                  "install the Debian package binutils");
  return {};
}

Result<std::vector<FunctionSymbol>> functions_of(const std::string& executable) {
  const auto listed = output_of({"nm", "-P", "--defined-only", executable}, true);
  auto functions = listed ? functions_in(*listed) : std::vector<FunctionSymbol>{};
  if (functions.empty())
    return fail(ExitCode::kUsage, executable, "no function can be looked up in it",
                "build it as an executable, with its symbols (not stripped)");
  return functions;
}

Result<std::string> disassemble(const std::string& executable, const FunctionSymbol& function) {
  std::vector<std::string> command = {"objdump", "-d", "-C", "--no-show-raw-insn",
                                      fmt::format("--start-address={:#x}", function.address)};
  if (function.size_bytes != 0)
    command.push_back(fmt::format("--stop-address={:#x}", function.address + function.size_bytes));
  command.push_back(executable);
  const auto listing = output_of(command, true);
  if (!listing) return std::unexpected(listing.error());
  const auto label = listing->find(fmt::format("\n{:016x} <", function.address));
  if (label == std::string::npos)
    return fail(ExitCode::kUsage, executable,
                fmt::format("objdump shows no instruction of {}", function.name));
  return listing->substr(label + 1);
}

}  // namespace assay
