#include "measure/machine_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "record/machine_code.hpp"
#include "testing/temporary_folder.hpp"

namespace assay {
namespace {

using examples::TemporaryFolder;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FunctionName, LosesReturnTypeAndParameters) {
  EXPECT_EQ(function_name("assay::bind(std::span<int, 4ul>, void (*)(int))"), "assay::bind");
  EXPECT_EQ(function_name("void assay::time<0>(benchmark::State&)"), "assay::time<0>");
  EXPECT_EQ(function_name("std::vector<int, std::allocator<int> > make<int>(int)"), "make<int>");
  EXPECT_EQ(function_name("(anonymous namespace)::steady(benchmark::State&)"),
            "(anonymous namespace)::steady");
  EXPECT_EQ(function_name("void a::(anonymous namespace)::f<(b)2>(int) const"),
            "a::(anonymous namespace)::f<(b)2>");
  EXPECT_EQ(function_name("f(int) [clone .cold]"), "f");
  EXPECT_EQ(function_name("f[abi:cxx11](int)"), "f[abi:cxx11]");
}

TEST(FunctionName, KeepsOperators) {
  EXPECT_EQ(function_name("A::operator()(int) const"), "A::operator()");
  EXPECT_EQ(function_name("bool operator< <char>(A<char> const&, int)"), "operator< <char>");
  EXPECT_EQ(function_name("std::ostream& operator<< <A>(std::ostream&, A)"), "operator<< <A>");
  EXPECT_EQ(function_name("A::operator->() const"), "A::operator->");
  EXPECT_EQ(function_name("A::operator unsigned long() const"), "A::operator unsigned long");
  EXPECT_EQ(function_name("operator new(unsigned long)"), "operator new");
  EXPECT_EQ(function_name("my_operator(int)"), "my_operator");
}

TEST(FunctionName, IsTheWholeOfWhatHasNoParameters) {
  EXPECT_EQ(function_name("main"), "main");
  EXPECT_EQ(function_name(""), "");
}

constexpr std::string_view kSymbols = R"(_ZN1a1fEi T 1000 20
_ZN1a1fEi.cold t 900 8
_ZN1a1gEi.isra.0 t 1020
_ZN1a1hEi T 1040 10
_ZN1a1hEd W 1050 10
table D 4000 8
main T 2000 30
undefined U
)";

TEST(FunctionsIn, AreOfTheTextAndReachToTheNext) {
  const auto functions = functions_in(kSymbols);
  ASSERT_THAT(functions, SizeIs(6));  // no data, nothing undefined
  EXPECT_EQ(functions[0].address, 0x900U);
  EXPECT_TRUE(functions[0].is_clone);
  EXPECT_EQ(functions[1].symbol, "_ZN1a1fEi");
  EXPECT_EQ(functions[1].name, "a::f");
  EXPECT_EQ(functions[1].size_bytes, 0x20U);
  EXPECT_EQ(functions[2].size_bytes, 0x20U);  // it has none of its own
  EXPECT_EQ(functions[5].name, "main");
  EXPECT_THAT(functions_in("no symbols\n\n"), IsEmpty());
}

TEST(FindFunction, TakesNamesAndSymbols) {
  const auto functions = functions_in(kSymbols);
  EXPECT_EQ(find_function(functions, "a::f")->symbol, "_ZN1a1fEi");
  EXPECT_EQ(find_function(functions, "main")->address, 0x2000U);
  EXPECT_EQ(find_function(functions, "a::g")->symbol, "_ZN1a1gEi.isra.0");  // there is no other
  EXPECT_EQ(find_function(functions, "_ZN1a1hEd")->address, 0x1050U);
}

TEST(FindFunction, SaysWhatIsMeantWhereThereIsNone) {
  const auto functions = functions_in(kSymbols);
  EXPECT_EQ(find_function(functions, "f").error().message(),
            "no function is named \"f\"; did you mean \"a::f\"?");
  EXPECT_EQ(find_function(functions, "mian").error().message(),
            "no function is named \"mian\"; did you mean \"main\"?");
  EXPECT_THAT(find_function(functions, "something_else").error().mend, HasSubstr("nm -C"));
}

TEST(FindFunction, AsksWhichOfSeveral) {
  const auto found = find_function(functions_in(kSymbols), "a::h");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message(),
            "2 functions are named \"a::h\"; name one by its symbol: _ZN1a1hEd, _ZN1a1hEi");
}

TEST(FindFunction, TakesOneAddressUnderTwoNamesForOne) {
  const auto functions = functions_in("_ZN1AC1Ev T 10 4\n_ZN1AC2Ev T 10 4\n");
  EXPECT_EQ(find_function(functions, "A::A")->address, 0x10U);
}

/// A PATH that holds nothing, as long as it lives.
class EmptyPath {
 public:
  EmptyPath() : before_(std::getenv("PATH")) { ::setenv("PATH", folder_.path().c_str(), 1); }
  EmptyPath(const EmptyPath&) = delete;
  EmptyPath& operator=(const EmptyPath&) = delete;
  ~EmptyPath() { ::setenv("PATH", before_.c_str(), 1); }

 private:
  TemporaryFolder folder_;
  std::string before_;
};

TEST(RequireBinutils, NamesThePackageThatIsMissing) {
  const EmptyPath empty;
  const auto there = require_binutils();
  ASSERT_FALSE(there.has_value());
  EXPECT_EQ(there.error().message(),
            "nm is not installed, or does not run; install the Debian package binutils");
}

/// Of a real executable.
class Disassembly : public testing::Test {
 protected:
  void SetUp() override {
    if (!require_binutils()) GTEST_SKIP() << "no binutils here";
  }
};

TEST_F(Disassembly, IsOfTheOneFunction) {
  const auto functions = functions_of(ASSAY_FAULTY);
  ASSERT_TRUE(functions.has_value()) << functions.error().message();
  const auto steady = find_function(*functions, "(anonymous namespace)::steady");
  ASSERT_TRUE(steady.has_value()) << steady.error().message();
  const auto listing = disassemble(ASSAY_FAULTY, *steady);
  ASSERT_TRUE(listing.has_value());
  EXPECT_THAT(*listing, HasSubstr("<(anonymous namespace)::steady(benchmark::State&)>:\n"));
  EXPECT_EQ(listing->find("file format"), std::string::npos);  // it says where things lie
  const auto instructions = instructions_in(*listing);
  ASSERT_FALSE(instructions.empty());
  EXPECT_EQ(instructions.front().address, steady->address);
  EXPECT_LT(instructions.back().address, steady->address + steady->size_bytes);
  const auto multiplies = [](const Instruction& instruction) {
    return instruction.text.find("imul") != std::string::npos;
  };
  EXPECT_TRUE(std::ranges::any_of(instructions, multiplies));
}

TEST_F(Disassembly, IsRefusedOfWhatIsNoExecutable) {
  const TemporaryFolder folder;
  examples::write_text(folder.path("script"), "#!/bin/sh\n");
  for (const auto& path : {folder.path("script"), folder.path("absent")}) {
    const auto functions = functions_of(path);
    ASSERT_FALSE(functions.has_value());
    EXPECT_EQ(functions.error().code, ExitCode::kUsage);
    EXPECT_THAT(functions.error().message(), HasSubstr("no function can be looked up in it"));
  }
}

TEST_F(Disassembly, SaysSoWhereNothingIs) {
  const auto listing = disassemble(ASSAY_FAULTY, {"nowhere", "nowhere", 0xffffff0000, 16});
  ASSERT_FALSE(listing.has_value());
  EXPECT_THAT(listing.error().message(), HasSubstr("objdump shows no instruction of nowhere"));
}

}  // namespace
}  // namespace assay
