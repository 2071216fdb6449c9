#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class CpuFeature : std::uint8_t {
  kPopcnt,
  kAvx2,
  kAvx512,     ///< F, BW, DQ and VL
  kVpopcntdq,  ///< population counts of words
  kVbmi2,      ///< shifts across words
  kFma         ///< a product and a sum at once
};

/// A set of CPU features; a plain value.
class CpuFeatures {
 public:
  constexpr CpuFeatures() = default;
  constexpr CpuFeatures(std::initializer_list<CpuFeature> features) {
    for (CpuFeature feature : features) {
      bits_ |= bit(feature);
    }
  }

  constexpr bool has(CpuFeature feature) const { return (bits_ & bit(feature)) != 0; }
  constexpr bool has_all(CpuFeatures needed) const { return (needed.bits_ & ~bits_) == 0; }
  constexpr CpuFeatures with(CpuFeatures added) const {
    CpuFeatures both;
    both.bits_ = bits_ | added.bits_;
    return both;
  }
  constexpr CpuFeatures without(CpuFeatures removed) const {
    CpuFeatures left;
    left.bits_ = bits_ & ~removed.bits_;
    return left;
  }
  constexpr bool operator==(const CpuFeatures&) const = default;

 private:
  static constexpr std::uint32_t bit(CpuFeature feature) {
    return std::uint32_t{1} << static_cast<unsigned>(feature);
  }
  std::uint32_t bits_ = 0;
};

/// The features a comma-separated list names ("avx2,popcnt"; empty for none), or what is wrong
/// with it. Strict: an unknown or empty name is an error, since a misspelt one would leave the
/// feature on and pass off one machine as another.
std::expected<CpuFeatures, std::string> parse_features(std::string_view list);

/// What this CPU and operating system can run, less what ASSAY_CPU_WITHOUT names.
/// Read at the first call and kept; safe to call from any thread.
/// Throws: std::invalid_argument, at every call, where ASSAY_CPU_WITHOUT is malformed.
CpuFeatures cpu_features();

/// How people write the first feature of `needed` that `present` lacks ("AVX2"), if there is one.
std::optional<std::string_view> first_missing(CpuFeatures needed, CpuFeatures present);

}  // namespace assay
