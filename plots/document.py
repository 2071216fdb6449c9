"""Reads figures.json and refuses what cannot be drawn honestly. Imports no matplotlib."""

import json
import math

SCHEMA = "assay-figures/1"
_LIMIT = 1e60  # beyond any quantity, and far enough from the ends of a double for axes to be computed
VERDICTS = ("supported", "refuted", "equivalent", "inconclusive", "invalid", "not run", "held", "failed")


class Unusable(Exception):
    """The whole document cannot be read."""


class Undrawable(Exception):
    """One figure cannot be drawn."""


def load(path):
    """The document at path, or Unusable with the place and the mend."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise Unusable(f"{path}: no such file; judge the run first, which writes it") from None
    except UnicodeDecodeError as e:
        raise Unusable(f"{path}: not UTF-8 at byte {e.start}; judge the run again") from None
    except OSError as e:
        raise Unusable(f"{path}: {e.strerror}; make it a readable file") from None
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as e:
        raise Unusable(f"{path}:{e.lineno}:{e.colno}: not JSON ({e.msg}), perhaps cut short; "
                       "judge the run again") from None
    except (ValueError, RecursionError) as e:
        raise Unusable(f"{path}: not JSON ({e}); judge the run again") from None
    _check_document(path, document)
    return document


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON, write null")


def _check_document(path, document):
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        raise Unusable(f"{path}: schema is {json.dumps(found)}, not \"{SCHEMA}\"; "
                       "draw it with the figures.py of the build that wrote it")
    for key, kind in (("run_id", str), ("subtitle", str), ("figures", list)):
        if not isinstance(document.get(key), kind):
            state = "has the wrong type" if key in document else "is missing"
            raise Unusable(f"{path}: key \"{key}\" {state}; judge the run again")


def file_name(figure, taken):
    """The figure's file name, which must stay inside the plots folder and be its own."""
    name = text(figure, "file")
    if "/" in name or "\\" in name or ".." in name or name.startswith("."):
        raise Undrawable(f"file name {json.dumps(name)} would leave the plots folder; use a plain name")
    if not name or not name.isprintable() or len(name.encode()) > 200:
        raise Undrawable(f"file name {json.dumps(name[:60])} is empty, too long or unprintable; use a plain name")
    if name in taken:
        raise Undrawable("file name is used by an earlier figure; give each its own")
    return name


def need(thing, key, kind, where=""):
    """thing[key], of type kind."""
    if not isinstance(thing, dict):
        raise Undrawable(f"{where or 'figure'} is not an object")
    place = _in(where, key)
    if key not in thing:
        raise Undrawable(f"key \"{place}\" is missing")
    if not isinstance(thing[key], kind):
        raise Undrawable(f"key \"{place}\" is {_kind(thing[key])}, not {_NAMES[kind]}")
    return thing[key]


def _in(where, key):
    return f"{where}.{key}" if where else key


_NAMES = {str: "a string", list: "a list", dict: "an object", bool: "true or false"}


def _kind(value):
    if value is None:
        return "null"
    return _NAMES.get(type(value), "a number")


def text(thing, key, where=""):
    """A string made safe to set: one line, nothing that SVG forbids."""
    return plain(need(thing, key, str, where))


def plain(string):
    """string on one line, unprintable characters as '?'."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(string.split()))


def number(value, where, log=False, null=False):
    """A finite float; above 0 for a log axis; None where null may stand."""
    if value is None and null:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Undrawable(f"{where} is {_kind(value)}, not a number")
    try:
        out = float(value)
    except OverflowError:
        out = math.inf
    if not math.isfinite(out):
        raise Undrawable(f"{where} is not finite; write null")
    if abs(out) > _LIMIT or 0 < abs(out) < 1 / _LIMIT:
        raise Undrawable(f"{where} is {value}, which no axis here can show")
    if log and out <= 0:
        raise Undrawable(f"{where} is {value}, which a log axis cannot show")
    return out


def _get(thing, key, where, **rules):
    """thing[key] as number() takes it."""
    need(thing, key, object, where)
    return number(thing[key], _in(where, key), **rules)


def _interval(thing, where):
    """low and high; not held to the log rule, as an interval may reach 0 and is then cut at the edge."""
    low, high = (_get(thing, key, where, null=True) for key in ("low", "high"))
    if low is not None and high is not None and low > high:
        raise Undrawable(f"{where or 'the interval'} has its low end above its high end")
    return low, high


def _head(figure, *labels):
    out = {key: text(figure, key) for key in ("kind", "file", "title", *labels)}
    out["log"] = need(figure, "log", bool)
    # Optional, and absent from older documents.
    for key in ("x_unit", "y_unit", "interval"):
        out[key] = text(figure, key) if figure.get(key) is not None else None
    return out


def _cuts(thing, where, log):
    out = []
    for i, cut in enumerate(need(thing, "cuts", list, where)):
        place = f"{_in(where, 'cuts')}[{i}]"
        label = text(cut, "label", place)
        out.append({"value": _get(cut, "value", place, log=log), "label": label})
    return out


def forest(figure):
    """A checked forest."""
    out = _head(figure, "x_label")
    log = out["log"]
    stated = figure.get("reference")
    out["reference"] = None if stated is None else number(stated, "reference", log=log)
    out["rows"] = [_row(row, f"rows[{i}]", log) for i, row in enumerate(need(figure, "rows", list))]
    if not out["rows"]:
        raise Undrawable("it has no rows")
    return out


def _verdict(thing, key, where):
    verdict = text(thing, key, where)
    if verdict not in VERDICTS:
        raise Undrawable(f"{_in(where, key)} is {json.dumps(verdict)}, which is no verdict")
    return verdict


def _predicted(thing, where, log):
    out = []
    for i, one in enumerate(need(thing, "predicted", list, where)):
        place = f"{_in(where, 'predicted')}[{i}]"
        name = text(one, "name", place)
        out.append({"name": name, "value": _get(one, "value", place, log=log)})
    return out


def _row(row, where, log):
    label, verdict = text(row, "label", where), _verdict(row, "verdict", where)
    predicted = _predicted(row, where, log)
    low, high = _interval(row, where)
    return {"label": label, "verdict": verdict, "value": _get(row, "value", where, log=log, null=True),
            "low": low, "high": high, "cuts": _cuts(row, where, log), "predicted": predicted}


def _points(thing, width, where, log):
    """Lists of width numbers; all but the first may be null, an interval's ends may reach 0."""
    out = []
    for i, point in enumerate(need(thing, "points", list, where)):
        place = f"{_in(where, 'points')}[{i}]"
        if not isinstance(point, list) or len(point) != width:
            raise Undrawable(f"{place} is not a list of {width} numbers")
        out.append([number(v, place, log=log and j == 1, null=j > 0) for j, v in enumerate(point)])
        low, high = out[-1][-2:] if width == 4 else (None, None)
        if low is not None and high is not None and low > high:
            raise Undrawable(f"{place} has its low end above its high end")
    return out


def _some_value(points):
    if not any(p[1] is not None for p in points):
        raise Undrawable("it has no values")


def _estimate(figure, log):
    """What the rounds gave: their values, the looks, and the last interval, held against cuts."""
    out = {"points": _points(figure, 2, "", log)}
    _some_value(out["points"])
    out["value"] = _get(figure, "value", "", log=log, null=True)
    out["low"], out["high"] = _interval(figure, "")
    out["cuts"] = _cuts(figure, "", log)
    out["looks"] = []
    for i, look in enumerate(need(figure, "looks", list)):
        where = f"looks[{i}]"
        at = _get(look, "round", where)
        low, high = _interval(look, where)
        out["looks"].append({"round": at, "low": low, "high": high})
    return out


def rounds(figure):
    """A checked rounds figure."""
    out = _head(figure, "x_label", "y_label")
    return {**out, **_estimate(figure, out["log"])}


def _series(thing, width, log, within=""):
    out = []
    for i, one in enumerate(need(thing, "series", list, within)):
        where = f"{_in(within, 'series')}[{i}]"
        name, role = text(one, "name", where), text(one, "role", where)
        out.append({"name": name, "role": role, "points": _points(one, width, where, log)})
    _some_value([p for s in out for p in s["points"]])
    return out


def path(figure):
    """A checked path."""
    out = _head(figure, "y_label", "rule", "why")
    log = out["log"]
    out.update(_estimate(figure, log))
    out["round"] = _get(figure, "round", "")
    out["round_value"] = _get(figure, "round_value", "", log=log)
    out["slices"] = _slices(need(figure, "slices", dict))
    out["effects"] = [number(v, f"effects[{i}]", log=log) for i, v in enumerate(need(figure, "effects", list))]
    if not out["effects"]:
        raise Undrawable("it has no effects")
    low, high = _interval(need(figure, "accepted", dict), "accepted")
    out["accepted"] = {"low": low, "high": high}
    out["predicted"] = _predicted(figure, "", log)
    for key in ("verdict", "comparison_verdict"):
        out[key] = _verdict(figure, key, "")
    out["comparisons"] = _get(figure, "comparisons", "")
    return out


def _slices(thing):
    """Slices of one round, every one of them with a value."""
    out = {"y_label": text(thing, "y_label", "slices"), "log": need(thing, "log", bool, "slices")}
    out["series"] = _series(thing, 2, out["log"], "slices")
    known = [p for s in out["series"] for p in s["points"]]
    if any(p[1] is None for p in known):
        raise Undrawable("a slice has no value")
    out["pairs"] = []
    for i, pair in enumerate(need(thing, "pairs", list, "slices")):
        if not isinstance(pair, list) or len(pair) != 2 or any(one not in known for one in pair):
            raise Undrawable(f"slices.pairs[{i}] does not join two slices of the series")
        out["pairs"].append(pair)
    return out


def _crossover(thing, where, log):
    """A crossover; its value and ends are null where they lie outside what was swept."""
    cross = need(thing, "crossover", dict, where)
    place = _in(where, "crossover")
    value = _get(cross, "value", place, log=log, null=True)
    low, high = _interval(cross, place)
    return {"value": value, "low": low, "high": high}


def _sizes(points, where, log):
    for point in points:
        number(point[0], f"a size of {where}", log=log)


def sweep(figure):
    """A checked sweep."""
    out = _head(figure, "x_label", "y_label")
    out["series"] = _series(figure, 4, out["log"])
    for i, one in enumerate(out["series"]):
        _sizes(one["points"], f"series[{i}]", out["log"])
    out["crossover"] = None
    if figure.get("crossover") is not None:
        out["crossover"] = _crossover(figure, "", out["log"])
    out["marks"] = []
    for i, mark in enumerate(figure.get("marks") or []):
        place = f"marks[{i}]"
        label = text(mark, "label", place)
        out["marks"].append({"value": _get(mark, "value", place, log=out["log"]), "label": label})
    return out


def roofline(figure):
    """A checked roofline: roofs in bytes or operations a second, and kernels under them."""
    out = _head(figure, "x_label", "y_label")
    for key in ("bandwidth", "compute"):
        out[key] = [_rate(one, f"{key}[{i}]") for i, one in enumerate(need(figure, key, list))]
    out["kernels"] = []
    for i, one in enumerate(need(figure, "kernels", list)):
        where = f"kernels[{i}]"
        claims = need(one, "claims", list, where)
        if not claims:
            raise Undrawable(f"{where}.claims is empty")
        out["kernels"].append({**_rate(one, where), "verdict": _verdict(one, "verdict", where), "claims": len(claims),
                               "intensity": _get(one, "intensity", where, log=True)})
    if not out["kernels"] or not out["bandwidth"] + out["compute"]:
        raise Undrawable("it has no kernels, or no roof")
    return out


def _rate(thing, where):
    low, high = _interval(thing, where)
    return {"name": text(thing, "name", where), "value": _get(thing, "value", where, log=True), "low": low, "high": high}


def surface(figure):
    """A checked surface: sections, each with the ratios at its sizes."""
    out = _head(figure, "x_label", "y_label")
    out["sections"] = []
    for i, one in enumerate(need(figure, "sections", list)):
        where = f"sections[{i}]"
        points = _points(one, 4, where, True)
        _sizes(points, where, True)
        out["sections"].append({"experiment": text(one, "experiment", where), "verdict": _verdict(one, "verdict", where),
                                "at": _get(one, "at", where), "points": points,
                                "crossover": _crossover(one, where, True)})
    _some_value([p for one in out["sections"] for p in one["points"]])
    return out
