#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "kernels/device/driver.hpp"

namespace assay {

enum class KernelLanguage { kOpenClC, kCuda };  ///< HIP speaks CUDA

/// Work items of a group, for both kernels: of the similarity, eight rows.
inline constexpr std::size_t kKernelGroup = 256;

/// The arguments of both kernels.
inline constexpr std::array kKernelSignature = {ArgumentKind::kRead, ArgumentKind::kRead,
                                                ArgumentKind::kWritten, ArgumentKind::kUint64};

/// The family's kernels in one source, over binary hypervectors of 2,048 bits; n of them lie side
/// by side, 32 words of 64 bits each. Groups of kKernelGroup work items; a last one may be partly
/// idle.
///
///   bind(a, b, out, words): out[i] = a[i] ^ b[i], a work item a word; words = 32 n
///   similarity(query, rows, distances, vectors): distances[i], a uint32, counts the bits in which
///     row i differs from the one vector of query; 32 work items a row
std::string kernel_source(KernelLanguage language);

}  // namespace assay
