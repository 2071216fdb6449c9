"""Forest: one row an experiment, its interval, its cuts and what was predicted."""

from matplotlib.lines import Line2D

import style
from edges import interval
from scales import interval_text, ticks, unit_of, value_text, window
from sheet import MARGIN, Sheet, fold, height, set_scale, text_width

_LABEL_IN, _PLOT_IN, _GAP, _ITEM_GAP = 3.0, 5.2, 0.14, 0.16
_TWO_AXES_FROM = 25  # rows from which an axis at the top helps too


def draw(figure, document):
    """The matplotlib figure of a checked forest."""
    log, rows = figure["log"], figure["rows"]
    unit = unit_of(figure["x_label"], figure["x_unit"])
    lo, hi = _range(figure)
    labels = [fold(r["label"], _LABEL_IN) for r in rows]
    results = [_result(r, unit) for r in rows]
    names = list(dict.fromkeys(p["name"] for r in rows for p in r["predicted"]))
    markers = style.prediction_markers(names)
    cut_styles = style.cut_styles([c for r in rows for c in r["cuts"]])
    below = [_off_axis(r, unit, lambda v: v < lo) for r in rows]
    above = [_off_axis(r, unit, lambda v: v > hi) for r in rows]

    label_in = max(max(text_width(line) for t in labels for line in t.split("\n")), 0.6)
    below_in, above_in = _column(below), _column(above)
    result_in = max(*map(text_width, results), text_width(_interval_head(figure), style.SMALL_PT))
    left = MARGIN + label_in + _GAP + below_in
    right = left + _PLOT_IN + above_in + _GAP
    width = right + result_in + MARGIN

    # Predictions have a lane of their own above the measured value, so that neither hides the other.
    lane = 0.075 if names else 0.0
    tall = [max(0.25 + lane, height(t) + 0.08) for t in labels]
    edges = [sum(tall[:i]) for i in range(len(tall) + 1)]
    middles = [(a + b) / 2 for a, b in zip(edges, edges[1:])]
    x_label = fold(figure["x_label"], _PLOT_IN)
    twice = len(rows) >= _TWO_AXES_FROM
    head = 0.24 + (0.2 if twice else 0.0)
    body = head + edges[-1] + 0.32 + height(x_label) + 0.05
    sheet = Sheet(width, body, figure, document, _legend(figure, unit, names, markers, cut_styles), _notes(figure))

    top = sheet.body_top + head
    ax = sheet.axes(left, top, _PLOT_IN, edges[-1])
    ax.set_ylim(edges[-1], 0)
    ax.set_yticks([])
    set_scale(ax.xaxis, lo, hi, log, ticks(lo, hi, log, unit, most=10))
    ax.tick_params(axis="x", top=twice, labeltop=twice)
    ax.set_xlabel(x_label)
    _stripes(sheet, edges, top, width)
    if figure["reference"] is not None and lo <= figure["reference"] <= hi:
        ax.axvline(figure["reference"], zorder=1, **style.REFERENCE)

    heads = sheet.body_top + 0.1
    if below_in:
        _heading(sheet, left - below_in / 2, heads, "◀ off the axis")
        _off_axis_column(sheet, ax, left - below_in, below_in, top, edges, middles, below, markers, cut_styles)
    if above_in:
        _heading(sheet, left + _PLOT_IN + above_in / 2, heads, "off the axis ▶")
        _off_axis_column(sheet, ax, left + _PLOT_IN, above_in, top, edges, middles, above, markers, cut_styles)
    sheet.text(right, heads, _interval_head(figure), fontsize=style.SMALL_PT, color=style.GREY)
    for row, label, result, y in zip(rows, labels, results, middles):
        idle = row["value"] is None
        colour = style.GREY if idle else style.INK
        sheet.text(left - below_in - _GAP, top + y, label, ha="right", color=colour)
        sheet.text(right, top + y, result, color=colour, fontstyle="italic" if idle else "normal")
        _row(ax, row, y, lane, lo, hi, markers, cut_styles)
    return sheet.fig


def _range(figure):
    """Measured values rule the axis; intervals, cuts and predictions join it where they are near."""
    rows = figure["rows"]
    values = [r["value"] for r in rows if r["value"] is not None]
    far = [p["value"] for r in rows for p in r["predicted"]] + [c["value"] for r in rows for c in r["cuts"]]
    ends = [e for r in rows if r["value"] is not None for e in (r["low"], r["high"]) if e is not None]
    reference = [] if figure["reference"] is None else [figure["reference"]]
    core = values + reference if values or reference else far or [1.0]
    return window(core, ends + far, figure["log"], least=6.0, times=1.0)


def _result(row, unit):
    if row["value"] is None:
        return row["verdict"] if row["verdict"] == "not run" else f"{row['verdict']}: no value"
    return f"{interval_text(row['value'], row['low'], row['high'], unit)}  {row['verdict']}"


def _interval_head(figure):
    return "value (interval)  verdict" if figure["interval"] is None else f"value ({figure['interval']})  verdict"


def _notes(figure):
    out = []
    if any(r["value"] is None for r in figure["rows"]):
        out.append("A row in grey has no value: it was not run, or gave none.")
    return out


def _legend(figure, unit, names, markers, cut_styles):
    count = {v: sum(r["verdict"] == v for r in figure["rows"]) for v in style.VERDICTS}
    out = []
    for verdict, look in style.VERDICTS.items():
        if not count[verdict]:
            continue
        line = "none" if look["marker"] is None else "-"
        mark = {**style.verdict_marker(verdict), "marker": look["marker"]}
        out.append((Line2D([], [], linestyle=line, linewidth=1.6, **mark), f"{verdict}: {count[verdict]}"))
    for name in names:
        out.append((Line2D([], [], **style.prediction_marker(markers[name])), name if name == "predicted" else f"predicted, {name}"))
    if len(cut_styles) > len(style.CUTS):
        out.append((_tick(style.CUTS[0]), "cut"))
    else:
        out += [(_tick(look), style.cut_name(label)) for label, look in cut_styles.items()]
    if figure["reference"] is not None:
        out.append((Line2D([], [], **style.REFERENCE), f"reference, {value_text(figure['reference'], unit)}"))
    return out


def _tick(look):
    return Line2D([], [], linestyle="none", marker="|", markersize=11, markeredgecolor=look["color"],
                  markeredgewidth=look["linewidth"])


def _stripes(sheet, edges, top, width):
    page = sheet.axes(MARGIN / 2, top, width - MARGIN, edges[-1], zorder=-1)
    page.set_axis_off()
    page.set_ylim(edges[-1], 0)
    for i in range(1, len(edges) - 1, 2):
        page.axhspan(edges[i], edges[i + 1], facecolor=style.STRIPE, linewidth=0)
    sheet.fig.axes[0].patch.set_alpha(0.0)


def _row(ax, row, y, lane, lo, hi, markers, cut_styles):
    for cut in row["cuts"]:
        if lo <= cut["value"] <= hi:
            half = 0.1 + lane / 2
            ax.plot([cut["value"]] * 2, [y - half, y + half], zorder=3, solid_capstyle="butt",
                    **cut_styles[cut["label"]])
    for one in row["predicted"]:
        if lo <= one["value"] <= hi:
            ax.plot([one["value"]], [y - lane], zorder=4, **style.prediction_marker(markers[one["name"]]))
    if row["value"] is None:
        return
    y += 0.6 * lane
    interval(ax, row, y, lo, hi, style.VERDICTS[row["verdict"]]["color"])
    # The marker has a size of its own, so an interval thinner than it still shows.
    ax.plot([row["value"]], [y], linestyle="none", zorder=6, **style.verdict_marker(row["verdict"]))


def _off_axis(row, unit, outside):
    """What of a row lies beyond one end of the axis: (kind, key, text), nearest to the axis first."""
    out = [("predicted", p["name"], value_text(p["value"], unit), p["value"]) for p in row["predicted"]]
    out += [("cut", c["label"], value_text(c["value"], unit), c["value"]) for c in row["cuts"]]
    return [item[:3] for item in sorted(out, key=lambda item: item[3]) if outside(item[3])]


def _item_width(item):
    return 0.17 + text_width(item[2], style.SMALL_PT)


def _column(items):
    """Width of the off-axis column; 0 when nothing needs it."""
    widest = max(sum(_item_width(i) + _ITEM_GAP for i in row) for row in items)
    return max(widest + 0.2, text_width("◀ off the axis", style.SMALL_PT) + 0.2) if widest else 0.0


def _heading(sheet, x, y, text):
    sheet.text(x, y, text, ha="center", fontsize=style.SMALL_PT, color=style.GREY)


def _off_axis_column(sheet, ax, x, width, top, edges, middles, items, markers, cut_styles):
    """Far predictions and cuts, in words beside a broken edge: on the axis they would squash the data."""
    side = sheet.axes(x, top, width, edges[-1])
    side.set_xlim(0, width)
    side.set_ylim(edges[-1], 0)
    side.set_xticks([])
    side.set_yticks([])
    side.patch.set_alpha(0.0)
    for spine in side.spines.values():
        spine.set_linestyle((0, (2, 2)))
    for row, y in zip(items, middles):
        at = 0.18
        for kind, key, text in row:
            if kind == "predicted":
                side.plot([at], [y], **style.prediction_marker(markers[key]))
            else:
                side.plot([at] * 2, [y - 0.1, y + 0.1], solid_capstyle="butt", **cut_styles[key])
            side.text(at + 0.09, y, text, va="center", fontsize=style.SMALL_PT)
            at += _item_width((kind, key, text)) + _ITEM_GAP
