"""The pictures of a FID lab as figures that stand still."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from gan_course.damage import DAMAGES
from gan_course.digits import few_digits
from gan_course.plotting import FAKE, G_COLOR, REAL, new_figure

MEAN, COV = "#7a4fa3", "#00795c"
NAMES = {"fid": "FID ↓", "kid": "KID ↓", "precision": "precision ↑", "recall": "recall ↑", "density": "density ↑",
         "coverage": "coverage ↑"}  # fmt: skip
REACH = 5.5


def plot_gaussians(facts: dict, arrays: dict) -> Figure:
    """Both Gaussians, and the two terms of their distance."""
    figure = new_figure("lab")
    plane, bars = figure.subplots(1, 2, width_ratios=(4, 3))
    for name, color in (("real", REAL), ("fake", FAKE)):
        (_on_a_line if facts["dimension"] == 1 else _in_the_plane)(plane, facts[name], color, name)
    plane.legend(loc="upper right")
    terms = facts["terms"]
    bars.barh(["covariances", "means"], [terms["cov_term"], terms["mean_term"]], color=[COV, MEAN])
    bars.set(xlabel="squared units", title=f"Fréchet distance {terms['distance']:.2f}")
    return figure


def _on_a_line(ax, state, color, name):
    x, (mean, std) = np.linspace(-REACH, REACH, 400), (state["mean"][0], state["stds"][0])
    ax.plot(x, np.exp(-(((x - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi)), color=color, label=name)
    ax.set(xlabel="x", ylabel="density", ylim=(0, None))


def _in_the_plane(ax, state, color, name):
    for sigmas, alpha in ((2, 0.15), (1, 0.35)):
        width, height = (2 * sigmas * std for std in state["stds"])
        label = f"{name}, 1 and 2 σ" if sigmas == 1 else None
        shape = Ellipse(state["mean"], width, height, angle=state["angle"], color=color, alpha=alpha, label=label)
        ax.add_patch(shape)
    ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal", xlabel="x₁", ylabel="x₂")


def plot_sample_size(facts: dict, arrays: dict) -> Figure:
    """FID of real against real images over their number, and one draw's line to endlessly many."""
    figure, own = new_figure("lab"), facts["own"]
    curve, line = figure.subplots(1, 2, width_ratios=(4, 3))
    curve.fill_between(arrays["size"], arrays["low"], arrays["high"], color=REAL, alpha=0.3, label="90 % of the draws")
    curve.plot(arrays["size"], arrays["mean"], color=REAL, label=f"mean of {facts['draws']} draws")
    curve.plot(own["n"], own["one"], "o", color=G_COLOR, label=f"one draw of {own['n']:,}: {few_digits(own['one'])}")
    curve.axhline(0, color="gray", ls=":")
    curve.set(xscale="log", xlabel="real images on either side (n)")
    curve.set(ylabel=f"FID of real against real, by {facts['features']}")
    curve.legend()
    if "infinity" in own:
        _plot_line(line, own)
    line.set(xlabel="1/n", ylabel="FID")
    return figure


def _plot_line(ax, own):
    inverse = 1 / np.array(own["line_sizes"])
    at, end = own["line_end"]
    ax.plot(inverse, own["line_fids"], "o", color=G_COLOR, ms=4)
    ax.plot([0, at], [own["infinity"], end], color=G_COLOR, lw=1)
    reach = [[own["infinity"] - own["low"]], [own["high"] - own["infinity"]]]
    label = f"at 1/n = 0: {few_digits(own['infinity'])}, 95 % interval"
    ax.errorbar([0], [own["infinity"]], reach, fmt="D", color=COV, capsize=4, label=label)
    ax.axhline(0, color="gray", ls=":")
    ax.legend()


def plot_damage(facts: dict, arrays: dict) -> Figure:
    """The images made worse, and each measure over the levels."""
    figure = new_figure("lab")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1))
    picture = left.subplots()
    pixels = arrays["picture"]
    picture.imshow(pixels.squeeze(-1), cmap="gray", vmin=0, vmax=255)
    picture.set_axis_off()
    amount = DAMAGES[facts["kind"]].labels()[facts["level"]]
    picture.set_title(f"{facts['kind']}: {amount}; compared by {facts['features']}")
    order = np.argsort(arrays["level"])
    for ax, (name, title) in zip(right.subplots(3, 2, sharex=True).flat, NAMES.items()):
        ax.plot(arrays["level"][order], arrays[name][order], color=REAL, marker=".", lw=1)
        ax.axhline(facts["floor"][name], color="gray", ls=":")
        ax.plot(facts["level"], facts["measures"][name], "o", color=FAKE)
        ax.set_title(f"{title} {few_digits(facts['measures'][name])}", size="small")
        ax.tick_params(labelsize="x-small")
    return figure


PLOTS = {"gaussians": plot_gaussians, "sample size": plot_sample_size, "damage": plot_damage}
