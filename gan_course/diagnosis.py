"""What a run suffers from, in words, from measured numbers alone."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gan_course.config import Controls
from gan_course.losses import LOSSES, bce_d_loss
from gan_course.probes import verdicts
from gan_course.trainer import Trainer

WINDOW = 300  # the last rounds kept in the history, as many at most, are judged
ENOUGH = 100  # rounds under the same controls before anything is said
SAMPLES = 128  # of each kind, for the fresh look

FAR_APART = 0.75  # mean D(x) - mean D(G(z)): above it D is too strong
ALIKE = 0.05  # below it D does not tell them apart
DIFFERENT = 20.0  # times what chance makes of the distance between two sets of samples: surely not the same
THE_SAME = 5.0  # times what chance makes: hardly any difference to see
SWING = 0.15  # between the 5% and the 95% level of mean D(G(z)): above it the run is not settled
TURNS = 3  # changes of sides that make such a swing an oscillation
FAINT = 0.1  # share of D's slope that reaches G: below it G hardly learns


@dataclass(frozen=True)
class Evidence:
    """What a diagnosis is made from.

    Attributes:
        controls: those in force next.
        rounds: played since the controls last changed.
        d_real, d_fake: (T,) mean D(x) and D(G(z)) of the judged rounds, T up to WINDOW.
        span: rounds that T values reach over.
        push: mean size of ∂(G's loss)/∂logit over fresh fakes: the share of D's slope that the loss in use
            passes on to G; in [0, 1] for the losses of probabilities.
        difference: energy distance between fresh real and fake samples, as a multiple of its mean for two
            sets of real samples: about 1 where there is no difference.
    """

    controls: Controls
    rounds: int
    d_real: np.ndarray
    d_fake: np.ndarray
    span: int
    push: float
    difference: float


@dataclass(frozen=True)
class Diagnosis:
    """A finding.

    Attributes:
        name: "D stands still", "G stands still", "too early", "scores", "D too strong", "oscillation",
            "D too weak", "unsettled" or "balanced".
        words: what it was seen by, and what to try.
    """

    name: str
    words: str


def evidence_of(trainer: Trainer) -> Evidence:
    """Look at a run, between two rounds; disturbs nothing, as every look in `probes`."""
    changed = trainer.log[-1][0] if trainer.log else 0
    history = trainer.history.arrays()
    judged = slice(max(len(history["step"]) - WINDOW, np.searchsorted(history["step"], changed, "right")), None)
    steps = history["step"][judged]
    real, fake, real_logits, fake_logits = verdicts(trainer, min(SAMPLES, len(trainer.data)))
    return Evidence(
        controls=trainer.controls,
        rounds=trainer.steps - changed,
        d_real=history["d_real"][judged],
        d_fake=history["d_fake"][judged],
        span=int(steps[-1] - steps[0]) + 1 if len(steps) else 0,
        push=_push(trainer.controls.loss, fake_logits, real_logits),
        difference=energy_ratio(real, fake),
    )


def _push(loss, fake_logits, real_logits):
    logits = fake_logits.requires_grad_()
    (slope,) = torch.autograd.grad(LOSSES[loss].g_loss_beside(logits, real_logits), logits)
    return slope.abs().sum().item()


@torch.no_grad()
def energy_ratio(real: Tensor, fake: Tensor) -> float:
    r"""2·E‖x - y‖ - E‖x - x'‖ - E‖y - y'‖, divided by what two sets of real samples would give on average.

    The energy distance is 0 only for equal distributions. With n samples each, chance alone makes it
    (2/n)·E‖x - x'‖ on average, so the ratio is about 1 for a perfect generator.

    Args:
        real, fake: (n, ...), n from 2.

    Source: Székely & Rizzo 2013, "Energy statistics: A class of statistics based on distances".
    """
    n = len(real)
    points = torch.cat((real, fake)).flatten(1)
    distances = torch.cdist(points, points)
    within, between = distances[:n, :n].mean(), distances[:n, n:].mean()
    chance = 2 * within / (n - 1)
    return ((2 * between - within - distances[n:, n:].mean()) / chance.clamp_min(1e-12)).item()


def diagnose(evidence: Evidence) -> Diagnosis:
    """Name what stands out most; where several findings fit, the one that stands first in `Diagnosis`."""
    controls = evidence.controls
    for player, steps, rate in (("D", "d_steps", "lr_d"), ("G", "g_steps", "lr_g")):
        if not getattr(controls, steps) * getattr(controls, rate):
            return _stands_still(player, rate if getattr(controls, steps) else steps)
    if evidence.rounds < ENOUGH:
        so_far = f"{evidence.rounds} round{'s' * (evidence.rounds != 1)}"
        return Diagnosis("too early", f"Too early to say: {so_far} under these controls, {ENOUGH} show more.")
    if LOSSES[controls.loss].d_loss is not bce_d_loss:
        return _scores(evidence)
    gap = evidence.d_real.mean() - evidence.d_fake.mean()
    low, high, turns = swings(evidence.d_fake)
    if gap > FAR_APART:
        return _too_strong(evidence)
    swinging = high - low > SWING
    if swinging and turns >= TURNS:
        return _oscillation(evidence, low, high, turns)
    if gap < ALIKE and evidence.difference > DIFFERENT:
        return _too_weak(evidence)
    return _unsettled(evidence, low, high) if swinging else _balanced(evidence)


def swings(values: np.ndarray) -> tuple[float, float, int]:
    """How far a series goes up and down, and how often.

    Single rounds are averaged over five. A change of sides counts once the series is a quarter of its whole
    swing beyond its mean, so that noise around the mean does not count.

    Args:
        values: (T,), T from 5.

    Returns:
        The levels that 5% of it lie below and above, and the changes of sides.
    """
    smooth = np.convolve(values, np.full(5, 0.2), "valid")
    low, high = np.percentile(smooth, (5, 95))
    away = smooth - smooth.mean()
    sides = np.sign(away[np.abs(away) > (high - low) / 4])
    return float(low), float(high), int(np.count_nonzero(np.diff(sides)))


def _means(evidence):
    return (
        f"over the last {evidence.span:,} rounds D gave real samples {evidence.d_real.mean():.2f} and fakes "
        f"{evidence.d_fake.mean():.2f} on average"
    )


def _apart(evidence):
    if evidence.difference < 2:
        return "no further apart than chance would put them"
    return f"{evidence.difference:.0f} times as far apart as chance would put them"


def _stands_still(player, control):
    role = {"D": "discriminator", "G": "generator"}[player]
    value = 1 if control.endswith("steps") else 0.001
    return Diagnosis(
        f"{player} stands still",
        f"The {role} stands still, since {control} is 0. Try {control}={value} to let it learn.",
    )


def _scores(evidence):
    return Diagnosis(
        "scores",
        f"With loss={evidence.controls.loss!r} D gives scores, no probabilities: ½ means nothing here. "
        f"Look at the samples: real and fake are {_apart(evidence)}.",
    )


def _too_strong(evidence):
    share = f"{evidence.push:.1%} of D's slope reaches G through the {evidence.controls.loss} loss"
    if evidence.push >= FAINT:
        advice = f"{share}: G is pushed, but can't keep up. Try a higher lr_g, fewer d_steps, or r1_gamma=1."
    elif evidence.controls.loss == "minimax":
        advice = f"Only {share}. Try loss='non-saturating'."
    else:
        advice = f"Yet only {share}, as if D took fresh fakes for real. That does not fit: look at the loop itself."
    return Diagnosis("D too strong", f"D is too strong: {_means(evidence)}. {advice}")


def _oscillation(evidence, low, high, turns):
    return Diagnosis(
        "oscillation",
        f"The players chase each other: over the last {evidence.span:,} rounds the mean of D(G(z)) swung between "
        f"{low:.2f} and {high:.2f} and changed sides {turns} times. Try r1_gamma=1, or lower learning rates.",
    )


def _too_weak(evidence):
    return Diagnosis(
        "D too weak",
        f"D is too weak: {_means(evidence)}, yet the samples are {_apart(evidence)}. D can't tell them, so "
        "its verdict is no praise for G. Try g_steps=1 with d_steps=5, and an lr_d no lower than lr_g.",
    )


def _unsettled(evidence, low, high):
    return Diagnosis(
        "unsettled",
        f"Something is on the move: over the last {evidence.span:,} rounds the mean of D(G(z)) lay anywhere between "
        f"{low:.2f} and {high:.2f}, and the samples are {_apart(evidence)}. Wait, and see where it goes.",
    )


def _balanced(evidence):
    if evidence.difference < THE_SAME:
        rest = "By energy distance, a coarse measure, samples and data differ hardly more than two sets of real ones."
    else:
        rest = f"The samples are still {_apart(evidence)}: there is something left to learn."
    return Diagnosis("balanced", f"Neither player runs away: {_means(evidence)}. {rest}")
