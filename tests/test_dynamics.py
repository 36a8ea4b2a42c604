"""The two-parameter games against closed forms, and against automatic differentiation of the course's own losses."""

import math

import numpy as np
import pytest
import torch

from gan_course.dynamics import GAMES, METHODS, eigenvalues, growth, simulate, velocity
from gan_course.losses import LOSSES
from gan_course.penalties import zero_centered_penalty

DIRAC = ("dirac-minimax", "dirac-non-saturating")
PLACES = [(1.0, 1.0), (0.3, -2.0), (-1.5, 0.7), (4.0, 5.0), (0.0, 1.0)]


def radius(trajectory):
    return np.hypot(*trajectory.T)


@pytest.mark.parametrize("gamma", [0.0, 0.7])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("loss", ["minimax", "non-saturating"])
def test_the_dirac_gan_is_played_with_the_courses_own_losses(loss, place, gamma):
    theta, psi = (torch.tensor([value], dtype=torch.float64, requires_grad=True) for value in place)
    objective, real = LOSSES[loss], torch.zeros(1, 1, dtype=torch.float64)
    d_loss = objective.d_loss(real[:, 0] * psi, theta * psi)
    d_loss = d_loss + zero_centered_penalty(lambda x: x[:, 0] * psi, real, gamma)
    (g_slope,) = torch.autograd.grad(objective.g_loss(theta * psi), theta)
    (d_slope,) = torch.autograd.grad(d_loss, psi)
    expected = -g_slope.item(), -d_slope.item()
    assert velocity(f"dirac-{loss}", *place, gamma) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_the_bilinear_game_is_x_times_y():
    x, y = (torch.tensor(value, requires_grad=True) for value in (0.7, -1.3))
    (x * y).backward()
    assert velocity("bilinear", 0.7, -1.3) == pytest.approx((-x.grad.item(), y.grad.item()))


@pytest.mark.parametrize("game", GAMES)
def test_the_velocity_has_the_jacobian_that_the_closed_forms_use(game):
    h, gamma = 1e-6, 0.4
    columns = [np.array(velocity(game, *place, gamma)) / h for place in ((h, 0.0), (0.0, h))]
    a = GAMES[game].pull
    np.testing.assert_allclose(np.stack(columns, 1), [[0, a], [-a, -gamma]], atol=1e-6)


def test_the_velocity_takes_arrays():
    theta, psi = np.meshgrid(np.linspace(-1, 1, 4), np.linspace(-2, 2, 3))
    for game in GAMES:
        rates = velocity(game, theta, psi, 0.5)
        assert all(rate.shape == (3, 4) for rate in rates)
        assert (rates[0][1, 2], rates[1][1, 2]) == velocity(game, theta[1, 2], psi[1, 2], 0.5)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.5])
def test_eigenvalues_are_those_of_the_jacobian(game, gamma):
    a = GAMES[game].pull
    expected = np.linalg.eigvals([[0, a], [-a, -gamma]]).astype(complex)
    np.testing.assert_allclose(np.sort_complex(eigenvalues(game, gamma)), np.sort_complex(expected), atol=1e-7)


@pytest.mark.parametrize("game", DIRAC)
def test_the_dirac_gans_eigenvalues_turn_real_at_gamma_1(game):
    assert eigenvalues(game) == (0.5j, -0.5j)
    assert eigenvalues(game, 1.0) == (-0.5, -0.5)
    assert all(value.imag != 0 for value in eigenvalues(game, 0.999))
    assert all(value.imag == 0 for value in eigenvalues(game, 1.001))
    assert eigenvalues(game, 1.25) == (-0.25, -1.0)


def one_step_jacobian(game, h, method, gamma):
    tiny = 1e-6
    steps = [simulate(game, start, h, 1, method, gamma)[1] / tiny for start in ((tiny, 0.0), (0.0, tiny))]
    return np.stack(steps, 1)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("h", [0.05, 0.2, 1.0, 2.5])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("game", GAMES)
def test_growth_is_the_spectral_radius_of_one_step(game, method, h, gamma):
    expected = np.abs(np.linalg.eigvals(one_step_jacobian(game, h, method, gamma))).max()
    assert growth(game, h, method, gamma) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("game", DIRAC)
def test_growth_of_the_dirac_gan_as_published(game):
    assert round(growth(game, 0.2), 7) == 1.0049876
    assert growth(game, 0.2) == pytest.approx(math.sqrt(1 + 0.2**2 / 4), rel=1e-14)
    assert growth(game, 0.2, r1_gamma=0.3) < 1


@pytest.mark.parametrize("gamma, expected", [(0.0, 3.10), (0.3, 2.6e-6), (1.0, 1e-21)])
def test_the_dirac_gans_radius_after_500_steps(gamma, expected):
    """From the paper's (1, 1), which is our (1, -1)."""
    end = radius(simulate("dirac-minimax", (1.0, -1.0), 0.2, 500, r1_gamma=gamma))[-1]
    assert end == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("method", METHODS)
def test_close_to_the_equilibrium_a_run_grows_as_foretold(game, method):
    for gamma in (0.0, 0.3):
        distances = radius(simulate(game, (1e-6, 0.0), 0.1, 2_000, method, gamma))
        foretold = growth(game, 0.1, method, gamma)
        assert (distances[-1] / distances[0]) ** (1 / 2_000) == pytest.approx(foretold, abs=2e-4)


@pytest.mark.parametrize("h", [0.1, 0.5, 1.5])
def test_simultaneous_descent_on_xy_grows_by_the_same_factor_every_step(h):
    distances = radius(simulate("bilinear", (0.8, -0.6), h, 50))
    np.testing.assert_allclose(distances[1:] / distances[:-1], math.sqrt(1 + h**2), rtol=1e-12)
    assert growth("bilinear", h) == pytest.approx(math.sqrt(1 + h**2), rel=1e-14)


@pytest.mark.parametrize("h", [0.1, 0.5, 1.5])
def test_alternating_descent_on_xy_stays_on_an_ellipse(h):
    x, y = simulate("bilinear", (0.8, -0.6), h, 10_000, "alternating").T
    np.testing.assert_allclose(x**2 + y**2 + h * x * y, 1 - 0.48 * h, rtol=1e-9)
    assert growth("bilinear", h, "alternating") == pytest.approx(1, abs=1e-14)


def test_alternating_descent_too_fast_runs_away():
    assert growth("bilinear", 2.1, "alternating") > 1.1
    assert radius(simulate("bilinear", (0.8, -0.6), 2.1, 100, "alternating"))[-1] > 1e10


def test_alternating_lets_d_go_first():
    (_, (x, y)) = simulate("bilinear", (1.0, 2.0), 0.1, 1, "alternating")
    assert (x, y) == pytest.approx((1 - 0.1 * 2.1, 2 + 0.1 * 1))
    (_, (x, y)) = simulate("bilinear", (1.0, 2.0), 0.1, 1, "simultaneous")
    assert (x, y) == pytest.approx((1 - 0.1 * 2, 2 + 0.1 * 1))


def test_a_trajectory_is_exact_float64_and_holds_its_start():
    trajectory = simulate("dirac-minimax", (1, -1), 0.2, 7)
    assert trajectory.shape == (8, 2) and trajectory.dtype == np.float64
    assert trajectory[0].tolist() == [1, -1]
    assert simulate("bilinear", (3.0, 4.0), 0.2, 0).tolist() == [[3, 4]]
    np.testing.assert_array_equal(trajectory, simulate("dirac-minimax", (1, -1), 0.2, 7))


def test_far_out_nothing_overflows():
    with np.errstate(all="raise"):
        for game in DIRAC:
            assert np.isfinite(velocity(game, 1e3, np.array([-1e3, 1e3]))).all()


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: simulate("dirac", (1, 1), 0.1, 5), r"Unknown game 'dirac'.*dirac-minimax"),
        (lambda: simulate("bilinear", (1, 1), 0.1, 5, "both"), "Unknown method 'both'.*simultaneous, alternating"),
        (lambda: simulate("bilinear", (1, 1), 0.0, 5), "step_size must be a finite number above 0, got 0.0"),
        (lambda: simulate("bilinear", (1, 1), math.nan, 5), "step_size must be a finite number above 0, got nan"),
        (lambda: simulate("bilinear", (1, 1), 0.1, -1), "steps must be a whole number, at least 0, got -1"),
        (lambda: simulate("bilinear", (1, 1), 0.1, 2.0), "steps must be a whole number"),
        (lambda: growth("bilinear", 0.1, r1_gamma=-1), "r1_gamma must be a finite number, at least 0, got -1"),
        (lambda: eigenvalues("xy"), "Unknown game 'xy'"),
        (lambda: velocity("bilinear", 1, 1, math.inf), "r1_gamma must be a finite number"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()
