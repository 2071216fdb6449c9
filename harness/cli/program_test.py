"""Tests of the program `assay`, run as a user runs it: real instruments in; files, messages and exit codes out.

Timing is never asserted. A claim that must be decided has a ratio far from its cut; a run that must still go on when
the test acts on it has its first look after many rounds.
"""

import collections
import contextlib
import ctypes
import functools
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ASSAY_BUILD", PROJECT / "build/release"))
ASSAY = BUILD / "harness/assay"
FAULTY = BUILD / "benches/faulty/faulty_instrument"
SECONDS = 120  # a limit on what must not hang, not a measure

DONE, USAGE, INVALID, INSTRUMENT, OUTPUT, DATA, INTERRUPTED = 0, 2, 3, 4, 5, 6, 130


def entry(name, baseline, candidate, rule='kind = "superiority", threshold = 1.5', more=""):
    """One entry of a register."""
    return f"""
```toml
id = "{name}"
claim = "the first takes half as long again"
source = "a test"
baseline = "faulty/{baseline}"
candidate = "faulty/{candidate}"
predicted = 2.0
rule = {{ {rule} }}
{more}
[means]
supported = "it does"
equivalent = "it does"
refuted = "it does not"
```
"""


def steady(units):
    """A benchmark of the faulty instrument's family, which reports some 2 ns a unit by a clock of its own."""
    return f"steady/units:{units}/manual_time"


def settings(looks):
    return f"```toml\n[register]\nlooks = {looks}\n```\n"


GOOD = entry("GOOD-1", steady(200), steady(100))
LONG = settings([100]) + GOOD  # not decided before round 100, and decided then


def control(name, baseline, candidate, truth):
    return f"""
```toml
id = "{name}"
claim = "twice the work"
baseline = "faulty/{baseline}"
candidate = "faulty/{candidate}"
guards = ["faulty"]
rule = {{ kind = "control", truth = {truth}, margin = 1.3 }}
```
"""


def whole(path):
    """The records of a raw file, which any reader of Google Benchmark JSON must be able to read."""
    document = json.loads(path.read_text())
    assert "assay_run" in document["context"]
    return document["benchmarks"]


def events(run):
    path = run / "raw/events.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def rounds_ended(run):
    return sum(event["event"] == "round_end" for event in events(run))


def children(pid):
    """Processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, rest = stat.read_text().rsplit(")", 1)
            if int(rest.split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def is_running(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


class ProgramTest(unittest.TestCase):
    """A folder of its own, with an empty project: no git repository, no script that draws."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="assay-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.register = self.folder / "EXPERIMENTS.md"
        self.instruments = FAULTY.parent
        self.results = self.folder / "results"
        self.root = self.folder / "root"
        self.root.mkdir()
        self.environment = {}

    def write_register(self, *parts):
        self.register.write_text("# A register\n" + "".join(parts))

    def command(self, *arguments):
        return [ASSAY, "--register", self.register, "--instruments", self.instruments, "--results", self.results,
                *arguments]

    def variables(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_") and k != "NO_COLOR"}
        return {**kept, "ASSAY_ROOT": str(self.root), "GIT_CEILING_DIRECTORIES": str(self.folder), **self.environment}

    def assay(self, *arguments, expect=DONE, says=()):
        """Runs the program to its end; `says` are pieces of what it must print."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, env=self.variables(),
                              cwd=self.folder, timeout=SECONDS)
        printed = done.stdout + done.stderr
        self.assertEqual(done.returncode, expect, printed)
        for piece in [says] if isinstance(says, str) else says:
            self.assertIn(piece, printed)
        return done

    def only_run(self):
        runs = [path for path in self.results.iterdir() if path.is_dir()]
        self.assertEqual(len(runs), 1)
        return runs[0]

    def verdicts(self, run):
        return json.loads((run / "verdicts.json").read_text())

    def verdict_of(self, run, name):
        return next(e["verdict"] for e in self.verdicts(run)["experiments"] if e["id"] == name)

    def assert_nothing_was_measured(self):
        self.assertFalse(self.results.exists() and any(self.results.iterdir()))

    def start(self, *arguments):
        """Starts the program as a terminal would: in a process group of its own."""
        process = subprocess.Popen(self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.variables(), cwd=self.folder, start_new_session=True)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def wait_until(self, condition, process=None):
        end = time.monotonic() + SECONDS
        while not condition():
            if process is not None and process.poll() is not None:
                self.fail("ended too early: " + "".join(process.communicate()))
            self.assertLess(time.monotonic(), end, "waited too long")
            time.sleep(0.002)

    def start_and_wait_for_rounds(self, run, rounds):
        """A run under way, with so many rounds behind it and many before it."""
        process = self.start("run", "--output", run, "--budget", "100")
        self.wait_until(lambda: rounds_ended(run) >= rounds, process)
        return process


@functools.cache
def finished_run():
    """One run of two claims and a control, shared by the tests that read (or copy and damage) it."""
    test = ProgramTest()
    test.setUp()
    unittest.addModuleCleanup(test.doCleanups)
    test.write_register(GOOD, entry("BAD-1", steady(100), steady(200)),
                        control("CONTROL/twice", steady(400), steady(200), 2.0))
    test.assay("run", "--output", test.results / "run", "--budget", "100")
    return test.results / "run"


class Measuring(ProgramTest):
    def test_measures_judges_writes_and_exits_0_whatever_the_verdicts(self):
        run = finished_run()
        self.assertEqual(sorted(str(p.relative_to(run)) for p in run.rglob("*") if p.is_file()),
                         ["figures.json", "raw/events.jsonl", "raw/faulty_instrument.json", "register.md",
                          "report.html", "report.md", "run.json", "verdicts.json"])
        self.assertEqual(self.verdict_of(run, "GOOD-1"), "supported")
        self.assertEqual(self.verdict_of(run, "BAD-1"), "refuted")
        self.assertEqual(self.verdict_of(run, "CONTROL/twice"), "held")
        verdicts = self.verdicts(run)
        self.assertEqual((verdicts["finish"], verdicts["warnings"], verdicts["failures"]), ("decided", [], []))
        self.assertEqual(verdicts["looks_counted"], 5)
        report = (run / "report.md").read_text()
        for piece in ("GOOD-1", "**supported**", "**refuted**", "**held**", "it does not"):
            self.assertIn(piece, report)

    def test_tells_what_share_of_the_measuring_cpus_was_stolen(self):
        run = finished_run()
        cores = {f"cpu{core}" for core in json.loads((run / "run.json").read_text())["cores"]}
        is_told = cores <= {line.split()[0] for line in Path("/proc/stat").read_text().splitlines()}
        for event in events(run):
            if event["event"] == "round_end":
                self.assertEqual(is_told and event.get("busy_seconds", 0) >= event.get("stolen_seconds", 0) >= 0, is_told)
        self.assertEqual("| stolen | " in (run / "report.md").read_text(), is_told)

    def test_writes_a_record_a_slice_with_its_place_in_google_benchmark_json(self):
        run = finished_run()
        plan = json.loads((run / "run.json").read_text())["plan"]
        records = whole(run / "raw/faulty_instrument.json")
        slices = collections.Counter((r["unit"], r["round"]) for r in records)
        self.assertEqual({unit for unit, _ in slices}, {0, 1, 2})
        for (unit, _), count in slices.items():
            self.assertEqual(count, plan["units"][unit].get("blocks", plan["blocks"]) * 4)
        for record in records:
            arm = plan["units"][record["unit"]]["arms"][record["arm"]]
            self.assertEqual((record["name"], record["iterations"]), (arm["benchmark"], arm["iterations"]))
        places = {(r["round"], r["position"]) for r in records}
        self.assertEqual(len(places), len(records))

    def test_judging_again_gives_the_same_bytes(self):
        run = self.folder / "run"
        shutil.copytree(finished_run(), run)
        names = ("verdicts.json", "figures.json", "report.md", "report.html")
        first = [(run / name).read_bytes() for name in names]
        for _ in range(2):
            for name in names:
                (run / name).unlink()
            self.assay("judge", run, says="GOOD-1")
            self.assertEqual([(run / name).read_bytes() for name in names], first)

    def test_draws_the_figures_that_the_report_shows(self):
        self.root = PROJECT
        run = self.folder / "run"
        shutil.copytree(finished_run(), run)
        self.assay("judge", run)
        report = (run / "report.md").read_text()
        if "no python3 with matplotlib" in report:
            self.skipTest("no python3 here can import matplotlib; install python3-matplotlib")
        shown = re.findall(r"\]\((plots/[^)]*)\)", report)
        self.assertTrue(shown)
        for file in shown:
            self.assertTrue((run / file).is_file(), file)
        self.assertNotIn("not drawn", report)

    def test_stops_when_the_budget_is_spent(self):
        self.write_register(settings([1000000]), GOOD)
        self.assay("run", "--budget", "3", "--anyway", says="GOOD-1")
        self.assertEqual(self.verdicts(self.only_run())["finish"], "budget")

    def test_repeats_its_random_choices_from_the_seed(self):
        self.write_register(GOOD)
        orders = {}  # by the blocks of the units, which are fewer where a busy machine makes a block seem long
        for run in range(6):
            self.assay("run", "--output", str(run), "--budget", "100", "--seed", "7")
            plan = json.loads((self.folder / str(run) / "run.json").read_text())["plan"]
            self.assertEqual(plan["seed"], 7)
            records = whole(self.folder / str(run) / "raw/faulty_instrument.json")
            order = [(r["position"], r["name"]) for r in records if r["round"] < 8]
            blocks = json.dumps([plan["blocks"], *(unit.get("blocks") for unit in plan["units"])])
            if blocks in orders:
                return self.assertEqual(order, orders[blocks])
            orders[blocks] = order
        self.skipTest(f"no two of six plans have as many blocks: {list(orders)}")

    def test_a_control_that_fails_makes_its_family_invalid_and_exits_3(self):
        self.write_register(GOOD, control("CONTROL/wrong", steady(400), steady(100), 1.0))
        done = self.assay("run", "--budget", "100", expect=INVALID)
        self.assertIn("would be supported, but its control CONTROL/wrong failed", done.stdout)
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "invalid")

    def test_what_benchmarks_print_does_not_corrupt_the_run(self):
        self.write_register(entry("BAD-1", "prints", steady(400)))
        done = self.assay("run", "--budget", "100")
        self.assertNotIn("not an answer", done.stdout)
        self.assertEqual(self.verdict_of(self.only_run(), "BAD-1"), "refuted")

    def test_strict_exits_3_when_a_verdict_is_inconclusive(self):
        two_rivals = entry("OPEN-1", "not-run", steady(100)).replace(
            '"faulty/not-run"', '["faulty/not-run", "faulty/steady/units:200/manual_time"]')
        self.write_register(two_rivals)
        self.assay("run", "--budget", "100", says="inconclusive")
        run = self.only_run()
        self.assay("verdict", run, "OPEN-1", expect=INVALID, says="the rival faulty/not-run was not run")
        self.assay("judge", run)
        self.assay("judge", run, "--strict", expect=INVALID)
        self.assay("run", "--budget", "100", "--strict", "--output", "strict", expect=INVALID)


class Faults(ProgramTest):
    """One benchmark fails; the other experiment is measured and judged all the same."""

    def measure_beside(self, *bad, expect=INSTRUMENT, arguments=()):
        self.write_register(GOOD, *bad)
        done = self.assay("run", "--budget", "100", *arguments, expect=expect)
        run = self.only_run()
        self.assertEqual(self.verdict_of(run, "GOOD-1"), "supported")
        self.assay("verdict", run, "GOOD-1", says="GOOD-1: supported")
        whole(run / "raw/faulty_instrument.json")
        return done, run

    def assert_reported(self, done, run, benchmark, what, verdict="invalid"):
        self.assertRegex(done.stderr, f"(?m)^{benchmark}: {what}$")
        self.assertRegex((run / "report.md").read_text(), f"{benchmark}.*{what}")
        failures = [(f["benchmark"], f["what"]) for f in self.verdicts(run)["failures"]]
        self.assertEqual([name for name, _ in failures], [benchmark])
        self.assertRegex(failures[0][1], what)
        for experiment in self.verdicts(run)["experiments"]:
            if experiment["id"] != "GOOD-1":
                self.assertEqual(experiment["verdict"], verdict)
                self.assertRegex(experiment["why"], f"{benchmark}: {what}")
        self.assay("judge", run, expect=INSTRUMENT if verdict == "invalid" else DONE)

    def test_an_error(self):
        done, run = self.measure_beside(entry("BAD-1", steady(400), "error"))
        self.assert_reported(done, run, "faulty/error", "wrong result: 41 instead of 42")
        self.assay("verdict", run, "BAD-1", expect=INSTRUMENT, says="BAD-1: invalid: faulty/error: wrong result")

    def test_a_value_that_is_no_number(self):
        """It is a fault of those alone who ask for it: of the other entry the time is asked."""
        ask = 'metric = "bytes"\n'
        bad = entry("BAD-1", "nan", "late-nan").replace("predicted", ask + "predicted")
        done, run = self.measure_beside(bad)
        self.assertRegex(done.stderr, "faulty/nan: .*bytes is not a finite number")
        self.assertEqual(self.verdict_of(run, "BAD-1"), "invalid")
        self.write_register(entry("TIME-1", "nan", steady(400)))
        self.assay("run", "--budget", "100")

    def test_a_benchmark_that_cannot_run_here_is_no_failure(self):
        done, run = self.measure_beside(entry("BAD-1", steady(400), "not-run"), expect=DONE)
        self.assert_reported(done, run, "faulty/not-run", "this CPU has no AVX9", verdict="not run")
        self.assay("verdict", run, "BAD-1", expect=INVALID, says="BAD-1: not run: faulty/not-run: this CPU has no AVX9")

    def test_nothing_can_run_here(self):
        self.write_register(entry("BAD-1", steady(400), "not-run"))
        self.assay("run", "--budget", "100", says="this CPU has no AVX9")
        self.assertEqual(self.verdict_of(self.only_run(), "BAD-1"), "not run")
        self.assertEqual(self.verdicts(self.only_run())["finish"], "failed")
        self.assertIn("no comparison was left whose benchmarks ran", (self.only_run() / "report.md").read_text())

    def measure_late(self, candidate, *arguments):
        """The candidate fails in its 13th call of a process: three entries of two blocks, as few as there are, call it 15 times."""
        entries = [entry(name, "counter", candidate) for name in ("BAD-1", "BAD-2", "BAD-3")]
        done, run = self.measure_beside(*entries, arguments=arguments)
        kept = [r for r in whole(run / "raw/faulty_instrument.json") if r["name"] == f"faulty/{candidate}"]
        self.assertEqual(len(kept), 9)  # all that it answered, less three warm-ups
        return done, run

    def test_a_crash(self):
        done, run = self.measure_late("crash")
        self.assert_reported(done, run, "faulty/crash", r"the instrument killed by signal 9 \(Killed\) while it ran")

    def test_an_exit(self):
        done, run = self.measure_late("exit")
        self.assert_reported(done, run, "faulty/exit", "the instrument exited with code 9 while it ran")

    def test_a_hang(self):
        done, run = self.measure_late("hang", "--slice-timeout", "2")
        self.assert_reported(done, run, "faulty/hang", r"no answer within 2\.\d s")

    def use_instrument(self, name, script):
        """Puts an instrument of our own in place of the faulty one."""
        self.instruments = self.folder / "instruments"
        self.instruments.mkdir(exist_ok=True)
        path = self.instruments / name
        path.write_text(script)
        path.chmod(0o755)

    def use_scripted(self, answer, fixed=10):
        """An instrument of four benchmarks; `answer` is the expression that makes the answer to `name`."""
        self.use_instrument("scripted", f"""#!{sys.executable} -SE
import json, sys
names = ["faulty/a", "faulty/b", "faulty/c", "faulty/d"]
listed = [{{"name": name, "fixed_iterations": {fixed}}} for name in names]
print(json.dumps({{"assay_protocol": 1, "context": {{}}, "benchmarks": listed}}), flush=True)
calls = 0
for line in sys.stdin:
    calls += 1
    name = json.loads(line)["benchmark"]
    time = 2000 if name in ("faulty/b", "faulty/d") else 1000
    good = {{"name": name, "iterations": 10, "real_time": time, "cpu_time": time, "time_unit": "ns"}}
    print({answer}, flush=True)
""")
        self.write_register(entry("GOOD-1", "b", "a"), entry("BAD-1", "d", "c"))

    def test_a_burst_of_noise_while_the_plan_is_made_does_not_shorten_the_slices(self):
        self.use_scripted("json.dumps({**good, 'real_time': time * (300 if calls in (1, 10) else 1)})", fixed=None)
        self.assay("run", "--budget", "100", says="supported")
        plan = json.loads((self.only_run() / "run.json").read_text())["plan"]
        self.assertEqual({arm["iterations"] for unit in plan["units"] for arm in unit["arms"]}, {200})

    def test_a_counter_may_be_named_error(self):
        self.use_scripted("json.dumps({**good, 'error': 0.5})")
        self.assay("run", "--budget", "100")
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "supported")

    def test_an_answer_that_is_no_json(self):
        self.use_scripted("'nonsense' if name == 'faulty/c' else json.dumps(good)")
        done = self.assay("run", "--budget", "100", expect=INSTRUMENT)
        self.assert_reported(done, self.only_run(), "faulty/c", "the instrument's answer is no JSON")
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "supported")

    def test_an_answer_for_another_benchmark(self):
        self.use_scripted("json.dumps({**good, 'name': 'faulty/a'} if name == 'faulty/c' else good)")
        done = self.assay("run", "--budget", "100", expect=INSTRUMENT)
        self.assert_reported(done, self.only_run(), "faulty/c", "the instrument answered for another benchmark")
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "supported")

    def test_answers_without_a_time_that_can_be_used(self):
        for time in ("0", "-1", "'fast'", "None"):
            with self.subTest(time=time):
                self.use_scripted(f"json.dumps({{**good, 'real_time': {time}}} if name == 'faulty/c' else good)")
                run = self.folder / f"run{time}"
                done = self.assay("run", "--budget", "100", "--output", run, expect=INSTRUMENT)
                self.assert_reported(done, run, "faulty/c", "real_time is not a time above 0")

    def test_answers_of_wrong_types(self):
        cases = {"label": ("5", "its label is no text"), "name": ("None", "the instrument answered for another benchmark"),
                 "time_unit": ("[]", "real_time is not a time above 0")}
        for key, (value, what) in cases.items():
            with self.subTest(key=key):
                self.use_scripted(f"json.dumps({{**good, '{key}': {value}}} if name == 'faulty/c' else good)")
                run = self.folder / key
                done = self.assay("run", "--budget", "100", "--output", run, expect=INSTRUMENT)
                self.assert_reported(done, run, "faulty/c", what)
                self.assertEqual(self.verdict_of(run, "GOOD-1"), "supported")

    def test_a_counter_whose_name_the_raw_record_needs(self):
        for key in ("unit", "arm", "round", "block", "position"):
            with self.subTest(key=key):
                self.use_scripted(f"json.dumps({{**good, '{key}': 1.0}} if name == 'faulty/c' else good)")
                run = self.folder / key
                done = self.assay("run", "--budget", "100", "--output", run, expect=INSTRUMENT)
                self.assert_reported(done, run, "faulty/c", f'the counter "{key}" has a name that .*; rename it')
                self.assertEqual(self.verdict_of(run, "GOOD-1"), "supported")

    def test_an_instrument_killed_from_outside_while_a_benchmark_runs(self):
        self.write_register(settings([64]), GOOD, entry("BAD-1", steady(400), "min-time/100"))
        run = self.results / "run"
        process = self.start_and_wait_for_rounds(run, 3)

        def has_failed():
            return any(event["event"] == "failure" for event in events(run))

        def kill_while_it_serves():
            for child in children(process.pid):
                os.kill(child, signal.SIGSTOP)
                # "round" is logged when all instruments have greeted: this one was in the midst of it.
                is_serving = events(run)[-1]["event"] == "round"
                os.kill(child, signal.SIGKILL if is_serving else signal.SIGCONT)
                if is_serving:
                    self.wait_until(lambda: not is_running(child) or has_failed())
                    time.sleep(0.05)
            return has_failed()

        self.wait_until(kill_while_it_serves, process)
        out, err = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, INSTRUMENT, out + err)
        (failure,) = self.verdicts(run)["failures"]
        self.assertGreaterEqual(failure["round"], 3)
        self.assertEqual(failure["what"], "the instrument killed by signal 9 (Killed) while it ran")
        self.assertIn(f"{failure['benchmark']}: {failure['what']}\n", err)
        hit, other = ("GOOD-1", "BAD-1") if failure["benchmark"] in GOOD else ("BAD-1", "GOOD-1")
        self.assertEqual((self.verdict_of(run, hit), self.verdict_of(run, other)), ("invalid", "supported"))
        experiments = {e["id"]: e["comparisons"][0]["rounds"] for e in self.verdicts(run)["experiments"]}
        self.assertGreaterEqual(experiments[hit], 3)  # the rounds before are kept
        self.assertGreater(experiments[other], experiments[hit])


class Stopped(ProgramTest):
    """The program itself is stopped; what it measured is kept, judged, and can be gone on with."""

    def setUp(self):
        super().setUp()
        self.write_register(LONG)
        self.run_folder = self.results / "run"

    def assert_goes_on(self, looks_before=2):
        """Resumes to the end: more rounds, and one more look at the data to share the level among."""
        before = rounds_ended(self.run_folder)
        self.assertEqual(self.verdicts(self.run_folder)["looks_counted"], looks_before)
        self.assay("run", "--resume", self.run_folder, says="supported")
        self.assertGreater(rounds_ended(self.run_folder), before)
        verdicts = self.verdicts(self.run_folder)
        self.assertEqual(verdicts["looks_counted"], looks_before + 1)
        self.assertEqual((verdicts["finish"], verdicts["warnings"]), ("decided", []))
        # No round was lost or counted twice; one may have been whole when the program was killed before it said so.
        (rounds,) = [e["comparisons"][0]["rounds"] for e in verdicts["experiments"]]
        self.assertIn(rounds - rounds_ended(self.run_folder), (0, 1))
        whole(self.run_folder / "raw/faulty_instrument.json")

    def test_killed(self):
        process = self.start_and_wait_for_rounds(self.run_folder, 5)
        instruments = []
        self.wait_until(lambda: instruments.extend(children(process.pid)) or instruments, process)
        process.kill()
        process.wait()
        self.wait_until(lambda: not any(is_running(pid) for pid in instruments))
        whole(self.run_folder / "raw/faulty_instrument.json")
        self.assay("judge", self.run_folder,
                   says="warning: the run was killed before it ended; what it measured is judged")
        self.assertIn("the run was killed", (self.run_folder / "report.md").read_text())
        self.assert_goes_on()

    def test_killed_with_the_last_raw_record_and_event_cut_off(self):
        process = self.start_and_wait_for_rounds(self.run_folder, 5)
        process.kill()
        process.wait()
        for name, bytes_lost in (("faulty_instrument.json", 40), ("events.jsonl", 10)):
            path = self.run_folder / "raw" / name
            os.truncate(path, path.stat().st_size - bytes_lost)
        self.assay("judge", self.run_folder, says="truncated; its")
        self.assay("run", "--resume", self.run_folder, says="supported")
        self.assertEqual(self.verdicts(self.run_folder)["warnings"], [])
        whole(self.run_folder / "raw/faulty_instrument.json")

    def interrupt(self, by):
        process = self.start_and_wait_for_rounds(self.run_folder, 5)
        os.killpg(process.pid, by)  # as a terminal does
        out, err = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, INTERRUPTED, out + err)
        return out

    def test_interrupted(self):
        out = self.interrupt(signal.SIGINT)
        warning = "the run was interrupted; what it measured is judged"
        self.assertIn(f"warning: {warning}\n", out)
        self.assertIn(warning, (self.run_folder / "report.md").read_text())
        self.assertEqual(self.verdicts(self.run_folder)["finish"], "interrupted")
        written = (self.run_folder / "report.md").read_bytes()
        self.assay("judge", self.run_folder, expect=INTERRUPTED)
        self.assertEqual((self.run_folder / "report.md").read_bytes(), written)
        self.assert_goes_on()
        self.assay("run", "--resume", self.run_folder, expect=USAGE, says="this run has ended")
        self.assay("run", "--resume", self.run_folder, "--budget", "9", expect=USAGE, says="--budget")

    def test_terminated_with_the_figures_drawn_all_the_same(self):
        self.root = PROJECT
        self.interrupt(signal.SIGTERM)
        report = (self.run_folder / "report.md").read_text()
        self.assay("judge", self.run_folder, expect=INTERRUPTED)
        self.assertEqual((self.run_folder / "report.md").read_text(), report)

    def test_interrupted_before_anything_was_measured(self):
        path = self.folder / "instruments" / "silent"
        path.parent.mkdir()
        path.write_text("#!/bin/sh\nexec sleep 1000\n")
        path.chmod(0o755)
        self.instruments = path.parent
        process = self.start("run")
        self.wait_until(lambda: children(process.pid), process)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, INTERRUPTED, out + err)
        self.assertIn("interrupted", err)
        self.assert_nothing_was_measured()

    def test_resuming_a_run_that_ended_is_refused(self):
        self.assay("run", "--resume", finished_run(), expect=USAGE, says=["this run has ended", "start a new run"])

    def test_resuming_with_another_build_of_the_instrument_is_refused(self):
        self.instruments = self.folder / "instruments"
        self.instruments.mkdir()
        copy = self.instruments / "faulty_instrument"
        shutil.copy2(FAULTY, copy)
        self.interrupt(signal.SIGINT)
        with copy.open("ab") as file:
            file.write(b"another build")
        before = {p: p.read_bytes() for p in self.run_folder.rglob("*") if p.is_file()}
        self.assay("run", "--resume", self.run_folder, expect=USAGE,
                   says="the instrument faulty_instrument is not the one that the run began with")
        self.assertEqual({p: p.read_bytes() for p in self.run_folder.rglob("*") if p.is_file()}, before)

    def test_resuming_what_is_no_run_is_refused(self):
        self.assay("run", "--resume", self.folder, expect=DATA, says="run.json")


class Output(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_register(GOOD)

    def test_a_folder_that_cannot_be_made(self):
        for place in ("/dev/null/results", self.register):
            self.assay("run", "--output", place, "--budget", "100", expect=OUTPUT,
                       says=[f"assay: {place}: cannot create the folder", "choose a folder you may write to"])

    def test_a_file_that_cannot_be_written(self):
        run = self.folder / "run"
        shutil.copytree(finished_run(), run)
        (run / "verdicts.json").unlink()
        (run / "verdicts.json").mkdir()
        self.assay("judge", run, expect=OUTPUT, says=f"{run}/verdicts.json: cannot write")

    def test_a_run_is_not_overwritten(self):
        run = self.folder / "run"
        shutil.copytree(finished_run(), run)
        before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
        self.assay("run", "--output", run, "--budget", "100", expect=USAGE,
                   says=f"{run}: there is a run in this folder already")
        self.assertEqual({p: p.read_bytes() for p in run.rglob("*") if p.is_file()}, before)


class FullDisk(ProgramTest):
    """Results on a file system of a few pages, in a mount namespace that ends with this process, mounts and all."""

    @classmethod
    def setUpClass(cls):
        new_mounts = 0x20000  # CLONE_NEWNS
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(new_mounts) != 0:
            raise unittest.SkipTest(f"mounting needs root: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()

    @contextlib.contextmanager
    def disk_of(self, pages):
        options = ["-o", f"size={pages * os.sysconf('SC_PAGE_SIZE')}"]
        subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", self.disk], check=True)
        try:
            yield self.disk / "run"
        finally:
            subprocess.run(["umount", self.disk], check=True)

    def enlarge(self):
        subprocess.run(["mount", "-o", "remount,size=64m", self.disk], check=True)

    def test_full_in_the_midst_of_the_run(self):
        self.write_register(LONG)
        with self.disk_of(pages=40) as run:
            self.assay("run", "--output", run, "--budget", "100", expect=OUTPUT,
                       says=[f"assay: {run}/raw/", "cannot write: No space left on device",
                             "free some space, then go on with: assay run --resume"])
            records = whole(run / "raw/faulty_instrument.json")
            self.assertGreater(len(records), 48)
            self.assay("judge", run, expect=OUTPUT, says="No space left on device")
            self.assertEqual(whole(run / "raw/faulty_instrument.json"), records)
            self.enlarge()
            self.assay("judge", run, says="warning: the run was killed")
            self.assay("run", "--resume", run, says="supported")
            self.assertEqual(whole(run / "raw/faulty_instrument.json")[:len(records)], records)

    def test_full_at_any_moment_of_the_start(self):
        self.write_register(GOOD)
        for pages in range(1, 14):
            with self.subTest(pages=pages), self.disk_of(pages) as run:
                self.assay("run", "--output", run, "--budget", "100", expect=OUTPUT,
                           says=[f"assay: {run}", "No space left on device"])
                self.enlarge()
                if (run / "run.json").exists():
                    self.assay("judge", run)
                    if self.verdicts(run)["finish"] != "decided":  # what it measured had room, and its report had not
                        self.assay("run", "--resume", run, says="supported")
                    self.assertEqual(self.verdict_of(run, "GOOD-1"), "supported")
                else:
                    self.assay("run", "--output", run, "--budget", "100", says="supported")


class Recorded(ProgramTest):
    """A recorded run that was damaged: used with a warning where that is sound, and refused by name where not."""

    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        shutil.copytree(finished_run(), self.run_folder)
        self.raw = self.run_folder / "raw/faulty_instrument.json"

    def judge(self, **wanted):
        return self.assay("judge", self.run_folder, **wanted)

    def test_a_raw_file_cut_off_anywhere_behind_its_head_is_judged_with_a_warning(self):
        text = self.raw.read_bytes()
        head = text.index(b'"benchmarks": [\n') + len(b'"benchmarks": [\n')
        for size in (head, head + 1, head + 200, len(text) // 2, len(text) - 100, len(text) - 5, len(text) - 1):
            with self.subTest(size=size, of=len(text)):
                self.raw.write_bytes(text[:size])
                self.judge(says=f"warning: raw/{self.raw.name}: truncated; its ")
                self.assertIn("truncated", (self.run_folder / "report.md").read_text())

    def test_a_raw_file_without_its_head_is_refused(self):
        text = self.raw.read_bytes()
        for size in (0, 1, 30):
            self.raw.write_bytes(text[:size])
            self.judge(expect=DATA, says=f"{self.raw}: not a raw file of this program")

    def test_a_line_within_that_is_no_record_is_refused(self):
        lines = self.raw.read_text().split("\n")
        for line, broken in ((5, "nonsense,"), (6, "{},"), (7, lines[6].replace('"unit":', '"unix":'))):
            self.raw.write_text("\n".join([*lines[:line - 1], broken, *lines[line:]]))
            self.judge(expect=DATA, says=f"{self.raw}:{line}: ")

    def test_records_of_another_plan_are_refused(self):
        text = self.raw.read_text()
        for key in ("unit", "arm"):
            self.raw.write_text(re.sub(f'"{key}":0', f'"{key}":77', text, count=1))
            self.judge(expect=DATA, says=[f"{self.raw}:", "of the plan"])

    def test_a_foreign_raw_file_is_refused_by_name(self):
        stranger = self.run_folder / "raw/stranger.json"
        stranger.write_text(self.raw.read_text().replace('"assay_run":"2', '"assay_run":"1'))
        self.judge(expect=DATA, says=f"{stranger}: belongs to the run")
        with stranger.open("w") as file:
            subprocess.run([FAULTY, "--benchmark_filter=counter", "--benchmark_format=json",
                            "--benchmark_min_time=0.001"], stdout=file, check=True)
        self.judge(expect=DATA, says=[f"{stranger}: not a raw file of this program", "only files that a run wrote"])

    def test_an_altered_register_is_refused(self):
        path = self.run_folder / "register.md"
        path.write_text(path.read_text().replace("threshold = 1.5", "threshold = 2.5", 1))
        self.judge(expect=DATA, says=f"{path}: altered after the run")
        self.assay("verdict", self.run_folder, "GOOD-1")  # what was judged before still stands
        path.unlink()
        self.judge(expect=DATA, says=str(path))

    def test_a_run_without_its_description_is_refused(self):
        path = self.run_folder / "run.json"
        whole_text = path.read_text()
        for text in ("", "nonsense", "[]", "{}", whole_text[:len(whole_text) // 2], '{"schema": "assay-run/2"}'):
            path.write_text(text)
            self.judge(expect=DATA, says=str(path))
        path.unlink()
        self.judge(expect=DATA, says=[str(path), "name a folder that `assay run` wrote"])
        self.assay("judge", self.folder / "nowhere", expect=DATA, says="nowhere/run.json")

    def test_a_description_that_lacks_anything_or_holds_anything_else_is_refused_or_read(self):
        path = self.run_folder / "run.json"
        document = json.loads(path.read_text())
        for key in document:
            for value in (None, [], {}, "x", 7):
                with self.subTest(key=key, value=value):
                    path.write_text(json.dumps({**document, key: value}))
                    done = subprocess.run(self.command("judge", self.run_folder), capture_output=True, text=True,
                                          env=self.variables(), timeout=SECONDS)
                    self.assertIn(done.returncode, (DONE, DATA), done.stderr)
                    self.assertNotIn("json.exception", done.stderr.split("run.json")[0])

    def test_an_event_log_with_a_line_that_is_no_event_is_refused(self):
        path = self.run_folder / "raw/events.jsonl"
        text = path.read_text()
        path.write_text(text.replace("\n", "\nnonsense\n", 1))
        self.judge(expect=DATA, says=f"{path}:2: ")
        path.unlink()
        self.judge(says="warning: the run was killed")

    def test_judging_by_a_changed_register_is_exploratory(self):
        registered = (self.run_folder / "register.md").read_text()
        before = (self.run_folder / "report.md").read_bytes()
        judged = self.judge_by(registered.replace("threshold = 1.5", "threshold = 3", 1))
        self.assertEqual(self.verdict_of(judged, "GOOD-1"), "refuted")
        flags = {e["id"]: e["is_exploratory"] for e in self.verdicts(judged)["experiments"]}
        self.assertEqual(flags, {"GOOD-1": True, "BAD-1": False, "CONTROL/twice": False})
        self.assertIn("(exploratory)", (judged / "report.md").read_text())
        self.assertEqual((self.run_folder / "report.md").read_bytes(), before)  # the run's own report stands

    def judge_by(self, text, says="judged by another register"):
        self.register.write_text(text)
        self.assay("judge", self.run_folder, "--by", self.register, says=says)
        (judged,) = self.run_folder.glob("by-*")
        return judged

    def test_judging_by_another_level_is_exploratory(self):
        registered = (self.run_folder / "register.md").read_text()
        judged = self.judge_by("```toml\n[register]\nalpha = 0.5\n```\n" + registered, says="its settings (alpha")
        self.assertEqual([e["is_exploratory"] for e in self.verdicts(judged)["experiments"]], [True, True, True])

    def test_judging_by_a_register_that_lacks_an_entry_says_so(self):
        registered = (self.run_folder / "register.md").read_text()
        without = re.sub(r'```toml\nid = "BAD-1".*?```\n', "", registered, flags=re.DOTALL)
        judged = self.judge_by(without, says="BAD-1 was measured, but that register lacks it")
        self.assertEqual([e["id"] for e in self.verdicts(judged)["experiments"]], ["GOOD-1", "CONTROL/twice"])


class Ledger(ProgramTest):
    """Every run that was started is listed, and later ones say so."""

    def ledger(self):
        return [json.loads(line) for line in (self.results / "ledger.jsonl").read_text().splitlines()]

    def test_later_runs_list_earlier_ones_with_their_verdicts(self):
        self.write_register(GOOD)
        first = self.results / "first"
        self.assay("run", "--budget", "100", "--output", first)
        self.assertIn("earlier runs of any of these entries here | none", (first / "report.md").read_text())
        second = self.results / "second"
        self.assay("run", "--budget", "100", "--output", second)
        self.assertIn("Earlier runs of this entry on this machine: 1 (1 supported).", (second / "report.md").read_text())
        self.assertEqual([line["event"] for line in self.ledger()], ["start", "verdicts"] * 2)
        self.assay("judge", second)
        self.assertEqual(len(self.ledger()), 4)  # judging again is no run

    def test_a_run_that_was_killed_stays_listed(self):
        self.write_register(LONG)
        process = self.start_and_wait_for_rounds(self.results / "killed", 1)
        process.kill()
        process.communicate()
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--output", run)
        self.assertIn("Earlier runs of this entry on this machine: 1 (1 without a verdict).",
                      (run / "report.md").read_text())

    def test_an_entry_that_was_changed_starts_anew(self):
        self.write_register(GOOD)
        self.assay("run", "--budget", "100", "--output", self.results / "first")
        self.write_register(GOOD.replace("threshold = 1.5", "threshold = 1.6"))
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--output", run)
        self.assertIn("Earlier runs of this entry on this machine: 1 (1 supported of another wording).",
                      (run / "report.md").read_text())

    def test_dry_runs_are_not_listed(self):
        self.write_register(GOOD)
        self.assay("run", "--dry-run", "--budget", "100")
        self.assertFalse(self.results.exists())

    def test_a_damaged_line_is_refused_by_its_number(self):
        self.write_register(GOOD)
        self.results.mkdir()
        path = self.results / "ledger.jsonl"
        path.write_text("nonsense\n")
        self.assay("run", "--budget", "100", expect=DATA, says=f"{path}:1: ")
        self.assertEqual([p.name for p in self.results.iterdir()], ["ledger.jsonl"])


class Witnesses(ProgramTest):
    """Relinks and instruction counts beside the time."""

    def use_relinks(self, *numbers):
        self.instruments = self.folder / "instruments"
        for folder in (self.instruments, *(self.folder / f"layouts/{k}" for k in numbers)):
            folder.mkdir(parents=True)
            shutil.copy(FAULTY, folder)

    def test_relinks_are_measured_into_files_of_their_own(self):
        self.use_relinks(1, 2, 3)
        self.write_register(GOOD)
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--relink-rounds", "4", "--output", run)
        raw = {path.name for path in (run / "raw").iterdir()}
        self.assertEqual(raw, {"events.jsonl", "faulty_instrument.json",
                               *(f"faulty_instrument.link-{k}.json" for k in (1, 2, 3))})
        (comparison,) = self.verdicts(run)["experiments"][0]["comparisons"]
        self.assertEqual(len(comparison["evidence"]["layout"]["effects"]), 3)
        self.assertEqual(comparison["relinks_agreeing"], 3)  # they are the same binary
        self.assertIn("Code layout: over 3 relinks", (run / "report.md").read_text())
        ordinary = {r["round"] for r in whole(run / "raw/faulty_instrument.json")}
        relinked = {r["round"] for k in (1, 2, 3) for r in whole(run / f"raw/faulty_instrument.link-{k}.json")}
        self.assertEqual(len(relinked), 12)
        self.assertFalse(ordinary & relinked)
        self.assertEqual(comparison["rounds"], len(ordinary))
        before = (run / "verdicts.json").read_bytes()
        self.assay("archive", run)
        self.assay("judge", run)
        self.assertEqual((run / "verdicts.json").read_bytes(), before)

    def test_without_them_nothing_is_said_of_layout(self):
        self.use_relinks(2, 3)  # they are counted from 1
        self.write_register(GOOD)
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--output", run)
        (comparison,) = self.verdicts(run)["experiments"][0]["comparisons"]
        self.assertIsNone(comparison["evidence"]["layout"])
        self.assertIn("Code layout: not measured", (run / "report.md").read_text())

    def test_a_relink_older_than_the_instrument_is_of_other_objects(self):
        self.use_relinks(1, 2, 3)
        os.utime(self.folder / "layouts/2" / FAULTY.name, (0, 0))
        self.write_register(GOOD)
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--output", run)
        self.assertEqual(sorted(path.name for path in (run / "raw").glob("*.link-*")), ["faulty_instrument.link-1.json"])
        recorded = json.loads((run / "run.json").read_text())["instruments"]["faulty_instrument"]
        self.assertEqual(recorded["relinks_sha256"], [recorded["sha256"]])  # it is a copy

    def test_a_folder_named_as_a_relink_is_none(self):
        self.write_register(GOOD)
        run = self.results / "x.link-2"
        self.assay("run", "--budget", "100", "--output", run, says="supported")

    def test_a_relink_that_hangs_is_waited_for_once(self):
        self.use_relinks(1, 2)
        greeting = {"assay_protocol": 1, "context": {}, "benchmarks": [
            {"name": f"faulty/steady/units:{units}/manual_time", "fixed_iterations": None} for units in (100, 200)]}
        (self.folder / "layouts/1" / FAULTY.name).write_text(
            f"#!/bin/sh\necho '{json.dumps(greeting)}'\nexec sleep 1000\n")
        self.write_register(GOOD)
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--slice-timeout", "1", "--output", run, says="supported")
        failures = [event for event in events(run) if event["event"] == "relink_failure"]
        self.assertEqual([(event["link"], event["what"][:9]) for event in failures], [(1, "no answer")])
        self.assertIn("1 of the relinks failed", (run / "report.md").read_text())
        self.assertEqual(self.verdicts(run)["failures"], [])

    def test_a_relink_that_fails_is_no_failure_of_the_benchmark(self):
        self.use_relinks(1)
        (self.folder / "layouts/1" / FAULTY.name).write_text("#!/bin/sh\nexit 3\n")
        self.write_register(GOOD)
        self.assay("run", "--budget", "100", "--output", self.results / "run", says="supported")

    @unittest.skipUnless(shutil.which("valgrind") and "asan" not in str(BUILD), "valgrind cannot run these instruments")
    def test_instructions_are_counted_where_an_entry_asks(self):
        self.write_register(entry("GOOD-1", steady(400), steady(200), more="instructions = true"))
        run = self.results / "run"
        self.assay("run", "--budget", "100", "--output", run)
        counts = self.verdicts(run)["instructions"]
        ratio = [counts[f"faulty/steady/units:{units}/manual_time"]["per_iteration"] for units in (400, 200)]
        self.assertAlmostEqual(ratio[0] / ratio[1], 2, delta=0.05)
        (by,) = {count["counted_by"] for count in counts.values()}
        self.assertIn(by, ("perf", "valgrind"))
        self.assertIn(f"Instructions an iteration, by {by}: ", (run / "report.md").read_text())


class Calibration(ProgramTest):
    """The calibration register of the project, on the control instrument."""

    def setUp(self):
        super().setUp()
        self.root = PROJECT
        self.instruments = BUILD / "benches/instruments"

    def trials(self):
        return [json.loads(line) for line in (self.results / "calibration.jsonl").read_text().splitlines()]

    def test_trials_are_added_pooled_and_shown_in_reports(self):
        self.assay("calibrate", "--runs", "1", "--disturb", "both", says="positive")
        trials = self.trials()
        self.assertEqual(collections.Counter(trial["extra"] for trial in trials), {0: 3, 0.02: 3, 0.05: 3, 0.1: 3})
        self.assertEqual({trial["disturbance"] for trial in trials}, {"both"})
        self.assay("calibrate", "--runs", "1", "--disturb", "both")
        self.assertEqual(self.trials(), trials)  # as many as asked for are there
        shown = json.loads(self.assay("calibrate", "--show", "--json", "--disturb", "both").stdout)
        self.assertEqual([pool["n"] for pool in shown["nulls"]], [1, 1, 1])
        self.assertEqual(json.loads(self.assay("calibrate", "--show", "--json").stdout), None)  # undisturbed: none
        path = self.results / "calibration.jsonl"
        path.write_text(path.read_text().replace('"both"', '""'))
        self.instruments = FAULTY.parent
        self.write_register(GOOD)
        self.assay("run", "--budget", "100", "--output", self.results / "run")
        report = (self.results / "run/report.md").read_text()
        self.assertIn("| similarity-1000 | 1 |", report)
        self.assertIn("| 2% | bind |", report)

    def test_an_unknown_disturbance(self):
        self.assay("calibrate", "--disturb", "noise", expect=USAGE, says=['"noise" is no disturbance', "other-core"])

    def test_what_disturbs_ends_with_the_program(self):
        process = subprocess.Popen(self.command("calibrate", "--disturb", "other-core"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.variables(), cwd=self.folder)
        found = []

        def spinning():
            found[:] = [pid for pid in children(process.pid) if Path(f"/proc/{pid}/comm").read_text() == "assay\n"]
            return found

        with contextlib.suppress(OSError):
            self.wait_until(spinning, process)
        process.kill()
        process.wait()
        self.wait_until(lambda: not any(is_running(pid) for pid in found))


STEADY = "(anonymous namespace)::steady"


def witness(name, tables, candidate="faulty/steady/units:100/manual_time", more=""):
    """An entry that is judged by machine code alone."""
    return f"""
```toml
id = "{name}"
claim = "it is compiled to that"
source = "a test"
candidate = "{candidate}"
rule = {{ kind = "witness" }}
means = {{ supported = "it is", refuted = "it is not" }}
{more}
{tables}
```
"""


def demand(function=STEADY, side="candidate", more=""):
    return f"[witness.{side}]\nfunction = '{function}'\n{more}\n"


@unittest.skipUnless(shutil.which("objdump"), "binutils is not installed")
class MachineCode(ProgramTest):
    """What entries demand of the kernels' machine code."""

    HOLDS = witness("HOLDS-1", demand(more="has = ['imul']\nlacks = ['call.*memcpy', '%zmm']"))
    FAILS = witness("FAILS-1", demand(more="has = 'imul'\nlacks = ['vpxor', 'imul +[0-9a-z]*.*,%r']"))

    def run_files(self, run):
        return {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}

    def test_a_witness_alone_is_judged_without_measuring(self):
        self.write_register(self.HOLDS, self.FAILS)
        self.assay("run", says=["HOLDS-1  supported     3 of 3 demands hold", "FAILS-1  refuted       2 of 3 demands hold",
                                STEADY + ' (candidate) has "imul '])
        run = self.only_run()
        self.assertEqual(sorted(str(p.relative_to(run)) for p in run.rglob("*") if p.is_file()),
                         ["figures.json", "machine_code/-anonymous-namespace---steady.s", "raw/events.jsonl",
                          "register.md", "report.html", "report.md", "run.json", "verdicts.json"])
        verdicts = self.verdicts(run)
        self.assertEqual((verdicts["finish"], verdicts["claims_counted"]), ("decided", 0))
        self.assertNotIn("no control guards", (run / "report.md").read_text())
        self.assertIn("```text\ncandidate: " + STEADY, (run / "report.md").read_text())
        self.assay("verdict", run, "FAILS-1", says="FAILS-1: refuted: ")

    def test_it_is_judged_again_from_what_was_recorded(self):
        self.use_copy()
        self.write_register(GOOD, self.HOLDS, self.FAILS)
        self.assay("run", "--budget", "100")
        run = self.only_run()
        shutil.rmtree(self.instruments)
        before = self.run_files(run)
        self.assay("judge", run)
        self.assertEqual(self.run_files(run), before)
        self.assay("archive", run)
        self.assay("judge", run)
        self.assertEqual(self.run_files(run), before)
        shutil.rmtree(run / "machine_code")  # as of a run of earlier days
        self.assay("judge", run, says="the machine code of (anonymous namespace)::steady was not recorded")
        self.assertEqual([self.verdict_of(run, name) for name in ("GOOD-1", "HOLDS-1", "FAILS-1")],
                         ["supported", "not run", "not run"])

    def use_copy(self):
        self.instruments = self.folder / "instruments"
        self.instruments.mkdir()
        shutil.copy(FAULTY, self.instruments)

    def test_a_damaged_listing_is_an_error_of_data(self):
        self.write_register(self.HOLDS)
        self.assay("run")
        (listing,) = (self.only_run() / "machine_code").iterdir()
        listing.write_text("# function: x\n")
        self.assay("judge", self.only_run(), expect=DATA, says=f"{listing}: holds no disassembled function")

    def test_a_demand_that_fails_makes_a_measured_entry_invalid(self):
        self.write_register(GOOD.replace("[means]", demand(more="has = 'imul'") + "[means]"),
                            entry("BAD-1", steady(200), steady(100)).replace(
                                "[means]", demand(side="baseline", more="lacks = 'imul'") + "[means]"))
        self.assay("run", "--budget", "100", expect=INVALID,
                   says="the machine code is not what the entry demands: " + STEADY + " (baseline) has")
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "supported")
        self.assertEqual(self.verdict_of(self.only_run(), "BAD-1"), "invalid")

    def test_both_sides_are_shown_side_by_side(self):
        both = demand(side="baseline") + demand(more="lacks = 'vpxor'\nloop = true")
        self.write_register(witness("W-1", both, more='baseline = "faulty/steady/units:200/manual_time"'))
        self.assay("run", says="1 of 1 demands hold")
        report = (self.only_run() / "report.md").read_text()
        self.assertRegex(report, r"baseline: .*steady, its hot loop +\| candidate: .*steady, its hot loop")

    def test_a_dry_run_looks_and_keeps_nothing(self):
        self.write_register(self.HOLDS)
        self.assay("run", "--dry-run", says=f"HOLDS-1: the machine code of {STEADY} (candidate)")
        self.assert_nothing_was_measured()

    def test_a_function_that_is_not_there_is_refused_before_measuring(self):
        self.write_register(GOOD, witness("W-1", demand("steady", more="has = 'x'")))
        line = self.register.read_text().split("\n").index("[witness.candidate]") + 1
        self.assay("run", expect=USAGE, says=f'{self.register}:{line}: W-1: in the instrument faulty_instrument no function '
                                             f'is named "steady"; did you mean "{STEADY}"?')
        self.assay("run", "--dry-run", "W-1", expect=USAGE)
        self.assert_nothing_was_measured()

    def test_what_is_not_run_here_is_asked_nothing(self):
        self.write_register(self.HOLDS, witness("W-1", demand("of_another_build", more="has = 'x'"),
                                                candidate="faulty/not-run"))
        self.assay("run", says="W-1      not run       -  (faulty/not-run: this CPU has no AVX9)")
        self.assertEqual([self.verdict_of(self.only_run(), name) for name in ("HOLDS-1", "W-1")],
                         ["supported", "not run"])

    def test_a_pattern_that_does_not_compile_is_refused(self):
        self.write_register(witness("W-1", demand(more="lacks = 'call('")))
        self.assay("run", expect=USAGE, says='W-1: "call(" is no regular expression')
        self.assert_nothing_was_measured()

    def test_without_binutils_a_witness_is_not_run_and_others_are_judged_with_a_warning(self):
        folder = self.folder / "bin"
        folder.mkdir()
        for tool in ("git", "sh"):
            if found := shutil.which(tool):
                (folder / tool).symlink_to(found)
        self.environment["PATH"] = str(folder)
        self.write_register(self.HOLDS, GOOD.replace("[means]", demand(more="has = 'imul'") + "[means]"))
        missing = "nm is not installed, or does not run; install the Debian package binutils"
        self.assay("run", "--budget", "100", says=[f"HOLDS-1  not run       -  ({missing})",
                                                   f"warning: GOOD-1 is judged without a look at the machine code of "
                                                   f"{STEADY}: {missing}"])
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "supported")
        self.assertFalse((self.only_run() / "machine_code").exists())

    def test_the_real_kernels_are_what_their_names_say(self):
        self.instruments = BUILD / "benches/instruments"
        if not (self.instruments / "bind").exists():
            self.skipTest("this build has no instrument bind; the release build has")
        self.write_register(
            witness("W-1", demand("assay::bind_avx2", more="has = 'vp?xor.* .*%ymm'\nlacks = 'call.*memcpy'"),
                    "bind/refs/avx2"),
            witness("W-2", demand("assay::bind_clones_heap_avx2", more="lacks = 'call.*malloc'"),
                    "bind/clone-both/heap/avx2"))
        self.assay("run", says=["W-1  supported", "W-2  refuted", "malloc"])


class Limits(ProgramTest):
    """Shares of a limit, which probes of their own find."""

    def limit(self, candidate, *probes, at_least):
        named = ", ".join(f'"faulty/{probe}"' for probe in probes)
        return entry("L-1", probes[0], candidate, f'kind = "limit", at_least = {at_least}').replace(
            f'baseline = "faulty/{probes[0]}"', f"baseline = [{named}]").replace("predicted = 2.0", "")

    def test_it_is_held_against_the_fastest_probe(self):
        self.write_register(self.limit(steady(200), steady(400), steady(100), at_least=0.3))
        done = self.assay("run", "--budget", "100")
        self.assertRegex(done.stdout, r"L-1  supported     0\.[45]\d* of the limit \(faulty/steady/units:100/manual_time\) \[0\.")
        report = (self.only_run() / "report.md").read_text()
        self.assertRegex(report, r"\| 0\.[45]\d* of the limit \(faulty/steady/units:100/manual_time\) \[.*\*\*supported\*\*")
        self.assertIn("the rule is fastest probe / candidate >= 0.3", report)
        self.assertEqual(self.verdicts(self.only_run())["claims_counted"], 2)

    def test_a_share_that_is_missed_is_refuted(self):
        self.write_register(self.limit(steady(200), steady(100), at_least=0.95))
        self.assay("run", "--budget", "100", says="L-1  refuted")

    def test_what_says_its_work_stands_in_a_roofline(self):
        self.write_register(self.limit("works", "moves", at_least=0.95))
        self.assay("run", "--budget", "100", says="L-1  refuted")
        run = self.only_run()
        self.assertEqual(json.loads((run / "run.json").read_text())["work"],
                         {"faulty/moves": {"bytes": 800}, "faulty/works": {"bytes": 800, "words": 100}})
        (roofline,) = [f for f in json.loads((run / "figures.json").read_text())["figures"] if f["kind"] == "roofline"]
        self.assertEqual([roof["name"] for roof in roofline["bandwidth"]], ["faulty/moves"])
        self.assertEqual([(k["name"], k["intensity"]) for k in roofline["kernels"]], [("faulty/works", 0.125)])

    def test_what_is_faster_than_its_limit_is_invalid(self):
        self.write_register(self.limit(steady(100), steady(200), steady(400), at_least=0.95))
        self.assay("run", "--budget", "100", expect=INVALID,
                   says="faster than the limit that the probes measured: the fastest of them, faulty/steady/units:200/manual_time")


def behaviour(name, candidate):
    return f"""
```toml
id = "{name}"
claim = "it does what it should"
source = "a test"
candidate = "faulty/{candidate}"
rule = {{ kind = "behaviour" }}
means = {{ supported = "rely on it", refuted = "do not" }}
```
"""


class Behaviours(ProgramTest):
    """Benchmarks that say by a counter whether something holds."""

    def test_one_that_holds_is_decided_at_the_first_look(self):
        self.write_register(settings([3, 1000]), behaviour("H-1", "holds"))
        self.assay("run", "--budget", "100", says="H-1  supported     holds in 3 of 3 rounds")
        verdicts = self.verdicts(self.only_run())
        self.assertEqual((verdicts["finish"], verdicts["claims_counted"]), ("decided", 0))
        self.assertIn("rely on it", (self.only_run() / "report.md").read_text())
        self.assay("judge", self.only_run(), says="supported")

    def test_one_that_fails_is_refuted_by_the_round_it_fails_in(self):
        self.write_register(settings([1000]), behaviour("H-1", "breaks"))
        self.assay("run", "--budget", "100", says="H-1  refuted       holds in 0 of 1 rounds")
        self.assertEqual(rounds_ended(self.only_run()), 1)

    def test_it_needs_no_rounds_for_a_level_and_no_time(self):
        self.write_register(settings([1000]), behaviour("H-1", "holds"))
        self.assay("run", "--dry-run", "--budget", "0.001", says="H-1: faulty/holds")
        self.assay("run", "--budget", "0.001", says="H-1  supported")

    def test_it_takes_nothing_from_the_level_of_claims_and_no_control_touches_it(self):
        self.write_register(GOOD, behaviour("H-1", "holds"),
                            control("CONTROL/wrong", steady(400), steady(100), 1.0))
        self.assay("run", "--budget", "100", expect=INVALID)
        self.assertEqual(self.verdicts(self.only_run())["claims_counted"], 1)
        self.assertEqual(self.verdict_of(self.only_run(), "GOOD-1"), "invalid")
        self.assertEqual(self.verdict_of(self.only_run(), "H-1"), "supported")

    def test_a_counter_that_is_neither_is_invalid(self):
        self.write_register(behaviour("H-1", "holds-by-half"))
        self.assay("run", "--budget", "100", expect=INVALID,
                   says="holds of faulty/holds-by-half is 0.5: a behaviour holds (1) or not (0)")

    def test_a_benchmark_without_the_counter_is_refused(self):
        self.write_register(behaviour("H-1", steady(100)))
        self.assay("run", expect=USAGE, says='H-1: "faulty/steady/units:100/manual_time" reports no metric "holds"')
        self.assert_nothing_was_measured()

    def test_an_error_and_an_absence_are_those_of_any_benchmark(self):
        self.write_register(behaviour("H-1", "error"), behaviour("H-2", "not-run"))
        self.assay("run", "--budget", "100", expect=INSTRUMENT)
        self.assertEqual(self.verdict_of(self.only_run(), "H-1"), "invalid")
        self.assertEqual(self.verdict_of(self.only_run(), "H-2"), "not run")


class Plans(ProgramTest):
    """What the pilot says before anything is kept."""

    HOPELESS = entry("EQ-1", steady(200), steady(100), 'kind = "equivalence", margin = 1.0000001')

    def test_what_cannot_come_within_its_margin_is_refused_with_the_rounds_that_would_do(self):
        self.write_register(self.HOPELESS)
        self.assay("run", "--budget", "3", expect=USAGE, says=["EQ-1 needs about ", "--anyway"])
        self.assertFalse(self.results.exists())

    def test_what_nothing_can_be_bounded_of_is_measured_anyway(self):
        self.write_register(GOOD)
        self.assay("run", "--budget", "0.001", expect=USAGE, says="to be bounded at all")
        self.assay("run", "--budget", "0.001", "--anyway", "--output", self.results / "run", says="not decidable: ")
        self.assertEqual(self.verdict_of(self.results / "run", "GOOD-1"), "inconclusive")
        self.assertEqual(rounds_ended(self.results / "run"), 1)

    def test_no_figures_are_drawn_until_it_is_judged(self):
        self.write_register(GOOD)
        run = self.results / "run"
        self.assay("run", "--budget", "0.001", "--anyway", "--no-figures", "--output", run)
        self.assertFalse((run / "plots").exists())
        self.assertIn("`assay judge` draws them", (run / "report.md").read_text())
        before = (run / "verdicts.json").read_bytes()
        self.assay("judge", run)
        self.assertNotIn("`assay judge` draws them", (run / "report.md").read_text())
        self.assertEqual((run / "verdicts.json").read_bytes(), before)

    def test_it_may_be_measured_anyway_and_refuted(self):
        self.write_register(self.HOPELESS)
        self.assay("run", "--budget", "3", "--anyway", "--output", self.results / "run", says="hardly decidable")
        self.assertEqual(self.verdict_of(self.results / "run", "EQ-1"), "refuted")

    def test_a_dry_run_says_how_many_rounds_a_margin_needs(self):
        self.write_register(entry("EQ-1", steady(200), steady(100), 'kind = "equivalence", margin = 9'))
        self.assay("run", "--dry-run", "--budget", "100", says=["EQ-1: about ", "rounds to come within its margin"])


class Refusals(ProgramTest):
    """What is wrong with the register or the command line is said before anything is measured."""

    def refuse(self, *arguments, says, expect=USAGE):
        done = self.assay(*arguments, expect=expect, says=says)
        self.assert_nothing_was_measured()
        return done

    def test_a_benchmark_that_no_instrument_has(self):
        self.write_register(GOOD, entry("BAD-1", steady(200), "stedy/units:100/manual_time"))
        line = self.register.read_text().split("\n").index('id = "BAD-1"') + 1
        self.refuse("run", says=f'{self.register}:{line}: BAD-1: no benchmark matches "faulty/stedy/units:100/manual_time"; '
                                'did you mean "faulty/steady/units:100/manual_time"?')
        self.refuse("run", "GOOD-1", says="BAD-1")  # also if it is not selected

    def test_a_counter_that_a_benchmark_does_not_report(self):
        bad = entry("BAD-1", "counter", steady(400), more='metric = "bytes"\ncompare = "difference"')
        self.write_register(GOOD, bad)
        line = self.register.read_text().split("\n").index('id = "BAD-1"') + 1
        self.refuse("run", says=[f'{self.register}:{line}: BAD-1: "faulty/steady/units:400/manual_time" reports no metric "bytes"; '
                                 "it reports ", "cpu_time, real_time"])

    def test_more_threads_than_cpus(self):
        self.write_register(entry("BAD-1", steady(400), "threads/100/real_time/threads:2"))
        cpus = sorted(os.sched_getaffinity(0))
        self.refuse("run", "--core", str(cpus[0]),
                    says=['BAD-1: "faulty/threads/100/real_time/threads:2" runs 2 threads', "--core 0,1"])
        if len(cpus) > 1:
            self.assay("run", "--budget", "100", "--core", f"{cpus[0]},{cpus[1]}", expect=DONE)

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "one CPU")
    def test_an_instrument_of_several_threads_has_as_many_cpus(self):
        cpus = sorted(os.sched_getaffinity(0))
        for name, candidate, expected in (("two", "threads/100/real_time/threads:2", [cpus[-1], cpus[-2]]),
                                          ("one", steady(100), [cpus[-1]])):
            self.write_register(entry("CPUS-1", steady(400), candidate))
            self.assay("run", "--budget", "100", "--output", self.results / name, expect=DONE)
            run = json.loads((self.results / name / "run.json").read_text())
            self.assertEqual(run["cores"], cpus[-1:])
            self.assertEqual([i["cores"] for i in run["instruments"].values()], [expected])

    def test_an_executable_that_does_not_serve_is_skipped_by_name(self):
        self.instruments = self.folder / "instruments"
        self.instruments.mkdir()
        shutil.copy(FAULTY, self.instruments)
        stock = self.instruments / "stock"
        stock.write_text("#!/bin/sh\necho 'unrecognised flag'; exit 1\n")
        stock.chmod(0o755)
        self.write_register(GOOD)
        self.refuse("run", "--dry-run", "--budget", "100", expect=DONE, says=f"skipped: {stock}: does not serve slices")
        (self.instruments / FAULTY.name).unlink()
        self.refuse("run", expect=INSTRUMENT, says=f"{stock}: does not serve slices")

    def test_a_word_that_selects_nothing(self):
        self.write_register(GOOD)
        self.refuse("run", "GODO-1", says=['no id, family or tag is "GODO-1"', "assay list"])
        self.refuse("list", "GODO-1", says='no id, family or tag is "GODO-1"')

    def test_a_malformed_register_with_all_its_errors_at_once(self):
        self.write_register(GOOD.replace("threshold", "treshold"),
                            entry("BAD-1", steady(200), "x", 'kind = "bound"'))
        self.refuse("run", says=['unknown key "rule.treshold"; did you mean "threshold"?', "BAD-1"])

    def test_a_register_that_cannot_be_read(self):
        self.refuse("run", says=f"{self.register}: cannot read the register; name one with --register FILE")

    def test_a_budget_that_cannot_decide(self):
        self.write_register(GOOD)
        says = ["needs 8 rounds to be bounded at all", "give at least"]
        self.refuse("run", "--budget", "0.001", says=says)
        self.refuse("run", "--budget", "0.001", "--dry-run", says=[*says, "cannot decide"])

    def test_a_dry_run_measures_nothing_and_says_whether_it_can_decide(self):
        self.write_register(GOOD)
        done = self.refuse("run", "--dry-run", "--budget", "100", expect=DONE,
                           says="bounded from 8 rounds on: can decide")
        self.assertIn("GOOD-1: faulty/steady/units:200/manual_time against faulty/steady/units:100/manual_time", done.stdout)

    def test_arguments_that_are_none(self):
        self.write_register(GOOD)
        for arguments in (["run", "--bugdet", "3"], ["rnu"], [], ["run", "--budget", "-1"], ["run", "--budget", "many"],
                          ["judge"], ["verdict", "x", "--most-unsettled", "2"], ["run", "--core", "x"]):
            with self.subTest(arguments=arguments):
                self.refuse(*arguments, says="--help")

    def test_help_and_version_are_no_errors(self):
        self.assay("--help", says="Exit codes:")
        self.assay("run", "--help", says="--resume")
        self.assertRegex(self.assay("--version").stdout, r"^assay \d+\.\d+\.\d+\n$")

    def test_a_cpu_that_is_not_there(self):
        self.write_register(GOOD)
        self.refuse("run", "--core", "999", says=["--core: CPU 999 is not available", "the CPUs here are"])

    def put_instruments(self, *names, of=FAULTY):
        self.write_register(GOOD)
        self.instruments = self.folder / "instruments"
        self.instruments.mkdir(exist_ok=True)
        for name in names:
            shutil.copy2(of, self.instruments / name)

    def test_a_folder_without_instruments(self):
        self.put_instruments()
        (self.instruments / "notes.txt").write_text("not executable")
        says = ["no instrument in this folder", "build first"]
        self.refuse("run", says=says)
        self.instruments = self.folder / "nowhere"
        self.refuse("run", says=says)

    def test_two_instruments_with_benchmarks_of_the_same_name(self):
        self.put_instruments("one", "two")
        self.refuse("run", says=[f'{self.instruments}/two: the benchmark "faulty/argument/iterations:100" is in one too', "rename one"])

    def test_an_executable_that_does_not_serve(self):
        self.put_instruments()
        cases = {"exit 3": "exited with code 3", "kill -9 $$": "killed by signal 9", "exec sleep 100": "no greeting",
                 "echo hello": "no greeting", "echo '{}'": "no greeting"}
        for script, how in cases.items():
            with self.subTest(script=script):
                path = self.instruments / "stock"
                path.write_text(f"#!/bin/sh\n{script}\n")
                path.chmod(0o755)
                self.refuse("run", "--slice-timeout", "1", expect=INSTRUMENT,
                            says=[f"{path}: does not serve slices: {how}",
                                  "link assay::instrument_main in place of benchmark_main"])

    def test_a_greeting_of_wrong_types(self):
        self.put_instruments()
        path = self.instruments / "odd"
        cases = {'"assay_protocol": "1"': "no greeting", '"context": []': 'the "context" of its greeting',
                 '"benchmarks": 5': 'the "benchmarks" of its greeting', '"benchmarks": [5]': "has no name",
                 '"benchmarks": [{"name": 5}]': "has no name", '"benchmarks": [{}]': "has no name"}
        cases |= {f'"benchmarks": [{{"name": "f/a", "fixed_iterations": {fixed}}}]': 'the "fixed_iterations"'
                  for fixed in ("0", "-1", "1.5", '"7"')}
        for keys, how in cases.items():
            with self.subTest(keys=keys):
                first = "" if "assay_protocol" in keys else '"assay_protocol": 1, '
                path.write_text(f"#!/bin/sh\necho '{{{first}{keys}}}'\nexec cat >/dev/null\n")
                path.chmod(0o755)
                self.refuse("run", expect=INSTRUMENT, says=[f"{path}: does not serve slices: ", how])

    def test_a_file_that_cannot_be_executed(self):
        self.put_instruments()
        path = self.instruments / "broken"
        path.write_text("#!/nowhere/interpreter\n")
        path.chmod(0o755)
        self.refuse("run", expect=INSTRUMENT, says=f"{path}: cannot be started: No such file or directory")


class Commands(ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        shutil.copytree(finished_run(), self.run_folder)
        shutil.copy(self.run_folder / "register.md", self.register)

    def test_list(self):
        done = self.assay("list")
        self.assertIn("GOOD-1  the first takes half as long again\n    baseline / candidate >= 1.5: "
                      "faulty/steady/units:200/manual_time against faulty/steady/units:100/manual_time\n", done.stdout)
        self.assertIn("CONTROL/twice", done.stdout)
        self.assertEqual(self.assay("list", "--ids").stdout, "GOOD-1\nBAD-1\n")
        self.assertEqual(self.assay("list", "--ids", "BAD-1").stdout, "BAD-1\n")
        self.assertEqual(self.assay("list", "--families").stdout, "faulty\n")

    def test_verdict(self):
        self.assertEqual(self.assay("verdict", self.run_folder, "GOOD-1").stdout, "GOOD-1: supported\n")
        self.assertEqual(self.assay("verdict", self.run_folder, "BAD-1").stdout, "BAD-1: refuted\n")
        self.assay("verdict", self.run_folder, "GODO-1", expect=USAGE, says='no verdict on "GODO-1"')
        self.assay("verdict", self.folder, "GOOD-1", expect=DATA, says=["no verdicts here", "judge the run first"])

    def test_most_unsettled(self):
        self.assay("verdict", self.run_folder, "--most-unsettled", "0", says="0 of 2 claims have no verdict")
        path = self.run_folder / "verdicts.json"
        document = json.loads(path.read_text())
        document["experiments"][0]["verdict"] = "inconclusive"
        path.write_text(json.dumps(document))
        self.assay("verdict", self.run_folder, document["experiments"][0]["id"], expect=INVALID, says="inconclusive")
        self.assay("verdict", self.run_folder, "--most-unsettled", "0.5", says="1 of 2 claims have no verdict")
        self.assay("verdict", self.run_folder, "--most-unsettled", "0.4", expect=INVALID)
        document["experiments"][0]["verdict"] = "not run"  # for want of time, as no benchmark says that it is absent
        path.write_text(json.dumps(document))
        self.assay("verdict", self.run_folder, "--most-unsettled", "0.4", expect=INVALID)
        document["experiments"][0]["comparisons"][0]["failure"] = "not run"
        path.write_text(json.dumps(document))
        self.assay("verdict", self.run_folder, "--most-unsettled", "0", says="0 of 1 claims have no verdict; at most 0% "
                                                                            "may; 1 cannot be run here")

    def test_verdicts_that_are_damaged(self):
        path = self.run_folder / "verdicts.json"
        for text in ("", "nonsense", "[]", "{}", '{"schema": "assay-verdicts/1"}',
                     '{"schema": "assay-verdicts/1", "experiments": [{"id": "GOOD-1"}]}'):
            path.write_text(text)
            for arguments in (["GOOD-1"], ["--most-unsettled", "0"]):
                with self.subTest(text=text, arguments=arguments):
                    self.assay("verdict", self.run_folder, *arguments, expect=DATA, says=str(path))

    def test_an_archived_run_is_judged_the_same(self):
        before = (self.run_folder / "verdicts.json").read_bytes()
        self.assay("archive", self.run_folder)
        self.assertEqual([p.name for p in (self.run_folder / "raw").glob("faulty*")], ["faulty_instrument.json.zst"])
        (self.run_folder / "verdicts.json").unlink()
        self.assay("judge", self.run_folder)
        self.assertEqual((self.run_folder / "verdicts.json").read_bytes(), before)
        self.assay("archive", self.run_folder)  # once more changes nothing
        packed = self.run_folder / "raw/faulty_instrument.json.zst"
        os.truncate(packed, packed.stat().st_size - 10)
        self.assay("judge", self.run_folder, expect=DATA, says=f"{packed}: not a whole zstd file")
        self.assay("archive", self.run_folder, expect=DATA)

    def test_embed(self):
        document = self.folder / "README.md"
        document.write_text("# Before\n\n<!-- assay:summary run -->\nold\n<!-- /assay:summary -->\n\nAfter\n")
        self.assay("embed", document, "--check", expect=DATA,
                   says=["its figures are not those of the runs it names", f"assay embed {document}"])
        self.assertIn("old", document.read_text())
        self.assay("embed", document)
        text = document.read_text()
        self.assertTrue(text.startswith("# Before\n") and text.endswith("<!-- /assay:summary -->\n\nAfter\n"))
        self.assertNotIn("\nold\n", text)
        for piece in ("GOOD-1", "**supported**", "**refuted**", "(run/report.md)"):
            self.assertIn(piece, text)
        self.assay("embed", document, "--check")
        self.assay("embed", document)
        self.assertEqual(document.read_text(), text)

    def test_embed_some_claims(self):
        document = self.folder / "README.md"
        document.write_text("<!-- assay:summary run GOOD-1 -->\n<!-- /assay:summary -->\n")
        self.assay("embed", document)
        rows = [line for line in document.read_text().splitlines() if line.startswith("| ") and "claim" not in line]
        self.assertEqual(len(rows), 1, rows)
        self.assertIn("GOOD-1", rows[0])
        self.assertIn("Some of them:", document.read_text())
        self.assay("embed", document, "--check")
        document.write_text("<!-- assay:summary run NOWHERE-1 -->\n<!-- /assay:summary -->\n")
        self.assay("embed", document, expect=USAGE, says='nothing is selected by "NOWHERE-1"')

    def test_embed_into_what_it_cannot(self):
        document = self.folder / "README.md"
        self.assay("embed", document, expect=DATA, says=str(document))
        for text, says in (("no block\n", "no block of results"),
                           ("<!-- assay:summary run -->\n", "a block of results is not closed")):
            document.write_text(text)
            self.assay("embed", document, expect=USAGE, says=says)
        document.write_text("<!-- assay:summary nowhere -->\n<!-- /assay:summary -->\n")
        self.assay("embed", document, expect=DATA, says="nowhere/run.json")


class Verify(ProgramTest):
    """The register's history in git: was every entry committed before it was measured?"""

    def setUp(self):
        super().setUp()
        self.register = self.root / "EXPERIMENTS.md"
        self.results = self.root / "results"
        self.environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        self.git("init", "--quiet")

    def git(self, *arguments):
        names = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org"]
        subprocess.run(["git", "-C", self.root, *names, *arguments], check=True, env=self.variables(),
                       stdout=subprocess.DEVNULL)

    def commit(self, *paths):
        self.git("add", "--", *paths)
        self.git("commit", "--quiet", "--message", "one more")

    def measure(self, *words):
        self.assay("run", *words, "--budget", "100", "--output", self.results / "run")
        return self.results / "run"

    def test_an_entry_committed_before_it_was_measured(self):
        self.write_register(GOOD)
        self.commit(self.register)
        run = self.measure()
        done = self.assay("verify", run, says=["1 entries were registered in", "not recorded in a commit yet"])
        self.assertEqual(done.stderr, "")
        self.commit(run)
        done = self.assay("verify", run, says="which ")
        self.assertNotIn("note:", done.stdout)

    def test_an_entry_changed_after_its_commit(self):
        self.write_register(GOOD)
        self.commit(self.register)
        self.write_register(GOOD.replace("1.5", "1.4"))
        self.assay("verify", self.measure(), expect=DATA,
                   says=["GOOD-1 was changed between its registration and the run",
                         "register, commit, then measure again"])

    def test_an_entry_that_was_not_committed(self):
        self.write_register(GOOD)
        self.commit(self.register)
        self.write_register(GOOD, entry("NEW-1", steady(400), steady(200)))
        run = self.measure("GOOD-1")
        self.assay("verify", run, expect=DATA, says="the register as a whole is not the one that was committed")
        shutil.rmtree(run)
        self.assay("verify", self.measure("NEW-1"), expect=DATA, says="NEW-1 was not registered when the run began")

    def test_a_register_that_was_not_committed(self):
        self.write_register(GOOD)
        other = self.root / "README.md"
        other.write_text("x")
        self.commit(other)
        done = self.assay("verify", self.measure(), expect=DATA, says="the commit has no EXPERIMENTS.md")
        self.assertNotIn("fatal", done.stderr)

    def test_a_run_recorded_in_a_commit_that_does_not_follow(self):
        self.write_register(GOOD)
        self.commit(self.register)
        run = self.measure()
        self.git("checkout", "--quiet", "--orphan", "other")
        self.commit(self.register, run)
        self.assay("verify", run, expect=DATA, says="does not follow the commit")

    def test_a_run_outside_a_repository(self):
        shutil.rmtree(self.root / ".git")
        self.write_register(GOOD)
        done = self.assay("run", "--budget", "100", "--output", self.results / "run")
        self.assertNotIn("fatal", done.stderr)
        self.assay("verify", self.results / "run", expect=DATA, says="the run was not made in a git repository")


class Terminal(ProgramTest):
    COLOUR = re.compile(r"\x1b\[[0-9;]*m")

    def on_terminal(self, *arguments):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(self.command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs,
                                   env=self.variables(), cwd=self.folder)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # a terminal whose other side is closed cannot be read
            while piece := os.read(ours, 65536):
                shown += piece
        os.close(ours)
        self.assertEqual(process.wait(SECONDS), DONE, shown)
        return shown.decode()

    def test_plain_lines_where_there_is_no_terminal(self):
        self.write_register(GOOD)
        done = self.assay("run", "--budget", "100")
        self.assertNotRegex(done.stdout + done.stderr, r"[\x1b\r]")
        self.assertRegex(done.stderr, r"(?m)^round 1: 1 of 1 comparisons open; widest GOOD-1 .* s left at most$")
        self.assertRegex(done.stdout, r"(?m)^GOOD-1  supported .*x \[.*\]$")

    def test_colours_on_a_terminal_unless_they_are_unwanted(self):
        run = finished_run()
        self.assertRegex(self.on_terminal("judge", run), self.COLOUR)
        self.environment = {"NO_COLOR": "1"}
        shown = self.on_terminal("judge", run)
        self.assertIn("supported", shown)
        self.assertNotRegex(shown, self.COLOUR)

    def test_progress_is_overwritten_on_a_terminal(self):
        self.write_register(settings([1000000]), GOOD)
        self.environment = {"NO_COLOR": "1"}
        shown = self.on_terminal("run", "--budget", "5")
        self.assertGreaterEqual(len(re.findall(r"\r\x1b\[Kround \d+: [^\n]*?at most", shown)), 2)
        self.assertEqual(len(re.findall(r"round \d+: [^\n]*\n", shown)), 1)  # one line, ended once
        self.assertNotRegex(shown, self.COLOUR)


if __name__ == "__main__":
    program = unittest.main(exit=False)
    all_skipped = program.result.testsRun == 0 or len(program.result.skipped) == program.result.testsRun
    sys.exit(1 if not program.result.wasSuccessful() else 77 if all_skipped else 0)
