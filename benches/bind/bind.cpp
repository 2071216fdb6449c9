/// The bind family: what copying costs beside the kernels that the copies are for.
///
/// All variants of a comparison share one input, at the same addresses, and each has a copy of the
/// timed loop; where the input lies averages out over processes.

#include <array>
#include <utility>

#include "benches/bind/loops.hpp"

namespace assay {
namespace {

struct BindLoop {
  template <int kSite>
  static constexpr auto kAt = time_bind<kSite>;
};
struct CopyLoop {
  template <int kSite>
  static constexpr auto kAt = time_copy<kSite>;
};
struct SimilarityLoop {
  template <int kSite>
  static constexpr auto kAt = time_similarity<kSite>;
};
struct BatchLoop {
  template <int kSite>
  static constexpr auto kAt = time_batch<kSite>;
};

constexpr int kSites = 16;

template <typename Loop, int... kSite>
constexpr auto copies_of(std::integer_sequence<int, kSite...> /*sites*/) {
  return std::array{Loop::template kAt<kSite>...};
}

/// The variants of a table take the call sites from `first_site` on.
template <typename Loop, typename Fn, typename Input>
void register_table(const std::string& prefix, std::span<const Variant<Fn>> variants,
                    Input& (*input)(), std::size_t first_site = 0) {
  static constexpr auto kLoops = copies_of<Loop>(std::make_integer_sequence<int, kSites>{});
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant<Fn>& variant = variants[i];
    const auto pick = [&variant]() -> const Variant<Fn>& { return variant; };
    register_variant(prefix + std::string(variant.name), pick, kLoops.at(first_site + i), input);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  register_table<BindLoop>("bind/refs/", bind_variants(), pair_input);
  register_variant("bind/refs/best", select_bind, time_bind<kSites>, pair_input);
  register_table<BindLoop>("bind/clone-both/", bind_clones_variants(), pair_input,
                           bind_variants().size());
  register_table<CopyLoop>("bind/copy-one/", copy_one_variants(), pair_input);
  register_table<SimilarityLoop>("bind/similarity/", hamming_variants(), pair_input);
  register_variant("bind/similarity/best", select_similarity, time_similarity<kSites>, pair_input);
  register_table<BatchLoop>("bind/similarity-1000/refs/", hamming_many_variants(), batch_input);
  register_table<BatchLoop>("bind/similarity-1000/clone-query/", hamming_many_clones_variants(),
                            batch_input, hamming_many_variants().size());
  return true;
}();

}  // namespace
}  // namespace assay
