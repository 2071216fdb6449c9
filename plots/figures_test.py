"""Tests of figures.py, run as a user runs it: a folder in, files, messages and an exit code out."""

import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import traceback
import unittest
import warnings
import xml.etree.ElementTree as xml
from pathlib import Path

import figures
import scales
import style
from roofline import LINE_IN, spread

figures.artist("forest")  # all that a fork would import
SCRIPT = Path(__file__).resolve().parent / "figures.py"
RATIO = "baseline / candidate (above 1: the candidate is better)"


def row(label, verdict, value=None, low=None, high=None, cuts=(), predicted=()):
    return {"id": label, "label": label, "verdict": verdict, "value": value, "low": low, "high": high,
            "cuts": [{"value": v, "label": n} for n, v in cuts],
            "predicted": [{"name": n, "value": v} for n, v in predicted]}


def forest(rows=None, **changes):
    rows = rows or [
        row("BIND-1/stack", "refuted", 1.0, 0.9996, 1.0004, [("cut", 5.0)],
            [("optimistic", 201.0), ("realistic", 1.5), ("pessimistic", 1.0)]),
        row("LOAD-1/mapped", "supported", 2.1, 2.05, 2.16, [("cut", 1.5)], [("optimistic", 500000.0)]),
        row("DEV-1/copy", "not run", cuts=[("cut", 2.0)], predicted=[("realistic", 2.0)]),
    ]
    return {"kind": "forest", "file": "forest-ratios", "title": "Measured against predicted", "x_label": RATIO,
            "log": True, "reference": 1.0, "rows": rows, **changes}


def rounds(**changes):
    noise = random.Random(1)
    points = [[i, 2.1 + noise.gauss(0, 0.02)] for i in range(64)]
    points[40][1] = 60.0
    points[41][1] = None
    return {"kind": "rounds", "file": "rounds-BIND-1", "experiment": "BIND-1", "title": "BIND-1: one value a round",
            "x_label": "round", "y_label": "baseline / candidate", "log": True, "points": points, "value": 2.1,
            "low": 2.09, "high": 2.11, "cuts": [{"value": 5.0, "label": "cut"}],
            "looks": [{"round": 16, "low": 2.05, "high": 2.15}, {"round": 32, "low": None, "high": None}], **changes}


def path(slices=None, **changes):
    noise = random.Random(2)
    slow, fast, pairs = [], [], []
    for i in range(8):
        at = 100 + 7 * (i // 2) + 2 * (i % 2)
        slow.append([at + i % 2, 7.4 + noise.random() / 10])
        fast.append([at + 1 - i % 2, 3.4 + noise.random() / 10])
        pairs.append([slow[-1], fast[-1]])
    points = [[i, 2.1 + noise.gauss(0, 0.02)] for i in range(64)]
    return {"kind": "path", "file": "path-BIND-1", "experiment": "BIND-1",
            "title": "BIND-1: from slices to the verdict", "y_label": "baseline / candidate", "log": True, "round": 32,
            "slices": {"y_label": "real_time, ns an iteration", "log": True,
                       "series": [{"name": "bind/clone", "role": "baseline", "points": slow},
                                  {"name": "bind/refs", "role": "candidate", "points": fast}],
                       "pairs": pairs, **(slices or {})},
            "effects": sorted(a[1] / b[1] for a, b in pairs), "round_value": points[32][1], "points": points,
            "looks": [{"round": 16, "low": 2.05, "high": 2.15}, {"round": 32, "low": 2.09, "high": 2.11}],
            "value": 2.1, "low": 2.09, "high": 2.11, "rule": "baseline / candidate >= 5",
            "accepted": {"low": 5.0, "high": None}, "cuts": [{"value": 5.0, "label": "at least"}],
            "predicted": [{"name": "optimistic", "value": 201.0}, {"name": "realistic", "value": 1.5}],
            "verdict": "refuted", "comparison_verdict": "refuted", "why": "", "comparisons": 1, **changes}


def alone(**changes):
    """A path of a candidate that is judged alone."""
    values = [[100 + i, 2.4 + i / 100] for i in range(8)]
    return path({"series": [{"name": "bind/refs", "role": "candidate", "points": values}], "pairs": []},
                **{"y_label": "real_time, ns an iteration", "effects": [v for _, v in values], **changes})


def sweep(**changes):
    sizes = [1024 << i for i in range(0, 12, 2)]
    return {"kind": "sweep", "file": "sweep-LOAD-1", "experiment": "LOAD-1", "title": "LOAD-1: real time over size",
            "x_label": "size", "y_label": "real time, ns an iteration", "log": True,
            "series": [{"name": "load/read", "role": "baseline",
                        "points": [[s, s / 2, s / 2.1, s / 1.9] for s in sizes]},
                       {"name": "load/mapped", "role": "candidate", "points": [[s, 9e3, 8e3, None] for s in sizes[:-1]]
                        + [[sizes[-1], None, None, None]]}],
            "crossover": {"value": 16384, "low": 8192, "high": None}, **changes}


def roofline(**changes):
    def claims(*verdicts):
        return [{"experiment": f"LIMIT/{verdict}", "verdict": verdict} for verdict in verdicts]

    def rate(name, value, **more):
        return {"name": name, "value": value, "low": value * 0.95, "high": value * 1.05, **more}
    return {"kind": "roofline", "file": "roofline-words", "title": "Roofline", "log": True,
            "x_label": "words for each byte that the kernel moves", "y_label": "words a second",
            "bandwidth": [rate("limit/load/l1", 3e11), rate("limit/load/l2", 1.5e11), rate("limit/load/dram", 1.2e10)],
            "compute": [rate("limit/issue", 4e10)],
            "kernels": [rate("bind/one", 9e9, verdict="supported", claims=claims("supported"), intensity=1 / 24),
                        rate("bind/same", 8.9e9, verdict="refuted", claims=claims("supported", "refuted"), intensity=1 / 24),
                        {**rate("bind/batch", 3e10), "low": None, "verdict": "inconclusive",
                         "claims": claims("inconclusive"), "intensity": 0.25}],
            **changes}


def surface(**changes):
    def section(at, ratios, cross):
        points = [[p, r, None if r is None else r * 0.9, None if r is None else r * 1.1]
                  for p, r in zip((1, 10, 100), ratios)]
        return {"experiment": f"S/{at}", "verdict": "supported", "at": at, "points": points,
                "crossover": dict(zip(("value", "low", "high"), cross))}
    return {"kind": "surface", "file": "surface-S", "title": "Where eager begins to beat cow", "x_label": "percent",
            "x_unit": "%", "y_label": "bytes", "y_unit": "bytes", "log": True,
            "sections": [section(64, [0.5, 0.98, 2.0], [12, 9, 15]), section(1024, [0.2, 0.4, 1.5], [50, 40, None]),
                         section(16384, [0.1, None, 0.8], [None, None, None])], **changes}


def document(*figures):
    return {"schema": "assay-figures/1", "run_id": "20261121T040000Z-4f1c",
            "subtitle": "AMD EPYC, 2 cores, g++ 12.2.0, 2026-11-21", "figures": list(figures)}


def without(figure, key):
    return {k: v for k, v in figure.items() if k != key}


def forked(folder):
    """Exit code, output and errors of figures.py in a fork of this process: as a program of its own it would mostly
    import matplotlib, which this process has done."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                sys.stdout, sys.stderr = (open(fd, "w", buffering=1, errors="backslashreplace", closefd=False)
                                          for fd in (1, 2))
                for one in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
                    warnings.simplefilter("ignore", one)  # as of a program; unittest shows them
                code = figures.main([str(folder)])
            except BaseException:
                traceback.print_exc()
            os._exit(code)  # both streams are written line by line
        status = os.waitpid(child, 0)[1]
        out.seek(0)
        err.seek(0)
        return os.waitstatus_to_exitcode(status), out.read(), err.read()


class Run:
    """One call of figures.py on a document (or on raw bytes) in a folder."""

    def __init__(self, folder, content=None, environment=None):
        self.folder = Path(folder)
        if content is not None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            (self.folder / "figures.json").write_bytes(data)
        if environment:
            done = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True,
                                  env={**os.environ, **environment}, check=False)
            self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        else:
            self.code, self.out, self.err = forked(folder)
        self.lines = self.err.splitlines()

    def record(self):
        return json.loads((self.folder / "plots" / "drawn.json").read_text())

    def svg(self, name):
        return (self.folder / "plots" / f"{name}.svg").read_text()

    def texts(self, name):
        """The texts of an SVG, lines of one text joined."""
        tree = xml.fromstring(self.svg(name))
        return ["".join(t.itertext()) for t in tree.iter("{http://www.w3.org/2000/svg}text")]


class FigureTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_on(self, *figures):
        return Run(self.folder, document(*figures))

    def assert_failed(self, *bad):
        """Each (figure, why) is named with its reason, one line each, and a good figure after them is still drawn."""
        run = self.run_on(*(figure for figure, _ in bad), forest(file="good"))
        self.assertEqual(run.code, 3, run.err)
        self.assertEqual(run.record()["drawn"], ["good"])
        self.assertEqual(len(run.lines), len(bad), run.err)
        self.assertEqual(len(run.record()["failed"]), len(bad))
        for i, ((_, why), line, failed) in enumerate(zip(bad, run.lines, run.record()["failed"])):
            self.assertIn(f"figures.json: figures[{i}] ({failed['file']}) not drawn: ", line)
            self.assertIn(why, line)
            self.assertIn(why, failed["why"])

    def assert_unusable(self, content, why):
        run = Run(self.folder, content)
        self.assertEqual(run.code, 2)
        self.assertEqual(len(run.lines), 1, run.err)
        self.assertIn("figures.json", run.lines[0])
        self.assertIn(why, run.lines[0])
        self.assertFalse((self.folder / "plots").exists())


class Drawing(FigureTest):
    def test_draws_every_kind_and_says_nothing(self):
        run = self.run_on(forest(), path(), rounds(), sweep(), roofline(), surface())
        self.assertEqual((run.code, run.out, run.err), (0, "", ""))
        names = ["forest-ratios", "path-BIND-1", "rounds-BIND-1", "sweep-LOAD-1", "roofline-words", "surface-S"]
        self.assertEqual((run.record()["drawn"], run.record()["failed"]), (names, []))
        expected = {"drawn.json"} | {f"{n}.{kind}" for n in names for kind in ("svg", "png")}
        self.assertEqual(set(os.listdir(self.folder / "plots")), expected)
        for name in names:
            self.assertEqual((self.folder / "plots" / f"{name}.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
            self.assertTrue(any("AMD EPYC, 2 cores, g++ 12.2.0, 2026-11-21" in t for t in run.texts(name)))

    def test_same_input_gives_the_same_bytes(self):
        figures = (forest(), path(), rounds(), sweep(), roofline(), surface())
        bytes_of = []
        places = ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"})
        for i, settings in enumerate(places):
            folder = self.folder / str(i)
            folder.mkdir()
            (folder / "matplotlibrc").write_text("font.size: 20\nsvg.fonttype: path\n" if i else "")
            Run(folder, document(*figures), environment={**settings, "MATPLOTLIBRC": str(folder)})
            bytes_of.append({p.name: p.read_bytes() for p in (folder / "plots").iterdir()})
        self.assertEqual(len(bytes_of[0]), 13)
        self.assertEqual(bytes_of[0], bytes_of[1])

    def test_leaves_nothing_in_the_source_tree(self):
        before = set(SCRIPT.parent.iterdir())
        Run(self.folder, document(forest()), environment={"PYTHONDONTWRITEBYTECODE": ""})
        self.assertEqual(set(SCRIPT.parent.iterdir()), before)

    def test_no_figures_is_a_drawing_of_none(self):
        run = self.run_on()
        self.assertEqual((run.code, run.record()["drawn"], run.record()["failed"]), (0, [], []))

    def test_what_is_drawn_already_is_left_alone(self):
        picture = self.folder / "plots" / "forest-ratios.svg"
        self.run_on(forest())
        picture.write_text("as it was")
        self.assertEqual(self.run_on(forest()).code, 0)
        self.assertEqual(picture.read_text(), "as it was")
        self.run_on(forest(title="another"))
        self.assertNotEqual(picture.read_text(), "as it was")

    def test_what_is_missing_is_drawn_again(self):
        picture = self.folder / "plots" / "forest-ratios.svg"
        self.run_on(forest())
        picture.unlink()
        self.run_on(forest())
        self.assertTrue(picture.exists())

    def test_many_are_drawn_in_their_order(self):
        figures = [forest(file=f"f{i}") for i in range(40)]
        figures[17] = {"file": "f17", "kind": "pie"}
        run = self.run_on(*figures)
        self.assertEqual(run.code, 3)
        self.assertEqual(run.record()["drawn"], [f"f{i}" for i in range(40) if i != 17])
        self.assertEqual([f["file"] for f in run.record()["failed"]], ["f17"])

    def test_text_is_set_as_written(self):
        run = self.run_on(forest(title="costs $5 < $6 & more: 100%\x00\ud800",
                                 rows=[row("_under$x$", "held", 1.0, 0.9, 1.1, predicted=[("_odd", 1.0)])]))
        self.assertEqual(run.code, 0, run.err)
        self.assertIn("costs $5 < $6 & more: 100%??", run.texts("forest-ratios"))
        self.assertIn("_under$x$", run.texts("forest-ratios"))
        self.assertIn("predicted, _odd", [t.strip() for t in run.texts("forest-ratios")])


class Forest(FigureTest):
    def test_shows_verdicts_values_and_predictions(self):
        texts = self.run_on(forest()).texts("forest-ratios")
        for wanted in ("BIND-1/stack", "LOAD-1/mapped", "DEV-1/copy", "not run", "not run: 1", "refuted: 1",
                       "supported: 1", "1.0000x (0.9996 to 1.0004)  refuted", "2.10x (2.05 to 2.16)  supported",
                       "predicted, optimistic", "predicted, realistic", "predicted, pessimistic", "cut",
                       "reference, 1x", RATIO):
            self.assertIn(wanted, texts)

    def test_far_predictions_stand_beside_the_axis_in_words(self):
        texts = self.run_on(forest()).texts("forest-ratios")
        self.assertIn("off the axis ▶", texts)
        self.assertIn("201x", texts)
        self.assertIn("500,000x", texts)
        ticks = [float(t[:-1]) for t in texts if re.fullmatch(r"[\d.]+x", t) and t != "201x"]
        self.assertLess(max(ticks), 50)

    def test_near_predictions_stand_on_the_axis(self):
        rows = [row("A", "refuted", 2.0, 1.9, 2.1, predicted=[("realistic", 3.0)])]
        self.assertNotIn("off the axis ▶", self.run_on(forest(rows)).texts("forest-ratios"))

    def test_an_interval_too_thin_to_see_keeps_its_marker(self):
        rows = [row("A", "equivalent", 1.0, 1.0, 1.0), row("B", "supported", 9.0, 8.0, 10.0)]
        run = self.run_on(forest(rows))
        # Okabe and Ito's blue with a dark rim: once in the legend and once in the row.
        marks = re.findall(r"<use [^>]*fill: #0072b2; stroke: #1a1a1a", run.svg("forest-ratios"))
        self.assertEqual(len(marks), 2)
        self.assertIn("1.00x (1.00 to 1.00)  equivalent", run.texts("forest-ratios"))

    def test_verdicts_differ_without_colour(self):
        marks = [v["marker"] for v in style.VERDICTS.values()]
        hollow = list(style.PREDICTIONS.values())
        self.assertEqual(len(set(marks)), len(marks))
        self.assertFalse(set(hollow) & set(marks))

    def test_height_follows_the_rows(self):
        tall = []
        for count in (1, 80):
            rows = [row(f"FAM-{i}/size:{i}", "supported", 2.0, 1.9, 2.1) for i in range(count)]
            svg = self.run_on(forest(rows)).svg("forest-ratios")
            tall.append(float(re.search(r'height="([\d.]+)pt"', svg).group(1)))
            self.assertEqual(svg.count(">FAM-"), count)
        self.assertGreater(tall[1], tall[0] + 79 * 15)

    def test_a_long_label_is_folded_not_cut(self):
        long = "LOAD-1/" + "/".join(f"parameter-{i}:value" for i in range(9))
        texts = self.run_on(forest([row(long, "held", 1.0, 0.9, 1.1)])).texts("forest-ratios")
        self.assertIn(long, "".join(texts))

    def test_rows_without_values_are_shown(self):
        rows = [row("A", "not run"), row("B", "invalid")]
        texts = self.run_on(forest(rows, reference=None)).texts("forest-ratios")
        for wanted in ("A", "B", "not run", "invalid: no value"):
            self.assertIn(wanted, texts)

    def test_open_and_endless_intervals_are_told(self):
        rows = [row("A", "inconclusive", 1.2, -3, 9e5), row("B", "supported", 1.5, 1.4, None), row("C", "held", 1.3)]
        texts = self.run_on(forest(rows)).texts("forest-ratios")
        self.assertIn("1.2x (-3.0 to 900,000.0)  inconclusive", texts)
        self.assertIn("1.50x (1.40 to open)  supported", texts)
        self.assertIn("1.30x (no interval)  held", texts)

    def test_a_stated_interval_level_is_shown(self):
        self.assertIn("value (99.9% of the median)  verdict",
                      self.run_on(forest(interval="99.9% of the median")).texts("forest-ratios"))


class PathOfAnExperiment(FigureTest):
    def texts(self, figure):
        run = self.run_on(figure)
        self.assertEqual((run.code, run.err), (0, ""))
        return run.texts("path-BIND-1")

    def test_leads_from_slices_to_the_verdict(self):
        texts = self.texts(path())
        for wanted in ("1  Slices of round 32", "2  Pairs of round 32", "3  Rounds", "4  Verdict",
                       "baseline: bind/clone", "candidate: bind/refs", "position in the round", "pair, by value",
                       "real_time, ns an iteration", "baseline / candidate", "interval at each look",
                       "values by which the rule holds", "cut: at least, 5x", "predicted, realistic, 1.5x",
                       "The last interval against the rule: baseline / candidate >= 5.",
                       "refuted: 2.100x (2.090 to 2.110)", "▶ off the axis: predicted, optimistic, 201x"):
            self.assertIn(wanted, texts)
        self.assertTrue(any(re.fullmatch(r"[\d.]+ ns", t) for t in texts))
        self.assertIn("100", texts)  # the first position of each stretch
        self.assertIn("107", texts)
        self.assertNotIn("101", texts)

    def test_joins_each_pair_by_a_line(self):
        """Pairs are grey lines, thinner than any other."""
        def lines(figure):
            self.run_on(figure)
            return len(re.findall(r'd="M [\d. ]+\nL [\d. ]+\n" [^>]*stroke: #6b6b6b; stroke-width: 0.7;',
                                  (self.folder / "plots" / "path-BIND-1.svg").read_text()))
        self.assertEqual(lines(path()), 8)
        self.assertEqual(lines(path({"pairs": path()["slices"]["pairs"][:3]})), 3)

    def test_a_candidate_judged_alone_has_no_pairs(self):
        texts = self.texts(alone())
        self.assertIn("2  Values of round 32", texts)
        self.assertIn("slice, by value", texts)
        self.assertNotIn("pair", " ".join(texts).lower())

    def test_tells_what_lies_off_the_axes(self):
        figure = path()
        figure["slices"]["series"][0]["points"][3][1] = 900.0
        figure["effects"][-1] = 250.0
        figure["effects"][0] = 0.01
        figure["points"][32][1] = figure["round_value"] = 80.0
        figure["points"][5][1] = None
        figure["looks"][0]["high"] = 900.0
        texts = self.texts(figure)
        for wanted in ("▲ 1 slice of the baseline in 1 above the axis, up to 900 ns",
                       "▲ 1 pair in 2 above the axis, up to 250x", "▼ 1 pair in 2 below the axis, down to 0.01x",
                       "▲ 1 round in 3 above the axis, up to 80x",
                       "× 1 of 64 rounds in 3 without a value",
                       "The interval at 1 of 2 looks runs past the axis of 3."):
            self.assertIn(wanted, texts)

    def test_a_verdict_that_is_not_of_this_comparison_alone_says_so(self):
        texts = self.texts(path(comparisons=2, verdict="invalid", comparison_verdict="supported",
                                why="would be supported, but its control C failed"))
        self.assertIn("invalid: 2.100x (2.090 to 2.110)", texts)
        self.assertIn("this comparison alone: supported", texts)
        self.assertIn("Reason: would be supported, but its control C failed.", texts)
        self.assertTrue(any(t.startswith("against the strongest of 2 rivals") for t in texts))
        self.assertNotIn("this comparison alone", " ".join(self.texts(path())))

    def test_intervals_without_ends(self):
        open_looks = [{"round": 16, "low": None, "high": None}]
        for low, high, wanted in ((None, None, "2.10x (no interval)"), (2.0, None, "2.10x (2.00 to open)"),
                                  (None, 2.2, "2.10x (open to 2.20)"), (1e-9, 9e5, "2.1x (1.00e-09 to 900,000.0)")):
            texts = self.texts(path(low=low, high=high, looks=open_looks, verdict="inconclusive"))
            self.assertTrue(any(wanted in t for t in texts), (wanted, [t for t in texts if "inconc" in t]))
            self.assertNotIn("interval at each look", texts)

    def test_differences_may_be_negative_or_nil(self):
        self.texts(path({"log": False, "series": [{"name": "a", "role": "baseline", "points": [[0, 0], [3, -4]]},
                                                  {"name": "b", "role": "candidate", "points": [[1, 0], [2, 9]]}],
                         "pairs": [[[0, 0], [1, 0]], [[3, -4], [2, 9]]]},
                        log=False, y_label="baseline - candidate: faults", effects=[-13, 0], round_value=-6.5,
                        points=[[0, -6.5]], round=0, value=-6.5, low=-13, high=0, looks=[],
                        rule="baseline - candidate within +-1", accepted={"low": -1, "high": 1},
                        predicted=[{"name": "predicted", "value": 0}],
                        cuts=[{"value": -1, "label": "at least"}, {"value": 1, "label": "at most"}]))

    def test_damage_within_is_refused(self):
        self.assert_failed(
            (path({"series": []}, file="a"), "it has no values"),
            (path({"pairs": [[[100, 1.0], [101, 2.0]]]}, file="b"), "slices.pairs[0] does not join two slices"),
            (path(effects=[], file="c"), "it has no effects"),
            (path(effects=[1.0, 0.0], file="d"), "effects[1] is 0.0, which a log axis cannot show"),
            (path(verdict="maybe", file="e"), 'verdict is "maybe", which is no verdict'),
            (path(accepted={"low": 2.0, "high": 1.0}, file="f"), "accepted has its low end above its high end"),
            (path(round_value=None, file="g"), "round_value is null, not a number"),
            (path({"series": [{"name": "a", "role": "candidate", "points": [[0, 1.0], [1, None]]}], "pairs": []},
                  file="h"), "a slice has no value"),
            (path(file="i", predicted=None), 'key "predicted" is null, not a list'))


class OtherKinds(FigureTest):
    def test_rounds_tell_what_lies_off_the_axis(self):
        texts = self.run_on(rounds()).texts("rounds-BIND-1")
        for wanted in ("median: 2.100x (2.090 to 2.110)", "a round (64 in all)", "interval at each look",
                       "▲ off the axis: cut, 5x", "▼ off the axis: no difference, 1x",
                       "▲ 1 round above the axis, up to 60x", "× 1 of 64 rounds without a value"):
            self.assertIn(wanted, texts)

    def test_rounds_draw_a_near_cut_as_a_line(self):
        texts = self.run_on(rounds(cuts=[{"value": 2.05, "label": "cut"}])).texts("rounds-BIND-1")
        self.assertIn("cut, 2.05x", texts)
        self.assertNotIn("▲ off the axis: cut, 2.05x", texts)

    def test_rounds_from_14_to_1000(self):
        for count in (1, 14, 1000):
            figure = rounds(points=[[i, 2.0 + i % 7 / 100] for i in range(count)], looks=[])
            self.assertEqual(self.run_on(figure).code, 0)

    def test_sweep_marks_the_caches_that_its_axis_reaches(self):
        marks = [{"value": 32768, "label": "L1"}, {"value": 2**30, "label": "L3"}]
        texts = self.run_on(sweep(marks=marks, x_unit="bytes")).texts("sweep-LOAD-1")
        self.assertIn("L1", texts)
        self.assertNotIn("L3", texts)
        self.assertIn("This machine's caches: L1 32 KiB, L3 1 GiB.", " ".join(texts))

    def test_roofline_names_its_probes_and_kernels(self):
        texts = " ".join(self.run_on(roofline()).texts("roofline-words"))
        for wanted in ("A limit/load/l1 300 GB/s", "D limit/issue 40 G a second", "1 bind/one 9 G", "3 bind/batch 30 G",
                       "supported", "refuted", "inconclusive"):
            self.assertIn(wanted, texts)
        self.assertNotIn("a flat roof is missing", texts)
        self.assertIn("a flat roof is missing", " ".join(self.run_on(roofline(compute=[])).texts("roofline-words")))
        self.assert_failed((roofline(kernels=[], file="a"), "it has no kernels, or no roof"),
                           (roofline(bandwidth=[], compute=[], file="b"), "it has no kernels, or no roof"),
                           (roofline(kernels=[without(roofline()["kernels"][0], "verdict")], file="d"),
                            'key "kernels[0].verdict" is missing'),
                           (roofline(kernels=[{**roofline()["kernels"][0], "claims": []}], file="e"),
                            "kernels[0].claims is empty"),
                           (roofline(kernels=[{**roofline()["kernels"][0], "intensity": 0}], file="c"),
                            "kernels[0].intensity is 0, which a log axis cannot show"))

    def test_numbers_of_kernels_keep_a_line_apart(self):
        for heights in ([2.0], [2.0] * 12, [3.0, 1.0], [0.1] * 5, [1.02, 1.01, 1.0, 0.02, 0.01, 0.0]):
            told = spread(heights)
            self.assertEqual(len(told), len(heights))
            self.assertTrue(all(above - below > LINE_IN * 0.999 for above, below in zip(told, told[1:])), told)
            self.assertGreater(min(told), 0)
        self.assertEqual(spread([3.0, 1.0]), [3.0, 1.0])

    def test_surface_shows_each_ratio_and_each_crossover(self):
        texts = self.run_on(surface()).texts("surface-S")
        for wanted in ("0.5x", "0.98x", "2x", "no value", "64 B", "16 KiB", "100 %", "the baseline is better",
                       "No crossover within what was swept: S/16384."):
            self.assertIn(wanted, texts)
        self.assert_failed((surface(sections=[], file="a"), "it has no values"),
                           (surface(sections=[{**surface()["sections"][0], "at": None}], file="b"),
                            "sections[0].at is null, not a number"))

    def test_sweep_shows_crossover_and_gaps(self):
        texts = self.run_on(sweep()).texts("sweep-LOAD-1")
        self.assertIn("crossover: 16 Ki, interval 8 Ki to above the sizes swept", texts)
        self.assertIn("× no value for load/mapped at 1 Mi", texts)
        self.assertIn("256 Ki", texts)
        self.assertTrue(any(t.endswith(" us") for t in texts))

    def test_sweep_without_crossover(self):
        figure = without(sweep(), "crossover")
        self.assertNotIn("crossover", " ".join(self.run_on(figure).texts("sweep-LOAD-1")))
        figure["crossover"] = {"value": None, "low": None, "high": None}
        self.assertIn("Crossover: none within the sizes swept.", self.run_on(figure).texts("sweep-LOAD-1"))


class BadFigures(FigureTest):
    def test_unknown_kind(self):
        self.assert_failed((forest(kind="pie"), 'kind "pie" is unknown; known are forest, path, roofline, rounds, surface, sweep'))

    def test_every_required_key(self):
        self.assert_failed(*((without(make(file=f"{make.__name__}-{key}"), key), f'key "{key}" is missing')
                             for make in (forest, path, rounds, sweep)
                             for key in make() if key not in ("experiment", "reference", "crossover")))

    def test_every_key_of_a_row(self):
        whole = row("A", "held", 1.0)
        self.assert_failed(*((forest([without(whole, key)], file=key), f'key "rows[0].{key}" is missing')
                             for key in whole if key != "id"))

    def test_null_where_a_value_must_be(self):
        self.assert_failed(
            (forest(title=None), 'key "title" is null, not a string'),
            (forest([row("A", "held", 1.0, predicted=[("x", None)])], file="b"),
             "rows[0].predicted[0].value is null, not a number"),
            (rounds(points=[[None, 1.0]], file="c"), "points[0] is null, not a number"),
            (rounds(points=[[0, None]], file="d"), "it has no values"),
            (rounds(looks=[None], file="e"), "looks[0] is not an object"))

    def test_values_that_cannot_be_shown(self):
        self.assert_failed(
            (forest([row("A", "held", 0.0)], file="a"), "rows[0].value is 0.0, which a log axis cannot show"),
            (forest([row("A", "held", 1.0, 2.0, 1.5)], file="b"), "low end above its high end"),
            (forest([row("A", "maybe", 1.0)], file="c"), 'rows[0].verdict is "maybe"'),
            (forest([row("A", "held", True)], file="d"), "rows[0].value is true or false, not a number"),
            (forest([row("A", "held", 10**400)], file="e"), "rows[0].value is not finite"),
            (forest([row("A", "held", 1e300)], file="h"), "rows[0].value is 1e+300, which no axis here can show"),
            (sweep(series=[{"name": "a", "role": "baseline", "points": [[0, 1, 1, 1]]}], file="f"),
             "a size of series[0] is 0.0, which a log axis cannot show"),
            ({**forest(file="g"), "rows": []}, "it has no rows"),
            ("not a figure", "figure is not an object"))

    def test_names_must_stay_in_the_folder(self):
        outside = ("../out", "a/b", "/tmp/x", "..", ".hidden", "a\\b")
        self.assert_failed(*((forest(file=name), "would leave the plots folder; use a plain name") for name in outside),
                           (forest(file=""), "is empty, too long"), (forest(file="x" * 201), "is empty, too long"))
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"plots", "figures.json"})
        self.assertEqual(set(os.listdir(self.folder / "plots")), {"good.svg", "good.png", "drawn.json"})

    def test_a_name_is_used_once(self):
        run = self.run_on(forest(), forest(title="another"))
        self.assertEqual(run.code, 3)
        self.assertIn("used by an earlier figure", run.lines[0])
        self.assertIn("Measured against predicted", run.texts("forest-ratios"))

    def test_an_old_picture_does_not_pass_for_the_new(self):
        self.run_on(forest())
        run = self.run_on(forest([row("A", "held", -1.0)]))
        self.assertEqual(run.code, 3)
        self.assertEqual(os.listdir(self.folder / "plots"), ["drawn.json"])

    def test_damage_anywhere_is_told_or_harmless(self):
        """No damage may surface as an error of the program itself, whose reason would begin with its type."""
        noise = random.Random(3)
        damaged = []
        for i in range(240):
            figure = copy.deepcopy(noise.choice((forest, path, rounds, sweep))(file=f"figure-{i}"))
            damage(figure, noise)
            damaged.append(figure)
        run = self.run_on(*damaged)
        self.assertEqual(run.code, 3)
        self.assertEqual(len(run.record()["drawn"]) + len(run.record()["failed"]), len(damaged))
        self.assertEqual(len(run.lines), len(run.record()["failed"]), run.err)
        for failed in run.record()["failed"]:
            self.assertNotRegex(failed["why"], r"^\w+: ", failed)


def damage(thing, noise):
    """Replaces one value somewhere in thing."""
    while True:
        keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
        key = noise.choice(keys)
        if isinstance(thing[key], (dict, list)) and thing[key] and noise.random() < 0.8:
            thing = thing[key]
            continue
        thing[key] = noise.choice([None, "x", -1, 0, 1e308, 1e59, 1e-59, True, [], {}, [None], 10**400])
        return


class BadInput(FigureTest):
    def test_missing(self):
        run = Run(self.folder)
        self.assertEqual(run.code, 2)
        self.assertEqual(len(run.lines), 1)
        self.assertIn("figures.json: no such file; judge the run first", run.lines[0])

    def test_truncated(self):
        whole = json.dumps(document(forest())).encode()
        self.assert_unusable(whole[: len(whole) // 2], "perhaps cut short")
        self.assert_unusable(b"", "not JSON")

    def test_not_our_schema(self):
        self.assert_unusable({**document(), "schema": "assay-figures/2"}, 'schema is "assay-figures/2"')
        self.assert_unusable([], 'schema is "list"')

    def test_missing_keys(self):
        for key in ("run_id", "subtitle", "figures"):
            self.assert_unusable(without(document(), key), f'key "{key}" is missing')
        self.assert_unusable({**document(), "figures": None}, 'key "figures" has the wrong type')

    def test_not_json_nan_not_utf8_too_deep(self):
        self.assert_unusable(b'{"schema": NaN}', "NaN is not JSON, write null")
        self.assert_unusable(b'{"schema": "\xff"}', "not UTF-8 at byte 12")
        self.assert_unusable(b"[" * 100000, "not JSON")

    def test_plots_is_a_file(self):
        (self.folder / "plots").write_text("in the way")
        run = self.run_on(forest())
        self.assertEqual((run.code, len(run.lines)), (2, 1))
        self.assertIn("plots", run.lines[0])

    def test_usage(self):
        for arguments in ([], ["a", "b"], ["--help"]):
            done = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage: figures.py RUN_DIR", done.stderr)

    def test_without_matplotlib_names_the_package(self):
        (self.folder / "matplotlib.py").write_text("raise ImportError('planted')\n")
        run = Run(self.folder, document(forest()), environment={"PYTHONPATH": str(self.folder)})
        self.assertEqual((run.code, len(run.lines)), (4, 1))
        self.assertIn("install python3-matplotlib", run.lines[0])


class Numbers(unittest.TestCase):
    def test_values_read_as_people_write_them(self):
        for value, unit, wanted in (
                (201, "x", "201x"), (500000, "x", "500,000x"), (1.5, "x", "1.5x"), (0, "x", "0x"),
                (10, "ns", "10 ns"), (1000, "ns", "1 us"), (2.5e9, "ns", "2.5 s"),
                (65536, "bytes", "64 KiB"), (3, "faults", "3 faults"), (1e-9, "", "1e-09")):
            self.assertEqual(scales.value_text(value, unit), wanted)

    def test_log_ticks_are_round(self):
        texts = [t for _, t in scales.ticks(0.5, 250, True, "x")]
        self.assertEqual(texts, ["0.5x", "1x", "2x", "5x", "10x", "20x", "50x", "100x", "200x"])

    def test_narrow_ticks_tell_themselves_apart(self):
        texts = [t for _, t in scales.ticks(0.9995, 1.0005, True, "x")]
        self.assertEqual(len(set(texts)), len(texts))
        self.assertGreaterEqual(len(texts), 3)

    def test_ticks_by_halves_say_where_they_stand(self):
        for at, text in scales.ticks(-13.0, 0.5, False, "", most=6):
            self.assertEqual(float(text), at)

    def test_ticks_never_run_dry_or_wild(self):
        for exponent in range(-9, 12):
            for factor in (1.001, 1.1, 2, 7, 60, 1e4, 1e9):
                for unit in ("x", "ns", "bytes", "binary", ""):
                    found = scales.ticks(10.0**exponent, 10.0**exponent * factor, True, unit)
                    self.assertLessEqual(len(found), 12)
                    if unit not in ("bytes", "binary"):
                        self.assertGreaterEqual(len(found), 2, (exponent, factor, unit))

    def test_a_second_mode_is_never_an_outlier(self):
        values = [1.0 + i / 1e5 for i in range(90)] + [3.0] * 10
        self.assertEqual(scales.bulk(values, True)[1], 3.0)

    def test_a_lone_outlier_is(self):
        values = [1.0 + i / 1e3 for i in range(99)] + [300.0]
        self.assertLess(scales.bulk(values, True)[1], 2.0)


if __name__ == "__main__":
    unittest.main()
