"""Tests of `assay gate`, run as a user runs it, on builds of one small suite (benches/gate).

Timing is never asserted: a slowdown that must be found is half as much again, and identical code passes whether it
comes out the same or unclear.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree

from program_test import (BUILD, DATA, DONE, FAULTY, INSTRUMENT, INTERRUPTED, INVALID, OUTPUT, PROJECT, SECONDS, USAGE,
                          ProgramTest, children, is_running, rounds_ended)

REGRESSION = 1
SUITES = BUILD / "benches/gate"


class GateTest(ProgramTest):
    def gate(self, baseline, candidate, *arguments, expect=DONE, says=()):
        """Runs the gate; returns what it wrote as JSON, if it did.

        Where times are gated by no margin of a test's own it is wide, so that what is identical is soon told to be so.
        """
        if "--budget" not in arguments:
            arguments = (*arguments, "--budget", "100")
        if not {"--margin", "--metric", "--rules"} & set(arguments):
            arguments = (*arguments, "--margin", "20%")
        self.done = self.assay("gate", "--baseline", baseline, "--candidate", candidate, "--output",
                               self.folder / "gate", *arguments, expect=expect, says=says)
        path = self.folder / "gate/gate.json"
        return json.loads(path.read_text()) if path.exists() else None

    def refuse(self, baseline, candidate, *arguments, says, expect=USAGE):
        self.gate(baseline, candidate, *arguments, expect=expect, says=says)
        self.assertEqual(len(self.done.stderr.strip().splitlines()), 1, self.done.stderr)
        self.assertFalse((self.folder / "gate/gate.json").exists())

    @staticmethod
    def verdicts(answer):
        return {(r["benchmark"], r["metric"]): r["verdict"] for r in answer["results"]}


class Builds(GateTest):
    """Two builds that serve slices."""

    def test_finds_a_planted_slowdown_and_nothing_else(self):
        answer = self.gate(SUITES / "plain", SUITES / "planted-50", "--all", expect=REGRESSION,
                           says=["1 regression", "slower", "suite/planted", "removed   suite/gone/700",
                                 "(renamed? resembles suite/renamed-now/700)"])
        self.assertEqual([r["benchmark"] for r in answer["results"] if r["is_regression"]], ["suite/planted"])
        planted = answer["results"][0]
        self.assertEqual(planted["benchmark"], "suite/planted")
        self.assertLess(1.1, planted["interval"][0])
        self.assertEqual([u["benchmark"] for u in answer["added"]],
                         ["suite/of-the-candidate-alone/700", "suite/renamed-now/700"])
        self.assertEqual([c["benchmark"] for c in answer["controls"] if c["has_failed"]], [])
        self.assertEqual(len(answer["controls"]), 1)

    def assert_ended_at_once(self, answer):
        """No benchmark had a round more than the one that is slower: at so narrow a margin none else is settled."""
        (slower,) = [r for r in answer["results"] if r["is_regression"]]
        self.assertEqual({r["rounds"] for r in answer["results"]}, {slower["rounds"]})

    def test_fail_fast_ends_with_the_first_regression(self):
        self.assert_ended_at_once(self.gate(SUITES / "plain", SUITES / "planted-50", "--fail-fast", "--margin", "0.01%",
                                            expect=REGRESSION))

    def test_passes_a_build_without_one_and_names_a_speedup(self):
        answer = self.gate(SUITES / "plain", SUITES / "same", says="no regression")
        self.assertEqual(answer["removed"] + answer["added"], [])
        self.assertNotIn("slower", self.verdicts(answer).values())
        shutil.rmtree(self.folder / "gate")
        answer = self.gate(SUITES / "planted-50", SUITES / "plain", says="faster")
        self.assertEqual(self.verdicts(answer)["suite/planted", "real_time"], "faster")

    def test_gates_counters(self):
        answer = self.gate(SUITES / "plain", SUITES / "planted-3", "--filter", "counts", "--metric", "bytes,faults",
                           expect=REGRESSION)
        self.assertEqual(self.verdicts(answer), {("suite/counts", "bytes"): "worse",
                                                 ("suite/counts", "faults"): "worse"})
        self.assertEqual(answer["results"][1]["interval"], [4216 / 4096] * 2)

    def test_rules_ignore_show_widen_and_rename(self):
        rules = self.folder / "gate.toml"
        rules.write_text('margin = "20%"\n[[benchmark]]\nmatch = "suite/steady/.*"\nignore = true\n'
                         '[[benchmark]]\nmatch = "suite/planted"\ngate = false\n'
                         '[renamed]\n"suite/renamed/700" = "suite/renamed-now/700"\n')
        answer = self.gate(SUITES / "plain", SUITES / "planted-50", "--rules", rules, "--all", says="shown only")
        self.assertEqual(sorted(answer["ignored"]), [f"suite/steady/{n}" for n in (1000, 2000, 500)])
        self.assertEqual(sorted(r["benchmark"] for r in answer["results"]),
                         ["suite/counts", "suite/planted", "suite/renamed-now/700"])
        rules.write_text('[[benchmark]]\nmatch = "suite/planted"\nmargin = "90%"\n')
        shutil.rmtree(self.folder / "gate")
        answer = self.gate(SUITES / "plain", SUITES / "planted-50", "--rules", rules, "--filter", "planted")
        self.assertEqual(self.verdicts(answer)["suite/planted", "real_time"], "same")

    def test_writes_for_every_reader(self):
        self.environment = {"GITHUB_ACTIONS": "true"}
        self.gate(SUITES / "plain", SUITES / "planted-50", "--json", self.folder / "a.json", "--markdown",
                  self.folder / "a.md", "--junit", self.folder / "a.xml", expect=REGRESSION,
                  says="::error title=assay gate::suite/planted: slower")
        self.assertIn("**slower**", (self.folder / "a.md").read_text())
        self.assertEqual((self.folder / "a.json").read_text(), (self.folder / "gate/gate.json").read_text())
        suite = xml.etree.ElementTree.parse(self.folder / "a.xml").getroot()
        self.assertEqual(suite.get("failures"), "1")
        self.assertEqual(suite.find("testcase/failure/..").get("name"), "suite/planted")

    def test_what_cannot_be_written_is_told_and_the_answer_shown(self):
        self.gate(SUITES / "plain", SUITES / "planted-50", "--markdown", self.folder / "none/a.md", expect=OUTPUT,
                  says=["none/a.md", "1 regression"])

    def test_single_executables_of_other_names(self):
        other = self.folder / "another-name"
        shutil.copy(SUITES / "same/suite", other)
        self.gate(SUITES / "plain/suite", other, says="no regression")


class Faulty(GateTest):
    """Benchmarks that fail: named with their side, and the others are answered."""

    def test_a_benchmark_that_crashes_late(self):
        answer = self.gate(FAULTY.parent, FAULTY.parent, "--filter", "crash", expect=INSTRUMENT)
        self.assertEqual(self.verdicts(answer), {("faulty/crash", "real_time"): "invalid"})
        self.assertRegex(answer["results"][0]["why"], "(baseline|candidate|control): crash: .*killed by signal 9")

    def test_a_benchmark_that_errs(self):
        answer = self.gate(FAULTY.parent, FAULTY.parent, "--filter", "steady|error|not-run",
                           expect=INSTRUMENT, says=["no regression found, but a benchmark failed"])
        verdicts = self.verdicts(answer)
        self.assertEqual(verdicts["faulty/error", "real_time"], "invalid")
        self.assertEqual(verdicts["faulty/not-run", "real_time"], "not run")
        why = {r["benchmark"]: r["why"] for r in answer["results"]}
        self.assertRegex(why["faulty/error"], "baseline: error: wrong result: 41")
        self.assertIn(verdicts["faulty/steady/units:100/manual_time", "real_time"], ("same", "unclear"))

    def test_a_metric_that_becomes_no_number(self):
        """Whichever of the metrics it is, the benchmark has no answer, as after a crash."""
        for metrics, benchmarks in (("bytes", "faulty/(late-)?nan"), ("real_time,bytes", "faulty/late-nan")):
            answer = self.gate(FAULTY.parent, FAULTY.parent, "--filter", benchmarks, "--metric", metrics,
                               expect=INSTRUMENT)
            self.assertEqual({r["verdict"] for r in answer["results"]}, {"invalid"})
            shutil.rmtree(self.folder / "gate")
            why = [result["why"] for result in answer["results"] if result["metric"] == "bytes"]
            self.assertRegex(why[0], "bytes is not a finite number")

    def test_an_executable_that_crashes_at_its_start_is_no_pass(self):
        folder = self.folder / "candidate"
        folder.mkdir()
        shutil.copy(SUITES / "plain/suite", folder / "suite")
        crashing = folder / "crashing"
        crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
        crashing.chmod(0o755)
        answer = self.gate(SUITES / "plain", folder, "--filter", "counts", "--metric", "bytes", expect=INSTRUMENT,
                           says="failed    candidate:")
        self.assertIn("killed by signal 11", answer["failures"][0])

    def test_an_interruption_keeps_what_was_measured(self):
        process = self.start("gate", "--baseline", SUITES / "plain", "--candidate", SUITES / "planted-50", "--output",
                             self.folder / "gate", "--margin", "0.0001%", "--instructions", "also")
        self.wait_until(lambda: rounds_ended(self.folder / "gate") >= 3, process)
        instruments = children(process.pid)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        self.assertIn("interrupted", output)
        self.assertFalse(any(map(is_running, instruments)))
        answer = json.loads((self.folder / "gate/gate.json").read_text())
        self.assertEqual([r["metric"] for r in answer["results"]].count("real_time"), 5)
        self.assertEqual([r["why"] for r in answer["results"] if r["metric"] == "instructions"],
                         5 * ["interrupted before its turn"])

    def test_an_interruption_of_whole_processes_names_what_had_no_turn(self):
        process = self.start("gate", "--baseline", SUITES / "stock-plain", "--candidate", SUITES / "stock-plain",
                             "--output", self.folder / "gate", "--margin", "0.0001%")
        self.wait_until(lambda: (self.folder / "gate/processes").exists(), process)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, errors)
        answer = json.loads((self.folder / "gate/gate.json").read_text())
        self.assertEqual(len(answer["results"]), 7)
        self.assertTrue(all(r["rounds"] > 0 or r["why"] == "interrupted before its turn" for r in answer["results"]))

    def test_an_instrument_that_is_killed(self):
        process = self.start("gate", "--baseline", SUITES / "plain", "--candidate", SUITES / "same", "--output",
                             self.folder / "gate", "--margin", "0.0001%", "--budget", "20")
        self.wait_until(lambda: rounds_ended(self.folder / "gate") >= 3, process)
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            for instrument in children(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(instrument, signal.SIGKILL)
            time.sleep(0.02)
        output, errors = process.communicate(timeout=SECONDS)
        self.assertEqual(process.returncode, INSTRUMENT, errors)
        self.assertIn("gate.json", output)


class Stock(GateTest):
    """Executables with Google Benchmark's own main, and the files that they write."""

    def test_whole_processes_find_a_planted_slowdown(self):
        answer = self.gate(SUITES / "stock-plain", SUITES / "stock-planted-50", "--filter", "planted|counts",
                           "--metric", "real_time,bytes", "--budget", "40", expect=REGRESSION)
        self.assertEqual({(r["benchmark"], r["metric"]) for r in answer["results"] if r["is_regression"]},
                         {("suite/planted", "real_time"), ("suite/counts", "bytes")})
        self.assertEqual({r["evidence"] for r in answer["results"]}, {"whole processes"})
        self.assertEqual(len(answer["controls"]), 1)
        self.assertIn(answer["controls"][0]["benchmark"], ("suite/planted", "suite/counts"))

    def test_a_side_that_serves_is_run_in_whole_processes_beside_one_that_does_not(self):
        self.gate(SUITES / "stock-plain", SUITES / "same", "--filter", "planted", "--margin", "50%",
                  "--budget", "20", says="no regression")

    def test_both_kinds_share_the_level_and_the_budget(self):
        folder = self.folder / "mixed"
        folder.mkdir()
        shutil.copy(SUITES / "stock-plain/suite", folder / "suite")
        shutil.copy(FAULTY, folder / "faulty")
        answer = self.gate(folder, folder, "--filter", "planted|steady/units:100/manual_time$", "--budget", "40", "--margin", "20%")
        self.assertEqual(len(answer["results"]), 2)
        runs = [json.loads((self.folder / "gate" / name).read_text()) for name in ("run.json", "processes/run.json")]
        self.assertEqual([run["register"]["claims_counted"] for run in runs], [2, 2])
        self.assertEqual(runs[0]["budget_seconds"], 20)
        self.assertLess(runs[1]["budget_seconds"], 40)

    def test_fail_fast_ends_with_the_first_regression(self):
        answer = self.gate(SUITES / "stock-plain", SUITES / "stock-planted-50", "--filter", "planted|steady", "--fail-fast",
                           "--margin", "0.01%", "--budget", "60", expect=REGRESSION)
        self.assertEqual(len({r["rounds"] for r in answer["results"]}), 1)

    def test_fail_fast_runs_no_whole_processes_after_a_regression(self):
        folder = self.folder / "mixed"
        folder.mkdir()
        shutil.copy(SUITES / "stock-plain/suite", folder / "suite")
        shutil.copy(FAULTY, folder / "faulty")
        rules = self.folder / "gate.toml"
        rules.write_text('[renamed]\n"faulty/steady/units:100/manual_time" = "faulty/steady/units:200/manual_time"\n')
        answer = self.gate(folder, folder, "--filter", "planted|steady/units:[12]00/manual_time$", "--rules", rules,
                           "--fail-fast", "--budget", "60", expect=REGRESSION)
        self.assertEqual(self.verdicts(answer), {("faulty/steady/units:200/manual_time", "real_time"): "slower",
                                                 ("suite/planted", "real_time"): "not run"})

    def run_suite(self, variant, name, seconds="0.002"):
        path = self.folder / f"{name}.json"
        subprocess.run([SUITES / variant / "suite", f"--benchmark_out={path}", "--benchmark_out_format=json",
                        "--benchmark_repetitions=30", f"--benchmark_min_time={seconds}", "--benchmark_filter=planted"],
                       check=True, capture_output=True)
        return path

    def test_files_of_repetitions_are_weak_evidence(self):
        plain = self.run_suite("stock-plain", "a")
        document = json.loads(plain.read_text())
        for number, record in enumerate(document["benchmarks"]):
            record["real_time"] = 100 + number / 10
        plain.write_text(json.dumps(document))
        for record in document["benchmarks"]:
            record["real_time"] *= 1.5
        slow = self.folder / "b.json"
        slow.write_text(json.dumps(document))
        answer = self.gate(plain, slow, expect=INVALID, says=["weak evidence", "no answer for all benchmarks"])
        self.assertEqual(answer["results"][0]["verdict"], "slower")
        self.assertTrue(answer["results"][0]["is_weak"])

    def test_many_files_of_sides_that_took_turns_are_not(self):
        document = json.loads(self.run_suite("stock-plain", "a").read_text())
        for take_turns, expect, evidence in ((True, REGRESSION, "a file a process"), (False, INVALID, "files of other hours")):
            sides = []
            for number, (side, factor) in enumerate((("before", 1.0), ("after", 1.5))):
                paths = []
                for i in range(12):
                    minute = 2 * i + number if take_turns else 12 * number + i
                    document["context"]["date"] = f"2026-11-21T12:{minute:02}:00+00:00"
                    for record in document["benchmarks"]:
                        record["real_time"] = 100 * factor * (1 + i / 1000)
                    paths.append(self.folder / f"{side}-{i}.json")
                    paths[-1].write_text(json.dumps(document))
                sides.append(",".join(map(str, paths)))
            answer = self.gate(*sides, expect=expect)
            self.assertEqual(answer["results"][0]["evidence"], evidence)
            shutil.rmtree(self.folder / "gate")

    def test_files_that_cannot_be_compared(self):
        plain = self.run_suite("stock-plain", "a")
        cut = self.folder / "cut.json"
        cut.write_text(plain.read_text()[:-40])
        self.refuse(plain, cut, says=["cut.json: is no JSON, or was cut off", "--benchmark_out"], expect=DATA)
        cut.write_text("[]")
        self.refuse(plain, cut, says="cut.json: is no document", expect=DATA)
        self.refuse(plain, SUITES / "plain", says="one side names JSON files, and the other does not")
        self.refuse(plain, self.folder / "none.json", says="none.json: there is no such file")
        other = json.loads(plain.read_text())
        other["context"]["num_cpus"] = 4711
        cut.write_text(json.dumps(other))
        self.gate(plain, cut, expect=INVALID, says="different machines")


@unittest.skipUnless(shutil.which("valgrind"), "no valgrind")
class Instructions(GateTest):
    """Counts, which are the same in every run."""

    def test_counts_alone_find_three_percent_and_nothing_else(self):
        answer = self.gate(SUITES / "plain", SUITES / "planted-3", "--instructions", "only", "--filter",
                           "planted|steady/500", expect=REGRESSION)
        self.assertEqual(self.verdicts(answer), {("suite/planted", "instructions"): "worse",
                                                 ("suite/steady/500", "instructions"): "same"})
        self.assertAlmostEqual(answer["results"][0]["change"], 1.03, delta=0.005)

    def test_counts_stand_beside_times(self):
        answer = self.gate(SUITES / "plain", SUITES / "planted-50", "--instructions", "also", "--filter", "planted",
                           expect=REGRESSION, says="instructions +4")
        self.assertEqual(len(answer["results"]), 2)

    def test_a_benchmark_that_errs_has_no_count_and_fails_the_gate(self):
        answer = self.gate(FAULTY.parent, FAULTY.parent, "--instructions", "only", "--filter",
                           "steady/units:100/manual_time$|error|not-run", expect=INSTRUMENT)
        self.assertEqual(self.verdicts(answer), {("faulty/error", "instructions"): "invalid",
                                                 ("faulty/not-run", "instructions"): "not run",
                                                 ("faulty/steady/units:100/manual_time", "instructions"): "same"})

    def test_what_does_not_serve_cannot_be_counted(self):
        self.gate(SUITES / "stock-plain", SUITES / "stock-plain", "--instructions", "only", "--filter", "planted",
                  expect=INSTRUMENT, says="does not serve slices, which counting needs")


@unittest.skipUnless(shutil.which("git") and shutil.which("cmake"), "no git, or no cmake")
class References(GateTest):
    """Git references, built in work trees of their own."""

    PRESETS = {"version": 4, "configurePresets": [{"name": "release", "generator": "Ninja",
                                                   "binaryDir": "${sourceDir}/build/${presetName}",
                                                   "cacheVariables": {"CMAKE_BUILD_TYPE": "Release"}}]}
    LISTS = """
cmake_minimum_required(VERSION 3.25)
project(one LANGUAGES CXX)
find_package(benchmark REQUIRED)
add_executable(one one.cpp)
target_link_libraries(one PRIVATE benchmark::benchmark_main)
set_target_properties(one PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benches/instruments)
"""
    SOURCE = """
#include <benchmark/benchmark.h>
static void one(benchmark::State& state) {
  for (auto _ : state) for (int i = 0; i < %d; ++i) benchmark::DoNotOptimize(i);
  state.counters["bytes"] = %d;
}
BENCHMARK(one);
"""

    def git(self, *words):
        return subprocess.run(["git", "-C", self.project, "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
                              check=True, capture_output=True, text=True).stdout.strip()

    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        self.project.mkdir()
        (self.project / "CMakePresets.json").write_text(json.dumps(self.PRESETS))
        (self.project / "CMakeLists.txt").write_text(self.LISTS)
        self.git("init", "--quiet")
        for source in (self.SOURCE % (1000, 100), self.SOURCE % (1000, 120), "#error broken"):
            (self.project / "one.cpp").write_text(source)
            self.git("add", "CMakePresets.json", "CMakeLists.txt", "one.cpp")
            self.git("commit", "--quiet", "--message", "a")

    def test_each_is_built_and_the_tree_left_as_it_was(self):
        before = self.git("status", "--porcelain", "--untracked-files=no")
        answer = self.gate("HEAD~2", "HEAD~1", "--repository", self.project, "--metric", "bytes", "--budget", "20",
                           expect=REGRESSION)
        self.assertIn(self.git("rev-parse", "HEAD~2")[:12], answer["baseline"])
        self.assertEqual(self.git("status", "--porcelain", "--untracked-files=no"), before)

    def test_a_tree_that_stands_there_is_brought_back_to_its_commit(self):
        arguments = ("--repository", self.project, "--metric", "bytes", "--budget", "20")
        self.gate("HEAD~2", "HEAD~1", *arguments, expect=REGRESSION)
        tree = self.project / "build/gate" / self.git("rev-parse", "HEAD~2")[:12]
        (tree / "one.cpp").write_text(self.SOURCE % (1000, 120))
        shutil.rmtree(self.folder / "gate")
        self.gate("HEAD~2", "HEAD~1", *arguments, expect=REGRESSION)
        (tree / ".git").unlink()
        (tree / ".git").mkdir()
        self.refuse_after_building("HEAD~2", says="is no work tree of git's", expect=INVALID)

    def test_one_that_does_not_build_names_its_log(self):
        self.refuse_after_building("HEAD", says=["cannot be built", ".log"], expect=INVALID)
        log = next((self.project / "build/gate").glob("*.log"))
        self.assertIn("broken", log.read_text())

    def refuse_after_building(self, reference, says, expect):
        shutil.rmtree(self.folder / "gate", ignore_errors=True)
        self.gate(reference, SUITES / "plain", "--repository", self.project, expect=expect, says=says)

    def test_one_that_is_not_there(self):
        self.refuse("HEAD~9", SUITES / "plain", "--repository", self.project,
                    says=["HEAD~9: is neither a build on disk nor a git reference here", "--deepen"])


@unittest.skipUnless(shutil.which("cmake"), "no cmake")
class Installed(GateTest):
    """A project outside the tree, built against what was installed, and gated by it."""

    def cmake(self, *words):
        done = subprocess.run(["cmake", *words], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_example_is_built_and_its_slowdown_found(self):
        prefix = self.folder / "prefix"
        for component in ("suite", "program"):
            self.cmake("--install", BUILD, "--prefix", prefix, "--component", component)
        self.assertTrue((prefix / "bin/assay").exists())
        for build, slow in (("plain", "OFF"), ("slow", "ON")):
            self.cmake("-S", PROJECT / "docs/example", "-B", self.folder / build, "-DCMAKE_BUILD_TYPE=Release",
                       f"-DCMAKE_PREFIX_PATH={prefix}", f"-DEXAMPLE_SLOW={slow}")
            self.cmake("--build", self.folder / build)
        answer = self.gate(self.folder / "plain", self.folder / "slow", expect=REGRESSION)
        self.assertEqual({r["verdict"] for r in answer["results"]}, {"slower"})
        self.assertEqual({r["evidence"] for r in answer["results"]}, {"served slices"})


class RecordedBaseline(GateTest):
    """A gate's own folder is a record, too."""

    def test_counters_are_compared_and_times_only_by_controls(self):
        self.gate(SUITES / "plain", SUITES / "same")
        record = self.folder / "record"
        (self.folder / "gate").rename(record)
        self.assay("gate", "--recorded", record, "--candidate", SUITES / "planted-3", "--metric", "bytes,real_time",
                   "--output", self.folder / "gate", expect=REGRESSION, says=["suite/counts (bytes)", "no two controls"])
        answer = json.loads((self.folder / "gate/gate.json").read_text())
        self.assertEqual([(r["benchmark"], r["metric"]) for r in answer["results"] if r["is_regression"]],
                         [("suite/counts", "bytes")])
        self.assertEqual({r["verdict"] for r in answer["results"] if r["metric"] == "real_time"}, {"unclear"})

    def test_of_a_gate_the_candidate_is_the_record(self):
        self.gate(SUITES / "plain", SUITES / "planted-50", "--filter", "counts", "--metric", "bytes",
                  expect=REGRESSION)
        record = self.folder / "record"
        (self.folder / "gate").rename(record)
        for suite, code, change in (("planted-50", DONE, 1), ("plain", DONE, 4096 / 6096), ("planted-3", DONE, 4216 / 6096)):
            self.assay("gate", "--recorded", record, "--candidate", SUITES / suite, "--metric", "bytes", "--filter",
                       "counts", "--output", self.folder / suite, expect=code)
            answer = json.loads((self.folder / suite / "gate.json").read_text())
            self.assertEqual([r["change"] for r in answer["results"]], [change])
        self.gate(SUITES / "planted-50", SUITES / "plain", "--filter", "counts", "--metric", "bytes")
        self.assay("gate", "--recorded", self.folder / "gate", "--candidate", SUITES / "planted-3", "--metric", "bytes",
                   "--filter", "counts", "--output", self.folder / "worse", expect=REGRESSION,
                   says="suite/counts (bytes)")

    def test_a_metric_that_becomes_no_number_is_told(self):
        asked = ["--metric", "bytes", "--filter", "faulty/(counter|late-nan)"]
        self.gate(FAULTY.parent, FAULTY.parent, *asked, expect=INSTRUMENT)
        (self.folder / "gate").rename(self.folder / "record")
        self.assay("gate", "--recorded", self.folder / "record", "--candidate", FAULTY.parent, *asked, "--output",
                   self.folder / "gate", expect=INSTRUMENT)
        self.assertIn("bytes is not a finite number", self.folder.joinpath("gate/gate.json").read_text())

    def test_another_machine_is_refused(self):
        self.gate(SUITES / "plain", SUITES / "same", "--filter", "counts")
        path = self.folder / "gate/run.json"
        run = json.loads(path.read_text())
        run["machine"]["fingerprint"] = "0123"
        path.write_text(json.dumps(run))
        self.assay("gate", "--recorded", self.folder / "gate", "--candidate", SUITES / "same", "--output",
                   self.folder / "other", expect=INVALID, says="was recorded on another machine (fingerprint 0123)")
        path.write_text("{")
        self.assay("gate", "--recorded", self.folder / "gate", "--candidate", SUITES / "same", "--output",
                   self.folder / "other", expect=DATA, says="run.json")
        self.assertFalse((self.folder / "other").exists())

    def test_instructions_are_not_recorded(self):
        self.assay("gate", "--candidate", SUITES / "same", "--recorded", self.folder, "--instructions", "only",
                   expect=USAGE, says="holds no counts of instructions")

    def test_one_baseline_must_be_named(self):
        self.assay("gate", "--candidate", SUITES / "same", expect=USAGE)
        self.assay("gate", "--candidate", SUITES / "same", "--baseline", "a", "--recorded", "b", expect=USAGE)


class Refused(GateTest):
    """What is wrong with the command line is said in a line, before anything is measured."""

    def test_builds_that_are_not_there_or_hold_nothing(self):
        self.refuse(self.folder / "none", SUITES / "plain", says=["none: is neither a build on disk nor a git reference", "executable"])
        empty = self.folder / "empty"
        empty.mkdir()
        self.refuse(empty, SUITES / "plain", says=["no executable in this folder", "build first"])
        text = self.folder / "text"
        text.write_text("text")
        self.refuse(SUITES / "plain", text, says="text: is not an executable")
        self.refuse(SUITES / "plain", "/bin/true", says="lists no benchmarks", expect=INSTRUMENT)

    def test_options_that_cannot_be_meant(self):
        plain = SUITES / "plain"
        self.refuse(plain, plain, "--margin", "x", says='"x" is no margin')
        self.refuse(plain, plain, "--filter", "(", says="does not compile")
        self.refuse(plain, plain, "--filter", "nothing-is-called-so", says="no benchmark to compare")
        self.refuse(plain, plain, "--budget", "0.01", says=["need", "rounds to be bounded at all", "give at least"])
        for suite in (plain, SUITES / "stock-plain"):
            self.refuse(suite, suite, "--filter", "planted", "--metric", "byets",
                        says='no benchmark reports "byets" on either side')
        self.refuse(plain, plain, "--core", "4095", says="CPU 4095 is not available")
        rules = self.folder / "gate.toml"
        rules.write_text("margn = 3")
        self.refuse(plain, plain, "--rules", rules, says='gate.toml:1: unknown key "margn"; did you mean "margin"?')
        self.refuse(plain, plain, "--rules", self.folder / "none.toml", says="none.toml", expect=DATA)

    def test_a_folder_that_holds_an_answer_already(self):
        self.gate(SUITES / "plain", SUITES / "same", "--filter", "counts")
        self.assay("gate", "--baseline", SUITES / "plain", "--candidate", SUITES / "same", "--output",
                   self.folder / "gate", expect=USAGE, says="name another with --output")


if __name__ == "__main__":
    program = unittest.main(exit=False)
    all_skipped = program.result.testsRun == 0 or len(program.result.skipped) == program.result.testsRun
    sys.exit(1 if not program.result.wasSuccessful() else 77 if all_skipped else 0)
