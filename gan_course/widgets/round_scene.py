"""What a round lab shows: the table with all that lies on it, the weights, and a sentence about the last step."""

import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from gan_course import plotting_round as pictures
from gan_course.by_hand import BATCH, NAMES, STEPS, RoundByHand, Verdict

FIELD = 41  # places a side at which D's verdict is drawn
LIT = {  # the parts of the diagram at which a step acts
    "real": ("x",),
    "noise": ("z",),
    "fake": ("z", "G", "fake"),
    "judge": ("x", "fake", "D"),
}


@dataclass(frozen=True)
class Updated:
    """What an update started from, and what the same points look like after it.

    Attributes:
        player: who learned, "D" or "G".
        x: (N, 2) or None.
        z, fakes: (N, 2).
        verdict: before.
        fakes_now: (N, 2) G(z) of the same z.
        verdict_now: after.
    """

    player: str
    x: Tensor | None
    z: Tensor
    fakes: Tensor
    verdict: Verdict
    fakes_now: Tensor
    verdict_now: Verdict


class Scene:
    """A round by hand, and what is to be seen of it.

    Args:
        seed: as for `RoundByHand`.

    Attributes:
        hand: the `RoundByHand`.
        words: what happened last, in a sentence or two, and what comes next.
        refused: whether the last press was out of order.
        numbers: the newest "d_real", "d_fake", "d_loss" and "g_loss"; None before the first.
    """

    def __init__(self, seed: int = 0):
        self.hand = RoundByHand(seed)
        self.words = (
            "Nothing has happened yet. D, the discriminator, learns first: it needs real points and fakes to tell "
            f"apart. Press 1 to take {BATCH} real points."
        )
        self.refused = False
        self.numbers: dict[str, float | None] = dict.fromkeys(("d_real", "d_fake", "d_loss", "g_loss"))
        self._last: str | None = None
        self._updated: Updated | None = None

    def press(self, step: str) -> None:
        """Take a step, or say why not.

        Raises:
            ValueError: there is no such step.
        """
        reason = self.hand.why_not(step)
        self.refused = bool(reason)
        if reason:
            self.words = reason
            return
        self._updated = self._update() if step == "update" else self._take(step)
        self._last = step
        self._note_numbers()
        self.words = f"{self._what_happened()} {self._what_next()}"

    def _take(self, step):
        getattr(self.hand, step)()

    def _update(self):
        hand = self.hand
        before = (hand.turn, hand.x, hand.z, hand.fakes.detach(), hand.verdict)
        hand.update()
        return Updated(*before, *hand.judge_again(before[1], before[2]))

    def _note_numbers(self):
        if self.hand.verdict is not None:
            self.numbers |= _numbers(self.hand.turn, self.hand.verdict)

    # ---- in words ---------------------------------------------------------------------------------------------------

    def _what_happened(self):
        if self._last == "update":
            return self._what_moved()
        return _HAPPENED[self._last, self.hand.turn].format(n=BATCH, **self._texts())

    def _texts(self):
        return {name: "–" if value is None else f"{value:.3f}" for name, value in self.numbers.items()}

    def _before_and_after(self):
        """The numbers as texts; right after an update, also what the same points get now."""
        texts = self._texts()
        for name, value in _numbers(self._updated.player, self._updated.verdict_now).items() if self._updated else ():
            texts[name] += f" → {value:.3f}"
        return texts

    def _what_moved(self):
        was, moved = self._updated, self.hand.moved
        other = "G" if was.player == "D" else "D"
        sizes = {"G": _size(self.hand.generator), "D": _size(self.hand.discriminator)}
        counts = (
            f"{moved[was.player]} of {sizes[was.player]} weights of {was.player} moved, "
            f"{moved[other]} of {sizes[other]} of {other}."
        )
        real = "" if was.x is None else f"D(x) = {was.verdict_now.real.mean():.3f} and "
        now = f"D(G(z)) = {was.verdict_now.fake.mean():.3f}"
        way = "fell" if was.verdict_now.loss < was.verdict.loss else "rose"
        again = "Judged again, the same points get" if was.player == "D" else "The same noise now makes fakes with"
        loss = f"{was.player.lower()}_loss {way} from {was.verdict.loss:.3f} to {was.verdict_now.loss:.3f}."
        return f"{counts} {again} {real}{now}: {loss}"

    def _what_next(self):
        step = self.hand.next_step
        press = f"{STEPS.index(step) + 1}, {NAMES[step]}"
        if self._last != "update":
            return f"Next: {press}."
        if self.hand.turn == "G":
            return f"Now it is G's turn, which needs no real x. Next: {press}."
        return f"Round {self.hand.rounds} is done. Next: {press}."

    # ---- for the page -----------------------------------------------------------------------------------------------

    def facts(self) -> dict:
        """JSON values for the page."""
        hand = self.hand
        return dict(
            turn=hand.turn, round=hand.rounds + 1, next=hand.next_step, done=hand.done, lit=self._lit(),
            updated=self._updated.player if self._updated else "", learned=self.learned, moved=hand.moved,
            words=self.words, refused=self.refused, numbers=self._before_and_after(), reach=pictures.REACH,
            noise_reach=pictures.NOISE_REACH,
        )  # fmt: skip

    def _lit(self):
        if self._updated:
            return (self._updated.player,)
        if self._last == "judge" and self.hand.turn == "G":
            return ("fake", "D")
        return LIT.get(self._last, ())

    @property
    def learned(self) -> str:
        """Whose weights the last update was to change: "D", "G", or "" before the first."""
        if self.hand.turn == "G":
            return "D"
        return "G" if self.hand.rounds else ""

    def arrays(self) -> dict[str, np.ndarray]:
        """Arrays for the page: what lies on the table, D's verdicts, and the change of every weight."""
        tensors = {"x": self._seen("x"), "z": self._seen("z"), "fakes": self._seen("fakes")}
        verdict = self.hand.verdict
        if self._updated:
            verdict = self._updated.verdict_now
            tensors["fakes_now"] = self._updated.fakes_now
        if verdict is not None:
            tensors |= {"real_verdicts": verdict.real, "fake_verdicts": verdict.fake}
        arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items() if tensor is not None}
        if verdict is not None:
            arrays["field"] = pictures.field_shades(self.hand.field(pictures.REACH, FIELD).numpy())
        for name, changes in self.hand.changes.items():
            arrays[f"change_{name}"] = pictures.cells([change.numpy() for change in changes])
        return arrays

    def _seen(self, name):
        return getattr(self._updated or self.hand, name)

    def plot(self, figure: Figure) -> None:
        """The same as a static figure."""
        arrays = self.arrays()
        noise, table, weights = figure.subfigures(1, 3, width_ratios=(3, 4, 4))
        pictures.plot_noise(arrays, noise.subplots())
        pictures.plot_table(arrays, table.subplots())
        for name, ax in zip("GD", weights.subplots(2, 1)):
            pictures.plot_changes(arrays[f"change_{name}"], name, self.hand.moved[name], ax)
        figure.suptitle("\n".join(textwrap.wrap(self.words, 120)), fontsize="small")


_HAPPENED = {
    ("real", "D"): "{n} real points x lie on the table, drawn from the ring of eight.",
    ("noise", "D"): "{n} noise points z are drawn: two numbers each, pure chance.",
    ("noise", "G"): "{n} new noise points z are drawn.",
    ("fake", "D"): "G has turned every z into a point: {n} fakes. In D's turn they are points like any others: "
    "nothing will flow back to G.",
    ("fake", "G"): "G has turned every z into a fake. This time the way back stays open: the gradient will come to G "
    "through D.",
    ("judge", "D"): "D says how real each point looks, from 0 to 1: on average D(x) = {d_real} of the real points and "
    "D(G(z)) = {d_fake} of the fakes. That costs it d_loss = {d_loss}; always saying ½ would cost 1.386.",
    ("judge", "G"): "D says D(G(z)) = {d_fake} of the fakes on average. G would like to hear 1, so this costs it "
    "g_loss = {g_loss}; hearing ½ would cost 0.693.",
}


def _numbers(player, verdict):
    """What a verdict says in that player's turn, by the names of `Scene.numbers`."""
    real = {} if verdict.real is None else {"d_real": verdict.real.mean().item()}
    return real | {"d_fake": verdict.fake.mean().item(), f"{player.lower()}_loss": verdict.loss}


def _size(network):
    return sum(weights.numel() for weights in network.parameters())
