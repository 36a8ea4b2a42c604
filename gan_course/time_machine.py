"""Going back: the states a run keeps of itself, and what can be done with them."""

import copy
import math
from collections.abc import Callable, Iterable
from typing import Self

import torch
from torch import Tensor, nn

from gan_course import checkpoint, runtime
from gan_course.timeline import StepStats, Thinned


class TrainingDiverged(RuntimeError):
    """A loss or a weight became NaN or infinite. The trainer is back at its last good state and can go on."""


class TrainingFailed(RuntimeError):
    """A round broke off (out of memory, an error in a student's network). The trainer is back at a whole round."""


class TimeMachine:
    """The part of a `Trainer` that remembers: snapshots, rewinding, branches, and the last good state.

    A snapshot is every tensor that the next round depends on, and the controls in force. They are
    kept every `snapshot_every` rounds; when they outgrow `snapshot_memory`, every second one goes
    and the spacing doubles.
    """

    def _start_recording(self):
        """Keep the present as the oldest state there is."""
        self._snapshots = Thinned(capacity=2, every=self.config.snapshot_every)
        self._keep(self._state())

    def _keep(self, state):
        size = sum(value.nbytes for value in state.values())  # grows in the first rounds: Adam's moments come
        self._snapshots.capacity = max(2, self.config.snapshot_memory * 2**20 // size)
        self._snapshots.add(self.steps, (state, self._controls))

    def _check_losses(self, stats, good):
        """Look for NaN and infinity in one round's losses; `good`: the last round that is known to have none.

        The state after that round may be spoilt already. The one before is not, as the round itself shows.
        """
        losses = {"d_loss": stats.d_loss} if self._controls.d_steps else {}
        losses |= {"g_loss": stats.g_loss} if self._controls.g_steps else {}
        bad = [f"{name} is {loss}" for name, loss in losses.items() if not math.isfinite(loss)]
        if bad:
            raise TrainingDiverged(self._go_back(f"{' and '.join(bad)} at step {stats.step}", good - 1))

    def _snapshot_if_due(self):
        if self._snapshots.wants(self.steps):
            self._keep(self._finite_state())

    def _finite_state(self):
        """The state, if it is worth keeping; else the run goes back and says so."""
        state = self._state()
        bad = [name for name, value in state.items() if value.is_floating_point() and not value.isfinite().all()]
        if bad:
            raise TrainingDiverged(self._go_back(f"{bad[0]} is no longer finite at step {self.steps}", self.steps))
        return state

    def _why_failed(self, error):
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
            n = self.config.batch_size
            advice = f"a new run with batch_size={max(2, n // 2)} needs about half"
            return f"{self.device} ran out of memory with batch_size={n}: {advice}"
        return f"the round after step {self.steps} broke off ({type(error).__name__}: {error})"

    def _go_back(self, reason, step):
        """Restore the last snapshot up to `step`, or else the oldest; returns the message that says so."""
        controls = self._controls
        self._restore(self.kept(step))
        return (
            f"{reason}, with d_steps={controls.d_steps}, g_steps={controls.g_steps}, lr_d={controls.lr_d:g}, "
            f"lr_g={controls.lr_g:g}, loss={controls.loss!r}. The trainer is back at step {self.steps}, the last "
            "good state it kept: change what caused it with `trainer.set(...)` and go on."
        )

    def _state(self):
        state = checkpoint.module_state("generator", self.generator)
        state |= checkpoint.module_state("discriminator", self.discriminator)
        state |= {} if self.ema is None else checkpoint.module_state("ema", self.ema)
        state |= checkpoint.optimizer_state("g_adam", self._players.g_optimizer)
        state |= checkpoint.optimizer_state("d_adam", self._players.d_optimizer)
        return state | {"rng": self._rng.get_state()}

    def _load_state(self, state):
        checkpoint.restore_module("generator", self.generator, state)
        checkpoint.restore_module("discriminator", self.discriminator, state)
        if self.ema is not None:
            checkpoint.restore_module("ema", self.ema, state)
        checkpoint.restore_optimizer("g_adam", self._players.g_optimizer, state)
        checkpoint.restore_optimizer("d_adam", self._players.d_optimizer, state)
        self._rng.set_state(state["rng"].cpu())

    def _restore(self, step):
        state, controls = self._snapshots.items[step]
        self._load_state(state)
        self.steps = step
        self.log = [change for change in self.log if change[0] < step]
        with self._lock:
            self._controls = self._next_controls = controls
        self.history.cut(step)
        self._snapshots.cut(step)

    def kept(self, step: int) -> int:
        """The last step up to `step` that the run can go back to at once; the oldest there is if none is."""
        latest = self._snapshots.latest(step)
        return min(self._snapshots.items) if latest is None else latest

    def rewind(self, step: int) -> None:
        """Go back to the state after exactly `step` rounds; changes made at or after `step` are forgotten.

        The nearest earlier snapshot is restored and the rounds from there are played again.

        Raises:
            ValueError: `step` is negative, ahead of the run, or before the oldest state there is.
        """
        if not isinstance(step, int) or not 0 <= step <= self.steps:
            raise ValueError(f"can't rewind to step {step!r}: this run has steps 0 to {self.steps}.")
        oldest = self._snapshots.latest(step)
        if oldest is None:
            raise ValueError(
                f"can't rewind to step {step}: this run was loaded from a checkpoint at step "
                f"{min(self._snapshots.items)}. `replay(trainer.recipe())` makes the whole run again."
            )
        changes = [change for change in self.log if change[0] < step]
        with runtime.InterruptLater():
            self._restore(oldest)
        self.play([change for change in changes if change[0] >= oldest], until=step)

    def play(
        self, changes: Iterable[tuple[int, dict]], until: int, each: Callable[[StepStats], object] | None = None
    ) -> None:
        """Run on to step `until`, making each (step, {control: value}) at its step; `each` as for `run`."""
        for step, change in changes:
            self.run(step - self.steps, each)
            self.set(**change)
        self.run(until - self.steps, each)

    def _continue(self, state, steps, log, controls):
        """Take over another run's present."""
        self._load_state(state)
        self.steps, self.log = steps, list(log)
        self._controls = self._next_controls = controls

    def branch(self, step: int | None = None) -> Self:
        """An independent copy of this run as it was after `step` rounds; this one stays as it is.

        Args:
            step: None: now, with what was set for the next round.

        Raises:
            ValueError: as for `rewind`.
        """
        twin = type(self)(self.config, copied(self.generator), copied(self.discriminator), self.data)
        twin._own, twin._start_digest = self._own, self._start_digest
        twin._snapshots, twin.history = copy.copy(self._snapshots), copy.deepcopy(self.history)
        twin._continue(self._state(), self.steps, self.log, self._controls)
        if step is None:
            twin.set(**self._next_controls.changes_from(self._controls))
        elif step != self.steps:
            twin.rewind(step)
        return twin


def copied(module: nn.Module) -> nn.Module:
    """A deep copy. Activations that a student's module keeps as attributes are copied without their graph."""
    kept = [value for layer in module.modules() for value in vars(layer).values() if isinstance(value, Tensor)]
    return copy.deepcopy(module, {id(value): value.detach().clone() for value in kept if not value.is_leaf})
