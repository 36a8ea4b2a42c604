"""Generators and discriminators, as plain `nn.Sequential`s that print as what they are.

A generator maps z (N, Z) to samples; a discriminator maps samples to logits (N, 1).
Images are (N, C, H, W) in [-1, 1], which is why their generators end in tanh.
"""

import math

import torch
from torch import nn

LEAK = 0.2  # slope of the leaky ReLU below 0 (Radford et al. 2016)


def mlp_generator(latent_dim: int, sample_shape: tuple[int, ...], width: int = 64) -> nn.Sequential:
    """(N, Z) -> (N, D): two hidden ReLU layers, for points."""
    (dim,) = sample_shape
    return _two_hidden_layers(latent_dim, width, dim)


def mlp_discriminator(sample_shape: tuple[int, ...], width: int = 64) -> nn.Sequential:
    """(N, D) -> (N, 1): two hidden ReLU layers, for points."""
    (dim,) = sample_shape
    return _two_hidden_layers(dim, width, 1)


def _two_hidden_layers(n_in, width, n_out):
    return nn.Sequential(
        nn.Linear(n_in, width), nn.ReLU(),
        nn.Linear(width, width), nn.ReLU(),
        nn.Linear(width, n_out),
    )  # fmt: skip


class Maxout(nn.Module):
    """(..., pieces·F) -> (..., F): the largest of `pieces` numbers for each feature, which lie F apart.

    Source: Goodfellow et al. 2013, "Maxout Networks".
    """

    def __init__(self, pieces: int):
        super().__init__()
        self.pieces = pieces

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (self.pieces, -1)).amax(-2)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"


class Divided(nn.Module):
    """(...) -> (...): divided by a number, so that data of another scale come near to 1."""

    def __init__(self, by: float):
        super().__init__()
        self.by = by

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / self.by

    def extra_repr(self) -> str:
        return f"by={self.by:g}"


def pacgan_generator(latent_dim: int, sample_shape: tuple[int, ...], width: int = 200) -> nn.Sequential:
    """(N, Z) -> (N, D): four hidden layers of 2·width, each without bias, BatchNorm, ReLU; for points.

    Source: Lin et al. 2018, "PacGAN", Section 4.1, and its published code; there 400 units a layer.
    """
    (dim,) = sample_shape
    layers, n_in = [], latent_dim
    for _ in range(4):
        layers += [nn.Linear(n_in, 2 * width, bias=False), nn.BatchNorm1d(2 * width, momentum=0.05), nn.ReLU()]
        n_in = 2 * width
    return nn.Sequential(*layers, nn.Linear(n_in, dim))


def pacgan_discriminator(sample_shape: tuple[int, ...], width: int = 200) -> nn.Sequential:
    """(N, D) -> (N, 1): three hidden layers of `width`, each the largest of 5 linear pieces; for points.

    Source: Lin et al. 2018, "PacGAN", Section 4.1, after Srivastava et al. 2017, "VEEGAN".
    """
    (n_in,) = sample_shape
    layers = []
    for _ in range(3):
        layers += [nn.Linear(n_in, 5 * width), Maxout(5)]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(n_in, 1))


def textbook_generator(latent_dim: int, sample_shape: tuple[int, ...], width: int = 32) -> nn.Sequential:
    """(N, Z) -> (N, C, H, W): Z → 16·width → 32·width → C·H·W, tanh; at width 32: 512 and 1,024."""
    return nn.Sequential(
        nn.Linear(latent_dim, 16 * width), nn.LeakyReLU(LEAK),
        nn.Linear(16 * width, 32 * width), nn.LeakyReLU(LEAK),
        nn.Linear(32 * width, math.prod(sample_shape)), nn.Tanh(),
        nn.Unflatten(1, sample_shape),
    )  # fmt: skip


def textbook_discriminator(sample_shape: tuple[int, ...], width: int = 32) -> nn.Sequential:
    """(N, C, H, W) -> (N, 1): conv width, conv 2·width (each halves the side), dense 4·width."""
    channels, side = _image_size(sample_shape)
    return nn.Sequential(
        nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.LeakyReLU(LEAK),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1), nn.LeakyReLU(LEAK),
        nn.Flatten(),
        nn.Linear(2 * width * (side // 4) ** 2, 4 * width), nn.LeakyReLU(LEAK),
        nn.Linear(4 * width, 1),
    )  # fmt: skip


def dcgan_generator(latent_dim: int, sample_shape: tuple[int, ...], width: int = 32) -> nn.Sequential:
    """(N, Z) -> (N, C, H, W): a dense layer to a quarter of the side, then two transposed convolutions.

    Source: Radford et al. 2016, in the small form that learns 28×28 in a minute.
    """
    channels, side = _image_size(sample_shape)
    quarter = side // 4
    return nn.Sequential(
        nn.Linear(latent_dim, 4 * width * quarter**2, bias=False),
        nn.Unflatten(1, (4 * width, quarter, quarter)),
        nn.BatchNorm2d(4 * width), nn.ReLU(),
        nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(2 * width), nn.ReLU(),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(width), nn.ReLU(),
        nn.Conv2d(width, channels, 3, padding=1), nn.Tanh(),
    )  # fmt: skip


def dcgan_discriminator(sample_shape: tuple[int, ...], width: int = 32) -> nn.Sequential:
    """(N, C, H, W) -> (N, 1): three convolutions, BatchNorm from the second on.

    Source: Radford et al. 2016, in the small form that learns 28×28 in a minute.
    """
    channels, side = _image_size(sample_shape)
    return nn.Sequential(
        nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.LeakyReLU(LEAK),
        nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(2 * width), nn.LeakyReLU(LEAK),
        nn.Conv2d(2 * width, 4 * width, 3, padding=1, bias=False),
        nn.BatchNorm2d(4 * width), nn.LeakyReLU(LEAK),
        nn.Flatten(),
        nn.Linear(4 * width * (side // 4) ** 2, 1),
    )  # fmt: skip


def _image_size(sample_shape):
    if len(sample_shape) != 3 or sample_shape[1] != sample_shape[2] or sample_shape[1] % 4:
        raise ValueError(
            f"expected square images (C, H, W) whose side is a multiple of 4, got shape {tuple(sample_shape)}: "
            "crop or resize them, for example to 28 or 32."
        )
    return sample_shape[0], sample_shape[1]


ARCHITECTURES = {
    "mlp": (mlp_generator, mlp_discriminator),
    "pacgan": (pacgan_generator, pacgan_discriminator),
    "textbook": (textbook_generator, textbook_discriminator),
    "dcgan": (dcgan_generator, dcgan_discriminator),
}


def build(
    module_of, *args, rng: torch.Generator, conv_std: float | None = None, dense_std: float | None = None
) -> nn.Module:
    """Make a network on the CPU whose first weights come from `rng` alone.

    PyTorch's layers draw their weights from the global generator; building on the "meta" device
    and drawing afterwards leaves that generator untouched.

    Args:
        module_of: one of the functions above, called with `args`.
        rng: a CPU generator.
        conv_std: standard deviation of convolution weights; None: PyTorch's own rule.
        dense_std: the same of dense weights, whose biases then start at 0.
    """
    with torch.device("meta"):
        module = module_of(*args)
    module.to_empty(device="cpu")
    for layer in module.modules():
        _initialize(layer, rng, conv_std, dense_std)
    return module.to(memory_format=torch.channels_last)  # convolutions are faster so; nothing else changes


def _initialize(layer, rng, conv_std, dense_std):
    dense = isinstance(layer, nn.Linear)
    convolution = isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d))
    if convolution and conv_std is not None:
        nn.init.normal_(layer.weight, std=conv_std, generator=rng)
    elif dense and dense_std is not None:
        nn.init.normal_(layer.weight, std=dense_std, generator=rng)
    elif convolution or dense:
        nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=rng)
    elif isinstance(layer, nn.Embedding):
        nn.init.normal_(layer.weight, generator=rng)
    elif hasattr(layer, "reset_parameters"):
        layer.reset_parameters()
        return
    if getattr(layer, "bias", None) is not None:
        bound = 0.0 if dense and dense_std is not None else 1 / math.sqrt(layer.weight[0].numel())
        nn.init.uniform_(layer.bias, -bound, bound, generator=rng)


SAMPLEWISE = (
    nn.Sequential, nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Flatten, nn.Unflatten, nn.Identity,
    nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Softplus,
    nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.LayerNorm, nn.GroupNorm, Maxout, Divided,
)  # fmt: skip


def is_samplewise(module: nn.Module) -> bool:
    """True if each output surely depends on its own sample alone, so that two batches may share one call."""
    return all(type(layer) in SAMPLEWISE for layer in module.modules())
