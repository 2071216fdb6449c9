"""Recorded slices of pairs of twins, as arrays of log times in units of 0.001%."""

import json
import lzma
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PARTS = 100000  # of a natural logarithm
KERNELS = ("bind", "similarity-1000", "clone-heap")


class Fault(Exception):
    """What is wrong with a file, and the mend."""


@dataclass(frozen=True)
class Unit:
    """The slices of one pair of twins at one slice length; R rounds of K blocks.

    slices          (R, K, 4) integers, 100000 ln(time / a reference), in the order run
    is_b_first      (R, K) whether the block ran BAAB instead of ABBA
    canaries        (R, K, 2) the canary before and after each block, in the same units; None if none was recorded
    slice_ms        planned length of a slice
    measured_ms     mean time that a slice took, less what the benchmark and the protocol add to it; 0 if unknown
    """
    slices: np.ndarray
    is_b_first: np.ndarray
    canaries: np.ndarray
    slice_ms: float
    measured_ms: float

    def first_blocks(self, count):
        canaries = None if self.canaries is None else self.canaries[:, :count]
        return Unit(self.slices[:, :count], self.is_b_first[:, :count], canaries, self.slice_ms, self.measured_ms)

    def pairs(self):
        """(R, K, 2) log ratios twin-a / twin-b of adjacent slices."""
        first = self.slices[:, :, 0] - self.slices[:, :, 1]
        second = self.slices[:, :, 3] - self.slices[:, :, 2]
        return np.stack([first, second], axis=2) * np.where(self.is_b_first, -1, 1)[:, :, None]

    def sides(self):
        """twin-a's and twin-b's slices, each (R, K, 2)."""
        outer, inner = self.slices[:, :, [0, 3]], self.slices[:, :, [1, 2]]
        is_b_first = self.is_b_first[:, :, None]
        return np.where(is_b_first, inner, outer), np.where(is_b_first, outer, inner)


@dataclass(frozen=True)
class Trace:
    """A recording: its conditions; units by kernel, short slices and long ones; what a round cost.

    all_canaries    (R, blocks of all units + 1) in the order run
    round_ms        (R,) what each round took, with the start of its process
    """
    name: str
    conditions: dict
    short: dict
    long: dict
    all_canaries: np.ndarray
    round_ms: np.ndarray


def read_lines(path):
    try:
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    except (OSError, EOFError, lzma.LZMAError, ValueError) as problem:
        raise Fault(f"{path}: {problem}; record it again with record.py") from problem


def read_trace(path):
    """The trace that record.py wrote; Fault if it is damaged."""
    head, *rounds = read_lines(path) or [None]
    try:
        _, conditions = head
        units = {key: unit_of(key, fields, rounds) for key, fields in conditions["units"].items()}
        canaries = np.array([canaries for _, _, _, _, canaries in rounds])
        round_ms = np.array([took for _, took, _, _, _ in rounds])
    except (TypeError, ValueError, KeyError, IndexError) as problem:
        raise Fault(f"{path}: not a trace of record.py ({problem}); record it again") from problem
    by_length = [{}, {}]
    for key, unit in units.items():
        by_length[unit.slice_ms > 0.5][Path(conditions["units"][key]["pair"]).name] = unit
    return Trace(path.name.removesuffix(".xz"), conditions, *by_length, canaries, round_ms)


def unit_of(key, fields, rounds):
    slices, is_b_first, canaries = [], [], []
    for _, _, schedule, values, around in rounds:
        places = [block for block, letter in enumerate(schedule) if letter.lower() == key]
        slices.append([values[4 * block:4 * block + 4] for block in places])
        is_b_first.append([schedule[block].isupper() for block in places])
        canaries.append([around[block:block + 2] for block in places])
    slices = np.array(slices)
    ns = np.exp(slices / PARTS) * fields["reference_ns"] * fields["iterations"]
    return Unit(slices, np.array(is_b_first), np.array(canaries), fields["slice_ms"], float(ns.mean()) / 1e6)


NOISE_NAMES = {"bind": "bind", "batch": "similarity-1000", "malloc": "clone-heap"}


def read_noise(path):
    """{kernel: Unit} of a file of lines [benchmark, gate, round, block, [[side, ns] x 4]]."""
    rounds = {}
    for benchmark, gate, number, block, slices in read_lines(path):
        rounds.setdefault(NOISE_NAMES[benchmark], {}).setdefault((gate, number), {})[block] = slices
    return {kernel: noise_unit(of_kernel) for kernel, of_kernel in rounds.items()}


def noise_unit(rounds):
    blocks = [[blocks[block] for block in sorted(blocks)] for blocks in rounds.values()]
    ns = np.array([[[ns for _, ns in slices] for slices in of_round] for of_round in blocks])
    is_b_first = np.array([[slices[0][0] == "b" for slices in of_round] for of_round in blocks])
    return Unit(np.rint(PARTS * np.log(ns)).astype(int), is_b_first, None, 0.0, 0.0)
