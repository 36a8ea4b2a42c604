"""A discriminator trained alone against two fixed densities on the line, to lay beside the best one."""

import numpy as np
import torch
from torch import nn

from gan_course import runtime
from gan_course.losses import bce_d_loss
from gan_course.networks import build, mlp_discriminator
from gan_course.theory import Mixture, optimal_discriminator
from gan_course.theory.generator import sigmoid
from gan_course.theory.grid import checked_grid

LOOKS = 41  # at D while it trains, the first ones close together


class Constant(nn.Module):
    """A discriminator without a hidden unit: (N, D) -> (N, 1), one learned logit whatever it is shown."""

    def __init__(self):
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.logit.expand(len(x), 1)


def train_discriminator(
    p_data: Mixture,
    p_g: Mixture,
    x,
    steps: int = 600,
    width: int = 64,
    seed: int = 0,
    lr: float = 1e-2,
    batch: int = 512,
) -> dict[str, np.ndarray]:
    """Train the course's MLP discriminator on fresh samples of two densities that stay as they are.

    Adam, with a learning rate that falls to 0 along half a cosine: with a constant one the curve keeps trembling,
    about three times as far from D*. With these settings and two bumps against a wider one, `sup_error` was at most
    0.025 in twenty seeds; in five seeds it was 0.04 to 0.21 with a width of 8, and with 1 hardly ever better than
    the 0.35 of a D that says ½ to everything.

    Args:
        p_data, p_g: what real and fake samples come from: anything with `sample(n, rng) -> (n,)`.
        x: (K,) grid on which D is looked at, increasing.
        steps: updates, at least 1.
        width: of both hidden layers, at least 0; with 0 D is a single number, the same for every sample.
        seed: decides the first weights and the samples.
        lr: learning rate of the first step, above 0.
        batch: real samples a step, and as many fakes; at least 1.

    Returns:
        "steps": (F,) the steps after which D was looked at, from 0 to `steps`; "logits": (F, K) its logits then, whose
        best values are log(p_data / p_g); "d": (F, K) D itself, their sigmoid.

    Raises:
        TypeError: a density cannot be drawn from.
        ValueError: a number is out of its range, or the grid does not increase.
    """
    x = checked_grid(x)
    _check(p_data=p_data, p_g=p_g, steps=steps, width=width, lr=lr, batch=batch)
    draws = np.random.default_rng(runtime.seed_for(seed, "samples"))
    weights = runtime.make_rng(seed, "weights")
    discriminator = build(mlp_discriminator, (1,), width, rng=weights) if width else Constant()
    optimizer = torch.optim.Adam(discriminator.parameters(), lr, fused=True)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    looks = np.unique((steps * np.linspace(0, 1, LOOKS) ** 2).round().astype(int))
    with runtime.compute(threads=1):
        seen = [_logits_on(x, discriminator)]
        for step in range(1, steps + 1):
            _update(discriminator, optimizer, p_data.sample(batch, draws), p_g.sample(batch, draws))
            decay.step()
            if step in looks:
                seen.append(_logits_on(x, discriminator))
    return {"steps": looks, "logits": np.stack(seen), "d": sigmoid(np.stack(seen))}


def sup_error(d, p_data, p_g, x, mass: float = 0.05) -> np.ndarray:
    """The largest |D - D*| over the places where both densities are at least `mass`.

    Elsewhere samples of one kind or of both are rare, and what a trained D says there is a guess.

    Args:
        d: D on the grid, (K,), or (F, K) for F moments of a training.
        p_data, p_g: (K,) values of the two densities.
        x: (K,) the grid, increasing.
        mass: the least value both densities must have, above 0.

    Returns:
        The error, a single number, or (F,).

    Raises:
        ValueError: D has not one value for each point of the grid, or the densities have no such place.
    """
    x, d, best = checked_grid(x), np.asarray(d, dtype=float), optimal_discriminator(p_data, p_g)
    if d.shape[-1:] != x.shape or best.shape != x.shape:
        raise ValueError(
            f"d and the densities must have one value for each point of x, shape {x.shape}, "
            f"got shapes {d.shape} and {best.shape}."
        )
    both = np.minimum(p_data, p_g)
    if not both.max() >= mass > 0:
        raise ValueError(
            f"both densities must be at least mass = {mass:g} somewhere, but the lower one reaches {both.max():.3g}: "
            "lower mass (it stays above 0), or move the densities closer to each other."
        )
    return np.abs(d - best)[..., both >= mass].max(axis=-1)


def _update(discriminator, optimizer, real, fake):
    optimizer.zero_grad()
    real_logits, fake_logits = discriminator(_column(np.concatenate([real, fake]))).chunk(2)
    bce_d_loss(real_logits, fake_logits).backward()
    optimizer.step()


@torch.no_grad()
def _logits_on(x, discriminator):
    return discriminator(_column(x))[:, 0].double().numpy()


def _column(values):
    return torch.from_numpy(values).float()[:, None]


def _check(p_data, p_g, steps, width, lr, batch):
    for name, density in (("p_data", p_data), ("p_g", p_g)):
        if not callable(getattr(density, "sample", None)):
            raise TypeError(
                f"{name} must be something to draw from, with sample(n, rng), got {type(density).__name__}: "
                "use gan_course.theory.Mixture."
            )
    for name, number, least in (("steps", steps, 1), ("width", width, 0), ("batch", batch, 1)):
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            raise ValueError(f"{name} must be a whole number, at least {least}, got {number!r}.")
    if not 0 < lr < float("inf"):
        raise ValueError(f"lr must be a finite number above 0, got {lr}.")
