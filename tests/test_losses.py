"""Objectives: every loss and its gradient in closed form."""

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_course.losses import LOSSES

LOGITS = torch.linspace(-12, 12, 49, dtype=torch.float64)
D_LOSS_AT_ZERO = {
    "non-saturating": 2 * math.log(2), "minimax": 2 * math.log(2), "lsgan": 0.5, "hinge": 2.0, "wasserstein": 0.0,
    "relativistic": math.log(2),
}  # fmt: skip
G_LOSS_AT_ZERO = {
    "non-saturating": math.log(2), "minimax": -math.log(2), "lsgan": 0.5, "hinge": 0.0, "wasserstein": 0.0,
    "relativistic": math.log(2),
}  # fmt: skip
LABELLED = ("non-saturating", "minimax", "lsgan")


def slope(g_loss, logits):
    """Gradient by each logit of the loss of that logit alone."""
    logits = logits.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(sum(g_loss(logit) for logit in logits), logits)
    return gradient


@pytest.mark.parametrize("name", LOSSES)
def test_an_undecided_discriminator_costs_what_the_equation_says(name):
    zeros = torch.zeros(7)
    assert LOSSES[name].d_loss(zeros, zeros).item() == pytest.approx(D_LOSS_AT_ZERO[name])
    assert LOSSES[name].g_loss_beside(zeros, zeros).item() == pytest.approx(G_LOSS_AT_ZERO[name])


def test_the_values_by_hand():
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-1.0, 3.0])
    assert LOSSES["hinge"].d_loss(real, fake).item() == pytest.approx((0 + 0.5) / 2 + (0 + 4) / 2)
    assert LOSSES["wasserstein"].d_loss(real, fake).item() == pytest.approx(1.0 - 1.25)
    assert LOSSES["lsgan"].d_loss(real, fake).item() == pytest.approx(0.5 * (1 + 0.25) / 2 + 0.5 * (1 + 9) / 2)
    assert LOSSES["lsgan"].d_loss(real, fake, 0.9).item() == pytest.approx(
        0.5 * (1.1**2 + 0.4**2) / 2 + 0.5 * (1 + 9) / 2
    )
    assert LOSSES["lsgan"].g_loss(fake).item() == pytest.approx(0.5 * (4 + 4) / 2)
    for name in ("hinge", "wasserstein"):
        assert LOSSES[name].g_loss(fake).item() == pytest.approx(-1.0)
    pairs = math.log(1 + math.exp(-1 - 2)), math.log(1 + math.exp(3 - 0.5))  # -log σ(real - fake) of each
    assert LOSSES["relativistic"].d_loss(real, fake).item() == pytest.approx(sum(pairs) / 2)
    assert LOSSES["relativistic"].g_loss(fake, real).item() == pytest.approx((sum(pairs) + 3 - 2.5) / 2)


@settings(deadline=None)
@given(
    real=st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=5),
    fake=st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=5),
    target=st.floats(0.5, 1, width=32),
)
def test_cross_entropy_agrees_with_torchs(real, fake, target):
    real, fake = torch.tensor(real), torch.tensor(fake)
    ones = torch.ones_like(fake)
    theirs = F.binary_cross_entropy_with_logits(real, torch.full_like(real, target))
    theirs = theirs + F.binary_cross_entropy_with_logits(fake, 0 * ones)
    for name in ("non-saturating", "minimax"):
        ours = LOSSES[name].d_loss(real, fake, target)
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    theirs = F.binary_cross_entropy_with_logits(fake, ones)
    torch.testing.assert_close(LOSSES["non-saturating"].g_loss(fake), theirs, rtol=1e-6, atol=1e-6)
    theirs = -F.binary_cross_entropy_with_logits(fake, 0 * ones)
    torch.testing.assert_close(LOSSES["minimax"].g_loss(fake), theirs, rtol=1e-6, atol=1e-6)


def test_generator_gradients_by_logit():
    sigmoid = LOGITS.sigmoid()
    one = torch.ones_like(LOGITS)
    expected = {
        "minimax": -sigmoid, "non-saturating": sigmoid - 1, "lsgan": LOGITS - 1, "hinge": -one, "wasserstein": -one,
    }  # fmt: skip
    for name, gradient in expected.items():
        torch.testing.assert_close(slope(LOSSES[name].g_loss, LOGITS), gradient, rtol=1e-12, atol=1e-12)


def test_the_relativistic_gradients_depend_on_differences_alone_and_are_each_others_mirror():
    real, fake = LOGITS.clone().requires_grad_(), LOGITS.flip(0).clone().requires_grad_()
    shifted = LOSSES["relativistic"].d_loss(real + 3, fake + 3)
    torch.testing.assert_close(shifted, LOSSES["relativistic"].d_loss(real, fake))
    by_real, by_fake = torch.autograd.grad(shifted, (real, fake))
    torch.testing.assert_close(by_fake, (fake - real).sigmoid() / len(LOGITS))
    torch.testing.assert_close(by_real, -by_fake)
    (by_fake,) = torch.autograd.grad(LOSSES["relativistic"].g_loss(fake, real), fake)
    torch.testing.assert_close(by_fake, -(real - fake).sigmoid() / len(LOGITS))


def test_the_saturating_loss_fades_where_the_discriminator_is_sure():
    sure = torch.tensor([-8.0], dtype=torch.float64)
    ratio = slope(LOSSES["non-saturating"].g_loss, sure) / slope(LOSSES["minimax"].g_loss, sure)
    assert ratio.item() == pytest.approx(math.exp(8))  # 2,981 to 1


@pytest.mark.parametrize("name", LOSSES)
def test_huge_logits_stay_finite_and_so_do_their_gradients(name):
    targets = (1.0, 0.9) if LOSSES[name].has_labels else (None,)
    for scale in (1e4, -1e4):
        for target in targets:
            real = torch.full((3,), scale, requires_grad=True)
            fake = torch.full((3,), -scale, requires_grad=True)
            smoothed = () if target is None else (target,)
            total = LOSSES[name].d_loss(real, fake, *smoothed) + LOSSES[name].g_loss_beside(fake, real)
            assert total.isfinite()
            assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(total, (real, fake)))


def minimise(d_loss, real_counts, fake_counts):
    """The logits at two places that minimise `d_loss`, where each place holds so many samples."""
    places = torch.arange(2)
    real, fake = places.repeat_interleave(real_counts), places.repeat_interleave(fake_counts)
    logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    newton = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-12, tolerance_change=0)

    def closure():
        newton.zero_grad()
        loss = d_loss(logits[real], logits[fake])
        loss.backward()
        return loss

    newton.step(closure)
    return logits.detach()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("name", LABELLED)
def test_the_best_discriminator_is_the_density_ratio_times_the_real_target(name, smoothing):
    r"""D* = t·p / (p + q): with t = 0.9 never above 0.9, and 0.9·p, not 0.9·p + 0.1·q, on top (one-sided)."""
    p, q = torch.tensor([0.75, 0.25]), torch.tensor([0.1, 0.9])
    loss = LOSSES[name]
    best = minimise(
        lambda real, fake: loss.d_loss(real, fake, 1 - smoothing), torch.tensor([15, 5]), torch.tensor([2, 18])
    )
    d = best if name == "lsgan" else best.sigmoid()
    torch.testing.assert_close(d, ((1 - smoothing) * p / (p + q)).double(), rtol=1e-6, atol=1e-6)


def test_only_losses_with_labels_take_a_target():
    assert tuple(name for name, loss in LOSSES.items() if loss.has_labels) == LABELLED
    for name in set(LOSSES) - set(LABELLED):
        with pytest.raises(TypeError):
            LOSSES[name].d_loss(torch.zeros(1), torch.zeros(1), 0.9)
