"""Intervals over the values of rounds, and what they need. Pure; gates are arrays (G gates, n rounds), sorted by row.

Each interval function takes (gates, alpha) and returns its lower and its upper ends, (G,) each. Values are multiples of
0.5 and resampling weights are integers, so sums are exact and the figures the same on every machine.
"""

import math
from functools import lru_cache

import numpy as np

RESAMPLES = 1000


@lru_cache(maxsize=None)
def sign_rank(n, alpha):
    """The largest k with 2 P(Binomial(n, 1/2) < k) <= alpha; 0 if even k = 1 exceeds it."""
    total, k = 0, 0
    while k <= n // 2:
        total += math.comb(n, k)
        if total / 2 ** (n - 1) > alpha:
            break
        k += 1
    return k


def order_interval(gates, k):
    n = gates.shape[1]
    if k == 0:
        return np.full(len(gates), -np.inf), np.full(len(gates), np.inf)
    return gates[:, k - 1], gates[:, n - k]


def sign(gates, alpha):
    """Exact sign-test interval of the median: k-th smallest to k-th largest."""
    return order_interval(gates, sign_rank(gates.shape[1], alpha))


def sign_interpolated(gates, alpha):
    """Between the sign intervals just above and just below the level.

    Source: T. P. Hettmansperger and S. J. Sheather, Confidence intervals based on interpolated order statistics,
    Statistics & Probability Letters 4 (1986).
    """
    n = gates.shape[1]
    k = sign_rank(n, alpha)
    if k == 0 or k + 1 > n // 2:
        return order_interval(gates, k)
    missed = [2 * sum(math.comb(n, i) for i in range(rank)) / 2**n for rank in (k, k + 1)]
    share = (alpha - missed[0]) / (missed[1] - missed[0])
    inward = (n - k) * share / (k + (n - 2 * k) * share)
    low, high = order_interval(gates, k)
    inner_low, inner_high = order_interval(gates, k + 1)
    return low + inward * (inner_low - low), high + inward * (inner_high - high)


@lru_cache(maxsize=None)
def signed_rank_counts(n):
    """How many of the 2^n sign patterns give each value of Wilcoxon's signed-rank sum, 0 to n(n+1)/2."""
    counts = [1]
    for rank in range(1, n + 1):
        padded = [0] * rank
        counts = [a + b for a, b in zip(counts + padded, padded + counts)]
    return counts


@lru_cache(maxsize=None)
def walsh_rank(n, alpha):
    """The largest k with 2 P(signed-rank sum < k) <= alpha."""
    total, k = 0, 0
    for count in signed_rank_counts(n):
        total += count
        if total / 2 ** (n - 1) > alpha:
            break
        k += 1
    return k


def hodges_lehmann(gates, alpha):
    """Wilcoxon's signed-rank interval: of the Walsh averages, the k-th smallest to the k-th largest."""
    k = walsh_rank(gates.shape[1], alpha)
    if k == 0:
        return order_interval(gates, 0)
    rows, columns = np.triu_indices(gates.shape[1])
    low, high = np.empty(len(gates)), np.empty(len(gates))
    for start in range(0, len(gates), 250):  # a block at a time, for memory
        block = gates[start:start + 250].astype(np.float32)
        twice = block[:, rows] + block[:, columns]
        last = twice.shape[1] - k
        twice.partition([k - 1, last], axis=1)
        low[start:start + 250], high[start:start + 250] = twice[:, k - 1] / 2, twice[:, last] / 2
    return low, high


def t_tail(t, df):
    """P(T > t) of Student's distribution, t >= 0."""
    # With T = sqrt(df) tan(angle) the density is a power of the cosine, which Simpson's rule takes at any tail.
    angles = np.linspace(math.atan(t / math.sqrt(df)), math.pi / 2, 2001)
    heights = np.cos(angles) ** (df - 1)
    weights = np.tile([2.0, 4.0], 1001)[:2001]
    weights[[0, -1]] = 1
    area = (weights * heights).sum() * (angles[1] - angles[0]) / 3
    return area * math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(math.pi)


@lru_cache(maxsize=None)
def t_quantile(alpha, df):
    """The t that |T| exceeds with probability alpha."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 2 * t_tail(middle, df) > alpha else (low, middle)
    return high


def mean_and_deviation(gates):
    n = gates.shape[1]
    mean = gates.sum(axis=1) / n
    square = (gates * gates).sum(axis=1) - mean * mean * n
    return mean, np.sqrt(np.maximum(square, 0) / (n - 1))


def student(gates, alpha):
    n = gates.shape[1]
    mean, deviation = mean_and_deviation(gates)
    half = t_quantile(alpha, n - 1) / math.sqrt(n) * deviation
    return mean - half, mean + half


def trimmed(gates, alpha):
    """Student's interval of the 20% trimmed mean (Tukey and McLaughlin; Yuen)."""
    n = gates.shape[1]
    cut = n // 5
    kept = n - 2 * cut
    mean = gates[:, cut:n - cut].sum(axis=1) / kept
    _, deviation = mean_and_deviation(np.clip(gates, gates[:, [cut]], gates[:, [n - cut - 1]]))
    half = t_quantile(alpha, kept - 1) * deviation * math.sqrt(n - 1) / math.sqrt(kept * (kept - 1))
    return mean - half, mean + half


@lru_cache(maxsize=None)
def resampling_weights(n):
    """(n, RESAMPLES) how often each resample takes each of n rounds; the same for every gate, which is fair to each."""
    draws = np.random.RandomState(n).randint(n, size=(RESAMPLES, n))
    return np.stack([np.bincount(draw, minlength=n) for draw in draws], axis=1).astype(float)


def percentile_ends(values, alpha):
    """The ends of the middle 1 - alpha of each row."""
    outside = int(alpha / 2 * values.shape[1])
    values = np.partition(values, [outside, values.shape[1] - 1 - outside], axis=1)
    return values[:, outside], values[:, -1 - outside]


def bootstrap_median(gates, alpha):
    """Percentile bootstrap of the median; in sorted gates each resample's median stands at the same two places."""
    n = gates.shape[1]
    reached = resampling_weights(n).cumsum(axis=0)
    places = [(reached < wanted).sum(axis=0) for wanted in ((n + 1) // 2, n // 2 + 1)]
    return percentile_ends((gates[:, places[0]] + gates[:, places[1]]) / 2, alpha)


def bootstrap_t(gates, alpha):
    """The studentised bootstrap of the mean."""
    n = gates.shape[1]
    weights = resampling_weights(n)
    mean, deviation = mean_and_deviation(gates)
    means = gates @ weights / n
    deviations = np.sqrt(np.maximum((gates * gates) @ weights - means * means * n, 1e-9) / (n - 1))
    low, high = percentile_ends((means - mean[:, None]) / deviations, alpha)
    return mean - high * deviation, mean - low * deviation


def signed_rank_above(gates):
    """How many Walsh averages of each gate lie above 0; gates sorted by `signed_rank_order`."""
    places = np.arange(1, gates.shape[1] + 1)
    return (gates > 0) @ places


def signed_rank_order(values):
    """Values by distance from 0, the positive first among equals: a rank then counts the sums above 0 only."""
    return values[np.lexsort((values < 0, np.abs(values)))]


def median_of_walsh(values):
    rows, columns = np.triu_indices(len(values))
    return float(np.median(values[rows] + values[columns]) / 2)


def trimmed_mean(values):
    cut = len(values) // 5
    return float(np.sort(values)[cut:len(values) - cut].mean())


def median(values):
    return float(np.median(values))


def mean(values):
    return float(values.mean())


# Each method with what it estimates: its centre over a whole trace is the truth that its intervals ought to cover.
METHODS = {
    "sign test": (sign, median),
    "sign test, interpolated": (sign_interpolated, median),
    "bootstrap of the median": (bootstrap_median, median),
    "Hodges-Lehmann": (hodges_lehmann, median_of_walsh),
    "trimmed mean, t": (trimmed, trimmed_mean),
    "mean, t": (student, mean),
    "mean, bootstrap-t": (bootstrap_t, mean),
}
