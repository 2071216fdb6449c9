"""Roofline: operations a second of kernels, by what they do for each byte, under what probes reached."""

import chart
import style
from matplotlib.lines import Line2D
from scales import about, share, ticks, window
from sheet import set_scale

LINE_IN = 0.15  # what a kernel's number takes
_ASIDE = 3.0  # how far the axis goes to both sides of the kernels


def draw(figure, document):
    """The matplotlib figure of a checked roofline."""
    kernels, bandwidth, compute = figure["kernels"], figure["bandwidth"], figure["compute"]
    at = [k["intensity"] for k in kernels]
    lo, hi = min(at) / _ASIDE, max(at) * _ASIDE
    # The roofs as they are at the kernels: further to the sides they say nothing of these.
    y_range = window([k["value"] for k in kernels] + [r["value"] for r in compute]
                     + [r["value"] * x for r in bandwidth for x in (min(at), max(at))], [], True)
    y_range = _at_least(y_range, _ASIDE**2)  # as wide as the other axis at its least: slopes look alike
    sheet, ax = chart.page(figure, document, y_range, "decimal", _legend(kernels), _notes(figure))
    set_scale(ax.xaxis, lo, hi, True, ticks(lo, hi, True, "", most=10))
    _roofs(ax, bandwidth, compute, (lo, hi), y_range)
    _kernels(ax, kernels, (lo, hi), y_range)
    return sheet.fig


def _at_least(ends, times):
    short = max(1.0, times * ends[0] / ends[1]) ** 0.5
    return ends[0] / short, ends[1] * short


def _letter(i):
    return chr(ord("A") + i % 26) * (1 + i // 26)


def _roofs(ax, bandwidth, compute, x_range, y_range):
    """Lines, each with its letter: at the right edge where it ends there, else at the left; in turns, as they lie close."""
    lo, hi = x_range
    for i, roof in enumerate(bandwidth):
        ax.plot([lo, hi], [roof["value"] * lo, roof["value"] * hi], zorder=2, **style.ROOF)
        aside = (hi / lo) ** (0.02 + 0.035 * (i % 4))
        x = hi / aside if roof["value"] * hi < y_range[1] else max(lo, y_range[0] / roof["value"]) * aside
        _name(ax, x, roof["value"] * x, _letter(i))
    for i, roof in enumerate(compute):
        ax.plot([lo, hi], [roof["value"]] * 2, zorder=2, **style.ROOF)
        _name(ax, hi / (hi / lo) ** (0.03 + 0.035 * (i % 3)), roof["value"], _letter(len(bandwidth) + i))


def _name(ax, x, y, letter):
    ax.text(x, y, letter, ha="center", va="center", fontsize=style.SMALL_PT, color=style.GREY, zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def _kernels(ax, kernels, x_range, y_range):
    for intensity in sorted({k["intensity"] for k in kernels}):
        column = [(i, k) for i, k in enumerate(kernels) if k["intensity"] == intensity]
        heights = spread([share(k["value"], *y_range, True) * chart.TALL for _, k in column])
        for (i, kernel), height in zip(column, heights):
            value = kernel["value"]
            bar = [y_range[0] if kernel["low"] is None else max(kernel["low"], y_range[0]),
                   y_range[1] if kernel["high"] is None else min(kernel["high"], y_range[1])]
            ax.plot([intensity] * 2, bar, color=style.INK, linewidth=1.0, zorder=4)
            ax.plot([intensity], [value], linestyle="none", zorder=5, **style.verdict_marker(kernel["verdict"]))
            aside = intensity * (x_range[1] / x_range[0]) ** 0.03
            told = y_range[0] * (y_range[1] / y_range[0]) ** (height / chart.TALL)
            ax.plot([intensity, aside], [value, told], color=style.FAINT, linewidth=0.8, zorder=3)
            ax.text(aside, told, f"{i + 1}", ha="left", va="center", fontsize=style.SMALL_PT, zorder=6,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def spread(heights):
    """Descending heights moved apart until no two are closer than a line, downwards but not below the axis."""
    out = []
    for height in heights:
        out.append(height if not out else min(height, out[-1] - LINE_IN))
    floor = LINE_IN / 2
    for i in reversed(range(len(out))):
        out[i] = max(out[i], floor)
        floor = out[i] + LINE_IN
    return out


def _legend(kernels):
    shown = dict.fromkeys(k["verdict"] for k in kernels)
    return ([(Line2D([], [], linestyle="none", **style.verdict_marker(v)), v) for v in shown]
            + [(Line2D([], [], **style.ROOF), "what a probe reached")])


def _notes(figure):
    roofs = figure["bandwidth"] + figure["compute"]
    units = ["B/s"] * len(figure["bandwidth"]) + [" a second"] * len(figure["compute"])
    told = "; ".join(f"{_letter(i)} {r['name']} {about(r['value'], 'decimal')}{unit}"
                     for i, (r, unit) in enumerate(zip(roofs, units)))
    named = "; ".join(f"{i + 1} {k['name']} {about(k['value'], 'decimal')}" for i, k in enumerate(figure["kernels"]))
    out = [f"Kernels, {figure['y_label']}: {named}.", f"Probes: {told}."]
    if figure["compute"]:
        out.append("A flat roof is one instruction for each operation: a kernel that takes several stays below it by as many.")
    else:
        out.append("No probe of what the execution units do at best was in this run: a flat roof is missing.")
    if any(k["claims"] > 1 for k in figure["kernels"]):
        out.append("Of a kernel with several claims the least favourable verdict is shown.")
    return out + ["A kernel may work where another kernel's probe does not: its own limit is told in its section."]
