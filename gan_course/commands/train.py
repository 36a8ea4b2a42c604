"""Train a GAN and keep the run in a folder.

The folder gets recipe.json (the run as data, for replay), checkpoint.safetensors (to go on from),
metrics.csv and samples.png. All four are saved every 30 seconds and at the end. Ctrl-C stops
after the round, saves, and says how to go on.
"""

import argparse
import contextlib
import math
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from gan_course.commands import CommandError

SAVE_EVERY = 30.0  # seconds
DEFAULT_SECONDS = 60.0

# Fields of TrainConfig: (type, help). They are written out so that --help need not load PyTorch.
SETTINGS = {
    "dataset": (str, "ring, grid, spiral, moons, line, fashion-mnist, fashion-mnist-full or folder (default: ring)"),
    "data_dir": (str, "where the files are: the full Fashion-MNIST, or the images of --dataset folder"),
    "image_size": (int, "side of the pictures of --dataset folder, a multiple of 4 (default: 28)"),
    "architecture": (str, "mlp or pacgan for points; dcgan or textbook for images (default: mlp or dcgan)"),
    "condition": (str, "tell both networks the label: concat, embedding or projection"),
    "latent_dim": (int, "length of z"),
    "width": (int, "units of D's hidden layers (points), channels of its first convolution (images)"),
    "batch_size": (int, "samples in a batch"),
    "pack": (int, "samples that D judges together, as in PacGAN (default: 1)"),
    "minibatch_stddev": (bool, "D sees how much each batch varies"),
    "spectral_norm": (bool, "spectral normalization of D"),
    "seed": (int, "decides all that chance decides (default: 0)"),
    "device": (str, "auto, cpu, cuda, cuda:1 or mps (default: auto)"),
    "precision": (str, "auto, float32 or bfloat16; auto makes a short trial (default: auto)"),
    "threads": (int, "CPU threads; without it, a short trial decides"),
}
CONTROLS = {
    "d_steps": (int, "discriminator updates a round (default: 1)"),
    "g_steps": (int, "generator updates a round (default: 1)"),
    "lr_d": (float, "learning rate of the discriminator"),
    "lr_g": (float, "learning rate of the generator"),
    "loss": (str, "non-saturating, minimax, lsgan, hinge, wasserstein or relativistic (default: non-saturating)"),
    "label_smoothing": (float, "real targets become 1 minus this (default: 0)"),
    "instance_noise": (float, "standard deviation of noise on all that D sees (default: 0)"),
    "gp_weight": (float, "weight of WGAN-GP's gradient penalty (default: 0)"),
    "r1_gamma": (float, "gradient penalty on real data, applied as half of this (default: 0)"),
    "r2_gamma": (float, "gradient penalty on fake data, applied as half of this (default: 0)"),
    "unroll": (int, "updates of D that G looks ahead, as in unrolled GANs (default: 0)"),
    "unroll_backprop": (bool, "G's gradient flows through those updates too"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    add_fields(parser.add_argument_group("the run, fixed when it starts"), SETTINGS)
    add_fields(parser.add_argument_group("controls, which --resume may change"), CONTROLS)
    length = parser.add_argument_group("how long").add_mutually_exclusive_group()
    length.add_argument("--seconds", type=positive(float), metavar="S", help="train this long (default: 60)")
    length.add_argument("--steps", type=positive(int), metavar="N", help="train this many rounds")
    folder = parser.add_argument_group("where it is kept")
    folder.add_argument("--out", type=Path, metavar="DIR", help="the run's folder (default: runs/DATASET-SEED)")
    folder.add_argument("--resume", action="store_true", help="go on with the run in that folder, for longer")


def add_fields(group, table: dict[str, tuple[type, str]]) -> None:
    """Add an option for each field of TrainConfig in `table`."""
    for name, (kind, text) in table.items():
        if kind is bool:
            group.add_argument(flag(name), dest=name, action="store_true", default=argparse.SUPPRESS, help=text)
            continue
        metavar = {int: "N", float: "X", str: "NAME"}[kind]
        metavar = "DIR" if name == "data_dir" else metavar
        group.add_argument(flag(name), dest=name, type=kind, metavar=metavar, default=argparse.SUPPRESS, help=text)


def flag(field: str) -> str:
    """The option that stands for a field of TrainConfig."""
    return "--data" if field == "data_dir" else "--" + field.replace("_", "-")


def positive(kind: type):
    """What reads a number above 0 from the command line."""

    def number(text):
        value = kind(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
        return value

    number.__name__ = "whole number" if kind is int else "number"  # argparse's message names it
    return number


def run(arguments: argparse.Namespace) -> int:
    """Train, save, and say where; 130 if it was interrupted."""
    from gan_course.commands.run_folder import RunFolder

    given = {name: value for name, value in vars(arguments).items() if name in SETTINGS | CONTROLS}
    folder = RunFolder(arguments.out or Path("runs", f"{given.get('dataset', 'ring')}-{given.get('seed', 0)}"))
    console = Console(highlight=False, markup=False)
    trainer = _resumed(folder, given, console) if arguments.resume else _new(folder, given)
    return _Stretch(trainer, folder, console, arguments.steps, arguments.seconds or DEFAULT_SECONDS).train()


def _new(folder, given):
    import gan_course

    folder.check_free()
    with explained():
        trainer = gan_course.Trainer(gan_course.TrainConfig(**given))
    folder.begin(trainer)
    return trainer


def _resumed(folder, given, console):
    if fixed := [flag(name) for name in given if name in SETTINGS]:
        raise CommandError(
            f"what a run has begun with can't change: leave out {' and '.join(fixed)}, "
            "or begin a new run, without --resume and with another --out.",
            code=2,
        )
    with explained(), warnings.catch_warnings(record=True) as notes:
        trainer = folder.open()
        trainer.set(**given)
    for note in notes:
        console.print(f"Note: {note.message}", soft_wrap=True)
    return trainer


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """The engine's errors say what was wrong and what to do: no traceback needed."""
    try:
        yield
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        raise CommandError(getattr(error, "strerror", None) or str(error), code=2) from error


class _Stretch:
    """One call's part of a run: `steps` rounds or, if that is None, `seconds`."""

    def __init__(self, trainer, folder, console, steps, seconds):
        self.trainer, self.folder, self.console = trainer, folder, console
        self.unit, self.total = ("--steps", steps) if steps else ("--seconds", seconds)
        self.began_at_step, self.trained_before = trainer.steps, folder.metrics.seconds

    def train(self) -> int:
        from gan_course.time_machine import TrainingDiverged, TrainingFailed

        try:
            self._train()
        except KeyboardInterrupt:
            return self._say_interrupted()
        except (TrainingDiverged, TrainingFailed) as error:
            self.folder.save(self.trainer)  # it is back at its last good state
            raise CommandError(
                f"{error}\nThat state is saved. On the command line: {self._resume()}, with --lr-d or another control."
            ) from error
        except OSError as error:
            raise CommandError(f"{error.strerror}\nThen go on from what was last saved: {self._resume()}") from error
        self.console.print(f"{self._saved()} Train it for longer: {self._resume()}", soft_wrap=True)
        return 0

    def _train(self):
        from gan_course.commands.progress import Report
        from gan_course.runtime import InterruptLater

        with InterruptLater() as interrupt:
            self._announce()
            self.began = self.saved = time.monotonic()
            try:
                with Report(self.console, self.total) as report:
                    while self._done() < self.total and not interrupt.asked:
                        self.trainer.run(1, lambda stats: self._record(stats, report))
                        self._save_if_due()
            finally:
                self.folder.save(self.trainer)

    def _announce(self):
        config = self.trainer.config
        self.console.print(
            f"Training {config.architecture} on {config.dataset}, from step {self.trainer.steps:,} ({config.device}, "
            f"{config.precision}, threads: {config.threads}). Ctrl-C stops it and saves it in {self.folder.path}.",
            soft_wrap=True,
        )

    def _record(self, stats, report):
        seconds = self.trained_before + time.monotonic() - self.began
        self.folder.metrics.add(stats, seconds)
        report.show(stats, self._done())

    def _save_if_due(self):
        if time.monotonic() - self.saved > SAVE_EVERY:
            self.folder.save(self.trainer)
            self.saved = time.monotonic()

    def _done(self):
        if self.unit == "--steps":
            return self.trainer.steps - self.began_at_step
        return time.monotonic() - self.began

    def _say_interrupted(self):
        left = math.ceil(self.total - self._done())
        length = (self.unit, str(left)) if left > 0 else ()
        self.console.print(f"Interrupted. {self._saved()} Go on with it: {self._resume(*length)}", soft_wrap=True)
        return 130

    def _saved(self):
        names = "recipe.json, checkpoint.safetensors, metrics.csv and samples.png"
        return f"Step {self.trainer.steps:,} is saved in {self.folder.path}: {names}."

    def _resume(self, *more):
        return self.folder.resume_command(*more)
