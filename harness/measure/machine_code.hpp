#pragma once

/// Disassembling single functions of an instrument, by binutils (nm, objdump).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace assay {

/// A function in an executable's symbol table.
struct FunctionSymbol {
  std::string symbol;  ///< as the linker names it
  std::string name;    ///< demangled, up to its parameter list; the symbol where it is not mangled
  std::uint64_t address = 0;
  std::uint64_t size_bytes = 0;  ///< 0: unknown
  bool is_clone = false;         ///< a part or a variant that the compiler split off
};

/// "void assay::time<0>(State&)" -> "assay::time<0>". What has no parameter list is returned whole.
std::string function_name(std::string_view demangled);

/// The functions in the output of `nm -P`, by address. Where the table has no size, the function
/// reaches to the next one.
std::vector<FunctionSymbol> functions_in(std::string_view nm_output);

/// The function of that name or symbol; a clone only where there is nothing else, and never a
/// .cold part. Errors: kUsage without `where`, if there is none or more than one.
Result<FunctionSymbol> find_function(const std::vector<FunctionSymbol>& functions,
                                     const std::string& function);

/// Errors: kInstrument, if nm or objdump is not installed or does not run.
Result<void> require_binutils();

/// The functions of an executable. Errors: kUsage, if it is no object file or has no symbols.
Result<std::vector<FunctionSymbol>> functions_of(const std::string& executable);

/// objdump's listing of the function: a label and a line an instruction, without raw bytes and
/// without the executable's path. Errors: kUsage.
Result<std::string> disassemble(const std::string& executable, const FunctionSymbol& function);

}  // namespace assay
