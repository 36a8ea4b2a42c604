"""Read-only looks into a run: what D thinks of every place, where the loss pushes samples, what G does to z.

Look between rounds, as whoever plays them. Nothing is left behind: no gradient, no statistic, no mode, no
random number of the run. A run that is looked at goes on bit for bit like one that is not.
"""

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from gan_course import runtime
from gan_course.conditional import told
from gan_course.losses import LOSSES
from gan_course.rounds import buffers_kept
from gan_course.trainer import Trainer

REACH = 2.5  # the lines of the latent grid run from -REACH to REACH: 98.8% of each coordinate of z


def discriminator_field(
    trainer: Trainer, bounds: tuple[float, float, float, float], resolution: int, label: int | None = None
) -> np.ndarray:
    """D = σ(logit) on a lattice of places, with D as for use (`eval`).

    A critic's score is no logit (losses lsgan, hinge, wasserstein): then σ only squeezes it into the picture.

    Args:
        trainer: a run on 2-D points.
        bounds: x0, x1, y0, y1; the outermost places lie on them.
        resolution: places a side.
        label: what D is told, in a run with a condition; None: the mean over all labels.

    Returns:
        (rows, columns) in [0, 1], float32; the first row is at y0, the first column at x0.

    Raises:
        ValueError: the samples are not points in the plane, or there is no such label.
    """
    _check_plane(trainer)
    x, y = (torch.linspace(*bounds[i : i + 2], resolution, device=trainer.device) for i in (0, 2))
    places = torch.cartesian_prod(y, x).flip(1)
    with undisturbed(trainer, trainer.discriminator, training=False), torch.no_grad():
        asked = range(trainer.data.classes) if label is None and trainer.config.condition else [label]
        fields = [trainer.discriminator(*told(places, trainer.labels(len(places), each))) for each in asked]
        field = torch.stack(fields).float().sigmoid().mean(0)
    return field.view(resolution, resolution).cpu().numpy()


def generator_gradient(trainer: Trainer, z: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Where the generator's loss in use pushes each of G's samples: minus its gradient there.

    This is the gradient of `trainer.controls.loss`, summed over the samples, so that an arrow's length does
    not depend on how many there are. It is not the gradient of D, which only gives the direction: the
    minimax loss has arrows of length 0 where D is sure. The relativistic loss compares each sample with one of
    n fixed real ones. Instance noise is left out. Both networks are as in
    training (the generator itself, not its average).

    Args:
        trainer: any run.
        z: (n, Z) latents, n from 1; in a run with a condition they get the labels by turns.

    Returns:
        Samples and arrows, float32, both (n, ...) as the data.
    """
    y = trainer.labels(len(z))
    with undisturbed(trainer, trainer.generator, trainer.discriminator):
        with torch.no_grad():
            samples = trainer.generator(*told(z, y)).float()
        samples.requires_grad_()
        loss = LOSSES[trainer.controls.loss]
        judged = [(samples, y), *([_spread(trainer, len(z))] if loss.compares else [])]
        loss = loss.g_loss(*(trainer.discriminator(*told(*each)).float().flatten() for each in judged)) * len(z)
        (gradient,) = torch.autograd.grad(loss, samples)
    return samples.detach().cpu().numpy(), -gradient.cpu().numpy()


def verdicts(trainer: Trainer, n: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """n fixed real samples (the same at every call), n of G's from fixed z, and D's logits of both.

    Both networks are as in training, and D is shown real and fake apart.

    Args:
        trainer: any run.
        n: from 1 to the number of real samples.

    Returns:
        (n, ...), (n, ...), (n,), (n,), on the run's device.

    Raises:
        ValueError: n is out of its range.
    """
    if not 1 <= n <= len(trainer.data):
        raise ValueError(f"n must be from 1 to {len(trainer.data):,}, the number of real samples, got {n}.")
    (real, real_y), z, y = _spread(trainer, n), trainer.latents(n), trainer.labels(n)
    with undisturbed(trainer, trainer.generator, trainer.discriminator), torch.no_grad():
        fake = trainer.generator(*told(z, y)).float()
        real_logits, fake_logits = (
            trainer.discriminator(*given).float().flatten() for given in (told(real, real_y), told(fake, y))
        )
    return real, fake, real_logits, fake_logits


def logit_histograms(trainer: Trainer, n: int = 256, bins: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """How D's verdicts σ(logit) spread over [0, 1], on fixed real samples and on G's from fixed z.

    Args:
        trainer: any run.
        n: how many of each, as for `verdicts`.
        bins: equal steps from 0 to 1.

    Returns:
        The share of the real and of the fake samples in each bin: (bins,), (bins,), each with sum 1.
    """
    _, _, *logits = verdicts(trainer, n)
    return tuple(_shares(each.sigmoid().cpu().numpy(), bins) for each in logits)


def _shares(values, bins):
    index = np.minimum((values * bins).astype(int), bins - 1)
    return np.bincount(index, minlength=bins) / len(values)


def latent_warp(trainer: Trainer, lines: int, per_line: int, label: int = 0) -> np.ndarray:
    """Where G sends the lines of a grid on a 2-D latent space, as `Trainer.sample` draws.

    The lines stand at the quantiles 1/(lines + 1), ..., lines/(lines + 1) of a standard normal number, so
    each cell between them, the open ones at the rim too, receives the same share of the samples.

    Args:
        trainer: a run on 2-D points with latent_dim 2.
        lines: of each direction.
        per_line: places on a line, evenly spaced from -REACH to REACH.
        label: what G is told, in a run with a condition.

    Returns:
        (2, lines, per_line, 2), float32: first the lines along which z₁ is constant, then those of z₂.

    Raises:
        ValueError: the samples or the latents are not points in the plane.
    """
    _check_plane(trainer)
    if trainer.config.latent_dim != 2:
        raise ValueError(
            f"a latent grid can be drawn for latent_dim=2 only, got {trainer.config.latent_dim}: "
            "start a run with TrainConfig(latent_dim=2)."
        )
    quantiles = torch.special.ndtri(torch.arange(1, lines + 1, dtype=torch.float64) / (lines + 1)).float()
    grid = torch.cartesian_prod(quantiles, torch.linspace(-REACH, REACH, per_line))
    z = torch.cat((grid, grid.flip(1))).to(trainer.device)
    label = None if trainer.config.condition is None else label
    return trainer.sample(z=z, labels=label).view(2, lines, per_line, 2).numpy()


def sample_density(points: np.ndarray, bounds: tuple[float, float, float, float], resolution: int) -> np.ndarray:
    """How densely points lie, counted in cells and blurred a little; points outside are left out.

    Args:
        points: (n, 2).
        bounds: x0, x1, y0, y1.
        resolution: cells a side.

    Returns:
        (rows, columns) in [0, 1], float32, 1 in the fullest cell (all 0 without points); the first row is
        at y0, the first column at x0.
    """
    x0, x1, y0, y1 = bounds
    column, row = ((np.asarray(points) - (x0, y0)) / (x1 - x0, y1 - y0) * resolution).T
    inside = (column >= 0) & (column < resolution) & (row >= 0) & (row < resolution)
    cells = row[inside].astype(int) * resolution + column[inside].astype(int)
    counts = np.bincount(cells, minlength=resolution**2).reshape(resolution, resolution)
    density = _blurred(_blurred(counts).T).T
    return (density / max(density.max(), 1e-12)).astype(np.float32)


def _blurred(values):
    """Each row mixed with its neighbours by weights 1, 4, 6, 4, 1: a Gaussian one cell wide, with nothing outside."""
    padded = np.pad(values, ((2, 2), (0, 0)))
    return sum(weight * padded[i : i + len(values)] for i, weight in enumerate((1, 4, 6, 4, 1)))


def _spread(trainer, n):
    """n real samples, spread evenly over all of them, and what a run with a condition tells: the same at every call."""
    index = torch.linspace(0, len(trainer.data) - 1, n, dtype=torch.float64, device=trainer.device).long()
    return trainer.data.batch(index), None if trainer.config.condition is None else trainer.data.labels[index]


@contextlib.contextmanager
def undisturbed(trainer: Trainer, *networks: nn.Module, training: bool = True) -> Iterator[None]:
    """Use networks of the run here without leaving a trace, in its precision and on its CPU threads.

    A student's module may draw from PyTorch's global generator: it gets the same numbers at every look, and
    that generator is put back.

    Args:
        trainer: the run.
        networks: those that are used.
        training: in which mode they are meanwhile.
    """
    seed = runtime.seed_for(trainer.config.seed, "probe")
    with contextlib.ExitStack() as stack:
        stack.enter_context(runtime.compute(trainer.config.threads))
        stack.enter_context(runtime.global_rng_seeded(seed, trainer.device))
        stack.enter_context(runtime.autocast(trainer.device, trainer.config.precision))
        for network in networks:
            stack.enter_context(buffers_kept(network))
            if network.training != training:
                stack.callback(network.train, network.training)
                network.train(training)
        yield


def _check_plane(trainer):
    if trainer.data.sample_shape != (2,):
        raise ValueError(
            f"this look needs points in the plane, samples of shape (2,), got {trainer.data.sample_shape}: "
            'use a run on 2-D points, for example TrainConfig(dataset="ring").'
        )
