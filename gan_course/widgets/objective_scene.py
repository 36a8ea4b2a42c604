"""What an objective lab says of two verdicts: the value function term by term, and the generator's two losses."""

import math
import textwrap
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from matplotlib.figure import Figure

from gan_course import plotting_objective as pictures
from gan_course.names import check_name
from gan_course.probes import verdicts
from gan_course.theory.generator import generator_gradient, generator_loss
from gan_course.trainer import Trainer

FORMS = ("probability", "logit")
FAKES = 64  # of the live run, whose logits are drawn
CURVE = 240  # rounds drawn in the curve of the live run


@dataclass(frozen=True)
class Objective:
    """One verdict on a real point, one on a fake, and in which form they are written.

    Attributes:
        d_real: D(x), above 0 and below 1.
        d_fake: D(G(z)), above 0 and below 1.
        form: "probability", or "logit", in which V is written as cross-entropies.

    Raises:
        TypeError, ValueError: a verdict is no such number, or the form is unknown.
    """

    d_real: float = 0.8
    d_fake: float = 0.2
    form: str = "probability"

    def __post_init__(self):
        for name in ("d_real", "d_fake"):
            _check_verdict(name, getattr(self, name))
        check_name(self.form, FORMS, "form")

    @property
    def logits(self) -> tuple[float, float]:
        """D before the sigmoid, of the real point and of the fake."""
        return _logit(self.d_real), _logit(self.d_fake)

    @property
    def numbers(self) -> dict[str, float]:
        """The terms of V(D, G), and the slopes of G's two losses over the fake's logit.

        "real_term" log D(x); "fake_term" log(1 - D(G(z))); "value" their sum; "minimax_slope" -D(G(z));
        "non_saturating_slope" -(1 - D(G(z))).

        Source: Goodfellow et al. 2014, Equation 1 and Section 3.
        """
        real, fake = self.logits
        real_term = -float(generator_loss(real, "non-saturating"))
        fake_term = float(generator_loss(fake, "minimax"))
        return {
            "real_term": real_term,
            "fake_term": fake_term,
            "value": real_term + fake_term,
            "minimax_slope": float(generator_gradient(fake, "minimax")),
            "non_saturating_slope": float(generator_gradient(fake, "non-saturating")),
        }

    @property
    def words(self) -> str:
        """The same in two sentences."""
        n = self.numbers
        value = _as_terms(n) if self.form == "probability" else _as_cross_entropies(n, *self.logits)
        saturating, other = abs(n["minimax_slope"]), abs(n["non_saturating_slope"])
        return (
            f"{value} At this fake's logit {fixed(self.logits[1], 2)} the saturating loss pulls at G with "
            f"{digits(saturating)}, the non-saturating one with {digits(other)}: "
            f"{ratio_text(math.exp(-self.logits[1]))} times as hard."
        )

    def plot(self, figure: Figure, live: float | None) -> None:
        """The same as a static figure.

        Args:
            figure: an empty one.
            live: the live run's mean D(G(z)) as a logit; None if it has not begun.
        """
        losses, pulls = figure.subplots(1, 2)
        pictures.plot_losses_by_logit(losses, self.logits[1], live)
        pictures.plot_pulls_by_logit(pulls, self.logits[1], live)
        figure.suptitle("\n".join(textwrap.wrap(self.words, 120)), fontsize="small")


def _as_terms(n):
    real, fake, value = (fixed(n[name], 3) for name in ("real_term", "fake_term", "value"))
    return (
        f"V = log D(x) + log(1 − D(G(z))) = ({real}) + ({fake}) = {value}. D pushes V up, G pushes it down; "
        "where D says ½ to both, V is −log 4 = −1.386."
    )


def _as_cross_entropies(n, real_logit, fake_logit):
    real, fake, value = (fixed(-n[name], 3) for name in ("real_term", "fake_term", "value"))
    return (
        f"−V = softplus({fixed(-real_logit, 2)}) + softplus({fixed(fake_logit, 2)}) = {real} + {fake} = {value}: "
        "binary cross-entropy with label 1 for the real point and 0 for the fake. What D makes small is −V; at ½ and ½ "
        "it is log 4 = 1.386."
    )


class LiveVerdicts:
    """What is to be seen of the run that trains: D's verdicts on its fakes. Only for whoever has the turn.

    Args:
        trainer: the run.
    """

    def __init__(self, trainer: Trainer):
        self._trainer = trainer

    @property
    def d_fake(self) -> float | None:
        """Mean D(G(z)) of the last round; None before the first."""
        curve = self._trainer.history.arrays()["d_fake"]
        return float(curve[-1]) if len(curve) and math.isfinite(curve[-1]) else None

    @property
    def logit(self) -> float | None:
        """The same as a logit."""
        return None if self.d_fake is None else _logit(min(max(self.d_fake, 1e-12), 1 - 1e-12))

    @property
    def words(self) -> str:
        """The same in a sentence."""
        if self.d_fake is None:
            return "The live run has not begun yet."
        return (
            f"Live run, step {self._trainer.steps:,}: mean D(G(z)) = {fixed(self.d_fake, 3)}, "
            f"logit {fixed(self.logit, 2)}."
        )

    def facts(self) -> dict:
        """JSON values for the page."""
        now = self._trainer.controls
        return dict(
            step=self._trainer.steps, ratio=f"{now.d_steps}:{now.g_steps}", live=self.logit, live_words=self.words
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Logits of single fakes, and the curves of D(x) and D(G(z))."""
        history = self._trainer.history.arrays()
        kept = slice(None, None, max(1, len(history["step"]) // CURVE))
        curves = {name: history[name][::-1][kept][::-1] for name in ("step", "d_real", "d_fake")}
        return curves | {"fake_logits": verdicts(self._trainer, FAKES)[3].cpu().numpy()}


# ---- numbers as texts: as in objective_maths.mjs ---------------------------------------------------------------------


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals and a true minus sign; never a negative zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def digits(value: float) -> str:
    """A number of at least 1e-6 with three significant digits: 0.000335."""
    return format(Decimal(f"{value:.2e}"), "f")


def ratio_text(ratio: float) -> str:
    """A ratio: whole and grouped from 1,000 on, else with three significant digits."""
    return f"{ratio:,.0f}" if ratio >= 999.5 else digits(ratio)


def _logit(probability):
    return math.log(probability) - math.log1p(-probability)


def _check_verdict(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number above 0 and below 1, got {value!r} ({type(value).__name__}).")
    if not 1e-6 <= value <= 1 - 1e-6:
        raise ValueError(
            f"{name} is a probability that D says and never quite 0 or 1: it must be from 0.000001 to 0.999999, "
            f"got {value!r}."
        )
