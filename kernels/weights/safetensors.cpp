#include "kernels/weights/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

namespace assay {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kLengthBytes = sizeof(std::uint64_t);
constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr std::string_view kMetadata = "__metadata__";

struct Dtype {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array kDtypes = {
    Dtype{"BOOL", 1}, Dtype{"U8", 1},  Dtype{"I8", 1},  Dtype{"F8_E5M2", 1}, Dtype{"F8_E4M3", 1},
    Dtype{"I16", 2},  Dtype{"U16", 2}, Dtype{"F16", 2}, Dtype{"BF16", 2},    Dtype{"I32", 4},
    Dtype{"U32", 4},  Dtype{"F32", 4}, Dtype{"F64", 8}, Dtype{"I64", 8},     Dtype{"U64", 8}};

using Wrong = std::unexpected<std::string>;

/// Parses the header; a key that an object holds twice is an error, as two readers would take
/// different tensors.
std::expected<json, std::string> parse_header(std::string_view text) {
  std::vector<std::set<std::string>> keys;
  std::optional<std::string> twice;
  const auto watch = [&](int /*depth*/, json::parse_event_t event, const json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key &&
        !keys.back().insert(parsed.get_ref<const std::string&>()).second)
      twice = parsed.get_ref<const std::string&>();
    return true;
  };
  json header = json::parse(text, watch, /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object()) return Wrong("the header is no JSON object");
  if (twice) return Wrong("the header names \"" + *twice + "\" twice");
  return header;
}

std::expected<std::vector<std::uint64_t>, std::string> counts_of(const json& entry,
                                                                 const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_array())
    return Wrong(std::string("has no array \"") + key + "\"");
  std::vector<std::uint64_t> counts;
  for (const json& count : *found) {
    if (!count.is_number_unsigned())
      return Wrong(std::string("has something in \"") + key + "\" that is no count");
    counts.push_back(count.get<std::uint64_t>());
  }
  return counts;
}

/// Bytes of a tensor; nothing where they overflow.
std::optional<std::uint64_t> bytes_of(std::uint64_t element,
                                      const std::vector<std::uint64_t>& shape) {
  std::uint64_t bytes = element;
  // A 0 anywhere makes it empty, whatever the others would overflow to.
  if (std::ranges::find(shape, 0U) != shape.end()) return 0;
  for (const std::uint64_t count : shape)
    if (__builtin_mul_overflow(bytes, count, &bytes)) return std::nullopt;
  return bytes;
}

/// Reads one tensor's entry; offsets are of the data, which begin at `data`.
std::expected<SafeTensor, std::string> parse_tensor(const json& entry, std::uint64_t data,
                                                    std::uint64_t data_bytes) {
  if (!entry.is_object()) return Wrong("is no JSON object");
  const auto named = entry.find("dtype");
  if (named == entry.end() || !named->is_string()) return Wrong("has no string \"dtype\"");
  const auto& name = named->get_ref<const std::string&>();
  const auto* const dtype = std::ranges::find(kDtypes, name, &Dtype::name);
  if (dtype == kDtypes.end()) return Wrong("has an unknown dtype \"" + name + "\"");
  auto shape = counts_of(entry, "shape");
  if (!shape) return Wrong(shape.error());
  const auto offsets = counts_of(entry, "data_offsets");
  if (!offsets) return Wrong(offsets.error());
  if (offsets->size() != 2) return Wrong("has other than two \"data_offsets\"");
  const std::uint64_t begin = offsets->front(), end = offsets->back();
  if (begin > end || end > data_bytes)
    return Wrong("lies at " + std::to_string(begin) + " to " + std::to_string(end) + " of " +
                 std::to_string(data_bytes) + " bytes");
  const auto bytes = bytes_of(dtype->bytes, *shape);
  if (!bytes) return Wrong("has a shape of more bytes than any file holds");
  if (*bytes != end - begin)
    return Wrong("needs " + std::to_string(*bytes) + " bytes, and has " +
                 std::to_string(end - begin));
  return SafeTensor{name, std::move(*shape), data + begin, *bytes};
}

/// Whether the tensors fill the data, one behind the other.
std::expected<void, std::string> check_places(const SafeTensors& parsed, std::uint64_t data,
                                              std::uint64_t file_bytes) {
  using Place = std::tuple<std::uint64_t, std::uint64_t, std::string_view>;
  std::vector<Place> places;
  for (const auto& [name, tensor] : parsed.tensors)
    places.emplace_back(tensor.offset, tensor.offset + tensor.bytes, name);
  std::ranges::sort(places);
  std::uint64_t at = data;
  for (const auto& [begin, end, name] : places) {
    if (begin != at)
      return Wrong("tensor \"" + std::string(name) + "\" " +
                   (begin < at ? "overlaps the one before it" : "leaves a hole before it"));
    at = end;
  }
  if (at != file_bytes)
    return Wrong(std::to_string(file_bytes - at) + " bytes follow the last tensor");
  return {};
}

std::expected<void, std::string> parse_metadata(const json& entry, SafeTensors& parsed) {
  if (!entry.is_object()) return Wrong("\"__metadata__\" is no JSON object");
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return Wrong("\"__metadata__\" has a value that is no string");
    parsed.metadata.emplace(key, value.get<std::string>());
  }
  return {};
}

std::expected<SafeTensors, std::string> parse(std::span<const std::byte> file) {
  std::uint64_t length = 0;
  if (file.size() < kLengthBytes) return Wrong("truncated: it has no length of the header");
  std::memcpy(&length, file.data(), sizeof length);
  if (length > kLongestHeader) return Wrong("its header would have over 100 MB");
  if (length > file.size() - kLengthBytes) return Wrong("truncated: its header is not all there");
  const auto text = file.subspan(kLengthBytes, length);
  if (text.empty() || text.front() != std::byte{'{'}) return Wrong("the header is no JSON object");
  const auto header =
      parse_header({reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)});
  if (!header) return Wrong(header.error());
  const std::uint64_t data = kLengthBytes + length;
  SafeTensors parsed;
  for (const auto& [name, entry] : header->items()) {
    if (name == kMetadata) {
      if (const auto read = parse_metadata(entry, parsed); !read) return Wrong(read.error());
      continue;
    }
    auto tensor = parse_tensor(entry, data, file.size() - data);
    if (!tensor) return Wrong("tensor \"" + name + "\" " + tensor.error());
    parsed.tensors.emplace(name, std::move(*tensor));
  }
  if (const auto checked = check_places(parsed, data, file.size()); !checked)
    return Wrong(checked.error());
  return parsed;
}

}  // namespace

std::expected<SafeTensors, WeightsError> parse_safetensors(const std::string& name,
                                                           std::span<const std::byte> file) {
  auto parsed = parse(file);
  if (!parsed)
    return Wrong(name + ": no safetensors file, or a damaged one: " + parsed.error() +
                 "; copy or export it anew");
  return parsed;
}

std::expected<std::vector<std::byte>, WeightsError> to_safetensors(
    std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata) {
  constexpr std::uint64_t kAlignment = 64;
  json header = json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::uint64_t at = 0;
  for (const NamedTensor& tensor : tensors) {
    if (header.contains(tensor.name)) return Wrong("two tensors are named \"" + tensor.name + "\"");
    const std::uint64_t end = at + tensor.bytes.size();
    header[tensor.name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((kAlignment - (kLengthBytes + text.size()) % kAlignment) % kAlignment, ' ');
  std::vector<std::byte> file;
  const auto append = [&](std::span<const std::byte> bytes) {
    file.insert(file.end(), bytes.begin(), bytes.end());
  };
  const std::uint64_t length = text.size();
  append(std::as_bytes(std::span(&length, 1)));
  append(std::as_bytes(std::span(text)));
  for (const NamedTensor& tensor : tensors) append(tensor.bytes);
  if (const auto readable = parse(file); !readable) return Wrong(readable.error());
  return file;
}

template <typename Storage>
std::expected<typename Storage::Matrix, std::string> load_matrix(const SafeTensor& tensor,
                                                                 std::span<const std::byte> file) {
  if (tensor.dtype != "F32") return Wrong("a tensor of " + tensor.dtype + ", not F32");
  const std::byte* const values = file.data() + tensor.offset;
  if (std::is_same_v<Storage, Viewed> && !is_viewable(values))
    return Wrong("the values lie at an address that is no multiple of 4: copy them");
  const std::uint64_t cols = tensor.shape.empty() ? 1 : tensor.shape.back();
  const std::uint64_t rows = cols == 0 ? 0 : tensor.bytes / sizeof(float) / cols;
  if (cols > static_cast<std::uint64_t>(std::numeric_limits<Eigen::Index>::max()))
    return Wrong("an empty tensor of a dimension that no matrix has");
  return make_tensor<typename Storage::Matrix>(values, rows, cols);
}

template std::expected<Viewed::Matrix, std::string> load_matrix<Viewed>(const SafeTensor&,
                                                                        std::span<const std::byte>);
template std::expected<Owned::Matrix, std::string> load_matrix<Owned>(const SafeTensor&,
                                                                      std::span<const std::byte>);

}  // namespace assay
