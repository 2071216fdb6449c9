"""Tests of the instruments' main, on the instrument of faulty benchmarks: serving, and run by hand."""

import json
import os
import subprocess
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("ASSAY_BUILD", Path(__file__).resolve().parents[2] / "build/release"))
INSTRUMENT = BUILD / "benches/faulty/faulty_instrument"
SECONDS = 60


def execute(*arguments, text_in=""):
    return subprocess.run([INSTRUMENT, *arguments], input=text_in, capture_output=True, text=True, timeout=SECONDS)


class Served:
    """What the instrument said to some requests; each is a line, or (benchmark, iterations)."""

    def __init__(self, *requests):
        lines = [r if isinstance(r, str) else json.dumps({"benchmark": r[0], "iterations": r[1]}) for r in requests]
        done = execute("--assay_serve", text_in="".join(line + "\n" for line in lines))
        self.exit_code, self.printed = done.returncode, done.stderr
        self.greeting, *self.answers = [json.loads(line) for line in done.stdout.splitlines()]


class Serving(unittest.TestCase):
    def test_greets_with_its_protocol_its_build_and_every_name_as_the_register_writes_it(self):
        greeting = Served().greeting
        self.assertEqual(greeting["assay_protocol"], 1)
        self.assertIn("assay_compiler", greeting["context"])
        self.assertIn("assay_build_type", greeting["context"])
        fixed = {item["name"]: item["fixed_iterations"] for item in greeting["benchmarks"]}
        for name in ("faulty/steady/units:100/manual_time", "faulty/steady/units:200/manual_time", "faulty/min-time/100",
                     "faulty/repetitions/100/repeats:3", "faulty/argument/iterations:100",
                     "faulty/threads/100/real_time/threads:2"):
            self.assertIsNone(fixed[name], name)
        self.assertEqual(fixed["faulty/fixed/100/iterations:7"], 7)

    def test_ends_with_its_input(self):
        self.assertEqual(Served().exit_code, 0)
        self.assertEqual(Served(("faulty/counter", 3)).exit_code, 0)

    def test_answers_each_request_in_order_with_one_record_of_the_iterations_asked_for(self):
        requests = [("faulty/steady/units:100/manual_time", 30), ("faulty/steady/units:400/manual_time", 10), ("faulty/steady/units:100/manual_time", 20)]
        answers = Served(*requests).answers
        self.assertEqual([(a["name"], a["iterations"]) for a in answers], requests)
        for answer in answers:
            self.assertEqual(answer["run_type"], "iteration")
            self.assertEqual(answer["time_unit"], "ns")
            self.assertGreater(answer["real_time"], 0)
            self.assertGreater(answer["cpu_time"], 0)

    def test_serves_benchmarks_registered_with_their_own_times_repetitions_and_threads(self):
        names = ["faulty/min-time/100", "faulty/repetitions/100/repeats:3", "faulty/threads/100/real_time/threads:2"]
        min_time, repeated, threads = Served(*[(name, 12) for name in names]).answers
        self.assertEqual([min_time["name"], repeated["name"], threads["name"]], names)
        self.assertEqual(min_time["iterations"], 12)
        self.assertEqual((repeated["iterations"], repeated["repetitions"]), (12, 1))
        self.assertEqual((threads["threads"], threads["iterations"]), (2, 24))  # the library adds the threads' up

    def test_keeps_the_iterations_that_a_benchmark_is_fixed_to_and_only_its(self):
        fixed, other = Served(("faulty/fixed/100/iterations:7", 50), ("faulty/steady/units:100/manual_time", 50)).answers
        self.assertEqual((fixed["name"], fixed["iterations"]), ("faulty/fixed/100/iterations:7", 7))
        self.assertEqual(other["iterations"], 50)

    def test_reports_counters(self):
        self.assertEqual(Served(("faulty/counter", 5)).answers[0]["bytes"], 0)

    def test_refuses_a_name_that_it_does_not_have_also_a_pattern(self):
        for name in ("faulty/stedy", "faulty/steady", "faulty/steady/.*", ""):
            self.assertEqual(Served((name, 1)).answers, [{"benchmark": name, "error": "no benchmark has this name"}])

    def test_reports_what_a_benchmark_says_is_wrong_and_goes_on(self):
        answers = Served(("faulty/error", 1), ("faulty/not-run", 1), ("faulty/nan", 4), ("faulty/counter", 4)).answers
        self.assertEqual(answers[0], {"benchmark": "faulty/error", "error": "wrong result: 41 instead of 42"})
        self.assertEqual(answers[1], {"benchmark": "faulty/not-run", "error": "not run: this CPU has no AVX9"})
        self.assertEqual((answers[2]["name"], answers[2]["bytes"]), ("faulty/nan", None))
        self.assertEqual(answers[3]["iterations"], 4)

    def test_names_a_line_that_is_no_request_and_goes_on(self):
        garbage = ["", "xx", "[]", "7", "{}", '{"benchmark": "faulty/counter"}',
                   '{"benchmark": 3, "iterations": 1}', '{"benchmark": "faulty/counter", "iterations": 0}',
                   '{"benchmark": "faulty/counter", "iterations": -1}',
                   '{"benchmark": "faulty/counter", "iterations": 1.5}', '{"benchmark": "faulty/coun', "\x01\x7f"]
        *answers, last = Served(*garbage, ("faulty/counter", 2)).answers
        self.assertEqual([a["error"] for a in answers], [f"no request: {line}" for line in garbage])
        self.assertEqual(last["iterations"], 2)

    def test_answers_in_json_even_when_the_request_is_not_utf8(self):
        done = subprocess.run([INSTRUMENT, "--assay_serve"], input=b"\xff\xfe\n", capture_output=True, timeout=SECONDS)
        self.assertIn("no request", json.loads(done.stdout.splitlines()[1])["error"])

    def test_keeps_what_benchmarks_print_out_of_the_answers(self):
        served = Served(("faulty/prints", 1), ("faulty/counter", 2))
        self.assertEqual([a["name"] for a in served.answers], ["faulty/prints", "faulty/counter"])
        self.assertIn('{"not": "an answer"}', served.printed)

    def test_dies_of_a_crash_with_the_earlier_answers_given(self):
        served = Served(*[("faulty/crash", 1)] * 20)
        self.assertEqual((len(served.answers), served.exit_code), (12, -9))
        served = Served(*[("faulty/exit", 1)] * 20)
        self.assertEqual((len(served.answers), served.exit_code), (12, 9))


class ByHand(unittest.TestCase):
    def test_lists_its_benchmarks_as_the_library_names_them(self):
        done = execute("--benchmark_list_tests=true")
        self.assertEqual(done.returncode, 0)
        names = done.stdout.split()
        self.assertIn("faulty/steady/units:100/manual_time", names)
        self.assertIn("faulty/min-time/100/min_time:0.010/min_warmup_time:0.010", names)
        self.assertIn("faulty/repetitions/100/repeats:3", names)

    def test_runs_what_the_filter_matches_in_the_library_s_own_json(self):
        done = execute("--benchmark_filter=^faulty/(steady/units:100/manual_time|min-time|fixed|repetitions)",
                       "--benchmark_min_time=0.001", "--benchmark_format=json")
        self.assertEqual(done.returncode, 0)
        document = json.loads(done.stdout)
        self.assertIn("assay_compiler", document["context"])
        runs = {}
        for record in document["benchmarks"]:
            if record["run_type"] == "iteration":
                runs.setdefault(record["name"], []).append(record)
        self.assertEqual(runs["faulty/fixed/100/iterations:7"][0]["iterations"], 7)
        self.assertEqual(len(runs["faulty/repetitions/100/repeats:3"]), 3)
        own = runs["faulty/min-time/100/min_time:0.010/min_warmup_time:0.010"][0]
        self.assertGreaterEqual(own["iterations"] * own["cpu_time"], 0.009e9)  # not the 1 ms of the command line
        self.assertIn("faulty/steady/units:100/manual_time", runs)

    def test_fails_when_the_filter_matches_nothing(self):
        self.assertNotEqual(execute("--benchmark_filter=stedy").returncode, 0)

    def test_refuses_a_flag_that_it_does_not_know(self):
        done = execute("--benchmark_filtre=steady")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--benchmark_filtre=steady", done.stderr)


if __name__ == "__main__":
    unittest.main()
