#!@ASSAY_NUMPY_PYTHON@
"""numpy as an instrument: it serves slices of what a Python user would write, as
benches/support/serve.hpp says. Every ufunc writes into memory made beforehand."""

import gc
import json
import os
import sys
import time

import numpy

HV_BYTES = 256
ROWS = 1000
SEED = 16


def popcounts_into(words, scratch):
    """Replaces each 64-bit word by the number of its set bits (numpy 1 has no ufunc for it), by
    the parallel sums of Warren, Hacker's Delight, 5-1: the fastest of the ways tried."""
    word = numpy.uint64
    numpy.right_shift(words, word(1), out=scratch)
    numpy.bitwise_and(scratch, word(0x5555555555555555), out=scratch)
    numpy.subtract(words, scratch, out=words)
    numpy.right_shift(words, word(2), out=scratch)
    numpy.bitwise_and(scratch, word(0x3333333333333333), out=scratch)
    numpy.bitwise_and(words, word(0x3333333333333333), out=words)
    numpy.add(words, scratch, out=words)
    numpy.right_shift(words, word(4), out=scratch)
    numpy.add(words, scratch, out=words)
    numpy.bitwise_and(words, word(0x0F0F0F0F0F0F0F0F), out=words)
    numpy.multiply(words, word(0x0101010101010101), out=words)
    numpy.right_shift(words, word(56), out=words)


def random_hypervectors(count, seed):
    """(count, 32) words of fair bits."""
    return numpy.random.default_rng(seed).integers(0, 2**64, size=(count, HV_BYTES // 8), dtype=numpy.uint64)


def as_int(words):
    return int.from_bytes(words.tobytes(), "little")


class Similarity:
    """Hamming distances of one query to 1,000 rows."""

    name = "peer/similarity-1000/numpy"
    bytes_per_iteration = (ROWS + 1) * HV_BYTES

    def __init__(self):
        self.rows = random_hypervectors(ROWS, SEED)
        self.query = random_hypervectors(1, SEED + 1)[0]
        self.bits = numpy.empty_like(self.rows)
        self.scratch = numpy.empty_like(self.rows)
        self.distances = numpy.empty(ROWS, dtype=numpy.uint64)

    def run(self):
        numpy.bitwise_xor(self.rows, self.query, out=self.bits)
        popcounts_into(self.bits, self.scratch)
        numpy.sum(self.bits, axis=1, out=self.distances)

    def is_right(self):
        self.run()
        query = as_int(self.query)
        return [(as_int(row) ^ query).bit_count() for row in self.rows] == self.distances.tolist()


class Bind:
    """XOR of two hypervectors."""

    name = "peer/bind/numpy"
    bytes_per_iteration = 3 * HV_BYTES

    def __init__(self):
        self.a, self.b = random_hypervectors(2, SEED)
        self.out = numpy.empty_like(self.a)

    def run(self):
        numpy.bitwise_xor(self.a, self.b, out=self.out)

    def is_right(self):
        self.run()
        return as_int(self.out) == as_int(self.a) ^ as_int(self.b)


BENCHMARKS = {kind.name: kind for kind in (Similarity, Bind)}


def record_of(benchmark, iterations):
    """Google Benchmark's record of one run of so many iterations."""
    run = benchmark.run
    times = range(iterations)
    cpu = time.process_time_ns()
    real = time.perf_counter_ns()
    for _ in times:
        run()
    real = time.perf_counter_ns() - real
    cpu = time.process_time_ns() - cpu
    return {"name": benchmark.name, "run_name": benchmark.name, "run_type": "iteration", "repetitions": 1,
            "repetition_index": 0, "threads": 1, "iterations": iterations, "real_time": real / iterations,
            "cpu_time": cpu / iterations, "time_unit": "ns",
            "bytes_per_second": benchmark.bytes_per_iteration * iterations / max(real, 1) * 1e9, "label": "numpy"}


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


class Server:
    """Makes a benchmark, and checks it, when it is first asked for."""

    def __init__(self):
        self.ready = {}

    def answer(self, line):
        try:
            request = json.loads(line)
            name, iterations = request["benchmark"], request["iterations"]
        except (ValueError, TypeError, KeyError):
            name = iterations = None
        if not isinstance(name, str) or not is_count(iterations):
            return {"benchmark": "", "error": f"no request: {line}"}
        if name not in BENCHMARKS:
            return {"benchmark": name, "error": "no benchmark has this name"}
        if name not in self.ready:
            benchmark = BENCHMARKS[name]()
            self.ready[name] = benchmark if benchmark.is_right() else None
        if self.ready[name] is None:
            return {"benchmark": name, "error": "wrong result: it differs from Python's integers"}
        return record_of(self.ready[name], iterations)


def greeting():
    context = {"executable": sys.argv[0], "num_cpus": os.cpu_count(),
               "python": sys.version.split()[0], "numpy": numpy.__version__}
    return {"assay_protocol": 1, "context": context,
            "benchmarks": [{"name": name, "fixed_iterations": None} for name in sorted(BENCHMARKS)]}


def serve():
    gc.disable()  # as timeit does; a slice makes no cycles
    print(json.dumps(greeting()), flush=True)
    server = Server()
    for line in sys.stdin:
        print(json.dumps(server.answer(line.rstrip("\n"))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["--assay_serve"]:
        sys.exit(f"{sys.argv[0]}: it only serves slices: --assay_serve, and requests on standard input")
    serve()
