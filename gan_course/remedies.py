"""What has been proposed against mode collapse and does not fit into a loss or a penalty, each in its smallest form.

`MinibatchStddev`, `Packed` and `with_spectral_norm` change the discriminator; `looked_ahead` and `Unrolled` change
G's turn. The others are controls of their own: two time-scales (`lr_d`, `lr_g`), R1, R2, WGAN-GP, label smoothing,
instance noise.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils.parametrizations import spectral_norm

NORMED = (nn.Linear, nn.Conv2d)
TINY = 1e-30  # the square of a gradient that counts as none


class MinibatchStddev(nn.Module):
    """(..., N, F) -> (..., N, F + 1): beside its features each sample gets how much the batch varies.

    One number for all of them: the standard deviation over the batch, averaged over the features. So D can see a
    lack of variety, which no single sample shows.

    Source: Karras et al. 2018, "Progressive Growing of GANs", Section 3.
    """

    def forward(self, features: Tensor) -> Tensor:
        spread = (features.var(-2, correction=0, keepdim=True) + 1e-8).sqrt().mean(-1, keepdim=True)
        return torch.cat((features, spread.expand(*features.shape[:-1], 1)), -1)


class Packed(nn.Module):
    """(N, C, ...) -> (N, 1) logits of a discriminator that judges `pack` samples at a time, joined along C.

    Each sample of a pack gets the pack's logit, so the mean over samples is the mean over packs. If N is no multiple
    of `pack`, the first samples fill up the last one. The samples of a pack are judged together: its verdict on a
    single place says little.

    Args:
        discriminator: (n, pack·C, ...) -> (n, 1).
        pack: m in PacGAN(m), from 2.

    Source: Lin et al. 2018, "PacGAN: The power of two samples in generative adversarial networks".
    """

    def __init__(self, discriminator: nn.Module, pack: int):
        super().__init__()
        self.discriminator, self.pack = discriminator, pack

    def forward(self, x: Tensor) -> Tensor:
        return self.judged(x, self.discriminator)

    def judged(self, x: Tensor, judge: Callable[[Tensor], Tensor], axis: int = 0) -> Tensor:
        """The same, where `judge` stands for the discriminator and the samples lie along `axis`, C along the next."""
        n = x.shape[axis]
        filled = x.index_select(axis, torch.arange(-(-n // self.pack) * self.pack, device=x.device) % n)
        packs = filled.unflatten(axis, (-1, self.pack)).flatten(axis + 1, axis + 2)
        return judge(packs).repeat_interleave(self.pack, axis).narrow(axis, 0, n)


def with_stddev(discriminator: nn.Sequential) -> nn.Sequential:
    """The same network with `MinibatchStddev` before its last layer, which must be linear."""
    *layers, last = discriminator
    return nn.Sequential(*layers, MinibatchStddev(), nn.Linear(last.in_features + 1, last.out_features))


def with_spectral_norm(discriminator: nn.Module) -> nn.Module:
    """Divide the weight of each linear or convolutional layer by its largest singular value, as found so far.

    It draws from PyTorch's global generator.

    Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks".
    """
    for layer in discriminator.modules():
        if isinstance(layer, NORMED):
            spectral_norm(layer)
    return discriminator


@contextlib.contextmanager
def looked_ahead(
    discriminator: nn.Module, optimizer: torch.optim.Optimizer, updates: int, update: Callable[[int], object]
) -> Iterator[None]:
    """Within it, D is where it would be after so many updates; afterwards it is back, and so is its optimizer.

    G then answers not D as it is, but D as it will be once it has reacted. The gradient does not flow through those
    updates: of the two terms of unrolled GANs this is the first; `Unrolled` is for both.

    Args:
        discriminator, optimizer: D and what updates it.
        updates: how many; with 0 nothing happens.
        update: called with 0 ... updates - 1; each call makes one update of D.

    Source: Metz et al. 2017, "Unrolled Generative Adversarial Networks", Section 2.2.
    """
    if not updates:
        yield
        return
    weights = {name: value.detach().clone() for name, value in discriminator.state_dict().items()}
    memory = {weight: {k: _copy(v) for k, v in state.items()} for weight, state in optimizer.state.items()}
    try:
        for i in range(updates):
            update(i)
        yield
    finally:
        discriminator.load_state_dict(weights)
        optimizer.state.clear()
        optimizer.state.update(memory)


def _copy(value):
    return value.clone() if isinstance(value, Tensor) else value


def with_tensors(network: nn.Module, tensors: dict[str, Tensor]) -> Callable[..., Tensor]:
    """The network as a function, with `tensors` in place of its own weights and buffers of those names."""
    return lambda *given: functional_call(network, tensors, given)


def copied_buffers(network: nn.Module) -> dict[str, Tensor]:
    """Copies of a network's buffers, by name."""
    return {name: buffer.clone() for name, buffer in network.named_buffers()}


class Unrolled:
    r"""A network after updates that it has not made: its weights as a function of all it would learn from.

    The network and its optimizer stay as they are. An update is Adam's, which goes on from its memory m, v of t - 1
    steps, with g the gradient of the loss:

        m ← β₁·m + (1 - β₁)·g        v ← β₂·v + (1 - β₂)·g²        w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε)

    The gradient of what comes out flows through all of it, g included, to whatever the losses were made of. Where G
    made the fakes, this is the second term of unrolled GANs: how D's answer changes with G.

    Args:
        network: (N, ...) -> (N, 1).
        names: its weights that learn, in the order of the optimizer's.
        adam: its optimizer.
        rates: the optimizer's learning rate is multiplied by this.
        gain: and the gradient by this.

    Source: Metz et al. 2017, "Unrolled Generative Adversarial Networks", Section 2.2, which writes plain gradient
    steps; its published code (poolio/unrolled_gan) takes Adam's, as here. Adam: Kingma & Ba 2015, Algorithm 1.
    """

    def __init__(
        self,
        network: nn.Module,
        names: Sequence[str],
        adam: torch.optim.Adam,
        rates: Tensor | float = 1.0,
        gain: float = 1.0,
    ):
        (self._group,) = adam.param_groups
        self._network, self._rates, self._gain = network, self._group["lr"] * rates, gain
        self._weights = {name: network.get_parameter(name).detach().requires_grad_() for name in names}
        self._buffers = copied_buffers(network)
        memories = [adam.state.get(weight, {}) for weight in self._group["params"]]
        self._moments = [(memory.get("exp_avg", 0.0), memory.get("exp_avg_sq", 0.0)) for memory in memories]
        self._steps = [float(memory.get("step", 0)) for memory in memories]

    def __call__(self, *given: Tensor) -> Tensor:
        """What the network would make of it."""
        return with_tensors(self._network, self._weights | self._buffers)(*given)

    def descend(self, loss: Tensor) -> None:
        """Go one update further, down `loss`, which came out of calls of this."""
        gradients = torch.autograd.grad(loss, list(self._weights.values()), create_graph=True, materialize_grads=True)
        for i, (name, gradient) in enumerate(zip(self._weights, gradients)):
            self._weights[name] = self._weights[name] - self._move(i, self._gain * gradient)

    def _move(self, i, gradient):
        beta1, beta2 = self._group["betas"]
        mean, square = self._moments[i]
        mean, square = beta1 * mean + (1 - beta1) * gradient, beta2 * square + (1 - beta2) * gradient.square()
        self._moments[i] = mean, square
        self._steps[i] += 1
        size = (square / (1 - beta2 ** self._steps[i])).clamp_min(TINY).sqrt()  # at 0 the root has no gradient
        return self._rates * mean / (1 - beta1 ** self._steps[i]) / (size + self._group["eps"])
