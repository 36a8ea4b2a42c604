"""GANs that differ in nothing but seed and learning rates, trained in one stack: axis E of every tensor.

The round itself is `rounds.play_round`, as the `Trainer` plays it; only the two networks and their
optimizers are other ones. They take the batches of all members end to end, (E·N, ...), and the loss is the
mean over all of it. That makes each member's gradient E times too small, which the optimizer puts right. E is
a power of two, where dividing and multiplying are exact, so that how members are stacked need not change any.
"""

from collections.abc import Sequence
from dataclasses import fields

import torch
from torch import Tensor

from gan_course import checkpoint, runtime
from gan_course.config import TrainConfig
from gan_course.data import Dataset
from gan_course.networks import is_samplewise
from gan_course.remedies import Unrolled
from gan_course.rounds import Draws, Players, draw, play_round
from gan_course.setup import kept_share, make_networks
from gan_course.sweep.layers import StackedNetwork


class StackedPlayers(Players):
    """Players whose networks are `StackedNetwork`s, with a `StackedAdam` each."""

    def unrolled_discriminator(self) -> Unrolled:
        """As in `Players`; no member's D depends on another's."""
        optimizer = self.d_optimizer
        return Unrolled(self.discriminator, ("flat",), optimizer.adam, optimizer.rates, self.discriminator.members)


class StackedAdam:
    """Adam over a `StackedNetwork`, with a learning rate a member; the part of an optimizer that a round uses.

    PyTorch's fused Adam moves a tensor of zeros at rate 1; what it moved, times each member's rate, is added to
    the weights.

    Args:
        network: whose weights.
        rates: E learning rates.
        betas: as in `torch.optim.Adam`.

    Attributes:
        rates: (E, 1).
        adam: what moves the zeros, with the memory of all members.

    Source: Kingma & Ba 2015, Algorithm 1.
    """

    def __init__(self, network: StackedNetwork, rates: Sequence[float], betas: tuple[float, float]):
        self._network = network
        self.rates = torch.tensor(rates, dtype=torch.float32, device=network.flat.device).unsqueeze(1)
        self._move = torch.zeros_like(network.flat)
        self._move.grad = torch.zeros_like(network.flat)
        fused = network.flat.device.type in ("cpu", "cuda")
        self.adam = torch.optim.Adam([self._move], lr=1.0, betas=betas, fused=fused)
        self.param_groups = [{"params": network.weights}]

    @property
    def state(self) -> dict:
        """Adam's memory of all members."""
        return self.adam.state

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for weight in self._network.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take one step of every member."""
        gradient = torch.cat([weight.grad.flatten(1) for weight in self._network.weights], dim=1)
        torch.mul(gradient, self._network.members, out=self._move.grad[:, : gradient.shape[1]])
        self._move.zero_()
        self.adam.step()
        self._network.flat.addcmul_(self._move, self.rates)

    def is_finite(self) -> Tensor:
        """(E,): whether the moments of each member are finite. A gradient whose square is not shows in them."""
        moments = self.adam.state[self._move] if self.adam.state else {"exp_avg_sq": self._move}
        return moments["exp_avg_sq"].sum(1).isfinite()


def end_to_end(draws: Sequence[Draws]) -> Draws:
    """The draws of E members as those of one batch: (S, N, ...) of each -> (S, E·N, ...)."""
    joined = {}
    for field in fields(Draws):
        parts = [getattr(one, field.name) for one in draws]
        if field.name == "ahead":
            joined["ahead"] = tuple(end_to_end(looks) for looks in zip(*parts))
        elif parts[0] is not None:
            joined[field.name] = torch.stack(parts, 1).flatten(1, 2)
    return Draws(**joined)


class Stack:
    """Members that are trained in one stack.

    A member that gave a logit, or got a moment of Adam, that is NaN or infinite has diverged and is over: its weights
    are NaN from then on. No operation mixes members, so that the others don't notice.

    Args:
        configs: E of them, filled in; E is a power of two, and they differ in `seed`, `lr_d` and `lr_g` alone.
        data: points, on the device.

    Attributes:
        steps: rounds done.
        good_steps: (E,) int64: how many rounds each member did before it diverged, or -1.
    """

    def __init__(self, configs: Sequence[TrainConfig], data: Dataset):
        self.configs, self._data = configs, data
        self._config = config = configs[0]
        device = data.samples.device
        pairs = [make_networks(one, data.sample_shape, None, None) for one in configs]
        generator, discriminator = (
            StackedNetwork([network.to(device) for network in side], config.batch_size) for side in zip(*pairs)
        )
        betas = (config.beta1, config.beta2)
        self._players = StackedPlayers(
            generator, discriminator,
            StackedAdam(generator, [one.lr_g for one in configs], betas),
            StackedAdam(discriminator, [one.lr_d for one in configs], betas),
            device, config.precision, one_call=config.one_batch or is_samplewise(pairs[0][1]),
        )  # fmt: skip
        self._average = generator.flat.detach().clone()
        self._rngs = [runtime.make_rng(one.seed, "training", device) for one in configs]
        self.steps = 0
        self.good_steps = torch.full((len(configs),), -1)

    @property
    def is_over(self) -> bool:
        """Whether every member has diverged."""
        return bool((self.good_steps >= 0).all())

    def step(self) -> None:
        """Play one round of every member."""
        play_round(self._players, self._draw(), self._config.controls)
        if self._config.ema_decay and self._config.g_steps:
            self._average_weights()
        self.steps += 1
        self._end_diverged()

    def _draw(self):
        """Each member's draws, from its own generator."""
        return end_to_end([draw(self._data, self._config, self._config.controls, rng) for rng in self._rngs])

    def _average_weights(self):
        kept = kept_share(self._config.ema_decay, self.steps) if self.steps else 0.0
        self._average.lerp_(self._players.generator.flat, 1 - kept)

    def _end_diverged(self):
        players = self._players
        fine = players.g_optimizer.is_finite() & players.d_optimizer.is_finite()
        fine &= players.generator.fine & players.discriminator.fine
        if fine.all():
            return
        self.good_steps[~fine.cpu() & (self.good_steps < 0)] = self.steps - 1
        for flat in (players.generator.flat, players.discriminator.flat, self._average):
            flat[~fine] = torch.nan

    # ---- looking --------------------------------------------------------------------------------------------------

    def sample(self, n: int) -> Tensor:
        """(E, n, D) of each member, what `Trainer.sample(n)` of the same run would give."""
        return self._look("generator", self._latents(n), self._average if self._config.ema_decay else None)

    def verdicts(self, n: int) -> tuple[Tensor, Tensor]:
        """Mean D(x) over the first n samples of the data, and mean D(G(z)) over n fakes: (E,) each, in [0, 1]."""
        real = self._data.samples[:n].expand(len(self.configs), -1, -1)
        fake = self._look("generator", self._latents(n))
        return tuple(self._look("discriminator", x).sigmoid().mean((1, 2)) for x in (real, fake))

    def _latents(self, n):
        """(E, n, Z), those of `Trainer.latents`."""
        device = self._players.device
        rngs = (runtime.make_rng(one.seed, "latents 0", device) for one in self.configs)
        return torch.stack([torch.randn(n, self._config.latent_dim, generator=rng, device=device) for rng in rngs])

    def _look(self, role, x, flat=None):
        with runtime.autocast(self._players.device, self._config.precision):
            return getattr(self._players, role).looked_at(x, flat).float()

    # ---- files ----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """Copies of all that the next round depends on, a row a member."""
        players = self._players
        return {
            **checkpoint.module_state("generator", players.generator),
            **checkpoint.module_state("discriminator", players.discriminator),
            "average": self._average.clone(),
            "rng": torch.stack([rng.get_state() for rng in self._rngs]),
            "steps": torch.tensor(self.steps),
            "good_steps": self.good_steps.clone(),
            **checkpoint.optimizer_state("g_adam", players.g_optimizer.adam),
            **checkpoint.optimizer_state("d_adam", players.d_optimizer.adam),
        }

    @torch.no_grad()
    def load_state(self, state: dict[str, Tensor]) -> None:
        """The reverse of `state`."""
        checkpoint.restore_module("generator", self._players.generator, state)
        checkpoint.restore_module("discriminator", self._players.discriminator, state)
        self._average.copy_(state["average"])
        for rng, saved in zip(self._rngs, state["rng"], strict=True):
            rng.set_state(saved.clone())  # it reads from the start of the storage, whatever row it is given
        self.steps, self.good_steps = int(state["steps"]), state["good_steps"].clone()
        checkpoint.restore_optimizer("g_adam", self._players.g_optimizer.adam, state)
        checkpoint.restore_optimizer("d_adam", self._players.d_optimizer.adam, state)
