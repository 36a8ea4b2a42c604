r"""The objectives of both players, from logits.

A logit is D's output before the sigmoid: D(x) = σ(logit). Working on logits keeps log D finite
where D itself rounds to 0 or 1. Every function takes logits of shape (N,) and returns a scalar
that the player in its name *minimises*.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


def bce_d_loss(real_logits: Tensor, fake_logits: Tensor, real_target: float = 1.0) -> Tensor:
    r"""-E[t·log D(x) + (1-t)·log(1 - D(x))] - E[log(1 - D(G(z)))], with t = `real_target`.

    With t = 1 this is the discriminator's side of the value function V(D, G); with t < 1 it is
    one-sided label smoothing.

    Source: Goodfellow et al. 2014, Equation 1; smoothing: Salimans et al. 2016, Section 3.4.
    """
    real = F.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, real_target))
    return real + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def minimax_g_loss(fake_logits: Tensor) -> Tensor:
    r"""E[log(1 - D(G(z)))], the saturating loss: its gradient fades where D(G(z)) is near 0.

    log(1 - σ(l)) = -softplus(l).

    Source: Goodfellow et al. 2014, Equation 1.
    """
    return -F.softplus(fake_logits).mean()


def non_saturating_g_loss(fake_logits: Tensor) -> Tensor:
    r"""-E[log D(G(z))]: the same fixed point as minimax, with a strong gradient early on.

    It is the cross-entropy of the fakes with the label "real".

    Source: Goodfellow et al. 2014, Section 3.
    """
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def lsgan_d_loss(real_logits: Tensor, fake_logits: Tensor, real_target: float = 1.0) -> Tensor:
    r"""½·E[(D(x) - t)²] + ½·E[D(G(z))²], where D is the raw output. Source: Mao et al. 2017, Equation 9."""
    return 0.5 * ((real_logits - real_target).square().mean() + fake_logits.square().mean())


def lsgan_g_loss(fake_logits: Tensor) -> Tensor:
    r"""½·E[(D(G(z)) - 1)²], where D is the raw output. Source: Mao et al. 2017, Equation 9."""
    return 0.5 * (fake_logits - 1).square().mean()


def hinge_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]. Source: Miyato et al. 2018, Equation 16."""
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def wasserstein_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""E[f(G(z))] - E[f(x)] for a critic f, which must be kept Lipschitz (set `gp_weight`).

    A negative value is normal: it is minus the critic's estimate of the Wasserstein distance.

    Source: Arjovsky et al. 2017, Equation 2.
    """
    return fake_logits.mean() - real_logits.mean()


def critic_g_loss(fake_logits: Tensor) -> Tensor:
    r"""-E[f(G(z))], the generator's side of both the hinge and the Wasserstein loss."""
    return -fake_logits.mean()


def relativistic_d_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""-E[log σ(D(x) - D(G(z)))], pair by pair: D only says which of two is the real one.

    Source: Jolicoeur-Martineau 2019, "The relativistic discriminator", Section 4.1 (there RSGAN); with R1 and R2
    it is the objective of Huang et al. 2024, "The GAN is dead; long live the GAN!" (R3GAN), Equation 2.
    """
    return F.softplus(fake_logits - real_logits).mean()


def relativistic_g_loss(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    r"""-E[log σ(D(G(z)) - D(x))], pair by pair: a fake must look more real than a real sample; sources as for D."""
    return F.softplus(real_logits - fake_logits).mean()


@dataclass(frozen=True)
class Loss:
    """Both players' sides of one objective."""

    d_loss: Callable[..., Tensor]  # (real_logits (N,), fake_logits (N,)[, real_target]) -> scalar
    g_loss: Callable[..., Tensor]  # (fake_logits (N,)[, real_logits (N,)]) -> scalar
    has_labels: bool = False  # whether `real_target` exists, so that labels can be smoothed
    compares: bool = False  # whether G's side takes `real_logits` too, each to be compared with a fake
    zero_sum: bool = False  # whether G's side is minus D's, but for D's verdict on real samples, which G can't change

    def g_loss_beside(self, fake_logits: Tensor, real_logits: Tensor) -> Tensor:
        """G's side, where D's verdict on as many real samples is at hand, whether it is asked for or not."""
        return self.g_loss(fake_logits, real_logits) if self.compares else self.g_loss(fake_logits)


LOSSES = {
    "non-saturating": Loss(bce_d_loss, non_saturating_g_loss, has_labels=True),
    "minimax": Loss(bce_d_loss, minimax_g_loss, has_labels=True, zero_sum=True),
    "lsgan": Loss(lsgan_d_loss, lsgan_g_loss, has_labels=True),
    "hinge": Loss(hinge_d_loss, critic_g_loss),
    "wasserstein": Loss(wasserstein_d_loss, critic_g_loss, zero_sum=True),
    "relativistic": Loss(relativistic_d_loss, relativistic_g_loss, compares=True),
}
