"""What the generator wants of one logit, and how hard it pulls: the losses of `gan_course.losses`, exactly."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_course.names import check_name


def sigmoid(logit) -> np.ndarray:
    """1 / (1 + e^-logit), with full relative precision at both ends and no overflow."""
    logit = np.asarray(logit, dtype=float)
    small = np.exp(-np.abs(logit))
    return np.where(logit >= 0, 1.0, small) / (1 + small)


def _softplus(logit):
    return np.logaddexp(0.0, logit)


@dataclass(frozen=True)
class _Side:
    loss: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]


_CRITIC = _Side(lambda logit: -logit, lambda logit: np.full_like(logit, -1.0))
_SIDES = {
    "non-saturating": _Side(lambda logit: _softplus(-logit), lambda logit: -sigmoid(-logit)),
    "minimax": _Side(lambda logit: -_softplus(logit), lambda logit: -sigmoid(logit)),
    "lsgan": _Side(lambda logit: (logit - 1) ** 2 / 2, lambda logit: logit - 1),
    "hinge": _CRITIC,
    "wasserstein": _CRITIC,
}


def generator_loss(logit, loss: str) -> np.ndarray:
    r"""The generator's loss for fakes of which D says `logit`, each by itself.

    "minimax" (saturating): log(1 - D) = -softplus(logit); "non-saturating": -log D = softplus(-logit);
    "lsgan": ½·(logit - 1)²; "hinge" and "wasserstein": -logit.

    Args:
        logit: D before the sigmoid, of any shape; the losses of probabilities are exact at ±50 and beyond.
        loss: a name in `gan_course.losses.LOSSES` but "relativistic", which judges no fake by itself.

    Returns:
        The loss, in the shape of `logit`.

    Raises:
        ValueError: an unknown loss.

    Source: Goodfellow et al. 2014, Section 3; for the others see `gan_course.losses`.
    """
    check_name(loss, _SIDES, "loss")
    return _SIDES[loss].loss(np.asarray(logit, dtype=float))


def generator_gradient(logit, loss: str) -> np.ndarray:
    r"""The slope of `generator_loss` over the logit: the share of D's own slope that reaches G.

    With D = σ(logit) it is -D for "minimax", which fades where D sees through the fakes (D near 0), and -(1 - D)
    for "non-saturating", which is strongest there. Their ratio is e^-logit: about 2,981 at logit -8.

    Args:
        logit: D before the sigmoid, of any shape.
        loss: a name in `gan_course.losses.LOSSES` but "relativistic", which judges no fake by itself.

    Returns:
        The slope, in the shape of `logit`.

    Raises:
        ValueError: an unknown loss.
    """
    check_name(loss, _SIDES, "loss")
    return _SIDES[loss].gradient(np.asarray(logit, dtype=float))
