"""How every figure looks: colours, markers, lines, sizes. Nothing else decides a look."""

from pathlib import Path

import matplotlib
from matplotlib import font_manager

# Okabe and Ito's palette: distinct in the common kinds of colour blindness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, FAINT, STRIPE, INK = "#6b6b6b", "#d9d9d9", "#f4f4f4", "#1a1a1a"

FONT = "DejaVu Sans"
TITLE_PT, TEXT_PT, SMALL_PT = 12.0, 8.5, 7.5
PNG_DPI = 150

# Verdicts are filled, predictions hollow; each shape occurs once, so that print needs no colour.
VERDICTS = {
    "supported": {"color": GREEN, "marker": "o", "size": 6.5},
    "refuted": {"color": VERMILLION, "marker": "X", "size": 8.0},
    "equivalent": {"color": BLUE, "marker": "s", "size": 6.0},
    "inconclusive": {"color": ORANGE, "marker": "P", "size": 8.0},
    "invalid": {"color": PURPLE, "marker": "*", "size": 10.0},
    "held": {"color": SKY, "marker": "H", "size": 7.5},
    "failed": {"color": BLACK, "marker": ">", "size": 7.0},
    "not run": {"color": GREY, "marker": None, "size": 0.0},
}
PREDICTIONS = {"optimistic": "^", "realistic": "D", "pessimistic": "v"}
OTHER_PREDICTIONS = ["p", "8", "<", "d", "h"]

ROLES = {
    "baseline": {"color": BLUE, "marker": "o", "linestyle": "--", "hollow": True},
    "candidate": {"color": VERMILLION, "marker": "D", "linestyle": "-", "hollow": False},
}
OTHER_SERIES = [
    {"color": GREEN, "marker": "s", "linestyle": "-.", "hollow": True},
    {"color": PURPLE, "marker": "X", "linestyle": ":", "hollow": False},
    {"color": ORANGE, "marker": "v", "linestyle": (0, (6, 1, 1, 1, 1, 1)), "hollow": False},
    {"color": SKY, "marker": "P", "linestyle": (0, (8, 2)), "hollow": False},
    {"color": BLACK, "marker": "^", "linestyle": (0, (1, 3)), "hollow": True},
]

CUTS = [
    {"color": BLACK, "linestyle": "-", "linewidth": 1.8},
    {"color": PURPLE, "linestyle": (0, (2.5, 1)), "linewidth": 1.8},
    {"color": GREY, "linestyle": (0, (1, 1)), "linewidth": 2.2},
    {"color": ORANGE, "linestyle": "-", "linewidth": 1.0},
]
REFERENCE = {"color": GREY, "linestyle": (0, (5, 3)), "linewidth": 1.0}
MEDIAN = {"color": BLUE, "linestyle": "-", "linewidth": 1.6}
BAND = {"facecolor": SKY, "alpha": 0.35, "linewidth": 0}
ACCEPTED = {"facecolor": GREEN, "alpha": 0.16, "linewidth": 0}
CHOSEN = {"marker": "o", "linestyle": "none", "markersize": 10.0, "markerfacecolor": "none", "markeredgecolor": INK,
          "markeredgewidth": 1.3}
LOOK = {"color": VERMILLION, "linestyle": "-", "linewidth": 1.1}
MARK = {"color": GREY, "linestyle": (0, (1, 2)), "linewidth": 1.1}
# A surface's cells: better and worse differ in lightness and hatch, too; what is open is white.
BETTER = {"facecolor": "#cfe8f7", "edgecolor": "white", "linewidth": 1.5}
WORSE = {"facecolor": "#f3c9ae", "edgecolor": "white", "hatch": "....", "linewidth": 1.5}
OPEN = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 0.8}
ROOF = {"color": GREY, "linestyle": "-", "linewidth": 1.0}
CROSSOVER = {"facecolor": YELLOW, "alpha": 0.45, "edgecolor": GREY, "hatch": "///", "linewidth": 0}


def apply():
    """Sets matplotlib up alike on every machine, whatever its matplotlibrc says."""
    matplotlib.rcdefaults()
    # A second DejaVu on the machine, of another release, would move the glyphs.
    shipped = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    fonts = [f for f in font_manager.fontManager.ttflist if Path(f.fname).parent == shipped]
    if any(f.name == FONT for f in fonts):
        font_manager.fontManager.ttflist = fonts
    matplotlib.rcParams.update({
        "font.family": "sans-serif",
        "font.sans-serif": [FONT],
        "font.size": TEXT_PT,
        "text.color": INK,
        "text.parse_math": False,  # a title may hold a dollar sign
        "axes.labelsize": TEXT_PT,
        "axes.labelcolor": INK,
        "axes.edgecolor": GREY,
        "axes.linewidth": 0.8,
        "axes.axisbelow": True,
        "axes.unicode_minus": False,
        "xtick.labelsize": TEXT_PT,
        "ytick.labelsize": TEXT_PT,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "hatch.linewidth": 0.4,
        "svg.fonttype": "none",  # text stays text: searchable, and small
        "svg.hashsalt": "assay-figures/1",
        "path.simplify": False,
    })


def cut_styles(cuts):
    """A style for each label of cuts; one for all where the labels are too many to tell apart."""
    labels = list(dict.fromkeys(c["label"] for c in cuts))
    if len(labels) > len(CUTS):
        return dict.fromkeys(labels, CUTS[0])
    return dict(zip(labels, CUTS))


def cut_name(label):
    """What a legend calls a cut."""
    return label if "cut" in label else f"cut: {label}"


def verdict_marker(verdict):
    """How a measured value of a verdict is marked."""
    look = VERDICTS[verdict]
    return {"marker": look["marker"] or "o", "color": look["color"], "markersize": look["size"],
            "markeredgecolor": INK, "markeredgewidth": 0.5}


def prediction_marker(marker):
    """How a predicted value is marked: see-through, so that equal predictions all show."""
    return {"marker": marker, "markersize": 5.5, "markerfacecolor": "none", "markeredgecolor": INK,
            "markeredgewidth": 1.0, "linestyle": "none"}


def series_styles(series):
    """One style a series: its role's for the first of each role, another one for the rest."""
    taken, spare, out = set(), 0, []
    for one in series:
        role = one["role"]
        if role in ROLES and role not in taken:
            taken.add(role)
            out.append(ROLES[role])
        else:
            out.append(OTHER_SERIES[spare % len(OTHER_SERIES)])
            spare += 1
    return out


def prediction_markers(names):
    """The marker of each prediction name, known names first."""
    others = [n for n in names if n not in PREDICTIONS]
    spare = {n: OTHER_PREDICTIONS[i % len(OTHER_PREDICTIONS)] for i, n in enumerate(others)}
    return {n: PREDICTIONS.get(n) or spare[n] for n in names}
