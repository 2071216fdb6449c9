"""Points beyond the axis: marked at the edge and told in words, never dropped in silence."""

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


def beyond(what, above, below, unit):
    """What a reader must know of the clipped points: how many, and how far they go."""
    out = []
    if above:
        out.append(f"▲ {len(above)} {what} above the axis, up to {about(max(p[1] for p in above), unit)}")
    if below:
        out.append(f"▼ {len(below)} {what} below the axis, down to {about(min(p[1] for p in below), unit)}")
    return out
