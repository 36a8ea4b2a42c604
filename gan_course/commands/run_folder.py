"""The folder a run is kept in: what is needed to go on, and what a reader wants to see."""

import csv
import io
import shlex
from pathlib import Path

import torch
from PIL import Image

from gan_course.commands import CommandError
from gan_course.files import write_atomically
from gan_course.pixels import tile, to_pixels
from gan_course.timeline import STAT_NAMES, StepStats
from gan_course.trainer import Trainer

HEADER = ("step", "d_loss", "g_loss", "d_real", "d_fake", "seconds")
POINTS_SHOWN = 2000
GRID = 8  # rows of images, and columns


class RunFolder:
    """Keeps a run as recipe.json, checkpoint.safetensors, metrics.csv and samples.png.

    Every file is written aside and renamed, so a failure leaves the older one whole.

    Args:
        path: the folder.

    Attributes:
        metrics: the rows of metrics.csv, to which every round is offered.
    """

    def __init__(self, path: Path):
        self.path = path
        self.checkpoint = path / "checkpoint.safetensors"
        self.metrics = Metrics()

    def check_free(self) -> None:
        """Refuse to begin a new run over another one.

        Raises:
            CommandError: there is one.
        """
        if self.checkpoint.exists():
            raise CommandError(
                f"{self.path} already holds a run. Go on with it: {self.resume_command()}. "
                "Or keep the new run elsewhere: --out DIR.",
                code=2,
            )

    def begin(self, trainer: Trainer) -> None:
        """Make the folder and save the run's beginning, so that a full or read-only disk shows at once.

        Raises:
            CommandError: that failed.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            trainer.save(self.checkpoint)
        except OSError as error:
            raise CommandError(
                f"can't begin a run in {self.path} (--out DIR chooses another folder): {error.strerror}"
            ) from error

    def open(self) -> Trainer:
        """The run that was saved here, ready to go on.

        Raises:
            CommandError: there is none.
            ValueError, OSError: a file is damaged or can't be read.
        """
        if not self.checkpoint.exists():
            raise CommandError(f"there is no run to go on with in {self.path}: name its folder with --out DIR.", code=2)
        trainer = Trainer.load(self.checkpoint)
        self.metrics = Metrics.read(self.path / "metrics.csv")
        return trainer

    def save(self, trainer: Trainer) -> None:
        """Write all four files, what is needed to go on first.

        Raises:
            OSError: the disk is full or read-only.
        """
        trainer.save(self.checkpoint)
        trainer.recipe().save(self.path / "recipe.json")
        write_atomically(self.path / "metrics.csv", self.metrics.to_csv(until=trainer.steps).encode())
        write_atomically(self.path / "samples.png", picture(trainer))

    def resume_command(self, *more: str) -> str:
        """What to type to go on with this run."""
        return " ".join(["gan-course train --resume --out", shlex.quote(str(self.path)), *more])


class Metrics:
    """What the rounds were like: all of the first 1,000, then every 10th, from 10,000 every 100th, and so on.

    Attributes:
        seconds: time trained, up to the last row kept.
    """

    def __init__(self):
        self._rows: dict[int, tuple[torch.Tensor, float]] = {}

    @property
    def seconds(self) -> float:
        return next((seconds for _, seconds in reversed(self._rows.values())), 0.0)

    def add(self, stats: StepStats, seconds: float) -> None:
        """Keep a round's numbers if its turn has come; on a GPU they stay there until they are written."""
        if stats.step % 10 ** max(0, len(str(stats.step)) - 3) == 0:
            self._rows[stats.step] = (stats.values, seconds)

    def to_csv(self, until: int) -> str:
        """The rows as text; those after step `until`, of rounds that were undone, are dropped."""
        self._rows = {step: row for step, row in self._rows.items() if step <= until}
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for step, (values, seconds) in self._rows.items():
            writer.writerow([step, *(f"{value:.6g}" for value in values.tolist()), f"{seconds:.3f}"])
        return text.getvalue()

    @classmethod
    def read(cls, path: Path) -> "Metrics":
        """The reverse of `to_csv`; a file that is missing has no rows.

        Raises:
            ValueError: the file is no such table.
        """
        metrics = cls()
        if not path.exists():
            return metrics
        with path.open(newline="") as file:
            rows = csv.DictReader(file)
            try:
                for row in rows:
                    values = torch.tensor([float(row[name]) for name in STAT_NAMES])
                    metrics._rows[int(row["step"])] = (values, float(row["seconds"]))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{path} can't be read at line {rows.line_num}: expected the columns {','.join(HEADER)} with a "
                    "number in each. Repair it, or delete it to begin it anew."
                ) from error
        return metrics


def picture(trainer: Trainer) -> bytes:
    """PNG of samples from fixed latents: a grid of images (with a condition a column a class), or points."""
    return _grid(trainer) if trainer.data.kind == "images" else _scatter(trainer)


def _grid(trainer):
    columns = GRID if trainer.config.condition is None else trainer.data.classes
    pixels = tile(to_pixels(trainer.sample(GRID * columns)), columns=columns)
    png = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(png, "PNG")
    return png.getvalue()


def _scatter(trainer):
    from gan_course.plotting import new_figure, plot_points  # here: images don't need matplotlib, slow to import

    real, fake = trainer.data.samples[:POINTS_SHOWN].cpu(), trainer.sample(POINTS_SHOWN)
    reach = 1.25 * float(real.abs().max())
    figure = new_figure("square")
    axes = plot_points(real, fake, figure.subplots())
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    counts = f"{len(real):,} real, {len(fake):,} fake"
    axes.set_title(f"{trainer.data.name}, step {trainer.steps:,}: {counts}", size="medium")
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()
