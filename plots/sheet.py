"""The page that every figure stands on: title, small print, legend, notes; measured in inches."""

import functools

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

import style

MARGIN = 0.15
_LINE = 1.3 / 72  # inches of line for a point of type


@functools.lru_cache(maxsize=None)
def text_width(text, size=style.TEXT_PT, weight="normal"):
    """Inches that text takes."""
    if not text.strip():
        return 0.0
    path = TextPath((0, 0), text, size=size, prop=FontProperties(family=style.FONT, weight=weight))
    # The control points hold the curves; the exact extents would take most of the whole run's time.
    return float(path.vertices[:, 0].max()) / 72


def fold(text, width, size=style.TEXT_PT, weight="normal"):
    """text in lines of at most width inches, broken after a space, slash, comma or dash where one is."""
    lines, rest = [], text
    while text_width(rest, size, weight) > width:
        fits = _longest(rest, width, size, weight)
        breaks = [i + 1 for i in range(fits) if rest[i] in " /,-_:" and i + 1 > fits // 3]
        cut = breaks[-1] if breaks else fits
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return "\n".join([*lines, rest])


def _longest(text, width, size, weight):
    lo, hi = 1, len(text)
    while lo < hi:
        mid = (lo + hi + 1) // 2
        lo, hi = (mid, hi) if text_width(text[:mid], size, weight) <= width else (lo, mid - 1)
    return lo


def height(text, size=style.TEXT_PT):
    """Inches that folded text takes downwards."""
    return (text.count("\n") + 1) * size * _LINE


class Sheet:
    """A figure of a given width, filled from the top down."""

    def __init__(self, width, body, figure, document, legend, notes=(), arms=()):
        """legend: (handle, text) pairs; body: inches that the drawing takes, with its axis labels.

        arms: a legend above that one; long names in it do not cost the other its columns.
        """
        inner = width - 2 * MARGIN
        title = fold(figure["title"], inner, style.TITLE_PT, "bold")
        small = fold(f"{document['subtitle']}; run {document['run_id']}", inner, style.SMALL_PT)
        notes = [fold(n, inner, style.SMALL_PT) for n in notes]
        legends = [(entries, *_legend_shape(entries, inner)) for entries in (arms, legend) if entries]
        legend_height = sum(tall for _, _, tall, _ in legends)
        foot = sum(height(n, style.SMALL_PT) for n in notes) + (0.08 if notes else 0.0)
        y = MARGIN
        self.width = width
        self.height = (MARGIN + height(title, style.TITLE_PT) + 0.04 + height(small, style.SMALL_PT) + 0.1
                       + legend_height + body + foot + MARGIN)
        self.fig = Figure(figsize=(width, self.height), facecolor="white")
        self.text(MARGIN, y, title, va="top", fontsize=style.TITLE_PT, fontweight="bold")
        y += height(title, style.TITLE_PT) + 0.04
        self.text(MARGIN, y, small, va="top", fontsize=style.SMALL_PT, color=style.GREY)
        y += height(small, style.SMALL_PT) + 0.1
        for entries, columns, tall, texts in legends:
            self.fig.legend([h for h, _ in entries], texts, loc="upper left", ncol=columns, frameon=False,
                            bbox_to_anchor=self.at(MARGIN, y), borderaxespad=0, borderpad=0, fontsize=style.TEXT_PT,
                            handlelength=2.2, handletextpad=0.6, columnspacing=1.6, labelspacing=0.45)
            y += tall
        self.body_top = y
        y += body + (0.08 if notes else 0.0)
        for note in notes:
            self.text(MARGIN, y, note, va="top", fontsize=style.SMALL_PT)
            y += height(note, style.SMALL_PT)

    def at(self, x, y):
        """Inches from the top left, in figure coordinates."""
        return x / self.width, 1 - y / self.height

    def text(self, x, y, text, **how):
        """Sets text at inches from the top left."""
        how = {"ha": "left", "va": "center", "linespacing": 1.2, **how}
        return self.fig.text(*self.at(x, y), text, **how)

    def axes(self, x, y, width, tall, **how):
        """Axes whose top left corner stands at inches x, y."""
        left, bottom = self.at(x, y + tall)
        return self.fig.add_axes([left, bottom, width / self.width, tall / self.height], **how)


def _legend_shape(legend, inner):
    """Columns, height in inches, and folded texts of a legend."""
    handle = 0.45
    texts = [fold(t, inner - handle - 0.1) for _, t in legend]
    # matplotlib drops an entry that starts with an underscore
    texts = [" " + t if t.startswith("_") else t for t in texts]
    widest = max(text_width(line) for t in texts for line in t.split("\n"))
    columns = max(1, min(len(texts), int((inner + 0.15) / (widest + handle + 0.2))))
    rows = -(-len(texts) // columns)
    lines = sum(sorted((t.count("\n") + 1 for t in texts), reverse=True)[:rows])
    return columns, lines * 0.175 + 0.1, texts


def set_scale(axis, lo, hi, log, ticks):
    """Gives one axis (ax.xaxis or ax.yaxis) its range and its ready ticks."""
    ax, name = axis.axes, axis.axis_name
    getattr(ax, f"set_{name}scale")("log" if log else "linear")
    getattr(ax, f"set_{name}lim")(lo, hi)
    axis.set_ticks([v for v, _ in ticks], [t for _, t in ticks])
    axis.set_ticks([], minor=True)
    ax.grid(True, axis=name)
