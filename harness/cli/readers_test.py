"""Tests of what others read of a run: exports by their own readers, the page by a browser, runs side by side.

A reader or browser that is not installed skips its test, by name.
"""

import csv
import functools
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program_test import BUILD, DATA, OUTPUT, PROJECT, USAGE, ProgramTest, entry, finished_run

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def needs(module):
    try:
        return __import__(module)
    except ImportError as missing:
        raise unittest.SkipTest(f"{missing}: its reader is not installed (packages.list names it)") from missing


class Exports(ProgramTest):
    def export(self, name):
        return self.assay("export", finished_run(), "--as", name).stdout

    def test_csv_is_read_by_a_csv_reader(self):
        rows = list(csv.DictReader(io.StringIO(self.export("csv"))))
        self.assertEqual([row["id"] for row in rows], ["GOOD-1", "BAD-1", "CONTROL/twice"])
        self.assertEqual([row["verdict"] for row in rows], ["supported", "refuted", "held"])
        verdicts = json.loads((finished_run() / "verdicts.json").read_text())
        for row, experiment in zip(rows, verdicts["experiments"]):
            self.assertEqual(float(row["value"]), experiment["comparisons"][0]["value"])

    def test_slices_are_those_of_the_raw_file(self):
        rows = list(csv.DictReader(io.StringIO(self.export("slices"))))
        raw = json.loads((finished_run() / "raw/faulty_instrument.json").read_text())["benchmarks"]
        self.assertEqual(len(rows), len(raw))
        self.assertAlmostEqual(sum(float(row["real_time_ns"]) for row in rows), sum(one["real_time"] for one in raw),
                               delta=1e-6 * sum(one["real_time"] for one in raw))

    def test_junit_is_read_by_junitparser(self):
        junitparser = needs("junitparser")
        suites = junitparser.JUnitXml.fromstring(self.export("junit").encode())
        cases = {case.name: case for suite in suites for case in suite}
        self.assertEqual(set(cases), {"GOOD-1", "BAD-1", "CONTROL/twice"})
        self.assertTrue(all(case.is_passed for case in cases.values()))  # a refuted claim is an answer

    def test_openmetrics_is_read_by_prometheus(self):
        needs("prometheus_client")
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        families = {family.name: family for family in text_string_to_metric_families(self.export("openmetrics"))}
        effects = {sample.labels["id"]: sample.value for sample in families["assay_effect"].samples}
        self.assertEqual(set(effects), {"GOOD-1", "BAD-1", "CONTROL/twice"})
        answers = {sample.labels["id"]: sample.labels["assay_verdict"] for sample in families["assay_verdict"].samples
                   if sample.value == 1}
        self.assertEqual(answers, {"GOOD-1": "supported", "BAD-1": "refuted", "CONTROL/twice": "held"})

    def test_bencher_fits_the_schema_of_its_metric_format(self):
        """That of https://bencher.dev/bmf.json, with the lengths that its reference gives names; and nothing beside."""
        jsonschema = needs("jsonschema")
        metric = {"type": "object", "required": ["value"], "additionalProperties": False,
                  "properties": {key: {"type": "number"} for key in ("value", "lower_value", "upper_value")}}
        schema = {"type": "object", "minProperties": 1, "additionalProperties": {
            "type": "object", "propertyNames": {"maxLength": 64}, "additionalProperties": metric},
            "propertyNames": {"minLength": 1, "maxLength": 1024}}
        exported = json.loads(self.export("bencher"))
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.Draft7Validator(schema).validate(exported)
        del next(iter(next(iter(exported.values())).values()))["value"]
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(schema).validate(exported)

    def test_github_action_benchmark_has_the_shape_that_it_reads(self):
        """No schema is published; the action's own reader (v1.20.4) took a recorded run's export whole."""
        rows = json.loads(self.export("github-action-benchmark"))
        self.assertEqual({row["name"] for row in rows}, {f"faulty/steady/units:{n}/manual_time" for n in (100, 200, 400)})
        for row in rows:
            self.assertEqual([type(row[key]) for key in ("name", "unit", "value", "range")], [str, str, float, str])

    def test_into_a_file(self):
        path = self.folder / "out.xml"
        self.assay("export", finished_run(), "--as", "junit", "--output", path)
        self.assertEqual(path.read_text(), self.export("junit"))
        self.assay("export", finished_run(), "--as", "junit", "--output", self.folder, expect=OUTPUT, says=str(self.folder))

    def test_wrong_words(self):
        self.assay("export", finished_run(), "--as", "xml", expect=USAGE,
                   says=["xml: no such format", "csv, slices, junit, bencher, github-action-benchmark, openmetrics"])
        self.assay("export", finished_run(), expect=USAGE, says="--as is required")
        self.assay("export", self.folder, "--as", "csv", expect=DATA, says=f"{self.folder}/run.json")


@functools.cache
def second_run():
    """The same run under another id."""
    folder = Path(tempfile.mkdtemp())
    unittest.addModuleCleanup(shutil.rmtree, folder)
    run = folder / "second"
    shutil.copytree(finished_run(), run)
    own = json.loads((run / "run.json").read_text())["run_id"]
    for path in (run / "run.json", *(run / "raw").iterdir()):
        path.write_text(path.read_text().replace(own, "20260101T000000Z-2222"))
    return run


class Compared(ProgramTest):
    def test_runs_side_by_side(self):
        text = self.assay("compare", finished_run(), second_run()).stdout
        self.assertRegex(text, r"(?m)^\| GOOD-1 \| supported .*x \[.*\] \| supported .* "
                               r"\| overlap; last / first 1 \[0\.\d+, 1\.\d+\] \|$")
        self.assertNotIn("> The binaries differ", text)

    def test_into_a_folder_with_figures_or_why_there_are_none(self):
        folder = self.folder / "both"
        for _ in range(2):  # the second time over the first
            self.assay("compare", finished_run(), second_run(), "--output", folder, says=f"{folder}/compare.md")
        figures = json.loads((folder / "figures.json").read_text())
        self.assertEqual([figure["file"] for figure in figures["figures"]], ["compare-ratios"])
        self.assertRegex((folder / "compare.md").read_text(), r"!\[compare-ratios\]|Figure not drawn")

    def test_overwrites_no_run_and_nobody_s_folder(self):
        run = self.folder / "run"
        shutil.copytree(finished_run(), run)
        before = (run / "figures.json").read_bytes()
        self.assay("compare", finished_run(), second_run(), "--output", run, expect=USAGE, says="there is a run in this folder")
        self.assertEqual((run / "figures.json").read_bytes(), before)
        (self.folder / "mine").mkdir()
        (self.folder / "mine/notes").write_text("")
        self.assay("compare", finished_run(), second_run(), "--output", self.folder / "mine", expect=USAGE,
                   says="the folder is not empty")

    def test_another_machine_and_dirty_trees_are_said_plainly(self):
        other = self.folder / "other"
        shutil.copytree(second_run(), other)
        manifest = json.loads((other / "run.json").read_text())
        manifest["machine"]["fingerprint"] = "another"
        manifest["source"]["dirty"] = True
        (other / "run.json").write_text(json.dumps(manifest))
        text = self.assay("compare", finished_run(), other).stdout
        self.assertIn("> The machines differ", text)
        self.assertIn("made with uncommitted changes", text)

    def test_wrong_words(self):
        self.assay("compare", finished_run(), expect=USAGE)
        self.assay("compare", finished_run(), finished_run(), expect=USAGE, says="is named twice")
        self.assay("compare", finished_run(), self.folder, expect=DATA, says=f"{self.folder}/run.json")


class Shown(ProgramTest):
    def setUp(self):
        super().setUp()
        shutil.copy(finished_run() / "register.md", self.register)
        shutil.copytree(finished_run(), self.results / "run")

    def test_an_entry_with_what_runs_said(self):
        text = self.assay("show", "GOOD-1").stdout
        for piece in ("GOOD-1: the first takes half as long again", "baseline / candidate >= 1.5", "supported   it does",
                      "CONTROL/twice", f"{self.register}:"):
            self.assertIn(piece, text)
        self.assertRegex(text, r"(?m)^    run  supported  [\d.]+x \[[\d.]+, [\d.]+\]$")

    def test_another_wording_is_marked(self):
        self.register.write_text(self.register.read_text().replace("it does not", "it does otherwise"))
        self.assertRegex(self.assay("show", "GOOD-1").stdout, r"(?m)^    run  supported \(of another wording\)  [\d.]+x ")

    def test_a_full_disk_is_told(self):
        for words in (["show", "GOOD-1"], ["completion"], ["export", self.results / "run", "--as", "csv"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run(self.command(*words), stdout=full, stderr=subprocess.PIPE, text=True,
                                      env=self.variables())
            self.assertEqual(done.returncode, OUTPUT, done.stderr)

    def test_damaged_runs_are_passed_over(self):
        for text in ("", "{}", '{"schema": "assay-verdicts/1"}'):
            (self.results / "run/verdicts.json").write_text(text)
            self.assertIn("measure: assay run GOOD-1", self.assay("show", "GOOD-1").stdout)

    def test_an_unknown_entry(self):
        self.assay("show", "GOOD", expect=USAGE, says=['no entry is "GOOD"', "assay list GOOD"])

    def test_bash_completes_commands_options_and_ids(self):
        script = self.folder / "completion.bash"
        script.write_text(self.assay("completion").stdout)

        def completed(*words):
            """What a Tab offers; the register is the program's own."""
            line = " ".join(f"'{word}'" for word in words)
            done = subprocess.run(
                ["bash", "-c", f'source {script}; compopt() {{ echo "compopt $*"; }}; COMP_WORDS=(assay {line}); '
                 f'COMP_CWORD={len(words)}; _assay; printf "%s\n" "${{COMPREPLY[@]}}"'],
                capture_output=True, text=True, check=True, env={**self.variables(), "ASSAY_ROOT": str(PROJECT)})
            return done.stdout.split("\n")[:-1]
        self.assertEqual(completed("ver"), ["verdict", "verify"])
        self.assertEqual(completed("run", "--dry"), ["--dry-run"])
        self.assertIn("--register", completed("--reg"))
        self.assertIn("BIND-1/stack", completed("run", "BIND-1/st"))
        self.assertIn("CONTROL/null/bind", completed("show", "CONTROL/null/b"))
        self.assertEqual(completed("--register", "show", "run", "--dry"), ["--dry-run"])
        self.assertEqual(completed("export", "x", "--as", "ju"), ["junit"])
        self.assertEqual(completed("calibrate", "--disturb", "same"), ["same-core"])
        self.assertEqual(completed("compare", "res"), ["compopt -o default", ""])


class Example(ProgramTest):
    """The README's worked example, as it stands there."""

    def test_is_read_measured_and_judged(self):
        instrument = BUILD / "benches/instruments/bind"
        if not instrument.exists():
            self.skipTest(f"{instrument} was not built")
        block = re.search(r"<!-- example -->\n(```toml\n.*?\n```\n)", (PROJECT / "README.md").read_text(), re.DOTALL)
        self.write_register(block.group(1))
        self.instruments = instrument.parent
        self.assertIn("MINE-1  a bind by AVX2", self.assay("list", "MINE-1").stdout)
        done = self.assay("run", "MINE-1", "--budget", "100", "--relink-rounds", "0")
        self.assertRegex(done.stdout, r"(?m)^MINE-1 +(supported|refuted|inconclusive) +[\d.]+x \[[\d.]+, [\d.]+\]")
        self.assertIn("no control guards the family bind", done.stdout)


class Page(ProgramTest):
    """The page as a real browser makes it, from a file."""

    def dom(self, fragment, page=None):
        if BROWSER is None:
            self.skipTest("no chromium: the page is not opened (packages.list names it)")
        with tempfile.TemporaryDirectory() as profile:
            done = subprocess.run(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                 "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", f"file://{page or finished_run() / 'report.html'}#{fragment}"],
                capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    @staticmethod
    def rows(dom):
        """(id, hidden) of the claims in the order shown."""
        table = re.search(r'<table id="claims">.*?</table>', dom, re.DOTALL).group(0)
        return [(re.search(r"<a[^>]*>(.*?)</a>", row).group(1), "hidden" in row.split(">")[0])
                for row in re.findall(r"<tr data-family.*?</tr>", table, re.DOTALL)]

    def test_shows_all_claims_and_draws_the_overview(self):
        dom = self.dom("")
        self.assertEqual(self.rows(dom), [("GOOD-1", False), ("BAD-1", False)])
        self.assertIn("2 of 2 claims", dom)
        overview = re.search(r'<div id="overview">.*?</div>', dom, re.DOTALL).group(0)
        self.assertIn('<figure data-file="forest-ratios">', overview)
        self.assertRegex(overview, r"supported: [\d.]+ \[")  # the tip of the row

    def test_draws_a_roofline(self):
        self.write_register(entry("L-1", "moves", "works", 'kind = "limit", at_least = 0.95').replace("predicted = 2.0", ""))
        self.assay("run", "--budget", "100")
        figure = re.search(r'<figure data-file="roofline-words">.*?</figure>', self.dom("", self.only_run() / "report.html"),
                           re.DOTALL).group(0)
        self.assertIn("L-1: refuted", figure)
        self.assertEqual(figure.count('class="roof"'), 1)

    def test_sorts_and_filters_by_its_address(self):
        self.assertEqual(self.rows(self.dom("sort=2")), [("BAD-1", False), ("GOOD-1", False)])
        self.assertEqual(self.rows(self.dom("sort=2&down=1")), [("GOOD-1", False), ("BAD-1", False)])
        self.assertEqual(self.rows(self.dom("verdict=refuted")), [("GOOD-1", True), ("BAD-1", False)])
        self.assertEqual(self.rows(self.dom("q=good half")), [("GOOD-1", False), ("BAD-1", True)])

    def test_keeps_its_filters_beside_an_open_claim_and_survives_a_wrong_address(self):
        dom = self.dom("verdict=refuted&open=bad-1")
        self.assertEqual(self.rows(dom), [("GOOD-1", True), ("BAD-1", False)])
        self.assertIn("open", re.search(r'<details id="bad-1"[^>]*>', dom).group(0))
        self.assertIn("2 of 2 claims", self.dom("sort=9&open=nothing"))

    def test_opens_a_claim_with_its_slices(self):
        dom = self.dom("good-1")
        details = re.search(r'<details id="good-1".*?</details>', dom, re.DOTALL).group(0)
        self.assertIn("open", details.split(">")[0])
        self.assertIn('<figure data-file="path-GOOD-1">', details)
        self.assertRegex(details, r'data-tip="faulty/steady/units:200/manual_time \(baseline\)\s*slice \d+: [\d.]+')
        closed = re.search(r'<details id="bad-1".*?</details>', dom, re.DOTALL).group(0)
        self.assertNotIn("<figure", closed)

    def test_the_arrow_keys_walk_over_the_marks_of_a_figure(self):
        page = self.folder / "walked.html"
        press = "new KeyboardEvent('keydown', {key: '%s', bubbles: true})"
        page.write_text((finished_run() / "report.html").read_text().replace("</body>", f'''<script>
const svg = document.querySelector('#overview svg');
for (const event of [{press % 'ArrowRight'}, {press % 'ArrowRight'}, {press % 'ArrowUp'}]) svg.dispatchEvent(event);
</script></body>'''))
        dom = self.dom("", page)
        self.assertEqual(dom.count('class="walked"'), 1)
        self.assertRegex(dom, r'<div id="tip" role="status"[^>]*>GOOD-1\nsupported')
        self.assertRegex(dom, r'<svg[^>]*tabindex="0"')


if __name__ == "__main__":
    program = unittest.main(exit=False)
    all_skipped = program.result.testsRun == 0 or len(program.result.skipped) == program.result.testsRun
    sys.exit(1 if not program.result.wasSuccessful() else 77 if all_skipped else 0)
