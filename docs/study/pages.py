#!/usr/bin/env python3
"""Do huge pages under the working set make rounds agree better? pages.py INSTRUMENT TRACE.xz [--rounds N].

Serves the instrument `control` as record.py does, a process a round, in pairs of rounds in random order: one as it is, with
the 256 KB of similarity-1000 on huge pages, and one to which the kernel grants none (PR_SET_THP_DISABLE). Nothing else
differs, and both see the same minutes. `bind` and `clone-heap` are on small pages in both: they tell what chance does.

The trace is xz of one JSON value a line: conditions, then a list a pair of rounds: [small, huge], each [KiB on huge pages, ratio of bind,
time of bind, ratio and time of similarity-1000, ratio and time of clone-heap]. A ratio is the round's median log ratio of
the twins, a time twin-a's median log nanoseconds, both in units of 0.001%.
"""

import argparse
import ctypes
import json
import lzma
import math
import os
import random
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

import record
from methods import sign
from traces import Fault, read_lines

KERNELS = ("control/bind", "control/similarity-1000", "control/clone-heap")
BLOCKS = 8
PR_SET_THP_DISABLE = 41
GATES = 2000


def refuse_huge_pages():
    """For this process and what it executes."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_THP_DISABLE)")


def serve(instrument, core, requests, environment, setup):
    """(KiB on huge pages, times) of one process pinned to the core; setup() runs before it is executed."""
    command = ["taskset", "--cpu-list", str(core), instrument, "--assay_serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
                          preexec_fn=setup) as process:
        process.stdin.write("".join(json.dumps({"benchmark": name, "iterations": n}) + "\n" for name, n in requests))
        process.stdin.flush()
        process.stdout.readline()
        answers = [json.loads(process.stdout.readline()) for _ in requests]
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8")
        process.stdin.close()
    failed = [answer for answer in answers if "error" in answer]
    if failed:
        raise record.Fault(f"{instrument}: {failed[0]}; build the instrument control and name it")
    return int(rollup.split("AnonHugePages:")[1].split()[0]), [answer["real_time"] for answer in answers]


def schedule(iterations, rng):
    """(warm-up and blocks to ask for, the kernel and the order of each block)."""
    blocks = [(kernel, order) for kernel in KERNELS for order in ("ABBA", "BAAB") * (BLOCKS // 2)]
    rng.shuffle(blocks)
    requests = [(f"{kernel}/twin-{side}", iterations[kernel]) for kernel in KERNELS for side in "ab"]
    for kernel, order in blocks:
        requests += [(f"{kernel}/twin-{side.lower()}", iterations[kernel]) for side in order]
    return requests, blocks


def parts(logarithm):
    return round(record.SCALE * logarithm)


def measure_round(instrument, core, iterations, rng, setup):
    requests, blocks = schedule(iterations, rng)
    environment = {**os.environ, "PADDING": "x" * rng.randrange(4096)}
    huge_kib, times = serve(instrument, core, requests, environment, setup)
    times = [math.log(ns) for ns in times[2 * len(KERNELS):]]
    ratios, sides = {kernel: [] for kernel in KERNELS}, {kernel: [] for kernel in KERNELS}
    for number, (kernel, order) in enumerate(blocks):
        w, x, y, z = times[4 * number:4 * number + 4]
        sign_of = 1 if order == "ABBA" else -1
        ratios[kernel] += [sign_of * (w - x), sign_of * (z - y)]
        sides[kernel] += [w, z] if order == "ABBA" else [x, y]
    return [huge_kib] + [parts(statistics.median(values[kernel])) for kernel in KERNELS for values in (ratios, sides)]


def record_pages(instrument, core, rounds, seed):
    rng = random.Random(seed)
    os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {core} or {core})
    iterations = {kernel: max(record.LEAST_ITERATIONS,
                              int(record.SLICE_NS / record.ns_per_iteration(instrument, core, kernel + "/twin-a")))
                  for kernel in KERNELS}
    before = record.load_average()
    pairs = []
    for _ in range(rounds):
        pair = [None, None]
        for which in rng.sample((0, 1), 2):
            pair[which] = measure_round(instrument, core, iterations, rng, (refuse_huge_pages, None)[which])
        pairs.append(pair)
    return [{"cpu": record.cpu_model(), "seed": seed, "loads": [before, record.load_average()]}, *pairs]


# ---- what the trace says ----

def cell(values, rng):
    """Median distance of a round from the median, %, and the half-width of gates of 64 rounds, %."""
    gates = rng.choice(values, (GATES, 64))
    low, high = sign(np.sort(gates, axis=1), 0.05)
    spread = np.median(np.abs(values - np.median(values)))
    return spread / 1000, float(np.median(high - low)) / 2000


def rows(path):
    """A row for small pages and one for huge ones, of the trace."""
    conditions, *pairs = read_lines(path)
    rounds = np.array(pairs)  # (pairs, small or huge, columns)
    loads = " to ".join(map(str, conditions["loads"]))
    for which, title in enumerate(("small pages", "huge pages")):
        rng = np.random.default_rng(1)
        cells = [cell(rounds[:, which, column], rng) for column in range(1, 1 + 2 * len(KERNELS))]
        yield "| " + " | ".join([f"{title}, {len(pairs)} rounds, load average {loads}",
                                 *(f"{spread:.3f} ({width:.3f})" for spread, width in cells),
                                 str(int(np.median(rounds[:, which, 0])))]) + " |"


def table(paths):
    """Table 8, as Markdown."""
    titles = [f"{kernel.removeprefix('control/')}, {what}" for kernel in KERNELS
              for what in ("ratio of twins", "time of one")]
    return "\n".join(["**Table 8. Huge pages under the working set**: median distance of a round from the median (median "
                      "half-width of the 95% sign interval over 64 rounds), %.", "",
                      "| | " + " | ".join(titles) + " | on huge pages, median KiB |",
                      "|---|" + "---|" * (len(titles) + 1), *(row for path in paths for row in rows(path)), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instrument")
    parser.add_argument("trace", type=Path)
    parser.add_argument("--rounds", type=int, default=200, help="pairs of processes")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    trace = record_pages(options.instrument, options.core, options.rounds, options.seed)
    with lzma.open(options.trace, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in trace)
    print(table([options.trace]))


if __name__ == "__main__":
    try:
        main()
    except (record.Fault, Fault, OSError) as problem:
        sys.exit(f"pages.py: {problem}")
