#!/usr/bin/env python3
"""What each choice of the method costs, on recorded slices of identical code: prints Markdown tables.

study.py            prints the tables of traces/quiet.xz and traces/bad.xz
study.py --embed    writes them into README.md, between the two comments
study.py --check    fails if README.md does not hold what the traces give
study.py --noise    prints the intervals and the values of rounds of the files in the folder ASSAY_NOISE_DIR

A gate is a number of rounds drawn with replacement from a trace, so that what an interval estimates is known: the same
estimate over the whole trace. A false alarm is an interval that does not hold it. Half-widths are medians over gates,
in percent. All draws are seeded.
"""

import argparse
import difflib
import functools
import os
import sys
from pathlib import Path

import numpy as np

import methods
import pages
from traces import KERNELS, PARTS, Fault, read_noise, read_trace

HERE = Path(__file__).resolve().parent
TRACES = ("quiet", "bad")
PAGES = ("pages-quiet", "pages-bad")
SKIPPED = 77
GATES = 2000
MANY_GATES = 20000
NOMINAL = 0.05
STRICT = NOMINAL / (5 * 60)  # five looks, sixty claims
LOOKS = (16, 32, 64, 128)
PERCENT = PARTS / 100
QUIET_CANARY = 2 * PERCENT  # a quiet canary is less than 2% above the 10% quantile of the first 16 rounds' canaries
CALIBRATION_ROUNDS = 16
LEAST_BLOCKS = 2
SUITE = 20
OPENING, CLOSING = "<!-- study:tables -->", "<!-- /study:tables -->"


# ---- the value of a round ----

def flat(array):
    return array.reshape(len(array), -1)


def low(values):
    """The 10% quantile of each row, as an order statistic."""
    return np.sort(flat(values), axis=1)[:, values[0].size // 10]


def median_of_pairs(unit):
    return np.median(flat(unit.pairs()), axis=1)


def mean_of_pairs(unit):
    return flat(unit.pairs()).sum(axis=1) / unit.pairs()[0].size


def trimmed_mean_of_pairs(unit):
    pairs = np.sort(flat(unit.pairs()), axis=1)
    cut = pairs.shape[1] // 5
    return pairs[:, cut:pairs.shape[1] - cut].sum(axis=1) / (pairs.shape[1] - 2 * cut)


def median_of_blocks(unit):
    return np.median(unit.pairs().sum(axis=2) / 2, axis=1)


def median_of_block_minima(unit):
    a, b = unit.sides()
    return np.median(a.min(axis=2) - b.min(axis=2), axis=1)


def low_quantiles(unit):
    a, b = unit.sides()
    return (low(a) - low(b)).astype(float)


def minima(unit):
    a, b = unit.sides()
    return (flat(a).min(axis=1) - flat(b).min(axis=1)).astype(float)


def unpaired_medians(unit):
    a, b = unit.sides()
    return np.median(flat(a), axis=1) - np.median(flat(b), axis=1)


def between_processes(unit):
    """twin-a in one process against twin-a in the next: truth exactly 1; half as many values."""
    a = np.median(flat(unit.sides()[0]), axis=1)
    even = len(a) // 2 * 2
    return a[0:even:2] - a[1:even:2]


ROUND_VALUES = {
    "median of adjacent pairs": median_of_pairs,
    "mean of adjacent pairs": mean_of_pairs,
    "20% trimmed mean of adjacent pairs": trimmed_mean_of_pairs,
    "median of whole blocks": median_of_blocks,
    "median of the blocks' minima": median_of_block_minima,
    "ratio of 10% quantiles": low_quantiles,
    "ratio of minima": minima,
    "ratio of medians, unpaired": unpaired_medians,
    "medians of two processes (twin-a both)": between_processes,
}


OF_FOUR_BLOCKS = ("median of adjacent pairs", "median of the blocks' minima", "ratio of 10% quantiles")


def kept_blocks(unit, all_canaries):
    """(R, K) whether a block stands between quiet canaries: a rule of the canaries alone."""
    first = np.sort(all_canaries[:CALIBRATION_ROUNDS].ravel())
    return (unit.canaries < first[first.size // 10] + QUIET_CANARY).all(axis=2)


def selected_medians(unit, kept):
    """The median of the kept pairs, in the rounds that keep at least two blocks."""
    pairs = unit.pairs()
    return np.array([np.median(pairs[r][kept[r]]) for r in range(len(pairs)) if kept[r].sum() >= LEAST_BLOCKS])


# ---- gates ----

@functools.lru_cache(maxsize=None)
def draws(population, rounds, gates):
    """(gates, rounds) indices of rounds; the legacy generator's stream is frozen, and so the same everywhere."""
    return np.random.RandomState(1).randint(population, size=(gates, rounds))


@functools.lru_cache(maxsize=None)
def sorted_draws(population, rounds, gates):
    return np.sort(draws(population, rounds, gates), axis=1)


def gates_of(values, rounds, gates=GATES):
    """(gates, rounds) values, each row sorted."""
    return np.sort(values)[sorted_draws(len(values), rounds, gates)]


def alarms(interval, truth):
    """The share of intervals that do not hold the truth."""
    return float(((interval[0] > truth) | (interval[1] < truth)).mean())


def half_width(interval):
    """The median half-width, in percent."""
    return float(np.median(interval[1] - interval[0])) / 2 / PERCENT


def percent_text(value):
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def cell(interval, truth):
    return f"{percent_text(half_width(interval))} ({100 * alarms(interval, truth):.1f})"


def centre_cell(values, interval, truth):
    return f"{np.median(values) / PERCENT:+z.3f} ± {cell(interval, truth)}"


# ---- tables ----

def table(caption, corner, columns, rows):
    """Markdown; rows are (title, cells)."""
    lines = [caption, "", "| " + " | ".join([corner, *columns]) + " |", "|---" * (len(columns) + 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join([title, *cells]) + " |" for title, cells in rows]) + "\n"


class Cases:
    """The columns of most tables: each kernel in each trace, as (short unit, trace)."""

    def __init__(self, traces):
        self.traces = traces
        self.titles = [f"{kernel}, {trace.name}" for kernel in KERNELS for trace in traces]
        self.items = [(kernel, trace) for kernel in KERNELS for trace in traces]

    def units(self):
        return [trace.short[kernel] for kernel, trace in self.items]

    def row(self, function):
        return [function(unit) for unit in self.units()]


def condition_rows(traces):
    def line(title, function):
        return title, [str(function(trace.conditions)) for trace in traces]
    return [
        line("recorded", lambda c: c["started_at"]),
        line("rounds; seconds", lambda c: f"{c['rounds']}; {c['seconds']}"),
        line("load average before, after", lambda c: f"{c['load_average_before']}, {c['load_average_after']}"),
        line("busy share of the other core", lambda c: c["other_core"]["busy_share"]),
        line("stolen share of the measured core", lambda c: c["measured_core"]["steal_share"]),
        line("preemptions of the instrument a round", lambda c: c["preemptions_a_round"]),
        ("canary: 10%, 50%, 90%, 99% above its fastest", [canary_quantiles(trace) for trace in traces]),
    ]


def canary_quantiles(trace):
    ordered = np.sort(trace.all_canaries.ravel())
    places = [ordered[ordered.size * percent // 100] - ordered[0] for percent in (10, 50, 90, 99)]
    return ", ".join(f"{100 * np.expm1(place / PARTS):.1f}%" for place in places)


def conditions_table(traces):
    conditions = traces[0].conditions
    caption = (f"**Table 1. The traces.** {conditions['machine']}, {conditions['cores']} cores, "
               f"{conditions['compiler']} {conditions['flags']}; `control`, pinned to one core.")
    return table(caption, "", [trace.name for trace in traces], condition_rows(traces))


def rank_correlation(a, b):
    ranks = [np.unique(values, return_inverse=True)[1] for values in (a, b)]  # ties share one
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def halves_correlation(unit):
    pairs = unit.pairs()
    return rank_correlation(np.median(flat(pairs[:, 0::2]), axis=1), np.median(flat(pairs[:, 1::2]), axis=1))


def whole_interval(values):
    ordered = np.sort(values)[None, :]
    low_end, high_end = methods.sign(ordered, 0.001)
    return f"{np.median(values) / PERCENT:+z.3f} [{low_end[0] / PERCENT:+z.3f}, {high_end[0] / PERCENT:+z.3f}]"


def consecutive_alarms(values, rounds):
    """The share of runs of consecutive rounds whose sign interval does not hold the trace's median."""
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(values, rounds), axis=1)
    return alarms(methods.sign(windows, NOMINAL), methods.median(values))


def spread_alarms(values, rounds):
    """As above, for gates of one round from each of as many equal stretches of the trace."""
    edges = np.arange(rounds + 1) * len(values) // rounds
    index = np.random.RandomState(2).randint(edges[:-1], edges[1:], size=(GATES, rounds))
    return alarms(methods.sign(np.sort(values[index], axis=1), NOMINAL), methods.median(values))


def truth_rows(cases):
    medians = [median_of_pairs(unit) for unit in cases.units()]
    return [
        ("median over all rounds, % from 1 [99.9%]", [whole_interval(values) for values in medians]),
        ("median distance of a round from it, %",
         [f"{np.median(np.abs(values - np.median(values))) / PERCENT:.3f}" for values in medians]),
        ("rounds more than 1% from it, %",
         [f"{100 * (np.abs(values - np.median(values)) > PERCENT).mean():.0f}" for values in medians]),
        ("rank correlation of a round's two halves", cases.row(lambda unit: f"{halves_correlation(unit):.2f}")),
        ("rank correlation of a round and the next",
         [f"{rank_correlation(values[:-1], values[1:]):.2f}" for values in medians]),
        ("gates of 64 that exclude 1, %",
         [f"{100 * alarms(methods.sign(gates_of(values, 64), NOMINAL), 0):.0f}" for values in medians]),
        ("consecutive gates of 16, 64 that exclude the median, %",
         [", ".join(f"{100 * consecutive_alarms(values, n):.1f}" for n in (16, 64)) for values in medians]),
        ("gates of 16, 64 spread over the trace that do, %",
         [", ".join(f"{100 * spread_alarms(values, n):.1f}" for n in (16, 64)) for values in medians]),
    ]


def truth_table(cases):
    caption = ("**Table 2. What the trace holds.** Twins run the same instructions at different addresses: what their "
               "median lies from 1 is layout, not error of the method. The other tables ask about the trace's own "
               "value.")
    return table(caption, "", cases.titles, truth_rows(cases))


def method_cells(cases, method, centre, rounds):
    cells = []
    for unit in cases.units():
        values = median_of_pairs(unit)
        cells.append(cell(method(gates_of(values, rounds), NOMINAL), centre(values)))
    return cells


def methods_table(cases):
    caption = (f"**Table 3. Intervals over rounds**, nominal {NOMINAL:.0%}: median half-width in % (false alarms in "
               f"%), {GATES:,} gates of n rounds; round value: median of adjacent pairs, 12 blocks.")
    rows = [(f"{name}, n = {n}", method_cells(cases, method, centre, n))
            for name, (method, centre) in methods.METHODS.items() for n in LOOKS]
    return table(caption, "interval", cases.titles, rows)


def walsh_alarms(values, rounds):
    """How many of many Hodges-Lehmann intervals miss the trace's own centre, without forming the intervals."""
    centreed = values - methods.median_of_walsh(values)
    index = sorted_draws(len(values), rounds, MANY_GATES)
    least = rounds * (rounds + 1) // 2 - methods.walsh_rank(rounds, STRICT)
    above, below = (methods.signed_rank_above(methods.signed_rank_order(side)[index]) for side in (centreed, -centreed))
    return int(((above > least) | (below > least)).sum())


def strict_cell(unit, name, rounds):
    method, centre = methods.METHODS[name]
    values = median_of_pairs(unit)
    width = half_width(method(gates_of(values, rounds), STRICT))
    if name == "Hodges-Lehmann":
        missed = walsh_alarms(values, rounds)
    else:
        missed = round(MANY_GATES * alarms(method(gates_of(values, rounds, MANY_GATES), STRICT), centre(values)))
    return f"{percent_text(width)} ({missed})"


def strict_table(cases):
    caption = (f"**Table 4. The same at 5% / (5 x 60)**: median half-width in % (false alarms in {MANY_GATES:,} gates; "
               f"{MANY_GATES * STRICT:.1f} are nominal). A bootstrap would need 60,000 resamples a gate for this tail.")
    names = ("sign test", "sign test, interpolated", "Hodges-Lehmann", "trimmed mean, t", "mean, t")
    rows = [(f"{name}, n = {n}", cases.row(lambda unit: strict_cell(unit, name, n)))
            for name in names for n in (16, 64, 128)]
    return table(caption, "interval", cases.titles, rows)


def value_cell(values, rounds=64):
    return centre_cell(values, methods.sign(gates_of(values, rounds), NOMINAL), methods.median(values))


def round_value_rows(cases):
    rows = [(name, cases.row(lambda unit: value_cell(value(unit), 32 if value is between_processes else 64)))
            for name, value in ROUND_VALUES.items()]
    rows += [(f"{name}, first 4 blocks", cases.row(lambda unit: value_cell(ROUND_VALUES[name](unit.first_blocks(4)))))
             for name in OF_FOUR_BLOCKS]
    selected, shares = [], []
    for kernel, trace in cases.items:
        if trace.all_canaries is None:
            continue
        unit = trace.short[kernel]
        kept = kept_blocks(unit, trace.all_canaries)
        values = selected_medians(unit, kept)
        rounds = round(64 * len(values) / len(kept))
        shares.append(f"{100 * kept.mean():.0f}% of blocks, {100 * len(values) / len(kept):.0f}% of rounds")
        selected.append(value_cell(values, rounds) if methods.sign_rank(rounds, NOMINAL) else "too few")
    return rows + ([("median of pairs between quiet canaries", selected), ("... kept", shares)] if selected else [])


def round_value_table(cases):
    caption = ("**Table 5. The value of a round**: its median over the trace, % from 1, ± median half-width of the "
               "95% sign interval over 64 measured rounds, % (false alarms in %).")
    return table(caption, "value", cases.titles, round_value_rows(cases))


def overhead_ms(trace):
    """What a slice takes beside its measured time, on average over the trace."""
    conditions = trace.conditions
    canary = conditions["canary"]
    canary_ns = np.exp(trace.all_canaries / PARTS) * canary["reference_ns"] * canary["iterations"]
    units = [*trace.short.values(), *trace.long.values()]
    canaries = canary_ns[0].size
    measured = sum(unit.measured_ms * unit.slices[0].size for unit in units) + canaries * canary_ns.mean() * 1e-6
    slices = sum(unit.slices[0].size for unit in units) + canaries
    return max(0.0, (trace.round_ms.mean() - conditions["start_ms"] - measured) / slices)


def round_cost_ms(trace, unit, comparisons):
    """What a round costs where it measures so many comparisons like this one: process, warm-up, slices."""
    slices = comparisons * (unit.slices[0].size + 2)
    return trace.conditions["start_ms"] + slices * (unit.measured_ms + overhead_ms(trace))


def equal_time_cell(trace, unit, comparisons):
    seconds = 5 * comparisons
    rounds = int(1000 * seconds / round_cost_ms(trace, unit, comparisons))
    interval = methods.sign(gates_of(median_of_pairs(unit), rounds, 500), STRICT)
    return f"{percent_text(half_width(interval))} (n = {rounds})"


def equal_time_rows(cases):
    rows = []
    for comparisons, where in ((1, "alone"), (SUITE, f"one of {SUITE}")):
        for blocks in (2, 4, 8, 12):
            cells = [equal_time_cell(trace, trace.short[kernel].first_blocks(blocks), comparisons)
                     for kernel, trace in cases.items]
            rows.append((f"{blocks} blocks of 0.2 ms, {where}", cells))
        cells = [equal_time_cell(trace, trace.long[kernel], comparisons) for kernel, trace in cases.items]
        rows.append((f"3 blocks of 0.8 ms, {where}", cells))
    return rows


def equal_time_table(cases):
    caption = ("**Table 6. Blocks and slices at equal time**: median half-width in % of the sign interval at 5% / (5 x "
               "60) after 5 s a comparison, and the rounds that these 5 s give (500 gates).")
    return table(caption, "round", cases.titles, equal_time_rows(cases))


def share(hits):
    return f"{100 * float(np.mean(hits)):.1f}"


def looks_alarms(values, looks, alpha):
    """The share of gates in which the sign interval after any of the looks misses the trace's median."""
    index = draws(len(values), looks[-1], GATES)
    truth = np.median(values)
    below, above = ((side[index]).cumsum(axis=1) for side in (values < truth, values > truth))
    missed = np.zeros(GATES, bool)
    for n in looks:
        k = methods.sign_rank(n, alpha)
        missed |= (n - below[:, n - 1] < k) | (n - above[:, n - 1] < k)
    return share(missed)


def pooled_pairs(unit, rounds):
    """Sign test over all pairs of a gate as if they were independent."""
    pairs = flat(unit.pairs())
    truth = np.median(pairs)
    index = draws(len(pairs), rounds, GATES)
    below, above = ((side.sum(axis=1))[index].sum(axis=1) for side in (pairs < truth, pairs > truth))
    count = rounds * pairs.shape[1]
    k = methods.sign_rank(count, NOMINAL)
    return share((count - below < k) | (count - above < k))


def pooled_means(unit, rounds):
    """Welch's test over all log times of a gate as if they were independent."""
    sides = [flat(side) for side in unit.sides()]
    truth = sides[0].mean() - sides[1].mean()
    index = draws(len(sides[0]), rounds, GATES)
    count = rounds * sides[0].shape[1]
    totals = [side.sum(axis=1)[index].sum(axis=1) for side in sides]
    squares = [(side * side).sum(axis=1)[index].sum(axis=1) for side in sides]
    variance = sum((square - total * total / count) / (count - 1) / count for total, square in zip(totals, squares))
    difference = (totals[0] - totals[1]) / count - truth
    return share(np.abs(difference) > methods.t_quantile(NOMINAL, 2 * count - 2) * np.sqrt(variance))


def wins(a, b, shift):
    """(R, R) over rounds of a and of b: how many pairs of slices have a - shift above b; ties count half."""
    ordered = np.sort(b, axis=1)
    moved = (a - shift).ravel()
    counts = [(np.searchsorted(row, moved, "left") + np.searchsorted(row, moved, "right")) / 2 for row in ordered]
    return np.array(counts).reshape(len(b), *a.shape).sum(axis=2).T


def rank_sum_misses(wins_of_a, count):
    """Whether Mann and Whitney's test of two samples of that size rejects at the nominal level."""
    spread = np.sqrt(count * count * (2 * count + 1) / 12)
    return np.abs(wins_of_a - count * count / 2) > 1.959964 * spread


def pooled_ranks(unit, rounds):
    """Mann and Whitney's test over all slices of a gate as if they were independent and unpaired."""
    a, b = (flat(side) for side in unit.sides())
    matrix = wins(a, b, np.median(flat(unit.pairs())))
    index = draws(len(a), rounds, GATES)
    weights = np.stack([np.bincount(gate, minlength=len(a)) for gate in index]).astype(float)
    return share(rank_sum_misses(((weights @ matrix) * weights).sum(axis=1), rounds * a.shape[1]))


def two_processes(unit):
    """Mann and Whitney's test of twin-a in one process against twin-a in one of the five after it."""
    a = flat(unit.sides()[0])
    matrix = wins(a, a, 0)
    ahead = np.concatenate([np.diagonal(matrix, step) for step in range(1, 6)])
    return share(rank_sum_misses(ahead, a.shape[1]))


def naive_rows(cases):
    def medians(looks, alpha):
        return cases.row(lambda unit: looks_alarms(median_of_pairs(unit), looks, alpha))
    return [
        ("sign interval, 64 rounds, one look", medians([64], NOMINAL)),
        ("looks after 16, 32, 64, 128 at 5% / 5 each", medians(LOOKS, NOMINAL / 5)),
        ("looks after 16, 32, 64, 128 at 5% each", medians(LOOKS, NOMINAL)),
        ("a test after each round from 6 to 64, at 5% each", medians(range(6, 65), NOMINAL)),
        ("all pairs of 64 rounds pooled, sign test", cases.row(lambda unit: pooled_pairs(unit, 64))),
        ("all slices of 64 rounds pooled, Mann-Whitney", cases.row(lambda unit: pooled_ranks(unit, 64))),
        ("all slices of 64 rounds pooled, Welch's t", cases.row(lambda unit: pooled_means(unit, 64))),
        ("one process against another, Mann-Whitney (twin-a both)", cases.row(two_processes)),
    ]


def naive_table(cases):
    caption = (f"**Table 7. Naive analyses**: false alarms in % at nominal {NOMINAL:.0%}; the first two rows are the "
               "project's way.")
    return table(caption, "analysis", cases.titles, naive_rows(cases))


TABLES = (truth_table, methods_table, strict_table, round_value_table, equal_time_table, naive_table)


def all_tables(folder):
    traces = [read_trace(folder / f"{name}.xz") for name in TRACES]
    cases = Cases(traces)
    return "\n".join([conditions_table(traces), *(make(cases) for make in TABLES),
                      pages.table([folder / f"{name}.xz" for name in PAGES])])


# ---- commands ----

def split_readme(text, path):
    before, opening, rest = text.partition(OPENING)
    inside, closing, after = rest.partition(CLOSING)
    if not opening or not closing:
        raise Fault(f"{path}: no {OPENING} ... {CLOSING}; put the two comments where the tables belong")
    return before + opening, inside, closing + after


def embed(tables, path):
    before, _, after = split_readme(path.read_text(encoding="utf-8"), path)
    path.write_text(f"{before}\n{tables}{after}", encoding="utf-8")


def check(tables, path):
    """0 if the file holds these tables, else 1, and the difference is printed."""
    _, inside, _ = split_readme(path.read_text(encoding="utf-8"), path)
    expected = ["", *tables.splitlines()]
    difference = list(difflib.unified_diff(inside.splitlines(), expected, str(path), "the traces", lineterm=""))
    print("\n".join(difference) or f"{path.name}: what the traces give")
    return 1 if difference else 0


class NoiseTrace:
    """Slices of the noise folder, as far as the tables of intervals and round values need a trace."""

    def __init__(self, path):
        self.name = path.name.removesuffix(".jsonl.xz")
        self.short = read_noise(path)
        self.all_canaries = None


def print_noise(folder):
    if not folder:
        print("study.py: skipped: ASSAY_NOISE_DIR names no folder of recorded slices", file=sys.stderr)
        return SKIPPED
    paths = sorted(Path(folder).glob("*.jsonl.xz"))
    if not paths:
        raise Fault(f"{folder}: no *.jsonl.xz; name the folder of recorded slices in ASSAY_NOISE_DIR")
    for path in paths:
        cases = Cases([NoiseTrace(path)])
        print("\n".join([truth_table(cases), methods_table(cases), round_value_table(cases)]))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--embed", action="store_true", help="write the tables into the README")
    what.add_argument("--check", action="store_true", help="fail if the README does not hold them")
    what.add_argument("--noise", action="store_true", help="tables of the files in ASSAY_NOISE_DIR instead")
    parser.add_argument("--traces", type=Path, default=HERE / "traces", help="folder of quiet.xz, bad.xz, pages-quiet.xz, pages-bad.xz")
    parser.add_argument("--readme", type=Path, default=HERE / "README.md")
    options = parser.parse_args()
    if options.noise:
        return print_noise(os.environ.get("ASSAY_NOISE_DIR"))
    tables = all_tables(options.traces)
    if options.check:
        return check(tables, options.readme)
    if options.embed:
        embed(tables, options.readme)
    else:
        print(tables)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Fault, OSError) as problem:
        sys.exit(f"study.py: {problem}")
