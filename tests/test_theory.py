"""The theory against closed forms, and against scipy's quadrature, optimizer and distances."""

import math
import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from gan_course.losses import LOSSES
from gan_course.theory import (
    Mixture,
    density_ratio,
    gaussian,
    generator_gradient,
    generator_loss,
    js_divergence,
    kl_divergence,
    mixture,
    normalize,
    optimal_discriminator,
    smoothed_discriminator,
    value_function,
    wasserstein_1d,
)

LOG2, LOG4 = math.log(2), math.log(4)
X = np.linspace(-14, 14, 2801)
HALF = np.full_like(X, 0.5)

components = st.lists(  # (mean, std, share) of each; no tail inside the grid is so thin that float64 rounds it to 0
    st.tuples(st.floats(-3, 3), st.floats(0.5, 1.5), st.floats(0.05, 1)), min_size=1, max_size=3
)


@st.composite
def mixtures(draw):
    means, stds, shares = zip(*draw(components))
    return Mixture(means, stds, np.array(shares) / sum(shares))


def over_mixtures(test):
    quick = settings(
        max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )  # a busy machine is no failure
    return quick(given(mixtures(), mixtures())(test))


def oracle(m: Mixture):
    """The density and the cumulative distribution of a mixture at one place, by the standard library."""
    parts = [(NormalDist(mean, std), weight) for mean, std, weight in zip(m.means, m.stds, m.weights)]
    return lambda t: sum(w * n.pdf(t) for n, w in parts), lambda t: sum(w * n.cdf(t) for n, w in parts)


def quadrature(f):
    """∫ f over the grid's interval, by scipy's adaptive rule."""
    return sum(integrate.quad(f, a, a + 2, limit=100, epsabs=1e-9)[0] for a in range(-14, 14, 2))


def test_theory_is_computed_without_pytorch():
    code = "import sys, gan_course.theory; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


# ---- the discriminator ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [1.0, 0.9, 0.6])
@pytest.mark.parametrize("a, b", [(0.3, 0.1), (1e-3, 2.0), (5.0, 5.0), (0.0, 1.0), (2.0, 0.0)])
def test_d_star_is_where_the_objective_is_largest(a, b, target):
    def minus_objective(y):
        return -(target * a * math.log(y) + ((1 - target) * a + b) * math.log(1 - y))

    best = optimize.minimize_scalar(minus_objective, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}).x
    assert smoothed_discriminator(a, b, target) == pytest.approx(best, abs=1e-6)
    if target == 1:
        assert optimal_discriminator(a, b) == pytest.approx(best, abs=1e-6)


def test_smoothing_scales_d_star():
    p_data, p_g = gaussian(X, -1, 1), gaussian(X, 1, 0.7)
    np.testing.assert_allclose(smoothed_discriminator(p_data, p_g), 0.9 * p_data / (p_data + p_g), rtol=1e-14)


def test_where_there_is_no_mass_d_star_is_a_half():
    assert optimal_discriminator([0.0, 0.0, 3.0, 1.0], [0.0, 2.0, 0.0, 3.0]).tolist() == [0.5, 0, 1, 0.25]
    assert smoothed_discriminator(0.0, 0.0, 0.8) == 0.4


def test_two_gaussians_of_one_width_make_d_star_a_sigmoid():
    d = optimal_discriminator(gaussian(X, 1, 0.8), gaussian(X, -0.5, 0.8))
    slope = 1.5 / 0.8**2
    np.testing.assert_allclose(d, special.expit(slope * (X - 0.25)), rtol=1e-10)


def test_the_logit_of_d_star_is_the_log_density_ratio():
    p_data, p_g = gaussian(X, 0.3, 1), gaussian(X, -0.3, 1.2)
    middle = np.abs(X) < 4
    logit = special.logit(optimal_discriminator(p_data, p_g)[middle])
    np.testing.assert_allclose(density_ratio(logit), (p_data / p_g)[middle], rtol=1e-9)
    with np.errstate(over="raise"):
        assert density_ratio([-1e4, 0, 1e4]).tolist() == [0, 1, math.inf]


# ---- the value function ---------------------------------------------------------------------------------------------


@over_mixtures
def test_the_value_of_a_half_is_minus_log_4(p, q):
    assert value_function(HALF, p.pdf(X), q.pdf(X), X) == pytest.approx(-LOG4, abs=1e-12)


@over_mixtures
def test_the_value_of_d_star_is_the_divergence(p, q):
    p, q = p.pdf(X), q.pdf(X)
    value = value_function(optimal_discriminator(p, q), p, q, X)
    assert value == pytest.approx(2 * js_divergence(p, q, X) - LOG4, abs=1e-9)


@over_mixtures
def test_the_value_agrees_with_quadrature(p, q):
    pdf, other = oracle(p)[0], oracle(q)[0]

    def integrand(t):
        logit = math.sin(t)
        return pdf(t) * special.log_expit(logit) + other(t) * special.log_expit(-logit)

    value = value_function(special.expit(np.sin(X)), p.pdf(X), q.pdf(X), X)
    assert value == pytest.approx(quadrature(integrand), abs=1e-6)


@over_mixtures
def test_no_discriminator_is_worth_more_than_d_star(p, q):
    p, q = p.pdf(X), q.pdf(X)
    best = optimal_discriminator(p, q)
    for other in (HALF, 0.9 * best, best**2, 0.5 * best + 0.25, special.expit(X)):
        assert value_function(other, p, q, X) <= value_function(best, p, q, X) + 1e-12


def test_d_star_rounded_to_0_or_1_far_out_is_still_worth_a_finite_value():
    x = np.linspace(-45, 45, 9001)
    p, q = gaussian(x, -4, 1), gaussian(x, 4, 1)
    d = optimal_discriminator(p, q)
    assert d.min() == 0 and d.max() == 1
    assert value_function(d, p, q, x) == pytest.approx(2 * js_divergence(p, q, x) - LOG4, abs=1e-12)


def test_a_discriminator_that_is_surely_wrong_is_worth_minus_infinity():
    p, q = gaussian(X, 0, 1), gaussian(X, 1, 1)
    assert value_function(np.ones_like(X), p, q, X) == -math.inf
    assert value_function(np.zeros_like(X), p, q, X) == -math.inf
    far = gaussian(X, -12, 0.1)
    assert value_function((far > 0).astype(float), far, gaussian(X, 12, 0.1), X) == 0  # surely right


# ---- divergences ----------------------------------------------------------------------------------------------------


@over_mixtures
def test_divergences_agree_with_quadrature(p, q):
    (pdf, cdf), (other, other_cdf) = oracle(p), oracle(q)

    def kl(a, b):
        return quadrature(lambda t: a(t) * math.log(a(t) / b(t)))

    def middle(t):
        return (pdf(t) + other(t)) / 2

    grid = p.pdf(X), q.pdf(X), X
    assert kl_divergence(*grid) == pytest.approx(kl(pdf, other), abs=1e-6)
    assert js_divergence(*grid) == pytest.approx((kl(pdf, middle) + kl(other, middle)) / 2, abs=1e-6)
    assert wasserstein_1d(*grid) == pytest.approx(quadrature(lambda t: abs(cdf(t) - other_cdf(t))), abs=1e-6)


@over_mixtures
def test_divergences_are_0_between_equals_and_two_of_them_are_symmetric(p, q):
    p, q = p.pdf(X), q.pdf(X)
    for distance in (js_divergence, kl_divergence, wasserstein_1d):
        assert distance(p, p, X) == 0
    for distance in (js_divergence, wasserstein_1d):
        assert distance(p, q, X) == pytest.approx(distance(q, p, X), abs=1e-12)
        assert distance(p, q, X) >= 0


GAUSSIANS = [(0, 1, 0, 2), (0, 1, 3, 1), (-2, 0.5, 1, 1.2), (1, 1.3, 0.9, 1.2), (0, 1, 0.3, 0.5)]


@pytest.mark.parametrize("m1, s1, m2, s2", GAUSSIANS)
def test_kl_of_gaussians(m1, s1, m2, s2):
    closed = math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5
    x = np.linspace(-18, 18, 3601)
    assert kl_divergence(gaussian(x, m1, s1), gaussian(x, m2, s2), x) == pytest.approx(closed, abs=1e-9)


@pytest.mark.parametrize("m1, s1, m2, s2", GAUSSIANS)
def test_w1_of_gaussians(m1, s1, m2, s2):
    """Quantile by quantile the two are (m1 - m2) + (s1 - s2)·z apart: the mean size of one more Gaussian."""
    closed = stats.foldnorm.mean(abs(m1 - m2) / abs(s1 - s2), scale=abs(s1 - s2)) if s1 != s2 else abs(m1 - m2)
    x = np.linspace(-18, 18, 3601)
    assert wasserstein_1d(gaussian(x, m1, s1), gaussian(x, m2, s2), x) == pytest.approx(closed, abs=1e-7)


def test_w1s_error_falls_with_the_fourth_power_of_the_cells_width():
    closed = stats.foldnorm.mean(1, scale=0.3)
    errors = []
    for points in (201, 401, 801):
        x = np.linspace(-10, 10, points)
        errors.append(abs(wasserstein_1d(gaussian(x, 0, 1), gaussian(x, 0.3, 0.7), x) - closed))
    assert errors[0] > 8 * errors[1] > 64 * errors[2]


def test_w1_on_an_uneven_grid():
    x = np.sort(np.random.default_rng(0).uniform(-10, 10, 4_001))
    assert wasserstein_1d(gaussian(x, 0, 1), gaussian(x, 2, 1), x) == pytest.approx(2, abs=1e-5)


def uniform(x, low, high):
    inside = (x > low - 1e-9) & (x < high + 1e-9)
    return normalize(inside.astype(float), x)


@pytest.mark.parametrize("distance", [1.5, 3.3, 7.0])
def test_separate_supports(distance):
    p, q = uniform(X, -2, -1), uniform(X, -2 + distance, -1 + distance)
    assert js_divergence(p, q, X) == pytest.approx(LOG2, abs=1e-12)
    assert wasserstein_1d(p, q, X) == pytest.approx(distance, abs=1e-9)
    assert kl_divergence(p, q, X) == math.inf
    assert value_function(optimal_discriminator(p, q), p, q, X) == 0


@pytest.mark.parametrize("shift", [0.5, 2.0, 6.0, 15.0])
def test_w1_keeps_growing_where_the_jsd_is_stuck(shift):
    p, q = gaussian(X, -7.5, 0.25), gaussian(X, -7.5 + shift, 0.25)
    assert wasserstein_1d(p, q, X) == pytest.approx(shift, abs=1e-9)
    if shift > 5:
        assert js_divergence(p, q, X) == pytest.approx(LOG2, abs=1e-9)


def test_jumps_cost_no_more_than_a_cell():
    width = X[1] - X[0]
    p, q = uniform(X, 0, 2), uniform(X, 1, 3)
    assert js_divergence(p, q, X) == pytest.approx(LOG2 / 2, abs=width)
    assert wasserstein_1d(p, q, X) == pytest.approx(1, abs=width)


def test_w1_agrees_with_scipys_on_the_grids_points():
    rng, x = np.random.default_rng(3), np.linspace(-5, 5, 5_001)
    knots = np.linspace(-5, 5, 12)
    for _ in range(10):
        p, q = (normalize(np.interp(x, knots, [0, *rng.uniform(0, 1, 10), 0]), x) for _ in range(2))
        assert wasserstein_1d(p, q, x) == pytest.approx(stats.wasserstein_distance(x, x, p, q), abs=2e-5)


def test_tails_that_float64_rounds_to_0_do_not_make_kl_infinite():
    x = np.linspace(-40, 40, 8_001)
    narrow = gaussian(x, 0, 0.2)
    assert (narrow == 0).any()
    closed = math.log(0.2) + 1 / (2 * 0.2**2) - 0.5
    assert kl_divergence(gaussian(x, 0, 1), narrow, x) == pytest.approx(closed, abs=1e-6)
    assert kl_divergence(gaussian(x, 0, 1), gaussian(x, 0, 0.1), x) == math.inf


def test_a_mass_of_a_millionth_outside_makes_kl_infinite():
    p = normalize(uniform(X, 0, 1) + 1e-6 * uniform(X, 3, 4), X)
    assert kl_divergence(p, uniform(X, 0, 1), X) == math.inf
    assert kl_divergence(uniform(X, 0, 1), p, X) == pytest.approx(1e-6, rel=1e-3)


# ---- the generator's side -------------------------------------------------------------------------------------------

LOGITS = np.array([-800.0, -50, -8, -1, -1e-9, 0, 0.3, 2, 8, 50, 800])


@pytest.mark.parametrize("loss", [name for name, loss in LOSSES.items() if not loss.compares])
def test_losses_and_slopes_are_those_that_train(loss):
    logits = torch.linspace(-18, 18, 41, dtype=torch.float64, requires_grad=True)
    values = torch.stack([LOSSES[loss].g_loss(logit[None]) for logit in logits])
    (slopes,) = torch.autograd.grad(values.sum(), logits)
    points = logits.detach().numpy()
    np.testing.assert_allclose(generator_loss(points, loss), values.detach(), rtol=1e-12)
    np.testing.assert_allclose(generator_gradient(points, loss), slopes, rtol=1e-9, atol=1e-15)


def test_the_losses_of_probabilities_are_exact_at_both_ends():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        found = {
            name: (generator_loss(LOGITS, name), generator_gradient(LOGITS, name))
            for name in ("minimax", "non-saturating")
        }
    expected = {
        "minimax": (special.log_expit(-LOGITS), -special.expit(LOGITS)),
        "non-saturating": (-special.log_expit(LOGITS), -special.expit(-LOGITS)),
    }
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-14)
    assert generator_loss(-50.0, "minimax") == pytest.approx(-math.exp(-50), rel=1e-14)
    assert generator_gradient(50.0, "non-saturating") == pytest.approx(-math.exp(-50), rel=1e-14)


@pytest.mark.parametrize("logit", [-50, -8, 0, 3])
def test_the_ratio_of_the_gradients(logit):
    ratio = generator_gradient(logit, "non-saturating") / generator_gradient(logit, "minimax")
    assert ratio == pytest.approx(math.exp(-logit), rel=1e-12)
    if logit == -8:
        assert round(float(ratio)) == 2981


# ---- densities ------------------------------------------------------------------------------------------------------


@over_mixtures
def test_mixtures_agree_with_scipy(p, _):
    pdf, cdf = oracle(p)
    points = np.linspace(-9, 9, 37)
    np.testing.assert_allclose(p.pdf(points), [pdf(t) for t in points], rtol=1e-11)
    np.testing.assert_allclose(p.cdf(points), [cdf(t) for t in points], atol=1e-14)
    np.testing.assert_array_equal(mixture(points, p.means, p.stds, p.weights), p.pdf(points))


def test_samples_follow_the_density():
    p = Mixture([-2, 1, 3], [0.3, 1, 0.5], [0.5, 0.2, 0.3])
    samples = p.sample(20_000, np.random.default_rng(5))
    assert samples.shape == (20_000,)
    assert stats.kstest(samples, p.cdf).statistic < 0.013
    np.testing.assert_array_equal(samples, p.sample(20_000, np.random.default_rng(5)))


def test_weights_are_equal_unless_given():
    assert Mixture([0, 1], [1, 1]) == Mixture((0.0, 1.0), np.ones(2), [0.5, 0.5])
    assert mixture(0.0, [-1, 1], [1, 1]) == pytest.approx(gaussian(1.0, 0, 1))


def test_normalize_makes_a_density():
    drawn = np.maximum(0, 3 - np.abs(X))
    np.testing.assert_allclose(normalize(drawn, X), drawn / 9, rtol=1e-12)
    np.testing.assert_allclose(normalize([2, 1, 3], [0, 1, 4]), np.array([2, 1, 3]) / 7.5, rtol=1e-14)


def test_distributions_do_where_densities_do():
    p, q = Mixture([-1, 2], [0.7, 1.1], [0.4, 0.6]), stats.norm(0.5, 1.3)
    values = p.pdf(X), q.pdf(X)
    for function in (js_divergence, kl_divergence, wasserstein_1d):
        assert function(p, q, X) == function(*values, X) > 0
    best = optimal_discriminator(*values)
    np.testing.assert_array_equal(optimal_discriminator(p, q, X), best)
    np.testing.assert_array_equal(smoothed_discriminator(p, q, 0.9, X), 0.9 * best)
    assert value_function(best, p, q, X) == value_function(best, *values, X)


# ---- what makes no sense --------------------------------------------------------------------------------------------

P = gaussian(X, 0, 1)
BACK = np.r_[X[:5], X[3:]]


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: js_divergence(P, P, BACK), r"must increase, but x\[4\] = -13.96 is followed by x\[5\] = -13.97"),
        (lambda: normalize(np.ones(3), [0, 1, 1]), r"must increase, but x\[1\] = 1 is followed by x\[2\] = 1"),
        (lambda: optimal_discriminator(Mixture([0], [1]), P), "p_data is a distribution, so .* give x"),
        (lambda: optimal_discriminator(P, P, X[1:]), r"p_data must have one value for each point of x"),
        (lambda: kl_divergence(P, P, X[None]), r"shape \(K,\) with at least 2 points, got shape \(1, 2801\)"),
        (lambda: kl_divergence(P, P, np.full_like(X, np.nan)), "grid x holds a value that is not finite"),
        (lambda: js_divergence(P[:-1], P, X), r"p must have one value for each point.*\(2801,\), got shape \(2800,\)"),
        (lambda: wasserstein_1d(P, P - 0.1, X), r"q is a density and cannot be negative, got -0.1 at x = -14"),
        (lambda: wasserstein_1d(P, 1.25 * P, X), r"q must integrate to 1.*got 1.25 \(\+0.25\).*normalize\(q, x\)"),
        (lambda: value_function(HALF, 0.5 * P, P, X), r"p_data must integrate to 1.*got 0.5 \(-0.5\)"),
        (lambda: value_function(HALF, P, np.where(X > 0, np.inf, P), X), "p_g holds a value that is not finite"),
        (lambda: value_function(HALF + 1, P, P, X), r"d must be probabilities.*got 1.5 … 1.5.*sigmoid"),
        (lambda: value_function(HALF * np.nan, P, P, X), r"d must be probabilities"),
        (lambda: value_function(0.5, P, P, X), r"d must have one value for each point of x, shape \(2801,\)"),
        (lambda: optimal_discriminator(-P, P), "p_data is a density and cannot be negative"),
        (lambda: optimal_discriminator(P, P[1:]), r"must have one shape, got \(2801,\) and \(2800,\)"),
        (lambda: smoothed_discriminator(P, P, 1.1), "real_target must be above 0 and at most 1, got 1.1"),
        (lambda: normalize(0 * P, X), "p is 0 all over the grid"),
        (lambda: gaussian(X, 0, 0), "std, the standard deviation, must be above 0 and finite, got 0"),
        (lambda: gaussian(X, math.inf, 1), "mean must be finite, got inf"),
        (lambda: mixture(X, [0, 1], [1]), "got 2 means, 1 stds and 2 weights"),
        (lambda: Mixture([], []), "at least one, got 0 means"),
        (lambda: Mixture([0, 1], [1, 1], [0.5, 0.6]), r"weights must be.*the sum 1, got \[0.5, 0.6\] with the sum 1.1"),
        (lambda: Mixture([0, 1], [1, 1], [1.5, -0.5]), "weights must be at least 0"),
        (lambda: Mixture([0], [-1]), "std, the standard deviation, must be above 0"),
        (lambda: generator_loss(0, "saturating"), "Unknown loss 'saturating'. Did you mean 'non-saturating'"),
        (lambda: generator_gradient(0, "wgan"), "Unknown loss 'wgan'.*Known: non-saturating, minimax"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()
