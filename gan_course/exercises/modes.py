"""Chapter 4: counting modes, how evenly they are covered, and samples judged together."""

import numpy as np

from gan_course.exercises.formula import examine_formula

_CENTERS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
_CROWD = np.tile([[0.1, 0.0]], (200, 1))
_SAMPLES = [
    (np.array([[0.2, 0.2], [4.2, -0.3], [2.0, 2.0]]), _CENTERS, 0.2),
    (np.vstack([_CROWD, [[4.1, 0.1], [0.45, 4.45], [3.0, 3.0]]]), _CENTERS, 0.2),
    (np.array([[5.0, 0.0], [0.0, 6.0]]), _CENTERS, 0.5),
    (np.array([[5.0, 0.0], [-1.2, -1.2], [0.0, 9.0]]), _CENTERS, 0.5),
]


def _distances(samples, centers):
    return np.linalg.norm(samples[:, None] - centers, axis=-1)


def _counts(samples, centers, radius):
    distances = _distances(samples, centers)
    nearest = distances.argmin(1)[distances.min(1) <= radius]
    return np.bincount(nearest, minlength=len(centers))


def _modes(samples, centers, std):
    return (_counts(samples, centers, 3 * std) > 0).sum()


_MODES_MISTAKES = {
    "A mode counts if a sample is nearest to it *and* within 3·std of it; here any sample counts, however far.": (
        lambda x, centers, std: (_counts(x, centers, np.inf) > 0).sum()
    ),
    "Within 3·std, not within 1·std.": lambda x, centers, std: (_counts(x, centers, std) > 0).sum(),
    "Within 3·std, not within 3.": lambda x, centers, std: (_counts(x, centers, 3) > 0).sum(),
    "One high-quality sample is enough in the papers; this asks for 1% of all samples.": (
        lambda x, centers, std: (100 * _counts(x, centers, 3 * std) >= len(x)).sum()
    ),
    "The distance is the length of the difference, over both axes together, not along each axis by itself.": (
        lambda x, centers, std: (np.abs(x[:, None] - centers).max(-1) <= 3 * std).any(0).sum()
    ),
    "This counts high-quality samples; the modes that they lie in are asked.": (
        lambda x, centers, std: _counts(x, centers, 3 * std).sum()
    ),
    "This counts the modes that are missed.": lambda x, centers, std: (_counts(x, centers, 3 * std) == 0).sum(),
}


def examine_modes(solution):
    shown = "modes_covered([[0.2, 0.2], [4.2, -0.3], [2, 2]], [[0, 0], [4, 0], [0, 4]], 0.2)"
    examine_formula(solution, _SAMPLES, _modes, _MODES_MISTAKES, shown)


_TALLIES = [
    (np.array([30, 10, 40, 20]),),
    (np.array([100, 0, 0, 0]),),
    (np.array([25, 25, 25, 25]),),
    (np.array([1, 2, 3]),),
]


def _shares(counts):
    return counts / counts.sum()


def _reverse_kl(counts):
    share = _shares(counts)
    return (share[share > 0] * np.log(share[share > 0] * len(counts))).sum()


def _forward_kl(counts):
    return -np.log(_shares(counts) * len(counts)).mean()


def _unmended(counts):
    return (_shares(counts) * np.log(_shares(counts) * len(counts))).sum()


_KL_MISTAKES = {
    "This is KL(uniform ‖ share), the other way round: it is infinite as soon as one mode is missed.": _forward_kl,
    "An empty mode makes it NaN: 0·log 0 counts as 0, so leave the empty modes out of the sum.": _unmended,
    "The sign is the wrong way round: a divergence is never negative.": lambda counts: -_reverse_kl(counts),
    "This is the entropy of the shares; the divergence from K equal shares is log K minus that.": (
        lambda counts: np.log(len(counts)) - _reverse_kl(counts)
    ),
    "Take the natural logarithm, np.log, not the one to base 2.": lambda counts: _reverse_kl(counts) / np.log(2),
    "Compare with 1/K for each of all K modes, not only for those that were covered.": (
        lambda counts: (s := _shares(counts)[counts > 0], (s * np.log(s * len(s))).sum())[1]
    ),
}


def examine_reverse_kl(solution):
    examine_formula(solution, _TALLIES, _reverse_kl, _KL_MISTAKES, "reverse_kl([30, 10, 40, 20])")


_BATCHES = [
    (np.arange(12.0).reshape(6, 2), 2),
    (np.arange(12.0).reshape(6, 2), 3),
    (np.arange(12.0).reshape(4, 3), 1),
]


def _packed(x, m):
    return x.reshape(len(x) // m, -1)


_PACK_MISTAKES = {
    "Each row of the result holds m samples side by side; here m samples were put below each other.": (
        lambda x, m: x.reshape(-1, m, x.shape[1])
    ),
    "The samples are averaged; D has to see each of the m, side by side.": (
        lambda x, m: x.reshape(-1, m, x.shape[1]).mean(1)
    ),
    "The same sample is repeated m times; a pack holds m different ones.": lambda x, m: np.tile(x, (1, m)),
    "N/m rows are left, each of m·D numbers; this keeps N rows.": lambda x, m: x,
    "The numbers of each axis are together; keep every sample's numbers together, one sample after the other.": (
        lambda x, m: x.reshape(-1, m, x.shape[1]).transpose(0, 2, 1).reshape(len(x) // m, -1)
    ),
}


def examine_pack(solution):
    examine_formula(solution, _BATCHES, _packed, _PACK_MISTAKES, "pack([[0, 1], [2, 3], ... [10, 11]], 2)")
