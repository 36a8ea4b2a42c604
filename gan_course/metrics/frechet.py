r"""The Fréchet distance between two Gaussians, in float64.

d² = ‖μ₁ - μ₂‖² + tr Σ₁ + tr Σ₂ - 2·tr (Σ₁Σ₂)^{1/2}

The last trace needs no square root of the product, which is not symmetric and may turn complex: for any
factors with Σᵢ = LᵢLᵢᵀ it is the sum of the singular values of L₁ᵀL₂. The three routes below differ in
where the factors come from.

Sources: Dowson & Landau 1982, "The Fréchet distance between multivariate normal distributions"; Heusel et
al. 2017, "GANs Trained by a Two Time-Scale Update Rule", where it is squared as here.
"""

import math

import numpy as np
import torch
from torch import Tensor

from gan_course.metrics.features import as_double, as_pair
from gan_course.metrics.moments import Moments

ROUNDING = 1e-10  # relative to a covariance's size: what rounding may leave of asymmetry or negative eigenvalues
GOOD_ENOUGH = 1e-6  # relative to the distance: the quick route counts if its error is certain to be below this
EPS = torch.finfo(torch.float64).eps


def frechet_distance(mu1, cov1, mu2, cov2) -> float:
    """The squared Fréchet distance between N(μ₁, Σ₁) and N(μ₂, Σ₂).

    Covariances may be singular. `quick_trace` is used where it is certain to do, `accurate_trace` elsewhere.

    Args:
        mu1, mu2: (d,), or a number for d = 1.
        cov1, cov2: (d, d), symmetric and positive semi-definite, or a variance for d = 1.

    Returns:
        d², at least 0.

    Raises:
        ValueError: a shape does not fit, a value is not finite, or a covariance is none; the message says by
            how much.
    """
    (mu1, cov1), (mu2, cov2) = _checked(mu1, cov1, "1"), _checked(mu2, cov2, "2")
    if mu1.shape != mu2.shape:
        raise ValueError(f"Expected Gaussians of one dimension, got {len(mu1)} and {len(mu2)}.")
    apart = ((mu1 - mu2).square().sum() + cov1.trace() + cov2.trace()).item()
    if (quick := quick_trace(cov1, cov2)) is not None:
        trace, error = quick
        if 2 * error <= GOOD_ENOUGH * (apart - 2 * trace):
            return apart - 2 * trace
    return max(0.0, apart - 2 * accurate_trace(cov1, cov2))


def quick_trace(cov1: Tensor, cov2: Tensor) -> tuple[float, float] | None:
    r"""tr (Σ₁Σ₂)^{1/2} as the sum of the roots of the eigenvalues of LᵀΣ₂L, where Σ₁ = LLᵀ.

    Rounding moves each eigenvalue λ by up to about δ = √d·ε·‖Σ₁‖·‖Σ₂‖ (Weyl's inequality; √d is the usual
    growth of rounding errors, Higham & Mary 2019), so its root by up to δ / (√λ + √(λ - δ)), and by √δ at
    most: small eigenvalues lose the most.

    Args:
        cov1, cov2: (d, d), float64, symmetric.

    Returns:
        The trace, and the sum of those bounds; None where a covariance has an eigenvalue of 0 or less, for
        all that rounding lets one see.
    """
    lower, failed = torch.linalg.cholesky_ex(cov1)
    if failed:
        return None
    squares = torch.linalg.eigvalsh(lower.T @ cov2 @ lower)
    if not squares[0] > 0:
        return None
    slack = math.sqrt(len(cov1)) * EPS * cov1.norm() * cov2.norm()
    roots, lowest_roots = squares.sqrt(), (squares - slack).clamp_min(0).sqrt()
    return roots.sum().item(), (slack / (roots + lowest_roots)).clamp_max(slack.sqrt()).sum().item()


def accurate_trace(cov1: Tensor, cov2: Tensor) -> float:
    """tr (Σ₁Σ₂)^{1/2} as a sum of singular values, so that no small number is squared on the way.

    Args:
        cov1, cov2: (d, d), float64, symmetric; may be singular.

    Raises:
        ValueError: one of them has an eigenvalue below 0, by more than rounding explains.
    """
    return torch.linalg.svdvals(_factor(cov1, "1").T @ _factor(cov2, "2")).sum().item()


def frechet_from_features(a: Tensor | np.ndarray, b: Tensor | np.ndarray) -> float:
    """The squared Fréchet distance between Gaussians fitted to two sets of features.

    With more samples than dimensions in both sets it goes over the covariances. With fewer these would be
    singular: then the centred features themselves are the factors, and rounding leaves nothing to repair.

    Args:
        a: (N, d), N from 2.
        b: (M, d), M from 2.

    Returns:
        d², at least 0.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    a, b = as_pair(a, b)
    if min(len(a), len(b)) > a.shape[1]:
        first, second = Moments().update(a), Moments().update(b)
        return frechet_distance(first.mean, first.cov, second.mean, second.cov)
    root1, root2 = _root(a), _root(b)
    apart = (a.mean(dim=0) - b.mean(dim=0)).square().sum() + root1.square().sum() + root2.square().sum()
    return max(0.0, (apart - 2 * torch.linalg.svdvals(root1 @ root2.T).sum()).item())


def _root(features: Tensor) -> Tensor:
    """R with RᵀR = the covariance, with as few rows as there are: min(N, d)."""
    centred = (features - features.mean(dim=0)) / math.sqrt(len(features) - 1)
    return torch.linalg.qr(centred, mode="r").R if len(centred) > centred.shape[1] else centred


def _factor(cov: Tensor, which: str) -> Tensor:
    """L (d, rank) with LLᵀ = the covariance."""
    values, vectors = torch.linalg.eigh(cov)
    lowest, highest = values[0].item(), values.abs().max().item()
    if lowest < -ROUNDING * highest:
        raise ValueError(
            f"Expected cov{which} to have no eigenvalue below 0, got {lowest:.3g}, and {highest:.3g} as the largest "
            f"in size; rounding explains {-ROUNDING * highest:.1g}. Compute it in float64, as Moments does."
        )
    # Of an eigenvalue of 0 rounding leaves a few ε, whose root would be 1e-8: enough to see in the sum.
    seen = values > math.sqrt(len(cov)) * EPS * highest
    return vectors[:, seen] * values[seen].sqrt()


def _checked(mu, cov, which: str) -> tuple[Tensor, Tensor]:
    mu = torch.atleast_1d(as_double(mu))
    cov = torch.atleast_2d(as_double(cov))
    d = len(mu)
    if mu.ndim != 1 or cov.shape != (d, d) or not d:
        raise ValueError(
            f"Expected mu{which} of shape (d,) and cov{which} of shape (d, d), got {tuple(mu.shape)} and "
            f"{tuple(cov.shape)}."
        )
    bad = int((~mu.isfinite()).sum() + (~cov.isfinite()).sum())
    if bad:
        raise ValueError(f"Expected finite numbers, got {bad:,} NaN or infinite ones in mu{which} and cov{which}.")
    crooked = (cov - cov.T).abs().max().item()
    if crooked > ROUNDING * cov.abs().max().item():
        raise ValueError(
            f"Expected cov{which} to be symmetric, got entries that differ from their mirror image by up to "
            f"{crooked:.3g}, the largest entry being {cov.abs().max():.3g}: use (cov + cov.T) / 2 if that is noise."
        )
    return mu, cov
