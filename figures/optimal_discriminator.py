"""Figures of chapter 2: the best discriminator beside a trained one, and what a shift does to three distances."""

import numpy as np
from drawing import save
from matplotlib.figure import Figure

from gan_course.one_d import train_discriminator
from gan_course.plotting import D_COLOR
from gan_course.plotting_density import NON_SATURATING, plot_best_discriminator, plot_densities
from gan_course.theory import (
    Mixture,
    gaussian,
    js_divergence,
    optimal_discriminator,
    wasserstein_1d,
)
from gan_course.theory.grid import integral

X = np.linspace(-8, 8, 1601)
P_DATA, P_G = Mixture([-2, 2], [0.8, 0.8]), Mixture([0], [1.5])
SHIFTS = np.linspace(0, 6, 61)
STD = 0.5


def best_discriminator() -> None:
    """Two densities, the best D between them, and a network after 600 updates."""
    p_data, p_g = P_DATA.pdf(X), P_G.pdf(X)
    trained = train_discriminator(P_DATA, P_G, X)["d"][-1]
    figure = Figure((8.4, 3.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    plot_densities(X, p_data, p_g, above)
    plot_best_discriminator(X, p_data, p_g, below)
    below.lines[-1].set_label("D*(x) = p_data / (p_data + p_g)")
    below.plot(X, trained, color="black", lw=1.3, ls="--", label="a network after 600 updates")
    below.set(xlabel="x", ylabel="D(x)", xlim=(-5, 5), ylim=(-0.05, 1.15))
    below.legend(fontsize="small", loc="upper center", ncols=2)
    save(figure, "optimal_discriminator.svg")


def stuck() -> None:
    """A Gaussian moved away from its twin: the JSD stops, the Wasserstein distance goes on, one pull dies."""
    p = gaussian(X, 0, STD)
    moved = [gaussian(X, shift, STD) for shift in SHIFTS]
    figure = Figure((8.4, 3.0), layout="constrained")
    distances, pulls = figure.subplots(1, 2)
    distances.plot(SHIFTS, [wasserstein_1d(p, q, X) for q in moved], color="black", lw=2, label="W₁")
    distances.plot(SHIFTS, [js_divergence(p, q, X) for q in moved], color=D_COLOR, lw=2, label="JSD")
    distances.axhline(np.log(2), color="gray", lw=1, ls=":")
    distances.text(6, np.log(2) + 0.15, "log 2", ha="right", color="gray", fontsize=9)
    distances.set(ylabel="distance (W₁: of x; JSD: nats)", xlabel="shift of p_g")
    distances.legend(fontsize="small")
    said = [integral(q * optimal_discriminator(p, q), X) for q in moved]  # mean D*(x) of the fakes
    pulls.plot(SHIFTS, said, color="black", ls="--", lw=2, label="minimax: mean D*")
    pulls.plot(SHIFTS, 1 - np.array(said), color=NON_SATURATING, lw=2, label="non-saturating: mean 1 − D*")
    pulls.set(ylabel="mean pull at the fakes", xlabel="shift of p_g", ylim=(-0.03, 1.03))
    pulls.legend(fontsize="small", loc="center right")
    figure.suptitle(f"Two Gaussians with a standard deviation of {STD:g}, one of them moved", fontsize=11)
    save(figure, "stuck.svg")
