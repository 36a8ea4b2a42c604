"""Five bugs of a training loop, to be found from what the panels show.

Each makes a turn of Algorithm 1 go wrong in the way a slip of the pen does, and nothing else: controls,
rewinding and branches work as ever. Plant them in `TrainConfig(d_steps=2)` on the ring: there the sound
loop soon runs quietly near D = ½ on all 8 modes, so that every bug stands out.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from gan_course.config import Controls
from gan_course.names import check_name
from gan_course.rounds import Draws, Players, Turns, buffers_kept, d_update, g_update
from gan_course.trainer import Trainer

LETTERS = "ABCDE"

Memory = dict[str, Tensor]  # what a buggy loop carries from one round to the next, besides gradients


def _right_d_turn(players, draws, controls, i, memory):
    return d_update(players, draws, controls, i)


def _right_g_turn(players, draws, controls, i, memory):
    return g_update(players, draws, controls, i)


@dataclass(frozen=True)
class Bug:
    """One bug.

    Attributes:
        describe: what is wrong with the loop; for the learner only once the guess is made.
        seen: how it shows on the ring with d_steps=2 and all else as it comes: means of 100 rounds after 300
            and 800 rounds, 5 seeds.
        d_turn, g_turn: one update of D and of G with the bug: (players, draws, controls, i, memory) ->
            the same as `rounds.d_update` and `rounds.g_update`.
    """

    describe: str
    seen: str
    d_turn: Callable[[Players, Draws, Controls, int, Memory], tuple[Tensor, Tensor, Tensor]] = _right_d_turn
    g_turn: Callable[[Players, Draws, Controls, int, Memory], Tensor] = _right_g_turn


# ---- no zero_grad ----------------------------------------------------------------------------------------------------


class _NeverZeroed:
    """An optimizer without its `zero_grad`."""

    def __init__(self, optimizer):
        self.param_groups, self.step = optimizer.param_groups, optimizer.step

    def zero_grad(self):
        pass


def _piling_d_turn(players, draws, controls, i, memory):
    return d_update(replace(players, d_optimizer=_NeverZeroed(players.d_optimizer)), draws, controls, i)


def _piling_g_turn(players, draws, controls, i, memory):
    return g_update(replace(players, g_optimizer=_NeverZeroed(players.g_optimizer)), draws, controls, i)


# ---- D's step trains G too -------------------------------------------------------------------------------------------


class _Undetached(nn.Module):
    """A generator whose fakes are never cut off from it. It shows no buffers: who calls it looks after them."""

    def __init__(self, generator):
        super().__init__()
        self._generate = lambda z: generator(z).float()

    def forward(self, z):
        with torch.enable_grad():
            return self._generate(z)


class _Together:
    """Both players' optimizers as one."""

    def __init__(self, *optimizers):
        self._optimizers = optimizers
        self.param_groups = [{"params": [w for each in optimizers for w in each.param_groups[0]["params"]]}]

    def zero_grad(self):
        for optimizer in self._optimizers:
            optimizer.zero_grad()

    def step(self):
        for optimizer in self._optimizers:
            optimizer.step()


def _greedy_d_turn(players, draws, controls, i, memory):
    both = _Together(players.d_optimizer, players.g_optimizer)
    undetached = replace(players, generator=_Undetached(players.generator), d_optimizer=both)
    with buffers_kept(players.generator):
        return d_update(undetached, draws, controls, i)


# ---- stale fakes, flipped labels -------------------------------------------------------------------------------------


class _Always(nn.Module):
    """A generator that always gives the same samples."""

    def __init__(self, samples):
        super().__init__()
        self._samples = samples

    def forward(self, z):
        return self._samples


@torch.no_grad()
def _fakes(players, z):
    with buffers_kept(players.generator):
        return players.generate(z)


def _stale_d_turn(players, draws, controls, i, memory):
    if "fakes" not in memory:
        memory["fakes"] = _fakes(players, draws.d_z[i])
    return d_update(replace(players, generator=_Always(memory["fakes"])), draws, controls, i)


def _flipped_d_turn(players, draws, controls, i, memory):
    fakes = _fakes(players, draws.d_z[i])
    swapped = replace(draws, real=[fakes] * controls.d_steps)
    d_loss, fake_mean, real_mean = d_update(replace(players, generator=_Always(draws.real[i])), swapped, controls, i)
    return d_loss, real_mean, fake_mean


# ---- the wrong optimizer ---------------------------------------------------------------------------------------------


def _misled_g_turn(players, draws, controls, i, memory):
    return g_update(replace(players, g_optimizer=players.d_optimizer), draws, controls, i)


BUGS = {
    "no zero_grad": Bug(
        "zero_grad is never called: the gradients of all earlier rounds pile up, and every step follows their sum.",
        "The losses climb and the verdicts lurch from one end to the other; the points rush about, often far "
        "outside the ring. After 300 rounds: D(x) 0.54 to 0.96, D(G(z)) 0.03 to 0.34, g_loss 1.1 to 5.7, and at "
        "most 1 mode.",
        _piling_d_turn,
        _piling_g_turn,
    ),
    "D's step trains G too": Bug(
        "In D's turn the fakes are not detached and both optimizers step: G is taught to be found out, "
        "which undoes its own turn.",
        "Quiet, so it looks like a sound run with D ahead: D(x) 0.8, D(G(z)) 0.2, g_loss 1.6 to 2.0, and only 2 modes "
        "after 300 rounds. With d_steps=1 it is hardly visible: the opposing pulls even calm the run, which after "
        "800 rounds has more modes (4 to 6) than the sound loop has by then (0 to 2).",
        d_turn=_greedy_d_turn,
    ),
    "stale fakes": Bug(
        "The fakes for D are made once, before the loop: D never sees what G makes now.",
        "Both losses fall to 0.00: D(x) is 1.00 and D(G(z)) 0.00, as if D were far too strong, yet G's loss is "
        "perfect too. The points stand still far outside the ring, 2.5 to 3.1 from its centre.",
        d_turn=_stale_d_turn,
    ),
    "wrong optimizer": Bug(
        "In G's turn D's optimizer takes the step: D learns to call fakes real, and G never moves.",
        "The points never move. D(x) is 1.00, while D(G(z)) stands still at 0.34, and d_loss and g_loss at 0.41 and "
        "1.10 (with d_steps=1: at 0.50, 0.70 and 0.70).",
        g_turn=_misled_g_turn,
    ),
    "flipped labels": Bug(
        "In D's turn the labels are swapped: real samples are called fake, and fakes real.",
        "D(x) is 0.00 and D(G(z)) 1.00: the players agree, and both losses fall to 0.00. The points run away "
        "together (5 to 7 from the centre in 4 of 5 seeds) or crowd in the middle (1 of 5).",
        d_turn=_flipped_d_turn,
    ),
}


class BuggyTrainer(Trainer):
    """A `Trainer` whose rounds have a bug.

    A recipe does not say so: `replay` plays its rounds without the bug. `save` keeps the run as it is; to
    go on with the bug, load it with `type(trainer).load`.

    Attributes:
        bug: which.
    """

    bug: Bug

    def _begin(self):
        self._memory: Memory = {}
        super()._begin()

    @property
    def turns(self) -> Turns:
        return Turns(partial(self.bug.d_turn, memory=self._memory), partial(self.bug.g_turn, memory=self._memory))

    def _state(self):
        gradients = {key: weight.grad.clone() for key, weight in _named_weights(self) if weight.grad is not None}
        return super()._state() | gradients | {f"memory.{name}": value for name, value in self._memory.items()}

    def _load_state(self, state):
        super()._load_state(state)
        for key, weight in _named_weights(self):
            weight.grad = state[key].clone().to(weight.device) if key in state else None
        kept = {key: value for key, value in state.items() if key.startswith("memory.")}
        self._memory = {key.removeprefix("memory."): value.to(self.device) for key, value in kept.items()}


def _named_weights(trainer):
    for role in ("generator", "discriminator"):
        for name, weight in getattr(trainer, role).named_parameters():
            yield f"gradient.{role}.{name}", weight


_CLASSES = {name: type("BuggyTrainer", (BuggyTrainer,), {"bug": bug}) for name, bug in BUGS.items()}


def plant(trainer: Trainer, name: str) -> BuggyTrainer:
    """Plant a bug in a run that has not begun: from now on, and on all its branches, every round has it.

    Args:
        trainer: a run at step 0; it becomes a `BuggyTrainer` itself.
        name: a name in BUGS.

    Returns:
        The same trainer.

    Raises:
        ValueError: an unknown bug, a run that has begun, or one that has a bug.
    """
    check_name(name, BUGS, "bug")
    if trainer.steps or isinstance(trainer, BuggyTrainer):
        state = "has a bug already" if isinstance(trainer, BuggyTrainer) else f"is at step {trainer.steps}"
        raise ValueError(f"a bug can be planted in a sound run at step 0 only; this one {state}: make a new Trainer.")
    trainer.__class__ = _CLASSES[name]
    trainer._memory = {}
    return trainer


def lettered(seed: int) -> dict[str, str]:
    """The bugs' names under the letters A to E, shuffled by `seed`: `plant(trainer, lettered(seed)["B"])`."""
    return dict(zip(LETTERS, random.Random(seed).sample(list(BUGS), len(BUGS))))
