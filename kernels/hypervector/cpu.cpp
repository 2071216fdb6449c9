#include "kernels/hypervector/cpu.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace assay {
namespace {

struct Known {
  CpuFeature feature;
  std::string_view name;     ///< as ASSAY_CPU_WITHOUT and the compiler's -m flag spell it
  std::string_view display;  ///< as messages spell it
};

constexpr std::array kKnown = {
    Known{CpuFeature::kPopcnt, "popcnt", "POPCNT"},
    Known{CpuFeature::kAvx2, "avx2", "AVX2"},
    Known{CpuFeature::kAvx512, "avx512", "AVX-512 (F, BW, DQ, VL)"},
    Known{CpuFeature::kVpopcntdq, "vpopcntdq", "AVX-512 VPOPCNTDQ"},
    Known{CpuFeature::kVbmi2, "vbmi2", "AVX-512 VBMI2"},
    Known{CpuFeature::kFma, "fma", "FMA"},
};

std::string unknown_feature(std::string_view name) {
  std::string message = "no CPU feature is named \"" + std::string(name) + "\"; known are:";
  for (const Known& known : kKnown) {
    message.append(" ").append(known.name);
  }
  return message;
}

// The builtin takes only literals. It also asks whether the operating system saves the registers.
CpuFeatures detect() {
  CpuFeatures found;
  if (__builtin_cpu_supports("popcnt")) {
    found = found.with({CpuFeature::kPopcnt});
  }
  if (__builtin_cpu_supports("avx2")) {
    found = found.with({CpuFeature::kAvx2});
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    found = found.with({CpuFeature::kAvx512});
  }
  if (__builtin_cpu_supports("avx512vpopcntdq")) {
    found = found.with({CpuFeature::kVpopcntdq});
  }
  if (__builtin_cpu_supports("avx512vbmi2")) {
    found = found.with({CpuFeature::kVbmi2});
  }
  if (__builtin_cpu_supports("fma")) {
    found = found.with({CpuFeature::kFma});
  }
  return found;
}

CpuFeatures detect_without_hidden() {
  const char* list = std::getenv("ASSAY_CPU_WITHOUT");
  const auto hidden = parse_features(list == nullptr ? "" : list);
  if (!hidden) {
    throw std::invalid_argument("ASSAY_CPU_WITHOUT: " + hidden.error());
  }
  return detect().without(*hidden);
}

}  // namespace

std::expected<CpuFeatures, std::string> parse_features(std::string_view list) {
  CpuFeatures named;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view name = list.substr(0, comma);
    const auto* known = std::ranges::find(kKnown, name, &Known::name);
    const bool trailing_comma = comma + 1 == list.size();
    if (known == kKnown.end() || trailing_comma) {
      return std::unexpected(unknown_feature(trailing_comma ? "" : name));
    }
    named = named.with({known->feature});
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return named;
}

CpuFeatures cpu_features() {
  static const CpuFeatures kFeatures = detect_without_hidden();
  return kFeatures;
}

std::optional<std::string_view> first_missing(CpuFeatures needed, CpuFeatures present) {
  for (const Known& known : kKnown) {
    if (needed.has(known.feature) && !present.has(known.feature)) {
      return known.display;
    }
  }
  return std::nullopt;
}

}  // namespace assay
