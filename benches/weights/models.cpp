#include "benches/weights/models.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "benches/weights/scratch.hpp"

namespace assay {

const NamedShape& shape_named(std::string_view name) {
  const auto* const found = std::ranges::find(kShapes, name, &NamedShape::name);
  if (found == std::end(kShapes)) throw std::out_of_range("no shape is named " + std::string(name));
  return *found;
}

MappedModel map_model(const std::string& path) {
  auto data = ModelData::open(path);
  if (!data) throw std::runtime_error(data.error().message());
  const auto layout = parse_checkpoint(path, data->bytes());
  if (!layout) throw std::runtime_error(layout.error());
  return {std::move(*data), *layout};
}

void require_memory(const NamedShape& shape) {
  const auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  // Twice: a copy beside it, and what else the machine does.
  if (static_cast<std::uint64_t>(shape.megabytes) * 1'000'000 > memory / 2)
    throw std::runtime_error("not run: memory: half of this machine's cannot hold the " +
                             std::to_string(shape.megabytes) + " MB of the file");
}

std::string model_path(const NamedShape& shape) {
  if (!shape.is_sparse) require_memory(shape);
  return scratch_checkpoint(std::string(shape.name), shape.shape, shape.is_sparse);
}

const MappedModel& resident_model(const NamedShape& shape) {
  static std::map<std::string_view, MappedModel> kept;
  if (const auto found = kept.find(shape.name); found != kept.end()) return found->second;
  require_memory(shape);
  MappedModel model = map_model(model_path(shape));
  if (const auto populated = model.data.populate(); !populated)
    throw std::runtime_error(populated.error().message());
  return kept.emplace(shape.name, std::move(model)).first->second;
}

HugeModel::HugeModel(const MappedModel& model)
    : layout_(model.layout), pages_(model.layout.bytes + 64) {
  constexpr std::size_t kToBoundary = 64 - kCheckpointHeaderBytes;
  const auto bytes = model.data.bytes();
  std::ranges::copy(bytes, pages_.span().begin() + kToBoundary);
  bytes_ = pages_.span().subspan(kToBoundary, bytes.size());
}

const HugeModel& huge_model(const NamedShape& shape) {
  static std::map<std::string_view, HugeModel> kept;
  const auto found = kept.find(shape.name);
  return found != kept.end()
             ? found->second
             : kept.emplace(shape.name, HugeModel(resident_model(shape))).first->second;
}

const Variant<GemvFn>& runnable_gemv(const std::string& name) {
  if (name == "best") return select_gemv();
  const auto variants = gemv_variants();
  const auto found = std::ranges::find(variants, name, &Variant<GemvFn>::name);
  if (found == variants.end())
    throw std::runtime_error(
        "not run: OpenBLAS was not there when this was built; install libopenblas-dev and build "
        "again");
  if (const auto missing = first_missing(found->needs, cpu_features()))
    throw std::runtime_error("not run: this CPU has no " + std::string(*missing));
  return *found;
}

}  // namespace assay
