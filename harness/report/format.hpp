#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "register/register.hpp"
#include "statistics/statistics.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// Four significant digits, without exponent where it can be read: "2.103", "0.9981", "1234".
std::string number(double value);

/// The value with as many decimals as two digits of `resolution` need, but at least four
/// significant digits, so that the ends of a narrow interval differ in print; and with as many more
/// as keep it, as printed, on its side of every cut.
std::string number(double value, double resolution, const std::vector<double>& cuts = {});

/// True where the effect is baseline / candidate.
bool shows_ratio(const Experiment& experiment);

/// In the unit of the experiment's effect: "2.103x" for ratios, "2.44 ns" for times, plain else.
std::string effect(const Experiment& experiment, double value);

/// "2.103x [2.09, 2.11]"; "[too few rounds]" where they bound nothing; of a behaviour "holds in 16
/// of 16 rounds".
std::string effect_with_interval(const Experiment& experiment, const Estimate& found);

/// What was found of an entry, in its own words: the headline's effect with its interval (of a
/// limit, and the probe: "0.93 of the limit (bind/probe) [0.92, 0.94]"), or how many demands hold.
std::string measured(const ExperimentVerdict& result, const Plan& plan);

/// "201x (optimistic), 1.5x (realistic)".
std::string predictions(const Experiment& experiment);

/// What a slice's axis shows: "real_time, ns an iteration", "faults".
std::string metric_name(const Experiment& experiment);

/// What the effect's axis shows: "baseline / candidate", "real_time, ns an iteration".
std::string effect_name(const Experiment& experiment);

/// What a reader must know beside the verdict itself: " (exploratory)", " (layout-sized)".
std::string labels(const ExperimentVerdict& result, const Plan& plan);

/// What the effect is, in one word for machines: "ratio", "share-of-limit", "slope",
/// "crossover-size", "holds", "latency" (real time, ns), another metric, "difference-METRIC".
std::string quantity(const Experiment& experiment);

/// The ends of an interval that say something: of a ratio, 0 is no bound, and where looks
/// contradict each other there is none.
struct Ends {
  std::optional<double> low, high;
};
Ends bounded_ends(const Experiment& experiment, const Interval& interval);

/// For a Markdown table cell: bars escaped, line ends removed.
std::string cell(std::string_view text);

}  // namespace assay
