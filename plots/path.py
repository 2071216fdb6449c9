"""Path: one experiment's data from slices to the verdict, in four panels."""

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

import edges
import style
from chart import WIDTH, count_axis
from rounds import last_round, look_spans, wide_looks, y_range
from scales import about, bulk, interval_text, share, ticks, unit_of, value_text, window
from sheet import MARGIN, Sheet, fold, height, set_scale, text_width

_GUTTER, _ROW_GAP, _TALL = 0.3, 0.18, 2.0
_PANEL = (WIDTH - 2 * MARGIN - _GUTTER) / 2
_VERDICT_TALL = 1.3  # the words stand below it
_FOOT = 0.5  # the numbers and the name of an x axis
_HEAD_PT = 9.5
_LANE, _BAR = 0.74, 0.34  # of predictions, and of the interval


def draw(figure, document):
    """The matplotlib figure of a checked path."""
    unit = unit_of(figure["y_label"], figure["y_unit"])
    slice_unit = unit_of(figure["slices"]["y_label"])
    shown = _Shown(figure, unit, slice_unit)
    heads = [fold(text, _PANEL, style.SMALL_PT) for text in _captions(figure, unit)]
    tops = [0.21 + max(height(t, style.SMALL_PT) for t in row) + 0.08 for row in (heads[:2], heads[2:])]
    words = _words(figure, unit, shown.verdict)
    below = _VERDICT_TALL + sum(_word_height(w) for w in words)
    second = max(_TALL, below) + _FOOT
    body = tops[0] + _TALL + _FOOT + _ROW_GAP + tops[1] + second
    sheet = Sheet(WIDTH, body, figure, document, _legend(figure, unit, shown),
                  _notes(figure, unit, slice_unit, shown), arms=_arms(figure, shown))
    rows = [sheet.body_top, sheet.body_top + tops[0] + _TALL + _FOOT + _ROW_GAP]
    columns = [MARGIN, MARGIN + _PANEL + _GUTTER]
    for i, (name, caption) in enumerate(zip(_names(figure), heads)):
        x, y = columns[i % 2], rows[i // 2]
        sheet.text(x, y, f"{i + 1}  {name}", va="top", fontsize=_HEAD_PT, fontweight="bold")
        sheet.text(x, y + 0.21, caption, va="top", fontsize=style.SMALL_PT, color=style.GREY)
    first = max(_left(figure["slices"]["y_label"], shown.slice_ticks), _left(figure["y_label"], shown.round_ticks))
    other = _left(figure["y_label"], shown.effect_ticks)
    _slices(_axes(sheet, columns[0], rows[0] + tops[0], first), figure, shown)
    _effects(_axes(sheet, columns[1], rows[0] + tops[0], other), figure, shown, unit)
    _rounds(_axes(sheet, columns[0], rows[1] + tops[1], first), figure, shown, unit)
    _verdict(_axes(sheet, columns[1], rows[1] + tops[1], other, _VERDICT_TALL), figure, shown, unit)
    _write(sheet, columns[1], rows[1] + tops[1] + _VERDICT_TALL + _FOOT, words, figure)
    return sheet.fig


class _Shown:
    """The range of each panel, its ticks, and what of its data lies within."""

    def __init__(self, figure, unit, slice_unit):
        log, slices = figure["log"], figure["slices"]
        self.places, self.starts = _places(slices["series"])
        ends = []
        for one in slices["series"]:
            values = [p[1] for p in one["points"]]
            ends += bulk(values, slices["log"]) if values else []
        self.slices = window(ends, [], slices["log"])
        self.slice_ticks = ticks(*self.slices, slices["log"], slice_unit, most=6)
        self.slice_parts = [edges.split(s["points"], *self.slices) for s in slices["series"]]
        self.looks = style.series_styles(slices["series"])

        even = [1.0] if unit == "x" else []
        self.effects = window([*bulk(figure["effects"], log), figure["round_value"]], even, log, least=1.02, times=1.0)
        self.effect_ticks = ticks(*self.effects, log, unit, most=6)
        self.effect_parts = edges.split([[i, v] for i, v in enumerate(figure["effects"], 1)], *self.effects)

        self.rounds = y_range(figure, unit)
        self.round_ticks = ticks(*self.rounds, log, unit, most=6)
        self.round_parts = edges.split(figure["points"], *self.rounds)

        core = [figure["value"], figure["low"], figure["high"], *(c["value"] for c in figure["cuts"])]
        core = [v for v in core if v is not None and (v > 0 or not log)]
        wished = [p["value"] for p in figure["predicted"]] + even
        self.verdict = window(core or wished or [1.0], wished, log, least=6.0, times=1.0)


def _places(series):
    """Where each position stands: side by side, but apart where others ran between; and the first of each stretch."""
    places, starts, place, before = {}, [], 0.0, None
    for position in sorted({p[0] for s in series for p in s["points"]}):
        gap = before is not None and position != before + 1
        if before is None or gap:
            starts.append(position)
        place += 2.5 if gap else 1.0
        places[position], before = place, position
    return places, starts


def _is_alone(figure):
    return not figure["slices"]["pairs"]


def _names(figure):
    at = f"{figure['round']:,.0f}"
    return (f"Slices of round {at}", f"{'Values' if _is_alone(figure) else 'Pairs'} of round {at}",
            "Rounds", "Verdict")


def _captions(figure, unit):
    value = about(figure["round_value"], unit)
    if _is_alone(figure):
        slices = "In the order in which they ran."
        effects = f"The same slices, sorted; their median, {value}, is the round's value."
    else:
        slices = "In the order in which they ran. A line joins the two slices of a pair."
        effects = f"One value a pair, sorted; their median, {value}, is the round's value."
    return (slices + (" A gap: other comparisons ran there." if _has_gaps(figure) else ""), effects,
            "One value a round, each another process. The band: the interval of their median, from each look on.",
            f"The last interval against the rule: {figure['rule']}.")


def _has_gaps(figure):
    return len(_places(figure["slices"]["series"])[1]) > 1


def _left(label, marks):
    """Inches from a panel's left to its axes."""
    return height(fold(label, _TALL)) + 0.12 + max((text_width(t) for _, t in marks), default=0.0) + 0.06


def _axes(sheet, x, y, left, tall=_TALL):
    return sheet.axes(x + left, y, _PANEL - left - 0.05, tall)


def _slices(ax, figure, shown):
    slices = figure["slices"]
    set_scale(ax.yaxis, *shown.slices, slices["log"], shown.slice_ticks)
    ax.set_ylabel(fold(slices["y_label"], _TALL))
    ax.set_xlabel("position in the round")
    last = max(shown.places.values())
    ax.set_xlim(0.2, last + 0.8)
    _position_ticks(ax, shown, last)
    for pair in slices["pairs"]:
        ax.plot([shown.places[p[0]] for p in pair], [p[1] for p in pair], color=style.GREY, linewidth=0.7, zorder=2)
    many = len(shown.places)
    for (inside, above, below, _), look in zip(shown.slice_parts, shown.looks):
        ax.plot([shown.places[p[0]] for p in inside], [p[1] for p in inside], zorder=4, **_arm(look, many))
        edges.mark(ax, _placed(above, shown), _placed(below, shown), look["color"], look["hollow"])


def _placed(points, shown):
    return [[shown.places[p[0]], p[1]] for p in points]


def _position_ticks(ax, shown, last):
    """The first position of each stretch, or of few stretches any position, as many as have room."""
    wide = ax.get_position().width * WIDTH / (last + 0.6)
    at = shown.starts if len(shown.starts) > 2 else list(shown.places)
    kept, free = [], 0.0
    for position in at:
        half = text_width(f"{position:,.0f}") / 2 / wide
        if not kept or shown.places[position] - half >= free:
            kept.append(position)
            free = shown.places[position] + half + 0.1 / wide
    ax.set_xticks([shown.places[p] for p in kept], [f"{p:,.0f}" for p in kept])


def _arm(look, count):
    size = 5.0 if count <= 60 else 3.5
    return {"marker": look["marker"], "linestyle": "none", "markersize": size, "color": look["color"],
            "markerfacecolor": "white" if look["hollow"] else look["color"],
            "markeredgewidth": 1.0 if look["hollow"] else 0.4, "markeredgecolor": look["color"]}


def _dots(count):
    return {"marker": "o", "linestyle": "none", "markersize": 4.5 if count <= 60 else 3.2 if count <= 250 else 2.4,
            "color": style.GREY, "markeredgecolor": style.INK, "markeredgewidth": 0.4}


def _effects(ax, figure, shown, unit):
    lo, hi = shown.effects
    inside, above, below, _ = shown.effect_parts
    set_scale(ax.yaxis, lo, hi, figure["log"], shown.effect_ticks)
    ax.set_ylabel(fold(figure["y_label"], _TALL))
    ax.set_xlabel("slice, by value" if _is_alone(figure) else "pair, by value")
    count_axis(ax, [1, len(figure["effects"])])
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    _even(ax.axhline, unit, lo, hi)
    ax.axhline(figure["round_value"], zorder=2, **style.MEDIAN)
    ax.plot([p[0] for p in inside], [p[1] for p in inside], zorder=4, **_dots(len(figure["effects"])))
    edges.mark(ax, above, below, style.GREY)


def _even(line, unit, lo, hi):
    if unit == "x" and lo <= 1.0 <= hi:
        line(1.0, zorder=1.5, **style.REFERENCE)


def _rounds(ax, figure, shown, unit):
    lo, hi = shown.rounds
    inside, above, below, missing = shown.round_parts
    set_scale(ax.yaxis, lo, hi, figure["log"], shown.round_ticks)
    ax.set_ylabel(fold(figure["y_label"], _TALL))
    ax.set_xlabel("round")
    last = last_round(figure, 0.1)
    count_axis(ax, [p[0] for p in figure["points"]] + [last])
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    _even(ax.axhline, unit, lo, hi)
    for look, start, stop in look_spans(figure, last):
        _band(ax, look, start, stop, lo, hi)
    if figure["value"] is not None:
        ax.axhline(figure["value"], zorder=3, **style.MEDIAN)
    ax.plot([p[0] for p in inside], [p[1] for p in inside], zorder=4, **_dots(len(figure["points"])))
    edges.mark(ax, above, below, style.GREY)
    ax.plot([p[0] for p in figure["points"] if p[1] is None], [0.0] * missing, marker="x", color=style.INK,
            linestyle="none", markersize=5, transform=ax.get_xaxis_transform(), zorder=7, clip_on=False)
    edges.ring(ax, figure["round"], figure["round_value"], lo, hi, style.CHOSEN)


def _band(ax, look, start, stop, lo, hi):
    """A look's interval; an open end runs to the edge."""
    if look["low"] is None and look["high"] is None:
        return
    low = lo if look["low"] is None else max(look["low"], lo)
    high = hi if look["high"] is None else min(look["high"], hi)
    ax.fill_between([start, stop], low, high, zorder=2, **style.BAND)
    ax.plot([start] * 2, [low, high], zorder=3, color=style.BAND["facecolor"], linewidth=1.2)


def _verdict(ax, figure, shown, unit):
    lo, hi = shown.verdict
    log = figure["log"]
    set_scale(ax.xaxis, lo, hi, log, _sparse(ax, lo, hi, log, unit))
    ax.set_xlabel(fold(figure["y_label"], _PANEL - 0.8))
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    low, high = figure["accepted"]["low"], figure["accepted"]["high"]
    if low is None or low <= hi:
        ax.axvspan(lo if low is None else max(low, lo), hi if high is None else min(high, hi), zorder=0.5,
                   **style.ACCEPTED)
    _even(ax.axvline, unit, lo, hi)
    for cut in figure["cuts"]:
        ax.axvline(cut["value"], zorder=3, **style.cut_styles(figure["cuts"])[cut["label"]])
    markers = style.prediction_markers([p["name"] for p in figure["predicted"]])
    for one in figure["predicted"]:
        if lo <= one["value"] <= hi:
            ax.plot([one["value"]], [_LANE], zorder=4, **style.prediction_marker(markers[one["name"]]))
    if figure["value"] is not None:
        edges.interval(ax, figure, _BAR, lo, hi, style.VERDICTS[figure["verdict"]]["color"])
        ax.plot([figure["value"]], [_BAR], linestyle="none", zorder=6, **style.verdict_marker(figure["verdict"]))


def _sparse(ax, lo, hi, log, unit):
    """As many ticks as leave their texts apart."""
    wide = ax.get_position().width * WIDTH
    for most in range(9, 2, -1):
        marks = ticks(lo, hi, log, unit, most=most)
        spans = [(share(v, lo, hi, log) * wide, text_width(t) / 2 + 0.05) for v, t in marks]
        if all(b - a > left + right for (a, left), (b, right) in zip(spans, spans[1:])):
            break
    return marks


def _words(figure, unit, axis):
    """The verdict in words, as (text, size, weight) lines that fit the panel."""
    out = [(f"{figure['verdict']}: {_told(figure, unit)}", style.TEXT_PT + 1.5, "bold")]
    if figure["comparisons"] > 1:
        out.append((f"against the strongest of {figure['comparisons']:,.0f} rivals; the other figures show the rest",
                    style.SMALL_PT, "normal"))
    if figure["comparison_verdict"] != figure["verdict"]:
        out.append((f"this comparison alone: {figure['comparison_verdict']}", style.SMALL_PT, "normal"))
    for arrow, far in (("◀", [p for p in figure["predicted"] if p["value"] < axis[0]]),
                       ("▶", [p for p in figure["predicted"] if p["value"] > axis[1]])):
        if far:
            out.append((f"{arrow} off the axis: " + "; ".join(f"{_predicted(p['name'])}, {value_text(p['value'], unit)}"
                                                              for p in far), style.SMALL_PT, "normal"))
    inset = 0.22
    return [(fold(t, _PANEL - (inset if i == 0 else 0.0), size, weight), size, weight)
            for i, (t, size, weight) in enumerate(out)]


def _told(figure, unit):
    if figure["value"] is None:
        return "no value"
    return interval_text(figure["value"], figure["low"], figure["high"], unit)


def _word_height(word):
    return height(word[0], word[1]) + 0.04


def _write(sheet, x, y, words, figure):
    page = sheet.axes(x, y, 0.2, height("", words[0][1]))
    page.set_axis_off()
    page.set_xlim(0, 1)
    page.set_ylim(0, 1)
    mark = style.verdict_marker(figure["verdict"])
    if style.VERDICTS[figure["verdict"]]["marker"]:
        page.plot([0.4], [0.5], linestyle="none", clip_on=False, **mark)
    for i, (text, size, weight) in enumerate(words):
        sheet.text(x + (0.22 if i == 0 else 0.0), y, text, va="top", fontsize=size, fontweight=weight)
        y += _word_height((text, size, weight))


def _predicted(name):
    return name if name == "predicted" else f"predicted, {name}"


def _arms(figure, shown):
    return [(Line2D([], [], **_arm(look, 1)), f"{one['role']}: {one['name']}")
            for one, look in zip(figure["slices"]["series"], shown.looks)]


def _legend(figure, unit, shown):
    out = [(Line2D([], [], **style.MEDIAN), "median: in 2 of the round, in 3 of all rounds"),
           (Line2D([], [], **style.CHOSEN), "the round of 1 and 2")]
    if any(k["low"] is not None or k["high"] is not None for k in figure["looks"]):
        out.append((Patch(**style.BAND), "interval at each look"))
    out.append((Patch(**style.ACCEPTED), "values by which the rule holds"))
    for label, look in style.cut_styles(figure["cuts"]).items():
        told = " and ".join(value_text(c["value"], unit) for c in figure["cuts"] if c["label"] == label)
        out.append((Line2D([], [], **look), f"{style.cut_name(label)}, {told}"))
    markers = style.prediction_markers([p["name"] for p in figure["predicted"]])
    out += [(Line2D([], [], **style.prediction_marker(markers[p["name"]])),
             f"{_predicted(p['name'])}, {value_text(p['value'], unit)}") for p in figure["predicted"]]
    if unit == "x" and any(lo <= 1.0 <= hi for lo, hi in (shown.effects, shown.rounds, shown.verdict)):
        out.append((Line2D([], [], **style.REFERENCE), "no difference, 1x"))
    return out


def _notes(figure, unit, slice_unit, shown):
    out = []
    for one, (_, above, below, _) in zip(figure["slices"]["series"], shown.slice_parts):
        out += edges.beyond("slice", f" of the {one['role']} in 1", above, below, slice_unit)
    _, above, below, _ = shown.effect_parts
    out += edges.beyond("slice" if _is_alone(figure) else "pair", " in 2", above, below, unit)
    _, above, below, missing = shown.round_parts
    out += edges.beyond("round", " in 3", above, below, unit)
    if missing:
        out.append(f"× {missing} of {len(figure['points'])} rounds in 3 without a value")
    out += [note.replace("the axis", "the axis of 3") for note in wide_looks(figure, *shown.rounds)]
    if figure["why"]:
        out.append(f"Reason: {figure['why']}.")
    return out
