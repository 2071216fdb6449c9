#include "record/machine_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/temporary_folder.hpp"

namespace assay {
namespace {

using examples::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// As objdump 2.40 prints it: a loop inside a loop, an odd prefix of each kind, and padding.
constexpr std::string_view kListing = R"(0000000000001000 <assay::sum(std::span<int, 4ul>)>:
    1000:	endbr64
    1004:	push   %rbx
    1005:	lea    0x2ff4(%rip),%rdi        # 4000 <table>
    100c:	mov    $0x10,%ecx
    1011:	rep stos %rax,%es:(%rdi)
    1014:	data16 cs nopw 0x0(%rax,%rax,1)
    101f:	nop

0000000000001020 <assay::sum(std::span<int, 4ul>)::inner>:
    1020:	lock xadd %eax,(%rsi)
    1024:	vpxor  (%rdi),%ymm1,%ymm0
    1028:	add    $0x20,%rdi
    102c:	jne,pt 1020 <assay::sum(std::span<int, 4ul>)+0x20>
    102f:	call   900 <memcpy@plt>
    1034:	notrack jmp *%rax
    1037:	bnd jmp 1011 <assay::sum(std::span<int, 4ul>)+0x11>
	...
    103c:	jle    1050 <assay::other()>
    103e:	pop    %rbx
    103f:	ret
    1040:	data16 data16 cs nopw 0x0(%rax,%rax,1)
    104b:	xchg   %ax,%ax
    104d:	int3
)";

std::vector<Instruction> code(std::initializer_list<const char*> texts) {
  std::vector<Instruction> instructions;
  for (const char* text : texts) instructions.push_back({0x100 + instructions.size(), text});
  return instructions;
}

TEST(InstructionsIn, LeavesOutLabelsGapsAndThePaddingAtTheEnd) {
  const auto found = instructions_in(kListing);
  ASSERT_THAT(found, SizeIs(17));
  EXPECT_EQ(found.front(), (Instruction{0x1000, "endbr64"}));
  EXPECT_EQ(found[2].text, "lea    0x2ff4(%rip),%rdi        # 4000 <table>");
  EXPECT_EQ(found[4].text, "rep stos %rax,%es:(%rdi)");
  EXPECT_EQ(found[5].text, "data16 cs nopw 0x0(%rax,%rax,1)");  // inside: it is run, or jumped over
  EXPECT_EQ(found.back(), (Instruction{0x103f, "ret"}));
}

TEST(InstructionsIn, FindsNoneWhereThereIsNone) {
  EXPECT_THAT(instructions_in(""), IsEmpty());
  EXPECT_THAT(
      instructions_in("a.out:     file format elf64-x86-64\n\nDisassembly of section .text:\n"),
      IsEmpty());
  EXPECT_THAT(instructions_in("  10:\t\n  10\n:\tret\n  xyz:\tret\n"), IsEmpty());
  EXPECT_THAT(instructions_in("  10:\tnop\n"), IsEmpty());
}

TEST(JumpTarget, IsOfDirectJumpsWhateverTheirPrefix) {
  const auto target = [](const char* text) { return jump_target({0, text}); };
  EXPECT_EQ(target("jmp    1011 <f+0x11>"), 0x1011U);
  EXPECT_EQ(target("jne    abc <f(std::span<int, 4ul>)+0x1>"), 0xabcU);
  EXPECT_EQ(target("bnd jmp 1011 <f+0x11>"), 0x1011U);
  EXPECT_EQ(target("jae,pn 20 <f>"), 0x20U);
  EXPECT_EQ(target("ds jne 20 <f>"), 0x20U);
  EXPECT_EQ(target("loop   20 <f>"), 0x20U);
  EXPECT_EQ(target("jrcxz  20 <f>"), 0x20U);
}

TEST(JumpTarget, IsOfNothingElse) {
  for (const char* text :
       {"jmp    *%rax", "notrack jmp *%rax", "jmp    *0x20(%rip)        # 20 <f>",
        "call   900 <memcpy@plt>", "ret", "rep stos %rax,%es:(%rdi)", "", "bnd",
        "lea    0x2ff4(%rip),%rdi        # 4000 <table>", "jmp", "jmp    20"})
    EXPECT_EQ(jump_target({0, text}), std::nullopt) << text;
}

TEST(HotLoop, IsInnermost) {
  const auto instructions = instructions_in(kListing);
  const CodeRange loop = hot_loop(instructions);
  EXPECT_TRUE(loop.is_loop);
  EXPECT_EQ(instructions[loop.first].address, 0x1020U);
  EXPECT_EQ(instructions[loop.end - 1].address, 0x102cU);
}

TEST(HotLoop, HoldsMostInstructionsAndIsTheFirstOfEquals) {
  // Loops of 2, 3 and 3 instructions, one after the other.
  const auto instructions =
      code({"a", "jne 100 <f>", "b", "c", "jne 102 <f+0x2>", "d", "e", "jne 105 <f+0x5>", "ret"});
  EXPECT_EQ(hot_loop(instructions), (CodeRange{2, 5, true}));
}

TEST(HotLoop, ReachesToTheLastJumpToItsBegin) {
  // A loop that goes on from its midst (continue) is one loop, not two.
  const auto instructions = code({"a", "b", "je 101 <f+0x1>", "c", "jmp 101 <f+0x1>", "ret"});
  EXPECT_EQ(hot_loop(instructions), (CodeRange{1, 5, true}));
}

TEST(HotLoop, MayBeOneInstruction) {
  EXPECT_EQ(hot_loop(code({"a", "loop 101 <f+0x1>", "ret"})), (CodeRange{1, 2, true}));
}

TEST(HotLoop, IsNoJumpBackToAnEpilogue) {
  const auto instructions = code({"je 104 <f+0x4>", "pop", "ret", "nop", "a", "je 101 <f+0x1>", "b",
                                  "jne 106 <f+0x6>", "jmp 101 <f+0x1>"});
  EXPECT_EQ(hot_loop(instructions), (CodeRange{6, 8, true}));
  // By a tail call it leaves the function, too.
  EXPECT_FALSE(hot_loop(code({"a", "jmp 50 <g>", "b", "je 100 <f>", "ret"})).is_loop);
}

TEST(HotLoop, MayHoldASwitch) {
  const auto instructions = code({"jmp *%rax", "a", "jmp 100 <f>", "ret"});
  EXPECT_EQ(hot_loop(instructions), (CodeRange{0, 3, true}));
}

TEST(HotLoop, IsTheWholeFunctionWhereThereIsNone) {
  EXPECT_EQ(hot_loop(code({"a", "jne 103 <f+0x3>", "b", "ret"})), (CodeRange{0, 4, false}));
  EXPECT_EQ(hot_loop(code({"a", "jmp 50 <g>"})),
            (CodeRange{0, 2, false}));  // a tail call, backward
  EXPECT_EQ(hot_loop({}), (CodeRange{0, 0, false}));
}

TEST(RelativeText, NumbersTheTargetsInside) {
  const auto instructions = instructions_in(kListing);
  const auto shown = [&](const char* text) { return relative_text({0x1030, text}, instructions); };
  EXPECT_EQ(shown("jne    1020 <assay::sum(std::span<int, 4ul>)+0x20>"), "jne    +0x20");
  EXPECT_EQ(shown("bnd jmp 1000 <assay::sum(std::span<int, 4ul>)>"), "bnd jmp +0x0");
  EXPECT_EQ(shown("jle    1050 <assay::other()>"), "jle    1050 <assay::other()>");
  EXPECT_EQ(shown("call   1020 <x>"), "call   1020 <x>");
}

FunctionCode sum_in(const std::string& instrument) {
  return {"assay::sum", instrument, "_ZN5assay3sumE", {"f/a", "f/{size}"}, std::string(kListing)};
}

TEST(MachineCode, IsReadBackAsItWasWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(read_machine_code(folder.path()).value(), IsEmpty());
  ASSERT_TRUE(write_machine_code(folder.path(), {}).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path("machine_code")));
  ASSERT_TRUE(write_machine_code(folder.path(), {sum_in("one"), sum_in("two")}).has_value());
  EXPECT_TRUE(std::filesystem::exists(folder.path("machine_code/assay--sum.s")));
  const auto codes = read_machine_code(folder.path());
  ASSERT_TRUE(codes.has_value());
  ASSERT_THAT(*codes, SizeIs(2));  // the same name in two instruments
  EXPECT_NE(codes->front().instrument, codes->back().instrument);
  const FunctionCode& code = codes->front();
  EXPECT_EQ(code.function, "assay::sum");
  EXPECT_EQ(code.symbol, "_ZN5assay3sumE");
  EXPECT_THAT(code.benchmarks, ElementsAre("f/a", "f/{size}"));
  EXPECT_EQ(code.listing, kListing);
  EXPECT_EQ(code.instructions, instructions_in(kListing));
}

TEST(MachineCode, IsRefusedWhereAFileHoldsNone) {
  const std::string text = to_text(sum_in("one"));
  EXPECT_TRUE(function_code_from(text, "x.s").has_value());
  for (const auto& damaged : {std::string(), text.substr(0, text.find("0000")),
                              text.substr(text.find("# symbol")), std::string(kListing)}) {
    const auto code = function_code_from(damaged, "x.s");
    ASSERT_FALSE(code.has_value()) << damaged;
    EXPECT_EQ(code.error().code, ExitCode::kData);
    EXPECT_THAT(code.error().message(), HasSubstr("x.s: holds no disassembled function"));
  }
}

TEST(MachineCode, NamesTheFolderThatCannotBeWrittenTo) {
  const auto written = write_machine_code("/proc/none", {sum_in("one")});
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::kOutput);
}

}  // namespace
}  // namespace assay
