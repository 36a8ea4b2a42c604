"""A discriminator trained on the line comes close to the best one, unless it is too small."""

import numpy as np
import pytest
import torch

from gan_course.one_d import Constant, sup_error, train_discriminator
from gan_course.theory import Mixture, gaussian, optimal_discriminator

X = np.linspace(-6, 6, 601)
TWO_BUMPS, ONE_BUMP = Mixture([-2, 1.5], [0.5, 0.7], [0.4, 0.6]), Mixture([0.5], [1.5])
P_DATA, P_G = TWO_BUMPS.pdf(X), ONE_BUMP.pdf(X)


def trained(**changes):
    return train_discriminator(TWO_BUMPS, ONE_BUMP, X, **changes)


@pytest.fixture(scope="module", params=[0, 1])
def run(request):
    return trained(seed=request.param)


def test_a_trained_discriminator_comes_close_to_the_best(run):
    """At most 0.025 in twenty seeds."""
    errors = sup_error(run["d"], P_DATA, P_G, X)
    assert errors[0] > 0.2
    assert errors[-1] < 0.03


def test_its_logit_is_the_log_density_ratio(run):
    both = np.minimum(P_DATA, P_G) >= 0.05
    np.testing.assert_allclose(run["logits"][-1][both], np.log(P_DATA / P_G)[both], atol=0.15)


def test_what_a_run_holds(run):
    steps = run["steps"]
    assert steps[0] == 0 and steps[-1] == 600 and (np.diff(steps) > 0).all()
    assert run["d"].shape == run["logits"].shape == (len(steps), len(X))
    assert run["d"].dtype == run["logits"].dtype == np.float64
    np.testing.assert_allclose(run["d"], 1 / (1 + np.exp(-run["logits"])), rtol=1e-12)


def test_without_hidden_units_d_says_a_half_to_everything():
    run = trained(width=0, steps=50)
    np.testing.assert_allclose(run["d"], 0.5, atol=1e-6)
    assert sup_error(run["d"], P_DATA, P_G, X)[-1] == pytest.approx(0.35, abs=0.005)


def test_a_constant_learns_how_many_are_real():
    constant = Constant()
    labels = torch.tensor([[1.0], [1.0], [1.0], [0.0]])
    optimizer = torch.optim.SGD(constant.parameters(), 1.0)
    for _ in range(100):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(constant(torch.randn(4, 1)), labels).backward()
        optimizer.step()
    assert constant(torch.randn(2, 1)).sigmoid().flatten().tolist() == pytest.approx([0.75, 0.75], abs=1e-4)


def short(seed):
    """A run of a few steps, with the samples it was shown."""
    shown = []

    class Watched(Mixture):
        def sample(self, n, rng):
            shown.append(super().sample(n, rng))
            return shown[-1]

    run = train_discriminator(Watched([-1], [1]), Watched([1], [1]), X, seed=seed, steps=7, batch=8)
    return run, np.array(shown)


def test_a_seed_decides_a_run():
    (run, shown), (again, shown_again), (other, other_shown) = short(4), short(4), short(5)
    assert shown.shape == (14, 8) and len(np.unique(shown)) == shown.size
    np.testing.assert_array_equal(shown, shown_again)
    np.testing.assert_array_equal(run["d"], again["d"])
    assert not np.intersect1d(shown, other_shown).size
    assert not np.array_equal(run["d"][0], other["d"][0])


def test_a_run_leaves_no_trace():
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        before = torch.get_rng_state(), np.random.get_state()[1].copy()
        short(4)
        assert torch.get_num_threads() == 2
        assert torch.equal(torch.get_rng_state(), before[0])
        np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    finally:
        torch.set_num_threads(threads)


def test_every_setting_counts():
    base = trained(steps=4, batch=8, width=8)["d"][-1]
    for change in ({"lr": 0.02}, {"batch": 9}, {"width": 9}, {"steps": 5}):
        assert not np.array_equal(base, trained(**{"steps": 4, "batch": 8, "width": 8} | change)["d"][-1])


def test_real_samples_pull_d_up():
    run = train_discriminator(Mixture([2], [0.3]), Mixture([-2], [0.3]), X, steps=60, batch=64)
    d = run["d"][-1]
    assert d[np.abs(X - 2) < 0.3].min() > 0.9 and d[np.abs(X + 2) < 0.3].max() < 0.1


def test_the_error_is_the_largest_where_both_have_mass():
    x = np.linspace(-4, 4, 801)
    p, q = gaussian(x, -1, 1), gaussian(x, 1, 1)
    best = optimal_discriminator(p, q)
    assert sup_error(best, p, q, x) == 0
    assert sup_error(best + 0.1 * np.sin(x), p, q, x) == pytest.approx(0.1 * np.sin(1.038), abs=1e-3)
    wrong_outside = np.where(np.minimum(p, q) >= 0.05, best, 7.0)
    assert sup_error(wrong_outside, p, q, x) == 0
    assert sup_error(wrong_outside, p, q, x, mass=0.04) > 6
    np.testing.assert_allclose(sup_error([best, best - 0.2], p, q, x), [0, 0.2], atol=1e-12)


@pytest.mark.parametrize(
    "call, error, said",
    [
        (lambda: train_discriminator(P_DATA, ONE_BUMP, X), TypeError, r"p_data must be.*got ndarray: use .*Mixture"),
        (lambda: train_discriminator(TWO_BUMPS, 3, X), TypeError, "p_g must be something to draw from.*got int"),
        (lambda: trained(steps=0), ValueError, "steps must be a whole number, at least 1, got 0"),
        (lambda: trained(width=-1), ValueError, "width must be a whole number, at least 0, got -1"),
        (lambda: trained(batch=2.5), ValueError, "batch must be a whole number, at least 1, got 2.5"),
        (lambda: trained(lr=0), ValueError, "lr must be a finite number above 0, got 0"),
        (lambda: train_discriminator(TWO_BUMPS, ONE_BUMP, X[::-1]), ValueError, "grid x must increase"),
        (lambda: sup_error(P_DATA[1:], P_DATA, P_G, X), ValueError, r"one value for each.*got shapes \(600,\) and"),
        (lambda: sup_error(0 * X, P_DATA, P_G, X, mass=2), ValueError, "both densities must be at least mass = 2"),
        (lambda: sup_error(0 * X, P_DATA, P_G, X, mass=0), ValueError, "it stays above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(call, error, said):
    with pytest.raises(error, match=said):
        call()
