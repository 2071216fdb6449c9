#!/usr/bin/env python3
"""What `assay gate` and two usual gates say of builds that are the same, and of builds that are known to differ.

    gate.py measure BUILD TRIALS.jsonl [--kind suite|stock|instructions] [--planted N...] [--trials N] [--budget S]
    gate.py show TRIALS.jsonl...

`measure` adds a line a trial; a trial is one gate over two builds of BUILD, a build folder with tests (build/release).
Both hold Assay's own instruments and the small suite of benches/gate, one kernel of which, suite/planted, does N% more
work in the candidate; with N = 0 they are the same code, built twice. Kinds:

  suite         served slices, the benchmarks that SUITE_FILTER names, at the gate's default margin of 2% and level
  same          likewise, of the same code, at a margin of 3%
  stock         executables with Google Benchmark's own main, in whole processes
  instructions  instruction counts alone

Beside the gate two judges speak, of the gate's own slices and (kind suite) of 20 repetitions a side, one process an
executable, one side after the other, as most people measure:

  compare.py    Google Benchmark's script: Mann-Whitney's U, p < 0.05 (Debian: libbenchmark-tools, python3-scipy)
  threshold     medians that differ by 5% or more

`show` prints the table of docs/gate.md: how often each named a difference where there is none, and the planted one.
"""

import argparse
import collections
import json
import lzma
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMPARE = Path("/usr/share/benchmark/compare.py")
PLANTED = "suite/planted"
REPETITIONS = 20
LEVEL = 0.05
THRESHOLD = 1.05
INSTRUMENTS = ("control", "bind", "alloc", "alloc_glibc")
# Less what sets up much memory: each round starts fresh processes, and setting up is most of a round then.
SUITE_FILTER = (r"^(control/.*(calls|blocks|twin)|bind/(refs|clone-both|copy-one|similarity/|cycle)|bind/copies/g.*-O2/|"
                r"alloc/(size/.*bytes:(16|256|4096)$|reset/|1000x256/)|suite/)")
VARIANT = {"suite": "plain", "same": "plain", "instructions": "plain", "stock": "stock-plain"}
OPTIONS = {"suite": ["--filter", SUITE_FILTER], "same": ["--filter", SUITE_FILTER, "--margin", "3%"],
           "stock": ["--filter", "^suite/(planted|steady/1000)$"], "instructions": ["--instructions", "only"]}


def link_side(folder, build, kind, planted):
    """A folder of executables: one side of a trial."""
    folder.mkdir()
    before = VARIANT[kind]
    suite = before if planted is None else "same" if planted == 0 and kind != "stock" else before if planted == 0 else \
        before.replace("plain", f"planted-{planted}")
    (folder / "suite").symlink_to((build / "benches/gate" / suite / "suite").resolve(strict=True))
    if kind in ("suite", "same"):
        for name in INSTRUMENTS:
            (folder / name).symlink_to((build / "benches/instruments" / name).resolve(strict=True))
    return folder


def slices_of(raw, side):
    """Records of Google Benchmark, a slice each, of all executables of a side."""
    return [record for path in sorted(raw.glob(f"{side}.*.json"))
            for record in json.loads(path.read_text())["benchmarks"]]


def repetitions_of(side, compared):
    """Records of one process an executable, one after the other."""
    records = []
    for executable in sorted(side.iterdir()):
        done = subprocess.run([executable, "--benchmark_format=json", f"--benchmark_repetitions={REPETITIONS}",
                               "--benchmark_min_time=0.005", f"--benchmark_filter={SUITE_FILTER}"],
                              capture_output=True, text=True, check=True)
        records += [r for r in json.loads(done.stdout)["benchmarks"] if r["run_type"] == "iteration"]
    return [record for record in records if record["name"] in compared]


def usual_judges(before, after, folder):
    """Names that compare.py and the threshold call slower and faster."""
    for name, records in (("a.json", before), ("b.json", after)):
        (folder / name).write_text(json.dumps({"context": {}, "benchmarks": records}))
    subprocess.run([sys.executable if sys.executable == "/usr/bin/python3" else "/usr/bin/python3", COMPARE, "--no-color",
                    "-d", folder / "said.json", "benchmarks", folder / "a.json", folder / "b.json"],
                   check=True, stdout=subprocess.DEVNULL)
    said = {"compare.py": {"slower": [], "faster": []}, "threshold": {"slower": [], "faster": []}}
    times = [collections.defaultdict(list), collections.defaultdict(list)]
    for side, records in zip(times, (before, after)):
        for record in records:
            side[record["name"]].append(record["real_time"])
    ratios = {name: statistics.median(times[1][name]) / statistics.median(times[0][name])
              for name in times[0].keys() & times[1].keys()}
    for name, ratio in ratios.items():
        if ratio >= THRESHOLD or ratio <= 1 / THRESHOLD:
            said["threshold"]["slower" if ratio > 1 else "faster"].append(name)
    for record in json.loads((folder / "said.json").read_text()):
        if record["utest"] and record["utest"]["time_pvalue"] < LEVEL:
            said["compare.py"]["slower" if ratios[record["name"]] > 1 else "faster"].append(record["name"])
    return said


def trial(build, kind, planted, budget):
    """One gate, and what the other judges say; a JSON object."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        baseline = link_side(folder / "before", build, kind, None)
        candidate = link_side(folder / "after", build, kind, planted)
        load, started = os.getloadavg()[0], time.time()
        environment = {k: v for k, v in os.environ.items() if k != "GITHUB_ACTIONS"}
        done = subprocess.run([build / "harness/assay", "gate", "--baseline", baseline, "--candidate", candidate,
                               "--output", folder / "gate", "--budget", str(budget), *OPTIONS[kind]],
                              capture_output=True, text=True, env=environment, check=False)
        seconds = time.time() - started
        try:
            answer = json.loads((folder / "gate/gate.json").read_text())
        except OSError:
            sys.exit(f"gate.py: the gate gave no answer: {done.stderr}")
        results = [r for r in answer["results"]]
        names = {verdict: [r["benchmark"] for r in results if r["verdict"] == verdict]
                 for verdict in ("slower", "faster", "same", "unclear", "invalid")}
        compared = {r["benchmark"] for r in results}
        line = {"kind": kind, "planted": planted, "started_at": answer["started_at"], "machine": answer["machine"],
                "load": round(load, 2), "seconds": round(seconds, 1), "budget": budget, "exit": done.returncode,
                "compared": len(compared), "same": len(names["same"]), "invalid": len(names["invalid"]),
                "rounds": max(r["rounds"] for r in results),
                "change": next(([r["change"], *(r["interval"] or [])] for r in results if r["benchmark"] == PLANTED), None),
                "gate": {"slower": [r["benchmark"] for r in results if r["is_regression"]],
                         "layout": [r["benchmark"] for r in results if r["is_layout_sized"]],
                         "faster": names["faster"]}}
        if kind in ("suite", "same"):
            raw = folder / "gate/raw"
            line["slices"] = usual_judges(slices_of(raw, "baseline"), slices_of(raw, "candidate"), folder)
        if kind == "suite":
            line["repetitions"] = usual_judges(repetitions_of(baseline, compared), repetitions_of(candidate, compared),
                                               folder)
        return line


def measure(options):
    if options.kind in ("suite", "same") and not COMPARE.exists():
        sys.exit(f"gate.py: there is no {COMPARE}; install the Debian packages libbenchmark-tools and python3-scipy")
    for i in range(options.trials):
        line = trial(options.build, options.kind, options.planted[i % len(options.planted)], options.budget)
        with options.file.open("a") as out:
            out.write(json.dumps(line) + "\n")
        print(f"{line['kind']} {line['planted']}%: {line['compared']} compared, {line['same']} same, slower "
              f"{line['gate']['slower']}, faster {line['gate']['faster']}, {line['seconds']} s, load {line['load']}",
              flush=True)


def upper_bound(k, n):
    """Exact one-sided 95% bound of a rate (Clopper-Pearson), by bisection."""
    low, high = k / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(n, i) * middle**i * (1 - middle) ** (n - i) for i in range(k + 1))
        low, high = (middle, high) if tail > 0.05 else (low, middle)
    return high


def judged(line):
    """What each judge of a trial named: (judge, slower, faster)."""
    yield "assay gate", line["gate"]["slower"], line["gate"]["faster"]
    for data, title in (("slices", "the gate's slices"), ("repetitions", f"{REPETITIONS} repetitions a side")):
        for judge, said in line.get(data, {}).items():
            yield f"{judge}, {title}", said["slower"], said["faster"]


def rows(lines):
    """Rows of the table: kind, planted, judge, trials, false alarms, planted found."""
    grouped = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines:
        for judge, slower, faster in judged(line):
            grouped[line["kind"], line["planted"]][judge].append((line, slower, faster))
    for (kind, planted), judges in sorted(grouped.items()):
        for judge, trials in judges.items():
            nulls = sum(line["compared"] - (planted > 0) for line, _, _ in trials)
            alarms = sum(len(set(slower) - ({PLANTED} if planted else set())) for _, slower, _ in trials)
            faster = sum(len(faster) for _, _, faster in trials)
            noisy = sum(bool(set(slower) - ({PLANTED} if planted else set())) for _, slower, _ in trials)
            found = f"{sum(PLANTED in slower for _, slower, _ in trials)} of {len(trials)}" if planted else ""
            bound = f"{100 * upper_bound(alarms, nulls):.2g}%" if nulls else ""
            yield (kind, f"{planted}%" if planted else "nothing", judge, f"{alarms} of {nulls} (at most {bound})",
                   str(faster), f"{noisy} of {len(trials)}", found)


def show(options):
    lines = []
    for path in options.files:
        with lzma.open(path, "rt") if path.suffix == ".xz" else path.open() as file:
            lines += [json.loads(text) for text in file]
    print("| kind | planted | judge | false \"slower\" | false \"faster\" | trials with a false \"slower\" | planted found |")
    print("|---|---|---|---|---|---|---|")
    for row in rows(lines):
        print("| " + " | ".join(row) + " |")
    print()
    print("| kind | planted | trials | benchmarks | the same | exit codes | seconds: median, most | rounds | load |")
    print("|---|---|---|---|---|---|---|---|---|")
    groups = collections.defaultdict(list)
    for line in lines:
        groups[line["kind"], line["planted"]].append(line)
    for (kind, planted), trials in sorted(groups.items()):
        seconds = sorted(line["seconds"] for line in trials)
        nulls = sum(line["compared"] - (planted > 0) for line in trials)
        codes = collections.Counter(line["exit"] for line in trials)
        loads, done = ([line[key] for line in trials] for key in ("load", "rounds"))
        print(f"| {kind} | {f'{planted}%' if planted else 'nothing'} | {len(trials)} | "
              f"{trials[0]['compared']} | {100 * sum(line['same'] for line in trials) / nulls:.1f}% | "
              f"{', '.join(f'{code}: {times}' for code, times in sorted(codes.items()))} | "
              f"{statistics.median(seconds):.0f}, {seconds[-1]:.0f} | {min(done)} to {max(done)} | "
              f"{min(loads):.1f} to {max(loads):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("build", type=Path)
    measuring.add_argument("file", type=Path)
    measuring.add_argument("--kind", choices=tuple(OPTIONS), default="suite")
    measuring.add_argument("--planted", type=int, nargs="+", default=[0, 3])
    measuring.add_argument("--trials", type=int, default=20)
    measuring.add_argument("--budget", type=float, default=120)
    measuring.set_defaults(run=measure)
    showing = commands.add_parser("show")
    showing.add_argument("files", type=Path, nargs="+")
    showing.set_defaults(run=show)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
