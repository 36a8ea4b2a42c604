"""Gradient penalties in closed form, and the smallest GAN there is."""

import math

import pytest
import torch

from gan_course.losses import LOSSES
from gan_course.penalties import gradient_penalty, squared_gradient_norms, zero_centered_penalty

W = torch.tensor([3.0, 4.0], dtype=torch.float64)
X = torch.tensor([[1.0, 2.0], [0.0, -1.0], [0.0, 0.0]], dtype=torch.float64)


def linear(x):
    return x @ W


def quadratic(x):
    """½‖x‖², whose gradient is x."""
    return 0.5 * x.flatten(1).square().sum(1)


def test_gradient_norms_of_a_line_and_a_bowl():
    torch.testing.assert_close(squared_gradient_norms(linear, X), torch.full((3,), 25.0).double())
    torch.testing.assert_close(squared_gradient_norms(quadratic, X), torch.tensor([5.0, 1.0, 0.0]).double())
    images = X.view(3, 1, 2, 1)
    torch.testing.assert_close(squared_gradient_norms(quadratic, images), torch.tensor([5.0, 1.0, 0.0]).double())


def test_where_a_network_puts_x_is_differentiable_too():
    t = X.clone().requires_grad_()
    squared_gradient_norms(quadratic, 2 * t).sum().backward()  # ‖2t‖²
    torch.testing.assert_close(t.grad, 8 * X)


def test_r1_is_half_gamma_times_the_mean_squared_norm():
    assert zero_centered_penalty(linear, X, gamma=0.6).item() == pytest.approx(0.3 * 25)
    assert zero_centered_penalty(quadratic, X, gamma=4.0).item() == pytest.approx(2.0 * (5 + 1 + 0) / 3)


def test_gradient_penalty_wants_a_slope_of_one_between_the_pairs():
    fake, mix = torch.zeros_like(X), torch.tensor([0.0, 0.5, 1.0]).double()
    assert gradient_penalty(linear, X, fake, mix, weight=10.0).item() == pytest.approx(10 * (5 - 1) ** 2)
    # on the bowl the slope is the distance from 0, here mix·‖x‖: 0, ½ and 0 (x₃ lies at 0)
    assert gradient_penalty(quadratic, X, fake, mix, weight=3.0).item() == pytest.approx(
        3 * (1 + 0.25 + 1) / 3, rel=1e-5
    )
    # mix = 1 is the real end, 0 the fake one
    ones = torch.ones(3).double()
    assert gradient_penalty(quadratic, X, fake, ones, weight=1.0).item() == pytest.approx(
        ((math.sqrt(5) - 1) ** 2 + 0 + 1) / 3, rel=1e-5
    )


def test_one_mix_per_image_not_per_pixel():
    real, fake = torch.ones(2, 1, 2, 2).double(), torch.zeros(2, 1, 2, 2).double()
    penalty = gradient_penalty(quadratic, real, fake, torch.tensor([0.5, 0.25]).double(), weight=1.0)
    assert penalty.item() == pytest.approx((0.0 + 0.25) / 2, abs=1e-6)  # slopes 2·½ = 1 and 2·¼ = ½


def test_penalties_reach_the_weights_of_d_and_nothing_else():
    real, fake = X.clone(), X + 1
    w = W.clone().requires_grad_(True)
    gradient_penalty(lambda x: x @ w, real, fake, torch.full((3,), 0.5).double(), weight=1.0).backward()
    torch.testing.assert_close(w.grad, 2 * (5 - 1) * W / 5)  # d/dw (‖w‖ - 1)²
    w.grad = None
    zero_centered_penalty(lambda x: x @ w, real, gamma=0.5).backward()
    torch.testing.assert_close(w.grad, 0.5 * W)  # d/dw (γ/2)·‖w‖²
    assert not real.requires_grad and not fake.requires_grad


def test_a_flat_discriminator_has_a_finite_penalty_gradient():
    """√ has an infinite slope at 0, where a discriminator that gives one answer to all would be."""
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    gradient_penalty(lambda x: x @ w, X, X + 1, torch.zeros(3).double(), weight=1.0).backward()
    assert w.grad.isfinite().all()


# --- Dirac-GAN (Mescheder et al. 2018): real data at 0, the fake at θ, D a line of slope ψ.
# In the paper D is high for fakes; here it is high for real samples, so its line is D(x) = -ψ·x.


def dirac_radii(steps, gamma, h=0.2, start=(1.0, 1.0)):
    """Distance of (θ, ψ) from the equilibrium at (0, 0) under simultaneous gradient descent."""
    theta, psi = (torch.tensor([value], dtype=torch.float64, requires_grad=True) for value in start)
    loss = LOSSES["minimax"]
    radii = []
    real = torch.zeros(1, 1, dtype=torch.float64)

    def discriminator(x):
        return x @ -psi

    for _ in range(steps):
        d_loss = loss.d_loss(discriminator(real), -psi * theta.detach())
        d_loss = d_loss + zero_centered_penalty(discriminator, real, gamma)
        (d_gradient,) = torch.autograd.grad(d_loss, psi)
        (g_gradient,) = torch.autograd.grad(loss.g_loss(-psi * theta), theta)
        with torch.no_grad():
            psi -= h * d_gradient
            theta -= h * g_gradient
        radii.append(math.hypot(theta.item(), psi.item()))
    return radii


def test_dirac_gan_spirals_out_at_the_rate_of_its_eigenvalues():
    (radius,) = dirac_radii(1, gamma=0.0, start=(1e-6, 0.0))
    assert radius / 1e-6 == pytest.approx(math.sqrt(1 + 0.2**2 / 4), rel=1e-9)
    assert math.sqrt(1 + 0.2**2 / 4) == pytest.approx(1.0049876, abs=1e-7)


@pytest.mark.parametrize("gamma, radius, rel", [(0.0, 3.10, 2e-3), (0.3, 2.6e-6, 2e-2), (1.0, 1e-21, 0.1)])
def test_dirac_gan_after_500_steps(gamma, radius, rel):
    assert dirac_radii(500, gamma)[-1] == pytest.approx(radius, rel=rel, abs=0)


def test_dirac_gan_without_r1_never_comes_closer():
    radii = dirac_radii(200, gamma=0.0)
    assert all(later > earlier for earlier, later in zip(radii, radii[1:]))
