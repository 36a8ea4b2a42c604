"""Making a run ready: the automatic settings, the networks, and checks that all of it fits together."""

import warnings
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gan_course import runtime
from gan_course.conditional import conditional_discriminator, conditional_generator, told
from gan_course.config import TrainConfig
from gan_course.data import Dataset
from gan_course.networks import ARCHITECTURES, Divided, build, is_samplewise
from gan_course.remedies import Packed, with_spectral_norm, with_stddev
from gan_course.rounds import Players

FIRST_WEIGHTS = {  # Radford et al. 2016; Lin et al. 2018; the others start by PyTorch's own rule
    "dcgan": dict(conv_std=0.02),
    "pacgan": dict(dense_std=0.02),
}


def fill_in(config: TrainConfig, data: Dataset, device: torch.device) -> TrainConfig:
    """The config with every automatic setting decided for this data and this machine.

    Small networks on points are fastest on one thread in float32; for images a short trial decides.

    Raises:
        ValueError: the architecture or the condition does not suit the data.
    """
    points = data.kind == "points"
    if config.condition is not None:
        _check_labelled(data, config.condition)
    config = config.for_data(data.kind)
    threads = config.threads or (1 if points else runtime.choose_threads(device))
    precision = config.precision
    if precision == "auto":
        precision = "float32" if points else runtime.choose_precision(device, threads)
    return replace(config, dataset=data.name, device=str(device), threads=threads, precision=precision)


def _check_labelled(data, condition):
    if data.labels is None:
        raise ValueError(
            f"condition={condition!r} needs labels, and {data.name!r} has none: use a dataset with classes or modes, "
            "or Dataset(name, samples, labels)."
        )
    if len(data.labels.unique()) < 2:
        raise ValueError(
            f"condition={condition!r} needs at least 2 classes, and all {len(data):,} samples of {data.name!r} have "
            f"label {int(data.labels[0])}: nothing could be learned from it. Leave condition out."
        )


def make_networks(
    config: TrainConfig,
    sample_shape: tuple[int, ...],
    generator: nn.Module | None,
    discriminator: nn.Module | None,
    classes: int = 0,
) -> tuple[nn.Module, nn.Module]:
    """The two networks handed in; in place of None what `config` describes, first weights decided by its seed.

    Args:
        config: filled in.
        sample_shape: of the data.
        generator, discriminator: handed in, or None.
        classes: K, for a config with a condition.

    Raises:
        TypeError: not a module.
    """
    generator_of, discriminator_of = ARCHITECTURES[config.architecture]
    first = FIRST_WEIGHTS.get(config.architecture, {})
    if generator is None:
        rng = runtime.make_rng(config.seed, "generator")
        if config.condition is not None:
            generator_of = partial(conditional_generator, config.condition, classes, generator_of)
        generator = build(generator_of, config.latent_dim, sample_shape, config.width, rng=rng, **first)
    if discriminator is None:
        rng = runtime.make_rng(config.seed, "discriminator")
        remedied = partial(_discriminator, discriminator_of, config)
        if config.condition is not None:
            remedied = partial(conditional_discriminator, config.condition, classes, remedied)
        discriminator = build(remedied, sample_shape, rng=rng, **first)
        if config.spectral_norm:
            with runtime.global_rng_seeded(runtime.seed_for(config.seed, "spectral norm"), torch.device("cpu")):
                with_spectral_norm(discriminator)
    for role, module in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(module, nn.Module):
            raise TypeError(f"The {role} must be an object made from a torch.nn.Module class, got {module!r}.")
    return generator, discriminator


def _discriminator(module_of, config, sample_shape):
    """What `config` says of D's inputs and against mode collapse, around the network that `module_of` makes."""
    channels, *sides = sample_shape
    network = module_of((config.pack * channels, *sides), config.width)
    if config.input_scale != 1:
        network = nn.Sequential(Divided(config.input_scale), *network)
    if config.minibatch_stddev:
        network = with_stddev(network)
    return Packed(network, config.pack) if config.pack > 1 else network


def make_players(config: TrainConfig, generator: nn.Module, discriminator: nn.Module) -> Players:
    """Both networks with an optimizer each, for `config` with everything filled in."""
    one_call = config.one_batch or is_samplewise(discriminator)
    return Players(
        generator, discriminator, _adam(config, generator), _adam(config, discriminator),
        torch.device(config.device), config.precision, one_call,
    )  # fmt: skip


def _adam(config, module):
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    fused = torch.device(config.device).type in ("cpu", "cuda")
    return torch.optim.Adam(weights, betas=(config.beta1, config.beta2), fused=fused)


def make_average(generator: nn.Module, decay: float) -> AveragedModel | None:
    """A running average of the generator's weights that keeps `decay` of itself a round; None if `decay` is 0.

    It keeps less in the first rounds, so that the start is soon forgotten.
    """
    if not decay:
        return None

    def average(averages, weights, rounds):
        get_ema_multi_avg_fn(kept_share(decay, rounds.item()))(averages, weights, rounds)

    return AveragedModel(generator, multi_avg_fn=average).eval().requires_grad_(False)


def kept_share(decay: float, rounds: int) -> float:
    """How much of itself a running average keeps after `rounds` rounds: `decay`, and less in the first ones."""
    return min(decay, (1 + rounds) / (10 + rounds))


@torch.no_grad()
def check_networks(
    generator: nn.Module, discriminator: nn.Module, z: Tensor, data: Dataset, y: Tensor | None = None
) -> None:
    """Try both networks once, without changing them.

    Args:
        generator, discriminator: in training mode, and left so.
        z: (n, Z).
        data: what the generator should learn to make.
        y: (n,) labels, for networks that are told them.

    Raises:
        ValueError: a wrong shape, nothing to train, or a discriminator that ends in a sigmoid.
    """
    shape = (len(z), *data.sample_shape)
    labels = "" if y is None else f" and labels of shape {tuple(y.shape)}"
    what = f"z of shape {tuple(z.shape)}{labels} (set latent_dim to what it takes)"
    fake = _tried("generator", generator, told(z, y), what)
    if tuple(fake.shape) != shape:
        raise ValueError(f"The generator made shape {tuple(fake.shape)} from {len(z)} latents; the data need {shape}.")
    if any(isinstance(layer, nn.Sigmoid) for layer in list(discriminator.modules())[-1:]):
        raise ValueError("The discriminator ends in a sigmoid; the losses take logits. Remove its last layer.")
    x = data.batch(torch.arange(len(z), device=z.device))
    logits = _tried("discriminator", discriminator, told(x, y), f"samples of shape {shape}{labels}")
    if logits.numel() != len(z):
        raise ValueError(
            f"The discriminator made shape {tuple(logits.shape)} from {len(z)} samples; "
            f"it must give one logit each: ({len(z)}, 1) or ({len(z)},)."
        )


def _tried(role, module, given, what):
    if not any(weight.requires_grad for weight in module.parameters()):
        raise ValueError(f"The {role} has no weight to train (none with requires_grad=True).")
    module.eval()
    try:
        return module(*given)
    except Exception as error:
        raise ValueError(f"The {role} could not take {what}: {type(error).__name__}: {error}") from error
    finally:
        module.train()


def here(config: TrainConfig) -> TrainConfig:
    """The config of a run made elsewhere, with its device exchanged for this machine's if it is not here."""
    try:
        runtime.resolve_device(config.device)
    except ValueError as error:
        warnings.warn(f"{error} Going on with that; the numbers will differ from the original run's.", stacklevel=4)
        return replace(config, device="auto")
    return config
