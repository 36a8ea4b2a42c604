"""Exercises whose answer is a formula: right answers pass, each usual mistake is named, and once only."""

import itertools
import math
import re

import numpy as np
import pytest
import scipy.stats
import torch

from gan_course.conditional import LabelPlanes, Projection, label_weights
from gan_course.exercises import EXERCISES, RIGHT, check, frechet, judge, labels, modes, value
from gan_course.metrics import frechet_distance, mode_coverage
from gan_course.theory import density_ratio, generator_gradient, js_divergence, mixture, optimal_discriminator
from gan_course.theory import value_function as v_of


def by_torch(d_real, d_fake):
    return (torch.tensor(d_real).log().mean() + torch.tensor(1 - d_fake).log().mean()).item()


def by_the_course(logit, saturating):
    return generator_gradient(logit, "minimax" if saturating else "non-saturating")


def where(p_data, p_g):
    total = p_data + p_g
    return np.where(total > 0, p_data / np.where(total > 0, total, 1), 0.5)


def planes_of_the_course(labels, classes, side):
    return LabelPlanes(classes, (side, side))(label_weights(torch.as_tensor(labels), classes)).numpy()


def counted(asked, seen, classes):
    rows = [[((asked == i) & (seen == j)).sum() / (asked == i).sum() for j in range(classes)] for i in range(classes)]
    return np.array(rows)


def by_the_module(features, head, bias, rows, label):
    network = Projection(torch.nn.Sequential(torch.nn.Linear(3, 1)), 3).double()
    with torch.no_grad():
        for place, numbers in ((network.head.weight, head), (network.head.bias, bias), (network.rows.weight, rows)):
            place.copy_(torch.as_tensor(numbers))
        return network(torch.as_tensor(features)[None], torch.tensor([label])).item()


def pair_by_pair(x, y):
    def k(a, b):
        return (sum(i * j for i, j in zip(a, b)) / len(a) + 1) ** 3

    within = [np.mean([k(a, b) for a, b in itertools.permutations(rows, 2)]) for rows in (x, y)]
    return sum(within) - 2 * np.mean([k(a, b) for a in x for b in y])


def by_entropy(counts):
    return math.log(len(counts)) - scipy.stats.entropy(counts)


RIGHT_ANSWERS = [
    ("value", by_torch),
    ("generator_slope", by_the_course),
    ("generator_slope", lambda logit, saturating: (-1 if saturating else -math.exp(-logit)) / (1 + math.exp(-logit))),
    ("best_judge", optimal_discriminator),
    ("best_judge", where),
    ("best_judge", lambda p, g: [0.5 if a + b == 0 else a / (a + b) for a, b in zip(p, g)]),
    ("jsd_from_value", lambda v: v / 2 + math.log(2)),
    ("ratio", lambda d: 1 / (1 / d - 1)),
    ("ratio", lambda d: density_ratio(math.log(d) - math.log(1 - d))),
    ("modes_covered", lambda x, centers, std: mode_coverage(x, centers, std).modes),
    ("reverse_kl", by_entropy),
    ("pack", lambda x, m: np.hstack([x[i::m] for i in range(m)])),
    ("label_planes", planes_of_the_course),
    ("confusion_table", counted),
    ("projection_logit", by_the_module),
    ("frechet_1d", lambda mu1, s1, mu2, s2: frechet_distance([mu1], [[s1**2]], [mu2], [[s2**2]])),
    ("frechet_diagonal", lambda mu1, v1, mu2, v2: frechet_distance(mu1, np.diag(v1), mu2, np.diag(v2))),
    ("unbiased_mmd", pair_by_pair),
]


@pytest.mark.parametrize("name, solution", RIGHT_ANSWERS)
def test_a_right_answer_passes(name, solution):
    assert check(name, solution) == RIGHT == check(name, solution)


def test_jsd_is_that_of_the_theory():
    x = np.linspace(-10, 10, 2001)
    p, q = mixture(x, [0, 2], [1, 0.7]), mixture(x, [1], [0.8])
    v = v_of(optimal_discriminator(p, q), p, q, x)
    assert judge._jsd(v) == pytest.approx(js_divergence(p, q, x), abs=1e-9)


MISTAKES = {
    "value": value._VALUE_MISTAKES,
    "generator_slope": value._SLOPE_MISTAKES,
    "best_judge": judge._BEST_MISTAKES,
    "jsd_from_value": judge._JSD_MISTAKES,
    "ratio": judge._RATIO_MISTAKES,
    "modes_covered": modes._MODES_MISTAKES,
    "reverse_kl": modes._KL_MISTAKES,
    "pack": modes._PACK_MISTAKES,
    "label_planes": labels._PLANE_MISTAKES,
    "confusion_table": labels._TABLE_MISTAKES,
    "projection_logit": labels._LOGIT_MISTAKES,
    "frechet_1d": frechet._LINE_MISTAKES,
    "frechet_diagonal": frechet._AXES_MISTAKES,
    "unbiased_mmd": frechet._KERNEL_MISTAKES,
}


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
@pytest.mark.parametrize("name, said", [(name, said) for name, mistakes in MISTAKES.items() for said in mistakes])
def test_each_mistake_is_told_from_all_others(name, said):
    assert check(name, MISTAKES[name][said]) == said


OTHERWISE = [
    ("value", lambda real, fake: 0.0, r"value\(\[0.9, 0.8, 0.6\], \[0.1, 0.3\]\) should be -0.5108, this gives 0.0"),
    ("value", lambda real, fake: np.log(real), "The value is not right"),
    ("value", lambda real: 0, "It stops with TypeError"),
    ("value", lambda real, fake: None, "this gives nan"),
    ("value", lambda real, fake: "V", "Expected a number or an array of numbers, this gives str"),
    ("best_judge", lambda p, g: p / (p + g), "Where both densities are 0 it gives nan"),
    ("best_judge", lambda p, g: p / (p + g + 1e-12), "Where both densities are 0 it gives 0"),
    ("jsd_from_value", lambda v: v, r"jsd_from_value\(-log 4\) should be 0.0, this gives -1.3863"),
    ("ratio", lambda d: d**2, r"ratio\(0.5\) should be 1.0, this gives 0.25"),
    (
        "label_planes",
        lambda labels, k, side: np.full((len(labels), k, side, side), 0.5),
        r"should be 0 at \[0, 0, 0, 0\]",
    ),
    ("label_planes", lambda labels, k, side: np.zeros(40), r"should be of shape \(2, 3, 2, 2\), this gives \(40,\)"),
    ("pack", lambda x, m: x.reshape(len(x) // 2, -1), "comes out right, but another case doesn't"),
    ("ratio", 1.0, "Hand in the function itself"),
]


@pytest.mark.parametrize("name, solution, said", OTHERWISE)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_any_other_wrong_answer_is_told_what_it_gives(name, solution, said):
    assert re.search(said, check(name, solution))


def test_a_solution_that_changes_its_arguments_is_judged_by_its_answer():
    def spoils(p_data, p_g):
        answer = optimal_discriminator(p_data, p_g)
        p_data[:] = 7
        return answer

    assert check("best_judge", spoils) == RIGHT == check("best_judge", spoils)


@pytest.mark.parametrize("name", MISTAKES)
def test_every_task_names_its_function(name):
    assert EXERCISES[name].task.startswith(f"{name}(")
