"""Layout of axes: what range to show, where ticks stand, how a number reads. No matplotlib state."""

import math
import re

from matplotlib.ticker import MaxNLocator

_STEPS = {
    "ns": [(1.0, " ns"), (1e3, " us"), (1e6, " ms"), (1e9, " s")],
    "bytes": [(1.0, " B"), (2.0**10, " KiB"), (2.0**20, " MiB"), (2.0**30, " GiB"), (2.0**40, " TiB")],
    "binary": [(1.0, ""), (2.0**10, " Ki"), (2.0**20, " Mi"), (2.0**30, " Gi"), (2.0**40, " Ti")],
    "decimal": [(1.0, ""), (1e6, " M"), (1e9, " G"), (1e12, " T")],
    "x": [(1.0, "x")],
    "": [(1.0, "")],
}


def unit_of(label, stated=None):
    """The unit of an axis: the stated one, else what its label says."""
    if stated is not None:
        return stated
    if re.search(r"\bbaseline / candidate\b|\bratio\b", label):
        return "x"
    found = re.search(r"[,(] ?(ns|bytes)\b", label)
    return found.group(1) if found else ""


def _scale(value, unit):
    # An unknown unit is written out behind its number.
    steps = _STEPS.get(unit, [(1.0, f" {unit}")])
    return [s for s in steps if abs(value) >= s[0] or s is steps[0]][-1]


def _figures(value):
    """value with six significant figures at most, thousands parted, no trailing zeros."""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e12):
        return f"{value:.4g}"
    if abs(value) >= 1e6:
        return f"{value:,.0f}"
    return f"{value:,.6g}"


def value_text(value, unit):
    """One number with its unit: 201x, 1.5 us."""
    factor, suffix = _scale(value, unit)
    return _figures(value / factor) + suffix


def about(value, unit):
    """One measured number to three figures."""
    factor, suffix = _scale(value, unit)
    return _figures(float(f"{value / factor:.3g}")) + suffix


def _decimals(width, value):
    """Decimals that show an interval's half-width to a third of itself, or three figures of a bare value."""
    if width and value:
        width = min(width, abs(value) / 3)  # a wide interval leaves the value two figures
    scale = width / 3 if width else abs(value) / 100
    return min(6, max(0, math.ceil(-math.log10(scale) - 1e-9))) if scale else 0


def interval_text(value, low, high, unit):
    """2.10x (2.05 to 2.16), as many decimals as the interval carries."""
    factor, suffix = _scale(value, unit)
    ends = [e for e in (low, high) if e is not None]
    spread = max((abs(e - value) for e in ends), default=0.0)
    places = _decimals(max(spread, (high - low) / 2 if len(ends) == 2 else 0.0) / factor, value / factor)

    def show(v):
        v = v / factor
        return f"{v:.2e}" if v and abs(v) < 1e-5 else f"{v:,.{places}f}"

    if not ends:
        return f"{show(value)}{suffix} (no interval)"
    left, right = ("open" if e is None else show(e) for e in (low, high))
    return f"{show(value)}{suffix} ({left} to {right})"


def _to(v, log):
    return math.log10(v) if log else v


def _from(t, log):
    return 10.0**t if log else t


def share(v, lo, hi, log):
    """How far along an axis v stands: 0 at lo, 1 at hi."""
    return (_to(v, log) - _to(lo, log)) / (_to(hi, log) - _to(lo, log))


def window(core, wished, log, least=2.0, times=1.0):
    """The range that holds all of core, and of wished what is near enough not to squash core.

    Near is within a factor `least`, or `times` the span of core, of core's ends; on a linear axis only the latter.
    """
    inside = [_to(v, log) for v in core]
    lo, hi = min(inside), max(inside)
    span = hi - lo
    if not log and span == 0:
        span = abs(hi) * 0.2 or 1.0
    slack = max(math.log10(least) if log else 0.0, times * span)
    near = [t for t in (_to(v, log) for v in wished if not log or v > 0) if lo - slack <= t <= hi + slack]
    lo, hi = min([lo, *near]), max([hi, *near])
    # Differences of a few thousandths must not look like cliffs.
    least_span = 0.002 if log else 0.002 * max(abs(lo), abs(hi)) or 1.0
    pad = 0.06 * (hi - lo) + max(0.0, least_span - (hi - lo)) / 2
    return _from(lo - pad, log), _from(hi + pad, log)


def bulk(values, log):
    """The ends of the bulk of values: what lies outside is a far tail of at most a twentieth at each end.

    The rule: a value is far when it is 4 quartile ranges beyond the quartiles. A second mode with more than a
    twentieth of the values is never cut off, and nothing is where showing all costs less than half of the axis.
    """
    t = sorted(_to(v, log) for v in values)
    n = len(t)
    if n < 8:
        return _from(t[0], log), _from(t[-1], log)
    q1, q3 = t[n // 4], t[(3 * n) // 4]
    fence = 4 * (q3 - q1)
    trim = max(1, n // 20)
    lo = min(t[trim], max(t[0], q1 - fence))
    hi = max(t[n - 1 - trim], min(t[-1], q3 + fence))
    if t[-1] - t[0] <= 2.0 * (hi - lo):
        lo, hi = t[0], t[-1]
    return _from(lo, log), _from(hi, log)


_LADDERS = [(1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8), (1, 1.5, 2, 3, 4, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)]


def _log_ticks(lo, hi, most, unit):
    if unit in ("bytes", "binary"):
        first, last = math.ceil(math.log2(lo) - 1e-9), math.floor(math.log2(hi) + 1e-9)
        stride = max(1, math.ceil((last - first + 1) / most))
        first += -first % stride
        return [2.0**e for e in range(first, last + 1, stride)]
    decades = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    for ladder in _LADDERS:
        ticks = [m * 10.0**d for d in decades for m in ladder if lo <= m * 10.0**d <= hi]
        if len(ticks) <= most:
            return ticks
    stride = math.ceil(len(decades) / most)
    return [10.0**d for d in decades if d % stride == 0 and lo <= 10.0**d <= hi]


def _even_ticks(lo, hi, most):
    return [v for v in MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(lo, hi) if lo <= v <= hi]


def ticks(lo, hi, log, unit, most=9):
    """Positions and texts of the ticks between lo and hi."""
    if log and hi / lo > 2.5:
        at = _log_ticks(lo, hi, most, unit)
        if len(at) >= 3 or unit in ("bytes", "binary"):
            return [(v, value_text(v, unit)) for v in at]
    at = _even_ticks(lo, hi, most)
    step = min((b - a for a, b in zip(at, at[1:])), default=0.0)
    # One unit for all, so that evenly spaced ticks read evenly.
    factor, suffix = _scale(max((abs(v) for v in at), default=1.0), unit)
    places = min(9, max(0, -math.floor(math.log10(step / factor) + 1e-9))) if step else 3
    if round(step / factor, places) != round(step / factor, places + 1):
        places += 1
    return [(v, f"{v / factor:,.{places}f}{suffix}") for v in at]
