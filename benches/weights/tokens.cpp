/// Forward passes, a token an iteration.
///
///     weights/token/<form>/<variant>/<shape>   one token at position 64
///     weights/first-token/<form>/<shape>/manual_time  from the path of a file to the first token's
///                                              logits, without giving back what that took
///     weights/limit/mapped/<probe>/<shape>     reads the weights that a token reads, and does
///                                              nothing else
///     weights/limit/huge/<probe>/<shape>       reads as many bytes from huge pages: four times the
///                                              largest cache, 128 MiB or more, over again
///     weights/control/token/...                the same forward pass twice
///
/// <form>: `views` weights and activations are views; `hybrid` weights are views into the mapped
/// file, activations owned; `owned` all is owned, in memory as Eigen allocates it; `huge` as
/// hybrid, with the file copied to huge pages. Counters: tokens a second, and bytes of weights a
/// token reads.

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "benches/limits/probes.hpp"
#include "benches/load/not_run.hpp"
#include "benches/support/work.hpp"
#include "benches/weights/bench.hpp"
#include "benches/weights/memory.hpp"
#include "benches/weights/models.hpp"
#include "kernels/loading/memory_metrics.hpp"
#include "kernels/weights/transformer.hpp"

namespace assay {
namespace {

constexpr std::int32_t kPosition = 64;
constexpr std::int32_t kToken = 100;

/// A model in one form, ready for a token at kPosition.
template <typename WeightStorage, typename ActivationStorage>
struct Ready {
  Weights<WeightStorage> weights;
  Activations<ActivationStorage> activations;
};

/// The cache of the positions before is any values: what a token reads of it is what counts. The
/// rest stays unwritten, and takes no memory.
template <typename Storage>
void fill_cache(const ModelShape& shape, Activations<Storage>& activations) {
  for (auto* const cache : {&activations.keys, &activations.values})
    for (Eigen::Index layer = 0; layer < shape.layers; ++layer)
      for (Eigen::Index position = 0; position < kPosition; ++position)
        for (Eigen::Index col = 0; col < cache->cols(); ++col)
          (*cache)(layer* shape.seq_len + position, col) =
              static_cast<float>((position * 7 + col * 13) % 101 - 50) * 0.01F;
}

/// The reference: the plain loop, vectorised where the CPU has what that needs, as a token of the
/// large shapes takes the scalar one a tenth of a second.
GemvFn* reference_product() {
  const auto& vectorised = find_variant(gemv_variants(), "auto");
  return cpu_features().has_all(vectorised.needs) ? vectorised.run : gemv_variants().front().run;
}

/// The logits of a token by the reference, from the mapped file whatever the form that is checked;
/// once a process for each shape.
const std::vector<float>& expected_logits(const NamedShape& shape, std::int32_t token,
                                          std::int32_t position) {
  static std::map<std::pair<std::string_view, std::int32_t>, std::vector<float>> kept;
  auto& expected = kept[{shape.name, position}];
  if (!expected.empty()) return expected;
  const MappedModel& file = resident_model(shape);
  const auto weights = load_weights<Viewed>(file.layout, file.data.bytes());
  if (!weights) throw std::runtime_error(weights.error());
  auto activations = make_activations(shape.shape);
  if (position > 0) fill_cache(shape.shape, activations);
  const auto logits = forward(*weights, activations, reference_product(), token, position);
  expected.assign(logits.begin(), logits.end());
  return expected;
}

void check_logits(std::span<const float> logits, std::span<const float> expected) {
  if (logits.size() != expected.size()) throw std::runtime_error("wrong number of logits");
  const auto scale = std::ranges::max(expected, {}, [](float v) { return std::abs(v); });
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!(std::abs(logits[i] - expected[i]) <= 1e-3F * std::abs(scale) + 1e-6F))
      throw std::runtime_error("wrong result in logit " + std::to_string(i));
}

template <int kSite, typename Model>
[[gnu::noinline]] void time_token(benchmark::State& state, Model& model, GemvFn* product,
                                  const NamedShape& shape) {
  const CheckpointLayout layout = layout_of(shape.shape).value();
  mark_site<kSite>();
  std::span<const float> logits;
  for (auto _ : state) {
    hide(model);
    logits = forward(model.weights, model.activations, product, kToken, kPosition);
    consume(*logits.data());
  }
  check_logits(logits, expected_logits(shape, kToken, kPosition));
  const auto read = static_cast<double>(layout.bytes - layout.freq_real.bytes() * 2);
  state.counters["tokens_per_s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes_read"] = read;
  report_work(state, read, "flops", 2 * read / sizeof(float));  // of each weight, once
  state.SetBytesProcessed(static_cast<std::int64_t>(read) * state.iterations());
}

template <typename WeightStorage>
Ready<WeightStorage, Owned> make_ready(const CheckpointLayout& layout,
                                       std::span<const std::byte> bytes) {
  auto weights = load_weights<WeightStorage>(layout, bytes);
  if (!weights) throw std::runtime_error(weights.error());
  Ready<WeightStorage, Owned> ready{std::move(*weights), make_activations(layout.shape)};
  fill_cache(layout.shape, ready.activations);
  return ready;
}

/// What a form is made of, made once a process for each shape.
template <typename Model, typename Make>
Model& kept_model(const NamedShape& shape, Make make) {
  static std::map<std::string_view, std::unique_ptr<Model>> kept;
  auto& model = kept[shape.name];
  if (!model) model = std::make_unique<Model>(make());
  return *model;
}

struct HybridForm {
  static constexpr const char* kName = "hybrid";
  static auto& model(const NamedShape& shape) {
    using Model = Ready<Viewed, Owned>;
    const MappedModel& file = resident_model(shape);
    return kept_model<Model>(shape,
                             [&] { return make_ready<Viewed>(file.layout, file.data.bytes()); });
  }
};

struct OwnedForm {
  static constexpr const char* kName = "owned";
  static auto& model(const NamedShape& shape) {
    using Model = Ready<Owned, Owned>;
    return kept_model<Model>(shape, [&] {
      const MappedModel& file = resident_model(shape);
      return make_ready<Owned>(file.layout, file.data.bytes());
    });
  }
};

/// A type of its own, as models are kept by it.
struct HugeReady : Ready<Viewed, Owned> {};
struct HugeForm {
  static constexpr const char* kName = "huge";
  static auto& model(const NamedShape& shape) {
    return kept_model<HugeReady>(shape, [&] {
      const HugeModel& copy = huge_model(shape);
      return HugeReady{make_ready<Viewed>(copy.layout(), copy.bytes())};
    });
  }
};

struct ViewsReady : Ready<Viewed, ViewedScratch> {
  std::vector<float> buffer;
};
struct ViewsForm {
  static constexpr const char* kName = "views";
  static auto& model(const NamedShape& shape) {
    const MappedModel& file = resident_model(shape);
    return kept_model<ViewsReady>(shape, [&] {
      auto plain = make_ready<Viewed>(file.layout, file.data.bytes());
      std::vector<float> buffer(activation_floats(shape.shape));
      auto activations = make_activations(shape.shape, buffer);
      fill_cache(shape.shape, activations);
      return ViewsReady{{std::move(plain.weights), std::move(activations)}, std::move(buffer)};
    });
  }
};

template <typename Form, int kSite>
void add_token(const std::string& name, const std::string& variant, const NamedShape& shape) {
  add_benchmark(name, [=](benchmark::State& state) {
    const Variant<GemvFn>& product = runnable_gemv(variant);
    auto& model = Form::model(shape);
    state.SetLabel(std::string(product.name));
    time_token<kSite>(state, model, product.run, shape);
  });
}

template <typename Form, int kSite>
void add_tokens(const std::string& variant) {
  for (const NamedShape& shape : kShapes)
    if (!shape.is_sparse && shape.shape.seq_len > kPosition)
      add_token<Form, kSite>("weights/token/" + std::string(Form::kName) + "/" + variant + "/" +
                                 std::string(shape.name),
                             variant, shape);
}

template <typename Storage>
struct FirstToken {
  MappedModel file;
  Weights<Storage> weights;
  Activations<Owned> activations;
  std::span<const float> logits;  ///< within the activations
};

/// From a path to logits, with all that it takes.
template <typename Storage>
FirstToken<Storage> first_token(const std::string& path, GemvFn* product) {
  MappedModel file = map_model(path);
  auto weights = load_weights<Storage>(file.layout, file.data.bytes());
  if (!weights) throw std::runtime_error(weights.error());
  auto activations = make_activations(file.layout.shape);
  const auto logits = forward(*weights, activations, product, kBeginOfSequence, 0);
  consume(*logits.data());
  return {std::move(file), std::move(*weights), std::move(activations), logits};
}

/// Lets the calling thread run on every CPU; if that is refused, on those that it had.
void run_anywhere() {
  cpu_set_t all;
  std::memset(&all, 0xff, sizeof all);
  ::sched_setaffinity(0, sizeof all, &all);
}

/// Brings all of a file into the page cache, by a thread for each CPU: a virtual machine that has
/// to find the memory first may take longer than a slice may last. What is there then is kept for
/// the next attempt. Throws: std::runtime_error, "not run: ...", where it takes longer than some
/// seconds.
void fill_page_cache(const ModelData& data) {
  constexpr std::size_t kPiece = std::size_t{64} << 20;
  // One token more, and the experimenter takes it for a hang.
  constexpr std::chrono::seconds kMost{9};
  const auto end = std::chrono::steady_clock::now() + kMost;
  std::atomic<std::size_t> next = 0, filled = 0;
  const auto fill = [&] {
    run_anywhere();
    while (std::chrono::steady_clock::now() < end) {
      const std::size_t at = next.fetch_add(kPiece);
      if (at >= data.size()) return;
      const std::size_t size = std::min(kPiece, data.size() - at);
      if (data.populate(at, size)) filled += size;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (long cpu = 0; cpu < std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)); ++cpu)
      threads.emplace_back(fill);
  }
  if (filled < data.size())
    throw std::runtime_error("not run: memory: after " + std::to_string(kMost.count()) +
                             " s the page cache holds " + std::to_string(filled >> 20) +
                             " MiB of the file's " + std::to_string(data.size() >> 20) +
                             "; run it again, when the system has found memory");
}

/// A sparse file's logits are zeros; others' come from its reference. Either way all pages of the
/// file are in the page cache then.
std::vector<float> expected_first_logits(const NamedShape& shape, const std::string& path) {
  if (!shape.is_sparse) return expected_logits(shape, kBeginOfSequence, 0);
  require_memory(shape);
  const MappedModel model = map_model(path);
  const auto cached = residency(model.data.bytes());
  if (!cached || !cached->is_whole()) fill_page_cache(model.data);
  return std::vector<float>(static_cast<std::size_t>(shape.shape.vocab), 0.0F);
}

template <typename Storage>
void time_first_token(benchmark::State& state, const NamedShape& shape) {
  constexpr bool kIsCopied = std::is_same_v<Storage, Owned>;
  const std::string path = model_path(shape);
  const std::vector<float> expected = expected_first_logits(shape, path);
  GemvFn* const product = select_gemv().run;
  const auto faults_now = [] { return page_faults().minor; };
  std::uint64_t faults_of_views = 0, faults = 0;
  if (kIsCopied) {
    const std::uint64_t before = faults_now();
    first_token<Viewed>(path, product);
    faults_of_views = faults_now() - before;
  }
  std::uint64_t before = 0;
  const auto prepare = [&] {
    forget_freed_memory();
    before = faults_now();
  };
  time_prepared(
      state, prepare, [&] { return first_token<Storage>(path, product); },
      [&](const FirstToken<Storage>& first) {
        faults = faults_now() - before;
        if (kIsCopied) require_fresh(faults, faults_of_views, first.file.layout.bytes);
        check_logits(first.logits, expected);
      });
  state.counters["minor_faults"] = static_cast<double>(faults);
}

/// The largest cache that this CPU reaches, in bytes, as the kernel has it ("32768K"). sysconf()
/// speaks for the kernels that do not say: on some CPUs it adds up the caches of the whole socket.
std::size_t largest_cache() {
  std::size_t largest = 0;
  std::error_code none;
  for (const auto& item :
       std::filesystem::directory_iterator("/sys/devices/system/cpu/cpu0/cache", none)) {
    std::ifstream file(item.path() / "size");
    std::string size;
    if (!(file >> size)) continue;
    std::size_t kibibytes = 0;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), kibibytes);
    if (error == std::errc{} && *end == 'K') largest = std::max(largest, kibibytes << 10);
  }
  if (largest > 0) return largest;
  for (const int level : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE})
    largest = std::max(largest, static_cast<std::size_t>(std::max(0L, ::sysconf(level))));
  return largest;
}

/// So many bytes that a pass finds in no cache what the one before read.
std::size_t bytes_beyond_caches() {
  constexpr std::size_t kLeast = std::size_t{128} << 20;
  return std::max(kLeast, 4 * largest_cache());
}

const Pages& pages_beyond_caches() {
  static const Pages kPages(bytes_beyond_caches());
  return kPages;
}

/// Reads `total` bytes by a probe of the limits: these, over again where they are fewer.
template <typename Probe>
[[gnu::noinline]] void time_probe(benchmark::State& state, std::span<const std::byte> bytes,
                                  std::size_t total) {
  if (const auto missing = first_missing(Probe::kNeeds, cpu_features()))
    throw std::runtime_error("not run: this CPU has no " + std::string(*missing));
  for (auto _ : state)
    for (std::size_t left = total; left > 0; left -= std::min(left, bytes.size()))
      Probe::template run<false>(bytes.data(), std::min(left, bytes.size()), nullptr);
  end_vectors(Probe::kNeeds);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(total));
  report_work(state, static_cast<double>(total));
}

/// Of the file, the tensors that a token reads, from a cache line on, in whole groups of 256
/// bytes: up to 319 less than the token reads.
std::span<const std::byte> read_by_token(const CheckpointLayout& layout,
                                         std::span<const std::byte> file) {
  constexpr std::size_t kLine = 64, kGroup = 256;
  const auto tensors =
      file.subspan(layout.embedding.offset, layout.freq_real.offset - layout.embedding.offset);
  const auto address = reinterpret_cast<std::uintptr_t>(tensors.data());
  const auto aligned = tensors.subspan((kLine - address % kLine) % kLine);
  return aligned.first(aligned.size() / kGroup * kGroup);
}

template <typename Probe>
void add_probes(const std::string& shape_name) {
  const std::string suffix = "/" + std::string(Probe::kName) + "/" + shape_name;
  add_benchmark("weights/limit/mapped" + suffix, [shape_name](benchmark::State& state) {
    const MappedModel& model = resident_model(shape_named(shape_name));
    const auto read = read_by_token(model.layout, model.data.bytes());
    time_probe<Probe>(state, read, read.size());
  });
  add_benchmark("weights/limit/huge" + suffix, [shape_name](benchmark::State& state) {
    const MappedModel& model = resident_model(shape_named(shape_name));
    time_probe<Probe>(state, pages_beyond_caches().span(),
                      read_by_token(model.layout, model.data.bytes()).size());
  });
}

[[maybe_unused]] const bool kTokensRegistered = [] {
  add_tokens<HybridForm, 0>("best");
  add_tokens<OwnedForm, 1>("best");
  add_tokens<HugeForm, 2>("best");
  add_tokens<ViewsForm, 3>("best");
  add_tokens<HybridForm, 4>("eigen");
  add_tokens<OwnedForm, 5>("eigen");
  add_tokens<HybridForm, 6>("blas/gemv");
  add_tokens<OwnedForm, 7>("blas/gemv");
  add_tokens<HybridForm, 8>("blas/gemm");
  add_tokens<HybridForm, 9>("avx2");
  add_tokens<HybridForm, 10>("auto");
  add_tokens<HybridForm, 11>("scalar");
  for (const NamedShape& shape : kShapes) {
    const std::string name(shape.name);
    add_benchmark("weights/first-token/views/" + name, [&shape](benchmark::State& state) {
      time_first_token<Viewed>(state, shape);
    })->UseManualTime();
    if (!shape.is_sparse)
      add_benchmark("weights/first-token/owned/" + name, [&shape](benchmark::State& state) {
        time_first_token<Owned>(state, shape);
      })->UseManualTime();
  }
  for (const std::string shape : {"15M", "110M"}) {
    add_probes<LoadAvx2>(shape);
    add_probes<LoadAvx512>(shape);
    add_probes<LoadAvx512Prefetch>(shape);
  }
  add_token<HybridForm, 12>("weights/control/token/twin-a", "best", shape_named("260K"));
  add_token<HybridForm, 13>("weights/control/token/twin-b", "best", shape_named("260K"));
  return true;
}();

}  // namespace
}  // namespace assay
