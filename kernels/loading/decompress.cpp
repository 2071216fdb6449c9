#include "kernels/loading/decompress.hpp"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kFirstBytes = std::size_t{64} << 10;

std::unexpected<DecompressError> damaged(std::string reason) {
  return std::unexpected(DecompressError{std::move(reason), "copy or compress the file anew"});
}

/// Output that grows. realloc of a large block moves its pages and copies nothing.
class Output {
 public:
  explicit Output(std::size_t most_bytes) : most_(most_bytes) {}

  /// Makes room for more; `least` is how much in all is known to come (0: unknown).
  std::expected<void, DecompressError> grow(std::size_t least) {
    if (capacity_ >= most_)
      return std::unexpected(DecompressError{
          "holds more than the " + std::to_string(most_) + " bytes that are allowed",
          "raise the limit (most_owned_bytes), or decompress the file to disk and map that"});
    const std::size_t doubled = capacity_ > most_ / 2 ? most_ : capacity_ * 2;
    const std::size_t wanted = std::min(most_, std::max({kFirstBytes, doubled, least}));
    auto* const moved = static_cast<std::byte*>(std::realloc(bytes_.data.get(), wanted));
    if (moved == nullptr)
      return std::unexpected(
          DecompressError{"no memory for " + std::to_string(wanted) + " bytes",
                          "decompress the file to disk, where it can be mapped"});
    std::byte* const freed_by_realloc = bytes_.data.release();
    static_cast<void>(freed_by_realloc);
    bytes_.data.reset(moved);
    capacity_ = wanted;
    return {};
  }
  std::span<std::byte> room() const { return {bytes_.data.get() + bytes_.size, left()}; }
  std::size_t left() const { return capacity_ - bytes_.size; }
  std::size_t size() const { return bytes_.size; }
  void add(std::size_t written) { bytes_.size += written; }
  HeapBytes take() && { return std::move(bytes_); }

 private:
  HeapBytes bytes_;
  std::size_t capacity_ = 0;
  std::size_t most_;
};

/// The size that the first frame claims; 0 where it does not.
std::size_t claimed_size(std::span<const std::byte> bytes) {
  const auto claimed = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  const bool is_known = claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed != ZSTD_CONTENTSIZE_ERROR;
  return is_known ? static_cast<std::size_t>(claimed) : 0;
}

std::unexpected<DecompressError> zstd_error(std::size_t result) {
  switch (ZSTD_getErrorCode(result)) {
    // The library's default, kept: the window is memory beside the output, as much as a frame asks.
    case ZSTD_error_frameParameter_windowTooLarge:
      return std::unexpected(DecompressError{
          "needs a window above 128 MiB",
          "compress it without --long or --ultra, or decompress it to disk (zstd -d --long=31) and "
          "map that"});
    case ZSTD_error_memory_allocation:
      return std::unexpected(DecompressError{"no memory for zstd's window", "free some"});
    default:
      return damaged(ZSTD_getErrorName(result));
  }
}

std::expected<HeapBytes, DecompressError> decompress_zstd(std::span<const std::byte> bytes,
                                                          std::size_t most_bytes) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  if (context == nullptr)
    return std::unexpected(DecompressError{"no memory for zstd", "free some"});
  Output output(most_bytes);
  if (auto grown = output.grow(claimed_size(bytes)); !grown) return std::unexpected(grown.error());
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t expected_more = 1;
  for (;;) {
    const std::span<std::byte> room = output.room();
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(result) != 0) return zstd_error(result);
    output.add(out.pos);
    expected_more = result;
    if (in.pos == in.size && (expected_more == 0 || output.left() > 0)) break;
    if (output.left() > 0) continue;
    if (auto grown = output.grow(0); !grown) return std::unexpected(grown.error());
  }
  if (expected_more != 0) return damaged("truncated: the last frame is not whole");
  return std::move(output).take();
}

std::expected<HeapBytes, DecompressError> decompress_gzip(std::span<const std::byte> bytes,
                                                          std::size_t most_bytes) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  constexpr std::size_t kMostStep = std::numeric_limits<uInt>::max();
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK)
    return std::unexpected(DecompressError{"no memory for zlib", "free some"});
  const std::unique_ptr<z_stream, int (*)(z_streamp)> end(&stream, inflateEnd);
  Output output(most_bytes);
  if (auto grown = output.grow(0); !grown) return std::unexpected(grown.error());
  std::size_t consumed = 0;
  for (;;) {
    const std::span<std::byte> room = output.room();
    const auto in_step = static_cast<uInt>(std::min(kMostStep, bytes.size() - consumed));
    const auto out_step = static_cast<uInt>(std::min(kMostStep, room.size()));
    // zlib's interface is older than const; it does not write here.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + consumed));
    stream.avail_in = in_step;
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = out_step;
    const int result = inflate(&stream, Z_NO_FLUSH);
    consumed += in_step - stream.avail_in;
    output.add(out_step - stream.avail_out);
    if (result == Z_STREAM_END) {
      if (consumed == bytes.size()) return std::move(output).take();
      if (inflateReset(&stream) != Z_OK) return damaged("a member cannot be begun");
      continue;
    }
    if (result != Z_OK && result != Z_BUF_ERROR)
      return damaged(stream.msg != nullptr ? stream.msg : "no gzip data");
    if (output.left() == 0) {
      if (auto grown = output.grow(0); !grown) return std::unexpected(grown.error());
    } else if (consumed == bytes.size()) {
      return damaged("truncated: the last member is not whole");
    }
  }
}

}  // namespace

const char* name_of(Compression compression) {
  switch (compression) {
    case Compression::kZstd:
      return "zstd";
    case Compression::kGzip:
      return "gzip";
    case Compression::kNone:
      break;
  }
  return "none";
}

Compression detect_compression(std::span<const std::byte> bytes) {
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? std::to_integer<unsigned>(bytes[i]) : 0U;
  };
  const std::uint32_t word = at(0) | at(1) << 8U | at(2) << 16U | at(3) << 24U;
  const bool is_skippable = (word & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  if (word == ZSTD_MAGICNUMBER || is_skippable) return Compression::kZstd;
  if (at(0) == 0x1f && at(1) == 0x8b && at(2) == Z_DEFLATED) return Compression::kGzip;
  return Compression::kNone;
}

std::expected<HeapBytes, DecompressError> decompress(std::span<const std::byte> bytes,
                                                     Compression compression,
                                                     std::size_t most_bytes) {
  switch (compression) {
    case Compression::kZstd:
      return decompress_zstd(bytes, most_bytes);
    case Compression::kGzip:
      return decompress_gzip(bytes, most_bytes);
    case Compression::kNone:
      break;
  }
  return std::unexpected(DecompressError{"not compressed", "map the file as it is"});
}

}  // namespace assay
