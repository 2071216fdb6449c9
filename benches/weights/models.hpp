#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "benches/support/pages.hpp"
#include "kernels/loading/model_data.hpp"
#include "kernels/weights/transformer.hpp"

namespace assay {

/// A generated model, by the name that benchmarks have it under.
struct NamedShape {
  std::string_view name;
  ModelShape shape;
  std::int64_t megabytes;  ///< of the file, rounded
  bool is_sparse = false;
};

/// Throws: std::out_of_range.
const NamedShape& shape_named(std::string_view name);

inline constexpr NamedShape kShapes[] = {
    {"260K", {64, 172, 5, 8, 4, 512, 512}, 1},
    {"3M", {288, 768, 1, 6, 6, 8000, 256}, 13},
    {"15M", kShape15M, 61},
    {"110M", kShape110M, 438},
    {"1.1B", kShape1100M, 4401, true},
};

/// A checkpoint's file, mapped and checked.
struct MappedModel {
  ModelData data;
  CheckpointLayout layout;
};

/// Opens, maps and checks a checkpoint. Throws: std::runtime_error.
MappedModel map_model(const std::string& path);

/// Throws: std::runtime_error, "not run: memory", where the machine could not hold the whole file
/// of a shape in the page cache.
void require_memory(const NamedShape& shape);

/// The path of the generated file of a shape. Throws: as scratch_checkpoint(), and require_memory()
/// but for a sparse file, whose pages are made when they are read.
std::string model_path(const NamedShape& shape);

/// Its mapping, kept while the process lives, with every page mapped, so that no read faults.
/// Throws: as model_path(), and require_memory().
const MappedModel& resident_model(const NamedShape& shape);

/// A checkpoint copied to huge pages, with its first tensor at a multiple of 64.
class HugeModel {
 public:
  explicit HugeModel(const MappedModel& model);
  const CheckpointLayout& layout() const { return layout_; }
  /// The file's bytes.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  CheckpointLayout layout_;
  Pages pages_;
  std::span<const std::byte> bytes_;
};

/// Kept while the process lives.
const HugeModel& huge_model(const NamedShape& shape);

/// The variant of a name, or for "best" the one that this CPU prefers.
/// Throws: std::runtime_error, "not run: ...".
const Variant<GemvFn>& runnable_gemv(const std::string& name);

}  // namespace assay
