"""Slices: every slice in the order in which it ran, both roles."""

from matplotlib.lines import Line2D

import chart
import edges
import style
from scales import bulk, unit_of, window


def draw(figure, document):
    """The matplotlib figure of checked slices."""
    unit = unit_of(figure["y_label"], figure["y_unit"])
    series = figure["series"]
    looks = style.series_styles(series)
    lo, hi = _range(figure)
    parts = [edges.split(s["points"], lo, hi) for s in series]
    sheet, ax = chart.page(figure, document, (lo, hi), unit, _legend(series, looks), _notes(series, parts, unit))
    chart.count_axis(ax, [p[0] for s in series for p in s["points"]])
    dense = max(len(s["points"]) for s in series)
    for (inside, above, below, _), look in zip(parts, looks):
        ax.plot([p[0] for p in inside], [p[1] for p in inside], **_dots(look, dense))
        edges.mark(ax, above, below, look["color"], look["hollow"])
    return sheet.fig


def _range(figure):
    """Holds the bulk of each series, so that a fast one is not taken for an outlier of a slow one."""
    ends = []
    for one in figure["series"]:
        values = [p[1] for p in one["points"] if p[1] is not None]
        ends += bulk(values, figure["log"]) if values else []
    return window(ends, [], figure["log"])


def _dots(look, count):
    size, alpha = (5.0, 0.7) if count <= 100 else (3.8, 0.5) if count <= 600 else (2.6, 0.4)
    return {"marker": look["marker"], "linestyle": "none", "markersize": size, "alpha": alpha,
            "color": look["color"], "markerfacecolor": "none" if look["hollow"] else look["color"],
            "markeredgewidth": 0.9 if look["hollow"] else 0.3, "markeredgecolor": look["color"]}


def _legend(series, looks):
    return [(Line2D([], [], **{**_dots(look, 1), "alpha": 1.0}), f"{one['role']}: {one['name']}")
            for one, look in zip(series, looks)]


def _notes(series, parts, unit):
    out = []
    for one, (_, above, below, missing) in zip(series, parts):
        what = f"{'slice' if len(above) + len(below) == 1 else 'slices'} of the {one['role']} ({one['name']})"
        out += edges.beyond(what, above, below, unit)
        if missing:
            out.append(f"{missing} of {len(one['points'])} slices of {one['name']} without a value")
    return out
