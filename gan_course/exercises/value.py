"""Chapter 1: the value function from D's verdicts, and how hard a loss pulls at one logit."""

import numpy as np

from gan_course.exercises.formula import examine_formula

_VERDICTS = [
    (np.array([0.9, 0.8, 0.6]), np.array([0.1, 0.3])),
    (np.array([0.5]), np.array([0.5, 0.5, 0.5])),
    (np.array([0.99, 0.2]), np.array([0.7, 0.05, 0.4, 0.6])),
]
_SHOWN = "value([0.9, 0.8, 0.6], [0.1, 0.3])"


def _value(d_real, d_fake):
    return np.log(d_real).mean() + np.log(1 - d_fake).mean()


_VALUE_MISTAKES = {
    "The sign is the wrong way round: V itself has no minus; D makes it large, G makes it small.": (
        lambda real, fake: -_value(real, fake)
    ),
    "The second part is log(1 - D(G(z))): D is praised for calling a fake fake.": (
        lambda real, fake: np.log(real).mean() + np.log(fake).mean()
    ),
    "Take the mean over each batch, not the sum: V is a sum of two expectations.": (
        lambda real, fake: np.log(real).sum() + np.log(1 - fake).sum()
    ),
    "Each batch has its own mean; taken over all samples together, the larger batch counts for more.": (
        lambda real, fake: np.log(np.concatenate([real, 1 - fake])).mean()
    ),
    "First the logarithm, then the mean: the logarithm of a mean is another number.": (
        lambda real, fake: np.log(real.mean()) + np.log(1 - fake.mean())
    ),
    "Add the two parts; this is their mean.": lambda real, fake: _value(real, fake) / 2,
    "Only the real part is there; the fake part is the mean of log(1 - D(G(z))).": lambda real, fake: np.log(
        real
    ).mean(),
    "Only the fake part is there; the real part is the mean of log D(x).": lambda real, fake: np.log(1 - fake).mean(),
    "Take the natural logarithm, np.log, not the one to base 2.": lambda real, fake: _value(real, fake) / np.log(2),
    "Take the natural logarithm, np.log, not the one to base 10.": lambda real, fake: _value(real, fake) / np.log(10),
}


def examine_value(solution):
    examine_formula(solution, _VERDICTS, _value, _VALUE_MISTAKES, _SHOWN)


_LOGITS = [(-3.0, True), (-3.0, False), (0.5, True), (0.5, False), (4.0, True), (4.0, False)]


def _sigmoid(logit):
    return 1 / (1 + np.exp(-logit))


def _slope(logit, saturating):
    return -_sigmoid(logit) if saturating else -_sigmoid(-logit)


_SLOPE_MISTAKES = {
    "The two are swapped: the saturating loss is log(1 - D), the non-saturating one is -log D.": (
        lambda logit, saturating: _slope(logit, not saturating)
    ),
    "The sign is the wrong way round: both losses fall as the logit rises, so the slope is negative.": (
        lambda logit, saturating: -_slope(logit, saturating)
    ),
    "This is the slope over D; over the logit it is multiplied by dD/dlogit = D·(1 - D).": (
        lambda logit, saturating: -1 / (1 - _sigmoid(logit)) if saturating else -1 / _sigmoid(logit)
    ),
    "This is the slope of D itself; the loss is a logarithm of D or of 1 - D.": (
        lambda logit, saturating: _sigmoid(logit) * _sigmoid(-logit)
    ),
    "This is the loss itself, not its slope.": (
        lambda logit, saturating: np.log(_sigmoid(-logit)) if saturating else -np.log(_sigmoid(logit))
    ),
}


def examine_slope(solution):
    examine_formula(solution, _LOGITS, _slope, _SLOPE_MISTAKES, "generator_slope(-3.0, saturating=True)")
