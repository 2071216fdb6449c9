#pragma once

/// The machine code of a kernel, as objdump prints it: what a run keeps of it, and what it tells.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace assay {

struct Instruction {
  std::uint64_t address = 0;
  std::string text;  ///< AT&T, prefixes and targets as printed: "jne    1040 <assay::bind()+0x40>"

  bool operator==(const Instruction&) const = default;
};

/// The instructions in a listing of `objdump -d --no-show-raw-insn`, in order. Headings, labels and
/// "..." are left out, and so is the padding after the last instruction that does something.
std::vector<Instruction> instructions_in(std::string_view listing);

/// Where a direct jump goes, conditional or not; nothing for calls, indirect jumps and all else.
std::optional<std::uint64_t> jump_target(const Instruction& instruction);

/// Some successive instructions: from `first` to before `end`.
struct CodeRange {
  std::size_t first = 0;
  std::size_t end = 0;
  bool is_loop = false;

  bool operator==(const CodeRange&) const = default;
};

/// The loop that the time is most likely spent in. A loop reaches from the target of a backward
/// jump to the last jump back to it, if the one leads to the other (a jump back to a shared
/// epilogue makes no loop); of those that hold no other, the one of most instructions, the first of
/// equals. All instructions where there is none.
CodeRange hot_loop(const std::vector<Instruction>& instructions);

/// The instruction as a reader of one function needs it: its targets inside the function as
/// "+0x40", as the report numbers instructions, and all else as printed.
std::string relative_text(const Instruction& instruction,
                          const std::vector<Instruction>& instructions);

/// A function of an instrument, disassembled when a run began.
struct FunctionCode {
  std::string function;                 ///< as the register names it
  std::string instrument;               ///< name of the executable
  std::string symbol;                   ///< as the linker names it
  std::vector<std::string> benchmarks;  ///< whose entries look at it, as the register names them
  std::string listing;                  ///< objdump's
  std::vector<Instruction> instructions{};  ///< of the listing
};

/// Writes each into a file of its own, DIR/machine_code/<function>.s. Errors: kOutput.
Result<void> write_machine_code(const std::string& run_dir, const std::vector<FunctionCode>& codes);

/// What a run kept, in the order of its files; nothing of a run that kept none. Errors: kData.
Result<std::vector<FunctionCode>> read_machine_code(const std::string& run_dir);

/// The text of such a file, and back. Errors: kData if it names no function, or holds none.
std::string to_text(const FunctionCode& code);
Result<FunctionCode> function_code_from(std::string_view text, const std::string& path);

}  // namespace assay
