#include "kernels/weights/safetensors.hpp"

#include <gmock/gmock.h>

#include <cstring>

namespace assay {
namespace {

using testing::HasSubstr;

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::vector<std::byte> file(8 + header.size() + data_bytes);
  std::memcpy(file.data(), &length, sizeof length);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

std::string error_of(const std::string& header, std::size_t data_bytes = 8) {
  const auto parsed = parse_safetensors("model.safetensors", file_of(header, data_bytes));
  return parsed ? "" : parsed.error();
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

TEST(Safetensors, IsReadAsItWasWritten) {
  const std::vector<float> a = {1, 2, 3, 4, 5, 6}, b = {7};
  const std::vector<NamedTensor> tensors = {
      {"b", "F32", {}, std::as_bytes(std::span(b))},
      {"a", "F32", {3, 2}, std::as_bytes(std::span(a))},
      {"nothing", "BF16", {0, 4}, {}},
  };
  const auto file = to_safetensors(tensors, {{"format", "pt"}});
  ASSERT_TRUE(file) << file.error();
  const auto parsed = parse_safetensors("model.safetensors", *file);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->metadata.at("format"), "pt");
  ASSERT_EQ(parsed->tensors.size(), 3U);
  const SafeTensor& written = parsed->tensors.at("a");
  EXPECT_EQ(written.shape, (std::vector<std::uint64_t>{3, 2}));
  EXPECT_EQ(written.bytes, 24U);
  EXPECT_EQ((written.offset - 4) % 64, 0U);
  const auto view = load_matrix<Viewed>(written, *file);
  ASSERT_TRUE(view) << view.error();
  EXPECT_EQ(static_cast<const void*>(view->data()), file->data() + written.offset);
  EXPECT_EQ((*view)(2, 1), 6);
  const auto copy = load_matrix<Owned>(written, *file);
  EXPECT_EQ(*copy, *view);
  EXPECT_EQ(load_matrix<Viewed>(parsed->tensors.at("b"), *file)->size(), 1);
  EXPECT_EQ(load_matrix<Viewed>(parsed->tensors.at("nothing"), *file).has_value(), false);
}

TEST(Safetensors, MayHaveNoTensor) {
  EXPECT_EQ(error_of("{}", 0), "");
}

TEST(Safetensors, MayHaveValuesThatOnlyACopyReaches) {
  auto file = file_of("{" + tensor("a", "F32", "[1]", "[0,4]") + "}", 4);
  const auto parse = [&] { return parse_safetensors("model.safetensors", file)->tensors.at("a"); };
  // A header's length is any: blanks are JSON, too.
  std::string blanks;
  while (is_viewable(file.data() + parse().offset)) {
    blanks += ' ';
    file = file_of("{" + tensor("a", "F32", "[1]", "[0,4]") + blanks + "}", 4);
  }
  const float value = 3;
  std::memcpy(file.data() + parse().offset, &value, sizeof value);
  const auto view = load_matrix<Viewed>(parse(), file);
  ASSERT_FALSE(view);
  EXPECT_THAT(view.error(), HasSubstr("multiple of 4"));
  EXPECT_EQ((*load_matrix<Owned>(parse(), file))(0, 0), 3);
}

TEST(Safetensors, RefusesATruncatedFileAtEveryLength) {
  const auto file = file_of("{" + tensor("a", "F32", "[2]", "[0,8]") + "}", 8);
  for (std::size_t size = 0; size < file.size(); ++size)
    ASSERT_FALSE(parse_safetensors("model.safetensors", std::span(file).first(size))) << size;
  EXPECT_TRUE(parse_safetensors("model.safetensors", file));
}

TEST(Safetensors, RefusesALengthThatCannotBe) {
  auto file = file_of("{}", 0);
  for (const std::uint64_t length : {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{3}}) {
    std::memcpy(file.data(), &length, sizeof length);
    EXPECT_FALSE(parse_safetensors("model.safetensors", file)) << length;
  }
}

TEST(Safetensors, RefusesWhatIsNoHeader) {
  EXPECT_THAT(error_of(""), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of(" {}"), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of("{\"a\":"), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of("{\"a\":1}"), HasSubstr("tensor \"a\" is no JSON object"));
  EXPECT_THAT(error_of(R"({"__metadata__":{"a":1}})", 0), HasSubstr("no string"));
  EXPECT_THAT(error_of(R"({"__metadata__":1})", 0), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of("{" + tensor("a", "F32", "[1]", "[0,4]") + "," +
                       tensor("a", "F32", "[1]", "[4,8]") + "}"),
              HasSubstr("names \"a\" twice"));
}

TEST(Safetensors, RefusesTensorsThatAreNotWhatTheySay) {
  const auto error_of_one = [](const char* dtype, const char* shape, const char* offsets) {
    return error_of("{" + tensor("a", dtype, shape, offsets) + "}");
  };
  EXPECT_EQ(error_of_one("F32", "[2]", "[0,8]"), "");
  EXPECT_THAT(error_of_one("F31", "[2]", "[0,8]"), HasSubstr("unknown dtype \"F31\""));
  EXPECT_THAT(error_of_one("F32", "[3]", "[0,8]"), HasSubstr("needs 12 bytes, and has 8"));
  EXPECT_THAT(error_of_one("F32", "[-2]", "[0,8]"), HasSubstr("no count"));
  EXPECT_THAT(error_of_one("F32", "[2.0]", "[0,8]"), HasSubstr("no count"));
  EXPECT_THAT(error_of_one("F32", "2", "[0,8]"), HasSubstr("no array \"shape\""));
  EXPECT_THAT(error_of_one("F32", "[2]", "[0,8,9]"), HasSubstr("two \"data_offsets\""));
  EXPECT_THAT(error_of_one("F32", "[2]", "[8,0]"), HasSubstr("lies at 8 to 0"));
  EXPECT_THAT(error_of_one("F32", "[3]", "[0,12]"), HasSubstr("of 8 bytes"));
  EXPECT_THAT(error_of_one("F32", "[1]", "[0,4]"), HasSubstr("4 bytes follow"));
  EXPECT_THAT(error_of_one("F32", "[4294967296,4294967296]", "[0,0]"), HasSubstr("more bytes"));
  EXPECT_THAT(error_of_one("F64", "[2305843009213693953]", "[0,8]"), HasSubstr("more bytes"));
  EXPECT_THAT(error_of("{\"a\":{}}"), HasSubstr("no string \"dtype\""));
}

TEST(Safetensors, RefusesTensorsThatOverlapOrLeaveHoles) {
  const auto two = [](const char* first, const char* second) {
    return "{" + tensor("a", "U8", "[4]", first) + "," + tensor("b", "U8", "[4]", second) + "}";
  };
  EXPECT_EQ(error_of(two("[4,8]", "[0,4]")), "");
  EXPECT_THAT(error_of(two("[0,4]", "[3,7]"), 7), HasSubstr("\"b\" overlaps"));
  EXPECT_THAT(error_of(two("[0,4]", "[5,9]"), 9), HasSubstr("\"b\" leaves a hole"));
  EXPECT_THAT(error_of(two("[0,4]", "[0,4]"), 4), HasSubstr("overlaps"));
}

TEST(Safetensors, RefusesToWriteWhatItWouldNotRead) {
  const std::vector<std::byte> bytes(8);
  const std::vector<NamedTensor> short_of = {{"a", "F32", {3}, bytes}};
  EXPECT_FALSE(to_safetensors(short_of));
  const std::vector<NamedTensor> twice = {{"a", "F32", {2}, bytes}, {"a", "F32", {2}, bytes}};
  EXPECT_FALSE(to_safetensors(twice));
}

TEST(SafetensorsMatrix, IsOfFloat32Alone) {
  const std::vector<std::byte> bytes(8);
  const std::vector<NamedTensor> tensors = {{"a", "F16", {4}, bytes}};
  const auto file = to_safetensors(tensors).value();
  const auto matrix = load_matrix<Owned>(parse_safetensors("f", file)->tensors.at("a"), file);
  ASSERT_FALSE(matrix);
  EXPECT_THAT(matrix.error(), HasSubstr("F16"));
}

}  // namespace
}  // namespace assay
