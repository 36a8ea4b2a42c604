"""The modes that a run covers as it goes on, and when that is a collapse, in words."""

import bisect
from dataclasses import dataclass

import numpy as np

from gan_course.metrics.modes import PAPER_SAMPLES, mode_coverage
from gan_course.trainer import Trainer

MOST = 1000  # looks kept: beyond them every second one goes
EARLY = 300  # rounds before few modes mean anything
FEW = 0.25  # of all modes: as few as that is a collapse, once it is no longer early,
LOST = 0.5  # and so is the loss of as many of the modes that were once covered


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen at one step.

    Attributes:
        step: of the run.
        modes: modes with at least one high-quality sample, as VEEGAN and PacGAN count.
        modes_1_percent: modes that hold at least 1% of the samples.
        high_quality: share of the samples within three standard deviations of a mode, in [0, 1].
        shares: (K,) share of all samples that lie so close to each mode.
    """

    step: int
    modes: int
    modes_1_percent: int
    high_quality: float
    shares: np.ndarray


class Coverage:
    """What was seen of one run's modes, by its steps. Only for data whose modes are known."""

    def __init__(self):
        self._looks: list[Look] = []

    @property
    def looks(self) -> tuple[Look, ...]:
        """All that was seen and kept, in the order of the steps."""
        return tuple(self._looks)

    def look(self, trainer: Trainer) -> Look:
        """See which modes the run covers now, between two rounds; disturbs nothing.

        Source: Srivastava et al. 2017, "VEEGAN", Section 4.1.
        """
        found = mode_coverage(trainer.sample(PAPER_SAMPLES), trainer.data.centers.cpu(), trainer.data.std)
        seen = Look(
            trainer.steps, found.modes, found.modes_1_percent, found.high_quality, found.counts.numpy() / PAPER_SAMPLES
        )
        self._looks[self._count(seen.step - 1) : self._count(seen.step)] = [seen]
        if len(self._looks) > MOST:
            self._looks = [*self._looks[:-1:2], self._looks[-1]]
        return seen

    def _count(self, step):
        """How many looks there are up to `step`."""
        return bisect.bisect_right(self._looks, step, key=lambda look: look.step)

    def _up_to(self, step):
        return self._looks[: self._count(step)]

    def cut(self, step: int) -> None:
        """Forget what was seen after `step`: the run went back."""
        self._looks = self._up_to(step)

    def until(self, step: int) -> "Coverage":
        """What a branch that leaves the run at `step` has in common with it."""
        branch = Coverage()
        branch._looks = self._up_to(step)
        return branch

    def arrays(self, step: int) -> dict[str, np.ndarray]:
        """Up to `step`: mode_step, and as shares modes_covered (of all modes) and high_quality, each (T,)."""
        looks = self._up_to(step)
        return {
            "mode_step": np.array([look.step for look in looks], np.float32),
            "modes_covered": np.array([look.modes / len(look.shares) for look in looks], np.float32),
            "high_quality": np.array([look.high_quality for look in looks], np.float32),
        }

    def alarm(self, step: int) -> str:
        """The collapse that is seen at `step`, in words; "" if there is none.

        Counted are modes that hold at least 1% of the samples: a single stray sample is no mode.
        """
        looks = self._up_to(step)
        if not looks:
            return ""
        now, best = looks[-1], max(looks, key=lambda look: look.modes_1_percent)
        modes, of = now.modes_1_percent, len(now.shares)
        if now.step >= EARLY and modes <= FEW * of:
            return f"Mode collapse: after {now.step:,} steps G makes {_named(modes)} of {of}."
        if best.modes_1_percent >= 2 and modes <= LOST * best.modes_1_percent:
            return (
                f"Mode collapse: G makes {_named(modes)} of {of} now; at step {best.step:,} it was "
                f"{best.modes_1_percent}. Rewind to there, and try another D:G ratio."
            )
        return ""


def _named(modes):
    return {0: "not one mode", 1: "1 mode"}.get(modes, f"{modes} modes")
