"""Tests of the study: its intervals against published values and against each other, reading, and its own check."""

import contextlib
import io
import lzma
import random
import tempfile
import unittest
from pathlib import Path

import numpy as np

import methods
import record
import study
import traces


class Intervals(unittest.TestCase):
    def test_take_the_ranks_that_tables_give(self):
        self.assertEqual([methods.sign_rank(n, 0.05) for n in (5, 6, 16, 20)], [0, 1, 4, 6])
        self.assertEqual([methods.walsh_rank(n, 0.05) for n in (5, 6, 16, 20)], [0, 1, 30, 53])

    def test_take_the_quantiles_of_student_that_tables_give(self):
        for alpha, df, expected in ((0.05, 1, 12.706), (0.05, 15, 2.131), (0.01, 10, 3.169), (0.001, 30, 3.646)):
            self.assertAlmostEqual(methods.t_quantile(alpha, df), expected, places=3)

    def test_hold_the_centre_of_normal_rounds_as_often_as_they_say(self):
        gates = np.sort(np.random.RandomState(7).normal(size=(4000, 32)) * 1000, axis=1)
        for name, (method, _) in methods.METHODS.items():
            missed = study.alarms(method(gates, 0.05), 0)
            self.assertLess(missed, 0.08, name)
            self.assertGreater(missed, 0.01, name)

    def test_interpolation_lies_between_the_two_sign_intervals_and_at_the_exact_one_where_that_has_the_level(self):
        gates = np.sort(np.random.RandomState(8).normal(size=(50, 16)), axis=1)
        low, _ = methods.sign_interpolated(gates, 0.05)
        self.assertTrue(((low > gates[:, 3]) & (low < gates[:, 4])).all())
        low, high = methods.sign_interpolated(gates, 2 * 697 / 2**16)  # P(Binomial(16, 1/2) < 4) = 697 / 2^16
        self.assertTrue((low == gates[:, 3]).all() and (high == gates[:, 12]).all())

    def test_interpolation_is_exact_for_laplace_s_distribution(self):
        gates = np.sort(np.random.RandomState(10).laplace(size=(100000, 6)), axis=1)
        self.assertAlmostEqual(study.alarms(methods.sign_interpolated(gates, 0.1), 0), 0.1, delta=0.005)

    def test_signed_ranks_count_the_walsh_averages_above_0_also_with_ties_and_zeros(self):
        gates = np.random.RandomState(9).randint(-4, 6, size=(40, 17))
        rows, columns = np.triu_indices(17)
        by_pairs = (gates[:, rows] + gates[:, columns] > 0).sum(axis=1)
        ordered = np.stack([methods.signed_rank_order(gate) for gate in gates])
        self.assertEqual(methods.signed_rank_above(ordered).tolist(), by_pairs.tolist())


def unit(slices, is_b_first, canaries=None):
    return traces.Unit(np.array(slices), np.array(is_b_first), canaries, 0.2, 0.2)


class RoundValues(unittest.TestCase):
    def test_pairs_are_a_against_b_in_either_order(self):
        one = unit([[[7, 1, 2, 9], [1, 7, 9, 2]]], [[False, True]])
        self.assertEqual(one.pairs().tolist(), [[[6, 7], [6, 7]]])
        a, b = one.sides()
        self.assertEqual((a.tolist(), b.tolist()), ([[[7, 9], [7, 9]]], [[[1, 2], [1, 2]]]))

    def test_every_value_is_the_difference_where_b_is_faster_by_a_constant(self):
        rng = np.random.RandomState(3)
        is_b_first = rng.randint(2, size=(6, 12)).astype(bool)
        a = np.where(is_b_first[:, :, None], [0, 1, 1, 0], [1, 0, 0, 1])
        drift = rng.randint(1000, size=(6, 12, 1))
        for name, value in study.ROUND_VALUES.items():
            if value is not study.between_processes:
                self.assertEqual(value(unit(drift + 50 * a, is_b_first)).tolist(), [50] * 6, name)

    def test_selection_looks_at_the_canaries_around_a_block_alone(self):
        canaries = np.zeros((20, 3), int)
        canaries[3, 1] = study.QUIET_CANARY + 1
        around = np.stack([canaries[:, :-1], canaries[:, 1:]], axis=2)
        kept = study.kept_blocks(unit(np.zeros((20, 2, 4), int), np.zeros((20, 2), bool), around), canaries)
        self.assertEqual(np.argwhere(~kept).tolist(), [[3, 0], [3, 1]])


UNITS = {key: {"pair": pair, "slice_ms": 0.2 if key in record.SHORT_KEYS else 0.8, "blocks": 1, "iterations": 10,
               "reference_ns": 2.0} for key, pair in {**record.SHORT_KEYS, **record.LONG_KEYS}.items()}


class Traces(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = Path(scratch.name) / "trace.xz"

    def test_reads_what_the_recorder_writes(self):
        times = [3.0] * 31
        times[1:5] = [2.0, 4.0, 4.0, 2.0]
        slices, canaries = record.compact(UNITS, 3.0, "Bsmctn", times)
        record.write(self.path, {"units": UNITS}, [[0, 50, "Bsmctn", slices, canaries]])
        trace = traces.read_trace(self.path)
        self.assertEqual(trace.short["bind"].slices.tolist(), [[[0, 69315, 69315, 0]]])
        self.assertEqual(trace.short["bind"].pairs().tolist(), [[[69315, 69315]]])
        self.assertEqual(trace.all_canaries.tolist(), [[0] * 7])
        self.assertEqual(sorted(trace.long), sorted(trace.short))

    def test_names_a_damaged_file(self):
        cut_off = lzma.compress(b'["conditions", {}]\n')[:-9]
        for content in (b"", b"xx", lzma.compress(b"[]\n"), lzma.compress(b"{"), cut_off):
            self.path.write_bytes(content)
            with self.assertRaisesRegex(traces.Fault, "trace.xz.*record it again"):
                traces.read_trace(self.path)

    def test_a_schedule_has_each_order_as_often_as_the_other(self):
        schedule = record.schedule_round({"b": {"blocks": 12}, "c": {"blocks": 2}}, random.Random(1))
        self.assertEqual([schedule.count(letter) for letter in "bBcC"], [6, 6, 1, 1])


class Check(unittest.TestCase):
    def test_fails_where_the_page_has_another_figure(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "README.md"
            page.write_text(f"before\n{study.OPENING}\n{study.CLOSING}\nafter\n", encoding="utf-8")
            study.embed("| 0.12 |\n", page)
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(study.check("| 0.12 |\n", page), 0)
                self.assertEqual(study.check("| 0.13 |\n", page), 1)
            self.assertIn("-| 0.12 |\n+| 0.13 |", said.getvalue())
            self.assertTrue(page.read_text().startswith("before\n") and page.read_text().endswith("\nafter\n"))
            page.write_text("no comments", encoding="utf-8")
            with self.assertRaises(traces.Fault):
                study.check("", page)


if __name__ == "__main__":
    unittest.main()
