#include "kernels/device/conformance_test.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "kernels/device/plan_port_test.hpp"
#include "kernels/device/plugins.hpp"

namespace assay {
namespace {

using ::testing::IsEmpty;

/// A way to have a device; conformance is asked of each.
struct Backend {
  const char* name;
  const char* plugin;
  DriverOptions options;
};
void PrintTo(const Backend& backend, std::ostream* out) {
  *out << backend.name;
}

/// cuda and hip by themselves only where there is such a GPU; their backends are tested by fake
/// drivers, too, whose work is deferred.
std::vector<Backend> backends() {
  std::vector<Backend> all = {{"host", "host", {}},
                              {"host_deferred", "host", {.is_deferred = true}},
                              {"opencl", "opencl", {}}};
  for (const char* const gpu : {"cuda", "hip"})
    if (open_driver(gpu)) all.push_back({gpu, gpu, {}});
#if defined(ASSAY_FAKE_CUDA)
  all.push_back({"cuda_fake",
                 "cuda",
                 {.driver_library = ASSAY_FAKE_CUDA, .compiler_library = ASSAY_FAKE_CUDA}});
#endif
#if defined(ASSAY_FAKE_HIP)
  all.push_back({"hip_fake", "hip", {.driver_library = ASSAY_FAKE_HIP}});
#endif
  return all;
}

std::unique_ptr<DeviceDriver> open_or_throw(const Backend& backend) {
  auto driver = open_driver(backend.plugin, backend.options);
  if (!driver) throw std::runtime_error(driver.error().message());
  return std::move(*driver);
}

std::vector<Check<BufferPort>> all_checks() {
  auto checks = CoreChecks<BufferPort>::all();
  for (const auto& check : BufferChecks::all()) checks.push_back(check);
  return checks;
}

using Case = std::tuple<Backend, Check<BufferPort>>;

class Conformance : public ::testing::TestWithParam<Case> {};

/// Whether a backend need not be here: the host and the fake drivers always are, and OpenCL is
/// where it was built and PoCL is installed.
bool may_be_absent(const std::string& plugin, const DriverOptions& options) {
  if (plugin == "host" || !options.driver_library.empty()) return false;
#if defined(ASSAY_HAS_OPENCL)
  if (plugin == "opencl") return !std::filesystem::exists("/etc/OpenCL/vendors/pocl.icd");
#endif
  return true;
}

TEST_P(Conformance, Holds) {
  const auto& [backend, check] = GetParam();
  auto driver = open_driver(backend.plugin, backend.options);
  if (!driver && driver.error().fault == DeviceFault::kNotRun &&
      may_be_absent(backend.plugin, backend.options))
    GTEST_SKIP() << driver.error().message();
  ASSERT_TRUE(driver) << driver.error().message();
  BufferPort port(std::move(*driver));
  EXPECT_THAT(check.run(port), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Device, Conformance,
                         ::testing::Combine(::testing::ValuesIn(backends()),
                                            ::testing::ValuesIn(all_checks())),
                         [](const auto& of) {
                           return std::string(std::get<0>(of.param).name) + "_" +
                                  std::string(std::get<1>(of.param).name);
                         });

class BackendByItself : public ::testing::TestWithParam<const char*> {};

TEST_P(BackendByItself, IsThereOrSaysWhyNot) {
  const auto driver = open_driver(GetParam());
  if (driver) return;
  ASSERT_TRUE(may_be_absent(GetParam(), {})) << driver.error().message();
  EXPECT_EQ(driver.error().fault, DeviceFault::kNotRun);
  EXPECT_THAT(driver.error().message(),
              ::testing::StartsWith(std::string("not run: ") + GetParam() + ": "));
  GTEST_SKIP() << driver.error().message();
}

INSTANTIATE_TEST_SUITE_P(Device, BackendByItself,
                         ::testing::Values("host", "opencl", "cuda", "hip"),
                         [](const auto& of) { return std::string(of.param); });

const Backend kDeferred = {"host_deferred", "host", {.is_deferred = true}};

/// The core checks that the plan's design fails with that fault, by name.
std::vector<std::string> failed_checks(PlanFault fault) {
  std::vector<std::string> failed;
  for (const auto& check : CoreChecks<PlanPort>::all()) {
    PlanPort port(open_or_throw(kDeferred), fault);
    if (!check.run(port).empty()) failed.emplace_back(check.name);
  }
  return failed;
}

TEST(ConformanceSuite, PassesThePlansDesignWithoutAFault) {
  EXPECT_THAT(failed_checks(PlanFault::kNone), IsEmpty());
}

struct Planted {
  PlanFault fault;
  const char* name;
  const char* caught_by;
};
void PrintTo(const Planted& planted, std::ostream* out) {
  *out << planted.name;
}

class PlantedFault : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFault, IsCaught) {
  const std::vector<std::string> failed = failed_checks(GetParam().fault);
  std::string list;
  for (const std::string& name : failed) list.append(list.empty() ? "" : ", ").append(name);
  RecordProperty("caught_by", list);
  EXPECT_THAT(failed, ::testing::Contains(GetParam().caught_by));
}

INSTANTIATE_TEST_SUITE_P(
    ConformanceSuite, PlantedFault,
    ::testing::Values(
        Planted{PlanFault::kAsyncWriteUnchecked, "AsyncWriteUnchecked", "upload_leaves_clones"},
        Planted{PlanFault::kRangeWriteUnchecked, "RangeWriteUnchecked",
                "range_upload_leaves_clones"},
        Planted{PlanFault::kFillUnchecked, "FillUnchecked", "fill_leaves_clones"},
        Planted{PlanFault::kSourceDroppedEarly, "SourceDroppedEarly",
                "source_lives_until_it_is_read"},
        Planted{PlanFault::kDerivedClone, "DerivedClone", "memory_goes_once_with_the_last"},
        Planted{PlanFault::kKernelUnchecked, "KernelUnchecked", "kernel_leaves_clones"},
        Planted{PlanFault::kOverwriteCopies, "OverwriteCopies", "no_copy_where_none_is_needed"},
        Planted{PlanFault::kFreedBeforeReader, "FreedBeforeReader", "free_follows_readers"},
        Planted{PlanFault::kLeaked, "Leaked", "memory_goes_once_with_the_last"},
        Planted{PlanFault::kReleasedBeforeCopied, "ReleasedBeforeCopied",
                "failed_detach_changes_nothing"},
        Planted{PlanFault::kOtherQueueNotAwaited, "OtherQueueNotAwaited",
                "queues_wait_for_each_other"},
        Planted{PlanFault::kRangeUnchecked, "RangeUnchecked", "ranges_are_checked"},
        Planted{PlanFault::kMovedFromUnchecked, "MovedFromUnchecked", "moved_from_handles_say_so"}),
    [](const auto& of) { return std::string(of.param.name); });

}  // namespace
}  // namespace assay
