"""Surface: the ratio at each size of several crossovers, a row each, and where in each row the candidate begins to win."""

import math

from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

import style
from scales import about, unit_of, value_text
from sheet import MARGIN, Sheet, fold, height, text_width

WIDTH, ROW = 8.6, 0.42
_BAR = {"color": style.INK, "linewidth": 2.2, "solid_capstyle": "butt"}


def draw(figure, document):
    """The matplotlib figure of a checked surface."""
    rows = sorted(figure["sections"], key=lambda s: s["at"], reverse=True)
    sizes = sorted({p[0] for row in rows for p in row["points"]})
    x_unit, y_unit = (unit_of(figure[f"{a}_label"], figure[f"{a}_unit"]) for a in "xy")
    names = [value_text(row["at"], y_unit) for row in rows]
    y_label = fold(figure["y_label"], ROW * len(rows) + 0.6)
    left = MARGIN + height(y_label) + 0.14 + max(text_width(n) for n in names) + 0.08
    tall = ROW * len(rows)
    sheet = Sheet(WIDTH, 0.1 + tall + 0.3 + height(figure["x_label"]) + 0.05, figure, document, _legend(), _notes(rows))
    ax = sheet.axes(left, sheet.body_top + 0.1, WIDTH - MARGIN - 0.1 - left, tall)
    ax.set_xlim(-0.5, len(sizes) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xticks(range(len(sizes)), [value_text(s, x_unit) for s in sizes])
    ax.set_yticks(range(len(rows)), names)
    ax.tick_params(length=0)
    ax.set_xlabel(figure["x_label"])
    ax.set_ylabel(y_label)
    for y, row in enumerate(rows):
        for point in row["points"]:
            _cell(ax, sizes.index(point[0]), y, *point[1:])
        _crossover(ax, row["crossover"], sizes, y)
    return sheet.fig


def _look(low, high):
    if low is not None and low > 1:
        return style.BETTER
    return style.WORSE if high is not None and high < 1 else style.OPEN


def _cell(ax, x, y, value, low, high):
    look = _look(low, high)
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, zorder=1, **look))
    told = "no value" if value is None else about(value, "x")
    ax.text(x, y - 0.08, told, ha="center", va="center", fontsize=style.TEXT_PT, zorder=6,
            color=style.GREY if look is style.OPEN else style.INK,
            bbox={"facecolor": look["facecolor"], "edgecolor": "none", "pad": 0.8})


def _place(size, sizes):
    """Where a size stands between the columns: on a log scale within each step."""
    if size is None or size <= sizes[0]:
        return 0.0 if size else None
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        if size <= b:
            return i + math.log(size / a) / math.log(b / a)
    return float(len(sizes) - 1)


def _crossover(ax, cross, sizes, y):
    low, value, high = (_place(cross[k], sizes) for k in ("low", "value", "high"))
    if low is value is high is None:
        return
    ends = [-0.5 if low is None else low, len(sizes) - 0.5 if high is None else high]
    ax.plot(ends, [y + 0.32] * 2, zorder=5, **_BAR)
    if value is not None:
        ax.plot([value], [y + 0.32], marker="D", markersize=5, color=style.INK, linestyle="none", zorder=6)


def _legend():
    return [(Patch(**style.BETTER), "the candidate is better"), (Patch(**style.WORSE), "the baseline is better"),
            (Patch(**style.OPEN), "open: the interval holds 1x"),
            (Line2D([], [], marker="D", markersize=5, **_BAR), "where the candidate begins to win, with its interval")]


def _notes(rows):
    out = ["In each cell: baseline / candidate (above 1x: the candidate is better). Columns are steps, not a scale; "
           "a crossover stands between them by the logarithm of its size."]
    none = [row["experiment"] for row in rows if all(v is None for v in row["crossover"].values())]
    if none:
        out.append(f"No crossover within what was swept: {', '.join(none)}.")
    return out
