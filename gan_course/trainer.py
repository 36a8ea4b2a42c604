"""The trainer: a run that can be steered, rewound, branched, saved and replayed."""

import contextlib
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from gan_course import checkpoint, runtime
from gan_course.conditional import checked_labels, told
from gan_course.config import CONTROL_NAMES, Controls, TrainConfig
from gan_course.data import Dataset, as_dataset, load
from gan_course.names import check_name
from gan_course.recipe import DRIFTS, Recipe, RecipeError, digest
from gan_course.rounds import Turns, draw, play_round
from gan_course.setup import check_networks, fill_in, here, make_average, make_networks, make_players
from gan_course.time_machine import TimeMachine, TrainingFailed
from gan_course.timeline import History, StepStats

GPU_CHECK_EVERY = 20  # rounds between two looks for NaN on a GPU, where each look waits for the device


class Trainer(TimeMachine):
    """Trains one GAN.

    Args:
        config: what to train and how; see `TrainConfig`.
        generator: your own module, (N, Z) -> samples; None: made from the config.
        discriminator: your own module, samples -> logits (N, 1) or (N,), without a sigmoid; None: made. With a
            condition both are called with labels (N,) too: `generator(z, y)`, `discriminator(x, y)`.
        data: your own samples, a `Dataset`, or a tensor or array: (N, D) points, or (N, C, H, W) images
            as uint8 or as floats in [-1, 1]; None: loaded by `config.dataset`.

    Attributes:
        config: the settings in force, with everything automatic filled in.
        generator, discriminator: the networks being trained.
        ema: the averaged generator that `sample` draws from; None if `ema_decay` is 0.
        data: the `Dataset`, on the device.
        steps: rounds done so far.
        log: (step, {control: value}) for every change, in force from that step on.
        history: the `StepStats` of the run, at most 4,096 of them, evenly spread.

    Raises:
        TypeError, ValueError: the config, the data or a module does not fit; the message says how.

    Source: Goodfellow et al. 2014, Algorithm 1.
    """

    turns = Turns()

    def __init__(
        self,
        config: TrainConfig | None = None,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        data: Dataset | Tensor | None = None,
    ):
        config = config or TrainConfig()
        own = {"generator": generator, "discriminator": discriminator, "data": data}
        self._own = tuple(name for name, given in own.items() if given is not None)
        self.device = runtime.resolve_device(config.device)
        if data is None:
            data = load(config.dataset, config.data_dir, image_size=config.image_size)
        self.data = as_dataset(data).to(self.device)
        self.config = fill_in(config, self.data, self.device)
        networks = make_networks(self.config, self.data.sample_shape, generator, discriminator, self.data.classes)
        self.generator, self.discriminator = (network.to(self.device).train() for network in networks)
        with self._global_rng("trial"):
            check_networks(self.generator, self.discriminator, self.latents(2), self.data, self.labels(2))
        self._players = make_players(self.config, self.generator, self.discriminator)
        self.ema = make_average(self.generator, self.config.ema_decay)
        self._rng = runtime.make_rng(config.seed, "training", self.device)
        self._begin()

    def _begin(self):
        self.steps = 0
        self.log: list[tuple[int, dict]] = []
        self.history = History(device=self.device)
        self._controls = self._next_controls = self.config.controls
        self._lock = threading.Lock()
        self._start_digest = digest(self._state())
        self._start_recording()

    # ---- steering -------------------------------------------------------------------------------------------------

    @property
    def controls(self) -> Controls:
        """The controls the next round will use."""
        return self._next_controls

    def set(self, **controls) -> None:
        """Change controls. They take effect at the next round, never inside one; safe from any thread.

        Raises:
            ValueError, TypeError: an unknown control, or a value out of range; nothing is changed then.
        """
        for name in controls:
            check_name(name, CONTROL_NAMES, "control")
        with self._lock:
            self._next_controls = replace(self._next_controls, **controls)

    def _take_controls(self):
        """Put what was set into force, and log it."""
        wanted = self._next_controls
        if wanted is not self._controls and (change := wanted.changes_from(self._controls)):
            self.log.append((self.steps, change))
        self._controls = wanted
        for optimizer, rate in (
            (self._players.d_optimizer, self._controls.lr_d),
            (self._players.g_optimizer, self._controls.lr_g),
        ):
            optimizer.param_groups[0]["lr"] = rate

    # ---- training -------------------------------------------------------------------------------------------------

    def step(self) -> StepStats:
        """Play one round: `d_steps` discriminator updates, then `g_steps` generator updates.

        Raises:
            TrainingDiverged: something became NaN or infinite.
            TrainingFailed: the round broke off.
            KeyboardInterrupt: asked for during the round; raised after it.
        """
        return self.run(1)

    def run(
        self,
        steps: int,
        each: Callable[[StepStats], object] | None = None,
        halfway: Callable[[], object] | None = None,
    ) -> StepStats | None:
        """Play `steps` rounds.

        Args:
            steps: how many, from 0.
            each: called with the `StepStats` of every round.
            halfway: called in every round after D's turn, before G's, to look at the run; it must not raise.

        Returns:
            The last round's stats; None for 0 rounds.

        Raises:
            As for `step`. An interrupt never cuts a round in two: the run can go on from where it stopped.
        """
        if not isinstance(steps, int) or steps < 0:
            raise ValueError(f"steps must be a whole number, at least 0, got {steps!r}.")
        stats = None
        with runtime.compute(self.config.threads), runtime.InterruptLater() as interrupt:
            for _ in range(steps):
                stats = self._round(halfway)
                if each is not None:
                    each(stats)
                if interrupt.asked:
                    break
        return stats

    def _round(self, halfway):
        self._snapshot_if_due()
        self._take_controls()
        try:
            values = self._play(halfway)
        except Exception as error:
            raise TrainingFailed(self._go_back(self._why_failed(error), self.steps)) from error
        self.steps += 1
        stats = StepStats(self.steps, values)
        self.history.add(stats)
        check_every = 1 if self.device.type == "cpu" else GPU_CHECK_EVERY
        if self.steps % check_every == 0:
            self._check_losses(stats, good=self.steps - check_every)
        return stats

    def _play(self, halfway):
        draws = draw(self.data, self.config, self._controls, self._rng)
        with self._global_rng(f"round {self.steps}"):
            values = play_round(self._players, draws, self._controls, self.turns, halfway)
        if self.ema is not None and self._controls.g_steps:
            self.ema.update_parameters(self.generator)
        return values

    def _global_rng(self, purpose):
        """A student's module may hold dropout, which draws from PyTorch's global generator."""
        if not {"generator", "discriminator"} & set(self._own):
            return contextlib.nullcontext()
        return runtime.global_rng_seeded(runtime.seed_for(self.config.seed, purpose), self.device)

    # ---- looking --------------------------------------------------------------------------------------------------

    def latents(self, n: int, seed: int = 0) -> Tensor:
        """(n, Z) standard normal latents: the same for the same n and seed, whatever the run does."""
        if not isinstance(n, int) or n < 0:
            raise ValueError(f"n must be a whole number, at least 0, got {n!r}.")
        rng = runtime.make_rng(self.config.seed, f"latents {seed}", self.device)
        return torch.randn(n, self.config.latent_dim, generator=rng, device=self.device)

    def labels(self, n: int, labels: Tensor | int | None = None) -> Tensor | None:
        """Labels for n samples, on the device.

        Args:
            n: how many.
            labels: one class for all, a class for each (n,), or a mixture of classes for each, weights (n, K) whose
                rows sum to 1; None: the classes by turns.

        Returns:
            (n,) or (n, K); None for a run without a condition.

        Raises:
            ValueError: labels out of range, or for a run without a condition.
        """
        if self.config.condition is None:
            if labels is not None:
                raise ValueError(
                    "This run knows no labels: leave labels out, or begin one with TrainConfig(condition=...)."
                )
            return None
        if labels is None:
            return torch.arange(n, device=self.device) % self.data.classes
        return checked_labels(labels, n, self.data.classes).to(self.device)

    @torch.no_grad()
    def sample(self, n: int = 64, z: Tensor | None = None, labels: Tensor | int | None = None) -> Tensor:
        """(n, ...) samples in float32 on the CPU, from the averaged generator where there is one.

        Without `z` the latents are the same at every call, so that pictures of one run can be compared.
        Training is not disturbed: no random number of the run is used, no statistic moves.

        Args:
            n: how many, if neither `z` nor a list of labels says it.
            z: (n, Z) latents of your own.
            labels: what to make, as for `labels`; for a run with a condition.

        Raises:
            ValueError: z or labels don't fit.
        """
        n = len(labels) if labels is not None and torch.as_tensor(labels).ndim else n
        z = self.latents(n) if z is None else self._checked_z(z)
        y = self.labels(len(z), labels)
        network = self.generator if self.ema is None or not self.steps else self.ema
        was_training = network.training
        network.eval()
        try:
            with self._global_rng("sample"), runtime.compute(self.config.threads):
                with runtime.autocast(self.device, self.config.precision):
                    return network(*told(z, y)).float().cpu()
        finally:
            network.train(was_training)

    def _checked_z(self, z):
        z = torch.as_tensor(z, dtype=torch.float32, device=self.device)
        if z.dim() != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"z must have shape (n, {self.config.latent_dim}), got {tuple(z.shape)}.")
        return z

    # ---- files ----------------------------------------------------------------------------------------------------

    def recipe(self) -> Recipe:
        """This run as data: see `Recipe` and `replay`."""
        return Recipe(
            config=self.config,
            steps=self.steps,
            changes=tuple(self.log),
            own=self._own,
            data_digest=self.data.digest[:16],
            start_digest=self._start_digest,
            end_digest=digest(self._state()),
            made_with={"torch": torch.__version__, "cpu": torch.backends.cpu.get_cpu_capability()},
        )

    def save(self, path: str | Path) -> None:
        """Save the whole run in one safetensors file; an older file survives a failure.

        Raises:
            OSError: the disk is full or read-only.
            TrainingDiverged: there is NaN in the state; nothing is written.
        """
        state = self._finite_state() | self.history.tensors()
        about = {"recipe": self.recipe().to_json(), "next": self._next_controls.changes_from(self._controls)}
        checkpoint.write_checkpoint(path, state, about)

    @classmethod
    def from_recipe(
        cls,
        recipe: Recipe,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        data: Dataset | Tensor | None = None,
    ) -> "Trainer":
        """A recipe's run as it was before its first round; arguments, errors and warning as for `replay`."""
        trainer = cls._for_recipe(recipe, generator, discriminator, data)
        if digest(trainer._state()) != recipe.start_digest:
            if set(recipe.own) & {"generator", "discriminator"}:
                raise RecipeError("The networks handed in do not start from the weights the run started from.")
            warnings.warn(DRIFTS, stacklevel=3)
        return trainer

    @classmethod
    def _for_recipe(cls, recipe, generator, discriminator, data):
        """A trainer with a recipe's config and data, whatever the first weights of networks handed in are."""
        given = {"generator": generator, "discriminator": discriminator, "data": data}
        if missing := [name for name in recipe.own if given[name] is None]:
            handed = ", ".join(f"{name}={name}" for name in missing)
            raise RecipeError(f"This run was made with its author's own {' and '.join(missing)}: pass {handed} too.")
        trainer = cls(here(recipe.config), **given)
        if trainer.data.digest[:16] != recipe.data_digest:
            raise RecipeError(
                f"This run was trained on other data than the {len(trainer.data):,} samples of "
                f"{trainer.data.name!r} here (data_dir={recipe.config.data_dir!r})."
            )
        trainer._start_digest = recipe.start_digest
        return trainer

    @classmethod
    def load(
        cls,
        path: str | Path,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        data: Dataset | Tensor | None = None,
    ) -> "Trainer":
        """Go on from a saved run; the next rounds are bit for bit what they would have been.

        Args:
            path: what `save` wrote.
            generator, discriminator, data: your own, if the run was made with your own. The networks may
                have any weights; they get the saved ones.

        Raises:
            FileNotFoundError: there is no such file.
            CheckpointError, RecipeError: it is damaged, foreign, does not fit, or needs something of your own.
        """
        state, about = checkpoint.read_checkpoint(path)
        recipe = Recipe.from_json(about["recipe"])
        trainer = cls._for_recipe(recipe, generator, discriminator, data)
        trainer.history.load_tensors(state.pop("history.step"), state.pop("history.values"))
        trainer._continue(state, recipe.steps, recipe.changes, recipe.last_controls())
        trainer._start_recording()
        trainer.set(**about["next"])
        return trainer
