"""LatentLab: move z by hand and see what the generator makes of it, also while it trains."""

import atexit

import ipywidgets
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from gan_course import plotting
from gan_course.latent import nearest_images
from gan_course.live import LiveRun
from gan_course.names import check_name
from gan_course.timeline import StepStats
from gan_course.trainer import Trainer
from gan_course.widgets.cells import cell_name
from gan_course.widgets.gan_lab import GanLab
from gan_course.widgets.latent_labels import LatentLabels
from gan_course.widgets.latent_pad import LatentPad
from gan_course.widgets.latent_painter import Painter
from gan_course.widgets.latent_sliders import LatentSliders
from gan_course.widgets.latent_source import Source
from gan_course.widgets.latent_walk import LatentWalk
from gan_course.widgets.still import Still


class LatentLab(Still, ipywidgets.VBox):
    """Sliders, a pad and a walk for the latent space of a generator.

    A conditional generator gets a label too: one class, or a mixture of several, which can be walked through at a fixed
    z. For images a sheet of samples lies below, each of which can be taken up, and the nearest images of the data.

    A live run is followed while it trains: the lab looks at a copy of the averaged generator (of the
    generator itself where there is no average), taken between two rounds, in a thread of its own. A trainer or
    a module of your own is copied when the lab is made, and again at each `update`. All that the
    page's controls do, the methods do too. Run the cell again and the older lab of that cell stops first.

    Args:
        source: a `GanLab`, `LiveRun` or `Trainer`, or any module (N, Z) -> images (N, C, H, W) in
            [-1, 1] or points (N, 2); None: the conditional generator that comes with the course. A module with
            an attribute `classes`, K, is called with weights (N, K) too, and may name them as `class_names`.
        latent_dim: Z, for a module without an attribute of that name; the others know it.
        name: a new lab stops the older one of the same name; None: the notebook cell it is made in.

    Raises:
        TypeError, ValueError: the source is none of these, or does not take (N, Z).
    """

    _running: dict[str, "LatentLab"] = {}
    _painter: Painter | None = None

    def __init__(
        self,
        source: GanLab | LiveRun | Trainer | nn.Module | None = None,
        latent_dim: int | None = None,
        name: str | None = None,
    ):
        self._source = Source(source, latent_dim)
        self._pad, self._sliders, self._walk = LatentPad(), LatentSliders(), LatentWalk()
        self._labels = LatentLabels()
        first = self._source.take_first()
        self._painter = Painter(self._source, first, self._pad, self._sliders, self._walk, self._labels)
        self._draws = 0
        self._pad.observe(lambda change: self._painter.drawn(change.new), "drawn")
        for part in (self._pad, self._sliders, self._walk, self._labels):
            part.on_msg(self._hear)
        self._verbs = {
            "move": self.move, "zero": self.zero, "another": self.another, "show": self.show, "pad": self.pad,
            "pin": self.pin, "walk": self.walk, "find": self.find_directions,
            "only": self.label, "weigh": self.weigh, "label_walk": self.label_walk, "take": self.take,
            "others": self.other_samples,
        }  # fmt: skip
        above = ipywidgets.HBox([self._pad, self._sliders])
        above.layout.flex_flow, above.layout.align_items, above.layout.grid_gap = "row wrap", "flex-start", "12px 28px"
        self._pad.layout.flex, self._sliders.layout.flex = "3 1 420px", "2 1 300px"
        super().__init__([above, self._labels, self._walk])
        self.add_class("latent-lab")
        self._name = name or cell_name() or f"unnamed {id(self)}"
        if older := LatentLab._running.get(self._name):
            older.stop()
        LatentLab._running[self._name] = self
        self._painter.start()

    # ---- z ----------------------------------------------------------------------------------------------------------

    @property
    def z(self) -> Tensor:
        """Where the lab stands, (Z,) in float32; set it to go somewhere else."""
        return torch.from_numpy(self._painter.view.z.copy())

    @z.setter
    def z(self, z) -> None:
        self._painter.change(lambda view: view.at(z))

    def move(self, values: dict[int, float], basis: str | None = None) -> None:
        """Move z to coordinates along axes, as the sliders and the pad do.

        Args:
            values: axis, counted from 0: coordinate.
            basis: "directions" or "raw"; None: that of the sliders.

        Raises:
            ValueError: no such axis or basis, a value that is not finite, or the directions are not known yet.
        """
        self._painter.change(lambda view: view.moved(values, basis))

    def zero(self) -> None:
        """Go to z = 0, where a standard normal z is never found if Z is large."""
        self._painter.change(lambda view: view.at(np.zeros_like(view.z)))

    def another(self) -> None:
        """Draw another z; a lab draws the same ones in the same order each time."""
        self._draws += 1
        rng = np.random.default_rng([1, self._draws])
        self._painter.change(lambda view: view.at(rng.standard_normal(len(view.z))))

    def show(self, basis: str | None = None, first: int | None = None) -> None:
        """Choose the axes that have sliders: up to 8 from `first` on, of basis "directions" or "raw".

        Raises:
            ValueError: there is no such basis or axis, or the directions are not known yet.
        """
        self._painter.change(lambda view: view.showing(basis, first))
        self._painter.wants_directions = False

    def pad(self, across: int, up: int) -> None:
        """Choose the axes of the pad, among those that have sliders.

        Raises:
            ValueError: not two different ones of them.
        """
        self._painter.change(lambda view: view.with_pad(across, up))

    def find_directions(self) -> None:
        """Find the leading directions of the generator as it is now; the sliders follow soon."""
        self._painter.seek()

    # ---- the label --------------------------------------------------------------------------------------------------

    @property
    def labels(self) -> dict[str, float]:
        """How much of each class is in the label, by name: numbers that sum to 1; empty without labels."""
        mixture = self._painter.view.mixture
        return {} if mixture is None else dict(zip(self._painter.taken.class_names, mixture.tolist()))

    def label(self, label: int | str | list[float]) -> None:
        """Ask for a label; z stays.

        Args:
            label: a class by its number or its name, or K weights from 0 on, which are made to sum to 1.

        Raises:
            ValueError: there is no such class, the weights are none, or the generator knows no labels.
        """
        if isinstance(label, str):
            names = self._painter.taken.class_names
            label = names.index(check_name(label, names, "class"))
        whole = isinstance(label, int)
        self._painter.change(lambda view: view.only(label) if whole else view.labelled(label))

    def weigh(self, values: dict[int, float]) -> None:
        """Change the weights of some classes, as their sliders do; errors as for `label`."""
        self._painter.change(lambda view: view.weighed(values))

    def label_walk(self, s: float, ends: tuple[int, int] | None = None) -> None:
        """Put the label between two classes while z stays: s = 0 is the first alone, s = 1 the second.

        Args:
            s: from 0 to 1.
            ends: two classes by their numbers; None: those of last time, at first 0 and 1.

        Raises:
            ValueError: s lies outside, or there is no such class.
        """
        self._painter.change(lambda view: view.label_walked(s, ends))

    # ---- samples and data -------------------------------------------------------------------------------------------

    def take(self, sample: int) -> None:
        """Put z where a sample of the sheet has it, counted from 0.

        Raises:
            ValueError: there is no such sample.
        """
        z = self._painter.beside.latent(sample)
        self._painter.change(lambda view: view.at(z))

    def other_samples(self) -> None:
        """Draw another sheet of samples; a lab draws the same ones in the same order each time."""
        self._painter.beside.draw()
        self._painter.change(lambda view: view)

    def nearest(self, n: int = 3) -> tuple[Tensor, Tensor]:
        """The images of the data that come nearest to the picture at z, pixel by pixel.

        Args:
            n: how many.

        Returns:
            Root mean square differences of pixels in [-1, 1], and which images: (n,) each, the nearest first.

        Raises:
            ValueError: the data are not known, or no images.
        """
        data = self._painter.taken.data
        if data is None:
            raise ValueError("what this generator was trained on is not known here, or is no images.")
        return nearest_images(data.samples, self.output, n)

    # ---- the walk ---------------------------------------------------------------------------------------------------

    def pin(self, end: str, z=None) -> None:
        """Put the end "A" or "B" of the walk at z, or at where the lab stands.

        Raises:
            ValueError: neither "A" nor "B", or z is not Z finite numbers.
        """
        self._painter.change(lambda view: view.pinned(end, z))

    def walk(self, t: float, path: str | None = None) -> None:
        """Put z on the walk: t = 0 is A, t = 1 is B.

        Args:
            t: from 0 to 1.
            path: "straight" or "spherical"; None: the same as last time, at first "spherical".

        Raises:
            ValueError: t is outside, or there is no spherical walk between these ends.
        """
        self._painter.change(lambda view: view.walked(t, path))

    # ---- the generator ----------------------------------------------------------------------------------------------

    @property
    def step(self) -> int | None:
        """Rounds that the generator in use was trained for; None for a bare module."""
        return self._painter.taken.step

    @property
    def directions_step(self) -> int | None:
        """The `step` whose generator the directions belong to; None before they are known, and for a bare module."""
        return self._painter.found

    @property
    def output(self) -> Tensor:
        """What the copy in use makes of z: an image (C, H, W) in [-1, 1] or a point (2,)."""
        view = self._painter.view
        return self._painter.taken.copy.sample(view.z[None], view.mixture)[0]

    def update(self, stats: StepStats | None = None) -> None:
        """Copy the generator again.

        For a trainer or a module that is trained in a cell: call it between two rounds, as in
        `trainer.run(500, each=lab.update)`. A live run is followed without it.

        Args:
            stats: not looked at.
        """
        if self._source.state == "still":
            self._painter.offer(self._source.take())

    def stop(self) -> None:
        """Stop drawing for good. The last picture stays."""
        self._painter.stop()
        if LatentLab._running.get(self._name) is self:
            del LatentLab._running[self._name]

    def close(self) -> None:
        """Stop, and take the lab off the page."""
        if self._painter is not None:  # None: the source was refused
            self.stop()
        super().close()

    # ---- from the page ----------------------------------------------------------------------------------------------

    def _hear(self, widget, wish, buffers):
        """Do what a hand did on the page. Errors here would reach no cell: they are said in the lab."""
        wish = dict(wish)
        part = "walk" if widget is self._walk else "labels" if widget is self._labels else ""
        self._painter.announce(wish.pop("number"), part)
        try:
            self._verbs[wish.pop("do")](**wish)
        except Exception as error:
            self._painter.refuse(str(error))

    # ---- where no widget can be shown -------------------------------------------------------------------------------

    def figure(self) -> Figure:
        """The lab as it is now, as a figure that stands still."""
        figure = plotting.new_figure("lab")
        self._painter.plot(figure)
        return figure

    def __repr__(self) -> str:
        return f"LatentLab({self._source.name!r})"


@atexit.register
def _stop_all():
    for lab in list(LatentLab._running.values()):
        lab.stop()
