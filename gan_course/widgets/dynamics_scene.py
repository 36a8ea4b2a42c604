"""What a dynamics lab shows of a two-parameter game: the run, its picture, and a sentence about it."""

import math
import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from gan_course import plotting_dynamics as pictures
from gan_course.dynamics import GAMES, METHODS, eigenvalues, growth, simulate

DRAG_STEPS = 500  # while a hand drags the start: two runs of the Dirac-GAN in some 4 ms
LARGEST = 1e30  # of what is sent as float32


@dataclass(frozen=True)
class Settings:
    """What the controls of a dynamics lab say.

    Attributes:
        game, start, step_size, steps, method, r1_gamma: as for `dynamics.simulate`.
        both: whether the other method is drawn too.

    Raises:
        ValueError: as `dynamics.simulate`, or a start that is not two finite numbers.
    """

    game: str = "bilinear"
    start: tuple[float, float] = (1.0, 1.0)
    step_size: float = 0.2
    steps: int = 300
    method: str = "simultaneous"
    r1_gamma: float = 0.0
    both: bool = False

    def __post_init__(self):
        start = np.array(self.start, dtype=float)
        if start.shape != (2,) or not np.isfinite(start).all():
            raise ValueError(f"start must be two finite numbers (θ, ψ), got {self.start!r}.")
        object.__setattr__(self, "start", tuple(start.tolist()))
        growth(self.game, self.step_size, self.method, self.r1_gamma)  # it checks them

    @property
    def other_method(self) -> str:
        """The method that this is not."""
        return METHODS[1 - METHODS.index(self.method)]

    @property
    def factor(self) -> float:
        """`dynamics.growth` of these settings."""
        return growth(self.game, self.step_size, self.method, self.r1_gamma)

    @property
    def turns(self) -> bool:
        r"""Whether a run goes round the equilibrium: whether the update's eigenvalues there are complex.

        Those of a simultaneous step are 1 + hλ, so they are complex where λ is: for γ < 2|a|, a being `pull`. Those
        of an alternating step have trace 2 - hγ - h²a² and determinant 1 - hγ; trace² < 4·determinant comes to
        (hγ + h²a²)² < 4h²a², so to γ < 2|a| - ha².
        """
        if self.method == "simultaneous":
            return eigenvalues(self.game, self.r1_gamma)[0].imag != 0
        pull = abs(GAMES[self.game].pull)
        return self.r1_gamma < 2 * pull - self.step_size * pull**2

    def play(self, method: str | None = None, most: float = math.inf) -> np.ndarray:
        """The run, (steps + 1, 2), or its first `most` steps, by this method or another one."""
        with np.errstate(all="ignore"):  # a run may leave what floats can hold
            steps = min(self.steps, most)
            return simulate(self.game, self.start, self.step_size, steps, method or self.method, self.r1_gamma)


class Scene:
    """One picture.

    Args:
        settings: what to play.
        reach: how far the picture goes; None: as suits the run.
        most: steps at most; settings.steps or more: the whole run.

    Attributes:
        settings: as given.
        trajectory: (steps + 1, 2).
        other: the same by the other method; None unless settings.both.
        reach: how far the picture goes from 0 to each side.

    Raises:
        ValueError: as `dynamics.simulate`.
    """

    def __init__(self, settings: Settings, reach: float | None = None, most: float = math.inf):
        self.settings = settings
        self.trajectory = settings.play(most=most)
        self.other = settings.play(settings.other_method, most) if settings.both else None
        self.reach = reach or pictures.picture_reach(self.trajectory)
        self._distance = pictures.distances(self.trajectory)
        self._other_distance = None if self.other is None else pictures.distances(self.other)
        self._log, self._low, self._high = pictures.distance_axis(self._distance, self._other_distance)

    @property
    def left_at(self) -> int | None:
        """The first step outside of the picture; None if there is none."""
        outside = ~(np.abs(self.trajectory) <= self.reach).all(1)
        return int(outside.argmax()) if outside.any() else None

    # ---- in words ---------------------------------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """What theory says of a step near the equilibrium, and how this run went."""
        return f"{self._theory()}. {self._run()}."

    def _theory(self):
        now = self.settings
        penalty = f", R1 γ = {now.r1_gamma:g}" if now.r1_gamma else ""
        always = now.method == "simultaneous" and not now.r1_gamma
        when = "" if always else ", in the long run,"
        return f"{now.method}, h = {now.step_size:g}{penalty}: near the middle{when} every step {self._step_and_fate()}"

    def _step_and_fate(self):
        factor, turns = self.settings.factor, self.settings.turns
        if math.isclose(factor, 1, rel_tol=0, abs_tol=1e-12):
            fate = "circles for ever" if turns else "jumps to and fro and never comes to rest"
            return f"stretches the distance by exactly 1, so the run {fate}"
        if factor > 1:
            fate = "spirals outwards" if turns else "jumps to and fro, ever farther"
            return f"stretches the distance by {factor_text(factor)}, so the run {fate}"
        fate = "spirals in and comes to rest" if turns else "comes to rest without circling"
        return f"multiplies the distance by {factor_text(factor)}, so the run {fate}"

    def _run(self):
        if not any(self.settings.start):
            return "This run starts at the equilibrium and stays there"
        steps = len(self.trajectory) - 1
        left = "" if self.left_at is None else f"; it left the picture at step {self.left_at:,}"
        first, last = _number(self._distance[0]), _number(self._distance[-1])
        return f"This run: distance {first} at the start, {last} after {steps:,} steps{left}"

    # ---- for the page -----------------------------------------------------------------------------------------------

    def facts(self) -> dict:
        """JSON values for the page; low and high, like the distances, in units of the chart."""
        now = self.settings
        facts = dict(game=now.game, describe=GAMES[now.game].describe, points="dirac" in now.game)
        facts |= dict(start=now.start, step_size=now.step_size, steps=now.steps, r1_gamma=now.r1_gamma, both=now.both)
        low, high = (float(self._scaled(np.array(end))) for end in (self._low, self._high))
        facts |= dict(other=now.other_method, reach=self.reach, words=self.words)
        return facts | dict(log=self._log, low=low, high=high)

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays for the page; distances as their logarithms to base 10 if the chart is logarithmic."""
        theory = pictures.foretold(self._distance, self.settings.factor)
        arrays = {"distance": self._scaled(self._distance), "theory": self._scaled(theory)}
        arrays["path"] = pictures.within(self.trajectory, self.reach)
        arrays["arrows"] = pictures.flow(self.settings.game, self.reach, self.settings.r1_gamma)
        arrays["dots"] = pictures.dot_steps(len(self.trajectory) - 1)
        if self.other is not None:
            arrays["other"] = pictures.within(self.other, self.reach)
            arrays["other_distance"] = self._scaled(self._other_distance)
        return arrays

    def _scaled(self, distance):
        with np.errstate(divide="ignore"):
            return np.log10(distance) if self._log else np.minimum(distance, LARGEST)

    def plot(self, figure: Figure) -> None:
        """The same as a static figure."""
        phase, distance = figure.subplots(1, 2, width_ratios=(4, 5))
        now = self.settings
        pictures.plot_phase(now.game, self.trajectory, phase, now.r1_gamma, self.other)
        pictures.plot_distance(self.trajectory, now.factor, distance, self.other)
        figure.suptitle("\n".join(textwrap.wrap(self.words, 110)), fontsize="small")


def factor_text(factor: float) -> str:
    """A factor with three digits of what it is off 1, or with four decimals: 1.0198, 1.0000125."""
    decimals = max(4, 2 - math.floor(math.log10(abs(factor - 1))))
    return f"{factor:.{decimals}f}".rstrip("0").rstrip(".")


def _number(distance):
    return f"{distance:.3g}" if math.isfinite(distance) else "too large for a float"
