"""One update of the generator."""

import copy
import itertools
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from gan_course.exercises.verdict import Wrong, call, explain
from gan_course.networks import build, mlp_discriminator, mlp_generator


@dataclass
class _Scene:
    """Two small networks, with gradients left over from an earlier step, and G's optimizer."""

    generator: nn.Module
    discriminator: nn.Module
    optimizer: torch.optim.Optimizer
    z: Tensor


def _scene(seed):
    rng = torch.Generator().manual_seed(seed)
    generator = build(mlp_generator, 2, (2,), 8, rng=rng)
    discriminator = build(mlp_discriminator, (2,), 8, rng=rng)
    for weight in itertools.chain(generator.parameters(), discriminator.parameters()):
        weight.grad = torch.randn(weight.shape, generator=rng)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    return _Scene(generator, discriminator, optimizer, torch.randn(16, 2, generator=rng))


def _weights(module):
    return torch.cat([weight.detach().flatten().clone() for weight in module.parameters()])


def _g_loss(logits):
    return torch.log1p(torch.exp(-logits)).mean()


def _stepped(scene, loss=_g_loss, keep=0.0, times=1):
    """The weights of a fresh copy of G after the step, made from the formula by hand, without an optimizer."""
    generator, lr = copy.deepcopy(scene.generator), scene.optimizer.param_groups[0]["lr"]
    left = [keep * weight.grad for weight in scene.generator.parameters()]
    for _ in range(times):
        weights = list(generator.parameters())
        slopes = torch.autograd.grad(loss(scene.discriminator(generator(scene.z))), weights)
        with torch.no_grad():
            for weight, slope, old in zip(weights, slopes, left):
                weight -= lr * (slope + old)
    return _weights(generator)


_MISTAKES = {
    "zero_grad is missing: the gradient left from an earlier step was added to this one.": partial(_stepped, keep=1.0),
    "The sign is the wrong way round: G now makes fakes that D finds out more easily.": partial(
        _stepped, loss=lambda logits: -_g_loss(logits)
    ),
    "The label is wrong: in G's step the fakes carry the label 1, since G wants D to call them real.": partial(
        _stepped, loss=lambda logits: torch.log1p(torch.exp(logits)).mean()
    ),
    "This is the minimax loss log(1 - D(G(z))); asked for is the non-saturating -log D(G(z)).": partial(
        _stepped, loss=lambda logits: -torch.log1p(torch.exp(logits)).mean()
    ),
    "Take the mean over the batch, not the sum: else a larger batch would take larger steps.": partial(
        _stepped, loss=lambda logits: _g_loss(logits) * len(logits)
    ),
    "There is one sigmoid too many: D gives logits, and D(G(z)) = σ(logit) comes into the loss once.": partial(
        _stepped, loss=lambda logits: _g_loss(logits.sigmoid())
    ),
    "σ is missing: D gives logits, not probabilities; -log D(G(z)) is softplus(-logit).": partial(
        _stepped, loss=lambda logits: -logits.log().mean()
    ),
    "The step is taken twice: one backward() and one optimizer.step() make one update.": partial(_stepped, times=2),
}


def examine(solution):
    for seed in (0, 1):
        _examine_one_step(solution, _scene(seed), _scene(seed))


def _examine_one_step(solution, scene, before):
    call(solution, scene.generator, scene.discriminator, scene.optimizer, scene.z)
    after, start = _weights(scene.generator), _weights(before.generator)
    if not torch.equal(_weights(scene.discriminator), _weights(before.discriminator)):
        raise Wrong("D's weights changed: in G's turn only G learns, D only judges.")
    if torch.equal(after, start):
        raise Wrong(_why_unmoved(scene, before))

    def agrees(step):
        return torch.allclose(after, step(before), rtol=1e-4, atol=1e-5, equal_nan=True)

    if not agrees(_stepped):
        explain(agrees, _MISTAKES, _OTHER_STEP)
    if not all(weight.requires_grad for weight in scene.discriminator.parameters()):
        raise Wrong("G's step is right, but D is left frozen: set requires_grad_(True) again, or D never learns.")
    if not (scene.generator.training and scene.discriminator.training):
        raise Wrong("G's step is right, but a network is left in eval(): call train() on it again.")


_OTHER_STEP = (
    "G moved, but not along the gradient of -log D(G(z)). Two usual reasons: the gradient was cut or old on its way "
    "(detach, no zero_grad), or the fakes were not made from the z handed in."
)


def _why_unmoved(scene, before):
    grads = [weight.grad for weight in scene.generator.parameters()]
    if any(grad is None or not grad.any() for grad in grads):
        return "G did not move: no gradient reached it. Was it cut by detach() or no_grad on its way through D?"
    if all(torch.equal(grad, weight.grad) for grad, weight in zip(grads, before.generator.parameters())):
        return "Nothing happened to G: neither a gradient nor a step. The step is zero_grad, backward, optimizer.step."
    return "G got its gradient, but did not move: optimizer.step() is missing."
