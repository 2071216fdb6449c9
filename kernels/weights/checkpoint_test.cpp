#include "kernels/weights/checkpoint.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "kernels/weights/file_bytes_test.hpp"
#include "kernels/weights/shapes_test.hpp"
#include "kernels/weights/weights.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

std::string error_of(std::span<const std::byte> file) {
  const auto layout = parse_checkpoint("model.bin", file);
  return layout ? "" : layout.error();
}

std::string error_of_field(std::size_t field, std::int32_t value) {
  auto file = checkpoint_bytes(kTinyShape);
  std::memcpy(file.data() + 4 * field, &value, sizeof value);
  return error_of(file);
}

TEST(Checkpoint, PlacesTheTensorsOneBehindTheOther) {
  const auto layout = layout_of(kTinyShape);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->embedding, (TensorPlace{28, 11, 16}));
  EXPECT_EQ(layout->attention_norm.at(1), (TensorPlace{28 + 4 * (11 * 16 + 16), 1, 16}));
  EXPECT_EQ(layout->wk.first.rows, 8U);
  EXPECT_EQ(layout->wk.at(1).offset, layout->wk.first.offset + std::size_t{4} * 8 * 16);
  EXPECT_EQ(layout->wv.first.offset, layout->wk.at(2).offset);
  EXPECT_EQ(layout->w2.first, (TensorPlace{layout->w1.at(2).offset, 16, 24}));
  EXPECT_EQ(layout->freq_imag.offset, layout->freq_real.offset + layout->freq_real.bytes());
  EXPECT_EQ(layout->freq_real.bytes(), 4U * 8 * 2);
  EXPECT_EQ(layout->bytes, layout->freq_imag.offset + layout->freq_imag.bytes());
  EXPECT_EQ(layout->classifier, layout->embedding);
}

TEST(Checkpoint, HasAClassifierOfItsOwnWhereVocabIsNegative) {
  ModelShape shape = kTinyShape;
  shape.has_classifier = true;
  const auto layout = parse_checkpoint("model.bin", checkpoint_bytes(shape));
  ASSERT_TRUE(layout) << layout.error();
  EXPECT_EQ(layout->shape, shape);
  EXPECT_EQ(layout->bytes, layout_of(kTinyShape)->bytes + 4 * 11 * 16);
  EXPECT_EQ(layout->classifier.offset, layout->bytes - std::uint64_t{4} * 11 * 16);
}

TEST(Checkpoint, HasTheSizesOfThePublishedModels) {
  // 4 bytes a parameter, as published: 15M, 110M and 1.1B, with the tables of frequencies.
  EXPECT_EQ(layout_of(kShape15M)->bytes, 60816028U);
  EXPECT_EQ(layout_of(kShape110M)->bytes, 438381596U);
  EXPECT_EQ(layout_of(kShape1100M)->bytes, 4400717852U);
}

TEST(Checkpoint, RefusesATruncatedFileAtEveryLength) {
  const auto file = checkpoint_bytes(kTinyShape);
  for (std::size_t size = 0; size < file.size(); ++size)
    ASSERT_THAT(error_of(std::span(file).first(size)), HasSubstr("truncated")) << size;
  EXPECT_EQ(error_of(file), "");
}

TEST(Checkpoint, RefusesBytesBehindTheLastTensor) {
  auto file = checkpoint_bytes(kTinyShape);
  file.emplace_back();
  EXPECT_THAT(error_of(file), HasSubstr("model.bin: 1 bytes follow the last tensor"));
}

TEST(Checkpoint, RefusesFieldsThatAreNotAboveZero) {
  for (const std::size_t field : {0U, 1U, 2U, 3U, 4U, 6U})
    for (const std::int32_t value : {0, -1, std::numeric_limits<std::int32_t>::min()})
      EXPECT_THAT(error_of_field(field, value), HasSubstr("must be above 0")) << field;
  EXPECT_THAT(error_of_field(5, 0), HasSubstr("vocab_size is 0"));
  EXPECT_THAT(error_of_field(5, std::numeric_limits<std::int32_t>::min()),
              HasSubstr("no absolute value"));
}

TEST(Checkpoint, TakesAClaimOfAClassifierThatIsNotThereForATruncation) {
  EXPECT_THAT(error_of_field(5, -11), HasSubstr("truncated"));
}

TEST(Checkpoint, RefusesHeadsThatDoNotDivide) {
  EXPECT_THAT(error_of_field(3, 5), HasSubstr("does not divide into 5 heads"));
  EXPECT_THAT(error_of_field(3, 16), HasSubstr("heads of an even dimension"));
  EXPECT_THAT(error_of_field(4, 3), HasSubstr("4 heads do not divide among 3"));
}

TEST(Checkpoint, RefusesSizesThatOverflow) {
  const ModelShape most{kMost - 1, kMost, kMost, 1, 1, kMost, kMost};
  ASSERT_FALSE(layout_of(most));
  EXPECT_THAT(layout_of(most).error(), HasSubstr("more bytes than any file holds"));
  // 2^31 * 2^31 * 4 is 2^64: what would wrap to a small file.
  const ModelShape wraps{1 << 30, 1 << 30, 16, 1, 1, 1, 1};
  EXPECT_FALSE(layout_of(wraps));
  for (const std::size_t field : {1U, 2U, 5U, 6U})
    EXPECT_NE(error_of_field(field, kMost), "") << field;
}

TEST(Checkpoint, IsReadAsItWasWritten) {
  const fs::path folder =
      fs::temp_directory_path() / ("assay_checkpoint_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string path = folder / "model.bin";
  const auto file = checkpoint_bytes(kTinyShape);
  std::vector<float> values((file.size() - 28) / 4);
  std::memcpy(values.data(), file.data() + 28, file.size() - 28);
  ASSERT_TRUE(write_checkpoint(path, kTinyShape, values));
  EXPECT_EQ(bytes_of_file(path), file);
  values.pop_back();
  const auto written = write_checkpoint(path, kTinyShape, values);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("values, not"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);

  ASSERT_TRUE(generate_checkpoint(path, kTinyShape));
  const auto generated = bytes_of_file(path);
  EXPECT_TRUE(parse_checkpoint(path, generated));
  EXPECT_EQ(std::ranges::count(generated, std::byte{0}) < 500, true) << "values are not zeros";

  ASSERT_TRUE(generate_sparse_checkpoint(path, kShape15M));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), layout_of(kShape15M)->bytes);
  EXPECT_LT(status.st_blocks * 512, 1 << 20);
  fs::remove_all(folder);
}

TEST(Checkpoint, SaysWhereItCannotBeWritten) {
  const auto written = generate_checkpoint("/nowhere/model.bin", kTinyShape);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("/nowhere/model.bin"));
}

TEST(LoadedWeights, LieInTheFileAsViewsAndApartAsCopies) {
  const auto file = checkpoint_bytes(kTinyShape);
  const auto layout = parse_checkpoint("model.bin", file).value();
  const auto views = load_weights<Viewed>(layout, file).value();
  const auto copies = load_weights<Owned>(layout, file).value();
  const auto at = [&](const void* values) {
    return static_cast<std::size_t>(static_cast<const std::byte*>(values) - file.data());
  };
  EXPECT_EQ(at(views.embedding.data()), 28U);
  EXPECT_EQ(at(views.layers[1].w2.data()), layout.w2.at(1).offset);
  EXPECT_EQ(at(views.final_norm.data()), layout.final_norm.offset);
  EXPECT_EQ(&views.classifier(), &views.embedding);
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(views.layers[l].wq, copies.layers[l].wq);
    EXPECT_EQ(views.layers[l].wk, copies.layers[l].wk);
    EXPECT_EQ(views.layers[l].wv, copies.layers[l].wv);
    EXPECT_EQ(views.layers[l].wo, copies.layers[l].wo);
    EXPECT_EQ(views.layers[l].w1, copies.layers[l].w1);
    EXPECT_EQ(views.layers[l].w2, copies.layers[l].w2);
    EXPECT_EQ(views.layers[l].w3, copies.layers[l].w3);
    EXPECT_EQ(views.layers[l].ffn_norm, copies.layers[l].ffn_norm);
    EXPECT_NE(views.layers[l].w3.data(), copies.layers[l].w3.data());
  }
  EXPECT_EQ(views.embedding, copies.embedding);
  EXPECT_EQ(copies.layers[0].w1.rows(), 24);
}

TEST(LoadedWeights, AreNoViewsOfBytesBetweenMultiplesOfFour) {
  std::vector<std::byte> shifted(1);
  const auto file = checkpoint_bytes(kTinyShape);
  shifted.insert(shifted.end(), file.begin(), file.end());
  const auto odd = std::span(shifted).subspan(1);
  const auto layout = parse_checkpoint("model.bin", odd).value();
  const auto views = load_weights<Viewed>(layout, odd);
  ASSERT_FALSE(views);
  EXPECT_THAT(views.error(), HasSubstr("copy it"));
  const auto copies = load_weights<Owned>(layout, odd);
  ASSERT_TRUE(copies);
  EXPECT_EQ(copies->embedding, load_weights<Owned>(layout, file)->embedding);
}

}  // namespace
}  // namespace assay
