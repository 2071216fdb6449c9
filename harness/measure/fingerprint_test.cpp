#include "measure/fingerprint.hpp"

#include <gtest/gtest.h>

#include "measure/kernel_files.hpp"
#include "text.hpp"

namespace assay {
namespace {

TEST(Fingerprint, NamesWhatDecidesHowDisksAreRead) {
  const auto machine = machine_fingerprint();
  for (const auto& [disk, ahead] : machine.at("read_ahead_kb").items()) {
    EXPECT_EQ(ahead, line_of("/sys/block/" + disk + "/queue/read_ahead_kb").value_or("none"));
    EXPECT_NE(line_of("/sys/block/" + disk + "/size"), "0") << disk;
  }
  for (const auto& [device, algorithms] : machine.at("zram_algorithms").items()) {
    EXPECT_TRUE(device.starts_with("zram")) << device;
    EXPECT_NE(algorithms.get<std::string>().find('['), std::string::npos) << algorithms;
  }
}

TEST(Fingerprint, HashesWhatTimesDependOnAndNoDisk) {
  const auto machine = machine_fingerprint();
  nlohmann::json identity = nlohmann::json::array();
  for (const char* key : {"cpu", "cores", "caches", "memory", "kernel", "governor"})
    identity.push_back(machine.at(key));
  EXPECT_EQ(machine.at("fingerprint"), sha256(identity.dump()).substr(0, 16));
}

}  // namespace
}  // namespace assay
