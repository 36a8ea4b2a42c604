"""Two Gaussians under a hand: what a Fréchet distance says of them, term by term."""

import math

import numpy as np

from gan_course.metrics import frechet_distance

MEANS, STDS = (-4.0, 4.0), (0.4, 2.5)
SMALL = 5e-3  # shown as 0.00
NARROWER = 0.8  # of the real variance

ROUND = {"stds": [1.0, 1.0], "angle": 0.0}
PRESETS = {
    "the same": {"real": {"mean": [0.0, 0.0]} | ROUND, "fake": {"mean": [0.0, 0.0]} | ROUND},
    "moved": {"real": {"mean": [-1.5, 0.0]} | ROUND, "fake": {"mean": [1.5, 0.0]} | ROUND},
    "narrower": {
        "real": {"mean": [0.0, 0.0], "stds": [1.6, 1.6], "angle": 0.0},
        "fake": {"mean": [0.0, 0.0], "stds": [0.6, 0.6], "angle": 0.0},
    },
    "turned": {
        "real": {"mean": [0.0, 0.0], "stds": [1.8, 0.5], "angle": 45.0},
        "fake": {"mean": [0.0, 0.0], "stds": [1.8, 0.5], "angle": -45.0},
        "dimension": 2,  # a line knows no turns
    },
}


def check_gaussian(state: dict, name: str) -> dict:
    """The state itself, if it is a Gaussian that the lab can show.

    Args:
        state: {"mean": [x, y], "stds": [along, across], "angle": in degrees, of "along" from the x axis}.
        name: what it is called in errors.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(state, dict) or set(state) != {"mean", "stds", "angle"}:
        raise ValueError(f"{name} must be a dict of mean, stds and angle, got {state!r}.")
    for what, (low, high) in (("mean", MEANS), ("stds", STDS)):
        numbers = np.asarray(state[what], dtype=float)
        if numbers.shape != (2,) or not ((low <= numbers) & (numbers <= high)).all():
            raise ValueError(f"The {what} of {name} must be two numbers from {low:g} to {high:g}, got {state[what]!r}.")
    if not math.isfinite(state["angle"]):
        raise ValueError(f"The angle of {name} must be a number of degrees, got {state['angle']!r}.")
    return state


def moments_of(state: dict, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and covariance (d, d) of what is shown; on a line only the first mean and std count."""
    mean, variances = np.array(state["mean"], float), np.square(np.array(state["stds"], float))
    if dimension == 1:
        return mean[:1], np.diag(variances[:1])
    angle = math.radians(state["angle"])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    cov = turn * variances @ turn.T
    return mean, (cov + cov.T) / 2


def terms_of(real: dict, fake: dict, dimension: int) -> dict[str, float]:
    """distance, and what it is the sum of: mean_term ‖μ₁ - μ₂‖² and cov_term tr (Σ₁ + Σ₂ - 2(Σ₁Σ₂)^½)."""
    (mean1, cov1), (mean2, cov2) = moments_of(real, dimension), moments_of(fake, dimension)
    origin = np.zeros(dimension)
    mean_term, cov_term = float(((mean1 - mean2) ** 2).sum()), frechet_distance(origin, cov1, origin, cov2)
    return {"distance": mean_term + cov_term, "mean_term": mean_term, "cov_term": cov_term}


def is_narrower(real: dict, fake: dict, dimension: int) -> bool:
    """Whether the fakes spread clearly less than the real samples."""
    (_, cov1), (_, cov2) = moments_of(real, dimension), moments_of(fake, dimension)
    return bool(np.trace(cov2) < NARROWER * np.trace(cov1))


def words_of(terms: dict[str, float], narrower: bool) -> str:
    """What the terms mean; `narrower` as `is_narrower` says."""
    mean, cov, total = terms["mean_term"], terms["cov_term"], terms["distance"]
    if total < SMALL:
        return "The two Gaussians are the same: the Fréchet distance is 0, and only then."
    if cov < SMALL:
        return (
            f"Equal in shape, so the covariance term is 0. What is left is how far the means are apart, squared: "
            f"{math.sqrt(mean):.2f}² = {mean:.2f}. A generator whose pictures are all too bright errs like this."
        )
    if mean < SMALL:
        return (
            f"The means are the same, and still the distance is {cov:.2f}: the spreads differ, in size or in direction."
            + (" A generator that repeats itself errs like this: right on average, too narrow." if narrower else "")
        )
    more = "means" if mean > cov else "covariances"
    share = max(mean, cov) / total
    return f"Both terms count: {mean:.2f} + {cov:.2f} = {total:.2f}. Most of it, {share:.0%}, comes from the {more}."
