#!/usr/bin/env python3
"""What the trials of `assay calibrate` that are kept here found: comparisons of known truth, by truth.

    trials.py               # prints the table of README.md
    trials.py --embed       # writes it there, between the two comments
    trials.py FILE...       # of other files of the same format, compressed or not

A trial is a line of docs/formats.md (calibration.jsonl). What the program itself counts of the trials of one machine,
`assay calibrate --show` says.
"""

import collections
import statistics
import sys
from pathlib import Path

from gate import read, table, upper_bound

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- study:trials -->\n", "\n<!-- /study:trials -->"
SHORT, LONG = 5, 15  # seconds within which a difference is said to be found
KERNELS = ("allocate", "bind", "similarity-1000")  # each cell of the table has a value for each
HEAD = ("trials of", "disturbed by", "hours", "extra work", "trials", "called different", "wrong sign", "found in 5 s",
        "found in 15 s", "called equal", "median seconds to 1%")


def is_different(trial):
    return trial["low"] is not None and trial["low"] > 1 or trial["high"] is not None and trial["high"] < 1


def has_wrong_sign(trial):
    """The register's effect is baseline / candidate, and the baseline does the extra work."""
    return trial["extra"] > 0 and trial["high"] is not None and trial["high"] < 1


def found_in(trials, seconds):
    """How many of those that were offered so much."""
    offered = [trial for trial in trials if trial["offered"] >= seconds - 1e-9]
    return f"{sum(t['verdict'] == 'supported' and t['seconds'] <= seconds for t in offered)}/{len(offered)}"


def share_equal(trials):
    return f"{100 * sum(trial['verdict'] == 'equivalent' for trial in trials) / len(trials):.1f}%"


def alarms(trials):
    different = sum(map(is_different, trials))
    return f"{different} (at most {100 * upper_bound(different, len(trials)):.2f}%)"


def seconds_to_1_percent(trials):
    """Those that never came so far count as the longest."""
    seconds = statistics.median_low(float("inf") if trial["seconds_to_1_percent"] is None
                                    else trial["seconds_to_1_percent"] for trial in trials)
    return "never" if seconds == float("inf") else f"{seconds:.2f}"


def row(name, disturbance, extra, trials):
    """`trials` are of all kernels."""
    unknown = {trial["kernel"] for trial in trials} - set(KERNELS)
    if unknown:
        raise ValueError(f"{name}: no kernel of the calibration: {', '.join(sorted(unknown))}")
    pools = [[trial for trial in trials if trial["kernel"] == kernel] for kernel in KERNELS]

    def each(told, is_wanted=True):
        return ", ".join(told(pool) if pool else "-" for pool in pools) if is_wanted else ""

    is_null = extra == 0
    return (name, disturbance, ", ".join(sorted({trial["started_at"][11:13] for trial in trials})),
            "none" if is_null else f"{100 * extra:g}%", each(lambda pool: str(len(pool))), each(alarms, is_null),
            each(lambda pool: str(sum(map(has_wrong_sign, pool))), not is_null),
            each(lambda pool: found_in(pool, SHORT), not is_null),
            each(lambda pool: found_in(pool, LONG), 0 < extra <= 0.01), each(share_equal, is_null),
            each(seconds_to_1_percent, is_null))


def report(paths):
    """The table of Markdown."""
    rows = []
    for path in paths:
        pools = collections.defaultdict(list)
        for trial in read(path):
            pools[trial["disturbance"], trial["extra"]].append(trial)
        name = path.name.removeprefix("calibration-").split(".")[0]
        rows += [row(name, disturbance, extra, trials) for (disturbance, extra), trials in sorted(pools.items())]
    return table(HEAD, rows)


def committed():
    return sorted(HERE.glob("calibration-*.jsonl.xz"))


def main(arguments):
    if arguments != ["--embed"]:
        print(report([Path(argument) for argument in arguments] or committed()))
        return
    readme = HERE / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    readme.write_text(before + BEGIN + report(committed()) + END + rest.split(END)[1])


if __name__ == "__main__":
    main(sys.argv[1:])
