#include "report/surface.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Experiment section(const std::string& id, const std::string& parameters) {
  Experiment entry = experiment(id, range(RuleKind::kCrossover, 2, 50), {"f/old/" + parameters},
                                "f/new/" + parameters);
  entry.sizes = {1, 10, 100};
  return entry;
}

/// A run in which the old way takes 10 a unit of percent, the new one the number of bytes: it
/// begins to win from a tenth of that number of percent on.
struct Measured {
  explicit Measured(std::vector<Experiment> entries) {
    run.reg.experiments = std::move(entries);
    run.manifest = manifest_of(run.reg);
    run.collected.events.rounds_ended = 20;
    run.collected.events.finish = "budget";
    run.collected.slices =
        slices_of(run.manifest.plan, 20, [](const std::string& name, std::uint32_t) {
          const auto number_after = [&](const char* parameter) {
            const auto at = name.find(parameter);
            return at == std::string::npos
                       ? 1
                       : std::stod(name.substr(at + 1 + name.substr(at).find(':')));
          };
          return name.starts_with("f/old") ? 10 * number_after("percent:") : number_after("bytes:");
        });
    verdicts = judge(run.manifest, run.reg, run.collected);
  }

  std::vector<Surface> surfaces() const { return surfaces_of(run.manifest.plan, verdicts); }

  Run run;
  RunVerdicts verdicts;
};

std::vector<Experiment> three() {
  return {section("B", "bytes:256/percent:{size}"), section("A", "bytes:64/percent:{size}"),
          section("C", "bytes:1024/percent:{size}")};
}

TEST(Surfaces, AreCrossoversThatDifferInOneNumber) {
  const Measured measured(three());
  const auto surfaces = measured.surfaces();
  ASSERT_THAT(surfaces, SizeIs(1));
  EXPECT_EQ(surfaces[0].baseline, "f/old/bytes:*/percent:{size}");
  EXPECT_EQ(surfaces[0].candidate, "f/new/bytes:*/percent:{size}");
  EXPECT_EQ(surfaces[0].swept, "percent");
  EXPECT_EQ(surfaces[0].other, "bytes");
  std::vector<std::pair<std::string, double>> sections;
  for (const auto& one : surfaces[0].sections)
    sections.emplace_back(one.result->experiment.id, one.at);
  EXPECT_THAT(sections,
              ElementsAre(std::pair("A", 64.0), std::pair("B", 256.0), std::pair("C", 1024.0)));
}

TEST(Surfaces, NeedThreeSectionsOfTheSameBenchmarks) {
  auto entries = three();
  entries.pop_back();
  entries.push_back(section("again", "bytes:64/percent:{size}"));  // no other section than A
  EXPECT_THAT(Measured(entries).surfaces(), IsEmpty());
  entries.push_back(section("D", "bytes:1024/of:4/percent:{size}"));
  EXPECT_THAT(Measured(entries).surfaces(), IsEmpty());
  entries.push_back(section("E", "size:1024/percent:{size}"));
  EXPECT_THAT(Measured(entries).surfaces(), IsEmpty());
  auto other = section("F", "bytes:1024/percent:{size}");
  other.baselines = {"f/old/bytes:4096/percent:{size}"};  // the sides differ: no section
  entries.push_back(other);
  EXPECT_THAT(Measured(entries).surfaces(), IsEmpty());
}

TEST(Surfaces, AreNotOfWhatIsNoParameterOrNoCrossover) {
  EXPECT_THAT(Measured({section("A", "v1/percent:{size}"), section("B", "v2/percent:{size}"),
                        section("C", "v3/percent:{size}")})
                  .surfaces(),
              IsEmpty());
  EXPECT_THAT(Measured({experiment("A", superiority(2), {"f/old/bytes:1"}, "f/new/bytes:1"),
                        experiment("B", superiority(2), {"f/old/bytes:2"}, "f/new/bytes:2"),
                        experiment("C", superiority(2), {"f/old/bytes:3"}, "f/new/bytes:3")})
                  .surfaces(),
              IsEmpty());
}

TEST(SweptName, IsTheParametersOwn) {
  EXPECT_EQ(swept_name("f/bytes:64/percent:{size}/threads:1"), "percent");
  EXPECT_EQ(swept_name("f/{size}"), "size");
}

TEST(FiguresDocument, DrawsASurfaceOfRatiosAndCrossovers) {
  const Measured measured(three());
  const auto document = figures_document(measured.run, measured.verdicts);
  Json surface;
  for (const auto& figure : document["figures"])
    if (figure["kind"] == "surface") surface = figure;
  ASSERT_FALSE(surface.is_null());
  EXPECT_FALSE(surface.contains("experiment"));
  EXPECT_EQ(surface["x_label"], "percent");
  EXPECT_EQ(surface["y_unit"], "bytes");
  ASSERT_THAT(surface["sections"], SizeIs(3));
  const Json& first = surface["sections"][0];
  EXPECT_EQ(first["experiment"], "A");
  EXPECT_EQ(first["at"], 64.0);
  ASSERT_THAT(first["points"], SizeIs(3));
  EXPECT_EQ(first["points"][1][0], 10);
  EXPECT_NEAR(first["points"][1][1].get<double>(), 100.0 / 64, 1e-9);
  EXPECT_NEAR(first["points"][1][2].get<double>(), 100.0 / 64, 1e-9);
  EXPECT_NEAR(first["crossover"]["value"].get<double>(), 6.4, 1e-9);
  EXPECT_TRUE(surface["sections"][2]["crossover"]["value"].is_null()) << "beyond what was swept";
}

}  // namespace
}  // namespace assay
