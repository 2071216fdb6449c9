"""What lies beyond the axis: marked at the edge and told in words, never dropped in silence."""

import style
from scales import about

_INSET = 0.022


def split(points, lo, hi):
    """points as (inside, above, below, count without a value)."""
    valued = [p for p in points if p[1] is not None]
    return ([p for p in valued if lo <= p[1] <= hi], [p for p in valued if p[1] > hi],
            [p for p in valued if p[1] < lo], len(points) - len(valued))


def mark(ax, above, below, color, hollow=False):
    """Triangles at the top and bottom edges, hollow for a hollow series."""
    for points, marker, y in ((above, "^", 1 - _INSET), (below, "v", _INSET)):
        ax.plot([p[0] for p in points], [y] * len(points), marker=marker, linestyle="none", markersize=5.5,
                markerfacecolor="white" if hollow else color, markeredgewidth=0.9 if hollow else 0.5,
                markeredgecolor=color if hollow else style.INK, alpha=0.9,
                transform=ax.get_xaxis_transform(), zorder=7)


def interval(ax, thing, y, lo, hi, color):
    """The bar with caps; an end beyond the axis, or open, runs to the edge and ends in an arrow."""
    if thing["low"] is None and thing["high"] is None:
        return
    low = lo if thing["low"] is None else max(thing["low"], lo)
    high = hi if thing["high"] is None else min(thing["high"], hi)
    ax.plot([low, high], [y, y], color=color, linewidth=1.6, zorder=5, solid_capstyle="butt")
    for end, shown, arrow in ((thing["low"], low, "<"), (thing["high"], high, ">")):
        marker = "|" if end == shown else arrow
        ax.plot([shown], [y], marker=marker, color=color, markersize=6, markeredgewidth=1.2, linestyle="none",
                zorder=5, clip_on=False)


def ring(ax, x, y, lo, hi, look):
    """A ring around one point, or around the triangle that stands for it at the edge."""
    if lo <= y <= hi:
        ax.plot([x], [y], zorder=8, **look)
    else:
        ax.plot([x], [1 - _INSET if y > hi else _INSET], transform=ax.get_xaxis_transform(), zorder=8, **look)


def beyond(what, where, above, below, unit):
    """What a reader must know of the clipped points: how many, and how far they go. what: one of them."""
    out = []
    if above:
        out.append(f"▲ {_count(above, what)}{where} above the axis, up to {about(max(p[1] for p in above), unit)}")
    if below:
        out.append(f"▼ {_count(below, what)}{where} below the axis, down to {about(min(p[1] for p in below), unit)}")
    return out


def _count(points, what):
    return f"{len(points)} {what}{'' if len(points) == 1 else 's'}"
