"""Tests of the relinks of every instrument: the same code, at other places."""

import json
import os
import re
import subprocess
import unittest
from functools import cache
from pathlib import Path

BUILD = Path(os.environ.get("ASSAY_BUILD", Path(__file__).resolve().parents[1] / "build/release"))
NAMES = sorted(path.name for path in (BUILD / "benches/instruments").iterdir()
               if path.read_bytes()[:4] == b"\x7fELF")  # a script has no code to lay out
LAYOUTS = range(1, 9)
SECONDS = 240
MOST_SERVED = 8


def relink(name, layout):
    return BUILD / "benches/layouts" / str(layout) / name


def files_of(name):
    return [BUILD / "benches/instruments" / name, *(relink(name, layout) for layout in LAYOUTS)]


def output_of(*command, text_in=""):
    done = subprocess.run(command, input=text_in, capture_output=True, text=True, timeout=SECONDS, check=True)
    return done.stdout


@cache
def functions(path):
    """(address, size, symbol) of the timed loops and of the project's functions of external linkage,
    kernels among them, less their cold parts; in the order of the addresses."""
    rows = (line.split() for line in output_of("nm", "--numeric-sort", "--print-size", path).splitlines())
    return [(int(row[0], 16), int(row[1], 16), row[3]) for row in rows
            if len(row) == 4 and (row[2] in "TW" or (row[2] == "t" and "time_" in row[3]))
            and row[3].startswith("_ZN5assay") and ".cold" not in row[3]]


@cache
def instructions(path):
    """By the address of every function, its instructions and what follows up to the next one that has a name:
    (address, instruction), less the addresses in them, which are the linker's."""
    listing = output_of("objdump", "--disassemble", "--no-show-raw-insn", path)
    found = {}
    for block in re.split(r"\n\n+", listing):
        head, *lines = block.splitlines()
        if not re.match(r"[0-9a-f]+ <", head):
            continue
        lines = [re.sub(r"(-?0x[0-9a-f]+)?\(%rip\).*", "(%rip)", line) for line in lines]
        lines = [re.sub(r":\s*(\S+) +[0-9a-f]+ <", r": \1 <", line) for line in lines]  # calls and jumps
        split = [re.fullmatch(r" *([0-9a-f]+):\s*(.*)", line) for line in lines]
        found[int(head.split()[0], 16)] = [(int(at[1], 16), at[2]) for at in split if at]
    return found


@cache
def code(path):
    """(size, instructions) of each function of the project."""
    result = {}
    for address, size, symbol in functions(path):
        lines = [line for at, line in instructions(path)[address] if at < address + size]
        result[symbol] = size, lines
    return result


def served(path, requests):
    lines = "".join(json.dumps({"benchmark": name, "iterations": 1}) + "\n" for name in requests)
    return [json.loads(line) for line in output_of(path, "--assay_serve", text_in=lines).splitlines()]


def benchmarks(path):
    return served(path, [])[0]["benchmarks"]


def sample(names):
    """Of many, some spread evenly: all of them, some of which copy gigabytes, are run by the tests that measure."""
    return names[::max(1, len(names) // MOST_SERVED)]


class Relinks(unittest.TestCase):
    def test_there_are_eight_of_every_instrument(self):
        self.assertIn("bind", NAMES)
        for name in NAMES:
            for layout in LAYOUTS:
                self.assertTrue(os.access(relink(name, layout), os.X_OK), relink(name, layout))

    def test_each_lays_its_functions_in_another_order(self):
        for name in NAMES:
            orders = {tuple(symbol for _, _, symbol in functions(path)) for path in files_of(name)}
            self.assertTrue(any("time_" in symbol for symbol in min(orders)), name)
            self.assertEqual(len(orders), len(files_of(name)))

    def test_each_function_comes_to_lie_elsewhere_in_its_page(self):
        for name in NAMES:
            places = {}
            for path in files_of(name):
                for address, _, symbol in functions(path):
                    places.setdefault(symbol, set()).add(address % 4096)
            for symbol, offsets in places.items():
                self.assertGreater(len(offsets), 4, symbol)

    def test_a_timed_loop_starts_at_each_quarter_of_a_line_in_two_where_the_normal_instrument_has_it_at_the_first(self):
        def quarters(path):
            return {symbol: address % 64 for address, _, symbol in functions(path) if "time_" in symbol}

        for name in NAMES:
            normal, *relinks = map(quarters, files_of(name))
            for symbol, quarter in normal.items():
                self.assertEqual(quarter, 0, symbol)
                self.assertEqual(sorted(of[symbol] for of in relinks), [0, 0, 16, 16, 32, 32, 48, 48], symbol)

    def test_each_holds_the_same_functions_and_one_in_turn_is_seen_to_hold_the_same_code(self):
        for index, name in enumerate(NAMES):
            normal, *relinks = files_of(name)
            expected = {symbol: size for _, size, symbol in functions(normal)}
            for path in relinks:
                self.assertEqual({symbol: size for _, size, symbol in functions(path)}, expected, path)
            path = relinks[index % len(relinks)]  # disassembling all would take as long as building them
            for symbol, whole in code(normal).items():
                self.assertEqual(code(path)[symbol], whole, f"{path}: {symbol}")

    def test_each_lists_the_same_benchmarks_and_runs_its_share_of_a_sample_with_the_same_outcome(self):
        def outcome(answer):
            return answer.get("name"), answer.get("label"), answer.get("error")

        for name in NAMES:
            normal, *relinks = files_of(name)
            listed = benchmarks(normal)
            self.assertGreater(len(listed), 0)
            requests = sample([item["name"] for item in listed])
            expected = dict(zip(requests, map(outcome, served(normal, requests)[1:]), strict=True))
            for index, path in enumerate(relinks):
                share = requests[index::len(relinks)]
                self.assertEqual(benchmarks(path), listed, path)
                for request, answer in zip(share, served(path, share)[1:], strict=True):
                    found = outcome(answer)
                    # What cannot be run may depend on the moment: on memory that is free, say.
                    if not any((error or "").startswith("not run: ") for *_, error in (found, expected[request])):
                        self.assertEqual(found, expected[request], f"{path}: {request}")
                    self.assertRegex(found[-1] or "not run: ", "^not run: ")
            for _, _, error in expected.values():
                self.assertRegex(error or "not run: ", "^not run: ")


if __name__ == "__main__":
    unittest.main()
