"""What a density lab shows: two densities on a grid, the numbers that theory gives them, and a sentence about those."""

import math
from collections.abc import Sequence

import numpy as np

from gan_course import theory
from gan_course.theory import Mixture
from gan_course.theory.grid import checked_values, integral

LOW, HIGH, POINTS = -8.0, 8.0, 801  # cells of a tenth of the narrowest std, as exact integrals need
X = np.linspace(LOW, HIGH, POINTS)
MEANS, STDS = (-5.0, 5.0), (0.2, 1.5)  # at most 2.3 % of a bump lie beyond the grid
MOST_BUMPS = 3
LOSSES = ("minimax", "non-saturating")
UNREACHED = 0.99  # where D* is above this, hardly any sample is a fake

PRESETS = {
    "equal": {
        "p_data": {"means": [0.0], "stds": [1.0], "weights": [1.0]},
        "p_g": {"means": [0.0], "stds": [1.0], "weights": [1.0]},
    },
    "shifted": {
        "p_data": {"means": [-1.0], "stds": [0.8], "weights": [1.0]},
        "p_g": {"means": [1.0], "stds": [0.8], "weights": [1.0]},
    },
    "separate supports": {
        "p_data": {"means": [-3.0], "stds": [0.5], "weights": [1.0]},
        "p_g": {"means": [3.0], "stds": [0.5], "weights": [1.0]},
    },
    "two modes against one": {
        "p_data": {"means": [-2.0, 2.0], "stds": [0.5, 0.5], "weights": [0.5, 0.5]},
        "p_g": {"means": [2.0], "stds": [0.5], "weights": [1.0]},
    },
}

STORIES = [  # the first whose number is below its limit is told
    {
        "number": "jsd",
        "below": 1e-8,
        "text": "The densities are equal. D* is ½ everywhere: it can only guess. V(D*, G) is −log 4 = −1.386, the "
        "lowest it can be, JSD and W₁ are 0. D* is flat, so no fake is moved any more: the generator has won.",
    },
    {
        "number": "jsd",
        "below": 0.02,
        "text": "The densities are nearly equal. D* stays close to ½, so both losses pull about equally at a fake; "
        "JSD is only {jsd}, and W₁ = {w1}.",
    },
    {
        "number": "minimax_pull",
        "below": 1e-4,
        "text": "The densities never meet. JSD is stuck at log 2 = 0.693, and V(D*, G) at 0, however far apart they "
        "are. D* sees through every fake: the minimax pull has vanished, the non-saturating pull is "
        "{non_saturating_pull}, as strong as it gets. Only W₁ = {w1} still says how far.",
    },
    {
        "number": "minimax_pull",
        "below": 0.1,
        "text": "The densities hardly meet. JSD = {jsd} is not far from its limit, log 2 = 0.693. D* sees through most "
        "fakes, so minimax pulls with only {minimax_pull} on average, non-saturating with {non_saturating_pull}.",
    },
    {
        "number": "minimax_pull",
        "below": 1,
        "text": "The densities overlap in part. JSD is {jsd} of at most 0.693, W₁ = {w1}. On average D* gives a fake "
        "{minimax_pull}: that is the mean pull of minimax, and non-saturating pulls with what is left to 1, "
        "{non_saturating_pull}.",
    },
]
MISSED = {
    "above": 0.3,
    "meet": 1e-4,
    "text": "{percent} % of the real mass lies where hardly any fake ever comes: no loss pulls there, for there is "
    "nothing to pull at.",
}


# ---- a density as the page knows it ---------------------------------------------------------------------------------


def state_of(density: Mixture | Sequence[float], name: str) -> dict:
    """A density in JSON values: {means, stds, weights}, or {values} on X.

    Args:
        density: a mixture, or (POINTS,) values on X, which are scaled to an integral of 1.
        name: what it is called in errors.

    Raises:
        ValueError: it is not a density, or one that the lab cannot show.
    """
    if isinstance(density, Mixture):
        state = {"means": list(density.means), "stds": list(density.stds), "weights": list(density.weights)}
        return check_state(state, name)
    values = _checked_line(density, name)
    return {"values": theory.normalize(values, X).tolist()}


def check_state(state: dict, name: str) -> dict:
    """The state itself, if the lab can show it.

    Raises:
        ValueError: it cannot.
    """
    if "values" in state:
        theory.normalize(_checked_line(state["values"], name), X)
        return state
    mixture = Mixture(**state)
    if len(mixture.means) > MOST_BUMPS:
        raise ValueError(
            f"{name} may have at most {MOST_BUMPS} components, got {len(mixture.means)}: "
            "give its values on lab.x instead."
        )
    _check_range(mixture.means, MEANS, f"the means of {name}")
    _check_range(mixture.stds, STDS, f"the stds of {name}")
    return state


def _check_range(numbers, bounds, what):
    low, high = bounds
    for number in numbers:
        if not low <= number <= high:
            raise ValueError(
                f"{what} must be from {low:g} to {high:g}, got {number:g}: the lab's grid is made for these. "
                "Change it, or give values on lab.x."
            )


def _checked_line(values, name):
    try:
        line = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a Mixture or numbers on lab.x, got {values!r}.") from None
    if line.shape != X.shape:
        raise ValueError(
            f"{name} must be a Mixture, or hold one value for each of the {POINTS} points of lab.x, got shape "
            f"{line.shape}: compute it at lab.x."
        )
    return checked_values(line, name, X)


def values_of(state: dict) -> np.ndarray:
    """(POINTS,) values of a density on X, with an integral of 1."""
    return theory.normalize(state["values"] if "values" in state else Mixture(**state).pdf(X), X)


# ---- what theory says of two ----------------------------------------------------------------------------------------


def pulls(p_data: np.ndarray, p_g: np.ndarray) -> dict[str, np.ndarray]:
    """How hard each loss pulls at a fake at each x, through the logit of D*: (POINTS,) by the loss.

    Where neither density has mass D* is ½, so its logit is 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.where(p_data + p_g > 0, np.log(p_data) - np.log(p_g), 0.0)
    return {loss: np.abs(theory.generator_gradient(logit, loss)) for loss in LOSSES}


def numbers_of(p_data: np.ndarray, p_g: np.ndarray) -> dict[str, float]:
    """value, jsd, w1, and minimax_pull and non_saturating_pull: the mean of `pulls` over the fakes."""
    d_star = theory.optimal_discriminator(p_data, p_g)
    means = {f"{loss.replace('-', '_')}_pull": integral(p_g * pull, X) for loss, pull in pulls(p_data, p_g).items()}
    return {
        "value": theory.value_function(d_star, p_data, p_g, X),
        "jsd": theory.js_divergence(p_data, p_g, X),
        "w1": theory.wasserstein_1d(p_data, p_g, X),
    } | means


def missed_mass(p_data: np.ndarray, p_g: np.ndarray) -> float:
    """How much of the real mass lies where hardly any fake ever comes."""
    d_star = theory.optimal_discriminator(p_data, p_g)
    return integral(np.where(d_star > UNREACHED, p_data, 0.0), X)


def words_of(p_data: np.ndarray, p_g: np.ndarray) -> str:
    """What the numbers mean, in words."""
    numbers, missed = numbers_of(p_data, p_g), missed_mass(p_data, p_g)
    text = next(story["text"] for story in STORIES if numbers[story["number"]] < story["below"])
    if missed > MISSED["above"] and numbers["minimax_pull"] > MISSED["meet"]:
        text = f"{text} {MISSED['text']}"
    said = {name: number_text(number) for name, number in numbers.items()}
    return text.format(percent=math.floor(100 * missed + 0.5), **said)


def number_text(number: float) -> str:
    """Three decimals, a true minus sign, and not 0.000 for a size that is small but there."""
    if 1e-9 <= number < 0.0005:
        return "<0.001"
    return f"{0.0 if abs(number) < 0.0005 else number:.3f}".replace("-", "−")


def state_text(state: dict) -> str:
    """A density in a few words: "0.5·N(-2, 0.5²) + 0.5·N(2, 0.5²)"."""
    if "values" in state:
        return "drawn by hand"
    bumps = zip(state["means"], state["stds"], state["weights"])
    if len(state["means"]) == 1:
        return "N({:g}, {:g}²)".format(state["means"][0], state["stds"][0])
    return " + ".join(f"{weight:g}·N({mean:g}, {std:g}²)" for mean, std, weight in bumps)
