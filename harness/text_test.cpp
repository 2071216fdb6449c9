#include "text.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-2, appendix B, and the empty message
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Nearest, FindsTheLeastEditDistance) {
  EXPECT_EQ(nearest("bind/clone/avx2", {"bind/refs/avx2", "bind/clones/avx2", "arena/new"}),
            "bind/clones/avx2");
  EXPECT_EQ(nearest("tresholds", {"metric", "threshold", "rule"}), "threshold");
}

TEST(Nearest, TakesTheFirstOfEqualDistances) {
  EXPECT_EQ(nearest("cat", {"bat", "hat"}), "bat");
}

TEST(Nearest, SuggestsNothingThatIsFarAway) {
  EXPECT_EQ(nearest("metric", {"baseline", "candidate"}), "");
  EXPECT_EQ(nearest("metric", {}), "");
}

TEST(Nearest, AllowsAThirdOfTheWordAndAtLeastTwoEdits) {
  EXPECT_EQ(nearest("abcdefghijkl", {"xxxxefghijkl"}), "xxxxefghijkl");
  EXPECT_EQ(nearest("abcdefghijkl", {"xxxxxfghijkl"}), "");
  EXPECT_EQ(nearest("abcd", {"xxcd"}), "xxcd");
  EXPECT_EQ(nearest("abcd", {"xxxd"}), "");
}

TEST(DidYouMean, AsksOnlyWhenThereIsSomethingToAsk) {
  EXPECT_EQ(did_you_mean("metrc", {"metric"}), "did you mean \"metric\"?");
  EXPECT_EQ(did_you_mean("metrc", {"tags"}), "");
}

TEST(FileNameOf, KeepsNoSeparatorAndNoSpace) {
  EXPECT_EQ(file_name_of("BIND-1/stack"), "BIND-1-stack");
  EXPECT_EQ(file_name_of("A : b/c:{size}"), "A---b-c--size-");
  EXPECT_EQ(file_name_of("v1.2_x"), "v1.2_x");
  EXPECT_EQ(file_name_of("\xc3\xa4\n"), "---");
}

}  // namespace
}  // namespace assay
