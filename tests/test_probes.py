"""Looks into a run: what they show is so, and looking changes nothing."""

import numpy as np
import pytest
import torch
from engine_runs import images, rng, same_run, student_networks, tiny_run
from torch import nn

from gan_course.losses import LOSSES
from gan_course.probes import (
    REACH,
    discriminator_field,
    generator_gradient,
    latent_warp,
    logit_histograms,
    sample_density,
    undisturbed,
    verdicts,
)

BOUNDS = (-1.5, 2.0, -3.0, 0.5)


def run_with(**settings):
    run = tiny_run(**settings)
    run.run(3)
    return run


def look(run):
    if run.data.kind == "points":
        discriminator_field(run, BOUNDS, 5)
        latent_warp(run, 3, 4)
    generator_gradient(run, run.latents(4))
    logit_histograms(run, 6, 4)


class Shift(nn.Module):
    """x ↦ x·scale + shift on points; z and samples have the same dimension."""

    def __init__(self, scale=1.0, shift=0.0):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.tensor(scale)), nn.Parameter(torch.tensor(shift))

    def forward(self, z):
        return z * self.scale + self.shift


class Slope(nn.Module):
    """x ↦ x·w, a logit that rises in the direction of w."""

    def __init__(self, *w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, x):
        return x @ self.w


# --- looking changes nothing


@pytest.mark.parametrize("kind", ["mlp", "student", "textbook", "dcgan"])
def test_a_run_that_is_looked_at_goes_on_bit_for_bit(kind):
    def start():
        if kind == "student":
            return tiny_run(**student_networks())
        return tiny_run() if kind == "mlp" else tiny_run(architecture=kind, data=images())

    watched, alone = start(), start()
    torch.manual_seed(0)
    before = torch.get_rng_state()
    for _ in range(3):
        look(watched)
        watched.run(2)
    look(watched)
    alone.run(6)
    assert same_run(watched, alone)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("networks", [{}, student_networks()])
def test_no_gradient_and_no_mode_is_left(networks):
    run = tiny_run(**networks)
    look(run)
    for network in (run.generator, run.discriminator):
        assert all(weight.grad is None and weight.requires_grad for weight in network.parameters())
        assert all(layer.training for layer in network.modules())


@pytest.mark.parametrize("training", [True, False])
def test_a_look_that_fails_puts_the_mode_back(training):
    run = run_with()
    run.generator.train(training)
    with pytest.raises(ZeroDivisionError), undisturbed(run, run.generator, training=not training):
        assert run.generator.training is not training
        raise ZeroDivisionError
    assert run.generator.training is training


def test_a_look_runs_on_the_runs_threads():
    run = tiny_run()
    torch.set_num_threads(2)
    try:
        with undisturbed(run, run.generator):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)


def test_each_look_shows_the_same_even_where_a_module_draws_noise():
    run = run_with(**student_networks())
    z = run.latents(5)
    for probe in (lambda: generator_gradient(run, z), lambda: logit_histograms(run, 8, 4), lambda: verdicts(run, 5)):
        torch.manual_seed(1)
        first = probe()
        torch.manual_seed(2)
        for one, other in zip(first, probe(), strict=True):
            np.testing.assert_array_equal(one, other)


# --- the field of D


def test_the_fields_first_row_is_the_lowest_and_its_first_column_the_leftmost():
    field = discriminator_field(tiny_run(discriminator=Slope(0.5, -2.0)), BOUNDS, 8)
    x, y = np.linspace(-1.5, 2.0, 8), np.linspace(-3.0, 0.5, 8)
    expected = 1 / (1 + np.exp(-(0.5 * x[None, :] - 2.0 * y[:, None])))
    assert field.dtype == np.float32
    np.testing.assert_allclose(field, expected, rtol=1e-5)


def test_the_field_is_of_d_as_for_use():
    """Dropout would make holes, batch statistics would depend on the bounds."""
    discriminator = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.9), nn.Linear(4, 1))
    run = run_with(discriminator=discriminator)
    field = discriminator_field(run, BOUNDS, 3)
    discriminator.eval()
    with torch.no_grad():
        corner = discriminator(torch.tensor([[2.0, 0.5]])).sigmoid().item()
    assert field[-1, -1] == pytest.approx(corner, rel=1e-5)


@pytest.mark.parametrize("look", [lambda run: discriminator_field(run, BOUNDS, 3), lambda run: latent_warp(run, 2, 3)])
def test_pictures_have_no_plane(look):
    with pytest.raises(ValueError, match=r"points in the plane, samples of shape \(2,\), got \(1, 8, 8\)"):
        look(tiny_run(architecture="textbook", data=images()))


# --- arrows


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_are_minus_the_gradient_of_the_loss_in_use(loss):
    run = run_with()
    run.set(loss=loss)  # in force from the next round on: that is the loss these arrows foretell
    z = run.latents(7)
    samples, arrows = generator_gradient(run, z)
    with torch.no_grad():
        np.testing.assert_array_equal(samples, run.generator(z).numpy())
    beside = run.discriminator(verdicts(run, 7)[0]).detach()
    for sample, arrow, real_logit in zip(torch.from_numpy(samples), arrows, beside):
        x = sample[None].clone().requires_grad_()
        LOSSES[loss].g_loss_beside(run.discriminator(x).flatten(), real_logit).backward()
        np.testing.assert_allclose(arrow, -x.grad[0].numpy(), rtol=1e-4, atol=1e-7)


def test_arrows_do_not_shrink_with_their_number():
    run = run_with()
    z = run.latents(9)
    np.testing.assert_allclose(generator_gradient(run, z)[1][:2], generator_gradient(run, z[:2])[1], rtol=1e-5)


def test_where_d_is_sure_of_a_fake_the_minimax_arrows_vanish_and_the_others_do_not():
    """D(G(z)) = σ(-8): the gradients with respect to the logit are σ(-8) and 1 - σ(-8), 2,981 to 1."""
    networks = dict(generator=Shift(1e-4, -4.0), discriminator=Slope(2.0, 0.0))
    lengths = {}
    for loss in ("minimax", "non-saturating"):
        run = tiny_run(loss=loss, **networks)
        arrows = generator_gradient(run, run.latents(5))[1]
        assert (arrows[:, 0] > 0).all() and not arrows[:, 1].any()  # towards more D, along its slope
        lengths[loss] = np.linalg.norm(arrows, axis=1).mean()
    assert lengths["non-saturating"] == pytest.approx(2, rel=1e-3)
    assert lengths["non-saturating"] / lengths["minimax"] == pytest.approx(np.exp(8), rel=1e-2)


def test_following_the_arrows_a_little_lowers_the_loss():
    run = run_with()
    samples, arrows = (torch.from_numpy(each) for each in generator_gradient(run, run.latents(16)))
    g_loss = LOSSES[run.controls.loss].g_loss
    with torch.no_grad():
        assert g_loss(run.discriminator(samples + 0.01 * arrows)) < g_loss(run.discriminator(samples))


def test_images_have_arrows_too():
    run = run_with(architecture="dcgan", data=images())
    samples, arrows = generator_gradient(run, run.latents(3))
    assert samples.shape == arrows.shape == (3, 1, 8, 8) and np.abs(arrows).sum() > 0


# --- verdicts and histograms


def test_histograms_are_shares_of_the_same_real_samples_and_fixed_latents():
    run = run_with(generator=Shift(0.5, 0.1), discriminator=Slope(4.0, -2.0))
    histograms = logit_histograms(run, 100, 10)
    every_200th = run.data.samples[torch.linspace(0, len(run.data) - 1, 100, dtype=torch.float64).long()]
    with torch.no_grad():
        for shares, x in zip(histograms, (every_200th, run.generator(run.latents(100)))):
            expected, _ = np.histogram(run.discriminator(x).sigmoid().numpy(), bins=10, range=(0, 1))
            np.testing.assert_allclose(shares, expected / 100)
            assert np.count_nonzero(shares) > 3


def test_a_verdict_of_0_or_1_is_in_the_outermost_bin():
    run = tiny_run(generator=Shift(), discriminator=Slope(0.0, 0.0))
    for verdict, expected in ((500.0, [0, 0, 0, 1]), (-500.0, [1, 0, 0, 0])):
        run.discriminator.forward = lambda x, verdict=verdict: torch.full((len(x),), verdict)
        assert logit_histograms(run, 5, 4)[0].tolist() == expected


def test_verdicts_are_what_training_sees():
    """D judges real and fake apart, each with its own batch statistics."""
    run = run_with(architecture="dcgan", data=images())
    real, fake, real_logits, fake_logits = verdicts(run, 8)
    with torch.no_grad():
        for x, logits in ((real, real_logits), (fake, fake_logits)):
            torch.testing.assert_close(run.discriminator(x).flatten(), logits)


@pytest.mark.parametrize("n", [0, 33])
def test_no_more_samples_than_there_are(n):
    with pytest.raises(ValueError, match=f"n must be from 1 to 32, the number of real samples, got {n}"):
        verdicts(tiny_run(architecture="textbook", data=images(32)), n)


# --- the latent grid


def test_the_warp_is_where_the_grids_lines_go():
    run = tiny_run(generator=Shift(3.0, 1.0))
    warp = latent_warp(run, 3, 5)
    quartiles, along = [-0.6744898, 0.0, 0.6744898], np.linspace(-REACH, REACH, 5)
    expected = np.array([[[(q, a) for a in along] for q in quartiles], [[(a, q) for a in along] for q in quartiles]])
    assert warp.dtype == np.float32
    np.testing.assert_allclose(warp, 3 * expected + 1, rtol=1e-5, atol=1e-5)


def test_every_cell_of_the_grid_receives_the_same_share():
    lines = latent_warp(tiny_run(generator=Shift()), 4, 2)[0, :, 0, 0]
    z = torch.randn(40_000, 2, generator=rng()).numpy()
    column, row = (np.digitize(each, lines) for each in z.T)
    shares = np.bincount(column * 5 + row, minlength=25) / len(z)
    np.testing.assert_allclose(shares, 1 / 25, atol=0.005)


def test_the_warp_is_drawn_as_samples_are():
    run = run_with(ema_decay=0.9)
    corner = latent_warp(run, 1, 2)[0, 0, 0]
    np.testing.assert_array_equal(corner, run.sample(z=torch.tensor([[0.0, -REACH]]))[0].numpy())


def test_a_grid_needs_two_latents():
    with pytest.raises(ValueError, match=r"latent_dim=2 only, got 3: .*TrainConfig\(latent_dim=2\)"):
        latent_warp(tiny_run(latent_dim=3), 2, 2)


# --- density


def test_density_is_counted_in_cells_with_the_lowest_row_first():
    points = np.array([[-1.4, 0.4]] * 3 + [[1.9, -2.9]] + [[5.0, 0.0], [np.nan, 0.0], [2.0, 0.0]])
    density = sample_density(points, BOUNDS, 7)
    assert density.shape == (7, 7) and density.dtype == np.float32
    assert density[-1, 0] == density.max() == 1
    assert density[0, -1] == pytest.approx(1 / 3)
    assert density[-1, 1] == pytest.approx(4 / 6) and density[-1, 2] == pytest.approx(1 / 6)  # the blur's weights
    assert density[3, 3] == 0 and density[-1, 3] == 0


def test_density_without_points_is_0():
    assert not sample_density(np.zeros((0, 2)), BOUNDS, 4).any()
    assert not sample_density(np.full((3, 2), 9.0), BOUNDS, 4).any()


def test_density_of_a_normal_distribution():
    points = torch.randn(200_000, 2, generator=rng()).numpy()
    density = sample_density(points, (-3, 3, -3, 3), 25)
    assert density[12, 12] > 0.95
    middle = np.linspace(-3 + 0.12, 3 - 0.12, 25)
    np.testing.assert_allclose(density[12], np.exp(-(middle**2) / 2 / (1 + 0.24**2)), atol=0.04)
