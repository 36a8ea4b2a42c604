"""One round of adversarial training, as a function of tensors.

Source: Goodfellow et al. 2014, Algorithm 1: `d_steps` updates of the discriminator, then
`g_steps` of the generator. All randomness comes in as tensors (`Draws`), so that a round can be
repeated, compiled or captured.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from gan_course import penalties
from gan_course.conditional import told
from gan_course.config import Controls, TrainConfig
from gan_course.data import Dataset
from gan_course.losses import LOSSES
from gan_course.remedies import Unrolled, copied_buffers, looked_ahead, with_tensors
from gan_course.runtime import autocast


@dataclass(frozen=True)
class Draws:
    """All that chance decides in one round. S is d_steps or g_steps, N the batch.

    Noise and mixes are None where the controls do not ask for them, labels where the config does not.
    """

    real: Tensor  # (d_steps, N, ...) real samples; g_steps more where G's loss depends on real ones too
    d_z: Tensor  # (d_steps, N, Z) latents of the fakes D learns from
    g_z: Tensor  # (g_steps, N, Z) latents of the fakes G learns from
    real_noise: Tensor | None = None  # as `real`, standard normal, scaled by instance_noise
    fake_noise: Tensor | None = None  # (d_steps + g_steps, N, ...)
    mixes: Tensor | None = None  # (d_steps, N) uniform: where on each line the penalty is taken
    d_y: Tensor | None = None  # (d_steps, N) labels of the real samples, which the fakes beside them get too
    g_y: Tensor | None = None  # (g_steps, N) labels of the fakes G learns from, drawn from the data
    ahead: tuple["Draws", ...] = ()  # g_steps of them, each for `unroll` updates of D


@dataclass(frozen=True)
class Players:
    """The two networks, their optimizers, and how D is called."""

    generator: nn.Module
    discriminator: nn.Module
    g_optimizer: torch.optim.Optimizer
    d_optimizer: torch.optim.Optimizer
    device: torch.device
    precision: str
    one_call: bool  # D judges real and fake in one call; BatchNorm, which looks across the batch, notices

    def generate(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """(N, Z) -> (N, ...) samples in float32; y: their labels, for a generator that is told them."""
        with autocast(self.device, self.precision):
            return self.generator(*told(z, y)).float()

    def judge(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """(N, ...) -> (N,) logits in float32; y: their labels, for a discriminator that is told them."""
        with autocast(self.device, self.precision):
            return self.discriminator(*told(x, y)).float().flatten()

    def unrolled_discriminator(self) -> Unrolled:
        """D as a function of what its next updates would learn from."""
        names = [name for name, weight in self.discriminator.named_parameters() if weight.requires_grad]
        return Unrolled(self.discriminator, names, self.d_optimizer)


def draw(data: Dataset, config: TrainConfig, controls: Controls, rng: torch.Generator) -> Draws:
    """Draw a round's real samples, latents, labels and noise from `rng`, on the device of `data`."""
    d, g, n = controls.d_steps, controls.g_steps, config.batch_size
    here = dict(generator=rng, device=data.samples.device)
    batches = d + g if _g_needs_real(controls) else d
    index = torch.randint(len(data), (batches * n,), **here)
    real = data.batch(index).view(batches, n, *data.sample_shape)
    z = torch.randn(d + g, n, config.latent_dim, **here)
    draws = Draws(real, z[:d], z[d:])
    if config.condition is not None:
        y = data.labels[index].view(batches, n)
        g_y = y[d:] if batches > d else data.labels[torch.randint(len(data), (g, n), **here)]
        draws = replace(draws, d_y=y[:d], g_y=g_y)
    if controls.instance_noise:
        real_noise = torch.randn(real.shape, **here)
        draws = replace(draws, real_noise=real_noise, fake_noise=torch.randn(d + g, *real.shape[1:], **here))
    if controls.gp_weight:
        draws = replace(draws, mixes=torch.rand(d, n, **here))
    if controls.unroll:
        alone = replace(controls, d_steps=controls.unroll, g_steps=0, unroll=0)
        draws = replace(draws, ahead=tuple(draw(data, config, alone, rng) for _ in range(g)))
    return draws


def d_update(players: Players, draws: Draws, controls: Controls, i: int) -> tuple[Tensor, Tensor, Tensor]:
    """One discriminator update; returns its loss, mean D(x) and mean D(G(z)), all before the update."""
    with torch.no_grad(), buffers_kept(players.generator):
        fake = players.generate(draws.d_z[i], _labels(draws.d_y, i))
    loss, d_loss, real_logits, fake_logits = _d_objective(players, draws, controls, i, fake)
    _descend(players.d_optimizer, loss)
    return d_loss.detach(), real_logits.detach().sigmoid().mean(), fake_logits.detach().sigmoid().mean()


def _d_objective(players, draws, controls, i, fake):
    """What D minimises in its i-th update; its loss alone, without penalties; and its logits of real and fake."""
    y = _labels(draws.d_y, i)
    real, fake = _shown(draws, controls, i, fake)
    real_logits, fake_logits = _judge_both(players, real, fake, y)
    judge = partial(players.judge, y=y)
    loss = d_loss = _d_loss(controls, real_logits, fake_logits)
    if draws.mixes is not None:
        loss = loss + penalties.gradient_penalty(judge, real, fake, draws.mixes[i], controls.gp_weight)
    if controls.r1_gamma:
        loss = loss + penalties.zero_centered_penalty(judge, real, controls.r1_gamma)
    if controls.r2_gamma:
        loss = loss + penalties.zero_centered_penalty(judge, fake, controls.r2_gamma)
    return loss, d_loss, real_logits, fake_logits


def g_update(players: Players, draws: Draws, controls: Controls, i: int) -> Tensor:
    """One generator update; returns its loss before the update.

    The gradient flows through D to G, but D's own gradients are not computed: `backward` is told
    that only G's weights want one. With `unroll` it is a D that has reacted already, see `remedies.looked_ahead`;
    with `unroll_backprop` also how D reacts counts, see `unrolled`.
    """
    with buffers_kept(players.discriminator), _looked_ahead(players, draws, controls, i) as against:
        loss = _g_loss(against, draws, controls, i)
        _descend(players.g_optimizer, loss)
    return loss.detach()


@contextlib.contextmanager
def _looked_ahead(players, draws, controls, i):
    if _backprops(controls):
        yield unrolled(players, draws.ahead[i], controls)
        return

    def update(j):
        d_update(players, draws.ahead[i], controls, j)

    with looked_ahead(players.discriminator, players.d_optimizer, controls.unroll, update):
        yield players


def unrolled(players: Players, ahead: Draws, controls: Controls) -> Players:
    """The players with a D that has made `unroll` updates more, each with draws of its own: a function of G's weights.

    The gradient of G's loss then has both terms of unrolled GANs: how the loss changes with the fakes, and how it
    changes with D, which has learned from G's fakes. Both networks stay as they are.

    Source: Metz et al. 2017, "Unrolled Generative Adversarial Networks", Section 2; its published code makes all
    updates on one batch.
    """
    discriminator = players.unrolled_discriminator()
    generator = with_tensors(players.generator, copied_buffers(players.generator))
    playing = replace(players, generator=generator, discriminator=discriminator)
    for j in range(controls.unroll):
        fake = playing.generate(ahead.d_z[j], _labels(ahead.d_y, j))
        loss, *_ = _d_objective(playing, ahead, controls, j, fake)
        discriminator.descend(loss)
    return replace(players, discriminator=discriminator)


def _backprops(controls):
    return controls.unroll > 0 and controls.unroll_backprop


def _g_needs_real(controls):
    """Whether G's loss depends on real samples: D's verdict on them is no constant where D is a function of G."""
    loss = LOSSES[controls.loss]
    return loss.compares or (loss.zero_sum and _backprops(controls))


@dataclass(frozen=True)
class Turns:
    """Who does what in a round: one update of D, and one of G, by the arguments of `d_update` and `g_update`."""

    d_update: Callable[..., tuple[Tensor, Tensor, Tensor]] = d_update
    g_update: Callable[..., Tensor] = g_update


def play_round(
    players: Players,
    draws: Draws,
    controls: Controls,
    turns: Turns = Turns(),  # noqa: B008  it never changes
    halfway: Callable[[], object] | None = None,
) -> Tensor:
    """Play one round and return (4,): d_loss, g_loss, mean D(x), mean D(G(z)).

    Each is that of the round's last update; NaN where the round had no such update.

    Args:
        turns: what one update of each player is.
        halfway: called after D's updates, before G's.
    """
    d_stats = g_loss = None
    for i in range(controls.d_steps):
        d_stats = turns.d_update(players, draws, controls, i)
    if halfway is not None:
        halfway()
    for i in range(controls.g_steps):
        g_loss = turns.g_update(players, draws, controls, i)
    nan = draws.real.new_full((), torch.nan) if d_stats is None or g_loss is None else None
    d_loss, real_mean, fake_mean = d_stats or (nan, nan, nan)
    return torch.stack((d_loss, nan if g_loss is None else g_loss, real_mean, fake_mean))


def _shown(draws, controls, i, fake):
    """The i-th real batch of the round, None if there is none, and the fakes beside it, as D sees both."""
    real = draws.real[i] if i < len(draws.real) else None
    if draws.fake_noise is not None:
        fake = fake + controls.instance_noise * draws.fake_noise[i]
        real = None if real is None else real + controls.instance_noise * draws.real_noise[i]
    return real, fake


def _labels(drawn, i):
    return None if drawn is None else drawn[i]


def _g_loss(players, draws, controls, i):
    y = _labels(draws.g_y, i)
    real, fake = _shown(draws, controls, controls.d_steps + i, players.generate(draws.g_z[i], y))
    loss = LOSSES[controls.loss]
    if not _g_needs_real(controls):
        return loss.g_loss(players.judge(fake, y))
    real_logits, fake_logits = _judge_both(players, real, fake, y)
    return loss.g_loss(fake_logits, real_logits) if loss.compares else -_d_loss(controls, real_logits, fake_logits)


def _judge_both(players, real, fake, y):
    if players.one_call:
        both = None if y is None else torch.cat((y, y))
        return players.judge(torch.cat((real, fake)), both).split((len(real), len(fake)))
    return players.judge(real, y), players.judge(fake, y)


def _d_loss(controls, real_logits, fake_logits):
    loss = LOSSES[controls.loss]
    if loss.has_labels:
        return loss.d_loss(real_logits, fake_logits, 1 - controls.label_smoothing)
    return loss.d_loss(real_logits, fake_logits)


def _descend(optimizer, loss):
    """Take one step down `loss`, giving gradients to this optimizer's own weights only."""
    (group,) = optimizer.param_groups
    optimizer.zero_grad()
    loss.backward(inputs=group["params"])
    optimizer.step()


@contextlib.contextmanager
def buffers_kept(module: nn.Module) -> Iterator[None]:
    """Put a network's buffers (BatchNorm's running statistics) back afterwards: it was looked at, not trained."""
    kept = [(buffer, buffer.clone()) for buffer in module.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, before in kept:
                buffer.copy_(before)
