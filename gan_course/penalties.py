r"""Penalties on the gradient of D with respect to its input."""

from collections.abc import Callable

import torch
from torch import Tensor


def squared_gradient_norms(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """‖∇ₓ D(x)‖² of each sample, differentiable in D's weights.

    Args:
        discriminator: maps (N, ...) to logits (N,).
        x: (N, ...); where it comes out of a network whose gradient is wanted, differentiable in that too.

    Returns:
        (N,).
    """
    x = x if x.requires_grad else x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def zero_centered_penalty(discriminator: Callable[[Tensor], Tensor], x: Tensor, gamma: float) -> Tensor:
    r"""(γ/2)·E‖∇D(x)‖²: R1 when x is real, R2 when x is fake.

    Source: Mescheder et al. 2018, Equation 9.
    """
    return 0.5 * gamma * squared_gradient_norms(discriminator, x).mean()


def gradient_penalty(
    discriminator: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor, weight: float
) -> Tensor:
    r"""λ·E[(‖∇D(x̂)‖ - 1)²], with x̂ = mix·real + (1 - mix)·fake: on lines between pairs only.

    Args:
        discriminator: maps (N, ...) to logits (N,).
        real, fake: (N, ...).
        mix: (N,), uniform in [0, 1].
        weight: λ.

    Source: Gulrajani et al. 2017, Equation 3.
    """
    mix = mix.view(-1, *[1] * (real.dim() - 1))
    norms = squared_gradient_norms(discriminator, mix * real + (1 - mix) * fake).add(1e-12).sqrt()
    return weight * (norms - 1).square().mean()
