"""E networks of one shape as one: every weight and buffer has the axis E in front, and so has what goes through.

Only what the networks for points consist of. A layer that looks at each number by itself is called as it is.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from gan_course.remedies import Packed

LANES = 64  # a member's weights fill a multiple of this, so that no vector instruction holds those of two


class StackedNetwork(nn.Module):
    """E networks of one shape: (E·N, n_in) -> (E·N, n_out), the batches of the members end to end.

    In training it is as its members are: BatchNorm takes the statistics of each member's batch, and spectral
    normalization refines its estimate with every call. `torch.func.functional_call` may put other weights in the place
    of `flat`; those that want a gradient get it.

    Args:
        networks: E times the same layers.
        batch_size: N.

    Attributes:
        members: E.
        flat: (E, P) all weights, a row a member, in the order of `parameters()`, then zeros.
        weights: views of `flat` that want gradients: (E, out, in) and, of vectors, (E, 1, out).
        fine: (E,) bool, whether all that a member has given in training was finite.
    """

    def __init__(self, networks: Sequence[nn.Module], batch_size: int):
        super().__init__()
        self.members, self._batch_size = len(networks), batch_size
        self._layers = [networks[0]]  # in a list: its own weights are none of this module's
        self._shapes = {name: weight.shape for name, weight in networks[0].named_parameters()}
        rows = torch.stack([nn.utils.parameters_to_vector(network.parameters()).detach() for network in networks])
        self.flat = nn.Parameter(F.pad(rows, (0, -rows.shape[1] % LANES)), requires_grad=False)
        self.weights = [view.detach().requires_grad_() for view in self._views(self.flat).values()]
        for (name, buffer), *others in zip(*(network.named_buffers() for network in networks)):
            if buffer.dim():  # how many batches BatchNorm has seen is a number that nobody asks for
                stacked = torch.stack([buffer, *(other for _, other in others)])
                self.register_buffer(name.replace(".", "/"), stacked)  # a buffer's name must not hold a dot
        self.fine = torch.ones(self.members, dtype=torch.bool, device=self.flat.device)

    def _views(self, flat):
        views, start = {}, 0
        for name, shape in self._shapes.items():
            row = flat[:, start : start + shape.numel()]
            views[name] = row.view(len(flat), *(shape if len(shape) == 2 else (1, *shape)))
            start += shape.numel()
        return views

    def forward(self, x: Tensor) -> Tensor:
        """(E·N, n_in) -> (E·N, n_out); or (2·E·N, n_in), real and then fake, which each member gets in one batch."""
        parts = len(x) // (self.members * self._batch_size)
        x = x.view(parts, self.members, self._batch_size, -1).transpose(0, 1).flatten(1, 2)
        weights = self._views(self.flat) if self.flat.requires_grad else dict(zip(self._shapes, self.weights))
        y = self._called(x, weights, training=True)
        self.fine &= y.detach().isfinite().flatten(1).all(1)
        return y.view(self.members, parts, self._batch_size, -1).transpose(0, 1).flatten(0, 2)

    def looked_at(self, x: Tensor, flat: Tensor | None = None) -> Tensor:
        """(E, n, n_in) -> (E, n, n_out) as for use (`eval`), with the weights in `flat` (E, P), or else its own."""
        with torch.no_grad():
            return self._called(x, self._views(self.flat if flat is None else flat), training=False)

    def _called(self, x, weights, training):
        buffers = {name.replace("/", "."): buffer for name, buffer in self.named_buffers()}
        return call(self._layers[0], x, weights | buffers, training)


def call(layer: nn.Module, x: Tensor, tensors: dict[str, Tensor], training: bool) -> Tensor:
    """What E layers like `layer` make of x.

    Args:
        layer: only its kind and settings count.
        x: (E, n, n_in).
        tensors: weights and buffers of all E, under `layer`'s own names; buffers are changed in training.
        training: as for use, or as in training.

    Returns:
        (E, n, n_out).
    """
    if isinstance(layer, nn.Sequential):
        for name, part in layer.named_children():
            x = call(part, x, _inside(name, tensors), training)
        return x
    if isinstance(layer, Packed):
        inner = layer.discriminator
        return layer.judged(x, lambda packs: call(inner, packs, _inside("discriminator", tensors), training), axis=1)
    if isinstance(layer, nn.Linear):
        return _linear(layer, x, tensors, training)
    if isinstance(layer, nn.BatchNorm1d):
        return _batch_norm(layer, x, tensors, training)
    return layer(x)


def _inside(name, tensors):
    start = name + "."
    return {key.removeprefix(start): tensor for key, tensor in tensors.items() if key.startswith(start)}


def _linear(layer, x, tensors, training):
    if parametrize.is_parametrized(layer, "weight"):
        weight = _normed(layer.parametrizations.weight[0], _inside("parametrizations.weight", tensors), training)
    else:
        weight = tensors["weight"]
    return torch.baddbmm(tensors["bias"], x, weight.mT) if "bias" in tensors else torch.bmm(x, weight.mT)


def _normed(norm, tensors, training):
    """PyTorch's spectral normalization of E weights; one step of the power method where it makes one."""
    weight, u, v = (tensors[name] for name in ("original", "0._u", "0._v"))
    if training:
        with torch.no_grad():
            u.copy_(F.normalize(_times(weight, v), dim=1, eps=norm.eps))
            v.copy_(F.normalize(_times(weight.mT, u), dim=1, eps=norm.eps))
    largest = (u.clone() * _times(weight, v.clone())).sum(1)
    return weight / largest.view(-1, 1, 1)


def _times(matrices, vectors):
    """(E, a, b), (E, b) -> (E, a)."""
    return torch.bmm(matrices, vectors.unsqueeze(2)).squeeze(2)


def _batch_norm(layer, x, tensors, training):
    """All features of all members as channels of one: (E, n, F) -> (n, E·F) and back."""
    statistics = (tensors[name].view(-1) for name in ("running_mean", "running_var"))
    scale, shift = (tensors[name].flatten() for name in ("weight", "bias"))
    y = F.batch_norm(x.transpose(0, 1).flatten(1), *statistics, scale, shift, training, layer.momentum, layer.eps)
    return y.unflatten(1, (len(x), -1)).transpose(0, 1)
