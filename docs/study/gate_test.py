"""Tests of the gate's study: what its table counts, and that docs/gate.md holds the table of the committed trials."""

import math
import unittest
from pathlib import Path

import gate

HERE = Path(__file__).resolve().parent


def line(planted, slower, faster=(), **more):
    return {"kind": "suite", "planted": planted, "machine": "Some CPU, 2 cores", "budget": 60.0, "exit": 0,
            "compared": 10, "same": 9, "seconds": 5.0, "rounds": 20, "load": 0.5, "gate": {"slower": list(slower), "faster": list(faster), "layout": []}, **more}


class Table(unittest.TestCase):
    def test_the_planted_one_is_found_and_no_false_alarm(self):
        lines = [line(3, [gate.PLANTED]), line(3, [gate.PLANTED, "a", "b"]), line(3, ["a"], ["c"]), line(0, [])]
        identical, planted = gate.rows_of_judges(lines)
        self.assertEqual(identical[:5] + identical[6:],
                         ("suite", "nothing", "Some CPU", "60", "assay gate", "0", "0 of 1", ""))
        self.assertEqual(planted[5].split(" (")[0], "3 of 27")
        self.assertEqual(planted[6:], ("1", "2 of 3", "2 of 3"))

    def test_machines_and_budgets_stand_apart(self):
        lines = [line(3, []), line(3, [], machine="Another, 4 cores"), line(3, [], budget=30.0),
                 line(3, [], fail_fast=False), line(3, [], fail_fast=True)]
        rows = [(row[2], row[3], row[-1]) for row in gate.rows_of_judges(lines)]
        self.assertEqual(rows, [("Another", "60", "0 of 1"), ("Some CPU", "30", "0 of 1"), ("Some CPU", "60", "0 of 2"),
                                ("Some CPU", "60, fail fast", "0 of 1")])

    def test_what_the_hypervisor_took_is_told_where_it_is_known(self):
        (known,) = gate.rows_of_gates([line(3, [], stolen=0.1), line(3, [], stolen=0.02), line(3, [])])
        (unknown,) = gate.rows_of_gates([line(3, [])])
        self.assertEqual((known[-1], unknown[-1]), ("6%, 10%", ""))

    def test_in_identical_builds_it_is_a_false_alarm(self):
        (row,) = gate.rows_of_judges([line(0, [gate.PLANTED])])
        self.assertEqual(row[5].split(" (")[0], "1 of 10")

    def test_other_judges_stand_beside_the_gate(self):
        said = {"compare.py": {"slower": ["a"], "faster": []}}
        rows = list(gate.rows_of_judges([line(0, [], slices=said, repetitions=said, repeated=4)]))
        self.assertEqual([row[5].split(" (")[0] for row in rows], ["0 of 10", "1 of 10", "1 of 4"])

    def test_bounds_are_exact(self):
        self.assertAlmostEqual(gate.upper_bound(0, 400), 1 - 0.05 ** (1 / 400), places=9)
        self.assertAlmostEqual(sum(math.comb(20, i) * gate.upper_bound(3, 20) ** i
                                   * (1 - gate.upper_bound(3, 20)) ** (20 - i) for i in range(4)), 0.05, places=9)


class Document(unittest.TestCase):
    def test_holds_the_tables_of_the_committed_trials(self):
        files = sorted(HERE.glob("gate-*.jsonl.xz"))
        self.assertTrue(files, "no trials are committed")
        text = (HERE.parent / "gate.md").read_text()
        for table in gate.report([one for path in files for one in gate.read(path)]).split("\n\n"):
            self.assertIn(table, text, "write docs/gate.md anew: docs/study/gate.py show docs/study/gate-*.jsonl.xz")


if __name__ == "__main__":
    unittest.main()
