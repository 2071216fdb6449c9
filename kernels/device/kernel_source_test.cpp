// Whether the kernels compile for GPUs, where their compilers are; none needs a GPU. A program of
// its own: hipRTC and PoCL each bring an LLVM, and Debian's two do not live in one process.

#include "kernels/device/kernel_source.hpp"

#include <gmock/gmock.h>

#include "kernels/device/shared_library.hpp"

namespace assay {
namespace {

/// NVRTC's and hipRTC's functions, as far as they are alike.
struct Compiler {
  int (*create)(void** program, const char* source, const char* name, int headers,
                const char* const* contents, const char* const* names) = nullptr;
  int (*compile)(void* program, int count, const char* const* options) = nullptr;
  int (*log_size)(void* program, std::size_t* size) = nullptr;
  int (*log)(void* program, char* text) = nullptr;
  int (*destroy)(void** program) = nullptr;

  Compiler(SharedLibrary& library, const std::string& prefix) {
    library.find((prefix + "CreateProgram").c_str(), create);
    library.find((prefix + "CompileProgram").c_str(), compile);
    library.find((prefix + "GetProgramLogSize").c_str(), log_size);
    library.find((prefix + "GetProgramLog").c_str(), log);
    library.find((prefix + "DestroyProgram").c_str(), destroy);
  }
  /// What the compiler says; empty where it compiles.
  std::string complaint(const std::string& source, const char* option) const {
    void* program = nullptr;
    if (create(&program, source.c_str(), "kernels", 0, nullptr, nullptr) != 0) return "no program";
    std::string text;
    if (compile(program, 1, &option) != 0) {
      std::size_t size = 0;
      log_size(program, &size);
      text.resize(size + 1);
      log(program, text.data());
    }
    destroy(&program);
    return text;
  }
};

void expect_kernels_compile(SharedLibrary& library, const std::string& prefix, const char* option) {
  if (!library.is_open()) GTEST_SKIP() << "not run: " << library.error();
  const Compiler compiler(library, prefix);
  ASSERT_EQ(library.error(), "");
  EXPECT_EQ(compiler.complaint(kernel_source(KernelLanguage::kCuda), option), "");
  EXPECT_NE(compiler.complaint("no kernel", option), "");
}

TEST(KernelSource, CompilesByNvrtc) {
  SharedLibrary library("", {"libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so"});
  expect_kernels_compile(library, "nvrtc", "--gpu-architecture=compute_75");
}

TEST(KernelSource, CompilesByHiprtc) {
  SharedLibrary library("", {"libamdhip64.so", "libamdhip64.so.6", "libamdhip64.so.5"});
  expect_kernels_compile(library, "hiprtc", "--offload-arch=gfx90a");
}

}  // namespace
}  // namespace assay
