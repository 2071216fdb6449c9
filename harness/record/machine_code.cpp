#include "record/machine_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>

#include "record/raw_file.hpp"
#include "text.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Takes the first line off the text.
std::string_view take_code_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Takes the first word, and the blanks around it, off the text.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const auto end = std::min(text.find_first_of(kBlanks), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

/// The hexadecimal number that the text begins with, if `after` follows it.
std::optional<std::uint64_t> address_before(std::string_view text, char after) {
  std::uint64_t address = 0;
  const char* const begin = text.data();
  const char* const last = begin + text.size();
  const auto [end, error] = std::from_chars(begin, last, address, 16);
  if (error != std::errc() || end == last || *end != after) return std::nullopt;
  return address;
}

/// "  1040:	vpxor  (%rdi),%ymm0,%ymm0".
std::optional<Instruction> instruction_in(std::string_view line) {
  line = trimmed(line);
  const auto address = address_before(line, ':');
  if (!address) return std::nullopt;
  const std::string_view text = trimmed(line.substr(line.find(':') + 1));
  if (text.empty()) return std::nullopt;
  return Instruction{*address, std::string(text)};
}

bool is_prefix(std::string_view word) {
  static const std::set<std::string_view> kPrefixes = {
      "addr32",  "bnd", "cs",   "data16", "ds",    "es",   "fs",    "gs",       "lock",
      "notrack", "rep", "repe", "repne",  "repnz", "repz", "rex.W", "xacquire", "xrelease"};
  return kPrefixes.contains(word);
}

/// The instruction's own word, of which prefixes are no part; `rest` becomes its operands.
std::string_view mnemonic_of(std::string_view text, std::string_view& rest) {
  rest = text;
  std::string_view word = take_word(rest);
  while (is_prefix(word) && !rest.empty()) word = take_word(rest);
  return word.substr(0, word.find(','));  // "jne,pt": a hint to the branch predictor
}

bool is_padding(const Instruction& instruction) {
  std::string_view operands;
  const std::string_view word = mnemonic_of(instruction.text, operands);
  return word.starts_with("nop") || word == "int3" || (word == "xchg" && operands == "%ax,%ax") ||
         is_prefix(word);
}

}  // namespace

std::vector<Instruction> instructions_in(std::string_view listing) {
  std::vector<Instruction> instructions;
  while (!listing.empty())
    if (auto found = instruction_in(take_code_line(listing)))
      instructions.push_back(*std::move(found));
  while (!instructions.empty() && is_padding(instructions.back())) instructions.pop_back();
  return instructions;
}

std::optional<std::uint64_t> jump_target(const Instruction& instruction) {
  std::string_view operands;
  const std::string_view word = mnemonic_of(instruction.text, operands);
  if (!word.starts_with('j') && !word.starts_with("loop")) return std::nullopt;
  return address_before(operands, ' ');  // indirect ones begin with '*'
}

namespace {

/// Where control may go from an instruction, as indices.
struct Successors {
  std::optional<std::size_t> jump;  ///< inside the function
  bool has_next = true;
};

std::vector<Successors> flow_of(const std::vector<Instruction>& instructions) {
  std::map<std::uint64_t, std::size_t> index_of;
  for (std::size_t i = 0; i < instructions.size(); ++i) index_of[instructions[i].address] = i;
  std::vector<Successors> flow(instructions.size());
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    std::string_view operands;
    const std::string_view word = mnemonic_of(instructions[i].text, operands);
    const auto target = jump_target(instructions[i]);
    if (target)
      if (const auto found = index_of.find(*target); found != index_of.end())
        flow[i].jump = found->second;
    // An indirect jump may go anywhere: also to what follows it, as in a switch.
    const bool is_end = word.starts_with("ret") || word == "ud2" || word == "hlt";
    flow[i].has_next = !is_end && !(target && word.starts_with("jmp"));
  }
  return flow;
}

/// True if control that is at `from` may come to `to` by instructions between them alone.
bool leads_to(const std::vector<Successors>& flow, std::size_t from, std::size_t to) {
  std::vector<bool> seen(to - from + 1);
  std::vector<std::size_t> open = {from};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    if (at == to) return true;
    if (at < from || at > to || seen[at - from]) continue;
    seen[at - from] = true;
    if (flow[at].has_next) open.push_back(at + 1);
    if (flow[at].jump) open.push_back(*flow[at].jump);
  }
  return false;
}

}  // namespace

CodeRange hot_loop(const std::vector<Instruction>& instructions) {
  const std::vector<Successors> flow = flow_of(instructions);
  std::map<std::size_t, std::size_t> end_of;  // by the loop's first instruction
  for (std::size_t i = 0; i < flow.size(); ++i)
    if (flow[i].jump && *flow[i].jump <= i && leads_to(flow, *flow[i].jump, i))
      end_of[*flow[i].jump] = i + 1;
  CodeRange best{0, instructions.size(), false};
  for (const auto& loop : end_of) {
    const auto& [first, end] = loop;
    const bool holds_another =
        std::any_of(end_of.upper_bound(first), end_of.end(),
                    [&](const auto& other) { return other.second <= loop.second; });
    if (holds_another) continue;
    if (!best.is_loop || end - first > best.end - best.first) best = {first, end, true};
  }
  return best;
}

std::string relative_text(const Instruction& instruction,
                          const std::vector<Instruction>& instructions) {
  const auto target = jump_target(instruction);
  if (!target || *target < instructions.front().address || *target > instructions.back().address)
    return instruction.text;
  const auto label = instruction.text.find(" <");
  const auto address = instruction.text.find_last_of(kBlanks, label - 1) + 1;
  return instruction.text.substr(0, address) +
         fmt::format("+{:#x}", *target - instructions.front().address);
}

namespace {

constexpr std::string_view kFunction = "# function: ";
constexpr std::string_view kInstrument = "# instrument: ";
constexpr std::string_view kSymbol = "# symbol: ";
constexpr std::string_view kBenchmark = "# benchmark: ";

std::string machine_code_folder(const std::string& run_dir) {
  return run_dir + "/machine_code";
}

/// Overloads and instruments may share a function's name, and names a file's.
std::string unused(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", wanted, i);
  return name;
}

}  // namespace

std::string to_text(const FunctionCode& code) {
  std::string text = fmt::format("{}{}\n{}{}\n{}{}\n", kFunction, code.function, kInstrument,
                                 code.instrument, kSymbol, code.symbol);
  for (const auto& benchmark : code.benchmarks)
    text += fmt::format("{}{}\n", kBenchmark, benchmark);
  return text + code.listing;
}

Result<FunctionCode> function_code_from(std::string_view text, const std::string& path) {
  FunctionCode code;
  while (text.starts_with('#')) {
    const std::string_view line = take_code_line(text);
    const auto value = [&](std::string_view key) { return std::string(line.substr(key.size())); };
    if (line.starts_with(kFunction)) code.function = value(kFunction);
    if (line.starts_with(kInstrument)) code.instrument = value(kInstrument);
    if (line.starts_with(kSymbol)) code.symbol = value(kSymbol);
    if (line.starts_with(kBenchmark)) code.benchmarks.push_back(value(kBenchmark));
  }
  code.listing = text;
  code.instructions = instructions_in(text);
  if (code.function.empty() || code.instructions.empty())
    return fail(ExitCode::kData, path, "holds no disassembled function",
                "restore the file as the run wrote it");
  return code;
}

Result<void> write_machine_code(const std::string& run_dir,
                                const std::vector<FunctionCode>& codes) {
  if (codes.empty()) return {};
  const std::string folder = machine_code_folder(run_dir);
  std::error_code ignored;  // the first file that cannot be written tells
  fs::create_directory(folder, ignored);
  constexpr std::size_t kLongestName = 200;
  std::set<std::string> taken;
  for (const auto& code : codes) {
    const std::string name = unused(file_name_of(code.function).substr(0, kLongestName), taken);
    if (auto written = write_file(fmt::format("{}/{}.s", folder, name), to_text(code)); !written)
      return written;
  }
  return {};
}

Result<std::vector<FunctionCode>> read_machine_code(const std::string& run_dir) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(machine_code_folder(run_dir), error))
    if (item.path().extension() == ".s") paths.push_back(item.path().string());
  std::ranges::sort(paths);
  std::vector<FunctionCode> codes;
  for (const auto& path : paths) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    auto code = function_code_from(*text, path);
    if (!code) return std::unexpected(code.error());
    codes.push_back(*std::move(code));
  }
  return codes;
}

}  // namespace assay
