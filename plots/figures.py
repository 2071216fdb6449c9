#!/usr/bin/env python3
"""Draws the figures of a run: figures.py RUN_DIR reads RUN_DIR/figures.json and fills RUN_DIR/plots/.

Exit codes: 0 all drawn; 2 unusable input or folder; 3 some figures could not be drawn; 4 matplotlib is missing.
"""

import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
import warnings
from pathlib import Path

sys.dont_write_bytecode = True  # a run must leave nothing in the source tree

import document as doc  # noqa: E402

DRAWN, UNUSABLE, SOME_FAILED, NO_MATPLOTLIB = 0, 2, 3, 4
FEWEST_A_WORKER = 8  # below that, a worker costs more than it draws
CHECKS = {"forest": doc.forest, "path": doc.path, "roofline": doc.roofline, "rounds": doc.rounds,
          "surface": doc.surface, "sweep": doc.sweep}


def main(arguments):
    """Draws; returns the exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        say("usage: figures.py RUN_DIR (the folder that holds figures.json)")
        return UNUSABLE
    try:
        import matplotlib  # noqa: F401
    except ImportError as e:
        say(f"{sys.executable}: matplotlib cannot be imported ({e}); install python3-matplotlib, "
            "or use a python3 that has it")
        return NO_MATPLOTLIB
    run = Path(arguments[0])
    try:
        document = doc.load(run / "figures.json")
        (run / "plots").mkdir(exist_ok=True)
        return draw_all(run, document)
    except doc.Unusable as e:
        say(str(e))
    except OSError as e:
        say(f"{e.filename or run / 'plots'}: {e.strerror}; make plots/ a folder that can be written")
    return UNUSABLE


def draw_all(run, document):
    """Draws every figure it can and records which. Does nothing if all was drawn from the same before."""
    plots, origin = run / "plots", origin_of(run)
    if is_drawn(plots, origin):
        return DRAWN
    for old in (*plots.glob("*.svg"), *plots.glob("*.png")):  # none may pass for one of this drawing
        old.unlink()
    drawn, failed = [], []
    for i, (name, stated, why) in enumerate(pictures(document, plots)):
        if why is None:
            drawn.append(name)
            continue
        failed.append({"file": name or stated or f"figures[{i}]", "why": " ".join(why.split())})
        say(f"{run / 'figures.json'}: figures[{i}] ({failed[-1]['file']}) not drawn: {failed[-1]['why']}")
    record = json.dumps({"of": origin, "drawn": drawn, "failed": failed}, indent=1, ensure_ascii=False)
    write(plots / "drawn.json", lambda f: f.write((record + "\n").encode()))
    return SOME_FAILED if failed else DRAWN


def origin_of(run):
    """A hash of all that decides what is drawn: the document and the scripts, less their tests."""
    digest = hashlib.sha256((run / "figures.json").read_bytes())
    for script in sorted(Path(__file__).parent.glob("*.py")):
        if not script.stem.endswith("_test"):
            digest.update(script.read_bytes())
    return digest.hexdigest()


def is_drawn(plots, origin):
    """Whether the folder holds the drawing of this origin, whole (in SVG: some keep no PNG)."""
    try:
        record = json.loads((plots / "drawn.json").read_bytes())
        return (record["of"] == origin and not record["failed"]
                and all((plots / f"{name}.svg").is_file() for name in record["drawn"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def pictures(document, plots):
    """Yields (file name or None, name stated, why it was not drawn or None) of each figure, in order."""
    import style
    style.apply()
    warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box in the PNG; the SVG keeps the text
    words = {key: doc.plain(document[key]) for key in ("run_id", "subtitle")}
    named, taken = [], set()
    for figure in document["figures"]:
        name, why = named_figure(figure, taken)
        taken.add(name)
        named.append((figure, words, plots, name, why))
    workers = min(os.cpu_count() or 1, len(named) // FEWEST_A_WORKER)
    if workers < 2:
        yield from map(draw_named, named)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap(draw_named, named, chunksize=4)


def named_figure(figure, taken):
    """The figure's file name or None, and why it has none."""
    try:
        return doc.file_name(figure, taken), None
    except Exception as e:  # whatever is wrong with one figure, the others are drawn
        return None, reason(e)


def draw_named(job):
    """Draws one figure; what pictures() yields of it."""
    figure, words, plots, name, why = job
    if why is None:
        try:
            draw_one(figure, words, plots, name)
        except OSError:
            raise
        except Exception as e:  # as above
            why = reason(e)
    return name, stated_name(figure), why


def reason(e):
    """What is wrong, with its type where it is not ours."""
    return str(e) if isinstance(e, doc.Undrawable) else f"{type(e).__name__}: {e}"


def draw_one(figure, words, folder, name):
    """Draws one figure as SVG and PNG."""
    import style
    checked = check(figure)
    picture = artist(checked["kind"])(checked, words)
    named = {"Date": None, "Creator": None, "Title": checked["title"]}
    save = picture.savefig
    write(folder / f"{name}.svg", lambda f: save(f, format="svg", metadata=named))
    write(folder / f"{name}.png", lambda f: save(f, format="png", dpi=style.PNG_DPI, metadata={"Software": None}))


def check(figure):
    """The figure with every value checked, or Undrawable."""
    kind = doc.text(figure, "kind")
    if kind not in CHECKS:
        raise doc.Undrawable(f"kind {json.dumps(kind)} is unknown; known are {', '.join(CHECKS)}")
    return CHECKS[kind](figure)


def artist(kind):
    """The draw function of a kind; imported late, as it needs matplotlib."""
    import forest
    import path
    import roofline
    import rounds
    import surface
    import sweep
    return {"forest": forest.draw, "path": path.draw, "roofline": roofline.draw, "rounds": rounds.draw,
            "surface": surface.draw, "sweep": sweep.draw}[kind]


def stated_name(figure):
    """The name a refused figure gave itself, for the message only."""
    name = figure.get("file") if isinstance(figure, dict) else None
    return doc.plain(name)[:80] if isinstance(name, str) else None


def write(path, fill):
    """Writes a file whole or not at all."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".drawing-")
    try:
        with os.fdopen(handle, "wb") as f:
            fill(f)
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def say(message):
    """One line on stderr."""
    print("figures.py: " + " ".join(message.split()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
