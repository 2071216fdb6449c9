"""The page of rounds and sweep: one pair of axes, a legend above, notes below."""

from matplotlib.ticker import MaxNLocator

import style
from scales import ticks, value_text
from sheet import MARGIN, Sheet, fold, height, set_scale, text_width

WIDTH, TALL = 8.6, 3.9
_EDGE_IN = 3.0


def page(figure, document, y_range, unit, legend, notes, far=()):
    """A sheet and its axes, the y axis set. far: (name, value) lines, told at the edge beyond which they lie."""
    lo, hi = y_range
    marks = ticks(lo, hi, figure["log"], unit, most=8)
    x_label, y_label = fold(figure["x_label"], WIDTH - 1.5), fold(figure["y_label"], TALL)
    left = MARGIN + height(y_label) + 0.14 + max((text_width(t) for _, t in marks), default=0.0) + 0.08
    above = _told("▲", [f"{n}, {value_text(v, unit)}" for n, v in far if v > hi])
    below = _told("▼", [f"{n}, {value_text(v, unit)}" for n, v in far if v < lo])
    # Beside the x label there is room for a short text only.
    notes = [*notes, *(t for t in (above, below) if text_width(t, style.SMALL_PT) > _EDGE_IN)]
    above, below = (t if text_width(t, style.SMALL_PT) <= _EDGE_IN else "" for t in (above, below))
    head = 0.24 if above else 0.08
    body = head + TALL + 0.3 + height(x_label) + 0.05
    sheet = Sheet(WIDTH, body, figure, document, legend, notes)
    right, top = WIDTH - MARGIN - 0.1, sheet.body_top + head
    ax = sheet.axes(left, top, right - left, TALL)
    sheet.text(right, top - 0.09, above, ha="right", fontsize=style.SMALL_PT)
    sheet.text(right, top + TALL + 0.36, below, ha="right", fontsize=style.SMALL_PT)
    set_scale(ax.yaxis, lo, hi, figure["log"], marks)
    ax.set_xlabel(x_label)
    ax.set_ylabel(y_label)
    return sheet, ax


def _told(arrow, names):
    return f"{arrow} off the axis: {'; '.join(names)}" if names else ""


def count_axis(ax, values):
    """An x axis of whole numbers: rounds or positions."""
    lo, hi = min(values), max(values)
    pad = max(0.02 * (hi - lo), 0.5)
    ax.set_xlim(lo - pad, hi + pad)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.grid(True, axis="x")
