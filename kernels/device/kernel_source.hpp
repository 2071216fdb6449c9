#pragma once

#include <cstddef>
#include <string>

namespace assay {

enum class KernelLanguage { kOpenClC, kCuda };  ///< HIP speaks CUDA

/// Work items of a group, for both kernels: of the similarity, eight vectors.
inline constexpr std::size_t kKernelGroup = 256;

/// The family's kernels in one source, over binary hypervectors of 2,048 bits; n of them lie side
/// by side, 32 words of 64 bits each. Groups of kKernelGroup work items; a last one may be partly
/// idle.
///
///   bind(a, b, out, words): out[i] = a[i] ^ b[i], a work item a word; words = 32 n
///   similarity(a, b, distances, vectors): distances[i], a uint32, counts the bits in which vector
///   i
///     of a and of b differ; 32 work items a vector
std::string kernel_source(KernelLanguage language);

}  // namespace assay
