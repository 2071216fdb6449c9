"""Tests of what is counted of trials, and that README.md holds the table of the committed ones."""

import unittest

import trials


def trial(extra, low, high, verdict, seconds=1.0, offered=15.0, **more):
    return {"extra": extra, "low": low, "high": high, "verdict": verdict, "seconds": seconds, "offered": offered,
            "kernel": "bind", "started_at": "2026-11-22T03:01:33Z", "seconds_to_1_percent": 0.5, **more}


class Rows(unittest.TestCase):
    def test_a_null_that_is_called_different_is_a_false_alarm(self):
        pool = [trial(0, 0.99, 1.01, "equivalent"), trial(0, 1.04, 1.05, "refuted"), trial(0, 0.9, None, "inconclusive"),
                trial(0, 0.97, 0.99, "refuted")]
        row = dict(zip(trials.HEAD, trials.row("a", "", 0, pool)))
        self.assertTrue(row["called different"].startswith("-, 2 (at most "))
        self.assertEqual((row["trials"], row["called equal"], row["hours"], row["found in 5 s"]), ("-, 4, -", "-, 25.0%, -", "03", ""))

    def test_extra_work_is_found_in_time_or_not(self):
        pool = [trial(0.01, 1.005, 1.02, "supported"), trial(0.01, 1.005, 1.02, "supported", seconds=7),
                trial(0.01, 0.97, 0.99, "refuted"), trial(0.01, 0.9, 1.1, "inconclusive", offered=5)]
        row = dict(zip(trials.HEAD, trials.row("a", "both", 0.01, pool)))
        self.assertEqual((row["found in 5 s"], row["found in 15 s"]), ("-, 1/4, -", "-, 2/3, -"))
        self.assertEqual((row["wrong sign"], row["called different"], row["extra work"]), ("-, 1, -", "", "1%"))

    def test_what_never_came_to_1_percent_is_the_slowest(self):
        pool = [trial(0, 0.9, 1.1, "inconclusive", seconds_to_1_percent=seconds) for seconds in (0.25, 0.5, None)]
        self.assertEqual(trials.seconds_to_1_percent(pool), "0.50")
        self.assertEqual(trials.seconds_to_1_percent(pool[2:]), "never")

    def test_a_kernel_that_the_calibration_lacks_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no kernel of the calibration: copy"):
            trials.row("a", "", 0, [trial(0, 0.9, 1.1, "inconclusive", kernel="copy")])

    def test_kernels_stand_beside_each_other(self):
        pool = [trial(0.02, 1.01, 1.03, "supported", kernel=kernel) for kernel in ("similarity-1000", "allocate", "allocate")]
        row = dict(zip(trials.HEAD, trials.row("a", "", 0.02, pool)))
        self.assertEqual((row["trials"], row["found in 5 s"]), ("2, -, 1", "2/2, -, 1/1"))


class Document(unittest.TestCase):
    def test_holds_the_table_of_the_committed_trials(self):
        self.assertTrue(trials.committed(), "no trials are committed")
        self.assertIn(trials.report(trials.committed()), (trials.HERE / "README.md").read_text(),
                      "write it anew: docs/study/trials.py --embed")


if __name__ == "__main__":
    unittest.main()
