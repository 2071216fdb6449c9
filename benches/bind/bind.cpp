/// The bind family: what copying costs beside the kernels that the copies are for.
///
/// All variants of a comparison share one input, at the same addresses: the kernel is the only
/// thing that differs within a process, and where the input lies averages out over processes.

#include "benches/bind/loops.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kSeed = 16;

PairInput& pair_input() {
  static PairInput input = make_pair_input(kSeed);
  return input;
}

BatchInput& batch_input() {
  static BatchInput input = make_batch_input(kSeed);
  return input;
}

template <typename Fn, typename Input>
void register_table(const std::string& prefix, std::span<const Variant<Fn>> variants,
                    void (*time)(benchmark::State&, Fn*, Input&), Input& (*input)()) {
  for (const Variant<Fn>& variant : variants) {
    const auto pick = [&variant]() -> const Variant<Fn>& { return variant; };
    register_variant(prefix + std::string(variant.name), pick, time, input);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  register_table("bind/refs/", bind_variants(), time_bind, pair_input);
  register_variant("bind/refs/best", select_bind, time_bind, pair_input);
  register_table("bind/clone-both/", bind_clones_variants(), time_bind, pair_input);
  register_table("bind/copy-one/", copy_one_variants(), time_copy, pair_input);
  register_table("bind/similarity/", hamming_variants(), time_similarity, pair_input);
  register_variant("bind/similarity/best", select_similarity, time_similarity, pair_input);
  register_table("bind/similarity-1000/", hamming_batch_variants(), time_batch, batch_input);
  return true;
}();

}  // namespace
}  // namespace assay
