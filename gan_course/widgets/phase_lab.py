"""PhaseLab: a map of many GANs that takes colour while they train; any of them can be opened."""

from dataclasses import replace

import ipywidgets
from matplotlib.figure import Figure

from gan_course import plotting
from gan_course.config import TrainConfig
from gan_course.frames import pack
from gan_course.live import LiveRun
from gan_course.names import check_name
from gan_course.plotting_sweep import WORDS
from gan_course.runtime import quick_mode
from gan_course.sweep import Slices, Sweep, Table
from gan_course.sweep.members import ratio
from gan_course.widgets.cells import cell_name
from gan_course.widgets.gan_lab import GanLab
from gan_course.widgets.phase_map import PhaseMap
from gan_course.widgets.phase_scene import PhaseScene, Plane, values_of
from gan_course.widgets.still import Still

GRID = {"ratio": [(1, 10), (1, 3), (1, 1), (2, 1), (5, 1)], "lr": [1e-4, 3e-4, 1e-3, 3e-3]}
SEEDS = 4  # with four rates 16 runs a ratio, which make one stack
WIDTH = 32  # of the usual runs


class PhaseLab(Still, ipywidgets.VBox):
    """A phase diagram that fills in while its sweep trains; a click on a cell opens one of its runs in a GanLab.

    Training runs in a background thread, a slice of each stack at a time, so that all runs are at about the same
    round; `run` trains in the cell itself. Stopping loses nothing, and starting again goes on. Run the cell again
    and the older lab of that cell stops first. All that the page's controls do, the methods do too.

    Args:
        sweep: a `Sweep`, which may have been trained before; or what its runs have in common, as a `TrainConfig`
            or the name of a data set of points.
        grid, seeds: as for `Sweep`, if `sweep` is none; None: five ratios by four learning rates, and 4 seeds.
        steps: rounds that each run is to do.
        lab: where runs are opened; None: below the map.
        value: the column shown as colours; None: the first of `values`.
        start: whether to begin at once; None: yes, except where the variable CI is set.
        name: a new lab stops the older one of the same name; None: the notebook cell it is made in.

    Attributes:
        sweep: the `Sweep`. Stop before you train it by hand.
        lab: the `GanLab` that runs are opened in; None until one is.
        live: the `LiveRun` that plays it.
        values: the columns that can be shown.

    Raises:
        TypeError, ValueError: as for `Sweep`; or an unknown column.
    """

    def __init__(
        self,
        sweep: Sweep | TrainConfig | str = "ring",
        grid: dict[str, list] | None = None,
        seeds: int | list[int] | None = None,
        *,
        steps: int = 1000,
        lab: GanLab | None = None,
        value: str | None = None,
        start: bool | None = None,
        name: str | None = None,
    ):
        if type(steps) is not int or steps < 1:
            raise ValueError(f"steps must be a whole number, at least 1, got {steps!r}.")
        self.sweep, self.lab = _sweep_of(sweep, grid, seeds), lab
        self.values, self._plane = values_of(self.sweep), Plane.of(self.sweep)
        self._value = check_name(value or self.values[0], self.values, "value")
        self._steps, self._slices = steps, Slices(self.sweep, steps)
        self._opened: dict | None = None
        self._shown: tuple | None = None
        self._map = PhaseMap()
        name = name or cell_name()
        self._opens_as = name and f"{name}, opened"
        if name is not None:
            LiveRun.stop_named(self._opens_as)
        self.live = LiveRun(self._slices, self._show, self._beat, name)
        self._map.observe(lambda change: self.live.drawn(change.new), "drawn")
        self._map.on_msg(lambda _, message, __: self.live.post(lambda: self._do(**message)))
        super().__init__([self._map])
        self.add_class("phase-lab")
        self.live.run(0)
        self.live.start()
        if start or (start is None and not quick_mode()):
            self.start()

    # ---- training -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train in the background until each run has done `steps` rounds; once they have, so many more."""
        self.live.do(self._go_on)

    def _go_on(self):
        slices = self._slices
        if not slices.left:
            slices.target = self._steps + (slices.target if slices.target >= self._steps else 0)
        if slices.left:
            self.live.follow((), slices.total)
            self.live.play()

    def stop(self) -> None:
        """Stop after the present round; all that was done is kept, and `start` goes on."""
        self.live.pause()

    def run(self, steps: int | None = None) -> None:
        """Train in this cell until each run has done `steps` rounds in all (None: as many as the lab was made for).

        Raises:
            ValueError: `steps` is no whole number from 0.
            KeyboardInterrupt: asked for; what was done is kept.
        """
        steps = self._steps if steps is None else steps
        if type(steps) is not int or steps < 0:
            raise ValueError(f"steps must be a whole number, at least 0, got {steps!r}.")
        self.live.let_go()
        self._slices.target = steps
        self.live.run(self._slices.left)

    # ---- what came out ----------------------------------------------------------------------------------------------

    def table(self) -> Table:
        """`Sweep.table` as the map shows it: each run as it was when it was looked at last."""
        return self._slices.table()

    @property
    def value(self) -> str:
        """The column shown as colours; set it to one of `values`."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value = check_name(value, self.values, "value")
        self.live.refresh()

    def load(self, **where) -> GanLab:
        """Open a run in a GanLab: it begins at round 0 and pauses at the round where the map ends; play goes on.

        Args:
            where: columns of the table with their values: member=3, or ratio="1:10", lr_g=1e-3, seed=0. The
                first run that fits is opened.

        Raises:
            ValueError: there is no such column, or no such run.
        """
        table = self.table()
        for column in where:
            check_name(column, table[0], "column")
        fitting = [row["member"] for row in table if all(row[column] == value for column, value in where.items())]
        if not fitting:
            told = ", ".join(f"{column}={value!r}" for column, value in where.items())
            raise ValueError(f"no run of this sweep has {told}: `table()` lists all {len(table)}.")
        self.live.do(lambda: self._open(fitting[0]))
        return self.lab

    def _open(self, member):
        recipe = replace(self.sweep.member(member)[1], steps=self._slices.target)
        if self.lab is None:
            self.lab = GanLab(recipe, name=self._opens_as)
            self.children = [self._map, self.lab]
        else:
            self.lab.open_recipe(recipe)
        self._opened = {"member": member, "words": self._opened_words(recipe)}

    def _opened_words(self, recipe):
        config = recipe.config
        return (
            f"Opened in the lab below: D:G {ratio(config)}, lr_d {config.lr_d:g}, lr_g {config.lr_g:g}, "
            f"seed {config.seed}, from round 0. It pauses at round {recipe.steps:,}, where the map ends; Play goes on. "
            "It is the same run, but for rounding, which differs in a crowd: some runs end elsewhere in the long run."
        )

    def figure(self) -> Figure:
        """The map as it is now, as a figure that stands still."""
        figure = plotting.new_figure("map")
        self._scene().plot(figure.subplots())
        return figure

    # ---- between the page and the sweep ------------------------------------------------------------------------------

    def _do(self, do, **what):
        """What a hand asked for, in the thread that trains."""
        verbs = {"toggle": self._toggle, "open": self._open, "show": self._choose}
        self.live.message = ""
        verbs[do](**what)

    def _toggle(self):
        if self.live.playing:
            self.live.playing = False
        else:
            self._go_on()

    def _choose(self, value):
        self.value = value

    def _scene(self):
        centers = self.sweep.data.centers
        return PhaseScene(self.table(), self._plane, self._value, 0 if centers is None else len(centers))

    def _show(self, moved):
        """The map if it is another one, and how far it is. Only for whoever has the turn."""
        now = (self._slices.looks, self._value)
        if now != self._shown:
            scene, self._shown = self._scene(), now
            self._map.frame = pack(scene.facts() | {"values": self._choices()}, scene.arrays())
        self._map.status = self._status()

    def _choices(self):
        return [[value, WORDS[value]] for value in self.values]

    def _status(self):
        slices = self._slices
        return {
            "number": self.live.sent + 1, "playing": self.live.playing, "share": round(slices.share, 4),
            "round": round(slices.steps / len(self.sweep.stacks)), "target": slices.target, "more": self._steps,
            "runs": len(self.sweep), "left": slices.seconds_left and round(slices.seconds_left, 1),
            "over": not slices.left, "message": self.live.message, "opened": self._opened,
        }  # fmt: skip

    def _beat(self):
        self._map.beat += 1

    def __repr__(self) -> str:
        return f"PhaseLab({self.sweep!r})"


def _sweep_of(sweep, grid, seeds):
    if isinstance(sweep, Sweep):
        if grid is not None or seeds is not None:
            raise TypeError("a Sweep has its grid and its seeds: pass them with a TrainConfig, or leave them out.")
        return sweep
    if isinstance(sweep, str):
        sweep = TrainConfig(dataset=sweep, width=WIDTH)
    return Sweep(sweep, GRID if grid is None else grid, SEEDS if seeds is None else seeds)
