"""Tests of the instrument that numpy is: that it speaks as benches/support/serve.hpp says."""

import json
import os
import subprocess
import unittest
from pathlib import Path

import numpy

import numpy_instrument

BUILD = Path(os.environ.get("ASSAY_BUILD", Path(__file__).resolve().parents[2] / "build/release"))
INSTRUMENT = BUILD / "benches/instruments/numpy"
SECONDS = 60


def served(*lines):
    text = "".join(line + "\n" for line in lines)
    done = subprocess.run([INSTRUMENT, "--assay_serve"], input=text, capture_output=True, text=True,
                          timeout=SECONDS, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Serving(unittest.TestCase):
    def test_greets_with_its_benchmarks(self):
        (greeting,) = served()
        self.assertEqual(greeting["assay_protocol"], 1)
        self.assertEqual(greeting["context"]["numpy"], numpy.__version__)
        self.assertEqual(greeting["benchmarks"], [{"name": "peer/bind/numpy", "fixed_iterations": None},
                                                  {"name": "peer/similarity-1000/numpy", "fixed_iterations": None}])

    def test_answers_each_request_by_a_record_of_so_many_iterations(self):
        names = [item["name"] for item in served()[0]["benchmarks"]]
        answers = served(*(json.dumps({"benchmark": name, "iterations": 3}) for name in names))[1:]
        self.assertEqual([(a["name"], a["iterations"]) for a in answers], [(name, 3) for name in names])
        for answer in answers:
            self.assertGreater(answer["real_time"], 0)
            self.assertGreaterEqual(answer["cpu_time"], 0)

    def test_names_what_is_no_request_and_goes_on(self):
        name = "peer/bind/numpy"
        garbage = ["", "xx", "[]", "7", "{}", json.dumps({"benchmark": 3, "iterations": 1}),
                   *(json.dumps({"benchmark": name, "iterations": n}) for n in (0, -1, 1.5, True, "1"))]
        *answers, unknown, last = served(*garbage, json.dumps({"benchmark": "peer", "iterations": 1}),
                                         json.dumps({"benchmark": name, "iterations": 2}))[1:]
        self.assertEqual([a["error"] for a in answers], [f"no request: {line}" for line in garbage])
        self.assertEqual(unknown, {"benchmark": "peer", "error": "no benchmark has this name"})
        self.assertEqual(last["iterations"], 2)

    def test_does_not_run_by_hand(self):
        done = subprocess.run([INSTRUMENT], capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--assay_serve", done.stderr)


class Results(unittest.TestCase):
    def test_popcounts_are_those_of_python(self):
        words = [0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF]
        array = numpy.array(words, dtype=numpy.uint64)
        numpy_instrument.popcounts_into(array, numpy.empty_like(array))
        self.assertEqual(array.tolist(), [word.bit_count() for word in words])

    def test_a_wrong_result_is_told_and_not_timed(self):
        class Wrong(numpy_instrument.Bind):
            def run(self):
                numpy.bitwise_or(self.a, self.b, out=self.out)

        server = numpy_instrument.Server()
        self.addCleanup(numpy_instrument.BENCHMARKS.update, dict(numpy_instrument.BENCHMARKS))
        numpy_instrument.BENCHMARKS[Wrong.name] = Wrong
        answer = server.answer(json.dumps({"benchmark": Wrong.name, "iterations": 1}))
        self.assertIn("wrong result", answer["error"])


if __name__ == "__main__":
    unittest.main()
