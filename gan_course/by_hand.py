"""One round of GAN training by hand: five steps for the discriminator's turn, then four for the generator's.

The networks are so small that every weight can be looked at: G has 42, D has 33.

Source: Goodfellow et al. 2014, Algorithm 1, with k = 1 and the non-saturating loss of Section 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gan_course.data import ring
from gan_course.losses import bce_d_loss, non_saturating_g_loss
from gan_course.names import check_name
from gan_course.networks import LEAK, build
from gan_course.runtime import make_rng

BATCH = 16  # points in a batch: N
WIDTH = 8  # hidden units of each network
LEARNING_RATES = {"G": 1.0, "D": 0.5}  # large, so that a single update can be seen
DATA_SIZE = 2000  # points of the ring to draw from
STEPS = ("real", "noise", "fake", "judge", "update")
TURNS = {"D": STEPS, "G": STEPS[1:]}  # G never sees real data


class NotYet(RuntimeError):
    """A step was asked for whose turn it isn't; the message says in words what is missing."""


def small_network(n_in: int, n_out: int) -> nn.Sequential:
    """(N, n_in) -> (N, n_out), one hidden layer. With a leaky ReLU no unit is ever dead."""
    return nn.Sequential(nn.Linear(n_in, WIDTH), nn.LeakyReLU(LEAK), nn.Linear(WIDTH, n_out))


@dataclass(frozen=True)
class Verdict:
    """What D said of a batch, and what that costs.

    Attributes:
        real: (N,) D(x) in [0, 1]; None in G's turn.
        fake: (N,) D(G(z)) in [0, 1].
        loss: the turn's loss, `d_loss` or `g_loss`.
    """

    real: Tensor | None
    fake: Tensor
    loss: float


class RoundByHand:
    """A GAN on the ring of 8 that does nothing by itself: you take every step of a round.

    D's turn: `real`, `noise`, `fake`, `judge`, `update`. G's turn: `noise`, `fake`, `judge`, `update`. Plain
    gradient descent, so an update is minus the learning rate times the gradient and nothing else.

    Args:
        seed: decides the first weights and every draw; a whole number, at least 0.

    Attributes:
        generator: G, z (N, 2) -> points (N, 2): 42 weights.
        discriminator: D, points (N, 2) -> logits (N, 1): 33 weights.
        turn: whose turn it is, "D" or "G".
        rounds: rounds done so far.
        x: (N, 2) real points on the table; None if there are none.
        z: (N, 2) noise on the table, or None.
        fakes: (N, 2) G(z) on the table, or None.
        verdict: what D said of what lies on the table, before the update; None if it was not asked.
        changes: new minus old of each tensor of weights in the last update, for "G" and "D"; zeros before the first.

    Raises:
        TypeError, ValueError: the seed is none.
    """

    def __init__(self, seed: int = 0):
        _check_seed(seed)
        self.generator = build(small_network, 2, 2, rng=make_rng(seed, "by hand, generator"))
        self.discriminator = build(small_network, 2, 1, rng=make_rng(seed, "by hand, discriminator"))
        self._optimizers = {
            "G": torch.optim.SGD(self.generator.parameters(), LEARNING_RATES["G"]),
            "D": torch.optim.SGD(self.discriminator.parameters(), LEARNING_RATES["D"]),
        }
        self._data = ring(DATA_SIZE, rng=make_rng(seed, "by hand, data")).samples
        self._rng = make_rng(seed, "by hand, draws")
        self.turn, self.rounds = "D", 0
        self.changes = _differences(self._weights(), self._weights())
        self._clear_table()

    def _clear_table(self):
        self.x = self.z = self.fakes = self.verdict = self._loss = None

    # ---- the five steps ---------------------------------------------------------------------------------------------

    def real(self) -> None:
        """Take real points from the data: `x`."""
        self._check("real")
        chosen = torch.randint(len(self._data), (BATCH,), generator=self._rng)
        self.x = self._data[chosen]

    def noise(self) -> None:
        """Draw standard normal noise: `z`."""
        self._check("noise")
        self.z = torch.randn(BATCH, 2, generator=self._rng)

    def fake(self) -> None:
        """Let G turn the noise into points: `fakes`."""
        self._check("fake")
        self.fakes = self.generator(self.z)
        if self.turn == "D":
            self.fakes = self.fakes.detach()  # D's turn: for D they are just points, wherever they come from

    def judge(self) -> None:
        """Let D judge what lies on the table: `verdict`, with the loss of whose turn it is."""
        self._check("judge")
        fake_logits = self.discriminator(self.fakes).flatten()
        if self.turn == "D":
            real_logits = self.discriminator(self.x).flatten()
            self._loss = bce_d_loss(real_logits, fake_logits)  # right is: real called real, fake called fake
        else:
            real_logits = None
            self._loss = non_saturating_g_loss(fake_logits)  # right is: fake called real
        self.verdict = _verdict(real_logits, fake_logits, self._loss)

    def update(self) -> None:
        """Go one step down the loss with the weights of whose turn it is; then it is the other's turn."""
        self._check("update")
        before = self._weights()
        for optimizer in self._optimizers.values():
            optimizer.zero_grad()
        self._loss.backward()  # in G's turn the gradient comes to G through D
        self._optimizers[self.turn].step()  # but only one of them steps
        self.changes = _differences(self._weights(), before)
        self.rounds += self.turn == "G"
        self.turn = "G" if self.turn == "D" else "D"
        self._clear_table()

    # ---- looks ------------------------------------------------------------------------------------------------------

    @property
    def done(self) -> tuple[str, ...]:
        """The steps of this turn that are done, in the order of STEPS."""
        there = {"real": self.x, "noise": self.z, "fake": self.fakes, "judge": self.verdict}
        return tuple(name for name, thing in there.items() if thing is not None)

    @property
    def next_step(self) -> str:
        """The step that makes sense now: a name in STEPS."""
        return next(step for step in TURNS[self.turn] if step not in self.done)

    @property
    def moved(self) -> dict[str, int]:
        """How many weights of each network the last update changed."""
        return {name: sum(int(change.count_nonzero()) for change in changes) for name, changes in self.changes.items()}

    @torch.no_grad()
    def field(self, reach: float, resolution: int) -> Tensor:
        """D = σ(logit) on a lattice from -reach to reach; (resolution, resolution), its first row at the lowest y."""
        ticks = torch.linspace(-reach, reach, resolution)
        return self.discriminator(torch.cartesian_prod(ticks, ticks).flip(1)).sigmoid().view(resolution, resolution)

    @torch.no_grad()
    def judge_again(self, x: Tensor | None, z: Tensor) -> tuple[Tensor, Verdict]:
        """What both networks, as they are now, make of real points and noise of before. It changes nothing.

        Args:
            x: (N, 2) for D's loss; None for G's.
            z: (N, 2).

        Returns:
            G(z) (N, 2), and the verdict.
        """
        fakes = self.generator(z)
        fake_logits = self.discriminator(fakes).flatten()
        real_logits = None if x is None else self.discriminator(x).flatten()
        loss = non_saturating_g_loss(fake_logits) if x is None else bce_d_loss(real_logits, fake_logits)
        return fakes, _verdict(real_logits, fake_logits, loss)

    def _weights(self):
        networks = {"G": self.generator, "D": self.discriminator}
        return {name: [p.detach().clone() for p in network.parameters()] for name, network in networks.items()}

    # ---- out of order -----------------------------------------------------------------------------------------------

    def _check(self, step):
        if reason := self.why_not(step):
            raise NotYet(reason)

    def why_not(self, step: str) -> str:
        """What is missing for a step, in words; "" if it can be taken now.

        Raises:
            ValueError: there is no such step.
        """
        check_name(step, STEPS, "step")
        if step not in TURNS[self.turn]:
            return "It is G's turn, and G never sees real data: all it learns, it learns from D. " + self._hint()
        if step in self.done:
            return f"{_THERE[step]} {self._hint()}"
        missing = [_MISSING[need] for need in self._needs(step) if need not in self.done]
        return f"{_CANT[step]} {' and '.join(missing)} first. {self._hint()}" if missing else ""

    def _needs(self, step):
        judged = ["real", "fake"] if self.turn == "D" else ["fake"]
        return {"real": [], "noise": [], "fake": ["noise"], "judge": judged, "update": ["judge"]}[step]

    def _hint(self):
        return f"Next is {STEPS.index(self.next_step) + 1}, {NAMES[self.next_step]}."

    def __repr__(self) -> str:
        return f"RoundByHand(turn={self.turn!r}, rounds={self.rounds}, next_step={self.next_step!r})"


NAMES = {"real": "real x", "noise": "noise z", "fake": "fake G(z)", "judge": "judge", "update": "update"}
_THERE = {
    "real": "The real points lie on the table already.",
    "noise": "The noise is drawn already.",
    "fake": "G has made its fakes of this noise already.",
    "judge": "D has given its verdict already, and would say the same again.",
}
_CANT = {
    "fake": "G makes its fakes out of noise, so it needs",
    "judge": "D can only judge what lies on the table, so it needs",
    "update": "An update goes down a loss, and the loss comes from D's verdict, so it needs",
}
_MISSING = {"real": "real points (1)", "noise": "noise z (2)", "fake": "fakes (3)", "judge": "the judgement (4)"}


def _differences(after, before):
    return {name: [new - old for new, old in zip(after[name], before[name])] for name in before}


def _verdict(real_logits, fake_logits, loss):
    real = None if real_logits is None else real_logits.detach().sigmoid()
    return Verdict(real, fake_logits.detach().sigmoid(), loss.item())


def _check_seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be a whole number, at least 0, got {seed!r} ({type(seed).__name__}).")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed}: take 0, 1, 2, …")
