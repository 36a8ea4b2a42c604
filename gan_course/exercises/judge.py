"""Chapter 2: the best discriminator, and what can be read off it."""

import numpy as np

from gan_course.exercises.formula import examine_formula
from gan_course.exercises.verdict import Wrong, call

_DENSITIES = [
    (np.array([0.3, 0.1, 0.0]), np.array([0.1, 0.3, 0.2])),
    (np.array([0.25, 0.5]), np.array([0.25, 0.0])),
    (np.array([1.7, 0.02, 0.4, 0.9]), np.array([0.3, 0.08, 0.4, 0.1])),
]
_NOWHERE = (np.array([0.2, 0.0]), np.array([0.2, 0.0]))


def _best(p_data, p_g):
    return p_data / (p_data + p_g)


_BEST_MISTAKES = {
    "This is 1 - D*: D(x) is the probability of real, so p_data stands on top.": lambda p, g: g / (p + g),
    "This is the ratio p_data / p_g; D* is the share p_data / (p_data + p_g).": lambda p, g: p / g,
    "This decides, 0 or 1; the best D is as unsure as the densities are close.": lambda p, g: (p > g).astype(float),
    "This compares e^p_data with e^p_g; D* compares the densities themselves.": lambda p, g: 1 / (1 + np.exp(g - p)),
    "The share is taken over the whole grid; D* is a share at each x by itself.": lambda p, g: p / (p + g).sum(),
    "This is half of it: divide by p_data + p_g, not by twice that.": lambda p, g: _best(p, g) / 2,
}


def examine_best(solution):
    examine_formula(solution, _DENSITIES, _best, _BEST_MISTAKES, "best_judge([0.3, 0.1, 0.0], [0.1, 0.3, 0.2])")
    with np.errstate(all="ignore"):
        answer = np.asarray(call(solution, *(density.copy() for density in _NOWHERE)), dtype=float)
    if not np.allclose(answer, 0.5, equal_nan=False):
        raise Wrong(
            "Where both densities are 0 it gives "
            f"{answer[1]:g}: no sample comes from there, so any value would do, but it must be a number; say ½."
        )


_VALUES = [(-np.log(4),), (0.0,), (-1.0,), (-0.3,)]


def _jsd(value):
    return (value + np.log(4)) / 2


_JSD_MISTAKES = {
    "log 4 has to be added: V(D*, G) = 2·JSD - log 4.": lambda value: (value - np.log(4)) / 2,
    "Divide by 2 at last: V(D*, G) = 2·JSD - log 4.": lambda value: value + np.log(4),
    "Divide the sum by 2, not only V.": lambda value: value / 2 + np.log(4),
    "It is log 4, not log 2: each of the two terms is log ½ when D = ½.": lambda value: (value + np.log(2)) / 2,
    "This is V from the JSD; the other way round is asked.": lambda value: 2 * value - np.log(4),
    "It is the natural logarithm of 4, not 4.": lambda value: (value + 4) / 2,
}


def examine_jsd(solution):
    examine_formula(solution, _VALUES, _jsd, _JSD_MISTAKES, "jsd_from_value(-log 4)")


_PROBABILITIES = [(0.5,), (0.8,), (0.1,), (0.99,)]


def _ratio(d):
    return d / (1 - d)


_RATIO_MISTAKES = {
    "This is p_g / p_data: where D says real, p_data is the larger one.": lambda d: (1 - d) / d,
    "This is the logit, the logarithm of the ratio.": lambda d: np.log(d / (1 - d)),
    "This would be right for a logit; d is a probability, D(x) itself.": lambda d: np.exp(d),
    "This is (p_data + p_g) / p_data; solve D = p_data / (p_data + p_g) for p_data / p_g.": lambda d: 1 / d,
    "This is p_data / (p_data + p_g), D itself.": lambda d: d,
}


def examine_ratio(solution):
    examine_formula(solution, _PROBABILITIES, _ratio, _RATIO_MISTAKES, "ratio(0.5)")
