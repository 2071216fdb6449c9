#include "kernels/weights/transformer.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "kernels/weights/file_bytes_test.hpp"
#include "kernels/weights/shapes_test.hpp"
#include "kernels/weights/tokenizer.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A second implementation, as plain as the papers, in double precision and with no cache: what
// forward() must come near to, whatever its bugs.
using Doubles = std::vector<double>;

class PlainModel {
 public:
  PlainModel(const CheckpointLayout& layout, std::span<const std::byte> file)
      : layout_(layout), file_(file) {}

  /// The logits after the last of the tokens.
  Doubles logits(std::span<const std::int32_t> tokens) const {
    const ModelShape& s = layout_.shape;
    std::vector<Doubles> xs;
    for (const auto token : tokens) {
      const Doubles all = read(layout_.embedding);
      const auto dim = static_cast<std::ptrdiff_t>(s.dim);
      xs.emplace_back(all.begin() + token * dim, all.begin() + (token + 1) * dim);
    }
    for (std::int32_t l = 0; l < s.layers; ++l) run_layer(l, xs);
    return times(layout_.classifier, norm(xs.back(), layout_.final_norm));
  }

 private:
  Doubles read(const TensorPlace& place) const {
    Doubles values(place.rows * place.cols);
    for (std::size_t i = 0; i < values.size(); ++i) {
      float value = 0;
      std::memcpy(&value, file_.data() + place.offset + 4 * i, sizeof value);
      values[i] = static_cast<double>(value);
    }
    return values;
  }
  Doubles times(const TensorPlace& place, const Doubles& x) const {
    const Doubles w = read(place);
    Doubles y(place.rows);
    for (std::size_t i = 0; i < w.size(); ++i) y[i / place.cols] += w[i] * x[i % place.cols];
    return y;
  }
  Doubles norm(const Doubles& x, const TensorPlace& place) const {
    const Doubles w = read(place);
    double squares = 0;
    for (const double value : x) squares += value * value;
    Doubles y(x.size());
    const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + 1e-5);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = w[i] * x[i] * scale;
    return y;
  }
  Doubles turned(Doubles heads, std::size_t position) const {
    const auto head_dim = static_cast<std::size_t>(layout_.shape.head_dim());
    for (std::size_t i = 0; i < heads.size(); i += 2) {
      const double angle =
          static_cast<double>(position) *
          std::pow(10000.0, -static_cast<double>(i % head_dim) / static_cast<double>(head_dim));
      const double a = heads[i], b = heads[i + 1];
      heads[i] = a * std::cos(angle) - b * std::sin(angle);
      heads[i + 1] = a * std::sin(angle) + b * std::cos(angle);
    }
    return heads;
  }
  void run_layer(std::int32_t l, std::vector<Doubles>& xs) const {
    const ModelShape& s = layout_.shape;
    const auto head_dim = static_cast<std::size_t>(s.head_dim());
    std::vector<Doubles> queries, keys, values;
    for (std::size_t t = 0; t < xs.size(); ++t) {
      const Doubles x = norm(xs[t], layout_.attention_norm.at(l));
      queries.push_back(turned(times(layout_.wq.at(l), x), t));
      keys.push_back(turned(times(layout_.wk.at(l), x), t));
      values.push_back(times(layout_.wv.at(l), x));
    }
    for (std::size_t t = 0; t < xs.size(); ++t) {
      Doubles mixed(xs[t].size());
      for (std::size_t h = 0; h < static_cast<std::size_t>(s.heads); ++h) {
        const std::size_t kv = h / static_cast<std::size_t>(s.heads / s.kv_heads);
        Doubles weights(t + 1);
        double total = 0;
        for (std::size_t u = 0; u <= t; ++u) {
          double score = 0;
          for (std::size_t i = 0; i < head_dim; ++i)
            score += queries[t][h * head_dim + i] * keys[u][kv * head_dim + i];
          weights[u] = std::exp(score / std::sqrt(static_cast<double>(head_dim)));
          total += weights[u];
        }
        for (std::size_t u = 0; u <= t; ++u)
          for (std::size_t i = 0; i < head_dim; ++i)
            mixed[h * head_dim + i] += weights[u] / total * values[u][kv * head_dim + i];
      }
      add(xs[t], times(layout_.wo.at(l), mixed));
      const Doubles x = norm(xs[t], layout_.ffn_norm.at(l));
      Doubles hidden = times(layout_.w1.at(l), x);
      const Doubles gate = times(layout_.w3.at(l), x);
      for (std::size_t i = 0; i < hidden.size(); ++i)
        hidden[i] *= gate[i] / (1 + std::exp(-hidden[i]));
      add(xs[t], times(layout_.w2.at(l), hidden));
    }
  }
  static void add(Doubles& x, const Doubles& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }

  CheckpointLayout layout_;
  std::span<const std::byte> file_;
};

/// Calls check(weights, activations, name) for each form of a forward pass.
template <typename Check>
void for_each_form(const CheckpointLayout& layout, std::span<const std::byte> file, Check check) {
  const auto views = load_weights<Viewed>(layout, file).value();
  const auto copies = load_weights<Owned>(layout, file).value();
  std::vector<float> buffer(activation_floats(layout.shape));
  auto viewed = make_activations(layout.shape, buffer);
  auto owned = make_activations(layout.shape);
  check(views, viewed, "views");
  check(views, owned, "hybrid");
  check(copies, owned, "owned");
}

template <typename Check>
void for_each_product(Check check) {
  for (const auto& variant : gemv_variants()) {
    if (!cpu_features().has_all(variant.needs)) continue;
    SCOPED_TRACE(std::string(variant.name));
    check(variant.run);
  }
}

TEST(Transformer, ComesNearToThePlainModelInEveryForm) {
  for (const bool has_classifier : {false, true}) {
    ModelShape shape = kTinyShape;
    shape.has_classifier = has_classifier;
    const auto file = checkpoint_bytes(shape);
    const auto layout = parse_checkpoint("model.bin", file).value();
    const std::vector<std::int32_t> tokens = {1, 4, 10, 0, 7};
    const Doubles expected = PlainModel(layout, file).logits(tokens);
    for_each_form(layout, file, [&](const auto& weights, auto& activations, const char* form) {
      SCOPED_TRACE(form);
      for_each_product([&](GemvFn* product) {
        std::span<const float> logits;
        for (std::size_t t = 0; t < tokens.size(); ++t)
          logits = forward(weights, activations, product, tokens[t], static_cast<std::int32_t>(t));
        ASSERT_EQ(logits.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i)
          EXPECT_NEAR(logits[i], expected[i], 1e-4 * (1 + std::abs(expected[i]))) << i;
      });
    });
  }
}

TEST(Transformer, RefusesATokenOrPositionOutside) {
  const auto file = checkpoint_bytes(kTinyShape);
  const auto weights =
      load_weights<Viewed>(parse_checkpoint("model.bin", file).value(), file).value();
  auto activations = make_activations(kTinyShape);
  GemvFn* const product = gemv_variants().front().run;
  EXPECT_THROW(forward(weights, activations, product, 11, 0), std::out_of_range);
  EXPECT_THROW(forward(weights, activations, product, -1, 0), std::out_of_range);
  EXPECT_THROW(forward(weights, activations, product, 0, 8), std::out_of_range);
  EXPECT_NO_THROW(forward(weights, activations, product, 10, 7));
}

TEST(Transformer, NeedsAWholeBufferForViewedActivations) {
  std::vector<float> buffer(activation_floats(kTinyShape) - 1);
  EXPECT_THROW(make_activations(kTinyShape, buffer), std::invalid_argument);
}

TEST(Transformer, RefusesActivationsThatNoMemoryHolds) {
  ModelShape shape = kTinyShape;
  shape.layers = shape.seq_len = std::numeric_limits<std::int32_t>::max();
  EXPECT_THROW(activation_floats(shape), std::length_error);
  // 2^64 and a little: unchecked, it would wrap around to next to nothing.
  shape = {1 << 22, 24, 1 << 21, 1, 1, 11, (1 << 21) + 1};
  EXPECT_THROW(activation_floats(shape), std::length_error);
  EXPECT_THROW(make_activations(shape, std::span<float>()), std::length_error);
  // Each of the parts once, by hand: dim 16, hidden 24, seq 8, vocab 11, head 4, kv_dim 8.
  EXPECT_EQ(activation_floats(kTinyShape), 4U * 16 + 2 * 32 + 16 + 16 + 2 * 16 + 2 * (2 * 8 * 8));
}

TEST(Greedy, TakesTheFirstOfEqualLogits) {
  const std::vector<float> logits = {1, 3, 2, 3};
  EXPECT_EQ(most_likely(logits), 1);
}

TEST(RealModel, WritesItsRecordedTextInEveryForm) {
  const char* const folder = std::getenv("ASSAY_MODEL_DIR");
  if (folder == nullptr || *folder == '\0')
    GTEST_SKIP() << "NOT RUN: no real model: set ASSAY_MODEL_DIR to a folder with stories260K.bin, "
                    "tok512.bin and stories260K.greedy.txt";
  const fs::path models(folder);
  const auto file = bytes_of_file(models / "stories260K.bin");
  const auto layout = parse_checkpoint("stories260K.bin", file);
  ASSERT_TRUE(layout) << layout.error();
  const auto tokenizer =
      Tokenizer::parse("tok512.bin", bytes_of_file(models / "tok512.bin"), layout->shape.vocab);
  ASSERT_TRUE(tokenizer) << tokenizer.error();
  const auto recorded = bytes_of_file(models / "stories260K.greedy.txt");
  std::string expected(reinterpret_cast<const char*>(recorded.data()), recorded.size());
  ASSERT_FALSE(expected.empty());
  // The program that recorded it ended the text by a newline of its own, after 256 tokens.
  ASSERT_EQ(expected.back(), '\n');
  expected.pop_back();
  constexpr std::int32_t kRecordedTokens = 256;
  for_each_form(*layout, file, [&](const auto& weights, auto& activations, const char* form) {
    SCOPED_TRACE(form);
    for_each_product([&](GemvFn* product) {
      EXPECT_EQ(tokenizer->text_of(decode_greedily(weights, activations, product, kRecordedTokens)),
                expected);
    });
  });
}

}  // namespace
}  // namespace assay
