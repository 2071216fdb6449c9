#!/usr/bin/env python3
"""What `assay gate` and two usual gates say of the same builds.

    gate.py BUILD [--trials N] [--planted 3|50] [--seconds S]

BUILD is a build folder with tests (build/release): benches/gate/plain against benches/gate/same is identical code,
against benches/gate/planted-N it has N% more work in suite/planted. Each trial asks three judges:

  gate       assay gate, at its default margin and level
  u-test     Mann-Whitney U at 0.05 on 20 repetitions a side, one process each, one after the other: what Google
             Benchmark's tools/compare.py does
  threshold  medians of the same repetitions that differ by 5% or more

Prints, a line each: false alarms among the benchmarks of identical code, and how often the planted one was found.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

REPETITIONS = 20
LEVEL = 0.05
THRESHOLD = 1.05


def u_test(a, b):
    """Two-sided p-value by the normal approximation, ties sharing their mean rank."""
    ordered = sorted(a + b)
    rank = {value: (ordered.index(value) + 1 + len(ordered) - ordered[::-1].index(value)) / 2 for value in set(ordered)}
    n, m = len(a), len(b)
    u = sum(rank[value] for value in a) - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def repetitions(suite):
    """Times of each benchmark of one process."""
    done = subprocess.run([suite, "--benchmark_format=json", f"--benchmark_repetitions={REPETITIONS}",
                           "--benchmark_min_time=0.005", "--benchmark_filter=planted|steady"],
                          capture_output=True, text=True, check=True)
    times = {}
    for record in json.loads(done.stdout)["benchmarks"]:
        if record["run_type"] == "iteration":
            times.setdefault(record["run_name"], []).append(record["real_time"])
    return times


def usual(plain, other):
    """Benchmarks that either of the usual gates calls slower."""
    before, after = repetitions(plain / "suite"), repetitions(other / "suite")
    common = before.keys() & after.keys()
    ratio = {name: statistics.median(after[name]) / statistics.median(before[name]) for name in common}
    return {"u-test": {n for n in common if u_test(before[n], after[n]) < LEVEL and ratio[n] > 1},
            "threshold": {n for n in common if ratio[n] >= THRESHOLD}}, common


def gate(assay, plain, other, seconds):
    """Benchmarks that the gate calls a regression, and those that it calls the same."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k != "GITHUB_ACTIONS"}
        subprocess.run([assay, "gate", "--baseline", plain, "--candidate", other, "--filter", "planted|steady",
                        "--output", f"{folder}/gate", "--budget", str(seconds)], capture_output=True, env=environment,
                       check=False)
        results = json.loads(Path(f"{folder}/gate/gate.json").read_text())["results"]
        return ({r["benchmark"] for r in results if r["is_regression"]},
                {r["benchmark"] for r in results if r["verdict"] == "same"})


def upper_bound(k, n):
    """Exact one-sided 95% bound of a rate (Clopper-Pearson), by bisection."""
    low, high = k / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(n, i) * middle**i * (1 - middle) ** (n - i) for i in range(k + 1))
        low, high = (middle, high) if tail > 0.05 else (low, middle)
    return high


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--planted", default="3")
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    suites, assay = options.build / "benches/gate", options.build / "harness/assay"
    judges = ("gate", "u-test", "threshold")
    alarms, found, compared, same = dict.fromkeys(judges, 0), dict.fromkeys(judges, 0), 0, 0
    for _ in range(options.trials):
        slower, common = usual(suites / "plain", suites / "same")
        slower["gate"], equal = gate(assay, suites / "plain", suites / "same", options.seconds)
        compared, same = compared + len(common), same + len(equal)
        planted, _ = usual(suites / "plain", suites / f"planted-{options.planted}")
        planted["gate"], _ = gate(assay, suites / "plain", suites / f"planted-{options.planted}", options.seconds)
        for judge in judges:
            alarms[judge] += len(slower[judge])
            found[judge] += "suite/planted" in planted[judge]
    for judge in judges:
        bound = 100 * upper_bound(alarms[judge], compared)
        print(f"{judge:<10} false alarms {alarms[judge]} of {compared} (at most {bound:.1f}%), "
              f"planted {options.planted}% found {found[judge]} of {options.trials}")
    print(f"gate       called {same} of {compared} identical ones the same")


if __name__ == "__main__":
    main()
