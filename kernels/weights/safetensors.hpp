#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "kernels/weights/weights.hpp"

namespace assay {

/// One tensor of a safetensors file.
struct SafeTensor {
  std::string dtype;                 ///< "F32", "BF16", ...
  std::vector<std::uint64_t> shape;  ///< empty: one number
  std::uint64_t offset = 0;          ///< from the file's first byte
  std::uint64_t bytes = 0;

  bool operator==(const SafeTensor&) const = default;
};

/// What the header of a safetensors file says, checked.
struct SafeTensors {
  std::map<std::string, SafeTensor> tensors;  ///< by name
  std::map<std::string, std::string> metadata;
};

/// Reads the header: a little-endian u64 with the bytes of the JSON that follows, then the tensors'
/// bytes. Reads no byte of a tensor; `name` goes into errors.
/// Error: a header that is truncated, over 100 MB, no JSON object, or names a tensor twice; a dtype
/// that is unknown; a shape that is no array of counts or overflows; offsets that do not give the
/// bytes that dtype and shape need, overlap, leave a hole, or do not end with the file.
/// Source: the format of github.com/huggingface/safetensors.
std::expected<SafeTensors, WeightsError> parse_safetensors(const std::string& name,
                                                           std::span<const std::byte> file);

/// A tensor to be written.
struct NamedTensor {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
};

/// The bytes of a file of these tensors, one behind the other in their order; the first begins at
/// a multiple of 64.
/// Error: as parse_safetensors().
std::expected<std::vector<std::byte>, WeightsError> to_safetensors(
    std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata = {});

/// A float32 tensor as a matrix, view or copy: its last dimension is a row, all others are rows.
/// Requires: `tensor` is one that parse_safetensors() gave for exactly these bytes.
/// Error: another dtype; an empty matrix' shape that Eigen cannot hold; a view of values whose
/// address is no multiple of 4, as the format allows.
template <typename Storage>
std::expected<typename Storage::Matrix, std::string> load_matrix(const SafeTensor& tensor,
                                                                 std::span<const std::byte> file);

extern template std::expected<Viewed::Matrix, std::string> load_matrix<Viewed>(
    const SafeTensor&, std::span<const std::byte>);
extern template std::expected<Owned::Matrix, std::string> load_matrix<Owned>(
    const SafeTensor&, std::span<const std::byte>);

}  // namespace assay
