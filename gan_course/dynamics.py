r"""Two-parameter games: adversarial training so small that its every step is known exactly.

A state is (θ, ψ): one number for the generator, one for the discriminator. Around the equilibrium
(0, 0) the game decides by itself whether training circles, spirals out or comes to rest; the step size
and who waits for whom decide the rest.

The Dirac-GAN has a single real point at 0, a single fake at θ, and D with the logit ψ·x.

Source: Mescheder et al. 2018, "Which Training Methods for GANs do actually Converge?", Section 2. There a
high logit means fake; here it means real, as everywhere in this course, so their ψ is our -ψ.
"""

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_course.names import check_name


@dataclass(frozen=True)
class Game:
    """Where each player would go, as rates of θ and ψ.

    Attributes:
        describe: the game in one line.
        g_rate: (θ, ψ) -> minus the gradient of G's loss with respect to θ.
        d_rate: (θ, ψ) -> minus the gradient of D's loss with respect to ψ.
        pull: ∂g_rate/∂ψ at (0, 0); ∂d_rate/∂θ is -pull there, and the other two derivatives are 0.
    """

    describe: str
    g_rate: Callable[[float, float], float]
    d_rate: Callable[[float, float], float]
    pull: float

    def penalized_d_rate(self, theta, psi, r1_gamma):
        """`d_rate` with R1: (γ/2)·ψ² joins D's loss, since ψ is the slope of D's logit at the real point."""
        return self.d_rate(theta, psi) - r1_gamma * psi


def _sigmoid(t):
    return 0.5 * (1 + np.tanh(0.5 * t))


def _dirac(loss, g_rate):
    return Game(f"the Dirac-GAN with the {loss} loss", g_rate, lambda g, d: -g * _sigmoid(g * d), pull=0.5)


GAMES = {
    "bilinear": Game("f(θ, ψ) = θ·ψ: θ makes it small, ψ makes it large", lambda g, d: -d, lambda g, d: g, pull=-1.0),
    "dirac-minimax": _dirac("minimax", lambda g, d: d * _sigmoid(g * d)),
    "dirac-non-saturating": _dirac("non-saturating", lambda g, d: d * _sigmoid(-g * d)),
}
METHODS = ("simultaneous", "alternating")


def velocity(game: str, theta, psi, r1_gamma: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The vector field of the continuous game: what a step of size h → 0 does, divided by h.

    Args:
        game: a name in GAMES.
        theta, psi: numbers or arrays of one shape.
        r1_gamma: γ of R1, at least 0.

    Returns:
        The rates of θ and of ψ.

    Raises:
        ValueError: an unknown game, or a negative γ.
    """
    rules = _checked(game, r1_gamma)
    return rules.g_rate(theta, psi), rules.penalized_d_rate(theta, psi, r1_gamma)


def simulate(
    game: str,
    start: tuple[float, float],
    step_size: float,
    steps: int,
    method: str = "simultaneous",
    r1_gamma: float = 0.0,
) -> np.ndarray:
    """Play gradient descent from `start`.

    Args:
        game: a name in GAMES.
        start: (θ, ψ).
        step_size: h, above 0; both players' learning rate.
        steps: how many, at least 0.
        method: "simultaneous": both step from the same place; "alternating": D steps, then G answers to
            the new D, as in Algorithm 1 of Goodfellow et al. 2014.
        r1_gamma: γ of R1, at least 0.

    Returns:
        The trajectory in float64, (steps + 1, 2), its first row `start`.

    Raises:
        ValueError: an unknown game or method, or a number out of its range.
    """
    rules = _checked(game, r1_gamma, step_size, method)
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps must be a whole number, at least 0, got {steps!r}.")
    trajectory = np.empty((steps + 1, 2))
    trajectory[0] = theta, psi = start
    for i in range(steps):
        psi_after = psi + step_size * rules.penalized_d_rate(theta, psi, r1_gamma)
        seen = psi_after if method == "alternating" else psi
        theta, psi = theta + step_size * rules.g_rate(theta, seen), psi_after
        trajectory[i + 1] = theta, psi
    return trajectory


def eigenvalues(game: str, r1_gamma: float = 0.0) -> tuple[complex, complex]:
    r"""Eigenvalues of the velocity's Jacobian [[0, a], [-a, -γ]] at (0, 0): -γ/2 ± √(γ²/4 - a²).

    a is the game's `pull`. The real part tells whether the continuous game comes to rest (below 0), the
    imaginary part whether it turns. The return is fastest without turning at γ = 2·|a|: 1 for the Dirac-GAN.

    Returns:
        The one with + first.

    Raises:
        ValueError: an unknown game, or a negative γ.

    Source: Mescheder et al. 2018, Sections 2 and 3.
    """
    pull = _checked(game, r1_gamma).pull
    return _roots(trace=-r1_gamma, determinant=pull**2)


def growth(game: str, step_size: float, method: str = "simultaneous", r1_gamma: float = 0.0) -> float:
    r"""The factor by which one step stretches the distance to (0, 0) in the long run, close to it.

    Above 1 the game runs away, at 1 it stays on a ring, below 1 it comes to rest. It is the spectral radius
    of the update's Jacobian; with a = `pull`:

    * simultaneous: [[1, ha], [-ha, 1 - hγ]]; without R1 the factor is √(1 + h²a²), above 1 for every h;
    * alternating: [[1 - h²a², ha·(1 - hγ)], [-ha, 1 - hγ]], with determinant 1 - hγ; without R1 and for
      h·|a| < 2 the factor is exactly 1.

    Args:
        game: a name in GAMES.
        step_size: h, above 0.
        method: a name in METHODS.
        r1_gamma: γ, at least 0.

    Raises:
        ValueError: an unknown game or method, or a number out of its range.
    """
    a = step_size * _checked(game, r1_gamma, step_size, method).pull
    kept = 1 - step_size * r1_gamma
    if method == "simultaneous":
        first, second = _roots(trace=1 + kept, determinant=kept + a**2)
    else:
        first, second = _roots(trace=1 + kept - a**2, determinant=kept)
    return max(abs(first), abs(second))


def _roots(trace, determinant):
    """Eigenvalues of a 2×2 matrix."""
    half, root = trace / 2, cmath.sqrt(trace**2 / 4 - determinant)
    return half + root, half - root


def _checked(game, r1_gamma, step_size=1.0, method="simultaneous"):
    check_name(game, GAMES, "game")
    check_name(method, METHODS, "method")
    if not 0 <= r1_gamma < math.inf:
        raise ValueError(f"r1_gamma must be a finite number, at least 0, got {r1_gamma}.")
    if not 0 < step_size < math.inf:
        raise ValueError(f"step_size must be a finite number above 0, got {step_size}.")
    return GAMES[game]
