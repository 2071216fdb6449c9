"""Sweep: a value over sizes, with its intervals, and where the candidate begins to win."""

import math

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

import chart
import style
from scales import about, ticks, unit_of, value_text, window
from sheet import set_scale


def draw(figure, document):
    """The matplotlib figure of a checked sweep."""
    log, series = figure["log"], figure["series"]
    unit = unit_of(figure["y_label"], figure["y_unit"])
    sizes = sorted({p[0] for s in series for p in s["points"]})
    size_unit = _size_unit(figure, sizes)
    looks = style.series_styles(series)
    y_range = window([p[1] for s in series for p in s["points"] if p[1] is not None],
                     [e for s in series for p in s["points"] for e in p[2:] if e is not None], log, times=1.0)
    legend = _legend(series, looks) + _crossover_legend(figure["crossover"], size_unit)
    even = unit == "x" and y_range[0] <= 1.0 <= y_range[1]
    legend += [(Line2D([], [], **style.REFERENCE), "no difference, 1x")] if even else []
    sheet, ax = chart.page(figure, document, y_range, unit, legend, _notes(figure, size_unit))
    lo, hi = _size_range(sizes, figure["crossover"], log)
    set_scale(ax.xaxis, lo, hi, log, _size_ticks(sizes, lo, hi, log, size_unit))
    if even:
        ax.axhline(1.0, zorder=1, **style.REFERENCE)
    _crossover(ax, figure["crossover"], lo, hi)
    _marks(ax, figure["marks"], lo, hi)
    for one, look in zip(series, looks):
        _line(ax, one, look, y_range)
    return sheet.fig


def _size_unit(figure, sizes):
    unit = unit_of(figure["x_label"], figure["x_unit"])
    powers = all(s >= 1 and s == int(s) and int(s) & (int(s) - 1) == 0 for s in sizes)
    if unit != "" or not figure["log"]:
        return unit
    return "binary" if powers and max(sizes) >= 1024 else "decimal"


def _size_range(sizes, cross, log):
    ends = [v for v in (cross or {}).values() if v is not None and (v > 0 or not log)]
    return window(sizes, ends, log)


def _size_ticks(sizes, lo, hi, log, unit):
    """The sizes swept themselves, where they leave room for their labels."""
    place = math.log if log else float
    gaps = [place(b) - place(a) for a, b in zip(sizes, sizes[1:])]
    if all(gap > 0.085 * (place(hi) - place(lo)) for gap in gaps):
        return [(s, value_text(s, unit)) for s in sizes]
    return ticks(lo, hi, log, unit, most=10)


def _line(ax, one, look, y_range):
    points = sorted(one["points"], key=lambda p: p[0])
    nan = float("nan")
    ax.plot([p[0] for p in points], [nan if p[1] is None else p[1] for p in points], color=look["color"],
            linestyle=look["linestyle"], linewidth=1.5, marker=look["marker"], markersize=5.5, zorder=4,
            markerfacecolor="white" if look["hollow"] else look["color"], markeredgewidth=1.1)
    for size, value, low, high in points:
        if value is None:
            ax.plot([size], [0.0], marker="x", color=look["color"], linestyle="none", markersize=6, clip_on=False,
                    transform=ax.get_xaxis_transform(), zorder=6)
        elif low is not None or high is not None:
            bar = [value if low is None else max(low, y_range[0]), value if high is None else min(high, y_range[1])]
            ax.plot([size] * 2, bar, color=look["color"], linewidth=1.2, marker="_", markersize=7, zorder=3)


def _crossover(ax, cross, lo, hi):
    if cross is None:
        return
    low, value, high = cross["low"], cross["value"], cross["high"]
    if not low is value is high is None:
        ax.axvspan(lo if low is None else low, hi if high is None else high, zorder=0.5, **style.CROSSOVER)
    if value is not None:
        ax.axvline(value, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=2)


def _marks(ax, marks, lo, hi):
    for mark in marks:
        if lo < mark["value"] < hi:
            ax.axvline(mark["value"], zorder=1, **style.MARK)
            ax.text(mark["value"], 0.99, mark["label"], transform=ax.get_xaxis_transform(), ha="center", va="top",
                    fontsize=style.SMALL_PT, color=style.GREY, zorder=5,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0})


def _crossover_legend(cross, unit):
    if cross is None or all(v is None for v in cross.values()):
        return []
    low, high = (None if cross[k] is None else about(cross[k], unit) for k in ("low", "high"))
    told = f"{low or 'below the sizes swept'} to {high or 'above the sizes swept'}"
    at = "" if cross["value"] is None else f"{about(cross['value'], unit)}, "
    return [(Patch(**style.CROSSOVER), f"crossover: {at}interval {told}")]


def _legend(series, looks):
    return [(Line2D([], [], color=k["color"], linestyle=k["linestyle"], linewidth=1.5, marker=k["marker"],
                    markersize=5.5, markerfacecolor="white" if k["hollow"] else k["color"]),
             f"{s['role']}: {s['name']}") for s, k in zip(series, looks)]


def _notes(figure, size_unit):
    out = []
    level = figure["interval"]
    if any(e is not None for s in figure["series"] for p in s["points"] for e in p[2:]):
        out.append(f"Bars: {level or 'the interval of each value'}; one shorter than its marker lies behind it.")
    for one in figure["series"]:
        gone = [value_text(p[0], size_unit) for p in one["points"] if p[1] is None]
        if gone:
            out.append(f"× no value for {one['name']} at {', '.join(gone)}")
    if figure["marks"]:
        caches = ", ".join(f"{m['label']} {value_text(m['value'], size_unit)}" for m in figure["marks"])
        out.append(f"This machine's caches: {caches}. The axis is what the benchmark's name states; "
                   "all that it touches may be more.")
    cross = figure["crossover"]
    if cross is not None and all(v is None for v in cross.values()):
        out.append("Crossover: none within the sizes swept.")
    return out
