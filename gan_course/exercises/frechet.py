"""Chapter 6: the Fréchet distance of Gaussians on the line and along axes, and the kernel distance without bias."""

import numpy as np

from gan_course.exercises.formula import examine_formula

_LINES = [(0.0, 1.0, 2.0, 3.0), (1.0, 0.5, 1.0, 0.5), (-1.0, 2.0, 0.5, 0.25)]


def _on_a_line(mu1, std1, mu2, std2):
    return (mu1 - mu2) ** 2 + (std1 - std2) ** 2


_LINE_MISTAKES = {
    "Square the difference of the standard deviations, not that of the variances.": (
        lambda mu1, s1, mu2, s2: (mu1 - mu2) ** 2 + (s1**2 - s2**2) ** 2
    ),
    "This adds both variances; their common part, 2·std1·std2, has to be taken off.": (
        lambda mu1, s1, mu2, s2: (mu1 - mu2) ** 2 + s1**2 + s2**2
    ),
    "Only the means are compared; the spreads count too.": lambda mu1, s1, mu2, s2: (mu1 - mu2) ** 2,
    "Only the spreads are compared; the means count too.": lambda mu1, s1, mu2, s2: (s1 - s2) ** 2,
    "The difference of the means has to be squared too.": lambda mu1, s1, mu2, s2: abs(mu1 - mu2) + (s1 - s2) ** 2,
    "This is the root of it; what FID reports is the squared distance.": (lambda *case: np.sqrt(_on_a_line(*case))),
    "Here std1 and std2 were taken for variances; they are standard deviations.": (
        lambda mu1, s1, mu2, s2: (mu1 - mu2) ** 2 + s1 + s2 - 2 * np.sqrt(s1 * s2)
    ),
}


def examine_line(solution):
    examine_formula(solution, _LINES, _on_a_line, _LINE_MISTAKES, "frechet_1d(0, 1, 2, 3)")


_AXES = [
    (np.array([0.0, 1.0]), np.array([1.0, 4.0]), np.array([1.0, 1.0]), np.array([9.0, 1.0])),
    (np.zeros(3), np.ones(3), np.zeros(3), np.ones(3)),
    (np.array([0.5, -1.0, 2.0]), np.array([0.25, 2.0, 1.0]), np.array([0.0, 0.0, 0.0]), np.array([1.0, 3.0, 4.0])),
]


def _along_axes(mu1, var1, mu2, var2):
    return ((mu1 - mu2) ** 2 + var1 + var2 - 2 * np.sqrt(var1 * var2)).sum()


_AXES_MISTAKES = {
    "This takes the variances for standard deviations.": (
        lambda mu1, v1, mu2, v2: ((mu1 - mu2) ** 2 + (v1 - v2) ** 2).sum()
    ),
    "The 2 in front of the root is missing.": (
        lambda mu1, v1, mu2, v2: ((mu1 - mu2) ** 2 + v1 + v2 - np.sqrt(v1 * v2)).sum()
    ),
    "The root is missing: it is the root of the product of the variances.": (
        lambda mu1, v1, mu2, v2: ((mu1 - mu2) ** 2 + v1 + v2 - 2 * v1 * v2).sum()
    ),
    "Add over the axes; this is the mean over them.": (
        lambda mu1, v1, mu2, v2: ((mu1 - mu2) ** 2 + v1 + v2 - 2 * np.sqrt(v1 * v2)).mean()
    ),
    "Add over the axes: one number is asked, not one for each axis.": (
        lambda mu1, v1, mu2, v2: (mu1 - mu2) ** 2 + v1 + v2 - 2 * np.sqrt(v1 * v2)
    ),
    "The means are left out.": lambda mu1, v1, mu2, v2: (v1 + v2 - 2 * np.sqrt(v1 * v2)).sum(),
    "The spreads are left out.": lambda mu1, v1, mu2, v2: ((mu1 - mu2) ** 2).sum(),
}


def examine_axes(solution):
    shown = "frechet_diagonal([0, 1], [1, 4], [1, 1], [9, 1])"
    examine_formula(solution, _AXES, _along_axes, _AXES_MISTAKES, shown)


_rng = np.random.default_rng(6)
_SETS = [(_rng.normal(size=(4, 3)), _rng.normal(size=(5, 3)) + 1), (_rng.normal(size=(6, 2)), _rng.normal(size=(6, 2)))]


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def _mean_of_others(kernel):
    n = len(kernel)
    return (kernel.sum() - np.trace(kernel)) / (n * (n - 1))


def _unbiased(x, y):
    return _mean_of_others(_kernel(x, x)) + _mean_of_others(_kernel(y, y)) - 2 * _kernel(x, y).mean()


def _mmd_with(kernel):
    return lambda x, y: _mean_of_others(kernel(x, x)) + _mean_of_others(kernel(y, y)) - 2 * kernel(x, y).mean()


_KERNEL_MISTAKES = {
    "A sample is compared with itself: leave the diagonal out, and divide by n·(n - 1). With it, it is biased.": (
        lambda x, y: _kernel(x, x).mean() + _kernel(y, y).mean() - 2 * _kernel(x, y).mean()
    ),
    "The diagonal is left out, but the sum is still divided by n²; divide by n·(n - 1).": (
        lambda x, y: (
            sum((k.sum() - np.trace(k)) / k.size for k in (_kernel(x, x), _kernel(y, y))) - 2 * _kernel(x, y).mean()
        )
    ),
    "The inner product is divided by the number of features, x.shape[1]; that is missing.": (
        _mmd_with(lambda x, y: (x @ y.T + 1) ** 3)
    ),
    "The + 1 in the kernel is missing.": _mmd_with(lambda x, y: (x @ y.T / x.shape[1]) ** 3),
    "The third power is missing.": _mmd_with(lambda x, y: x @ y.T / x.shape[1] + 1),
    "The part between the sets is taken off twice; the 2 is missing.": (
        lambda x, y: _mean_of_others(_kernel(x, x)) + _mean_of_others(_kernel(y, y)) - _kernel(x, y).mean()
    ),
    "The part between the sets is taken off, not added.": (
        lambda x, y: _mean_of_others(_kernel(x, x)) + _mean_of_others(_kernel(y, y)) + 2 * _kernel(x, y).mean()
    ),
}


def examine_kernel(solution):
    examine_formula(solution, _SETS, _unbiased, _KERNEL_MISTAKES, "unbiased_mmd of the first case")
