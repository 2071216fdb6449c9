#include "kernels/device/kernel_source.hpp"

namespace assay {
namespace {

constexpr const char* kOpenClPrelude = R"(
#define KERNEL __kernel
#define GLOBAL __global
#define LOCAL __local
#define ITEM ((size_t)get_global_id(0))
#define LOCAL_ITEM ((uint)get_local_id(0))
#define BARRIER barrier(CLK_LOCAL_MEM_FENCE)
#define POPCOUNT(word) ((uint)popcount(word))
typedef ulong word_t;
typedef uint count_t;
)";

constexpr const char* kCudaPrelude = R"(
#define KERNEL extern "C" __global__
#define GLOBAL
#define LOCAL __shared__
#define ITEM ((size_t)blockIdx.x * blockDim.x + threadIdx.x)
#define LOCAL_ITEM (threadIdx.x)
#define BARRIER __syncthreads()
#define POPCOUNT(word) ((count_t)__popcll(word))
typedef unsigned long long word_t;
typedef unsigned int count_t;
)";

constexpr const char* kBody = R"(
KERNEL void bind(GLOBAL const word_t* a, GLOBAL const word_t* b, GLOBAL word_t* out, word_t words) {
  const word_t i = ITEM;
  if (i < words) out[i] = a[i] ^ b[i];
}

KERNEL void similarity(GLOBAL const word_t* query, GLOBAL const word_t* rows,
                       GLOBAL count_t* distances, word_t vectors) {
  LOCAL count_t partial[256];
  const word_t i = ITEM;
  const count_t at = LOCAL_ITEM;
  partial[at] = i < 32 * vectors ? POPCOUNT(query[i % 32] ^ rows[i]) : 0;
  BARRIER;
  for (count_t apart = 16; apart > 0; apart /= 2) {
    if (at % 32 < apart) partial[at] += partial[at + apart];
    BARRIER;
  }
  if (at % 32 == 0 && i < 32 * vectors) distances[i / 32] = partial[at];
}
)";

}  // namespace

std::string kernel_source(KernelLanguage language) {
  return std::string(language == KernelLanguage::kOpenClC ? kOpenClPrelude : kCudaPrelude) + kBody;
}

}  // namespace assay
