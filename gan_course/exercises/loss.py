"""D's loss from logits."""

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gan_course.exercises.verdict import Wrong, call, explain


def _logits(n, seed):
    return torch.randn(n, generator=torch.Generator().manual_seed(seed)) * 1.5


_CASES = [
    (_logits(5, 0), _logits(5, 1), 1.0),
    (_logits(6, 2), _logits(3, 3), 1.0),
    (_logits(4, 4), _logits(7, 5), 0.9),
]


def _cross_entropies(logits, target):
    """-t·log σ(l) - (1-t)·log(1 - σ(l)) of each logit, in float64 NumPy."""
    logits = np.asarray(logits, dtype=np.float64)
    return target * np.logaddexp(0, -logits) + (1 - target) * np.logaddexp(0, logits)


def _loss(real, fake, target, join=np.mean, fake_target=0.0, sign=1.0, squash=lambda logits: logits):
    terms = _cross_entropies(squash(real), target), _cross_entropies(squash(fake), fake_target)
    return sign * sum(join(each) for each in terms)


def _sigmoid(logits):
    return 1 / (1 + np.exp(-np.asarray(logits, dtype=np.float64)))


def _both_smoothed(real, fake, target):
    return _loss(real, fake, target, fake_target=1 - target)


def _flipped(real, fake, target):
    return _loss(fake, real, target)


def _as_probabilities(real, fake, target):
    with np.errstate(all="ignore"):
        real, fake = (np.asarray(logits, dtype=np.float64) for logits in (real, fake))
        return -(np.mean(np.log(real)) + np.mean(np.log(1 - fake)))


_MISTAKES = {
    "The sign is the wrong way round: D minimises this loss, so there is a minus in front of the logarithms.": partial(
        _loss, sign=-1.0
    ),
    "Take the mean over each batch, not the sum: else a larger batch would take larger steps.": partial(
        _loss, join=np.sum
    ),
    "Smoothing is one-sided: real targets become real_target, fake targets stay 0.": _both_smoothed,
    "The labels are swapped: real samples have the target real_target, fakes have 0.": _flipped,
    "real_target is not used: with t = real_target the real part is -t·log D(x) - (1-t)·log(1 - D(x)).": (
        lambda real, fake, target: _loss(real, fake, 1.0)
    ),
    "For t = real_target below 1 a part is missing: -(1-t)·log(1 - D(x)).": (
        lambda real, fake, target: target * np.mean(_cross_entropies(real, 1)) + np.mean(_cross_entropies(fake, 0))
    ),
    "There is one sigmoid too many: the loss takes logits, and D = σ(logit) comes in once.": partial(
        _loss, squash=_sigmoid
    ),
    "These are logits, not probabilities: D(x) is σ(logit), and log D(x) is -softplus(-logit).": _as_probabilities,
    "Add the two parts; this is half of it, their mean.": lambda *case: _loss(*case) / 2,
    "Only the real part is there; the fake part is -log(1 - D(G(z))).": (
        lambda real, fake, target: np.mean(_cross_entropies(real, target))
    ),
    "Only the fake part is there; the real part is -log D(x).": (
        lambda real, fake, target: np.mean(_cross_entropies(fake, 0))
    ),
}


def examine(solution):
    answers = [_number(call(solution, real.clone(), fake.clone(), target)) for real, fake, target in _CASES]

    def agrees(formula):
        return np.allclose(answers, [formula(*case) for case in _CASES], rtol=1e-4, equal_nan=True)

    if not agrees(_loss):
        real, fake, target = _CASES[0]
        otherwise = (
            f"The value is not right: for {_shown(real)}, {_shown(fake)} and real_target={target} it should be "
            f"{_loss(real, fake, target):.4f}, this gives {answers[0]:.4f}."
        )
        explain(agrees, _MISTAKES, otherwise)
    far = torch.tensor([200.0, -200.0])
    if not math.isclose(_number(call(solution, far, far.clone(), 1.0)), 200, rel_tol=1e-3):
        raise Wrong("For logits of ±200 it breaks: σ rounds to 0 there, and log 0 is -inf. Use softplus or logsigmoid.")
    _check_gradient(solution)


def _number(value):
    if isinstance(value, Tensor) and value.numel() != 1:
        raise Wrong(f"A loss is one number; this has shape {tuple(value.shape)}. Take the mean over each batch.")
    if not isinstance(value, Tensor):
        raise Wrong(f"A loss is a tensor, so that backward() works; this is {type(value).__name__}.")
    return value.item()


def _shown(logits):
    return "[" + ", ".join(f"{value:.2f}" for value in logits.tolist()) + "]"


def _check_gradient(solution):
    real, fake = (logits.clone().requires_grad_() for logits in _CASES[0][:2])
    loss = call(solution, real, fake, 1.0)
    if not loss.requires_grad:
        raise Wrong("The value is right, but no gradient flows back: no detach(), item() or no_grad inside the loss.")
    gradients = torch.autograd.grad(loss, (real, fake), materialize_grads=True)
    if not all(gradient.abs().sum() > 0 for gradient in gradients):
        raise Wrong("The value is right, but one of the two parts sends no gradient back: don't detach its logits.")
