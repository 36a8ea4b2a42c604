"""Fréchet distances against closed forms and numpy, and all that leads from images to them."""

import itertools
import math
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from gan_course.metrics import (
    Moments,
    extract_features,
    fid,
    fid_infinity,
    fid_per_class,
    frechet_distance,
    frechet_from_features,
)
from gan_course.metrics.frechet import GOOD_ENOUGH, accurate_trace, quick_trace
from gan_course.runtime import compute


def draws(n, d, seed=0, decay=0.0):
    """(n, d) normal, the k-th direction with standard deviation k^-decay, turned at random."""
    rng = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(d, d, generator=rng, dtype=torch.float64)).Q
    stds = torch.arange(1, d + 1, dtype=torch.float64) ** -decay
    return torch.randn(n, d, generator=rng, dtype=torch.float64) * stds @ turn


def gaussian(features):
    """Its mean and covariance, by numpy."""
    features = np.asarray(features)
    return features.mean(axis=0), np.cov(features, rowvar=False)


def spd(d, seed, lowest=0.1, highest=3.0):
    return conjugate(torch.linspace(lowest, highest, d, dtype=torch.float64), seed)


def conjugate(values, seed):
    """A symmetric matrix with these eigenvalues, in directions that `seed` decides."""
    rng = torch.Generator().manual_seed(seed)
    vectors = torch.linalg.qr(torch.randn(len(values), len(values), generator=rng, dtype=torch.float64)).Q
    matrix = vectors * values @ vectors.T
    return (matrix + matrix.T) / 2


def by_eigenvalues(mu1, cov1, mu2, cov2):
    """The textbook's formula, with the eigenvalues of the unsymmetric product."""
    roots = np.sqrt(np.linalg.eigvals(cov1 @ cov2).astype(complex)).real
    return ((mu1 - mu2) ** 2).sum() + np.trace(cov1) + np.trace(cov2) - 2 * roots.sum()


@pytest.mark.parametrize("m1, s1, m2, s2", [(0, 1, 3, 4), (0, 1, 0, 1), (-2.5, 0.1, 7, 30), (1, 0, 4, 2), (1, 0, 3, 0)])
def test_on_a_line(m1, s1, m2, s2):
    expected = (m1 - m2) ** 2 + (s1 - s2) ** 2
    assert frechet_distance(m1, s1**2, m2, s2**2) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert frechet_distance([m1], [[s1**2]], [m2], [[s2**2]]) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("lowest", [0.1, 1e-9, 0.0])
@pytest.mark.parametrize("d", [2, 16, 64])
def test_commuting_covariances(d, lowest):
    """Σ(√λ₁ - √λ₂)²."""
    first = torch.linspace(lowest, 3, d, dtype=torch.float64)
    second = torch.linspace(5, lowest, d, dtype=torch.float64)
    expected = (first.sqrt() - second.sqrt()).square().sum().item()
    zero = np.zeros(d)
    assert frechet_distance(zero, conjugate(first, 1), zero, conjugate(second, 1)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("rank", [64, 63, 20, 1])
def test_the_optimal_map(rank):
    """x -> Tx + t with T positive definite moves N(0, Σ) by tr (I - T)Σ(I - T) + ‖t‖², the least there is."""
    cov = conjugate(torch.linspace(0.5, 2, 64, dtype=torch.float64) * (torch.arange(64) < rank), seed=3)
    transport, shift = spd(64, seed=4), torch.linspace(-1, 1, 64, dtype=torch.float64)
    away = torch.eye(64) - transport
    expected = (torch.trace(away @ cov @ away) + shift.square().sum()).item()
    moved = transport @ cov @ transport
    assert frechet_distance(torch.zeros(64), cov, shift, moved) == pytest.approx(expected, rel=1e-12)


def test_equal_covariances_leave_the_means():
    cov, mean = spd(32, seed=0), torch.arange(32.0, dtype=torch.float64)
    assert frechet_distance(mean, cov, mean + 0.25, cov) == pytest.approx(32 / 16, rel=1e-9)


@pytest.mark.parametrize("n", [20, 63, 64, 65, 400])
@pytest.mark.parametrize("decay", [0.0, 1.5, 3.0])
def test_identical_sets_are_at_0(n, decay):
    features = draws(n, 64, decay=decay)
    mean, cov = gaussian(features)
    assert 0 <= frechet_distance(mean, cov, mean, cov) < 1e-12
    assert 0 <= frechet_from_features(features, features.clone()) < 1e-12


@pytest.mark.parametrize("n, m", [(20, 30), (64, 63), (65, 65), (20, 500), (500, 20), (500, 300)])
@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_features_give_what_their_moments_give(n, m, decay):
    """Also with fewer samples than dimensions, where no covariance is formed."""
    a, b = draws(n, 64, 1, decay), draws(m, 64, 2, decay) * 1.3 + 0.1
    first, second = gaussian(a), gaussian(b)
    distance = frechet_from_features(a, b)
    assert distance == pytest.approx(by_eigenvalues(*first, *second), rel=1e-6)
    assert distance == pytest.approx(frechet_distance(*first, *second), rel=1e-12)
    assert distance == pytest.approx(frechet_from_features(b, a), rel=1e-9)


def test_fewer_samples_than_dimensions_need_no_matrix_of_the_dimensions(monkeypatch):
    a, b = draws(5, 64, 1), draws(6, 64, 2)
    monkeypatch.setattr("gan_course.metrics.frechet.Moments", None)
    sizes, decompose = [], torch.linalg.svdvals
    monkeypatch.setattr("torch.linalg.svdvals", lambda matrix: sizes.append(matrix.shape) or decompose(matrix))
    assert frechet_from_features(a, b) > 0
    assert sizes == [(5, 6)]


def test_a_collapsed_set_has_no_covariance():
    point = torch.ones(300, 8)
    features = draws(300, 8)
    mean, cov = gaussian(features)
    expected = ((mean - 1) ** 2).sum() + np.trace(cov)
    assert frechet_from_features(features, point) == pytest.approx(expected, rel=1e-12)
    assert frechet_from_features(point, features) == pytest.approx(expected, rel=1e-12)
    assert frechet_from_features(point, point + 2) == pytest.approx(8 * 4)


@pytest.mark.parametrize("n, decay", [*itertools.product([65, 128, 1_000], [0.0, 0.7, 1.5]), (1_000, 3.0)])
def test_the_quick_route_knows_its_error(n, decay):
    cov1, cov2 = (torch.cov(draws(n, 64, seed, decay).T) for seed in (1, 2))
    trace, error = quick_trace(cov1, cov2)
    exact = accurate_trace(cov1, cov2)
    assert abs(trace - exact) <= error
    assert trace == pytest.approx(exact, rel=1e-9)


def test_the_quick_routes_error_covers_a_hard_case():
    """Eigenvalues of 1e-15, which rounding makes about as large as itself; the exact sum is known."""
    first, second = (torch.logspace(0, -lowest, 48, dtype=torch.float64) for lowest in (7, 8))
    for seed in range(20):
        answer = quick_trace(conjugate(first, seed), conjugate(second, seed))
        if answer is not None:
            trace, error = answer
            assert 0 < abs(trace - (first * second).sqrt().sum().item()) <= error < 1e-2


def test_the_quick_route_passes_singular_and_impossible_covariances_on():
    cov, half = spd(32, seed=0), conjugate(torch.linspace(-1, 1, 32).clamp(0).double(), seed=1)
    for other in (half, half * 0, cov - 2 * torch.eye(32)):
        assert quick_trace(cov, other) is None
        assert quick_trace(other, cov) is None


def test_the_quick_route_is_taken_only_where_it_is_sure(monkeypatch):
    taken = []
    monkeypatch.setattr("gan_course.metrics.frechet.accurate_trace", lambda *covs: taken.append(1) or 0.0)
    zero, cov = np.zeros(32), spd(32, seed=0)
    frechet_distance(zero, cov, zero, spd(32, seed=1))
    assert not taken
    frechet_distance(zero, cov, zero, cov)  # at distance 0 no error is small
    assert len(taken) == 1
    frechet_distance(zero, cov, zero, conjugate(torch.linspace(-1, 1, 32).clamp(0).double(), seed=1))
    assert len(taken) == 2
    graded = [conjugate(torch.logspace(0, -13, 32).double(), seed) / 7 for seed in (1, 1)]
    graded[1] = graded[1] * 1.001
    trace, error = quick_trace(*graded)
    assert 2 * error > GOOD_ENOUGH * (graded[0].trace() + graded[1].trace() - 2 * trace)
    frechet_distance(zero, graded[0], zero, graded[1])
    assert len(taken) == 3


def test_a_larger_scale_scales_the_distance():
    a, b = draws(200, 16, 1), draws(300, 16, 2) + 0.5
    for factor in (1e-6, 1e6):
        assert frechet_from_features(factor * a, factor * b) == pytest.approx(
            factor**2 * frechet_from_features(a, b), rel=1e-6
        )


EYE = torch.eye(3, dtype=torch.float64)
TILTED = EYE + torch.tensor([[0, 0, 0.25], [0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((np.zeros(3), EYE, np.zeros(2), np.eye(2)), "of one dimension, got 3 and 2"),
        ((np.zeros(3), np.eye(2), np.zeros(3), EYE), r"cov1 of shape \(d, d\), got \(3,\) and \(2, 2\)"),
        ((np.zeros((1, 3)), EYE, np.zeros(3), EYE), r"mu1 of shape \(d,\) .*got \(1, 3\)"),
        (([0, math.nan, 0], EYE, np.zeros(3), EYE), "got 1 NaN or infinite ones in mu1 and cov1"),
        ((np.zeros(3), EYE, np.zeros(3), EYE / 0), "got 9 NaN or infinite ones in mu2 and cov2"),
        ((np.zeros(3), EYE, np.zeros(3), TILTED), "cov2 to be symmetric, .* by up to 0.25, the largest entry being 1:"),
        ((np.zeros(3), -EYE, np.zeros(3), EYE), "cov1 to have no eigenvalue below 0, got -1, and 1 as the largest"),
        (
            (np.zeros(3), EYE, np.zeros(3), torch.diag(torch.tensor([2.0, 1.0, -1e-3]))),
            "cov2 to have no eigenvalue below 0, got -0.001, and 2 as the largest in size; rounding explains -2e-10",
        ),
        ((0.0, -4.0, 0.0, 1.0), "cov1 to have no eigenvalue below 0, got -4"),
        ((0.0, 4.0, 0.0, -1.0), "cov2 to have no eigenvalue below 0, got -1"),
    ],
)
def test_what_is_no_gaussian_is_refused_with_numbers(arguments, said):
    with pytest.raises(ValueError, match=said):
        frechet_distance(*arguments)


def test_what_rounding_leaves_is_accepted():
    cov = torch.diag(torch.tensor([1.0, 1.0, -1e-14], dtype=torch.float64))
    assert frechet_distance(np.zeros(3), cov, np.zeros(3), EYE) == pytest.approx(1)
    assert frechet_distance(np.zeros(3), EYE + 1e-14 * TILTED, np.ones(3), EYE) == pytest.approx(3)


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("sizes", [[500], [1, 1, 498], [100] * 5, [499, 1]])
def test_moments_in_batches_are_numpys_of_the_whole(sizes, offset):
    whole = (draws(500, 6) + offset).numpy()
    moments = Moments()
    for batch in np.split(whole, np.cumsum(sizes)[:-1]):
        moments.update(torch.from_numpy(batch))
    assert moments.n == 500
    np.testing.assert_allclose(moments.mean, whole.mean(axis=0), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(moments.cov, np.cov(whole, rowvar=False), rtol=1e-9, atol=1e-9)


def test_merged_moments_are_those_of_both():
    a, b = draws(300, 5, 1), draws(40, 5, 2) + 3
    merged = Moments().update(a).merge(Moments()).merge(other := Moments().update(b))
    np.testing.assert_allclose(merged.cov, np.cov(torch.cat((a, b)), rowvar=False), rtol=1e-12)
    assert (merged.n, other.n, Moments().merge(other).n) == (340, 40, 40)
    np.testing.assert_allclose(other.mean, b.mean(dim=0))


def test_what_moments_were_asked_for_stays_as_it_was():
    moments = Moments().update(draws(10, 3))
    mean, cov = moments.mean.clone(), moments.cov
    kept = moments.mean
    copy = Moments().merge(moments)
    moments.update(draws(10, 3, 1) + 5)
    assert torch.equal(kept, mean) and torch.equal(copy.mean, mean) and torch.equal(copy.cov, cov)
    assert repr(moments) == "Moments(n=20, d=3)" and repr(Moments()) == "Moments(n=0)"


@pytest.mark.parametrize(
    "ask, said",
    [
        (lambda: Moments().mean, "at least 1 samples by now, got 0"),
        (lambda: Moments().update(torch.ones(1, 2)).cov, "at least 2 samples by now, got 1"),
        (lambda: Moments().update(torch.ones(2, 2)).update(torch.ones(2, 3)), "of dimension 2, as before, got 3"),
        (lambda: Moments().update(torch.ones(2)), r"Expected features \(N, d\) with N of at least 1, got shape \(2,\)"),
        (lambda: frechet_from_features(torch.ones(1, 2), torch.ones(5, 2)), "N of at least 2"),
        (lambda: frechet_from_features(torch.ones(9, 2), torch.ones(9, 3)), r"shapes \(9, 2\) and \(9, 3\)"),
        (
            lambda: frechet_from_features(torch.ones(9, 2), torch.tensor([[1.0, 2], [1, math.nan], [math.inf, 1]])),
            "in 2 of 3 samples, the first at index 1",
        ),
    ],
)
def test_features_that_make_no_sense_are_refused(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()


@pytest.fixture(autouse=True)
def one_thread():
    """Small matrices are fastest so, above all on a busy machine."""
    with compute(threads=1):
        yield


def images(n, seed=0):
    return torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def flat(x):
    return x.flatten(1)


@pytest.fixture
def no_warning_of_bias():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def test_fid_of_images_is_the_distance_of_their_features():
    real, fake = images(2_500), images(2_000, 1) * 0.8
    expected = by_eigenvalues(*gaussian(flat(real).double()), *gaussian(flat(fake).double()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fid(real, fake, flat) == pytest.approx(expected, rel=1e-6)
        assert fid(flat(real), fake.numpy(), flat) == pytest.approx(expected, rel=1e-6)
        assert fid(flat(real), flat(fake)) == pytest.approx(expected, rel=1e-6)


def test_bytes_count_as_images_in_minus_1_to_1(no_warning_of_bias):
    bytes_ = torch.randint(256, (50, 1, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert fid(bytes_, bytes_ / 127.5 - 1, flat) < 1e-9
    assert extract_features(bytes_, flat).aminmax() == (-1, 1)


def test_progress_counts_both_sets_to_the_end(no_warning_of_bias):
    told = []
    fid(images(25), images(12), flat, batch_size=10, progress=lambda *done: told.append(done))
    assert told == [(10, 37), (20, 37), (25, 37), (35, 37), (37, 37)]


def test_a_network_is_used_as_for_evaluation_and_left_alone(no_warning_of_bias):
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(16), nn.Dropout(0.9), nn.Linear(16, 3))
    network[1].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    first, second = (extract_features(images(40), network, batch_size=size) for size in (40, 7))
    torch.testing.assert_close(first, second)
    assert first.dtype == torch.float64 and not first.requires_grad and first.shape == (40, 3)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_no_gradient_is_kept_for_a_network():
    seen = []
    extract_features(images(4), lambda x: seen.append(torch.is_grad_enabled()) or flat(x))
    assert seen == [False]


def test_a_network_that_fails_is_left_alone_too():
    network = nn.Sequential(nn.Flatten(), nn.Linear(5, 3))
    with pytest.raises(RuntimeError):
        extract_features(images(4), network)
    assert network.training


@pytest.mark.parametrize(
    "ask, said",
    [
        (lambda: fid(images(9), images(9)), r"images of shape \(9, 1, 4, 4\) and no network: give features="),
        (lambda: fid(images(9)[:, 0], images(9)[:, 0]), r"Expected features \(N, d\).*got shape \(9, 4, 4\)"),
        (lambda: frechet_from_features(images(9), images(9)), r"Turn images into features first: extract_features"),
        (lambda: fid(images(9), images(9), lambda x: x), r"of shape \(9, d\), got \(9, 1, 4, 4\): let it end in flat"),
        (lambda: fid(images(9), images(9), lambda x: flat(x)[1:]), r"of shape \(9, d\), got \(8, 16\)"),
        (lambda: fid(images(9), images(9), lambda x: flat(x).log()), "Expected finite features"),
        (lambda: fid(flat(images(9)), images(9), lambda x: flat(x)[:, :3]), r"shapes \(9, 16\) and \(9, 3\)"),
    ],
)
def test_what_fid_cannot_use_is_refused(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()


@pytest.mark.parametrize(
    "n, m, d, least", [(1_999, 5_000, 3, 2_000), (5_000, 1_500, 3, 2_000), (2_050, 2_050, 2_100, 2_100)]
)
def test_few_samples_are_warned_of_with_numbers(n, m, d, least, monkeypatch):
    monkeypatch.setattr("gan_course.metrics.feature_distance.frechet_from_features", lambda *features: 1.0)
    said = f"{n:,} real and {m:,} fake samples in {d:,} dimensions: with fewer than {least:,} of each"
    with pytest.warns(UserWarning, match=said) as caught:
        fid(torch.zeros(n, d), torch.zeros(m, d))
    assert caught[0].filename == __file__


def test_fid_by_class(no_warning_of_bias):
    real, fake = draws(600, 4, 1), draws(450, 4, 2) * 1.5
    real_labels, fake_labels = torch.arange(600) % 3, np.arange(450) % 3
    by_class = fid_per_class(real, fake, real_labels, fake_labels)
    assert list(by_class) == [0, 1, 2]
    for c, distance in by_class.items():
        assert distance == pytest.approx(fid(real[c::3], fake[c::3]))


def test_fid_by_class_warns_once_of_the_smallest():
    labels = torch.tensor([0] * 2_000 + [1] * 2_600)
    with pytest.warns(UserWarning) as caught:
        fid_per_class(draws(4_600, 2), draws(3_000, 2), labels, torch.tensor([0] * 2_500 + [1] * 500))
    assert ["2,600 real and 500 fake" in str(each.message) for each in caught] == [True]


@pytest.mark.parametrize(
    "fake_labels, said",
    [
        (
            torch.zeros(10, dtype=torch.int64),
            "Expected at least 2 samples of class 1 on both sides, got 5 real and 0 fake",
        ),
        (
            torch.zeros(9, dtype=torch.int64),
            r"fake_labels to be whole numbers of shape \(10,\), got torch.int64 of shape",
        ),
        (torch.zeros(10), r"fake_labels to be whole numbers of shape \(10,\), got torch.float32"),
    ],
)
def test_labels_that_do_not_fit_are_refused(fake_labels, said):
    with pytest.raises(ValueError, match=said):
        fid_per_class(draws(10, 2), draws(10, 2), torch.arange(10) % 2, fake_labels)


def test_fid_infinity_takes_out_the_bias_and_knows_its_luck():
    """Of 25 draws of fakes the truth, known in closed form, lies in nearly all intervals, and in the middle of them."""
    d, n = 16, 320
    real = draws(5_000, d, 1)
    mean, cov = gaussian(real)
    truth = frechet_distance(mean, cov, np.zeros(d), np.eye(d))
    answers = [fid_infinity(real, draws(n, d, 10 + seed), seed=seed) for seed in range(25)]
    values = np.array([answer.value for answer in answers])
    assert abs(values.mean() - truth) < 4 * values.std() / 5
    assert np.mean([answer.fids[-1] for answer in answers]) > truth + 0.2
    assert sum(answer.low <= truth <= answer.high for answer in answers) >= 21


def test_fid_infinity_shows_its_line():
    real, fake = draws(3_000, 4, 1), draws(1_000, 4, 2) + 0.3
    answer = fid_infinity(real, fake)
    assert answer.sizes == tuple(range(100, 1_001, 100))
    assert answer.fids[-1] == pytest.approx(frechet_from_features(real, fake), rel=1e-9)
    slope, value = np.polyfit(1 / np.array(answer.sizes), answer.fids, 1)
    assert answer.value == pytest.approx(value) and answer.low < answer.value < answer.high
    assert answer == fid_infinity(real, fake) != fid_infinity(real, fake, seed=1)
    assert fid_infinity(real, fake, sizes=[50, 200, 900]).sizes == (50, 200, 900)


@pytest.mark.parametrize(
    "n, sizes, said",
    [
        (199, None, "Expected at least 200 fakes for features of dimension 16, got 199"),
        (100, [50, 100], r"at least 3 different numbers from 20 to 100, got \[50, 100\]"),
        (100, [50, 60, 101], "from 20 to 100, got"),
        (100, [19, 50, 60], "from 20 to 100, got"),
    ],
)
def test_sizes_that_make_no_line_are_refused(n, sizes, said):
    with pytest.raises(ValueError, match=said):
        fid_infinity(draws(100, 16), draws(n, 16), sizes)


def test_fid_infinity_wants_four_fakes_a_dimension():
    with pytest.raises(ValueError, match="at least 240 fakes for features of dimension 60, got 239"):
        fid_infinity(draws(100, 60), draws(239, 60))


def test_the_metrics_need_only_torch_and_numpy():
    code = (
        "import sys\n"
        "for name in ('scipy', 'PIL', 'torchvision', 'matplotlib', 'IPython', 'ipywidgets', 'anywidget'):\n"
        "    sys.modules[name] = None\n"
        "from gan_course import metrics\n"
        "print(all(getattr(metrics, name) for name in metrics.__all__))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


# ---- images that are not what they seem ------------------------------------------------------------------------------


def small_images(low, high, n=30):
    """(n, 1, 4, 4) floats from low to high, both of which are there."""
    images = torch.rand(n, 1, 4, 4, generator=torch.Generator().manual_seed(n))
    images[0, 0, 0, 0], images[0, 0, 0, 1] = 0, 1
    return low + (high - low) * images


@pytest.mark.parametrize("wrong", [small_images(0, 255), small_images(0, 255).double().numpy()])
def test_floats_up_to_255_are_said(wrong):
    for pair in ((wrong, small_images(-1, 1)), (small_images(-1, 1), wrong)):
        with pytest.raises(ValueError, match=r"from 0 to 255. They look like 0 to 255: use x / 127.5 - 1"):
            fid(*pair, features=flat)


@pytest.mark.parametrize("range_", [(-1, 1), (-2.1, 2.6), (0, 1)])
def test_a_network_of_ones_own_may_want_another_range(range_):
    assert extract_features(small_images(*range_), flat).shape == (30, 16)


def test_ranges_that_differ_are_suspected():
    said = r"real images have values down to -1, the fake ones only down to 0: .* 2 \* x - 1"
    with pytest.warns(UserWarning, match=said):
        fid(small_images(-1, 1), small_images(0, 1), features=flat)
    as_bytes = (small_images(0, 255)).to(torch.uint8)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fid(small_images(-1, 1), as_bytes, features=flat)
    assert not [w for w in caught if "values down to" in str(w.message)]


@pytest.mark.parametrize("answer, got", [(lambda x: (flat(x), None), "got tuple"), (lambda x: None, "got NoneType")])
def test_a_network_that_returns_no_tensor_is_said(answer, got):
    with pytest.raises(ValueError, match=f"a tensor of features .n, d., {got}"):
        extract_features(small_images(-1, 1), answer)


def test_one_image_is_too_few():
    with pytest.raises(ValueError, match="at least 2, got shape .1, 16."):
        fid(small_images(-1, 1), small_images(-1, 1)[:1], features=flat)
