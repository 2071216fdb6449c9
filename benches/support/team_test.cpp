#include "team.hpp"

#include <gtest/gtest.h>

#include <array>

namespace assay {
namespace {

TEST(Team, RunsEveryPieceOnceInEachMemberOnACpuOfItsOwn) {
  const std::vector<int> before = cpus_of_thread();
  const std::size_t members = std::min<std::size_t>(before.size(), 4);
  std::array<int, 4> pieces{}, cpus{};
  {
    Team team(members);
    ASSERT_EQ(team.members(), members);
    for (int piece = 0; piece < 1000; ++piece) {
      team.run([&](std::size_t member) {
        ++pieces[member];
        cpus[member] = ::sched_getcpu();
      });
      for (std::size_t member = 0; member < members; ++member)
        ASSERT_EQ(pieces[member], piece + 1) << "run() returns when all are done";
    }
  }
  for (std::size_t member = 0; member < members; ++member)
    EXPECT_EQ(cpus[member], before[member]) << member;
  EXPECT_EQ(cpus_of_thread(), before) << "the caller may run where it might before";
}

TEST(Team, IsNotRunWithFewerCpusThanMembers) {
  try {
    Team team(cpus_of_thread().size() + 1);
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("not run: "), 0u) << error.what();
  }
}

}  // namespace
}  // namespace assay
