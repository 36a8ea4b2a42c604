"""Pictures that stand still in a notebook, with words for those who can't see them."""

import base64
import io

import PIL.Image
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gan_course import plotting, probes
from gan_course.trainer import Trainer
from gan_course.widgets.scenes import scene_of
from gan_course.widgets.still import Still

COLUMN, ROWS = 2.5, (2.5, 1.4, 1.4)  # inches
DPI, COLORS = 90, 128  # enough to read, and a third of the bytes: a notebook holds many
VERDICTS = (-0.03, 1.03)  # so that a line at 0 or 1 is seen
POINTS = 256  # of each kind
FIELD = 48  # places a side at which D is asked
ROOM, FARTHEST = 1.15, 4.5  # a frame is so much wider than what it holds, and at most so much wider than the data


def still(figure: Figure, alt: str) -> Image:
    """A figure as a small PNG for a cell to end with.

    Args:
        figure: any, pyplot's or not.
        alt: what it shows, in words.
    """
    return Image(_small_png(figure), alt=alt)


def show(lab: Still, alt: str) -> None:
    """Show a lab, and for pages without a kernel its figure as a small PNG.

    Args:
        lab: a `GanLab`, a `LatentLab` or a `DynamicsLab`.
        alt: what the figure shows, in words.
    """
    bundle = lab.widget_bundle() | {"image/png": base64.b64encode(_small_png(lab.figure())).decode()}
    display(bundle, metadata={"image/png": {"alt": alt}}, raw=True)


def _small_png(figure):
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, facecolor="white")
    pixels = PIL.Image.open(drawn).convert("RGB")
    pixels.quantize(COLORS, PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE).save(
        small, "png", optimize=True
    )
    return small.getvalue()


def verdicts_side_by_side(runs: dict[str, Trainer], alt: str) -> Image:
    """D's verdicts in several runs, a chart for each.

    Args:
        runs: by their titles.
        alt: what it shows, in words.
    """
    figure = Figure((COLUMN * len(runs), ROWS[0]), layout="constrained")
    axes = figure.subplots(1, len(runs), squeeze=False)[0]
    for (title, run), ax in zip(runs.items(), axes):
        plotting.plot_verdicts(run.history, ax).set(title=title, ylim=VERDICTS)
    _tidy(axes)
    return still(figure, alt)


def side_by_side(runs: dict[str, Trainer], alt: str) -> Image:
    """Runs beside each other: their samples on top, below them D's verdicts and both losses; one run alone lies flat.

    Each picture of points has a frame of its own that shows fakes which ran away, each chart of losses its own axis.

    Args:
        runs: by their titles.
        alt: what it shows, in words.
    """
    figure, columns = _arranged(len(runs))
    for (title, run), (picture, verdicts, losses) in zip(runs.items(), columns):
        plot_samples(run, picture).set(title=title, xlabel="", ylabel="")
        plotting.plot_verdicts(run.history, verdicts).set(
            ylim=VERDICTS, xlabel="step (rounds)" if len(runs) == 1 else ""
        )
        plotting.plot_losses(run.history, losses).set_ylim(bottom=min(0, losses.get_ylim()[0]))
        verdicts.set_xlim(losses.get_xlim())  # a D that stands still has no verdicts
    for row in zip(*columns):
        _tidy(row)
    return still(figure, alt)


def _arranged(n):
    """A figure for n runs, and for each run three axes."""
    if n == 1:
        figure = Figure((3 * COLUMN, ROWS[0]), layout="constrained")
        return figure, [figure.subplots(1, 3)]
    figure = Figure((COLUMN * n, sum(ROWS)), layout="constrained")
    return figure, figure.subplots(3, n, height_ratios=ROWS).T


def _tidy(axes):
    """One label and one legend for a row of charts, in the first."""
    for ax in axes:
        if (legend := ax.get_legend()) is not None:
            legend.remove()
    for ax in axes[1:]:
        ax.set_ylabel("")
    if axes[0].get_legend_handles_labels()[0] and axes[0].get_ylabel():
        axes[0].legend(loc="best", fontsize="x-small", handlelength=1)


def plot_samples(trainer: Trainer, ax: Axes) -> Axes:
    """A run's samples: images as a grid; points in the plane over D's verdict, however far the fakes have gone."""
    if trainer.data.sample_shape != (2,):
        return scene_of(trainer).plot(ax)
    real, fake = trainer.data.samples[:POINTS].cpu(), trainer.sample(POINTS)
    reach = float(real.abs().max())
    reach = ROOM * min(max(reach, float(fake.abs().max())), FARTHEST * reach)
    bounds = (-reach, reach, -reach, reach)
    field = probes.discriminator_field(trainer, bounds, FIELD)
    plotting.plot_points(real, fake, ax, field, bounds).set(xlim=bounds[:2], ylim=bounds[2:])
    return ax
