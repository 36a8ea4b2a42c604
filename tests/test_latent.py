"""Directions, walks and copies against closed forms and independent computations."""

import math

import numpy as np
import pytest
import torch
from engine_runs import StudentGenerator, images, rng, tiny_run
from torch import nn

from gan_course.latent import GeneratorCopy, leading_directions, spherical, straight, typical_length, weights_of

T = np.linspace(0, 1, 21)


def vectors(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# ---- directions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("latent_dim, shape", [(6, (10,)), (10, (6,)), (5, (3, 8, 8)), (2, (2,))])
def test_directions_of_a_linear_generator_are_its_right_singular_vectors(latent_dim, shape):
    a = vectors(math.prod(shape), latent_dim)
    found = leading_directions(lambda z: (z @ torch.from_numpy(a).T).view(-1, *shape), latent_dim)
    _, singular, rows = np.linalg.svd(a.astype(np.float64), full_matrices=False)
    k = len(singular)
    assert np.allclose(np.abs((found.vectors[:k] * rows).sum(1)), 1, atol=1e-4)
    assert np.allclose(found.shares[:k], singular**2 / (singular**2).sum(), atol=1e-5)
    assert np.allclose(found.vectors @ found.vectors.T, np.eye(latent_dim), atol=1e-5)
    assert found.shares.sum() == pytest.approx(1) and (np.diff(found.shares) <= 1e-9).all()


def test_a_generator_that_heeds_one_coordinate_has_one_direction():
    found = leading_directions(lambda z: torch.stack((z[:, 2].sin(), z[:, 2] ** 2), 1), 4)
    assert np.allclose(found.vectors[0], [0, 0, 1, 0], atol=1e-6)
    assert np.allclose(found.shares, [1, 0, 0, 0], atol=1e-9)


def test_an_effect_that_changes_its_sign_does_not_cancel_out():
    """E[J] of z₀² is 0, and E[JᵀJ] is not."""
    found = leading_directions(lambda z: torch.stack((z[:, 0] ** 2, 0.5 * z[:, 1]), 1), 2)
    assert abs(found.vectors[0, 0]) > 0.99


def test_directions_are_the_same_each_time_and_point_the_same_way():
    net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    with torch.no_grad():
        one, other = (leading_directions(net, 4) for _ in range(2))
    assert np.array_equal(one.vectors, other.vectors) and np.array_equal(one.shares, other.shares)
    assert all(row[np.abs(row).argmax()] > 0 for row in one.vectors)


def test_a_generator_that_ignores_z_has_no_shares():
    found = leading_directions(lambda z: torch.zeros(len(z), 2), 3)
    assert np.isfinite(found.vectors).all() and not found.shares.any()


def test_large_images_are_compared_at_a_smaller_size():
    a = torch.from_numpy(vectors(12, 3))
    small = leading_directions(lambda z: (z @ a.T).view(-1, 3, 2, 2), 3)
    large = leading_directions(
        lambda z: (z @ a.T).view(-1, 3, 2, 2).repeat_interleave(32, 2).repeat_interleave(32, 3), 3
    )
    assert np.allclose(small.vectors, large.vectors, atol=1e-4) and np.allclose(small.shares, large.shares, atol=1e-5)


# ---- lengths and walks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "latent_dim, mean, variance",
    [(1, math.sqrt(2 / math.pi), 1 - 2 / math.pi), (2, math.sqrt(math.pi / 2), 2 - math.pi / 2)],
)
def test_typical_length_closed_forms(latent_dim, mean, variance):
    assert typical_length(latent_dim) == pytest.approx((mean, math.sqrt(variance)))


@pytest.mark.parametrize("latent_dim", [3, 64, 512])
def test_typical_length_is_that_of_drawn_z(latent_dim):
    lengths = np.linalg.norm(np.random.default_rng(0).standard_normal((20_000, latent_dim)), axis=1)
    mean, deviation = typical_length(latent_dim)
    assert mean == pytest.approx(lengths.mean(), abs=0.02) and deviation == pytest.approx(lengths.std(), abs=0.02)
    assert mean == pytest.approx(math.sqrt(latent_dim - 0.5), abs=0.02)


@pytest.mark.parametrize("walk", [straight, spherical])
def test_a_walk_begins_at_a_and_ends_at_b(walk):
    a, b = vectors(2, 16)
    way = walk(a, b, T)
    assert way.shape == (21, 16) and way.dtype == np.float32
    assert np.allclose(way[0], a, atol=1e-6) and np.allclose(way[-1], b, atol=1e-6)


def test_half_way_between_orthogonal_z_the_straight_walk_is_shorter_by_the_root_of_two():
    way = straight(np.array([3.0, 0]), np.array([0, 3.0]), [0.5])
    assert np.linalg.norm(way) == pytest.approx(3 / math.sqrt(2))


def test_the_spherical_walk_is_a_quarter_of_a_circle_between_orthogonal_z():
    way = spherical(np.array([3.0, 0, 0]), np.array([0, 3.0, 0]), T)
    expected = 3 * np.stack((np.cos(T * math.pi / 2), np.sin(T * math.pi / 2), 0 * T), 1)
    assert np.allclose(way, expected, atol=1e-6)


def test_the_spherical_walk_turns_evenly_and_keeps_the_length():
    a, b = vectors(2, 64)
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    way = spherical(a, b, T).astype(np.float64)
    assert np.allclose(np.linalg.norm(way, axis=1), np.linalg.norm(a), rtol=1e-6)
    unit = way / np.linalg.norm(way, axis=1, keepdims=True)
    assert np.allclose(np.arccos((unit[:-1] * unit[1:]).sum(1)), np.arccos(unit[0] @ unit[-1]) / 20, atol=1e-4)


def test_between_different_lengths_the_length_goes_evenly():
    a, b = vectors(2, 8)
    lengths = np.linalg.norm(spherical(a, 3 * b, T), axis=1)
    assert np.allclose(lengths, (1 - T) * np.linalg.norm(a) + T * np.linalg.norm(3 * b), rtol=1e-5)


def test_between_nearly_equal_z_both_walks_agree():
    a = vectors(8)
    for b in (a, a * (1 + 1e-7), a + 1e-6 * vectors(8, seed=1)):
        assert np.allclose(spherical(a, b, T), straight(a, b, T), atol=1e-5)


def test_there_is_no_spherical_walk_between_opposite_z_or_from_zero():
    a = vectors(8)
    with pytest.raises(ValueError, match="opposite"):
        spherical(a, -2 * a, T)
    for ends in ((a, 0 * a), (0 * a, a)):
        with pytest.raises(ValueError, match="z = 0 has none"):
            spherical(*ends, T)


# ---- copies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"data": images(), "ema_decay": 0.9, "architecture": "dcgan"}])
def test_a_copy_makes_what_the_trainer_samples_bit_for_bit(settings):
    run = tiny_run(**settings)
    run.run(3)
    network = run.generator if run.ema is None else run.ema.module
    copy = GeneratorCopy(network, run.config.latent_dim, run.config.precision)
    z = run.latents(5)
    assert torch.equal(copy.sample(z), run.sample(z=z))
    assert copy.kind == ("images" if settings else "points")


def test_a_copy_stays_as_it_was_until_it_is_told():
    run = tiny_run()
    copy, z = GeneratorCopy(run.generator, 2), run.latents(4)
    before = run.sample(z=z)
    run.run(5)
    assert torch.equal(copy.sample(z), before)
    weights = weights_of(run.generator)
    expected = run.sample(z=z)
    run.run(5)
    copy.load(weights)
    assert torch.equal(copy.sample(z), expected) and not torch.equal(run.sample(z=z), expected)


def test_a_copy_leaves_the_original_alone():
    generator = StudentGenerator().train()
    state = weights_of(generator)
    GeneratorCopy(generator, 2).sample(torch.randn(4, 2))
    assert generator.training and all(torch.equal(value, state[name]) for name, value in generator.state_dict().items())


def test_noise_inside_a_generator_is_the_same_for_the_same_z_and_disturbs_nobody():
    copy = GeneratorCopy(StudentGenerator(), 2)
    torch.manual_seed(3)
    before, z = torch.get_rng_state(), torch.randn(4, 2, generator=rng())
    assert torch.equal(copy.sample(z), copy.sample(z))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_generator_that_keeps_its_activations_can_be_copied():
    class Keeps(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, z):
            self.seen = self.layer(z)
            return self.seen

    generator = Keeps()
    generator(torch.ones(1, 2)).sum().backward()
    assert torch.equal(GeneratorCopy(generator, 2).sample(torch.ones(1, 2)), generator.seen.detach())


@pytest.mark.parametrize(
    "generator, message",
    [
        (nn.Linear(3, 2), r"could not take z of shape \(1, 2\), set by latent_dim"),
        (nn.Linear(2, 3), r"points \(N, 2\) from the generator, got \(1, 3\)"),
        (nn.Sequential(nn.Linear(2, 16), nn.Unflatten(1, (4, 2, 2))), r"1 or 3, H, W.*got \(1, 4, 2, 2\)"),
    ],
)
def test_a_generator_that_does_not_fit_is_refused(generator, message):
    with pytest.raises(ValueError, match=message):
        GeneratorCopy(generator, 2)


def test_a_copy_of_a_model_without_weights():
    copy = GeneratorCopy(nn.Tanh(), 2)
    assert torch.equal(copy.sample(torch.ones(1, 2)), torch.ones(1, 2).tanh())
