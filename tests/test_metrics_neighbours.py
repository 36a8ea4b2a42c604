"""Precision, recall, density, coverage and the kernel distance, against their definitions written out plainly."""

import math

import numpy as np
import pytest
import torch

from gan_course.metrics import density_coverage, kid, neighbours, precision_recall
from gan_course.runtime import compute


def normal(n, d, seed, dtype=torch.float64):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def distance(x, y):
    return math.dist(x.tolist(), y.tolist())


def radius(i, points, k):
    """To the k-th nearest other point."""
    return sorted(distance(points[i], other) for j, other in enumerate(points) if j != i)[k - 1]


def plain_precision_recall(real, fake, k):
    def share(points, balls):
        radii = [radius(i, balls, k) for i in range(len(balls))]
        return np.mean([any(distance(p, b) <= r for b, r in zip(balls, radii)) for p in points])

    return share(fake, real), share(real, fake)


def plain_density_coverage(real, fake, k):
    inside = np.array([[distance(x, y) < radius(i, real, k) for y in fake] for i, x in enumerate(real)])
    return inside.sum() / (k * len(fake)), inside.any(axis=1).mean()


@pytest.fixture(autouse=True)
def one_thread():
    """Small matrices are fastest so, above all on a busy machine."""
    with compute(threads=1):
        yield


@pytest.fixture(params=[neighbours.BLOCK, 100], ids=["one block", "small blocks"])
def blocks(request, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", request.param)


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("n, m, d, scale", [(40, 40, 2, 1.0), (50, 31, 5, 0.5), (23, 47, 3, 2.0)])
def test_the_definitions(blocks, n, m, d, scale, k):
    real, fake = normal(n, d, 1), scale * normal(m, d, 2) + 0.2
    assert tuple(precision_recall(real, fake, k)) == pytest.approx(plain_precision_recall(real, fake, k))
    assert tuple(density_coverage(real, fake, k)) == pytest.approx(plain_density_coverage(real, fake, k))


def test_few_distances_are_held_at_a_time(monkeypatch):
    """However large the sets: ten thousand against ten thousand in blocks of 64 MiB, in place of 800 MB."""
    assert neighbours.BLOCK * 8 == 64 * 2**20
    monkeypatch.setattr(neighbours, "BLOCK", 1_000)
    sizes = [block.shape for _, block in neighbours._blocks(normal(250, 2, 1), normal(300, 2, 2))]
    assert sizes == [(3, 300)] * 83 + [(1, 300)]


def test_quality_and_diversity_are_told_apart():
    """Fakes crowded in the middle are of high quality and poor diversity; spread wide, it is the other way round."""
    real, noise = normal(800, 2, 1), normal(800, 2, 2)
    crowded, wide = precision_recall(real, 0.3 * noise), precision_recall(real, 4 * noise)
    assert min(crowded.precision, wide.recall) > 0.95 > 0.5 > max(crowded.recall, wide.precision)
    crowded, wide = density_coverage(real, 0.3 * noise), density_coverage(real, 4 * noise)
    assert crowded.density > 0.9 > 0.3 > wide.density
    assert crowded.coverage < 0.4


def test_a_copy_of_the_real_set_scores_full_marks():
    real = normal(300, 8, 1, torch.float32)
    shuffled = real[torch.randperm(300, generator=torch.Generator().manual_seed(0))]
    assert precision_recall(real, shuffled) == (1.0, 1.0)
    assert density_coverage(real, shuffled, k=4) == (1.0, 1.0)


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_ties_are_ties_wherever_rounding_falls(offset):
    """On a grid most distances are equal; 0.1 is no binary fraction, and the sets are far from zero."""
    real = torch.cartesian_prod(*[torch.arange(6, dtype=torch.float64)] * 3) * 0.1 + offset
    assert density_coverage(real, real, k=3).coverage == 1.0
    assert density_coverage(real, real, k=3).density == pytest.approx(
        1 / 3
    )  # a corner's 3rd neighbour ties with its 1st
    assert precision_recall(real, real + torch.tensor([0.1, 0.0, 0.0], dtype=torch.float64), k=3) == (1.0, 1.0)


def test_where_the_origin_lies_does_not_matter():
    real, fake = normal(200, 3, 1), normal(150, 3, 2)
    for metric in (precision_recall, density_coverage):
        assert metric(real + 2**20, fake + 2**20) == metric(real, fake)


def test_collapse_to_a_point():
    real, point = normal(200, 4, 1), torch.zeros(100, 4, dtype=torch.float64)
    answer = precision_recall(real, point)
    assert answer == (1.0, 0.0)
    on_a_sample = real[:1].repeat(100, 1)
    assert precision_recall(real, on_a_sample) == (1.0, 1 / 200)
    assert density_coverage(real, on_a_sample).coverage < 0.2


def test_a_perfect_generator_reaches_the_expected_density_and_coverage():
    """1, and 1 - (n-1)…(n-k) / ((2n-1)…(2n-k)). Source: Naeem et al. 2020, Lemma 2."""
    n, k = 400, 3
    answers = np.array([density_coverage(normal(n, 2, 2 * s), normal(n, 2, 2 * s + 1), k) for s in range(12)])
    missed = math.prod((n - i) / (2 * n - i) for i in range(1, k + 1))
    assert answers.mean(axis=0) == pytest.approx([1, 1 - missed], abs=0.03)
    assert answers[:, 1].mean() == pytest.approx(1 - missed, abs=0.012)


@pytest.mark.parametrize("metric", [precision_recall, density_coverage, kid])
@pytest.mark.parametrize(
    "real, fake, said",
    [
        (torch.zeros(9, 2), torch.zeros(9, 3), r"one dimension, got shapes \(9, 2\) and \(9, 3\)"),
        (torch.zeros(9, 1, 4, 4), torch.zeros(9, 3), "and no network: give features=.*or flatten the images yourself"),
        (torch.full((9, 2), math.nan), torch.zeros(9, 2), "in 9 of 9 samples"),
    ],
)
def test_features_that_make_no_sense_are_refused(metric, real, fake, said):
    with pytest.raises(ValueError, match=said):
        metric(real, fake)


@pytest.mark.parametrize("k", [0, 5, 6])
def test_k_must_leave_a_neighbour(k):
    for metric, sets in ((precision_recall, (9, 5)), (precision_recall, (5, 9)), (density_coverage, (5, 9))):
        with pytest.raises(ValueError, match=f"k from 1 to 4, since the set has 5 samples, got {k}"):
            metric(*(normal(n, 2, n) for n in sets), k)
    assert density_coverage(normal(9, 2, 0), normal(5, 2, 1), k=6).density >= 0  # the fakes need no neighbours


def plain_mmd2(x, y):
    """Equation 4 of Bińkowski et al. 2018."""

    def k(a, b):
        return (float(a @ b) / len(a) + 1) ** 3

    m = len(x)
    pairs = [(i, j) for i in range(m) for j in range(m)]
    within = sum(k(s[i], s[j]) for s in (x, y) for i, j in pairs if i != j) / (m * (m - 1))
    return within - 2 * sum(k(x[i], y[j]) for i, j in pairs) / m**2


@pytest.mark.parametrize("d, shift", [(1, 0.0), (3, 0.5), (20, 2.0)])
def test_kid_of_whole_sets_is_the_definition(d, shift):
    real, fake = normal(25, d, 1), normal(25, d, 2) + shift
    answer = kid(real, fake, subsets=3, subset_size=25)
    assert answer.mean == pytest.approx(plain_mmd2(real.numpy(), fake.numpy()), rel=1e-9, abs=1e-12)
    assert answer.std == pytest.approx(0, abs=1e-12)


def test_kid_has_no_bias():
    """Real and fake from one distribution: the mean of many independent estimates is 0, however small the sets."""
    estimates = [kid(normal(8, 4, 2 * s), normal(8, 4, 2 * s + 1), 1, 8).mean for s in range(600)]
    assert abs(np.mean(estimates)) < 4 * np.std(estimates) / math.sqrt(600)
    assert min(estimates) < 0


def test_kid_on_a_line_has_a_closed_form():
    """For moments a₁, a₂, a₃ and b₁, b₂, b₃: 3(a₁ - b₁)² + 3(a₂ - b₂)² + (a₃ - b₃)²."""
    real, fake = normal(50_000, 1, 1), 1 + 0.5 * normal(50_000, 1, 2)
    answer = kid(real, fake, subsets=40, subset_size=500)
    expected = 3 * 1**2 + 3 * (1.25 - 1) ** 2 + 1.75**2
    assert answer.mean == pytest.approx(expected, abs=4 * answer.std / math.sqrt(40))


def test_kid_draws_by_its_seed_alone():
    real, fake = normal(300, 4, 1), normal(400, 4, 2) + 0.3
    before = torch.random.get_rng_state()
    first = kid(real, fake, subsets=5, subset_size=50)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert first == kid(real, fake, subsets=5, subset_size=50) != kid(real, fake, subsets=5, subset_size=50, seed=1)
    assert first.std > 0 == kid(real, fake, subsets=1, subset_size=50).std


@pytest.mark.parametrize(
    "change, said",
    [
        ({}, "subset_size from 2 to 300, the number of samples in the smaller set, got 1,000"),
        ({"subset_size": 1}, "subset_size from 2 to 300, .*got 1:"),
        ({"subset_size": 100, "subsets": 0}, "subsets to be at least 1, got 0"),
    ],
)
def test_kid_refuses_numbers_out_of_range(change, said):
    with pytest.raises(ValueError, match=said):
        kid(normal(400, 2, 1), normal(300, 2, 2), **change)
