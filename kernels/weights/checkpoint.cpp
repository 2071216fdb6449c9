#include "kernels/weights/checkpoint.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace assay {
namespace {

static_assert(std::endian::native == std::endian::little && sizeof(float) == 4);

using Header = std::array<std::int32_t, 7>;
static_assert(sizeof(Header) == kCheckpointHeaderBytes);

struct Field {
  const char* name;
  std::int32_t value;
};

/// Hands out places one behind the other; remembers whether one overflowed.
class Placer {
 public:
  TensorPlace place(std::int32_t rows, std::int32_t cols, std::int32_t count = 1) {
    const TensorPlace placed{at_, static_cast<std::uint64_t>(rows),
                             static_cast<std::uint64_t>(cols)};
    std::uint64_t bytes = sizeof(float);
    for (const std::int32_t factor : {rows, cols, count}) {
      overflowed_ |= __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(factor), &bytes);
    }
    overflowed_ |= __builtin_add_overflow(at_, bytes, &at_);
    return placed;
  }
  /// Where the next would lie; nothing larger than a file may be.
  std::uint64_t end() const { return at_; }
  bool overflowed() const {
    return overflowed_ ||
           at_ > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }

 private:
  std::uint64_t at_ = kCheckpointHeaderBytes;
  bool overflowed_ = false;
};

std::unexpected<WeightsError> wrong(const std::string& path, const std::string& what) {
  return std::unexpected(path + ": " + what);
}
std::unexpected<WeightsError> failed(const std::string& path, const char* operation) {
  return wrong(path, std::string(operation) + ": " + std::strerror(errno));
}

std::expected<void, std::string> check_shape(const ModelShape& shape) {
  const std::array fields = {Field{"dim", shape.dim},
                             Field{"hidden_dim", shape.hidden_dim},
                             Field{"n_layers", shape.layers},
                             Field{"n_heads", shape.heads},
                             Field{"n_kv_heads", shape.kv_heads},
                             Field{"vocab_size", shape.vocab},
                             Field{"seq_len", shape.seq_len}};
  const auto bad =
      std::ranges::find_if(fields, [](const Field& field) { return field.value <= 0; });
  if (bad != fields.end())
    return std::unexpected("the header's " + std::string(bad->name) + " is " +
                           std::to_string(bad->value) + ", and must be above 0");
  if (shape.dim % shape.heads != 0 || shape.head_dim() % 2 != 0)
    return std::unexpected("the header's dim of " + std::to_string(shape.dim) +
                           " does not divide into " + std::to_string(shape.heads) +
                           " heads of an even dimension");
  if (shape.heads % shape.kv_heads != 0)
    return std::unexpected("the header's " + std::to_string(shape.heads) +
                           " heads do not divide among " + std::to_string(shape.kv_heads) +
                           " heads of keys and values");
  return {};
}

Header header_of(const ModelShape& shape) {
  return {shape.dim,    shape.hidden_dim, shape.layers,
          shape.heads,  shape.kv_heads,   shape.has_classifier ? -shape.vocab : shape.vocab,
          shape.seq_len};
}

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Makes the file `path` of what `write` writes to a descriptor, whole or not at all.
std::expected<void, WeightsError> replace_file(const std::string& path,
                                               const std::function<bool(int)>& write) {
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return failed(temporary, "cannot be made");
  const bool is_written = write(fd) && ::fchmod(fd, 0644) == 0;
  const int error = errno;
  const bool is_closed = ::close(fd) == 0;
  if (is_written) errno = is_closed ? errno : EIO;
  if (is_written && is_closed && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  if (!is_written) errno = error;
  const auto what = failed(path, "cannot be written");
  ::unlink(temporary.c_str());
  return what;
}

bool write_header(int fd, const ModelShape& shape) {
  const Header header = header_of(shape);
  return write_all(fd, std::as_bytes(std::span(header)));
}

}  // namespace

std::expected<CheckpointLayout, std::string> layout_of(const ModelShape& shape) {
  if (const auto checked = check_shape(shape); !checked) return std::unexpected(checked.error());
  Placer placer;
  CheckpointLayout layout;
  layout.shape = shape;
  const std::int32_t dim = shape.dim, hidden = shape.hidden_dim, layers = shape.layers;
  layout.embedding = placer.place(shape.vocab, dim);
  layout.attention_norm = {placer.place(1, dim, layers)};
  layout.wq = {placer.place(dim, dim, layers)};
  layout.wk = {placer.place(shape.kv_dim(), dim, layers)};
  layout.wv = {placer.place(shape.kv_dim(), dim, layers)};
  layout.wo = {placer.place(dim, dim, layers)};
  layout.ffn_norm = {placer.place(1, dim, layers)};
  layout.w1 = {placer.place(hidden, dim, layers)};
  layout.w2 = {placer.place(dim, hidden, layers)};
  layout.w3 = {placer.place(hidden, dim, layers)};
  layout.final_norm = placer.place(1, dim);
  layout.freq_real = placer.place(shape.seq_len, shape.head_dim() / 2);
  layout.freq_imag = placer.place(shape.seq_len, shape.head_dim() / 2);
  layout.classifier = shape.has_classifier ? placer.place(shape.vocab, dim) : layout.embedding;
  layout.bytes = placer.end();
  if (placer.overflowed())
    return std::unexpected("the header describes more bytes than any file holds");
  return layout;
}

std::expected<CheckpointLayout, WeightsError> parse_checkpoint(const std::string& name,
                                                               std::span<const std::byte> file) {
  Header header;
  if (file.size() < sizeof header)
    return wrong(name, "truncated or no checkpoint: " + std::to_string(file.size()) +
                           " bytes cannot hold the header of 28; copy or export it anew");
  std::memcpy(header.data(), file.data(), sizeof header);
  const std::int32_t vocab = header[5];
  if (vocab == std::numeric_limits<std::int32_t>::min())
    return wrong(name, "no checkpoint: its vocab_size has no absolute value; export it anew");
  const auto layout = layout_of({header[0], header[1], header[2], header[3], header[4],
                                 vocab < 0 ? -vocab : vocab, header[6], vocab < 0});
  if (!layout)
    return wrong(name, "no checkpoint, or a damaged one: " + layout.error() + "; export it anew");
  if (file.size() < layout->bytes)
    return wrong(name, "truncated: " + std::to_string(file.size()) + " of " +
                           std::to_string(layout->bytes) +
                           " bytes are there; copy or export it anew");
  if (file.size() > layout->bytes)
    return wrong(name, std::to_string(file.size() - layout->bytes) +
                           " bytes follow the last tensor; copy or export it anew");
  return *layout;
}

std::expected<void, WeightsError> write_checkpoint(const std::string& path, const ModelShape& shape,
                                                   std::span<const float> values) {
  const auto layout = layout_of(shape);
  if (!layout) return wrong(path, layout.error());
  const std::uint64_t needed = (layout->bytes - kCheckpointHeaderBytes) / sizeof(float);
  if (values.size() != needed)
    return wrong(path, "a checkpoint of this shape has " + std::to_string(needed) +
                           " values, not " + std::to_string(values.size()));
  return replace_file(path, [&](int fd) {
    return write_header(fd, shape) && write_all(fd, std::as_bytes(values));
  });
}

std::expected<void, WeightsError> generate_checkpoint(const std::string& path,
                                                      const ModelShape& shape) {
  const auto layout = layout_of(shape);
  if (!layout) return wrong(path, layout.error());
  // A prime, so that no matrix repeats itself row by row; sixteen times over, for fewer calls.
  constexpr std::size_t kStretch = 65521, kTimes = 16;
  std::mt19937 engine(260);
  std::uniform_real_distribution<float> value(-0.05F, 0.05F);
  std::vector<float> values(kStretch);
  std::ranges::generate(values, [&] { return value(engine); });
  values.reserve(kStretch * kTimes);
  while (values.size() < kStretch * kTimes)
    values.insert(values.end(), values.begin(), values.begin() + kStretch);
  const auto bytes = std::as_bytes(std::span<const float>(values));
  return replace_file(path, [&](int fd) {
    bool is_written = write_header(fd, shape);
    for (std::uint64_t left = layout->bytes - kCheckpointHeaderBytes; is_written && left > 0;) {
      const std::size_t size = std::min<std::uint64_t>(left, bytes.size());
      is_written = write_all(fd, bytes.first(size));
      left -= size;
    }
    return is_written;
  });
}

std::expected<void, WeightsError> generate_sparse_checkpoint(const std::string& path,
                                                             const ModelShape& shape) {
  const auto layout = layout_of(shape);
  if (!layout) return wrong(path, layout.error());
  return replace_file(path, [&](int fd) {
    return write_header(fd, shape) && ::ftruncate(fd, static_cast<off_t>(layout->bytes)) == 0;
  });
}

}  // namespace assay
