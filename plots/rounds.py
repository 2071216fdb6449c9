"""Rounds: one point a round, the estimate with its interval, and how the looks narrowed it."""

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import chart
import edges
import style
from scales import bulk, interval_text, unit_of, value_text, window


def draw(figure, document):
    """The matplotlib figure of checked rounds."""
    unit = unit_of(figure["y_label"], figure["y_unit"])
    lo, hi = y_range(figure, unit)
    inside, above, below, missing = edges.split(figure["points"], lo, hi)
    cuts = style.cut_styles(figure["cuts"])
    lines = [(style.cut_name(c["label"]), c["value"]) for c in figure["cuts"]]
    lines += [("no difference", 1.0)] if unit == "x" else []
    notes = _notes(figure, unit, lo, hi, above, below, missing)
    sheet, ax = chart.page(figure, document, (lo, hi), unit, _legend(figure, unit, lo, hi, cuts), notes, lines)
    last = last_round(figure, 0.04)
    chart.count_axis(ax, [p[0] for p in figure["points"]] + [last])

    if figure["low"] is not None and figure["high"] is not None:
        ax.axhspan(figure["low"], figure["high"], zorder=1, **style.BAND)
    if unit == "x" and lo <= 1.0 <= hi:
        ax.axhline(1.0, zorder=1.5, **style.REFERENCE)
    _looks(ax, figure, lo, hi, last)
    if figure["value"] is not None:
        ax.axhline(figure["value"], zorder=4, **style.MEDIAN)
    for cut in figure["cuts"]:
        ax.axhline(cut["value"], zorder=4, **cuts[cut["label"]])
    ax.plot([p[0] for p in inside], [p[1] for p in inside], zorder=3, **_dots(len(figure["points"])))
    edges.mark(ax, above, below, style.GREY)
    ax.plot([p[0] for p in figure["points"] if p[1] is None], [0.0] * missing, marker="x", color=style.INK,
            linestyle="none", markersize=5, transform=ax.get_xaxis_transform(), zorder=7, clip_on=False)
    return sheet.fig


def y_range(figure, unit):
    """Holds the bulk of the rounds and the estimate; looks, cuts and no difference where they are near."""
    values = [p[1] for p in figure["points"] if p[1] is not None]
    estimate = [v for v in (figure["value"], figure["low"], figure["high"])
                if v is not None and (v > 0 or not figure["log"])]
    looks = [e for k in figure["looks"] for e in (k["low"], k["high"]) if e is not None]
    lines = [c["value"] for c in figure["cuts"]] + ([1.0] if unit == "x" else [])
    return window([*bulk(values, figure["log"]), *estimate], looks + lines, figure["log"], least=1.02, times=1.5)


def _dots(count):
    size, alpha = (5.0, 0.9) if count <= 40 else (3.6, 0.75) if count <= 250 else (2.6, 0.55)
    return {"marker": "o", "linestyle": "none", "markersize": size, "alpha": alpha, "color": style.GREY,
            "markeredgecolor": style.INK, "markeredgewidth": 0.4}


def last_round(figure, tail):
    """Where the drawing ends: a share `tail` of the rounds past the last look, so that what it found has a length."""
    rounds = [p[0] for p in figure["points"]]
    looks = [k["round"] for k in figure["looks"]]
    return max(rounds + looks + [max(k + tail * max(max(rounds) - min(rounds), 1) for k in looks)] if looks else rounds)


def look_spans(figure, last):
    """(look, from, to): what a look found holds from its round to the next look, of the last one to the end."""
    looks = sorted(figure["looks"], key=lambda k: k["round"])
    starts = [k["round"] for k in looks]
    return list(zip(looks, starts, starts[1:] + [last]))


def _looks(ax, figure, lo, hi, last):
    spans = look_spans(figure, last)
    for key in ("low", "high"):
        xs = [x for look, a, b in spans if look[key] is not None for x in (a, b)]
        ys = [y for look, _, _ in spans if look[key] is not None for y in (look[key],) * 2]
        ax.plot(xs, ys, zorder=5, **style.LOOK)
    for look, _, _ in spans:
        ends = [look["low"], look["high"]]
        if None in ends:
            continue
        ax.plot([look["round"]] * 2, [min(max(e, lo), hi) for e in ends], zorder=5, color=style.LOOK["color"],
                linewidth=0.8, linestyle=(0, (1, 2)))


def _legend(figure, unit, lo, hi, cuts):
    level = figure["interval"]
    dots = {**_dots(1), "markersize": 4.5}
    out = [(Line2D([], [], **dots), f"a round ({len(figure['points'])} in all)")]
    if figure["value"] is not None:
        told = interval_text(figure["value"], figure["low"], figure["high"], unit)
        out.append((Line2D([], [], **style.MEDIAN), f"median: {told}"))
    if figure["low"] is not None and figure["high"] is not None:
        out.append((Patch(**style.BAND), f"interval of the median{f', {level}' if level else ''}"))
    if figure["looks"]:
        out.append((Line2D([], [], **style.LOOK), "interval at each look"))
    for label, look in cuts.items():
        values = [c["value"] for c in figure["cuts"] if c["label"] == label and lo <= c["value"] <= hi]
        if values:
            told = " and ".join(value_text(v, unit) for v in values)
            out.append((Line2D([], [], **look), f"{style.cut_name(label)}, {told}"))
    if unit == "x" and lo <= 1.0 <= hi:
        out.append((Line2D([], [], **style.REFERENCE), "no difference, 1x"))
    return out


def _notes(figure, unit, lo, hi, above, below, missing):
    out = edges.beyond("round", "", above, below, unit)
    if missing:
        out.append(f"× {missing} of {len(figure['points'])} rounds without a value")
    if figure["value"] is None:
        out.append("No median was given for these rounds.")
    return out + wide_looks(figure, lo, hi)


def wide_looks(figure, lo, hi):
    """What a reader must know of the looks' intervals that end beyond the axis."""
    wide = sum(1 for k in figure["looks"] if (k["low"] is not None and k["low"] < lo)
               or (k["high"] is not None and k["high"] > hi))
    return [f"The interval at {wide} of {len(figure['looks'])} looks runs past the axis."] if wide else []
