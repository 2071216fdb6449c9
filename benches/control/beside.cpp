/// The other side of controls across two processes: the kernels and loops of control.cpp.

#include "benches/bind/loops.hpp"

namespace assay {
namespace {

PairInput& pair_input() {
  static PairInput input = make_pair_input(3);
  return input;
}

BatchInput& batch_input() {
  static BatchInput input = make_batch_input(3);
  return input;
}

const Variant<HammingManyFn>& batch_on_references() {
  return find_variant(hamming_many_variants(), "avx2");
}

[[maybe_unused]] const bool kRegistered = [] {
  register_variant("control/bind/beside", select_bind, time_bind<0>, pair_input);
  register_variant("control/similarity-1000/beside", batch_on_references, time_batch<0>,
                   batch_input);
  return true;
}();

}  // namespace
}  // namespace assay
