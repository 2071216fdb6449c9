#!/usr/bin/env python3
"""What `assay gate` and two usual gates say of builds that are the same, and of builds that are known to differ.

    gate.py measure BUILD TRIALS.jsonl [--kind suite|stock|instructions] [--planted N...] [--trials N] [--budget S]
                 [--fail-fast]
    gate.py show TRIALS.jsonl...

`measure` adds a line a trial; a trial is one gate over two builds of BUILD, a build folder with tests (build/release).
Both hold Assay's own instruments and the small suite of benches/gate, one kernel of which, suite/planted, does N% more
work in the candidate; with N = 0 they are the same code, built twice. Kinds:

  suite         served slices, the benchmarks that SUITE_FILTER names, at the gate's default margin of 2% and level
  same          likewise, at a margin of 3%
  stock         executables with Google Benchmark's own main, in whole processes, 60 s a benchmark
  instructions  instruction counts alone
  usual         no gate: only the repetitions below

Beside the gate two judges speak, of the gate's own slices and (kinds same and usual) of 20 repetitions a side, one
process an executable, one side after the other, as most people measure:

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

from record import cpu_ticks

COMPARE = Path("/usr/share/benchmark/compare.py")
PLANTED = "suite/planted"
REPETITIONS = 20
LEVEL = 0.05
THRESHOLD = 1.05
INSTRUMENTS = ("control", "bind", "alloc", "alloc_glibc")
# Less what sets up much memory: each round starts fresh processes, and setting up would be most of a round.
SUITE_FILTER = "^(control/|bind/similarity/(scalar|auto|unrolled|xsimd|avx2|avx512|best)$|alloc/reset/|suite/)"
OPTIONS = {"suite": ["--filter", SUITE_FILTER], "same": ["--filter", SUITE_FILTER, "--margin", "3%"],
           "stock": ["--filter", "^suite/(planted|steady/1000)$"], "instructions": ["--instructions", "only"],
           "usual": []}
IS_WHOLE_SUITE = ("suite", "same")


def variant_of(kind, planted):
    """The build of the small suite that a side holds; None: the baseline."""
    if kind == "stock":
        return f"stock-planted-{planted}" if planted else "stock-plain"
    return f"planted-{planted}" if planted else "plain" if planted is None else "same"


def link_side(folder, build, kind, planted):
    """A folder of executables: one side of a trial."""
    folder.mkdir()
    (folder / "suite").symlink_to((build / "benches/gate" / variant_of(kind, planted) / "suite").resolve(strict=True))
    if kind in IS_WHOLE_SUITE:
        for name in INSTRUMENTS:
            (folder / name).symlink_to((build / "benches/instruments" / name).resolve(strict=True))
    return folder


def slices_of(raw, side):
    """Records of Google Benchmark, a slice each, of all executables of a side."""
    return [record for path in sorted(raw.glob(f"{side}.*.json"))
            for record in json.loads(path.read_text())["benchmarks"]]


def repetitions_of(side):
    """Records of one process an executable, one after the other."""
    records = []
    for executable in sorted(side.iterdir()):
        done = subprocess.run([executable, "--benchmark_format=json", f"--benchmark_repetitions={REPETITIONS}",
                               "--benchmark_min_time=0.005", f"--benchmark_filter={SUITE_FILTER}"],
                              capture_output=True, text=True, check=True)
        records += [r for r in json.loads(done.stdout)["benchmarks"] if r["run_type"] == "iteration"]
    return records


def usual_judges(before, after, folder):
    """Names that compare.py and the threshold call slower and faster."""
    for name, records in (("a.json", before), ("b.json", after)):
        (folder / name).write_text(json.dumps({"context": {}, "benchmarks": records}))
    # Debian's python3 has the scipy that the script needs.
    subprocess.run(["/usr/bin/python3", COMPARE, "--no-color", "-d", folder / "said.json", "benchmarks",
                    folder / "a.json", folder / "b.json"], check=True, stdout=subprocess.DEVNULL)
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


def gated(build, kind, baseline, candidate, options, folder):
    """The gate's exit code and answer."""
    environment = {k: v for k, v in os.environ.items() if k != "GITHUB_ACTIONS"}
    done = subprocess.run([build / "harness/assay", "gate", "--baseline", baseline, "--candidate", candidate,
                           "--output", folder / "gate", "--budget", str(options.budget),
                           *(["--core", str(options.core)] if options.core is not None else []),
                           *(["--fail-fast"] if options.fail_fast else []), *OPTIONS[kind]],
                          capture_output=True, text=True, env=environment, check=False)
    try:
        return done.returncode, json.loads((folder / "gate/gate.json").read_text())
    except OSError:
        sys.exit(f"gate.py: the gate gave no answer: {done.stderr}")


def told(code, answer):
    """What a line says of the gate."""
    results = answer["results"]
    by_verdict = collections.Counter(r["verdict"] for r in results)
    planted = next((r for r in results if r["benchmark"] == PLANTED), None)
    return {"machine": answer["machine"], "exit": code, "compared": len(results), "same": by_verdict["same"],
            "invalid": by_verdict["invalid"], "rounds": max(r["rounds"] for r in results),
            "change": planted and [planted["change"], *(planted["interval"] or [])],
            "named": {r["benchmark"]: [r["change"], *(r["interval"] or []), r["rounds"]]
                      for r in results if r["is_regression"] or r["verdict"] in ("faster", "unclear")},
            "gate": {"slower": [r["benchmark"] for r in results if r["is_regression"]],
                     "layout": [r["benchmark"] for r in results if r["is_layout_sized"]],
                     "faster": [r["benchmark"] for r in results if r["verdict"] == "faster"]}}


def stolen_seconds():
    """What the hypervisor gave of all CPUs' time to others since the machine started."""
    return cpu_ticks("")[1] / os.sysconf("SC_CLK_TCK")


def trial(build, kind, planted, options):
    """One gate, and what the other judges say; a JSON object."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        baseline = link_side(folder / "before", build, kind, None)
        candidate = link_side(folder / "after", build, kind, planted)
        line = {"kind": kind, "planted": planted, "load": round(os.getloadavg()[0], 2), "budget": options.budget,
                "fail_fast": options.fail_fast}
        started, stolen_before = time.time(), stolen_seconds()
        line["started_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started))
        if kind != "usual":
            line |= told(*gated(build, kind, baseline, candidate, options, folder))
        line["seconds"] = round(time.time() - started, 1)
        passed = (time.time() - started) * os.cpu_count()
        line["stolen"] = round((stolen_seconds() - stolen_before) / passed, 4)
        if kind in IS_WHOLE_SUITE:
            raw = folder / "gate/raw"
            line["slices"] = usual_judges(slices_of(raw, "baseline"), slices_of(raw, "candidate"), folder)
        if kind in ("same", "usual"):
            before, after = repetitions_of(baseline), repetitions_of(candidate)
            line["repetitions"] = usual_judges(before, after, folder)
            line["repeated"] = len({r["name"] for r in before} & {r["name"] for r in after})
        return line


def measure(options):
    if not COMPARE.exists():
        sys.exit(f"gate.py: there is no {COMPARE}; install the Debian packages libbenchmark-tools and python3-scipy")
    for i in range(options.trials):
        line = trial(options.build, options.kind, options.planted[i % len(options.planted)], options)
        with options.file.open("a") as out:
            out.write(json.dumps(line) + "\n")
        said = [f"{judge}: slower {slower}, faster {faster}" for judge, slower, faster, _ in judged(line)]
        print(f"{line['kind']} {line['planted']}%, {line.get('compared', '')} compared, {line.get('same', '')} same, "
              f"{line['seconds']} s, load {line['load']}; {'; '.join(said)}", flush=True)


def upper_bound(k, n):
    """Exact one-sided 95% bound of a rate (Clopper-Pearson), by bisection."""
    low, high = k / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(n, i) * middle**i * (1 - middle) ** (n - i) for i in range(k + 1))
        low, high = (middle, high) if tail > 0.05 else (low, middle)
    return high


def judged(line):
    """What each judge of a trial named: (judge, slower, faster, benchmarks that it compared)."""
    if "gate" in line:
        yield "assay gate", line["gate"]["slower"], line["gate"]["faster"], line["compared"]
    for data, title, compared in (("slices", "the gate's slices", line.get("compared")),
                                  ("repetitions", f"{REPETITIONS} repetitions a side", line.get("repeated"))):
        for judge, said in line.get(data, {}).items():
            yield f"{judge}, {title}", said["slower"], said["faster"], compared


def by_kind(lines):
    """(kind, planted, machine, budget in seconds, whether a regression ended it) and its lines, in order."""
    groups = collections.defaultdict(list)
    for line in lines:
        groups[line["kind"], line["planted"], line.get("machine", ""), line["budget"],
               line.get("fail_fast", False)].append(line)
    return sorted(groups.items())


def head_of(kind, planted, machine, budget, fail_fast):
    """The first cells of a row."""
    short = machine.split(",")[0].replace("(R)", "").replace(" Processor", "")
    return (kind, f"{planted}%" if planted else "nothing", short,
            f"{budget:g}{', fail fast' if fail_fast else ''}")


def rows_of_judges(lines):
    """Kind, planted, machine, budget, judge, false "slower", false "faster", trials with a false "slower", planted found."""
    for group, trials in by_kind(lines):
        planted = group[1]
        judges = collections.defaultdict(list)
        for line in trials:
            for judge, slower, faster, compared in judged(line):
                true = {PLANTED} if planted else set()
                judges[judge].append((set(slower) - true, set(faster), compared - len(true), PLANTED in slower))
        for judge, said in judges.items():
            nulls, alarms = sum(n for _, _, n, _ in said), sum(len(slower) for slower, _, _, _ in said)
            bound = f" (at most {100 * upper_bound(alarms, nulls):.2g}%)" if nulls else ""
            yield (*head_of(*group), judge, f"{alarms} of {nulls}{bound}",
                   str(sum(len(faster) for _, faster, _, _ in said)),
                   f"{sum(bool(slower) for slower, _, _, _ in said)} of {len(said)}",
                   f"{sum(found for _, _, _, found in said)} of {len(said)}" if planted else "")


def rows_of_gates(lines):
    """Kind, planted, machine, budget, trials, benchmarks, share that is the same, exit codes, seconds, rounds, load, stolen."""
    for group, trials in by_kind([line for line in lines if "gate" in line]):
        planted = group[1]
        seconds = sorted(line["seconds"] for line in trials)
        nulls = sum(line["compared"] - (planted > 0) for line in trials)
        codes = collections.Counter(line["exit"] for line in trials)
        loads, rounds = ([line[key] for line in trials] for key in ("load", "rounds"))
        stolen = sorted(100 * line["stolen"] for line in trials if "stolen" in line)
        yield (*head_of(*group), str(len(trials)), str(trials[0]["compared"]),
               f"{100 * sum(line['same'] for line in trials) / nulls:.1f}%" if nulls else "",
               ", ".join(f"{code}: {times}" for code, times in sorted(codes.items())),
               f"{statistics.median(seconds):.0f}, {seconds[-1]:.0f}", f"{min(rounds)} to {max(rounds)}",
               f"{min(loads):.1f} to {max(loads):.1f}",
               f"{statistics.median(stolen):.0f}%, {stolen[-1]:.0f}%" if stolen else "")


def table(head, rows):
    """A table of Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def report(lines):
    """The two tables of docs/gate.md."""
    return table(("kind", "planted", "machine", "budget, s", "judge", 'false "slower"', 'false "faster"', 'trials with a false "slower"',
                  "planted found"), rows_of_judges(lines)) + "\n\n" + \
        table(("kind", "planted", "machine", "budget, s", "gates", "benchmarks", "the same", "exit codes", "seconds: median, most",
               "rounds", "load", "stolen: median, most"), rows_of_gates(lines))


def read(path):
    """Lines of a file of trials, compressed or not."""
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open() as file:
        return [json.loads(text) for text in file]


def show(options):
    print(report([line for path in options.files for line in read(path)]))


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
    measuring.add_argument("--core", type=int)
    measuring.add_argument("--fail-fast", action="store_true", help="a regression ends the gate that finds it")
    measuring.set_defaults(run=measure)
    showing = commands.add_parser("show")
    showing.add_argument("files", type=Path, nargs="+")
    showing.set_defaults(run=show)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
