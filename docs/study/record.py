#!/usr/bin/env python3
"""Records a trace of slices of identical code: record.py INSTRUMENT TRACE.xz [--disturb].

Drives the instrument `control` by the slice protocol (benches/support/serve.hpp) as the harness does: a process a
round, pinned to one core, an environment of random size, each benchmark warmed once, random ABBA blocks of the twins,
shuffled. Between any two blocks stands a slice of a throughput-bound canary. Slices of 0.2 ms and, in fewer blocks of
the same total length, of 0.8 ms share the rounds, so that both lengths see the same minutes.

--disturb makes a bad hour: a busy loop on the measured core and a process that copies 64 MiB on the other, each on and
off for random stretches, half of the time each.

The trace is xz of one JSON list a line. The first is ["conditions", {...}]; each other is a round: [ms since the start,
ms that the round took, schedule, slices, canaries]. The schedule has a letter a block, the key of its unit in the
conditions, in upper case if twin-b runs first (BAAB); slices has four integers a block, in the order run; canaries has
one before each block and one after the last. An integer is 100000 ln(ns an iteration / the reference_ns of its unit),
so differences of integers are log ratios in units of 0.001%; canaries are rounded to hundreds.
"""

import argparse
import json
import lzma
import math
import multiprocessing
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

SCALE = 100000  # parts of a natural logarithm; a nanosecond is half a part of a 0.2 ms slice
SLICE_NS = 0.2e6
LONG_SLICE_NS = 0.8e6
CANARY_NS = 0.1e6
BLOCKS = 12
LONG_BLOCKS = 3
LEAST_ITERATIONS = 10
CANARY = "control/bind/calls:100"
SHORT_KEYS = {"b": "control/bind", "s": "control/similarity-1000", "m": "control/clone-heap"}
LONG_KEYS = {"c": "control/bind", "t": "control/similarity-1000", "n": "control/clone-heap"}


class Fault(Exception):
    """What is wrong, and the mend."""


def serve(instrument, core, requests, environment_bytes=0):
    """The greeting and the answers to requests (benchmark, iterations) of one process pinned to the core.

    All requests are sent ahead and the answers parsed at the end, so that this process sleeps meanwhile.
    """
    text = "".join(json.dumps({"benchmark": name, "iterations": n}) + "\n" for name, n in requests)
    command = ["taskset", "--cpu-list", str(core), instrument, "--assay_serve"]
    surroundings = {**os.environ, "PADDING": "x" * environment_bytes}
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=surroundings, timeout=120)
    greeting, *answers = [json.loads(line) for line in done.stdout.splitlines()] or [{}]
    failed = [answer for answer in answers if "error" in answer]
    if done.returncode or len(answers) != len(requests) or failed:
        why = failed[0] if failed else done.stderr.strip() or f"exit code {done.returncode}"
        raise Fault(f"{instrument}: {why}; build the instrument control and name it")
    return greeting, [answer["real_time"] for answer in answers]


def ns_per_iteration(instrument, core, benchmark):
    """The least of many slices of about 0.2 ms."""
    _, (first,) = serve(instrument, core, [(benchmark, 1000)])
    _, times = serve(instrument, core, [(benchmark, max(LEAST_ITERATIONS, int(SLICE_NS / first)))] * 100)
    return min(times)


def start_ms(instrument, core):
    """The median time of a process that greets and ends."""
    times = []
    for _ in range(9):
        start = time.monotonic()
        serve(instrument, core, [])
        times.append((time.monotonic() - start) * 1000)
    return round(statistics.median(times), 2)


def make_units(instrument, core):
    """The units by key; both twins of a unit run the same iterations."""
    units = {}
    for keys, slice_ns, blocks in ((SHORT_KEYS, SLICE_NS, BLOCKS), (LONG_KEYS, LONG_SLICE_NS, LONG_BLOCKS)):
        for key, pair in keys.items():
            ns = ns_per_iteration(instrument, core, pair + "/twin-a")
            iterations = max(LEAST_ITERATIONS, math.ceil(slice_ns / ns))
            units[key] = {"pair": pair, "slice_ms": slice_ns / 1e6, "blocks": blocks, "iterations": iterations,
                          "reference_ns": round(ns, 4)}
    return units


def schedule_round(units, rng):
    """A letter a block, shuffled; in each unit the blocks come in twos, one the reverse of the other."""
    blocks = []
    for key, unit in units.items():
        for block in range(unit["blocks"]):
            if block % 2 == 0:
                is_b_first = rng.random() < 0.5
            else:
                is_b_first = not is_b_first
            blocks.append(key.upper() if is_b_first else key)
    rng.shuffle(blocks)
    return "".join(blocks)


def requests_of(units, canary_iterations, schedule):
    """(benchmark, iterations) of the warm-up, then of the blocks between their canaries."""
    canary = (CANARY, canary_iterations)
    warm_up = [(units[key]["pair"] + twin, units[key]["iterations"])
               for key in SHORT_KEYS for twin in ("/twin-a", "/twin-b")]
    requests = [*warm_up, canary]
    for letter in schedule:
        unit = units[letter.lower()]
        order = "BAAB" if letter.isupper() else "ABBA"
        requests += [(f"{unit['pair']}/twin-{side.lower()}", unit["iterations"]) for side in order] + [canary]
    return requests, len(warm_up)


def parts(ns, reference_ns):
    return round(SCALE * math.log(ns / reference_ns))


def compact(units, canary_ns, schedule, times):
    """(slices, canaries) of a round, as integers."""
    canaries = [round(parts(ns, canary_ns), -2) for ns in times[::5]]  # 0.1% is enough here, and half the bytes
    slices = []
    for block, letter in enumerate(schedule):
        reference = units[letter.lower()]["reference_ns"]
        slices += [parts(ns, reference) for ns in times[1 + 5 * block:5 + 5 * block]]
    return slices, canaries


def disturb(core, seed, longest_seconds, work):
    """Repeats work() on the core for a random while, then sleeps as long on average, for ever."""
    os.sched_setaffinity(0, {core})
    rng = random.Random(seed)
    while True:
        until = time.monotonic() + rng.uniform(0, longest_seconds)
        while time.monotonic() < until:
            work()
        time.sleep(rng.uniform(0, longest_seconds))


def spin():
    sum(range(1000))


def copy_memory():
    copy_memory.target[:] = copy_memory.source


copy_memory.source = bytearray(0)
copy_memory.target = bytearray(0)


def start_disturbance(core, other_core, seed):
    copy_memory.source = bytearray(64 << 20)
    copy_memory.target = bytearray(64 << 20)
    context = multiprocessing.get_context("fork")
    disturbers = [context.Process(target=disturb, args=(core, seed, 0.5, spin), daemon=True),
                  context.Process(target=disturb, args=(other_core, seed + 1, 2.0, copy_memory), daemon=True)]
    for process in disturbers:
        process.start()
    return disturbers


def cpu_ticks(core):
    """(ticks of work, ticks stolen by the hypervisor) of a core, or of all ("") together, since the machine started."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks[:8])
            return user + nice + system + irq + softirq, steal
    raise Fault(f"/proc/stat has no cpu{core}; name a core with --core")


def cpu_model():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def load_average():
    return round(os.getloadavg()[0], 2)


def shares(before, after, seconds):
    tick = os.sysconf("SC_CLK_TCK")
    busy, steal = ((b - a) / tick / seconds for a, b in zip(before, after))
    return {"busy_share": round(busy, 3), "steal_share": round(steal, 4)}


def record(options):
    """(conditions, rounds) of one recording."""
    core = options.core
    other_core = max(os.sched_getaffinity(0) - {core}, default=core)
    os.sched_setaffinity(0, {other_core})  # what this process does must not disturb the measured core
    greeting, _ = serve(options.instrument, core, [])
    units = make_units(options.instrument, core)
    canary_ns = ns_per_iteration(options.instrument, core, CANARY)
    canary_iterations = math.ceil(CANARY_NS / canary_ns)
    rng = random.Random(options.seed)
    conditions = {"started_at": datetime.now(timezone.utc).isoformat(timespec="seconds"), "seed": options.seed,
                  "machine": cpu_model(), "cores": os.cpu_count(), "kernel": os.uname().release,
                  "compiler": greeting["context"].get("assay_compiler"),
                  "flags": greeting["context"].get("assay_flags"),
                  "start_ms": start_ms(options.instrument, core), "disturbed": options.disturb,
                  "load_average_before": load_average()}
    disturbers = start_disturbance(core, other_core, options.seed) if options.disturb else []
    rounds = []
    ticks = [cpu_ticks(core), cpu_ticks(other_core)]
    preempted = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nivcsw
    start = time.monotonic()
    try:
        while len(rounds) < options.rounds and time.monotonic() - start < options.seconds:
            schedule = schedule_round(units, rng)
            requests, warm_ups = requests_of(units, canary_iterations, schedule)
            at = time.monotonic()
            _, times = serve(options.instrument, core, requests, rng.randrange(4096))
            took = time.monotonic() - at
            slices, canaries = compact(units, canary_ns, schedule, times[warm_ups:])
            rounds.append([round((at - start) * 1000), round(took * 1000), schedule, slices, canaries])
    finally:
        for process in disturbers:
            process.terminate()
    seconds = time.monotonic() - start
    preempted = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nivcsw - preempted
    conditions |= {"load_average_after": load_average(), "seconds": round(seconds, 1), "rounds": len(rounds),
                   "preemptions_a_round": round(preempted / len(rounds), 2),
                   "measured_core": shares(ticks[0], cpu_ticks(core), seconds),
                   "other_core": shares(ticks[1], cpu_ticks(other_core), seconds),
                   "canary": {"benchmark": CANARY, "iterations": canary_iterations,
                              "reference_ns": round(canary_ns, 4)},
                   "units": units}
    return conditions, rounds


def write(path, conditions, rounds):
    lines = [["conditions", conditions], *rounds]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    partial.replace(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instrument", help="build/release/benches/instruments/control")
    parser.add_argument("trace", type=Path)
    parser.add_argument("--disturb", action="store_true", help="make a bad hour")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=80, help="start no round after this time")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.trace.parent.is_dir():
        raise Fault(f"{options.trace.parent}: no such folder; make it first")
    conditions, rounds = record(options)
    write(options.trace, conditions, rounds)
    print(f"{options.trace}: {len(rounds)} rounds in {conditions['seconds']} s, {options.trace.stat().st_size} bytes")


if __name__ == "__main__":
    try:
        main()
    except (Fault, OSError) as problem:
        sys.exit(f"record.py: {problem}")
