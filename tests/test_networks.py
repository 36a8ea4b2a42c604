"""Networks: their sizes, their shapes, and where their first weights come from."""

import math

import pytest
import torch
from engine_runs import rng
from torch import nn

from gan_course.networks import ARCHITECTURES, Maxout, build, is_samplewise

IMAGE_ARCHITECTURES = [name for name in ARCHITECTURES if name not in ("mlp", "pacgan")]
SHAPES = {"mlp": (2,), "pacgan": (2,), "textbook": (1, 28, 28), "dcgan": (1, 28, 28)}


def pair(name, latent_dim=5, shape=None, width=4, seed=0, **kwargs):
    generator_of, discriminator_of = ARCHITECTURES[name]
    shape = shape or SHAPES[name]
    return (
        build(generator_of, latent_dim, shape, width, rng=rng(seed), **kwargs),
        build(discriminator_of, shape, width, rng=rng(seed + 1), **kwargs),
    )


def layer_sizes(module):
    """Weights by the shape of each layer: the other way to count parameters."""
    total = 0
    for layer in module:
        if isinstance(layer, nn.Linear):
            total += layer.in_features * layer.out_features + layer.out_features * (layer.bias is not None)
        elif isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            total += layer.in_channels * layer.out_channels * math.prod(layer.kernel_size)
            total += layer.out_channels * (layer.bias is not None)
        elif isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            total += 2 * layer.num_features
    return total


def expected_parameters(name, z, c, side, w):
    """(generator, discriminator), by hand from the docstrings."""
    if name == "mlp":
        return [(n + 1) * w + (w + 1) * w + (w + 1) * out for n, out in ((z, 2), (2, 1))]
    if name == "pacgan":
        g = z * 2 * w + 3 * (2 * w) ** 2 + 4 * 2 * 2 * w + (2 * w + 1) * 2
        return [g, 3 * 5 * w + 2 * (w + 1) * 5 * w + w + 1]
    q = side // 4
    if name == "textbook":
        g = (z + 1) * 16 * w + (16 * w + 1) * 32 * w + (32 * w + 1) * c * side**2
        d = (16 * c + 1) * w + (16 * w + 1) * 2 * w + (2 * w * q**2 + 1) * 4 * w + 4 * w + 1
        return [g, d]
    norms = 2 * (4 * w + 2 * w + w)
    g = z * 4 * w * q**2 + 16 * (4 * w * 2 * w + 2 * w * w) + norms + (9 * w + 1) * c
    d = (16 * c + 1) * w + 16 * w * 2 * w + 2 * 2 * w + 9 * 2 * w * 4 * w + 2 * 4 * w + 4 * w * q**2 + 1
    return [g, d]


@pytest.mark.parametrize("width", [1, 4, 32])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_parameters_counted_three_ways(name, width):
    networks = pair(name, latent_dim=7, width=width)
    counted = [sum(weight.numel() for weight in network.parameters()) for network in networks]
    assert counted == [layer_sizes(network) for network in networks]
    assert counted == expected_parameters(name, 7, 1, 28, width)


def test_the_textbook_pair_has_the_textbook_sizes():
    generator, discriminator = pair("textbook", latent_dim=100, width=32)
    dense = [layer for layer in generator if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in dense] == [(100, 512), (512, 1024), (1024, 784)]
    convolutions = [layer for layer in discriminator if isinstance(layer, nn.Conv2d)]
    assert [(layer.in_channels, layer.out_channels) for layer in convolutions] == [(1, 32), (32, 64)]
    dense = [layer for layer in discriminator if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in dense] == [(64 * 7 * 7, 128), (128, 1)]
    assert sum(weight.numel() for weight in discriminator.parameters()) == 435_041


def test_the_pacgan_pair_has_the_papers_sizes_and_first_weights():
    generator, discriminator = pair("pacgan", latent_dim=2, width=200, dense_std=0.02)
    dense = [layer for layer in (*generator, *discriminator) if isinstance(layer, nn.Linear)]
    sizes = [(layer.in_features, layer.out_features) for layer in dense]
    assert sizes[:5] == [(2, 400), (400, 400), (400, 400), (400, 400), (400, 2)]
    assert sizes[5:] == [(2, 1000), (200, 1000), (200, 1000), (200, 1)]
    assert [layer.bias is None for layer in dense] == [True] * 4 + [False] * 5
    for layer in dense:
        assert layer.weight.std().item() == pytest.approx(0.02, rel=4 / math.sqrt(2 * layer.weight.numel()))
        assert layer.bias is None or not layer.bias.any()


def test_maxout_takes_the_largest_piece_of_each_feature():
    x = torch.randn(3, 4, 10, generator=rng())
    by_hand = torch.stack([x[..., feature::2].max(-1).values for feature in (0, 1)], -1)
    assert torch.equal(Maxout(5)(x), by_hand)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", range(4, 68, 4))
@pytest.mark.parametrize("name", IMAGE_ARCHITECTURES)
def test_every_side_that_is_a_multiple_of_four_fits(name, side, channels):
    generator_of, discriminator_of = ARCHITECTURES[name]
    shape = (channels, side, side)
    with torch.device("meta"):
        generator, discriminator = generator_of(3, shape, 2), discriminator_of(shape, 2)
        fake = generator(torch.empty(5, 3))
        assert fake.shape == (5, *shape)
        assert discriminator(fake).shape == (5, 1)


@pytest.mark.parametrize("shape", [(1, 30, 30), (1, 28, 32), (28, 28), (2,)])
@pytest.mark.parametrize("of", [of for name in IMAGE_ARCHITECTURES for of in ARCHITECTURES[name]])
def test_other_images_are_refused(of, shape):
    arguments = (shape,) if "discriminator" in of.__name__ else (3, shape)
    if of.__name__ == "textbook_generator":
        assert of(*arguments)(torch.zeros(2, 3)).shape == (2, *shape)  # it makes any shape
        return
    with pytest.raises(ValueError, match=r"multiple of 4.*got shape"):
        of(*arguments)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_a_network_gives(name):
    generator, discriminator = pair(name)
    fake = generator(100 * torch.randn(4, 5, generator=rng()))
    assert fake.shape == (4, *SHAPES[name])
    assert discriminator(fake).shape == (4, 1)
    if name in IMAGE_ARCHITECTURES:
        assert fake.abs().max() <= 1


@pytest.mark.parametrize("conv_std", [None, 0.02])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_first_weights_come_from_the_rng_alone(name, conv_std):
    before = torch.get_rng_state()
    first = pair(name, conv_std=conv_std)
    torch.rand(3)  # another global state
    second, third = pair(name, conv_std=conv_std), pair(name, conv_std=conv_std, seed=5)
    torch.set_rng_state(before)
    pair(name, conv_std=conv_std)
    assert torch.equal(torch.get_rng_state(), before)
    for one, same, other in zip(first, second, third):
        for key, weight in one.state_dict().items():
            assert weight.device.type == "cpu" and weight.isfinite().all()
            assert torch.equal(weight, same.state_dict()[key])
        assert any(not torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters()))


@pytest.mark.parametrize("of, arguments", [(of, name) for name, both in ARCHITECTURES.items() for of in both])
def test_first_weights_are_those_of_an_ordinary_module(of, arguments):
    """The same draws in the same order as PyTorch makes from its global generator."""
    shape = SHAPES[arguments]
    arguments = (shape, 4) if "discriminator" in of.__name__ else (5, shape, 4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        ordinary = of(*arguments).state_dict()
    ours = build(of, *arguments, rng=rng(11)).state_dict()
    assert ours.keys() == ordinary.keys()
    for key in ours:
        assert torch.equal(ours[key], ordinary[key]), key


def test_dcgan_convolutions_start_with_a_spread_of_002():
    generator, discriminator = pair("dcgan", width=32, conv_std=0.02)
    for layer in (*generator, *discriminator):
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            n = layer.weight.numel()
            assert layer.weight.std().item() == pytest.approx(0.02, rel=4 / math.sqrt(2 * n))
            assert abs(layer.weight.mean().item()) < 4 * 0.02 / math.sqrt(n)
        elif isinstance(layer, nn.BatchNorm2d):
            assert (layer.weight == 1).all() and (layer.bias == 0).all() and (layer.running_var == 1).all()
    dense = generator[0]
    assert dense.weight.abs().max().item() <= 1 / math.sqrt(dense.in_features)


def test_is_samplewise():
    assert is_samplewise(pair("mlp")[1]) and is_samplewise(pair("pacgan")[1]) and is_samplewise(pair("textbook")[1])
    assert not is_samplewise(pair("dcgan")[1])

    class Own(nn.Module):
        def forward(self, x):
            return x - x.mean(0)

    class OwnLinear(nn.Linear):
        pass

    for layer in (nn.BatchNorm1d(2), nn.Dropout(0.5), Own(), OwnLinear(2, 2)):
        assert not is_samplewise(nn.Sequential(nn.Linear(2, 2), nn.Sequential(layer)))
    normed = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2))
    assert not is_samplewise(nn.Sequential(normed))


@pytest.mark.parametrize("name", ["mlp", "pacgan", "textbook"])
def test_a_samplewise_discriminator_judges_each_sample_alone(name):
    discriminator = pair(name)[1]
    x = torch.randn(6, *SHAPES[name], generator=rng())
    torch.testing.assert_close(discriminator(x)[:2], discriminator(x[:2]), rtol=1e-5, atol=1e-6)
