"""Pictures of a two-parameter game: where it flows, where a run goes, how far it is from the equilibrium."""

import math

import numpy as np
from matplotlib.axes import Axes

from gan_course.dynamics import velocity

RUN, FLOW_COLOR = "#00785a", "#b4b4b4"
FAINT = dict(color="#333333", lw=1, alpha=0.45)
NICE = (1, 1.5, 2, 3, 4, 5, 6, 8)  # where a picture may end, times a power of ten
LEAST_REACH = 1.5
MOST_REACH = 20  # times the start
ROOM = 1.05  # a picture is so many times as wide as what it shows
FLOW = 13  # the flow is shown on FLOW × FLOW places
DOTS = 40  # marked steps, about
HIGHEST = 1e200  # distance that a chart has room for, and one over it the lowest; Matplotlib needs more for its ticks
SPAN = 100  # distances from one to so many times it ask for a logarithmic axis


def picture_reach(trajectory: np.ndarray) -> float:
    """How far a square picture of a run goes from 0 to each side.

    A round number that holds the whole run, but at least LEAST_REACH, and at most MOST_REACH times as far as the
    start: a run that goes farther leaves the picture.

    Args:
        trajectory: (steps + 1, 2), may hold what is not finite.
    """
    cap = max(LEAST_REACH, MOST_REACH * float(np.abs(trajectory[0]).max()))
    farthest = float(np.nan_to_num(np.abs(trajectory), nan=math.inf).max())
    return min(_round_up(max(LEAST_REACH, min(ROOM * farthest, cap))), _round_down(cap))


def _round_up(value):
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (*NICE, 10) if n * power >= value * (1 - 1e-12))


def _round_down(value):
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in reversed(NICE) if n * power <= value * (1 + 1e-12))


def flow(game: str, reach: float, r1_gamma: float = 0.0) -> np.ndarray:
    """Arrows of the continuous game, as long as the root of the speed so that slow places can be seen too.

    Args:
        game: a name in `dynamics.GAMES`.
        reach: the picture goes from -reach to reach.
        r1_gamma: γ of R1.

    Returns:
        (FLOW², 4): the middle of each arrow and how far it goes; the longest fits between two places.

    Raises:
        ValueError: as `dynamics.velocity`.
    """
    gap = 2 * reach / FLOW
    places = (np.arange(FLOW) - FLOW // 2) * gap
    theta, psi = (grid.ravel() for grid in np.meshgrid(places, places))
    rates = np.stack(velocity(game, theta, psi, r1_gamma), 1)
    speed = np.hypot(*rates.T)[:, None]
    directions = rates / np.where(speed == 0, 1, speed)
    return np.hstack([theta[:, None], psi[:, None], 0.8 * gap * np.sqrt(speed / speed.max()) * directions])


def dot_steps(steps: int) -> np.ndarray:
    """Steps of a run to mark with a dot: each of the first ones, then fewer and fewer."""
    return np.unique(np.geomspace(1, steps + 1, DOTS).round().astype(int)) - 1


def within(trajectory: np.ndarray, reach: float) -> np.ndarray:
    """The same with NaN where a run is so far outside of a picture that it can't be drawn."""
    with np.errstate(invalid="ignore"):
        return np.where((np.abs(trajectory) < 1e3 * reach).all(1, keepdims=True), trajectory, np.nan)


def distances(trajectory: np.ndarray) -> np.ndarray:
    """(steps + 1,): how far each state is from the equilibrium; infinite or NaN after an overflow."""
    with np.errstate(all="ignore"):
        return np.hypot(*trajectory.T)


def foretold(distance: np.ndarray, factor: float) -> np.ndarray:
    """(steps + 1,): the distances if every step multiplied the first one by `factor`."""
    with np.errstate(all="ignore"):
        return distance[0] * factor ** np.arange(len(distance))


def distance_axis(distance: np.ndarray, other: np.ndarray | None = None) -> tuple[bool, float, float]:
    """What the axis of a chart of distances is like: whether it is logarithmic, its low and its high end.

    It is logarithmic if the distances span SPAN or more; otherwise it begins at 0.

    Args:
        distance: (steps + 1,), may hold what is not finite.
        other: those of a second run.
    """
    drawn = distance if other is None else np.concatenate([distance, other])
    drawn = drawn[np.isfinite(drawn) & (drawn > 1 / HIGHEST)]
    if not len(drawn):
        return False, 0.0, 1.0
    low, high = float(drawn.min()), min(float(drawn.max()), HIGHEST)
    if high / SPAN < low:
        return False, 0.0, ROOM * high
    margin = high ** (ROOM - 1) / low ** (ROOM - 1)  # not (high / low) ** …, which may overflow
    return True, low / margin, high * margin


def plot_phase(
    game: str, trajectory: np.ndarray, ax: Axes, r1_gamma: float = 0.0, other: np.ndarray | None = None
) -> Axes:
    """A run in the plane of θ and ψ, from ○ to ●, over the flow of the continuous game; + is the equilibrium.

    Args:
        game: a name in `dynamics.GAMES`.
        trajectory: (steps + 1, 2) from `dynamics.simulate`.
        ax: where to draw.
        r1_gamma: γ of R1, for the flow.
        other: a second run to compare with, drawn faintly.

    Raises:
        ValueError: as `dynamics.velocity`.
    """
    reach = picture_reach(trajectory)
    shown = within(trajectory, reach)
    theta, psi, across, up = flow(game, reach, r1_gamma).T
    ax.quiver(
        theta, psi, across, up, angles="xy", scale_units="xy", scale=1, pivot="mid", width=0.004, color=FLOW_COLOR
    )
    if other is not None:
        ax.plot(*within(other, reach).T, **FAINT)
    ax.plot(*shown.T, color=RUN, lw=1.2)
    ax.plot(*shown[dot_steps(len(shown) - 1)].T, ".", color=RUN, ms=4)
    ax.plot(0, 0, "+", color="black", ms=10)
    ax.plot(*shown[0], "o", color="black", mfc="white", ms=7)
    ax.plot(*shown[-1], "o", color="black", ms=6)
    ax.set(
        aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xlabel="θ (generator)", ylabel="ψ (discriminator)"
    )
    return ax


def plot_distance(trajectory: np.ndarray, factor: float, ax: Axes, other: np.ndarray | None = None) -> Axes:
    """The distance from the equilibrium over the steps, and dashed what theory foretells close to it.

    Args:
        trajectory: (steps + 1, 2) from `dynamics.simulate`.
        factor: from `dynamics.growth`.
        ax: where to draw.
        other: a second run to compare with, drawn faintly.
    """
    distance, beside = distances(trajectory), None if other is None else distances(other)
    log, low, high = distance_axis(distance, beside)
    if beside is not None:
        ax.plot(beside, label="the other run", **FAINT)
    ax.plot(distance, color=RUN, lw=1.5, label="this run")
    ax.plot(foretold(distance, factor), color="black", lw=1, ls="--", label="theory, close to (0, 0)")
    ax.set(xlabel="step", ylabel="distance from (0, 0)", ylim=(low, high))
    ax.set_yscale("log" if log else "linear")
    ax.legend(fontsize="small")
    return ax
